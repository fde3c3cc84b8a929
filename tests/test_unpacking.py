"""Files that hold more than they are, and archives that are broken inside: refused before and while they are read."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sscsim.errors import InputError
from sscsim.unpacking import Unreadable, open_part, parts, read_arrays, unpacked
from sscsim.world.loading import load_world
from sscsim.world.overlay import apply_trade_matrix
from sscsim.world.trade_files import import_trade

NOTES = "".join(f"note {i * 7919 % 10007}\n" for i in range(3000))
LINES = "exporter,importer,value\nCHN,BRA,30.5\nBRA,CHN,46.0\nIND,CHN,17.0\n" + NOTES
PACKED = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}


def archive(packing: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", PACKED[packing]) as made:
        made.writestr("trade.csv", LINES)
    return file.getvalue()


def changed(data: bytes, place: int, form: str, value: int) -> bytes:
    """Return an archive in which a number of the part's head and of the list is another."""
    out = bytearray(data)
    struct.pack_into(form, out, place, value)
    struct.pack_into(form, out, data.rindex(b"PK\x01\x02") + place + 2, value)
    return bytes(out)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "only its beginning": lambda data: data[:40],
    "zeros within": lambda data: data[:1000] + bytes(400) + data[1400:],
    "a letter within": lambda data: data[:800] + bytes([data[800] ^ 255]) + data[801:],
    "locked": lambda data: changed(data, 6, "<H", 1),
    "packed in an unknown way": lambda data: changed(data, 8, "<H", 99),
    "another sum": lambda data: changed(data, 14, "<I", 12345),
    "longer than it says": lambda data: changed(data, 22, "<I", 100),
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_archive_is_one_message(damage: str, packing: str, tmp_path: Path) -> None:
    path = tmp_path / "trade.zip"
    path.write_bytes(DAMAGES[damage](archive(packing)))
    with pytest.raises(InputError, match=r"cannot be read|too large") as refused:
        import_trade(path, load_world())
    assert refused.value.file == str(path)


@pytest.mark.parametrize("packing", PACKED)
def test_a_sound_archive_is_read(packing: str, tmp_path: Path) -> None:
    path = tmp_path / "trade.zip"
    path.write_bytes(archive(packing))
    assert [one.filename for one in parts(path)] == ["trade.csv"]
    with open_part(path, "trade.csv") as part:
        assert part.read() == LINES.encode()
    with pytest.raises(InputError, match="cannot be read"):
        open_part(path, "another.csv")


# -------------------------------------------------------------------------------------------------------------- arrays


def npy(head: str, body: bytes, version: bytes = b"\x01\x00") -> bytes:
    return b"\x93NUMPY" + version + struct.pack("<H", len(head)) + head.encode() + body


def head(kind: str, shape: str) -> str:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    return text + " " * (63 - (len(text) + 10) % 64) + "\n"


ARRAYS: dict[str, bytes] = {
    "more numbers than there are": npy(head("<f8", "(1000000000000,)"), b"12345678"),
    "fewer numbers than there are": npy(head("<f8", "(1,)"), b"1234567890123456"),
    "a number of numbers below zero": npy(head("<f8", "(-1,)"), b"12345678"),
    "objects": npy(head("|O", "(1,)"), b"12345678"),
    "a head of another program": npy("nothing at all\n", b""),
    "a head that calls": npy("__import__('os').system('true')\n", b""),
    "no array": b"text",
    "nothing": b"",
    "another version": npy(head("<f8", "(1,)"), b"12345678", b"\x09\x00"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_an_array_that_is_not_what_its_head_says_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.npy", ARRAYS[case])
    with pytest.raises(InputError, match="cannot be read"):
        read_arrays(path, 1_000_000, 10**9)


@pytest.mark.parametrize("copies", [1, 3])
def test_arrays_that_swell_are_refused_before_they_are_unpacked(
    copies: int, tmp_path: Path
) -> None:
    path = tmp_path / "arrays.npz"
    np.savez_compressed(path, **{f"a{i}": np.zeros(12_000_000 // copies) for i in range(copies)})
    assert path.stat().st_size < 200_000
    tracemalloc.start()
    with pytest.raises(InputError, match="unpacks to too much"):
        read_arrays(path, 1_000_000, 90_000_000)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_sound_arrays_are_read(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    made = {"a": np.ones((2, 3)), "b": np.array([1, 2], np.int16), "c": np.array(["x"])}
    for save in (np.savez, np.savez_compressed):
        save(path, **made)
        found = read_arrays(path, 1_000_000, 1_000_000)
        assert list(found) == list(made)
        assert all((found[name] == made[name]).all() for name in made)


# ------------------------------------------------------------------------------------------------ a matrix as Parquet


def matrix(**more: pa.Array) -> pa.Table:
    given = {
        "exporter": pa.array(["CHN", "BRA", "IND"]),
        "importer": pa.array(["BRA", "CHN", "CHN"]),
        "value": pa.array([30.5, 46.0, 17.0]),
    }
    return pa.table(given | more)


def repeated(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text]))


def of_one_pair(rows: int, exporter: str = "BRA") -> pa.Table:
    names = {"exporter": repeated(exporter, rows), "importer": repeated("CHN", rows)}
    return pa.table(names | {"value": pa.array(np.ones(rows))})


SWOLLEN: dict[str, tuple[Callable[[], pa.Table], str]] = {
    "a long name in all rows": (lambda: of_one_pair(100_000, "x" * 1_000_000), "no name of an"),
    "millions of rows": (lambda: of_one_pair(2_000_000), "too many rows"),
    "very many rows": (lambda: pa.table({"value": np.ones(40_000_000)}), "cannot be read"),
    "lists": (lambda: matrix(value=pa.array([[1.0], [2.0], [3.0]])), "cannot be read"),
    "times": (lambda: matrix(value=pa.array([0, 1, 2], pa.timestamp("s"))), "cannot be read"),
    "bytes": (lambda: matrix(exporter=pa.array([b"CHN", b"\xff", b"IND"])), "cannot be read"),
}


@pytest.mark.parametrize("case", SWOLLEN)
def test_a_matrix_that_swells_or_holds_no_numbers_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "matrix.parquet"
    make, said = SWOLLEN[case]
    pq.write_table(make(), path, store_schema=False)
    assert path.stat().st_size < 3_000_000
    world = load_world()
    tracemalloc.start()
    with pytest.raises(InputError, match=said) as refused:
        apply_trade_matrix(world, path)
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()
    assert len(str(refused.value)) < 1000


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "matrix.parquet"
    columns = [pa.array(["CHN"]), pa.array(["BRA"]), pa.array([1.0]), pa.array([2.0])]
    table = pa.Table.from_arrays(columns, ["exporter", "importer", "value", "value"])
    pq.write_table(table, path)
    with pytest.raises(InputError, match="cannot be read"):
        apply_trade_matrix(load_world(), path)


def test_columns_that_are_not_asked_for_may_hold_anything() -> None:
    sink = io.BytesIO()
    pq.write_table(matrix(note=pa.array([[1], [], [2]])), sink)
    table = unpacked(sink.getvalue(), only=("value", "exporter", "another"))
    assert sorted(table.column_names) == ["exporter", "value"]
    with pytest.raises(Unreadable, match="list"):
        unpacked(sink.getvalue())
