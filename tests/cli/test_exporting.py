"""`sscsim export`, and what `sscsim compare --out` keeps for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim import Run, simulate
from sscsim.cli.main import cli
from sscsim.errors import InputError
from sscsim.results.comparison import Comparison


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("baseline", end=2013).save(tmp_path_factory.mktemp("export") / "mine")


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args])


def test_a_run_is_written_where_it_is_told_or_beside_others(saved, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("export", saved, "--to", "csv", "--table", "indicators")
    assert result.exit_code == 0, result.output
    names = ["indicators.csv", "manifest.json"]
    assert result.stdout.split() == [f"results/mine-csv/{name}" for name in names]
    assert (tmp_path / "results/mine-csv/indicators.csv").read_bytes() == (
        saved / "indicators.csv"
    ).read_bytes()
    result = invoke("export", saved, "--to", "iamc", "--out", tmp_path / "there", "--quiet")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "there" / "iamc_long.csv").is_file()


def test_slips_are_the_users(saved, tmp_path) -> None:
    for args, said in (
        (("--to", "iamcc"), "did you mean 'iamc'"),
        (("--to", "csv", "--table", "indicator"), "did you mean 'indicators'"),
        (("--to", "csv", "--out", saved), "something else than"),
    ):
        result = invoke("export", saved, "--out", tmp_path / "x", *args)
        assert result.exit_code == 2
        assert said in " ".join(result.output.split())
        assert not (tmp_path / "x").exists()
    assert Run.load(saved).scenario == "baseline"


def test_a_comparison_is_kept_read_back_and_exported(tmp_path) -> None:
    kept = tmp_path / "kept"
    compared = ["baseline", "global-slowdown", "--draws", "2", "--end", "2014", "--quiet"]
    more = ["--executor", "serial", "--store", tmp_path / "store", "--indicator", "exports"]
    result = invoke("compare", *compared, *more, "--out", kept, "--csv")
    assert result.exit_code == 0, result.output
    comparison = Comparison.load(kept)
    effects = comparison.table("effects")
    assert effects["indicator"].unique().tolist() == ["exports"]
    assert comparison.manifest["scenarios"] == ["global-slowdown"]
    draws = comparison.table("draws")
    assert draws["scenario"].tolist() == ["baseline"] * 2 + ["global-slowdown"] * 2
    assert effects["reference"].item() == pytest.approx(draws["value"][:2].median())
    assert "exports" in comparison._repr_html_()
    assert "global-slowdown against baseline" in comparison._repr_html_()
    result = invoke("export", kept, "--to", "iamc", "--out", tmp_path / "iamc")
    assert result.exit_code == 0, result.output
    head = (tmp_path / "iamc" / "iamc_long.csv").read_text(encoding="utf-8").splitlines()[0]
    assert head == "model,scenario,region,variable,unit,draw,year,value"


def test_a_comparison_that_was_changed_is_refused(tmp_path) -> None:
    kept = tmp_path / "kept"
    tables = Comparison({"reference": "a", "scenarios": ["b"], "seed": 1}, {})
    tables.save(kept)
    assert Comparison.load(kept) == tables
    text = (kept / "manifest.json").read_text(encoding="utf-8")
    (kept / "manifest.json").write_text(text.replace('"a"', '"c"'), encoding="utf-8")
    with pytest.raises(InputError, match="was changed"):
        Comparison.load(kept)
