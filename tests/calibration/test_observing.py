"""The model as a fit sees it; targets can be changed for a what-if."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from sscsim import simulate
from sscsim.calibration import compare, load_targets
from sscsim.calibration.observing import ModelSimulator, Observer, checks_of
from sscsim.calibration.targets import judge, retarget
from sscsim.errors import InputError
from sscsim.settings import RunSettings


def fitted() -> list[object]:
    rows = [t for t in load_targets() if t.simulated and t.role == "fit"]
    return [t for t in rows if set(t.paragraph_numbers) & {79, 80}]


def test_numbers_are_judged_like_runs() -> None:
    run = simulate("baseline", seed=1, end=2017)
    seen = compare(run, beside=False)
    numbers = {item.id: item.observed for item in seen if not math.isnan(item.observed)}
    assert [(i.id, i.verdict, i.distance) for i in judge(load_targets(), numbers) if i.judged] == [
        (i.id, i.verdict, i.distance) for i in seen if i.judged
    ]


# ------------------------------------------------------------------------------------- changed targets


def test_another_figure_keeps_its_rule() -> None:
    changed = {
        c.id: c
        for c in checks_of(
            retarget(
                load_targets(),
                {
                    "ss_trade_value": 50.0,
                    "fdi_in_developing": 1000.0,
                    "ss_trade_asia_share": 0.5,
                    "fdi_g20_stock_share [GDP 2017]": 0.9,
                },
            )
        )
    }
    assert changed["ss_trade_value"].limits == (49.75, 50.25)
    assert changed["fdi_in_developing"].limits == pytest.approx((900.0, 1100.0))
    assert changed["ss_trade_asia_share"].limits == (0.5, math.inf)
    assert changed["ss_trade_asia_share"].target.role == "fit"
    assert changed["fdi_g20_stock_share [GDP 2017]"].check.value == 0.9
    assert changed["fdi_g20_stock_share [stock 2017]"].check.value == 0.58


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ss_trade_valeu": 5.0}, "ss_trade_value"),
        ({"ss_trade_value": math.nan}, "finite"),
        ({"unossc_agreements": 5.0}, "no figure"),
    ],
)
def test_a_figure_that_cannot_be_changed_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        retarget(load_targets(), values)


# --------------------------------------------------------------------------------------- the simulator


def test_the_model_as_a_fit_sees_it_is_the_model() -> None:
    targets = fitted()
    simulator = ModelSimulator.of(targets)  # type: ignore[arg-type]
    assert simulator.end == 2017
    point = {"fdi_share_drift": -0.02}
    seen = simulator(point, 4)
    run = simulate("baseline", seed=4, end=2017, set=point)
    assert list(seen) == [i.observed for i in compare(run, targets)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ids", "end", "last"),
    [
        (["ss_trade_value"], 2034, 2017),
        (["isdb_reverse_linkage"], 2034, 2018),
        (["ss_trade_value", "lac_initiatives"], 2015, 2015),
        ([], 2034, 2013),
    ],
)
def test_runs_go_as_far_as_the_rows_need(ids: list[str], end: int, last: int) -> None:
    rows = [t for t in load_targets() if t.id in ids]
    simulator = ModelSimulator.of(rows, RunSettings(end=end), beside=True)
    assert simulator.end == last
    shorter, longer = simulator({}, 1), replace(simulator, settings=RunSettings(end=end))({}, 1)
    np.testing.assert_array_equal(shorter, longer)


def test_a_point_out_of_bounds_is_no_candidate() -> None:
    simulator = ModelSimulator.of(fitted())  # type: ignore[arg-type]
    assert all(math.isnan(v) for v in simulator({"trade_elasticity": 1e9}, 1))


@pytest.mark.slow
def test_two_processes_observe_what_one_does() -> None:
    targets = [t for t in load_targets() if t.id == "ss_trade_value"]
    simulator = ModelSimulator.of(targets)
    assert simulator.end == 2013
    points = [{"trade_record_scale": 0.97 + 0.003 * i} for i in range(9)]
    with Observer(simulator) as one, Observer(simulator, workers=2) as two:
        seeds = [[1]] * len(points)
        assert (one.observe(points, seeds, "a") == two.observe(points, seeds, "a")).all()
