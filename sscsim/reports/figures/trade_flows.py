"""The largest South-South trade flows over the map of the world."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.reports import maps
from sscsim.reports.countries import country_lists
from sscsim.reports.style import (
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
        "Lines: goods trade of a pair, both ways, re-exports included; in the frame those within East and "
        "South-East Asia alone. Colour: share of an economy's goods trade that is with the South (UNCTAD 2014 list)",
        source_line(run, f"{TRADE_DATA}; shapes: Natural Earth")
        + " Equal Earth projection. "
        + maps.BOUNDARY_NOTE,
        _WORLD + _KEY + _INSET,
    )
    colours = _colours(codes, share, is_south)
    widths = {(a, b): _line_width(value, top[2]) for a, b, value in drawn}
    near = [d for d in drawn if _in_inset(codes[d[0]]) and _in_inset(codes[d[1]])]
    far = [d for d in drawn if d not in near]
    world = page.axes(bottom=_INSET + _KEY)
    world.set_gid("world")
    _draw_map(world, codes, colours, is_south, _WHOLE)
    _frame_of_inset(world)
    _draw_flows(world, codes, far, widths, _WHOLE)
    _map_key(page.axes(bottom=_INSET, top=_WORLD), drawn)
    part = (_INSET - _ABOVE) * _inset_shape() / (page.right - page.left)
    inset = page.axes(top=_WORLD + _KEY + _ABOVE, span=(0.0, part))
    inset.set_gid("inset")
    _draw_map(inset, codes, colours, is_south, _EAST)
    _draw_flows(inset, codes, near, widths, _EAST)
    _edge(inset)
    inset.set_title("East and South-East Asia", pad=4)
    bars = page.axes(
        left=_NAMES, right=0.45, bottom=0.05, top=_WORLD + _KEY + _ABOVE, span=(part, 1.0)
    )
    bars.set_gid("bars")
    _draw_bars(bars, codes, drawn[:_LISTED])
    return page.figure


_WORLD, _KEY, _INSET = 2.56, 0.46, 2.85  # inches of the map, its key, what stands under it
_ABOVE = 0.22  # … of the heading of the inset and of the bars
_NAMES = 1.72  # … of the names of pairs
_LISTED = 12
"""Links that are listed by name beside the inset."""


@dataclass(frozen=True)
class _View:
    """A part of the world as it is drawn.

    Attributes
    ----------
    centre
        Degrees east of the middle.
    longitudes, latitudes
        Edges: degrees east of the middle, degrees north.
    dots
        Whether small economies are dots: where they are not seen as they are.
    """

    centre: float
    longitudes: tuple[float, float]
    latitudes: tuple[float, float]
    dots: bool


_WHOLE = _View(maps.CENTRAL_MERIDIAN, (-180.0, 180.0), maps.LATITUDES, dots=True)
_EAST = _View(118.0, (-25.0, 27.0), (-10.5, 43.0), dots=False)
"""From Thailand to the Republic of Korea: where most of the South's trade is, on a fiftieth of the map."""


def _in_inset(iso3: str) -> bool:
    east, north = country_lists().position(iso3)
    low, high = _EAST.longitudes
    return low < east - _EAST.centre < high and _EAST.latitudes[0] < north < _EAST.latitudes[1]


def _inset_shape() -> float:
    """Return the inset's width over its height."""
    x, _ = maps.equal_earth(np.array(_EAST.longitudes), np.zeros(2))
    _, y = maps.equal_earth(np.zeros(2), np.array(_EAST.latitudes))
    return float((x[1] - x[0]) / (y[1] - y[0]))


def _frame_of_inset(ax: Axes) -> None:
    """Draw on the map of the world which part of it the inset shows."""
    west, east = (_EAST.centre + one - _WHOLE.centre for one in _EAST.longitudes)
    south, north = _EAST.latitudes
    side = np.linspace(0.0, 1.0, 16)
    longitude = np.concatenate(
        [
            west + (east - west) * side,
            np.full(16, east),
            east - (east - west) * side,
            np.full(16, west),
        ]
    )
    latitude = np.concatenate(
        [np.full(16, south), south + (north - south) * side, np.full(16, north), north - (north - south) * side]
    )  # fmt: skip
    ax.plot(
        *maps.equal_earth(longitude, latitude), color=INK, linewidth=0.6, zorder=2.5, gid="frame"
    )


def _edge(ax: Axes) -> None:
    ax.add_patch(
        Rectangle(
            (0, 0), 1, 1, transform=ax.transAxes, fill=False, edgecolor=INK, linewidth=0.8, zorder=7
        )
    )


def _draw_bars(ax: Axes, codes: Sequence[str], drawn: Sequence[tuple[int, int, float]]) -> None:
    """List the largest links by name."""
    name = country_lists().name
    rows = np.arange(len(drawn))
    ax.barh(rows, [value for *_, value in drawn], height=0.62, color=_LINE, linewidth=0)
    for row, (*_, value) in zip(rows, drawn, strict=True):
        ax.annotate(
            f"{value:,.0f}", (value, row), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7
        )  # fmt: skip
    ax.set_yticks(rows, [f"{name(codes[a])} – {name(codes[b])}" for a, b, _ in drawn], fontsize=7)
    ax.set_ylim(len(drawn) - 0.4, -0.6)
    ax.set_xlim(0.0, drawn[0][2])
    ax.set_xticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_title(f"The {len(drawn)} largest, bn USD", pad=4, x=-_NAMES / _inches(ax), ha="left")


def _inches(ax: Axes) -> float:
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return float(ax.get_position().width * figure.get_size_inches()[0])


def _safe_share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


# From a light to a dark tint of Okabe & Ito's blue: an order that survives a black-and-white
# printer, and light enough for lines to stand out against.
_SHARE_EDGES = (0.3, 0.45, 0.6, 0.75)
_SHARE_TINTS = ("#deebf5", "#bfd8ea", "#a1c5e0", "#80b1d5", "#5b9bc8")
_OTHERS = "#ffffff"
_EDGE = "#a6a6a6"
_LINE = "#7d2a00"
"""Vermilion, so dark that a line is seen against every tint without its colour, too."""

_DOT = 7.0  # square points of the dot at a line's end
_SMALL_DOT = 5.0  # … of a small economy


def _tint(share: float) -> str:
    return _SHARE_TINTS[int(np.searchsorted(_SHARE_EDGES, share, side="right"))]


def _colours(codes: Sequence[str], share: Array, is_south: NDArray[np.bool_]) -> dict[int, str]:
    lists = country_lists()
    return {
        lists.m49(i): _tint(float(share[k])) if is_south[k] else _OTHERS
        for k, i in enumerate(codes)
    }


def _draw_map(
    ax: Axes,
    codes: Sequence[str],
    colours: Mapping[int, str],
    is_south: NDArray[np.bool_],
    view: _View,
) -> None:
    maps.draw_shapes(ax, colours, neutral=_OTHERS, edge=_EDGE, centre=view.centre)
    maps.frame(ax, view.longitudes, view.latitudes)
    ax.apply_aspect()
    for i in _dots(codes, is_south, view):
        x, y = maps.place_of(i, view.centre)
        ax.scatter(
            [x],
            [y],
            s=_SMALL_DOT,
            color=colours[country_lists().m49(i)],
            edgecolor=GREY,
            linewidth=0.3,
            zorder=2,
        )


def _dots(codes: Sequence[str], is_south: NDArray[np.bool_], view: _View) -> list[str]:
    """Return the economies of the South that are dots."""
    if not view.dots:
        return []
    return [i for i, south in zip(codes, is_south, strict=True) if south and maps.is_dot(i)]


def _line_width(value: float, largest: float) -> float:
    return 0.5 + 5.5 * value / largest


def _draw_flows(
    ax: Axes,
    codes: Sequence[str],
    drawn: Sequence[tuple[int, int, float]],
    widths: Mapping[tuple[int, int], float],
    view: _View,
) -> None:
    """Draw links, the largest on top, none over the dot of an economy that is not its end."""
    if not drawn:
        return
    ends = sorted({k for a, b, _ in drawn for k in (a, b)}, key=lambda k: -_touching(k, drawn))
    spots = {k: maps.place_of(codes[k], view.centre) for k in ends}
    is_south = np.array([i in country_lists().members("south_unctad_2014") for i in codes])
    small = [maps.place_of(i, view.centre) for i in _dots(codes, is_south, view)]
    ways = []
    for layer, (a, b, _) in enumerate(reversed(drawn)):
        others = np.array([*(spots[k] for k in ends if k not in (a, b)), *small])
        width = widths[a, b]
        found = _clear_way(ax, codes[a], codes[b], others.reshape(-1, 2), width, view)
        for x, y in found:
            ways.append(np.column_stack([x, y]))
            for colour, wide in (("white", width + 1.0), (_LINE, width)):
                ax.plot(
                    x,
                    y,
                    color=colour,
                    linewidth=wide,
                    solid_capstyle="butt",
                    zorder=3.0 + 0.01 * layer,
                    gid=f"{codes[a]}-{codes[b]}" if colour == _LINE else None,
                )
    for k in ends:
        ax.scatter(
            *spots[k], s=_DOT, color=INK, edgecolor="white", linewidth=0.4, zorder=5, gid=codes[k]
        )
    _name_places(ax, [codes[k] for k in ends], np.concatenate(ways), view)


_WAY_POINTS = 256
_BENDS = (0.0, *(sign * 0.02 * step for step in range(1, 31) for sign in (1.0, -1.0)))
"""How far a line may leave the great circle, least first."""

_CLEAR = 1.0  # points between a line and the dot of another


def _clear_way(
    ax: Axes, start: str, end: str, others: Array, width: float, view: _View
) -> list[tuple[Array, Array]]:
    """Return the way nearest to the great circle on which no other's dot lies; else the one that keeps furthest off.

    So that a line which only passes by is not read as two lines that meet there.
    """
    scale = float(ax.get_figure(root=True).dpi) / 72.0  # type: ignore[union-attr]
    lists = country_lists()
    ends = lists.position(start), lists.position(end)
    wanted = np.sqrt(_DOT) / 2.0 + width / 2.0 + _CLEAR
    dots = ax.transData.transform(others) if len(others) else np.empty((0, 2))
    # Where a dot all but touches one of the ends no way keeps clear of it.
    own = ax.transData.transform([maps.place_of(i, view.centre) for i in (start, end)])
    best: tuple[float, list[tuple[Array, Array]]] | None = None
    for bend in _BENDS:
        way = maps.bent_way(*ends, bend, _WAY_POINTS)
        parts = maps.project_arc(way, view.centre)
        line = ax.transData.transform(np.concatenate([np.column_stack(part) for part in parts]))
        away = np.hypot(*(line[:, None, :] - dots[None, :, :]).transpose(2, 0, 1)) / scale
        room = (
            np.hypot(*(own[:, None, :] - dots[None, :, :]).transpose(2, 0, 1)).min(axis=0) / scale
        )
        short = (
            (np.minimum(wanted, 0.9 * room) - away.min(axis=0)).clip(min=0.0)
            if len(dots)
            else np.zeros(1)
        )
        if best is None or short.max() < best[0] - 1e-9:
            best = float(short.max()), parts
        if best[0] <= 0.0:
            break
    assert best is not None
    return best[1]


def _touching(k: int, drawn: Sequence[tuple[int, int, float]]) -> float:
    return sum(value for a, b, value in drawn if k in (a, b))


def _name_places(ax: Axes, codes: Sequence[str], ways: Array, view: _View, most: int = 24) -> None:
    """Name places, the weightiest first, where a name hides least of the lines.

    A name that finds no free spot is left out.
    """
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    renderer = renderer_of(figure)
    frame = ax.get_window_extent(renderer)
    scale = figure.dpi / 72.0
    dots = [ax.transData.transform(maps.place_of(c, view.centre)) for c in codes]
    lines = ax.transData.transform(ways[np.isfinite(ways).all(axis=1)])
    taken = [_around(d, 2.0 * scale) for d in dots]
    for code in codes[:most]:
        x, y = maps.place_of(code, view.centre)
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
            inside = (
                box.x0 >= frame.x0
                and box.x1 <= frame.x1
                and box.y0 >= frame.y0
                and box.y1 <= frame.y1
            )
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
    others = [_swatch(_OTHERS, "not in the South, or no data")]
    largest, smallest = drawn[0][2], drawn[-1][2]
    sizes = sorted({_round(largest), _round((largest * smallest) ** 0.5), _round(smallest)})
    widths = [
        Line2D([], [], color=_LINE, linewidth=_line_width(v, largest), label=quantity(v))
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
