"""Effects of scenarios on countries over the map of the world."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sscsim.errors import InputError
from sscsim.experiments.noticeable import is_named
from sscsim.reports import maps
from sscsim.reports.changes import (
    Changes,
    draw_changes,
    in_english,
    key_of_changes,
    nice,
    signed_size,
)
from sscsim.reports.effects import figure_file
from sscsim.reports.figures.saving import write_figures
from sscsim.reports.style import DPI, NO_BREAK, sheet, styled
from sscsim.reports.words import in_text

if TYPE_CHECKING:
    from sscsim.experiments.pairs import Effects

__all__ = ["effects_map", "save_map"]

MOST = 8
"""Maps that a figure holds."""

NAMED = 3
"""Countries that a title names."""

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
    shown = [Changes.of(table.to_dict("list")) for table in tables]
    full = nice(max(one.largest for one in shown))
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
        draw_changes(ax, one, full)
        if columns > 1:
            ax.set_title(name, fontsize=7.5, loc="left", pad=2, fontweight="bold")
    key_of_changes(
        page.axes(top=page.top - page.bottom - _KEY + 0.04), full, in_english(shown[0].mark)
    )
    return page.figure


# ------------------------------------------------------------------------------------------ words


def _title(effects: Effects, indicator: str, year: int, one: Changes) -> str:
    """Say who gains and loses most in the first scenario, of those for whom that is noticeable."""
    merit = -one.values if one.less else one.values
    gain, lose = (sum(map(is_named, chances.tolist())) for chances in (one.better, one.worse))
    order = np.argsort(-merit, kind="stable")
    best = [k for k in order if is_named(one.better[k])][:NAMED]
    least = [k for k in order[::-1] if is_named(one.worse[k])][:NAMED]
    parts = [
        f"{_names(one, some)} {verb}{'s' if len(some) == 1 else ''} most"
        for some, verb in ((best, "gain"), (least, "lose"))
        if some
    ]
    name, what = effects.scenarios[0], in_text(_title_of(indicator))
    if not parts:
        return f"With {name} no country gains or loses noticeably in {what} in {year}"
    counted = f"of {len(one.iso3)} countries {gain} noticeably gain, {lose} lose"
    return f"{name} changes {what} in {year}: {'; '.join(parts)}; {counted}"


def _names(one: Changes, places: Sequence[int]) -> str:
    return ", ".join(
        f"{one.names[k]} ({signed_size(float(one.values[k]))}{one.mark})" for k in places
    )


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
