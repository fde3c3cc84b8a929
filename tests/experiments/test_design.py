"""Draws over the priors: independent, nested, and keyed by the parameter's name."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sscsim.errors import InputError
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.experiments.members import DESIGN_SEED, members
from sscsim.parameters import default_parameters

NAMES = drawn_parameters(default_parameters())


def largest_correlation(quantiles: np.ndarray) -> float:
    r = np.corrcoef(quantiles, rowvar=False)
    return float(np.abs(r[np.triu_indices(len(r), 1)]).max())


@pytest.mark.parametrize("count", [50, 200, 1000])
def test_no_pair_is_correlated_beyond_chance(count: int) -> None:
    """The largest of all pairs lies under the 99.9 % point of independent uniforms."""
    found = largest_correlation(Design.independent(NAMES, count, DESIGN_SEED).quantiles)
    # Of sixty samples the largest is near the 98 % point of the maximum; its spread carries it to 99.9 % (Gumbel).
    rng = np.random.default_rng(5)
    chance = [largest_correlation(rng.random((count, len(NAMES)))) for _ in range(60)]
    assert found < stats.gumbel_r(*stats.gumbel_r.fit(chance)).ppf(0.999)


@pytest.mark.parametrize("count", [50, 200])
def test_what_was_used_before_would_be_caught(count: int) -> None:
    sobol = Design.sobol(NAMES, count, DESIGN_SEED).quantiles
    assert largest_correlation(sobol) > 0.7


def test_every_parameter_is_uniform() -> None:
    quantiles = Design.independent(NAMES, 2000, DESIGN_SEED).quantiles
    p = np.array([stats.kstest(column, "uniform").pvalue for column in quantiles.T])
    assert p.min() > 0.001 / len(NAMES)
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_more_draws_contain_fewer() -> None:
    fewer, more = (Design.independent(NAMES, n, 3).quantiles for n in (7, 50))
    assert np.array_equal(more[:7], fewer)


@pytest.mark.parametrize(
    ("names", "position"),
    [((*NAMES, "brand_new"), 0), (("brand_new", *NAMES), 1), (tuple(reversed(NAMES)), None)],
    ids=["added last", "added first", "in another order"],
)
def test_a_parameter_added_changes_no_other(names: tuple[str, ...], position: int | None) -> None:
    before = dict(zip(NAMES, Design.independent(NAMES, 20, 3).quantiles.T, strict=True))
    after = dict(zip(names, Design.independent(names, 20, 3).quantiles.T, strict=True))
    for name in NAMES:
        assert np.array_equal(before[name], after[name]), name


def test_another_seed_is_another_sample() -> None:
    one, two = (Design.independent(NAMES, 20, seed).quantiles for seed in (1, 2))
    assert not np.isclose(one, two).any()


def test_an_ensemble_draws_like_this() -> None:
    found = members(["baseline"], draws=3, source="priors")[2].parameters
    design = Design.independent(NAMES, 3, DESIGN_SEED)
    row = design.values(default_parameters())[2]
    assert found == dict(zip(NAMES, row.tolist(), strict=True))


@pytest.mark.parametrize("count", [0, -1, 2**20 + 1])
def test_a_design_has_its_size(count: int) -> None:
    for kind in (Design.independent, Design.sobol):
        with pytest.raises(InputError, match="draws"):
            kind(NAMES, count, 1)
