"""Figures of a brief, without words of their own beyond labels: the sentence over them is the document's."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from sscsim.brief.amounts import Scale, table_scale, table_unit
from sscsim.brief.document import Picture, Text
from sscsim.brief.facts import ComparisonFacts, Effect, RunFacts
from sscsim.brief.language import Language
from sscsim.brief.wording import (
    group_in_table,
    indicator_in_table,
    indicator_in_text,
)
from sscsim.reports.fonts import families

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["effects_picture", "map_picture", "paths_picture"]

WIDTH = 6.3
DPI = 200
YEARS_APART = 5
"""Between the years that are named below a line of time."""


def effects_picture(
    language: Language, effects: Sequence[Effect], facts: ComparisonFacts
) -> Picture:
    """Draw the effect on one indicator group by group: dot, median; line, interval; hollow where zero is inside."""
    from sscsim.reports.style import COLOURS, GREY, INK

    scale = shared_scale(language, effects)
    with _styled(language):
        figure, ax = _paper(0.29 * len(effects) + 0.55)
        rows = np.arange(len(effects))
        colour = COLOURS["blue"]
        ax.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
        for row, effect in zip(rows, effects, strict=True):
            low, middle, high = (effect[k] * scale.factor for k in ("low", "median", "high"))
            ax.hlines(row, low, high, color=colour, linewidth=2.2, zorder=2)
            face = colour if effect.seen else "white"
            ax.scatter(
                [middle], [row], s=36, facecolor=face, edgecolor=colour, linewidth=1.4, zorder=3
            )
        ax.set_yticks(rows, [group_in_table(language, e.of).plain for e in effects])
        ax.set_ylim(len(effects) - 0.4, -0.6)
        ends = [e[k] * scale.factor for e in effects for k in ("low", "median", "high")] + [0.0]
        span = (max(ends) - min(ends)) or 1.0
        ax.set_xlim(min(ends) - 0.04 * span, max(ends) + 0.04 * span)
        _numbers_below(ax, language)
        ax.set_xlabel(_axis(language, effects[0].unit))
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        for row, effect in zip(rows, effects, strict=True):
            # Beside the axes, so that a number never lies on a line.
            text = _range(scale, effect)
            ax.annotate(
                text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(8, 0),
                textcoords="offset points", va="center", fontsize=8, color=INK if effect.seen else GREY,
                annotation_clip=False,
            )  # fmt: skip
        png = _png(figure)
    first = effects[0]
    caption = language.say(
        "{indicator}: change in {year} by group. Dot: median; line: 90 per cent of {pairs} pairs; hollow where the "
        "interval holds zero.",
        indicator=indicator_in_table(language, first.indicator),
        year=str(first.year),
        pairs=language.whole(float(facts.draws), "manifest: draws"),
    )
    told = [
        language.say(
            "{group}: {effect} ({low} to {high})",
            group=group_in_table(language, e.of),
            effect=scale.bare(e["median"], e.source("median"), plus=True),
            low=scale.bare(e["low"], e.source("low")),
            high=scale.bare(e["high"], e.source("high")),
        )
        for e in effects
    ]
    alternative = language.say(
        "Effects on {indicator} with their intervals. {list}.",
        indicator=indicator_in_text(language, first.indicator),
        list=_semicolons(language, told),
    )
    return Picture(png, caption, alternative)


def shared_scale(language: Language, effects: Sequence[Effect]) -> Scale:
    """Return one scale for effects that stand under one another."""
    values = [e[k] for e in effects for k in ("median", "low", "high")]
    medians = [e["median"] for e in effects]
    # Two digits of the largest median; where all are next to nothing, of the widest interval.
    size = max(max(map(abs, medians)), max(map(abs, values)) / 2.0)
    return table_scale(language, effects[0].unit, [size], effect=True)


def map_picture(language: Language, effects: Sequence[Effect], facts: ComparisonFacts) -> Picture:
    """Draw the median effect on one indicator country by country."""
    from sscsim.reports.changes import Changes, draw_changes, key_of_changes, nice
    from sscsim.reports.countries import country_lists

    scale = shared_scale(language, effects)
    sizes = np.array([e["median"] for e in effects]) * scale.factor
    codes = tuple(e.of for e in effects)
    changes = Changes(
        iso3=codes,
        names=tuple(country_lists().name(code) for code in codes),
        values=sizes,
        # What may be of either sign, or is written as nought, has no tint.
        seen=np.array([e.seen and not scale.nothing(e["median"]) for e in effects], dtype=np.bool_),
        better=(sizes > 0.0).astype(np.float64),
        worse=(sizes < 0.0).astype(np.float64),
        less=False,
        mark="",
        measured="",
    )
    full = nice(changes.largest)
    with _styled(language):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH, 3.35), dpi=DPI)
        draw_changes(figure.add_axes((0.0, 0.18, 1.0, 0.82)), changes, full)
        key = figure.add_axes((0.0, 0.05, 1.0, 0.12))
        others = [language.say(words).plain for words in ("no sure change", "not in the model")]
        key_of_changes(key, full, _sizes(language), others)
        key.set_title(
            _axis(language, effects[0].unit), loc="center", fontsize=8, fontweight="normal", y=-0.42
        )
        png = _png(figure)
    first = effects[0]
    up = sum(e.seen and e["median"] > 0 for e in effects)
    down = sum(e.seen and e["median"] < 0 for e in effects)
    caption = language.say(
        "{indicator}: median change in {year} by country.",
        indicator=indicator_in_table(language, first.indicator),
        year=str(first.year),
    )
    alternative = language.say(
        "World map of the change in {indicator}: seen above zero in {up} countries, below zero in {down}, of {of}. "
        "The countries that gain and lose most are named in the text.",
        indicator=indicator_in_text(language, first.indicator),
        up=language.whole(float(up), "countries: counted"),
        down=language.whole(float(down), "countries: counted"),
        of=language.whole(float(len(effects)), "countries: counted"),
    )
    return Picture(png, caption, alternative)


def paths_picture(
    language: Language, facts: RunFacts, indicator: str, groups: Sequence[str]
) -> Picture:
    """Draw an indicator of groups over the years of a run."""
    from sscsim.reports.figures.parts import dashes
    from sscsim.reports.style import COLOURS, label_line_ends
    from sscsim.reports.words import RECORD_ENDS, mark_record

    colours = [COLOURS[k] for k in ("blue", "vermilion", "green", "purple", "orange", "sky")]
    table = facts.run.indicators
    some = table[table["indicator"] == indicator]
    first_year, last_year = facts.years
    unit = facts.unit(indicator, groups[0])
    scale = table_scale(language, unit, [facts.level(indicator, g, last_year) for g in groups])
    with _styled(language):
        figure, ax = _paper(2.7)
        ends: list[tuple[float, str, str]] = []
        for group, colour in zip(groups, colours, strict=False):
            line = some[some["group"] == group].sort_values("year")
            ax.plot(
                line["year"],
                line["value"] * scale.factor,
                color=colour,
                linestyle=dashes(len(ends)),
            )
            name = group_in_table(language, group).plain
            ends.append((float(line["value"].iloc[-1]) * scale.factor, name, colour))
        years = facts.run.years
        ax.set_xlim(years[0], years[-1])
        ax.set_xticks([year for year in years if year % YEARS_APART == 0])
        if years[0] < RECORD_ENDS < years[-1]:
            mark_record(ax, RECORD_ENDS, named=False)  # the caption says what it is
        ax.grid(axis="y")
        ax.spines["left"].set_visible(False)
        named = table_unit(language, unit)
        ax.set_ylabel("" if named is None else named.plain)
        _numbers_below(ax, language, axis="y")
        figure.draw_without_rendering()
        label_line_ends(ax, float(years[-1]), ends)
        png = _png(figure)
    caption = language.say(
        "{indicator} by year. After 2018, the report's year, the lines are projections.",
        indicator=indicator_in_table(language, indicator),
    )
    told = [
        language.say(
            "{group}: {start} in {first}, {end} in {last}",
            group=group_in_table(language, group),
            start=scale.bare(
                facts.level(indicator, group, first_year),
                f"indicators: {indicator}, {group}, {first_year}",
            ),
            end=scale.bare(
                facts.level(indicator, group, last_year),
                f"indicators: {indicator}, {group}, {last_year}",
            ),
            first=str(first_year),
            last=str(last_year),
        )
        for group in groups
    ]
    alternative = language.say(
        "Lines of {indicator} over the years. {list}.",
        indicator=indicator_in_text(language, indicator),
        list=_semicolons(language, told),
    )
    return Picture(png, caption, alternative)


# ------------------------------------------------------------------------------------ helpers


def _semicolons(language: Language, parts: Sequence[Text]) -> Text:
    between = "；" if language.code == "zh" else "; "
    runs = [run for k, part in enumerate(parts) for run in ((between,) if k else ()) + part.runs]
    return Text(tuple(runs))


def _range(scale: Scale, effect: Effect) -> str:
    low, high = (scale.bare(effect[k], "").text for k in ("low", "high"))
    return f"{scale.bare(effect['median'], '', plus=True).text}  ({low} … {high})"


def _sizes(language: Language) -> Callable[[bool, float, float | None], str]:
    """Return what writes the sizes of a map's tints in no words, with numbers as the language has them."""
    number = _tick(language)

    def written(lost: bool, low: float, high: float | None) -> str:
        sign = "−" if lost else "+"
        if high is None:
            return f"{'<' if lost else '>'} {sign}{number(low, 0)}"
        return (
            f"{number(low, 0)} … {sign}{number(high, 0)}"
            if low == 0.0
            else (f"{sign}{number(low, 0)} … {sign}{number(high, 0)}")
        )

    return written


def _axis(language: Language, unit: str) -> str:
    """Return what stands under an axis of changes."""
    if unit == "fraction":
        return language.name("unit", "percentage points").plain
    named = table_unit(language, unit)
    return "" if named is None else named.plain


@contextmanager
def _styled(language: Language) -> Iterator[None]:
    import matplotlib as mpl

    from sscsim.reports.style import style_context

    chosen = families(language.code)
    with style_context():
        mpl.rcParams["font.family"] = chosen
        yield


def _paper(height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    return figure, figure.add_subplot()


def _numbers_below(ax: Axes, language: Language, axis: str = "x") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    one = ax.xaxis if axis == "x" else ax.yaxis
    one.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    one.set_major_formatter(FuncFormatter(_tick(language)))


def _tick(language: Language) -> Callable[[float, int], str]:
    def written(value: float, _: int) -> str:
        digits = f"{abs(value):.10f}".rstrip("0").partition(".")[2]
        return language.decimal(value, len(digits))

    return written


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", bbox_inches="tight", pad_inches=0.05, metadata={"Software": None}
    )
    return buffer.getvalue()
