from __future__ import annotations

import copy

import numpy as np
from dashboard._asking import END, PLAIN, moved, plain

from sscsim.dashboard.watching import TURN, changes, watch
from sscsim.model import SouthSouthModel, simulate
from sscsim.steps.plan import PLAN


def test_what_is_watched_computes_the_same() -> None:
    settings = {"seed": 3, "end": 2015, "keep": "indicators", "parameters": "tables"}
    model = SouthSouthModel(**settings)
    history = watch(model)
    assert watch(model) is history  # once, however often it is asked for
    copies = {}
    while model.running:
        model.step()
        copies[model.year] = {name: array.copy() for name, array in model.state}
    assert model.recorded().indicators.equals(simulate(**settings).indicators)
    # Nobody writes into what was kept.
    for year, held in copies.items():
        for name in ("gdp", "goals", "bank_loans", "capability"):
            np.testing.assert_array_equal(history.values(name, year), held[name])
        np.testing.assert_array_equal(history.values("trade", year), held["trade"].sum(axis=1))


def test_every_step_says_what_it_changed() -> None:
    history = plain().history
    assert list(history.moves[END]) == [TURN, *(kind.name for kind in PLAN)]
    for kind in PLAN:
        names = {one.variable.name for one in changes(history, END, kind.name)}
        assert names <= {*kind.all_writes(), *(one.name for one in kind.declared())}, kind.name
    trade = {one.variable.name: one for one in changes(history, END, "trade")}
    exports = trade["exports"]
    before, after = (history.values("exports", year).sum() for year in (END - 1, END))
    assert exports.before == before
    assert exports.after == after
    assert exports.places == exports.moved == len(history.labels["country"])
    place, by = exports.furthest
    apart = history.values("exports", END) - history.values("exports", END - 1)
    assert place == history.labels["country"][int(np.abs(apart).argmax())]
    assert by == apart[int(np.abs(apart).argmax())]
    assert exports.size == np.abs(apart).sum() / before


def test_stocks_move_at_the_turn_and_the_largest_change_comes_first() -> None:
    found = changes(plain().history, END, TURN)
    assert {"productivity", "private_capital", "population"} <= {one.variable.name for one in found}
    sizes = [one.size for one in found]
    assert sizes == sorted(sizes, reverse=True)


def test_a_copy_goes_on_by_itself() -> None:
    ours, theirs = plain().history, moved().history
    assert ours.values("gdp", 2018) is theirs.values("gdp", 2018)  # the past is shared
    assert (ours.values("oda_paid", END) != theirs.values("oda_paid", END)).any()
    assert list(ours.ends) == list(theirs.ends) == list(range(2013, END + 1))
    # The year in which they part is whole: what did not move is not said to have.
    names = {one.variable.name for one in changes(theirs, 2019, TURN)}
    assert "gdp" in names
    assert "exports" not in names


def test_a_step_that_is_off_changes_nothing() -> None:
    model = SouthSouthModel(PLAIN.switched("trade", on=False).settings)
    history = watch(model)
    model.step()
    assert "trade" not in history.moves[2013]
    assert changes(history, 2013, "trade") == []
    assert changes(history, 2013, "goals") or changes(history, 2013, "knowledge")


def test_a_watched_model_can_be_copied() -> None:
    model = SouthSouthModel(PLAIN.settings)
    watch(model)
    model.step()
    twin = model.fork(model.policy_scenario)
    twin.step()
    model.step()
    assert watch(twin) is not watch(model)
    np.testing.assert_array_equal(watch(twin).values("gdp", 2014), watch(model).values("gdp", 2014))
    assert copy.copy(watch(model)) is not watch(model)
