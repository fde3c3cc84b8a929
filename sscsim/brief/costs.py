"""What a brief says of costs: the sum, what has no price, what a unit of a gain costs here and elsewhere."""

from __future__ import annotations

import math
from typing import Any

from sscsim.brief.amounts import Scale, scale_of
from sscsim.brief.common import heading, note, paragraph
from sscsim.brief.document import Block, Table, Text
from sscsim.brief.facts import ComparisonFacts
from sscsim.brief.language import Language, Part
from sscsim.brief.wording import group_in_table

__all__ = ["GAINS", "cost_blocks"]

GAINS = {
    "goal_point": ("A point of the Goals of one country", "bn USD"),
    "person_year": ("A year of a person out of poverty", "thousand USD"),
}
"""What a unit of a gain is called, and the unit of its price."""


def cost_blocks(language: Language, facts: ComparisonFacts) -> list[Block]:
    """Return the part on costs; nothing where the comparison holds none."""
    lines = facts.costs
    if not lines:
        return []
    found: list[Block] = [
        heading(language, "What it costs"),
        paragraph(*_sentences(language, facts, lines)),
    ]
    gains = [line for line in lines if line["kind"] == "gain"]
    if gains:
        found.append(_table(language, gains))
        found.append(
            note(
                language.say(
                    "Each gain stands against the whole cost, which buys all of them. No gain: money is spent and "
                    "nothing gained; saves: a gain, and money saved. Worth it: the share of draws in which the gain, "
                    "at the price elsewhere, is worth more than it costs. Most prices are known to an order of size."
                )
            )
        )
    return found


def _sentences(
    language: Language, facts: ComparisonFacts, lines: list[dict[str, Any]]
) -> list[Text | None]:
    total = [line for line in lines if line["kind"] == "total"]
    found: list[Text | None] = []
    for line in total:
        scale = scale_of(language, "bn USD", [line[k] for k in ("median", "low", "high")])
        found.append(
            language.say(
                "What has a price costs {cost} up to {year} (90 per cent interval {low} to {high}), in dollars of the "
                "day and without discount.",
                cost=scale.full(line["median"], _source(line, "median")),
                low=scale.bare(line["low"], _source(line, "low")),
                high=scale.bare(line["high"], _source(line, "high")),
                year=str(line["to"]),
            )
        )
    if not total:
        found.append(language.say("Nothing of it has a price."))
    unpriced = [str(line["name"]) for line in lines if line["kind"] == "no price"]
    if unpriced:
        found.append(
            language.say(
                "Of these levers no price can be had, or not of all that they take: {list}.",
                list=language.listed([_lever(language, name) for name in unpriced]),
            )
        )
    return found


def _lever(language: Language, name: str) -> Text:
    from sscsim.policy import lever_table

    levers = lever_table()
    # A comparison may be older than the table.
    return language.name("lever", levers[name].description if name in levers else name)


def _table(language: Language, gains: list[dict[str, Any]]) -> Table:
    rows = []
    for line in gains:
        words, unit = GAINS[line["name"]]
        prices = [line[k] for k in ("median", "low", "high")]
        scale = scale_of(language, unit, [v for v in prices if math.isfinite(v)] or [1.0])
        outside = [line["elsewhere_low"], line["elsewhere_high"]]
        beside = scale_of(language, unit, outside)
        rows.append(
            (
                language.say(words),
                group_in_table(language, str(line["group"])),
                _cell(_price(language, scale, line, "median")),
                language.say(
                    "{low} to {high}",
                    low=_price(language, scale, line, "low"),
                    high=_price(language, scale, line, "high"),
                ),
                language.say(
                    "{low} to {high}",
                    low=_price(language, beside, line, "elsewhere_low"),
                    high=_price(language, beside, line, "elsewhere_high"),
                ),
                Text(
                    (Scale(language, 100.0, 0, "{n}%").full(line["worth"], _source(line, "worth")),)
                ),
            )
        )
    header = [
        language.say(word)
        for word in (
            "Gain",
            "Group",
            "One costs",
            "90 per cent interval",
            "Elsewhere",
            "Worth it",
        )
    ]
    caption = language.say(
        "What a unit of what is gained costs, up to {year}", year=str(gains[0]["to"])
    )
    return Table(caption, tuple(header), tuple(rows), frozenset({5}))


def _price(language: Language, scale: Scale, line: dict[str, Any], column: str) -> Part:
    value = float(line[column])
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return language.say("no gain") if value > 0 else language.say("saves")
    return scale.full(value, _source(line, column))


def _cell(part: Part) -> Text:
    return part if isinstance(part, Text) else Text((part,))


def _source(line: dict[str, Any], column: str) -> str:
    return f"costs: {line['name']}, {line['group']}, {line['to']}, {column}"
