"""Who gains and who loses by name, and what an effect is large or small beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.gathering import Countries
from sscsim.experiments.pairs import Effects, Question

DRAWS = 20
CODES = ("AAA", "BBB", "CCC", "DDD")


def made(
    indicator: str, reference: list[float], *changes: list[float], unit: str = "bn"
) -> Effects:
    """Return effects on four countries: the reference, and changes of each scenario, the same in all draws."""
    held = np.array([reference, *[np.add(reference, c) for c in changes]], dtype=float)
    values = np.repeat(held[None, :, None, :], DRAWS, axis=2)
    groups = {"World": np.ones(4, dtype=bool), "LDC": np.array([False, True, True, False])}
    names = ("Aland", "Bland", "Cland", "Dland")
    return Effects(
        reference="base",
        scenarios=tuple("bc"[: len(changes)]),
        titles={},
        questions=(Question("gdp", "World", 2030, unit),),
        values=values[0].sum(axis=2)[None],
        losses=(),
        tally=None,
        source="priors",
        seeds=(1, DRAWS),
        left_out=0,
        precision=0.05,
        absolute=False,
        drawn={},
        countries=(Countries(2030, CODES, names, groups, (indicator,), (unit,), values),),
    )


def test_countries_gain_as_a_share_of_their_own() -> None:
    effects = made("gdp", [100.0, 10.0, 1.0, 1000.0], [1.0, 0.5, 0.0005, -20.0])
    table = effects.by_country("gdp").set_index("iso3")
    assert table.loc["AAA", "median"] == pytest.approx(1.0)
    assert table.loc["BBB", "relative"] == pytest.approx(0.05)
    assert table.loc["DDD", ["gains", "loses", "positive"]].tolist() == [0.0, 1.0, 0.0]
    gainers = effects.gainers("gdp")
    assert gainers["iso3"].tolist() == ["BBB", "AAA"]  # a share of 0.05 % is not noticed
    assert gainers["country"].tolist() == ["Bland", "Aland"]
    assert gainers["rank"].tolist() == [1, 2]
    assert gainers["surely"].all()
    assert effects.gainers("gdp", most=1)["iso3"].tolist() == ["BBB"]
    assert effects.gainers("gdp", group="LDC")["iso3"].tolist() == ["BBB"]
    assert effects.worse_off("gdp")["iso3"].tolist() == ["DDD"]


def test_fewer_poor_people_are_a_gain() -> None:
    effects = made("poverty_people", [10.0, 10.0, 10.0, 0.0], [-1.0, 0.5, 0.0, 0.0], unit="million")
    assert effects.gainers("poverty_people")["iso3"].tolist() == ["AAA"]
    worse = effects.worse_off("poverty_people")
    assert worse["iso3"].tolist() == ["BBB"]
    assert worse["relative"].tolist() == pytest.approx([0.05])


def test_goals_count_in_points_and_where_they_apply() -> None:
    effects = made(
        "goal_14", [50.0, 5.0, np.nan, 80.0], [0.2, 0.15, 0.0, 0.05], [0.0] * 4, unit="0 to 100"
    )
    table = effects.by_country(scenario="b")
    assert table["iso3"].tolist() == ["AAA", "BBB", "DDD"]
    assert effects.gainers("goal_14")["iso3"].tolist() == ["AAA", "BBB"]
    assert effects.gainers("goal_14", scenario="c").empty
    assert len(effects.by_country()) == 6


def test_a_gain_that_few_draws_show_is_not_named() -> None:
    effects = made("gdp", [100.0, 10.0, 1.0, 1000.0], [1.0, 0.5, 0.1, 20.0])
    values = effects.countries[0].values.copy()
    values[:, 1, : DRAWS * 3 // 4, 0] = 100.0  # no effect on the first in three draws of four
    values[:, 1, : DRAWS // 4, 1] = 10.0
    effects = replace(effects, countries=(replace(effects.countries[0], values=values),))
    gainers = effects.gainers("gdp").set_index("iso3")
    assert "AAA" not in gainers.index
    assert gainers.loc["BBB", "chance"] == pytest.approx(0.75)
    assert not gainers.loc["BBB", "surely"]
    assert gainers.loc["CCC", "surely"]


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"indicator": "gpd"}, "indicator"),
        ({"indicator": "gdp", "scenario": "x"}, "scenario"),
        ({"indicator": "gdp", "year": 2029}, "year"),
        ({"indicator": "gdp", "group": "LCD"}, "group"),
    ],
)
def test_what_is_not_kept_is_said(asked, key) -> None:
    with pytest.raises(InputError) as caught:
        made("gdp", [1.0] * 4, [1.0] * 4).gainers(**asked)
    assert caught.value.key == key


# --------------------------------------------------------------------------------------------------------- yardsticks


def beside(
    indicator: str, group: str, unit: str, level: float, effect: float, **context: float
) -> dict:
    """Return the yardstick of one effect; context by ``before``, ``people``, ``south``, ``poorest``."""
    keys = {
        "before": (indicator, group, 2018),
        "people": ("population", group, 2030),
        "south": (indicator, "South", 2030),
        "poorest": (indicator, "LDC", 2030),
    }
    effects = replace(
        made("gdp", [1.0] * 4, [0.0] * 4),
        questions=(Question(indicator, group, 2030, unit),),
        values=np.array([[np.full(DRAWS, level), np.full(DRAWS, level + effect)]]),
        context={keys[name]: np.full(DRAWS, value) for name, value in context.items()},
    )
    return effects.yardsticks().iloc[0].to_dict()


def test_an_effect_stands_beside_what_the_reference_brings_itself() -> None:
    found = beside(
        "goal_index", "LDC", "0 to 100", 54.0, 0.16, before=50.0, south=60.0, poorest=54.0
    )
    assert (found["since"], found["progress"]) == (2018, 4.0)
    assert found["of_progress"] == pytest.approx(0.04)
    assert found["of_gap"] == pytest.approx(0.16 / 6)
    assert found["title"] == "Index of the Goals, Least developed countries"
    assert "4.0 % of own progress since 2018" in found["words"]
    assert "2.7 % of the gap" in found["words"]


def test_money_is_told_a_head_and_shares_as_people() -> None:
    income = beside("real_income", "LDC", "bn 2015 USD", 2000.0, 5.0, before=1000.0, people=1000.0)
    assert income["a_head"] == pytest.approx(5.0)  # bn over million is thousand
    assert "+5.0 USD a head" in income["words"]
    poor = beside("poverty_headcount", "LDC", "fraction", 0.3, -0.001, before=0.4, people=1000.0)
    assert poor["people"] == pytest.approx(-1.0)
    assert poor["of_progress"] == pytest.approx(-0.01)
    assert "own progress" in poor["words"]  # less of it is better


def test_what_cannot_be_told_is_left_out() -> None:
    alone = beside("trade_within", "South", "bn USD", 5.0, 1.0)
    assert np.isnan(alone["of_progress"])
    assert np.isnan(alone["of_gap"])
    assert alone["words"] == ""
    worse = beside("goal_index", "LDC", "0 to 100", 40.0, 1.0, before=50.0)
    assert "own decline" in worse["words"]
    none = beside("goal_index", "LDC", "0 to 100", 54.0, 0.0, before=50.0)
    assert none["words"] == ""
    # The share of world GDP of two groups says nothing of how well off they are.
    share = beside(
        "gdp_share", "LDC", "fraction", 0.01, 0.001, before=0.01, south=0.4, poorest=0.01
    )
    assert np.isnan(share["of_gap"])
