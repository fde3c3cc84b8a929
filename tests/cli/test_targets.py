"""A run beside the report and beside what the posterior expects of a run; draws whose medians are judged."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from _shipped import INFORMED, shipped
from click.testing import CliRunner, Result

from sscsim import calibrated
from sscsim.calibration.observing import ModelSimulator, Point, checks_of
from sscsim.calibration.predictive import (
    FIGURES,
    Figure,
    Predictive,
    predictive_of,
    read_predictive,
)
from sscsim.calibration.targets import Expected, judge, load_targets
from sscsim.cli import targets
from sscsim.cli.main import cli
from sscsim.resources import calibration_folder

SHIPPED = calibration_folder()


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the record, and what the command printed of it."""
    place = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        folder = place / "calibration"
        ship(folder)
        stand_in(patch, folder)
        result = call("run", "--end", "2017", "--out", "run")
        assert result.exit_code == 0, result.output
        (place / "printed.txt").write_text(result.stdout, encoding="utf-8")
    return place


def ship(folder: Path) -> None:
    """Write a calibration with targets and with a made-up expectation of each figure."""
    folder.mkdir()
    text = (SHIPPED / "targets.yaml").read_text(encoding="utf-8")
    (folder / "targets.yaml").write_text(text, encoding="utf-8")
    items = checks_of(load_targets())
    made_up = {
        item.id: Figure.of(
            item,
            Expected(0.9 * item.check.value, item.check.value, 1.1 * item.check.value, 0.75, 0.5),
            9,
        )
        for item in items
    }
    (folder / FIGURES).write_text(Predictive(made_up).text(), encoding="utf-8")


def stand_in(patch: pytest.MonkeyPatch, folder: Path) -> None:
    for module in (
        "sscsim.resources",
        "sscsim.calibration.targets",
        "sscsim.calibration.predictive",
    ):
        patch.setattr(f"{module}.calibration_folder", lambda: folder)


@pytest.fixture
def here(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(runs)
    stand_in(monkeypatch, runs / "calibration")
    return runs


# ------------------------------------------------------------------------------- a run beside the report


def test_the_first_table_a_user_sees_fits_80_columns_and_says_what_was_expected(here: Path) -> None:
    text = (here / "printed.txt").read_text(encoding="utf-8")
    table = text[text.index("Fitted") : text.index("90 % of runs, within")]
    lines = [line for line in table.splitlines() if "fitted figures within" not in line]
    assert len(lines) > 40
    assert max(map(len, lines)) <= 80
    assert "90 % of runs" in table
    assert "75 %" in table
    rows = list(csv.DictReader(io.StringIO(call("targets", "--run", "run", "--csv").stdout)))
    seen = [r for r in rows if r["role"] == "fit" and r["verdict"] in ("met", "near", "missed")]
    met = sum(r["verdict"] == "met" for r in seen)
    assert len(seen) > 15
    line = (
        f"{met} of {len(seen)} fitted figures within tolerance in this run, "
        f"{0.75 * len(seen):.1f} expected; {23 - len(seen)} not in this run."
    )
    assert line in text
    assert line in call("targets", "--run", "run").stdout
    # What is compared stands apart from what was fitted.
    assert table.index("within tolerance in this run") < table.index("Compared, never fitted")
    assert line[:-1] in call("show", "run").stdout.replace("\n", " ")


def test_a_run_of_another_kind_is_told_what_the_expectation_is_of(here: Path) -> None:
    assert "plain baseline" not in call("targets", "--run", "run").stdout
    assert call("run", "no-cooperation", "--end", "2013", "--out", "other").exit_code == 0
    assert "plain baseline" in call("targets", "--run", "other").stdout
    assert "plain baseline" in " ".join(call("show", "other").stdout.split())


def test_a_table_for_programs_carries_what_was_expected(here: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call("targets", "--run", "run", "--csv").stdout)))
    fdi = next(r for r in rows if r["id"] == "fdi_in_ind" and r["part"] == "")
    assert float(fdi["run_5"]) == pytest.approx(37.8)
    assert float(fdi["run_95"]) == pytest.approx(46.2)
    assert (float(fdi["within_tolerance"]), float(fdi["pit"])) == (0.75, 0.5)
    (here / "calibration" / FIGURES).rename(here / "calibration" / "away.csv")
    try:
        without = call("targets", "--run", "run")
        assert "expected" not in without.stdout
        assert "90 % of runs" not in without.stdout
        assert "fitted figures within tolerance in this run" in without.stdout
        as_csv = list(csv.DictReader(io.StringIO(call("targets", "--run", "run", "--csv").stdout)))
        assert {r["run_5"] for r in as_csv} == {""}
    finally:
        (here / "calibration" / "away.csv").rename(here / "calibration" / FIGURES)


def test_explain_tells_what_runs_show(here: Path) -> None:
    text = " ".join(call("explain", "fdi_in_ind").stdout.split())
    assert "90 % show 37.8 to 46.2 bn USD, 75 % lie within the tolerance" in text


# ----------------------------------------------------------------------------------------- draws judged

Pretend = Callable[[Callable[[str, int], float]], None]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """Put a function of figure and seed in the place of the model."""

    def put(of: Callable[[str, int], float]) -> None:
        def simulated(self: ModelSimulator, point: object, seed: int) -> tuple[float, ...]:
            shown = [math.nan for t in self.targets if t.simulated for _ in t.beside]
            return (*(of(item.id, seed) for item in checks_of(self.targets)), *shown)

        monkeypatch.setattr(ModelSimulator, "__call__", simulated)

    return put


def draws(folder: Path, count: int) -> Path:
    path = folder / "draws.csv"
    path.write_text("trade_elasticity\n" + "".join(f"{4 + i / 10}\n" for i in range(count)))
    return path


def test_medians_over_draws_are_judged(here: Path, tmp_path: Path, pretend: Pretend) -> None:
    values = {item.id: item.check.value for item in checks_of(load_targets())}
    # Bounds of nothing, such as a rise, are met by a little more.
    inside = {name: value or 1e-6 for name, value in values.items()}
    words = ("targets", "--check", "--source", draws(tmp_path, 5), "--workers", "1")
    # Two of five draws are far off: the median is not.
    pretend(lambda name, seed: inside[name] * (10.0 if seed > 3 else 1.0))
    good = call(*words, "--out", tmp_path / "figures.csv")
    assert good.exit_code == 0, good.output
    assert "Medians over 5 draws, each with a seed of its own, to 2034" in good.stdout
    assert "23 of 23 simulated fit rows met" in good.stdout
    kept = read_predictive(tmp_path / "figures.csv").figures
    assert set(kept) == set(values)
    assert kept["ss_trade_value"].expected.inside == 0.6
    assert kept["ss_trade_value"].runs == 5
    # Three of five are: the median, too.
    pretend(lambda name, seed: values[name] * (10.0 if seed > 2 and name == "fdi_in_ind" else 1.0))
    bad = call(*words, "--paragraph", "80")
    assert bad.exit_code == 1
    assert "4 of 5 simulated fit rows met; not met: fdi_in_ind" in bad.stdout
    assert "to 2017" in bad.stdout
    assert call(*words, "--paragraph", "80", "--draws", "2").exit_code == 0


def test_a_row_that_is_only_compared_may_miss(here: Path, tmp_path: Path, pretend: Pretend) -> None:
    values = {item.id: item.check.value for item in checks_of(load_targets())}
    pretend(lambda name, seed: 0.0 if name == "fdi_in_idn" else values[name])
    result = call("targets", "--check", "--source", draws(tmp_path, 2), "--paragraph", "80")
    assert result.exit_code == 0, result.output
    assert "missed" in result.stdout


@pytest.mark.parametrize(("factor", "code"), [(1.3, 0), (1.41, 1)])
def test_a_miss_with_a_cause_may_be_one_tolerance_outside(
    factor: float,
    code: int,
    tmp_path: Path,
    pretend: Pretend,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ship(tmp_path / "calibration")
    stand_in(monkeypatch, tmp_path / "calibration")
    pretend(lambda name, seed: factor * values[name] if name == "fdi_in_ind" else values[name])
    values = {item.id: item.check.value for item in checks_of(load_targets())}
    words = ("targets", "--check", "--source", draws(tmp_path, 2), "--paragraph", "80")
    assert call(*words).exit_code == 1  # no cause is named yet
    path = tmp_path / "calibration" / "targets.yaml"
    text = path.read_text(encoding="utf-8")
    plain = "of: IND, value: 42,"
    assert plain in text
    text = text.replace(plain, plain + " misses_because: the record is short,")
    path.write_text(text, encoding="utf-8")
    result = call(*words)
    assert result.exit_code == code, result.output
    assert "4 of 5 simulated fit rows met; not met: fdi_in_ind" in result.stdout
    assert ("the record is short" in result.stdout) == (code == 0)


@pytest.mark.parametrize(("medians", "excused"), [(True, True), (False, False)])
def test_a_cause_excuses_medians_and_no_single_run(medians: bool, excused: bool) -> None:
    (row,) = (t for t in load_targets() if t.id == "fdi_in_ind")
    known = row.checks[0].model_copy(update={"misses_because": "the record is short"})
    (item,) = judge([row.model_copy(update={"checks": [known]})], {"fdi_in_ind": 1.3 * 42.0})
    assert item.verdict == "near"
    with contextlib.nullcontext() if excused else pytest.raises(click.exceptions.Exit):
        targets._judge([item], medians=medians, err=False)


def test_the_posterior_that_ships_is_judged(
    tmp_path: Path, pretend: Pretend, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "calibration"
    ship(folder)
    stand_in(monkeypatch, folder)
    monkeypatch.setattr(calibrated, "calibration_folder", lambda: folder)
    values = {item.id: item.check.value for item in checks_of(load_targets())}
    pretend(lambda name, seed: values[name])
    words = ("targets", "--check", "--workers", "1", "--paragraph", "80")
    with shipped(folder, monkeypatch):
        judged = call(*words)
        assert judged.exit_code == 0, judged.output
        assert "Medians over 100 draws" in judged.stdout
        assert "to 2017: posterior" in judged.stdout
        assert "Medians over 7 draws" in call(*words, "--draws", "7").stdout


def test_draws_that_ship_are_run_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, int]] = []

    def simulated(self: ModelSimulator, point: Point, seed: int) -> tuple[float, ...]:
        asked.append((dict(point)[INFORMED], seed))
        return (5.0, math.nan, math.nan)

    monkeypatch.setattr(ModelSimulator, "__call__", simulated)
    (row,) = (t for t in load_targets() if t.id == "ss_trade_value")
    with shipped(tmp_path, monkeypatch) as posterior:
        predictive_of("posterior", [row], draws=3)
        wanted = [(posterior.point(i)[INFORMED], 1 + i) for i in range(3)]
    assert asked == wanted


@pytest.mark.parametrize(
    "words",
    [
        ("--draws", "3"),
        ("--run", "run", "--check", "--source", "priors"),
        ("--workers", "2"),
        ("--run", "run", "--out", "figures.csv"),
    ],
)
def test_what_belongs_to_draws_is_refused_without_them(here: Path, words: tuple[str, ...]) -> None:
    result = call("targets", *words)
    assert result.exit_code == 2
    assert "goes with --check, and without --run" in result.output


def test_a_source_that_is_none_is_refused(here: Path) -> None:
    result = call("targets", "--check", "--source", "postrior")
    assert result.exit_code == 2
    assert "source of draws" in result.output
