"""`sscsim identify`: what an effect's uncertainty comes from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH

ASKED = ["--indicator", "trade_within", "--group", "South", "--year", "2014"]
ARGUMENTS = ["--end", "2014", "--executor", "serial", "--quiet"]


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario that acts in the first year, so that two years are enough."""
    path = tmp_path_factory.mktemp("identify") / "mine.yaml"
    path.write_text(
        "name: mine\ntitle: Mine\nextends: baseline\n"
        "levers: {trade_cost: {from: 2014, value: -0.1, where: {group: south_unctad_2014}}}\n"
    )
    return path


def invoke(mine: Path, *more: str) -> Result:
    words = ["identify", "baseline", str(mine), *ASKED, *ARGUMENTS, *more]
    return CliRunner().invoke(cli, [*words, "--store", str(mine.parent / "store")])


@pytest.mark.slow
def test_the_parameter_that_scales_an_effect_is_named(mine: Path) -> None:
    result = invoke(mine, "--draws", "60")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    # What a cut of trade costs does goes by the elasticity, and by hardly anything else.
    assert "trade_elasticity" in result.stdout
    assert "100 % above zero" in " ".join(result.stdout.split())
    table = list(csv.DictReader(io.StringIO(invoke(mine, "--draws", "60", "--csv").stdout)))
    assert (table[0]["kind"], table[0]["name"]) == ("group", "trade")
    first = next(line for line in table if line["kind"] == "parameter")
    assert first["name"] == "trade_elasticity"
    assert float(first["share"]) > 0.7


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--draws", "20"], "50"),
        (["--draws", "60", "--source", "nowhere.txt"], "source of draws"),
    ],
)
def test_what_cannot_be_told_is_refused(mine: Path, more: list[str], said: str) -> None:
    result = invoke(mine, *more)
    assert result.exit_code == 2
    assert said in result.output
