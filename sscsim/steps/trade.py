"""Step 3: goods trade clears every market (¶79)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InadmissibleInput
from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.outcomes import benchmark
from sscsim.parameters import Parameters
from sscsim.policy.scenario import FIRST_YEAR
from sscsim.steps.agreements import agreements_by_year
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.world.state import DOMAINS, State, Variable, variable
from sscsim.world.tables import World

__all__ = ["GravityTrade", "Trade", "TradeBase"]

Array = NDArray[np.float64]

FACILITATION = DOMAINS.index("trade_finance_investment")


@dataclass(frozen=True)
class TradeBase:
    """The base-year trade matrix and what later years' hats apply to."""

    economy: trade.BaseEconomy
    flows: Array
    shares: Array
    factors: trade.Factors
    elasticity: float
    agreement_coefficient: float
    infrastructure_coefficient: float
    deficit_persistence: float
    deficit_floor: float
    facilitation_saving: float
    tie_response: float


class Trade(Submodel):
    """Goods trade between all economies: exact hat algebra on the matrix of the base year."""

    name = "trade"
    title = "goods trade clears every market"
    variables = (
        variable("gdp_current", "country", "bn USD", "Gross domestic product, value"),
        variable(
            "real_income",
            "country",
            "bn 2015 USD",
            "Domestic income at the prices of what is bought",
        ),
        variable("wage", "country", "ratio", "Factor price relative to the base year", neutral=1.0),
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
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.base = _base(given.world, given.parameters)
        self.factors: trade.Factors | None = self.base.factors
        """Where the last equilibrium's solver stood: spares work, changes nothing beyond the tolerance."""

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
        """Value output at last year's prices until the year has found its own."""
        state, last = now.state, now.last
        grown = state.gdp / last.gdp
        inflation = now.deflator[state.year] / now.deflator[state.year - 1]
        state.gdp_current = last.gdp_current * grown * inflation
        state.real_income = last.real_income * grown

    def run(self, now: Year) -> None:
        """Solve this year's prices and flows; every hat is relative to the base year."""
        state, base = now.state, self.base
        opening = now.opening
        prices = now.prices()
        volume = state.gdp / opening.gdp
        # Each end that learns to facilitate takes its own part off the cost of all its trade.
        learned = state.capability[:, FACILITATION] - opening.capability[:, FACILITATION]
        ends = 1.0 - base.facilitation_saving * learned
        freeness = trade.trade_freeness(
            state.agreement - opening.agreement,
            np.log(state.infrastructure_capital / opening.infrastructure_capital) - np.log(volume),
            state.trade_cost * (1.0 - state.corridor_cut) * ends[:, None] * ends[None, :],
            agreement=base.agreement_coefficient,
            infrastructure=base.infrastructure_coefficient,
            trade_elasticity=base.elasticity,
        )
        response = base.tie_response
        freeness *= np.exp(response * (state.cooperation_tie - opening.cooperation_tie))
        freeness *= state.tied_freeness
        deficit = trade.trade_deficit_ratio(
            base.economy.deficit_ratio,
            now.since,
            state.financing_ratio,
            opening.financing_ratio,
            persistence=base.deficit_persistence,
        )
        opened = trade.solve_equilibrium(
            base.shares,
            base.economy.output,
            volume,
            freeness,
            deficit,
            trade_elasticity=base.elasticity,
            deficit_floor=base.deficit_floor,
            start=state.wage,
            factors=self.factors,
            names=now.world.iso3,
        )
        closed = trade.solve_equilibrium(
            base.shares,
            base.economy.output,
            volume,
            state.tied_freeness,  # what tied credit buys is no gain from freer trade
            deficit,
            trade_elasticity=base.elasticity,
            deficit_floor=base.deficit_floor,
            start=opened.wage,
            factors=opened.factors,
            names=now.world.iso3,
        )
        self.factors = closed.factors
        sales = opened.flows * prices
        state.home_sales = np.diagonal(sales).copy()
        np.fill_diagonal(sales, 0.0)
        state.trade = sales
        state.exports = sales.sum(axis=1)
        state.imports = sales.sum(axis=0)
        state.wage = opened.wage
        state.price_index = opened.price
        state.deficit_ratio = opened.deficit_ratio
        state.trade_gain = trade.gain_from_policy(closed, opened, trade_elasticity=base.elasticity)
        state.gdp_current = opening.gdp_current * opened.wage * volume * prices
        state.real_income = state.gdp * opened.wage / opened.price


class GravityTrade(Trade):
    """The trade of the model to beat: every flow moves with the size of its two ends, at unchanged prices."""

    policy = ()
    reads = ("gdp",)

    def run(self, now: Year) -> None:
        """Move every flow with the size of its ends."""
        state, opening = now.state, now.opening
        prices = now.prices()
        volume = state.gdp / opening.gdp
        flows = benchmark.gravity_trade(self.base.flows, volume, opening.gdp, prices)
        output = self.base.economy.output * volume * prices
        state.trade = flows
        state.exports = flows.sum(axis=1)
        state.imports = flows.sum(axis=0)
        state.home_sales = output - state.exports
        state.deficit_ratio = (state.imports - state.exports) / output
        state.wage = np.ones_like(volume)
        state.price_index = np.ones_like(volume)
        state.trade_gain = np.zeros_like(volume)
        state.gdp_current = opening.gdp_current * volume * prices
        state.real_income = state.gdp.copy()


def _base(world: World, parameters: Parameters) -> TradeBase:
    south = world.membership("south_unctad_2014").astype(float)
    geography = trade.Geography(
        distance=world.distance,
        contiguity=world.contiguity,
        common_language=world.common_language,
        colonial_tie=world.colonial_tie,
        agreement=agreements_by_year(world)[FIRST_YEAR],
        both_south=np.outer(south, south),
    )
    given = world.trade_matrix
    # A matrix the user brings is what it is; the table's totals are records with an error in common.
    scale = parameters["trade_record_scale"]
    exports = world.base["goods_exports_busd"] * scale if given is None else given.sum(axis=1)
    imports = world.base["goods_imports_busd"] * scale if given is None else given.sum(axis=0)
    if given is not None:
        _check_coverage(world, given)
    economy = trade.close_economy(
        world.base["gdp_current_busd"],
        exports,
        imports,
        output_to_gdp=parameters["output_to_gdp"],
        home_sales_floor=parameters["home_sales_floor"],
        deficit_cap=parameters["deficit_cap"],
        surplus_cap=parameters["surplus_cap"],
    )
    if given is None:
        shares = world.published_export_share, world.published_import_share
        kernel = balance(
            trade.gravity_kernel(
                geography,
                economy.exports,
                economy.imports,
                distance=parameters["gravity_distance"],
                contiguity=parameters["gravity_contiguity"],
                common_language=parameters["gravity_common_language"],
                colonial_tie=parameters["gravity_colonial_tie"],
                agreement=parameters["gravity_agreement"],
                south=parameters["gravity_south"],
            ),
            economy.exports,
            economy.imports,
        )
        published = trade.published_flows(
            kernel,
            economy.exports,
            economy.imports,
            *shares,
            mirror_tolerance=parameters["mirror_tolerance"],
        )
        start = trade.seed_matrix(
            trade.informed_kernel(
                kernel,
                published,
                world.distance,
                distance_elasticity=parameters["gravity_distance"],
            ),
            published,
            economy.exports,
            economy.imports,
            ceiling=trade.unlisted_ceiling(*shares, economy.exports, economy.imports),
        )
    else:
        start = given
    flows = balance(start, economy.exports, economy.imports)
    sales = flows + np.diag(economy.home_sales)
    shares = sales / sales.sum(axis=0)
    return TradeBase(
        economy=economy,
        flows=flows,
        shares=shares,
        factors=trade.base_factors(
            shares,
            economy.output,
            economy.deficit_ratio,
            trade_elasticity=parameters["trade_elasticity"],
        ),
        elasticity=parameters["trade_elasticity"],
        agreement_coefficient=parameters["gravity_agreement"],
        infrastructure_coefficient=parameters["infrastructure_freeness"],
        deficit_persistence=parameters["deficit_persistence"],
        deficit_floor=parameters["deficit_floor"],
        facilitation_saving=parameters["facilitation_saving"],
        tie_response=parameters["tie_trade_response"],
    )


LEAST_COVERAGE = 0.5
"""Share of recorded world exports below which a user's matrix is no matrix of the world's trade."""


def _check_coverage(world: World, matrix: Array) -> None:
    recorded = world.base["goods_exports_busd"]
    covered = float(matrix.sum() / recorded.sum())
    idle = [
        code
        for code, row, column in zip(world.iso3, matrix, matrix.T, strict=True)
        if not row.any() and not column.any()
    ]
    if covered < LEAST_COVERAGE:
        raise InadmissibleInput(
            "the trade matrix covers too little of the world's trade to balance markets with",
            key="value",
            found=f"{covered:.0%} of recorded exports, {len(idle)} economies without any",
            allowed=f"at least {LEAST_COVERAGE:.0%}; a pair the file leaves out trades nothing",
        )
