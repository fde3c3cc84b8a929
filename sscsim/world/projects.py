"""Projects: one row each, in growing columns; loans and cooperation share the table.

Thousands of projects are rows and not objects: a year's payments are a few array expressions over all of them. A
`Project` is a light view of one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "KINDS", "NONE", "OPEN", "STATUSES", "Column", "Project", "ProjectTable"]

KINDS = ("loan", "credit_line", "bilateral", "triangular", "regional", "reverse_linkage")
"""What a project is: money that is paid back (the first two) or knowledge."""

STATUSES = ("approved", "disbursing", "repaying", "arrears", "closed", "cancelled", "written_off")
"""Where a project stands; it is in one of them at any time."""

OPEN = 4
"""Statuses before this one are those of a project that is under way."""

NONE = -1
"""Stands for nobody and nothing in the columns of places: no partner, no domain, not yet completed."""


@dataclass(frozen=True)
class Column:
    """A column: its name, type, empty value, unit and meaning."""

    name: str
    kind: type[np.generic]
    empty: float
    unit: str
    description: str


COLUMNS: tuple[Column, ...] = (
    Column("kind", np.int8, 0, "place in KINDS", "What the project is"),
    Column("lender", np.int16, NONE, "place in lenders", "Bank or country that lends"),
    Column("provider", np.int16, NONE, "place in iso3", "Country that shares knowledge"),
    Column("partner", np.int16, NONE, "place in partners", "Third party of a triangular project"),
    Column("receiver", np.int16, NONE, "place in iso3", "Country that borrows or receives"),
    Column("sector", np.int8, NONE, "place in sectors", "What a loan is for"),
    Column("domain", np.int8, NONE, "place in domains", "What knowledge is shared"),
    Column("window", np.int8, NONE, "place in windows", "Terms under which a bank lends"),
    Column("renewable", np.bool_, False, "", "Renewable energy"),
    Column("sovereign", np.bool_, True, "", "Lent to a State or with its guarantee"),
    Column("cofinanced", np.bool_, False, "", "Others finance it as well"),
    Column("year_approved", np.int16, NONE, "year", "Year of approval"),
    Column("first_disbursement", np.int16, NONE, "year", "Year of the first disbursement"),
    Column("completed", np.int16, NONE, "year", "Year of the last disbursement or of the end"),
    Column("grace", np.int8, 0, "years", "From first disbursement to first repayment"),
    Column("maturity", np.int8, 0, "years", "From first disbursement to last repayment"),
    Column("margin", np.float64, 0.0, "fraction", "Interest over the cost of borrowing"),
    Column("amount", np.float64, 0.0, "bn USD", "Approved"),
    Column("mobilised", np.float64, 0.0, "bn USD", "What others bring to it"),
    Column("cancelled", np.float64, 0.0, "bn USD", "Approved and given up"),
    Column("disbursed", np.float64, 0.0, "bn USD", "Paid out"),
    Column("repaid", np.float64, 0.0, "bn USD", "Principal paid back"),
    Column("written_off", np.float64, 0.0, "bn USD", "Principal given up"),
    Column("arrears", np.float64, 0.0, "bn USD", "Principal overdue, part of what is outstanding"),
    Column("arrears_since", np.int16, NONE, "year", "Since when principal is overdue"),
    Column("cancels", np.int16, NONE, "year", "Year in which it will be given up, by its luck"),
    Column(
        "defaults", np.int16, NONE, "year", "Year in which a private borrower fails, by its luck"
    ),
    Column("outcome", np.float64, np.nan, "fraction", "How far it succeeded"),
    Column("reported", np.bool_, False, "", "Whether it was reported"),
    Column("status", np.int8, 0, "place in STATUSES", "Where it stands"),
)
"""Every column. What is outstanding is disbursed less repaid less written off, and no column of its own."""

_BY_NAME = {column.name: column for column in COLUMNS}
FIRST_ROOM = 1024


class ProjectTable:
    """Rows of projects in columns that grow.

    ``table.amount`` is a view of the rows in use: writing into it writes into the table. Appending may move the
    columns, so a view is good until the next `append`.

    Parameters
    ----------
    lenders
        Names that the column ``lender`` points to; more can be added.
    """

    def __init__(self, lenders: Sequence[str] = ()) -> None:
        self.lenders: list[str] = list(lenders)
        self._count = 0
        self._columns = {c.name: np.full(FIRST_ROOM, c.empty, dtype=c.kind) for c in COLUMNS}

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

    @property
    def outstanding(self) -> NDArray[np.float64]:
        """Principal owed, ``(project,)``, bn USD: disbursed, not repaid, not written off."""
        owed = self.disbursed - self.repaid - self.written_off
        # What is left of sums of payments that cancel out is rounding; a debt below a dollar is none.
        owed[np.abs(owed) < 1e-12] = 0.0
        return np.asarray(owed, dtype=np.float64)

    @property
    def undisbursed(self) -> NDArray[np.float64]:
        """Approved, not cancelled, not yet paid out, ``(project,)``, bn USD."""
        left = self.amount - self.cancelled - self.disbursed
        left[left < 1e-12] = 0.0
        return np.asarray(left, dtype=np.float64)

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
            raise ValueError(f"a project has no column {sorted(unknown)[0]!r}")
        lengths = {len(v) for v in columns.values() if isinstance(v, np.ndarray)}
        if len(lengths) != 1:
            raise ValueError(f"rows of one length are needed, found {sorted(lengths)}")
        start, stop = self._count, self._count + lengths.pop()
        self._make_room(stop)
        self._count = stop
        for column in COLUMNS:
            self._columns[column.name][start:stop] = columns.get(column.name, column.empty)
        return slice(start, stop)

    def _make_room(self, rows: int) -> None:
        room = len(self._columns["kind"])
        if rows <= room:
            return
        more = max(rows, 2 * room) - room
        for column in COLUMNS:
            free = np.full(more, column.empty, dtype=column.kind)
            self._columns[column.name] = np.concatenate([self._columns[column.name], free])

    def __getitem__(self, row: int) -> Project:
        if not -self._count <= row < self._count:
            raise IndexError(f"project {row} of {self._count}")
        return Project(self, row % self._count)

    def __iter__(self) -> Iterator[Project]:
        return (Project(self, row) for row in range(self._count))

    def __getstate__(self) -> dict[str, Any]:
        return {
            "lenders": self.lenders,
            "_count": self._count,
            "_columns": {name: values[: self._count] for name, values in self._columns.items()},
        }

    def __setstate__(self, content: Mapping[str, Any]) -> None:
        self.__dict__.update(content)
        self._columns = {name: np.array(values) for name, values in self._columns.items()}

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return a copy of every column, rows in the order in which they were approved."""
        return {name: values[: self._count].copy() for name, values in self._columns.items()}

    def to_frame(self, iso3: Sequence[str], sectors: Sequence[str] = ()) -> pd.DataFrame:
        """Return the table with names for places, one line a project."""
        return projects_frame(self.columns(), tuple(self.lenders), iso3, sectors)


class Project:
    """A view of one row: its attributes are the table's cells."""

    __slots__ = ("row", "table")

    def __init__(self, table: ProjectTable, row: int) -> None:
        self.table = table
        self.row = row

    def __getattr__(self, name: str) -> Any:
        if name in ("outstanding", "undisbursed"):
            return float(getattr(self.table, name)[self.row])
        return getattr(self.table, name)[self.row].item()

    def __repr__(self) -> str:
        lender = self.table.lenders[self.lender] if self.lender >= 0 else "–"
        return (
            f"Project({self.row}: {KINDS[self.kind]} of {lender}, {self.amount:.3f} bn USD, "
            f"{self.year_approved}, {STATUSES[self.status]})"
        )


def projects_frame(
    columns: Mapping[str, NDArray[Any]],
    lenders: Sequence[str],
    iso3: Sequence[str],
    sectors: Sequence[str] = (),
) -> pd.DataFrame:
    """Return columns of projects as a data frame with names for places and pandas' missing values for nobody."""
    import pandas as pd

    names: dict[str, Sequence[str]] = {
        "kind": KINDS,
        "lender": lenders,
        "provider": iso3,
        "receiver": iso3,
        "sector": sectors,
        "status": STATUSES,
    }
    frame: dict[str, Any] = {"project": np.arange(len(columns["kind"]))}
    for column in COLUMNS:
        if column.name in ("cancels", "defaults"):
            continue  # luck that a project carries; what comes of it stands in the other columns
        values = columns[column.name]
        known = names.get(column.name)
        if known:
            place = values.astype(np.intp)
            texts = np.array([*known, None], dtype=object)
            frame[column.name] = pd.array(
                texts[np.where(place < 0, len(known), place)], dtype="str"
            )
        elif np.issubdtype(values.dtype, np.integer):
            whole = pd.array(values.astype(np.int64), dtype="Int64")
            whole[values == NONE] = pd.NA
            frame[column.name] = whole
        else:
            frame[column.name] = values
    owed = columns["disbursed"] - columns["repaid"] - columns["written_off"]
    frame["outstanding"] = np.where(np.abs(owed) < 1e-12, 0.0, owed)
    return pd.DataFrame(frame)
