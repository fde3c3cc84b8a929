"""Shocks in a run: off without a trace, the same for scenarios of one seed, and every law holds under them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sscsim.experiments.beginnings import by_beginning
from sscsim.experiments.members import members
from sscsim.model import SouthSouthModel, simulate
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting
from sscsim.provenance import marks, settings_of
from sscsim.steps.policy import Policy
from sscsim.steps.shocks import Both, Shocks
from sscsim.streams import Streams

OWN = {
    d.name: 0.0
    for d in default_parameters().definitions()
    if (d.submodel == "shocks" and re.search(r"_rate(_|$)", d.name))
    or (d.submodel == "swings" and not d.name.endswith("_persistence"))
    or d.name == "commodity_swings"
}
"""Rates and sizes at which nothing strikes."""

OFTEN = {name: default_parameters().definition(name).bounds[1] for name in OWN}


def ran(year: int, **options) -> SouthSouthModel:
    model = SouthSouthModel(keep="indicators", **{"seed": 4, "shocks": True} | options)
    while model.steps == 0 or model.year < year:
        model.step()
    return model


def hits(model: SouthSouthModel) -> list[tuple[int, str, int, int, float]]:
    calendar = model.submodels.of(Shocks).calendar
    return [
        (year, hit.kind, hit.country, hit.bank, hit.size)
        for year, strike in enumerate(calendar)
        for hit in strike.hits
    ]


def test_shocks_that_never_come_leave_a_run_as_it_is_without_them() -> None:
    never, off = ran(2021, set=OWN), ran(2021, set=OWN, shocks=False)
    for name, values in off.state:
        assert np.array_equal(values, getattr(never.state, name), equal_nan=True), name


def test_nothing_is_drawn_without_the_option_nor_in_the_years_of_the_record() -> None:
    off = ran(2013, shocks=False)
    assert not off.submodels.of(Shocks).calendar
    on = ran(2017, set=OFTEN)
    assert hits(on)
    assert not on.state.capital_loss.any()
    assert not on.state.goal_shock.any()
    on.step()  # the last year of the record
    assert not on.state.capital_loss.any()
    on.step()
    assert on.state.capital_loss.any()


def test_scenarios_of_one_seed_meet_the_same_shocks_and_another_seed_does_not() -> None:
    plain, policy = ran(2013), ran(2013, scenario="full-agenda")
    assert hits(plain) == hits(policy) != hits(ran(2013, seed=5))


def test_a_parameter_of_one_process_leaves_the_others_luck() -> None:
    plain = [hit for hit in hits(ran(2013)) if hit[1] != "disaster"]
    fewer = hits(
        ran(
            2013,
            set={
                "disaster_rate_small": 0.0,
                "disaster_rate_developing": 0.0,
                "disaster_rate_developed": 0.0,
            },
        )
    )
    assert plain == fewer


def test_every_kind_of_shock_reaches_the_variable_that_it_is_to_move() -> None:
    model = SouthSouthModel(seed=6, shocks=True, set=OFTEN, keep="indicators")
    moved = dict.fromkeys(
        (
            "capital_loss",
            "goal_shock",
            "productivity_policy",
            "host_attraction",
            "distress_shock",
            "bank_spread",
        ),
        False,
    )
    closed = restrained = still = False
    while model.running:
        model.step()
        for name in moved:
            moved[name] |= bool(getattr(model.state, name).any())
        rested = (model.state.cooperation_factor < 1.0) & (model.state.suspension > 0.0)
        still |= bool(rested.all())
        closed |= bool((model.state.trade_cost > 1.1).any())
        restrained |= bool((model.state.bank_restraint < 1.0).any())
    assert all(moved.values()), moved
    assert closed
    assert still
    assert restrained


def test_what_is_asked_and_what_strikes_are_laid_together_within_the_levers_bounds() -> None:
    asked = {"capital_loss": np.array([0.1, 0.5]), "bank_lending": np.array([0.5, 1.0])}

    class Asked:
        def value(self, name: str, year: int) -> np.ndarray | None:
            return asked.get(name)

    struck = {
        "capital_loss": np.array([0.2, 0.5]),
        "bank_lending": np.array([0.5, 0.9]),
        "goal_loss": np.array([1.0, 99.0]),
    }
    both = Both(Asked(), struck)
    assert both.value("capital_loss", 2020) == pytest.approx(np.array([0.3, 0.6]))
    assert both.value("bank_lending", 2020) == pytest.approx(np.array([0.25, 0.9]))
    assert both.value("goal_loss", 2020) == pytest.approx(np.array([1.0, 30.0]))
    assert both.value("aid_volume", 2020) is None
    assert set(struck) <= set(lever_table())


def test_a_downgrade_costs_reserves_and_approvals() -> None:
    scenario = Scenario(
        name="downgrade",
        title={"en": "Downgrade"},
        levers={
            "bank_funding_cost": (Setting(value=0.02, **{"from": 2019}),),
            "bank_lending": (Setting(value=0.5, **{"from": 2019}),),
        },
    )
    plain, down = ran(2019, shocks=False), ran(2019, scenario=scenario, shocks=False)
    works = plain.state.bank_approvals > 0.0
    owing = plain.state.bank_bond_interest > 0.0
    assert (down.state.bank_bond_interest > plain.state.bank_bond_interest)[owing].all()
    assert (down.state.bank_reserves < plain.state.bank_reserves)[owing].all()
    assert down.state.bank_envelope == pytest.approx(
        0.5 * plain.state.bank_envelope, rel=0.2, abs=0.01
    )
    assert (down.state.bank_approvals[works] < plain.state.bank_approvals[works]).any()


def test_a_pandemic_suspends_projects_which_go_on() -> None:
    plain, hit = (simulate(one, seed=1, end=2024).projects for one in ("baseline", "pandemic"))
    running = (hit["start"] < 2020) & (hit["end"] >= 2020)
    rested = hit.loc[running, "suspended_years"] > 0
    assert 0.5 < rested.mean() < 0.9  # half in 2020, and some of the others later
    assert not plain["suspended_years"].any()
    begun = (hit["start"] == 2020).sum() / (plain["start"] == 2020).sum()
    assert 0.3 < begun < 0.7


def test_a_run_says_that_shocks_were_drawn_and_is_asked_for_again_with_them() -> None:
    run = simulate(seed=4, end=2020, shocks=True)
    assert "shocks drawn" in marks(run.manifest)
    again = settings_of(run.manifest)
    assert again.shocks
    assert simulate(again).content_hash == run.content_hash
    table = run.table("shocks")
    assert set(table["year"]) == {2019, 2020}
    assert table["country"].isin(run.table("countries")["iso3"]).sum() > 10
    assert "shocks" not in simulate(seed=4, end=2014).tables


def test_members_are_told_apart_by_whether_shocks_are_drawn() -> None:
    off, on = (members(["baseline"], shocks=on, source="defaults") for on in (False, True))
    assert off[0].key != on[0].key
    assert "shocks" not in off[0].ingredients
    assert len(by_beginning([*off, *on])) == 2


def test_a_copy_goes_on_under_the_same_shocks() -> None:
    whole = ran(2021, scenario="full-agenda", set=OFTEN)
    begun = ran(2015, set=OFTEN)
    twin = begun.fork(whole.policy_scenario)
    while twin.year < 2021:
        twin.step()
    assert twin.submodels.of(Shocks).calendar is begun.submodels.of(Shocks).calendar
    assert twin.submodels.of(Policy).shocks is twin.submodels.of(Shocks)
    assert np.array_equal(twin.state.gdp, whole.state.gdp)


def test_shocks_have_streams_of_their_own() -> None:
    asked = []

    class Listening(Streams):
        def generator(self, process: str, year: int) -> np.random.Generator:
            asked.append((process, year))
            return super().generator(process, year)

    model = SouthSouthModel(seed=4, shocks=True, end=2019, keep="indicators")
    drawn = model.submodels.of(Shocks)
    asked.clear()
    model.streams = Listening(4)
    drawn.open(model.now())
    assert {process for process, _ in asked} == {
        f"shock {name}"
        for name in (
            "disaster",
            "pandemic",
            "pandemic country",
            "stop",
            "waves",
            "downgrade",
            "closure",
            "closure partners",
        )
    }
    assert len(set(asked)) == len(asked)


@pytest.mark.slow
def test_single_runs_are_sane_over_25_seeds() -> None:
    """Growth of economies and of the world under shocks, which nothing clips."""
    world, lowest = [], []
    for seed in range(1, 26):
        model = SouthSouthModel(seed=seed, shocks=True, keep="indicators")
        output = []
        while model.running:
            model.step()
            output.append(model.state.gdp.copy())
        growth = np.diff(np.log(output), axis=0)[5:]
        total = np.diff(np.log(np.sum(output, axis=1)))[5:]
        world.append(total)
        lowest.append(growth.min())
        assert np.isfinite(growth).all()
        assert growth.min() > -0.4
        assert growth.max() < 0.25
        assert np.std(growth, axis=0).max() < 0.12
        assert (model.state.distress.mean()) < 0.4
    assert 0.015 < np.median(world) < 0.04
    assert np.min(world) > -0.12
    assert np.median(lowest) > -0.3
