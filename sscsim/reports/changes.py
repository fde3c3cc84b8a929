"""Changes of countries on a map: blue gains, orange and hatched losses, pale where nothing is seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.experiments.noticeable import LEAST_TOLD
from sscsim.reports import maps
from sscsim.reports.countries import country_lists
from sscsim.reports.style import GREY, INK, NO_BREAK
from sscsim.types import Array

__all__ = [
    "Changes",
    "Written",
    "as_shown",
    "draw_changes",
    "in_english",
    "key_of_changes",
    "nice",
    "signed_size",
]

_GAIN = ("#d3e4f0", "#9dc4dd", "#5799c6", "#1f6aa0")
_LOSS = ("#fbe3d0", "#f4b886", "#e28644", "#b1540f")
_HATCHES = dict(zip(_LOSS, ("//", "////", "//////", "////////"), strict=True))
"""What is lost is told from what is gained without colour, too: the denser, the more."""

_NONE, _UNKNOWN = "#f4f4f4", "#dcdcdc"
_STEPS = (0.1, 0.2, 0.5)
"""Where tints change, as parts of the number at which the darkest is full."""


@dataclass(frozen=True)
class Changes:
    """Changes of countries as they are drawn: as a share of a country's own, or as they are.

    Attributes
    ----------
    iso3, names
        Codes and names of countries.
    values
        ``(country,)``: per cent, points or the unit.
    seen
        ``(country,)``: whether the interval leaves zero out; of a single pair of runs whether there is a change.
    better
        ``(country,)``: share of draws in which the country noticeably gains.
    worse
        … loses.
    less
        Whether less is better.
    mark, measured
        What follows a number, and what is measured.
    """

    iso3: tuple[str, ...]
    names: tuple[str, ...]
    values: Array
    seen: NDArray[np.bool_]
    better: Array
    worse: Array
    less: bool
    mark: str
    measured: str

    @classmethod
    def of(cls, table: dict[Any, list[Any]]) -> Changes:
        """Return what is drawn of the lines that a comparison has of a scenario."""
        from sscsim.experiments.gains import is_relative
        from sscsim.experiments.pairs import less_is_better

        if not table["iso3"]:
            raise InputError("this indicator applies to no country")
        unit, share = str(table["unit"][0]), np.array(table["relative"], dtype=np.float64)
        middle = np.array(table["median"], dtype=np.float64)
        values, mark, measured = as_shown(middle, share, unit, relative=is_relative(unit))
        codes = tuple(str(code) for code in table["iso3"])
        return cls(
            codes,
            tuple(country_lists().name(code) for code in codes),
            values,
            np.array(table["seen"], dtype=np.bool_),
            np.array(table["gains"], dtype=np.float64),
            np.array(table["loses"], dtype=np.float64),
            less_is_better(str(table["indicator"][0])),
            mark,
            measured,
        )

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


def as_shown(middle: Array, share: Array, unit: str, *, relative: bool) -> tuple[Array, str, str]:
    """Return changes as they are drawn, what follows a number, and what is measured."""
    if relative:
        shown = 100.0 * np.where(np.isnan(share), 0.0, share)
        return shown, f"{NO_BREAK}%", "as a share of the country's own"
    if unit == "fraction":
        return 100.0 * middle, f"{NO_BREAK}pp", "percentage points"
    return middle, "", {"0 to 100": "points"}.get(unit, unit)


def draw_changes(ax: Axes, one: Changes, full: float, *, neutral: str = _UNKNOWN) -> None:
    """Draw the map of the world, its darkest tint from half of `full` on; what is not in the model is neutral."""
    lists = country_lists()
    found = {lists.m49(code): one.colour(k, full) for k, code in enumerate(one.iso3)}
    with mpl.rc_context({"hatch.linewidth": 0.35}):
        maps.draw_shapes(
            ax,
            {code: colour for code, (colour, _) in found.items()},
            neutral=neutral,
            edge="#aaaaaa",
            hatches={code: _HATCHES[colour] for code, (colour, loss) in found.items() if loss},
        )
    for code in one.iso3:
        colour, loss = found[lists.m49(code)]
        # What is too small to be seen, or has no shape at this scale, is a mark: a square where it loses.
        if maps.is_dot(code):
            x, y = maps.place_of(code)
            ax.scatter(
                [x], [y], s=7, marker="s" if loss else "o", color=colour, edgecolor=INK, linewidth=0.3, zorder=2
            )  # fmt: skip
    maps.frame(ax)


Written: TypeAlias = Callable[[bool, float, float | None], str]
"""What writes a tint's meaning: whether it is a loss, from which size, up to which (None: and more)."""


def in_english(mark: str, gain: str = "gain", loss: str = "loss") -> Written:
    """Return what writes sizes in English, with what follows a number and words for up and down."""

    def written(lost: bool, low: float, high: float | None) -> str:
        size = f"{low:g}{mark} and more" if high is None else f"{low:g} to {high:g}{mark}"
        return f"{loss if lost else gain} {size}"

    return written


def key_of_changes(
    ax: Axes,
    full: float,
    written: Written,
    others: Sequence[str] = ("no effect seen", "not in the model"),
) -> None:
    """Say what the tints mean; `others` are what is pale and what is grey."""
    ax.set_axis_off()
    edges = [0.0, *(full * step for step in _STEPS), None]

    def label(lost: bool, k: int) -> str:
        low = edges[k]
        assert low is not None
        return written(lost, low, edges[k + 1])

    patches = [
        Patch(facecolor=_GAIN[k], edgecolor=GREY, linewidth=0.4, label=label(False, k))
        for k in range(4)
    ]
    with mpl.rc_context({"hatch.linewidth": 0.35}):
        patches += [
            Patch(
                facecolor=_LOSS[k],
                edgecolor=INK,
                linewidth=0.0,
                hatch=_HATCHES[_LOSS[k]],
                label=label(True, k),
            )
            for k in range(4)
        ]
        # Columns are filled downwards: a gain over the loss of the same size.
        order = [patch for pair in zip(patches[:4], patches[4:], strict=True) for patch in pair]
        order += [
            Patch(facecolor=colour, edgecolor=GREY, linewidth=0.4, label=words)
            for colour, words in zip((_NONE, _UNKNOWN), others, strict=True)
        ]
        ax.legend(
            handles=order,
            ncols=5,
            loc="center",
            fontsize=6.5,
            frameon=False,
            handlelength=1.6,
            columnspacing=1.4,
        )


def nice(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the first that is not below; 1 for nothing."""
    if not size > 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    return next(power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= size * 0.999)


def signed_size(value: float) -> str:
    """Write a change with its sign and two digits or one."""
    size = abs(value)
    if size >= 1.0:
        text = f"{value:+,.0f}" if size >= 100.0 else f"{value:+.1f}"
    elif size >= float(LEAST_TOLD):
        text = f"{value:+.2g}"
    else:
        text = f"{'-' if value < 0.0 else '+'}<{LEAST_TOLD}" if size else "0"
    return text.replace("-", "−")
