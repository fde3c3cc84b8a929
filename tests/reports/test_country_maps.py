"""Maps of an indicator by country, and of the difference of two runs."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.reports import maps
from sscsim.reports.changes import Changes
from sscsim.reports.countries import country_lists
from sscsim.reports.country_maps import _between, by_country, country_map, difference_map
from sscsim.reports.style import NO_BREAK

from .test_figures import check_texts, foot, luminance, title


@pytest.fixture(scope="module")
def other(make_run):
    return make_run(goal_gain=0.9, scale=1.1)


def test_a_number_of_every_country_is_an_indicator_or_a_variable(run):
    table = run.countries[run.countries["year"] == 2030].set_index("iso3")
    share = by_country(run, "poverty_headcount", 2030)
    assert share.unit == "fraction"
    np.testing.assert_allclose(share.values, table["poverty_headcount"])
    index = by_country(run, "goal_index", 2030)
    assert index.title == "Index of the Goals"
    np.testing.assert_allclose(
        index.values, table[[f"goal_{g}" for g in range(1, 18)]].mean(axis=1)
    )
    variable = by_country(run, "human_capital", 2013)
    assert (variable.unit, variable.title) == ("index", "Human capital")


def test_the_title_of_a_map_names_the_ends_and_a_tint_is_darker_the_more(run):
    figure = country_map(run, "poverty_headcount", 2030)
    found = by_country(run, "poverty_headcount", 2030)
    order = np.argsort(-found.values, kind="stable")
    words = title(figure)
    first, last = (country_lists().name(found.iso3[k]) for k in (order[0], order[-1]))
    assert words.startswith("The share of people in poverty in 2030 is highest in " + first)
    assert f"lowest in {last} (" in words
    shapes = figure.axes[0].collections[0]
    drawn = [shape for shape, _ in maps._outlines(maps.CENTRAL_MERIDIAN)]
    codes = [shape.m49 for shape in drawn if shape.name != "Antarctica"]
    faces = dict(zip(codes, shapes.get_facecolors(), strict=True))
    lists = country_lists()
    inside = [k for k in order if lists.m49(found.iso3[k]) in faces]
    shades = [luminance(faces[lists.m49(found.iso3[k])][:3]) for k in inside]
    assert shades == sorted(shades)
    assert len(set(np.round(shades, 3))) == 5
    check_texts_of_map(figure)
    assert "run baseline, seed 1" in foot(figure)
    assert maps.BOUNDARY_NOTE in foot(figure)


def check_texts_of_map(figure):
    figure.draw_without_rendering()
    check_texts(figure)


def test_the_difference_of_two_runs_is_the_second_less_the_first(run, other):
    gap = by_country(other, "goal_index", 2030).values - by_country(run, "goal_index", 2030).values
    assert (gap > 0).all()
    figure = difference_map(run, other, "goal_index", 2030)
    most = int(np.argmax(gap))
    name = country_lists().name(by_country(run, "goal_index", 2030).iso3[most])
    assert f"most in {name} (+{gap[most]:.1f})" in title(figure)
    assert not [c for c in figure.axes[0].collections if c.get_hatch()]
    back = difference_map(other, run, "goal_index", 2030)
    assert "falls short of baseline" in title(back)
    assert [c for c in back.axes[0].collections if c.get_hatch()]  # losses are hatched
    check_texts_of_map(figure)


def test_money_is_compared_as_a_share_of_the_countrys_own(run, other):
    changes = _between(
        by_country(run, "real_income", 2030), by_country(other, "real_income", 2030), less=False
    )
    assert isinstance(changes, Changes)
    np.testing.assert_allclose(changes.values, 10.0)
    assert changes.mark == f"{NO_BREAK}%"


def test_equal_runs_are_called_equal_and_less_poverty_is_a_gain(run, other):
    assert "the same" in title(difference_map(run, run, "goal_index"))
    before, after = (by_country(one, "poverty_headcount", 2030) for one in (run, other))
    changes = _between(before, after, less=True)
    assert not changes.seen.any()  # nothing but Goals and income differs
    lower = type(after)(after.iso3, after.values - 0.01, after.unit, after.title)
    colours = {
        _between(before, lower, less=True).colour(k, 1.0)[1] for k in range(len(before.iso3))
    }
    assert colours == {False}


def test_what_no_map_can_show_is_answered_with_the_nearest(run, make_run):
    with pytest.raises(InputError, match="did you mean 'poverty_headcount'"):
        country_map(run, "poverty_hedcount")
    with pytest.raises(InputError, match="2013, 2014"):
        country_map(run, "gdp", 2050)
    with pytest.raises(InputError, match="kept no table of countries"):
        country_map(make_run(countries=False), "gdp")
