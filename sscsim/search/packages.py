"""Which package of levers: the model asked in fair pairs, priced, and what was found asked again in other futures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np

from sscsim.costs.comparing import Pricing, Runs, increase_paid_in
from sscsim.costs.table import cost_table
from sscsim.errors import InputError, OutputError, in_words
from sscsim.experiments.ensemble import MemberOptions
from sscsim.experiments.questions import Question, less_is_better, questions
from sscsim.files import write_text
from sscsim.names import FIRST_YEAR
from sscsim.policy import Scenario, load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.provenance import marks_of
from sscsim.search.core import Aims, Archive, Levels, Outcome, Progress, search_levels
from sscsim.search.measures import aimed_cost, aimed_gain, regret, satisfices
from sscsim.search.moves import STEPS, Move, moves_of, package_of, package_text
from sscsim.settings import check_whole
from sscsim.types import Array, Mask

__all__ = ["DRAWS", "EVALUATIONS", "Found", "Package", "Task", "read_goal", "search"]

DRAWS = 12
"""Futures of a search unless told otherwise: packages are many, and those found are asked again in as many others."""

EVALUATIONS = 400
"""Packages that are tried unless told otherwise."""

MOST_PACKAGES = 10
"""Packages of the front that are asked again, evenly over what they gain."""

OF = "full-agenda"
"""Scenario whose levers a search chooses among unless told otherwise."""


@dataclass(frozen=True)
class Task:
    """What a search is asked for.

    Attributes
    ----------
    goals
        What is to be gained, texts as `read_goal` takes them; less of what is better the smaller it is.
    of
        The scenario whose levers are chosen among, each from nothing to what the scenario does; None for `moves` alone.
    moves
        Further levers (`sscsim.search.moves.move_of`); they take the place of the scenario's of the same name.
    base
        The scenario that packages are added to.
    budget
        The most that a package may cost up to the last goal's year, bn USD.
    robust
        Whether it is to gain, and to keep to the budget, in nine futures of ten; in half of them otherwise.
    least
        What satisfices, a gain a goal in its unit; without it any gain.
    draws
        Futures: draws of parameters, luck and prices. As many others are for what was found.
    evaluations, population, seed
        As in `sscsim.search.core.search_levels`.
    steps
        Steps between nothing and all of a lever.
    free
        Whether levers without a price are chosen among, as if they cost nothing.
    """

    goals: Sequence[str | Question]
    of: Scenario | str | Path | None = OF
    moves: Sequence[Move] = ()
    base: Scenario | str | Path = "baseline"
    budget: float | None = None
    robust: bool = False
    least: Sequence[float] = ()
    draws: int = DRAWS
    evaluations: int = EVALUATIONS
    population: int | None = None
    seed: int = 1
    steps: int = STEPS
    free: bool = False

    def __post_init__(self) -> None:
        """Check what can be checked without the model."""
        if not self.goals:
            raise InputError("a search needs something to gain", key="goal", found="none")
        if len(self.least) not in (0, len(self.goals)):
            raise InputError(
                "what satisfices is given for every goal, or for none",
                key="least",
                found=len(self.least),
            )
        check_whole("draws", self.draws, 2, 1000)

    @property
    def aims(self) -> Aims:
        """How gains and costs are judged."""
        return Aims(robust=self.robust, budget=self.budget)

    def under(self) -> Scenario:
        """Return the scenario that packages are added to."""
        return self.base if isinstance(self.base, Scenario) else load_scenario(self.base)

    def chosen(self, under: Scenario) -> list[Move]:
        """Return the levers that are chosen among, on top of a scenario."""
        own = {move.axis.name: move for move in self.moves}
        if len(own) != len(self.moves):
            raise InputError(
                "a lever is given once for a place",
                key="lever",
                found=", ".join(m.axis.name for m in self.moves),
            )
        if self.of is None:
            return list(own.values())
        scenario = self.of if isinstance(self.of, Scenario) else load_scenario(self.of)
        taken = {move.lever for move in self.moves}
        theirs = [m for m in moves_of(scenario, under, self.steps) if m.lever not in taken]
        return [*theirs, *own.values()]


@dataclass(frozen=True, eq=False)
class Package:
    """A package of the front, asked again in futures that the search has not seen.

    Attributes
    ----------
    levels
        Place of each lever's level.
    scenario
        What it does.
    gain, cost
        ``(future, goal)`` and ``(future,)``, in those futures; more gain is better, costs are bn USD.
    promised
        ``(goal,)``, what the search saw of the gain that is aimed at, to be held against `gain`.
    regret
        ``(goal,)``, against the best of the packages that are asked again.
    satisfices
        Share of futures in which it gains as much of every goal as is asked for.
    within
        Share of futures in which it keeps to the budget; one without a budget.
    """

    levels: tuple[int, ...]
    scenario: Scenario
    gain: Array
    cost: Array
    promised: Array
    regret: Array
    satisfices: float
    within: float


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes
    ----------
    goals
        What is to be gained.
    moves
        Levers that were chosen among.
    base
        The scenario that packages are added to.
    archive
        All that was tried.
    packages
        The front, cheapest first, without doing nothing.
    best
        What a package is best at (``most`` and ``most for a dollar``, of what is aimed at and where there is any gain;
        ``least regret``) → its place among `packages`.
    left_out
        Levers that were not chosen among, and why.
    partly
        Levers a part of which has no price, and why.
    least
        ``(goal,)``, what satisfices.
    draws, source
        Futures of the search, as many again for what it found; where parameters came from.
    own
        In words, what all runs were asked for beside.
    """

    goals: tuple[Question, ...]
    moves: tuple[Move, ...]
    base: Scenario
    archive: Archive
    packages: tuple[Package, ...]
    best: Mapping[str, int]
    left_out: Mapping[str, str]
    partly: Mapping[str, str]
    least: Array
    draws: int
    source: str
    own: tuple[str, ...] = ()

    def save(self, folder: Path) -> list[Path]:
        """Write the packages as scenario files, ``package-1.yaml`` and so on, the cheapest first.

        Raises
        ------
        OutputError
            Where they cannot be written.
        """
        asked = "; ".join(f"{g.indicator} {g.group} {g.year}" for g in self.goals)
        text = f"Found by sscsim search for {asked}, {len(self.archive)} packages in {self.draws} futures."
        written = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for i, one in enumerate(self.packages, start=1):
                path = folder / f"package-{i}.yaml"
                made = package_text(self.base, self.moves, one.levels, path.stem, text)
                write_text(path, made)
                written.append(path)
        except OSError as failure:
            raise OutputError(f"{folder}: cannot be written: {in_words(failure)}") from None
        return written


def read_goal(text: str, plugins: Sequence[str] = ()) -> Question:
    """Return what is to be gained: ``INDICATOR GROUP YEAR``; of indicators also those of plug-ins that runs take.

    Raises
    ------
    InputError
        For a text of another form, a name that does not exist.
    """
    found = re.fullmatch(r"\s*(\S+)\s+(\S.*?)\s+(\d{4})\s*", text)
    if found is None:
        raise InputError(
            "a goal reads INDICATOR GROUP YEAR",
            key="goal",
            found=text,
            allowed='for example "goal_index LDC 2030"',
        )
    return questions([found[1]], [found[2]], [int(found[3])], plugins=plugins)[0]


def search(
    task: Task,
    *,
    generation: Callable[[Progress], None] | None = None,
    **how: Unpack[MemberOptions],
) -> Found:
    """Search for packages of levers that gain more of what is wanted for less.

    Parameters
    ----------
    task
        What is wanted, among which levers, and how long it is looked for.
    generation
        Called after each generation.
    **how
        Fields of `sscsim.experiments.ensemble.MemberOptions`: ``source``, ``store``, ``executor``, ``settings`` and so
        on.

    Raises
    ------
    InputError
        For a name that does not exist, numbers out of range, no lever that has a price, a member that fails.

    Examples
    --------
    >>> from sscsim.search import Task, search
    >>> found = search(Task(["goal_index LDC 2030"], budget=5.0, robust=True))  # doctest: +SKIP
    >>> found.packages[found.best["most"]].scenario.levers  # doctest: +SKIP
    """
    own = Runs(how).settings.plugins
    wanted = tuple(g if isinstance(g, Question) else read_goal(g, own) for g in task.goals)
    under = task.under()
    chosen = task.chosen(under)
    known = cost_table().levers
    left_out = (
        {}
        if task.free
        else {m.lever: known[m.lever].none or "" for m in chosen if not known[m.lever].priced}
    )
    usable = tuple(m for m in chosen if m.lever not in left_out)
    if not usable:
        raise InputError(
            "no lever that was given has a price: all would be taken for nothing",
            key="lever",
            found=", ".join(left_out) or "none",
            allowed="levers that `sscsim cost --prices` gives a price, or --free",
        )
    study = _Study(under, usable, wanted, task.draws, how)
    aims = task.aims
    archive = search_levels(
        [m.axis for m in usable],
        study.searched,
        aims,
        evaluations=task.evaluations,
        population=task.population,
        seed=task.seed,
        progress=generation,
    )
    enough = np.array(task.least or [0.0] * len(wanted))
    packages = _asked_again(study, archive, aims, enough)
    return Found(
        goals=wanted,
        moves=usable,
        base=under,
        archive=archive,
        packages=packages,
        best=_best(packages, aims),
        left_out=left_out,
        partly={m.lever: why for m in usable if (why := known[m.lever].none) is not None},
        least=enough,
        draws=task.draws,
        source=study.runs.source,
        own=tuple(marks_of(study.runs.settings)),
    )


class _Study:
    """The model as a function from packages to gains and costs over futures."""

    def __init__(
        self,
        base: Scenario,
        moves: Sequence[Move],
        goals: Sequence[Question],
        draws: int,
        how: MemberOptions,
    ) -> None:
        self.base, self.moves, self.goals, self.draws = base, tuple(moves), tuple(goals), draws
        self.last = max(goal.year for goal in goals)
        asked = Runs(how)
        for goal in goals:
            check_whole("year", goal.year, FIRST_YEAR, asked.settings.end)
        self.runs = Runs(how, keep="indicators", end=self.last)
        self.world = self.runs.settings.world()
        self.pricing = Pricing(self.world, count=2 * draws)
        self._under = LeverPaths(base, self.world)
        for move in moves:  # a place that there is not is said before anything runs
            LeverPaths(package_of(base, [move], [move.axis.full]), self.world)

    def searched(self, levels: Levels) -> Outcome:
        """Return what packages do in the futures of the search."""
        return self.outcome(levels, slice(0, self.draws))

    def others(self, levels: Levels) -> Outcome:
        """Return what packages do in as many futures that the search has not seen."""
        return self.outcome(levels, slice(self.draws, 2 * self.draws))

    def scenario(self, levels: Sequence[int]) -> Scenario:
        """Return the scenario that a package is."""
        return package_of(self.base, self.moves, levels)

    def outcome(self, levels: Levels, futures: slice) -> Outcome:
        """Return gains and costs, ``(package, future, goal)`` and ``(package, future)``."""
        scenarios = [self.scenario(row) for row in levels.tolist()]
        rows = self.runs.members([self.base, *scenarios], futures.stop)[futures]
        self.runs.run(rows)
        place = {member.scenario.name: i for i, member in enumerate(rows[0])}
        increases = [increase_paid_in(row[0]) for row in rows]
        every = {one.lever for one in self.moves}
        indicators, groups = self.pricing.wanted(every, [goal.group for goal in self.goals])
        indicators |= {goal.indicator for goal in self.goals}
        series = {
            i: [self.runs.series(row[i], indicators, groups, self.last) for row in rows]
            for i in {0, *place.values()}
        }
        numbers = np.arange(2 * self.draws)[futures]
        gains, costs = [], []
        for scenario in scenarios:
            pairs = list(zip(series[0], series[place[scenario.name]], strict=True))
            gains.append([[_gain(goal, *pair) for goal in self.goals] for pair in pairs])
            paths = LeverPaths(scenario, self.world)
            items = self.pricing.items(self._under, paths, pairs, increases, self.last)
            # A future is a draw of the model and one of the prices.
            total = self.pricing.total(items, len(pairs))
            costs.append(total[np.arange(len(pairs)), numbers])
        return Outcome(np.array(gains), np.array(costs))


def _gain(
    goal: Question,
    reference: Mapping[tuple[str, str], Mapping[int, float]],
    other: Mapping[tuple[str, str], Mapping[int, float]],
) -> float:
    key = (goal.indicator, goal.group)
    if goal.year not in reference.get(key, {}) or goal.year not in other.get(key, {}):
        raise InputError(
            "the indicator is not defined for this group and year in every run",
            key=goal.indicator,
            found=f"{goal.group}, {goal.year}",
        )
    more = other[key][goal.year] - reference[key][goal.year]
    return -more if less_is_better(goal.indicator) else more


def _asked_again(study: _Study, archive: Archive, aims: Aims, least: Array) -> tuple[Package, ...]:
    """Return the packages of the front, asked again in futures that the search has not seen."""
    nothing = np.array([axis.nothing for axis in archive.axes])
    front = archive.front[(archive.levels[archive.front] != nothing).any(axis=1)]
    if not len(front):
        return ()
    promised = archive.aimed[0]
    if len(front) > MOST_PACKAGES:
        by_gain = front[np.argsort(promised[front, 0], kind="stable")]
        wanted = np.linspace(promised[by_gain[0], 0], promised[by_gain[-1], 0], MOST_PACKAGES)
        near = {int(np.abs(promised[by_gain, 0] - one).argmin()) for one in wanted}
        front = np.array([place for place in front if place in by_gain[sorted(near)]])
    seen = study.others(archive.levels[front])
    # In other futures costs differ: those that are printed stand in their own order.
    order = np.argsort(aimed_cost(seen.cost, robust=aims.robust), kind="stable")
    front, seen = front[order], Outcome(seen.gain[order], seen.cost[order])
    allowed: Mask = np.ones(len(front), dtype=np.bool_)
    regrets = regret(seen.gain, allowed)
    enough = satisfices(seen.gain, least)
    most = np.inf if aims.budget is None else aims.budget
    return tuple(
        Package(
            levels=tuple(archive.levels[place].tolist()),
            scenario=study.scenario(archive.levels[place].tolist()),
            gain=seen.gain[i],
            cost=seen.cost[i],
            promised=promised[place],
            regret=regrets[i],
            satisfices=float(enough[i]),
            within=float((seen.cost[i] <= most).mean()),
        )
        for i, place in enumerate(front.tolist())
    )


def _best(packages: Sequence[Package], aims: Aims) -> dict[str, int]:
    """Return what packages are best at, by the first goal, and of regret by all of them."""
    if not packages:
        return {}
    gain = aimed_gain(np.array([one.gain for one in packages]), robust=aims.robust)
    cost = aimed_cost(np.array([one.cost for one in packages]), robust=aims.robust)
    size = np.maximum(1e-12, np.abs(gain).max(axis=0))
    regrets = (np.array([one.regret for one in packages]) / size).max(axis=1)
    found = {"least regret": int(regrets.argmin())}
    if gain[:, 0].max() > 0.0:
        found = {"most": int(gain[:, 0].argmax()), **found}
    pays = (gain[:, 0] > 0.0) & (cost > 0.0)
    if pays.any():
        per = np.where(pays, gain[:, 0] / np.where(pays, cost, 1.0), -np.inf)
        found["most for a dollar"] = int(per.argmax())
    return found
