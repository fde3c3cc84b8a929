"""Institutions of cooperation: providers, agencies, support by the United Nations, training, coordination, funds.

Whether a country provides cooperation, has an agency or is supported is a matter of yes or no, and changes by hazards:
a rate a year ``h`` becomes the probability ``1 - exp(-h)``, met by one uniform draw a country. A ceiling is a
country's own: each has a fixed *reluctance*, one uniform draw for the whole run, and takes a practice up only while
its ceiling, which capacity raises, lies above it. The share of those who have taken it up therefore stays below the
mean ceiling as long as some give it up again, and a lever on capacity always has room (A/73/383, ¶44-56, 113-126, 133).

All functions are pure; arrays are of shape ``(country,)`` unless said otherwise, rates are a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.counts import whole_one
from sscsim.means import over_mean, shares
from sscsim.special import expit, logit, ndtr
from sscsim.types import Array, Mask

__all__ = [
    "InstitutionParameters",
    "adjust_capacity",
    "agency_rate",
    "allocate_grants",
    "capacity_ceiling",
    "centred_logit",
    "coordination_target",
    "exit_rate",
    "fragmentation",
    "learned_capacity",
    "other_actors_step",
    "own_capacity",
    "peer_share",
    "provider_rate",
    "reporting_rate",
    "standardise",
    "supply_of_all_actors",
    "support_rate",
    "training_turn",
    "transaction_cost",
    "turn",
]


@dataclass(frozen=True)
class InstitutionParameters:
    """The numbers of the submodel; ``institutions.yaml`` gives meaning and source of each."""

    capacity_size_weight: float
    capacity_integrity_weight: float
    capacity_agency: float
    capacity_training: float
    capacity_un_support: float
    capacity_learning: float
    capacity_speed: float
    provider_opening: float
    provider_take_up: float
    provider_exit: float
    provider_ceiling: float
    provider_capacity_slope: float
    provider_income_effect: float
    provider_peer_effect: float
    provider_un_effect: float
    provider_training_effect: float
    provider_experience_effect: float
    un_support_opening: float
    un_support_rate: float
    un_support_event: float
    un_support_ceiling: float
    un_support_exit: float
    agency_opening: float
    agency_rate: float
    agency_exit: float
    agency_capacity_slope: float
    agency_provider_effect: float
    agency_cost_saving: float
    training_turnover: float
    coordination_own: float
    coordination_agency: float
    coordination_un_support: float
    coordination_speed: float
    distant_provider_weight: float
    fragmentation_cost: float
    other_actors_opening: float
    other_actors_growth: float
    other_actors_supply: float
    other_actors_cost: float
    fund_poverty_weight: float
    reporting_opening: float
    reporting_rate: float
    reporting_exit: float
    reporting_agency_effect: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``institutions.yaml``)."""
        return cls(**{f.name: parameters[f.name] for f in fields(cls)})


# --------------------------------------------------------------------------------------------------- building blocks


def standardise(values: Array, among: Mask) -> Array:
    """Return values less the mean over some countries, in their standard deviations."""
    spread = values[among].std()
    if spread == 0.0:
        return np.zeros_like(values)
    result: Array = (values - values[among].mean()) / spread
    return result


def centred_logit(level: float, slope: float, score: Array, among: Mask) -> Array:
    """Return probabilities that rise with a score and whose mean over some countries is `level`.

    ``p = 1 / (1 + exp(-(a + slope · score)))`` with a found by Newton's method.

    Parameters
    ----------
    level
        Wanted mean, between 0 and 1, ends included.
    slope
        Log-odds for each unit of the score.
    """
    if level <= 0.0 or level >= 1.0 or not among.any():
        return np.full_like(score, min(max(level, 0.0), 1.0))
    drive = slope * score[among]
    middle = float(logit(level))
    # The mean rises with the position; these two bracket it, and a step of Newton's that leaves them is halved.
    low, high = middle - float(drive.max()), middle - float(drive.min())
    position = 0.5 * (low + high)
    for _ in range(MOST_STEPS):
        p = expit(position + drive)
        gap = float(p.mean()) - level
        if abs(gap) < TOLERANCE:
            break
        low, high = (low, position) if gap > 0.0 else (position, high)
        slope_there = float((p * (1.0 - p)).mean())
        step = position - gap / slope_there if slope_there > 0.0 else low
        position = step if low < step < high else 0.5 * (low + high)
    result: Array = expit(position + slope * score)
    return result


MOST_STEPS = 200
TOLERANCE = 1e-12


def turn(has: Array, up: Array, out: Array, uniforms: Array, *, may: Mask) -> Array:
    """Return who has a practice after a year of take-up and exit, 0 or 1.

    One uniform decides for each country: one that lacks the practice takes it up with probability ``1 - exp(-up)``,
    one that has it gives it up with ``1 - exp(-out)``.

    Parameters
    ----------
    has
        Who has it, 0 or 1.
    up, out
        Rates of take-up and exit, not negative.
    uniforms
        Draws in [0, 1).
    may
        Who may take it up this year; who has it already may keep it.
    """
    takes = may & (uniforms < -np.expm1(-up))
    leaves = uniforms < -np.expm1(-out)
    return np.where(has > 0.0, ~leaves, takes).astype(np.float64)


# ---------------------------------------------------------------------------------------------------------- capacity


def own_capacity(
    gdp: Array,
    integrity: Array,
    development: Array,
    among: Mask,
    parameters: InstitutionParameters,
) -> Array:
    """Return what a country could manage without any institution made for cooperation, in (0, 1).

    The normal distribution function of a weighted mean of three standardised indicators: the log of GDP (means),
    quality of administration (integrity) and human development (people), the weights of the last being what the first
    two leave.
    """
    size, integrity_weight = (
        parameters.capacity_size_weight,
        parameters.capacity_integrity_weight,
    )
    weights = np.array([size, integrity_weight, max(0.0, 1.0 - size - integrity_weight)])
    columns = np.column_stack(
        [standardise(x, among) for x in (np.log(gdp), integrity, development)]
    )
    # A mean of correlated indicators spreads less than one of them: standardised again.
    result: Array = ndtr(standardise(columns @ weights, among))
    return result


def learned_capacity(own: Array, learned: Array, parameters: InstitutionParameters) -> Array:
    """Return a country's own capacity after what it has learned: who was taught may come to teach.

    ``1 - (1 - own) exp(-λ learned)``.

    Parameters
    ----------
    learned
        Rise of capability since the base year, mean over domains.
    """
    # Falling behind a frontier that moves makes nobody forget how to manage cooperation.
    result: Array = 1.0 - (1.0 - own) * np.exp(
        -parameters.capacity_learning * np.maximum(learned, 0.0)
    )
    return result


def adjust_capacity(
    capacity: Array | None,
    own: Array,
    agency: Array,
    training: Array,
    un_support: Array,
    parameters: InstitutionParameters,
) -> Array:
    """Return capacity a year on: part of the way to what institutions add to the country's own.

    ``c* = 1 - (1 - own) exp(-(a agency + t training + u support))``; without a capacity to start from, c* itself.
    """
    added = (
        parameters.capacity_agency * agency
        + parameters.capacity_training * training
        + parameters.capacity_un_support * un_support
    )
    target: Array = 1.0 - (1.0 - own) * np.exp(-added)
    return (
        target if capacity is None else capacity + parameters.capacity_speed * (target - capacity)
    )


# --------------------------------------------------------------------------------------------------------- providers


def capacity_ceiling(
    opening: Array, slope: float, capacity: Array, opening_capacity: Array
) -> Array:
    """Return each country's ceiling, the chance that it would ever take a practice up.

    Parameters
    ----------
    opening
        The ceilings at the opening capacities, above 0; from `centred_logit`.
    slope
        Log-odds for each unit of capacity.
    """
    with np.errstate(divide="ignore"):  # who surely would stays sure
        odds = logit(opening)
    result: Array = expit(odds + slope * (capacity - opening_capacity))
    return result


def peer_share(has: Array, region: NDArray[np.intp], among: Mask) -> Array:
    """Return the share of others in the region that have a practice; zero where there are no others."""
    weights = among.astype(np.float64)
    count = np.bincount(region, weights=weights)
    total = np.bincount(region, weights=weights * has)
    others = count[region] - weights
    return np.divide(
        total[region] - weights * has, others, out=np.zeros_like(has), where=others > 0
    )


def provider_rate(
    capacity: Array,
    income: Array,
    peers: Array,
    un_support: Array,
    training: Array,
    experience: Array,
    parameters: InstitutionParameters,
) -> Array:
    """Return the rate at which a country that does not provide begins to.

    Parameters
    ----------
    capacity
        Relative to the opening average.
    income
        Log of income a head relative to the opening average.
    peers
        Share of the region's others that provide, relative to the opening average.
    experience
        Log of one and the successful projects it learned in, relative to the opening average.
    """
    drive = (
        parameters.provider_capacity_slope * capacity
        + parameters.provider_income_effect * income
        + parameters.provider_peer_effect * peers
        + parameters.provider_un_effect * un_support
        + parameters.provider_training_effect * training
        + parameters.provider_experience_effect * experience
    )
    result: Array = parameters.provider_take_up * np.exp(drive)
    return result


def exit_rate(rate: float, capacity: Array, slope: float) -> Array:
    """Return the rate of giving up: the weaker the capacity relative to the average, the higher."""
    result: Array = rate * np.exp(-slope * capacity)
    return result


# --------------------------------------------------------------------------------------- support, agencies, reporting


def support_rate(
    share: float, event: bool, factor: Array, parameters: InstitutionParameters
) -> Array:
    """Return the rate at which the United Nations comes to support a country it did not support.

    Proportional to the share already supported, which makes the spread logistic; multiplied in years of the event.
    """
    pace = parameters.un_support_rate * (parameters.un_support_event if event else 1.0)
    return pace * share * factor


def agency_rate(
    capacity: Array, provider: Array, policy: Array, parameters: InstitutionParameters
) -> Array:
    """Return the rate at which a country without an agency founds one; policy's rate comes on top."""
    drive = (
        parameters.agency_capacity_slope * capacity + parameters.agency_provider_effect * provider
    )
    result: Array = parameters.agency_rate * np.exp(drive) + policy
    return result


def reporting_rate(
    agency: Array, provider: Array, bodies: Array, policy: Array, parameters: InstitutionParameters
) -> Array:
    """Return the rate at which a country that does not report begins to.

    By itself only a provider reports, sooner with an agency; regional bodies and policy add their rates for all.
    """
    own = parameters.reporting_rate * provider * np.exp(parameters.reporting_agency_effect * agency)
    result: Array = own + bodies + policy
    return result


# ---------------------------------------------------------------------------------------------------------- training


def training_turn(
    training: Array,
    trained: Array,
    recorded: Mask,
    places: float,
    capacity: Array,
    may: Mask,
    uniform: float,
    parameters: InstitutionParameters,
) -> tuple[Array, Array]:
    """Return training still in office and who was ever trained, after a year's courses and a year's staff turnover.

    Parameters
    ----------
    recorded
        Who took part this year by the record.
    places
        Countries that policy trains on top, not necessarily whole: the fraction is met by `uniform`. They go to those
        who have least left of a training, the weakest capacity first.
    may
        Who may take part.
    """
    left = training * (1.0 - parameters.training_turnover)
    number = whole_one(places + uniform, "countries whose managers are trained")
    chosen = recorded.copy()
    if number:
        candidates = np.flatnonzero(may & ~recorded)
        # One score and a stable sort, so that ties go by the order of codes and never by the machine's.
        order = np.lexsort((capacity[candidates], left[candidates]))
        chosen[candidates[order[:number]]] = True
    return np.where(chosen, 1.0, left), np.where(chosen, 1.0, trained)


# ------------------------------------------------------------------------- coordination, fragmentation, other actors


def coordination_target(
    capacity: Array,
    agency: Array,
    un_support: Array,
    body: Array,
    policy: Array,
    parameters: InstitutionParameters,
) -> Array:
    """Return the part of actors that work under coordination in the long run, in [0, 1].

    Each institution takes its part of what the others leave uncoordinated.
    """
    parts = (
        parameters.coordination_own * capacity,
        parameters.coordination_agency * agency,
        parameters.coordination_un_support * un_support,
        body,
        policy,
    )
    left = np.ones_like(capacity)
    for part in parts:
        left = left * (1.0 - part)
    return 1.0 - left


def other_actors_step(presence: Array, policy: Array, growth: float) -> Array:
    """Return the presence of subnational, civil and private actors a year on: logistic spread, and what policy adds.

    Policy takes its part of the room that is left in the year.
    """
    spread = presence + growth * presence * (1.0 - presence)
    result: Array = spread + policy * (1.0 - spread)
    return result


def supply_of_all_actors(presence: Array, parameters: InstitutionParameters) -> tuple[Array, Array]:
    """Return supply over that of the State alone, and the cost of an average project over that of the State's own."""
    added = parameters.other_actors_supply * presence
    supply: Array = 1.0 + added
    return supply, (1.0 + added * parameters.other_actors_cost) / supply


def fragmentation(
    provider: Array,
    supply: Array,
    region: NDArray[np.intp],
    coordination: Array,
    partners: float,
    parameters: InstitutionParameters,
) -> Array:
    """Return the number of uncoordinated actors that a country deals with (not yet relative to the base year).

    Providers of the own region count in full, those of others by a weight, each with the other actors it brings;
    partners count for all.

    Parameters
    ----------
    supply
        Actors for each provider, from `supply_of_all_actors`.
    partners
        Number of triangular partners.
    """
    actors = provider * supply
    inside = np.bincount(region, weights=actors)[region]
    met = inside + parameters.distant_provider_weight * (actors.sum() - inside) - actors
    result: Array = (np.maximum(met, 0.0) + partners) * (1.0 - coordination)
    return result


def transaction_cost(fragments: Array, agency: Array, parameters: InstitutionParameters) -> Array:
    """Return the cost of arranging a project (not yet relative to the base year).

    Parameters
    ----------
    fragments
        Uncoordinated actors relative to the base year's average.
    """
    result: Array = (1.0 + parameters.fragmentation_cost * fragments) * (
        1.0 - parameters.agency_cost_saving * agency
    )
    return result


# ------------------------------------------------------------------------------------------------------------- funds


def allocate_grants(
    money: Array, eligible: Array, income: Array, population: Array, poverty_weight: float
) -> Array:
    """Share out what trust funds grant in a year, every dollar once and most to the poorest.

    Parameters
    ----------
    money
        What each fund grants, ``(fund,)``, bn USD.
    eligible
        Weight with which each fund may grant to a country, ``(fund, country)``, 0 for none.
    income
        Income a head.
    population
        Persons; a country's part rises with their square root, as small countries get more a head.
    poverty_weight
        Elasticity of the part to income a head, with minus sign.

    Returns
    -------
    array
        Grants ``(fund, country)``, bn USD; a row adds up to the fund's money, or to nothing where nobody is eligible.
    """
    weights = eligible * (np.sqrt(population) * over_mean(income) ** -poverty_weight)
    result: Array = money[:, None] * shares(weights, axis=1)
    return result
