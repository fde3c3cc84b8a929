"""How long the fast fit takes, whether it meets the fitted figures, and whether it survives being killed.

    python benchmarks/fast_fit.py [--workers 2] [--budget 2500] [--paragraphs 79 80]

Fits the figures of some paragraphs of the report from the priors, once undisturbed and once killed three times on the
way and resumed, and compares what both leave behind byte by byte. Reference: every simulated fit row of paragraphs 79
and 80 met, in less than ten minutes on two cores that do nothing else; equal bytes. ``--paragraphs`` without a number
fits all rows, to 2034.
"""

from __future__ import annotations

import argparse
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MINUTES = 10.0
KILLED_AFTER = (0.15, 0.45, 0.8)
"""Share of the runs after which the fit is killed."""

COMPARED = ("best.yaml", "targets.csv", "region.csv", "points.csv", "screening.csv")


def command(folder: Path, options: argparse.Namespace) -> list[str]:
    words = ["--workers", str(options.workers), "--budget", str(options.budget)]
    for number in options.paragraphs:
        words += ["--paragraph", str(number)]
    return [
        *(
            sys.executable,
            "-m",
            "sscsim",
            "calibrate",
            "--method",
            "fast",
            "--out",
            str(folder),
        ),
        *words,
        *("--resume", "--quiet"),
    ]


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--budget", type=int, default=2500)
    parser.add_argument("--paragraphs", type=int, nargs="*", default=[79, 80])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        whole, killed = Path(place) / "whole", Path(place) / "killed"
        began = time.perf_counter()
        ended = subprocess.run(
            command(whole, options),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        minutes = (time.perf_counter() - began) / 60
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(ended.stdout)
        print(
            f"whole fit: {minutes:.1f} minutes on {options.workers} workers, "
            f"{(used.ru_utime + used.ru_stime) / 60:.1f} minutes of CPU, exit code {ended.returncode}"
        )
        runs = lines(whole / "observations.jsonl")
        for share in KILLED_AFTER:
            fit = subprocess.Popen(command(killed, options), stdout=subprocess.DEVNULL)
            while fit.poll() is None and lines(killed / "observations.jsonl") < share * runs:
                time.sleep(0.05)
            fit.send_signal(signal.SIGKILL)
            print(
                f"killed with {lines(killed / 'observations.jsonl')} of {runs} runs: {fit.wait()}"
            )
        subprocess.run(
            command(killed, options),
            stdout=subprocess.DEVNULL,
            check=False,
        )
        equal = {
            name: (whole / name).read_bytes() == (killed / name).read_bytes() for name in COMPARED
        }
        print(f"equal bytes after the kills: {equal}")
    return 0 if ended.returncode == 0 and all(equal.values()) and minutes < MINUTES else 1


if __name__ == "__main__":
    sys.exit(main())
