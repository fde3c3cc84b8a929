"""Levers in the model: neutral ones change no byte; each one moves what it should, in the direction it should.

Directions are what the equations assume: these tests check the implementation and are no evidence for the effect.
"""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.model import SouthSouthModel, simulate
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting, Where

FROM = 2016
END = 2018
ONE = "VNM"


def scenario(name: str, value: float, where: Where | None = None) -> Scenario:
    setting = Setting(value=value, where=where, **{"from": FROM})
    return Scenario("moved", {"en": "Moved"}, levers={name: (setting,)})


def model(chosen: Scenario | str = "baseline", end: int = END) -> SouthSouthModel:
    result = SouthSouthModel(chosen, seed=1, end=end)
    while result.running:
        result.step()
    return result


@pytest.fixture(scope="module")
def plain() -> SouthSouthModel:
    return model()


def test_neutral_levers_leave_the_baselines_bytes() -> None:
    neutral = Scenario(
        "baseline",
        {"en": "Neutral"},
        levers={name: (Setting(value=lever.default),) for name, lever in lever_table().items()},
    )
    baseline = simulate(seed=1, end=2020, keep="full")
    assert simulate(neutral, seed=1, end=2020, keep="full").content_hash == baseline.content_hash


def test_a_lever_before_its_first_year_leaves_the_bytes_of_the_years_before() -> None:
    moved = model(scenario("productivity_growth", -0.1), end=FROM - 1)
    untouched = model(end=FROM - 1)
    for name, values in moved.state:
        assert np.array_equal(values, getattr(untouched.state, name), equal_nan=True), name


# What each lever acts on: its value, where it acts, what is looked at, the sign.
DIRECTIONS = [
    ("trade_cost", -0.1, Where(origin=ONE), "exports", +1),
    ("trade_cost", 0.2, Where(origin=ONE), "exports", -1),
    ("trade_cost", -0.1, Where(destination=ONE), "imports", +1),
    ("trade_facilitation", 0.1, Where(countries=[ONE]), "exports", +1),
    ("trade_facilitation", 0.1, Where(countries=[ONE]), "imports", +1),
    ("trade_facilitation", 0.1, Where(countries=[ONE]), "trade_gain", +1),
    ("trade_facilitation", 0.1, Where(countries=[ONE]), "real_income", +1),
    ("investment_agreement", 1.0, Where(destination=ONE), "fdi_inflow", +1),
    ("guarantee_capacity", 0.3, Where(countries=[ONE]), "fdi_inflow", +1),
    ("entry_cost", 0.2, Where(countries=[ONE]), "fdi_inflow", -1),
    ("entry_cost", -0.2, Where(countries=[ONE]), "fdi_inflow", +1),
    ("outward_investment", 0.5, Where(countries=["USA"]), "fdi_inflow", -1),
    ("outward_investment", 2.0, Where(countries=["USA"]), "fdi_inflow", +1),
    ("aid_volume", 2.0, None, "oda_received", +1),
    ("aid_volume", 0.5, None, "oda_received", -1),
    ("productivity_growth", -0.05, Where(countries=[ONE]), "gdp", -1),
    ("productivity_growth", 0.05, Where(countries=[ONE]), "gdp", +1),
    ("sudden_stop", 0.5, Where(countries=[ONE]), "fdi_inflow", -1),
    ("capital_loss", 0.2, Where(countries=[ONE]), "gdp", -1),
    ("capital_loss", 0.2, Where(countries=[ONE]), "private_capital", -1),
    ("goal_loss", 5.0, Where(countries=[ONE]), "goals", -1),
    ("agencies", 1.0, Where(countries=[ONE]), "transaction_cost", -1),
    ("training", 60.0, None, "training", +1),
    ("training", 60.0, None, "cooperation_capacity", +1),
    ("coordination", 0.5, Where(countries=[ONE]), "fragmentation", -1),
    ("coordination", 0.5, Where(countries=[ONE]), "transaction_cost", -1),
    ("other_actors", 0.5, Where(countries=[ONE]), "supply_factor", +1),
    ("other_actors", 0.5, None, "fragmentation", +1),
    ("reporting", 1.0, Where(countries=[ONE]), "evidence", +1),
    ("common_method", 0.5, Where(countries=[ONE]), "reporting_error", -1),
    ("funds", 5.0, None, "fund_grant", +1),
    ("funds", 0.0, None, "fund_grant", -1),
    ("un_country_teams", 5.0, None, "un_support", +1),
    ("un_country_teams", 0.0, None, "cooperation_capacity", -1),
    ("cooperation", 0.0, Where(countries=[ONE]), "projects_received", -1),
    ("platform", 0.5, None, "projects_received", +1),
    ("catalogues", 1.0, None, "projects_received", +1),
    ("centres", 3.0, None, "projects_received", +1),
    ("centres", 3.0, Where(countries=[ONE]), "centres", +1),
    ("technology_bank", 1.0, None, "technology_exchange", +1),
    ("practices", 3.0, None, "practices", +1),
    ("frontier", 3.0, None, "closing_capability", +1),
    ("partner_budget", 3.0, None, "projects_received", +1),
    ("reverse_linkage", 10.0, None, "bank_reverse_linkage", +1),
    ("suspension", 0.5, None, "projects_provided", -1),
    ("third_party_cost", 0.5, None, "projects_received", +1),
    ("third_party_cost", 3.0, None, "projects_received", -1),
    ("bank_capital", 0.5, None, "bank_subscribed", -1),
    ("bank_capital", 0.5, None, "bank_approvals", -1),
    ("bank_ramp_up", 2.0, None, "bank_approvals", +1),
    ("bank_statutory_limit", 0.5, None, "bank_statutory_limit", -1),
    ("bank_membership", 0.0, None, "bank_member", -1),
    ("bank_governors", 0.0, None, "bank_governing", -1),
    ("bank_funding_cost", 0.02, None, "bank_bond_interest", +1),
    ("bank_funding_cost", 0.02, None, "bank_reserves", -1),
    ("bank_lending", 0.5, None, "bank_approvals", -1),
    ("bank_proposals", 0.0, None, "bank_approvals", -1),
    ("bank_cancellations", 2.0, None, "bank_cancellations", +1),
    ("bank_cofinance", 0.3, None, "bank_cofinancing", +1),
    ("bank_focus_ldc", 5.0, None, "bank_weight_ldc", +1),
    ("bank_focus_sids", 5.0, None, "bank_weight_sids", +1),
    ("bank_focus_renewable", 5.0, None, "bank_weight_renewable", +1),
    ("credit_volume", 2.0, None, "credit_approved", +1),
    ("credit_volume", 0.0, None, "credit_approved", -1),
    ("credit_focus", 1.0, None, "credit_focus", +1),
    ("credit_green", 0.3, None, "credit_green", +1),
    ("debt_distress", 1.0, Where(countries=[ONE]), "distress", +1),
    ("debt_settlement", 1.0, None, "distress", -1),
    ("debt_forgiveness", 1.0, None, "debt_other_ratio", -1),
    ("commodity_price", 0.5, None, "commodity_price", -1),
    ("commodity_price_energy", 0.5, None, "public_means", -1),
    ("commodity_price_metals", 2.0, None, "commodity_price", +1),
    ("commodity_price_agriculture", 2.0, None, "commodity_price", +1),
]


def test_every_lever_is_looked_at() -> None:
    assert {name for name, *_ in DIRECTIONS} == set(lever_table())


@pytest.mark.parametrize(("lever", "value", "where", "variable", "sign"), DIRECTIONS)
def test_a_lever_moves_what_it_should(plain, lever, value, where, variable, sign) -> None:
    moved = model(scenario(lever, value, where))
    rows = moved.world.position(ONE) if where else slice(None)
    before, after = (np.nansum(getattr(m.state, variable)[rows]) for m in (plain, moved))
    change = after - before
    assert np.sign(change) == sign, f"{variable} of {ONE}: {before:.6g} -> {after:.6g}"
    # What cooperation teaches in two years is little beside what countries know (decision 0151).
    assert abs(change) > (1e-6 if variable == "closing_capability" else 1e-4) * abs(before)


def test_the_destination_of_a_lever_is_not_its_origin(plain) -> None:
    moved = model(scenario("trade_cost", -0.1, Where(origin=ONE, destination="USA")))
    a, b = moved.world.position(ONE), moved.world.position("USA")
    theta = moved.submodels["trade"].base.markets.trade_elasticity
    there = moved.state.trade[a, b] / plain.state.trade[a, b]
    back = moved.state.trade[b, a] / plain.state.trade[b, a]
    assert there > 1.2
    assert there < 0.9**-theta * 1.01  # the direct effect, less what prices take back
    assert back == pytest.approx(1.0, abs=0.1)  # only what prices bring


def test_facilitation_of_both_ends_counts_twice_and_never_reaches_free_carriage() -> None:
    moved = model(scenario("trade_facilitation", 0.25), end=FROM)
    off = ~np.eye(len(moved.world.iso3), dtype=bool)
    assert np.allclose(moved.state.trade_cost[off], 0.75**2)
    assert (np.diagonal(moved.state.trade_cost) == 1.0).all()


def test_a_shock_of_one_year_is_over_the_next_year() -> None:
    setting = Setting(value=0.5, where=Where(countries=[ONE]), **{"from": 2016, "to": 2016})
    shocked = Scenario("stop", {"en": "Stop"}, levers={"sudden_stop": (setting,)})
    then, after = model(shocked, end=2016), model(shocked, end=2017)
    quiet_then, quiet_after = model(end=2016), model(end=2017)
    row = then.world.position(ONE)
    fall = then.state.fdi_inflow[row] / quiet_then.state.fdi_inflow[row]
    assert fall == pytest.approx(0.5, abs=0.05)
    rise = after.state.fdi_inflow[row] / quiet_after.state.fdi_inflow[row]
    assert rise == pytest.approx(1.0, abs=0.02)


def test_outward_investment_is_followed_to_the_letter(plain) -> None:
    moved = model(scenario("outward_investment", 0.5, Where(countries=["USA"])), end=FROM)
    untouched = model(end=FROM)
    row = moved.world.position("USA")
    base = untouched.submodels["investment"].base.fdi.withdrawn

    def placed(state):
        """What is placed abroad, before what is taken home from hosts whose record is negative."""
        taken = (base.ends[row] * state.fdi_disinvestment[base.hosts]).sum()
        return state.fdi_outflow[row] + taken

    assert placed(moved.state) == pytest.approx(0.5 * placed(untouched.state), rel=1e-9)


def test_goals_fall_by_what_a_shock_takes_and_not_below_zero() -> None:
    moved = model(scenario("goal_loss", 30.0, Where(countries=["SSD", "FIN"])), end=FROM)
    untouched = model(end=FROM)
    for code in ("SSD", "FIN"):
        row = moved.world.position(code)
        lost = untouched.state.goals[row] - moved.state.goals[row]
        assert np.nanmin(lost) >= 0.0
        assert np.nanmean(lost) > 3.0
        assert np.nanmin(moved.state.goals[row]) >= 0.0


@pytest.mark.parametrize("end", [0, 1], ids=["low", "high"])
def test_all_levers_at_their_ends_at_once_and_for_ever_leave_numbers(end: int) -> None:
    extreme = Scenario(
        "extreme",
        {"en": "Extreme"},
        levers={name: (Setting(value=lever.bounds[end]),) for name, lever in lever_table().items()},
    )
    moved = model(extreme, end=2034)
    for name, values in moved.state:
        known = (
            ~np.isnan(moved.world.goals_2016) if name == "goals" else np.ones(values.shape, bool)
        )
        assert np.isfinite(values[known]).all(), name
    assert moved.state.gdp.min() > 0.0
