"""What single steps do beyond the functions they call: phase-in, the observed base year, who hands what to whom."""

from __future__ import annotations

import numpy as np
import pytest
from _worlds import random_world

from sscsim.model import SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting, Where
from sscsim.steps.growth import Growth
from sscsim.steps.institutions import Institutions
from sscsim.steps.investment import Investment
from sscsim.steps.policy import Policy
from sscsim.steps.trade import Trade


@pytest.fixture(scope="module")
def whole() -> list:
    """Every year's state of the baseline."""
    model = SouthSouthModel(seed=1)
    states = []
    while model.running:
        model.step()
        states.append(model.state.copy())
    return [model, *states]


# ------------------------------------------------------------------------------------------------------- institutions


@pytest.mark.parametrize("years", [1.0, 5.0, 10.0])
def test_agreements_phase_in_over_their_years_and_end_at_once(years: float) -> None:
    parameters = default_parameters()
    low, high = parameters.definition("agreement_phase_in").bounds
    if not low <= years <= high:
        pytest.skip("outside the parameter's bounds")
    model = SouthSouthModel(
        seed=1, parameters=parameters.replace({"agreement_phase_in": years}), world=random_world(3)
    )
    before = model.state.agreement
    while model.running:
        model.step()
        now, due = model.state.agreement, model.submodels["institutions"].agreements[model.year]
        assert ((now >= 0.0) & (now <= 1.0)).all()
        if model.year > model.opening.year:
            risen = now - before
            assert risen.max() <= 1.0 / years + 1e-12
            assert (now[due == 0.0] == 0.0).all()
            growing = (due == 1.0) & (before < 1.0)
            assert (now[growing] > before[growing]).all()
        before = now
    settled = (
        model.submodels["institutions"].agreements[model.opening.year]
        == model.submodels["institutions"].agreements[model.end]
    )
    assert np.array_equal(
        model.state.agreement[settled],
        model.submodels["institutions"].agreements[model.end][settled],
    )


def test_agreements_of_the_base_year_are_in_force_from_the_start(whole) -> None:
    model, first = whole[0], whole[1]
    assert np.array_equal(
        first.agreement, model.submodels["institutions"].agreements[model.opening.year]
    )
    assert np.array_equal(first.agreement, first.agreement.T)


# ------------------------------------------------------------------------------------------------------------- policy


def test_without_levers_every_policy_variable_is_neutral(whole) -> None:
    one = {"trade_cost", *(v.moves for v in lever_table().values() if v.combine == "multiply")}
    for state in whole[1:]:
        for name in Policy.all_writes():
            assert (getattr(state, name) == (1.0 if name in one else 0.0)).all(), name


# ------------------------------------------------------------------------------------------ what the base year is for


def test_flows_of_the_base_year_are_those_observed(whole) -> None:
    model, first = whole[0], whole[1]
    assert np.allclose(first.trade, model.submodels["trade"].base.flows, rtol=1e-8, atol=1e-9)
    assert np.array_equal(first.fdi, model.submodels["investment"].base.fdi.net)
    assert np.array_equal(first.poverty_headcount, model.opening.poverty_headcount)
    assert np.array_equal(first.goals, model.submodels["goals"].base.scores, equal_nan=True)


def test_the_steps_declare_what_the_turn_of_the_year_needs() -> None:
    handed = {name for name in Growth.all_writes() if name.startswith("closing_")}
    assert handed == {
        "closing_private_capital",
        "closing_infrastructure_capital",
        "closing_productivity",
        "closing_human_capital",
        "closing_openness",
    }
    assert "financing_ratio" in Trade.all_reads(), (
        "what arrived last year finances this year's imports"
    )
    assert "agreement" in Institutions.all_writes()
    assert {"fdi_inward_stock", "fdi_outward_stock"} <= set(Investment.all_writes())


def test_what_arrives_this_year_finances_imports_next_year() -> None:
    """Aid that doubles in 2016 moves the deficit of those who live by it in 2017 and not before."""
    double = (Setting(value=2.0, where=None, **{"from": 2016}),)
    aided = SouthSouthModel(Scenario("aid", {"en": "Aid"}, levers={"aid_volume": double}), seed=1)
    plain = SouthSouthModel(seed=1)
    row = plain.world.position("AFG")
    while plain.year < 2016:
        plain.step()
        aided.step()
    assert aided.state.oda_received[row] > 1.9 * plain.state.oda_received[row]
    assert np.array_equal(aided.state.trade, plain.state.trade)
    plain.step()
    aided.step()
    assert aided.state.deficit_ratio[row] > plain.state.deficit_ratio[row] + 0.01


def test_policy_that_frees_trade_raises_productivity_once_and_a_year_later() -> None:
    cut = (Setting(value=-0.1, where=Where(group="ASEAN"), **{"from": 2016}),)
    freer = SouthSouthModel(Scenario("freer", {"en": "Freer"}, levers={"trade_cost": cut}), seed=1)
    plain = SouthSouthModel(seed=1)
    members = plain.world.membership("ASEAN")
    while plain.year < 2016:
        plain.step()
        freer.step()
    assert (freer.state.trade_gain[members] > plain.state.trade_gain[members]).all()
    assert np.array_equal(freer.state.openness, plain.state.openness)
    gaps = []
    for _ in range(4):
        plain.step()
        freer.step()
        gaps.append((freer.state.openness - plain.state.openness)[members].mean())
    assert gaps[0] > 0.0
    assert max(gaps) < 1.5 * gaps[0]  # a level, not a rate


def test_goals_take_no_luck_before_the_scores_were_observed(whole) -> None:
    model = whole[0]
    for state in whole[1:]:
        assert state.goal_noise.any() == (state.year > model.submodels["goals"].base.observed_year)


def test_gdp_follows_from_its_factors_in_every_year(whole) -> None:
    from sscsim.outcomes.growth import production

    model = whole[0]
    for state in whole[1:]:
        made = production(
            state.productivity,
            state.infrastructure_capital,
            state.private_capital,
            state.human_capital,
            state.labour,
            model.submodels["growth"].base.parameters,
            openness=state.openness,
        )
        assert np.allclose(made, state.gdp, rtol=1e-10)
