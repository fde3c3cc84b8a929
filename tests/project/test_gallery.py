"""The gallery's page says what its table says, of the scenarios that ship."""

from __future__ import annotations

from tools.gallery import PAGE, page, read, scenarios


def test_the_page_is_made_of_the_table_and_the_scenarios() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(scenarios(), read()), "run `make gallery`"


def test_the_table_has_a_line_for_every_expectation() -> None:
    wanted = [
        (one.name, e.indicator, e.group, str(e.year), e.moves)
        for one in scenarios()
        for e in one.expects
    ]
    found = [(r["scenario"], r["indicator"], r["group"], r["year"], r["expected"]) for r in read()]
    assert found == wanted, "run `make gallery`"
