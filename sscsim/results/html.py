"""What a notebook shows of results: a few lines of HTML, every text escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from sscsim.errors import InputError
from sscsim.results.schema import GOAL_YEAR

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.results.tables import Table

__all__ = ["comparison_in_html", "run_in_html", "table_in_html"]

SHOWN = ("gdp", "trade_within", "fdi_inflow", "poverty_headcount", "goal_index")
"""Indicators of a run that stand in its summary, of the South."""


class _Run(Protocol):
    """What is needed of a run."""

    @property
    def scenario(self) -> str: ...

    @property
    def seed(self) -> int: ...

    @property
    def years(self) -> tuple[int, ...]: ...

    @property
    def tables(self) -> dict[str, Table]: ...

    def value(self, indicator: str, group: str = ..., year: int | None = ...) -> float: ...


def run_in_html(run: _Run) -> str:
    """Return what was run, its tables, and main numbers of the South at the start, in 2030 and at the end."""
    from sscsim import what_names_mean

    words = what_names_mean().indicators
    years = [
        y for y in dict.fromkeys((*run.years[:1], GOAL_YEAR, *run.years[-1:])) if y in run.years
    ]
    lines = []
    for name in SHOWN:
        try:
            values = [run.value(name, "South", year) for year in years]
        except InputError:
            continue  # a run of other indicators or groups
        title, unit = (words[name].title, words[name].unit) if name in words else (name, "")
        lines.append([title, unit, *map(number, values)])
    head = (
        f"{run.scenario}, seed {run.seed}, {run.years[0]}–{run.years[-1]}"
        if run.years
        else run.scenario
    )
    held = ", ".join(f"{name} ({len(table):,} lines)" for name, table in run.tables.items())
    return (
        f"<p><b>sscsim run: {escape(head)}</b><br>{escape(held)}</p>"
        f"{table_in_html(['South', 'unit', *map(str, years)], lines)}"
    )


def comparison_in_html(about: Mapping[str, Any], effects: pd.DataFrame) -> str:
    """Return a line an effect: what it is on, its level in the reference, the median effect and its interval.

    Parameters
    ----------
    about
        The manifest of the comparison.
    effects
        Its table of effects.
    """
    names = ["scenario", "indicator", "group", "year", "unit", "reference", "median", "low", "high"]
    lines = [
        [number(cell) if isinstance(cell, float) else str(cell) for cell in line]
        for line in effects[names].itertuples(index=False)
    ]
    head = (
        f"{', '.join(about['scenarios'])} against {about['reference']}: effects in "
        f"{about['draws']} fair pairs, {about['source']}"
    )
    what = [
        "scenario",
        "indicator",
        "group",
        "year",
        "unit",
        "level",
        "effect",
        "from",
        "to (90 %)",
    ]
    return f"<p><b>sscsim comparison: {escape(head)}</b></p>{table_in_html(what, lines)}"


def table_in_html(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table."""

    def row(cells: Sequence[str], kind: str) -> str:
        return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"

    body = "".join(row(line, "td") for line in lines)
    return f"<table><thead>{row(head, 'th')}</thead><tbody>{body}</tbody></table>"


def number(value: float) -> str:
    """Return a number with four digits; nothing for none."""
    return "" if math.isnan(value) else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
