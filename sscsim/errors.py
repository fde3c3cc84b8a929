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
    """Return the valid name that was probably meant, or None: no hint is better than a wrong one.

    Names are compared by the letters they share in order. First letters are seldom mistyped and count for more, as
    in Winkler (1990): a name that begins otherwise must share four letters of five. One that begins with `name`, or
    has it as a whole word, is held to share as many.
    """
    by_fold = {_fold(n): n for n in names}
    typed = _fold(name[:80])
    close = set(difflib.get_close_matches(typed, by_fold, n=max(1, len(by_fold)), cutoff=_ALIKE))
    best, most = None, 0.0
    for one in by_fold:
        part = len(typed) >= 3 and (one.startswith(typed) or f"_{typed}_" in f"_{one}_")
        if not part and one not in close:
            continue
        shared = difflib.SequenceMatcher(None, one, typed).ratio()
        score = max(shared, _VERY_ALIKE) if part else shared
        begins = next((i for i in range(4) if one[i : i + 1] != typed[i : i + 1]), 4)
        if not begins and score < _VERY_ALIKE:
            continue
        # Among names that are alike for the same reason, the one to which least is added.
        score += 0.1 * begins * (1.0 - score) + 0.01 * shared
        if score > most:
            best, most = one, score
    return None if best is None else by_fold[best]


_ALIKE, _VERY_ALIKE = 0.66, 0.8


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")


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
