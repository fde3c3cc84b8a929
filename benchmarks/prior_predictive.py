"""Whether the report's figures lie where the priors can reach them.

    python benchmarks/prior_predictive.py [--draws 200] [--workers 2]

Draws every parameter that has a prior, each draw with a seed of its own, and prints the 90 % interval of every figure
of the report that is simulated. The fitted figures of paragraphs 79 and 80 must lie inside it, and (nearly) no draw may
be refused: the exit code says whether they do and whether no more than one in a hundred is.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

from sscsim import simulate
from sscsim.calibration.observing import ModelSimulator, Observer, checks_of
from sscsim.calibration.targets import load_targets
from sscsim.errors import InputError
from sscsim.experiments import Design, drawn_parameters
from sscsim.parameters import default_parameters

DESIGN_SEED = 20
FIRST_SEED = 1000
MOST_REFUSED = 0.01


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()

    parameters = default_parameters()
    targets = tuple(t for t in load_targets() if t.simulated and t.role in ("fit", "check"))
    simulator = ModelSimulator.of(targets)
    names = drawn_parameters(parameters)
    design = Design.independent(names, options.draws, DESIGN_SEED)
    points = [dict(zip(names, row, strict=True)) for row in design.values(parameters).tolist()]
    seeds = [[FIRST_SEED + draw] for draw in range(options.draws)]
    began = time.perf_counter()
    with Observer(simulator, workers=options.workers) as observer:
        seen = observer.observe(points, seeds, "draws")[:, 0]
    seconds = time.perf_counter() - began

    refused = np.flatnonzero(np.isnan(seen).all(axis=1))
    partly = np.flatnonzero(np.isnan(seen).any(axis=1) & ~np.isnan(seen).all(axis=1))
    for draw in refused.tolist():
        try:
            simulate("baseline", seed=seeds[draw][0], set=points[draw], end=simulator.end)
        except InputError as failure:
            print(f"draw {draw} is refused: {failure}")
    checks = checks_of(targets)
    for draw in partly.tolist():
        missing = [c.id for c, v in zip(checks, seen[draw], strict=True) if np.isnan(v)]
        print(f"draw {draw} does not show {', '.join(missing)}")
    print(
        f"{options.draws} draws of {len(names)} parameters to {simulator.end}: {len(refused)} refused, "
        f"{len(partly)} with a figure that is not a number, {seconds / options.draws:.3f} s a draw on "
        f"{options.workers} workers"
    )
    whole = seen[np.isfinite(seen).all(axis=1)]
    outside = []
    print(f"\n{'figure':34} {'report':>9} {'5 %':>9} {'median':>9} {'95 %':>9}  in the interval")
    for item, values in zip(checks, whole.T, strict=True):
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        lower, upper = item.limits
        # A bound is met by the whole interval above it; a figure has to lie inside.
        one_sided = item.check.within.kind == "one_sided"
        inside = (high >= lower and low <= upper) if one_sided else low <= item.check.value <= high
        if not inside and item.target.role == "fit":
            outside.append(item.id)
        print(
            f"{item.id:34} {item.check.value:9.3g} {low:9.3g} {middle:9.3g} {high:9.3g}  "
            f"{'yes' if inside else 'NO'} ({item.target.role})"
        )
    if outside:
        print(f"outside: {', '.join(outside)}")
    few = len(refused) <= MOST_REFUSED * options.draws and not len(partly)
    return 0 if few and not outside else 1


if __name__ == "__main__":
    sys.exit(main())
