"""Observe many runs: what a fit asks of a simulator, kept in a journal so that nothing is simulated twice.

A fit needs a dozen numbers of each of some thousand runs. They are kept in a file of lines, one an observation, that is
only ever added to: a fit that was killed, at any moment, goes on from its last whole line and ends in the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from sscsim.calibration.targets import Check, Target, compare, observe_beside
from sscsim.errors import InputError, OutputError, in_words
from sscsim.files import json_of, read_bytes
from sscsim.names import FIRST_YEAR
from sscsim.settings import RunSettings
from sscsim.types import Array

__all__ = ["CheckOf", "Journal", "ModelSimulator", "Observer", "Point", "Simulator", "checks_of"]

Point = Mapping[str, float]
"""Values of parameters by name; what is not named has the table's value."""


class Simulator(Protocol):
    """What a fit is held against: a function of parameters and seed that can be sent to a process."""

    @property
    def identity(self) -> str:
        """What the observations depend on besides parameters and seed, as a short text."""

    def __call__(self, point: Point, seed: int) -> tuple[float, ...]:
        """Return one number a check; NaN throughout where the model admits no such parameters."""


@dataclass(frozen=True)
class CheckOf:
    """A check with the target it belongs to."""

    target: Target
    check: Check

    @property
    def id(self) -> str:
        """The target's id, with the part where it has several."""
        return f"{self.target.id} [{self.check.part}]" if self.check.part else self.target.id

    @property
    def unit(self) -> str:
        """Unit of value and observation."""
        return self.check.unit or self.target.unit

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest observation that meets the figure."""
        return self.check.within.limits(self.check.value)

    @property
    def scale(self) -> float:
        """What counts as one unit of distance, in the figure's unit."""
        low, high = self.limits
        rule = self.check.within
        if rule.kind == "one_sided":
            return rule.scale
        return (high - low) / 2 if high > low else 1.0


def checks_of(targets: Sequence[Target]) -> tuple[CheckOf, ...]:
    """Return every check of simulated targets, in their order."""
    return tuple(CheckOf(t, c) for t in targets if t.simulated for c in t.checks)


@dataclass(frozen=True)
class ModelSimulator:
    """The model as a fit sees it: a run to the last year that a target looks at.

    Attributes
    ----------
    targets
        Rows whose checks are observed, in this order.
    settings
        What every run is asked for besides parameters and seed: scenario, last year, the user's files.
    beside
        Whether what is only shown beside the rows is observed as well, after the checks.
    """

    targets: tuple[Target, ...]
    settings: RunSettings
    beside: bool = False

    @classmethod
    def of(
        cls,
        targets: Sequence[Target],
        settings: RunSettings | None = None,
        *,
        beside: bool = False,
    ) -> Self:
        """Return the simulator that runs as far as these targets need, and no further than the settings say."""
        asked = settings or RunSettings()
        years = [item.check.year or (item.check.years or (0, 0))[1] for item in checks_of(targets)]
        if beside:
            years += [one.year for target in targets if target.simulated for one in target.beside]
        end = min(asked.end, max([FIRST_YEAR, *years]))
        return cls(tuple(targets), replace(asked, end=end), beside)

    @property
    def scenario(self) -> str:
        """Name of the scenario, or its file."""
        return str(self.settings.scenario)

    @property
    def end(self) -> int:
        """Last year simulated."""
        return self.settings.end

    @cached_property
    def identity(self) -> str:
        """Hash of model, data, scenario, last year and what is observed."""
        from sscsim.provenance import model_hash

        observed = [
            [c.id, c.check.observable, c.check.of, c.check.when, c.unit]
            for c in checks_of(self.targets)
        ]
        if self.beside:
            observed += [
                [t.id, b.observable, b.of, str(b.year), b.unit or t.unit]
                for t in self._rows
                for b in t.beside
            ]
        text = json.dumps(
            [
                model_hash(),
                self.settings.data_hash(),
                self._asked.resolved().content_hash,
                self.end,
                observed,
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def _rows(self) -> list[Target]:
        return [t for t in self.targets if t.simulated]

    @cached_property
    def _asked(self) -> RunSettings:
        """The settings, with the scenario read from its file once.

        What a point does not name has the tables' value: a fit does not depend on the one before it.
        """
        given = self.settings.parameters
        return replace(
            self.settings,
            scenario=self.settings.resolved(),
            parameters="tables" if given is None else given,
        )

    def __call__(self, point: Point, seed: int) -> tuple[float, ...]:
        """Run once and return what each check observes."""
        from sscsim.model import simulate

        try:
            run = simulate(self._asked, seed=seed, set=point)
        except InputError:
            # A corner of the priors that admits no world is no candidate, and no reason to stop.
            shown = sum(len(t.beside) for t in self._rows) if self.beside else 0
            return (math.nan,) * (len(checks_of(self.targets)) + shown)
        seen = compare(run, self._rows, beside=False)
        numbers = [item.observed for item in seen if item.check is not None]
        if self.beside:
            numbers += [value for target in self._rows for value in observe_beside(run, target)]
        return tuple(numbers)


# ---------------------------------------------------------------------------------------- the journal


@dataclass
class Journal:
    """Observations by key: in memory, and in a file of lines if a path is given."""

    path: Path | None = None
    known: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a journal, or begin one; a last line that was cut off in writing is dropped.

        Raises
        ------
        InputError
            For a line within the file that is no observation, and for what is no file.
        """
        journal = cls(path)
        if not os.path.lexists(path):
            return journal
        data = read_bytes(path, LARGEST_JOURNAL)
        whole = data[: data.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                key, values = json_of(line)
                journal.known[str(key)] = tuple(
                    math.nan if v is None else float.fromhex(v) for v in values
                )
            except (ValueError, TypeError, AttributeError, OverflowError):
                raise InputError(
                    "this line of the fit's journal cannot be read: begin the fit anew",
                    file=path,
                    line=number,
                ) from None
        if len(whole) < len(data):
            os.truncate(path, len(whole))
        return journal

    def add(self, entries: Mapping[str, tuple[float, ...]]) -> None:
        """Remember observations, on disk before this returns."""
        self.known.update(entries)
        if self.path is None or not entries:
            return
        lines = "".join(
            json.dumps([key, [None if math.isnan(v) else v.hex() for v in values]]) + "\n"
            for key, values in entries.items()
        )
        try:
            with self.path.open("ab") as file:
                file.write(lines.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as failure:
            raise OutputError(f"{self.path}: {in_words(failure)}") from None


# --------------------------------------------------------------------------------------- the observer

LARGEST_JOURNAL = 2_000_000_000
"""Bytes that a journal may have: a thousand for each of two million runs."""

CHUNK = 8
"""Runs handed to a process at a time: long enough to keep it busy, short enough to lose little."""


@dataclass
class Observer:
    """Observes a simulator at many points, with as many processes as are asked for.

    Results depend on points and seeds alone: not on the number of workers, on the order in which
    runs end, or on what the journal knew before.

    Parameters
    ----------
    simulator
        What is observed.
    journal
        Where observations are remembered.
    workers
        Processes; one means this one.
    progress
        Called with the stage, the runs done and the runs of the stage.
    """

    simulator: Simulator
    journal: Journal = field(default_factory=Journal)
    workers: int = 1
    progress: Callable[[str, int, int], None] | None = None
    simulated: int = 0
    _pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def observe(self, points: Sequence[Point], seeds: Sequence[Sequence[int]], stage: str) -> Array:
        """Return what is observed.

        Parameters
        ----------
        points
            Parameters of each point.
        seeds
            Seeds of each point, as many for all.
        stage
            What the runs are for, for `progress`.

        Returns
        -------
        ndarray
            ``(point, seed, check)``; NaN where a point admits no run.
        """
        tasks = [
            (self._key(point, seed), dict(point), seed)
            for point, of_point in zip(points, seeds, strict=True)
            for seed in of_point
        ]
        wanted = {key: (point, seed) for key, point, seed in tasks if key not in self.journal.known}
        total, done = len(tasks), len(tasks) - len(wanted)
        self._tell(stage, done, total)
        items = [(key, point, seed) for key, (point, seed) in wanted.items()]
        for entries in self._run([items[i : i + CHUNK] for i in range(0, len(items), CHUNK)]):
            self.journal.add(entries)
            self.simulated += len(entries)
            done += len(entries)
            self._tell(stage, done, total)
        seen = np.array([self.journal.known[key] for key, _, _ in tasks], dtype=np.float64)
        return seen.reshape(len(points), -1, seen.shape[-1] if seen.size else 0)

    def _key(self, point: Point, seed: int) -> str:
        text = json.dumps(
            [self.simulator.identity, sorted((n, float(v).hex()) for n, v in point.items()), seed]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(stage, done, total)

    def _run(self, chunks: Sequence[Sequence[_Task]]) -> Iterator[dict[str, tuple[float, ...]]]:
        if self.workers == 1 or len(chunks) < 2:
            for chunk in chunks:
                yield _run_chunk(self.simulator, chunk)
            return
        if self._pool is None:
            import multiprocessing

            # A forked process would inherit the threads' locks of whatever runs beside us.
            self._pool = ProcessPoolExecutor(
                self.workers, multiprocessing.get_context("spawn"), initializer=_begin_worker
            )
        waiting: set[Future[dict[str, tuple[float, ...]]]] = set()
        remaining = list(reversed(chunks))
        while remaining or waiting:
            # Two chunks a worker: none waits for work, and a stop loses little.
            while remaining and len(waiting) < 2 * self.workers:
                waiting.add(self._pool.submit(_run_chunk, self.simulator, remaining.pop()))
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ended:
                try:
                    entries = future.result()
                except BrokenProcessPool:
                    raise OutputError(
                        "a worker process died, perhaps for want of memory; what was observed is kept"
                    ) from None
                yield entries


_Task = tuple[str, dict[str, float], int]


def _run_chunk(simulator: Simulator, chunk: Sequence[_Task]) -> dict[str, tuple[float, ...]]:
    return {key: simulator(point, seed) for key, point, seed in chunk}


def _begin_worker() -> None:
    """Prepare a process: one thread, Ctrl-C for the parent alone, and no life beyond the parent's."""
    import multiprocessing
    import signal
    from multiprocessing.connection import wait as wait_for

    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(limits=1)
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def leave_with_parent() -> None:
        wait_for([sentinel])
        os._exit(1)

    threading.Thread(target=leave_with_parent, daemon=True).start()
