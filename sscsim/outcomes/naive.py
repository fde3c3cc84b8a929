"""The model to beat: trade that follows size and nothing else, Goals that go on as they went.

Whatever the full model claims to know must show in predictions that are better than these.
"""

from __future__ import annotations

import numpy as np

from sscsim.types import Array

__all__ = ["gravity_trade", "trend_scores"]


def gravity_trade(base_flows: Array, volume: Array, weight: Array, prices: float) -> Array:
    """Return trade by naive gravity, ``(origin, destination)``, bn current USD.

    X_ij = X_ij0 · q̂_i q̂_j / q̂_world · prices: every flow moves with the size of both ends relative to
    the world's (Tinbergen 1962), no price clears a market and nobody diverts anybody.

    Parameters
    ----------
    base_flows
        Base-year trade, bn USD.
    volume
        q̂, GDP relative to the base year, ``(country,)``.
    weight
        Base-year GDP, in any unit, ``(country,)``: the world's growth is weighted by it.
    prices
        Deflator relative to the base year.
    """
    world = float(volume @ weight / weight.sum())
    flows: Array = base_flows * volume[:, None] * volume[None, :] / world * prices
    return flows


def trend_scores(scores: Array, trend: Array) -> Array:
    """Return the Goals a year later by their own past trend, ``(country, goal)``, held within 0 and 100.

    Parameters
    ----------
    scores
        Points, NaN where a Goal does not apply.
    trend
        Points a year (`sscsim.outcomes.goals.trend_moves`), NaN where a country has no past: it stays where it is.
    """
    moved: Array = np.clip(scores + np.nan_to_num(trend), 0.0, 100.0)
    return moved
