"""What changed in goods trade since the base year: costs between pairs, deficits, and the gain from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows.trade.equilibrium import Equilibrium
from sscsim.types import Array

__all__ = [
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

    agreement: Array
    """Free trade agreements in force, 0 to 1 while they phase in."""
    tie: Array
    """Ties of cooperation."""
    cost: Array
    """τ̂, ad-valorem cost factor relative to the base year."""
    cut: Array
    """Part of that cost that is taken off, below one."""


@dataclass(frozen=True)
class SideChanges:
    """Changes since the base year at one end of a flow, ``(country,)``."""

    infrastructure: Array
    """Logarithm of infrastructure over output."""
    cost: Array
    """Ad-valorem cost factor that an economy's own procedures add to all its trade."""


def trade_freeness(pairs: PairChanges, sides: SideChanges, response: FreenessResponse) -> Array:
    """Return φ̂, trade freeness relative to the base year, ``(origin, destination)``; one on the diagonal."""
    theta = response.trade_elasticity
    side = response.infrastructure * sides.infrastructure - theta * np.log(sides.cost)
    # In place, and one exponential for all: at this size memory costs more than arithmetic.
    freeness: Array = response.agreement * pairs.agreement
    freeness += response.tie * pairs.tie
    freeness += side[:, None]
    freeness += side
    # Few pairs have another cost than in the base year.
    cells = freeness.reshape(-1)
    changed = np.flatnonzero(pairs.cost != 1.0)
    cells[changed] -= theta * np.log(pairs.cost.reshape(-1)[changed])
    changed = np.flatnonzero(pairs.cut != 0.0)
    cells[changed] -= theta * np.log1p(-pairs.cut.reshape(-1)[changed])
    np.exp(freeness, out=freeness)
    np.fill_diagonal(freeness, 1.0)
    return freeness


def trade_deficit_ratio(
    base: Array, years: int, financing: Array, base_financing: Array, *, persistence: float
) -> Array:
    """Return the deficit an economy runs as a share of its own income, ``(country,)``.

    The world sum is not yet restored. The base-year imbalance fades at ``persistence`` a year; what
    changes in net external finance (a share of income) is spent on top: d_t = d_0 ρ^t + (n_t −
    n_0).
    """
    return base * persistence**years + (financing - base_financing)


def gain_from_policy(closed: Equilibrium, opened: Equilibrium, *, trade_elasticity: float) -> Array:
    """Return the real-income gain of the year's freeness over the base year's, in logs.

    (1/θ) ln[λ_ii(q̂, 1) / λ_ii(q̂, φ̂)]: the formula of Arkolakis, Costinot & Rodríguez-Clare
    (2012) between the equilibrium at unchanged freeness and the one at the year's freeness, so that
    growth alone earns none.
    """
    gain: Array = np.log(closed.home_share / opened.home_share) / trade_elasticity
    return gain
