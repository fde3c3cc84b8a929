"""What is asked for: numbers of groups and of countries, and the pairs of members that answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from sscsim.errors import InputError, unknown
from sscsim.experiments.effects import interval
from sscsim.experiments.ensemble import Tally
from sscsim.experiments.executors import available_cores, process_pool
from sscsim.experiments.members import Member, members
from sscsim.experiments.pairs import questions
from sscsim.experiments.store import RunStore
from sscsim.names import FIRST_YEAR
from sscsim.policy import Scenario, load_scenario
from sscsim.results.schema import GOAL_YEAR
from sscsim.settings import RunOptions, RunSettings, check_whole
from sscsim.types import Array, Mask

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel
    from sscsim.world.tables import World

__all__ = [
    "DRAWS",
    "Asked",
    "Number",
    "Place",
    "WhyOptions",
    "each_draw",
    "goal_of",
    "numbers",
    "place_of",
    "read_number",
    "spread",
]

DRAWS = 20
"""Draws unless told otherwise: an answer takes many runs of each."""

POINTS = "0 to 100"
"""Unit of a score."""


class Place(NamedTuple):
    """A group, or a country as a group of one."""

    name: str
    title: str
    members: Mask
    """``(country,)``."""
    country: str = ""
    """Code of the country; empty for a group."""


class Number(NamedTuple):
    """One number that an effect is on."""

    indicator: str
    place: Place
    year: int
    unit: str

    def __str__(self) -> str:
        """Return what it is called in a line."""
        return f"{self.indicator}, {self.place.title}, {self.year}"


def place_of(world: World, name: str) -> Place:
    """Return a group of the indicators, or a country by its code or any name it is known by.

    Raises
    ------
    InputError
        When neither is called so.
    """
    from sscsim.outcomes.indicators import group_members

    groups = group_members(world)
    if name in groups:
        return Place(name, name, groups[name])
    try:
        code = world.gazetteer.code(name)
    except InputError:
        raise unknown(
            "group or country of this name",
            name,
            list(groups),
            allowed="a country, or a group that `sscsim explain groups` lists",
            key="group",
        ) from None
    mask = np.array([iso3 == code for iso3 in world.iso3])
    return Place(code, world.gazetteer.names[code], mask, code)


def goal_of(indicator: str) -> int | None:
    """Return the place of the Goal that ``goal_1`` to ``goal_17`` name, None for anything else."""
    name, _, number = indicator.partition("_")
    if name == "goal" and number.isdigit() and 1 <= int(number) <= 17:
        return int(number) - 1
    return None


def numbers(
    world: World,
    indicators: Sequence[str],
    places: Sequence[str],
    years: Sequence[int],
) -> list[Number]:
    """Return the numbers that indicators, places and years name.

    Parameters
    ----------
    indicators
        Names; of a country those of the Goals, and variables of countries.
    places
        Groups and countries.
    years
        Calendar years.

    Raises
    ------
    InputError
        For a name that does not exist, or an indicator that is not given for a place.
    """
    found = []
    for name in dict.fromkeys(places):
        place = place_of(world, name)
        for indicator in dict.fromkeys(indicators):
            for year in dict.fromkeys(years):
                found.append(Number(indicator, place, year, _unit(indicator, place, year)))
    return found


def _unit(indicator: str, place: Place, year: int) -> str:
    from sscsim.steps.plan import variables

    if not place.country:
        return questions([indicator], [place.name], [year])[0].unit
    if indicator == "goal_index" or goal_of(indicator) is not None:
        return POINTS
    known = {one.name: one.unit for one in variables() if one.axes == ("country",)}
    if indicator not in known:
        raise unknown(
            "number of a country of this name",
            indicator,
            ["goal_index", *(f"goal_{g}" for g in range(1, 18)), *known],
            allowed="goal_index, goal_1 to goal_17, or a variable of countries that "
            "`sscsim explain variables` lists",
            key="indicator",
        )
    return known[indicator]


def spread(values: Array) -> dict[str, float]:
    """Return the mean over draws and the ends of the interval that holds 90 % of them.

    Means and not medians: those of parts add up to the mean of the whole.

    Parameters
    ----------
    values
        ``(draw,)``.
    """
    low, _, high = interval(values)
    return {"mean": float(values.mean()), "low": low, "high": high}


class WhyOptions(RunOptions, total=False):
    """How members are made and run: as in `sscsim.experiments.compare`."""

    draws: int | None
    source: str | Path
    first_seed: int
    draw_figures: bool | None
    settings: RunSettings | None
    store: RunStore | str | Path | None
    executor: str
    workers: int | None
    scheduler: str | None
    progress: Callable[[Tally], None] | None


_OWN = tuple(set(WhyOptions.__annotations__) - set(RunOptions.__annotations__))


class Asked:
    """The draws in which a reference and a scenario are run, as far as the last year that is asked for."""

    def __init__(
        self,
        reference: Scenario | str | Path,
        scenario: Scenario | str | Path | None,
        years: Sequence[int],
        how: WhyOptions,
    ) -> None:
        said: dict[str, Any] = dict(how)
        own = {name: said.pop(name) for name in _OWN if name in said}
        base = RunSettings.of(own.pop("settings", None) or RunSettings(), **said)
        years = years or (min(GOAL_YEAR, base.end),)
        for year in years:
            check_whole("year", year, FIRST_YEAR, base.end)
        self.settings = replace(base, end=max(years), keep="outcomes")
        self.world = self.settings.world()
        self.years = tuple(sorted(set(years)))
        self.reference, self.scenario = (
            one if isinstance(one, Scenario) else load_scenario(one)
            for one in (reference, reference if scenario is None else scenario)
        )
        self.both = [self.reference] if scenario is None else [self.reference, self.scenario]
        """What is run: the two, or the one where a run is looked at by itself."""
        same = self.reference.content_hash == self.scenario.content_hash
        if same and scenario is not None:
            raise InputError(
                "the two scenarios do the same: there is no effect to take apart",
                key="scenario",
                found=f"{self.reference.name}, {self.scenario.name}",
            )
        self.draws = own.pop("draws", DRAWS)
        self.source = str(own.pop("source", "posterior"))
        self._drawing = {n: own.pop(n) for n in ("first_seed", "draw_figures") if n in own}
        self.store = own.pop("store", None)
        self.running: dict[str, Any] = {"executor": "serial", **own}

    def members(self, scenarios: Sequence[Scenario]) -> list[list[Member]]:
        """Return the members of each draw, in the order of the scenarios."""
        each = members(
            scenarios, self.draws, 1, self.source, settings=self.settings, **self._drawing
        )
        drawn = [each[i : i + len(scenarios)] for i in range(0, len(each), len(scenarios))]
        if len(drawn) < 2:
            raise InputError(
                "an interval needs at least two draws",
                key="draws",
                found=len(drawn),
                allowed="2 or more",
            )
        return drawn


T = TypeVar("T")


def each_draw(
    asked: Asked, work: Callable[[Sequence[Member]], T], drawn: Sequence[Sequence[Member]]
) -> list[T]:
    """Return what comes of every draw, in this process or in several.

    Parameters
    ----------
    asked
        How it is run.
    work
        Called with the members of a draw; for other processes it must be picklable.
    drawn
        Members of each draw.

    Raises
    ------
    InputError
        For the executor ``dask``: arms that walk side by side are no members of a store.
    """
    executor, workers = asked.running["executor"], asked.running.get("workers")
    report = asked.running.get("progress") or (lambda _: None)
    if executor not in ("serial", "processes") or asked.running.get("scheduler") is not None:
        raise InputError(
            "arms side by side are run in this process or in several of this machine",
            key="executor",
            found=executor,
            allowed="serial, processes",
        )
    began, tally = time.monotonic(), Tally(len(drawn))
    report(tally)
    found: list[T] = []
    with ExitStack() as open_:
        results: Iterator[T]
        if executor == "serial":
            results = map(work, drawn)
        else:
            size = min(workers or available_cores(), len(drawn))
            pool = open_.enter_context(process_pool(size))
            results = pool.map(work, drawn)
        for one in results:
            found.append(one)
            done = len(found)
            tally = replace(tally, run=done, tried=done, seconds=time.monotonic() - began)
            report(tally)
    return found


def read_number(arm: SouthSouthModel, number: Number) -> float:
    """Return a number of the year that a model has just simulated; NaN where it is not defined."""
    if not number.place.country:
        key = (number.place.name, number.indicator)
        row = next(i for i, r in enumerate(arm.book.rows) if (r.group, r.indicator) == key)
        assert arm.measured is not None
        return float(arm.measured[row])
    here = arm.world.iso3.index(number.place.country)
    if number.indicator == "goal_index":
        return float(np.nanmean(arm.state.goals[here]))
    goal = goal_of(number.indicator)
    values = arm.state.goals[:, goal] if goal is not None else getattr(arm.state, number.indicator)
    return float(values[here])
