"""The model, and the plan of a year: nine steps in one screen.

Stocks move at the turn of the year; the nine steps then decide the year's flows, in this order and in no other. A step
can be switched off by its name, and each is timed on request.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from sscsim.added import added
from sscsim.agents import Country, DevelopmentBank, Partner, UnitedNations
from sscsim.agents.population import Classes, together, unknown_bank
from sscsim.errors import InputError
from sscsim.framework import Model, let_go
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.outcomes.indicators import IndicatorBook
from sscsim.policy import Scenario
from sscsim.policy.paths import LeverPaths
from sscsim.provenance import inputs
from sscsim.results.recorder import Recorder
from sscsim.results.run import Run
from sscsim.results.tables import RowTable
from sscsim.settings import RunOptions, RunSettings
from sscsim.steps.banking import Banking
from sscsim.steps.knowledge import Knowledge
from sscsim.steps.opening import filled, prepared
from sscsim.steps.plan import NAIVE, OPENING, PLAN, without
from sscsim.steps.submodel import Agents, Given, Submodel, Year
from sscsim.streams import Streams
from sscsim.threads import one_thread
from sscsim.world.contradictions import notes
from sscsim.world.institutions import load_institutions, with_figures
from sscsim.world.state import DOMAINS, SECTORS, State
from sscsim.world.tables import World

__all__ = ["PLAN", "SouthSouthModel", "simulate"]


class SouthSouthModel(Model):
    """Countries of the world that trade, invest and grow, from the base year on.

    Parameters
    ----------
    scenario
        Settings of the run, or its scenario, the name of one, or the path of its file.
    world
        Base-year data, in place of those that the settings name.
    country_class, partner_class, united_nations_class
        Classes of the agents.
    bank_classes
        Classes of single banks by their code; the others are `DevelopmentBank`.
    **kwargs
        What else the run is asked for, by name: ``seed``, ``end``, ``off``, ``keep`` and the other fields of
        `sscsim.settings.RunSettings`.

    Raises
    ------
    InputError
        For an unknown scenario, step, group or parameter, or a number out of bounds.
    """

    def __init__(
        self,
        scenario: RunSettings | Scenario | str | Path = "baseline",
        *,
        world: World | None = None,
        country_class: type[Country] = Country,
        partner_class: type[Partner] = Partner,
        united_nations_class: type[UnitedNations] = UnitedNations,
        bank_classes: Mapping[str, type[DevelopmentBank]] | None = None,
        **kwargs: Unpack[RunOptions],
    ) -> None:
        self.settings = RunSettings.of(scenario, **kwargs)
        seed = self.settings.seed
        super().__init__(rng=seed)
        self.policy_scenario = self.settings.resolved()
        self.parameters = self.settings.values().replace(
            self.policy_scenario.parameters, source=self.policy_scenario.name
        )
        self.world_given = world is not None
        self.world = self.settings.world() if world is None else world
        self.streams = Streams(seed)
        self.seed = seed
        self.start, self.end = self.settings.start, self.settings.end
        self.off = self.settings.off
        self.naive, self.audit = self.settings.naive, self.settings.audit
        self.classes = Classes(
            country_class, partner_class, united_nations_class, dict(bank_classes or {})
        )
        self.deciding = Agents(country_class, partner_class, united_nations_class)
        """Who decides, as submodels see it."""
        kinds = [NAIVE.get(kind.name, kind) if self.naive else kind for kind in OPENING]
        self.added = added(self.settings.plugins, tuple(kinds), PLAN)
        """The steps, variables and indicators that there are, those of plug-ins included."""
        at_work = {kind.name for kind in without(self.added.year, self.off)}
        self.deflator = {y: self.world.price_level(y) for y in range(FIRST_YEAR, LAST_YEAR + 1)}
        with one_thread():
            self._open(self.added.opening, at_work)
        self.plan: tuple[Submodel, ...] = tuple(
            self.submodels[kind.name] for kind in self.added.year if kind.name in at_work
        )
        self.timings: dict[str, float] | None = (
            {step.name: 0.0 for step in self.plan} if self.settings.profile else None
        )
        self.book = IndicatorBook.from_world(
            self.world,
            self.parameters,
            self.state.variables,
            table=self.added.table,
            places={"bank": self.submodels.of(Banking).base.codes},
        )
        self.recorder = Recorder(
            iso3=self.world.iso3,
            rows=self.book.rows,
            variables=self.state.variables,
            scenario=self.policy_scenario.name,
            seed=seed,
            keep=self.settings.keep,
            labels={"sector": SECTORS, "domain": DOMAINS},
        )
        self.measured: np.ndarray | None = None
        """Last year's indicators, which this year's growth is measured from."""
        self._make_agents()

    def _open(self, kinds: Sequence[type[Submodel]], plan: set[str]) -> None:
        """Prepare the submodels, and let them fill and open the state that the base year begins with."""
        files = load_institutions(self.world, self.settings.institutions)
        files = with_figures(files, self.settings.figures)
        given = Given(
            self.world, self.parameters, FIRST_YEAR, files, self.audit, self.settings.shocks
        )
        self.submodels = prepared(kinds, given)
        opened = [self.submodels[kind.name] for kind in kinds]
        self.levers = LeverPaths(
            self.policy_scenario, self.world, self.submodels.of(Banking).base.codes
        )
        self.state = filled(self.added.variables, self.submodels, opened, given)
        self.opening = self.state
        self._at_work = frozenset(plan)
        for one in opened:
            one.open(self.now())
        self.opening = self.state.copy()
        """The state the base year opened with, what hats are relative to."""

    def _make_agents(self) -> None:
        made = self.classes
        partners = self.submodels.of(Knowledge).base.partners.names
        self.countries = together(
            self, [made.country(self, i, iso3) for i, iso3 in enumerate(self.world.iso3)]
        )
        self.partners = together(
            self, [made.partner(self, i, name) for i, name in enumerate(partners)]
        )
        self.united_nations = made.united_nations(self, 0)
        # Submodels run banks in the order of their rows, whatever a user does to the set.
        self.deciding.banks = made.make_banks(self, self.submodels.of(Banking).base.rules)
        self.banks = together(self, self.deciding.banks)
        for one in self.submodels:
            for name, agents in one.agents(self).items():
                setattr(self, name, together(self, agents))

    def now(self, last: State | None = None) -> Year:
        """Return the year as submodels see it.

        Parameters
        ----------
        last
            The state of the year before, where the year is only opening.
        """
        return Year(
            state=self.state,
            opening=self.opening,
            last=self.state if last is None else last,
            world=self.world,
            levers=self.levers,
            luck=self.streams,
            deflator=self.deflator,
            agents=self.deciding,
            plan=self._at_work,
            base_year=FIRST_YEAR,
        )

    @property
    def year(self) -> int:
        """The year the state stands for."""
        return self.state.year

    def country(self, iso3: str) -> Country:
        """Return the agent of a country, by its code or any name it is known by.

        Raises
        ------
        InputError
            When no country is called so, or its agent has left the model.
        """
        code = self.world.gazetteer.code(iso3)
        for agent in self.countries:
            if agent.iso3 == code:
                found: Country = agent
                return found
        raise InputError("the agent of this country has left the model", key="country", found=iso3)

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
        raise unknown_bank(code, self.submodels.of(Banking).base.codes)

    def step(self) -> None:
        """Simulate one year: the first call the base year, each later one the next."""
        with one_thread():
            if self.steps > 1:
                self._turn_of_the_year()
            now = self.now()
            for step in self.plan:
                if self.timings is None:
                    step.run(now)
                else:
                    started = time.process_time()
                    step.run(now)
                    self.timings[step.name] += time.process_time() - started
            self._record(now)
        self.running = self.state.year < self.end

    def _turn_of_the_year(self) -> None:
        """Open the next year: each submodel moves its stocks, whether its step is in the plan or not."""
        last = self.state.view()
        self.state.year += 1
        now = self.now(last)
        for kind in self.added.opening:
            self.submodels[kind.name].turn(now)

    def _record(self, now: Year) -> None:
        """Measure the year and keep it, whatever steps are left out."""
        self.measured = self.book.measure(self.state, self.opening, self.measured)
        if self.state.year < self.start:
            return
        self.recorder.record(self.state, self.measured)
        if self.recorder.keeps_rows:
            for step in self.plan:
                step.remember(now)

    def fork(self, scenario: Scenario) -> SouthSouthModel:
        """Return a copy that goes on under another scenario from the next year.

        It is the model that would stand here had it been run under that scenario, if the two ask for the same in every
        year so far and set the same parameters; the caller sees to that (`sscsim.experiments.beginnings`). What no year
        changes is shared by both, and so is the luck that either draws first.
        """
        self.streams = self.streams.keeping()
        fixed: list[object] = [
            self.settings,
            self.world,
            self.parameters,
            self.book,
            self.added,
            self.deflator,
            self.opening,
            self.streams,
            *(one for submodel in self.submodels for one in submodel.fixed()),
        ]
        memo = {id(one): one for one in fixed}
        twin: SouthSouthModel = copy.deepcopy(self, memo)
        twin.settings = replace(self.settings, scenario=scenario)
        twin.policy_scenario = scenario
        twin.levers = LeverPaths(scenario, self.world, self.submodels.of(Banking).base.codes)
        twin.recorder.scenario = scenario.name
        return twin

    def close(self) -> None:
        """Part model and agents once no year is to come, so that their memory is free as soon as nobody wants it.

        They know each other, which only a collection of cycles would see, and hundreds of runs may come before one.
        The state stays, and so does what an agent that somebody holds sees of it.
        """
        self.deciding.banks = ()
        let_go(self)

    def run(self, progress: Callable[[int, int, int], None] | None = None) -> Run:
        """Simulate to the end and return what was recorded.

        Parameters
        ----------
        progress
            Called after each year with the year, the first and the last.
        """
        started = time.process_time()
        with one_thread():  # once for all years: threads that are let go wait at full speed
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
        rows: dict[str, RowTable] = {}
        if self.recorder.keeps_rows:
            now = self.now()
            for step in self.plan:
                rows |= step.tables(now)
        return self.recorder.run(self.manifest() | dict(details or {}), rows)

    def manifest(self) -> dict[str, Any]:
        """Return what a reader needs to repeat the run, as plain data."""
        return {
            "scenario": self.policy_scenario.as_dict(),
            "scenario_hash": self.policy_scenario.content_hash,
            "data_hash": self.world.data_hash,
            "base_trade": self.world.base_trade if self.world.trade_matrix is None else "user",
            "parameter_hash": self.parameters.content_hash,
            "parameters_changed": self.parameters.changed,
            "parameters_from": dict(self.parameters.origin or {"source": "given"}),
            "parameters_set": dict(self.settings.set),
            "off": list(self.off),
            "naive": self.naive,
            **({"plugins": self.added.said()} if self.added.plugins else {}),
            "inputs": inputs(
                self.settings, self.world, self.classes.own(), world_given=self.world_given
            ),
            "timings": self.timings,
            "notes": notes(self.world),
        }


def simulate(
    scenario: RunSettings | Scenario | str | Path = "baseline",
    *,
    progress: Callable[[int, int, int], None] | None = None,
    world: World | None = None,
    country_class: type[Country] = Country,
    partner_class: type[Partner] = Partner,
    united_nations_class: type[UnitedNations] = UnitedNations,
    bank_classes: Mapping[str, type[DevelopmentBank]] | None = None,
    **options: Unpack[RunOptions],
) -> Run:
    """Run one scenario with one seed and return the run.

    Parameters
    ----------
    scenario
        Settings of the run, or its scenario, the name of one, or the path of its file.
    progress
        Called after each year with the year, the first and the last.
    world, country_class, partner_class, united_nations_class, bank_classes
        As in `SouthSouthModel`.
    **options
        What else the run is asked for, by name: ``seed``, ``start``, ``end``, ``parameters`` (``central``, ``tables``,
        ``draw:N``, a file or a fit's folder), ``set`` (single ones by name and value on top of them), ``off``,
        ``keep``, ``data``, ``trade_matrix``, ``institutions`` and the other fields of `sscsim.settings.RunSettings`.

    Examples
    --------
    >>> from sscsim import simulate
    >>> run = simulate("baseline", seed=1, end=2015)
    >>> sorted(run.indicators["year"].unique().tolist())
    [2013, 2014, 2015]
    """
    model = SouthSouthModel(
        scenario,
        world=world,
        country_class=country_class,
        partner_class=partner_class,
        united_nations_class=united_nations_class,
        bank_classes=bank_classes,
        **options,
    )
    try:
        return model.run(progress)
    finally:
        model.close()
