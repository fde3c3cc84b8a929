"""Goods trade: the base-year matrix and the equilibrium of later years. Pure functions on arrays.

Axes are ``(origin, destination)``: row *i* sells, column *j* buys. The base year is a gravity
kernel, seeded with published partner shares and balanced to observed exports and imports
(`base_matrix`). Later years follow exact hat algebra (Dekle, Eaton & Kortum 2008): `changes` says
what has changed, `equilibrium` finds the prices. Every hat is relative to the base year, never
chained. `dollars` says what output is worth in dollars of the day.
"""

from sscsim.flows.trade.base_matrix import (
    ALL_SECTORS,
    BASIS,
    ELSEWHERE,
    BaseEconomy,
    Geography,
    close_economy,
    confirmed_by_both,
    flows_by_shares,
    gravity_kernel,
    informed_kernel,
    judged_flows,
    published_flows,
    seed_matrix,
    unlisted_ceiling,
)
from sscsim.flows.trade.changes import (
    Freeness,
    FreenessResponse,
    PairChanges,
    SideChanges,
    gain_from_policy,
    trade_deficit_ratio,
    trade_freeness,
)
from sscsim.flows.trade.dollars import Dollars, recorded_price, value_output
from sscsim.flows.trade.equilibrium import (
    Endowed,
    Equilibrium,
    Hats,
    Inverse,
    Markets,
    Start,
    base_inverse,
    solve_equilibrium,
    trading_groups,
)

__all__ = [
    "ALL_SECTORS",
    "BASIS",
    "ELSEWHERE",
    "BaseEconomy",
    "Dollars",
    "Endowed",
    "Equilibrium",
    "Freeness",
    "FreenessResponse",
    "Geography",
    "Hats",
    "Inverse",
    "Markets",
    "PairChanges",
    "SideChanges",
    "Start",
    "base_inverse",
    "close_economy",
    "confirmed_by_both",
    "flows_by_shares",
    "gain_from_policy",
    "gravity_kernel",
    "informed_kernel",
    "judged_flows",
    "published_flows",
    "recorded_price",
    "seed_matrix",
    "solve_equilibrium",
    "trade_deficit_ratio",
    "trade_freeness",
    "trading_groups",
    "unlisted_ceiling",
    "value_output",
]
