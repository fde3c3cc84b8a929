"""Search over levels of levers, whatever it is that turns them into outcomes over futures.

A package is a level on each axis. NSGA-II (Deb, Pratap, Agarwal & Meyarivan 2002, IEEE Transactions on Evolutionary
Computation 6) in pymoo's implementation looks for packages that gain more of every goal and cost less. It begins with
nothing, everything, and each lever alone, so that what a single lever does is known in any case. The function is asked
for a generation at a time; packages it was asked for are never asked for again. The same seed asks for the same
packages, and more of them add to fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import InputError, outside
from sscsim.search.measures import aimed_cost, aimed_gain, front
from sscsim.types import Array, Index, Ints, Mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Aims", "Archive", "Axis", "Outcome", "Progress", "search_levels"]

LEAST_POPULATION = 8
MOST_EVALUATIONS = 100_000

Levels = Ints
"""``(package, axis)``, the place of each axis' value."""


@dataclass(frozen=True)
class Axis:
    """A lever that a package may move.

    Attributes
    ----------
    name
        What it is called.
    values
        Its levels in order, at least two.
    nothing
        Place of the level at which nothing is done.
    """

    name: str
    values: tuple[float, ...]
    nothing: int = 0

    def __post_init__(self) -> None:
        """Check that there is something to choose from."""
        if len(self.values) < 2 or not 0 <= self.nothing < len(self.values):
            raise InputError(
                "a lever needs two levels, of which one is nothing",
                key=self.name,
                found=list(self.values),
            )

    @property
    def full(self) -> int:
        """Place of the level furthest from nothing, the upper one of two."""
        away = [abs(value - self.values[self.nothing]) for value in self.values]
        return max(range(len(away)), key=lambda place: (away[place], place))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What packages do: ``gain`` is ``(package, future, goal)``, more is better; ``cost`` is ``(package, future)``."""

    gain: Array
    cost: Array


Evaluate = Callable[[Levels], Outcome]


@dataclass(frozen=True)
class Aims:
    """What is looked for.

    Attributes
    ----------
    robust
        Whether gains are to be reached, and costs kept to, in nine futures of ten; in half of them otherwise.
    budget
        The most that it may cost, so judged.
    """

    robust: bool = False
    budget: float | None = None

    def affordable(self, cost: Array) -> Mask:
        """Return which packages the budget allows, given their costs, ``(package, future)``."""
        most = np.inf if self.budget is None else self.budget
        return np.asarray(aimed_cost(cost, robust=self.robust) <= most)


@dataclass(frozen=True, eq=False)
class Archive:
    """All packages that were tried, in the order in which they were.

    Attributes
    ----------
    axes
        The levers.
    levels
        ``(package, axis)``.
    gain, cost
        As in `Outcome`.
    aims
        What was looked for.
    """

    axes: tuple[Axis, ...]
    levels: Levels
    gain: Array
    cost: Array
    aims: Aims

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def aimed(self) -> tuple[Array, Array]:
        """Gains and costs that are aimed at, ``(package, goal)`` and ``(package,)``."""
        robust = self.aims.robust
        return aimed_gain(self.gain, robust=robust), aimed_cost(self.cost, robust=robust)

    @property
    def affordable(self) -> Mask:
        """Which packages the budget allows, ``(package,)``."""
        return self.aims.affordable(self.cost)

    @property
    def front(self) -> Index:
        """Affordable packages that no other affordable one beats, the cheapest first."""
        gain, cost = self.aimed
        may = np.flatnonzero(self.affordable)
        return may[front(gain[may], cost[may])]


@dataclass(frozen=True)
class Progress:
    """How far a search has come: packages tried, of how many at most, and how many the best front has."""

    tried: int
    total: int
    front: int


def search_levels(
    axes: Sequence[Axis],
    evaluate: Evaluate,
    aims: Aims | None = None,
    *,
    evaluations: int = 400,
    population: int | None = None,
    seed: int = 1,
    progress: Callable[[Progress], None] | None = None,
) -> Archive:
    """Search for packages that gain more for less.

    Parameters
    ----------
    axes
        Levers and their levels.
    evaluate
        What packages do; asked for many at once, and for none twice.
    aims
        What is looked for.
    evaluations
        Packages that are tried, about: a generation that was begun is finished. It ends before where generations bring
        nothing that was not tried.
    population
        Packages of a generation; without it twice the number of levers, and at least eight.
    seed
        Of the search, not of what is searched.
    progress
        Called after each generation.

    Raises
    ------
    InputError
        For no lever, two of one name, numbers out of range, or where pymoo is not installed.
    """
    aims = aims or Aims()
    axes = tuple(axes)
    _check(axes, evaluations, population)
    size = population or max(LEAST_POPULATION, 2 * len(axes))
    trials = _Trials(axes, evaluate, aims)
    trials.look_up(_first(axes))
    algorithm = _algorithm(axes, trials, size, seed)
    stale = 0
    while len(trials) < evaluations and algorithm.has_next() and stale < STALE:
        before = len(trials)
        asked = algorithm.ask()
        if asked is None or len(asked) == 0:
            break
        _tell(algorithm, asked, *trials.look_up(np.rint(asked.get("X")).astype(np.int64)))
        stale = stale + 1 if len(trials) == before else 0
        if progress is not None:
            progress(Progress(len(trials), evaluations, len(trials.archive().front)))
    return trials.archive()


STALE = 20
"""Generations without a new package after which nothing more is looked for."""


def _check(axes: Sequence[Axis], evaluations: int, population: int | None) -> None:
    names = [axis.name for axis in axes]
    if not names or len({*names}) != len(names):
        raise InputError(
            "a search needs levers, each once", key="lever", found=", ".join(names) or "none"
        )
    if not 1 <= evaluations <= MOST_EVALUATIONS:
        raise outside(
            "evaluations", evaluations, 1, MOST_EVALUATIONS, whole=True, key="evaluations"
        )
    if population is not None and not 4 <= population <= MOST_EVALUATIONS:
        raise outside("population", population, 4, MOST_EVALUATIONS, whole=True, key="population")


def _first(axes: Sequence[Axis]) -> Levels:
    """Return nothing, everything, and each lever alone."""
    nothing = np.array([axis.nothing for axis in axes], dtype=np.int64)
    full = np.array([axis.full for axis in axes], dtype=np.int64)
    alone = np.where(np.eye(len(axes), dtype=bool), full, nothing)
    return np.vstack([nothing, full, alone])


class _Trials:
    """Packages that were tried: the function is asked for each once."""

    def __init__(self, axes: tuple[Axis, ...], evaluate: Evaluate, aims: Aims) -> None:
        self.axes, self.evaluate, self.aims = axes, evaluate, aims
        self.places: dict[tuple[int, ...], int] = {}
        self.gains: list[Array] = []
        self.costs: list[Array] = []

    def __len__(self) -> int:
        return len(self.places)

    def look_up(self, levels: Levels) -> tuple[Array, Array]:
        """Return what is minimised, ``(package, goal + 1)``, and by how much the budget is passed, ``(package, 1)``."""
        keys = [tuple(row) for row in levels.tolist()]
        new = [key for key in dict.fromkeys(keys) if key not in self.places]
        if new:
            found = self.evaluate(np.array(new, dtype=np.int64))
            if found.gain.shape[:2] != found.cost.shape or len(found.cost) != len(new):
                raise ValueError(
                    f"{len(new)} packages were asked for, found gains {found.gain.shape} and costs {found.cost.shape}"
                )
            for key, gain, cost in zip(new, found.gain, found.cost, strict=True):
                self.places[key] = len(self.places)
                self.gains.append(gain)
                self.costs.append(cost)
        places = [self.places[key] for key in keys]
        robust = self.aims.robust
        gain = aimed_gain(np.array([self.gains[p] for p in places]), robust=robust)
        cost = aimed_cost(np.array([self.costs[p] for p in places]), robust=robust)
        most = np.inf if self.aims.budget is None else self.aims.budget
        over = (
            np.maximum(0.0, cost - most) / max(1e-12, abs(most))
            if np.isfinite(most)
            else 0.0 * cost
        )
        return np.column_stack([-gain, cost]), over[:, None]

    def archive(self) -> Archive:
        return Archive(
            self.axes,
            np.array(list(self.places), dtype=np.int64).reshape(len(self.places), len(self.axes)),
            np.array(self.gains),
            np.array(self.costs),
            self.aims,
        )


def _algorithm(axes: Sequence[Axis], trials: _Trials, size: int, seed: int) -> Any:
    """Return NSGA-II over places of levels, as pymoo's guide has it for whole numbers."""
    try:
        from pymoo.algorithms.moo.nsga2 import NSGA2
        from pymoo.core.problem import Problem
        from pymoo.operators.crossover.sbx import SBX
        from pymoo.operators.mutation.pm import PM
        from pymoo.operators.repair.rounding import RoundingRepair
    except ImportError:
        raise InputError(
            "a search needs pymoo, which is not installed",
            key="pymoo",
            allowed="python -m pip install 'sscsim[search]'",
        ) from None

    top = np.array([len(axis.values) - 1 for axis in axes])
    problem = Problem(
        n_var=len(axes),
        n_obj=trials.gains[0].shape[1] + 1,
        n_ieq_constr=1,
        xl=0 * top,
        xu=top,
        vtype=int,
    )
    how = {"prob": 1.0, "eta": 3.0, "vtype": float, "repair": RoundingRepair()}
    algorithm = NSGA2(
        pop_size=size,
        sampling=_sample(axes, size, seed),
        crossover=SBX(**how),
        mutation=PM(**how),
        eliminate_duplicates=True,
    )
    algorithm.setup(problem, termination=("n_gen", MOST_EVALUATIONS), seed=seed, verbose=False)
    return algorithm


def _sample(axes: Sequence[Axis], size: int, seed: int) -> NDArray[np.int64]:
    """Return the first generation: nothing, everything, each lever alone, then at random, half of the levers off."""
    first = _first(axes)
    random = np.random.default_rng(seed)
    more = max(0, size - len(first))
    levels = np.column_stack([random.integers(len(axis.values), size=more) for axis in axes])
    off = random.random(levels.shape) < 0.5
    nothing = np.array([axis.nothing for axis in axes])
    return np.vstack([first, np.where(off, nothing, levels)])


def _tell(algorithm: Any, asked: Any, minimised: Array, over: Array) -> None:
    from pymoo.core.evaluator import Evaluator
    from pymoo.problems.static import StaticProblem

    Evaluator().eval(StaticProblem(algorithm.problem, F=minimised, G=over), asked)
    algorithm.tell(infills=asked)
