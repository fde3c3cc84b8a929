"""Costs as a table: of the command line's CSV, and of a saved comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.costs.comparing import Costs, Gain, Priced

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "UNITS", "costs_table"]

COLUMNS = (
    *("scenario", "against", "to", "kind", "name", "group", "amount", "unit", "median", "low"),
    *("high", "elsewhere_low", "elsewhere_high", "gains", "worth", "payer", "from_memory", "why"),
)
"""Of the table."""

UNITS = {"goal_point": "bn USD a point", "person_year": "thousand USD a year"}
"""Of what a unit of an effect costs."""

_NUMBERS = frozenset(COLUMNS[6:7] + COLUMNS[8:15])


def costs_table(found: Sequence[Costs]) -> pd.DataFrame:
    """Return what scenarios cost, and what a unit of their effects costs.

    Returns
    -------
    DataFrame
        A line an ``item`` that costs money, the ``total``, a ``gain`` and its price, and a lever with ``no price``, of
        each scenario. `median`, `low` and `high` are bn USD, of a gain in its unit (infinite: no gain for the money,
        minus infinite: money is saved); `amount` how much more of an item there is, or how much is gained;
        `elsewhere_low` and `elsewhere_high` what a gain costs elsewhere, `gains` and `worth` shares of draws; `why`
        says why there is no price.
    """
    import pandas as pd

    lines: list[dict[str, Any]] = []
    for one in found:
        head = {"scenario": one.scenario, "against": one.reference, "to": one.last}
        rows: list[dict[str, Any]] = [_item(item) for item in one.items]
        if one.known:
            rows.append({"kind": "total", "name": "together", "unit": "bn USD"} | _ends(one.total))
            rows += [_gain(gain) for gain in one.gains]
        rows += [
            {"kind": "no price", "name": lever, "why": why} for lever, why in one.unpriced.items()
        ]
        lines += [_whole(head | row) for row in rows]
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name, math.nan if name in _NUMBERS else "") for name in COLUMNS}


def _ends(values: np.ndarray[Any, Any]) -> dict[str, float]:
    low, median, high = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
    return {"median": median, "low": low, "high": high}


def _item(item: Priced) -> dict[str, Any]:
    return {
        "kind": "item",
        "name": item.name,
        "amount": float(np.median(item.amount)),
        "unit": "bn USD",
        "payer": item.payer,
        "from_memory": str(item.from_memory),
    } | _ends(item.cost)


def _gain(gain: Gain) -> dict[str, Any]:
    ratio = gain.ratio
    return {
        "kind": "gain",
        "name": gain.name,
        "group": gain.group,
        "amount": float(np.median(gain.effect)),
        "unit": UNITS[gain.name],
        "median": ratio.median,
        "low": ratio.low,
        "high": ratio.high,
        "elsewhere_low": gain.outside[0],
        "elsewhere_high": gain.outside[1],
        "gains": ratio.gains,
        "worth": ratio.worth,
    }
