"""Errors say what is wrong, where, what was found and what is allowed, and survive the way home from a worker."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import (
    InadmissibleInput,
    InputError,
    OutputError,
    SscsimError,
    UserError,
    nearest,
)


def test_the_message_names_place_key_find_and_choice() -> None:
    error = InputError(
        "the value is wrong",
        file="a.yaml",
        line=3,
        key="levers.aid",
        found=7,
        allowed=["one", "two"],
        suggestion="one",
    )
    assert str(error).splitlines() == [
        "a.yaml:3: the value is wrong",
        "  key: levers.aid",
        "  found: 7",
        "  allowed: one, two",
        "  did you mean 'one'?",
    ]


def test_only_what_is_known_is_said() -> None:
    assert str(InputError("wrong")) == "wrong"
    assert str(InputError("wrong", line=4)) == "line 4: wrong"
    assert str(InputError("wrong", file="f")) == "f: wrong"
    assert "found: None" not in str(InputError("wrong", found=None))
    assert "found: 0" in str(InputError("wrong", found=0))
    assert "found: ''" in str(InputError("wrong", found=""))


def test_long_finds_and_choices_are_cut() -> None:
    text = str(InputError("wrong", found="x" * 10_000, allowed=[f"name{i}" for i in range(300)]))
    assert len(text) < 500
    assert "(288 more)" in text


@pytest.mark.parametrize("kind", [InputError, InadmissibleInput])
def test_errors_survive_pickling(kind: type[InputError]) -> None:
    error = kind(
        "wrong", file="f", line=1, key="k", found=float("nan"), allowed=("a", "b"), suggestion="a"
    )
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == str(error)
    assert (copy.file, copy.line, copy.key, copy.allowed, copy.suggestion) == (
        "f",
        1,
        "k",
        ("a", "b"),
        "a",
    )


def test_exit_codes_tell_the_users_mistakes_from_ours() -> None:
    for kind in (InputError, InadmissibleInput, OutputError):
        assert issubclass(kind, UserError)
        assert kind.exit_code == 2
    assert SscsimError.exit_code == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("goal", "goals"),
        ("GOALS", "goals"),
        ("trad", "trade"),
        ("tradé", "trade"),
        ("zzzzzz", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_name(name: str, expected: str | None) -> None:
    assert nearest(name, ["goals", "trade", "Measurement"]) == expected


def test_the_nearest_name_keeps_its_own_spelling_and_needs_no_list() -> None:
    assert nearest("measurment", (n for n in ["Measurement"])) == "Measurement"
    assert nearest("any", []) is None


CODES = ["ARG", "BRA", "BRB", "LBR", "PER", "UKR", "URY", "USA", "ZAF"]
NAMES = ["trained", "trade_elasticity", "provider", "poverty_gap", "poverty_headcount", "trade"]


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        # First letters are seldom mistyped: two letters of three elsewhere are no likeness.
        ("BRZ", CODES, "BRA"),
        ("bra", CODES, "BRA"),
        ("ZFA", CODES, "ZAF"),
        ("GER", CODES, None),
        ("RAS", CODES, None),
        # A beginning or a whole word of a long name is one; letters of a short one within are not.
        ("poverty", NAMES, "poverty_gap"),
        ("headcount", NAMES, "poverty_headcount"),
        ("aid", NAMES, None),
        ("rate", NAMES, None),
        ("rade_elasticity", NAMES, "trade_elasticity"),
        ("Trade-Elasticity", NAMES, "trade_elasticity"),
        ("trade elastcity", NAMES, "trade_elasticity"),
    ],
)
def test_the_nearest_name_is_no_nonsense(name: str, names: list[str], expected: str | None) -> None:
    assert nearest(name, names) == expected


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=20))
def test_the_nearest_name_is_one_of_the_names(name: str, names: list[str]) -> None:
    assert nearest(name, names) in {None, *names}


@given(
    st.text(max_size=50),
    st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.lists(st.text())),
)
def test_any_find_can_be_printed_on_one_line(message: str, found: object) -> None:
    lines = str(InputError("wrong", found=found)).splitlines()
    assert len(lines) == (1 if found is None else 2)
