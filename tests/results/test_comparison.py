"""A comparison comes back as it was kept; one that was edited is refused, even where its hashes were put right."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sscsim.errors import InputError
from sscsim.results.comparison import Comparison
from sscsim.results.tables import RowTable
from sscsim.results.writing import manifest_hash

DRAWS = RowTable(
    "draws",
    {
        "scenario": np.array([0, 0, 1, 1]),
        "draw": np.array([0, 1, 0, 1]),
        "year": np.array([2030, 2030, 2030, 2030]),
        "value": np.array([1.0, 2.0, np.nan, 4.5]),
    },
    {"scenario": ("baseline", "other")},
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    about = {"reference": "baseline", "scenarios": ["other"], "seed": 1}
    return Comparison(about, {"draws": DRAWS}).save(tmp_path / "kept")


def put_right(folder: Path, **changes: Any) -> None:
    """Change the manifest, and give it the hashes of what stands there now."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_bytes()) | changes
    if isinstance(manifest.get("tables"), dict):
        for name, said in manifest["tables"].items():
            file = folder / f"{name}.parquet"
            if isinstance(said, dict) and file.is_file():
                said["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest["manifest_hash"] = manifest_hash(manifest)
    path.write_text(json.dumps(manifest))


def test_what_was_kept_is_read(kept: Path) -> None:
    found = Comparison.load(kept)
    assert found.table("draws")["scenario"].tolist() == ["baseline"] * 2 + ["other"] * 2
    put_right(kept)
    assert Comparison.load(kept) == found


def column(name: str, change: Callable[[list[Any]], Any]) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        at = table.column_names.index(name)
        return table.set_column(at, name, pa.array(change(table.column(name).to_pylist())))

    return edit


EDITS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "a number": column("value", lambda v: [9.0, *v[1:]]),
    "a number missing": column("value", lambda v: [None, *v[1:]]),
    "texts for numbers": column("value", lambda v: [str(x) for x in v]),
    "lists for numbers": column("value", lambda v: [[x] for x in v]),
    "whole numbers": column("value", lambda v: [1] * len(v)),
    "a name": column("scenario", lambda v: ["another", *v[1:]]),
    "a year": column("year", lambda v: [2029, *v[1:]]),
    "a line less": lambda table: table.slice(1),
    "no line": lambda table: table.slice(0, 0),
    "a line twice": lambda table: pa.concat_tables([table, table.slice(3)]),
    "another order": lambda table: table.take(pa.array([1, 0, 2, 3])),
    "a column less": lambda table: table.drop_columns(["year"]),
    "a column more": lambda table: table.append_column("more", pa.array(np.zeros(len(table)))),
    "a column's name": lambda table: table.rename_columns(["scenario", "draw", "years", "value"]),
    "two hundred million rows": lambda _: pa.table({"value": pa.nulls(200_000_000, pa.float64())}),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_table_is_refused(kept: Path, name: str) -> None:
    path = kept / "draws.parquet"
    pq.write_table(EDITS[name](pq.read_table(path)), path)
    with pytest.raises(InputError, match="changed since it was saved"):
        Comparison.load(kept)
    put_right(kept)
    with pytest.raises(InputError) as refused:
        Comparison.load(kept)
    assert len(str(refused.value)) < 1000


MANIFEST: dict[str, dict[str, Any]] = {
    "another reference": {"reference": "other"},
    "no seed": {"seed": None},
    "a text for the seed": {"seed": "one"},
    "truth for the seed": {"seed": True},
    "scenarios that are none": {"scenarios": 5},
    "no tables": {"tables": {}},
    "tables that are none": {"tables": [1]},
    "a table that is none": {"tables": {"draws": "x"}},
    "another number of lines": {"tables": {"draws": {"rows": 5, "sha256": ""}}},
    "a table of another name": {"tables": {"../draws": {"rows": 4, "sha256": ""}}},
    "a table that is missing": {"tables": {"costs": {"rows": 4, "sha256": ""}}},
    "another content": {"content_hash": "0" * 64},
    "no content": {"content_hash": None},
    "a number of draws that is none": {"draws": float("nan")},
    "draws without end": {"options": {"draws": float("inf")}},
}


@pytest.mark.parametrize("name", MANIFEST)
def test_an_edited_manifest_is_refused(kept: Path, name: str) -> None:
    put_right(kept, **MANIFEST[name])
    with pytest.raises(InputError):
        Comparison.load(kept)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes of this kind")
@pytest.mark.parametrize("name", ["manifest.json", "draws.parquet"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_only_files_are_read(kept: Path, name: str, kind: str) -> None:
    place = kept / name
    place.unlink()
    {
        "pipe": lambda: os.mkfifo(place),
        "device": lambda: place.symlink_to("/dev/zero"),
        "folder": place.mkdir,
    }[kind]()
    with pytest.raises(InputError):
        Comparison.load(kept)
