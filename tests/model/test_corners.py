"""Corners of all bounds: a run, or a message that names a parameter and an economy and never an index."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.members import members
from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.model import SouthSouthModel
from sscsim.outcomes import goals, growth
from sscsim.outcomes.goals import GoalParameters
from sscsim.outcomes.interlinkages import default_interlinkages
from sscsim.parameters import default_parameters
from sscsim.policy import lever_table
from sscsim.policy.scenario import Scenario, Setting, Where
from sscsim.world.loading import load_world

SUBMODELS = ("trade", "investment", "finance", "banking", "credit", "growth", "poverty", "goals")
DEFINITIONS = [d for d in default_parameters().definitions() if d.submodel in SUBMODELS]
INDEX = re.compile(r"(economy|country) \d")


def outcome(values: dict[str, float]) -> str:
    """Return the message that two years under these values end with; an empty one where they run."""
    try:
        model = SouthSouthModel(
            parameters=default_parameters().replace(values),
            end=2014,
            off=("knowledge", "institutions"),
            keep="indicators",
        )
        while model.running:
            model.step()
    except InputError as error:
        return str(error)
    for name in ("gdp", "wage", "goals", "fdi_inflow", "net_external_finance"):
        values_of_state = getattr(model.state, name)
        assert np.isfinite(values_of_state[~np.isnan(values_of_state)]).all(), name
    return ""


def is_named(message: str) -> bool:
    """Whether a message says which parameter and which economy it is about."""
    known = {d.name.split(".")[0] for d in default_parameters().definitions()}
    words = set(re.findall(r"\w+", message))
    return (
        bool(words & known) and bool(words & set(load_world().iso3)) and not INDEX.search(message)
    )


def corner(seed: int) -> dict[str, float]:
    side = np.random.default_rng([9, seed]).integers(0, 2, len(DEFINITIONS))
    return {d.name: float(d.bounds[at]) for d, at in zip(DEFINITIONS, side, strict=True)}


@pytest.mark.parametrize("seed", range(4))
def test_a_corner_of_all_bounds_runs_or_says_why_not(seed: int) -> None:
    message = outcome(corner(seed))
    assert not message or is_named(message), message


@pytest.mark.slow
def test_most_corners_run() -> None:
    messages = [outcome(corner(seed)) for seed in range(100, 140)]
    assert all(is_named(message) for message in messages if message)
    assert sum(not message for message in messages) > 0.8 * len(messages)


@pytest.mark.parametrize(
    "values",
    [
        {"deficit_floor": -0.6, "surplus_cap": 0.55},
        {
            "deficit_floor": -0.6,
            "surplus_cap": 0.55,
            "deficit_cap": 1.0,
            "deficit_persistence": 1.0,
        },
        {"deficit_floor": -0.6, "deficit_cap": 0.3},
        {"goal_reference_score.5": 10.0, "goal_drift.5": -1.5},
        {"goal_reference_score.13": 90.0, "goal_income_response.13": -30.0},
    ],
)
def test_bounds_that_meet_are_admissible_together(values: dict[str, float]) -> None:
    table = default_parameters()
    for name, value in values.items():
        low, high = table.definition(name).bounds
        assert low <= value <= high
    assert outcome(values) == ""


@pytest.mark.parametrize("value", [-0.3, -0.5, -0.59])
def test_a_floor_above_the_surpluses_of_the_base_year_is_out_of_bounds(value: float) -> None:
    with pytest.raises(InputError, match="deficit_floor"):
        default_parameters().replace({"deficit_floor": value})


NAMES = ("AAA", "BBB", "CCC")


def refused_surplus() -> None:
    markets = trade.Markets(np.eye(3) * 0.7 + 0.1, np.ones(3), 4.0, NAMES)
    hats = trade.Hats(np.ones(3), np.ones((3, 3)), np.array([0.0, -0.9, 0.0]))
    trade.solve_equilibrium(markets, hats)


def refused_capital() -> None:
    growth.initial_capital(np.ones(3), np.ones(3), np.array([0.1, 1.2, 0.1]), NAMES)


def refused_matrix() -> None:
    balance(np.ones((3, 3)) - np.eye(3), np.array([1.0, 8, 1]), np.array([2.0, 6, 2]), names=NAMES)


def refused_scores() -> None:
    rules = GoalParameters.from_parameters(default_parameters())
    violent = {"income_growth": np.array([0.0, 5.0, 0.0])}
    scores = np.full((3, 17), 50.0)
    goals.roll_back(
        scores,
        [violent] * 3,
        parameters=rules,
        interlinkages=default_interlinkages().matrix,
        most_iterations=3,
        names=NAMES,
    )


@pytest.mark.parametrize(
    ("call", "parameter"),
    [
        (refused_surplus, "deficit_floor"),
        (refused_capital, "capital_output_ratio"),
        (refused_matrix, "flows"),
        (refused_scores, "goal_income_response"),
    ],
)
def test_what_is_refused_names_the_economy(call, parameter: str) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert "BBB" in str(refused.value)
    assert parameter in str(refused.value)
    assert not INDEX.search(str(refused.value))


@pytest.mark.parametrize("group", [None, "South"])
def test_trade_cost_at_its_upper_bound_is_solved(group: str | None) -> None:
    """Economies all but shut off sell next to nothing abroad at most prices: their market clears still."""
    where = None if group is None else Where(group=group)
    highest = Setting(value=lever_table()["trade_cost"].bounds[1], first=2019, where=where)
    scenario = Scenario(
        "highest", {"en": "Trade cost at its bound"}, levers={"trade_cost": (highest,)}
    )
    # Draw 0 failed in 2020 with all, draw 1 in 2027 with the South.
    draw, end = (0, 2020) if group is None else (1, 2027)
    model = SouthSouthModel(members([scenario], draw + 1, end=end)[draw].settings)
    while model.running:
        model.step()
    assert np.isfinite(model.state.wage).all()


def ends_of_levers(levers: dict[str, float], draw: int, end: int, *, shocks: bool = False) -> None:
    """Run a draw of the posterior in which levers have these values for everybody from 2019 on."""
    settings = {name: (Setting(value=value, first=2019),) for name, value in levers.items()}
    scenario = Scenario("ends", {"en": "Ends of levers"}, levers=settings)
    model = SouthSouthModel(members([scenario], draw + 1, end=end, shocks=shocks)[draw].settings)
    while model.running:
        model.step()
    for name in ("gdp", "wage", "goals", "fdi_inflow", "net_external_finance"):
        values = getattr(model.state, name)
        assert np.isfinite(values[~np.isnan(values)]).all(), name


@pytest.mark.slow
@pytest.mark.parametrize("draw", range(12))
@pytest.mark.parametrize("end", [0, 1], ids=["lowest", "highest"])
def test_trade_cost_at_an_end_with_shocks_is_solved_in_every_draw(end: int, draw: int) -> None:
    ends_of_levers(
        {"trade_cost": float(lever_table()["trade_cost"].bounds[end])}, draw, 2034, shocks=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("end", [0, 1], ids=["lowest", "highest"])
@pytest.mark.parametrize("name", list(lever_table()))
def test_a_lever_at_an_end_of_its_range_runs(name: str, end: int) -> None:
    ends_of_levers({name: float(lever_table()[name].bounds[end])}, draw=1, end=2026)


def corner_of_levers(seed: int) -> dict[str, float]:
    rng = np.random.default_rng([11, seed])
    ends = {name: lever.bounds[int(rng.integers(2))] for name, lever in lever_table().items()}
    return {name: float(value) for name, value in ends.items()}


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 40))]
)
def test_a_corner_of_all_levers_runs(seed: int) -> None:
    ends_of_levers(corner_of_levers(seed), draw=seed % 10, end=2024, shocks=seed % 2 == 1)
