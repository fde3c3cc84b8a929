"""`sscsim validate`: facts beside the model, in three forms."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH

FACTS = """sources:
  unctad: {publisher: UNCTAD, title: One, address: "https://unctad.org", edition: 2015, licence: facts, read: primary}
facts:
  near: &none
    topic: trade
    title: Goods exports of the world since 2013
    observable: exports_since_base
    of: World
    year: 2014
    value: 1.0
    unit: ratio
    within: {kind: interval, plus_minus: 0.2}
    source: unctad
    printed: a ratio
    unseen: never fitted
    width: digits printed
    before: {value: 1.0, when: "2013"}
  far:
    topic: investment
    title: Inflow of FDI, Latin America and the Caribbean with a title that goes on for longer than a line
    observable: fdi_inflow
    of: Latin America and the Caribbean
    year: 2014
    value: 9999
    unit: bn USD
    within: {kind: interval, plus_minus: 100}
    source: unctad
    printed: a number
    unseen: never fitted
    width: digits printed
    before: {value: 1500, when: "2013"}
""".replace(" &none", "")


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.yaml"
    path.write_text(FACTS, encoding="utf-8")
    return path


def invoke(facts: Path, *more: str) -> Result:
    words = [
        "validate",
        "--facts",
        str(facts),
        "--source",
        "priors",
        "--draws",
        "2",
        "--workers",
        "1",
    ]
    return CliRunner().invoke(cli, [*words, *more])


def test_two_draws_in_three_forms(facts: Path) -> None:
    result = invoke(facts)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    text = " ".join(result.stdout.split())
    assert "1 of 2 facts hit (50%)" in text
    data = json.loads(invoke(facts, "--format", "json").stdout)
    assert (data["hits"], data["draws"]) == (1, 2)
    assert [fact["hit"] for fact in data["facts"]] == [True, False]
    assert data["sources"]["unctad"]["publisher"] == "UNCTAD"
    table = list(csv.DictReader(io.StringIO(invoke(facts, "--format", "csv").stdout)))
    assert [row["id"] for row in table] == ["near", "far"]
    assert float(table[1]["median"]) == pytest.approx(data["facts"][1]["median"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--draws", "1"], "x>=2"),
        (["--format", "yaml"], "json"),
        (["--source", "nowhere.txt"], "source of draws"),
    ],
)
def test_what_cannot_be_is_refused(facts: Path, more: list[str], said: str) -> None:
    result = invoke(facts, *more)
    assert result.exit_code == 2
    assert said in result.output


def test_a_broken_file_is_said_with_its_line(facts: Path) -> None:
    facts.write_text(FACTS.replace("year: 2014", "year: 2024", 1), encoding="utf-8")
    result = invoke(facts)
    assert result.exit_code == 2
    assert "facts.yaml" in result.output
    assert "2013 to 2019" in result.output
