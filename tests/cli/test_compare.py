"""`sscsim compare` and `sscsim scenario levers`: what is printed, and what is refused."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sscsim.choices import in_words
from sscsim.cli.comparing import print_sources
from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH
from sscsim.experiments.identification import Identification, identify
from sscsim.experiments.pairs import Question
from sscsim.policy import lever_table

ARGUMENTS = ["--draws", "3", "--end", "2016", "--executor", "serial", "--quiet"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compare") / "store"


def invoke(store: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, ["compare", *args, *ARGUMENTS, "--store", str(store)])


def ok(store: Path, *args: str) -> str:
    result = invoke(store, *args)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_effects_ranking_losers_and_what_they_mean(store) -> None:
    text = ok(store, "baseline", "trade-integration", "global-slowdown")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "trade-integration against baseline, 2016: Trade cost within the South falls" in text
    assert "Ranking by median effect, 2016" in text
    assert "global-slowdown: worse off than in baseline in 2016" in text
    words = " ".join(text.split())
    assert f"90 % of 3 pairs: {in_words('posterior')}, luck of the seeds 1 to 3." in words
    assert "No effect seen, the interval holds zero:" in words
    assert "trade_within, South" in words  # from 2019 on
    assert "9 members: 0 were in the store, 9 run now." in text
    again = ok(store, "baseline", "trade-integration", "global-slowdown")
    assert again.splitlines()[:-1] == text.splitlines()[:-1]
    assert again.endswith("9 members: 9 were in the store, 0 run now.\n")


def test_intervals_of_luck_alone_are_called_that(store) -> None:
    text = ok(store, "baseline", "trade-integration", "--source", "tables")
    words = " ".join(text.split())
    assert (
        "3 pairs: seeds only, parameters at the tables' values, luck of the seeds 1 to 3." in words
    )
    assert "What is not known of parameters is not in them" in words


def test_names_years_and_pairing_are_printed(store, tmp_path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "name: mine\ntitle: Mine\nextends: baseline\n"
        "levers: {guarantee_capacity: {from: 2014, value: 0.2, where: {group: LDC}}}\n"
    )
    asked = [
        "--indicator",
        "fdi_inflow",
        "--group",
        "LDC",
        "--group",
        "SIDS",
        "--year",
        "2015",
        "--year",
        "2016",
    ]
    text = ok(store, "baseline", str(mine), *asked)
    lines = [line for line in text.splitlines() if line.startswith("fdi_inflow, ")]
    assert [line.partition("  ")[0] for line in lines] == [
        f"fdi_inflow, {group}, {year}" for group in ("LDC", "SIDS") for year in (2015, 2016)
    ]
    assert all("bn USD" in line and "×" in line for line in lines)
    assert "Ranking" not in text  # of one scenario there is none


@pytest.mark.parametrize("table", ["effects", "ranking", "losers"])
def test_tables_as_csv(store, table) -> None:
    text = ok(store, "baseline", "trade-integration", "--csv", table)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert {"effects": "narrowed", "ranking": "best", "losers": "worse_low"}[table] in rows[0]


def test_effects_are_drawn_beside_the_tables(store, tmp_path) -> None:
    file = tmp_path / "new" / "effects.png"
    asked = ["baseline", "trade-integration", "--figure", str(file)]
    result = invoke(store, *asked, "--csv")
    assert result.exit_code == 0, result.output
    assert result.stderr == f"Figure: {file}\n"
    assert result.stdout.startswith("scenario,")
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["baseline"], "at least one other"),
        (["baseline", "trade-integratio"], "trade-integration"),
        (["baseline", "trade-integration", "--indicator", "trade_withn"], "trade_within"),
        (["baseline", "trade-integration", "--group", "LDCs"], "LDC"),
        (["baseline", "trade-integration", "--year", "2030"], "2013 to 2016"),
        (["baseline", "trade-integration", "--source", "prior"], "priors"),
        (["baseline", "trade-integration", "--precision", "0"], "precision"),
        (["baseline", "trade-integration", "--csv", "loser"], "losers"),
        (["baseline", "trade-integration", "--figure", "effects.jpg"], ".png"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_slips_are_one_message_and_exit_2(tmp_path, args, words) -> None:
    result = invoke(tmp_path / "store", *args)
    assert result.exit_code == 2, result.output
    assert words in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "store").exists()


def test_levers_are_a_table() -> None:
    result = CliRunner().invoke(cli, ["scenario", "levers"])
    assert result.exit_code == 0
    for name, lever in lever_table().items():
        line = next(row for row in result.stdout.splitlines() if row.startswith(f"{name} "))
        assert lever.moves in line
        assert f"{lever.default:g} ({lever.bounds[0]:g} to {lever.bounds[1]:g})" in line
    assert max(map(len, result.stdout.splitlines())) <= WIDTH


def test_sizes_are_shown_with_their_source() -> None:
    result = CliRunner().invoke(cli, ["scenario", "show", "african-continental-area"])
    assert result.exit_code == 0
    assert "6.1 %" in result.stdout
    assert "非洲大陆自由贸易区" in result.stdout


def test_diff_tells_every_year_with_its_paragraph() -> None:
    result = CliRunner().invoke(cli, ["scenario", "diff", "baseline", "african-continental-area"])
    lines = [line for line in result.stdout.splitlines() if line.startswith("trade_cost")]
    assert [line.split()[1] for line in lines] == [*map(str, range(2022, 2030)), "2030–2034"]
    assert all("agreement AfCFTA" in line and line.endswith("79, 98") for line in lines)


@pytest.mark.parametrize(("count", "told"), [(200, True), (20, False)])
def test_what_the_variance_of_effects_on_goals_comes_from_is_printed(count, told, capsys) -> None:
    """Two thirds of the variance are one parameter's; few draws tell nothing; other numbers are left alone."""
    generator = np.random.default_rng(3)
    drawn = {name: generator.normal(size=count) for name in ("response", "growth")}
    effect = 2.0 * drawn["response"] + drawn["growth"] + generator.normal(size=count)
    asked: list[tuple[str, str, int]] = []

    def found(scenario: str, *question: Any) -> Identification:
        asked.append(question)
        groups = {"response": "goals", "growth": "growth"}
        values = np.column_stack(list(drawn.values()))
        return identify(effect, values, list(drawn), groups, informed={"growth": 0.5})

    questions = [
        Question("gdp", "South", 2030, "bn 2015 USD"),
        Question("goal_index", "LDC", 2030, "0 to 100"),
    ]
    effects: Any = SimpleNamespace(drawn=drawn, draws=count, questions=questions, identify=found)
    print_sources(effects, "x")
    words = " ".join(capsys.readouterr().out.split())
    assert asked == ([("goal_index", "LDC", 2030)] if told else [])
    assert ("Variance of goal_index, LDC" in words) is told
    if told:
        share = int(re.search(r"does not inform: (\d+) %", words)[1])
        assert share == pytest.approx(67, abs=10)
        assert re.search(r"\(response (\d+) %\)", words)
