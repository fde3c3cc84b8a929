"""How amounts are written: scale, decimals and unit, in the way of each language.

English counts money in millions, billions and trillions, Chinese in ten thousands (万) and hundred millions (亿);
shares are per cent, their differences percentage points. A number, and the ends of its interval, are written in one
scale with the same decimals, so that they can be compared at a glance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sscsim.brief.document import Number, Text
from sscsim.brief.language import Language, decimals_of

__all__ = ["Scale", "is_amount", "scale_of", "table_scale", "table_unit"]

Step = tuple[float, float, str]
"""From which size on, what a number is multiplied by, and the message it then stands in."""

MONEY: dict[str, tuple[Step, ...]] = {
    "en": (
        (1000.0, 1e-3, "${n} trillion"),
        (1.0, 1.0, "${n} billion"),
        (1e-3, 1e3, "${n} million"),
        (0.0, 1e6, "${n} thousand"),
    ),
    "zh": ((1000.0, 1e-3, "{n}万亿美元"), (0.1, 10.0, "{n}亿美元"), (0.0, 1e5, "{n}万美元")),
}
MONEY_2015: dict[str, tuple[Step, ...]] = {
    "en": tuple((a, b, f"{c} at 2015 prices") for a, b, c in MONEY["en"]),
    "zh": tuple((a, b, f"{c}（2015年价格）") for a, b, c in MONEY["zh"]),
}
PEOPLE: dict[str, tuple[Step, ...]] = {
    "en": (
        (1.0, 1.0, "{n} million people"),
        (1e-3, 1e3, "{n} thousand people"),
        (0.0, 1e6, "{n} people"),
    ),
    "zh": ((100.0, 0.01, "{n}亿人"), (0.01, 100.0, "{n}万人"), (0.0, 1e6, "{n}人")),
}
DOLLARS: dict[str, tuple[Step, ...]] = {
    "en": ((0.0, 1e3, "${n} at 2015 prices"),),
    "zh": ((0.0, 1e3, "{n}美元（2015年价格）"),),
}
DOLLARS_OF_THE_DAY: dict[str, tuple[Step, ...]] = {
    "en": ((0.0, 1e3, "${n}"),),
    "zh": ((0.0, 1e3, "{n}美元"),),
}
SCALED = {
    "bn USD": MONEY,
    "thousand USD": DOLLARS_OF_THE_DAY,
    "bn 2015 USD": MONEY_2015,
    "million": PEOPLE,
    "thousand 2015 USD": DOLLARS,
}
"""Units whose size decides how they are said. Where a language has no scale of its own, that of English is taken."""

LEVELS = {"fraction": (100.0, "{n} per cent"), "0 to 100": (1.0, "{n} of 100")}
EFFECTS = {"fraction": (100.0, "{n} percentage points"), "0 to 100": (1.0, "{n} points")}
COUNTED = {
    "countries": "{n} countries",
    "country-Goals": "{n} country-Goals",
    "projects": "{n} projects",
    "practices": "{n} practices",
    "centres": "{n} centres",
}

IN_TABLES = {
    "bn USD": (1.0, "billion dollars", {"zh": (10.0, "亿美元")}),
    "bn 2015 USD": (1.0, "billion dollars at 2015 prices", {"zh": (10.0, "亿美元，2015年价格")}),
    "million": (1.0, "million people", {"zh": (100.0, "万人")}),
    "thousand 2015 USD": (1e3, "dollars at 2015 prices", {}),
    "fraction": (100.0, "per cent; changes in percentage points", {}),
    "0 to 100": (1.0, "points of 100", {}),
    "countries": (1.0, "countries", {}),
    "country-Goals": (1.0, "country-Goals", {}),
    "projects": (1.0, "projects", {}),
    "practices": (1.0, "practices", {}),
    "centres": (1.0, "centres", {}),
}
"""In tables the unit stands once and the scale is always the same: what it is multiplied by, and the unit's name."""

EFFECT_DIGITS = 2
LEVEL_DIGITS = 3

SMALLEST = 12
"""Digits after the point of an end whose sign is known: differences have no more."""


def is_amount(unit: str) -> bool:
    """Return whether a unit counts or measures how much there is: money, people, projects."""
    return unit in SCALED or unit in COUNTED


@dataclass(frozen=True)
class Scale:
    """How one number, and those beside it, are written.

    Attributes
    ----------
    language
        The language.
    factor
        What values are multiplied by.
    decimals
        Digits after the point.
    message
        What the digits stand in, as ``{n} points``; looked up in the catalogue.
    """

    language: Language
    factor: float
    decimals: int
    message: str

    def bare(self, value: float, source: str, *, plus: bool = False) -> Number:
        """Return the digits alone, with a sign where it is negative, or asked for."""
        text = self.language.decimal(value * self.factor, self.decimals, plus=plus)
        return Number(text, value, self.factor, source)

    def end(self, value: float, source: str, *, known: bool) -> Number:
        """Return the digits of an end of an interval, which is no row of noughts.

        Where its sign is known (`known`) it has the digits that it takes to show it, else it is 0.
        """
        if not self.nothing(value):
            return self.bare(value, source)
        decimals = decimals_of(value * self.factor, 1, SMALLEST) if known else 0
        return replace(self, decimals=decimals).bare(value, source)

    def full(
        self, value: float, source: str, *, plus: bool = False, absolute: bool = False
    ) -> Number:
        """Return digits and unit; `absolute` leaves the sign to the sentence around it."""
        shown = abs(value) if absolute else value
        digits = self.language.decimal(shown * self.factor, self.decimals, plus=plus)
        return Number(self.unit(digits), value, self.factor, source)

    def nothing(self, *values: float) -> bool:
        """Return whether all of some values are written as nought."""
        return all(round(abs(v * self.factor), self.decimals) == 0.0 for v in values)

    def unit(self, digits: str) -> str:
        """Return digits in the words of the unit."""
        if "$" in self.message and not digits[:1].isdigit():  # the sign stands before the currency
            return digits[0] + self._worded(digits[1:])
        return self._worded(digits)

    def _worded(self, digits: str) -> str:
        return self.language.name("unit", self.message).plain.replace("{n}", digits)


def scale_of(
    language: Language, unit: str, values: Sequence[float], *, effect: bool = False
) -> Scale:
    """Return how values are written that stand beside one another.

    Parameters
    ----------
    language
        The language.
    unit
        Of the table.
    values
        The number that matters most first; of an effect its median, then the ends of its interval.
    effect
        Whether these are differences: of shares they are percentage points.
    """
    finite = [abs(v) for v in values if math.isfinite(v)] or [0.0]
    # Where the interval is far wider than the median, its width says which digit still tells something.
    size = max(finite[0], max(finite) / 10.0)
    digits = EFFECT_DIGITS if effect else LEVEL_DIGITS
    if unit in SCALED:
        steps = SCALED[unit].get(language.code, SCALED[unit]["en"])
        _, factor, message = next(step for step in steps if size >= step[0])
    elif unit in COUNTED:
        factor, message = 1.0, COUNTED[unit]
    else:
        factor, message = (EFFECTS if effect else LEVELS).get(unit, (1.0, "{n}"))
    decimals = decimals_of(size * factor, digits)
    if unit in COUNTED and all(float(v).is_integer() for v in values if math.isfinite(v)):
        decimals = 0
    return Scale(language, factor, decimals, message)


def table_unit(language: Language, unit: str) -> Text | None:
    """Return a unit as it stands in a table; None for a number without one."""
    if unit not in IN_TABLES:
        return None
    _, name, others = IN_TABLES[unit]
    if language.code in others:
        return Text((others[language.code][1],))
    return language.name("unit", name)


def table_scale(
    language: Language, unit: str, values: Sequence[float], *, effect: bool = False
) -> Scale:
    """Return how numbers of a table are written: digits alone, all in the unit of `table_unit`.

    Parameters
    ----------
    language
        The language.
    unit
        Of the table.
    values
        Numbers that stand under one another.
    effect
        Whether these are differences, which take two digits and levels three.
    """
    factor, _, others = IN_TABLES.get(unit, (1.0, "", {}))
    if language.code in others:
        factor = others[language.code][0]
    finite = [abs(v) for v in values if math.isfinite(v)]
    size = max(finite, default=0.0) * factor
    whole = unit in COUNTED and all(v.is_integer() for v in finite)
    decimals = 0 if whole else decimals_of(size, EFFECT_DIGITS if effect else LEVEL_DIGITS)
    return Scale(language, factor, decimals, "{n}")
