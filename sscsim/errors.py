"""Errors that speak to the user: what is wrong, where, what was found, what is allowed.

A `UserError` is the user's mistake and ends a command with exit code 2; anything else that escapes is ours
and ends it with exit code 1. Neither shows a traceback unless ``--debug`` is given.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "InadmissibleInput",
    "InputError",
    "OutputError",
    "SscsimError",
    "UserError",
    "nearest",
]


class SscsimError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code = 1


class UserError(SscsimError):
    """A mistake the user can mend: exit code 2, one message, nothing half-written."""

    exit_code = 2


class InputError(UserError):
    """Bad input: an unknown name, a value out of bounds, a broken file.

    Parameters
    ----------
    message
        What is wrong, one sentence without the place.
    file, line, key
        Where: the file, the line counted from 1, the key or column.
    found
        What stands there.
    allowed
        What may stand there: a sentence, or the names to choose from.
    suggestion
        The nearest valid name, printed as "did you mean ...?".
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
        found: object = None,
        allowed: str | Iterable[str] | None = None,
        suggestion: str | None = None,
    ) -> None:
        self.message = message
        self.file = None if file is None else str(file)
        self.line = line
        self.key = key
        self.found = found
        self.allowed = allowed if allowed is None or isinstance(allowed, str) else tuple(allowed)
        self.suggestion = suggestion
        super().__init__(str(self))

    def __str__(self) -> str:
        where = self.file or ""
        if self.line is not None:
            where += f":{self.line}" if where else f"line {self.line}"
        parts = [f"{where}: {self.message}" if where else self.message]
        if self.key is not None:
            parts.append(f"key: {self.key}")
        if self.found is not None:
            parts.append(f"found: {_shorten(repr(self.found))}")
        if self.allowed is not None:
            parts.append(f"allowed: {_list_names(self.allowed)}")
        text = "\n  ".join(parts)
        if self.suggestion:
            text += f"\n  did you mean {self.suggestion!r}?"
        return text

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling of exceptions, and worker
        # processes must be able to send this error home.
        return (
            _rebuild_input_error,
            (
                type(self),
                self.message,
                self.file,
                self.line,
                self.key,
                self.found,
                self.allowed,
                self.suggestion,
            ),
        )


class InadmissibleInput(InputError):
    """Numbers the model cannot be solved for: says which input, which economy, what is admissible."""


class OutputError(UserError):
    """A place that cannot be written: a missing folder, a file in the way, a full disk."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the valid name closest to `name`, or None when nothing is close."""
    by_fold = {n.casefold(): n for n in names}
    found = difflib.get_close_matches(name[:80].casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def _shorten(text: str, width: int = 120) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _list_names(allowed: str | tuple[str, ...], most: int = 12) -> str:
    if isinstance(allowed, str):
        return allowed
    shown = ", ".join(allowed[:most])
    rest = len(allowed) - most
    return f"{shown}, … ({rest} more)" if rest > 0 else shown


def _rebuild_input_error(
    kind: type[InputError],
    message: str,
    file: str | None,
    line: int | None,
    key: str | None,
    found: object,
    allowed: str | tuple[str, ...] | None,
    suggestion: str | None,
) -> InputError:
    return kind(
        message,
        file=file,
        line=line,
        key=key,
        found=found,
        allowed=allowed,
        suggestion=suggestion,
    )
