"""Means and shares of nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sscsim.means import mean_over, means_over, over_mean, part, ratio, shares

VALUES = np.array([1.0, 2.0, 6.0])


@pytest.mark.parametrize(
    ("among", "mean"),
    [([True, True, True], 3.0), ([False, True, False], 2.0), ([False, False, False], -1.0)],
)
def test_a_mean_over_nobody_is_what_it_is_said_to_be(among: list[bool], mean: float) -> None:
    assert mean_over(VALUES, np.array(among), empty=-1.0) == mean


def test_means_by_group_are_zero_for_a_group_of_none() -> None:
    groups = np.array([[True, False, True], [False, False, False]])
    assert means_over(VALUES, groups).tolist() == [3.5, 0.0]


@pytest.mark.parametrize(
    ("values", "mean", "expected"),
    [
        (VALUES, None, VALUES / 3.0),
        (VALUES, 2.0, VALUES / 2.0),
        (VALUES, 0.0, VALUES),
        (np.zeros(3), None, np.zeros(3)),
        (np.zeros(0), None, np.zeros(0)),
    ],
)
def test_over_a_mean_of_zero_values_stay(
    values: np.ndarray, mean: float | None, expected: np.ndarray
) -> None:
    assert_allclose(over_mean(values, mean), expected)


def test_shares_add_up_to_one_or_are_none() -> None:
    weights = np.array([[1.0, 3.0], [0.0, 0.0]])
    assert shares(weights, axis=1).tolist() == [[0.25, 0.75], [0.0, 0.0]]
    assert shares(weights).sum() == 1.0
    assert not shares(np.zeros(4)).any()
    assert shares(np.array([1, 3])).tolist() == [0.25, 0.75]


def test_a_part_of_nothing_is_nothing() -> None:
    whole = np.array([2.0, 0.0, -1.0])
    assert part(np.array([1.0, 3.0, 3.0]), whole).tolist() == [0.5, 0.0, 0.0]
    assert part(np.array([1, 3]), np.array([2, 4])).tolist() == [0.5, 0.75]


def test_a_ratio_over_nothing_is_not_a_number() -> None:
    assert_allclose(
        ratio(np.array([1.0, 0.0, 3.0]), np.array([2.0, 0.0, 0.0])), [0.5, np.nan, np.nan]
    )
    by_row = ratio(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0], [0.0]]))
    assert_allclose(by_row, [[0.5, 1.0], [np.nan, np.nan]])
