"""Reading a saved run back, and saying what is wrong with one that is damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sscsim.errors import InputError
from sscsim.results.formats import Format, formats
from sscsim.results.records import file_bytes, read_record
from sscsim.results.schema import KEEP, MANIFEST, TABLES, Declared, content_hash, declared
from sscsim.results.tables import Columns, Named, Table
from sscsim.results.writing import ADDED_ON_SAVING, FORMAT, FORMAT_VERSION, manifest_hash
from sscsim.staging import sweep

__all__ = ["files_of_a_run", "read_columns", "read_manifest", "read_run"]

LARGEST_TABLE = 500_000_000
"""Bytes that the file of a table may have."""

_REQUIRED: Mapping[str, type] = {
    "scenario_name": str,
    "seed": int,
    "start": int,
    "end": int,
    "keep": str,
    "tables": dict,
    "content_hash": str,
    "manifest_hash": str,
}
_IN_WORDS = {str: "a text", int: "a whole number", dict: "keys and values"}


def files_of_a_run() -> frozenset[str]:
    """Return the names of all files that the folder of a saved run may hold: no other is ever opened."""
    return frozenset((MANIFEST, *(file for table in TABLES for file in _files(table))))


def _files(table: Declared) -> dict[str, Format]:
    known = formats()
    return {known[form].file(table.name): known[form] for form in (table.form, table.compact)}


def read_run(folder: Path) -> tuple[dict[str, Any], dict[str, Table]]:
    """Return what a saved run's manifest says of it, and its tables by name.

    Raises
    ------
    InputError
        If the folder holds no run, or one that is damaged: says what is wrong.
    """
    sweep(folder.absolute().parent, folder.absolute().name)
    if not folder.is_dir():
        raise InputError("there is no such folder of a run", file=folder)
    manifest = read_manifest(folder)
    run = Named(manifest["scenario_name"], manifest["seed"])
    tables = {name: _read_table(folder, name, manifest, run) for name in manifest["tables"]}
    if "indicators" not in tables:
        raise _damaged(folder, "it names no indicators", "tables")
    found = content_hash(tables, run)
    if manifest["content_hash"] != found:
        raise InputError(
            "the tables are not those that the manifest was written for",
            file=folder / MANIFEST,
            key="content_hash",
            found=manifest["content_hash"],
            allowed=found,
        )
    return {k: v for k, v in manifest.items() if k not in ADDED_ON_SAVING}, tables


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a saved run, as far as it can be judged without the tables."""
    path = folder / MANIFEST
    try:
        manifest = read_record(path)
    except FileNotFoundError:
        raise InputError("the manifest is missing: this is no saved run", file=path) from None
    if manifest.get("format") != FORMAT:
        raise InputError("this is not the manifest of a saved run", file=path, key="format")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise InputError(
            "the run was saved in another version of the format",
            file=path,
            key="format_version",
            found=manifest.get("format_version"),
            allowed=str(FORMAT_VERSION),
        )
    for key, kind in _REQUIRED.items():
        if key not in manifest:
            raise _damaged(folder, f"the key {key!r} is missing", None)
        if not isinstance(manifest[key], kind) or isinstance(manifest[key], bool):
            raise _damaged(folder, f"this must be {_IN_WORDS[kind]}", key)
    if manifest["keep"] not in KEEP:
        raise _damaged(folder, "there is no such amount to keep", "keep")
    if manifest["manifest_hash"] != manifest_hash(manifest):
        raise InputError(
            "the manifest was changed since it was written: its hash is another",
            file=path,
            key="manifest_hash",
        )
    return manifest


def read_columns(folder: Path, name: str, manifest: Mapping[str, Any]) -> Columns:
    """Return one table of a saved run in columns, its file being the one that was written.

    Raises
    ------
    InputError
        If the manifest does not name it, or the file is missing, damaged, changed, or unpacks to too much.
    """
    path, form, data = _read_file(folder, name, manifest)
    try:
        return form.read(data, declared(name))
    except ValueError as failure:
        raise InputError(f"the table cannot be read: {failure}", file=path) from None


def _read_file(folder: Path, name: str, manifest: Mapping[str, Any]) -> tuple[Path, Format, bytes]:
    known = {table.name: _files(table) for table in TABLES}
    entry = manifest["tables"].get(name)
    file = entry.get("file") if isinstance(entry, dict) else None
    if not isinstance(file, str) or file not in known.get(name, ()):
        raise InputError(
            "the manifest is damaged: it names a table that a run does not have",
            file=folder / MANIFEST,
            key=f"tables.{name}",
            found=file,
            allowed=[f for files in known.values() for f in files],
        )
    path = folder / file
    try:
        data = file_bytes(path, LARGEST_TABLE)
    except FileNotFoundError:
        raise InputError("the table is missing that the manifest names", file=path) from None
    found = hashlib.sha256(data).hexdigest()
    if found != entry.get("sha256"):
        raise InputError(
            "the table was changed or damaged since it was saved: its hash is another",
            file=path,
            key="sha256",
            found=found,
            allowed=str(entry.get("sha256")),
        )
    return path, known[name][file], data


def _read_table(folder: Path, name: str, manifest: Mapping[str, Any], run: Named) -> Table:
    """Return one table; its file holds nothing that the table does not."""
    path, form, data = _read_file(folder, name, manifest)
    try:
        columns = form.read(data, declared(name))
        for column, kind in declared(name).columns.items():
            columns.texts(column, whole=False) if kind is str else columns.numbers(column)
        table = declared(name).kind.from_columns(name, columns)
        again = table.laid_out(run)
        wrong = columns.differs(again)
        if wrong is None and form.plain and form.write(again) != data:
            wrong = "it is not in the form in which it was written"
    except (ArithmeticError, LookupError, TypeError, ValueError) as failure:
        wrong = str(failure)
    if wrong is not None:
        raise InputError(f"the table cannot be read: {wrong}", file=path)
    entry = manifest["tables"][name]
    for key, found in (("rows", len(table)), ("content_hash", table.content_hash)):
        if entry.get(key) != found:
            raise InputError(
                "the table is not the one that the manifest was written for",
                file=folder / MANIFEST,
                key=f"tables.{name}.{key}",
                found=entry.get(key),
                allowed=str(found),
            )
    return table


def _damaged(folder: Path, what: str, key: str | None) -> InputError:
    return InputError(f"the manifest is damaged: {what}", file=folder / MANIFEST, key=key)
