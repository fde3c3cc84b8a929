"""Interest on loans of banks and lenders reaches national income, at both ends."""

from __future__ import annotations

import numpy as np
import pytest
from _worlds import drawn_parameters, random_world
from hypothesis import given, settings
from hypothesis import strategies as st

from sscsim.flows import books
from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting


def last(end: int, *, seed: int = 3, **options: object) -> SouthSouthModel:
    model = SouthSouthModel(seed=seed, end=end, off=["knowledge"], **options)  # type: ignore[arg-type]
    while model.running:
        model.step()
        total = np.abs(model.state.net_interest).sum()
        assert total > 0.0
        assert abs(model.state.net_interest.sum()) < 1e-9 * total, model.state.year
    return model


def test_the_base_year_has_the_income_of_the_data() -> None:
    model = last(2013)
    np.testing.assert_allclose(model.state.gni, model.world.base["gni_current_busd"], rtol=1e-6)


def test_who_borrows_pays_and_who_lends_receives() -> None:
    """Three times the lines: borrowers' national income falls against their output, lenders' rises."""
    more = Setting(value=3.0, **{"from": 2014})
    scenario = Scenario("more", {"en": "More"}, levers={"credit_volume": (more,)})
    plain, other = last(2022), last(2022, scenario=scenario)
    extra = other.state.net_interest - plain.state.net_interest
    china, borrowers = plain.world.position("CHN"), extra < -0.01
    assert extra[china] > 1.0
    assert borrowers.sum() > 20
    gap = [m.state.gni - m.state.gdp_current for m in (plain, other)]
    moved = (gap[1] - gap[0])[borrowers].sum()
    assert moved < 0.7 * extra[borrowers].sum() < 0.0


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_interest_has_two_ends_in_any_world(seed: int) -> None:
    model = SouthSouthModel(
        seed=seed, world=random_world(seed), parameters=drawn_parameters(seed), off=["knowledge"]
    )
    while model.running:
        model.step()
        ends = model.state.net_interest
        assert abs(ends.sum()) <= 1e-9 * max(np.abs(ends).sum(), 1e-9), model.state.year


def test_what_a_bank_is_left_with_is_its_owners() -> None:
    received = np.array([[4.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
    bonds, treasury = np.array([1.0, 0.5]), np.array([0.5, 0.0])
    wealth = np.array([0.0, 0.0, 1.0])
    paid_in = np.array([[1.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    reached = books.net_interest(received, bonds, treasury, paid_in, wealth)
    # The first bank's 3.5 are its owners'; the second has none, and the 1.5 go where its bonds are held.
    assert reached == pytest.approx([-4.0 + 3.5 / 4, -2.0 + 3.5 * 3 / 4, 1.5 - 0.5 + 1.5])
    assert reached.sum() == pytest.approx(0.0)
