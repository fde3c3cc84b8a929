"""The search finds the known best packages of toys, is robust where that differs, and repeats itself."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.search.core import Aims, Axis, Outcome, search_levels
from sscsim.search.measures import aimed_cost, aimed_gain, front

AXES = tuple(Axis(f"lever {i}", (0.0, 0.25, 0.5, 0.75, 1.0)) for i in range(5))
WORTH = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
PRICE = np.array([4.0, 2.0, 3.0, 0.5, 2.0])


class Toy:
    """Falling returns, and futures in which all is worth more or less; the best of 3,125 is known by counting."""

    def __init__(self, futures: int = 5) -> None:
        self.scale = np.linspace(0.5, 1.5, futures)
        self.asked: list[tuple[int, ...]] = []

    def __call__(self, levels) -> Outcome:
        self.asked += [tuple(row) for row in levels.tolist()]
        value = levels / 4.0
        gain = (np.sqrt(value) @ WORTH)[:, None] * self.scale
        cost = np.repeat((value @ PRICE)[:, None], len(self.scale), axis=1)
        return Outcome(gain[:, :, None], cost)


def everything(toy, axes=AXES) -> tuple[np.ndarray, Outcome]:
    every = np.array(list(itertools.product(*(range(len(axis.values)) for axis in axes))))
    return every, toy(every)


@pytest.mark.parametrize(("budget", "seed"), [(6.0, 1), (6.0, 2), (3.0, 1)])
def test_the_search_recovers_the_optimum_of_a_known_toy(budget, seed) -> None:
    every, outcome = everything(Toy())
    gain, cost = (
        aimed_gain(outcome.gain, robust=False)[:, 0],
        aimed_cost(outcome.cost, robust=False),
    )
    best = np.where(cost <= budget, gain, -np.inf).argmax()
    found = search_levels(AXES, Toy(), Aims(budget=budget), evaluations=600, seed=seed)
    assert len(found) < 700 < len(every)
    top = found.front[-1]
    assert found.levels[top].tolist() == every[best].tolist()


def test_the_search_recovers_most_of_a_known_front() -> None:
    every, outcome = everything(Toy())
    gain, cost = aimed_gain(outcome.gain, robust=False), aimed_cost(outcome.cost, robust=False)
    known = {tuple(every[place]) for place in front(gain, cost)}
    found = search_levels(AXES, Toy(), evaluations=800, population=40)
    mine = {tuple(row) for row in found.levels[found.front].tolist()}
    assert len(known & mine) >= 0.8 * len(known)


def gamble(levels) -> Outcome:
    """One lever gains much in most futures and loses in some, the other a little in all."""
    value = levels / 4.0
    futures = np.array([1.0, 1.0, 1.0, -3.0])
    gain = value[:, :1] * 4.0 * futures + value[:, 1:] * 1.0
    return Outcome(gain[:, :, None], np.repeat(value.sum(axis=1)[:, None], 4, axis=1))


def test_robust_packages_leave_a_gamble_alone() -> None:
    axes = AXES[:2]
    bold = search_levels(axes, gamble, Aims(budget=1.0), evaluations=25)
    safe = search_levels(axes, gamble, Aims(budget=1.0, robust=True), evaluations=25)
    assert bold.levels[bold.front[-1]].tolist() == [4, 0]
    assert safe.levels[safe.front[-1]].tolist() == [0, 4]


def test_two_goals_have_a_front_that_trades_one_for_the_other() -> None:
    def two(levels) -> Outcome:
        value = levels / 4.0
        gain = np.stack([value[:, 0], value[:, 1]], axis=1)[:, None, :]
        return Outcome(np.repeat(gain, 2, axis=1), np.repeat(value.sum(axis=1)[:, None], 2, axis=1))

    found = search_levels(AXES[:2], two, Aims(budget=1.0), evaluations=25)
    best = {tuple(row) for row in found.levels[found.front].tolist()}
    assert {(4, 0), (2, 2), (0, 4)} <= best
    assert all(a + b <= 4 for a, b in best)


def test_no_package_is_asked_for_twice_and_all_levers_alone_are() -> None:
    toy = Toy()
    search_levels(AXES, toy, evaluations=200)
    assert len(toy.asked) == len({*toy.asked})
    assert {(0,) * 5, (4,) * 5, (4, 0, 0, 0, 0), (0, 0, 0, 0, 4)} <= {*toy.asked}


def test_the_same_seed_asks_for_the_same_and_more_adds_to_fewer() -> None:
    few, again, more, other = Toy(), Toy(), Toy(), Toy()
    search_levels(AXES, few, evaluations=60, seed=7)
    search_levels(AXES, again, evaluations=60, seed=7)
    search_levels(AXES, more, evaluations=120, seed=7)
    search_levels(AXES, other, evaluations=60, seed=8)
    assert few.asked == again.asked == more.asked[: len(few.asked)]
    assert len(more.asked) > len(few.asked)
    assert other.asked != few.asked


def test_a_budget_that_allows_nothing_leaves_nothing() -> None:
    dear = Axis("dear", (1.0, 2.0))

    def ask(levels) -> Outcome:
        return Outcome(np.ones((len(levels), 2, 1)), np.ones((len(levels), 2)))

    assert len(search_levels([dear], ask, Aims(budget=0.5), evaluations=10).front) == 0


def test_progress_counts_what_was_tried() -> None:
    seen = []
    found = search_levels(AXES, Toy(), evaluations=50, progress=seen.append)
    assert [p.tried for p in seen] == sorted(p.tried for p in seen)
    assert seen[-1].tried == len(found)
    assert seen[-1].front == len(found.front)


def test_a_level_below_nothing_may_be_the_furthest() -> None:
    assert Axis("cost", (0.2, 0.6, 1.0, 1.5), nothing=2).full == 0
    assert Axis("cost", (0.5, 1.0, 1.5), nothing=1).full == 2


@pytest.mark.parametrize(
    ("axes", "options", "said"),
    [
        ((), {}, "levers, each once"),
        ((AXES[0], AXES[0]), {}, "levers, each once"),
        (AXES, {"evaluations": 0}, "evaluations"),
        (AXES, {"population": 3}, "population"),
    ],
)
def test_what_cannot_be_searched_is_said(axes, options, said) -> None:
    with pytest.raises(InputError, match=said):
        search_levels(axes, Toy(), **options)


def test_an_axis_needs_levels() -> None:
    with pytest.raises(InputError, match="two levels"):
        Axis("one", (1.0,))


def test_an_answer_of_another_shape_is_noticed() -> None:
    with pytest.raises(ValueError, match="packages were asked for"):
        search_levels(AXES, lambda levels: Outcome(np.ones((1, 2, 1)), np.ones((1, 2))))


def test_where_pymoo_is_missing_it_is_said_which_extra_brings_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pymoo.algorithms.moo.nsga2", None)
    with pytest.raises(InputError, match=r"sscsim\[search\]"):
        search_levels(AXES, Toy(), evaluations=10)
