"""Cheap measures of a network of flows: how dense, how mutual, how concentrated, how regional.

Every function is pure and returns one number that depends neither on the unit of the flows nor on
the order of economies. Where a measure is not defined (no flows, one economy, one region) it is
NaN. Measures that walk paths, such as betweenness, cost a hundred times more and are no part of a
run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sscsim.types import Array

__all__ = [
    "Network",
    "assortativity",
    "common_part",
    "density",
    "participation",
    "reciprocity",
    "strength_concentration",
]


@dataclass(frozen=True)
class Network:
    """Flows between economies that are parted into modules, and sums that measures share.

    Attributes
    ----------
    flows
        ``(origin, destination)``, not negative, zero diagonal.
    modules
        ``(module, country)``, 1 where an economy belongs to a module; every economy belongs to one.
    """

    flows: Array
    modules: Array

    @cached_property
    def sent(self) -> Array:
        """What each economy sends, ``(country,)``."""
        return np.asarray(self.flows.sum(axis=1))

    @cached_property
    def received(self) -> Array:
        """What each economy receives, ``(country,)``."""
        return np.asarray(self.flows.sum(axis=0))

    @cached_property
    def total(self) -> float:
        """All flows."""
        return float(self.sent.sum())

    @cached_property
    def sent_to(self) -> Array:
        """What each economy sends to each module, ``(country, module)``."""
        return self.flows @ self.modules.T

    @cached_property
    def received_from(self) -> Array:
        """What each economy receives from each module, ``(country, module)``."""
        return (self.modules @ self.flows).T


def density(network: Network, threshold: float) -> float:
    """Return the share of ordered pairs that are linked.

    Parameters
    ----------
    network
        Its modules are not used.
    threshold
        A pair is linked where the flow is at least this share of all that its origin sends
        (fraction). A share and not an amount, so that small exporters have links and prices make
        none.
    """
    n = len(network.flows)
    if n < 2:
        return math.nan
    least = np.maximum(threshold * network.sent, np.finfo(np.float64).smallest_subnormal)
    return float(np.count_nonzero(network.flows >= least[:, None]) / (n * (n - 1)))


def reciprocity(network: Network) -> float:
    """Return the share of all flows that is matched by a flow the other way.

    Σ min(w_ij, w_ji) / Σ w_ij: weighted reciprocity of Squartini, Picciolo, Ruzzenenti &
    Garlaschelli (2013), Scientific Reports 3, 2729.
    """
    return _ratio(float(np.minimum(network.flows, network.flows.T).sum()), network.total)


def strength_concentration(network: Network) -> float:
    """Return the Herfindahl-Hirschman index of what economies send and receive, 1/n to 1."""
    strength = network.sent + network.received
    return _ratio(float(strength @ strength), float(strength.sum()) ** 2)


def participation(network: Network) -> float:
    """Return how evenly economies spread what they send and receive over modules.

    The mean of 1 − Σ_m (s_im / s_i)², the participation coefficient of Guimerà & Amaral (2005),
    Nature 433, 895, with weights; economies without flows are left out.
    """
    by_module = network.sent_to + network.received_from
    strength = by_module.sum(axis=1)
    active = strength > 0
    if not active.any():
        return math.nan
    shares = by_module[active] / strength[active, None]
    return float(1.0 - np.mean(np.sum(shares**2, axis=1)))


def assortativity(network: Network) -> float:
    """Return how much more flows stay inside modules than sizes alone would have it.

    (Tr e − Σ a b) / (1 − Σ a b), the assortativity by discrete characteristic of Newman (2003),
    Physical Review E 67, 026126, eq. 2, with weights: 1 where all flows stay inside, 0 where they
    mix by size. NaN where all flows touch one module only.
    """
    if not network.total > 0:
        return math.nan
    mixing = (network.modules @ network.sent_to) / network.total
    expected = float(mixing.sum(axis=1) @ mixing.sum(axis=0))
    if expected >= 1.0 - np.finfo(np.float64).eps * mixing.size:
        return math.nan
    return (float(np.trace(mixing)) - expected) / (1.0 - expected)


def common_part(network: Network, others: Array) -> float:
    """Return what two networks have in common after each is scaled to a sum of one, from 0 to 1.

    The common part of commuters (Lenormand, Huet, Gargiulo & Deffuant 2012, PLoS ONE 7, e45985) of
    two sets of shares: Σ min(p, q).

    Parameters
    ----------
    network
        Its modules are not used.
    others
        ``(origin, destination)``, the flows to compare with.
    """
    total = float(others.sum())
    if not (network.total > 0 and total > 0):
        return math.nan
    return float(np.minimum(network.flows * (total / network.total), others).sum()) / total


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.nan
