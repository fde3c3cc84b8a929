"""Step 3: goods trade clears every market (¶79)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sscsim.flows import trade
from sscsim.world.state import DOMAINS

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

FACILITATION = DOMAINS.index("trade_finance_investment")

READS = (
    "year",
    "gdp",
    "infrastructure_capital",
    "agreement",
    "trade_cost",
    "corridor_cut",
    "tied_freeness",
    "capability",
    "cooperation_tie",
    "financing_ratio",
    "wage",
)
WRITES = (
    "wage",
    "price_index",
    "home_sales",
    "deficit_ratio",
    "trade",
    "exports",
    "imports",
    "trade_gain",
    "gdp_current",
    "real_income",
)


def run(model: SouthSouthModel) -> None:
    """Solve this year's prices and flows; every hat is relative to the base year."""
    state, base = model.state, model.base.trade
    opening = model.opening
    prices = model.base.prices(state.year)
    volume = state.gdp / opening.gdp
    # Each end that learns to facilitate takes its own part off the cost of all its trade.
    learned = state.capability[:, FACILITATION] - opening.capability[:, FACILITATION]
    ends = 1.0 - model.parameters["facilitation_saving"] * learned
    freeness = trade.trade_freeness(
        state.agreement - opening.agreement,
        np.log(state.infrastructure_capital / opening.infrastructure_capital) - np.log(volume),
        state.trade_cost * (1.0 - state.corridor_cut) * ends[:, None] * ends[None, :],
        agreement=base.agreement_coefficient,
        infrastructure=base.infrastructure_coefficient,
        trade_elasticity=base.elasticity,
    )
    response = model.parameters["tie_trade_response"]
    freeness *= np.exp(response * (state.cooperation_tie - opening.cooperation_tie))
    freeness *= state.tied_freeness
    deficit = trade.trade_deficit_ratio(
        base.economy.deficit_ratio,
        state.year - model.base.year,
        state.financing_ratio,
        opening.financing_ratio,
        persistence=base.deficit_persistence,
    )
    opened = trade.solve_equilibrium(
        base.shares,
        base.economy.output,
        volume,
        freeness,
        deficit,
        trade_elasticity=base.elasticity,
        deficit_floor=base.deficit_floor,
        start=state.wage,
        factors=model.trade_factors,
        names=model.world.iso3,
    )
    closed = trade.solve_equilibrium(
        base.shares,
        base.economy.output,
        volume,
        state.tied_freeness,  # what tied credit buys is no gain from freer trade
        deficit,
        trade_elasticity=base.elasticity,
        deficit_floor=base.deficit_floor,
        start=opened.wage,
        factors=opened.factors,
        names=model.world.iso3,
    )
    model.trade_factors = closed.factors
    sales = opened.flows * prices
    state.home_sales = np.diagonal(sales).copy()
    np.fill_diagonal(sales, 0.0)
    state.trade = sales
    state.exports = sales.sum(axis=1)
    state.imports = sales.sum(axis=0)
    state.wage = opened.wage
    state.price_index = opened.price
    state.deficit_ratio = opened.deficit_ratio
    state.trade_gain = trade.gain_from_policy(closed, opened, trade_elasticity=base.elasticity)
    state.gdp_current = opening.gdp_current * opened.wage * volume * prices
    state.real_income = state.gdp * opened.wage / opened.price
