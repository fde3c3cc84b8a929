"""Ensembles: members to the store, with whatever executor, and their results back."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import InputError, nearest, outside, unknown
from sscsim.experiments import executors
from sscsim.experiments.executors import Outcome
from sscsim.experiments.members import Member
from sscsim.experiments.store import Failure, RunStore
from sscsim.names import EXECUTORS
from sscsim.results.frames import frame
from sscsim.results.tables import Columns
from sscsim.settings import RunOptions, RunSettings

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.results.run import Run

__all__ = ["DrawOptions", "EnsembleResult", "HowRun", "MemberOptions", "Tally", "run_ensemble"]

MOST_WORKERS = 1024


@dataclass(frozen=True)
class Tally:
    """How far an ensemble has come.

    ``total`` members, of which ``stored`` were in the store (or equal one that was run), ``run`` have been run and
    ``failed`` have failed, now or before; ``seconds`` since the first was begun.
    """

    total: int
    stored: int = 0
    run: int = 0
    failed: int = 0
    tried: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Members that need no more work."""
        return self.stored + self.run + self.failed

    @property
    def rate(self) -> float:
        """Members run or failed in a second, 0 before the first."""
        return self.tried / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> float | None:
        """Seconds that are left at this rate; None before there is one."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


class MemberOptions(RunOptions, total=False):
    """How members are made and run, by name: what functions that run their own members pass on."""

    source: str | Path
    first_seed: int
    draw_figures: bool | None
    settings: RunSettings | None
    store: RunStore | str | Path | None
    executor: str
    workers: int | None
    scheduler: str | None
    progress: Callable[[Tally], None] | None


class DrawOptions(MemberOptions, total=False):
    """The same, and how many draws."""

    draws: int | None


_OWN = tuple(set(DrawOptions.__annotations__) - set(RunOptions.__annotations__))


@dataclass(frozen=True)
class HowRun:
    """Options of members, taken apart into what each is for.

    Attributes
    ----------
    settings
        What each run is asked for.
    source
        Where parameters come from.
    draws
        How many draws are made; None for as many as a file holds.
    drawing
        The rest of what `sscsim.experiments.members` takes, by name: ``first_seed``, ``draw_figures``.
    store
        Where members are kept.
    running
        What `run_ensemble` takes, by name: ``executor``, ``workers``, ``scheduler``, ``progress``.
    """

    settings: RunSettings
    source: str
    draws: int | None
    drawing: Mapping[str, Any]
    store: RunStore | str | Path | None
    running: Mapping[str, Any]

    @classmethod
    def of(cls, how: DrawOptions | MemberOptions, draws: int | None = None) -> HowRun:
        """Take options apart; `draws` is how many there are where they do not say."""
        said: dict[str, Any] = dict(how)
        own = {name: said.pop(name) for name in _OWN if name in said}
        return cls(
            settings=RunSettings.of(own.pop("settings", None) or RunSettings(), **said),
            source=str(own.pop("source", "posterior")),
            draws=own.pop("draws", draws),
            drawing={n: own.pop(n) for n in ("first_seed", "draw_figures") if n in own},
            store=own.pop("store", None),
            running={"executor": "serial", **own},
        )

    def opened(self) -> RunStore:
        """Return the store."""
        return self.store if isinstance(self.store, RunStore) else RunStore(self.store)


@dataclass(frozen=True)
class EnsembleResult:
    """What is in the store of an ensemble. Runs are read when they are asked for, one at a time.

    Attributes
    ----------
    members
        All that were asked for, in the order in which they were given. Several may have one result: a point that a
        design repeats has a draw each time.
    store
        Where their results are.
    tally
        How many were there before, were run, failed.
    """

    members: tuple[Member, ...]
    store: RunStore
    tally: Tally

    @property
    def stored(self) -> int:
        """Members that were in the store before."""
        return self.tally.stored

    @property
    def run(self) -> int:
        """Members that were run."""
        return self.tally.run

    @property
    def failed(self) -> int:
        """Members that failed, now or before."""
        return self.tally.failed

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[tuple[Member, Run]]:
        """Yield members and their runs; those that failed are left out."""
        for member in self.members:
            run = self.store.get(member.key)
            if run is not None:
                yield member, run

    def failures(self) -> list[Failure]:
        """Return the records of the members that failed."""
        found = [
            self.store.failure(member.key)
            for member in self.members
            if not self.store.has(member.key)
        ]
        return [failure for failure in found if failure is not None]

    def indicators(
        self,
        indicators: Sequence[str] | str | None = None,
        groups: Sequence[str] | str | None = None,
        years: Iterable[int] | int | None = None,
    ) -> pd.DataFrame:
        """Return chosen lines of all members' tables; members are read one after the other.

        Parameters
        ----------
        indicators, groups, years
            What is wanted; None means all, of a hundred members some three million lines.

        Returns
        -------
        DataFrame
            Columns scenario, seed, draw, year, group, indicator, value, unit; by member in the order of `members`.

        Raises
        ------
        InputError
            For an indicator, group or year that no member has.
        """
        names = [indicators] if isinstance(indicators, str) else indicators
        places = [groups] if isinstance(groups, str) else groups
        chosen = [years] if isinstance(years, int) else None if years is None else list(years)
        found = []
        for member in self.members:
            lines = self.store.columns(member.key, names, places, chosen)
            if lines is not None:
                draw = np.full(len(lines), -1 if member.draw is None else member.draw, np.int64)
                held = dict(lines.held)
                first = {name: held.pop(name) for name in ("scenario", "seed")}
                found.append(Columns({**first, "draw": draw, **held}))
        if not found:
            raise InputError("no member of the ensemble has a result", file=self.store.folder)
        table = frame(Columns.together(found))
        for name, asked in (("indicator", names), ("group", places), ("year", chosen)):
            missing = {*(asked or ())} - {*table[name].unique().tolist()}
            if missing:
                self._check(name, sorted(missing, key=str))
        return table

    @property
    def content_hash(self) -> str:
        """SHA-256 of all members' keys and content: equal hashes mean equal results, whoever ran them."""
        content = {
            member.key: self.store.content_hash(member.key)
            for member in self.members
            if self.store.has(member.key)
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _check(self, name: str, missing: Sequence[str | int]) -> None:
        """Raise if no member has one of the names; a name without a line in what was asked for is no error."""
        for member in self.members:
            frame = self.store.lines(member.key)
            if frame is None:
                continue
            known = frame[name].unique().tolist()
            for value in missing:
                if value not in known:
                    raise InputError(
                        f"no member of the ensemble has this {name}",
                        key=name,
                        found=value,
                        allowed=[str(k) for k in sorted(known)],
                        suggestion=nearest(str(value), [str(k) for k in known]),
                    )
            return


def run_ensemble(
    members: Iterable[Member],
    store: RunStore,
    executor: str = "serial",
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    retry: bool = False,
    progress: Callable[[Tally], None] | None = None,
) -> EnsembleResult:
    """Run the members that are not in the store yet.

    Whatever interrupts it, members that are done are in the store, and the same call goes on from there.

    Parameters
    ----------
    members
        Those that are equal are run once; those that are equal but for their draw all have the result.
    store
        Where results go.
    executor
        ``serial``, ``processes`` or ``dask``.
    workers
        Number of processes; by default as many as there are processors. Not with `scheduler`.
    scheduler
        Address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``; without it Dask starts workers on this machine.
    retry
        Whether members that failed before are run again.
    progress
        Called at the beginning and after each member.

    Raises
    ------
    InputError
        For an unknown executor, a scenario the model cannot take, a cluster that does not answer.
    OutputError
        If the store cannot be written.
    """
    _check_executor(executor, workers, scheduler)
    # A point that a design repeats is asked for several times, each with its draw, and run once.
    each = tuple({member.request: member for member in members}.values())
    asked = Counter(member.key for member in each)
    pending = []
    tally = Tally(len(each))
    for member in dict.fromkeys(each):
        if store.has(member.key):
            tally = replace(tally, stored=tally.stored + asked[member.key])
        elif not retry and store.failure(member.key) is not None:
            tally = replace(tally, failed=tally.failed + asked[member.key])
        else:
            pending.append(member)
    report = progress or (lambda _: None)
    report(tally)
    if pending:
        _check_scenarios(pending)
        began = time.monotonic()
        with closing(_outcomes(pending, store, executor, workers, scheduler)) as outcomes:
            for outcome in outcomes:
                tally = _count(outcome, store, tally, asked[outcome.member.key])
                tally = replace(tally, seconds=time.monotonic() - began)
                report(tally)
    return EnsembleResult(each, store, tally)


def _outcomes(
    pending: Sequence[Member],
    store: RunStore,
    executor: str,
    workers: int | None,
    scheduler: str | None,
) -> Generator[Outcome, None, None]:
    if executor == "processes":
        return executors.processes(pending, store, workers)
    if executor == "dask":
        return executors.dask(pending, store, workers, scheduler)
    return executors.serial(pending, store)


def _count(outcome: Outcome, store: RunStore, tally: Tally, asked: int) -> Tally:
    """Keep an outcome and count it, for each of the times that it was asked for."""
    tally = replace(tally, tried=tally.tried + 1)
    if outcome.status == "failed":
        store.fail(outcome.member, outcome.stage, outcome.error)
        return replace(tally, failed=tally.failed + asked)
    if outcome.files:
        store.put_files(outcome.member, outcome.files)
    if outcome.status == "stored":
        return replace(tally, stored=tally.stored + asked)
    return replace(tally, run=tally.run + 1, stored=tally.stored + asked - 1)


def _check_executor(executor: str, workers: int | None, scheduler: str | None) -> None:
    if executor not in EXECUTORS:
        raise unknown("executor of this name", executor, EXECUTORS, key="executor")
    if scheduler is not None and executor != "dask":
        raise InputError(
            "a scheduler goes with the executor dask only", key="scheduler", found=scheduler
        )
    if workers is not None:
        if isinstance(workers, bool) or not 1 <= workers <= MOST_WORKERS:
            raise outside("workers", workers, 1, MOST_WORKERS, whole=True, key="workers")
        if executor == "serial" or scheduler is not None:
            raise InputError(
                "the number of workers goes with processes, or with Dask on this machine",
                key="workers",
                found=workers,
            )


def _check_scenarios(members: Iterable[Member]) -> None:
    """Say once, and before anything runs, what the model would say of every member of a scenario."""
    from sscsim.parameters import default_parameters
    from sscsim.policy.paths import LeverPaths

    for member in {m.scenario.content_hash: m for m in members}.values():
        scenario = member.scenario
        default_parameters().replace(scenario.parameters, source=scenario.name)
        LeverPaths(scenario, member.settings.world())
