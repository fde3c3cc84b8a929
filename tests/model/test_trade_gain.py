"""Growth, roads, lines and learning earn no gain from trade policy; agreements and levers do."""

from __future__ import annotations

import numpy as np
import pytest
from _worlds import drawn_parameters

from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting

END = 2018


def gains(scenario: Scenario | str, **options: object) -> np.ndarray:
    model = SouthSouthModel(scenario, seed=2, end=END, **options)  # type: ignore[arg-type]
    while model.running:
        model.step()
    return np.asarray(model.state.trade_gain)


def moved(**levers: float) -> Scenario:
    settings = {name: (Setting(value=v, **{"from": 2015}),) for name, v in levers.items()}
    return Scenario("moved", {"en": "Moved"}, levers=settings)


@pytest.mark.parametrize(
    "scenario",
    [
        moved(),
        moved(bank_capital=3.0),
        moved(credit_volume=3.0, aid_volume=2.0),
        moved(training=5.0),
    ],
    ids=["nothing", "banks", "lines and aid", "training"],
)
def test_without_policy_there_is_no_gain(scenario: Scenario) -> None:
    """Without the step of institutions no agreement enters into force."""
    assert np.abs(gains(scenario, off=["institutions"])).max() < 1e-9


OF_TRADE = ("trade_cost", "trade_facilitation")
"""Levers that make goods move more freely; whatever else is moved may earn no gain from trade policy."""


@pytest.mark.parametrize("end", [0, 1], ids=["lowest", "highest"])
def test_no_other_lever_earns_a_gain_at_either_end_of_its_range(end: int) -> None:
    """All of them at once, after the record as in it."""
    others = {n: lever.bounds[end] for n, lever in lever_table().items() if n not in OF_TRADE}
    model = SouthSouthModel(moved(**others), seed=2, end=2021, off=["institutions"])
    trade = []
    while model.running:
        model.step()
        assert np.abs(model.state.trade_gain).max() < 1e-9, model.year
        trade.append(model.state.home_sales / model.opening.home_sales)
    assert np.abs(np.log(trade[-1])).max() > 0.1  # and yet trade has moved


def test_swings_and_shocks_but_closed_borders_earn_none() -> None:
    """Costs of borders that a shock closes are costs of trade as a lever's are; all else that strikes is none."""
    open_ = {"closure_rate": 0.0, "pandemic_rate": 0.0}
    model = SouthSouthModel(seed=2, end=2024, off=["institutions"], shocks=True, set=open_)
    while model.running:
        model.step()
        assert np.abs(model.state.trade_gain).max() < 1e-9, model.year
    assert np.abs(model.state.trade_swing).max() > 0.01


@pytest.mark.slow
def test_nothing_earns_a_gain_to_the_last_year_while_no_agreement_moves() -> None:
    """Twenty years of growth, in draws far out in the priors' tails."""
    for draw in range(5):
        model = SouthSouthModel(
            seed=draw, parameters=drawn_parameters(draw, "corners"), off=["institutions"]
        )
        while model.running:
            model.step()
            assert np.abs(model.state.trade_gain).max() < 1e-9, (draw, model.year)


@pytest.mark.parametrize("lever", ["trade_facilitation", "trade_cost"])
def test_a_lever_of_trade_policy_earns_one(lever: str) -> None:
    value = 0.1 if lever == "trade_facilitation" else -0.05
    found = gains(moved(**{lever: value}), off=["institutions"])
    assert np.median(found) > 1e-4


def test_agreements_earn_one() -> None:
    found = gains("baseline")
    assert found.max() > 1e-4


def test_without_dynamic_gains_policy_leaves_productivity_alone() -> None:
    """Real income holds the whole static gain: at ζ = 0 output of the next year is what it was."""
    output = []
    for scenario in (moved(), moved(trade_facilitation=0.1)):
        model = SouthSouthModel(scenario, seed=2, end=2016, set={"trade_gain_pass_through": 0.0})
        while model.running:
            model.step()
        output.append(model.state)
    np.testing.assert_allclose(output[0].productivity, output[1].productivity, rtol=1e-12)
    assert output[1].real_income.sum() > output[0].real_income.sum()


@pytest.mark.parametrize("code", ["NPL", "SLV", "TJK"])
def test_a_deficit_stays_with_the_remittances_that_pay_for_it(code: str) -> None:
    """Only what no money pays for fades."""
    model = SouthSouthModel(seed=2, end=2026, off=["knowledge"])
    at, rho = model.world.position(code), model.parameters["deficit_persistence"]
    first, paid = (
        float(getattr(model.opening, name)[at]) for name in ("deficit_ratio", "financing_ratio")
    )
    assert paid > 0.09
    while model.running:
        financed = float(
            model.state.financing_ratio[at]
        )  # of the year before, which this year's imports spend
        model.step()
    years = model.state.year - 2013
    found = float(model.state.deficit_ratio[at])
    assert found - financed == pytest.approx((first - paid) * rho**years, abs=0.008)
    assert found > 0.9 * financed > 0.07
