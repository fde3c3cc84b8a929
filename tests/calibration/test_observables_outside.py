"""What facts from outside the report are compared with: ratios, shares, sums and counts of a run."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.calibration.observables import OBSERVABLES, NotInRun
from sscsim.model import simulate
from sscsim.results import Run
from sscsim.world import load_world


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate("baseline", seed=1, end=2016)


def observed(run: Run, name: str, when: int | tuple[int, int], of: str | None) -> float:
    return OBSERVABLES[name].observe(run, when, of)


@pytest.mark.parametrize(
    ("name", "indicator"),
    [
        ("exports_since_base", "exports"),
        ("imports_since_base", "imports"),
        ("remittances_since_base", "remittances_received"),
        ("oda_since_base", "oda_received"),
        ("poverty_since_base", "poverty_headcount"),
    ],
)
@pytest.mark.parametrize("of", ["World", "LDC", None])
def test_ratios_are_over_the_base_year(run: Run, name: str, indicator: str, of: str | None) -> None:
    group = of or "World"
    expected = run.value(indicator, group, 2016) / run.value(indicator, group, 2013)
    assert observed(run, name, 2016, of) == pytest.approx(expected, rel=1e-9)
    assert observed(run, name, 2013, of) == 1.0


def test_a_group_without_the_indicator_is_summed_over_its_members(run: Run) -> None:
    world = load_world()
    members = np.array(world.iso3)[world.membership("SAARC", 2016)].tolist()
    table = run.countries.reset_index()
    table = table[table["iso3"].isin(members)].groupby("year")["remittances_received"].sum()
    assert observed(run, "remittances_since_base", 2016, "SAARC") == pytest.approx(
        table[2016] / table[2013], rel=1e-9
    )
    assert len(members) == 8


def test_an_economy_that_got_nothing_has_no_ratio(run: Run) -> None:
    with pytest.raises(NotInRun, match="nothing in 2013"):
        observed(run, "oda_since_base", 2016, "USA")


def test_shares(run: Run) -> None:
    iso3 = load_world().iso3
    shares = [observed(run, "export_share", 2016, code) for code in iso3]
    assert sum(shares) == pytest.approx(1.0)
    assert observed(run, "export_share", 2016, "CHN") == max(shares)
    assert observed(run, "export_share", 2016, "BRICS") == pytest.approx(
        sum(shares[iso3.index(code)] for code in ("BRA", "RUS", "IND", "CHN", "ZAF"))
    )
    inside = observed(run, "intra_export_share", 2016, "ASEAN")
    assert inside == run.value("trade_within", "ASEAN", 2016) / run.value("exports", "ASEAN", 2016)
    assert observed(run, "intra_export_share", 2016, "World") == pytest.approx(1.0)


def test_flows_of_a_group_and_of_an_economy(run: Run) -> None:
    assert observed(run, "fdi_outflow", 2016, "South") == run.value("fdi_outflow", "South", 2016)
    table = run.countries.reset_index()
    row = table[(table["iso3"] == "CHN") & (table["year"] == 2016)]
    assert observed(run, "fdi_outflow", 2016, "CHN") == row["fdi_outflow"].item()
    assert observed(run, "gdp_growth", 2016, "SAARC") == run.value("gdp_growth", "SAARC", 2016)


def test_the_rise_of_the_index_is_a_mean_a_year(run: Run) -> None:
    index = {year: run.value("goal_index", "World", year) for year in (2013, 2015, 2016)}
    assert observed(run, "goal_index_rise", (2013, 2016), "World") == pytest.approx(
        (index[2016] - index[2013]) / 3
    )
    last = index[2016] - index[2015]
    assert observed(run, "goal_index_rise", 2016, "World") == pytest.approx(last)
    assert observed(run, "goal_index_rise", (2016, 2016), "World") == pytest.approx(last)


def test_banks_are_summed_up_to_a_year(run: Run) -> None:
    banks = run.banks.reset_index()
    caf = banks[(banks["bank"] == "CAF") & (banks["year"] <= 2015)]
    assert observed(run, "bank_approved", 2015, "CAF") == pytest.approx(caf["approvals"].sum())
    assert observed(run, "bank_disbursed", 2015, "CAF") == pytest.approx(caf["disbursements"].sum())
    loans = run.loans.reset_index()
    mine = loans[(loans["lender"] == "CAF") & loans["year_approved"].between(2013, 2015)]
    assert observed(run, "bank_projects", 2015, "CAF") == len(mine) > 0
    assert observed(run, "bank_projects", 2016, "CAF") > len(mine)


def test_partners_of_lines_are_counted_once(run: Run) -> None:
    loans = run.loans.reset_index()
    lines = loans[(loans["lender"] == "IND_EXIM") & (loans["kind"] == "credit_line")]
    partners = lines[(lines["year_approved"] <= 2016) & (lines["amount"] > 0)]["receiver"].nunique()
    assert observed(run, "credit_line_partners", 2016, "IND") == partners
    assert partners >= observed(run, "credit_line_partners_in_africa", 2016, "IND")


@pytest.mark.parametrize(
    ("name", "when", "of"),
    [
        ("exports_since_base", 2019, "World"),
        ("exports_since_base", 2016, "Atlantis"),
        ("remittances_since_base", 2019, "SAARC"),
        ("bank_approved", 2016, "WORLD_BANK"),
        ("bank_projects", 2019, "CAF"),
        ("credit_line_partners", 2019, "IND"),
        ("credit_line_partners", 2016, "FRA"),
        ("goal_index_rise", 2013, "World"),
    ],
)
def test_what_a_run_does_not_hold_is_said(run: Run, name: str, when: int, of: str) -> None:
    with pytest.raises(NotInRun):
        observed(run, name, when, of)
