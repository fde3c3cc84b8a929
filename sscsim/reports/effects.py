"""What scenarios change against a reference: median effects of fair pairs with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sscsim.errors import InputError, nearest
from sscsim.reports.figures.saving import FORMATS, write_figures
from sscsim.reports.style import (
    COLOURS,
    DPI,
    GREY,
    INK,
    NO_BREAK,
    readable,
    sheet,
    styled,
    text_width,
    tidy,
    wrap,
)
from sscsim.reports.words import in_text

if TYPE_CHECKING:
    from sscsim.experiments.pairs import Effects, Question

__all__ = ["comparison_effects", "figure_file", "save_comparison"]

MOST = 24
"""Panels that a figure holds."""

_COLUMNS = 3
_COLOURS = [
    COLOURS[k] for k in ("vermilion", "blue", "green", "purple", "orange", "sky", "black", "yellow")
]
_ROW = 0.25  # inches of a scenario
_NAME = 0.95  # … of its name, where that can be broken
_LINE = 0.14  # … of a line of its name
_HEAD = 0.46  # … of a panel's two or three lines of heading
_FOOT = 0.28  # … of its axis
_BESIDE = 0.3  # share of what is drawn that the number over a dot may take
_BEHIND = 0.45  # … the number behind a line

FEW = 3
"""Scenarios that keep the order in which they were named, each with its number in the title; more are sorted."""

TALLEST = 7.7
"""Inches that panels may take of a page of A4 (9.5 within margins) beside title and foot."""

LEAST_ROW = 0.085
"""Inches of a scenario at least: letters of six points."""


@dataclass(frozen=True)
class _Layout:
    """How scenarios are set.

    Attributes
    ----------
    scenarios
        In the order of the rows.
    labels
        Their names, over several lines where they are long and there is room.
    row
        Inches of a row.
    size
        Of letters.
    colours
        One a scenario; all the same where there are more than colours.
    close
        Whether rows are so close that numbers stand behind lines and not over dots.
    """

    scenarios: tuple[str, ...]
    labels: list[str]
    row: float
    size: float
    colours: list[str]
    close: bool


def _layout(effects: Effects, rows: int) -> _Layout:
    """Choose how scenarios are set: as tall as is easy to read, or what fits the page."""
    order = effects.scenarios if len(effects.scenarios) <= FEW else _by_merit(effects)
    count = len(order)
    colours = list(_COLOURS[:count]) if count <= len(_COLOURS) else [INK] * count
    probe = Figure(dpi=DPI)  # to measure names before the height is known
    labels = _wrap_names(probe, order)
    usual = max(_ROW, *(_LINE * (1 + name.count("\n")) for name in labels))
    room = (TALLEST / rows - _HEAD - _FOOT) / count
    if room >= usual:
        return _Layout(order, labels, usual, 7.5, colours, close=False)
    row = max(room, LEAST_ROW)
    # A row of seven hundredths of an inch holds letters of five points.
    size = min(7.5, 72.0 * row * 0.86)
    return _Layout(order, list(order), row, size, colours, close=row < _ROW)


def _by_merit(effects: Effects) -> tuple[str, ...]:
    """Return scenarios from best to worst in the first number that was compared."""
    return _by_merit_of(effects, effects.questions[0])


def _by_merit_of(effects: Effects, first: Question) -> tuple[str, ...]:
    from sscsim.experiments.pairs import less_is_better

    sign = -1.0 if less_is_better(first.indicator) else 1.0
    return tuple(
        sorted(effects.scenarios, key=lambda name: -sign * effects.effect(name, *first[:3]).median)
    )


@styled
def comparison_effects(effects: Effects) -> Figure:
    """Draw the effects of scenarios against a reference, a panel a number that was compared.

    Parameters
    ----------
    effects
        What `sscsim.experiments.compare` returns.

    Raises
    ------
    InputError
        When more numbers were compared than a figure holds.
    """
    asked = effects.questions
    if len(asked) > MOST:
        raise InputError(
            "too many numbers for one figure; name fewer indicators, groups or years",
            found=len(asked),
            allowed=f"{MOST} at most",
        )
    columns = min(_COLUMNS, len(asked))
    rows = math.ceil(len(asked) / columns)
    layout = _layout(effects, rows)
    tall = _HEAD + layout.row * len(layout.scenarios) + _FOOT
    order = "" if len(layout.scenarios) <= FEW else "; sorted by the first number"
    probe = Figure(dpi=DPI)
    page = sheet(
        _title(effects),
        f"Change against {effects.reference}, the same draw with and without: dot, median; line, 90{NO_BREAK}% of "
        f"{effects.draws} pairs; hollow where the line holds zero, so that no effect is seen{order}",
        _source(effects),
        rows * tall,
    )
    room = page.right - page.left
    lead = 0.12 + max(
        text_width(probe, line, layout.size) for name in layout.labels for line in name.split("\n")
    )
    width = (room - lead) / columns
    lines = _lines(page.figure, effects, width - 0.16)
    for k, question in enumerate(asked):
        row, column = divmod(k, columns)
        ax = page.axes(
            left=lead + column * width + 0.06,
            right=room - lead - (column + 1) * width + 0.1,
            bottom=(rows - 1 - row) * tall + _FOOT,
            top=row * tall + _HEAD,
        )
        _draw_panel(ax, effects, question, layout, named=column == 0)
        _head(ax, _indicator(question.indicator), lines[k])
    return page.figure


def _wrap_names(figure: Figure, scenarios: Sequence[str]) -> list[str]:
    """Break names of scenarios at their hyphens where they are long."""
    return [
        "\n".join(wrap(figure, name.replace("-", "- "), 7.5, _NAME)).replace("- ", "-")
        for name in scenarios
    ]


def _draw_panel(
    ax: Axes, effects: Effects, question: Question, layout: _Layout, *, named: bool
) -> None:
    """Draw one number: a dot and a line for each scenario."""
    factor, _ = _unit(question)
    found = [effects.effect(name, *question[:3]) for name in layout.scenarios]
    ends = [factor * v for e in found for v in (e.low, e.high, e.median)] + [0.0]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    # Room for the number over a dot, which stands on the side away from zero.
    medians = [factor * e.median for e in found]
    # … or, where rows are close, behind the line.
    ends = [factor * (e.high if e.median > 0.0 else e.low) for e in found]
    far = ends if layout.close else medians
    room = zip(far, medians, strict=True)
    beside = _BEHIND if layout.close else _BESIDE
    spots = [m + (beside if middle > 0.0 else -beside) * span for m, middle in room]
    left, right = min([low - 0.08 * span, *spots]), max([high + 0.08 * span, *spots])
    ax.set_xlim(left, right)
    ax.set_ylim(len(found) - 0.5, -0.65)
    tidy(ax, grid="x")
    ax.spines["left"].set_visible(False)
    ax.axvline(0.0, color=INK, linewidth=0.8, zorder=2)
    thin = 0.6 if layout.close else 1.0
    if layout.close:
        for row in range(1, len(found), 2):
            ax.axhspan(row - 0.5, row + 0.5, color="#f2f2f2", linewidth=0, zorder=0)
    for row, (effect, colour) in enumerate(zip(found, layout.colours, strict=True)):
        middle = factor * effect.median
        ax.hlines(
            row,
            factor * effect.low,
            factor * effect.high,
            color=colour,
            linewidth=1.6 * thin,
            zorder=3,
        )
        ax.scatter(
            [middle],
            [row],
            s=24 * thin**2,
            facecolor=colour if effect.seen else "white",
            edgecolor=colour,
            linewidth=1.2 * thin,
            zorder=4,
        )
        ax.annotate(
            _number(middle),
            (far[row], row),
            # From the dot away from zero, so that it never lies on the line there.
            xytext=(
                (4 if layout.close else 1) * (1 if middle > 0 else -1),
                0 if layout.close else 4,
            ),
            textcoords="offset points",
            ha="left" if middle > 0 else "right",
            va="center_baseline" if layout.close else "bottom",
            fontsize=min(6.5, layout.size),
            color=readable(colour),
            zorder=5,
        )
    ax.set_yticks(range(len(found)), layout.labels if named else [""] * len(found))
    for label, colour in zip(ax.get_yticklabels(), layout.colours, strict=True):
        label.set_color(readable(colour))
        label.set_fontsize(layout.size)
    ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.6g}".replace("-", "−")))
    ax.tick_params(axis="x", labelsize=7)


def _head(ax: Axes, title: str, line: str) -> None:
    """Write what a panel shows over it: the indicator, and for whom and in which unit."""
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    wide = float(ax.get_position().width * figure.get_size_inches()[0])
    lines = wrap(figure, title, 7.5, wide, "bold")
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1]} …"]
    ax.annotate(
        "\n".join(lines),
        (0.0, 1.0),
        xytext=(0, 13),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7.5,
        fontweight="bold",
        va="bottom",
        linespacing=1.1,
    )
    ax.annotate(
        line,
        (0.0, 1.0),
        xytext=(0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=6.5,
        color=GREY,
        va="bottom",
    )


def _lines(figure: Figure, effects: Effects, wide: float) -> list[str]:
    """Say of whom each panel is and in which unit; a group has one name, short if it has to be."""
    from sscsim.experiments.pairs import less_is_better

    several = len({q.year for q in effects.questions}) > 1
    rest = []
    for q in effects.questions:
        year = f", {q.year}" if several else ""
        less = "; less is better" if less_is_better(q.indicator) else ""
        rest.append((q.group, f"{year}, {_unit(q)[1]}{less}"))
    title = {g: _whom(effects, g) for g, _ in rest}
    long = {g for g, after in rest if text_width(figure, title[g] + after, 6.5) > wide}
    return [(g if g in long else title[g]) + after for g, after in rest]


# ------------------------------------------------------------------------------------------ words


def _title(effects: Effects) -> str:
    """Say what the scenarios change in the number in which it shows most clearly."""

    def clearness(question: Question) -> tuple[int, float]:
        found = [effects.effect(name, *question[:3]) for name in effects.scenarios]
        wide = [abs(e.median) / (e.high - e.low) for e in found if e.high > e.low]
        return sum(e.seen for e in found), min(wide, default=0.0)

    question = max(effects.questions, key=clearness)
    factor, unit = _unit(question)
    what = f"{in_text(_indicator(question.indicator))} ({_whom(effects, question.group)})"
    seen = sum(
        effects.effect(name, *q[:3]).seen for name in effects.scenarios for q in effects.questions
    )
    counted = f"{seen} of {len(effects.questions) * len(effects.scenarios)} effects are seen"

    def by(name: str) -> str | None:
        effect = effects.effect(name, *question[:3])
        return f"{_number(factor * effect.median)}{NO_BREAK}{unit}" if effect.seen else None

    order = _by_merit_of(effects, question)
    if len(order) > FEW:
        ends = [f"{name} ({by(name) or 'no effect seen'})" for name in (order[0], order[-1])]
        return (
            f"Of {len(order)} scenarios {ends[0]} does best for {what} in {question.year}, {ends[1]} worst; "
            f"{counted}"
        )
    moved = [f"{name} changes it by {by(name)}" for name in effects.scenarios if by(name)]
    still = [name for name in effects.scenarios if by(name) is None]
    if not moved:
        return f"No effect on {what} is seen in {question.year}, of {' or '.join(still)}; {counted}"
    first = moved[0].replace("changes it", f"changes {what}")
    others = [one.replace("changes it ", "") for one in moved[1:]]
    nothing = [f"of {' and '.join(still)} no effect is seen"] if still else []
    return f"{', '.join([f'{first} in {question.year}', *others, *nothing])}; {counted}"


def _source(effects: Effects) -> str:
    from sscsim import __version__

    names = (effects.reference, *effects.scenarios)
    few = len(names) <= len(_COLOURS)
    told = ", ".join(names) if few else f"{names[0]} and {len(names) - 1} scenarios"
    return (
        f"Source: sscsim {__version__}, {told}; "
        f"{effects.spread_from}. What neither varies is not in the lines."
    )


def _indicator(name: str) -> str:
    from sscsim.experiments.questions import indicator_title

    return indicator_title(name)


def _whom(effects: Effects, name: str) -> str:
    from sscsim.experiments.questions import group_title

    return effects.groups.get(name) or group_title(name)


def _unit(question: Question) -> tuple[float, str]:
    """Return what a number is multiplied by to be shown, and the unit it then has."""
    if question.unit in ("fraction", "share"):
        return 100.0, "pp"
    return 1.0, "points" if question.unit == "0 to 100" else question.unit


def _number(value: float) -> str:
    """Write an effect with its sign and three digits."""
    size = abs(value)
    if size >= 100:
        text = f"{value:+,.0f}"
    elif size >= 1:
        text = f"{value:+.1f}"
    elif size >= 0.1:
        text = f"{value:+.2f}"
    elif size >= 0.001 or size == 0.0:
        text = f"{value:+.1g}"
    else:
        return "about 0"
    return "0" if size == 0.0 else text.replace("-", "−")


# ------------------------------------------------------------------------------------------ saving


def figure_file(path: str | Path) -> Path:
    """Return the path of a figure's file if its ending is that of a format.

    Raises
    ------
    InputError
        For another ending.
    """
    file = Path(path)
    ending = file.suffix.lstrip(".").lower()
    if ending not in FORMATS:
        raise InputError(
            "the name of a figure's file ends in its format",
            found=str(path),
            allowed=[f".{name}" for name in FORMATS],
            suggestion=nearest(ending, FORMATS),
        )
    return file


def save_comparison(effects: Effects, path: str | Path, *, dpi: int = DPI) -> Path:
    """Draw effects and write the figure to a file, whole or not at all.

    Raises
    ------
    InputError
        As `comparison_effects`, and for an unknown ending.
    OutputError
        When the file cannot be written.
    """
    file = figure_file(path)
    ending = file.suffix.lstrip(".")
    return write_figures({file.stem: comparison_effects(effects)}, file.parent, [ending], dpi)[0]
