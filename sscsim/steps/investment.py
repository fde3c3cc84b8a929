"""Step 4: foreign direct investment finds its hosts (¶80)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sscsim.flows import investment
from sscsim.world.state import DOMAINS

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

FINANCE = DOMAINS.index("trade_finance_investment")

READS = (
    "year",
    "gdp",
    "population",
    "recent_growth",
    "infrastructure_capital",
    "agreement",
    "investment_agreement",
    "capability",
    "cooperation_tie",
    "fdi_entry_cost",
    "guarantee_cover",
    "host_attraction",
    "outward_fdi_factor",
    "fdi_world_cycle",
    "fdi_group_cycle",
    "fdi_host_shock",
    "fdi_inward_stock",
    "fdi_outward_stock",
)
WRITES = (
    "fdi",
    "fdi_inflow",
    "fdi_outflow",
    "fdi_volume",
    "fdi_world_cycle",
    "fdi_group_cycle",
    "fdi_host_shock",
    "fdi_inward_stock",
    "fdi_outward_stock",
)


def run(model: SouthSouthModel) -> None:
    """Let investors decide how much, and hosts' attraction decide where."""
    state, base, opening = model.state, model.base.investment, model.opening
    if state.year == model.base.year:
        return  # the base matrix is the flow of the base year, and its stocks are year-end stocks
    rules = base.parameters
    since = state.year - model.base.year
    count = len(model.world.iso3)
    valuation = investment.dollar_valuation(
        opening.gdp_current, opening.gdp, model.base.deflator[model.base.year], since, rules
    )
    volume = state.gdp / opening.gdp
    start_valuation = investment.dollar_valuation(
        opening.gdp_current, opening.gdp, model.base.deflator[model.base.year], 0, rules
    )
    dollars = volume * model.base.prices(state.year) * valuation / start_valuation
    income_ratio = volume / (state.population / opening.population)
    events = base.events[state.year]
    host = np.exp(state.host_attraction)
    infrastructure = state.infrastructure_capital / opening.infrastructure_capital / volume
    draw = model.streams.normal
    year = investment.fdi_flows(
        base.flows,
        gdp_ratio=dollars,
        income_ratio=income_ratio,
        momentum=investment.growth_momentum(
            np.vstack([opening.recent_growth[:1], state.recent_growth])
        ),
        south=base.south,
        group=base.group,
        years_since_base=since,
        world_cycle=state.fdi_world_cycle,
        group_cycle=state.fdi_group_cycle,
        host_shock=state.fdi_host_shock,
        world_normal=draw("fdi_world_cycle", state.year, 1),
        group_normals=draw("fdi_group_cycle", state.year, len(base.group_names)),
        host_normals=draw("fdi_host_shock", state.year, count),
        parameters=rules,
        infrastructure_ratio=infrastructure,
        capability_change=state.capability[:, FINANCE] - opening.capability[:, FINANCE],
        entry_cost_change=state.fdi_entry_cost,
        guarantee_cover=state.guarantee_cover,
        pair=investment.pair_freeness(
            state.agreement - opening.agreement + state.investment_agreement,
            state.cooperation_tie - opening.cooperation_tie,
            rules,
        ),
        investor_factor=model.country_class.invest_abroad(state)
        * (1.0 if events.investor is None else events.investor),
        host_factor=host * (1.0 if events.host is None else events.host),
        flow_factor=events.flow,
    )
    stocks = investment.update_fdi_stocks(
        investment.FdiStocks(state.fdi_inward_stock, state.fdi_outward_stock),
        year.inflow,
        year.outflow,
        rules,
    )
    state.fdi = year.flows
    state.fdi_inflow = year.inflow
    state.fdi_outflow = year.outflow
    state.fdi_volume = year.inflow / (opening.gdp_current * dollars) * state.gdp
    state.fdi_world_cycle = year.world_cycle
    state.fdi_group_cycle = year.group_cycle
    state.fdi_host_shock = year.host_shock
    state.fdi_inward_stock = stocks.inward
    state.fdi_outward_stock = stocks.outward
