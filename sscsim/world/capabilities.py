"""Capabilities of the base year: one general factor and a deviation in each of nine domains, from real indicators.

Each indicator (`capabilities.yaml`) is set on a logarithmic scale where it is skewed, and on the range between its
2.5th and 97.5th percentile over countries, which become 0 and 1; what lies beyond is set to the end. A domain's index
is the mean of the indicators a country has: the steps of the OECD and JRC *Handbook on Constructing Composite
Indicators* (2008) with equal weights. The general factor is the mean of the nine indices, each moved to the same mean
over countries, so that a domain whose indicators are missing does not shift it.

A deviation is a domain's index less the general factor, shrunk to what is reliable of it (Kelley 1927): by the
Spearman-Brown reliability of a mean of *m* indicators, ``m r / (1 + (m − 1) r)``, with *r* their mean correlation over
countries. A country without any indicator of a domain has no deviation there: its cell is imputed by its general
factor and marked. One that lacks more than half of the domains takes its general factor from a line through the human
development index, and is marked throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydantic import Field

from sscsim.errors import InputError
from sscsim.resources import package_folder
from sscsim.types import Array, Mask
from sscsim.world.keeping import kept_with_world
from sscsim.world.state import DOMAINS
from sscsim.world.tables import World
from sscsim.yamlfile import Block, read_yaml

__all__ = [
    "Capabilities",
    "Domain",
    "Indicator",
    "combine",
    "domain_table",
    "opening_capabilities",
    "rescale",
]


ENDS = (2.5, 97.5)
"""Percentiles that become 0 and 1 (JRC handbook, section on outliers)."""

SMALLEST = 1e-6
"""What stands for nothing where a logarithm is taken."""


class Indicator(Block):
    """How an indicator enters its domain."""

    base: bool = False
    log: bool = False
    plus_one: bool = False
    falls: bool = False
    per_person: bool = False
    floor: float | None = None


class Domain(Block):
    """The indicators of a domain and why they stand for it."""

    reason: str = Field(min_length=10)
    indicators: dict[str, Indicator] = Field(min_length=2)


@dataclass(frozen=True)
class Capabilities:
    """Capabilities of the base year.

    Attributes
    ----------
    values
        ``(country, domain)`` in [0, 1]: general factor plus deviation.
    general
        ``(country,)``, the general factor.
    deviation
        ``(country, domain)``, shrunk deviations.
    imputed
        ``(country, domain)``, cells without an indicator of their own.
    first_component
        Correlation of the general factor with the first principal component of the indices.
    """

    values: Array
    general: Array
    deviation: Array
    imputed: Mask
    first_component: float


@lru_cache(maxsize=1)
def domain_table() -> dict[str, Domain]:
    """Return the indicators of every domain, in the order of `DOMAINS`.

    Raises
    ------
    InputError
        For anything the schema does not allow, and for a domain that is missing or unknown.
    """
    document = read_yaml(package_folder() / "world" / "capabilities.yaml")
    given = document.mapping("domains")
    for name in given:
        if name not in DOMAINS:
            raise document.unknown("domain of this name", name, DOMAINS, "domains", name)
    missing = [name for name in DOMAINS if name not in given]
    if missing:
        raise document.error("a domain has no indicators", "domains", found=missing)
    return {name: document.validate(Domain, given[name], "domains", name) for name in DOMAINS}


@kept_with_world
def opening_capabilities(world: World) -> Capabilities:
    """Return the capabilities of the base year; every cell without data of its own is marked."""
    parts = []
    for domain in domain_table().values():
        columns = [_column(world, name, how) for name, how in domain.indicators.items()]
        parts.append(np.column_stack(columns))
    return combine(parts, world.base["hdi"])


def rescale(values: Array) -> Array:
    """Return values on the range of their 2.5th to 97.5th percentile, as 0 to 1; NaN stays NaN.

    A range without extent gives one half everywhere.
    """
    if np.isnan(values).all():
        return values.copy()
    low, high = np.nanpercentile(values, ENDS)
    if not high > low:
        return np.where(np.isnan(values), np.nan, 0.5)
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0))


def combine(parts: list[Array], substitute: Array) -> Capabilities:
    """Return general factor and shrunk deviations of rescaled indicators.

    Parameters
    ----------
    parts
        For each domain ``(country, indicator)`` in [0, 1], NaN where there is none.
    substitute
        ``(country,)``, known for all: where most domains are missing it gives the general factor.

    Raises
    ------
    InputError
        When a domain has no country with data.
    """
    index = np.column_stack([_row_mean(part) for part in parts])
    for name, column in zip(DOMAINS, index.T, strict=False):
        if np.isnan(column).all():
            raise InputError("no country has an indicator of this domain", key=name)
    levelled = index - np.nanmean(index, axis=0) + np.nanmean(index)
    general = _row_mean(levelled)
    known = (~np.isnan(index)).sum(axis=1)
    poor = known * 2 < index.shape[1]
    if poor.any():
        slope, start = np.polyfit(substitute[~poor], general[~poor], 1)
        general = np.where(poor, start + slope * substitute, general)
    general = np.clip(general, 0.0, 1.0)
    reliability = np.column_stack([_reliability(part) for part in parts])
    deviation = np.where(
        np.isnan(levelled) | poor[:, None], 0.0, reliability * (levelled - general[:, None])
    )
    full = ~np.isnan(index).any(axis=1)
    return Capabilities(
        values=np.clip(general[:, None] + deviation, 0.0, 1.0),
        general=general,
        deviation=deviation,
        imputed=np.isnan(index) | poor[:, None],
        first_component=_first_component(index[full], general[full]),
    )


def _column(world: World, name: str, how: Indicator) -> Array:
    if how.base:
        values = np.array(world.base[name], dtype=float)
        # What the table itself imputed is no indicator of this country.
        values[world.is_imputed("base_year", name)] = np.nan
    else:
        values = world.indicators[name].copy()
    if how.floor is not None:
        values = np.maximum(values, how.floor)
    if how.per_person:
        values = values / world.base["population_m"]
    if how.plus_one:
        values = 1.0 + values
    if how.log:
        values = np.log(np.maximum(values, SMALLEST))
    return rescale(-values if how.falls else values)


def _row_mean(values: Array) -> Array:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _reliability(part: Array) -> Array:
    """Return the Spearman-Brown reliability of each country's mean, ``(country,)``."""
    count = (~np.isnan(part)).sum(axis=1)
    correlations = []
    for i in range(part.shape[1]):
        for j in range(i):
            both = ~np.isnan(part[:, i]) & ~np.isnan(part[:, j])
            if both.sum() > 2 and part[both, i].std() > 0 and part[both, j].std() > 0:
                correlations.append(float(np.corrcoef(part[both, i], part[both, j])[0, 1]))
    # Indicators that do not agree at all measure nothing in common.
    r = max(float(np.mean(correlations)) if correlations else 0.0, 0.0)
    return np.asarray(count * r / (1.0 + np.maximum(count - 1, 0) * r))


def _first_component(index: Array, general: Array) -> float:
    if len(index) < 3:
        return float("nan")
    centred = index - index.mean(axis=0)
    component = np.linalg.svd(centred, full_matrices=False)[0][:, 0]
    return float(abs(np.corrcoef(component, general)[0, 1]))
