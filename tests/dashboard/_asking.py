"""Short runs of the dashboard's, shared by its tests."""

from __future__ import annotations

from functools import lru_cache

from sscsim.dashboard.asked import Asked
from sscsim.dashboard.running import Answer, Answers

END = 2020
PLAIN = Asked.of(parameters="tables", end=END)
MOVED = PLAIN.with_lever("aid", 2.0).with_lever("growth", 0.25)

answers = Answers()


@lru_cache(maxsize=4)
def plain() -> Answer:
    return answers.get(PLAIN)


@lru_cache(maxsize=4)
def moved() -> Answer:
    return answers.get(MOVED)
