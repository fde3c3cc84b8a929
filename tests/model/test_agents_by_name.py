"""Agents are found by what they are, whatever order a user brings their set into."""

from __future__ import annotations

import pytest

from sscsim.errors import InputError
from sscsim.model import SouthSouthModel


@pytest.fixture
def model() -> SouthSouthModel:
    one = SouthSouthModel(seed=1, end=2014)
    one.step()
    return one


@pytest.mark.parametrize("by", ["gdp", "population", "unique_id"])
def test_a_set_that_is_sorted(model: SouthSouthModel, by: str) -> None:
    model.countries.sort(by, ascending=False, inplace=True)
    for code in ("AFG", "BRA", "ZWE"):
        assert model.country(code).iso3 == code
    model.step()
    assert model.country("BRA").gdp == model.state.gdp[model.world.position("BRA")]


def test_a_set_that_is_shuffled_or_selected(model: SouthSouthModel) -> None:
    model.countries.shuffle(inplace=True)
    assert model.country("KEN").iso3 == "KEN"
    model.countries.select(lambda agent: agent.iso3 > "M", inplace=True)
    assert model.country("ZMB").iso3 == "ZMB"


def test_an_agent_that_left_is_not_another(model: SouthSouthModel) -> None:
    model.country("AFG").remove()
    assert model.country("BRA").iso3 == "BRA"
    with pytest.raises(InputError, match="has left"):
        model.country("AFG")


def test_banks_in_another_order_lend_the_same() -> None:
    plain, shuffled = (SouthSouthModel(seed=1, end=2017) for _ in range(2))
    shuffled.banks.sort("code", ascending=False, inplace=True)
    while plain.running:
        plain.step()
        shuffled.step()
    assert (plain.state.bank_approvals == shuffled.state.bank_approvals).all()
    assert shuffled.bank("NDB").code == "NDB"
