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
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from sscsim.errors import OutputError, clean, clean_lines, in_words

__all__ = [
    "READER_LEFT",
    "HelpFormatter",
    "ReaderLeft",
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
    return OutputError(f"{where or 'the output cannot be written'}: {in_words(failure)}")


def is_output_failure(failure: OSError) -> bool:
    """Return whether a failure of the file system is one that the user can mend."""
    return failure.errno in _MENDABLE


_MENDABLE = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
)


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
    _write(fitted(text if ours else clean_lines(text), err=err) + "\n", err)


def echo_csv(text: str) -> None:
    """Print a table for programs: as it is in a pipe or a file, cleaned on a terminal."""
    _write(clean_lines(text) if sys.stdout.isatty() else text, False)


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
