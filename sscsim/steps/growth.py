"""Step 7: income is invested, technology diffuses, poverty follows; next year's stocks are handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sscsim.outcomes import growth, poverty

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

READS = (
    "year",
    "gdp",
    "gdp_current",
    "real_income",
    "population",
    "human_capital",
    "productivity",
    "private_capital",
    "infrastructure_capital",
    "investment_share",
    "infrastructure_addition",
    "capital_loss",
    "productivity_policy",
    "growth_deviation",
    "trade_gain",
    "productive_learning",
    "fdi_volume",
    "fdi_inward_stock",
    "fdi_outward_stock",
    "gini",
    "poverty_headcount",
    "income_growth",
)
WRITES = (
    "private_investment",
    "infrastructure_investment",
    "closing_private_capital",
    "closing_infrastructure_capital",
    "closing_productivity",
    "closing_human_capital",
    "closing_openness",
    "growth_deviation",
    "gni",
    "gini",
    "gini_change",
    "poverty_headcount",
    "poverty_change",
)


def run(model: SouthSouthModel) -> None:
    """Invest, learn, distribute."""
    state, base = model.state, model.base.growth
    rules = base.parameters
    since = state.year - model.base.year

    planned = model.country_class.invest(state)
    capital = growth.accumulate(
        state.private_capital,
        state.infrastructure_capital,
        state.gdp,
        state.real_income,
        state.fdi_volume,
        base.rules,
        rules,
        investment_share=planned / state.real_income,
        infrastructure_addition=state.infrastructure_addition,
        capital_loss=state.capital_loss,
    )
    relative = growth.relative_technology(
        base.frontier, state.productivity, base.record.base_productivity, since, rules
    )
    recorded = since < len(base.record.productivity_growth)
    technology = growth.productivity_growth(
        relative,
        state.human_capital,
        state.growth_deviation,
        base.frontier,
        rules,
        draws=None
        if recorded
        else model.streams.normal("productivity", state.year, len(model.world.iso3)),
        recorded=base.record.productivity_growth[since] if recorded else None,
        addition=state.productivity_policy,
        # What cooperation taught in the years of the record is in the record.
        capability_change=None if recorded else state.productive_learning,
    )
    state.private_investment = capital.private_investment
    state.infrastructure_investment = capital.infrastructure_investment
    state.closing_private_capital = capital.private_capital
    state.closing_infrastructure_capital = capital.infrastructure
    state.closing_productivity = state.productivity * np.exp(technology.log_growth)
    state.closing_human_capital = growth.human_capital_step(state.human_capital, rules)
    state.closing_openness = growth.openness_gain(state.trade_gain, rules)
    state.growth_deviation = technology.deviation

    opening = model.opening
    state.gni = growth.gross_national_income(
        state.gdp_current,
        base.gni_gap_share,
        opening.gdp_current,
        state.fdi_outward_stock - state.fdi_inward_stock,
        opening.fdi_outward_stock - opening.fdi_inward_stock,
        rules,
    )
    if since == 0:
        return  # the base year's distribution is observed
    ratio = (state.real_income / state.population) / (opening.real_income / opening.population)
    gini = poverty.gini_step(state.gini, opening.gini, state.income_growth, base.poverty)
    headcount = poverty.poverty_headcount(base.line, gini, ratio, base.poverty)
    state.gini_change = gini - state.gini
    state.poverty_change = headcount - state.poverty_headcount
    state.gini = gini
    state.poverty_headcount = headcount
