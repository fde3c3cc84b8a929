"""A workbook for spreadsheets: a sheet a table, and one that says what names mean."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sscsim.errors import InputError
from sscsim.results.extras import not_installed
from sscsim.results.formats import Format
from sscsim.results.tables import Coded, Columns, Named, Table

if TYPE_CHECKING:
    from xlsxwriter import Workbook

__all__ = ["MOST_LINES", "Xlsx"]

_DATE = datetime(2018, 9, 20, tzinfo=UTC)
"""One content has one form: no workbook says when it was written."""

MOST_LINES = 1_048_576
"""Lines that a sheet may have (Microsoft, Excel specifications and limits)."""


class Xlsx(Format):
    """Office Open XML: one file, ``tables.xlsx``; nothing is an empty cell."""

    name: ClassVar[str] = "xlsx"
    suffix: ClassVar[str] = ".xlsx"

    def files(self, tables: Mapping[str, Table], run: Named) -> dict[str, bytes]:
        """Return the workbook; see `Format.files`.

        Raises
        ------
        InputError
            If XlsxWriter is not installed, or a table is longer than a sheet may be.
        """
        try:
            from xlsxwriter import Workbook
        except ImportError:
            raise not_installed("XlsxWriter") from None
        sink = io.BytesIO()
        # A line at a time is written away, and a text stays one, whatever it begins with.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(sink, options) as book:
            book.set_properties({"created": _DATE})
            for name, table in tables.items():
                _add(book, name, table.laid_out(run))
            if self.words.indicators:
                sheet = book.add_worksheet("words")
                sheet.write_row(0, 0, ["indicator", "title", "unit", "description"])
                for line, (name, one) in enumerate(self.words.indicators.items(), start=1):
                    sheet.write_row(line, 0, [name, one.title, one.unit, one.description])
        return {"tables.xlsx": sink.getvalue()}


def _add(book: Workbook, name: str, columns: Columns) -> None:
    if len(columns) >= MOST_LINES:
        raise InputError(
            "the table is longer than a sheet of a workbook may be",
            key=name,
            found=f"{len(columns):,} lines",
            allowed=f"{MOST_LINES - 1:,}: export it as csv or parquet, or keep less",
        )
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, list(columns.held))
    for line, cells in enumerate(zip(*map(_cells, columns.held.values()), strict=True), start=1):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write_number(line, place, cell)


def _cells(held: Any) -> Iterable[str | float | None]:
    if isinstance(held, Coded):
        texts: list[str | None] = held.texts().tolist()
        return texts
    # A sheet has no cell for what is no number.
    return (x if math.isfinite(x) else None for x in held.tolist())
