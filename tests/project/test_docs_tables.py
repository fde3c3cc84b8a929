"""Tables of the documentation that a command writes are what it would write today."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sscsim.calibration.targets import load_targets
from sscsim.outcomes.indicators import indicator_table
from sscsim.parameters import default_parameters
from sscsim.policy import lever_table
from sscsim.steps.submodel import Submodel
from sscsim.world.state import variable
from tools import docs_model, docs_tables
from tools.docs_tables import ALSO_BY_HAND, BLOCK, DOCUMENTS, TABLES, document, mark, renewed, stale

FILES_ONLY = "python -m tools.docs_tables --files"
PAGES = {name: document(name).read_text(encoding="utf-8") for name in DOCUMENTS}


@pytest.mark.parametrize("name", PAGES)
def test_no_table_is_stale(name: str) -> None:
    found = stale(PAGES[name])
    command = "make tables" if any(TABLES[table].runs for table in found) else FILES_ONLY
    assert not found, f"docs/{name}.md is not of today in {found}: run `{command}`"


@pytest.mark.parametrize("name", sorted({*PAGES} - {*ALSO_BY_HAND}))
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


def test_a_mark_with_shocks_is_also_that_of_how_they_are_drawn(monkeypatch) -> None:
    plain, drawn = mark(), mark(shocks=True)
    assert drawn in PAGES["validation"]
    assert drawn in PAGES["shocks"]
    monkeypatch.setattr(docs_tables, "meaning", lambda kind, path: f"another {path.name}")
    assert mark() == plain
    assert mark(shocks=True) != drawn


# ------------------------------------------------------------------------------------- the description of the model


def with_parameter(patch: pytest.MonkeyPatch) -> None:
    first = next(iter(default_parameters().definitions()))
    more = [replace(first, name="made_up"), *default_parameters().definitions()]
    patch.setattr(
        docs_model, "default_parameters", lambda: SimpleNamespace(definitions=lambda: more)
    )


def with_lever(patch: pytest.MonkeyPatch) -> None:
    table = lever_table()
    more = {**table, "made_up": next(iter(table.values()))}
    patch.setattr(docs_model, "lever_table", lambda: more)


def with_indicator(patch: pytest.MonkeyPatch) -> None:
    table = indicator_table()
    more = {**table.indicators, "made_up": next(iter(table.indicators.values()))}
    patch.setattr(docs_model, "indicator_table", lambda: replace(table, indicators=more))


def with_step(patch: pytest.MonkeyPatch) -> None:
    class MadeUp(Submodel):
        name = "made_up"
        title = "a step that nobody has described"
        variables = (variable("made_up_state", "country", "1", "What nobody has described"),)

    patch.setattr(docs_model, "PLAN", (*docs_model.PLAN, MadeUp))


def with_target(patch: pytest.MonkeyPatch) -> None:
    more = (*load_targets(), load_targets()[0].model_copy(update={"id": "made_up"}))
    patch.setattr(docs_model, "load_targets", lambda: more)


def with_decision(patch: pytest.MonkeyPatch) -> None:
    class Bank(docs_model.DevelopmentBank):
        def refuse(self) -> None:
            """Refuse what nobody has described."""

    patch.setattr(docs_model, "DevelopmentBank", Bank)


@pytest.mark.parametrize(
    ("add", "found"),
    [
        (with_parameter, {"parameters"}),
        (with_lever, {"levers"}),
        (with_indicator, {"indicators"}),
        (with_step, {"plan", "state-variables"}),
        (with_target, {"targets", "roles"}),
        (with_decision, {"decisions"}),
    ],
)
def test_what_is_added_to_the_model_must_be_described(add, found: set[str], monkeypatch) -> None:
    add(monkeypatch)
    assert {name for page in PAGES.values() for name in stale(page)} == found


def test_a_cell_holds_no_markup() -> None:
    assert docs_model.cell("a_b *c* | [d] <e> $f$") == r"a\_b \*c\* \| \[d] \<e> \$f\$"
