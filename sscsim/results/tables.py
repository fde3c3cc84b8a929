"""The tables of a run as plain arrays: made once, never changed, with a hash of what they hold.

These are what a run carries, pickles and saves. There are four kinds. Each can be laid out in columns, and made from
them again: data frames and files are made of columns and know no table.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from sscsim.types import Array, Index

__all__ = [
    "Coded",
    "Columns",
    "CountryTable",
    "IndicatorTable",
    "MatrixTable",
    "Named",
    "RowTable",
    "Table",
]


LARGEST_MATRICES = 10**9
"""Bytes that the matrices of a file may fill: few lines can name many economies."""


class Named(NamedTuple):
    """What a run is called in its tables."""

    scenario: str
    seed: int


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts: the place of each in a list of names, -1 for nothing."""

    codes: NDArray[np.integer]
    names: tuple[str, ...]

    @classmethod
    def of(cls, codes: NDArray[np.integer], texts: Sequence[str]) -> Self:
        """Build from places in a list whose names may stand in it several times."""
        distinct = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        place = np.array([distinct[text] for text in texts], dtype=np.int64)
        return cls(place[codes], tuple(distinct))

    def __len__(self) -> int:
        return len(self.codes)

    def texts(self) -> NDArray[np.object_]:
        """Return the texts, None for nothing."""
        found: NDArray[np.object_] = np.array([*self.names, None], dtype=object)[self.codes]
        return found


@dataclass(frozen=True, eq=False)
class Columns:
    """A table laid out in columns of one length, as files and data frames have it.

    Attributes
    ----------
    held
        Numbers or texts by the column's name, in order.
    notes
        What the lines do not say, such as a year in which nothing flowed.
    """

    held: Mapping[str, NDArray[Any] | Coded]
    notes: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.held.values()), ()))

    def numbers(self, name: str) -> NDArray[Any]:
        """Return a column of numbers.

        Raises
        ------
        ValueError
            If there is none of this name.
        """
        found = self.held.get(name)
        if found is None or isinstance(found, Coded):
            raise ValueError(f"there is no column of numbers named {name!r}")
        return found

    def texts(self, name: str, *, whole: bool = True) -> Coded:
        """Return a column of texts.

        Parameters
        ----------
        name
            Of the column.
        whole
            Whether none of the texts may be missing.

        Raises
        ------
        ValueError
            If there is none of this name, or a text is missing.
        """
        found = self.held.get(name)
        if not isinstance(found, Coded):
            raise ValueError(f"there is no column of texts named {name!r}")
        if whole and np.any(found.codes < 0):
            raise ValueError(f"a text is missing in the column {name!r}")
        return found

    def take(self, rows: NDArray[Any]) -> Columns:
        """Return some rows, chosen by place or by whether they are wanted."""
        return Columns(
            {
                name: Coded(held.codes[rows], held.names) if isinstance(held, Coded) else held[rows]
                for name, held in self.held.items()
            },
            self.notes,
        )

    def among(self, name: str, values: Iterable[object]) -> NDArray[np.bool_]:
        """Return which rows of a column hold one of some values, ``(row,)``."""
        held, wanted = self.held[name], {*values}
        if isinstance(held, Coded):
            # A few hundred names are compared, and not tens of thousands of lines.
            named = np.array([*(one in wanted for one in held.names), None in wanted])
            found: NDArray[np.bool_] = named[held.codes]
            return found
        return np.isin(held, [value for value in wanted if isinstance(value, int | float)])

    @classmethod
    def together(cls, parts: Sequence[Columns]) -> Columns:
        """Return the rows of several tables of the same columns below one another."""
        joined: dict[str, NDArray[Any] | Coded] = {}
        for name in parts[0].held:
            held = [part.held[name] for part in parts]
            coded = [one for one in held if isinstance(one, Coded)]
            if coded:
                names: dict[str, int] = {}
                places = [
                    np.array([*(names.setdefault(n, len(names)) for n in one.names), -1])
                    for one in coded
                ]
                codes = [place[one.codes] for place, one in zip(places, coded, strict=True)]
                joined[name] = Coded(np.concatenate(codes), tuple(names))
            else:
                joined[name] = np.concatenate([one for one in held if not isinstance(one, Coded)])
        return cls(joined)

    def differs(self, other: Columns) -> str | None:
        """Return what is the first difference from other columns, None if they say the same."""
        if list(self.held) != list(other.held):
            return f"its columns must be {', '.join(other.held)}"
        if dict(self.notes) != dict(other.notes):
            return "its notes are not those of its lines"
        for name, found in self.held.items():
            wanted = other.held[name]
            if not _same(found, wanted):
                return f"the column {name!r} holds something that the run does not"
        return None


def _same(one: NDArray[Any] | Coded, other: NDArray[Any] | Coded) -> bool:
    if isinstance(one, Coded) and isinstance(other, Coded):
        # Places are compared and not texts: a few hundred names, and not tens of thousands of lines.
        place = {name: i for i, name in enumerate(other.names)}
        if len(place) < len(other.names):
            return np.array_equal(one.texts(), other.texts())
        places = np.array([*(place.get(name, -2) for name in one.names), -1])
        return np.array_equal(places[one.codes], other.codes)
    if isinstance(one, Coded) or isinstance(other, Coded) or one.dtype != other.dtype:
        return False
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


class Table(ABC):
    """What every kind of table does."""

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    @abstractmethod
    def content_hash(self) -> str:
        """SHA-256 of what the table holds, whatever the form of its file."""

    @abstractmethod
    def laid_out(self, run: Named) -> Columns:
        """Return the table in columns."""

    @classmethod
    @abstractmethod
    def from_columns(cls, name: str, columns: Columns) -> Self:
        """Build from columns.

        Raises
        ------
        ValueError
            If the columns are not those of this kind of table.
        """


def _digest(kind: str) -> hashlib._Hash:
    return hashlib.sha256(f"sscsim {kind} 1\0".encode())


def _add_names(digest: hashlib._Hash, names: Sequence[str]) -> None:
    digest.update("".join([*(f"{name}\0" for name in names), "\1"]).encode())


def _add_values(digest: hashlib._Hash, values: Array) -> None:
    """Add numbers in one form, whatever the machine: little-endian, one zero, one NaN."""
    values = np.ascontiguousarray(values + 0.0, dtype="<f8")  # makes −0 into 0
    values[np.isnan(values)] = np.nan
    digest.update(values.data)


def _add_whole(digest: hashlib._Hash, values: NDArray[np.integer]) -> None:
    digest.update(np.ascontiguousarray(values, dtype="<i8").data)


def _ranked(places: NDArray[np.integer], count: int) -> tuple[Index, NDArray[np.int64]]:
    """Return which places in a list occur, in order, and the rank of each among them; -1 may be one of them.

    Parameters
    ----------
    places
        From -1 to `count` less one.
    """
    there = np.bincount(places + 1, minlength=count + 1) > 0
    rank = np.cumsum(there) - 1
    return np.flatnonzero(there) - 1, rank[places + 1]


Labels = tuple[tuple[str, str, str], ...]
"""Group, indicator and unit; members of an ensemble have the same thousands, so what is made of them is kept."""


@lru_cache(maxsize=4)
def _listed(labels: Labels) -> tuple[Coded, Coded, Coded]:
    """Return the parts of labels as columns, ``(label,)`` each."""
    groups, indicators, units = zip(*labels, strict=True) if labels else ((), (), ())
    every = np.arange(len(labels))
    return Coded.of(every, groups), Coded.of(every, indicators), Coded.of(every, units)


@lru_cache(maxsize=4)
def _in_a_line(labels: Labels, order: tuple[int, ...]) -> bytes:
    """Return labels in an order, as a content hash takes them."""
    return "".join("\0".join((*labels[code], "\1")) for code in order).encode()


@dataclass(frozen=True, eq=False)
class IndicatorTable(Table):
    """The long table of indicators, one element a line; what is not defined has no line.

    Attributes
    ----------
    labels
        Group, indicator and unit that `code` points to.
    year, code, value
        ``(line,)``, by year and then in the order of measurement.
    """

    labels: Labels
    year: NDArray[np.int64]
    code: Index
    value: Array

    @classmethod
    def from_years(
        cls,
        labels: Sequence[tuple[str, str, str]],
        years: Sequence[int],
        values: Sequence[Array],
    ) -> IndicatorTable:
        """Build from one array of measurements a year, each in the order of `labels`."""
        table = np.array(values, dtype=np.float64).reshape(len(years), len(labels))
        row, code = np.nonzero(~np.isnan(table))
        return cls(
            labels=tuple(labels),
            year=np.array(years, dtype=np.int64)[row],
            code=code,
            value=table[row, code],
        )

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of years, names, units and values in the order of the lines."""
        digest = _digest("indicators")
        # Codes are numbered by first appearance, so that labels without a line do not count.
        first = np.full(len(self.labels), len(self.code))
        first[self.code[::-1]] = np.arange(len(self.code))[::-1]
        order = np.argsort(first)[: np.count_nonzero(first < len(self.code))]
        rank = np.empty(len(self.labels), dtype=np.int64)
        rank[order] = np.arange(len(order))
        digest.update(_in_a_line(self.labels, tuple(order.tolist())))
        _add_whole(digest, self.year)
        _add_whole(digest, rank[self.code])
        _add_values(digest, self.value)
        return digest.hexdigest()

    def laid_out(self, run: Named) -> Columns:
        """Return scenario, seed, year, group, indicator, value and unit."""
        group, indicator, unit = (
            Coded(part.codes[self.code], part.names) for part in _listed(self.labels)
        )
        count = len(self)
        return Columns(
            {
                "scenario": Coded(np.zeros(count, np.int64), (run.scenario,)),
                "seed": np.full(count, run.seed, np.int64),
                "year": self.year,
                "group": group,
                "indicator": indicator,
                "value": self.value,
                "unit": unit,
            }
        )

    @classmethod
    def from_columns(cls, name: str, columns: Columns) -> Self:
        """Build from columns; see `Table.from_columns`."""
        parts = [columns.texts(c) for c in ("group", "indicator", "unit")]
        sizes = [len(part.names) or 1 for part in parts]
        triple = np.ravel_multi_index(tuple(part.codes for part in parts), sizes)
        found, first, code = np.unique(triple, return_index=True, return_inverse=True)
        rank = np.empty(len(found), np.intp)
        rank[np.argsort(first)] = np.arange(len(found))  # by first appearance
        code = rank[code.reshape(-1)]
        labels = [
            (parts[0].names[g], parts[1].names[i], parts[2].names[u])
            for g, i, u in zip(
                *(place.tolist() for place in np.unravel_index(triple[np.sort(first)], sizes)),
                strict=True,
            )
        ]
        year = columns.numbers("year").astype(np.int64)
        value = columns.numbers("value").astype(np.float64)
        if np.isnan(value).any():
            raise ValueError("a value is missing: what is not defined has no line")
        if np.any(np.diff(year) < 0):
            raise ValueError("the lines do not stand by year")
        if len({(g, i) for g, i, _ in labels}) < len(labels):
            raise ValueError("an indicator of a group has two units")
        if len(np.unique(year * len(labels) + code)) < len(year):
            raise ValueError("an indicator of a group stands twice in a year")
        return cls(tuple(labels), year, code, value)

    @cached_property
    def lookup(self) -> dict[tuple[str, str], dict[int, float]]:
        """Value by (group, indicator) and year."""
        result: dict[tuple[str, str], dict[int, float]] = {
            (group, indicator): {} for group, indicator, _ in self.labels
        }
        keys = [(group, indicator) for group, indicator, _ in self.labels]
        lines = zip(self.code.tolist(), self.year.tolist(), self.value.tolist(), strict=True)
        for code, year, value in lines:
            result[keys[code]][year] = value
        return result


@dataclass(frozen=True, eq=False)
class CountryTable(Table):
    """Variables by country and year: one line a year and country, one column a variable.

    Attributes
    ----------
    iso3
        ISO codes in order, the same in every year.
    years
        Years in order.
    columns
        ``(year · country,)`` for each variable; NaN where it does not apply.
    """

    iso3: tuple[str, ...]
    years: tuple[int, ...]
    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.iso3) * len(self.years)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of codes, years, names and values."""
        digest = _digest("countries")
        _add_names(digest, self.iso3)
        _add_whole(digest, np.array(self.years, dtype=np.int64))
        _add_names(digest, tuple(self.columns))
        for values in self.columns.values():
            _add_values(digest, values)
        return digest.hexdigest()

    def laid_out(self, run: Named) -> Columns:
        """Return iso3, year and a column a variable."""
        count, years = len(self.iso3), len(self.years)
        return Columns(
            {
                "iso3": Coded(np.tile(np.arange(count), years), self.iso3),
                "year": np.repeat(np.array(self.years, dtype=np.int64), count),
                **self.columns,
            }
        )

    @classmethod
    def from_columns(cls, name: str, columns: Columns) -> Self:
        """Build from columns; see `Table.from_columns`."""
        year = columns.numbers("year")
        years = tuple(dict.fromkeys(year.tolist()))
        codes = columns.texts("iso3").texts()[: len(year) // max(1, len(years))].tolist()
        others = [c for c in columns.held if c not in ("iso3", "year")]
        return cls(tuple(codes), years, {c: columns.numbers(c).astype(np.float64) for c in others})


@dataclass(frozen=True, eq=False)
class MatrixTable(Table):
    """Flows between pairs of countries in some years.

    Attributes
    ----------
    name
        ``trade`` or ``fdi``.
    iso3
        ISO codes in order.
    matrices
        ``(origin, destination)`` by year, years in order.
    """

    name: str
    iso3: tuple[str, ...]
    matrices: Mapping[int, Array]

    @property
    def years(self) -> tuple[int, ...]:
        """Years that were kept."""
        return tuple(self.matrices)

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(matrix)) for matrix in self.matrices.values())

    def long(self) -> tuple[NDArray[np.int64], Index, Index, Array]:
        """Return year, origin, destination and value of the cells that are not zero."""
        cells = {year: np.nonzero(matrix) for year, matrix in self.matrices.items()}
        empty = np.empty(0, dtype=np.intp)
        return (
            np.repeat(np.array(list(cells), dtype=np.int64), [len(c[0]) for c in cells.values()]),
            np.concatenate([empty, *(c[0] for c in cells.values())]),
            np.concatenate([empty, *(c[1] for c in cells.values())]),
            np.concatenate(
                [np.empty(0), *(m[cells[y]] for y, m in self.matrices.items())], dtype=np.float64
            ),
        )

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of codes, years and the cells that are not zero."""
        digest = _digest(self.name)
        _add_names(digest, self.iso3)
        _add_whole(digest, np.array(self.years, dtype=np.int64))
        year, origin, destination, value = self.long()
        _add_whole(digest, year)
        _add_whole(digest, origin)
        _add_whole(digest, destination)
        _add_values(digest, value)
        return digest.hexdigest()

    def laid_out(self, run: Named) -> Columns:
        """Return year, origin, destination and value; codes and years are noted, since some may have no line."""
        year, origin, destination, value = self.long()
        return Columns(
            {
                "year": year,
                "origin": Coded(origin, self.iso3),
                "destination": Coded(destination, self.iso3),
                "value": value,
            },
            {"iso3": " ".join(self.iso3), "years": " ".join(map(str, self.years))},
        )

    @classmethod
    def from_columns(cls, name: str, columns: Columns) -> Self:
        """Build from columns; see `Table.from_columns`."""
        try:
            iso3 = tuple(columns.notes["iso3"].split())
            years = [int(year) for year in columns.notes["years"].split()]
        except KeyError as missing:
            raise ValueError(f"the note {missing} is missing") from None
        if 8 * len(years) * len(iso3) ** 2 > LARGEST_MATRICES:
            raise ValueError(f"{len(years)} matrices of {len(iso3)} economies are too many")
        place = {code: i for i, code in enumerate(iso3)}
        ends = []
        for end in ("origin", "destination"):
            held = columns.texts(end)
            rows = np.array([place.get(code, -1) for code in held.names], dtype=np.intp)
            ends.append(rows[held.codes])
        origin, destination = ends
        if np.any(origin < 0) or np.any(destination < 0):
            raise ValueError("a line names an economy that is not noted")
        year, value = columns.numbers("year"), columns.numbers("value")
        matrices = {}
        for at in years:
            matrices[at] = np.zeros((len(iso3), len(iso3)))
            here = year == at
            matrices[at][origin[here], destination[here]] = value[here]
        return cls(name, iso3, matrices)


@dataclass(frozen=True, eq=False)
class RowTable(Table):
    """Things that are born and end in a run, a line each, such as projects.

    Attributes
    ----------
    name
        What the things are: the name of the table.
    columns
        ``(row,)`` for each column, whole numbers or numbers.
    texts
        For columns that hold texts: what each whole number stands for; -1 stands for nothing.
    """

    name: str
    columns: Mapping[str, NDArray[np.int64] | Array]
    texts: Mapping[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def text(self, column: str) -> list[str | None]:
        """Return a column of texts, None for nothing."""
        names = (*self.texts[column], None)
        return [names[code] for code in self.columns[column].astype(int).tolist()]

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of names, texts and values in the order of the rows."""
        digest = _digest(self.name)
        _add_names(digest, tuple(self.columns))
        for name, values in self.columns.items():
            if name in self.texts:
                # Texts and not codes, so that a text without a row does not count.
                names = (*self.texts[name], "")
                found, ranks = _ranked(values.astype(np.int64, copy=False), len(names) - 1)
                _add_names(digest, [names[code] for code in found.tolist()])
                _add_whole(digest, ranks)
            elif np.issubdtype(values.dtype, np.integer):
                _add_whole(digest, values.astype(np.int64))
            else:
                _add_values(digest, values.astype(np.float64))
        return digest.hexdigest()

    def laid_out(self, run: Named) -> Columns:
        """Return the columns as they are."""
        return Columns(
            {
                name: Coded(values.astype(np.int64), self.texts[name])
                if name in self.texts
                else values
                for name, values in self.columns.items()
            }
        )

    @classmethod
    def later(cls, name: str, lay_out: Callable[[], RowTable]) -> RowTable:
        """Return a table that is laid out when its lines are first asked for: most runs are asked for other things.

        Parameters
        ----------
        name
            Of the table.
        lay_out
            Returns it. What it rests on does not change as a run goes on.
        """
        return _RowsLater(name, lay_out)

    @classmethod
    def from_columns(cls, name: str, columns: Columns) -> RowTable:
        """Build from columns; see `Table.from_columns`."""
        held = columns.held.items()
        return RowTable(
            name,
            {c: v.codes.astype(np.int64) if isinstance(v, Coded) else v for c, v in held},
            {c: v.names for c, v in held if isinstance(v, Coded)},
        )


class _RowsLater(RowTable):
    """A table of rows that is laid out when they are first asked for."""

    def __init__(self, name: str, lay_out: Callable[[], RowTable]) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "_lay_out", lay_out)

    @cached_property
    def _laid(self) -> RowTable:
        made: RowTable = self.__dict__["_lay_out"]()
        self.__dict__["_lay_out"] = None  # what it was made of may go
        return made

    @property
    def columns(self) -> Mapping[str, NDArray[np.int64] | Array]:
        """As laid out."""
        return self._laid.columns

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """As laid out."""
        return self._laid.texts

    def __reduce__(self) -> tuple[object, ...]:
        """Return how another process makes the same: laid out."""
        return RowTable, (self.name, self.columns, self.texts)
