r"""The posterior: which parameters go with the report's figures, as draws of all of them.

The report's figures are *one* realisation of a world with luck in it, so the likelihood of a figure :math:`z` at
parameters :math:`x` is that of a single run:

.. math:: z \sim N\bigl(m(x),\; v(x) + s^2(x) + n + t^2 + d^2\bigr)

with the emulated mean *m* and its uncertainty *v*, the spread *s* between seeds (emulated too), what parameters that
are not emulated add (*n*), the tolerance *t* by which the report is read, and a stated discrepancy *d* of the model. A
bound on one side enters by the probability that a run meets it.

1. *Screening* (Morris) chooses the parameters that move figures. All others are drawn from their priors in every run
   that follows: they add noise, and keep their prior in the posterior.
2. *Waves* of runs: over the priors at first, then over what history matching leaves of them, every run judged as one
   realisation.
3. *Draws* by elliptical slice sampling over normal scores of the priors.
4. *Correction by the model*: the draws are run themselves, the emulators learn from these runs, and the ratio of new to
   old likelihood, smoothed by a Pareto tail (Vehtari et al. 2024), says by :math:`\hat k` whether the draws can be
   trusted. Above 0.7 they are drawn again from what was learned.
5. Equally weighted draws of all parameters, by systematic resampling.

Nothing here depends on the number of workers, and what was run is kept in the observer's journal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sscsim.calibration.emulator import Emulator, Scale, require
from sscsim.calibration.evidence import (
    TOLERANCES,
    Evidence,
    Unseen,
    smoothed,
    sum_of,
    weighted_quantile,
)
from sscsim.calibration.history_matching import CUTOFF, EDGE, EmulatedCheck, Region, Space, region
from sscsim.calibration.observing import CheckOf, Observer
from sscsim.calibration.screening import Screening, choose, inputs_of, screen_twice
from sscsim.calibration.slice_sampling import elliptical_slice
from sscsim.errors import InputError
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.parameters import Parameters
from sscsim.types import Array, Index

__all__ = [
    "DISCREPANCY",
    "Emulated",
    "Likelihood",
    "Posterior",
    "PosteriorPlan",
    "Reading",
    "Round",
    "posterior_fit",
]

DISCREPANCY = 1.0 / CUTOFF
"""Standard deviation of what the model itself gets wrong of a figure, in half widths of its tolerance (stated, and
varied by a factor of two in the diagnostics): as much again as the reading of the figure."""

GOOD_KHAT = 0.7
"""Tail of the importance weights above which they cannot be trusted (Vehtari et al. 2024, JMLR 25)."""

EVEN = 0.9
"""Share of the draws that weights are worth from which on their tail says nothing: all are next to equal."""

CHAINS, BURN, THIN = 60, 60, 6
"""Chains side by side, steps that are dropped, and steps from one draw of a chain to its next."""

LEAST_SPREAD = 1e-9
"""Standard deviation between seeds, on the emulator's scale, below which a figure has no luck in it."""


@dataclass(frozen=True)
class PosteriorPlan:
    """How many runs go where.

    Attributes
    ----------
    trajectories
        Of the screening's second look.
    points
        Of each wave.
    draws
        Of the posterior that are run, in each of at most `rounds`.
    kept
        Equally weighted draws that are handed out.
    rounds
        Corrections by the model, at most.
    seeds
        Of each point and each draw.
    """

    trajectories: int = 8
    points: tuple[int, ...] = (360, 200, 200)
    draws: int = 400
    kept: int = 400
    rounds: int = 3
    seeds: int = 2

    @property
    def runs(self) -> int:
        """Runs without the screening, at most."""
        return self.seeds * (sum(self.points) + self.rounds * self.draws)

    @classmethod
    def small(cls, parameters: int) -> PosteriorPlan:
        """Return the plan of a fit of a few named parameters to a few figures: under 300 runs for three."""
        points = 8 * parameters
        return cls(points=(2 * points, points), draws=24, kept=400, rounds=1)


@dataclass(frozen=True)
class Round:
    r"""One correction by the model: the tail :math:`\hat k` of the weights and how many draws they are worth."""

    khat: float
    effective: float

    def good(self, draws: float) -> bool:
        """Whether weights of so many draws can be trusted: a light tail, or weights that hardly differ at all."""
        return self.khat <= GOOD_KHAT or self.effective >= EVEN * draws


@dataclass(frozen=True)
class Posterior:
    """Draws of all parameters, and what is known of them.

    Attributes
    ----------
    names
        All parameters that have a prior.
    values
        ``(draw, name)``, equally weighted.
    fitted
        Those that move figures; the others have their prior.
    checks
        What was fitted.
    predicted
        ``(run, check)``, what the model shows at draws of the last round, of all its seeds.
    weights
        ``(run,)``, of these, adding up to 1.
    waves
        Share of the priors that each wave leaves.
    rounds
        The corrections by the model.
    screening
        What chose the fitted, None where they were named.
    inadmissible
        Points of the design that admit no world.
    parameters
        The tables with the priors.
    seeds
        Runs of each draw in `predicted`.
    evidence
        What the draws of the last round say of the figures, to weigh them anew.
    unseen
        Of each round, what its emulators expected of runs before they had seen them.
    emulated
        The last emulators, for what asks them more; None of a posterior that was read from its files.
    """

    names: tuple[str, ...]
    values: Array
    fitted: tuple[str, ...]
    checks: tuple[CheckOf, ...]
    predicted: Array
    weights: Array
    waves: tuple[float, ...]
    rounds: tuple[Round, ...]
    screening: Screening | None
    inadmissible: int
    parameters: Parameters
    seeds: int
    evidence: Evidence
    unseen: tuple[Unseen, ...]
    emulated: Emulated | None = None

    @property
    def trusted(self) -> bool:
        """Whether the last correction's weights can be trusted."""
        return self.rounds[-1].good(len(self.predicted) / max(1, self.seeds))

    def quantiles(self, probabilities: Sequence[float]) -> Array:
        """Return quantiles of what a run of the posterior shows, ``(probability, check)``."""
        return np.array(
            [weighted_quantile(seen, self.weights, probabilities) for seen in self.predicted.T]
        ).T

    @property
    def within(self) -> Array:
        """Share of runs that show a figure inside its tolerance, ``(check,)``."""
        low, high = np.array([item.limits for item in self.checks]).T
        return np.asarray(self.weights @ ((self.predicted >= low) & (self.predicted <= high)))

    @property
    def pit(self) -> Array:
        """Share of runs that show less than the report, a half of those that show the same, ``(check,)``.

        A bound has none, NaN: the report does not say where beyond it the figure lay.
        """
        wanted = np.array([item.check.value for item in self.checks])
        below = (self.predicted < wanted) + 0.5 * (self.predicted == wanted)
        bound = np.array([item.check.within.kind == "one_sided" for item in self.checks])
        return np.where(bound, np.nan, self.weights @ below)


def posterior_fit(
    observer: Observer,
    checks: Sequence[CheckOf],
    parameters: Parameters,
    *,
    names: Sequence[str] | None = None,
    inputs: Mapping[str, Sequence[str]] | None = None,
    plan: PosteriorPlan | None = None,
    seed: int = 1,
    note: Callable[[str], None] | None = None,
) -> Posterior:
    """Draw from the posterior of all parameters.

    Parameters
    ----------
    observer
        Runs the simulator; its journal makes the fit resumable.
    checks
        What is fitted, in the order of the simulator's numbers.
    parameters
        Tables with the priors.
    names
        Parameters that are emulated; without them a screening chooses.
    inputs
        What is screened, by the name it is listed under; by default all that have a prior. What is named nowhere
        keeps the tables' value.
    plan
        How many runs go where.
    seed
        Of everything that is drawn.
    note
        Called with a sentence on what was found so far.

    Raises
    ------
    InputError
        For no figure, no parameter that moves one, or priors of which too few points can be simulated.
    """
    if not checks:
        raise InputError("there is no figure to fit", key="targets")
    require("arviz", "calibration")
    tell = note or (lambda text: None)
    groups = inputs_of(parameters) if inputs is None else inputs
    screening, active = None, None
    plan = plan or (PosteriorPlan() if names is None else PosteriorPlan.small(len(names)))
    if names is None:
        screening = screen_twice(
            observer, checks, parameters, trajectories=plan.trajectories, seed=seed, inputs=groups
        )
        names = choose(screening, groups)
        if not names:
            raise InputError("no parameter moves any of the figures", key="targets")
        active = screening.active(names)
        tell(f"screening: {len(names)} of {len(groups)} inputs move figures")
    everyone = drawn_parameters(parameters) if inputs is None else _members(groups)
    idle = tuple(name for name in everyone if name not in names)
    work = _Inference(
        observer, tuple(checks), Space(tuple(names), parameters), idle, plan, seed, active
    )
    shares = []
    for number, count in enumerate(plan.points):
        work.run_wave(number, count)
        shares.append(work.match().share)
        tell(f"wave {number + 1}: {shares[-1]:.2g} of the priors left")
    rounds: list[Round] = []
    for number in range(plan.rounds):
        rounds.append(work.correct(number))
        tell(
            f"round {number + 1}: k-hat {rounds[-1].khat:.2f}, worth {rounds[-1].effective:.0f} of "
            f"{plan.draws} draws"
        )
        if rounds[-1].good(plan.draws):
            break
    values, predicted, weights = work.result()
    order = [*names, *idle]
    where = [order.index(name) for name in everyone]
    return Posterior(
        names=tuple(everyone),
        values=values[:, where],
        fitted=tuple(names),
        checks=tuple(checks),
        predicted=predicted,
        weights=weights,
        waves=tuple(shares),
        rounds=tuple(rounds),
        screening=screening,
        inadmissible=work.inadmissible,
        parameters=parameters,
        seeds=plan.seeds,
        evidence=work.evidence(where),
        unseen=tuple(work.unseen),
        emulated=Emulated(work.space, work.figures),
    )


def _members(groups: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(name for members in groups.values() for name in members)


@dataclass(frozen=True)
class Reading:
    """How a figure of the report is read, on a scale: where it lies, and how far off it may be.

    Attributes
    ----------
    item
        The figure.
    scale
        Of the emulator.
    """

    item: CheckOf
    scale: Scale

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the tolerance; infinite where there is none."""
        low, high = (float(self.scale.forward(limit)) for limit in self.item.limits)
        return low, high

    @property
    def two_sided(self) -> bool:
        """Whether the figure has a middle; a bound has none."""
        return self.item.check.within.kind != "one_sided" and bool(np.isfinite(self.limits).all())

    @property
    def middle(self) -> float:
        """Of the tolerance."""
        low, high = self.limits
        return (low + high) / 2.0

    @property
    def variance(self) -> float:
        """Of the reading and of what the model gets wrong; none of a bound."""
        low, high = self.limits
        half = (high - low) / 2.0
        return half**2 * (1.0 / CUTOFF**2 + DISCREPANCY**2) if self.two_sided else 0.0


@dataclass(frozen=True)
class Likelihood:
    """Of one figure: emulators of its mean and of its spread between seeds, on the emulator's scale."""

    item: CheckOf
    scale: Scale
    mean: Emulator
    spread: _Spread

    def expected(self, inputs: Array) -> tuple[Array, Array]:
        """Return mean and variance of one run at points, on the emulator's scale, ``(point,)`` each."""
        mean, uncertain = self.mean.predict(inputs)
        return mean, uncertain + self.mean.nugget + self.spread.variance(inputs)

    def of(self, inputs: Array) -> Array:
        """Return the log-likelihood of points, ``(point,)``."""
        return self.given(*self.expected(inputs))

    def given(self, mean: Array, variance: Array, tolerance: float = 1.0) -> Array:
        """Return the log-likelihood where one run has this mean and variance, ``(point,)``.

        Parameters
        ----------
        mean, variance
            ``(point,)``, on the emulator's scale.
        tolerance
            By what the tolerance of an interval and the model's discrepancy are multiplied. A bound has neither.
        """
        from scipy.special import log_ndtr

        reading = Reading(self.item, self.scale)
        low, high = reading.limits
        if reading.two_sided:
            variance = variance + tolerance**2 * reading.variance + 1e-18
            miss = mean - reading.middle
            return np.asarray(-0.5 * (miss**2 / variance + np.log(variance)))
        sd = np.sqrt(variance + 1e-18)
        total = np.zeros(len(mean))
        if np.isfinite(low):
            total += log_ndtr((mean - low) / sd)
        if np.isfinite(high):
            total += log_ndtr((high - mean) / sd)
        return total

    def as_check(self, inputs: Array) -> EmulatedCheck:
        """Return what history matching asks: the same mean, with the variance of one realisation."""
        one = float(np.median(self.spread.variance(inputs))) + self.mean.nugget
        return EmulatedCheck(self.item, self.scale, self.mean, one)


@dataclass(frozen=True)
class Emulated:
    """What was emulated: the parameters as a space, and each figure over it."""

    space: Space
    figures: tuple[Likelihood, ...]

    def inputs(self, scores: Array) -> Array:
        """Return what emulators take of normal scores of the priors, ``(point, parameter)``."""
        from scipy.special import ndtr

        return self.space.scaled(np.clip(ndtr(scores), EDGE, 1.0 - EDGE))


@dataclass(frozen=True)
class _Spread:
    """Spread between seeds: the logarithm of its variance goes by a straight line through the parameters."""

    constant: float
    slope: Array
    active: Index
    none: bool

    @classmethod
    def of(cls, inputs: Array, series: Array, active: Sequence[int] | None) -> _Spread:
        """Return the spread seen by several seeds at many points, ``(point, seed)``."""
        from scipy.special import digamma
        from sklearn.linear_model import BayesianRidge

        places = np.arange(inputs.shape[1]) if active is None else np.array(active, dtype=np.intp)
        free = series.shape[1] - 1
        each = series.var(axis=1, ddof=1)
        seen = each > LEAST_SPREAD**2
        # Counts that often agree between seeds have no logarithm there: the mean variance is all that is known.
        if free < 1 or seen.mean() < 0.9 or np.count_nonzero(seen) < 20:
            mean = float(each.mean()) if free >= 1 else 0.0
            none = mean <= LEAST_SPREAD**2
            return cls(0.0 if none else float(np.log(mean)), np.zeros(len(places)), places, none)
        # The mean logarithm of a chi-squared variance lies below that of the variance.
        y = np.log(each[seen]) - digamma(free / 2.0) + np.log(free / 2.0)
        line = BayesianRidge().fit(inputs[seen][:, places], y)
        return cls(float(line.intercept_), np.asarray(line.coef_, dtype=np.float64), places, False)

    def variance(self, inputs: Array) -> Array:
        """Return the variance of one seed at points, ``(point,)``."""
        if self.none:
            return np.zeros(len(inputs))
        return np.asarray(np.exp(self.constant + inputs[:, self.active] @ self.slope))


class _Inference:
    """The state of an inference between its stages."""

    def __init__(
        self,
        observer: Observer,
        checks: tuple[CheckOf, ...],
        space: Space,
        idle: tuple[str, ...],
        plan: PosteriorPlan,
        seed: int,
        active: Sequence[Sequence[int]] | None,
    ) -> None:
        self.observer, self.checks, self.space, self.idle = observer, checks, space, idle
        self.plan, self.seed, self.active = plan, seed, active
        self.quantiles = np.empty((0, len(space.names)))
        self.observed = np.empty((0, plan.seeds, len(checks)))
        self.waves: list[tuple[EmulatedCheck, ...]] = []
        self.figures: tuple[Likelihood, ...] = ()
        self.found = Region(self.quantiles, np.empty((0, len(checks))))
        self.inadmissible = 0
        self.unseen: list[Unseen] = []
        self._last: tuple[Evidence, Array] | None = None
        """The draws of the last round, and what was seen ``(draw, seed, check)``."""

    # ------------------------------------------------------------------------------------------ runs

    def run_wave(self, number: int, count: int) -> None:
        """Run points over the priors at first, then over what is left of them."""
        quantiles = self.space.sobol(count, self.seed) if number == 0 else self._left(count)
        self._run(quantiles, f"wave {number + 1}", number)

    def _run(self, quantiles: Array, stage: str, number: int) -> tuple[Array, Array]:
        """Run points, the parameters that are not emulated drawn from their priors; return values and what is seen."""
        others = Design.independent(self.idle, len(quantiles), 1000 * self.seed + number)
        values = np.hstack([self.space.values(quantiles), others.values(self.space.parameters)])
        names = [*self.space.names, *self.idle]
        points = [dict(zip(names, row, strict=True)) for row in values.tolist()]
        first = 1 + 1_000_000 * (number + 1)
        seeds = [
            [first + self.plan.seeds * i + k for k in range(self.plan.seeds)]
            for i in range(len(points))
        ]
        seen = self.observer.observe(points, seeds, stage)
        self.quantiles = np.vstack([self.quantiles, quantiles])
        self.observed = np.concatenate([self.observed, seen])
        self.inadmissible += int(np.count_nonzero(~np.isfinite(seen).all(axis=(1, 2))))
        return values, seen

    def _left(self, count: int) -> Array:
        pool = self.found.left[0]
        if len(pool) < count:  # little is left: the least implausible are next to it
            quantiles, implausible = self.found.closest
            pool = quantiles[np.argsort(implausible.max(axis=1), kind="stable")[: 2 * count]]
        rng = np.random.default_rng([self.seed, len(self.quantiles)])
        chosen = rng.choice(len(pool), min(count, len(pool)), replace=False)
        return np.asarray(pool[np.sort(chosen)])

    # ------------------------------------------------------------------------------------- emulators

    def match(self) -> Region:
        """Emulate all that was seen and rule out what one realisation of the report cannot come from."""
        self.figures = self._emulated()
        inputs = self.space.scaled(self.quantiles)
        self.waves.append(tuple(figure.as_check(inputs) for figure in self.figures))
        self.found = region(self.space, self.waves, seed=self.seed + 1)
        return self.found

    def _emulated(self) -> tuple[Likelihood, ...]:
        whole = np.isfinite(self.observed).all(axis=(1, 2))
        if np.count_nonzero(whole) < 8:
            raise InputError("too few points of the design can be simulated", key="priors")
        inputs, seen = self.space.scaled(self.quantiles[whole]), self.observed[whole]
        result = []
        for column, item in enumerate(self.checks):
            scale = Scale.of(seen[:, :, column])
            series = np.asarray(scale.forward(seen[:, :, column]))
            active = None if self.active is None else self.active[column]
            spread = _Spread.of(inputs, series, active)
            noise = spread.variance(inputs) / series.shape[1]
            mean = Emulator(inputs, series.mean(axis=1), noise, active)
            result.append(Likelihood(item, scale, mean, spread))
        return tuple(result)

    # ----------------------------------------------------------------------------------------- draws

    def _log_likelihood(self, figures: Sequence[Likelihood], scores: Array) -> Array:
        from scipy.special import ndtr

        inputs = self.space.scaled(np.clip(ndtr(scores), EDGE, 1.0 - EDGE))
        return np.asarray(sum(figure.of(inputs) for figure in figures))

    def _sample(self, count: int, number: int) -> Array:
        """Return draws of the emulated posterior as normal scores, ``(draw, parameter)``."""
        from scipy.special import ndtri

        rng = np.random.default_rng([self.seed, 77, number])
        pool = self.found.left[0]
        if not len(pool):
            quantiles, implausible = self.found.closest
            pool = quantiles[np.argsort(implausible.max(axis=1), kind="stable")[:CHAINS]]
        start = ndtri(pool[rng.choice(len(pool), CHAINS, replace=len(pool) < CHAINS)])
        each = -(-count // CHAINS)
        steps = BURN + THIN * each
        chains = elliptical_slice(
            lambda scores: self._log_likelihood(self.figures, scores), start, steps, rng
        )
        draws = chains[BURN + THIN - 1 :: THIN].reshape(-1, start.shape[1])
        return np.asarray(draws[rng.permutation(len(draws))[:count]])

    def correct(self, number: int) -> Round:
        """Run draws of the posterior, learn from them, and weigh them by what was learned."""
        from scipy.special import ndtr

        scores = self._sample(self.plan.draws, number)
        quantiles = np.clip(ndtr(scores), EDGE, 1.0 - EDGE)
        inputs = self.space.scaled(quantiles)
        before = [figure.expected(inputs) for figure in self.figures]
        told = sum_of(self._told(before, 1.0))
        logarithmic = np.array([figure.scale.log for figure in self.figures])
        values, seen = self._run(quantiles, f"round {number + 1}", 100 + number)
        self.unseen.append(Unseen.of(before, logarithmic, seen))
        self.figures = self._emulated()
        after = [figure.expected(inputs) for figure in self.figures]
        whole = np.isfinite(seen).all(axis=(1, 2))
        likelihood = {factor: self._told(after, factor)[whole] for factor in TOLERANCES}
        weights, khat = smoothed(sum_of(likelihood[1.0]) - told[whole])
        places = np.flatnonzero(whole)
        found = Evidence(places, values[whole], weights, told[whole], likelihood)
        self._last = found, seen[whole]
        return Round(khat, float(1.0 / (weights**2).sum()))

    def _told(self, expected: Sequence[tuple[Array, Array]], tolerance: float) -> Array:
        """Return the log-likelihood of each figure, ``(point, check)``, at a multiple of its tolerance."""
        return np.column_stack(
            [
                figure.given(*moments, tolerance)
                for figure, moments in zip(self.figures, expected, strict=True)
            ]
        )

    def evidence(self, order: Sequence[int]) -> Evidence:
        """Return what the draws of the last round say of the figures, their parameters in another order."""
        assert self._last is not None
        return self._last[0].ordered(order)

    def result(self) -> tuple[Array, Array, Array]:
        """Return equally weighted draws, what runs at the draws show, and the weights of these runs."""
        if self._last is None:
            raise InputError("no draws were corrected by the model", key="rounds", found=0)
        found, seen = self._last
        values, weights = found.values, found.weights
        rng = np.random.default_rng([self.seed, 99])
        # Systematic resampling: a draw of weight w is taken n·w times, rounded up or down.
        ends = np.cumsum(weights)
        at = (rng.uniform() + np.arange(self.plan.kept)) / self.plan.kept
        chosen = np.searchsorted(ends, at * ends[-1], side="right").clip(max=len(values) - 1)
        chosen = rng.permutation(chosen)  # the first draws are as good as any others
        runs = seen.reshape(-1, seen.shape[2])
        return values[chosen], runs, np.repeat(weights, seen.shape[1]) / seen.shape[1]
