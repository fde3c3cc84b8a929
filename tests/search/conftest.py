"""A model that is made up: levers move the Goals and what projects cost, and no run is needed."""

from __future__ import annotations

import pytest

from sscsim.costs.comparing import Runs
from sscsim.experiments.ensemble import Tally

YEARS = range(2013, 2031)


def value_of(scenario, lever: str, usual: float) -> float:
    """Return what a lever ends at."""
    return max((s.at(2030) for s in scenario.levers.get(lever, ())), default=usual)


@pytest.fixture
def made_up(monkeypatch):
    """Let partners gain much for little, funds little for much, training lose where luck is bad; count what is run."""
    asked: list[str] = []

    def run(self, rows) -> Tally:
        asked.extend(member.scenario.name for row in rows for member in row)
        return Tally(0)

    def series(self, member, indicators, groups, last):
        partners = value_of(member.scenario, "partner_budget", 1.0) - 1.0
        funds = value_of(member.scenario, "funds", 1.0) - 1.0
        training = value_of(member.scenario, "training", 0.0) / 11.0
        luck = 1.0 if member.draw % 4 else -3.0
        goal = 50.0 + partners + 0.5 * funds + 2.0 * luck * training
        spent = 1.0 + 0.1 * partners + 0.4 * funds + 0.01 * training
        return {
            ("goal_index", "LDC"): dict.fromkeys(YEARS, goal),
            ("poverty_people", "South"): dict.fromkeys(YEARS, 500.0 - partners),
            ("cooperation_cost", "World"): dict.fromkeys(YEARS, 1.0) | {2030: spent},
        }

    monkeypatch.setattr(Runs, "run", run)
    monkeypatch.setattr(Runs, "series", series)
    return asked
