"""Who learns from whom: the network of cooperation projects, and their flow from providers to receivers by region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.reports.countries import country_lists
from sscsim.reports.figures import _percent, _source
from sscsim.reports.style import GREY, INK, REGION_COLOURS, sheet, styled

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["cooperation_flows", "cooperation_network", "region_matrix"]

Array = NDArray[np.float64]

DATA = "base-year capabilities from World Bank WDI and others, see docs/knowledge.md"
SHORT = {"Latin America and the Caribbean": "Latin America\nand the Caribbean"}
NAMED = 22
"""Providers named in the network: the largest, as many as stay legible."""


def region_matrix(run: Run, year: int, domain: str | None = None) -> pd.DataFrame:
    """Return projects under way by region of provider (rows) and of receiver (columns).

    Raises
    ------
    InputError
        When the run kept no projects, or none are under way in the year.
    """
    edges = run.network(year, domain)
    if edges.empty:
        raise InputError("no cooperation project is under way", key="year", found=year)
    region = country_lists().table["report_region"]
    table = edges.assign(
        provider=edges["provider"].map(region), receiver=edges["receiver"].map(region)
    )
    matrix = table.pivot_table(
        "projects", "provider", "receiver", aggfunc="sum", fill_value=0, observed=True
    )
    names = [name for name in REGION_COLOURS if name in {*matrix.index, *matrix.columns}]
    return matrix.reindex(index=names, columns=names, fill_value=0)


def _year_of(run: Run, year: int | None) -> int:
    years = run.years
    if year is None:
        return 2030 if 2030 in years else years[-1]
    if year not in years:
        raise InputError(
            "the run does not have this year",
            key="year",
            found=year,
            allowed=f"{years[0]} to {years[-1]}",
        )
    return year


@styled
def cooperation_flows(run: Run, year: int | None = None, domain: str | None = None) -> Figure:
    """Draw who learns from whom by region, as a flow diagram (Sankey): providers left, receivers right.

    Raises
    ------
    InputError
        When the run kept no projects, or has none in the year.
    """
    year = _year_of(run, year)
    matrix = region_matrix(run, year, domain)
    values = matrix.to_numpy(float)
    total = values.sum()
    inside = float(np.trace(values) / total)
    largest = str(matrix.sum(axis=1).idxmax())
    what = "" if domain is None else f" in {domain.replace('_', ' ')}"
    page = sheet(
        f"{_percent(inside)} of learning{what} in {year} stays within a region; "
        f"{largest} teaches {_percent(float(matrix.loc[largest].sum() / total))} of it",
        "Cooperation projects under way, from the region of the provider (left) to that of the receiver (right); "
        "a regional project counts once for each member that learns",
        _source(run, DATA),
        3.6,
    )
    ax = page.axes(left=1.35, right=1.35, bottom=0.05, top=0.1)
    ax.set_axis_off()
    gap = 0.03
    names = [str(name) for name in matrix.index]
    left = _stack(values.sum(axis=1) / total, gap)
    right = _stack(values.sum(axis=0) / total, gap)
    taken_left, taken_right = left[:, 0].copy(), right[:, 0].copy()
    for i, name in enumerate(names):
        for j in range(len(names)):
            size = values[i, j] / total
            if size > 0:
                _band(ax, taken_left[i], taken_right[j], size, REGION_COLOURS[name])
            taken_left[i] += size
            taken_right[j] += size
    for side, spans, sums in ((0.0, left, values.sum(axis=1)), (1.0, right, values.sum(axis=0))):
        for name, (low, high), number in zip(names, spans, sums, strict=True):
            if number == 0:
                continue
            x = side - 0.02 if side == 0.0 else side
            ax.add_patch(Rectangle((x, low), 0.02, high - low, color=REGION_COLOURS[name]))
            label = f"{SHORT.get(name, name)}\n{int(number):,}"
            away = -0.035 if side == 0.0 else 1.035
            ax.text(
                away,
                (low + high) / 2,
                label,
                ha="right" if side == 0.0 else "left",
                va="center",
                fontsize=8,
                color=INK,
            )
    ax.set_xlim(-0.03, 1.03)
    top = 1.0 + gap * (len(names) - 1)
    ax.set_ylim(top + 0.01, -0.01)
    return page.figure


def _stack(sizes: Array, gap: float) -> Array:
    """Return where each part begins and ends when they stand one under the other, ``(part, 2)``."""
    ends = np.cumsum(sizes) + gap * np.arange(len(sizes))
    return np.column_stack([ends - sizes, ends])


def _band(ax: Axes, start: float, end: float, size: float, colour: str) -> None:
    bend = 0.45
    outline = Outline(
        [
            (0.0, start),
            (bend, start),
            (1.0 - bend, end),
            (1.0, end),
            (1.0, end + size),
            (1.0 - bend, end + size),
            (bend, start + size),
            (0.0, start + size),
            (0.0, start),
        ],
        [1, 4, 4, 4, 2, 4, 4, 4, 79],
    )
    ax.add_patch(PathPatch(outline, facecolor=colour, alpha=0.45, linewidth=0))


@styled
def cooperation_network(
    run: Run, year: int | None = None, domain: str | None = None, *, links: int = 150
) -> Figure:
    """Draw the network of cooperation, countries round a circle by region, links in the provider's colour.

    Raises
    ------
    InputError
        When the run kept no projects, or has none in the year.
    """
    year = _year_of(run, year)
    matrix = region_matrix(run, year, domain)
    edges = run.network(year, domain)
    lists = country_lists()
    given = edges.groupby("provider")["projects"].sum().sort_values(ascending=False)
    taken = edges.groupby("receiver")["projects"].sum()
    people = sorted(
        {*given.index, *taken.index},
        key=lambda c: (
            list(REGION_COLOURS).index(str(lists.table.at[c, "report_region"])),
            str(c),
        ),
    )
    strongest = edges.sort_values(["projects", "cost"], ascending=False).head(links)
    part = float(strongest["projects"].sum() / edges["projects"].sum())
    first = [lists.name(str(code)) for code in given.index[:3]]
    what = "" if domain is None else f" in {domain.replace('_', ' ')}"
    page = sheet(
        f"{len(given)} countries teach {len(taken)} others{what} in {year}; "
        f"most from {first[0]}" + (f", {first[1]} and {first[2]}" if len(first) > 2 else ""),
        f"Cooperation projects under way: the {len(strongest)} strongest links of {len(edges):,}, which carry "
        f"{_percent(part)} of {int(matrix.to_numpy().sum()):,} partnerships. A link has the colour of the provider's "
        "region, a dot the size of what is provided and received",
        _source(run, DATA),
        5.3,
    )
    ax = page.axes(left=0.0, right=0.0, bottom=0.3, top=0.0)
    ax.set_axis_off()
    ax.set_aspect("equal")
    place = _circle(people, lists.table["report_region"])
    heaviest = float(strongest["projects"].max())
    for row in strongest.itertuples(index=False):
        provider, receiver = str(row.provider), str(row.receiver)
        colour = REGION_COLOURS[str(lists.table.at[provider, "report_region"])]
        a, b = np.array(place[provider][:2]), np.array(place[receiver][:2])
        weight = float(row.projects) / heaviest  # type: ignore[arg-type]
        middle = 0.25 * (a + b)
        curve = Outline([tuple(a), tuple(middle), tuple(b)], [1, 3, 3])
        ax.add_patch(
            FancyArrowPatch(
                path=curve,
                arrowstyle="-|>",
                mutation_scale=4 + 4 * weight,
                color=colour,
                alpha=0.35 + 0.5 * weight,
                linewidth=0.3 + 1.7 * weight,
                shrinkA=0,
                shrinkB=0,
            )
        )
    named = set(given.index[:NAMED])
    for code in people:
        x, y, angle = place[code]
        size = float(given.get(code, 0) + taken.get(code, 0))
        colour = REGION_COLOURS[str(lists.table.at[code, "report_region"])]
        ax.scatter([x], [y], s=2 + 0.5 * size, color=colour, linewidth=0, zorder=4)
        turn = np.degrees(angle)
        flip = np.cos(angle) < 0
        ax.text(
            1.06 * x,
            1.06 * y,
            lists.name(code) if code in named else code,
            rotation=turn + 180 if flip else turn,
            rotation_mode="anchor",
            ha="right" if flip else "left",
            va="center",
            fontsize=6.0 if code in named else 3.8,
            fontweight="bold" if code in named else "normal",
            color=INK if code in named else GREY,
        )
    ax.set_xlim(-1.7, 1.7)
    ax.set_ylim(-1.45, 1.6)
    key = page.axes(top=page.top - page.bottom - 0.25)
    key.set_axis_off()
    key.set_xlim(0, 1)
    key.set_ylim(0, 1)
    x = 0.0
    for name, colour in REGION_COLOURS.items():
        if name in matrix.index:
            key.scatter([x + 0.01], [0.5], s=18, color=colour, linewidth=0)
            key.text(x + 0.022, 0.5, name, fontsize=6.5, va="center", color=INK)
            x += 0.045 + 0.0107 * len(name)
    return page.figure


def _circle(people: Sequence[str], region: pd.Series[str]) -> dict[str, tuple[float, float, float]]:
    """Return x, y and angle of each, those of a region side by side and regions apart."""
    steps = []
    at = 0.0
    for before, code in zip([None, *people], people, strict=False):
        if before is not None and region[before] != region[code]:
            at += 3.0
        steps.append(at)
        at += 1.0
    angles = [np.pi / 2 - 2 * np.pi * step / (at + 3.0) for step in steps]
    return {
        code: (float(np.cos(a)), float(np.sin(a)), float(a))
        for code, a in zip(people, angles, strict=True)
    }
