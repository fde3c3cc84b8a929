"""Agents looked into: found by name, and what is known of each in a year of a run and in the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sscsim.dashboard.pictures import names_of
from sscsim.dashboard.running import Answer
from sscsim.dashboard.words import Words
from sscsim.page.outputs import outputs
from sscsim.results.schema import OUTCOMES
from sscsim.steps.plan import OPENING
from sscsim.types import Array
from sscsim.world.institutions import load_institutions
from sscsim.world.institutions.banks import Bank
from sscsim.world.institutions.partners import Partner
from sscsim.world.loading import load_world
from sscsim.world.state import DOMAINS, SECTORS, Variable

__all__ = ["Agent", "Fact", "facts", "find"]

MOST_FOUND = 12
RECEIVERS = 5
"""How many of those whom a partner works with are named."""

HEADLINES = ("gdp", "gni", "real_income", "population", "poverty_headcount", "exports", "imports")
"""What stands first in the table of a country."""


@dataclass(frozen=True)
class Agent:
    """An agent that can be looked into: its kind (country, bank, partner), its code, its name."""

    kind: str
    code: str
    name: str


@dataclass(frozen=True)
class Fact:
    """A number of an agent: this year, last year, and this year in the baseline; NaN where there is none."""

    title: str
    unit: str
    value: float
    before: float
    base: float


@lru_cache(maxsize=2)
def everybody(language: str) -> tuple[Agent, ...]:
    """Return all agents that can be looked into."""
    names, files = names_of(language), load_institutions()
    known = outputs().banks
    found = [Agent("country", code, name) for code, name in names.items()]
    found += [
        Agent("bank", one.code, str(getattr(known.get(one.code, None), language, one.name)))
        for one in files.of(Bank)
    ]
    found += [
        Agent("partner", one.code, names.get(one.code, one.name)) for one in files.of(Partner)
    ]
    return tuple(found)


def find(text: str, language: str = "en", most: int = MOST_FOUND) -> list[Agent]:
    """Return agents by a code or a part of a name in any language of the dashboard; countries first, best match first.

    Parameters
    ----------
    text
        What was typed; nothing finds nobody.
    language
        In which names are told.
    most
        How many are returned.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return []
    other = {
        (one.kind, one.code): one.name for one in everybody("zh" if language == "en" else "en")
    }
    ranked: list[tuple[int, int, Agent]] = []
    for place, one in enumerate(everybody(language)):
        names = [one.name.casefold(), other[one.kind, one.code].casefold()]
        if wanted == one.code.casefold() or wanted in names:
            rank = 0
        elif any(name.startswith(wanted) for name in names):
            rank = 1
        elif any(f" {wanted}" in name for name in names):
            rank = 2
        elif any(wanted in name for name in names):
            rank = 3
        else:
            continue
        ranked.append((rank, place, one))
    if not any(rank == 0 for rank, _, _ in ranked):
        # Names that the world knows and the list does not, such as Ivory Coast.
        code = load_world().gazetteer.find(text).iso3
        ranked += [
            (0, place, one)
            for place, one in enumerate(everybody(language))
            if one.kind == "country" and one.code == code
        ]
    unique = dict.fromkeys(one for _, _, one in sorted(ranked, key=lambda found: found[:2]))
    return list(unique)[:most]


def facts(
    agent: Agent,
    answer: Answer,
    base: Answer | None,
    year: int,
    words: Words,
    *,
    everything: bool = False,
) -> list[Fact]:
    """Return what is known of an agent in a year.

    Parameters
    ----------
    agent
        Who.
    answer, base
        The run, and the baseline or None.
    year
        A year that the run has come to.
    words
        The language; variables of the model are described in English.
    everything
        Of a country, all its variables and not those alone by which it gains or loses.
    """
    if agent.kind == "partner":
        return _of_partner(agent, answer, base, year, words)
    axis = "country" if agent.kind == "country" else "bank"
    labels = list(answer.history.labels[axis])
    if agent.code not in labels:
        return []
    place = labels.index(agent.code)
    found = []
    for variable in _of_axis(axis):
        if axis == "country" and not everything and variable.name not in OUTCOMES:
            continue
        now, before, then = (
            _row(held, variable.name, at, place)
            for held, at in ((answer, year), (answer, year - 1), (base, year))
        )
        if now is None:
            continue
        for i, title in enumerate(_titles(variable, len(now), words)):
            found.append(
                Fact(
                    title,
                    variable.unit,
                    float(now[i]),
                    float("nan") if before is None else float(before[i]),
                    float("nan") if then is None else float(then[i]),
                )
            )
    return found


@lru_cache(maxsize=4)
def _of_axis(axis: str) -> tuple[Variable, ...]:
    """Return the variables of a kind of agent, those that matter most first."""
    found = [
        one
        for kind in OPENING
        for one in kind.declared()
        if one.axes[:1] == (axis,) and (len(one.axes) == 1 or one.axes[1] != "country")
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: HEADLINES.index(one.name) if one.name in HEADLINES else len(HEADLINES),
        )
    )


def _row(answer: Answer | None, name: str, year: int, place: int) -> Array | None:
    if answer is None or year not in answer.history.ends:
        return None
    return np.atleast_1d(answer.history.values(name, year)[place])


def _titles(variable: Variable, length: int, words: Words) -> Iterator[str]:
    second = variable.axes[1] if len(variable.axes) > 1 else None
    if second is None:
        yield variable.description
        return
    for i in range(length):
        label = {"domain": DOMAINS, "sector": SECTORS}.get(second)
        if second == "goal":
            text = f"{i + 1}. {words.of(outputs().goals[i + 1])}"
        else:
            text = str(i + 1) if label is None else label[i].replace("_", " ")
        yield f"{variable.description}: {text}"


# ----------------------------------------------------------------------------------------- partners


@dataclass(frozen=True)
class _Work:
    """What a partner does in a year."""

    begun: int = 0
    under_way: int = 0
    cost: float = 0.0
    ended: int = 0
    failed: int = 0
    receivers: tuple[tuple[str, int], ...] = ()


def _work(answer: Answer | None, partner: str, year: int) -> _Work | None:
    table = None if answer is None else answer.projects
    if answer is None or table is None or year not in answer.years:
        return None
    texts = table.texts["partner"]
    if partner not in texts:
        return _Work()
    mine = table.columns["partner"].astype(int) == texts.index(partner)
    columns = {name: table.columns[name][mine] for name in ("start", "end", "cost", "receiver")}
    outcome = table.columns["outcome"][mine].astype(int)
    start, end = columns["start"].astype(int), columns["end"].astype(int)
    on = (start <= year) & (year <= end)
    names = table.texts["receiver"]
    codes, counts = np.unique(columns["receiver"][on].astype(int), return_counts=True)
    ranked = sorted(
        (
            (names[c], int(n))
            for c, n in zip(codes.tolist(), counts.tolist(), strict=True)
            if c >= 0
        ),
        key=lambda one: (-one[1], one[0]),
    )
    outcomes = table.texts["outcome"]
    failed = outcomes.index("failed") if "failed" in outcomes else -2
    return _Work(
        int((start == year).sum()),
        int(on.sum()),
        float(columns["cost"][on].sum()),
        int((end == year).sum()),
        int(((end == year) & (outcome == failed)).sum()),
        tuple(ranked[:RECEIVERS]),
    )


def _of_partner(
    agent: Agent, answer: Answer, base: Answer | None, year: int, words: Words
) -> list[Fact]:
    now, before, then = (
        _work(answer, agent.code, year),
        _work(answer, agent.code, year - 1),
        _work(base, agent.code, year),
    )
    if now is None:
        return []
    nan = float("nan")
    rows = [
        ("partner_begun", "projects", "begun"),
        ("partner_under_way", "projects", "under_way"),
        ("partner_cost", "million USD", "cost"),
        ("partner_ended", "projects", "ended"),
        ("partner_failed", "projects", "failed"),
    ]
    found = [
        Fact(
            words(key),
            unit,
            *(nan if one is None else float(getattr(one, name)) for one in (now, before, then)),
        )
        for key, unit, name in rows
    ]
    names = names_of(words.language)
    for code, _ in now.receivers:
        counts = [
            nan
            if one is None
            else float(dict(one.receivers).get(code, nan if one is not now else 0))
            for one in (now, before, then)
        ]
        title = words("partner_with", name=names.get(code, code))
        found.append(Fact(title, "projects", *counts))
    return found
