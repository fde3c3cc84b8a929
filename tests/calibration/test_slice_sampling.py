"""Draws from posteriors that are known."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.calibration.slice_sampling import elliptical_slice


def test_a_normal_posterior_has_its_mean_and_spread() -> None:
    """Prior N(0, 1), one observation 2 with standard deviation 0.5: posterior N(1.6, 0.2)."""

    def likelihood(x: np.ndarray) -> np.ndarray:
        return -0.5 * ((x[:, 0] - 2.0) / 0.5) ** 2

    chains = elliptical_slice(likelihood, np.zeros((50, 3)), 120, np.random.default_rng(1))[20:]
    draws = chains.reshape(-1, 3)
    assert draws[:, 0].mean() == pytest.approx(1.6, abs=0.03)
    assert draws[:, 0].std() == pytest.approx(np.sqrt(0.2), abs=0.03)
    # What the figure does not inform keeps its prior.
    assert draws[:, 1:].mean(axis=0) == pytest.approx(0.0, abs=0.06)
    assert draws[:, 1:].std(axis=0) == pytest.approx(1.0, abs=0.06)


def test_what_cannot_be_is_never_visited_and_left_where_a_chain_begins_there() -> None:
    def likelihood(x: np.ndarray) -> np.ndarray:
        return np.where(x.sum(axis=1) > 0.0, 0.0, -np.inf)

    start = np.full((20, 2), -1.0)
    chains = elliptical_slice(likelihood, start, 60, np.random.default_rng(2))
    assert (chains[1:].sum(axis=2) > 0.0).all()


@pytest.mark.parametrize("dimensions", [2, 40])
def test_two_figures_that_pull_apart_correlate_what_they_inform(dimensions: int) -> None:
    """A figure of a sum: the parts are anticorrelated, each little narrower than its prior."""

    def likelihood(x: np.ndarray) -> np.ndarray:
        return -0.5 * ((x[:, 0] + x[:, 1]) / 0.1) ** 2

    chains = elliptical_slice(
        likelihood, np.zeros((40, dimensions)), 300, np.random.default_rng(3)
    )[100:]
    draws = chains.reshape(-1, dimensions)
    assert np.corrcoef(draws[:, :2].T)[0, 1] < -0.95
    assert draws[:, 0].std() == pytest.approx(np.sqrt(0.5), abs=0.08)


def test_the_same_generator_gives_the_same_chains() -> None:
    def likelihood(x: np.ndarray) -> np.ndarray:
        return -np.abs(x).sum(axis=1)

    first, second = (
        elliptical_slice(likelihood, np.zeros((4, 3)), 10, np.random.default_rng(5))
        for _ in range(2)
    )
    assert np.array_equal(first, second)
