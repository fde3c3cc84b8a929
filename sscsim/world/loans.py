"""Loans: one row each, in growing columns; banks' loans and lines of credit share the table.

Thousands of loans are rows and not objects: a year's payments are a few array expressions over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "KINDS", "NONE", "OPEN", "STATUSES", "Column", "LoanTable"]

KINDS = ("loan", "credit_line")
"""A bank's loan, or a line between countries."""

STATUSES = ("approved", "disbursing", "repaying", "arrears", "closed", "cancelled", "written_off")
"""Where a loan stands; it is in one of them at any time."""

OPEN = STATUSES.index("closed")
"""Statuses before this one are those of a loan that is under way."""

NONE = -1
"""Stands for nobody and nothing in the columns of places and years: no sector, not yet completed."""


@dataclass(frozen=True)
class Column:
    """A column: its name, type, empty value, unit and meaning, and whether a run's table shows it."""

    name: str
    kind: type[np.generic]
    empty: float
    unit: str
    description: str
    shown: bool = True


COLUMNS: tuple[Column, ...] = (
    Column("kind", np.int8, 0, "place in KINDS", "What the loan is"),
    Column("lender", np.int64, NONE, "place in lenders", "Bank or country that lends"),
    Column("receiver", np.int64, NONE, "place in iso3", "Country that borrows"),
    Column("sector", np.int64, NONE, "place in sectors", "What it is for"),
    Column(
        "window", np.int64, NONE, "place in windows", "Terms under which a bank lends", shown=False
    ),
    Column(
        "cell",
        np.int64,
        NONE,
        "place in bank · country",
        "Where it stands in sums by bank and country laid end to end",
        shown=False,
    ),
    Column(
        "revolving",
        np.bool_,
        False,
        "",
        "Of a window that is lent again once it is repaid",
        shown=False,
    ),
    Column("renewable", np.bool_, False, "", "Renewable energy"),
    Column("sovereign", np.bool_, True, "", "Lent to a State or with its guarantee"),
    Column("cofinanced", np.bool_, False, "", "Others finance it as well"),
    Column("year_approved", np.int64, NONE, "year", "Year of approval"),
    Column("first_disbursement", np.int64, NONE, "year", "Year of the first disbursement"),
    Column("completed", np.int64, NONE, "year", "Year of the last disbursement or of the end"),
    Column("grace", np.int64, 0, "years", "From first disbursement to first repayment"),
    Column("maturity", np.int64, 0, "years", "From first disbursement to last repayment"),
    Column("margin", np.float64, 0.0, "fraction", "Interest over the cost of borrowing"),
    Column("amount", np.float64, 0.0, "bn USD", "Approved"),
    Column("mobilised", np.float64, 0.0, "bn USD", "What others bring to it"),
    Column("cancelled", np.float64, 0.0, "bn USD", "Approved and given up"),
    Column("disbursed", np.float64, 0.0, "bn USD", "Paid out"),
    Column("repaid", np.float64, 0.0, "bn USD", "Principal paid back"),
    Column("written_off", np.float64, 0.0, "bn USD", "Principal given up"),
    Column("arrears", np.float64, 0.0, "bn USD", "Principal overdue, part of what is outstanding"),
    Column("arrears_since", np.int64, NONE, "year", "Since when principal is overdue"),
    Column(
        "cancels",
        np.int64,
        NONE,
        "year",
        "Year in which it will be given up, by its luck",
        shown=False,
    ),
    Column(
        "defaults",
        np.int64,
        NONE,
        "year",
        "Year in which a private borrower fails, by its luck",
        shown=False,
    ),
    Column("status", np.int8, 0, "place in STATUSES", "Where it stands"),
)
"""Every column. What is outstanding is disbursed less repaid less written off, and no column of its own."""

_BY_NAME = {column.name: column for column in COLUMNS}
FIRST_ROOM = 4096


class LoanTable:
    """Rows of loans in columns that grow.

    ``table.amount`` is a view of the rows in use: writing into it writes into the table. Appending may move the
    columns, so a view is good until the next `append`.

    Parameters
    ----------
    lenders
        Names that the column ``lender`` points to; more can be added.
    room
        Rows that there is room for at first.
    """

    def __init__(self, lenders: Sequence[str] = (), room: int = FIRST_ROOM) -> None:
        self.lenders: list[str] = list(lenders)
        self._count = 0
        self._columns = {c.name: np.full(room, c.empty, dtype=c.kind) for c in COLUMNS}

    def __len__(self) -> int:
        return self._count

    def __getattr__(self, name: str) -> NDArray[Any]:
        if name not in _BY_NAME:
            raise AttributeError(name)
        return self._columns[name][: self._count]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _BY_NAME:
            self._columns[name][: self._count] = value
        else:
            super().__setattr__(name, value)

    def held(self, names: Iterable[str] | None = None, first: int = 0) -> dict[str, NDArray[Any]]:
        """Return every column or those of some names, views of the rows in use from one on."""
        columns, rows = self._columns, slice(first, self._count)
        return {name: columns[name][rows] for name in (columns if names is None else names)}

    @property
    def outstanding(self) -> NDArray[np.float64]:
        """Principal owed, ``(loan,)``, bn USD: disbursed, not repaid, not written off."""
        return outstanding(self.disbursed, self.repaid, self.written_off)

    @property
    def undisbursed(self) -> NDArray[np.float64]:
        """Approved, not cancelled, not yet paid out, ``(loan,)``, bn USD."""
        return undisbursed(self.amount, self.cancelled, self.disbursed)

    def append(self, **columns: NDArray[Any] | float | int | bool) -> slice:
        """Add rows and return where they stand; columns not given hold their empty value.

        Parameters
        ----------
        **columns
            Arrays of one length, and scalars that hold for all rows; at least one array.

        Raises
        ------
        ValueError
            For an unknown column or arrays of different lengths.
        """
        unknown = set(columns) - set(_BY_NAME)
        if unknown:
            raise ValueError(f"a loan has no column {sorted(unknown)[0]!r}")
        lengths = {len(v) for v in columns.values() if isinstance(v, np.ndarray)}
        if len(lengths) != 1:
            raise ValueError(f"rows of one length are needed, found {sorted(lengths)}")
        start, stop = self._count, self._count + lengths.pop()
        self._make_room(stop)
        self._count = stop
        for name, values in columns.items():  # room that was never used holds empty values
            self._columns[name][start:stop] = values
        return slice(start, stop)

    def _make_room(self, rows: int) -> None:
        room = len(self._columns["kind"])
        if rows <= room:
            return
        more = max(rows, 2 * room) - room
        for column in COLUMNS:
            free = np.full(more, column.empty, dtype=column.kind)
            self._columns[column.name] = np.concatenate([self._columns[column.name], free])

    def __getstate__(self) -> dict[str, Any]:
        return {
            "lenders": self.lenders,
            "_count": self._count,
            "_columns": {name: values[: self._count] for name, values in self._columns.items()},
        }

    def __setstate__(self, content: Mapping[str, Any]) -> None:
        self.__dict__.update(content)
        self._columns = {name: np.array(values) for name, values in self._columns.items()}

    def joined(self, other: LoanTable, order: NDArray[np.intp]) -> LoanTable:
        """Return a table of these rows and another's in some order; its lenders are those that the other names.

        Parameters
        ----------
        order
            Places in these rows and those of the other laid end to end, each once.
        """
        both, mine, further = LoanTable(other.lenders, room=0), self.held(), other.held()
        both._count = len(order)
        both._columns = {
            name: np.concatenate([values, further[name]]).take(order)
            for name, values in mine.items()
        }
        return both

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return a copy of every column that a run's table shows, rows in the order in which they were approved."""
        held = self.held()
        return {c.name: held[c.name].copy() for c in COLUMNS if c.shown}


def outstanding(
    disbursed: NDArray[np.float64], repaid: NDArray[np.float64], written_off: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return principal owed, ``(loan,)``, bn USD."""
    owed = disbursed - repaid
    owed -= written_off
    # What is left of sums of payments that cancel out is rounding; a debt below a dollar is none.
    owed[np.abs(owed) < 1e-12] = 0.0
    return owed


def undisbursed(
    amount: NDArray[np.float64], cancelled: NDArray[np.float64], disbursed: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what is approved, not cancelled and not yet paid out, ``(loan,)``, bn USD."""
    left = amount - cancelled
    left -= disbursed
    left[left < 1e-12] = 0.0
    return left
