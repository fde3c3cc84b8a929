"""Units as other programs read them: `pint`, with the definitions of `iam-units` that `pyam` uses."""

from __future__ import annotations

from sscsim.results.words import Meaning

__all__ = ["BASE", "at_current_prices", "plain_unit", "unit_of"]

BASE = 2015
"""Year whose prices volumes are in."""

_MONEY = {
    "bn USD": "billion USD",
    "bn 2015 USD": f"billion USD_{BASE}",
    "thousand 2015 USD": f"thousand USD_{BASE}",
    "thousand 2015 USD a head": f"thousand USD_{BASE}",
}
_PLAIN = {
    "million": "million",
    "1/year": "1/yr",
    "year": "yr",
    "years": "yr",
    "projects": "count",
    "practices": "count",
    "countries": "count",
    "centres": "count",
    "country-Goals": "count",
}
"""Whatever is in neither table is a number without a unit: shares, ratios, indices, scores."""


def at_current_prices(unit: str) -> bool:
    """Return whether a unit is of dollars of the year in which they are paid."""
    return unit == "bn USD"


def plain_unit(meaning: Meaning) -> str:
    """Return the unit of a number as it stands, current dollars left as they are; empty for a number without one."""
    if meaning.unit in _MONEY:
        return _MONEY[meaning.unit] + ("" if meaning.stock else "/yr")
    return _PLAIN.get(meaning.unit, "")


def unit_of(meaning: Meaning) -> str:
    """Return the unit of a number whose dollars are those of 2015.

    `iam-units` takes ``USD`` without a year for the dollar of 2005: current dollars cannot be told to it, and are
    divided by the level of prices first.
    """
    plain = plain_unit(meaning)
    return plain.replace("USD", f"USD_{BASE}") if at_current_prices(meaning.unit) else plain
