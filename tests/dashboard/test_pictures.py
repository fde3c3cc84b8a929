from __future__ import annotations

import json

import numpy as np
import pytest
from dashboard._asking import END, moved, plain

from sscsim.dashboard.pictures import (
    CHANGES,
    HEIGHT,
    WIDTH,
    chart,
    indicators,
    lines,
    map_quantities,
    outlines,
    world_map,
)
from sscsim.dashboard.words import words_of
from sscsim.errors import InputError

EN, ZH = words_of("en"), words_of("zh")


def test_lines_are_the_runs_numbers() -> None:
    found = lines(moved(), plain(), "oda_paid", "World", EN)
    np.testing.assert_array_equal(found.run.values, moved().series("oda_paid", "World"))
    assert found.at(END)[0] > found.at(END)[1] > 0
    assert np.isnan(found.at(2040)).all()
    share = lines(moved(), None, "poverty_headcount", "World", EN)
    # In per cent, as its unit says.
    assert share.at(2013)[0] == 100 * moved().series("poverty_headcount", "World")[0]
    assert np.isnan(share.at(2013)[1])
    # In Chinese money is counted in hundred millions.
    chinese = lines(moved(), None, "oda_paid", "World", ZH)
    assert chinese.shown.unit == "亿美元"
    np.testing.assert_allclose(chinese.run.values, 10.0 * found.run.values)
    assert map_quantities(ZH)["trade"].times == 10.0 * map_quantities(EN)["trade"].times


def test_the_chart_marks_the_year_and_the_end_of_the_record() -> None:
    option = chart(lines(moved(), plain(), "oda_paid", "World", EN), 2016, EN)
    json.dumps(option, allow_nan=False)
    run, later, base = option["series"]
    assert [value is not None for value in run["data"]] == [True] * 4 + [False] * 4
    assert [value is not None for value in later["data"]] == [False] * 3 + [True] * 5
    assert len(base["data"]) == 8
    assert base["lineStyle"]["type"] == "dashed"
    marks = {mark["xAxis"]: mark["label"] for mark in run["markLine"]["data"]}
    assert set(marks) == {"2016", "2018"}
    assert marks["2018"]["formatter"] == "record ends"
    assert option["legend"]["data"] == ["This run", "Baseline"]


def test_the_page_s_indicators_come_first_in_the_language_of_who_looks() -> None:
    english, chinese = indicators(EN), indicators(ZH)
    assert list(english) == list(chinese)
    assert next(iter(english)) == "goal_index"
    assert chinese["goal_index"].title == "可持续发展目标指数"
    assert len(english) > 150
    for name in english:
        assert name in plain().groups, name


def test_a_map_tells_levels_and_changes() -> None:
    level = world_map(moved(), plain(), "income", END, EN)
    codes = moved().history.labels["country"]
    assert set(level.fills) == set(level.texts) == set(codes)
    assert len(level.legend) == 7
    kenya = moved().history
    i = codes.index("KEN")
    income = kenya.values("real_income", END)[i] / kenya.values("population", END)[i]
    assert level.texts["KEN"].startswith(f"Kenya: {EN.number(float(income))} 1,000 USD")
    none = world_map(plain(), plain(), "income", END, EN, change=True)
    assert set(none.fills.values()) == {CHANGES[3]}
    assert none.note == f"No country differs from the baseline in {END}."
    early = world_map(moved(), plain(), "income", 2018, EN, change=True)
    assert set(early.fills.values()) == {CHANGES[3]}


@pytest.mark.parametrize(("quantity", "best"), [("income", CHANGES[-1]), ("poverty", CHANGES[0])])
def test_better_is_purple_whatever_it_means(quantity, best) -> None:
    picture = world_map(moved(), plain(), quantity, END, EN, change=True)
    assert [colour for colour, _ in picture.legend][-1] == best
    colours = dict(picture.legend)
    assert set(picture.fills.values()) <= {*colours, "#ffffff"}
    # The lever that is moved gives growth to everybody.
    assert sum(colour in CHANGES[4:] for colour in picture.fills.values()) > 100
    assert picture.legend[3][1] == "about none"


def test_classes_of_a_map_are_the_same_in_every_year() -> None:
    assert len({world_map(moved(), plain(), "income", y, EN).legend for y in moved().years}) == 1


def test_a_goal_that_does_not_apply_has_no_colour() -> None:
    picture = world_map(plain(), None, "goal_14", END, ZH)
    assert picture.fills["CHE"] == "#ffffff"  # has no coast
    assert picture.texts["CHE"].startswith("瑞士")
    assert picture.fills["BRA"] != "#ffffff"


def test_names_that_there_are_not_are_refused() -> None:
    with pytest.raises(InputError, match="indicator"):
        lines(plain(), None, "gpd", "World", EN)
    with pytest.raises(InputError, match="quantity"):
        world_map(plain(), None, "incomes", END, EN)
    with pytest.raises(InputError, match="year"):
        world_map(plain(), None, "income", 2033, EN)
    with pytest.raises(InputError):
        words_of("fr")


def test_every_country_of_the_model_is_on_the_map() -> None:
    found = {one["id"] for one in outlines()}
    assert set(plain().history.labels["country"]) <= found
    assert "goal_17" in map_quantities(EN)
    for one in outlines():
        if "x" in one:
            assert 0 < one["x"] < WIDTH
            assert 0 < one["y"] < HEIGHT


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (1234567.0, "1,234,567"), (-0.5, "−0.5"), (0.012345, "0.01235"), (66.05, "66.05")],
)
def test_numbers_have_four_digits_that_count(value, said) -> None:
    assert EN.number(value) == said
    assert EN.number(float("nan")) == "–"
    assert EN.number(2.0, signed=True) == "+2"
