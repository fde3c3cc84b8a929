"""Lines, sorted by what they belong to: counted, put in order, laid out, and assigned to takers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.types import Array, Index, Mask

__all__ = ["LOOPS", "assign", "by_value", "firsts", "places", "places_in", "spans"]

LOOPS = "sscsim.flows.knowledge.loops"
"""The module of compiled loops, for `sscsim.compiled.compiled_loops`."""


def places(key: Index) -> Index:
    """Return each element's place among those of the same key, which stand together, from 0 on."""
    index = np.arange(len(key))
    return np.asarray(index - np.maximum.accumulate(index * firsts(key)))


def places_in(mask: Mask) -> tuple[Index, Index]:
    """Return lines and columns of what is true in a table, line by line; faster than `numpy.nonzero`."""
    at = np.flatnonzero(mask)
    line = at // mask.shape[1]
    return line, at - line * mask.shape[1]


def spans(start: Index, count: Index) -> Index:
    """Return positions ``start, start + 1, …``, as many of each as are counted, one after the other."""
    at = np.repeat(start - np.cumsum(count) + count, count)
    at += np.arange(len(at))
    return at


def firsts(key: NDArray[Any]) -> Mask:
    """Return which elements are the first of their key, where those of one key stand together."""
    first = np.ones(len(key), dtype=bool)
    np.not_equal(key[1:], key[:-1], out=first[1:])
    return first


def by_value(value: Array, group: Index) -> Index:
    """Return the order by group and, within one, from the highest value down; the same as a stable sort by both keys.

    Numbers of groups and the count of lines are below 2²¹: of group, rank and place one whole number is made, and to
    sort these takes a tenth of the time of a stable sort of real numbers.
    """
    down = np.argsort(-value)
    rank = np.cumsum(firsts(value.take(down)))
    key = (((group.take(down) << 21) | rank) << 21) | down
    key.sort()
    return np.asarray(key & (2**21 - 1))


def assign(project: Index, taker: Index, value: Array, room: Index | Array) -> Index:
    """Return the lines by which projects find a taker: the best by value with room left.

    Each project asks the taker that it is worth most to; takers take the most valuable until they have no room; who is
    turned away asks the next that has some.

    Parameters
    ----------
    project, taker, value
        ``(line,)``, who could take what, and what it is worth; lines of a project stand together.
    room
        ``(taker,)``, projects each can still take on.
    """
    line = (room.take(taker) > 0).nonzero()[0]
    number = np.cumsum(firsts(project.take(line))) - 1
    left = room
    found = [line[:0]]
    while len(line):
        worth = value.take(line)
        first = firsts(number)
        most = np.maximum.reduceat(worth, first.nonzero()[0]).take(np.cumsum(first) - 1)
        best = (worth == most).nonzero()[0]
        best = best.compress(firsts(number.take(best)))
        wish = line.take(best)
        queue = by_value(worth.take(best), taker.take(wish))
        wish = wish.take(queue)
        asked = taker.take(wish)
        fits = places(asked) < left.take(asked)
        found.append(wish.compress(fits))
        if fits.all():
            break
        left = left - np.bincount(asked.compress(fits), minlength=len(left))
        # Who finds its best without room asks the next that has some.
        waiting = np.zeros(number[-1] + 1, dtype=bool)
        waiting[number.take(best.take(queue.compress(~fits)))] = True
        still = (waiting.take(number) & (left.take(taker.take(line)) > 0)).nonzero()[0]
        line, number = line.take(still), number.take(still)
    return np.concatenate(found)
