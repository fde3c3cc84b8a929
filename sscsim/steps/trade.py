"""Step 3: goods trade clears every market (¶79)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from sscsim.errors import InadmissibleInput
from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.flows.pairs import Cells, column_sums, row_sums
from sscsim.flows.swings import deficit_step, swung_deficit, trade_step
from sscsim.names import FIRST_YEAR
from sscsim.outcomes import naive
from sscsim.outcomes.growth import GrowthParameters
from sscsim.parameters import Parameters
from sscsim.steps.agreements import agreements_by_year
from sscsim.steps.commodities import Commodities, base_endowed
from sscsim.steps.shocks import swings_of
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array, Ints
from sscsim.world.keeping import kept_with_parameters, kept_with_world
from sscsim.world.state import DOMAINS, State, Variable, variable
from sscsim.world.tables import World

__all__ = ["GravityTrade", "Trade", "TradeBase"]


FACILITATION = DOMAINS.index("trade_finance_investment")


@dataclass(frozen=True)
class TradeBase:
    """The base-year trade matrix and what later years' hats apply to."""

    economy: trade.BaseEconomy
    flows: Array
    """Goods trade, ``(origin, destination)``, bn USD."""
    basis: Ints | None
    """What each pair's flow rests on, codes of `trade.BASIS`; None where the matrix is the user's."""
    markets: trade.Markets
    inverse: trade.Inverse | None
    response: trade.FreenessResponse
    deficit_persistence: float
    deficit_floor: float
    surplus_cap: float
    facilitation_saving: float
    """Part of trade cost that each end saves as it learns to facilitate, by unit of capability."""
    recorded_price: Array
    """Price of own output relative to the world's in the years of the record, ``(year, country)``."""
    dollar_persistence: float
    """Part of the distance between that and the model's own price that is left after a year."""
    infrastructure_elasticity: float
    """Elasticity of output to infrastructure, that through trade apart."""


class Trade(Submodel):
    """Goods trade between all economies: exact hat algebra on the matrix of the base year."""

    name = "trade"
    title = "goods trade clears every market"
    parts = (Commodities,)
    variables = (
        variable(
            "gdp_current",
            "country",
            "bn USD",
            "Gross domestic product in dollars of the day: the one valuation of output",
        ),
        variable(
            "dollar_gap",
            "country",
            "log",
            "Price of own output in dollars of the day beyond the model's own: the record's, then closing",
        ),
        variable(
            "dollar_level",
            "world",
            "ratio",
            "World output in dollars of the day over that at the model's own prices",
            neutral=1.0,
        ),
        variable(
            "real_income",
            "country",
            "bn 2015 USD",
            "Domestic income at the prices of what is bought",
        ),
        variable(
            "wage",
            "country",
            "ratio",
            "Price of own output relative to the base year: of what makes it, and of commodities",
            neutral=1.0,
        ),
        variable(
            "gdp_price",
            "country",
            "ratio",
            "The same of value added, of which commodities are a larger part than of output",
            neutral=1.0,
        ),
        variable(
            "price_index",
            "country",
            "ratio",
            "Price of expenditure relative to the base year",
            neutral=1.0,
        ),
        variable("home_sales", "country", "bn USD", "Output sold at home, services included"),
        variable("deficit_ratio", "country", "fraction", "Goods deficit over own gross output"),
        variable("trade", "origin destination", "bn USD", "Goods trade"),
        variable("exports", "country", "bn USD", "Goods exports"),
        variable("imports", "country", "bn USD", "Goods imports"),
        variable("trade_gain", "country", "log", "Gain from freer trade than in the base year"),
        variable(
            "trade_swing",
            "country",
            "log",
            "Drawn deviation of the freeness of all trade of an economy from the median path",
        ),
        variable(
            "deficit_swing",
            "country",
            "log",
            "Drawn deviation of half of imports over exports from the median path",
        ),
    )
    policy: ClassVar[tuple[Variable, ...]] = (
        variable(
            "trade_cost",
            "origin destination",
            "ratio",
            "Ad-valorem trade cost relative to the base year, by policy",
            neutral=1.0,
        ),
    )
    reads: ClassVar[tuple[str, ...]] = (
        "gdp",
        "infrastructure_capital",
        "agreement",
        "corridor_cut",
        "tied_freeness",
        "capability",
        "cooperation_tie",
        "financing_ratio",
        "wage",
        "dollar_gap",
        "dollar_level",
        "infrastructure_on_record",
        "trade_swing",
        "deficit_swing",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.base = _base(given.world, given.parameters)
        self.swings = swings_of(given)
        """Of trade about what incomes and prices say; None where nothing is drawn."""
        self.commodities = Commodities(given, others, self.base.economy, self.base.flows)
        self.inverse: trade.Inverse | None = self.base.inverse
        """Of the Jacobian as the last search left it: spares work, changes nothing beyond the tolerance."""
        self.factor_price: Array | None = None
        """Of the last year, where the search for the next one starts, for the same purpose."""
        self.closing: Array | float = 1.0
        """By what policy undone moved it, where the search for that starts, ``(country,)``."""

    def held(self) -> tuple[Submodel, ...]:
        """Return commodities."""
        return (self.commodities,)

    def fill(self, state: State, given: Given) -> None:
        """Set values, prices and flows of the base year."""
        state.gdp_current = given.world.base["gdp_current_busd"]
        state.real_income = given.world.base["gdp_constant_2015_busd"]
        state.home_sales = self.base.economy.home_sales
        state.deficit_ratio = self.base.economy.deficit_ratio
        state.trade = self.base.flows
        state.exports = self.base.flows.sum(axis=1)
        state.imports = self.base.flows.sum(axis=0)

    def turn(self, now: Year) -> None:
        """Value output at last year's relative prices until the year has found its own."""
        state, last = now.state, now.last
        state.dollar_gap = self.base.dollar_persistence * last.dollar_gap
        self._value(now, last.gdp_price)
        state.real_income = last.real_income * (state.gdp / last.gdp)

    def _value(self, now: Year, wage: Array) -> None:
        """Value output in dollars of the day: no other place does, and everyone reads `gdp_current`.

        Recorded dollars are of recorded output, which holds what banks and lines built in them: their part of the
        year's volume takes nothing off the price, and adds nothing to the dollars while there is a record.
        """
        state, opening, record = now.state, now.opening, self.base.recorded_price
        recorded = None
        if now.since < len(record):
            built = state.infrastructure_on_record / state.infrastructure_capital
            recorded = record[now.since] * (1.0 - built) ** self.base.infrastructure_elasticity
        state.gdp_current, dollars = trade.value_output(
            opening.gdp_current * wage * (state.gdp / opening.gdp) * now.prices(),
            wage,
            trade.Dollars(state.dollar_gap, float(state.dollar_level[0])),
            recorded,
        )
        state.dollar_gap, state.dollar_level = dollars.gap, np.array([dollars.level])

    def run(self, now: Year) -> None:
        """Solve this year's prices and flows; every hat is relative to the base year."""
        state, opening, base = now.state, now.opening, self.base
        prices = now.prices()
        volume = state.gdp / opening.gdp
        deficit = trade.trade_deficit_ratio(
            base.economy.deficit_ratio,
            now.since,
            state.financing_ratio,
            opening.financing_ratio,
            persistence=base.deficit_persistence,
        )
        self._swing(now)
        traded = (base.economy.exports + base.economy.imports) / base.economy.output
        deficit = swung_deficit(deficit, state.deficit_swing, traded, base.surplus_cap)
        freeness = self._freeness(now, volume)
        goods = self.commodities.sell(now, volume, freeness.whole, deficit)
        opened, closed = self._solved(
            trade.Hats(volume, freeness.whole, goods.deficit, goods.endowed),
            freeness.without_policy,
        )
        sales = opened.flows
        state.home_sales = np.diagonal(sales) * prices
        np.fill_diagonal(sales, 0.0)
        price_index = opened.price * self.commodities.buy(now, opened, goods, sales, volume)
        sales *= prices  # in place: the flows are ours
        state.trade = sales
        state.exports, state.imports = row_sums(sales), column_sums(sales)
        state.wage, state.price_index = opened.worth, price_index
        state.gdp_price = gdp_price = self.commodities.gdp_price(goods, opened.wage, volume)
        state.deficit_ratio = opened.deficit_ratio
        state.trade_gain = trade.gain_from_policy(
            closed, opened, trade_elasticity=base.markets.trade_elasticity
        )
        self._value(now, gdp_price)
        state.real_income = state.gdp * gdp_price / price_index

    def _solved(
        self, hats: trade.Hats, without_policy: Array
    ) -> tuple[trade.Equilibrium, trade.Equilibrium]:
        """Return the year's equilibrium, and what it would be without what policy does to freeness.

        What growth, roads, ties and tied credit do to trade is no gain from policy.
        """
        base = self.base
        opened = closed = trade.solve_equilibrium(
            base.markets,
            hats,
            trade.Start(self.factor_price, self.inverse),
            deficit_floor=base.deficit_floor,
        )
        if without_policy is not hats.freeness:
            closed = trade.solve_equilibrium(
                base.markets,
                replace(hats, freeness=without_policy),
                trade.Start(opened.wage * self.closing, opened.inverse),
                deficit_floor=base.deficit_floor,
            )
        self.inverse, self.factor_price = closed.inverse, opened.wage
        self.closing = closed.wage / opened.wage
        return opened, closed

    def _swing(self, now: Year) -> None:
        """Draw luck of trade and deficits: from the base year on, since no record of trade is input."""
        state, rules = now.state, self.swings
        traded, deficit = state.trade_swing, state.deficit_swing
        if rules is not None and now.since > 0:
            count = len(traded)
            luck = now.luck.normal("trade swing", now.year, 1 + count)
            traded = trade_step(traded, luck, rules)
            luck = now.luck.normal("deficit swing", now.year, count)
            deficit = deficit_step(deficit, luck, rules)
        state.trade_swing, state.deficit_swing = traded, deficit

    def _freeness(self, now: Year, volume: Array) -> trade.Freeness:
        """Return trade freeness relative to the base year, tied purchases included."""
        state, opening = now.state, now.opening
        # Each end that learns to facilitate takes its own part off the cost of all its trade.
        learned = state.capability[:, FACILITATION] - opening.capability[:, FACILITATION]
        return trade.trade_freeness(
            trade.PairChanges(
                agreement=now.agreement_changes(),
                tie=state.cooperation_tie - opening.cooperation_tie,
                cost=Cells.of(state.trade_cost, 1.0),
                cut=Cells.of(state.corridor_cut),
                tied=state.tied_freeness,
            ),
            trade.SideChanges(
                infrastructure=np.log(state.infrastructure_capital / opening.infrastructure_capital)
                - np.log(volume),
                cost=1.0 - self.base.facilitation_saving * learned,
                swing=state.trade_swing,
            ),
            self.base.response,
        )


class GravityTrade(Trade):
    """The trade of the model to beat: every flow moves with the size of its two ends, at unchanged prices."""

    policy = ()
    reads = (
        "gdp",
        "dollar_gap",
        "dollar_level",
        "infrastructure_capital",
        "infrastructure_on_record",
    )

    def run(self, now: Year) -> None:
        """Move every flow with the size of its ends."""
        state, opening = now.state, now.opening
        prices = now.prices()
        volume = state.gdp / opening.gdp
        flows = naive.gravity_trade(self.base.flows, volume, opening.gdp, prices)
        output = self.base.economy.output * volume * prices
        state.trade = flows
        state.exports = flows.sum(axis=1)
        state.imports = flows.sum(axis=0)
        state.home_sales = output - state.exports
        state.deficit_ratio = (state.imports - state.exports) / output
        state.wage = np.ones_like(volume)
        state.gdp_price = np.ones_like(volume)
        state.price_index = np.ones_like(volume)
        state.trade_gain = np.zeros_like(volume)
        self._value(now, np.ones_like(volume))
        state.real_income = state.gdp.copy()


@kept_with_parameters
def _base(world: World, parameters: Parameters) -> TradeBase:
    economy = _economy(world, parameters)
    if world.trade_matrix is None:
        start, basis = _start(world, parameters, economy)
    else:
        start, basis = world.trade_matrix, None
    flows = balance(start, economy.exports, economy.imports, names=world.iso3)
    sales = flows + np.diag(economy.home_sales)
    markets = trade.Markets(
        sales / sales.sum(axis=0), economy.output, parameters["trade_elasticity"], world.iso3
    )
    return TradeBase(
        economy=economy,
        flows=flows,
        basis=basis,
        markets=markets,
        inverse=trade.base_inverse(
            markets,
            economy.deficit_ratio,
            base_endowed(world.commodity_shares, economy),
        ),
        response=trade.FreenessResponse(
            agreement=parameters["gravity_agreement"],
            infrastructure=parameters["infrastructure_freeness"],
            tie=parameters["tie_trade_response"],
            trade_elasticity=parameters["trade_elasticity"],
        ),
        deficit_persistence=parameters["deficit_persistence"],
        deficit_floor=parameters["deficit_floor"],
        surplus_cap=parameters["surplus_cap"],
        facilitation_saving=parameters["facilitation_saving"],
        recorded_price=_recorded_price(world),
        dollar_persistence=parameters["real_exchange_rate_persistence"],
        infrastructure_elasticity=GrowthParameters.from_parameters(
            parameters
        ).infrastructure_elasticity,
    )


@kept_with_world
def _recorded_price(world: World) -> Array:
    """Return the price of each economy's output relative to the world's in the years of the record, base year first."""
    if (
        not world.gdp_in_dollars
    ):  # a world without the record keeps the model's own prices after the base year
        return np.ones((1, world.size))
    recorded = ~world.growth_is_forecast
    years = world.growth_years[recorded].tolist()
    return trade.recorded_price(
        np.array([world.gdp_in_dollars[year] for year in years]),
        world.growth_record[:, recorded].T[1:] / 100,
        np.array([world.price_level(year) for year in years]),
    )


def _economy(world: World, parameters: Parameters) -> trade.BaseEconomy:
    """Close the accounts of the base year: by the records, or by the matrix that a user brings."""
    given, group = world.trade_matrix, None
    if given is None:
        # The totals are records with an error in common; a matrix the user brings is what it is.
        scale = parameters["trade_record_scale"]
        exports = world.base["goods_exports_busd"] * scale
        imports = world.base["goods_imports_busd"] * scale
    else:
        _check_coverage(world, given)
        exports, imports = given.sum(axis=1), given.sum(axis=0)
        group = trade.trading_groups(given)
    return trade.close_economy(
        world.base["gdp_current_busd"],
        exports,
        imports,
        output_to_gdp=parameters["output_to_gdp"],
        home_sales_floor=parameters["home_sales_floor"],
        deficit_cap=parameters["deficit_cap"],
        surplus_cap=parameters["surplus_cap"],
        group=group,
    )


def _start(world: World, parameters: Parameters, economy: trade.BaseEconomy) -> tuple[Array, Ints]:
    """Return the matrix to balance, by the world's choice (`World.base_trade`), and what it rests on."""
    totals = economy.exports, economy.imports
    shares = world.published_export_share, world.published_import_share
    tolerance = parameters["mirror_tolerance"]
    kernel = _gravity(world, parameters, economy)
    elsewhere = np.full(kernel.shape, trade.ELSEWHERE, dtype=np.int64)
    if world.base_trade == "gravity":
        return kernel, elsewhere
    published = trade.published_flows(kernel, *totals, *shares, mirror_tolerance=tolerance)
    informed = trade.informed_kernel(
        kernel, published, world.distance, distance_elasticity=parameters["gravity_distance"]
    )
    ceiling = trade.unlisted_ceiling(*shares, *totals)
    seeded = trade.seed_matrix(informed, published, *totals, ceiling=ceiling)
    rough = world.trade_shares_of_all_sectors
    if world.base_trade == "factbook" or world.trade_shares is None or rough is None:
        return seeded, elsewhere
    known = ~np.isnan(world.trade_shares)
    spread = trade.flows_by_shares(
        world.trade_shares, balance(seeded, *totals, names=world.iso3), economy.exports
    )
    judged, basis = trade.judged_flows(
        balance(spread, *totals, names=world.iso3),
        kernel,
        published,
        trade.confirmed_by_both(*totals, *shares, mirror_tolerance=tolerance),
        # Shares that hold services as well are given no tolerance above what lists leave room for.
        np.where(rough, 1.0, tolerance) * ceiling,
        mirror_tolerance=tolerance,
    )
    basis = np.where((basis == 0) & rough, trade.ALL_SECTORS, basis)
    return np.where(known, judged, spread), np.where(known, basis, elsewhere)


def _gravity(world: World, parameters: Parameters, economy: trade.BaseEconomy) -> Array:
    """Return balanced gravity trade."""
    south = world.membership("south_unctad_2014").astype(float)
    geography = trade.Geography(
        distance=world.distance,
        contiguity=world.contiguity,
        common_language=world.common_language,
        colonial_tie=world.colonial_tie,
        agreement=agreements_by_year(world)[FIRST_YEAR],
        both_south=np.outer(south, south),
    )
    kernel = trade.gravity_kernel(
        geography,
        economy.exports,
        economy.imports,
        distance=parameters["gravity_distance"],
        contiguity=parameters["gravity_contiguity"],
        common_language=parameters["gravity_common_language"],
        colonial_tie=parameters["gravity_colonial_tie"],
        agreement=parameters["gravity_agreement"],
        south=parameters["gravity_south"],
    )
    return balance(kernel, economy.exports, economy.imports, names=world.iso3)


LEAST_COVERAGE, MOST_COVERAGE = 0.5, 1.5
"""Share of recorded world exports below and above which a user's matrix is no matrix of the world's trade."""

MOST_OF_ITS_OWN = 20.0
"""Times its recorded exports or imports above which an economy's trade in a user's matrix is a slip of units."""

LEAST_RECORDED = 0.5
"""Billions of dollars of recorded trade from which on that is judged."""


def _check_coverage(world: World, matrix: Array) -> None:
    """Refuse a matrix that cannot be the world's trade: too little of it, too much, or one economy's out of scale.

    Raises
    ------
    InadmissibleInput
        With what was found and what slip it looks like.
    """
    recorded = world.base["goods_exports_busd"]
    covered = float(matrix.sum() / recorded.sum()) if recorded.any() else 1.0
    idle = [
        code
        for code, row, column in zip(world.iso3, matrix, matrix.T, strict=True)
        if not row.any() and not column.any()
    ]
    if not LEAST_COVERAGE <= covered <= MOST_COVERAGE:
        little = covered < LEAST_COVERAGE
        slip = (
            f"{len(idle)} economies have none; a pair that the file leaves out trades nothing"
            if little
            else "are values in billions of dollars, aggregates left out, and each flow given once?"
        )
        raise InadmissibleInput(
            f"the trade matrix holds too {'little' if little else 'much'} of the world's trade to balance markets with",
            key="value",
            found=f"{covered:.3g} times the recorded exports of {recorded.sum():,.0f} bn USD",
            allowed=f"{LEAST_COVERAGE:g} to {MOST_COVERAGE:g} times; {slip}",
        )
    for what, sums, column in (
        ("exports", matrix.sum(axis=1), "goods_exports_busd"),
        ("imports", matrix.sum(axis=0), "goods_imports_busd"),
    ):
        known = np.maximum(world.base[column], LEAST_RECORDED)
        large = np.flatnonzero(sums > MOST_OF_ITS_OWN * known)
        if large.size:
            worst = int(large[np.argmax((sums / known)[large])])
            others = len(large) - 1
            raise InadmissibleInput(
                f"{what} of an economy in the trade matrix are out of scale"
                + (f", and those of {others} others" if others else ""),
                key=f"{what} of {world.iso3[worst]}",
                found=f"{sums[worst]:,.3g} bn USD where {world.base[column][worst]:,.3g} are recorded",
                allowed=f"at most {MOST_OF_ITS_OWN:g} times the record; are values in billions of dollars?",
            )
