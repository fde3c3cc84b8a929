"""`sscsim data trust`: what it costs is said first, then figures in order, with their sources."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.data import data
from sscsim.experiments.trust import HEADLINES
from sscsim.world.institutions import figures_of, load_institutions

SHORT = ("trust", "--draws", "10", "--end", "2013", "--workers", "1")


def invoke(*args: str) -> Result:
    result = CliRunner().invoke(data, list(args), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_the_table_says_costs_results_and_sources() -> None:
    result = invoke(*SHORT, "--top", "3")
    assert "10 runs, 1 at once: about" in result.stderr
    assert "confirmed" in result.stderr
    for name in HEADLINES:
        assert f"{name}: varies by" in result.stdout
    lines = result.stdout.splitlines()
    assert [line.split(".")[0] for line in lines[-40:] if line[:2] in ("1.", "2.", "3.")] == [
        "1",
        "2",
        "3",
    ]
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("everything", [False, True])
def test_csv_has_every_figure_that_is_drawn(everything: bool) -> None:
    result = invoke(*SHORT, "--csv", *(["--all"] if everything else []))
    lines = list(csv.DictReader(io.StringIO(result.stdout)))
    figures = figures_of(load_institutions())
    drawn = {f.path for f in figures if f.width or (everything and f.usual)}
    assert {line["path"] for line in lines} == drawn
    assert [int(line["rank"]) for line in lines] == list(range(1, len(drawn) + 1))
    by_path = {f.path: f for f in figures}
    for line in lines[:20]:
        figure = by_path[line["path"]]
        assert float(line["value"]) == figure.value
        assert line["source"] == figure.source
        assert (line["confirmed"] == "True") == figure.confirmed


@pytest.mark.parametrize(
    "args", [("--draws", "9"), ("--end", "2036"), ("--top", "0"), ("--workers", "0")]
)
def test_a_number_out_of_range_is_refused(args: tuple[str, str]) -> None:
    result = CliRunner().invoke(data, ["trust", *args])
    assert result.exit_code != 0
