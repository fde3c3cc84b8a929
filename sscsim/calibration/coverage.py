r"""Coverage: whether the posterior finds parameters again that are known, as often as its intervals say.

Parameters are drawn, a record is made from them, and the posterior given the record is asked where they lie. Were all
as it should be, the rank of the truth among draws is uniform, and nine of ten 90 % intervals hold it (simulation-based
calibration, Talts et al. 2018).

Truths are drawn from the emulated posterior given the report, and are looked for in the posterior given the report
*and* the made-up record (posterior simulation-based calibration, Säilynoja, Schmitt, Bürkner & Vehtari 2025): it is as
exact as the test over the priors, and asks where the answer matters. Most of the priors was ruled out in the first
waves, and emulators learned there only as much as ruling out took.

Two kinds of records:

*Emulated*: the emulators' mean, luck, and an error of reading and of the model, as the likelihood has them; of a bound,
whether it is met. What fails here is the sampler that the fit uses.

*Of the model*: one run with a seed of its own, all parameters that are not emulated drawn from their priors, and the
error of reading and of the model on top. What fails here and not above is an emulator, or the size of luck.

The emulators' own uncertainty, which changes slowly, enters by its median over the draws: a test of a hundred thousand
points would take hours otherwise. Parameters of one truth hang together, so that their intervals are not so many tests:
a pooled test is told how closely they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sscsim.calibration.history_matching import EDGE
from sscsim.calibration.observing import Observer
from sscsim.calibration.posterior import Emulated, Posterior, Reading
from sscsim.calibration.slice_sampling import elliptical_slice, elliptical_slices
from sscsim.calibration.smoother import IDENTIFIED, scores_of
from sscsim.errors import InputError
from sscsim.experiments.design import Design
from sscsim.types import Array, Index, Mask

__all__ = [
    "EMULATED",
    "MODEL",
    "Coverage",
    "CoveragePlan",
    "Pictured",
    "Pooled",
    "Recovery",
    "cover",
    "coverage_rows",
    "draw_truths",
    "emulated_records",
    "model_records",
    "pooled",
    "recover",
    "told_of",
]

EMULATED, MODEL = "emulated", "model"
"""Where records come from."""

NOMINAL = 0.9
"""Probability of the intervals that are judged."""

STEPS = 60
"""Steps of a chain before its draw, as many as the fit drops."""

LEAST_IN_BIN = 5
"""Truths that a bin of ranks expects, at least (Cochran 1954: a chi-squared test is sound from five on)."""

MOST_BINS = 10

LEAST_TRUTHS = 8
"""Truths below which nothing is judged: a variance between fewer is worth nothing."""

FIRST_SEED = 600_000_001
"""Of the runs that are records; no other run of a fit has such seeds."""


@dataclass(frozen=True)
class CoveragePlan:
    """How much is drawn.

    Attributes
    ----------
    truths
        Of the emulators.
    draws
        Of the posterior of each, one a chain; 19 put nine of ten ranks inside a 90 % interval exactly, and so do 39.
    runs
        Truths of the model, a run each.
    run_draws
        Of the posterior of each of these.
    """

    truths: int = 200
    draws: int = 19
    runs: int = 20
    run_draws: int = 39


@dataclass(frozen=True)
class Pictured:
    """What is believed of a run at parameters.

    Attributes
    ----------
    expected
        Of normal scores ``(point, parameter)``, mean and variance of one run, ``(point, figure)`` each, on
        the scales of `readings`; errors of reading left out.
    readings
        How each figure is read.
    """

    expected: Callable[[Array], tuple[Array, Array]]
    readings: tuple[Reading, ...]

    @classmethod
    def of(cls, emulated: Emulated, scores: Array) -> Pictured:
        """Return what the emulators believe, their own uncertainty by its median at some scores."""
        figures = emulated.figures
        inputs = emulated.inputs(scores)
        means = [figure.mean.prepared() for figure in figures]
        steady = [
            float(np.median(figure.mean.predict(inputs)[1])) + figure.mean.nugget
            for figure in figures
        ]

        def expected(points: Array) -> tuple[Array, Array]:
            given = emulated.inputs(points)
            mean = np.column_stack([one(given) for one in means])
            luck = np.column_stack([figure.spread.variance(given) for figure in figures])
            return mean, luck + np.array(steady)

        return cls(expected, tuple(Reading(figure.item, figure.scale) for figure in figures))

    @property
    def report(self) -> Array:
        """The report itself as a record: the middle of an interval, and a bound that is met, ``(figure,)``."""
        return np.array([one.middle if one.two_sided else 1.0 for one in self.readings])

    @property
    def _two_sided(self) -> Mask:
        return np.array([one.two_sided for one in self.readings])

    @property
    def _errors(self) -> Array:
        """Variance of reading and model, ``(figure,)``."""
        return np.array([one.variance for one in self.readings]) + 1e-18

    def met(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Return the logarithms of the probabilities that a run meets and misses each bound, ``(point, figure)``.

        A figure with a middle, or without any end, has no bound: it is met.
        """
        from scipy.special import log_ndtr

        met, missed = np.zeros_like(mean), np.zeros_like(mean)
        for column, one in enumerate(self.readings):
            low, high = one.limits
            if one.two_sided or not (np.isfinite(low) or np.isfinite(high)):
                continue
            sign, bound = (1.0, low) if np.isfinite(low) else (-1.0, high)
            sd = np.sqrt(variance[:, column] + 1e-18)
            z = sign * (mean[:, column] - bound) / sd
            met[:, column], missed[:, column] = log_ndtr(z), log_ndtr(-z)
        return met, missed

    def log_likelihood(self, scores: Array, records: Array) -> Array:
        """Return the log-likelihood of points given a record each, or several, ``(point,)``.

        Parameters
        ----------
        scores
            ``(point, parameter)``.
        records
            ``(record, point, figure)``, or such that it spreads to this: values on the scales, and of a bound 1
            where it was met and 0 where it was missed.
        """
        mean, variance = self.expected(scores)
        total = variance + self._errors
        gauss = -0.5 * ((records - mean) ** 2 / total + np.log(total))
        met, missed = self.met(mean, variance)
        told = np.where(self._two_sided, gauss, np.where(records > 0.5, met, missed))
        return np.asarray(told.sum(axis=(0, 2)))

    def drawn(self, scores: Array, rng: np.random.Generator) -> Array:
        """Return a record of each point, ``(point, figure)``."""
        mean, variance = self.expected(scores)
        values = mean + np.sqrt(variance + self._errors) * rng.standard_normal(mean.shape)
        met = rng.uniform(size=mean.shape) < np.exp(self.met(mean, variance)[0])
        return np.where(self._two_sided, values, met.astype(np.float64))

    def read(self, seen: Array, rng: np.random.Generator) -> Array:
        """Return what a reader makes of runs of the model, ``(run, figure)`` each, in the figures' units."""
        values = np.column_stack(
            [one.scale.forward(seen[:, column]) for column, one in enumerate(self.readings)]
        )
        limits = np.array([one.limits for one in self.readings]).T
        met = (values >= limits[0]) & (values <= limits[1])
        values = values + np.sqrt(self._errors) * rng.standard_normal(values.shape)
        return np.where(self._two_sided, values, met.astype(np.float64))


# ------------------------------------------------------------------------------------- truths and records


def draw_truths(believed: Pictured, start: Array, count: int, seed: int) -> Array:
    """Return draws of the emulated posterior given the report as normal scores, ``(truth, parameter)``.

    Parameters
    ----------
    believed
        What is known of the figures.
    start
        ``(draw, parameter)``, normal scores that chains may begin at.
    count
        Truths, each of a chain of its own.
    seed
        Of what is drawn.
    """
    rng = np.random.default_rng([seed, 501])
    report = believed.report
    at = start[rng.integers(len(start), size=count)]
    chains = elliptical_slice(
        lambda scores: believed.log_likelihood(scores, report[None, None, :]), at, STEPS, rng
    )
    return np.asarray(chains[-1])


def emulated_records(believed: Pictured, truths: Array, seed: int) -> Array:
    """Return a record of each truth by the emulators, ``(truth, figure)``."""
    return believed.drawn(truths, np.random.default_rng([seed, 502]))


def model_records(
    observer: Observer, posterior: Posterior, believed: Pictured, truths: Array, seed: int
) -> tuple[Array, Mask]:
    """Return a record of each truth by a run of the model, ``(truth, figure)``, and which admitted a world."""
    from scipy.special import ndtr

    emulated = _emulated(posterior)
    fitted = emulated.space.names
    idle = tuple(name for name in posterior.names if name not in fitted)
    # A design of its own: parameters that are not emulated are drawn anew.
    others = Design.independent(idle, len(truths), 800_000_000 + seed)
    quantiles = np.clip(ndtr(truths), EDGE, 1.0 - EDGE)
    values = np.hstack([emulated.space.values(quantiles), others.values(posterior.parameters)])
    points = [dict(zip((*fitted, *idle), row, strict=True)) for row in values.tolist()]
    seeds = [[FIRST_SEED + k] for k in range(len(points))]
    seen = observer.observe(points, seeds, "coverage")[:, 0]
    records = believed.read(seen, np.random.default_rng([seed, 503]))
    # A figure of zero has no logarithm: nothing was read.
    return records, np.asarray(np.isfinite(np.hstack([seen, records])).all(axis=1))


def _emulated(posterior: Posterior) -> Emulated:
    if posterior.emulated is None:
        raise InputError(
            "this posterior was read from its files, without its emulators",
            allowed="the fit itself, --resume for one that has ended",
        )
    return posterior.emulated


# --------------------------------------------------------------------------------------------- recovery


@dataclass(frozen=True)
class Recovery:
    """Truths and what the posterior of each makes of them, in normal scores of the priors.

    Attributes
    ----------
    truths, mean, sd
        ``(truth, parameter)``.
    ranks
        ``(truth, parameter)``, draws below the truth.
    draws
        Of each posterior.
    """

    truths: Array
    mean: Array
    sd: Array
    ranks: Index
    draws: int

    @property
    def covered(self) -> Mask:
        """Whether the 90 % interval holds the truth, ``(truth, parameter)``."""
        outside = _outside(self.draws)
        return np.asarray((self.ranks >= outside) & (self.ranks <= self.draws - outside))


def _outside(draws: int) -> int:
    """Return the ranks on either side that a 90 % interval leaves out."""
    return max(1, round((1.0 - NOMINAL) / 2.0 * (draws + 1)))


def recover(
    believed: Pictured, start: Array, truths: Array, records: Array, *, draws: int, seed: int
) -> Recovery:
    """Look for truths in the posterior given the report and a record of each.

    Parameters
    ----------
    believed
        What is known of the figures.
    start
        ``(draw, parameter)``, draws of the posterior given the report, at which chains begin.
    truths
        ``(truth, parameter)``.
    records
        ``(truth, figure)``.
    draws
        Of each posterior, one a chain.
    seed
        Of what is drawn.
    """
    rng = np.random.default_rng([seed, 504])
    whose = np.repeat(np.arange(len(truths)), draws)
    both = np.empty((2, len(whose), records.shape[1]))
    both[0], both[1] = believed.report, records[whose]
    at = start[rng.integers(len(start), size=len(whose))]
    end = elliptical_slices(
        lambda scores, chains: believed.log_likelihood(scores, both[:, chains]), at, STEPS, rng
    )[-1].reshape(len(truths), draws, -1)
    return Recovery(
        truths=truths,
        mean=end.mean(axis=1),
        sd=end.std(axis=1, ddof=1),
        ranks=np.asarray((end < truths[:, None, :]).sum(axis=1)),
        draws=draws,
    )


@dataclass(frozen=True)
class Pooled:
    """What ranks of many truths and parameters come to.

    Attributes
    ----------
    coverage
        Share of the 90 % intervals that hold the truth.
    nominal
        Share that should, exactly, for so many draws.
    p
        Of coverage so far from it, either way, by chance, given how parameters of a truth hang together.
    ranks_p
        Of ranks so uneven: the smallest of a chi-squared test a parameter, times their number (Bonferroni, which holds
        however they hang together).
    """

    coverage: float
    nominal: float
    p: float
    ranks_p: float


def pooled(recovery: Recovery, chosen: Mask | None = None) -> Pooled | None:
    """Judge the coverage of some parameters together; None for no parameter or too few truths.

    Parameters
    ----------
    recovery
        Of all truths.
    chosen
        ``(parameter,)``, which are judged; by default all.
    """
    from scipy.special import ndtr
    from scipy.stats import chisquare

    ranks = recovery.ranks if chosen is None else recovery.ranks[:, chosen]
    covered = recovery.covered if chosen is None else recovery.covered[:, chosen]
    truths, parameters = ranks.shape
    if not parameters or truths < LEAST_TRUTHS:
        return None
    nominal = 1.0 - 2.0 * _outside(recovery.draws) / (recovery.draws + 1)
    coverage = float(covered.mean())
    error = np.sqrt(nominal * (1.0 - nominal) * _hanging(ranks) / (parameters * truths))
    bins = int(np.clip(truths // LEAST_IN_BIN, 2, MOST_BINS))
    place = ranks * bins // (recovery.draws + 1)
    # Bins hold as many ranks as fall to them, which need not be the same.
    width = np.bincount(
        np.arange(recovery.draws + 1) * bins // (recovery.draws + 1), minlength=bins
    )
    wanted = truths * width / (recovery.draws + 1)
    each = [
        float(chisquare(np.bincount(column, minlength=bins), wanted).pvalue) for column in place.T
    ]
    return Pooled(
        coverage=coverage,
        nominal=nominal,
        p=float(2.0 * ndtr(-abs(coverage - nominal) / error)),
        ranks_p=min(1.0, parameters * min(each)),
    )


def _hanging(ranks: Index) -> float:
    """Return by what parameters of one truth hang together a mean over both varies more than if they did not.

    One where they do not, their number where they are one and the same (the design effect of samples in clusters,
    Kish 1965). From how far each rank lies from the middle, which is what decides whether an interval holds a truth: a
    few misses say too little of how misses go together.
    """
    away = np.abs(ranks - ranks.mean())
    away = away - away.mean(axis=0)
    alone = float((away**2).sum())
    parameters = ranks.shape[1]
    if alone <= 0.0:
        return float(parameters)
    return float(np.clip((away.sum(axis=1) ** 2).sum() / alone, 1.0, parameters))


# -------------------------------------------------------------------------------------------- all of it


@dataclass(frozen=True)
class Coverage:
    """Both kinds of coverage of a posterior.

    Attributes
    ----------
    names
        Of the parameters that are emulated.
    identified
        ``(parameter,)``, which of them the report narrows by `IDENTIFIED` or more: these are judged.
    recoveries
        By where records come from.
    lost
        Truths that admitted no world, or no reading.
    """

    names: tuple[str, ...]
    identified: Mask
    recoveries: dict[str, Recovery]
    lost: int

    def pooled(self, kind: str) -> Pooled | None:
        """Judge the identified parameters of one kind."""
        return pooled(self.recoveries[kind], self.identified)


def cover(
    posterior: Posterior,
    observer: Observer,
    *,
    plan: CoveragePlan | None = None,
    seed: int = 1,
    note: Callable[[str], None] | None = None,
) -> Coverage:
    """Test the coverage of a posterior by records of its emulators and of the model.

    Parameters
    ----------
    posterior
        As `posterior_fit` hands it out.
    observer
        Runs the simulator.
    plan
        How much is drawn.
    seed
        Of everything that is drawn.
    note
        Called with a sentence on what was found so far.

    Raises
    ------
    InputError
        For a posterior without its emulators.
    """
    plan = plan or CoveragePlan()
    tell = note or (lambda text: None)
    emulated = _emulated(posterior)
    names = emulated.space.names
    places = [posterior.names.index(name) for name in names]
    start = scores_of(posterior.values[:, places], names, posterior.parameters)
    believed = Pictured.of(emulated, start)
    truths = draw_truths(believed, start, plan.truths + plan.runs, seed)
    made, run = truths[: plan.truths], truths[plan.truths :]
    records = emulated_records(believed, made, seed)
    found = {EMULATED: recover(believed, start, made, records, draws=plan.draws, seed=seed)}
    tell(f"coverage: {plan.truths} truths of the emulators looked for")
    records, fine = model_records(observer, posterior, believed, run, seed)
    found[MODEL] = recover(
        believed, start, run[fine], records[fine], draws=plan.run_draws, seed=seed + 1
    )
    identified = 1.0 - start.var(axis=0, ddof=1) >= IDENTIFIED
    return Coverage(names, identified, found, int(np.count_nonzero(~fine)))


def coverage_rows(coverage: Coverage) -> Iterator[dict[str, Any]]:
    """Return a row a truth and parameter: where it lies and where it was looked for."""
    for kind, found in coverage.recoveries.items():
        covered = found.covered
        for truth, column in np.ndindex(*found.truths.shape):
            yield {
                "records": kind,
                "truth": truth + 1,
                "parameter": coverage.names[column],
                "identified": bool(coverage.identified[column]),
                "score": float(found.truths[truth, column]),
                "mean": float(found.mean[truth, column]),
                "sd": float(found.sd[truth, column]),
                "rank": int(found.ranks[truth, column]),
                "draws": found.draws,
                "covered": bool(covered[truth, column]),
            }


def told_of(coverage: Coverage) -> dict[str, Any]:
    """Return what the test comes to, as plain data."""
    told: dict[str, Any] = {
        "identified": _chosen(coverage.names, coverage.identified),
        "lost": coverage.lost,
    }
    for kind, found in coverage.recoveries.items():
        judged = coverage.pooled(kind)
        told[kind] = {
            "truths": len(found.truths),
            "draws": found.draws,
            "coverage": judged.coverage if judged else None,
            "nominal": judged.nominal if judged else None,
            "p": judged.p if judged else None,
            "ranks_p": judged.ranks_p if judged else None,
            "coverage_of": dict(
                zip(coverage.names, found.covered.mean(axis=0).tolist(), strict=True)
            )
            if len(found.truths)
            else {},
        }
    return told


def _chosen(names: Sequence[str], chosen: Mask) -> list[str]:
    return [name for name, fine in zip(names, chosen.tolist(), strict=True) if fine]
