"""The tables of a run as plain arrays: made once, never changed, with a hash of what they hold.

Data frames are for the user and are made when they are asked for; these are what a run carries,
pickles and saves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["CountryTable", "IndicatorTable", "MatrixTable", "RowTable"]

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


def _digest(kind: str) -> hashlib._Hash:
    return hashlib.sha256(f"sscsim {kind} 1\0".encode())


def _add_names(digest: hashlib._Hash, names: Sequence[str]) -> None:
    for name in names:
        digest.update(name.encode() + b"\0")
    digest.update(b"\1")


def _add_values(digest: hashlib._Hash, values: Array) -> None:
    """Add numbers in one form, whatever the machine: little-endian, one zero, one NaN."""
    values = values + 0.0  # makes −0 into 0
    values[np.isnan(values)] = np.nan
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())


def _add_whole(digest: hashlib._Hash, values: NDArray[np.integer]) -> None:
    digest.update(np.ascontiguousarray(values, dtype="<i8").tobytes())


@dataclass(frozen=True, eq=False)
class IndicatorTable:
    """The long table of indicators, one element a line; what is not defined has no line.

    Attributes
    ----------
    labels
        Group, indicator and unit that `code` points to.
    year, code, value
        ``(line,)``, by year and then in the order of measurement.
    """

    labels: tuple[tuple[str, str, str], ...]
    year: NDArray[np.int64]
    code: Indices
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
            labels=tuple((str(g), str(i), str(u)) for g, i, u in labels),
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
        found, first, inverse = np.unique(self.code, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty(len(found), dtype=np.int64)
        rank[order] = np.arange(len(found))
        for code in found[order]:
            _add_names(digest, self.labels[code])
        _add_whole(digest, self.year)
        _add_whole(digest, rank[inverse.reshape(-1)])
        _add_values(digest, self.value)
        return digest.hexdigest()

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
class CountryTable:
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


@dataclass(frozen=True, eq=False)
class MatrixTable:
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

    def long(self) -> tuple[NDArray[np.int64], Indices, Indices, Array]:
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


@dataclass(frozen=True, eq=False)
class RowTable:
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
                found, inverse = np.unique(values, return_inverse=True)
                names = (*self.texts[name], "")
                _add_names(digest, [names[int(code)] for code in found])
                _add_whole(digest, inverse.reshape(-1))
            elif np.issubdtype(values.dtype, np.integer):
                _add_whole(digest, values.astype(np.int64))
            else:
                _add_values(digest, values.astype(np.float64))
        return digest.hexdigest()
