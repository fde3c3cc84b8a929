"""What a unit costs: known ratios, and what is said where there is no gain, no cost, or neither."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.costs.ratios import price_ratio, priced


def test_known_costs_and_effects_give_known_ratios() -> None:
    cost = np.array([[2.0, 4.0], [6.0, 8.0]])
    found = price_ratio(cost, np.array([1.0, 2.0]), np.array([3.0, 3.0]))
    # 2, 4, 3, 4: worth more than they cost at 3 are 1 x 3 > 2 alone; 2 x 3 = 6 only covers what it costs.
    assert (found.low, found.median, found.high) == (2.0, 4.0, 4.0)
    assert found.gains == 1.0
    assert found.worth == 0.25
    assert found.given_up == 0.0


def test_money_for_nothing_lies_above_every_price() -> None:
    cost = np.full((10, 1), 5.0)
    effect = np.array([1.0] * 4 + [0.0] * 3 + [-1.0] * 3)
    found = price_ratio(cost, effect, np.array([100.0]))
    assert found.low == 5.0
    assert found.median == np.inf
    assert found.gains == 0.4
    assert found.worth == 0.4


def test_a_gain_that_saves_money_lies_below_every_price_and_is_worth_it() -> None:
    found = price_ratio(np.full((4, 1), -5.0), np.full(4, 2.0), np.array([1e-9]))
    assert found.median == -np.inf
    assert found.worth == 1.0


def test_what_is_saved_at_a_loss_is_no_price() -> None:
    cost = np.array([[-5.0], [-5.0], [-5.0], [4.0]])
    found = price_ratio(cost, np.array([-1.0, -1.0, -1.0, 2.0]), np.array([1.0]))
    assert (found.low, found.median, found.high) == (2.0, 2.0, 2.0)
    assert found.given_up == 0.75
    # 5 saved for a point that is worth 1 is worth it; 4 for two points is not.
    assert found.worth == 0.75


def test_nothing_for_nothing_has_no_price() -> None:
    found = price_ratio(np.zeros((3, 2)), np.zeros(3), np.ones(2))
    assert np.isnan(found.median)
    assert found.worth == 0.0


def test_shapes_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="costs"):
        price_ratio(np.ones((2, 3)), np.ones(2), np.ones(2))


@given(st.floats(0.0, 1.0), st.floats(1e-3, 1e3), st.floats(1.0, 900.0))
def test_prices_stay_in_their_range_and_halve_it_at_the_middle(quantile, low, times) -> None:
    high = low * times
    drawn = priced(np.array([quantile, 0.5]), low, high)
    assert low * (1 - 1e-12) <= drawn[0] <= high * (1 + 1e-12)
    assert drawn[1] == pytest.approx(np.sqrt(low * high))


def test_a_range_from_zero_is_even() -> None:
    assert priced(np.array([0.0, 0.25, 1.0]), 0.0, 4.0).tolist() == [0.0, 1.0, 4.0]
