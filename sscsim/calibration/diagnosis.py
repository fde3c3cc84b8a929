r"""What a posterior is worth: what its figures inform, whether it predicts them, and what it rests on.

All functions take what a fit left (`SavedPosterior`) and return numbers; nothing is simulated. Posteriors of other
tolerances, and of all figures but one, are reached by importance weights from the draws that there are
(`sscsim.calibration.evidence`), each with its :math:`\hat k`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sscsim.calibration.evidence import TOLERANCES, Evidence, Reweighted, weighted_quantile
from sscsim.calibration.history_matching import CUTOFF
from sscsim.calibration.outputs import PRIOR_DRAWS
from sscsim.calibration.posterior import DISCREPANCY, EVEN, GOOD_KHAT
from sscsim.calibration.saved import FigureRow, ParameterRow, SavedPosterior
from sscsim.experiments.identification import INFORMED
from sscsim.types import Array

__all__ = [
    "CENTRAL",
    "Coverage",
    "Diagnosis",
    "Group",
    "LeftOut",
    "Narrowing",
    "Pair",
    "Toleranced",
    "TwoRoads",
    "diagnose",
    "noise_of_contraction",
]

CENTRAL = (0.05, 0.5, 0.95)
"""Ends and middle of an interval of 90 %."""

BY_CHANCE = 2.326
"""Standard errors that a contraction exceeds by chance in one of a hundred parameters that nothing informs."""

MOVED = 2.576
"""Standard errors from which on a mean has moved: by chance one in a hundred does, up or down."""

EXTREME = 0.01
"""Share of runs below or above the report from which on a figure counts as not explained."""

CORRELATED = 0.3
"""Size of a rank correlation from which on a pair is listed."""

HELD = 0.1
"""Share of a parameter's variance that a figure must take away to be listed as one that holds it."""

LEAST_COVERED = 0.8
"""Share of unseen runs inside the emulator's 90 % below which an emulator is named."""

TINY = 1e-18
"""Variance of a figure that is known exactly, as in the likelihood."""

APART = 0.5
"""Posterior standard deviations by which two roads may differ (the project's own criterion)."""


@dataclass(frozen=True)
class Narrowing:
    """What the figures say of a parameter.

    Attributes
    ----------
    row
        Its ranges and its contraction, 1 less the ratio of variances.
    threshold
        Contraction from which on it counts as informed: `INFORMED`, or more where so few draws show as much by chance.
    shift
        How far its mean has moved, in standard deviations of the prior.
    moved
        Whether that is more than chance.
    """

    row: ParameterRow
    threshold: float
    shift: float
    moved: bool

    @property
    def name(self) -> str:
        """Of the parameter."""
        return self.row.parameter

    @property
    def passes(self) -> bool:
        """Whether it is narrower than its prior by more than chance."""
        return self.row.contraction > self.threshold

    @property
    def informed(self) -> bool:
        """Whether the figures inform it; what is no part of the likelihood is narrower by chance alone."""
        return self.row.fitted and self.passes


@dataclass(frozen=True)
class Coverage:
    """How emulators did on runs that they had not seen.

    Attributes
    ----------
    number
        Of the round.
    runs
        How many there were, the same for each figure.
    inside
        ``(figure,)``, share inside the central 90 % of what was expected.
    mean, sd
        ``(figure,)``, of the distances in standard deviations: 0 and 1 for a perfect emulator.
    """

    number: int
    runs: int
    inside: Array
    mean: Array
    sd: Array


@dataclass(frozen=True)
class Pair:
    """Two informed parameters and their rank correlation in the posterior."""

    first: str
    second: str
    correlation: float


@dataclass(frozen=True)
class Toleranced:
    """The posterior under tolerances and a discrepancy of another width.

    Attributes
    ----------
    factor
        Of both.
    khat, effective
        Tail of the weights, the larger of what they show and what is expected, and how many draws they are worth.
    parameters
        ``(3, informed parameter)``, 5 %, median and 95 %.
    figures
        ``(3, figure)``, of a run.
    """

    factor: float
    khat: float
    effective: float
    parameters: Array
    figures: Array


@dataclass(frozen=True)
class LeftOut:
    """What the posterior without a figure predicts of it.

    Attributes
    ----------
    row
        The figure.
    khat, effective
        Tail of the weights, the larger of what they show and what is expected, and how many draws they are worth.
    low, median, high
        Of a run, in the figure's unit.
    pit
        Share of runs that show less than the report.
    within
        Share of runs inside the tolerance.
    holds
        Informed parameters whose variance the figure takes away, with the share of it, the largest first.
    """

    row: FigureRow
    khat: float
    effective: float
    low: float
    median: float
    high: float
    pit: float
    within: float
    holds: tuple[tuple[str, float], ...]

    @property
    def reliable(self) -> bool:
        """Whether the draws reach as far as the posterior without the figure."""
        return self.khat <= GOOD_KHAT

    @property
    def inside(self) -> bool:
        """Whether the report lies inside the 90 % interval, or in its direction from a bound."""
        if self.row.two_sided:
            return self.low <= self.row.value <= self.high
        return self.high >= self.row.low and self.low <= self.row.high


@dataclass(frozen=True)
class TwoRoads:
    """An informed parameter by both roads.

    Attributes
    ----------
    first, second
        5 %, median and 95 % by each.
    apart
        Distance in standard deviations of the posterior: of means in normal scores of the prior, as that road says
        itself, else of the medians.
    error
        Of it, from the numbers of draws alone; NaN where that is not known.
    """

    name: str
    first: Array
    second: Array
    apart: float
    error: float

    @property
    def agree(self) -> bool:
        """Whether they are within half a standard deviation."""
        return self.apart <= APART


@dataclass(frozen=True)
class Group:
    """The parameters of a submodel and the figures that say something of them.

    Attributes
    ----------
    parameters, fitted
        How many there are, and how many of them were emulated.
    informed
        Those that the figures inform, the most informed first.
    figures
        Figures without which one of them would be wider, the strongest first.
    respond
        Figures that the screening saw move by at least a tenth of their tolerance, the strongest first.
    """

    name: str
    parameters: int
    fitted: int
    informed: tuple[str, ...]
    figures: tuple[str, ...]
    respond: tuple[str, ...]


@dataclass(frozen=True)
class Diagnosis:
    """All that is known of a posterior's worth; parts that depend on others are made when asked for."""

    saved: SavedPosterior

    @cached_property
    def khat(self) -> tuple[float, ...]:
        """Tail of the weights of each round."""
        return tuple(float(one) for one in self.saved.told["k_hat"])

    @cached_property
    def worth(self) -> tuple[float, ...]:
        """How many equally weighted draws those of each round are worth."""
        return tuple(float(one) for one in self.saved.told["worth_of_draws"])

    @property
    def trusted(self) -> bool:
        """Whether the weights of the last round can be trusted."""
        return self.khat[-1] <= GOOD_KHAT or self.worth[-1] >= EVEN * len(
            self.saved.evidence.weights
        )

    @cached_property
    def independent(self) -> float:
        """Draws that a statement on a parameter rests on, at most."""
        return min(float(len(self.saved.values)), self.worth[-1])

    @cached_property
    def narrowings(self) -> tuple[Narrowing, ...]:
        """Every parameter: the most informed first, those that were not fitted last."""
        saved = self.saved
        centre, spread = saved.prior.mean(axis=0), saved.prior.std(axis=0)
        noise = noise_of_contraction(saved.prior, self.independent, PRIOR_DRAWS)
        fixed = spread == 0.0
        shift = (saved.values.mean(axis=0) - centre) / np.where(fixed, 1.0, spread)
        limit = MOVED / np.sqrt(self.independent)
        found = [
            Narrowing(
                row=row,
                threshold=max(INFORMED, BY_CHANCE * float(noise[k])),
                shift=float(shift[k]),
                moved=row.fitted and abs(float(shift[k])) > limit,
            )
            for k, row in enumerate(saved.parameters)
        ]
        return tuple(
            sorted(found, key=lambda one: (not one.row.fitted, -one.row.contraction, one.name))
        )

    @cached_property
    def informed(self) -> tuple[Narrowing, ...]:
        """Parameters that the figures inform, the most informed first."""
        return tuple(one for one in self.narrowings if one.informed)

    @property
    def by_chance(self) -> int:
        """Parameters that were not fitted and are narrower all the same: what chance does to the others too."""
        return sum(one.passes for one in self.narrowings if not one.row.fitted)

    @cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Emulators on unseen runs, round by round."""
        result = []
        for number, one in enumerate(self.saved.unseen, start=1):
            whole = np.isfinite(one.seen).all(axis=(1, 2))
            scores = one.scores[whole].reshape(-1, one.seen.shape[2])
            finite = np.where(np.isfinite(scores), scores, np.nan)
            inside = np.abs(scores) <= 1.645  # of a normal distribution, its central 90 %
            none = np.isnan(finite).all(axis=0)
            filled = np.where(none, 0.0, finite)
            result.append(
                Coverage(
                    number=number,
                    runs=len(scores),
                    inside=inside.mean(axis=0),
                    mean=np.where(none, np.nan, np.nanmean(filled, axis=0)),
                    sd=np.where(none, np.nan, np.nanstd(filled, axis=0)),
                )
            )
        return tuple(result)

    @cached_property
    def correlations(self) -> Array:
        """Rank correlations of the informed parameters, ``(parameter, parameter)``."""
        from scipy.stats import rankdata

        if len(self.informed) < 2:
            return np.eye(len(self.informed))
        ranks = rankdata(self._of(self.informed, self.saved.values), axis=0)
        centred = ranks - ranks.mean(axis=0)
        spread = np.sqrt((centred**2).sum(axis=0))
        # One that is the same in all draws goes with no other.
        unit = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0.0)
        correlation = unit.T @ unit
        np.fill_diagonal(correlation, 1.0)
        return np.asarray(correlation)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Pairs of informed parameters that go together or against each other, the strongest first."""
        rows, columns = np.triu_indices(len(self.informed), 1)
        found = [
            Pair(self.informed[i].name, self.informed[j].name, float(self.correlations[i, j]))
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
        strong = [pair for pair in found if abs(pair.correlation) >= CORRELATED]
        return tuple(sorted(strong, key=lambda pair: -abs(pair.correlation)))

    @cached_property
    def _expected(self) -> tuple[Array, Array, Array]:
        """Of the last round's draws: means that emulators expected, variance of one run, variance of the reading.

        ``(draw, figure)``, ``(figure,)`` and ``(figure,)``, on the emulators' scales; a bound is not read with a width.
        """
        last, places = self.saved.unseen[-1], self.saved.evidence.places
        ends = np.array([[row.low, row.high] for row in self.saved.figures])
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = np.where(last.logarithmic[:, None], np.log(np.maximum(ends, 0.0)), ends)
        half = (scaled[:, 1] - scaled[:, 0]) / 2.0
        two = [row.two_sided for row in self.saved.figures]
        reading = np.where(two & np.isfinite(half), half, np.inf) ** 2 * (
            1.0 / CUTOFF**2 + DISCREPANCY**2
        )
        return last.mean[places], (last.sd[places] ** 2).mean(axis=0), reading

    def _tail(self, freed: Array) -> float:
        r"""Return the tail of weights of a posterior in which figures say less, were all normal.

        Weights of draws :math:`y` with covariance *C* are then :math:`\exp(y' D y / 2)` with the precision *D* that the
        figures lose; the largest of *n* of them grows with :math:`n^k`, *k* the largest eigenvalue of
        :math:`D^{1/2} C D^{1/2}`. So few draws as there are seldom show a tail that begins beyond them (decision 0184).

        Parameters
        ----------
        freed
            ``(figure,)``, what each loses of its precision.
        """
        if not (freed > 0.0).any():
            return -np.inf  # none: where figures say more, weights are bounded
        mean, _, _ = self._expected
        centred = mean - self.saved.evidence.weights @ mean
        root = centred * np.sqrt(np.maximum(freed, 0.0))
        spread = root.T @ (root * self.saved.evidence.weights[:, None])
        return float(np.linalg.eigvalsh(spread)[-1])

    @cached_property
    def tolerances(self) -> tuple[Toleranced, ...]:
        """The posterior under tolerances and discrepancy halved, as they are, and doubled."""
        result = []
        values = self._of(self.informed, self.saved.evidence.values)
        for factor in TOLERANCES:
            found = self.saved.evidence.with_tolerance(factor)
            _, run, reading = self._expected
            freed = 1.0 / (run + reading + TINY) - 1.0 / (run + factor**2 * reading + TINY)
            result.append(
                Toleranced(
                    factor=factor,
                    khat=max(found.khat, self._tail(freed)),
                    effective=found.effective,
                    parameters=_quantiles(values, found.weights),
                    figures=self._shown(found),
                )
            )
        return tuple(result)

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What the posterior without each figure predicts of it."""
        evidence = self.saved.evidence
        values = self._of(self.informed, evidence.values)
        result = []
        for check, row in enumerate(self.saved.figures):
            found = evidence.without(check)
            _, run, reading = self._expected
            freed = np.where(np.arange(len(run)) == check, 1.0 / (run + reading + TINY), 0.0)
            low, median, high = (float(v) for v in self._shown(found)[:, check])
            shown = self.saved.shown[:, :, check]
            below = (shown < row.value) + 0.5 * (shown == row.value)
            within = (shown >= row.low) & (shown <= row.high)
            result.append(
                LeftOut(
                    row=row,
                    khat=max(found.khat, self._tail(freed)),
                    effective=found.effective,
                    low=low,
                    median=median,
                    high=high,
                    pit=float(found.weights @ below.mean(axis=1)),
                    within=float(found.weights @ within.mean(axis=1)),
                    holds=self._held(values, evidence, found),
                )
            )
        return tuple(result)

    @cached_property
    def roads(self) -> tuple[TwoRoads, ...]:
        """The informed parameters by both roads, those farthest apart first; none where there is no second road."""
        result = []
        for one in self.informed:
            if one.name not in self.saved.second:
                continue
            here = self.saved.values[:, self.saved.names.index(one.name)]
            there = self.saved.second[one.name]
            first, second = (np.quantile(draws, CENTRAL) for draws in (here, there))
            spread = float(here.std(ddof=1))
            medians = float(second[1] - first[1]) / spread if spread > 0.0 else 0.0
            distance, error = self.saved.agreement.get(one.name, (medians, np.nan))
            result.append(TwoRoads(one.name, first, second, abs(distance), error))
        return tuple(sorted(result, key=lambda road: -road.apart))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Parameters and figures of each submodel, those with most informed parameters first."""
        names = dict.fromkeys(one.row.group for one in self.narrowings)
        found = [self._group(name) for name in names]
        return tuple(sorted(found, key=lambda group: (-len(group.informed), group.name)))

    def _group(self, name: str) -> Group:
        members = [one for one in self.narrowings if one.row.group == name]
        informed = tuple(one.name for one in members if one.informed)
        held = {
            left.row.id: max((share for who, share in left.holds if who in informed), default=0.0)
            for left in self.left_out
        }
        bases = {one.name.partition(".")[0] for one in members}
        effects = {
            figure.id: max(
                (self.saved.screening[b][figure.id] for b in bases if b in self.saved.screening),
                default=0.0,
            )
            for figure in self.saved.figures
        }
        return Group(
            name=name,
            parameters=len(members),
            fitted=sum(one.row.fitted for one in members),
            informed=informed,
            figures=_strongest(held, HELD),
            respond=_strongest(effects, 0.1),
        )

    @property
    def unexplained(self) -> tuple[FigureRow, ...]:
        """Figures with two ends that hardly any run of the posterior shows so low, or so high."""
        return tuple(
            row
            for row in self.saved.figures
            if row.two_sided and not EXTREME <= row.pit <= 1.0 - EXTREME
        )

    @property
    def missed(self) -> tuple[FigureRow, ...]:
        """Figures whose posterior median lies outside the tolerance."""
        return tuple(row for row in self.saved.figures if row.miss > 0.0)

    @property
    def poorly_emulated(self) -> tuple[str, ...]:
        """Figures of which fewer unseen runs of the last round than `LEAST_COVERED` lie where they should."""
        inside = self.coverage[-1].inside
        return tuple(
            row.id
            for row, share in zip(self.saved.figures, inside.tolist(), strict=True)
            if share < LEAST_COVERED
        )

    def _of(self, chosen: Sequence[Narrowing], values: Array) -> Array:
        places = [self.saved.names.index(one.name) for one in chosen]
        return np.asarray(values[:, places])

    def _shown(self, found: Reweighted) -> Array:
        """Return quantiles of what runs show under other weights, ``(3, figure)``."""
        runs = self.saved.shown
        each = np.repeat(found.weights, runs.shape[1]) / runs.shape[1]
        return _quantiles(runs.reshape(-1, runs.shape[2]), each)

    def _held(
        self, values: Array, evidence: Evidence, found: Reweighted
    ) -> tuple[tuple[str, float], ...]:
        with_it = _variance(values, evidence.weights)
        without = _variance(values, found.weights)
        shares = 1.0 - with_it / np.where(without > 0.0, without, np.inf)
        held = [
            (one.name, float(share))
            for one, share in zip(self.informed, shares, strict=True)
            if share >= HELD
        ]
        return tuple(sorted(held, key=lambda pair: -pair[1]))


def diagnose(saved: SavedPosterior) -> Diagnosis:
    """Return what a posterior is worth."""
    return Diagnosis(saved)


def noise_of_contraction(prior: Array, draws: float, prior_draws: int) -> Array:
    r"""Return the standard error of the contraction of a parameter that nothing informs, ``(parameter,)``.

    The sample variance of *n* numbers of variance :math:`\sigma^2` and kurtosis :math:`\beta_2` has the variance
    :math:`\sigma^4 (\beta_2 - (n-3)/(n-1)) / n` (Mood, Graybill & Boes 1974, chapter VI). Both the draws of the
    posterior and those of the prior that they are held against are samples.

    Parameters
    ----------
    prior
        ``(quantile, parameter)``, quantiles in the middle of parts of equal probability.
    draws
        Independent draws of the posterior.
    prior_draws
        Of the prior.
    """
    centred = prior - prior.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    some = variance > 0.0
    kurtosis = (centred**4).mean(axis=0) / np.where(some, variance, 1.0) ** 2
    total = np.zeros(prior.shape[1])
    for n in (max(draws, 2.0), float(prior_draws)):
        total += np.maximum(kurtosis - (n - 3.0) / (n - 1.0), 0.0) / n
    return np.asarray(np.where(some, np.sqrt(total), 0.0))


def _quantiles(values: Array, weights: Array) -> Array:
    if not values.shape[1]:
        return np.zeros((len(CENTRAL), 0))
    return np.column_stack([weighted_quantile(column, weights, CENTRAL) for column in values.T])


def _variance(values: Array, weights: Array) -> Array:
    mean = weights @ values
    return np.asarray(weights @ (values - mean) ** 2)


def _strongest(shares: dict[str, float], least: float, most: int = 5) -> tuple[str, ...]:
    strong = sorted((name for name in shares if shares[name] >= least), key=lambda n: -shares[n])
    return tuple(strong[:most])
