"""Economies that do not trade with one another: solved apart, and no bystander is blamed."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.flows import trade


def world(seed: int, sizes: list[int]) -> tuple[trade.Markets, np.ndarray]:
    """Return markets in blocks that trade only among themselves, and deficits that add up to zero in each."""
    rng = np.random.default_rng(seed)
    n = sum(sizes)
    flows = np.zeros((n, n))
    start = 0
    for size in sizes:
        block = rng.lognormal(0.0, 1.0, (size, size))
        np.fill_diagonal(block, 0.0)
        flows[start : start + size, start : start + size] = block
        start += size
    output = flows.sum(axis=1) + flows.sum(axis=0) + rng.lognormal(4.0, 0.3, n)
    home = output - flows.sum(axis=1)
    sales = flows + np.diag(home)
    deficit = (flows.sum(axis=0) - flows.sum(axis=1)) / output
    return trade.Markets(sales / sales.sum(axis=0), output, 5.0), deficit


def hats(seed: int, markets: trade.Markets, deficit: np.ndarray) -> trade.Hats:
    rng = np.random.default_rng(seed)
    n = len(deficit)
    freeness = rng.lognormal(0.0, 0.2, (n, n))
    return trade.Hats(rng.lognormal(0.1, 0.1, n), freeness, deficit)


@pytest.mark.parametrize(
    "sizes", [[6, 1], [6, 1, 1, 1], [5, 4], [3, 3, 1, 2], [1, 8], [1, 1, 1]], ids=str
)
def test_every_group_clears_by_itself(sizes: list[int]) -> None:
    markets, deficit = world(1, sizes)
    assert sorted(map(len, markets.groups)) == sorted(sizes)
    given = hats(2, markets, deficit + 0.01)
    found = trade.solve_equilibrium(markets, given)
    assert found.residual <= 1e-10
    income = found.wage * given.volume * markets.output
    sales = found.flows
    assert np.allclose(sales.sum(axis=1), income, rtol=1e-9)
    assert np.allclose(sales.sum(axis=0), income * (1 + found.deficit_ratio), rtol=1e-9)
    start = 0
    for size in sizes:
        rows = np.arange(start, start + size)
        start += size
        others = np.setdiff1d(np.arange(sum(sizes)), rows)
        assert not sales[np.ix_(rows, others)].any()
        assert (income * found.deficit_ratio)[rows].sum() == pytest.approx(0.0, abs=1e-9)
        assert income[rows].sum() == pytest.approx((given.volume * markets.output)[rows].sum())
        alone = trade.solve_equilibrium(
            markets.part(rows),
            trade.Hats(
                given.volume[rows],
                given.freeness[np.ix_(rows, rows)],
                given.deficit_ratio[rows] if size > 1 else np.zeros(1),
            ),
        )
        assert np.allclose(alone.wage, found.wage[rows], rtol=1e-9)


def test_who_trades_with_nobody_keeps_its_prices() -> None:
    markets, deficit = world(3, [7, 1])
    given = hats(4, markets, deficit)
    found = trade.solve_equilibrium(markets, given)
    assert found.wage[7] == pytest.approx(1.0)
    assert found.home_share[7] == pytest.approx(1.0)
    assert found.deficit_ratio[7] == 0.0


def test_accounts_are_closed_group_by_group() -> None:
    gdp = np.array([10.0, 20.0, 5.0, 8.0, 3.0])
    exports = np.array([2.0, 3.0, 1.0, 2.0, 0.0])
    imports = np.array([3.0, 3.0, 2.0, 2.0, 0.0])
    group = np.array([0, 0, 1, 1, 2])
    closed = trade.close_economy(
        gdp,
        exports,
        imports,
        output_to_gdp=1.9,
        home_sales_floor=0.05,
        deficit_cap=0.6,
        surplus_cap=0.5,
        group=group,
    )
    for one in range(3):
        rows = group == one
        assert closed.imports[rows].sum() == pytest.approx(exports[rows].sum())
