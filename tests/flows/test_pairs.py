"""Matrices over pairs: the quick ways give what the plain ones give."""

import numpy as np
import pytest

from sscsim.flows.pairs import Cells, add_ends, any_but, column_sums, row_sums, scaled

RNG = np.random.default_rng(5)


def test_scaled_multiplies_rows_and_columns_and_leaves_its_input_alone() -> None:
    matrix, rows, columns = RNG.random((4, 6)), RNG.random(4), RNG.random(6)
    kept = matrix.copy()
    found = scaled(matrix, rows, columns)
    np.testing.assert_allclose(found, rows[:, None] * matrix * columns, rtol=1e-15)
    np.testing.assert_array_equal(matrix, kept)
    assert found.flags.c_contiguous


def test_numbers_of_both_ends_are_added_in_place() -> None:
    matrix, origin, destination = RNG.random((4, 6)), RNG.random(4), RNG.random(6)
    expected = matrix + origin[:, None] + destination
    add_ends(matrix, origin, destination)
    np.testing.assert_allclose(matrix, expected, rtol=1e-14)
    with pytest.raises(ValueError, match="rows"):  # it would be a copy that is written into
        add_ends(np.asfortranarray(matrix), origin, destination)


def test_sums_are_sums() -> None:
    matrix = RNG.random((4, 6))
    np.testing.assert_allclose(row_sums(matrix), matrix.sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(column_sums(matrix), matrix.sum(axis=0), rtol=1e-14)


def test_cells_are_those_that_are_not_neutral() -> None:
    matrix = np.ones((3, 4))
    matrix[0, 1], matrix[2, 3] = 2.0, 0.5
    assert any_but(matrix, 1.0)
    assert not any_but(np.ones((3, 4)), 1.0)
    cells = Cells.of(matrix, 1.0)
    assert len(cells) == 2
    flows = np.full((3, 4), 10.0)
    cells.multiply(flows, cells.value)
    np.testing.assert_array_equal(flows, 10.0 * matrix)
