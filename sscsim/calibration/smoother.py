r"""The second road to the posterior: an ensemble smoother with multiple data assimilation, all parameters at once.

The first road screens, emulates and samples. This one does none of the three: an ensemble of several hundred draws of
*all* priors is run, each member with a seed of its own, and moved towards the figures by the covariances that the
ensemble itself shows, several times with a part of the information each (Emerick & Reynolds 2013), through the library
``iterative_ensemble_smoother``. Members are normal scores of the priors, so that nothing leaves its prior. The roads
share the priors, the simulator and how a figure is read (`Reading`), and nothing else: where they agree neither
emulators nor a straight line through an ensemble made the answer.

Three things are not in the textbook, and each is exact where the model is linear and all is normal:

*Luck.* A member's figure holds the luck of its seed, drawn anew at each step. The textbook's update would count the
same record as so many independent ones. With luck of variance *L* and a reading of variance *E* the library is given
:math:`1/\Delta\tau - L` at a step that assimilates the precision :math:`\Delta\tau` of a total of
:math:`1/(E + L)`: luck and perturbations add up to what the step shall believe. *L* comes from a part of the members
that are run with a second seed.

*Bounds.* A bound on one side is no observation. It enters as the normal one that moves mean and variance of the figure
as the bound does (a site of expectation propagation, Minka 2001), found anew at each step against the ensemble without
what the bound has added so far; what is missing of it is spread over the steps that are left.

*Chance.* Of a hundred and fifty parameters and two dozen figures all correlations but a few dozen are chance. A
parameter is moved only if its correlation with some figure exceeds three standard errors (the rule of Vossepoel,
Evensen & van Leeuwen 2025, and the library's `AdaptiveESMDA`), and then by all figures together: what one figure says
of it depends on what the others say of its companions. One that no figure is correlated with keeps its prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sscsim.calibration.emulator import Scale, require
from sscsim.calibration.history_matching import EDGE
from sscsim.calibration.observing import CheckOf, Observer
from sscsim.calibration.posterior import Posterior, Reading
from sscsim.errors import InputError
from sscsim.experiments.design import Design
from sscsim.parameters import Parameters
from sscsim.types import Array

__all__ = [
    "IDENTIFIED",
    "SMOOTHER",
    "Agreement",
    "Smoothed",
    "SmootherPlan",
    "agreement",
    "scores_of",
    "smooth",
]

SMOOTHER = "iterative_ensemble_smoother"
"""The library, which is licensed under the GPL and therefore only installed by who wants it (decision 0181)."""

IDENTIFIED = 0.3
"""Contraction, in normal scores, from which on the figures identify a parameter: a share of variance of two standard
errors where draws are worth a hundred, since the relative error of a variance is the root of 2 over their number."""

LEAST_MEMBERS = 20
"""Members that admit a world, below which covariances say nothing: at nine every correlation is within three errors."""

LEAST_FREE = 1e-3
"""Share of a figure's variance over the ensemble that is not luck, at least: estimates of luck are noisy."""

SCORE_RANGE, SCORE_STEPS = 5.0, 2001
"""Normal scores between which values are looked up, and how many: over a hundredth a prior is a straight line."""

FIRST_SEED = 400_000_001
"""Of the first member; steps are a million apart, and no other run of a fit has such seeds."""


@dataclass(frozen=True)
class SmootherPlan:
    """How many runs go where.

    Attributes
    ----------
    members
        Of the ensemble: what is chance in a correlation falls with the root.
    steps
        Parts in which the figures are assimilated.
    twins
        Members that are run with a second seed at each step, for the size of luck.
    """

    members: int = 800
    steps: int = 8
    twins: int = 80

    @property
    def runs(self) -> int:
        """Runs altogether."""
        return self.steps * (self.members + min(self.twins, self.members))


@dataclass(frozen=True)
class Smoothed:
    """What the smoother comes to.

    Attributes
    ----------
    names
        All parameters that have a prior.
    scores
        ``(member, name)``, normal scores of the priors: each is a standard normal before any figure is seen.
    values
        ``(member, name)``, in the parameters' units.
    lost
        Members that admitted no world at some step and were left out.
    linked
        ``(step,)``, share of the parameters that some figure was correlated with beyond chance.
    """

    names: tuple[str, ...]
    scores: Array
    values: Array
    lost: int
    linked: tuple[float, ...]

    @property
    def mean(self) -> Array:
        """Mean in standard deviations of the prior, from its median, ``(name,)``."""
        return np.asarray(self.scores.mean(axis=0))

    @property
    def contraction(self) -> Array:
        """One less the variance, in that of the prior, ``(name,)``."""
        return np.asarray(1.0 - self.scores.var(axis=0, ddof=1))


def smooth(
    observer: Observer,
    checks: Sequence[CheckOf],
    parameters: Parameters,
    names: Sequence[str],
    *,
    plan: SmootherPlan | None = None,
    seed: int = 1,
) -> Smoothed:
    """Draw from the posterior of all parameters by the ensemble smoother.

    Parameters
    ----------
    observer
        Runs the simulator; its journal makes this resumable, and its workers change nothing.
    checks
        What is fitted, in the order of the simulator's numbers.
    parameters
        Tables with the priors.
    names
        All that are drawn.
    plan
        How many runs go where.
    seed
        Of everything that is drawn.

    Raises
    ------
    InputError
        When the library is missing, for no figure, or when too few members admit a world.
    """
    from scipy.special import ndtri

    require(SMOOTHER, "second-road")
    if not checks:
        raise InputError("there is no figure to fit", key="targets")
    plan = plan or SmootherPlan()
    names = tuple(names)
    # Draws of a design are keyed by its seed and the name: this seed is no other design's of a fit.
    design = Design.independent(names, plan.members, 700_000_000 + seed)
    scores = np.asarray(ndtri(np.clip(design.quantiles, EDGE, 1.0 - EDGE)))
    sites = _Sites(np.zeros(len(checks)), np.zeros(len(checks)))
    linked = []
    for step in range(plan.steps):
        values = _values(scores, names, parameters)
        seen, twins = _run(observer, names, values, plan, step)
        whole = np.isfinite(seen).all(axis=1)
        if np.count_nonzero(whole) < LEAST_MEMBERS:
            raise InputError(
                "too few members of the ensemble can be simulated",
                key="priors",
                found=int(np.count_nonzero(whole)),
                allowed=f"at least {LEAST_MEMBERS}",
            )
        scores, seen = scores[whole], seen[whole]
        figures = [_Figure.of(item, seen[:, k], twins[:, :, k]) for k, item in enumerate(checks)]
        rng = np.random.default_rng([seed, 55, step])
        scores, share = _assimilate(scores, figures, sites, plan.steps - step, rng)
        linked.append(share)
    return Smoothed(
        names, scores, _values(scores, names, parameters), plan.members - len(scores), tuple(linked)
    )


def _values(scores: Array, names: tuple[str, ...], parameters: Parameters) -> Array:
    from scipy.special import ndtr

    return Design(names, np.clip(ndtr(scores), EDGE, 1.0 - EDGE)).values(parameters)


def _run(
    observer: Observer, names: tuple[str, ...], values: Array, plan: SmootherPlan, step: int
) -> tuple[Array, Array]:
    """Run the ensemble; return what is seen, ``(member, check)``, and twins ``(twin, 2, check)`` that admit worlds."""
    points = [dict(zip(names, row, strict=True)) for row in values.tolist()]
    first = FIRST_SEED + 1_000_000 * step
    stage = f"second road {step + 1}"
    seen = observer.observe(points, [[first + i] for i in range(len(points))], stage)[:, 0]
    second = range(min(plan.twins, len(points)))
    other = observer.observe(
        [points[i] for i in second], [[first + 500_000 + i] for i in second], f"{stage}, luck"
    )[:, 0]
    pairs = np.stack([seen[: len(other)], other], axis=1)
    return seen, pairs[np.isfinite(pairs).all(axis=(1, 2))]


@dataclass(frozen=True)
class _Figure:
    """What the ensemble shows of a figure, on the emulator's scale.

    Attributes
    ----------
    reading
        How the figure is read.
    seen
        ``(member,)``.
    luck
        Variance between seeds.
    """

    reading: Reading
    seen: Array
    luck: float

    @classmethod
    def of(cls, item: CheckOf, seen: Array, twins: Array) -> _Figure:
        scale = Scale.of(np.concatenate([seen, twins.ravel()]))
        two = np.asarray(scale.forward(twins))
        luck = 0.5 * float(((two[:, 0] - two[:, 1]) ** 2).mean()) if len(two) else 0.0
        return cls(Reading(item, scale), np.asarray(scale.forward(seen)), luck)

    def site(self, precision: float, shift: float) -> tuple[float, float]:
        """Return precision and precision times value of the normal observation that stands for the figure.

        Parameters
        ----------
        precision, shift
            Of what was assimilated of it so far.
        """
        reading = self.reading
        if reading.two_sided:
            all_of_it = 1.0 / (reading.variance + self.luck + 1e-18)
            return all_of_it, all_of_it * reading.middle
        total = float(self.seen.var(ddof=1))
        now = max(total - self.luck, LEAST_FREE * total)
        if now <= 0.0 or not np.isfinite(reading.limits).any():
            return precision, shift
        # The ensemble without what this bound has added.
        left = 1.0 / now - precision
        if left < LEAST_FREE / now:
            return precision, shift
        centre = (float(self.seen.mean()) / now - shift) / left
        mean, variance = _bounded(centre, 1.0 / left, self.luck, reading.limits)
        return 1.0 / variance - left, mean / variance - centre * left


def _bounded(
    centre: float, variance: float, luck: float, limits: tuple[float, float]
) -> tuple[float, float]:
    """Return mean and variance of a normal figure, given that a run of it met its one bound.

    Rasmussen & Williams 2006, equations 3.85 to 3.87, of a cumulative normal as likelihood.
    """
    from scipy.special import log_ndtr

    low, high = limits
    sign, bound = (1.0, low) if np.isfinite(low) else (-1.0, high)
    spread = np.sqrt(variance + luck)
    z = sign * (centre - bound) / spread
    ratio = float(np.exp(-0.5 * z * z - 0.5 * np.log(2.0 * np.pi) - log_ndtr(z)))
    mean = centre + sign * variance * ratio / spread
    kept = 1.0 - variance / (variance + luck) * min(ratio * (z + ratio), 1.0)
    return float(mean), float(variance * max(kept, 1e-6))


@dataclass
class _Sites:
    """What was assimilated so far: precision and precision times value of each figure, ``(check,)``."""

    precision: Array
    shift: Array


def _assimilate(
    scores: Array,
    figures: Sequence[_Figure],
    sites: _Sites,
    left: int,
    rng: np.random.Generator,
) -> tuple[Array, float]:
    """Assimilate a part of what is missing of each figure; return scores and the share of parameters that move."""
    places, wanted, errors = [], [], []
    for place, figure in enumerate(figures):
        before, shift = sites.precision[place], sites.shift[place]
        precision, moved = figure.site(before, shift)
        more, further = (precision - before) / left, (moved - shift) / left
        spread = float(figure.seen.var(ddof=1))
        # What no member differs in moves nothing; a bound that all members meet by far says nothing.
        if spread <= 1e-18 or more * spread < 1e-9:
            continue
        sites.precision[place], sites.shift[place] = before + more, shift + further
        places.append(place)
        wanted.append(further / more)
        errors.append(max(1.0 / more - figure.luck, 1e-6 * spread))
    if not places:
        return scores, 0.0
    seen = np.array([figures[place].seen for place in places])
    moved_scores, linked = _update(scores.T, seen, np.array(wanted), np.array(errors), rng)
    return moved_scores.T, linked


def _update(
    scores: Array, seen: Array, wanted: Array, errors: Array, rng: np.random.Generator
) -> tuple[Array, float]:
    """Return the ensemble, ``(parameter, member)``, after one update by the library, and the share that moved."""
    from iterative_ensemble_smoother.esmda_adaptive import AdaptiveESMDA
    from threadpoolctl import threadpool_limits

    shares: list[float] = []

    def beyond_chance(correlation: Array, members: Any) -> Any:
        some = AdaptiveESMDA.three_over_sqrt_ensemble_members(correlation, members).any(axis=1)
        shares.append(float(some.mean()))
        return np.repeat(some[:, None], correlation.shape[1], axis=1)

    # One pass of the library a step: what its inflation would do is in the errors already.
    with threadpool_limits(limits=1):
        smoother = AdaptiveESMDA(errors, wanted, alpha=1, seed=rng)
        smoother.prepare_assimilation(Y=seen, truncation=1.0)
        moved = smoother.assimilate_batch(
            X=np.ascontiguousarray(scores), correlation_callback=beyond_chance, n_jobs=1
        )
    return np.asarray(moved, dtype=np.float64), shares[-1]


# ------------------------------------------------------------------------------------- agreement


@dataclass(frozen=True)
class Agreement:
    """How far apart the two roads put a parameter, in normal scores of its prior.

    Attributes
    ----------
    name
        Of the parameter.
    contraction, second_contraction
        By the posterior and by the smoother.
    mean, second_mean
        In standard deviations of the prior, from its median.
    distance
        Of the second mean from the first, in standard deviations of the posterior.
    error
        Standard error of the distance from the numbers of draws alone; what an ensemble gets wrong of covariances comes
        on top (decision 0181: 0.25 altogether for 200 members and 23 figures, half of it for 800).
    identified
        Whether the posterior's contraction reaches `IDENTIFIED`.
    """

    name: str
    contraction: float
    second_contraction: float
    mean: float
    second_mean: float
    distance: float
    error: float
    identified: bool


def agreement(posterior: Posterior, smoothed: Smoothed) -> tuple[Agreement, ...]:
    """Return how far the roads are apart for each parameter of both, those that are most informed first."""
    names = tuple(name for name in posterior.names if name in smoothed.names)
    first = scores_of(
        posterior.values[:, [posterior.names.index(n) for n in names]], names, posterior.parameters
    )
    second = smoothed.scores[:, [smoothed.names.index(n) for n in names]]
    # Draws that were taken twice are worth less than two: as many as the weights say.
    worth = posterior.rounds[-1].effective if posterior.rounds else float(len(first))
    mean, other = first.mean(axis=0), second.mean(axis=0)
    sd, wide = first.std(axis=0, ddof=1), second.std(axis=0, ddof=1)
    rows = [
        Agreement(
            name=name,
            contraction=float(1.0 - sd[k] ** 2),
            second_contraction=float(1.0 - wide[k] ** 2),
            mean=float(mean[k]),
            second_mean=float(other[k]),
            distance=float((other[k] - mean[k]) / max(sd[k], 1e-9)),
            error=float(np.sqrt(1.0 / worth + (wide[k] / max(sd[k], 1e-9)) ** 2 / len(second))),
            identified=bool(1.0 - sd[k] ** 2 >= IDENTIFIED),
        )
        for k, name in enumerate(names)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.contraction, row.name)))


def scores_of(values: Array, names: Sequence[str], parameters: Parameters) -> Array:
    """Return normal scores of values by their priors, ``(draw, name)``; beyond `EDGE` the outermost score."""
    from scipy.special import ndtr

    grid = np.linspace(-SCORE_RANGE, SCORE_RANGE, SCORE_STEPS)
    table = Design(tuple(names), np.tile(ndtr(grid)[:, None], len(names))).values(parameters)
    return np.column_stack(
        [np.interp(values[:, k], table[:, k], grid) for k in range(len(names))]
    ).reshape(len(values), len(names))
