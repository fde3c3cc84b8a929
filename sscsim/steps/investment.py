"""Step 4: foreign direct investment finds its hosts (¶80)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows import investment
from sscsim.flows.pairs import Cells, any_but
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
    last_recorded: int
    """The last year whose growth is on record."""


@dataclass(frozen=True)
class _Policy:
    """What policy, and who decides in its stead, ask of investment in a year."""

    investors: Array
    attraction: Array
    guarantees: Array
    entry_cost: Array
    agreement: Array

    @classmethod
    def of(cls, state: State, investors: Array) -> _Policy:
        """Return what the levers ask."""
        return cls(
            investors,
            state.host_attraction,
            state.guarantee_cover,
            state.fdi_entry_cost,
            state.investment_agreement,
        )

    @classmethod
    def none(cls, state: State) -> _Policy:
        """Return what holds where nobody asks anything."""
        nothing = np.zeros_like(state.host_attraction)
        return cls(
            nothing + 1.0, nothing, nothing, nothing, np.zeros_like(state.investment_agreement)
        )

    @property
    def neutral(self) -> bool:
        """Whether nothing is asked."""
        asked = (self.attraction, self.guarantees, self.entry_cost, self.agreement)
        return not any_but(self.investors, 1.0) and not any(any_but(one) for one in asked)


class Investment(Submodel):
    """Foreign direct investment from investors to hosts: how much is placed abroad, and where."""

    name = "investment"
    title = "foreign direct investment finds its hosts"
    variables = (
        variable(
            "fdi", "origin destination", "bn USD", "Foreign direct investment, investor to host"
        ),
        variable(
            "fdi_inflow",
            "country",
            "bn USD",
            "Foreign direct investment received, less what is taken out",
        ),
        variable(
            "fdi_outflow",
            "country",
            "bn USD",
            "Foreign direct investment placed abroad, less what is taken home",
        ),
        variable(
            "fdi_disinvestment",
            "country",
            "bn USD",
            "Foreign direct investment taken out of hosts whose record is negative",
        ),
        variable(
            "fdi_volume",
            "country",
            "bn 2015 USD",
            "Foreign direct investment received, at the share of GDP it has in dollars of the day",
        ),
        variable(
            "fdi_policy",
            "country",
            "bn 2015 USD",
            "Part of that which policy adds in the years whose growth is on record",
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
        "gdp_current",
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
        first = investment.FdiYear(base.fdi.net)
        state.fdi = first.flows
        state.fdi_inflow = first.inflow
        state.fdi_outflow = first.outflow
        state.fdi_volume = (
            first.inflow / world.base["gdp_current_busd"] * world.base["gdp_constant_2015_busd"]
        )
        out = base.fdi.withdrawn
        state.fdi_disinvestment = self._by_host(None if out is None else out.base)
        state.fdi_inward_stock = base.stocks.inward
        state.fdi_outward_stock = base.stocks.outward

    def run(self, now: Year) -> None:
        """Let investors decide how much, and hosts' attraction decide where."""
        if now.year == now.base_year:
            return  # the base matrix is the flow of the base year, and its stocks are year-end stocks
        state, base = now.state, self.base
        economies = self._economies(now)
        cycles = self._cycles(now)
        policy = _Policy.of(state, now.agents.country.invest_abroad(state))
        year = self._flows(now, economies, cycles, policy)
        stocks = investment.update_fdi_stocks(
            investment.FdiStocks(state.fdi_inward_stock, state.fdi_outward_stock),
            year.inflow,
            year.outflow,
            base.fdi.parameters,
        )
        state.fdi = year.flows
        state.fdi_inflow = year.inflow
        state.fdi_outflow = year.outflow
        state.fdi_volume = now.volumes(year.inflow)
        state.fdi_disinvestment = self._by_host(self._withdrawn(now))
        without = None
        if now.year < base.last_recorded and not policy.neutral:
            without = self._flows(now, economies, cycles, _Policy.none(state)).inflow
        state.fdi_policy = (
            np.zeros(len(year.inflow)) if without is None else now.volumes(year.inflow - without)
        )
        state.fdi_world_cycle = cycles.world
        state.fdi_group_cycle = cycles.group
        state.fdi_host_shock = cycles.host
        state.fdi_inward_stock = stocks.inward
        state.fdi_outward_stock = stocks.outward

    def _flows(
        self, now: Year, economies: investment.Economies, cycles: investment.Cycles, policy: _Policy
    ) -> investment.FdiYear:
        """Return the year's flows under a policy."""
        state, opening, base = now.state, now.opening, self.base
        events = base.events[now.year]
        agreements = now.agreement_changes()
        if any_but(policy.agreement):
            agreements = Cells.of(state.agreement - opening.agreement + policy.agreement)
        return investment.fdi_flows(
            base.fdi,
            economies,
            cycles,
            self._hosts(now, events, policy),
            pair=investment.pair_freeness(
                agreements, state.cooperation_tie - opening.cooperation_tie, base.fdi.parameters
            ),
            investor_factor=policy.investors
            if events.investor is None
            else policy.investors * events.investor,
            flow_factor=events.flow,
            withdrawn=self._withdrawn(now),
        )

    def _withdrawn(self, now: Year) -> Array | None:
        """Return what is taken out of hosts: it goes by the stock that the year before has left."""
        return investment.withdrawals(self.base.fdi, now.state.fdi_inward_stock, now.since)

    def _by_host(self, withdrawn: Array | None) -> Array:
        """Return what is taken out of each economy, ``(country,)``."""
        out = self.base.fdi.withdrawn
        result = np.zeros(len(self.base.fdi.flows))
        if out is not None and withdrawn is not None:
            result[out.hosts] = withdrawn
        return result

    def _economies(self, now: Year) -> investment.Economies:
        """Return how economies have grown since the base year, in dollars of the day and a head."""
        state, opening = now.state, now.opening
        volume = state.gdp / opening.gdp
        return investment.Economies(
            gdp_ratio=state.gdp_current / opening.gdp_current,
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

    def _hosts(self, now: Year, events: EventFactors, policy: _Policy) -> investment.Hosts:
        """Return what has changed for those who invest in a country since the base year."""
        state, opening = now.state, now.opening
        host = np.exp(policy.attraction)
        return investment.Hosts(
            infrastructure_ratio=state.infrastructure_capital
            / opening.infrastructure_capital
            / (state.gdp / opening.gdp),
            capability_change=state.capability[:, FINANCE] - opening.capability[:, FINANCE],
            entry_cost_change=policy.entry_cost,
            guarantee_cover=policy.guarantees,
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
    stocks = investment.initial_fdi_stocks(
        world.base["fdi_inward_stock_busd"], world.base["fdi_outward_stock_busd"]
    )
    return InvestmentBase(
        fdi=investment.FdiBase(
            flows,
            south,
            group,
            world.base["gdp_current_busd"] / world.population_in(FIRST_YEAR) * 1000,
            rules,
            investment.disinvestment(world.base["fdi_inflow_busd"], stocks, kernel),
        ),
        stocks=stocks,
        group_names=group_names,
        events=_events(world),
        last_recorded=int(world.growth_years[~world.growth_is_forecast].max()),
    )


@kept_with_world
def _events(world: World) -> dict[int, EventFactors]:
    groups = {name: world.membership(name) for name in world.groups()}
    return {
        year: event_factors(load_events(), year, world.iso3, groups)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    }
