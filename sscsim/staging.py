"""Places to write in before a name is taken, told apart by who writes there, and swept once that process is dead."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

__all__ = [
    "PARTIAL",
    "REPLACED",
    "STALE_SECONDS",
    "abandoned",
    "beside",
    "machine",
    "staged",
    "sweep",
]

PARTIAL = "partial"
"""What is being written."""

REPLACED = "replaced"
"""What stood there before, until what replaces it is in its place."""

STALE_SECONDS = 24 * 3600
"""Age after which what another machine was writing is taken for left behind."""

LONGEST_STEM = 160
"""Characters of a name that its hidden neighbours repeat: names have 255 at most."""

# Ours and nobody else's: machine and process, and eight signs of Python's own.
_OURS = re.compile(
    r"\.(?P<stem>.+)\.(?P<machine>[0-9a-f]{12})-(?P<pid>\d{1,10})-[a-z0-9_]{8}\.(?P<kind>partial|replaced)",
    re.DOTALL,
)


@lru_cache(maxsize=1)
def machine() -> str:
    """Return a mark of this machine since its start, as far as process numbers mean anything on it."""
    words = [socket.gethostname()]
    with contextlib.suppress(OSError):
        words.append(Path("/proc/sys/kernel/random/boot_id").read_text())
    with contextlib.suppress(OSError):
        words.append(str(Path("/proc/self/ns/pid").readlink()))  # containers count for themselves
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def abandoned(place: Path, on: str, pid: int) -> bool:
    """Return whether nobody writes any more at a place that a process of a machine made.

    On this machine one asks whether the process lives; of another, or of this one before it was started anew, a day's
    age is taken for an answer.

    Raises
    ------
    OSError
        If the place cannot be looked at, such as one that is gone.
    """
    if on == machine():
        return not _alive(pid)
    return time.time() - place.lstat().st_mtime > STALE_SECONDS


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # asking would end the process: what it left is judged by its age
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def beside(target: Path, kind: str) -> Path:
    """Make a folder beside a place: hidden, on the same disk, and told apart by its name."""
    prefix = f".{target.name[:LONGEST_STEM]}.{machine()}-{os.getpid()}-"
    return Path(tempfile.mkdtemp(prefix=prefix, suffix=f".{kind}", dir=target.parent))


@contextlib.contextmanager
def staged(folder: Path, stem: str) -> Iterator[Path]:
    """Give a hidden folder inside another to write in, gone afterwards; what the dead left of this name goes first."""
    sweep(folder, stem)
    place = beside(folder / stem, PARTIAL)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep(folder: Path, name: str | None = None) -> int:
    """Remove from a folder what dead processes left half-written in it, and put back what they had put aside.

    Parameters
    ----------
    folder
        Where to look.
    name
        Whose neighbours alone are meant; None means everybody's.

    Returns
    -------
    int
        How many were dealt with. What cannot be read or removed is left without a word.
    """
    swept = 0
    with contextlib.suppress(OSError):
        for place in sorted(folder.iterdir()):
            said = _OURS.fullmatch(place.name)
            if said is None or (name is not None and said["stem"] != name[:LONGEST_STEM]):
                continue
            with contextlib.suppress(OSError):
                if place.is_symlink() or not place.is_dir():
                    continue
                if abandoned(place, said["machine"], int(said["pid"])):
                    swept += _settle(place, said["stem"], said["kind"])
    return swept


def _settle(place: Path, stem: str, kind: str) -> bool:
    """Remove a leftover, or give it back its name where nothing has taken it."""
    if kind == REPLACED and any(place.iterdir()):
        target = place.parent / stem
        if not os.path.lexists(target):
            if len(stem) < LONGEST_STEM:  # a longer name is not known whole
                place.rename(target)
                return True
            return False
    shutil.rmtree(place, ignore_errors=True)
    return not place.exists()
