"""What killed processes leave half-written is swept: ours alone, and of the dead alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from sscsim import staging
from sscsim.results import Run
from sscsim.staging import STALE_SECONDS, beside, machine, staged, sweep
from tests.results.test_saved_runs import make_run, only

ROOT = Path(__file__).resolve().parents[1]

SAVER = """
    import os, signal, sys, time
    sys.path.insert(0, {root!r})
    from pathlib import Path
    from sscsim.results import writing
    from tests.results.test_saved_runs import make_run

    write, times = writing._write, []

    def slow(path, data):
        times.append(path)
        if len(times) == {after}:
            path.write_bytes(data[: len(data) // 2])
            print("ready", flush=True)
            time.sleep(60)
        write(path, data)

    def rename(self, target, before=Path.rename):
        found = before(self, target)
        if {after} == 0 and Path(target).name.endswith(".replaced"):
            print("ready", flush=True)
            time.sleep(60)
        return found

    writing._write = slow
    Path.rename = rename
    make_run(factor=2.0).save({place!r})
"""


def killed(place: Path, after: int, with_: int) -> None:
    """Let a process be killed while it saves: at its n-th file, or (0) between the two renames."""
    text = textwrap.dedent(SAVER).format(root=str(ROOT), after=after, place=str(place))
    process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(with_)
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("with_", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("after", [1, 3, 5])
def test_the_next_run_sweeps(tmp_path: Path, with_: int, after: int) -> None:
    killed(tmp_path / "run", after, with_)
    assert [name.endswith(".partial") for name in only(tmp_path)] == [True]
    run = make_run()
    run.save(tmp_path / "other")  # of whatever name
    assert only(tmp_path) == ["other"]


def test_opening_sweeps_beside_what_is_opened(tmp_path: Path) -> None:
    run = make_run()
    run.save(tmp_path / "run")
    killed(tmp_path / "run", 2, signal.SIGTERM)
    assert len(only(tmp_path)) == 2
    assert Run.load(tmp_path / "run") == run
    assert only(tmp_path) == ["run"]


@pytest.mark.parametrize("again", ["open", "save", "save another"])
def test_what_was_put_aside_is_put_back(tmp_path: Path, again: str) -> None:
    run = make_run()
    run.save(tmp_path / "run")
    killed(tmp_path / "run", 0, signal.SIGKILL)
    assert "run" not in only(tmp_path)
    if again == "open":
        assert Run.load(tmp_path / "run") == run
    elif again == "save":
        make_run(factor=3.0).save(tmp_path / "run")
        assert Run.load(tmp_path / "run") == make_run(factor=3.0)
    else:
        make_run(factor=3.0).save(tmp_path / "another")
        assert Run.load(tmp_path / "run") == run
    assert not [name for name in only(tmp_path) if name.startswith(".")]


def a_dead_process() -> int:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    return dead.pid


def test_what_is_not_ours_or_not_dead_stays(tmp_path: Path) -> None:
    dead = a_dead_process()
    names = {
        "of a living process": f".run.{machine()}-{os.getpid()}-abcd1234.partial",
        "of another machine": ".run.0123456789ab-1-abcd1234.partial",
        "of a user": ".run.mine.partial",
        "of a user, too": ".run.partial",
        "not hidden": f"run.{machine()}-{dead}-abcd1234.partial",
        "with another end": f".run.{machine()}-{dead}-abcd1234.part",
        "without a name": f"..{machine()}-{dead}-abcd1234.partial",
        "a process of too many digits": f".run.{machine()}-{'9' * 30}-abcd1234.partial",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
    (tmp_path / f".file.{machine()}-{dead}-abcd1234.partial").write_text("a file")
    (tmp_path / f".link.{machine()}-{dead}-abcd1234.partial").symlink_to(tmp_path)
    before = only(tmp_path)
    assert sweep(tmp_path) == 0
    assert only(tmp_path) == before


def test_what_another_machine_left_goes_after_a_day(tmp_path: Path) -> None:
    old = tmp_path / ".run.0123456789ab-1-abcd1234.partial"
    new = tmp_path / ".run.0123456789ab-1-abcd1235.partial"
    for place in (old, new):
        place.mkdir()
    os.utime(old, (time.time() - STALE_SECONDS - 60,) * 2)
    assert sweep(tmp_path) == 1
    assert only(tmp_path) == [new.name]


def test_only_neighbours_of_a_name_are_looked_at_when_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = (beside(tmp_path / name, "partial") for name in ("run", "other"))
    monkeypatch.setattr(staging, "_alive", lambda pid: False)
    assert sweep(tmp_path, "run") == 1
    assert only(tmp_path) == [other.name]
    assert mine != other


def test_a_long_name_is_not_given_back_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = beside(tmp_path / ("x" * 200), "replaced")
    (aside / "manifest.json").write_text("{}")
    monkeypatch.setattr(staging, "_alive", lambda pid: False)
    assert sweep(tmp_path) == 0  # the only copy, of a name that is not known whole
    assert only(tmp_path) == [aside.name]


def test_a_staged_folder_is_gone_afterwards(tmp_path: Path) -> None:
    def stopped() -> None:
        with staged(tmp_path, "figures") as place:
            (place / "half").write_text("")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert only(tmp_path) == []


def test_a_folder_that_cannot_be_read_is_left_without_a_word(tmp_path: Path) -> None:
    assert sweep(tmp_path / "nowhere") == 0
    (tmp_path / "file").write_text("")
    assert sweep(tmp_path / "file") == 0
