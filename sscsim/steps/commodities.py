"""Commodity prices of the year, a part of trade: what they do to exporters' sales, savings and governments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows import commodities as flows
from sscsim.flows.commodities import CLASSES, SWINGS, CommodityParameters
from sscsim.flows.trade import BaseEconomy, Endowed, Equilibrium
from sscsim.names import FIRST_YEAR
from sscsim.parameters import Parameters
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array
from sscsim.world.keeping import kept_with_parameters
from sscsim.world.state import variable
from sscsim.world.tables import World

__all__ = ["Commodities", "CommodityBase", "Goods"]

PROCESS = "commodity prices"
"""The stream that swings are drawn from."""

FACTORS = tuple(f"{name}_price_factor" for name in CLASSES)


@dataclass(frozen=True)
class CommodityBase:
    """What of commodities the base year fixes: ``(country, commodity)`` unless it says otherwise."""

    share: Array
    """Of goods exports."""
    imported: Array
    """Share in goods imports."""
    spent: Array
    """Imported commodities over all expenditure."""
    to_output: Array
    """Exports over gross output."""
    to_gdp: Array
    """Exports over GDP."""
    gdp: Array
    """Bn current USD, ``(country,)``."""
    recorded: Array
    """Real prices of the record relative to the base year, ``(year, commodity)``, the base year first."""
    parameters: CommodityParameters
    deficit_persistence: float
    market: flows.Market
    """Who bought what of whom, bn USD."""
    output: Array
    """Gross output, bn USD, ``(country,)``."""
    theta: float
    """Trade elasticity."""
    surplus_cap: float
    """Over output: no windfall is saved beyond the surplus that the base year admits."""

    @property
    def known(self) -> bool:
        """Whether anyone exports commodities."""
        return bool(self.share.any())


@dataclass(frozen=True)
class Goods:
    """What the year's markets see of commodities."""

    price: Array
    """``(commodity,)``."""
    deficit: Array
    """Deficit ratios, with what is saved of commodity income, ``(country,)``."""
    endowed: Endowed | None
    """Commodities among exports; None where nobody exports any."""
    supply: Array
    """By class, ``(country, commodity)``."""
    added: Array
    """What they earn over the GDP that the year's volume had at prices of the base year, ``(country,)``."""


class Commodities(Submodel):
    """Commodities among goods: the world sets their price, exporters live with it."""

    name = "commodities"
    title = "commodity prices move what exporters earn"
    variables = (
        variable(
            "commodity_price",
            "commodity",
            "ratio",
            "Real price of energy, metals, farm goods relative to the base year",
            neutral=1.0,
        ),
        variable(
            "commodity_swing", "commodity", "log", "Drawn deviation of prices from the median path"
        ),
        variable(
            "commodity_income",
            "country",
            "fraction",
            "What commodity exports bring beyond prices of the base year, over output",
        ),
        variable(
            "commodity_saving",
            "country",
            "fraction",
            "Deficit ratio that news about commodity income adds",
        ),
        variable(
            "offer_abroad",
            "country",
            "ratio",
            "Supply abroad at given prices relative to the base year",
            neutral=1.0,
        ),
        variable(
            "offer_at_home",
            "country",
            "ratio",
            "Supply at home at given prices relative to the base year",
            neutral=1.0,
        ),
        variable(
            "terms_of_trade",
            "country",
            "ratio",
            "Price of exports over that of imports as commodities move them, relative to the base year",
            neutral=1.0,
        ),
        variable(
            "public_means",
            "country",
            "ratio",
            "Real means of the government relative to prices of the base year",
            neutral=1.0,
        ),
    )
    policy = (
        *(
            variable(
                factor,
                "world",
                "ratio",
                f"Price of {name} relative to what it would be",
                neutral=1.0,
            )
            for factor, name in zip(FACTORS, ("energy", "metals", "farm goods"), strict=True)
        ),
        variable(
            "commodity_price_factor",
            "world",
            "ratio",
            "Price of all commodities relative to what it would be",
            neutral=1.0,
        ),
    )
    reads = (
        "commodity_swing",
        "commodity_income",
        "commodity_saving",
        "offer_abroad",
        "offer_at_home",
        "wage",
        "deficit_ratio",
    )

    def __init__(self, given: Given, others: Submodels, economy: BaseEconomy, trade: Array) -> None:
        self.base = _base(given.world, given.parameters, economy, trade)
        self.swinging = given.shocks
        """Whether prices swing after the record."""

    def sizes(self) -> dict[str, int]:
        """Return the number of classes."""
        return {"commodity": len(CLASSES)}

    def price(self, now: Year) -> Array:
        """Return the year's prices, ``(commodity,)``: the record's, then its last, moved by swings and by levers."""
        state = now.state
        state.commodity_swing = swing = self._swing(now)
        path = self.base.recorded[min(now.since, len(self.base.recorded) - 1)]
        moved = np.concatenate([getattr(state, factor) for factor in FACTORS])
        price: Array = path * np.exp(swing) * state.commodity_price_factor * moved
        return price

    def sell(self, now: Year, volume: Array, freeness: Array, deficit: Array) -> Goods:
        """Set the year's prices and what they bring to exporters and governments; return what markets see of it.

        Parameters
        ----------
        volume
            q̂, ``(country,)``.
        freeness
            Trade freeness relative to the base year, ``(origin, destination)``.
        deficit
            Deficit ratios without commodity prices, ``(country,)``.
        """
        state, base, rules = now.state, self.base, self.base.parameters
        state.commodity_price = price = self.price(now)
        if not base.known:
            nothing = np.zeros_like(base.share)
            return Goods(price, deficit, None, nothing, np.zeros(len(nothing)))
        value = flows.export_value(price, rules.commodity_demand_elasticity)
        world = float(base.output.sum() / (volume @ base.output))
        spending = state.wage * (volume * base.output) * (1.0 + state.deficit_ratio) * world
        spending /= base.market.bought
        offers = state.offer_abroad, state.offer_at_home
        growth, share = flows.buyers(base.market, spending, offers, freeness)
        # Sold is what there is, where buyers grow or are easy to reach; less only where they are kept away.
        reach = np.minimum(share, 1.0)
        self._pay(now, price, value, reach)
        relative = volume * world / (growth * np.maximum(share, 1.0))
        supply = base.share * value * relative[:, None]
        goods = Endowed(
            base.share.sum(axis=1),
            supply.sum(axis=1),
            base.to_output.sum(axis=1),
            reach * (base.to_output @ value),
        )
        added = reach * (base.to_gdp @ value)
        return Goods(price, self._deficit(now, deficit, reach), goods, supply, added)

    def _pay(self, now: Year, price: Array, value: Array, reach: Array) -> None:
        """Let exporters and their governments have what the year's prices bring."""
        state, base, rules = now.state, self.base, self.base.parameters
        change = reach * flows.income_change(base.to_output, value)
        state.commodity_saving = flows.buffer_step(
            state.commodity_saving,
            change,
            state.commodity_income,
            rules.commodity_income_saved,
            base.deficit_persistence,
        )
        state.commodity_income = change
        state.terms_of_trade = flows.terms_of_trade(base.share, base.imported, price)
        state.public_means = flows.public_means(
            base.to_gdp * reach[:, None], value, rules.take, rules.public_revenue_share
        )

    def _swing(self, now: Year) -> Array:
        """Return the deviation from the median path: none in years of the record, and where none is asked for."""
        rules, swing = self.base.parameters, now.state.commodity_swing
        if now.since < len(self.base.recorded) or not self.swinging:
            return np.zeros_like(swing)
        luck = now.luck.normal(PROCESS, now.year, SWINGS)
        return flows.swing_step(swing, luck, rules)

    def _deficit(self, now: Year, plain: Array, reach: Array) -> Array:
        """Return deficit ratios with what is saved of commodity income; who cannot sell earns no surplus either."""
        part = self.base.share.sum(axis=1) * (1.0 - reach)
        earned = np.where(plain < 0.0, plain * (1.0 - part), plain)
        moved: Array = earned + now.state.commodity_saving
        return np.maximum(moved, np.minimum(earned, -self.base.surplus_cap))

    def gdp_price(self, goods: Goods, wage: Array, volume: Array) -> Array:
        """Return the price of value added relative to the base year, ``(country,)``.

        Commodities are value added throughout: what their price moves is GDP, dollar for dollar. The rest has the
        factor price, and the world's value added has that of its volume.

        Parameters
        ----------
        goods
            What was sold.
        wage
            ŵ, the factor price.
        volume
            q̂, ``(country,)``.
        """
        price = wage * (1.0 - self.base.to_gdp.sum(axis=1)) + goods.added
        weight = volume * self.base.gdp
        relative: Array = price * (weight.sum() / (weight @ price))
        return relative

    def buy(
        self, now: Year, found: Equilibrium, goods: Goods, sales: Array, volume: Array
    ) -> Array:
        """Return by what commodity prices move the price of what each economy buys, ``(country,)``.

        Parameters
        ----------
        found
            The year's equilibrium.
        goods
            What was sold in it.
        sales
            Its flows abroad, ``(origin, destination)``, and nothing on the diagonal, in units of base-year output.
        volume
            q̂, ``(country,)``.
        """
        base = self.base
        if not base.known:
            return np.ones_like(found.wage)
        supply = goods.supply
        home = found.wage**-base.theta
        abroad = (1.0 - base.share.sum(axis=1)) * home + supply.sum(axis=1)
        part = np.divide(
            supply, abroad[:, None], out=np.zeros_like(supply), where=abroad[:, None] > 0.0
        )
        expenditure = found.worth * volume * base.output * (1.0 + found.deficit_ratio)
        spent = (sales.T @ part) / expenditure[:, None]
        now.state.offer_abroad, now.state.offer_at_home = abroad, home
        return flows.import_price(base.spent, spent, goods.price)


MOST_OF_GDP = 0.9
"""Share of commodities in GDP beyond which exports are of others' goods that pass through."""


MOST_OF_EXPORTS = 0.98
"""Share of commodities in exports up to which a record is believed: everyone sells something else, or could."""


def shares_of_exports(share: Array) -> Array:
    """Return shares of classes that leave every exporter some other goods, ``(country, commodity)``."""
    total = share.sum(axis=1, keepdims=True)
    kept: Array = share * (MOST_OF_EXPORTS / np.maximum(total, MOST_OF_EXPORTS))
    return kept


def base_endowed(share: Array | None, economy: BaseEconomy) -> Endowed | None:
    """Return commodities as they are in the base year; None where there are none.

    Parameters
    ----------
    share
        Of goods exports, ``(country, commodity)``; None where nothing is known of them.
    economy
        Accounts of the base year.
    """
    if share is None or not share.any():
        return None
    all_of_them = shares_of_exports(share).sum(axis=1)
    part = all_of_them * economy.exports / economy.output
    return Endowed(all_of_them, all_of_them, part, part)


@kept_with_parameters
def _base(
    world: World, parameters: Parameters, economy: BaseEconomy, trade: Array
) -> CommodityBase:
    share = world.commodity_shares
    if share is None:
        share = np.zeros((world.size, len(CLASSES)))
    share = shares_of_exports(share)
    bought = trade.T @ share
    gdp = world.base["gdp_current_busd"]
    imports = economy.imports
    to_gdp = share * (economy.exports / gdp)[:, None]
    most = to_gdp.sum(axis=1)
    return CommodityBase(
        share=share,
        imported=np.divide(
            bought, imports[:, None], out=np.zeros_like(bought), where=imports[:, None] > 0.0
        ),
        spent=bought / (economy.home_sales + imports)[:, None],
        market=flows.Market.of(trade, economy.home_sales),
        output=economy.output,
        theta=parameters["trade_elasticity"],
        to_output=share * (economy.exports / economy.output)[:, None],
        to_gdp=to_gdp * (MOST_OF_GDP / np.maximum(most, MOST_OF_GDP))[:, None],
        gdp=gdp,
        recorded=_recorded(world),
        parameters=CommodityParameters.from_parameters(parameters),
        deficit_persistence=parameters["deficit_persistence"],
        surplus_cap=parameters["surplus_cap"],
    )


def _recorded(world: World) -> Array:
    """Return real prices relative to the base year, from it to the last year of the record, ``(year, commodity)``."""
    real = {
        year: prices / world.price_level(year)
        for year, prices in sorted(world.commodity_prices.items())
        if year >= FIRST_YEAR
    }
    if FIRST_YEAR not in real:
        return np.ones((1, len(CLASSES)))
    return np.array([prices / real[FIRST_YEAR] for prices in real.values()])
