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
    first_and_last,
    signed,
    source_line,
    year_ticks,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["growth"]


def _spans(first: int, last: int) -> list[tuple[int, int]]:
    """Five-year spans that cover the growth of a run; a rest of one or two years joins the last."""
    starts = list(range(first + 1, last + 1, 5))
    spans = [(s, min(s + 4, last)) for s in starts]
    if len(spans) > 1 and spans[-1][1] - spans[-1][0] < 2:
        spans[-2:] = [(spans[-2][0], last)]
    return spans


def _spans_in_words(spans: Sequence[tuple[int, int]]) -> str:
    lengths = sorted({b - a + 1 for a, b in spans})
    if lengths == [5]:
        return "five-year means"
    return f"means over {' or '.join(map(str, lengths))} years"


def _growth_title(spans: Sequence[tuple[int, int]], lead: Array) -> str:
    """Say how often, and by how much, the South grows faster than the North."""
    if len(spans) == 1:
        first, last = spans[0]
        word = "faster" if lead[0] > 0 else "slower"
        when = f"{first}–{last}" if last > first else str(first)
        points = f"{abs(100.0 * lead[0]):.1f} points"
        return f"The South grows {points} a year {word} than the North in {when}"
    ahead = int((lead > 0).sum())
    where = f"in {ahead} of" if ahead < len(spans) else "in every one of"
    start, end = signed(100.0 * lead[0]), signed(100.0 * lead[-1])
    goes = f"stays at {end}" if start == end else f"goes from {start} to {end}"
    return (
        f"The South grows faster than the North {where} {len(spans)} {_spans_in_words(spans)}; "
        f"its lead {goes} points"
    )


@styled
def growth(run: Run) -> Figure:
    """Draw growth of South, North and world in means over some five years, and its spread over countries.

    Raises
    ------
    InputError
        When the run kept no table of countries, or only one year.
    """
    table = run.countries
    first, last = first_and_last(run)
    spans = _spans(first, last)
    means: dict[str, list[float]] = {}
    for group in (SOUTH, "World", NORTH):
        volume = run.series("gdp", group)
        means[group] = [
            float((volume[b] / volume[a - 1]) ** (1.0 / (b - a + 1)) - 1.0) for a, b in spans
        ]
    wide = table.pivot(index="year", columns="iso3", values="gdp").sort_index()
    rates = (wide / wide.shift(1) - 1.0).iloc[1:]
    lead = np.asarray(means[SOUTH]) - np.asarray(means[NORTH])
    page = sheet(
        _growth_title(spans, lead),
        "Growth of gross domestic product in constant 2015 USD, per cent a year. "
        "Left: groups, mean of the span. Right: economies, each counted once",
        source_line(
            run, "IMF World Economic Outlook, April 2019; World Bank; Penn World Table 10.01; UN"
        ),
        2.75,
    )
    left = page.axes(left=0.42, right=0.62, bottom=0.25, top=0.25, span=(0.0, 0.54))
    right = page.axes(left=0.42, right=0.74, bottom=0.25, top=0.25, span=(0.54, 1.0))
    tidy(left)
    place = np.arange(len(spans))
    ends = []
    for group, values in means.items():
        left.plot(place, values, color=GROUP_COLOURS[group], marker="o", markersize=4.5)
        ends.append(
            (values[-1], f"{GROUP_NAMES[group]}\n{100 * values[-1]:.1f} %", GROUP_COLOURS[group])
        )
    left.set_xticks(place, [f"{a}–{b % 100:02d}" for a, b in spans], fontsize=8)
    left.set_xlim(-0.15, len(spans) - 1 + 0.1)
    low = min(0.0, *(min(v) for v in means.values()))
    high = max(0.0, *(max(v) for v in means.values()))
    left.set_ylim(1.12 * low, 1.12 * high if high > 0.0 else 0.005)
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    left.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    left.set_title("South, North and world", pad=8)
    label_line_ends(left, float(place[-1]), ends, gap=9.0)

    tidy(right)
    when = rates.index.to_numpy()
    spread = {k: np.nanquantile(rates.to_numpy(), k, axis=1) for k in (0.1, 0.25, 0.5, 0.75, 0.9)}
    sky, blue = COLOURS["sky"], COLOURS["blue"]
    right.axhline(0.0, color=GREY, linewidth=0.8)
    right.fill_between(when, spread[0.1], spread[0.9], color=sky, alpha=0.35, linewidth=0)
    right.fill_between(when, spread[0.25], spread[0.75], color=sky, alpha=0.6, linewidth=0)
    right.plot(when, spread[0.5], color=blue)
    year_ticks(right, first + 1, last)
    right.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    right.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    right.set_title(f"{rates.shape[1]} economies", pad=8)
    names = [(0.1, "10th\npercentile"), (0.5, "median"), (0.9, "90th\npercentile")]
    label_line_ends(right, last, [(float(spread[k][-1]), n, blue) for k, n in names])
    return page.figure
