"""Cycles and swings: autoregressions of which sums over many economies keep what is shared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sscsim.flows.swings import (
    SwingParameters,
    aid_step,
    cycle_step,
    deficit_step,
    remittance_step,
    swung_deficit,
    trade_step,
)
from sscsim.parameters import default_parameters

RULES = SwingParameters.from_parameters(default_parameters())
SILENT = SwingParameters(**dict.fromkeys(SwingParameters.__dataclass_fields__, 0.0))
COUNT = 200
REGION = np.repeat(np.arange(4), COUNT // 4)
RICH = np.arange(COUNT) < 50


def test_a_slump_comes_back_at_the_stated_rate() -> None:
    cycle = np.full(COUNT, -0.03)
    for _ in range(2):
        cycle = cycle_step(cycle, np.zeros(1 + 2 * COUNT), REGION, RICH, RULES)
    np.testing.assert_allclose(cycle, -0.03 * RULES.cycle_persistence**2)


def test_news_of_the_world_is_everybodys_and_that_of_a_region_its_own() -> None:
    luck = np.zeros(1 + 2 * COUNT)
    luck[0], luck[1 + 2] = 1.0, -2.0
    moved = cycle_step(np.zeros(COUNT), luck, REGION, RICH, RULES)
    np.testing.assert_allclose(moved[REGION != 2], RULES.cycle_world)
    np.testing.assert_allclose(moved[REGION == 2], RULES.cycle_world - 2 * RULES.cycle_region)


def test_own_cycles_differ_by_group() -> None:
    luck = np.concatenate([np.zeros(1 + COUNT), np.ones(COUNT)])
    moved = cycle_step(np.zeros(COUNT), luck, REGION, RICH, RULES)
    assert set(moved[RICH]) == {RULES.cycle_own_developed}
    assert set(moved[~RICH]) == {RULES.cycle_own_developing}


@pytest.mark.parametrize(
    ("shared", "least"), [(RULES, 0.8), (replace(RULES, cycle_world=0.0, cycle_region=0.0), 0.0)]
)
def test_what_is_shared_does_not_average_out(shared: SwingParameters, least: float) -> None:
    luck = np.random.default_rng(1).standard_normal((2_000, 1 + 2 * COUNT))
    means = [cycle_step(np.zeros(COUNT), one, REGION, RICH, shared).mean() for one in luck]
    wanted = np.sqrt(
        shared.cycle_world**2
        + shared.cycle_region**2 / 4
        + (50 * shared.cycle_own_developed**2 + 150 * shared.cycle_own_developing**2) / COUNT**2
    )
    assert np.std(means) == pytest.approx(wanted, rel=0.06)
    assert np.std(means) > least * RULES.cycle_world


def test_both_ends_of_a_flow_share_the_worlds_swing() -> None:
    luck = np.zeros(1 + COUNT)
    luck[0] = 1.0
    ends = trade_step(np.zeros(COUNT), luck, RULES)
    np.testing.assert_allclose(ends + ends[::-1], RULES.trade_swing_world)


@pytest.mark.parametrize("step", [remittance_step, aid_step])
def test_what_arrives_swings_by_region_and_by_itself(step) -> None:
    luck = np.zeros(2 * COUNT)
    luck[3], luck[COUNT] = 1.0, 1.0
    moved = step(np.zeros(COUNT), luck, REGION, RULES)
    assert np.count_nonzero(moved) == COUNT // 4 + 1
    assert np.ptp(moved[REGION == 3]) == 0.0
    assert moved[0] > moved[-1] > 0.0


def test_without_size_nothing_swings() -> None:
    luck, none = np.ones(1 + 2 * COUNT), np.zeros(COUNT)
    assert not cycle_step(none, luck, REGION, RICH, SILENT).any()
    assert not trade_step(none, luck[: 1 + COUNT], SILENT).any()
    assert not remittance_step(none, luck[1:], REGION, SILENT).any()
    assert not aid_step(none, luck[1:], REGION, SILENT).any()
    assert not deficit_step(none, luck[:COUNT], SILENT).any()


def test_a_swing_moves_imports_and_exports_by_the_same_part() -> None:
    exports, imports = np.array([0.30, 0.10]), np.array([0.25, 0.20])
    swing = np.array([0.02, -0.02])
    moved = swung_deficit(imports - exports, swing, exports + imports, 0.5)
    np.testing.assert_allclose(moved, imports * (1 + swing) - exports * (1 - swing))


def test_luck_brings_no_surplus_beyond_the_largest() -> None:
    deficit, traded = np.array([-0.35, -0.5, -0.5]), np.ones(3)
    moved = swung_deficit(deficit, np.array([-0.2, -0.2, 0.0]), traded, 0.4)
    np.testing.assert_array_equal(moved, [-0.4, -0.5, -0.5])
