"""Cooperation in a run: what must hold whatever the parameters, and that each mechanism does what it says."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim import simulate
from sscsim.agents import Partner, UnitedNations
from sscsim.calibration.observables import OBSERVABLES, NotInRun
from sscsim.errors import InputError
from sscsim.flows import knowledge as flows
from sscsim.model import SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting, Where
from sscsim.results.run import Run
from sscsim.world.institutions import figures_of, load_institutions
from sscsim.world.loading import load_world
from sscsim.world.state import DOMAINS

TECHNOLOGY = DOMAINS.index("science_technology_innovation")


def scenario(**levers: float) -> Scenario:
    return Scenario(
        "test", {"en": "Test"}, levers={n: (Setting(value=v),) for n, v in levers.items()}
    )


def drawn(seed: int):
    """Return parameters from the priors of knowledge, with the middle nine tenths of each."""
    rng = np.random.default_rng(seed)
    names = [
        d.name for d in default_parameters().definitions() if d.submodel == "knowledge" and d.drawn
    ]
    return default_parameters().draw({n: rng.uniform(0.05, 0.95) for n in names})


SELDOM = ("trade", "investment", "finance")
"""Steps that projects do not look at."""


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_laws_of_cooperation_hold_whatever_the_parameters(seed: int) -> None:
    model = SouthSouthModel(seed=seed, end=2017, parameters=drawn(seed), keep="indicators")
    count = len(model.world.iso3)
    base = model.submodels["knowledge"].cooperation.base
    before = np.bincount(model.submodels["knowledge"].cooperation.active.provider, minlength=count)
    spent, given_out = (
        np.zeros(len(base.partners.names)),
        model.submodels["knowledge"].cooperation.purse.copy(),
    )
    while model.running:
        model.step()
        state = model.state
        limit = flows.provider_limit(
            state.provider,
            state.cooperation_capacity,
            state.gdp / base.size,
            state.supply_factor,
            state.centres.sum(axis=1),
            base.known,
            base.parameters,
        )
        cooperation = model.submodels["knowledge"].cooperation
        under_way = cooperation.active.join(cooperation.closing(state.year))
        given = np.bincount(under_way.provider[under_way.receiver >= 0], minlength=count)
        carried = np.bincount(under_way.provider, minlength=count)
        # What was promised is kept where capacity falls; nothing is begun beyond it.
        began = np.bincount(
            under_way.provider[(under_way.start == state.year) & (under_way.receiver >= 0)],
            minlength=count,
        )
        assert (given[began > 0] <= limit[began > 0]).all()
        assert (began[state.provider == 0] == 0).all()
        assert (carried >= began).all()
        joined = under_way.partner[(under_way.start == state.year) & (under_way.partner >= 0)]
        # The money of partners is spent once: never more projects than the budgets so far have paid for.
        spent += np.bincount(joined, minlength=len(base.partners.names))
        given_out += base.partner_capacity(state.year, state.bank_reverse_linkage)
        assert (spent <= given_out + 1e-9).all()
        for values in (
            state.capability,
            state.closing_capability,
            state.cooperation_tie,
            state.cooperation_intensity,
        ):
            assert values.min() >= 0.0
            assert values.max() <= 1.0
        assert (state.cooperation_tie == state.cooperation_tie.T).all()
        assert (state.capability_use >= 0.0).all()
        others = np.arange(state.capability.shape[1]) != TECHNOLOGY
        assert (state.closing_capability >= state.capability)[:, others].all()
        assert state.technology_adjusting.min() >= 0.0
        before = np.bincount(
            model.submodels["knowledge"].cooperation.active.provider, minlength=count
        )
    assert before.sum() > 0
    projects, outcome = model.submodels["knowledge"].cooperation.all()
    assert set(np.unique(outcome)) <= {flows.RUNNING, flows.FAILED, flows.SUCCEEDED}
    assert (projects.end >= projects.start).all()
    assert (projects.end[outcome == flows.RUNNING] > 2017).all()
    assert (projects.end[outcome != flows.RUNNING] <= 2017).all()


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(seed=1, end=2018)


def test_the_table_of_projects_is_the_run_s(run: Run) -> None:
    table = run.projects
    regional = table["modality"] == "regional"
    assert table.loc[regional, "receiver"].isna().all()
    assert (table.loc[regional, "parties"].str.split().str.len() >= flows.SMALLEST_REGIONAL).all()
    assert table.loc[~regional, "receiver"].notna().all()
    assert (table["provider"] != table["receiver"]).all()
    helped = table["partner"].notna()
    assert (helped == table["modality"].isin(["triangular", "reverse linkage"])).all()
    # By the report's definition Southern facilitators are not a third party; by the Ibero-American one they are.
    southern = table["triangular"] == "Ibero-American"
    assert southern.any()
    assert (helped == table["triangular"].notna()).all()
    assert table["cost"].between(0.0, 50.0).all()


def test_the_network_adds_up_and_networkx_reads_it(run: Run) -> None:
    edges = run.network(2017)
    table = run.projects
    under_way = table[(table["start"] <= 2017) & (table["end"] >= 2017)]
    pairs = under_way["receiver"].notna().sum()
    members = under_way["parties"].dropna().str.split().str.len().sub(1).sum()
    assert edges["projects"].sum() == pairs + members
    assert edges["cost"].sum() == pytest.approx(under_way["cost"].sum())
    assert (
        sum(run.network(2017, d)["projects"].sum() for d in table["domain"].unique())
        == edges["projects"].sum()
    )
    networkx = pytest.importorskip("networkx")
    graph = networkx.from_pandas_edgelist(
        edges, "provider", "receiver", "projects", create_using=networkx.DiGraph
    )
    assert graph.number_of_edges() == len(edges)
    with pytest.raises(InputError) as caught:
        run.network(2017, "helth")
    assert caught.value.suggestion == "health"


def test_a_saved_run_has_its_projects(run: Run, tmp_path) -> None:
    back = Run.load(run.save(tmp_path / "run"))
    assert back == run
    assert back.projects.equals(run.projects)
    with pytest.raises(InputError):
        _ = simulate(seed=1, end=2013, keep="indicators").projects


def test_observables_of_cooperation(run: Run) -> None:
    def seen(name: str, of: str | None = "Ibero-America", year: int = 2015) -> float:
        return OBSERVABLES[name].function(run, year, of)

    whole = seen("initiatives_active")
    parts = [
        seen(f"initiatives_active_{p}") for p in ("triangular", "regional", "with_other_regions")
    ]
    assert 0 < sum(parts) < whole
    decade = sum(seen("initiatives_begun", year=y) for y in range(2006, 2016))
    assert decade > whole, "a decade's sum is larger than a year's stock"
    with pytest.raises(NotInRun):
        OBSERVABLES["initiatives_active"].function(
            simulate(seed=1, end=2014), 2015, "Ibero-America"
        )


def test_the_frontier_moves_away_from_those_who_learn_nothing() -> None:
    run = simulate("no-cooperation", seed=1, end=2024)
    position = run.countries.pivot(
        index="year", columns="iso3", values="capability_science_technology_innovation"
    )
    # From 2018 on nothing is under way; who stands between none and the frontier falls behind.
    between = (position.loc[2018] > 0.0) & (position.loc[2018] < 1.0)
    assert (position.loc[2024] < position.loc[2018])[between].all()
    still = simulate("no-cooperation", seed=1, end=2024, set={"technology_frontier_speed": 0.0})
    standing = still.countries.pivot(
        index="year", columns="iso3", values="capability_science_technology_innovation"
    )
    assert (standing.loc[2024] >= standing.loc[2018]).all()


def test_adjusting_to_new_technology_takes_before_it_gives() -> None:
    # Five times as much is learned from 2019 on: what waits grows, and with it what it takes.
    faster = Scenario(
        "faster", {"en": "Faster"}, levers={"frontier": (Setting(value=5.0, **{"from": 2019}),)}
    )
    costly, free = (
        simulate(
            faster,
            seed=1,
            end=2034,
            set={"technology_adjustment_cost": cost, "learning_rate": 0.004},
        )
        for cost in (1.0, 0.0)
    )
    loss = {
        year: costly.value("gdp", group="South", year=year)
        / free.value("gdp", group="South", year=year)
        - 1.0
        for year in (2021, 2034)
    }
    assert loss[2021] < -1e-6
    # In the long run what waits is steady, and hardly anything more is taken.
    assert abs(loss[2034] - loss[2021]) < abs(loss[2021])


def test_who_was_taught_comes_to_teach() -> None:
    shares = []
    for effect in (0.0, 0.2):
        runs = [
            simulate(
                seed=seed, end=2020, keep="indicators", set={"provider_experience_effect": effect}
            )
            for seed in range(1, 9)
        ]
        shares.append([r.value("provider_share", group="UN programme", year=2020) for r in runs])
    # Experience as receivers has grown since the base year, so more of them provide.
    assert np.mean(shares[1]) > np.mean(shares[0])


def test_reverse_linkage_spends_what_the_bank_sets_aside() -> None:
    run = simulate("reverse-linkage", seed=1, end=2024)
    reverse = run.projects[run.projects["modality"] == "reverse linkage"]
    aside = run.banks[run.banks["bank"] == "ISDB"].set_index("year")["reverse_linkage"]
    spent = reverse.groupby("start")["third_party_cost"].sum() / 1e3
    assert aside.loc[2024] > 5 * aside.loc[2018] > 0.0
    years = [y for y in aside.index if y >= 2013]
    # From a year's money a project may begin in the next, and what is left of a plan it does not fill lapses.
    assert all(spent.loc[2013:y].sum() <= aside.loc[2013:y].sum() + 0.00833 for y in years)
    assert spent.loc[2014:2018].sum() == pytest.approx(aside.loc[2014:2018].sum(), rel=0.15)


def test_without_cooperation_projects_run_out_and_ties_fade() -> None:
    model = SouthSouthModel(scenario(cooperation=0.0), seed=3, end=2018)
    before = model.opening.cooperation_tie.sum()
    run = model.run()
    assert (run.projects["start"] < 2013).all()
    assert run.network(2018).empty
    assert model.state.projects_received.sum() == 0
    assert model.state.cooperation_tie.sum() < before
    assert (model.state.cooperation_intensity == 0).all()


def test_off_is_neutral() -> None:
    model = SouthSouthModel(seed=2, end=2018, off=["knowledge"])
    while model.running:
        model.step()
    assert (model.state.capability == model.opening.capability).all()
    assert not model.state.cooperation_tie.any()
    assert not model.state.cooperation_intensity.any()


def test_with_the_step_off_goals_grow_slower() -> None:
    gains = [
        simulate(seed=s, end=2024, keep="indicators").value("goal_index", "LDC", 2024)
        - simulate(seed=s, end=2024, keep="indicators", off=["knowledge"]).value(
            "goal_index", "LDC", 2024
        )
        for s in (1, 2, 3)
    ]
    assert min(gains) > 0


def test_cheaper_third_parties_join_more() -> None:
    def joined(**levers: float) -> int:
        table = simulate(scenario(**levers), seed=1, end=2016).projects
        return int((table["partner"].notna() & (table["start"] >= 2013)).sum())

    assert joined(third_party_cost=0.5) > joined() > joined(third_party_cost=2.0)
    assert joined(partner_budget=0.0) == 0


def test_a_lever_elsewhere_leaves_a_country_s_luck_alone() -> None:
    """One seed, two scenarios: most requests of a country that policy does not touch find the same provider."""
    plain = simulate(seed=4, end=2014).projects
    moved = simulate(scenario(platform=0.05), seed=4, end=2014).projects
    key = ["provider", "receiver", "domain", "start", "end"]
    one = set(map(tuple, plain.dropna(subset="receiver")[key].to_numpy()))
    two = set(map(tuple, moved.dropna(subset="receiver")[key].to_numpy()))
    assert len(one & two) > 0.7 * len(one)


def test_a_subclass_decides() -> None:
    class Nobody(Partner):
        @classmethod
        def join(cls, state, planned):
            return 0.0 * planned

    class Silent(UnitedNations):
        @classmethod
        def publish(cls, state):
            return 0.0

    model = SouthSouthModel(seed=1, end=2015, partner_class=Nobody, united_nations_class=Silent)
    run = model.run()
    assert run.projects["partner"].isna().all()
    assert model.united_nations.practices == 0.0
    assert len(model.partners) == len(model.submodels["knowledge"].cooperation.base.partners.names)


def test_cooperation_at_a_half_begins_a_half_at_once_and_later() -> None:
    def begun(value: float) -> np.ndarray:
        start = simulate(scenario(cooperation=value), seed=1, end=2017, off=SELDOM).projects[
            "start"
        ]
        return np.array([(start == year).sum() for year in (2014, 2015, 2017)])

    assert begun(0.5) / begun(1.0) == pytest.approx(0.5, abs=0.07)


def test_who_is_known_to_teach_teaches_most() -> None:
    projects = simulate(seed=1, end=2017, off=SELDOM).projects
    given = projects.loc[projects["start"] >= 2013, "provider"].value_counts()
    place = {code: given.index.get_loc(code) for code in given.index}
    assert max(place[one] for one in ("IND", "CHN", "TUR", "MEX", "BRA")) < 12
    assert place["CUB"] < 20
    assert place["IND"] < min(place[one] for one in ("SGP", "QAT", "CRI"))


def test_the_size_of_a_provider_is_drawn_in_ensembles() -> None:
    files = load_institutions(load_world())
    sizes = {one.path: one for one in figures_of(files) if ".providers." in one.path}
    assert sum(one.path.endswith("projects") for one in sizes.values()) == 13
    assert all(0.3 <= one.width <= 0.8 for one in sizes.values())


def test_what_is_suspended_goes_on_a_year_later() -> None:
    who = "ARG"
    halt = Scenario(
        "test",
        {"en": "Test"},
        levers={
            "suspension": (Setting(table={2015: 1.0, 2016: 0.0}, where=Where(countries=[who])),)
        },
    )
    model = SouthSouthModel(halt, seed=1, end=2017, off=SELDOM, keep="indicators")
    at = model.world.iso3.index(who)
    cooperation = model.submodels["knowledge"].cooperation
    while model.year < 2014:
        model.step()
    before = cooperation.active
    mine = (before.provider == at) | (before.receiver == at)
    model.step()
    # All that had been begun rests, and nothing of it closes or counts; what others do goes on.
    after = cooperation.active
    assert (after.rested[(after.provider == at) & (after.start < 2015)] == 2015).all()
    assert not (cooperation.closing(2015).provider == at)[
        cooperation.closing(2015).start < 2015
    ].any()
    fresh = (after.provider == at) & (after.start == 2015)
    closed_at_once = cooperation.closing(2015).start == 2015
    assert model.state.projects_provided[at] <= fresh.sum() + closed_at_once.sum()
    both = {key: (end, rest) for key, end, rest in _known(after)}
    kept = [both[key] for key, end, _ in _known(before.take(mine)) if key in both]
    assert len(kept) == mine.sum()
    ends = {key: end for key, end, _ in _known(before.take(mine))}
    assert all(both[key] == (ends[key] + 1, 1) for key in ends)
    model.step()
    assert not (cooperation.active.rested == 2016).any()


def _known(projects: flows.Projects) -> list[tuple[float, int, int]]:
    return list(
        zip(
            projects.writing.tolist(),
            projects.end.tolist(),
            projects.suspended.tolist(),
            strict=True,
        )
    )
