"""The one place that prints: what goes to the terminal, a pipe or a file passes through here.

Titles, keys and names of files are a user's, and may hold anything: characters that command a
terminal are shown, not obeyed, and a line stays one line. What the encoding of the output has no
sign for is written with signs that it has. A reader who leaves early ends the command quietly.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from sscsim.errors import OutputError

__all__ = [
    "READER_LEFT",
    "HelpFormatter",
    "ReaderLeft",
    "clean",
    "confirm",
    "echo",
    "echo_csv",
    "echo_text",
    "fit_streams",
    "fitted",
    "is_output_failure",
    "output_error",
    "output_failures",
    "rewrite",
    "silence",
    "styled",
]

READER_LEFT = 141
"""Exit code after a closed pipe: what a shell reports of a program that SIGPIPE ends, 128 + 13."""


class ReaderLeft(Exception):
    """Nobody reads what is printed any more: `sscsim explain parameters | head`."""


# ------------------------------------------------------------------------------------- characters

_COMMANDS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls, but not tab and newline
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # breaks of lines and turns of direction
    "\ud800-\udfff]"  # bytes of a file's name that are no UTF-8
)

_SUBSTITUTES = {
    **dict.fromkeys("–—−⁻₋─━\u2010\u2011", "-"),
    **dict.fromkeys("‘’\u2032", "'"),
    **dict.fromkeys("“”\u2033", '"'),
    **{"→": "->", "←": "<-", "↔": "<->", "…": "...", "·": "*", "•": "*", "×": "x", "÷": "/"},
    **{"≥": ">=", "≤": "<=", "≈": "~", "≠": "!=", "±": "+/-", "∞": "inf", "√": "sqrt"},
    **{"¶": "par.", "§": "sec.", "°": " deg", "€": "EUR", "\u00a0": " "},
    **{"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"},
}
"""What stands for a sign that an encoding lacks; letters lose their accents by themselves."""


def clean(text: object) -> str:
    r"""Return a text as one line without characters that command a terminal, which are spelt out.

    >>> clean("a title\x1b[31m\nError: forged")
    'a title\\x1b[31m\\nError: forged'
    """
    return _clean_lines(str(text)).replace("\n", "\\n")


def _clean_lines(text: str) -> str:
    return _COMMANDS.sub(_spelt_out, text)


def _spelt_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that it could not decode
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def fitted(text: str, *, err: bool = False) -> str:
    """Return a text in signs that standard output, or standard error, can carry."""
    encoding = getattr(sys.stderr if err else sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_carried(sign, encoding) for sign in text)
    except LookupError:
        pass
    return text


def _carried(sign: str, encoding: str) -> str:
    """Return a sign, or the nearest that an encoding has: every part of it, else its number."""
    plain = unicodedata.normalize("NFKD", sign)
    marks = "".join(c for c in plain if not unicodedata.combining(c))
    for form in (sign, _SUBSTITUTES.get(sign), marks.replace("\N{FRACTION SLASH}", "/")):
        if form is not None and (form or sign == plain):
            with contextlib.suppress(UnicodeEncodeError):
                form.encode(encoding)
                return form
    if unicodedata.combining(sign):
        return ""
    return sign.encode("ascii", "backslashreplace").decode("ascii")


def _replace(failure: UnicodeError) -> tuple[str, int]:
    if not isinstance(failure, UnicodeEncodeError):
        raise failure
    lacking = failure.object[failure.start : failure.end]
    # A codec made of a table does not say which; every one of them has the signs of ASCII.
    encoding = "ascii" if failure.encoding == "charmap" else failure.encoding
    return "".join(_carried(sign, encoding) for sign in lacking), failure.end


codecs.register_error("sscsim.fitted", _replace)


class HelpFormatter(click.HelpFormatter):
    """Click's help in signs that standard output can carry."""

    def getvalue(self) -> str:
        """Return the help as text."""
        return fitted(super().getvalue())


# ---------------------------------------------------------------------------------------- streams


def fit_streams() -> None:
    """Let the standard streams take whatever is printed.

    A stream that the caller closed is one that nobody reads: it takes everything and keeps nothing.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="sscsim.fitted")


def silence(stream: Any) -> None:
    """Let go what is left in the buffer of a stream: it would fail again when Python closes it."""
    with contextlib.suppress(Exception):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def output_failures(*, err: bool = False) -> Iterator[None]:
    """Turn a failure to print, on standard error where `err`, into one that says so.

    Raises
    ------
    ReaderLeft
        Where the other end of a pipe is closed.
    OutputError
        Where what is printed cannot be kept, as on a full disk.
    """
    try:
        yield
    except OSError as failure:
        silence(sys.stderr if err else sys.stdout)
        if failure.errno == errno.EPIPE:
            raise ReaderLeft from None
        raise output_error(failure) from None


def output_error(failure: OSError, place: str | None = None) -> OutputError:
    """Return a failure of the file system as an error that says what stands in the way."""
    where = place or (failure.filename if isinstance(failure.filename, str) else None)
    reason = _REASONS.get(failure.errno or 0, failure.strerror or str(failure))
    return OutputError(f"{where}: {reason}" if where else f"the output cannot be written: {reason}")


def is_output_failure(failure: OSError) -> bool:
    """Return whether a failure of the file system is one that the user can mend."""
    return failure.errno in _REASONS


_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "the operation is not permitted",
    errno.ENOTDIR: "a file stands where a folder is needed",
    errno.EISDIR: "a folder stands where a file is needed",
    errno.ENAMETOOLONG: "the name is too long",
}


def styled(stream: TextIO | None = None) -> bool:
    """Return whether text may be bold: on a terminal whose user has not asked for plain text.

    See https://no-color.org for the variable ``NO_COLOR``.
    """
    terminal = (sys.stdout if stream is None else stream).isatty()
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# --------------------------------------------------------------------------------------- printing


def echo(*lines: object, err: bool = False, bold: bool = False) -> None:
    """Print lines, each of them one whatever it holds; without any an empty one.

    Parameters
    ----------
    *lines
        One line each.
    err
        Whether they go to standard error.
    bold
        Whether they are titles, where the output shows such.
    """
    text = "\n".join(fitted(clean(line), err=err) for line in lines)
    if bold and styled(sys.stderr if err else sys.stdout):
        text = click.style(text, bold=True)
    _write(text + "\n", err)


def echo_text(text: str, *, err: bool = False, ours: bool = False) -> None:
    """Print a text of many lines, laid out already.

    Parameters
    ----------
    text
        The lines.
    err
        Whether they go to standard error.
    ours
        Whether what commands the terminal is our own, all else being clean.
    """
    _write(fitted(text if ours else _clean_lines(text), err=err) + "\n", err)


def echo_csv(text: str) -> None:
    """Print a table for programs: as it is in a pipe or a file, cleaned on a terminal."""
    _write(_clean_lines(text) if sys.stdout.isatty() else text, False)


def rewrite(line: str, *, last: bool) -> None:
    """Write a line on standard error, a terminal, over the one before."""
    _write("\r\x1b[K" + fitted(clean(line), err=True) + ("\n" if last else ""), True)


def confirm(question: str) -> bool:
    """Ask a yes or no.

    Raises
    ------
    click.Abort
        Where nobody answers.
    """
    with output_failures():
        return click.confirm(fitted(clean(question)))


def _write(text: str, err: bool) -> None:
    stream = sys.stderr if err else sys.stdout
    with output_failures(err=err):
        stream.write(text)
        stream.flush()  # a reader who left is noticed now, and not when the work is done
