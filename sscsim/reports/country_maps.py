"""Maps of an indicator by country: of one run in a year, and of what another run has more or less of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sscsim.errors import InputError, nearest
from sscsim.reports import maps
from sscsim.reports.changes import (
    Changes,
    as_shown,
    draw_changes,
    in_english,
    key_of_changes,
    nice,
    signed_size,
)
from sscsim.reports.countries import country_lists
from sscsim.reports.style import GREY, INK, NO_BREAK, sheet, styled
from sscsim.reports.words import in_full, in_text, names_of, source_line, version_of
from sscsim.results.tables import Columns
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["ByCountry", "by_country", "country_map", "difference_map", "year_kept"]

NAMED = 3
"""Countries that a title names at each end."""

TINTS = ("#d5e5f1", "#aac9e2", "#7aaccf", "#4787b8", "#17517f")
"""From light to dark: an order that survives a black-and-white printer."""

_NEUTRAL = "#ffffff"
_EDGE = "#9a9a9a"
_MAP, _KEY = 2.75, 0.3  # inches
_KEY_OF_CHANGES = 0.42

_LEAST = 0.01  # below which a number is not written out

SAME = 1e-9
"""Of its size below which a number of two runs is the same."""


@dataclass(frozen=True)
class ByCountry:
    """An indicator of every country in a year.

    Attributes
    ----------
    iso3
        Codes.
    values
        ``(country,)``, NaN where it does not apply.
    unit, title
        Its unit and what it is called.
    """

    iso3: tuple[str, ...]
    values: Array
    unit: str
    title: str


def year_kept(run: Run, year: int | None) -> int:
    """Return a year in which the run has its countries: the one named, else 2030, else the last.

    Raises
    ------
    InputError
        For a run without countries, or another year.
    """
    years = sorted({int(y) for y in run.countries["year"].unique()})
    if year is None:
        return 2030 if 2030 in years else years[-1]
    if year not in years:
        raise InputError(
            "the run does not have its countries in this year",
            key="year",
            found=year,
            allowed=[str(y) for y in years],
        )
    return year


def by_country(run: Run, indicator: str, year: int) -> ByCountry:
    """Return an indicator country by country: one of the table of indicators, or a variable of a country.

    Raises
    ------
    InputError
        For a name that is neither, and a run that kept no countries.
    """
    from sscsim.experiments.groups import Derived, derivable, variables_of
    from sscsim.experiments.questions import indicator_title
    from sscsim.parameters import default_parameters

    table = run.countries
    rows = table[table["year"] == year]
    codes = tuple(str(code) for code in rows["iso3"])
    known = derivable()
    if indicator in table.columns and indicator not in known and indicator not in ("iso3", "year"):
        values = rows[indicator].to_numpy(dtype=np.float64)
        return ByCountry(codes, values, *_of_variable(indicator))
    if indicator not in known:
        names = sorted({*known, *(str(c) for c in table.columns)} - {"iso3", "year"})
        raise InputError(
            "a run has no such number of every country",
            key="indicator",
            found=indicator,
            allowed="an indicator that `sscsim explain indicators` lists for countries, or a variable of countries "
            "that `sscsim show RUN --country NAME` prints",
            suggestion=nearest(indicator, names),
        )
    columns = _of_outcomes(run.tables["countries"].laid_out(run.named))
    everyone = dict(zip(codes, np.eye(len(codes), dtype=np.bool_), strict=True))
    changed = run.manifest.get("parameters_changed") or {}
    # The book of indicators wants one with a denominator among them.
    wanted = list(dict.fromkeys([indicator, "poverty_headcount"]))
    measured = Derived(codes, everyone, wanted).measure(
        variables_of(columns, year),
        variables_of(columns, run.years[0]),
        default_parameters().replace(changed),
    )
    return ByCountry(codes, measured[0], known[indicator].unit, indicator_title(indicator))


def _of_outcomes(table: Columns) -> Columns:
    """Return the columns that the table of indicators reads: a run keeps more whose names begin alike."""
    from sscsim.results.schema import OUTCOMES

    goals = {f"goal_{g}" for g in range(1, 18)}
    plain = {"iso3", "year", *OUTCOMES, *goals}
    stems = tuple(f"{name}_" for name in OUTCOMES if name not in table.held and name != "goals")
    return Columns(
        {
            name: held
            for name, held in table.held.items()
            if name in plain or (stems and name.startswith(stems))
        }
    )


def _of_variable(name: str) -> tuple[str, str]:
    """Return the unit and the name in words of a column of countries."""
    from sscsim.steps.plan import variables

    own = {v.name: v for v in variables() if v.axes and v.axes[0] == "country"}
    whole = next((v for v in own.values() if name.startswith(f"{v.name}_")), None)
    one = own.get(name) or whole or own["goals"]
    return one.unit, name.replace("_", " ").capitalize()


# ----------------------------------------------------------------------------------- of one run


@styled
def country_map(run: Run, indicator: str, year: int | None = None) -> Figure:
    """Draw an indicator country by country over the map of the world.

    Parameters
    ----------
    run
        The run.
    indicator
        As `by_country` takes it.
    year
        A year whose countries the run kept; None for 2030, or the last one.

    Raises
    ------
    InputError
        As `by_country` and `year_kept`, and for what no country has.
    """
    year = year_kept(run, year)
    found = by_country(run, indicator, year)
    factor, mark = _shown_in(found.unit)
    values = factor * found.values
    there = np.flatnonzero(np.isfinite(values))
    if not there.size:
        raise InputError("no country has this number", key="indicator", found=indicator)
    order = there[np.argsort(-values[there], kind="stable")].tolist()
    what = in_text(found.title)
    edges = _classes(values[there])
    page = sheet(
        f"{what[:1].upper()}{what[1:]} in {year} is highest in {_list(found, values, order[:NAMED], mark)}, lowest in "
        f"{_list(found, values, order[::-1][:NAMED], mark)}",
        f"{found.title}, {year}, {_unit(found.unit)}, in {len(edges) + 1} classes of about as many countries each; "
        "white: not in the model, or it does not apply",
        source_line(run, "as sscsim data sources lists them; shapes: Natural Earth")
        + f" Equal Earth projection. {maps.BOUNDARY_NOTE}",
        _MAP + _KEY,
    )
    place = np.searchsorted(edges, values, side="right")
    lists = country_lists()
    tints = [TINTS[k] for k in _spread_over(len(edges) + 1)]
    colours = {lists.m49(found.iso3[k]): tints[place[k]] for k in there}
    ax = page.axes(bottom=_KEY)
    maps.draw_shapes(ax, colours, neutral=_NEUTRAL, edge=_EDGE)
    for k in there:
        if maps.is_dot(found.iso3[k]):
            x, y = maps.place_of(found.iso3[k])
            ax.scatter([x], [y], s=7, color=tints[place[k]], edgecolor=INK, linewidth=0.3, zorder=2)
    maps.frame(ax)
    _key(page.axes(top=page.top - page.bottom - _KEY), edges, tints, mark)
    return page.figure


def _classes(values: Array) -> Array:
    """Return edges between five classes of about as many countries; fewer classes where many are equal."""
    exact = np.quantile(values, (0.2, 0.4, 0.6, 0.8))
    inside: list[float] = []
    for digits in (2, 3, 4):  # as few as tell them apart
        edges = [float(f"{v:.{digits}g}") for v in exact]
        inside = [v for v in dict.fromkeys(edges) if values.min() < v <= values.max()]
        if len(inside) == len(exact):
            break
    return np.array(sorted(inside))


def _spread_over(count: int) -> list[int]:
    return [round(k) for k in np.linspace(0, len(TINTS) - 1, count)] if count > 1 else [2]


def _key(ax: Axes, edges: Array, tints: Sequence[str], mark: str) -> None:
    ax.set_axis_off()
    if not len(edges):
        return
    names = [f"under {_write(edges[0])}{mark}"]
    names += [f"{_write(a)} to {_write(b)}{mark}" for a, b in itertools.pairwise(edges)]
    names += [f"{_write(edges[-1])}{mark} and more"]
    patches = [
        Patch(facecolor=tint, edgecolor=GREY, linewidth=0.3, label=name)
        for tint, name in zip(tints, names, strict=True)
    ]
    ax.legend(
        handles=patches,
        ncols=len(patches),
        loc="center",
        fontsize=7,
        frameon=False,
        handlelength=1.5,
        columnspacing=1.3,
    )


# ---------------------------------------------------------------------------------- of two runs


@styled
def difference_map(one: Run, other: Run, indicator: str, year: int | None = None) -> Figure:
    """Draw what the other run has more or less than the one, country by country.

    Parameters
    ----------
    one, other
        Runs; what is drawn is the other less the one.
    indicator
        As `by_country` takes it.
    year
        A year whose countries both kept; None for 2030, or the last one.

    Raises
    ------
    InputError
        As `by_country` and `year_kept`, and for runs of other countries.
    """
    from sscsim.experiments.questions import less_is_better

    year = year_kept(one, year)
    year_kept(other, year)
    before, after = by_country(one, indicator, year), by_country(other, indicator, year)
    if before.iso3 != after.iso3:
        raise InputError("the runs are of different countries and cannot be set beside each other")
    names = names_of(one, other)
    changes = _between(before, after, less=less_is_better(indicator))
    full = nice(changes.largest)
    luck = (
        "the same luck in both"
        if one.seed == other.seed
        else f"luck differs too: seeds {one.seed} and {other.seed}"
    )
    page = sheet(
        _title(changes, before, names, year),
        f"{before.title}, {year}: {names[1]} less {names[0]}, {changes.measured}; one pair of runs, {luck}; "
        f"palest: no difference",
        f"Source: {version_of(other)}, runs {in_full(one)} and {in_full(other)}; shapes: Natural Earth. "
        f"Equal Earth projection. {maps.BOUNDARY_NOTE}",
        _MAP + _KEY_OF_CHANGES,
    )
    draw_changes(page.axes(bottom=_KEY_OF_CHANGES), changes, full)
    words = ("less", "more") if changes.less else ("more", "less")
    key_of_changes(
        page.axes(top=page.top - page.bottom - _KEY_OF_CHANGES + 0.04),
        full,
        in_english(changes.mark, *words),
        ("no difference", "not in the model"),
    )
    return page.figure


def _between(before: ByCountry, after: ByCountry, *, less: bool) -> Changes:
    """Return the difference of two runs as it is drawn."""
    from sscsim.experiments.gains import is_relative

    there = np.flatnonzero(np.isfinite(before.values) & np.isfinite(after.values))
    if not there.size:
        raise InputError("no country has this number in both runs")
    a, b = before.values[there], after.values[there]
    gap = b - a
    share = np.divide(gap, np.abs(a), out=np.full(gap.shape, np.nan), where=a != 0.0)
    values, mark, measured = as_shown(gap, share, before.unit, relative=is_relative(before.unit))
    seen = np.abs(gap) > SAME * np.maximum(np.abs(a), np.abs(b))
    codes = tuple(before.iso3[k] for k in there)
    merit = np.where(seen, -gap if less else gap, 0.0)
    return Changes(
        codes,
        tuple(country_lists().name(code) for code in codes),
        np.where(seen, values, 0.0),
        seen,
        (merit > 0.0).astype(np.float64),
        (merit < 0.0).astype(np.float64),
        less,
        mark,
        measured,
    )


def _title(changes: Changes, what: ByCountry, names: tuple[str, str], year: int) -> str:
    order = np.argsort(-changes.values, kind="stable")
    most = [k for k in order if changes.values[k] > 0.0][:NAMED]
    least = [k for k in order[::-1] if changes.values[k] < 0.0][:NAMED]
    if not most and not least:
        return f"{names[1]} and {names[0]} have the same {in_text(what.title)} in every country in {year}"

    def listed(places: Sequence[int]) -> str:
        return ", ".join(
            f"{changes.names[k]} ({signed_size(float(changes.values[k]))}{changes.mark})"
            for k in places
        )

    said = " and ".join(
        f"{word} most in {listed(places)}"
        for word, places in ((f"exceeds {names[0]}", most), ("falls short", least))
        if places
    )
    if not most:
        said = said.replace("falls short", f"falls short of {names[0]}", 1)
    return f"In {in_text(what.title)} in {year} {names[1]} {said}"


# ------------------------------------------------------------------------------------------ words


def _shown_in(unit: str) -> tuple[float, str]:
    return (100.0, f"{NO_BREAK}%") if unit in ("fraction", "share") else (1.0, "")


def _unit(unit: str) -> str:
    return "per cent" if unit in ("fraction", "share") else unit


def _write(value: float) -> str:
    if 0.0 < abs(value) < _LEAST:
        return f"under {_LEAST:g}"
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def _list(found: ByCountry, values: Array, places: Sequence[int], mark: str) -> str:
    return ", ".join(
        f"{country_lists().name(found.iso3[k])} ({_write(float(values[k]))}{mark})" for k in places
    )
