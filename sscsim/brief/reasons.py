"""What a brief says of why the Goals moved: driver by driver, where the comparison was asked for it."""

from __future__ import annotations

from typing import Any

from sscsim.brief.amounts import Scale, scale_of
from sscsim.brief.chains import drivers_in_words
from sscsim.brief.common import note, paragraph
from sscsim.brief.document import Block, Table, Text
from sscsim.brief.facts import ComparisonFacts
from sscsim.brief.language import Language
from sscsim.brief.rules import GROUP_ORDER
from sscsim.brief.wording import group_in_table, indicator_in_table

__all__ = ["LEAST", "MOST_PLACES", "reason_blocks"]

LEAST = 0.05
"""Part of an effect below which a driver is left out."""

MOST_PLACES = 2
"""Groups or countries that are told of."""

TOGETHER = "together"


def reason_blocks(language: Language, facts: ComparisonFacts) -> list[Block]:
    """Return a table of drivers for the groups that matter most; nothing where the comparison holds none."""
    lines = [one for one in facts.channels if one["indicator"] == "goal_index"]
    places = list(dict.fromkeys(str(one["group"]) for one in lines))
    places.sort(
        key=lambda name: GROUP_ORDER.index(name) if name in GROUP_ORDER else len(GROUP_ORDER)
    )
    found: list[Block] = []
    for place in places[:MOST_PLACES]:
        here = [one for one in lines if one["group"] == place]
        whole = next(one for one in here if one["driver"] == TOGETHER)
        rest = [one for one in here if one is not whole]
        found.append(paragraph(drivers_in_words(language, rest, whole)))
        found.append(_table(language, facts, here))
    if found:
        found.append(
            note(
                language.say(
                    "Here are means over the pairs, for medians do not add up: together they may differ from the "
                    "median given elsewhere. Drivers of less than a twentieth of the effect are left out. "
                    "A driver is what moved the scores since the base year, here less than in the reference or more."
                )
            )
        )
    return found


def _table(language: Language, facts: ComparisonFacts, lines: list[dict[str, Any]]) -> Table:
    whole = next(one for one in lines if one["driver"] == TOGETHER)
    large = [
        one
        for one in lines
        if one is not whole and abs(one["mean"]) >= LEAST * abs(whole["mean"]) > 0.0
    ]
    large.sort(key=lambda one: -abs(one["mean"]))
    scale = scale_of(language, "0 to 100", [whole[k] for k in ("mean", "low", "high")], effect=True)
    share = Scale(language, 100.0, 0, "{n}%")
    rows = tuple(
        (
            language.name("driver", _driver(str(one["driver"]))),
            Text((scale.bare(one["mean"], _source(one, "mean"), plus=True),)),
            language.say(
                "{low} to {high}",
                low=scale.bare(one["low"], _source(one, "low")),
                high=scale.bare(one["high"], _source(one, "high")),
            ),
            Text((share.full(one["share"], _source(one, "share")),)),
        )
        for one in (*large, whole)
    )
    caption = language.say(
        "What moved it: {indicator}, {group}, {year}",
        indicator=indicator_in_table(language, "goal_index"),
        group=group_in_table(language, str(whole["group"])),
        year=str(facts.year),
    )
    header = (
        language.say("Driver"),
        language.say("Change"),
        language.say("90 per cent interval"),
        language.say("Part of the effect"),
    )
    return Table(caption, header, rows, frozenset({1, 2, 3}))


def _driver(name: str) -> str:
    from sscsim.experiments.why.channels import TITLES

    return TITLES.get(name, name)


def _source(line: dict[str, Any], column: str) -> str:
    return f"channels: {line['driver']}, {line['group']}, {line['year']}, {column}"
