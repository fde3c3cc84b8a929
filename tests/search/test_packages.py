"""Packages of levers, found in a model that is made up, and one real search."""

from __future__ import annotations

import dataclasses

import matplotlib
import numpy as np
import pytest

from sscsim.costs.comparing import Runs
from sscsim.errors import InputError
from sscsim.policy import load_scenario
from sscsim.search import Found, Task
from sscsim.search import search as search_for
from sscsim.search.moves import move_of
from sscsim.search.packages import read_goal

GOAL = "goal_index LDC 2030"
LEVERS = {
    name: move_of(name, bounds, steps=2)
    for name, bounds in (
        ("partner_budget", (1.0, 3.0)),
        ("funds", (1.0, 3.0)),
        ("training", (0.0, 11.0)),
    )
}
MOVES = tuple(LEVERS.values())
TASK = {field.name for field in dataclasses.fields(Task)}
QUICK = {"of": None, "moves": MOVES, "draws": 4, "source": "tables", "evaluations": 27}


def search(goals: list[str], **options) -> Found:
    """Ask for what is a field of the task, and run as the rest says."""
    asked = {name: options.pop(name) for name in [*options] if name in TASK}
    return search_for(Task(goals, **asked), **options)


def test_the_best_package_within_a_budget_is_found_and_priced(made_up, tmp_path) -> None:
    found = search([GOAL], budget=0.5, store=tmp_path, **QUICK)
    best = found.packages[found.best["most"]]
    # Partners cost 0.1 a step times 1 to 3, and gain most; with training, which gains in most futures.
    assert dict(zip(LEVERS, best.levels, strict=True)) == {
        "partner_budget": 2,
        "funds": 0,
        "training": 2,
    }
    # 2 of partners, and 2 of training where luck is good.
    assert np.unique(best.gain).tolist() == [-4.0, 4.0]
    assert ((best.cost >= 0.2) & (best.cost <= 0.7)).all()
    assert best.within == float((best.cost <= 0.5).mean())


def test_a_robust_package_leaves_out_what_loses_in_some_futures(made_up, tmp_path) -> None:
    found = search([GOAL], budget=0.7, robust=True, store=tmp_path, **QUICK)
    best = found.packages[found.best["most"]]
    assert dict(zip(LEVERS, best.levels, strict=True))["training"] == 0
    assert best.gain.min() > 0.0
    assert best.satisfices == 1.0


def test_what_was_found_is_asked_again_in_futures_that_the_search_has_not_seen(
    made_up, tmp_path, monkeypatch
) -> None:
    draws = []
    plain = Runs.members

    def seen(self, scenarios, count):
        rows = plain(self, scenarios, count)
        draws.append(count)
        return rows

    monkeypatch.setattr(Runs, "members", seen)
    search([GOAL], store=tmp_path, **QUICK)
    assert draws[-1] == 8
    assert set(draws[:-1]) == {4}


def test_less_poverty_is_a_gain_and_two_goals_have_a_place_each(made_up, tmp_path) -> None:
    found = search([GOAL, "poverty_people South 2030"], store=tmp_path, **QUICK)
    most = max(found.packages, key=lambda one: one.levels[0])
    np.testing.assert_allclose(most.gain[:, 1], 2.0)
    assert most.regret.shape == (2,)


def test_the_same_seed_finds_the_same(made_up, tmp_path) -> None:
    one, two = (search([GOAL], store=tmp_path, **QUICK) for _ in range(2))
    np.testing.assert_array_equal(one.archive.levels, two.archive.levels)
    np.testing.assert_array_equal(one.archive.cost, two.archive.cost)


def test_packages_are_written_as_scenarios_that_do_what_was_run(made_up, tmp_path) -> None:
    found = search([GOAL], store=tmp_path / "store", **QUICK)
    paths = found.save(tmp_path / "packages")
    assert [p.name for p in paths] == [f"package-{i + 1}.yaml" for i in range(len(paths))]
    for path, one in zip(paths, found.packages, strict=True):
        loaded = load_scenario(path)
        assert loaded.content_hash == one.scenario.content_hash
        assert loaded.lineage == ("baseline", path.stem)
        assert "27 packages" in loaded.source


def test_levers_without_a_price_are_left_out_and_said(made_up, tmp_path) -> None:
    frontier = move_of("frontier", (1.0, 2.0), steps=2)
    asked = QUICK | {"moves": (*MOVES, frontier), "evaluations": 10}
    found = search([GOAL], store=tmp_path, **asked)
    assert list(found.left_out) == ["frontier"]
    assert "frontier" not in {m.lever for m in found.moves}
    free = search([GOAL], store=tmp_path, free=True, **asked)
    assert "frontier" in {m.lever for m in free.moves}
    with pytest.raises(InputError, match="no lever that was given has a price"):
        search([GOAL], store=tmp_path, **(asked | {"moves": (frontier,)}))


def test_levers_of_a_scenario_are_chosen_among(made_up, tmp_path) -> None:
    asked = QUICK | {"of": "leave-no-one-behind", "moves": (), "evaluations": 12}
    found = search([GOAL], store=tmp_path, **asked)
    assert {m.lever for m in found.moves} == set(load_scenario("leave-no-one-behind").levers)
    own = search([GOAL], store=tmp_path, **(asked | {"moves": (LEVERS["funds"],)}))
    assert [m.of_scenario for m in own.moves if m.lever == "funds"] == [False]


def test_a_picture_of_the_front_numbers_its_packages(made_up, tmp_path) -> None:
    from sscsim.reports.packages import package_front, save_front

    found = search([GOAL], budget=0.7, robust=True, store=tmp_path, **QUICK)
    figure = package_front(found)
    [axes] = figure.axes
    numbers = [text.get_text() for text in axes.texts if text.get_text().isdigit()]
    assert numbers == [str(i + 1) for i in range(len(found.packages))]
    assert "most in nine futures of ten" in " ".join(t.get_text() for t in figure.texts)
    assert save_front(found, tmp_path / "front.png").stat().st_size > 10_000
    assert matplotlib.get_backend().lower() == "agg"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("goal_index LDC", "a goal reads"),
        ("goal_idx LDC 2030", "did you mean"),
        ("goal_index LCD 2030", "did you mean 'LDC'"),
    ],
)
def test_what_is_no_goal_is_said(text, said) -> None:
    with pytest.raises(InputError, match=said):
        read_goal(text)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"goals": []}, "something to gain"),
        ({"goals": ["goal_index LDC 2034"], "end": 2030}, "year"),
        ({"least": (1.0, 2.0)}, "every goal"),
        ({"draws": 1}, "draws"),
        ({"moves": (MOVES[0], MOVES[0])}, "once for a place"),
        ({"moves": (move_of("platform", where={"group": "LCD"}),)}, "LDC"),
    ],
)
def test_what_cannot_be_searched_is_said_before_anything_runs(tmp_path, options, said) -> None:
    asked = {"goals": [GOAL], **QUICK, **options}
    with pytest.raises(InputError, match=said):
        search(store=tmp_path, **asked)
    assert not list(tmp_path.glob("*/*/member.json"))


@pytest.mark.slow
def test_a_real_search_goes_on_from_the_store(tmp_path) -> None:
    goals = ["projects_received_triangular World 2021"]
    asked = {"of": None, "moves": MOVES[:1], "draws": 2, "source": "tables", "evaluations": 3}
    first = search(goals, store=tmp_path, **asked)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*/member.json")}
    again = search(goals, store=tmp_path, **asked)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.glob("*/*/member.json")} == before
    np.testing.assert_array_equal(first.archive.gain, again.archive.gain)
    full = first.archive.levels[:, 0].argmax()
    assert (first.archive.gain[full] > 0.0).all()
    assert (first.archive.cost[full] > 0.0).all()
