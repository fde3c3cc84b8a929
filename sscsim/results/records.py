"""Files of a saved run or a store: opened only if they are files, and records of keys and values read from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sscsim.errors import InputError
from sscsim.files import json_of, read_bytes

__all__ = ["LARGEST_RECORD", "file_bytes", "read_record"]

LARGEST_RECORD = 64_000_000
"""Bytes that a file of JSON may have."""


def file_bytes(path: Path, most: int) -> bytes:
    """Return the bytes of a file; see `sscsim.files.read_bytes`.

    Raises
    ------
    FileNotFoundError
        If there is nothing of this name: the caller knows what that means.
    InputError
        If it is no file, is too large, or cannot be read.
    """
    try:
        return read_bytes(path, most)
    except InputError:
        if not os.path.lexists(path):
            raise FileNotFoundError(path) from None
        raise


def read_record(path: Path) -> dict[str, Any]:
    """Return what a file of JSON holds, by key.

    Raises
    ------
    FileNotFoundError
        If there is nothing of this name.
    InputError
        If it cannot be read, is no JSON, is nested too deeply, holds a number that is none, or something else than keys
        and values.
    """
    try:
        # What cannot be written again is not read: a record is written into exports.
        record = json_of(file_bytes(path, LARGEST_RECORD), finite=True)
    except ValueError as failure:
        raise InputError(
            f"the file is not valid JSON: {failure}",
            file=path,
            line=getattr(failure, "lineno", None),
        ) from None
    if not isinstance(record, dict):
        raise InputError("the file does not hold what it should: keys and values", file=path)
    return record
