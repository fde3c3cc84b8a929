"""Two runs beside each other: the same numbers on the same scales, and what one has more or less of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sscsim.errors import InputError
from sscsim.experiments.questions import DEFAULT_QUESTIONS
from sscsim.reports.bands import interval
from sscsim.reports.country_maps import difference_map
from sscsim.reports.figures.finance import FINANCE
from sscsim.reports.figures.parts import (
    GROUP_COLOURS,
    GROUP_NAMES,
    NORTH,
    SOUTH,
    dashes,
    draw_band,
    stack,
)
from sscsim.reports.figures.saving import FORMATS, draw_figures, known, write_figures
from sscsim.reports.figures.scores import goal_means
from sscsim.reports.figures.trade import by_exporter
from sscsim.reports.style import (
    COLOURS,
    DPI,
    GOAL_NAMES,
    GREY,
    INK,
    NO_BREAK,
    REGION_COLOURS,
    label_line_ends,
    readable,
    sheet,
    styled,
    tidy,
    wrap,
)
from sscsim.reports.words import (
    RECORD_NOTE,
    first_and_last,
    in_full,
    in_text,
    names_of,
    signed,
    time_axis,
    version_of,
    year_of,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.reports.bands import Bands
    from sscsim.results import Run

__all__ = ["PAIRED", "goals_beside", "paths_beside", "save_beside", "stacks_beside"]

_COLOURS = (INK, COLOURS["vermilion"])
_COLUMNS = 3
_TALL = 1.62  # inches of a panel with its heading

SEEN = 0.005
"""Share of its size from which on a difference of two runs is told in a title."""


@styled
def paths_beside(
    one: Run,
    other: Run,
    *,
    bands: tuple[Bands, Bands] | None = None,
    numbers: Iterable[tuple[str, str]] = DEFAULT_QUESTIONS,
) -> Figure:
    """Draw main numbers of two runs over the years, a panel a number: the first whole and black, the other dashed.

    Parameters
    ----------
    one, other
        The runs.
    bands
        Of draws of each; None for the runs alone.
    numbers
        Indicator and group of each panel.

    Raises
    ------
    InputError
        When a run lacks an indicator or has a single year, or the two have no year in common.
    """
    asked = list(numbers)
    first, last = _span(one, other)
    names, year = names_of(one, other), _year(one, other)
    columns = min(_COLUMNS, len(asked))
    rows = math.ceil(len(asked) / columns)
    beside = f". Bands: 90{NO_BREAK}% of {bands[0].draws} draws each" if bands is not None else ""
    page = sheet(
        _title(one, other, asked, names, year),
        f"Whole and black: {names[0]}. Broken and red: {names[1]}; {RECORD_NOTE}{beside}",
        _source(one, other, bands),
        rows * _TALL,
    )
    for k, (indicator, group) in enumerate(asked):
        row, column = divmod(k, columns)
        ax = page.axes(
            left=0.42,
            right=0.42,
            bottom=(rows - 1 - row) * _TALL + 0.25,
            top=row * _TALL + 0.5,
            span=(column / columns, (column + 1) / columns),
        )
        _draw_path(ax, (one, other), indicator, group, bands)
        time_axis(ax, first, last, named=False)
    return page.figure


def _draw_path(
    ax: Axes, runs: tuple[Run, Run], indicator: str, group: str, bands: tuple[Bands, Bands] | None
) -> None:
    """Draw one number of two runs, with its heading and the values at the right end."""
    tidy(ax)
    factor, unit = _shown_in(_unit_of(runs[0], indicator, group))
    ends = []
    for k, (run, colour) in enumerate(zip(runs, _COLOURS, strict=True)):
        if bands is not None:
            draw_band(ax, bands[k].years, factor * bands[k].values(indicator, group), colour)
        values = factor * run.series(indicator, group)
        ax.plot(
            values.index,
            values,
            color=colour,
            linestyle=dashes(k),
            linewidth=1.5,
            gid=f"run {k + 1}",
        )
        ends.append((float(values.iloc[-1]), _write(float(values.iloc[-1])), colour))
    low, high = ax.get_ylim()
    # As from a seventh of the height on zero is worth its room.
    ax.set_ylim(0.0 if 0.0 <= low < high / 7.0 else low, high)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.6g}".replace("-", "−")))
    ax.tick_params(labelsize=7)
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    title, whom = _called(indicator, group)
    wide = float(ax.get_position().width * figure.get_size_inches()[0]) + 0.4
    ax.annotate(
        "\n".join(wrap(figure, title, 7.5, wide, "bold")[:2]),
        (0.0, 1.0),
        xycoords="axes fraction",
        xytext=(0, 13),
        textcoords="offset points",
        fontsize=7.5,
        fontweight="bold",
        va="bottom",
        linespacing=1.1,
    )
    ax.annotate(
        f"{whom}, {unit}",
        (0.0, 1.0),
        xycoords="axes fraction",
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=6.5,
        color=GREY,
        va="bottom",
    )
    label_line_ends(ax, float(runs[0].years[-1]), _apart(ends), size=7, gap=4)


def _apart(ends: list[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Return what stands at line ends, once where two numbers are written alike."""
    return ends if ends[0][1] != ends[1][1] else ends[:1]


@styled
def stacks_beside(one: Run, other: Run, *, bands: tuple[Bands, Bands] | None = None) -> Figure:
    """Draw what adds up, two runs side by side on one scale: trade, finance from abroad, people in poverty.

    Parameters
    ----------
    one, other
        The runs.
    bands
        Of draws of each: bands of the sums; None for the runs alone.

    Raises
    ------
    InputError
        When a run lacks the indicators or has a single year, or the two have no year in common.
    """
    first, last = _span(one, other)
    names = names_of(one, other)
    tall = 2.05
    kinds = _stacks()
    totals = {
        heading: [float(make(run).sum(axis=1).iloc[-1]) for run in (one, other)]
        for heading, (make, *_) in kinds.items()
    }
    beside = f". Bands: the totals' 90{NO_BREAK}% of {bands[0].draws} draws each" if bands else ""
    page = sheet(
        _title_of_stacks(totals, names, last),
        f"Left: {names[0]}. Right: {names[1]}, on the same scale{beside}",
        _source(one, other, bands),
        len(kinds) * tall,
    )
    for row, (heading, (make, colours, pairs)) in enumerate(kinds.items()):
        tables = [make(run) for run in (one, other)]
        # The largest below, in the order of the first run.
        order = list(tables[0].iloc[-1].sort_values(ascending=False).index)
        order += [name for name in tables[1].columns if name not in order]
        tables = [table[[name for name in order if name in table.columns]] for table in tables]
        totals_drawn = [None if bands is None else bands[k].total(pairs(tables[k])) for k in (0, 1)]
        reach = [float(table.sum(axis=1).max()) for table in tables]
        reach += [float(interval(t)[1].max()) for t in totals_drawn if t is not None]
        for k, table in enumerate(tables):
            ax = page.axes(
                left=0.42 if k == 0 else 0.08,
                right=0.5 if k == 0 else 1.72,
                bottom=(len(kinds) - 1 - row) * tall + 0.25,
                top=row * tall + 0.36,
                span=(0.0, 0.42) if k == 0 else (0.42, 1.0),
            )
            _draw_stack(ax, table, colours, 1.06 * max(reach), totals_drawn[k], named=k == 1)
            time_axis(ax, first, last, named=row == 0)
            if k == 0:
                ax.set_title(heading, pad=13)
            else:
                ax.tick_params(labelleft=False)
    return page.figure


_Stack = tuple[
    Callable[["Run"], pd.DataFrame],
    dict[str, str],
    Callable[[pd.DataFrame], list[tuple[str, str]]],
]
"""How a stack's table is made, its colours, and of which indicators and groups it is the sum."""


def _stacks() -> dict[str, _Stack]:
    """Return stacks by their headings."""
    keys = {name: key for key, name, _ in FINANCE}
    return {
        "South-South trade by exporter, bn USD": (
            by_exporter,
            REGION_COLOURS,
            lambda table: [("trade_within", SOUTH)],
        ),
        "Finance from abroad, developing economies, bn USD": (
            lambda run: pd.DataFrame(
                {name: run.series(key, "WIR developing") for key, name, _ in FINANCE}
            ),
            {name: colour for _, name, colour in FINANCE},
            lambda table: [(keys[str(name)], "WIR developing") for name in table.columns],
        ),
        "People in poverty by region, million": (
            lambda run: pd.DataFrame({r: run.series("poverty_people", r) for r in REGION_COLOURS}),
            REGION_COLOURS,
            lambda table: [("poverty_people", str(name)) for name in table.columns],
        ),
    }


def _draw_stack(
    ax: Axes,
    table: pd.DataFrame,
    colours: dict[str, str],
    top: float,
    total: Array | None,
    *,
    named: bool,
) -> None:
    def label(name: str, value: float) -> str:
        number = f"{value:,.0f}"
        short = name.replace("Latin America and the ", "Latin America,\n")
        return f"{short} {number}" if named else number

    ends = stack(ax, table, colours, label)
    ax.set_ylim(0.0, top)
    if total is not None:
        draw_band(ax, [int(y) for y in table.index], total, INK, edges=True)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    ax.tick_params(labelsize=7)
    label_line_ends(ax, float(table.index[-1]), ends, size=7, gap=4)


@styled
def goals_beside(one: Run, other: Run, year: int | None = None) -> Figure:
    """Draw by how much the 17 Goals of two runs differ in a year, by group.

    Parameters
    ----------
    one, other
        The runs.
    year
        A year; None for 2030, or the last that both have.

    Raises
    ------
    InputError
        When a run lacks the indicators or the year.
    """
    year = _year(one, other) if year is None else year_of(other, year_of(one, year))
    names, groups = names_of(one, other), ("World", SOUTH, "LDC", NORTH)
    before, after = (goal_means(run, groups, year) for run in (one, other))
    gap = after - before
    place = np.unravel_index(int(np.nanargmax(np.abs(gap.to_numpy()))), gap.shape)
    most = float(gap.to_numpy()[place])
    whom = {"LDC": "the least developed countries", "World": "the world"}.get(
        groups[place[1]], f"the {groups[place[1]]}"
    )
    said = (
        f"differ most in Goal {place[0] + 1} of {whom}, by {signed(most)} points"
        if abs(most) >= 0.05
        else "differ in no Goal by a tenth of a point"
    )
    page = sheet(
        f"{names[1]} and {names[0]} {said}, in {year}",
        f"Mean Goal score of the group's countries in {year}, 0 to 100: {names[1]} less {names[0]}, in points; "
        "numbers from a tenth of a point on",
        _source(one, other, None),
        4.5,
    )
    lead = 1.78 / (page.right - page.left)
    width = (1.0 - lead) / len(groups)
    most = max(abs(most), 0.1)
    for k, group in enumerate(groups):
        ax = page.axes(
            left=0.08,
            right=0.1,
            bottom=0.25,
            top=0.22,
            span=(lead + k * width, lead + (k + 1) * width),
        )
        _draw_gaps(ax, gap[group].to_numpy(dtype=np.float64), most, GROUP_COLOURS[group])
        ax.set_title({"LDC": "LDCs"}.get(group, GROUP_NAMES[group]), pad=5)
        names_of_goals = [f"{name}  {g}" for g, name in enumerate(GOAL_NAMES, 1)]
        ax.set_yticks(range(17), names_of_goals if k == 0 else [""] * 17, fontsize=8)
    return page.figure


def _draw_gaps(ax: Axes, gaps: Array, most: float, colour: str) -> None:
    """Draw by how many points each Goal is higher or lower."""
    tidy(ax, grid="x")
    ax.spines["left"].set_visible(False)
    rows = np.arange(len(gaps))
    ax.axvline(0.0, color=INK, linewidth=0.8, zorder=2)
    ax.hlines(rows, 0.0, gaps, color=colour, linewidth=1.8, zorder=3)
    ax.scatter(gaps, rows, s=18, color=colour, linewidth=0, zorder=4)
    for row, value in zip(rows, gaps, strict=True):
        if abs(value) >= 0.1:
            ax.annotate(
                signed(value), (value, row), xytext=(math.copysign(5, value), 0), textcoords="offset points",
                ha="left" if value > 0 else "right", va="center_baseline", fontsize=6.5, color=readable(colour),
            )  # fmt: skip
    ax.set_xlim(-1.7 * most, 1.7 * most)
    ax.set_ylim(len(gaps) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}".replace("-", "−")))
    ax.tick_params(axis="x", labelsize=7)


PAIRED: dict[str, Callable[..., Figure]] = {
    "paths_beside": paths_beside,
    "stacks_beside": stacks_beside,
    "goals_beside": goals_beside,
    "difference_map": lambda one, other: difference_map(one, other, "goal_index"),
}
"""Every figure of two runs by the name of its file."""


# ------------------------------------------------------------------------------------------ words


def _title(
    one: Run, other: Run, asked: list[tuple[str, str]], names: tuple[str, str], year: int
) -> str:
    """Say in which number the two runs are furthest apart for its size."""

    def gap(number: tuple[str, str]) -> float:
        a, b = (float(run.series(*number)[year]) for run in (one, other))
        return abs(b - a) / abs(a) if a else (math.inf if b else 0.0)

    indicator, group = max(asked, key=lambda number: np.nan_to_num(gap(number)))
    title, whom = _called(indicator, group)
    factor, unit = _shown_in(_unit_of(one, indicator, group))
    a, b = (_write(factor * float(run.series(indicator, group)[year])) for run in (one, other))
    what = f"{in_text(title)} ({whom})"
    if gap((indicator, group)) < SEEN or a == b:
        return f"{names[1]} and {names[0]} differ in none of {len(asked)} numbers by half a per cent in {year}"
    return f"{names[1]} and {names[0]} differ most in {what}: {b} against {a} {unit} in {year}"


def _title_of_stacks(totals: dict[str, list[float]], names: tuple[str, str], last: int) -> str:
    parts = []
    for heading, (a, b) in totals.items():
        what = in_text(heading.split(" by ")[0].split(",")[0])
        what = "South-South trade" if what.startswith("south") else what
        change = 100.0 * (b / a - 1.0) if a else 0.0
        parts.append(f"{what} {signed(change)}{NO_BREAK}%")
    return f"In {last} {names[1]} has, against {names[0]}, {', '.join(parts)}"


def _called(indicator: str, group: str) -> tuple[str, str]:
    from sscsim.experiments.questions import group_title, indicator_title

    return indicator_title(indicator), group_title(group)


def _unit_of(run: Run, indicator: str, group: str) -> str:
    table = run.indicators
    lines = table[(table["indicator"] == indicator) & (table["group"] == group)]
    return str(lines["unit"].iloc[0]) if len(lines) else ""


def _shown_in(unit: str) -> tuple[float, str]:
    if unit in ("fraction", "share"):
        return 100.0, "per cent"
    return 1.0, "points" if unit == "0 to 100" else unit


def _write(value: float) -> str:
    size = abs(value)
    text = f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 1 else f"{value:.3g}"
    return text.replace("-", "−")


def _source(one: Run, other: Run, bands: tuple[Bands, Bands] | None) -> str:
    beside = f"; bands: {bands[0].words}" if bands is not None else ""
    return f"Source: {version_of(other)}, runs {in_full(one)} and {in_full(other)}{beside}."


# ------------------------------------------------------------------------------------------ years


def _span(one: Run, other: Run) -> tuple[int, int]:
    """Return the first and the last year of two runs.

    Raises
    ------
    InputError
        When they are not the same, or a single one.
    """
    spans = [first_and_last(run) for run in (one, other)]
    if spans[0] != spans[1]:
        raise InputError(
            "runs of other years cannot be set beside each other",
            found=f"{spans[1][0]} to {spans[1][1]}",
            allowed=f"{spans[0][0]} to {spans[0][1]}",
        )
    return spans[0]


def _year(one: Run, other: Run) -> int:
    _span(one, other)
    return year_of(one, None)


# ----------------------------------------------------------------------------------------- saving


def save_beside(
    one: Run,
    other: Run,
    folder: str | Path,
    formats: Iterable[str] = ("png",),
    *,
    names: Iterable[str] | None = None,
    bands: tuple[Bands, Bands] | None = None,
    dpi: int = DPI,
    on_skip: Callable[[str, str], None] | None = None,
) -> list[Path]:
    """Draw the figures of two runs and write them to a folder, all of them or none.

    Parameters
    ----------
    one, other
        The runs.
    folder
        Where to; made if it does not exist.
    formats
        ``png``, ``svg`` or ``pdf``.
    names
        Which of `PAIRED`; None for all.
    bands
        Of draws of each; None for the runs alone.
    dpi
        Dots per inch of a PNG.
    on_skip
        As in `sscsim.reports.figures.save_figures`.

    Raises
    ------
    InputError
        For an unknown figure or format, and when nothing can be drawn.
    OutputError
        When the folder cannot be written.
    """
    endings = known(formats, FORMATS, "there is no such format of figures")
    over_time = ("paths_beside", "stacks_beside")
    beside = {} if bands is None else {name: {"bands": bands} for name in over_time}
    drawn = draw_figures(PAIRED, (one, other), names, beside, on_skip)
    return write_figures(drawn, Path(folder), endings, dpi)
