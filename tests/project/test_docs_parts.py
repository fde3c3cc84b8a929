"""Tables of the pages on trade, investment, commodities and Goals: what is said of them, and how lines are made."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.goal_backcast import BREAKS
from sscsim.parameters import default_parameters
from tests.project.test_docs_runs import lines
from tools import docs_parts
from tools.docs_parts import COMPLETED, HOSTS, STILL, WITHOUT, largest_moves

HOLDOUT = Path(__file__).resolve().parents[2] / "benchmarks" / "trade_holdout.py"


def test_hidden_trade_is_what_the_page_says_of_it() -> None:
    gravity, factbook, others = lines("trade", "trade-pairs-hidden")
    for better in (factbook, others):
        assert float(better[1].split()[0]) > float(gravity[1].split()[0])
    completed = {row[0]: row[1:] for row in lines("trade", "trade-lists-completed")}
    assert list(completed) == list(COMPLETED.values())
    shared = {name: float(cells[0].split()[0]) for name, cells in completed.items()}
    assert shared["gravity alone"] < shared["seeded with published shares"] < shared["both"]


def test_the_benchmark_has_the_methods_that_the_page_names() -> None:
    text = HOLDOUT.read_text("utf-8")
    assert all(f'"{method}"' in text for method in COMPLETED)


def test_inflows_are_those_of_the_report_within_a_tenth_or_fifth() -> None:
    rows = {row[0]: [float(cell) for cell in row[1:]] for row in lines("investment", "inflows")}
    assert list(rows)[1:-1] == list(WITHOUT)
    model, report = rows["all mechanisms"], rows["report"]
    for k, width in enumerate((0.1, 0.1, 0.2, 0.2, 0.2, 0.4)):
        assert model[k] == pytest.approx(report[k], rel=width), list(HOSTS)[k]
    changed = {name for one in (STILL, *WITHOUT.values()) for name in one}
    assert changed <= {one.name for one in default_parameters().definitions()}


def test_the_slump_is_what_the_page_says_of_it() -> None:
    rows = {row[0]: row[1:] for row in lines("commodity-prices", "slump")}
    sold, bought = (
        [float(cell.split()[0]) for cell in rows[f"goods from {way}"][2:]]
        for way in ("Africa to China", "China to Africa")
    )
    assert 0.25 < 1 - sold[1] / sold[0] < 0.4, "a third"
    assert bought[1] / bought[0] > 0.97, "does not"


def test_the_worlds_moves_are_what_the_page_says_of_them() -> None:
    rows = lines("goals", "world-moves")
    assert len(rows) == len(docs_parts.MOVE_SEEDS)
    alike, people = (
        [abs(float(row[k].split(",")[0].replace("−", "-"))) for row in rows] for k in (1, 2)
    )
    assert np.median(people) > np.median(alike), "a disturbance in China or India is the world's"
    assert max(people) < 1.7 + 0.1, (
        "not beyond the least of the three that the panel is said to have"
    )


def test_backcasts_are_of_every_break() -> None:
    assert [row[0] for row in lines("goals", "goal-breaks")] == [str(year) for year in BREAKS]
    regions = [float(cell) for row in lines("goals", "goal-regions") for cell in row[1:]]
    with docs_parts.BACKCAST.open(encoding="utf-8") as file:
        held = [row for row in csv.DictReader(file) if row["countries"] == "Africa"]
    alike = [float(row["model"]) for row in held if row["weight"] == "none"]
    assert regions[0] == pytest.approx(np.mean(alike), abs=0.005)


def test_the_largest_move_is_found_where_it_is() -> None:
    goals = np.full((3, 2, 17), 50.0)
    goals[1:, 0, 3] += 2.0  # the first country's Goal 4 rises in 2014
    goals[2, 1, 8] -= 1.6  # the other's Goal 9 falls in 2015
    goals[:, 0, 13] = np.nan
    people = np.tile([1.0, 9.0], (3, 1))
    assert largest_moves(goals, people) == ["+1.00, Goal 4 in 2014", "−1.44, Goal 9 in 2015"]
