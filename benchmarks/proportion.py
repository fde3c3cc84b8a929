"""What projects do per dollar and per expert, beside published effects: the table of ``docs/proportion.md``.

Runs with and without projects (the lever `cooperation` at 0 from 2014 on) are compared in 2030, seed by seed, at the
middle of the priors and at the quantiles 0.1 and 0.9 of the parameter that carries each effect. Lenders, banks and
trade policy stay as they are. Published effects are from memory and marked so; they judge the order of size alone.

Run: from the top folder, ``python -m benchmarks.proportion [--seeds 1]``; some minutes on one processor.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from sscsim.model import simulate
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.results.run import Run

YEAR, SINCE = 2030, 2014

EXPERT_YEARS = 2.0
"""Years of people in a project of 0.1 million dollars: a hundred weeks (decision 0149)."""

EFFECTS = (
    (
        "exports of the world, USD a USD of projects a year",
        "exports",
        "World",
        "tie_trade_response",
        "8: aid for trade (OECD & WTO 2013); 87: export promotion (Olarreaga et al. 2020); both from memory",
    ),
    (
        "output of the South, USD a USD of projects a year",
        "gdp",
        "South",
        "learning_rate",
        "0.5 to 3: aid, after decades (Arndt, Jones & Tarp 2015, World Development 69: some 16 % a year; from memory)",
    ),
    (
        "Goal index of LDCs, points",
        "goal_index",
        "LDC",
        "goal_cooperation_response",
        "0.1 to 0.2 a year: all that moved the index of low-income countries in 2000-2019 (from memory)",
    ),
)


def measured(seed: int, name: str, group: str, set: dict[str, float]) -> tuple[float, float, float]:
    """Return what an indicator loses without projects, and money (bn USD) and number of the projects of a year."""
    scenario = Scenario(
        "none", {"en": "None"}, levers={"cooperation": (Setting(value=0.0, **{"from": SINCE}),)}
    )
    with_it, without = (
        simulate(one, seed=seed, end=YEAR, set=set) for one in ("baseline", scenario)
    )

    def value(run: Run) -> float:
        return float(run.value(name, group, year=YEAR))

    begun = with_it.projects.query(f"{SINCE} <= start <= {YEAR}")
    years = YEAR - SINCE + 1
    return value(with_it) - value(without), 1e-3 * begun["cost"].sum() / years, len(begun) / years


def lines(seeds: int) -> Iterator[str]:
    """Return lines of the table."""
    yield "| effect in 2030 | parameter at | change | bn USD a year | a USD | an expert's year | published |"
    yield "|---|---|---|---|---|---|---|"
    table = default_parameters()
    for what, name, group, parameter, published in EFFECTS:
        drawn = [(q, table.draw({parameter: q})[parameter]) for q in (0.1, 0.5, 0.9)]
        for quantile, at in drawn:
            found = [measured(s, name, group, {parameter: at}) for s in range(1, seeds + 1)]
            change, money, number = np.mean(found, axis=0)
            years = EXPERT_YEARS * number
            yield (
                f"| {what} | `{parameter}` {at:.4g} (q {quantile:g}) | {change:+.4g} | {money:.2f} "
                f"| {change / money:+.3g} | {change / years:+.3g} | {published} |"
            )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1)
    for line in lines(parser.parse_args().seeds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
