"""Briefs whole: every number equals the tables, in both languages, and nothing is left in English in the Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from brief._made import line, made_comparison

from sscsim.brief import brief_of, of_comparison, pictures, rules
from sscsim.brief.document import Document, Heading, Number, Picture, Table, numbers, texts
from sscsim.brief.facts import ComparisonFacts, Effect
from sscsim.brief.language import language_of
from sscsim.brief.rules import LEFT_OUT
from sscsim.errors import InputError
from sscsim.model import simulate
from sscsim.policy import lever_table
from sscsim.results.comparison import Comparison

EN = language_of("en")
WHOM = {"effects": "group", "groups": "group", "countries": "iso3"}


def in_tables(comparison: Comparison) -> Callable[[str], float]:
    """Return what looks a number up by where it says it stands."""
    tables = {name: comparison.table(name) for name in comparison.tables}

    def look_up(source: str) -> float:
        table, _, rest = source.partition(": ")
        if table == "manifest":
            return float(comparison.manifest[rest])
        what, whom, year, column = (part.strip() for part in rest.rsplit(",", 3))
        lines = tables[table]
        if table == "channels":
            [line] = lines[
                (lines["driver"] == what) & (lines["group"] == whom) & (lines["year"] == int(year))
            ].to_dict("records")
            return float(line[column])
        if table == "chains":
            goal, place = map(int, what.split("/"))
            [line] = lines[
                (lines["goal"] == goal) & (lines["place"] == place) & (lines["country"] == whom)
            ].to_dict("records")
            return float(line[column])
        if table == "costs":
            [line] = lines[
                (lines["name"] == what) & (lines["group"] == whom) & (lines["to"] == int(year))
            ].to_dict("records")
            return float(line[column])
        name = "measure" if table == "losers" else "indicator"
        side = "group" if table == "losers" else WHOM[table]
        [line] = lines[
            (lines[name] == what) & (lines[side] == whom) & (lines["year"] == int(year))
        ].to_dict("records")
        return float(line[column])

    return look_up


def printed(number: Number) -> float:
    """Return the digits of a number as they are printed; both languages group by commas."""
    [digits] = re.findall(
        r"[−+]?\$?[\d,]*\.?\d+", re.sub(r"at 2015 prices|（2015年价格）?", "", number.text)
    )
    return float(digits.replace(",", "").replace("$", "").replace("−", "-"))


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_every_number_equals_the_tables(
    language: str, comparison: Comparison, request: pytest.FixtureRequest
) -> None:
    document: Document = request.getfixturevalue(language)
    look_up = in_tables(comparison)
    checked = 0
    for number in numbers(document):
        if number.source.endswith("counted") or number.source.startswith("scenario"):
            continue
        assert number.value == look_up(number.source), number
        shown = printed(number)
        decimals = len(re.findall(r"\.(\d+)", number.text)[0]) if "." in number.text else 0
        assert abs(shown) == pytest.approx(
            abs(number.value * number.factor), abs=0.5000001 * 10.0**-decimals
        ), number
        if "−" in number.text:
            assert number.value < 0, number
        checked += 1
    assert checked > 300


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_cells_of_numbers_are_numbers_that_were_taken_from_a_table(
    language: str, request: pytest.FixtureRequest
) -> None:
    document: Document = request.getfixturevalue(language)
    for block in document.blocks:
        if isinstance(block, Table) and block.numeric:
            for row in block.rows:
                for place in block.numeric:
                    assert any(isinstance(run, Number) for run in row[place].runs), row


def test_nothing_in_the_chinese_brief_is_left_in_english(chinese: Document) -> None:
    assert [text.plain for text in texts(chinese) if text.language is not None] == []
    words = {w for text in texts(chinese) for w in re.findall(r"[A-Za-z]{4,}", text.plain)}
    assert words <= {"sscsim", "again"} | {w for w in words if re.fullmatch(r"[0-9a-f]+", w)}


def test_the_parts_of_a_brief_stand_in_their_order(english: Document) -> None:
    heads = [
        block.text.plain
        for block in english.blocks
        if isinstance(block, Heading) and block.level == 1
    ]
    assert heads == [
        "The question",
        "The answer",
        "Who gains and who loses",
        "Why",
        "What it costs",
        "How surely, and what the report cannot tell",
        "A closer look: Kenya",
        "Tables by region and group",
        "Assumptions",
        "Sources",
        "How to reproduce this brief",
    ]


def test_what_moved_the_goals_is_told_driver_by_driver(english: Document) -> None:
    [table] = [
        b for b in english.blocks if isinstance(b, Table) and "What moved it" in b.caption.plain
    ]
    cells = [[cell.plain for cell in row] for row in table.rows]
    # What is less than a twentieth is left out, and the largest stands first.
    assert [row[0] for row in cells] == ["projects under way", "income", "together"]
    assert [row[3] for row in cells] == ["80%", "18%", "100%"]


def test_costs_stand_with_prices_elsewhere_and_what_has_none(english: Document) -> None:
    said = " ".join(text.plain for text in texts(english))
    assert "costs $2.0 billion up to 2030" in said or "costs $2.00 billion up to 2030" in said
    assert "no price can be had" in said
    [table] = [
        b for b in english.blocks if isinstance(b, Table) and "gained costs" in b.caption.plain
    ]
    cells = [[cell.plain for cell in row] for row in table.rows]
    assert cells[0][2:] == [
        "$500 million",
        "$250 million to no gain",
        "$1.00 billion to $10.00 billion",
        "60%",
    ]
    assert cells[1][2] == "no gain"


def test_tables_are_by_region_and_for_the_groups_that_are_furthest_behind(
    english: Document,
) -> None:
    captions = {block.caption.plain: block for block in english.blocks if isinstance(block, Table)}
    rows = [row[0].plain for row in captions["Index of the Goals, 2030 (points of 100)"].rows]
    assert rows[2:] == [
        "Africa",
        "Arab States",
        "Asia and the Pacific",
        "Latin America and the Caribbean",
        "Europe and others",
        "Least developed countries",
        "Landlocked developing countries",
        "Small island developing States",
    ]


def test_those_who_gain_and_lose_are_named_by_the_size_of_it(
    english: Document, comparison: Comparison
) -> None:
    [gains] = [
        b
        for b in english.blocks
        if isinstance(b, Table) and b.caption.plain.startswith("Who gains most")
    ]
    table = comparison.table("countries")
    some = table[(table["indicator"] == "goal_index") & (table["gains"] > 0.5)]
    names = some.sort_values("median", ascending=False)["country"].tolist()
    assert [row[0].plain for row in gains.rows] == names[:10]


def test_what_the_scenario_sets_stands_with_its_paragraphs(english: Document) -> None:
    [table] = [
        b
        for b in english.blocks
        if isinstance(b, Table) and b.caption.plain.startswith("What the scenario")
    ]
    cells = [[cell.plain for cell in row] for row in table.rows]
    assert [
        "Money of triangular partners relative to plan",
        "from 1 to 3, 2019–2024",
        "Everybody",
        "28, 32, 134",
    ] in cells


def test_pictures_have_words_for_whoever_does_not_see_them(english: Document) -> None:
    pictures = [block for block in english.blocks if isinstance(block, Picture)]
    assert len(pictures) == 2
    for picture in pictures:
        assert len(picture.alternative.plain) > 60
        assert picture.png.startswith(b"\x89PNG")


def test_of_several_scenarios_one_is_chosen(tmp_path_factory: pytest.TempPathFactory) -> None:
    two = made_comparison(("full-agenda", "trade-integration")).save(
        tmp_path_factory.mktemp("two") / "made"
    )
    with pytest.raises(InputError, match="several scenarios"):
        brief_of(two)
    with pytest.raises(InputError, match="scenario that was compared"):
        brief_of(two, scenario="pandemic")
    assert "Trade cost" in brief_of(two, scenario="trade-integration").title.plain
    with pytest.raises(InputError, match="this year"):
        brief_of(two, scenario="trade-integration", year=2020)


@pytest.mark.usefixtures("font")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_run_has_a_brief_without_intervals(
    language: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = simulate("baseline", seed=1, end=2014, keep="standard")
    document = brief_of(
        run.save(tmp_path_factory.mktemp("run") / "baseline-seed1"), language, country="KEN"
    )
    assert [text.plain for text in texts(document) if text.language is not None] == []
    table, countries = run.indicators, run.countries
    checked = 0
    for number in numbers(document):
        kind, _, rest = number.source.partition(": ")
        if kind == "indicators":
            what, group, year = (part.strip() for part in rest.rsplit(",", 2))
            [value] = table[
                (table["indicator"] == what)
                & (table["group"] == group)
                & (table["year"] == int(year))
            ]["value"]
        elif kind == "countries":
            code, year, column = (part.strip() for part in rest.split(","))
            [value] = countries[(countries["iso3"] == code) & (countries["year"] == int(year))][
                column
            ]
        else:
            continue
        assert number.value == value or (np.isnan(number.value) and np.isnan(value))
        checked += 1
    assert checked > 100


@pytest.mark.usefixtures("font")
def test_countries_are_named_by_what_tells_them_apart(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where Goals move too little for anybody to gain, those who gain in income are named all the same."""
    place = made_comparison(("trade-integration",)).save(tmp_path_factory.mktemp("few") / "made")
    whole = Comparison.table

    def without_goals(self: Comparison, name: str):  # type: ignore[no-untyped-def]
        table = whole(self, name)
        if name == "countries":
            table = table.copy()
            table.loc[table["indicator"] != "gdp", ["gains", "loses"]] = 0.0
        return table

    monkeypatch.setattr(Comparison, "table", without_goals)
    for language, words, revenue in (
        ("en", "countries are named by gross domestic product", "Tariff revenue is not modelled"),
        ("zh", "以下按国内生产总值列出国家", "模型不含关税收入"),
    ):
        document = brief_of(place, language)
        said = " ".join(text.plain for text in texts(document))
        assert words in said
        assert revenue in said  # for trade cost is moved
    tables = [b.caption.plain for b in document.blocks if isinstance(b, Table)]
    assert any("国内生产总值" in caption and "受益最多" in caption for caption in tables)


def test_what_a_lever_leaves_out_is_of_a_lever_that_there_is() -> None:
    assert set(LEFT_OUT) <= {one.group for one in lever_table().values()}


def lines_of(effects: list[Effect]) -> list[list[str]]:
    table = of_comparison._effects_table(EN, EN.say("Group"), effects, by="group")
    return [[cell.plain for cell in row] for row in table.rows]


def made_effect(of: str, median: float, spread: float, *, unit: str = "million") -> Effect:
    numbers = line("poverty_people", unit, 100.0, median, spread)
    values = {k: float(v) for k, v in numbers.items() if k not in ("indicator", "unit", "year")}  # type: ignore[arg-type]
    return Effect("groups", of, "poverty_people", 2030, unit, values)


def test_no_change_is_written_as_noughts() -> None:
    """What is small beside other places has digits of its own; what nothing is left of has words."""
    large, small, none = lines_of(
        [
            made_effect("South", -14.0, 2.0),
            made_effect("SIDS", -0.05, 0.01),
            made_effect("World", 2e-7, 1e-7),
        ]
    )
    assert large[2:] == ["−14", "−16 to −11", "2%"]
    assert small[2:4] == ["−0.050", "−0.060 to −0.035"]
    assert none[2:] == ["no change", "–", "–"]


def test_a_median_of_nought_is_no_change_and_an_end_of_a_known_sign_is_not_nought() -> None:
    large, undecided, known = lines_of(
        [
            made_effect("South", -14.0, 2.0),
            made_effect("LDC", 1e-6, 0.5),
            made_effect("SIDS", -0.9, 0.58),
        ]
    )
    assert large[2] == "−14"
    assert undecided[2] == "no change"
    assert undecided[3] == "−0.50 to 0.75"
    assert known[2:4] == ["−0.90", "−1.48 to −0.03"]


def test_the_answer_begins_with_what_the_levers_move_first() -> None:
    made = made_comparison(("trade-integration",))
    facts = ComparisonFacts("made", made, "trade-integration", 2030)
    trade = made_effect("South", 310.0, 60.0, unit="bn USD")
    seen = tuple(replace(trade, indicator=name) for name in ("exports", "trade_within"))
    facts.__dict__["effects"] = (*facts.effects[:3], *seen)
    assert facts.moved_groups == ("trade",)
    first = of_comparison._moved_first(facts)
    assert [e.indicator for e in first] == ["trade_within", "exports"]
    said = " ".join(text.plain for text in of_comparison._answer(EN, facts) if text is not None)
    counted = len(facts.asked) + 1  # exports; trade within is asked for in any case
    assert f"of the {counted} outcomes" in said
    assert said.index("the value of exports of goods is larger by $310 billion") < said.index(
        "Sustainable"
    )


def test_a_map_has_no_tint_where_the_sign_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from sscsim.reports import changes

    drawn = []
    real = changes.draw_changes

    def kept(ax: Any, one: changes.Changes, *arguments: Any, **options: Any) -> None:
        drawn.append(one)
        real(ax, one, *arguments, **options)

    monkeypatch.setattr(changes, "draw_changes", kept)
    facts = ComparisonFacts("made", made_comparison(), "full-agenda", 2030)
    sizes = (("KEN", 2.0, 0.5), ("NPL", 0.5, 3.0), ("PER", 1e-6, 1e-7))
    pictures.map_picture(EN, [made_effect(code, m, s) for code, m, s in sizes], facts)
    assert drawn[0].seen.tolist() == [True, False, False]


def test_what_is_noticeable_beside_a_small_country_is_told_however_small() -> None:
    """Of an income of ten million dollars two in a thousand are twenty thousand."""
    values = {"reference": 0.01, "median": 2e-5, "low": 1e-5, "high": 3e-5, "positive": 1.0}
    effect = Effect("countries", "TUV", "real_income", 2030, "bn 2015 USD", values)
    [told] = lines_of([effect])
    assert told[2:4] == ["+0.000020", "0.000010 to 0.000030"]
    [none] = lines_of([replace(effect, values={**values, "reference": 10.0})])
    assert none[2] == "no change"


def test_an_end_of_an_interval_is_no_row_of_noughts() -> None:
    """Of either sign it is 0, of a known sign it has the digits that show it: in tables and in sentences."""
    values = {"reference": 60.0, "median": 2e-4, "low": 4e-6, "high": 5e-4, "positive": 1.0}
    known = Effect("effects", "LDC", "goal_index", 2030, "0 to 100", values)
    either = replace(known, values={**values, "low": -4e-6, "positive": 0.7})
    told = [row[3] for effect in (known, either) for row in lines_of([effect])]
    assert told == ["0.000004 to 0.0005", "0 to 0.0005"]
    said = " ".join(t.plain for t in rules.effect_sentences(EN, known))
    assert "interval 0.000004 to 0.00050" in said
    assert "interval 0 to 0.00050" in rules.undecided_sentence(EN, either).plain
