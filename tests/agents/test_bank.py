"""Banks as Mesa agents: windows on the state, decisions as methods, levers in their weights."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from sscsim.agents import DevelopmentBank
from sscsim.flows.banking import Outlook
from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting, Where


@pytest.fixture(scope="module")
def model() -> SouthSouthModel:
    setting = Setting(value=2.0, where=Where(bank="NDB"))
    moved = Scenario("green", {"en": "Green"}, levers={"bank_focus_renewable": (setting,)})
    built = SouthSouthModel(moved, seed=1, end=2017, off=("knowledge", "goals"))
    while built.running:
        built.step()
    return built


def test_banks_are_agents_in_the_order_of_their_codes(model: SouthSouthModel) -> None:
    assert all(isinstance(bank, mesa.Agent) for bank in model.banks)
    assert [bank.code for bank in model.banks] == sorted(bank.code for bank in model.banks)
    assert repr(model.bank("NDB")) == "DevelopmentBank(NDB)"


def test_an_attribute_is_a_window_on_the_state(model: SouthSouthModel) -> None:
    bank = model.bank("AIIB")
    assert bank.bank_loans == model.state.bank_loans[bank.index] > 0
    assert bank.bank_outstanding.sum() == pytest.approx(bank.bank_loans)
    bank.bank_reserves = bank.bank_reserves
    assert bank.bank_member.sum() > 57


def test_a_lever_on_one_bank_moves_its_weights_alone(model: SouthSouthModel) -> None:
    for bank in model.banks:
        added = bank.weights.renewable - bank.rules.bank.scoring.renewable
        assert added == (2.0 if bank.code == "NDB" else 0.0)


def test_governors_are_asked_by_method(model: SouthSouthModel) -> None:
    bank: DevelopmentBank = model.bank("AIIB")
    assert bank.govern(Outlook(50.0, True, True, True), np.zeros(2), 1.0) == 0
    assert bank.govern(Outlook(1.0, True, True, True), np.zeros(2), 1.0) == 1
