r"""Effects of fair pairs: the difference between two runs that share parameters and seed, and nothing else.

In a fair pair every draw of one run meets the same draw in the other, so what both have in common falls out of the
difference. Write :math:`a_d` and :math:`b_d` for a number in the reference and in the other scenario at draw *d*, and
:math:`\delta_d = b_d - a_d`. Pairing narrows the variance of the effect by

.. math:: F = \frac{\operatorname{var}(a) + \operatorname{var}(b)}{\operatorname{var}(\delta)}

against runs that were drawn independently: a study without pairs needs *F* times as many draws to be as precise. All
functions are pure: arrays in, numbers out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sscsim.types import Array

__all__ = [
    "COVERED",
    "NOISE",
    "PairedEffect",
    "above_zero",
    "differences",
    "interval",
    "intervals",
    "median_half_width",
    "paired_effect",
    "relative_to",
]


COVERED = 0.90
"""Share of the draws that an interval holds, and confidence of a statement on a median."""

NOISE = 1e-9
"""Differences below this share of the numbers compared are rounding and what the trade equilibrium's solver leaves (a
residual of 1e-10 of output): they count as none."""


@dataclass(frozen=True)
class PairedEffect:
    """An effect over the draws of fair pairs.

    Attributes
    ----------
    reference
        Median in the reference, in the number's unit.
    median, low, high
        Median effect and the ends of the interval that holds 90 % of the draws, in the number's unit.
    relative, relative_low, relative_high
        The same of the effect over the reference, draw by draw; NaN where the reference is not of one sign,
        or next to nothing.
    positive
        Share of the draws in which the effect is above zero; draws without an effect count half. NaN where no draw has
        any: what does not move has no sign.
    seen
        Whether the interval leaves zero out; if not, no effect was seen.
    narrowed
        Factor by which pairing narrowed the variance of the effect; infinite where the effect is the same in all draws,
        NaN where there is no difference at all.
    half_width
        Half the width of the 90 % confidence interval of the median effect, in the number's unit; NaN for fewer draws
        than it takes to have one.
    draws
        Number of pairs.
    """

    reference: float
    median: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    positive: float
    seen: bool
    narrowed: float
    half_width: float
    draws: int

    @property
    def none(self) -> bool:
        """Whether no draw has an effect, which is more than that none is seen."""
        return math.isnan(self.positive)

    def more_draws(self, precision: float, *, absolute: bool = False) -> float:
        """Return how many more pairs it takes to know the median effect to a precision.

        Parameters
        ----------
        precision
            Wanted half width of the median's confidence interval: a share of the median effect, or a number in the
            number's unit.
        absolute
            Which of the two it is.

        Returns
        -------
        float
            A whole number, 0 where the draws suffice; NaN where it cannot be told: too few draws, or a share of no
            effect.
        """
        wanted = precision if absolute else precision * abs(self.median)
        if not wanted > 0.0 or math.isnan(self.half_width):
            return math.nan
        # The half width falls with the root of the number of draws.
        needed = self.draws * (self.half_width / wanted) ** 2
        return max(0.0, math.ceil(needed) - self.draws) if math.isfinite(needed) else math.nan


def paired_effect(reference: Array, other: Array) -> PairedEffect:
    """Return the effect of a scenario from fair pairs.

    Parameters
    ----------
    reference, other
        ``(draw,)``, a number in the reference and in the scenario, the same draw at the same place.

    Raises
    ------
    ValueError
        For arrays of different length, or fewer than two draws.
    """
    a, b = np.asarray(reference, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1 or a.size < 2:
        raise ValueError(f"pairs of at least two draws are needed, found {a.shape} and {b.shape}")
    difference = differences(a, b)
    low, median, high = interval(difference)
    shares = interval(relative_to(difference, a))
    return PairedEffect(
        reference=float(np.median(a)),
        median=median,
        low=low,
        high=high,
        relative=shares[1],
        relative_low=shares[0],
        relative_high=shares[2],
        positive=float(above_zero(difference)),
        seen=low > 0.0 or high < 0.0,
        narrowed=_narrowed(a, b, difference),
        half_width=median_half_width(difference),
        draws=a.size,
    )


def differences(reference: Array, other: Array) -> Array:
    """Return effects draw by draw, ``(draw, …)``; what is rounding is none."""
    found = np.asarray(other - reference, dtype=np.float64)
    found[np.abs(found) <= NOISE * np.maximum(np.abs(reference), np.abs(other))] = 0.0
    return found


def above_zero(difference: Array) -> Array:
    """Return the share of the draws in which an effect is above zero, ``(…)``, of effects ``(draw, …)``.

    Draws without an effect count half; NaN where no draw has any.
    """
    share = (np.sign(difference) + 1.0).mean(axis=0) / 2.0
    return np.where((difference == 0.0).all(axis=0), np.nan, share)


def relative_to(difference: Array, against: Array) -> Array:
    """Return differences over the size of what they are held against, draw by draw, ``(draw, …)``.

    NaN where that is not of one sign over all draws, or next to nothing.
    """
    size = np.abs(against)
    of_one_sign = (against > 0).all(axis=0) | (against < 0).all(axis=0)
    other = np.abs(against + difference).max(axis=0)
    measurable = of_one_sign & (size.min(axis=0) > NOISE * other)
    return np.where(measurable, difference / np.where(measurable, size, 1.0), np.nan)


def median_half_width(values: Array) -> float:
    """Return half the width of the 90 % confidence interval of a median, whatever the distribution.

    Between the order statistics of ranks *r* and *n* + 1 - *r* lies the median with the probability that a fair coin,
    thrown *n* times, shows heads between *r* and *n* - *r* times; *r* is the largest for which that is 90 % or more
    (Hollander, Wolfe & Chicken 2014, Nonparametric Statistical Methods, section 3.6).

    Returns
    -------
    float
        NaN for fewer than five values: they cannot have such an interval.
    """
    count = len(values)
    outside, rank = 0.0, 0
    while True:
        outside += 2.0 * math.exp(_log_chance(count, rank))
        if outside > 1.0 - COVERED:
            break
        rank += 1
    if rank == 0:
        return math.nan
    ordered = np.sort(values)
    return float(ordered[count - rank] - ordered[rank - 1]) / 2.0


def _log_chance(count: int, heads: int) -> float:
    """Return the logarithm of the chance of that many heads; factorials of thousands do not fit a float."""
    choices = math.lgamma(count + 1) - math.lgamma(heads + 1) - math.lgamma(count - heads + 1)
    return choices - count * math.log(2.0)


def _narrowed(a: Array, b: Array, difference: Array) -> float:
    if not difference.any():
        return math.nan
    apart = float(np.var(a, ddof=1) + np.var(b, ddof=1))
    paired = float(np.var(difference, ddof=1))
    return math.inf if paired == 0.0 else apart / paired


def interval(values: Array) -> tuple[float, float, float]:
    """Return the lower end of the interval that holds 90 % of the values, their median, and its upper end."""
    low, median, high = intervals(values)
    return float(low), float(median), float(high)


def intervals(values: Array) -> Array:
    """Return the same of many numbers at once, ``(low, median and high, …)`` from ``(draw, …)``."""
    tail = (1.0 - COVERED) / 2.0
    return np.asarray(np.quantile(values, [tail, 0.5, 1.0 - tail], axis=0))
