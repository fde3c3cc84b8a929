"""Whole numbers from real ones: refused where they are no number of things."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.counts import LARGEST, whole, whole_one
from sscsim.errors import InadmissibleInput


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -1.0, -1e-9, 1e300, 2.0 * LARGEST])
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_what_is_no_number_of_things_is_refused_by_name(
    wrong: float, shape: tuple[int, ...]
) -> None:
    values = np.ones(shape)
    values[(-1,) * len(shape)] = wrong
    with pytest.raises(InadmissibleInput, match=r"the number of projects cannot be counted") as e:
        whole(values, "projects")
    assert e.value.found == wrong or np.isnan(wrong)
    assert e.value.allowed == "0 to 1,000,000,000"


@pytest.mark.parametrize(("given", "counted"), [(0.0, 0), (0.999, 0), (7.0, 7), (LARGEST, LARGEST)])
def test_fractions_are_cut_off(given: float, counted: int) -> None:
    assert whole_one(given, "projects") == counted
    assert whole([given, 1.5], "projects").tolist() == [counted, 1]


def test_nothing_is_counted_as_nothing_and_a_bound_of_ones_own_holds() -> None:
    assert whole(np.zeros((0, 3)), "projects").shape == (0, 3)
    with pytest.raises(InadmissibleInput, match="0 to 10"):
        whole_one(11.0, "projects", largest=10)
