"""What a year does line by line, as loops that Numba compiles: sums and comparisons of `matching` and its neighbours.

Nothing here takes a logarithm or an exponential: libraries differ in their last bit, and then would the providers that
are chosen. NumPy takes them, of all lines of a year at once, between one loop and the next. Nothing is added up in
another order than there, no product and sum become one instruction (no ``fastmath``), and so the results are the same
to the bit.

Only `sscsim.compiled` imports this file, where Numba is there and worth its start. Whole numbers and places are 64 bits
wide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sscsim.compiled import compiled

__all__ = [
    "assigned",
    "coming",
    "gaining",
    "learners",
    "lucky",
    "matched",
    "may_lead",
    "met",
    "perhaps_seen",
    "poisson",
    "takers",
    "tallied",
    "valued",
]

_I, _U, _S, _R, _B = "int64[]", "uint64[]", "float32[]", "float64[]", "boolean[]"
"""Arrays that are read."""

_WHOLE, _SINGLE, _REAL = "int64[:]", "float32[:]", "float64[:]"
"""Arrays that are written into."""

_NUMBER = "float64"

_GAINS = (_I, _I, _I, _I, _R, _R)
"""Of `matching._Gains`: start and count, by cell; partner, country, what is sure, lift, by line."""


_SIGHT = (_R, _R, _NUMBER, _R, _R, _R)
"""Of `sight.Sight`, what makes known by pair: tie and standing contacts, ``(receiver · country,)``, what a tie counts,
parts of receivers and of providers, outreach, ``(country,)``."""

_LIKENESS = (_R, _R, _R, _NUMBER, _NUMBER, _NUMBER)
"""Likeness of contexts, tie and nearness, ``(receiver · country,)``, and what each is worth."""


@compiled("int64", _SIGHT, _LIKENESS, _SINGLE, _REAL)
def _with_all(receiver: Any, sight: Any, likeness: Any, pair: Any, liked: Any) -> None:
    """Write what makes all countries known to one, in units of 2⁻²⁴, and what their likeness is worth to it."""
    tie, standing, by_tie, asking, offering, outreach = sight
    alike, bond, nearness, similar, bound, near = likeness
    row, end, own = receiver * len(pair), (receiver + 1) * len(pair), asking[receiver]
    # Rows by themselves and two loops of few arrays each, so that the processor does several countries at once.
    ties, standings = tie[row:end], standing[row:end]
    for k in range(len(pair)):
        known = by_tie * ties[k]
        known += standings[k]
        known += own
        known += offering[k]
        known *= outreach[k]
        pair[k] = np.float32(known) * np.float32(2.0**24)
    same, bonds, near_by = alike[row:end], bond[row:end], nearness[row:end]
    for k in range(len(pair)):
        worth = similar * same[k]
        worth += bound * bonds[k]
        worth += near * near_by[k]
        liked[k] = worth


_LOW = 32
"""Bits of an offer's place among those of all domains (`_Ahead`); its number stands above them."""


@compiled((_I, _I, _I, _U), (_I, _I, _U, _S), _SIGHT, _LIKENESS)
def perhaps_seen(cells: Any, offers: Any, sight: Any, likeness: Any) -> Any:
    """Return lines of cells and offers whose luck is below what makes the provider known, see `_Values._seen`.

    Parameters
    ----------
    cells
        The offers ahead of each, by their first and their count, who asks, and where its luck begins, ``(cell,)``;
        cells of one receiver stand together.
    offers
        Its number, who makes it, how far on its luck is, and what makes it known to all, ``(domain · offer,)``; see
        `_Ahead`, `PairLuck` and `_Values`.
    sight, likeness
        What makes known by pair and what makes preferred, see `_SIGHT` and `_LIKENESS`.

    Returns
    -------
    lines
        ``(cell,)``, how many each has, one after the other.
    offer, bits, strong, worth
        ``(line,)``, place and number (`_LOW`), the luck and what it was compared with, what likeness is worth.
    """
    begin, count, receiver, start = cells
    number, provider, step, known = offers
    countries, widest = len(sight[5]), 0
    total = 0
    for c in range(len(count)):
        total += count[c]
        widest = max(widest, count[c])
    lines = np.empty(len(count), np.int64)
    offer, bits = np.empty(total, np.int64), np.empty(total, np.uint64)
    strong, worth = np.empty(total, np.float32), np.empty(total)
    luck, kept = np.empty(widest, np.uint64), np.empty(widest, np.uint32)
    draw, by = np.empty(widest, np.float32), np.empty(widest, np.float32)
    pair, liked = np.empty(countries, np.float32), np.empty(countries)
    n, last = 0, -1
    for c in range(len(count)):
        if receiver[c] != last:
            last = receiver[c]
            _with_all(last, sight, likeness, pair, liked)
        low, high, here = begin[c], begin[c] + count[c], start[c]
        others, steps, knowns = provider[low:high], step[low:high], known[low:high]
        numbers = number[low:high]
        # Each by itself, so that the processor does several at once.
        for k in range(len(others)):
            x = here + steps[k]
            x ^= x >> np.uint64(30)
            x *= np.uint64(0xBF58476D1CE4E5B9)
            x ^= x >> np.uint64(27)
            x *= np.uint64(0x94D049BB133111EB)
            x ^= x >> np.uint64(31)
            luck[k] = x
            draw[k] = np.float32(np.int64(x >> np.uint64(40)))
        for k in range(len(others)):
            by[k] = pair[others[k]] + knowns[k]
        m = 0
        for k in range(len(others)):
            # Written in any case and kept where it counts: no branch, which the processor would mostly guess wrong.
            kept[m] = k
            m += 1 if draw[k] < by[k] else 0
        first, n = n, n + m
        its_offer, its_bits = offer[first:n], bits[first:n]
        its_strong, its_worth = strong[first:n], worth[first:n]
        for i in range(m):
            k = kept[i]
            its_offer[i] = (numbers[k] << _LOW) | (low + np.int64(k))
            its_bits[i], its_strong[i] = luck[k], by[k]
            its_worth[i] = liked[others[k]]
        lines[c] = m
    return lines, offer[:n], bits[:n], strong[:n], worth[:n]


@compiled((_I, _I, _U, _S, _R), _S, (_S, _R))
def valued(lines: Any, mine: Any, offers: Any) -> Any:
    """Return lines that are seen, and what their values are made of.

    Parameters
    ----------
    lines
        How many each cell has, ``(cell,)``; offer, luck, the probability of being seen, and what likeness is worth,
        ``(line,)``, from `perhaps_seen`.
    mine
        ``(cell,)``, capability of who asks.
    offers
        Capability of who offers, and what its size is worth, ``(domain · offer,)``.

    Returns
    -------
    seen
        ``(cell,)``, how many each sees.
    offer, noise, value, gap
        ``(seen,)``: of those that are seen the whole numbers that their noise is made of, value but for absorption and
        noise, gap of capabilities.
    """
    count, offer, bits, chance, worth = lines
    theirs, size = offers
    total = len(offer)
    seen = np.empty(len(count), np.int64)
    at_all, noise = np.empty(total, np.int64), np.empty(total, np.float32)
    value, gap = np.empty(total, np.float32), np.empty(total, np.float32)
    kept = np.empty(total, np.uint32)
    n, end = 0, 0
    for c in range(len(count)):
        own = mine[c]
        begin, end = end, end + count[c]
        its_bits, its_chance = bits[begin:end], chance[begin:end]
        m = 0
        for i in range(len(its_bits)):
            draw = np.float32(np.int64(its_bits[i] >> np.uint64(40)))
            kept[m] = i
            m += 1 if (draw + np.float32(0.5)) * np.float32(2.0**-24) < its_chance[i] else 0
        its_offer, its_worth = offer[begin:end], worth[begin:end]
        first, n = n, n + m
        found, left, valued_at, ahead = (
            at_all[first:n],
            noise[first:n],
            value[first:n],
            gap[first:n],
        )
        for j in range(m):
            i = kept[j]
            at = its_offer[i] & ((1 << _LOW) - 1)
            found[j] = its_offer[i]
            left[j] = np.float32(np.int64((its_bits[i] >> np.uint64(8)) & np.uint64(0xFFFFFF)))
            valued_at[j], ahead[j] = np.float32(its_worth[i] + size[at]), theirs[at] - own
        seen[c] = m
    return seen, at_all[:n], noise[:n], value[:n], gap[:n]


@compiled("uint64", _I, _I, _U, _U, "int64")
def lucky(start: Any, receiver: Any, domain: Any, code: Any, least: Any, domains: Any) -> Any:
    """Return cells and third parties whose luck is not below the least that can matter, as `ThirdLuck.above`.

    Parameters
    ----------
    start
        Where the year's luck begins.
    receiver, domain
        ``(cell,)``.
    code, least
        ``(candidate,)``: the number that stands for its code, and bits.
    domains
        How many there are.

    Returns
    -------
    cell, place, bits
        ``(line,)``, cell after cell; place among the candidates.
    """
    total = len(receiver) * len(code)
    cell, place = np.empty(total, np.int64), np.empty(total, np.int64)
    bits, luck = np.empty(total, np.uint64), np.empty(len(code), np.uint64)
    n = 0
    for c in range(len(receiver)):
        first = np.uint64(receiver[c] * domains + domain[c]) << np.uint64(32)
        # By itself, so that the processor does several at once.
        for k in range(len(code)):
            x = (first + code[k]) * np.uint64(0x9E3779B97F4A7C15) + start
            x ^= x >> np.uint64(30)
            x *= np.uint64(0xBF58476D1CE4E5B9)
            x ^= x >> np.uint64(27)
            x *= np.uint64(0x94D049BB133111EB)
            x ^= x >> np.uint64(31)
            luck[k] = x >> np.uint64(40)
        for k in range(len(code)):
            # Few are, so that the processor guesses right.
            if luck[k] >= least[k]:
                cell[n], place[n], bits[n] = c, k, luck[k]
                n += 1
    return cell[:n], place[:n], bits[:n]


@compiled((_I, _I, _S), (_I, _I), (_I, _R), (_I, _R, _R), (_NUMBER, _NUMBER), "int64", "int64")
def gaining(
    lines: Any,
    cells: Any,
    candidates: Any,
    partners: Any,
    weights: Any,
    countries: Any,
    domains: Any,
) -> Any:
    """Return third parties that could gain by the requests of cells, as `_Gains.of`.

    Parameters
    ----------
    lines
        Cell, place among the candidates, noise, ``(line,)``, from `lucky`.
    cells
        Receiver and domain, ``(cell,)``.
    candidates
        Which partner it is, and what its size is worth less its price, ``(candidate,)``.
    partners
        Which country it is, -1 for none, ``(partner,)``, focus, ``(partner · country,)``, and skill,
        ``(partner · domain,)``.
    weights
        What its money is worth, and what its lift.
    countries, domains
        How many there are.

    Returns
    -------
    count
        ``(cell,)``, lines of each.
    partner, country, sure, lift
        ``(able,)``, see `_Gains`.
    """
    cell, place, noise = lines
    receiver, domain = cells
    who, size = candidates
    country, focus, skill = partners
    money, lift = weights
    total = len(cell)
    count = np.zeros(len(receiver), np.int64)
    partner, whose = np.empty(total, np.int64), np.empty(total, np.int64)
    certain, lifting = np.empty(total), np.empty(total)
    n = 0
    for i in range(total):
        c = cell[i]
        one, taker = who[place[i]], receiver[c]
        interest = focus[one * countries + taker]
        lifts = lift * interest * skill[one * domains + domain[c]]
        sure = money * interest + np.float64(noise[i])
        sure += size[place[i]]
        if interest > 0.0 and country[one] != taker and sure + lifts > 0.0:
            partner[n], whose[n], certain[n], lifting[n] = one, country[one], sure, lifts
            count[c] += 1
            n += 1
    return count, partner[:n], whose[:n], certain[:n], lifting[:n]


@compiled(_R, _I, "int64", _I)
def _accepted(value: Any, group: Any, size: Any, room: Any) -> Any:
    """Return which of the first lines their groups have room for: by group, and within one the most valuable first.

    Of lines of one value those that come first, as `by_value` orders them.
    """
    begin = np.zeros(len(room) + 1, np.int64)
    for i in range(size):
        begin[group[i] + 1] += 1
    for g in range(len(room)):
        begin[g + 1] = begin[g] + min(begin[g + 1], max(room[g], 0))
    end = begin.copy()
    order, worth = np.empty(begin[-1], np.int64), np.empty(begin[-1])
    for i in range(size):
        g, what = group[i], value[i]
        first, k = begin[g], end[g]
        if k == begin[g + 1]:
            # Full: the least valuable gives way, or nobody.
            if k == first or not worth[k - 1] < what:
                continue
            k -= 1
        else:
            end[g] += 1
        # Counted without a branch, several at once.
        before, place = worth[first:k], first
        for j in range(len(before)):
            place += 1 if before[j] >= what else 0
        while k > place:
            order[k], worth[k] = order[k - 1], worth[k - 1]
            k -= 1
        order[k], worth[k] = i, what
    return order


@compiled(_I, (_R, _R, _I), _GAINS, _I, "int64", _WHOLE, _REAL, _WHOLE)
def _joined(
    cell: Any,
    pairs: Any,
    gains: Any,
    room: Any,
    size: Any,
    chosen: Any,
    added: Any,
    wish: Any,
) -> None:
    """Let third parties choose among the first pairs, as `_Gains.join`; writes partner or -1, and what it adds.

    Parameters
    ----------
    cell, pairs
        ``(pair,)``; of a pair surplus, quality and provider.
    gains
        See `_Gains`.
    room
        ``(partner,)``.
    size
        How many pairs there are.
    chosen, added, wish
        ``(pair,)``, written.
    """
    surplus, quality, provider = pairs
    start, count, line_partner, line_country, sure, lift = gains
    left = room.copy()
    waiting = np.empty(size, np.int64)
    partner, gain = np.empty(size, np.int64), np.empty(size)
    still = 0
    for i in range(size):
        chosen[i], added[i] = -1, 0.0
        if count[cell[i]]:
            waiting[still] = i
            still += 1
    while still:
        # The best that each can have of those with room left.
        found = 0
        for w in range(still):
            i = waiting[w]
            # Worth it for the third party, and enough to make the match worth while.
            best, most = -1, max(-surplus[i], 0.0)
            other, lacking, first = provider[i], 1.0 - quality[i], start[cell[i]]
            for k in range(first, first + count[cell[i]]):
                one, what = line_partner[k], lift[k] * lacking + sure[k]
                better = (what > most) & (left[one] > 0) & (line_country[k] != other)
                best, most = (one, what) if better else (best, most)
            if best >= 0:
                wish[found], partner[found], gain[found] = i, best, most
                found += 1
        for j in _accepted(gain, partner, found, left):
            chosen[wish[j]], added[wish[j]] = partner[j], gain[j]
            left[partner[j]] -= 1
        still = 0
        for k in range(found):
            if chosen[wish[k]] < 0:
                waiting[still] = wish[k]
                still += 1


_FIELD = 16
"""Bits for the number of an offer, and for a line's place among those of its cell."""


@compiled(_I, _I, _S)
def _ranked(seen: Any, offer: Any, value: Any) -> Any:
    """Return whole numbers, ``(seen,)``, the larger the higher the value, and then the earlier the offer's number.

    The last bits say the line's place in its cell: one comparison finds the best of some lines and where it is.
    """
    bits, rank = value.view(np.int32), np.empty(len(value), np.int64)
    end = 0
    for c in range(len(seen)):
        begin, end = end, end + seen[c]
        its_bits, its_offers, its_rank = bits[begin:end], offer[begin:end], rank[begin:end]
        for i in range(len(its_rank)):
            # See `matching.rising`; zero below is zero.
            b = int(its_bits[i])
            b = 0 if b == -(2**31) else b
            b ^= (b >> 31) & 0x7FFFFFFF
            later = (1 << _FIELD) - 1 - (its_offers[i] >> _LOW)
            its_rank[i] = (b << 2 * _FIELD) | (later << _FIELD) | i
    return rank


@compiled("int64[:]")
def _best_left(rank: Any) -> Any:
    """Return the place of the best line of a cell that has not been taken, and take it."""
    best = rank[0]
    for i in range(1, len(rank)):
        best = max(best, rank[i])
    place = best & ((1 << _FIELD) - 1)
    rank[place] = -(2**63)
    return place


@compiled(_I)
def _requests(wanted: Any) -> Any:
    """Return cell and number of every request."""
    total = 0
    for c in range(len(wanted)):
        total += wanted[c]
    cell, slot = np.empty(total, np.int64), np.empty(total, np.int64)
    n = 0
    for c in range(len(wanted)):
        for k in range(wanted[c]):
            cell[n], slot[n] = c, k
            n += 1
    return cell, slot


@compiled((_I, _I, _I), (_I, _S, _S), _I, _R, _R, _GAINS, _WHOLE, _WHOLE, "int64")
def matched(
    cells: Any,
    lines: Any,
    provider: Any,
    alike: Any,
    cost: Any,
    gains: Any,
    room: Any,
    third_room: Any,
    longest: Any,
) -> Any:
    """Return the matches of a year in the order in which `_rounds` makes them; uses up what room there is.

    Of a cell's list only as much is put in order as it asks.

    Parameters
    ----------
    cells
        Who asks, how often, and how many lines it sees, ``(cell,)``.
    lines
        Offer, value, and what is absorbed of the gap, ``(seen,)``, by cell.
    provider
        ``(offer,)``, who makes it.
    alike
        ``(receiver · country,)``.
    cost
        ``(country,)``.
    gains
        See `_Gains`.
    room, third_room
        ``(offer,)`` and ``(partner,)``, written.
    longest
        How many offers a list has at most.

    Returns
    -------
    cell, slot, provider, partner, quality
        ``(match,)``, see `_Round`.
    """
    receiver, wanted, seen = cells
    offer, value, absorbed = lines
    rank, best = _ranked(seen, offer, value), np.empty(len(value), np.int64)
    begin, sorted_ = np.zeros(len(seen) + 1, np.int64), np.zeros(len(seen), np.int64)
    for c in range(len(seen)):
        begin[c + 1] = begin[c] + seen[c]
    cell, slot = _requests(wanted)
    place, total = slot.copy(), len(cell)
    n = total
    pointer = wanted.copy()
    who, asked = np.empty(total, np.int64), np.empty(total, np.int64)
    surplus, fit, added = np.empty(total), np.empty(total), np.empty(total)
    chosen, wish = np.empty(total, np.int64), np.empty(total, np.int64)
    line, worth, group = np.empty(total, np.int64), np.empty(total), np.empty(total, np.int64)
    found, found_fit = np.empty((4, total), np.int64), np.empty(total)
    done = 0
    while True:
        asking = 0
        for i in range(n):
            c = cell[i]
            if place[i] >= min(seen[c], longest):
                continue
            while sorted_[c] <= place[i]:
                best[begin[c] + sorted_[c]] = _best_left(rank[begin[c] : begin[c + 1]])
                sorted_[c] += 1
            line[asking] = begin[c] + best[begin[c] + place[i]]
            cell[asking], slot[asking] = c, slot[i]
            asking += 1
        # By themselves, so that the processor fetches several at once from matrices that lie far away.
        for i in range(asking):
            at, one = line[i], receiver[cell[i]]
            asked[i] = offer[at] >> _LOW
            other = provider[asked[i]]
            who[i] = other
            fit[i] = 0.5 * (np.float64(absorbed[at]) + alike[one * len(cost) + other])
            surplus[i] = np.float64(value[at]) - 0.5 * (cost[one] + cost[other])
        if not asking:
            break
        pairs = (surplus, fit, who)
        _joined(cell, pairs, gains, third_room, asking, chosen, added, wish)
        worthy = 0
        for i in range(asking):
            what = surplus[i] + added[i]
            if what > 0.0:
                line[worthy], worth[worthy], group[worthy] = i, what, asked[i]
                worthy += 1
        for k in _accepted(worth, group, worthy, room):
            i = line[k]
            found[0, done], found[1, done] = cell[i], slot[i]
            found[2, done], found[3, done] = who[i], chosen[i]
            found_fit[done] = fit[i]
            done += 1
            room[asked[i]] -= 1
            if chosen[i] >= 0:
                third_room[chosen[i]] -= 1
            # It goes no further.
            group[k] = -1
        n = 0
        for k in range(worthy):
            if group[k] >= 0:
                i = line[k]
                cell[n], slot[n], place[n] = cell[i], slot[i], pointer[cell[i]]
                pointer[cell[i]] += 1
                n += 1
    return found[0, :done], found[1, :done], found[2, :done], found[3, :done], found_fit[:done]


_DRAFTS = (_I, _I, _I)
"""Of `beginning._Drafts`: body, domain and number among those of both, ``(draft,)``."""

_TURNS = ("uint64", _U, "int64")
"""Of `luck.CodeLuck`: where the year's luck begins, ``(body,)`` where each body's does, and how many projects it turns
round with (`REGIONAL_SLOTS`)."""


@compiled(_TURNS, "int64", "int64", "int64")
def _turned(turns: Any, body: Any, place: Any, slot: Any) -> Any:
    """Return the uniform of one member of a body, as `beginning._turned`; place is that of domain and country."""
    start, code, slots = turns
    x = (code[body] + np.uint64(place)) * np.uint64(0x9E3779B97F4A7C15) + start
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    drawn = np.float64(np.float32(np.float64(np.int64(x >> np.uint64(11))) * 2.0**-53))
    drawn += slot / slots
    return drawn - 1.0 if drawn >= 1.0 else drawn


@compiled(_B, "int64", "int64", _WHOLE)
def _true(row: Any, start: Any, size: Any, place: Any) -> Any:
    """Write the places of what is true of some, and return how many there are."""
    n, some = 0, row[start : start + size]
    for k in range(len(some)):
        place[n] = k
        n += 1 if some[k] else 0
    return n


@compiled(_I, (_B, _B), (_R, _R, _R), _TURNS, "int64")
def coming(born: Any, people: Any, willing: Any, turns: Any, domains: Any) -> Any:
    """Return drafts of regional projects and who would take part, as `beginning._coming`.

    Parameters
    ----------
    born
        ``(body · domain,)``, projects planned.
    people
        Who is a member that asks at all, ``(body · country,)``, and in which domain, ``(country · domain,)``.
    willing
        Requests relative to plan and capacity to manage cooperation, ``(country,)``, and the members' mean of the
        first, ``(body,)``.
    turns
        See `_TURNS`.
    domains
        How many there are.

    Returns
    -------
    body, domain, slot
        ``(draft,)``.
    part
        ``(draft · country,)``.
    """
    member, asking = people
    factor, able, usual = willing
    countries, drafts = len(factor), 0
    for k in range(len(born)):
        drafts += born[k]
    body, domain = np.empty(drafts, np.int64), np.empty(drafts, np.int64)
    slot, part = np.empty(drafts, np.int64), np.zeros(drafts * countries, np.bool_)
    members, several, last, d = np.empty(countries + 1, np.int64), 0, -1, 0
    for k in range(len(born)):
        one, what = k // domains, k % domains
        if born[k] and one != last:
            last = one
            several = _true(member, one * countries, countries, members)
        for number in range(born[k]):
            body[d], domain[d], slot[d] = one, what, number
            for i in range(several):
                c = members[i]
                if asking[c * domains + what]:
                    # Who cooperates less than the other members comes the less often; what all do less is not begun.
                    share = min(factor[c] / usual[one], 1.0)
                    luck = _turned(turns, one, what * countries + c, number)
                    part[d * countries + c] = luck < able[c] * share
            d += 1
    return body, domain, slot, part


@compiled(_DRAFTS, (_B, _B), (_R, _R), _TURNS, "int64", "int64", "int64")
def may_lead(
    drafts: Any,
    people: Any,
    likeness: Any,
    turns: Any,
    countries: Any,
    domains: Any,
    smallest: Any,
) -> Any:
    """Return who may lead drafts of regional projects, as `beginning._may_lead`.

    Parameters
    ----------
    drafts, turns
        See `_DRAFTS` and `_TURNS`.
    people
        Who takes part, ``(draft · country,)``, and who is able to lead, ``(body · country,)``.
    likeness
        Capability, ``(country · domain,)``, and likeness of contexts, ``(country · country,)``.
    countries, domains, smallest
        How many there are, and how many members a project has at least.

    Returns
    -------
    draft, country, ahead, chance, alike
        ``(line,)``: lead over the mean participant, luck, and mean likeness to the participants.
    """
    body, domain, slot = drafts
    part, able = people
    capability, alike = likeness
    total = len(body) * countries
    draft, country = np.empty(total, np.int64), np.empty(total, np.int64)
    ahead, chance, like = np.empty(total), np.empty(total), np.empty(total)
    member, leader = np.empty(countries + 1, np.int64), np.empty(countries + 1, np.int64)
    n, leaders, last = 0, 0, -1
    for d in range(len(body)):
        if body[d] != last:
            last = body[d]
            leaders = _true(able, last * countries, countries, leader)
        what, position = domain[d], 0.0
        several = _true(part, d * countries, countries, member)
        for i in range(several):
            position += capability[member[i] * domains + what]
        mean = position / max(several, 1)
        for j in range(leaders):
            c = leader[j]
            lead = capability[c * domains + what] - mean
            # Three members with the one that leads, who is among those who ask or comes to them.
            comes = 0 if part[d * countries + c] else 1
            if not lead >= 0.0 or several + comes < smallest:
                continue
            same = 0.0
            for i in range(several):
                same += alike[member[i] * countries + c]
            draft[n], country[n], ahead[n] = d, c, lead
            chance[n] = _turned(turns, last, what * countries + c, slot[d])
            like[n] = same / max(several, 1)
            n += 1
    return draft[:n], country[:n], ahead[:n], chance[:n], like[:n]


@compiled((_I, _I, _B), (_R, _R), (_R, _R, _R), "int64", "int64")
def learners(drafts: Any, likeness: Any, conditions: Any, countries: Any, domains: Any) -> Any:
    """Return who learns in drafts of regional projects, as `beginning._learners`.

    Parameters
    ----------
    drafts
        Who leads and the domain, ``(draft,)``, and who takes part, ``(draft · country,)``.
    likeness
        Capability, ``(country · domain,)``, and likeness of contexts, ``(country · country,)``.
    conditions
        Three things that projects meet, ``(country,)`` each.
    countries, domains
        How many there are.
    """
    lead, domain, part = drafts
    capability, alike = likeness
    one, two, three = conditions
    total = len(part)
    whose, gap, same = np.empty(total, np.int64), np.empty(total), np.empty(total)
    people, member = np.empty(len(lead), np.int64), np.empty(countries + 1, np.int64)
    first, second, third = np.zeros(len(lead)), np.zeros(len(lead)), np.zeros(len(lead))
    n = 0
    for d in range(len(lead)):
        begin, leader, what = n, lead[d], domain[d]
        for i in range(_true(part, d * countries, countries, member)):
            c = member[i]
            if c == leader:
                continue
            whose[n] = d
            gap[n] = capability[leader * domains + what] - capability[c * domains + what]
            same[n] = alike[leader * countries + c]
            first[d] += one[c]
            second[d] += two[c]
            third[d] += three[c]
            n += 1
        people[d] = n - begin
    return whose[:n], gap[:n], same[:n], people, first, second, third


@compiled(_I, _I, _R, _I)
def assigned(project: Any, taker: Any, value: Any, room: Any) -> Any:
    """Return the lines by which projects find a taker, in their order: what `lines.assign` finds."""
    left, total = room.copy(), len(project)
    first, chosen = np.empty(total + 1, np.int64), np.empty(total, np.int64)
    waiting, wish = np.empty(total, np.int64), np.empty(total, np.int64)
    who, gain = np.empty(total, np.int64), np.empty(total)
    still = 0
    for k in range(total):
        if k == 0 or project[k] != project[k - 1]:
            first[still], waiting[still], chosen[still] = k, still, -1
            still += 1
    first[still], several = total, still
    while still:
        # The best that each can have of those with room left.
        found = 0
        for w in range(still):
            i = waiting[w]
            best = -1
            for k in range(first[i], first[i + 1]):
                if left[taker[k]] > 0 and (best < 0 or value[k] > value[best]):
                    best = k
            if best >= 0:
                wish[found], who[found], gain[found] = best, taker[best], value[best]
                waiting[found] = i
                found += 1
        for j in _accepted(gain, who, found, left):
            chosen[waiting[j]] = wish[j]
            left[who[j]] -= 1
        still = 0
        for j in range(found):
            if chosen[waiting[j]] < 0:
                waiting[still] = waiting[j]
                still += 1
    n = 0
    for i in range(several):
        if chosen[i] >= 0:
            wish[n] = chosen[i]
            n += 1
    return wish[:n]


_PROJECTS = (_I, _I, "uint8[]")
"""Of `projects.Taught`: provider and receiver, ``(project,)``, and who takes part in regional ones,
``(project · bytes,)``."""


@compiled("uint8[]", "int64", "int64", _WHOLE)
def _unpacked(packed: Any, project: Any, wide: Any, member: Any) -> Any:
    """Write who takes part in a regional project, country after country, and return how many do."""
    n = 0
    for byte in range(wide):
        bits = np.int64(packed[project * wide + byte])
        place = 8 * byte
        while bits:
            if bits & 0x80:
                member[n] = place
                n += 1
            bits = (bits << 1) & 0xFF
            place += 1
    return n


@compiled(_PROJECTS, "int64")
def takers(projects: Any, wide: Any) -> Any:
    """Return project and country of everybody who learns, as `projects.Taught.takers`: pairs, and regional ones then.

    Parameters
    ----------
    projects
        See `_PROJECTS`.
    wide
        Bytes of each.
    """
    provider, receiver, packed = projects
    member, regional = np.empty(8 * wide, np.int64), 0
    for i in range(len(receiver)):
        regional += 1 if receiver[i] < 0 else 0
    total = len(receiver) + regional * 8 * wide
    project, country = np.empty(total, np.int64), np.empty(total, np.int64)
    n = 0
    for i in range(len(receiver)):
        if receiver[i] >= 0:
            project[n], country[n] = i, receiver[i]
            n += 1
    for i in range(len(receiver)):
        if receiver[i] < 0:
            for k in range(_unpacked(packed, i, wide, member)):
                if member[k] != provider[i]:
                    project[n], country[n] = i, member[k]
                    n += 1
    return project[:n], country[:n]


@compiled(_PROJECTS, "int64", "int64")
def met(projects: Any, wide: Any, countries: Any) -> Any:
    """Return pairs of countries that are parties of a project, and of how many, as `learning._met`.

    Parameters
    ----------
    projects, wide
        See `takers`.
    countries
        How many there are.

    Returns
    -------
    pair, joint
        ``(pair,)``: the first of the two times the number of countries and the second, how many projects.
    """
    provider, receiver, packed = projects
    member = np.empty(8 * wide, np.int64)
    shared = np.zeros(countries * countries, np.int32)
    pair, n = np.empty(countries * countries, np.int64), 0
    for i in range(len(receiver)):
        if receiver[i] >= 0:
            one, other = min(provider[i], receiver[i]), max(provider[i], receiver[i])
            at = one * countries + other
            if one != other:
                if not shared[at]:
                    pair[n] = at
                    n += 1
                shared[at] += 1
            continue
        several = _unpacked(packed, i, wide, member)
        for k in range(several):
            for later in range(k + 1, several):
                at = member[k] * countries + member[later]
                if not shared[at]:
                    pair[n] = at
                    n += 1
                shared[at] += 1
    joint = np.empty(n, np.int64)
    for k in range(n):
        joint[k] = shared[pair[k]]
    return pair[:n], joint


@compiled((_I, _I, _I, _I, _I, _B), (_I, _I), "int64", "int64", "int64", "int64")
def tallied(
    projects: Any, takers: Any, years: Any, countries: Any, kinds: Any, domains: Any
) -> Any:
    """Return how many projects there are by years left and country, as `projects.UnderWay._counts`.

    Parameters
    ----------
    projects
        Years left, provider, helper, modality, domain, and whether it will reach its aim, ``(project,)``.
    takers
        Project and country of everybody who learns, ``(line,)``.
    years, countries, kinds, domains
        How many there are.
    """
    left, provider, helper, modality, domain, good = projects
    project, taker = takers
    flat, deep = years * countries * kinds, years * countries * domains
    providing, receiving = np.zeros(flat, np.int64), np.zeros(flat, np.int64)
    lasting, joining = np.zeros(deep, np.int64), np.zeros(deep, np.int64)
    for i in range(len(left)):
        if not 0 <= left[i] < years:
            raise ValueError("a project has more years left than projects last")
        place = left[i] * countries
        providing[(place + provider[i]) * kinds + modality[i]] += 1
        joining[(place + provider[i]) * domains + domain[i]] += 1
        if helper[i] >= 0:
            joining[(place + helper[i]) * domains + domain[i]] += 1
    for k in range(len(project)):
        i = project[k]
        place = left[i] * countries + taker[k]
        receiving[place * kinds + modality[i]] += 1
        joining[place * domains + domain[i]] += 1
        lasting[place * domains + domain[i]] += 1 if good[i] else 0
    return providing, receiving, lasting, joining


@compiled(_R, _R, _R, "int64")
def poisson(uniform: Any, mean: Any, none: Any, largest: Any) -> Any:
    """Return counts as `requests.poisson`.

    Parameters
    ----------
    uniform, mean, none
        ``(cell,)``; the last is the probability of none at all.
    largest
        Where the distribution is cut.
    """
    count = np.zeros(len(uniform), np.int64)
    for i in range(len(uniform)):
        term, cumulated, k = none[i], none[i], 0
        while k < largest and uniform[i] >= cumulated:
            term *= mean[i]
            term /= k + 1
            cumulated += term
            k += 1
        count[i] = k
    return count
