"""The largest South-South trade flows over the map of the world."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.reports import maps
from sscsim.reports.countries import country_lists
from sscsim.reports.style import (
    COLOURS,
    GREY,
    INK,
    overlap,
    quantity,
    renderer_of,
    sheet,
    styled,
)
from sscsim.reports.words import (
    TRADE_DATA,
    percent,
    source_line,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["trade_map"]


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
        source_line(run, f"{TRADE_DATA}; shapes: Natural Earth")
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
