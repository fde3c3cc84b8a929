"""The page of levers: every lever that ships has a first outcome and a row, and the benchmark measures what it says."""

import re

import pytest

from benchmarks import levers
from benchmarks.levers import FIRST, HOSTS, NEXT, PAGE, holding, main
from sscsim.policy import lever_table
from tools.docs_tables import mark


def test_every_lever_has_a_first_outcome_and_a_row() -> None:
    assert set(FIRST) == set(lever_table())
    assert set(NEXT) | set(HOSTS) <= set(FIRST)
    rows = [
        line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line[:3] == "| `"
    ]
    assert set(lever_table()) <= set(rows)


def test_levers_of_what_is_asked_for_move_their_first_outcome() -> None:
    rows = {}
    for line in PAGE.read_text("utf-8").splitlines():
        if line[:3] == "| `":
            rows.setdefault(line.split("`")[1], line.split("|")[-2].strip())
    asked = ("platform", "centres", "reporting", "other_actors", "agencies")
    moved = {name: rows[name] for name in (*asked, "reverse_linkage", "un_country_teams")}
    assert set(moved.values()) == {"yes"}, moved


def test_catalogues_add_projects_if_less_than_one_in_a_hundred() -> None:
    (row,) = (
        line for line in PAGE.read_text("utf-8").splitlines() if line[:14] == "| `catalogues`"
    )
    without, _, change = (cell.strip() for cell in row.split("|")[4:7])
    assert 0.005 < float(change) / float(without) < 0.015


@pytest.mark.parametrize("name", levers.SEEING)
def test_sight_is_studied_where_it_binds_and_where_it_does_not(name: str) -> None:
    """Over wide priors, each lever of sight decides the more the dearer it is to arrange anything."""
    study = PAGE.read_text("utf-8").partition(f"### `{name}`")[2].partition("##")[0]
    rows = [line.split("|")[2:5] for line in study.splitlines() if line[:3] == "| 0"]
    added = [[float(cell.partition("%")[0]) for cell in row] for row in rows]
    assert len(added) == len(levers.WIDE)
    for cheap, _, dear in added:
        assert dear > 3.0 > 1.0 > cheap


def test_the_page_is_of_the_model_as_it_is() -> None:
    (found,) = re.findall(r"<!-- of numbers (\w+) -->", PAGE.read_text("utf-8"))
    assert found == mark(), "python -m benchmarks.levers --write"


def test_what_moves_too_little_to_be_seen_is_studied_over_its_prior() -> None:
    """The frontier moves capability as fast as a success teaches: by the prior of that, and no more."""
    study = (
        PAGE.read_text("utf-8").partition("## What a moving frontier does")[2].partition("## ")[0]
    )
    cells = [
        line.split("|")[1:4] for line in study.splitlines() if line[:2] == "| " and "%" in line
    ]
    rates = [float(rate) for _, rate, _ in cells]
    changes = [float(change.replace("%", "")) for *_, change in cells]
    assert len(cells) == len(levers.LEARNING)
    assert rates == sorted(rates)
    assert changes == sorted(changes)
    assert changes[0] < 0.0 < changes[1]


@pytest.mark.parametrize("name", ["platform", "entry_cost", "investment_agreement"])
def test_a_lever_is_held_where_it_can_show(name: str) -> None:
    (setting,) = holding(name, 0.5).levers[name]
    assert setting.value == 0.5
    assert (setting.where is not None) == (name in HOSTS)


def test_a_lever_without_a_first_outcome_stops_the_benchmark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(levers, "FIRST", {k: v for k, v in FIRST.items() if k != "platform"})
    assert main([]) == 1
    assert "platform" in capsys.readouterr().err
