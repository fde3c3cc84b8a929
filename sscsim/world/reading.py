"""Read the tables that make up a world: columns of a CSV file as texts and numbers, pairs from a parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.csvfile import CsvFile, read_csv
from sscsim.errors import InputError
from sscsim.files import read_bytes
from sscsim.types import Array, Ints

__all__ = ["LARGEST_TABLE_BYTES", "Table", "read_parquet", "read_table"]

LARGEST_TABLE_BYTES = 50_000_000
"""The largest table that ships has a quarter of a million bytes."""


class Table:
    """A CSV file by columns; an empty cell is no number.

    Parameters
    ----------
    file
        The file, of which nothing but the header has been read.
    """

    def __init__(self, file: CsvFile) -> None:
        self.file = file
        self.names = tuple(file.header)
        rows = list(file.rows())
        self.lines = [line for line, _ in rows]
        self._cells = list(zip(*(cells for _, cells in rows), strict=True))

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def _columns(self) -> dict[str, tuple[str, ...]]:
        return dict(zip(self.names, self._cells, strict=True))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the cells of a column as they are written.

        Raises
        ------
        InputError
            If there is no such column.
        """
        try:
            return self._columns[name]
        except KeyError:
            raise self.file.unknown(
                "column of this name", name, self.names, line=1, key="header"
            ) from None

    def numbers(self, name: str) -> Array:
        """Return a column as numbers, NaN where a cell is empty.

        Raises
        ------
        InputError
            For a cell that holds something else, with its line.
        """
        cells = self.texts(name)
        try:
            return np.array([float(cell) if cell else np.nan for cell in cells])
        except ValueError:
            for line, cell in zip(self.lines, cells, strict=True):
                if cell:
                    self.file.number(cell, line, name)
            raise

    def years(self, name: str, otherwise: int | None = None) -> Ints:
        """Return a column of whole numbers, `otherwise` where a cell is empty.

        Raises
        ------
        InputError
            For a cell that holds something else, with its line.
        """
        found = []
        for line, cell in zip(self.lines, self.texts(name), strict=True):
            try:
                found.append(otherwise if not cell and otherwise is not None else int(cell))
            except ValueError:
                raise self.file.error(
                    "this is not a year",
                    line,
                    name,
                    found=cell,
                    allowed="a whole number such as 2015",
                ) from None
        return np.array(found, dtype=np.int64)


def read_table(path: Path) -> Table:
    """Read a CSV file by columns.

    Raises
    ------
    InputError
        As `sscsim.csvfile.read_csv`.
    """
    return Table(read_csv(path, LARGEST_TABLE_BYTES))


def read_parquet(path: Path, texts: Sequence[str] = ()) -> Any:
    """Read a parquet file as a table of pyarrow, columns of few different texts as numbers of a list of them.

    Raises
    ------
    InputError
        For what is no regular file within the budget, or no parquet.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        source = pa.BufferReader(read_bytes(path, LARGEST_TABLE_BYTES))
        # Not `read_table`, which imports pandas.
        return parquet.ParquetFile(source, read_dictionary=list(texts)).read()
    except (pa.ArrowException, OSError, ValueError) as failure:
        problem = str(failure).partition("\n")[0]
        raise InputError(f"the file is no parquet: {problem}", file=path) from None
