"""A format of files: JSON, a line a row."""

from __future__ import annotations

import json
from typing import ClassVar

from sscsim.results.formats import Format
from sscsim.results.tables import Coded, Columns


class JsonLines(Format):
    """A row a line, by the names of the columns."""

    name: ClassVar[str] = "jsonlines"
    suffix: ClassVar[str] = ".jsonl"

    def write(self, columns: Columns) -> bytes:
        """Return the file of one table; see `Format.write`."""
        cells = {
            name: (held.texts() if isinstance(held, Coded) else held).tolist()
            for name, held in columns.held.items()
        }
        rows = zip(*cells.values(), strict=True)
        return "".join(
            json.dumps(dict(zip(cells, row, strict=True))) + "\n" for row in rows
        ).encode()
