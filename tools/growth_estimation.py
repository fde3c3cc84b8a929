"""What growth on record says of two parameters: the frontier's growth and the speed of diffusion.

``python -m tools.growth_estimation`` prints the posterior that ``growth.yaml`` holds as priors. Nothing after
2018 enters: the first year after the record judges what comes out (``benchmarks/growth_check.py``).

Mean growth of productivity 2014–2018 of economy i, the Solow residual of the record, is

    y_i = x_i g + x_i gap_i c + r_region(i) + e_i,    r ~ N(0, τ²),  e ~ N(0, σ²)

with x human capital and gap the distance to the frontier as the model has them. Regions share shocks (prices of what
they sell, crises), so that five regions say little more than five economies of what all have in common: r keeps a bust
of five years from being read as a law. g and c have the priors of the literature; τ and σ make the record likeliest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.outcomes import growth
from sscsim.parameters import Parameters, default_parameters
from sscsim.steps.growth import Growth
from sscsim.types import Array
from sscsim.world.loading import load_world
from sscsim.world.tables import World

NAMES = ("frontier_growth", "diffusion_speed")
LITERATURE = np.array([0.007, 0.028])
"""Before the record: Fernald (2015) for the frontier, Benhabib & Spiegel (2005) for diffusion."""
LITERATURE_SD = np.array([0.002, 0.006])
REGIONAL = 0.01
"""Scale of the half-normal prior of τ: a point of growth a year is a large shock to a region for five years."""
CALM = 0.10
"""Growth beyond which a year is war, its end, or an oil field."""


@dataclass(frozen=True)
class Estimate:
    """Posterior of the two parameters."""

    mean: Array
    sd: Array
    correlation: float
    regional: float
    """τ, of mean growth over five years."""
    own: float
    """σ, the same."""


def record(world: World, base: Growth) -> tuple[Array, Array]:
    """Return mean growth of productivity on record, and x and x·gap beside it, ``(country,)`` and ``(country, 2)``."""
    known, frontier, rules = base.base.record, base.base.frontier, base.base.parameters
    human, level = world.base["human_capital_index"], known.base_productivity
    rows = []
    for year, grown in enumerate(known.productivity_growth):
        relative = growth.relative_technology(frontier, level, known.base_productivity, year, rules)
        x = np.log(human) / frontier.log_human_capital
        rows.append(np.stack([x, x * np.maximum(1.0 - relative, 0.0)], axis=1))
        level, human = level * np.exp(grown), growth.human_capital_step(human, rules)
    return known.productivity_growth.mean(axis=0), np.mean(rows, axis=0)


def posterior(grown: Array, inputs: Array, regions: Array) -> Estimate:
    """Return the posterior of g and c; `regions` is ``(country, region)``, 0 or 1."""
    precision = np.diag(LITERATURE_SD**-2.0)
    surprise = grown - inputs @ LITERATURE

    def likelihood(tau: float, sigma: float) -> float:
        # Variance is σ² of its own and of few common causes: by these the large matrix is inverted (Woodbury).
        causes = np.hstack([tau * regions, inputs * LITERATURE_SD])
        small = sigma**2 * np.eye(causes.shape[1]) + causes.T @ causes
        size = float(np.linalg.slogdet(small)[1]) + 2.0 * np.log(sigma) * (len(grown) - len(small))
        along = causes.T @ surprise
        fit = float(surprise @ surprise - along @ np.linalg.solve(small, along)) / sigma**2
        return -0.5 * (size + fit + (tau / REGIONAL) ** 2)

    grid = [(t, s) for t in np.arange(0.0005, 0.02, 0.0005) for s in np.arange(0.01, 0.035, 0.001)]
    tau, sigma = max(grid, key=lambda at: likelihood(*at))
    spread = sigma**2 * np.eye(len(grown)) + tau**2 * regions @ regions.T
    weighted = np.linalg.solve(spread, inputs)
    inverse = np.linalg.inv(inputs.T @ weighted + precision)
    mean = inverse @ (weighted.T @ grown + precision @ LITERATURE)
    sd = np.sqrt(np.diag(inverse))
    return Estimate(mean, sd, float(inverse[0, 1] / sd.prod()), float(tau), float(sigma))


def estimate(world: World | None = None, parameters: Parameters | None = None) -> Estimate:
    """Return the posterior from a world's record."""
    from sscsim.model import SouthSouthModel

    where = load_world() if world is None else world
    # The gap to the frontier moves on at its growth; the literature's, or the answer would rest on itself.
    values = dict(zip(NAMES, LITERATURE.tolist(), strict=True))
    given = (default_parameters() if parameters is None else parameters).replace(values)
    model = SouthSouthModel(seed=1, end=2013, world=where, parameters=given)
    grown, inputs = record(where, model.submodels.of(Growth))
    recorded = where.growth_record[:, ~where.growth_is_forecast][:, 1:] / 100
    calm = np.abs(recorded).max(axis=1) <= CALM
    names = where.attributes["report_region"].astype(str)
    regions = (names[:, None] == np.unique(names)).astype(float)
    return posterior(grown[calm], inputs[calm], regions[calm])


def main() -> None:
    """Print the posterior."""
    found = estimate()
    for name, mean, sd in zip(NAMES, found.mean, found.sd, strict=True):
        print(f"{name}: {mean:.4f} ± {sd:.4f}")
    print(f"correlation {found.correlation:.2f}")
    print(f"shocks of five years: {found.regional:.4f} a region, {found.own:.4f} an economy")


if __name__ == "__main__":
    main()
