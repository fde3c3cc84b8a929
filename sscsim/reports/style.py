"""How every figure looks: one width, one palette, one place for title, subtitle and source.

Colours are those of Okabe & Ito (2008, "Color universal design"), which readers with the common
forms of colour blindness tell apart. Figures never touch the global state of pyplot: each is built
inside Matplotlib's own defaults plus `STYLE`, so a user's ``matplotlibrc`` changes nothing.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from sscsim.reports.fonts import families_for

__all__ = [
    "COLOURS",
    "DPI",
    "GOAL_NAMES",
    "GREY",
    "INK",
    "NO_BREAK",
    "PALE",
    "REGION_COLOURS",
    "STYLE",
    "WIDTH",
    "Sheet",
    "label_line_ends",
    "overlap",
    "quantity",
    "readable",
    "renderer_of",
    "sheet",
    "spread",
    "style_context",
    "styled",
    "text_width",
    "tidy",
    "wrap",
]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

WIDTH = 6.3
"""Width of a figure in inches: the text width of an A4 page (160 mm)."""

DPI = 200
"""Dots per inch of a PNG: sharp in print at this width, and small enough for a page on the web."""

NO_BREAK = "\N{NO-BREAK SPACE}"
INK = "#222222"
GREY = "#666666"
PALE = "#d9d9d9"

COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
"""Okabe & Ito's eight colours."""

REGION_COLOURS = {
    "Asia-Pacific": COLOURS["blue"],
    "Arab States": COLOURS["orange"],
    "Latin America and the Caribbean": COLOURS["green"],
    "Africa": COLOURS["vermilion"],
    "Europe and others": COLOURS["purple"],
}
"""A colour for each region of the report, the same in every figure."""

GOAL_NAMES = (
    "No poverty",
    "Zero hunger",
    "Good health and well-being",
    "Quality education",
    "Gender equality",
    "Clean water and sanitation",
    "Clean energy",
    "Decent work and growth",
    "Industry and innovation",
    "Reduced inequalities",
    "Sustainable cities",
    "Responsible consumption",
    "Climate action",
    "Life below water",
    "Life on land",
    "Peace and justice",
    "Partnerships",
)
"""Short names of the Sustainable Development Goals, 1 to 17."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "text.color": INK,
    # Letters as wide at every resolution: what fits on the screen fits in print.
    "text.hinting": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "xtick.major.width": 0.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Identical bytes from identical runs.
    "svg.hashsalt": "sscsim",
    "pdf.fonttype": 42,
}

_MARGIN = 0.08  # inches left free at each edge of the paper
_SLACK = 0.95  # of a line is filled: programs that show SVG and PDF set letters a little wider
_LEADING = 1.25  # line height over font size


@contextmanager
def style_context() -> Iterator[None]:
    """Matplotlib's own defaults plus `STYLE`; on leaving, what the caller had set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast(Any, STYLE))
        yield


def styled(
    draw: Callable[Concatenate[T, P], Figure],
) -> Callable[Concatenate[T, P], Figure]:
    """Build a figure inside `style_context` and lay it out there, ticks included.

    Names in Chinese are drawn with a font that has its letters; where none is installed, the error names some.
    """

    @functools.wraps(draw)
    def wrapper(run: T, /, *args: P.args, **kwargs: P.kwargs) -> Figure:
        with style_context():
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Glyph .* missing")  # looked at below
                figure = draw(run, *args, **kwargs)
            wanted = families_for({c for text in figure.findobj(Text) for c in text.get_text()})
            if len(wanted) > 1:
                # Once more: lines are broken by the letters of both fonts.
                mpl.rcParams["font.family"] = wanted
                figure = draw(run, *args, **kwargs)
            # Matplotlib makes ticks when it first draws: do so while the style holds.
            figure.draw_without_rendering()
        return figure

    return wrapper


@dataclass
class Sheet:
    """A figure with its title, subtitle and source set, and the room left for axes.

    Attributes
    ----------
    figure
        The figure.
    left, right, bottom, top
        The free room, in inches from the lower left corner of the paper.
    """

    figure: Figure
    left: float
    right: float
    bottom: float
    top: float

    def axes(
        self,
        left: float = 0.0,
        right: float = 0.0,
        bottom: float = 0.0,
        top: float = 0.0,
        *,
        span: tuple[float, float] = (0.0, 1.0),
    ) -> Axes:
        """Add axes, leaving the given inches free inside the room (or a span of its width)."""
        width, height = self.figure.get_size_inches()
        room = self.right - self.left
        x0 = self.left + span[0] * room + left
        x1 = self.left + span[1] * room - right
        y0, y1 = self.bottom + bottom, self.top - top
        return self.figure.add_axes(
            (x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height)
        )


def text_width(figure: Figure, text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a text in inches."""
    font = FontProperties(size=size, weight=weight)
    width, _, _ = renderer_of(figure).get_text_width_height_descent(text, font, ismath=False)  # type: ignore[no-untyped-call]
    return float(width / figure.dpi)


def renderer_of(figure: Figure) -> RendererAgg:
    """Return what measures a figure's texts in pixels."""
    return cast(RendererAgg, _canvas(figure).get_renderer())  # type: ignore[no-untyped-call]


def _canvas(figure: Figure) -> FigureCanvasAgg:
    canvas = figure.canvas
    return canvas if isinstance(canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)


def wrap(figure: Figure, text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Break a text into lines no wider than `width` inches, measured in its own font."""
    lines: list[str] = []
    for word in text.split(" "):  # a no-break space holds a number and its unit together
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(figure, longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def sheet(title: str, subtitle: str, source: str, height: float) -> Sheet:
    """Begin a figure: what is seen on top, what is measured under it, where it is from at the foot.

    Parameters
    ----------
    title
        What the reader sees, a sentence with its numbers.
    subtitle
        What is measured, its unit, whom it covers.
    source
        The run and the data behind it.
    height
        Inches for the axes with their labels; title and foot come on top of it.
    """
    probe = Figure(figsize=(WIDTH, height), dpi=DPI)
    FigureCanvasAgg(probe)
    blocks = [
        (text, size, weight, colour)
        for text, size, weight, colour in (
            (title, 10.5, "bold", INK),
            (subtitle, 8.5, "normal", GREY),
            (source, 7.0, "normal", GREY),
        )
    ]
    room = (WIDTH - 2 * _MARGIN) * _SLACK
    wrapped = [wrap(probe, text, size, room, weight) for text, size, weight, _ in blocks]
    tall = [
        len(lines) * size * _LEADING / 72.0
        for lines, (_, size, _, _) in zip(wrapped, blocks, strict=True)
    ]
    head = _MARGIN + tall[0] + 0.04 + tall[1] + 0.08
    foot = _MARGIN + tall[2] + 0.08
    total = head + height + foot
    figure = Figure(figsize=(WIDTH, total), dpi=DPI)
    FigureCanvasAgg(figure)
    starts = (total - _MARGIN, total - _MARGIN - tall[0] - 0.04, _MARGIN + tall[2])
    for gid, y, lines, (_, size, weight, colour) in zip(
        ("title", "subtitle", "source"), starts, wrapped, blocks, strict=True
    ):
        figure.text(
            _MARGIN / WIDTH,
            y / total,
            "\n".join(lines),
            fontsize=size,
            fontweight=weight,
            color=colour,
            ha="left",
            va="top",
            linespacing=_LEADING,
            gid=gid,
        )
    return Sheet(figure, _MARGIN, WIDTH - _MARGIN, foot, total - head)


def tidy(ax: Axes, *, grid: str = "y") -> None:
    """Grid along one axis, and no line where the grid already says where the value is."""
    if grid == "y":
        ax.yaxis.grid(True)
        ax.spines["left"].set_visible(False)
    else:
        ax.xaxis.grid(True)
        ax.spines["bottom"].set_visible(False)


def label_line_ends(
    ax: Axes,
    x: float,
    ends: Sequence[tuple[float, str, str]],
    *,
    size: float = 8.5,
    gap: float = 6.0,
) -> list[Annotation]:
    """Name lines at their right end, pushing names apart until none touches another.

    Parameters
    ----------
    ax
        Axes whose limits are final.
    x
        Where the lines end, in data.
    ends
        Height of each line's end in data, its name, its colour.
    size
        Font size in points.
    gap
        Points between the line's end and the name.
    """
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    ax.get_ylim()  # settles limits that Matplotlib has put off
    renderer = renderer_of(figure)
    scale = figure.dpi / 72.0
    texts: list[Annotation] = []
    spots: list[tuple[float, float]] = []
    for y, name, colour in ends:
        text = ax.annotate(
            name,
            (x, y),
            xytext=(gap, 0),
            textcoords="offset points",
            va="center",
            ha="left",
            fontsize=size,
            color=readable(colour),
            annotation_clip=False,
            linespacing=1.1,
        )
        texts.append(text)
        tall = text.get_window_extent(renderer).height / scale + 1.0
        spots.append((float(ax.transData.transform((x, y))[1]) / scale, float(tall)))
    box = ax.get_window_extent(renderer)
    # A name may stand a line above or below the axes, as far as the text of a tick does.
    low, high = box.y0 / scale - size, box.y1 / scale + size
    for text, (at, _), moved in zip(texts, spots, spread(spots, low, high), strict=True):
        text.set_position((gap, moved - at))
    return texts


def spread(spots: Sequence[tuple[float, float]], low: float, high: float) -> list[float]:
    """Move centres of labels (centre, height) apart, each as little as may be."""
    order = np.argsort([s[0] for s in spots], kind="stable")
    placed: list[list[int]] = []
    middle: list[float] = []

    def tall(block: list[int]) -> float:
        return sum(spots[i][1] for i in block)

    def within(centre: float, block: list[int]) -> float:
        half = tall(block) / 2
        return max(min(centre, high - half), low + half)

    for i in order:
        placed.append([int(i)])
        middle.append(within(spots[i][0], placed[-1]))
        # Blocks that touch become one block, centred on what its members want.
        while (
            len(placed) > 1
            and middle[-1] - tall(placed[-1]) / 2 < middle[-2] + tall(placed[-2]) / 2
        ):
            block = placed[-2] + placed[-1]
            wanted = float(np.mean([spots[k][0] for k in block]))
            placed[-2:] = [block]
            middle[-2:] = [within(wanted, block)]
    result = [0.0] * len(spots)
    for block, centre in zip(placed, middle, strict=True):
        y = centre - tall(block) / 2
        for k in block:
            result[k] = y + spots[k][1] / 2
            y += spots[k][1]
    return result


def quantity(value: float, unit: str = "bn USD") -> str:
    """Write billions as people say them: 9.8 trn USD, 671 bn USD, 4.2 bn USD."""
    if abs(value) >= 1000.0:
        return f"{value / 1000.0:,.1f}{NO_BREAK}{unit.replace('bn', 'trn')}"
    digits = 0 if abs(value) >= 10.0 else 1
    return f"{value:,.{digits}f}{NO_BREAK}{unit}"


def readable(colour: str, contrast: float = 4.5) -> str:
    """Darken a colour until text in it can be read on white (WCAG 2.1, success criterion 1.4.3)."""
    rgb = np.asarray(to_rgb(colour))
    while _contrast_to_white(rgb) < contrast:
        rgb = rgb * 0.95
    return str(to_hex(tuple(rgb)))


def _contrast_to_white(rgb: NDArray[np.float64]) -> float:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ np.array([0.2126, 0.7152, 0.0722]) + 0.05))


def overlap(first: Bbox, second: Bbox) -> bool:
    """Whether two boxes share any area."""
    return bool(
        first.x0 < second.x1
        and second.x0 < first.x1
        and first.y0 < second.y1
        and second.y0 < first.y1
    )
