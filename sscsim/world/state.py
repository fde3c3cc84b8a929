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
    net_external_finance: Array = _variable(
        "country", "bn USD", "All that arrives from abroad less all that leaves, goods apart"
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

    # development banks: books, bn USD
    bank_liquid_assets: Array = _variable("bank", "bn USD", "Liquid assets of a bank")
    bank_loans: Array = _variable("bank", "bn USD", "Loans outstanding of a bank")
    bank_borrowings: Array = _variable("bank", "bn USD", "Bonds that a bank owes")
    bank_reserves: Array = _variable("bank", "bn USD", "Reserves and retained earnings of a bank")
    bank_paid_in: Array = _variable("bank country", "bn USD", "Capital a member has paid in")
    bank_called: Array = _variable("bank country", "bn USD", "Callable capital a member had to pay")
    bank_payable: Array = _variable(
        "bank country", "bn USD", "Owed to a former member for its shares"
    )
    bank_outstanding: Array = _variable("bank country", "bn USD", "Owed to a bank by a country")
    bank_member: Array = _variable("bank country", "0 or 1", "Whether a country is a member")
    bank_joined: Array = _variable("bank country", "year", "When a member joined, zero for others")
    bank_subscribed: Array = _variable("bank", "bn USD", "Capital subscribed, paid in or callable")
    bank_capital_multiple: Array = _variable(
        "bank", "ratio", "Capital subscribed over that of the opening, by the governors' increases"
    )
    bank_capital_voted: Array = _variable(
        "bank", "ratio", "The same once all that was voted is subscribed"
    )
    bank_capital_step: Array = _variable("bank", "ratio", "What a year adds to it")
    bank_limit_ratio: Array = _variable("bank", "ratio", "Statutory limit over its base")
    bank_limit_voted: Array = _variable(
        "bank", "ratio", "The same once all that was voted is taken up"
    )
    bank_pace: Array = _variable("bank", "bn USD", "Largest approvals of a year so far")
    bank_admits: Array = _variable("bank", "0 or 1", "Whether governors have let candidates in")

    # development banks: the year
    bank_headroom: Array = _variable(
        "bank", "bn USD", "Statutory limit less loans outstanding, before the year's payments"
    )
    bank_headroom_years: Array = _variable(
        "bank", "years", "Years to the nearest limit as governors see it, at most a hundred"
    )
    bank_envelope: Array = _variable("bank", "bn USD", "What a bank may approve in the year")
    bank_proposals: Array = _variable("bank", "bn USD", "What members proposed")
    bank_approvals: Array = _variable("bank", "bn USD", "Projects approved")
    bank_cancellations: Array = _variable("bank", "bn USD", "Approved earlier and given up")
    bank_disbursements: Array = _variable("bank", "bn USD", "Paid out to borrowers")
    bank_withheld: Array = _variable(
        "bank", "bn USD", "Due to be paid out, and kept back by a limit"
    )
    bank_repayments: Array = _variable("bank", "bn USD", "Principal paid back by borrowers")
    bank_interest: Array = _variable("bank", "bn USD", "Interest paid by borrowers")
    bank_write_offs: Array = _variable("bank", "bn USD", "Principal written off")
    bank_arrears: Array = _variable("bank", "bn USD", "Principal overdue at the end of the year")
    bank_undisbursed: Array = _variable("bank", "bn USD", "Approved and not yet paid out")
    bank_bonds_sold: Array = _variable("bank", "bn USD", "Bonds sold")
    bank_bonds_repaid: Array = _variable("bank", "bn USD", "Bonds repaid")
    bank_bond_interest: Array = _variable("bank", "bn USD", "Interest paid on bonds")
    bank_treasury_income: Array = _variable("bank", "bn USD", "Income from liquid assets")
    bank_expenses: Array = _variable("bank", "bn USD", "Expenses")
    bank_capital_received: Array = _variable("bank", "bn USD", "Capital paid in during the year")
    bank_capital_returned: Array = _variable("bank", "bn USD", "Shares bought back from members")
    bank_statutory_limit: Array = _variable("bank", "bn USD", "Most that may be outstanding")
    bank_decision: Array = _variable(
        "bank", "0 to 3", "Governors: none, capital increase, higher limit, accession"
    )
    bank_reverse_linkage: Array = _variable(
        "bank", "bn USD", "Budget for knowledge that members give each other through the bank"
    )

    # debt
    debt_other_ratio: Array = _variable(
        "country", "ratio", "External debt to others than the banks, over GDP"
    )
    debt_outstanding: Array = _variable("country", "bn USD", "External debt")
    debt_service: Array = _variable("country", "bn USD", "Principal and interest paid on it")
    bank_debt_service: Array = _variable("country", "bn USD", "Of this, paid to development banks")
    bank_disbursements_received: Array = _variable(
        "country", "bn USD", "Disbursed by development banks"
    )
    distress: Array = _variable("country", "0 or 1", "Whether a country is in debt distress")
    infrastructure_by_finance: Array = _variable(
        "country sector",
        "bn 2015 USD",
        "What development finance adds to infrastructure, by sector",
    )

    # credit lines between countries and loans of funds
    credit_approved: Array = _variable("country", "bn USD", "Credit lines approved to the country")
    credit_disbursed: Array = _variable("country", "bn USD", "Credit lines paid out to the country")
    credit_service: Array = _variable(
        "country", "bn USD", "Principal and interest the country pays on credit lines"
    )
    credit_lent: Array = _variable(
        "country", "bn USD", "Credit lines the country pays out to others"
    )
    credit_collected: Array = _variable(
        "country", "bn USD", "Principal and interest the country receives on credit lines"
    )
    credit_debt: Array = _variable(
        "country", "bn USD", "Debt on credit lines at the end of the year, arrears included"
    )
    tied_freeness: Array = _variable(
        "origin destination", "ratio", "Freeness of trade that tied credit lines add, next year's"
    )
    corridor_cut: Array = _variable(
        "origin destination", "fraction", "Trade cost that corridors take off, next year's"
    )

    # Goals
    goals: Array = _variable(
        "country goal", "0 to 100", "Score of each Goal, NaN where it does not apply"
    )
    goal_noise: Array = _variable("country goal", "sd", "Disturbance of the Goals, autoregressive")

    # knowledge
    capability: Array = _variable(
        "country domain", "0 to 1", "Capability: general factor and deviation of the domain"
    )
    capability_growth: Array = _variable(
        "country domain", "0 to 1", "What cooperation taught that came into use last year"
    )
    capability_use: Array = _variable(
        "country domain", "0 to 1", "What cooperation taught that comes into use in the year"
    )
    productive_learning: Array = _variable(
        "country",
        "0 to 1",
        "General capability that comes into use in the year, less what adjusting to it takes for a time",
    )
    technology_adjusting: Array = _variable(
        "country", "0 to 1", "Technology learned that is not yet in use"
    )
    closing_capability: Array = _variable(
        "country domain", "0 to 1", "Capability handed to next year"
    )
    cooperation_tie: Array = _variable(
        "origin destination", "0 to 1", "Tie of past joint projects, symmetric"
    )
    cooperation_intensity: Array = _variable(
        "country goal", "0 to 1", "Intensity of cooperation received, by the Goals it serves"
    )
    practices: Array = _variable("domain", "practices", "Documented practices of cooperation")
    projects_provided: Array = _variable(
        "country", "projects", "Cooperation projects under way that the country provides"
    )
    projects_received: Array = _variable(
        "country", "projects", "Cooperation projects under way that the country learns in"
    )
    experience: Array = _variable(
        "country",
        "projects",
        "Successful projects it learned in, as far as those who took part are still in office",
    )
    technology_exchange: Array = _variable(
        "country",
        "0 or 1",
        "Whether it is party to a project in science, technology and innovation in the year",
    )

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
    fund_requests: Array = _variable(
        "country domain",
        "projects",
        "Projects a year that these grants pay for, by what funds are for",
    )
    centres: Array = _variable(
        "country domain", "centres", "Centres of excellence at work, by what they teach"
    )

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
    reported_projects_provided: Array = _variable(
        "country", "projects", "Projects under way that the country reports to provide"
    )
    reported_projects_received: Array = _variable(
        "country", "projects", "Projects under way that the country reports to learn in"
    )
    reported_technology_exchange: Array = _variable(
        "country", "0 or 1", "Whether it reports an exchange in science, technology and innovation"
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
    credit_factor: Array = _variable(
        "country", "ratio", "Credit lines that the country approves relative to plan"
    )
    credit_focus: Array = _variable(
        "country",
        "log",
        "Weight its credit lines add for least developed countries and small islands",
    )
    credit_green: Array = _variable(
        "country", "fraction", "Renewable part added to the energy lines that the country approves"
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
    catalogue: Array = _variable(
        "country", "0 to 1", "Part of its capacities in a catalogue that others search, by policy"
    )
    centre_policy: Array = _variable(
        "country", "centres", "Centres of excellence that policy has added in the country"
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
    reverse_linkage_budget: Array = _variable(
        "world", "ratio", "Money of development banks for reverse linkage relative to plan"
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
    distress_shock: Array = _variable(
        "country", "fraction", "Hazard of debt distress that a shock adds"
    )
    bank_capital_factor: Array = _variable(
        "bank", "ratio", "Capital relative to what is subscribed"
    )
    bank_speed: Array = _variable("bank", "ratio", "Speed of the ramp-up relative to plan")
    bank_limit_factor: Array = _variable("bank", "ratio", "Statutory limit relative to the rule")
    bank_admission: Array = _variable("bank", "0 to 1", "Whether new members are admitted")
    bank_governing: Array = _variable("bank", "ratio", "Governors' readiness to decide, to plan")
    bank_demand: Array = _variable("bank", "ratio", "Proposals relative to plan")
    bank_cancelling: Array = _variable("bank", "ratio", "Cancellations relative to plan")
    bank_cofinancing: Array = _variable("bank", "fraction", "Added part of co-financed projects")
    bank_weight_ldc: Array = _variable("bank", "score", "Added weight on least developed countries")
    bank_weight_sids: Array = _variable("bank", "score", "Added weight on small island States")
    bank_weight_renewable: Array = _variable("bank", "score", "Added weight on renewable energy")

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
