"""Yardsticks: what an effect is large or small beside.

Three stand beside an effect where they can be had. The first is what the reference itself brings from the report's year
(2018, before anything that a scenario changes) to the year of the effect. The second are people: how many, or how much
each. The third is the distance that the least developed countries are behind the South in the same number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.experiments.effects import differences, interval, relative_to
from sscsim.experiments.gathering import POOREST, SOUTH, Context, since
from sscsim.experiments.noticeable import LEAST_TOLD, is_nought
from sscsim.experiments.questions import Question, less_is_better
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.outcomes.indicators import Indicator

__all__ = ["in_words", "yardstick"]

INCOMES = ("gdp", "gdp_current", "gni", "real_income")
"""Indicators that are told a head as well."""

LEAST = 1e-4
"""Shares below this are told as less than it."""

TIMES = 2.0
"""From this many times on a share is told in times."""


def yardstick(
    question: Question, values: Array, other: Array, context: Context, start: int
) -> dict[str, Any]:
    """Return what an effect is held against.

    Parameters
    ----------
    question
        The number.
    values, other
        ``(draw,)`` in the reference and in the scenario.
    context
        Numbers of the reference, ``(draw,)`` each.
    start
        First year of the runs.

    Returns
    -------
    dict
        ``median`` (effect, in the unit), ``since`` (year), ``progress`` (median change in the reference from then, in
        the unit), ``of_progress``, ``of_progress_low``, ``of_progress_high`` (effect over the size of that change, draw
        by draw; its sign is the effect's), ``people`` (million more, or fewer, of whom the number speaks), ``a_head``
        (dollars for each, a year, of incomes), ``gap`` (median of South less least developed countries in the
        reference, in the unit), ``of_gap`` (effect over its size), ``words`` (all of them in a few words). NaN, and no
        words, for what cannot be told.
    """
    effect = differences(values, other)
    indicator, group, year, _ = question
    first = since(year, start)
    before = context.get((indicator, group, first)) if first < year else None
    change = np.full_like(values, np.nan) if before is None else values - before
    of_progress = interval(relative_to(effect, change))
    gap = _gap(question, context, values)
    of_gap = interval(relative_to(effect, gap))[1]
    heads = context.get(("population", group, year))
    people, a_head = _people(question, effect, heads)
    found = {
        "median": float(np.median(effect)),
        "since": first,
        "progress": float(np.median(change)),
        "of_progress": of_progress[1],
        "of_progress_low": of_progress[0],
        "of_progress_high": of_progress[2],
        "people": people,
        "a_head": a_head,
        "gap": float(np.median(gap)),
        "of_gap": of_gap,
    }
    return found | {"words": in_words(question, found)}


def _gap(question: Question, context: Context, values: Array) -> Array:
    """Return South less least developed countries, where a number of both can be compared; NaN elsewhere."""
    indicator, _, year, _ = question
    keys = [(indicator, group, year) for group in (SOUTH, POOREST)]
    if not _is_level(indicator) or any(key not in context for key in keys):
        return np.full_like(values, np.nan)
    return np.asarray(context[keys[0]] - context[keys[1]])


def _is_level(indicator: str) -> bool:
    """Whether an indicator says how well off members are on average, whatever their number and size."""
    from sscsim.outcomes.indicators import indicator_table

    one: Indicator | None = indicator_table().indicators.get(indicator)
    if one is None:
        return False
    if one.formula is None:
        return one.unit == "0 to 100" or one.name == "goals_on_track_share"
    return one.formula.kind in ("mean", "weighted mean", "ratio") and not any(
        factor.part for factor in one.formula.factors()
    )


def _people(question: Question, effect: Array, heads: Array | None) -> tuple[float, float]:
    """Return millions of people, and dollars for each, that an effect comes to."""
    indicator = question.indicator
    if indicator in ("poverty_people", "population"):
        return float(np.median(effect)), math.nan
    if heads is None or not (heads > 0).all():
        return math.nan, math.nan
    if indicator == "poverty_headcount":
        return float(np.median(effect * heads)), math.nan
    if indicator in INCOMES:
        return math.nan, float(np.median(1000.0 * effect / heads))
    return math.nan, math.nan


def in_words(question: Question, found: Mapping[str, Any]) -> str:
    """Return yardsticks in a few words: part of the progress, people or dollars a head, part of the gap."""
    parts: list[str] = []
    if found["median"] == 0.0:
        return ""
    if not math.isnan(found["of_progress"]):
        better = (found["progress"] > 0) != less_is_better(question.indicator)
        what = "own progress" if better else "own decline"
        share = _share(found["of_progress"])
        of = "" if share.endswith("times") else "of "
        parts.append(f"{share} {of}{what} since {found['since']}")
    if is_told(found["people"]) and question.indicator != "poverty_people":
        parts.append(f"{_amount(found['people'])} million people")
    if is_told(found["a_head"]):
        parts.append(f"{_amount(found['a_head'])} USD a head")
    if not math.isnan(found["of_gap"]):
        parts.append(f"{_share(found['of_gap'])} of the gap between LDCs and the South")
    return "; ".join(parts)


def is_told(amount: float) -> bool:
    """Return whether an amount is known, and more than nothing."""
    return not (math.isnan(amount) or is_nought(amount))


def _share(value: float) -> str:
    size = abs(value)
    if size >= TIMES:
        return f"{_digits(size)} times"
    return (
        f"{_digits(100.0 * size)} %" if size >= LEAST else f"less than {_digits(100.0 * LEAST)} %"
    )


def _amount(value: float) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{_digits(abs(value))}"


def _digits(size: float) -> str:
    """Write a size with two digits."""
    if size == 0.0:
        return "0"
    if size >= 100:
        return f"{size:,.0f}"
    if size >= 10:
        return f"{size:.0f}"
    if size >= 0.95:
        return f"{size:.1f}"
    # What is smaller than this would be written with an exponent.
    return f"{size:.1g}" if size >= LEAST else LEAST_TOLD
