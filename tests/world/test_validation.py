"""The checks of a world find what is broken in it, and nothing broken in the one that ships."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sscsim.world import World, check, load_world
from sscsim.world.validation import mirror_table


def found(world: World, level: str = "error") -> set[tuple[str, str]]:
    return {(f.check, f.subject) for f in check(world) if f.level == level}


def with_base(world: World, column: str, code: str, value: float) -> World:
    values = world.base[column].copy()
    values[world.position(code)] = value
    return replace(world, base={**world.base, column: values})


def test_the_world_that_ships_has_no_error() -> None:
    findings = check(load_world())
    assert [f for f in findings if f.level == "error"] == []
    assert all(f.message for f in findings)
    # Only the mirror of published shares may warn: slips of the source that trade then rejects.
    assert {f.check for f in findings if f.level == "warning"} <= {"mirror"}


@pytest.mark.parametrize(("value", "check_name"), [(np.nan, "gaps"), (0.95, "ranges")])
def test_a_broken_figure_is_found(value: float, check_name: str) -> None:
    assert (check_name, "BRA gini") in found(with_base(load_world(), "gini", "BRA", value))


def test_an_unlikely_total_is_found() -> None:
    world = with_base(load_world(), "goods_exports_busd", "FJI", 9_000.0)
    warnings = found(world, "warning")
    assert ("totals", "goods_exports_busd") in warnings
    assert ("totals", "goods_exports_busd / goods_imports_busd") in warnings


def test_a_missing_score_and_a_score_too_many_are_found() -> None:
    world = load_world()
    goals = world.goals_2016.copy()
    goals[world.position("BRA"), 0] = np.nan
    goals[world.position("BOL"), 13] = 50.0
    goals[world.position("CHL"), 4] = 101.0
    world = replace(world, goals_2016=goals)
    assert {("gaps", "BRA goal_1"), ("ranges", "CHL goal_5")} <= found(world)
    assert ("gaps", "BOL goal_14") in found(world, "warning")


def test_a_wrong_count_is_found() -> None:
    world = load_world()
    spans = dict(world._spans)
    since, until = (values.copy() for values in spans["G77"])
    since[world.position("BRA")] = 9999
    spans["G77"] = (since, until)
    assert ("groups", "G77") in found(replace(world, _spans=spans))


def test_asymmetric_pairs_are_found() -> None:
    world = load_world()
    distance = world.distance.copy()
    distance[0, 1] *= 2
    assert ("pairs", "distance") in found(replace(world, distance=distance))


def test_the_mirror_names_what_one_side_alone_prints() -> None:
    world = load_world()
    table = mirror_table(world).set_index(["exporter", "importer"])
    # Gold: the United Kingdom's list of 2013 has what Switzerland's does not.
    assert bool(table.loc[("GBR", "CHE"), "expected_on_list"])
    # What this edition says of Algeria's sales is wrong on both sides and is not in the tables.
    assert ("DZA", "EGY") not in table.index
    assert ("DZA", "CHN") not in table.index
    assert not bool(table.loc[("BRA", "CHN"), "expected_on_list"])
    both = table["log_ratio"].dropna()
    assert abs(both.median()) < 0.2


def test_a_users_matrix_is_held_against_the_totals(tmp_path: Path) -> None:
    path = tmp_path / "trade.csv"
    path.write_text("exporter,importer,value\nBRA,CHN,1\n")
    warnings = found(load_world(trade_matrix=path), "warning")
    assert ("trade matrix", "BRA goods_exports_busd") in warnings
