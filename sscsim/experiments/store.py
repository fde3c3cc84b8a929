"""The store of members: a folder in which every result stands once, under the hash of what it depends on.

```
results/store/
  store.json                      marks the folder as a store
  ab/ab12…/                       a member: its run (manifest.json, indicators.parquet, …) and member.json
  ab/ab12….failed.json            a member that failed: seed, stage, error
  .staging/                       what is being written; never read
```

A member is written into the staging folder and renamed into its place, which is one operation of the file system: it
is there whole or not at all, whoever is killed whenever. Of two processes that write one member at once, the first
wins and the other's copy is dropped. On one machine the two are equal to the bit. On unlike processors they may differ
in the last digits, by some 1e-13 of a number's size, and their hashes with them; other architectures and other versions
of NumPy and SciPy, which differ as little, have keys of their own.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from sscsim.errors import InputError, OutputError, in_words
from sscsim.experiments.members import Member, arithmetic, data_hash, key_of
from sscsim.provenance import of_this_model
from sscsim.results.frames import frame
from sscsim.results.reading import files_of_a_run, read_columns, read_manifest
from sscsim.results.records import read_record
from sscsim.results.schema import MANIFEST
from sscsim.results.tables import Columns
from sscsim.staging import abandoned, machine

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.results.run import Run

__all__ = ["STAGES", "Entry", "Failure", "RunStore", "Verification", "default_store"]

Read = TypeVar("Read")

STAGES = ("build", "run", "save")
"""Where a member can fail: while the model is built, while it runs, while its result is saved."""

FORMAT = "sscsim store"
FORMAT_VERSION = 1
STORE_FILE = "store.json"
MEMBER_FILE = "member.json"
STAGING = ".staging"
FAILED = ".failed.json"

LONGEST_ERROR = 2000
"""Characters kept of a failure's text."""

# What systems answer to a rename onto a folder that holds something.
_OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES)

_ATTEMPTS = 20
"""Times that a member is put into its place while others put it there and take it away."""

_KEY = re.compile(r"[0-9a-f]{64}")
_GROUP = re.compile(r"[0-9a-f]{2}")


class _Ingredients(BaseModel):
    """What a member says it was made of, as far as the store looks at it."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    model: str
    data: str
    scenario: str
    scenario_hash: str
    seed: int
    start: int
    end: int
    keep: str
    arithmetic: str
    shipped_data: str | None = None


class _Described(BaseModel):
    """The file that makes a run a member."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    key: str
    ingredients: _Ingredients
    draw: int | None
    content_hash: str


class _Failed(BaseModel):
    """The record of a failure."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    scenario: str
    seed: int
    draw: int | None
    stage: str
    error: str


def default_store() -> Path:
    """Return where the store is unless told otherwise: ``SSCSIM_STORE``, else ``results/store``."""
    return Path(os.environ.get("SSCSIM_STORE") or Path("results") / "store")


@dataclass(frozen=True)
class Failure:
    """A member that failed, as it is remembered."""

    key: str
    scenario: str
    seed: int
    draw: int | None
    stage: str
    error: str
    when: float = 0.0


@dataclass(frozen=True)
class Entry:
    """A member in the store.

    ``size`` in bytes, ``when`` in seconds since 1970; ``stale`` where another version of the model or its data made it.
    """

    key: str
    scenario: str
    seed: int
    draw: int | None
    start: int
    end: int
    keep: str
    size: int
    when: float
    stale: bool


@dataclass
class Verification:
    """What `RunStore.verify` found.

    Attributes
    ----------
    whole
        Number of members that are what they say.
    damaged
        Key → what is wrong with it.
    foreign
        Files and folders that do not belong in the store; they are never touched.
    swept
        Number of leftovers of killed writers that were removed.
    """

    whole: int = 0
    damaged: dict[str, str] = field(default_factory=dict)
    foreign: list[Path] = field(default_factory=list)
    swept: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged and nothing foreign."""
        return not self.damaged and not self.foreign


class RunStore:
    """A folder of members, safe for several processes at once.

    Parameters
    ----------
    folder
        Made with its parents if missing; by default `default_store`.
    create
        Whether a missing folder is made, or is an error.

    Raises
    ------
    InputError
        If the folder holds something else than a store.
    OutputError
        If it cannot be made.
    """

    def __init__(self, folder: str | Path | None = None, *, create: bool = True) -> None:
        self.folder = Path(folder).expanduser() if folder is not None else default_store()
        self._open(create)
        with contextlib.suppress(OSError):
            self._sweep()

    def __repr__(self) -> str:
        return f"<RunStore {str(self.folder)!r}>"

    # ------------------------------------------------------------------------------------- reading

    def path(self, key: str) -> Path:
        """Return the folder of a member, whether it is there or not."""
        return self.folder / key[:2] / key

    def has(self, key: str) -> bool:
        """Return whether a member is in the store."""
        return (self.path(key) / MEMBER_FILE).is_file()

    def get(self, key: str) -> Run | None:
        """Return a member's run, None if it is not there.

        Raises
        ------
        InputError
            If it is damaged.
        """
        from sscsim.results.run import Run

        return self._whole(key, Run.load)

    def _whole(self, key: str, read: Callable[[Path], Read]) -> Read | None:
        """Read a member that another process may remove or put anew meanwhile: then it is read again, or is not there.

        Raises
        ------
        InputError
            If it is damaged, and nobody has touched it since.
        """
        place = self.path(key)
        while (before := _identity(place / MEMBER_FILE)) is not None:
            try:
                return read(place)
            except InputError:
                if _identity(place / MEMBER_FILE) == before:
                    raise
        return None

    def lines(
        self,
        key: str,
        indicators: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
        years: Iterable[int] | None = None,
    ) -> pd.DataFrame | None:
        """Return some lines of a member's table of indicators, much faster than by its run.

        Parameters
        ----------
        key
            Key of the member.
        indicators, groups, years
            What is wanted; None means all.

        Returns
        -------
        DataFrame
            Columns scenario, seed, year, group, indicator, value, unit, as in a run; None if the member is not there.

        Raises
        ------
        InputError
            If the file is not the one that was written.
        """
        found = self.columns(key, indicators, groups, years)
        return None if found is None else frame(found)

    def columns(
        self,
        key: str,
        indicators: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
        years: Iterable[int] | None = None,
    ) -> Columns | None:
        """Return what `lines` returns in columns, for those who put many together."""
        found = self._whole(
            key, lambda place: read_columns(place, "indicators", read_manifest(place))
        )
        if found is None:
            return None
        chosen = [
            found.among(name, values)
            for name, values in (("indicator", indicators), ("group", groups), ("year", years))
            if values is not None
        ]
        return found.take(np.logical_and.reduce(chosen)) if chosen else found

    def outcomes(self, key: str) -> Columns:
        """Return a member's table of countries in columns, without the rest of its run.

        Raises
        ------
        InputError
            If the member is not there, has no such table, or its file is not the one that was written.
        """
        place = self.path(key)
        return read_columns(place, "countries", read_manifest(place))

    def content_hash(self, key: str) -> str:
        """Return the hash of a member's content, as it was written."""
        return _described(self.path(key)).content_hash

    def ls(self) -> Iterator[Entry]:
        """Yield the members that are there, in the order of their keys; unreadable ones are left to `verify`."""
        for key in self.keys():
            with contextlib.suppress(InputError, OSError):
                yield self._entry(key)

    def keys(self) -> Iterator[str]:
        """Yield the keys that are there, in order."""
        for group in _children(self.folder):
            if _GROUP.fullmatch(group.name) and group.is_dir():
                for place in _children(group):
                    if _KEY.fullmatch(place.name) and place.is_dir():
                        yield place.name

    def failure(self, key: str) -> Failure | None:
        """Return the record of a member that failed, None if there is none."""
        path = self._failure_path(key)
        try:
            record = _Failed.model_validate(read_record(path))
            return Failure(key, **record.model_dump(), when=path.stat().st_mtime)
        except FileNotFoundError:
            return None
        except ValidationError as failure:
            raise InputError(
                f"the record of a failure is damaged: {_wrong(failure)}", file=path
            ) from None

    def failures(self) -> list[Failure]:
        """Return the members that failed, in the order of their keys."""
        found = []
        for group in _children(self.folder):
            if not _GROUP.fullmatch(group.name):
                continue
            for path in _children(group):
                if path.name.endswith(FAILED):
                    with contextlib.suppress(InputError):
                        record = self.failure(path.name.removesuffix(FAILED))
                        if record is not None:
                            found.append(record)
        return found

    # ------------------------------------------------------------------------------------- writing

    def put(self, member: Member, run: Run) -> bool:
        """Write a member, whole or not at all, and forget that it once failed.

        Returns
        -------
        bool
            False if it was there already: what is there stays.

        Raises
        ------
        OutputError
            If it cannot be written; nothing is left behind.
        """
        with self.staged() as place:
            run.save(place, compact=True)
            return self._settle(member, place, run.content_hash)

    def put_files(self, member: Member, files: Mapping[str, bytes]) -> bool:
        """Write a member from the bytes of its files, as a distant worker sends them; as `put`."""
        with self.staged() as place:
            try:
                place.mkdir()
                for name, data in files.items():
                    if name not in files_of_a_run():
                        raise InputError("a run has no file of this name", found=name)
                    _write(place / name, data)
                content = read_record(place / MANIFEST)["content_hash"]
            except OSError as failure:
                raise self._cannot_write(failure) from failure
            return self._settle(member, place, content)

    def fail(self, member: Member, stage: str, error: str) -> None:
        """Remember that a member failed.

        Parameters
        ----------
        member
            Which.
        stage
            One of `STAGES`.
        error
            What was said.
        """
        if stage not in STAGES:
            raise ValueError(f"no stage {stage!r}")
        record = {
            "format": "sscsim failure",
            "key": member.key,
            "scenario": member.scenario.name,
            "seed": member.seed,
            "draw": member.draw,
            "parameters": dict(member.parameters),
            "figures": dict(member.figures),
            "stage": stage,
            "error": error[:LONGEST_ERROR],
            "ingredients": member.ingredients,
        }
        path = self._failure_path(member.key)
        with self.staged() as place:
            try:
                _write(place, _json(record))
                path.parent.mkdir(exist_ok=True)
                place.replace(path)
            except OSError as failure:
                raise self._cannot_write(failure) from failure

    def rm(
        self,
        *,
        scenario: str | None = None,
        prefix: str | None = None,
        failed: bool = False,
        stale: bool = False,
        everything: bool = False,
    ) -> int:
        """Remove members and records of failures, and return how many.

        Parameters
        ----------
        scenario
            Those of a scenario.
        prefix
            Those whose key begins so.
        failed
            Records of failures only.
        stale
            Members that another version of the model or its data made.
        everything
            All of them. Files that are not the store's stay.

        Raises
        ------
        ValueError
            If nothing is chosen.
        OutputError
            If something cannot be removed.
        """
        if not (scenario or prefix or failed or stale or everything):
            raise ValueError("say what is to be removed")
        removed = 0
        for key, kind in self.chosen(
            scenario=scenario, prefix=prefix, failed=failed, stale=stale, everything=everything
        ):
            removed += self.discard(key) if kind == "member" else self._forget(key)
        return removed

    def chosen(
        self,
        *,
        scenario: str | None = None,
        prefix: str | None = None,
        failed: bool = False,
        stale: bool = False,
        everything: bool = False,
    ) -> list[tuple[str, str]]:
        """Return what `rm` would remove: keys, each with ``member`` or ``failure``."""
        # All that is given must hold.
        found = []
        for failure in self.failures():
            fits = (scenario is None or failure.scenario == scenario) and (
                prefix is None or failure.key.startswith(prefix)
            )
            if fits and not stale:
                found.append((failure.key, "failure"))
        if failed:
            return found
        entries = {entry.key: entry for entry in self.ls()}
        for key in self.keys():
            entry = entries.get(key)
            if prefix is not None and not key.startswith(prefix):
                continue
            if entry is None:  # unreadable: it can be named by its key, or go with all
                if not (scenario or stale) and (prefix or everything):
                    found.append((key, "member"))
            elif (scenario is None or entry.scenario == scenario) and (not stale or entry.stale):
                found.append((key, "member"))
        return found

    def discard(self, key: str) -> bool:
        """Remove one member at once for every reader; returns whether it was there."""
        with self.staged() as place:
            try:
                self.path(key).rename(place)
            except FileNotFoundError:
                return False
            except OSError as failure:
                raise self._cannot_write(failure) from failure
        return True

    # --------------------------------------------------------------------------------------- health

    def verify(self, *, remove: bool = False) -> Verification:
        """Read everything, work out every hash again, and sweep what killed writers left.

        Parameters
        ----------
        remove
            Whether to remove damaged members, so that they are run again.
        """
        found = Verification(swept=self._sweep())
        for place in _children(self.folder):
            if place.name in (STORE_FILE, STAGING):
                continue
            if not (_GROUP.fullmatch(place.name) and place.is_dir() and not place.is_symlink()):
                found.foreign.append(place)
                continue
            for child in _children(place):
                key = child.name.removesuffix(FAILED)
                if not _KEY.fullmatch(key) or key[:2] != place.name or child.is_symlink():
                    found.foreign.append(child)
                    continue
                try:
                    if child.is_dir() and child.name == key:
                        found.foreign.extend(self._examine(key))
                        found.whole += 1
                    elif child.is_file() and child.name != key:
                        self.failure(key)
                    else:
                        found.foreign.append(child)
                except (InputError, OSError) as failure:
                    found.damaged[key] = str(failure).partition("\n")[0]
        if remove:
            for key in found.damaged:
                if self.path(key).exists():
                    self.discard(key)
                else:
                    self._forget(key)
        return found

    def _examine(self, key: str) -> list[Path]:
        """Raise if a member is not what it says; return the files in it that do not belong there."""
        from sscsim.results.run import Run

        place = self.path(key)
        described = _described(place)
        said = described.ingredients.model_dump(exclude_unset=True)
        if key_of(said) != key or described.key != key:
            raise InputError(
                "the key is not that of what the member says it was made of", file=place
            )
        run = Run.load(place)  # checks the hash of each file and of the content
        manifest = run.manifest
        for name, value in (
            ("seed", manifest["seed"]),
            ("end", manifest["end"]),
            ("keep", manifest["keep"]),
            ("scenario", manifest["scenario_name"]),
            ("scenario_hash", manifest.get("scenario_hash")),
            ("data", manifest.get("data_hash")),
        ):
            if said[name] != value:
                raise InputError("the run is not the member's", file=place, key=name, found=value)
        if run.content_hash != described.content_hash:
            raise InputError("the content is not the one that was written", file=place)
        return [p for p in _children(place) if p.name not in {*files_of_a_run(), MEMBER_FILE}]

    # ---------------------------------------------------------------------------------------- within

    def _open(self, create: bool) -> None:
        mark = self.folder / STORE_FILE
        if not create and not self.folder.is_dir():
            raise InputError(
                "there is no such store",
                file=self.folder,
                allowed="a folder that `sscsim ensemble` has written",
            )
        if mark.is_file():
            version = read_record(mark).get("format_version")
            if version != FORMAT_VERSION:
                raise InputError(
                    "the store has another layout than this version reads",
                    file=mark,
                    found=version,
                    allowed=str(FORMAT_VERSION),
                )
            return
        try:
            if self.folder.is_dir() and any(
                p.name not in (STAGING, STORE_FILE) for p in self.folder.iterdir()
            ):
                raise InputError(
                    "this folder holds something else than a store: name another or an empty one",
                    file=self.folder,
                )
            if not create:
                raise InputError("this folder is no store", file=self.folder)
            (self.folder / STAGING).mkdir(parents=True, exist_ok=True)
            with self.staged() as place:
                _write(place, _json({"format": FORMAT, "format_version": FORMAT_VERSION}))
                place.replace(mark)
        except OSError as failure:
            raise self._cannot_write(failure) from failure

    def _entry(self, key: str) -> Entry:
        place = self.path(key)
        described = _described(place)
        said = described.ingredients
        return Entry(
            key=key,
            scenario=said.scenario,
            seed=said.seed,
            draw=described.draw,
            start=said.start,
            end=said.end,
            keep=said.keep,
            size=sum(p.stat().st_size for p in place.iterdir()),
            when=(place / MEMBER_FILE).stat().st_mtime,
            stale=not of_this_model(said.model)
            or (said.shipped_data or said.data, said.arithmetic) != (data_hash(), arithmetic()),
        )

    def _failure_path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{FAILED}"

    def _forget(self, key: str) -> bool:
        try:
            self._failure_path(key).unlink()
        except FileNotFoundError:
            return False
        except OSError as failure:
            raise self._cannot_write(failure) from failure
        return True

    def _settle(self, member: Member, place: Path, content: str) -> bool:
        """Describe what is staged, whose content has a hash, and rename it into its place."""
        try:
            described = {
                "format": "sscsim member",
                "key": member.key,
                "ingredients": member.ingredients,
                "draw": member.draw,
                "parameters": dict(member.parameters),
                "content_hash": content,
            }
            _write(place / MEMBER_FILE, _json(described))
            target = self.path(member.key)
            target.parent.mkdir(exist_ok=True)
            written = self._into_place(place, target, member.key)
        except OSError as failure:
            raise self._cannot_write(failure) from failure
        self._forget(member.key)
        return written

    def _into_place(self, place: Path, target: Path, key: str) -> bool:
        """Rename what is staged into its place, and return whether it was not there already.

        Others may put the same there, or take it away, between any two of these steps.
        """
        for attempt in range(_ATTEMPTS):
            try:
                place.rename(target)
            except OSError as failure:
                if failure.errno not in _OCCUPIED or attempt == _ATTEMPTS - 1:
                    raise
            else:
                return True
            if self.has(key):
                return False
            self.discard(key)  # a damaged folder, or one that is gone by now
        return False

    @contextlib.contextmanager
    def staged(self) -> Iterator[Path]:
        """Give a name in the staging folder, and leave nothing of it behind."""
        staging = self.folder / STAGING
        place = staging / f"{machine()}-{os.getpid()}-{secrets.token_hex(6)}"
        try:
            staging.mkdir(exist_ok=True)
        except OSError as failure:
            raise self._cannot_write(failure) from failure
        try:
            yield place
        finally:
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    place.unlink()

    def _sweep(self) -> int:
        """Remove from the staging folder what no living process is writing."""
        swept = 0
        for place in _children(self.folder / STAGING):
            words = place.name.lstrip(".").split("-")
            ours = len(words) >= 3 and words[1].isdigit() and len(words[1]) <= 10
            try:
                left = abandoned(place, words[0] if ours else "", int(words[1]) if ours else 0)
            except FileNotFoundError:
                continue
            if left:
                if place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place, ignore_errors=True)
                else:
                    place.unlink(missing_ok=True)
                swept += 1
        return swept

    def _cannot_write(self, failure: OSError) -> OutputError:
        return OutputError(f"{self.folder}: the store cannot be written: {in_words(failure)}")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that was put in its place, None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_ctime_ns


def _children(folder: Path) -> Sequence[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _json(record: Mapping[str, Any]) -> bytes:
    # In a line: of what is indented, and there are thousands of members, most of the time goes into blanks.
    return (json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _described(place: Path) -> _Described:
    try:
        return _Described.model_validate(read_record(place / MEMBER_FILE))
    except ValidationError as failure:
        raise InputError(
            f"the member's description is damaged: {_wrong(failure)}", file=place / MEMBER_FILE
        ) from None


def _wrong(failure: ValidationError) -> str:
    first = failure.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
