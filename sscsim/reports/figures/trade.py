"""South-South trade over time, by the exporter's region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sscsim.reports.bands import interval
from sscsim.reports.figures.parts import (
    SOUTH,
    draw_band_of_total,
    draw_mark,
    marks_of,
    stack,
    trillions,
)
from sscsim.reports.style import (
    GREY,
    INK,
    REGION_COLOURS,
    label_line_ends,
    quantity,
    sheet,
    styled,
)
from sscsim.reports.words import (
    TRADE_DATA,
    band_note,
    first_and_last,
    moves,
    percent,
    source_line,
    time_axis,
)

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["by_exporter", "south_south_trade"]


def by_exporter(run: Run) -> pd.DataFrame:
    """South-South exports by year and the exporter's region, bn USD."""
    table = {
        region: sum(
            run.series("trade_between", f"South: {region} → South: {other}")
            for other in REGION_COLOURS
        )
        for region in REGION_COLOURS
    }
    frame = pd.DataFrame(table)
    return frame.loc[:, frame.sum() > 0]


@styled
def south_south_trade(run: Run, *, bands: Bands | None = None) -> Figure:
    """Draw South-South goods trade over time by the exporter's region (¶79).

    Parameters
    ----------
    run
        The run.
    bands
        Of draws; None for the run alone.

    Raises
    ------
    InputError
        When the run lacks the indicators, or has a single year.
    """
    table = by_exporter(run)
    table = table[table.iloc[-1].sort_values(ascending=False).index]
    total = table.sum(axis=1)
    hubless = run.series("trade_within_without_hubs", SOUTH)
    first, last = first_and_last(run)
    largest = str(table.columns[0])
    title = (
        f"South-South trade {moves(total.iloc[0], total.iloc[-1], quantity)} "
        f"between {first} and {last}; "
        f"{largest} sells {percent(table[largest].iloc[-1] / total.iloc[-1])} of it"
    )
    page = sheet(
        title,
        "Goods trade between developing economies (UNCTAD 2014 list) by the exporter's region, "
        "trillion current USD a year. Dashed: total without hubs "
        "(Hong Kong SAR, Panama, Singapore, UAE)" + band_note(bands, "the total's "),
        source_line(run, f"{TRADE_DATA}; UN; IMF", bands),
        3.1,
    )
    ax = page.axes(left=0.3, right=1.55, bottom=0.25, top=0.2)
    ends = stack(
        ax,
        table,
        REGION_COLOURS,
        lambda region, v: f"{_two_lines(region)}  {v / 1000.0:.2f}",
    )
    ax.plot(hubless.index, hubless, color="white", linewidth=3.0, zorder=4)
    ax.plot(hubless.index, hubless, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=5)
    draws = None if bands is None else bands.values("trade_within", SOUTH)
    draw_band_of_total(ax, table, draws)
    ends.append((float(hubless.iloc[-1]), f"without hubs  {hubless.iloc[-1] / 1000.0:.2f}", INK))
    mark = marks_of("trade_within").get(SOUTH)
    if mark is not None and first <= mark.year <= last:
        draw_mark(ax, mark, INK)
        # Above everything that the text, half as wide as the axes, stands over.
        near = mark.year + (last - first) // 2
        tops = [mark.high, float(total.loc[:near].max())]
        if draws is not None:
            tops.append(float(interval(draws)[1][: near - first + 1].max()))
        above = 1.04 * max(tops)
        ax.annotate(
            f"The report's figure: about {quantity(mark.value)}",
            (mark.year, mark.high),
            xytext=(mark.year, above),
            textcoords="data",
            ha="left",
            va="bottom",
            fontsize=8,
            zorder=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            arrowprops={
                "arrowstyle": "-",
                "color": GREY,
                "linewidth": 0.6,
                "shrinkB": 4,
                "relpos": (0.0, 0.0),
            },
        )
    time_axis(ax, first, last)
    ax.set_xlim(first - 0.5, last)
    trillions(ax)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    for artist in ax.lines:
        artist.set_clip_on(False)
    label_line_ends(ax, last, ends)
    return page.figure


def _two_lines(name: str) -> str:
    return name.replace("Latin America and the ", "Latin America and\nthe ")
