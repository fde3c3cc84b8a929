"""Where a whole run's time goes: by step, by year, and by part of the step knowledge; everything is on.

Medians of seven runs of the baseline, all countries, 2013 to 2034, process CPU time, one BLAS thread. `run_cost.py`
adds what start-up and commands cost; `knowledge_cost.py` holds a year of knowledge to its own target.

Run: ``python benchmarks/step_profile.py [--scenario NAME] [--json FILE]``; exits with 1 when a run costs more than
`RUN_TARGET`.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _timing import REPEATS, Timing, header, measure, reference, save_json

# isort: split
import numpy as np

from sscsim.flows import knowledge as flows
from sscsim.model import SouthSouthModel
from sscsim.world.loading import load_world

RUN_TARGET = 0.6
"""CPU seconds of a run, without building the base year."""
YEARS = (2014, 2024, 2034)
"""Years that are shown one by one."""

PARTS = (
    "draw_year",
    "visibility_hazard",
    "match",
    "carry_on",
    "regional_projects",
    "learn",
    "tie_step",
    "cooperation_intensity",
)
"""Functions of the step knowledge, in the order of the year."""


@contextmanager
def watched(names: tuple[str, ...], spent: dict[str, float]) -> Iterator[None]:
    """Add up the time of functions while they are called through their module."""
    plain: dict[str, Callable[..., Any]] = {name: getattr(flows, name) for name in names}

    def timed(name: str) -> Callable[..., Any]:
        @functools.wraps(plain[name])
        def call(*arguments: Any, **options: Any) -> Any:
            started = time.process_time()
            try:
                return plain[name](*arguments, **options)
            finally:
                spent[name] += time.process_time() - started

        return call

    for name in names:
        setattr(flows, name, timed(name))
    try:
        yield
    finally:
        for name, function in plain.items():
            setattr(flows, name, function)


def timing(what: str, seconds: list[float]) -> Timing:
    return Timing(what, min(seconds), float(np.median(seconds)), max(seconds), 1)


def whole_runs(scenario: str) -> list[float]:
    """Time runs as they are, without a clock inside."""
    seconds = []
    for seed in range(REPEATS):
        model = SouthSouthModel(scenario, seed=seed)
        started = time.process_time()
        model.run()
        seconds.append(time.process_time() - started)
    return seconds


def by_step(scenario: str) -> tuple[dict[str, list[float]], dict[str, dict[int, list[float]]]]:
    """Time each step, in all years together and in some one by one; what is left is the turn of the year."""
    total: dict[str, list[float]] = {}
    single: dict[str, dict[int, list[float]]] = {}
    for seed in range(REPEATS):
        model = SouthSouthModel(scenario, seed=seed, profile=True)
        timings = model.timings
        assert timings is not None
        started = time.process_time()
        while model.running:
            before = dict(timings)
            began = time.process_time()
            model.step()
            year = time.process_time() - began
            spent = {name: timings[name] - before[name] for name in timings}
            spent["turn of the year, agents"] = year - sum(spent.values())
            if model.year in YEARS:
                for name, seconds in spent.items():
                    single.setdefault(name, {}).setdefault(model.year, []).append(seconds)
        whole = time.process_time() - started
        for name, seconds in timings.items():
            total.setdefault(name, []).append(seconds)
        total.setdefault("turn of the year, agents", []).append(whole - sum(timings.values()))
    return total, single


def by_part(scenario: str) -> tuple[list[Timing], float]:
    """Time the functions of the step knowledge in a run, and count the projects begun in a year."""
    seconds: dict[str, list[float]] = {name: [] for name in PARTS}
    begun = []
    for seed in range(REPEATS):
        spent = dict.fromkeys(PARTS, 0.0)
        model = SouthSouthModel(scenario, seed=seed)
        with watched(PARTS, spent):
            model.run()
        for name in PARTS:
            seconds[name].append(spent[name])
        starts = model.submodels["knowledge"].cooperation.all()[0].start
        begun.append((starts >= model.opening.year).sum() / (model.end - model.opening.year + 1))
    timings = [timing(f"    {name}", seconds[name]) for name in PARTS]
    return timings, float(np.mean(begun))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scenario", default="baseline", help="scenario to run")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()

    size = load_world().size
    SouthSouthModel(options.scenario, end=2014).run()  # warm: data are read, libraries looked up
    print(f"{size} economies, {options.scenario}, everything on; {header()}")
    square = np.random.default_rng(0).random((size, size))
    build = measure("base year built (data in memory)", SouthSouthModel)
    run = timing("run 2013-2034", whole_runs(options.scenario))
    total, single = by_step(options.scenario)
    steps = {name: timing(f"  {name}", seconds) for name, seconds in total.items()}
    parts, begun = by_part(options.scenario)
    lines = [
        reference(size),
        measure(f"reference: a product, {size} x {size}", lambda: square @ square),
        build,
        run,
    ]
    for name, line in steps.items():
        lines.append(line)
        if name == "knowledge":
            rest = line.median - sum(p.median for p in parts if "of which" not in p.what)
            lines += [*parts, Timing("    what is left", rest, rest, rest, 1)]
    for line in lines:
        print(line)

    known = sum(line.median for line in steps.values())
    print(f"\n{'ms a year, and share of the run':<46}" + "".join(f"{y:>9}" for y in YEARS))
    for name in steps:
        cells = "".join(f"{1e3 * float(np.median(single[name][y])):9.2f}" for y in YEARS)
        print(f"  {name:<44}{cells}{steps[name].median / known:9.0%}")

    years = len(range(2013, 2035))
    year = steps["knowledge"].median / years
    print(f"\nA year of knowledge: {1e3 * year:.1f} ms, {begun:.0f} projects begun.")
    missed = run.median > RUN_TARGET
    verdict = "missed" if missed else "met"
    print(f"run 2013-2034: {run.median:.3f} s, target {RUN_TARGET:g} s, {verdict}")
    if options.json:
        by_year = {
            name: {year: float(np.median(seconds)) for year, seconds in years.items()}
            for name, years in single.items()
        }
        save_json(options.json, lines, seconds_by_year=by_year, projects_begun_a_year=begun)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
