"""Files that hold more than they are: what they unpack to is known before it is read, and what is damaged is said.

A column of one number that is repeated a billion times is a Parquet file of a few bytes, and a text of zeros one of a
ZIP archive. An archive may be sound in its list and broken in a part of it, locked, or packed in a way that Python does
not know.
"""

from __future__ import annotations

import io
import lzma
import math
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import InputError
from sscsim.files import read_bytes

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "MOST_UNPACKED",
    "Unreadable",
    "is_archive",
    "open_part",
    "parts",
    "read_arrays",
    "unpacked",
]

MOST_UNPACKED = 10**9
"""Bytes that a file may unpack to. The largest table of a run, all years of trade, is some thirty million."""


class Unreadable(ValueError):
    """A file that is not what its format says, or would unpack to more than there may be."""


# ------------------------------------------------------------------------------------------------------------- Parquet


def unpacked(
    data: bytes,
    most: int = MOST_UNPACKED,
    only: Collection[str] | None = None,
    rows: int | None = None,
) -> pa.Table:
    """Return the table of a file of numbers and texts, once it is known to unpack to no more than it may.

    Parameters
    ----------
    data
        The file.
    most
        Bytes that it may unpack to: what counts is rows times the width of each, and the texts.
    only
        Columns that are read, those of them that are there; the others may hold anything.
    rows
        How many rows it must have, where that is known.

    Raises
    ------
    Unreadable
        If it is no parquet, has two columns of one name, holds anything but numbers and texts, or unpacks to too much.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        schema = file.schema_arrow
        if len({*schema.names}) < len(schema.names):
            raise Unreadable("two of its columns have one name")
        if rows is not None and file.metadata.num_rows != rows:
            raise Unreadable(f"it has {file.metadata.num_rows:,} rows, and not {rows:,}")
        chosen = [one for one in schema if only is None or one.name in only]
        widths = {one.name: _width(one.type) for one in chosen}
        texts = [name for name, width in widths.items() if width is None]
        found = _size(file.metadata, widths)
        if found > most:
            raise Unreadable(f"it unpacks to {found:,} bytes, more than the {most:,} there may be")
        # A text is read as a place in a list of texts: one of a million letters does not stand in each row.
        # Not `read_table`, whose datasets bring pandas along.
        reader = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        return reader.read(columns=None if only is None else list(widths), use_threads=False)
    except (pa.ArrowException, OSError, LookupError, TypeError, UnicodeError) as failure:
        raise Unreadable(str(failure).partition("\n")[0]) from None


def _size(about: Any, widths: Mapping[str, int | None]) -> int:
    """Return the bytes that the columns of a file fill in memory, texts as places in a list."""
    size = int(about.num_rows) * sum(4 if width is None else width for width in widths.values())
    for group in range(about.num_row_groups):
        described = about.row_group(group)
        for place in range(described.num_columns):
            chunk = described.column(place)
            if widths.get(chunk.path_in_schema, 0) is None:
                size += int(chunk.total_uncompressed_size)
    return size


def _width(kind: Any) -> int | None:
    """Return the bytes of a number of a type, None for a text."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return None
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return 8
    raise Unreadable(f"it holds {kind}: only numbers and texts can be read")


# ----------------------------------------------------------------------------------------------------------------- ZIP

SIGNATURE = b"PK\x03\x04"

# What `zipfile` and those that unpack raise; a locked part is a RuntimeError, an unknown packing NotImplementedError.
_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    ValueError,
)


def is_archive(start: bytes) -> bool:
    """Return whether a file that begins like this is a ZIP archive."""
    return start.startswith(SIGNATURE)


def parts(path: Path) -> Sequence[zipfile.ZipInfo]:
    """Return what an archive says that it holds.

    Raises
    ------
    InputError
        For one whose list cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except _FAILURES as failure:
        raise _damaged(path, failure) from None


def open_part(path: Path, name: str) -> IO[bytes]:
    """Open a part of an archive; no more of it is read than the list says.

    Raises
    ------
    InputError
        For a part that cannot be opened; and later, from whoever reads, for one that turns out to be damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:  # the part keeps the file open
            return io.BufferedReader(_Part(path, archive.open(name)))
    except _FAILURES as failure:
        raise _damaged(path, failure) from None


class _Part(io.RawIOBase):
    """A part of an archive whose damage is an error of the user's."""

    def __init__(self, path: Path, inner: IO[bytes]) -> None:
        super().__init__()
        self.path, self.inner = path, inner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer)
        try:
            read = self.inner.read(len(room))
        except _FAILURES as failure:
            raise _damaged(self.path, failure) from None
        room[: len(read)] = read
        return len(read)

    def close(self) -> None:
        self.inner.close()
        super().close()


def read_arrays(path: Path, most_bytes: int, most_unpacked: int) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of an archive that NumPy wrote (``.npz``), by name.

    Parameters
    ----------
    path
        The file.
    most_bytes, most_unpacked
        Bytes that it may have, and that its arrays may have together.

    Raises
    ------
    InputError
        For what is no regular file within the budget, no such archive, and where arrays are not what their heads say,
        hold anything but numbers and texts, or unpack to too much.
    """
    data = io.BytesIO(read_bytes(path, most_bytes))
    try:
        with zipfile.ZipFile(data) as archive:
            size = sum(one.file_size for one in archive.infolist())
            if size > most_unpacked:
                raise InputError(
                    "the file unpacks to too much",
                    file=path,
                    found=f"{size:,} bytes",
                    allowed=f"at most {most_unpacked:,} bytes",
                )
            return {
                one.filename.removesuffix(".npy"): _array(archive.read(one))
                for one in archive.infolist()
            }
    except _FAILURES as failure:
        raise _damaged(path, failure) from None


def _array(data: bytes) -> np.ndarray[Any, Any]:
    """Return an array, once its head is known to ask for no more room than there are numbers."""
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
    else:
        shape, _, kind = np.lib.format.read_array_header_2_0(file)
    if math.prod(shape) * kind.itemsize != len(data) - file.tell() or kind.hasobject:
        raise ValueError("an array is not what its head says")
    file.seek(0)
    found: np.ndarray[Any, Any] = np.load(file, allow_pickle=False)
    return found


def _damaged(path: Path, failure: Exception) -> InputError:
    return InputError(
        "this archive cannot be read", file=path, found=str(failure) or type(failure).__name__
    )
