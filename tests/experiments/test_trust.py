"""What ranks unconfirmed figures by the results they move."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.trust import HEADLINES, headlines, rank, taken, trust
from sscsim.world.institutions import figures_of, load_institutions

FIGURES = [f for f in figures_of(load_institutions()) if f.width]


def scores(draws: int, count: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((draws, count))
    return np.asarray((drawn - drawn.mean(axis=0)) / drawn.std(axis=0))


@pytest.mark.parametrize(
    ("weights", "noise"),
    [({3: 1.0}, 0.5), ({3: 1.0, 40: -0.7}, 0.5), ({0: 1.0, 7: 0.8, 99: -0.6}, 0.2)],
)
def test_what_moves_a_result_takes_its_variance(weights: dict[int, float], noise: float) -> None:
    x = scores(300, 100, 1)
    rng = np.random.default_rng(2)
    y = sum(w * x[:, i] for i, w in weights.items()) + noise * rng.standard_normal(300)
    part = taken(x, np.asarray(y) / np.std(y))
    whole = sum(w**2 for w in weights.values()) + noise**2
    assert set(np.flatnonzero(part).tolist()) == set(weights)
    for i, weight in weights.items():
        assert part[i] == pytest.approx(weight**2 / whole, abs=0.08)


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_taken_by_chance(seed: int) -> None:
    y = np.random.default_rng(100 + seed).standard_normal(200)
    assert not taken(scores(200, 1000, seed), y).any()


@pytest.mark.parametrize("outcome", [np.zeros(50), np.ones(50)])
def test_a_result_that_does_not_move_is_nobodys(outcome: np.ndarray) -> None:
    assert not taken(scores(50, 20, 1), outcome - outcome.mean()).any()


def test_figures_stand_in_the_order_of_their_shares() -> None:
    figures = FIGURES[:50]
    quantiles = np.random.default_rng(3).random((200, 50))
    results = np.random.default_rng(4).random((200, len(HEADLINES)))
    results[:, 0] = np.exp(3 * quantiles[:, 17])  # not linear, but in order
    results[:, 1] = quantiles[:, 30] - 0.4 * quantiles[:, 17]
    found = rank(figures, quantiles, results)
    assert [one.rank for one in found.ranked] == list(range(1, 51))
    assert [one.figure.path for one in found.ranked[:2]] == [figures[17].path, figures[30].path]
    first = found.ranked[0]
    assert (first.moves, first.part, first.correlation) == (
        next(iter(HEADLINES)),
        pytest.approx(1.0, abs=0.01),
        pytest.approx(1.0),
    )
    assert found.explained[first.moves] == pytest.approx(1.0, abs=0.01)
    assert list(found.table.columns[:5]) == ["rank", "path", "value", "width", "share"]


@pytest.mark.parametrize(("key", "value"), [("draws", 9), ("draws", 10_001), ("end", 2012)])
def test_numbers_out_of_range_are_refused(key: str, value: int) -> None:
    with pytest.raises(InputError, match=key):
        trust(**{key: value})


def test_a_short_look_ranks_every_figure_that_is_drawn() -> None:
    told: list[int] = []
    found = trust(10, end=2014, workers=1, began=lambda n, _: told.append(n))
    assert told == [10]
    assert len(found.ranked) == len(FIGURES)
    assert set(found.spread) == set(HEADLINES)
    assert found.spread["approvals of CAF"] > 0.0


def test_headlines_are_finite() -> None:
    from sscsim.model import simulate

    found = headlines(simulate("baseline", end=2014))
    assert len(found) == len(HEADLINES)
    assert np.isfinite(found).all()
