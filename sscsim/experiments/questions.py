"""Which numbers a comparison is about: an indicator, for whom, in which year."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sscsim.errors import InputError, unknown
from sscsim.results.schema import GOAL_YEAR

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = [
    "DEFAULT_QUESTIONS",
    "USUAL",
    "USUAL_GROUPS",
    "Question",
    "given_for",
    "group_title",
    "indicator_title",
    "known",
    "less_is_better",
    "questions",
    "usual_questions",
]


DEFAULT_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("goal_index", "South"),
    ("goal_index", "LDC"),
    ("poverty_people", "South"),
    ("gdp", "South"),
    ("trade_within", "South"),
    ("fdi_inflow", "WIR developing"),
    ("bank_disbursements", "World"),
    ("projects_received", "South"),
    ("reporting_share", "South"),
)
"""Indicator and group that are compared where none is named: outcomes, trade and money, then cooperation itself."""


ANYONE = (
    "goal_index",
    "poverty_people",
    "real_income",
    "gdp",
    "exports",
    "fdi_inflow",
    "bank_lending_received",
    "credit_disbursed",
    "projects_received",
    "reporting_share",
)
"""Indicators that are compared where none is named, for countries and lists that runs measure none for."""

USUAL_GROUPS = (
    "World",
    "South",
    "Africa",
    "Arab States",
    "Asia-Pacific",
    "Latin America and the Caribbean",
    "Europe and others",
    "LDC",
    "LLDC",
    "SIDS",
)
"""Whom a table by region is of: everybody, the report's regions, and those that are furthest behind."""

USUAL = (
    "goal_index",
    "poverty_people",
    "poverty_headcount",
    "real_income",
    "gdp",
    "trade_within",
    "exports",
    "fdi_inflow",
    "bank_lending_received",
    "credit_disbursed",
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
)
"""Indicators that a comparison keeps of the usual groups whatever it is asked: outcomes and what stands before them."""


class Question(NamedTuple):
    """One number to compare."""

    indicator: str
    group: str
    year: int
    unit: str


def less_is_better(indicator: str) -> bool:
    """Return whether an indicator is the better the smaller it is: poverty, losses, the cost of arranging projects."""
    return (
        indicator.startswith("poverty_")
        or indicator in ("goal_losers", "fragmentation", "transaction_cost")
        or indicator.endswith("_lost")
    )


def indicator_title(name: str) -> str:
    """Return what an indicator is called, its name where it has no title."""
    from sscsim.outcomes.indicators import indicator_table

    table = indicator_table().indicators
    return table[name].title if name in table else name


LONGEST = 28
"""Letters of a group's title that stand in a line; longer ones give way to its name."""


def group_title(name: str) -> str:
    """Return what a group of the table of indicators is called in few words; the name of anything else."""
    from sscsim.outcomes.indicators import indicator_table

    groups = indicator_table().groups
    if name not in groups:
        return name
    title = groups[name].title.split(":")[0].split(" (")[0]
    head = title.split(",")[0]
    if head != title:
        title = head if name in head else name
    return title if len(title) <= LONGEST else name


def given_for(plugins: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """Return for every indicator the groups that a run measures it for, and its unit there.

    Parameters
    ----------
    plugins
        Names of plug-ins whose indicators are among them.
    """
    from sscsim.outcomes.indicators import indicator_table, rows_of

    given: dict[str, dict[str, str]] = {}
    table = indicator_table()
    if plugins:
        from sscsim.added import added
        from sscsim.steps.plan import OPENING, PLAN

        table = added(plugins, OPENING, PLAN).table or table
    for row in rows_of(table, table.groups)[0]:
        given.setdefault(row.indicator, {})[row.group] = row.unit
    return given


def questions(
    indicators: Sequence[str] = (),
    groups: Sequence[str] = (),
    years: Sequence[int] = (GOAL_YEAR,),
    *,
    world: World | None = None,
    kept: Iterable[int] = (),
    plugins: Sequence[str] = (),
) -> list[Question]:
    """Return the numbers to compare.

    Parameters
    ----------
    indicators
        Names; without them those of `DEFAULT_QUESTIONS`.
    groups
        Names; without them an indicator's own in `DEFAULT_QUESTIONS`, else World, else the first group it is given for.
        A group that an indicator is not given for is left out as long as it is given for another.
    years
        Years to read them in.
    world
        Where countries, lists and bodies are looked up (`sscsim.experiments.groups.find_group`); without it only groups
        are known that a run measures indicators for.
    kept
        Years in which members hold the countries that indicators of other groups are read off.
    plugins
        Names of plug-ins that members run with.

    Raises
    ------
    InputError
        For a name that does not exist, an indicator that is not given for any of the groups.
    """
    from sscsim.experiments.groups import derivable, find_group, why_not

    given = given_for(plugins)
    native = list(dict.fromkeys(g for places in given.values() for g in places))
    wanted: list[str] = []
    for group in groups:
        if group not in native:
            if world is None:
                known("group", group, native, "sscsim explain groups")
            else:
                group = find_group(group, world).name
        wanted.append(group)

    def is_given(name: str, group: str) -> bool:
        derived = world is not None and name in derivable() and group not in _ends(native)
        return group in given[name] or (derived and {*years} <= {*kept})

    pairs: list[tuple[str, str]] = []
    usually = [i for i, _ in DEFAULT_QUESTIONS]
    if any(group not in native for group in wanted):
        usually = [*ANYONE, *usually]
    for name in indicators or dict.fromkeys(usually):
        known("indicator", name, list(given), "sscsim explain indicators")
        usual = [g for i, g in DEFAULT_QUESTIONS if i == name]
        first = "World" if "World" in given[name] else next(iter(given[name]))
        places = [g for g in wanted if is_given(name, g)] if wanted else usual or [first]
        if not places and indicators:
            reason = why_not(name) if name not in derivable() else ""
            if name in derivable() and world is not None:
                reason = f"countries are kept in {', '.join(map(str, sorted(kept)))} only"
            raise InputError(
                f"the indicator {name!r} is not given for this group{reason and f': {reason}'}",
                key="group",
                found=", ".join(groups),
                allowed=list(given[name]),
            )
        pairs += [(name, place) for place in places]
    if not pairs:
        raise InputError(
            "none of the usual indicators is given for this group; name an indicator",
            key="group",
            found=", ".join(groups),
        )
    unit = {name: next(iter(places.values())) for name, places in given.items()}
    return [Question(i, g, year, unit[i]) for i, g in dict.fromkeys(pairs) for year in years]


def _ends(native: Iterable[str]) -> set[str]:
    """Return names that are no group of countries: ordered pairs, banks."""
    from sscsim.outcomes.indicators import indicator_table

    return {*native} - {*indicator_table().groups}


def known(kind: str, name: str, names: Sequence[str], listed: str) -> None:
    """Raise if a name is none of those that there are."""
    if name not in names:
        allowed = f"one of {len(names)} names that `{listed}` lists"
        told = _titles(names) if kind == "indicator" else None
        raise unknown(f"{kind} of this name", name, names, allowed=allowed, told=told, key=kind)


def _titles(names: Iterable[str]) -> dict[str, str]:
    """Return titles and descriptions of indicators by name, for who knows what one is of and not what it is called."""
    from sscsim.outcomes.indicators import indicator_table

    table = indicator_table().indicators
    return {n: f"{table[n].title} {table[n].description}" for n in names if n in table}


def usual_questions(asked: Sequence[Question]) -> list[Question]:
    """Return the numbers that a comparison keeps beside those asked for, in the same years."""
    given = given_for()
    years = dict.fromkeys(q.year for q in asked)
    found = [
        Question(name, group, year, given[name][group])
        for name in USUAL
        for group in USUAL_GROUPS
        if group in given.get(name, {})
        for year in years
    ]
    return [question for question in found if question not in {*asked}]
