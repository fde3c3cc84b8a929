from __future__ import annotations

import math

import pytest
from dashboard._asking import END, moved, plain

from sscsim.dashboard.inspecting import Agent, facts, find
from sscsim.dashboard.tables import agent_table, changes_table, plan_table, table
from sscsim.dashboard.words import words_of
from sscsim.steps.plan import PLAN

EN, ZH = words_of("en"), words_of("zh")


@pytest.mark.parametrize(
    ("typed", "language", "kind", "code"),
    [
        ("ken", "en", "country", "KEN"),
        ("Kenya", "zh", "country", "KEN"),
        ("巴西", "en", "country", "BRA"),
        ("ivory coast", "en", "country", "CIV"),
        ("ndb", "en", "bank", "NDB"),
        ("infrastructure inv", "en", "bank", "AIIB"),
        ("UNOSSC", "en", "partner", "UNOSSC"),
    ],
)
def test_agents_are_found_by_what_they_are_called(typed, language, kind, code) -> None:
    first = find(typed, language)[0]
    assert (first.kind, first.code) == (kind, code)


def test_who_is_not_there_is_not_found() -> None:
    assert find("") == find("   ") == find("atlantis") == []
    assert len(find("a")) <= 12
    assert {one.kind for one in find("brazil")} == {"country", "partner"}


def test_a_country_is_told_by_the_models_numbers() -> None:
    kenya = find("KEN")[0]
    told = facts(kenya, moved(), plain(), END, EN)
    gdp = told[0]
    i = moved().history.labels["country"].index("KEN")
    assert gdp.title.startswith("Gross domestic product")
    assert gdp.value == moved().history.values("gdp", END)[i]
    assert gdp.before == moved().history.values("gdp", END - 1)[i]
    assert gdp.base == plain().history.values("gdp", END)[i]
    received = next(one for one in told if one.title == "Official development assistance received")
    assert received.value > received.base > 0
    everything = facts(kenya, moved(), None, END, EN, everything=True)
    assert len(everything) > len(told)
    assert all(math.isnan(one.base) for one in everything)
    assert facts(kenya, moved(), None, 2013, EN)[0].before != gdp.before  # nothing before
    assert math.isnan(facts(kenya, moved(), None, 2013, EN)[0].before)


def test_a_bank_is_told_by_its_books() -> None:
    bank = find("NDB")[0]
    told = {one.title: one for one in facts(bank, plain(), moved(), END, ZH)}
    i = plain().history.labels["bank"].index("NDB")
    assert told["Loans outstanding of a bank"].value == plain().history.values("bank_loans", END)[i]
    assert bank.name == find("NDB", "en")[0].name
    assert find("NDB", "zh")[0].name == "新开发银行"


def test_a_partner_is_told_by_its_projects() -> None:
    told = facts(find("UNOSSC")[0], plain(), moved(), END, EN)
    values = {one.title: one.value for one in told}
    table = plain().projects
    mine = [name == "UNOSSC" for name in table.text("partner")]
    start, end = table.columns["start"], table.columns["end"]
    assert values["Projects joined this year"] == sum(mine & (start == END))
    assert values["Projects under way"] == sum(mine & (start <= END) & (end >= END)) > 0
    assert values["of which failed"] <= values["Projects that end this year"]
    assert any(one.title.startswith("Under way with ") for one in told)
    assert facts(Agent("partner", "NOBODY", "Nobody"), plain(), None, END, EN)[0].value == 0


def test_tables_hold_what_is_told_and_nothing_that_a_browser_would_run() -> None:
    assert "<td>&lt;b&gt;</td>" in table(["<i>"], [["<b>"]])
    plan = plan_table(plain(), END, EN, off=("trade",))
    assert plan.count("<tr>") == 1 + 1 + 9
    assert "switched off" in plan
    assert "1. policy" in plan
    full = changes_table(plain(), END, "growth", ZH)
    assert "<th>变量</th>" in full
    kenya = agent_table(facts(find("KEN")[0], moved(), plain(), END, EN), END, EN, compared=True)
    assert f"<th class=n>Baseline {END}</th>" in kenya


def test_steps_are_called_as_they_call_themselves() -> None:
    for kind in PLAN:
        assert EN(f"step_{kind.name}") == kind.title
        assert ZH(f"step_{kind.name}") != kind.title
