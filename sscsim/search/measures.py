"""What a package is worth over futures: what is aimed at, what is regretted, whether it satisfices, what beats it.

All functions are pure. Gains are ``(package, future, goal)`` and more is better; costs ``(package, future)``.
"""

from __future__ import annotations

import numpy as np

from sscsim.types import Array, Index, Mask

__all__ = ["aimed_cost", "aimed_gain", "front", "regret", "satisfices"]

OFTEN = 0.9
"""Share of futures in which a robust package reaches its aim: nine in ten, as intervals of effects have it."""


def aimed_gain(gain: Array, *, robust: bool) -> Array:
    """Return the gain that nine futures in ten reach where it is to be robust, else the median, ``(package, goal)``."""
    return np.asarray(np.quantile(gain, 1.0 - OFTEN if robust else 0.5, axis=1))


def aimed_cost(cost: Array, *, robust: bool) -> Array:
    """Return the cost that nine futures in ten keep to where it is to be robust, else the median, ``(package,)``."""
    return np.asarray(np.quantile(cost, OFTEN if robust else 0.5, axis=1))


def regret(gain: Array, allowed: Mask) -> Array:
    """Return what is regretted in nine futures of ten at most, ``(package, goal)``.

    In each future it is the gain of the best package that was allowed, less a package's own (Savage 1951, Journal of
    the American Statistical Association 46). The largest over few futures is one future's; the ninth in ten is told.

    Parameters
    ----------
    allowed
        ``(package,)``, who may be the best.
    """
    if not allowed.any():
        return np.full((gain.shape[0], gain.shape[2]), np.nan)
    best = gain[allowed].max(axis=0)
    return np.asarray(np.quantile(best[None] - gain, OFTEN, axis=1))


def satisfices(gain: Array, least: Array) -> Array:
    """Return the share of futures in which every goal gains more than is asked for, ``(package,)``.

    Parameters
    ----------
    least
        ``(goal,)``.
    """
    return np.asarray((gain > least).all(axis=2).mean(axis=1))


def front(gain: Array, cost: Array) -> Index:
    """Return the packages that no other beats: none gains as much of every goal, costs as little, and is better in one.

    Parameters
    ----------
    gain, cost
        Aims, ``(package, goal)`` and ``(package,)``.

    Returns
    -------
    array
        Places, the cheapest first; of packages that are equal in all the first.
    """
    held = np.column_stack([-gain, cost])
    chosen = []
    for place, one in enumerate(held):
        as_good = (held <= one).all(axis=1)
        better = as_good & (held < one).any(axis=1)
        same = as_good & (held == one).all(axis=1)
        if not better.any() and not same[:place].any():
            chosen.append(place)
    order = sorted(chosen, key=lambda p: (cost[p], *(-gain[p])))
    return np.array(order, dtype=np.intp)
