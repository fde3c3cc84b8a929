"""Indicators of any group: held to those that a run measures itself."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments import RunStore, compare
from sscsim.experiments.groups import (
    Derived,
    derivable,
    find_group,
    known_groups,
    variables_of,
)
from sscsim.experiments.questions import group_title, questions
from sscsim.model import simulate
from sscsim.outcomes.indicators import indicator_table
from sscsim.parameters import default_parameters
from sscsim.results import Run
from sscsim.results.schema import OUTCOMES
from sscsim.world.loading import load_world

END = 2016


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate("baseline", end=END, keep="outcomes")


def test_what_is_read_off_countries_is_what_the_run_measures(run) -> None:
    groups = {
        name: members
        for name, members in known_groups(load_world()).items()
        if name in indicator_table().groups and members.any()
    }
    reader = Derived(load_world().iso3, groups, derivable())
    table = run.tables["countries"].laid_out(run.named)
    values = reader.measure(
        variables_of(table, END), variables_of(table, 2013), default_parameters()
    )
    held = run.indicators[run.indicators["year"] == END].set_index(["indicator", "group"])["value"]
    compared = 0
    for i, name in enumerate(reader.indicators):
        for k, group in enumerate(groups):
            if (name, group) in held.index:
                assert values[i, k] == pytest.approx(held[name, group], rel=1e-9, abs=1e-12), name
                compared += 1
    assert compared > 1200
    assert len(reader.indicators) > 100


def test_what_is_asked_for_alone_is_what_it_is_among_others(run) -> None:
    """Goals alone have no sum and no share beside them."""
    world = load_world()
    groups = {"LDC": known_groups(world)["LDC"]}
    table = run.tables["countries"].laid_out(run.named)
    year, base = variables_of(table, END), variables_of(table, 2013)
    whole = Derived(world.iso3, groups, derivable())
    values = whole.measure(year, base, default_parameters())
    for i, name in enumerate(whole.indicators):
        alone = Derived(world.iso3, groups, [name]).measure(year, base, default_parameters())
        assert alone == pytest.approx(values[i : i + 1], rel=1e-12, nan_ok=True), name


def test_every_variable_that_these_indicators_need_is_kept() -> None:
    needed = {
        factor.variable
        for one in derivable().values()
        if one.formula
        for factor in one.formula.factors()
    }
    assert needed <= set(OUTCOMES)
    assert {"projects_received_triangular", "fdi_inflow", "exports"} <= needed


def test_members_may_be_named_in_any_usual_way() -> None:
    world = load_world()
    kenya = find_group("Kenya", world)
    assert (kenya.name, kenya.title, kenya.kind) == ("KEN", "Kenya", "country")
    assert np.flatnonzero(kenya.members).tolist() == [world.position("KEN")]
    assert find_group("KEN", world).members.tolist() == kenya.members.tolist()
    assert find_group("asean", world).name == "ASEAN"
    assert find_group("EAC", world).kind == "list"
    assert find_group("AUDA-NEPAD", world).name == "AU"  # a body stands for its members
    assert find_group("South: Africa", world).kind == "group"
    for name in (*indicator_table().groups, *world.groups(), *world.iso3):
        assert find_group(name, world).name == name


@pytest.mark.parametrize(
    ("typed", "suggestion", "says"),
    [
        ("Sout", "South", "no group or country"),
        ("Kenia y Uganda", None, "no group or country"),
        ("EUU", None, "aggregate"),
        ("Yugoslavia", None, "no single economy"),
    ],
)
def test_nobody_of_this_name_is_told(typed, suggestion, says) -> None:
    with pytest.raises(InputError, match=says) as caught:
        find_group(typed, load_world())
    if suggestion:
        assert caught.value.suggestion == suggestion


def test_groups_have_short_titles_that_tell_them_apart() -> None:
    titles = [group_title(name) for name in indicator_table().groups if ": " not in name]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 31
    assert (group_title("LDC"), group_title("IBSA")) == ("Least developed countries", "IBSA")
    assert group_title("KEN") == "KEN"


def test_anyone_can_be_asked_about() -> None:
    world, kept = load_world(), (2013, 2018, 2030, 2034)
    asked = questions(["gdp", "trade_within"], ["Kenya", "EAC", "South"], world=world, kept=kept)
    assert [q[:2] for q in asked] == [
        ("gdp", "KEN"),
        ("gdp", "EAC"),
        ("gdp", "South"),
        ("trade_within", "South"),
    ]
    assert {q[:2] for q in questions((), ["Kenya"], world=world, kept=kept)} >= {
        ("goal_index", "KEN"),
        ("projects_received", "KEN"),
    }
    for indicators, year, says in (
        (["trade_within"], 2030, "passes between countries"),
        (["gdp_growth"], 2030, "every year"),
        (["bank_approvals"], 2030, "each bank by its code"),
        (["gdp"], 2025, "2013, 2018, 2030, 2034"),
    ):
        with pytest.raises(InputError, match=says):
            questions(indicators, ["Kenya"], [year], world=world, kept=kept)
    with pytest.raises(InputError, match="group of this name"):
        questions(["gdp"], ["Kenya"])  # of a run that keeps no countries


def test_a_group_of_ones_own_choice_is_compared(tmp_path) -> None:
    effects = compare(
        ["baseline", "private-partnership"],
        2,
        source="tables",
        end=END,
        years=(END,),
        indicators=["gdp", "goal_3", "projects_received"],
        groups=["Kenya", "EAC"],
        store=RunStore(tmp_path / "store"),
    )
    assert [q.group for q in effects.questions] == ["KEN", "EAC"] * 3
    assert effects.title(effects.questions[0]) == "Gross domestic product, volume, Kenya"
    run = simulate("baseline", seed=1, end=END, keep="standard", parameters="tables")
    line = run.countries.set_index(["iso3", "year"]).loc[("KEN", END)]
    assert effects.values[0, 0, 0] == pytest.approx(line["gdp"], rel=1e-12)
    assert effects.values[2, 0, 0] == pytest.approx(line["goal_3"], rel=1e-12)
    assert effects.values[4, 0, 0] == pytest.approx(line["projects_received"], rel=1e-12)
    inside = known_groups(load_world())["EAC"]
    states = run.countries[run.countries["year"] == END]["gdp"].to_numpy()[inside]
    assert effects.values[1, 0, 0] == pytest.approx(states.sum(), rel=1e-12)
