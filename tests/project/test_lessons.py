"""The lessons hold: notebooks teach what the page teaches, rest on today's numbers, and find what they say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from sscsim.page.sliders import read_setting
from sscsim.yamlfile import read_yaml
from tools import lessons
from tools.docs_tables import mark
from tools.lessons import DATA, KEYS, LESSONS, SCENARIOS

HOW = "`make lessons` renews it, `python -m tools.lessons --files` what needs no run"
SHORT = "trade"
"""The lesson that is executed with the default tests."""


def source(key: str) -> str:
    return "\n".join(cell.source for cell in lessons.read(key).cells if cell.cell_type == "code")


def test_the_page_and_the_notebooks_have_the_same_lessons() -> None:
    assert tuple(lessons.lessons()) == KEYS
    for key in KEYS:
        lesson = lessons.lessons()[key]
        assert sum(step["minutes"] for step in lesson["steps"]) == 40
        parts = [
            cell.metadata["sscsim"] for cell in lessons.read(key).cells if "sscsim" in cell.metadata
        ]
        assert parts == lessons.parts_of(key)


@pytest.mark.parametrize("key", KEYS)
def test_what_a_command_writes_of_a_lesson_is_what_it_would_write_today(key: str) -> None:
    assert lessons.notebook(key).read_text("utf-8") == lessons.as_text(lessons.renewed(key)), HOW
    assert lessons.sheet(key).read_text("utf-8") == lessons.sheet_text(key), HOW


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_of_the_lessons_is_a_setting_of_the_pages_lessons(name: str) -> None:
    assert (LESSONS / "scenarios" / f"{name}.yaml").read_text("utf-8") == lessons.scenario_text(
        name
    ), HOW
    setting = read_setting(SCENARIOS[name][0])
    assert setting in [one for key in KEYS for one in lessons.settings_of(key)]


def test_no_setting_of_the_pages_lessons_is_left_out() -> None:
    known = [read_setting(setting) for setting, _ in SCENARIOS.values()]
    assert [one for key in KEYS for one in lessons.settings_of(key) if one not in known] == []


def test_effects_are_of_todays_numbers() -> None:
    made = read_yaml(DATA / "made.yaml").data
    assert made == {"draws": lessons.DRAWS, "numbers": mark()}, HOW
    with (DATA / "effects.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["scenario"] for line in lines} == {*SCENARIOS}
    assert all(float(line["low"]) <= float(line["median"]) <= float(line["high"]) for line in lines)


@pytest.mark.parametrize("key", KEYS)
def test_each_step_ends_with_a_finding_that_asserts_and_prints(key: str) -> None:
    cells = [cell for cell in lessons.read(key).cells if "finding" in cell.metadata.get("tags", [])]
    assert len(cells) == len(lessons.lessons()[key]["steps"])
    for cell in cells:
        assert cell.source.startswith("# finding")
        assert "assert " in cell.source
        assert "print(" in cell.source
    assert "simulate(" in source(key)


def found(key: str) -> list[str]:
    """Return what a lesson finds, from an execution; a finding that does not hold raises."""
    said = lessons.findings(lessons.execute(lessons.notebook(key)))
    assert all(said)
    return said


def test_the_short_lesson_finds_what_its_sheet_says() -> None:
    assert lessons.sheet(SHORT).read_text("utf-8") == lessons.sheet_text(SHORT, found(SHORT)), HOW


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in KEYS if key != SHORT])
def test_a_lesson_finds_what_its_sheet_says(key: str) -> None:
    assert lessons.sheet(key).read_text("utf-8") == lessons.sheet_text(key, found(key)), HOW


@pytest.mark.slow
def test_a_lesson_whose_finding_does_not_hold_fails(tmp_path: Path) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("assert 1 > 2, 'larger'")])
    path = tmp_path / "lesson.ipynb"
    nbformat.write(book, path)
    with pytest.raises(CellExecutionError, match="larger"):
        lessons.execute(path)


def test_findings_stand_in_their_places_once() -> None:
    text = "<!-- finding 1 -->\nold\n<!-- end -->\n"
    assert "> new" in lessons.filled(text, ["new"])
    with pytest.raises(ValueError, match="2 findings"):
        lessons.filled(text, ["new", "another"])


def test_pictures_of_lessons_are_told_in_words() -> None:
    shown = 0
    for key in lessons.lessons():
        for cell in lessons.read(key).cells:
            drawn = cell.cell_type == "code" and re.search(
                r"^(show|lines)\(|subplots\(", cell.source, re.M
            )
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert bool(drawn) == bool(alt), cell.source
            shown += bool(alt)
    assert shown >= 15
    said = lessons.picture_in_words('chain = {"a": 1, "b": 2}\nshow(chain, "change, per cent");')
    assert said.endswith(": change, per cent – a; b")
    assert lessons.picture_in_words("print('no picture')") == ""
