"""What must hold in every run: any parameters inside their priors, any seed, any world, any scenario."""

from __future__ import annotations

import numpy as np
import pytest
from _worlds import drawn_parameters, permute_tables, random_world
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from sscsim.errors import InadmissibleInput
from sscsim.model import SouthSouthModel, simulate
from sscsim.parameters import Parameters, default_parameters
from sscsim.policy import Scenario, lever_table, list_scenarios
from sscsim.policy.scenario import Setting, Where
from sscsim.steps.plan import variables
from sscsim.world.loading import load_world
from sscsim.world.state import State

SOLVER = 1e-9  # the equilibrium's own tolerance is 1e-10 of each economy's output
ROUNDING = 1e-12

# A failing run takes as long as another: it is reported as found, not searched for a smaller one.
AS_FOUND = (Phase.explicit, Phase.generate)
SEEDS = st.integers(0, 2**32 - 1)
SPREADS = st.sampled_from(["uniform", "corners"])

NOT_NEGATIVE = (  # noqa: SIM905
    "population labour human_capital gini poverty_headcount private_capital infrastructure_capital productivity gdp"
    " gdp_current real_income investment_share private_investment infrastructure_investment infrastructure_addition"
    " closing_private_capital closing_infrastructure_capital closing_productivity closing_human_capital wage"
    " price_index home_sales trade exports imports agreement fdi_inward_stock fdi_disinvestment"
    " fdi_outward_stock oda_received oda_paid remittances_received remittances_paid capability renewable_capital"
).split()
BOOKED = ("bank_loans", "bank_outstanding", "bank_borrowings", "bank_undisbursed", "credit_debt")
"""Stocks that payments are added to and taken from, so that nothing may be left as a rounded nothing: bn USD."""
POSITIVE = (  # noqa: SIM905
    "population labour human_capital private_capital infrastructure_capital productivity gdp gdp_current real_income"
    " wage price_index home_sales"
).split()


def close(a: object, b: object, relative: float) -> bool:
    # Numbers below the least normal one have fewer digits: nothing is conserved to nine of three.
    return bool(np.allclose(a, b, rtol=relative, atol=1e-290))  # type: ignore[arg-type]


def check_numbers(state: State, model: SouthSouthModel) -> None:
    applies = ~np.isnan(model.world.goals_2016)
    for name, values in state:
        if name == "goals":
            assert np.array_equal(np.isfinite(values), applies)
            inside = values[applies]
            assert inside.min() >= 0.0
            assert inside.max() <= 100.0
        else:
            assert np.isfinite(values).all(), f"{name} in {state.year}"
    for name in NOT_NEGATIVE:
        assert getattr(state, name).min() >= 0.0, f"{name} in {state.year}"
    for name in BOOKED:
        assert getattr(state, name).min() >= -1e-9, f"{name} in {state.year}"
    for name in POSITIVE:
        assert getattr(state, name).min() > 0.0, f"{name} in {state.year}"
    for name in ("gini", "poverty_headcount", "agreement", "capability"):
        assert getattr(state, name).max() <= 1.0, f"{name} in {state.year}"


def check_trade(state: State, model: SouthSouthModel) -> None:
    assert not np.diagonal(state.trade).any()
    assert close(state.exports, state.trade.sum(axis=1), ROUNDING)
    assert close(state.imports, state.trade.sum(axis=0), ROUNDING)
    assert close(state.exports.sum(), state.imports.sum(), SOLVER)

    base = model.submodels["trade"].base.economy
    prices = model.deflator[state.year] / model.deflator[2013]
    output = base.output * (state.gdp / model.opening.gdp) * prices
    income = output * state.wage
    # Every market clears: what is sold at home and abroad is what is produced, at its price; and what is bought is
    # income and what the deficit adds, which the world over is nothing.
    assert close(state.home_sales + state.exports, income, SOLVER)
    assert close(state.home_sales + state.imports, income * (1 + state.deficit_ratio), SOLVER)
    assert abs((income * state.deficit_ratio).sum()) <= SOLVER * income.sum()
    assert close(income.sum(), output.sum(), SOLVER)  # the numeraire
    # Output in dollars of the day is this times the gap to the record's prices, and the world's keeps its level.
    own = model.opening.gdp_current * state.gdp_price * (output / base.output)
    assert close(state.gdp_current.sum(), state.dollar_level[0] * own.sum(), SOLVER)
    relative = state.gdp_current / own / np.exp(state.dollar_gap)
    assert close(relative, relative[0], SOLVER)


def check_investment(state: State, model: SouthSouthModel) -> None:
    """Only what is taken out of hosts, and nothing else, makes a flow negative."""
    placed = state.fdi.copy()
    taken = model.submodels["investment"].base.fdi.withdrawn
    if taken is None:
        assert not state.fdi_disinvestment.any()
    else:
        placed[:, taken.hosts] += taken.ends * state.fdi_disinvestment[taken.hosts]
        assert close(
            state.fdi_disinvestment[taken.hosts].sum(), state.fdi_disinvestment.sum(), ROUNDING
        )
    assert placed.min() >= -ROUNDING * (1.0 + state.fdi_disinvestment.max())
    assert not np.diagonal(state.fdi).any()


def check_money(state: State, model: SouthSouthModel) -> None:
    check_investment(state, model)
    assert close(state.fdi_inflow, state.fdi.sum(axis=0), SOLVER)
    assert close(state.fdi_outflow, state.fdi.sum(axis=1), SOLVER)
    assert close(state.fdi_inflow.sum(), state.fdi_outflow.sum(), SOLVER)
    assert close(state.fdi_inward_stock.sum(), state.fdi_outward_stock.sum(), SOLVER)
    for flow in ("oda", "remittances", "other_finance"):
        received, paid = getattr(state, f"{flow}_received"), getattr(state, f"{flow}_paid")
        assert close(received.sum(), paid.sum(), SOLVER), f"{flow} in {state.year}"
    net = state.net_external_finance
    without_banks = state.fdi_inflow - state.fdi_outflow
    for flow in ("oda", "remittances", "other_finance"):
        without_banks = (
            without_banks + getattr(state, f"{flow}_received") - getattr(state, f"{flow}_paid")
        )
    # What banks pay and collect has its other end in their books, which `audit` holds to account.
    assert abs(without_banks.sum()) <= SOLVER * np.abs(without_banks).sum()
    # What finances imports has the sign of what arrives, is never more than it, and has a limit.
    output = model.submodels["trade"].base.economy.output * (
        state.gdp_current / model.opening.gdp_current
    )
    assert (state.financing_ratio * net >= 0.0).all()
    assert (np.abs(state.financing_ratio * output) <= np.abs(net) * (1 + SOLVER)).all()
    assert np.abs(state.financing_ratio).max() <= model.parameters["financing_limit"]


def check_goals(before: State, state: State, model: SouthSouthModel) -> None:
    move = state.goals - before.goals
    parts = np.sum(list(model.submodels["goals"].contributions.values()), axis=0)
    applies = ~np.isnan(move)
    assert np.allclose(parts[applies], move[applies], atol=1e-9)


def check_turn(before: State, state: State) -> None:
    """Stocks open a year at what the year before handed over."""
    for name in ("private_capital", "infrastructure_capital", "productivity", "human_capital"):
        assert np.array_equal(getattr(state, name), getattr(before, f"closing_{name}"))
    assert state.year == before.year + 1


def run_and_check(model: SouthSouthModel) -> None:
    before = model.state.copy()
    while model.running:
        model.step()
        check_numbers(model.state, model)
        check_trade(model.state, model)
        check_money(model.state, model)
        if model.state.year > model.opening.year:
            check_turn(before, model.state)
            check_goals(before, model.state, model)
        before = model.state.copy()
    assert model.state.year == model.end


@settings(max_examples=12, phases=AS_FOUND)
@given(seed=SEEDS, draw=SEEDS, spread=SPREADS, scenario=st.sampled_from(list_scenarios()))
def test_laws_hold_for_the_real_world_whatever_the_parameters(
    seed: int, draw: int, spread: str, scenario: str
) -> None:
    # Priors admit nothing that the model refuses, so a refusal here is a failure.
    run_and_check(SouthSouthModel(scenario, seed=seed, parameters=drawn_parameters(draw, spread)))


@settings(max_examples=30, phases=AS_FOUND)
@given(world=SEEDS, seed=SEEDS, draw=SEEDS, spread=SPREADS)
def test_laws_hold_for_random_worlds(world: int, seed: int, draw: int, spread: str) -> None:
    model = SouthSouthModel(
        seed=seed, world=random_world(world), parameters=drawn_parameters(draw, spread)
    )
    run_and_check(model)


@pytest.mark.slow
@pytest.mark.parametrize("draw", range(200))
def test_the_real_world_takes_every_draw_of_the_priors(draw: int) -> None:
    """An ensemble that loses draws to refusals is no longer a sample of the priors."""
    run = SouthSouthModel(seed=draw, parameters=drawn_parameters(draw), keep="indicators").run()
    assert run.years[-1] == 2034


@st.composite
def lever_settings(draw: st.DrawFn) -> dict[str, tuple[Setting, ...]]:
    from sscsim.policy import lever_table

    chosen = draw(
        st.lists(st.sampled_from(sorted(lever_table())), min_size=1, max_size=4, unique=True)
    )
    result = {}
    for name in chosen:
        lever = lever_table()[name]
        low, high = lever.bounds
        # A pair's cost by half for a whole bloc, year after year, is as far as a scenario file may go.
        value = draw(st.floats(low, high))
        places: list[Where | None] = [None]
        if lever.scope in ("country", "pair"):
            places += [Where(group="LDC"), Where(group="south_unctad_2014")]
        elif lever.scope == "bank":
            places += [Where(bank="AIIB")]
        where = draw(st.sampled_from(places))
        first = draw(st.integers(2013, 2034))
        result[name] = (Setting(value=value, **{"from": first}, where=where),)
    return result


@example(
    world=13754115,
    levers={
        "partner_budget": (Setting(value=1.9, **{"from": 2023}),),
        "aid_volume": (Setting(value=5e-324, **{"from": 2027}),),
    },
)
@settings(max_examples=30, phases=AS_FOUND)
@given(world=SEEDS, levers=lever_settings())
def test_laws_hold_under_any_policy_within_the_levers_bounds(
    world: int, levers: dict[str, tuple[Setting, ...]]
) -> None:
    scenario = Scenario("drawn", {"en": "Drawn"}, levers=levers)
    try:
        run_and_check(SouthSouthModel(scenario, seed=1, world=random_world(world)))
    except InadmissibleInput as refusal:
        # Levers at their ends for twenty years may leave an economy nothing to spend; it must say which.
        assert refusal.key  # noqa: PT017


# --------------------------------------------------------------------------------------------- same seed, same bytes


def test_same_seed_same_bytes_other_seed_other_bytes() -> None:
    first, second, third = (simulate(seed=s, end=2022, keep="full") for s in (7, 7, 8))
    assert first.content_hash == second.content_hash
    assert first == second
    # To 2018 growth is the record's, whatever the luck: what investors did differs, and little comes of it.
    assert first.value("gdp", year=2018) == pytest.approx(third.value("gdp", year=2018), rel=0.01)
    assert first.value("gdp", year=2018) != third.value("gdp", year=2018)
    assert first.value("gdp", year=2022) != pytest.approx(third.value("gdp", year=2022), rel=1e-4)


def test_order_of_rows_in_the_data_changes_nothing(tmp_path) -> None:
    folder = permute_tables(tmp_path / "data")
    permuted = SouthSouthModel(seed=3, world=load_world(folder=folder), keep="full").run()
    plain = SouthSouthModel(seed=3, keep="full").run()
    assert permuted.manifest["data_hash"] != plain.manifest["data_hash"]  # the files did change
    assert permuted.content_hash == plain.content_hash


def test_permuting_tables_would_show_if_rows_were_taken_as_they_come(tmp_path) -> None:
    """The guard of the test before: an order that is not undone does change the results."""
    import pandas as pd

    folder = permute_tables(tmp_path / "data")
    table = pd.read_csv(folder / "base_year.csv", keep_default_na=False, na_values=[""])
    table["iso3"] = sorted(table["iso3"])
    table.to_csv(folder / "base_year.csv", index=False)
    shifted = SouthSouthModel(seed=3, world=load_world(folder=folder), end=2014).run()
    assert shifted.content_hash != SouthSouthModel(seed=3, end=2014).run().content_hash


# ------------------------------------------------------------------------------------------- common random numbers


class _Listening:
    """Streams that keep what was drawn."""

    def __init__(self, streams) -> None:
        self._streams = streams
        self.drawn: dict[tuple[str, int], np.ndarray] = {}

    def once(self, what, year: int, draw):
        """Hear what is drawn by itself: nothing is from memory."""
        return draw(self)

    def __getattr__(self, name: str):
        method = getattr(self._streams, name)

        if name == "generator":
            return method

        def draw(process: str, year: int, shape):
            values = method(process, year, shape)
            assert (process, year) not in self.drawn, "a process draws once a year"
            self.drawn[process, year] = values
            return values

        return draw


def listening(scenario: Scenario | str = "baseline", **options) -> SouthSouthModel:
    model = SouthSouthModel(scenario, seed=11, end=2024, **options)
    model.streams = _Listening(model.streams)
    while model.running:
        model.step()
    return model


@pytest.mark.parametrize(
    ("lever", "value"),
    [
        ("productivity_growth", -0.02),
        ("capital_loss", 0.3),
        ("goal_loss", 5.0),
        ("sudden_stop", 0.9),
    ],
)
def test_a_lever_on_one_country_shifts_no_draw(lever: str, value: float) -> None:
    settings_ = (Setting(value=value, **{"from": 2019}, where=Where(countries=["BRA"])),)
    plain = listening()
    moved = listening(Scenario("moved", {"en": "Moved"}, levers={lever: settings_}))
    assert plain.streams.drawn.keys() == moved.streams.drawn.keys()
    assert {process for process, _ in plain.streams.drawn} >= {
        "productivity",
        "goals",
        "fdi_host_shock",
    }
    for key, values in plain.streams.drawn.items():
        assert np.array_equal(values, moved.streams.drawn[key]), key
    assert not np.array_equal(
        plain.state.goals, moved.state.goals
    )  # and yet the lever did something


@settings(max_examples=3, phases=AS_FOUND)
@given(draw=SEEDS)
def test_no_draw_depends_on_a_parameter(draw: int) -> None:
    world = random_world(draw)
    plain = listening(world=world)
    other = listening(world=world, parameters=drawn_parameters(draw, "corners"))
    assert plain.streams.drawn.keys() == other.streams.drawn.keys()
    for key, values in plain.streams.drawn.items():
        assert np.array_equal(values, other.streams.drawn[key]), key


def test_luck_of_a_country_is_its_own_in_the_pair_of_scenarios() -> None:
    """The disturbances themselves, not their normal draws, are the same in both scenarios of a pair."""
    settings_ = (Setting(value=-0.05, where=Where(countries=["IND"])),)
    moved = SouthSouthModel(
        Scenario("moved", {"en": "Moved"}, levers={"productivity_growth": settings_}), seed=5
    )
    plain = SouthSouthModel(seed=5)
    for model in (plain, moved):
        model.run()
    for name in ("goal_noise", "fdi_world_cycle", "fdi_group_cycle", "fdi_host_shock"):
        assert np.array_equal(getattr(plain.state, name), getattr(moved.state, name)), name


def test_every_variable_is_looked_at() -> None:
    """The lists above name real variables, so that none is skipped by a typo."""
    names = {v.name for v in variables()}
    assert set(NOT_NEGATIVE) <= names
    assert set(BOOKED) <= names
    assert set(POSITIVE) <= names


@settings(max_examples=3, phases=AS_FOUND)
@given(
    seed=SEEDS,
    draw=SEEDS,
    spread=SPREADS,
    scenario=st.sampled_from(list_scenarios()),
)
def test_laws_hold_under_shocks(seed: int, draw: int, spread: str, scenario: str) -> None:
    parameters = drawn_parameters(draw, spread)
    run_and_check(
        SouthSouthModel(scenario, seed=seed, parameters=parameters, shocks=True, audit=True)
    )


@pytest.mark.slow
@settings(max_examples=60, phases=AS_FOUND)
@given(
    seed=SEEDS,
    draw=SEEDS,
    spread=SPREADS,
    names=st.lists(st.sampled_from(sorted(lever_table())), min_size=1, max_size=8, unique=True),
    upper=st.booleans(),
)
def test_laws_hold_under_shocks_at_corners_of_bounds_and_levers(
    seed: int, draw: int, spread: str, names: list[str], upper: bool
) -> None:
    levers = {
        name: (Setting(value=lever_table()[name].bounds[upper], **{"from": 2018}),)
        for name in names
    }
    scenario = Scenario(name="corner", title={"en": "Corner"}, levers=levers)
    parameters = drawn_parameters(draw, spread)
    run_and_check(
        SouthSouthModel(scenario, seed=seed, parameters=parameters, shocks=True, audit=True)
    )


def at_bounds(seed: int) -> Parameters:
    """Return every parameter at one of its two bounds: further out than any prior reaches."""
    definitions = default_parameters().definitions()
    side = np.random.default_rng(seed).integers(0, 2, len(definitions))
    return default_parameters().replace(
        {d.name: float(d.bounds[at]) for d, at in zip(definitions, side, strict=True)}
    )


@pytest.mark.slow
@settings(max_examples=40, phases=AS_FOUND)
@given(
    seed=SEEDS,
    corner=SEEDS,
    names=st.lists(st.sampled_from(sorted(lever_table())), max_size=8, unique=True),
    ends=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_laws_hold_under_shocks_at_corners_of_all_bounds(
    seed: int, corner: int, names: list[str], ends: list[bool]
) -> None:
    """What no prior reaches may be refused, if the refusal names what; whatever runs keeps the laws."""
    levers = {
        name: (Setting(value=lever_table()[name].bounds[end], **{"from": 2018}),)
        for name, end in zip(names, ends, strict=False)
    }
    scenario = Scenario(name="corner", title={"en": "Corner"}, levers=levers)
    try:
        model = SouthSouthModel(
            scenario, seed=seed, parameters=at_bounds(corner), shocks=True, audit=True
        )
        run_and_check(model)
    except InadmissibleInput as refusal:
        assert refusal.key  # noqa: PT017


@settings(max_examples=2, phases=AS_FOUND)
@given(world=SEEDS, seed=SEEDS, draw=SEEDS, spread=SPREADS)
def test_laws_hold_for_random_worlds_under_shocks(
    world: int, seed: int, draw: int, spread: str
) -> None:
    parameters = drawn_parameters(draw, spread)
    run_and_check(
        SouthSouthModel(seed=seed, world=random_world(world), parameters=parameters, shocks=True)
    )
