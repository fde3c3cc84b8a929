"""Answers of the real model, kept by what was asked: shared by all sessions of a process, mixed by none.

An answer is never changed once it is made, and is found by the hash of everything it depends on. Runs that part from
the baseline in the year in which levers begin go on from a copy of the baseline's model at the end of the year before:
to the last bit what a run of its own would give (`sscsim.experiments.beginnings`). One run is made at a time: on one
interpreter two would share it and each take twice as long.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property

from sscsim.dashboard.asked import Asked
from sscsim.dashboard.watching import History, watch
from sscsim.errors import unknown
from sscsim.experiments.beginnings import alike_in
from sscsim.model import SouthSouthModel
from sscsim.names import FIRST_YEAR
from sscsim.page.sliders import sliders
from sscsim.results.tables import RowTable
from sscsim.steps.knowledge import Knowledge
from sscsim.threads import one_thread
from sscsim.types import Array

__all__ = ["Answer", "Answers", "Overtaken", "answers", "of_model"]

KEPT = 48
"""Answers that are kept: some 10 MB each, ten sessions with a baseline and a few settings back and forth."""

BEGINNINGS = 4
"""Beginnings that are kept: one for each seed, parameters and steps that somebody looks at."""


class Overtaken(Exception):
    """Nobody waits for this answer any more."""


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """What is known of a run; nobody changes it.

    Attributes
    ----------
    rows
        Group, indicator and unit of each measurement.
    years
        Years of the run so far.
    measured
        ``(year, row)``.
    history
        What was seen of the state and of the steps.
    projects
        All cooperation projects, None where the step that makes them is off.
    record_ends
        Last year on record.
    shared
        Years that were taken over from the beginning that it shares with the baseline.
    """

    rows: Sequence[tuple[str, str, str]]
    years: tuple[int, ...]
    measured: Array
    history: History
    projects: RowTable | None
    record_ends: int
    shared: int = 0
    _places: dict[tuple[str, str], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {(indicator, group): i for i, (group, indicator, _) in enumerate(self.rows)}
        object.__setattr__(self, "_places", places)

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Indicator → groups that it is given for, in order."""
        found: dict[str, list[str]] = {}
        for group, indicator, _ in self.rows:
            found.setdefault(indicator, []).append(group)
        return found

    def series(self, indicator: str, group: str) -> Array:
        """Return an indicator of a group, ``(year,)``, NaN where it is not given.

        Raises
        ------
        InputError
            For one that there is not.
        """
        if indicator not in self.groups:
            raise unknown("indicator of this name", indicator, self.groups, key="indicator")
        if (indicator, group) not in self._places:
            raise unknown("group of this indicator", group, self.groups[indicator], key="group")
        values: Array = self.measured[:, self._places[indicator, group]]
        return values

    def unit(self, indicator: str, group: str) -> str:
        """Return the unit of an indicator."""
        return self.rows[self._places[indicator, group]][2]


def of_model(model: SouthSouthModel, shared: int = 0) -> Answer:
    """Return what is known of a model as far as it has come; it is watched from here on, if it was not."""
    history, world = watch(model), model.world
    projects = model.submodels.of(Knowledge).tables(model.now()).get("projects")
    return Answer(
        tuple(model.recorder.rows),
        tuple(model.recorder.years),
        model.recorder.measured(),
        copy.copy(history),
        projects,
        int(world.growth_years[~world.growth_is_forecast].max()),
        shared,
    )


class Answers:
    """Answers by what was asked, the least lately used forgotten first.

    Parameters
    ----------
    kept, beginnings
        How many answers, and how many models at the year before levers begin, are kept.
    """

    def __init__(self, kept: int = KEPT, beginnings: int = BEGINNINGS) -> None:
        self._kept, self._most_begun = kept, beginnings
        self._found: OrderedDict[str, Answer] = OrderedDict()
        self._begun: OrderedDict[str, SouthSouthModel] = OrderedDict()
        self._looking, self._running = threading.Lock(), threading.Lock()
        self.runs = 0
        """How many runs were made."""

    def __len__(self) -> int:
        return len(self._found)

    def known(self, asked: Asked) -> Answer | None:
        """Return an answer that is there already."""
        with self._looking:
            found = self._found.get(asked.key)
            if found is not None:
                self._found.move_to_end(asked.key)
            return found

    def get(self, asked: Asked, wanted: Callable[[], bool] = lambda: True) -> Answer:
        """Return the answer, from what is kept or from a run.

        Parameters
        ----------
        asked
            What is asked for.
        wanted
            Called before each year: whether somebody still waits for it.

        Raises
        ------
        Overtaken
            When nobody does any more.
        InputError
            For a scenario or parameters that there are not, and whatever else stops a run.
        """
        found = self.known(asked)
        if found is not None:
            return found
        with self._running:
            found = self.known(asked)  # somebody else may have asked for the same
            if found is not None:
                return found
            made = self._made(asked, wanted)
            with self._looking:
                self._found[asked.key] = made
                while len(self._found) > self._kept:
                    self._found.popitem(last=False)
        return made

    def _made(self, asked: Asked, wanted: Callable[[], bool]) -> Answer:
        model = self._opened(asked, wanted)
        shared = len(model.recorder.years)
        with closing(model), one_thread():
            while model.running:
                _go_on(model, wanted)
            self.runs += 1
            return of_model(model, shared)

    def _opened(self, asked: Asked, wanted: Callable[[], bool]) -> SouthSouthModel:
        """Return a model to go on with: a copy of the beginning that it shares with the baseline, or a new one."""
        if asked.end >= sliders().first:
            begun = self._beginning(asked, wanted)
            scenario = asked.settings.resolved()
            years = range(FIRST_YEAR, sliders().first)
            # The beginning bears the baseline: another scenario may ask for something before.
            same = scenario.parameters == begun.policy_scenario.parameters
            if same and all(alike_in(scenario, begun, year) for year in years):
                twin = begun.fork(scenario)
                # Its arrays are copies: nothing has changed since.
                watch(twin).begin(twin.state)
                return twin
        model = SouthSouthModel(asked.settings)
        watch(model)
        return model

    def _beginning(self, asked: Asked, wanted: Callable[[], bool]) -> SouthSouthModel:
        """Return the baseline's model at the end of the year before levers begin; nobody steps it any further."""
        base = asked.baseline(same_steps=True)
        if base.key in self._begun:
            self._begun.move_to_end(base.key)
            return self._begun[base.key]
        model = SouthSouthModel(base.settings)
        watch(model)
        with one_thread():
            while model.year < sliders().first - 1 or not model.steps:
                _go_on(model, wanted)
        self._begun[base.key] = model
        while len(self._begun) > self._most_begun:
            self._begun.popitem(last=False)[1].close()
        return model


def _go_on(model: SouthSouthModel, wanted: Callable[[], bool]) -> None:
    if not wanted():
        model.close()
        raise Overtaken
    model.step()


answers = Answers()
"""The answers of this process."""
