"""Cheap measures of a network of flows: how dense, how mutual, how concentrated, how regional.

Every function is pure, takes flows of shape ``(origin, destination)`` in one unit with a zero
diagonal, and returns one number that does not depend on the unit or on the order of economies.
Where a measure is not defined (no flows, one economy, one region) it is NaN. Measures that walk
paths, such as betweenness, cost a hundred times more and are no part of a run.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "assortativity",
    "common_part",
    "density",
    "participation",
    "reciprocity",
    "strength_concentration",
]

Array = NDArray[np.float64]


def density(flows: Array, threshold: float) -> float:
    """Return the share of ordered pairs that are linked.

    Parameters
    ----------
    flows
        ``(origin, destination)``.
    threshold
        A pair is linked where the flow is at least this share of all that its origin sends
        (fraction). A share and not an amount, so that small exporters have links and prices make
        none.
    """
    n = len(flows)
    if n < 2:
        return math.nan
    sent = flows.sum(axis=1)
    linked = (flows >= threshold * sent[:, None]) & (flows > 0)
    return float(np.count_nonzero(linked) / (n * (n - 1)))


def reciprocity(flows: Array) -> float:
    """Return the share of all flows that is matched by a flow the other way.

    Σ min(w_ij, w_ji) / Σ w_ij: Weighted reciprocity of Squartini, Picciolo, Ruzzenenti &
    Garlaschelli (2013), Scientific Reports 3, 2729.
    """
    return _ratio(float(np.minimum(flows, flows.T).sum()), float(flows.sum()))


def strength_concentration(flows: Array) -> float:
    """Return the Herfindahl-Hirschman index of what economies send and receive, 1/n to 1."""
    strength = flows.sum(axis=0) + flows.sum(axis=1)
    return _ratio(float(strength @ strength), float(strength.sum()) ** 2)


def participation(flows: Array, modules: Array) -> float:
    """Return how evenly economies spread what they send and receive over modules.

    The mean of 1 − Σ_m (s_im / s_i)², the participation coefficient of Guimerà & Amaral (2005),
    Nature 433, 895, with weights; economies without flows are left out.

    Parameters
    ----------
    flows
        ``(origin, destination)``.
    modules
        ``(module, country)``, 1 where the economy belongs to the module; every economy belongs to
        one.
    """
    by_module = flows @ modules.T + (modules @ flows).T
    strength = by_module.sum(axis=1)
    active = strength > 0
    if not active.any():
        return math.nan
    shares = by_module[active] / strength[active, None]
    return float(1.0 - np.mean(np.sum(shares**2, axis=1)))


def assortativity(flows: Array, modules: Array) -> float:
    """Return how much more flows stay inside modules than sizes alone would have it.

    (Tr e − Σ a b) / (1 − Σ a b), the assortativity by discrete characteristic of Newman (2003),
    Physical Review E 67, 026126, eq. 2, with weights: 1 where all flows stay inside, 0 where they
    mix by size. NaN where all flows touch one module only.

    Parameters
    ----------
    flows
        ``(origin, destination)``.
    modules
        ``(module, country)``, 1 where the economy belongs to the module; every economy belongs to
        one.
    """
    total = float(flows.sum())
    if not total > 0:
        return math.nan
    mixing = (modules @ flows @ modules.T) / total
    expected = float(mixing.sum(axis=1) @ mixing.sum(axis=0))
    if expected >= 1.0 - np.finfo(np.float64).eps * mixing.size:
        return math.nan
    return (float(np.trace(mixing)) - expected) / (1.0 - expected)


def common_part(flows: Array, others: Array) -> float:
    """Return what two networks have in common after each is scaled to a sum of one, from 0 to 1.

    The common part of commuters (Lenormand, Huet, Gargiulo & Deffuant 2012, PLoS ONE 7, e45985) of
    two sets of shares: Σ min(p, q).
    """
    total, other_total = float(flows.sum()), float(others.sum())
    if not (total > 0 and other_total > 0):
        return math.nan
    return float(np.minimum(flows * (other_total / total), others).sum()) / other_total


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.nan
