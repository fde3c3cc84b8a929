"""Requests find providers and third parties: each asks the best that it sees, and the busy send it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sscsim.compiled import compiled_loops
from sscsim.counts import whole
from sscsim.flows.knowledge.lines import LOOPS, assign, by_value, places, places_in, spans
from sscsim.flows.knowledge.luck import (
    Draws,
    PairLuck,
    ThirdLuck,
    draw_of,
    gumbel_in_place,
    gumbel_of,
    noise_of,
    uniform_of,
)
from sscsim.flows.knowledge.parameters import LIST_LENGTH, KnowledgeParameters
from sscsim.flows.knowledge.sight import Sight, absorption, pair_quality
from sscsim.types import Array, Index, Mask
from sscsim.world.institutions.partners import Partners

__all__ = [
    "Candidates",
    "Likeness",
    "Matches",
    "Offers",
    "Requests",
    "ThirdParties",
    "join_partners",
    "match",
]

Array32 = NDArray[np.float32]


@dataclass(frozen=True)
class Requests:
    """Who asks.

    Attributes
    ----------
    receivers
        ``(receiver,)``, positions of the countries that may ask: the rows of counts and draws.
    counts
        ``(receiver, domain)``, requests of the year.
    """

    receivers: Index
    counts: Index


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


@dataclass(frozen=True)
class Likeness:
    """What makes a provider preferred, ``(receiver, provider)`` over all countries, in [0, 1].

    Attributes
    ----------
    alike, tie, nearness
        Likeness of contexts, past cooperation, nearness.
    """

    alike: Array
    tie: Array
    nearness: Array


@dataclass(frozen=True)
class ThirdParties:
    """Who may join the projects of others this year.

    Attributes
    ----------
    partners
        All of them.
    room, size
        ``(partner,)``, projects each can join this year, and their log over the mean of plan (`log_size`).
    cost
        Cost of a third party relative to plan.
    """

    partners: Partners
    room: Index | Array
    size: Array
    cost: float


@dataclass(frozen=True)
class Candidates:
    """Pairs that may become projects, ``(pair,)`` each.

    Attributes
    ----------
    receiver, provider, domain
        Positions.
    quality
        Fit of the pair alone, in [0, 1].
    surplus
        Value of the match alone less the cost of arranging it.
    """

    receiver: Index
    provider: Index
    domain: Index
    quality: Array
    surplus: Array


@dataclass(frozen=True)
class Matches:
    """What `match` finds, ``(match,)`` each.

    Attributes
    ----------
    receiver, provider, partner, domain
        Positions; the partner is -1 for none.
    slot
        Number of the request in its cell.
    row
        The receiver's row in the draws.
    quality
        Fit, the third party's lift included.
    """

    receiver: Index
    provider: Index
    partner: Index
    domain: Index
    slot: Index
    row: Index
    quality: Array

    def __len__(self) -> int:
        return len(self.receiver)

    @classmethod
    def none(cls) -> Matches:
        """Return no matches at all."""
        whole: Index = np.zeros(0, dtype=np.intp)
        return cls(whole, whole, whole, whole, whole, whole, np.zeros(0))

    @classmethod
    def of(
        cls,
        rounds: Sequence[_Round],
        cells: _Cells,
        partners: Partners,
        parameters: KnowledgeParameters,
    ) -> Matches:
        """Return the matches of some rounds as one, fits with what their third party adds."""
        found = _Round.joined(rounds)
        cell, partner, fit = found.cell, found.partner, found.quality
        domain = cells.domain.take(cell)
        helped = (partner >= 0).nonzero()[0]
        if len(helped):
            skill = partners.skill[partner.take(helped), domain.take(helped)]
            alone = fit.take(helped)
            fit[helped] = alone + parameters.third_party_lift * skill * (1.0 - alone)
        return cls(
            cells.receiver.take(cell),
            found.provider,
            partner,
            domain,
            found.slot,
            cells.row.take(cell),
            fit,
        )


@dataclass(frozen=True)
class _Round:
    """Requests that are met in one round, ``(match,)``: cell, number in it, who provides and joins, fit of the pair."""

    cell: Index
    slot: Index
    provider: Index
    partner: Index
    quality: Array

    @classmethod
    def joined(cls, rounds: Sequence[_Round]) -> _Round:
        if len(rounds) == 1:
            return rounds[0]
        nothing: Index = np.zeros(0, dtype=np.intp)
        none = cls(nothing, nothing, nothing, nothing, np.zeros(0))
        return cls(
            *(
                np.concatenate([getattr(one, name) for one in (none, *rounds)])
                for name in ("cell", "slot", "provider", "partner", "quality")
            )
        )


def match(
    requests: Requests,
    offers: Offers,
    capability: Array,
    likeness: Likeness,
    sight: Sight,
    cost: Array,
    third: ThirdParties,
    draws: Draws,
    parameters: KnowledgeParameters,
) -> Matches:
    """Let requests find providers and third parties.

    Parameters
    ----------
    requests, offers
        Who asks and who offers.
    capability
        ``(country, domain)``.
    likeness, sight
        What makes a provider preferred, and seen.
    cost
        ``(country,)``, cost of arranging a project, in units of utility.
    third
        Who may join.
    """
    cells = _Cells.of(requests)
    if not len(cells.row) or not len(offers.provider):
        return Matches.none()
    values = _Values.of(cells, offers, capability, likeness, sight, draws, parameters)
    luck = ThirdLuck.of(draws.third, third.partners.names, capability.shape[1])
    third_room = whole(third.room, "projects that a partner can join")
    loops = compiled_loops(LOOPS)
    gains = _Gains.of(cells.receiver, cells.domain, luck, third, parameters, loops)
    if loops is None:
        rounds = _rounds(values, gains, cost, offers.room.copy(), third_room)
    else:
        rounds = [_in_loops(loops, values, gains, cost, offers.room.copy(), third_room.copy())]
    return Matches.of(rounds, cells, third.partners, parameters)


def _rounds(
    values: _Values, gains: _Gains, cost: Array, room: Index, third_room: Index
) -> list[_Round]:
    """Let requests ask, round after round, until nobody is left who has somebody to ask.

    The first request of a cell asks the first on its list, the second the second; who is turned away asks the next that
    none of the cell has asked.

    Parameters
    ----------
    room, third_room
        ``(offer,)`` and ``(partner,)``, projects that each can take on; used up.
    """
    cells, lists = values.cells, _Lists.of(values)
    cell = np.repeat(np.arange(len(cells.row)), cells.wanted)
    slot = places(cell)
    place = slot.copy()
    pointer = cells.wanted.copy()
    rounds: list[_Round] = []
    while True:
        seen = (place < lists.length.take(cell)).nonzero()[0]
        if not len(seen):
            break
        cell, slot, place = cell.take(seen), slot.take(seen), place.take(seen)
        pairs, asked = lists.candidates(cell, place, cost)
        partner, gain = gains.join(pairs, cell, third_room)
        queue, fits = _accept(pairs.surplus + gain, asked, room)
        accepted = queue.compress(fits)
        found = _Round(
            cell.take(accepted),
            slot.take(accepted),
            pairs.provider.take(accepted),
            partner.take(accepted),
            pairs.quality.take(accepted),
        )
        rounds.append(found)
        room -= np.bincount(asked.take(accepted), minlength=len(room))
        # One column more for those that nobody joins.
        third_room -= np.bincount(found.partner + 1, minlength=len(third_room) + 1)[1:]
        # What costs more than it is worth is given up; who meets a full provider goes on.
        going = queue.compress(~fits)
        going.sort()
        cell, slot = cell.take(going), slot.take(going)
        place = pointer.take(cell) + places(cell)
        pointer += np.bincount(cell, minlength=len(pointer))
    return rounds


def _in_loops(
    loops: ModuleType,
    values: _Values,
    gains: _Gains,
    cost: Array,
    room: Index,
    third_room: Index,
) -> _Round:
    """Do what `_rounds` does in compiled loops, with NumPy's logarithms and exponentials between them."""
    cells, ahead, luck, p = values.cells, values.ahead, values.luck, values.parameters
    like, sight = values.likeness, values.sight
    alike, contacts = like.alike.reshape(-1), sight.contacts
    count, at, bits, strong, worth = loops.perhaps_seen(
        (ahead.begin, ahead.count, cells.receiver, luck.starts),
        (ahead.offer, ahead.provider, luck.steps, values.known),
        (
            contacts.tie.reshape(-1),
            contacts.standing.reshape(-1),
            sight.by_tie,
            sight.receiver,
            sight.provider,
            sight.outreach,
        ),
        (
            alike,
            like.tie.reshape(-1),
            like.nearness.reshape(-1),
            p.preference_similarity,
            p.preference_tie,
            p.preference_nearness,
        ),
    )
    seen, at, noise, value, gap = loops.valued(
        (count, at, bits, _chance(strong), worth),
        values.mine,
        (ahead.capability, values.size),
    )
    absorbed = absorption(gap, p)
    value += absorbed * np.float32(p.preference_absorption)
    value += gumbel_in_place(noise)
    found = loops.matched(
        (cells.receiver, cells.wanted, seen),
        (at, value, absorbed),
        values.offered,
        alike,
        cost,
        (gains.start, gains.count, gains.partner, gains.country, gains.sure, gains.lift),
        room,
        third_room,
        LIST_LENGTH,
    )
    return _Round(*found)


def _accept(total: Array, asked: Index, room: Index) -> tuple[Index, Mask]:
    """Return requests worth making, each provider's most valuable first, and which of them it has room for."""
    worth = (total > 0).nonzero()[0]
    asked = asked.take(worth)
    order = by_value(total.take(worth), asked)
    asked = asked.take(order)
    return worth.take(order), places(asked) < room.take(asked)


@dataclass(frozen=True)
class _Cells:
    """Receivers and domains in which somebody asks, ``(cell,)`` each."""

    row: Index
    domain: Index
    receiver: Index
    wanted: Index

    @classmethod
    def of(cls, requests: Requests) -> _Cells:
        row, domain = places_in(requests.counts > 0)
        wanted = requests.counts.take(row * requests.counts.shape[1] + domain)
        return cls(row, domain, requests.receivers.take(row), wanted)


@dataclass(frozen=True)
class _Lists:
    """The providers that each cell sees, best first.

    Attributes
    ----------
    cells, provider, alike, parameters
        As given; likeness over all countries.
    capability
        ``(country, domain)``, in single precision.
    start, length
        ``(cell,)``, where its list begins, and how long it is.
    key
        ``(line,)``, list after list: utility and number of an offer, see `ranked`.
    """

    cells: _Cells
    provider: Index
    alike: Array
    parameters: KnowledgeParameters
    capability: Array32
    start: Index
    length: Index
    key: Index

    @classmethod
    def of(cls, values: _Values) -> _Lists:
        """Value every visible provider for every cell that asks, in single precision."""
        parts = [values.keys(first, last) for first, last in values.ahead.blocks()]
        length = np.sum([part for _, part in parts], axis=0)
        return cls(
            values.cells,
            values.offered,
            values.likeness.alike,
            values.parameters,
            values.capability,
            start=np.cumsum(length) - length,
            length=np.minimum(length, LIST_LENGTH),
            key=np.concatenate([part for part, _ in parts]),
        )

    def candidates(self, cell: Index, place: Index, cost: Array) -> tuple[Candidates, Index]:
        """Return pairs of some cells and those at some places of their lists, and the offers that these ask."""
        worth, asked = unranked(self.key.take(self.start.take(cell) + place))
        receiver, domain = self.cells.receiver.take(cell), self.cells.domain.take(cell)
        provider = self.provider.take(asked)
        domains, flat = self.capability.shape[1], self.capability.reshape(-1)
        gap = flat.take(provider * domains + domain) - flat.take(receiver * domains + domain)
        absorbed = absorption(gap, self.parameters).astype(np.float64)
        alike = self.alike.take(receiver * len(self.alike) + provider)
        arranging = 0.5 * (cost.take(receiver) + cost.take(provider))
        pairs = Candidates(
            receiver, provider, domain, pair_quality(absorbed, alike), worth - arranging
        )
        return pairs, asked


_BLOCK = 15_000
"""Pairs that are looked at together: what belongs to them stays close to the processor, and no array has the 128 kB at
which the system is asked for it, which takes longer to hand one out than most is worked with."""


@dataclass(frozen=True)
class _Ahead:
    """Who is ahead of whom: offers by domain from the least able up, so that those ahead of a cell stand together.

    Attributes
    ----------
    offer, provider, domain, capability
        ``(domain · offer,)``, domain after domain.
    begin, count
        ``(cell,)``, from where on in these arrays offers are ahead of it, and how many.
    domains
        How many there are.
    """

    offer: Index
    provider: Index
    domain: Index
    capability: Array32
    begin: Index
    count: Index
    domains: int

    @classmethod
    def of(cls, cells: _Cells, provider: Index, single: Array32, mine: Array32) -> _Ahead:
        """Return who is ahead of cells whose receivers stand at `mine`."""
        width, domains = len(provider), single.shape[1]
        theirs = single.take(provider, axis=0).T.reshape(-1)
        domain = np.repeat(np.arange(domains), width)
        # Whole numbers of the domain, a value's bits and the offer: one sort and one search for all domains.
        key = (((domain << 32) + rising(theirs)) << _OFFERS) | np.tile(np.arange(width), domains)
        key.sort()
        begin = np.searchsorted(key, ((cells.domain << 32) + rising(mine) + 1) << _OFFERS)
        offer = key & (2**_OFFERS - 1)
        return cls(
            offer,
            provider.take(offer),
            domain,
            theirs.take(domain * width + offer),
            begin,
            (cells.domain + 1) * width - begin,
            domains,
        )

    def blocks(self) -> list[tuple[int, int]]:
        """Return first and last of cells that are looked at together."""
        lines = np.cumsum(self.count)
        ends = np.searchsorted(lines, np.arange(_BLOCK, lines[-1], _BLOCK))
        return list(pairwise([0, *np.unique(ends[ends > 0]).tolist(), len(lines)]))


@dataclass(frozen=True)
class _Values:
    """What utilities of pairs are made of; `mine` by cell, the size's part and `known` by the arrays of `_Ahead`.

    What makes a provider known is in single precision and in units of 2⁻²⁴, those of a draw (`draw_of`).
    `offered` has who makes each offer, `capability` that of all countries in single precision.
    """

    cells: _Cells
    offered: Index
    capability: Array32
    ahead: _Ahead
    mine: Array32
    size: Array
    likeness: Likeness
    sight: Sight
    known: Array32
    luck: PairLuck
    parameters: KnowledgeParameters

    @classmethod
    def of(
        cls,
        cells: _Cells,
        offers: Offers,
        capability: Array,
        likeness: Likeness,
        sight: Sight,
        draws: Draws,
        parameters: KnowledgeParameters,
    ) -> _Values:
        single = capability.astype(np.float32)
        mine = single.take(cells.receiver * single.shape[1] + cells.domain)
        ahead = _Ahead.of(cells, offers.provider, single, mine)
        first = (cells.receiver * ahead.domains + cells.domain) * len(capability)
        return cls(
            cells,
            offers.provider,
            single,
            ahead,
            mine,
            (parameters.preference_size * offers.size).take(ahead.offer),
            likeness,
            sight,
            sight.known.take(ahead.provider * ahead.domains + ahead.domain).astype(np.float32)
            * np.float32(2.0**24),
            PairLuck.of(draws.pairs, first, ahead.provider),
            parameters,
        )

    @cached_property
    def _pair(self) -> Array32:
        """``(receiver · country,)``, what makes a provider known to a receiver."""
        return self.sight.pair().astype(np.float32).reshape(-1) * np.float32(2.0**24)

    def keys(self, first: int, last: int) -> tuple[Index, Index]:
        """Return lists of some cells, see `ranked`, and how many lines each of all cells has among them."""
        p, ahead, likeness = self.parameters, self.ahead, self.likeness
        cell, at, pair, bits = self._seen(first, last)
        offer = ahead.offer.take(at)
        worth = p.preference_similarity * likeness.alike.take(pair)
        worth += p.preference_tie * likeness.tie.take(pair)
        worth += p.preference_nearness * likeness.nearness.take(pair)
        worth += self.size.take(at)
        single = worth.astype(np.float32)
        absorbed = absorption(ahead.capability.take(at) - self.mine.take(cell), p)
        absorbed *= np.float32(p.preference_absorption)
        single += absorbed
        single += gumbel_of(bits)
        key = ranked(single, cell, offer)
        key.sort()
        return key, np.bincount(cell, minlength=len(self.mine))

    def _seen(self, first: int, last: int) -> tuple[Index, Index, Index, NDArray[np.uint64]]:
        """Return who is seen by which of some cells, by line: cell, place of the offer, pair, what luck is left."""
        ahead, count = self.ahead, self.ahead.count[first:last]
        at = spans(ahead.begin[first:last], count)
        pair = np.repeat(self.cells.receiver[first:last] * len(self.likeness.alike), count)
        pair += ahead.provider.take(at)
        bits = self.luck.bits(slice(first, last), count, at)
        draw = draw_of(bits)
        strong = self._pair.take(pair)
        strong += self.known.take(at)
        # Seen with probability 1 - exp(-sight), which is never above sight: most need no exponential.
        perhaps = (draw < strong).nonzero()[0]
        chance = _chance(strong.take(perhaps))
        seen = perhaps.compress(uniform_of(draw.take(perhaps)) < chance)
        cell = np.repeat(np.arange(first, last), count)
        return cell.take(seen), at.take(seen), pair.take(seen), bits.take(seen)


def _chance(strong: Array32) -> Array32:
    """Return the probability of being seen, of what makes seen in units of 2⁻²⁴, in its place."""
    strong *= np.float32(-(2.0**-24))
    np.expm1(strong, out=strong)
    np.negative(strong, out=strong)
    return strong


def rising(value: Array32) -> Index:
    """Return whole numbers from 0 to 2³² - 1 that order as the values do; zeros of either sign are one."""
    bits = (value + np.float32(0.0)).view(np.int32)
    # Bits of a real number rise with it where it is positive, and fall where it is negative.
    return (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64) + 2**31


_OFFERS = 16
"""Bits for the number of an offer in a key."""


def ranked(value: Array32, group: Index, offer: Index) -> Index:
    """Return whole numbers whose order is by group, within one from the highest value down, and then by offer.

    One sort of them needs no comparison of two keys and meets no tie; `unranked` returns what they are made of.
    """
    return (((group << 32) + (2**32 - 1) - rising(value)) << _OFFERS) | offer


def unranked(key: Index) -> tuple[Array, Index]:
    """Return value and offer of keys that `ranked` made."""
    bits = (2**31 - 1 - ((key >> _OFFERS) & (2**32 - 1))).astype(np.int32)
    value = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).view(np.float32)
    return value.astype(np.float64), key & (2**_OFFERS - 1)


def join_partners(
    pairs: Candidates, luck: ThirdLuck, third: ThirdParties, parameters: KnowledgeParameters
) -> tuple[Index, Array]:
    """Decide which third party joins each pair, ``(pair,)``: its position or -1, and what it adds to the value.

    A partner gains by what it can lift, ``value · lift · skill · (1 - quality)``, and by the money it brings, as far as
    it works with the receiver at all; it does not join where the cost of a third party is higher, nor where the match
    stays worthless with it. A country is not the third party of its own project. Each partner chooses the matches it
    adds most to, until its money is spent; a match that it has no money left for is free for another. The more projects
    a partner can pay for, the likelier one of them fits.

    Parameters
    ----------
    pairs
        What may be joined.
    luck
        Gumbel noise of each partner with each request.
    third
        Who may join, with the projects that each can still join.
    """
    gains = _Gains.of(pairs.receiver, pairs.domain, luck, third, parameters)
    return gains.join(pairs, np.arange(len(pairs.receiver)), third.room)


@dataclass(frozen=True)
class _Gains:
    """What third parties can gain by the requests of a year, whoever provides; most could gain nothing.

    Attributes
    ----------
    start, count
        ``(cell,)``, where the lines of each begin, and how many there are.
    partner, country
        ``(line,)``, who could gain, and what country it is, -1 for none.
    sure
        ``(line,)``, what does not rest on the pair.
    lift
        ``(line,)``, what it gains by each unit that a pair lacks in quality.
    """

    start: Index
    count: Index
    partner: Index
    country: Index
    sure: Array
    lift: Array

    @classmethod
    def of(
        cls,
        receiver: Index,
        domain: Index,
        luck: ThirdLuck,
        third: ThirdParties,
        parameters: KnowledgeParameters,
        loops: ModuleType | None = None,
    ) -> _Gains:
        """Return gains by cells' receivers and domains, in compiled loops where there are some."""
        p, partners = parameters, third.partners
        who = (third.room > 0).nonzero()[0]
        # A bank arranges the reverse linkage of its members itself: that is what it is for.
        price = np.where(partners.reverse, 0.0, p.third_party_cost_base * third.cost).take(who)
        size = p.preference_size * third.size.take(who) - price
        # With the luck of the draw a partner gains no more than where focus and skill are whole.
        hope = size + p.third_party_money + p.third_party_value * p.third_party_lift
        if loops is not None:
            return cls._in_loops(loops, receiver, domain, luck, third, who, hope, size, p)
        cell, place, noise = luck.above(receiver, domain, who, -hope)
        partner = who.take(place)
        country = partners.country.take(partner)
        taker = receiver.take(cell)
        focus = partners.focus[partner, taker]
        skill = partners.skill[partner, domain.take(cell)]
        lift = p.third_party_value * p.third_party_lift * focus * skill
        sure = p.third_party_money * focus + noise
        sure += size.take(place)
        able = ((focus > 0.0) & (country != taker) & (sure + lift > 0.0)).nonzero()[0]
        count = np.bincount(cell.take(able), minlength=len(receiver))
        return cls(
            np.cumsum(count) - count,
            count,
            partner.take(able),
            country.take(able),
            sure.take(able),
            lift.take(able),
        )

    @classmethod
    def _in_loops(
        cls,
        loops: ModuleType,
        receiver: Index,
        domain: Index,
        luck: ThirdLuck,
        third: ThirdParties,
        who: Index,
        hope: Array,
        size: Array,
        parameters: KnowledgeParameters,
    ) -> _Gains:
        """Do the same in compiled loops, with NumPy's logarithms between them."""
        p, partners = parameters, third.partners
        domain = np.ascontiguousarray(domain)
        cell, place, bits = loops.lucky(
            np.uint64(luck.start),
            receiver,
            domain,
            luck.codes.take(who),
            luck.least_bits(-hope),
            luck.domains,
        )
        count, *lines = loops.gaining(
            (cell, place, noise_of(bits)),
            (receiver, domain),
            (who, size),
            (partners.country, partners.focus.reshape(-1), partners.skill.reshape(-1)),
            (p.third_party_money, p.third_party_value * p.third_party_lift),
            partners.focus.shape[1],
            partners.skill.shape[1],
        )
        return cls(np.cumsum(count) - count, count, *lines)

    def join(self, pairs: Candidates, cell: Index, room: Index | Array) -> tuple[Index, Array]:
        """Let third parties choose among pairs of some cells, see `join_partners`."""
        chosen = np.full(len(cell), -1, dtype=np.intp)
        added = np.zeros(len(cell))
        count = self.count.take(cell)
        pair = np.repeat(np.arange(len(cell)), count)
        if not len(pair):
            return chosen, added
        at = spans(self.start.take(cell), count)
        partner = self.partner.take(at)
        gain = self.lift.take(at) * (1.0 - pairs.quality.take(pair)) + self.sure.take(at)
        # Worth it for the third party, and enough to make the match worth while.
        worth = gain > np.maximum(-pairs.surplus.take(pair), 0.0)
        worth &= room.take(partner) > 0
        worth &= self.country.take(at) != pairs.provider.take(pair)
        there = worth.nonzero()[0]
        if not len(there):
            return chosen, added
        pair, partner, gain = pair.take(there), partner.take(there), gain.take(there)
        taken = assign(pair, partner, gain, room)
        joined = pair.take(taken)
        chosen[joined] = partner.take(taken)
        added[joined] = gain.take(taken)
        return chosen, added
