"""The charts of a diagnosis. All can be read in grey: the light or hollow is what was, the dark what is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from sscsim.calibration.diagnosis import CENTRAL, Diagnosis
from sscsim.calibration.saved import FigureRow
from sscsim.reports.style import COLOURS, GREY, INK, PALE, readable, styled
from sscsim.types import Array

__all__ = [
    "MOST_CORRELATED",
    "MOST_PANELS",
    "correlations",
    "coverage",
    "left_out",
    "narrowed",
    "predicted",
    "tolerances",
    "two_roads",
]

MOST_PANELS = 24
"""Parameters that are drawn one by one."""

MOST_CORRELATED = 30
"""Parameters whose correlations are drawn."""

_WIDTH = 9.5  # inches: as wide as the page shows it
_ROW = 0.24  # … of a row
_NAMES = 2.5  # … for the names of rows
_FARTHEST = (
    5.0  # tolerances from the middle that are shown; what lies beyond is an arrow at the edge
)
_COLUMNS = 4
_BINS = 28

_BLUE = COLOURS["blue"]
_RED = readable(COLOURS["vermilion"])


def _figure(height: float) -> Figure:
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def _axes(figure: Figure, left: float, right: float, bottom: float, top: float) -> Axes:
    """Add axes that leave so many inches free from the left edge, to the right end, and at foot and head."""
    height = figure.get_size_inches()[1]
    return figure.add_axes(
        (left / _WIDTH, bottom / height, (right - left) / _WIDTH, (height - bottom - top) / height)
    )


def _rows(ax: Axes, names: Sequence[str], *, named: bool = True) -> None:
    """Lay out rows from the top, with their names to the left."""
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_yticks(range(len(names)), names if named else [""] * len(names))
    ax.xaxis.grid(True)
    ax.spines["left"].set_visible(False)
    for at in range(0, len(names), 2):
        ax.axhspan(at - 0.5, at + 0.5, color="#f6f6f6", zorder=0, lw=0)


def _head(ax: Axes, text: str) -> None:
    ax.set_title(text, fontsize=8.5, fontweight="bold", pad=6)


def _mark(ax: Axes, x: float, y: float, reach: float, **look: Any) -> None:
    """Draw a marker, or an arrow at the edge where it lies beyond."""
    if abs(x) > reach:
        look = {**look, "marker": ">" if x > 0 else "<", "ms": 5}
        x = math.copysign(reach, x)
    ax.plot([x], [y], ls="none", clip_on=False, **look)


def _interval(ax: Axes, ends: Sequence[float], y: float, reach: float, **look: Any) -> None:
    low, high = (min(max(float(end), -reach), reach) for end in ends)
    ax.plot([low, high], [y, y], solid_capstyle="butt", **look)


def _accepted(ax: Axes, row: FigureRow, y: float, reach: float) -> None:
    """Shade what the tolerance accepts, in units of it."""
    low, high = (float(v) for v in row.in_tolerances([row.low, row.high]))
    low, high = max(low, -reach), min(high, reach)
    ax.fill_betweenx([y - 0.38, y + 0.38], low, high, color=PALE, lw=0, zorder=1)


def _reach(*shown: Array) -> float:
    far = max(float(np.abs(part[np.isfinite(part)]).max(initial=0.0)) for part in shown)
    return min(max(1.5, 1.08 * far), _FARTHEST)


# ------------------------------------------------------------------------------------------------------ parameters


@styled
def narrowed(found: Diagnosis) -> Figure:
    """Draw prior and posterior of the parameters that the figures narrow most."""
    saved = found.saved
    shown = [one for one in found.narrowings if one.row.fitted][:MOST_PANELS]
    rows = max(1, math.ceil(len(shown) / _COLUMNS))
    figure = _figure(0.15 + 1.35 * rows)
    grid = figure.subplots(rows, _COLUMNS, squeeze=False)
    height = figure.get_size_inches()[1]
    figure.subplots_adjust(
        left=0.01,
        right=0.99,
        top=1 - 0.3 / height,
        bottom=0.28 / height,
        hspace=0.75,
        wspace=0.12,
    )
    even = (np.arange(len(saved.prior)) + 0.5) / len(saved.prior)
    for place, ax in enumerate(grid.flat):
        if place >= len(shown):
            ax.set_visible(False)
            continue
        one = shown[place]
        column = saved.names.index(one.name)
        prior, draws = saved.prior[:, column], saved.values[:, column]
        inside = np.quantile(prior, [0.005, 0.995])
        edges = np.linspace(
            min(inside[0], draws.min()), max(inside[1], draws.max()) + 1e-12, _BINS + 1
        )
        width = edges[1] - edges[0]
        before = np.diff(np.interp(edges, prior, even, left=0.0, right=1.0)) / width
        after = np.histogram(draws, bins=edges)[0] / len(draws) / width
        ax.stairs(before, edges, fill=True, color=PALE, zorder=2)
        ax.stairs(before, edges, color=GREY, lw=0.6, zorder=2)
        ax.stairs(after, edges, color=_BLUE if one.informed else GREY, lw=1.5, zorder=3)
        ax.axvline(np.median(draws), color=_BLUE if one.informed else GREY, lw=0.8, ls=(0, (3, 2)))
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.locator_params(axis="x", nbins=4)
        ax.tick_params(axis="x", labelsize=7)
        said = f"{100 * one.row.contraction:.0f} % narrower" if one.informed else "not informed"
        ax.set_title(one.name, fontsize=7.5, fontweight="normal", loc="left", pad=11)
        ax.text(0, 1.02, said, transform=ax.transAxes, fontsize=7, color=GREY, va="bottom")
    return figure


@styled
def correlations(found: Diagnosis) -> Figure:
    """Draw the rank correlations of the informed parameters, with their numbers where they matter."""
    names = [one.name for one in found.informed][:MOST_CORRELATED]
    count = len(names)
    room = 0.2 + 0.07 * max(map(len, names))  # inches of the longest name
    cell = min(0.34, (_WIDTH - 0.4 - room) / count)
    figure = _figure(0.25 + cell * count + 0.9 * room)
    height = figure.get_size_inches()[1]
    ax = figure.add_axes(
        (room / _WIDTH, 0.9 * room / height, cell * count / _WIDTH, cell * count / height)
    )
    shown = np.where(np.tri(count, k=-1, dtype=bool), found.correlations[:count, :count], np.nan)
    ax.imshow(shown, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    for i, j in np.argwhere(np.abs(np.nan_to_num(shown)) >= 0.2):
        strong = abs(shown[i, j]) > 0.6
        text = f"{shown[i, j]:+.1f}".replace("-", "−")
        size = 6.5 if count > 20 else 7.5
        ax.text(
            j, i, text, ha="center", va="center", fontsize=size, color="white" if strong else INK
        )
    ax.set_xticks(range(count), names, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(count), names)
    ax.tick_params(length=0, labelsize=7.5)
    for side in ax.spines.values():
        side.set_visible(False)
    return figure


# --------------------------------------------------------------------------------------------------------- figures


@styled
def predicted(found: Diagnosis) -> Figure:
    """Draw what runs of the posterior show of each figure, in units of its tolerance, and its PIT."""
    rows = found.saved.figures
    figure = _figure(1.0 + _ROW * len(rows))
    ax = _axes(figure, _NAMES, 7.1, 0.5, 0.4)
    beside = _axes(figure, 7.35, _WIDTH - 0.15, 0.5, 0.4)
    ends = np.array([row.in_tolerances([row.run_5, row.run_50, row.run_95]) for row in rows])
    reach = _reach(ends)
    _rows(ax, [row.id for row in rows])
    _rows(beside, [row.id for row in rows], named=False)
    for y, (row, (low, median, high)) in enumerate(zip(rows, ends.tolist(), strict=True)):
        _accepted(ax, row, y, reach)
        inside = row.miss == 0.0
        _interval(ax, (low, high), y, reach, color=INK, lw=1.6, zorder=3)
        _mark(
            ax, median, y, reach,
            marker="o", ms=5, mec=INK, mfc=INK if inside else "white", zorder=4,
        )  # fmt: skip
        _mark(
            ax, float(row.in_tolerances(row.value)), y, reach,
            marker="|", ms=11, mew=2, color=_RED, zorder=5,
        )  # fmt: skip
        look: dict[str, Any] = {
            "mfc": INK if row.two_sided else "white",
            "mec": INK if row.two_sided else GREY,
        }
        beside.plot([row.pit], [y], "o", ms=4.5, clip_on=False, zorder=4, **look)
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("units of the tolerance, from its middle or bound")
    _head(ax, "90 % of runs, their median, the report")
    beside.set_xlim(0, 1)
    beside.set_xticks([0.05, 0.5, 0.95], ["0.05", "0.5", "0.95"])
    beside.axvspan(0.05, 0.95, color=PALE, alpha=0.5, lw=0, zorder=1)
    beside.set_xlabel("share of runs that show less")
    _head(beside, "PIT (hollow: a bound)")
    return figure


@styled
def coverage(found: Diagnosis) -> Figure:
    """Draw the share of unseen runs inside the emulators' 90 %, round by round, and how far off they were."""
    rows, rounds = found.saved.figures, found.coverage
    figure = _figure(1.0 + _ROW * len(rows))
    ax = _axes(figure, _NAMES, 6.0, 0.5, 0.4)
    beside = _axes(figure, 6.25, _WIDTH - 0.15, 0.5, 0.4)
    _rows(ax, [row.id for row in rows])
    _rows(beside, [row.id for row in rows], named=False)
    ax.axvline(0.9, color=_RED, lw=1)
    beside.axvline(0, color=_RED, lw=1)
    beside.axvspan(-1, 1, color=PALE, alpha=0.6, lw=0, zorder=1)
    last = rounds[-1]
    low = 1.0
    for one in rounds:
        newest = one is last
        for y, share in enumerate(one.inside.tolist()):
            low = min(low, share)
            ax.plot(
                [share], [y], "o", ms=5 if newest else 3.5, clip_on=False, zorder=3,
                mfc=INK if newest else "white", mec=INK if newest else GREY,
            )  # fmt: skip
    ax.set_xlim(max(0.0, math.floor(10 * low - 0.5) / 10), 1.005)
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlabel("share of runs")
    _head(ax, "Inside the emulator's 90 % (hollow: before)")
    ends = np.column_stack([last.mean - last.sd, last.mean, last.mean + last.sd])
    reach = max(1.5, min(4.0, 1.08 * float(np.nanmax(np.abs(ends), initial=0.0))))
    for y, (lower, middle, upper) in enumerate(ends.tolist()):
        if math.isfinite(middle):
            _interval(beside, (lower, upper), y, reach, color=INK, lw=1.4, zorder=3)
            _mark(beside, middle, y, reach, marker="o", ms=4.5, color=INK, zorder=4)
    beside.set_xlim(-reach, reach)
    beside.set_xlabel("standard deviations expected")
    beside.locator_params(axis="x", nbins=5)
    _head(beside, "Seen less expected: mean ± spread")
    return figure


# ------------------------------------------------------------------------------------------------ what it rests on


@styled
def tolerances(found: Diagnosis) -> Figure:
    """Draw how medians of informed parameters and of figures move where tolerances are halved and doubled."""
    halved, plain, doubled = found.tolerances
    names = [one.name for one in found.informed][:MOST_PANELS]
    rows = found.saved.figures
    figure = _figure(1.0 + _ROW * max(len(names), len(rows), 1))
    ax = _axes(figure, 2.3, 4.75, 0.5, 0.4)
    beside = _axes(figure, 7.05, _WIDTH - 0.15, 0.5, 0.4)
    _rows(ax, names)
    _rows(beside, [row.id for row in rows])
    looks = (
        (halved, {"marker": "v", "ms": 5, "mfc": INK, "mec": INK}),
        (doubled, {"marker": "^", "ms": 5, "mfc": "white", "mec": INK}),
    )
    low, middle, high = plain.parameters[:, : len(names)]
    spread = np.maximum((high - low) / (2 * 1.645), 1e-300)  # of a normal distribution
    moves = [(one.parameters[1, : len(names)] - middle) / spread for one, _ in looks]
    reach = max(1.0, min(3.0, 1.08 * max(float(np.abs(m).max(initial=0.0)) for m in moves)))
    for move, (_, look) in zip(moves, looks, strict=True):
        for y, x in enumerate(move.tolist()):
            _mark(ax, x, y, reach, zorder=4, **look)
    ax.axvline(0, color=_RED, lw=1)
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("posterior standard deviations")
    _head(ax, "Median of a parameter moves by")
    shown = np.array(
        [
            [float(row.in_tolerances(one.figures[1, k])) for one in (halved, plain, doubled)]
            for k, row in enumerate(rows)
        ]
    )
    reach = _reach(shown)
    for y, (row, (first, second, third)) in enumerate(zip(rows, shown.tolist(), strict=True)):
        _accepted(beside, row, y, reach)
        _mark(beside, second, y, reach, marker="|", ms=10, mew=1.6, color=_RED, zorder=3)
        for x, (_, look) in zip((first, third), looks, strict=True):
            _mark(beside, x, y, reach, zorder=4, **look)
    beside.set_xlim(-reach, reach)
    beside.set_xlabel("units of the tolerance as it is")
    _head(beside, "Median of what runs show")
    return figure


@styled
def left_out(found: Diagnosis) -> Figure:
    """Draw what the posterior predicts of each figure with it and without it."""
    rows = found.saved.figures
    figure = _figure(1.0 + 1.25 * _ROW * len(rows))
    ax = _axes(figure, _NAMES, 7.1, 0.5, 0.4)
    beside = _axes(figure, 7.35, _WIDTH - 0.15, 0.5, 0.4)
    _rows(ax, [row.id for row in rows])
    _rows(beside, [row.id for row in rows], named=False)
    known = np.array([row.in_tolerances([row.run_5, row.run_50, row.run_95]) for row in rows])
    without = np.array(
        [one.row.in_tolerances([one.low, one.median, one.high]) for one in found.left_out]
    )
    reach = _reach(known, without)
    for y, one in enumerate(found.left_out):
        _accepted(ax, one.row, y, reach)
        ends, other = known[y].tolist(), without[y].tolist()
        _interval(ax, (ends[0], ends[2]), y - 0.17, reach, color=GREY, lw=1.0, zorder=3)
        _mark(ax, ends[1], y - 0.17, reach, marker="o", ms=3.5, mfc="white", mec=GREY, zorder=4)
        line = {"color": INK, "lw": 1.8, "ls": "-" if one.reliable else (0, (1.2, 0.8))}
        _interval(ax, (other[0], other[2]), y + 0.17, reach, zorder=3, **line)
        _mark(ax, other[1], y + 0.17, reach, marker="o", ms=4.5, color=INK, zorder=4)
        value = float(one.row.in_tolerances(one.row.value))
        _mark(ax, value, y, reach, marker="|", ms=13, mew=1.8, color=_RED, zorder=5)
        look: dict[str, Any] = {"mfc": INK if one.reliable else "white", "mec": INK}
        beside.plot([min(one.khat, 1.5)], [y], "o", ms=4.5, clip_on=False, zorder=4, **look)
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("units of the tolerance, from its middle or bound")
    _head(ax, "With the figure (thin) and without it (thick)")
    beside.set_xlim(min(0.0, *(max(one.khat, -0.5) for one in found.left_out)), 1.5)
    beside.axvline(0.7, color=_RED, lw=1)
    beside.set_xlabel("k-hat")
    _head(beside, "Can it be told? (to 0.7)")
    return figure


@styled
def two_roads(found: Diagnosis) -> Figure:
    """Draw the informed parameters by both roads, from the median of the first in its standard deviations."""
    roads = sorted(found.roads, key=lambda road: [o.name for o in found.informed].index(road.name))
    figure = _figure(1.0 + 1.2 * _ROW * len(roads))
    ax = _axes(figure, _NAMES, _WIDTH - 0.15, 0.5, 0.4)
    _rows(ax, [road.name for road in roads])
    saved = found.saved
    spreads = {
        road.name: saved.values[:, saved.names.index(road.name)].std(ddof=1) or 1.0
        for road in roads
    }
    reach = _FARTHEST
    for y, road in enumerate(roads):
        for ends, at, look in (
            (road.first, y - 0.17, {"color": GREY, "lw": 1.4}),
            (road.second, y + 0.17, {"color": INK, "lw": 2.0}),
        ):
            low, middle, high = ((ends - road.first[1]) / spreads[road.name]).tolist()
            _interval(ax, (low, high), at, reach, zorder=3, **look)
            _mark(ax, middle, at, reach, marker="o", ms=4, color=look["color"], zorder=4)
    ax.axvspan(-0.5, 0.5, color=PALE, alpha=0.6, lw=0, zorder=1)
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("posterior standard deviations from the median; shaded: half of one")
    _head(
        ax,
        f"{100 * (CENTRAL[2] - CENTRAL[0]):.0f} % intervals: this posterior (light), the second road (dark)",
    )
    return figure
