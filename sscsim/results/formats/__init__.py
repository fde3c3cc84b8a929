"""Forms in which tables are written: one class in one file each, found by being in this folder.

A format that comes in from elsewhere is known as soon as its class is: `formats` lists every subclass of `Format`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import ClassVar

from sscsim.errors import InputError, unknown
from sscsim.plugins import Installed, check_distinct, installed, misfit
from sscsim.results.schema import Declared
from sscsim.results.tables import Columns, Named, Table
from sscsim.results.words import NO_WORDS, Words
from sscsim.unpacking import Unreadable

__all__ = ["Format", "Unreadable", "formats", "formats_of", "of_name"]


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
    return {kind.name: kind() for kind in sorted(_kinds(), key=lambda k: k.name)}


def _kinds() -> list[type[Format]]:
    """Return every class of a format that there is by now."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    found: list[type[Format]] = [Format]
    for kind in found:  # grows while it is read
        found += kind.__subclasses__()
    return [kind for kind in found if kind.name]


def formats_of(plugin: Installed) -> dict[str, Format]:
    """Return the formats that a plug-in adds, by name.

    Raises
    ------
    InputError
        When it cannot be loaded, or a format of its is none or has a name that is taken.
    """
    found = plugin.plugin.formats
    for kind in found:
        if not issubclass(kind, Format):
            raise misfit(plugin, "a format derives from sscsim.results.formats.Format", kind.name)
    others = {kind.name: kind.__module__ for kind in _kinds() if kind not in found}
    check_distinct(plugin, "a format", [kind.name for kind in found], others)
    return {kind.name: kind() for kind in found}


def of_name(name: str) -> Format:
    """Return a format, one of an installed plug-in's where the package itself has none of the name.

    Raises
    ------
    InputError
        If there is none of this name, or it is a plug-in's that does not work.
    """
    known = formats()
    if name in known:
        return known[name]
    offered, broken = [], []
    for plugin in installed().values():
        try:
            offered += [plugin] * (name in {kind.name for kind in plugin.plugin.formats})
            known |= formats()  # those of its that are loaded now
        except InputError:
            broken.append(f"{plugin.name} ({plugin.origin})")
    for plugin in offered:
        return formats_of(plugin)[name]
    what = "format of this name"
    if broken:
        what += f"; plug-ins that do not work, see `sscsim plugins`: {', '.join(broken)}"
    raise unknown(what, name, list(known), key="format")
