r"""What a unit of effect costs, from draws of both: pure functions.

A ratio has no mean where its denominator may be zero, and no honest interval where effects below zero are left out. So
every pair of a cost :math:`c` and an effect :math:`e` is ranked by what it says: a gain for money at :math:`c / e`, a
gain that saves money below every price, no gain for money above every price. Pairs that save money and lose effect are
neither and are told apart. Beside it stands the share of draws in which the effect, at an outside price, is worth more
than it costs, :math:`P(\lambda e > c)` (net benefit: Stinnett & Mullahy 1998, Medical Decision Making 18).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sscsim.types import Array

__all__ = ["Ratio", "price_ratio", "priced"]

TAIL = 0.05
"""Each end of an interval leaves out this share: it holds 90 %."""


@dataclass(frozen=True)
class Ratio:
    """What a unit of effect costs.

    Attributes
    ----------
    median, low, high
        Over draws and prices; -inf where the gain saves money, inf where there is none for the money, NaN where
        nothing is gained or lost for any money.
    gains
        Share of draws in which there is a gain.
    worth
        Share in which the gain is worth more than it costs at the outside price, drawn from its range.
    given_up
        Share in which money is saved and effect lost.
    """

    median: float
    low: float
    high: float
    gains: float
    worth: float
    given_up: float


def priced(quantiles: Array, low: float, high: float) -> Array:
    """Return prices of a range at quantiles: even in logarithms, or plainly where the range begins at zero.

    Nothing is known of a price but its range, which may span an order of size: it is as likely below the geometric
    mean as above it.
    """
    if low <= 0.0:
        return np.asarray(low + quantiles * (high - low))
    return np.asarray(low * (high / low) ** quantiles)


def price_ratio(cost: Array, effect: Array, outside: Array) -> Ratio:
    """Return what a unit of effect costs.

    Parameters
    ----------
    cost
        ``(draw, price)``.
    effect
        ``(draw,)``, in units of which more is better.
    outside
        ``(price,)``, what a unit costs elsewhere, in the unit of cost over that of effect.

    Raises
    ------
    ValueError
        For shapes that do not go together, or no draw.
    """
    c, e = np.broadcast_arrays(cost, np.asarray(effect)[:, None])
    if c.size == 0 or c.shape[1] != len(outside):
        raise ValueError(f"costs {cost.shape}, effects {effect.shape}, prices {outside.shape}")
    ratio = np.full(c.shape, np.nan)
    gain, paid = e > 0.0, c > 0.0
    ratio[gain & paid] = c[gain & paid] / e[gain & paid]
    ratio[gain & ~paid] = -np.inf
    ratio[~gain & paid] = np.inf
    known = np.sort(ratio[~np.isnan(ratio)])
    ends = (0.5, TAIL, 1.0 - TAIL)
    median, low, high = (_at(known, share) for share in ends)
    return Ratio(
        median,
        low,
        high,
        gains=float(np.mean(effect > 0.0)),
        worth=float(np.mean(e * outside > c)),
        given_up=float(np.mean((e < 0.0) & ~paid)),
    )


def _at(ordered: Array, share: float) -> float:
    """Return a quantile without adding or averaging: infinities do not mix."""
    if not len(ordered):
        return math.nan
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))])
