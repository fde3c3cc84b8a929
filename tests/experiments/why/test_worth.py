"""What mechanisms are worth to an effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from _moved import BASELINE, END, THREE, TRADE

from sscsim.errors import InputError
from sscsim.experiments.why import goal_channels, mechanism_worths
from sscsim.experiments.why.mechanisms import MECHANISMS

HOW = {"draws": 2, "source": "tables", "end": END}


def test_with_all_off_the_effect_is_that_of_the_plain_projection() -> None:
    found = mechanism_worths(
        BASELINE,
        THREE,
        indicators=["goal_index", "gdp", "trade_within"],
        groups=["South"],
        mechanisms=["trade", "service"],
        **HOW,
    )
    goals, output, trade = range(3)
    assert (found.direct[[goals, output]] == 0.0).all()
    assert (found.direct[trade] > 0.9 * found.effects[trade]).all()
    # Trade is what raises output, and projects under way lift Goals and not output.
    assert (found.without[output, 0] < 0.5 * found.effects[output]).all()
    assert (found.without[goals] < found.effects[goals]).all()
    np.testing.assert_allclose(found.without[output, 1], found.effects[output], rtol=0.01)
    lines = found.table.query("indicator == 'gdp'").set_index("mechanism")
    assert list(lines.index) == ["trade", "service", "direct", "together"]
    assert lines.loc["trade", "mean"] + lines.loc["trade", "without"] == pytest.approx(
        lines.loc["together", "mean"]
    )


def test_effects_are_those_of_channels_and_countries_have_numbers_of_their_own() -> None:
    found = mechanism_worths(
        BASELINE,
        TRADE,
        indicators=["goal_index", "projects_received"],
        groups=["Kenya"],
        mechanisms=["trade"],
        **HOW,
    )
    channels = goal_channels(BASELINE, TRADE, groups=["KEN"], **HOW)
    np.testing.assert_allclose(found.effects[0], channels.effects[0].sum(axis=0), rtol=0, atol=1e-9)
    assert found.numbers[1].unit == "projects"


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(InputError, match="mechanism of this name") as told:
        mechanism_worths(BASELINE, TRADE, mechanisms=["teachin"], **HOW)
    assert "teaching" in str(told.value)
    other = replace(TRADE, parameters={"trade_elasticity": 5.0})
    with pytest.raises(InputError, match="same parameters"):
        mechanism_worths(BASELINE, other, **HOW)
    with pytest.raises(InputError, match="in this process"):
        mechanism_worths(BASELINE, TRADE, executor="dask", **HOW)


def test_mechanisms_say_what_they_are() -> None:
    assert all(len(one.title) > 10 for one in MECHANISMS.values())
