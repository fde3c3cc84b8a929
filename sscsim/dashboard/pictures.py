"""What is shown of an answer, as plain data: lines for a chart, colours for a map. No browser is needed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from sscsim.dashboard.running import Answer
from sscsim.dashboard.words import Words
from sscsim.errors import unknown
from sscsim.outcomes.indicators import indicator_table
from sscsim.page.outputs import GOALS, Output, outputs
from sscsim.types import Array
from sscsim.world.loading import load_world

__all__ = [
    "HEIGHT",
    "WIDTH",
    "Line",
    "Lines",
    "MapPicture",
    "Shown",
    "chart",
    "indicators",
    "lines",
    "map_quantities",
    "outlines",
    "world_map",
]

WIDTH, HEIGHT = 960, 440
"""Size of the map's picture; it is scaled to where it stands."""

RUN, BASE, INK, GREY = "#0072B2", "#666666", "#222222", "#8a8a8a"
"""Of the colours of Okabe & Ito that every figure has (`sscsim.reports.style`)."""

LEVELS = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
"""ColorBrewer's YlGnBu in seven classes, safe for the colour-blind (Harrower & Brewer 2003)."""

CHANGES = ("#b35806", "#f1a340", "#fee0b6", "#f2f2f2", "#d8daeb", "#998ec3", "#542788")
"""ColorBrewer's PuOr in seven classes, its middle a shade greyer: orange is worse, purple better."""

NO_FIGURE = "#ffffff"
STEPS = (-1.0, -0.5, -0.1, 0.1, 0.5, 1.0)
"""Ends of classes of a change, in parts of what 95 of 100 changes stay within."""


@dataclass(frozen=True)
class Shown:
    """Something that can be shown of a country or a group.

    Attributes
    ----------
    name
        Its name.
    title, unit
        In the language of who looks.
    times
        What values are multiplied by.
    better
        ``more``, ``less``, or None where it is neither.
    output
        Where it is the page's, how that reads it.
    """

    name: str
    title: str
    unit: str
    times: float = 1.0
    better: str | None = None
    output: Output | None = None


# ------------------------------------------------------------------------------------------- lines


@lru_cache(maxsize=8)
def indicators(words: Words) -> Mapping[str, Shown]:
    """Return what lines can be drawn of, by the indicator's name: the page's first, then all others by title."""
    found: dict[str, Shown] = {}
    for one in outputs().table.values():
        if one.kind in ("series", "bank"):
            unit = words.of(outputs().units[one.unit])
            found[one.reads] = Shown(
                one.reads,
                words.of(one.title),
                unit,
                outputs().times(one, words.language),
                one.better,
                one,
            )
    rest = [one for name, one in indicator_table().indicators.items() if name not in found]
    for held in sorted(rest, key=lambda one: one.title):
        if not held.between:
            found[held.name] = Shown(held.name, held.title, held.unit)
    return found


@dataclass(frozen=True, eq=False)
class Line:
    """Values of a run, ``(year,)``."""

    title: str
    values: Array


@dataclass(frozen=True, eq=False)
class Lines:
    """An indicator over the years, in this run and in the baseline.

    Attributes
    ----------
    shown, group
        What, and of whom.
    years
        Years of the run.
    run, base
        The two lines; no second without a baseline.
    record_ends
        Last year on record.
    """

    shown: Shown
    group: str
    years: tuple[int, ...]
    run: Line
    base: Line | None
    record_ends: int

    def at(self, year: int) -> tuple[float, float]:
        """Return the values of this run and of the baseline in a year, NaN where there is none."""
        if year not in self.years:
            return float("nan"), float("nan")
        place = self.years.index(year)
        base = self.base.values if self.base is not None else np.full(len(self.years), np.nan)
        return float(self.run.values[place]), float(
            base[place] if place < len(base) else float("nan")
        )


def lines(answer: Answer, base: Answer | None, indicator: str, group: str, words: Words) -> Lines:
    """Return an indicator of a group over the years.

    Raises
    ------
    InputError
        For an indicator or a group that there is not.
    """
    table = indicators(words)
    if indicator not in table:
        raise unknown("indicator of this name", indicator, table, key="indicator")
    shown = table[indicator]
    return Lines(
        shown,
        group,
        answer.years,
        Line(words("this_run"), answer.series(indicator, group) * shown.times),
        None
        if base is None
        else Line(words("baseline"), base.series(indicator, group) * shown.times),
        answer.record_ends,
    )


def _points(values: Array, shown: Sequence[bool] | None = None) -> list[float | None]:
    # The chart draws no line to what is not there.
    return [
        float(f"{value:.6g}") if np.isfinite(value) and (shown is None or shown[i]) else None
        for i, value in enumerate(values.tolist())
    ]


def chart(picture: Lines, year: int, words: Words) -> dict[str, Any]:
    """Return the chart of a line as ECharts takes it: years to come are pale, the baseline is dashed.

    Parameters
    ----------
    picture
        What is drawn.
    year
        The year that is looked at.
    words
        The language.
    """
    years, values = picture.years, picture.run.values
    marks: list[dict[str, Any]] = [
        {
            "xAxis": str(year),
            "lineStyle": {"color": INK, "type": "solid", "width": 1},
            "label": {"show": False},
        }
    ]
    if years and years[0] <= picture.record_ends <= years[-1]:
        marks.append(
            {
                "xAxis": str(picture.record_ends),
                "lineStyle": {"color": GREY, "type": "dotted", "width": 1.5},
                "label": {
                    "formatter": words("record_ends"),
                    "position": "insideEndTop",
                    "color": BASE,
                },
            }
        )
    line: dict[str, Any] = {"type": "line", "showSymbol": False, "animation": False}
    series = [
        line
        | {
            "name": picture.run.title,
            "data": _points(values, [one <= year for one in years]),
            "lineStyle": {"color": RUN, "width": 3},
            "itemStyle": {"color": RUN},
            "markLine": {"symbol": "none", "silent": True, "data": marks, "animation": False},
            "z": 4,
        },
        line
        | {
            "name": f"{picture.run.title} …",
            "data": _points(values, [one >= year for one in years]),
            "lineStyle": {"color": RUN, "width": 1.5, "opacity": 0.45},
            "itemStyle": {"color": RUN, "opacity": 0.45},
            "z": 3,
        },
    ]
    if picture.base is not None:
        series.append(
            line
            | {
                "name": picture.base.title,
                "data": _points(picture.base.values),
                "lineStyle": {"color": BASE, "type": "dashed", "width": 2},
                "itemStyle": {"color": BASE},
                "z": 2,
            }
        )
    return {
        "animation": False,
        "aria": {"enabled": True},
        "grid": {"left": 8, "right": 24, "top": 48, "bottom": 8, "containLabel": True},
        "legend": {
            "data": [one["name"] for one in series if "…" not in one["name"]],
            "top": 0,
            "right": 8,
        },
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": [str(one) for one in years],
            "boundaryGap": False,
        },
        "yAxis": {
            "type": "value",
            "scale": True,
            "name": picture.shown.unit,
            "nameTextStyle": {"align": "left"},
        },
        "series": series,
    }


# --------------------------------------------------------------------------------------------- map


@lru_cache(maxsize=8)
def map_quantities(words: Words) -> Mapping[str, Shown]:
    """Return what the map can show, by name: the page's quantities of countries, and each Goal."""
    found = {
        name: Shown(
            name,
            words.of(one.title),
            words.of(outputs().units[one.unit]),
            outputs().times(one, words.language),
            one.better,
            one,
        )
        for name, one in outputs().table.items()
        if one.kind == "country"
    }
    points = words.of(outputs().units["points"])
    for goal, said in outputs().goals.items():
        found[f"goal_{goal}"] = Shown(
            f"goal_{goal}", f"{goal}. {words.of(said)}", points, 1.0, "more"
        )
    return found


def _of_countries(answer: Answer, shown: Shown, year: int) -> Array:
    """Return a quantity of every country in a year, ``(country,)``."""
    history = answer.history
    if shown.output is None:
        goal = GOALS.index(int(shown.name.removeprefix("goal_")))
        values: Array = history.values("goals", year)[:, goal] * shown.times
        return values
    if shown.output.reads == "goals":
        goals = history.values("goals", year)
        applies = np.isfinite(goals)
        total = np.where(applies, goals, 0.0).sum(axis=1)
        return np.asarray(total / np.maximum(applies.sum(axis=1), 1)) * shown.times
    names = [name.strip() for name in shown.output.reads.split("+")]
    summed = np.sum([history.values(name, year) for name in names], axis=0)
    if shown.output.per is not None:
        summed = summed / history.values(shown.output.per, year)
    return np.asarray(summed) * shown.times


@dataclass(frozen=True)
class MapPicture:
    """A map.

    Attributes
    ----------
    title
        What it shows.
    fills
        Colour by ISO code.
    texts
        What is said of each country, by ISO code.
    legend
        Colour and text of each class, lowest first.
    note
        What is to be said beside, or nothing.
    """

    title: str
    fills: Mapping[str, str]
    texts: Mapping[str, str]
    legend: tuple[tuple[str, str], ...]
    note: str = ""


def world_map(
    answer: Answer,
    base: Answer | None,
    quantity: str,
    year: int,
    words: Words,
    *,
    change: bool = False,
) -> MapPicture:
    """Return the map of a quantity in a year, or of its change against the baseline.

    Classes are the same in every year of a run, so that what is seen to change has changed.

    Raises
    ------
    InputError
        For a quantity that there is not, or a year that the run has not come to.
    """
    table = map_quantities(words)
    if quantity not in table:
        raise unknown("quantity of countries of this name", quantity, table, key="map")
    shown = table[quantity]
    codes = tuple(answer.history.labels["country"])
    now = _of_countries(answer, shown, year)
    years = [one for one in answer.years if base is None or one in base.history.ends]
    then = None if base is None or year not in years else _of_countries(base, shown, year)
    names = names_of(words.language)
    apart = None if then is None else _apart(shown, now, then)
    unit = shown.unit if shown.output is None else words.of(outputs().effect_unit(shown.output))
    texts = {}
    for place, code in enumerate(codes):
        said = f"{names.get(code, code)}: {words.number(float(now[place]))} {shown.unit}"
        if apart is not None and np.isfinite(apart[place]):
            said += f" ({words.number(float(apart[place]), signed=True)} {unit})"
        texts[code] = said
    if not change or base is None or apart is None:
        held = answer if base is None else base
        pool = np.concatenate([_of_countries(held, shown, one) for one in held.years])
        edges = _edges_of_levels(pool)
        colours: Sequence[str] = LEVELS[-len(edges) - 1 :] if len(edges) else LEVELS[3:4]
        legend = _legend(edges, colours, words)
        return MapPicture(
            f"{shown.title}, {shown.unit}", _fills(codes, now, edges, colours), texts, legend
        )
    title = f"{shown.title}, {unit}: {words('as_change')}"
    if not np.nan_to_num(apart).any():
        edges = np.array([])
        note = words("no_change_at_all", year=year)
        return MapPicture(
            title,
            _fills(codes, apart, edges, CHANGES[3:4]),
            texts,
            ((CHANGES[3], words("no_change")),),
            note,
        )
    every = np.array(
        [_apart(shown, *(_of_countries(one, shown, y) for one in (answer, base))) for y in years]
    )
    sizes = np.abs(every[np.isfinite(every) & (every != 0.0)])
    edges = np.asarray(STEPS) * float(np.quantile(sizes, 0.95))
    colours = CHANGES[::-1] if shown.better == "less" else CHANGES
    return MapPicture(
        title,
        _fills(codes, apart, edges, colours),
        texts,
        _legend(edges, colours, words, signed=True),
    )


def _apart(shown: Shown, now: Array, then: Array) -> Array:
    """Return how far two values are apart: in per cent where the page says so, in points of a share, in its unit."""
    if shown.output is not None and shown.output.change == "log":
        return np.divide(
            100.0 * (now - then), then, out=np.full_like(now, np.nan), where=then > 0.0
        )
    return np.asarray(now - then)


def _edges_of_levels(pool: Array) -> Array:
    """Return the inner ends of seven classes with as many values in each, fewer where ends fall together."""
    finite = pool[np.isfinite(pool)]
    if not len(finite):
        return np.array([])
    parts = np.quantile(finite, np.arange(1, len(LEVELS)) / len(LEVELS))
    return np.unique([float(f"{edge:.2g}") for edge in parts])


def _fills(
    codes: Sequence[str], values: Array, edges: Array, colours: Sequence[str]
) -> dict[str, str]:
    classes = np.searchsorted(edges, values, side="right")
    return {
        code: colours[int(place)] if np.isfinite(value) else NO_FIGURE
        for code, value, place in zip(codes, values, classes, strict=True)
    }


def _legend(
    edges: Array, colours: Sequence[str], words: Words, *, signed: bool = False
) -> tuple[tuple[str, str], ...]:
    said = [words.number(float(f"{edge:.2g}"), signed=signed) for edge in edges.tolist()]
    if not said:
        return ()
    between = [words("between", low=low, high=high) for low, high in pairwise(said)]
    if signed:
        between[len(between) // 2] = words("about_none")
    return tuple(zip(colours, [f"< {said[0]}", *between, f"> {said[-1]}"], strict=True))


@lru_cache(maxsize=2)
def names_of(language: str) -> Mapping[str, str]:
    """Return names of countries by ISO code, as the page has them."""
    from sscsim.page.payload import country_names

    return country_names(load_world(), language)


@lru_cache(maxsize=1)
def outlines() -> tuple[dict[str, Any], ...]:
    """Return the world's shapes on a plane of `WIDTH` by `HEIGHT`: ISO code, or ``-`` and a number, and an SVG path.

    Economies too small to be seen are circles, of which the middle is given.
    """
    from sscsim.page.shapes import dots, features
    from sscsim.reports.maps import Shape, equal_earth, outline

    # The Equal Earth projection's width; its poles are left out.
    scale = WIDTH / (2 * 2.7066)

    def placed(x: Array, y: Array) -> tuple[Array, Array]:
        return WIDTH / 2 + x * scale, HEIGHT * 0.56 - y * scale

    found: list[dict[str, Any]] = []
    for one in features()["features"]:
        polygons = tuple(
            tuple(np.array(ring) for ring in polygon) for polygon in one["geometry"]["coordinates"]
        )
        path = outline(Shape(one["id"], None, polygons))
        if path is None:
            continue
        points, kinds = np.asarray(path.vertices, dtype=np.float64), np.asarray(path.codes)
        x, y = placed(points[:, 0], points[:, 1])
        text = [
            "Z"
            if kind == path.CLOSEPOLY
            else f"{'M' if kind == path.MOVETO else 'L'}{a:.1f} {b:.1f}"
            for a, b, kind in zip(x.tolist(), y.tolist(), kinds.tolist(), strict=True)
        ]
        found.append({"id": one["id"], "d": "".join(text)})
    for dot in dots():
        longitude = (dot.longitude - 11.0 + 180.0) % 360.0 - 180.0
        x, y = placed(*equal_earth(np.array([longitude]), np.array([dot.latitude])))
        found.append({"id": dot.iso3, "x": round(float(x[0]), 1), "y": round(float(y[0]), 1)})
    return tuple(found)
