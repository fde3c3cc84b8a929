"""Where an outcome of many draws meets a target: known functions, and what cannot be reached."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.experiments.roots import CLOSE, FINE, solve
from sscsim.types import Array

DRAWS = np.random.default_rng(1).normal(2.0, 0.2, 60)


class Counted:
    """A function of a value that counts how often it is asked, and refuses to be asked a thing twice."""

    def __init__(self, function) -> None:
        self.function, self.asked = function, []

    def __call__(self, value: float) -> Array:
        assert value not in self.asked
        self.asked.append(value)
        return self.function(value)


def test_a_power_is_inverted_and_draws_give_the_interval() -> None:
    function = Counted(lambda x: DRAWS * x**1.5)
    found = solve(function, 10.0, (0.0, 5.0), 1.0)
    assert found.reached
    assert found.close
    assert found.crossings == 1
    exact = (10.0 / DRAWS) ** (1 / 1.5)
    assert found.value == pytest.approx(np.median(exact), rel=0.02)
    low, high = np.quantile(exact, [0.05, 0.95], method="inverted_cdf")
    assert (found.low, found.high) == pytest.approx((low, high), rel=0.02)
    assert found.beyond == 0.0
    assert len(function.asked) < 15


@given(
    st.floats(0.2, 4.8),
    st.sampled_from([1.0, -1.0]),
    st.floats(0.5, 3.0),
    st.floats(0.0, 5.0),
)
def test_any_monotone_function_is_inverted(
    at: float, sign: float, power: float, start: float
) -> None:
    def function(x: float) -> Array:
        return 10.0 + sign * x**power * np.array([0.9, 1.0, 1.1])

    target = float(np.median(function(at)))
    found = solve(function, target, (0.0, 5.0), start)
    assert found.reached
    # Where the target is next to nought a hundredth of it is less than what a fine bracket tells apart.
    assert abs(found.median - target) <= CLOSE * abs(target) or abs(found.value - at) <= 5.0 * FINE
    assert found.low <= found.high
    assert found.crossings == 1


def test_what_levels_off_below_the_target_is_not_reached_and_the_least_change_is_told() -> None:
    found = solve(lambda x: np.minimum(DRAWS * x, 6.0), 10.0, (0.0, 5.0), 1.0)
    assert not found.reached
    assert found.median == 6.0
    assert found.value < 5.0  # 5 comes no nearer
    assert found.beyond == 1.0
    assert (found.low, found.high) == (math.inf, math.inf)


def test_an_end_that_some_draws_reach_only_beyond_the_bound_is_infinite() -> None:
    found = solve(lambda x: DRAWS * x, 9.5, (0.0, 5.0), 1.0)
    assert found.reached
    assert math.isfinite(found.low)
    assert found.high == math.inf
    assert found.beyond == pytest.approx(np.mean(DRAWS * 5.0 < 9.5))


def test_a_hump_is_found_between_the_bounds_and_both_sides_are_said() -> None:
    found = solve(lambda x: DRAWS * (1.0 - (x - 2.0) ** 2), 1.5, (0.0, 5.0), 0.0)
    assert found.reached
    assert found.crossings == 2
    aside = math.sqrt(1.0 - 1.5 / np.median(DRAWS))
    assert abs(found.value - 2.0) == pytest.approx(aside, rel=0.02)


def test_a_step_is_leapt_over() -> None:
    found = solve(lambda x: np.floor(x) * np.ones(5), 2.5, (0.0, 5.0), 0.0)
    assert found.reached
    assert found.jumps
    assert found.median in (2.0, 3.0)
    assert found.value == pytest.approx(3.0, abs=0.01)


def test_a_target_that_holds_already_takes_no_search() -> None:
    function = Counted(lambda x: DRAWS * 0.0 + x)
    assert solve(function, 1.0, (0.0, 5.0), 1.0).value == 1.0
    assert len(function.asked) <= 3


@pytest.mark.parametrize(("bounds", "start"), [((0.0, 1.0), 2.0), ((1.0, 1.0), 1.0)])
def test_a_start_outside_is_refused(bounds: tuple[float, float], start: float) -> None:
    with pytest.raises(ValueError, match="does not lie between"):
        solve(lambda x: DRAWS * x, 1.0, bounds, start)
