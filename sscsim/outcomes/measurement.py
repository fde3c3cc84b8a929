"""What is reported of cooperation, as against what happened (A/73/383, ¶57-64, 131).

The model keeps two worlds. In one, cooperation happens; in the other stands what countries that report in the year say
of it: a part of it only, with an error, and comparable as far as they follow a common method. What is on record in a
form that others can use is *evidence*; it is what visibility and evaluation feed on.

All functions are pure; arrays are of shape ``(country,)`` unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.types import Array, Index

__all__ = [
    "MeasurementParameters",
    "coverage",
    "evidence_step",
    "folded_uniforms",
    "method_step",
    "project_is_reported",
    "report_flags",
    "report_values",
    "reporting_error",
]


@dataclass(frozen=True)
class MeasurementParameters:
    """The numbers of the submodel; ``measurement.yaml`` gives meaning and source of each."""

    report_error: float
    report_error_common_method: float
    report_coverage: float
    report_coverage_common_method: float
    method_opening: float
    method_drift: float
    evidence_memory: float
    evidence_own_method: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``measurement.yaml``)."""
        return cls(**{f.name: parameters[f.name] for f in fields(cls)})


def method_step(
    method: Array, reporting: Array, bodies: Array, policy: Array, parameters: MeasurementParameters
) -> Array:
    """Return how far reports follow a common method a year on, in [0, 1].

    Those who report drift towards each other's methods; regional bodies and policy take their parts of the way that is
    left, whether or not a country reports yet.

    Parameters
    ----------
    bodies, policy
        Part of the way gone in the year, from 0 to 1.
    """
    left = 1.0 - (1.0 - parameters.method_drift * reporting) * (1.0 - bodies) * (1.0 - policy)
    result: Array = method + (1.0 - method) * left
    return result


def _between(start: float, end: float, share: Array) -> Array:
    """Return the geometric mean of two positive numbers, `share` of the way to the second."""
    result: Array = start * (end / start) ** share
    return result


def reporting_error(method: Array, parameters: MeasurementParameters) -> Array:
    """Return the standard deviation of the error in logs, which falls as methods become common."""
    return _between(parameters.report_error, parameters.report_error_common_method, method)


def coverage(method: Array, parameters: MeasurementParameters) -> Array:
    """Return the part of what happens that a report holds, which rises as methods become common."""
    return _between(parameters.report_coverage, parameters.report_coverage_common_method, method)


def report_values(
    values: Array, reporting: Array, cover: Array, error: Array, normals: Array
) -> Array:
    """Return what countries report of a quantity, zero where they do not report.

    ``reporting · cover · value · exp(σ ε - σ²/2)``: on average the covered part of what happened.

    Parameters
    ----------
    values
        What happened, ``(country,)`` or ``(country, ...)``, not negative.
    normals
        Standard normal draws, one a country: what a country gets wrong it gets wrong alike in all its figures.
    """
    factor = reporting * cover * np.exp(error * normals - error**2 / 2.0)
    result: Array = values * factor.reshape(factor.shape + (1,) * (values.ndim - 1))
    return result


def report_flags(flags: Array, reporting: Array) -> Array:
    """Return which of the yes-or-no facts are on record: those of countries that report."""
    result: Array = flags * reporting
    return result


def project_is_reported(
    project: Index, party: Index, first: Index, last: Index, seen: Array, uniforms: Array
) -> NDArray[np.bool_]:
    """Return whether each project is ever reported by at least one of its parties.

    A party has a project in its report of a year with the probability that it reports and covers it. What it leaves out
    in one year it leaves out in the next, so that the best year counts; parties report independently of one another.

    Parameters
    ----------
    project, party
        Who takes part in what, a line each: positions of project and country.
    first, last
        Years of each project, as rows of `seen`, ``(project,)``.
    seen
        Part of what happens that a country's report of a year holds, ``(year, country)``.
    uniforms
        A draw for each project, in [0, 1).
    """
    lasting = last - first
    longest = int(lasting.max(initial=0))
    # Of each country, the best of the years from a year on, for each length: looked up by party.
    best = np.repeat(seen[None], longest + 1, axis=0)
    for more in range(1, longest + 1):
        best[more] = best[more - 1]
        np.maximum(best[more, :-more], seen[more:], out=best[more, :-more])
    with np.errstate(divide="ignore"):  # who reports everything misses nothing
        missing = np.log1p(-best)
    line = ((lasting * len(seen) + first) * seen.shape[1]).take(project) + party
    missed = np.bincount(project, weights=missing.take(line), minlength=len(first))
    result: NDArray[np.bool_] = uniforms < -np.expm1(missed)
    return result


def folded_uniforms(luck: Array) -> Array:
    """Return uniforms in [0, 1) made of others, as good as independent of them: their trailing digits."""
    result: Array = np.modf(luck * FOLD)[0]
    return result


FOLD = 1e6
"""Uniforms have about sixteen digits; the first six are left to those who drew them."""


def evidence_step(
    evidence: Array, reporting: Array, method: Array, parameters: MeasurementParameters
) -> Array:
    """Return the part of recent cooperation that is on record in a form others can use.

    A report in its country's own method is of use in part, one in a common method in full; the record fades as it ages.
    """
    usable = parameters.evidence_own_method + (1.0 - parameters.evidence_own_method) * method
    result: Array = parameters.evidence_memory * evidence + (1.0 - parameters.evidence_memory) * (
        reporting * usable
    )
    return result
