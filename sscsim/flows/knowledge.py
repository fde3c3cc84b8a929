"""Knowledge: needs meet offers, projects run, receivers learn (A/73/383, ¶19-32, 65-77, 83, 91).

A year in order. Every country asks for help in the domains where its Goals lag, as often as its capacity lets it: an
over-dispersed count. Each request *sees* some providers, by ties, shared bodies, published practices, platform, United
Nations support and partners, and ranks them by a random utility,

    U = w_a a(g) + w_s similarity + w_t tie + w_n nearness + w_z ln size + Gumbel,

with *size* the number of projects that the provider can run – it stands for many offers, and the best of many is better
(McFadden 1978, in Karlqvist et al., Spatial Interaction Theory and Planning Models) – and with the absorption
``a(g) = (g / g*) exp(1 - g / g*)`` of a capability gap *g*: none where the provider is not ahead, most at g*, fading
where it is too far ahead (Cohen & Levinthal 1990; Nooteboom et al. 2007). Ranking all visible providers by one draw of
Gumbel noise is sampling them without replacement with logit probabilities (the Gumbel top-k trick; Yellott 1977), so
several requests of one country in one domain go to several providers. The match is worth making if U exceeds the cost
of arranging it. A third party adds to a pair what the pair lacks, ``lift · skill · (1 - quality)``, at a cost of its
own: it helps weak pairs most and carries some that would not have met the cost alone. Providers take the most valuable
requests until their people are busy; who is turned away asks the next on the list. Regional projects are born in bodies
with three members or more that ask in one domain, before countries ask one another; who leads is chosen among the
members that provide and have people left, by the same utility without tie and nearness.

A project runs one to four calendar years. Success closes a part of the receiver's gap, and strengthens the tie.

All functions are pure. Axes: country, domain (`sscsim.world.state.DOMAINS`), partner, body; draws are uniforms (or
Gumbel noise made from exponentials) of a shape fixed by the entities, so that no lever shifts another entity's draw.
Capability, similarity, ties, quality and absorption lie in [0, 1]; money is millions of current US dollars.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

__all__ = [
    "BILATERAL",
    "FAILED",
    "LARGEST_COUNT",
    "LONGEST_PROJECT",
    "MODALITIES",
    "REGIONAL",
    "REGIONAL_SLOTS",
    "REVERSE_LINKAGE",
    "RUNNING",
    "SMALLEST_REGIONAL",
    "SUCCEEDED",
    "TRIANGULAR",
    "Bodies",
    "Draws",
    "KnowledgeParameters",
    "Offers",
    "Partners",
    "Projects",
    "absorption",
    "adjust",
    "carry_on",
    "close_projects",
    "code_luck",
    "cooperation_intensity",
    "draw_year",
    "experience_step",
    "fall_behind",
    "funded_requests",
    "grant_size",
    "join_partners",
    "learn",
    "log_size",
    "match",
    "needs",
    "pair_luck",
    "pair_quality",
    "poisson",
    "practices_step",
    "priority",
    "project_years",
    "provider_limit",
    "regional_projects",
    "request_mean",
    "similarity",
    "third_luck",
    "tie_step",
    "visibility_hazard",
]

Array = NDArray[np.float64]
Array32 = NDArray[np.float32]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

MODALITIES = ("bilateral", "triangular", "regional", "reverse linkage")
BILATERAL, TRIANGULAR, REGIONAL, REVERSE_LINKAGE = range(4)

RUNNING, FAILED, SUCCEEDED = -1, 0, 1
"""Outcomes of a project; it has exactly one."""

LONGEST_PROJECT = 4
"""Calendar years (model specification; OECD 2016: triangular projects run two to four years)."""

LARGEST_COUNT = 10
"""Requests of a country in one domain in one year; the count's distribution is cut there."""

LIST_LENGTH = 14
"""How many providers a country keeps on its list in one domain and year."""

SMALLEST_REGIONAL = 3
"""A regional project has three members of one body or more (¶91, as the Ibero-American report counts them)."""

REGIONAL_SLOTS = 12
"""Regional projects a body can start in one domain in one year."""


@dataclass(frozen=True)
class KnowledgeParameters:
    """The numbers of the submodel; ``knowledge.yaml`` gives meaning and source of each."""

    request_rate: float
    request_dispersion: float
    request_body: float
    absorption_gap: float
    preference_absorption: float
    preference_similarity: float
    preference_tie: float
    preference_nearness: float
    preference_size: float
    similarity_income_scale: float
    similarity_latitude_scale: float
    nearness_scale: float
    reach_base: float
    reach_tie: float
    reach_body: float
    reach_region: float
    reach_un_support: float
    reach_practices: float
    reach_platform: float
    reach_partner: float
    reach_catalogue: float
    reach_centre: float
    centre_projects: float
    arranging_cost: float
    offer_rate: float
    offer_size_elasticity: float
    third_party_lift: float
    third_party_value: float
    third_party_cost_base: float
    third_party_money: float
    regional_rate: float
    project_continuation: float
    triangular_continuation: float
    success_low: float
    success_high: float
    fragmentation_loss: float
    evaluation_gain: float
    learning_rate: float
    tie_strength: float
    tie_decay: float
    practice_rate: float
    intensity_scale: float
    bilateral_cost: float
    project_cost_spread: float
    technology_bank_effect: float
    usual_project_years: float
    body_reference: float
    technology_frontier_speed: float
    technology_adjustment_speed: float
    technology_adjustment_cost: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``knowledge.yaml``)."""
        return cls(**{f.name: parameters[f.name] for f in fields(cls)})


@dataclass(frozen=True)
class Partners:
    """Third parties of cooperation, by partner.

    Attributes
    ----------
    names
        What each is called.
    focus
        ``(partner, country)`` in [0, 1], how far it works with a receiver; zero: not at all.
    skill
        ``(partner, domain)`` in [0, 1].
    money
        ``(partner,)``, millions of current US dollars each brings to a project.
    southern
        ``(partner,)``, whether it is a facilitator of the South: counted as a third party by the Ibero-American
        definition, not by that of ¶115.
    reverse
        ``(partner,)``, whether what it joins is a reverse linkage (IsDB).
    country
        ``(partner,)``, position of the country it is, -1 for none.
    """

    names: tuple[str, ...]
    focus: Array
    skill: Array
    money: Array
    southern: Mask
    reverse: Mask
    country: Index


@dataclass(frozen=True)
class Bodies:
    """Regional bodies.

    Attributes
    ----------
    names
        What each is called.
    member
        ``(body, country)``.
    initiatives
        ``(body, domain)``, regional projects each plans to begin in a year.
    money
        ``(body,)``, millions of current US dollars each brings to one.
    since
        ``(body,)``, first year.
    """

    names: tuple[str, ...]
    member: Mask
    initiatives: Array
    money: Array
    since: Index

    def at_work(self, year: int) -> Bodies:
        """Return the bodies with nothing planned by those that have not begun."""
        return replace(self, initiatives=self.initiatives * (self.since <= year)[:, None])


@dataclass(frozen=True)
class Draws:
    """A year's luck, in shapes that entities alone decide; receivers are the rows of a fixed list.

    Attributes
    ----------
    count
        ``(receiver, domain)``, uniforms for the number of requests.
    pairs
        Key of the hash that gives each (receiver, domain, provider) its luck, see `pair_luck`.
    third
        The same for (receiver, domain, partner), see `third_luck`.
    life
        ``(4, receiver, domain, slot)``, uniforms for duration, cost, success and writing up.
    regional
        ``(body, domain)``, uniforms for the number of regional projects.
    regional_life
        ``(4, body, domain, slot)``, as `life`.
    joining, leading
        ``(body, domain, country)``, uniforms for taking part and for leading.
    funded
        ``(country,)``, uniforms for what grants of trust funds are for.
    """

    count: Array
    pairs: int
    third: int
    life: Array
    regional: Array
    regional_life: Array
    joining: Array32
    leading: Array32
    funded: Array


_WHOLE = ("provider", "receiver", "partner", "body", "domain", "modality", "start", "end", "helper")


@dataclass(frozen=True)
class Projects:
    """Projects as rows of arrays.

    Attributes
    ----------
    provider, receiver
        Positions of countries; the receiver of a regional project is -1, its members stand in `members`.
    partner, body
        Positions, -1 for none.
    domain, modality
        Positions among `DOMAINS` and `MODALITIES`.
    start, end
        First and last calendar year.
    cost, third_cost, fund_money
        Millions of current US dollars: of the project whole, what partner or body pays of it, and a trust fund.
    quality, chance, luck, writing
        Fit of the match, probability of success, and the uniforms held against success and writing up.
    helper
        Position of the country that is the third party, -1 for none.
    packed
        ``(project, bytes)``, who takes part in a regional project, a bit a country; empty for the others.
    countries
        How many countries there are.
    """

    provider: Index
    receiver: Index
    partner: Index
    body: Index
    domain: Index
    modality: Index
    start: Index
    end: Index
    cost: Array
    third_cost: Array
    fund_money: Array
    quality: Array
    chance: Array
    luck: Array
    writing: Array
    helper: Index
    packed: NDArray[np.uint8]
    countries: int

    def __len__(self) -> int:
        return len(self.provider)

    @classmethod
    def empty(cls, countries: int) -> Self:
        """Return no projects at all."""
        whole, real = np.zeros(0, dtype=np.intp), np.zeros(0)
        columns: dict[str, Any] = {name: whole if name in _WHOLE else real for name in _COLUMNS}
        columns["packed"] = np.zeros((0, -(-countries // 8)), dtype=np.uint8)
        return cls(**columns, countries=countries)

    def take(self, rows: Index | Mask) -> Self:
        """Return some rows."""
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return type(self)(**columns, countries=self.countries)

    def join(self, *others: Self) -> Self:
        """Return these and the others, one after the other."""
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), *(getattr(o, name) for o in others)])
            for name in _COLUMNS
        }
        return type(self)(**columns, countries=self.countries)

    def parties(self) -> tuple[Index, Index]:
        """Return project and country of everybody who takes part in whatever role, a line each."""
        lines = np.arange(len(self))
        project, country = self.takers()
        helped = self.helper >= 0
        return (
            np.concatenate([lines, lines[helped], project]),
            np.concatenate([self.provider, self.helper[helped], country]),
        )

    def takers(self) -> tuple[Index, Index]:
        """Return project and country of everybody who learns, a line each."""
        pairs = np.flatnonzero(self.receiver >= 0)
        regional = np.flatnonzero(self.receiver < 0)
        row, country = np.nonzero(self.regional_members())
        taking = country != self.provider[regional[row]]
        return (
            np.concatenate([pairs, regional[row[taking]]]),
            np.concatenate([self.receiver[pairs], country[taking]]),
        )

    def regional_members(self) -> Mask:
        """Return who takes part in the regional projects among these, ``(regional project, country)``."""
        packed = self.packed[self.receiver < 0]
        return np.unpackbits(packed, axis=1, count=self.countries).astype(bool)

    def with_party(self, member: Mask) -> Mask:
        """Return which projects have a country of a group among their parties, ``(project,)``."""
        project, country = self.parties()
        return np.bincount(project[member[country]], minlength=len(self)) > 0


_COLUMNS = tuple(f.name for f in fields(Projects) if f.name != "countries")


@dataclass(frozen=True)
class Offers:
    """Providers of the year.

    Attributes
    ----------
    provider
        ``(offer,)``, positions of the countries that provide.
    room
        ``(offer,)``, projects each can still take on.
    size
        ``(offer,)``, log of the projects each can run at once, relative to the mean (`log_size`).
    """

    provider: Index
    room: Index
    size: Array


# --------------------------------------------------------------------------------------------- needs and requests


def needs(goals: Array, domain_weights: Array) -> Array:
    """Return how far the Goals of each domain lag, ``(country, domain)`` in [0, 1].

    Parameters
    ----------
    goals
        ``(country, 17)``, 0 to 100, NaN where a Goal does not apply: its weight falls to the domain's others.
    domain_weights
        ``(domain, 17)``, which Goals a domain serves.
    """
    known = ~np.isnan(goals)
    weight = known @ domain_weights.T
    score = np.where(known, goals, 0.0) @ domain_weights.T
    return np.asarray(1.0 - score / np.where(weight > 0, weight, 1.0) / 100.0)


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
    number = np.where(total > 0.0, number, 0.0)
    share = weight / np.where(total > 0.0, total, 1.0)[:, None]
    ends = np.floor(np.cumsum(share, axis=1) * number[:, None] + uniform[:, None])
    # The last end is the number itself, whatever rounding makes of the sum.
    ends[:, -1] = number
    return np.diff(np.minimum(ends, number[:, None]), axis=1, prepend=0.0).astype(np.intp)


def priority(uniform: Array, dispersion: float) -> Array:
    """Return how much a domain is a country's priority, of mean one: the quantile of a gamma distribution.

    It stays for the whole run. Counts that are Poisson given it are negative binomial over countries, with variance
    ``m + m² / dispersion``: their over-dispersion is what countries lastingly differ by (Cameron & Trivedi 2013).
    """
    return np.asarray(gammaincinv(dispersion, uniform) / dispersion)


def poisson(uniform: Array, mean: Array, largest: int) -> Index:
    """Return counts by the inverse distribution function of a Poisson distribution, cut at the largest.

    A larger mean never gives a smaller count for one uniform.
    """
    term = np.exp(-mean)
    cumulated = term.copy()
    count = np.zeros(mean.shape, dtype=np.intp)
    for k in range(largest):
        count += uniform >= cumulated
        term = term * mean / (k + 1)
        cumulated += term
    return count


# --------------------------------------------------------------------------------------------- whom one sees and likes


def absorption(gap: Array | Array32, parameters: KnowledgeParameters) -> NDArray[Any]:
    """Return what part of a gap's promise can be absorbed, in [0, 1]; the largest at ``absorption_gap``."""
    ratio = np.maximum(gap, 0.0)
    ratio /= parameters.absorption_gap
    result = np.exp(1.0 - ratio)
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


def visibility_hazard(
    tie: Array,
    bodies: Array,
    same_region: Array,
    un_support: Array,
    platform: Array,
    partner_presence: Array,
    evidence: Array,
    practices: Array,
    outreach: Array,
    catalogue: Array,
    centres: Array,
    parameters: KnowledgeParameters,
) -> tuple[Array, Array]:
    """Return what makes providers known: a part by pair and a part by provider and domain.

    A request of *r* in domain *d* sees *p* with probability ``1 - exp(-(pair[r, p] + known[p, d]))``.

    Parameters
    ----------
    tie, bodies, same_region
        ``(receiver, provider)`` in [0, 1]: past cooperation, shared bodies, one region.
    un_support, platform, evidence
        ``(country,)`` in [0, 1]. Both ends count half for the first two.
    partner_presence
        ``(country,)``, projects a year that partners could join with a receiver.
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
    p = parameters
    ends = p.reach_un_support * un_support + p.reach_platform * platform
    pair = (
        p.reach_base
        + p.reach_tie * tie
        + p.reach_body * bodies
        + p.reach_region * same_region
        + 0.5 * (ends[:, None] + ends[None, :])
        + p.reach_partner * partner_presence[:, None]
    )
    known = (
        p.reach_practices * evidence[:, None] * np.log1p(practices)[None, :]
        + p.reach_catalogue * catalogue[:, None]
        + p.reach_centre * centres
    )
    return np.asarray(pair * outreach[None, :]), np.asarray(known)


def pair_quality(absorbed: Array, alike: Array) -> Array:
    """Return the fit of a match in [0, 1]: the mean of absorption and likeness of contexts."""
    return np.asarray(0.5 * (absorbed + alike))


def provider_limit(
    provider: Array,
    capacity: Array,
    gdp: Array,
    supply: Array,
    factor: Array,
    centres: Array,
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
    supply, factor
        Supply by all actors over the State's own; offers relative to plan, zero for none.
    centres
        Centres of excellence, which bring people of their own.
    """
    own = parameters.offer_rate * capacity * gdp**parameters.offer_size_elasticity * supply
    limit = (own + parameters.centre_projects * centres) * factor
    able = (provider > 0) & (factor > 0)
    return np.where(able, np.maximum(np.floor(limit), 1.0), 0.0).astype(np.intp)


def log_size(limit: Array, mean: float) -> Array:
    """Return the log of how many projects each can run, over a mean that a run holds fast; -inf for none."""
    result = np.full(limit.shape, -np.inf)
    return np.asarray(np.log(limit, out=result, where=limit > 0) - math.log(mean))


# --------------------------------------------------------------------------------------------- matching


def match(
    counts: Index,
    offers: Offers,
    capability: Array,
    receivers: Index,
    alike: Array,
    tie: Array,
    nearness: Array,
    hazard: Array,
    known: Array,
    cost: Array,
    draws: Draws,
    partners: Partners,
    partner_room: Array,
    partner_size: Array,
    third_party_cost: float,
    parameters: KnowledgeParameters,
) -> dict[str, NDArray[np.generic]]:
    """Let requests find providers and third parties.

    Parameters
    ----------
    counts
        ``(receiver, domain)``, requests.
    offers
        Providers and their room.
    capability
        ``(country, domain)``.
    receivers
        ``(receiver,)``, positions of the countries behind the rows of `counts` and of the draws.
    alike, tie, nearness, hazard
        ``(country, country)``, receiver first.
    known
        ``(country, domain)``, see `visibility_hazard`.
    cost
        ``(country,)``, cost of arranging a project, in units of utility.
    partner_room, partner_size
        ``(partner,)``, projects each can join this year, and their log over the mean of plan (`log_size`).
    third_party_cost
        Relative to plan.

    Returns
    -------
    dict
        Arrays by match: ``receiver``, ``provider``, ``partner`` (-1 for none), ``domain``, ``slot``, ``quality``
        (the third party's lift included), ``row`` (the receiver's row in the draws).
    """
    p = parameters
    row, domain = np.nonzero(counts)
    offer = offers.provider
    room = offers.room.copy()
    nothing: Index = np.zeros(0, dtype=np.intp)
    if not len(row) or not len(offer):
        return dict.fromkeys(
            ("receiver", "provider", "partner", "domain", "slot", "row"), nothing
        ) | {"quality": np.zeros(0)}
    receiver = receivers[row]
    # The value of every visible provider to every cell that asks, (cell, offer), in single precision.
    of = np.ix_(receivers, offer)
    single = capability.astype(np.float32)
    gap = single[offer].T[domain]
    gap -= single[receiver, domain][:, None]
    absorbed = absorption(gap, p)
    pair = (
        p.preference_similarity * alike[of]
        + p.preference_tie * tie[of]
        + p.preference_nearness * nearness[of]
        + p.preference_size * offers.size
    ).astype(np.float32)
    utility = pair[row]
    utility += np.float32(p.preference_absorption) * absorbed
    luck, noise = pair_luck(
        draws.pairs, receiver, domain, offer, capability.shape[1], len(capability)
    )
    utility += noise
    sight = hazard[of].astype(np.float32)[row]
    sight += known[offer].T.astype(np.float32)[domain]
    # Seen with probability 1 - exp(-sight).
    np.negative(sight, out=sight)
    unseen = luck >= -np.expm1(sight, out=sight)
    unseen |= gap <= 0.0
    unseen |= receiver[:, None] == offer[None, :]
    utility[unseen] = -np.inf

    length = min(LIST_LENGTH, len(offer))
    best = np.empty((len(row), length), dtype=np.intp)
    value = np.empty((len(row), length), dtype=np.float32)
    lines = np.arange(len(row))
    for k in range(length):  # faster than sorting: the list is short
        best[:, k] = utility.argmax(axis=1)
        value[:, k] = utility[lines, best[:, k]]
        utility[lines, best[:, k]] = -np.inf

    # Requests: the first of a cell asks the first on its list, the second the second; who is turned away asks the next
    # that none of the cell has asked.
    wanted = counts[row, domain]
    cell = np.repeat(np.arange(len(row)), wanted)
    slot = _places(cell)
    place = slot.copy()
    pointer = wanted.copy()
    taken: list[tuple[Index, ...]] = []
    qualities: list[Array] = []
    third_room = np.floor(partner_room).astype(np.intp)
    while len(cell):
        inside = place < length
        cell, slot, place = cell[inside], slot[inside], place[inside]
        worth = value[cell, place].astype(np.float64)
        seen = np.isfinite(worth)
        cell, slot, place, worth = cell[seen], slot[seen], place[seen], worth[seen]
        if not len(cell):
            break
        asked = best[cell, place]
        who, what = receiver[cell], domain[cell]
        fit = pair_quality(absorbed[cell, asked].astype(np.float64), alike[who, offer[asked]])
        surplus = worth - 0.5 * (cost[who] + cost[offer[asked]])
        third, gain = join_partners(
            fit,
            who,
            offer[asked],
            what,
            third_luck(draws.third, who, what, partners.names, capability.shape[1]),
            partners,
            third_room,
            partner_size,
            third_party_cost,
            surplus,
            p,
        )
        total = surplus + gain
        good = total > 0
        # The most valuable first, provider by provider.
        queue = np.lexsort((-total, asked))
        queue = queue[good[queue]]
        accepted = queue[_places(asked[queue]) < room[asked[queue]]]
        np.subtract.at(room, asked[accepted], 1)
        joined = third[accepted]
        np.subtract.at(third_room, joined[joined >= 0], 1)
        skill = np.where(joined >= 0, partners.skill[joined, what[accepted]], 0.0)
        lifted = fit[accepted] + p.third_party_lift * skill * (1.0 - fit[accepted])
        taken.append(
            (
                who[accepted],
                offer[asked[accepted]],
                joined,
                what[accepted],
                slot[accepted],
                row[cell[accepted]],
            )
        )
        qualities.append(lifted)
        # What costs more than it is worth is given up; who meets a full provider goes on.
        left = np.zeros(len(cell), dtype=bool)
        left[queue] = True
        left[accepted] = False
        cell, slot = cell[left], slot[left]
        place = pointer[cell] + _places(cell)
        np.add.at(pointer, cell, 1)
    columns = [
        np.concatenate(part) if taken else nothing
        for part in (zip(*taken, strict=True) if taken else [()] * 6)
    ]
    names = ("receiver", "provider", "partner", "domain", "slot", "row")
    return dict(zip(names, columns, strict=True)) | {
        "quality": np.concatenate(qualities) if qualities else np.zeros(0)
    }


def join_partners(
    quality: Array,
    receiver: Index,
    provider: Index,
    domain: Index,
    noise: Array32,
    partners: Partners,
    room: Index,
    size: Array,
    cost: float,
    surplus: Array,
    parameters: KnowledgeParameters,
) -> tuple[Index, Array]:
    """Decide which third party joins each match, ``(match,)``: its position or -1, and what it adds to the value.

    A partner gains by what it can lift, ``value · lift · skill · (1 - quality)``, and by the money it brings, as far as
    it works with the receiver at all; it does not join where the cost of a third party is higher, nor where the match
    stays worthless with it. A country is not the third party of its own project. Each partner chooses the matches it
    adds most to, until its money is spent; a match that it has no money left for is free for another. The more projects
    a partner can pay for, the likelier one of them fits.

    Parameters
    ----------
    quality, receiver, provider, domain
        ``(match,)``: fit of the pair alone in [0, 1], and positions.
    noise
        ``(match, partner)``, Gumbel.
    partners, room, size
        Who may join; by partner, projects each can still join and their log over the mean of plan (`log_size`).
    cost
        Cost of a third party relative to plan.
    surplus
        ``(match,)``, value of the match alone less the cost of arranging it.
    """
    p = parameters
    none = np.full(len(quality), -1, dtype=np.intp)
    if not len(partners.names) or not len(quality) or not room.any():
        return none, np.zeros(len(quality))
    lift = p.third_party_lift * partners.skill[:, domain].T * (1.0 - quality[:, None])
    focus = partners.focus[:, receiver].T
    gain = (p.third_party_value * lift + p.third_party_money) * focus + noise
    gain += p.preference_size * np.where(room > 0, size, 0.0)
    # A bank arranges the reverse linkage of its members itself: that is what it is for.
    gain -= np.where(partners.reverse, 0.0, p.third_party_cost_base * cost)
    itself = (partners.country == receiver[:, None]) | (partners.country == provider[:, None])
    gain[itself | (focus <= 0) | (room == 0)] = -np.inf
    gain[(gain <= 0) | (surplus[:, None] + gain <= 0)] = -np.inf
    chosen, joins = _assign(gain, room)
    return chosen, np.where(joins, gain[np.arange(len(chosen)), chosen], 0.0)


def _places(key: Index) -> Index:
    """Return each element's place among those of the same key, which stand together, from 0 on."""
    if not len(key):
        return np.zeros(0, dtype=np.intp)
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    lengths = np.diff(np.r_[first, len(key)])
    return np.asarray(np.arange(len(key)) - np.repeat(first, lengths))


# --------------------------------------------------------------------------------------------- projects


def project_years(uniform: Array, going_on: Array | float) -> Index:
    """Return how many calendar years projects run, one to four: each year it goes on with one probability."""
    last = np.ones(uniform.shape, dtype=np.intp)
    for years in range(1, LONGEST_PROJECT):
        last += uniform < going_on**years
    return last


def carry_on(
    matched: Mapping[str, NDArray[np.generic]],
    grant: Array,
    year: int,
    draws: Draws,
    partners: Partners,
    countries: int,
    fragmentation: Array,
    coordination: Array,
    evidence: Array,
    cost_ratio: Array,
    price: float,
    parameters: KnowledgeParameters,
) -> Projects:
    """Turn matches into projects: how long, how much, how likely to succeed.

    Parameters
    ----------
    matched, grant
        What `match` returns, and millions of US dollars that a trust fund gives to each.
    year, draws, partners, countries
        The first year, the year's luck, third parties, how many countries there are.
    fragmentation, coordination, evidence, cost_ratio
        ``(country,)``: uncoordinated actors relative to the base year, the part under coordination, evidence that
        evaluation can use, cost of a project over that of the State's own.
    price
        Prices relative to those at which the table gives costs.
    """
    p = parameters
    receiver, provider = matched["receiver"].astype(np.intp), matched["provider"].astype(np.intp)
    partner, domain = matched["partner"].astype(np.intp), matched["domain"].astype(np.intp)
    row, slot = matched["row"].astype(np.intp), matched["slot"].astype(np.intp)
    quality = np.asarray(matched["quality"], dtype=np.float64)
    duration, cost, luck, writing = draws.life[:, row, domain, slot]
    third = partner >= 0
    reverse = third & partners.reverse[partner] if len(partners.names) else third
    modality = np.where(reverse, REVERSE_LINKAGE, np.where(third, TRIANGULAR, BILATERAL))
    going_on = np.where(third, p.triangular_continuation, p.project_continuation)
    paid = (
        np.where(third, partners.money[partner], 0.0) if len(partners.names) else np.zeros(len(row))
    )
    own = p.bilateral_cost * np.exp(p.project_cost_spread * _normal(cost)) * price
    none = np.full(len(receiver), -1, dtype=np.intp)
    return Projects(
        provider=provider,
        receiver=receiver,
        partner=partner,
        body=none,
        domain=domain,
        modality=modality.astype(np.intp),
        start=np.full(len(receiver), year, dtype=np.intp),
        end=year - 1 + project_years(duration, going_on),
        cost=own * cost_ratio[provider] + paid + grant,
        third_cost=paid,
        fund_money=grant,
        quality=quality,
        chance=_chance(
            quality,
            fragmentation[receiver],
            coordination[receiver],
            evidence[receiver],
            p,
        ),
        luck=luck,
        writing=writing,
        helper=np.where(third, partners.country[partner], -1) if len(partners.names) else none,
        packed=np.zeros((len(receiver), -(-countries // 8)), dtype=np.uint8),
        countries=countries,
    )


def regional_projects(
    requesting: Mask,
    capability: Array,
    bodies: Bodies,
    year: int,
    draws: Draws,
    factor: Array,
    able: Array,
    fragmentation: Array,
    coordination: Array,
    evidence: Array,
    alike: Array,
    size: Array,
    room: Index,
    price: float,
    parameters: KnowledgeParameters,
) -> Projects:
    """Return regional projects begun in a year: one body, one need, three members or more.

    A body begins what its programme plans, where the need is there: the whole number below or above the plan, by one
    draw. Of the members who ask in the domain each takes part with its own capacity as the probability. Who leads and
    provides is chosen among the members that provide by size, lead over the mean participant, likeness to the others
    and Gumbel noise. Where fewer than three come together, or none provides, nothing is begun.

    Parameters
    ----------
    requesting, capability
        ``(country, domain)``, who asks this year, and positions in [0, 1].
    bodies, year, draws
        Those at work, the first year of what is begun, and the year's luck.
    factor, able
        ``(country,)``: requests relative to plan, capacity to manage cooperation.
    fragmentation, coordination, evidence
        ``(country,)``, as in `carry_on`; a project has the mean of those who learn.
    alike
        ``(country, country)``, likeness of contexts.
    size, room
        ``(country,)``, see `log_size`; projects each can still take on.
    price
        Prices relative to those at which the table gives costs.
    """
    p = parameters
    count = len(capability)
    member = bodies.member & (factor > 0)
    asking = member[:, None, :] & requesting.T[None, :, :]
    plan = p.regional_rate * bodies.initiatives * _mean_of(factor, bodies.member)[:, None]
    born = np.minimum(np.floor(plan + draws.regional), REGIONAL_SLOTS).astype(np.intp)
    b, d = np.nonzero(born)
    if not len(b):
        return Projects.empty(count)
    slot_of = np.repeat(np.arange(len(b)), born[b, d])
    slot = _places(slot_of)
    b, d = b[slot_of], d[slot_of]
    # One draw a member and domain; further projects of the year turn it round the circle.
    luck = (draws.joining[b, d] + slot[:, None] / REGIONAL_SLOTS) % 1.0
    part = asking[b, d] & (luck < able[None, :])
    people = np.maximum(part.sum(axis=1), 1)[:, None]
    ahead = capability[:, d].T
    ahead = ahead - (part * ahead).sum(axis=1, keepdims=True) / people
    chance = (draws.leading[b, d] + slot[:, None] / REGIONAL_SLOTS) % 1.0
    noise = -np.log(-np.log(np.clip(chance, 1e-7, 1.0 - 1e-7)))
    leading = (
        p.preference_absorption * absorption(ahead, p)
        + p.preference_similarity * (part @ alike) / people
        + p.preference_size * np.where(np.isneginf(size), 0.0, size)
        + noise
    )
    lines = np.arange(len(b))
    leading[~member[b] | (ahead < 0.0) | np.isneginf(size)] = -np.inf
    # Three members with the one that leads, who is among those who ask or comes to them.
    leading[(part.sum(axis=1)[:, None] + ~part) < SMALLEST_REGIONAL] = -np.inf
    lead, led = _assign(leading, room)
    part[lines[led], lead[led]] = True
    enough = led
    b, d, slot, lead, part = b[enough], d[enough], slot[enough], lead[enough], part[enough]
    if not len(b):
        return Projects.empty(count)
    lines = np.arange(len(b))
    takers = part.copy()
    takers[lines, lead] = False
    people = takers.sum(axis=1)
    gap = capability[lead, d][:, None] - capability[:, d].T
    fit = pair_quality(absorption(gap, p), alike[lead])
    quality = np.where(takers, fit, 0.0).sum(axis=1) / people
    duration, cost, success, writing = draws.regional_life[:, b, d, slot]
    none = np.full(len(b), -1, dtype=np.intp)
    return Projects(
        provider=lead.astype(np.intp),
        receiver=none,
        partner=none.copy(),
        body=b.astype(np.intp),
        domain=d.astype(np.intp),
        modality=np.full(len(b), REGIONAL, dtype=np.intp),
        start=np.full(len(b), year, dtype=np.intp),
        end=year - 1 + project_years(duration, p.triangular_continuation),
        cost=p.bilateral_cost * people * np.exp(p.project_cost_spread * _normal(cost)) * price
        + bodies.money[b],
        third_cost=bodies.money[b],
        fund_money=np.zeros(len(b)),
        quality=quality,
        chance=_chance(
            quality,
            _mean_of(fragmentation, takers),
            _mean_of(coordination, takers),
            _mean_of(evidence, takers),
            p,
        ),
        luck=success,
        writing=writing,
        helper=none.copy(),
        packed=np.packbits(part, axis=1),
        countries=count,
    )


def _assign(utility: Array, room: Index) -> tuple[Index, Mask]:
    """Return who takes each project, and whether anybody does: the best by utility with room left.

    Parameters
    ----------
    utility
        ``(project, taker)``, -inf for who cannot.
    room
        ``(taker,)``, projects each can still take on.
    """
    left = room.copy()
    lead = np.full(len(utility), -1, dtype=np.intp)
    value = utility.max(axis=1)
    open_ = np.flatnonzero(np.isfinite(value))
    wish, value = utility[open_], value[open_]
    while len(open_):
        best = wish.argmax(axis=1)
        queue = np.lexsort((-value, best))
        taken = queue[_places(best[queue]) < left[best[queue]]]
        lead[open_[taken]] = best[taken]
        np.subtract.at(left, best[taken], 1)
        # Who finds its best without room asks the next that has some.
        open_, wish = np.delete(open_, taken), np.delete(wish, taken, axis=0)
        wish[:, left <= 0] = -np.inf
        value = wish.max(axis=1, initial=-np.inf)
        there = np.isfinite(value)
        open_, wish, value = open_[there], wish[there], value[there]
    return lead, lead >= 0


def _chance(
    quality: Array,
    fragmentation: Array,
    coordination: Array,
    evidence: Array,
    parameters: KnowledgeParameters,
) -> Array:
    """Return the probability of success: fit, less what uncoordinated actors lose, more what evaluation gains."""
    p = parameters
    loss = np.exp(-p.fragmentation_loss * fragmentation * (1.0 - coordination))
    sound = quality * loss
    sound = sound + p.evaluation_gain * evidence * (1.0 - sound)
    return np.asarray(p.success_low + (p.success_high - p.success_low) * sound)


def _normal(uniform: Array) -> Array:
    # A uniform in [0, 1) may be zero, whose quantile is not finite.
    return np.asarray(ndtri(np.maximum(uniform, np.finfo(float).tiny)))


def _mean_of(values: Array, mask: Mask) -> Array:
    return np.asarray(mask @ values / np.maximum(mask.sum(axis=1), 1))


# --------------------------------------------------------------------------------------------- what projects leave


def close_projects(projects: Projects, year: int) -> tuple[Mask, Mask]:
    """Return which projects close with this year, and which of these reach their aim."""
    closing = projects.end == year
    return closing, closing & (projects.luck < projects.chance)


def learn(
    projects: Projects, capability: Array, pace: Array, parameters: KnowledgeParameters
) -> Array:
    """Return what successful projects add to capabilities, ``(country, domain)``.

    A success closes the part ``1 - exp(-rate · years / usual · absorption)`` of the gap to the provider; several in one
    domain add up in the exponent and share the mean of their gaps, so that nobody passes the best of its teachers.

    Parameters
    ----------
    projects
        Those that close and succeed.
    capability
        ``(country, domain)``.
    pace
        ``(domain,)``, learning relative to plan, by policy.
    """
    shape = capability.shape
    change = np.zeros(shape)
    if not len(projects):
        return change
    project, taker = projects.takers()
    domain = projects.domain[project]
    gap = capability[projects.provider[project], domain] - capability[taker, domain]
    years = (projects.end - projects.start + 1)[project] / parameters.usual_project_years
    weight = parameters.learning_rate * years * pace[domain] * absorption(gap, parameters)
    cell = taker * shape[1] + domain
    size = capability.size
    total = np.bincount(cell, weight, size)
    gaps = np.bincount(cell, weight * np.maximum(gap, 0.0), size)
    mean = gaps / np.where(total > 0, total, 1.0)
    return np.asarray((-np.expm1(-total) * mean).reshape(shape))


def fall_behind(position: Array, parameters: KnowledgeParameters) -> Array:
    """Return positions relative to a technology frontier that has moved on for a year, in [0, 1].

    ``x - m x (1 - x)``: who stands at the frontier moves it, who is behind keeps pace by itself only as far as it is
    able, which is the position itself (¶38). The order of countries stays.

    Parameters
    ----------
    position
        In [0, 1], 1 at the frontier.
    """
    return np.asarray(position - parameters.technology_frontier_speed * position * (1.0 - position))


def adjust(
    learned: Array, waiting: Array, parameters: KnowledgeParameters
) -> tuple[Array, Array, Array]:
    """Return what of learned technology comes into use in a year, what waits, and what adjusting takes meanwhile.

    A part ``s`` of what waits comes into use each year. Fitting it in takes people and old equipment away from their
    work: ``cost`` times what waits, felt as a level, so that it is given back as the technology comes into use and in
    the long run nothing is lost (the productivity J-curve of Brynjolfsson, Rock & Syverson 2021).

    Parameters
    ----------
    learned, waiting
        ``(country,)``, capability learned in the year, and learned before and not yet in use.
    """
    before = waiting + learned
    used = parameters.technology_adjustment_speed * before
    left = before - used
    return used, left, parameters.technology_adjustment_cost * (left - waiting)


def experience_step(experience: Array, projects: Projects, turnover: float) -> Array:
    """Return countries' experience as receivers a year on: it leaves with those who made it, and successes add to it.

    Parameters
    ----------
    experience
        ``(country,)``, in projects.
    projects
        Successes of the year.
    turnover
        Part of people in office that leaves in a year.
    """
    _, taker = projects.takers()
    return np.asarray(
        (1.0 - turnover) * experience + np.bincount(taker, minlength=len(experience)).astype(float)
    )


def tie_step(tie: Array, projects: Projects, parameters: KnowledgeParameters) -> Array:
    """Return ties a year on, ``(country, country)`` in [0, 1], symmetric: they fade, and every success renews them.

    Parameters
    ----------
    tie
        Symmetric, zero diagonal.
    projects
        Successes of the year; all parties of a project are tied.
    """
    count = len(tie)
    kept = (1.0 - parameters.tie_decay) * tie
    pairs = projects.receiver >= 0
    one, other = projects.provider[pairs], projects.receiver[pairs]
    joint = np.bincount(one * count + other, minlength=count * count).reshape(count, count)
    joint = joint + joint.T
    project, member = np.nonzero(projects.regional_members())
    if len(project):
        # All pairs of members of a project: each member beside the others of its project, turned round by one to all.
        size = np.bincount(project)[project]
        first = np.searchsorted(project, project)
        line = np.repeat(np.arange(len(project)), size)
        mate = first[line] + _places(line)
        joint += np.bincount(member[line] * count + member[mate], minlength=count * count).reshape(
            count, count
        )
    np.fill_diagonal(joint, 0.0)
    met = joint > 0
    kept[met] = 1.0 - (1.0 - kept[met]) * (1.0 - parameters.tie_strength) ** joint[met]
    return np.asarray(kept)


def practices_step(
    practices: Array, projects: Projects, publication: float, parameters: KnowledgeParameters
) -> Array:
    """Return documented practices a year on, ``(domain,)``: a part of successes is written up and published."""
    written = projects.writing < parameters.practice_rate * publication
    return np.asarray(
        practices + np.bincount(projects.domain[written], minlength=len(practices)).astype(float)
    )


def cooperation_intensity(
    projects: Projects, domain_weights: Array, countries: int, parameters: KnowledgeParameters
) -> Array:
    """Return the intensity of cooperation received by Goal, ``(country, 17)`` in [0, 1).

    ``1 - exp(-projects / scale)`` in each domain, handed to the Goals the domain serves.

    Parameters
    ----------
    projects
        Those under way that will reach their aim: what fails does nothing for the Goals on its way either.
    domain_weights
        ``(domain, 17)``.
    countries
        How many there are.
    """
    domains = len(domain_weights)
    project, taker = projects.takers()
    cell = taker * domains + projects.domain[project]
    running = np.bincount(cell, minlength=countries * domains).reshape(countries, domains)
    # A Goal that several domains serve with more than one together takes their weighted mean.
    share = domain_weights / np.maximum(domain_weights.sum(axis=0), 1.0)
    return np.asarray(-np.expm1(-running / parameters.intensity_scale) @ share)


# --------------------------------------------------------------------------------------------- luck


def draw_year(
    uniform: Callable[[str, tuple[int, ...]], Array],
    receivers: int,
    domains: int,
    countries: int,
    bodies: Sequence[str],
) -> Draws:
    """Return a year's luck in its fixed shapes.

    Parameters
    ----------
    uniform
        Returns uniforms of a shape from the stream of a name.
    bodies
        Codes of regional bodies, which their luck goes by.
    """

    def key(name: str) -> int:
        return int(uniform(name, (1,))[0] * 2**53)

    def of_bodies(name: str, *shape: int) -> Array:
        found = code_luck(key(name), bodies, math.prod(shape))
        return found.reshape(len(bodies), *shape)

    return Draws(
        count=uniform("requests", (receivers, domains)),
        pairs=key("pairs"),
        third=key("third party"),
        life=uniform("projects", (4, receivers, domains, LARGEST_COUNT)),
        regional=of_bodies("regional", domains),
        regional_life=np.moveaxis(of_bodies("regional projects", 4, domains, REGIONAL_SLOTS), 0, 1),
        joining=of_bodies("joining", domains, countries).astype(np.float32),
        leading=of_bodies("leading", domains, countries).astype(np.float32),
        funded=uniform("funded", (countries,)),
    )


def _mixed(key: int, number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return elements of the SplitMix64 sequence (Steele, Lea & Flood 2014, OOPSLA) by their number, in place."""
    with np.errstate(over="ignore"):
        number += np.uint64(1)
        number *= np.uint64(0x9E3779B97F4A7C15)
        number += np.uint64(key)
        number ^= number >> np.uint64(30)
        number *= np.uint64(0xBF58476D1CE4E5B9)
        number ^= number >> np.uint64(27)
        number *= np.uint64(0x94D049BB133111EB)
        number ^= number >> np.uint64(31)
    return number


def _codes(names: Sequence[str]) -> NDArray[np.uint64]:
    """Return a number that stands for each code, whatever other codes there are."""
    return np.array([crc32(name.encode()) for name in names], dtype=np.uint64)


def code_luck(key: int, names: Sequence[str], size: int) -> Array:
    """Return uniforms in [0, 1) that go by code, ``(name, size)``: one more name leaves those of the others alone."""
    start = _codes(names) << np.uint64(32)
    mixed = _mixed(key, start[:, None] + np.arange(size, dtype=np.uint64)[None, :])
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def third_luck(
    key: int, receiver: Index, domain: Index, names: Sequence[str], domains: int
) -> Array32:
    """Return Gumbel noise of third parties, ``(request, partner)``, by receiver, domain and the partner's code.

    Parameters
    ----------
    key
        The year's.
    receiver, domain
        ``(request,)``, positions.
    names
        Codes of the partners.
    domains
        How many domains there are.
    """
    cell = (receiver * domains + domain).astype(np.uint64) << np.uint64(32)
    mixed = _mixed(key, cell[:, None] + _codes(names)[None, :])
    return _gumbel(mixed >> np.uint64(40))


def _gumbel(bits: NDArray[np.uint64]) -> Array32:
    """Return Gumbel noise of 24 random bits each, what single precision holds."""
    # A half is added so that neither end is met.
    result = (bits.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-24)
    np.minimum(result, np.float32(1.0 - 2.0**-24), out=result)
    np.log(result, out=result)
    np.negative(result, out=result)
    np.log(result, out=result)
    np.negative(result, out=result)
    return result


def pair_luck(
    key: int, receiver: Index, domain: Index, provider: Index, domains: int, countries: int
) -> tuple[Array32, Array32]:
    """Return for each request and provider a uniform and Gumbel noise, both ``(request, provider)``.

    The element of a sequence whose number is that of the triple, half of its bits each: the same luck for the same
    three whoever else asks or offers, at the price of those alone who do.

    Parameters
    ----------
    key
        The year's.
    receiver, domain
        ``(request,)``, positions.
    provider
        ``(offer,)``, positions.
    domains, countries
        How many there are, which number the triples.
    """
    row = ((receiver * domains + domain) * countries).astype(np.uint64)
    mixed = _mixed(key, row[:, None] + provider.astype(np.uint64)[None, :])
    seen = (mixed >> np.uint64(40)).astype(np.float32) + np.float32(0.5)
    seen *= np.float32(2.0**-24)
    mixed >>= np.uint64(8)
    mixed &= np.uint64(0xFFFFFF)
    return seen, _gumbel(mixed)
