"""Tables and numbers for people: coloured on a terminal, plain and always the same in a pipe."""

from __future__ import annotations

import io
import math
import shutil
import sys
from collections.abc import Iterable, Sequence

import click

__all__ = ["WIDTH", "fields", "heading", "number", "print_table", "text_of", "unit_of"]

WIDTH = 100
"""Columns of a table in a pipe, and the most on a terminal."""


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


_AS_PER_CENT = {"fraction", "share"}


def unit_of(unit: str) -> str:
    """Return the unit in which `number` prints a value of `unit`."""
    return "%" if unit in _AS_PER_CENT else unit


def heading(text: str) -> None:
    """Print a title."""
    click.secho(text, bold=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table.

    Parameters
    ----------
    columns
        Headings. One that ends in ``>`` sets its column to the right, as numbers are; one that ends
        in ``|`` is never broken over lines, as names that are typed are.
    rows
        Cells as text.
    """
    click.echo(text_of(columns, rows))


def text_of(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as text: no wider than the terminal, or than `WIDTH` in a pipe."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    width = min(WIDTH, shutil.get_terminal_size().columns) if terminal else WIDTH
    table = Table(
        box=box.SIMPLE_HEAD if terminal else None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        show_edge=False,
        header_style="bold" if terminal else "",
    )
    rows = list(rows)

    def longest(i: int) -> int:
        return max((len(word) for row in rows for word in row[i].split()), default=1)

    for i, column in enumerate(columns):
        table.add_column(
            Text(column.rstrip(">|")),
            justify="right" if column.endswith(">") else "left",
            no_wrap=column.endswith((">", "|")),
            min_width=None if column.endswith((">", "|")) else min(12, longest(i)),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def fields(pairs: Iterable[tuple[str, str]]) -> None:
    """Print names and their texts one below the other, long texts wrapped beside the name."""
    import textwrap

    rows = [(name, text) for name, text in pairs if text]
    margin = max((len(name) for name, _ in rows), default=0) + 2
    terminal = sys.stdout.isatty()
    width = min(WIDTH, shutil.get_terminal_size().columns) if terminal else WIDTH
    for name, text in rows:
        lines = textwrap.wrap(
            text, max(30, width - margin - 2), break_long_words=False, break_on_hyphens=False
        )
        for i, line in enumerate(lines or [""]):
            click.echo(f"  {(name if i == 0 else ''):<{margin}}{line}")
