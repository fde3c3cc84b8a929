"""What a submodel is: it declares, prepares, fills, opens and runs; others find it by its class."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.model import SouthSouthModel
from sscsim.steps.finance import Finance
from sscsim.steps.plan import OPENING, variables
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.steps.trade import GravityTrade, Trade
from sscsim.world.state import State, unique, variable


class Migration(Submodel):
    """People who live abroad: a submodel of a user's own."""

    name = "migration"
    title = "people move towards income"
    variables = (variable("migrants", "country", "million", "People born elsewhere", neutral=2.0),)
    reads = ("population", "gdp")

    def __init__(self, given: Given, others: Submodels) -> None:
        self.rate = 0.01

    def fill(self, state: State, given: Given) -> None:
        state.migrants = 0.03 * state.population

    def turn(self, now: Year) -> None:
        now.state.migrants = 0.99 * now.last.migrants

    def run(self, now: Year) -> None:
        now.state.migrants = now.state.migrants + self.rate * now.state.gdp / now.opening.gdp


def test_a_state_opens_neutral_and_knows_its_variables() -> None:
    state = State.neutral(2013, Migration.declared(), {"country": 3})
    assert state.migrants.tolist() == [2.0, 2.0, 2.0]
    assert dict(state).keys() == {"migrants"}
    again = state.copy()
    again.migrants[0] = 5.0
    assert state.migrants[0] == 2.0
    seen = state.view()
    state.migrants = np.zeros(3)
    assert seen.migrants[0] == 2.0, "a view keeps the arrays it saw"


@pytest.mark.parametrize("twice", ["gdp", "bank_loans", "platform_reach"])
def test_a_variable_is_declared_once(twice: str) -> None:
    again = variable(twice, "country", "bn USD", "A second time")
    with pytest.raises(ValueError, match=f"{twice} is declared twice"):
        unique([*variables(), again])


def test_submodels_are_found_by_their_class() -> None:
    model = SouthSouthModel(seed=1, end=2013)
    assert model.submodels.of(Finance).credit is model.submodels["credit"]
    assert [one.name for one in model.submodels if one.name in {k.name for k in OPENING}] == [
        kind.name for kind in OPENING
    ]
    with pytest.raises(LookupError, match="migration is not prepared"):
        model.submodels.of(Migration)
    naive = SouthSouthModel(seed=1, end=2013, naive=True)
    assert isinstance(naive.submodels.of(Trade), GravityTrade)
    with pytest.raises(LookupError):
        model.submodels.of(GravityTrade)


def test_a_submodel_that_reaches_what_it_does_not_need_fails_when_it_is_prepared() -> None:
    given = Given(SouthSouthModel(seed=1, end=2013).world, None, 2013)
    with pytest.raises(LookupError, match="trade is not prepared"):
        Finance(given, Submodels())


def test_a_submodel_of_ones_own_joins_the_plan(monkeypatch) -> None:
    import sscsim.added as added_module
    import sscsim.model as model_module
    import sscsim.steps.plan as plan

    monkeypatch.setattr(model_module, "PLAN", (*plan.PLAN, Migration))
    monkeypatch.setattr(model_module, "OPENING", (*plan.OPENING, Migration))
    monkeypatch.setattr(
        added_module, "variables", lambda: (*plan.variables(), *Migration.variables)
    )
    plain, joined = (SouthSouthModel(seed=1, end=2015) for _ in range(2))
    monkeypatch.undo()
    plain = SouthSouthModel(seed=1, end=2015)
    while joined.running:
        joined.step()
        plain.step()
    first = 0.03 * joined.opening.population
    assert (joined.state.migrants > 0.99**2 * first).all()
    for name, values in plain.state:
        assert np.array_equal(values, getattr(joined.state, name), equal_nan=True), name
