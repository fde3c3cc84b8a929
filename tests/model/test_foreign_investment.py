"""Foreign investment in whole runs: what it is of the world's output, and what leaves hosts."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.model import SouthSouthModel

STILL = {"fdi_world_sd": 0.0, "fdi_group_sd": 0.0, "fdi_host_sd": 0.0}
OFF = ("institutions", "knowledge", "goals")


def test_angola_loses_investment_as_recorded_and_less_each_year() -> None:
    model = SouthSouthModel(seed=1, end=2016, set=STILL, off=OFF)
    row, inflows, stocks = model.world.position("AGO"), [], []
    while model.running:
        model.step()
        inflows.append(float(model.state.fdi_inflow[row]))
        stocks.append(float(model.state.fdi_inward_stock[row]))
        assert model.state.fdi_disinvestment[row] == pytest.approx(-inflows[-1])
        assert model.state.fdi_inflow.sum() == pytest.approx(model.state.fdi_outflow.sum())
    assert inflows[0] == pytest.approx(model.world.base["fdi_inflow_busd"][row])
    assert inflows == sorted(inflows)
    assert inflows[-1] < 0.0
    assert stocks == sorted(stocks, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{}, {"fdi_income_elasticity": 1.02, "fdi_share_drift": 0.006}, {"fdi_share_drift": -0.026}],
)
def test_the_worlds_investment_over_output_stays_within_the_record(changes) -> None:
    """At the centre, and where the two trends pull one way at 5 % of the prior (decision 0159)."""
    model = SouthSouthModel(seed=1, set={**STILL, **changes}, off=OFF)
    ratios = []
    while model.running:
        model.step()
        ratios.append(float(model.state.fdi_inflow.sum() / model.state.gdp_current.sum()))
    assert np.min(ratios) > 0.013
    assert np.max(ratios) < 0.036
