r"""Shapley values: what each of several players adds to a sum that they only reach together.

Players may be present or not; *v(S)* is what is reached with the players of the coalition *S*. The value of player *i*
is what it adds when it joins, averaged over all orders in which the *n* players may join one another,

.. math:: \varphi_i = \sum_{S \not\ni i} \frac{|S|!\,(n - |S| - 1)!}{n!} \left( v(S \cup i) - v(S) \right),

and :math:`\sum_i \varphi_i = v(N) - v(\emptyset)` (Shapley 1953): shares add up to the whole, none depends on an order
that somebody chose, and players that add the same everywhere have the same. Up to `MOST_EXACT` players all :math:`2^n`
coalitions are looked at. Beyond, orders are drawn, each followed by its reverse (antithetic permutations; Mitchell,
Cooper, Frank & Holmes 2022, Journal of Machine Learning Research 23): shares still add up exactly, since the steps of
every order do, and each has a standard error.

All functions are pure. A coalition is a set of players' places; values are arrays ``(draw,)`` or of any other shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from sscsim.types import Array

__all__ = [
    "MOST_EXACT",
    "Coalition",
    "Shares",
    "coalitions",
    "exact_shares",
    "orders",
    "sampled_shares",
    "visited",
]

Coalition = frozenset[int]

MOST_EXACT = 6
"""Players up to which every coalition is looked at: 64 runs a draw."""


@dataclass(frozen=True)
class Shares:
    """What each player adds.

    Attributes
    ----------
    values
        ``(player, …)``, the Shapley values; over players they add up to what all reach less what none does.
    error
        ``(player,)``, standard error of the mean over all else, from the orders that were drawn; zero where every
        order counts.
    alone, last
        ``(player, …)``, what a player adds to nobody, and to all others; they do not add up.
    """

    values: Array
    error: Array
    alone: Array
    last: Array


def coalitions(players: int) -> list[Coalition]:
    """Return every coalition, the empty one first, by size."""
    return [frozenset(c) for size in range(players + 1) for c in combinations(range(players), size)]


def exact_shares(players: int, worth: Mapping[Coalition, Array]) -> Shares:
    """Return Shapley values from what every coalition reaches.

    Parameters
    ----------
    players
        How many there are.
    worth
        By coalition, all `coalitions`.
    """
    values = []
    for player in range(players):
        others = [p for p in range(players) if p != player]
        total = np.zeros_like(worth[frozenset()])
        for size in range(players):
            weight = (
                math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            )
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                total = total + weight * (worth[before | {player}] - worth[before])
        values.append(total)
    return Shares(np.array(values), np.zeros(players), *_ends(players, worth))


def orders(players: int, pairs: int, seed: int) -> list[tuple[int, ...]]:
    """Return orders of the players, each followed by its reverse.

    Parameters
    ----------
    pairs
        How many orders are drawn; more of them leave those that were drawn before as they are.
    seed
        Of the draw.
    """
    luck = np.random.default_rng(seed)
    found: list[tuple[int, ...]] = []
    for _ in range(pairs):
        order = tuple(luck.permutation(players).tolist())
        found += [order, order[::-1]]
    return found


def visited(players: int, drawn: Sequence[Sequence[int]]) -> list[Coalition]:
    """Return the coalitions that orders pass through, and those of one player and of all but one, by size."""
    found = {frozenset(order[:size]) for order in drawn for size in range(players + 1)}
    everybody = frozenset(range(players))
    for player in range(players):
        found |= {frozenset([player]), everybody - {player}}
    return sorted({*found, frozenset(), everybody}, key=lambda c: (len(c), sorted(c)))


def sampled_shares(
    players: int, worth: Mapping[Coalition, Array], drawn: Sequence[Sequence[int]]
) -> Shares:
    """Return Shapley values estimated from some orders, with standard errors.

    Parameters
    ----------
    players
        How many there are.
    worth
        By coalition, at least those of `visited`.
    drawn
        Orders, each followed by its reverse, as `orders` gives them; at least two such pairs.

    Raises
    ------
    ValueError
        For fewer than two pairs: they have no standard error.
    """
    if len(drawn) < 4 or len(drawn) % 2:
        raise ValueError(f"two pairs of orders or more are needed, found {len(drawn)} orders")
    steps = []
    for order in drawn:
        added: list[Array] = [np.zeros(0)] * players
        for before, after in pairwise(range(players + 1)):
            added[order[before]] = (
                worth[frozenset(order[:after])] - worth[frozenset(order[:before])]
            )
        steps.append(np.array(added))
    # An order and its reverse are one observation: they are far from independent, which is what they are drawn for.
    each = np.array(steps)
    paired = 0.5 * (each[0::2] + each[1::2])
    means = paired.reshape(len(paired), players, -1).mean(axis=2)
    error = means.std(axis=0, ddof=1) / math.sqrt(len(means))
    return Shares(paired.mean(axis=0), error, *_ends(players, worth))


def _ends(players: int, worth: Mapping[Coalition, Array]) -> tuple[Array, Array]:
    nobody: Coalition = frozenset()
    everybody = frozenset(range(players))
    alone = [worth[frozenset([p])] - worth[nobody] for p in range(players)]
    last = [worth[everybody] - worth[everybody - {p}] for p in range(players)]
    return np.array(alone), np.array(last)
