"""What the page shows, as it is read from a run: the same numbers as the run's own tables."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim import simulate
from sscsim.page.outputs import REGIONS, Reading, outputs
from sscsim.world import load_world


@pytest.fixture(scope="module")
def run():
    return simulate("baseline", end=2014)


@pytest.fixture(scope="module")
def reading(run) -> Reading:
    world = load_world()
    column = world.attributes["report_region"].tolist()
    return Reading(run.tables, dict(zip(world.iso3, column, strict=True)))


def test_series_are_the_indicators(run, reading) -> None:
    one = outputs().table["s_exports"]
    values = reading.values(one)
    place = reading.axes(one)[0].index("LDC")
    assert values[place, 1] == run.value("exports", "LDC", 2014)


def test_countries_are_the_table_of_countries(run, reading) -> None:
    table = run.countries[run.countries.year == 2014].set_index("iso3")
    place = reading.iso3.index("KEN")
    of = {
        name: reading.values(outputs().table[name])[place, 1]
        for name in outputs().table
        if "_" not in name[:2] and outputs().table[name].kind == "country"
    }
    kenya = table.loc["KEN"]
    assert of["trade"] == kenya.exports + kenya.imports
    assert of["income"] == kenya.real_income / kenya.population
    goals = kenya[[f"goal_{goal}" for goal in range(1, 18)]].dropna()
    assert of["goal_index"] == pytest.approx(goals.mean())


def test_who_learns_from_whom_is_the_runs_network(run, reading) -> None:
    world = load_world()
    region = dict(zip(world.iso3, world.attributes["report_region"].tolist(), strict=True))
    network = run.network(2014)
    wanted = np.zeros((5, 5))
    for one in network.itertuples():
        wanted[REGIONS.index(region[one.provider]), REGIONS.index(region[one.receiver])] += (
            one.projects
        )
    found = reading.values(outputs().table["m_projects"])[:, 1].reshape(5, 5)
    np.testing.assert_array_equal(found, wanted)
    assert found.sum() > 1000


def test_goal_14_of_the_landlocked_is_not_given(reading) -> None:
    one = outputs().table["goals"]
    groups, goals = reading.axes(one)
    values = reading.values(one).reshape(len(groups), len(goals), -1)
    assert np.isnan(values[groups.index("LLDC"), 13]).all()
    assert np.isfinite(values).sum() == values.size - 2
