"""Which country is meant: codes of today and yesterday, other lists, four languages; and what is no country."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.world.loading import load_world
from sscsim.world.naming import (
    AGGREGATES,
    FORMER,
    NUMBERS,
    OTHER_LISTS,
    TWO_READINGS,
    is_aggregate,
)

WORLD = load_world()
NAMES = WORLD.gazetteer


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("ZAR", "COD"),
        ("TMP", "TLS"),
        ("ROM", "ROU"),
        ("DDR", "DEU"),
        ("HVO", "BFA"),
        ("WBG", "PSE"),
        ("GER", "DEU"),
        ("SUD", "SDN"),
        ("SAM", "WSM"),
        ("BR", "BRA"),
        ("076", "BRA"),
        (842, "USA"),
        ("251", "FRA"),
        ("490", "TWN"),
        ("Brésil", "BRA"),
        ("Alemania", "DEU"),
        ("巴西", "BRA"),
        ("Zaire", "COD"),
        ("Congo, Dem. Rep.", "COD"),
        ("China, P.R.: Mainland", "CHN"),
        ("Other Asia, nes", "TWN"),
        ("Türkiye", "TUR"),
    ],
)
def test_one_economy_under_many_codes_and_names(typed: str | int, code: str) -> None:
    assert NAMES.code(typed) == code


@pytest.mark.parametrize(
    ("typed", "kind", "near"),
    [
        ("YUG", "split", {"SRB", "MNE"}),
        ("SCG", "split", {"SRB", "MNE"}),
        ("891", "split", {"SRB", "MNE"}),
        ("Serbia and Montenegro", "split", {"SRB", "MNE"}),
        ("CSK", "split", {"CZE", "SVK"}),
        ("BLX", "split", {"BEL", "LUX"}),
        ("58", "split", {"BEL", "LUX"}),
        ("736", "split", {"SDN", "SSD"}),
        ("BUR", "ambiguous", {"MMR", "BFA"}),
        ("ANT", "ambiguous", {"ATG"}),
        ("AFE", "aggregate", set()),
        ("EUU", "aggregate", set()),
        ("EMU", "aggregate", set()),
        ("World", "aggregate", set()),
        ("Areas, nes", "aggregate", set()),
        ("Sub-Saharan Africa", "aggregate", set()),
        ("Advanced Economies", "aggregate", set()),
        ("EU-28", "aggregate", set()),
        ("0", "aggregate", set()),
        ("ABW", "elsewhere", set()),
        ("Aruba", "elsewhere", set()),
        ("XKX", "elsewhere", set()),
        ("533", "elsewhere", set()),
        ("MNT", "unknown", {"MNE"}),
        ("ZZZ", "unknown", set()),
        ("", "unknown", set()),
        ("TAI", "unknown", {"TWN"}),
        ("Brasilien", "unknown", None),
    ],
)
def test_what_is_no_single_economy_is_said_to_be_what_it_is(
    typed: str, kind: str, near: set[str] | None
) -> None:
    found = NAMES.find(typed)
    assert found.kind == kind
    assert found.iso3 is None
    if near is not None:
        assert set(found.near) == near
    error = NAMES.error(typed)
    if kind != "unknown":
        assert error.suggestion is None, "never another country"
        assert found.title in error.message or kind == "ambiguous"


@pytest.mark.parametrize("typed", ["ABW", "EUU", "AFE", "EMU", "BLX", "BRX", "ANT", "SCG"])
def test_no_neighbour_in_the_alphabet_is_suggested(typed: str) -> None:
    assert NAMES.error(typed, NAMES.find(typed)).suggestion is None


def test_a_code_of_yesterday_is_answered_with_its_successor() -> None:
    assert NAMES.error("ZAR").suggestion == "COD"


def test_the_lists_hold_together() -> None:
    for code, (_, now) in FORMER.items():
        assert code not in WORLD.iso3
        assert set(now) <= set(WORLD.iso3), code
    for code, now in OTHER_LISTS.items():
        assert code not in WORLD.iso3, f"{code} is a code of today"
        assert now in WORLD.iso3
        assert code not in {**FORMER, **TWO_READINGS}
    assert set(NUMBERS.values()) <= set(WORLD.iso3)
    assert not set(AGGREGATES) & set(WORLD.iso3)
    taken = {int(number) for number in WORLD.countries["m49"]}
    assert not taken & set(NUMBERS), "a number of today is no variant"


def test_every_economy_is_found_by_code_number_and_name_and_is_no_aggregate() -> None:
    for code, row in WORLD.countries.iterrows():
        for typed in (str(code), str(code).lower(), str(int(row["m49"])), str(row["name"])):
            assert NAMES.code(typed) == code, typed
        assert not is_aggregate(str(row["name"])), row["name"]


# -------------------------------------------------------------------------------------- in files


def matrix(path, rows: list[tuple[str, str, float]]):
    text = "exporter,importer,value\n" + "".join(f'"{a}","{b}",{v}\n' for a, b, v in rows)
    path.write_text(text, "utf-8")
    return path


def test_a_matrix_takes_any_name_of_an_economy(tmp_path) -> None:
    file = matrix(tmp_path / "m.csv", [("ZAR", "China", 1.5), ("842", "Brésil", 2.0)])
    found = load_world(None, file)
    assert found.trade_matrix[found.position("COD"), found.position("CHN")] == 1.5
    assert found.trade_matrix[found.position("USA"), found.position("BRA")] == 2.0
    assert found.dropped == ()


def test_all_that_is_unknown_is_said_at_once_with_its_lines(tmp_path) -> None:
    rows = [("USA", "CHN", 1.0), ("EUU", "CHN", 3.0), ("USA", "BLX", 4.0), ("ABW", "EUU", 2.0)]
    with pytest.raises(InputError, match="3 codes or names") as caught:
        load_world(None, matrix(tmp_path / "m.csv", rows))
    said = str(caught.value)  # as it is shown: nothing is cut
    for part in (
        "EUU (line 3",
        "BLX (line 4",
        "ABW (line 5",
        "European Union",
        "BEL, LUX",
        "Aruba",
    ):
        assert part in said, part
    assert caught.value.line == 3


def test_what_is_unknown_may_be_left_out_and_how_much_that_is(tmp_path) -> None:
    rows = [("USA", "CHN", 1.0), ("EUU", "CHN", 3.0), ("USA", "ABW", 4.0)]
    found = load_world(None, matrix(tmp_path / "m.csv", rows), drop_unknown=True)
    assert found.trade_matrix.sum() == 1.0
    [said] = found.dropped
    assert "87.5%" in said
    assert "European Union" in said
    assert "Aruba" in said


@pytest.mark.parametrize(
    "second",
    ["ZAR", "180", "Zaire", "cod", "DR Congo"],
    ids=["former", "number", "name", "case", "common"],
)
def test_a_pair_given_twice_is_found_under_any_names(tmp_path, second: str) -> None:
    rows = [("COD", "CHN", 1.0), (second, "156", 1.0)]
    with pytest.raises(InputError, match="this pair was given before, in line 2"):
        load_world(None, matrix(tmp_path / "m.csv", rows))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KEN,gdp_current_busd,55,", "Kenya,gdp_current_busd,56,"),
        ("KEN,population_m,44,", "404,population_m,45,2013"),
    ],
)
def test_a_figure_given_twice_is_found_under_any_two_keys(tmp_path, one: str, other: str) -> None:
    file = tmp_path / "f.csv"
    file.write_text(f"iso3,column,value,year\n{one}\n{other}\n")
    with pytest.raises(InputError, match="given before, in line 2"):
        load_world(file)


def test_figures_under_another_name_reach_the_economy(tmp_path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("iso3,column,value\nTMP,gdp_current_busd,1.5\n")
    found = load_world(file)
    assert found.base["gdp_current_busd"][found.position("TLS")] == 1.5
    assert np.isclose(
        found.base["gdp_current_busd"].sum(), WORLD.base["gdp_current_busd"].sum(), rtol=1e-3
    )


@pytest.mark.parametrize(
    "typed",
    [
        "Birmania",
        "South-South",
        "América Latina",
        "KOS",
        "North-South",
        "Gabonia",
        "Nigermark",
    ],
)
def test_a_name_that_is_only_alike_suggests_no_other_country(typed: str) -> None:
    found = NAMES.find(typed)
    assert found.iso3 in (None, "MMR")
    assert found.near == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Brazl", "BRA"), ("Germny", "DEU"), ("Viet Naam", "VNM"), ("Indnesia", "IDN")],
)
def test_a_slip_in_writing_a_name_suggests_it(typed: str, code: str) -> None:
    assert NAMES.find(typed).near == (code,)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Korea, North", "PRK"),
        ("DPRK", "PRK"),
        ("Macau", "MAC"),
        ("Chinese Taipei", "TWN"),
        ("S19", "TWN"),
        ("RDC", "COD"),
        ("刚果民主共和国", "COD"),
        ("俄罗斯联邦", "RUS"),
        ("Congo, Dem. Rep. of the", "COD"),
        ("Korea, Rep. of", "KOR"),
        ("Ethiopia(excludes Eritrea)", "ETH"),
        ("Venezuela, Rep. Bolivariana de", "VEN"),
        ("Marshall Isds", "MHL"),
    ],
)
def test_names_as_offices_write_them(typed: str, code: str) -> None:
    assert NAMES.find(typed).iso3 == code


@pytest.mark.parametrize(
    "typed",
    [
        "697",
        "711",
        "837",
        "839",
        "899",
        "_X",
        "W00",
        "EA19",
        "Monde",
        "Mundo",
        "世界",
        "Union européenne",
        "LDCs: Africa",
        "Southern Africa",
        "Economies in transition",
        "Oceania, nes",
    ],
)
def test_groups_of_publishers_are_groups(typed: str) -> None:
    assert NAMES.find(typed).kind == "aggregate"
