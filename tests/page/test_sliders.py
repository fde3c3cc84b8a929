"""The sliders of the page: neutral at their defaults, within their levers' bounds, read strictly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.page.sliders import read_setting, sliders
from sscsim.policy import lever_table
from sscsim.policy.paths import LeverPaths
from sscsim.world import load_world


def test_there_are_twelve_to_sixteen_in_the_order_of_the_report() -> None:
    table = sliders().table
    assert 12 <= len(table) <= 16
    first = [one.paragraphs[0] for one in table.values()]
    assert first == sorted(first)


def test_a_default_is_the_baseline() -> None:
    assert sliders().scenario({}).levers == {}
    everything = {name: one.default for name, one in sliders().table.items()}
    assert sliders().scenario(everything).levers == {}


@pytest.mark.parametrize("end", ["min", "max"])
def test_levers_stay_within_their_bounds_at_both_ends(end) -> None:
    setting = {name: getattr(one, end) for name, one in sliders().table.items()}
    scenario = sliders().scenario(setting)
    paths = LeverPaths(scenario, load_world(), ("AIIB", "CAF", "ISDB", "NDB"))
    for name, lever in lever_table().items():
        values = paths.value(name, 2030)
        if values is not None:
            assert lever.bounds[0] <= np.min(values), name
            assert np.max(values) <= lever.bounds[1], name


def test_nothing_moves_before_the_fork_and_something_does_after() -> None:
    setting = {name: one.max for name, one in sliders().table.items()}
    paths = LeverPaths(sliders().scenario(setting), load_world(), ("AIIB",))
    moved = {
        year: [
            name
            for name in paths.moved()
            if (values := paths.value(name, year)) is not None
            and np.any(values != lever_table()[name].default)
        ]
        for year in (sliders().first - 1, sliders().first + 1)
    }
    assert moved[sliders().first - 1] == []
    wanted = {m.lever for one in sliders().table.values() for m in one.levers}
    assert set(moved[sliders().first + 1]) == wanted


def test_scaled_settings_are_nought_at_the_default_and_one_at_the_far_end() -> None:
    assert not sliders().scaled([{}]).any()
    for one in sliders().table.values():
        ends = one.scaled(one.min), one.scaled(one.max)
        assert max(map(abs, ends)) == pytest.approx(1.0)
        assert one.at(0.0) == pytest.approx(one.min)
        assert one.at(1.0) == pytest.approx(one.max)
    assert sliders().table["credit"].scaled(2.0) == pytest.approx(math.log(2) / math.log(4))


def test_a_setting_is_read() -> None:
    assert read_setting("aid=2, cooperation=1.5") == {"cooperation": 1.5, "aid": 2.0}
    assert read_setting("") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aid", "NAME=NUMBER"),
        ("aid=much", "NAME=NUMBER"),
        ("aids=1", "aid"),
        ("aid=9", "0.5 to 2.3"),
        ("aid=nan", "0.5 to 2.3"),
        ("aid=1 aid=2", "twice"),
    ],
)
def test_what_is_no_setting_is_refused(text, said) -> None:
    with pytest.raises(InputError) as failure:
        read_setting(text)
    assert said in str(failure.value)
