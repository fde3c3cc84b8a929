"""What is noticeable: from which size on a country gains or loses, who is named for it, how finely a change is told.

One rule for whoever tells of effects: the terminal, the brief, the pages of the documentation. Tables that are written
as CSV or JSON have every digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = [
    "LEAST_TOLD",
    "MOST_DECIMALS",
    "NOTICED_INCOME",
    "NOTICED_POINTS",
    "decimals_told",
    "is_named",
    "is_nought",
    "most_decimals",
    "noticed",
]

NOTICED_INCOME = 1e-3
"""A country is worse off in income from this share of it on: growth is printed to a tenth of a per cent."""

NOTICED_POINTS = 0.1
"""… and in a Goal from this many points of a hundred on: the SDG Index is printed to a tenth of a point."""

NAMED = 0.5
"""A country is named where it noticeably gains or loses in more than this share of the draws."""

MOST_DECIMALS = 4
"""Digits after the point, in the unit that is shown, beyond which a change is none."""

LEAST_TOLD = f"{10.0**-MOST_DECIMALS:.{MOST_DECIMALS}f}"
"""The least that these write."""

_DIGITS = 2


def noticed(indicator: str) -> float:
    """Return from which change on a country is better or worse off: points of a Goal, a share of all else."""
    points = indicator.startswith("goal_") and not indicator.endswith(("_on_track", "_lost"))
    return NOTICED_POINTS if points else NOTICED_INCOME


def is_named(chance: float) -> bool:
    """Return whether who noticeably gains or loses in this share of the draws is named for it."""
    return chance > NAMED


def is_nought(value: float, decimals: int = MOST_DECIMALS) -> bool:
    """Return whether a number that is written with so many decimals is nought."""
    return round(abs(value), decimals) == 0.0


def most_decimals(median: float, level: float = math.nan) -> int:
    """Return with how many decimals a change is told at most.

    Parameters
    ----------
    median
        The change, in the unit that is shown.
    level
        What it adds to, in the same unit: of a very small country a few thousand dollars are noticeable.
    """
    own = math.isfinite(level) and level != 0.0 and abs(median) > NOTICED_INCOME * abs(level)
    if not own or not is_nought(median):
        return MOST_DECIMALS
    return _DIGITS - 1 - math.floor(math.log10(abs(median)))


def decimals_told(ends: Sequence[float], level: float, usual: int) -> int:
    """Return with how many decimals a change and its interval are written under one another.

    Parameters
    ----------
    ends
        Median, lower and upper end, in the unit that is shown.
    level
        What the change adds to, in the same unit; NaN where that is not known.
    usual
        With how many where nothing is lost. There are more where the sign is known and something would be nought, as
        long as that helps.
    """
    median, low, high = ends
    most = most_decimals(median, level)
    first = min(usual, most)
    known = low > 0.0 or high < 0.0
    more = range(first, most + 1) if known else ()
    whole = (d for d in more if not any(is_nought(end, d) for end in ends))
    return next(whole, first)
