"""The figures of a run, each a function from a run to a Matplotlib figure.

A title says what is seen, with numbers computed from the run that is drawn; the subtitle says what
is measured; the foot says which run and whose data. Where the report A/73/383 gives a figure, its
mark stands beside the run's.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sscsim.errors import InputError, OutputError, nearest
from sscsim.reports import maps
from sscsim.reports.cooperation import (
    cooperation_flows,
    cooperation_network,
    cooperation_reported,
)
from sscsim.reports.countries import country_lists
from sscsim.reports.style import (
    COLOURS,
    DPI,
    GOAL_NAMES,
    GREY,
    INK,
    PALE,
    REGION_COLOURS,
    label_line_ends,
    overlap,
    quantity,
    renderer_of,
    sheet,
    style_context,
    styled,
    tidy,
)
from sscsim.reports.words import (
    first_and_last,
    moves,
    percent,
    region_in_text,
    signed,
    source_line,
    year_ticks,
)
from sscsim.results.staging import staged
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = [
    "FIGURES",
    "FORMATS",
    "cooperation_flows",
    "cooperation_network",
    "cooperation_reported",
    "external_finance",
    "foreign_direct_investment",
    "goals",
    "growth",
    "poverty",
    "save_figures",
    "south_south_trade",
    "trade_map",
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
FORMATS = ("png", "svg", "pdf")


def _trillions(ax: Axes) -> None:
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v / 1000.0:g}"))


# ------------------------------------------------------------------------- the report's own figures


@dataclass(frozen=True)
class _Mark:
    """A figure of the report with its tolerance, values in bn USD or as a fraction."""

    of: str
    year: int
    value: float
    low: float
    high: float


def _marks(observable: str) -> dict[str, _Mark]:
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
            marks[of] = _Mark(of, check.year, check.value / factor, low / factor, high / factor)
    return marks


def _draw_mark(ax: Axes, mark: _Mark, colour: str, *, aside: float = 0.0) -> None:
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


# ------------------------------------------------------------------------------ 1 South-South trade


def _south_south(run: Run) -> pd.DataFrame:
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
def south_south_trade(run: Run) -> Figure:
    """Draw South-South goods trade over time by the exporter's region (¶79).

    Raises
    ------
    InputError
        When the run lacks the indicators, or has a single year.
    """
    table = _south_south(run)
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
        "(Hong Kong SAR, Panama, Singapore, UAE)",
        source_line(run, "CIA World Factbook; UNCTAD; World Bank; UN; IMF"),
        3.1,
    )
    ax = page.axes(left=0.3, right=1.55, bottom=0.25, top=0.08)
    tidy(ax)
    edges = np.vstack([np.zeros(len(table)), np.cumsum(table.to_numpy().T, axis=0)])
    ends = []
    for k, region in enumerate(table.columns):
        colour = REGION_COLOURS[str(region)]
        ax.fill_between(
            table.index, edges[k], edges[k + 1], facecolor=colour, linewidth=0.6, edgecolor="white"
        )
        label = f"{_two_lines(str(region))}  {table[region].iloc[-1] / 1000.0:.2f}"
        ends.append(((edges[k][-1] + edges[k + 1][-1]) / 2.0, label, colour))
    ax.plot(hubless.index, hubless, color="white", linewidth=3.0, zorder=4)
    ax.plot(hubless.index, hubless, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=5)
    ends.append((float(hubless.iloc[-1]), f"without hubs  {hubless.iloc[-1] / 1000.0:.2f}", INK))
    ax.set_ylim(0, float(total.max()) * 1.06)
    mark = _marks("trade_within").get(SOUTH)
    if mark is not None and first <= mark.year <= last:
        _draw_mark(ax, mark, INK)
        # Above everything that the text, half as wide as the axes, stands over.
        above = 1.04 * max(mark.high, float(total.loc[: mark.year + (last - first) // 2].max()))
        ax.annotate(
            f"The report's figure: about {quantity(mark.value)}",
            (mark.year, mark.high),
            xytext=(mark.year, above),
            textcoords="data",
            ha="left",
            va="bottom",
            fontsize=8,
            arrowprops={
                "arrowstyle": "-",
                "color": GREY,
                "linewidth": 0.6,
                "shrinkB": 4,
                "relpos": (0.0, 0.0),
            },
        )
    year_ticks(ax, first, last)
    ax.set_xlim(first - 0.5, last)
    _trillions(ax)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    for artist in ax.lines:
        artist.set_clip_on(False)
    label_line_ends(ax, last, ends)
    return page.figure


def _two_lines(name: str) -> str:
    return name.replace("Latin America and the ", "Latin America and\nthe ")


# ---------------------------------------------------------------------- 2 foreign direct investment

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
    marks = _marks("fdi_inflow")
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
            _draw_mark(left, mark, colour, aside=aside)
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


# ----------------------------------------------------------------------------------------- 3 growth


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


# ------------------------------------------------------------------------------------------ 4 Goals


def _goal_means(run: Run, groups: Sequence[str], year: int) -> pd.DataFrame:
    """Mean score of the countries of each group, Goals down, groups across."""
    return pd.DataFrame(
        {
            group: [float(run.series(f"goal_{g}", group)[year]) for g in range(1, 18)]
            for group in groups
        },
        index=range(1, 18),
    )


def _count(number: int) -> str:
    return str(number) if number else "none"


def _on_track() -> Array:
    """Score from which a country counts as on track, by Goal, shape (17,)."""
    from sscsim.parameters import default_parameters

    return np.asarray(default_parameters().by_goal("goal_on_track_threshold"), dtype=np.float64)


@styled
def goals(run: Run) -> Figure:
    """Draw the 17 Goals by group: their start, their state in 2030, the on-track line.

    Raises
    ------
    InputError
        When the run lacks the indicators.
    """
    groups = ("World", SOUTH, "LDC", NORTH)
    all_years = run.years
    first = all_years[0]
    end = 2030 if 2030 in all_years else all_years[-1]
    before, after = _goal_means(run, groups, first), _goal_means(run, groups, end)
    track = _on_track()
    met = (after.to_numpy() >= track[:, None]).sum(axis=0)
    gain = after["World"] - before["World"]
    best, worst = int(np.argmax(gain)), int(np.argmin(gain))
    title = (
        f"{'By' if end > first else 'In'} {end} the world's mean score is on track in "
        f"{_count(met[0])} of 17 Goals, that of the least developed countries in {_count(met[2])}"
    )
    if end > first:
        falls = gain.iloc[worst] < 0
        title += (
            f"; Goal {best + 1} gains most ({signed(gain.iloc[best])} points), "
            f"Goal {worst + 1} {'loses most' if falls else 'gains least'} "
            f"({signed(gain.iloc[worst])})"
        )
    page = sheet(
        title,
        f"Goal scores, 0 to 100, mean of the group's countries: hollow {first}, full {end}; "
        "tick: on-track line",
        source_line(run, "Sustainable Development Goals Index 2018 (Sachs et al.)"),
        4.5,
    )
    rows = np.arange(17)
    lowest = min(float(before.min().min()), float(after.min().min()))
    low = max(0.0, 10.0 * np.floor((lowest - 3.0) / 10.0))
    lead, width = 1.78 / (page.right - page.left), (1 - 1.78 / (page.right - page.left)) / 4
    for k, group in enumerate(groups):
        ax = page.axes(
            left=0.08,
            right=0.1,
            bottom=0.25,
            top=0.22,
            span=(lead + k * width, lead + (k + 1) * width),
        )
        tidy(ax, grid="x")
        ax.spines["left"].set_visible(False)
        colour = GROUP_COLOURS[group]
        a, b = before[group].to_numpy(), after[group].to_numpy()
        ax.vlines(track, rows - 0.38, rows + 0.38, color=INK, linewidth=1.2, zorder=2)
        ax.hlines(rows, a, b, color=colour, linewidth=1.8, zorder=3)
        # The start on top: a Goal that does not move is a ring in a dot.
        ax.scatter(b, rows, s=24, color=colour, linewidth=0, zorder=4, clip_on=False)
        ax.scatter(
            a,
            rows,
            s=11,
            facecolor="white",
            edgecolor=colour,
            linewidth=1.0,
            zorder=5,
            clip_on=False,
        )
        ax.set_ylim(16.6, -0.6)
        ax.set_xlim(low, 102)
        ax.set_xticks([low, *(v for v in (50.0, 100.0) if v - low >= 20.0)])
        # The outer two hang inwards: neighbours' ends do not meet.
        for label, side in zip(ax.get_xticklabels()[::2], ("left", "right"), strict=False):
            label.set_horizontalalignment(side)  # type: ignore[arg-type]
        ax.set_title(_panel_name(group), color=colour, pad=5)
        names = [f"{name}  {g}" for g, name in enumerate(GOAL_NAMES, 1)] if k == 0 else []
        ax.set_yticks(rows, names if k == 0 else [""] * 17, fontsize=8)
    return page.figure


def _panel_name(group: str) -> str:
    return {"LDC": "LDCs"}.get(group, GROUP_NAMES[group])


# -------------------------------------------------------------------------------------- 5 trade map


@styled
def trade_map(run: Run, year: int | None = None, *, flows: int = 40) -> Figure:
    """Draw the largest South-South trade flows as great circles over the world (¶79).

    Parameters
    ----------
    run
        The run.
    year
        A year whose matrix the run kept; None for 2030, or the last one kept.
    flows
        How many of the largest two-way flows are drawn.

    Raises
    ------
    InputError
        When the run kept no trade matrix, or not that of the year.
    """
    kept = run.matrix_years("trade")
    if year is None and kept:
        year = 2030 if 2030 in kept else kept[-1]
    if year not in kept:
        raise InputError(
            "this run kept no trade matrix of the year", found=year, allowed=[str(y) for y in kept]
        )
    table = run.trade(year)
    lists = country_lists()
    codes = [str(i) for i in table.index]
    is_south = np.array([i in lists.members("south_unctad_2014") for i in codes])
    value = table.to_numpy(dtype=np.float64)
    both = value + value.T
    share = _safe_share(both[:, is_south].sum(axis=1), both.sum(axis=1))
    pairs = np.triu(both * np.outer(is_south, is_south), 1)
    order = np.argsort(pairs, axis=None)[::-1][:flows]
    order = order[pairs.flat[order] > 0]
    drawn = [(int(k // len(codes)), int(k % len(codes)), float(pairs.flat[k])) for k in order]
    total = float(pairs.sum())

    top = drawn[0]
    title = (
        f"The {len(drawn)} largest of {int((pairs > 0).sum()):,} South-South links carry "
        f"{percent(sum(d[2] for d in drawn) / total)} of {quantity(total)} in {year}; "
        "the widest joins "
        f"{lists.name(codes[top[0]])} and {lists.name(codes[top[1]])} ({quantity(top[2])})"
    )
    page = sheet(
        title,
        "Lines: goods trade of a pair, both ways, re-exports included. "
        "Colour: share of an economy's goods trade that is with the South (UNCTAD 2014 list)",
        source_line(run, "CIA World Factbook; UNCTAD; World Bank; shapes: Natural Earth")
        + " Equal Earth projection. "
        + maps.BOUNDARY_NOTE,
        3.04,
    )
    ax = page.axes(bottom=0.42)
    ax.set_axis_off()
    ax.set_aspect("equal")
    _draw_map(ax, codes, share, is_south)
    _draw_flows(ax, codes, drawn)
    _map_key(page.axes(top=page.top - page.bottom - 0.4), drawn)
    return page.figure


def _safe_share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


# From a light to a dark tint of Okabe & Ito's blue: an order that survives a black-and-white
# printer.
_SHARE_EDGES = (0.3, 0.45, 0.6, 0.75)
_SHARE_TINTS = ("#e3eef6", "#b9d5e8", "#86b6d7", "#4f93c2", "#1f6aa0")
_NORTH_TINT, _NEUTRAL_TINT = "#dadada", "#f0f0f0"
_LATITUDES = (-57.0, 83.7)  # from Cape Horn to the north of Greenland
_ARC = COLOURS["vermilion"]


def _tint(share: float) -> str:
    return _SHARE_TINTS[int(np.searchsorted(_SHARE_EDGES, share, side="right"))]


def _draw_map(ax: Axes, codes: Sequence[str], share: Array, is_south: NDArray[np.bool_]) -> None:
    lists = country_lists()
    m49 = {i: lists.m49(i) for i in codes}
    colours = {
        m49[i]: _tint(float(share[k])) if is_south[k] else _NORTH_TINT for k, i in enumerate(codes)
    }
    maps.draw_shapes(ax, colours, neutral=_NEUTRAL_TINT)
    shown = {shape.m49 for shape in maps.world_shapes()}
    for k, i in enumerate(codes):
        # What is too small to be seen, or has no shape at this scale, is a dot.
        if is_south[k] and (m49[i] not in shown or lists.area(i) < 3000.0):
            x, y = _position(i)
            ax.scatter(
                [x], [y], s=5, color=_tint(float(share[k])), edgecolor=GREY, linewidth=0.3, zorder=2
            )
    east, _ = maps.equal_earth(np.array([-180.0, 180.0]), np.zeros(2))
    _, north = maps.equal_earth(np.zeros(2), np.array(_LATITUDES))
    ax.set_xlim(east[0], east[1])
    ax.set_ylim(north[0], north[1])


def _position(iso3: str) -> tuple[float, float]:
    """Where an economy's people live, on the map."""
    way = np.array([_lon_lat(iso3)])
    x, y = maps.project_arc(way)[0]
    return float(x[0]), float(y[0])


def _lon_lat(iso3: str) -> tuple[float, float]:
    return country_lists().position(iso3)


def _arc_width(value: float, largest: float) -> float:
    return 0.5 + 5.5 * value / largest


def _draw_flows(ax: Axes, codes: Sequence[str], drawn: Sequence[tuple[int, int, float]]) -> None:
    ax.apply_aspect()
    largest = drawn[0][2]
    ends = sorted({k for a, b, _ in drawn for k in (a, b)}, key=lambda k: -_touching(k, drawn))
    spots = {k: _position(codes[k]) for k in ends}
    ways = []
    for a, b, value in reversed(drawn):
        others = np.array([spots[k] for k in ends if k not in (a, b)]).reshape(-1, 2)
        way = maps.great_circle(_lon_lat(codes[a]), _lon_lat(codes[b]), _WAY_POINTS)
        for x, y in maps.project_arc(way):
            ways.append(_broken(ax, np.column_stack([x, y]), others))
            ax.plot(
                *ways[-1].T,
                color=_ARC,
                alpha=0.62,
                linewidth=_arc_width(value, largest),
                solid_capstyle="butt",
                zorder=3,
            )
    for k in ends:
        ax.scatter(*spots[k], s=7, color=INK, linewidth=0, zorder=5)
    _name_places(ax, [codes[k] for k in ends], np.concatenate(ways))


_WAY_POINTS = 256
_CLEAR = 2.5  # points


def _broken(ax: Axes, way: Array, places: Array) -> Array:
    """Return a way that is interrupted where it passes a place that is not its end.

    So that a line which only passes by is not read as two lines that meet there.
    """
    scale = float(ax.get_figure(root=True).dpi) / 72.0  # type: ignore[union-attr]
    line, dots = ax.transData.transform(way), ax.transData.transform(places)
    apart = np.hypot(*(line[:, None, :] - dots[None, :, :]).transpose(2, 0, 1)) / scale
    hidden = (apart < _CLEAR).any(axis=1)
    return np.where(hidden[:, None], np.nan, way)


def _touching(k: int, drawn: Sequence[tuple[int, int, float]]) -> float:
    return sum(value for a, b, value in drawn if k in (a, b))


def _name_places(ax: Axes, codes: Sequence[str], ways: Array, most: int = 24) -> None:
    """Name places, the weightiest first, where a name hides least of the lines.

    A name that finds no free spot is left out.
    """
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    renderer = renderer_of(figure)
    frame = ax.get_window_extent(renderer)
    scale = figure.dpi / 72.0
    dots = [ax.transData.transform(_position(c)) for c in codes]
    lines = ax.transData.transform(ways[np.isfinite(ways).all(axis=1)])
    taken = [_around(d, 2.0 * scale) for d in dots]
    for code in codes[:most]:
        x, y = _position(code)
        best: tuple[float, Any, Bbox] | None = None
        for rank, (dx, dy, ha, va) in enumerate(_SPOTS):
            text = ax.annotate(
                country_lists().name(code),
                (x, y),
                xytext=(dx, dy),
                textcoords="offset points",
                ha=ha,
                va=va,
                fontsize=6.5,
                color=INK,
                zorder=6,
                path_effects=_halo(),
            )
            box = text.get_window_extent(renderer).padded(0.75 * scale)
            inside = box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0
            free = inside and not any(overlap(box, other) for other in taken)
            hidden = int(((lines >= box.min) & (lines <= box.max)).all(axis=1).sum())
            # In a thicket of lines every spot hides some: there the first free one is as good.
            cost = rank + (rank > 3) * 4.0 + min(hidden * _WAY_COST, 3.5)
            if free and (best is None or cost < best[0]):
                if best is not None:
                    best[1].remove()
                best = (cost, text, box)
            else:
                text.remove()
        if best is not None:
            taken.append(best[2])


_WAY_COST = 0.5  # of a point of a line that a name hides, in ranks of spots


_SPOTS = (
    (3, 2, "left", "bottom"),
    (-3, 2, "right", "bottom"),
    (3, -2, "left", "top"),
    (-3, -2, "right", "top"),
    (0, 5, "center", "bottom"),
    (0, -5, "center", "top"),
    (9, 9, "left", "bottom"),
    (-9, 9, "right", "bottom"),
    (9, -9, "left", "top"),
    (-9, -9, "right", "top"),
)
"""Where a name may stand beside its dot: shift in points, and how the text hangs on it."""


def _around(point: Array, reach: float) -> Bbox:
    x, y = float(point[0]), float(point[1])
    return Bbox([[x - reach, y - reach], [x + reach, y + reach]])


def _halo() -> list[Any]:
    return [patheffects.withStroke(linewidth=1.8, foreground="white", alpha=0.85)]


def _map_key(ax: Axes, drawn: Sequence[tuple[int, int, float]]) -> None:
    """Explain colours and widths in two lines under the map."""
    names = [f"under {percent(_SHARE_EDGES[0])}"]
    names += [f"{100 * a:.0f}–{percent(b)}" for a, b in itertools.pairwise(_SHARE_EDGES)]
    names += [f"{percent(_SHARE_EDGES[-1])} and over"]
    shares = [_swatch(c, n) for c, n in zip(_SHARE_TINTS, names, strict=True)]
    others = [
        _swatch(_NORTH_TINT, "not in the South"),
        _swatch(_NEUTRAL_TINT, "territory, no data"),
    ]
    largest, smallest = drawn[0][2], drawn[-1][2]
    sizes = sorted({_round(largest), _round((largest * smallest) ** 0.5), _round(smallest)})
    widths = [
        Line2D([], [], color=_ARC, alpha=0.62, linewidth=_arc_width(v, largest), label=quantity(v))
        for v in reversed(sizes)
    ]
    ax.set_axis_off()
    rows: list[tuple[str, list[Any]]] = [
        ("Trade with the South", shares),
        ("Trade of the pair", [*widths, *others]),
    ]
    for y, (head, handles) in zip((0.78, 0.22), rows, strict=True):
        ax.text(0.0, y, head, transform=ax.transAxes, fontsize=7, va="center")
        key = ax.legend(
            handles=handles,
            loc="center left",
            bbox_to_anchor=(0.19, y),
            ncols=len(handles),
            fontsize=7,
            frameon=False,
            borderpad=0.0,
            borderaxespad=0.0,
            columnspacing=1.3,
            handlelength=1.5,
            handletextpad=0.5,
        )
        if handles is shares:  # axes have one legend: the first stays as a mere artist
            ax.add_artist(key)


def _swatch(colour: str, name: str) -> Patch:
    return Patch(facecolor=colour, edgecolor=GREY, linewidth=0.3, label=name)


def _round(value: float) -> float:
    """Round to one leading digit."""
    return float(f"{value:.0e}")


# ---------------------------------------------------------------------------------------- 6 poverty


@styled
def poverty(run: Run) -> Figure:
    """Draw the share of people in poverty by group, and their number by region (¶126).

    Raises
    ------
    InputError
        When the run lacks the indicators, or has a single year.
    """
    groups = {
        "LDC": ("Least developed", COLOURS["green"]),
        "LLDC": ("Landlocked developing", COLOURS["purple"]),
        "SIDS": ("Small island States", COLOURS["sky"]),
        "World": ("World", INK),
    }
    shares = {g: run.series("poverty_headcount", g) for g in groups}
    people = pd.DataFrame({r: run.series("poverty_people", r) for r in REGION_COLOURS})
    people = people[people.iloc[-1].sort_values(ascending=False).index]
    first, last = first_and_last(run)
    world, total = shares["World"], people.sum(axis=1)
    where = str(people.columns[0])
    title = (
        f"Poverty {moves(world.iloc[0], world.iloc[-1], percent)} of people "
        f"between {first} and {last}; "
        f"in {last}, {percent(people[where].iloc[-1] / total.iloc[-1])} of the poor live in "
        f"{region_in_text(where)}"
    )
    page = sheet(
        title,
        "People below 3.00 dollars a day (2021 PPP). Left: share of the group's people. "
        "Right: millions, by region of the report",
        source_line(run, "World Bank; UN World Population Prospects 2019"),
        2.75,
    )
    left = page.axes(left=0.42, right=1.45, bottom=0.25, top=0.25, span=(0.0, 0.52))
    right = page.axes(left=0.45, right=1.2, bottom=0.25, top=0.25, span=(0.52, 1.0))
    tidy(left)
    ends = []
    for group, (name, colour) in groups.items():
        left.plot(shares[group].index, shares[group], color=colour)
        ends.append(
            (float(shares[group].iloc[-1]), f"{name} {percent(shares[group].iloc[-1])}", colour)
        )
    left.set_ylim(0, 1.08 * max(float(s.max()) for s in shares.values()))
    left.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    left.set_title("Share of people", pad=8)
    year_ticks(left, first, last)
    label_line_ends(left, last, ends, size=7.5)
    _stack(right, people, REGION_COLOURS, lambda v: f"{v:,.0f}")
    right.set_title("Millions of people", pad=8)
    return page.figure


def _stack(
    ax: Axes, table: pd.DataFrame, colours: Mapping[str, str], write: Callable[[float], str]
) -> None:
    """Draw a stack of columns, named at its right end."""
    tidy(ax)
    edges = np.vstack([np.zeros(len(table)), np.cumsum(table.to_numpy().T, axis=0)])
    ends = []
    for k, name in enumerate(table.columns):
        colour = colours[str(name)]
        ax.fill_between(
            table.index, edges[k], edges[k + 1], facecolor=colour, linewidth=0.6, edgecolor="white"
        )
        label = f"{_short_region(str(name))} {write(float(table[name].iloc[-1]))}"
        ends.append(((edges[k][-1] + edges[k + 1][-1]) / 2.0, label, colour))
    last = int(table.index[-1])
    ax.set_ylim(0, float(table.sum(axis=1).max()) * 1.06)
    year_ticks(ax, int(table.index[0]), last)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    label_line_ends(ax, last, ends, size=7.5)


def _short_region(name: str) -> str:
    return name.replace("Latin America and the ", "Latin America,\n")


# ------------------------------------------------------------------------------- 7 external finance

_FINANCE = (
    ("fdi_inflow", "Direct investment", COLOURS["vermilion"]),
    ("remittances_received", "Remittances", COLOURS["orange"]),
    ("other_finance_received", "Portfolio and loans", COLOURS["sky"]),
    ("oda_received", "Official aid (ODA)", COLOURS["blue"]),
)


@styled
def external_finance(run: Run) -> Figure:
    """Draw what developing economies receive from abroad, by kind (¶80).

    Raises
    ------
    InputError
        When the run lacks the indicators, or has a single year.
    """
    group = "WIR developing"
    table = pd.DataFrame({name: run.series(key, group) for key, name, _ in _FINANCE})
    share = run.series("fdi_share_external_finance", group)
    first, last = first_and_last(run)
    total = table.sum(axis=1)
    mark = _marks("fdi_share_external_finance").get(group)
    at = mark.year if mark is not None and first <= mark.year <= last else first
    beside = f" (report: {percent(mark.value)})" if mark is not None and at == mark.year else ""
    title = (
        "External finance of developing economies "
        f"{moves(total.iloc[0], total.iloc[-1], quantity)} in {first}–{last}; "
        f"direct investment is {percent(share[at])} of it in {at}{beside}"
    )
    page = sheet(
        title,
        "Received by developing economies (World Investment Report 2018), bn current USD a year",
        source_line(run, "UNCTAD; World Bank; OECD; UN"),
        2.9,
    )
    ax = page.axes(left=0.45, right=1.6, bottom=0.25, top=0.08)
    _stack(ax, table, {name: colour for _, name, colour in _FINANCE}, lambda v: f"{v:,.0f}")
    return page.figure


# ------------------------------------------------------------------------------------------- saving

FIGURES: dict[str, Callable[..., Figure]] = {
    "south_south_trade": south_south_trade,
    "trade_map": trade_map,
    "foreign_direct_investment": foreign_direct_investment,
    "growth": growth,
    "goals": goals,
    "poverty": poverty,
    "external_finance": external_finance,
    "cooperation_flows": cooperation_flows,
    "cooperation_network": cooperation_network,
    "cooperation_reported": cooperation_reported,
}
"""Every figure by the name of its file."""


def save_figures(
    run: Run,
    folder: str | Path,
    formats: Iterable[str] = ("png",),
    *,
    names: Iterable[str] | None = None,
    dpi: int = DPI,
    on_skip: Callable[[str, str], None] | None = None,
) -> list[Path]:
    """Draw the figures of a run and write them to a folder.

    All are drawn and written aside first, then moved to their names: an error or an interruption
    leaves no half file.

    Parameters
    ----------
    run
        The run.
    folder
        Where to; made if it does not exist.
    formats
        ``png``, ``svg`` or ``pdf``.
    names
        Which of `FIGURES`; None for all.
    dpi
        Dots per inch of a PNG.
    on_skip
        Called with the name of a figure that the run's tables do not allow, and the reason. Only
        where figures are not named: a figure that is asked for and cannot be drawn is an error.

    Returns
    -------
    list of Path
        The files, in the order of `FIGURES`.

    Raises
    ------
    InputError
        For an unknown figure or format, and when nothing can be drawn.
    OutputError
        When the folder cannot be written.
    """
    endings = _known(formats, FORMATS, "there is no such format of figures")
    wanted = list(FIGURES) if names is None else _known(names, FIGURES, "there is no such figure")
    drawn: dict[str, Figure] = {}
    failure: InputError | None = None
    for name in wanted:
        try:
            drawn[name] = FIGURES[name](run)
        except InputError as error:
            if names is not None:
                raise
            failure = error
            if on_skip is not None:
                on_skip(name, error.message)
    if not drawn and failure is not None:
        raise failure
    return _write(drawn, Path(folder), endings, dpi)


def _known(given: Iterable[str], allowed: Iterable[str], message: str) -> list[str]:
    names = list(dict.fromkeys([given] if isinstance(given, str) else given))
    choices = list(allowed)
    for name in names:
        if name not in choices:
            raise InputError(
                message, found=name, allowed=choices, suggestion=nearest(name, choices)
            )
    return names


def _write(
    drawn: Mapping[str, Figure], folder: Path, endings: Sequence[str], dpi: int
) -> list[Path]:
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    paths: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with staged(folder, "figures") as aside, style_context():
            files = [(name, f"{name}.{ending}") for name in drawn for ending in endings]
            for name, file in files:
                drawn[name].savefig(aside / file, dpi=dpi, metadata=_metadata(file))
            for _, file in files:
                paths.append((aside / file).replace(folder / file))
    except OSError as error:
        raise OutputError(
            f"figures cannot be written to {folder}: {error.strerror or error}"
        ) from error
    finally:
        if not paths:
            for path in new:
                with contextlib.suppress(OSError):
                    path.rmdir()
    return paths


def _metadata(file: str) -> dict[str, None]:
    """Leave the date out, so that the same run writes the same bytes."""
    return {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[file.rsplit(".", 1)[1]]
