"""A comparison as it is kept: effects of scenarios in fair pairs as tables, their manifest, their place on disk.

`sscsim.experiments.compare` makes it (`Effects.kept`); here it is written, read back, and handed on to other programs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sscsim.errors import InputError, unknown
from sscsim.results.formats import of_name
from sscsim.results.formats.parquet import Parquet
from sscsim.results.frames import frame
from sscsim.results.records import file_bytes, read_record
from sscsim.results.schema import MANIFEST, content_hash
from sscsim.results.tables import Named, RowTable, Table
from sscsim.results.writing import chosen, manifest_hash, write_export, write_folder

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["COMPARISON", "COMPARISON_VERSION", "TABLES", "Comparison"]

COMPARISON = "sscsim comparison"
"""What a manifest says of a folder that holds a comparison."""

COMPARISON_VERSION = 1

TABLES = (
    *("effects", "groups", "countries", "ranking", "losers", "gainers", "costs"),
    *("channels", "chains", "draws"),
)
"""Effects with their intervals, those on the usual groups and on every country, who does best, how many are worse off,
who gains and loses by name; where they were asked for, what it costs and what moved the Goals, driver by driver and
link by link; and every number of every member."""

LARGEST_TABLE = 500_000_000
"""Bytes that the file of a table may have."""

_REQUIRED: Mapping[str, type] = {"reference": str, "seed": int, "scenarios": list, "tables": dict}
"""What no comparison is without."""

_ADDED = ("format", "format_version", "content_hash", "tables", "manifest_hash")


class Comparison:
    """Tables of a comparison.

    Parameters
    ----------
    manifest
        What was compared: at least ``reference``, ``scenarios``, ``seed`` (the first); plain data.
    tables
        By the names of `TABLES`. ``draws`` has the columns scenario, draw, year, group, indicator, value, unit.
    """

    def __init__(self, manifest: Mapping[str, Any], tables: Mapping[str, RowTable]) -> None:
        self._details = dict(manifest)
        self._tables = {name: tables[name] for name in TABLES if name in tables}

    @property
    def manifest(self) -> dict[str, Any]:
        """What was compared, and the hash of what came out."""
        return {**self._details, "content_hash": self.content_hash}

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by name, as plain arrays."""
        return dict(self._tables)

    @property
    def named(self) -> Named:
        """Reference and first seed."""
        return Named(str(self._details["reference"]), int(self._details["seed"]))

    @property
    def content_hash(self) -> str:
        """SHA-256 of all tables: equal hashes mean equal results."""
        return content_hash(self._tables, self.named)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Comparison) and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a data frame.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        return frame(self._table(name).laid_out(self.named))

    def _table(self, name: str) -> RowTable:
        if name not in self._tables:
            raise unknown("table of this name", name, list(self._tables), key="table")
        return self._tables[name]

    def to_xarray(self, table: str = "draws") -> xr.Dataset:
        """Return a table as labelled arrays: of ``draws`` each indicator over scenario, draw, group and time.

        Raises
        ------
        InputError
            If there is no such table, or xarray is not installed.
        """
        from sscsim import what_names_mean
        from sscsim.results.arrays import dataset

        return dataset(table, self._table(table), self.named, what_names_mean())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a line an effect, with its interval."""
        from sscsim.results.html import comparison_in_html

        return comparison_in_html(self.manifest, self.table("effects"))

    # ---------------------------------------------------------------------------------- the disk

    def export(
        self, folder: str | Path, form: str = "csv", *, tables: Sequence[str] | None = None
    ) -> Path:
        """Write tables for other programs into a folder of their own; as `Run.export`.

        Raises
        ------
        InputError
            If there is no such format or table, or a package that it takes is not installed.
        OutputError
            If it cannot be written there; nothing is left behind.
        """
        from sscsim import what_names_mean

        wanted = chosen(self._tables, tables)
        return write_export(
            self._details, wanted, self.named, Path(folder).expanduser(), form, what_names_mean()
        )

    def save(self, folder: str | Path) -> Path:
        """Write the comparison into a folder, whole or not at all, and return the folder.

        Raises
        ------
        OutputError
            If it cannot be written there; nothing is left behind.
        """
        form = of_name("parquet")
        files, written = {}, {}
        for name, table in self._tables.items():
            data = form.write(table.laid_out(self.named))
            files[form.file(name)] = data
            written[name] = {
                "file": form.file(name),
                "rows": len(table),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        manifest = {
            "format": COMPARISON,
            "format_version": COMPARISON_VERSION,
            **self.manifest,
            "tables": written,
        }
        return write_folder(Path(folder).expanduser(), COMPARISON, files, manifest)

    @classmethod
    def load(cls, folder: str | Path) -> Comparison:
        """Read a saved comparison.

        Raises
        ------
        InputError
            If the folder holds none, or one that is damaged or was changed.
        """
        place = Path(folder).expanduser()
        path = place / MANIFEST
        try:
            manifest = read_record(path)
        except FileNotFoundError:
            raise InputError("the manifest is missing: this is no comparison", file=path) from None
        said = (manifest.get("format"), manifest.get("format_version"))
        if said != (COMPARISON, COMPARISON_VERSION):
            raise InputError(
                "this is not the manifest of a comparison of this version",
                file=path,
                key="format",
                found=said,
                allowed=f"{COMPARISON}, {COMPARISON_VERSION}",
            )
        if manifest.get("manifest_hash") != manifest_hash(manifest):
            raise InputError("the manifest was changed since it was written", file=path)
        for key, kind in _REQUIRED.items():
            if not isinstance(manifest.get(key), kind) or isinstance(manifest.get(key), bool):
                raise InputError("the manifest of the comparison is damaged", file=path, key=key)
        tables = {name: _read(place, name, manifest["tables"]) for name in manifest["tables"]}
        found = cls({k: v for k, v in manifest.items() if k not in _ADDED}, tables)
        if manifest.get("content_hash") != found.content_hash:
            raise InputError(
                "the tables are not those that the manifest was written for",
                file=path,
                key="content_hash",
                found=manifest.get("content_hash"),
                allowed=found.content_hash,
            )
        return found


def _read(folder: Path, name: str, written: Mapping[str, Any]) -> RowTable:
    if name not in TABLES:
        raise unknown("table of a comparison", name, TABLES, file=folder / MANIFEST, key="tables")
    said = written[name]
    rows = said.get("rows") if isinstance(said, dict) else None
    if not isinstance(rows, int) or not isinstance(said.get("sha256"), str):
        raise InputError(
            "the manifest of the comparison is damaged",
            file=folder / MANIFEST,
            key=f"tables.{name}",
        )
    path = folder / Parquet().file(name)
    try:
        data = file_bytes(path, LARGEST_TABLE)
    except FileNotFoundError:
        raise InputError("the table is missing that the manifest names", file=path) from None
    if hashlib.sha256(data).hexdigest() != said["sha256"]:
        raise InputError("the table was changed since it was saved", file=path, key="sha256")
    try:
        return RowTable.from_columns(name, Parquet().columns(data, rows))
    except (ArithmeticError, LookupError, TypeError, ValueError) as failure:
        raise InputError(f"the table cannot be read: {failure}", file=path) from None
