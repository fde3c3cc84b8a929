"""What outcomes and effects hang on, and in which futures they are beyond a value: two figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sscsim.errors import InputError
from sscsim.reports.effects import figure_file
from sscsim.reports.figures.saving import write_figures
from sscsim.reports.style import (
    COLOURS,
    DPI,
    GREY,
    INK,
    NO_BREAK,
    PALE,
    readable,
    sheet,
    styled,
    text_width,
    tidy,
)

if TYPE_CHECKING:
    from sscsim.experiments.discovery import Box
    from sscsim.experiments.futures import Found, Sensitivity
    from sscsim.experiments.questions import Question
    from sscsim.experiments.sensitivity import Indices
    from sscsim.types import Array

__all__ = ["discovered_futures", "input_ranking", "save_discovery", "save_sensitivity"]

MOST = 15
"""Inputs that a panel shows."""

MOST_QUESTIONS = 6

_ROW = 0.21  # inches of an input
_HEAD, _FOOT = 0.30, 0.42  # … of a panel's heading and its axis
_BLUE, _RED = COLOURS["blue"], COLOURS["vermilion"]

SHOWS = {
    "sobol": "share of the variance: filled, of an input alone; hollow, with all that it acts with; lines, 90 %",
    "morris": "mean effect from the 5th to the 95th percentile of a parameter; lines, 90 %; hollow where it lowers",
    "pawn": "how far the distribution moves as an input is held; dashed, the most that idle inputs reach",
}
"""What a panel shows, by method."""


@styled
def input_ranking(found: Sensitivity) -> Figure:
    """Draw what outcomes or effects hang on, a panel a number, the strongest input on top.

    Parameters
    ----------
    found
        What `sscsim.experiments.futures.sensitivity` returns.

    Raises
    ------
    InputError
        When more numbers were looked at than a figure holds.
    """
    if len(found.questions) > MOST_QUESTIONS:
        raise InputError(
            "too many numbers for one figure; name fewer indicators, groups or years",
            found=len(found.questions),
            allowed=f"{MOST_QUESTIONS} at most",
        )
    shown = [one.order[:MOST] for one in found.indices]
    talls = [_HEAD + _ROW * len(places) + _FOOT for places in shown]
    first, places = found.indices[0], shown[0]
    page = sheet(
        f"{_who(found.scenarios, found.questions[0])} hangs most on {first.names[places[0]]}",
        f"{len(first.names)} inputs, {first.runs:,} points; {SHOWS[found.method].replace(' %', f'{NO_BREAK}%')}",
        _source(found),
        sum(talls),
    )
    names = [one.names[i] for one, places in zip(found.indices, shown, strict=True) for i in places]
    lead = 0.12 + max(text_width(page.figure, name, 7.5) for name in names)
    above = 0.0
    for question, one, order, tall in zip(
        found.questions, found.indices, shown, talls, strict=True
    ):
        ax = page.axes(
            left=lead, right=0.1, bottom=sum(talls) - above - tall + _FOOT, top=above + _HEAD
        )
        _draw_inputs(ax, one, order, question)
        above += tall
    return page.figure


def _draw_inputs(ax: Axes, one: Indices, order: list[int], question: Question) -> None:
    rows = np.arange(len(order), dtype=np.float64)
    values = {name: column[order] for name, column in one.values.items()}
    ax.set_ylim(len(order) - 0.5, -0.5)
    tidy(ax, grid="x")
    if one.method == "sobol":
        for name, offset, colour, filled in (
            ("total", 0.14, _RED, False),
            ("first", -0.14, _BLUE, True),
        ):
            _dots(
                ax,
                np.add(rows, offset),
                100.0 * values[name],
                100.0 * values[f"{name}_error"],
                colour,
                [filled] * len(order),
            )
        label, least = "per cent of the variance", 0.0
    elif one.method == "morris":
        filled = (values["signed"] >= 0.0).tolist()
        factor = 100.0 if question.unit in ("fraction", "share") else 1.0
        _dots(
            ax,
            rows,
            factor * values["effect"],
            factor * values["effect_error"],
            _BLUE,
            filled,
        )
        label, least = ("percentage points" if factor == 100.0 else question.unit), 0.0
    else:
        _dots(ax, rows, values["distance"], None, _BLUE, [True] * len(order))
        ax.axvline(one.chance, color=GREY, linestyle="--", linewidth=0.9)
        label, least = "distance, 0 to 1", 0.0
    high = ax.get_xlim()[1]
    ax.set_xlim(min(least, ax.get_xlim()[0]), high)
    ax.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    ax.set_yticks(rows, [one.names[i] for i in order], fontsize=7.5)
    for text, i in zip(ax.get_yticklabels(), order, strict=True):
        text.set_color(INK if one.matters[i] else GREY)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ax.tick_params(axis="x", labelsize=7)
    ax.set_xlabel(label, fontsize=7.5, color=GREY)
    ax.set_title(
        f"{question.indicator}, {question.group}, {question.year}",
        fontsize=8.0,
        loc="left",
        pad=4,
    )


def _dots(
    ax: Axes,
    rows: Array,
    middle: Array,
    half: Array | None,
    colour: str,
    filled: list[bool],
) -> None:
    if half is not None:
        ax.hlines(rows, middle - half, middle + half, color=colour, linewidth=1.2, zorder=2)
    ax.scatter(
        middle,
        rows,
        s=20,
        facecolor=[colour if one else "white" for one in filled],
        edgecolor=colour,
        linewidth=1.1,
        zorder=3,
    )


@styled
def discovered_futures(found: Found) -> Figure:
    """Draw the first box: the range of each of its parameters among its draws, and the draws over two of them.

    Parameters
    ----------
    found
        What `sscsim.experiments.futures.discover_futures` returns, with a box.

    Raises
    ------
    InputError
        Where no box was found.
    """
    if found.boxes is None or not found.boxes.boxes:
        raise InputError("no box was found: there is nothing to draw")
    box = found.boxes.boxes[0]
    tall = 2.6
    page = sheet(
        f"{_who(found.scenarios, found.question)} is {_beyond(found)} in {100 * box.density:.0f}{NO_BREAK}% of the "
        f"draws within the box, and in {100 * found.boxes.base:.0f}{NO_BREAK}% of all",
        f"Left: ranges of parameters, as shares of their {len(found.answers)} draws. Right: draws over "
        f"{'two of them' if len(box.limits) > 1 else 'it and the answer'}; filled where it is so; frame: the box, with "
        f"{100 * box.coverage:.0f}{NO_BREAK}% of all that are so",
        f"{_source(found)} Density and coverage: {box.held_out} draws that the search did not see.",
        tall,
    )
    left = page.axes(bottom=0.45, top=0.15, left=0.1, right=0.2, span=(0.0, 0.5))
    _draw_ranges(left, box)
    right = page.axes(bottom=0.45, top=0.15, left=0.55, right=0.1, span=(0.5, 1.0))
    _draw_draws(right, found, box)
    return page.figure


def _draw_ranges(ax: Axes, box: Box) -> None:
    tidy(ax, grid="x")
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(len(box.limits) - 0.4, -0.75)
    for row, limit in enumerate(box.limits):
        ax.hlines(row, 0.0, 1.0, color=PALE, linewidth=5.0, zorder=2)
        ax.hlines(row, limit.at_low, limit.at_high, color=_BLUE, linewidth=5.0, zorder=3)
        ends = []
        if limit.at_low > 0.0:
            ends.append(f"from {limit.low:.3g}")
        if limit.at_high < 1.0:
            ends.append(f"to {limit.high:.3g}")
        ax.annotate(
            f"{limit.name}: {' '.join(ends)}",
            (0.0, row),
            xytext=(0, 5),
            textcoords="offset points",
            fontsize=7.5,
            color=readable(_BLUE),
        )
    ax.set_yticks([])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100 * v:.0f}"))
    ax.set_xlabel("per cent of the draws", fontsize=7.5, color=GREY)
    ax.tick_params(axis="x", labelsize=7)


def _draw_draws(ax: Axes, found: Found, box: Box) -> None:
    first = box.limits[0]
    x = found.values[:, found.names.index(first.name)]
    second = box.limits[1] if len(box.limits) > 1 else None
    factor = 100.0 if found.question.unit in ("fraction", "share") else 1.0
    y = (
        factor * found.answers
        if second is None
        else found.values[:, found.names.index(second.name)]
    )
    so = found.cases
    ax.scatter(x[~so], y[~so], s=9, facecolor="white", edgecolor=GREY, linewidth=0.6, zorder=2)
    ax.scatter(x[so], y[so], s=9, color=_RED, zorder=3)
    low, high = (y.min(), y.max()) if second is None else (second.low, second.high)
    ax.add_patch(
        Rectangle(
            (first.low, low),
            first.high - first.low,
            high - low,
            fill=False,
            edgecolor=_BLUE,
            linewidth=1.6,
            zorder=4,
        )
    )
    if second is None:
        ax.axhline(factor * found.threshold, color=INK, linewidth=0.8, linestyle="--")
    ax.spines["left"].set_visible(True)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.tick_params(labelsize=7)
    ax.set_xlabel(first.name, fontsize=7.5, color=GREY)
    name = second.name if second is not None else found.question.indicator
    ax.set_ylabel(name, fontsize=7.5, color=GREY)


def _who(scenarios: tuple[str, ...], question: Question) -> str:
    what = f"{question.indicator}, {question.group}, {question.year}"
    if len(scenarios) == 2:
        return f"What {scenarios[1]} changes in {what}"
    return f"{what} in {scenarios[0]}"


def _beyond(found: Found) -> str:
    factor, unit = (
        (100.0, "pp" if len(found.scenarios) == 2 else "%")
        if found.question.unit in ("fraction", "share")
        else (1.0, found.question.unit)
    )
    unit = "points" if unit == "0 to 100" else unit
    return f"{'below' if found.below else 'above'} {factor * found.threshold:g}{NO_BREAK}{unit}"


def _source(found: Sensitivity | Found) -> str:
    from sscsim import __version__
    from sscsim.choices import in_words

    how = ", ".join([in_words(found.source), *found.own])
    return f"Source: sscsim {__version__}, {', '.join(found.scenarios)}; {how}."


def save_sensitivity(found: Sensitivity, path: str | Path, *, dpi: int = DPI) -> Path:
    """Draw what outcomes or effects hang on and write the figure to a file, whole or not at all.

    Raises
    ------
    InputError
        As `input_ranking`, and for an unknown ending.
    OutputError
        When the file cannot be written.
    """
    return _save(input_ranking(found), path, dpi)


def save_discovery(found: Found, path: str | Path, *, dpi: int = DPI) -> Path:
    """Draw the first box and write the figure to a file, whole or not at all.

    Raises
    ------
    InputError
        As `discovered_futures`, and for an unknown ending.
    OutputError
        When the file cannot be written.
    """
    return _save(discovered_futures(found), path, dpi)


def _save(figure: Figure, path: str | Path, dpi: int) -> Path:
    file = figure_file(path)
    return write_figures({file.stem: figure}, file.parent, [file.suffix.lstrip(".")], dpi)[0]
