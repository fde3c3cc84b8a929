"""No edit of a saved run passes unseen, even where every hash of a file was put right; nor does a file that swells."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sscsim.errors import InputError
from sscsim.results import Recorder, Run, writing
from sscsim.results.tables import RowTable
from sscsim.unpacking import MOST_UNPACKED, Unreadable, unpacked
from tests.results.test_saved_runs import edit, make_run, put

PROJECTS = RowTable(
    "projects",
    {
        "provider": np.array([0, 1, 2]),
        "receiver": np.array([1, -1, 0]),
        "parties": np.array([-1, 0, -1]),
        "domain": np.array([0, 1, 1]),
        "start": np.array([2011, 2013, 2015]),
        "end": np.array([2014, 2016, 2016]),
        "cost": np.array([1.5, 0.25, 3.0]),
    },
    {
        "provider": ("BRA", "CHN", "IND"),
        "receiver": ("BRA", "CHN", "IND"),
        "parties": ("BRA CHN IND",),
        "domain": ("health", "energy"),
    },
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    run = make_run()
    return Run(run.manifest, run.tables | {"projects": PROJECTS}).save(tmp_path / "run")


@pytest.fixture
def compact(tmp_path: Path) -> Path:
    return make_run().save(tmp_path / "compact", compact=True)


def test_the_run_that_is_edited_here_is_sound(saved: Path, compact: Path) -> None:
    assert Run.load(saved).table("projects")["provider"].tolist() == ["BRA", "CHN", "IND"]
    assert Run.load(compact) == make_run()


# ------------------------------------------------------------------------------------ CSV, by text

TEXT_EDITS: dict[str, Callable[[str], str]] = {
    "another scenario in one line": lambda t: t.replace("baseline,3,2014", "optimism,3,2014", 1),
    "another seed in one line": lambda t: t.replace("baseline,3,2014", "baseline,4,2014", 1),
    "another seed in all": lambda t: t.replace("baseline,3,", "baseline,4,"),
    "a number": lambda t: t.replace("1e+22", "2e+22", 1),
    "the form of a number": lambda t: t.replace(",1.0,", ",1.00,", 1),
    "a blank before a number": lambda t: t.replace(",1.0,", ", 1.0,", 1),
    "an underscore in a year": lambda t: t.replace(",2014,", ",2_014,", 1),
    "not a number": lambda t: t.replace("1e+22", "nan", 1),
    "infinite": lambda t: t.replace("1e+22", "inf", 1),
    "a year of no calendar": lambda t: t.replace(",2014,", f",{10**30},", 1),
    "a number of five thousand digits": lambda t: t.replace(",2014,", f",{'9' * 5000},", 1),
    "a line less": lambda t: "".join(t.splitlines(keepends=True)[:-1]),
    "a line twice": lambda t: t + t.splitlines(keepends=True)[-1],
    "an empty line": lambda t: t + "\n",
    "no end of the last line": lambda t: t[:-1],
    "ends of lines": lambda t: t.replace("\n", "\r\n"),
    "quotes": lambda t: t.replace("World", '"World"', 1),
    "a quote that is not closed": lambda t: t + '"',
    "a cell more": lambda t: t.replace(",1.0,", ",1.0,,", 1),
    "a cell less": lambda t: t.replace("baseline,3,", "3,", 1),
    "a column more": lambda t: t.replace("\n", ",\n"),
    "a column's name": lambda t: t.replace("unit", "units", 1),
    "two columns exchanged": lambda t: t.replace("scenario,seed", "seed,scenario", 1),
    "a unit": lambda t: t.replace("bn 2015 USD", "bn 2010 USD", 1),
    "a group": lambda t: t.replace("World", "world", 1),
    "two years exchanged": lambda t: t.replace("3,2013", "3,2x").replace("3,2014", "3,2013"),
    "a mark of the order of bytes": lambda t: "\ufeff" + t,
    "a null": lambda t: t.replace("World", "Wor\0ld", 1),
    "a cell of a million letters": lambda t: t.replace("World", "W" * 10**6, 1),
}


@pytest.mark.parametrize("name", TEXT_EDITS)
def test_an_edit_of_the_long_table(saved: Path, name: str) -> None:
    text = (saved / "indicators.csv").read_text(encoding="utf-8")
    edited = TEXT_EDITS[name](text)
    assert edited != text
    put(saved, "indicators.csv", edited.encode())
    with pytest.raises(InputError):
        Run.load(saved)


# -------------------------------------------------------------------------------- parquet, by column


def with_column(table: pa.Table, name: str, change: Callable[[Any], Any]) -> pa.Table:
    at = table.column_names.index(name)
    return table.set_column(at, name, change(table.column(name)))


def swap(column: Any) -> Any:
    """Exchange the first two different values of a column of texts."""
    values = column.to_pylist()
    at = next(i for i, v in enumerate(values) if v != values[0])
    values[0], values[at] = values[at], values[0]
    return pa.array(values).dictionary_encode()


def first(value: Any) -> Callable[[Any], Any]:
    return lambda column: pa.array([value, *column.to_pylist()[1:]], column.type)


def order(table: pa.Table) -> pa.Table:
    return table.take(pa.array([1, 0, *range(2, len(table))]))


ARROW_EDITS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "order of lines": order,
    "a line less": lambda t: t.slice(1),
    "a line twice": lambda t: pa.concat_tables([t, t.slice(len(t) - 1)]),
    "no line": lambda t: t.slice(0, 0),
    "a column more": lambda t: t.append_column("more", pa.array(np.zeros(len(t)))),
    "a column of texts more": lambda t: t.append_column("more", pa.array(["x"] * len(t))),
    "a column less": lambda t: t.drop_columns([t.column_names[-1]]),
    "a column twice": lambda t: t.append_column(t.column_names[0], t.column(0)),
    "order of columns": lambda t: t.select(t.column_names[::-1]),
    "a column's name": lambda t: t.rename_columns(["other", *t.column_names[1:]]),
    "a list": lambda t: t.append_column("more", pa.array([[1]] * len(t))),
    "a time": lambda t: t.append_column("more", pa.array([0] * len(t), pa.timestamp("s"))),
    "notes that are others": lambda t: t.replace_schema_metadata({"iso3": "BRA", "years": "2013"}),
}
BY_TABLE: dict[str, dict[str, Callable[[pa.Table], pa.Table]]] = {
    "countries": {
        "codes of a year exchanged": lambda t: with_column(t, "iso3", swap),
        "a year": lambda t: with_column(t, "year", first(2012)),
        "a year missing": lambda t: with_column(t, "year", first(None)),
        "a code missing": lambda t: with_column(t, "iso3", first(None)),
        "a number": lambda t: with_column(t, "gdp", first(1.0)),
        "a number missing": lambda t: with_column(t, "gdp", first(None)),
        "whole numbers": lambda t: with_column(t, "gdp", lambda c: pa.array([1] * len(c))),
        "texts for numbers": lambda t: with_column(t, "gdp", lambda c: pa.array(["1"] * len(c))),
        "half precision": lambda t: with_column(
            t, "gdp", lambda c: c.cast(pa.float32(), safe=False)
        ),
    },
    "trade": {
        "ends exchanged": lambda t: with_column(t, "origin", swap),
        "an economy of no list": lambda t: with_column(t, "origin", first("XXX")),
        "a year that is not noted": lambda t: with_column(t, "year", first(2014)),
        "a zero": lambda t: with_column(t, "value", first(0.0)),
        "a flow": lambda t: with_column(t, "value", first(7.0)),
        "no notes": lambda t: t.replace_schema_metadata(None),
        "notes of too many": lambda t: t.replace_schema_metadata(
            {"iso3": " ".join(f"A{i}" for i in range(20_000)), "years": "2013 2016"}
        ),
        "a noted year that is none": lambda t: t.replace_schema_metadata(
            {"iso3": "BRA CHN IND", "years": "2013 then"}
        ),
    },
    "projects": {
        "a cost": lambda t: with_column(t, "cost", first(9.0)),
        "parties exchanged": lambda t: with_column(t, "provider", swap),
        "years as numbers": lambda t: with_column(t, "start", lambda c: c.cast(pa.float64())),
        "a provider missing": lambda t: with_column(t, "provider", first(None)),
        "texts as places": lambda t: with_column(t, "domain", lambda c: pa.array([0, 1, 1])),
    },
}


def rewrite(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    sink = io.BytesIO()
    pq.write_table(change(pq.read_table(folder / f"{name}.parquet")), sink)
    put(folder, f"{name}.parquet", sink.getvalue())


@pytest.mark.parametrize(
    ("table", "name"),
    [(t, n) for t in BY_TABLE for n in (*ARROW_EDITS, *BY_TABLE[t])],
)
def test_an_edit_of_a_table(saved: Path, table: str, name: str) -> None:
    if table == "projects" and name.startswith("notes"):
        pytest.skip("a table of rows has no notes, and what others note is not read")
    if table == "projects" and name == "no line":
        pass
    rewrite(saved, table, (ARROW_EDITS | BY_TABLE[table])[name])
    with pytest.raises(InputError):
        Run.load(saved)


@pytest.mark.parametrize("name", ARROW_EDITS)
def test_an_edit_of_the_long_table_as_parquet(compact: Path, name: str) -> None:
    if name.startswith("notes"):
        pytest.skip("the long table has no notes")
    rewrite(compact, "indicators", ARROW_EDITS[name])
    with pytest.raises(InputError):
        Run.load(compact)


@pytest.mark.parametrize("column", ["scenario", "seed", "unit", "group", "value", "year"])
def test_an_edited_cell_of_the_long_table_as_parquet(compact: Path, column: str) -> None:
    def change(held: Any) -> Any:
        value = held.to_pylist()[0]
        return first("else" if isinstance(value, str) else value + 1)(held)

    rewrite(compact, "indicators", lambda t: with_column(t, column, change))
    with pytest.raises(InputError):
        Run.load(compact)


def test_the_form_of_a_parquet_file_is_free(saved: Path) -> None:
    """Another writer's dictionaries, groups of rows and compression are no edit."""
    before = Run.load(saved)
    for name in ("countries", "trade", "projects"):
        sink = io.BytesIO()
        table = pq.read_table(saved / f"{name}.parquet")
        pq.write_table(table, sink, compression="none", row_group_size=2)
        put(saved, f"{name}.parquet", sink.getvalue())
    assert Run.load(saved) == before


# --------------------------------------------------------------------------------- the manifest

PROVENANCE: dict[str, Any] = {
    "version": "9.9.9",
    "platform": {"system": "another"},
    "scenario": {"title": {"en": "Another policy"}},
    "scenario_hash": "0" * 64,
    "data_hash": "0" * 64,
    "parameter_hash": "0" * 64,
    "parameters_changed": {"trade_elasticity": 4.0},
    "off": ["trade"],
    "start": 2012,
    "end": 2016 + 1,
    "keep": "full",
    "more": "something that nobody wrote",
}


@pytest.mark.parametrize("key", PROVENANCE)
def test_provenance_is_not_edited_unseen(saved: Path, key: str) -> None:
    edit(saved, **{key: PROVENANCE[key]})
    with pytest.raises(InputError, match="manifest was changed"):
        Run.load(saved)


@pytest.mark.parametrize("key", ["version", "platform", "start"])
def test_nor_is_it_left_out(saved: Path, key: str) -> None:
    edit(saved, **{key: None})
    with pytest.raises(InputError, match=r"manifest was changed|is missing"):
        Run.load(saved)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", True),
        ("seed", "3"),
        ("seed", 3.0),
        ("start", None),
        ("keep", "all"),
        ("tables", []),
    ],
)
def test_what_a_manifest_says_is_of_its_kind(saved: Path, key: str, value: object) -> None:
    path = saved / "manifest.json"
    manifest = json.loads(path.read_bytes()) | {key: value}
    manifest["manifest_hash"] = writing.manifest_hash(manifest)
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=f"manifest is damaged(.|\n)*{key}"):
        Run.load(saved)


def test_the_number_of_lines_is_that_of_the_table(saved: Path) -> None:
    tables = json.loads((saved / "manifest.json").read_bytes())["tables"]
    tables["trade"]["rows"] += 1
    edit(saved, hashed=True, tables=tables)
    with pytest.raises(InputError, match=r"trade\.rows"):
        Run.load(saved)


# ------------------------------------------------------------------------ what swells, and what never ends


def swollen(rows: int, *, texts: bool) -> bytes:
    """A small file of many lines that repeat one number, or one long text."""
    sink = io.BytesIO()
    if texts:
        places = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(rows, np.int32)), pa.array(["x" * 1_000_000])
        )
        pq.write_table(pa.table({"value": places}), sink, store_schema=False)
    else:
        pq.write_table(pa.table({"value": np.zeros(rows)}), sink, compression="zstd")
    return sink.getvalue()


@pytest.mark.parametrize("rows", [2_000, 20_000, 200_000])
def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_read(rows: int) -> None:
    data = swollen(rows, texts=False)
    assert len(data) < 8 * rows / 5
    with pytest.raises(Unreadable, match="unpacks to"):
        unpacked(data, most=8 * rows - 1)
    assert len(unpacked(data, most=8 * rows + 100)) == rows


def test_texts_that_repeat_are_not_unpacked_at_all() -> None:
    data = swollen(2_000_000, texts=True)  # two million times a million letters
    assert len(data) < 2_000_000
    tracemalloc.start()
    table = unpacked(data)
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()
    assert table.nbytes < 50_000_000  # and not two terabytes
    with pytest.raises(Unreadable, match="unpacks to"):
        unpacked(data, most=8_000_000)


def test_a_table_of_a_run_that_swells_is_refused(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sscsim.results.formats.parquet.unpacked", lambda data: unpacked(data, 50))
    with pytest.raises(InputError, match="cannot be read: it unpacks to"):
        Run.load(saved)
    assert MOST_UNPACKED <= 2**30


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes of this kind")
@pytest.mark.parametrize("name", ["manifest.json", "indicators.csv", "trade.parquet"])
@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device", "folder", "link to itself"])
def test_only_files_are_read(saved: Path, name: str, kind: str) -> None:
    place = saved / name
    place.unlink()
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "device":
        place.symlink_to("/dev/zero")
    elif kind == "link to a device":
        (saved / "between").symlink_to("/dev/urandom")
        place.symlink_to(saved / "between")
    elif kind == "folder":
        place.mkdir()
    else:
        place.symlink_to(place)
    with pytest.raises(InputError, match=r"stands here|cannot be read") as caught:
        Run.load(saved)
    assert caught.value.file == str(place)


def test_a_recorder_is_all_that_is_needed_to_make_a_run() -> None:
    assert isinstance(Recorder(iso3=(), rows=(), variables=(), scenario="none", seed=1).run(), Run)
