"""Who asks for help, in which domain and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sscsim.compiled import compiled_loops
from sscsim.counts import whole
from sscsim.flows.knowledge.lines import LOOPS
from sscsim.flows.knowledge.parameters import KnowledgeParameters
from sscsim.special import gammaincinv
from sscsim.types import Array, Index, Mask

__all__ = [
    "funded_requests",
    "grant_size",
    "need_scale",
    "needs",
    "poisson",
    "poisson_any",
    "priority",
    "request_mean",
]

Array32 = NDArray[np.float32]


def needs(goals: Array, domain_weights: Array) -> Array:
    """Return how far the Goals of each domain lag, ``(country, domain)`` in [0, 1].

    Parameters
    ----------
    goals
        ``(country, 17)``, 0 to 100, NaN where a Goal does not apply: its weight falls to the domain's others,
        and where none applies nothing is needed.
    domain_weights
        ``(domain, 17)``, which Goals a domain serves.
    """
    known = ~np.isnan(goals)
    weight = known @ domain_weights.T
    score = np.where(known, goals, 0.0) @ domain_weights.T
    lag = 1.0 - score / np.where(weight > 0, weight, 1.0) / 100.0
    return np.where(weight > 0, lag, 0.0)


def need_scale(mean: Array) -> Array:
    """Return what makes the mean need of a group the same in every domain, ``(domain,)``.

    Parameters
    ----------
    mean
        ``(domain,)`` in [0, 1], the group's mean need. Below `LEAST_NEED` it counts as that: a domain in which next to
        nothing is left to do is not blown up to the need of the others.
    """
    floored = np.maximum(mean, LEAST_NEED)
    return np.asarray(floored.mean() / floored)


LEAST_NEED = 0.01
"""One point of a hundred."""


def request_mean(
    need: Array,
    capacity: Array,
    factor: Array,
    service: Array,
    programming: Array,
    first: Array,
    parameters: KnowledgeParameters,
) -> Array:
    """Return the expected number of requests in a year, ``(country, domain)``.

    Parameters
    ----------
    need
        ``(country, domain)``, see `needs`.
    capacity
        ``(country,)`` in [0, 1]: who cannot manage cooperation does not ask for it.
    factor
        ``(country,)``, requests relative to plan, by policy; zero switches asking off.
    service
        ``(country, domain)`` in [0, 1], services that write requests for the country, such as a technology bank's.
    programming
        ``(country,)`` in [0, 1], how much the body that coordinates its members most programmes their cooperation.
    first
        ``(country, domain)``, priority of the domain in the country, see `priority`.
    """
    able = capacity[:, None] + (1.0 - capacity[:, None]) * (
        parameters.technology_bank_effect * service
    )
    rate = parameters.request_rate * np.exp(parameters.request_body * programming)
    return np.asarray(rate[:, None] * need * able * first * factor[:, None])


def grant_size(granted: Array, projects: Array) -> Array:
    """Return millions of US dollars of an average grant to each country, ``(country,)``; zero where there is none.

    Parameters
    ----------
    granted
        ``(country,)``, millions of US dollars of the year.
    projects
        ``(country, domain)``, projects a year that they pay for.
    """
    number = projects.sum(axis=1)
    return np.where(number > 0.0, granted / np.where(number > 0.0, number, 1.0), 0.0)


def funded_requests(account: Array, size: Array, weight: Array, uniform: Array) -> Index:
    """Return the requests that trust funds can pay for, ``(country, domain)``, whole grants only.

    Parameters
    ----------
    account, size
        ``(country,)``, millions of US dollars at hand and of an average grant.
    weight
        ``(country, domain)``, for what: purpose of the funds times need.
    uniform
        ``(country,)``, one draw, from which the grants are laid out evenly over the weights (systematic sampling).
    """
    number = np.floor(np.divide(account, size, out=np.zeros_like(account), where=size > 0.0) + 1e-9)
    total = weight.sum(axis=1)
    some = ((number > 0.0) & (total > 0.0)).nonzero()[0]
    requests = np.zeros(weight.shape, dtype=np.intp)
    if not len(some):
        return requests
    number = number.take(some)[:, None]
    share = weight.take(some, axis=0) / total.take(some)[:, None]
    ends = np.floor(np.cumsum(share, axis=1) * number + uniform.take(some)[:, None])
    # The last end is the number itself, whatever rounding makes of the sum.
    ends[:, -1] = number[:, 0]
    parts = np.minimum(ends, number)
    parts[:, 1:] -= parts[:, :-1].copy()
    requests[some] = whole(parts, "requests that trust funds pay for")
    return requests


def priority(uniform: Array, dispersion: float) -> Array:
    """Return how much a domain is a country's priority, of mean one: the quantile of a gamma distribution.

    It stays for the whole run. Counts that are Poisson given it are negative binomial over countries, with variance
    ``m + m² / dispersion``: their over-dispersion is what countries lastingly differ by (Cameron & Trivedi 2013).
    """
    return np.asarray(gammaincinv(dispersion, uniform) / dispersion)


_SAVED = 5e-5
"""Seconds that compiled loops save of `poisson` (see `sscsim.compiled`)."""


def poisson(uniform: Array, mean: Array, largest: int) -> Index:
    """Return counts by the inverse distribution function of a Poisson distribution, cut at the largest.

    A larger mean never gives a smaller count for one uniform.
    """
    term = np.exp(-mean)
    loops = compiled_loops(LOOPS, _SAVED)
    if loops is not None:
        flat = uniform.reshape(-1), mean.reshape(-1), term.reshape(-1)
        return np.asarray(loops.poisson(*flat, largest).reshape(mean.shape))
    cumulated = term.copy()
    count = np.zeros(mean.shape, dtype=np.intp)
    for k in range(largest):
        more = uniform >= cumulated
        if not np.count_nonzero(more):  # nor of any that follow: what is cumulated never falls
            break
        count += more
        term *= mean
        term /= k + 1
        cumulated += term
    return count


def poisson_any(uniform: Array, mean: Array) -> Mask:
    """Return whether `poisson` counts anything at all."""
    return np.asarray(uniform >= np.exp(-mean))
