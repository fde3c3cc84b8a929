"""Open what a user names: a regular file and nothing else, and no more of it than a budget; write it whole.

Nothing else in the package opens a file that may be a user's (`tests/project/test_reading.py`).

A pipe that nobody writes to would make a run wait for ever, and a device fill the memory, whatever link leads there.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from sscsim.errors import InputError, OutputError, in_words

__all__ = [
    "RESULTS",
    "decode",
    "is_in_results",
    "json_of",
    "make_results",
    "open_file",
    "read_bytes",
    "read_text",
    "write_text",
    "write_whole",
]

RESULTS = Path("results")
"""Where runs are written and looked for, below the folder that one works in."""

_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def is_in_results(place: Path) -> bool:
    """Return whether a file or folder is to stand in `results`, whether or not there is one yet."""
    return place.expanduser().absolute().parent == RESULTS.absolute()


def make_results(place: Path) -> None:
    """Make `results` where something is to be written in it: what goes there by default needs no folder made before.

    Any other folder that is missing is left missing: it is more likely a slip.
    """
    if is_in_results(place):
        RESULTS.mkdir(exist_ok=True)


def open_file(path: Path, most_bytes: int) -> BinaryIO:
    """Open a regular file of no more than so many bytes.

    Raises
    ------
    InputError
        For a file that is missing or may not be read, for what is no file – a folder, a pipe, a device – and for one
        that is too large.
    """
    try:
        file = open(path, "rb", opener=_open)  # noqa: SIM115 - the caller closes it
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("there is no such file", file=path) from None
    except IsADirectoryError:
        raise _no_file(path, stat.S_IFDIR) from None
    except ValueError:  # a name with a zero byte
        raise InputError("no file can have this name", file=path) from None
    except OSError as failure:
        raise InputError(f"the file cannot be read: {in_words(failure)}", file=path) from None
    about = os.fstat(file.fileno())
    if stat.S_ISREG(about.st_mode) and about.st_size <= most_bytes:
        return file
    file.close()
    if not stat.S_ISREG(about.st_mode):
        raise _no_file(path, about.st_mode)
    raise _too_large(path, about.st_size, most_bytes)


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """Return what a regular file of no more than so many bytes holds.

    Raises
    ------
    InputError
        As `open_file`.
    """
    with open_file(path, most_bytes) as file:
        try:
            # One more than allowed: a file may grow, and some of the system's say that they are empty.
            data = file.read(most_bytes + 1)
        except OSError as failure:
            raise InputError(f"the file cannot be read: {in_words(failure)}", file=path) from None
    if len(data) > most_bytes:
        raise _too_large(path, len(data), most_bytes)
    return data


def read_text(path: Path, most_bytes: int) -> str:
    """Return the text of a regular file of no more than so many bytes.

    Raises
    ------
    InputError
        As `open_file`, and for bytes that are no UTF-8.
    """
    return decode(path, read_bytes(path, most_bytes))


def decode(path: Path, data: bytes) -> str:
    """Return bytes of a file as text, without the mark that some editors begin with.

    Raises
    ------
    InputError
        For bytes that are no UTF-8, with the line of the first.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        start = failure.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        raise InputError(
            "the file is not UTF-8 text",
            file=path,
            line=data.count(b"\n", 0, start) + 1,
            found=data[start : start + 1],
            allowed="UTF-8 text; save the file again with that encoding",
        ) from None


def json_of(data: bytes | str, *, finite: bool = False) -> Any:
    """Return what a text of JSON says.

    Parameters
    ----------
    finite
        Refuse what JSON does not know and Python reads and writes: NaN, numbers without end or too large for one.

    Raises
    ------
    ValueError
        For what is no JSON, or is nested too deeply.
    """
    try:
        if finite:
            return json.loads(data, parse_constant=_no_number, parse_float=_finite)
        return json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large a number")
    return value


def _open(path: str, flags: int) -> int:
    # A pipe without a writer would not open. A regular file never makes one wait.
    return os.open(path, flags | _WITHOUT_WAITING)


def _no_file(path: Path, mode: int) -> InputError:
    kind = _KINDS.get(stat.S_IFMT(mode), "something else")
    return InputError(f"there is no such file: {kind} stands here", file=path)


def _too_large(path: Path, size: int, most: int) -> InputError:
    return InputError(
        "the file is too large",
        file=path,
        found=f"{size:,} bytes",
        allowed=f"at most {most:,} bytes",
    )


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    write_whole(path, text.encode())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of bytes whole or not at all; see `write_text`."""
    from sscsim.staging import (  # what it takes along is nothing for whoever only reads
        staged,
        sweep,
    )

    try:
        make_results(path)
        sweep(path.parent)
        # In a folder of its own: two that write one file do not meet, and what a killed one leaves is swept.
        with staged(path.parent, path.name) as place:
            written = place / "whole"
            written.write_bytes(data)
            written.replace(path)
    except OSError as failure:
        raise OutputError(f"{path}: {in_words(failure)}") from None
