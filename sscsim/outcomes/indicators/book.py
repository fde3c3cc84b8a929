"""The book of indicators: which numbers are measured every year, for which groups, and all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike

from sscsim.errors import InputError
from sscsim.means import ratio
from sscsim.outcomes.indicators.definitions import BY_GOAL, FUNCTIONS
from sscsim.outcomes.indicators.formulas import Factor, Formula, Sum, Term
from sscsim.outcomes.indicators.table import GOALS, IndicatorTable, indicator_table
from sscsim.outcomes.indicators.year import Frame, Year
from sscsim.types import Array, Index, Mask
from sscsim.world.keeping import by_world

if TYPE_CHECKING:
    from sscsim.parameters import Parameters
    from sscsim.world.state import State, Variable
    from sscsim.world.tables import World

__all__ = [
    "MEMBERSHIP_YEAR",
    "IndicatorBook",
    "Row",
    "group_members",
    "place_names",
    "rows_of",
]


MEMBERSHIP_YEAR = 2018
"""The year whose lists of members hold for a whole run."""
ARROW = " → "

WHOLE = "World"
"""Stands for all banks together, where each has a number."""


class Row(NamedTuple):
    """One line of a year's measurement."""

    group: str
    indicator: str
    unit: str


class Block(NamedTuple):
    """The rows of one indicator."""

    indicator: str
    groups: tuple[str, ...]
    """Whose rows follow each other, or the ends of every pair of them."""
    where: slice


def group_members(
    world: World, year: int = MEMBERSHIP_YEAR, table: IndicatorTable | None = None
) -> dict[str, Mask]:
    """Return the members of every group of the table, each of shape ``(country,)``.

    Raises
    ------
    InputError
        With file and line, for a list or a column of countries that the world does not have.
    """
    table = table or indicator_table()
    members: dict[str, Mask] = {}
    for group in table.groups.values():
        if group.column == "all":
            mask = np.ones(len(world.iso3), dtype=np.bool_)
        elif group.column == "list":
            _known(table, group.name, "list", group.value, world.groups())
            mask = np.array(world.membership(group.value, year), dtype=np.bool_)
        else:
            columns = ["all", "list", *map(str, world.attributes)]
            _known(table, group.name, "rule", group.column, columns)
            mask = np.array(world.attributes[group.column] == group.value, dtype=np.bool_)
        members[group.name] = mask if group.within is None else mask & members[group.within]
    return members


def _known(table: IndicatorTable, group: str, what: str, name: str, names: Sequence[str]) -> None:
    if name not in names:
        raise table.file.unknown(f"{what} of countries of this name", name, names, "groups", group)


def rows_of(
    table: IndicatorTable,
    groups: Iterable[str],
) -> tuple[tuple[Row, ...], tuple[Block, ...]]:
    """Return a row for every number of a year, and which of them belong together.

    Parameters
    ----------
    table
        The indicators.
    groups
        Names of the groups that there are. One that the table does not know gets what all groups get.
    """
    places = place_names() if table.places is None else table.places
    there = dict.fromkeys(groups)
    known = table.groups
    everyone = tuple(n for n in there if n not in known or not known[n].only_between)
    rows: list[Row] = []
    blocks: list[Block] = []
    for one in table.indicators.values():
        if one.formula is not None and one.formula.kind == "places":
            names = (WHOLE, *places.get(one.formula.along, ()))
            blocks.append(Block(one.name, names, slice(len(rows), len(rows) + len(names))))
            rows += [Row(name, one.name, one.unit) for name in names]
            continue
        for names in one.between or (everyone if one.groups == ("all",) else one.groups,):
            chosen = tuple(name for name in names if name in there)
            start = len(rows)
            ends = [f"{a}{ARROW}{b}" for a in chosen for b in chosen] if one.between else chosen
            rows += [Row(end, one.name, one.unit) for end in ends]
            blocks.append(Block(one.name, chosen, slice(start, len(rows))))
    return tuple(rows), tuple(blocks)


@lru_cache(maxsize=1)
def place_names() -> dict[str, tuple[str, ...]]:
    """Return the names along axes whose places have a number each, as they ship: banks by their codes."""
    from sscsim.world.institutions import Bank, load_institutions

    return {"bank": tuple(bank.code for bank in load_institutions().of(Bank))}


class IndicatorBook:
    """Which numbers are measured every year and for which groups, the same all through a run.

    Parameters
    ----------
    iso3
        ISO codes in the order of the state's arrays.
    groups
        Members of each group, ``(country,)``. Those named in the table get the indicators it gives
        them; any other gets what all groups get.
    variables
        What the state declares.
    hubs
        Economies whose exports are mostly re-exports, ``(country,)``.
    asia
        Economies in Asia, ``(country,)``.
    regions
        A partition of all economies, the modules of the network measures, each ``(country,)``.
    on_track_thresholds
        Score from which a Goal is on track, ``(17,)``.
    loser_tolerance
        Points that a Goal may stand below the first year before it counts as lost.
    link_threshold
        Share of its exports from which a flow of a country counts as a link (fraction).
    table
        The indicators; without it those that ship.

    Attributes
    ----------
    rows
        Group, indicator and unit of every number that `measure` returns, in its order.

    Raises
    ------
    InputError
        For a formula that the state does not fit, with file, line and key; for members that are no
        truth values.
    """

    def __init__(
        self,
        iso3: Sequence[str],
        groups: Mapping[str, Mask],
        variables: Iterable[Variable],
        *,
        hubs: Mask,
        asia: Mask,
        regions: Mapping[str, Mask],
        on_track_thresholds: ArrayLike,
        loser_tolerance: float,
        link_threshold: float,
        table: IndicatorTable | None = None,
    ) -> None:
        table = table or indicator_table()
        declared = {one.name: one for one in variables}
        table.check(declared.values())
        self.iso3 = tuple(iso3)
        self.group_names = tuple(groups)
        modules = _matrix(regions, len(self.iso3))
        if not np.all(modules.sum(axis=0) == 1.0):
            raise InputError("every economy belongs to one region", found=tuple(regions))
        self.frame = Frame(
            members=_matrix(groups, len(self.iso3)),
            modules=modules,
            hubs=np.asarray(hubs, dtype=np.bool_),
            asia=np.asarray(asia, dtype=np.bool_),
            on_track_thresholds=np.asarray(on_track_thresholds, dtype=np.float64),
            loser_tolerance=loser_tolerance,
            link_threshold=link_threshold,
        )
        self.rows, blocks = rows_of(table, groups)
        place = {name: i for i, name in enumerate(self.group_names)}
        lines: list[tuple[Formula, Index, slice]] = []
        self._pairs: list[tuple[str, Index, slice]] = []
        self._functions: list[tuple[str, Index, slice]] = []
        self._goals: list[tuple[str, Index, slice]] = []
        self._places: list[tuple[str, slice]] = []
        for block in blocks:
            one = table.indicators[block.indicator]
            if one.formula is not None and one.formula.kind == "places":
                self._places.append((one.formula.of[0][0].variable, block.where))
                continue
            indices = np.array([place[name] for name in block.groups], dtype=np.intp)
            if one.formula is not None and one.formula.kind == "pairs":
                flows = one.formula.of[0][0].variable
                self._pairs.append((flows, indices, block.where))
            elif one.formula is not None:
                lines.append((one.formula, indices, block.where))
            elif one.goal is None:
                self._functions.append((str(one.function), indices, block.where))
            elif one.goal == GOALS[0]:
                self._goals.append((str(one.function), indices, block.where))
            else:  # the rows of all Goals follow each other, and are computed at once
                first = self._goals[-1][2]
                self._goals[-1] = (str(one.function), indices, slice(first.start, block.where.stop))
        self._lines = _Lines(lines, self.frame, declared)

    @classmethod
    def from_world(
        cls,
        world: World,
        parameters: Parameters,
        variables: Iterable[Variable],
        *,
        groups: Mapping[str, Mask] | None = None,
        table: IndicatorTable | None = None,
        places: Mapping[str, Sequence[str]] | None = None,
    ) -> Self:
        """Build the book of the table's groups, and of an analyst's own if `groups` are given.

        `places` are the names along axes whose places have a number each, such as banks; without them those that ship.
        """
        thresholds = tuple(parameters.by_goal("goal_on_track_threshold").tolist())
        setting = thresholds, parameters["goal_loser_tolerance"], parameters["trade_link_threshold"]
        declared = tuple(variables)
        if groups or table is not None or cls is not IndicatorBook:
            return cls._of_world(world, *setting, declared, groups or {}, table, places)
        books = _BOOKS.setdefault(world, {})
        named = None if places is None else tuple((k, tuple(v)) for k, v in places.items())
        key = (*setting, declared, named)
        if key not in books:
            books[key] = cls._of_world(world, *setting, declared, {}, None, places)
        return cast(Self, books[key])

    @classmethod
    def _of_world(
        cls,
        world: World,
        thresholds: tuple[float, ...],
        loser_tolerance: float,
        link_threshold: float,
        variables: tuple[Variable, ...],
        groups: Mapping[str, Mask],
        table: IndicatorTable | None,
        places: Mapping[str, Sequence[str]] | None,
    ) -> Self:
        regions = {
            str(name): np.array(world.attributes["report_region"] == name, dtype=np.bool_)
            for name in sorted(set(world.attributes["report_region"]))
        }
        return cls(
            world.iso3,
            {**group_members(world, table=table), **groups},
            variables,
            hubs=world.membership("hubs", MEMBERSHIP_YEAR),
            asia=world.membership("asia", MEMBERSHIP_YEAR),
            regions=regions,
            on_track_thresholds=thresholds,
            loser_tolerance=loser_tolerance,
            link_threshold=link_threshold,
            table=replace(table or indicator_table(), places=places),
        )

    def measure(
        self, state: State, base: State | None = None, previous: Array | None = None
    ) -> Array:
        """Return every number of a year.

        Parameters
        ----------
        state
            The year.
        base
            The first year, for what is compared with it; without it those numbers are NaN.
        previous
            What `measure` returned a year ago, for growth; without it growth is NaN.

        Returns
        -------
        Array
            ``(rows,)`` in the order of `rows`; NaN where a number is not defined.
        """
        year = Year(self.frame, state, base)
        result = np.empty(len(self.rows))
        self._lines.measure(year, previous, result)
        for name, indices, where in self._functions:
            result[where] = FUNCTIONS[name](year, indices)
        for name, indices, where in self._goals:
            result[where] = BY_GOAL[name](year, indices).T.ravel()
        for flows, indices, where in self._pairs:
            between = year.sent(flows)[indices] @ self.frame.members[indices].T
            undefined = self.frame.is_empty[indices]
            between[undefined[:, None] | undefined[None, :]] = np.nan
            result[where] = between.ravel()
        for name, where in self._places:
            each = getattr(state, name)
            result[where] = [each.sum(), *each]
        return result


class _Lines:
    """All formulas of a line as one product of memberships and variables, and one division.

    Every distinct term is a column of the sums over members, and so is every sum of terms. A formula
    names the columns of its numerator and its denominator; a plain sum is divided by one, a mean by the
    count of members.
    """

    ONE, COUNT = range(2)
    """Columns of the sums that are there without a variable."""

    def __init__(
        self,
        lines: Sequence[tuple[Formula, Index, slice]],
        frame: Frame,
        declared: Mapping[str, Variable],
    ) -> None:
        self._several = {name for name, one in declared.items() if len(one.axes) > 1}
        self._columns: dict[tuple[Sum, str], int] = {}
        self._joint: list[tuple[int, list[int]]] = []
        self._numerators = np.array([self._column(f, f.parts[0]) for f, _, _ in lines], np.intp)
        self._denominators = np.array([self._below(f) for f, _, _ in lines], np.intp)
        self._shares = np.array([f.kind == "share" for f, _, _ in lines], dtype=bool)
        # Where each row of the result is found: which group, which line.
        self._places = _joined([np.arange(w.start, w.stop) for _, _, w in lines])
        self._groups = _joined([indices for _, indices, _ in lines])
        self._which = _joined([np.full(len(rows), i) for i, (_, rows, _) in enumerate(lines)])
        self._growths = _growths(lines)
        # Columns by how they are filled: most are variables as they are.
        self._plain: list[tuple[str, int]] = []
        self._derived: list[tuple[Term, str, int]] = []
        self._flows: list[tuple[Factor, int]] = []
        self._totals: list[tuple[str, int]] = []
        for (terms, how), column in self._columns.items():
            if len(terms) > 1:
                self._joint.append((column, [self._columns[(one,), how] for one in terms]))
                continue
            (term,) = terms
            name, part = term[0].variable, term[0].part
            if how == "total":
                self._totals.append((name, column))
            elif part and len(term) == 1:
                self._flows.append((term[0], column))
            elif len(term) == 1 and name not in self._several:
                self._plain.append((name, column))
            else:
                self._derived.append((term, how, column))
        self._width = 2 + len(self._columns)
        self._empty = np.append(frame.is_empty, False)
        self._sizes = frame.and_world.sum(axis=1)

    def _column(self, formula: Formula, terms: Sum) -> int:
        """Return the column of a sum, and give each of its terms one."""
        how = formula.kind if formula.kind in ("mean", "weighted mean", "total") else "sum"
        for some in (*((term,) for term in terms), terms):
            self._columns.setdefault((some, how), 2 + len(self._columns))
        return self._columns[terms, how]

    def _below(self, formula: Formula) -> int:
        if formula.kind in ("sum", "total", "growth"):
            return self.ONE
        return self.COUNT if formula.kind == "mean" else self._column(formula, formula.parts[1])

    def measure(self, year: Year, previous: Array | None, result: Array) -> None:
        """Write the numbers of a year where they belong."""
        sums = self._sums(year)
        denominators = sums[:, self._denominators]
        np.copyto(denominators, denominators[-1], where=self._shares)
        values = ratio(sums[:, self._numerators], denominators)
        result[self._places] = values[self._groups, self._which]
        for where, before in self._growths:
            result[where] = (
                np.nan if previous is None else ratio(result[where], previous[before]) - 1.0
            )

    def _sums(self, year: Year) -> Array:
        """Return sums over members, ``(group and world, column)``."""
        state = year.state
        columns = np.zeros((self._width, len(year.members[0])))
        for name, column in self._plain:
            columns[column] = getattr(state, name)
        for term, how, column in self._derived:
            columns[column] = _by_country(state, term, how)
        for factor, column in self._flows:
            if factor.part == "received":
                columns[column] = year.sent_and_received(factor.variable)[-1]
        sums = year.frame.and_world @ columns.T
        for factor, column in self._flows:
            if factor.part != "received":
                sent = year.sent_and_received(factor.variable)
                inside = sent * year.frame.and_world if factor.part == "within" else sent
                sums[:, column] = inside.sum(axis=1)
        for name, column in self._totals:
            sums[:, column] = getattr(state, name).sum()
        for column, parts in self._joint:
            sums[:, column] = sums[:, parts].sum(axis=1)
        sums[:, self.COUNT] = self._sizes
        sums[self._empty] = np.nan  # a group without members has nothing, not zero
        sums[:, self.ONE] = 1.0
        return sums


def _by_country(state: State, term: Sequence[Factor], how: str) -> Array:
    """Return a term country by country, ``(country,)``."""
    product: Array | float = 1.0
    for factor in term:
        array: Array = getattr(state, factor.variable)
        if factor.part:
            array = array.sum(axis=1 if factor.part == "sent" else 0)
        elif array.ndim > 1:
            further = tuple(range(1, array.ndim))
            array = array.sum(axis=further) if how == "sum" else array.mean(axis=further)
        product = product * array
    return cast(Array, product)


def _growths(lines: Sequence[tuple[Formula, Index, slice]]) -> list[tuple[slice, Index]]:
    """Return where growth stands, and where the sums of the year before stand that it is measured from."""
    found = []
    for formula, indices, where in lines:
        if formula.kind != "growth":
            continue
        rows = {
            int(group): other.start + i
            for one, groups, other in lines
            if one == Formula("sum", formula.of)
            for i, group in enumerate(groups)
        }
        found.append((where, np.array([rows[int(group)] for group in indices], dtype=np.intp)))
    return found


def _joined(arrays: Sequence[Index]) -> Index:
    return np.concatenate(arrays) if arrays else np.array([], dtype=np.intp)


def _matrix(groups: Mapping[str, Mask], count: int) -> Array:
    matrix = np.zeros((len(groups), count))
    for row, (name, mask) in zip(matrix, groups.items(), strict=True):
        members = np.asarray(mask)
        if members.shape != row.shape or members.dtype != np.bool_:
            raise InputError(
                "a group names its members by one truth value an economy",
                key=name,
                found=f"shape {members.shape}, {members.dtype}",
                allowed=f"shape {row.shape}, bool",
            )
        row[:] = members
    return matrix


_BOOKS: WeakKeyDictionary[World, dict[tuple[Any, ...], IndicatorBook]] = by_world()
"""A book never changes, and the members of an ensemble measure alike; it is kept as long as its world."""
