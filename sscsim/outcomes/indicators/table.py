"""The table of indicators: which there are, for which groups, and by which line or function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sscsim.errors import InputError, nearest
from sscsim.outcomes.indicators.definitions import BY_GOAL, FUNCTIONS
from sscsim.outcomes.indicators.formulas import (
    LAWS,
    SENTENCES,
    Formula,
    Law,
    Misfit,
    read_formula,
    read_law,
)
from sscsim.resources import package_folder

if TYPE_CHECKING:
    from sscsim.world.state import Variable
    from sscsim.yamlfile import YamlFile

__all__ = ["GOALS", "Group", "Indicator", "IndicatorTable", "indicator_table", "read_indicators"]

GOALS = range(1, 18)
FUNCTION, EACH_GOAL = "function", "each goal"
OPTIONAL = ("variable", "stock")
"""Keys that an indicator may have and needs not."""


@dataclass(frozen=True)
class Group:
    """A group of countries as the table gives it."""

    name: str
    title: str
    column: str
    """``all``, ``list`` or a column of the table of countries."""
    value: str
    within: str | None = None
    only_between: bool = False
    """Whether it serves as an end of flows only, and has no indicators of its own."""


@dataclass(frozen=True)
class Indicator:
    """An indicator as the table gives it, one Goal at a time where it is given for each."""

    name: str
    title: str
    unit: str
    description: str
    how: str
    """As written: a formula of a line, ``function``, or ``each goal``."""
    law: Law
    formula: Formula | None = None
    function: str | None = None
    """Name of the function in `definitions`, where there is no formula."""
    groups: tuple[str, ...] = ()
    """Names of groups, or ``("all",)``."""
    between: tuple[tuple[str, ...], ...] = ()
    """Sets of groups whose ordered pairs are given."""
    goal: int | None = None
    variable: str = ""
    """Its name in the format of integrated assessment; empty where the table gives none."""
    stock: bool = False
    """Whether money is an amount at the end of the year, and no flow in it."""


@dataclass(frozen=True)
class IndicatorTable:
    """Groups and indicators by name, in the order of their file."""

    groups: Mapping[str, Group]
    indicators: Mapping[str, Indicator]
    file: YamlFile = field(repr=False, compare=False)
    places: Mapping[str, Sequence[str]] | None = None
    """Names along axes whose places have a number each, such as banks; None for those that ship."""
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    """Names for several groups."""

    def check(self, variables: Iterable[Variable]) -> None:
        """Look whether the state has every variable that a formula names, with axes that fit.

        Raises
        ------
        InputError
            With file, line and key.
        """
        by_name = {one.name: one for one in variables}
        for one in self.indicators.values():
            if one.formula is None:
                continue
            try:
                one.formula.check(by_name)
            except Misfit as misfit:
                raise self.file.error(
                    str(misfit), "indicators", one.name, "how", **misfit.details
                ) from None
            if one.formula.kind == "growth" and not self.sum_of(one):
                raise self.file.error(
                    "growth is of a sum that is an indicator, given for the same groups",
                    "indicators",
                    one.name,
                    "how",
                    found=one.how,
                    allowed=f"an indicator that is the {one.how.replace('growth', 'sum')}",
                )

    def gives_places(self, name: str) -> bool:
        """Whether an indicator has a number for each place of an axis, such as banks."""
        one = self.indicators.get(name)
        return one is not None and one.formula is not None and one.formula.kind == "places"

    def sum_of(self, growing: Indicator) -> Indicator | None:
        """Return the indicator whose growth another one is."""
        assert growing.formula is not None
        for one in self.indicators.values():
            if one.formula == Formula("sum", growing.formula.of) and one.groups in (
                growing.groups,
                ("all",),
            ):
                return one
        return None


@lru_cache(maxsize=1)
def indicator_table() -> IndicatorTable:
    """Return the table that ships, read once."""
    return read_indicators(package_folder() / "outcomes" / "indicators.yaml")


def read_indicators(path: Path, onto: IndicatorTable | None = None) -> IndicatorTable:
    """Return a table of groups and indicators.

    Parameters
    ----------
    path
        The file.
    onto
        A table whose groups, sets and indicators those of the file join; the file has indicators alone then.

    Raises
    ------
    InputError
        With file, line and key, where the table is not as the head of the one that ships says: a
        group, set, function or kind of formula that there is not.
    """
    from sscsim.yamlfile import read_yaml  # heavy, and only needed where a run or a page is made

    file = read_yaml(path)
    groups = _groups(file) if onto is None else {**onto.groups}
    sets = _sets(file, groups) if onto is None else {**onto.sets}
    indicators: dict[str, Indicator] = {} if onto is None else {**onto.indicators}
    for name, raw in file.mapping("indicators").items():
        for one in _indicators(file, name, raw, sets):
            if one.name in indicators:
                raise file.error(
                    "this indicator is defined above"
                    if onto is None
                    else "there is an indicator of this name already",
                    "indicators",
                    name,
                )
            indicators[one.name] = one
    return IndicatorTable(groups, indicators, file, sets=sets)


def _groups(file: YamlFile) -> dict[str, Group]:
    groups: dict[str, Group] = {}
    for name, raw in file.mapping("groups").items():
        options = ("title", "within", "only_between")
        rest = {k: v for k, v in raw.items() if k not in options} if isinstance(raw, dict) else {}
        if len(rest) != 1 or "title" not in raw:
            raise file.error("a group has a title and one rule", "groups", name, found=raw)
        ((column, value),) = rest.items()
        within = raw.get("within")
        if within is not None and within not in groups:
            raise file.error(
                "this group is not defined above",
                "groups",
                name,
                "within",
                found=within,
                allowed=list(groups),
                suggestion=nearest(str(within), groups),
            )
        only_between = raw.get("only_between", False)
        groups[name] = Group(name, raw["title"], column, str(value), within, only_between)
    return groups


def _sets(file: YamlFile, groups: Mapping[str, Group]) -> dict[str, tuple[str, ...]]:
    sets: dict[str, tuple[str, ...]] = {"all": ("all",)}
    for name, members in file.mapping("sets").items():
        if not isinstance(members, list):
            raise file.error("a set is a list of groups", "sets", name, found=members)
        for member in members:
            if member not in groups:
                raise file.unknown("group of this name", str(member), groups, "sets", name)
        sets[name] = tuple(members)
    return sets


def _indicators(
    file: YamlFile, name: str, raw: Any, sets: Mapping[str, tuple[str, ...]]
) -> list[Indicator]:
    """Return what an entry declares: an indicator, or one for each Goal."""

    def error(message: str, *keys: str, **details: Any) -> InputError:
        return file.error(message, "indicators", name, *keys, **details)

    how = raw.get("how") if isinstance(raw, dict) else None
    formula = read_formula(how) if isinstance(how, str) else None
    pairs = formula is not None and formula.kind == "pairs"
    places = formula is not None and formula.kind == "places"
    ends = [] if places else ["between" if pairs else "groups"]
    given = ["title", "unit", "description", *ends, "how", "law"]
    if not isinstance(raw, dict) or set(raw) - {*OPTIONAL} != set(given):
        found = sorted(raw) if isinstance(raw, dict) else raw
        raise error(
            "an indicator has other keys",
            found=found,
            allowed=f"{', '.join(given)}; {' and '.join(OPTIONAL)} if you like",
        )
    variable, stock = raw.get("variable", ""), raw.get("stock", False)
    if not isinstance(variable, str) or ("variable" in raw and not _is_variable(variable)):
        raise error(
            "this is no name of a variable",
            "variable",
            found=variable,
            allowed="such as Trade|Exports",
        )
    if not isinstance(stock, bool):
        raise error("this is true or false", "stock", found=stock, allowed="true, false")
    if not isinstance(how, str) or (formula is None and how not in (FUNCTION, EACH_GOAL)):
        raise error("this is no way to compute an indicator", "how", found=how, allowed=SENTENCES)
    law = read_law(str(raw["law"]))
    if law is None:
        raise error("this is no law that numbers keep", "law", found=raw["law"], allowed=LAWS)
    keys = [] if places else raw["between"] if pairs else [raw["groups"]]
    for key in keys if isinstance(keys, list) else [keys]:
        if key not in sets:
            raise error(
                "there is no such set",
                "between" if pairs else "groups",
                found=key,
                allowed=list(sets),
                suggestion=nearest(str(key), sets),
            )
    function = None
    if formula is None:
        function = name if how == FUNCTION else name.replace("{goal}", "each")
        known = FUNCTIONS if how == FUNCTION else BY_GOAL
        if function not in known:
            raise error(
                "there is no function of this name in outcomes/indicators/definitions.py",
                "how",
                found=function,
                allowed=list(known),
                suggestion=nearest(function, known),
            )
    one = Indicator(
        name=name,
        title=raw["title"],
        unit=raw["unit"],
        description=raw["description"],
        how=how,
        law=law,
        formula=formula,
        function=function,
        groups=() if pairs or places else sets[raw["groups"]],
        between=tuple(sets[key] for key in raw["between"]) if pairs else (),
        variable=variable,
        stock=stock,
    )
    return _each_goal(one) if how == EACH_GOAL else [one]


def _is_variable(text: str) -> bool:
    """Return whether a text is names parted by |, none of them empty or with a blank at its end."""
    return all(part and part == part.strip() for part in text.split("|"))


def _each_goal(entry: Indicator) -> list[Indicator]:
    from dataclasses import replace

    return [
        replace(
            entry,
            name=entry.name.format(goal=goal),
            title=entry.title.format(goal=goal),
            variable=entry.variable.format(goal=goal),
            goal=goal,
        )
        for goal in GOALS
    ]
