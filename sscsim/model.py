"""The model, and the plan of a year: nine steps in one screen.

Stocks move at the turn of the year; the nine steps then decide the year's flows, in this order and in no other. A step
can be switched off by its name, and each is timed on request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from threadpoolctl import ThreadpoolController

from sscsim.agents import Country, DevelopmentBank, Partner, UnitedNations
from sscsim.errors import InputError, nearest
from sscsim.flows import banking
from sscsim.flows import trade as trade_flows
from sscsim.outcomes import growth
from sscsim.outcomes.goals import DRIVERS
from sscsim.outcomes.indicators import IndicatorBook
from sscsim.parameters import Parameters, default_parameters
from sscsim.policy import Scenario, load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.policy.scenario import FIRST_YEAR, LAST_YEAR
from sscsim.results.recorder import Recorder
from sscsim.results.run import Run
from sscsim.steps import banking as banking_step
from sscsim.steps import (
    benchmark,
    finance,
    goals,
    institutions,
    investment,
    knowledge,
    measurement,
    policy,
    trade,
)
from sscsim.steps import growth as growth_step
from sscsim.steps.base_year import prepare
from sscsim.steps.credit import CreditDesk
from sscsim.steps.credit import tables as credit_tables
from sscsim.steps.institutions import open_institutions
from sscsim.steps.plan import Step, without
from sscsim.streams import Streams
from sscsim.world.institutions import Bank, load_banks
from sscsim.world.state import DOMAINS, SECTORS, variables
from sscsim.world.tables import World, load_world

__all__ = ["PLAN", "SouthSouthModel", "simulate"]

PLAN: tuple[Step, ...] = (
    Step("policy", "levers and shocks of the scenario", policy.run, policy.READS, policy.WRITES),
    Step(
        "institutions",
        "agreements enter into force, countries provide, coordinate and report",
        institutions.run,
        institutions.READS,
        institutions.WRITES,
    ),
    Step("trade", "goods trade clears every market", trade.run, trade.READS, trade.WRITES),
    Step(
        "investment",
        "foreign direct investment finds its hosts",
        investment.run,
        investment.READS,
        investment.WRITES,
    ),
    Step(
        "finance",
        "aid and other finance arrive, banks lend and collect",
        finance.run,
        finance.READS,
        finance.WRITES,
    ),
    Step(
        "knowledge",
        "needs meet offers of cooperation, projects teach",
        knowledge.run,
        knowledge.READS,
        knowledge.WRITES,
    ),
    Step(
        "growth",
        "income is invested, technology diffuses",
        growth_step.run,
        growth_step.READS,
        growth_step.WRITES,
    ),
    Step("goals", "the 17 Goals move", goals.run, goals.READS, goals.WRITES),
    Step(
        "measurement",
        "countries report on their cooperation",
        measurement.run,
        measurement.READS,
        measurement.WRITES,
    ),
)
"""The year, in order."""

BENCHMARK: dict[str, Step] = {
    "trade": Step(
        "trade",
        "every flow moves with the size of its ends",
        benchmark.trade,
        benchmark.TRADE_READS,
        benchmark.TRADE_WRITES,
    ),
    "goals": Step(
        "goals",
        "every Goal goes on as it went",
        benchmark.goals,
        benchmark.GOALS_READS,
        benchmark.GOALS_WRITES,
    ),
}
"""What stands in for these steps in the model to beat."""


class SouthSouthModel(mesa.Model):
    """Countries of the world that trade, invest and grow, from the base year on.

    Parameters
    ----------
    scenario
        A scenario, its name, or the path of its file.
    seed
        Master seed, a whole number from 0; the same seed gives the same luck in every scenario.
    parameters
        Values of the parameter tables; what the scenario sets comes on top. Defaults to the tables'.
    world
        Base-year data; defaults to the tables that ship.
    start
        First year recorded; the simulation always begins in the base year.
    end
        Last year simulated.
    off
        Names of steps to leave out.
    keep
        How much the run keeps: ``indicators``, ``standard`` or ``full``.
    country_class, partner_class, united_nations_class
        Classes of the agents.
    bank_classes
        Classes of single banks by their code; the others are `DevelopmentBank`.
    institutions
        Folder with the user's own banks, partners, bodies, trust funds and centres of excellence, one file each, see
        ``docs/banks.md`` and ``docs/institutions.md``.
    audit
        Whether to check banks' books in every year, and stop where they do not hold.
    benchmark
        Whether to run the model to beat instead: gravity trade and trend Goals.
    profile
        Whether to time each step.

    Raises
    ------
    InputError
        For an unknown scenario, step, group or parameter, or a number out of bounds.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path = "baseline",
        *,
        seed: int = 1,
        parameters: Parameters | None = None,
        world: World | None = None,
        start: int = FIRST_YEAR,
        end: int = LAST_YEAR,
        off: Sequence[str] = (),
        keep: str = "standard",
        country_class: type[Country] = Country,
        partner_class: type[Partner] = Partner,
        united_nations_class: type[UnitedNations] = UnitedNations,
        bank_classes: Mapping[str, type[DevelopmentBank]] | None = None,
        institutions: Path | str | None = None,
        audit: bool = False,
        benchmark: bool = False,
        profile: bool = False,
    ) -> None:
        _check_number("seed", seed, 0, 2**32 - 1)
        _check_number("end", end, FIRST_YEAR, LAST_YEAR)
        _check_number("start", start, FIRST_YEAR, end)
        super().__init__(rng=seed)
        self.policy_scenario = (
            scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        )
        chosen = default_parameters() if parameters is None else parameters
        self.parameters = chosen.replace(
            self.policy_scenario.parameters, source=self.policy_scenario.name
        )
        self.world = load_world() if world is None else world
        self.streams = Streams(seed)
        self.seed = seed
        self.start = start
        self.end = end
        self.off = tuple(off)
        self.benchmark = benchmark
        plan = [BENCHMARK.get(step.name, step) for step in PLAN] if benchmark else PLAN
        self.plan = without(plan, self.off)
        self.country_class = country_class
        self.partner_class = partner_class
        self.united_nations_class = united_nations_class
        with _thread_pools().limit(limits=1):
            self.base, self.state, self.loans = prepare(
                self.world,
                self.parameters,
                _banks(institutions, self.world),
                None if institutions is None else Path(institutions),
            )
            self.institutions = open_institutions(
                self, None if institutions is None else Path(institutions)
            )
            self.reports: dict[int, np.ndarray] = {}
            """Part of each country's cooperation that it puts on record, by year."""
            measurement.open_measurement(self)
            self.cooperation = knowledge.open_cooperation(self)
        self.bank_history: dict[int, dict[str, np.ndarray]] = {}
        """What banks did in each year recorded, for their table."""
        self.audit = audit
        self.levers = LeverPaths(self.policy_scenario, self.world, self.base.banking.codes)
        self.credit = CreditDesk.open(self.base.credit, self.streams, self.loans)
        """The books of credit lines."""
        self.opening = self.state.copy()
        """The state the base year opened with, what hats are relative to."""
        self.goal_contributions: dict[str, np.ndarray] = dict.fromkeys(
            DRIVERS, np.zeros_like(self.state.goals)
        )
        self.trade_factors: trade_flows.Factors | None = self.base.trade.factors
        """Where the last equilibrium's solver stood: spares work, changes nothing beyond the tolerance."""
        self.timings: dict[str, float] | None = (
            {step.name: 0.0 for step in self.plan} if profile else None
        )
        self.book = IndicatorBook.from_world(self.world, self.parameters)
        self.recorder = Recorder(
            iso3=self.world.iso3,
            rows=self.book.rows,
            variables=variables(),
            scenario=self.policy_scenario.name,
            seed=seed,
            keep=keep,
            labels={"sector": SECTORS, "domain": DOMAINS},
        )
        self.measured: np.ndarray | None = None
        """Last year's indicators, which this year's growth is measured from."""
        self.countries = mesa.agent.AgentSet(
            [country_class(self, i, iso3) for i, iso3 in enumerate(self.world.iso3)],
            random=self.random,
        )
        names = self.cooperation.base.partners.names
        self.partners = mesa.agent.AgentSet(
            [partner_class(self, i, name) for i, name in enumerate(names)], random=self.random
        )
        self.united_nations = united_nations_class(self, 0)
        self.banks = mesa.agent.AgentSet(_bank_agents(self, bank_classes or {}), random=self.random)

    @property
    def year(self) -> int:
        """The year the state stands for."""
        return self.state.year

    def country(self, iso3: str) -> Country:
        """Return the agent of a country.

        Raises
        ------
        InputError
            When no country has this code.
        """
        country: Country = self.countries[self.world.position(iso3)]
        return country

    def bank(self, code: str) -> DevelopmentBank:
        """Return the agent of a bank.

        Raises
        ------
        InputError
            When no bank has this code.
        """
        for agent in self.banks:
            if agent.code == code:
                found: DevelopmentBank = agent
                return found
        raise _unknown_bank(code, self.base.banking.codes)

    def step(self) -> None:
        """Simulate one year: the first call the base year, each later one the next."""
        if self.steps > 1:
            self._turn_of_the_year()
        with _thread_pools().limit(limits=1):
            for step in self.plan:
                if step.run is None:
                    continue
                if self.timings is None:
                    step.run(self)
                else:
                    started = time.process_time()
                    step.run(self)
                    self.timings[step.name] += time.process_time() - started
            self._record()
        self.running = self.state.year < self.end

    def run(self, progress: Callable[[int, int, int], None] | None = None) -> Run:
        """Simulate to the end and return what was recorded.

        Parameters
        ----------
        progress
            Called after each year with the year, the first and the last.
        """
        started = time.process_time()
        while self.running:
            self.step()
            if progress is not None:
                progress(self.state.year, FIRST_YEAR, self.end)
        return self.recorded({"duration": time.process_time() - started})

    def recorded(self, details: Mapping[str, Any] | None = None) -> Run:
        """Return what was recorded so far, tables of projects and loans included; the model may go on.

        Parameters
        ----------
        details
            What else the manifest says.
        """
        rows = (
            {"projects": knowledge.project_table(self)}
            if self.recorder.keeps_rows and any(step.name == "knowledge" for step in self.plan)
            else {}
        )
        if self.recorder.keeps_rows and self.bank_history:
            self.credit.settle(self.year)
            rows |= banking_step.tables(self) | credit_tables(self)
        return self.recorder.run(self.manifest() | dict(details or {}), rows)

    def manifest(self) -> dict[str, Any]:
        """Return what a reader needs to repeat the run, as plain data."""
        return {
            "scenario": self.policy_scenario.as_dict(),
            "scenario_hash": self.policy_scenario.content_hash,
            "data_hash": self.world.data_hash,
            "parameter_hash": self.parameters.content_hash,
            "parameters_changed": self.parameters.changed,
            "off": list(self.off),
            "benchmark": self.benchmark,
            "timings": self.timings,
        }

    def _record(self) -> None:
        """Measure the year and keep it, whatever steps are left out."""
        self.measured = self.book.measure(self.state, self.opening, self.measured)
        if self.state.year >= self.start:
            self.recorder.record(self.state, self.measured)

    def _turn_of_the_year(self) -> None:
        """Open the next year: people from the projection, stocks as handed over, output from both."""
        state, base = self.state, self.base.growth
        before = state.gdp / state.population
        infrastructure_before = state.infrastructure_capital / state.population
        output_before = state.gdp
        state.year += 1
        since = state.year - self.base.year
        state.population = base.population[since].copy()
        state.labour = base.labour[since].copy()
        state.private_capital = state.closing_private_capital.copy()
        state.infrastructure_capital = state.closing_infrastructure_capital.copy()
        state.productivity = state.closing_productivity.copy()
        state.human_capital = state.closing_human_capital.copy()
        state.openness = state.closing_openness.copy()
        state.capability_growth = state.capability_use.copy()
        state.capability = state.closing_capability.copy()
        state.gdp = growth.production(
            state.productivity,
            state.infrastructure_capital,
            state.private_capital,
            state.human_capital,
            state.labour,
            base.parameters,
            openness=state.openness,
        )
        # At last year's prices until the trade step has found this year's.
        grown = state.gdp / output_before
        inflation = self.base.deflator[state.year] / self.base.deflator[state.year - 1]
        state.gdp_current = state.gdp_current * grown * inflation
        state.real_income = state.real_income * grown
        state.income_growth = np.log(state.gdp / state.population / before)
        state.recent_growth = np.vstack([state.recent_growth[1:], np.log(grown)[None, :]])
        per_head = np.log(state.infrastructure_capital / state.population / infrastructure_before)
        state.infrastructure_growth = banking.infrastructure_growth_by_sector(
            per_head, state.infrastructure_capital, state.infrastructure_by_finance
        )


def simulate(
    scenario: Scenario | str | Path = "baseline",
    *,
    seed: int = 1,
    start: int = FIRST_YEAR,
    end: int = LAST_YEAR,
    set: Mapping[str, float] | None = None,
    parameters: Parameters | None = None,
    off: Sequence[str] = (),
    data: Path | str | None = None,
    trade_matrix: Path | str | None = None,
    keep: str = "standard",
    progress: Callable[[int, int, int], None] | None = None,
    profile: bool = False,
    **options: Any,
) -> Run:
    """Run one scenario with one seed and return the run.

    Parameters
    ----------
    scenario, seed, start, end, off, keep, profile
        As in `SouthSouthModel`.
    set
        Parameters by name and value, on top of ``parameters``.
    data, trade_matrix
        CSV files with the user's own figures and bilateral trade, see ``docs/data.md``.
    progress
        Called after each year with the year, the first and the last.
    **options
        Further options of `SouthSouthModel`, such as ``country_class``.

    Examples
    --------
    >>> from sscsim import simulate
    >>> run = simulate("baseline", seed=1, end=2015)
    >>> sorted(run.indicators["year"].unique().tolist())
    [2013, 2014, 2015]
    """
    values = default_parameters() if parameters is None else parameters
    if set:
        values = values.replace(set)
    world = load_world(
        None if data is None else Path(data), None if trade_matrix is None else Path(trade_matrix)
    )
    model = SouthSouthModel(
        scenario,
        seed=seed,
        parameters=values,
        world=world,
        start=start,
        end=end,
        off=off,
        keep=keep,
        profile=profile,
        **options,
    )
    return model.run(progress)


@lru_cache(maxsize=1)
def _thread_pools() -> ThreadpoolController:
    """Return the handle on the linear algebra's threads, looked up once: a look-up reads every library loaded."""
    return ThreadpoolController()


def _banks(folder: Path | str | None, world: World) -> tuple[Bank, ...] | None:
    """Return the shipped banks and those of a user's folder; None for the shipped ones alone."""
    if folder is None:
        return None
    known = load_world()
    codes = sorted({*known.iso3, *world.iso3})
    return load_banks(codes, sorted({*known.groups(), *world.groups()}), Path(folder))


def _bank_agents(
    model: SouthSouthModel, classes: Mapping[str, type[DevelopmentBank]]
) -> list[DevelopmentBank]:
    codes = model.base.banking.codes
    for code in classes:
        if code not in codes:
            raise _unknown_bank(code, codes)
    return [
        classes.get(rules.bank.code, DevelopmentBank)(model, i, rules)
        for i, rules in enumerate(model.base.banking.rules)
    ]


def _unknown_bank(code: str, codes: Sequence[str]) -> InputError:
    return InputError(
        "there is no bank of this code",
        key="bank",
        found=code,
        allowed=codes,
        suggestion=nearest(code, codes),
    )


def _check_number(key: str, value: object, low: int, high: int) -> None:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or not low <= value <= high
    ):
        raise InputError(
            f"{key} must be a whole number in its range",
            key=key,
            found=value,
            allowed=f"{low} to {high}",
        )
