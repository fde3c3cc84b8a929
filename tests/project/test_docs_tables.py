"""Tables of the documentation that a command writes are what it would write today."""

from __future__ import annotations

import re

import pytest

from tools import docs_tables
from tools.docs_tables import BLOCK, DOCUMENTS, TABLES, document, mark, renewed, stale

PAGES = {name: document(name).read_text(encoding="utf-8") for name in DOCUMENTS}
HOW = "`make tables` renews them; `python -m tools.docs_tables --files` those that need no run"


@pytest.mark.parametrize("name", PAGES)
def test_no_table_is_stale(name: str) -> None:
    assert not stale(PAGES[name]), HOW


@pytest.mark.parametrize("name", PAGES)
def test_every_table_of_such_a_page_is_written_by_the_command(name: str) -> None:
    by_hand = [line for line in BLOCK.sub("", PAGES[name]).splitlines() if line.startswith("|")]
    assert not by_hand


def test_every_table_stands_on_a_page_once() -> None:
    found = [block["name"] for page in PAGES.values() for block in BLOCK.finditer(page)]
    assert sorted(found) == sorted(TABLES)


@pytest.mark.parametrize(
    ("pattern", "new", "found"),
    [
        (r"SEGIB \| 2005", "SEGIB | 2006", ["bodies"]),
        (r"\| PGTF [^\n]*\n", "", ["funds"]),
        (r"0\.660", "0.661", ["institutions-fit"]),
        (r"(by-year, of numbers )\w+", r"\g<1>abc123", ["institutions-by-year"]),
        (r", of numbers \w+", "", ["institutions-by-year", "institutions-by-scenario"]),
        (r"`centres/`", "`centers/`", ["what-ships"]),
        (r"What ships", "What there is", []),
    ],
)
def test_a_table_that_was_touched_is_noticed(pattern: str, new: str, found: list[str]) -> None:
    page = PAGES["institutions"]
    touched = re.sub(pattern, new, page)
    assert touched != page
    assert stale(touched) == found
    if "of numbers" not in pattern:
        assert stale(renewed(touched, runs=False)) == []


def test_tables_of_runs_are_left_alone_where_no_run_is_asked_for(monkeypatch) -> None:
    monkeypatch.setattr(docs_tables, "_runs", None)
    page = PAGES["institutions"]
    assert renewed(page, runs=False) == page


def test_a_mark_is_that_of_the_numbers(tmp_path, monkeypatch) -> None:
    text = docs_tables.HELD.read_text(encoding="utf-8")
    for changed in (text.replace("hash: ", "hash: 0"), text + "# a word more\n"):
        (tmp_path / "held.yaml").write_text(changed, encoding="utf-8")
        monkeypatch.setattr(docs_tables, "HELD", tmp_path / "held.yaml")
        assert mark() in PAGES["institutions"], "a hash that moved moves no number"
    (tmp_path / "held.yaml").write_text(
        re.sub(r"(projects: )\d+", r"\g<1>7", text), encoding="utf-8"
    )
    assert mark() not in PAGES["institutions"]
