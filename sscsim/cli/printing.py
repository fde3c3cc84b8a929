"""Tables and numbers for people: coloured on a terminal, plain and always the same in a pipe."""

from __future__ import annotations

import io
import math
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from sscsim.cli.terminal import echo, echo_text, fitted, styled
from sscsim.errors import InputError, clean

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = [
    "NO_CHANGE",
    "WIDTH",
    "change",
    "fields",
    "heading",
    "number",
    "print_quantities",
    "print_table",
    "say",
    "say_notes",
    "signed",
    "text_of",
    "unit_of",
    "width",
    "years_shown",
]

WIDTH = 100
"""Columns of a table in a pipe, and the most of a sentence."""

LONG_WORD = 12
"""Letters of a line to which long words and names are broken where a terminal is too narrow."""


def number(value: float, unit: str = "") -> str:
    """Return a number with four significant digits at most; a fraction as per cent.

    ``unit_of`` gives the unit that belongs to it.
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞"
    if unit in _AS_PER_CENT:
        value *= 100.0
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.0f}" if abs(value - round(value)) < 1e-9 else f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    return f"{value:.3f}" if size >= 1e-3 else f"{value:.2g}"


NO_CHANGE = "no change"


def change(
    median: float, low: float, high: float, unit: str = "", level: float = math.nan
) -> tuple[str, str]:
    """Return an effect and its interval, as `sscsim.experiments.noticeable` says how finely.

    What is below the last decimal is no change; an end of an interval is 0 there, or less than the last decimal where
    its sign is known.

    Parameters
    ----------
    median, low, high
        The effect and the ends of its interval.
    unit
        Of them; fractions are told in per cent.
    level
        What the effect adds to, in the same unit: what is noticeable beside it is told, however small.

    Returns
    -------
    tuple of str
        The effect, and its interval; a dash in its place where nothing is left of that, too.
    """
    from sscsim.experiments.noticeable import is_nought, most_decimals

    scale = 100.0 if unit in _AS_PER_CENT else 1.0
    ends = [scale * value for value in (median, low, high)]
    most = most_decimals(ends[0], scale * level)
    if all(is_nought(end, most) for end in ends):
        return NO_CHANGE, "–"
    known = low > 0.0 or high < 0.0
    middle, *others = (signed(end, most=most, known=known) for end in ends)
    return NO_CHANGE if is_nought(ends[0], most) else middle, " … ".join(others)


def signed(value: float, unit: str = "", *, most: int | None = None, known: bool = False) -> str:
    """Return a change with its sign, without an exponent.

    Parameters
    ----------
    value
        The change.
    unit
        Of it; a fraction is told in per cent.
    most
        Decimals beyond which it is nought; as `sscsim.experiments.noticeable` has it.
    known
        Whether its sign is known: then it is less than the last decimal, and not 0.
    """
    from sscsim.experiments.noticeable import MOST_DECIMALS, is_nought

    if not math.isfinite(value):
        return number(value)
    if unit in _AS_PER_CENT:
        value *= 100.0
    most = MOST_DECIMALS if most is None else most
    sign, size = "+" if value > 0.0 else "−", abs(value)
    if is_nought(size, most):
        return f"{sign}<{10.0**-most:.{most}f}" if known and value != 0.0 else "0"
    # Three decimals are enough from a thousandth on, see `number`.
    text = number(size) if size >= 1e-3 else f"{size:.{most}f}".rstrip("0")
    return sign + text


_AS_PER_CENT = {"fraction", "share"}


def unit_of(unit: str) -> str:
    """Return the unit in which `number` prints a value of `unit`."""
    return "%" if unit in _AS_PER_CENT else unit


def width() -> int:
    """Return how many columns there are: those of the terminal; `WIDTH` in a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH


def heading(text: str) -> None:
    """Print a title."""
    echo(text, bold=True)


def say(text: str) -> None:
    """Print a sentence, broken between words; a path of a user may be longer than a line."""
    # The eye loses its way back to the next line of a longer one.
    echo(*textwrap.wrap(fitted(clean(text)), min(width(), WIDTH), break_long_words=False))


def say_notes(world: World) -> None:
    """Say on standard error what a reader should know of the user's own figures in a world."""
    from sscsim.world.contradictions import notes

    for note in notes(world):
        echo(f"Note: {note}", err=True)


def print_quantities(
    first: str,
    columns: Iterable[object],
    rows: Iterable[tuple[str, str, Iterable[float]]],
    *,
    with_unit: bool = True,
) -> None:
    """Print a table of numbers, a line a quantity.

    Parameters
    ----------
    first
        Heading of the names.
    columns
        What the numbers are given for: years, groups.
    rows
        Name, unit and numbers of each quantity.
    with_unit
        Whether units have a column; where all are the same the heading tells them.
    """
    print_table(
        [first, *(["unit"] if with_unit else []), *(f"{column}>" for column in columns)],
        [
            (name, *([unit_of(unit)] if with_unit else []), *(number(v, unit) for v in values))
            for name, unit, values in rows
        ],
    )


def years_shown(
    have: Iterable[int], wanted: Sequence[int], milestones: Sequence[int] | None
) -> list[int]:
    """Return the years that a table shows.

    Parameters
    ----------
    have
        Years that there are.
    wanted
        Years asked for; none leaves the choice to the next.
    milestones
        Years shown between the first and the last where there are many; None for every year.

    Raises
    ------
    InputError
        For a year asked for that is not there.
    """
    there = sorted({int(year) for year in have})
    for year in wanted:
        if year not in there:
            raise InputError(
                "the run has no such year",
                file="--year",
                found=year,
                allowed=f"{there[0]} to {there[-1]}" if there else "none",
            )
    if wanted:
        return sorted(set(wanted))
    if milestones is None or len(there) <= 2 + len(milestones):
        return there
    return sorted({there[0], *(y for y in milestones if y in there), there[-1]})


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, most: int = WIDTH
) -> None:
    """Print a table.

    Parameters
    ----------
    columns
        Headings. One that ends in ``>`` sets its column to the right, as numbers are; one that ends
        in ``|`` is never broken over lines, as names that are typed are.
    rows
        Cells as text.
    most
        Columns it may take in a pipe, and on a terminal that is wider if it is less than `WIDTH`.
    """
    echo_text(text_of(columns, rows, most=most), ours=True)


def text_of(columns: Sequence[str], rows: Iterable[Sequence[str]], *, most: int = WIDTH) -> str:
    """Return a table as text: no wider than the terminal, or than `WIDTH` in a pipe, or than `most`.

    Where even broken texts and names do not fit, lines are longer than the terminal: nothing is
    cut off.
    """
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [[fitted(clean(cell)) for cell in row] for row in rows]
    terminal, bold = sys.stdout.isatty(), styled()
    titles = [fitted(column.rstrip(">|")) for column in columns]
    cells = [[title, *(row[i] for row in rows)] for i, title in enumerate(titles)]
    whole = [max(map(cell_len, column)) for column in cells]
    whole_width = min(width(), most) if most < WIDTH else width()
    room = whole_width - 2 * (len(columns) - 1)
    widths = _narrowed(whole, _least(columns, cells, room), room)
    table = Table(
        box=box.SIMPLE_HEAD if terminal else None,
        pad_edge=False,
        padding=(0, 1 if terminal else 2, 0, 0),  # the box puts a column of its own between two
        show_edge=False,
        header_style="bold" if bold else "",
    )
    for title, column, size in zip(titles, columns, widths, strict=True):
        justify: Literal["left", "right"] = "right" if column.endswith(">") else "left"
        table.add_column(Text(title), justify=justify, width=size, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, map(_broken, row, widths)))
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(whole_width, sum(widths) + whole_width - room),
        force_terminal=bold,
        color_system="standard" if bold else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def _least(columns: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Return how narrow each column may become.

    Texts and headings are broken between words. Where that is not enough, so are figures of several
    words, such as intervals; then words at hyphens; then names at their underscores, the last column
    of them first; then long words, and those of names last. A number is never broken.
    """
    from rich.cells import cell_len

    def longest(texts: Iterable[str], parts: str) -> int:
        return max((cell_len(part) for text in texts for part in re.split(parts, text)), default=1)

    words, syllables = r"\s+", rf"{_SYLLABLE}|\s+"
    texts = [i for i, column in enumerate(columns) if not column.endswith((">", "|"))]
    figures = [i for i, column in enumerate(columns) if column.endswith(">")]
    names = [i for i, column in enumerate(columns) if column.endswith("|")]
    least = [longest(column, words) for column in cells]
    for i in (*figures, *names):
        least[i] = max(1, longest(cells[i][:1], words), *map(cell_len, cells[i][1:]))
    for group, most, parts in (
        (figures, WIDTH, words),
        (texts, WIDTH, syllables),
        (names[::-1], WIDTH, syllables),
        (texts, LONG_WORD, syllables),
        (names[::-1], LONG_WORD, syllables),
    ):
        for i in group:
            lacking = max(0, sum(least) - room)
            least[i] = max(least[i] - lacking, min(most, longest(cells[i], parts)), 1)
    return least


def _narrowed(whole: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Return widths of columns that fit, if any do: the widest that still may gives way first."""
    widths = list(whole)
    while sum(widths) > room:
        spare = [i for i, size in enumerate(widths) if size > least[i]]
        if not spare:
            break
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _broken(text: str, size: int) -> str:
    """Return a cell over lines of `size` letters, an indented one indented all along."""
    indent = text[: len(text) - len(text.lstrip())]
    words = text.split()
    wrapper = _Wrapper(
        max(size, len(indent) + 1),
        subsequent_indent=indent,
        break_on_hyphens=any(len(word) > size for word in words),
    )
    return "\n".join(wrapper.wrap(text))


_SYLLABLE = r"(?<=[-_/])(?=\w)"


class _Wrapper(textwrap.TextWrapper):
    """Break words, where they must be, after hyphens, underscores and slashes."""

    wordsep_re = re.compile(rf"(\s+|{_SYLLABLE})")


def fields(pairs: Iterable[tuple[str, str]]) -> None:
    """Print names and their texts one below the other, long texts wrapped beside the name."""
    rows = [(name, text) for name, text in pairs if text]
    margin = max((len(name) for name, _ in rows), default=0) + 2
    for name, text in rows:
        lines = textwrap.wrap(
            fitted(clean(text)),
            max(30, min(width(), WIDTH) - margin - 2),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for i, line in enumerate(lines or [""]):
            echo(f"  {(name if i == 0 else ''):<{margin}}{line}")
