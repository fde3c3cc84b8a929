"""What scenarios of one draw save by running once to the year in which they part.

1. Members of three shipped scenarios, run and stored as ``compare`` does it, nothing stored before: process CPU time
   over that of as many members run and stored one by one (at most 0.7).
2. Ten scenarios that all begin in 2019, the same (at most 0.65).
3. ``compare`` of the three, everything stored: at most five runs' worth.

Everything in this process, one BLAS thread, the two sides of each ratio in turn after one of each that warms up, ratio
of medians of 7; contents are compared by hash. Compiled loops are taken up before the clock starts where there are any,
as a process takes them up that runs many members: otherwise loading them falls to whichever side it happens to.
Run: ``python benchmarks/shared_beginnings.py [--draws N] [--repeats N] [--json FILE]``; exits with 1 when a bound is
missed.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from _timing import REPEATS, Timing, header, save_json

# isort: split
from sscsim.compiled import SWITCH
from sscsim.experiments import RunStore, run_ensemble
from sscsim.experiments.members import Member, members
from sscsim.experiments.pairs import compare
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.world.keeping import forget

COMPARED = ("baseline", "no-cooperation", "full-agenda")
BOUNDS = {"compare three": 0.7, "ten from 2019": 0.65}
WARM_RUNS = 5.0
"""Runs that a comparison may cost when all of its members are stored."""

LEVERS = {
    "trade_cost": -0.05,
    "aid_volume": 1.2,
    "partner_budget": 2.0,
    "training": 5.0,
    "platform": 0.3,
    "bank_capital": 1.2,
    "credit_volume": 1.3,
    "reporting": 0.1,
    "third_party_cost": 0.7,
}


def ten() -> list[Scenario]:
    """Return the baseline and nine scenarios of one lever each, from 2019 on."""
    found = [Scenario("plain", {"en": "Plain"})]
    for name, value in LEVERS.items():
        setting = Setting(value=value, **{"from": 2019})
        found.append(Scenario(f"from-2019-{name}", {"en": name}, levers={name: (setting,)}))
    return found


def alone(flight: Sequence[Member], folder: Path) -> None:
    """Run members one by one into an empty store.

    Each builds its base year by itself, as it would in a process of its own; files are read already.
    """
    store = RunStore(folder)
    for one in flight:
        forget()
        run_ensemble([one], store, "serial")


def together(flight: Sequence[Member], folder: Path) -> None:
    """Run members as an ensemble does, into an empty store."""
    forget()
    run_ensemble(flight, RunStore(folder), "serial")


def seconds(
    call: Callable[[Sequence[Member], Path], None], flight: Sequence[Member]
) -> tuple[float, list[str]]:
    """Return the process CPU time of a call with an empty folder, and the content hash of each member."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "store"
        gc.collect()  # what the other side left is not this one's to clear away
        started = time.process_time()
        call(flight, place)
        used = time.process_time() - started
        store = RunStore(place)
        return used, [store.content_hash(one.key) for one in flight]


def compared(draws: int, store: RunStore) -> float:
    """Return the process CPU time of the comparison of the shipped scenarios."""
    forget()
    started = time.process_time()
    compare(COMPARED, draws=draws, store=store)
    return time.process_time() - started


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    compiled = importlib.util.find_spec("numba") is not None
    os.environ[SWITCH] = "1" if compiled else "0"
    print(f"{options.draws} draws, {'compiled' if compiled else 'plain'} loops; {header()}")
    timings, good = [], True
    one_run = 0.0
    cases = {
        "compare three": members(COMPARED, draws=options.draws, source="priors"),
        "ten from 2019": members(ten(), draws=1, source="priors"),
    }
    for what, flight in cases.items():
        apart, shared = [], []
        for _ in range(1 + options.repeats):
            used, plain = seconds(alone, flight)
            apart.append(used)
            used, forked = seconds(together, flight)
            shared.append(used)
            if plain != forked:
                print(f"{what}: contents differ")
                return 1
        del apart[0], shared[0]  # the two that warm up
        timings += [
            Timing(f"{what}: apart", min(apart), statistics.median(apart), max(apart), 1),
            Timing(f"{what}: shared", min(shared), statistics.median(shared), max(shared), 1),
        ]
        one_run = statistics.median(apart) / len(flight)
        ratio = statistics.median(shared) / statistics.median(apart)
        met = ratio <= BOUNDS[what]
        good &= met
        print(
            f"{what}: {ratio:.3f} of separate members, bound {BOUNDS[what]:g}, {'met' if met else 'missed'}"
        )
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder) / "store")
        compared(options.draws, store)
        warm = [compared(options.draws, store) for _ in range(options.repeats)]
    timings.append(Timing("compare, warm", min(warm), statistics.median(warm), max(warm), 1))
    runs = statistics.median(warm) / one_run
    met = runs <= WARM_RUNS
    good &= met
    print(
        f"compare warm: {runs:.2f} runs' worth, bound {WARM_RUNS:g}, {'met' if met else 'missed'}"
    )
    for line in timings:
        print(line)
    if options.json:
        save_json(options.json, timings)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
