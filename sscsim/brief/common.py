"""Parts that briefs of comparisons and of runs share: what is assumed, where it comes from, how to do it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sscsim.brief.amounts import Scale
from sscsim.brief.document import Block, Commands, Heading, Number, Paragraph, Table, Text
from sscsim.brief.language import Language, decimals_of
from sscsim.brief.wording import group_in_table, group_in_text
from sscsim.experiments.questions import USUAL_GROUPS as TABLE_GROUPS

if TYPE_CHECKING:
    from sscsim.policy import Scenario
    from sscsim.policy.scenario import Setting, Where

__all__ = [
    "TABLE_GROUPS",
    "assumptions",
    "belongs",
    "cited",
    "groups_of",
    "heading",
    "note",
    "paragraph",
    "ranges",
    "scenario_title",
    "sources",
]

TOPICS = (
    (7, 18, "What South-South cooperation is, and where it comes from"),
    (19, 27, "What makes it different: similar contexts, demand, low cost, mutual benefit"),
    (28, 32, "Triangular cooperation"),
    (33, 37, "Trends, opportunities and the 2030 Agenda"),
    (38, 38, "Frontier technologies"),
    (39, 39, "Public-private partnership and the Goals"),
    (40, 43, "Partnerships, financing for development, disaster risk"),
    (44, 44, "Survey of United Nations programme countries: who provides, who is supported"),
    (45, 52, "Institutions, agencies and training"),
    (53, 56, "Support and strategy of the United Nations"),
    (57, 64, "Measuring and reporting"),
    (65, 77, "Knowledge: peer learning, platforms, centres of excellence, good practices"),
    (78, 79, "South-South trade"),
    (80, 80, "Foreign direct investment"),
    (81, 81, "Concessional credit lines"),
    (82, 84, "Southern development banks, reverse linkage"),
    (85, 86, "Public-private partnership"),
    (87, 112, "Regions and their own ways"),
    (113, 127, "The United Nations system and its funds"),
    (128, 134, "Conclusions and recommendations"),
)
"""What paragraphs of A/73/383 are about, from first to last."""

SYMBOL = "A/73/383"


def paragraph(*texts: Text | None, style: str = "plain") -> Paragraph:
    """Return a paragraph of the sentences that there are."""
    return Paragraph(tuple(text for text in texts if text is not None), style)


def note(*texts: Text | None) -> Paragraph:
    """Return a note under a table or a picture."""
    return paragraph(*texts, style="note")


def scenario_title(language: Language, title: str, known: bool) -> Text:
    """Return the title of a scenario, from the catalogue where its file has none in the language."""
    if known:
        return Text((title,))
    return language.name("scenario", title)


def ranges(paragraphs: Iterable[int]) -> str:
    """Return paragraphs in short: 81, 128–134."""
    found: list[list[int]] = []
    for one in sorted(set(paragraphs)):
        if found and one == found[-1][-1] + 1:
            found[-1].append(one)
        else:
            found.append([one])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}–{part[-1]}" for part in found)


# ------------------------------------------------------------------------------------ what is assumed


def assumptions(language: Language, scenario: Scenario | None, name: str) -> list[Block]:
    """Return what a scenario sets, a line a setting, with the report's paragraphs."""
    if scenario is None:
        return [
            paragraph(
                language.say(
                    "The file of scenario {name} is not at hand; what it sets cannot be listed here.",
                    name=name,
                )
            )
        ]
    from sscsim.policy import lever_table

    levers = lever_table()
    rows = []
    for lever, settings in scenario.levers.items():
        for setting in settings:
            rows.append(
                (
                    language.name("lever", levers[lever].description),
                    setting_text(language, setting, f"scenario {name}: {lever}"),
                    _whom(language, setting.where, levers[lever].scope),
                    Text((ranges(levers[lever].paragraph),)),
                )
            )
    if not rows:
        return [paragraph(language.say("The scenario moves no lever: it is the course of things."))]
    header = [
        language.say("What is moved"),
        language.say("To"),
        language.say("For whom"),
        language.say("Paragraphs"),
    ]
    caption = language.say("What the scenario sets, and what the report says of it")
    return [
        Table(caption, tuple(header), tuple(rows)),
        note(
            language.say(
                "Relative values are multiples of what the reference has; 1 leaves it as it is. Added values "
                "begin from 0."
            )
        ),
    ]


def setting_text(language: Language, setting: Setting, source: str) -> Text:
    """Say what a setting does: a value, a way from one to another, a table by year."""

    def number(value: float) -> Number:
        return Scale(language, 1.0, decimals_of(value, 2) if value else 0, "{n}").bare(
            value, source
        )

    def trimmed(value: float) -> Number:
        if float(value).is_integer():
            return language.whole(value, source)
        return number(value)

    years = {"first": str(setting.first), "last": str(setting.last)}
    if setting.ramp is not None:
        start, end = setting.ramp
        return language.say(
            "from {start} to {end}, {first}–{last}", start=trimmed(start), end=trimmed(end), **years
        )
    if setting.table is not None:
        parts = [
            language.say("{value} from {first}", value=trimmed(value), first=str(year))
            for year, value in sorted(setting.table.items())
        ]
        return language.listed(parts)
    assert setting.value is not None
    value = trimmed(setting.value)
    if setting.first is None and setting.last is None:
        return language.say("{value} in all years", value=value)
    if setting.last is None:
        return language.say("{value} from {first}", value=value, first=years["first"])
    if setting.first is None:
        return language.say("{value} until {last}", value=value, last=years["last"])
    return language.say("{value}, {first}–{last}", value=value, **years)


SCOPES = {"country": "All countries", "pair": "All pairs of countries", "bank": "All banks"}


def _whom(language: Language, where: Where | None, scope: str) -> Text:
    if where is None:
        return language.name("whom", SCOPES.get(scope, "Everybody"))
    parts: list[Text] = []
    if where.group is not None:
        parts.append(group_in_table(language, where.group))
    if where.countries is not None:
        parts.append(language.listed([language.country(code) for code in where.countries]))
    if where.agreement is not None:
        parts.append(language.say("members of {agreement}", agreement=where.agreement))
    if where.origin is not None:
        parts.append(language.say("from: {group}", group=group_in_table(language, where.origin)))
    if where.destination is not None:
        parts.append(language.say("to: {group}", group=group_in_table(language, where.destination)))
    if where.bank is not None:
        parts.append(Text((where.bank,)))
    return parts[0] if len(parts) == 1 else language.listed(parts)


# ------------------------------------------------------------------------------------ where it comes from


def cited(scenario: Scenario | None, indicators: Iterable[str]) -> list[int]:
    """Return the paragraphs of the report that a scenario, its levers and indicators cite."""
    from sscsim.outcomes.indicators import indicator_table
    from sscsim.policy import lever_table

    found: set[int] = set()
    if scenario is not None:
        found.update(scenario.paragraphs)
        levers = lever_table()
        for name in scenario.levers:
            found.update(levers[name].paragraph)
    table = indicator_table().indicators
    for name in indicators:
        for phrase in re.findall(
            r"paragraphs? ([\d, and]+)", table[name].description if name in table else ""
        ):
            found.update(int(one) for one in re.findall(r"\d+", phrase))
    return sorted(found)


def sources(language: Language, paragraphs: Sequence[int]) -> list[Block]:
    """Return what the brief rests on: the report with its paragraphs, the data, the model."""
    rows = []
    for first, last, topic in TOPICS:
        there = [p for p in paragraphs if first <= p <= last]
        if there:
            rows.append((Text((ranges(there),)), language.name("topic", topic)))
    found: list[Block] = [
        paragraph(
            language.say(
                "The question, the levers and the indicators follow the report of the Secretary-General "
                "{symbol} (2018), "
                "“Role of South-South cooperation and the implementation of the 2030 Agenda for Sustainable "
                "Development: "
                "challenges and opportunities”.",
                symbol=SYMBOL,
            )
        )
    ]
    if rows:
        caption = language.say("Paragraphs of {symbol} that this brief rests on", symbol=SYMBOL)
        found.append(
            Table(caption, (language.say("Paragraphs"), language.say("Subject")), tuple(rows))
        )
    found.append(
        paragraph(
            language.say(
                "Figures of countries are those of the World Bank, UNCTAD, the International Monetary Fund, the "
                "OECD, the United Nations and others; every column, its edition and its licence are listed by the "
                "command below."
            )
        )
    )
    found.append(Commands(("sscsim data sources",)))
    return found


def heading(language: Language, message: str, level: int = 1) -> Heading:
    """Return a heading."""
    return Heading(language.say(message), level)


# ------------------------------------------------------------------------------------ one country


def groups_of(iso3: str) -> list[str]:
    """Return the groups of the tables that a country belongs to."""
    from sscsim.outcomes.indicators import group_members
    from sscsim.world.loading import load_world

    world = load_world()
    place = list(world.iso3).index(iso3)
    members = group_members(world)
    return [group for group in TABLE_GROUPS if group != "World" and members[group][place]]


def belongs(language: Language, iso3: str) -> Text:
    """Say which groups a country belongs to."""
    groups = [group_in_text(language, group) for group in groups_of(iso3)]
    country = language.country(iso3)
    if not groups:
        return language.say(
            "{country} belongs to none of the groups of this brief.", country=country
        )
    return language.say(
        "{country} belongs to {groups}.", country=country, groups=language.listed(groups)
    )
