"""Cheap measures of networks of flows: how dense, how mutual, how concentrated, how regional.

Every function is pure and returns a number for each network, ``(network,)``, that depends neither on
the unit of the flows nor on the order of economies. Where a measure is not defined (no flows, one
economy, one region) it is NaN. Measures that walk paths, such as betweenness, cost a hundred times
more and are no part of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sscsim.means import ratio
from sscsim.types import Array

__all__ = [
    "Networks",
    "assortativity",
    "common_part",
    "density",
    "participation",
    "reciprocity",
    "strength_concentration",
]


@dataclass(frozen=True)
class Networks:
    """Flows inside groups of economies that are parted into modules, and sums that measures share.

    Groups are not cut out of the flows: with their members as ones and zeros every sum inside a group
    is a product, for all groups at once.

    Attributes
    ----------
    flows
        ``(origin, destination)``, not negative, zero diagonal.
    modules
        ``(module, country)``, 1 where an economy belongs to a module; every economy belongs to one.
    members
        ``(network, country)``, 1 where an economy belongs to a group.
    """

    flows: Array
    modules: Array
    members: Array

    @classmethod
    def whole(cls, flows: Array, modules: Array) -> Networks:
        """Return the one network of all economies."""
        return cls(flows, modules, np.ones((1, len(flows))))

    @cached_property
    def _ends(self) -> Array:
        """Members of each group and, below, of each of its modules, ``(network, 1 + module, country)``."""
        groups = self.members[:, None, :]
        return np.concatenate([groups, groups * self.modules], axis=1)

    @cached_property
    def _sent(self) -> Array:
        return self._through(self.flows.T)

    @cached_property
    def _received(self) -> Array:
        return self._through(self.flows)

    def _through(self, flows: Array) -> Array:
        ends = self._ends
        groups, modules, count = ends.shape
        sums = ends.reshape(groups * modules, count) @ flows
        return sums.reshape(ends.shape) * self.members[:, None, :]

    @property
    def sent(self) -> Array:
        """What each economy sends, ``(network, country)``."""
        return self._sent[:, 0]

    @property
    def received(self) -> Array:
        """What each economy receives, ``(network, country)``."""
        return self._received[:, 0]

    @property
    def sent_to(self) -> Array:
        """What each economy sends to each module, ``(network, module, country)``."""
        return self._sent[:, 1:]

    @property
    def received_from(self) -> Array:
        """What each economy receives from each module, ``(network, module, country)``."""
        return self._received[:, 1:]

    @cached_property
    def total(self) -> Array:
        """All flows, ``(network,)``."""
        return np.asarray(self.sent.sum(axis=1))

    def within(self, flows: Array) -> Array:
        """Return the sum of any flows inside each group, ``(network,)``."""
        return np.asarray(((self.members @ flows) * self.members).sum(axis=1))


def density(networks: Networks, threshold: float) -> Array:
    """Return the share of ordered pairs that are linked.

    Parameters
    ----------
    networks
        Their modules are not used.
    threshold
        A pair is linked where the flow is at least this share of all that its origin sends
        (fraction). A share and not an amount, so that small exporters have links and prices make
        none.
    """
    least = np.maximum(threshold * networks.sent, np.finfo(np.float64).smallest_subnormal)
    inside = networks.members > 0
    least[~inside] = np.inf
    linked = []
    for row, members in zip(least, inside, strict=True):
        links = networks.flows >= row[:, None]
        linked.append(np.count_nonzero(links if members.all() else links & members))
    count = networks.members.sum(axis=1)
    return ratio(np.array(linked, dtype=np.float64), count * (count - 1.0))


def reciprocity(networks: Networks) -> Array:
    """Return the share of all flows that is matched by a flow the other way.

    Σ min(w_ij, w_ji) / Σ w_ij: weighted reciprocity of Squartini, Picciolo, Ruzzenenti &
    Garlaschelli (2013), Scientific Reports 3, 2729.
    """
    matched = np.minimum(networks.flows, networks.flows.T)
    return ratio(networks.within(matched), networks.total)


def strength_concentration(networks: Networks) -> Array:
    """Return the Herfindahl-Hirschman index of what economies send and receive, 1/n to 1."""
    strength = networks.sent + networks.received
    return ratio(np.einsum("gc,gc->g", strength, strength), strength.sum(axis=1) ** 2)


def participation(networks: Networks) -> Array:
    """Return how evenly economies spread what they send and receive over modules.

    The mean of 1 − Σ_m (s_im / s_i)², the participation coefficient of Guimerà & Amaral (2005),
    Nature 433, 895, with weights; economies without flows are left out.
    """
    by_module = networks.sent_to + networks.received_from
    strength = networks.sent + networks.received
    active = strength > 0
    squares = np.zeros(strength.shape)
    np.divide(np.einsum("gmc,gmc->gc", by_module, by_module), strength**2, squares, where=active)
    return 1.0 - ratio(squares.sum(axis=1), np.count_nonzero(active, axis=1) * 1.0)


def assortativity(networks: Networks) -> Array:
    """Return how much more flows stay inside modules than sizes alone would have it.

    (Tr e − Σ a b) / (1 − Σ a b), the assortativity by discrete characteristic of Newman (2003),
    Physical Review E 67, 026126, eq. 2, with weights: 1 where all flows stay inside, 0 where they
    mix by size. NaN where all flows touch one module only.
    """
    # Module of the origin, module of the destination.
    flows = np.matmul(networks.modules, networks.sent_to.transpose(0, 2, 1))
    mixing = ratio(flows, networks.total[:, None, None])
    expected = (mixing.sum(axis=2) * mixing.sum(axis=1)).sum(axis=1)
    inside = np.trace(mixing, axis1=1, axis2=2)
    # Within rounding of one, nothing is left to compare with.
    left = 1.0 - expected
    left[left <= np.finfo(np.float64).eps * mixing[0].size] = 0.0
    return ratio(inside - expected, left)


def common_part(networks: Networks, others: Array) -> Array:
    """Return what two networks have in common after each is scaled to a sum of one, from 0 to 1.

    The common part of commuters (Lenormand, Huet, Gargiulo & Deffuant 2012, PLoS ONE 7, e45985) of
    two sets of shares: Σ min(p, q).

    Parameters
    ----------
    networks
        Their modules are not used.
    others
        ``(origin, destination)``, the flows to compare with.
    """
    totals = networks.within(others)
    scales = ratio(totals, networks.total)
    common = np.empty_like(networks.flows)
    result = np.empty(len(scales))
    for i, (scale, members) in enumerate(zip(scales, networks.members, strict=True)):
        np.multiply(networks.flows, scale, out=common)
        np.minimum(common, others, out=common)
        result[i] = (members @ common) @ members
    return ratio(result, totals)
