"""Matches become projects; bodies begin projects of several members."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from sscsim.compiled import compiled_loops
from sscsim.counts import whole
from sscsim.flows.knowledge.lines import LOOPS, assign, places, places_in, spans
from sscsim.flows.knowledge.luck import CodeLuck, Draws, Whole
from sscsim.flows.knowledge.matching import Matches
from sscsim.flows.knowledge.parameters import (
    LONGEST_PROJECT,
    REGIONAL_SLOTS,
    SMALLEST_REGIONAL,
    KnowledgeParameters,
)
from sscsim.flows.knowledge.projects import (
    BILATERAL,
    REGIONAL,
    REVERSE_LINKAGE,
    TRIANGULAR,
    Projects,
)
from sscsim.flows.knowledge.sight import absorption, pair_quality
from sscsim.means import means_over
from sscsim.special import ndtri
from sscsim.types import Array, Index, Mask
from sscsim.world.institutions.bodies import Bodies
from sscsim.world.institutions.partners import Partners

__all__ = ["Conditions", "Leaders", "Willing", "carry_on", "project_years", "regional_projects"]


@dataclass(frozen=True)
class Conditions:
    """What projects of a year meet, ``(country,)``.

    Attributes
    ----------
    fragmentation, coordination
        Uncoordinated actors relative to the base year, and the part under coordination.
    evidence
        Evidence that evaluation can use.
    cost_ratio
        Cost of a project over that of the State's own.
    price
        Prices relative to those at which the table gives costs; one number.
    offered
        Offers of cooperation relative to plan, by policy.
    """

    fragmentation: Array
    coordination: Array
    evidence: Array
    cost_ratio: Array
    price: float
    offered: Array


@dataclass(frozen=True)
class Willing:
    """Who would take part in regional projects.

    Attributes
    ----------
    asking
        ``(country, domain)``, who would ask this year at plan.
    factor, able
        ``(country,)``: requests relative to plan, capacity to manage cooperation.
    """

    asking: Mask
    factor: Array
    able: Array


@dataclass(frozen=True)
class Leaders:
    """Who could lead regional projects, ``(country,)``.

    Attributes
    ----------
    size, room
        Log of the projects each can run (`log_size`), -inf for who does not provide; projects it can still take on.
    """

    size: Array
    room: Index


def project_years(uniform: Array, second: float, going_on: Array | float) -> Index:
    """Return how many calendar years projects run, one to four.

    Into a second with one probability - the rest are actions of days or weeks -, into each later one with another.
    """
    last = np.ones(uniform.shape, dtype=np.intp)
    for years in range(1, LONGEST_PROJECT):
        last += uniform < second * going_on ** (years - 1)
    return last


def carry_on(
    matched: Matches,
    grant: Array,
    year: int,
    lives: Array,
    partners: Partners,
    conditions: Conditions,
    parameters: KnowledgeParameters,
) -> Projects:
    """Turn matches into projects: how long, how much, how likely to succeed.

    Parameters
    ----------
    matched, grant
        What `match` returns, and millions of US dollars that a trust fund gives to each.
    year, lives, partners, conditions
        The first year, the year's luck (`draw_lives`), third parties, what projects meet.
    """
    p, countries = parameters, len(conditions.evidence)
    receiver, provider, partner = matched.receiver, matched.provider, matched.partner
    parts, _, domains, slots = lives.shape
    where = (matched.row * domains + matched.domain) * slots + matched.slot
    duration, cost, luck, writing = lives.reshape(parts, -1).take(where, axis=1)
    none = np.full(len(receiver), -1, dtype=np.intp)
    third = partner >= 0
    if len(partners.names):
        reverse, paid = (
            third & partners.reverse[partner],
            np.where(third, partners.money[partner], 0.0),
        )
        helper = np.where(third, partners.country[partner], -1)
    else:
        reverse, paid, helper = third, np.zeros(len(receiver)), none
    modality = np.where(reverse, REVERSE_LINKAGE, np.where(third, TRIANGULAR, BILATERAL))
    going_on = np.where(third, p.triangular_continuation, p.project_continuation)
    own = p.bilateral_cost * np.exp(p.project_cost_spread * _normal(cost)) * conditions.price
    return Projects(
        provider=provider,
        receiver=receiver,
        partner=partner,
        body=none,
        domain=matched.domain,
        modality=modality.astype(np.intp),
        start=np.full(len(receiver), year, dtype=np.intp),
        end=year - 1 + project_years(duration, p.project_second_year, going_on),
        cost=own * conditions.cost_ratio.take(provider) + paid + grant,
        third_cost=paid,
        fund_money=grant,
        quality=matched.quality,
        chance=_chance(
            matched.quality,
            conditions.fragmentation.take(receiver),
            conditions.coordination.take(receiver),
            conditions.evidence.take(receiver),
            p,
        ),
        luck=luck,
        writing=writing,
        helper=helper,
        offered=conditions.offered.take(provider),
        suspended=np.zeros(len(receiver), dtype=np.intp),
        rested=none,
        packed=np.zeros((len(receiver), -(-countries // 8)), dtype=np.uint8),
        countries=countries,
    )


_SAVED = 0.0003
"""Seconds of a year that compiled loops save of `regional_projects` (see `sscsim.compiled`)."""


@dataclass(frozen=True)
class _Drafts:
    """Regional projects on their way, ``(draft,)``: the body, the domain, its number, who takes part, who leads."""

    body: Index
    domain: Index
    slot: Index
    part: Mask
    """``(draft, country)``."""
    lead: Index


def regional_projects(
    willing: Willing,
    leaders: Leaders,
    capability: Array,
    alike: Array,
    bodies: Bodies,
    year: int,
    draws: Draws,
    conditions: Conditions,
    parameters: KnowledgeParameters,
) -> Projects:
    """Return regional projects begun in a year: one body, one need, three members or more.

    A body begins what its programme plans, where the need is there: the whole number below or above the plan, by one
    draw. Of the members who ask in the domain each takes part with its own capacity as the probability. Who leads and
    provides is chosen among the members that provide by size, lead over the mean participant, likeness to the others
    and Gumbel noise. Where fewer than three come together, or none provides, nothing is begun.

    Parameters
    ----------
    willing, leaders
        Who would take part, and who could lead.
    capability
        ``(country, domain)``, positions in [0, 1].
    alike
        ``(country, country)``, likeness of contexts.
    bodies, year, draws, conditions
        Those at work, the first year of what is begun, the year's luck, what projects meet; a project meets the mean
        of those who learn.
    """
    usual = means_over(willing.factor, bodies.member)
    plan = parameters.regional_rate * bodies.initiatives * usual[:, None]
    born = whole(np.minimum(plan + draws.regional, REGIONAL_SLOTS), "regional projects of a body")
    if not np.count_nonzero(born):
        return Projects.empty(len(capability))
    loops = compiled_loops(LOOPS, _SAVED)
    drafts = _coming(born, usual, willing, bodies, draws, loops)
    led = _led(drafts, willing, leaders, capability, alike, bodies, draws, parameters, loops)
    if not len(led.body):
        return Projects.empty(len(capability))
    return _begun(led, capability, alike, bodies, year, draws, conditions, parameters, loops)


def _coming(
    born: Index,
    usual: Array,
    willing: Willing,
    bodies: Bodies,
    draws: Draws,
    loops: ModuleType | None,
) -> _Drafts:
    """Return what bodies plan to begin with those of the members who ask that would come.

    Parameters
    ----------
    born
        ``(body, domain)``, projects planned.
    usual
        ``(body,)``, requests relative to plan, mean of the members.
    """
    members = bodies.member & (willing.factor > 0)
    if loops is not None:
        body, domain, slot, part = loops.coming(
            born.reshape(-1),
            (members.reshape(-1), willing.asking.reshape(-1)),
            (willing.factor, willing.able, usual),
            _turns(draws.joining),
            willing.asking.shape[1],
        )
        nobody = np.full(len(body), -1, dtype=np.intp)
        return _Drafts(body, domain, slot, part.reshape(len(body), -1), nobody)
    at = np.repeat(np.arange(born.size), born.reshape(-1))
    body, slot = at // born.shape[1], places(at)
    domain, nobody = at - body * born.shape[1], np.full(len(body), -1, dtype=np.intp)
    asking = members[body] & willing.asking.T[domain]
    draft, country = places_in(asking)
    luck = _turned(draws.joining, body.take(draft), domain.take(draft), country, slot.take(draft))
    part = np.zeros(asking.shape, dtype=np.bool_)
    # Who cooperates less than the other members comes the less often; what all do less is not begun.
    share = willing.factor.take(country) / usual.take(body.take(draft))
    part[draft, country] = luck < willing.able.take(country) * np.minimum(share, 1.0)
    return _Drafts(body, domain, slot, part, nobody)


def _led(
    drafts: _Drafts,
    willing: Willing,
    leaders: Leaders,
    capability: Array,
    alike: Array,
    bodies: Bodies,
    draws: Draws,
    parameters: KnowledgeParameters,
    loops: ModuleType | None,
) -> _Drafts:
    """Return the drafts that find somebody to lead them, who takes part, too."""
    p, part, slot = parameters, drafts.part, drafts.slot
    able = bodies.member & (willing.factor > 0) & np.isfinite(leaders.size)
    if loops is None:
        lines = _may_lead(drafts, able, capability, alike, draws.leading)
    else:
        lines = loops.may_lead(
            (drafts.body, drafts.domain, slot),
            (part.reshape(-1), able.reshape(-1)),
            (capability.reshape(-1), alike.reshape(-1)),
            _turns(draws.leading),
            *capability.shape,
            SMALLEST_REGIONAL,
        )
    draft, country, ahead, chance, likeness = lines
    leading = (
        p.preference_absorption * absorption(ahead, p)
        + p.preference_similarity * likeness
        + p.preference_size * leaders.size.take(country)
        - np.log(-np.log(np.clip(chance, 1e-7, 1.0 - 1e-7)))
    )
    if loops is None:
        taken = np.sort(assign(draft, country, leading, leaders.room))
    else:
        taken = loops.assigned(draft, country, leading, leaders.room)
    led, lead = draft.take(taken), country.take(taken)
    part[led, lead] = True
    return _Drafts(drafts.body[led], drafts.domain[led], slot[led], part[led], lead)


def _may_lead(
    drafts: _Drafts, able: Mask, capability: Array, alike: Array, leading: CodeLuck
) -> tuple[Index, Index, Array, Array, Array]:
    """Return who may lead drafts, ``(line,)``.

    Parameters
    ----------
    able
        ``(body, country)``, who is able to lead its projects at all.

    Returns
    -------
    draft, country, ahead, chance, likeness
        Lead over the mean participant, luck, and mean likeness to the participants.
    """
    part, slot = drafts.part, drafts.slot
    number, (countries, domains) = len(drafts.body), capability.shape
    flat = capability.reshape(-1)
    # Lines are those who take part, and those who may lead.
    whose, member = places_in(part)
    people = np.bincount(whose, minlength=number)
    several = np.maximum(people, 1)
    position = flat.take(member * domains + drafts.domain.take(whose))
    mean = np.bincount(whose, position, number) / several
    draft, country = places_in(able.take(drafts.body, axis=0))
    ahead = flat.take(country * domains + drafts.domain.take(draft)) - mean.take(draft)
    # Three members with the one that leads, who is among those who ask or comes to them.
    comes = ~part.reshape(-1).take(draft * countries + country)
    may = ((ahead >= 0.0) & (people.take(draft) + comes >= SMALLEST_REGIONAL)).nonzero()[0]
    draft, country, ahead = draft.take(may), country.take(may), ahead.take(may)
    chance = _turned(
        leading,
        drafts.body.take(draft),
        drafts.domain.take(draft),
        country,
        slot.take(draft),
    )
    others = people.take(draft)
    other = member.take(spans((np.cumsum(people) - people).take(draft), others))
    likeness = alike.take(other * countries + np.repeat(country, others))
    line = np.repeat(np.arange(len(draft)), others)
    mean_likeness = np.bincount(line, likeness, len(draft)) / several.take(draft)
    return draft, country, ahead, chance, mean_likeness


def _turns(luck: CodeLuck) -> tuple[np.uint64, Whole, int]:
    """Return luck as the compiled loops take it, to turn it round as `_turned` does."""
    return np.uint64(luck.start), luck.starts, REGIONAL_SLOTS


def _turned(luck: CodeLuck, body: Index, domain: Index, country: Index, slot: Index) -> Array:
    """Return uniforms of members of bodies: one draw a domain and year, turned round the circle by the project."""
    drawn = luck.at(body, domain, country).astype(np.float32) + slot / REGIONAL_SLOTS
    drawn -= drawn >= 1.0  # once round and never twice
    return np.asarray(drawn)


def _begun(
    drafts: _Drafts,
    capability: Array,
    alike: Array,
    bodies: Bodies,
    year: int,
    draws: Draws,
    conditions: Conditions,
    parameters: KnowledgeParameters,
    loops: ModuleType | None,
) -> Projects:
    p, body, domain, lead, part = parameters, drafts.body, drafts.domain, drafts.lead, drafts.part
    met = conditions.fragmentation, conditions.coordination, conditions.evidence
    if loops is None:
        lines = _learners(drafts, capability, alike, met)
    else:
        lines = loops.learners(
            (lead, domain, part.reshape(-1)),
            (capability.reshape(-1), alike.reshape(-1)),
            met,
            *capability.shape,
        )
    whose, gap, likeness, people, *sums = lines
    fits = pair_quality(absorption(gap, p), likeness)
    quality = np.bincount(whose, fits, len(body)) / people
    fragmentation, coordination, evidence = (added / people for added in sums)
    duration, cost, success, writing = draws.regional_life.at(
        body, np.arange(4)[:, None], domain, drafts.slot
    )
    none = np.full(len(body), -1, dtype=np.intp)
    return Projects(
        provider=lead,
        receiver=none,
        partner=none,
        body=body,
        domain=domain,
        modality=np.full(len(body), REGIONAL, dtype=np.intp),
        start=np.full(len(body), year, dtype=np.intp),
        end=year - 1 + project_years(duration, p.project_second_year, p.triangular_continuation),
        cost=p.bilateral_cost
        * people
        * np.exp(p.project_cost_spread * _normal(cost))
        * conditions.price
        + bodies.money[body],
        third_cost=bodies.money[body],
        fund_money=np.zeros(len(body)),
        quality=quality,
        chance=_chance(quality, fragmentation, coordination, evidence, p),
        luck=success,
        writing=writing,
        helper=none,
        offered=conditions.offered.take(lead),
        suspended=np.zeros(len(body), dtype=np.intp),
        rested=none,
        packed=np.packbits(part, axis=1),
        countries=len(capability),
    )


def _learners(
    drafts: _Drafts, capability: Array, alike: Array, conditions: tuple[Array, Array, Array]
) -> tuple[Index, Array, Array, Index, Array, Array, Array]:
    """Return who learns in drafts: all who take part but who leads.

    Parameters
    ----------
    conditions
        Three things that projects meet, ``(country,)`` each.

    Returns
    -------
    whose, gap, likeness
        ``(line,)``: the draft, gap of the learner to who leads, likeness of the two.
    people, first, second, third
        ``(draft,)``: how many learn, and sums of the conditions over them.
    """
    domain, lead, takers = drafts.domain, drafts.lead, drafts.part.copy()
    takers[np.arange(len(lead)), lead] = False
    whose, taker = places_in(takers)
    (countries, domains), flat = capability.shape, capability.reshape(-1)
    first, what = lead.take(whose), domain.take(whose)
    gap = flat.take(first * domains + what) - flat.take(taker * domains + what)
    one, two, three = (
        np.bincount(whose, c.take(taker), len(lead)).astype(np.float64, copy=False)
        for c in conditions
    )
    people = np.bincount(whose, minlength=len(lead))
    return whose, gap, alike.take(first * countries + taker), people, one, two, three


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
