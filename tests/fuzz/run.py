"""Try many inputs of every kind: ``python -m tests.fuzz.run [--count N] [--seed S]``, or ``make fuzz``.

Files, saved runs, stores, corners of what may be asked for, and places where commands run. Right is exit code 0, or 2
with one message; wrong are a traceback, an input that takes longer than two seconds, and anything written outside the
folder of the output. The seed is printed: with it, and ``--only NUMBER``, a find is repeated, and its folder is kept.
"""

from __future__ import annotations

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz._inputs import GENERATORS
from tests.fuzz._trials import Report, Trial, as_json, trials


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5000, help="how many inputs")
    parser.add_argument("--seed", type=int, help="where they come from; a new one by default")
    parser.add_argument("--kinds", default="", help=f"some of {', '.join(sorted(GENERATORS))}")
    parser.add_argument("--only", type=int, help="one trial of a seed")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.kinds = tuple(kind for kind in asked.kinds.split(",") if kind)
    for kind in asked.kinds:
        if kind not in GENERATORS:
            parser.error(f"no kind is called {kind}")
    return asked


def _several(asked: argparse.Namespace, folder: Path) -> Report:
    """Let several processes share the trials; each prints a line for every one it has made."""
    workers = []
    for part in range(asked.workers):
        command = [sys.executable, "-m", "tests.fuzz.run", "--seed", str(asked.seed)]
        command += ["--count", str(asked.count), "--part", f"{part}/{asked.workers}"]
        command += ["--kinds", ",".join(asked.kinds)] * bool(asked.kinds)
        log = (folder / f"part{part}").open("w+")
        workers.append((subprocess.Popen(command, stdout=log), log))
    report = Report()
    for worker, log in workers:
        worker.wait()
        log.seek(0)
        for line in log:
            if line.startswith("{"):
                report.trials.append(Trial(**{k: tuple(v) if isinstance(v, list) else v
                                              for k, v in json.loads(line).items()}))  # fmt: skip
        log.close()
    return report


def main() -> int:
    """Make the trials and print what came of them; 1 if anything went wrong."""
    asked = _arguments()
    if asked.seed is None:
        asked.seed = secrets.randbelow(10**6)
    # The folder stays where something went wrong.
    folder = Path(tempfile.mkdtemp(prefix="sscsim-fuzz-"))
    numbers = range(asked.count)
    if asked.part:
        first, step = map(int, asked.part.split("/"))
        for trial in trials(numbers[first::step], asked.seed, folder / "trials", asked.kinds, True):
            print(as_json(trial), flush=True)
        return 0
    again = f"python -m tests.fuzz.run --seed {asked.seed}"
    again += f" --kinds {','.join(asked.kinds)}" if asked.kinds else ""
    print(f"seed {asked.seed}: {again} --count {asked.count}", flush=True)
    began = time.monotonic()
    if asked.workers > 1 and asked.only is None:
        report = _several(asked, folder)
    else:
        report = Report()
        if asked.only is not None:
            numbers = range(asked.only, asked.only + 1)
        for trial in trials(numbers, asked.seed, folder / "trials", asked.kinds, True):
            report.trials.append(trial)
            if trial.wrong:
                print(f"WRONG {trial}\n  " + "\n  ".join(trial.wrong), flush=True)
    return _said(report, again, time.monotonic() - began, asked.workers > 1)


def _said(report: Report, again: str, seconds: float, all_at_once: bool) -> int:
    if all_at_once:
        for trial in report.wrong:
            print(f"WRONG {trial}\n  " + "\n  ".join(trial.wrong))
    for kind, codes in report.codes().items():
        print(f"  {kind:12} " + ", ".join(f"{n} ended with {c}" for c, n in sorted(codes.items())))
    slowest = report.slowest
    print(
        f"{len(report.trials)} inputs in {seconds:.0f} s, {len(report.wrong)} wrong; "
        f"slowest {slowest.seconds:.2f} s: {slowest}"
    )
    for trial in report.wrong[:20]:
        print(f"  again: {again} --only {trial.number}")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
