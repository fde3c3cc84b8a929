"""Plug-ins: what another installed package adds to the model, found by its entry point and off unless it is named.

A package declares an entry point of the group ``sscsim.plugins``; its name is the plug-in's, and what it points at is a
`Plugin`. Being installed changes no number: steps and indicators join a run that names the plug-in, and the run's
manifest says which were in it. Formats are found when one is asked for by its name, since no number comes from them.

This module finds plug-ins and looks whether they are what they should be; `sscsim.added` puts them into a model.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sscsim.errors import InputError, unknown
from sscsim.parameters import Parameters, load_tables

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from sscsim.steps.submodel import Submodel

__all__ = [
    "GROUP",
    "Installed",
    "Plugin",
    "check_distinct",
    "installed",
    "load",
    "misfit",
    "with_parameters",
]

GROUP = "sscsim.plugins"
"""Group of the entry points."""

_SOURCES = (".py", ".yaml", ".csv")
"""What of a package's files numbers can come from."""


@dataclass(frozen=True)
class Plugin:
    """What a package adds.

    Attributes
    ----------
    title
        What it is for, in a few words.
    steps
        Classes of steps. One whose name no step has yet comes last in the year, or behind the step that its class
        attribute ``after`` names; one that derives from a step of the model takes its place.
    parameters
        Folder of tables of parameters (``*.yaml``), in the form of ``sscsim/parameters``.
    indicators
        A file of indicators, in the form of ``sscsim/outcomes/indicators.yaml`` without groups and sets, which are
        those of the model.
    functions
        Functions of indicators whose ``how`` is ``function``, by their own names.
    formats
        Classes of formats of files, each a `sscsim.results.formats.Format`.
    """

    title: str
    steps: tuple[type[Submodel], ...] = ()
    parameters: Path | None = None
    indicators: Path | None = None
    functions: tuple[Callable[..., Any], ...] = ()
    formats: tuple[type[Any], ...] = ()


@dataclass(frozen=True)
class Installed:
    """A plug-in as its package declares it.

    Attributes
    ----------
    name
        What it is called by.
    package, version
        The distribution that it comes with.
    entry
        Where it stands.
    """

    name: str
    package: str
    version: str
    entry: EntryPoint

    @property
    def origin(self) -> str:
        """Where it comes from, in words."""
        return f"{self.package} {self.version}"

    @cached_property
    def plugin(self) -> Plugin:
        """What it adds, loaded.

        Raises
        ------
        InputError
            When it cannot be loaded, or is not what a plug-in is.
        """
        try:
            found = self.entry.load()
        except Exception as failure:  # whatever code of others does, it is theirs to mend
            raise InputError(
                f"the plug-in {self.name!r} cannot be loaded",
                file=self.origin,
                key=self.entry.value,
                found=f"{type(failure).__name__}: {failure}",
            ) from failure
        _check(self, found)
        assert isinstance(found, Plugin)
        return found

    @cached_property
    def sha256(self) -> str:
        """Hash of the package's files that numbers can come from: another version of it may keep its number."""
        top: ModuleType = importlib.import_module(self.entry.module.partition(".")[0])
        folders = [Path(folder) for folder in getattr(top, "__path__", ())]
        digest = hashlib.sha256()
        if not folders and top.__file__ is not None:
            digest.update(Path(top.__file__).read_bytes())
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.suffix in _SOURCES and "__pycache__" not in path.parts:
                    digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
                    digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def said(self) -> dict[str, str]:
        """Return what tells it from others, as plain data."""
        return {"package": self.package, "version": self.version, "sha256": self.sha256}


def installed() -> dict[str, Installed]:
    """Return the plug-ins of installed packages by name, in the order of names; none is loaded.

    Raises
    ------
    InputError
        When two packages have a plug-in of one name.
    """
    return dict(_installed(tuple(sys.path)))


@lru_cache(maxsize=4)
def _installed(path: tuple[str, ...]) -> Mapping[str, Installed]:
    """Return the plug-ins that are found on the path: looking at all that is installed takes some 50 ms."""
    from importlib.metadata import entry_points

    every: list[Installed] = []
    found: dict[str, Installed] = {}
    for entry in entry_points(group=GROUP):
        package = entry.dist
        assert package is not None, "entry points that are found belong to a package"
        every.append(Installed(entry.name, package.name, package.version, entry))
    for one in sorted(every, key=lambda one: (one.name, one.package)):
        other = found.setdefault(one.name, one)
        if other is not one:
            raise InputError(
                "two installed packages have a plug-in of one name",
                key=one.name,
                found=f"{other.origin} and {one.origin}",
                allowed="one of them: the other must be uninstalled",
            )
    return found


def load(names: Sequence[str]) -> tuple[Installed, ...]:
    """Return plug-ins by name, loaded, in the order of names: in which order they are named changes nothing.

    Raises
    ------
    InputError
        For a name that no installed package has, and a plug-in that is not what it should be.
    """
    if not names:
        return ()
    there = installed()
    for name in names:
        if name not in there:
            none = "no installed package declares one; see docs/extending.md"
            raise unknown(
                "plug-in of this name",
                name,
                list(there),
                file="--plugin",
                allowed=None if there else none,
            )
    found = tuple(there[name] for name in sorted({*names}))
    for one in found:
        one.plugin  # noqa: B018 - loads it: what is wrong with it is said here
    return found


def with_parameters(parameters: Parameters, plugins: Sequence[Installed]) -> Parameters:
    """Return parameters with those that plug-ins bring, at the values of their tables, where they are not there yet.

    Raises
    ------
    InputError
        For a table that is not as it should be, and a name that is there already.
    """
    from sscsim.parameters import default_parameters

    definitions = {one.name: one for one in parameters.definitions()}
    values = dict(parameters)
    own = {one.name for one in default_parameters().definitions()}
    seen: dict[str, Installed] = {}
    for plugin in plugins:
        if plugin.plugin.parameters is None:
            continue
        for name, definition in load_tables(plugin.plugin.parameters).items():
            if name in own or name in seen:
                whose = seen[name].origin if name in seen else "the model"
                raise misfit(plugin, "a parameter of this name is there already", name, whose)
            seen[name] = plugin
            definitions.setdefault(name, definition)
            values.setdefault(name, definition.default)
    return Parameters(definitions, values, parameters.origin) if seen else parameters


def check_distinct(
    plugin: Installed, what: str, names: Sequence[str], taken: Mapping[str, str]
) -> None:
    """Look whether names of a plug-in's things are free.

    Parameters
    ----------
    plugin
        Whose they are.
    what
        What has these names.
    names
        The names.
    taken
        Names that are taken, and by whom.

    Raises
    ------
    InputError
        For a name that is taken, or given twice.
    """
    seen = dict(taken)
    for name in names:
        if name in seen:
            raise misfit(plugin, f"{what} of this name is there already", name, seen[name])
        seen[name] = plugin.origin


def misfit(plugin: Installed, why: str, key: str | None = None, found: object = None) -> InputError:
    """Return the error for a plug-in that does not fit."""
    return InputError(
        f"the plug-in {plugin.name!r} does not fit: {why}",
        file=plugin.origin,
        key=key,
        found=found,
    )


def _check(plugin: Installed, found: object) -> None:
    """Look whether what an entry point points at is a plug-in, as far as it alone says."""
    if not isinstance(found, Plugin):
        raise misfit(
            plugin,
            "its entry point is to name a sscsim.plugins.Plugin",
            plugin.entry.value,
            type(found).__name__,
        )
    for what in ("steps", "functions", "formats"):
        given = getattr(found, what)
        if not isinstance(given, tuple) or (
            what != "functions" and not all(map(inspect.isclass, given))
        ):
            raise misfit(plugin, f"{what} are a tuple of {_KINDS[what]}", what, given)
    for what in ("parameters", "indicators"):
        place = getattr(found, what)
        right = place is None or (isinstance(place, Path) and place.exists())
        if not right:
            raise misfit(plugin, "there is no such file or folder", what, str(place))
    kinds: tuple[type[Any], ...] = (*found.steps, *found.formats)
    for kind in kinds:
        if not isinstance(getattr(kind, "name", None), str) or not kind.name:
            raise misfit(plugin, "a class of its has no name", "name", kind.__qualname__)


_KINDS = {"steps": "classes", "functions": "functions", "formats": "classes"}
