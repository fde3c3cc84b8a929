"""Executors: the same results from one process, from several, and from a cluster that loses a worker."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sscsim.errors import InputError, OutputError, SscsimError
from sscsim.experiments import EnsembleResult, Member, RunStore, executors, run_ensemble
from sscsim.experiments.ensemble import Tally
from sscsim.experiments.executors import Outcome
from sscsim.experiments.members import members

ROOT = Path(__file__).resolve().parents[2]

# Dask's own threads and sockets end when they like; what they say of it is not ours.
quiet = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> EnsembleResult:
    """40 members, run one after the other."""
    wanted = members(["baseline", "trade-integration"], draws=20, end=2016)
    return run_ensemble(wanted, RunStore(tmp_path_factory.mktemp("serial") / "store"))


# ----------------------------------------------------------------------------------------- processes


def test_two_processes_are_as_good_as_one(serial: EnsembleResult, tmp_path: Path) -> None:
    tallies: list[Tally] = []
    result = run_ensemble(
        serial.members,
        RunStore(tmp_path / "store"),
        "processes",
        workers=2,
        progress=tallies.append,
    )
    assert (result.stored, result.run, result.failed) == (0, 40, 0)
    assert result.content_hash == serial.content_hash
    assert [tally.done for tally in tallies] == list(range(41))
    assert tallies[-1].left == 0.0


_work = executors._work


def _deadly_work(flight: tuple[Member, ...], keys: list[str], folder: str) -> list[Outcome]:
    """Kill the process at one seed always, at another once; everything else is as ever."""
    mark = Path(folder).parent / "died-once"
    seeds = {member.seed for member in flight}
    if 4 in seeds or (2 in seeds and not mark.exists()):
        mark.touch()
        os._exit(9)
    return _work(flight, keys, folder)


def test_a_member_that_kills_its_process_twice_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "_work", _deadly_work)
    wanted = members(["baseline"], draws=4, source="defaults", end=2013)
    result = run_ensemble(wanted, RunStore(tmp_path / "store"), "processes", workers=2)
    assert (result.run, result.failed) == (3, 1)
    [failure] = result.failures()
    assert (failure.seed, failure.stage) == (4, "run")
    assert "died 2 times" in failure.error
    assert result.store.verify().sound


def _other_work(flight: tuple[Member, ...], keys: list[str], folder: str) -> list[Outcome]:
    return _work(flight, [key[::-1] for key in keys], folder)


def test_a_worker_with_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "_work", _other_work)
    wanted = members(["baseline"], draws=1, end=2013)
    with pytest.raises(InputError, match="another version of sscsim"):
        run_ensemble(wanted, RunStore(tmp_path / "store"), "processes", workers=1)


@pytest.mark.slow
def test_an_unguarded_script_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from sscsim.experiments import RunStore, run_ensemble
        from sscsim.experiments.members import members
        run_ensemble(members(["baseline"], end=2013), RunStore("store"), "processes", workers=1)
        """)
    )
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "sscsim.errors.SscsimError: no worker process could be started."
    )


def test_workers_keep_to_one_thread() -> None:
    pool = executors.process_pool(1)
    try:
        assert pool.submit(_threads).result() == ({"1"}, {1})
        assert pool.submit(_interrupt).result() == signal.SIG_IGN
    finally:
        pool.shutdown()


def _threads() -> tuple[set[str | None], set[int]]:
    from threadpoolctl import threadpool_info

    import sscsim.model  # noqa: F401 - draws in all that computes

    told = {os.environ.get(name) for name in executors.THREAD_VARIABLES}
    return told, {pool["num_threads"] for pool in threadpool_info()}


def _interrupt() -> object:
    return signal.getsignal(signal.SIGINT)


# ---------------------------------------------------------------------------------------------- Dask


def test_without_dask_what_to_install_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    wanted = members(["baseline"], end=2013)
    with pytest.raises(InputError, match=r'pip install "sscsim\[parallel\]"'):
        run_ensemble(wanted, RunStore(tmp_path / "store"), "dask")


class Cluster:
    """A scheduler and two workers, processes of their own on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = (folder / "log.txt").open("w")
        file = folder / "scheduler.json"
        common = ("--no-dashboard", "--host", "127.0.0.1")
        self.scheduler = self._start(
            "scheduler", *common, "--port", "0", "--scheduler-file", str(file)
        )
        deadline = time.monotonic() + 60
        while not (file.exists() and file.stat().st_size):
            assert self.scheduler.poll() is None, (folder / "log.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.workers = [
            self._start(
                "worker",
                *("--scheduler-file", str(file), "--no-nanny", "--nthreads", "1", *common),
                *("--local-directory", str(folder / f"worker{i}"), "--name", f"worker{i}"),
            )
            for i in range(2)
        ]
        import json

        self.address: str = json.loads(file.read_text())["address"]

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
            cwd=ROOT,  # where `sscsim` is found
            stdout=self.log,
            stderr=self.log,
        )

    def wait_for_workers(self) -> None:
        """Both take part from the beginning, however slowly they start."""
        from dask.distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    (tmp_path / "cluster").mkdir()
    made = Cluster(tmp_path / "cluster")
    try:
        made.wait_for_workers()
        yield made
    finally:
        made.close()


@pytest.mark.long
class TestDask:
    pytestmark = quiet

    def test_a_cluster_of_two_workers_loses_one(
        self, serial: EnsembleResult, cluster: Cluster, tmp_path: Path
    ) -> None:
        whole = run_ensemble(
            serial.members[:20],
            RunStore(tmp_path / "whole"),
            "dask",
            scheduler=cluster.address,
        )
        assert (whole.run, whole.failed) == (20, 0)
        assert not list((tmp_path / "whole" / ".staging").iterdir())

        def kill(tally: Tally) -> None:
            if tally.done == 6:
                cluster.workers[0].kill()
                cluster.workers[0].wait()

        store = RunStore(tmp_path / "store")
        result = run_ensemble(
            serial.members, store, "dask", scheduler=cluster.address, progress=kill
        )
        # What the lost worker had written, but not said, is found by the one that takes its place.
        assert result.run + result.stored == 40
        assert result.stored <= 12
        assert result.failed == 0
        assert result.content_hash == serial.content_hash
        assert store.verify().sound
        again = EnsembleResult(serial.members[:20], store, Tally(20))
        assert whole.content_hash == again.content_hash

    def test_workers_that_do_not_see_the_store_send_their_files(
        self,
        serial: EnsembleResult,
        cluster: Cluster,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        @contextmanager
        def unseen(store: RunStore) -> Iterator[str]:
            yield "no-such-file"

        monkeypatch.setattr(executors, "_token", unseen)
        store = RunStore(tmp_path / "store")
        wanted = serial.members[:6]
        result = run_ensemble(wanted, store, "dask", scheduler=cluster.address)
        assert (result.run, result.failed) == (6, 0)
        same = EnsembleResult(wanted, serial.store, Tally(6))
        assert result.content_hash == same.content_hash
        assert store.verify().sound

    @pytest.mark.parametrize(
        "keep",
        [
            pytest.param("outcomes", marks=pytest.mark.slow),
            "standard",
            pytest.param("full", marks=pytest.mark.slow),
        ],
    )
    def test_workers_without_the_store_are_killed_and_the_ensemble_resumed(
        self, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str
    ) -> None:
        @contextmanager
        def unseen(store: RunStore) -> Iterator[str]:
            yield "no-such-file"

        class Killed(Exception):
            """Stands for whatever ends the caller."""

        def kill(tally: Tally) -> None:
            if tally.run == 1:
                cluster.workers[0].kill()
                cluster.workers[0].wait()
            if tally.run == 3:
                raise Killed

        monkeypatch.setattr(executors, "_token", unseen)
        wanted = members(["baseline", "trade-integration"], draws=4, end=2014, keep=keep)
        store = RunStore(tmp_path / "store")
        with pytest.raises(Killed):
            run_ensemble(wanted, store, "dask", scheduler=cluster.address, progress=kill)
        assert 3 <= len(list(store.keys())) < 8
        result = run_ensemble(wanted, store, "dask", scheduler=cluster.address)
        assert (result.stored + result.run, result.failed) == (8, 0)
        assert result.stored >= 3
        found = store.verify()
        assert (found.whole, found.damaged, found.foreign) == (8, {}, [])
        near = run_ensemble(wanted, RunStore(tmp_path / "near"))
        assert result.content_hash == near.content_hash

    @pytest.mark.slow
    def test_a_cluster_of_this_machine(self, serial: EnsembleResult, tmp_path: Path) -> None:
        pytest.importorskip("distributed")
        store = RunStore(tmp_path / "store")
        result = run_ensemble(serial.members, store, "dask", workers=2)
        assert (result.run, result.failed) == (40, 0)
        assert result.content_hash == serial.content_hash

    @pytest.mark.slow
    def test_a_lost_cluster_keeps_what_is_done(
        self, serial: EnsembleResult, cluster: Cluster, tmp_path: Path
    ) -> None:
        def kill(tally: Tally) -> None:
            if tally.done == 4:
                cluster.close()

        store = RunStore(tmp_path / "store")
        with pytest.raises(SscsimError, match="was lost"):
            run_ensemble(serial.members, store, "dask", scheduler=cluster.address, progress=kill)
        assert len(list(store.keys())) >= 4
        result = run_ensemble(serial.members, store)
        assert result.content_hash == serial.content_hash

    @pytest.mark.parametrize(
        "when",
        [
            "before a worker is there",
            "at the first member",
            pytest.param("later", marks=pytest.mark.slow),
        ],
    )
    def test_a_scheduler_that_dies_is_one_sentence(
        self, cluster: Cluster, tmp_path: Path, capfd: pytest.CaptureFixture[str], when: str
    ) -> None:
        def kill(tally: Tally) -> None:
            if tally.done == {"at the first member": 1, "later": 3}.get(when):
                cluster.scheduler.kill()
                cluster.scheduler.wait()

        if when == "before a worker is there":
            for worker in cluster.workers:
                worker.kill()
            threading.Timer(2.0, cluster.scheduler.kill).start()
        store = RunStore(tmp_path / "store")
        wanted = members(["baseline"], draws=12, source="defaults", end=2014)
        with pytest.raises(OutputError, match=r"the Dask cluster at tcp.* was lost"):
            run_ensemble(wanted, store, "dask", scheduler=cluster.address, progress=kill)
        said = capfd.readouterr()
        assert (said.out, said.err) == ("", "")
        # Workers outlive their scheduler for a while and may be writing a member: ended, what they leave is swept.
        # What the caller itself had put there is never swept while it lives, and must be gone.
        cluster.close()
        assert store.verify().sound
        assert not list((store.folder / ".staging").iterdir())
        assert run_ensemble(wanted, store).content_hash

    @pytest.mark.parametrize("how", ["nobody", "no address", "hangs up", "no Dask", "says nothing"])
    def test_what_is_no_scheduler_is_one_sentence(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        how: str,
    ) -> None:
        pytest.importorskip("distributed")
        monkeypatch.setattr(executors, "SECONDS_FOR_A_SCHEDULER", 1)
        wanted = members(["baseline"], end=2013)
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"tcp://127.0.0.1:{server.getsockname()[1]}"

            def serve() -> None:
                kept = []
                with contextlib.suppress(OSError):  # closed below
                    while True:
                        talk, _ = server.accept()
                        kept.append(talk)
                        if how == "no Dask":
                            talk.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        if how != "says nothing":
                            talk.close()

            threading.Thread(target=serve, daemon=True).start()
            address = {"nobody": "tcp://127.0.0.1:1", "no address": "nonsense://here"}.get(
                how, address
            )
            with pytest.raises(InputError, match="no Dask scheduler answers") as caught:
                run_ensemble(wanted, RunStore(tmp_path / "store"), "dask", scheduler=address)
        assert caught.value.found == address
        said = capfd.readouterr()
        assert (said.out, said.err) == ("", "")

    def test_a_worker_is_no_scheduler(self, cluster: Cluster, tmp_path: Path) -> None:
        from dask.distributed import Client

        with Client(cluster.address, set_as_default=False) as client:
            workers = list(client.scheduler_info()["workers"])
        wanted = members(["baseline"], end=2013)
        with pytest.raises(InputError, match="no Dask scheduler answers"):
            run_ensemble(wanted, RunStore(tmp_path / "store"), "dask", scheduler=workers[0])
