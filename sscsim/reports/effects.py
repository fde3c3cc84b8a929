"""What scenarios change against a reference: median effects of fair pairs with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    probe = Figure(dpi=DPI)  # to measure names before the height is known
    names = _wrap_names(probe, effects.scenarios)
    row_tall = max(_ROW, *(_LINE * (1 + name.count("\n")) for name in names))
    tall = _HEAD + row_tall * len(effects.scenarios) + _FOOT
    page = sheet(
        _title(effects),
        f"Change against {effects.reference}, the same draw with and without: dot, median; line, 90{NO_BREAK}% of "
        f"{effects.draws} pairs; hollow where the line holds zero, so that no effect is seen",
        _source(effects),
        rows * tall,
    )
    room = page.right - page.left
    lead = 0.12 + max(text_width(probe, line, 7.5) for name in names for line in name.split("\n"))
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
        _draw_panel(ax, effects, question, names if column == 0 else None)
        _head(ax, _indicator(question.indicator), lines[k])
    return page.figure


def _wrap_names(figure: Figure, scenarios: Sequence[str]) -> list[str]:
    """Break names of scenarios at their hyphens where they are long."""
    return [
        "\n".join(wrap(figure, name.replace("-", "- "), 7.5, _NAME)).replace("- ", "-")
        for name in scenarios
    ]


def _draw_panel(
    ax: Axes, effects: Effects, question: Question, names: Sequence[str] | None
) -> None:
    """Draw one number: a dot and a line for each scenario."""
    factor, _ = _unit(question)
    found = [effects.effect(name, *question[:3]) for name in effects.scenarios]
    ends = [factor * v for e in found for v in (e.low, e.high, e.median)] + [0.0]
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    # Room for the number over a dot, which stands on the side away from zero.
    medians = [factor * e.median for e in found]
    left = min([low - 0.08 * span, *(m - _BESIDE * span for m in medians if m <= 0.0)])
    right = max([high + 0.08 * span, *(m + _BESIDE * span for m in medians if m > 0.0)])
    ax.set_xlim(left, right)
    ax.set_ylim(len(found) - 0.5, -0.65)
    tidy(ax, grid="x")
    ax.spines["left"].set_visible(False)
    ax.axvline(0.0, color=INK, linewidth=0.8, zorder=2)
    for row, (effect, colour) in enumerate(zip(found, _cycle(len(found)), strict=True)):
        middle = factor * effect.median
        ax.hlines(
            row, factor * effect.low, factor * effect.high, color=colour, linewidth=1.6, zorder=3
        )
        ax.scatter(
            [middle],
            [row],
            s=24,
            facecolor=colour if effect.seen else "white",
            edgecolor=colour,
            linewidth=1.2,
            zorder=4,
        )
        ax.annotate(
            _number(middle),
            (middle, row),
            # From the dot away from zero, so that it never lies on the line there.
            xytext=(1 if middle > 0 else -1, 4),
            textcoords="offset points",
            ha="left" if middle > 0 else "right",
            va="bottom",
            fontsize=6.5,
            color=readable(colour),
            zorder=5,
        )
    ax.set_yticks(range(len(found)), names if names is not None else [""] * len(found))
    for label, colour in zip(ax.get_yticklabels(), _cycle(len(found)), strict=True):
        label.set_color(readable(colour))
        label.set_fontsize(7.5)
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
    long = {g for g, after in rest if text_width(figure, _group(g) + after, 6.5) > wide}
    return [(g if g in long else _group(g)) + after for g, after in rest]


def _cycle(count: int) -> list[str]:
    return [_COLOURS[k % len(_COLOURS)] for k in range(count)]


# ------------------------------------------------------------------------------------------ words


def _title(effects: Effects) -> str:
    """Say what the scenarios change in the number in which it shows most clearly."""

    def clearness(question: Question) -> tuple[int, float]:
        found = [effects.effect(name, *question[:3]) for name in effects.scenarios]
        wide = [abs(e.median) / (e.high - e.low) for e in found if e.high > e.low]
        return sum(e.seen for e in found), min(wide, default=0.0)

    question = max(effects.questions, key=clearness)
    factor, unit = _unit(question)
    changes = []
    for name in effects.scenarios:
        effect = effects.effect(name, *question[:3])
        value = f"{_number(factor * effect.median)}{NO_BREAK}{unit}"
        changes.append(f"{value} in {name}" if effect.seen else f"no effect seen in {name}")
    seen = sum(
        effects.effect(name, *q[:3]).seen for name in effects.scenarios for q in effects.questions
    )
    return (
        f"{_indicator(question.indicator)}, {_group(question.group)}, {question.year}: "
        f"{', '.join(changes)}; {seen} of {len(effects.questions) * len(effects.scenarios)} "
        "effects are seen"
    )


def _source(effects: Effects) -> str:
    from sscsim import __version__

    return (
        f"Source: sscsim {__version__}, {', '.join((effects.reference, *effects.scenarios))}; "
        f"{effects.spread_from}. What neither varies is not in the lines."
    )


def _indicator(name: str) -> str:
    from sscsim.outcomes.indicators import indicator_table

    table = indicator_table().indicators
    return table[name].title if name in table else name


_LONGEST = 28  # letters of a group's title that stand in a line of a panel


def _group(name: str) -> str:
    from sscsim.outcomes.indicators import indicator_table

    groups = indicator_table().groups
    title = groups[name].title.split(":")[0].split(",")[0] if name in groups else name
    return title if len(title) <= _LONGEST else name


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
    else:
        text = f"{value:+.1g}"
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
