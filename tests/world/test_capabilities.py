"""Capabilities of the base year: within bounds, marked where imputed, and no artefact of what is missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscsim.errors import InputError
from sscsim.world.capabilities import combine, domain_table, opening_capabilities, rescale
from sscsim.world.loading import load_world
from sscsim.world.state import DOMAINS


def test_every_domain_has_indicators_that_the_tables_hold() -> None:
    world = load_world()
    assert tuple(domain_table()) == DOMAINS
    for domain in domain_table().values():
        for name, how in domain.indicators.items():
            assert name in (world.base if how.base else world.indicators)


def test_the_real_world() -> None:
    world = load_world()
    found = opening_capabilities(world)
    assert found.values.shape == (len(world.iso3), len(DOMAINS))
    assert ((found.values >= 0) & (found.values <= 1)).all()
    assert found.first_component > 0.95, "one factor carries what the indices have in common"
    general = dict(zip(world.iso3, found.general, strict=True))
    assert general["DEU"] > general["CHN"] > general["IND"] > general["NER"]
    # Where there is no indicator there is no deviation, and the cell says so.
    assert (found.deviation[found.imputed] == 0).all()
    assert 0 < found.imputed.sum() < 0.05 * found.imputed.size


def test_what_is_missing_is_the_general_factor_and_is_marked() -> None:
    rng = np.random.default_rng(0)
    level = rng.random(40)
    parts = [np.clip(level[:, None] + rng.normal(0, 0.1, (40, 3)), 0, 1) for _ in DOMAINS]
    parts[2][7] = np.nan
    found = combine(parts, level)
    assert found.imputed[7].tolist() == [d == 2 for d in range(len(DOMAINS))]
    assert found.values[7, 2] == pytest.approx(found.general[7])
    for part in parts:
        part[9] = np.nan
    bare = combine(parts, level)
    assert bare.imputed[9].all()
    assert bare.general[9] == pytest.approx(level[9], abs=0.1)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.6))
def test_bounds_hold_whatever_is_missing(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.random((25, 3)) for _ in DOMAINS]
    for part in parts:
        part[rng.random(part.shape) < missing] = np.nan
        part[0] = 0.5
    parts[0][:12] = 0.5  # enough countries for the line through the substitute
    found = combine(parts, rng.random(25))
    assert np.isfinite(found.values).all()
    assert ((found.values >= 0) & (found.values <= 1)).all()


def test_indicators_that_do_not_agree_leave_no_deviation() -> None:
    rng = np.random.default_rng(4)
    one = rng.random(500)
    apart = np.column_stack([one, 1 - one])
    parts = [apart] + [np.column_stack([rng.random(500)] * 2) for _ in DOMAINS[1:]]
    found = combine(parts, one)
    assert (found.deviation[:, 0] == 0).all()
    assert found.deviation[:, 1].any()


def test_a_domain_without_any_data_is_refused() -> None:
    parts = [np.random.default_rng(1).random((5, 2)) for _ in DOMAINS]
    parts[3][:] = np.nan
    with pytest.raises(InputError) as caught:
        combine(parts, np.linspace(0, 1, 5))
    assert caught.value.key == DOMAINS[3]


def test_rescaling_keeps_order_and_ends() -> None:
    values = np.array([1.0, np.nan, 5.0, 3.0, 2.0])
    scaled = rescale(values)
    assert np.isnan(scaled[1])
    assert np.nanmin(scaled) == 0.0
    assert np.nanmax(scaled) == 1.0
    assert rescale(np.full(4, 7.0)).tolist() == [0.5] * 4
