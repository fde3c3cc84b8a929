"""Whatever a user hands over: it is used, or refused in one message; quickly; and nothing is written that must not be.

A thin and repeatable part of `make fuzz`, which has no end.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from pydantic import BaseModel

from sscsim.policy import lever_table
from sscsim.policy.scenario import Expectation, Setting, Where, _File
from sscsim.world.loading import load_world
from tests.fuzz._edits import edited, from_yaml, to_yaml
from tests.fuzz._files import SCENARIO, built
from tests.fuzz._inputs import GENERATORS, Given
from tests.fuzz._trials import Report, Trial

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 200, 200


FAULTY: frozenset[str] = frozenset()
"""Kinds with faults that are known and not yet mended."""


def fuzz(tmp_path: Path, *words: str) -> str:
    """Return what comes of trials made in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", *words],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.long
def test_a_few_inputs_of_every_kind(tmp_path: Path) -> None:
    kinds = sorted(set(GENERATORS) - FAULTY)
    said = fuzz(tmp_path, "--seed", "1", "--count", str(FEW), "--kinds", ",".join(kinds))
    assert f"{FEW} inputs" in said
    ends = {line.split()[0]: line for line in said.splitlines() if "ended with" in line}
    assert set(ends) == set(kinds), "the few do not reach every kind"


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(GENERATORS))
def test_many_inputs_of_a_kind(kind: str, tmp_path: Path) -> None:
    said = fuzz(tmp_path, "--seed", "2", "--count", str(MANY), "--kinds", kind)
    [line] = [
        line for line in said.splitlines() if line.split()[0] == kind and "ended with" in line
    ]
    found = {int(code): int(n) for n, code in re.findall(r"(\d+) ended with (-?\d+)", line)}
    # A generator that only ever makes rubbish, or never does, tests nothing.
    assert found[0] > MANY / 20
    if kind not in ("levers", "signals"):
        assert found[2] > 0


# ---------------------------------------------------------------------------------------- whether it would be noticed

WRONG = {
    "traceback": "raise ZeroDivisionError",
    "endless": "while True: pass",
    "waiting": "__import__('time').sleep(1000)",
    "slow": "sum(i for i in range(10**8))",
    "written": "open('elsewhere.txt', 'w')",
    "removed": "__import__('shutil').rmtree('mine')",
    "executed": "__import__('os').system('true')",
    "started": "__import__('subprocess').run(['true'])",
    "raw": "__import__('sys').stdout.write('\\x1b[31m')",
    "large": "bytearray(10**11)",
    "wordless": "__import__('sys').exit(2)",
    "code": "__import__('sys').exit(3)",
    "warned": "__import__('warnings').warn('numbers', RuntimeWarning)",
    "long": "__import__('sys').stderr.write('x' * 10_000)",
}
"""What a command of a user must not do, and a piece of Python that does it."""
FINE = {
    "kept": "Path('out/file').write_text('text')",
    "printed": "print('fine')",
    "left": "__import__('sys').exit(0)",
}
"""What it may do."""


NOTICING = """
import sys
from pathlib import Path
from tests.fuzz import _trials
from tests.fuzz._inputs import Input
from tests.fuzz.test_fuzz import FINE, WRONG
_trials.ENDS = 2
for name, code in (WRONG | FINE).items():
    folder = Path(sys.argv[1]) / name
    (folder / "out").mkdir(parents=True)
    (folder / "mine").mkdir()
    made = Input("made", call=lambda: exec(code))
    ended = _trials._copy(made, folder, 0.5)
    print(name, _trials._judge(made, ended, folder, 0.5))
"""


def test_what_must_not_happen_is_noticed_and_what_may_is_not(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOTICING, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line[:1].isalpha())
    assert set(found) == {*WRONG, *FINE}, done.stdout
    assert {name for name, wrong in found.items() if wrong == "[]"} == set(FINE), done.stdout


def test_a_report_names_what_went_wrong() -> None:
    good = Trial(1, "scenario", "cut", ("run",), 0, 0.1, ())
    bad = Trial(
        2, "store", "gone", ("store", "ls"), -int(signal.SIGALRM), 9.0, ("it does not end",)
    )
    report = Report([good, bad])
    assert report.wrong == [bad]
    assert report.slowest == bad
    assert report.codes() == {"scenario": {0: 1}, "store": {-14: 1}}
    assert "store" in str(bad)


@pytest.mark.parametrize("seed", range(40))
def test_an_edit_changes_something_and_can_be_written(seed: int) -> None:
    data = from_yaml(SCENARIO)
    before = to_yaml(data)
    what, after = edited(Random(seed), data)
    assert what
    assert to_yaml(data) == before, "the original is left alone"
    assert isinstance(to_yaml(after), str)


def _keys(model: type[BaseModel]) -> set[str]:
    """Return what a block of a file may say."""
    return {field.alias or name for name, field in model.model_fields.items()}


def test_scenarios_that_are_tried_say_all_that_the_grammar_knows(tmp_path: Path) -> None:
    """A key, a lever or a place that is new is tried as well."""
    given = Given(tmp_path, tmp_path, tmp_path, tmp_path, load_world().iso3)
    seen: dict[str, set[str]] = {name: set() for name in ("file", "setting", "where", "expects")}
    levers: dict[str, set[str]] = {}
    forms = set()
    for seed in range(300):
        data = built(Random(seed), "fuzz", "baseline", given)
        seen["file"] |= set(data)
        for expected in data.get("expects", []):
            seen["expects"] |= set(expected)
        for name, settings in data.get("levers", {}).items():
            forms.add(type(settings).__name__)
            for one in settings if isinstance(settings, list) else [settings]:
                held = one if isinstance(one, dict) else {"value": one}
                seen["setting"] |= set(held)
                seen["where"] |= set(held.get("where", {}))
                levers.setdefault(name, set()).update(held)
    whole = {"file": _File, "setting": Setting, "where": Where, "expects": Expectation}
    assert seen == {name: _keys(model) for name, model in whole.items()}
    assert forms == {"float", "dict", "list"}
    for name, lever in lever_table().items():
        places = set() if lever.scope == "world" else {"where"}
        assert {"value", "ramp", "table", "from", "to"} | places <= levers.get(name, set()), name


def test_numbers_of_trials_decide_alone() -> None:
    """The same number of a seed is the same input, whatever went before."""
    once, again = (Random("7 19").random() for _ in range(2))
    assert once == again
    assert not np.isclose(once, Random("7 20").random())
