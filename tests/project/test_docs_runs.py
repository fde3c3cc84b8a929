"""Tables read off runs: how their lines are made, and what pages say of them in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.prior_predictive import Figure
from sscsim.calibration.observing import checks_of
from sscsim.calibration.targets import load_targets
from tools import docs_runs
from tools.docs_tables import BLOCK, document


def lines(page: str, name: str) -> list[list[str]]:
    """Return the lines of a page's table, without its head."""
    (text,) = (
        block["text"]
        for block in BLOCK.finditer(document(page).read_text("utf-8"))
        if block["name"] == name
    )
    found = [line for line in text.splitlines() if line.startswith("|")]
    return [docs_runs._cells(line) for line in found[2:]]


# ------------------------------------------------------------------------------------------------- what pages say


def test_proportions_are_what_the_page_says_of_them() -> None:
    rows = lines("proportion", "in-proportion")
    at = [float(row[1].split()[1]) for row in rows]
    change, dollar = ([float(row[k]) for row in rows] for k in (2, 4))
    assert 8 < dollar[1] < 87, "exports within what is published"
    assert 2 < dollar[4] / 17 / 0.16 < 4, "output three times what is published"
    assert 0 < change[7] < 0.1, "Goals: less than a year's move"
    for low, middle, high, wanted in ((0, 1, 2, (0.5, 1.0)), (3, 4, 5, (0.0, 0.5))):
        slope = (change[high] - change[low]) / (at[high] - at[low])
        share = slope * at[middle] / change[middle]
        assert wanted[0] < share < wanted[1], "most by ties, less than half by learning"
        assert change[low] < 0 < 2 * change[middle] < change[high]


def test_effects_of_cooperation_are_what_the_page_says_of_them() -> None:
    rows = {row[0]: row[1:] for row in lines("cooperation-effects", "cooperation-effects")}

    def share(what: str) -> float:
        without, effect = (
            float(cell.replace(",", "").replace("−", "-")) for cell in rows[what][:2]
        )
        return effect / without

    assert 0.35 < share("projects on record 2021, one method") < 0.45, "two fifths"
    assert 0.4 < share("projects on record 2030, one method") < 0.5, "nearly a half"
    assert 0.0 < share("projects in truth 2030, one method") < 0.001, (
        "less than a tenth of a per cent"
    )
    low, high = rows["projects in truth 2030, one method"][2].replace("−", "-").split(" to ")
    assert float(low) < 0.0 < float(high), "within the noise of single pairs"
    taken = float(rows["success, many more actors"][1].replace("−", "-"))
    assert -0.0045 < taken < -0.003, "some four in a thousand"


def test_positions_are_what_the_page_says_of_them() -> None:
    for _, first, without, baseline, full in lines("knowledge", "positions"):
        fell = float(first) - float(without)
        assert 0.115 < fell / float(first) < 0.18, "an eighth to a sixth"
        for better in (baseline, full):
            assert abs(float(better) - float(without)) < 0.02 * fell, "next to nothing"


def test_lenders_are_what_the_page_says_of_them() -> None:
    ((_, _, middle, most),) = lines("credit-lines", "china")
    assert float(middle) < 110 < float(most) < 141
    worth = {row[0].strip("`"): row[1:] for row in lines("credit-lines", "lending")}
    assert all(cell.startswith("−") for cell in worth["no-southern-finance"])


def test_banks_are_what_the_page_says_of_them() -> None:
    rows = {row[0]: row[1:] for row in lines("banks", "bank-approvals")}
    aiib = rows["AIIB, mean 2018–2033"]
    assert 10.0 < float(aiib[1]) < 15.0, "what the report says"
    assert float(aiib[3]) < 10.0, "cannot hold ten without a decision"
    for year in (2017, 2018):
        assert 1.5 < float(rows[f"AIIB, {year}"][1]) / float(rows[f"AIIB, {year}"][4]) < 2.5
    for year in (2016, 2017):
        assert 0.7 < float(rows[f"NDB, {year}"][1]) / float(rows[f"NDB, {year}"][4]) < 1.4
    assert float(rows["NDB, 2018"][2]) < float(rows["NDB, 2018"][4]), "but for 2018"
    assert float(rows["IsDB, mean 2014–2018"][2]) < 5
    assert float(rows["CAF, mean 2014–2018"][2]) < 11


def test_what_is_rounded_away_has_no_sign() -> None:
    assert [docs_runs.signed(v, 2) for v in (-0.004, 0.004, -0.006)] == ["0.00", "0.00", "−0.01"]


# ------------------------------------------------------------------------------------------------- how lines are made


def test_what_the_tests_print_is_read() -> None:
    said = """
.
---- Captured stdout call ----
| success, contexts alike | 0.7270 | +0.0236 | +0.0211 to +0.0270 | +0.0231 to +0.0242 |
Seen from 2019 on, done from 2020 on.
| projects in truth 2030, one method | 4410 | -5.5 | -7 to +1.2e+03 | -2.7 to +6.1 |
| another | table |
3 passed
"""
    assert docs_runs.printed_effects(said) == [
        [
            "success, contexts alike",
            "0.7270",
            "+0.0236",
            "+0.0211 to +0.0270",
            "+0.0231 to +0.0242",
        ],
        ["projects in truth 2030, one method", "4410", "−5.5", "−7 to +1,200", "−2.7 to +6.1"],
    ]


@pytest.mark.parametrize(
    ("value", "found"), [(0.04756, "0.0476"), (1475.2, "1,480"), (-0.02, "−0.02"), (5.0, "5")]
)
def test_three_digits_are_shown(value: float, found: str) -> None:
    assert docs_runs.short(value) == found


@pytest.mark.parametrize(
    ("factor", "found"),
    [(1.732, "1.7"), (78_431.0, "78,000"), (3e7, "above a million"), (np.inf, "above a million")],
)
def test_a_factor_of_few_draws_has_two_digits(factor: float, found: str) -> None:
    assert docs_runs.times(factor) == found


def test_what_shocks_do_is_in_per_cent_and_of_goals_in_points() -> None:
    without, struck = np.array([100.0, 104.0, 96.0]), np.array([99.0, 98.8, 96.0])
    row = docs_runs.shock_row("GDP", "gdp", without, struck)
    assert row == ["GDP", "−2.0 %", "−5.0 %", "1.7 % instead of 4.0"]
    row = docs_runs.shock_row("Goals", "goal_index", without, struck)
    assert row == ["Goals", "−2.1 points", "−5.2", "1.68 instead of 4.00"]


def test_a_figure_lies_in_the_interval_or_not() -> None:
    simulated = [t for t in load_targets() if t.simulated]
    two, one = (
        next(c for c in checks_of(simulated) if c.check.within.kind == kind)
        for kind in ("interval", "one_sided")
    )
    value = two.check.value
    assert Figure(two, (0.9 * value, value, 1.1 * value)).inside
    assert not Figure(two, (1.01 * value, 1.05 * value, 1.1 * value)).inside
    low = one.limits[0]
    assert Figure(one, (low - 2.0, low, low + 2.0)).inside
    assert not Figure(one, (low - 2.0, low - 1.5, low - 1.0)).inside
    share = next(c for c in checks_of(simulated) if c.unit == "fraction")
    assert docs_runs.reach_row(Figure(share, (0.1, 0.2, 0.3)))[-3:] == ["10", "20", "30"]
    line = docs_runs.reach_row(Figure(two, (1.0, 2.0, 3.0)))
    assert line[-3:] == ["1", "2", "3"]
    assert len(line) == len(docs_runs.REACH_HEAD)
    assert docs_runs.reach_row(Figure(one, (1.0, 2.0, 3.0)))[3].startswith("at least ")
    renamed = replace(two, target=two.target.model_copy(update={"role": "check"}))
    assert docs_runs.reach_row(Figure(renamed, (1.0, 2.0, 3.0)))[2] == "check"
