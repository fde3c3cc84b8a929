"""`sscsim diagnose`: a page, a verdict, an exit code; and plain words for what is no posterior."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from _posteriors import SETTINGS, made_up
from click.testing import CliRunner, Result

from sscsim.calibration.outputs import write_posterior
from sscsim.cli.main import cli
from sscsim.files import write_text
from sscsim.reports.diagnosis import page


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(page, "_charts", lambda found: iter(()))
    place = tmp_path / "results" / "made-up"
    place.mkdir(parents=True)
    write_text(place / "settings.json", json.dumps(SETTINGS))
    write_posterior(made_up(), place, SETTINGS)
    return place


def sscsim(*words: str) -> Result:
    return CliRunner().invoke(cli, ["diagnose", *words])


def test_the_page_is_written_into_the_folder_of_the_fit_by_its_name(folder: Path) -> None:
    done = sscsim("made-up")
    assert done.exit_code == 0, done.output
    assert "The draws can be trusted" in done.output
    assert "Written to results/made-up/diagnosis.html." in done.output
    assert (folder / "diagnosis.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_page_is_written_where_it_is_asked_for(folder: Path) -> None:
    done = sscsim(str(folder), "--out", "fit.html")
    assert done.exit_code == 0, done.output
    assert Path("fit.html").is_file()
    assert not (folder / "diagnosis.html").exists()


def test_draws_that_cannot_be_trusted_end_with_1_and_a_page(folder: Path) -> None:
    told = json.loads((folder / "diagnostics.json").read_text())
    told.update(k_hat=[0.9, 0.95], worth_of_draws=[20.0, 25.0])
    write_text(folder / "diagnostics.json", json.dumps(told))
    done = sscsim("made-up")
    assert done.exit_code == 1
    assert "The draws cannot be trusted: k-hat is 0.95" in done.output
    assert (folder / "diagnosis.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("made-upp",), "did you mean 'made-up'?"),
        (("results",), "this folder holds no fit"),
        (("made-up", "--out", "fit.pdf"), "a page is written as HTML"),
        (("made-up", "--out", "none/fit.html"), "there is no folder none"),
        (("made-up", "--out", "page.html"), "a folder stands where"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, words: tuple[str, ...], said: str) -> None:
    Path("page.html").mkdir()
    done = sscsim(*words)
    assert done.exit_code == 2
    assert said in done.output
    assert not (folder / "diagnosis.html").exists()


def test_a_fast_fit_has_no_draws(folder: Path) -> None:
    write_text(folder / "settings.json", '{"method": "fast"}')
    done = sscsim("made-up")
    assert done.exit_code == 2
    assert "a fast fit" in done.output
