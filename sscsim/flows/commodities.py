"""Commodity prices: what exporters of fuel, metals and farm goods earn, save, and leave to their governments.

Prices are real, over the price of the world's output, and relative to the base year. Axes are ``(country,)``,
``(commodity,)`` in the order of `CLASSES`, ``(country, commodity)``. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from sscsim.types import Array

__all__ = [
    "CLASSES",
    "SWINGS",
    "CommodityParameters",
    "Market",
    "buffer_step",
    "buyers",
    "export_value",
    "import_price",
    "income_change",
    "public_means",
    "swing_step",
    "terms_of_trade",
]

CLASSES = ("energy", "metals", "agriculture")
"""Classes of commodities, the last axis of shares and prices."""

SWINGS = 1 + len(CLASSES)
"""Standard normal numbers that a year of swings takes: one in common and one for each class."""


@dataclass(frozen=True)
class CommodityParameters:
    """The numbers of the submodel; ``commodities.yaml`` gives meaning and source of each."""

    commodity_demand_elasticity: float
    commodity_income_saved: float
    revenue_take_energy: float
    revenue_take_metals: float
    revenue_take_agriculture: float
    public_revenue_share: float
    commodity_swings: float
    commodity_persistence: float
    commodity_comovement: float
    commodity_shock_energy: float
    commodity_shock_metals: float
    commodity_shock_agriculture: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``commodities.yaml``)."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})

    @property
    def take(self) -> Array:
        """What governments take of a dollar more that is exported, ``(commodity,)``."""
        return np.array(
            [self.revenue_take_energy, self.revenue_take_metals, self.revenue_take_agriculture]
        )

    @property
    def shock(self) -> Array:
        """Standard deviation of a year's news about the logarithm of a price, ``(commodity,)``."""
        return np.array(
            [
                self.commodity_shock_energy,
                self.commodity_shock_metals,
                self.commodity_shock_agriculture,
            ]
        )


def export_value(price: Array, elasticity: float) -> Array:
    """Return what the world spends on a class at this price, as a ratio to the base year's price: ``p^(1−ε)``.

    Parameters
    ----------
    price
        ``(commodity,)``, positive.
    elasticity
        ε, by how much demand falls with the price; zero where the same goods are bought at any price.
    """
    value: Array = price ** (1.0 - elasticity)
    return value


def income_change(exports_ratio: Array, value: Array) -> Array:
    """Return what commodity exports bring more than at the prices of the base year, in units of the ratio.

    Parameters
    ----------
    exports_ratio
        Exports of each class over output or over GDP, ``(country, commodity)``.
    value
        Ratio to the base year, ``(commodity,)``.
    """
    change: Array = exports_ratio @ (value - 1.0)
    return change


def buffer_step(
    buffer: Array, change: Array, before: Array, saved: float, persistence: float
) -> Array:
    """Return by how much the deficit ratio of each economy is moved by what it saves of commodity income.

    ``B_t = ρ B_{t−1} − κ (m_t − m_{t−1})``: of news about income the part κ is saved, or paid out of savings where the
    news is bad, and spending adjusts at the rate at which all imbalances fade.

    Parameters
    ----------
    buffer
        B of last year, over own income.
    change, before
        m of this year and of last year: income beyond that at prices of the base year, over own income.
    saved, persistence
        κ and ρ, as fractions.
    """
    moved: Array = persistence * buffer - saved * (change - before)
    return moved


def public_means(exports_ratio: Array, value: Array, take: Array, revenue_share: float) -> Array:
    """Return governments' real means relative to those at prices of the base year, ``(country,)``, positive.

    Revenue moves by z = Σ_k τ_k x_k (v_k − 1) / r as a part of itself. A gain adds z; a loss leaves exp(z), which is
    the same while it is small, and something however large.

    Parameters
    ----------
    exports_ratio
        x, exports of each class over GDP, ``(country, commodity)``.
    value
        v, ratio to the base year, ``(commodity,)``.
    take
        τ, what governments take of a dollar more, ``(commodity,)``.
    revenue_share
        r, public revenue over GDP.
    """
    moved = exports_ratio @ (take * (value - 1.0)) / revenue_share
    return np.where(moved > 0.0, 1.0 + moved, np.exp(np.minimum(moved, 0.0)))


def import_price(spent_base: Array, spent: Array, price: Array) -> Array:
    """Return by what commodity prices move the price of what each economy buys, as a ratio: a Törnqvist index.

    Parameters
    ----------
    spent_base, spent
        Share of imported commodities in all expenditure, in the base year and now, ``(country, commodity)``.
    price
        ``(commodity,)``.
    """
    moved: Array = np.exp(0.5 * (spent_base + spent) @ np.log(price))
    return moved


@dataclass(frozen=True)
class Market:
    """Sales of the base year and their sums, ``(country,)`` but for trade."""

    trade: Array
    """``(origin, destination)``."""
    home: Array
    exports: Array
    bought: Array

    @classmethod
    def of(cls, trade: Array, home: Array) -> Self:
        """Return the market of these sales abroad and at home."""
        return cls(trade, home, trade.sum(axis=1), trade.sum(axis=0) + home)


def buyers(
    market: Market, spending: Array, offers: tuple[Array, Array], freeness: Array
) -> tuple[Array, Array]:
    """Return what an exporter of unit supply can sell relative to the base year, ``(country,)`` each.

    Parameters
    ----------
    market
        Of the base year.
    spending
        Of each economy, relative to the base year and to the world, ``(country,)``.
    offers
        What all sellers offered last year, abroad and at home, relative to the base year, ``(country,)`` each.
    freeness
        Of trade relative to the base year, ``(origin, destination)``.

    Returns
    -------
    growth
        By how much customers' spending outgrew the world's.
    share
        Of that what a seller of unit supply gets, less where others offer more or more freely.
    """
    abroad, own = offers
    free = market.trade * freeness
    rivals = abroad @ free + own * market.home
    growth, share = np.ones_like(market.exports), np.ones_like(market.exports)
    sells = market.exports > 0.0
    plain = market.trade @ spending
    np.divide(plain, market.exports, out=growth, where=sells)
    np.divide(free @ (spending * market.bought / rivals), plain, out=share, where=sells)
    return growth, share


def terms_of_trade(exported: Array, imported: Array, price: Array) -> Array:
    """Return the price of exports over that of imports as far as commodities move them, ``(country,)``.

    Parameters
    ----------
    exported, imported
        Share of each class in goods exports and in goods imports of the base year, ``(country, commodity)``.
    price
        ``(commodity,)``.
    """
    moved: Array = np.exp((exported - imported) @ np.log(price))
    return moved


def swing_step(swing: Array, luck: Array, parameters: CommodityParameters) -> Array:
    """Return the logarithm by which drawn prices lie off the median path, ``(commodity,)``.

    ``s_k ← ρ s_k + σ_k (√c z_0 + √(1−c) z_k)``: one part of the news moves all classes, the rest each by itself.

    Parameters
    ----------
    swing
        Of last year.
    luck
        Standard normal numbers, ``(SWINGS,)``; how many are taken depends on no parameter.
    """
    common = parameters.commodity_comovement
    news = np.sqrt(common) * luck[0] + np.sqrt(1.0 - common) * luck[1:]
    scale = parameters.commodity_swings * parameters.shock
    moved: Array = parameters.commodity_persistence * swing + scale * news
    return moved
