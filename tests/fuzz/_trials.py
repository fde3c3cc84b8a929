"""A trial: one mutated file read as a user would have it read, watched for what must not happen."""

# ruff: noqa: SIM905 - a list of words is read as words

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sscsim.calibration.targets import load_targets
from sscsim.errors import SscsimError
from sscsim.model import SouthSouthModel
from sscsim.policy import load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.resources import calibration_folder, scenario_folder
from sscsim.world.tables import load_world
from sscsim.yamlfile import read_yaml
from tests.fuzz._mutations import CANARY, mutate

QUICK = 2.0
"""Seconds of processor time that a file may cost."""

KINDS = ("scenario", "targets", "overlay", "trade")

EXAMPLE = """\
name: example
title: {en: An example, zh: 例子}
extends: baseline
description: >
  Every kind of setting once.
source: None.
paragraphs: [21, 79]
levers:
  trade_cost: {from: 2019, to: 2024, ramp: [0.0, -0.1], where: {group: south_unctad_2014}}
  aid_volume: 1.5
  productivity_growth:
    - {from: 2019, value: -0.005, where: {countries: [BRA, IND]}}
    - {table: {2020: -0.02, 2021: 0.01}}
  investment_agreement: {from: 2020, value: 1.0, where: {agreement: AfCFTA, origin: ZAF}}
parameters:
  trade_elasticity: 4.0
"""
OVERLAY = """\
iso3,column,value,year
BRA,gdp_current_busd,2500,
IND,population_m,1300,
NPL,goal_1,55.5,
CHN,growth,0.07,2015
"""
TRADE = (
    "exporter,importer,value\nBRA,CHN,46.0\nCHN,BRA,35.9\nIND,NPL,3.1\nDEU,FRA,130\nUSA,MEX,226.1\n"
)


@dataclass
class Report:
    """What came of many trials."""

    refused: int = 0
    read: int = 0
    slowest: tuple[float, str] = (0.0, "")
    wrong: list[str] = field(default_factory=list)
    by_mutation: Counter[str] = field(default_factory=Counter)


class Hang(BaseException):
    """Raised in a trial that does not come to an end."""


def _hang(*_: object) -> None:
    raise Hang


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _hang)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


class Watch:
    """Notes what is written, executed or sent while it is on; Python's audit hooks stay, so it is one for all."""

    on = False
    seen: list[str] = []  # noqa: RUF012 - one for all
    _hooked = False

    @classmethod
    def hook(cls) -> None:
        if not cls._hooked:
            sys.addaudithook(cls._hear)
            cls._hooked = True

    @classmethod
    def _hear(cls, event: str, args: tuple[Any, ...]) -> None:
        if not cls.on:
            return
        if event == "open":
            flags = args[2] if isinstance(args[2], int) else 0
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
                path = os.fspath(args[0]) if not isinstance(args[0], int) else str(args[0])
                if not str(path).endswith(".pyc") and "__pycache__" not in str(path):
                    cls.seen.append(f"{event} {path!r} for writing")
        elif event in _FORBIDDEN or event.startswith(("subprocess.", "socket.", "shutil.")):
            cls.seen.append(f"{event} {args!r}"[:200])


_FORBIDDEN = frozenset(
    "os.system os.exec os.posix_spawn os.spawn os.fork os.forkpty os.mkdir os.rename os.remove os.rmdir os.link "
    "os.symlink os.truncate os.chmod os.putenv pickle.find_class".split()
)


@contextmanager
def watched() -> Iterator[list[str]]:
    Watch.hook()
    Watch.seen.clear()
    Watch.on = True
    try:
        yield Watch.seen
    finally:
        Watch.on = False


def originals(kind: str) -> list[str]:
    if kind == "scenario":
        shipped = [p.read_text(encoding="utf-8") for p in sorted(scenario_folder().glob("*.yaml"))]
        return [EXAMPLE, EXAMPLE, *shipped]
    if kind == "targets":
        # Cut to a part, since a mutation of twenty thousand letters seldom meets what matters.
        text = (calibration_folder() / "targets.yaml").read_text(encoding="utf-8")
        blocks = text.split("\n\n")
        return [text, *["\n\n".join(blocks[:4]), "\n\n".join(blocks[:3])] * 3]
    return [OVERLAY if kind == "overlay" else TRADE]


def use(kind: str, path: Path) -> None:
    """Do with a file what the command line does with it, to the end of the base year."""
    if kind == "scenario":
        scenario = load_scenario(path)
        LeverPaths(scenario, load_world())
        SouthSouthModel(scenario, end=2013).step()
        str(scenario.as_dict()).encode("utf-8")
        scenario.content_hash  # noqa: B018 - it must be possible
    elif kind == "targets":
        for target in load_targets(path):
            f"{target.title} {target.paragraphs} {target.note}".encode()
    else:
        world = load_world(path if kind == "overlay" else None, path if kind == "trade" else None)
        SouthSouthModel("baseline", world=world, end=2013).step()


def only_plain_data(value: object) -> bool:
    if type(value) is dict:
        return all(type(k) in (str, int) and only_plain_data(v) for k, v in value.items())
    if type(value) is list:
        return all(only_plain_data(v) for v in value)
    return type(value) in (str, int, float, bool, type(None))


def trial(number: int, folder: Path, report: Report) -> None:
    """Mutate a file by the number of the trial, use it, and note in the report what went wrong."""
    rng = Random(number)
    kind = KINDS[number % len(KINDS)]
    text = rng.choice(originals(kind))
    made, content = mutate(rng, text)
    name = "example"
    if kind == "scenario" and (found := [w for w in text.split("\n") if w.startswith("name:")]):
        name = found[0].removeprefix("name:").strip()
    path = folder / f"{name}.{'csv' if kind in ('overlay', 'trade') else 'yaml'}"
    path.write_bytes(content)
    before = sorted(p.name for p in folder.iterdir())
    what = f"trial {number}: {kind}, {made}"
    began = time.process_time()
    try:
        with watched() as seen, at_most(10 * QUICK):
            use(kind, path)
        report.read += 1
    except SscsimError as failure:
        report.refused += 1
        text_of_failure = str(failure)
        text_of_failure.encode("utf-8")  # it is going to be printed
        if len(text_of_failure) > 3000:
            report.wrong.append(f"{what}: a message of {len(text_of_failure)} letters")
        if failure.exit_code != 2:
            report.wrong.append(f"{what}: exit code {failure.exit_code}: {text_of_failure[:200]}")
    except Hang:
        report.wrong.append(f"{what}: does not end, {len(content):,} bytes")
    except Exception as failure:
        report.wrong.append(f"{what}: {type(failure).__name__}: {str(failure)[:200]}")
    spent = time.process_time() - began
    report.by_mutation.update(made.split("+"))
    report.slowest = max(report.slowest, (spent, what))
    if spent > QUICK:
        report.wrong.append(f"{what}: {spent:.1f} s for {len(content):,} bytes")
    report.wrong += [f"{what}: {event}" for event in seen]
    if sorted(p.name for p in folder.iterdir()) != before or Path(CANARY).exists():
        report.wrong.append(f"{what}: something was written")
    if kind in ("scenario", "targets"):
        data: object = {}
        with suppress(Exception, Hang), at_most(10 * QUICK):
            data = read_yaml(path).data
        if not only_plain_data(data):
            report.wrong.append(f"{what}: an object was built")
    path.unlink()


def trials(numbers: range, folder: Path) -> Report:
    load_world()
    report = Report()
    for number in numbers:
        trial(number, folder, report)
    return report
