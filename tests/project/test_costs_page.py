"""The page of costs: its tables are those that the table of costs makes."""

import pytest

from tools.costs_page import PAGE, renewed


def test_the_page_is_what_the_command_writes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "python -m tools.costs_page"


def test_a_price_that_was_touched_is_noticed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    touched = page.replace("4.6 to 25.3", "4.6 to 25.4")
    assert touched != page
    assert renewed(touched) == page


def test_a_page_without_its_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="0 tables prices"):
        renewed("nothing")
