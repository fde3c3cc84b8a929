"""Who gains and who loses by name: effects of fair pairs country by country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import InputError, unknown
from sscsim.experiments.effects import above_zero, differences, intervals, relative_to
from sscsim.experiments.gathering import Countries
from sscsim.experiments.noticeable import is_named, noticed
from sscsim.experiments.questions import less_is_better
from sscsim.types import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MOST_DRAWS", "by_country", "by_name", "is_relative"]

MOST_DRAWS = 0.9
"""A country gains or loses for sure where it does so noticeably in this share of the draws."""


def is_relative(unit: str) -> bool:
    """Return whether countries are ranked by the change as a share of their own: money and people, not points."""
    return unit not in ("0 to 100", "fraction", "0 to 1", "share", "index", "ratio")


def by_country(
    held: Sequence[Countries],
    scenarios: Sequence[str],
    reference: str,
    *,
    indicator: str | None = None,
    scenario: str | None = None,
    year: int | None = None,
) -> pd.DataFrame:
    """Return the effects on every country, a line a scenario, indicator, year and country.

    Parameters
    ----------
    held
        Countries of each year.
    scenarios, reference
        Names, in the order of the values.
    indicator, scenario, year
        Only this one; without it all that there are.

    Returns
    -------
    DataFrame
        Columns scenario, against, indicator, year, unit, iso3, country, reference (median there), median, low, high (of
        the effect, in the unit), relative, relative_low, relative_high (the effect over the reference, draw by draw),
        positive (share of the draws in which the effect is above zero; draws without an effect count half; NaN where
        no draw has any), seen (whether the interval leaves zero out), gains, loses (share of the draws in which the
        country is noticeably better, worse off: by 0.1 points of a Goal, else by 0.1 % of its own). Countries to which
        an indicator does not apply are left out.
    """
    import pandas as pd

    years = [one.year for one in held]
    chosen = [one for one in held if year in (None, one.year)]
    if year is not None and not chosen:
        raise InputError(
            "countries are not kept in this year of the comparison",
            key="year",
            found=year,
            allowed=[str(y) for y in years] or "none of the years that were compared",
        )
    if scenario is not None and scenario not in scenarios:
        raise unknown("scenario that was compared", scenario, scenarios, key="scenario")
    frames = []
    for one in chosen:
        if indicator is not None and indicator not in one.indicators:
            raise unknown("indicator kept of countries", indicator, one.indicators, key="indicator")
        for i, name in enumerate(scenarios, start=1):
            if scenario not in (None, name):
                continue
            for k, what in enumerate(one.indicators):
                if indicator in (None, what):
                    frames.append(
                        pd.DataFrame({"scenario": name, "against": reference} | _lines(one, k, i))
                    )
    columns = ["scenario", "against", *_COLUMNS]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


_COLUMNS = (
    "indicator", "year", "unit", "iso3", "country", "reference", "median", "low", "high", "relative", "relative_low",
    "relative_high", "positive", "seen", "gains", "loses",
)  # fmt: skip


def _lines(one: Countries, k: int, i: int) -> dict[str, Any]:
    there = np.isfinite(one.values[k][[0, i]]).all(axis=(0, 1))
    a, b = one.values[k, 0][:, there], one.values[k, i][:, there]
    difference = differences(a, b)
    low, median, high = intervals(difference)
    share = relative_to(difference, a)
    shares = intervals(share)
    what = one.indicators[k]
    least = noticed(what)
    # Points of a Goal are points; all else counts by what the country itself has.
    size = difference if least >= 0.1 else np.where(np.isnan(share), difference, share)
    merit = -size if less_is_better(what) else size
    return {
        "indicator": what,
        "year": one.year,
        "unit": one.units[k],
        "iso3": np.array(one.iso3)[there],
        "country": np.array(one.names)[there],
        "reference": np.median(a, axis=0),
        "median": median,
        "low": low,
        "high": high,
        "relative": shares[1],
        "relative_low": shares[0],
        "relative_high": shares[2],
        "positive": above_zero(difference),
        "seen": (low > 0.0) | (high < 0.0),
        "gains": (merit > least).mean(axis=0),
        "loses": (merit < -least).mean(axis=0),
    }


def by_name(
    table: pd.DataFrame,
    held: Sequence[Countries],
    side: str,
    group: str,
    most: int | None,
    *,
    noticeable: bool = True,
) -> pd.DataFrame:
    """Return those who gain, or lose, most: the largest median effect first.

    Parameters
    ----------
    table
        What `by_country` returns.
    held
        Countries of each year, for who belongs to a group.
    side
        ``gains`` or ``loses``.
    group
        A group or list of countries.
    most
        How many of each scenario, indicator and year; None for all.
    noticeable
        Whether only those count for whom the change is noticeable in more than half of the draws; else those whose
        interval leaves zero out.

    Returns
    -------
    DataFrame
        Columns scenario, against, indicator, year, unit, rank, iso3, country, median, low, high, relative,
        relative_low, relative_high, chance (share of the draws in which the country noticeably gains or loses), surely
        (whether that is nine in ten).
    """
    import pandas as pd

    found = []
    for (_, what, year), lines in table.groupby(["scenario", "indicator", "year"], sort=False):
        [one] = [h for h in held if h.year == year]
        if group not in one.groups:
            raise unknown("group of this name", group, list(one.groups), key="group")
        inside = {code for code, m in zip(one.iso3, one.groups[group], strict=True) if m}
        up = (side == "gains") != less_is_better(str(what))
        right = lines["seen"] & ((lines["median"] > 0.0) if up else (lines["median"] < 0.0))
        there = lines[side].map(is_named) if noticeable else right
        some = lines[lines["iso3"].isin(inside) & there]
        size = _size(some)
        order = np.argsort(-size if up else size, kind="stable")[:most]
        some = some.iloc[order]
        found.append(
            some.assign(
                rank=np.arange(1, len(some) + 1),
                chance=some[side],
                surely=some[side] >= MOST_DRAWS,
            )
        )
    columns = ["scenario", "against", "indicator", "year", "unit", "rank", "iso3", "country"]
    columns += ["median", "low", "high", "relative", "relative_low", "relative_high"]
    columns += ["chance", "surely"]
    whole = pd.concat(found, ignore_index=True) if found else table.assign(rank=[])
    return whole.reindex(columns=columns)


def _size(lines: pd.DataFrame) -> Array:
    """Return by what countries are ranked: money and people as a share of their own, all else as it is."""
    share = lines["relative"].to_numpy(dtype=np.float64)
    own = np.array([is_relative(unit) for unit in lines["unit"]], dtype=np.bool_)
    return np.where(own & np.isfinite(share), share, lines["median"].to_numpy(dtype=np.float64))
