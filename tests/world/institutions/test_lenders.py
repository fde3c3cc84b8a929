"""Files of banks and lenders that ship, corridors, and one clear error for each mistake a user can make in one."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.resources import package_folder
from sscsim.world import load_world
from sscsim.world.institutions import (
    SECTORS_OF_LENDING,
    Bank,
    Lender,
    load_institutions,
    read_institution,
)
from sscsim.world.institutions.lenders import TROPICS, spread_opening

WORLD = load_world()
GROUPS = WORLD.groups()
LENDERS = load_institutions().of(Lender)
SHIPPED = package_folder() / "institutions" / "lenders"
ARAB_FUNDS = {"ADFD", "AFESD", "BADEA", "KFAED", "OFID", "SFD"}

LENDER = """\
code: XYZ_LINES
name: Lines of a country of tests
kind: credit_line
headquarters: ZAF
funders: {of: {ZAF: 1.0}, source: a test}
volume: {share: 0.001, source: a test}
receivers: {groups: [africa], but_not: [ZAF], source: a test}
focus: {weights: {LDC: 2.0}, source: a test}
line_size: {value: 0.1, source: a test}
terms:
  - {to: LDC, rate: 0.01, maturity: 20, grace: 5, source: a test}
  - {rate: 0.03, maturity: 15, grace: 3, source: a test}
tied: {value: 0.5, source: a test}
sectors: {shares: {energy: 0.5, water: 0.5}, renewable: 0.5, source: a test}
alliance: {name: Of tests, since: 2018, members: [tropics], sector: energy, factor: 2.0, renewable: 0.9, source: a test}
cancelled: {value: 0.1, source: a test}
disbursement: {years: 6, source: a test}
opening: {since: 2008, until: 2012, approved: 1.0, of: {ETH: 0.4}, source: a test}
"""


def written(folder: Path, old: str = "", new: str = "", name: str = "xyz") -> Path:
    assert old in LENDER
    path = folder / f"{name}.yaml"
    path.write_text(LENDER.replace(old, new, 1) if old else LENDER, encoding="utf-8")
    return path


# -------------------------------------------------------------------------------------------------- what ships


def test_lenders_that_the_report_names_ship() -> None:
    codes = {lender.code for lender in LENDERS}
    assert {"IND_EXIM", "CHN_POLICY", "CHN_STATE", "BRA_BNDES"} | ARAB_FUNDS == codes
    assert {lender.code for lender in LENDERS if lender.kind == "fund"} == ARAB_FUNDS
    assert {bank.code for bank in load_institutions().of(Bank)} >= {"AIIB", "NDB", "ISDB", "CAF"}


@pytest.mark.parametrize("lender", LENDERS, ids=lambda lender: str(lender.code))
def test_every_lender_can_lend(lender: Lender) -> None:
    assert set(lender.sectors.shares) <= set(SECTORS_OF_LENDING)
    assert lender.headquarters in WORLD.iso3
    assert 0.0 <= lender.tied.value <= 1.0
    assert all(terms.maturity > lender.disbursement.years for terms in lender.terms)
    # A figure from memory says so in words and in the flag that ensembles go by.
    text = next(
        p for p in SHIPPED.glob("*.yaml") if f"code: {lender.code}\n" in p.read_text("utf-8")
    )
    for entry in re.split(r"\n(?=[a-z_]+:)", text.read_text("utf-8")):
        if "from memory" in entry:
            assert re.search(r"confirmed: (false|\[)", entry), (
                f"{text.name}: {entry.splitlines()[0]}"
            )


def test_isdb_and_caf_bring_books_that_balance() -> None:
    banks = {bank.code: bank for bank in load_institutions().of(Bank)}
    isdb, caf = banks["ISDB"], banks["CAF"]
    assert len(isdb.members.of) == 57
    assert len(caf.members.of) == 19
    assert isdb.reverse_linkage is not None
    assert isdb.reverse_linkage.value == pytest.approx(0.125 / 5)
    for bank in (isdb, caf):
        opening = bank.opening_balance
        assert opening is not None
        assert opening.year == 2012
        paid = opening.paid_in + bank.capital.paid_in.value * sum(
            bank.capital.payments.by_year.values()
        )
        assert paid == pytest.approx(bank.capital.paid_in.value, rel=0.03)
        room = bank.limits.statutory.value * (
            bank.capital.subscribed.value + opening.reserves
            if bank.limits.statutory.base == "capital"
            else opening.paid_in + opening.reserves
        )
        assert opening.loans < room


def test_opening_lines_of_india_are_those_of_forty_african_partners() -> None:
    india = next(lender for lender in LENDERS if lender.code == "IND_EXIM")
    assert india.opening is not None
    africa = WORLD.membership("africa")
    opening = spread_opening(india, WORLD.iso3, np.full(WORLD.size, 1.0 / WORLD.size), 2003, 2012)
    assert opening.sum() == pytest.approx(india.opening.approved)
    assert 36 <= (opening.sum(axis=0)[africa] > 0).sum() <= 44
    # 12 lines of 6.11 bn in 2017-18 are a year's share; the mean of the years before is a small part of it.
    assert 0.4 < opening[:, africa].sum() / opening.sum() < 0.6


def test_what_a_file_does_not_name_is_spread_by_weight() -> None:
    weights = np.zeros(WORLD.size)
    weights[:2] = 0.5
    lender = LENDERS[0].model_copy(
        update={
            "opening": LENDERS[0].opening.model_copy(update={"approved": 10.0, "of": {"ETH": 0.4}})
        }  # type: ignore[union-attr]
    )
    opening = spread_opening(lender, WORLD.iso3, weights, 2000, 2012).sum(axis=0)
    assert opening[WORLD.iso3.index("ETH")] == pytest.approx(4.0)
    np.testing.assert_allclose(opening[:2], 3.0)
    assert (
        spread_opening(
            lender.model_copy(update={"opening": None}), WORLD.iso3, weights, 2000, 2012
        ).sum()
        == 0
    )


# ------------------------------------------------------------------------------------------------ a user's lender


def test_a_user_adds_or_replaces_a_lender_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "lenders").mkdir()
    written(tmp_path / "lenders")
    codes = [lender.code for lender in load_institutions(folder=tmp_path).of(Lender)]
    assert codes == sorted([*(lender.code for lender in LENDERS), "XYZ_LINES"])
    path = written(tmp_path / "lenders", "code: XYZ_LINES", "code: IND_EXIM", "mine")
    mine = load_institutions(folder=tmp_path).of(Lender)
    assert next(lender for lender in mine if lender.code == "IND_EXIM").headquarters == "ZAF"
    assert read_institution(Lender, path).alliance is not None
    assert load_institutions().of(Lender) == LENDERS, "and the next run without the folder has none"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("headquarters: ZAF", "headquarters: ZZF", 4, "headquarters", "no country of this name"),
        ("{ZAF: 1.0}", "{ZFA: 1.0}", 5, "funders.of.ZFA", "did you mean 'ZAF'"),
        ("{ZAF: 1.0}", "{ZAF: 0.8, NGA: 0.4}", 5, "funders.of", "above 100 %"),
        ("{ZAF: 1.0}", "{ZAF: 0.8}", 5, "funders.of", "not to 100 %"),
        ("share: 0.001", "share: 0.001, approvals: 2", 6, "volume", "either share or approvals"),
        ("volume: {share: 0.001, source: a test}\n", "", None, None, "'volume' is missing"),
        ("groups: [africa]", "groups: [afrika]", 7, "receivers.groups.0", "did you mean 'africa'"),
        ("{LDC: 2.0}", "{LDCS: 2.0}", 8, "focus.weights.LDCS", "did you mean 'LDC'"),
        ("{LDC: 2.0}", "{LDC: 0.0}", 8, "focus.weights.LDC", "0.001 to 1000"),
        ("value: 0.1, source", "value: 0, source", 9, "line_size.value", "1e-06 to 10000"),
        ("maturity: 20, grace: 5", "maturity: 20, grace: 20", 11, "terms.0.grace", "never repay"),
        ("- {rate", "- {to: SIDS, rate", 12, "terms.1.to", "must hold for everyone"),
        ("years: 6", "years: 15", 17, "disbursement.years", "must not mature after 15"),
        ("value: 0.5, source", "value: 1.5, source", 13, "tied.value", "0 to 1"),
        ("water: 0.5", "water: 0.7", 14, "sectors.shares", "above 100 %"),
        ("water: 0.5", "watre: 0.5", 14, None, "water"),
        ("sector: energy", "sector: urban", 15, "alliance.sector", "none of the lender's"),
        ("until: 2012", "until: 2014", 18, "opening.until", "before the base year"),
        ("of: {ETH: 0.4}", "of: {ETH: 0.9, KEN: 0.2}", 18, "opening.of", "above 100 %"),
        ("of: {ETH: 0.4}", "of: {ETT: 0.4}", 18, "opening.of.ETT", "no country"),
        ("tied:", "tide:", 13, "tide", "not known here"),
        ("value: 0.5, source: a test", "value: 0.5", 13, None, "'source' is missing"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, line: int | None, key: str | None, says: str
) -> None:
    path = written(tmp_path, old, new)
    with pytest.raises(InputError) as failure:
        read_institution(Lender, path)
    text = str(failure.value)
    assert str(path) in text
    assert says in text
    if line is not None:
        assert failure.value.line == line, text
    if key is not None:
        assert failure.value.key == key, text


def test_tropics_are_a_name_of_their_own() -> None:
    assert TROPICS not in GROUPS
