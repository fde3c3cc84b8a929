"""What the page's emulator is worth: its errors on settings that it has not seen, its size, its time.

1. Every item that is shown has an error of at most a tenth of the range of its effect; the page's maps, lines, wheel,
   matrix and banks are all shown in part, and bands that are to hold 90 % of runs hold 80 to 97 %.
2. The file takes at most 2 MB.
3. A prediction of all outputs takes at most 100 ms, as the page is to.
4. With ``--again N``: N more settings, run with all of the emulator's draws, some 16 runs each; the median error of the
   items that are shown is at most a tenth, too.

Run: ``python benchmarks/page_emulator.py [--emulator FILE] [--again N] [--workers N] [--json FILE]``; exits with 1 when
a bound is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from _timing import header, measure, save_json

# isort: split
import numpy as np

from sscsim.page.design import Design, settings
from sscsim.page.emulator import THRESHOLD, Emulator, load, shipped_path
from sscsim.page.fit import judge
from sscsim.page.outputs import outputs
from sscsim.page.sliders import sliders
from sscsim.page.training import planned, read_runs, run_all, stale

NEEDED = (
    "goal_index",
    "income",
    "trade",
    "s_goal_index",
    "s_poverty",
    "s_trade_within",
    "s_projects",
    "goals",
    "m_projects",
    "b_outstanding",
)
"""Outputs that the page is not without."""

COVERAGE = (0.80, 0.97)
LARGEST = 2_000_000
SLOWEST = 0.1
SEED_OF_MORE = 3
"""Of the settings that are run again: others than those of training and of its errors."""


def table(emulator: Emulator) -> list[dict[str, object]]:
    """Return what is known of each output's emulator, a line each, and print it."""
    print(f"{'output':<20}{'items':>6}{'shown':>7}{'median':>9}{'worst shown':>13}{'in band':>9}")
    found = []
    for name, one in emulator.outputs.items():
        worst = float(one.error[one.shown].max()) if one.shown.any() else float("nan")
        inside = float(emulator.about["coverage"][name])
        shown = int(one.shown.sum())
        print(
            f"{name:<20}{len(one.error):>6}{shown:>7}{100 * one.error_all:>8.1f}%"
            f"{100 * worst:>12.1f}%{100 * inside:>8.0f}%"
        )
        found.append({"output": name, "shown": shown, "error": one.error_all, "inside": inside})
    return found


def again(emulator: Emulator, count: int, source: str, workers: int | None) -> dict[str, float]:
    """Return the median error of each output's shown items at settings that are run here and now."""
    more = Design([[]] * int(emulator.about["draws"]), settings(count, SEED_OF_MORE))
    runs = planned(more, source)
    run_all(runs, workers=workers)
    _, base = read_runs(runs.baseline)
    unseen = [read_runs(several)[1] for several in runs.unseen]
    found = {}
    for name, one in emulator.outputs.items():
        if one.shown.any():
            judged = judge(
                one, outputs().table[name], name, base, unseen, more.unseen, emulator.terms
            )
            found[name] = float(np.nanmedian(judged.error[one.shown]))
    return found


def main() -> int:
    """Print the errors and judge the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emulator", type=Path, default=None)
    parser.add_argument("--again", type=int, default=0, metavar="N")
    parser.add_argument("--source", default="posterior")
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    print(header())
    emulator = load(asked.emulator)
    lines = table(emulator)
    missed = [
        f"{name} has an item that is shown with an error above {THRESHOLD:.0%}"
        for name, one in emulator.outputs.items()
        if (one.error[one.shown] > THRESHOLD).any()
    ]
    missed += [f"{n} is not shown" for n in NEEDED if not emulator.outputs[n].shown.any()]
    coverage = float(emulator.about["validation"]["coverage"])
    if not COVERAGE[0] <= coverage <= COVERAGE[1]:
        missed.append(f"bands hold {coverage:.0%}")
    size = (asked.emulator or shipped_path()).stat().st_size
    if size > LARGEST:
        missed.append(f"the file takes {size / 1e6:.1f} MB")
    moved = {name: one.max for name, one in sliders().table.items()}
    time = measure(
        "all outputs at a setting", lambda: [emulator.predict(n, moved) for n in emulator.outputs]
    )
    print(time)
    if time.median > SLOWEST:
        missed.append(f"a prediction takes {1e3 * time.median:.0f} ms")
    print(f"bands hold {coverage:.1%} of unseen runs; {size / 1e6:.2f} MB")
    told = emulator.about
    print(f"{told['runs']} runs, {told['draws']} draws, {told['trained']}: {told['source']['en']}")
    for what in stale(told):
        print(f"others since then: {what}")
    if asked.again:
        for name, error in again(emulator, asked.again, asked.source, asked.workers).items():
            print(f"again {name:<20}{100 * error:>8.1f}%")
            if name in NEEDED and error > THRESHOLD:
                missed.append(f"{name} misses by {error:.0%} at other settings")
    for what in missed:
        print(f"missed: {what}")
    if asked.json:
        save_json(asked.json, [time], {"outputs": lines, "coverage": coverage, "bytes": size})
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
