"""Goals out of sample: fit on the panel up to a year, predict 2013, compare with plain rules.

The main break is 2007. Rules: every country moves by its Goal's mean move of the years fitted (mean
drift), no change, every country goes on along its own least-squares trend. The measure is the mean
absolute error in points over countries and Goals, every country alike or weighted by its people. No
growth, poverty or other driver of the years predicted is used. Printed are the table by Goal, how
often the model still wins when countries are drawn anew (bootstrap), all breaks from 2004 to 2010,
the regions, a grid of what was chosen by these backcasts, how much the retention of own trends
matters, and the time of one step of the world. "before" is the form of the model up to version 0.9:
drift pooled in points and in proportion to the room, own trends believed alike in countries of all
sizes. ``--out`` writes breaks and regions to a CSV file (``docs/goal_backcast.csv`` is one). The
answer is no, and the exit code 1, when the model does not beat mean drift and own trend at most
breaks, unweighted and by people, or is worse than before in a region.

The panel does not ship; it is read from a file that you have downloaded
(`tools.goal_estimation.WHERE`). Without one the benchmark says so and exits with 2.

Run: from the top folder: ``python -m benchmarks.goal_backcast --panel FILE``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from sscsim.errors import InputError
from sscsim.outcomes.goals import Drivers, GoalParameters, goal_moves
from sscsim.outcomes.interlinkages import default_interlinkages
from sscsim.parameters.table import default_parameters
from tools.goal_estimation import (
    BACKCAST_BREAK,
    Panel,
    backcast,
    load_panel,
    population_of,
    region_of,
)

RULES = ["model", "mean_drift", "no_change", "own_trend"]
BREAKS = range(2004, 2011)
BEFORE = {"goal_drift_room": 1.0, "goal_trend_size": 0.0}
ROOMS, SIZES = (0.25, 0.5, 0.75, 1.0), (0.0, 0.4, 0.8, 1.2)
NO_WORSE = 0.005
"""Points of error below which two regions' errors are alike: half a digit of the table."""

RETENTIONS = (0.8, 0.9, 0.95, 1.0)
RESAMPLES = 2000
COUNTRIES = 197
REPETITIONS = 200


def wins(misses: dict[str, np.ndarray], rule: str) -> tuple[float, float, float]:
    """Return the mean lead over a rule and its 90 % interval when countries are drawn anew."""
    lead = misses[rule] - misses["model"]
    total, count = np.nansum(lead, axis=1), np.isfinite(lead).sum(axis=1)
    generator = np.random.default_rng(0)
    drawn = generator.integers(0, len(lead), (RESAMPLES, len(lead)))
    resampled = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(resampled, [0.05, 0.95])
    return float(total.sum() / count.sum()), float(low), float(high)


def people_weighted(miss: np.ndarray, people: np.ndarray) -> float:
    """Return the mean absolute error over countries and Goals, countries weighted by their people."""
    weight = np.where(np.isfinite(miss), people[:, None], 0.0)
    return float(np.nansum(miss * weight) / weight.sum())


def at_breaks(panel: Panel) -> pd.DataFrame:
    """Return the errors of every rule by break and set of countries, and of the model before.

    Sets are all countries alike, all weighted by people, and each region of the report.
    """
    people, region = population_of(panel), region_of(panel)
    rows: list[dict[str, object]] = []
    for year in BREAKS:
        misses = dict(backcast(panel, last_fitted=year).misses)
        old = default_parameters().replace(BEFORE)
        misses["before"] = backcast(panel, old, year, by_room=False).misses["model"]
        sets = {"all": np.ones(len(region), bool)} | {r: region == r for r in sorted(set(region))}
        for name, inside in sets.items():
            found = {rule: float(np.nanmean(miss[inside])) for rule, miss in misses.items()}
            rows.append({"break": year, "countries": name, "weight": "none", **found})
        found = {rule: people_weighted(miss, people) for rule, miss in misses.items()}
        rows.append({"break": year, "countries": "all", "weight": "people", **found})
    return pd.DataFrame(rows)


def chosen(panel: Panel) -> pd.DataFrame:
    """Return the mean error over breaks by power of the room and by rise of reliability with size."""
    people, region = population_of(panel), region_of(panel)
    rows = []
    for room in ROOMS:
        for size in SIZES:
            table = default_parameters().replace({"goal_drift_room": room, "goal_trend_size": size})
            each = [backcast(panel, table, year).misses["model"] for year in BREAKS]
            regions = {
                r: float(np.mean([np.nanmean(miss[region == r]) for miss in each]))
                for r in sorted(set(region))
            }
            alike = float(np.mean([np.nanmean(miss) for miss in each]))
            by_people = float(np.mean([people_weighted(miss, people) for miss in each]))
            rows.append(
                {"room": room, "size": size, "alike": alike, "people": by_people, **regions}
            )
    return pd.DataFrame(rows)


def verdict(table: pd.DataFrame) -> bool:
    """Return whether the model wins at most breaks, alike and by people, and no region is worse off than before."""
    everywhere = table[table["countries"] == "all"]
    for _weight, part in everywhere.groupby("weight"):
        for rule in ("mean_drift", "own_trend"):
            if (part["model"] < part[rule]).mean() <= 0.5:
                return False
    regions = table[table["countries"] != "all"].groupby("countries")[["model", "before"]].mean()
    return bool((regions["model"] <= regions["before"] + NO_WORSE).all())


def step_time() -> float:
    """Return the median CPU time of one step of the world with every driver on, in milliseconds."""
    generator = np.random.default_rng(0)
    scores = generator.uniform(0, 100, (COUNTRIES, 17))
    scores[:40, 13] = np.nan
    shapes = {
        "income_growth": (COUNTRIES,),
        "poverty_move": (COUNTRIES,),
        "inequality_move": (COUNTRIES,),
        "infrastructure_growth": (COUNTRIES, 4),
        "renewable_change": (COUNTRIES,),
        "capability_change": (COUNTRIES, 9),
        "cooperation": (COUNTRIES, 17),
        "shock": (COUNTRIES, 17),
        "trend": (COUNTRIES, 17),
        "noise": (COUNTRIES, 17),
    }
    drivers = {name: 0.01 * generator.standard_normal(shape) for name, shape in shapes.items()}
    parameters = GoalParameters.from_parameters(default_parameters())
    matrix = default_interlinkages().matrix
    took = []
    for _ in range(REPETITIONS):
        begin = time.process_time()
        goal_moves(scores, Drivers(**drivers), parameters, matrix)
        took.append(time.process_time() - begin)
    return 1e3 * float(np.median(took))


def main() -> int:
    """Print the tables; return 1 if the model does not win."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--panel", type=Path)
    parser.add_argument("--out", type=Path, help="CSV file to write breaks and regions to")
    options = parser.parse_args()
    try:
        panel = load_panel(options.panel)
    except InputError as failure:
        print(failure, file=sys.stderr)
        return 2
    result = backcast(panel)
    print(f"Fitted to {BACKCAST_BREAK}, predicted 2013: mean absolute error in points")
    print(result.table.round(3).to_string(index=False))
    print("\nLead of the model over a rule, with 90 % interval over resampled countries")
    for rule in RULES[1:]:
        lead, low, high = wins(result.misses, rule)
        print(f"  {rule:<11} {lead:6.3f}  [{low:6.3f}, {high:6.3f}]")
    table = at_breaks(panel)
    for weight, title in (("none", "every country alike"), ("people", "weighted by people")):
        part = table[(table["countries"] == "all") & (table["weight"] == weight)]
        print(f"\nAll breaks, all Goals, {title}")
        print(part.set_index("break")[[*RULES, "before"]].round(3).to_string())
    print("\nRegions, mean over breaks")
    regions = table[table["countries"] != "all"].groupby("countries")[[*RULES, "before"]].mean()
    print(regions.round(3).to_string())
    if options.out is not None:
        table.round(3).to_csv(options.out, index=False, lineterminator="\n")
        print(f"written: {options.out}")
    print("\nPower of the room and rise of reliability with size, mean over breaks")
    print(chosen(panel).round(3).to_string(index=False))
    print("\nRetention of own trends, main break, all Goals")
    for retention in RETENTIONS:
        changed = default_parameters().replace({"goal_trend_retention": retention})
        print(f"  {retention:4.2f}  {backcast(panel, changed).table.iloc[-1]['model']:.3f}")
    print(f"\nOne step of {COUNTRIES} countries with every driver: {step_time():.2f} ms CPU")
    won = verdict(table)
    print(
        "the model beats mean drift and own trend at most breaks, no region is worse off than before:",
        "yes" if won else "NO",
    )
    return 0 if won else 1


if __name__ == "__main__":
    sys.exit(main())
