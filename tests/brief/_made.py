"""A made-up comparison with every table, so that a brief is written without a run."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sscsim.brief.common import TABLE_GROUPS
from sscsim.experiments.keeping import comparison_of
from sscsim.results.comparison import Comparison
from sscsim.world.loading import load_world

PAIRS = 50
YEAR = 2030

LEVELS = {
    "goal_index": (62.5, "0 to 100", 0.16),
    "poverty_headcount": (0.21, "fraction", -0.0031),
    "gdp": (57_361.0, "bn 2015 USD", 46.2),
    "projects_received": (2_310.0, "projects", 412.0),
}
"""Indicator → level in the reference, unit, median effect."""

ASKED = (
    ("goal_index", "LDC"),
    ("goal_index", "South"),
    ("poverty_headcount", "LDC"),
    ("gdp", "South"),
    ("trade_within", "South"),
)


def line(
    indicator: str, unit: str, level: float, median: float, spread: float
) -> dict[str, object]:
    """Return the numbers of an effect as the tables have them."""
    low, high = median - spread, median + 1.5 * spread
    progress = 0.08 * level * (-1.0 if indicator.startswith("poverty") else 1.0)
    return {
        "indicator": indicator,
        "year": YEAR,
        "unit": unit,
        "reference": level,
        "median": median,
        "low": low,
        "high": high,
        "relative": median / level,
        "relative_low": low / level,
        "relative_high": high / level,
        "positive": 0.98 if low > 0 else 0.02 if high < 0 else 0.64,
        "seen": low > 0 or high < 0,
        "since": 2018,
        "progress": progress,
        "of_progress": median / abs(progress),
        "people": median * 1_100.0 if indicator == "poverty_headcount" else math.nan,
        "a_head": math.nan,
        "gap": 6.4 if indicator == "goal_index" else math.nan,
        "of_gap": median / 6.4 if indicator == "goal_index" else math.nan,
    }


def group_lines(scenario: str) -> pd.DataFrame:
    """Return effects on the usual groups."""
    luck = np.random.default_rng(7)
    rows = []
    for indicator, (level, unit, median) in LEVELS.items():
        for group in TABLE_GROUPS:
            size = float(luck.uniform(0.3, 1.7))
            spread = abs(median) * float(luck.uniform(0.3, 1.2))
            numbers = line(indicator, unit, level * size, median * size, spread * size)
            rows.append({"scenario": scenario, "against": "baseline", "group": group, **numbers})
    return pd.DataFrame(rows)


def country_lines(scenario: str) -> pd.DataFrame:
    """Return effects on every country."""
    luck = np.random.default_rng(11)
    world = load_world()
    rows = []
    for indicator in ("goal_index", "poverty_headcount", "gdp"):
        level, unit, median = LEVELS[indicator]
        for code in world.iso3:
            size = float(luck.normal(0.8, 1.0))
            numbers = line(indicator, unit, level * 0.01, median * size, abs(median) * 0.4)
            better = (size > 0) == True  # noqa: E712 - a rule and not a test of truth
            chance = min(1.0, 0.5 + abs(size))
            rows.append(
                {
                    "scenario": scenario,
                    "against": "baseline",
                    "iso3": code,
                    "country": str(world.countries["name"][code]),
                    **numbers,
                    "gains": chance if better else 1.0 - chance,
                    "loses": 1.0 - chance if better else chance,
                }
            )
    return pd.DataFrame(rows)


def loser_lines(scenario: str) -> pd.DataFrame:
    """Return who is worse off."""
    rows = []
    for measure, worse, better, names in (
        ("real_income", 0.0, 3.0, ""),
        ("gdp", 0.0, 0.0, ""),
        ("goal_index", 4.0, 88.0, "SYR TUV"),
    ):
        rows.append(
            {
                "scenario": scenario, "against": "baseline", "year": YEAR, "measure": measure, "group": "World",
                "counted": "countries", "of": 197, "worse": worse, "worse_low": 0.0, "worse_high": 2.0 * worse,
                "better": better, "surely": len(names.split()), "names": names,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def cost_lines(scenarios: tuple[str, ...]) -> pd.DataFrame:
    """Return what scenarios cost."""
    prices = {
        ("total", "together", ""): (2.0, 1.0, 3.5),
        ("gain", "goal_point", "LDC"): (0.5, 0.25, math.inf),
        ("gain", "person_year", "LDC"): (math.inf, 12.5, math.inf),
        ("no price", "frontier", ""): (math.nan, math.nan, math.nan),
    }
    rows = [
        {
            "scenario": scenario, "against": "baseline", "to": YEAR, "kind": kind, "name": name, "group": group,
            "median": median, "low": low, "high": high, "elsewhere_low": 1.0 if kind == "gain" else math.nan,
            "elsewhere_high": 10.0 if kind == "gain" else math.nan, "worth": 0.6 if kind == "gain" else math.nan,
        }
        for scenario in scenarios
        for (kind, name, group), (median, low, high) in prices.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def channel_lines(scenarios: tuple[str, ...]) -> pd.DataFrame:
    """Return what moved the index of the least developed."""
    parts = {"income": 0.18, "cooperation": 0.8, "noise": 0.02, "together": 1.0}
    rows = [
        {
            "scenario": scenario, "against": "baseline", "indicator": "goal_index", "group": "LDC", "year": YEAR,
            "unit": "points", "driver": driver, "reference": 1.0, "mean": 0.2 * share, "low": 0.1 * share,
            "high": 0.4 * share, "share": share,
        }
        for scenario in scenarios
        for driver, share in parts.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def chain_lines(scenarios: tuple[str, ...]) -> pd.DataFrame:
    """Return how a Goal came to move, surely in one country and not in another."""
    links = (
        ("projects", "triangular", 2.1, "projects"),
        ("capability", "health", 0.4, "points"),
        ("goal", "3", 0.1, "points"),
    )
    rows = [
        {
            "scenario": scenario, "against": "baseline", "country": country, "goal": 3, "since": 2019, "year": YEAR,
            "driver": "capability", "share": 1.25, "place": place, "kind": kind, "of": of, "change": change,
            "low": low * change, "high": 2.0 * change, "unit": unit,
        }
        for scenario in scenarios
        for country, low in (("KEN", 0.5), ("PER", -0.5))
        for place, (kind, of, change, unit) in enumerate(links, start=1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def made_comparison(
    scenarios: tuple[str, ...] = ("full-agenda",), source: str = "posterior"
) -> Comparison:
    """Return a comparison with every table."""
    effects, groups, countries, losers = [], [], [], []
    for name in scenarios:
        there = group_lines(name)
        asked = [
            there[(there["indicator"] == i) & (there["group"] == g)]
            for i, g in ASKED
            if i in LEVELS
        ]
        trade = {"scenario": name, "against": "baseline", "group": "South"}
        asked.append(pd.DataFrame([trade | line("trade_within", "bn USD", 10_955.6, 0.42, 0.9)]))
        effects.append(pd.concat(asked, ignore_index=True))
        groups.append(there)
        countries.append(country_lines(name))
        losers.append(loser_lines(name))
    about = {
        "reference": "baseline",
        "scenarios": list(scenarios),
        "titles": {
            "baseline": "The course of things",
            "full-agenda": "The report's recommendations together",
        },
        "draws": PAIRS,
        "source": source,
        "seed": 1,
        "last_seed": PAIRS,
        "left_out": 1,
    }
    tables = {
        "effects": pd.concat(effects, ignore_index=True),
        "groups": pd.concat(groups, ignore_index=True),
        "countries": pd.concat(countries, ignore_index=True),
        "losers": pd.concat(losers, ignore_index=True),
    }
    tables["costs"] = cost_lines(scenarios)
    tables["channels"] = channel_lines(scenarios)
    tables["chains"] = chain_lines(scenarios)
    names = ("baseline", *scenarios)
    return comparison_of(
        about,
        tables,
        [("goal_index", "LDC", YEAR, "0 to 100")],
        names,
        np.zeros((1, len(names), 2)),
    )
