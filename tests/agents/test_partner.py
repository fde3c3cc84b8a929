"""Third parties and the United Nations as Mesa agents: a subclass decides otherwise, a file of the user's joins in."""

from __future__ import annotations

from pathlib import Path

import mesa
import numpy as np
import pytest

from sscsim.agents import Partner, UnitedNations
from sscsim.model import SouthSouthModel, simulate
from sscsim.results.run import Run
from sscsim.world import institutions as files_of

SELDOM = ("trade", "investment", "finance")
"""Steps that cooperation does not look at."""


def model_of(end: int = 2016, **options) -> SouthSouthModel:
    model = SouthSouthModel(seed=1, end=end, off=SELDOM, keep="indicators", **options)
    while model.running:
        model.step()
    return model


def joined(model: SouthSouthModel) -> np.ndarray:
    """Return the projects that each partner has joined in the run, those of the years before it included."""
    partner = model.submodels["knowledge"].cooperation.all()[0].partner
    return np.bincount(partner[partner >= 0], minlength=len(model.partners))


@pytest.fixture(scope="module")
def plain() -> SouthSouthModel:
    return model_of()


def test_partners_and_the_united_nations_are_mesas(plain) -> None:
    names = list(plain.submodels["knowledge"].cooperation.base.partners.names)
    assert [p.name for p in plain.partners] == names == sorted(names)
    assert all(isinstance(agent, mesa.Agent) for agent in [*plain.partners, plain.united_nations])
    assert len(plain.agents_by_type[Partner]) == len(names)
    assert len(plain.agents_by_type[UnitedNations]) == 1
    assert repr(list(plain.partners)[names.index("JPN")]) == "Partner(JPN)"
    assert repr(plain.united_nations) == "UnitedNations()"
    assert plain.united_nations.practices == plain.state.practices.sum() > 0.0


# ---------------------------------------------------------------------------------------------- a subclass decides


def test_a_partner_that_decides_otherwise_joins_otherwise(plain) -> None:
    names = plain.submodels["knowledge"].cooperation.base.partners.names
    japan = np.array([name == "JPN" for name in names])

    class Alone(Partner):
        """Only one of them joins anything."""

        @classmethod
        def join(cls, state, planned):
            return super().join(state, planned) * japan

    model = model_of(partner_class=Alone)
    assert Alone in model.agent_types
    assert Partner not in model.agent_types
    assert (joined(plain)[~japan] > 0).any()
    assert not joined(model)[~japan].any()
    # What others leave it may have, as far as its own money goes.
    assert joined(model)[japan] >= joined(plain)[japan] > 0


def test_who_joins_half_as_much_joins_no_more_than_half_the_money_pays_for(plain) -> None:
    class Careful(Partner):
        @classmethod
        def join(cls, state, planned):
            return 0.5 * planned

    model = model_of(partner_class=Careful)
    assert 0 < joined(model).sum() < 0.75 * joined(plain).sum()
    projects = model.submodels["knowledge"].cooperation.all()[0]
    base = model.submodels["knowledge"].cooperation.base
    for i, partner in enumerate(base.files.of(files_of.Partner)):
        if partner.budget is None:
            continue
        since = (projects.partner == i) & (projects.start >= 2013)
        money = sum(partner.budget.at(y) for y in range(2013, 2017) if partner.since <= y)
        # The purse that the years before 2013 left holds less than a project.
        assert projects.third_cost[since].sum() <= 0.5e3 * money + base.partners.money[i]


def test_united_nations_that_open_the_platform_are_met_by_more_matches(plain) -> None:
    class Open(UnitedNations):
        @classmethod
        def open_platform(cls, state):
            return np.ones_like(state.platform_reach)

        @classmethod
        def publish(cls, state):
            return 0.0

    model = model_of(united_nations_class=Open)
    assert isinstance(model.united_nations, Open)
    assert model.united_nations.practices == 0.0
    assert model.state.projects_received.sum() > plain.state.projects_received.sum()
    region = model.world.attributes["report_region"]

    def far(one: SouthSouthModel) -> float:
        projects = one.submodels["knowledge"].cooperation.active
        pairs = projects.receiver >= 0
        return float((region[projects.provider] != region[projects.receiver])[pairs].mean())

    assert far(model) > far(plain)  # a platform shows those whom one would not have met


def test_classes_that_decide_the_same_give_the_same_bytes() -> None:
    class SamePartner(Partner):
        """Decides as before."""

    class SameNations(UnitedNations):
        """Decides as before."""

    same = simulate(seed=1, end=2015, partner_class=SamePartner, united_nations_class=SameNations)
    assert same.content_hash == simulate(seed=1, end=2015).content_hash


# ----------------------------------------------------------------------------------------------- a file of the user's

MONEY = 0.0005
FILES = {
    "partners/qatar.yaml": f"""code: QAT
name: Qatar Fund for Development
kind: southern
country: QAT
since: 2014
budget: {{source: "Annual report 2016", by_year: {{2014: 0.01, 2016: 0.02}}}}
project_money: {{value: {MONEY}, source: "Annual report 2016"}}
places: {{source: "Annual report 2016", weights: {{LAS: 1.0}}, elsewhere: 0.0}}
domains: {{source: "Annual report 2016", weights: {{health: 1.0}}, others: 0.3}}
""",
    "bodies/council.yaml": """code: COUNCIL
name: A council of neighbours
group: SAARC
programme: {source: "Its report", initiatives: 6, money: 0.0002}
""",
}


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> Run:
    folder: Path = tmp_path_factory.mktemp("institutions")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return simulate(seed=1, end=2017, off=SELDOM, institutions=folder)


def test_a_partner_of_ones_own_joins_projects_with_a_file_and_no_code(mine) -> None:
    projects = mine.projects
    own = projects[projects["partner"] == "QAT"]
    assert len(own) > 10
    assert own["start"].min() >= 2014
    assert (own["triangular"] == "Ibero-American").all(), "a facilitator of the South"
    assert (own["facilitator"] == "QAT").all()
    assert not own[["provider", "receiver"]].isin(["QAT"]).any(axis=None)
    assert (own["third_party_cost"] == 1e3 * MONEY).all()
    arab = SouthSouthModel(seed=1, end=2013).world
    members = {c for c, inside in zip(arab.iso3, arab.membership("LAS"), strict=True) if inside}
    assert set(own["receiver"]) <= members, "elsewhere it does not work"
    for year, given in {2014: 10.0, 2015: 20.0, 2016: 40.0, 2017: 60.0}.items():
        assert own.loc[own["start"] <= year, "third_party_cost"].sum() <= given + 1e-9


def test_a_body_of_ones_own_begins_what_it_plans(mine) -> None:
    own = mine.projects[mine.projects["body"] == "COUNCIL"]
    assert len(own) > 5
    assert (own["modality"] == "regional").all()
    world = SouthSouthModel(seed=1, end=2013).world
    members = {c for c, inside in zip(world.iso3, world.membership("SAARC"), strict=True) if inside}
    assert all(set(parties.split()) <= members for parties in own["parties"])
    # Six a year over nine domains: in each the whole number below or above.
    assert own.groupby(["start", "domain"]).size().max() == 1


def test_without_the_folder_nobody_knows_them() -> None:
    assert "QAT" not in model_of(end=2013).submodels["knowledge"].cooperation.base.partners.names
