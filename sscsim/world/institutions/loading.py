"""One reader of institutions' files: those that ship, those of a user's folder, each kind by its own schema.

A kind is a folder of YAML files and a model (`Kind`); a module of this package that has a ``KIND`` declares one, and no
list of kinds stands anywhere. A file of the user replaces the one of its code that ships. What was read is kept by the
bytes of the file, never by its path: a file that was edited is read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Generic, Protocol, TypeVar

from sscsim.errors import InputError, nearest
from sscsim.resources import package_folder
from sscsim.world.institutions.schema import Institution, Named, names_in
from sscsim.yamlfile import YamlFile, read_text, read_yaml

__all__ = [
    "InstitutionFiles",
    "Kind",
    "check_folder",
    "kinds",
    "load_institutions",
    "read_institution",
]

Model = TypeVar("Model", bound=Institution)

SUFFIX = ".yaml"

AT_THE_TOP = "banks"
"""The kind of files that stand in a user's folder itself and in none of its folders."""


@dataclass(frozen=True)
class Kind(Generic[Model]):
    """A kind of institution: the folder of its files, a word for one, and what a file holds."""

    folder: str
    one: str
    model: type[Model]


class Nameable(Protocol):
    """What files may name of a world: its countries and groups."""

    @property
    def iso3(self) -> tuple[str, ...]:
        """ISO codes of the countries, in order."""
        ...

    def groups(self) -> tuple[str, ...]:
        """Return the names of the groups."""
        ...


@dataclass(frozen=True)
class _Names:
    iso3: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _File:
    """A file that was read: where it stands, what it holds, and the hash of its bytes.

    One object for each content, so that identity is equality.
    """

    document: YamlFile
    item: Any
    digest: str

    def error(self, message: str, *keys: str | int, **details: Any) -> InputError:
        return self.document.error(message, *keys, **details)


@cache
def kinds() -> tuple[Kind[Any], ...]:
    """Return every kind of institution: the modules of this package that declare one, by name."""
    here = __name__.rpartition(".")[0]
    modules = [
        import_module(f"{here}.{found.name}")
        for found in iter_modules(import_module(here).__path__)
    ]
    return tuple(module.KIND for module in modules if hasattr(module, "KIND"))


@dataclass(frozen=True, eq=False)
class InstitutionFiles:
    """Every institution of a run, each kind in the order of its codes.

    Two of the same files are equal and have one hash, so that what is made of them can be kept by it.
    """

    found: dict[type[Institution], tuple[Institution, ...]]
    content_hash: str

    def of(self, model: type[Model]) -> tuple[Model, ...]:
        """Return the institutions of a kind, such as ``of(Bank)``."""
        return self.found[model]  # type: ignore[return-value]

    def __eq__(self, other: object) -> bool:
        """Whether both come of the same files."""
        return isinstance(other, InstitutionFiles) and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        """Return the hash of the files."""
        return hash(self.content_hash)


def load_institutions(
    world: Nameable | None = None, folder: Path | None = None
) -> InstitutionFiles:
    """Return all institutions that ship, and those of a user's folder; a user's file replaces the one of its code.

    Parameters
    ----------
    world
        Whose countries and groups files may name besides those of the shipped data.
    folder
        The user's institutions: a folder of YAML files for each kind, named as those that ship; files at its top are
        banks.

    Raises
    ------
    InputError
        With file, line and key: whatever a schema does not allow, a country, group or institution that there is not,
        a code that another institution has.
    """
    names = _names(world)
    if folder is not None:
        check_folder(folder)
    return _together(
        tuple((kind, file) for kind in kinds() for file in _files(kind, names, folder))
    )


def read_institution(model: type[Model], path: Path, world: Nameable | None = None) -> Model:
    """Read one file of a kind; other institutions that it names are not looked up."""
    kind = next(kind for kind in kinds() if kind.model is model)
    item: Model = _read(kind, path, _names(world)).item
    return item


def check_folder(folder: Path) -> None:
    """Make sure that a user's folder holds a file of an institution and no folder whose name is a slip.

    Raises
    ------
    InputError
        For a folder that is missing or empty, a kind that there is not, a file whose name does not end in ``.yaml``.
    """
    known = [kind.folder for kind in kinds()]
    if not folder.is_dir():
        raise InputError("there is no such folder of institutions", file=folder)
    for inside in sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in known):
        meant = nearest(inside.name, known)
        if meant is not None and _yaml_files(inside):
            raise InputError(
                "there is no kind of institution of this name",
                file=inside,
                found=inside.name,
                allowed=known,
                suggestion=meant,
            )
    if not any(_yaml_files(place) for place in (folder, *(folder / name for name in known))):
        raise InputError(
            "there is no file of an institution in this folder",
            file=folder,
            allowed="files that end in .yaml, in it or in "
            + ", ".join(f"{name}/" for name in known),
        )


# --------------------------------------------------------------------------------------------------------- the files


def _names(world: Nameable | None) -> _Names:
    # A world may hold some of the countries only; files speak of all that there are.
    from sscsim.world import load_world

    shipped = load_world()
    if world is None or world is shipped:
        return _Names(tuple(shipped.iso3), tuple(shipped.groups()))
    return _Names(
        tuple(sorted({*shipped.iso3, *world.iso3})),
        tuple(sorted({*shipped.groups(), *world.groups()})),
    )


def _yaml_files(place: Path) -> list[Path]:
    """Return the files of a folder, in the order of their names."""
    if not place.is_dir():
        return []
    for path in sorted(place.glob("*.yml")):
        raise InputError(
            "the name of an institution's file ends otherwise",
            file=path,
            found=path.suffix,
            allowed=SUFFIX,
        )
    return sorted(place.glob(f"*{SUFFIX}"))


def _files(kind: Kind[Any], names: _Names, folder: Path | None) -> list[_File]:
    """Return a kind's files in the order of their codes: those that ship, and those of the user in their place."""
    files = _by_code(kind, names, [package_folder() / "institutions" / kind.folder])
    if folder is not None:
        at_top = [folder] if kind.folder == AT_THE_TOP else []
        files |= _by_code(kind, names, [folder / kind.folder, *at_top])
    return [files[code] for code in sorted(files)]


def _by_code(kind: Kind[Any], names: _Names, places: Sequence[Path]) -> dict[str, _File]:
    found: dict[str, _File] = {}
    for path in (path for place in places for path in _yaml_files(place)):
        file = _read(kind, path, names)
        code = file.item.code
        if code in found:
            raise file.error(
                f"the file {found[code].document.path.name} has this code already",
                "code",
                found=code,
                allowed="a code of its own for each file of a folder",
            )
        found[code] = file
    return found


def _read(kind: Kind[Any], path: Path, names: _Names) -> _File:
    return _parse(kind, path, read_text(path), names)


@lru_cache(maxsize=1024)
def _parse(kind: Kind[Any], path: Path, text: str, names: _Names) -> _File:
    # What the file holds is part of the key: one that was edited is read again, whatever its time of change.
    document = read_yaml(path, text)
    item = document.validate(kind.model, document.data)
    file = _File(document, item, hashlib.sha256(text.encode()).hexdigest())
    for keys, name, named in names_in(item):
        if named.kind is None:
            _check_name(file, keys, name, named, names)
    return file


def _check_name(
    file: _File, keys: tuple[str | int, ...], name: str, named: Named, names: _Names
) -> None:
    known = (
        *(names.groups if named.groups else ()),
        *(names.iso3 if named.countries else ()),
        *named.others,
    )
    if name not in known:
        raise file.document.unknown(f"{named.what} of this name", name, known, *keys)


# ------------------------------------------------------------------------------------------------------ all together

_Files = tuple[tuple[Kind[Any], _File], ...]


@lru_cache(maxsize=8)
def _together(files: _Files) -> InstitutionFiles:
    """Return the institutions of these files, after a look at what they say of one another."""
    _check_codes(files)
    _check_references(files)
    digest = hashlib.sha256()
    found: dict[str, list[Institution]] = {kind.folder: [] for kind in kinds()}
    for kind, file in files:
        digest.update(f"{kind.folder}/{file.digest}\n".encode())
        found[kind.folder].append(file.item)
    return InstitutionFiles(
        {kind.model: tuple(found[kind.folder]) for kind in kinds()}, digest.hexdigest()
    )


def _check_codes(files: _Files) -> None:
    """Check that a code names one institution, whatever its kind and the case of its letters."""
    shipped = package_folder()
    taken: dict[str, tuple[Kind[Any], str]] = {}
    # Those that ship first: a clash is the fault of the file that came later.
    for kind, file in sorted(files, key=lambda f: not f[1].document.path.is_relative_to(shipped)):
        code = file.item.code
        if code.casefold() in taken:
            other, its = taken[code.casefold()]
            raise file.error(
                f"this code is that of a {other.one}",
                "code",
                found=code,
                allowed=f"any but {its}, in whatever case of letters",
            )
        taken[code.casefold()] = kind, code


def _check_references(files: _Files) -> None:
    """Check that institutions that others name by code are there."""
    codes: dict[str, list[str]] = {kind.folder: [] for kind in kinds()}
    for kind, file in files:
        codes[kind.folder].append(file.item.code)
    for _, file in files:
        for keys, name, named in names_in(file.item):
            if named.kind is not None and name not in codes[named.kind]:
                raise file.document.unknown(
                    f"{named.what} of this code", name, codes[named.kind], *keys
                )
