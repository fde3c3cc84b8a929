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
    # Requests: the first of a cell asks the first on its list, the second the second; who is turned away asks the next
    # that none of the cell has asked.
    cell = np.repeat(np.arange(len(cells.row)), cells.wanted)
    slot = places(cell)
    place = slot.copy()
    pointer = cells.wanted.copy()
    room = offers.room.copy()
    third_room = whole(third.room, "projects that a partner can join")
    luck = ThirdLuck.of(draws.third, third.partners.names, capability.shape[1])
    rounds: list[Matches] = []
    while len(cell):
        worth = lists.worth(cell, place)
        seen = np.flatnonzero(np.isfinite(worth))
        cell, slot, place, worth = cell[seen], slot[seen], place[seen], worth[seen]
        if not len(cell):
            break
        asked = lists.best[cell, place]
        pairs = lists.candidates(cell, asked, worth, cost)
        joined, gain = join_partners(
            pairs,
            luck,
            ThirdParties(third.partners, third_room, third.size, third.cost),
            parameters,
        )
        queue, accepted = _accept(pairs.surplus + gain, asked, room)
        np.subtract.at(room, asked[accepted], 1)
        partner = joined[accepted]
        np.subtract.at(third_room, partner[partner >= 0], 1)
        rounds.append(
            Matches(
                pairs.receiver[accepted],
                pairs.provider[accepted],
                partner,
                pairs.domain[accepted],
                slot[accepted],
                cells.row[cell[accepted]],
                _lifted(pairs, accepted, partner, third.partners, parameters),
            )
        )
        # What costs more than it is worth is given up; who meets a full provider goes on.
        left = np.zeros(len(cell), dtype=bool)
        left[queue] = True
        left[accepted] = False
        cell, slot = cell[left], slot[left]
        place = pointer[cell] + places(cell)
        np.add.at(pointer, cell, 1)
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


@dataclass
class _Lists:
    """The providers that each cell sees, best first, written down only as far as somebody asks.

    Attributes
    ----------
    cells, provider, alike, parameters
        As given; likeness over all countries.
    gap
        ``(cell, offer)``, how far ahead each provider is.
    utility
        ``(cell, offer)``, of those not yet on the list; -inf for who is not seen.
    best, value
        ``(cell, place)``, offers on the list and their utility, as far as `depth`.
    depth
        ``(cell,)``, how many are written down.
    """

    cells: _Cells
    provider: Index
    alike: Array
    parameters: KnowledgeParameters
    gap: Array32
    utility: Array32
    best: Index
    value: Array32
    depth: Index

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
        p, offer = parameters, offers.provider
        count, domains = capability.shape
        width = len(offer)
        single = capability.astype(np.float32)
        gap = single[offer].T[cells.domain]
        gap -= single[cells.receiver, cells.domain][:, None]
        # Who is ahead may be asked; nobody is ahead of himself. Cells and offers are numbered row by row: flat arrays
        # are several times faster to choose from than tables.
        at = np.flatnonzero(gap.reshape(-1) > 0.0)
        cell = np.repeat(np.arange(len(gap)), width).take(at)
        place = at - cell * width
        other = offer.take(place)
        luck, bits = pair_luck(
            draws.pairs,
            (cells.receiver * domains + cells.domain).take(cell),
            other,
            count,
        )
        flat = (cells.receiver * count).take(cell) + other
        # Seen with probability 1 - exp(-sight).
        strength = sight.pair.take(flat).astype(np.float32)
        known = sight.known[offer].T.astype(np.float32).reshape(-1)
        strength += known.take((cells.domain * width).take(cell) + place)
        np.negative(strength, out=strength)
        seen = np.flatnonzero(luck < -np.expm1(strength))
        at, flat = at.take(seen), flat.take(seen)
        pair = (
            p.preference_similarity * likeness.alike.take(flat)
            + p.preference_tie * likeness.tie.take(flat)
            + p.preference_nearness * likeness.nearness.take(flat)
            + p.preference_size * offers.size.take(place.take(seen))
        ).astype(np.float32)
        absorbed = absorption(gap.reshape(-1).take(at), p)
        absorbed *= np.float32(p.preference_absorption)
        pair += absorbed
        pair += gumbel_of(bits.take(seen))
        utility = np.full(gap.shape, -np.inf, dtype=np.float32)
        utility.reshape(-1)[at] = pair
        length = min(LIST_LENGTH, len(offer))
        return cls(
            cells,
            offer,
            likeness.alike,
            parameters,
            gap,
            utility,
            best=np.zeros((len(gap), length), dtype=np.intp),
            value=np.full((len(gap), length), -np.inf, dtype=np.float32),
            depth=np.zeros(len(gap), dtype=np.intp),
        )

    def worth(self, cell: Index, place: Index) -> Array:
        """Return the utility of the providers at some places of some cells' lists; -inf where there is none."""
        length = self.best.shape[1]
        inside = np.minimum(place, length - 1)
        self._write_down(cell, inside)
        found = self.value.reshape(-1).take(cell * length + inside).astype(np.float64)
        found[place >= length] = -np.inf
        return np.asarray(found)

    def _write_down(self, cell: Index, place: Index) -> None:
        # Requests of a cell stand together and their places rise: the last asks for the furthest.
        last = np.flatnonzero(np.append(cell[1:] != cell[:-1], True))
        short, furthest = cell[last], place[last]
        width, length = self.utility.shape[1], self.best.shape[1]
        utility, best, value = (a.reshape(-1) for a in (self.utility, self.best, self.value))
        while True:
            depth = self.depth.take(short)
            behind = np.flatnonzero(depth <= furthest)
            if not len(behind):
                return
            short, furthest, depth = short.take(behind), furthest.take(behind), depth.take(behind)
            top = self.utility.take(short, axis=0).argmax(axis=1)
            at = short * width + top
            found = utility.take(at)
            line = short * length + depth
            best[line] = top
            value[line] = found
            utility[at] = -np.inf
            # Where nobody is left the rest of the list is empty.
            self.depth[short] = np.where(np.isneginf(found), length, depth + 1)

    def candidates(self, cell: Index, asked: Index, worth: Array, cost: Array) -> Candidates:
        """Return pairs of some cells and the offers that they ask."""
        receiver, domain = self.cells.receiver.take(cell), self.cells.domain.take(cell)
        provider = self.provider.take(asked)
        gap = self.gap.reshape(-1).take(cell * len(self.provider) + asked)
        alike = self.alike.take(receiver * len(self.alike) + provider)
        return Candidates(
            receiver,
            provider,
            domain,
            pair_quality(absorption(gap, self.parameters).astype(np.float64), alike),
            worth - 0.5 * (cost.take(receiver) + cost.take(provider)),
        )


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
    p, partners, room = parameters, third.partners, third.room
    chosen = np.full(len(pairs.quality), -1, dtype=np.intp)
    added = np.zeros(len(chosen))
    able = np.flatnonzero(room > 0)
    if not len(able) or not len(chosen):
        return chosen, added
    width = len(able)
    focus = partners.focus[able].T[pairs.receiver]
    # Only where a partner works with the receiver, and in no project of its own country.
    country = partners.country[able]
    may = focus > 0
    own = np.flatnonzero(country >= 0)
    may[:, own] &= country[own] != pairs.receiver[:, None]
    may[:, own] &= country[own] != pairs.provider[:, None]
    at = np.flatnonzero(may)
    line = np.repeat(np.arange(len(may)), width).take(at)
    who = able.take(at - line * width)
    domain = pairs.domain.take(line)
    skill = partners.skill.take(who * partners.skill.shape[1] + domain)
    lift = p.third_party_lift * skill * (1.0 - pairs.quality.take(line))
    gain = (p.third_party_value * lift + p.third_party_money) * focus.take(at)
    gain = gain + luck.at(pairs.receiver.take(line), domain, who)
    # A bank arranges the reverse linkage of its members itself: that is what it is for.
    price = np.where(partners.reverse, 0.0, p.third_party_cost_base * third.cost)
    gain += (p.preference_size * third.size).take(who)
    gain -= price.take(who)
    good = np.flatnonzero((gain > 0) & (pairs.surplus.take(line) + gain > 0))
    at, line, gain = at.take(good), line.take(good), gain.take(good)
    if not len(line):
        return chosen, added
    # Lines come in order, so that those with anybody to join them are numbered by their first.
    wanted = np.flatnonzero(np.bincount(line, minlength=len(chosen)))
    number = np.zeros(len(chosen), dtype=np.intp)
    number[wanted] = np.arange(len(wanted))
    utility = np.full((len(wanted), width), -np.inf)
    utility.reshape(-1)[at + (number.take(line) - line) * width] = gain
    taker, joins = assign(utility, room[able])
    lines = wanted[joins]
    chosen[lines] = able[taker[joins]]
    added[lines] = utility[joins, taker[joins]]
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
    best = utility.argmax(axis=1) if utility.size else lead
    value = utility[np.arange(len(lead)), best] if utility.size else np.full(len(lead), -np.inf)
    open_ = np.flatnonzero(np.isfinite(value))
    wish, best, value = utility[open_], best[open_], value[open_]
    while len(open_):
        queue = by_value(value, best)
        order = best[queue]
        taken = queue[places(order) < left[order]]
        lead[open_[taken]] = best[taken]
        np.subtract.at(left, best[taken], 1)
        # Who finds its best without room asks the next that has some.
        waiting = np.ones(len(open_), dtype=bool)
        waiting[taken] = False
        open_, wish = open_[waiting], wish[waiting]
        wish[:, left <= 0] = -np.inf
        if not len(open_):
            break
        best = wish.argmax(axis=1)
        value = wish[np.arange(len(wish)), best]
        there = np.isfinite(value)
        open_, wish, best, value = open_[there], wish[there], best[there], value[there]
    return lead, lead >= 0
