"""The brief of a run: what one course of things shows, without intervals, and said to be so."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sscsim.brief.amounts import scale_of, table_scale, table_unit
from sscsim.brief.common import (
    TABLE_GROUPS,
    assumptions,
    belongs,
    cited,
    heading,
    note,
    paragraph,
    ranges,
    scenario_title,
    sources,
)
from sscsim.brief.document import (
    Block,
    Bullets,
    Commands,
    Document,
    Heading,
    Number,
    PageBreak,
    Table,
    Text,
)
from sscsim.brief.facts import RunFacts
from sscsim.brief.language import Language, today
from sscsim.brief.pictures import paths_picture
from sscsim.brief.wording import (
    GOALS,
    group_in_table,
    group_in_text,
    indicator_in_table,
    indicator_in_text,
)

__all__ = ["run_document"]

HEADLINES = (
    ("goal_index", "LDC"),
    ("goal_index", "South"),
    ("poverty_people", "World"),
    ("gdp", "South"),
    ("trade_within", "South"),
    ("fdi_inflow", "WIR developing"),
)
"""Numbers that the answer tells of."""

TABLES = ("goal_index", "poverty_headcount", "gdp_per_head", "exports", "fdi_inflow")
"""Indicators of the tables by region."""

DRAWN = ("South", "LDC", "LLDC", "SIDS")
"""Groups whose lines are drawn."""


def run_document(language: Language, facts: RunFacts, countries: Sequence[str] = ()) -> Document:
    """Return the brief of a run.

    Parameters
    ----------
    language
        The language.
    facts
        What the run says.
    countries
        ISO codes of countries that get a page each.
    """
    title = scenario_title(language, *facts.title(facts.scenario, language.code))
    _, last = facts.years
    blocks: list[Block] = [
        heading(language, "The question"),
        paragraph(*_question(language, facts, title)),
        heading(language, "The answer"),
        paragraph(*_answer(language, facts), style="lead"),
    ]
    drawn = [g for g in DRAWN if math.isfinite(facts.level("goal_index", g, last))]
    if drawn and len(facts.run.years) > 1:
        blocks.append(paths_picture(language, facts, "goal_index", drawn))
    blocks += [
        heading(language, "How surely, and what the report cannot tell"),
        Bullets(tuple((text,) for text in _surely(language))),
    ]
    for country in countries:
        blocks += [PageBreak(), *_country(language, facts, country)]
    blocks += [
        PageBreak(),
        heading(language, "Tables by region and group"),
        *_tables(language, facts),
    ]
    blocks += [
        heading(language, "Assumptions"),
        *assumptions(language, facts.settings, facts.scenario),
        heading(language, "Sources"),
        *sources(language, cited(facts.settings, {i for i, _ in HEADLINES} | {*TABLES})),
        heading(language, "How to reproduce this brief"),
        *_again(language, facts, countries),
    ]
    version = str(facts.manifest.get("version", ""))
    return Document(
        language.say("{title}: the course to {year}", title=title, year=str(last)),
        language.say(
            "Policy brief, {date}. Model sscsim {version}; one run, seed {seed}",
            date=language.date(today()),
            version=version,
            seed=str(facts.run.seed),
        ),
        language.code,
        language.direction,
        tuple(blocks),
        language.say("{title} – policy brief, sscsim {version}", title=title, version=version),
    )


def _question(language: Language, facts: RunFacts, title: Text) -> list[Text]:
    first, last = facts.years
    found = [
        language.say(
            "How do the countries of the South fare from {first} to {last} in this course of things: “{title}”?",
            first=str(first),
            last=str(last),
            title=title,
        )
    ]
    if facts.settings is not None and facts.settings.paragraphs:
        found.append(
            language.say(
                "The question is taken from paragraphs {paragraphs} of {symbol}.",
                paragraphs=ranges(facts.settings.paragraphs),
                symbol="A/73/383",
            )
        )
    return found


def _source(indicator: str, group: str, year: int) -> str:
    return f"indicators: {indicator}, {group}, {year}"


def _answer(language: Language, facts: RunFacts) -> list[Text]:
    first, last = facts.years
    found = []
    for indicator, group in HEADLINES:
        start, end = (facts.level(indicator, group, year) for year in (first, last))
        if not (math.isfinite(start) and math.isfinite(end)):
            continue
        scale = scale_of(language, facts.unit(indicator, group), [end, start])
        if scale.bare(start, "").text == scale.bare(end, "").text:
            message = "In {group}, {indicator} stays at {end} from {first} to {last}."
        elif end > start:
            message = "In {group}, {indicator} rises from {start} in {first} to {end} in {last}."
        else:
            message = "In {group}, {indicator} falls from {start} in {first} to {end} in {last}."
        found.append(
            language.say(
                message,
                group=group_in_text(language, group),
                indicator=indicator_in_text(language, indicator),
                start=scale.full(start, _source(indicator, group, first)),
                end=scale.full(end, _source(indicator, group, last)),
                first=str(first),
                last=str(last),
            )
        )
    return found


def _surely(language: Language) -> list[Text]:
    return [
        language.say(
            "This is one run: one set of parameters and one course of luck. It has no interval, and another "
            "seed gives other numbers."
        ),
        language.say(
            "It says what happens, and not what a policy is worth: for that, compare it with another "
            "scenario in pairs of runs."
        ),
        language.say(
            "The report ends in 2018. What follows is a projection of this model, not of the United Nations, "
            "and no record can yet confirm it."
        ),
    ]


def _tables(language: Language, facts: RunFacts) -> list[Block]:
    first, last = facts.years
    found: list[Block] = []
    for indicator in TABLES:
        groups = [g for g in TABLE_GROUPS if math.isfinite(facts.level(indicator, g, last))]
        if not groups:
            continue
        rows = []
        for group in groups:
            pair = [
                (facts.level(indicator, group, y), _source(indicator, group, y))
                for y in (first, last)
            ]
            rows.append((group_in_table(language, group), pair))
        unit = facts.unit(indicator, groups[0])
        found.append(
            _two_years(
                language,
                indicator_in_table(language, indicator),
                language.say("Group"),
                rows,
                unit,
                (first, last),
            )
        )
    return found


def _two_years(
    language: Language,
    caption: Text,
    what: Text,
    rows: Sequence[tuple[Text, Sequence[tuple[float, str]]]],
    unit: str,
    years: tuple[int, int],
) -> Table:
    scale = table_scale(language, unit, [value for _, pair in rows for value, _ in pair])
    named = table_unit(language, unit)
    if named is not None:
        caption = language.say("{text} ({unit})", text=caption, unit=named)
    return Table(
        caption,
        (what, *(Text((str(year),)) for year in years)),
        tuple(
            (name, *(_cell(scale.bare(value, source)) for value, source in pair))
            for name, pair in rows
        ),
        frozenset({1, 2}),
    )


def _cell(number: Number) -> Text:
    return Text((number if math.isfinite(number.value) else "–",))


def _country(language: Language, facts: RunFacts, iso3: str) -> list[Block]:
    name = language.country(iso3)
    found: list[Block] = [
        Heading(language.say("A closer look: {country}", country=name)),
        paragraph(belongs(language, iso3)),
    ]
    table = facts.run.countries
    some = table[table["iso3"] == iso3].set_index("year")
    first, last = facts.years
    years = (first if first in some.index else int(some.index.min()), last)

    def pair(column: str) -> list[tuple[float, str]]:
        held = some[column].to_numpy(dtype=float)
        place = {int(y): k for k, y in enumerate(some.index)}
        return [(float(held[place[y]]), f"countries: {iso3}, {y}, {column}") for y in years]

    money = [
        (language.name("indicator", word), pair(column))
        for column, word in (("gdp", "Gross domestic product"), ("real_income", "Real income"))
        if column in some
    ]
    if money:
        caption = language.say("{country}: income", country=name)
        found.append(
            _two_years(language, caption, language.say("Indicator"), money, "bn 2015 USD", years)
        )
    goals = [
        (indicator_in_table(language, f"goal_{k}"), pair(f"goal_{k}"))
        for k in range(1, len(GOALS) + 1)
        if f"goal_{k}" in some
    ]
    if goals:
        caption = language.say("{country}: scores of the Goals", country=name)
        found.append(_two_years(language, caption, language.say("Goal"), goals, "0 to 100", years))
        found.append(note(language.say("A dash stands where a Goal does not apply.")))
    return found


def _again(language: Language, facts: RunFacts, countries: Sequence[str]) -> list[Block]:
    version = facts.manifest.get("version", "")
    line = f"sscsim run {facts.scenario} --seed {facts.run.seed} --out {facts.place}"
    brief = f"sscsim brief {facts.place} --lang {language.code}"
    brief += "".join(f" --country {country}" for country in countries)
    return [
        paragraph(
            language.say(
                "These lines do it again where version {version} of sscsim is installed:",
                version=str(version),
            )
        ),
        Commands((line, brief)),
        note(
            language.say(
                "The run's content has the hash {hash}; equal hashes mean equal results. What else it was "
                "asked for "
                "stands in its manifest, and `sscsim run --again` repeats that.",
                hash=str(facts.run.content_hash),
            )
        ),
    ]
