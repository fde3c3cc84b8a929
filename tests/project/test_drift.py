"""What is added to the model and not described is noticed: done in a copy of the checkout, with nothing made anew."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project._extensions import INDICATOR, LEVER, SUBMODEL, Extension, Put, one

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("benchmarks", "calibration", "docs", "scenarios", "sscsim", "tests", "tools")
TESTS = ("tests/project/test_docs_tables.py", "tests/project/test_gallery.py")
NAMED = "test_no_table_is_stale or the_page_is_made_of_the_table or a_line_for_every_expectation"

PARAMETER = """  made_up:
    symbol: m
    description: What nobody has described
    unit: fraction
    value: 0.1
    bounds: [0.0, 1.0]
    prior: {distribution: uniform, low: 0.0, high: 0.2}
    source: "Made up by a test, with no source at all"
    paragraph: 58
"""

TARGET = """
  made_up:
    paragraph: 84
    title: What nobody has described
    stated: three
    unit: cities
    role: context
    tolerance: "–"
"""

COLUMN = "    made_up: {description: What nobody has described, unit: share, year: 2013, source: wb_wdi}\n"

SCENARIO = """name: made-up
title: {en: What nobody has described, zh: 无人描述}
description: Nothing moves.
source: Made up by a test.
paragraphs: [84]
"""


def put_in(folder: Path, files: Extension) -> None:
    """Put what an extension takes into a copy of the package."""
    for name, content in files.files.items():
        path = folder / "sscsim" / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
            continue
        text = path.read_text(encoding="utf-8")
        for put in content:
            line = put.before or put.behind
            assert text.count(line) == 1, line
            text = text.replace(line, put.text + line if put.before else line + put.text)
        path.write_text(text, encoding="utf-8")


def append(folder: Path, name: str, text: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


def widen(folder: Path) -> None:
    """Add a column to the table of the base year, a hundredth for everyone."""
    table = folder / "sscsim" / "world" / "data" / "base_year.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},made_up", *(f"{row},0.01" for row in rows)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    put_in(
        folder,
        Extension({"world/data/columns.yaml": one(Put(COLUMN, before="  growth.csv:\n"))}, {}),
    )


ADDED: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a parameter": (
        lambda copy: append(copy, "sscsim/parameters/measurement.yaml", PARAMETER),
        {"parameters"},
    ),
    "a lever": (lambda copy: put_in(copy, LEVER), {"levers", "state-variables"}),
    "a step": (lambda copy: put_in(copy, SUBMODEL), {"plan", "state-variables", "parameters"}),
    "an indicator": (lambda copy: put_in(copy, INDICATOR), {"indicators"}),
    "a target": (lambda copy: append(copy, "calibration/targets.yaml", TARGET), {"targets"}),
    "a column of data": (widen, {"columns"}),
    "a scenario": (lambda copy: append(copy, "scenarios/made-up.yaml", SCENARIO), set()),
}
"""What is added, by its name: how, and the tables that must be found to lack it."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what the documents and their tests rest on."""
    place = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        shutil.copytree(
            ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__", "_build")
        )
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def documents_tested(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    return subprocess.run(
        [*command, *TESTS, "-k", NAMED],
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_documents_of_a_plain_copy_are_as_they_should_be(checkout: Path) -> None:
    done = documents_tested(checkout)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("what", ADDED)
def test_what_is_added_and_not_described_fails_with_the_command_that_describes_it(
    what: str, checkout: Path, tmp_path: Path
) -> None:
    add, tables = ADDED[what]
    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy)
    add(copy)
    done = documents_tested(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    said = re.findall(r"^E +AssertionError: (.+)$", done.stdout, re.MULTILINE)
    assert said, done.stdout
    if tables:
        commands = {line.rpartition("run ")[2] for line in said}
        assert commands == {"`python -m tools.docs_tables --files`"}
        found = {name for line in said for name in re.findall(r"'([a-z-]+)'", line)}
        assert tables <= found
    else:
        assert any("run `make gallery`" in line for line in said)
