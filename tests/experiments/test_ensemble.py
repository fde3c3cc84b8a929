"""Ensembles: what their members are, that each runs once, that nothing done is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from sscsim import model as models
from sscsim import simulate
from sscsim.choices import read_draws
from sscsim.cli.ensembles import duration
from sscsim.cli.main import cli
from sscsim.errors import InputError, OutputError
from sscsim.experiments import Design, RunStore, drawn_parameters, run_ensemble
from sscsim.experiments.ensemble import EnsembleResult, Tally
from sscsim.experiments.members import Member, members
from sscsim.parameters import default_parameters
from sscsim.policy import load_scenario
from sscsim.settings import RunSettings

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = default_parameters()


# ----------------------------------------------------------------------------------------- members


def test_a_draw_is_a_fair_pair() -> None:
    two = members(["baseline", "trade-integration"], draws=3, source="priors", end=2014)
    assert [m.scenario.name for m in two] == ["baseline", "trade-integration"] * 3
    for first, second in zip(two[::2], two[1::2], strict=True):
        assert first.pair == second.pair
        assert first.parameters == second.parameters
        assert first.key != second.key
    assert len({m.pair for m in two}) == 3
    assert len({tuple(m.parameters.values()) for m in two}) == 3


@pytest.mark.parametrize("source", ["posterior", "priors", "tables"])
def test_more_draws_and_more_seeds_add(source: str) -> None:
    few = members(["baseline"], draws=3, source=source)
    many = members(["baseline"], draws=9, source=source)
    assert set(few) <= set(many)
    assert len(set(many)) == 9
    assert [m.seed for m in many] == list(range(1, 10))
    several = members(["baseline"], draws=3, seeds=2, source=source)
    assert set(few) <= set(several)
    assert len(set(several)) == 6


def test_draws_of_priors_reach_every_prior_and_no_further() -> None:
    drawn = members(["baseline"], draws=32, source="priors")
    names = drawn_parameters(PARAMETERS)
    assert set(drawn[0].parameters) == set(names)
    for name in names:
        values = [m.parameters[name] for m in drawn]
        definition = PARAMETERS.definition(name)
        low, high = definition.bounds
        assert low <= min(values)
        assert max(values) <= high


def test_the_design_draws_what_the_priors_say() -> None:
    design = Design.sobol(drawn_parameters(PARAMETERS), 3, seed=7)
    slow = PARAMETERS.draw(dict(zip(design.names, design.quantiles[2].tolist(), strict=True)))
    fast = design.point(2, PARAMETERS)
    for name in design.names:
        assert fast[name] == pytest.approx(slow[name], rel=1e-12)


def test_the_design_halves_every_axis() -> None:
    quantiles = Design.sobol(drawn_parameters(PARAMETERS), 64, seed=1).quantiles
    assert np.all((quantiles < 0.5).sum(axis=0) == 32)
    assert np.all((quantiles > 0) & (quantiles < 1))


def test_a_held_parameter_is_held_even_at_its_default() -> None:
    value = PARAMETERS["trade_elasticity"]
    held = members(["baseline"], draws=4, set={"trade_elasticity": value})
    assert {m.parameters["trade_elasticity"] for m in held} == {value}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scenarios": ["basline"]}, "baseline"),
        ({"scenarios": []}, "at least one scenario"),
        ({"draws": 0}, "draws"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": [1, 1]}, "each once"),
        ({"first_seed": 2**32 - 1, "draws": 5}, "seed"),
        ({"source": "prior"}, "priors"),
        ({"source": "nowhere.csv"}, "no such file"),
        ({"set": {"trade_elasticty": 4}}, "trade_elasticity"),
        ({"set": {"trade_elasticity": 1e9}}, "bounds"),
        ({"off": ["knowlege"]}, "knowledge"),
        ({"end": 2099}, "end"),
        ({"start": 2020, "end": 2015}, "start"),
        ({"keep": "ful"}, "full"),
        ({"source": "defaults", "draws": 4, "seeds": [3, 4]}, "either draws or the seeds"),
    ],
)
def test_what_makes_no_members_is_said(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as failure:
        members(**{"scenarios": ["baseline"], "draws": 2, **arguments})
    assert said in str(failure.value)


# ------------------------------------------------------------------------------- draws from a file


def names_of_file() -> list[str]:
    return list(drawn_parameters(PARAMETERS))[:2]


@pytest.fixture
def draws() -> pd.DataFrame:
    one, other = (PARAMETERS.definition(name) for name in names_of_file())
    quantiles = (0.2, 0.5, 0.7)
    return pd.DataFrame(
        {d.name: [d.quantile(u) for u in quantiles] for d in (one, other)}, index=range(3)
    )


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_draws_come_from_a_file(form: str, draws: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / f"posterior.{form}"
    if form == "csv":
        draws.to_csv(path, index=False)
    else:
        draws.to_parquet(path)
    assert read_draws(path) == draws.to_dict("records")
    drawn = members(["baseline"], source=path)
    asked = [{name: m.parameters[name] for name in names_of_file()} for m in drawn]
    assert asked == draws.to_dict("records")
    assert len(members(["baseline"], draws=2, source=path)) == 2
    with pytest.raises(InputError, match="fewer draws"):
        members(["baseline"], draws=4, source=path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("\n", "\n\n"), None),
        (lambda text: "\ufeff" + text, None),
        (lambda text: text.replace(names_of_file()[0], "no_such_name", 1), "no parameter"),
        (lambda text: text.replace(names_of_file()[0], names_of_file()[1], 1), "two columns"),
        (lambda text: text + "1\n", "as many cells"),
        (lambda text: text + "nan,nan\n", "within the parameter's bounds"),
        (lambda text: text + "inf,1\n", "within the parameter's bounds"),
        (lambda text: text + "four,1\n", "not a number"),
        (lambda text: text + '"1,1\n', "well-formed"),
        (lambda text: text + "\0,1\n", "not a text file"),
        (lambda text: text.splitlines()[0], "no rows"),
        (lambda text: "", "empty"),
    ],
)
def test_a_file_of_draws_is_read_strictly(
    change: Any, said: str | None, draws: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "draws.csv"
    path.write_text(change(draws.to_csv(index=False)), "utf-8")
    if said is None:
        assert read_draws(path) == draws.to_dict("records")
        return
    with pytest.raises(InputError, match=said) as failure:
        read_draws(path)
    assert str(path) in str(failure.value)


def test_broken_binary_files_are_said(tmp_path: Path) -> None:
    for name in ("a.csv", "a.parquet"):
        path = tmp_path / name
        path.write_bytes(b"PAR1\xff\xfe\x80")
        with pytest.raises(InputError):
            read_draws(path)


# ---------------------------------------------------------------------------------------- running


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> EnsembleResult:
    """Two scenarios, three draws."""
    wanted = members(["baseline", "trade-integration"], draws=3, end=2014)
    return run_ensemble(wanted, RunStore(tmp_path_factory.mktemp("ensemble") / "store"))


def test_an_ensemble_runs_all_its_members(result: EnsembleResult) -> None:
    assert (result.stored, result.run, result.failed) == (0, 6, 0)
    assert result.failures() == []
    for member, run in result:
        again = simulate(
            member.scenario,
            seed=member.seed,
            parameters=PARAMETERS.replace(member.parameters),
            figures=dict(member.figures),
            end=2014,
            keep="indicators",
        )
        assert run == again


def test_nothing_is_run_twice(result: EnsembleResult, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*args: object, **options: object) -> None:
        raise AssertionError("run again")

    monkeypatch.setattr(models, "SouthSouthModel", forbidden)
    tallies: list[Tally] = []
    again = run_ensemble([*result.members, *result.members], result.store, progress=tallies.append)
    assert (again.stored, again.run, again.failed) == (6, 0, 0)
    assert again.content_hash == result.content_hash
    assert tallies == [Tally(6, stored=6)]


DESIGNS: dict[str, list[float]] = {
    "a point twice": [4.0, 5.0, 6.0, 5.0, 4.5],
    "one point alone": [5.0, 5.0, 5.0],
    "points in turn, as of Morris": [4.0, 5.0, 4.0, 5.0, 4.0, 5.0],
    "the tables' own value": [PARAMETERS["trade_elasticity"], 5.0, PARAMETERS["trade_elasticity"]],
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_repeated_point_keeps_its_draws_and_runs_once(name: str, tmp_path: Path) -> None:
    values = DESIGNS[name]
    pd.DataFrame({"trade_elasticity": values}).to_csv(tmp_path / "design.csv", index=False)
    asked = members(["baseline"], source=tmp_path / "design.csv", seeds=[7], end=2013)
    store, tallies = RunStore(tmp_path / "store"), list[Tally]()
    result = run_ensemble([*asked, *asked], store, progress=tallies.append)
    assert len(result) == len(values)
    assert result.run == len({*values}) == len(list(store.keys()))
    assert (tallies[-1].done, tallies[-1].left) == (len(values), 0.0)
    table = result.indicators("trade_within", ["South"], 2013)
    assert table["draw"].tolist() == list(range(len(values)))
    by_value = table.groupby([values[d] for d in table["draw"]])["value"].nunique()
    assert (by_value == 1).all()
    again = run_ensemble(asked, store)
    assert (again.stored, again.run) == (len(values), 0)


def test_a_repeated_point_that_fails_fails_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ArithmeticError("on purpose")

    monkeypatch.setattr(models.SouthSouthModel, "step", fails)
    pd.DataFrame({"trade_elasticity": [4.0, 4.0, 4.0]}).to_csv(tmp_path / "d.csv", index=False)
    asked = members(["baseline"], source=tmp_path / "d.csv", seeds=[7], end=2013)
    result = run_ensemble(asked, RunStore(tmp_path / "store"))
    assert (result.failed, result.run, result.tally.done) == (3, 0, 3)


def test_chosen_lines_of_all_members(result: EnsembleResult) -> None:
    table = result.indicators("goal_index", ["World", "LDC"], 2014)
    assert len(table) == 12
    assert list(table.columns[:4]) == ["scenario", "seed", "draw", "year"]
    for member, run in result:
        mine = table[(table["scenario"] == member.scenario.name) & (table["draw"] == member.draw)]
        assert mine.loc[mine["group"] == "LDC", "value"].item() == run.value("goal_index", "LDC")


@pytest.mark.parametrize(
    ("arguments", "near"),
    [(("goal_indx",), "goal_index"), (("goal_index", "Wrld"), "World"), ((None, None, 1999), "")],
)
def test_names_that_no_member_has(
    result: EnsembleResult, arguments: tuple[Any, ...], near: str
) -> None:
    with pytest.raises(InputError) as failure:
        result.indicators(*arguments)
    assert near in str(failure.value)


class Breaking(models.SouthSouthModel):
    """Fails in its second year with one seed, cannot be built with another."""

    def __init__(self, settings: RunSettings) -> None:
        if settings.seed == 2:
            raise InputError("no solution for Chad")
        super().__init__(settings)

    def step(self) -> None:
        super().step()
        if self.seed == 3 and self.year == 2014:
            raise ZeroDivisionError("nothing there")


def test_failures_are_records_and_rerun_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = members(["baseline"], draws=4, source="defaults", end=2014)
    store = RunStore(tmp_path / "store")
    original = RunStore.put

    def put(self: RunStore, member: Member, run: Any) -> bool:
        if member.seed == 4:
            raise ValueError("cannot be written down")
        return original(self, member, run)

    with monkeypatch.context() as patch:
        patch.setattr(models, "SouthSouthModel", Breaking)
        patch.setattr(RunStore, "put", put)
        result = run_ensemble(wanted, store)
    assert (result.run, result.failed) == (1, 3)
    found = {f.seed: (f.stage, f.error) for f in result.failures()}
    assert found[2] == ("build", "no solution for Chad")
    assert found[3][0] == "run"
    assert "ZeroDivisionError: nothing there (test_ensemble.py" in found[3][1]
    assert found[4] == ("save", found[4][1])
    again = run_ensemble(wanted, store)
    assert (again.stored, again.run, again.failed) == (1, 0, 3)
    mended = run_ensemble(wanted, store, retry=True)
    assert (mended.stored, mended.run, mended.failed) == (1, 3, 0)
    assert store.failures() == []


def test_a_store_that_cannot_be_written_stops_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: RunStore, member: Member, run: Any) -> bool:
        raise OutputError("the disk is full")

    monkeypatch.setattr(RunStore, "put", full)
    store = RunStore(tmp_path / "store")
    with pytest.raises(OutputError, match="disk is full"):
        run_ensemble(members(["baseline"], draws=2, end=2013), store)
    assert store.failures() == []


def test_a_scenario_the_model_cannot_take_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "name: wrong\ntitle: wrong\nextends: baseline\nlevers:\n"
        "  trade_cost:\n    value: 0.1\n    where: {group: Sowth}\n"
    )
    scenario = load_scenario(path)
    store = RunStore(tmp_path / "store")
    with pytest.raises(InputError, match="Sowth"):
        run_ensemble(members([scenario], draws=3, end=2013), store)
    assert store.failures() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"executor": "proceses"}, "processes"),
        ({"executor": "serial", "scheduler": "tcp://127.0.0.1:1"}, "dask only"),
        ({"executor": "serial", "workers": 2}, "goes with processes"),
        ({"executor": "processes", "workers": 0}, "workers"),
    ],
)
def test_executors_are_named_rightly(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_ensemble([], RunStore(tmp_path / "store"), **options)


def test_rate_and_time_left() -> None:
    tally = Tally(100, stored=40, run=18, failed=2, tried=20, seconds=10.0)
    assert tally.done == 60
    assert tally.rate == 2.0
    assert tally.left == 20.0
    assert Tally(3).left is None
    assert [duration(s) for s in (8.4, 125, 7322)] == ["8 s", "2:05 min", "2:02 h"]


# --------------------------------------------------------------------------------- the command line


def command(store: Path, executor: str, draws: int = 10, end: int = 2015) -> list[str]:
    return [
        *("ensemble", "baseline", "trade-integration", "--draws", str(draws), "--end", str(end)),
        *("--executor", executor, "--store", str(store), "--source", "priors"),
        *(() if executor == "serial" else ("--workers", "2")),
    ]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    code = "from sscsim.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that all it started can be seen
    )


def written(store: Path) -> dict[Path, tuple[int, int]]:
    """Return the members that are there, each with what changes if it is written again."""
    found = {}
    for path in store.glob("??/*/member.json"):
        status = path.stat()
        found[path] = (status.st_ino, status.st_mtime_ns)
    return found


def wait_for(store: Path, count: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while len(written(store)) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)


def has_ended(group: int) -> bool:
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> EnsembleResult:
    wanted = members(["baseline", "trade-integration"], draws=10, source="priors", end=2015)
    return run_ensemble(wanted, RunStore(tmp_path_factory.mktemp("whole") / "store"))


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("executor", ["serial", pytest.param("processes", marks=pytest.mark.slow)])
def test_killed_at_three_moments_and_resumed(
    executor: str, uninterrupted: EnsembleResult, tmp_path: Path
) -> None:
    luck = random.Random()  # any moment must do
    store = tmp_path / "store"
    done: dict[Path, tuple[int, int]] = {}
    for aim in (1, 7, 13):
        process = start(command(store, executor))
        wait_for(store, aim, process)
        time.sleep(luck.uniform(0, 0.15))
        process.kill()
        process.communicate()
        assert has_ended(process.pid), "a worker outlived its parent"
        now = written(store)
        assert done.items() <= now.items()  # what was there was not written again
        done = now
        assert RunStore(store).verify().sound
    assert len(done) < len(uninterrupted)
    ended = start(command(store, executor))
    out, _ = ended.communicate(timeout=120)
    assert ended.returncode == 0
    assert f"20 of 20 members are in {store}: {len(done)} were there, {20 - len(done)} run" in out
    assert done.items() <= written(store).items()
    resumed = run_ensemble(uninterrupted.members, RunStore(store))
    assert resumed.run == 0
    assert resumed.content_hash == uninterrupted.content_hash
    assert RunStore(store).verify().sound
    assert not list((store / ".staging").iterdir())


@pytest.mark.skipif(os.name != "posix", reason="SIGINT to a group")
@pytest.mark.parametrize(
    "executor",
    [
        pytest.param("serial", marks=pytest.mark.slow),
        pytest.param("processes", marks=pytest.mark.long),
        pytest.param("dask", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_leaves_what_is_done(executor: str, tmp_path: Path) -> None:
    store = tmp_path / "store"
    process = start(command(store, executor, draws=100))
    wait_for(store, 2, process)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == ""
    assert "Traceback" not in err, err
    *pace, line = err.splitlines()
    assert all(" of 200 members, " in said for said in pace)  # on a slow machine
    assert line.startswith("Stopped by Ctrl-C. ")
    assert line.endswith(f"members are in {store}; the same command goes on from there.")
    assert RunStore(store).verify().sound
    assert len(written(store)) >= 2
    assert has_ended(process.pid)


def invoke(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_the_commands_of_the_store(tmp_path: Path) -> None:
    place = ("--store", str(tmp_path / "store"))
    arguments = ("ensemble", "baseline", "--draws", "2", "--end", "2013", "--executor", "serial")
    told = invoke(*arguments, *place)
    assert "0 were there, 2 run" in told
    assert "baseline, 2013: medians of 2 members" in told
    assert "Index of the Goals, South" in told
    assert f"sscsim compare baseline SCENARIO --draws 2 --store {place[1]}" in told
    assert "2 were there, 0 run" in invoke(*arguments, *place)
    assert invoke(*arguments, *place, "--quiet") == ""
    listed = invoke("store", "ls", *place)
    assert "2 members" in listed
    assert "2013–2013" in listed
    assert "2 members of" in invoke("store", "verify", *place)
    key = next(RunStore(tmp_path / "store").keys())
    assert "Removed 1 member from" in invoke("store", "rm", key[:12], "--yes", *place)
    assert "Nothing of the kind" in invoke("store", "rm", key[:12], "--yes", *place)
    assert "add --yes" in invoke("store", "rm", "--all", *place, code=2)
    assert "say which members" in invoke("store", "rm", *place, code=2)
    assert "four letters" in invoke("store", "rm", "xyz", *place, code=2)
    (tmp_path / "store" / "mine.txt").write_text("")
    assert "foreign" in invoke("store", "verify", *place, code=2)
    assert "Removed 1 member" in invoke("store", "rm", "--all", "--yes", *place)
    assert "no such store" in invoke("store", "ls", "--store", str(tmp_path / "none"), code=2)


def test_an_ensemble_of_failures_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "SouthSouthModel", Breaking)
    place = ("--store", str(tmp_path / "store"))
    base = ("ensemble", "baseline", "--source", "defaults", "--end", "2014", *place)
    serial = ("--executor", "serial")
    text = invoke(*base, "--draws", "1", "--seed", "2", *serial, code=2)
    assert "all 1 members failed" in text
    assert "Chad" in text
    text = invoke(*base, "--draws", "3", *serial)
    assert "1 of 3 members" in text
    assert "nothing there" in text
    assert "2 failed members" in invoke("store", "ls", "--failed", *place)
    assert "Removed 2 records of failures" in invoke("store", "rm", "--failed", *place)


def test_a_mistyped_scenario_leaves_no_store(tmp_path: Path) -> None:
    place = tmp_path / "store"
    text = invoke("ensemble", "basline", "--store", str(place), code=2)
    assert "did you mean 'baseline'" in text
    assert not place.exists()
