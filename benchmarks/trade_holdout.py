"""The base-year trade matrix against its own unpublished part.

The matrix rests on partner shares of the USITC (ITPD-E). A fifth of their pairs is hidden and
predicted: by gravity alone, by gravity seeded with the World Factbook's lists, and by gravity
informed by the four fifths that are left. The correlation of logarithms and the common part are
printed for all hidden pairs and for those between economies of the South, with and without China.

Where the Factbook's lists are all there is (``--base-trade factbook``), three quarters of world trade
is published as partner shares; the rest of the matrix is completed.

How good is the completion? Published cells are hidden, predicted, and compared with what was
hidden:

- A random fifth of the pairs is hidden from both sides' lists. That is the ordinary test, of cells
  larger than those that are in truth unpublished.
- Four lists in five lose their smallest partner. What is hidden is then what lists leave out, the
  next partner below the last one listed, and the ceiling of an unlisted partner can be tested
  fairly. (In the first test hidden pairs are exempt from it, since they are not unlisted; that they
  are exempt tells the completion something.)

Scores are the common part (Sørensen: twice the sum of the smaller of prediction and truth, over the
sum of both) and the correlation of logarithms, over hidden cells, for gravity alone, for seeding
with published shares, and for each of the two refinements and both.

Run: ``python benchmarks/trade_holdout.py [--splits 20] [--json FILE]``; exits with 1 unless seeding
beats gravity alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from _timing import header, measure, save_json

from sscsim.types import Array

# isort: split
import numpy as np
from numpy.typing import NDArray

from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.parameters import Parameters, default_parameters
from sscsim.steps.submodel import Given, Submodels
from sscsim.steps.trade import Trade
from sscsim.world import load_world
from sscsim.world.tables import World

GRAVITY = "gravity alone"
PLAIN = "seeded"
CEILING = "seeded, ceiling"
NEIGHBOURS = "seeded, neighbours"
BOTH = "seeded, ceiling and neighbours"
METHODS = (GRAVITY, PLAIN, CEILING, NEIGHBOURS, BOTH)
TOLERANCE = 1e-9  # of balancing: scores have four digits


class Base:
    """Everything of the base year but the lists."""

    def __init__(self, world: World, parameters: Parameters) -> None:
        self.world, self.parameters = world, parameters
        self.south = world.membership("south_unctad_2014")
        names = ("output_to_gdp", "home_sales_floor", "deficit_cap", "surplus_cap")
        economy = trade.close_economy(
            world.base["gdp_current_busd"],
            world.base["goods_exports_busd"],
            world.base["goods_imports_busd"],
            **{name: parameters[name] for name in names},
        )
        self.exports, self.imports = economy.exports, economy.imports
        self.kernel = self.gravity()
        self.lists = world.published_export_share, world.published_import_share
        self.truth = self.published(*self.lists)

    def gravity(self, **other: float) -> Array:
        both = np.outer(self.south, self.south).astype(float)
        world = self.world
        geography = trade.Geography(
            world.distance,
            world.contiguity,
            world.common_language,
            world.colonial_tie,
            world.agreement_in_force(2013),
            both,
        )
        names = ("distance", "contiguity", "common_language", "colonial_tie", "agreement", "south")
        beta = {name: self.parameters[f"gravity_{name}"] for name in names} | other
        kernel = trade.gravity_kernel(geography, self.exports, self.imports, **beta)
        return self.balanced(kernel)

    def balanced(self, start: Array) -> Array:
        return balance(start, self.exports, self.imports, tolerance=TOLERANCE)

    def published(self, export_share: Array, import_share: Array) -> Array:
        return trade.published_flows(
            self.kernel,
            self.exports,
            self.imports,
            export_share,
            import_share,
            mirror_tolerance=self.parameters["mirror_tolerance"],
        )

    def start(self, method: str, lists: tuple[Array, Array], exempt: NDArray[np.bool_]) -> Array:
        """Return the matrix before balancing, from what the lists still say."""
        kernel, ceiling = self.kernel, None
        if method == GRAVITY:
            return kernel
        known = self.published(*lists)
        if method in (NEIGHBOURS, BOTH):
            kernel = trade.informed_kernel(
                kernel,
                known,
                self.world.distance,
                distance_elasticity=self.parameters["gravity_distance"],
            )
        if method in (CEILING, BOTH):
            ceiling = trade.unlisted_ceiling(*lists, self.exports, self.imports)
            ceiling = np.where(exempt, np.inf, ceiling)
        return trade.seed_matrix(kernel, known, self.exports, self.imports, ceiling=ceiling)


def random_fifth(base: Base, rng: np.random.Generator) -> tuple[tuple[Array, Array], Array, Array]:
    """Hide a fifth of the pairs; return lists, hidden cells, and cells exempt from the ceiling."""
    cells = np.argwhere(~np.isnan(base.truth))
    chosen = cells[rng.permutation(len(cells))[: len(cells) // 5]]
    hidden = np.zeros(base.truth.shape, dtype=bool)
    hidden[chosen[:, 0], chosen[:, 1]] = True
    exports, imports = (np.where(hidden, np.nan, share) for share in base.lists)
    return (exports, imports), hidden, hidden


def shorter_lists(base: Base, rng: np.random.Generator) -> tuple[tuple[Array, Array], Array, Array]:
    """Take the smallest partner off four lists in five; nothing is exempt from the ceiling."""
    exports, imports = base.lists[0].copy(), base.lists[1].T.copy()
    for shares in (exports, imports):
        for row in shares:
            if rng.random() < 0.8 and np.count_nonzero(~np.isnan(row)) > 2:
                row[np.nanargmin(row)] = np.nan
    shorter = exports, imports.T
    hidden = np.isnan(shorter[0]) & np.isnan(shorter[1]) & ~np.isnan(base.truth)
    return shorter, hidden, np.zeros_like(hidden)


def common_part(left: Array, right: Array) -> float:
    return float(2 * np.minimum(left, right).sum() / (left.sum() + right.sum()))


def log_correlation(left: Array, right: Array) -> float:
    return float(np.corrcoef(np.log(left), np.log(right))[0, 1])


def interval(values: Array) -> str:
    low, high = np.quantile(values, [0.05, 0.95])
    return f"{values.mean():.3f} [{low:.3f}, {high:.3f}]"


def hold_out(
    base: Base,
    title: str,
    hide: Callable[[Base, np.random.Generator], tuple[tuple[Array, Array], Array, Array]],
    splits: int,
) -> dict[str, Array]:
    """Return and print scores by method, ``(split, [common part, correlation])``."""
    scores: dict[str, list[list[float]]] = {method: [] for method in METHODS}
    counts, values = [], []
    for split in range(splits):
        lists, hidden, exempt = hide(base, np.random.default_rng([2013, split]))
        truth = base.truth[hidden]
        counts.append(hidden.sum())
        values.append(truth.sum() / base.exports.sum())
        for method in METHODS:
            found = base.balanced(base.start(method, lists, exempt))[hidden]
            scores[method].append([common_part(found, truth), log_correlation(found, truth)])
    print(f"\n\n{title}: {splits} splits, {np.mean(counts):.0f} cells hidden in the mean, ", end="")
    print(f"{np.mean(values):.0%} of world trade\n")
    print(
        f"{'mean [5 %, 95 %] over splits':<32}{'common part':<24}{'correlation of logs':<24}",
        end="",
    )
    print("common part above gravity, splits won")
    result = {method: np.array(rows) for method, rows in scores.items()}
    for method, rows in result.items():
        above = rows[:, 0] - result[GRAVITY][:, 0]
        won = f"{interval(above)}  {np.count_nonzero(above > 0)}/{splits}"
        print(f"{method:<32}{interval(rows[:, 0]):<24}{interval(rows[:, 1]):<24}", end="")
        print("" if method == GRAVITY else won)
    return result


def shares_held_out(base: Base, splits: int) -> dict[str, Array]:
    """Return and print how well a hidden fifth of the USITC's pairs is predicted.

    Per method ``(split, group, [common part, correlation])``; groups are all pairs, South-South,
    and South-South without China.
    """
    world = base.world
    shares = world.trade_shares
    truth = base.balanced(trade.flows_by_shares(shares, base.kernel, base.exports))
    known = ~np.isnan(shares) & (shares > 0.0)
    south = np.outer(base.south, base.south)
    without = south.copy()
    china = world.position("CHN")
    without[china, :] = without[:, china] = False
    groups = {"all": np.ones_like(south), "South-South": south, "without China": without}
    factbook = base.balanced(base.start(BOTH, base.lists, np.zeros_like(known)))
    methods = (GRAVITY, "gravity and the Factbook's lists", "gravity and the other four fifths")
    scores: dict[str, list[list[list[float]]]] = {method: [] for method in methods}
    cells = np.argwhere(known)
    for split in range(splits):
        rng = np.random.default_rng([2013, 5, split])
        chosen = cells[rng.permutation(len(cells))[: len(cells) // 5]]
        hidden = np.zeros_like(known)
        hidden[chosen[:, 0], chosen[:, 1]] = True
        seen = np.where(~np.isnan(shares) & ~hidden, truth, np.nan)
        informed = trade.informed_kernel(
            base.kernel,
            np.where(seen > 0.0, seen, np.nan),
            world.distance,
            distance_elasticity=base.parameters["gravity_distance"],
        )
        completed = base.balanced(trade.seed_matrix(informed, seen, base.exports, base.imports))
        for method, found in zip(methods, (base.kernel, factbook, completed), strict=True):
            rows = []
            for group in groups.values():
                mask = hidden & group & (found > 0.0)
                rows.append(
                    [
                        common_part(found[mask], truth[mask]),
                        log_correlation(found[mask], truth[mask]),
                    ]
                )
            scores[method].append(rows)
    result = {method: np.array(rows) for method, rows in scores.items()}
    print(f"\n\nA fifth of {len(cells)} pairs of the USITC's shares hidden: {splits} splits\n")
    print(f"{'correlation of logs (common part)':<36}" + "".join(f"{g:<24}" for g in groups))
    for method, rows in result.items():
        mean = rows.mean(axis=0)
        print(f"{method:<36}" + "".join(f"{f'{r:.3f} ({c:.3f})':<24}" for c, r in mean))
    return result


def whole(base: Base) -> None:
    """Print the matrix with nothing hidden."""
    known = ~np.isnan(base.truth)
    nothing = np.zeros_like(known)
    south = np.outer(base.south, base.south)
    ceiling = trade.unlisted_ceiling(*base.lists, base.exports, base.imports)
    world = base.world
    pairs = [("KOR", "JPN"), ("CHN", "USA"), ("BRA", "CHN"), ("CAN", "CHN"), ("DZA", "EGY")]
    share = base.truth[known].sum() / base.exports.sum()
    print(f"\n\nNothing hidden: {known.sum()} published flows believed, {share:.0%} of trade\n")
    titles = "".join(f"{a}-{b:<5}" for a, b in pairs)
    print(
        f"{'bn USD':<32}{'South-South':>12}{'fit':>8}{'log corr':>10}{'above ceiling':>15}   {titles}"
    )
    matrices = {
        method: base.balanced(base.start(method, base.lists, nothing)) for method in METHODS
    }
    matrices["the model's base year"] = Trade(
        Given(world, base.parameters, 2013), Submodels()
    ).base.flows
    for method, flows in matrices.items():
        above = np.maximum(flows - ceiling, 0)[~known].sum()
        cells = "".join(f"{flows[world.position(a), world.position(b)]:<9.1f}" for a, b in pairs)
        print(
            f"{method:<32}{flows[south].sum():>12.0f}{common_part(flows[known], base.truth[known]):>8.3f}"
            f"{log_correlation(flows[known], base.truth[known]):>10.4f}{above:>15.0f}   {cells}"
        )
    print("fit and correlation are over published cells, which balancing moves a little")


def affinity(base: Base) -> None:
    """Print what published flows say on the South's affinity, all else at the tables' values."""
    known = ~np.isnan(base.truth)
    south = np.outer(base.south, base.south)
    print("\n\nGravity alone against published flows, by South affinity\n")
    print(
        f"{'gravity_south':>14}{'common part':>14}{'log corr':>11}{'South-South, published cells':>31}"
    )
    truth = base.truth[known & south].sum()
    for value in (-0.4, -0.2, 0.0, 0.2, 0.4):
        kernel = base.gravity(south=value)
        print(
            f"{value:>14.1f}{common_part(kernel[known], base.truth[known]):>14.4f}"
            f"{log_correlation(kernel[known], base.truth[known]):>11.4f}"
            f"{kernel[known & south].sum():>18.0f} of {truth:.0f} bn"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    base = Base(load_world(), default_parameters())
    shares = shares_held_out(base, options.splits)
    first = hold_out(base, "A random fifth of published pairs hidden", random_fifth, options.splits)
    second = hold_out(base, "Lists without their smallest partner", shorter_lists, options.splits)
    whole(base)
    affinity(base)
    print("\n\nCost of completing the matrix\n")
    print(header())
    nothing = np.zeros(base.truth.shape, dtype=bool)
    timings = [
        measure(method, lambda m=method: base.start(m, base.lists, nothing))
        for method in METHODS[1:]
    ]
    for timing in timings:
        print(timing)
    if options.json:
        scores = {
            name: {method: rows.tolist() for method, rows in result.items()}
            for name, result in (
                ("a fifth of the USITC's pairs", shares),
                ("random fifth", first),
                ("shorter lists", second),
            )
        }
        save_json(options.json, timings, scores=scores)
    worst = min(
        float(np.mean(result[method][:, 0] - result[GRAVITY][:, 0]))
        for result in (first, second)
        for method in (PLAIN, BOTH)
    )
    return 0 if worst > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
