"""The recorded set is read strictly and judged by medians; targets can be changed for a what-if."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sscsim import simulate
from sscsim.calibration import compare, load_targets
from sscsim.calibration.observing import ModelSimulator, Observer, checks_of
from sscsim.calibration.recorded import (
    RECORDED,
    Recorded,
    compare_recorded,
    load_recorded,
    recorded_text,
)
from sscsim.calibration.targets import judge, retarget
from sscsim.errors import InputError
from sscsim.parameters import default_parameters
from sscsim.resources import calibration_folder
from sscsim.settings import RunSettings


def fitted() -> list[object]:
    rows = [t for t in load_targets() if t.simulated and t.role == "fit"]
    return [t for t in rows if set(t.paragraph_numbers) & {79, 80}]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    recorded = Recorded(
        seeds=50, end=2017, parameters={"trade_elasticity": 5.0, "gravity_south": 1e-7}
    )
    path = tmp_path / RECORDED
    path.write_text(recorded_text(recorded, ["Written by a test.", "  second line"]))
    assert path.read_text().startswith(
        "# Written by a test.\n#   second line\nscenario: baseline\n"
    )
    assert load_recorded(path) == recorded


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seeds: 0\nparameters: {}\n", "greater than or equal to 1"),
        ("seed: 1\nparameters: {}\n", "not known here"),
        ("end: 1999\nparameters: {}\n", "2013"),
        ("seeds: 5\n", "'parameters' is missing"),
        ("parameters: {trade_elastcity: 5.0}\n", "trade_elasticity"),
        ("parameters: {trade_elasticity: 50.0}\n", "outside"),
    ],
)
def test_a_recorded_set_is_read_strictly(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / RECORDED
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load_recorded(path)


def test_a_recorded_set_is_judged_by_medians() -> None:
    targets = fitted()
    recorded = Recorded(seeds=3, end=2017, parameters={"fdi_share_drift": 0.0})
    results = compare_recorded(recorded, targets)  # type: ignore[arg-type]
    each = [
        compare(simulate("baseline", seed=s, end=2017, set=recorded.parameters), targets)  # type: ignore[arg-type]
        for s in (1, 2, 3)
    ]
    for item, *seen in zip(results, *each, strict=True):
        assert item.observed == sorted(s.observed for s in seen)[1]
        assert item.verdict in ("met", "near", "missed")


def test_what_is_shown_beside_is_a_median_too() -> None:
    rows = [t for t in load_targets() if t.id in ("isdb_reverse_linkage", "arab_intra_share")]
    recorded = Recorded(seeds=3, end=2018, parameters={})
    each = [compare(simulate("baseline", seed=s, end=2018), rows) for s in (1, 2, 3)]
    for item, *seen in zip(compare_recorded(recorded, rows), *each, strict=True):
        assert item.verdict in ("shown", "met", "near", "missed")
        assert len(item.beside) == len(item.target.beside) > 0
        for shown, *others in zip(item.beside, *(s.beside for s in seen), strict=True):
            assert shown.observed == sorted(o.observed for o in others)[1]
            assert (shown.title, shown.unit) == (others[0].title, others[0].unit)


def test_what_a_run_has_not_is_not_shown_beside() -> None:
    rows = [t for t in load_targets() if t.id == "isdb_reverse_linkage"]
    (item,) = compare_recorded(Recorded(seeds=1, end=2014, parameters={}), rows)
    assert (item.verdict, item.beside) == ("shown", ())


def test_a_year_after_the_end_is_not_met() -> None:
    recorded = Recorded(seeds=1, end=2013, parameters={})
    verdicts = {i.id: i.verdict for i in compare_recorded(recorded, load_targets())}
    assert verdicts["fdi_in_developing"] == "not in this run"
    assert verdicts["ss_trade_value"] in ("met", "near", "missed")
    assert verdicts["india_credit_lines"] in ("not yet simulated", "not in this run")


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


@pytest.mark.slow
def test_the_recorded_set_meets_the_fitted_figures() -> None:
    recorded = load_recorded(calibration_folder() / RECORDED)
    assert recorded.seeds >= 50
    assert set(recorded.parameters) <= {d.name for d in default_parameters().definitions()}
    fit = [t for t in load_targets() if t.simulated and t.role == "fit"]
    results = compare_recorded(recorded, fit)
    assert {"¶44", "¶79", "¶80", "¶81", "¶82", "¶91"} == {t.paragraphs for t in fit}
    assert len(results) >= 23
    assert {i.id: i.verdict for i in results} == {i.id: "met" for i in results}
