"""Balancing to margins: what it keeps, what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import InadmissibleInput
from sscsim.flows.balancing import balance


def problem(seed, n, *, diagonal):
    """Return a start and margins that some matrix with its zeros meets."""
    rng = np.random.default_rng(seed)
    target = rng.lognormal(0, 1.5, (n, n))
    start = rng.lognormal(0, 1.5, (n, n))
    if not diagonal:
        np.fill_diagonal(target, 0)
        np.fill_diagonal(start, 0)
    return start, target.sum(axis=1), target.sum(axis=0)


problems = st.builds(problem, st.integers(0, 2**32 - 1), st.integers(3, 12), diagonal=st.booleans())


@given(problems)
def test_both_margins_are_met(given_problem):
    start, rows, columns = given_problem
    result = balance(start, rows, columns, tolerance=1e-10)
    np.testing.assert_allclose(result.sum(axis=1), rows, rtol=1e-9)
    np.testing.assert_allclose(result.sum(axis=0), columns, rtol=1e-9)


@given(problems)
def test_cross_ratios_are_kept(given_problem):
    """What is left after row and column effects is the start's (Deming & Stephan 1940)."""
    start, rows, columns = given_problem
    result = balance(start, rows, columns, tolerance=1e-10)
    there = start > 0
    assert np.all(result[there] > 0)
    assert not result[~there].any()
    factor = np.where(there, result / np.where(there, start, 1), np.nan)
    n = len(rows)
    for i, k, j, m in [(0, 1, 2, n - 1), (1, 2, 0, 0), (n - 1, 0, 1, 1)]:
        corners = factor[i, j] * factor[k, m], factor[i, m] * factor[k, j]
        if not np.isnan(corners).any():
            assert corners[0] == pytest.approx(corners[1], rel=1e-9)


@given(problems)
def test_it_is_the_nearest_in_information(given_problem):
    """No other matrix with these margins has a smaller Kullback-Leibler distance."""
    start, rows, columns = given_problem
    result = balance(start, rows, columns, tolerance=1e-10)

    def distance(matrix):
        there = matrix > 0
        return (matrix[there] * np.log(matrix[there] / start[there])).sum()

    # A move around a rectangle that changes no margin.
    i, k, j, m = 0, 1, 2, len(rows) - 1
    if start[i, j] * start[i, m] * start[k, j] * start[k, m] == 0 or j == m:
        return
    room = 0.1 * min(result[i, j], result[k, m], result[i, m], result[k, j])
    for sign in (1, -1):
        other = result.copy()
        other[[i, k], [j, m]] += sign * room
        other[[i, k], [m, j]] -= sign * room
        assert distance(other) >= distance(result) - 1e-9 * rows.sum()


@given(problems, st.randoms(use_true_random=False))
def test_order_and_unit_do_not_matter(given_problem, random):
    start, rows, columns = given_problem
    order = list(range(len(rows)))
    random.shuffle(order)
    here = balance(start, rows, columns, tolerance=1e-11)
    there = balance(7 * start[np.ix_(order, order)], rows[order], columns[order], tolerance=1e-11)
    np.testing.assert_allclose(there, here[np.ix_(order, order)], rtol=1e-8)


def test_a_balanced_matrix_stays():
    matrix = np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 4.0], [5.0, 6.0, 0.0]])
    result = balance(matrix, matrix.sum(axis=1), matrix.sum(axis=0))
    np.testing.assert_allclose(result, matrix, rtol=1e-12)


def test_empty_margins_are_empty():
    assert not balance(np.ones((3, 3)), np.zeros(3), np.zeros(3)).any()
    rows = np.array([0.0, 1.0, 1.0])
    result = balance(np.ones((3, 3)), rows, rows)
    assert not result[0].any()
    assert not result[:, 0].any()


NAMES = ("AAA", "BBB", "CCC")


@pytest.mark.parametrize(
    ("start", "rows", "columns", "named"),
    [
        (np.ones((3, 3)), [1, 1, 1], [1, 1, 2], "totals"),
        (np.array([[0, 1, 1], [0, 0, 0], [1, 1, 0]]), [1, 1, 1], [1, 1, 1], "row of BBB"),
        (np.array([[0, 1, 0], [1, 0, 0], [1, 1, 0]]), [1, 1, 1], [1, 1, 1], "column of CCC"),
        (1 - np.eye(3), [8, 1, 1], [4, 3, 3], "flows of AAA"),
        (np.array([[0, 1, 0], [1, 0, 0], [1, 0, 1]]), [1, 4, 2], [1, 3, 3], "flows of BBB"),
    ],
)
def test_margins_that_cannot_be_met_are_named(start, rows, columns, named):
    with pytest.raises(InadmissibleInput, match=named):
        balance(start.astype(float), np.array(rows, float), np.array(columns, float), names=NAMES)
