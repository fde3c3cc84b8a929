"""Executors: how members are run, in this process, in several, or on a Dask cluster.

Each is a generator of an `Outcome` a member, in whatever order they end. Members that begin alike are run as one piece
of work (`sscsim.experiments.beginnings`). New members are taken only as old ones end, so that memory does not grow with
the ensemble. Closing a generator early lets what is running end and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import signal
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sscsim.errors import InputError, OutputError, SscsimError
from sscsim.experiments.beginnings import by_beginning
from sscsim.experiments.members import Member
from sscsim.names import THREAD_VARIABLES

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from sscsim.experiments.store import RunStore
    from sscsim.results.run import Run

__all__ = [
    "Outcome",
    "available_cores",
    "dask",
    "perform",
    "process_pool",
    "processes",
    "serial",
]

Flight = tuple[Member, ...]
"""Members that begin alike: the unit of work."""

MOST_DEATHS = 2
"""Deaths of its process after which a member is given up."""

SECONDS_FOR_A_SCHEDULER = 10
SECONDS_FOR_A_WORKER = 30
SECONDS_FOR_A_FAREWELL = 5
"""How long a cluster is waited for."""


@dataclass(frozen=True)
class Outcome:
    """How a member ended.

    Attributes
    ----------
    member
        Which.
    status
        ``run``, ``stored`` (another process was first) or ``failed``.
    stage, error
        Of a member that failed.
    files
        Of a run whose worker does not reach the store: name → bytes.
    """

    member: Member
    status: str
    stage: str = ""
    error: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


def perform(flight: Sequence[Member], store: RunStore | None) -> Iterator[Outcome]:
    """Run members that begin alike, save each as it ends, and yield how; without a store with its files.

    What fails while it is run together is run again apart, so that the member that fails is found and the others lose
    nothing.

    Raises
    ------
    OutputError
        If the store cannot be written: that is not a member's failure.
    """
    waiting = []
    for member in flight:
        if store is not None and store.has(member.key):
            yield Outcome(member, "stored")
        else:
            waiting.append(member)
    if len(waiting) > 1:
        from sscsim.experiments.beginnings import run_together

        together = run_together(waiting)
        while waiting:
            began = time.process_time()
            try:
                member, model = next(together)
            except Exception:  # what it is, the member that fails by itself will say
                break
            waiting.remove(member)
            yield _save(member, model.recorded({"duration": time.process_time() - began}), store)
    for member in waiting:
        yield _alone(member, store)


def _alone(member: Member, store: RunStore | None) -> Outcome:
    stage = "build"
    try:
        from sscsim.model import SouthSouthModel

        model = SouthSouthModel(member.settings)
        stage = "run"
        try:
            run = model.run()
        finally:
            model.close()
    except Exception as failure:
        return Outcome(member, "failed", stage, describe(failure))
    return _save(member, run, store)


def _save(member: Member, run: Run, store: RunStore | None) -> Outcome:
    try:
        if store is not None:
            return Outcome(member, "run" if store.put(member, run) else "stored")
        return Outcome(member, "run", files=run.files())
    except OutputError:
        raise
    except Exception as failure:
        return Outcome(member, "failed", "save", describe(failure))


def describe(failure: BaseException) -> str:
    """Return what went wrong, and where, if it was not foreseen."""
    if isinstance(failure, SscsimError):
        return str(failure)
    frames = traceback.extract_tb(failure.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(failure).__name__}: {failure}{where}"


def serial(members: Sequence[Member], store: RunStore) -> Generator[Outcome, None, None]:
    """Run members one after the other in this process."""
    for flight in by_beginning(members):
        yield from perform(flight, store)


# ----------------------------------------------------------------------------------------- processes


def processes(
    members: Sequence[Member], store: RunStore, workers: int | None = None
) -> Generator[Outcome, None, None]:
    """Run members in several processes of this machine.

    A process that dies takes its pool with it. What was under way then runs again, one member at a time: the one that
    kills its process a second time is given up, the others lose nothing.

    Raises
    ------
    SscsimError
        If no process can be started.
    """
    from concurrent.futures import FIRST_COMPLETED, wait
    from concurrent.futures.process import BrokenProcessPool

    count = workers or available_cores()
    waiting, suspects = deque(by_beginning(members, count)), deque[Flight]()
    deaths: Counter[str] = Counter()
    while waiting or suspects:
        alone = bool(suspects)
        source = suspects if alone else waiting
        size = 1 if alone else min(count, len(source))
        pool = process_pool(size)
        flying: dict[Future[list[Outcome]], Flight] = {}
        broken: list[Flight] = []
        try:
            while flying or (source and not broken):
                while source and not broken and len(flying) < (1 if alone else 2 * size):
                    try:
                        future = pool.submit(_work, source[0], _keys(source[0]), str(store.folder))
                    except BrokenProcessPool:
                        broken.append(source[0])
                    else:
                        flying[future] = source[0]
                    source.popleft()
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    flight = flying.pop(future)
                    try:
                        outcomes = future.result()
                    except BrokenProcessPool:
                        broken.append(flight)
                    else:
                        yield from outcomes
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        for member in (member for flight in broken for member in flight):
            deaths[member.key] += 1
            if deaths[member.key] < MOST_DEATHS:
                suspects.append((member,))
            else:
                yield Outcome(member, "failed", "run", f"its process died {MOST_DEATHS} times")


def available_cores() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def process_pool(size: int) -> ProcessPoolExecutor:
    """Return a pool of fresh processes that leave Ctrl-C to this one and use one thread each."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # `spawn` starts afresh: no lock, thread or library's state is inherited half-way, on any system.
    with _one_thread_in_children():
        pool = ProcessPoolExecutor(
            size, mp_context=multiprocessing.get_context("spawn"), initializer=_enter
        )
        try:
            # Processes are started as work comes: all of them here, so that none hears Ctrl-C before it is told not to.
            with _deaf_to_interrupts():
                pings = [pool.submit(os.getpid) for _ in range(size)]
            for ping in pings:
                ping.result()
        except BrokenProcessPool:
            pool.shutdown(wait=False)
            raise SscsimError(
                "no worker process could be started. A script that runs an ensemble in several processes must do so "
                "below `if __name__ == '__main__':`"
            ) from None
    return pool


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    # What is started meanwhile inherits it: Ctrl-C reaches a whole group of processes, and is the parent's to answer.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _one_thread_in_children() -> Iterator[None]:
    # Libraries read these when they are loaded, which in a worker may be before its initialiser is called.
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _enter() -> None:
    """Prepare a worker: Ctrl-C is the parent's, one thread, and no life without the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1)


def _follow(sentinel: int) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(1)  # a killed parent closes nothing; a worker would wait for its next member for ever


def _work(flight: Flight, keys: Sequence[str], folder: str) -> list[Outcome]:
    _check_keys(flight, keys)
    return list(perform(flight, _open_store(folder)))


def _keys(flight: Flight) -> list[str]:
    return [member.key for member in flight]


@lru_cache(maxsize=4)
def _open_store(folder: str) -> RunStore:
    from sscsim.experiments.store import RunStore

    return RunStore(folder)


def _check_keys(flight: Flight, keys: Sequence[str]) -> None:
    if _keys(flight) != [*keys]:
        raise InputError(
            "a worker has another version of sscsim, of its data or of its parameters than the caller",
            found=f"{flight[0].ingredients['model']} on the worker",
            allowed="the same installation everywhere",
        )


# ---------------------------------------------------------------------------------------------- Dask


def dask(
    members: Sequence[Member],
    store: RunStore,
    workers: int | None = None,
    scheduler: str | None = None,
) -> Generator[Outcome, None, None]:
    """Run members on a Dask cluster: the one at `scheduler`, or one of this machine's own.

    Workers that see the store's folder write into it; others send their files, which the caller must write. Dask runs
    again what a worker had when it was lost.

    Raises
    ------
    InputError
        If Dask is not installed, no scheduler answers, it has no workers, or a worker has no sscsim or another version.
    OutputError
        If the cluster is lost, at whatever moment; what its members had written stays.
    """
    try:
        from dask import distributed
    except ImportError:
        raise InputError(
            "the executor dask needs Dask, which is not installed",
            key="executor",
            found="dask",
            allowed='pip install "sscsim[parallel]"',
        ) from None

    with contextlib.ExitStack() as stack:
        stack.enter_context(_unheard())
        if scheduler is not None:
            _knock(scheduler)
        address = scheduler or stack.enter_context(_local_cluster(workers))
        client = stack.enter_context(_client(distributed.Client, address))
        stack.enter_context(_loss_in_words(client, store))
        try:
            client.wait_for_workers(1, timeout=SECONDS_FOR_A_WORKER)
        except TimeoutError:
            if client.status != "running":
                raise
            raise InputError(
                "the scheduler has no workers", key="scheduler", found=str(scheduler)
            ) from None
        token = stack.enter_context(_token(store))
        threads = sum(client.nthreads().values())
        waiting = deque(by_beginning(members, threads))
        batch = secrets.token_hex(4)
        flying: dict[Any, Flight] = {}

        def submit() -> Any:
            flight = waiting.popleft()
            future = client.submit(
                _work_afar,
                flight,
                _keys(flight),
                str(store.folder.resolve()),
                token,
                key=f"sscsim-{batch}-{len(flight)}-{flight[0].key[:24]}",
                pure=False,
            )
            flying[future] = flight
            return future

        window = min(len(waiting), max(4, 3 * threads))
        stack.callback(lambda: client.cancel(list(flying)))
        as_completed: Callable[..., Any] = distributed.as_completed
        completed = as_completed([submit() for _ in range(window)], loop=client.loop)
        for future in completed:
            flight = flying.pop(future)
            outcomes: list[Outcome] = []
            try:
                outcomes = future.result()
            except distributed.KilledWorker:
                if len(flight) > 1:  # the one that kills is found by running them apart
                    waiting.extend((member,) for member in flight)
                else:
                    reason = "the workers that ran it died"
                    outcomes = [Outcome(flight[0], "failed", "run", reason)]
            if waiting:
                completed.add(submit())
            yield from outcomes


@contextlib.contextmanager
def _client(factory: Callable[..., Any], address: Any) -> Iterator[Any]:
    try:
        client = factory(address, timeout=SECONDS_FOR_A_SCHEDULER, set_as_default=False)
    except (OSError, ValueError) as failure:  # a time that has run out is an OSError
        raise _no_scheduler(str(address)) from failure
    try:
        yield client
    finally:
        # One that is lost does not answer.
        with contextlib.suppress(OSError):
            client.close(timeout=SECONDS_FOR_A_FAREWELL)


def _no_scheduler(address: str) -> InputError:
    return InputError(
        "no Dask scheduler answers here",
        key="scheduler",
        found=address,
        allowed="an address such as tcp://127.0.0.1:8786, where `dask scheduler` runs",
    )


def _knock(address: str) -> None:
    """Make sure that a scheduler answers at an address, before a client is made that would try for ever.

    Raises
    ------
    InputError
        For an address of another form, nobody there, somebody who says nothing, and whoever speaks another language.
    """
    import asyncio

    from distributed.comm import core
    from distributed.security import Security

    connect: Callable[..., Any] = core.connect
    security: Callable[[], Any] = Security

    async def ask() -> Any:
        given = security().get_connection_args("client")
        talk = await connect(address, timeout=SECONDS_FOR_A_SCHEDULER, **given)
        try:
            await talk.write({"op": "identity", "reply": True})
            return await talk.read()
        finally:
            talk.abort()

    said: Any = None

    def listen() -> None:
        nonlocal said
        # Whatever an answer that is none leads to, such as a size without bounds: it is no scheduler's.
        with contextlib.suppress(Exception):
            said = asyncio.run(asyncio.wait_for(ask(), SECONDS_FOR_A_SCHEDULER))

    # A thread of its own: whoever calls may have a loop that runs, as notebooks do.
    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    listener.join(SECONDS_FOR_A_SCHEDULER + 1)
    if not isinstance(said, dict) or said.get("type") != "Scheduler":
        raise _no_scheduler(address)


@contextlib.contextmanager
def _loss_in_words(client: Any, store: RunStore) -> Iterator[None]:
    """Turn what a lost cluster leads to, in whatever call, into one sentence."""
    from dask.distributed import CancelledError

    try:
        yield
    except ImportError as failure:
        raise InputError(
            "the workers of this scheduler cannot load sscsim",
            key="scheduler",
            found=str(failure),
            allowed="the same installation everywhere",
        ) from failure
    except (OSError, CancelledError, RuntimeError) as failure:
        raise OutputError(
            f"the Dask cluster at {client.scheduler.address} was lost; what was done is in {store.folder}"
        ) from failure


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Keep what Dask and its loops say to themselves off the screen: a lost cluster is said once, by us."""
    import logging

    def silent(record: logging.LogRecord) -> bool:
        return False

    roots = ("distributed", "tornado", "asyncio")
    names = [*roots, *logging.root.manager.loggerDict]
    loggers = [logging.getLogger(name) for name in names if name.partition(".")[0] in roots]
    for logger in loggers:
        logger.addFilter(silent)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(silent)


@contextlib.contextmanager
def _local_cluster(workers: int | None) -> Iterator[Any]:
    import logging

    from dask import distributed

    factory: Callable[..., Any] = distributed.LocalCluster
    with _one_thread_in_children():
        with _deaf_to_interrupts():
            cluster = factory(
                n_workers=workers or available_cores(),
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        with cluster:
            yield cluster


@contextlib.contextmanager
def _token(store: RunStore) -> Iterator[str]:
    """Leave a file in the store for as long as the cluster works: who reads it sees the same folder."""
    with store.staged() as place:
        place.write_text(place.name, "utf-8")
        yield place.name


def _work_afar(flight: Flight, keys: Sequence[str], folder: str, token: str) -> list[Outcome]:
    _check_keys(flight, keys)
    try:
        here = (Path(folder) / ".staging" / token).read_text("utf-8") == token
    except (OSError, ValueError):
        here = False
    return list(perform(flight, _open_store(folder) if here else None))
