"""Where runs are: what `RUN` on the command line means, and whether a place can be written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sscsim.cli.terminal import output_error
from sscsim.errors import InputError, OutputError, nearest
from sscsim.files import RESULTS, is_in_results

if TYPE_CHECKING:
    from sscsim.results.run import Run

__all__ = [
    "RESULTS",
    "check_file",
    "check_folder",
    "check_institutions",
    "check_output",
    "check_page",
    "default_output",
    "marked",
    "open_run",
    "run_folder",
]

MANIFEST = "manifest.json"
ENDINGS = (".html", ".htm")


def default_output(scenario: str, seed: int, changes: Mapping[str, Any]) -> Path:
    """Return where a run is written unless told otherwise.

    A run that changes more than scenario and seed gets a short mark of the changes in its name, so
    that it does not replace the plain one.
    """
    return RESULTS / marked(f"{Path(scenario).stem}-seed{seed}", changes)


def marked(name: str, changes: Mapping[str, Any]) -> str:
    """Return a name with a short mark of what differs from the plain case, if anything does."""
    told = {key: value for key, value in changes.items() if value}
    if not told:
        return name
    text = json.dumps(told, sort_keys=True, default=str)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def check_output(place: Path) -> None:
    """Make sure that a folder can be written, before an hour is spent on what goes into it.

    Parameters
    ----------
    place
        The folder to be written. It may be a run that will be replaced, or an empty folder. A missing parent is the
        user's slip, but for `results`, which is made.

    Raises
    ------
    OutputError
        For a file in the way, a missing parent, a folder that holds something else, a place without
        permission or space.
    """
    try:
        _check_output(place)
    except OSError as failure:
        raise output_error(failure, str(place)) from None


def _check_output(place: Path) -> None:
    for parent in place.absolute().parents:
        if parent.exists():
            if not parent.is_dir():
                raise OutputError(f"{place}: {parent} is a file, not a folder")
            break
    if place.is_symlink():
        raise OutputError(f"{place}: a link stands where the folder is to be written")
    if place.exists() and not place.is_dir():
        raise OutputError(f"{place}: a file stands where the folder is to be written")
    if place.is_dir() and not (place / MANIFEST).is_file() and any(place.iterdir()):
        raise OutputError(
            f"{place}: this folder holds something else than a run; name a new or an empty folder"
        )
    parent = place.absolute().parent
    if not parent.exists() and not is_in_results(place):
        raise _no_parent(place)
    _probe(_nearest(parent))


def check_folder(place: Path) -> None:
    """Make sure that files can be added to a folder; it may be missing, its parent not, but for `results`.

    Raises
    ------
    OutputError
        For a file in the way, a missing parent, a place without permission or space.
    """
    try:
        if place.exists() and not place.is_dir():
            raise OutputError(f"{place}: a file stands where the folder is to be written")
        _check_parent(place)
        _probe(_nearest(place))
    except OSError as failure:
        raise output_error(failure, str(place)) from None


def check_file(place: Path, what: str = "file") -> None:
    """Make sure that a file can be written, before an hour is spent on what goes into it.

    Parameters
    ----------
    place
        The file; a file that stands there will be replaced.
    what
        What it is, in a word.

    Raises
    ------
    OutputError
        For a folder in its place, a missing parent that is not `results`, a place without permission or space.
    """
    try:
        if place.is_dir():
            raise OutputError(f"{place}: a folder stands where the {what} is to be written")
        _check_parent(place)
        _probe(_nearest(place.absolute().parent))
    except OSError as failure:
        raise output_error(failure, str(place)) from None


def _check_parent(place: Path) -> None:
    if not place.absolute().parent.is_dir() and not is_in_results(place):
        raise _no_parent(place)


def _no_parent(place: Path) -> OutputError:
    return OutputError(f"{place}: there is no folder {place.parent} to write it in; make it first")


def _nearest(folder: Path) -> Path:
    """Return the nearest folder that there is: this one, or one that it is to stand in."""
    return next(one for one in (folder.absolute(), *folder.absolute().parents) if one.is_dir())


def check_institutions(folder: Path | None) -> None:
    """Make sure that a user's folder of institutions holds a file, so that a slip is not a run without them.

    Raises
    ------
    InputError
        For a folder without a file of institutions. One that is missing is refused where it is read.
    """
    if folder is not None and folder.is_dir():
        from sscsim.world.institutions import check_folder

        check_folder(folder)


def _probe(folder: Path) -> None:
    # Permission bits do not tell all (full disk, quota, read-only mount): write something.
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".sscsim-") as probe:
        probe.write(b"\0" * 4096)
        probe.flush()
        os.fsync(probe.fileno())


def run_folder(run: str, *, comparisons: bool = False) -> Path:
    """Return the folder of a run, given its path or its name in `results/`.

    Parameters
    ----------
    run
        The path or name.
    comparisons
        Whether it may be a comparison as well.

    Raises
    ------
    InputError
        Where there is none, with the nearest name.
    """
    given = Path(run)
    for place in (given, RESULTS / run):
        with contextlib.suppress(OSError):
            if (place / MANIFEST).is_file():
                if not comparisons:
                    _check_run(place)
                return place
    what = "run or comparison" if comparisons else "run"
    runs, compared = _saved()
    names = [*compared, *runs] if comparisons else runs
    if given.is_file():
        message = f"a {what} is a folder, this is a file"
    elif given.is_dir():
        message = f"this folder holds no {what}: there is no {MANIFEST} in it"
    else:
        message = f"there is no {what} of this name"
    writers = "`sscsim run` or `sscsim compare --out`" if comparisons else "`sscsim run`"
    raise InputError(
        message,
        found=run,
        allowed=names or f"a folder that {writers} has written; {RESULTS}/ holds none yet",
        suggestion=nearest(given.name, names),
    )


def _check_run(folder: Path) -> None:
    from sscsim.results.comparison import COMPARISON
    from sscsim.results.writing import is_saved_run

    if is_saved_run(folder, COMPARISON):
        raise InputError(
            "this is a saved comparison, not a run",
            found=str(folder),
            allowed="`sscsim brief` and `sscsim export` take it",
        )


def _saved() -> tuple[list[str], list[str]]:
    """Return the names of runs, and those of comparisons, in `results/`."""
    from sscsim.results.comparison import COMPARISON
    from sscsim.results.writing import is_saved_run

    runs, compared = [], []
    with contextlib.suppress(OSError):
        for path in sorted(RESULTS.glob(f"*/{MANIFEST}")):
            if is_saved_run(path.parent):
                runs.append(path.parent.name)
            elif is_saved_run(path.parent, COMPARISON):
                compared.append(path.parent.name)
    return runs, compared


def open_run(run: str) -> Run:
    """Load a run, given its path or its name in `results/`."""
    folder = run_folder(run)
    from sscsim.results.run import Run

    return Run.load(folder)


def check_page(out: Path) -> Path:
    """Make sure that a page can be written, before it is drawn.

    Raises
    ------
    InputError
        For a name that does not end in ``.html`` or ``.htm``.
    OutputError
        Where a folder stands in its place, or none that it could stand in.
    """
    if out.suffix.lower() not in ENDINGS:
        raise InputError(
            "a page is written as HTML", file="--out", found=str(out), allowed="a name in .html"
        )
    check_file(out, "page")
    return out
