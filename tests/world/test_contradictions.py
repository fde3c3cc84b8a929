"""Figures that contradict their neighbours are found by economy, and those of other economies are not blamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.world.contradictions import contradictions
from sscsim.world.loading import load_world
from sscsim.world.tables import World


def overlaid(path: Path, *lines: str) -> World:
    file = path / "mine.csv"
    file.write_text("iso3,column,value,year\n" + "\n".join(lines) + "\n")
    return load_world(file)


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (
            ["SLE,gdp_current_busd,5000,", "GMB,gdp_current_busd,1400,"],
            {("SLE", "gdp_current_busd"), ("GMB", "gdp_current_busd")},
        ),
        (["KEN,gdp_constant_2015_busd,0.06,"], {("KEN", "gdp_constant_2015_busd")}),
        (["UGA,goods_exports_busd,2400,"], {("UGA", "goods_exports_busd")}),
        (["NPL,remittances_received_busd,56,"], {("NPL", "remittances_received_busd")}),
        (["GHA,employment_m,26,"], {("GHA", "employment_m")}),
        (
            ["PER,population_m,32,2017", "PER,population_m,45,2018"],
            {("PER", "population_m")},
        ),
        (["LAO,goal_14,60,"], {("LAO", "goal_14")}),
        (["BOL,fdi_inflow_busd,1750,"], {("BOL", "fdi_inflow_busd")}),
    ],
    ids=[
        "millions",
        "a thousandth",
        "exports",
        "remittances",
        "people",
        "a jump",
        "no coast",
        "investment",
    ],
)
def test_a_slip_is_found_where_it_is(
    tmp_path: Path, lines: list[str], where: set[tuple[str, str]]
) -> None:
    found = contradictions(overlaid(tmp_path, *lines))
    assert {(one.iso3, one.column) for one in found} >= where
    assert {one.iso3 for one in found} == {iso3 for iso3, _ in where}


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["SLE,gdp_current_busd,5.0,"],
        ["KEN,population_m,44.0,2014"],
        ["NPL,remittances_received_busd,5.6,", "NPL,gdp_current_busd,19.3,"],
        ["FRA,goal_14,60,"],
        ["SGP,goods_exports_busd,410,"],
    ],
    ids=str,
)
def test_figures_that_are_only_other_contradict_nothing(tmp_path: Path, lines: list[str]) -> None:
    world = overlaid(tmp_path, *lines) if lines else load_world()
    assert contradictions(world) == []


def test_what_ships_contradicts_nothing_even_if_it_is_given_again(tmp_path: Path) -> None:
    world = load_world()
    lines = [
        f"{code},{column},{float(world.base[column][row])!r},"
        for row, code in enumerate(world.iso3)
        for column in (
            "gdp_current_busd",
            "gdp_constant_2015_busd",
            "goods_exports_busd",
            "employment_m",
        )
    ]
    found = contradictions(overlaid(tmp_path, *lines))
    assert len(found) <= 3, found
