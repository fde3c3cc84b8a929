"""A country is found by code, name, or what people call it; else the one that was meant is said, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.cli.countries import COMMON, find_country
from sscsim.errors import InputError
from sscsim.world.loading import load_world

NAMES = {str(code): str(name) for code, name in load_world().countries["name"].items()}


def test_every_code_and_every_name_is_found() -> None:
    for code, name in NAMES.items():
        assert find_country(code.lower(), NAMES) == code
        assert find_country(name.upper(), NAMES) == code


def test_every_common_name_is_of_a_country_that_is_there() -> None:
    for name, code in COMMON.items():
        assert find_country(name, NAMES) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("UK", "GBR"),
        ("Bolivia", "BOL"),
        ("cote d\u2019ivoire", "CIV"),
        ("Turkiye", "TUR"),
        ("Saint Lucia", "LCA"),
        ("Guinea Bissau", "GNB"),
        ("Guinea", "GIN"),
        ("Niger", "NER"),
        ("Congo", "COG"),
    ],
)
def test_what_people_call_a_country(typed: str, code: str) -> None:
    assert find_country(typed, NAMES) == code


def refusal(typed: str) -> InputError:
    with pytest.raises(InputError) as caught:
        find_country(typed, NAMES)
    return caught.value


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("BRZ", "BRA"),
        ("ZFA", "ZAF"),
        ("SPA", "ESP"),
        ("Brazi", "BRA"),
        ("Tanzan", "TZA"),
        ("Nigera", "NGA"),
        ("Palestin", "PSE"),
    ],
)
def test_the_country_that_was_meant_is_said(typed: str, code: str) -> None:
    assert refusal(typed).suggestion == code


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("NIG", {"NER", "NGA"}),
        ("Korea", {"KOR", "PRK"}),
        ("CHI", {"CHL", "CHN"}),
        ("BLX", {"BEL", "LUX"}),
    ],
)
def test_where_several_may_be_meant_all_are_named(typed: str, codes: set[str]) -> None:
    error = refusal(typed)
    assert error.suggestion is None
    assert {code for code in NAMES if f"{code} (" in str(error.allowed)} == codes


@pytest.mark.parametrize("typed", ["XYZ", "EUU", "BRX", "Deutschland", "World", "", "B"])
def test_nothing_is_suggested_where_nothing_is_near(typed: str) -> None:
    assert refusal(typed).suggestion is None


@given(st.text(max_size=30))
def test_any_text_is_a_country_or_one_clear_error(typed: str) -> None:
    try:
        found: str | None = find_country(typed, NAMES)
    except InputError as error:
        found = error.suggestion
    assert found in {None, *NAMES}
