"""Requests find providers and third parties: each asks the best that it sees, and the busy send it on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sscsim.counts import whole
from sscsim.flows.knowledge.luck import Draws, ThirdLuck, gumbel_of, pair_luck
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
    "assign",
    "join_partners",
    "match",
    "places",
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
    def joined(cls, rounds: list[Matches]) -> Matches:
        """Return the matches of some rounds as one."""
        nothing: Index = np.zeros(0, dtype=np.intp)
        if not rounds:
            return cls(nothing, nothing, nothing, nothing, nothing, nothing, np.zeros(0))
        return cls(
            *(
                np.concatenate([getattr(one, name) for one in rounds])
                for name in ("receiver", "provider", "partner", "domain", "slot", "row", "quality")
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
        return Matches.joined([])
    lists = _Lists.of(cells, offers, capability, likeness, sight, draws, parameters)
    luck = ThirdLuck.of(draws.third, third.partners.names, capability.shape[1])
    gains = _Gains.of(cells.receiver, cells.domain, luck, third, parameters)
    # Requests: the first of a cell asks the first on its list, the second the second; who is turned away asks the next
    # that none of the cell has asked.
    cell = np.repeat(np.arange(len(cells.row)), cells.wanted)
    slot = places(cell)
    place = slot.copy()
    pointer = cells.wanted.copy()
    room = offers.room.copy()
    third_room = whole(third.room, "projects that a partner can join")
    rounds: list[Matches] = []
    while True:
        seen = np.flatnonzero(place < lists.length.take(cell))
        if not len(seen):
            break
        cell, slot, place = cell.take(seen), slot.take(seen), place.take(seen)
        pairs, asked = lists.candidates(cell, place, cost)
        joined, gain = gains.join(pairs, cell, third_room)
        queue, accepted = _accept(pairs.surplus + gain, asked, room)
        room -= np.bincount(asked.take(accepted), minlength=len(room))
        partner = joined.take(accepted)
        third_room -= np.bincount(partner[partner >= 0], minlength=len(third_room))
        rounds.append(
            Matches(
                pairs.receiver.take(accepted),
                pairs.provider.take(accepted),
                partner,
                pairs.domain.take(accepted),
                slot.take(accepted),
                cells.row.take(cell.take(accepted)),
                _lifted(pairs, accepted, partner, third.partners, parameters),
            )
        )
        # What costs more than it is worth is given up; who meets a full provider goes on.
        left = np.zeros(len(cell), dtype=bool)
        left[queue] = True
        left[accepted] = False
        going = np.flatnonzero(left)
        cell, slot = cell.take(going), slot.take(going)
        place = pointer.take(cell) + places(cell)
        pointer += np.bincount(cell, minlength=len(pointer))
    return Matches.joined(rounds)


def _accept(total: Array, asked: Index, room: Index) -> tuple[Index, Index]:
    """Return requests worth making, each provider's most valuable first, and those that providers have room for."""
    queue = by_value(total, asked)
    queue = queue[total[queue] > 0]
    order = asked[queue]
    return queue, queue[places(order) < room[order]]


def by_value(value: Array, group: Index) -> Index:
    """Return the order by group and, within one, from the highest value down; the same as a sort by both keys.

    Sorting whole numbers of 16 bits, stable, takes no comparison.
    """
    down = np.argsort(-value, kind="stable")
    return np.asarray(down[np.argsort(group[down].astype(np.int16), kind="stable")])


def _lifted(
    pairs: Candidates,
    accepted: Index,
    partner: Index,
    partners: Partners,
    parameters: KnowledgeParameters,
) -> Array:
    """Return the fit of accepted pairs with what their third party adds."""
    fit = pairs.quality[accepted]
    if not len(partners.names):
        return fit
    skill = np.where(partner >= 0, partners.skill[partner, pairs.domain[accepted]], 0.0)
    return np.asarray(fit + parameters.third_party_lift * skill * (1.0 - fit))


@dataclass(frozen=True)
class _Cells:
    """Receivers and domains in which somebody asks, ``(cell,)`` each."""

    row: Index
    domain: Index
    receiver: Index
    wanted: Index

    @classmethod
    def of(cls, requests: Requests) -> _Cells:
        row, domain = np.nonzero(requests.counts)
        return cls(row, domain, requests.receivers[row], requests.counts[row, domain])


@dataclass(frozen=True)
class _Lists:
    """The providers that each cell sees, best first.

    Attributes
    ----------
    cells, provider, alike, parameters
        As given; likeness over all countries.
    start, length
        ``(cell,)``, where its list begins, and how long it is.
    offer, worth, gap
        ``(line,)``, list after list: whom it names, the utility, and how far ahead the provider is.
    """

    cells: _Cells
    provider: Index
    alike: Array
    parameters: KnowledgeParameters
    start: Index
    length: Index
    offer: Index
    worth: Array32
    gap: Array32

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
    ) -> _Lists:
        """Value every visible provider for every cell that asks, in single precision."""
        p, provider, width = parameters, offers.provider, len(offers.provider)
        countries = len(capability)
        single = capability.astype(np.float32)
        gap = single.take(provider, axis=0).T.take(cells.domain, axis=0)
        gap -= single[cells.receiver, cells.domain][:, None]
        at, bits = _seen(cells, provider, gap, sight, draws)
        cell = at // width
        offer = at - cell * width
        ahead = gap.reshape(-1).take(at)
        flat = (cells.receiver * countries).take(cell) + provider.take(offer)
        worth = (
            p.preference_similarity * likeness.alike.take(flat)
            + p.preference_tie * likeness.tie.take(flat)
            + p.preference_nearness * likeness.nearness.take(flat)
            + p.preference_size * offers.size.take(offer)
        ).astype(np.float32)
        absorbed = absorption(ahead, p)
        absorbed *= np.float32(p.preference_absorption)
        worth += absorbed
        worth += gumbel_of(bits)
        order = best_first(worth, cell)
        length = np.bincount(cell, minlength=len(gap))
        return cls(
            cells,
            provider,
            likeness.alike,
            parameters,
            start=np.cumsum(length) - length,
            length=np.minimum(length, LIST_LENGTH),
            offer=offer.take(order),
            worth=worth.take(order),
            gap=ahead.take(order),
        )

    def candidates(self, cell: Index, place: Index, cost: Array) -> tuple[Candidates, Index]:
        """Return pairs of some cells and those at some places of their lists, and the offers that these ask."""
        line = self.start.take(cell) + place
        asked = self.offer.take(line)
        receiver, domain = self.cells.receiver.take(cell), self.cells.domain.take(cell)
        provider = self.provider.take(asked)
        absorbed = absorption(self.gap.take(line), self.parameters).astype(np.float64)
        alike = self.alike.take(receiver * len(self.alike) + provider)
        arranging = 0.5 * (cost.take(receiver) + cost.take(provider))
        pairs = Candidates(
            receiver,
            provider,
            domain,
            pair_quality(absorbed, alike),
            self.worth.take(line).astype(np.float64) - arranging,
        )
        return pairs, asked


def _seen(
    cells: _Cells, provider: Index, gap: Array32, sight: Sight, draws: Draws
) -> tuple[Index, NDArray[np.uint64]]:
    """Return the pairs of cells and offers that see each other, numbered row by row, and what luck they have left."""
    # Only who is ahead may be asked; nobody is ahead of himself. Tables are laid out row by row from rows that are
    # there already, and flat arrays chosen from: several times faster than to choose from tables.
    countries, domains = sight.known.shape
    ahead = np.flatnonzero(gap.reshape(-1) > 0.0)
    number = (cells.receiver * domains + cells.domain) * countries
    luck, bits = pair_luck(draws.pairs, (number[:, None] + provider).reshape(-1).take(ahead))
    strength = sight.pair.take(provider, axis=1).astype(np.float32).take(cells.receiver, axis=0)
    strength += sight.known.take(provider, axis=0).T.astype(np.float32).take(cells.domain, axis=0)
    strong = strength.reshape(-1).take(ahead)
    # Seen with probability 1 - exp(-sight), which is never above sight: most need no exponential.
    perhaps = np.flatnonzero(luck < strong * np.float32(1.0 + 1e-6))
    seen = perhaps.take(np.flatnonzero(luck.take(perhaps) < -np.expm1(-strong.take(perhaps))))
    return ahead.take(seen), bits.take(seen)


def best_first(value: Array32, group: Index) -> Index:
    """Return the order by group and, within one, from the highest value down; equal ones in the order they stand in.

    One sort of whole numbers, each made of the group, the value's bits turned round, and the place: no comparison of
    two keys, and no tie.
    """
    count = len(value)
    shift = count.bit_length()
    # Bits of a real number rise with it where it is positive, and fall where it is negative.
    bits = (value + np.float32(0.0)).view(np.int32).astype(np.int64)
    falling = np.where(bits >= 0, 0x7FFFFFFF - bits, bits + (1 << 32))
    key = (group << (32 + shift)) | (falling << shift) | np.arange(count)
    key.sort()
    return np.asarray(key & ((1 << shift) - 1))


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
    """What third parties gain by the requests of a year, whoever provides.

    Attributes
    ----------
    who
        ``(candidate,)``, partners that have money as the year opens.
    sure
        ``(cell, candidate)``, what does not rest on the pair; -inf where a partner does not work with the receiver, or
        is the receiver.
    lift
        ``(cell, candidate)``, what it gains by each unit that a pair lacks in quality.
    countries
        Columns of partners that are countries, and these.
    """

    who: Index
    sure: Array
    lift: Array
    countries: tuple[tuple[int, int], ...]

    @classmethod
    def of(
        cls,
        receiver: Index,
        domain: Index,
        luck: ThirdLuck,
        third: ThirdParties,
        parameters: KnowledgeParameters,
    ) -> _Gains:
        """Return gains by cells' receivers and domains."""
        p, partners = parameters, third.partners
        who = np.flatnonzero(third.room > 0)
        shape = len(receiver), len(who)
        focus = partners.focus.take(who, axis=0).T.take(receiver, axis=0)
        skill = partners.skill.take(who, axis=0).T.take(domain, axis=0)
        lift = p.third_party_value * p.third_party_lift * focus * skill
        noise = luck.at(
            np.repeat(receiver, len(who)), np.repeat(domain, len(who)), np.tile(who, len(receiver))
        )
        # A bank arranges the reverse linkage of its members itself: that is what it is for.
        price = np.where(partners.reverse, 0.0, p.third_party_cost_base * third.cost)
        sure = p.third_party_money * focus + noise.reshape(shape)
        sure += p.preference_size * third.size.take(who) - price.take(who)
        country = partners.country.take(who)
        sure[(focus <= 0.0) | (country == receiver[:, None])] = -np.inf
        columns = np.flatnonzero(country >= 0)
        return cls(
            who,
            sure,
            lift,
            tuple(zip(columns.tolist(), country.take(columns).tolist(), strict=True)),
        )

    def join(self, pairs: Candidates, cell: Index, room: Index | Array) -> tuple[Index, Array]:
        """Let third parties choose among pairs of some cells, see `join_partners`."""
        chosen = np.full(len(cell), -1, dtype=np.intp)
        added = np.zeros(len(cell))
        left = room.take(self.who)
        if not len(cell) or not (left > 0).any():
            return chosen, added
        gain = self.lift.take(cell, axis=0)
        gain *= (1.0 - pairs.quality)[:, None]
        gain += self.sure.take(cell, axis=0)
        gain[:, left <= 0] = -np.inf
        for column, country in self.countries:
            gain[pairs.provider == country, column] = -np.inf
        # Worth it for the third party, and enough to make the match worth while.
        gain[gain <= np.maximum(-pairs.surplus, 0.0)[:, None]] = -np.inf
        taker, joins = assign(gain, left)
        lines = np.flatnonzero(joins)
        taken = taker.take(lines)
        chosen[lines] = self.who.take(taken)
        added[lines] = gain.reshape(-1).take(lines * len(self.who) + taken)
        return chosen, added


def places(key: Index) -> Index:
    """Return each element's place among those of the same key, which stand together, from 0 on."""
    index = np.arange(len(key))
    if not len(key):
        return index
    begins = np.zeros(len(key), dtype=np.intp)
    begins[1:] = np.where(key[1:] != key[:-1], index[1:], 0)
    return np.asarray(index - np.maximum.accumulate(begins))


def assign(utility: Array, room: Index | Array) -> tuple[Index, Mask]:
    """Return who takes each project, and whether anybody does: the best by utility with room left.

    Parameters
    ----------
    utility
        ``(project, taker)``, -inf for who cannot; it is left as it is.
    room
        ``(taker,)``, projects each can still take on.
    """
    left = room.copy()
    lead = np.full(len(utility), -1, dtype=np.intp)
    waiting, wish = np.arange(len(utility)), utility
    while wish.size:
        best = wish.argmax(axis=1)
        value = wish.reshape(-1).take(np.arange(len(best)) * wish.shape[1] + best)
        there = np.flatnonzero(np.isfinite(value))
        waiting, best, value = waiting.take(there), best.take(there), value.take(there)
        queue = by_value(value, best)
        order = best.take(queue)
        fits = places(order) < left.take(order)
        taken = queue[fits]
        lead[waiting.take(taken)] = best.take(taken)
        left = left - np.bincount(best.take(taken), minlength=len(left))
        # Who finds its best without room asks the next that has some.
        waiting = waiting.take(np.sort(queue[~fits]))
        wish = utility.take(waiting, axis=0)
        wish[:, left <= 0] = -np.inf
    return lead, lead >= 0
