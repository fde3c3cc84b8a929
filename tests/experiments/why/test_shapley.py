"""Shapley values of games whose solution is known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from sscsim.experiments.why.shapley import (
    Coalition,
    coalitions,
    exact_shares,
    orders,
    sampled_shares,
    visited,
)


def game(players: int, draws: int = 5) -> Callable[[Coalition], np.ndarray]:
    """A game with own effects, pairs that help or hinder one another, and a product of three."""
    luck = np.random.default_rng(players)
    own = luck.normal(size=(players, draws))
    pairs = luck.normal(size=(players, players, draws))

    def worth(coalition: Coalition) -> np.ndarray:
        among = sorted(coalition)
        value = own[among].sum(axis=0) if among else np.zeros(draws)
        for i in among:
            for j in among:
                if i < j:
                    value = value + pairs[i, j]
        return value + 10.0 + 3.0 * ({0, 1, 2} <= coalition)

    return worth


def test_every_coalition_is_listed_once() -> None:
    assert len(coalitions(4)) == len(set(coalitions(4))) == 16
    assert coalitions(4)[0] == frozenset()


@pytest.mark.parametrize("players", [1, 3, 6])
def test_exact_shares_are_the_mean_over_all_orders_and_add_up(players: int) -> None:
    of = game(players)
    worth = {c: of(c) for c in coalitions(players)}
    found = exact_shares(players, worth)
    everybody = frozenset(range(players))
    np.testing.assert_allclose(
        found.values.sum(axis=0), worth[everybody] - worth[frozenset()], atol=1e-12
    )
    steps = np.zeros((players, 5))
    every = list(permutations(range(players)))
    for order in every:
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            steps[player] += of(before | {player}) - of(before)
    np.testing.assert_allclose(found.values, steps / len(every), atol=1e-9)
    assert not found.error.any()


def test_a_glove_is_worth_what_it_lacks() -> None:
    # One left glove and two right ones: the known solution is 2/3, 1/6, 1/6.
    worth = {c: np.array([float(0 in c and len(c) > 1)]) for c in coalitions(3)}
    found = exact_shares(3, worth)
    np.testing.assert_allclose(found.values[:, 0], [2 / 3, 1 / 6, 1 / 6])
    assert found.alone[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert found.last[:, 0].tolist() == [1.0, 0.0, 0.0]


def test_sampled_shares_add_up_and_lie_within_their_error() -> None:
    players = 8
    of = game(players)
    exact = exact_shares(players, {c: of(c) for c in coalitions(players)})
    far = []
    for seed in range(20):
        drawn = orders(players, 10, seed)
        found = sampled_shares(players, {c: of(c) for c in visited(players, drawn)}, drawn)
        np.testing.assert_allclose(found.values.sum(axis=0), exact.values.sum(axis=0), atol=1e-12)
        # Pairs of players are met without error, see below; what is left is of the three in the product.
        assert (found.error[3:] < 1e-12).all()
        far.append(((found.values - exact.values).mean(axis=1) / found.error)[:3])
    # Means of ten are as a t distribution with nine degrees of freedom has them: 1.13 standard errors apart.
    spread = float(np.sqrt(np.mean(np.square(far))))
    assert 0.7 < spread < 1.5, spread


def test_pairs_alone_are_estimated_without_error() -> None:
    # Where players meet in pairs only, an order and its reverse give the exact value.
    players = 7
    luck = np.random.default_rng(1)
    pairs = np.triu(luck.normal(size=(players, players)))

    def of(c: Coalition) -> np.ndarray:
        among = sorted(c)
        return np.array([pairs[np.ix_(among, among)].sum()])

    drawn = orders(players, 2, 1)
    found = sampled_shares(players, {c: of(c) for c in visited(players, drawn)}, drawn)
    exact = exact_shares(players, {c: of(c) for c in coalitions(players)})
    np.testing.assert_allclose(found.values, exact.values, atol=1e-12)


def test_more_orders_keep_those_that_were_drawn() -> None:
    assert orders(7, 5, 1)[:4] == orders(7, 2, 1)
    first, second = orders(7, 1, 1)
    assert second == first[::-1]


def test_one_pair_of_orders_has_no_error() -> None:
    drawn = orders(3, 1, 1)
    of = game(3)
    with pytest.raises(ValueError, match="two pairs"):
        sampled_shares(3, {c: of(c) for c in visited(3, drawn)}, drawn)
