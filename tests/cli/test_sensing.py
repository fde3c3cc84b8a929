"""`sscsim sensitivity` and `sscsim discover`: what is printed, drawn and refused."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH
from sscsim.experiments import futures
from sscsim.parameters import default_parameters

ASKED = ["--indicator", "trade_within", "--group", "South", "--year", "2030"]
PAIR = ["baseline", "trade-integration"]


def invoke(*words: object) -> Result:
    return CliRunner().invoke(cli, [*map(str, words)])


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """Let an effect be ten times the elasticity of trade, and luck; nothing is run."""
    usual = default_parameters()["trade_elasticity"]

    def of(self, each):
        luck = np.array([np.random.default_rng(m.seed).normal() for m in each])
        level = np.array([10.0 * m.parameters.get("trade_elasticity", usual) for m in each])
        many = len(self.scenarios)
        return (level + 2.0 * luck)[None, ::many]

    monkeypatch.setattr(futures._Asked, "of", of)
    held = [
        "--source",
        "priors",
        "--keep-figures",
        "--quiet",
        "--store",
        tmp_path,
        "--over",
        "trade",
    ]

    def ask(command: str, *more: object) -> Result:
        return invoke(command, *PAIR, *ASKED, *held, *more)

    return ask


@pytest.mark.parametrize(
    ("method", "draws", "said"),
    [
        ("sobol", 64, "Shares of the variance"),
        ("morris", 6, "from the 5th to the 95th percentile"),
        ("pawn", 100, "Kolmogorov-Smirnov"),
    ],
)
def test_the_inputs_are_printed_drawn_and_written(
    made_up, tmp_path, method: str, draws: int, said: str
) -> None:
    picture = tmp_path / "inputs.png"
    arguments = ["--method", method, "--draws", draws]
    if method == "sobol":
        arguments += ["--by", "parameter"]
    result = made_up("sensitivity", *arguments, "--figure", picture)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "trade-integration against baseline: trade_within, South, 2030" in text
    assert said in text
    assert "Not told from one that does nothing" in text
    first = next(line for line in result.stdout.splitlines() if line.startswith("trade_elasticity"))
    assert first
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert picture.read_bytes()[:4] == b"\x89PNG"
    table = list(csv.DictReader(io.StringIO(made_up("sensitivity", *arguments, "--csv").stdout)))
    assert (table[0]["input"], table[0]["matters"]) == ("trade_elasticity", "True")


@pytest.mark.long
def test_the_futures_are_printed_drawn_and_written(made_up, tmp_path) -> None:
    limit = 10.0 * default_parameters().definition("trade_elasticity").quantile(0.6)
    picture = tmp_path / "futures.svg"
    result = made_up("discover", "--above", limit, "--figure", picture)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "of 200 draws, 4" in text  # about 40 per cent
    assert "Box 1: above" in text
    assert "trade_elasticity" in text
    assert "Density" in text
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert b"<svg" in picture.read_bytes()
    table = list(csv.DictReader(io.StringIO(made_up("discover", "--above", limit, "--csv").stdout)))
    assert table[0]["name"] == "trade_elasticity"
    assert float(table[0]["density"]) > 0.8
    # Where it is so in all futures there is none to be told from the others.
    everywhere = made_up(
        "discover", "--draws", 100, "--above", 0.0, "--figure", tmp_path / "none.png"
    )
    assert "nearly all of them" in " ".join(everywhere.stdout.split())
    assert not (tmp_path / "none.png").exists()
    nowhere = made_up("discover", "--draws", 100, "--below", -5.0)
    assert "hardly any of them" in " ".join(nowhere.stdout.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sensitivity", *PAIR], "--indicator"),
        (["sensitivity", *PAIR, *ASKED, "--source", "tables"], "nothing differs"),
        (["sensitivity", *PAIR, *ASKED, "--over", "trad"], "did you mean 'trade'"),
        (["sensitivity", *PAIR, *ASKED, "--method", "morris", "--by", "group"], "one by one"),
        (["sensitivity", *PAIR, *ASKED, "--draws", "48"], "powers of two"),
        (["sensitivity", *PAIR, *ASKED, "--figure", "x.gif"], "ends in its format"),
        (["discover", *PAIR, *ASKED, "--above", "1", "--below", "2"], "above a value or below"),
        (["discover", *PAIR, *ASKED, "--draws", "20"], "100"),
        (["discover", "baseline", "baseline", *ASKED], "against itself"),
    ],
)
def test_what_cannot_be_told_is_refused(words: list[str], said: str, tmp_path) -> None:
    result = invoke(*words, "--quiet", "--store", tmp_path)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_a_package_that_is_missing_is_named_with_its_extra(made_up, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "SALib", None)
    result = made_up("sensitivity", "--by", "parameter", "--draws", 16)
    assert result.exit_code == 2
    assert "sscsim[futures]" in result.output
