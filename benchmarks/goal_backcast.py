"""Goals out of sample: fit on the panel up to a year, predict 2013, compare with plain rules.

The main break is 2007. Rules: every country moves by its Goal's mean move of the years fitted (mean
drift), no change, every country goes on along its own least-squares trend. The measure is the mean
absolute error in points over countries and Goals. No growth, poverty or other driver of the years
predicted is used. Printed are the table by Goal, how often the model still wins when countries are
drawn anew (bootstrap), other breaks, how much the retention of own trends matters, and the time of
one step of the world. The answer is no, and the exit code 1, when the model does not beat both mean
drift and no change over all countries and Goals at the main break.

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
from sscsim.outcomes.goals import GoalParameters, goal_moves
from sscsim.outcomes.interlinkages import default_interlinkages
from sscsim.parameters.table import default_parameters
from tools.goal_estimation import BACKCAST_BREAK, backcast, load_panel

RULES = ["model", "mean_drift", "no_change", "own_trend"]
OTHER_BREAKS = range(2004, 2011)
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
        goal_moves(scores, parameters=parameters, interlinkages=matrix, **drivers)
        took.append(time.process_time() - begin)
    return 1e3 * float(np.median(took))


def main() -> int:
    """Print the tables; return 1 if the model does not win."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--panel", type=Path)
    try:
        panel = load_panel(parser.parse_args().panel)
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
    print("\nOther breaks, all Goals")
    rows = {
        year: backcast(panel, last_fitted=year).table.iloc[-1][RULES].astype(float)
        for year in OTHER_BREAKS
    }
    print(pd.DataFrame(rows).T.round(3).to_string())
    print("\nRetention of own trends, main break, all Goals")
    for retention in RETENTIONS:
        changed = default_parameters().replace({"goal_trend_retention": retention})
        print(f"  {retention:4.2f}  {backcast(panel, changed).table.iloc[-1]['model']:.3f}")
    print(f"\nOne step of {COUNTRIES} countries with every driver: {step_time():.2f} ms CPU")
    errors = result.table.iloc[-1]
    won = errors["model"] < min(errors["mean_drift"], errors["no_change"])
    print("the model beats mean drift and no change:", "yes" if won else "NO")
    return 0 if won else 1


if __name__ == "__main__":
    sys.exit(main())
