"""Whom one sees and likes: likeness of contexts, what makes providers known, what they can offer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.counts import whole
from sscsim.flows.knowledge.parameters import KnowledgeParameters
from sscsim.types import Array, Index

__all__ = [
    "Contacts",
    "Record",
    "Sight",
    "Support",
    "absorption",
    "budget_squeeze",
    "log_size",
    "pair_quality",
    "provider_limit",
    "provider_room",
    "similarity",
    "standing_contacts",
    "usual_offer",
    "visibility_hazard",
]

Array32 = NDArray[np.float32]


def absorption(gap: Array | Array32, parameters: KnowledgeParameters) -> NDArray[Any]:
    """Return what part of a gap's promise can be absorbed, in [0, 1]; the largest at ``absorption_gap``."""
    ratio = np.maximum(gap, 0.0)
    ratio /= parameters.absorption_gap
    result = 1.0 - ratio
    np.exp(result, out=result)
    result *= ratio
    return np.asarray(result)


def similarity(
    income: Array,
    latitude: Array,
    common_language: Array,
    same_region: Array,
    kind: NDArray[np.intp],
    parameters: KnowledgeParameters,
) -> Array:
    """Return how alike two countries' contexts are, ``(receiver, provider)`` in [0, 1], symmetric.

    The mean of five: income a head, region, language, being a small island or landlocked State or neither, and climate
    by distance from the equator (¶20, 25).

    Parameters
    ----------
    income
        ``(country,)``, log of income a head.
    latitude
        ``(country,)``, degrees.
    common_language, same_region
        ``(country, country)``, 0 or 1.
    kind
        ``(country,)``, number of the special group a country is in.
    """
    rich = np.exp(-np.abs(income[:, None] - income[None, :]) / parameters.similarity_income_scale)
    degrees = np.abs(latitude)
    climate = np.exp(
        -np.abs(degrees[:, None] - degrees[None, :]) / parameters.similarity_latitude_scale
    )
    alike = (kind[:, None] == kind[None, :]).astype(float)
    return np.asarray((rich + same_region + common_language + alike + climate) / 5.0)


@dataclass(frozen=True)
class Contacts:
    """What two countries have in common, ``(receiver, provider)``.

    Attributes
    ----------
    tie
        Past cooperation, in [0, 1].
    standing
        What stays from year to year, see `standing_contacts`.
    """

    tie: Array
    standing: Array


@dataclass(frozen=True)
class Support:
    """What brings countries together, ``(country,)``.

    Attributes
    ----------
    un_support, platform
        In [0, 1]; both ends count half.
    partner_presence
        Projects a year that partners could join with a receiver.
    """

    un_support: Array
    platform: Array
    partner_presence: Array


@dataclass(frozen=True)
class Record:
    """What makes a provider known.

    Attributes
    ----------
    evidence
        ``(country,)`` in [0, 1].
    practices
        ``(domain,)``, documented practices.
    outreach
        ``(country,)``, capacity to manage cooperation over the South's mean in the base year: missions and agencies
        make a provider known in proportion.
    catalogue
        ``(country,)`` in [0, 1], part of a provider's capacities that a catalogue lists.
    centres
        ``(country, domain)``, a provider's centres of excellence.
    """

    evidence: Array
    practices: Array
    outreach: Array
    catalogue: Array
    centres: Array


@dataclass(frozen=True)
class Sight:
    """A request of *r* in domain *d* sees *p* with probability ``1 - exp(-(pair[r, p] + known[p, d]))``.

    The pair's part is told in what it is made of: most pairs are never asked for (`pair`).

    Attributes
    ----------
    contacts, by_tie
        What the two have in common, and what a tie counts.
    receiver, provider
        ``(country,)``, what brings a receiver to all providers, and a provider to all receivers.
    outreach
        ``(country,)``, see `Record`.
    known
        ``(country, domain)``, what makes a provider known to all.
    """

    contacts: Contacts
    by_tie: float
    receiver: Array
    provider: Array
    outreach: Array
    known: Array

    def pair(self) -> Array:
        """Return what makes a provider known to a receiver, ``(receiver, provider)``."""
        pair = self.by_tie * self.contacts.tie
        pair += self.contacts.standing
        pair += self.receiver[:, None]
        pair += self.provider
        pair *= self.outreach
        return np.asarray(pair)


def standing_contacts(bodies: Array, same_region: Array, parameters: KnowledgeParameters) -> Array:
    """Return what makes providers known as long as bodies stay as they are, ``(receiver, provider)``.

    Parameters
    ----------
    bodies, same_region
        Shared bodies and one region, ``(receiver, provider)`` in [0, 1].
    """
    p = parameters
    return np.asarray(p.reach_base + p.reach_body * bodies + p.reach_region * same_region)


def visibility_hazard(
    contacts: Contacts, support: Support, record: Record, parameters: KnowledgeParameters
) -> Sight:
    """Return what makes providers known: a part by pair and a part by provider and domain."""
    p = parameters
    ends = p.reach_un_support * support.un_support + p.reach_platform * support.platform
    known = (
        p.reach_practices * record.evidence[:, None] * np.log1p(record.practices)[None, :]
        + p.reach_catalogue * record.catalogue[:, None]
        + p.reach_centre * record.centres
    )
    return Sight(
        contacts,
        p.reach_tie,
        0.5 * ends + p.reach_partner * support.partner_presence,
        0.5 * ends,
        record.outreach,
        np.asarray(known),
    )


def pair_quality(absorbed: Array, alike: Array) -> Array:
    """Return the fit of a match in [0, 1]: the mean of absorption and likeness of contexts."""
    return np.asarray(0.5 * (absorbed + alike))


def provider_limit(
    provider: Array,
    capacity: Array,
    gdp: Array,
    supply: Array,
    centres: Array,
    known: Array,
    parameters: KnowledgeParameters,
) -> Index:
    """Return how many projects each country can provide at once, ``(country,)``; a provider at least one.

    Parameters
    ----------
    provider
        0 or 1.
    capacity
        Capacity to manage cooperation, in [0, 1].
    gdp
        GDP over the mean of the developing countries.
    supply
        Supply by all actors over the State's own.
    centres
        Centres of excellence, which bring people of their own.
    known
        What is on record of its size over `usual_offer` in the base year; one where nothing is.
    """
    own = usual_offer(capacity, gdp, parameters) * known * supply
    limit = np.maximum(own + parameters.centre_projects * centres, 1.0)
    return whole(np.where(provider > 0, limit, 0.0), "projects that a country can provide")


def usual_offer(capacity: Array, gdp: Array, parameters: KnowledgeParameters) -> Array:
    """Return how many projects a country of a capacity and size of economy runs at once as a rule, ``(country,)``."""
    return np.asarray(parameters.offer_rate * capacity * gdp**parameters.offer_size_elasticity)


def budget_squeeze(
    means: Array, usual: Array, parameters: KnowledgeParameters
) -> tuple[Array, Array]:
    """Return what is left of what plan would begin, in [0, 1], and the means that budgets then are used to.

    Travel is paid in dollars, from budgets that follow output: where output in dollars falls below what it has
    been of late, less is asked for and offered. A year above it brings no more: plan holds the growth of capacity.

    Parameters
    ----------
    means
        ``(country,)``, output of the year in dollars of constant value.
    usual
        ``(country,)``, the same as it has been of late.
    """
    ratio = np.minimum(means / usual, 1.0) ** parameters.budget_elasticity
    return np.asarray(ratio), usual * (means / usual) ** parameters.budget_speed


def provider_room(
    limit: Array, running: tuple[Index, Array], factor: Array, uniform: Array
) -> Index:
    """Return how many projects each country can begin to provide in the year, ``(country,)``.

    Offers over plan scale what begins: the factor's part of the room that there would be had nothing else been offered
    in the years of what runs. A project begun when only a part was offered stands for as many as plan would have begun
    in its stead, as long as no more is offered: so that offers at a half begin a half, in the first year, when all that
    runs is of better years, and in the tenth.

    Parameters
    ----------
    limit
        ``(country,)``, projects that each can run at once.
    running
        Provider of each project that goes on, and what it offered over plan when that began.
    factor
        ``(country,)``, offers over plan, zero for none.
    uniform
        ``(country,)``, luck by which parts of a project round.
    """
    provider, offered = running
    now = np.minimum(factor, 1.0).take(provider)
    busy = np.bincount(provider, 1.0 / np.maximum(offered, now), len(limit))
    return whole(factor * np.maximum(limit - busy, 0.0) + uniform, "projects that begin")


def log_size(limit: Array, mean: float) -> Array:
    """Return the log of how many projects each can run, over a mean that a run holds fast; -inf for none."""
    result = np.full(limit.shape, -np.inf)
    return np.asarray(np.log(limit, out=result, where=limit > 0) - math.log(mean))
