"""Arms side by side are the runs that they stand for, and what is switched off passes nothing on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from _moved import BASELINE, END, THREE, TRADE, scenario

from sscsim.experiments.members import Member, members
from sscsim.experiments.why.arms import Arm, walk
from sscsim.experiments.why.mechanisms import MECHANISMS, SCALED, mechanism_of
from sscsim.model import SouthSouthModel
from sscsim.settings import RunSettings
from sscsim.steps.plan import PLAN

ALL = frozenset(MECHANISMS)


def pair(other: object) -> list[Member]:
    settings = RunSettings(end=END, keep="outcomes")
    return members([BASELINE, other], 1, 1, "tables", settings=settings)  # type: ignore[list-item]


def finished(member: Member) -> SouthSouthModel:
    model = SouthSouthModel(member.settings)
    while model.running:
        model.step()
    return model


def states(arms: tuple[Arm, Arm, list[Arm]]) -> list[dict[str, np.ndarray]]:
    first, second, others = arms
    return [dict(arm.state.view()) for arm in (first, second, *others)]


def last(moved: object, *without: frozenset[str]) -> list[dict[str, np.ndarray]]:
    """Return every array of each arm after the last year, read before the arms close."""
    found = []
    reference, other = pair(moved)
    for arms in walk(reference, other, without):
        found = states(arms)  # type: ignore[arg-type]
    return found


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> set[str]:
    return {n for n in one if np.array_equal(one[n], other[n], equal_nan=True)}


def test_arms_that_are_whole_are_the_runs_to_the_last_bit() -> None:
    reference, other, nothing_off = last(THREE, frozenset())
    for member, state in zip(pair(THREE), (reference, other), strict=True):
        assert same(dict(finished(member).state.view()), state) == set(state)
    assert same(other, nothing_off) == set(other)


def test_with_all_off_goals_and_income_are_the_plain_projection() -> None:
    reference, other, plain = last(THREE, ALL)
    moved = set(reference) - same(reference, other)
    assert {"goals", "gdp", "real_income", "trade", "fdi", "projects_received"} <= moved
    left = set(reference) - same(reference, plain)
    # What levers reach is still moved where they act, and nothing else is.
    acted_on = {"trade", "investment", "knowledge"}
    owners = {one.name: kind.name for kind in PLAN for one in kind.declared()}
    assert {owners[name] for name in left} == acted_on
    assert {"goals", "gdp", "poverty_headcount", "cooperation_capacity"} <= set(reference) - left
    assert {"trade", "fdi", "projects_received"} <= left


def test_a_lever_on_trade_passes_nothing_on_without_trade() -> None:
    reference, other, without, beside = last(
        TRADE, frozenset({"trade"}), frozenset({"investment", "teaching"})
    )
    for name in ("gdp", "goals", "fdi", "debt_outstanding"):
        np.testing.assert_array_equal(without[name], reference[name])
        assert not np.array_equal(other[name], reference[name], equal_nan=True)
        assert not np.array_equal(beside[name], reference[name], equal_nan=True)
    # Trade itself answers the lever all the same.
    moved = other["trade"].sum() - reference["trade"].sum()
    assert without["trade"].sum() - reference["trade"].sum() == pytest.approx(moved, rel=0.1)


def test_without_service_cooperation_itself_moves_no_goal() -> None:
    taught = scenario("taught", cooperation=(2.0, None))
    reference, other, without = last(taught, frozenset({"service", "teaching", "ties"}))
    goals = [np.nanmean(np.abs(one["goals"] - reference["goals"])) for one in (other, without)]
    assert goals[1] < 0.1 * goals[0]
    np.testing.assert_array_equal(
        without["cooperation_intensity"] > reference["cooperation_intensity"],
        other["cooperation_intensity"] > reference["cooperation_intensity"],
    )


def test_every_variable_that_a_submodel_writes_is_of_one_mechanism() -> None:
    owned = {
        one.name: kind.name
        for kind in PLAN
        for part in (kind, *kind.parts)
        for one in part.variables
    }
    for name, owner in owned.items():
        assert mechanism_of(name, owner) in MECHANISMS, name
    for key, one in MECHANISMS.items():
        for name in one.variables:
            assert owned[name] == one.owner, (key, name)
    for name, (volume, *parts) in SCALED.items():
        assert {name, volume} <= set(owned)
        assert set(parts) <= set(MECHANISMS)


def test_scenarios_of_other_parameters_walk_apart_and_lose_no_mechanism() -> None:
    other = replace(TRADE, parameters={"trade_elasticity": 5.0})
    both = last(other)
    assert len(both) == 2
    with pytest.raises(ValueError, match="no mechanism"):
        last(other, ALL)
