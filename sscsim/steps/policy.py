"""Step 1: what the scenario sets this year, levers and shocks alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

Array = NDArray[np.float64]

READS: tuple[str, ...] = ("year",)
WRITES = (
    "trade_cost",
    "investment_agreement",
    "guarantee_cover",
    "fdi_entry_cost",
    "host_attraction",
    "outward_fdi_factor",
    "oda_factor",
    "credit_factor",
    "credit_focus",
    "credit_green",
    "productivity_policy",
    "capital_loss",
    "goal_shock",
    "bank_capital_factor",
    "bank_speed",
    "bank_limit_factor",
    "bank_admission",
    "bank_governing",
    "bank_demand",
    "bank_cancelling",
    "bank_cofinancing",
    "bank_weight_ldc",
    "bank_weight_sids",
    "bank_weight_renewable",
    "distress_shock",
    "cooperation_factor",
    "platform_reach",
    "catalogue",
    "centre_policy",
    "technology_bank",
    "practice_publication",
    "frontier_effort",
    "partner_budget",
    "reverse_linkage_budget",
    "third_party_cost",
    "agency_policy",
    "training_places",
    "coordination_policy",
    "actor_policy",
    "reporting_policy",
    "method_policy",
    "fund_factor",
    "un_support_factor",
)


def run(model: SouthSouthModel) -> None:
    """Set this year's policy variables from the scenario's levers."""
    state = model.state
    year = state.year
    count = len(model.world.iso3)

    def lever(name: str, neutral: float) -> Array:
        value = model.levers.value(name, year)
        return np.full(count, neutral) if value is None else value

    state.guarantee_cover = lever("guarantee_capacity", 0.0)
    state.fdi_entry_cost = lever("entry_cost", 0.0)
    state.host_attraction = np.log1p(-lever("sudden_stop", 0.0))
    state.outward_fdi_factor = lever("outward_investment", 1.0)
    state.oda_factor = lever("aid_volume", 1.0)
    state.credit_factor = lever("credit_volume", 1.0)
    state.credit_focus = lever("credit_focus", 0.0)
    state.credit_green = lever("credit_green", 0.0)
    state.productivity_policy = lever("productivity_growth", 0.0)
    state.capital_loss = lever("capital_loss", 0.0)
    state.goal_shock = np.repeat(lever("goal_loss", 0.0)[:, None], 17, axis=1)

    banks = len(model.base.banking.rules)

    def bank_lever(name: str, neutral: float) -> Array:
        value = model.levers.value(name, year)
        return np.full(banks, neutral) if value is None else value

    state.bank_capital_factor = bank_lever("bank_capital", 1.0)
    state.bank_speed = bank_lever("bank_ramp_up", 1.0)
    state.bank_limit_factor = bank_lever("bank_statutory_limit", 1.0)
    state.bank_admission = bank_lever("bank_membership", 1.0)
    state.bank_governing = bank_lever("bank_governors", 1.0)
    state.bank_demand = bank_lever("bank_proposals", 1.0)
    state.bank_cancelling = bank_lever("bank_cancellations", 1.0)
    state.bank_cofinancing = bank_lever("bank_cofinance", 0.0)
    state.bank_weight_ldc = bank_lever("bank_focus_ldc", 0.0)
    state.bank_weight_sids = bank_lever("bank_focus_sids", 0.0)
    state.bank_weight_renewable = bank_lever("bank_focus_renewable", 0.0)
    state.distress_shock = lever("debt_distress", 0.0)

    cost = model.levers.value("trade_cost", year)
    facilitation = model.levers.value("trade_facilitation", year)
    trade_cost = np.ones((count, count)) if cost is None else 1.0 + cost
    if facilitation is not None:
        # Each end takes its own part off the value; two ends together never reach free carriage.
        ends = 1.0 - facilitation
        trade_cost = trade_cost * ends[:, None] * ends[None, :]
    np.fill_diagonal(trade_cost, 1.0)
    state.trade_cost = trade_cost

    agreement = model.levers.value("investment_agreement", year)
    state.investment_agreement = np.zeros((count, count)) if agreement is None else agreement

    state.cooperation_factor = lever("cooperation", 1.0)
    state.platform_reach = lever("platform", 0.0)
    state.catalogue = lever("catalogues", 0.0)
    state.centre_policy = lever("centres", 0.0)
    state.technology_bank = lever("technology_bank", 0.0)
    state.agency_policy = lever("agencies", 0.0)
    state.coordination_policy = lever("coordination", 0.0)
    state.actor_policy = lever("other_actors", 0.0)
    state.reporting_policy = lever("reporting", 0.0)
    state.method_policy = lever("common_method", 0.0)
    state.un_support_factor = lever("un_country_teams", 1.0)

    def world_lever(name: str, neutral: float) -> Array:
        value = model.levers.value(name, year)
        return np.array([neutral]) if value is None else value

    state.practice_publication = world_lever("practices", 1.0)
    state.frontier_effort = world_lever("frontier", 1.0)
    state.partner_budget = world_lever("partner_budget", 1.0)
    state.reverse_linkage_budget = world_lever("reverse_linkage", 1.0)
    state.third_party_cost = world_lever("third_party_cost", 1.0)
    state.training_places = world_lever("training", 0.0)
    state.fund_factor = world_lever("funds", 1.0)
