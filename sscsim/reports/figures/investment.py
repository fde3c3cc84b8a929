"""Foreign direct investment by group and by host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sscsim.errors import InputError
from sscsim.reports.countries import country_lists
from sscsim.reports.figures.parts import (
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
    first_and_last,
    moves,
    percent,
    source_line,
    year_ticks,
)

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["foreign_direct_investment"]


_HOSTS = 10


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


@styled
def foreign_direct_investment(run: Run) -> Figure:
    """Draw inflows of direct investment by group, and main hosts beside the report's figures (¶80).

    Raises
    ------
    InputError
        When the run lacks the indicators, or kept nothing by host.
    """
    developing = run.series("fdi_inflow", "WIR developing")
    developed = run.series("fdi_inflow", "WIR developed")
    transition = run.series("fdi_inflow", "World") - developing - developed
    groups = (
        ("Developing", developing, "WIR developing", COLOURS["vermilion"], -0.5),
        ("Developed", developed, "WIR developed", COLOURS["blue"], 0.5),
        ("Transition", transition, None, GREY, 0.0),
    )
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
        "Investment Report 2018). Diamonds: the report's figures with their tolerance",
        source_line(run, "UNCTAD; World Bank; IMF"),
        3.1,
    )
    left = page.axes(left=0.42, right=0.78, bottom=0.25, top=0.25, span=(0.0, 0.58))
    right = page.axes(left=1.12, right=0.12, bottom=0.25, top=0.25, span=(0.58, 1.0))
    tidy(left)
    ends = []
    for name, values, group, colour, aside in groups:
        left.plot(values.index, values, color=colour)
        ends.append((float(values.iloc[-1]), f"{name}\n{values.iloc[-1]:,.0f}", colour))
        mark = marks.get(group or "")
        if mark is not None and first <= mark.year <= last:
            draw_mark(left, mark, colour, aside=aside)
    left.set_ylim(min(0.0, float(transition.min())), 1.08 * max(float(g[1].max()) for g in groups))
    left.set_title("By group", pad=8)
    left.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    year_ticks(left, first, last)
    label_line_ends(left, last, ends)

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
    right.set_yticks(rows, [country_lists().name(i) for i in shown], fontsize=8)
    right.set_ylim(len(shown) - 0.3, -0.6)
    right.set_xlim(left=0)
    right.xaxis.set_major_locator(MaxNLocator(4))
    right.set_title(f"Main hosts, {host_year}", pad=8)
    return page.figure
