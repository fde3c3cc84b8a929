"""Runs in which a mean is one of nothing or of zero: a Goal that all have reached, a group without a member."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace

import numpy as np
import pytest

from sscsim.agents import Country
from sscsim.errors import InadmissibleInput
from sscsim.model import SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.resources import package_folder
from sscsim.world.loading import load_world
from sscsim.world.overlay import apply_overlay
from sscsim.world.tables import World
from tests._worlds import random_world

PACKAGE = package_folder()


def run(world: World | None = None, parameters: dict[str, float] | None = None, **more: object):
    """Run some years, in which no number may become none, and return the model."""
    model = SouthSouthModel(
        seed=1,
        end=2016,
        world=world,
        parameters=default_parameters().replace(parameters or {}),
        keep="indicators",
        **more,  # type: ignore[arg-type]
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=RuntimeWarning)
        model.run()
    state = model.state
    for name in ("gdp", "capability", "fragmentation", "transaction_cost", "fund_requests"):
        assert np.isfinite(getattr(state, name)).all(), name
    return model


def reached(path, goals: tuple[int, ...]) -> World:
    """Return the world in which all economies have reached some Goals, by a user's own figures."""
    world = load_world()
    rows = [f"{code},goal_{goal},100" for code in world.iso3 for goal in goals]
    path.write_text("\n".join(["iso3,column,value", *rows, ""]))
    return apply_overlay(world, path)


@pytest.mark.parametrize("goals", [(5,), (3,), (4, 5), tuple(range(1, 18))])
def test_a_goal_that_all_have_reached_is_no_need(tmp_path, goals: tuple[int, ...]) -> None:
    model = run(reached(tmp_path / "figures.csv", goals))
    scale = model.submodels["knowledge"].base.need_scale
    assert np.isfinite(scale).all()
    assert (scale > 0.0).all()


@pytest.mark.parametrize("goal", [3, 5, 9])
def test_a_goal_that_only_rose_is_rolled_back_to_its_top(goal: int) -> None:
    run(parameters={f"goal_drift.{goal}": -1.5, f"goal_reference_score.{goal}": 10.0})


def without(world: World, group: str) -> World:
    """Return a world in which a group has no member."""
    since, until = world._spans[group]
    nobody = (np.full_like(since, 9999), np.zeros_like(until))
    return replace(world, _spans={**world._spans, group: nobody})


def groups_that_the_model_knows() -> list[str]:
    """Return the groups by name that the code of a year asks for."""
    texts = [
        path.read_text(encoding="utf-8")
        for top in ("agents", "flows", "outcomes", "steps")
        for path in sorted((PACKAGE / top).rglob("*.py"))
    ]
    return sorted({*re.findall(r"membership\(\s*\"(\w+)\"", "\n".join(texts))})


DONORS = "developed_wir_2018"
"""Who pays for aid, by definition; without them a flow is received that nobody pays, and that is said."""


@pytest.mark.parametrize("group", groups_that_the_model_knows())
def test_a_group_may_be_empty(group: str) -> None:
    if group == DONORS:
        with pytest.raises(InadmissibleInput, match="that no economy pays"):
            run(without(random_world(2), group))
        return
    run(without(random_world(2), group))


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_all_groups_but_the_donors_may_be_empty_at_once(seed: int) -> None:
    groups = groups_that_the_model_knows()
    assert {"LDC", "SIDS", "south_unctad_2014", "hubs", DONORS} <= {*groups}
    world = random_world(seed)
    for group in groups:
        if group != DONORS:
            world = without(world, group)
    run(world)


@pytest.mark.parametrize(
    "parameters",
    [
        {"provider_opening": 0.0, "provider_take_up": 0.0},
        {"agency_opening": 0.0, "un_support_opening": 0.0},
        {"reporting_opening": 0.0, "other_actors_opening": 0.0},
    ],
)
def test_nobody_may_provide_or_be_supported_or_report(parameters: dict[str, float]) -> None:
    definitions = {d.name: d for d in default_parameters().definitions()}
    least = {name: max(value, definitions[name].bounds[0]) for name, value in parameters.items()}
    run(random_world(3), least)


@pytest.mark.parametrize("limit", [np.nan, -3.0, 1e300])
def test_a_decision_that_is_no_number_of_projects_is_refused_by_name(limit: float) -> None:
    class Odd(Country):
        @classmethod
        def offer(cls, state, limit_of_model):
            return np.full_like(limit_of_model, limit)

    with pytest.raises(InadmissibleInput, match="projects that a country can provide"):
        SouthSouthModel(seed=1, end=2014, world=random_world(3), country_class=Odd).run()
