"""`--parameters` and `--source` on the command line: what they take is said, what they mean nothing by refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _shipped import shipped
from click.testing import CliRunner, Result

from sscsim import Run, choices
from sscsim.calibrated import ShippedPosterior
from sscsim.cli.main import cli

pytestmark = pytest.mark.usefixtures("central_by_default")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(choices, "_told", set())
    return tmp_path


@pytest.fixture
def posterior(here: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShippedPosterior]:
    folder = here / "calibration"
    folder.mkdir()
    with shipped(folder, monkeypatch) as found:
        yield found


def call(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def test_runs_of_other_parameters_have_names_of_their_own(
    posterior: ShippedPosterior, here: Path
) -> None:
    (here / "mine.yaml").write_text("trade_elasticity: 4.5\n")
    plain = call("run", "--end", "2013", "--out", "plain")
    assert plain.exit_code == 0, plain.output
    assert "Note:" not in plain.stderr
    assert "Not the plain run" not in plain.stdout
    mine = call("run", "--end", "2013", "--parameters", "mine.yaml")
    assert mine.exit_code == 0, mine.output
    assert "all but trade_elasticity" in " ".join(mine.stderr.split())
    assert "parameters of mine.yaml" in mine.stdout
    (folder,) = (here / "results").iterdir()
    assert folder.name.startswith("baseline-seed1-")
    kept = Run.load(folder).manifest
    assert kept["parameters_changed"]["trade_elasticity"] == 4.5
    (here / "mine.yaml").unlink()  # a run that is repeated does not need it
    again = call("run", "--again", str(folder))
    assert again.exit_code == 0, again.output


def test_a_stale_posterior_is_said_once_and_not_where_it_is_not_used(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shipped(here, monkeypatch, basis={}):
        tables = call("run", "--end", "2013", "--parameters", "tables")
        assert tables.stderr == ""
        central = call("run", "--end", "2013")
        assert central.stderr.count("sscsim calibrate --method posterior") == 1
        assert "the model" in central.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--parameters", "centrl"), "'central'"),
        (("run", "--parameters", "draw:9"), "0 to 4"),
        (("run", "--parameters", "no.yaml"), "no.yaml"),
        (("ensemble", "baseline", "--source", "posterir"), "'posterior'"),
        (("compare", "baseline", "full-agenda", "--source", "no.csv"), "no.csv"),
    ],
)
def test_what_means_nothing_is_refused_before_anything_runs(
    posterior: ShippedPosterior, here: Path, words: tuple[str, ...], said: str
) -> None:
    found = call(*words)
    assert found.exit_code == 2
    assert said in found.stderr
    assert not (here / "results").exists()


def test_members_of_a_point_and_of_its_name_are_the_same(
    posterior: ShippedPosterior, here: Path
) -> None:
    common = ("--end", "2013", "--draws", "2", "--executor", "serial", "--store", "store")
    first = call("ensemble", "baseline", "--source", "central", *common)
    assert "0 were there, 2 run" in first.stdout, first.output
    second = call("ensemble", "baseline", "--source", "draw:2", *common)
    assert "2 were there, 0 run" in second.stdout, second.output
