"""Errors say what is wrong, where, what was found and what is allowed, and survive the way home from a worker."""

from __future__ import annotations

import errno
import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import (
    COMMANDS,
    InadmissibleInput,
    InputError,
    OutputError,
    SscsimError,
    UserError,
    clean,
    in_words,
    nearest,
    outside,
    spoken_of,
    unknown,
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


@pytest.mark.parametrize("text", ["x" * 5000, "a " + "é" * 5000 + " b", "\x1b[31m" * 3000])
def test_a_long_word_of_a_users_in_a_message_is_cut(text: str) -> None:
    assert len(str(InputError(f"these names are not known: {text}: unknown"))) < 900
    plain = "a sentence " * 30
    assert plain.strip() in str(InputError(plain))


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


FORGED = "name\n  allowed: anything\x1b[2Jgone\u202etxt\udcff"


@pytest.mark.parametrize(
    "error",
    [
        InputError(f"there is no {FORGED}"),
        InputError("wrong", file=FORGED, line=2),
        InputError("wrong", key=FORGED),
        InputError("wrong", found=FORGED),
        InputError("wrong", allowed=FORGED),
        InputError("wrong", allowed=[FORGED, "b"]),
        InputError("wrong", found="x", suggestion=FORGED),
        OutputError(f"{FORGED}: cannot be written"),
        UserError(FORGED),
        unknown(FORGED, FORGED, [FORGED], file=FORGED, key=FORGED),
        outside(FORGED, FORGED, 1, 2, file=FORGED, key=FORGED),
    ],
    ids=lambda e: type(e).__name__,
)
def test_what_a_user_wrote_is_quoted_on_one_line(error: UserError) -> None:
    lines = str(error).split("\n")
    assert not any(COMMANDS.search(line) for line in lines)
    assert not any(line.startswith("  allowed: anything") for line in lines)
    said = [line.strip().partition(":")[0] for line in lines[1:]]
    assert len(said) == len(set(said)), "each part of the message once"


@given(st.text(max_size=50))
def test_any_text_becomes_one_line_without_commands(text: str) -> None:
    assert not COMMANDS.search(clean(text))
    assert "\n" not in clean(text)
    assert clean(clean(text)) == clean(text)


def test_a_number_that_python_does_not_print_can_be_quoted() -> None:
    assert "very many digits" in str(InputError("wrong", found=10**5000))
    assert "very many digits" in str(InputError("wrong", found=[10**5000]))
    assert "key" in str(InputError("wrong", key="k" * 100_000))
    assert len(str(InputError("wrong", key="k" * 100_000))) < 1000


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            unknown("bank of this code", "ABD", ["ADB", "NDB"], key="bank"),
            "there is no bank of this code\n  key: bank\n  found: 'ABD'\n  allowed: ADB, NDB\n"
            "  did you mean 'ADB'?",
        ),
        (
            unknown("group of this name", "zz", ["South"], allowed="what a command lists", line=3),
            "line 3: there is no group of this name\n  found: 'zz'\n  allowed: what a command lists",
        ),
        (
            outside("the year", 2050, 2013, 2034, whole=True, key="end"),
            "the year must be a whole number in its range\n  key: end\n  found: 2050\n"
            "  allowed: 2013 to 2034",
        ),
        (
            outside("draws", 0, 1, 1_000_000, whole=True),
            "draws must be a whole number in its range\n  found: 0\n  allowed: 1 to 1,000,000",
        ),
        (
            outside("a share", 2.0, 0.0, 0.25),
            "a share must be a number in its range\n  found: 2.0\n  allowed: 0 to 0.25",
        ),
        (
            outside("a share", "x", 0),
            "a share must be a number in its range\n  found: 'x'\n  allowed: at least 0",
        ),
        (
            outside("a share", 3, None, 1.5),
            "a share must be a number in its range\n  found: 3\n  allowed: at most 1.5",
        ),
    ],
)
def test_usual_errors_are_put_alike(error: InputError, expected: str) -> None:
    assert str(error) == expected


def test_a_refusal_of_the_system_is_said_in_words() -> None:
    assert in_words(OSError(errno.ENOSPC, "No space left on device")) == "the disk is full"
    assert in_words(OSError(errno.EACCES, "x")) == "there is no permission"
    assert in_words(OSError(errno.ECHILD, os.strerror(errno.ECHILD))) == os.strerror(errno.ECHILD)
    assert in_words(OSError("odd")) == "odd"


def test_a_name_is_found_by_the_words_that_tell_of_it() -> None:
    told = {
        "long": "The area of free trade, in full (AFTA)",
        "short": "AFTA",
        "other": "Something else",
    }
    assert spoken_of("afta", told) == "short"  # which says it first
    assert spoken_of("Free-Trade", told) == "long"
    assert spoken_of("free lunch", told) is None
    assert spoken_of("of", told) is None
    assert "did you mean 'other'?" in str(unknown("thing", "something", told, told=told))
    # A near name counts for more than any description.
    assert "did you mean 'other'?" in str(unknown("thing", "othr", told, told={"long": "othr"}))
