"""`sscsim brief`: a file, where it is asked for, in the language and for the country that are asked for."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from brief._made import made_comparison
from click.testing import CliRunner

from sscsim.cli.main import cli
from sscsim.experiments.keeping import comparison_of


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_comparison().save(tmp_path_factory.mktemp("briefs") / "made")


def test_a_brief_is_one_file(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "agenda.html"
    found = CliRunner().invoke(
        cli, ["brief", str(place), "--lang", "en", "--country", "kenya", "--out", str(out)]
    )
    assert found.exit_code == 0, found.output
    assert found.output.strip() == str(out)
    assert [path.name for path in tmp_path.iterdir()] == ["agenda.html"]
    assert "A closer look: Kenya" in out.read_text(encoding="utf-8")


def test_in_a_language_without_sentences_that_is_said(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "agenda.html"
    found = CliRunner().invoke(cli, ["brief", str(place), "--lang", "ar", "--out", str(out)])
    assert found.exit_code == 0, found.output
    assert "sentences stay English" in found.stderr
    page = out.read_text(encoding="utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    assert "السؤال" in page


def test_results_is_made_and_names_there_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made_comparison().save("results/agenda")  # a folder that is not there yet
    found = CliRunner().invoke(cli, ["brief", "agneda"])
    assert found.exit_code == 2
    assert "there is no run or comparison of this name" in found.output
    assert "allowed: agenda" in found.output
    assert "did you mean 'agenda'?" in found.output
    found = CliRunner().invoke(cli, ["show", "agenda"])
    assert found.exit_code == 2
    assert "this is a saved comparison, not a run" in found.output
    found = CliRunner().invoke(cli, ["show", "agneda"])
    assert "results/ holds none yet" in found.output  # no run, that is
    (tmp_path / "results").rename(tmp_path / "elsewhere")
    found = CliRunner().invoke(cli, ["brief", "elsewhere/agenda", "--out", "results/a.html"])
    assert found.exit_code == 0, found.output
    assert (tmp_path / "results" / "a.html").is_file()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--country", "Kenja"], "no country of this code or name"),
        (["--scenario", "pandemic"], "scenario that was compared"),
        (["--year", "2020"], "nothing was compared in this year"),
        (["--lang", "de"], "is not one of"),
        (["--out", "/nowhere/brief.html"], "there is no folder /nowhere"),
    ],
)
def test_slips_are_said(place: Path, options: list[str], words: str) -> None:
    found = CliRunner().invoke(cli, ["brief", str(place), *options])
    assert found.exit_code != 0
    assert words in found.output + str(found.exception)


def test_countries_that_the_comparison_was_asked_for_get_a_page(
    place: Path, tmp_path: Path
) -> None:
    held = made_comparison()
    asked = held.table("effects").replace({"group": {"LDC": "KEN"}})
    tables = {name: held.table(name) for name in held.tables if name != "draws"} | {
        "effects": asked
    }
    own = comparison_of(
        held.manifest, tables, [("goal_index", "KEN", 2030, "0 to 100")],
        ("baseline", "full-agenda"), np.zeros((1, 2, 2)),
    ).save(tmp_path / "own")  # fmt: skip
    for folder, options, pages in (
        (own, [], ["Kenya"]),
        (own, ["--country", "Nepal"], ["Nepal"]),
        (place, ["--country", "Nepal", "--country", "KEN"], ["Nepal", "Kenya"]),
        (place, [], []),
    ):
        out = tmp_path / "brief.html"
        found = CliRunner().invoke(cli, ["brief", str(folder), *options, "--out", str(out)])
        assert found.exit_code == 0, found.output
        page = out.read_text(encoding="utf-8")
        assert re.findall(r"A closer look: (\w+)", page) == pages
    assert "sscsim compare" in page
