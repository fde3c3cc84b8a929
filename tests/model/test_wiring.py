"""How the parts of a year hang together: laws that hold between steps, whatever single functions do.

The change detector notices that something moved; these say what must hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from _worlds import random_world

from sscsim.model import PLAN, SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.world.loading import load_world
from sscsim.world.state import DOMAINS

FINANCE = DOMAINS.index("trade_finance_investment")


def at(year: int, **options) -> SouthSouthModel:
    """Return a model that has simulated a year."""
    model = SouthSouthModel(seed=1, keep="indicators", **options)
    while model.steps == 0 or model.year < year:
        model.step()
    return model


# -------------------------------------------------------------------------------------------------- agreements that end


@pytest.mark.parametrize("years", [1.0, 5.0, 10.0])
@pytest.mark.parametrize(
    ("leaver", "other", "last"),
    # Jordan's treaty with Turkey, and those small neighbours of the Union that Britain's own did not bind.
    [("JOR", "TUR", 2018), ("GBR", "AND", 2020), ("GBR", "SMR", 2020)],
)
def test_an_agreement_that_ends_ends_at_once(
    leaver: str, other: str, last: int, years: float
) -> None:
    parameters = default_parameters().replace({"agreement_phase_in": years})
    off = [step.name for step in PLAN if step.name not in ("policy", "institutions", "growth")]
    model = at(last, parameters=parameters, off=off)
    pair = model.world.position(leaver), model.world.position(other)
    assert model.state.agreement[pair] == 1.0
    model.step()
    assert model.state.agreement[pair] == 0.0
    assert model.state.agreement[pair[::-1]] == 0.0


# ----------------------------------------------------------------------------------------- facilitation that is learned


@pytest.mark.parametrize("learners", [("VNM",), ("VNM", "KEN"), ("BRA", "IND", "NPL")])
def test_facilitation_is_learned_for_both_ends_of_all_trade(learners: tuple[str, ...]) -> None:
    """Head and Ries's measure of a pair's freeness moves with what both its ends have learned, each in its own part."""
    off = ["knowledge", "investment", "finance"]
    # Commodities cost what the world pays, whatever they cost who sells them.
    made = replace(load_world(), commodity_shares=None)
    plain, taught = at(2014, off=off, world=made), at(2014, off=off, world=made)
    learned = np.zeros(len(plain.world.iso3))
    learned[[plain.world.position(code) for code in learners]] = 0.2
    handed = taught.state.closing_capability.copy()
    handed[:, FINANCE] = np.minimum(handed[:, FINANCE] + learned, 1.0)
    gained = handed[:, FINANCE] - taught.state.closing_capability[:, FINANCE]
    taught.state.closing_capability = handed
    plain.step()
    taught.step()
    before, after = freeness(plain), freeness(taught)
    # What each has learned by itself since the base year is in both.
    own = plain.state.capability[:, FINANCE] - plain.opening.capability[:, FINANCE]
    saving = plain.parameters["facilitation_saving"]
    ends = (1.0 - saving * (own + gained)) / (1.0 - saving * own)
    theta = plain.parameters["trade_elasticity"]
    expected = np.outer(ends, ends) ** (-2.0 * theta)
    known = before > 1e-6 * before.max()
    assert known[[plain.world.position(c) for c in learners]].sum() > 30
    assert np.allclose((after[known] / before[known]), expected[known], rtol=1e-6)
    # And the way there is as long as the way back.
    rows = plain.world.position(learners[0]), plain.world.position("USA")
    there, back = (taught.state.trade[way] / plain.state.trade[way] for way in (rows, rows[::-1]))
    assert there > 1.01
    assert back > 1.01


def freeness(model: SouthSouthModel) -> np.ndarray:
    """Return trade there times trade back over what both keep at home, ``(country, country)``."""
    home = model.state.home_sales
    return model.state.trade * model.state.trade.T / np.outer(home, home)


# ------------------------------------------------------------------------------------------------------- called capital


@pytest.mark.parametrize("seed", [1, 5, 7])
def test_capital_that_was_called_is_not_handed_back_the_year_after(seed: int) -> None:
    """Borrowers pay nothing from 2023 on, members are called, and what they paid in stays paid in."""
    scenario = Scenario(
        "default",
        {"en": "Default"},
        levers={"debt_distress": (Setting(value=1.0, **{"from": 2023}),)},
    )
    parameters = default_parameters().replace(
        {"preferred_creditor_share": 0.0, "private_default_rate": 0.2}
    )
    model = SouthSouthModel(
        scenario,
        seed=seed,
        parameters=parameters,
        off=["knowledge", "goals", "institutions", "investment", "trade"],
        keep="indicators",
        audit=True,
    )
    before = model.state.copy()
    years = 0
    while model.running:
        model.step()
        state = model.state
        called = state.bank_called - before.bank_called
        assert called.min() >= 0.0, "what was called is not forgotten"
        assert (state.bank_paid_in >= before.bank_paid_in + called - 1e-9).all(), model.year
        assert not state.bank_capital_returned.any()
        assert not state.bank_payable.any()
        years += bool(called.any())
        before = state.copy()
    assert years > 1, "no capital was called: nothing is tested"


# ------------------------------------------------------------------------------------------------- inflation in dollars


def dearer(factor: float):
    """Return the world with prices that jump after the base year."""
    world = load_world()
    first = min(world.deflator, key=lambda year: abs(year - 2013))
    return replace(
        world,
        deflator={y: p * (factor if y > first else 1.0) for y, p in world.deflator.items()},
        gdp_in_dollars={
            y: gdp * (factor if y > first else 1.0) for y, gdp in world.gdp_in_dollars.items()
        },
        commodity_prices={
            y: p * (factor if y > first else 1.0) for y, p in world.commodity_prices.items()
        },
    )


def placed(model: SouthSouthModel) -> np.ndarray:
    """Return what is placed abroad, ``(origin, destination)``, before what is taken out of hosts."""
    taken = model.submodels["investment"].base.fdi.withdrawn
    flows = model.state.fdi.copy()
    flows[:, taken.hosts] += taken.ends * model.state.fdi_disinvestment[taken.hosts]
    assert np.allclose(flows[:, taken.hosts], 0.0, atol=1e-12)
    flows[:, taken.hosts] = 0.0
    assert flows.any()
    return flows


@pytest.mark.parametrize("factor", [0.8, 1.5, 10.0])
def test_values_follow_prices_and_volumes_do_not(factor: float) -> None:
    """In the first year after the base year nothing that was agreed in dollars of old binds what others do."""
    plain, other = at(2014), at(2014, world=dearer(factor))
    for name in (
        "gdp_current",
        "trade",
        "home_sales",
        "exports",
        "imports",
        "oda_received",
        "oda_paid",
        "remittances_received",
        "remittances_paid",
    ):
        before, after = getattr(plain.state, name), getattr(other.state, name)
        assert before.any()
        assert np.allclose(after, factor * before, rtol=1e-9), name
    assert np.allclose(placed(other), factor * placed(plain), rtol=1e-9)
    # What leaves a host is a share of its stock, which stands at what was paid for it.
    assert np.array_equal(other.state.fdi_disinvestment, plain.state.fdi_disinvestment)
    for name in (
        "gdp",
        "real_income",
        "fdi_volume",
        "price_index",
        "wage",
        "trade_gain",
        "goals",
        "private_investment",
        "closing_productivity",
        "poverty_headcount",
    ):
        before, after = getattr(plain.state, name), getattr(other.state, name)
        if name == "fdi_volume":
            kept = plain.state.fdi_disinvestment == 0.0
            before, after = before[kept], after[kept]
        assert np.allclose(after, before, rtol=1e-9, equal_nan=True), name


@pytest.mark.parametrize("year", [2014, 2019, 2034])
def test_without_trade_output_in_dollars_is_output_at_the_years_prices(year: int) -> None:
    model = at(year, off=["trade", "knowledge", "finance"])
    assert_valued(model, year)


def assert_valued(model: SouthSouthModel, year: int) -> None:
    """Output in dollars is the record's, then volumes at the year's prices while exchange rates close."""
    state, opening, world = model.state, model.opening, model.world
    prices = world.deflator[year] / world.deflator[2013]
    assert not np.isclose(prices, 1.0, rtol=1e-3)
    own = opening.gdp_current * prices * state.gdp / opening.gdp
    assert np.isclose(state.gdp_current.sum(), state.dollar_level[0] * own.sum())
    price = state.gdp_current / own
    if year in world.gdp_in_dollars:
        known = world.gdp_in_dollars[year] / world.gdp_in_dollars[2013]
        grown = np.prod(1 + world.growth_record[:, 1 : year - 2012] / 100, axis=1)
        assert np.allclose(price, known / grown / prices)
    else:
        assert np.allclose(np.log(price / price[0]), state.dollar_gap - state.dollar_gap[0])


@pytest.mark.parametrize("year", [2014, 2020])
def test_the_model_to_beat_trades_at_the_years_prices(year: int) -> None:
    model = at(year, naive=True, off=["knowledge", "finance"])
    assert_valued(model, year)
    state, opening = model.state, model.opening
    prices = model.world.deflator[year] / model.world.deflator[2013]
    sold = state.exports + state.home_sales
    sold_first = opening.exports + opening.home_sales
    assert np.allclose(sold / sold_first, prices * state.gdp / opening.gdp)


# --------------------------------------------------------------------------------------------------- worlds of any kind


def test_random_worlds_have_agreements_that_end() -> None:
    """Tests of agreements that use random worlds would else show nothing."""
    ending = [
        seed
        for seed in range(12)
        if any((t.until < 2034).any() for t in random_world(seed)._treaties)
    ]
    assert len(ending) > 6
