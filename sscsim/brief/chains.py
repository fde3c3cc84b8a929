"""Why in words: which drivers moved the Goals of a group, and link by link how a country's Goal came to move.

All that is said is read from the comparison's tables; where they do not hold it, the line that adds it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sscsim.brief.amounts import Scale, scale_of
from sscsim.brief.common import paragraph
from sscsim.brief.document import Block, Bullets, Commands, Number, Run, Text
from sscsim.brief.facts import ComparisonFacts
from sscsim.brief.language import Language, decimals_of
from sscsim.brief.wording import group_in_text

__all__ = [
    "LEAST_AGAINST",
    "LEAST_FOR",
    "chain_blocks",
    "compare_line",
    "drivers_in_words",
    "missing_blocks",
]

LEAST_FOR = 0.1
"""Part of an effect from which on a driver is named as what moved it."""

LEAST_AGAINST = 0.05
"""Part of an effect from which on a driver is named as working against it."""

MOST_DRIVERS = 3
"""Drivers that are named in a sentence, of either side."""

ARROW = " → "


def compare_line(facts: ComparisonFacts, *more: str) -> str:
    """Return the line that makes the comparison again, with further options."""
    manifest = facts.manifest
    line = [
        "sscsim compare", facts.reference, *manifest["scenarios"],
        f"--draws {facts.draws + int(manifest.get('left_out', 0))}",
        f"--source {facts.source}", f"--seed {manifest['seed']}", f"--year {facts.year}",
        *more, f"--out {facts.place}",
    ]  # fmt: skip
    return " ".join(line)


# ------------------------------------------------------------------------------------ groups


def drivers_in_words(
    language: Language, lines: Sequence[dict[str, Any]], whole: dict[str, Any]
) -> Text:
    """Return a sentence on what moved an index: what is for it, what against, or that the effect is not seen.

    Parameters
    ----------
    language
        The language.
    lines
        Drivers of one group, as the table of channels has them.
    whole
        What they add up to.
    """
    group = group_in_text(language, str(whole["group"]))
    if whole["low"] <= 0.0 <= whole["high"]:
        return language.say(
            "For {group} no effect on the index of the Goals is seen, so that drivers are not told in words.",
            group=group,
        )
    ordered = sorted(lines, key=lambda one: -one["share"])
    helping = [one for one in ordered if one["share"] >= LEAST_FOR][:MOST_DRIVERS]
    against = [one for one in reversed(ordered) if one["share"] <= -LEAST_AGAINST][:MOST_DRIVERS]
    if not helping:
        return language.say(
            "For {group} many drivers move the index of the Goals, and none makes a tenth of the effect.",
            group=group,
        )
    if not against:
        return language.say(
            "For {group} the effect on the index of the Goals comes mostly from {list}.",
            group=group,
            list=language.listed([_driver_share(language, one) for one in helping]),
        )
    return language.say(
        "For {group} the effect on the index of the Goals comes mostly from {list}; against it works {against}.",
        group=group,
        list=language.listed([_driver_share(language, one) for one in helping]),
        against=language.listed([_driver_share(language, one) for one in against]),
    )


def _driver_share(language: Language, line: dict[str, Any]) -> Text:
    from sscsim.experiments.why.channels import TITLES

    name = str(line["driver"])
    source = f"channels: {name}, {line['group']}, {line['year']}, share"
    return language.say(
        "{driver} ({share} of it)",
        driver=language.name("driver", TITLES.get(name, name)),
        share=Scale(language, 100.0, 0, "{n}%").full(line["share"], source),
    )


# ------------------------------------------------------------------------------------ countries


def chain_blocks(
    language: Language,
    facts: ComparisonFacts,
    *,
    country: str | None = None,
    without: Sequence[str] = (),
) -> list[Block]:
    """Return how effects came about in countries, link by link; nothing where the comparison holds no chain of them.

    Parameters
    ----------
    language
        The language.
    facts
        The comparison.
    country
        Of this country alone.
    without
        Of all but these countries.
    """
    chains: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for line in facts.chains:
        if country in (None, line["country"]) and line["country"] not in without:
            chains.setdefault((str(line["country"]), int(line["goal"])), []).append(line)
    items = tuple(_told(language, links) for links in chains.values())
    if not items:
        return []
    lead = language.say(
        "Link by link, scenario less reference, mean over the pairs; a driver's part is above 100 per cent where "
        "others work against it:"
    )
    return [paragraph(lead), Bullets(items)]


def missing_blocks(
    language: Language, facts: ComparisonFacts, countries: Sequence[str]
) -> list[Block]:
    """Return which line adds what the comparison does not hold of why; nothing where it holds it."""
    told = {line["country"] for line in facts.chains}
    missing = [country for country in countries if country not in told]
    if facts.channels and not missing:
        return []
    more = [
        "--why",
        *(
            f"--country {country}"
            for country in dict.fromkeys((*facts.asked_countries, *countries))
        ),
    ]
    message = (
        language.say(
            "What moved the Goals, driver by driver, is not in this comparison. This line adds it:"
        )
        if not facts.channels
        else language.say(
            "How it came about in {country} is not in this comparison. This line adds it:",
            country=language.listed([language.country(one) for one in missing]),
        )
    )
    return [paragraph(message), Commands((compare_line(facts, *more),))]


def _told(language: Language, links: list[dict[str, Any]]) -> tuple[Text, ...]:
    """Return a country's chain, how much of the effect it tells, and how sure the effect is."""
    from sscsim.experiments.why.channels import TITLES

    links = sorted(links, key=lambda one: int(one["place"]))
    last, driver = links[-1], str(links[-1]["driver"])
    runs: list[Run] = []
    for number, link in enumerate(links):
        runs += [ARROW] if number else []
        runs += _link(language, link).runs
    scale = scale_of(
        language, "0 to 100", [last[k] for k in ("change", "low", "high")], effect=True
    )
    sentences = [
        language.say(
            "{country}: {chain}.",
            country=language.country(str(last["country"])),
            chain=Text(tuple(runs)),
        ),
        language.say(
            "The driver, {driver}, makes {share} of the change of Goal {goal}, whose 90 per cent interval is "
            "{low} to {high}.",
            driver=language.name("driver", TITLES.get(driver, driver)),
            share=Scale(language, 100.0, 0, "{n}%").full(last["share"], _source(last, "share")),
            goal=str(last["goal"]),
            low=scale.bare(last["low"], _source(last, "low")),
            high=scale.bare(last["high"], _source(last, "high")),
        ),
    ]
    if last["low"] <= 0.0 <= last["high"]:
        sentences.append(
            language.say(
                "The interval holds zero: the way is told, not that it leads there surely."
            )
        )
    return tuple(sentences)


def _link(language: Language, link: dict[str, Any]) -> Text:
    from sscsim.experiments.why.chain import ENGLISH

    change = float(link["change"])
    decimals = 0 if abs(change) >= 10 else decimals_of(change, 2)
    text = language.decimal(change, decimals, plus=True)
    of = link["of"] if isinstance(link["of"], str) else ""
    named = ENGLISH.get(f"of.{of}")
    return language.say(
        ENGLISH[str(link["kind"])],
        of=of if named is None else language.name("link", named),
        change=Number(text, change, 1.0, _source(link, "change")),
    )


def _source(link: dict[str, Any], column: str) -> str:
    return f"chains: {link['goal']}/{link['place']}, {link['country']}, {link['year']}, {column}"
