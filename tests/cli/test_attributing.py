"""`sscsim why`: what is printed, and which options go together."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.attributing import _Figures, _said_of_nothing
from sscsim.cli.main import cli

END = "2015"
EARLY = """\
name: early
title: Early
extends: baseline
levers:
  trade_cost: {from: 2014, value: -0.05, where: {group: south_unctad_2014}}
  partner_budget: {from: 2014, value: 3.0}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("why")
    (place / "early.yaml").write_text(EARLY, encoding="utf-8")
    return place


def why(folder: Path, *more: str, pair: tuple[str, ...] = ("baseline", "EARLY")) -> Result:
    names = [str(folder / "early.yaml") if name == "EARLY" else name for name in pair]
    how = ["--draws", "2", "--source", "tables", "--executor", "serial", "--end", END]
    words = ["why", *names, *how, "--store", str(folder / "store"), "--quiet", *more]
    return CliRunner().invoke(cli, words, env={"COLUMNS": "80"})


def lines(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_channels_of_a_country_come_with_a_chain_in_words(folder: Path) -> None:
    result = why(folder, "--country", "Kenya", "--indicator", "goal_8")
    assert result.exit_code == 0, result.output
    first, head = result.stdout.splitlines()[:2]
    assert first == "early against baseline: Goal 8, Kenya, 2015 (points)"
    assert head.split() == ["moved", "by", "effect", "90", "%", "interval", "share"]
    assert "together" in result.stdout
    assert "→ Goal 8 +" in " ".join(result.stdout.split())
    assert "Kenya, from 2014 to 2015" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_channels_add_up_in_csv(folder: Path) -> None:
    found = lines(why(folder, "--country", "KEN", "--csv"))
    means = {line["driver"]: float(line["mean"]) for line in found}
    assert means.pop("together") == pytest.approx(sum(means.values()), abs=1e-9)


def test_links_of_chains_in_csv(folder: Path) -> None:
    found = lines(why(folder, "--country", "KEN", "--csv", "chains"))
    assert [line["kind"] for line in found].count("goal") == 3
    assert {line["country"] for line in found} == {"KEN"}
    assert found[0]["place"] == "1"


def test_a_run_by_itself(folder: Path) -> None:
    result = why(folder, "--group", "LDC", pair=("baseline",))
    assert result.exit_code == 0, result.output
    assert "where 2013 opened" in result.stdout.splitlines()[2]


def test_shares_of_levers(folder: Path) -> None:
    result = why(folder, "--levers", "--indicator", "gdp", "--group", "South")
    assert result.exit_code == 0, result.output
    assert "levers of" in result.stdout
    assert [line.split()[0] for line in result.stdout.splitlines()[2:5]] == [
        "trade",
        "triangular",
        "together",
    ]
    found = lines(
        why(folder, "--levers", "--single", "--indicator", "gdp", "--group", "South", "--csv")
    )
    assert [line["levers_of"] for line in found] == ["trade_cost", "partner_budget", "together"]
    assert float(found[-1]["mean"]) == pytest.approx(sum(float(x["mean"]) for x in found[:-1]))


def test_mechanisms(folder: Path) -> None:
    ask = ("--mechanisms", "--mechanism", "trade", "--indicator", "gdp", "--group", "South")
    result = why(folder, *ask)
    assert result.exit_code == 0, result.output
    names = [line.split("  ")[0] for line in result.stdout.splitlines()[2:5]]
    assert names == ["trade", "whole effect", "direct, all off"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--single",), "--levers"),
        (("--levers", "--mechanism", "trade"), "--mechanisms"),
        (("--csv", "chains"), "--country"),
        (("--group", "Atlantis"), "Atlantis"),
        (("--mechanisms", "--mechanism", "trad"), "trade"),
        (("--indicator", "gdp"), "only Goals"),
    ],
)
def test_what_does_not_go_together_is_told(folder: Path, words: tuple[str, ...], told: str) -> None:
    result = why(folder, *words)
    assert result.exit_code == 2
    assert told in result.output


def test_levers_without_a_scenario_are_none(folder: Path) -> None:
    result = why(folder, "--levers", pair=("baseline",))
    assert result.exit_code == 2
    assert "takes a scenario" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("whole", "unit", "value", "text"),
    [
        (0.0086, "points", -0.00029, "−0.00029"),
        (0.0086, "points", 1e-9, "0"),
        (142.6, "bn 2015 USD", 15.44, "+15"),
        (0.012, "fraction", 0.0004, "+0.04"),
        (0.0, "points", 0.0, "0"),
    ],
)
def test_parts_are_written_to_the_decimals_of_the_whole(
    whole: float, unit: str, value: float, text: str
) -> None:
    assert _Figures(whole, unit).signed(value) == text


def part(mean: float, spread: float) -> dict[str, float]:
    return {"mean": mean, "low": mean - spread, "high": mean + spread}


def test_parts_of_no_change_are_not_told(capsys) -> None:
    """Nothing is taken apart that is written as nought, and it is not called the same in every pair."""
    write = _Figures(2e-6, "points")
    assert _said_of_nothing(write, [part(2e-6, 1e-6), part(-1e-6, 3e-6)])
    assert "No change: all parts are less than 0.0001 either way" in capsys.readouterr().out
    assert _said_of_nothing(write, [part(0.0, 0.0)])
    assert "the same in every pair" in capsys.readouterr().out
    assert not _said_of_nothing(write, [part(2e-6, 1e-6), part(0.3, 0.1), part(-0.3, 0.1)])


def test_parts_have_no_exponent_and_no_nought_of_a_known_sign() -> None:
    write = _Figures(0.000167, "points")
    assert write.row("a", part(0.000138, 0.00012))[1:] == (
        "+0.00014",
        "0.00002 … 0.00026",
        "82.6 %",
    )
    assert write.row("b", part(0.000003, 0.0000025))[1:3] == ("+<0.00001", "<0.00001 … 0.00001")
    assert write.row("c", part(0.000003, 0.000004))[1:3] == ("0", "0 … 0.00001")
    # Shares of a whole that is written as nought are of nothing.
    assert _Figures(0.00002, "points").row("d", part(0.3, 0.1))[3] == "–"
