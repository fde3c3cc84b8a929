"""What changed in goods trade since the base year: costs between pairs, deficits, and the gain from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows.pairs import Cells, add_ends
from sscsim.flows.trade.equilibrium import Equilibrium
from sscsim.types import Array

__all__ = [
    "Freeness",
    "FreenessResponse",
    "PairChanges",
    "SideChanges",
    "gain_from_policy",
    "trade_deficit_ratio",
    "trade_freeness",
]


@dataclass(frozen=True)
class FreenessResponse:
    """How the logarithm of flows answers to what changes between two economies."""

    agreement: float
    """A free trade agreement in force."""
    infrastructure: float
    """The logarithm of infrastructure over output, at each end."""
    tie: float
    """A tie of cooperation."""
    trade_elasticity: float
    """θ: an ad-valorem cost acts with the power −θ."""


@dataclass(frozen=True)
class PairChanges:
    """Changes since the base year between two economies, ``(origin, destination)``."""

    agreement: Cells
    """Free trade agreements in force, 0 to 1 while they phase in."""
    tie: Array
    """Ties of cooperation."""
    cost: Cells
    """τ̂, ad-valorem cost factor relative to the base year."""
    cut: Cells
    """Part of that cost that is taken off, below one."""
    tied: Array
    """Freeness that tied purchases add, as a factor."""


@dataclass(frozen=True)
class SideChanges:
    """Changes since the base year at one end of a flow, ``(country,)``."""

    infrastructure: Array
    """Logarithm of infrastructure over output."""
    cost: Array
    """Ad-valorem cost factor that an economy's own procedures add to all its trade."""
    swing: Array | float = 0.0
    """Logarithm of freeness that luck adds (`sscsim.flows.swings`)."""


@dataclass(frozen=True)
class Freeness:
    """Trade freeness relative to the base year, ``(origin, destination)``; one on the diagonal."""

    whole: Array
    """The year's."""
    without_policy: Array
    """What it would be at the agreements and costs of the base year; the same array where they are these."""


def trade_freeness(pairs: PairChanges, sides: SideChanges, response: FreenessResponse) -> Freeness:
    """Return φ̂, trade freeness relative to the base year: all of it, and what policy has no part in."""
    theta = response.trade_elasticity
    side = response.infrastructure * sides.infrastructure - theta * np.log(sides.cost)
    side += sides.swing
    # In place, and one exponential for all: at this size memory costs more than arithmetic.
    rest: Array = response.tie * pairs.tie
    add_ends(rest, side, side)
    np.exp(rest, out=rest)
    rest *= pairs.tied
    pairs.cut.multiply(rest, (1.0 - pairs.cut.value) ** -theta)
    np.fill_diagonal(rest, 1.0)
    if not len(pairs.agreement) + len(pairs.cost):
        return Freeness(rest, rest)
    whole = rest.copy()
    pairs.agreement.multiply(whole, np.exp(response.agreement * pairs.agreement.value))
    pairs.cost.multiply(whole, pairs.cost.value**-theta)
    np.fill_diagonal(whole, 1.0)
    return Freeness(whole, rest)


def trade_deficit_ratio(
    base: Array, years: int, financing: Array, base_financing: Array, *, persistence: float
) -> Array:
    """Return the deficit an economy runs as a share of its own income, ``(country,)``.

    The world sum is not yet restored. What net external finance pays for (a share of income) is spent while it comes;
    the rest of the base-year imbalance fades at ``persistence`` a year: d_t = (d_0 − n_0) ρ^t + n_t. The deficit of an
    economy that lives on remittances stays with them.
    """
    return (base - base_financing) * persistence**years + financing


def gain_from_policy(closed: Equilibrium, opened: Equilibrium, *, trade_elasticity: float) -> Array:
    """Return the real-income gain of trade policy since the base year, in logs.

    (1/θ) ln[λ_ii(q̂, φ̂₀) / λ_ii(q̂, φ̂)]: the formula of Arkolakis, Costinot & Rodríguez-Clare
    (2012) between the equilibrium without the agreements and costs that policy has moved and the one of the year, so
    that neither growth nor roads, ties, learning or tied credit earn any.
    """
    gain: Array = np.log(closed.home_share / opened.home_share) / trade_elasticity
    return gain
