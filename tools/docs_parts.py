"""Tables of the pages on goods trade, investment, commodities and Goals, each read off runs, a benchmark or its file.

`tools.docs_tables` writes them; those that runs are needed for carry a mark of the numbers that they are of.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.calibration.observables import fdi_inflow
from sscsim.calibration.targets import load_targets
from sscsim.model import SouthSouthModel, simulate
from sscsim.names import FIRST_YEAR
from sscsim.types import Array
from sscsim.world.loading import load_world
from sscsim.world.state import State
from tests.model.test_commodities import RECORD

ROOT = Path(__file__).resolve().parents[1]
Rows = list[list[str]]

# ------------------------------------------------------------------------------------------- goods trade: cells hidden


@lru_cache(maxsize=1)
def _hidden() -> Mapping[str, Mapping[str, Any]]:
    """Return what the benchmark that hides cells finds, by test and method: some two minutes of one processor."""
    benchmark = ROOT / "benchmarks" / "trade_holdout.py"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.json"
        command = [sys.executable, str(benchmark), "--json", str(out)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        scores: Mapping[str, Mapping[str, Any]] = json.loads(out.read_text("utf-8"))["scores"]
    return scores


def pairs_hidden() -> tuple[Sequence[str], Rows]:
    """Return how well a hidden fifth of the pairs whose shares are known is told: correlation, common part."""
    found = _hidden()["a fifth of the USITC's pairs"]
    rows = []
    for method, scores in found.items():
        mean = np.array(scores).mean(axis=0)
        rows.append([method, *(f"{corr:.3f} ({common:.3f})" for common, corr in mean)])
    return ("", "all", "South-South", "without China"), rows


def lists_won() -> tuple[Sequence[str], Rows]:
    """Return in how many splits of the first way of hiding a method does better than gravity alone."""
    scores = _hidden()["random fifth"]
    plain = np.array(scores["gravity alone"])[:, 0]
    rows = []
    for method, title in COMPLETED.items():
        if method != "gravity alone":
            better = np.array(scores[method])[:, 0] > plain
            rows.append([title, f"{better.sum()} of {len(better)}"])
    return ("random fifths in which it does better than gravity alone", "splits"), rows


WITHIN = ("trade_within", "trade_within_without_hubs")


def south_alone() -> tuple[Sequence[str], Rows]:
    """Return trade within the South in the base year by what its matrix rests on, at the tables' values."""
    rows = []
    for title, rests_on in (
        ("the USITC's shares, which ship", "itpde"),
        ("the Factbook's lists", "factbook"),
        ("gravity alone", "gravity"),
    ):
        run = simulate("baseline", seed=1, end=FIRST_YEAR, parameters="tables", base_trade=rests_on)
        numbers = [run.value(name, "South", year=FIRST_YEAR) for name in WITHIN]
        world = run.value("exports", "World", year=FIRST_YEAR)
        rows.append([title, *(f"{value / 1e3:.2f}" for value in (*numbers, world))])
    return (
        "trillion dollars, 2013",
        "within the South",
        "without hubs",
        "exports of the world",
    ), rows


COMPLETED = {
    "gravity alone": "gravity alone",
    "seeded": "seeded with published shares",
    "seeded, ceiling": "and ceiling",
    "seeded, neighbours": "and neighbours, no ceiling",
    "seeded, ceiling and neighbours": "both",
}


def lists_completed() -> tuple[Sequence[str], Rows]:
    """Return how well cells of published lists are told where they are hidden, in both ways of hiding."""
    ways = [_hidden()[name] for name in ("random fifth", "shorter lists")]
    rows = []
    for method, title in COMPLETED.items():
        cells = []
        for way in ways:
            common, correlation = np.array(way[method]).T
            low, high = np.quantile(common, [0.05, 0.95])
            cells += [f"{common.mean():.3f} [{low:.3f}, {high:.3f}]", f"{correlation.mean():.3f}"]
        rows.append([title, *cells])
    head = ("", "a random fifth hidden: common part", "corr.")
    return (*head, "lists lose their smallest partner: common part", "corr."), rows


# ------------------------------------------------------------------------------- investment: what carries it, 2013–2017

STILL = {"fdi_world_sd": 0.0, "fdi_group_sd": 0.0, "fdi_host_sd": 0.0}
"""No luck of investors and hosts."""

WITHOUT: dict[str, dict[str, float]] = {
    "all mechanisms": {},
    "without growth momentum": {"fdi_growth_response": 0.0},
    "without the drift of the outward share": {"fdi_share_drift": 0.0},
    "without the income effect": {"fdi_income_elasticity": 0.0},
}
HOSTS = {
    "WIR developing": ("developing", "developing_wir_2018"),
    "WIR developed": ("developed", "developed_wir_2018"),
    "BRA": ("Brazil", ""),
    "CHN": ("China", ""),
    "IND": ("India", ""),
    "IDN": ("Indonesia", ""),
}
INFLOWS_OF = 2017


def inflows() -> tuple[Sequence[str], Rows]:
    """Return inflows of investment without its luck, with and without each mechanism, at the tables' values."""
    world = load_world()
    base = world.base["fdi_inflow_busd"]
    begins = [
        base[world.membership(group)].sum() if group else base[world.position(code)]
        for code, (_, group) in HOSTS.items()
    ]
    rows = [["base, mean 2010–2013", *(f"{value:.0f}" for value in begins)]]
    for title, changed in WITHOUT.items():
        run = simulate(
            "baseline", seed=1, end=INFLOWS_OF, parameters="tables", set={**STILL, **changed}
        )
        found = [fdi_inflow(run, INFLOWS_OF, host) for host in HOSTS]
        rows.append([title, *(f"{value:.0f}" for value in found)])
    said = {
        check.of: check.value
        for target in load_targets()
        for check in target.checks
        if check.observable == "fdi_inflow" and check.year == INFLOWS_OF
    }
    rows.append(["report", *(f"{said[host]:g}" for host in HOSTS)])
    return ("", *(title for title, _ in HOSTS.values())), rows


# -------------------------------------------------------------------------------------------- commodities: the slump

SLUMP = (2013, 2016)


def slump() -> tuple[Sequence[str], Rows]:
    """Return what the fall of prices did to exporters on record and in one run."""
    model = SouthSouthModel(seed=1, end=SLUMP[1], keep="indicators")
    world, states = model.world, list[State]()
    while model.running:
        model.step()
        if model.year in SLUMP:
            states.append(model.state.copy())
    assert world.commodity_shares is not None
    africa, china = world.attributes["continent"] == "Africa", world.position("CHN")
    fuel = world.commodity_shares[:, 0] > 0.5

    def share(who: Array) -> list[str]:
        return [f"{s.exports[who].sum() / s.exports.sum():.3f}" for s in states]

    def goods(flows: list[Array]) -> list[str]:
        return ["–", "–", *(f"{flow.sum():.0f} bn USD" for flow in flows)]

    prices, level = world.commodity_prices, world.price_level
    energy = [prices[year][0] / level(year) for year in SLUMP]
    record = {who: [f"{value:.3f}" for value in both] for who, both in RECORD.items()}
    said = ["1", f"{energy[1] / energy[0]:.3f}"]
    found = [f"{s.commodity_price[0]:.3g}" for s in states]
    rows = [
        ["thirty fuel exporters, share of world goods exports", *record["fuel exporters"], *share(fuel)],
        ["Africa, the same", *record["Africa"], *share(africa)],
        ["real price of energy", *said, *found],
        ["goods from Africa to China", *goods([s.trade[africa, china] for s in states])],
        ["goods from China to Africa", *goods([s.trade[china, africa] for s in states])],
    ]  # fmt: skip
    return ("", "record 2013", "2016", "model 2013", "2016"), rows


# ---------------------------------------------------------------------------------------------------- Goals: backcasts

BACKCAST = ROOT / "docs" / "goal_backcast.csv"
RULES = ("model", "before", "mean_drift", "own_trend")
TITLES = ("model", "before", "mean drift", "own trend")


def _backcasts() -> list[dict[str, str]]:
    with BACKCAST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def goal_breaks() -> tuple[Sequence[str], Rows]:
    """Return errors of backcasts of the Goals by the year in which the record is cut off."""
    held = {(row["break"], row["weight"]): row for row in _backcasts() if row["countries"] == "all"}
    rows = [
        [year, *(f"{float(held[year, how][rule]):.2f}" for how in ("none", "people") for rule in RULES)]
        for year in dict.fromkeys(year for year, _ in held)
    ]  # fmt: skip
    head = ("break", *TITLES, *(f"by people: {title}" for title in TITLES))
    return head, rows


def goal_regions() -> tuple[Sequence[str], Rows]:
    """Return errors of backcasts of the Goals by region, means over breaks."""
    held: dict[str, list[list[float]]] = {}
    for row in _backcasts():
        if row["countries"] != "all" and row["weight"] == "none":
            held.setdefault(row["countries"], []).append([float(row[rule]) for rule in RULES])
    rows = [
        [region, *(f"{value:.2f}" for value in np.mean(found, axis=0))]
        for region, found in held.items()
    ]
    return ("region, mean over breaks", *TITLES), rows


# ------------------------------------------------------------------------------------------- Goals: the world's moves

MOVE_SEEDS = range(1, 7)


def world_moves() -> tuple[Sequence[str], Rows]:
    """Return the largest move of the world's mean of any Goal within a year, by seed."""
    rows = []
    for seed in MOVE_SEEDS:
        model = SouthSouthModel(seed=seed, keep="indicators")
        goals, people = [], []
        while model.running:
            model.step()
            goals.append(model.state.goals)
            people.append(model.state.population)
        rows.append([str(seed), *largest_moves(np.array(goals), np.array(people))])
    return ("seed", "countries alike", "by people"), rows


def largest_moves(goals: Array, people: Array) -> list[str]:
    """Return the largest moves of two means over countries, with the Goal and the year.

    Parameters
    ----------
    goals
        Scores, ``(year, country, goal)``, from 2013 on.
    people
        Population, ``(year, country)``.
    """
    found = []
    for size in (np.ones_like(people), people):
        weight = np.where(np.isnan(goals), 0.0, size[:, :, None])
        means = (np.nan_to_num(goals) * weight).sum(axis=1) / weight.sum(axis=1)
        moves = np.diff(means, axis=0)
        year, goal = np.unravel_index(np.abs(moves).argmax(), moves.shape)
        move = moves[year, goal]
        sign = "+" if move > 0 else "−"
        found.append(f"{sign}{abs(move):.2f}, Goal {goal + 1} in {2014 + year}")
    return found
