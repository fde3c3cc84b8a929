"""Errors that speak to the user: what is wrong, where, what was found, what is allowed.

A `UserError` is the user's mistake and ends a command with exit code 2; anything else that escapes is ours
and ends it with exit code 1. Neither shows a traceback unless ``--debug`` is given.

A name, a key or a value that a message quotes is a user's and may hold anything. Here, where an error is put into
words, it becomes one line that commands no terminal.
"""

from __future__ import annotations

import difflib
import errno
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

__all__ = [
    "COMMANDS",
    "InadmissibleInput",
    "InputError",
    "OutputError",
    "SscsimError",
    "UserError",
    "clean",
    "clean_lines",
    "in_words",
    "nearest",
    "outside",
    "spoken_of",
    "unknown",
]

COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls, but not tab and newline
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # breaks of lines and turns of direction
    "\ud800-\udfff]"  # bytes of a file's name that are no UTF-8
)
"""Characters that move the cursor, colour, or turn what follows."""


def clean(text: object) -> str:
    r"""Return a text as one line without characters that command a terminal, which are spelt out.

    >>> clean("a title\x1b[31m\nError: forged")
    'a title\\x1b[31m\\nError: forged'
    """
    return clean_lines(str(text)).replace("\n", "\\n")


def clean_lines(text: str) -> str:
    """Return a text of many lines without characters that command a terminal."""
    return COMMANDS.sub(_spelt_out, text)


def _spelt_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that it could not decode
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class SscsimError(Exception):
    """Base of every error this package raises on purpose."""

    exit_code = 1


class UserError(SscsimError):
    """A mistake the user can mend: exit code 2, one message, nothing half-written."""

    exit_code = 2

    def __str__(self) -> str:
        return clean(super().__str__())


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
        message = _LONG_WORD.sub(lambda word: _shorten(word[0]), self.message)
        parts = [f"{where}: {message}" if where else message]
        if self.key is not None:
            parts.append(f"key: {_shorten(self.key)}")
        if self.found is not None:
            parts.append(f"found: {_quoted(self.found)}")
        if self.allowed is not None:
            parts.append(f"allowed: {_list_names(self.allowed)}")
        if self.suggestion:
            parts.append(f"did you mean {_quoted(self.suggestion)}?")
        return "\n  ".join(clean(part) for part in parts)

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


def unknown(
    what: str,
    found: object,
    names: Collection[str],
    *,
    allowed: str | Iterable[str] | None = None,
    told: Mapping[str, str] | None = None,
    file: str | Path | None = None,
    line: int | None = None,
    key: str | None = None,
) -> InputError:
    """Return the error for a name that nothing has.

    Parameters
    ----------
    what
        What has no such name, such as ``"bank of this code"``.
    found
        The name.
    names
        Those that there are, the nearest of which is suggested.
    allowed
        In place of a list of all names where they are many.
    told
        Title and description of names: where no name is near, one is suggested whose words hold what was given.
    file, line, key
        Where it stands.
    """
    return InputError(
        f"there is no {what}",
        file=file,
        line=line,
        key=key,
        found=found,
        allowed=names if allowed is None else allowed,
        suggestion=nearest(str(found), names) or spoken_of(str(found), told or {}),
    )


def spoken_of(words: str, told: Mapping[str, str]) -> str | None:
    """Return the name whose title or description holds all of some words, whatever their case.

    Of several, the one that says them first: a title stands before its description. Words of less than three letters
    are in everything; a word is found at the beginning of another, so that a plural finds its singular's text.
    """
    sought = [
        word for word in re.findall(r"\w+", _fold(words[:80]).replace("_", " ")) if len(word) > 2
    ]
    found: list[tuple[int, str]] = []
    for name, text in told.items():
        held = _fold(text).replace("_", " ")
        places = [re.search(rf"\b{re.escape(word)}", held) for word in sought]
        if places and all(places):
            found.append((max(place.start() for place in places if place), name))
    return min(found)[1] if found else None


def outside(
    what: str,
    found: object,
    low: float | None = None,
    high: float | None = None,
    *,
    whole: bool = False,
    file: str | Path | None = None,
    line: int | None = None,
    key: str | None = None,
) -> InputError:
    """Return the error for what is no number, no whole one where `whole`, or lies outside its range.

    Parameters
    ----------
    what
        What the number is, such as ``"the year"``.
    found
        What stands there.
    low, high
        The range, open where one is None.
    file, line, key
        Where it stands.
    """
    return InputError(
        f"{what} must be a {'whole ' if whole else ''}number in its range",
        file=file,
        line=line,
        key=key,
        found=found,
        allowed=_range(low, high),
    )


def _range(low: float | None, high: float | None) -> str | None:
    def number(value: float) -> str:
        # A year is written without a comma.
        return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else f"{value:g}"

    if low is not None and high is not None:
        return f"{number(low)} to {number(high)}"
    if low is not None:
        return f"at least {number(low)}"
    return None if high is None else f"at most {number(high)}"


def in_words(failure: OSError) -> str:
    """Return in words why the file system refuses."""
    return _REASONS.get(failure.errno or 0) or failure.strerror or str(failure)


_REASONS = {
    errno.ENOENT: "there is no such file or folder",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "there is no permission",
    errno.EPERM: "there is no permission",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
    errno.EEXIST: "something else of this name is in the way",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "its links lead in a circle",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
    errno.EFBIG: "the file would be larger than is allowed here",
    errno.EIO: "the disk fails",
}


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


def _quoted(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits, which Python does not print
        text = "a whole number of very many digits"
    return _shorten(text)


def _shorten(text: str, width: int = 120) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


_LONG_WORD = re.compile(r"\S{121,}")
"""What a user wrote without a blank, at length: a message is one that is read."""


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
