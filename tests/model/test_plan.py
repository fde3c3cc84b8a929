"""The plan of the year: its order, what each step declares, and that a step left out is a step absent."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import sscsim.model as model_module
from sscsim.errors import InputError
from sscsim.model import PLAN, SouthSouthModel, simulate
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting
from sscsim.results.run import Run
from sscsim.steps.plan import OPENING, variables, without
from sscsim.steps.submodel import Submodel, Year
from sscsim.steps.trade import Trade

NAMES = [
    "policy",
    "institutions",
    "trade",
    "investment",
    "finance",
    "knowledge",
    "growth",
    "goals",
    "measurement",
]


def test_nine_steps_in_the_order_of_the_year() -> None:
    assert [step.name for step in PLAN] == NAMES


def test_every_step_says_what_it_does() -> None:
    for step in PLAN:
        assert step.title
        assert step.all_writes()


def test_what_is_opened_is_what_runs_and_rests_on_nothing_later() -> None:
    assert {kind.name for kind in OPENING} == set(NAMES)
    prepared: list[type[Submodel]] = []
    for kind in OPENING:
        assert set(kind.needs) <= set(prepared), kind.name
        for part in kind.parts:
            prepared.append(part)
        prepared.append(kind)


def test_declarations_name_state_variables_each_once() -> None:
    known = {"year", *(v.name for v in variables())}
    for step in PLAN:
        for declared in (step.all_reads(), step.all_writes()):
            assert len(declared) == len(set(declared)), step.name
            assert set(declared) <= known, step.name
        assert "year" not in step.all_writes(), "the turn of the year moves it, no step does"


def test_no_variable_is_written_by_two_steps() -> None:
    written = [name for step in PLAN for name in step.all_writes()]
    assert len(written) == len(set(written))


# ------------------------------------------------------------------------- a step touches what it declares, and no more


class Recorded:
    """A state that notes what is read and assigned, and hands out arrays nobody can write into."""

    def __init__(self, state: Any) -> None:
        vars(self).update(_state=state, _reads=set(), _writes=set())

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._state, name)
        if callable(value):
            raise AssertionError(f"{name}() would read every variable")
        self._reads.add(name)
        if isinstance(value, np.ndarray):
            value = value.view()
            value.flags.writeable = False
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self._writes.add(name)
        # What comes back from a proxy is a locked view; the state keeps arrays that agents may write into.
        setattr(self._state, name, np.array(value) if isinstance(value, np.ndarray) else value)


def watch(model: SouthSouthModel, years: int) -> dict[str, tuple[set[str], set[str]]]:
    """Return what each step read and wrote in some years."""
    touched: dict[str, tuple[set[str], set[str]]] = {s.name: (set(), set()) for s in PLAN}

    class Watched(Submodel):
        def __init__(self, step: Submodel) -> None:
            self.step = step
            self.name = step.name

        def run(self, now: Year) -> None:
            # Agents look at the model's state, submodels at the year's.
            plain, proxy = model.state, Recorded(model.state)
            model.state = proxy
            try:
                self.step.run(replace(now, state=proxy))
            finally:
                model.state = plain
            touched[self.name][0].update(proxy._reads)
            touched[self.name][1].update(proxy._writes)

    model.plan = tuple(Watched(step) for step in model.plan)
    for _ in range(years):
        model.step()
    return touched


@pytest.fixture(scope="module")
def touched() -> dict[str, tuple[set[str], set[str]]]:
    # Every lever moves, so that whatever a step looks at under a condition is looked at, and eight years pass
    # record and projection.
    moved = {
        name: (Setting(value=1.1 if lever.combine == "multiply" else 0.02),)
        for name, lever in lever_table().items()
    }
    scenario = Scenario("all", {"en": "All levers"}, levers=moved)
    return watch(SouthSouthModel(scenario, seed=1), 8)


@pytest.mark.parametrize("step", PLAN, ids=lambda s: s.name)
def test_a_step_touches_only_what_it_declares(touched, step: type[Submodel]) -> None:
    read, written = touched[step.name]
    assert read - set(step.all_reads()) == set(), "read but not declared"
    assert written - set(step.all_writes()) == set(), "written but not declared"


@pytest.mark.parametrize("step", PLAN, ids=lambda s: s.name)
def test_a_step_uses_what_it_declares(touched, step: type[Submodel]) -> None:
    read, written = touched[step.name]
    assert set(step.all_reads()) - read == set(), "declared but never read"
    assert set(step.all_writes()) - written == set(), "declared but never written"


def test_every_variable_is_written_by_a_step_or_moved_by_the_turn_of_the_year() -> None:
    written = {name for step in PLAN for name in step.all_writes()}
    declared = {name for step in PLAN for name in step.turns}
    assert {v.name for v in variables()} == written | declared
    assert not written & declared
    model = SouthSouthModel(seed=1, end=2014)
    model.step()
    before = model.state.view()
    model.plan = ()
    model.step()
    moved = {name for name, values in model.state if values is not getattr(before, name)}
    given = {"investment_share"}  # an agent may set it
    # At last year's prices until the year has found its own.
    both = {"gdp_current", "real_income", "dollar_gap", "dollar_level"}
    assert moved == (declared - given) | both


def test_the_proxy_catches_what_it_should() -> None:
    """A step that reads, writes or scribbles beyond its declaration is caught."""

    class Scribbles(Submodel):
        name = "goals"

        def run(self, now: Year) -> None:
            now.state.gdp[0] = 1.0

    class Wanders(Submodel):
        name = "goals"

        def run(self, now: Year) -> None:
            now.state.gini = now.state.gini + 0.0 * now.state.wage

    model = SouthSouthModel(seed=1, end=2014)
    model.plan = (Wanders(None, None),)
    read, written = watch(model, 1)["goals"]
    assert (read, written) == ({"gini", "wage"}, {"gini"})
    model = SouthSouthModel(seed=1, end=2014)
    model.plan = (Scribbles(None, None),)
    with pytest.raises(ValueError, match="read-only"):
        watch(model, 1)


def test_no_step_keeps_an_array_that_another_owns() -> None:
    """No two variables share memory: writing one through an agent must not change another."""
    model = SouthSouthModel(seed=1, end=2021)
    while model.running:
        model.step()
        arrays = dict(model.state)
        names = list(arrays)
        for i, one in enumerate(names):
            for other in names[i + 1 :]:
                assert not np.shares_memory(arrays[one], arrays[other]), (one, other, model.year)
        for name, values in arrays.items():
            assert values.flags.writeable, name


# ------------------------------------------------------------------------------------------------- switching steps off


@cache
def run_without(*off: str) -> Run:
    return simulate(seed=2, end=2020, off=off, keep="full")


@pytest.mark.parametrize("name", NAMES)
def test_a_step_switched_off_is_a_step_that_is_not_there(name: str, monkeypatch) -> None:
    off = run_without(name)
    monkeypatch.setattr(model_module, "PLAN", tuple(s for s in PLAN if s.name != name))
    absent = simulate(seed=2, end=2020, keep="full")
    monkeypatch.undo()
    assert off.content_hash == absent.content_hash
    assert off.manifest["off"] == [name]


@pytest.mark.parametrize(
    "name",
    ["trade", "investment", "finance", "knowledge", "growth", "goals", "institutions"],
)
def test_a_step_switched_off_is_missed(name: str) -> None:
    assert run_without(name) != run_without()


def test_an_unknown_step_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as caught:
        SouthSouthModel(off=["goal"])
    assert caught.value.suggestion == "goals"
    assert caught.value.exit_code == 2
    assert set(caught.value.allowed or ()) == set(NAMES)
    assert [s.name for s in without(PLAN, ["trade", "goals"])] == [
        n for n in NAMES if n not in ("trade", "goals")
    ]


# ----------------------------------------------------------------------------------------------------- times and years


def test_timings_of_every_step_on_request() -> None:
    run = simulate(seed=1, end=2015, profile=True)
    timings = run.manifest["timings"]
    assert list(timings) == NAMES
    assert timings["trade"] > 0.0
    assert timings["knowledge"] > 0.0
    assert 0.0 < sum(timings.values()) <= run.manifest["duration"]
    assert simulate(seed=1, end=2014).manifest["timings"] is None


def test_profiling_changes_no_number() -> None:
    assert simulate(seed=1, end=2015, profile=True) == simulate(seed=1, end=2015)


def test_progress_counts_every_year() -> None:
    seen: list[tuple[int, int, int]] = []
    simulate(seed=1, end=2016, progress=lambda *years: seen.append(years))
    assert seen == [(year, 2013, 2016) for year in range(2013, 2017)]


def test_a_later_start_records_less_and_changes_nothing() -> None:
    late = simulate(seed=1, start=2015, end=2018)
    whole = simulate(seed=1, end=2018)
    assert late.years == (2015, 2016, 2017, 2018)
    for year in late.years:
        assert late.value("gdp", year=year) == whole.value("gdp", year=year)


@pytest.mark.parametrize(
    "options",
    [
        {"seed": -1},
        {"seed": 2**32},
        {"seed": True},
        {"seed": 1.5},
        {"end": 2012},
        {"end": 2035},
        {"end": "2020"},
        {"start": 2012},
        {"start": 2020, "end": 2019},
    ],
    ids=str,
)
def test_numbers_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        SouthSouthModel(**options)
    assert caught.value.key in options


def test_the_base_year_reproduces_the_data() -> None:
    """Where every hat is one, the equilibrium and the flows are the base year's own."""
    model = SouthSouthModel(seed=1, end=2013)
    opening = model.state.copy()
    model.step()
    assert not model.running
    for name, values in model.state:
        before = getattr(opening, name)
        if name.startswith(("closing_", "projects_provided", "projects_received")) or name in (
            "cooperation_cost",
            "private_investment",
            "infrastructure_investment",
            "growth_deviation",
            # The base year's own lines join those before; the opening shows the payments of the year before.
            "net_external_finance",
            "financing_ratio",
            "other_finance_received",
            "other_finance_paid",
            "credit_approved",
            "credit_disbursed",
            "credit_service",
            "credit_lent",
            "credit_collected",
            "credit_debt",
            "debt_outstanding",
            "debt_service",
            "net_interest",
            "base_interest_share",
            # Projects of the base year are begun in it, and those that end in it leave their ties and practices.
            "capability_use",
            "productive_learning",
            "technology_adjusting",
            "experience",
            "cooperation_tie",
            "cooperation_intensity",
            "practices",
            "technology_exchange",
            "reported_projects_provided",
            "reported_projects_received",
            "reported_technology_exchange",
        ):
            continue  # what the year leaves to the next
        assert np.allclose(values, before, rtol=1e-9, atol=1e-12, equal_nan=True), name


def test_one_thread_holds_in_the_base_year_and_in_every_step(monkeypatch) -> None:
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    seen: list[set[int]] = []
    prepare = Trade.__init__

    def watching(*arguments):
        seen.append(threads())
        return prepare(*arguments)

    class Look(Submodel):
        name = "look"

        def run(self, now: Year) -> None:
            seen.append(threads())

    monkeypatch.setattr(Trade, "__init__", watching)
    with threadpool_limits(limits=2):
        if threads() != {2}:
            pytest.skip("this machine's linear algebra has one thread only")
        model = SouthSouthModel(seed=1, end=2013)
        model.plan = (Look(None, None),)
        model.step()
    assert seen == [{1}, {1}]
