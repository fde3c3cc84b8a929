"""What single runs of a posterior show: quantiles, chances, what a figure it holds for, and its file."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sscsim import simulate
from sscsim.calibration import compare, load_targets
from sscsim.calibration.observing import CheckOf, ModelSimulator, checks_of
from sscsim.calibration.predictive import (
    FIGURES,
    Figure,
    Predictive,
    expected_of,
    load_predictive,
    predictive_of,
    read_predictive,
    tally,
)
from sscsim.calibration.targets import Check, Expected, Target, retarget, table
from sscsim.errors import InputError
from sscsim.experiments.design import Design
from sscsim.experiments.members import members
from sscsim.parameters import default_parameters

NAMES = ("trade_record_scale", "fdi_share_drift")


def row(within: dict[str, object], value: float = 10.0) -> CheckOf:
    check = Check.model_validate(
        {"observable": "trade_within", "year": 2013, "value": value, "within": within}
    )
    target = Target(
        id="one", paragraph=1, title="", stated="", unit="bn USD", role="fit", tolerance="", checks=[check]
    )  # fmt: skip
    return CheckOf(target, check)


def draws_file(folder: Path, count: int) -> Path:
    """Write prior draws of a few parameters in the place of a posterior."""
    parameters = default_parameters()
    values = Design.independent(NAMES, count, 3).values(parameters)
    path = folder / "draws.csv"
    lines = [",".join(NAMES), *(",".join(map(repr, one)) for one in values.tolist())]
    path.write_text("\n".join(lines) + "\n")
    return path


# ------------------------------------------------------------------------------------------- chances


def test_chances_by_hand() -> None:
    one = expected_of(
        row({"kind": "interval", "plus_minus": 2.0}), np.array([7.0, 9.0, 10.0, 12.0, np.nan])
    )
    assert one.inside == 3 / 5  # a run that does not show the figure is not within it
    assert one.pit == 2.5 / 4
    assert one.median == 9.5
    assert (one.low, one.high) == pytest.approx((7.3, 11.7))


def test_a_bound_is_no_figure_among_the_runs() -> None:
    above = row({"kind": "one_sided", "above": 10.0, "scale": 1.0})
    one = expected_of(above, np.array([9.0, 10.0, 10.5, 11.0]))
    assert one.inside == 0.5  # the bound itself is not above it
    assert math.isnan(one.pit)
    band = expected_of(row({"kind": "band", "low": 8.0, "high": 12.0}), np.array([9.0, 13.0]))
    assert (band.inside, band.pit) == (0.5, 0.5)


# ------------------------------------------------------------------------------------- draws that run


@pytest.mark.slow
def test_draws_run_as_far_as_rows_need_and_fit_and_check_are_told_alike(tmp_path: Path) -> None:
    rows = [t for t in load_targets() if t.id in ("fdi_g20_stock_share", "fdi_in_developing")]
    path = draws_file(tmp_path, 3)
    found = predictive_of(path, rows)
    assert (found.runs, found.refused, found.end) == (3, 0, 2017)
    assert {f.role for f in found.figures.values()} == {"fit", "check"}
    # What the file leaves out is completed from the posterior, draw by draw.
    chosen = members(["baseline"], 3, source=path, draw_figures=False, end=2017)
    names, *lines = (line.split(",") for line in path.read_text().splitlines())
    for member, values in zip(chosen, lines, strict=True):
        assert [member.parameters[name] for name in names] == list(map(float, values))
    each = [compare(simulate(member.settings), rows) for member in chosen]
    results = found.judge(rows)
    assert [r.id for r in results] == [r.id for r in each[0]]
    assert len(results) == 4
    for item, *seen in zip(results, *each, strict=True):
        numbers = sorted(s.observed for s in seen)
        assert item.observed == numbers[1]
        assert item.expected is not None
        assert item.expected.inside == pytest.approx(sum(s.verdict == "met" for s in seen) / 3)
        assert numbers[0] < item.expected.low < numbers[1] < item.expected.high < numbers[2]
        for shown, *others in zip(item.beside, *(s.beside for s in seen), strict=True):
            assert shown.observed == sorted(o.observed for o in others)[1]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], float]], None]:
    """Put a function of the seed in the place of the model."""

    def put(of: Callable[[int], float]) -> None:
        def call(self: ModelSimulator, point: object, seed: int) -> tuple[float, ...]:
            shown = sum(len(t.beside) for t in self.targets) if self.beside else 0
            return (of(seed),) * (len(checks_of(self.targets)) + shown)

        monkeypatch.setattr(ModelSimulator, "__call__", call)

    return put


def test_a_draw_has_seeds_of_its_own_and_what_admits_no_world_is_left_out(
    tmp_path: Path, pretend: Callable[[Callable[[int], float]], None]
) -> None:
    rows = [t for t in load_targets() if t.id == "ss_trade_value"]
    pretend(lambda seed: math.nan if seed == 2 else float(seed % 1_000_000))
    found = predictive_of(draws_file(tmp_path, 4), rows, seeds=2)
    assert (found.runs, found.refused) == (8, 1)
    # Seeds 1, 3, 4 and, a million on, 1, 2, 3, 4.
    assert found.figures["ss_trade_value"].runs == 7
    assert found.figures["ss_trade_value"].expected.median == 3.0
    assert found.judge(rows)[0].verdict == "missed"
    assert [s.observed for s in found.beside["ss_trade_value"]] == [3.0, 3.0]
    assert predictive_of(draws_file(tmp_path, 4), rows, draws=1).runs == 1
    pretend(lambda seed: math.nan)
    with pytest.raises(InputError, match="no draw"):
        predictive_of(draws_file(tmp_path, 4), rows)


# --------------------------------------------------------------------------------------------- tally


def made_up(inside: float = 0.25, rows: tuple[Target, ...] | None = None) -> Predictive:
    """Return a predictive of every figure that is simulated."""
    return Predictive(
        {
            c.id: Figure.of(c, Expected(1.0, 2.0, 3.0, inside, 0.5), 7)
            for c in checks_of(rows or load_targets())
        }
    )


def test_expected_is_the_sum_over_the_fitted_figures_that_the_run_shows() -> None:
    results = compare(simulate("baseline", seed=1, end=2013))
    plain, beside = tally(results), tally(made_up().attach(results))
    assert (beside.met, beside.fitted, beside.lacking) == (
        plain.met,
        plain.fitted,
        plain.lacking,
    )
    assert beside.fitted == 1  # trade of 2013
    assert beside.fitted + beside.lacking == 23
    assert beside.expected == 0.25
    assert math.isnan(plain.expected)
    shown = table(made_up().attach(results)).query("role == 'fit' and part != 'beside'")
    assert (shown["within_tolerance"] == 0.25).all()
    assert (shown["run_95"] == 3.0).all()
    assert table(results)["run_50"].isna().all()


# ---------------------------------------------------------------------------------------------- file


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / FIGURES
    path.write_text(made_up().text(), encoding="utf-8")
    read = read_predictive(path)
    assert read.figures == made_up().figures
    assert read.text() == made_up().text()
    assert all(read.of(c) is not None for c in checks_of(load_targets()))


def test_what_is_expected_holds_for_the_figure_it_was_made_for() -> None:
    shipped = made_up()
    moved = retarget(load_targets(), {"ss_trade_value": 5.1})
    known = {c.id: shipped.of(c) is not None for c in checks_of(moved)}
    assert [name for name, there in known.items() if not there] == ["ss_trade_value"]
    other = {c.id: shipped.of(c) is not None for c in checks_of(load_targets(reading="decade"))}
    assert not all(other.values())
    assert other["ss_trade_value"]


def test_none_ships_none_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sscsim.calibration.predictive.calibration_folder", lambda: tmp_path)
    assert load_predictive() is None
    (tmp_path / FIGURES).write_text(made_up().text(), encoding="utf-8")
    found = load_predictive()
    assert found is not None
    assert len(found.figures) == len(checks_of(load_targets()))


def test_what_ships_is_of_the_figures_as_they_stand() -> None:
    shipped = load_predictive()
    assert shipped is not None
    lacking = [item.id for item in checks_of(load_targets()) if shipped.of(item) is None]
    assert not lacking, (
        f"write it anew: sscsim targets --check --draws 400 --out calibration/{FIGURES}"
    )
    assert min(figure.runs for figure in shipped.figures.values()) >= 100


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("within_tolerance", "within"), "not known"),
        (lambda t: t.replace(",1,2,3,0.25,", ",1,two,3,0.25,", 1), "not a number"),
        (lambda t: t.replace(",1,2,3,0.25,", ",1,4,3,0.25,", 1), "in order"),
        (lambda t: t.replace(",1,2,3,0.25,", ",1,2,3,1.25,", 1), "between 0 and 1"),
        (lambda t: t.replace(",1,2,3,0.25,", ",1,nan,3,0.25,", 1), "in order"),
        (lambda t: t + t.splitlines()[1] + "\n", "twice"),
        (lambda t: t.splitlines()[0] + "\n", "no rows"),
    ],
)
def test_a_file_is_read_strictly(
    tmp_path: Path, change: Callable[[str], str], message: str
) -> None:
    path = tmp_path / FIGURES
    path.write_text(change(made_up().text()), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_predictive(path)
