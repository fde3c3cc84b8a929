"""What the record says of growth's two speeds, and how growth of the first year after it fares."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.parameters import default_parameters
from tools import growth_estimation as ge


@pytest.mark.slow
def test_the_table_holds_what_the_estimation_gives() -> None:
    found, table = ge.estimate(), default_parameters()
    for name, mean, sd in zip(ge.NAMES, found.mean, found.sd, strict=True):
        drawn = table.definition(name).quantile
        assert table[name] == pytest.approx(mean, abs=6e-5)
        assert drawn(0.5) == pytest.approx(mean, abs=1e-4)
        assert (drawn(0.8413) - drawn(0.1587)) / 2 == pytest.approx(sd, rel=0.05)


def panel(seed: int, regional: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return growth made with g = 0.002 and c = 0.04, its inputs, and regions that share shocks."""
    rng = np.random.default_rng(seed)
    regions = np.eye(5)[np.arange(600) % 5]
    x = rng.uniform(0.5, 4.0, 600)
    inputs = np.stack([x, x * rng.uniform(0.0, 1.0, 600)], axis=1)
    shock = regions @ rng.normal(0.0, regional, 5)
    grown = inputs @ [0.002, 0.04] + shock + rng.normal(0.0, 0.01, 600)
    return grown, inputs, regions


def test_much_data_speak_louder_than_the_literature() -> None:
    found = ge.posterior(*panel(1, 0.0))
    np.testing.assert_allclose(found.mean, [0.002, 0.04], atol=0.0015)
    assert found.own == pytest.approx(0.01, abs=0.001)
    assert (found.sd < 0.5 * ge.LITERATURE_SD).all()


def test_a_shock_that_regions_share_is_no_law() -> None:
    """A bust of all but one region leaves growth of the frontier nearer to the literature than a mean would."""
    grown, inputs, regions = panel(2, 0.0)
    grown = grown - 0.02 * (regions[:, :4].sum(axis=1))
    blind = ge.posterior(grown, inputs, np.zeros((600, 1)))
    found = ge.posterior(grown, inputs, regions)
    assert found.regional > 0.004
    assert found.sd[0] > blind.sd[0]
    assert abs(found.mean[0] - 0.002) < 0.5 * abs(blind.mean[0] - 0.002)
