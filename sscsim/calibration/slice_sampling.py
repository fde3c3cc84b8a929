"""Elliptical slice sampling: draws from a posterior whose prior is normal, with nothing to tune.

Murray, Adams & MacKay 2010 (Proceedings of Machine Learning Research 9). A step goes along an ellipse through the
present point and a draw of the prior, and shrinks towards the present point until the likelihood is above a level drawn
below it: it always moves, and it never leaves what the prior allows. Chains go side by side, since a likelihood of many
points costs little more than that of one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sscsim.types import Array, Index

__all__ = ["elliptical_slice", "elliptical_slices"]

MOST_SHRINKS = 200
"""Shrinks of a step, after which the angle is zero to the last digit."""


def elliptical_slice(
    log_likelihood: Callable[[Array], Array],
    start: Array,
    steps: int,
    generator: np.random.Generator,
) -> Array:
    """Return chains of points from a standard normal prior times a likelihood.

    Parameters
    ----------
    log_likelihood
        Of points ``(point, dimension)``, ``(point,)``; minus infinity where a point cannot be.
    start
        ``(chain, dimension)``, where chains begin; a likelihood of zero is left as soon as it can be.
    steps
        How many each makes.
    generator
        What is drawn from.

    Returns
    -------
    ndarray
        ``(step, chain, dimension)``, the starts left out.
    """
    return elliptical_slices(lambda points, _: log_likelihood(points), start, steps, generator)


def elliptical_slices(
    log_likelihood: Callable[[Array, Index], Array],
    start: Array,
    steps: int,
    generator: np.random.Generator,
) -> Array:
    """Return chains of as many posteriors as there are chains: the likelihood is told whose each point is.

    Parameters
    ----------
    log_likelihood
        Of points ``(point, dimension)`` of the chains ``(point,)``, ``(point,)``.
    start, steps, generator
        As in `elliptical_slice`.

    Returns
    -------
    ndarray
        ``(step, chain, dimension)``, the starts left out.
    """
    at = np.array(start, dtype=np.float64)
    now = np.asarray(log_likelihood(at, np.arange(len(at))), dtype=np.float64)
    kept = np.empty((steps, *at.shape))
    for step in range(steps):
        ellipse = generator.standard_normal(at.shape)
        level = now - generator.standard_exponential(len(at))
        level[np.isneginf(now)] = -np.inf
        angle = generator.uniform(0.0, 2.0 * np.pi, len(at))
        low, high = angle - 2.0 * np.pi, angle.copy()
        waiting = np.arange(len(at))
        for _ in range(MOST_SHRINKS):
            a = angle[waiting, None]
            tried = at[waiting] * np.cos(a) + ellipse[waiting] * np.sin(a)
            found = np.asarray(log_likelihood(tried, waiting), dtype=np.float64)
            fine = found > level[waiting]
            moved = waiting[fine]
            at[moved], now[moved] = tried[fine], found[fine]
            waiting = waiting[~fine]
            if not len(waiting):
                break
            below = angle[waiting] < 0.0
            low[waiting[below]] = angle[waiting[below]]
            high[waiting[~below]] = angle[waiting[~below]]
            angle[waiting] = generator.uniform(low[waiting], high[waiting])
        kept[step] = at
    return kept
