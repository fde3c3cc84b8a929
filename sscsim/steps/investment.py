"""Step 4: foreign direct investment finds its hosts (¶80)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows import investment
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.parameters import Parameters
from sscsim.steps.agreements import agreements_by_year
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array
from sscsim.world.events import EventFactors, event_factors, load_events
from sscsim.world.keeping import kept_with_parameters, kept_with_world
from sscsim.world.state import DOMAINS, State, variable
from sscsim.world.tables import World

__all__ = ["Investment", "InvestmentBase"]


FINANCE = DOMAINS.index("trade_finance_investment")


@dataclass(frozen=True)
class InvestmentBase:
    """The base-year matrix of foreign direct investment, its stocks, and the dated events of later years."""

    fdi: investment.FdiBase
    stocks: investment.FdiStocks
    group_names: tuple[str, ...]
    events: dict[int, EventFactors]


class Investment(Submodel):
    """Foreign direct investment from investors to hosts: how much is placed abroad, and where."""

    name = "investment"
    title = "foreign direct investment finds its hosts"
    variables = (
        variable(
            "fdi", "origin destination", "bn USD", "Foreign direct investment, investor to host"
        ),
        variable("fdi_inflow", "country", "bn USD", "Foreign direct investment received"),
        variable("fdi_outflow", "country", "bn USD", "Foreign direct investment placed abroad"),
        variable(
            "fdi_volume",
            "country",
            "bn 2015 USD",
            "Foreign direct investment received, at the share of GDP it has in dollars of the day",
        ),
        variable(
            "fdi_inward_stock", "country", "bn USD", "Stock of foreign direct investment received"
        ),
        variable(
            "fdi_outward_stock", "country", "bn USD", "Stock of foreign direct investment abroad"
        ),
        variable("fdi_world_cycle", "world", "log", "World cycle of foreign direct investment"),
        variable("fdi_group_cycle", "group", "log", "Cycle of each group of investors"),
        variable("fdi_host_shock", "country", "log", "Attraction of a host, autoregressive"),
    )
    policy = (
        variable(
            "outward_fdi_factor",
            "country",
            "ratio",
            "Outward investment relative to plan, by policy",
            neutral=1.0,
        ),
        variable("host_attraction", "country", "log", "Attraction of a host, by policy"),
        variable(
            "guarantee_cover",
            "country",
            "ratio",
            "Investment newly guaranteed over base-year inflow",
        ),
        variable(
            "fdi_entry_cost", "country", "fraction", "Ad-valorem cost of entry added by policy"
        ),
        variable(
            "investment_agreement",
            "origin destination",
            "0 to 1",
            "Investment agreement added by policy",
        ),
    )
    reads = (
        "gdp",
        "population",
        "recent_growth",
        "infrastructure_capital",
        "agreement",
        "capability",
        "cooperation_tie",
        "fdi_world_cycle",
        "fdi_group_cycle",
        "fdi_host_shock",
        "fdi_inward_stock",
        "fdi_outward_stock",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.base = _base(given.world, given.parameters)

    def sizes(self) -> dict[str, int]:
        """Return the number of groups of investors."""
        return {"group": len(self.base.group_names)}

    def fill(self, state: State, given: Given) -> None:
        """Set flows and stocks of the base year."""
        base, world = self.base, given.world
        state.fdi = base.fdi.flows
        state.fdi_inflow = base.fdi.inflow
        state.fdi_outflow = base.fdi.outflow
        state.fdi_volume = (
            base.fdi.inflow / world.base["gdp_current_busd"] * world.base["gdp_constant_2015_busd"]
        )
        state.fdi_inward_stock = base.stocks.inward
        state.fdi_outward_stock = base.stocks.outward

    def run(self, now: Year) -> None:
        """Let investors decide how much, and hosts' attraction decide where."""
        if now.year == now.base_year:
            return  # the base matrix is the flow of the base year, and its stocks are year-end stocks
        state, opening, base = now.state, now.opening, self.base
        events = base.events[now.year]
        economies = self._economies(now)
        cycles = self._cycles(now)
        agreements = state.agreement - opening.agreement
        agreements += state.investment_agreement
        investors = now.agents.country.invest_abroad(state)
        year = investment.fdi_flows(
            base.fdi,
            economies,
            cycles,
            self._hosts(now, events),
            pair=investment.pair_freeness(
                agreements, state.cooperation_tie - opening.cooperation_tie, base.fdi.parameters
            ),
            investor_factor=investors if events.investor is None else investors * events.investor,
            flow_factor=events.flow,
        )
        stocks = investment.update_fdi_stocks(
            investment.FdiStocks(state.fdi_inward_stock, state.fdi_outward_stock),
            year.inflow,
            year.outflow,
            base.fdi.parameters,
        )
        state.fdi = year.flows
        state.fdi_inflow = year.inflow
        state.fdi_outflow = year.outflow
        state.fdi_volume = year.inflow / (opening.gdp_current * economies.gdp_ratio) * state.gdp
        state.fdi_world_cycle = cycles.world
        state.fdi_group_cycle = cycles.group
        state.fdi_host_shock = cycles.host
        state.fdi_inward_stock = stocks.inward
        state.fdi_outward_stock = stocks.outward

    def _economies(self, now: Year) -> investment.Economies:
        """Return how economies have grown since the base year, in dollars of the day and a head."""
        state, opening = now.state, now.opening

        def valuation(since: int) -> Array:
            return investment.dollar_valuation(
                opening.gdp_current,
                opening.gdp,
                now.deflator[now.base_year],
                since,
                self.base.fdi.parameters,
            )

        volume = state.gdp / opening.gdp
        return investment.Economies(
            gdp_ratio=volume * now.prices() * valuation(now.since) / valuation(0),
            income_ratio=volume / (state.population / opening.population),
            momentum=investment.growth_momentum(
                np.vstack([opening.recent_growth[:1], state.recent_growth])
            ),
            years_since_base=now.since,
        )

    def _cycles(self, now: Year) -> investment.Cycles:
        """Return this year's cycles of the world, of groups of investors, and of hosts."""
        state, base, normal = now.state, self.base, now.luck.normal
        return investment.next_cycles(
            base.fdi,
            investment.Cycles(state.fdi_world_cycle, state.fdi_group_cycle, state.fdi_host_shock),
            investment.Cycles(
                normal("fdi_world_cycle", now.year, 1),
                normal("fdi_group_cycle", now.year, len(base.group_names)),
                normal("fdi_host_shock", now.year, len(now.world.iso3)),
            ),
        )

    def _hosts(self, now: Year, events: EventFactors) -> investment.Hosts:
        """Return what has changed for those who invest in a country since the base year."""
        state, opening = now.state, now.opening
        host = np.exp(state.host_attraction)
        return investment.Hosts(
            infrastructure_ratio=state.infrastructure_capital
            / opening.infrastructure_capital
            / (state.gdp / opening.gdp),
            capability_change=state.capability[:, FINANCE] - opening.capability[:, FINANCE],
            entry_cost_change=state.fdi_entry_cost,
            guarantee_cover=state.guarantee_cover,
            factor=host if events.host is None else host * events.host,
        )


@kept_with_parameters
def _base(world: World, parameters: Parameters) -> InvestmentBase:
    rules = investment.InvestmentParameters.from_parameters(parameters)
    south = world.membership("developing_wir_2018")
    inflow, outflow = investment.base_totals(
        world.base["fdi_inflow_busd"], world.base["fdi_outflow_busd"]
    )
    kernel = investment.fdi_kernel(
        world.distance,
        world.common_language,
        world.colonial_tie,
        world.contiguity,
        agreements_by_year(world)[FIRST_YEAR],
        south,
        rules,
    )
    group_names = ("developed_wir_2018", "developing_wir_2018", "transition_wir_2018")
    group = np.zeros(len(world.iso3), dtype=np.intp)
    for position, name in enumerate(group_names):
        group[world.membership(name)] = position
    flows = investment.base_fdi_matrix(
        inflow, outflow, kernel, rules.fdi_balance_tolerance, world.iso3
    )
    return InvestmentBase(
        fdi=investment.FdiBase(flows, south, group, rules),
        stocks=investment.initial_fdi_stocks(
            world.base["fdi_inward_stock_busd"], world.base["fdi_outward_stock_busd"]
        ),
        group_names=group_names,
        events=_events(world),
    )


@kept_with_world
def _events(world: World) -> dict[int, EventFactors]:
    groups = {name: world.membership(name) for name in world.groups()}
    return {
        year: event_factors(load_events(), year, world.iso3, groups)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    }
