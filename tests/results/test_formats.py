"""Files of tables: what is written is what Python's and Arrow's own ways write, and reads back as it was."""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sscsim.results.formats.csv import Csv
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Coded, Columns

WORDS = {
    "plain": ("World", "South"),
    "odd": ('says "so"', "a, b", "two\nlines", "", " blank ", "Côte d’Ivoire", "漢字"),
    "one": ("",),
    "none": (),
}


def columns(words: tuple[str, ...], rows: int = 60) -> Columns:
    rng = np.random.default_rng(1)
    codes = rng.integers(-1, len(words), rows) if words else np.full(rows, -1)
    return Columns(
        {
            "word": Coded(codes.astype(np.int64), words),
            "year": rng.integers(2013, 2035, rows),
            "value": np.where(rng.random(rows) < 0.2, np.nan, rng.normal(0, 1e9, rows)),
            "true": rng.random(rows) < 0.5,
            "small": rng.normal(size=rows).astype(np.float32),
        }
    )


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_csv_is_what_pythons_own_writer_writes(words: str, rows: int) -> None:
    table = columns(WORDS[words], rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.held)
    cells = [h.texts() if isinstance(h, Coded) else h for h in table.held.values()]
    writer.writerows(zip(*(held.tolist() for held in cells), strict=True))
    assert Csv().write(table) == text.getvalue().encode()


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("rows", [0, 1, 60])
def test_parquet_holds_what_arrows_own_way_holds(words: str, rows: int) -> None:
    table = columns(WORDS[words], rows)
    found = pq.read_table(pa.BufferReader(Parquet().write(table)))
    for name, held in table.held.items():
        if isinstance(held, Coded):
            assert found.column(name).to_pylist() == held.texts().tolist()
        else:
            wanted = pa.chunked_array([pa.array(held)])
            assert found.column(name).type == wanted.type
            assert found.column(name).to_numpy().tobytes() == held.tobytes()
    again = Parquet().columns(Parquet().write(table))
    assert Parquet().write(again) == Parquet().write(table)
