"""Draws weighed anew, held against posteriors that are written down."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.calibration.evidence import Evidence, Unseen, smoothed, weighted_quantile


def conjugate(draws: int = 4000) -> Evidence:
    """A parameter N(0, 1), and two figures that show it with a variance of 4: at 1, and at -2."""
    rng = np.random.default_rng(3)
    level = rng.normal(-1 / 6, np.sqrt(1 / 1.5), draws)

    def told(variance: float) -> np.ndarray:
        miss = np.column_stack([level - 1.0, level + 2.0])
        return -0.5 * (miss**2 / variance + np.log(variance))

    likelihood = {0.5: told(2.0), 1.0: told(4.0), 2.0: told(8.0)}
    return Evidence(
        places=np.arange(draws),
        values=level[:, None],
        weights=np.full(draws, 1 / draws),
        before=likelihood[1.0].sum(axis=1),
        likelihood=likelihood,
    )


def moments(found: Evidence, weights: np.ndarray) -> tuple[float, float]:
    level = found.values[:, 0]
    mean = float(weights @ level)
    return mean, float(weights @ (level - mean) ** 2)


@pytest.mark.parametrize(("check", "mean"), [(0, -2 / 5), (1, 1 / 5)])
def test_a_posterior_that_does_not_know_a_figure(check: int, mean: float) -> None:
    found = conjugate()
    without = found.without(check)
    assert without.khat < 0.5
    assert moments(found, without.weights) == pytest.approx((mean, 1 / 1.25), abs=0.06)


@pytest.mark.parametrize(
    ("factor", "mean", "variance"), [(0.5, -0.25, 0.5), (1.0, -1 / 6, 1 / 1.5), (2.0, -0.1, 0.8)]
)
def test_a_posterior_of_another_tolerance(factor: float, mean: float, variance: float) -> None:
    found = conjugate()
    other = found.with_tolerance(factor)
    assert moments(found, other.weights) == pytest.approx((mean, variance), abs=0.06)
    assert other.effective <= 4000.0 + 1e-6


def test_scores_are_distances_in_standard_deviations_on_the_scale_of_the_emulator() -> None:
    unseen = Unseen.of(
        [
            (np.array([1.0, 1.0]), np.array([4.0, 4.0])),
            (np.array([0.0, 0.0]), np.array([0.25, 0.25])),
            (np.array([7.0, 7.0]), np.array([0.0, 0.0])),
        ],
        np.array([False, True, False]),
        np.array([[[3.0, np.e, 7.0]], [[np.nan, 0.0, 8.0]]]),
    )
    assert unseen.scores[0, 0] == pytest.approx([1.0, 2.0, 0.0])
    assert not np.isfinite(unseen.scores[1, 0]).any()


def test_weights_are_smoothed_and_their_tail_is_told() -> None:
    rng = np.random.default_rng(0)
    weights, khat = smoothed(0.3 * rng.normal(size=400))
    assert weights.sum() == pytest.approx(1.0)
    assert khat < 0.5
    assert smoothed(6.0 * rng.normal(size=400))[1] > 0.7
    equal, none = smoothed(np.zeros(5))
    assert equal == pytest.approx(0.2)
    assert none == -np.inf


def test_quantiles_of_weighted_numbers_are_those_of_repeated_ones() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3])
    middle = weighted_quantile(values, weights, [0.25, 0.65, 0.9])
    assert middle == pytest.approx([1.0, 2.0, 3.0])
