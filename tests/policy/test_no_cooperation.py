"""In the scenario without cooperation every channel is off, whatever levers are still to come."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.model import simulate
from sscsim.policy import lever_table, load_scenario
from sscsim.results import Run
from sscsim.world.loading import load_world

SINCE = 2014

NOT_COOPERATION = {"trade", "investment", "north", "shocks"}
"""Groups of levers that move markets, aid of the North, and events."""

NOTHING_LEFT_TO_MOVE = {
    "practices": "writes up projects, of which none begins",
    "frontier": "paces what projects teach",
    "third_party_cost": "is paid by who joins a project",
    "bank_capital": "backs loans, of which none is proposed",
    "bank_ramp_up": "the same",
    "bank_statutory_limit": "the same",
    "bank_membership": "the same",
    "bank_governors": "the same",
    "bank_lending": "the same",
    "bank_cancellations": "gives up what is approved",
}
"""Levers of cooperation that stay at their default, which is not zero, and why they may."""


def test_every_lever_of_cooperation_is_off_or_has_nothing_left_to_move() -> None:
    levers = load_scenario("no-cooperation").levers
    for name, lever in lever_table().items():
        if lever.group in NOT_COOPERATION:
            assert name not in levers, f"{name} is no channel of cooperation"
        elif name in levers:
            (setting,) = levers[name]
            assert (setting.first, setting.last, setting.where) == (SINCE, None, None)
            assert setting.value == 0.0
        else:
            assert lever.default == 0.0 or name in NOTHING_LEFT_TO_MOVE, (
                f"{name} is on in the scenario without cooperation"
            )


@pytest.fixture(scope="module")
def without() -> Run:
    return simulate("no-cooperation", seed=2, end=2018)


def test_nothing_is_begun_granted_or_lent(without: Run) -> None:
    assert (without.projects["start"] < SINCE).all()
    assert (without.loans["year_approved"] < SINCE).all()
    banks, lenders = (table[table["year"] >= SINCE] for table in (without.banks, without.lenders))
    assert banks["approvals"].sum() == banks["reverse_linkage"].sum() == 0.0
    assert lenders["approvals"].sum() == 0.0
    # What was lent before goes on.
    assert banks["disbursements"].sum() > 0.0
    assert lenders["disbursements"].sum() > 0.0


def test_the_baseline_does_all_of_it() -> None:
    run = simulate("baseline", seed=2, end=2016)
    assert (run.projects["start"] >= SINCE).any()
    assert set(run.loans.loc[run.loans["year_approved"] >= SINCE, "kind"]) == {
        "loan",
        "credit_line",
    }
    assert run.banks["reverse_linkage"].sum() > 0.0


def test_markets_go_on(without: Run) -> None:
    south = load_world().membership("south_unctad_2014")
    within = np.ix_(south, south)
    assert without.value("trade_within", group="South", year=2018) > 0.9 * without.value(
        "trade_within", group="South", year=2013
    )
    assert without.fdi(2018).to_numpy()[within].sum() > 0.0
