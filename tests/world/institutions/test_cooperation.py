"""Partners, bodies, funds and centres as files: those that ship, one of a user, what is refused with line and key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.resources import package_folder
from sscsim.world.institutions import (
    Body,
    Centre,
    Fund,
    Partner,
    Training,
    kinds,
    load_institutions,
    read_institution,
)
from sscsim.world.institutions.bodies import (
    coordination_by_bodies,
    lay_programmes,
    reports_at_opening,
    reports_by_bodies,
    training_years,
)
from sscsim.world.institutions.centres import lay_centres
from sscsim.world.institutions.funds import lay_funds
from sscsim.world.institutions.laying import domain_weights, place_weights
from sscsim.world.institutions.partners import lay_money
from sscsim.world.institutions.schema import Domains, Places, Yearly
from sscsim.world.loading import load_world
from sscsim.world.state import DOMAINS

WORLD = load_world()
FILES = load_institutions()
DOCUMENT = package_folder().parent / "docs" / "institutions.md"

PARTNER = """code: QAT
name: Qatar Fund for Development
kind: southern
country: QAT
since: 2014
budget: {source: "Annual report 2016", by_year: {2014: 0.002, 2016: 0.005}}
project_money: {value: 0.0005, source: "Annual report 2016"}
places: {source: "Annual report 2016", weights: {LAS: 1.0, SOM: 1.5}, elsewhere: 0.2}
domains: {source: "Annual report 2016", weights: {health: 1.0}, others: 0.3}
"""
BODY = """code: ECO
name: Economic Cooperation Organization
group: SAARC
coordination: {value: 0.1, source: "Judgement"}
reporting: {source: "Its report", since: 2020, rate: 0.3, method: 0.1}
programme: {source: "Its report", initiatives: 2, domains: {infrastructure: 1.0}}
"""
FUND = """code: BRICS-F
name: A fund of five
contributors: [BRA, CHN]
grants: {source: "Its charter", by_year: {2016: 0.01}}
project_money: {value: 0.001, source: "Its charter"}
places: {source: "Its charter", weights: {LDC: 1.0}, elsewhere: 0.0}
"""
CENTRE = """code: QNL
name: A centre in Doha
host: QAT
since: 2012
domains: [health, climate]
size: 0.5
source: "Its statute"
"""
KINDS = {
    "partners": (Partner, PARTNER),
    "bodies": (Body, BODY),
    "funds": (Fund, FUND),
    "centres": (Centre, CENTRE),
}


# ---------------------------------------------------------------------------------------------- the files that ship


def test_the_report_s_partners_bodies_and_funds_are_there() -> None:
    partners = {p.code: p for p in FILES.of(Partner)}
    for code in ("JPN", "DEU", "ESP", "NOR", "CAN", "EU", "KOR", "OECD", "ISDB-RL", "UNDP"):
        assert partners[code].counts_in_report
    for code in ("BRA", "MEX", "CHL"):
        assert not partners[code].counts_in_report, "a Southern facilitator is flagged apart"
    bodies = {b.code: b for b in FILES.of(Body)}
    assert bodies["SEGIB"].reporting is not None
    assert bodies["SEGIB"].reporting.since == 2007
    assert bodies["AUDA-NEPAD"].reporting is not None
    assert bodies["AUDA-NEPAD"].reporting.since == 2018
    assert [d.decided for d in bodies["UN-SYSTEM"].support] == [2016]
    assert {f.code for f in FILES.of(Fund)} == {"ALATF", "IBSA", "INDIA-UN", "PGTF", "UNFSSC"}


def test_codes_are_in_order_and_every_figure_has_a_source() -> None:
    for kind in kinds():
        codes = [item.code for item in FILES.of(kind.model)]
        assert codes == sorted(codes)
    for partner in FILES.of(Partner):
        if partner.bank is not None:
            assert partner.bank == "ISDB"
            continue
        assert partner.budget is not None
        assert len(partner.budget.source) > 10
        assert partner.budget.at(2018) > 0


def test_an_amount_holds_until_the_next_one() -> None:
    yearly = Yearly(source="A source", by_year={2015: 1.0, 2018: 3.0})
    assert [yearly.at(y) for y in (2014, 2015, 2017, 2018, 2030)] == [0.0, 1.0, 1.0, 3.0, 3.0]


def test_the_training_counts_up_to_its_countries_and_stays_there() -> None:
    training = Training(source="A source", first=2012, last=2016, countries=55)
    assert [training.by(y) for y in range(2011, 2019)] == [0, 11, 22, 33, 44, 55, 55, 55]


def test_weights_are_the_largest_of_a_countrys_groups() -> None:
    places = Places(source="A source", weights={"LDC": 0.5, "SIDS": 1.0, "ETH": 0.7}, elsewhere=0.1)
    weights = place_weights(places, WORLD)
    for code, wanted in {"KIR": 1.0, "NER": 0.5, "ETH": 0.7, "USA": 0.1}.items():
        assert weights[WORLD.position(code)] == wanted, code


def test_domains_not_named_take_the_others_weight() -> None:
    weights = domain_weights(Domains(source="A source", weights={"health": 2.0}, others=0.5))
    assert weights[DOMAINS.index("health")] == 2.0
    assert np.count_nonzero(weights == 0.5) == len(DOMAINS) - 1
    assert (domain_weights(None) == 1.0).all()


def test_a_partner_whose_bank_is_not_in_the_world_has_no_money() -> None:
    partners = FILES.of(Partner)
    place = [p.code for p in partners].index("ISDB-RL")
    with_it = lay_money(partners, 2018, ["AIIB", "ISDB"]).projects(np.array([9.0, 0.0833]))
    without = lay_money(partners, 2018, ["AIIB"]).projects(np.array([9.0]))
    assert with_it[place] == pytest.approx(10.0)
    assert without[place] == 0.0
    np.testing.assert_array_equal(np.delete(with_it, place), np.delete(without, place))


@pytest.mark.parametrize("year", [2006, 2013, 2018, 2034])
def test_partners_plan_what_their_files_say(year: int) -> None:
    partners, banks = FILES.of(Partner), ["ISDB", "AIIB"]
    set_aside = np.array([0.0833, 9.0])
    found = lay_money(partners, year, banks).projects(set_aside)
    for partner, projects in zip(partners, found.tolist(), strict=True):
        money = 0.0
        if partner.since <= year and partner.budget is not None:
            money = partner.budget.at(max(year, 2013))  # years before the base year are as it is
        elif partner.since <= year and partner.bank in banks:
            money = set_aside[banks.index(partner.bank)]
        assert projects == money / partner.project_money.value, partner.code


def test_a_years_plan_of_partners_is_laid_out_once_and_not_written_into() -> None:
    plan = lay_money(FILES.of(Partner), 2018, ["ISDB"])
    first = plan.projects(np.array([0.1]))
    twice = plan.projects(np.array([0.2]))
    of_bank = np.isin(np.arange(len(first)), plan.partner)
    assert of_bank.any()
    np.testing.assert_array_equal(twice[of_bank], 2.0 * first[of_bank])
    np.testing.assert_array_equal(twice[~of_bank], first[~of_bank])
    np.testing.assert_array_equal(plan.projects(np.array([0.1])), first)


def test_nobody_outside_the_south_is_laid_into_bodies_and_funds() -> None:
    among = WORLD.membership("LDC")
    bodies, funds = FILES.of(Body), FILES.of(Fund)
    for laid in (
        lay_programmes(bodies, WORLD, among).member,
        lay_funds(funds, WORLD, among).weights,
        coordination_by_bodies(bodies, WORLD, 2018, among),
        *reports_by_bodies(bodies, WORLD, 2018, among),
        *reports_at_opening(bodies, WORLD, 2013, among),
        training_years(bodies, WORLD, among),
    ):
        assert not laid[..., ~among].any()
    assert lay_funds(funds, WORLD, among).purposes.sum(axis=1) == pytest.approx(1.0)


def test_centres_teach_from_their_first_year_on_in_equal_parts() -> None:
    centre = FILES.of(Centre)[0]
    laid = lay_centres([centre], WORLD, centre.since)
    assert laid.sum() == pytest.approx(centre.size)
    assert set(laid[WORLD.position(centre.host)]) == {0.0, centre.size / len(centre.domains)}
    assert not lay_centres([centre], WORLD, centre.since - 1).any()


# ------------------------------------------------------------------------------------------------- a user's own file


def write(folder: Path, kind: str, text: str, name: str = "mine") -> Path:
    (folder / kind).mkdir(exist_ok=True)
    path = folder / kind / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_user_adds_one_of_each_with_a_file_and_no_code(tmp_path) -> None:
    for kind, (_, text) in KINDS.items():
        write(tmp_path, kind, text)
    files = load_institutions(folder=tmp_path)
    for model, _ in KINDS.values():
        assert len(files.of(model)) == len(FILES.of(model)) + 1
    assert load_institutions() == FILES, "and the next run without the folder has none"


def test_a_users_file_replaces_the_one_of_its_code(tmp_path) -> None:
    write(tmp_path, "funds", FUND.replace("BRICS-F", "IBSA"))
    files = load_institutions(folder=tmp_path)
    assert [f.code for f in files.of(Fund)] == [f.code for f in FILES.of(Fund)]
    assert next(f for f in files.of(Fund) if f.code == "IBSA").name == "A fund of five"


def test_a_file_that_is_edited_is_read_again(tmp_path) -> None:
    import os

    path = write(tmp_path, "funds", FUND)
    load_institutions(folder=tmp_path)
    path.write_text(FUND.replace("0.01}", "0.02}"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    fund = next(f for f in load_institutions(folder=tmp_path).of(Fund) if f.code == "BRICS-F")
    assert fund.grants.at(2016) == 0.02


def test_the_example_of_the_documentation_is_a_file_that_works(tmp_path) -> None:
    blocks = DOCUMENT.read_text(encoding="utf-8").split("```yaml\n")[1:]
    examples = [block.split("```")[0] for block in blocks]
    assert len(examples) == 4
    for kind, text in zip(KINDS, examples, strict=True):
        write(tmp_path, kind, text)
    files = load_institutions(folder=tmp_path)
    for model, _ in KINDS.values():
        assert len(files.of(model)) == len(FILES.of(model)) + 1


# ---------------------------------------------------------------------------------------------------- what is refused

REFUSED = [
    ("partners", "country: QAT", "country: QTA", 4, "country", None),
    ("partners", "country: QAT\n", "", 1, None, None),
    ("partners", "LAS: 1.0", "LSA: 1.0", 8, "places.weights.LSA", None),
    ("partners", "health: 1.0", "helth: 1.0", 9, "domains.weights", None),
    ("partners", "2014: 0.002", "2014: -0.002", 6, "budget", None),
    ("partners", "value: 0.0005", "value: 0.0", None, None, None),
    ("partners", 'budget: {source: "Annual report 2016", ', "budget: {", 6, "budget", None),
    ("partners", "kind: southern", "kind: northern", 3, "kind", None),
    ("partners", "since: 2014", "sine: 2014", 5, "sine", "since"),
    ("partners", "elsewhere: 0.2", "elsewhere: -0.2", 8, "places.elsewhere", None),
    ("bodies", "group: SAARC", "group: SARC", 3, "group", "SAARC"),
    ("bodies", "{value: 0.1,", "{value: 1.1,", None, None, None),
    ("bodies", "rate: 0.3", "rate: -0.3", 5, "reporting.rate", None),
    ("bodies", "method: 0.1", "method: 1.1", 5, "reporting.method", None),
    ("bodies", "infrastructure: 1.0", "roads: 1.0", 6, "programme.domains", None),
    (
        "bodies",
        "group: SAARC",
        "group: SAARC\nsupport: [{source: A text, decided: 2016, first: 2016, last: 2017, text: A decision}]",
        None,
        None,
        None,
    ),
    ("funds", "[BRA, CHN]", "[BRA, CHI]", 3, "contributors.1", None),
    ("funds", "weights: {LDC: 1.0}", "weights: {LDC: 0.0}", 6, "places", None),
    ("funds", "by_year: {2016: 0.01}", "by_year: {}", 4, "grants.by_year", None),
    ("funds", "LDC: 1.0", "LDCS: 1.0", 6, "places.weights.LDCS", "LDC"),
    ("centres", "host: QAT", "host: QTA", 3, "host", "QAT"),
    ("centres", "[health,", "[helth,", 5, "domains", None),
    ("centres", "size: 0.5", "size: 0.0", 6, "size", None),
    ("centres", "since: 2012\n", "", None, None, None),
]


@pytest.mark.parametrize(("kind", "old", "new", "line", "key", "suggestion"), REFUSED)
def test_a_wrong_file_is_refused_where_it_is_wrong(
    tmp_path, kind, old, new, line, key, suggestion
) -> None:
    model, text = KINDS[kind]
    assert old in text
    path = write(tmp_path, kind, text.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_institution(model, path)
    error = caught.value
    assert error.file == str(path)
    assert error.line is not None
    if line is not None:
        assert error.line == line
    if key is not None:
        assert error.key is not None
        assert error.key.startswith(key)
    if suggestion is not None:
        assert error.suggestion == suggestion


def test_a_folder_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        load_institutions(folder=tmp_path / "nowhere")


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_of_these_tests_are_good(tmp_path, kind) -> None:
    model, text = KINDS[kind]
    assert read_institution(model, write(tmp_path, kind, text)).code
