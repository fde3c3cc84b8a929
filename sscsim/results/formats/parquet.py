"""Parquet: texts as dictionaries, compressed; a fraction of the size of CSV."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sscsim.results.formats import Format
from sscsim.results.schema import Declared
from sscsim.results.tables import Coded, Columns
from sscsim.unpacking import Unreadable, unpacked

__all__ = ["Parquet"]

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
        # Least and greatest of a column serve those who skip parts of a file; these are read whole.
        pq.write_table(
            arrow,
            sink,
            compression="zstd",
            use_dictionary=listed,
            store_schema=True,
            write_statistics=False,
        )
        return sink.getvalue()

    def read(self, data: bytes, table: Declared) -> Columns:
        """Return the columns of one table; see `Format.read`."""
        return self.columns(data)

    def columns(self, data: bytes, rows: int | None = None, most: int | None = None) -> Columns:
        """Return the columns of any file of numbers and texts, of so many rows and bytes at most; see `unpacked`."""
        more: dict[str, Any] = {"rows": rows, "most": most}
        arrow = unpacked(data, **{name: one for name, one in more.items() if one is not None})
        notes = {
            key.decode(): value.decode()
            for key, value in (arrow.schema.metadata or {}).items()
            if key in _NOTES
        }
        names = arrow.column_names
        return Columns({name: _column(arrow.column(name)) for name in names}, notes)


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
    return pa.StringArray.from_buffers(
        len(words), pa.py_buffer(ends), pa.py_buffer(b"".join(words))
    )


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
        return (
            np.frombuffer(held.buffers()[1], kind, len(held), start)
            if len(held)
            else np.empty(0, kind)
        )
    numbers: NDArray[Any] = held.to_numpy(zero_copy_only=False)
    return numbers
