"""Of the points that a fit of banks leaves, the first whose approvals neither hump nor collapse.

    python benchmarks/steady_banks.py FIT [--others FIT...] [--most 60]

A fit of paragraphs 81 and 82 looks at means of AIIB's and NDB's approvals, which a hump meets as well as a path. This
goes through the points of its points.csv, the least implausible first: in the median over seeds no year from 2024 to
2034 of any bank may lie under 75 % of the mean of the five years before (70 % is asked for), and every fitted figure
must be met. The first such point becomes the fit's best.yaml; the exit code is 1 where there is none.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from sscsim import simulate
from sscsim.calibration import load_targets
from sscsim.calibration.recorded import Recorded, compare_recorded, load_recorded, recorded_text
from sscsim.parameters import default_parameters

SEEDS = range(1, 8)
JUDGED = 20
LEAST = 0.75
PARAGRAPHS = {81, 82}


def lowest(values: dict[str, float]) -> float:
    """Return the lowest ratio of a year's median approvals to the mean of the five before, of all banks."""
    runs = [simulate("baseline", seed=seed, set=values).table("banks") for seed in SEEDS]
    found = np.inf
    for bank in sorted(set(runs[0]["bank"])):
        paths = [t[t["bank"] == bank].set_index("year")["approvals"] for t in runs]
        years = paths[0].index
        middle = np.median([p.reindex(years).fillna(0) for p in paths], axis=0)
        median = dict(zip(years, middle, strict=True))
        for year in range(2024, 2035):
            before = np.mean([median[y] for y in range(year - 5, year) if y in median])
            found = min(found, median[year] / before)
    return float(found)


def main() -> int:
    """Look for the point; return 1 where there is none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fit", type=Path)
    parser.add_argument("--others", type=Path, nargs="*", default=[])
    parser.add_argument("--most", type=int, default=60)
    options = parser.parse_args()
    beside: dict[str, float] = {}
    for folder in options.others:
        beside |= load_recorded(folder / "best.yaml").parameters
    targets = tuple(
        t
        for t in load_targets()
        if t.simulated and t.role == "fit" and PARAGRAPHS & set(t.paragraph_numbers)
    )
    with (options.fit / "points.csv").open(encoding="utf-8") as file:
        points = sorted(csv.DictReader(file), key=lambda row: float(row["implausibility"]))
    known = default_parameters()
    for number, row in enumerate(points[: options.most], start=1):
        values = {name: float(row[name]) for name in row if name in known}
        ratio = lowest(beside | values)
        print(f"point {number}: lowest {ratio:.2f}", flush=True)
        if ratio < LEAST:
            continue
        judged = Recorded(seeds=JUDGED, parameters=beside | values)
        items = [i for i in compare_recorded(judged, targets, workers=2) if i.check is not None]
        missed = [i.id for i in items if i.verdict != "met"]
        print("  missed:", ", ".join(missed) or "none", flush=True)
        if missed:
            continue
        told = [
            f"Point {number} of points.csv by benchmarks/steady_banks.py: lowest ratio {ratio:.2f}.",
            *(f"  {i.id}: {i.observed:.4g} {i.target.unit}" for i in items),
        ]
        text = recorded_text(Recorded(seeds=JUDGED, parameters=values), told)
        (options.fit / "best.yaml").write_text(text, encoding="utf-8")
        return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
