"""`--shocks` of `run`, `ensemble` and `compare`: it is asked for, kept and said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sscsim import Run
from sscsim.cli.main import cli


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*words: str) -> Result:
    result = CliRunner().invoke(cli, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_a_run_with_shocks_has_a_name_of_its_own_and_can_be_repeated(here: Path) -> None:
    said = invoke("run", "--shocks", "--end", "2019").output
    assert "shocks drawn" in said
    (folder,) = (here / "results").iterdir()
    assert folder.name.startswith("baseline-seed1-")
    assert (folder / "shocks.parquet").is_file()
    invoke("run", "--again", str(folder), "--out", "again", "--quiet")
    assert Run.load(here / "again").content_hash == Run.load(folder).content_hash


@pytest.mark.slow
def test_ensembles_and_pairs_draw_them_and_keep_them_apart(here: Path) -> None:
    common = ("--draws", "2", "--source", "defaults", "--executor", "serial", "--quiet")
    few = ("--end", "2021", "--store", "store")
    for words in ((), ("--shocks",)):
        invoke("ensemble", "baseline", *common, *few, *words)
    listed = invoke("store", "ls", "--store", "store").output
    assert listed.count("baseline") >= 4
    table = {
        words: invoke(
            "compare", "baseline", "global-slowdown", *common, *few, "--year", "2021", "--indicator",
            "gdp", "--group", "SIDS", "--csv", *words,
        ).output
        for words in ((), ("--shocks",))
    }  # fmt: skip
    assert table[()] != table[("--shocks",)]
