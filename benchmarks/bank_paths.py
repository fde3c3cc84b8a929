"""What paths of approvals the priors of banks allow, and where in them the report's figures lie (¶82).

Every parameter of ``banking.yaml`` is drawn from its prior, each draw runs twice with one seed, with and without
decisions of the governors; everything else stands at its table value. Prints the prior-predictive interval of each
figure, then looks for the draws nearest to the first approvals of record and checks the best of them over seeds.

    python benchmarks/bank_paths.py --draws 300 --seeds 20
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from sscsim.model import SouthSouthModel
from sscsim.parameters import Parameters, default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting

RECORD = {
    ("AIIB", 2016): 1.69,
    ("AIIB", 2017): 2.50,
    ("AIIB", 2018): 3.31,
    ("NDB", 2016): 1.55,
    ("NDB", 2017): 1.85,
    ("NDB", 2018): 4.6,
}
"""Approvals of the first years, bn USD (annual reports of 2016 to 2018)."""

TOLERANCE = 0.4
OFF = ("knowledge", "goals", "institutions", "investment")
NO_DECISION = Scenario(
    "none", {"en": "No decision"}, levers={"bank_governors": (Setting(value=0.0),)}
)
BASELINE = Scenario("baseline", {"en": "Baseline"})


def approvals(parameters: Parameters, seed: int, scenario: Scenario) -> dict[str, np.ndarray]:
    """Return approvals by bank and year from 2013 on, and whether governors decided."""
    model = SouthSouthModel(scenario, seed=seed, parameters=parameters, off=OFF, keep="indicators")
    path, decided = [], np.zeros(len(model.submodels["banking"].base.codes))
    while model.running:
        model.step()
        path.append(model.state.bank_approvals.copy())
        decided += model.state.bank_decision > 0
    by_bank = np.array(path).T
    return {
        code: np.append(by_bank[i], decided[i])
        for i, code in enumerate(model.submodels["banking"].base.codes)
    }


def figures(path: dict[str, np.ndarray], without: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the figures of ¶82 and the first approvals."""

    def mean(one: np.ndarray, first: int, last: int) -> float:
        return float(one[first - 2013 : last - 2012].mean())

    found = {f"{b} {y}": float(path[b][y - 2013]) for b, y in RECORD}
    found |= {
        "AIIB 2018-33": mean(path["AIIB"], 2018, 2033),
        "AIIB 2018-33 without": mean(without["AIIB"], 2018, 2033),
        "NDB 2016-20": mean(path["NDB"], 2016, 2020),
        "NDB 2034": float(path["NDB"][21]),
        "NDB 2034 without": float(without["NDB"][21]),
        "NDB decisions": float(path["NDB"][22]),
        "AIIB decisions": float(path["AIIB"][22]),
        "ISDB 2014-18": mean(path["ISDB"], 2014, 2018),
        "CAF 2014-18": mean(path["CAF"], 2014, 2018),
    }
    return found


TARGETS = {"AIIB 2018-33": (10.0, 15.0), "NDB 2016-20": (2.9, 3.9), "NDB 2034": (7.5, 10.5)}


def misfit(found: dict[str, float]) -> float:
    """Return the largest miss over its tolerance: at most one where every figure is met."""
    misses = [abs(found[f"{b} {y}"] / v - 1.0) / TOLERANCE for (b, y), v in RECORD.items()]
    for name, (low, high) in TARGETS.items():
        misses.append(abs(found[name] - (low + high) / 2) / ((high - low) / 2))
    return max(misses)


def median(found: list[dict[str, float]]) -> dict[str, float]:
    """Return the medians of runs."""
    return {name: float(np.median([f[name] for f in found])) for name in found[0]}


def evaluate(parameters: Parameters, seeds: range) -> dict[str, float]:
    """Return medians over seeds."""
    return median(
        [
            figures(approvals(parameters, s, BASELINE), approvals(parameters, s, NO_DECISION))
            for s in seeds
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--refine", type=int, default=60)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    table = default_parameters()
    names = [d.name for d in table.definitions() if d.submodel == "banking" and d.drawn]
    design = qmc.Sobol(len(names), seed=1).random(asked.draws)
    found = []
    for i, row in enumerate(design):
        drawn = table.draw(dict(zip(names, row.tolist(), strict=True)))
        found.append(evaluate(drawn, range(i, i + 1)))
    print("prior-predictive 5, 50, 95 %")
    for name in found[0]:
        print(f"  {name:22}", np.round(np.percentile([f[name] for f in found], [5, 50, 95]), 2))
    order = np.argsort([misfit(f) for f in found])
    best, score = design[order[0]], misfit(evaluate(_at(table, names, design[order[0]]), range(3)))
    rng = np.random.default_rng(1)
    for i in range(asked.refine):
        # Around the best so far and ever closer, always inside the priors.
        mates = design[order[: max(5, asked.draws // 30)]]
        start = best if i % 3 else mates[rng.integers(len(mates))]
        step = rng.normal(0.0, 0.25 * (1.0 - 0.7 * i / asked.refine), len(names))
        row = np.clip(start + step * (rng.random(len(names)) < 0.35), 0.01, 0.99)
        new = misfit(evaluate(_at(table, names, row), range(3)))
        if new < score:
            best, score = row, new
    values = _at(table, names, best)
    result = evaluate(values, range(100, 100 + asked.seeds))
    print(f"best point, medians over {asked.seeds} other seeds (misfit {misfit(result):.2f})")
    for name, value in result.items():
        print(f"  {name:22} {value:.2f}")
    kept = {n: values[n] for n in names}
    print(json.dumps({n: float(f"{v:.4g}") for n, v in kept.items()}, indent=1))
    if asked.out:
        asked.out.write_text(json.dumps({"parameters": kept, "medians": result}, indent=1) + "\n")


def _at(table: Parameters, names: list[str], row: np.ndarray) -> Parameters:
    return table.draw(dict(zip(names, row.tolist(), strict=True)))


if __name__ == "__main__":
    main()
