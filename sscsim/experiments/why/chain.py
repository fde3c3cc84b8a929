"""How an effect came about in a country, as a short chain of links, each with its number.

*Triangular projects +2.1 → capability in health +0.40 points → Goal 3 +0.10 points*: the Goal that moved most, the
driver that moved it most in that direction, and what stands before it in both arms of the pair. Every number is the
difference of the two arms, mean over draws, with the interval that holds 90 % of them. A link that did not move in the
direction that would explain the next is left out. A chain is data; `sentence` puts it into the words of a language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

import numpy as np

from sscsim.errors import InputError
from sscsim.experiments.ensemble import DrawOptions
from sscsim.experiments.groups import find_group
from sscsim.experiments.members import Member
from sscsim.experiments.why.arms import walk
from sscsim.experiments.why.asked import Asked, each_draw, goal_of, spread
from sscsim.experiments.why.channels import PARTS, GoalMoves
from sscsim.experiments.why.levers import lever_groups
from sscsim.flows.knowledge import MODALITIES
from sscsim.model import SouthSouthModel
from sscsim.outcomes.goals import DRIVERS
from sscsim.outcomes.interlinkages import default_channels
from sscsim.policy import Scenario
from sscsim.steps.growth import Growth
from sscsim.steps.knowledge import Knowledge
from sscsim.types import Array
from sscsim.world.state import DOMAINS, SECTORS

__all__ = ["ENGLISH", "LINKS", "Chain", "Link", "effect_chains", "sentence"]

ANSWERS = ("drift", "persistence", "noise")
"""Drivers that a scenario does not move itself: they answer to the room that is left."""

LINKS: Mapping[str, str] = {
    "projects": "projects",
    "service": "projects",
    "capability": "points",
    "learning": "points",
    "loans": "mn USD a year",
    "investment": "mn USD a year",
    "exports": "mn USD a year",
    "infrastructure": "%",
    "infrastructure_capital": "%",
    "private_capital": "%",
    "renewables": "USD a head",
    "productivity": "%",
    "openness": "%",
    "prices": "%",
    "income": "%",
    "poor": "points",
    "inequality": "points",
    "shock": "points",
    "goal": "points",
}
"""Every kind of link, and the unit of its change. Projects and money are means of the years since the arms parted,
learning and shocks sums over them; all else is of the year asked for."""

PER_CENT = tuple(name for name, unit in LINKS.items() if unit == "%")

FACTORS = ("productivity", "openness", "private_capital", "infrastructure_capital", "prices")
"""What real income follows from beside people: its logarithm is the sum of their parts."""

Words = Mapping[str, str]

ENGLISH: Words = {
    "projects": "{of} projects {change}",
    "service": "projects on {of} that reach their aim {change}",
    "capability": "capability in {of} {change} points",
    "learning": "general capability learned {change} points",
    "loans": "development loans and lines {change} mn USD a year",
    "investment": "direct investment {change} mn USD a year",
    "exports": "exports {change} mn USD a year",
    "infrastructure": "{of} infrastructure a head {change} %",
    "infrastructure_capital": "infrastructure {change} %",
    "private_capital": "private capital {change} %",
    "renewables": "renewable power {change} USD a head",
    "productivity": "productivity {change} %",
    "openness": "productivity by open trade {change} %",
    "prices": "income by prices of trade {change} %",
    "income": "real income {change} %",
    "poor": "people in extreme poverty {change} points",
    "inequality": "inequality {change} points",
    "shock": "losses by shocks {change} points",
    "goal": "Goal {of} {change} points",
    "arrow": " → ",
    "of.institutions": "institutions",
    "of.health": "health",
    "of.gender_equality": "gender equality",
    "of.climate": "climate",
    "of.food_security": "food security",
    "of.science_technology_innovation": "science and technology",
    "of.infrastructure": "infrastructure",
    "of.trade_finance_investment": "trade, finance and investment",
    "of.regional_integration": "regional integration",
    "of.bilateral": "bilateral",
    "of.triangular": "triangular",
    "of.regional": "regional",
    "of.reverse linkage": "reverse-linkage",
    "of.energy": "energy",
    "of.transport": "transport",
    "of.water": "water",
    "of.urban": "urban",
}
"""Templates by kind of link, what stands between links, and names (``of.NAME``); another language has the same keys."""


@dataclass(frozen=True)
class Link:
    """One link of a chain.

    Attributes
    ----------
    kind
        One of `LINKS`.
    of
        Which one of its kind: a modality, a domain, a sector, the number of a Goal; empty where there is but one.
    change, low, high
        Scenario less reference, mean over draws and the interval of 90 % of them.
    unit
        Of the change.
    """

    kind: str
    of: str
    change: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Chain:
    """How the effect on a Goal of a country came about.

    Attributes
    ----------
    country, title
        Code and name.
    reference, scenario
        Names.
    levers
        Groups of levers that the scenario moves.
    goal
        Its number, 1 to 17.
    since, year
        The year in which the arms parted, and the year of the effect.
    driver
        The driver that moved the Goal most in the direction of the effect.
    share
        Its part of the effect; over one where others went the other way.
    links
        From what the scenario does to the Goal, which is the last.
    draws
        How many.
    """

    country: str
    title: str
    reference: str
    scenario: str
    levers: tuple[str, ...]
    goal: int
    since: int
    year: int
    driver: str
    share: float
    links: tuple[Link, ...]
    draws: int


def sentence(chain: Chain, words: Words = ENGLISH) -> str:
    """Return a chain in the words of a language, numbers with a sign and two digits that count."""
    return words["arrow"].join(
        words[link.kind].format(of=words.get(f"of.{link.of}", link.of), change=_signed(link.change))
        for link in chain.links
    )


def _signed(value: float) -> str:
    size = abs(value)
    if size >= 10:
        text = f"{size:,.0f}"
    elif size >= 0.095:
        text = f"{size:.1f}" if size >= 1 else f"{size:.2f}"
    else:
        text = np.format_float_positional(size, precision=2, unique=False, fractional=False)
    return ("−" if value < 0 else "+") + text


def effect_chains(
    reference: Scenario | str | Path,
    scenario: Scenario | str | Path,
    country: str,
    *,
    goals: Sequence[str] = (),
    year: int | None = None,
    count: int = 1,
    **how: Unpack[DrawOptions],
) -> list[Chain]:
    """Return how effects on a country's Goals came about, the largest effect first.

    Parameters
    ----------
    reference, scenario
        Scenarios, names, paths of files.
    country
        Code or any name it is known by.
    goals
        Which of ``goal_1`` to ``goal_17``; without them the `count` whose mean effect is largest.
    year
        Of the effect; without it 2030, or the last.
    count
        How many chains where no Goals are named. Goals that did not move have none.
    **how
        Fields of `DrawOptions`: ``draws`` (20 without it), ``source``, ``executor`` and so on.

    Raises
    ------
    InputError
        For a name that does not exist, a year outside the run, scenarios that do the same.

    Examples
    --------
    >>> from sscsim.experiments.why import effect_chains, sentence
    >>> [chain] = effect_chains("baseline", "full-agenda", "Kenya")  # doctest: +SKIP
    >>> sentence(chain)  # doctest: +SKIP
    """
    asked = Asked(reference, scenario, () if year is None else (year,), how)
    whom = find_group(country, asked.world)
    if whom.kind != "country":
        raise InputError("a chain is of one country", key="country", found=country)
    for name in goals:
        if goal_of(name) is None:
            raise InputError("no such Goal", key="goal", found=name, allowed="goal_1 to goal_17")
    here = asked.world.iso3.index(whom.name)
    found = each_draw(asked, partial(_look, here), asked.members(asked.both))
    facts = {key: np.array([one.facts[key] for one in found]) for key in found[0].facts}
    parts = np.array([one.parts for one in found])
    effects = parts.sum(axis=1).mean(axis=0)
    wanted = [goal_of(name) for name in dict.fromkeys(goals)] or list(
        np.argsort(-np.abs(np.nan_to_num(effects)), kind="stable")[:count]
    )
    chains = []
    for goal in wanted:
        assert goal is not None
        if not np.abs(np.nan_to_num(effects[goal])) > 0.0:
            continue
        driver, share = _driver(parts[:, :, goal].mean(axis=0))
        keys = _Before(facts, goal, float(np.sign(effects[goal]))).links(driver)
        facts["goal", str(goal + 1)] = parts[:, :, goal].sum(axis=1)
        chains.append(
            Chain(
                country=whom.name,
                title=whom.title,
                reference=asked.reference.name,
                scenario=asked.scenario.name,
                levers=tuple(lever_groups(asked.reference, asked.scenario, single=False)),
                goal=int(goal) + 1,
                since=found[0].since,
                year=asked.years[-1],
                driver=driver,
                share=share,
                links=tuple(_link(key, facts[key]) for key in (*keys, ("goal", str(goal + 1)))),
                draws=len(found),
            )
        )
    return chains


Key = tuple[str, str]
"""Kind of link, and which one of its kind."""


@dataclass(frozen=True)
class _Seen:
    """What one draw shows: differences of the two arms, and those of the Goals by part, ``(part, goal)``."""

    since: int
    facts: dict[Key, float]
    parts: Array


def _look(here: int, pair: Sequence[Member]) -> _Seen:
    moves: list[GoalMoves] = []
    flows: list[dict[Key, float]] = [{}, {}]
    since = years = 0
    levels: list[dict[Key, float]] = []
    for first, second, _ in walk(pair[0], pair[1]):
        moves = moves or [GoalMoves(first), GoalMoves(second)]
        parted = first is not second
        years += parted
        since = first.year if years == 1 and parted else since
        levels = []
        for arm, moved, summed in zip((first, second), moves, flows, strict=True):
            moved.add(arm)
            levels.append(_levels(arm, here))
            if parted:
                for key, value in _of_year(arm, here).items():
                    summed[key] = summed.get(key, 0.0) + value
    facts = {key: levels[1][key] - levels[0][key] for key in levels[0]}
    for key in flows[0]:
        over = 1 if key[0] in ("learning", "shock", "infrastructure") else years
        facts[key] = (flows[1][key] - flows[0][key]) / over
    parts = moves[1].sums[:, here] - moves[0].sums[:, here]
    return _Seen(since, facts, parts)


def _levels(arm: SouthSouthModel, here: int) -> dict[Key, float]:
    """Return what stands at the end of a year; what is shown in per cent as a logarithm."""
    state, growth = arm.state, arm.submodels.of(Growth).base.parameters
    logs = {
        "income": np.log(state.real_income[here] / state.population[here]),
        "productivity": np.log(state.productivity[here]),
        "openness": state.openness[here],
        "private_capital": np.log(state.private_capital[here]),
        "infrastructure_capital": np.log(state.infrastructure_capital[here]),
        "prices": np.log(state.real_income[here] / state.gdp[here]),
    }
    weights = {
        "private_capital": growth.capital_share,
        "infrastructure_capital": growth.infrastructure_elasticity,
    }
    found: dict[Key, float] = {(name, ""): float(value) for name, value in logs.items()}
    found |= {("part", f): float(weights.get(f, 1.0) * logs[f]) for f in FACTORS}
    found |= {
        ("capability", d): 100.0 * float(state.capability[here, i]) for i, d in enumerate(DOMAINS)
    }
    found["poor", ""] = 100.0 * float(state.extreme_poverty[here])
    found["inequality", ""] = 100.0 * float(state.adjusted_gini[here])
    found["renewables", ""] = 1000.0 * float(state.renewable_per_head[here])
    return found


def _of_year(arm: SouthSouthModel, here: int) -> dict[Key, float]:
    """Return what happened in a year."""
    state = arm.state
    reaching = arm.submodels.of(Knowledge).cooperation.load.reaching
    found: dict[Key, float] = {
        ("projects", m): float(getattr(state, f"projects_received_{m.replace(' ', '_')}")[here])
        for m in MODALITIES
    }
    found |= {("service", d): float(reaching[here, i]) for i, d in enumerate(DOMAINS)}
    found |= {
        ("infrastructure", s): float(state.infrastructure_growth[here, i])
        for i, s in enumerate(SECTORS)
    }
    built = float(state.infrastructure_addition[here])
    found["built", "finance"] = built
    found["built", "own"] = float(state.infrastructure_investment[here]) - built
    loans = state.bank_disbursements_received[here] + state.credit_disbursed[here]
    found["loans", ""] = 1000.0 * float(loans)
    found["investment", ""] = 1000.0 * float(state.fdi_inflow[here])
    found["exports", ""] = 1000.0 * float(state.exports[here])
    found["learning", ""] = 100.0 * float(state.productive_learning[here])
    found["shock", ""] = float(np.nanmean(state.goal_shock[here]))
    return found


def _driver(parts: Array) -> tuple[str, float]:
    """Return the driver that moved a Goal most in the direction of the effect, and its part of it."""
    whole = parts.sum()
    own = [(i, name) for i, name in enumerate(PARTS) if name in DRIVERS and name not in ANSWERS]
    place, name = max(own, key=lambda one: float(np.sign(whole) * parts[one[0]]))
    return name, float(parts[place] / whole)


class _Before:
    """Finds what stands before a driver: each link the one that moved most in the direction that explains the next."""

    def __init__(self, facts: Mapping[Key, Array], goal: int, sign: float) -> None:
        self._means = {key: float(values.mean()) for key, values in facts.items()}
        self._goal, self._sign = goal, sign
        channels = default_channels()
        self._domains = dict(zip(DOMAINS, channels.domain_weights[:, goal].tolist(), strict=True))
        self._sectors = [s for s, g in zip(SECTORS, channels.sector_goal, strict=True) if g == goal]

    def links(self, driver: str) -> list[Key]:
        """Return the links before the Goal."""
        sign = self._sign
        if driver == "capability":
            return self._projects(sign) + self._most("capability", sign, self._domains)
        if driver == "cooperation":
            return self._projects(sign) + self._most("service", sign, self._domains)
        if driver == "infrastructure":
            served = dict.fromkeys(self._sectors or SECTORS, 1.0)
            return self._built(sign) + self._most("infrastructure", sign, served)
        if driver == "renewables":
            return self._one("loans", sign) + self._one("renewables", sign)
        if driver == "shocks":
            return self._one("shock", -sign)
        if driver == "poverty":
            return self._income(sign) + self._one("poor", -sign)
        if driver == "inequality":
            return self._one("inequality", -sign)
        # More income is more of what presses on Goals 12 and 13.
        return self._income(-sign if driver == "emissions" else sign)

    def _income(self, sign: float) -> list[Key]:
        if sign * self._means["income", ""] <= 0.0:
            return []
        factor = max(FACTORS, key=lambda name: sign * self._means["part", name])
        if sign * self._means["part", factor] <= 0.0:
            return [("income", "")]
        finders: Mapping[str, Callable[[float], list[Key]]] = {
            "productivity": self._learned,
            "openness": partial(self._one, "exports"),
            "private_capital": partial(self._one, "investment"),
            "infrastructure_capital": self._lent,
        }
        first = finders[factor](sign) if factor in finders else []
        return [*first, *self._one(factor, sign), ("income", "")]

    def _built(self, sign: float) -> list[Key]:
        """Return what infrastructure was built from: what was lent, or the country's own income."""
        return self._lent(sign) or self._income(sign)

    def _lent(self, sign: float) -> list[Key]:
        finance, own = (sign * self._means["built", who] for who in ("finance", "own"))
        return self._one("loans", sign) if finance > max(own, 0.0) else []

    def _learned(self, sign: float) -> list[Key]:
        learned = self._one("learning", sign)
        return self._projects(sign) + learned if learned else []

    def _projects(self, sign: float) -> list[Key]:
        return self._most("projects", sign, dict.fromkeys(MODALITIES, 1.0))

    def _one(self, kind: str, sign: float) -> list[Key]:
        return self._most(kind, sign, {"": 1.0})

    def _most(self, kind: str, sign: float, weights: Mapping[str, float]) -> list[Key]:
        """Return the one of a kind that moved most in a direction, none where none did."""
        worth = {of: sign * w * self._means[kind, of] for of, w in weights.items()}
        best = max(worth, key=worth.__getitem__)
        return [(kind, best)] if worth[best] > 0.0 else []


def _link(key: Key, values: Array) -> Link:
    kind, of = key
    if kind in PER_CENT:
        values = 100.0 * np.expm1(values)
    found = spread(values)
    return Link(kind, of, found["mean"], found["low"], found["high"], LINKS[kind])
