"""Commodities: prices, savings, governments, swings; and what the equilibrium makes of goods that the world prices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscsim.flows import commodities as flows
from sscsim.flows import trade
from sscsim.flows.commodities import CommodityParameters
from sscsim.parameters import default_parameters

RULES = CommodityParameters.from_parameters(default_parameters())
LUCK = np.random.default_rng(5).standard_normal((4000, flows.SWINGS))


# ------------------------------------------------------------------------------------------------------ income, means


@pytest.mark.parametrize(("elasticity", "expected"), [(0.0, 0.5), (0.5, 0.5**0.5), (0.8, 0.5**0.2)])
def test_value_falls_with_price_less_what_more_is_bought(
    elasticity: float, expected: float
) -> None:
    assert flows.export_value(np.array([0.5]), elasticity) == pytest.approx(expected)


def test_news_is_saved_and_fades() -> None:
    """A fall of income that stays moves the deficit by the saved part at first, and by nothing in the end."""
    buffer, before = np.zeros(1), np.zeros(1)
    path = []
    for _ in range(200):
        buffer = flows.buffer_step(buffer, np.array([-0.1]), before, 0.6, 0.9)
        before = np.array([-0.1])
        path.append(float(buffer[0]))
    assert path[0] == pytest.approx(0.06)
    assert path[1] == pytest.approx(0.054)
    assert path[-1] == pytest.approx(0.0, abs=1e-9)


@given(
    exports=st.lists(st.floats(0.0, 3.0), min_size=3, max_size=3),
    value=st.lists(st.floats(0.01, 20.0), min_size=3, max_size=3),
)
def test_governments_always_keep_something(exports: list[float], value: list[float]) -> None:
    means = flows.public_means(np.array([exports]), np.array(value), RULES.take, 0.12)
    assert np.isfinite(means).all()
    assert means[0] > 0.0
    if max(value) < 1.0 and sum(exports) > 0.01:
        assert means[0] < 1.0


def test_a_dollar_of_oil_is_worth_more_to_governments_than_one_of_wheat() -> None:
    exports = 0.1 * np.eye(3)
    oil, metals, wheat = flows.public_means(exports, np.full(3, 0.5), RULES.take, 0.3)
    assert oil < metals < wheat < 1.0
    # A tenth of GDP, half of it lost, 0.7 of that the government's, whose revenue is 0.3 of GDP.
    assert oil == pytest.approx(np.exp(-0.1 * 0.5 * RULES.revenue_take_energy / 0.3))


def test_terms_of_trade_are_those_of_sellers_and_buyers() -> None:
    shares = np.eye(2, 3)
    prices = np.array([0.5, 2.0, 1.0])
    found = flows.terms_of_trade(shares, shares[::-1], prices)
    np.testing.assert_allclose(found, [0.25, 4.0])


# ------------------------------------------------------------------------------------------------------------- swings


def test_swings_are_those_of_their_parameters() -> None:
    rules = replace(RULES, commodity_swings=1.0)
    swing, path = np.zeros(3), []
    for luck in LUCK:
        swing = flows.swing_step(swing, luck, rules)
        path.append(swing)
    found = np.array(path)[100:]
    spread = rules.shock / np.sqrt(1 - rules.commodity_persistence**2)
    np.testing.assert_allclose(found.std(axis=0), spread, rtol=0.15)
    news = found[1:] - rules.commodity_persistence * found[:-1]
    correlation = np.corrcoef(news.T)[np.triu_indices(3, 1)]
    np.testing.assert_allclose(correlation, rules.commodity_comovement, atol=0.06)


def test_swings_scale_and_are_none_at_zero() -> None:
    one, two, none = (
        flows.swing_step(np.zeros(3), LUCK[0], replace(RULES, commodity_swings=size))
        for size in (1.0, 2.0, 0.0)
    )
    np.testing.assert_allclose(two, 2.0 * one)
    assert not none.any()


# -------------------------------------------------------------------------------------------------------- equilibrium


@dataclass(frozen=True)
class Toy:
    flows: np.ndarray
    volume: np.ndarray
    freeness: np.ndarray
    deficit_ratio: np.ndarray
    theta: float

    @property
    def output(self) -> np.ndarray:
        return self.flows.sum(axis=1)

    def markets(self) -> trade.Markets:
        return trade.Markets(self.flows / self.flows.sum(axis=0), self.output, self.theta)

    def endowed(self, share, value) -> trade.Endowed:
        part = share * (self.output - np.diagonal(self.flows)) / self.output
        return trade.Endowed(share, share * value, part, part * value)

    @property
    def hats(self) -> trade.Hats:
        return trade.Hats(self.volume, self.freeness, self.deficit_ratio)


def random_economy(seed: int, n: int, theta: float, *, shock: float = 0.3) -> Toy:
    """Return a small world, off its base year by shocks of the given size."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(3, 1, n))
    flows = np.exp(rng.normal(0, 0.8, (n, n))) * np.outer(size, size) / size.sum()
    np.fill_diagonal(flows, 0)
    larger = np.maximum(flows.sum(axis=0), flows.sum(axis=1))
    flows += np.diag(larger * rng.uniform(2, 20, n))
    freeness = np.exp(rng.normal(0, shock, (n, n)))
    np.fill_diagonal(freeness, 1)
    deficit = flows.sum(axis=0) / flows.sum(axis=1) - 1
    return Toy(flows, np.exp(rng.normal(0, shock, n)), freeness, deficit, theta)


def solve(economy, share, value, **changes):
    markets = economy.markets()
    hats = replace(economy.hats, endowed=economy.endowed(share, value), **changes)
    found = trade.solve_equilibrium(markets, hats, trade.Start(), deficit_floor=-0.95)
    return found, found.flows, markets


def shares(seed: int, count: int, highest: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, highest, count)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), value=st.floats(0.2, 4.0), theta=st.floats(2.0, 9.0))
def test_markets_clear_with_commodities(seed: int, value: float, theta: float) -> None:
    economy = random_economy(seed, 7, theta)
    found, sales, markets = solve(economy, shares(seed, 7, 0.95), value)
    income = found.worth * economy.volume * markets.output
    np.testing.assert_allclose(sales.sum(axis=1), income, rtol=1e-9)
    np.testing.assert_allclose(sales.sum(axis=0), income * (1 + found.deficit_ratio), rtol=1e-9)
    assert income.sum() == pytest.approx(economy.volume @ markets.output)  # the numeraire
    np.testing.assert_allclose(np.diagonal(sales) / sales.sum(axis=0), found.home_share)


def test_none_and_no_share_are_one_and_the_same() -> None:
    economy = random_economy(3, 8, 5.0)
    plain = trade.solve_equilibrium(economy.markets(), economy.hats)
    found, sales, _ = solve(economy, np.zeros(8), 1.0)
    np.testing.assert_allclose(found.wage, plain.wage, rtol=1e-9)
    np.testing.assert_allclose(found.price, plain.price, rtol=1e-9)
    np.testing.assert_allclose(sales, plain.flows, rtol=1e-8)


def test_the_base_year_is_an_equilibrium_with_commodities() -> None:
    economy = random_economy(3, 8, 5.0, shock=0.0)
    found, sales, _ = solve(economy, shares(1, 8), 1.0)
    np.testing.assert_allclose(found.wage, 1.0, rtol=1e-9)
    np.testing.assert_allclose(sales, economy.flows, rtol=1e-9)


def test_the_jacobian_is_that_of_the_equations() -> None:
    """One step of Newton's method from near the solution lands on it, to second order."""
    from sscsim.flows.trade import equilibrium as inside

    economy = random_economy(11, 6, 4.0)
    share, markets = shares(2, 6), economy.markets()
    hats = replace(economy.hats, endowed=economy.endowed(share, 1.4))
    found = trade.solve_equilibrium(markets, hats, deficit_floor=-0.95)
    problem = inside._Problem.of(markets, hats, shares_at_base=False)
    here = problem.at(np.log(found.wage))
    inverse = inside._inverse_jacobian(problem, here)
    away = 1e-5 * np.random.default_rng(0).standard_normal(6)
    away -= away @ here.earned / here.earned.sum()  # scaling all prices is no move
    there = problem.at(here.log_wage + away)
    np.testing.assert_allclose(inverse @ (there.excess / problem.answer(here)), -away, atol=1e-8)


def test_what_a_small_exporter_sells_follows_the_price_and_not_its_own() -> None:
    """All its goods are commodities: at half the price it exports half as much."""
    economy = random_economy(4, 8, 5.0, shock=0.0)
    small = int(np.argmin(economy.output))
    share = np.zeros(8)
    share[small] = 1.0
    found, sales, markets = solve(economy, share, np.where(share > 0, 0.5, 1.0))
    exports = sales[small].sum() - sales[small, small]
    before = economy.flows[small].sum() - economy.flows[small, small]
    assert exports / before == pytest.approx(0.5, rel=0.02)
    assert found.worth[small] < 0.99
    # Were its goods as others', a fall of demand by half would be made up for in good part.
    freer = np.ones((8, 8))
    freer[small] = 0.5
    freer[small, small] = 1.0
    other = trade.solve_equilibrium(markets, replace(economy.hats, freeness=freer)).flows
    assert (other[small].sum() - other[small, small]) / before > 0.6


def test_groups_that_do_not_trade_have_commodities_of_their_own() -> None:
    one, two = random_economy(1, 4, 5.0), random_economy(2, 4, 5.0)
    flow = np.zeros((8, 8))
    flow[:4, :4], flow[4:, 4:] = one.flows, two.flows
    apart = replace(
        one,
        flows=flow,
        volume=np.concatenate([one.volume, two.volume]),
        freeness=np.ones((8, 8)),
        deficit_ratio=flow.sum(axis=0) / flow.sum(axis=1) - 1,
    )
    share = shares(3, 8)
    found, sales, markets = solve(apart, share, 0.6)
    income = found.worth * apart.volume * markets.output
    np.testing.assert_allclose(sales.sum(axis=1), income, rtol=1e-9)
    assert not sales[:4, 4:].any()
