"""Do the report's figures lie where the priors can reach them, and which point meets them all?

    python benchmarks/prior_predictive.py [--draws 200] [--points 128] [--record]

Draws every parameter that has a prior, each draw with its own seed, and prints the 90 % interval of every target that is
simulated. Then searches a design over the priors of trade and investment, which the figures of paragraphs 79 and 80 depend
on, for the point whose medians over 50 seeds lie most centrally within the tolerances; ``--record`` writes it to
calibration/recorded.yaml, which `sscsim targets --check` reads.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from sscsim.calibration.search import Design, drawn_parameters, fit_targets, observe_point, search
from sscsim.calibration.targets import load_targets
from sscsim.errors import InputError
from sscsim.parameters import default_parameters

END = 2017
RECORD = Path(__file__).resolve().parent.parent / "calibration" / "recorded.yaml"


def prior_predictive(draws: int) -> None:
    parameters = default_parameters()
    targets = [t for t in load_targets() if t.simulated and t.role in ("fit", "check")]
    design = Design.sobol(drawn_parameters(parameters), draws, seed=20)
    seen: dict[str, list[float]] = {}
    refused = 0
    started = time.process_time()
    for index in range(draws):
        try:
            point = observe_point(design.point(index, parameters), [1000 + index], targets, end=END)
        except InputError as failure:
            refused += 1
            print(f"draw {index} is inadmissible: {failure}")
            continue
        for name, values in point.items():
            seen.setdefault(name, []).extend(values.tolist())
    cost = (time.process_time() - started) / draws
    print(
        f"\n{draws} draws of {len(design.names)} parameters, {refused} inadmissible, {cost:.2f} s each\n"
    )
    print(f"{'figure':34} {'report':>9} {'5 %':>9} {'median':>9} {'95 %':>9}  in the 90 % interval")
    for target in targets:
        for check in target.checks:
            name = f"{target.id} [{check.part}]" if check.part else target.id
            low, middle, high = np.quantile(seen[name], [0.05, 0.5, 0.95])
            inside = "yes" if low <= check.value <= high else "NO"
            print(
                f"{name:34} {check.value:9.3g} {low:9.3g} {middle:9.3g} {high:9.3g}  {inside} ({target.role})"
            )


def find(points: int, record: bool) -> None:
    parameters = default_parameters()
    names = drawn_parameters(parameters, ["trade", "investment"])
    design = Design.sobol(names, points, seed=21)
    started = time.process_time()
    found = search(parameters, design, end=END)
    print(
        f"\nsearch of {points} points over {len(names)} parameters: {time.process_time() - started:.0f} s CPU"
    )
    for rank, point in enumerate(found, start=1):
        shown = ", ".join(f"{name} {value:.4g}" for name, value in point.observed.items())
        print(f"{rank}. worst distance {point.distance:.2f} half widths: {shown}")
    best = found[0]
    met = best.distance <= 1.0
    print(
        "the best point meets every fitted figure" if met else "no point meets every fitted figure"
    )
    if record and met:
        lines = [
            "# Written by benchmarks/prior_predictive.py --record: the point of a Sobol design over the priors of trade and",
            f"# investment ({points} points, design seed 21) whose medians over seeds 1 to 50 lie most centrally within the",
            f"# tolerances of the fitted figures of paragraphs 79 and 80; worst distance {best.distance:.2f} half widths.",
            "scenario: baseline",
            "seeds: 50",
            f"end: {END}",
            "parameters:",
        ]
        lines += [
            f"  {name}: {value:.6g}" for name, value in sorted(best.parameters.changed.items())
        ]
        RECORD.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"recorded in {RECORD}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--points", type=int, default=128)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    fit_targets()  # fails early, with file and line, when the targets file is broken
    prior_predictive(options.draws)
    find(options.points, options.record)


if __name__ == "__main__":
    main()
