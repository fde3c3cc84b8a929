"""What several figures share: groups, marks of the report, stacks of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from sscsim.reports.style import (
    COLOURS,
    INK,
    label_line_ends,
    tidy,
)
from sscsim.reports.words import (
    year_ticks,
)

__all__ = [
    "GROUP_COLOURS",
    "GROUP_NAMES",
    "NORTH",
    "SOUTH",
    "Mark",
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


def draw_mark(ax: Axes, mark: Mark, colour: str, *, aside: float = 0.0) -> None:
    """Draw a figure of the report at its year: a diamond, and its tolerance as a bar.

    `aside` years apart from it, where another would lie on it.
    """
    ax.errorbar(
        [mark.year + aside],
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
            linewidth=0.6,
            edgecolor="white",
        )
        text = label(name, float(table[name].iloc[-1]))
        ends.append(((edges[k][-1] + edges[k + 1][-1]) / 2.0, text, colours[name]))
    ax.set_ylim(0, float(table.sum(axis=1).max()) * 1.06)
    return ends


def named_stack(ax: Axes, table: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """Draw columns one over the other by year, named at their right ends with their last values."""
    ends = stack(
        ax,
        table,
        colours,
        lambda name, v: (
            f"{name.replace('Latin America and the ', 'Latin America,' + chr(10))} {v:,.0f}"
        ),
    )
    last = int(table.index[-1])
    year_ticks(ax, int(table.index[0]), last)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    label_line_ends(ax, last, ends, size=7.5)


def _short_region(name: str) -> str:
    return name.replace("Latin America and the ", "Latin America,\n")
