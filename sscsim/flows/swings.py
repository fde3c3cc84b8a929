"""Luck that no event is: business cycles, swings of goods trade and deficits, of remittances and who gets assistance.

All are autoregressions about the median path, drawn with the shocks. Part of a year's news is everybody's, part a
region's, part an economy's own, so that sums over many economies are uncertain too: luck that is each economy's own
alone averages out of a continent, and an interval of its growth would hold a few tenths of a point.

All functions are pure. Axes are ``(country,)``; ``region`` numbers the regions from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from sscsim.types import Array, Ints, Mask

__all__ = [
    "SwingParameters",
    "aid_step",
    "cycle_step",
    "deficit_step",
    "remittance_step",
    "swung_deficit",
    "trade_step",
]


@dataclass(frozen=True)
class SwingParameters:
    """The numbers of the submodel; ``swings.yaml`` gives meaning and source of each."""

    cycle_world: float
    cycle_region: float
    cycle_own_developed: float
    cycle_own_developing: float
    cycle_persistence: float
    trade_swing_world: float
    trade_swing_own: float
    trade_swing_persistence: float
    deficit_swing_own: float
    deficit_swing_persistence: float
    remittance_swing_region: float
    remittance_swing_own: float
    remittance_swing_persistence: float
    aid_swing_region: float
    aid_swing_own: float
    aid_swing_persistence: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``swings.yaml``)."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})


def cycle_step(
    cycle: Array, luck: Array, region: Ints, developed: Mask, parameters: SwingParameters
) -> Array:
    """Return the logarithm by which output lies off its path, ``(country,)``.

    ``c_i ← ρ c_i + σ_w z_0 + σ_r z_r(i) + σ_i z_i``: the path of growth gets the change of c, so that what a slump
    takes comes back.

    Parameters
    ----------
    cycle
        Of last year.
    luck
        Standard normal numbers, ``(1 + country + country,)``: the world's, the regions', the economies'. Regions take
        the first of theirs, so that how many are drawn depends on nothing but the number of economies.
    region
        Number of each economy's region.
    developed
        Economies of the developed group.
    """
    p = parameters
    own = np.where(developed, p.cycle_own_developed, p.cycle_own_developing)
    news = p.cycle_world * luck[0] + _of_regions(luck[1:], region, p.cycle_region, own)
    moved: Array = p.cycle_persistence * cycle + news
    return moved


def trade_step(swing: Array, luck: Array, parameters: SwingParameters) -> Array:
    """Return the logarithm of what an economy's end of a flow adds to its freeness, ``(country,)``.

    ``s_i ← ρ s_i + ½ σ_w z_0 + σ z_i``: a flow has two ends, each with half of what is the world's.

    Parameters
    ----------
    swing
        Of last year.
    luck
        Standard normal numbers, ``(1 + country,)``.
    """
    p = parameters
    news = 0.5 * p.trade_swing_world * luck[0] + p.trade_swing_own * luck[1:]
    moved: Array = p.trade_swing_persistence * swing + news
    return moved


def deficit_step(swing: Array, luck: Array, parameters: SwingParameters) -> Array:
    """Return half the logarithm by which imports over exports lie off what finance says, ``(country,)``.

    Parameters
    ----------
    swing
        Of last year.
    luck
        Standard normal numbers, ``(country,)``.
    """
    p = parameters
    moved: Array = p.deficit_swing_persistence * swing + p.deficit_swing_own * luck
    return moved


def swung_deficit(deficit: Array, swing: Array, traded: Array, surplus_cap: float) -> Array:
    """Return deficits over gross output with swings, ``(country,)``: imports up, exports down by the same part.

    Reserves and portfolio capital, of which no stock is kept, pay for it; the world's sum is restored with the prices.

    Parameters
    ----------
    deficit
        Ratios without luck.
    swing
        Of `deficit_step`.
    traded
        Exports and imports over gross output.
    surplus_cap
        Largest surplus that luck may bring about, as the base year admits none beyond it.
    """
    moved = deficit + swing * traded
    floor = np.minimum(deficit, -surplus_cap)
    found: Array = np.where(swing == 0.0, deficit, np.maximum(moved, floor))
    return found


def remittance_step(swing: Array, luck: Array, region: Ints, parameters: SwingParameters) -> Array:
    """Return the logarithm by which remittances lie off what their hosts' income says, ``(country,)``.

    Parameters
    ----------
    swing
        Of last year.
    luck
        Standard normal numbers, ``(country + country,)``: the regions', the economies'.
    region
        Number of each economy's region.
    """
    p = parameters
    news = _of_regions(luck, region, p.remittance_swing_region, p.remittance_swing_own)
    moved: Array = p.remittance_swing_persistence * swing + news
    return moved


def aid_step(swing: Array, luck: Array, region: Ints, parameters: SwingParameters) -> Array:
    """Return the logarithm by which receivers' claims on assistance lie off what need says, ``(country,)``.

    What is paid is the donors' affair: where one gets more, others get less. As `remittance_step`.
    """
    p = parameters
    news = _of_regions(luck, region, p.aid_swing_region, p.aid_swing_own)
    moved: Array = p.aid_swing_persistence * swing + news
    return moved


def _of_regions(luck: Array, region: Ints, shared: float, own: Array | float) -> Array:
    count = len(region)
    news: Array = shared * luck[:count][region] + own * luck[count:]
    return news
