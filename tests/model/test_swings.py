"""Cycles and swings in a run: where they begin, what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.model import SouthSouthModel

SWINGS = ("business_cycle", "trade_swing", "deficit_swing", "remittance_swing", "aid_swing")


def ran(year: int, **options) -> SouthSouthModel:
    model = SouthSouthModel(keep="indicators", **{"seed": 4, "shocks": True} | options)
    while model.steps == 0 or model.year < year:
        model.step()
    return model


@pytest.fixture(scope="module")
def on_2018() -> SouthSouthModel:
    return ran(2018)


def test_nothing_swings_unless_asked_for() -> None:
    state = ran(2015, shocks=False).state
    for name in SWINGS:
        assert not getattr(state, name).any(), name


def test_the_base_year_is_the_record() -> None:
    state = ran(2013).state
    for name in SWINGS:
        assert not getattr(state, name).any(), name


def test_growth_of_the_record_is_kept_while_trade_swings(on_2018) -> None:
    off = ran(2018, shocks=False)
    np.testing.assert_allclose(on_2018.state.gdp, off.state.gdp, rtol=5e-4)
    apart = np.log(on_2018.state.exports / off.state.exports)
    assert np.abs(apart).mean() > 0.03
    imports = np.log(on_2018.state.imports / off.state.imports)
    assert np.corrcoef(apart, imports)[0, 1] < 0.9  # each has luck of its own


def test_swings_of_trade_are_no_gain_from_policy(on_2018) -> None:
    off = ran(2018, shocks=False)
    np.testing.assert_allclose(on_2018.state.trade_gain, off.state.trade_gain, atol=1e-3)


def test_what_one_gets_more_of_assistance_others_get_less(on_2018) -> None:
    state = on_2018.state
    assert state.oda_received.sum() == pytest.approx(state.oda_paid.sum(), rel=1e-9)
    assert np.abs(state.aid_swing).max() > 0.1
    assert state.remittances_received.sum() == pytest.approx(state.remittances_paid.sum(), rel=1e-9)


def test_scenarios_of_a_seed_meet_the_same_cycle() -> None:
    one, other = ran(2020), ran(2020, scenario="full-agenda")
    np.testing.assert_array_equal(one.state.business_cycle, other.state.business_cycle)
    assert np.abs(one.state.business_cycle).max() > 0.005
    np.testing.assert_array_equal(one.state.trade_swing, other.state.trade_swing)
