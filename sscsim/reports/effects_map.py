"""Effects of scenarios on countries over the map of the world."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sscsim.errors import InputError
from sscsim.reports import maps
from sscsim.reports.countries import country_lists
from sscsim.reports.effects import figure_file
from sscsim.reports.figures.saving import write_figures
from sscsim.reports.style import DPI, GREY, INK, NO_BREAK, sheet, styled

if TYPE_CHECKING:
    from sscsim.experiments.pairs import Effects

__all__ = ["effects_map", "save_map"]

MOST = 8
"""Maps that a figure holds."""

NAMED = 3
"""Countries that a title names."""

_GAIN = ("#d3e4f0", "#9dc4dd", "#5799c6", "#1f6aa0")
_LOSS = ("#fbe3d0", "#f4b886", "#e28644", "#b1540f")
_HATCHES = dict(zip(_LOSS, ("//", "////", "//////", "////////"), strict=True))
"""What is lost is told from what is gained without colour, too: the denser, the more."""

_NONE, _UNKNOWN = "#f4f4f4", "#dcdcdc"
_STEPS = (0.1, 0.2, 0.5)
"""Where tints change, as parts of the number at which the darkest is full."""

_LATITUDES = (-57.0, 83.7)  # from Cape Horn to the north of Greenland
_SMALL = 3000.0  # square kilometres below which a country is a dot
_ONE, _TWO = 2.75, 1.5  # inches of a map, alone in its row or one of two
_KEY = 0.42  # … of the key
_HEADING = 0.2  # … of a map's heading, where there are several


@styled
def effects_map(
    effects: Effects, indicator: str | None = None, *, year: int | None = None
) -> Figure:
    """Draw the effects on countries, a map a scenario: blue gains, orange and hatched losses.

    Parameters
    ----------
    effects
        What `sscsim.experiments.compare` returns.
    indicator
        One that single countries have; None for the first such that was asked for, or real income.
    year
        One of the years whose countries were kept; None for the first of them.

    Raises
    ------
    InputError
        For another indicator or year, more scenarios than a figure holds, or years without countries.
    """
    if not effects.countries:
        raise InputError(
            "countries are kept for 2030, the first and the last year only", key="year"
        )
    if len(effects.scenarios) > MOST:
        raise InputError(
            "too many scenarios for one figure of maps",
            found=len(effects.scenarios),
            allowed=f"{MOST} at most",
        )
    kept = effects.countries[0]
    asked = [q.indicator for q in effects.questions if q.indicator in kept.indicators]
    several = len({q.indicator for q in effects.questions}) > 1
    what = indicator or ("real_income" if several or not asked else asked[0])
    year = effects.countries[0].year if year is None else year
    tables = [effects.by_country(what, scenario=name, year=year) for name in effects.scenarios]
    shown = [_Shown.of(table.to_dict("list")) for table in tables]
    full = _nice(max(one.largest for one in shown))
    columns = 1 if len(shown) == 1 else 2
    rows = math.ceil(len(shown) / columns)
    tall = _ONE if columns == 1 else _TWO + _HEADING
    page = sheet(
        _title(effects, what, year, shown[0]),
        f"{_title_of(what)}, {year}: median change against {effects.reference} over {effects.draws} pairs, "
        f"{shown[0].measured}; pale where the interval of 90{NO_BREAK}% holds zero",
        _source(effects),
        rows * tall + _KEY,
    )
    for k, (name, one) in enumerate(zip(effects.scenarios, shown, strict=True)):
        row, column = divmod(k, columns)
        ax = page.axes(
            bottom=(rows - 1 - row) * tall + _KEY,
            top=row * tall + (_HEADING if columns > 1 else 0.0),
            span=(column / columns, (column + 1) / columns),
        )
        _draw(ax, one, full)
        if columns > 1:
            ax.set_title(name, fontsize=7.5, loc="left", pad=2, fontweight="bold")
    _key(page.axes(top=page.top - page.bottom - _KEY + 0.04), full, shown[0].mark)
    return page.figure


class _Shown:
    """Effects of a scenario as they are drawn: as a share of a country's own, or as they are.

    Parameters
    ----------
    iso3, names
        Codes and names of countries.
    values
        ``(country,)``: per cent, points or the unit.
    seen
        ``(country,)``: whether the interval leaves zero out.
    better
        ``(country,)``: share of draws in which the country noticeably gains.
    worse
        … loses.
    less
        Whether less is better.
    mark, measured
        What follows a number, and what is measured.
    """

    def __init__(self, table: dict[Any, list[Any]]) -> None:
        from sscsim.experiments.gains import is_relative
        from sscsim.experiments.pairs import less_is_better

        self.iso3 = [str(code) for code in table["iso3"]]
        self.names = [country_lists().name(code) for code in self.iso3]
        unit, share = str(table["unit"][0]), np.array(table["relative"], dtype=np.float64)
        middle = np.array(table["median"], dtype=np.float64)
        if is_relative(unit):
            self.values = 100.0 * np.where(np.isnan(share), 0.0, share)
            self.mark, self.measured = f"{NO_BREAK}%", "as a share of the country's own"
        else:
            self.values = 100.0 * middle if unit == "fraction" else middle
            self.mark = f"{NO_BREAK}pp" if unit == "fraction" else ""
            self.measured = {"fraction": "percentage points", "0 to 100": "points"}.get(unit, unit)
        self.seen = np.array(table["seen"], dtype=np.bool_)
        self.better = np.array(table["gains"], dtype=np.float64)
        self.worse = np.array(table["loses"], dtype=np.float64)
        self.less = less_is_better(str(table["indicator"][0]))

    @classmethod
    def of(cls, table: dict[Any, list[Any]]) -> _Shown:
        """Return what is drawn of the lines of a scenario."""
        if not table["iso3"]:
            raise InputError("this indicator applies to no country")
        return cls(table)

    @property
    def largest(self) -> float:
        """Size that all but a twentieth of what is seen stay below."""
        size = np.abs(self.values[self.seen])
        return float(np.quantile(size, 0.95)) if size.size else 0.0

    def colour(self, k: int, full: float) -> tuple[str, bool]:
        """Return a country's colour, and whether it is a loss."""
        value = float(self.values[k])
        if not self.seen[k] or value == 0.0:
            return _NONE, False
        loss = (value < 0.0) != self.less
        step = int(np.searchsorted(_STEPS, abs(value) / full, side="right"))
        return (_LOSS if loss else _GAIN)[step], loss


def _draw(ax: Axes, one: _Shown, full: float) -> None:
    lists = country_lists()
    ax.set_axis_off()
    ax.set_aspect("equal")
    found = {lists.m49(code): one.colour(k, full) for k, code in enumerate(one.iso3)}
    with mpl.rc_context({"hatch.linewidth": 0.35}):
        maps.draw_shapes(
            ax,
            {code: colour for code, (colour, _) in found.items()},
            neutral=_UNKNOWN,
            edge="#aaaaaa",
            hatches={code: _HATCHES[colour] for code, (colour, loss) in found.items() if loss},
        )
    shapes = {shape.m49 for shape in maps.world_shapes()}
    for code in one.iso3:
        colour, loss = found[lists.m49(code)]
        # What is too small to be seen, or has no shape at this scale, is a mark: a square where it loses.
        if lists.m49(code) not in shapes or lists.area(code) < _SMALL:
            x, y = maps.project_arc(np.array([lists.position(code)]))[0]
            ax.scatter(
                x, y, s=7, marker="s" if loss else "o", color=colour, edgecolor=INK, linewidth=0.3, zorder=2
            )  # fmt: skip
    east, _ = maps.equal_earth(np.array([-180.0, 180.0]), np.zeros(2))
    _, north = maps.equal_earth(np.zeros(2), np.array(_LATITUDES))
    ax.set_xlim(east[0], east[1])
    ax.set_ylim(north[0], north[1])


def _key(ax: Axes, full: float, mark: str) -> None:
    """Say what the tints mean."""
    ax.set_axis_off()
    edges = [0.0, *(full * step for step in _STEPS)]

    def label(k: int) -> str:
        low = f"{edges[k]:g}"
        return f"{low} to {edges[k + 1]:g}{mark}" if k < 3 else f"{low}{mark} and more"

    patches = [
        Patch(facecolor=_GAIN[k], edgecolor=GREY, linewidth=0.4, label=f"gain {label(k)}")
        for k in range(4)
    ]
    with mpl.rc_context({"hatch.linewidth": 0.35}):
        patches += [
            Patch(
                facecolor=_LOSS[k],
                edgecolor=INK,
                linewidth=0.0,
                hatch=_HATCHES[_LOSS[k]],
                label=f"loss {label(k)}",
            )
            for k in range(4)
        ]
        # Columns are filled downwards: a gain over the loss of the same size.
        order = [patch for pair in zip(patches[:4], patches[4:], strict=True) for patch in pair]
        ax.legend(
            handles=order,
            ncols=4,
            loc="center",
            fontsize=6.5,
            frameon=False,
            handlelength=1.6,
            columnspacing=1.4,
        )


def _nice(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the first that is not below; 1 for nothing."""
    if not size > 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    return next(power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= size * 0.999)


# ------------------------------------------------------------------------------------------ words


def _title(effects: Effects, indicator: str, year: int, one: _Shown) -> str:
    """Say who gains and loses most in the first scenario."""
    merit = -one.values if one.less else one.values
    gain, lose = int((one.better > 0.5).sum()), int((one.worse > 0.5).sum())
    order = np.argsort(-merit, kind="stable")
    best = [k for k in order if one.seen[k] and merit[k] > 0.0][:NAMED]
    least = [k for k in order[::-1] if one.seen[k] and merit[k] < 0.0][:NAMED]
    parts = [
        f"{_names(one, some)} {verb} most"
        for some, verb in ((best, "gain"), (least, "lose"))
        if some
    ]
    said = "; ".join(parts) or "no country's change is seen"
    if not parts and not gain + lose:
        return f"{_title_of(indicator)}, {year}, {effects.scenarios[0]}: {said}"
    counted = f"of {len(one.iso3)} countries {gain} noticeably gain, {lose} lose"
    return (
        f"{_title_of(indicator)}, {year}, {effects.scenarios[0]}: {said}; "
        f"{counted if gain + lose else 'none noticeably'}"
    )


def _names(one: _Shown, places: Sequence[int]) -> str:
    return ", ".join(f"{one.names[k]} ({_signed(float(one.values[k]))}{one.mark})" for k in places)


def _signed(value: float) -> str:
    size = abs(value)
    text = f"{value:+.1f}" if size >= 1.0 else f"{value:+.2g}"
    return text.replace("-", "−")


def _title_of(indicator: str) -> str:
    from sscsim.experiments.questions import indicator_title

    return indicator_title(indicator)


def _source(effects: Effects) -> str:
    from sscsim import __version__

    return (
        f"Source: sscsim {__version__}, {', '.join((effects.reference, *effects.scenarios))}; "
        f"{effects.spread_from}; shapes: Natural Earth. Equal Earth projection. {maps.BOUNDARY_NOTE}"
    )


def save_map(
    effects: Effects, path: str | Path, indicator: str | None = None, *, dpi: int = DPI
) -> Path:
    """Draw effects on countries and write the figure to a file, whole or not at all.

    Raises
    ------
    InputError
        As `effects_map`, and for an unknown ending.
    OutputError
        When the file cannot be written.
    """
    file = figure_file(path)
    return write_figures(
        {file.stem: effects_map(effects, indicator)}, file.parent, [file.suffix.lstrip(".")], dpi
    )[0]
