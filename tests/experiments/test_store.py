"""The store: whole or not at all, once, by whoever, and what is wrong with it is said."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sscsim
from sscsim import staging as staging_of
from sscsim.errors import InputError, OutputError
from sscsim.experiments import store as stores
from sscsim.experiments.executors import perform
from sscsim.experiments.members import Member
from sscsim.experiments.store import RunStore
from sscsim.parameters import default_parameters
from sscsim.policy import load_scenario
from sscsim.provenance import model_hash, model_identity
from sscsim.results import Run
from sscsim.settings import RunSettings

BASELINE = load_scenario("baseline")


def asked(**changes: Any) -> RunSettings:
    return RunSettings.of(BASELINE, **{"keep": "indicators", **changes})


def member(seed: int = 1, **changes: object) -> Member:
    return Member(asked(seed=seed, end=2014, **changes), draw=seed - 1)


@pytest.fixture(scope="module")
def run() -> Run:
    return sscsim.simulate("baseline", seed=1, end=2014, keep="indicators")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "store")


# ------------------------------------------------------------------------------- in and out again


def test_what_is_put_is_what_is_got(store: RunStore, run: Run) -> None:
    assert store.get(member().key) is None
    assert not store.has(member().key)
    assert store.put(member(), run)
    assert store.has(member().key)
    assert store.get(member().key) == run
    assert list(store.keys()) == [member().key]
    [entry] = store.ls()
    assert (entry.scenario, entry.seed, entry.draw, entry.end) == ("baseline", 1, 0, 2014)
    assert not entry.stale
    assert store.verify().sound


def test_a_member_is_written_once(store: RunStore, run: Run) -> None:
    assert store.put(member(), run)
    before = {p: p.stat().st_mtime_ns for p in store.path(member().key).iterdir()}
    assert not store.put(member(), run)
    assert {p: p.stat().st_mtime_ns for p in store.path(member().key).iterdir()} == before
    assert not list((store.folder / ".staging").iterdir())


def test_files_from_afar_make_the_same_member(store: RunStore, run: Run, tmp_path: Path) -> None:
    (outcome,) = perform((member(),), None)
    assert outcome.status == "run"
    assert store.put_files(member(), outcome.files)
    assert store.get(member().key) == run
    with pytest.raises(InputError, match="no file of this name"):
        store.put_files(member(2), {"../escape": b""})
    assert not list((store.folder / ".staging").iterdir())


def test_chosen_lines_are_those_of_the_run(store: RunStore, run: Run) -> None:
    store.put(member(), run)
    table = run.indicators
    wanted = table[
        (table["indicator"] == "goal_index") & table["group"].isin(["World", "LDC"])
    ].reset_index(drop=True)
    found = store.lines(member().key, ["goal_index"], ["World", "LDC"])
    assert found is not None
    assert found.equals(wanted)
    everything = store.lines(member().key)
    assert everything is not None
    assert everything.equals(table)
    assert store.lines(member(2).key) is None
    none = store.lines(member().key, years=[1999])
    assert none is not None
    assert none.empty


def test_a_full_member_is_small(store: RunStore) -> None:
    full = Member(asked())
    assert [o.status for o in perform((full,), store)] == ["run"]
    size = sum(p.stat().st_blocks * 512 for p in store.path(full.key).iterdir())
    assert size <= 500_000


# ------------------------------------------------------------------------------------ the key


def test_the_key_holds_all_that_results_depend_on() -> None:
    others = [
        member(),
        member(2),
        member(set={"trade_elasticity": 4.5}),
        member(keep="standard"),
        member(off=("growth",)),
        Member(asked(end=2015)),
        Member(asked(start=2014, end=2014)),
        Member(replace(asked(end=2014), scenario=load_scenario("trade-integration"))),
    ]
    assert len({m.key for m in others}) == len(others)


def test_the_key_leaves_words_and_numbering_out() -> None:
    assert member() == Member(asked(end=2014), draw=77)
    assert member(off=("growth", "goals")).key == member(off=("goals", "growth")).key
    default = {"trade_elasticity": default_parameters()["trade_elasticity"]}
    assert member(set=default).key == member().key


def test_the_model_is_known_by_what_can_change_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sscsim.provenance.package_folder", lambda: tmp_path)

    def identity() -> str:
        return model_hash.__wrapped__()

    def write(place: str, text: str = "1") -> None:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)

    before = identity()
    for place in (
        *("cli/main.py", "reports/maps.py", "results/writing.py", "errors.py"),
        *("parameters/trade.yaml", "flows/__pycache__/trade.pyc", "flows/.trade.py.swp"),
    ):
        write(place)
        assert identity() == before, place
    for place in (
        *("model.py", "flows/trade.py", "flows/__init__.py", "results/recorder.py"),
        *("parameters/table.py", "policy/levers.yaml", "world/data/events.yaml", "new/table.csv"),
    ):
        write(place)
        assert identity() != before, place
        before = identity()
    write("flows/trade.py", "2")
    assert identity() != before


# ------------------------------------------------------------------------- several at the same time


def _put_often(folder: str, barrier: Any, files: dict[str, bytes], one: Member) -> None:
    store = RunStore(folder)
    barrier.wait()
    for i in range(60):
        store.put_files(one, files)
        if i % 3 == 0:
            store.discard(one.key)


def test_writers_of_one_key_do_not_meet(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "run", compact=True)
    files = {p.name: p.read_bytes() for p in (tmp_path / "run").iterdir()}
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    folder = tmp_path / "store"
    RunStore(folder)
    # Both processes know it by one name, whatever a run takes by default.
    one = member(parameters="tables")
    writers = [
        context.Process(target=_put_often, args=(str(folder), barrier, files, one))
        for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    store = RunStore(folder)
    seen = 0
    while any(writer.is_alive() for writer in writers):
        seen += store.get(one.key) is not None  # raises if it is ever half there
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert seen
    found = store.verify()
    assert found.sound
    assert found.whole == 1
    assert not list((folder / ".staging").iterdir())


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("ends", ["there", "gone", "damaged"])
def test_a_member_put_anew_while_it_is_read_is_read_again(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch, times: int, ends: str
) -> None:
    """Between the manifest and a table another process may take the member away and put it back."""
    store.put(member(), run)
    key, place, load, left = member().key, store.path(member().key), Run.load, [times]

    def interrupted(folder: Path) -> Run:
        if left[0]:
            left[0] -= 1
            store.discard(key)
            if ends != "gone" or left[0]:
                store.put(member(), run)
            raise InputError("there is no such file", file=folder)
        if ends == "damaged":
            raise InputError("the file is not the one that was written", file=place)
        return load(folder)

    monkeypatch.setattr(Run, "load", interrupted)
    if ends == "damaged":
        with pytest.raises(InputError, match="not the one that was written"):
            store.get(key)
    else:
        assert (store.get(key) == run) == (ends == "there")
    assert not left[0]


def test_threads_of_one_process_do_not_meet(store: RunStore, run: Run) -> None:
    written: list[bool] = []
    threads = [
        threading.Thread(target=lambda: written.append(store.put(member(), run))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [False] * 7 + [True]
    assert store.verify().sound


# -------------------------------------------------------------------------------------- failures


def test_failures_are_remembered_and_forgotten(store: RunStore, run: Run) -> None:
    store.fail(member(), "run", "it did not converge\nin Chad")
    [failure] = store.failures()
    assert failure == store.failure(member().key)
    assert (failure.scenario, failure.seed, failure.draw, failure.stage) == (
        *("baseline", 1, 0),
        "run",
    )
    assert "Chad" in failure.error
    assert store.verify().sound
    store.put(member(), run)
    assert store.failures() == []
    with pytest.raises(ValueError, match="no stage"):
        store.fail(member(), "lunch", "")


# -------------------------------------------------------------------------------------- removing


def test_removing_by_scenario_key_and_kind(store: RunStore, run: Run) -> None:
    store.put(member(), run)
    other = sscsim.simulate("baseline", seed=2, end=2014, keep="indicators")
    store.put(member(2), other)
    store.fail(member(3), "build", "no")
    assert store.rm(scenario="trade-integration") == 0
    assert store.rm(stale=True) == 0
    assert store.rm(prefix=member().key[:10]) == 1
    assert list(store.keys()) == [member(2).key]
    assert store.rm(failed=True) == 1
    assert store.has(member(2).key)
    assert store.rm(everything=True) == 1
    assert not list(store.keys())
    with pytest.raises(ValueError, match="what is to be removed"):
        store.rm()


def test_members_of_another_model_are_stale(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(member(), run)
    monkeypatch.setattr(sscsim, "__version__", "9.9.9")
    assert model_identity() == f"9.9.9+{model_hash()}"
    assert store.has(member().key)
    assert [entry.stale for entry in store.ls()] == [False], "a release alone is no other model"
    monkeypatch.setattr("sscsim.provenance.model_hash", lambda: "else")
    assert [entry.stale for entry in store.ls()] == [True]
    assert store.rm(stale=True) == 1


# ------------------------------------------------------------------------------------ what is wrong


@pytest.mark.parametrize("file", ["indicators.parquet", "manifest.json", "member.json"])
def test_damage_is_found_and_mended(store: RunStore, run: Run, file: str) -> None:
    store.put(member(), run)
    path = store.path(member().key) / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert list(store.verify().damaged) == [member().key]
    assert list(store.verify(remove=True).damaged) == [member().key]
    assert store.verify().sound
    assert store.put(member(), run)
    assert store.get(member().key) == run


def test_a_damaged_file_is_not_read(store: RunStore, run: Run) -> None:
    store.put(member(), run)
    path = store.path(member().key) / "indicators.parquet"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(InputError, match="changed or damaged since it was saved"):
        store.lines(member().key)
    with pytest.raises(InputError):
        store.get(member().key)


def test_a_member_that_lost_its_description_is_written_again(store: RunStore, run: Run) -> None:
    store.put(member(), run)
    (store.path(member().key) / "member.json").unlink()
    assert list(store.verify().damaged) == [member().key]
    assert store.get(member().key) is None
    assert store.put(member(), run)
    assert store.verify().sound


def test_a_member_under_another_key_is_damage(store: RunStore, run: Run) -> None:
    store.put(member(), run)
    wrong = member(2).key
    store.path(wrong).parent.mkdir(exist_ok=True)
    store.path(member().key).rename(store.path(wrong))
    assert "key" in store.verify().damaged[wrong]


DEEP = "[" * 100_000
CURIOUS = [
    ("deeply nested", '{"ingredients": ' + DEEP),
    ("deeply nested, and whole", '{"ingredients": ' + "[" * 5000 + "]" * 5000 + "}"),
    ("no JSON", "{"),
    ("no keys", "[1, 2]"),
    ("an endless number", '{"key": 1e999, "ingredients": {"seed": Infinity}}'),
    ("a number of five thousand digits", '{"ingredients": {"seed": ' + "9" * 5000 + "}}"),
    ("a text for a number", None),
    ("bytes", b"\xff\xfe\x00"),
    ("nothing", ""),
]


@pytest.mark.parametrize(("name", "text"), CURIOUS)
def test_one_bad_member_stops_nobody(
    store: RunStore, run: Run, name: str, text: str | bytes | None
) -> None:
    store.put(member(), run)
    store.put(member(2), sscsim.simulate("baseline", seed=2, end=2014, keep="indicators"))
    path = store.path(member().key) / "member.json"
    if text is None:
        record = json.loads(path.read_bytes())
        record["ingredients"]["seed"] = "one"
        text = json.dumps(record)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert [entry.key for entry in store.ls()] == [member(2).key]
    assert list(store.verify().damaged) == [member().key]
    assert store.rm(scenario="baseline") == 1
    assert store.rm(everything=True) == 1


@pytest.mark.parametrize(("name", "text"), CURIOUS)
def test_nor_does_a_bad_record_of_a_failure(
    store: RunStore, name: str, text: str | bytes | None
) -> None:
    store.fail(member(), "run", "no")
    store.fail(member(2), "run", "no")
    path = store.folder / member().key[:2] / f"{member().key}.failed.json"
    if text is None:
        text = json.dumps(json.loads(path.read_bytes()) | {"seed": "one"})
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert [failure.key for failure in store.failures()] == [member(2).key]
    assert list(store.verify().damaged) == [member().key]


@pytest.mark.parametrize("text", [DEEP, "{", "[]", '{"format_version": "1"}'])
def test_a_mark_of_a_store_that_is_damaged_is_one_message(store: RunStore, text: str) -> None:
    (store.folder / "store.json").write_text(text)
    with pytest.raises(InputError, match=r"store\.json"):
        RunStore(store.folder)


@pytest.mark.parametrize("name", ["member.json", "manifest.json", "indicators.parquet"])
def test_a_pipe_in_a_member_is_damage(store: RunStore, run: Run, name: str) -> None:
    store.put(member(), run)
    place = store.path(member().key) / name
    place.unlink()
    os.mkfifo(place)
    assert list(store.verify().damaged) == [member().key]


def test_another_arithmetic_has_other_keys(
    store: RunStore, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(member(), run)
    for module in ("members", "store"):
        monkeypatch.setattr(f"sscsim.experiments.{module}.arithmetic", lambda: "abacus, numpy 0")
    assert not store.has(member().key)
    assert [entry.stale for entry in store.ls()] == [True]
    assert store.verify().sound


def test_foreign_files_are_named_and_stay(store: RunStore, run: Run) -> None:
    store.put(member(), run)
    strange = [store.folder / "notes.txt", store.path(member().key) / "more.txt"]
    for path in strange:
        path.write_text("mine")
    assert sorted(store.verify(remove=True).foreign) == sorted(strange)
    store.rm(prefix=member(2).key)
    assert all(path.exists() for path in strange)


def test_leftovers_of_the_dead_are_swept(store: RunStore, run: Run) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    staging = store.folder / ".staging"
    left = staging / f"{staging_of.machine()}-{dead.pid}-aa"
    left.mkdir()
    (left / "indicators.parquet").write_bytes(b"half")
    (staging / f".{left.name}.xy.partial").mkdir()
    mine = staging / f"{staging_of.machine()}-{os.getpid()}-bb"
    elsewhere = staging / "0123456789ab-1-cc"
    old = staging / "0123456789ab-1-dd"
    for place in (mine, elsewhere, old):
        place.mkdir()
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    found = RunStore(store.folder).verify()
    assert found.sound
    assert sorted(staging.iterdir()) == sorted([mine, elsewhere])


# ---------------------------------------------------------------------------------------- opening


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="something else than a store"):
        RunStore(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_store_that_is_missing_is_made_or_missed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such store"):
        RunStore(tmp_path / "a" / "b", create=False)
    RunStore(tmp_path / "a" / "b")
    RunStore(tmp_path / "a" / "b", create=False)


def test_a_later_layout_is_refused(store: RunStore) -> None:
    mark = store.folder / "store.json"
    mark.write_text(json.dumps({"format": "sscsim store", "format_version": 99}))
    with pytest.raises(InputError, match="another layout"):
        RunStore(store.folder)


def test_a_file_in_the_way_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        RunStore(tmp_path / "file" / "store")


def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SSCSIM_STORE", raising=False)
    assert stores.default_store() == Path("results/store")
    monkeypatch.setenv("SSCSIM_STORE", str(tmp_path / "mine"))
    assert RunStore().folder == tmp_path / "mine"
