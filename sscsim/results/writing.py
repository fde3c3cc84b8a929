"""Writing: into a temporary folder beside the place, and renamed when whole."""

from __future__ import annotations

import contextlib
import csv
import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import OutputError
from sscsim.results.tables import CountryTable, IndicatorTable, MatrixTable, RowTable

if TYPE_CHECKING:
    from sscsim.results.run import Run

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "INDICATOR_COLUMNS",
    "MANIFEST",
    "is_saved_run",
    "save_run",
    "whole_folder",
]

FORMAT = "sscsim run"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
INDICATOR_COLUMNS = ("scenario", "seed", "year", "group", "indicator", "value", "unit")

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "there is no permission to write here",
    errno.EPERM: "there is no permission to write here",
    errno.EROFS: "the disk is read-only",
    errno.ENAMETOOLONG: "the name is too long",
}


def save_run(run: Run, folder: Path, *, compact: bool = False) -> Path:
    """Write a run; see `Run.save`."""
    with whole_folder(folder) as place:
        written: dict[str, dict[str, Any]] = {}
        for name, table in run.tables.items():
            if isinstance(table, IndicatorTable) and not compact:
                file, data = f"{name}.csv", indicators_csv(table, run.scenario, run.seed)
            else:
                file, data = f"{name}.parquet", _parquet(table, run.scenario, run.seed)
            _write(place / file, data)
            written[name] = {
                "file": file,
                "rows": len(table),
                "sha256": hashlib.sha256(data).hexdigest(),
                "content_hash": table.content_hash,
            }
        manifest = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            **run.manifest,
            "tables": written,
        }
        text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
        _write(place / MANIFEST, (text + "\n").encode())
    return folder


def is_saved_run(folder: Path) -> bool:
    """Return whether a folder says of itself that it is a saved run, of whatever version."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder to write into, which takes the place of `folder` if all goes well.

    A saved run that stands there is put aside, and removed once the new one is in place. After any
    failure, an interrupt included, what stood there stands there still, and nothing else is left.

    Raises
    ------
    OutputError
        If the folder cannot be written: its parent is missing, a file or something that is no saved
        run is in the way, there is no permission, the disk is full.
    """
    target = folder.absolute()
    parent = target.parent
    partial: Path | None = None
    aside: Path | None = None
    try:
        _check(folder, target)
        partial = _beside(target, ".partial")
        partial.chmod(0o777 & ~_umask())  # temporary folders are private, results need not be
        yield partial
        _sync_folder(partial)
        if target.exists():
            aside = _beside(target, ".replaced")
            target.rename(aside)  # an empty folder gives way to a rename
        partial.rename(target)
        partial = None
        _sync_folder(parent)
    except OSError as failure:
        reason = _REASONS.get(failure.errno or 0) or failure.strerror or str(failure)
        raise OutputError(f"{folder}: cannot be written: {reason}") from failure
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        if aside is not None:
            if not target.exists():
                aside.rename(target)
            else:
                shutil.rmtree(aside, ignore_errors=True)


def _check(folder: Path, target: Path) -> None:
    if not target.name:
        raise OutputError(f"{folder}: name a folder for the run")
    for ancestor in reversed(target.parents):
        if ancestor.exists() and not ancestor.is_dir():
            raise OutputError(f"{folder}: cannot be written under {ancestor}, which is a file")
        if not ancestor.exists():
            raise OutputError(f"{folder}: the folder {ancestor} does not exist; make it first")
    if not os.path.lexists(target):
        return
    if not target.is_dir() or target.is_symlink():
        raise OutputError(f"{folder}: something that is no folder is in the way")
    if not is_saved_run(target) and any(target.iterdir()):
        raise OutputError(
            f"{folder}: this folder holds something else than a saved run: name another or empty it"
        )


def _plain(value: object) -> object:
    """Return as plain data what a manifest may hold besides: NumPy's numbers and arrays, paths."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a manifest cannot hold {type(value).__name__}")


def _beside(target: Path, suffix: str) -> Path:
    prefix = f".{target.name[:80]}."  # hidden, on the same disk, and told apart by the name
    return Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=target.parent))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Not every system lets a folder be opened.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def indicators_csv(table: IndicatorTable, scenario: str, seed: int) -> bytes:
    """Return the long table as CSV, lines ended by LF, numbers that read back to the same bits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(INDICATOR_COLUMNS)
    lines = zip(table.year.tolist(), table.code.tolist(), table.value.tolist(), strict=True)
    labels = table.labels
    writer.writerows(
        (scenario, seed, year, labels[code][0], labels[code][1], repr(value), labels[code][2])
        for year, code, value in lines
    )
    return text.getvalue().encode()


def _parquet(
    table: IndicatorTable | CountryTable | MatrixTable | RowTable, scenario: str, seed: int
) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet

    def names(codes: Any, values: Any) -> Any:
        whole = np.asarray(codes, np.int32)
        return pa.DictionaryArray.from_arrays(
            pa.array(whole, mask=whole < 0), pa.array(values, pa.string())
        )

    columns: dict[str, Any]
    if isinstance(table, IndicatorTable):
        groups, indicators, units = zip(*table.labels, strict=True) if table.labels else ((),) * 3
        columns = {
            "scenario": names(np.zeros(len(table)), [scenario]),
            "seed": pa.array(np.full(len(table), seed, np.int64)),
            "year": pa.array(table.year),
        }
        for name, texts in (("group", groups), ("indicator", indicators)):
            columns[name] = _named(table.code, texts, names)
        columns["value"] = pa.array(table.value)
        columns["unit"] = _named(table.code, units, names)
    elif isinstance(table, CountryTable):
        n, years = len(table.iso3), len(table.years)
        columns = {
            "iso3": names(np.tile(np.arange(n), years), list(table.iso3)),
            "year": pa.array(np.repeat(np.array(table.years, dtype=np.int64), n)),
            **{name: pa.array(values) for name, values in table.columns.items()},
        }
    elif isinstance(table, RowTable):
        columns = {
            name: names(values, list(table.texts[name]))
            if name in table.texts
            else pa.array(values)
            for name, values in table.columns.items()
        }
    else:
        year, origin, destination, value = table.long()
        columns = {
            "year": pa.array(year),
            "origin": names(origin, list(table.iso3)),
            "destination": names(destination, list(table.iso3)),
            "value": pa.array(value),
        }
    sink = io.BytesIO()
    arrow = pa.table(columns)
    if isinstance(table, MatrixTable):
        # A year without flows, or an economy without any, must come back too.
        arrow = arrow.replace_schema_metadata(
            {"iso3": " ".join(table.iso3), "years": " ".join(map(str, table.years))}
        )
    pa.parquet.write_table(arrow, sink, compression="zstd", store_schema=True)
    return sink.getvalue()


def _named(codes: Any, texts: tuple[str, ...], names: Any) -> Any:
    distinct = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    place = np.array([distinct[text] for text in texts], dtype=np.int32)
    return names(place[codes], list(distinct))
