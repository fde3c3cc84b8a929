"""Shares of levers in the model: they add up to the effect of the fair pair, and parts are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from _moved import BASELINE, END, SEVEN, THREE, TRADE, scenario

from sscsim.errors import InputError
from sscsim.experiments import RunStore, compare
from sscsim.experiments.why import lever_shares
from sscsim.experiments.why.levers import lever_groups, part_of
from sscsim.policy import load_scenario

HOW = {"draws": 2, "source": "tables", "end": END}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("levers") / "store")


def test_shares_add_up_to_the_effect_of_the_fair_pair(store: RunStore) -> None:
    found = lever_shares(
        BASELINE, THREE, indicators=["goal_index", "gdp"], groups=["LDC", "KEN"], store=store, **HOW
    )
    assert found.exact
    assert list(found.levers) == ["trade", "investment", "triangular"]
    for effect, shares in zip(found.effects, found.shares, strict=True):
        np.testing.assert_allclose(shares.values.sum(axis=0), effect, rtol=0, atol=1e-9)
        assert (np.abs(shares.values) > 1e-9).any(axis=1).all()
    pairs = compare(
        [BASELINE, THREE],
        indicators=["goal_index", "gdp"],
        groups=["LDC", "KEN"],
        years=(END,),
        store=store,
        **HOW,
    )
    assert pairs.tally.run == 0, "the two arms are those of compare"
    differences = pairs.values[:, 1] - pairs.values[:, 0]
    np.testing.assert_allclose(found.effects, differences, rtol=0, atol=1e-9)


def test_table_has_a_line_a_group_and_one_for_all(store: RunStore) -> None:
    found = lever_shares(BASELINE, THREE, indicators=["gdp"], groups=["LDC"], store=store, **HOW)
    table = found.table
    assert table["levers_of"].tolist() == ["trade", "investment", "triangular", "together"]
    parts, whole = table.iloc[:-1], table.iloc[-1]
    assert parts["mean"].sum() == pytest.approx(whole["mean"], abs=1e-9)
    assert parts["share"].sum() == pytest.approx(1.0)
    assert (table["low"] <= table["mean"]).all()
    assert found.tally.run == 0, "parts are in the store"
    assert table["levers"][2] == "partner_budget third_party_cost"


def test_beyond_six_groups_orders_are_drawn_and_shares_still_add_up(store: RunStore) -> None:
    found = lever_shares(
        BASELINE,
        SEVEN,
        indicators=["projects_received"],
        groups=["South"],
        pairs=2,
        store=store,
        **HOW | {"end": 2014},
    )
    assert found.orders == 4
    assert not found.exact
    shares = found.shares[0]
    np.testing.assert_allclose(shares.values.sum(axis=0), found.effects[0], rtol=0, atol=1e-9)
    assert (shares.error > 0).any()


def test_parts_of_a_scenario() -> None:
    assert part_of(BASELINE, THREE, []) is BASELINE
    everything = [name for levers in lever_groups(BASELINE, THREE).values() for name in levers]
    assert part_of(BASELINE, THREE, everything) is THREE
    part = part_of(BASELINE, THREE, ["trade_cost"])
    assert part.levers == {"trade_cost": THREE.levers["trade_cost"]}
    assert part.content_hash == TRADE.content_hash
    again = part_of(BASELINE, THREE, ["trade_cost"])
    assert part.name == again.name not in (BASELINE.name, THREE.name)


def test_a_reference_that_moves_levers_keeps_them_where_the_scenario_does_not() -> None:
    both = scenario("both", trade_cost=(-0.05, None), practices=(2.0, None))
    other = scenario("other", trade_cost=(-0.05, None), funds=(2.0, None))
    groups = lever_groups(both, other)
    assert groups == {"knowledge": ("practices",), "united_nations": ("funds",)}
    part = part_of(both, other, ["practices"])
    assert set(part.levers) == {"trade_cost"}


def test_levers_of_one_group_stand_for_themselves() -> None:
    scaled = load_scenario("triangular-scale-up")
    assert list(lever_groups(BASELINE, scaled)) == ["partner_budget", "third_party_cost"]
    assert list(lever_groups(BASELINE, scaled, single=False)) == ["triangular"]
    assert len(lever_groups(BASELINE, THREE, single=True)) == 4


def test_every_scenario_that_ships_has_groups_that_hold_its_levers_once() -> None:
    for name in ("full-agenda", "no-cooperation", "pandemic"):
        one = load_scenario(name)
        held = [lever for levers in lever_groups(BASELINE, one).values() for lever in levers]
        assert sorted(held) == sorted(one.levers)


def test_parameters_are_a_group() -> None:
    from dataclasses import replace

    other = replace(TRADE, parameters={"trade_elasticity": 5.0})
    assert list(lever_groups(BASELINE, other)) == ["trade", "parameters"]
    part = part_of(BASELINE, other, ["parameters"])
    assert (part.levers, part.parameters) == ({}, {"trade_elasticity": 5.0})


def test_what_cannot_be_asked_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="do the same"):
        lever_shares(BASELINE, BASELINE, store=tmp_path, **HOW)
    with pytest.raises(InputError, match="group or country"):
        lever_shares(BASELINE, TRADE, groups=["Atlantis"], store=tmp_path, **HOW)
    with pytest.raises(InputError, match="indicator of this name"):
        lever_shares(BASELINE, TRADE, indicators=["gini"], groups=["KEN"], store=tmp_path, **HOW)
    with pytest.raises(InputError, match="indicator of this name"):
        lever_shares(BASELINE, TRADE, indicators=["goal_indx"], store=tmp_path, **HOW)
    with pytest.raises(InputError, match="two draws"):
        lever_shares(BASELINE, TRADE, store=tmp_path, **HOW | {"draws": 1})
