from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from dashboard._asking import END, MOVED, PLAIN, answers, moved, plain

from sscsim.dashboard.asked import Asked
from sscsim.dashboard.running import Answers, Overtaken
from sscsim.errors import InputError
from sscsim.model import simulate

SEVERAL = [
    PLAIN.with_lever("aid", 2.0),
    PLAIN.with_lever("aid", 0.5),
    PLAIN.with_lever("cooperation", 0.0),
    PLAIN.with_lever("cooperation", 2.0),
    PLAIN.with_lever("growth", 0.5),
    PLAIN.with_lever("growth", -0.5),
    PLAIN.with_lever("growth", 0.25).with_lever("aid", 1.5),
    PLAIN.switched("knowledge", on=False),
    replace(PLAIN, seed=2),
    PLAIN,
]


def same(asked: Asked, answer) -> None:
    run = simulate(asked.settings)
    for indicator, group in [("gdp", "South"), ("oda_paid", "World"), ("projects_received", "LDC")]:
        for year in (2013, 2018, asked.end):
            found = answer.series(indicator, group)[answer.years.index(year)]
            assert found == run.value(indicator, group=group, year=year)


def test_an_answer_is_the_models_to_the_last_bit() -> None:
    assert moved().shared == 6  # 2013 to 2018, the baseline's
    same(MOVED, moved())
    assert moved().series("oda_paid", "World")[-1] != plain().series("oda_paid", "World")[-1]
    assert (
        moved().series("oda_paid", "World")[:6] == plain().series("oda_paid", "World")[:6]
    ).all()


def test_an_answer_is_made_once() -> None:
    moved()
    runs = answers.runs
    levers = {"growth": 0.25, "aid": 2.0}
    again = answers.get(Asked.of(levers=levers, parameters="tables", end=END, seed="1"))
    assert again is moved()
    assert answers.runs == runs


def test_ten_sessions_at_once_do_not_mix() -> None:
    shared, found, wrong = Answers(), {}, []
    ready = threading.Barrier(len(SEVERAL))

    def session(number: int) -> None:
        try:
            ready.wait(timeout=60)
            found[number] = shared.get(SEVERAL[number])
        except Exception as failure:
            wrong.append(failure)

    threads = [threading.Thread(target=session, args=(i,)) for i in range(len(SEVERAL))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=120)
    assert wrong == []
    assert shared.runs == len(SEVERAL)
    alone = Answers()
    for number in reversed(range(len(SEVERAL))):
        expected = alone.get(SEVERAL[number])
        np.testing.assert_array_equal(found[number].measured, expected.measured)
    for number in (2, 8):
        same(SEVERAL[number], found[number])
    last = {tuple(np.nan_to_num(one.measured[-1]).tolist()) for one in found.values()}
    assert len(last) == len(SEVERAL)


def test_who_looks_at_the_same_waits_for_one_run() -> None:
    shared, found = Answers(), []
    threads = [
        threading.Thread(target=lambda: found.append(shared.get(replace(PLAIN, end=2014))))
        for _ in range(5)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert shared.runs == 1
    assert len({id(one) for one in found}) == 1
    assert len(found) == 5


def test_a_run_that_nobody_waits_for_ends_and_leaves_nothing() -> None:
    shared, asked, years = Answers(), PLAIN.with_lever("growth", 0.1), []

    def wanted() -> bool:
        years.append(1)
        return len(years) < 8

    with pytest.raises(Overtaken):
        shared.get(asked, wanted)
    assert len(shared) == 0
    # What was made on the way, the beginning, is whole.
    assert shared.get(asked).years == tuple(range(2013, END + 1))
    same(asked, shared.get(asked))


def test_the_least_lately_used_is_forgotten() -> None:
    few = Answers(kept=2, beginnings=1)
    short = [replace(PLAIN, seed=seed, end=2013) for seed in (1, 2, 3)]
    for one in short[:2]:
        few.get(one)
    few.get(short[0])
    few.get(short[2])
    assert few.known(short[1]) is None
    assert few.known(short[0]) is not None
    assert len(few) == 2


def test_a_scenario_that_parts_earlier_runs_by_itself() -> None:
    asked = replace(PLAIN, scenario="commodity-slump", end=2019)
    same_years = {"gdp": "South"}
    answer = answers.get(asked)
    run = simulate(asked.settings)
    for indicator, group in same_years.items():
        for year in (2014, 2019):
            value = answer.series(indicator, group)[answer.years.index(year)]
            assert value == run.value(indicator, group=group, year=year)


def test_unknown_names_are_said() -> None:
    with pytest.raises(InputError, match="indicator of this name"):
        plain().series("gpd", "World")
    with pytest.raises(InputError, match="group of this indicator"):
        plain().series("gdp", "Worlds")
    with pytest.raises(InputError):
        answers.get(replace(PLAIN, scenario="full-agendas"))
    with pytest.raises(InputError):
        answers.get(replace(PLAIN, parameters="draw:99999"))
