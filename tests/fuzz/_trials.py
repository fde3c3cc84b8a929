"""A trial: one input, used as a user would use it, in a process of its own that is watched for what must not happen.

The process is a copy of one in which everything is loaded already: a trial costs what it does and no more, nothing of
it is left behind, and one that does not end can be ended.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import re
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from sscsim.calibration.outputs import write_posterior
from sscsim.cli.main import COMMANDS, cli
from sscsim.errors import SscsimError
from sscsim.files import write_text
from sscsim.world.loading import load_world
from tests._posteriors import SETTINGS, made_up
from tests.fuzz import _corners, _files, _kept, _saved, _surroundings  # noqa: F401 - they enter their generators
from tests.fuzz._inputs import GENERATORS, OUT, Given, Input
from tests.fuzz._mutations import CANARY

__all__ = ["QUICK", "Report", "Trial", "prepare", "trials"]

QUICK = 2.0
"""Seconds of processor time that an input may cost beyond what the same command costs with sound files."""
ENDS = 30
"""Seconds after which a process that waits for something is ended."""
MEMORY = 3 * 2**30
"""Bytes that a trial may take."""
LONGEST = 4000
"""Letters of a message."""


@dataclass(frozen=True)
class Trial:
    """What came of one input."""

    number: int
    kind: str
    what: str
    words: tuple[str, ...]
    code: int
    seconds: float
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number}, {self.kind} ({self.what}): sscsim {' '.join(self.words)[:300]}"


@dataclass
class Report:
    """What came of many."""

    trials: list[Trial] = field(default_factory=list)

    @property
    def wrong(self) -> list[Trial]:
        """Those in which something happened that must not."""
        return [trial for trial in self.trials if trial.wrong]

    def codes(self) -> dict[str, Counter[int]]:
        """Return how often each kind of input ended with each exit code."""
        found: dict[str, Counter[int]] = {}
        for trial in self.trials:
            found.setdefault(trial.kind, Counter())[trial.code] += 1
        return dict(sorted(found.items()))

    @property
    def slowest(self) -> Trial:
        """The one that cost most."""
        return max(self.trials, key=lambda trial: trial.seconds)


# ---------------------------------------------------------------------------------------------------- what is made once


def _sscsim(*words: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        cli.main(list(words), standalone_mode=False)


def prepare(folder: Path) -> Given:
    """Make what trials copy, and load all that commands load."""
    for module, _, _ in COMMANDS.values():
        __import__(module)
    _sscsim("run", "--end", "2014", "--out", str(folder / "run"), "--quiet")
    more = ("--end", "2013", "--executor", "serial", "--store", str(folder / "store"), "--quiet")
    _sscsim("ensemble", "baseline", "--draws", "2", *more)
    pairs = ("compare", "baseline", "global-slowdown", "--draws", "2", "--indicator", "exports")
    with contextlib.redirect_stderr(io.StringIO()):
        _sscsim(*pairs, *more, "--out", str(folder / "comparison"))
    (folder / "fit").mkdir()
    write_text(folder / "fit" / "settings.json", json.dumps(SETTINGS))
    write_posterior(made_up(), folder / "fit", SETTINGS)
    _sscsim("export", str(folder / "comparison"), "--to", "csv", "--out", str(folder / "tables"))
    _sscsim("page", "--out", str(folder / "page.html"))
    with contextlib.suppress(SystemExit):
        _sscsim("diagnose", str(folder / "fit"), "--out", str(folder / "diagnosis.html"))
    _sscsim("plot", str(folder / "run"), "--figure", "growth", "--out", str(folder / "figures"))
    for words in (
        ("show", str(folder / "run")),
        ("bank", "list"),
        ("scenario", "list"),
        ("targets",),
    ):
        _sscsim(*words)
    with contextlib.suppress(SscsimError):  # names of countries are read when one is not known
        _sscsim("data", "show", "ZZZ")
    gc.collect()
    gc.freeze()  # what is loaded is not looked through again in every copy
    return Given(
        *(folder / name for name in ("run", "store", "comparison", "fit")), load_world().iso3
    )


# ------------------------------------------------------------------------------------------------------ inside the copy

_FORBIDDEN = frozenset(
    "os.system os.exec os.posix_spawn os.spawn os.fork os.forkpty pickle.find_class".split()  # noqa: SIM905
)
# Where in the arguments of an event paths stand, each with the place of the folder that it is relative to.
_PATHS: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.chmod": ((0, 2),),
    "os.truncate": ((0, None),),
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Watch:
    """Notes what is written outside the folder, executed or sent."""

    def __init__(self, folder: Path, log: int) -> None:
        self.inside = (str(folder / OUT), os.devnull)
        self.log = log
        self.on = True
        sys.addaudithook(self.hear)

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            if isinstance(args[2], int) and args[2] & _WRITES:
                self.check(event, args[0], None)
        elif event in _PATHS:
            for at, base in _PATHS[event]:
                self.check(event, args[at], None if base is None else args[base])
        elif event in _FORBIDDEN or event.startswith(("subprocess.", "socket.connect")):
            self.say(f"{event} {args!r}")

    def check(self, event: str, place: Any, base: int | None) -> None:
        if isinstance(place, int):
            return  # it was looked at when it was opened
        self.on = False  # what is asked here is not the trial's
        try:
            path = os.fsdecode(place)
            if base is not None and base >= 0:
                path = os.path.join(os.readlink(f"/proc/self/fd/{base}"), path)  # noqa: PTH115, PTH118
            path = os.path.realpath(path)
            if not path.startswith(self.inside) and "__pycache__" not in path:
                self.say(f"{event} {path!r}")
        finally:
            self.on = True

    def say(self, text: str) -> None:
        os.write(self.log, text.encode("utf-8", errors="replace")[:300] + b"\n")


def _streams(made: Input, folder: Path) -> None:
    """Let the standard streams be what the input says."""
    around = made.around
    for number, name in ((1, "stdout"), (2, "stderr")):
        # What is printed to nobody is judged by the exit code; errors are kept all the same.
        output = around.output if number == 1 else "file"
        if output == "closed":
            os.close(number)
            setattr(sys, name, None)
            continue
        if output == "unread":
            read, target = os.pipe()
            os.close(read)
        elif output == "full":
            target = os.open("/dev/full", os.O_WRONLY)
        else:
            target = os.open(folder / f".{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(target, number)
        os.close(target)
        raw = io.FileIO(number, "w", closefd=False)
        stream = io.TextIOWrapper(io.BufferedWriter(raw), around.encoding, line_buffering=False)
        setattr(sys, name, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, "r", closefd=False))


def _surround(made: Input) -> None:
    for name, value in made.around.variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if made.around.lost:
        gone = Path("gone")
        gone.mkdir()
        os.chdir(gone)
        os.rmdir("../gone")  # noqa: PTH106 - a path that is resolved would be none


def _use(made: Input) -> int:
    """Do with an input what it says, and return the exit code."""
    try:
        if made.call is not None:
            made.call()
            return 0
        cli.main(list(made.words))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except SscsimError as failure:
        sys.stderr.write(f"Error: {failure}\n")
        return failure.exit_code
    except KeyboardInterrupt:
        # Between two commands: what the console script says then, see `sscsim.__main__`.
        return 2
    return 0


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _inside(made: Input, folder: Path, log: int, allowed: float) -> NoReturn:
    code = 70
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.chdir(folder)
        _streams(made, folder)
        _surround(made)
        _Watch(folder, log)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        # Whole seconds only; what is above is found by what was used.
        resource.setrlimit(resource.RLIMIT_CPU, (int(allowed) + 3, int(allowed) + 6))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(ENDS)
        if made.around.signal_after is None:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name, most in made.around.limits.items():
            resource.setrlimit(getattr(resource, name), (most, most))
        code = _use(made)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.flush()
    except KeyboardInterrupt:
        code = 2  # before the command has begun
    except BaseException:
        with contextlib.suppress(BaseException):
            os.write(log, b"uncaught: " + traceback.format_exc().encode()[-1500:])
    finally:
        os._exit(code)


# ----------------------------------------------------------------------------------------------------- outside the copy


@dataclass(frozen=True)
class _Ended:
    code: int
    seconds: float
    told: str


def _copy(made: Input, folder: Path, allowed: float) -> _Ended:
    """Use an input in a copy of this process."""
    place = folder / ".log"
    log = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries are asleep
        # A signal that came before the copy knows that it is one would end this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        child = os.fork()
    if child == 0:
        _inside(made, folder, log, allowed)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    os.close(log)
    if made.around.signal_after is not None:
        delay, which = made.around.signal_after
        time.sleep(delay)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, which)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    told = place.read_text(encoding="utf-8", errors="replace")
    place.unlink()
    return _Ended(code, usage.ru_utime + usage.ru_stime, told)


_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NEVER = ("Traceback (most recent", "Internal error", "Warning:")


def _said(folder: Path, name: str, encoding: str) -> str:
    path = folder / f".{name}"
    if not path.exists():
        return ""
    text = path.read_bytes().decode(encoding, errors="replace")
    path.unlink()
    return text


def _judge(made: Input, ended: _Ended, folder: Path, allowed: float) -> list[str]:
    """Return what happened that must not."""
    out, err = (_said(folder, name, made.around.encoding) for name in ("stdout", "stderr"))
    wrong = [line for line in ended.told.split("\n") if line]
    if ended.code not in made.codes:
        endless = ended.code in (-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL)
        wrong.append("it does not end" if endless else f"exit code {ended.code}")
    if ended.seconds > allowed:
        wrong.append(f"{ended.seconds:.1f} s, {allowed:.1f} s are allowed")
    for text in (out, err):
        wrong += [f"it says {bad!r}" for bad in _NEVER if bad in text]
        if "--csv" not in made.words and made.around.encoding != "utf-16":
            wrong += [f"it prints {found!r} raw" for found in sorted(set(_RAW.findall(text)))]
    heard = made.around.output == "file" and not made.around.limits
    if ended.code == 2 and not (err + out).strip() and heard and not made.around.signal_after:
        wrong.append("it refuses without a word")
    if len(err) > LONGEST:
        wrong.append(f"a message of {len(err)} letters")
    if (folder / CANARY).exists():
        wrong.append("something was executed")
    if wrong:
        wrong += [f"stderr: {err.strip()[-800:]}"] * bool(err.strip())
    return wrong


def _left(folder: Path) -> list[str]:
    """Return what a command that was stopped has left behind and the next one has not swept away."""
    return sorted(
        str(path.relative_to(folder))
        for path in (folder / OUT).rglob("*")
        if path.name.endswith((".partial", ".tmp")) or path.parent.name == ".staging"
    )


def one(
    number: int, seed: int, folder: Path, given: Given, kinds: tuple[str, ...], unit: float
) -> Trial:
    """Make an input by the number of the trial, use it, and say what was wrong."""
    rng = Random(f"{seed} {number}")
    weights = [GENERATORS[kind][0] for kind in kinds]
    kind = rng.choices(kinds, weights)[0]
    (folder / OUT).mkdir(parents=True)
    made = GENERATORS[kind][1](rng, folder, given)
    simulates = 1 + max(
        (int(made.words[made.words.index("--end") + 1]) - 2013 if "--end" in made.words else 0), 0
    )
    allowed = QUICK + unit * simulates * ("--end" in made.words)
    ended = _copy(made, folder, allowed)
    wrong = _judge(made, ended, folder, allowed)
    if made.after:
        again = Input("again", made.after)
        after = _copy(again, folder, allowed)
        wrong += _judge(again, after, folder, allowed)
        wrong += [f"left behind: {path}" for path in _left(folder)]
        if after.code != 0:
            wrong.append(f"the same command once more ends with {after.code}")
    return Trial(number, kind, made.what, made.words, ended.code, ended.seconds, tuple(wrong))


def unit_of(given: Given, folder: Path) -> float:
    """Return the processor time of a run of the base year, in a copy, by which trials that simulate are judged."""
    words = ("run", "--end", "2013", "--quiet", "--out", f"{OUT}/run")
    found = []
    for i in range(2):
        place = folder / f"unit{i}"
        (place / OUT).mkdir(parents=True)
        ended = _copy(Input("sound", words), place, 60.0)
        if ended.code != 0 or ended.told:
            raise AssertionError(f"a sound run ends with {ended.code}: {ended.told}")
        found.append(ended.seconds)
        shutil.rmtree(place)
    return max(found)


def trials(
    numbers: range, seed: int, folder: Path, kinds: tuple[str, ...] = (), keep: bool = False
) -> Iterator[Trial]:
    """Yield what comes of each trial.

    Parameters
    ----------
    kinds
        Of inputs; all without one.
    keep
        Whether the folders of those that went wrong stay.
    """
    (folder / "given").mkdir(parents=True)
    given = prepare(folder / "given")
    unit = unit_of(given, folder)
    for number in numbers:
        place = folder / f"trial{number}"
        trial = one(number, seed, place, given, kinds or tuple(GENERATORS), unit)
        yield trial
        if not (keep and trial.wrong):
            shutil.rmtree(place, ignore_errors=True)


def as_json(trial: Trial) -> str:
    """Return a trial as a line."""
    return json.dumps(vars(trial))
