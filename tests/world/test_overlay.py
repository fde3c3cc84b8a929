"""A user's own figures and trade matrix: what is taken, what is refused with one message."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.world import load_world
from sscsim.world.columns import overlay_columns
from sscsim.world.naming import Gazetteer
from sscsim.world.overlay import MOST_LISTED


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_figures_replace_the_worlds_own(tmp_path: Path) -> None:
    text = (
        "iso3,column,value,year\n"
        "BRA,gdp_current_busd,2500,\n"
        "BRA,growth_pct,3.5,2020\n"
        "IND,population_m,1300,\n"
        "CHN,population_m,1400,2030\n"
        "FJI,goal_13,55,\n"
    )
    plain, world = load_world(), load_world(write(tmp_path, text))
    brazil, india, china = (world.position(c) for c in ("BRA", "IND", "CHN"))
    assert world.base["gdp_current_busd"][brazil] == 2500
    assert world.growth_record[brazil, 7] == 3.5
    assert world.base["population_m"][india] == 1300
    # The later years move in proportion, those before stay.
    assert world.population[india] == pytest.approx(
        plain.population[india] * 1300 / plain.population[india, 0]
    )
    assert world.population[china, 17] == 1400
    assert world.population[china, 16] == plain.population[china, 16]
    assert world.goals_2016[world.position("FJI"), 12] == 55
    assert plain.is_imputed("goals_2016", "goal_13")[plain.position("FJI")]
    assert not world.is_imputed("goals_2016", "goal_13")[world.position("FJI")]
    assert world.data_hash != plain.data_hash
    assert plain.base["gdp_current_busd"][brazil] != 2500


@pytest.mark.parametrize(
    ("given", "factors"),
    [
        ({2013: 1.1}, {2013: 1.1, 2020: 1.1, 2034: 1.1}),
        ({2018: 1.03}, {2013: 1.0, 2017: 1.0, 2018: 1.03, 2019: 1.03, 2034: 1.03}),
        ({2013: 1.2, 2014: 1.2, 2015: 1.2}, {2013: 1.2, 2015: 1.2, 2016: 1.2, 2034: 1.2}),
        ({2013: 1.0, 2023: 1.21}, {2013: 1.0, 2018: 1.1, 2023: 1.21, 2034: 1.21}),
        ({2034: 0.98}, {2013: 1.0, 2033: 1.0, 2034: 0.98}),
    ],
)
def test_a_series_replaced_in_part_is_chained_at_the_join(
    tmp_path: Path, given: dict[int, float], factors: dict[int, float]
) -> None:
    plain = load_world()
    row, years = plain.position("KEN"), plain.population_years.tolist()
    recorded = plain.population[row]
    lines = [f"KEN,population_m,{recorded[years.index(y)] * f},{y}" for y, f in given.items()]
    world = load_world(write(tmp_path, "iso3,column,value,year\n" + "\n".join(lines)))
    for year, factor in factors.items():
        at = years.index(year)
        assert world.population[row, at] / recorded[at] == pytest.approx(factor)
    assert world.base["population_m"][row] == world.population[row, 0]


@pytest.mark.parametrize(("year", "factor"), [(2015, 1.3), (2019, 0.9), (2034, 2.0)])
def test_a_series_that_jumps_where_it_begins_is_refused_with_the_jump(
    tmp_path: Path, year: int, factor: float
) -> None:
    plain = load_world()
    value = plain.population[plain.position("KEN")][year - 2013] * factor
    with pytest.raises(InputError, match=rf"jumps by .*{abs(factor - 1):.1%}.* to {year}"):
        load_world(write(tmp_path, f"iso3,column,value,year\nKEN,population_m,{value},{year}"))


def test_every_documented_column_can_be_overlaid(tmp_path: Path) -> None:
    plain = load_world()
    rows = []
    for name, target in overlay_columns().items():
        low, high = target.column.bounds or (0.0, 1.0)
        rows.append(f"BRA,{name},{(low + high) / 2},{2020 if target.years == 'required' else ''}")
    world = load_world(write(tmp_path, "iso3,column,value,year\n" + "\n".join(rows)))
    assert len(world.overlaid) == len(rows)
    assert world.base["hdi"][world.position("BRA")] != plain.base["hdi"][plain.position("BRA")]


def test_windows_line_ends_blank_lines_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfiso3, column ,value\r\n\r\nBRA,gini, 0.5 \r\n,,\r\n"
    world = load_world(write(tmp_path, text))
    assert world.base["gini"][world.position("BRA")] == 0.5


BAD_FIGURES = {
    "economy": ("iso3,column,value\nBRX,gini,0.5\n", 2, "iso3", "BRX"),
    "name": ("iso3,column,value\nBrasilia,gini,0.5\n", 2, "iso3", "Brasilia"),
    "column": ("iso3,column,value\nBRA,ginny,0.5\n", 2, "column", "ginny"),
    "number": ("iso3,column,value\nBRA,gini,half\n", 2, "value", "half"),
    "infinite": ("iso3,column,value\nBRA,gini,inf\n", 2, "value", "inf"),
    "nan": ("iso3,column,value\nBRA,gini,nan\n", 2, "value", "nan"),
    "bounds": ("iso3,column,value\nIND,hdi,0.5\nBRA,gini,53\n", 3, "gini", 53.0),
    "no year": ("iso3,column,value,year\nBRA,growth_pct,3,\n", 2, "year", ""),
    "year": ("iso3,column,value,year\nBRA,growth_pct,3,1999\n", 2, "year", 1999),
    "word for year": ("iso3,column,value,year\nBRA,growth_pct,3,soon\n", 2, "year", "soon"),
    "year too many": ("iso3,column,value,year\nBRA,gini,0.5,2013\n", 2, "year", 2013),
    "twice": ("iso3,column,value\nBRA,gini,0.5\nBRA,gini,0.4\n", 3, "gini", "BRA"),
    "empty cell": ("iso3,column,value\n,gini,0.5\n", 2, "iso3", ""),
    "header": ("iso3,colum,value\nBRA,gini,0.5\n", 1, "header", "colum"),
    "header twice": ("iso3,iso3,value\nBRA,gini,0.5\n", 1, "header", "iso3"),
    "header short": ("iso3,value\nBRA,0.5\n", 1, "column", "iso3, value"),
    "cells": ("iso3,column,value\nBRA,gini,0.5,1\n", 2, None, "4 cells"),
    "no rows": ("iso3,column,value\n", 1, None, None),
}


@pytest.mark.parametrize(("text", "line", "key", "found"), BAD_FIGURES.values(), ids=BAD_FIGURES)
def test_a_bad_figure_names_file_line_and_column(
    tmp_path: Path, text: str, line: int, key: str | None, found: object
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as failure:
        load_world(path)
    error = failure.value
    assert (error.file, error.line, error.key) == (str(path), line, key)
    assert error.found == found


def test_the_nearest_valid_name_is_suggested(tmp_path: Path) -> None:
    for text, suggestion in (
        ("iso3,column,value\nBrazi,gini,0.5\n", "BRA"),
        ("iso3,column,value\nBRA,gdp_curent_busd,5\n", "gdp_current_busd"),
        ("iso,column,value\nBRA,gini,0.5\n", "iso3"),
    ):
        with pytest.raises(InputError) as failure:
            load_world(write(tmp_path, text))
        assert failure.value.suggestion == suggestion


def test_lines_are_counted_through_quoted_line_breaks(tmp_path: Path) -> None:
    path = write(tmp_path, 'iso3,column,value\n"BRA",gini,"0.5\n"\nBRX,gini,0.5\n')
    with pytest.raises(InputError) as failure:
        load_world(path)
    assert failure.value.line == 4


@pytest.mark.parametrize(
    "raw",
    [b"", b"\n\n  \n", b"\x89PNG\r\n\x1a\n\0\0\0", "iso3,column,value\nBRÁ".encode("latin-1")],
    ids=["empty", "blank", "binary", "latin-1"],
)
@pytest.mark.parametrize("which", ["overlay", "trade_matrix"])
def test_what_is_no_table_is_one_error(tmp_path: Path, raw: bytes, which: str) -> None:
    with pytest.raises(InputError) as failure:
        load_world(**{which: write(tmp_path, raw)})
    assert failure.value.file == str(tmp_path / "mine.csv")


def test_places_that_are_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv", Path("a\0b.csv")):
        with pytest.raises(InputError):
            load_world(path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(InputError, match="too large"):
        load_world(path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs file permissions")
def test_a_forbidden_file_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path, "iso3,column,value\nBRA,gini,0.5\n")
    path.chmod(0)
    with pytest.raises(InputError):
        load_world(path)


def test_a_trade_matrix_is_laid_out(tmp_path: Path) -> None:
    path = write(tmp_path, "exporter,importer,value\nBRA,CHN,46\nCHN,BRA,36\n")
    world = load_world(trade_matrix=path)
    assert world.trade_matrix is not None
    brazil, china = world.position("BRA"), world.position("CHN")
    assert world.trade_matrix[brazil, china] == 46
    assert world.trade_matrix[china, brazil] == 36
    assert world.trade_matrix.sum() == 82
    assert load_world().trade_matrix is None
    assert world.data_hash != load_world().data_hash


BAD_TRADE = {
    "self": ("BRA,BRA,5", "importer"),
    "negative": ("BRA,CHN,-5", "value"),
    "millions": ("BRA,CHN,46000", "value"),
    "economy": ("BRA,CHX,5", "importer"),
    "word": ("BRA,CHN,much", "value"),
    "twice": ("BRA,CHN,5\nBRA,CHN,5", "exporter, importer"),
    "zero": ("BRA,CHN,0", "value"),
}


@pytest.mark.parametrize(("rows", "key"), BAD_TRADE.values(), ids=BAD_TRADE)
def test_a_bad_trade_row_is_named(tmp_path: Path, rows: str, key: str) -> None:
    with pytest.raises(InputError) as failure:
        load_world(trade_matrix=write(tmp_path, f"exporter,importer,value\n{rows}\n"))
    assert failure.value.key == key


def test_rows_may_come_in_any_order(tmp_path: Path) -> None:
    rows = ["BRA,CHN,46", "CHN,BRA,36", "IND,ZAF,7"]
    one = load_world(trade_matrix=write(tmp_path, "\n".join(["exporter,importer,value", *rows])))
    rows.reverse()
    other = load_world(trade_matrix=write(tmp_path, "\n".join(["exporter,importer,value", *rows])))
    np.testing.assert_array_equal(one.trade_matrix, other.trade_matrix)


LINES = 90_000


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param(["BRA,x,1"] * LINES, "this code or name", id="one unknown name"),
        pytest.param([f"BRA,x{i},1" for i in range(LINES)], "more than 1,000", id="many"),
        pytest.param([f"x{i},x{i + 1},1" for i in range(LINES)], "more than 1,000", id="all"),
        pytest.param(["BRA,x,1"] * 2 * LINES, "more rows than pairs", id="too long"),
        pytest.param([f"BRA,x{i % 60},1" for i in range(LINES)], "and 40 more", id="some sixty"),
    ],
)
def test_a_long_file_of_what_is_no_economy_is_refused_at_once(
    tmp_path: Path, lines: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is looked for once, and what may be meant, which takes the longest, for the few that the message lists."""
    world, looked_for = load_world(), []
    near = Gazetteer._near
    monkeypatch.setattr(
        Gazetteer, "_near", lambda self, text: looked_for.append(text) or near(self, text)
    )
    with pytest.raises(InputError) as failure:
        load_world(trade_matrix=write(tmp_path, "\n".join(["exporter,importer,value", *lines])))
    assert len(looked_for) <= MOST_LISTED
    assert said in str(failure.value)
    assert len(str(failure.value)) < 3000
    assert world.trade_matrix is None


def test_figures_of_many_unknown_economies_are_refused_at_once(tmp_path: Path) -> None:
    lines = [f"x{i},gdp_current_busd,1" for i in range(5000)]
    with pytest.raises(InputError, match="more than 1,000"):
        load_world(write(tmp_path, "\n".join(["iso3,column,value", *lines])))
