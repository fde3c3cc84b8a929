"""Step 7: income is invested, technology diffuses, poverty follows; next year's stocks are handed over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows import banking
from sscsim.flows.swings import cycle_step
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.outcomes import growth, poverty
from sscsim.parameters import Parameters
from sscsim.steps.investment import Investment
from sscsim.steps.shocks import regions, swings_of
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array
from sscsim.world.keeping import kept_with_parameters
from sscsim.world.state import State, variable
from sscsim.world.tables import World

__all__ = ["Growth", "GrowthBase", "public_capital_ratio"]


INCOME_GROUPS = ("HIC", "UMIC", "LMIC", "LIC")

LEADER = "USA"
"""The productivity frontier (Benhabib & Spiegel 2005)."""


@dataclass(frozen=True)
class GrowthBase:
    """Capital, technology and the record of growth."""

    parameters: growth.GrowthParameters
    rules: growth.CapitalRules
    frontier: growth.TechnologyFrontier
    record: growth.Record
    line: poverty.PovertyLine
    poverty: poverty.PovertyParameters
    labour: Array
    """Labour by year from the base year on, ``(year, country)``, million."""
    population: Array
    """Population by year from the base year on, ``(year, country)``, million."""
    gni_gap_share: Array


class Growth(Submodel):
    """People, capital, technology, output, and how income is spread."""

    name = "growth"
    title = "income is invested, technology diffuses"
    needs = (Investment,)
    variables = (
        variable("population", "country", "million", "Population"),
        variable("labour", "country", "million", "Persons employed"),
        variable("human_capital", "country", "index", "Human capital per worker"),
        variable("gini", "country", "fraction", "Gini coefficient of income"),
        variable(
            "poverty_headcount",
            "country",
            "fraction",
            "Share of people below 3.00 dollars a day (2021 PPP)",
        ),
        variable("private_capital", "country", "bn 2015 USD", "Capital other than infrastructure"),
        variable("infrastructure_capital", "country", "bn 2015 USD", "Infrastructure capital"),
        variable("productivity", "country", "index", "Total factor productivity without openness"),
        variable("openness", "country", "log", "Productivity level added by policy-made openness"),
        variable("gdp", "country", "bn 2015 USD", "Gross domestic product, volume"),
        variable("gni", "country", "bn USD", "Gross national income, value"),
        variable("income_growth", "country", "log", "Growth of GDP a head since last year"),
        variable("recent_growth", "lag country", "log", "Growth of GDP, last three years"),
        variable(
            "infrastructure_growth",
            "country sector",
            "log",
            "Growth of infrastructure a head by sector since last year",
        ),
        variable("investment_share", "country", "fraction", "Gross investment over real income"),
        variable("private_investment", "country", "bn 2015 USD", "Gross private investment"),
        variable(
            "infrastructure_investment",
            "country",
            "bn 2015 USD",
            "Gross investment in infrastructure",
        ),
        variable(
            "closing_private_capital",
            "country",
            "bn 2015 USD",
            "Private capital handed to next year",
        ),
        variable(
            "closing_infrastructure_capital",
            "country",
            "bn 2015 USD",
            "Infrastructure capital handed to next year",
        ),
        variable("closing_productivity", "country", "index", "Productivity handed to next year"),
        variable("closing_human_capital", "country", "index", "Human capital handed to next year"),
        variable(
            "infrastructure_on_record",
            "country",
            "bn 2015 USD",
            "Infrastructure that finance added in years whose output is on record, as far as it stands",
        ),
        variable("closing_openness", "country", "log", "Openness handed to next year"),
        variable(
            "growth_deviation",
            "country",
            "log",
            "Deviation of productivity growth from the catch-up path, autoregressive",
        ),
        variable(
            "business_cycle", "country", "log", "Drawn deviation of output from its median path"
        ),
    )
    policy = (
        variable(
            "productivity_policy",
            "country",
            "log",
            "Productivity growth added by policy or a shock",
        ),
        variable(
            "capital_loss", "country", "fraction", "Share of all capital that a shock destroys"
        ),
    )
    turns = (
        "population",
        "labour",
        "human_capital",
        "private_capital",
        "infrastructure_capital",
        "productivity",
        "openness",
        "gdp",
        "income_growth",
        "recent_growth",
        "infrastructure_growth",
        "investment_share",  # given by the data; an agent may set it
    )
    reads = (
        "gdp",
        "gdp_current",
        "real_income",
        "population",
        "human_capital",
        "productivity",
        "private_capital",
        "infrastructure_capital",
        "investment_share",
        "infrastructure_addition",
        "infrastructure_on_record",
        "growth_deviation",
        "business_cycle",
        "trade_gain",
        "productive_learning",
        "fdi_volume",
        "fdi_policy",
        "fdi_inward_stock",
        "fdi_outward_stock",
        "net_interest",
        "base_interest_share",
        "gini",
        "income_growth",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.base, self.private_capital, self.infrastructure = _base(
            given.world, given.parameters, others.of(Investment).base.fdi.net
        )
        self.swings = swings_of(given)
        """Of business cycles; None where nothing is drawn."""
        self.places = regions(given.world), given.world.membership("developed_unctad_2014")

    def fill(self, state: State, given: Given) -> None:
        """Set people, stocks and output of the base year from the data."""
        base, world = self.base, given.world
        gini, gdp = world.base["gini"], world.base["gdp_constant_2015_busd"]
        growth_before = np.log1p(world.growth_record[:, 0] / 100)
        state.population = base.population[0]
        state.labour = base.labour[0]
        state.human_capital = world.base["human_capital_index"]
        state.gini = gini
        state.poverty_headcount = poverty.poverty_headcount(
            base.line, gini, np.ones(len(gini)), base.poverty
        )
        state.private_capital = self.private_capital
        state.infrastructure_capital = self.infrastructure
        state.productivity = base.record.base_productivity
        state.gdp = gdp
        state.gni = world.base["gni_current_busd"]
        state.recent_growth = np.repeat(growth_before[None, :], 3, axis=0)
        state.investment_share = world.base["investment_share"]
        state.closing_private_capital = self.private_capital
        state.closing_infrastructure_capital = self.infrastructure
        state.closing_productivity = base.record.base_productivity
        state.closing_human_capital = state.human_capital

    def turn(self, now: Year) -> None:
        """Take people from the projection, stocks as handed over, and output from both."""
        state, base = now.state, self.base
        last = now.last
        before = last.gdp / last.population
        infrastructure_before = last.infrastructure_capital / last.population
        state.population = base.population[now.since].copy()
        state.labour = base.labour[now.since].copy()
        state.private_capital = last.closing_private_capital.copy()
        state.infrastructure_capital = last.closing_infrastructure_capital.copy()
        state.productivity = last.closing_productivity.copy()
        state.human_capital = last.closing_human_capital.copy()
        state.openness = last.closing_openness.copy()
        state.gdp = growth.production(
            state.productivity,
            state.infrastructure_capital,
            state.private_capital,
            state.human_capital,
            state.labour,
            base.parameters,
            openness=state.openness,
        )
        grown = state.gdp / last.gdp
        state.income_growth = np.log(state.gdp / state.population / before)
        state.recent_growth = np.vstack([last.recent_growth[1:], np.log(grown)[None, :]])
        per_head = np.log(state.infrastructure_capital / state.population / infrastructure_before)
        state.infrastructure_growth = banking.infrastructure_growth_by_sector(
            per_head, state.infrastructure_capital, last.infrastructure_by_finance
        )

    def run(self, now: Year) -> None:
        """Invest, learn, distribute."""
        state, base = now.state, self.base
        rules = base.parameters
        since = now.since
        recorded = since < len(base.record.productivity_growth)

        planned = now.agents.country.invest(state)
        capital = growth.accumulate(
            state.private_capital,
            state.infrastructure_capital,
            state.gdp,
            # What terms of trade gave or took in years of the record is in the record, as what luck built is.
            state.gdp if recorded else state.real_income,
            # What luck built beyond the base share in years of the record is in the record; policy comes on top.
            base.rules.fdi_share * state.gdp + state.fdi_policy if recorded else state.fdi_volume,
            base.rules,
            rules,
            investment_share=planned / state.real_income,
            infrastructure_addition=state.infrastructure_addition,
            capital_loss=state.capital_loss,
        )
        cycle = state.business_cycle if recorded else self._cycle(now)
        relative = growth.relative_technology(
            base.frontier, state.productivity, base.record.base_productivity, since, rules
        )
        technology = growth.productivity_growth(
            relative,
            state.human_capital,
            state.growth_deviation,
            base.frontier,
            rules,
            draws=None
            if recorded
            else now.luck.normal("productivity", state.year, len(now.world.iso3)),
            recorded=base.record.productivity_growth[since] if recorded else None,
            # Output of next year moves: by policy, and by what the cycle gives or takes back.
            addition=state.productivity_policy + (cycle - state.business_cycle),
            # What cooperation taught in the years of the record is in the record.
            capability_change=None if recorded else state.productive_learning,
        )
        if recorded:
            state.infrastructure_on_record = growth.standing(
                state.infrastructure_on_record,
                state.infrastructure_addition,
                rules,
                capital_loss=state.capital_loss,
            )
        state.private_investment = capital.private_investment
        state.infrastructure_investment = capital.infrastructure_investment
        state.closing_private_capital = capital.private_capital
        state.closing_infrastructure_capital = capital.infrastructure
        state.closing_productivity = state.productivity * np.exp(technology.log_growth)
        state.closing_human_capital = growth.human_capital_step(state.human_capital, rules)
        state.closing_openness = growth.openness_gain(state.trade_gain, rules)
        state.growth_deviation = technology.deviation
        state.business_cycle = cycle

        opening = now.opening
        state.gni = growth.gross_national_income(
            state.gdp_current,
            base.gni_gap_share,
            opening.gdp_current,
            state.fdi_outward_stock - state.fdi_inward_stock,
            opening.fdi_outward_stock - opening.fdi_inward_stock,
            rules,
            net_interest=state.net_interest - state.base_interest_share * state.gdp_current,
        )
        if since == 0:
            return  # the base year's distribution is observed
        ratio = (state.real_income / state.population) / (opening.real_income / opening.population)
        gini = poverty.gini_step(state.gini, opening.gini, state.income_growth, base.poverty)
        headcount = poverty.poverty_headcount(base.line, gini, ratio, base.poverty)
        state.gini = gini
        state.poverty_headcount = headcount

    def _cycle(self, now: Year) -> Array:
        """Return by how much next year's output lies off its path, ``(country,)``."""
        cycle = now.state.business_cycle
        if self.swings is None:
            return cycle
        luck = now.luck.normal("business cycle", now.year, 1 + 2 * len(cycle))
        return cycle_step(cycle, luck, *self.places, self.swings)


def public_capital_ratio(world: World, parameters: Parameters) -> Array:
    """Return public capital over GDP by income group, ``(country,)``: no publisher prints each country's."""
    by_group = {code: parameters[f"public_capital_{code.lower()}"] for code in INCOME_GROUPS}
    return np.array([by_group[str(code)] for code in world.attributes["income_group"]])


@kept_with_parameters
def _base(world: World, parameters: Parameters, fdi: Array) -> tuple[GrowthBase, Array, Array]:
    rules = growth.GrowthParameters.from_parameters(parameters)
    gdp = world.base["gdp_constant_2015_busd"]
    human_capital = world.base["human_capital_index"]
    base_population = world.base["population_m"]
    population = np.array([world.population_in(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)])
    labour = population * (world.base["employment_m"] / base_population)
    public_ratio = public_capital_ratio(world, parameters)
    private, infrastructure = growth.initial_capital(
        gdp, world.base["capital_output_ratio"], public_ratio, world.iso3
    )
    capital_rules = growth.capital_rules(
        gdp,
        private,
        infrastructure,
        world.base["investment_share"],
        world.base["depreciation"],
        fdi.sum(axis=0) / world.base["gdp_current_busd"] * gdp,
        rules,
    )
    recorded = world.growth_record[:, ~world.growth_is_forecast].T / 100
    record = growth.record_residual(
        gdp,
        recorded[1:],
        private,
        infrastructure,
        human_capital,
        labour[: len(recorded)],
        capital_rules,
        rules,
    )
    poverty_rules = poverty.PovertyParameters.from_parameters(parameters)
    base = GrowthBase(
        parameters=rules,
        poverty=poverty_rules,
        rules=capital_rules,
        frontier=growth.technology_frontier(
            world.base["gdp_ppp_busd"],
            world.base["capital_output_ratio"],
            public_ratio,
            human_capital,
            labour[0],
            world.iso3.index(LEADER),
            rules,
        ),
        record=record,
        line=poverty.initial_line(
            world.base["poverty_headcount"], world.base["gini"], poverty_rules
        ),
        labour=labour,
        population=population,
        gni_gap_share=(world.base["gni_current_busd"] - world.base["gdp_current_busd"])
        / world.base["gdp_current_busd"],
    )
    return base, private, infrastructure
