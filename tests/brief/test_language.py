"""Languages: every sentence is in the Chinese catalogue, numbers and names are written as each language does."""

from __future__ import annotations

import ast
import datetime
import string
from pathlib import Path

import pytest

import sscsim.brief
from sscsim.brief.amounts import EFFECTS, IN_TABLES, LEVELS, scale_of
from sscsim.brief.common import SCOPES, TOPICS
from sscsim.brief.document import Number
from sscsim.brief.language import COMPLETE, LANGUAGES, Language, decimals_of, language_of
from sscsim.brief.rules import MEASURES
from sscsim.brief.wording import GOALS, GROUPS, INDICATORS
from sscsim.errors import InputError
from sscsim.experiments.why.chain import ENGLISH, LINKS
from sscsim.experiments.why.channels import TITLES
from sscsim.outcomes.indicators import indicator_table
from sscsim.policy import lever_table, load_scenario
from sscsim.policy.scenario import list_scenarios
from sscsim.world.loading import load_world

EN, ZH = language_of("en"), language_of("zh")
SAYING = (
    "rules",
    "costs",
    "reasons",
    "chains",
    "of_comparison",
    "of_run",
    "common",
    "pictures",
    "wording",
)
NO_SENTENCE = {
    "{n}",
    "{n}%",
    "{n} per cent",
    "A/73/383",
    "sscsim compare",
    "sscsim data sources",
}


def sentences(code: str) -> set[str]:
    """Return the texts in a module that are looked up: those with a place to fill, or that end as a sentence does."""
    tree = ast.parse(code)
    hidden = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for part in ast.walk(node)
    }
    said = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in hidden
        ):
            text = node.value
            if ("{" in text and not text.startswith("[")) or (
                len(text) > 12 and text.endswith((".", "?", ":"))
            ):
                said.add(text)
        if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = {"say": 0, "heading": 1}.get(name)
            if (
                first is not None
                and len(node.args) > first
                and isinstance(node.args[first], ast.Constant)
            ):
                said.add(node.args[first].value)
    return {text for text in said if "\\" not in text} - NO_SENTENCE


@pytest.mark.parametrize("module", SAYING)
def test_every_sentence_is_in_the_chinese_catalogue_with_the_same_places(module: str) -> None:
    code = (Path(sscsim.brief.__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    for text in sentences(code):
        found = ZH._catalogue.gettext(text)
        if found == text:  # perhaps one of two forms of a sentence that counts
            found = ZH._catalogue.ngettext(text.replace("pairs", "pair"), text, 2)
        if found == text and "number" in text:
            continue  # the first form: the second is looked up beside it
        assert found != text, text
        places = {p for _, p, _, _ in string.Formatter().parse(text) if p}
        assert {p for _, p, _, _ in string.Formatter().parse(found) if p} == places, text


def test_every_form_of_a_sentence_that_counts_is_in_the_chinese_catalogue() -> None:
    for module in SAYING:
        code = (Path(sscsim.brief.__file__).parent / f"{module}.py").read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "count":
                one, many = (arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant))
                assert ZH._catalogue.ngettext(one, many, 2) != many, many


def names() -> dict[str, set[str]]:
    """Return what the model calls things, by kind."""
    table = indicator_table()
    single = {name for name in table.indicators if name[:5] == "goal_" and name[5].isdigit()}
    return {
        "group": {form for forms in GROUPS.values() for form in forms},
        "indicator": {form for forms in INDICATORS.values() for form in forms}
        | {one.title for name, one in table.indicators.items() if name not in single | {*INDICATORS}},
        "lever": {lever.description for lever in lever_table().values()},
        "goal": {*GOALS},
        "topic": {topic for _, _, topic in TOPICS},
        "measure": {*MEASURES.values()},
        "driver": {*TITLES.values(), "together"},
        "link": {name for key, name in ENGLISH.items() if key.startswith("of.")},
        "whom": {*SCOPES.values(), "Everybody"},
        "unit": {message for _, message in (*LEVELS.values(), *EFFECTS.values())}
        | {name for _, name, others in IN_TABLES.values() if "zh" not in others},
    }  # fmt: skip


@pytest.mark.parametrize("kind", list(names()))
def test_every_name_is_in_the_chinese_catalogue(kind: str) -> None:
    same = {"SAARC", "ECOWAS"}
    for name in names()[kind] - same:
        assert ZH.name(kind, name).language is None, name


@pytest.mark.parametrize("kind", list(LINKS))
def test_every_link_of_a_chain_is_in_the_chinese_catalogue(kind: str) -> None:
    found = ZH.say(ENGLISH[kind], of="x", change="+1")
    assert found.language is None
    assert "+1" in found.plain


def test_every_scenario_has_a_title_in_every_language() -> None:
    for name in list_scenarios():
        titles = load_scenario(name).title
        for code in LANGUAGES:
            if code not in titles:
                assert language_of(code).name("scenario", titles["en"]).language is None, (
                    code,
                    name,
                )


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code not in COMPLETE])
def test_the_other_languages_have_headings_and_countries_and_mark_the_rest_as_english(
    code: str,
) -> None:
    language = language_of(code)
    for title in (
        "The question",
        "The answer",
        "Why",
        "Assumptions",
        "Sources",
        "Tables by region and group",
    ):
        assert language.say(title).language is None, title
    assert language.say("Everything else {x}.", x="1").language == "en"
    for iso3 in load_world().iso3:
        assert language.country(iso3) not in ("", iso3)


def test_arabic_is_written_from_right_to_left() -> None:
    assert [language_of(code).direction for code in ("en", "ar")] == ["ltr", "rtl"]


@pytest.mark.parametrize(
    ("code", "iso3", "name"),
    [
        ("zh", "TWN", "中国台湾省"),
        ("zh", "KEN", "肯尼亚"),
        ("fr", "KOR", "République de Corée"),
        ("es", "PSE", "Estado de Palestina"),
        ("ru", "TZA", "Объединенная Республика Танзания"),
        ("ar", "KEN", "كينيا"),
        ("en", "KEN", "Kenya"),
    ],
)
def test_countries_are_called_as_the_united_nations_call_them(
    code: str, iso3: str, name: str
) -> None:
    assert language_of(code).country(iso3) == name


@pytest.mark.parametrize(
    ("language", "unit", "value", "effect", "text"),
    [
        (EN, "bn USD", 5_040.0, False, "$5.04 trillion"),
        (EN, "bn 2015 USD", -0.046, True, "−$46 million at 2015 prices"),
        (ZH, "bn USD", 5_040.0, False, "5.04万亿美元"),
        (ZH, "bn USD", 67.1, False, "671亿美元"),
        (ZH, "bn USD", -0.046, True, "−4,600万美元"),
        (EN, "million", 0.37, False, "370 thousand people"),
        (ZH, "million", 0.37, False, "37.0万人"),
        (EN, "fraction", 0.123, False, "12.3 per cent"),
        (EN, "fraction", -0.0031, True, "−0.31 percentage points"),
        (ZH, "fraction", -0.0031, True, "−0.31个百分点"),
        (EN, "0 to 100", 0.163, True, "0.16 points"),
        (EN, "projects", 412.0, True, "412 projects"),
        (EN, "ratio", 1.234, False, "1.23"),
    ],
)  # fmt: skip
def test_amounts_are_written_as_the_language_counts(
    language: Language, unit: str, value: float, effect: bool, text: str
) -> None:
    assert scale_of(language, unit, [value], effect=effect).full(value, "").text == text


def test_ends_of_an_interval_are_written_in_the_scale_of_its_middle() -> None:
    scale = scale_of(EN, "bn USD", [0.42, -0.9, 1.77], effect=True)
    assert [scale.bare(v, "").text for v in (0.42, -0.9, 1.77)] == ["420", "−900", "1,770"]


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert EN.decimal(-0.004, 2) == "0.00"
    assert decimals_of(0.0) == 0


def test_lists_and_dates_are_the_languages_own() -> None:
    assert EN.listed(["a", "b", "c"]).plain == "a, b and c"
    assert ZH.listed(["甲", "乙", "丙"]).plain == "甲、乙和丙"
    day = datetime.date(2026, 11, 28)
    assert (EN.date(day), ZH.date(day)) == ("28 November 2026", "2026年11月28日")


def test_a_sentence_that_counts_has_the_form_of_its_number() -> None:
    one, many = (
        "{number} pair is left out because one of its runs failed.",
        "{number} pairs are left out because one of their runs failed.",
    )
    assert EN.count(one, many, Number("1", 1.0)).plain.startswith("1 pair is")
    assert EN.count(one, many, Number("2", 2.0)).plain.startswith("2 pairs are")


def test_another_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="language of this code"):
        language_of("de")


def test_items_that_hold_commas_are_told_apart_by_more_than_a_comma() -> None:
    assert EN.listed(["trade", "aid", "debt"]).plain == "trade, aid and debt"
    assert EN.listed(["trade, all of it", "aid"]).plain == "trade, all of it; aid"
    assert ZH.listed(["贸易，相对于计划", "援助"]).plain == "贸易，相对于计划；援助"
