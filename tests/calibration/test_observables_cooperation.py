"""What a run shows for ¶83 and ¶107: sums by hand against observables, and what is missing is said to be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from sscsim.calibration import observables
from sscsim.calibration.observables import OBSERVABLES, NotInRun
from sscsim.calibration.targets import compare, load_targets
from sscsim.model import simulate
from sscsim.results import Run
from sscsim.results.tables import RowTable
from sscsim.world import load_world
from sscsim.world.institutions import Bank, Lender, load_institutions

ARAB = "Arab States"
YEAR = 2017


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(seed=3, end=2018)


def observed(run: Run, name: str, year: int = YEAR, of: str | None = ARAB) -> float:
    return OBSERVABLES[name].observe(run, year, of)


def arab() -> set[str]:
    countries = load_world().countries
    return set(np.array(load_world().iso3)[(countries["report_region"] == ARAB).to_numpy()])


def funds() -> set[str]:
    """Codes of the institutions that Arab States alone own, from the files."""
    load_world()
    return {f.code for f in load_institutions().of(Lender) if set(f.funders.of) <= arab()} | {
        bank.code for bank in load_institutions().of(Bank) if set(bank.members.of) <= arab()
    }


def takers(row: pd.Series) -> set[str]:
    if row["modality"] == "regional":
        return set(row["parties"].split()) - {row["provider"]}
    return {row["receiver"]}


def projects_by_hand(run: Run) -> tuple[float, float]:
    rows = run.projects[(run.projects["start"] == YEAR) & run.projects["provider"].isin(arab())]
    cost = (rows["cost"] - rows["third_party_cost"]) / 1e3
    part = [len(takers(row) & arab()) / len(takers(row)) for _, row in rows.iterrows()]
    return cost.sum(), (cost * part).sum()


def loans_by_hand(run: Run) -> tuple[float, float]:
    loans = run.loans[(run.loans["year_approved"] == YEAR) & run.loans["lender"].isin(funds())]
    return loans["amount"].sum(), loans.loc[loans["receiver"].isin(arab()), "amount"].sum()


# ------------------------------------------------------------------------------------------- who is Arab


def test_the_region_of_the_report_is_the_league() -> None:
    world = load_world()
    assert arab() == set(np.array(world.iso3)[world.membership("LAS", YEAR)])


def test_arab_funds_are_those_of_arab_states_alone() -> None:
    assert funds() >= {"AFESD", "BADEA", "KFAED", "SFD"}
    # Shared with other members: Indonesia, Iran, Türkiye, Nigeria … and Venezuela, Ecuador …
    assert not funds() & {"ISDB", "OFID"}


def test_parts_of_capital_are_the_files() -> None:
    members = frozenset(arab())
    assert observables._owned("KFAED", members) == 1.0
    assert observables._owned("IND_EXIM", members) == 0.0
    assert 0.5 < observables._owned("OFID", members) < 0.7
    assert 0.5 < observables._owned("ISDB", members) < 0.75


def test_an_institution_of_the_users_own_belongs_to_the_country_of_its_code() -> None:
    members = frozenset(arab())
    assert observables._owned("QAT_FUND", members) == 1.0
    assert observables._owned("CHL_FUND", members) == 0.0
    with pytest.raises(NotInRun, match="who owns MYBANK"):
        observables._owned("MYBANK", members)


# --------------------------------------------------------------------------------------- shares by hand (¶107)


def test_the_share_is_what_goes_to_arab_countries_of_loans_and_projects(run: Run) -> None:
    total, inside = np.add(projects_by_hand(run), loans_by_hand(run))
    assert observed(run, "cooperation_committed") == pytest.approx(total)
    assert observed(run, "intra_group_cooperation_share") == pytest.approx(inside / total)
    assert 0.0 < inside < total


def test_projects_alone(run: Run) -> None:
    total, inside = projects_by_hand(run)
    assert observed(run, "intra_group_project_share") == pytest.approx(inside / total)


def test_by_capital_every_institution_counts_in_part(run: Run) -> None:
    total, inside = projects_by_hand(run)
    _world, members = load_world(), frozenset(arab())
    shares = {f.code: f.funders.of for f in load_institutions().of(Lender)}
    shares |= {
        b.code: {i: m.share for i, m in b.members.of.items()} for b in load_institutions().of(Bank)
    }
    for _, loan in run.loans[run.loans["year_approved"] == YEAR].iterrows():
        owners = shares[loan["lender"]]
        part = sum(s for c, s in owners.items() if c in members) / sum(owners.values())
        total += part * loan["amount"]
        inside += part * loan["amount"] * (loan["receiver"] in members)
    share = observed(run, "intra_group_cooperation_share_by_capital")
    assert share == pytest.approx(inside / total)
    # The IsDB lends mostly outside the region, so that it must come out lower.
    assert share < observed(run, "intra_group_cooperation_share")


def test_a_group_of_everybody_keeps_all_to_itself(run: Run) -> None:
    for name in ("intra_group_cooperation_share", "intra_group_cooperation_share_by_capital"):
        assert observed(run, name, of=None) == observed(run, name, of="World") == pytest.approx(1.0)


def with_table(run: Run, name: str, change: Callable[[RowTable], RowTable]) -> Run:
    table = run.tables[name]
    assert isinstance(table, RowTable)
    return Run(run.manifest, run.tables | {name: change(table)})


def test_regional_projects_are_split_over_those_who_take_part(run: Run) -> None:
    def three_parties(table: RowTable) -> RowTable:
        first = np.flatnonzero(table.columns["parties"] >= 0)[:1]
        columns = {n: v[first].copy() for n, v in table.columns.items()}
        iso3 = table.texts["provider"]
        columns |= {
            "provider": np.array([iso3.index("EGY")]),
            "parties": np.array([0]),
            "start": np.array([YEAR]),
            "cost": np.array([5.0]),
            "third_party_cost": np.array([2.0]),
        }
        return RowTable(table.name, columns, {**table.texts, "parties": ("EGY JOR KEN",)})

    alone = with_table(run, "projects", three_parties)
    total, inside = observables._projects_given(alone, YEAR, ARAB)
    assert (total, inside) == pytest.approx((0.003, 0.0015))


def test_nobody_gives_nothing(run: Run) -> None:
    ended = simulate("no-cooperation", seed=1, end=2014)
    for name in ("intra_group_cooperation_share", "intra_group_project_share"):
        with pytest.raises(NotInRun, match="Arab States gave nothing in 2014"):
            observed(ended, name, 2014)
        with pytest.raises(NotInRun, match="2030"):
            observed(run, name, 2030)


def test_the_row_is_judged(run: Run) -> None:
    (row,) = (t for t in load_targets() if t.id == "arab_intra_share")
    assert row.simulated
    (item,) = compare(run, [row])
    assert item.observed == observed(run, "intra_group_cooperation_share")
    assert item.judged
    assert [s.unit for s in item.beside] == ["fraction", "fraction", "bn USD"]


# ------------------------------------------------------------------------------------- reverse linkage (¶83)


def test_reverse_linkage_by_hand(run: Run) -> None:
    mine = run.projects[run.projects["modality"] == "reverse linkage"]
    begun = mine[mine["start"].between(2013, 2018)]
    under_way = mine[(mine["start"] <= 2018) & (mine["end"] >= 2018)]
    assert observed(run, "reverse_linkage_begun", 2018, None) == len(begun) > 0
    assert observed(run, "reverse_linkage_under_way", 2018, None) == len(under_way)
    money = observed(run, "reverse_linkage_bank_money", 2018, None)
    whole = observed(run, "reverse_linkage_cost", 2018, None)
    assert money == pytest.approx(begun["third_party_cost"].sum())
    assert whole == pytest.approx(begun["cost"].sum())
    assert 0.0 < money < whole


def test_no_more_is_spent_than_set_aside(run: Run) -> None:
    banks = run.banks
    aside = observed(run, "reverse_linkage_set_aside", 2018, None)
    assert aside == pytest.approx(1e3 * banks.loc[banks["year"] <= 2018, "reverse_linkage"].sum())
    assert observed(run, "reverse_linkage_set_aside", 2014, None) < aside
    # A project's worth may be left from the year before.
    a_project = observed(run, "reverse_linkage_bank_money", 2018, None) / observed(
        run, "reverse_linkage_begun", 2018, None
    )
    assert observed(run, "reverse_linkage_bank_money", 2018, None) <= aside + a_project


@pytest.mark.parametrize("name", [n for n in OBSERVABLES if n.startswith("reverse_linkage")])
def test_a_year_beyond_the_run_is_said(run: Run, name: str) -> None:
    with pytest.raises(NotInRun, match="no 2030"):
        observed(run, name, 2030, None)
