"""Open a published table: whatever parts its cells, whatever stands above, below and between its lines.

A publisher's file is not a user's own: it begins with a mark of its encoding, parts cells by semicolons where commas
are decimals, writes ``..`` for what is missing, and ends in notes. All of that is read here, in parts, so that ten
million lines of products need no more memory than two hundred economies.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sscsim.errors import InputError
from sscsim.files import open_file
from sscsim.unpacking import is_archive, open_part, parts

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LARGEST_FILE_BYTES",
    "PublishedTable",
    "amounts",
    "has_decimal_comma",
    "open_table",
    "unreadable",
]

LARGEST_FILE_BYTES = 4_000_000_000
"""A year of a world's trade by product has some 300 MB; all years and products of a publisher some GB."""
MOST_UNPACKED_BYTES = 20_000_000_000
PART = 400_000
"""Lines read at a time."""
LINES_ABOVE = 40
"""Lines of titles that may stand above the header."""
TOO_MUCH = 12
"""Cells beyond those of the header that a line may have and still be looked at."""
NOTE = r"(?i)^\s*(notes?|sources?|footnotes?|remarks?|nota|quelle|fuente|last updated|[*©(])"
"""How lines begin that are no part of a table but stand under it."""
MISSING = (
    "",
    "..",
    "...",
    "-",
    "–",
    "n.a.",
    "n/a",
    "NA",
    "N/A",
    "NaN",
    "nan",
    "null",
    "_",
    "*",
    "c",
    ":",
)
"""What publishers write where there is no figure."""


@dataclass(frozen=True)
class PublishedTable:
    """A table whose header was found.

    Attributes
    ----------
    path
        The file.
    member
        Name of the table within an archive, empty for a plain file.
    header
        Names of the columns, without blanks around them and marks of encodings.
    above
        Lines above the header.
    delimiter, encoding
        How its text is written.
    """

    path: Path
    member: str
    header: tuple[str, ...]
    above: int
    delimiter: str
    encoding: str

    def parts(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Yield the lines of some columns as text, part by part; notes and blank lines are left out.

        Raises
        ------
        InputError
            For text that is no table, and a line of more cells than the header has: a number with an unquoted comma
            would be read as another number.
        """
        import pandas as pd

        wanted = [self.header.index(name) for name in columns]
        width = len(self.header)
        with _opened(self.path, self.member) as raw:
            text = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
            for _ in range(self.above + 1):
                text.readline()
            try:
                reader = pd.read_csv(
                    text,
                    sep=self.delimiter,
                    header=None,
                    names=range(width + TOO_MUCH),
                    index_col=False,
                    dtype=str,
                    keep_default_na=False,
                    na_filter=True,
                    skip_blank_lines=True,
                    chunksize=PART,
                )
                for part in reader:
                    part = self._of_width(part, width).rename(
                        columns=dict(zip(wanted, columns, strict=True))
                    )[list(columns)]
                    yield part.fillna("").apply(lambda cells: cells.str.strip())
            except (pd.errors.ParserError, csv.Error) as failure:
                raise InputError(
                    "this is not a well-formed table", file=self.path, found=str(failure)
                ) from None

    def _of_width(self, part: pd.DataFrame, width: int) -> pd.DataFrame:
        """Return the lines that are no wider than the header; a wider one is a note, or it is refused."""
        more = part.loc[:, width:]
        wide = (more.notna() & (more != "")).any(axis=1)
        if not wide.any():
            return part
        cells = part[wide].fillna("")
        numbers = cells.loc[:, 1:].apply(lambda one: one.str.match(r"^\s*-?[\d.]+\s*$")).any(axis=1)
        trade = cells[numbers & ~cells[0].str.match(NOTE)]
        if len(trade):
            raise InputError(
                "a line of this table has more cells than its header",
                file=self.path,
                line=int(trade.index[0]) + self.above + 2,
                found=self.delimiter.join(trade.iloc[0]).rstrip(self.delimiter),
                allowed=f"{width} cells; a number or a name that holds a {self.delimiter!r} stands in quotes",
            )
        return part[~wide]


def open_table(
    path: Path, known: Callable[[Sequence[str]], bool], member: str = ""
) -> PublishedTable | None:
    """Find the header of a published table.

    Parameters
    ----------
    path
        A text file, or a ZIP archive of text files.
    known
        Whether a line, as cells, is a header that somebody can read.
    member
        Part of the name of the table within an archive that holds several.

    Returns
    -------
    PublishedTable or None
        None where no line among the first forty is such a header.

    Raises
    ------
    InputError
        For what is no regular file, or an archive without such a table.
    """
    inside = _member(path, member)
    with _opened(path, inside) as raw:
        head = raw.read(256 * 1024)
    if not head.strip():
        raise InputError("the file is empty", file=path, allowed="a table of bilateral trade")
    encoding = _encoding(head)
    lines = head.decode(encoding, errors="replace").splitlines()[:LINES_ABOVE]
    for above, line in enumerate(lines):
        for delimiter in (",", ";", "\t", "|"):
            if delimiter not in line:
                continue
            try:
                cells = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error:  # a cell of more letters than any header has
                continue
            header = tuple(cell.strip().strip('"').lstrip("\ufeff").strip() for cell in cells)
            if known(header):
                return PublishedTable(path, inside, header, above, delimiter, encoding)
    return None


def amounts(text: pd.Series, *, decimal_comma: bool = False) -> pd.Series:
    """Return the numbers in cells, NaN where a publisher has none or where there is no number.

    Parameters
    ----------
    text
        Cells, such as ``1,234.5``, ``1 234.5``, ``..`` or ``12.5 e``.
    decimal_comma
        Whether a comma parts the decimals, and a full stop thousands.
    """
    import pandas as pd

    plain = text.where(~text.isin(MISSING), other=None)
    thousands, decimal = (".", ",") if decimal_comma else (",", ".")
    grouped = plain.str.replace(r"[\s\u00a0\u202f'’]", "", regex=True)
    # A group has three digits: 1,5 in a file whose decimals are stops is no number, and is not made one.
    pattern = rf"^-?\d{{1,3}}(\{thousands}\d{{3}})+(\{decimal}\d+)?$"
    has_groups = grouped.str.match(pattern).fillna(False).astype(bool)
    grouped = grouped.mask(has_groups, grouped.str.replace(thousands, "", regex=False))
    if decimal == ",":
        grouped = grouped.str.replace(",", ".", regex=False)
    return pd.to_numeric(grouped, errors="coerce")


def unreadable(cells: pd.Series, values: pd.Series) -> pd.Series:
    """Return the cells that are neither a number nor one of the marks of a missing one."""
    return cells[values.isna() & ~cells.isin(MISSING)]


def has_decimal_comma(cells: pd.Series) -> bool:
    """Return whether numbers are written with a comma for decimals: 1.234,5 or 12,34 and nowhere 1,234.5."""
    comma = cells.str.match(
        r"^-?([\d.]*\d,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+|(\d{4,}|0\d*),\d+)$"
    )
    stop = cells.str.match(
        r"^-?([\d,]*\d\.(\d{1,2}|\d{4,})|\d{1,3}(,\d{3})+\.\d+|(\d{4,}|0\d*)\.\d+)$"
    )
    return bool(comma.any() and not stop.any())


def _encoding(head: bytes) -> str:
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if head.startswith(mark):
            return name
    # The last characters may be cut in two.
    try:
        head[: max(len(head) - 4, 0) or len(head)].decode("utf-8")
    except UnicodeDecodeError as failure:
        if failure.start < len(head) - 8:
            return "cp1252"
    return "utf-8"


def _member(path: Path, wanted: str) -> str:
    """Return which table of an archive is meant; empty for a plain file."""
    with open_file(path, LARGEST_FILE_BYTES) as raw:
        if not is_archive(raw.read(4)):
            return ""
    tables = [one for one in parts(path) if one.filename.lower().endswith((".csv", ".txt", ".tsv"))]
    fitting = [one for one in tables if wanted in one.filename] or tables
    if not fitting:
        raise InputError(
            "there is no table in this archive", file=path, allowed="a CSV file within"
        )
    largest = max(fitting, key=lambda one: one.file_size)
    if largest.file_size > MOST_UNPACKED_BYTES:
        raise InputError(
            "a table of this archive is too large",
            file=path,
            found=f"{largest.filename}, {largest.file_size / 1e9:.1f} GB",
            allowed=f"at most {MOST_UNPACKED_BYTES / 1e9:.0f} GB",
        )
    return largest.filename


def _opened(path: Path, member: str) -> IO[bytes]:
    if not member:
        return open_file(path, LARGEST_FILE_BYTES)
    return open_part(path, member)
