"""Any group of countries: who is meant by a name, and the indicators of those for whom a run measures none.

A run measures indicators every year for the groups of ``outcomes/indicators.yaml``. Members of a comparison also keep
the variables of every country in a few years (`sscsim.results.schema.OUTCOMES`). The same formulas, read off those,
give the indicators of a single country, of any list of countries and of a body's members, without another run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from sscsim.errors import unknown
from sscsim.results.tables import Columns
from sscsim.types import Array, Index, Mask

if TYPE_CHECKING:
    from sscsim.outcomes.indicators import Indicator, IndicatorBook
    from sscsim.parameters import Parameters
    from sscsim.world.state import State
    from sscsim.world.tables import World

__all__ = ["Derived", "Whom", "derivable", "find_group", "known_groups", "variables_of", "why_not"]

_SUMS = {
    ("trade", "sent"): "exports",
    ("trade", "received"): "imports",
    ("fdi", "sent"): "fdi_outflow",
    ("fdi", "received"): "fdi_inflow",
}
"""Sums of what passes between countries that are themselves variables of a country."""

_KINDS = ("sum", "mean", "weighted mean", "share", "ratio")
"""Formulas that need no more than the year itself."""

_FUNCTIONS = (
    "goal_index",
    "goal_index_people",
    "goal_index_worst_tenth",
    "goals_on_track",
    "goals_on_track_share",
    "goals_lost",
    "goal_losers",
)
"""Functions that need the Goals and people alone."""


@dataclass(frozen=True)
class Whom:
    """Those for whom a number is given.

    Attributes
    ----------
    name
        As tables have it: the name of a group or list, or the ISO code of a country.
    title
        In words.
    kind
        A group of the table of indicators, a list of countries, or a country.
    members
        ``(country,)``.
    """

    name: str
    title: str
    kind: Literal["group", "list", "country"]
    members: Mask


def known_groups(world: World) -> dict[str, Mask]:
    """Return the members of every group of the table of indicators and of every list, ``(country,)`` each."""
    from sscsim.outcomes.indicators import MEMBERSHIP_YEAR, group_members

    found = group_members(world)
    for name in world.groups():
        found.setdefault(name, np.asarray(world.membership(name, MEMBERSHIP_YEAR), dtype=np.bool_))
    return found


def find_group(typed: str, world: World) -> Whom:
    """Return who is meant by a name: a group, a list, a body (its members) or a country.

    Names that `sscsim explain groups` and `sscsim explain countries` list, the codes of bodies, and countries by any
    name that data may use. Capital letters matter only where two names differ by nothing else.

    Raises
    ------
    InputError
        Where nobody is called so, with the nearest name.
    """
    from sscsim.outcomes.indicators import indicator_table
    from sscsim.world.naming import Gazetteer

    groups = known_groups(world)
    titles = {g.name: g.title for g in indicator_table().groups.values()}
    names = dict(zip(world.iso3, map(str, world.attributes["name"].tolist()), strict=True))

    def found(name: str) -> Whom:
        return Whom(
            name, titles.get(name, name), "group" if name in titles else "list", groups[name]
        )

    if typed in groups:
        return found(typed)
    bodies = {} if typed in names else _bodies()
    if typed not in names:
        for held in (groups, bodies):
            same = [name for name in held if name.casefold() == typed.casefold()]
            if len(same) == 1:
                return found(bodies.get(same[0], same[0]) if held is bodies else same[0])
    gazetteer = Gazetteer(names)
    meant = gazetteer.find(typed)
    code = typed if typed in names else meant.iso3
    if code is None and meant.kind != "unknown":
        raise gazetteer.error(typed, meant)
    if code is None:
        raise unknown(
            "group or country of this name",
            typed,
            [*groups, *bodies, *names.values()],
            allowed="a name that `sscsim explain groups` or `sscsim explain countries` lists",
            key="group",
        )
    members = np.zeros(len(world.iso3), dtype=np.bool_)
    members[world.position(code)] = True
    return Whom(code, names[code], "country", members)


def _bodies() -> dict[str, str]:
    """Return the list of members of every body by its code."""
    from sscsim.world.institutions import Body, load_institutions

    return {body.code: body.group for body in load_institutions().of(Body)}


@lru_cache(maxsize=1)
def derivable() -> Mapping[str, Indicator]:
    """Return the indicators that can be read off the variables that are kept of countries, by name."""
    from sscsim.outcomes.indicators import indicator_table

    found = {}
    for name, one in indicator_table().indicators.items():
        if one.formula is None:
            if one.goal is not None or one.function in _FUNCTIONS:
                found[name] = replace(one, groups=("all",))
            continue
        factors = list(one.formula.factors())
        if one.formula.kind not in _KINDS or any(
            f.part and (f.variable, f.part) not in _SUMS for f in factors
        ):
            continue
        formula = replace(
            one.formula, of=_without_pairs(one.formula.of), by=_without_pairs(one.formula.by)
        )
        found[name] = replace(one, groups=("all",), formula=formula)
    return found


def _without_pairs(terms: Any) -> Any:
    return tuple(
        tuple(
            replace(factor, variable=_SUMS[factor.variable, factor.part], part="")
            if factor.part
            else factor
            for factor in term
        )
        for term in terms
    )


def why_not(indicator: str) -> str:
    """Say why an indicator is not given for any group."""
    from sscsim.outcomes.indicators import indicator_table

    table = indicator_table()
    if table.gives_places(indicator):
        return "it is given for each bank by its code"
    one = table.indicators.get(indicator)
    if one is not None and one.formula is not None and one.formula.kind == "growth":
        return "growth is measured every year, and countries are kept in a few years only"
    return "it rests on what passes between countries, which members of a comparison do not keep"


class Derived:
    """Indicators of any groups, read off the variables of countries.

    Parameters
    ----------
    iso3
        ISO codes in the order of the arrays.
    groups
        Members of each group, ``(country,)``.
    indicators
        Names of what is wanted, each one of `derivable`.
    """

    def __init__(
        self, iso3: Sequence[str], groups: Mapping[str, Mask], indicators: Iterable[str]
    ) -> None:
        self.iso3 = tuple(iso3)
        self.groups = dict(groups)
        self.indicators = tuple(dict.fromkeys(indicators))
        wanted = {derivable()[name].function or name for name in self.indicators}
        # All Goals of a kind are computed at once.
        self._table = {
            name: one for name, one in derivable().items() if (one.function or name) in wanted
        }
        self._books: dict[tuple[Any, ...], tuple[IndicatorBook, Index]] = {}

    def measure(
        self, year: Mapping[str, Array], base: Mapping[str, Array] | None, parameters: Parameters
    ) -> Array:
        """Return the numbers of a year, ``(indicator, group)``; NaN where one is not defined.

        Parameters
        ----------
        year, base
            Variables of countries in the year and in the first year, as `variables_of` returns them.
        parameters
            The run's: from which score a Goal counts as on track, and what counts as lost.
        """
        if not (self.indicators and self.groups):
            return np.full((len(self.indicators), len(self.groups)), np.nan)
        book, where = self._book(parameters)
        # Formulas take of a state no more than the variables that they name.
        first = None if base is None else cast("State", SimpleNamespace(**base))
        measured = book.measure(cast("State", SimpleNamespace(**year)), first)
        return np.asarray(measured[where], dtype=np.float64)

    def _book(self, parameters: Parameters) -> tuple[IndicatorBook, Index]:
        """Return what measures, and where in it each number stands, ``(indicator, group)``."""
        from sscsim.outcomes.indicators import IndicatorBook, indicator_table
        from sscsim.steps.plan import variables

        thresholds = tuple(parameters.by_goal("goal_on_track_threshold").tolist())
        setting = thresholds, parameters["goal_loser_tolerance"], parameters["trade_link_threshold"]
        if setting not in self._books:
            everyone = np.ones(len(self.iso3), dtype=np.bool_)
            book = IndicatorBook(
                self.iso3,
                self.groups,
                variables(),
                # No indicator of these knows hubs or regions.
                hubs=~everyone,
                asia=~everyone,
                regions={"World": everyone},
                on_track_thresholds=setting[0],
                loser_tolerance=setting[1],
                link_threshold=setting[2],
                # Groups of the table's names are told by their members here, as all others are.
                table=replace(indicator_table(), groups={}, indicators=self._table, places={}),
            )
            place = {(row.indicator, row.group): i for i, row in enumerate(book.rows)}
            where = [[place[name, group] for group in self.groups] for name in self.indicators]
            self._books[setting] = book, np.array(where, dtype=np.intp)
        return self._books[setting]


def variables_of(table: Columns, year: int) -> dict[str, Array]:
    """Return the variables of countries in a year, ``(country,)`` or ``(country, label)``, from a member's table."""
    from sscsim.results.schema import OUTCOMES

    rows = table.take(table.among("year", [year]))
    found: dict[str, Array] = {}
    for name in OUTCOMES:
        if name in rows.held:
            found[name] = np.asarray(rows.numbers(name), dtype=np.float64)
            continue
        stem = "goal_" if name == "goals" else f"{name}_"
        labels = [column for column in rows.held if column.startswith(stem)]
        if labels:
            found[name] = np.column_stack([rows.numbers(column) for column in labels])
    return found
