"""What tutorials say that commands print is of today's numbers, and stands below the command that printed it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from sscsim.cli.main import cli
from tools.docs_snippets import blocks as fenced
from tools.docs_snippets import commands
from tools.docs_tables import mark
from tools.docs_tutorials import BLOCK, SHOWN, WIDTH, Shown, block, pages, stale

HOW = "`make tutorials` asks anew, `python -m tools.docs_tutorials --files` what needs no run"


def asked(shown: Shown) -> str:
    """Return what a command prints that needs no run."""
    done = CliRunner().invoke(cli, shlex.split(shown.words), catch_exceptions=False)
    return shown.cut(done.stdout)


@pytest.fixture
def as_wide_as_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", WIDTH)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_nothing_that_is_shown_is_stale(page: Path, as_wide_as_there: None) -> None:
    assert not stale(page.read_text("utf-8"), asked), HOW


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_what_is_shown_follows_its_command(page: Path) -> None:
    text = page.read_text("utf-8")
    for one in BLOCK.finditer(text):
        line = text.count("\n", 0, one.start()) + 1
        typed = [words for above in fenced(page) if above.line < line for words in commands(above)]
        assert shlex.split(SHOWN[one["name"]].words) in typed, one["name"]


def test_all_that_is_asked_is_shown_somewhere() -> None:
    shown = {one["name"] for page in pages() for one in BLOCK.finditer(page.read_text("utf-8"))}
    assert shown == {*SHOWN}


def test_a_stale_block_is_noticed() -> None:
    ran = block("compare", "a table")
    assert not stale(ran, asked)
    assert stale(ran.replace(mark(), "0" * 12), asked) == ["compare"]
    written = block("explain", "what it said")
    assert not stale(written, lambda _: "what it said")
    assert stale(written, lambda _: "what it says") == ["explain"]


def test_of_long_answers_the_first_lines_are_shown() -> None:
    assert Shown("x", "b", 2).cut("a\nb\nc\nd\n") == "b\nc\n…"
    assert Shown("x").cut("\na\nb\n") == "a\nb"
