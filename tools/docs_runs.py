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

from benchmarks import prior_predictive, proportion
from sscsim.cli.printing import unit_of

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
