"""Cost and reach of the trade equilibrium.

1. One solve at 30, 60 and 197 economies, from prices of one without a Jacobian, beside SciPy's
   general root finder on the same equations and, in its closure, the package gegravity; and as in a
   run, where last year's prices and Jacobian serve. Answers are compared as well as times.
2. A run's 44 solves (22 years, with and without the change of freeness) on the real base year.
3. Ten thousand admissible random worlds over the bounds of the elasticity, wilder than any base
   year: whether they converge, and what the inadmissible ones drawn on the way are told.

Run: ``python benchmarks/trade_equilibrium.py [--draws 10000] [--without-gegravity] [--json FILE]``;
exits with 1 when a draw neither converges nor is refused rightly, or when answers differ.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from _timing import Timing, header, measure, reference, save_json

# isort: split
import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from sscsim.errors import InadmissibleInput
from sscsim.flows import trade
from sscsim.parameters import default_parameters
from sscsim.steps.submodel import Given, Submodels
from sscsim.steps.trade import Trade
from sscsim.world import load_world

SIZES = (30, 60, 197)
SIZES_GEGRAVITY = (30, 60)


@dataclass(frozen=True)
class Problem:
    """A base year and a shock to it."""

    flows: NDArray[np.float64]
    output: NDArray[np.float64]
    volume: NDArray[np.float64]
    freeness: NDArray[np.float64]
    theta: float

    @property
    def shares(self) -> NDArray[np.float64]:
        return self.flows / self.flows.sum(axis=0)

    @property
    def deficit_ratio(self) -> NDArray[np.float64]:
        return self.flows.sum(axis=0) / self.output - 1

    @property
    def markets(self) -> trade.Markets:
        return trade.Markets(self.shares, self.output, self.theta)

    @property
    def hats(self) -> trade.Hats:
        return trade.Hats(self.volume, self.freeness, self.deficit_ratio)


def problem(size: int, seed: int = 1) -> Problem:
    rng = np.random.default_rng([seed, size])
    mass = np.exp(rng.normal(3, 1, size))
    flows = np.exp(rng.normal(0, 0.8, (size, size))) * np.outer(mass, mass) / mass.sum()
    np.fill_diagonal(flows, 0)
    larger = np.maximum(flows.sum(axis=0), flows.sum(axis=1))
    flows += np.diag(larger * rng.uniform(2, 10, size))
    freeness = np.exp(rng.normal(0.3, 0.3, (size, size)))
    np.fill_diagonal(freeness, 1)
    volume = np.exp(rng.normal(0.3, 0.2, size))
    return Problem(flows, flows.sum(axis=1), volume, freeness, 5.03)


def root(case: Problem) -> NDArray[np.float64]:
    """Solve by SciPy's hybrid Powell method, in ln ŵ, the numeraire in place of one market."""
    shares, output, deficit = case.shares, case.output, case.deficit_ratio
    volume, freeness = case.volume, case.freeness
    weight = volume * output
    weighted = shares * freeness

    def equations(log_wage: NDArray[np.float64]) -> NDArray[np.float64]:
        income = np.exp(log_wage) * weight
        supply = np.exp(-case.theta * log_wage)
        spending = income * (1 + deficit - income @ deficit / income.sum())
        excess = 1 - supply * (weighted @ (spending / (supply @ weighted))) / income
        excess[-1] = income.sum() / weight.sum() - 1
        return excess

    found = optimize.root(equations, np.zeros(len(output)), method="hybr", tol=1e-12)
    return np.exp(found.x)


def gegravity_prices(case: Problem) -> NDArray[np.float64]:
    """Solve with gegravity, volumes unchanged; the time includes what it needs to be set up."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", category)
        import gegravity
        import pandas as pd

        n = len(case.output)
        names = [f"C{i:03d}" for i in range(n)]
        spent = case.flows.sum(axis=0)
        cost = case.flows * case.output.sum() / np.outer(case.output, spent)
        table = pd.DataFrame(
            {
                "exporter": np.repeat(names, n),
                "importer": np.tile(names, n),
                "year": "2013",
                "trade": case.flows.ravel(),
                "Y": np.repeat(case.output, n),
                "E": np.tile(spent, n),
                "log_cost": np.log(cost).ravel(),
                "shock": 0.0,
            }
        )
        data = gegravity.BaselineData(
            table,
            imp_var_name="importer",
            exp_var_name="exporter",
            year_var_name="year",
            trade_var_name="trade",
            expend_var_name="E",
            output_var_name="Y",
        )
        coefficients = gegravity.CostCoeffs(
            estimates=pd.DataFrame({"v": ["log_cost", "shock"], "b": [1.0, 1.0], "s": [0.1, 0.1]}),
            identifier_col="v",
            coeff_col="b",
            stderr_col="s",
        )
        model = gegravity.OneSectorGE(
            data,
            year="2013",
            expend_var_name="E",
            output_var_name="Y",
            cost_coeff_values=coefficients,
            cost_variables=["log_cost", "shock"],
            reference_importer=names[0],
            sigma=case.theta + 1,
            quiet=True,
        )
        model.build_baseline(omr_rescale=1, mr_tolerance=1e-13)
        model.define_experiment(table.assign(shock=np.log(case.freeness).ravel()))
        model.simulate(ge_tolerance=1e-13, ge_max_iter=5000)
        return model.factory_gate_prices.iloc[:, 0].loc[names].to_numpy(float)


def apart(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Return by how much prices differ once both have the same level."""
    ratio = left / right
    return float(ratio.max() / ratio.min() - 1)


def one_solve(with_gegravity: bool) -> tuple[list[Timing], dict[str, float], bool]:
    print("One solve\n")
    print(header())
    timings: list[Timing] = []
    ratios: dict[str, float] = {}
    notes = []
    good = True

    def add(timing: Timing) -> Timing:
        timings.append(timing)
        print(timing, flush=True)
        return timing

    for size in SIZES:
        case = problem(size)
        markets, hats = case.markets, case.hats
        solved = trade.solve_equilibrium(markets, hats)
        ours = add(
            measure(
                f"{size} economies: this model, cold",
                lambda m=markets, h=hats: trade.solve_equilibrium(m, h),
            )
        )
        near = replace(hats, volume=hats.volume * np.linspace(1.0, 1.06, size))
        add(
            measure(
                f"{size} economies: this model, next year's",
                lambda m=markets, h=near, s=solved.start: trade.solve_equilibrium(m, h, s),
            )
        )
        again = trade.solve_equilibrium(markets, near, solved.start)
        theirs = add(measure(f"{size} economies: scipy.optimize.root", lambda c=case: root(c)))
        difference = apart(root(case), solved.wage)
        good &= difference < 1e-8
        ratios[f"scipy {size}"] = theirs.median / ours.median
        ratio = ratios[f"scipy {size}"]
        notes.append(
            f"{size:>4} economies: {solved.iterations} evaluations cold, {again.iterations} from "
            f"last year's; scipy takes {ratio:.0f} times as long, prices differ by "
            f"{difference:.1e}"
        )
        if with_gegravity and size in SIZES_GEGRAVITY:
            steady = Problem(case.flows, case.output, np.ones(size), case.freeness, case.theta)

            def conditional(c: Problem = steady) -> trade.Equilibrium:
                return trade.solve_equilibrium(
                    c.markets,
                    c.hats,
                    shares_at_base=True,
                    deficit_floor=-0.99,
                    tolerance=1e-13,
                )

            ours = add(measure(f"{size} economies: this model, their closure", conditional))
            theirs = add(
                measure(f"{size} economies: gegravity", lambda c=steady: gegravity_prices(c))
            )
            mine = conditional()
            difference = apart(gegravity_prices(steady), mine.wage)
            good &= difference < 1e-9
            abroad = ~np.eye(size, dtype=bool)
            moved = mine.flows[abroad].sum() / steady.flows[abroad].sum() - 1
            ratios[f"gegravity {size}"] = theirs.median / ours.median
            ratio = ratios[f"gegravity {size}"]
            notes.append(
                f"{size:>4} economies: gegravity takes {ratio:.0f} times as "
                f"long (tables of data and results included), prices differ by {difference:.1e} where "
                f"trade moves by {moved:.0%}"
            )
        add(reference(size))
    print()
    print("\n".join(notes))
    return timings, ratios, good


def one_run() -> list[Timing]:
    """Solve 22 years of a stylised path from the real base year, twice a year as the model does."""
    parameters = default_parameters()
    base = Trade(Given(load_world(), parameters, 2013), Submodels()).base
    n = len(base.economy.output)
    rng = np.random.default_rng(3)
    growth = rng.normal(0.035, 0.02, n)
    drift = rng.normal(0, 0.005, n)
    counts: list[int] = []
    ones = np.ones((n, n))

    def run() -> None:
        counts.clear()
        start = trade.Start(np.ones(n), base.inverse)
        for year in range(22):
            side = np.exp(drift * year)
            freeness = np.outer(side, side)
            deficit = base.economy.deficit_ratio * base.deficit_persistence**year
            for free in (freeness, ones):
                hats = trade.Hats(np.exp(growth * year), free, deficit)
                solved = trade.solve_equilibrium(base.markets, hats, start)
                start = solved.start
                counts.append(solved.iterations)

    print("\n\nThe 44 solves of a run, real base year, 197 economies\n")
    print(header())
    timing = measure("44 solves", run)
    print(timing)
    plain = reference(n)
    print(plain)
    print(
        f"\n{sum(counts)} evaluations; as long as {timing.median / plain.median:.0f} products and "
        f"factorisations of that size, of which full Newton steps would take some three a solve."
    )
    return [timing, plain]


def draw(number: int) -> tuple[trade.Markets, trade.Hats]:
    rng = np.random.default_rng([7, number])
    n = int(rng.integers(3, 41))
    mass = np.exp(rng.normal(3, 1.5, n))
    kernel = np.exp(rng.normal(0, 1.2, (n, n))) * np.outer(mass, mass)
    np.fill_diagonal(kernel, 0)
    openness = rng.uniform(0.03, 0.95, n)
    shares = kernel / kernel.sum(axis=0) * openness + np.diag(1 - openness)
    volume = np.exp(rng.normal(0, 0.6, n))
    freeness = np.exp(rng.normal(0, 0.6, (n, n)))
    deficit = rng.uniform(-0.5, 0.5, n)
    theta = float(rng.uniform(*default_parameters().definition("trade_elasticity").bounds))
    return trade.Markets(shares, mass, theta), trade.Hats(volume, freeness, deficit)


def convergence(draws: int) -> tuple[dict[str, int], bool]:
    """Draw worlds until `draws` have been solved or remain unexplained."""
    print("\n\nConvergence: random worlds of 3 to 40 economies\n")
    told: Counter[str] = Counter()
    evaluations = []
    start = time.process_time()
    number = -1
    while told["converged"] + told["not found"] < draws:
        number += 1
        markets, hats = draw(number)
        try:
            solved = trade.solve_equilibrium(markets, hats)
        except InadmissibleInput as error:
            if "deficit_ratio of economy" not in str(error):
                told["not found"] += 1
                continue
            freed = trade.solve_equilibrium(markets, hats, deficit_floor=-0.999)
            right = freed.deficit_ratio.min() <= -0.6
            told["refused, rightly" if right else "refused, wrongly"] += 1
        else:
            told["converged"] += 1
            evaluations.append(solved.iterations)
    seconds = time.process_time() - start
    meaning = {
        "converged": "to 1e-10 of every economy's output",
        "refused, rightly": "a surplus above 0.6 of income once the world sum is zero; without the "
        "floor it is solved, and so large",
        "refused, wrongly": "such a surplus was named and is not there",
        "not found": "neither solved nor explained",
    }
    for what, text in meaning.items():
        print(f"{what:<18}{told[what]:>7}  {text}")
    print(
        f"\nevaluations: median {np.median(evaluations):.0f}, most {max(evaluations)}; "
        f"{1e3 * seconds / (number + 1):.2f} ms a draw, drawing included"
    )
    return dict(told), not (told["not found"] or told["refused, wrongly"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--without-gegravity", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    timings, ratios, same = one_solve(not options.without_gegravity)
    timings += one_run()
    told, all_told = convergence(options.draws)
    if options.json:
        save_json(options.json, timings, ratios=ratios, convergence=told)
    return 0 if same and all_told else 1


if __name__ == "__main__":
    sys.exit(main())
