"""What packages gain over what they cost: all that were tried, and those that no other beats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from sscsim.choices import in_words
from sscsim.errors import InputError
from sscsim.experiments.questions import group_title, indicator_title
from sscsim.reports.effects import figure_file
from sscsim.reports.figures.saving import write_figures
from sscsim.reports.style import COLOURS, DPI, GREY, INK, PALE, sheet, styled
from sscsim.search.measures import aimed_cost, aimed_gain
from sscsim.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sscsim.search.packages import Found

__all__ = ["package_front", "save_front"]

MILLIONS = 1000.0
HEIGHT = 3.4  # inches of the axes with their labels
DISC = 11.0  # points across the number of a package


@styled
def package_front(found: Found) -> Figure:
    """Draw gains of the first goal over costs: packages tried, and with intervals those that nothing beats.

    Raises
    ------
    InputError
        Where no package was found.
    """
    if not found.packages:
        raise InputError("there is no package to draw", key="figure", allowed="a larger budget")
    from sscsim import __version__

    goal, aims = found.goals[0], found.archive.aims
    often = "nine futures of ten" if aims.robust else "half of the futures"
    whom = group_title(goal.group)
    what = indicator_title(goal.indicator)
    page = sheet(
        _title(found, often),
        f"{what}, {whom}, {goal.year}, {_unit(goal.unit)}: gain over cost. Numbered: packages unbeaten in {often}, "
        f"median and 90 % of {found.draws} futures that the search has not seen; red: best at something. Grey: "
        "all that were tried, medians",
        f"Source: sscsim {__version__}, search, {', '.join([in_words(found.source), *found.own])}; prices: "
        "sscsim/costs/costs.yaml.",
        HEIGHT,
    )
    axes = page.axes(left=0.55, bottom=0.45, right=0.1, top=0.05)
    costs = np.median(found.archive.cost, axis=1) * MILLIONS
    axes.plot(
        costs,
        np.median(found.archive.gain[:, :, 0], axis=1),
        "o",
        color=PALE,
        markersize=3.5,
        markeredgecolor="#b5b5b5",
        markeredgewidth=0.4,
        zorder=1,
    )
    axes.axhline(0.0, color=GREY, linewidth=0.6, zorder=0)
    ends = []
    for i, one in enumerate(found.packages):
        low, mid, high = np.quantile(one.gain[:, 0], [0.05, 0.5, 0.95])
        cheap, usual, dear = np.quantile(one.cost, [0.05, 0.5, 0.95]) * MILLIONS
        colour = COLOURS["vermilion"] if i in found.best.values() else COLOURS["blue"]
        axes.plot([usual, usual], [low, high], color=colour, linewidth=1.0, alpha=0.7, zorder=2)
        axes.plot([cheap, dear], [mid, mid], color=colour, linewidth=1.0, alpha=0.7, zorder=2)
        axes.plot(usual, mid, "o", color=colour, markersize=4.5, zorder=3)
        ends.append((usual, high, low, colour))
    if aims.budget is not None:
        axes.axvline(aims.budget * MILLIONS, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.annotate(
            "budget ",
            (aims.budget * MILLIONS, 1.0),
            xycoords=("data", "axes fraction"),
            va="top",
            ha="right",
        )
    axes.set_xlabel("Cost, million dollars (evenly up to 100, then by powers of ten)")
    axes.set_xscale("symlog", linthresh=100.0, linscale=0.6)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlim(left=min(0.0, float(costs.min())) - 10.0)
    axes.grid(axis="y")
    _number(axes, ends)
    return page.figure


def _number(axes: Axes, ends: Sequence[tuple[float, float, float, str]]) -> None:
    """Put numbers at the upper or the lower end of intervals, where there is room: many cost nearly the same."""
    placed: list[Array] = []
    for i, (x, high, low, colour) in enumerate(ends, start=1):
        best = (-1.0, high)
        for y in (high, low):
            at = axes.transData.transform((x, y))
            room = min((float(np.hypot(*(at - other))) for other in placed), default=np.inf)
            room = min(
                room, 1.3 * DISC * axes.figure.dpi / 72.0
            )  # beyond it the upper end is as good
            if room > best[0]:
                best = (room, y)
        placed.append(axes.transData.transform((x, best[1])))
        axes.plot(x, best[1], "o", color=colour, markersize=DISC, zorder=4)
        axes.text(x, best[1], str(i), color="white", ha="center", va="center", fontsize=7, zorder=5)


def _title(found: Found, often: str) -> str:
    if "most" not in found.best:
        return f"No package gains anything in {often}"
    place = found.best["most"]
    robust = found.archive.aims.robust
    one = found.packages[place]
    gain = float(aimed_gain(one.gain[None], robust=robust)[0, 0])
    spent = float(aimed_cost(one.cost[None], robust=robust)[0]) * MILLIONS
    size = f"{gain:.2g} {_unit(found.goals[0].unit)} for {spent:,.0f} million dollars"
    thrifty = found.best.get("most for a dollar")
    if thrifty is None or thrifty == place:
        return f"Package {place + 1} gains most in {often}: {size}"
    return f"Package {thrifty + 1} gains most for a dollar, package {place + 1} most in {often}: {size}"


def _unit(unit: str) -> str:
    return {"0 to 100": "points", "fraction": "as a fraction"}.get(unit, unit)


def save_front(found: Found, path: str | Path, *, dpi: int = DPI) -> Path:
    """Draw the packages and write the figure to a file, whole or not at all.

    Raises
    ------
    InputError
        As `package_front`, and for an unknown ending.
    OutputError
        When the file cannot be written.
    """
    file = figure_file(path)
    return write_figures({file.stem: package_front(found)}, file.parent, [file.suffix[1:]], dpi)[0]
