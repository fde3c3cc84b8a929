"""The rules by which numbers become sentences.

Each rule looks at numbers alone and says what a careful reader of the table would: which way an effect goes, whether it
is seen at all, beside what it is large or small, for whom. None of them knows a scenario.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sscsim.brief.amounts import Scale, is_amount, scale_of
from sscsim.brief.document import Number, Text
from sscsim.brief.facts import ComparisonFacts, Effect, less_is_better
from sscsim.brief.language import Language, Part
from sscsim.brief.wording import group_in_text, indicator_in_text

__all__ = [
    "FEW_PAIRS",
    "LARGE",
    "ORDER",
    "OUTCOMES",
    "SMALL",
    "certainty",
    "effect_scale",
    "effect_sentences",
    "in_order",
    "left_out",
    "medians",
    "share_text",
    "size_sentence",
    "undecided_sentence",
    "unmoved_count",
    "unmoved_sentence",
    "unseen_sentence",
    "verdict",
    "who_sentences",
    "yardstick_sentences",
]

SMALL, LARGE = 0.05, 0.5
"""Shares of the reference's own progress below which an effect is called small, and from which on large."""

FEW_PAIRS = 20
"""Pairs from which on one lies beyond each end of an interval of 90 per cent; with fewer the ends are the extremes."""

ORDER = (
    "goal_index",
    "poverty_people",
    "poverty_headcount",
    "real_income",
    "gdp",
    "gdp_growth",
    "goals_on_track",
    "trade_within",
    "exports",
    "fdi_inflow",
    "projects_received",
)
"""What matters first: what people have, then what moves it."""

GROUP_ORDER = ("LDC", "South", "World")

OUTCOMES = ("goal_index", "poverty_people", "poverty_headcount", "real_income", "gdp")
"""What people have in the end: told of in the answer whether or not an effect is seen."""

MOVED_FIRST: dict[str, tuple[str, ...]] = {
    "trade": ("trade_within", "exports"),
    "investment": ("fdi_inflow",),
    "credit lines": ("credit_disbursed",),
    "banks": ("bank_lending_received",),
    "triangular": ("projects_received_triangular",),
    "cooperation": ("projects_received",),
    "knowledge": ("capability", "projects_received"),
    "institutions": ("projects_received",),
    "united_nations": ("un_support_share",),
    "measurement": ("reporting_share",),
}
"""Indicators that levers of a group move before all others."""

MOST_MOVED_FIRST = 2
"""Of these, how many the answer begins with."""

MOST_IN_ANSWER = 4
"""Effects that the answer tells of in a sentence each; all stand in the tables."""


def in_order(effects: Sequence[Effect]) -> list[Effect]:
    """Return effects with those that matter most first: ends before means, the poorest first."""

    def rank(effect: Effect) -> tuple[int, int]:
        what = ORDER.index(effect.indicator) if effect.indicator in ORDER else len(ORDER)
        whom = GROUP_ORDER.index(effect.of) if effect.of in GROUP_ORDER else len(GROUP_ORDER)
        return what, whom

    return sorted(effects, key=rank)


def effect_scale(language: Language, effect: Effect) -> Scale:
    """Return how an effect and its interval are written."""
    values = [effect["median"], effect["low"], effect["high"]]
    return scale_of(language, effect.unit, values, effect=True)


LEAST_SHARE = 1e-6
"""Share that is told: the least that four decimals of a per cent write."""


def share_text(language: Language, value: float, source: str) -> Number:
    """Return a share as per cent with two digits, without its sign."""
    scale = scale_of(language, "fraction", [value])
    size = 100.0 * abs(value)
    decimals = 0 if size >= 10.0 else 1 if size >= 1.0 else min(4, scale.decimals)
    return Scale(language, 100.0, decimals, "{n} per cent").full(value, source, absolute=True)


# ------------------------------------------------------------------------------------ the answer


def verdict(language: Language, effects: Sequence[Effect]) -> Text:
    """Say of how many numbers an effect is seen, and how many are better and worse for it."""
    seen = [e for e in effects if e.seen]
    better = sum(e.better for e in seen)
    worse = len(seen) - better

    def count(value: int) -> Number:
        return language.whole(float(value), "effects: counted")

    whole = {"number": count(len(effects)), "better": count(better), "worse": count(worse)}
    if not seen:
        return language.say("No effect is seen on any of the {number} outcomes compared.", **whole)
    unseen = count(len(effects) - len(seen))
    if worse == 0 and len(seen) == len(effects):
        return language.say(
            "An effect for the better is seen on all outcomes compared, {number} of {number}.",
            **whole,
        )
    if better == 0 and len(seen) == len(effects):
        return language.say(
            "An effect for the worse is seen on all outcomes compared, {number} of {number}.",
            **whole,
        )
    if worse == 0:
        message = (
            "An effect for the better is seen on {better} of the {number} outcomes compared, one for the worse "
            "on none; on {unseen} no effect is seen."
        )
    elif better == 0:
        message = (
            "An effect for the worse is seen on {worse} of the {number} outcomes compared, one for the better "
            "on none; on {unseen} no effect is seen."
        )
    else:
        message = (
            "An effect for the better is seen on {better} of the {number} outcomes compared, one for the worse "
            "on {worse}; on {unseen} none is seen."
        )
    return language.say(message, **whole, unseen=unseen)


def unmoved_count(language: Language, effects: Sequence[Effect]) -> Text | None:
    """Say how many of those without a visible effect are the same in every pair."""
    unmoved = sum(e.none for e in effects)
    if not unmoved or unmoved == len(effects):
        return None
    return language.count(
        "Of these, {number} is the same in every pair.",
        "Of these, {number} are the same in every pair.",
        language.whole(float(unmoved), "effects: counted"),
    )


def medians(language: Language, draws: int) -> Text:
    """Say what the numbers are that follow."""
    return language.count(
        "All effects are of {number} pair of runs.",
        "All effects are medians over {number} pairs of runs, with the interval that holds 90 per cent of these.",
        language.whole(float(draws), "manifest: draws"),
    )


def effect_sentences(language: Language, effect: Effect) -> list[Text]:
    """Say what changes, by how much and how surely; and beside what that is large or small."""
    scale = effect_scale(language, effect)
    median = effect["median"]
    # Amounts and counts grow and shrink, shares and indices rise and fall: many languages have other verbs for these.
    message = {
        (
            True,
            True,
        ): "In {group}, {indicator} is larger by {effect} in {year} (90 per cent interval {low} to {high}).",
        (
            True,
            False,
        ): "In {group}, {indicator} is smaller by {effect} in {year} (90 per cent interval {low} to {high}).",
        (
            False,
            True,
        ): "In {group}, {indicator} is higher by {effect} in {year} (90 per cent interval {low} to {high}).",
        (
            False,
            False,
        ): "In {group}, {indicator} is lower by {effect} in {year} (90 per cent interval {low} to {high}).",
    }[is_amount(effect.unit), median > 0]
    sentence = language.say(
        message,
        group=group_in_text(language, effect.of),
        indicator=indicator_in_text(language, effect.indicator),
        effect=scale.full(median, effect.source("median"), absolute=True),
        low=scale.end(effect["low"], effect.source("low"), known=effect.seen),
        high=scale.end(effect["high"], effect.source("high"), known=effect.seen),
        year=str(effect.year),
    )
    return [sentence, *yardstick_sentences(language, effect)]


def undecided_sentence(language: Language, effect: Effect) -> Text:
    """Say what is known of an effect that is not seen: its median, its interval, how many pairs lie above zero."""
    if effect.none:
        return language.say(
            "In {group}, there is no effect on {indicator} in {year}: it is the same in every pair.",
            group=group_in_text(language, effect.of),
            indicator=indicator_in_text(language, effect.indicator),
            year=str(effect.year),
        )
    scale = effect_scale(language, effect)
    share = Scale(language, 100.0, 0, "{n} per cent").full(
        effect["positive"], effect.source("positive")
    )
    return language.say(
        "In {group}, no effect is seen on {indicator} in {year}: the median is {effect} (90 per cent "
        "interval {low} to "
        "{high}), above zero in {share} of the pairs.",
        group=group_in_text(language, effect.of),
        indicator=indicator_in_text(language, effect.indicator),
        effect=scale.full(effect["median"], effect.source("median"), plus=True),
        low=scale.end(effect["low"], effect.source("low"), known=effect.seen),
        high=scale.end(effect["high"], effect.source("high"), known=effect.seen),
        share=share,
        year=str(effect.year),
    )


def yardstick_sentences(language: Language, effect: Effect) -> list[Text]:
    """Say what an effect is beside the reference's own course, in people, and beside the distance of the poorest."""
    found = []
    share, progress = effect["of_progress"], effect["progress"]
    # What is written as 0.0000 per cent says nothing; that effects are small is said of all of them.
    if math.isfinite(share) and abs(share) >= LEAST_SHARE and progress != 0.0:
        gains = (progress < 0.0) == less_is_better(effect.indicator)
        message = {
            (
                True,
                True,
            ): "That adds {share} to what the reference itself gains from {since} to {year}.",
            (
                False,
                True,
            ): "That takes away {share} of what the reference itself gains from {since} to {year}.",
            (
                True,
                False,
            ): "That makes up for {share} of what the reference itself loses from {since} to {year}.",
            (
                False,
                False,
            ): "That adds {share} to what the reference itself loses from {since} to {year}.",
        }[effect.better, gains]
        found.append(
            language.say(
                message,
                share=share_text(language, share, effect.source("of_progress")),
                since=f"{effect['since']:.0f}",
                year=str(effect.year),
            )
        )
    people = effect["people"]
    if math.isfinite(people) and people != 0.0 and effect.indicator == "poverty_headcount":
        scale = scale_of(language, "million", [people], effect=True)
        message = (
            "That is {people} fewer in poverty."
            if people < 0
            else "That is {people} more in poverty."
        )
        number = scale.full(people, effect.source("people"), absolute=True)
        found.append(language.say(message, people=number))
    gap = effect["of_gap"]
    if not found and effect.of == "LDC" and math.isfinite(gap) and gap != 0.0:
        message = (
            "It equals {share} of the distance between the least developed countries and the South."
        )
        number = share_text(language, gap, effect.source("of_gap"))
        found.append(language.say(message, share=number))
    return found


def unseen_sentence(
    language: Language, effects: Sequence[Effect], *, further: bool = False
) -> Text | None:
    """Name the numbers on which no effect is seen, though some pairs have one.

    Said otherwise where it comes `further` to some that were told of before.
    """
    unseen = [e for e in effects if not (e.seen or e.none)]
    if not unseen:
        return None
    whom = dict.fromkeys(e.of for e in effects)
    if len(whom) == 1:
        # Of one place it is named once.
        return language.say(
            "In {group}, no effect is seen on {list} either: the intervals hold zero, so that the sign is not known."
            if further
            else "In {group}, no effect is seen on {list}: the intervals hold zero, so that the sign is not known.",
            group=group_in_text(language, next(iter(whom))),
            list=_indicators(language, unseen),
        )
    return language.say(
        "No effect is seen on {list} either: the intervals hold zero, so that the sign is not known."
        if further
        else "No effect is seen on {list}: the intervals hold zero, so that the sign is not known.",
        list=_indicators_of(language, unseen),
    )


def unmoved_sentence(language: Language, effects: Sequence[Effect]) -> Text | None:
    """Name the numbers that are the same in every pair."""
    unmoved = [e for e in effects if e.none]
    if not unmoved:
        return None
    whom = dict.fromkeys(e.of for e in effects)
    if len(whom) == 1:
        return language.say(
            "In {group}, there is no effect on {list}: there the pairs are the same.",
            group=group_in_text(language, next(iter(whom))),
            list=_indicators(language, unmoved),
        )
    return language.say(
        "There is no effect on {list}: there the pairs are the same.",
        list=_indicators_of(language, unmoved),
    )


def _indicators(language: Language, effects: Sequence[Effect]) -> Text:
    names = dict.fromkeys(e.indicator for e in effects)
    return language.listed([indicator_in_text(language, name) for name in names])


def _indicators_of(language: Language, effects: Sequence[Effect]) -> Text:
    """List indicators, each with the places that it is of."""
    places: dict[str, list[str]] = {}
    for e in effects:
        places.setdefault(e.indicator, []).append(e.of)
    names = [
        language.say(
            "{indicator} ({group})",
            indicator=indicator_in_text(language, name),
            group=language.listed([group_in_text(language, one) for one in of]),
        )
        for name, of in places.items()
    ]
    return language.listed(names)


def size_sentence(language: Language, effects: Sequence[Effect]) -> Text | None:
    """Say whether effects are small or large beside what the reference brings by itself.

    Looks at outcomes in which an effect is seen, and at the largest share among them; without a
    yardstick it says nothing.
    """
    shares = [abs(e["of_progress"]) for e in effects if e.seen and e.indicator in OUTCOMES]
    shares = [s for s in shares if math.isfinite(s)]
    if not shares:
        return None
    if max(shares) < SMALL:
        return language.say(
            "Beside what the reference itself brings in these years, the effects are small."
        )
    if max(shares) >= LARGE:
        return language.say(
            "Beside what the reference itself brings in these years, at least one effect is large."
        )
    return None


# ------------------------------------------------------------------------------------ who

MEASURES = {
    "goal_index": "the mean over the Goals",
    "real_income": "real income",
    "gdp": "gross domestic product",
}


def who_sentences(language: Language, facts: ComparisonFacts, group: str = "World") -> list[Text]:
    """Say how many countries are better and worse off, measure by measure, and who is worse off for sure."""
    found = []
    for line in facts.losers:
        if line["group"] != group or line["measure"] not in MEASURES:
            continue
        source = f"losers: {line['measure']}, {group}, {facts.year}"
        parts: dict[str, Part] = {
            "measure": language.name("measure", MEASURES[line["measure"]]),
            "of": language.whole(float(line["of"]), f"{source}, of"),
            "better": language.whole(float(line["better"]), f"{source}, better"),
            "worse": language.whole(float(line["worse"]), f"{source}, worse"),
            "low": language.whole(float(line["worse_low"]), f"{source}, worse_low"),
            "high": language.whole(float(line["worse_high"]), f"{source}, worse_high"),
        }
        none_worse = round(line["worse_high"]) == 0  # written as 0, it is none
        if round(line["better"]) == 0 and none_worse:
            found.append(
                language.say(
                    "By {measure}, none of the {of} countries is noticeably better or worse off.",
                    **parts,
                )
            )
            continue
        message = (
            "By {measure}, {better} of {of} countries are noticeably better off and none worse off."
            if none_worse
            # Written as 0 with an interval beside it, it would read as a number of countries.
            else "By {measure}, {better} of {of} countries are noticeably better off and none worse off; in nine pairs "
            "of ten at most {high}."
            if round(line["worse"]) == 0
            else "By {measure}, {better} of {of} countries are noticeably better off and {worse} worse off "
            "(90 per cent interval of the latter {low} to {high})."
        )
        found.append(language.say(message, **parts))
        names = str(line["names"]).split()
        if names:
            found.append(
                language.say(
                    "Worse off by that measure in nine pairs of ten or more: {names}.",
                    names=language.listed([language.country(code) for code in names]),
                )
            )
    return found


# ------------------------------------------------------------------------------------ how surely


def certainty(language: Language, facts: ComparisonFacts) -> list[Text]:
    """Say what the intervals hold, where parameters come from, and what is in no interval."""
    pairs = language.whole(float(facts.draws), "manifest: draws")
    found = [
        language.count(
            "The intervals hold 90 per cent of {number} pair of runs. Both runs of a pair have the same "
            "parameters and the same luck, and differ by policy alone.",
            "The intervals hold 90 per cent of {number} pairs of runs. Both runs of a pair have the same "
            "parameters and the same luck, and differ by policy alone.",
            pairs,
        ),
        _of_source(language, facts.source),
    ]
    if facts.draws < FEW_PAIRS:
        found.append(
            language.say(
                "These are few pairs: the ends of the intervals are hardly more than the extremes found, and more "
                "pairs would move them."
            )
        )
    left_out = int(facts.manifest.get("left_out", 0))
    if left_out:
        number = language.whole(float(left_out), "manifest: left_out")
        found.append(
            language.count(
                "{number} pair is left out because one of its runs failed.",
                "{number} pairs are left out because one of their runs failed.",
                number,
            )
        )
    return found


LEFT_OUT = {
    "trade": "Tariff revenue is not modelled: where trade becomes cheaper because tariffs fall, what treasuries lose "
    "is not counted. Nor are sectors, unemployment and trade in services.",
}
"""What moving a lever leaves out, by the group of the lever; of docs/limits.md."""


def left_out(language: Language, facts: ComparisonFacts) -> list[Text]:
    """Say what the levers that the scenario moves leave out."""
    moved = facts.moved_groups
    return [language.say(words) for group, words in LEFT_OUT.items() if group in moved]


def _of_source(language: Language, source: str) -> Text:
    if source == "posterior":
        return language.say(
            "Parameters are drawn from the model's posterior, that is, from those with which it shows the "
            "figures of the report."
        )
    if source == "priors":
        return language.say(
            "Parameters are drawn from their priors: they are plausible one by one, and not calibrated to the "
            "figures of the report."
        )
    if source in ("tables", "central", "recorded") or source.startswith("draw:"):
        return language.say(
            "All pairs have the same parameters: the intervals hold luck alone, and are too narrow to decide by."
        )
    return language.say(
        "Parameters are drawn from the file {file}.", file=source.rpartition("/")[2]
    )
