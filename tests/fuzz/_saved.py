"""What sscsim has written and somebody has damaged or edited since: saved runs and stores of members."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz._edits import edited, to_json
from tests.fuzz._files import write
from tests.fuzz._inputs import OUT, Given, Input, generator
from tests.fuzz._mutations import mutate

MOST_ROWS = 30_000_000
"""Rows of a column that takes a few thousand bytes in a file and a quarter of a gigabyte in memory."""


def _text(rng: Random, path: Path) -> tuple[str, bytes]:
    """Change a file of JSON: as data, as text, or as bytes."""
    text = path.read_text(encoding="utf-8")
    way = rng.random()
    if way < 0.5:
        done, data = edited(rng, json.loads(text), 3)
        return done, to_json(data).encode("utf-8", errors="surrogatepass")
    if way < 0.9:
        return mutate(rng, text)
    deep = rng.choice([500, 50_000])
    return f"{deep} deep", b"[" * deep + b"]" * rng.choice([0, deep])


def _odd(rng: Random, column: pa.ChunkedArray) -> pa.Array:
    """Return a column of another content or kind."""
    rows = len(column)
    ways: list[Any] = [
        pa.nulls(rows),
        pa.array([None] * rows, pa.float64()),
        pa.array(np.full(rows, np.nan)),
        pa.array(np.full(rows, rng.choice([np.inf, -np.inf, 1e308]))),
        pa.array(np.full(rows, rng.choice([0, -1, 2**62]), dtype=np.int64)),
        pa.array([rng.choice(["", "x", "\x1b[31m", "a" * 500])] * rows),
        pa.array(["BRA"] * rows).dictionary_encode(),
        pa.array([b"\xff"] * rows),
        pa.array([[1, 2]] * rows),
        pa.array([True] * rows),
        pa.array(rng.sample(range(rows), rows)),
    ]
    return rng.choice(ways)


def _table(rng: Random, path: Path) -> str:
    """Change a table of a run as whoever opens it with another program would."""
    if path.suffix != ".parquet":
        done, content = mutate(rng, path.read_text(encoding="utf-8"))
        path.write_bytes(content)
        return done
    table = pq.read_table(path)
    way = rng.choice(
        [
            "column",
            "column",
            "column",
            "gone",
            "renamed",
            "more",
            "rows",
            "none",
            "bare",
            "bomb",
            "other",
        ]
    )
    at = rng.randrange(table.num_columns)
    name = table.column_names[at]
    if way == "column":
        table = table.set_column(at, name, _odd(rng, table.column(at)))
    elif way == "gone":
        table = table.remove_column(at)
    elif way == "renamed":
        names = list(table.column_names)
        names[at] = rng.choice(["", "x", names[0], "year"])
        table = table.rename_columns(names)
    elif way == "more":
        table = table.append_column("more", _odd(rng, table.column(0)))
    elif way == "rows":
        first = rng.randrange(table.num_rows + 1)
        table = pa.concat_tables([table.slice(first), *[table] * rng.choice([0, 1, 3])])
    elif way == "none":
        table = table.slice(0, 0)
    elif way == "bare":
        table = table.replace_schema_metadata(rng.choice([None, {"iso3": "BRA", "years": "x"}]))
    elif way == "bomb":
        zeros = pa.array(np.zeros(MOST_ROWS))
        table = pa.table(dict.fromkeys(table.column_names[: rng.choice([1, 4])], zeros))
    else:
        table = pa.table({"a": [1]})
    pq.write_table(table, path)
    return f"{way} {name!r}"


def _resealed(folder: Path, path: Path) -> None:
    """Let the manifest name the table as it now is, so that a reader looks into it."""
    manifest = folder / "manifest.json"
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
        data["tables"][path.stem]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return
    manifest.write_text(to_json(data), encoding="utf-8")


def damage(rng: Random, folder: Path) -> str:
    """Damage one file of a run or of a member; return what was done."""
    path = rng.choice(sorted(p for p in folder.iterdir() if p.is_file()))
    content = path.read_bytes()
    way = rng.random()
    if way < 0.06:
        path.unlink()
        return f"{path.name} gone{write(rng, path, content) and ' or odd'}"
    if way < 0.12:
        other = rng.choice(sorted(folder.iterdir()))
        shutil.copyfile(other, path) if other != path else path.write_bytes(b"")
        return f"{other.name} in the place of {path.name}"
    if way < 0.25:
        path.write_bytes(content[: rng.randrange(len(content) + 1)])
        return f"{path.name} cut"
    if path.suffix == ".json":
        done, content = _text(rng, path)
        path.unlink()
        return f"{path.name}: {done}{write(rng, path, content)}"
    if way < 0.4:
        raw = bytearray(content)
        for _ in range(rng.choice([1, 5, 100])):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        path.write_bytes(bytes(raw))
        done = "bytes"
    else:
        done = _table(rng, path)
    if rng.random() < 0.8:
        _resealed(folder, path)
    return f"{path.name}: {done}"


@generator("run", 10)
def run(rng: Random, folder: Path, given: Given) -> Input:
    """Return a saved run that is no longer what was saved."""
    shutil.copytree(given.run, folder / "saved")
    what = damage(rng, folder / "saved")
    words = rng.choice(
        [
            ("show", "saved"),
            ("show", "saved"),
            ("show", "saved", "--country", "BRA"),
            ("show", "saved", "--csv"),
            ("plot", "saved", "--figure", "growth", "--out", f"{OUT}/figures"),
            ("targets", "--run", "saved"),
            ("bank", "NDB", "--run", "saved"),
        ]
    )
    return Input(what, words)


@generator("store", 6)
def store(rng: Random, folder: Path, given: Given) -> Input:
    """Return a store in which something is damaged, foreign or in the wrong place."""
    place = folder / OUT / "store"
    shutil.copytree(given.store, place)
    member = rng.choice(sorted(p.parent for p in place.rglob("member.json")))
    way = rng.random()
    if way < 0.6:
        what = damage(rng, member)
    elif way < 0.7:
        path = place / "store.json"
        what, content = _text(rng, path)
        path.unlink()
        what = f"store.json: {what}{write(rng, path, content)}"
    elif way < 0.8:
        path = member.parent / f"{member.name}.failed.json"
        _, content = _text(rng, member / "member.json")
        what = f"a record of failure{write(rng, path, content)}"
    elif way < 0.9:
        name = rng.choice(["zz", "00", "notes.txt", "0" * 64, "\x1b[31m", "é"])
        os.rename(member, member.parent / name)  # noqa: PTH104 - names that are no paths of ours
        what = f"a member called {name!r}"
    else:
        (place / ".staging" / "left").mkdir()
        (member / "more.txt").write_text("foreign")
        what = "foreign files"
    here = ("--store", f"{OUT}/store")
    again = ("ensemble", "baseline", "--draws", "2", "--end", "2013", "--executor", "serial")
    words = rng.choice(
        [
            ("store", "ls", *here),
            ("store", "ls", "--failed", *here),
            ("store", "verify", *here),
            ("store", "verify", "--remove", *here),
            ("store", "rm", "--stale", "--yes", *here),
            ("store", "rm", "--all", "--yes", *here),
            (*again, "--quiet", *here),
        ]
    )
    return Input(what, words)
