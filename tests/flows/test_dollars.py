"""What output is worth in dollars of the day: the record, then back towards the model's own prices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import InadmissibleInput
from sscsim.flows import trade


def test_the_recorded_price_is_dollars_over_volumes_and_the_worlds_price():
    dollars = np.array([[100.0, 50.0], [110.0, 40.0]])
    growth = np.array([[0.10, -0.20]])
    price = trade.recorded_price(dollars, growth, np.array([2.0, 1.0]))
    # The first keeps its price in dollars while the world's halves, the second too.
    np.testing.assert_allclose(price, [[1.0, 1.0], [2.0, 2.0]])
    halved = trade.recorded_price(dollars * [[1, 1], [1, 0.5]], growth, np.ones(2))
    np.testing.assert_allclose(halved[1], [1.0, 0.5])


@pytest.mark.parametrize(
    ("dollars", "match"),
    [(np.array([[1.0], [0.0]]), "not positive"), (np.array([[1.0], [np.nan]]), "not positive")],
)
def test_a_record_without_output_is_refused(dollars: np.ndarray, match: str) -> None:
    with pytest.raises(InadmissibleInput, match=match):
        trade.recorded_price(dollars, np.zeros((1, 1)), np.ones(2))


def test_records_of_different_years_are_refused() -> None:
    with pytest.raises(InadmissibleInput, match="different years"):
        trade.recorded_price(np.ones((3, 1)), np.zeros((1, 1)), np.ones(3))


@given(st.integers(0, 2**32 - 1))
def test_within_the_record_volume_alone_moves_dollars(seed: int) -> None:
    """Whatever the model's prices are, output in dollars is volume at the record's price."""
    rng = np.random.default_rng(seed)
    base, volume = np.exp(rng.normal(3, 2, (2, 9)))
    recorded = np.exp(rng.normal(0, 0.4, 9))
    valued = []
    for wage in np.exp(rng.normal(0, 0.2, (2, 9))):
        own = base * volume * wage
        output, dollars = trade.value_output(own, wage, trade.Dollars(np.zeros(9), 1.0), recorded)
        assert dollars.level == pytest.approx(output.sum() / own.sum())
        valued.append(output)
    np.testing.assert_allclose(valued[0], valued[1])
    np.testing.assert_allclose(valued[0], base * volume * recorded)


@given(st.integers(0, 2**32 - 1), st.floats(0.8, 1.2))
def test_after_the_record_exchange_rates_leave_the_worlds_level_alone(
    seed: int, level: float
) -> None:
    rng = np.random.default_rng(seed)
    own, wage = np.exp(rng.normal(3, 2, 9)), np.exp(rng.normal(0, 0.2, 9))
    gap = rng.normal(0, 0.4, 9)
    output, dollars = trade.value_output(own, wage, trade.Dollars(gap, level), None)
    assert dollars.level == level
    assert output.sum() == pytest.approx(level * own.sum())
    relative = np.log(output / own) - gap
    np.testing.assert_allclose(relative, relative[0], atol=1e-12)
    closed, _ = trade.value_output(own, wage, trade.Dollars(np.zeros(9), 1.0), None)
    np.testing.assert_allclose(closed, own)
