"""Poverty and inequality within countries: a log-normal distribution whose mean follows growth.

Income is log-normal in every country. The base year's headcount (below 3.00 dollars a day at 2021
purchasing-power parities) and Gini place the poverty line relative to mean income; from there the
mean moves with the growth of income per head, less what surveys do not see of it, and the Gini
moves slowly (¶45, 126). The line itself does not move.

All functions are pure; arrays are of shape ``(country,)``, headcounts and Gini coefficients
fractions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.special import expit, logit, ndtr, ndtri
from sscsim.types import Array

__all__ = [
    "PovertyLine",
    "PovertyParameters",
    "gini_step",
    "initial_line",
    "log_income_deviation",
    "poverty_headcount",
]


@dataclass(frozen=True)
class PovertyParameters:
    """The numbers of the submodel; ``growth.yaml`` gives meaning and source of each."""

    consumption_pass_through: float
    growth_incidence: float
    gini_reversion: float
    least_headcount: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``growth.yaml``)."""
        return cls(
            consumption_pass_through=parameters["consumption_pass_through"],
            growth_incidence=parameters["growth_incidence"],
            gini_reversion=parameters["gini_reversion"],
            least_headcount=parameters["least_headcount"],
        )


@dataclass(frozen=True)
class PovertyLine:
    """Where the poverty line stands in each country, ``(country,)``."""

    log_line: Array
    """Log of the line over mean income of the base year."""
    floored: NDArray[np.bool_]
    """Where a headcount too near to 0 or 1 to be told from it was moved to the least that can
    move."""


def log_income_deviation(gini: Array) -> Array:
    """Return the standard deviation of log income, ``σ = √2 Φ⁻¹((1 + G) / 2)``."""
    deviation: Array = math.sqrt(2.0) * ndtri((1.0 + gini) / 2.0)
    return deviation


def initial_line(headcount: Array, gini: Array, parameters: PovertyParameters) -> PovertyLine:
    """Place the line so that the base year's headcount and Gini are met.

    ``H = Φ(ln(z/m)/σ + σ/2)`` with m mean income, hence ``ln(z/m) = σ Φ⁻¹(H) − σ²/2``. A headcount
    of 0 (or 1) would put the line infinitely far away; it is moved to the least headcount that the
    source could have printed as zero, and marked.
    """
    least = parameters.least_headcount
    floored = (headcount < least) | (headcount > 1.0 - least)
    inside = np.clip(headcount, least, 1.0 - least)
    sigma = log_income_deviation(gini)
    return PovertyLine(sigma * ndtri(inside) - sigma**2 / 2.0, floored)


def poverty_headcount(
    line: PovertyLine, gini: Array, income_per_head_ratio: Array, parameters: PovertyParameters
) -> Array:
    """Return the share of people below the line.

    Parameters
    ----------
    gini
        The year's Gini.
    income_per_head_ratio
        Real income (or GDP) per head over the base year's; the pass-through of its log reaches
        survey incomes.
    """
    sigma = log_income_deviation(gini)
    risen = parameters.consumption_pass_through * np.log(income_per_head_ratio)
    headcount: Array = ndtr((line.log_line - risen) / sigma + sigma / 2.0)
    return headcount


def gini_step(
    gini: Array,
    base_gini: Array,
    income_growth: Array,
    parameters: PovertyParameters,
    policy_change: Array | float = 0.0,
) -> Array:
    """Carry the Gini to the next year.

    Growth may be tilted to the rich or the poor (zero on average), and the Gini returns slowly to
    the country's own level. The step is taken in log-odds, where no Gini leaves (0, 1), at
    the scale that a change has at the country's own Gini.

    Parameters
    ----------
    gini, base_gini
        Of this year and of the base year.
    income_growth
        Log growth of income per head.
    policy_change
        Change of the Gini that policy or a shock adds in the year (¶126).
    """
    change = parameters.growth_incidence * income_growth + policy_change
    odds, base_odds = logit(gini), logit(base_gini)
    moved: Array = expit(
        odds
        + change / (base_gini * (1.0 - base_gini))
        + parameters.gini_reversion * (base_odds - odds)
    )
    return moved
