"""Levers at several levels, and the scenario that a package is."""

from __future__ import annotations

import pytest

from sscsim.errors import InputError
from sscsim.policy import load_scenario
from sscsim.search.moves import move_of, moves_of, package_of, package_text

BASE = load_scenario("baseline")


def test_levers_of_a_scenario_go_from_nothing_to_what_it_does() -> None:
    agenda = load_scenario("full-agenda")
    moves = {move.lever: move for move in moves_of(agenda, BASE)}
    assert set(moves) == set(agenda.levers)
    budget = moves["partner_budget"]
    assert budget.axis.values == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert budget.at(0) == ()
    assert budget.at(2)[0].ramp == (1.0, 2.0)
    assert budget.at(4) == agenda.levers["partner_budget"]
    # Downwards too, and where a scenario has several settings all of them.
    assert moves["third_party_cost"].at(2)[0].ramp == (1.0, 0.8)
    assert [one.ramp for one in moves["cooperation"].at(2)] == [(1.0, 1.25)] * 3
    assert moves["agencies"].at(1)[0].value == pytest.approx(0.05)


def test_what_the_base_does_already_is_no_choice() -> None:
    agenda = load_scenario("full-agenda")
    assert moves_of(agenda, agenda) == ()


def test_a_lever_between_two_values_has_its_default_too() -> None:
    move = move_of("third_party_cost", (0.5, 1.4), steps=3)
    assert move.axis.values == (0.5, 0.8, 1.0, 1.1, 1.4)
    assert move.axis.nothing == 2
    assert move.at(2) == ()
    assert move.at(0)[0].value == 0.5
    assert move.at(0)[0].first == 2019
    assert (move.words(0), move.words(2)) == ("0.5", "–")


def test_two_places_of_a_lever_are_two_axes_and_both_are_moved() -> None:
    poor = move_of("cooperation", (1.0, 1.5), where={"group": "LDC"}, steps=1)
    small = move_of("cooperation", (1.0, 2.0), where={"group": "SIDS"}, steps=1)
    assert poor.axis.name != small.axis.name
    made = package_of(BASE, [poor, small], [1, 1])
    assert [(s.where.group, s.value) for s in made.levers["cooperation"]] == [
        ("LDC", 1.5),
        ("SIDS", 2.0),
    ]


def test_a_package_that_does_nothing_is_the_base() -> None:
    moves = moves_of(load_scenario("full-agenda"), BASE)
    assert package_of(BASE, moves, [0] * len(moves)) is BASE
    one, two = (package_of(BASE, moves, [1] + [0] * (len(moves) - 2) + [k]) for k in (0, 1))
    assert one.name != two.name


def test_a_file_of_a_package_is_that_package(tmp_path) -> None:
    moves = moves_of(load_scenario("full-agenda"), BASE)
    levels = [i % 5 for i in range(len(moves))]
    path = tmp_path / "mine.yaml"
    path.write_text(package_text(BASE, moves, levels, "mine", "Found."), encoding="utf-8")
    assert load_scenario(path).content_hash == package_of(BASE, moves, levels).content_hash


@pytest.mark.parametrize(
    ("lever", "options", "said"),
    [
        ("partner_budgt", {}, "did you mean 'partner_budget'"),
        ("partner_budget", {"where": {"group": "LDC"}}, "takes no such place"),
        ("partner_budget", {"bounds": (1.0, 11.0)}, "within its bounds"),
        ("partner_budget", {"bounds": (2.0, 1.0)}, "within its bounds"),
        ("partner_budget", {"steps": 0}, "steps"),
        ("partner_budget", {"first": 2040}, "year"),
    ],
)
def test_what_is_no_lever_to_choose_is_said(lever, options, said) -> None:
    with pytest.raises(InputError, match=said):
        move_of(lever, **options)
