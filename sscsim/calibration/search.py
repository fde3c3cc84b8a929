"""Draw from the priors, observe, and find a point that meets the report: the plainest search there is.

A point is a value for every parameter that has a prior. Points come from a scrambled Sobol sequence over the priors'
quantiles, so a search starts from the priors and from nothing else, and repeats exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sscsim.calibration.targets import Comparison, Target, compare, load_targets
from sscsim.errors import InputError
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.model import simulate
from sscsim.parameters import Parameters

__all__ = ["Design", "Found", "drawn_parameters", "fit_targets", "observe_point", "search"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """A point of a search: its values and what it shows as medians over seeds."""

    parameters: Parameters
    observed: dict[str, float]
    distance: float


def fit_targets() -> tuple[Target, ...]:
    """Return the targets that are fitted and whose mechanism is simulated."""
    return tuple(t for t in load_targets() if t.role == "fit" and t.simulated)


def observe_point(
    parameters: Parameters,
    seeds: Iterable[int],
    targets: Sequence[Target],
    *,
    end: int,
) -> dict[str, Array]:
    """Run one point with several seeds and return each check's observations, ``(seed,)``, by its id."""
    seen: dict[str, list[float]] = {}
    for seed in seeds:
        run = simulate("baseline", seed=seed, parameters=parameters, end=end, keep="full")
        for item in compare(run, targets):
            if item.check is not None:
                seen.setdefault(item.id, []).append(item.observed)
    return {name: np.array(values) for name, values in seen.items()}


def search(
    parameters: Parameters,
    design: Design,
    *,
    targets: Sequence[Target] | None = None,
    seeds: Sequence[int] = tuple(range(1, 9)),
    finalists: int = 8,
    final_seeds: Sequence[int] = tuple(range(1, 51)),
    end: int = 2017,
    progress: Callable[[int, int], None] | None = None,
) -> list[Found]:
    """Return the best points of a design, best first, judged by medians over the final seeds.

    Every point is seen with a few seeds; those nearest to the targets are seen again with many. The distance of a point
    is the largest over the checks, each measured from the middle of its tolerance in half widths, so that of two points
    that meet all the more central one is better.

    Raises
    ------
    InputError
        When no point of the design can be simulated.
    """
    wanted = fit_targets() if targets is None else tuple(targets)
    scored: list[tuple[float, int]] = []
    for index in range(len(design.quantiles)):
        try:
            point = design.point(index, parameters)
            seen = observe_point(point, seeds, wanted, end=end)
        except InputError:
            continue  # an inadmissible corner of the priors is no candidate
        scored.append((_distance(seen, wanted), index))
        if progress is not None:
            progress(index + 1, len(design.quantiles))
    if not scored:
        raise InputError("no point of the design can be simulated", key="design")
    found = []
    for _, index in sorted(scored)[:finalists]:
        point = design.point(index, parameters)
        seen = observe_point(point, final_seeds, wanted, end=end)
        medians = {name: float(np.median(values)) for name, values in seen.items()}
        found.append(Found(point, medians, _distance(seen, wanted)))
    return sorted(found, key=lambda f: f.distance)


def _distance(seen: dict[str, Array], targets: Sequence[Target]) -> float:
    worst = 0.0
    for target in targets:
        for check in target.checks:
            name = Comparison(target, check, 0.0, 0.0, "met").id
            low, high = check.within.limits(check.value)
            middle, half = (low + high) / 2, (high - low) / 2
            worst = max(worst, abs(float(np.median(seen[name])) - middle) / half)
    return worst
