"""The state of the world in a run: one array a variable, one row a country, in the order of ISO codes.

A variable is declared once, with its axes, unit and meaning. Steps name the variables they read and write; agents'
attributes are windows onto these arrays, so an agent and the array are one number. *Stocks* are what a country has at
the start of a year, *flows* are what happens in it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DOMAINS", "SECTORS", "State", "Variable", "variables"]

Array = NDArray[np.float64]

SECTORS = ("energy", "transport", "water", "urban")
"""Sectors of infrastructure, the last axis of ``infrastructure_growth``."""

DOMAINS = (
    "institutions",
    "health",
    "gender_equality",
    "climate",
    "food_security",
    "science_technology_innovation",
    "infrastructure",
    "trade_finance_investment",
    "regional_integration",
)
"""Domains of capability (A/73/383, ¶23)."""


@dataclass(frozen=True)
class Variable:
    """What a state variable is: its name, axes, unit and meaning."""

    name: str
    axes: tuple[str, ...]
    unit: str
    description: str


def _variable(axes: str, unit: str, description: str) -> Any:
    return field(metadata={"axes": tuple(axes.split()), "unit": unit, "description": description})


@dataclass
class State:
    """Everything that changes in a run, and the year it stands for.

    Reading and assigning attributes is all there is to it: ``state.gdp`` is the array itself.
    """

    year: int

    # people
    population: Array = _variable("country", "million", "Population")
    labour: Array = _variable("country", "million", "Persons employed")
    human_capital: Array = _variable("country", "index", "Human capital per worker")
    gini: Array = _variable("country", "fraction", "Gini coefficient of income")
    poverty_headcount: Array = _variable(
        "country", "fraction", "Share of people below 3.00 dollars a day (2021 PPP)"
    )

    # production
    private_capital: Array = _variable(
        "country", "bn 2015 USD", "Capital other than infrastructure"
    )
    infrastructure_capital: Array = _variable("country", "bn 2015 USD", "Infrastructure capital")
    productivity: Array = _variable(
        "country", "index", "Total factor productivity without openness"
    )
    openness: Array = _variable(
        "country", "log", "Productivity level added by policy-made openness"
    )
    gdp: Array = _variable("country", "bn 2015 USD", "Gross domestic product, volume")
    gdp_current: Array = _variable("country", "bn USD", "Gross domestic product, value")
    gni: Array = _variable("country", "bn USD", "Gross national income, value")
    real_income: Array = _variable(
        "country", "bn 2015 USD", "Domestic income at the prices of what is bought"
    )
    income_growth: Array = _variable("country", "log", "Growth of GDP a head since last year")
    recent_growth: Array = _variable("lag country", "log", "Growth of GDP, last three years")
    infrastructure_growth: Array = _variable(
        "country sector", "log", "Growth of infrastructure a head by sector since last year"
    )
    poverty_change: Array = _variable("country", "fraction", "Change of poverty since last year")
    gini_change: Array = _variable("country", "fraction", "Change of the Gini since last year")
    investment_share: Array = _variable("country", "fraction", "Gross investment over real income")
    private_investment: Array = _variable("country", "bn 2015 USD", "Gross private investment")
    infrastructure_investment: Array = _variable(
        "country", "bn 2015 USD", "Gross investment in infrastructure"
    )
    infrastructure_addition: Array = _variable(
        "country",
        "bn 2015 USD",
        "Infrastructure that development finance adds to the country's own",
    )
    closing_private_capital: Array = _variable(
        "country", "bn 2015 USD", "Private capital handed to next year"
    )
    closing_infrastructure_capital: Array = _variable(
        "country", "bn 2015 USD", "Infrastructure capital handed to next year"
    )
    closing_productivity: Array = _variable("country", "index", "Productivity handed to next year")
    closing_human_capital: Array = _variable(
        "country", "index", "Human capital handed to next year"
    )
    closing_openness: Array = _variable("country", "log", "Openness handed to next year")
    growth_deviation: Array = _variable(
        "country", "log", "Deviation of productivity growth from the catch-up path, autoregressive"
    )

    # trade
    wage: Array = _variable("country", "ratio", "Factor price relative to the base year")
    price_index: Array = _variable(
        "country", "ratio", "Price of expenditure relative to the base year"
    )
    home_sales: Array = _variable("country", "bn USD", "Output sold at home, services included")
    deficit_ratio: Array = _variable("country", "fraction", "Goods deficit over own gross output")
    trade: Array = _variable("origin destination", "bn USD", "Goods trade")
    exports: Array = _variable("country", "bn USD", "Goods exports")
    imports: Array = _variable("country", "bn USD", "Goods imports")
    trade_gain: Array = _variable("country", "log", "Gain from freer trade than in the base year")
    agreement: Array = _variable(
        "origin destination", "0 to 1", "Free trade agreement or customs union, as far as phased in"
    )
    financing_ratio: Array = _variable(
        "country", "fraction", "Net external finance over gross output, last year's"
    )

    # foreign direct investment
    fdi: Array = _variable(
        "origin destination", "bn USD", "Foreign direct investment, investor to host"
    )
    fdi_inflow: Array = _variable("country", "bn USD", "Foreign direct investment received")
    fdi_outflow: Array = _variable("country", "bn USD", "Foreign direct investment placed abroad")
    fdi_volume: Array = _variable(
        "country",
        "bn 2015 USD",
        "Foreign direct investment received, at the share of GDP it has in dollars of the day",
    )
    fdi_inward_stock: Array = _variable(
        "country", "bn USD", "Stock of foreign direct investment received"
    )
    fdi_outward_stock: Array = _variable(
        "country", "bn USD", "Stock of foreign direct investment abroad"
    )
    fdi_world_cycle: Array = _variable("world", "log", "World cycle of foreign direct investment")
    fdi_group_cycle: Array = _variable("group", "log", "Cycle of each group of investors")
    fdi_host_shock: Array = _variable("country", "log", "Attraction of a host, autoregressive")

    # flows that arrive
    oda_received: Array = _variable("country", "bn USD", "Official development assistance received")
    oda_paid: Array = _variable("country", "bn USD", "Official development assistance paid")
    remittances_received: Array = _variable("country", "bn USD", "Remittances received")
    remittances_paid: Array = _variable("country", "bn USD", "Remittances paid")
    other_finance_received: Array = _variable(
        "country", "bn USD", "Portfolio investment and other loans received"
    )
    other_finance_paid: Array = _variable(
        "country", "bn USD", "Portfolio investment and other loans paid"
    )

    # Goals
    goals: Array = _variable(
        "country goal", "0 to 100", "Score of each Goal, NaN where it does not apply"
    )
    goal_noise: Array = _variable("country goal", "sd", "Disturbance of the Goals, autoregressive")

    # institutions of cooperation, stocks unless said otherwise
    cooperation_capacity: Array = _variable(
        "country", "0 to 1", "Capacity to manage cooperation: people, procedures, an agency"
    )
    provider: Array = _variable("country", "0 or 1", "Whether it provides cooperation")
    agency: Array = _variable(
        "country", "0 or 1", "Whether it has an agency or unit for South-South cooperation"
    )
    coordination: Array = _variable(
        "country", "0 to 1", "Part of the actors it deals with that work under coordination"
    )
    trained: Array = _variable(
        "country", "0 or 1", "Whether its managers ever took part in the training on cooperation"
    )
    training: Array = _variable(
        "country", "0 to 1", "What of that training is still in office after staff turnover"
    )
    un_support: Array = _variable(
        "country", "0 or 1", "Whether the United Nations supports its South-South cooperation"
    )
    other_actors: Array = _variable(
        "country", "0 to 1", "Presence of subnational, civil and private actors in cooperation"
    )
    supply_factor: Array = _variable(
        "country", "ratio", "Supply of cooperation by all actors over that of the State alone"
    )
    supply_cost: Array = _variable(
        "country", "ratio", "Cost of a project, other actors included, over that of the State's own"
    )
    fragmentation: Array = _variable(
        "country", "ratio", "Uncoordinated actors dealt with, relative to the base year's average"
    )
    transaction_cost: Array = _variable(
        "country", "ratio", "Cost of arranging a project relative to the base year's average"
    )
    fund_grant: Array = _variable("country", "bn USD", "Granted by trust funds in the year")

    # what is reported of cooperation
    reporting: Array = _variable("country", "0 or 1", "Whether it reports on its cooperation")
    common_method: Array = _variable(
        "country", "0 to 1", "How far its reports follow a method that others share"
    )
    reporting_error: Array = _variable(
        "country", "log", "Standard deviation of the error of what it reports"
    )
    evidence: Array = _variable(
        "country", "0 to 1", "Part of its recent cooperation on record in a form others can use"
    )
    # `reported_X` is what countries report of the variable X; the step measurement fills every one.
    reported_provider: Array = _variable(
        "country", "0 or 1", "Whether it is on record as a provider of cooperation"
    )
    reported_agency: Array = _variable("country", "0 or 1", "Whether its agency is on record")
    reported_un_support: Array = _variable(
        "country", "0 or 1", "Whether support by the United Nations is on record"
    )

    # what policy and shocks set this year, neutral in the baseline
    trade_cost: Array = _variable(
        "origin destination", "ratio", "Ad-valorem trade cost relative to the base year, by policy"
    )
    outward_fdi_factor: Array = _variable(
        "country", "ratio", "Outward investment relative to plan, by policy"
    )
    host_attraction: Array = _variable("country", "log", "Attraction of a host, by policy")
    guarantee_cover: Array = _variable(
        "country", "ratio", "Investment newly guaranteed over base-year inflow"
    )
    fdi_entry_cost: Array = _variable(
        "country", "fraction", "Ad-valorem cost of entry added by policy"
    )
    investment_agreement: Array = _variable(
        "origin destination", "0 to 1", "Investment agreement added by policy"
    )
    oda_factor: Array = _variable(
        "country", "ratio", "Official development assistance paid relative to plan"
    )
    productivity_policy: Array = _variable(
        "country", "log", "Productivity growth added by policy or a shock"
    )
    capital_loss: Array = _variable(
        "country", "fraction", "Share of all capital that a shock destroys"
    )
    goal_shock: Array = _variable("country goal", "points", "What a shock takes from the Goals")
    platform_reach: Array = _variable(
        "country", "0 to 1", "Reach of the platform of offers and needs, added by policy"
    )
    technology_bank: Array = _variable(
        "country", "0 to 1", "Service of a technology bank to the country, by policy"
    )
    practice_publication: Array = _variable(
        "world", "ratio", "Part of successes written up as practices, relative to plan"
    )
    partner_budget: Array = _variable(
        "world", "ratio", "Money of triangular partners relative to plan"
    )
    third_party_cost: Array = _variable(
        "world", "ratio", "Cost of a third party to a project relative to plan"
    )
    frontier_effort: Array = _variable(
        "world", "ratio", "Spread of frontier technology by cooperation relative to plan"
    )
    agency_policy: Array = _variable(
        "country", "1/year", "Rate at which policy founds agencies where there is none"
    )
    training_places: Array = _variable(
        "world",
        "countries",
        "Countries whose managers policy trains in the year, beyond the record",
    )
    coordination_policy: Array = _variable(
        "country", "0 to 1", "Part of uncoordinated actors that policy brings under coordination"
    )
    reporting_policy: Array = _variable(
        "country", "1/year", "Rate at which policy brings countries to report"
    )
    method_policy: Array = _variable(
        "country", "0 to 1", "Part of the way to a common method that policy goes in a year"
    )
    fund_factor: Array = _variable("world", "ratio", "Money of trust funds relative to plan")
    un_support_factor: Array = _variable(
        "country", "ratio", "Spread of United Nations support relative to plan"
    )
    actor_policy: Array = _variable(
        "country", "0 to 1", "Presence of other actors in cooperation added by policy"
    )
    cooperation_factor: Array = _variable(
        "country", "ratio", "Requests for and offers of cooperation relative to plan"
    )

    def copy(self) -> State:
        """Return a copy that shares no array."""
        return copy.deepcopy(self)

    def __iter__(self) -> Iterator[tuple[str, Array]]:
        """Iterate over the names and arrays."""
        for variable in variables():
            yield variable.name, getattr(self, variable.name)


_VARIABLES = tuple(
    Variable(f.name, f.metadata["axes"], f.metadata["unit"], f.metadata["description"])
    for f in fields(State)
    if f.metadata
)


def variables() -> tuple[Variable, ...]:
    """Return the declaration of every state variable, in order."""
    return _VARIABLES
