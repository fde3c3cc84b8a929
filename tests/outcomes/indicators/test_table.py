"""The table of indicators: one file for one of a line, and what is wrong is said when it is read."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import InputError
from sscsim.outcomes.indicators import (
    IndicatorBook,
    IndicatorTable,
    group_members,
    indicator_table,
    read_indicators,
)
from sscsim.outcomes.indicators.definitions import BY_GOAL, FUNCTIONS
from sscsim.outcomes.indicators.formulas import Formula, Law, read_formula, read_law
from sscsim.parameters import default_parameters
from sscsim.resources import package_folder
from sscsim.steps.plan import variables
from sscsim.world.loading import load_world
from sscsim.world.state import State

SHIPPED = (package_folder() / "outcomes" / "indicators.yaml").read_text(encoding="utf-8")
ENTRY = '  mine: {{title: Mine, unit: u, description: "What is mine.", groups: {groups}, how: {how}, law: {law}}}\n'


def table(folder: Path, text: str) -> IndicatorTable:
    path = folder / "indicators.yaml"
    path.write_text(text, encoding="utf-8")
    return read_indicators(path)


def with_one(folder: Path, how: str, *, groups: str = "main", law: str = "any") -> IndicatorTable:
    return table(folder, SHIPPED + ENTRY.format(how=how, groups=groups, law=law))


def book(of: IndicatorTable) -> IndicatorBook:
    banks = {"bank": ("ONE", "TWO", "THREE")}
    return IndicatorBook.from_world(
        load_world(), default_parameters(), variables(), table=of, places=banks
    )


def random_state(seed: int = 0) -> State:
    rng = np.random.default_rng(seed)
    n = len(load_world().iso3)
    sizes = {"country": n, "origin": n, "destination": n, "goal": 17}
    arrays = {v.name: rng.random([sizes.get(a, 3) for a in v.axes]) for v in variables()}
    for flows in (arrays["trade"], arrays["fdi"]):
        np.fill_diagonal(flows, 0.0)
    return State(2013, variables(), arrays)


# ------------------------------------------------------------------------------ the table that ships


def test_every_function_of_the_table_is_defined_and_every_definition_is_used() -> None:
    entries = indicator_table().indicators.values()
    assert {e.function for e in entries if e.how == "function"} == {*FUNCTIONS}
    assert {e.function for e in entries if e.goal} == set(BY_GOAL)
    indicator_table().check(variables())


def test_units_follow_from_those_of_the_state() -> None:
    units = {v.name: v.unit for v in variables()}
    for entry in indicator_table().indicators.values():
        formula = entry.formula
        if formula is None:
            continue
        of, by = ([{units[f.variable] for f in term} for term in s] for s in formula.parts)
        if formula.kind in ("sum", "total", "pairs") and len(of[0]) == 1 and len(of) == 1:
            # Countries of which something is true are counted.
            unit = "countries" if of[0] == {"0 or 1"} else of[0].pop()
            assert entry.unit == unit, entry.name
        elif formula.kind in ("share", "growth") or (formula.kind == "ratio" and of[0] == by[0]):
            assert entry.unit == "fraction", entry.name


def test_shares_are_shares() -> None:
    for entry in indicator_table().indicators.values():
        if entry.unit == "0 to 100":
            assert (entry.law.low, entry.law.high) == (0.0, 100.0)
        # Of what may be negative, a part may be more than the whole.
        if "share" in entry.name and entry.name != "fdi_share_external_finance":
            assert (entry.law.low, entry.law.high) == (0.0, 1.0)


# --------------------------------------------------------------------------------------- one file


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("sum of gdp", lambda s, m: s.gdp[m].sum()),
        ("sum of gdp + gni", lambda s, m: (s.gdp + s.gni)[m].sum()),
        ("mean of provider", lambda s, m: s.provider[m].mean()),
        ("mean of capability", lambda s, m: s.capability[m].mean()),
        ("sum of capability", lambda s, m: s.capability[m].sum()),
        (
            "mean of coordination weighted by population",
            lambda s, m: (s.coordination * s.population)[m].sum() / s.population[m].sum(),
        ),
        ("share of population", lambda s, m: s.population[m].sum() / s.population.sum()),
        ("share of trade sent", lambda s, m: s.trade[m].sum() / s.trade.sum()),
        ("trade sent over gdp_current", lambda s, m: s.trade[m].sum() / s.gdp_current[m].sum()),
        (
            "trade within over trade received",
            lambda s, m: s.trade[np.ix_(m, m)].sum() / s.trade[:, m].sum(),
        ),
        (
            "oda_received + fdi received over gni",
            lambda s, m: (s.oda_received[m].sum() + s.fdi[:, m].sum()) / s.gni[m].sum(),
        ),
        (
            "sum of provider * gdp * trade sent",
            lambda s, m: (s.provider * s.gdp * s.trade.sum(axis=1))[m].sum(),
        ),
        ("total of practices", lambda s, m: s.practices.sum()),
        ("growth of gdp", lambda s, m: math.nan),
    ],
)
def test_an_indicator_of_a_line_needs_one_file(how: str, expected, tmp_path: Path) -> None:
    mine = book(with_one(tmp_path, how))
    state = random_state()
    values = {
        row.group: value
        for row, value in zip(mine.rows, mine.measure(state), strict=True)
        if row.indicator == "mine"
    }
    members = group_members(load_world())
    for group in ("World", "South", "LDC", "BRICS"):
        assert values[group] == pytest.approx(expected(state, members[group]), nan_ok=True), group
    assert {r.unit for r in mine.rows if r.indicator == "mine"} == {"u"}


def test_growth_of_a_line_is_measured_from_the_year_before(tmp_path: Path) -> None:
    text = SHIPPED + ENTRY.format(how="growth of population", groups="all", law="any")
    mine = book(table(tmp_path, text))
    first, second = random_state(1), random_state(2)
    values = mine.measure(second, first, mine.measure(first, first))
    south = group_members(load_world())["South"]
    found = values[[(r.indicator, r.group) == ("mine", "South") for r in mine.rows]]
    expected = second.population[south].sum() / first.population[south].sum() - 1
    assert found == pytest.approx(expected)


def test_pairs_of_a_line(tmp_path: Path) -> None:
    entry = '  mine: {title: Mine, unit: u, description: "", between: [blocs], how: pairs of trade_cost, law: any}\n'
    mine = book(table(tmp_path, SHIPPED + entry))
    state = random_state()
    members = group_members(load_world())
    values = dict(zip(mine.rows, mine.measure(state), strict=True))
    found = {r.group: v for r, v in values.items() if r.indicator == "mine"}
    assert len(found) == 9
    cut = np.ix_(members["South"], members["North"])
    assert found["South → North"] == pytest.approx(state.trade_cost[cut].sum())


def test_a_new_indicator_reaches_a_run_and_its_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscsim.model import SouthSouthModel
    from sscsim.outcomes.indicators import book as module

    mine = with_one(tmp_path, "trade within over gdp_current", law="not negative")
    monkeypatch.setattr(module, "indicator_table", lambda: mine)
    monkeypatch.setattr(module, "_BOOKS", type(module._BOOKS)())
    run = SouthSouthModel(end=2013, keep="indicators").run()
    assert set(run.indicators.query("indicator == 'mine'")["group"]) >= {"World", "LDC"}


# ------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("how", "message", "found", "suggestion"),
    [
        ("sum of gpd", "no state variable", "gpd", "gdp"),
        ("mean of providers", "no state variable", "providers", "provider"),
        ("gdp over populations", "no state variable", "populations", "population"),
        ("mean of gdp weighted by peple", "no state variable", "peple", None),
        ("sum of trade", "not one of countries", "trade", None),
        ("sum of practices", "not one of countries", "practices", None),
        ("sum of bank_loans", "not one of countries", "bank_loans", None),
        ("sum of gdp sent", "not one between countries", "gdp", None),
        ("pairs of gdp", "other keys", None, None),
        ("mean of trade within weighted by gdp", "belongs to none", None, None),
        ("growth of gni", "growth is of a sum", "growth of gni", None),
        ("median of gdp", "no way to compute", "median of gdp", None),
        ("sum of", "no way to compute", "sum of", None),
        ("gdp / population", "no way to compute", "gdp / population", None),
        ("3", "no way to compute", 3, None),
        ("function", "no function of this name", "mine", None),
        ("each goal", "no function of this name", "mine", None),
    ],
)
def test_what_cannot_be_computed_is_said_before_a_year_is_simulated(
    how: str, message: str, found: str | None, suggestion: str | None, tmp_path: Path
) -> None:
    groups = "all" if how == "growth of gni" else "main"
    with pytest.raises(InputError) as caught:
        book(with_one(tmp_path, how, groups=groups))
    error = caught.value
    assert message in error.message
    assert error.file == str(tmp_path / "indicators.yaml")
    assert error.line == SHIPPED.count("\n") + 1
    assert str(error.key).startswith("indicators.mine")
    if found is not None:
        assert error.found == found
    assert suggestion is None or error.suggestion == suggestion


@pytest.mark.parametrize(
    ("old", "new", "message", "key"),
    [
        (
            "groups: main, how: share of gdp_current",
            "groups: mian, how: share of gdp_current",
            "no such set",
            "indicators.gdp_share.groups",
        ),
        (
            "between: [blocs], how",
            "between: [blcs], how",
            "no such set",
            "indicators.fdi_between.between",
        ),
        ("blocs: [South", "blocs: [Suoth", "no group of this name", "sets.blocs"),
        ("within: South, only", "within: Suoth, only", "not defined above", "within"),
        ("list: LDC}", "list: LCD}", "no list of countries of this name", "groups.LDC"),
        (
            "income_group: LIC}",
            "incomegroup: LIC}",
            "no rule of countries of this name",
            "groups.LIC",
        ),
        ("law: at least -1", "law: positive", "no law", "indicators.gdp_growth.law"),
        ("law: at least -1", "law: between 2 and 1", "no law", "indicators.gdp_growth.law"),
        (", law: at least -1", "", "other keys", "indicators.gdp_growth"),
        ("  south: [South]", "  south: South", "a list of groups", "sets.south"),
    ],
)
def test_a_slip_in_the_table_is_named_with_its_place(
    old: str, new: str, message: str, key: str, tmp_path: Path
) -> None:
    assert old in SHIPPED
    with pytest.raises(InputError, match=message) as caught:
        book(table(tmp_path, SHIPPED.replace(old, new, 1)))
    assert key in str(caught.value.key)
    assert caught.value.file == str(tmp_path / "indicators.yaml")
    place = next(i for i, line in enumerate(SHIPPED.splitlines(), 1) if old in line)
    assert caught.value.line == place


def test_an_indicator_stands_once(tmp_path: Path) -> None:
    text = SHIPPED + ENTRY.format(how="sum of gdp", groups="main", law="any").replace(
        "mine", "goal_3"
    )
    with pytest.raises(InputError, match="defined above"):
        table(tmp_path, text)


PLACES = '  mine: {{title: Mine, unit: bn USD, description: "", how: each {of}, law: any{more}}}\n'


@pytest.mark.parametrize(
    ("of", "more", "message", "key"),
    [
        ("bank of gdp", "", "no number for each bank", "how"),
        ("bank of bank_paid_in", "", "no number for each bank", "how"),
        ("bank of bank_lons", "", "no state variable", "how"),
        ("bank of bank_loans", ", groups: main", "other keys", None),
        ("bank of bank_loans", ", variable: A| B", "no name of a variable", "variable"),
        ("bank of bank_loans", ", variable: A||B", "no name of a variable", "variable"),
        ("bank of bank_loans", ", stock: 1", "true or false", "stock"),
    ],
)
def test_what_is_wrong_with_a_number_for_each_bank_is_said(
    of: str, more: str, message: str, key: str | None, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        book(table(tmp_path, SHIPPED + PLACES.format(of=of, more=more)))
    assert key is None or str(caught.value.key).endswith(key)


# ------------------------------------------------------------------------------------------ formulas

names = st.from_regex(re.compile(r"[a-z][a-z0-9_]{0,8}", re.A), fullmatch=True).filter(
    lambda name: name not in ("of", "over", "by", "weighted", "sent", "received", "within")
)
factors = st.builds(
    lambda name, part: f"{name} {part}".strip(), names, st.sampled_from(["", "sent", "within"])
)
sums = st.lists(
    st.lists(factors, min_size=1, max_size=3).map(" * ".join), min_size=1, max_size=3
).map(" + ".join)


@given(
    st.one_of(
        *(sums.map(f"{kind} of {{}}".format) for kind in ("sum", "mean", "share", "growth")),
        st.tuples(sums, sums).map(lambda two: "mean of {} weighted by {}".format(*two)),
        st.tuples(sums, sums).map(lambda two: "{} over {}".format(*two)),
        names.map("total of {}".format),
        names.map("pairs of {}".format),
        st.tuples(names, names).map(lambda two: "each {} of {}".format(*two)),
    )
)
def test_a_formula_is_written_as_it_is_read(text: str) -> None:
    formula = read_formula(text)
    assert isinstance(formula, Formula)
    assert str(formula) == text


@given(st.text(max_size=40))
def test_any_other_text_is_no_formula(text: str) -> None:
    formula = read_formula(text)
    assert formula is None or str(formula) == text


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("share", 0.0, 1.0),
        ("not negative", 0.0, math.inf),
        ("between -1 and 0.5", -1.0, 0.5),
        ("at least -1", -1.0, math.inf),
        ("any", -math.inf, math.inf),
    ],
)
def test_laws(text: str, low: float, high: float) -> None:
    law = read_law(text)
    assert law == Law(text, low, high)
    assert law.holds(math.nan)
    for value, kept in ((low, True), (high, True), (low - 1e-6, False), (high + 1e-6, False)):
        assert math.isinf(value) or law.holds(value) is kept
