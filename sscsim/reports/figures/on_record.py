"""What happens in cooperation beside what countries put on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from sscsim.errors import InputError
from sscsim.reports.bands import interval
from sscsim.reports.figures.parts import draw_band
from sscsim.reports.figures.regions import DATA, SHORT
from sscsim.reports.style import (
    COLOURS,
    INK,
    NO_BREAK,
    PALE,
    REGION_COLOURS,
    label_line_ends,
    readable,
    sheet,
    styled,
    tidy,
)
from sscsim.reports.words import (
    RECORD_NOTE,
    band_note,
    first_and_last,
    percent,
    region_in_text,
    source_line,
    time_axis,
    year_of,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["cooperation_reported"]


_HAPPENS, _ON_RECORD = INK, COLOURS["vermilion"]
_PROJECTS = "projects_provided"
_SHARES = {
    "provider_share": "Provide\ncooperation",
    "agency_share": "Have an agency\nfor it",
    "un_support_share": "Are supported by\nthe United Nations",
    "technology_exchange_share": "Exchange science\nand technology",
}


@dataclass(frozen=True)
class _Pair:
    """What happens, and what is on record of it, by year."""

    happens: pd.Series[float]
    on_record: pd.Series[float]
    of_what: tuple[str, str]

    @classmethod
    def of(cls, run: Run, indicator: str, group: str) -> _Pair:
        return cls(
            run.series(indicator, group),
            run.series(f"reported_{indicator}", group),
            (indicator, group),
        )

    def draws(self, bands: Bands | None) -> tuple[Array, Array] | None:
        """Return both in draws, ``(draw, year)``; None where there are none."""
        if bands is None:
            return None
        indicator, group = self.of_what
        return bands.values(indicator, group), bands.values(f"reported_{indicator}", group)

    def part(self, year: int) -> float | None:
        """Return the part that is on record, None where nothing happens."""
        happens = float(self.happens[year])
        return float(self.on_record[year]) / happens if happens > 0.0 else None


@styled
def cooperation_reported(run: Run, *, bands: Bands | None = None) -> Figure:
    """Draw what happens in cooperation beside what countries put on record (¶57-64, 131).

    Parameters
    ----------
    run
        The run.
    bands
        Of draws; None for the run alone.

    Raises
    ------
    InputError
        When the run lacks the indicators, has a single year, or has no project under way.
    """
    first, last = first_and_last(run)
    year = year_of(run, None)
    projects = {
        region: _Pair.of(run, _PROJECTS, region)
        for region in REGION_COLOURS
        if region != "Europe and others"  # no group of its own among the indicators
    }
    shares = {name: _Pair.of(run, key, "South") for key, name in _SHARES.items()}
    whole = _Pair.of(run, _PROJECTS, "South")
    now, before = whole.part(year), whole.part(first)
    if now is None:
        raise InputError("no cooperation project is under way", key="year", found=year)
    parts = {region: part for region, p in projects.items() if (part := p.part(year)) is not None}
    ends = [max(parts, key=lambda r: parts[r]), min(parts, key=lambda r: parts[r])]
    since = f", {percent(before)} in {first}" if before is not None else ""
    shaded = "" if bands is not None else "; shaded, what is on no record"
    page = sheet(
        f"{percent(now)} of projects are on record in {year}{since}: "
        + ", ".join(f"{percent(parts[r])} in {region_in_text(r)}" for r in dict.fromkeys(ends)),
        f"What happens and what countries report of it{shaded}. Above: cooperation "
        "projects under way by region of the provider. Below: share of the South's countries. Dots: "
        f"{year}; {RECORD_NOTE}" + band_note(bands),
        source_line(run, DATA, bands),
        4.45,
    )
    middle = 0.5 * (page.top - page.bottom)
    top = max(
        float(np.nanmax([p.happens, p.on_record]))
        if (draws := p.draws(bands)) is None
        else float(np.nanmax([interval(d)[1] for d in draws]))
        for p in projects.values()
    )
    for row, pairs in enumerate((projects, shares)):
        for k, (name, pair) in enumerate(pairs.items()):
            ax = page.axes(
                left=0.36,
                right=0.34,
                bottom=0.25 + (middle if row == 0 else 0.0),
                top=0.62 + (middle if row == 1 else 0.0),
                span=(k / len(pairs), (k + 1) / len(pairs)),
            )
            ax.set_ylim(0.0, 1.15 * (top if row == 0 else 1.0))  # a word fits over a line
            draws = pair.draws(bands)
            if draws is not None:
                years = list(pair.happens.index)
                draw_band(ax, years, draws[0], _HAPPENS)
                draw_band(ax, years, draws[1], _ON_RECORD)
            _draw_pair(ax, pair, year, named=k == 0, as_share=row == 1, shaded=draws is None)
            time_axis(ax, first, last, named=False)
            parts_told = {y: part for y in (year, last) if (part := pair.part(y)) is not None}
            told = [f"{percent(part)} on record in {y}" for y, part in parts_told.items()]
            ax.set_title(f"{SHORT.get(name, name)}", fontsize=8, pad=22, linespacing=1.1)
            ax.annotate(
                "\n".join(told),
                (0.0, 1.0),
                xytext=(0, 4),
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=6.5,
                linespacing=1.1,
                color=readable(_ON_RECORD),
            )
    return page.figure


def _draw_pair(
    ax: Axes, pair: _Pair, year: int, *, named: bool, as_share: bool, shaded: bool
) -> None:
    """Draw two lines and what lies between them; their ends are numbers, the first pair has names."""
    years = pair.happens.index.to_numpy()
    happens, on_record = pair.happens.to_numpy(), pair.on_record.to_numpy()
    tidy(ax)
    if shaded:
        ax.fill_between(
            years,
            on_record,
            happens,
            where=happens >= on_record,
            color=PALE,
            alpha=0.6,
            linewidth=0,
        )
    ax.plot(years, happens, color=_HAPPENS, linewidth=1.5, clip_on=False)
    ax.plot(years, on_record, color=_ON_RECORD, linewidth=1.5, clip_on=False)
    for values, colour in ((pair.happens, _HAPPENS), (pair.on_record, _ON_RECORD)):
        ax.plot([year], [values[year]], "o", color=colour, markersize=3.5, clip_on=False)
    if as_share:
        ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=f"{NO_BREAK}%"))
        ax.set_yticks([0.0, 0.5, 1.0])
    else:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
        ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.tick_params(labelsize=7)

    def write(value: float) -> str:
        return percent(value) if as_share else f"{value:,.0f}"

    label_line_ends(
        ax,
        float(years[-1]),
        [
            (float(happens[-1]), write(happens[-1]), _HAPPENS),
            (float(on_record[-1]), write(on_record[-1]), _ON_RECORD),
        ],
        size=7,
        gap=4,
    )
    if named:
        # At the right end, where lines are flattest; what is on record is named under its line, out
        # of the way of the other, where there is room.
        near = slice(-max(int(_WORD * len(years)), 1), None)
        under = float(on_record[near].min()) > _ROOM_UNDER * float(ax.get_ylim()[1])
        low, high = float(on_record[near].min()), float(on_record[near].max())
        for word, colour, height, below in (
            ("happens", _HAPPENS, float(happens[near].max()), False),
            ("on record", _ON_RECORD, low if under else high, under),
        ):
            ax.annotate(
                word,
                (float(years[-1]), height),
                xytext=(0, -3 if below else 3),
                textcoords="offset points",
                ha="right",
                va="top" if below else "bottom",
                fontsize=7,
                color=readable(colour),
            )


_WORD = 0.62  # of the width of the axes that a word takes
_ROOM_UNDER = 0.25  # of their height that it needs
