"""What several figures share: groups, marks of the report, stacks of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sscsim.reports.bands import interval
from sscsim.reports.style import (
    COLOURS,
    INK,
    label_line_ends,
    tidy,
)
from sscsim.reports.words import time_axis
from sscsim.types import Array

__all__ = [
    "GROUP_COLOURS",
    "GROUP_NAMES",
    "NORTH",
    "SOUTH",
    "Mark",
    "dashes",
    "draw_band",
    "draw_band_of_total",
    "draw_mark",
    "marks_of",
    "named_stack",
    "stack",
    "trillions",
]


SOUTH, NORTH = "South", "North"
GROUP_COLOURS = {
    "World": INK,
    SOUTH: COLOURS["vermilion"],
    NORTH: COLOURS["blue"],
    "LDC": COLOURS["green"],
}
GROUP_NAMES = {
    "World": "World",
    SOUTH: "South",
    NORTH: "North",
    "LDC": "Least developed countries",
}


def trillions(ax: Axes) -> None:
    """Write billions as trillions beside the axis."""
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v / 1000.0:g}"))


@dataclass(frozen=True)
class Mark:
    """A figure of the report with its tolerance, values in bn USD or as a fraction."""

    of: str
    year: int
    value: float
    low: float
    high: float


def marks_of(observable: str) -> dict[str, Mark]:
    """Read the report's figures of an observable from the targets, by whom they are of."""
    from sscsim.calibration.observables import OBSERVABLES
    from sscsim.calibration.targets import load_targets

    marks = {}
    for target in load_targets():
        for check in target.checks:
            if check.observable != observable or check.year is None:
                continue
            factor = OBSERVABLES[observable].factor(check.unit or target.unit)
            low, high = check.within.limits(check.value)
            of = check.of or "World"
            marks[of] = Mark(of, check.year, check.value / factor, low / factor, high / factor)
    return marks


DASHES: tuple[Any, ...] = ("-", (0, (4.0, 1.3)), (0, (1.4, 1.0)), (0, (5.0, 1.2, 1.4, 1.2)))
"""How lines are told apart on a printer without colours: in the order in which they are drawn."""


def dashes(k: int) -> Any:
    """Return how the line of a number is broken; the first is whole."""
    return DASHES[k % len(DASHES)]


def draw_band(
    ax: Axes, years: Sequence[int], values: Array, colour: str, *, edges: bool = False
) -> tuple[float, float]:
    """Draw from the fifth to the ninety-fifth percentile of draws, behind lines.

    Parameters
    ----------
    ax
        Axes with years below.
    years
        Their years.
    values
        ``(draw, year)``, in the unit of the axes.
    colour
        Of the line in front.
    edges
        Two thin lines and not an area, over what is filled itself.

    Returns
    -------
    tuple
        Lowest and highest value of the band.
    """
    low, high = interval(values)
    if edges:
        for line in (low, high):
            ax.plot(years, line, color="white", linewidth=2.2, zorder=4.2)
            ax.plot(
                years,
                line,
                color=colour,
                linewidth=0.7,
                zorder=4.3,
                gid="band",
            )
    else:
        ax.fill_between(
            years, low, high, color=colour, alpha=0.2, linewidth=0, zorder=1.5, gid="band"
        )
    return float(np.nanmin(low)), float(np.nanmax(high))


def draw_mark(ax: Axes, mark: Mark, colour: str) -> None:
    """Draw a figure of the report at its year: a diamond, and its tolerance as a bar."""
    ax.errorbar(
        [mark.year],
        [mark.value],
        yerr=[[mark.value - mark.low], [mark.high - mark.value]],
        fmt="D",
        markersize=5.0,
        color=colour,
        markerfacecolor="white",
        markeredgewidth=1.2,
        elinewidth=1.2,
        capsize=2.5,
        zorder=6,
    )


def stack(
    ax: Axes, table: pd.DataFrame, colours: Mapping[str, str], label: Callable[[str, float], str]
) -> list[tuple[float, str, str]]:
    """Draw columns one over the other.

    Returns
    -------
    list
        Height, text and colour of the label at the right end of each, from its name and last value.
    """
    tidy(ax)
    edges = np.vstack([np.zeros(len(table)), np.cumsum(table.to_numpy().T, axis=0)])
    ends = []
    for k, name in enumerate(map(str, table.columns)):
        ax.fill_between(
            table.index,
            edges[k],
            edges[k + 1],
            facecolor=colours[name],
            linewidth=0.8,
            edgecolor="white",
        )
        text = label(name, float(table[name].iloc[-1]))
        ends.append(((edges[k][-1] + edges[k + 1][-1]) / 2.0, text, colours[name]))
    ax.set_ylim(0, float(table.sum(axis=1).max()) * 1.06)
    return ends


def draw_band_of_total(ax: Axes, table: pd.DataFrame, total: Array | None) -> None:
    """Draw the band of a stack's sum over it, and make room for it."""
    if total is None:
        return
    _, high = draw_band(ax, [int(year) for year in table.index], total, INK, edges=True)
    ax.set_ylim(0.0, max(ax.get_ylim()[1], 1.04 * high))


def named_stack(
    ax: Axes, table: pd.DataFrame, colours: Mapping[str, str], total: Array | None = None
) -> None:
    """Draw columns one over the other by year, named at their right ends with their last values.

    `total`, ``(draw, year)``, is the sum in draws, of which a band is drawn.
    """
    ends = stack(
        ax,
        table,
        colours,
        lambda name, v: (
            f"{name.replace('Latin America and the ', 'Latin America,' + chr(10))} {v:,.0f}"
        ),
    )
    last = int(table.index[-1])
    draw_band_of_total(ax, table, total)
    time_axis(ax, int(table.index[0]), last)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    label_line_ends(ax, last, ends, size=7.5)
