"""What two runs did, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sscsim.costs.counting import (
    Subscriptions,
    capital_factors,
    differing_levers,
    paid_in_shares,
    quantities_moved,
    quantity_difference,
    taken_by_lever,
    unpriced,
)
from sscsim.costs.table import cost_table
from sscsim.policy import load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.policy.scenario import Setting
from sscsim.world.loading import load_world

WORLD = load_world()
YEARS = range(2013, 2031)
NO_BANKS = Subscriptions({}, {}, 0.1)


def paths(**levers) -> LeverPaths:
    settings = {
        name: tuple(Setting.model_validate(one) for one in given) for name, given in levers.items()
    }
    return LeverPaths(replace(load_scenario("baseline"), levers=settings), WORLD)


def test_a_flow_is_added_up_to_the_year_and_a_stock_is_read_in_it() -> None:
    table = cost_table()
    a = {("cooperation_cost", "World"): {2019: 1.0, 2020: 1.0, 2021: 1.0}}
    b = {("cooperation_cost", "World"): {2019: 1.5, 2020: 2.0, 2021: 9.0}}
    assert quantity_difference(table.quantities["projects"], a, b, 2020, {}, NO_BANKS) == 1.5
    a = {("documented_practices", "World"): {2019: 60.0, 2020: 70.0}}
    b = {("documented_practices", "World"): {2019: 90.0, 2020: 100.0}}
    assert quantity_difference(table.quantities["practices"], a, b, 2020, {}, NO_BANKS) == 30.0


def test_a_share_of_a_group_becomes_countries() -> None:
    one = cost_table().quantities["agencies"]
    a = {("agency_share", "UN programme"): {2019: 0.5, 2020: 0.5}}
    b = {("agency_share", "UN programme"): {2019: 0.6, 2020: 0.7}}
    found = quantity_difference(one, a, b, 2020, {"UN programme": 100}, NO_BANKS)
    assert found == pytest.approx(30.0)


def test_capital_by_the_lever_is_paid_in_as_the_file_says_and_what_governors_vote_as_the_parameter() -> (
    None
):
    one = cost_table().quantities["paid_in_capital"]
    capital = Subscriptions({"AIIB": 0.2, "NDB": 0.2}, {"AIIB": 1.5, "NDB": 1.0}, 0.08)
    a = {("bank_subscribed", "AIIB"): {2030: 100.0}, ("bank_subscribed", "NDB"): {2030: 50.0}}
    b = {("bank_subscribed", "AIIB"): {2030: 160.0}, ("bank_subscribed", "NDB"): {2030: 75.0}}
    found = quantity_difference(one, a, b, 2030, {}, capital)
    assert found == pytest.approx(50.0 * 0.2 + 10.0 * 0.08 + 25.0 * 0.08)


def test_files_of_banks_say_what_part_is_paid_in() -> None:
    shares = paid_in_shares()
    assert shares["AIIB"] == pytest.approx(0.2, rel=1e-5)
    assert shares["NDB"] == pytest.approx(0.2)
    assert shares["CAF"] > 0.8


def test_the_lever_on_capital_is_read_bank_by_bank() -> None:
    more = paths(bank_capital=[{"from": 2019, "value": 1.25, "where": {"bank": "AIIB"}}])
    found = capital_factors(paths(), more, 2030)
    assert found.pop("AIIB") == 1.25
    assert set(found.values()) == {1.0}


def test_a_lever_at_its_default_moves_nothing() -> None:
    usual = paths(partner_budget=[{"from": 2019, "value": 1.0}])
    assert differing_levers(paths(), usual, YEARS) == ()
    assert differing_levers(usual, paths(), YEARS) == ()


def test_only_levers_that_differ_are_priced() -> None:
    both = {"partner_budget": [{"from": 2019, "value": 3.0}]}
    more = paths(**both, trade_cost=[{"from": 2019, "value": -0.1}])
    assert differing_levers(paths(**both), more, YEARS) == ("trade_cost",)
    assert differing_levers(paths(**both), more, range(2013, 2019)) == ()


def test_a_quantity_is_counted_once_however_many_levers_move_it() -> None:
    table = cost_table()
    assert quantities_moved(table, ["cooperation", "funds", "agencies"]) == ("projects", "agencies")
    assert set(unpriced(["funds", "trade_cost", "other_actors"], table)) == {
        "trade_cost",
        "other_actors",
    }


def test_a_year_of_a_lever_is_a_country_and_a_year_and_once_is_its_highest() -> None:
    platform = cost_table().levers["platform"].own[0]
    half = paths(platform=[{"from": 2029, "value": 0.5, "where": {"countries": ["KEN", "UGA"]}}])
    assert taken_by_lever("platform", platform, paths(), half, YEARS, WORLD) == pytest.approx(2.0)
    assert taken_by_lever("platform", platform, half, half, YEARS, WORLD) == 0.0
    once, yearly = cost_table().levers["trade_facilitation"].own
    full = {"from": 2026, "to": 2030, "ramp": [0.0, 0.143], "where": {"countries": ["KEN"]}}
    faster = paths(trade_facilitation=[full])
    moved = ("trade_facilitation", once, paths(), faster, YEARS, WORLD)
    assert taken_by_lever(*moved) == pytest.approx(1.0)
    moved = ("trade_facilitation", yearly, paths(), faster, YEARS, WORLD)
    assert taken_by_lever(*moved) == pytest.approx(0.25 + 0.5 + 0.75 + 1.0)


def test_guarantees_are_of_so_much_inflow() -> None:
    own = cost_table().levers["guarantee_capacity"].own[0]
    tenth = paths(
        guarantee_capacity=[{"from": 2030, "value": 0.1, "where": {"countries": ["BRA"]}}]
    )
    found = taken_by_lever("guarantee_capacity", own, paths(), tenth, YEARS, WORLD)
    assert found == pytest.approx(0.1 * WORLD.base["fdi_inflow_busd"][WORLD.position("BRA")])
    assert np.isfinite(found)
    assert found > 1.0
