"""Where commands run: encodings, closed and full outputs, narrow screens, missing homes, signals while saving."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from random import Random

from sscsim.cli.terminal import READER_LEFT
from tests.fuzz._inputs import OUT, Given, Input, Surroundings, generator

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("--version",),
    ("run", "--help"),
    ("plan",),
    ("plan", "trade"),
    ("plan", "--variables"),
    ("explain", "trade_elasticity"),
    ("explain", "parameters"),
    ("explain", "trade_cost"),
    ("explain", "no_such_name"),
    ("scenario", "list"),
    ("scenario", "levers"),
    ("scenario", "show", "full-agenda"),
    ("scenario", "diff", "baseline", "bank-expansion"),
    ("scenario", "show", "nobody"),
    ("data", "show", "CIV"),
    ("data", "show", "ZZZ"),
    ("data", "sources"),
    ("data", "check", "--notes"),
    ("targets",),
    ("targets", "--csv"),
    ("bank", "list"),
    ("bank", "NDB"),
    ("show", "saved"),
    ("show", "saved", "--country", "BRA"),
    ("show", "saved", "--csv"),
    ("targets", "--run", "saved"),
    ("store", "ls", "--store", "store"),
    ("store", "verify", "--store", "store"),
    ("run", "--end", "2013", "--out", f"{OUT}/run"),
    ("plot", "saved", "--figure", "goals", "--out", f"{OUT}/figures"),
)
ENCODINGS = ("ascii", "latin-1", "cp1252", "cp437", "koi8-r", "gb18030", "utf-16", "utf-8")
VARIABLES: tuple[tuple[str, str | None], ...] = (
    *(("COLUMNS", text) for text in ("0", "1", "2", "10", "20", "500", "99999", "-3", "wide", "")),
    *(("LINES", text) for text in ("0", "1", "x")),
    ("NO_COLOR", "1"),
    ("NO_COLOR", ""),
    ("FORCE_COLOR", "1"),
    ("TERM", "dumb"),
    ("TERM", None),
    ("HOME", None),
    ("HOME", "/no/such/folder"),
    ("LANG", "C"),
    ("LC_ALL", "xx_XX.nothing"),
    ("TZ", "nowhere"),
    ("TMPDIR", "/no/such/folder"),
    ("SSCSIM_STORE", "\x1b[31m"),
    ("SSCSIM_STORE", ""),
    ("MPLBACKEND", "nothing"),
    ("OMP_NUM_THREADS", "many"),
)


@generator("surroundings", 6)
def surroundings(rng: Random, folder: Path, given: Given) -> Input:
    """Return a common command somewhere uncommon."""
    words = rng.choice(COMMANDS)
    if "saved" in words:
        shutil.copytree(given.run, folder / "saved")
    if "store" in words:
        shutil.copytree(given.store, folder / "store")
    encoding = rng.choice(ENCODINGS) if rng.random() < 0.5 else "utf-8"
    output = rng.choice(["closed", "unread", "full"]) if rng.random() < 0.3 else "file"
    variables = dict(rng.sample(VARIABLES, rng.choice([0, 0, 1, 2])))
    limits = {}
    if rng.random() < 0.1:
        limits = rng.choice([{"RLIMIT_NOFILE": 24}, {"RLIMIT_FSIZE": 2000}, {"RLIMIT_FSIZE": 0}])
    lost = rng.random() < 0.03
    # Nobody reads: its own code. Nothing can be written: a code that is not ours nor the user's mistake.
    codes = (0, 2, *(READER_LEFT,) * (output == "unread"))
    what = f"{encoding}, output {output}, {variables}, {limits}{', folder lost' * lost}"
    return Input(
        what, words, around=Surroundings(encoding, output, variables, limits, lost), codes=codes
    )


@generator("signals", 2)
def signals(rng: Random, folder: Path, given: Given) -> Input:
    """Return a command that somebody stops, and the same again, which must find nothing in its way."""
    which = rng.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
    delay = rng.choice([rng.uniform(0.0, 0.1), rng.uniform(0.0, 2.0)])
    words = rng.choice(
        [
            ("run", "--end", "2013", "--out", f"{OUT}/run", "--quiet"),
            ("run", "--end", "2013", "--keep", "full", "--out", f"{OUT}/run", "--quiet"),
            (
                *("ensemble", "baseline", "--draws", "2", "--end", "2013", "--executor", "serial"),
                *("--store", f"{OUT}/store", "--quiet"),
            ),
        ]
    )
    # Ctrl-C is heard and answered; the others end the process where it stands.
    codes = (0, 2) if which == signal.SIGINT else (0, -which)
    return Input(
        f"{which.name} after {delay:.3f} s",
        words,
        around=Surroundings(signal_after=(delay, which)),
        codes=codes,
        after=words,
    )
