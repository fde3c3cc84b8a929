"""What is asked for: numbers of groups, and the pairs of members that answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from sscsim.errors import InputError
from sscsim.experiments.effects import interval
from sscsim.experiments.ensemble import DrawOptions, HowRun, Tally
from sscsim.experiments.executors import available_cores, process_pool
from sscsim.experiments.gathering import is_group
from sscsim.experiments.groups import Derived, find_group
from sscsim.experiments.members import Member, members
from sscsim.experiments.questions import given_for, group_title, questions
from sscsim.names import FIRST_YEAR
from sscsim.policy import Scenario, load_scenario
from sscsim.results.schema import GOAL_YEAR, OUTCOMES
from sscsim.settings import check_whole
from sscsim.types import Array, Mask

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel
    from sscsim.world.tables import World

__all__ = [
    "DRAWS",
    "Asked",
    "Number",
    "NumberReader",
    "each_draw",
    "goal_of",
    "numbers",
    "spread",
]

DRAWS = 20
"""Draws unless told otherwise: an answer takes many runs of each."""


class Number(NamedTuple):
    """One number that an effect is on.

    Attributes
    ----------
    indicator, group, year, unit
        As a comparison asks for it.
    title
        What the group is called.
    members
        ``(country,)``; None for what is no group of countries, such as a bank.
    measured
        Whether runs measure it every year; otherwise it is read off countries.
    """

    indicator: str
    group: str
    year: int
    unit: str
    title: str
    members: Mask | None
    measured: bool

    def __str__(self) -> str:
        """Return what it is called in a line."""
        return f"{self.indicator}, {self.title}, {self.year}"


def numbers(
    world: World,
    indicators: Sequence[str],
    groups: Sequence[str],
    years: Sequence[int],
    kept: Iterable[int],
    plugins: Sequence[str] = (),
) -> list[Number]:
    """Return the numbers that indicators, groups and years name.

    Parameters
    ----------
    indicators, groups, years, kept, plugins
        As in `sscsim.experiments.questions.questions`: a group is any group or list of countries, a body or a country.

    Raises
    ------
    InputError
        For a name that does not exist, or an indicator that is not given for a group.
    """
    given = given_for(plugins)
    found = []
    for question in questions(indicators, groups, years, world=world, kept=kept, plugins=plugins):
        whom = find_group(question.group, world) if is_group(question.group) else None
        title = question.group
        if whom is not None:
            title = whom.title if whom.kind == "country" else group_title(whom.name)
        found.append(
            Number(
                *question,
                title,
                None if whom is None else whom.members,
                question.group in given[question.indicator],
            )
        )
    return found


def goal_of(indicator: str) -> int | None:
    """Return the place of the Goal that ``goal_1`` to ``goal_17`` name, None for anything else."""
    name, _, number = indicator.partition("_")
    if name == "goal" and number.isdigit() and 1 <= int(number) <= 17:
        return int(number) - 1
    return None


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


class Asked:
    """The draws in which a reference and a scenario are run, as far as the last year that is asked for."""

    def __init__(
        self,
        reference: Scenario | str | Path,
        scenario: Scenario | str | Path | None,
        years: Sequence[int],
        how: DrawOptions,
    ) -> None:
        taken = HowRun.of(how, DRAWS)
        base = taken.settings
        years = years or (min(GOAL_YEAR, base.end),)
        for year in years:
            check_whole("year", year, FIRST_YEAR, base.end)
        self.settings = replace(base, end=max(years), keep="outcomes")
        self.world = self.settings.world()
        self.years = tuple(sorted(set(years)))
        self.every_year = range(FIRST_YEAR, self.settings.end + 1)
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
        self.draws, self.source, self.store = taken.draws, taken.source, taken.store
        self._drawing, self.running = taken.drawing, taken.running

    def numbers(
        self, indicators: Sequence[str], groups: Sequence[str], kept: Iterable[int]
    ) -> tuple[Number, ...]:
        """Return the numbers that indicators and groups name in the years that are asked for, as `numbers` does."""
        own = self.settings.plugins
        return tuple(numbers(self.world, indicators, groups, self.years, kept, own))

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


class NumberReader:
    """Reads numbers off a model that has just simulated a year.

    Parameters
    ----------
    wanted
        The numbers.
    model
        One of the models that are read.
    """

    def __init__(self, wanted: Sequence[Number], model: SouthSouthModel) -> None:
        self.wanted = tuple(wanted)
        rows = {(r.group, r.indicator): i for i, r in enumerate(model.book.rows)}
        self._rows = [rows[n.group, n.indicator] if n.measured else -1 for n in wanted]
        others = [n for n in wanted if not n.measured]
        members = {n.group: n.members for n in others if n.members is not None}
        self._derived = Derived(model.world.iso3, members, [n.indicator for n in others])

    def read(self, model: SouthSouthModel) -> Array:
        """Return the numbers of the model's year, ``(number,)``; NaN for those of other years."""
        found = np.full(len(self.wanted), np.nan)
        assert model.measured is not None
        derived: Array | None = None
        for place, number in enumerate(self.wanted):
            if number.year != model.year:
                continue
            if number.measured:
                found[place] = model.measured[self._rows[place]]
                continue
            if derived is None:
                state, opening = (
                    {name: getattr(one, name) for name in OUTCOMES}
                    for one in (model.state, model.opening)
                )
                derived = self._derived.measure(state, opening, model.parameters)
            indicator = self._derived.indicators.index(number.indicator)
            found[place] = derived[indicator, list(self._derived.groups).index(number.group)]
        return found
