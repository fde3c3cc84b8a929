"""Reading a saved run back, and saying what is wrong with one that is damaged."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.results.run import Run
from sscsim.results.tables import CountryTable, IndicatorTable, MatrixTable, RowTable
from sscsim.results.writing import FORMAT, FORMAT_VERSION, INDICATOR_COLUMNS, MANIFEST

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["load_run"]

# The only files that are opened, whatever a manifest says.
_FILES = {
    "indicators": ("indicators.csv", "indicators.parquet"),
    "countries": ("countries.parquet",),
    "trade": ("trade.parquet",),
    "fdi": ("fdi.parquet",),
    "projects": ("projects.parquet",),
    "banks": ("banks.parquet",),
    "loans": ("loans.parquet",),
    "lenders": ("lenders.parquet",),
}
_ROWS = ("projects", "banks", "loans", "lenders")
_REQUIRED = ("scenario_name", "seed", "start", "end", "keep", "tables", "content_hash")
_ADDED_ON_SAVING = ("format", "format_version", "tables", "content_hash")


def load_run(folder: Path) -> Run:
    """Read a saved run; see `Run.load`."""
    if not folder.is_dir():
        raise InputError("there is no such folder of a run", file=folder)
    manifest = _read_manifest(folder / MANIFEST)
    tables = {name: _read_table(folder, name, entry) for name, entry in manifest["tables"].items()}
    indicators = tables.pop("indicators", None)
    countries = tables.pop("countries", None)
    if not isinstance(indicators, IndicatorTable):
        raise InputError("the manifest names no indicators", file=folder / MANIFEST, key="tables")
    run = Run(
        {k: v for k, v in manifest.items() if k not in _ADDED_ON_SAVING},
        indicators,
        countries if isinstance(countries, CountryTable) else None,
        {n: t for n, t in tables.items() if isinstance(t, MatrixTable)},
        {n: t for n, t in tables.items() if isinstance(t, RowTable)},
    )
    if run.content_hash != manifest["content_hash"]:
        raise InputError(
            "the tables are not those that the manifest was written for",
            file=folder / MANIFEST,
            key="content_hash",
            found=manifest["content_hash"],
            allowed=run.content_hash,
        )
    return run


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError("the manifest is missing: this is no saved run", file=path) from None
    except OSError as failure:
        raise InputError(f"the file cannot be read: {failure.strerror}", file=path) from None
    except (ValueError, RecursionError) as failure:
        raise InputError(
            "the manifest is damaged: it is not valid JSON",
            file=path,
            line=getattr(failure, "lineno", None),
        ) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise InputError("this is not the manifest of a saved run", file=path, key="format")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise InputError(
            "the run was saved in another version of the format",
            file=path,
            key="format_version",
            found=manifest.get("format_version"),
            allowed=str(FORMAT_VERSION),
        )
    for key in _REQUIRED:
        if key not in manifest:
            raise InputError(f"the manifest is damaged: the key {key!r} is missing", file=path)
    if not isinstance(manifest["tables"], dict):
        raise InputError("the manifest is damaged: it lists no tables", file=path, key="tables")
    if not isinstance(manifest["seed"], int):
        raise InputError("the seed must be a whole number", file=path, key="seed")
    return manifest


def _read_table(
    folder: Path, name: str, entry: object
) -> IndicatorTable | CountryTable | MatrixTable | RowTable:
    file = entry.get("file") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or file not in _FILES.get(name, ()):
        raise InputError(
            "the manifest is damaged: it names a table that a run does not have",
            file=folder / MANIFEST,
            key=f"tables.{name}",
            found=file,
            allowed=[f for files in _FILES.values() for f in files],
        )
    path = folder / str(file)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("the table is missing that the manifest names", file=path) from None
    except OSError as failure:
        raise InputError(f"the file cannot be read: {failure.strerror}", file=path) from None
    found = hashlib.sha256(data).hexdigest()
    if found != entry.get("sha256"):
        raise InputError(
            "the table was changed or damaged since it was saved: its hash is another",
            file=path,
            key="sha256",
            found=found,
            allowed=str(entry.get("sha256")),
        )
    try:
        if path.suffix == ".csv":
            return _indicators_from_csv(data)
        return _from_parquet(data, name)
    except (ValueError, KeyError, IndexError, OSError) as failure:
        raise InputError(f"the table cannot be read: {failure}", file=path) from None


def _indicators_from_csv(data: bytes) -> IndicatorTable:
    lines = csv.reader(io.StringIO(data.decode(), newline=""))
    if tuple(next(lines, ())) != INDICATOR_COLUMNS:
        raise ValueError(f"its columns must be {', '.join(INDICATOR_COLUMNS)}")
    codes: dict[tuple[str, str, str], int] = {}
    year: list[int] = []
    code: list[int] = []
    value: list[float] = []
    for _, _, at, group, indicator, number, unit in lines:
        year.append(int(at))
        code.append(codes.setdefault((group, indicator, unit), len(codes)))
        value.append(float(number))
    return IndicatorTable(
        tuple(codes), np.array(year, np.int64), np.array(code, np.intp), np.array(value)
    )


def _from_parquet(data: bytes, name: str) -> IndicatorTable | CountryTable | MatrixTable | RowTable:
    import pyarrow as pa
    import pyarrow.parquet

    table = pa.parquet.read_table(io.BytesIO(data))
    columns = {column: table.column(column).combine_chunks() for column in table.column_names}
    if name == "indicators":
        parts = [_coded(columns[c]) for c in ("group", "indicator", "unit")]
        triples = list(zip(*(indices.tolist() for indices, _ in parts), strict=True))
        codes = {triple: i for i, triple in enumerate(dict.fromkeys(triples))}
        labels = [
            tuple(names[i] for i, (_, names) in zip(triple, parts, strict=True)) for triple in codes
        ]
        year = columns["year"].to_numpy(zero_copy_only=False)
        return IndicatorTable(
            tuple(labels),
            year.astype(np.int64),
            np.array([codes[triple] for triple in triples], np.intp),
            columns["value"].to_numpy(zero_copy_only=False).astype(np.float64),
        )
    if name == "countries":
        years = dict.fromkeys(columns.pop("year").to_pylist())
        iso3 = _coded(columns.pop("iso3"))[1]
        return CountryTable(
            tuple(iso3),
            tuple(years),
            {c: v.to_numpy(zero_copy_only=False).astype(np.float64) for c, v in columns.items()},
        )
    if name in _ROWS:
        return _rows(columns, name)
    return _matrices(table, columns, name)


def _rows(columns: dict[str, Any], name: str) -> RowTable:
    import pyarrow as pa

    values: dict[str, NDArray[Any]] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for column, held in columns.items():
        if isinstance(held, pa.DictionaryArray):
            values[column] = held.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            values[column] = values[column].astype(np.int64)
            texts[column] = tuple(held.dictionary.to_pylist())
        else:
            values[column] = held.to_numpy(zero_copy_only=False)
    return RowTable(name, values, texts)


def _matrices(table: pa.Table, columns: dict[str, Any], name: str) -> MatrixTable:
    metadata = table.schema.metadata
    iso3 = tuple(metadata[b"iso3"].decode().split())
    matrices = {int(y): np.zeros((len(iso3), len(iso3))) for y in metadata[b"years"].split()}
    year = columns["year"].to_numpy(zero_copy_only=False)
    place = {code: i for i, code in enumerate(iso3)}
    ends = []
    for end in ("origin", "destination"):
        indices, names = _coded(columns[end])
        rows = np.array([place[code] for code in names], dtype=np.intp)
        ends.append(rows[indices])
    origin, destination = ends
    value = columns["value"].to_numpy(zero_copy_only=False)
    for at, matrix in matrices.items():
        where = year == at
        matrix[origin[where], destination[where]] = value[where]
    return MatrixTable(name, iso3, matrices)


def _coded(column: Any) -> tuple[NDArray[np.intp], list[str]]:
    """Return a column of names as places in a list, and the list."""
    return (
        column.indices.to_numpy(zero_copy_only=False).astype(np.intp),
        column.dictionary.to_pylist(),
    )
