"""Parquet: texts as dictionaries, compressed; a fraction of the size of CSV."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sscsim.results.formats import Format, Unreadable
from sscsim.results.schema import Declared
from sscsim.results.tables import Coded, Columns

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MOST_UNPACKED", "Parquet", "unpacked"]

MOST_UNPACKED = 10**9
"""Bytes that a file may unpack to. The largest table of a run, all years of trade, is some thirty million."""

_NOTES = (b"iso3", b"years")


class Parquet(Format):
    """Apache Parquet."""

    name: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".parquet"

    def write(self, columns: Columns) -> bytes:
        """Return the file of one table; see `Format.write`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow = pa.table({name: _arrow(held) for name, held in columns.held.items()})
        if columns.notes:
            arrow = arrow.replace_schema_metadata(dict(columns.notes))
        # A list of the different values of a column of fractions is longer than the column, and takes as long to make.
        listed = [one.name for one in arrow.schema if not pa.types.is_floating(one.type)]
        sink = io.BytesIO()
        pq.write_table(arrow, sink, compression="zstd", use_dictionary=listed, store_schema=True)
        return sink.getvalue()

    def read(self, data: bytes, table: Declared) -> Columns:
        """Return the columns of one table; see `Format.read`."""
        return self.columns(data)

    def columns(self, data: bytes) -> Columns:
        """Return the columns of any file of numbers and texts; see `unpacked`."""
        arrow = unpacked(data)
        notes = {
            key.decode(): value.decode()
            for key, value in (arrow.schema.metadata or {}).items()
            if key in _NOTES
        }
        names = arrow.column_names
        return Columns({name: _column(arrow.column(name)) for name in names}, notes)


def unpacked(data: bytes, most: int = MOST_UNPACKED) -> pa.Table:
    """Return the table of a file of numbers and texts, once it is known to unpack to no more than it may.

    Parameters
    ----------
    data
        The file.
    most
        Bytes that it may unpack to. A column of one number that is repeated a billion times is a file of a few bytes:
        what counts is rows times the width of each, and the texts.

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
        widths = {one.name: _width(one.type) for one in schema}
        texts = [name for name, width in widths.items() if width is None]
        found = _size(file.metadata, widths)
        if found > most:
            raise Unreadable(f"it unpacks to {found:,} bytes, more than the {most:,} there may be")
        # A text is read as a place in a list of texts: one of a million letters does not stand in each row.
        # Not `read_table`, whose datasets bring pandas along.
        reader = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        return reader.read(use_threads=False)
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


def _arrow(held: NDArray[Any] | Coded) -> Any:
    import pyarrow as pa

    if not isinstance(held, Coded):
        return _numbers(held)
    whole = np.asarray(held.codes, np.int32)
    return pa.DictionaryArray.from_arrays(_numbers(whole, whole >= 0), _texts(held.names))


# From bytes, both: Arrow's own way from NumPy and from lists imports pandas, which takes longer than all the writing.


def _texts(names: Sequence[str]) -> Any:
    """Return texts as Arrow holds them."""
    import pyarrow as pa

    words = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, words)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(ends), pa.py_buffer(b"".join(words)))


def _numbers(values: NDArray[Any], there: NDArray[np.bool_] | None = None) -> Any:
    """Return numbers as Arrow holds them, none where there is none."""
    import pyarrow as pa

    def bits(truths: NDArray[np.bool_]) -> Any:
        return pa.py_buffer(np.packbits(truths, bitorder="little"))

    truths = values.dtype == np.bool_
    held = bits(values) if truths else pa.py_buffer(np.ascontiguousarray(values))
    missing = None if there is None or there.all() else bits(there)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [missing, held])


def _column(chunks: Any) -> NDArray[Any] | Coded:
    import pyarrow as pa

    held = chunks.unify_dictionaries().combine_chunks()
    if isinstance(held, pa.ChunkedArray):  # of no rows
        held = pa.concat_arrays(held.chunks) if held.num_chunks else pa.array([], held.type)
    if isinstance(held, pa.DictionaryArray):
        if not pa.types.is_string(held.dictionary.type):
            raise Unreadable("it holds a list of numbers where texts are")
        if held.dictionary.null_count:
            raise Unreadable("a text is missing in its lists")
        codes = held.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return Coded(codes.astype(np.int64), tuple(held.dictionary.to_pylist()))
    if held.null_count:
        raise Unreadable("a number is missing")
    if pa.types.is_floating(held.type) or pa.types.is_integer(held.type):
        # What `to_numpy` gives, which brings pandas along: a quarter of a second of every first run.
        kind = np.dtype(held.type.to_pandas_dtype())
        start = held.offset * kind.itemsize
        return np.frombuffer(held.buffers()[1], kind, len(held), start) if len(held) else np.empty(0, kind)
    numbers: NDArray[Any] = held.to_numpy(zero_copy_only=False)
    return numbers
