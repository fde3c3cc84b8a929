"""Loops that Numba compiles: the same runs to the bit, taken up when that pays, and never needed."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sscsim import compiled
from sscsim.compiled import SWITCH, compiled_loops
from sscsim.errors import InputError
from sscsim.model import simulate

LOOPS = "sscsim.flows.knowledge.loops"
LITTLE = """
from sscsim.compiled import compiled

@compiled("float64[]", "int64[:]")
def total(values, seen):
    result = 0.0
    for value in values:
        result += value
        seen[0] += 1
    return result
"""


@pytest.fixture(autouse=True)
def afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process know nothing of the loops yet."""
    state = vars(compiled._State)
    monkeypatch.setattr(
        compiled, "_State", type("State", (), {n: v for n, v in state.items() if n[0] != "_"})
    )
    for name, value in (("modules", {}), ("refused", False), ("missed", 0.0)):
        setattr(compiled._State, name, value)
    compiled._State.next_look = compiled.LOADING


@pytest.fixture
def little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the name of a module with one loop, of which nothing is kept yet."""
    numba = pytest.importorskip("numba")
    (tmp_path / "little_loop.py").write_text(LITTLE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.delenv(SWITCH)
    monkeypatch.setattr(compiled, "SAVED", 1.0)
    monkeypatch.setattr(compiled, "LOADING", 2.0)
    monkeypatch.setattr(compiled, "COMPILING", 5.0)
    compiled._State.next_look = 2.0
    yield "little_loop"
    sys.modules.pop("little_loop", None)


def forget() -> None:
    """Be a process that begins."""
    sys.modules.pop("little_loop", None)
    compiled._State.modules, compiled._State.missed, compiled._State.next_look = {}, 0.0, 2.0


def hashes(monkeypatch: pytest.MonkeyPatch, scenario: str, seed: int, end: int) -> list[str]:
    """Return the content of a run with plain and with compiled loops."""
    found = []
    for switch in "01":
        monkeypatch.setenv(SWITCH, switch)
        run = simulate(scenario, seed=seed, end=end, parameters="tables")
        found.append(run.content_hash)
    for name in (LOOPS, "sscsim.flows.banking.loops"):
        assert compiled._State.modules[name] is sys.modules[name]
    return found


@pytest.mark.parametrize(
    ("scenario", "seed", "end"), [("baseline", 1, 2015), ("full-agenda", 2, 2014)]
)
def test_a_run_with_compiled_loops_is_the_plain_one_to_the_bit(
    monkeypatch: pytest.MonkeyPatch, scenario: str, seed: int, end: int
) -> None:
    pytest.importorskip("numba")
    plain, fast = hashes(monkeypatch, scenario, seed, end)
    assert fast == plain


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "scenario", ["baseline", "full-agenda", "no-cooperation", "fragmented", "triangular-scale-up"]
)
def test_whole_runs_are(monkeypatch: pytest.MonkeyPatch, scenario: str, seed: int) -> None:
    plain, fast = hashes(monkeypatch, scenario, seed, 2034)
    assert fast == plain


def test_a_run_or_two_do_not_take_them_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH)
    monkeypatch.setattr(compiled, "_when_it_pays", lambda name: pytest.fail("taken up"))
    years = 2 * (2034 - 2006 + 1)
    assert [compiled_loops(LOOPS) for _ in range(years)] == [None] * years


def test_without_numba_runs_are_plain_and_only_who_insists_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.delitem(sys.modules, LOOPS, raising=False)
    monkeypatch.delenv(SWITCH)
    compiled._State.next_look = 0.0
    run = simulate(seed=1, end=2013, parameters="tables")
    assert compiled._State.refused
    monkeypatch.setenv(SWITCH, "0")
    assert simulate(seed=1, end=2013, parameters="tables").content_hash == run.content_hash
    monkeypatch.setenv(SWITCH, "1")
    with pytest.raises(InputError, match=r"sscsim\[fast\]"):
        simulate(seed=1, end=2013, parameters="tables")


def test_the_switch_is_on_or_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "yes")
    with pytest.raises(InputError, match=r"(?s)yes.*0 or 1"):
        compiled_loops(LOOPS)


def test_what_is_not_kept_is_compiled_when_that_pays_and_then_loaded_early(
    little: str, tmp_path: Path
) -> None:
    assert [compiled_loops(little) for _ in range(4)] == [None] * 4
    assert not list(tmp_path.rglob("*.nbi"))
    taken = [compiled_loops(little) for _ in range(2)][-1]
    assert taken is not None
    assert list(tmp_path.rglob("*.nbi"))
    assert not list(tmp_path.rglob("*.compiling"))
    seen = np.zeros(1, dtype=np.int64)
    assert taken.total(np.ones(3), seen) == 3.0
    assert seen == 3
    with pytest.raises(TypeError):
        taken.total(np.ones(3, dtype=np.float32), seen)  # would be compiled anew
    forget()
    assert [compiled_loops(little) is None for _ in range(2)] == [True, False]


def test_one_process_compiles_and_the_others_wait_and_work(little: str, tmp_path: Path) -> None:
    while not list(tmp_path.glob("kept/*")):
        compiled_loops(little)
    (folder,) = tmp_path.glob("kept/*")
    mark = folder / f"{little}.compiling"
    mark.touch()
    assert [compiled_loops(little) for _ in range(8)] == [None] * 8
    assert mark.exists()
    # Who made it was stopped long ago.
    old = time.time() - 3600
    importlib.import_module("os").utime(mark, (old, old))
    assert [compiled_loops(little) for _ in range(2)][-1] is not None
    assert not mark.exists()


def test_where_nothing_can_be_kept_only_who_insists_compiles(
    little: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    numba = importlib.import_module("numba")
    njit = numba.njit

    def without_folder(**options: bool) -> object:
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**options)

    monkeypatch.setattr(numba, "njit", without_folder)
    assert [compiled_loops(little) for _ in range(9)] == [None] * 9
    assert compiled._State.refused
    monkeypatch.setenv(SWITCH, "1")
    assert compiled_loops(little).total(np.ones(2), np.zeros(1, dtype=np.int64)) == 2.0


def test_a_compiler_that_fails_stops_nobody(little: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: bool) -> object:
        raise ValueError("of another world")

    monkeypatch.setattr(importlib.import_module("numba"), "njit", broken)
    with pytest.warns(UserWarning, match="of another world"):
        found = [compiled_loops(little) for _ in range(3)]
    assert found == [None] * 3
    assert compiled._State.refused
