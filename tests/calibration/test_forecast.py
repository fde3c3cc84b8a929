"""The frozen forecast is what was frozen, outcomes are read strictly, scores are those of the literature."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sscsim.calibration.forecast import (
    LAST_KNOWN,
    STATEMENTS,
    YEARS,
    Outcome,
    Statement,
    content_hash,
    forecast_of,
    forecast_text,
    interval_score,
    read_forecast,
    read_outcomes,
    score,
)
from sscsim.calibration.targets import load_targets
from sscsim.cli.main import cli
from sscsim.errors import InputError
from sscsim.outcomes.indicators import indicator_table


def statement(year: int = 2019, low: float = 1.0, high: float = 3.0) -> Statement:
    return Statement("gdp", "World", year, "bn USD", 2.0, low, high, 1.5, 0.5, 2.5)


def test_what_ships_is_what_was_frozen_and_says_all_that_it_is_to_say() -> None:
    found, told = read_forecast()
    said = {(one.indicator, one.group) for one in found}
    assert said == {(name, group) for name, groups in STATEMENTS.items() for group in groups}
    assert {one.year for one in found} == set(YEARS)
    assert all(one.low <= one.median <= one.high for one in found)
    assert told["draws"] >= 400
    assert told["data_to"] == LAST_KNOWN
    assert set(STATEMENTS) <= set(indicator_table().indicators)


def test_no_statement_is_of_a_year_that_the_report_is_fitted_to() -> None:
    """Facts and figures that are fitted end before the forecast begins, targets of the future apart."""
    fitted = {c.year for t in load_targets() if t.role == "fit" for c in t.checks if c.year}
    assert all(year <= LAST_KNOWN or year >= 2033 for year in fitted)


def test_a_line_changed_afterwards_is_no_part_of_it(tmp_path: Path) -> None:
    text = forecast_text([statement()])
    (tmp_path / "f.csv").write_text(text)
    (tmp_path / "f.json").write_text(json.dumps({"sha256": content_hash(text)}))
    assert read_forecast(tmp_path / "f.csv")[0] == [statement()]
    (tmp_path / "f.csv").write_text(text.replace("2019", "2020"))
    with pytest.raises(InputError, match="no longer what it was"):
        read_forecast(tmp_path / "f.csv")
    (tmp_path / "f.json").write_text("[]")
    with pytest.raises(InputError, match="manifest"):
        read_forecast(tmp_path / "f.csv")


@pytest.mark.parametrize(
    ("low", "high", "value", "expected"),
    [
        (1.0, 3.0, 2.0, 2.0),
        (1.0, 3.0, 1.0, 2.0),
        (1.0, 3.0, 3.5, 2.0 + 20.0 * 0.5),
        (1.0, 3.0, 0.9, 2.0 + 20.0 * 0.1),
        (2.0, 2.0, 2.0, 0.0),
    ],
)
def test_interval_scores_are_those_of_the_literature(
    low: float, high: float, value: float, expected: float
) -> None:
    assert interval_score(low, high, value) == pytest.approx(expected)


def test_intervals_come_from_runs_and_a_random_walk_from_the_past() -> None:
    years = list(range(2013, 2025))
    steps = np.tile([0.0, 1.0, 2.0, 3.0, 4.0, 5.0] + [6.0] * 6, (101, 1))
    paths = steps + np.linspace(-1.0, 1.0, 101)[:, None]
    first, second = forecast_of(paths, years, "gdp", "World", "bn USD")[:2]
    assert (first.median, first.low, first.high) == pytest.approx((6.0, 5.1, 6.9))
    assert first.last == pytest.approx(5.0)
    assert first.walk_high - first.last == pytest.approx(1.6449, abs=1e-4)
    assert second.walk_high - second.last == pytest.approx(1.6449 * math.sqrt(2.0), abs=1e-4)


def test_a_forecast_is_scored_beside_the_random_walk() -> None:
    said = [statement(2019), statement(2020), statement(2021)]
    found = score(said, [Outcome("gdp", "World", 2019, 2.2), Outcome("gdp", "World", 2020, 2.75)])
    assert len(found.items) == 2
    assert (found.coverage, found.walk_coverage) == (1.0, 0.5)
    assert found.items[1].walk_score == pytest.approx(2.0 + 20.0 * 0.25)
    assert found.ratio == pytest.approx(math.sqrt(2.0 / 7.0))
    assert found.nearer == 1.0
    with pytest.raises(InputError, match="nothing to score"):
        score(said, [])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("gpd,World,2019,2\n", "gdp"),
        ("gdp,Wrld,2019,2\n", "World"),
        ("gdp,World,2031,2\n", "2019 to 2024"),
        ("gdp,World,2019,two\n", "number"),
        ("gdp,World,2019,inf\n", "finite"),
        ("gdp,World,2019,2\ngdp,World,2019,3\n", "twice"),
    ],
)
def test_outcomes_are_read_strictly(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("indicator,group,year,value\n" + rows)
    with pytest.raises(InputError, match=message) as refused:
        read_outcomes(path, [statement()])
    assert "outcomes.csv" in str(refused.value)


def test_a_user_scores_what_came(tmp_path: Path) -> None:
    said, _ = read_forecast()
    path = tmp_path / "came.csv"
    one = said[0]
    path.write_text(
        f"indicator,group,year,value,source\n{one.indicator},{one.group},{one.year},{one.median},IMF\n"
    )
    runner = CliRunner()
    result = runner.invoke(cli, ["score", str(path)])
    assert result.exit_code == 0, result.output
    assert "100% of 1 outcomes" in result.output
    assert max(map(len, result.output.splitlines())) <= 100
    table = runner.invoke(cli, ["score", str(path), "--format", "csv"]).stdout.splitlines()
    assert table[0].startswith("indicator,group,year,unit,median")
    assert len(table) == 2
    printed = runner.invoke(cli, ["score", "--statements"]).stdout
    assert printed.splitlines()[0].startswith("indicator,group,year,unit")
    assert runner.invoke(cli, ["score"]).exit_code == 2


@pytest.mark.parametrize(("value", "asked"), [(0.026, False), (-0.1, False), (2.6, True)])
def test_a_percentage_where_a_fraction_is_meant_is_asked_about(
    value: float, asked: bool, tmp_path: Path
) -> None:
    path = tmp_path / "came.csv"
    path.write_text(f"indicator,group,year,value\ngdp_growth,World,2019,{value}\n")
    result = CliRunner().invoke(cli, ["score", str(path)])
    assert result.exit_code == 0
    assert ("in the forecast's unit, fraction (3 % is 0.03" in result.stderr) == asked
