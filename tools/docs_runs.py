"""Tables of the documentation that are read off runs of a benchmark, a test or a comparison.

`tools.docs_tables` writes them with a mark of the numbers that they are of, and a test says when it is not today's.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pandas import DataFrame

from benchmarks import bank_paths, growth_check, prior_predictive, proportion
from sscsim.cli.printing import unit_of
from sscsim.model import simulate
from sscsim.outcomes.indicators import group_members
from sscsim.parameters import default_parameters
from sscsim.results.run import Run
from sscsim.types import Array
from sscsim.world.loading import load_world

ROOT = Path(__file__).resolve().parents[1]
EFFECTS = Path("tests") / "model" / "test_cooperation_effects.py"

Rows = list[list[str]]

# ------------------------------------------------------------------------------------- what projects do per dollar


def in_proportion() -> tuple[Sequence[str], Rows]:
    """Return what projects do per dollar and per expert, one seed, beside published effects."""
    head, _, *lines = proportion.lines(1)
    return _cells(head), [_cells(line) for line in lines]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


# ---------------------------------------------------------------------------- what the equations of cooperation assume


def cooperation() -> tuple[Sequence[str], Rows]:
    """Return what thirty fair pairs show of each mechanism, as the tests print it."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "slow", "-rP", str(EFFECTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{EFFECTS} does not hold:\n{done.stdout[-2000:]}{done.stderr[-500:]}")
    return HEAD, printed_effects(done.stdout)


HEAD = (
    "what is different, and in what",
    "without",
    "median effect",
    "90 % of pairs",
    "90 % interval of the mean",
)


def printed_effects(text: str) -> Rows:
    """Return the lines of the table among what the tests printed."""
    found = [_cells(line) for line in text.splitlines() if re.match(r"\| .* \|$", line)]
    return [
        [cells[0], *(_plain(cell).replace("-", "−") for cell in cells[1:])]
        for cells in found
        if len(cells) == len(HEAD)
    ]


def _plain(cell: str) -> str:
    """Return a cell without powers of ten."""
    return re.sub(
        r"([+-]?)(\d[\d.]*e\+\d+)", lambda found: f"{found[1]}{float(found[2]):,.0f}", cell
    )


# --------------------------------------------------------------------------------- where priors reach, without any fit

DRAWS = 200


def reach() -> tuple[Sequence[str], Rows]:
    """Return where every simulated figure lies over draws of the priors."""
    return REACH_HEAD, [reach_row(one) for one in prior_predictive.predict(DRAWS).figures]


REACH_HEAD = ("figure", "year", "role", "report", "5 %", "median", "95 %")


def reach_row(one: prior_predictive.Figure) -> list[str]:
    """Return a figure's line."""
    check, unit = one.item.check, unit_of(one.item.unit)
    scale = 100.0 if unit == "%" else 1.0
    bound = ""
    if check.within.kind == "one_sided":
        bound = "at least " if np.isfinite(one.item.limits[0]) else "at most "
    return [
        f"¶{one.item.target.paragraphs.lstrip('¶')} {check.title or one.item.target.title} ({unit})",
        str(check.when),
        one.item.target.role,
        f"{bound}{round(scale * check.value, 9):,g}",
        *(short(scale * value) for value in one.interval),
    ]


def short(value: float) -> str:
    """Return three digits of a number."""
    text = f"{abs(float(f'{value:.3g}')):,g}"
    return f"−{text}" if value < 0 and text.strip("0.") else text


# ------------------------------------------------------------------------------------------- how much pairing brings

PAIRED = 20
PAIRS = (
    ("african-continental-area", "trade_within", "Africa"),
    ("african-continental-area", "real_income", "Africa"),
    ("trade-integration", "trade_within", "South"),
    ("private-partnership", "fdi_inflow", "LDC"),
    ("private-partnership", "gdp", "South"),
    ("no-cooperation", "projects_received", "South"),
    ("no-cooperation", "goal_index", "LDC"),
)
"""Scenario, indicator and group: effects on what a lever moves first, and on what lies far from it."""


def pairing() -> tuple[Sequence[str], Rows]:
    """Return how many times as many draws a study without pairs would need, in 2030."""
    from sscsim.experiments import compare

    with tempfile.TemporaryDirectory() as store:
        effects = compare(
            ["baseline", *dict.fromkeys(scenario for scenario, *_ in PAIRS)],
            draws=PAIRED,
            indicators=list(dict.fromkeys(indicator for _, indicator, _ in PAIRS)),
            groups=list(dict.fromkeys(group for *_, group in PAIRS)),
            years=[2030],
            store=store,
        )
    rows = []
    for scenario, indicator, group in PAIRS:
        one = effects.effect(scenario, indicator, group, 2030)
        rows.append([f"`{scenario}`", f"`{indicator}`, {group}", times(one.narrowed)])
    return ("scenario", "effect in 2030", "pairing, times"), rows


def times(factor: float) -> str:
    """Return a factor with two digits, which is all that a few draws say of it."""
    return f"{float(f'{factor:.2g}'):,g}" if factor < 1e6 else "above a million"


# --------------------------------------------------------------------------------------------- what shocks come to

SHOCK_SEEDS = 25
STRUCK = (
    ("GDP of the world", "gdp", "World"),
    ("GDP of the South", "gdp", "South"),
    ("GDP of small islands", "gdp", "SIDS"),
    ("GDP of least developed countries", "gdp", "LDC"),
    ("exports of the South, swings of commodity prices included", "exports", "South"),
    ("Goal index of small islands", "goal_index", "SIDS"),
    ("Goal index of least developed countries", "goal_index", "LDC"),
)


def shocks() -> tuple[Sequence[str], Rows]:
    """Return what drawn shocks do by 2030, over seeds: mean, worst seed and spread, beside no shocks."""
    found = np.array(
        [
            [_read(simulate("baseline", seed=s + 1, end=2030, shocks=on)) for on in (False, True)]
            for s in range(SHOCK_SEEDS)
        ]
    )
    rows = [shock_row(what, name, *found[:, :, k].T) for k, (what, name, _) in enumerate(STRUCK)]
    return ("", "mean", "worst seed", "standard deviation over seeds"), rows


def _read(run: Run) -> list[float]:
    return [float(run.value(name, group, 2030)) for _, name, group in STRUCK]


def shock_row(what: str, indicator: str, without: Array, struck: Array) -> list[str]:
    """Return a line: of Goals in points, else as shares of what is there without shocks."""
    if indicator == "goal_index":
        change = struck - without
        spread = [float(values.std(ddof=1)) for values in (struck, without)]
        shown = [f"{signed(change.mean(), 1)} points", signed(change.min(), 1)]
        return [what, *shown, f"{spread[0]:.2f} instead of {spread[1]:.2f}"]
    change = 100.0 * (struck / without - 1.0)
    spread = [100.0 * float(v.std(ddof=1) / v.mean()) for v in (struck, without)]
    shown = [f"{signed(change.mean(), 1)} %", f"{signed(change.min(), 1)} %"]
    return [what, *shown, f"{spread[0]:.1f} % instead of {spread[1]:.1f}"]


def signed(value: float, digits: int) -> str:
    """Return a number with its sign; none where it is rounded away."""
    text = f"{abs(value):.{digits}f}"
    if not text.strip("0."):
        return text
    return ("−" if value < 0 else "+") + text


DATED = ("pandemic", "disaster-and-climate")


def dated_shocks() -> tuple[Sequence[str], Rows]:
    """Return what scenarios with dated shocks change by 2034, means of three seeds."""
    looks = (("gdp", "South"), ("gdp", "SIDS"), ("goal_index", "SIDS"))

    def look(scenario: str) -> Array:
        runs = [simulate(scenario, seed=seed, end=2034) for seed in (1, 2, 3)]
        return np.array([[run.value(*one, 2034) for one in looks] for run in runs])

    plain = look("baseline")
    rows = []
    for scenario in DATED:
        struck = look(scenario)
        share = 100.0 * (struck / plain - 1.0).mean(axis=0)
        points = float((struck - plain)[:, 2].mean())
        shown = [f"{signed(value, 1)} %" for value in share[:2]]
        rows.append([f"`{scenario}`", *shown, signed(points, 1)])
    head = "scenario against the baseline, mean of seeds 1 to 3"
    return (head, "GDP of the South 2034", "GDP of SIDS 2034", "Goal index of SIDS 2034"), rows


# ------------------------------------------------------------------------------------------ what lending is worth

LENT = ("no-southern-finance", "credit-to-the-poorest", "green-banks")


def lending() -> tuple[Sequence[str], Rows]:
    """Return what scenarios of lending change by 2034, means of three seeds."""
    looks = (("gdp", "South"), ("gdp", "LDC"), ("trade_within", "South"))

    def look(scenario: str) -> Array:
        runs = [simulate(scenario, seed=seed, end=2034) for seed in (1, 2, 3)]
        return np.array([[run.value(*one, 2034) for one in looks] for run in runs])

    plain = look("baseline")
    rows = []
    for scenario in LENT:
        change = 100.0 * (look(scenario) / plain - 1.0).mean(axis=0)
        rows.append([f"`{scenario}`", *(f"{signed(value, 2)} %" for value in change)])
    head = ("mean of seeds 1 to 3, 2034", "GDP of the South", "GDP of the least developed")
    return (*head, "trade within the South"), rows


CHINA, RECORD_YEAR, CHINA_SEEDS = ("CHN_POLICY", "CHN_STATE"), 2016, 9


def china() -> tuple[Sequence[str], Rows]:
    """Return what China's State lenders approve in the year of which there is a record, over seeds."""
    found = []
    for seed in range(1, CHINA_SEEDS + 1):
        lent = simulate("baseline", seed=seed, end=RECORD_YEAR).table("lenders")
        chosen = lent["lender"].isin(CHINA) & (lent["year"] == RECORD_YEAR)
        found.append(float(lent.loc[chosen, "approvals"].sum()))
    low, middle, high = (f"{value:.0f}" for value in np.quantile(found, [0.0, 0.5, 1.0]))
    head = (f"China's State lenders, approved in {RECORD_YEAR}, bn USD, seeds 1 to {CHINA_SEEDS}",)
    return (*head, "least", "median", "most"), [["", low, middle, high]]


# ------------------------------------------------------------------------------------------- what banks come to

BANK_DRAWS, UNDECIDED = 20, 3
"""Draws, and of how many lines it is asked what there would be without decisions."""

FIRST_YEARS = (2016, 2017, 2018)
APPROVED: tuple[tuple[str, str, int, int, str], ...] = (
    ("AIIB, mean 2018–2033", "AIIB", 2018, 2033, "10–15, the report"),
    ("NDB, mean 2016–2020", "NDB", 2016, 2020, "3.4, the report"),
    ("NDB, 2034", "NDB", 2034, 2034, "9, the report"),
    *((f"AIIB, {y}", "AIIB", y, y, f"{bank_paths.RECORD['AIIB', y]:g}") for y in FIRST_YEARS),
    *((f"NDB, {y}", "NDB", y, y, f"{bank_paths.RECORD['NDB', y]:g}") for y in FIRST_YEARS),
    ("IsDB, mean 2014–2018", "ISDB", 2014, 2018, "5 to 6, from memory"),
    ("CAF, mean 2014–2018", "CAF", 2014, 2018, "11 to 12"),
)
"""What is looked at, of which bank, from when to when, and what it is set beside."""


def banks() -> tuple[Sequence[str], Rows]:
    """Return approvals by draws of the posterior, a seed a draw, with and without decisions of governors."""
    found: dict[bool, list[list[float]]] = {True: [], False: []}
    for draw in range(BANK_DRAWS):
        for decide, scenario in ((True, "baseline"), (False, bank_paths.NO_DECISION)):
            run = simulate(
                scenario, seed=draw + 1, parameters=f"draw:{draw + 1}", off=bank_paths.OFF
            )
            approved = run.table("banks").pivot(index="year", columns="bank", values="approvals")
            found[decide].append(
                [float(approved.loc[a:b, bank].mean()) for _, bank, a, b, _ in APPROVED]
            )
    rows = []
    for k, (what, *_, beside) in enumerate(APPROVED):
        ends = {
            decide: np.quantile([one[k] for one in each], [0.05, 0.5, 0.95])
            for decide, each in found.items()
        }
        without = f"{ends[False][1]:.1f}" if k < UNDECIDED else ""
        rows.append([what, *(f"{value:.1f}" for value in ends[True]), without, beside])
    head = ("approvals, bn USD a year", "5 %", "50 %", "95 %")
    return (*head, "50 %, governors never decide", "report or record"), rows


# -------------------------------------------------------------------------------- where technology stands, and growth

POSITION = "capability_science_technology_innovation"


def positions() -> tuple[Sequence[str], Rows]:
    """Return mean positions relative to the frontier of technology, one seed."""
    world = load_world()
    names = ("no-cooperation", "baseline", "full-agenda")
    tables = [simulate(name, seed=1, end=2030).countries for name in names]
    rows = []
    for title, group in (("South", "South"), ("least developed", "LDC")):
        members = np.array(world.iso3)[group_members(world)[group]]

        def mean(table: DataFrame, year: int, members: Array = members) -> str:
            there = table["iso3"].isin(members) & (table["year"] == year)
            return f"{table.loc[there, POSITION].mean():.4f}"

        rows.append([title, mean(tables[0], 2013), *(mean(table, 2030) for table in tables)])
    return ("mean position", "2013", "2030, no-cooperation", "baseline", "full-agenda"), rows


def growth_alone() -> tuple[Sequence[str], Rows]:
    """Return growth by the part of the model that makes it, in means of five years."""
    world = load_world()
    path = growth_check.grow_alone(world, default_parameters(), 1).gdp
    south = world.membership("south_unctad_2014", 2014)
    rows = []
    for start in (2013, 2018, 2023, 2028):
        means = [
            f"{100 * growth_check.mean_growth(path, who, start - 2013):.1f}"
            for who in (south, ~south, np.ones_like(south))
        ]
        record = " (record)" if start == 2013 else ""
        rows.append([f"{start + 1}–{start + 5}{record}", *means])
    return ("", "South", "North", "world"), rows
