"""Cost of a run 2013-2034 of all countries after start-up, by step, and of the commands a user types.

1. In one process, with data and tables in memory: building the base year (runs of one set of parameters share what
   submodels take as given), a run from it with some and with all steps (`RUNS` has what each may cost), and each step
   of the year, beside products of matrices of the same size: a run may cost `PRODUCTS` of them. All of it is plain
   NumPy but one line, the whole run with the loops that Numba compiles (`sscsim.compiled`, the extra ``fast``), loaded
   before: what each of many runs costs who has the extra. Where Numba is installed the whole run is judged by that
   line, elsewhere by the plain one; both are printed.
2. As commands, imports and reading of files included: ``sscsim --help`` (at most 0.5 s), ``sscsim plan`` and
   ``sscsim run`` (at most 3 s), CPU seconds of the child, its bytecode written by a first start.

Run: ``python benchmarks/run_cost.py [--json FILE] [--without-commands]``; exits with 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _timing import REPEATS, Timing, header, reference, save_json

# isort: split
import numpy as np

from sscsim.compiled import SWITCH
from sscsim.model import PLAN, SouthSouthModel
from sscsim.results.run import Run
from sscsim.world.loading import load_world

WHOLE = "run 2013-2034, everything on"
RUNS: dict[str, tuple[tuple[str, ...], float]] = {
    "run 2013-2034: trade, investment, growth, Goals": (
        ("finance", "knowledge", "institutions"),
        0.2,
    ),
    "run 2013-2034: banks and credit lines too": (("knowledge", "institutions"), 0.3),
    WHOLE: ((), 0.6),
}
"""What a run leaves out and may cost, CPU seconds (docs/decisions/0007)."""
COMPILED = "the same, loops compiled"
PRODUCTS = 1500
"""Products of two matrices, one row an economy, that a run may cost."""
HELP_TARGET = 0.5
COMMAND_TARGET = 3.0
"""CPU seconds."""

MULTIPLICATIONS = 200
PRODUCT = f"reference: {MULTIPLICATIONS} products"

START = "from sscsim.cli.main import main; main()"
"""What the console script does."""


def products(size: int) -> float:
    """Return the CPU seconds of a fixed number of products of matrices of the trade matrix' size."""
    matrix = np.random.default_rng(0).random((size, size))
    started = time.process_time()
    for _ in range(MULTIPLICATIONS):
        matrix @ matrix
    return time.process_time() - started


def timing(what: str, seconds: list[float]) -> Timing:
    return Timing(what, min(seconds), statistics.median(seconds), max(seconds), 1)


def whole_run(repeat: int, loops: str, off: tuple[str, ...] = ()) -> tuple[float, float, Run]:
    """Return CPU seconds of building a model and of running it, and the run; loops are compiled (1) or plain (0)."""
    os.environ[SWITCH] = loops
    started = time.process_time()
    model = SouthSouthModel(seed=repeat, off=off)
    built = time.process_time() - started
    started = time.process_time()
    run = model.run()
    return built, time.process_time() - started, run


def in_one_process(size: int, *, compiled: bool) -> list[Timing]:
    """Time building and running, the model of each repeat being built anew, and products of matrices in between."""
    for loops in "01" if compiled else "0":
        os.environ[SWITCH] = loops
        SouthSouthModel(
            seed=1, end=2014
        ).run()  # warm: data are read, libraries looked up, loops compiled
    build: list[float] = []
    bare: dict[str, list[float]] = {what: [] for what in RUNS} | {COMPILED: [], PRODUCT: []}
    profiled: list[float] = []
    tables: list[float] = []
    steps: dict[str, list[float]] = {step.name: [] for step in PLAN}
    for repeat in range(REPEATS):
        bare[PRODUCT].append(products(size))
        if compiled:
            bare[COMPILED].append(whole_run(repeat, "1")[1])
        for what, (off, _) in RUNS.items():
            built, ran, run = whole_run(repeat, "0", off)
            bare[what].append(ran)
        build.append(built)
        started = time.process_time()
        run.indicators, run.countries, run.content_hash  # noqa: B018
        tables.append(time.process_time() - started)
        model = SouthSouthModel(seed=repeat, profile=True)
        started = time.process_time()
        model.run()
        profiled.append(time.process_time() - started)
        for name, seconds in (model.timings or {}).items():
            steps[name].append(seconds)
    if not compiled:
        del bare[COMPILED]
    rest = [
        whole - sum(seconds[repeat] for seconds in steps.values())
        for repeat, whole in enumerate(profiled)
    ]
    return [
        timing("base year built (data in memory)", build),
        *(timing(what, seconds) for what, seconds in bare.items()),
        *(timing(f"  step {name}", seconds) for name, seconds in steps.items()),
        timing("  turn of the year, collecting", rest),
        timing("tables and hash of the run, when asked for", tables),
    ]


def command(*arguments: str) -> Timing:
    """Time a command as a child of this process, its bytecode written by a first start."""
    seconds = []
    # Whoever installs the package has its bytecode, whatever developers ask of Python.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as bytecode:
        environment |= {"MPLBACKEND": "Agg", "PYTHONPYCACHEPREFIX": bytecode}
        for _ in range(1 + REPEATS):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            with tempfile.TemporaryDirectory() as folder:
                subprocess.run(
                    [sys.executable, "-c", START, *arguments],
                    check=True,
                    cwd=folder,
                    env=environment,
                    stdout=subprocess.DEVNULL,
                )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return timing("sscsim " + " ".join(arguments[:2]), seconds[1:])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--without-commands", action="store_true", help="skip the second part")
    options = parser.parse_args()

    size = load_world().size
    compiled = importlib.util.find_spec("numba") is not None
    print(f"{size} economies; {header()}")
    timings = [reference(size), *in_one_process(size, compiled=compiled)]
    limits = {what: limit for what, (_, limit) in RUNS.items()}
    if compiled:
        limits[COMPILED] = limits.pop(WHOLE)
    if not options.without_commands:
        os.environ.pop(SWITCH)  # a command decides for itself
        timings += [command("--help"), command("plan"), command("run", "--out", "run")]
        limits |= {"sscsim --help": HELP_TARGET, "sscsim run --out": COMMAND_TARGET}
    for line in timings:
        print(line)
    medians = {line.what: line.median for line in timings}
    missed = [what for what, limit in limits.items() if medians[what] > limit]
    for what, limit in limits.items():
        print(
            f"{what}: {medians[what]:.3f} s, target {limit:g} s, {'missed' if what in missed else 'met'}"
        )
    product = medians[PRODUCT] / MULTIPLICATIONS
    cost = {what: medians[what] / product for what in (WHOLE, COMPILED) if what in medians}
    judged = COMPILED if compiled else WHOLE
    missed += [judged] if cost[judged] > PRODUCTS else []
    print(f"A run costs as much as {cost[WHOLE]:.0f} products with plain loops,")
    print(
        f"and {cost[COMPILED]:.0f} with compiled ones, once they are loaded (the extra fast);"
        if compiled
        else "and there is no Numba here (the extra fast) to compile them;"
    )
    print(
        f"by {'these' if compiled else 'the plain ones'} it is judged: at most {PRODUCTS}, "
        f"{'missed' if cost[judged] > PRODUCTS else 'met'}."
    )
    if options.json:
        save_json(options.json, timings)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
