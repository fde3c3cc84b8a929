"""History matching: which parameters of the priors can still be right, given the figures.

A point is ruled out when a figure lies further from what the emulator expects there than uncertainty allows (Craig
et al. 1997; Vernon et al. 2010). Implausibility of a check is

    I = |E[f] - z| / sqrt(emulator variance + seed variance + tolerance variance)

A tolerance is an interval that was fixed beforehand, not a standard deviation: its half width is read as the three
standard deviations within which nearly all of any unimodal error lies (Pukelsheim 1994). With the usual cut-off of
three a point whose figures are known exactly is kept if and only if they lie inside their tolerances. A bound on one
side has no middle: only what falls short of it counts, against the emulator's and the seeds' variance alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sscsim.calibration.emulator import Emulator, Scale, median_noise
from sscsim.calibration.observing import CheckOf
from sscsim.experiments.design import Design
from sscsim.parameters import Parameters
from sscsim.types import Array, Mask

__all__ = [
    "CUTOFF",
    "EmulatedCheck",
    "Region",
    "Space",
    "close_in",
    "emulate",
    "implausibility",
    "region",
    "settle",
]


CUTOFF = 3.0
"""Implausibility from which a point is ruled out (Pukelsheim 1994: three sigma)."""

EDGE = 0.001
"""Quantile at which a prior's range ends for the fit, on either side."""

LEAST_VARIANCE = 1e-18
"""Variance, on the emulator's scale, of a figure that is known exactly."""


@dataclass(frozen=True)
class Space:
    """The parameters that are fitted, as quantiles of their priors.

    Attributes
    ----------
    names
        Parameters.
    parameters
        The tables.
    """

    names: tuple[str, ...]
    parameters: Parameters

    def values(self, quantiles: Array) -> Array:
        """Return values at quantiles, ``(point, parameter)``."""
        return Design(self.names, np.asarray(quantiles, dtype=np.float64)).values(self.parameters)

    def points(self, quantiles: Array) -> list[dict[str, float]]:
        """Return values by name at each point."""
        return [dict(zip(self.names, row, strict=True)) for row in self.values(quantiles).tolist()]

    def scaled(self, quantiles: Array) -> Array:
        """Return values as the emulator takes them: from the prior's median, in units of its spread."""
        low, middle, high = self.values(
            np.array([[0.16], [0.5], [0.84]]) * np.ones(len(self.names))
        )
        result: Array = (self.values(quantiles) - middle) / ((high - low) / 2)
        return result

    def surprise(self, quantiles: Array) -> Array:
        """Return how unlikely the priors make points, ``(point,)``: -2 log of density over the densest."""
        values = self.values(quantiles)
        total = np.zeros(len(values))
        for column, name in enumerate(self.names):
            prior = self.parameters.definition(name).entry.prior
            if prior.distribution == "normal":
                total += ((values[:, column] - _one(prior.mean)) / _one(prior.sd)) ** 2
            elif prior.distribution == "lognormal":
                total += (np.log(values[:, column] / _one(prior.median)) / _one(prior.sigma)) ** 2
        return total

    def sobol(self, count: int, seed: int) -> Array:
        """Return quantiles of a Sobol design within the prior's range, ``(point, parameter)``."""
        quantiles = Design.sobol(self.names, count, seed).quantiles
        result: Array = EDGE + (1 - 2 * EDGE) * quantiles
        return result


def _one(number: object) -> float:
    # A parameter of its own has plain numbers in its prior; those by Goal are not fitted.
    if not isinstance(number, int | float):
        raise TypeError(f"a prior given for each Goal cannot be fitted: {number!r}")
    return float(number)


@dataclass(frozen=True)
class EmulatedCheck:
    """A check, the emulator of its median over seeds, and what uncertainty its judgement has.

    Attributes
    ----------
    item
        The check.
    scale
        The scale of the emulator.
    emulator
        Of the median over many seeds.
    seed_variance
        Of the median over the seeds by which the best point is judged, on the scale.
    """

    item: CheckOf
    scale: Scale
    emulator: Emulator
    seed_variance: float

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the tolerance on the emulator's scale; infinite where there is none."""
        low, high = (float(self.scale.forward(limit)) for limit in self.item.limits)
        return low, high

    @property
    def two_sided(self) -> bool:
        """Whether the rule has a middle."""
        return self.item.check.within.kind != "one_sided" and bool(np.isfinite(self.limits).all())

    def shortfall(self, mean: Array) -> Array:
        """Return the signed distance to what is wanted, on the scale, ``(point,)``.

        From the middle of an interval; from the bound, zero inside, of a one-sided rule.
        """
        low, high = self.limits
        if self.two_sided:
            return mean - (low + high) / 2
        below = np.minimum(mean - low, 0.0) if np.isfinite(low) else np.zeros_like(mean)
        above = np.maximum(mean - high, 0.0) if np.isfinite(high) else np.zeros_like(mean)
        return np.asarray(below + above)

    @property
    def tolerance_variance(self) -> float:
        """Variance that the tolerance stands for, on the scale."""
        low, high = self.limits
        return ((high - low) / 2 / CUTOFF) ** 2 if self.two_sided else 0.0

    def implausibility(self, inputs: Array) -> Array:
        """Return the implausibility of points, ``(point,)``."""
        mean, variance = self.emulator.predict(inputs)
        total = variance + self.seed_variance + self.tolerance_variance + LEAST_VARIANCE
        return np.asarray(np.abs(self.shortfall(mean)) / np.sqrt(total))

    def badness(self, mean: Array, out_of_reach: float = 0.0) -> Array:
        """Return the squared distance of a median from the target, in thirds of the tolerance.

        Parameters
        ----------
        mean
            ``(point,)``, on the scale.
        out_of_reach
            Distance, on the scale, that no parameters can go below and that does not count.
        """
        unit = np.sqrt(self.tolerance_variance)
        if not self.two_sided:
            low, high = self.item.limits
            bound = low if np.isfinite(low) else high
            unit = self.item.scale / CUTOFF
            if self.scale.log:
                unit = unit / abs(bound) if bound else unit
        distance = np.maximum(np.abs(self.shortfall(mean)) - out_of_reach, 0.0)
        return np.asarray((distance / max(unit, 1e-9)) ** 2)


def emulate(
    space: Space,
    checks: Sequence[CheckOf],
    quantiles: Array,
    observed: Sequence[Array],
    final_seeds: int,
    active: Sequence[Sequence[int]] | None = None,
) -> tuple[EmulatedCheck, ...]:
    """Return an emulator of each check, from all points whose runs were admissible.

    Parameters
    ----------
    space
        The parameters.
    checks
        What was observed.
    quantiles
        ``(point, parameter)``.
    observed
        For each point an array ``(seed, check)``; points may have different numbers of seeds.
    final_seeds
        Seeds by which the best point is judged.
    active
        For each check the places of the parameters that move it; by default all.
    """
    whole = np.array([bool(np.isfinite(seen).all()) for seen in observed])
    inputs = space.scaled(quantiles[whole])
    kept = [seen for seen, fine in zip(observed, whole, strict=True) if fine]
    result = []
    for column, item in enumerate(checks):
        series = [seen[:, column] for seen in kept]
        scale = Scale.of(np.concatenate(series))
        series = [scale.forward(values) for values in series]
        noise, pooled = _noise(series)
        medians = np.array([np.median(values) for values in series])
        judged = np.pi / 2 * pooled / final_seeds
        emulator = Emulator(inputs, medians, noise, active[column] if active else None)
        result.append(EmulatedCheck(item, scale, emulator, judged))
    return tuple(result)


def _noise(series: Sequence[Array]) -> tuple[Array, float]:
    # Finalists are seen with more seeds than the rest: each number of seeds has its own rows.
    noise = np.zeros(len(series))
    total, weight = 0.0, 0
    sizes = np.array([len(values) for values in series])
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        noise[rows], pooled = median_noise(np.array([series[i] for i in rows.tolist()]))
        total, weight = total + pooled * len(rows), weight + len(rows)
    return noise, total / max(weight, 1)


def implausibility(checks: Sequence[EmulatedCheck], inputs: Array) -> Array:
    """Return the implausibility of each check at each point, ``(point, check)``."""
    return np.column_stack([check.implausibility(inputs) for check in checks])


@dataclass(frozen=True)
class Region:
    """What is left of the priors.

    Attributes
    ----------
    quantiles
        ``(candidate, parameter)``, candidates spread over the priors.
    implausibility
        ``(candidate, check)``, the largest of all waves.
    near
        ``(point, parameter)``, where candidates were too few to show what is left: points drawn from
        the part of the priors that was closed in on.
    near_implausibility
        ``(point, check)``, of these.
    near_share
        Share of the priors' probability that this part has.
    """

    quantiles: Array
    implausibility: Array
    near: Array | None = None
    near_implausibility: Array | None = None
    near_share: float = 1.0

    @property
    def closest(self) -> tuple[Array, Array]:
        """The points that lie closest to what is left, and the implausibility of each check there."""
        if self.near is None or self.near_implausibility is None:
            return self.quantiles, self.implausibility
        return self.near, self.near_implausibility

    @property
    def left(self) -> tuple[Array, Array]:
        """Points spread over what is left, none if nothing is, and the implausibility of each check there."""
        quantiles, implausibility = self.closest
        kept = _worst(implausibility) < CUTOFF
        return quantiles[kept], implausibility[kept]

    @property
    def empty(self) -> bool:
        """Whether no point was found that is not ruled out."""
        return not len(self.left[0])

    @property
    def kept(self) -> Mask:
        """Which candidates are not ruled out, ``(candidate,)``."""
        return np.asarray(_worst(self.implausibility) < CUTOFF)

    @property
    def share(self) -> float:
        """Share of the priors' probability that is left."""
        quantiles, implausibility = self.closest
        share = self.near_share if self.near is not None else 1.0
        return share * float((_worst(implausibility) < CUTOFF).mean()) if len(quantiles) else 0.0

    def share_of(self, check: int) -> float:
        """Share of the priors that one check alone leaves."""
        return float((self.implausibility[:, check] < CUTOFF).mean())

    def possible_without(self, check: int) -> bool:
        """Whether a point is known that all other checks leave."""
        return any(
            bool((_worst(np.delete(seen, check, axis=1)) < CUTOFF).any())
            for seen in (self.implausibility, self.closest[1])
        )

    def narrowing(self, check: int | None = None) -> Array:
        """Return how much each parameter's spread narrows, ``(parameter,)``, 0 to 1.

        One less the ratio of interquartile ranges of quantiles inside and over the prior, by one
        check alone or by all; NaN where less than five points are left.
        """
        inside = (
            self.left[0]
            if check is None
            else self.quantiles[self.implausibility[:, check] < CUTOFF]
        )
        if len(inside) < 5:
            return np.full(self.quantiles.shape[1], np.nan)
        low, high = np.quantile(inside, [0.25, 0.75], axis=0)
        everywhere = np.quantile(self.quantiles, [0.25, 0.75], axis=0)
        return np.asarray(1.0 - (high - low) / (everywhere[1] - everywhere[0]))


def _worst(implausibility: Array) -> Array:
    return np.asarray(implausibility.max(axis=1, initial=0.0))


def region(
    space: Space,
    waves: Sequence[Sequence[EmulatedCheck]],
    *,
    seed: int,
    least_kept: int = 256,
    candidates: int = 2**12,
) -> Region:
    """Return the part of the priors that no wave rules out.

    Where it is too small for a design over the priors to hold more than a few points of it, it is
    closed in on, see `close_in`.
    """
    quantiles = space.sobol(candidates, seed)
    found = Region(quantiles, _of_all_waves(waves, space.scaled(quantiles)))
    if np.count_nonzero(found.kept) >= least_kept:
        return found
    return close_in(space, waves, found, seed=seed)


def _of_all_waves(waves: Sequence[Sequence[EmulatedCheck]], inputs: Array) -> Array:
    worst = np.zeros((len(inputs), len(waves[0])))
    for checks in waves:
        worst = np.maximum(worst, implausibility(checks, inputs))
    return worst


POPULATION, PARENTS, SWEEPS, MOST_STEPS = 512, 128, 4, 30
"""Points that close in on a small region, those that a step keeps, moves of each in a step, and steps."""

STUCK = 0.01
"""Relative gain of a step below which nothing nearer is taken to exist."""

ACCEPTED = 0.3
"""Share of moves that should be accepted: longer ones fail, shorter ones lead nowhere."""


def close_in(
    space: Space, waves: Sequence[Sequence[EmulatedCheck]], found: Region, *, seed: int
) -> Region:
    """Close in on what is left of the priors where candidates all over them hardly hit it.

    Subset simulation (Au & Beck 2001, Probabilistic Engineering Mechanics 16): the least implausible
    quarter of the points is spread again over all that is no more implausible than its worst, by a
    random walk under the priors, until that level is the cut-off. The shares of the steps multiply
    to the share of the priors that is left; a step that gains nothing says that nothing is.
    """
    from scipy.special import ndtr, ndtri

    generator = np.random.default_rng(seed)
    points, seen = found.quantiles, found.implausibility
    share, level, length = 1.0, np.inf, 1.0

    def no_worse(values: Array) -> Mask:
        return np.asarray(values < CUTOFF if level == CUTOFF else values <= level)

    for _ in range(MOST_STEPS):
        worst = _worst(seen)
        order = np.argsort(worst, kind="stable")
        before, level = level, max(CUTOFF, float(worst[order[PARENTS]]))
        if level > CUTOFF and level > (1.0 - STUCK) * before:
            break
        parents = order[no_worse(worst[order])]
        share *= len(parents) / len(points)
        chosen = parents[np.arange(POPULATION) % len(parents)]
        points, seen = points[chosen], seen[chosen]
        # Normal scores: the priors are standard normal there, whatever they are.
        scores = ndtri((points - EDGE) / (1 - 2 * EDGE))
        spread = np.cov(scores, rowvar=False).reshape(scores.shape[1], -1)
        factor = np.linalg.cholesky(spread + 1e-6 * np.eye(len(spread)))
        for _ in range(SWEEPS):
            step = generator.standard_normal(scores.shape) @ factor.T
            there = scores + length * 2.4 / np.sqrt(len(spread)) * step
            gain = 0.5 * ((scores**2).sum(axis=1) - (there**2).sum(axis=1))
            moved = np.log(generator.random(len(there))) < gain
            at = np.flatnonzero(moved)
            values = EDGE + (1 - 2 * EDGE) * ndtr(there[at])
            implausible = _of_all_waves(waves, space.scaled(values))
            fine = no_worse(_worst(implausible))
            at = at[fine]
            scores[at], points[at], seen[at] = there[at], values[fine], implausible[fine]
            length = float(np.clip(length * np.exp(len(at) / len(there) - ACCEPTED), 0.05, 2.0))
        if level == CUTOFF:
            break
    return replace(found, near=points, near_implausibility=seen, near_share=share)


SETTLING, MOVED_TOGETHER, KEPT = 100, 0.08, (0.0, 0.5, 0.9, 0.98)
"""Moves of each point over what is left, share of the parameters that a move takes, and what it keeps of them."""


def settle(
    space: Space, waves: Sequence[Sequence[EmulatedCheck]], found: Region, *, seed: int
) -> Region:
    """Spread the points that `close_in` left over all that is left.

    They descend from few, and would make it look narrower than it is. A move draws some parameters
    anew from their priors, wholly or in part, and stands where nothing rules it out: the priors
    within what is left stay as they are.
    """
    from scipy.special import ndtr, ndtri

    points, seen = found.left
    if found.near is None or not len(points):
        return found
    share = found.share
    generator = np.random.default_rng(seed)
    chosen = np.arange(POPULATION) % len(points)
    points, seen = points[chosen], seen[chosen]
    scores = ndtri((points - EDGE) / (1 - 2 * EDGE))
    for _ in range(SETTLING):
        moved = generator.random(scores.shape) < MOVED_TOGETHER
        kept = generator.choice(KEPT, size=(len(scores), 1))
        drawn = kept * scores + np.sqrt(1 - kept**2) * generator.standard_normal(scores.shape)
        there = np.where(moved, drawn, scores)
        values = EDGE + (1 - 2 * EDGE) * ndtr(there)
        implausible = _of_all_waves(waves, space.scaled(values))
        fine = _worst(implausible) < CUTOFF
        scores[fine], points[fine], seen[fine] = there[fine], values[fine], implausible[fine]
    return replace(found, near=points, near_implausibility=seen, near_share=share)


def table_of(space: Space, found: Region, best: Mapping[str, float]) -> list[dict[str, object]]:
    """Return the region as rows: each parameter's range in the prior and in what is left of it."""
    prior = space.values(np.array([[0.05], [0.5], [0.95]]) * np.ones(len(space.names)))
    left = space.values(found.left[0])
    narrowing = found.narrowing()
    rows: list[dict[str, object]] = []
    for column, name in enumerate(space.names):
        row: dict[str, object] = {
            "parameter": name,
            "unit": space.parameters.definition(name).entry.unit,
            "prior_5": prior[0, column],
            "prior_50": prior[1, column],
            "prior_95": prior[2, column],
        }
        labels = ("min", "5", "50", "95", "max")
        numbers = (
            np.quantile(left[:, column], [0.0, 0.05, 0.5, 0.95, 1.0]).tolist()
            if len(left)
            else [float("nan")] * len(labels)
        )
        row |= {f"left_{label}": value for label, value in zip(labels, numbers, strict=True)}
        row |= {"narrowing": float(narrowing[column]), "best": best.get(name, float("nan"))}
        rows.append(row)
    return rows
