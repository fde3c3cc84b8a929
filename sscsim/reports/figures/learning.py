"""Who learns from whom by region, as a flow diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline

from sscsim.reports.figures.regions import DATA, SHORT, region_matrix
from sscsim.reports.style import (
    INK,
    REGION_COLOURS,
    sheet,
    styled,
)
from sscsim.reports.words import (
    percent,
    source_line,
    year_of,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["cooperation_flows"]


@styled
def cooperation_flows(run: Run, year: int | None = None, domain: str | None = None) -> Figure:
    """Draw who learns from whom by region, as a flow diagram (Sankey): providers left, receivers right.

    Raises
    ------
    InputError
        When the run kept no projects, or has none in the year.
    """
    year = year_of(run, year)
    matrix = region_matrix(run, year, domain)
    values = matrix.to_numpy(float)
    total = values.sum()
    inside = float(np.trace(values) / total)
    largest = str(matrix.sum(axis=1).idxmax())
    what = "" if domain is None else f" in {domain.replace('_', ' ')}"
    page = sheet(
        f"{percent(inside)} of learning{what} in {year} stays within a region; "
        f"{largest} teaches {percent(float(matrix.loc[largest].sum() / total))} of it",
        "Cooperation projects under way, from the region of the provider (left) to that of the receiver (right); "
        "a regional project counts once for each member that learns",
        source_line(run, DATA),
        3.6,
    )
    ax = page.axes(left=1.35, right=1.35, bottom=0.05, top=0.1)
    ax.set_axis_off()
    gap = 0.03
    names = [str(name) for name in matrix.index]
    left = _stack(values.sum(axis=1) / total, gap)
    right = _stack(values.sum(axis=0) / total, gap)
    taken_left, taken_right = left[:, 0].copy(), right[:, 0].copy()
    for i, name in enumerate(names):
        for j in range(len(names)):
            size = values[i, j] / total
            if size > 0:
                _band(ax, taken_left[i], taken_right[j], size, REGION_COLOURS[name])
            taken_left[i] += size
            taken_right[j] += size
    for side, spans, sums in ((0.0, left, values.sum(axis=1)), (1.0, right, values.sum(axis=0))):
        for name, (low, high), number in zip(names, spans, sums, strict=True):
            if number == 0:
                continue
            x = side - 0.02 if side == 0.0 else side
            ax.add_patch(Rectangle((x, low), 0.02, high - low, color=REGION_COLOURS[name]))
            label = f"{SHORT.get(name, name)}\n{int(number):,}"
            away = -0.035 if side == 0.0 else 1.035
            ax.text(
                away,
                (low + high) / 2,
                label,
                ha="right" if side == 0.0 else "left",
                va="center",
                fontsize=8,
                color=INK,
            )
    ax.set_xlim(-0.03, 1.03)
    top = 1.0 + gap * (len(names) - 1)
    ax.set_ylim(top + 0.01, -0.01)
    return page.figure


def _stack(sizes: Array, gap: float) -> Array:
    """Return where each part begins and ends when they stand one under the other, ``(part, 2)``."""
    ends = np.cumsum(sizes) + gap * np.arange(len(sizes))
    return np.column_stack([ends - sizes, ends])


def _band(ax: Axes, start: float, end: float, size: float, colour: str) -> None:
    bend = 0.45
    outline = Outline(
        [
            (0.0, start),
            (bend, start),
            (1.0 - bend, end),
            (1.0, end),
            (1.0, end + size),
            (1.0 - bend, end + size),
            (bend, start + size),
            (0.0, start + size),
            (0.0, start),
        ],
        [1, 4, 4, 4, 2, 4, 4, 4, 79],
    )
    ax.add_patch(PathPatch(outline, facecolor=colour, alpha=0.45, linewidth=0))
