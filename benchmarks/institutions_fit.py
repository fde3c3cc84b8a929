"""Institutions against the survey of paragraph 44: what the priors reach, and a point inside them that meets it.

``python benchmarks/institutions_fit.py`` runs step 2 alone, on the incomes and experience of one full run: 200 draws
from the priors of ``institutions.yaml``, then a Latin hypercube over them, whose best points are cut down to the
parameters that must leave the median of their prior, and judged by medians over 50 seeds. The tables hold the point
found, rounded.

Six figures stand against more parameters than that, so the figures do not identify them: the report counts how many
points meet all six, and which parameters need not move.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import norm, qmc

from sscsim.calibration.targets import load_targets
from sscsim.model import SouthSouthModel
from sscsim.parameters import Parameters, default_parameters
from sscsim.steps.institutions import Institutions
from sscsim.steps.submodel import Given, Submodels
from sscsim.streams import Streams

TARGETS = ("providers_share", "un_support_share")
LAST = 2030
SPARSE_MISFIT = 0.6
"""Misfit, in half-widths of the tolerance, up to which a parameter may go back to its prior's median."""
CANDIDATES = 5


def checks() -> dict[str, tuple[str, int, int | None, float, float]]:
    """Return what is fitted by name: variable, year, year before (for rises), lowest and highest value."""
    found = {}
    for target in load_targets():
        if target.id in TARGETS:
            for check in target.checks:
                variable = "provider" if target.id == "providers_share" else "un_support"
                low, high = check.within.limits(check.value)
                rise = str(check.observable).endswith("_rise")
                year = int(check.year or 0)
                name = f"{target.id} {'rise' if rise else year}"
                found[name] = (variable, year, year - 2 if rise else None, low, high)
    return found


class Standalone:
    """Step 2 on what one run earned and learned: the years of a point and a seed in a few milliseconds."""

    def __init__(self) -> None:
        self.model = SouthSouthModel(seed=1, end=LAST, keep="indicators")
        self.opening = self.model.opening.copy()
        self.paths = {}
        while self.model.running:
            self.model.step()
            state = self.model.state
            self.paths[state.year] = (
                state.gdp.copy(),
                state.population.copy(),
                state.experience.copy(),
            )

    def run(self, parameters: Parameters, seed: int, last: int) -> dict[str, np.ndarray]:
        """Return shares over programme countries by year: providers, supported, and who could provide at most."""
        now = replace(self.model.now(), state=self.opening.copy(), luck=Streams(seed))
        institutions = Institutions(Given(self.model.world, parameters, now.base_year), Submodels())
        institutions.open(now)
        base, state = institutions.base, now.state
        seen: dict[str, list[float]] = {"provider": [], "un_support": [], "able": []}
        for year in range(now.base_year, last + 1):
            state.year = year
            state.gdp, state.population, experience = self.paths[year]
            institutions.run(now)
            # Institutions of a year look at the experience of the year before.
            state.experience = experience
            among = base.programme
            able = base.provider_reluctance < base.ceiling(state.cooperation_capacity)
            seen["provider"].append(state.provider[among].mean())
            seen["un_support"].append(state.un_support[among].mean())
            seen["able"].append(able[among].mean())
        return {name: np.array(values) for name, values in seen.items()}


def observe(shares: dict[str, np.ndarray], first: int) -> dict[str, float]:
    return {
        name: float(
            shares[variable][year - first]
            - (0.0 if before is None else shares[variable][before - first])
        )
        for name, (variable, year, before, _, _) in checks().items()
    }


def misfit(seen: dict[str, float]) -> float:
    """Largest distance over the checks, in half-widths of their tolerance; a rise counts only when it is none."""
    worst = 0.0
    for name, (_, _, before, low, high) in checks().items():
        if before is None:
            worst = max(worst, abs(seen[name] - (low + high) / 2) / ((high - low) / 2))
        elif seen[name] <= low:
            worst = max(worst, 2.0)
    return worst


def drawn(parameters: Parameters) -> list[str]:
    # What countries learn stays as it opened where the step of knowledge does not run.
    return [
        d.name
        for d in parameters.definitions()
        if d.submodel == "institutions" and d.drawn and d.name != "capacity_learning"
    ]


def medians(model: Standalone, point: Parameters, seeds: int) -> dict[str, float]:
    first = model.model.opening.year
    rows = [observe(model.run(point, s, 2017), first) for s in range(1, seeds + 1)]
    return {name: float(np.median([row[name] for row in rows])) for name in rows[0]}


def prior_predictive(model: Standalone, draws: int, seed: int) -> dict[str, object]:
    parameters, first = default_parameters(), model.model.opening.year
    names = drawn(parameters)
    uniforms = np.random.default_rng(seed).random((draws, len(names)))
    rows, pinned, in_2030 = [], 0, []
    for number, row in enumerate(uniforms, start=1):
        point = parameters.draw(dict(zip(names, row, strict=True)))
        shares = model.run(point, number, LAST)
        rows.append(observe(shares, first))
        pinned += bool((shares["provider"][1:-1] >= shares["able"][1:-1]).any())
        in_2030.append(shares["provider"][-1])
    figures = {}
    for name, (_, _, _, low, high) in checks().items():
        values = np.array([row[name] for row in rows])
        p05, p50, p95 = np.quantile(values, [0.05, 0.5, 0.95])
        middle = (low + high) / 2 if np.isfinite(high) else low
        figures[name] = {
            "target": middle,
            "p05": p05,
            "median": p50,
            "p95": p95,
            "inside": bool(p05 <= middle <= p95) if np.isfinite(high) else bool(p95 > low),
            "share_of_draws_within_tolerance": float(np.mean((values > low) & (values <= high))),
        }
    return {
        "figures": figures,
        "draws_at_the_ceiling_before_2030": pinned,
        "provider_share_2030": dict(
            zip(("p05", "median", "p95"), np.quantile(in_2030, [0.05, 0.5, 0.95]), strict=True)
        ),
    }


def distance(centre: Parameters, point: Parameters) -> float:
    """Squared distance from the priors' medians in units of each prior's half-width at one sd."""
    total = 0.0
    for name in drawn(centre):
        definition = centre.definition(name)
        low, high = definition.quantile(norm.cdf(-1.0)), definition.quantile(norm.cdf(1.0))
        total += ((point[name] - centre[name]) / (0.5 * (high - low))) ** 2
    return total


def sparse(
    model: Standalone, centre: Parameters, point: Parameters, seeds: int
) -> tuple[Parameters, dict[str, float]]:
    """Return the point with every parameter back at its prior's median that can do without."""
    seen = medians(model, point, seeds)
    limit = max(SPARSE_MISFIT, misfit(seen))
    single = {n: distance(centre, centre.replace({n: point[n]})) for n in drawn(centre)}
    for name in sorted(single, key=lambda n: single[n]):  # the least moved first
        back = point.replace({name: centre[name]})
        there = medians(model, back, seeds)
        if misfit(there) <= limit:
            point, seen = back, there
    return point, seen


def search(model: Standalone, points: int, seeds: int, seed: int, judges: int) -> dict[str, object]:
    tables = default_parameters()
    names = drawn(tables)
    parameters = tables.draw(dict.fromkeys(names, 0.5))
    cube = qmc.LatinHypercube(d=len(names), rng=np.random.default_rng(seed)).random(points)
    found = []
    for row in cube:
        point = parameters.draw(dict(zip(names, row, strict=True)))
        found.append((misfit(medians(model, point, seeds)), point))
    found.sort(key=lambda f: f[0])
    candidates = [sparse(model, parameters, p, seeds) for _, p in found[:CANDIDATES]]
    judged = [(point, medians(model, point, judges)) for point, _ in candidates]
    point, seen = min(
        judged, key=lambda c: (max(misfit(c[1]), SPARSE_MISFIT), distance(parameters, c[0]))
    )
    centre, there = (medians(model, p, judges) for p in (parameters, tables))
    return {
        "points": points,
        "seeds_of_the_search": seeds,
        "seeds_of_the_medians": judges,
        "points_that_meet_all": sum(f[0] <= 1.0 for f in found),
        "misfit_of_the_priors_medians": misfit(centre),
        "medians_at_the_priors_medians": centre,
        "misfit_of_the_tables_values": misfit(there),
        "medians_at_the_tables_values": there,
        "misfit": misfit(seen),
        "medians": seen,
        "moved": {n: point[n] for n in names if point[n] != parameters[n]},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--points", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=12)
    options = parser.parse_args()
    started = time.process_time()
    model = Standalone()
    predictive = prior_predictive(model, options.draws, seed=1)
    found = search(model, options.points, options.seeds, seed=2, judges=50)
    report = {"draws": options.draws, "prior_predictive": predictive, "search": found}
    Path(__file__).with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
    figures = predictive["figures"]
    print(f"{'figure':24s}{'target':>8s}{'5 %':>8s}{'median':>8s}{'95 %':>8s}  inside  near  found")
    for name, row in figures.items():
        print(
            f"{name:24s}{row['target']:8.3f}{row['p05']:8.3f}{row['median']:8.3f}{row['p95']:8.3f}"
            f"  {row['inside']!s:6s}  {row['share_of_draws_within_tolerance']:4.2f}"
            f"  {found['medians'][name]:.3f}"
        )
    print(
        f"providers at their ceiling before {LAST} in "
        f"{predictive['draws_at_the_ceiling_before_2030']} of {options.draws} draws; share in {LAST} "
        + ", ".join(f"{k} {v:.2f}" for k, v in predictive["provider_share_2030"].items())
    )
    print(
        f"{found['points_that_meet_all']} of {found['points']} points meet every figure; misfit "
        f"{found['misfit']:.2f} of the tolerance, {found['misfit_of_the_priors_medians']:.2f} at the "
        f"priors' medians, {found['misfit_of_the_tables_values']:.2f} at the tables' values; "
        f"{time.process_time() - started:.0f} s"
    )
    print("moved from the priors' medians:", {n: round(v, 3) for n, v in found["moved"].items()})
    inside = all(row["inside"] for row in figures.values())
    return 0 if inside and found["misfit"] <= 1.0 else 1


if __name__ == "__main__":
    sys.exit(main())
