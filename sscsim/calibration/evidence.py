r"""What the draws of a posterior say of each figure, kept so that they can be weighed anew without a run.

The draws of the last round come from an emulated posterior with log-likelihood :math:`\ell_0`. Any other posterior
whose log-likelihood :math:`\ell` is known at them – of better emulators, of another tolerance, of all figures but
one – is reached by importance weights :math:`\exp(\ell - \ell_0)`, smoothed by a Pareto tail whose index
:math:`\hat k` says whether the draws reach that far (Vehtari, Gelman & Gabry 2017, Statistics and Computing 27; Vehtari
et al. 2024, JMLR 25).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from sscsim.calibration.emulator import nothing_kept
from sscsim.types import Array, Index, Mask

__all__ = [
    "TOLERANCES",
    "Evidence",
    "Reweighted",
    "Unseen",
    "smoothed",
    "sum_of",
    "weighted_quantile",
]

TOLERANCES = (0.5, 1.0, 2.0)
"""By what tolerances and discrepancy are multiplied to see what rests on them."""


@dataclass(frozen=True)
class Reweighted:
    r"""Draws weighed for another posterior: weights ``(draw,)`` that add up to 1, and the tail's :math:`\hat k`."""

    weights: Array
    khat: float

    @property
    def effective(self) -> float:
        """How many equally weighted draws they are worth."""
        return float(1.0 / (self.weights**2).sum())


@dataclass(frozen=True)
class Evidence:
    """The draws of the last round, those that admit a world.

    Attributes
    ----------
    places
        ``(draw,)``, the place of each among all draws of the round.
    values
        ``(draw, name)``, of all parameters.
    weights
        ``(draw,)``, adding up to 1.
    before
        ``(draw,)``, log-likelihood of the emulated posterior that they were drawn from.
    likelihood
        ``(draw, check)``, log-likelihood of each figure by the last emulators, at each multiple of `TOLERANCES`.
    """

    places: Index
    values: Array
    weights: Array
    before: Array
    likelihood: Mapping[float, Array]

    def ordered(self, order: Sequence[int]) -> Self:
        """Return the same with its parameters in another order."""
        return replace(self, values=self.values[:, list(order)])

    def with_tolerance(self, factor: float) -> Reweighted:
        """Return the draws weighed for tolerances and a discrepancy that are `factor` times as wide."""
        return Reweighted(*smoothed(sum_of(self.likelihood[factor]) - self.before))

    def without(self, check: int) -> Reweighted:
        """Return the draws weighed for a posterior that does not know one figure."""
        told = self.likelihood[1.0]
        return Reweighted(*smoothed(sum_of(told) - told[:, check] - self.before))


@dataclass(frozen=True)
class Unseen:
    """Runs of a round, and what emulators that had not seen them expected of one run there.

    Attributes
    ----------
    mean, sd
        ``(draw, check)``, on the emulator's scale; the spread between seeds is part of the standard deviation.
    logarithmic
        ``(check,)``, whether that scale is the logarithm.
    seen
        ``(draw, seed, check)`` in the figure's unit, NaN where the parameters admit no world.
    """

    mean: Array
    sd: Array
    logarithmic: Mask
    seen: Array

    @classmethod
    def of(cls, expected: Sequence[tuple[Array, Array]], logarithmic: Mask, seen: Array) -> Self:
        """Build from mean and variance of each check, ``(draw,)`` each."""
        mean = np.column_stack([one for one, _ in expected])
        sd = np.sqrt(np.column_stack([variance for _, variance in expected]))
        return cls(mean, sd, logarithmic, seen)

    @property
    def scores(self) -> Array:
        """How far each run lies from what was expected, in its standard deviations: ``(draw, seed, check)``.

        Not finite where there was no world, or where a figure whose logarithm was emulated is not above zero.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            shown = np.where(self.logarithmic, np.log(np.maximum(self.seen, 0.0)), self.seen)
            miss = shown - self.mean[:, None, :]
            # A figure that is known exactly, and is as it was expected.
            exact = np.abs(miss) <= 1e-9 * np.maximum(1.0, np.abs(self.mean[:, None, :]))
            return np.where(exact, 0.0, miss / self.sd[:, None, :])


def sum_of(likelihood: Array) -> Array:
    """Return the log-likelihood of all figures, ``(draw,)``, of each, ``(draw, check)``, added in their order."""
    # NumPy's own sum over the last axis adds in another order for each number of columns.
    return np.asarray(sum(likelihood.T))


def smoothed(log_ratio: Array) -> tuple[Array, float]:
    """Return Pareto-smoothed importance weights that add up to 1, and the tail's index; equal ones have none."""
    if len(log_ratio) < 2 or float(np.ptp(log_ratio)) < 1e-12:
        return np.full(len(log_ratio), 1.0 / max(len(log_ratio), 1)), -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with nothing_kept():
            import arviz

        smoother: Any = arviz.psislw
        smooth, khat = smoother(np.array(log_ratio))
    weights = np.exp(np.asarray(smooth) - np.max(smooth))
    return weights / weights.sum(), float(khat)


def weighted_quantile(values: Array, weights: Array, probabilities: Sequence[float]) -> Array:
    """Return quantiles of weighted numbers, ``(probability,)``; each number's weight lies around it."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(probabilities, middle / weights.sum(), values[order])
