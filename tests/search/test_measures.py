"""Robustness, regret, satisficing and fronts, by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sscsim.search.measures import aimed_cost, aimed_gain, front, regret, satisfices


def test_robust_gains_are_reached_and_costs_kept_to_in_nine_of_ten() -> None:
    values = np.arange(11.0)[None, :]
    np.testing.assert_allclose(aimed_gain(values[:, :, None], robust=True), 1.0)
    assert aimed_gain(values[:, :, None], robust=False) == 5.0
    np.testing.assert_allclose(aimed_cost(values, robust=True), 9.0)
    assert aimed_cost(values, robust=False) == 5.0


def test_regret_is_against_the_best_that_was_allowed() -> None:
    gain = np.array([[1.0, 1.0], [3.0, 0.0], [9.0, 9.0]])[:, :, None]
    found = regret(gain, np.array([True, True, False]))[:, 0]
    # Best of the allowed: 3 and 1. The first regrets 2 and 0, the second 0 and 1.
    np.testing.assert_allclose(found[:2], [1.8, 0.9])
    assert found[2] < 0.0
    assert np.isnan(regret(gain, np.zeros(3, dtype=bool))).all()


def test_a_package_satisfices_where_every_goal_does() -> None:
    gain = np.array([[[1.0, 1.0], [1.0, -1.0], [2.0, 2.0], [0.0, 5.0]]])
    assert satisfices(gain, np.array([0.0, 0.0])).tolist() == [0.5]
    assert satisfices(gain, np.array([-9.0, 0.0])).tolist() == [0.75]


def test_a_front_is_of_those_that_nothing_beats_cheapest_first() -> None:
    gain = np.array([[3.0], [1.0], [2.0], [2.0], [0.0]])
    cost = np.array([5.0, 1.0, 2.0, 3.0, 1.0])
    assert front(gain, cost).tolist() == [1, 2, 0]


def test_of_equal_packages_the_first_stands_for_all() -> None:
    assert front(np.ones((3, 1)), np.ones(3)).tolist() == [0]


@given(arrays(np.float64, (12, 3), elements=st.integers(0, 4).map(float)))
def test_every_package_is_on_the_front_or_beaten_by_one_that_is(held) -> None:
    gain, cost = held[:, :2], held[:, 2]
    best = front(gain, cost)
    for place in range(len(held)):
        good = (gain[best] >= gain[place]).all(axis=1) & (cost[best] <= cost[place])
        assert good.any()
    for a in best:
        for b in best:
            assert a == b or not ((gain[b] >= gain[a]).all() and cost[b] <= cost[a])
