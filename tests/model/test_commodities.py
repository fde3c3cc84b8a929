"""Commodity prices in a run: the record of 2013 to 2016, markets at the corners of levers, swings after the record."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting
from sscsim.world.state import State

LEVERS = tuple(name for name in lever_table() if name.startswith("commodity_price"))


def until(year: int, scenario: Scenario | str = "baseline", **options: object) -> SouthSouthModel:
    model = SouthSouthModel(scenario, end=year, keep="indicators", **options)  # type: ignore[arg-type]
    while model.running:
        model.step()
    return model


def moved(first: int, **levers: float) -> Scenario:
    settings_ = {name: (Setting(value=v, **{"from": first}),) for name, v in levers.items()}
    return Scenario("moved", {"en": "Moved"}, levers=settings_)


@lru_cache(maxsize=1)
def record() -> dict[int, tuple[SouthSouthModel, State]]:
    """Return the base year and 2016 of one run."""
    model = SouthSouthModel(seed=1, end=2016, keep="indicators")
    found = {}
    while model.running:
        model.step()
        found[model.year] = (model, model.state.copy())
    return found


# Sums of merchandise exports (World Bank, TX.VAL.MRCH.CD.WT, edition of the base year's table) over those of all 188
# economies that have them in 2013 and 2016, in current dollars. Fuel exporters: fuels are over half of their
# goods exports of 2013 (TX.VAL.FUEL.ZS.UN), thirty, of which 29 have a figure.
RECORD = {"fuel exporters": (0.1400, 0.0881), "Africa": (0.0317, 0.0228)}


@pytest.mark.parametrize("who", RECORD)
def test_shares_of_exports_fall_as_they_did(who: str) -> None:
    model, before = record()[2013]
    after = record()[2016][1]
    world = model.world
    assert world.commodity_shares is not None
    chosen = (
        world.attributes["continent"] == "Africa"
        if who == "Africa"
        else world.commodity_shares[:, 0] > 0.5
    )
    first, last = (float(s.exports[chosen].sum() / s.exports.sum()) for s in (before, after))
    fell = RECORD[who][0] - RECORD[who][1]
    assert first - last == pytest.approx(fell, rel=0.25), f"{first:.4f} to {last:.4f}"


def test_the_slump_is_a_squeeze_of_who_sells_and_a_gain_of_who_buys() -> None:
    model, before = record()[2013]
    after = record()[2016][1]
    at = model.world.position
    for code, least in (("AGO", 0.4), ("SAU", 0.4), ("NGA", 0.1), ("ZMB", 0.05)):
        assert after.public_means[at(code)] < 1.0 - least, code
        assert after.terms_of_trade[at(code)] < 0.99, code
    assert after.terms_of_trade[at("CHN")] > 1.1
    assert after.public_means[at("CHN")] > 0.98
    # Savings pay for a good part of it.
    assert after.deficit_ratio[at("SAU")] > before.deficit_ratio[at("SAU")] + 0.03


def test_world_prices_are_the_record_and_stay_where_it_ends() -> None:
    model, after = record()[2016]
    prices, level = model.world.commodity_prices, model.world.price_level
    expected = (prices[2016] / level(2016)) / (prices[2013] / level(2013))
    np.testing.assert_allclose(after.commodity_price, expected)
    assert expected[0] == pytest.approx(0.472, abs=0.001)  # energy, World Bank over the deflator
    later = until(2021, seed=1).state.commodity_price
    last = (prices[2018] / level(2018)) / (prices[2013] / level(2013))
    np.testing.assert_allclose(later, last)


def test_exporters_have_less_to_give_and_owe_more_of_what_they_earn() -> None:
    """A slump after the record: dollars, means, debt service over exports of Angola; not of Bangladesh."""
    plain, slump = (
        until(2021, s, seed=3) for s in ("baseline", moved(2019, commodity_price_energy=0.5))
    )
    at = plain.world.position
    ago, bgd = at("AGO"), at("BGD")

    def ratio(name: str, of: int) -> float:
        return float(getattr(slump.state, name)[of] / getattr(plain.state, name)[of])

    assert ratio("gdp_current", ago) < 0.97
    assert ratio("exports", ago) < 0.7
    assert ratio("public_means", ago) < 0.8
    assert ratio("debt_service", ago) / ratio("exports", ago) > 1.3
    assert ratio("real_income", ago) < 0.97
    assert ratio("gdp_current", bgd) > 1.0
    assert ratio("public_means", bgd) == pytest.approx(1.0, abs=0.02)
    fuel = plain.world.commodity_shares[:, 0] > 0.5  # type: ignore[index]
    south = plain.world.membership("south_unctad_2014")
    given_less = slump.state.projects_provided, plain.state.projects_provided
    changed, before = (float(one[fuel & south].sum()) for one in given_less)
    assert changed < 0.95 * before


@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    ends=st.lists(st.integers(0, 1), min_size=len(LEVERS), max_size=len(LEVERS)),
    seed=st.integers(0, 1000),
)
def test_markets_clear_at_the_corners_of_prices(ends: list[int], seed: int) -> None:
    table = lever_table()
    corner = {name: table[name].bounds[end] for name, end in zip(LEVERS, ends, strict=True)}
    model = SouthSouthModel(moved(2014, **corner), seed=seed, end=2019, keep="indicators")
    output = None
    while model.running:
        model.step()
        state = model.state
        assert state.exports.sum() == pytest.approx(state.imports.sum(), rel=1e-9)
        assert state.trade.min() >= 0.0
        assert state.home_sales.min() > 0.0
        assert state.public_means.min() > 0.0
        sold = state.home_sales + state.exports
        if output is None:
            output = sold
        earned = output * state.wage * state.gdp / model.opening.gdp * model.now().prices()
        np.testing.assert_allclose(sold, earned, rtol=1e-8)


def test_swings_are_drawn_after_the_record_and_alike_in_every_scenario() -> None:
    record_, one = until(2018, seed=1, shocks=True), until(2022, seed=1, shocks=True)
    other = until(2022, moved(2019, trade_facilitation=0.05), seed=1, shocks=True)
    two, off = until(2022, seed=2, shocks=True), until(2022, seed=1)
    assert not record_.state.commodity_swing.any()
    assert not off.state.commodity_swing.any()
    np.testing.assert_array_equal(one.state.commodity_swing, other.state.commodity_swing)
    assert np.abs(one.state.commodity_swing - two.state.commodity_swing).min() > 0.01
    np.testing.assert_allclose(
        one.state.commodity_price, off.state.commodity_price * np.exp(one.state.commodity_swing)
    )


def test_an_embargo_leaves_an_exporter_without_its_surplus() -> None:
    """Whom costs keep from all buyers neither earns nor saves what the world's price would bring."""
    closed = until(2016, moved(2014, trade_cost=2.0, commodity_price_energy=4.0), seed=1)
    at = closed.world.position("AGO")
    assert abs(closed.state.deficit_ratio[at]) < 0.1
    assert closed.state.exports[at] < 0.1 * closed.opening.exports[at]
