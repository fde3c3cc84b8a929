"""CSV: UTF-8, lines ended by LF, numbers that read back to the same bits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sscsim.results.formats import Format, Unreadable
from sscsim.results.schema import Declared
from sscsim.results.tables import Coded, Columns

__all__ = ["Csv"]


class Csv(Format):
    """Comma-separated values, a line of names first; nothing is an empty cell."""

    name: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"
    plain: ClassVar[bool] = True

    def write(self, columns: Columns) -> bytes:
        """Return the file of one table; see `Format.write`."""
        cells = [map(_quoted, columns.held), *zip(*map(_cells, columns.held.values()), strict=True)]
        return "".join(f"{','.join(line)}\n" for line in cells).encode()

    def read(self, data: bytes, table: Declared) -> Columns:
        """Return the columns of a table whose columns are all declared; see `Format.read`."""
        try:
            lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
            if tuple(next(lines, ())) != tuple(table.columns):
                raise Unreadable(f"its columns must be {', '.join(table.columns)}")
            cells = list(zip(*lines, strict=True)) or [()] * len(table.columns)
            if len(cells) != len(table.columns):
                raise Unreadable(f"its lines must have {len(table.columns)} cells")
            columns = zip(table.columns.items(), cells, strict=True)
            return Columns({name: _parsed(texts, kind) for (name, kind), texts in columns})
        except (ValueError, OverflowError, csv.Error) as failure:
            raise Unreadable(str(failure)) from None


def _cells(held: NDArray[Any] | Coded) -> Iterable[str]:
    """Return the cells of a column; floats in the shortest form that reads back to the same bits."""
    if not isinstance(held, Coded):
        return map(repr, held.tolist())
    # Each text is quoted once, and not in each of a hundred thousand rows; the last is that of no text.
    texts = np.array([*map(_quoted, held.names), ""], dtype=object)
    cells: list[str] = texts[held.codes].tolist()
    return cells


def _quoted(text: str) -> str:
    """Return a text as it stands in a cell of several."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([text, ""])
    return line.getvalue().removesuffix(",\n")


def _parsed(texts: Sequence[str], kind: type) -> NDArray[Any] | Coded:
    if kind is str:
        codes: dict[str, int] = {}
        places = [codes.setdefault(text, len(codes)) for text in texts]
        return Coded(np.array(places, np.int64), tuple(codes))
    if kind is int:
        return np.array([int(text) for text in texts], np.int64)
    return np.array([float(text) for text in texts], np.float64)
