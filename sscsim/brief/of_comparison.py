"""The brief of a comparison: question, answer, who, why, how surely, tables, what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from sscsim.brief import rules
from sscsim.brief.amounts import Scale, table_scale, table_unit
from sscsim.brief.chains import chain_blocks, compare_line, missing_blocks
from sscsim.brief.common import (
    TABLE_GROUPS,
    assumptions,
    belongs,
    cited,
    groups_of,
    heading,
    note,
    paragraph,
    ranges,
    scenario_title,
    sources,
)
from sscsim.brief.costs import cost_blocks
from sscsim.brief.document import (
    Block,
    Bullets,
    Commands,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Table,
    Text,
)
from sscsim.brief.facts import ComparisonFacts, Effect, less_is_better
from sscsim.brief.language import Language, today
from sscsim.brief.pictures import effects_picture, map_picture, shared_scale
from sscsim.brief.reasons import reason_blocks
from sscsim.brief.wording import (
    group_in_table,
    group_in_text,
    indicator_in_table,
    indicator_in_text,
)
from sscsim.experiments.noticeable import MOST_DECIMALS, decimals_told, is_named

__all__ = ["comparison_document"]

MEANS = (
    "projects_received",
    "projects_received_triangular",
    "provider_share",
    "agency_share",
    "cooperation_capacity",
    "coordination",
    "transaction_cost",
    "capability",
    "documented_practices",
    "technology_exchange_share",
    "un_support_share",
    "reporting_share",
    "fund_grant",
    "bank_lending_received",
    "credit_disbursed",
    "fdi_inflow",
    "trade_within",
)
"""What stands between levers and outcomes: cooperation, finance, trade."""

MOST_NAMES = 10
"""Countries of a table of those that gain or lose most."""

MOST_TABLES = 7
"""Tables by region."""

LEAST_GROUPS = 3
"""Groups that an indicator is compared for from which on there is a table of it."""


def comparison_document(
    language: Language, facts: ComparisonFacts, countries: Sequence[str] = ()
) -> Document:
    """Return the brief of a comparison.

    Parameters
    ----------
    language
        The language.
    facts
        What the comparison says.
    countries
        ISO codes of countries that get a page each.
    """
    title = scenario_title(language, *facts.title(facts.scenario, language.code))
    against = scenario_title(language, *facts.title(facts.reference, language.code))
    blocks: list[Block] = [
        heading(language, "The question"),
        paragraph(*_question(language, facts, title, against)),
        heading(language, "The answer"),
        paragraph(*_answer(language, facts), style="lead"),
        *_forest(language, facts),
        heading(language, "Who gains and who loses"),
        *_who(language, facts),
        heading(language, "Why"),
        *_why(language, facts, countries),
        *cost_blocks(language, facts),
        heading(language, "How surely, and what the report cannot tell"),
        *_surely(language, facts),
    ]
    for country in countries:
        blocks += [PageBreak(), *_country(language, facts, country)]
    blocks += [
        PageBreak(),
        heading(language, "Tables by region and group"),
        *_tables(language, facts),
    ]
    names = sorted({effect.indicator for effect in facts.effects})
    blocks += [
        heading(language, "Assumptions"),
        *assumptions(language, facts.settings, facts.scenario),
        heading(language, "Sources"),
        *sources(language, cited(facts.settings, names)),
        heading(language, "How to reproduce this brief"),
        *_again(language, facts, countries),
    ]
    return Document(
        language.say("{title}: what changes by {year}", title=title, year=str(facts.year)),
        language.say(
            "Policy brief, {date}. Model sscsim {version}; {number} pairs of runs against “{reference}”",
            date=language.date(today()),
            version=str(facts.manifest.get("version", "")),
            number=language.whole(float(facts.draws), "manifest: draws"),
            reference=against,
        ),
        language.code,
        language.direction,
        tuple(blocks),
        language.say(
            "{title} – policy brief, sscsim {version}",
            title=title,
            version=str(facts.manifest.get("version", "")),
        ),
    )


# ------------------------------------------------------------------------------------ the first page


def _question(language: Language, facts: ComparisonFacts, title: Text, against: Text) -> list[Text]:
    found = [
        language.say(
            "What changes by {year} if this comes true: “{title}”? It is held against “{reference}”, in "
            "which all else is the same.",
            year=str(facts.year),
            title=title,
            reference=against,
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


def _answer(language: Language, facts: ComparisonFacts) -> list[Text | None]:
    first = _moved_first(facts)
    # What the answer tells of is counted, whichever table it stands in.
    counted = {(e.indicator, e.of): e for e in (*facts.asked, *first)}
    asked = rules.in_order(list(counted.values()))
    found: list[Text | None] = [
        rules.verdict(language, asked),
        rules.unmoved_count(language, asked),
        rules.medians(language, facts.draws),
    ]
    told = [*first, *_told([e for e in asked if e not in first])]
    for effect in told:
        if effect.seen:
            found += rules.effect_sentences(language, effect)
        else:
            found.append(rules.undecided_sentence(language, effect))
    found.append(rules.size_sentence(language, asked))
    others = [e for e in asked if e not in told]
    further = any(not (e.seen or e.none) for e in told)
    found.append(rules.unseen_sentence(language, others, further=further))
    found.append(rules.unmoved_sentence(language, others))
    return found


def _moved_first(facts: ComparisonFacts) -> list[Effect]:
    """Return what the scenario was expected to move, or its levers move first, where an effect on it is seen."""
    if facts.settings is None:
        return []
    expected = [(one.indicator, one.group) for one in facts.settings.expects]
    moved = facts.moved_groups
    expected += [(name, "South") for one in moved for name in rules.MOVED_FIRST.get(one, ())]
    # Outcomes are told of in any case.
    means = [pair for pair in dict.fromkeys(expected) if pair[0] not in rules.OUTCOMES]
    found = [e for name, group in means if (e := facts.effect(name, group)) is not None and e.seen]
    return found[: rules.MOST_MOVED_FIRST]


def _told(effects: Sequence[Effect]) -> list[Effect]:
    """Return those that the answer tells of: the first of each outcome, then what is seen, in their order."""
    first: dict[str, Effect] = {}
    for effect in effects:
        if effect.indicator in rules.OUTCOMES:
            first.setdefault(effect.indicator, effect)
    chosen = [*first.values(), *(e for e in effects if e.seen and e not in first.values())]
    most = chosen[: rules.MOST_IN_ANSWER]
    return [effect for effect in effects if effect in most]


def _forest(language: Language, facts: ComparisonFacts) -> list[Block]:
    """Draw effects by group: of the indicator that matters most among those compared for several groups."""
    found: list[Block] = []
    for effects in _by_group(facts)[:1]:
        found.append(effects_picture(language, effects, facts))
    return found


def _by_group(facts: ComparisonFacts) -> list[list[Effect]]:
    """Return effects on the usual groups, a list an indicator, those that matter most first."""
    found: dict[str, list[Effect]] = {}
    for name in dict.fromkeys(e.indicator for e in rules.in_order(facts.effects)):
        effects = [facts.effect(name, group) for group in TABLE_GROUPS]
        there = [effect for effect in effects if effect is not None]
        if len(there) >= LEAST_GROUPS:
            found[name] = there
    return list(found.values())


# ------------------------------------------------------------------------------------ who


def _who(language: Language, facts: ComparisonFacts) -> list[Block]:
    found: list[Block] = []
    counted = rules.who_sentences(language, facts)
    if counted:
        found.append(paragraph(*counted))
    if facts.countries:
        named = _named(language, facts)
        found += named
    elif not counted:
        found.append(
            paragraph(
                language.say("This comparison holds no countries one by one, so none can be named.")
            )
        )
    if counted:
        found.append(
            note(
                language.say(
                    "Noticeably: by a tenth of a per cent of income or more, by a tenth of a point of the Goals or "
                    "more. Numbers of countries are medians over the pairs."
                )
            )
        )
    return found


def _named(language: Language, facts: ComparisonFacts) -> list[Block]:
    """Name the countries that gain and lose most, indicator by indicator, and draw them."""
    names = dict.fromkeys(e.indicator for e in rules.in_order(facts.countries))
    first = next(iter(names))
    noticed = [e.indicator for e in facts.countries if is_named(e["gains"]) or is_named(e["loses"])]
    # Where what matters most moves too little, countries are named by what does tell them apart.
    indicator = next((name for name in names if name in noticed), first)
    effects = [e for e in facts.countries if e.indicator == indicator]
    found: list[Block] = []
    if indicator != first:
        found.append(
            paragraph(
                language.say(
                    "In {first} no country gains or loses noticeably in more than half of the pairs; countries are "
                    "named by {indicator}.",
                    first=indicator_in_text(language, first),
                    indicator=indicator_in_text(language, indicator),
                )
            )
        )
    for side in ("gains", "loses"):
        sure = [e for e in effects if is_named(e[side])]
        down = (side == "gains") == less_is_better(indicator)
        sure.sort(key=lambda e: e["median"] if down else -e["median"])
        what = indicator_in_text(language, indicator)
        if not sure:
            message = (
                "No country gains noticeably in {indicator} in more than half of the pairs."
                if side == "gains"
                else "No country loses noticeably in {indicator} in more than half of the pairs."
            )
            found.append(paragraph(language.say(message, indicator=what)))
            continue
        caption = (
            language.say(
                "Who gains most: {indicator}, {year}", indicator=what, year=str(facts.year)
            )
            if side == "gains"
            else language.say(
                "Who loses most: {indicator}, {year}", indicator=what, year=str(facts.year)
            )
        )
        found.append(
            _effects_table(language, caption, sure[:MOST_NAMES], by="country", chance=side)
        )
    found.append(map_picture(language, effects, facts))
    found.append(
        note(
            language.say(
                "The boundaries and names shown and the designations used on this map do not imply any opinion on "
                "the legal status of any country, territory, city or area, or on the delimitation of its frontiers "
                "or boundaries."
            )
        )
    )
    return found


# ------------------------------------------------------------------------------------ why


def _why(language: Language, facts: ComparisonFacts, countries: Sequence[str]) -> list[Block]:
    found: list[Block] = []
    moved = facts.settings.levers if facts.settings else {}
    if moved:
        number = language.whole(float(sum(map(len, moved.values()))), "scenario: settings")
        found.append(
            paragraph(
                language.count(
                    "The scenario has {number} setting of a lever, listed under Assumptions. Levers act on "
                    "cooperation, finance and trade first; "
                    "what these bring for incomes and the Goals follows from them.",
                    "The scenario has {number} settings of levers, listed under Assumptions. Levers act on "
                    "cooperation, finance and trade first; "
                    "what these bring for incomes and the Goals follows from them.",
                    number,
                )
            )
        )
    found += reason_blocks(language, facts)
    found += chain_blocks(language, facts, without=countries)
    found += missing_blocks(language, facts, countries)
    means = [effects for name in MEANS if (effects := _of_means(facts, name))]
    seen = [effect for effects in means for effect in effects if _moves(language, effect)]
    if seen:
        caption = language.say(
            "What is seen to move between the levers and the outcomes, {year}", year=str(facts.year)
        )
        found.append(_effects_table(language, caption, seen, by="both"))
    still = [effects[0] for effects in means if not any(_moves(language, e) for e in effects)]
    if still:
        names = [indicator_in_text(language, effect.indicator) for effect in still]
        found.append(
            paragraph(
                language.say(
                    "Not seen to move, neither in the South nor in the least developed countries: {list}.",
                    list=language.listed(names),
                )
            )
        )
    return found


def _of_means(facts: ComparisonFacts, name: str) -> list[Effect]:
    """Return the effects on what stands before outcomes: of the South and the poorest, else of whom it is given for."""
    found = [facts.effect(name, group) for group in ("South", "LDC")]
    there = [effect for effect in found if effect is not None]
    world = facts.effect(name, "World")
    return there or ([] if world is None else [world])


# ------------------------------------------------------------------------------------ how surely


def _surely(language: Language, facts: ComparisonFacts) -> list[Block]:
    points = [(text,) for text in rules.certainty(language, facts)]
    asked = rules.in_order(facts.asked)
    sure = [e for e in asked if e["positive"] >= 0.9 or e["positive"] <= 0.1]
    if sure:
        names = [
            language.say(
                "{indicator} ({group})",
                indicator=indicator_in_text(language, e.indicator),
                group=group_in_text(language, e.of),
            )
            for e in sure
        ]
        points.append(
            (
                language.say(
                    "In nine pairs of ten or more the effect has the same sign on {list}.",
                    list=language.listed(names),
                ),
            )
        )
    points.append(
        (
            language.say(
                "What is the same in all pairs is in no interval: the form of the model, and the data that "
                "it begins from."
            ),
        )
    )
    cannot = [
        *rules.left_out(language, facts),
        language.say(
            "The report says how much cooperation there is (paragraphs 44, 79 to 83 and 91). It has no "
            "figure of what "
            "cooperation achieves for incomes or the Goals: effects on these rest on assumptions whose "
            "ranges are wide."
        ),
        language.say(
            "The report ends in 2018. What follows is a projection of this model, not of the United Nations, "
            "and no record can yet confirm it."
        ),
        language.say(
            "What cannot be counted is not counted: trust, solidarity, and what partners learn without a project."
        ),
    ]
    return [
        Bullets(tuple(points)),
        heading(language, "What the report cannot tell", 2),
        Bullets(tuple((text,) for text in cannot)),
    ]


# ------------------------------------------------------------------------------------ one country


def _country(language: Language, facts: ComparisonFacts, iso3: str) -> list[Block]:
    name = language.country(iso3)
    found: list[Block] = [
        Heading(language.say("A closer look: {country}", country=name)),
        paragraph(belongs(language, iso3)),
    ]
    effects = rules.in_order(facts.of_country(iso3))
    if not effects:
        found.append(
            paragraph(
                language.say(
                    "This comparison holds no numbers of {country}; what follows is of the groups that it "
                    "belongs to.",
                    country=name,
                )
            )
        )
    else:
        seen = [effect for effect in effects if effect.seen]
        sentences: list[Text | None] = []
        for effect in seen[: rules.MOST_IN_ANSWER]:
            sentences += rules.effect_sentences(language, effect)
        sentences.append(rules.unseen_sentence(language, effects))
        sentences.append(rules.unmoved_sentence(language, effects))
        found.append(paragraph(*sentences, style="lead"))
        caption = language.say("{country}: effects in {year}", country=name, year=str(facts.year))
        found.append(_effects_table(language, caption, effects, by="indicator"))
    found += chain_blocks(language, facts, country=iso3)
    around = [
        effect
        for effects in _by_group(facts)[:3]
        for effect in effects
        if effect.of in groups_of(iso3)
    ]
    if around:
        caption = language.say(
            "Groups that {country} belongs to, {year}", country=name, year=str(facts.year)
        )
        found.append(_effects_table(language, caption, around, by="both"))
    return found


# ------------------------------------------------------------------------------------ tables


def _tables(language: Language, facts: ComparisonFacts) -> list[Block]:
    found: list[Block] = []
    for effects in _by_group(facts)[:MOST_TABLES]:
        caption = language.say(
            "{indicator}, {year}",
            indicator=indicator_in_table(language, effects[0].indicator),
            year=str(facts.year),
        )
        found.append(_effects_table(language, caption, effects, by="group"))
    rest = [
        effect
        for effect in rules.in_order(facts.asked)
        if not any(effect in effects for effects in _by_group(facts)[:MOST_TABLES])
    ]
    if rest:
        caption = language.say("Other numbers compared, {year}", year=str(facts.year))
        found.append(_effects_table(language, caption, rest, by="both"))
    return found


FIRST_COLUMNS = {
    "group": ("Group",),
    "country": ("Country",),
    "indicator": ("Indicator",),
    "both": ("Indicator", "Group"),
}
"""What a line of a table is of."""


def _effects_table(
    language: Language, caption: Text, effects: Sequence[Effect], *, by: str, chance: str = ""
) -> Table:
    """Return a table of effects, a line each: whom or what, level, effect, interval, how sure.

    Where all lines are of one indicator its unit stands in the caption, else beside each indicator.
    """
    one = by in ("group", "country")
    named = FIRST_COLUMNS[by]
    header = [language.say(word) for word in named]
    header += [
        language.say("Reference"),
        language.say("Change"),
        language.say("90 per cent interval"),
    ]
    last = {
        "gains": "Pairs in which it gains",
        "loses": "Pairs in which it loses",
    }.get(chance, "Pairs above zero")
    header.append(language.say(last))
    rows = []
    for e in effects:
        beside = effects if one else [e]
        scale = shared_scale(language, beside)
        stands = table_scale(language, e.unit, [b["reference"] for b in beside])
        rows.append(
            (
                *_first_cells(language, e, by),
                Text((stands.bare(e["reference"], e.source("reference")),)),
                *_change_cells(language, e, scale, chance or "positive"),
            )
        )
    start = len(named)
    whole = _with_unit(language, caption, effects[0].unit) if one else caption
    return Table(whole, tuple(header), tuple(rows), frozenset(range(start, start + 4)))


def _moves(language: Language, effect: Effect) -> bool:
    """Return whether an effect is seen and leaves something to be written."""
    return effect.seen and not _own_scale(language, effect).nothing(effect["median"])


def _own_scale(language: Language, effect: Effect) -> Scale:
    """Return how a line is written that has digits of its own: of a known sign no end is nought if digits can tell."""
    ends = (effect["median"], effect["low"], effect["high"])
    scale = table_scale(language, effect.unit, ends, effect=True)
    shown = [value * scale.factor for value in ends]
    level = effect["reference"] * scale.factor
    return replace(scale, decimals=decimals_told(shown, level, scale.decimals))


def _coarse(scale: Scale) -> Scale:
    return replace(scale, decimals=min(scale.decimals, MOST_DECIMALS))


def _change_cells(
    language: Language, effect: Effect, scale: Scale, column: str
) -> tuple[Text, Text, Text]:
    """Return effect, interval and chance; words instead of noughts where nothing is left of them.

    An effect of which something is nought beside those of larger places is written with digits of its own: its
    median, or an end of an interval that leaves zero out.
    """
    ends = (effect["median"], effect["low"], effect["high"])
    told = ends if effect.seen else ends[:1]
    scale = _coarse(scale)
    if any(scale.nothing(value) for value in told):
        scale = _own_scale(language, effect)
    if scale.nothing(*ends):
        return language.say("no change"), Text(("–",)), Text(("–",))
    return (
        language.say("no change")
        if scale.nothing(effect["median"])
        else Text((scale.bare(effect["median"], effect.source("median"), plus=True),)),
        language.say(
            "{low} to {high}",
            low=scale.end(effect["low"], effect.source("low"), known=effect.seen),
            high=scale.end(effect["high"], effect.source("high"), known=effect.seen),
        ),
        _chance(language, effect, column),
    )


def _chance(language: Language, effect: Effect, column: str) -> Text:
    """Return in how many pairs a country gains or loses, or an effect is above zero; a dash where none has any."""
    if math.isnan(effect[column]):
        return Text(("–",))
    return Text((Scale(language, 100.0, 0, "{n}%").full(effect[column], effect.source(column)),))


def _first_cells(language: Language, effect: Effect, by: str) -> tuple[Text, ...]:
    """Return what a line is of."""
    if by == "group":
        return (group_in_table(language, effect.of),)
    if by == "country":
        return (Text((language.country(effect.of),)),)
    named = _with_unit(language, indicator_in_table(language, effect.indicator), effect.unit)
    return (named,) if by == "indicator" else (named, group_in_table(language, effect.of))


def _with_unit(language: Language, text: Text, unit: str) -> Text:
    named = table_unit(language, unit)
    return text if named is None else language.say("{text} ({unit})", text=text, unit=named)


# ------------------------------------------------------------------------------------ again


def _again(language: Language, facts: ComparisonFacts, countries: Sequence[str]) -> list[Block]:
    manifest = facts.manifest
    version = manifest.get("version", "")
    more = ["--cost"] if facts.costs else []
    more += ["--why"] if facts.channels else []
    told = dict.fromkeys((*facts.asked_countries, *(str(c["country"]) for c in facts.chains)))
    more += [f"--country {one}" for one in told]
    brief = [f"sscsim brief {facts.place}", f"--lang {language.code}"]
    if len(manifest["scenarios"]) > 1:
        brief.append(f"--scenario {facts.scenario}")
    brief += [f"--country {country}" for country in countries]
    found: list[Block] = [
        paragraph(
            language.say(
                "These lines do it again where version {version} of sscsim is installed:",
                version=str(version),
            )
        ),
        Commands((compare_line(facts, *more), " ".join(brief))),
        Paragraph(
            (
                language.say(
                    "The comparison's content has the hash {hash}; equal hashes mean equal results. Model: "
                    "{model}.",
                    hash=str(manifest["content_hash"]),
                    model=str(manifest.get("model", "")),
                ),
            ),
            "note",
        ),
    ]
    return found
