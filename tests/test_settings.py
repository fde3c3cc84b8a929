"""What a run is asked for is one value: checked once, handed on whole, with the same names everywhere."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest

from sscsim import simulate
from sscsim.cli import options
from sscsim.errors import InputError
from sscsim.experiments.members import members
from sscsim.model import SouthSouthModel
from sscsim.policy import load_scenario
from sscsim.settings import RunOptions, RunSettings

FIELDS = [f.name for f in dataclasses.fields(RunSettings)]


def test_options_are_the_fields_but_for_the_scenario() -> None:
    assert ["scenario", *RunOptions.__annotations__] == FIELDS
    assert set(options.FIELDS) | {"set", "parameters", "figures"} == set(FIELDS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("seed", 2**32),
        ("seed", "seven"),
        ("seed", "7.5"),
        ("seed", "nan"),
        ("seed", float("inf")),
        ("seed", ""),
        ("seed", True),
        ("end", 2012),
        ("end", 2035),
        ("start", 2012),
        ("start", 2035),
    ],
)
def test_a_number_out_of_its_range_is_refused(name: str, value: object) -> None:
    for ask in (
        lambda **given: RunSettings.of("baseline", **given),
        lambda **given: SouthSouthModel("baseline", **given),
        lambda **given: simulate("baseline", **given),
    ):
        with pytest.raises(InputError) as caught:
            ask(**{name: value})
        assert (caught.value.key, caught.value.found) == (name, value)


def test_a_start_after_the_end_is_refused() -> None:
    with pytest.raises(InputError, match="start"):
        RunSettings(start=2020, end=2019)
    with pytest.raises(InputError, match="amount"):
        RunSettings(keep="everything")
    with pytest.raises(TypeError):
        RunSettings.of("baseline", sed=1)  # type: ignore[call-arg]


def test_settings_come_from_a_scenario_or_from_settings() -> None:
    one = RunSettings.of("baseline", seed=np.int64(3), off=["growth"], data="mine.csv", set=None)
    assert (one.seed, type(one.seed), one.off) == (3, int, ("growth",))
    assert (one.data, one.set) == (Path("mine.csv"), {})
    other = RunSettings.of(one, end=2020)
    assert other == dataclasses.replace(one, end=2020)
    assert other.resolved() == load_scenario("baseline")
    assert pickle.loads(pickle.dumps(other)) == other
    given = RunSettings(set={"trade_elasticity": 4.5})
    assert given.values()["trade_elasticity"] == 4.5
    with pytest.raises(InputError, match="parameter"):
        RunSettings(set={"no_such": 1.0}).values()


@pytest.mark.parametrize("given", ["7", " 7 ", "7.0", 7.0, np.int64(7), 7])
def test_a_seed_is_taken_as_forms_give_it(given: object) -> None:
    one = RunSettings.of("baseline", seed=given)
    assert one == RunSettings(seed=7)
    assert type(one.seed) is int
    assert RunSettings(seed=str(2**32 - 1)).seed == 2**32 - 1


def test_marks_say_what_makes_a_run_another_than_the_plain_one() -> None:
    assert RunSettings().marks() == {}
    assert RunSettings(scenario="full-agenda", seed=9, keep="full", profile=True).marks() == {}
    other = RunSettings.of(
        "baseline", set={"trade_elasticity": 4.0}, off=("goals", "growth"), end=2020,
        data="a.csv", trade_matrix="b.csv", drop_unknown=True, base_trade="gravity",
        institutions="mine", naive=True,
    )  # fmt: skip
    assert list(other.marks()) == [
        "set", "off", "data", "trade_matrix", "drop_unknown", "base_trade", "institutions", "naive",
        "years",
    ]  # fmt: skip
    assert other.marks()["off"] == ["goals", "growth"]


def test_a_run_of_settings_is_the_run_of_their_parts() -> None:
    settings = RunSettings(
        "trade-integration", seed=2, end=2014, keep="indicators", set={"trade_elasticity": 4.5}
    )
    parts = simulate(
        "trade-integration", seed=2, end=2014, keep="indicators", set={"trade_elasticity": 4.5}
    )
    assert simulate(settings).content_hash == parts.content_hash
    model = SouthSouthModel(settings, end=2013)
    assert (model.seed, model.end, model.settings.keep) == (2, 2013, "indicators")


def test_members_are_settings_and_a_draw() -> None:
    both = members(
        ["baseline", "full-agenda"], seeds=[4, 5], source="defaults", end=2014, off=["goals"]
    )
    asked = {(m.settings.end, m.settings.off, m.settings.keep) for m in both}
    assert asked == {(2014, ("goals",), "indicators")}
    base = RunSettings(end=2014, off=("goals",), keep="indicators")
    again = members(["baseline", "full-agenda"], seeds=[4, 5], source="defaults", settings=base)
    assert [m.key for m in both] == [m.key for m in again]


@pytest.mark.parametrize(
    ("name", "value"),
    [("institutions", "mine"), ("naive", True), ("audit", True), ("profile", True)],
)
def test_members_are_not_asked_for_what_no_key_tells_apart(name: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        members(["baseline"], **{name: value})
    assert caught.value.key == name


def test_no_function_takes_apart_what_is_one_value() -> None:
    """Seed, start, end, off and keep are parameters of nothing but the settings themselves."""
    apart = {"start", "end", "off", "keep"}
    for function in (simulate, members, SouthSouthModel.__init__):
        assert not apart & set(inspect.signature(function).parameters)
