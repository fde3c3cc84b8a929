"""Statistics of fair pairs: what is said of a difference, and what is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.experiments.effects import interval, median_half_width, paired_effect


def draws(seed: int, count: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).normal(100.0, 10.0, count)


def test_a_constant_difference_is_known_at_once() -> None:
    effect = paired_effect(draws(1), draws(1) + 2.0)
    assert effect.median == pytest.approx(2.0)
    assert effect.low == pytest.approx(effect.high)
    assert effect.seen
    assert effect.narrowed > 1e20
    assert effect.more_draws(0.05) == 0.0


def test_no_difference_is_no_effect_and_has_no_factor() -> None:
    same = paired_effect(draws(1), draws(1) * (1.0 + 1e-13))  # rounding is no effect
    assert (same.median, same.low, same.high) == (0.0, 0.0, 0.0)
    assert not same.seen
    assert math.isnan(same.positive)
    assert same.none
    assert math.isnan(same.narrowed)
    assert math.isnan(same.more_draws(0.05))


def test_the_factor_is_the_ratio_of_variances() -> None:
    a, noise = draws(1, 5000), draws(2, 5000) / 100.0
    effect = paired_effect(a, a + noise)
    assert effect.narrowed == pytest.approx(
        (np.var(a, ddof=1) + np.var(a + noise, ddof=1)) / np.var(noise, ddof=1)
    )
    assert effect.narrowed == pytest.approx(20_000, rel=0.1)
    apart = paired_effect(a, draws(3, 5000))
    assert apart.narrowed == pytest.approx(1.0, rel=0.1)  # independent runs gain nothing
    assert not apart.seen


def test_how_sure_the_sign_is_is_the_share_of_draws() -> None:
    a = draws(1, 100)
    change = np.repeat([1.0, 0.0, -1.0], [70, 20, 10])
    assert paired_effect(a, a + change).positive == pytest.approx(0.8)
    assert paired_effect(a + change, a).positive == pytest.approx(0.2)
    rarely = paired_effect(a, a + np.repeat([1.0, 0.0, -1.0], [1, 98, 1]))
    assert rarely.positive == pytest.approx(0.5)  # of either sign, which is not none
    assert not rarely.none


def test_an_interval_holds_nine_draws_in_ten() -> None:
    low, median, high = interval(np.arange(101.0))
    assert (low, median, high) == pytest.approx((5.0, 50.0, 95.0))


def test_a_share_needs_a_reference_of_one_sign() -> None:
    assert paired_effect(np.array([-2.0, -4.0]), np.array([-1.0, -3.0])).relative == pytest.approx(
        0.375
    )
    mixed = paired_effect(np.array([-1.0, 1.0]), np.array([0.0, 2.0]))
    assert math.isnan(mixed.relative)
    assert mixed.seen


def test_the_interval_of_a_median_covers_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered, widths = 0, []
    for _ in range(2000):
        sample = rng.exponential(size=25)  # skewed, as effects are
        ordered = np.sort(sample)
        # Ranks 8 and 18 of 25: the exact interval of at least 90 %.
        covered += ordered[7] <= math.log(2.0) <= ordered[17]
        widths.append(median_half_width(sample) - (ordered[17] - ordered[7]) / 2.0)
    assert np.allclose(widths, 0.0)
    assert 0.89 < covered / 2000 < 0.99


def test_few_draws_have_no_interval_of_the_median_and_many_do() -> None:
    assert math.isnan(median_half_width(np.arange(4.0)))
    assert median_half_width(np.arange(5.0)) == 2.0
    many = np.random.default_rng(1).normal(size=20_000)
    assert median_half_width(many) == pytest.approx(
        1.645 * math.sqrt(math.pi / 2 / 20_000), rel=0.1
    )


def test_further_draws_follow_the_root_law() -> None:
    effect = paired_effect(
        draws(1, 100), draws(1, 100) + np.random.default_rng(9).normal(1.0, 1.0, 100)
    )
    wanted = effect.half_width / 2.0
    assert (
        effect.more_draws(wanted, absolute=True) == 300.0
    )  # half the width takes four times the draws
    assert effect.more_draws(wanted / abs(effect.median)) == pytest.approx(300.0, abs=1.0)
    assert effect.more_draws(2.0 * effect.half_width, absolute=True) == 0.0


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (3, 2)])
def test_what_is_no_pair_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        paired_effect(np.zeros(shape[0]), np.zeros(shape[1]))


@given(
    st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), min_size=2, max_size=40),
    st.floats(1e-3, 1e3),
)
def test_effects_turn_with_the_pair_and_scale_with_the_unit(pairs, factor: float) -> None:
    a, b = np.array(pairs).T
    there, back = paired_effect(a, b), paired_effect(b, a)
    assert there.low <= there.median <= there.high
    assert (there.median, there.low, there.high) == pytest.approx(
        (-back.median, -back.high, -back.low)
    )
    assert there.seen == back.seen
    scaled = paired_effect(a * factor, b * factor)
    assert scaled.median == pytest.approx(there.median * factor, abs=1e-6)
