"""Designs: points over the priors, the same whenever they are asked for.

A point is a quantile for every parameter that has a prior. `Design.independent` is a sample of the priors: each number
is keyed by the design's seed, the draw and the *name* of the parameter, so that draws are independent, more draws add
to those that were run, and a parameter that is added or taken away changes no other's draws. `Design.sobol` covers a
few dimensions evenly, for a fit; over hundreds of dimensions a few dozen of its points are correlated and no sample
(decision 0120).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sscsim.errors import InputError, outside
from sscsim.parameters import Parameters
from sscsim.parameters.table import Definition
from sscsim.types import Array

__all__ = ["Design", "drawn_parameters"]


LARGEST_DESIGN = 2**20
"""Points of the largest design: beyond it a slip of the pen fills the memory."""


@dataclass(frozen=True)
class Design:
    """Points over the priors: ``quantiles`` is ``(point, name)`` in (0, 1)."""

    names: tuple[str, ...]
    quantiles: Array

    @classmethod
    def independent(cls, names: Sequence[str], count: int, seed: int) -> Design:
        """Return `count` independent points; fewer points are the first of more, and names do not touch one another.

        Raises
        ------
        InputError
            For fewer than one point, or more than a million.
        """
        _check_size(count)
        columns = [_stream(seed, name).random(count) for name in names]
        quantiles = np.array(columns).reshape(len(names), count).T
        # Zero has no quantile where a prior has no lower end.
        return cls(tuple(names), np.maximum(quantiles, np.finfo(float).tiny))

    @classmethod
    def sobol(cls, names: Sequence[str], count: int, seed: int) -> Design:
        """Return `count` points of a scrambled Sobol sequence; fewer points are the first of more.

        Raises
        ------
        InputError
            For fewer than one point, or more than a million.
        """
        from scipy.stats import qmc

        _check_size(count)
        sampler = qmc.Sobol(d=len(names), rng=np.random.default_rng(seed))
        power = int(
            np.ceil(np.log2(max(2, count)))
        )  # a Sobol sequence is balanced at powers of two
        return cls(tuple(names), sampler.random_base2(power)[:count])

    def __len__(self) -> int:
        return len(self.quantiles)

    def values(self, parameters: Parameters) -> Array:
        """Return the priors' quantiles at every point, ``(point, name)``.

        The same numbers as `Definition.quantile`, for all points at once.
        """
        values = np.empty_like(self.quantiles)
        for column, name in enumerate(self.names):
            values[:, column] = _quantiles(parameters.definition(name), self.quantiles[:, column])
        return values

    def point(self, index: int, parameters: Parameters) -> Parameters:
        """Return `parameters` with the design's values at one point."""
        row = Design(self.names, self.quantiles[index : index + 1]).values(parameters)[0]
        return parameters.replace(dict(zip(self.names, row.tolist(), strict=True)), source="prior")


def _check_size(count: int) -> None:
    if not 1 <= count <= LARGEST_DESIGN:
        raise outside("draws", count, 1, LARGEST_DESIGN, whole=True, key="draws")


def _stream(seed: int, name: str) -> np.random.Generator:
    """Return the uniforms of one parameter, draw by draw; the name enters by 128 bits of its BLAKE2 digest."""
    digest = hashlib.blake2b(name.encode(), digest_size=16, person=b"sscsim design").digest()
    words = np.frombuffer(digest, dtype="<u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words)))


def drawn_parameters(
    parameters: Parameters, submodels: Iterable[str] | None = None
) -> tuple[str, ...]:
    """Return the names of the parameters that have a prior, of all submodels or of some."""
    wanted = None if submodels is None else set(submodels)
    return tuple(
        d.name
        for d in parameters.definitions()
        if d.drawn and (wanted is None or d.submodel in wanted)
    )


def _quantiles(definition: Definition, u: Array) -> Array:
    # SciPy's distribution objects take half a millisecond each to make; a thousand draws of a hundred parameters would
    # take longer to draw than to run. The functions beneath them are the same.
    from scipy.special import ndtr, ndtri

    prior = definition.entry.prior
    low, high = definition.bounds

    def number(name: str) -> float:
        value = getattr(prior, name)
        return float(value[definition.goal or 1] if isinstance(value, dict) else value)

    if prior.distribution == "uniform":
        a, b = max(low, number("low")), min(high, number("high"))
        return np.asarray(a + u * (b - a))
    if prior.distribution == "normal":
        mean, sd = number("mean"), number("sd")
        a, b = ndtr((low - mean) / sd), ndtr((high - mean) / sd)
        drawn = mean + sd * ndtri(a + u * (b - a))
    elif prior.distribution == "lognormal":
        median, sigma = number("median"), number("sigma")
        a = ndtr(np.log(low / median) / sigma) if low > 0 else 0.0
        b = ndtr(np.log(high / median) / sigma) if high > 0 else 0.0
        drawn = median * np.exp(sigma * ndtri(a + u * (b - a)))
    else:
        raise InputError(
            "this parameter has no prior to draw from", key=definition.name, found="fixed"
        )
    return np.clip(drawn, low, high)
