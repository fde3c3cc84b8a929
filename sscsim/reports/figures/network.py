"""Who learns from whom, country by country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from sscsim.reports.countries import country_lists
from sscsim.reports.figures.regions import DATA, region_matrix
from sscsim.reports.style import (
    GREY,
    INK,
    NO_BREAK,
    REGION_COLOURS,
    readable,
    sheet,
    spread,
    styled,
    wrap,
)
from sscsim.reports.words import (
    percent,
    source_line,
    year_of,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["cooperation_network"]


_LEFT = ("Latin America and the Caribbean", "Africa")
_RIGHT = ("Europe and others", "Arab States", "Asia-Pacific")
"""Regions on each half of the circle from top to bottom, much as they lie on a map."""

NAMED = 5
"""Providers named in each region of the network: as many as stay legible beside the circle."""

_RADIUS = 117.0  # points
_OUT = 8.0  # … that a leader goes straight outwards: beyond the largest dot
_ABOVE, _BELOW = 48.0, 16.0  # points over and under the circle
_HEAD, _SUMS, _NAME = 7.5, 6.5, 7.0  # type of a region, of its sums, of a country


@dataclass(frozen=True)
class _Place:
    """Where a country stands on the circle."""

    region: str
    x: float
    y: float


@styled
def cooperation_network(
    run: Run, year: int | None = None, domain: str | None = None, *, links: int | None = None
) -> Figure:
    """Draw the network of cooperation: countries round a circle by region, links in bundles.

    Parameters
    ----------
    run
        The run.
    year
        A year; None for 2030, or the last.
    domain
        Only projects of this domain.
    links
        Only so many of the strongest links; None for all.

    Raises
    ------
    InputError
        When the run kept no projects, or has none in the year.
    """
    year = year_of(run, year)
    matrix = region_matrix(run, year, domain)
    edges = run.network(year, domain)
    given = edges.groupby("provider")["projects"].sum().sort_values(ascending=False, kind="stable")
    taken = edges.groupby("receiver")["projects"].sum()
    places = _circle({*given.index, *taken.index})
    drawn = edges.sort_values(["projects", "cost"], ascending=False, kind="stable").head(
        len(edges) if links is None else links
    )
    total = int(edges["projects"].sum())
    lists = country_lists()
    first = [lists.name(str(code)) for code in given.index[:3]]
    most = " and ".join([", ".join(first[:-1]), first[-1]]) if len(first) > 1 else first[0]
    what = "" if domain is None else f" in {domain.replace('_', ' ')}"
    which = (
        f"all {len(edges):,} links"
        if len(drawn) == len(edges)
        else f"the {len(drawn):,} strongest links of {len(edges):,}, "
        f"{percent(float(drawn['projects'].sum()) / total)} of the partnerships"
    )
    page = sheet(
        f"{len(given)} countries teach and {len(taken)} learn{what} in {year}; "
        f"{most} teach{'es' if len(first) == 1 else ''} most",
        f"Cooperation projects under way, {which}: the wider, the more projects; in the colour of the "
        f"provider's region. Dots: partnerships that a country provides (hollow: none); "
        f"named are each region's {NAMED} largest providers",
        source_line(run, DATA),
        (2.0 * _RADIUS + _ABOVE + _BELOW) / 72.0,
    )
    ax = page.axes()
    ax.set_axis_off()
    half = 36.0 * (page.right - page.left)
    ax.set_xlim(-half, half)  # a unit is a point
    ax.set_ylim(-_RADIUS - _BELOW, _RADIUS + _ABOVE)
    _draw_links(ax, drawn, places)
    _draw_dots(ax, places, given)
    for side, regions in ((-1.0, _LEFT), (1.0, _RIGHT)):
        _name_side(ax, side, [r for r in regions if r in matrix.index], places, given, matrix)
    return page.figure


def _circle(people: Iterable[str]) -> dict[str, _Place]:
    """Return where each country stands, those of a region side by side and regions apart."""
    lists = country_lists()
    region = lists.table["report_region"]
    places: dict[str, _Place] = {}
    members = sorted((str(code) for code in people), key=lists.name)
    for side, regions in ((-1.0, _LEFT), (1.0, _RIGHT)):
        ring = [[c for c in members if region[c] == name] for name in regions]
        at, steps = 0.0, {}
        for group in ring:
            for code in group:
                steps[code] = at
                at += 1.0
            at += 3.0 if group else 0.0
        end = max(at - 4.0, 0.0)
        for code, step in steps.items():
            # From a little beside the top down to a little beside the bottom.
            turn = np.radians(7.0 + 166.0 * (step / end if end else 0.5))
            places[code] = _Place(
                str(region[code]),
                float(side * _RADIUS * np.sin(turn)),
                float(_RADIUS * np.cos(turn)),
            )
    return places


def _hubs(places: Mapping[str, _Place]) -> dict[str, Array]:
    """Return the point of each region that its links to other regions are led by."""
    hubs = {}
    for name in {p.region for p in places.values()}:
        middle = np.mean([[p.x, p.y] for p in places.values() if p.region == name], axis=0)
        hubs[name] = middle * (0.55 * _RADIUS / max(float(np.hypot(*middle)), 1.0))
    return hubs


def _curve(a: _Place, b: _Place, hubs: Mapping[str, Array]) -> Outline:
    """Return the curve of a link: flat within a region, in a bundle between two (Holten 2006)."""
    start, end = np.array([a.x, a.y]), np.array([b.x, b.y])
    if a.region == b.region:
        apart = float(np.hypot(*(end - start))) / _RADIUS
        bend = 0.5 * (start + end) * (0.88 - 0.55 * min(apart, 1.0))
        return Outline([tuple(start), tuple(bend), tuple(end)], [1, 3, 3])
    bends = (0.1 * start + 0.9 * hubs[a.region], 0.1 * end + 0.9 * hubs[b.region])
    return Outline([tuple(start), tuple(bends[0]), tuple(bends[1]), tuple(end)], [1, 4, 4, 4])


def _draw_links(ax: Axes, drawn: pd.DataFrame, places: Mapping[str, _Place]) -> None:
    hubs = _hubs(places)
    most = float(drawn["projects"].max())
    curves, colours, widths = [], [], []
    for row in drawn.iloc[::-1].itertuples(index=False):  # the strongest on top
        provider, receiver = places[str(row.provider)], places[str(row.receiver)]
        weight = float(row.projects) / most  # type: ignore[arg-type]
        curves.append(_curve(provider, receiver, hubs))
        colours.append(to_rgba(REGION_COLOURS[provider.region], 0.16 + 0.64 * weight))
        widths.append(0.35 + 2.2 * weight)
    ax.add_collection(
        PathCollection(curves, facecolors="none", edgecolors=colours, linewidths=widths, zorder=2),
        autolim=False,
    )


def _dot(number: float, most: float) -> float:
    """Return the area of a dot in square points."""
    return 5.0 + 85.0 * number / most


def _draw_dots(ax: Axes, places: Mapping[str, _Place], given: pd.Series[int]) -> None:
    """Draw countries, the largest first, so that none hides a smaller one."""
    most = float(given.max())
    order = sorted(places, key=lambda code: -float(given.get(code, 0)))
    provides = [code in given.index for code in order]
    colours = [REGION_COLOURS[places[code].region] for code in order]
    ax.scatter(
        [places[code].x for code in order],
        [places[code].y for code in order],
        s=[
            _dot(float(given[code]), most) if known else 6.0
            for code, known in zip(order, provides, strict=True)
        ],
        facecolor=[c if known else "white" for c, known in zip(colours, provides, strict=True)],
        edgecolor=["white" if known else c for c, known in zip(colours, provides, strict=True)],
        linewidth=[0.4 if known else 0.7 for known in provides],
        zorder=4,
    )


@dataclass(frozen=True)
class _Row:
    """What is written beside the circle: a region, or a country that a line leads to."""

    place: _Place
    name: str
    sums: str | None = None

    @property
    def height(self) -> float:
        """Height in points."""
        lines = 1 + self.name.count("\n")
        if self.sums is None:
            return 1.15 * _NAME * lines + 0.7
        return 1.15 * (_HEAD * lines + _SUMS * (1 + self.sums.count("\n"))) + 4.0


def _rows(
    figure: Figure,
    regions: Sequence[str],
    places: Mapping[str, _Place],
    given: pd.Series[int],
    matrix: pd.DataFrame,
    room: float,
) -> list[_Row]:
    """Return what is written beside one half of the circle, from top to bottom, in lines that fit."""

    def fit(text: str, size: float, weight: str = "normal") -> str:
        return "\n".join(wrap(figure, text, size, room / 72.0, weight))

    lists = country_lists()
    rows = []
    for region in regions:
        inside = {code: p for code, p in places.items() if p.region == region}
        if not inside:
            continue
        named = [str(code) for code in given.index if code in inside][:NAMED]
        named.sort(key=lambda code: -inside[code].y)
        top = max((inside[code] for code in named or inside), key=lambda p: p.y)
        taught, learned = (float(matrix.sum(axis=k)[region]) for k in (1, 0))
        sums = f"teaches{NO_BREAK}{taught:,.0f}, learns{NO_BREAK}{learned:,.0f}"
        rows.append(_Row(top, fit(region, _HEAD, "bold"), fit(sums, _SUMS)))
        for code in named:
            text = f"{lists.name(code)}{NO_BREAK}{given[code]:,}"
            rows.append(_Row(inside[code], fit(text, _NAME)))
    return rows


def _name_side(
    ax: Axes,
    side: float,
    regions: Sequence[str],
    places: Mapping[str, _Place],
    given: pd.Series[int],
    matrix: pd.DataFrame,
) -> None:
    """Name regions and their largest providers beside one half of the circle, none on another."""
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    outer = _RADIUS + 12.0
    room = float(ax.get_xlim()[1]) - outer - 4.0  # at the height of the centre, where it is least
    rows = _rows(figure, regions, places, given, matrix, room)
    spots: list[tuple[float, float]] = []
    for k, row in enumerate(rows):
        # A region stands over its first country.
        first = rows[k + 1].height if row.sums is not None and k + 1 < len(rows) else 0.0
        wanted = 1.1 * row.place.y + (0.5 * (row.height + first) if row.sums is not None else 0.0)
        above = spots[-1][0] - 1e-6 if spots else np.inf  # rows keep their order
        spots.append((min(wanted, above), row.height))
    align = "left" if side > 0 else "right"
    for row, y in zip(rows, spread(spots, -_RADIUS - _BELOW, _RADIUS + _ABOVE), strict=True):
        place = row.place
        reach = float(np.sqrt(max(outer**2 - y**2, 0.0)))
        x = side * max(reach, abs(place.x) + 6.0 if abs(y) > _RADIUS else 0.0, 24.0)
        if row.sums is not None:
            split = y - 0.5 * row.height + 1.15 * _SUMS * (1 + row.sums.count("\n")) + 2.0
            for text, size, weight, colour, where in (
                (row.name, _HEAD, "bold", readable(REGION_COLOURS[place.region]), "bottom"),
                (row.sums, _SUMS, "normal", GREY, "top"),
            ):
                ax.text(
                    x + 3.0 * side,
                    split,
                    text,
                    fontsize=size,
                    fontweight=weight,
                    color=colour,
                    ha=align,
                    va=where,
                    linespacing=1.1,
                )
            continue
        # From within the dot: radially out of the row of dots, then to the name.
        out = 1.0 + _OUT / _RADIUS
        ax.plot(
            [place.x, out * place.x, x - 3.0 * side, x + 1.0 * side],
            [place.y, out * place.y, y, y],
            color=GREY,
            linewidth=0.5,
            solid_joinstyle="round",
            zorder=3,
            gid="leader",
        )
        ax.text(
            x + 3.0 * side,
            y,
            row.name,
            fontsize=_NAME,
            color=INK,
            ha=align,
            va="center",
            linespacing=1.1,
        )
