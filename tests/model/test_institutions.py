"""Institutions and reports in the model: what the survey of paragraph 44 asks, what must hold, what levers do.

Effects that the equations assume are implementation tests, over pairs of runs with one seed, and never evidence.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sscsim.agents import Country
from sscsim.calibration.targets import load_targets
from sscsim.model import SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.paths import LeverPaths
from sscsim.policy.scenario import Setting, Where
from sscsim.steps.institutions import Institutions
from sscsim.steps.measurement import Measurement
from sscsim.steps.policy import Policy
from sscsim.steps.submodel import Given, Submodels, Year
from sscsim.streams import Streams
from sscsim.world.institutions import Body, Fund
from sscsim.world.institutions.bodies import training_record
from sscsim.world.loading import load_world
from sscsim.world.state import State

QUICK = ("trade", "investment", "finance", "knowledge", "goals")
"""Steps that institutions do not look at."""

FROM = 2019

UNIT = "cooperation_capacity coordination training other_actors common_method evidence".split()  # noqa: SIM905


@cache
def incomes() -> tuple[SouthSouthModel, State, dict[int, tuple[np.ndarray, np.ndarray]]]:
    """Return a model, the state it opened with, and output and people of every year: what institutions look at."""
    model = SouthSouthModel(seed=1, end=2030, off=QUICK, keep="indicators")
    path = {}
    while model.running:
        model.step()
        path[model.year] = model.state.gdp.copy(), model.state.population.copy()
    return model, model.opening, path


def light(scenario: Scenario, seed: int) -> tuple[Year, tuple[Policy, Institutions, Measurement]]:
    """Return a year and the three submodels that it takes: a run in a few milliseconds."""
    model, opening, _ = incomes()
    inexperienced = opening.copy()
    inexperienced.experience = np.zeros_like(opening.experience)
    now = replace(
        model.now(),
        state=opening.copy(),
        opening=inexperienced,
        luck=Streams(seed),
        levers=LeverPaths(scenario, model.world),
    )
    given, submodels = Given(model.world, model.parameters, opening.year), Submodels()
    submodels.add(Institutions(given, submodels))
    submodels.add(Measurement(given, submodels))
    institutions, measurement = submodels.of(Institutions), submodels.of(Measurement)
    institutions.open(now)
    measurement.open(now)
    policy = Policy(given, submodels)
    policy.open(now)
    return now, (policy, institutions, measurement)


@cache
def shares(seed: int, lever: str = "", value: float = 0.0) -> dict[str, np.ndarray]:
    """Return yearly means over programme countries, and the share of them able to provide."""
    levers = {lever: (Setting(value=value, **{"from": FROM}),)} if lever else {}
    now, steps = light(Scenario("moved", {"en": "Moved"}, levers=levers), seed)
    base, state = steps[1].base, now.state
    names = (  # noqa: SIM905
        "provider un_support agency reporting evidence cooperation_capacity fragmentation transaction_cost"
        " coordination reporting_error fund_grant"
    ).split()
    seen: dict[str, list[float]] = {name: [] for name in [*names, "able"]}
    for year, (gdp, population) in incomes()[2].items():
        state.year, state.gdp, state.population = year, gdp, population
        for step in steps:
            step.run(now)
        for name in names:
            seen[name].append(getattr(state, name)[base.programme].mean())
        able = base.provider_reluctance < base.ceiling(state.cooperation_capacity)
        seen["able"].append(able[base.programme].mean())
    return {name: np.array(values) for name, values in seen.items()}


def median(name: str, year: int, seeds: range = range(1, 11)) -> float:
    return float(np.median([shares(s)[name][year - 2013] for s in seeds]))


# ------------------------------------------------------------------------------------------------- what the report says


@pytest.mark.parametrize(
    ("target", "variable"), [("providers_share", "provider"), ("un_support_share", "un_support")]
)
def test_the_survey_is_met_in_the_median(target: str, variable: str) -> None:
    """Few seeds here; the benchmark judges by fifty."""
    checks = next(t for t in load_targets() if t.id == target).checks
    levels = [c for c in checks if not str(c.observable).endswith("_rise")]
    assert [c.year for c in levels] == [2015, 2017]
    for check in levels:
        low, high = check.within.limits(check.value)
        assert low <= median(variable, int(check.year or 0)) <= high
    assert median(variable, 2017) > median(variable, 2015)


def test_providers_are_never_at_their_ceiling_before_2030() -> None:
    for seed in range(1, 11):
        seen = shares(seed)
        assert (seen["provider"][1:17] < seen["able"][1:17]).all(), seed
        assert seen["provider"].max() < 0.97


def test_the_un_spreads_fastest_in_the_years_of_its_decisions_and_not_to_everybody() -> None:
    path = np.median([shares(s)["un_support"] for s in range(1, 11)], axis=0)
    steps = dict(zip(range(2014, 2031), np.diff(path), strict=True))
    assert {2016, 2017} == set(sorted(steps, key=lambda y: -steps[y])[:2])
    assert path.max() <= default_parameters()["un_support_ceiling"] + 0.03


def test_55_countries_are_trained_in_five_years_by_the_rule() -> None:
    model = SouthSouthModel(seed=1, end=2018, off=QUICK, keep="indicators")
    counts = []
    while model.running:
        model.step()
        counts.append(model.state.trained.sum())
    assert counts == [22, 33, 44, 55, 55, 55]
    world, base = load_world(), model.submodels["institutions"].base
    training = next(b.training for b in base.files.of(Body) if b.training is not None)
    years = training_record(world, training, base.programme)
    some = years > 0
    assert np.count_nonzero(some) == 55
    assert (base.programme[some]).all()
    rich = world.attributes["income_group"] == "HIC"
    assert not (some & rich).any()
    may = base.programme & ~rich
    for region in set(world.countries["report_region"]):
        inside = world.attributes["report_region"] == region
        fair = 55 * np.count_nonzero(may & inside) / np.count_nonzero(may)
        assert abs(np.count_nonzero(some & inside) - fair) < 1.0, region
    assert np.count_nonzero(some & world.membership("LDC")) > 10
    assert np.count_nonzero(some & ~world.membership("LDC")) > 10


# ------------------------------------------------------------------------------------------------------- what must hold


def test_states_are_what_they_say(whole) -> None:
    for state in whole:
        for name in ("provider", "agency", "trained", "un_support", "reporting"):
            assert set(np.unique(getattr(state, name))) <= {0.0, 1.0}, name
        for name in [
            "cooperation_capacity",
            "coordination",
            "training",
            "other_actors",
            "common_method",
            "evidence",
        ]:
            values = getattr(state, name)
            assert ((values >= 0.0) & (values <= 1.0)).all(), name
        assert (state.fragmentation >= 0).all()
        assert (state.transaction_cost > 0).all()
        assert (state.supply_factor >= 1).all()


def test_only_the_south_cooperates_as_the_south(whole_model) -> None:
    north = ~whole_model.submodels["institutions"].base.south
    for name in ("provider", "agency", "un_support", "reporting", "fund_grant"):
        assert (getattr(whole_model.state, name)[north] == 0).all(), name


def test_reported_only_by_reporters(whole) -> None:
    assert {v.name for v in Measurement.reported} >= {"reported_provider", "reported_un_support"}
    for state in whole:
        for variable in Measurement.reported:
            true = getattr(state, variable.name.removeprefix("reported_"))
            seen = getattr(state, variable.name)
            assert (seen[state.reporting == 0] == 0).all(), variable.name
            assert (seen[true == 0] == 0).all(), variable.name
            if variable.unit == "0 or 1":
                assert np.array_equal(seen, true * state.reporting), variable.name


def test_funds_spend_their_money_once_and_most_on_the_poorest(whole_model) -> None:
    state, base = whole_model.state, whole_model.submodels["institutions"].base
    money = sum(fund.grants.at(state.year) for fund in base.files.of(Fund))
    assert state.fund_grant.sum() == pytest.approx(money)
    least = whole_model.world.membership("LDC")
    assert state.fund_grant[least].mean() > 2 * state.fund_grant[base.programme & ~least].mean()


def test_ibero_america_reports_and_africa_begins_in_2018() -> None:
    model = SouthSouthModel(seed=1, end=2024, off=QUICK, keep="indicators")
    ibero = model.world.membership("IBERO_AMERICA")
    africa = model.world.membership("AU") & model.submodels["institutions"].base.south
    others = model.submodels["institutions"].base.south & ~ibero & ~africa
    path = []
    while model.running:
        model.step()
        state = model.state
        assert (state.reporting[ibero] == 1).all()
        assert state.reporting_error[ibero].max() < state.reporting_error[others].min()
        path.append(state.reporting[africa].mean())
    assert path[11] - path[4] > 2 * (path[4] - path[0])


def test_with_the_step_off_the_institutions_of_the_base_year_stay() -> None:
    model = SouthSouthModel(seed=1, end=2020, off=[*QUICK, "institutions"], keep="indicators")
    opening = model.opening
    while model.running:
        model.step()
    for name in ("provider", "agency", "un_support", "reporting", "transaction_cost", "fund_grant"):
        assert np.array_equal(getattr(model.state, name), getattr(opening, name)), name


@pytest.fixture(scope="module")
def whole_model() -> SouthSouthModel:
    model = SouthSouthModel(seed=2, end=2022, keep="indicators")
    model.past = [model.opening.copy()]
    while model.running:
        model.step()
        model.past.append(model.state.copy())
    return model


@pytest.fixture(scope="module")
def whole(whole_model) -> list:
    return whole_model.past


# --------------------------------------------------------------------------------------------------- what levers do


@pytest.mark.parametrize(
    ("lever", "value", "variable", "sign"),
    [
        ("agencies", 0.3, "provider", +1),
        ("agencies", 0.3, "transaction_cost", -1),
        ("training", 30.0, "cooperation_capacity", +1),
        ("coordination", 0.5, "fragmentation", -1),
        ("coordination", 0.5, "transaction_cost", -1),
        ("other_actors", 0.2, "transaction_cost", +1),
        ("reporting", 0.3, "evidence", +1),
        ("common_method", 0.3, "reporting_error", -1),
        ("un_country_teams", 0.0, "un_support", -1),
        ("funds", 3.0, "fund_grant", +1),
    ],
)
def test_a_lever_moves_its_variable_in_pairs_of_runs(lever, value, variable, sign) -> None:
    differences = [
        shares(seed, lever, value)[variable][-1] - shares(seed)[variable][-1]
        for seed in range(1, 7)
    ]
    mean = float(np.mean(differences))
    error = float(np.std(differences, ddof=1)) / np.sqrt(len(differences))
    assert sign * mean > 2 * error, (mean, error)


def test_a_common_method_changes_what_is_seen_and_nothing_that_is_done_here() -> None:
    for seed in range(1, 4):
        plain, moved = shares(seed), shares(seed, "common_method", 0.5)
        assert np.array_equal(plain["provider"], moved["provider"])
        assert moved["evidence"][-1] > plain["evidence"][-1]


def test_a_lever_on_one_country_leaves_the_luck_of_all_others() -> None:
    setting = Setting(value=1.0, where=Where(countries=["VNM"]), **{"from": 2016})
    scenario = Scenario("moved", {"en": "Moved"}, levers={"reporting": (setting,)})
    models = [
        SouthSouthModel(s, seed=3, end=2020, off=QUICK, keep="indicators")
        for s in ("baseline", scenario)
    ]
    for model in models:
        while model.running:
            model.step()
    differ = models[0].state.reporting != models[1].state.reporting
    assert [c for c, d in zip(models[0].world.iso3, differ, strict=True) if d] == ["VNM"]


def test_countries_decide_and_a_subclass_decides_otherwise() -> None:

    class Reluctant(Country):
        @classmethod
        def begin_to_provide(cls, state, rate):
            return 0.0 * rate

    plain, reluctant = (
        SouthSouthModel(seed=1, end=2018, off=QUICK, keep="indicators", country_class=kind)
        for kind in (Country, Reluctant)
    )
    for model in (plain, reluctant):
        while model.running:
            model.step()
    assert reluctant.state.provider.sum() < reluctant.opening.provider.sum()
    assert plain.state.provider.sum() > plain.opening.provider.sum()


# --------------------------------------------------------------------------------------------------- files of one's own


def test_a_users_files_reach_the_run(tmp_path) -> None:
    for kind in ("bodies", "funds"):
        (tmp_path / kind).mkdir()
    (tmp_path / "funds" / "mine.yaml").write_text(
        "code: MYFUND\nname: A fund of mine\n"
        "grants: {source: Its charter, by_year: {2013: 0.5}}\n"
        "project_money: {value: 0.001, source: Its charter}\n"
        "places: {source: Its charter, weights: {NPL: 1.0}, elsewhere: 0.0}\n"
    )
    (tmp_path / "bodies" / "mine.yaml").write_text(
        "code: MINE\nname: A body of mine\ngroup: SAARC\n"
        "reporting: {source: Its charter, since: 2014, rate: 5.0, method: 0.5}\n"
    )
    plain, mine = (
        SouthSouthModel(seed=1, end=2014, off=QUICK, keep="indicators", institutions=folder)
        for folder in (None, tmp_path)
    )
    for model in (plain, mine):
        while model.running:
            model.step()
    nepal = mine.world.position("NPL")
    more = mine.state.fund_grant - plain.state.fund_grant
    assert more[nepal] == pytest.approx(0.5)
    assert np.count_nonzero(more) == 1
    saarc = mine.world.membership("SAARC")
    assert mine.state.reporting[saarc].sum() > plain.state.reporting[saarc].sum()
    assert mine.state.common_method[saarc].min() > 0.5
