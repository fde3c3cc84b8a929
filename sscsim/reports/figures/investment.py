"""Foreign direct investment by group and by host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sscsim.errors import InputError
from sscsim.reports.countries import country_lists
from sscsim.reports.figures.parts import (
    Mark,
    dashes,
    draw_band,
    draw_mark,
    marks_of,
)
from sscsim.reports.style import (
    COLOURS,
    GREY,
    INK,
    PALE,
    label_line_ends,
    quantity,
    sheet,
    styled,
    tidy,
)
from sscsim.reports.words import (
    band_note,
    first_and_last,
    moves,
    percent,
    source_line,
    time_axis,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["foreign_direct_investment"]


_HOSTS = 10
_HOST_NAMES = 1.02  # inches of their names
_PANELS = ((0.42, 0.42, (0.0, 0.31)), (0.0, 0.68, (0.31, 0.64)))
"""Of the two panels of groups: inches left free before and behind, and their part of the width."""


def _host_inflows(run: Run, wanted: int) -> tuple[int, pd.Series]:
    """Inflow by host in the wanted year, or in the kept year nearest to it."""
    table = run.countries
    if "fdi_inflow" in table.columns:
        year = min((int(y) for y in table["year"].unique()), key=lambda y: (abs(y - wanted), y))
        return year, table[table["year"] == year].set_index("iso3")["fdi_inflow"].astype(float)
    kept = run.matrix_years("fdi")
    if not kept:
        raise InputError(
            "this run kept no direct investment by host; run again with --keep standard or full"
        )
    year = min(kept, key=lambda y: (abs(y - wanted), y))
    return year, run.fdi(year).sum(axis=0)


_Line: TypeAlias = "tuple[str, pd.Series[float], str | None, str]"
"""Name, values by year, group of which the report has a figure, colour."""


def _draw_lines(
    ax: Axes,
    lines: Sequence[_Line],
    marks: Mapping[str, Mark],
    bands: Bands | None,
    span: tuple[int, int],
) -> list[tuple[float, str, str]]:
    """Draw inflows of groups with their bands and the report's figures; return what stands at their right ends."""
    tidy(ax)
    ends = []
    for k, (name, values, group, colour) in enumerate(lines):
        if bands is not None:
            draw_band(ax, bands.years, _draws(bands, group), colour)
        ax.plot(values.index, values, color=colour, linestyle=dashes(k))
        ends.append((float(values.iloc[-1]), f"{name}\n{values.iloc[-1]:,.0f}".lstrip(), colour))
        mark = marks.get(group or "")
        if mark is not None and span[0] <= mark.year <= span[1]:
            draw_mark(ax, mark, colour)
    return ends


def _draws(bands: Bands, group: str | None) -> Array:
    """Return the inflow of a group in draws; of transition economies, what is left of the world's."""
    if group is not None:
        return bands.values("fdi_inflow", group)
    rest = [bands.values("fdi_inflow", g) for g in ("WIR developing", "WIR developed")]
    return bands.values("fdi_inflow", "World") - rest[0] - rest[1]


def _heights(band: Collection) -> list[float]:
    """Return the heights that a band reaches."""
    if band.get_gid() != "band":
        return []
    return [float(v) for path in band.get_paths() for v in np.asarray(path.vertices)[:, 1]]


@styled
def foreign_direct_investment(run: Run, *, bands: Bands | None = None) -> Figure:
    """Draw inflows of direct investment by group, and main hosts beside the report's figures (¶80).

    Parameters
    ----------
    run
        The run.
    bands
        Of draws; None for the run alone.

    Raises
    ------
    InputError
        When the run lacks the indicators, or kept nothing by host.
    """
    developing = run.series("fdi_inflow", "WIR developing")
    developed = run.series("fdi_inflow", "WIR developed")
    transition = run.series("fdi_inflow", "World") - developing - developed
    first, last = first_and_last(run)
    marks = marks_of("fdi_inflow")
    year = max((m.year for m in marks.values()), default=first)
    host_year, hosts = _host_inflows(run, year)
    hosts = hosts.sort_values(ascending=False)
    shown = list(hosts.index[:_HOSTS])
    shown += [i for i in marks if i in hosts.index and i not in shown]

    share = developing / (developing + developed + transition)
    title = (
        "FDI into developing economies "
        f"{moves(developing.iloc[0], developing.iloc[-1], quantity)} in {first}–{last}; "
        f"their share of the world's {moves(share.iloc[0], share.iloc[-1], percent)}"
    )
    page = sheet(
        title,
        "Inflow of foreign direct investment, bn current USD a year (groups of the World "
        "Investment Report 2018). Diamonds: the report's figures with their tolerance"
        + band_note(bands),
        source_line(run, "UNCTAD; World Bank; IMF", bands),
        3.1,
    )
    panels: tuple[tuple[str, list[_Line]], ...] = (
        ("Developing", [("", developing, "WIR developing", COLOURS["vermilion"])]),
        (
            "Developed and transition",
            [
                ("Developed", developed, "WIR developed", COLOURS["blue"]),
                ("Transition", transition, None, GREY),
            ],
        ),
    )
    top, bottom = max(float(developing.max()), float(developed.max())), float(transition.min())
    drawn = []
    # A panel each: the report's figures of the two stand in one year and all but on one value.
    for (heading, lines), (gap, free, span) in zip(panels, _PANELS, strict=True):
        ax = page.axes(left=gap, right=free, bottom=0.25, top=0.38, span=span)
        drawn.append((ax, _draw_lines(ax, lines, marks, bands, (first, last))))
        reach = [v for line in ax.collections for v in _heights(line)]
        top, bottom = max([top, *reach]), min([bottom, *reach])
        ax.set_title(heading, pad=14)
    for ax, ends in drawn:
        ax.set_ylim(min(0.0, bottom), 1.08 * top)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        time_axis(ax, first, last)
        label_line_ends(ax, last, ends, size=7.5)
    drawn[1][0].tick_params(labelleft=False)

    right = page.axes(left=_HOST_NAMES, right=0.14, bottom=0.25, top=0.38, span=(0.64, 1.0))
    tidy(right, grid="x")
    rows = np.arange(len(shown))
    right.hlines(rows, 0, hosts[shown], color=PALE, linewidth=1.0)
    right.scatter(hosts[shown], rows, s=22, color=INK, zorder=4)
    for row, code in zip(rows, shown, strict=True):
        mark = marks.get(code)
        if mark is not None and mark.year == host_year:
            right.errorbar(
                [mark.value],
                [row + 0.3],
                xerr=[[mark.value - mark.low], [mark.high - mark.value]],
                fmt="D",
                markersize=4,
                color=COLOURS["vermilion"],
                markerfacecolor="white",
                elinewidth=1.1,
                capsize=2,
                zorder=3,
            )
    right.set_yticks(rows, [country_lists().name(i) for i in shown], fontsize=7.5)
    right.set_ylim(len(shown) - 0.3, -0.6)
    right.set_xlim(left=0)
    right.xaxis.set_major_locator(MaxNLocator(3))
    title_at = -_HOST_NAMES / float(right.get_position().width * page.figure.get_size_inches()[0])
    right.set_title(f"Main hosts, {host_year}", pad=14, x=title_at)
    return page.figure
