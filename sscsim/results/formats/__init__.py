"""Forms in which tables are written: one class in one file each, found by being in this folder.

A format that comes in from elsewhere is known as soon as its class is: `formats` lists every subclass of `Format`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import ClassVar

from sscsim.errors import unknown
from sscsim.results.schema import Declared
from sscsim.results.tables import Columns, Named, Table
from sscsim.results.words import NO_WORDS, Words

__all__ = ["Format", "Unreadable", "formats", "of_name"]


class Unreadable(ValueError):
    """A file that is not what its format says, or would unpack to more than there may be."""


class Format:
    """A form in which tables are written.

    A subclass states `name` and `suffix` and overrides `write`; `read` too, if a saved run can be kept in it. One that
    puts several tables into one file overrides `files`.

    Attributes
    ----------
    name
        What it is asked for by.
    suffix
        What its files end in.
    plain
        Whether one content has one form, to the byte: a file of it that differs was edited.
    words
        What the names in tables mean, for a format that says it; given by who exports.
    """

    name: ClassVar[str] = ""
    suffix: ClassVar[str] = ""
    plain: ClassVar[bool] = False
    words: Words = NO_WORDS

    def write(self, columns: Columns) -> bytes:
        """Return the file of one table."""
        raise NotImplementedError

    def read(self, data: bytes, table: Declared) -> Columns:
        """Return the columns of one table.

        Raises
        ------
        Unreadable
            If the file is not what this format says.
        """
        raise Unreadable(f"{self.name} can be written and not read")

    def holds(self, table: Table) -> bool:
        """Return whether the format has room for a table of this kind."""
        return True

    def file(self, name: str) -> str:
        """Return the name of the file of one table."""
        return name + self.suffix

    def files(self, tables: Mapping[str, Table], run: Named) -> dict[str, bytes]:
        """Return all files of some tables, by name."""
        return {
            self.file(name): self.write(table.laid_out(run))
            for name, table in tables.items()
            if self.holds(table)
        }


def formats() -> dict[str, Format]:
    """Return every format by its name, in the order of names."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    found: list[type[Format]] = [Format]
    for kind in found:  # grows while it is read
        found += kind.__subclasses__()
    return {kind.name: kind() for kind in sorted(found, key=lambda k: k.name) if kind.name}


def of_name(name: str) -> Format:
    """Return a format.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    known = formats()
    if name not in known:
        raise unknown("format of this name", name, list(known), key="format")
    return known[name]
