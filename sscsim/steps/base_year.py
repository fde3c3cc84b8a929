"""The base year: what data and parameters imply before the first step, and the state the first year starts from.

Nothing here changes in a run. Every later year is a change relative to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InadmissibleInput
from sscsim.flows import finance, investment, trade
from sscsim.flows.balancing import balance
from sscsim.flows.bank_data import BankingBase, disbursement_profile, lay_banks
from sscsim.flows.banking import BankingParameters
from sscsim.flows.credit_lines import CreditFlows
from sscsim.outcomes import goals, growth, poverty
from sscsim.outcomes.interlinkages import default_interlinkages
from sscsim.parameters import Parameters
from sscsim.policy.scenario import FIRST_YEAR, LAST_YEAR
from sscsim.steps.banking import open_books, opens_with
from sscsim.steps.credit import CreditBase
from sscsim.steps.credit import prepare as prepare_credit
from sscsim.world.capabilities import opening_capabilities
from sscsim.world.events import EventFactors, event_factors, load_events
from sscsim.world.institutions import SECTORS_OF_LENDING, Bank, shipped_banks
from sscsim.world.projects import ProjectTable
from sscsim.world.state import DOMAINS, SECTORS, State, variables
from sscsim.world.tables import World

__all__ = ["BaseYear", "prepare"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

YEARS = range(FIRST_YEAR, LAST_YEAR + 1)

SCORES_OBSERVED = 2016
"""The 2018 edition of the SDG Index shows the state of 2016 (Sachs et al. 2018)."""

LEADER = "USA"
"""The productivity frontier (Benhabib & Spiegel 2005)."""

_NEUTRAL_AT_ONE = (
    "wage",
    "credit_factor",
    "tied_freeness",
    "price_index",
    "trade_cost",
    "outward_fdi_factor",
    "oda_factor",
    "bank_capital_multiple",
    "bank_capital_voted",
    "bank_capital_factor",
    "bank_speed",
    "bank_limit_factor",
    "bank_admission",
    "bank_governing",
    "bank_demand",
    "bank_cancelling",
    "supply_factor",
    "supply_cost",
    "fragmentation",
    "transaction_cost",
    "cooperation_factor",
    "practice_publication",
    "frontier_effort",
    "partner_budget",
    "reverse_linkage_budget",
    "third_party_cost",
    "fund_factor",
    "un_support_factor",
)
"""Ratios; everything else that no table fills starts at zero."""


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


@dataclass(frozen=True)
class InvestmentBase:
    """The base-year matrix of foreign direct investment."""

    parameters: investment.InvestmentParameters
    flows: Array
    stocks: investment.FdiStocks
    south: Mask
    group: NDArray[np.intp]
    group_names: tuple[str, ...]
    events: dict[int, EventFactors]


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


@dataclass(frozen=True)
class GoalsBase:
    """Response, interlinkages and the rolled-back state of the Goals."""

    parameters: goals.GoalParameters
    interlinkages: Array
    scores: Array
    """Rolled back from the state of 2016, ``(country, goal)``."""
    trend: Array
    """Each country's own lasting trend in the base year, ``(country, goal)``, points a year."""
    past_trend: Array
    """Mean yearly move of 2000 to 2013, the benchmark's Goals, ``(country, goal)``; NaN where there is no record."""
    region: NDArray[np.intp]
    noise_size: Array
    """Standard deviation of each country's disturbances relative to the average, ``(country,)``."""
    observed_year: int
    """Year whose scores are observed; disturbances start after it."""


@dataclass(frozen=True)
class BaseYear:
    """Everything a run takes as given, by submodel."""

    year: int
    deflator: dict[int, float]
    agreements: dict[int, Array]
    """Free trade agreements and customs unions in force by year, ``(origin, destination)``, 0 or 1."""
    trade: TradeBase
    investment: InvestmentBase
    finance_parameters: finance.FinanceParameters
    finance: finance.FinanceBase
    banking: BankingBase
    credit: CreditBase
    growth: GrowthBase
    goals: GoalsBase

    def prices(self, year: int) -> float:
        """Return the deflator of a year relative to the base year."""
        return self.deflator[year] / self.deflator[self.year]


def prepare(
    world: World,
    parameters: Parameters,
    banks: Sequence[Bank] | None = None,
    institutions: Path | None = None,
) -> tuple[BaseYear, State, ProjectTable]:
    """Return the base year of a world under these parameters, the state the first year starts from, and its projects.

    Parameters
    ----------
    banks
        Development banks; by default those that ship.
    institutions
        Folder whose lenders join those that ship.

    Raises
    ------
    InadmissibleInput
        When the data and parameters together admit no base year.
    """
    trade_base = _trade_base(world, parameters)
    investment_base = _investment_base(world, parameters)
    growth_base, private_capital, infrastructure = _growth_base(
        world, parameters, investment_base.flows.sum(axis=0)
    )
    goals_base = _goals_base(world, parameters, growth_base, infrastructure)
    credit_base = prepare_credit(world, parameters, trade_base.flows, institutions)
    base = BaseYear(
        year=FIRST_YEAR,
        deflator={year: world.price_level(year) for year in YEARS},
        agreements=_agreements(world),
        trade=trade_base,
        investment=investment_base,
        finance=_without_lines(_finance_base(world), credit_base.flows),
        finance_parameters=finance.FinanceParameters.from_parameters(parameters),
        banking=_banking_base(world, parameters, banks),
        credit=credit_base,
        growth=growth_base,
        goals=goals_base,
    )
    state = _initial_state(world, base, private_capital, infrastructure)
    return base, state, _opening_projects(base.banking, state)


@lru_cache(maxsize=4)
def _agreements(world: World) -> dict[int, Array]:
    # Parameters do not touch them, and an ensemble builds many base years of one world.
    return {year: world.agreement_in_force(year) for year in YEARS}


def _trade_base(world: World, parameters: Parameters) -> TradeBase:
    south = world.membership("south_unctad_2014").astype(float)
    geography = trade.Geography(
        distance=world.distance,
        contiguity=world.contiguity,
        common_language=world.common_language,
        colonial_tie=world.colonial_tie,
        agreement=_agreements(world)[FIRST_YEAR],
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


def _investment_base(world: World, parameters: Parameters) -> InvestmentBase:
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
        _agreements(world)[FIRST_YEAR],
        south,
        rules,
    )
    group_names = ("developed_wir_2018", "developing_wir_2018", "transition_wir_2018")
    group = np.zeros(len(world.iso3), dtype=np.intp)
    for position, name in enumerate(group_names):
        group[world.membership(name)] = position
    return InvestmentBase(
        parameters=rules,
        flows=investment.base_fdi_matrix(inflow, outflow, kernel, rules.fdi_balance_tolerance),
        stocks=investment.initial_fdi_stocks(
            world.base["fdi_inward_stock_busd"], world.base["fdi_outward_stock_busd"]
        ),
        south=south,
        group=group,
        group_names=group_names,
        events=_events(world),
    )


@lru_cache(maxsize=4)
def _events(world: World) -> dict[int, EventFactors]:
    groups = {name: world.membership(name) for name in world.groups()}
    return {year: event_factors(load_events(), year, world.iso3, groups) for year in YEARS}


@lru_cache(maxsize=4)
def _finance_base(world: World) -> finance.FinanceBase:
    developed = world.membership("developed_wir_2018")
    rich = world.countries["income_group"].to_numpy() == "HIC"
    return finance.FinanceBase(
        oda_received=np.maximum(world.base["oda_received_busd"], 0.0),
        remittances_received=world.base["remittances_received_busd"],
        other_received=world.base["other_external_finance_busd"],
        gdp=world.base["gdp_constant_2015_busd"],
        population=world.base["population_m"],
        donor=developed & rich,
        host=rich,
        financier=rich,
    )


def _banking_base(
    world: World, parameters: Parameters, banks: Sequence[Bank] | None
) -> BankingBase:
    rules = BankingParameters.from_parameters(parameters)
    groups = {name: world.membership(name) for name in world.groups()}
    files = shipped_banks() if banks is None else banks
    laid = lay_banks(files, world.iso3, groups, FIRST_YEAR)
    gdp = world.base["gdp_current_busd"]
    administration = np.maximum(world.base["corruption_perceptions"], 1.0)
    rich = world.countries["income_group"].to_numpy() == "HIC"
    debt = np.maximum(world.base["external_debt_busd"], 0.0)
    service = np.maximum(
        world.base["debt_service_share_exports"] * world.base["goods_exports_busd"], 0.0
    )
    return BankingBase(
        parameters=rules,
        rules=laid,
        profile=disbursement_profile(laid, rules),
        sector_shares=np.array([one.sectors for one in laid]).reshape(-1, len(SECTORS_OF_LENDING)),
        readiness=administration / administration.mean(),
        mean_income=float(
            world.base["gdp_constant_2015_busd"].sum() / world.base["population_m"].sum()
        ),
        ldc=groups["LDC"],
        lldc=groups["LLDC"],
        sids=groups["SIDS"],
        financier=rich,
        indebted=~rich,
        other_debt_ratio=debt / gdp,
        service_rate=np.divide(service, debt, out=np.zeros_like(debt), where=debt > 0.0),
    )


def _opening_projects(base: BankingBase, state: State) -> ProjectTable:
    """Open the books of the banks that are older than the base year."""
    table = ProjectTable(base.codes)
    for place, rules in enumerate(base.rules):
        if opens_with(rules, FIRST_YEAR):
            open_books(state, table, place, rules)
            state.bank_subscribed[place] = rules.bank.capital.subscribed.value
    # What the data count as external debt holds these loans and lines already.
    banks = state.bank_outstanding.sum(axis=0) + state.credit_debt
    state.debt_other_ratio = np.maximum(base.other_debt_ratio - banks / state.gdp_current, 0.0)
    other = state.debt_other_ratio * state.gdp_current
    state.debt_outstanding = other + banks
    state.debt_service = base.service_rate * other + state.credit_service
    return table


def _without_lines(base: finance.FinanceBase, lines: CreditFlows) -> finance.FinanceBase:
    """Return the record without what lenders paid net, which they now pay themselves."""
    return replace(base, other_received=base.other_received - lines.net.sum(axis=0))


def _goals_base(
    world: World, parameters: Parameters, base: GrowthBase, infrastructure: Array
) -> GoalsBase:
    rules = goals.GoalParameters.from_parameters(parameters)
    interlinkages = default_interlinkages().matrix
    regions = world.countries["report_region"].to_numpy()
    panel = _panel(world)
    trend = goals.persistent_trend(panel, rules)
    drivers = [
        {**year, "trend": trend * rules.trend_retention**since}
        for since, year in enumerate(_recorded_drivers(world, base, infrastructure), start=1)
    ]
    return GoalsBase(
        parameters=rules,
        interlinkages=interlinkages,
        scores=goals.roll_back(
            world.goals_2016, drivers, parameters=rules, interlinkages=interlinkages
        ),
        trend=trend,
        past_trend=goals.trend_moves(panel),
        region=np.unique(regions, return_inverse=True)[1].astype(np.intp),
        noise_size=goals.noise_size(base.population[0], rules),
        observed_year=SCORES_OBSERVED,
    )


def _recorded_drivers(
    world: World, base: GrowthBase, infrastructure: Array
) -> list[dict[str, Array]]:
    """Return what drove the Goals from the base year to the observed scores, along the record of growth."""
    people = base.population
    gini = world.base["gini"]
    headcount = poverty.poverty_headcount(base.line, gini, np.ones_like(gini), base.poverty)
    result = []
    private = infrastructure.copy()  # stands in for private capital, which the Goals do not see
    for since in range(1, SCORES_OBSERVED - FIRST_YEAR + 1):
        gdp_before, gdp = base.record.gdp[since - 1], base.record.gdp[since]
        capital = growth.accumulate(
            private,
            infrastructure,
            gdp_before,
            gdp_before,
            base.rules.fdi_share * gdp_before,
            base.rules,
            base.parameters,
        )
        before, infrastructure = infrastructure, capital.infrastructure
        more_people = np.log(people[since] / people[since - 1])
        income_growth = np.log(gdp / gdp_before) - more_people
        new_gini = poverty.gini_step(gini, world.base["gini"], income_growth, base.poverty)
        ratio = (gdp / people[since]) / (base.record.gdp[0] / people[0])
        new_headcount = poverty.poverty_headcount(base.line, new_gini, ratio, base.poverty)
        per_head = np.log(infrastructure / before) - more_people
        result.append(
            {
                "income_growth": income_growth,
                "poverty_change": new_headcount - headcount,
                "inequality_change": new_gini - gini,
                "infrastructure_growth": np.repeat(per_head[:, None], len(SECTORS), axis=1),
            }
        )
        gini, headcount = new_gini, new_headcount
    return result


@lru_cache(maxsize=4)
def _panel(world: World) -> Array:
    """Return the panel of past scores, ``(country, year, goal)``, NaN where a country has none."""
    table = world.goal_panel
    years = np.sort(table["year"].unique())
    panel = np.full((len(world.iso3), len(years), 17), np.nan)
    rows = table["iso3"].map({code: i for i, code in enumerate(world.iso3)})
    known = rows.notna().to_numpy()
    columns = np.searchsorted(years, table["year"].to_numpy()[known])
    scores = table[[f"goal_{g}" for g in range(1, 18)]].to_numpy(float)
    panel[rows[known].to_numpy(int), columns] = scores[known]
    return panel


def _growth_base(
    world: World, parameters: Parameters, fdi_inflow: Array
) -> tuple[GrowthBase, Array, Array]:
    rules = growth.GrowthParameters.from_parameters(parameters)
    gdp = world.base["gdp_constant_2015_busd"]
    human_capital = world.base["human_capital_index"]
    base_population = world.base["population_m"]
    population = np.array([world.population_in(year) for year in YEARS])
    labour = population * (world.base["employment_m"] / base_population)
    private, infrastructure = growth.initial_capital(
        gdp, world.base["capital_output_ratio"], world.base["infrastructure_capital_ratio"]
    )
    capital_rules = growth.capital_rules(
        gdp,
        private,
        infrastructure,
        world.base["investment_share"],
        world.base["depreciation"],
        fdi_inflow / world.base["gdp_current_busd"] * gdp,
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
            world.base["infrastructure_capital_ratio"],
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


def _initial_state(
    world: World, base: BaseYear, private_capital: Array, infrastructure: Array
) -> State:
    count = len(world.iso3)
    sizes = {
        "country": count,
        "origin": count,
        "destination": count,
        "goal": 17,
        "sector": len(SECTORS),
        "domain": len(DOMAINS),
        "lag": 3,
        "world": 1,
        "group": len(base.investment.group_names),
        "bank": len(base.banking.rules),
    }
    # Everything a data table does not fill starts at its neutral value: no change, no shock, no policy.
    neutral = {v.name: np.zeros([sizes[a] for a in v.axes]) for v in variables()}
    for name in _NEUTRAL_AT_ONE:
        neutral[name] += 1.0
    for name in ("bank_limit_ratio", "bank_limit_voted"):
        neutral[name] = np.array(
            [rules.bank.limits.statutory.value for rules in base.banking.rules]
        )
    neutral["bank_reverse_linkage"] = np.array(
        [
            rules.bank.reverse_linkage.value if rules.bank.reverse_linkage else 0.0
            for rules in base.banking.rules
        ]
    )
    gdp = world.base["gdp_constant_2015_busd"]
    gdp_current = world.base["gdp_current_busd"]
    productivity = base.growth.record.base_productivity
    human_capital = world.base["human_capital_index"]
    gini = world.base["gini"]
    flows = finance.external_flows(
        base.finance, gdp, base.finance.population, 1.0, base.finance_parameters
    )
    lines = base.credit.flows
    inflow, outflow = base.investment.flows.sum(axis=0), base.investment.flows.sum(axis=1)
    growth_before = np.log1p(world.growth_record[:, 0] / 100)
    capability = opening_capabilities(world).values
    return State(
        year=base.year,
        **neutral
        | {
            "population": base.growth.population[0],
            "labour": base.growth.labour[0],
            "human_capital": human_capital,
            "gini": gini,
            "poverty_headcount": poverty.poverty_headcount(
                base.growth.line, gini, np.ones(count), base.growth.poverty
            ),
            "private_capital": private_capital,
            "infrastructure_capital": infrastructure,
            "productivity": productivity,
            "gdp": gdp,
            "gdp_current": gdp_current,
            "gni": world.base["gni_current_busd"],
            "real_income": gdp,
            "recent_growth": np.repeat(growth_before[None, :], 3, axis=0),
            "investment_share": world.base["investment_share"],
            "closing_private_capital": private_capital,
            "closing_infrastructure_capital": infrastructure,
            "closing_productivity": productivity,
            "closing_human_capital": human_capital,
            "home_sales": base.trade.economy.home_sales,
            "deficit_ratio": base.trade.economy.deficit_ratio,
            "trade": base.trade.flows,
            "exports": base.trade.flows.sum(axis=1),
            "imports": base.trade.flows.sum(axis=0),
            "agreement": base.agreements[base.year],
            "fdi": base.investment.flows,
            "fdi_inflow": inflow,
            "fdi_outflow": outflow,
            "fdi_volume": inflow / gdp_current * gdp,
            "fdi_inward_stock": base.investment.stocks.inward,
            "fdi_outward_stock": base.investment.stocks.outward,
            "oda_received": flows.oda_received,
            "oda_paid": flows.oda_paid,
            "remittances_received": flows.remittances_received,
            "remittances_paid": flows.remittances_paid,
            "other_finance_received": flows.other_received + lines.net.sum(axis=0),
            "other_finance_paid": flows.other_paid
            + lines.net.sum(axis=1) @ base.credit.lenders.funders,
            "credit_disbursed": lines.disbursed.sum(axis=0),
            "credit_service": lines.service.sum(axis=0),
            "credit_lent": lines.disbursed.sum(axis=1) @ base.credit.lenders.funders,
            "credit_collected": lines.service.sum(axis=1) @ base.credit.lenders.funders,
            "credit_debt": base.credit.book.debt.sum(axis=0),
            "net_external_finance": flows.net + inflow - outflow,
            "financing_ratio": finance.financing_ratio(
                flows.net + lines.both_ends(base.credit.lenders.funders) + inflow - outflow,
                base.trade.economy.output,
                base.finance_parameters.financing_limit,
            ),
            "goals": base.goals.scores,
            "capability": capability,
            "closing_capability": capability,
        },
    ).copy()
