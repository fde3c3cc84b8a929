"""Fair pairs of the model: shipped scenarios against the baseline, and how much pairing brings.

The signs are what the equations assume: they test the implementation and are no evidence for the effects.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments import RunStore, compare
from sscsim.experiments.effects import paired_effect
from sscsim.experiments.members import members
from sscsim.experiments.pairs import (
    DEFAULT_QUESTIONS,
    Effects,
    Losses,
    Question,
    less_is_better,
    questions,
)
from sscsim.model import simulate
from sscsim.policy import Scenario, list_scenarios
from sscsim.policy.scenario import Setting, Where

FEW, DRAWS = 6, 30
"""Pairs in every run of the tests, and in the long one."""
END = 2022


def scenario(name: str, lever: str, value: float, where: Where) -> Scenario:
    setting = Setting(value=value, where=where, **{"from": 2014})
    return Scenario(name, {"en": name}, levers={lever: (setting,)})


SMALL = (
    scenario("guarantees-in-nepal", "guarantee_capacity", 0.05, Where(countries=["NPL"])),
    scenario("cheaper-trade-in-asean", "trade_cost", -0.005, Where(group="ASEAN")),
)
"""Small levers on small places."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("pairs") / "store")


# What must be seen at 2022 over 30 pairs: indicator, group, sign.
SIGNS = {
    "trade-integration": [("trade_within", "South", +1), ("real_income", "South", +1)],
    "african-continental-area": [("trade_within", "AfCFTA", +1), ("real_income", "AfCFTA", +1)],
    "private-partnership": [("fdi_inflow", "South", +1), ("gdp", "South", +1)],
    "global-slowdown": [
        ("gdp", "North", -1),
        ("fdi_outflow", "North", -1),
        ("fdi_inflow", "South", -1),
    ],
}


def test_every_scenario_on_trade_and_investment_is_looked_at() -> None:
    assert set(SIGNS) <= set(list_scenarios())


def check_signs(store: RunStore, draws: int) -> None:
    effects = compare(
        ["baseline", *SIGNS],
        draws,
        end=END,
        years=(END,),
        indicators=sorted({indicator for found in SIGNS.values() for indicator, *_ in found}),
        groups=sorted({group for found in SIGNS.values() for _, group, _ in found}),
        store=store,
    )
    assert effects.draws == draws
    for name, found in SIGNS.items():
        for indicator, group, sign in found:
            effect = effects.effect(name, indicator, group, END)
            assert effect.seen, (name, indicator, group)
            assert np.sign([effect.low, effect.median, effect.high]).tolist() == [sign] * 3


def test_shipped_scenarios_do_what_they_say(store) -> None:
    check_signs(store, FEW)


@pytest.mark.slow
def test_shipped_scenarios_do_what_they_say_in_thirty_pairs(store) -> None:
    check_signs(store, DRAWS)


def test_pairing_narrows_a_small_levers_effect_tenfold(store) -> None:
    effects = compare(
        ["baseline", *SMALL],
        2 * FEW,
        end=2017,
        years=(2017,),
        # Not output: in years of the record it is the record's in every draw, and there is no luck to take off.
        indicators=("trade_within", "fdi_inflow", "goal_index"),
        groups=("World", "ASEAN", "South"),
        store=store,
    )
    seen = effects.table[effects.table["seen"]]
    assert len(seen) > 5
    assert (seen["narrowed"] > 10.0).all(), seen[["scenario", "indicator", "group", "narrowed"]]


def test_runs_drawn_apart_gain_nothing(store) -> None:
    # The same two scenarios, the second with other luck and other parameters: pairs are what narrows.
    effects = compare(
        ["baseline", *SMALL], 2 * FEW, end=2017, years=(2017,), indicators=["gdp"], store=store
    )
    a, b = effects.values[0, 0], effects.values[0, 1]
    assert paired_effect(a, b).narrowed > 100 * paired_effect(a, np.roll(b, 1)).narrowed
    assert paired_effect(a, np.roll(b, 1)).narrowed < 3.0


def test_pairs_are_the_runs_themselves_and_are_made_once(store) -> None:

    def again(draws: int) -> Effects:
        return compare(
            ["baseline", "private-partnership"],
            draws,
            end=2016,
            years=(2016,),
            indicators=["exports"],
            groups=["LDC"],
            store=store,
        )

    effects = again(2)
    assert (effects.tally.run, effects.tally.stored) == (4, 0)
    more = again(3)
    assert (more.tally.run, more.tally.stored) == (2, 4)
    assert np.array_equal(more.values[:, :, :2], effects.values)
    member = members(["baseline"], 2, end=2016)[1]
    given = {"set": dict(member.parameters), "figures": dict(member.figures)}
    run = simulate("baseline", seed=member.seed, end=2016, **given)
    assert effects.values[0, 0, 1] == run.value("exports", "LDC", 2016)


def test_losers_are_counted_country_by_country(store) -> None:
    hit = scenario("slump", "productivity_growth", -0.05, Where(countries=["NPL", "KEN"]))
    effects = compare(
        ["baseline", hit], 5, end=2016, years=(2016,), indicators=["gdp"], store=store
    )
    table = effects.losers().set_index(["measure", "group"])
    row = table.loc[("gdp", "World")]
    assert row["of"] == 197
    assert {"NPL", "KEN"} <= set(row["names"].split())
    assert row["worse"] >= row["surely"] >= 2
    assert table.loc[("gdp", "LDC")]["names"].split() == ["NPL"]
    assert table.loc[("goals", "World")]["of"] < 197 * 17  # landlocked States have no Goal 14
    assert (table["worse_low"] <= table["worse"]).all()
    assert (table["worse"] <= table["worse_high"]).all()
    up = compare([hit, "baseline"], 5, end=2016, years=(2016,), indicators=["gdp"], store=store)
    turned = up.losers().set_index(["measure", "group"])
    assert turned.loc[("gdp", "World")]["better"] == pytest.approx(row["worse"], abs=1)
    assert up.tally.run == 0


def test_years_without_outcomes_have_no_losers(store) -> None:
    effects = compare(
        ["baseline", "private-partnership"],
        2,
        end=2016,
        years=(2015,),
        indicators=["gdp"],
        store=store,
    )
    assert effects.losers().empty


# ------------------------------------------------------------------------------------------------------- what is asked


def test_the_usual_questions_and_their_groups() -> None:
    usual = questions()
    assert [q[:2] for q in usual] == list(DEFAULT_QUESTIONS)
    assert {q.year for q in usual} == {2030}
    assert all(q.unit for q in usual)
    assert [q[:3] for q in questions(["exports"], years=(2020, 2030))] == [
        ("exports", "World", 2020),
        ("exports", "World", 2030),
    ]
    assert [q.group for q in questions(["trade_within_asia_both_share"])] == ["South"]
    assert {q.group for q in questions(groups=["LDC"])} == {"LDC"}


@pytest.mark.parametrize(
    ("arguments", "key", "suggestion"),
    [
        ({"indicators": ["trade_withn"]}, "indicator", "trade_within"),
        ({"groups": ["Sout"]}, "group", "South"),
        ({"indicators": ["trade_within_asia_both_share"], "groups": ["LDC"]}, "group", None),
        ({"years": (2035,)}, "year", None),
        ({"years": (2012,)}, "year", None),
        ({"precision": 0.0}, "precision", None),
        ({"draws": 1}, "draws", None),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_refused_before_anything_runs(
    tmp_path: Path, arguments, key, suggestion
) -> None:
    with pytest.raises(InputError) as caught:
        compare(["baseline", "trade-integration"], store=tmp_path / "store", **arguments)
    assert (caught.value.key, caught.value.suggestion) == (key, suggestion)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("names", [["baseline"], ["baseline", "baseline"]])
def test_a_comparison_needs_another_scenario(tmp_path: Path, names) -> None:
    with pytest.raises(InputError, match="at least one other"):
        compare(names, store=tmp_path / "store")


# ------------------------------------------------------------------------------------------------------------- ranking


def made(values: np.ndarray, indicator: str) -> Effects:
    return Effects(
        reference="a",
        scenarios=("b", "c"),
        titles={},
        questions=(Question(indicator, "World", 2030, ""),),
        values=values[None],
        losses=(),
        tally=None,
        source="priors",
        seeds=(1, 2),
        left_out=0,
        precision=0.05,
        absolute=False,
        drawn={},
    )


def test_an_effect_is_taken_apart_by_what_was_drawn() -> None:
    rng = np.random.default_rng(1)
    elasticity, rate = rng.normal(5, 1, 300), rng.normal(0.1, 0.02, 300)
    reference = rng.normal(size=300)
    values = np.array(
        [reference, reference + 3 * elasticity + 0.1 * rng.normal(size=300), reference]
    )
    drawn = {"trade_elasticity": elasticity, "learning_rate": rate, "banks.aiib.limit": rate**2}
    effects = replace(made(values, "gdp"), drawn=drawn)
    found = effects.identify("b", "gdp", "World", 2030)
    assert [p.name for p in found.groups] == ["trade"]
    assert found.parameters[0].share > 0.95
    assert found.informed == 0.0  # draws over the priors know nothing of the report
    narrow = replace(
        effects, source="posterior.csv", drawn=drawn | {"trade_elasticity": 5 + elasticity / 100}
    )
    assert narrow.identify("b", "gdp", "World", 2030).informed > 0.95
    with pytest.raises(InputError, match="luck"):
        replace(effects, drawn={}).identify("b", "gdp", "World", 2030)
    with pytest.raises(InputError, match="too few"):
        replace(effects, values=effects.values[..., :20]).identify("b", "gdp", "World", 2030)


def test_ranking_goes_by_what_is_better() -> None:
    values = np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 0.5], [0.0, 1.5, 0.5, 0.5]])
    more = made(values, "gdp").ranking()
    assert more["scenario"].tolist() == ["b", "a", "c"]
    assert more["best"].tolist() == [0.75, 0.25, 0.0]
    less = made(values, "poverty_headcount").ranking()
    assert less["scenario"].tolist() == ["c", "a", "b"]
    assert less["best"].sum() == pytest.approx(1.0)
    assert less["best"].tolist() == [0.625, 0.25, 0.125]  # in the last draw b and c share it
    assert set(less["better"]) == {"less"}


def test_less_is_better_of_poverty_and_losses_only() -> None:
    assert all(map(less_is_better, ("poverty_people", "goal_losers", "goals_lost", "goal_3_lost")))
    assert not any(
        map(less_is_better, ("gdp", "goals_on_track", "goal_3", "export_destination_hhi"))
    )


def test_small_changes_are_not_noticed() -> None:
    losses = Losses(
        2030,
        ("AAA", "BBB", "CCC"),
        {"World": np.ones(3, dtype=bool)},
        {
            "gdp": np.array([[[-0.0005, -0.002, 0.002]]]),
            "goal_index": np.array([[[-0.05, -0.2, 0.2]]]),
        },
        np.full(3, 17),
        np.zeros((1, 1, 3), dtype=int),
        np.zeros((1, 1, 3), dtype=int),
    )
    for measure in ("gdp", "goal_index"):
        assert losses.worse(measure).tolist() == [[[0, 1, 0]]]
        assert losses.better(measure).tolist() == [[[0, 0, 1]]]
