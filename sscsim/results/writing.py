"""Writing: into a temporary folder beside the place, and renamed when whole."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.errors import InputError, OutputError, in_words, unknown
from sscsim.files import make_results
from sscsim.results.formats import of_name
from sscsim.results.records import read_record
from sscsim.results.schema import MANIFEST, content_hash, declared
from sscsim.results.tables import Named, Table
from sscsim.results.words import NO_WORDS, Words
from sscsim.staging import PARTIAL, REPLACED, beside, sweep

__all__ = [
    "ADDED_ON_SAVING",
    "EXPORT",
    "FORMAT",
    "FORMAT_VERSION",
    "chosen",
    "export_run",
    "files_of",
    "is_saved_run",
    "manifest_hash",
    "save_run",
    "whole_folder",
    "write_export",
    "write_folder",
]

FORMAT = "sscsim run"
FORMAT_VERSION = 2
EXPORT = "sscsim export"
"""What a manifest says of a folder that was written for other programs."""

ADDED_ON_SAVING = ("format", "format_version", "tables", "content_hash", "manifest_hash")


def save_run(
    details: Mapping[str, Any], tables: Mapping[str, Table], folder: Path, *, compact: bool = False
) -> Path:
    """Write a run; see `Run.save`.

    Parameters
    ----------
    details
        What the manifest says besides: scenario, seed and whatever else was run.
    tables
        By name, each of them declared.
    folder, compact
        As in `Run.save`.
    """
    with whole_folder(folder, FORMAT) as place:
        for name, data in files_of(details, tables, compact=compact).items():
            _write(place / name, data)
    return folder


def files_of(
    details: Mapping[str, Any], tables: Mapping[str, Table], *, compact: bool = False
) -> dict[str, bytes]:
    """Return the files of a saved run by name, the manifest last."""
    run = Named(details["scenario_name"], details["seed"])
    files: dict[str, bytes] = {}
    written: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        one = declared(name)
        form = of_name(one.compact if compact else one.form)
        [(file, data)] = form.files({name: table}, run).items()
        files[file] = data
        written[name] = {
            "file": file,
            "rows": len(table),
            "sha256": hashlib.sha256(data).hexdigest(),
            "content_hash": table.content_hash,
        }
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **details,
        "content_hash": content_hash(tables, run),
        "tables": written,
    }
    return files | {MANIFEST: _manifest(manifest, compact=compact)}


def export_run(
    details: Mapping[str, Any],
    tables: Mapping[str, Table],
    folder: Path,
    form: str,
    words: Words = NO_WORDS,
) -> Path:
    """Write a run for other programs; see `Run.export`."""
    run = Named(details["scenario_name"], details["seed"])
    return write_export(details, tables, run, folder, form, words)


def write_export(
    details: Mapping[str, Any],
    tables: Mapping[str, Table],
    run: Named,
    folder: Path,
    form: str,
    words: Words,
) -> Path:
    """Write tables for other programs, with a manifest beside them.

    Raises
    ------
    InputError
        If there is no such format, or it has no room for any of the tables.
    """
    one = of_name(form)
    one.words = words
    files = one.files(tables, run)
    if not files:
        raise InputError(
            f"the format {form} has no room for any of these tables",
            key="table",
            found=", ".join(tables),
        )
    manifest = {
        "format": EXPORT,
        "form": form,
        **details,
        "content_hash": content_hash(tables, run),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    return write_folder(folder, EXPORT, files, manifest)


def write_folder(
    folder: Path, form: str, files: Mapping[str, bytes], manifest: Mapping[str, Any]
) -> Path:
    """Write files and their manifest into a folder, whole or not at all; see `whole_folder`."""
    with whole_folder(folder, form) as place:
        for name, data in files.items():
            _write(place / name, data)
        _write(place / MANIFEST, _manifest(manifest))
    return folder


def chosen(tables: Mapping[str, Table], names: Sequence[str] | None) -> dict[str, Table]:
    """Return some tables, all of them without names.

    Raises
    ------
    InputError
        For a name that none of them has.
    """
    for name in names or ():
        if name not in tables:
            raise unknown("table of this name here", name, list(tables), key="table")
    return {name: table for name, table in tables.items() if names is None or name in names}


def _manifest(record: Mapping[str, Any], *, compact: bool = False) -> bytes:
    """Return the file of a manifest, which carries a hash of all else that it says.

    Parameters
    ----------
    compact
        Write it in a line, as what is hashed stands: an ensemble writes thousands, and indented they take four times
        as long.
    """
    if not _keyed_by_texts(record):
        # As who reads it finds it: numbers, the years of a lever's path, would be sorted otherwise than their texts.
        record = json.loads(json.dumps(record, allow_nan=False, default=_plain))
    said = json.dumps(record, sort_keys=True, allow_nan=False, default=_plain)
    name, own = "manifest_hash", hashlib.sha256(said.encode()).hexdigest()
    if compact:
        return f'{said.removesuffix("}")}, "{name}": "{own}"}}\n'.encode()
    whole = {**record, name: own}
    return (json.dumps(whole, indent=2, ensure_ascii=False, default=_plain) + "\n").encode()


def manifest_hash(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a manifest says, but for this hash itself: provenance that was edited is seen.

    It is no signature: who edits a manifest and means to deceive can work it out again.
    """
    said = {key: value for key, value in manifest.items() if key != "manifest_hash"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def is_saved_run(folder: Path, form: str = FORMAT) -> bool:
    """Return whether a folder says of itself that it is a saved run, of whatever version."""
    try:
        return bool(read_record(folder / MANIFEST).get("format") == form)
    except (OSError, InputError):
        return False


@contextlib.contextmanager
def whole_folder(folder: Path, form: str = FORMAT) -> Iterator[Path]:
    """Give a temporary folder to write into, which takes the place of `folder` if all goes well.

    What stands there of the same form is put aside, and removed once the new one is in place. After any failure, an
    interrupt included, what stood there stands there still, and nothing else is left. What a killed process left of an
    earlier attempt is swept first.

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
        make_results(target)
        sweep(parent)
        _check(folder, target, form)
        partial = beside(target, PARTIAL)
        partial.chmod(0o777 & ~_umask())  # temporary folders are private, results need not be
        yield partial
        _sync_folder(partial)
        if target.exists():
            aside = beside(target, REPLACED)
            target.rename(aside)  # an empty folder gives way to a rename
        partial.rename(target)
        partial = None
        _sync_folder(parent)
    except OSError as failure:
        raise OutputError(f"{folder}: cannot be written: {in_words(failure)}") from failure
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        if aside is not None:
            if not target.exists():
                aside.rename(target)
            else:
                shutil.rmtree(aside, ignore_errors=True)


def _check(folder: Path, target: Path, form: str) -> None:
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
    if not is_saved_run(target, form) and any(target.iterdir()):
        what = "a saved run" if form == FORMAT else "what is written in this way"
        raise OutputError(
            f"{folder}: this folder holds something else than {what}: name another or empty it"
        )


def _plain(value: object) -> object:
    """Return as plain data what a manifest may hold besides: NumPy's numbers and arrays, paths."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a manifest cannot hold {type(value).__name__}")


def _keyed_by_texts(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...]) -> bool:
    """Return whether all keys are texts, however deep; numbers and texts, nearly all that there is, are passed over."""
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return False
        value = tuple(value.values())
    return all(
        _keyed_by_texts(held) for held in value if isinstance(held, (dict, list, tuple, Mapping))
    )


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
