"""Steps 3 and 8 of the model to beat: gravity trade and trend Goals in the places of the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sscsim.outcomes import benchmark
from sscsim.steps.trade import WRITES as TRADE_WRITES

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["GOALS_READS", "GOALS_WRITES", "TRADE_READS", "TRADE_WRITES", "goals", "trade"]

TRADE_READS = ("year", "gdp")
GOALS_READS = ("year", "goals")
GOALS_WRITES = ("goals",)


def trade(model: SouthSouthModel) -> None:
    """Let every flow move with the size of its two ends, at unchanged prices."""
    state, opening = model.state, model.opening
    prices = model.base.prices(state.year)
    volume = state.gdp / opening.gdp
    flows = benchmark.gravity_trade(model.base.trade.flows, volume, opening.gdp, prices)
    output = model.base.trade.economy.output * volume * prices
    state.trade = flows
    state.exports = flows.sum(axis=1)
    state.imports = flows.sum(axis=0)
    state.home_sales = output - state.exports
    state.deficit_ratio = (state.imports - state.exports) / output
    state.wage = np.ones_like(volume)
    state.price_index = np.ones_like(volume)
    state.trade_gain = np.zeros_like(volume)
    state.gdp_current = opening.gdp_current * volume * prices
    state.real_income = state.gdp.copy()


def goals(model: SouthSouthModel) -> None:
    """Let every Goal go on as it went in 2000 to 2013."""
    state = model.state
    if state.year > model.base.year:
        state.goals = benchmark.trend_scores(state.goals, model.base.goals.past_trend)
