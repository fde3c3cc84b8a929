"""Read CSV strictly: UTF-8, commas, a header line, as many cells in every row, with the line of each.

The one reader of comma-separated tables, beside `sscsim.yamlfile`: of those that ship, and of a user's figures,
matrices and draws.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from sscsim.errors import InputError, nearest, unknown
from sscsim.files import decode, read_bytes

__all__ = ["CsvFile", "read_csv"]


def read_csv(path: Path, most_bytes: int) -> CsvFile:
    """Open a table of no more than so many bytes and read its header.

    Raises
    ------
    InputError
        For what is no regular file within the budget, no text in UTF-8, or has no header.
    """
    return CsvFile(path, read_bytes(path, most_bytes))


class CsvFile:
    """A table whose header is known; its rows are read once, as somebody goes through them.

    Parameters
    ----------
    path
        What the file is called in messages.
    raw
        What it holds.

    Attributes
    ----------
    header
        Names of the columns, without the blanks around them.

    Raises
    ------
    InputError
        For bytes that are no text, and where there is no header.
    """

    def __init__(self, path: Path, raw: bytes) -> None:
        self.path = path
        self.raw = raw
        if not raw.strip():
            raise self.error("the file is empty", allowed="a CSV table with a header line")
        if b"\0" in raw:
            raise self.error("this is not a text file", allowed="a CSV table in UTF-8")
        self._reader = csv.reader(io.StringIO(decode(path, raw), newline=""), strict=True)
        self.header = [name.strip() for name in self._next() or []]
        if not any(self.header):
            raise self.error("the first line names no column", 1, allowed="names parted by commas")

    def error(
        self, message: str, line: int | None = None, key: str | None = None, **details: Any
    ) -> InputError:
        """Return an `InputError` that names this file, the line and the column."""
        return InputError(message, file=self.path, line=line, key=key, **details)

    def unknown(
        self,
        what: str,
        found: str,
        names: Collection[str],
        line: int,
        key: str,
        allowed: str | None = None,
    ) -> InputError:
        """Return the error for a name that nothing has; see `sscsim.errors.unknown`."""
        return unknown(what, found, names, allowed=allowed, file=self.path, line=line, key=key)

    def check_header(self, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        """Check that the columns are these, in any order, each once.

        Raises
        ------
        InputError
            For a column that is not known, stands twice, or is missing.
        """
        allowed = (*required, *optional)
        for name in self.header:
            if name not in allowed or self.header.count(name) > 1:
                raise self.error(
                    "this column is given twice" if name in allowed else "this column is not known",
                    1,
                    "header",
                    found=name,
                    allowed=allowed,
                    suggestion=nearest(name, allowed) if name not in allowed else None,
                )
        for name in required:
            if name not in self.header:
                raise self.error(
                    "a column is missing", 1, name, found=", ".join(self.header), allowed=allowed
                )

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line on which it begins, and the cells, of every row that is not blank.

        Raises
        ------
        InputError
            For a row of another length, quotes that do not close, and where there is no row at all.
        """
        anything = False
        width = len(self.header)
        before = self._reader.line_num
        while (cells := self._next()) is not None:
            line, before = before + 1, self._reader.line_num
            if len(cells) != width or not cells[0].strip():
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != width:
                    raise self.error(
                        "this row has not as many cells as the header",
                        line,
                        found=f"{len(cells)} cells",
                        allowed=f"{width} cells: {', '.join(self.header)}",
                    )
            anything = True
            yield line, cells
        if not anything:
            raise self.error("the table has a header but no rows", 1)

    def number(self, text: str, line: int, key: str) -> float:
        """Return the number in a cell; one may be infinite or none.

        Raises
        ------
        InputError
            For another text.
        """
        try:
            return float(text)
        except ValueError:
            raise self.error(
                "this is not a number", line, key, found=text, allowed="a number such as 12.5"
            ) from None

    def _next(self) -> list[str] | None:
        try:
            return next(self._reader, None)
        except csv.Error as failure:
            raise self.error(
                "this is not a well-formed CSV row",
                max(self._reader.line_num, 1),
                found=str(failure),
                allowed="cells parted by commas, quotes closed",
            ) from None
