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
from dataclasses import dataclass

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np

from sscsim import simulate
from sscsim.calibration.observing import CheckOf, ModelSimulator, Observer, checks_of
from sscsim.calibration.targets import load_targets
from sscsim.errors import InputError
from sscsim.experiments import Design, drawn_parameters
from sscsim.parameters import default_parameters

DESIGN_SEED = 20
FIRST_SEED = 1000
MOST_REFUSED = 0.01


@dataclass(frozen=True)
class Figure:
    """A simulated figure of the report, and the 90 % interval and median of draws of the priors."""

    item: CheckOf
    interval: tuple[float, float, float]

    @property
    def inside(self) -> bool:
        """Whether the figure lies in the interval; a bound is met by the whole interval above it."""
        lower, upper = self.item.limits
        low, _, high = self.interval
        if self.item.check.within.kind == "one_sided":
            return high >= lower and low <= upper
        return low <= self.item.check.value <= high


@dataclass(frozen=True)
class Predicted:
    """What draws of the priors show."""

    figures: tuple[Figure, ...]
    refused: int
    partly: int
    seconds: float
    """By draw."""
    end: int


def predict(draws: int, workers: int = 1) -> Predicted:
    """Run draws of all priors, each with a seed of its own, and say on standard error which were refused."""
    parameters = default_parameters()
    targets = tuple(t for t in load_targets() if t.simulated and t.role in ("fit", "check"))
    simulator = ModelSimulator.of(targets)
    names = drawn_parameters(parameters)
    design = Design.independent(names, draws, DESIGN_SEED)
    points = [dict(zip(names, row, strict=True)) for row in design.values(parameters).tolist()]
    seeds = [[FIRST_SEED + draw] for draw in range(draws)]
    began = time.perf_counter()
    with Observer(simulator, workers=workers) as observer:
        seen = observer.observe(points, seeds, "draws")[:, 0]
    seconds = time.perf_counter() - began
    refused = np.flatnonzero(np.isnan(seen).all(axis=1))
    partly = np.flatnonzero(np.isnan(seen).any(axis=1) & ~np.isnan(seen).all(axis=1))
    for draw in refused.tolist():
        try:
            simulate("baseline", seed=seeds[draw][0], set=points[draw], end=simulator.end)
        except InputError as failure:
            print(f"draw {draw} is refused: {failure}", file=sys.stderr)
    checks = checks_of(targets)
    for draw in partly.tolist():
        missing = [c.id for c, v in zip(checks, seen[draw], strict=True) if np.isnan(v)]
        print(f"draw {draw} does not show {', '.join(missing)}", file=sys.stderr)
    whole = seen[np.isfinite(seen).all(axis=1)]
    figures = []
    for item, values in zip(checks, whole.T, strict=True):
        low, middle, high = (float(q) for q in np.quantile(values, [0.05, 0.5, 0.95]))
        figures.append(Figure(item, (low, middle, high)))
    return Predicted(tuple(figures), len(refused), len(partly), seconds / draws, simulator.end)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    found = predict(options.draws, options.workers)
    print(
        f"{options.draws} draws to {found.end}: {found.refused} refused, {found.partly} with a figure that is not a "
        f"number, {found.seconds:.3f} s a draw on {options.workers} workers"
    )
    print(f"\n{'figure':34} {'report':>9} {'5 %':>9} {'median':>9} {'95 %':>9}  in the interval")
    for one in found.figures:
        low, middle, high = one.interval
        print(
            f"{one.item.id:34} {one.item.check.value:9.3g} {low:9.3g} {middle:9.3g} {high:9.3g}  "
            f"{'yes' if one.inside else 'NO'} ({one.item.target.role})"
        )
    outside = [f.item.id for f in found.figures if not f.inside and f.item.target.role == "fit"]
    if outside:
        print(f"outside: {', '.join(outside)}")
    few = found.refused <= MOST_REFUSED * options.draws and not found.partly
    return 0 if few and not outside else 1


if __name__ == "__main__":
    sys.exit(main())
