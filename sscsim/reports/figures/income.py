"""Growth of groups, and its spread over economies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from sscsim.reports.figures.parts import (
    GROUP_COLOURS,
    GROUP_NAMES,
    NORTH,
    SOUTH,
    dashes,
    draw_band,
)
from sscsim.reports.style import (
    COLOURS,
    GREY,
    label_line_ends,
    sheet,
    styled,
    tidy,
)
from sscsim.reports.words import (
    RECORD_ENDS,
    band_note,
    first_and_last,
    mark_record,
    signed,
    source_line,
    time_axis,
)
from sscsim.types import Array

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["growth"]


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    """Five-year spans that cover the growth of a run; a rest of one or two years joins the last."""
    starts = list(range(first + 1, last + 1, 5))
    spans = [(s, min(s + 4, last)) for s in starts]
    if len(spans) > 1 and spans[-1][1] - spans[-1][0] < 2:
        spans[-2:] = [(spans[-2][0], last)]
    return spans


def _growth_title(spans: Sequence[tuple[int, int]], lead: Array) -> str:
    """Say how often, and by how much, the South grows faster than the North."""
    if len(spans) == 1:
        word = "faster" if lead[0] > 0 else "slower"
        points = f"{abs(100.0 * lead[0]):.1f} points"
        return f"The South grows {points} a year {word} than the North in {_named(spans[0])}"
    ahead = int((lead > 0).sum())
    start, end = _named(spans[0]), _named(spans[-1])
    if ahead in (0, len(spans)):
        how = "faster" if ahead else "slower"
        first, last = (f"{abs(100.0 * k):.1f}" for k in (lead[0], lead[-1]))
        return (
            f"The South grows {how} than the North throughout: by {first} points a year in {start}, "
            f"by {last} in {end}"
        )
    first, last = (signed(100.0 * k) for k in (lead[0], lead[-1]))
    return (
        f"The South grows faster than the North in {ahead} of {len(spans)} spans of years: its lead is "
        f"{first} points a year in {start} and {last} in {end}"
    )


def _named(span: tuple[int, int]) -> str:
    return f"{span[0]}–{span[1]}" if span[1] > span[0] else str(span[0])


def _mean_growth(volume: Array, first: int, spans: Sequence[tuple[int, int]]) -> Array:
    """Return mean growth a year in each span, ``(draw, span)``, of volumes from the first year on, ``(draw, year)``."""
    return np.column_stack(
        [
            (volume[:, b - first] / volume[:, a - 1 - first]) ** (1.0 / (b - a + 1)) - 1.0
            for a, b in spans
        ]
    )


def _row(series: pd.Series[float]) -> Array:
    """Return values by year as one draw, ``(1, year)``."""
    return np.array([series.tolist()], dtype=np.float64)


@styled
def growth(run: Run, *, bands: Bands | None = None) -> Figure:
    """Draw growth of South, North and world in means over some five years, and its spread over countries.

    Parameters
    ----------
    run
        The run.
    bands
        Of draws; None for the run alone.

    Raises
    ------
    InputError
        When the run kept no table of countries, or only one year.
    """
    table = run.countries
    first, last = first_and_last(run)
    spans = _spans(first, last)
    means = {
        group: _mean_growth(_row(run.series("gdp", group)), first, spans)[0]
        for group in (SOUTH, "World", NORTH)
    }
    wide = table.pivot(index="year", columns="iso3", values="gdp").sort_index()
    rates = (wide / wide.shift(1) - 1.0).iloc[1:]
    lead = means[SOUTH] - means[NORTH]
    page = sheet(
        _growth_title(spans, lead),
        "Growth of gross domestic product in constant 2015 USD, per cent a year. "
        "Left: groups, mean of the span. Right: the spread over economies, each counted once"
        + band_note(bands, "of groups, "),
        source_line(
            run,
            "IMF World Economic Outlook, April 2019; World Bank; Penn World Table 10.01; UN",
            bands,
        ),
        2.85,
    )
    left = page.axes(left=0.42, right=0.62, bottom=0.25, top=0.38, span=(0.0, 0.54))
    right = page.axes(left=0.42, right=0.74, bottom=0.25, top=0.38, span=(0.54, 1.0))
    tidy(left)
    place = np.arange(len(spans))
    ends = []
    reach = [0.0]
    for k, (group, values) in enumerate(means.items()):
        reach += values.tolist()
        if bands is not None:
            draws = _mean_growth(bands.values("gdp", group), first, spans)
            reach += draw_band(left, place.tolist(), draws, GROUP_COLOURS[group])
        left.plot(
            place,
            values,
            color=GROUP_COLOURS[group],
            linestyle=dashes(k),
            marker="o",
            markersize=4.5,
        )
        ends.append(
            (values[-1], f"{GROUP_NAMES[group]}\n{100 * values[-1]:.1f} %", GROUP_COLOURS[group])
        )
    left.set_xticks(place, [f"{a}–{b % 100:02d}" for a, b in spans], fontsize=8)
    left.set_xlim(-0.15, len(spans) - 1 + 0.1)
    low, high = min(reach), max(reach)
    if spans[0][1] == RECORD_ENDS and len(spans) > 1:
        mark_record(left, 0.5)
    left.set_ylim(1.12 * low, 1.12 * high if high > 0.0 else 0.005)
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    left.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    left.set_title("South, North and world", pad=14)
    label_line_ends(left, float(place[-1]), ends, gap=9.0)

    tidy(right)
    when = rates.index.to_numpy()
    spread = {k: np.nanquantile(rates.to_numpy(), k, axis=1) for k in (0.1, 0.25, 0.5, 0.75, 0.9)}
    sky, blue = COLOURS["sky"], COLOURS["blue"]
    right.axhline(0.0, color=GREY, linewidth=0.8)
    right.fill_between(when, spread[0.1], spread[0.9], color=sky, alpha=0.35, linewidth=0)
    right.fill_between(when, spread[0.25], spread[0.75], color=sky, alpha=0.6, linewidth=0)
    right.plot(when, spread[0.5], color=blue)
    time_axis(right, first + 1, last)
    right.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    right.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    right.set_title(f"{rates.shape[1]} economies", pad=14)
    names = [(0.1, "10th\npercentile"), (0.5, "median"), (0.9, "90th\npercentile")]
    label_line_ends(right, last, [(float(spread[k][-1]), n, blue) for k, n in names])
    return page.figure
