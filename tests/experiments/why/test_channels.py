"""Parts of Goals add up to what the model measures, in a run and in a fair pair."""

from __future__ import annotations

import numpy as np
import pytest
from _moved import BASELINE, END, THREE

from sscsim.errors import InputError
from sscsim.experiments.members import members
from sscsim.experiments.why import goal_channels
from sscsim.experiments.why.channels import PARTS, Channels
from sscsim.model import simulate
from sscsim.outcomes.goals import DRIVERS
from sscsim.settings import RunSettings

HOW = {"draws": 2, "source": "tables", "end": END}
INDICATORS = ["goal_index", "goal_3", "goal_14", "goal_index_people", "goal_7_people"]


@pytest.fixture(scope="module")
def channels() -> Channels:
    return goal_channels(
        BASELINE, THREE, indicators=INDICATORS, groups=["LDC", "World"], years=[2016, END], **HOW
    )


def test_parts_add_up_to_the_scores_that_runs_measure(channels: Channels) -> None:
    pair = members(
        [BASELINE, THREE], 2, 1, "tables", settings=RunSettings(end=END, keep="indicators")
    )
    for place, member in enumerate(pair):
        draw, arm = divmod(place, 2)
        frame = simulate(member.settings).indicators.set_index(["indicator", "group", "year"])
        for number, parts in zip(channels.numbers, channels.parts, strict=True):
            measured = frame.loc[(number.indicator, number.group, number.year), "value"]
            assert parts[arm, :, draw].sum() == pytest.approx(measured, abs=1e-9)


def test_a_country_is_a_group_of_one() -> None:
    found = goal_channels(
        BASELINE, THREE, indicators=["goal_index", "goal_1"], groups=["Kenya"], **HOW
    )
    member = members([THREE], 1, 1, "tables", settings=RunSettings(end=END, keep="standard"))[0]
    frame = simulate(member.settings).countries.set_index(["iso3", "year"]).loc[("KEN", END)]
    scores = [frame[f"goal_{g}"] for g in range(1, 18)]
    assert found.parts[0, 1, :, 0].sum() == pytest.approx(np.nanmean(scores), abs=1e-9)
    assert found.parts[1, 1, :, 0].sum() == pytest.approx(scores[0], abs=1e-9)


def test_table_adds_up_and_names_drivers(channels: Channels) -> None:
    table = channels.table
    assert set(table["driver"]) <= {*DRIVERS, "together"}, "both arms start alike"
    for _, lines in table.groupby(["indicator", "group", "year"]):
        parts, whole = lines.iloc[:-1], lines.iloc[-1]
        assert whole["driver"] == "together"
        assert parts["mean"].sum() == pytest.approx(whole["mean"], abs=1e-9)
    assert {"income", "cooperation", "capability"} <= set(table["driver"])


def test_a_run_by_itself_is_what_it_started_from_and_what_moved_it() -> None:
    found = goal_channels(BASELINE, groups=["LDC"], **HOW)
    lines = found.table.set_index("driver")["mean"]
    assert PARTS[0] in lines.index
    assert lines.drop("together").sum() == pytest.approx(lines["together"], abs=1e-9)
    assert 40 < lines["start"] < lines["together"] < 70


def test_only_goals_have_drivers() -> None:
    with pytest.raises(InputError, match="only Goals"):
        goal_channels(BASELINE, THREE, indicators=["gdp"], **HOW)
    with pytest.raises(InputError, match="year"):
        goal_channels(BASELINE, THREE, years=[2040], **HOW)
