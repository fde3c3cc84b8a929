"""A change detector: two runs at seed 1 give the numbers they gave; `make numbers` renews them and says what moved."""

from __future__ import annotations

import pytest

from sscsim.policy import lever_table, load_scenario
from tests.model._expected import (
    INDICATORS,
    SCENARIOS,
    VARIABLES,
    expected,
    fingerprint,
    moved,
    outcome,
)

MEANT = "if the change is meant, say it in the changelog and run `make numbers`"


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_no_number_has_moved(name: str) -> None:
    lines = moved(expected()["runs"][name]["numbers"], outcome(name).numbers)
    assert not lines, "\n".join([*lines, MEANT])


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_no_byte_has_moved(name: str) -> None:
    recorded = expected()
    here, there = fingerprint(), recorded["versions"]
    if here != there:
        other = {
            k: (there.get(k), here.get(k)) for k in {*here, *there} if here.get(k) != there.get(k)
        }
        pytest.skip(f"the hash was recorded elsewhere: {other}")
    assert outcome(name).hash == recorded["runs"][name]["hash"], f"every number held; {MEANT}"


def test_what_is_held_is_worth_holding() -> None:
    """No number is none, nought or the same whatever the policy, and the runs do differ."""
    runs = expected()["runs"]
    base, moved_by_levers = (runs[name]["numbers"] for name in SCENARIOS)
    assert len(base) >= len(INDICATORS) + len(VARIABLES) >= 30
    for name, value in base.items():
        assert value == value, name
        assert value or moved_by_levers[name], name
    assert len(moved(base, moved_by_levers)) > 0.9 * len(base)


def test_levers_of_the_second_run_are_not_neutral() -> None:
    chosen = load_scenario(SCENARIOS["every-lever"]).levers
    assert len(chosen) >= 44
    for name, settings in chosen.items():
        neutral = lever_table()[name].default
        assert all(s.value is None or s.value != neutral for s in settings), name


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"a": 1.0, "n": 2}, {"a": 1.0 + 1e-12, "n": 2}, 0),
        ({"a": 1.0}, {"a": 1.0 + 1e-8}, 1),
        ({"n": 10_000_000_000}, {"n": 10_000_000_001}, 1),
        ({"a": 1.0}, {"a": 1.0, "b": 0.0}, 1),
        ({"a": 1.0, "b": 0.0}, {"a": 1.0}, 1),
        ({"a": 0.0}, {"a": 1e-30}, 1),
    ],
)
def test_what_moved_is_said(before, after, lines: int) -> None:
    assert len(moved(before, after)) == lines
