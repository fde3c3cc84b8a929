"""The fast fit: design, emulators, history matching in waves, and a best point that real runs confirm.

It starts from the priors and from nothing else:

1. *Screening* chooses the parameters that move the figures (`sscsim.calibration.screening`).
2. A Sobol design over their priors is run, a few seeds a point. The seeds are those by which the best point is judged,
   in turn, so that no seed's luck is fitted.
3. *Emulators* of each figure's median rule out what cannot be right; the next wave of runs goes where it still can,
   until the region stands still.
4. Within it the *best point* is the one of highest posterior density, a tolerance being three standard deviations. It
   is run with all seeds, and so are its rivals; what they show sharpens the emulators if none meets every figure.

Where figures cannot be met, the fit says which: one that no parameters reach, with the nearest value and the parameters
that stand at the end of their priors; or several that cannot be reached together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sscsim.calibration.history_matching import (
    CUTOFF,
    EDGE,
    EmulatedCheck,
    Region,
    Space,
    emulate,
    region,
    settle,
)
from sscsim.calibration.observing import CheckOf, Observer
from sscsim.calibration.priors import require_priors
from sscsim.calibration.screening import (
    Screening,
    choose,
    inputs_of,
    screen_twice,
    screening_runs,
)
from sscsim.errors import InputError
from sscsim.parameters import Parameters
from sscsim.types import Array

__all__ = ["Fit", "Plan", "Reach", "WaveReport", "fast_fit", "share_text"]


NEAR_EDGE = 0.02
"""Quantile within which a parameter counts as standing at the end of its prior."""

MATTERS = 0.05
"""Share of the strongest parameter's effect on a figure from which another one matters to it."""

SCREENING = 0.35
"""Share of the budget that a screening may take."""

LEAST_TRAJECTORIES, MOST_TRAJECTORIES = 4, 10
"""Trajectories of a screening's second look."""

MOST_RUNS = 1_000_000
"""Of a fit."""

FEW_SEEDS, MORE_SEEDS = 4, 8
"""Seeds of a point of the design."""

POINTS_A_PARAMETER = 6
"""Points of the first wave for each parameter, below which more of them are worth more than seeds."""

STARTS = 4
"""Points from which the best one is sought downhill."""

STANDSTILL = 0.1
"""Relative change of the region's share between waves below which it stands still."""


@dataclass(frozen=True)
class Plan:
    """How many runs go where.

    Attributes
    ----------
    screening
        Runs of the screening, at most; none where parameters are named.
    trajectories
        Of the screening's second look.
    seeds
        Of each point of the design.
    points
        Of each wave, at most.
    finalists
        Points run with all seeds, in each of at most two rounds.
    final_seeds
        Seeds 1 to this judge the best point.
    """

    screening: int
    trajectories: int
    seeds: int
    points: tuple[int, ...]
    finalists: int
    final_seeds: int

    @property
    def design(self) -> int:
        """Runs of all waves together, at most."""
        return self.seeds * sum(self.points)

    @property
    def confirmation(self) -> int:
        """Runs that judge the best point and its rivals, at most."""
        return 2 * self.finalists * self.final_seeds

    @property
    def runs(self) -> int:
        """All runs, at most; a figure out of reach adds `final_seeds`."""
        return self.screening + self.design + self.confirmation

    @classmethod
    def of(
        cls, budget: int, inputs: int, *, screened: bool, final_seeds: int = 50, checks: int = 1
    ) -> Plan:
        """Return the plan for a number of runs.

        Parameters
        ----------
        budget
            Runs to be made, at most.
        inputs
            Names that are screened.
        screened
            Whether there is a screening.
        final_seeds
            Seeds by which the best point is judged.
        checks
            Figures that are fitted.

        Raises
        ------
        InputError
            For a budget that is too small for any fit.
        """

        def fits(runs: int) -> Plan | None:
            return cls._within(runs, inputs, screened, final_seeds, checks)

        plan = fits(budget)
        if plan is None:
            many = range(MOST_RUNS + 1)
            least = bisect_left(many, True, key=lambda runs: fits(runs) is not None)
            raise InputError(
                "this budget of runs is too small for a fit",
                key="budget",
                found=budget,
                allowed=f"at least {least:,}",
            )
        return plan

    @classmethod
    def _within(
        cls, budget: int, inputs: int, screened: bool, final_seeds: int, checks: int
    ) -> Plan | None:
        """Return the plan for a number of runs, None where it is too small for any fit."""
        screening, trajectories, left = 0, 0, budget
        if screened:
            each = screening_runs(inputs, 1, checks) - screening_runs(inputs, 0, checks)
            spare = int(SCREENING * budget) - screening_runs(inputs, 0, checks)
            trajectories = min(MOST_TRAJECTORIES, spare // each)
            screening = screening_runs(inputs, trajectories, checks)
            left = budget - screening
        finalists = int(np.clip(left * 0.3 / (2 * final_seeds), 1, 4))
        left -= 2 * finalists * final_seeds
        seeds = MORE_SEEDS if left >= 800 else FEW_SEEDS
        waves = _waves(left // seeds)
        if (screened and trajectories < LEAST_TRAJECTORIES) or waves[0] < 8:
            return None
        return cls(screening, trajectories, seeds, waves, finalists, final_seeds)

    def spread(self, parameters: int) -> Plan:
        """Return the plan for so many parameters: more points with fewer seeds where they are many."""
        if self.points[0] >= POINTS_A_PARAMETER * parameters or self.seeds == FEW_SEEDS:
            return self
        return replace(self, seeds=FEW_SEEDS, points=_waves(self.design // FEW_SEEDS))


def _waves(points: int) -> tuple[int, int, int]:
    # The first wave sees the whole prior and needs most.
    return points - 2 * (points // 4), points // 4, points // 4


@dataclass(frozen=True)
class WaveReport:
    """What a wave did: points run, share of the priors left after it, how good its emulators are."""

    points: int
    share: float
    explained: dict[str, float]
    covered: dict[str, float]


@dataclass(frozen=True)
class Reach:
    """How near a figure can come to its target, all other figures aside.

    Attributes
    ----------
    item
        The check.
    nearest
        The nearest median found, in the figure's unit: run with all seeds where it is out of reach,
        emulated otherwise.
    reachable
        Whether the priors hold a point that may meet it.
    ends
        Parameters that stand at an end of their priors there and matter: name → (end, value).
    """

    item: CheckOf
    nearest: float
    reachable: bool
    ends: dict[str, tuple[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """What a fit found."""

    checks: tuple[CheckOf, ...]
    space: Space
    plan: Plan
    screening: Screening | None
    waves: tuple[WaveReport, ...]
    emulated: tuple[EmulatedCheck, ...]
    region: Region
    best: dict[str, float]
    medians: dict[str, float]
    distances: dict[str, float]
    reach: tuple[Reach, ...]
    binding: tuple[str, ...]
    runs: int
    inadmissible: int

    @property
    def met(self) -> bool:
        """Whether the best point meets every check."""
        return all(distance == 0.0 for distance in self.distances.values())

    @property
    def out_of_reach(self) -> tuple[Reach, ...]:
        """Checks that no parameters within the priors meet."""
        return tuple(reach for reach in self.reach if not reach.reachable)

    def constraints(self, least: float = 0.1) -> dict[str, dict[str, float]]:
        """Return how much each check alone narrows each parameter's spread, where it does."""
        result: dict[str, dict[str, float]] = {}
        for column, item in enumerate(self.checks):
            narrowing = self.region.narrowing(column)
            ranked = sorted(zip(self.space.names, narrowing.tolist(), strict=True), key=_second)
            result[item.id] = {name: value for name, value in ranked if value >= least}
        return result


def share_text(share: float) -> str:
    """Return a share of the priors in words, however small."""
    if share >= 0.001 or share == 0.0:
        return f"{share:.1%}"
    return f"one part in {float(f'{1 / share:.1e}'):,.0f}"


def _second(pair: tuple[str, float]) -> float:
    return -pair[1]


def fast_fit(
    observer: Observer,
    checks: Sequence[CheckOf],
    parameters: Parameters,
    *,
    names: Sequence[str] | None = None,
    inputs: Mapping[str, Sequence[str]] | None = None,
    budget: int = 2500,
    seed: int = 1,
    final_seeds: int = 50,
    note: Callable[[str], None] | None = None,
) -> Fit:
    """Fit parameters to the checks that the observer's simulator shows.

    Parameters
    ----------
    observer
        Runs the simulator; its journal makes the fit resumable.
    checks
        What is fitted, in the order of the simulator's numbers.
    parameters
        Tables with the priors.
    names
        Parameters to fit; without them a screening chooses.
    inputs
        What is screened, see `screen`.
    budget
        Runs, at most.
    seed
        Seed of the designs.
    final_seeds
        Seeds by which the best point is judged.
    note
        Called with a sentence on what was found so far.

    Raises
    ------
    InputError
        For an unknown parameter or one without a prior, a budget that is too small, no figure to fit,
        and priors of which no point can be simulated.
    """
    if not checks:
        raise InputError("there is no figure to fit", key="targets")
    tell = note or (lambda text: None)
    groups = inputs_of(parameters) if inputs is None else inputs
    plan = Plan.of(
        budget, len(groups), screened=names is None, final_seeds=final_seeds, checks=len(checks)
    )
    screening, active = None, None
    if names is None:
        screening = screen_twice(
            observer, checks, parameters, trajectories=plan.trajectories, seed=seed, inputs=groups
        )
        names = choose(screening, groups)
        if not names:
            raise InputError("no parameter moves any of the figures", key="targets")
        active = screening.active(names)
        tell(f"screening: {len(names)} of {len(groups)} inputs are worth fitting")
    space = Space(_checked(names, parameters), parameters)
    plan = plan.spread(len(space.names))
    search = _Search(observer, tuple(checks), space, plan, seed, active)
    reports: list[WaveReport] = []
    for number, count in enumerate(plan.points):
        search.run_wave(number, count)
        found = search.match()
        reports.append(search.report(count))
        tell(f"wave {number + 1}: {share_text(found.share)} of the priors left")
        before = reports[-2].share if number else 1.0
        if number and abs(found.share - before) <= STANDSTILL * before and search.settled:
            break
    best = search.best()
    reach = tuple(search.reach(column) for column in range(len(checks)))
    return Fit(
        checks=tuple(checks),
        space=space,
        plan=plan,
        screening=screening,
        waves=tuple(reports),
        emulated=search.waves[-1],
        region=settle(space, search.waves, search.found, seed=seed + 2),
        best=best.values,
        medians={c.id: float(v) for c, v in zip(checks, best.medians, strict=True)},
        distances={
            c.id: c.check.within.distance(float(v), c.check.value)
            for c, v in zip(checks, best.medians, strict=True)
        },
        reach=reach,
        binding=search.binding(reach, best),
        runs=len(observer.journal.known),
        inadmissible=search.inadmissible,
    )


def _checked(names: Sequence[str], parameters: Parameters) -> tuple[str, ...]:
    require_priors(names, parameters, of_goals=False)
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class _Candidate:
    values: dict[str, float]
    medians: Array
    merit: tuple[int, float]


class _Search:
    """The state of a fit between its waves."""

    def __init__(
        self,
        observer: Observer,
        checks: tuple[CheckOf, ...],
        space: Space,
        plan: Plan,
        seed: int,
        active: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.active = active
        self.observer, self.checks, self.space, self.plan = observer, checks, space, plan
        self.seed = seed
        self.quantiles = np.empty((0, len(space.names)))
        self.observed: list[Array] = []
        self.waves: list[tuple[EmulatedCheck, ...]] = []
        self.found = Region(self.quantiles, np.empty((0, len(checks))))
        self.inadmissible = 0
        self._missing = [0.0] * len(checks)
        self._next_seed = 0

    # ------------------------------------------------------------------------------------- waves

    def run_wave(self, number: int, count: int) -> None:
        """Run the points of a wave: all over the priors at first, then where they can be right."""
        first = number == 0
        quantiles = self.space.sobol(count, self.seed) if first else self._promising(count)
        seeds = [self._seeds() for _ in range(len(quantiles))]
        self._add(quantiles, seeds, f"wave {number + 1}")

    def _seeds(self) -> list[int]:
        # In turn, so that each of the judging seeds is met as often as any other.
        first = self._next_seed
        self._next_seed += self.plan.seeds
        return [1 + (first + i) % self.plan.final_seeds for i in range(self.plan.seeds)]

    def _add(self, quantiles: Array, seeds: Sequence[Sequence[int]], stage: str) -> Array:
        seen = self.observer.observe(self.space.points(quantiles), seeds, stage)
        self.quantiles = np.vstack([self.quantiles, quantiles])
        self.observed += list(seen)
        self.inadmissible += int(np.count_nonzero(~np.isfinite(seen).all(axis=(1, 2))))
        return seen

    def _promising(self, count: int) -> Array:
        """Return points of the region: half of them spread over it, half where the figures are best met."""
        pool = self.found.left[0]
        if len(pool) < count:  # the region is small or empty: the least implausible are next to it
            quantiles, implausibility = self.found.closest
            worst = implausibility.max(axis=1)
            pool = quantiles[np.argsort(worst, kind="stable")[: 4 * count]]
        order = np.argsort(self._merit(pool), kind="stable")
        half = count - count // 2
        ends = self._descend(self._merit, pool[order[:STARTS]])[:half]
        best, rest = np.split(order, [half - len(ends)])
        spread = np.sort(rest)[np.linspace(0, len(rest) - 1, count // 2).astype(int)]
        chosen: Array = np.vstack([ends, pool[best], pool[spread]])
        return chosen

    def match(self) -> Region:
        """Emulate what was seen so far and rule out what cannot be right."""
        if not any(np.isfinite(seen).all() for seen in self.observed):
            raise InputError("no point of the design can be simulated", key="priors")
        self.waves.append(
            emulate(
                self.space,
                self.checks,
                self.quantiles,
                self.observed,
                self.plan.final_seeds,
                self.active,
            )
        )
        self.found = region(self.space, self.waves, seed=self.seed + 1)
        # What a figure out of reach lacks at best would drown all others, and the priors.
        inputs = self.space.scaled(self.found.quantiles)
        self._missing = [
            0.0
            if self.found.implausibility[:, column].min() < CUTOFF
            else float(np.abs(check.shortfall(check.emulator.mean(inputs))).min())
            for column, check in enumerate(self.waves[-1])
        ]
        return self.found

    @property
    def settled(self) -> bool:
        """Whether another wave has nothing to look for: something is left, or a figure is out of reach."""
        return not self.found.empty or any(self._missing)

    def report(self, count: int) -> WaveReport:
        """Return what the last wave did."""
        emulators = self.waves[-1]
        return WaveReport(
            count,
            self.found.share,
            {e.item.id: e.emulator.explained for e in emulators},
            {e.item.id: e.emulator.covered for e in emulators},
        )

    # -------------------------------------------------------------------------------- best point

    def _merit(self, quantiles: Array) -> Array:
        """Return -2 log of the posterior density, a constant apart, ``(point,)``."""
        inputs = self.space.scaled(quantiles)
        total = self.space.surprise(quantiles)
        for check, missing in zip(self.waves[-1], self._missing, strict=True):
            total = total + check.badness(check.emulator.mean(inputs), missing)
        return total

    def _descend(self, objective: Callable[[Array], Array], starts: Array) -> Array:
        """Return the quantiles at which the objective is least, from each start."""
        from scipy.optimize import minimize

        step = 1e-4
        eye = step * np.eye(starts.shape[1])

        def value_and_slope(u: Array) -> tuple[float, Array]:
            # All steps of the difference quotient in one call of the emulators.
            around = objective(np.vstack([u, np.where(u + step > 1 - EDGE, u - eye, u + eye)]))
            sign = np.where(u + step > 1 - EDGE, -step, step)
            return float(around[0]), (around[1:] - around[0]) / sign

        bounds = [(EDGE, 1 - EDGE)] * starts.shape[1]
        ends = [
            minimize(value_and_slope, start, jac=True, method="L-BFGS-B", bounds=bounds).x
            for start in starts
        ]
        return np.clip(np.array(ends), EDGE, 1 - EDGE)

    def best(self) -> _Candidate:
        """Return the best point, judged by runs with all seeds."""
        judged: list[_Candidate] = []
        for attempt in range(2):
            finalists = self._finalists()
            everyone = [range(1, self.plan.final_seeds + 1)] * len(finalists)
            values = [self._rounded(point) for point in self.space.points(finalists)]
            seen = self.observer.observe(values, everyone, f"finalists {attempt + 1}")
            surprise = self.space.surprise(finalists)
            for point, at, extra in zip(values, seen, surprise.tolist(), strict=True):
                if np.isfinite(at).all():
                    judged.append(self._judge(point, np.median(at, axis=0), extra))
            # The rounding of a value to six digits does not show.
            self.quantiles = np.vstack([self.quantiles, finalists])
            self.observed += list(seen)
            if judged and min(c.merit for c in judged)[0] == 0:
                break
            if attempt == 0:
                self.match()
        if not judged:
            raise InputError("no finalist of the fit can be simulated", key="priors")
        return min(judged, key=lambda c: c.merit)

    def _judge(self, values: dict[str, float], medians: Array, surprise: float) -> _Candidate:
        distances = [
            c.check.within.distance(float(v), c.check.value)
            for c, v in zip(self.checks, medians, strict=True)
        ]
        badness = sum(
            float(e.badness(e.scale.forward(np.array([v])), missing)[0])
            for e, v, missing in zip(self.waves[-1], medians, self._missing, strict=True)
        )
        return _Candidate(values, medians, (int(any(distances)), badness + surprise))

    def _finalists(self) -> Array:
        candidates = self.found.closest[0] if self.found.empty else self.found.left[0]
        merit = self._merit(candidates)
        order = np.argsort(merit, kind="stable")
        ends = self._descend(self._merit, candidates[order[:STARTS]])
        ranked = np.vstack([ends[np.argsort(self._merit(ends), kind="stable")], candidates[order]])
        chosen: list[Array] = []
        scaled: list[Array] = []
        for point, inputs in zip(ranked, self.space.scaled(ranked), strict=True):
            # Rivals that are nearly the same point would be one finalist run twice.
            if all(np.sqrt(np.mean((inputs - other) ** 2)) > 0.05 for other in scaled):
                chosen.append(point)
                scaled.append(inputs)
            if len(chosen) == self.plan.finalists:
                break
        return np.array(chosen)

    def _rounded(self, point: dict[str, float]) -> dict[str, float]:
        # What is run is what is recorded.
        result = {}
        for name, value in point.items():
            low, high = self.space.parameters.definition(name).bounds
            result[name] = min(high, max(low, float(f"{value:.6g}")))
        return result

    # ------------------------------------------------------------------------------------- limits

    def reach(self, column: int) -> Reach:
        """Return how near one check can come to its target, all others aside."""
        check = self.waves[-1][column]
        if np.min(self.found.implausibility[:, column]) < CUTOFF:
            inside = check.emulator.mean(self.space.scaled(self.found.quantiles))
            at = int(np.argmin(np.abs(check.shortfall(inside))))
            return Reach(check.item, float(check.scale.backward(inside[at])), True)

        def miss(quantiles: Array) -> Array:
            mean = check.emulator.mean(self.space.scaled(quantiles))
            return np.asarray(check.shortfall(mean) ** 2)

        start = self.found.quantiles[np.argsort(miss(self.found.quantiles), kind="stable")[:3]]
        ends = self._descend(miss, start)
        end = ends[int(np.argmin(miss(ends)))]
        seen = self.observer.observe(
            self.space.points(end[None, :]),
            [range(1, self.plan.final_seeds + 1)],
            f"how near {check.item.id} comes",
        )[0, :, column]
        nearest_value = (
            float(np.median(seen[np.isfinite(seen)]))
            if np.isfinite(seen).any()
            else (
                float(check.scale.backward(check.emulator.mean(self.space.scaled(end[None, :])))[0])
            )
        )
        return Reach(check.item, nearest_value, False, self._ends(check, end))

    def _ends(self, check: EmulatedCheck, at: Array) -> dict[str, tuple[str, float]]:
        """Return the parameters that stand at an end of their priors and matter to a check."""
        size = len(at)
        low, high = np.tile(at, (size, 1)), np.tile(at, (size, 1))
        np.fill_diagonal(low, EDGE)
        np.fill_diagonal(high, 1 - EDGE)
        effect = np.abs(
            check.emulator.mean(self.space.scaled(high))
            - check.emulator.mean(self.space.scaled(low))
        )
        matters = effect >= MATTERS * effect.max(initial=0.0)
        values = self.space.values(at[None, :])[0]
        return {
            name: ("lower" if at[i] < 0.5 else "upper", float(values[i]))
            for i, name in enumerate(self.space.names)
            if matters[i] and (at[i] < NEAR_EDGE or at[i] > 1 - NEAR_EDGE)
        }

    def binding(self, reach: Sequence[Reach], best: _Candidate) -> tuple[str, ...]:
        """Return the checks that keep the fit from meeting all: without one of them the rest could be."""
        alone = tuple(r.item.id for r in reach if not r.reachable)
        if alone:
            return alone
        missed = tuple(
            c.id
            for c, v in zip(self.checks, best.medians, strict=True)
            if c.check.within.distance(float(v), c.check.value) > 0
        )
        if not missed:
            return ()
        if not self.found.empty:
            return missed
        freed = tuple(c.id for i, c in enumerate(self.checks) if self.found.possible_without(i))
        return freed or missed
