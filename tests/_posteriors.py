"""A small posterior whose truth is written down, made without a run or an emulator."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from sscsim.calibration.evidence import TOLERANCES, Evidence, Unseen, smoothed, sum_of
from sscsim.calibration.posterior import Posterior, Round
from sscsim.experiments.design import Design
from tests._toys import INPUTS, toy_checks, toy_parameters

SETTINGS: dict[str, Any] = {"method": "posterior", "scenario": "baseline", "seed": 1}
DRAWS, KEPT, SEEDS, HALF = 160, 200, 2, 0.2


def told(values: np.ndarray, factor: float = 1.0) -> np.ndarray:
    """Return the log-likelihood of the sum, 6 ± 0.2, and of the product, at least 3: ``(draw, check)``."""
    from scipy.special import log_ndtr

    level, slope, *_ = values.T
    variance = 0.1**2 + 2 * (factor * HALF / 3) ** 2
    total = -0.5 * ((level + slope - 6.0) ** 2 / variance + np.log(variance))
    return np.column_stack([total, log_ndtr((level * slope - 3.0) / 0.1)])


def _round(rng: np.random.Generator) -> tuple[np.ndarray, Unseen]:
    """Return draws by rejection from the priors, and runs that are as they were expected."""
    values = Design.independent(tuple(INPUTS), 40_000, int(rng.integers(1000))).values(
        toy_parameters()
    )
    log = sum_of(told(values))
    values = values[rng.uniform(size=len(log)) < np.exp(log - log.max())][:DRAWS]
    assert len(values) == DRAWS
    mean = np.column_stack([values[:, 0] + values[:, 1], np.log(values[:, 0] * values[:, 1])])
    sd = np.broadcast_to([0.1, 0.02], mean.shape)
    seen = mean[:, None] + sd[:, None] * rng.normal(size=(DRAWS, SEEDS, 2))
    seen[..., 1] = np.exp(seen[..., 1])
    return values, Unseen(mean, np.array(sd), np.array([False, True]), seen)


@lru_cache(maxsize=1)
def made_up() -> Posterior:
    """Return a posterior of two rounds; a draw of the last admits no world."""
    rng = np.random.default_rng(5)
    (_, first), (values, last) = _round(rng), _round(rng)
    last.seen[3] = np.nan
    whole = np.isfinite(last.seen).all(axis=(1, 2))
    before = sum_of(told(values))[whole] + 0.05 * rng.normal(size=whole.sum())
    likelihood = {factor: told(values[whole], factor) for factor in TOLERANCES}
    weights, khat = smoothed(sum_of(likelihood[1.0]) - before)
    chosen = np.searchsorted(np.cumsum(weights), (np.arange(KEPT) + 0.5) / KEPT)
    return Posterior(
        names=tuple(INPUTS),
        values=values[whole][chosen],
        fitted=("level", "slope", "curve"),
        checks=toy_checks(),
        predicted=last.seen[whole].reshape(-1, 2),
        weights=np.repeat(weights, SEEDS) / SEEDS,
        waves=(0.4, 0.2),
        rounds=(Round(0.9, 20.0), Round(khat, float(1.0 / (weights**2).sum()))),
        screening=None,
        inadmissible=1,
        parameters=toy_parameters(),
        seeds=SEEDS,
        evidence=Evidence(np.flatnonzero(whole), values[whole], weights, before, likelihood),
        unseen=(first, last),
    )
