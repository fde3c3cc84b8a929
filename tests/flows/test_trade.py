"""Goods trade: the base-year matrix, the equilibrium, and what must hold whatever the numbers."""

import itertools
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize

from sscsim.errors import InadmissibleInput
from sscsim.flows import trade
from sscsim.flows.balancing import balance
from sscsim.flows.pairs import Cells
from sscsim.flows.trade import equilibrium
from sscsim.parameters import default_parameters
from sscsim.world.loading import load_world


@dataclass(frozen=True)
class Economy:
    """A made-up world: what `solve_equilibrium` takes, and the base-year flows behind it."""

    flows: np.ndarray
    output: np.ndarray
    volume: np.ndarray
    freeness: np.ndarray
    deficit_ratio: np.ndarray
    theta: float

    @property
    def shares(self):
        return self.flows / self.flows.sum(axis=0)

    @property
    def base_deficit_ratio(self):
        return self.flows.sum(axis=0) / self.output - 1

    def markets(self, names=None):
        return trade.Markets(self.shares, self.output, self.theta, names)

    @property
    def hats(self):
        return trade.Hats(self.volume, self.freeness, self.deficit_ratio)

    def base_inverse(self):
        return trade.base_inverse(self.markets(), self.base_deficit_ratio)

    def solve(self, *, names=None, start=None, inverse=None, **other):
        return trade.solve_equilibrium(
            self.markets(names), self.hats, trade.Start(start, inverse), **other
        )

    def unshocked(self):
        n = len(self.output)
        return replace(
            self,
            volume=np.ones(n),
            freeness=np.ones((n, n)),
            deficit_ratio=self.base_deficit_ratio,
        )

    def permuted(self, order):
        cross = np.ix_(order, order)
        return replace(
            self,
            flows=self.flows[cross],
            output=self.output[order],
            volume=self.volume[order],
            freeness=self.freeness[cross],
            deficit_ratio=self.deficit_ratio[order],
        )


def random_economy(seed, n, theta, *, shock=0.3, deficit_shock=0.05):
    """Return a world of `n` economies under shocks of the given size."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(3, 1, n))
    flows = np.exp(rng.normal(0, 0.8, (n, n))) * np.outer(size, size) / size.sum()
    np.fill_diagonal(flows, 0)
    larger = np.maximum(flows.sum(axis=0), flows.sum(axis=1))
    flows += np.diag(larger * rng.uniform(2, 20, n))
    output = flows.sum(axis=1)
    freeness = np.exp(rng.normal(0, shock, (n, n)))
    np.fill_diagonal(freeness, 1)
    return Economy(
        flows=flows,
        output=output,
        volume=np.exp(rng.normal(0, shock, n)),
        freeness=freeness,
        deficit_ratio=flows.sum(axis=0) / output - 1 + rng.normal(0, deficit_shock, n),
        theta=theta,
    )


economies = st.builds(
    random_economy,
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(3, 12),
    theta=st.floats(2, 12),
    shock=st.floats(0, 0.6),
)


# ------------------------------------------------------------------ the published equations


def excess_supply(wage, economy):
    """Return income less sales, written straight from the equations, a sum at a time."""
    n = len(economy.output)
    lam, phi, theta = economy.shares, economy.freeness, economy.theta
    income = [wage[i] * economy.volume[i] * economy.output[i] for i in range(n)]
    # The world sum of deficits is restored to zero in proportion to output.
    surplus = sum(income[j] * economy.deficit_ratio[j] for j in range(n)) / sum(income)
    expenditure = [income[j] * (1 + economy.deficit_ratio[j] - surplus) for j in range(n)]
    result = np.empty(n)
    for i in range(n):
        sales = 0.0
        for j in range(n):
            everyone = sum(lam[k, j] * wage[k] ** -theta * phi[k, j] for k in range(n))
            sales += lam[i, j] * wage[i] ** -theta * phi[i, j] / everyone * expenditure[j]
        result[i] = income[i] - sales
    return result


def wage_by_root_finding(economy):
    """Return prices by SciPy's root finder, the numeraire in place of the redundant market."""
    weight = economy.volume * economy.output

    def equations(log_wage):
        wage = np.exp(log_wage)
        excess = excess_supply(wage, economy) / (wage * weight)
        excess[-1] = wage @ weight / weight.sum() - 1
        return excess

    found = optimize.root(equations, np.zeros(len(weight)), method="hybr", tol=1e-13)
    assert np.abs(equations(found.x)).max() < 1e-10, found.message
    return np.exp(found.x)


@settings(max_examples=25)
@given(economies)
def test_equilibrium_equals_a_root_of_the_published_equations(economy):
    solved = economy.solve()
    np.testing.assert_allclose(solved.wage, wage_by_root_finding(economy), rtol=1e-8)


@settings(max_examples=25)
@given(economies)
def test_prices_and_home_shares_are_those_of_the_equations(economy):
    solved = economy.solve()
    parts = economy.shares * economy.freeness * solved.wage[:, None] ** -economy.theta
    np.testing.assert_allclose(solved.price, parts.sum(axis=0) ** (-1 / economy.theta), rtol=1e-12)
    np.testing.assert_allclose(
        solved.home_share, np.diagonal(parts) / parts.sum(axis=0), rtol=1e-12
    )
    np.testing.assert_allclose(
        np.diagonal(solved.flows), solved.home_share * solved.flows.sum(axis=0), rtol=1e-12
    )


# ------------------------------------------------------------------ another implementation


@pytest.mark.parametrize("n", [6, 15])
def test_prices_are_those_of_gegravity_in_its_closure(n):
    """The package (Herman 2021) holds shares of world output and expenditure at the base."""
    # The package calls pandas in ways that pandas gives up; every other warning stays an error.
    with warnings.catch_warnings():
        for category in (DeprecationWarning, FutureWarning):
            warnings.filterwarnings("ignore", category=category, module=r"gegravity\.")
        gegravity = pytest.importorskip("gegravity")
        import pandas as pd

        economy = random_economy(3, n, 4.0)
        names = [f"C{i:02d}" for i in range(n)]
        log_freeness = np.random.default_rng(4).normal(0.35, 0.3, (n, n))
        np.fill_diagonal(log_freeness, 0.0)
        spent = economy.flows.sum(axis=0)
        cost = economy.flows * economy.output.sum() / np.outer(economy.output, spent)
        table = pd.DataFrame(
            {
                "exporter": np.repeat(names, n),
                "importer": np.tile(names, n),
                "year": "2013",
                "trade": economy.flows.ravel(),
                "Y": np.repeat(economy.output, n),
                "E": np.tile(spent, n),
                "log_cost": np.log(cost).ravel(),
                "shock": 0.0,
            }
        )
        data = gegravity.BaselineData(
            table,
            imp_var_name="importer",
            exp_var_name="exporter",
            year_var_name="year",
            trade_var_name="trade",
            expend_var_name="E",
            output_var_name="Y",
        )
        coefficients = gegravity.CostCoeffs(
            estimates=pd.DataFrame({"v": ["log_cost", "shock"], "b": [1.0, 1.0], "se": [0.1, 0.1]}),
            identifier_col="v",
            coeff_col="b",
            stderr_col="se",
        )
        model = gegravity.OneSectorGE(
            data,
            year="2013",
            expend_var_name="E",
            output_var_name="Y",
            cost_coeff_values=coefficients,
            cost_variables=["log_cost", "shock"],
            reference_importer=names[0],
            sigma=economy.theta + 1,
            quiet=True,
        )
        model.build_baseline(omr_rescale=1, mr_tolerance=1e-13)
        model.define_experiment(table.assign(shock=log_freeness.ravel()))
        model.simulate(ge_tolerance=1e-13, ge_max_iter=5000)
        theirs = model.factory_gate_prices.iloc[:, 0].loc[names].to_numpy(float)
    ours = replace(economy.unshocked(), freeness=np.exp(log_freeness)).solve(
        shares_at_base=True, deficit_floor=-0.99, tolerance=1e-13
    )
    abroad = ~np.eye(n, dtype=bool)
    assert ours.flows[abroad].sum() > 1.1 * economy.flows[abroad].sum()
    ratio = theirs / ours.wage
    np.testing.assert_allclose(ratio / ratio[0], 1.0, rtol=1e-9)


# ------------------------------------------------------------------ laws


@settings(max_examples=50)
@given(economies)
def test_markets_clear_and_the_world_buys_what_it_sells(economy):
    solved = economy.solve()
    income = solved.wage * economy.volume * economy.output
    np.testing.assert_allclose(solved.flows.sum(axis=1), income, rtol=1e-10)
    spending = income * (1 + solved.deficit_ratio)
    np.testing.assert_allclose(solved.flows.sum(axis=0), spending, rtol=1e-12)
    exports = solved.flows.sum(axis=1) - np.diagonal(solved.flows)
    imports = solved.flows.sum(axis=0) - np.diagonal(solved.flows)
    assert exports.sum() == pytest.approx(imports.sum(), rel=1e-12)
    assert abs(income @ solved.deficit_ratio) < 1e-12 * income.sum()
    assert income.sum() == pytest.approx(economy.volume @ economy.output, rel=1e-12)
    assert solved.residual <= 1e-10
    assert np.all(solved.flows > 0)


@given(economies)
def test_hats_of_one_give_the_base_year_back(economy):
    solved = economy.unshocked().solve()
    np.testing.assert_allclose(solved.flows, economy.flows, rtol=1e-12)
    np.testing.assert_allclose(solved.wage, 1.0, rtol=1e-12)
    np.testing.assert_allclose(solved.price, 1.0, rtol=1e-12)


@given(economies, st.floats(1e-3, 1e3))
def test_the_unit_of_account_does_not_matter(economy, unit):
    here = economy.solve()
    there = replace(economy, output=economy.output * unit).solve()
    np.testing.assert_allclose(there.wage, here.wage, rtol=1e-9)
    np.testing.assert_allclose(there.flows, here.flows * unit, rtol=1e-8)


@given(economies, st.floats(0.2, 5))
def test_a_world_that_grows_as_one_keeps_its_prices(economy, growth):
    here = economy.solve()
    there = replace(economy, volume=economy.volume * growth).solve()
    np.testing.assert_allclose(there.wage, here.wage, rtol=1e-9)


@given(economies, st.randoms(use_true_random=False))
def test_the_order_of_countries_does_not_matter(economy, random):
    order = list(range(len(economy.output)))
    random.shuffle(order)
    here, there = economy.solve(), economy.permuted(order).solve()
    np.testing.assert_allclose(there.wage, here.wage[order], rtol=1e-9)
    np.testing.assert_allclose(there.flows, here.flows[np.ix_(order, order)], rtol=1e-8)


@given(economies, st.integers(0, 11), st.integers(0, 11), st.floats(0.01, 0.2))
def test_a_cost_cut_between_two_raises_their_trade_and_joint_income(economy, a, b, cut):
    n = len(economy.output)
    a, b = a % n, b % n
    assume(a != b)
    # With trade balanced: a transfer's value can move against a pair that pays one.
    before = replace(economy.unshocked(), deficit_ratio=np.zeros(n))
    freeness = np.ones((n, n))
    freeness[a, b] = freeness[b, a] = (1 - cut) ** -economy.theta
    closed = before.solve()
    opened = replace(before, freeness=freeness).solve()
    pair = [a, b]
    assert (opened.flows[a, b] + opened.flows[b, a]) > (closed.flows[a, b] + closed.flows[b, a])
    # Valued at the prices before: what the two could buy then, and can now.
    value = before.output[pair] * closed.wage[pair]
    real = (opened.wage / opened.price)[pair] / (closed.wage / closed.price)[pair]
    assert value @ real > value.sum()


@given(economies, st.floats(0.3, 3))
def test_growth_alone_earns_no_policy_gain(economy, growth):
    n = len(economy.output)
    volume = np.ones(n)
    volume[0] = growth
    grown = replace(economy.unshocked(), volume=volume)
    closed, opened = grown.solve(), grown.solve(start=np.full(n, 1.2))
    gain = trade.gain_from_policy(closed, opened, trade_elasticity=economy.theta)
    np.testing.assert_allclose(gain, 0, atol=1e-9)


@given(economies, st.floats(0.01, 0.3))
def test_cheaper_trade_for_all_is_a_gain_for_each(economy, cut):
    n = len(economy.output)
    before = replace(economy.unshocked(), deficit_ratio=np.zeros(n))
    freeness = np.full((n, n), (1 - cut) ** -economy.theta)
    np.fill_diagonal(freeness, 1)
    closed, opened = before.solve(), replace(before, freeness=freeness).solve()
    gain = trade.gain_from_policy(closed, opened, trade_elasticity=economy.theta)
    assert np.all(gain > 0)
    # With freeness the only change, the formula is the change of real income.
    real = np.log(opened.wage / opened.price) - np.log(closed.wage / closed.price)
    np.testing.assert_allclose(gain, real, atol=1e-9)


@given(economies, st.integers(0, 2**32 - 1))
def test_where_the_search_starts_does_not_matter(economy, seed):
    n = len(economy.output)
    plain = economy.solve()
    start = np.exp(np.random.default_rng(seed).normal(0, 0.3, n))
    inverse = economy.base_inverse()
    for other in (
        economy.solve(start=start),
        economy.solve(inverse=inverse),
        economy.solve(start=start, inverse=inverse),
    ):
        np.testing.assert_allclose(other.wage, plain.wage, rtol=1e-9)


def test_a_neighbouring_solution_spares_work(monkeypatch):
    economy = random_economy(1, 12, 5.0)
    before = economy.solve()
    nearby = replace(economy, volume=economy.volume * np.linspace(1, 1.05, 12))
    cold = nearby.solve()
    monkeypatch.delattr(equilibrium, "_inverse_jacobian")  # no new Jacobian is taken
    warm = nearby.solve(start=before.wage, inverse=before.inverse)
    np.testing.assert_allclose(warm.wage, cold.wage, rtol=1e-9)


# ------------------------------------------------------------------ convergence


def wild_economy(seed, number):
    """Return an admissible world far from any base year: no flows balance in it."""
    rng = np.random.default_rng([seed, number])
    n = int(rng.integers(3, 41))
    bounds = default_parameters().definition("trade_elasticity").bounds
    size = np.exp(rng.normal(3, 1.5, n))
    kernel = np.exp(rng.normal(0, 1.2, (n, n))) * np.outer(size, size)
    np.fill_diagonal(kernel, 0)
    openness = rng.uniform(0.03, 0.95, n)
    shares = kernel / kernel.sum(axis=0) * openness + np.diag(1 - openness)
    volume = np.exp(rng.normal(0, 0.6, n))
    freeness = np.exp(rng.normal(0, 0.6, (n, n)))
    deficit = rng.uniform(-0.5, 0.5, n)
    markets = trade.Markets(shares, size, float(rng.uniform(*bounds)))
    return markets, trade.Hats(volume, freeness, deficit)


def converges(draw):
    """Return True if solved, False if refused for a surplus that is truly too large."""
    try:
        solved = trade.solve_equilibrium(*draw)
    except InadmissibleInput as error:
        assert "deficit_ratio of economy" in str(error)  # noqa: PT017
        freed = trade.solve_equilibrium(*draw, deficit_floor=-0.999)
        assert freed.deficit_ratio.min() <= -0.6
        return False
    assert solved.residual <= 1e-10
    return True


def test_wild_worlds_converge_or_say_why_not():
    solved = [converges(wild_economy(11, number)) for number in range(300)]
    assert np.mean(solved) > 0.75


@pytest.mark.slow
def test_ten_thousand_wild_worlds_converge_or_say_why_not():
    solved = [converges(wild_economy(7, number)) for number in range(10_000)]
    assert np.mean(solved) > 0.75


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("field", "where", "value", "key"),
    [
        ("output", 1, 0.0, "output of BBB"),
        ("output", 1, np.nan, "output of BBB"),
        ("volume", 2, -1.0, "volume of CCC"),
        ("freeness", (0, 2), 0.0, "freeness of AAA, CCC"),
        ("freeness", (0, 2), np.inf, "freeness of AAA, CCC"),
        ("deficit_ratio", 0, np.nan, "deficit_ratio of AAA"),
        ("theta", None, 0.0, "trade_elasticity"),
    ],
)
def test_an_inadmissible_input_is_named(field, where, value, key):
    economy = random_economy(5, 3, 4.0)
    if where is None:
        bad = replace(economy, theta=value)
    else:
        array = getattr(economy, field).copy()
        array[where] = value
        bad = replace(economy, **{field: array})
        if field == "output":
            bad = replace(bad, deficit_ratio=economy.deficit_ratio)
    with pytest.raises(InadmissibleInput, match=key):
        bad.solve(names=("AAA", "BBB", "CCC"))


def test_shares_that_are_no_shares_are_refused():
    economy = random_economy(5, 3, 4.0)
    for shares in (economy.shares * 1.01, economy.shares - np.eye(3)):
        with pytest.raises(InadmissibleInput, match="shares"):
            trade.Markets(shares, economy.output, 4.0)


def test_a_surplus_that_leaves_nothing_to_spend_is_named():
    economy = random_economy(5, 3, 4.0).unshocked()
    poor = replace(economy, deficit_ratio=np.array([0.0, -0.9, 0.0]))
    with pytest.raises(InadmissibleInput, match="deficit_ratio of BBB"):
        poor.solve(names=("AAA", "BBB", "CCC"))


def test_too_few_evaluations_are_said():
    with pytest.raises(InadmissibleInput, match="not found"):
        random_economy(5, 8, 4.0).solve(iterations=2)


# ------------------------------------------------------------------ base-year accounts


RULES = {
    "output_to_gdp": 1.9,
    "home_sales_floor": 0.05,
    "deficit_cap": 0.6,
    "surplus_cap": 0.4,
}


def test_accounts_are_floored_capped_and_closed():
    # Ordinary, a re-exporting hub, a ship registry, a surplus recorded on one side only.
    gdp = np.array([1000.0, 100.0, 2.0, 2.0])
    exports = np.array([200.0, 300.0, 0.5, 3.0])
    imports = np.array([210.0, 290.0, 20.0, 0.1])
    closed = trade.close_economy(gdp, exports, imports, **RULES)
    np.testing.assert_array_equal(closed.floored, [False, True, False, False])
    assert closed.output[0] == 1.9 * gdp[0]
    assert closed.home_sales[1] == pytest.approx(0.05 * closed.output[1])
    assert closed.imports.sum() == pytest.approx(exports.sum(), rel=1e-12)
    assert (closed.imports - exports)[2] == pytest.approx(0.6 * gdp[2], rel=1e-6)
    surplus = (exports - closed.imports)[3]
    assert surplus <= 0.4 * closed.output[3]
    assert surplus == pytest.approx(0.4 * closed.output[3], rel=0.01)
    np.testing.assert_array_equal(closed.exports, exports)


@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_closed_accounts_keep_their_bounds(seed, n):
    rng = np.random.default_rng(seed)
    gdp = np.exp(rng.normal(3, 2, n))
    exports = gdp * rng.lognormal(-1.5, 1, n)
    imports = gdp * rng.lognormal(-1.4, 1, n)
    closed = trade.close_economy(gdp, exports, imports, **RULES)
    assert closed.imports.sum() == pytest.approx(exports.sum(), rel=1e-9)
    assert np.all(closed.home_sales >= 0.05 * closed.output * (1 - 1e-12))
    assert np.all(closed.output >= 1.9 * gdp)


# ------------------------------------------------------------------ published partners

MARGIN = np.array([50.0, 50.0, 100.0])


def lists(**cells):
    """Return a matrix of NaN with the cells ``{"ij": share}`` filled in."""
    matrix = np.full((3, 3), np.nan)
    for cell, share in cells.items():
        matrix[int(cell[1]), int(cell[2])] = share
    return matrix


def flows_of(export_share, import_share, kernel=None):
    kernel = np.ones((3, 3)) if kernel is None else kernel
    return trade.published_flows(
        kernel, MARGIN, MARGIN, export_share, import_share, mirror_tolerance=3.0
    )


def test_two_reports_that_agree_are_averaged():
    flows = flows_of(lists(c01=0.4), lists(c01=0.6))
    assert flows[0, 1] == pytest.approx((20 + 30) / 2)
    assert np.isnan(flows).sum() == 8


@pytest.mark.parametrize(("gravity", "expected"), [(1.5, 2.0), (40.0, 30.0)])
def test_where_reports_disagree_the_one_nearer_to_gravity_stands(gravity, expected):
    kernel = np.full((3, 3), gravity)
    assert flows_of(lists(c01=0.04), lists(c01=0.6), kernel)[0, 1] == pytest.approx(expected)


def test_a_flow_the_other_side_has_no_room_for_is_rejected():
    """Economy 0 reports 40 to economy 1, whose smallest listed supplier delivers 5."""
    flows = flows_of(lists(c01=0.8), lists(c21=0.1))
    assert np.isnan(flows[0, 1])
    assert flows[2, 1] == pytest.approx(5.0)
    # With room enough, or without a list to contradict it, one report is believed.
    assert flows_of(lists(c01=0.8), lists(c21=0.3))[0, 1] == pytest.approx(40.0)
    assert flows_of(lists(c01=0.8), lists())[0, 1] == pytest.approx(40.0)
    # The same from the importer's side.
    assert np.isnan(flows_of(lists(c02=0.1), lists(c01=0.8))[0, 1])


def test_shares_spread_what_other_customers_leave():
    # The source knows 0 and 1 only: what goes to 2 is known from elsewhere and is not theirs.
    shares = np.array([[0.0, 1.0, np.nan], [1.0, 0.0, np.nan], [np.nan, np.nan, np.nan]])
    elsewhere = np.array([[0.0, 9.0, 10.0], [9.0, 0.0, 50.0], [5.0, 6.0, 0.0]])
    flows = trade.flows_by_shares(shares, elsewhere, np.array([50.0, 50.0, 11.0]))
    np.testing.assert_allclose(flows, [[0.0, 40.0, 10.0], [0.5, 0.0, 50.0], [5.0, 6.0, 0.0]])


@pytest.mark.parametrize(
    ("flow", "gravity", "published", "confirmed", "most", "expected", "basis"),
    [
        (1.0, 1.0, 2.0, False, np.inf, 1.0, "shares"),  # within the tolerance
        (1.0, 1.0, 9.0, False, np.inf, 1.0, "shares"),  # contradicted, gravity on its side
        (1.0, 5.0, 9.0, False, np.inf, 9.0, "published"),  # contradicted, gravity against it
        (1.0, 1.0, 9.0, True, np.inf, 9.0, "published"),  # two witnesses against one
        (0.0, 1.0, 9.0, False, np.inf, 9.0, "published"),  # nothing at all is contradicted too
        (9.0, 1.0, np.nan, False, 6.0, 6.0, "bounded"),  # no list has room for it
        (9.0, 1.0, np.nan, False, 12.0, 9.0, "shares"),  # there is room
        (9.0, 1.0, 8.0, True, 1.0, 9.0, "shares"),  # a listed partner is not bounded
    ],
)
def test_a_share_is_judged_by_what_countries_publish(
    flow, gravity, published, confirmed, most, expected, basis
):
    found, codes = trade.judged_flows(
        *(np.array([[x]]) for x in (flow, gravity, published, confirmed, most)),
        mirror_tolerance=3.0,
    )
    assert found[0, 0] == pytest.approx(expected)
    assert trade.BASIS[codes[0, 0]] == basis


def test_a_flow_is_confirmed_where_both_sides_say_the_same():
    found = trade.confirmed_by_both(
        MARGIN,
        MARGIN,
        lists(c01=0.4, c02=0.4),
        lists(c01=0.3, c02=0.01, c12=0.5),
        mirror_tolerance=3.0,
    )
    assert np.argwhere(found).tolist() == [[0, 1]]


def test_an_unlisted_partner_has_at_most_the_smallest_listed_share():
    ceiling = trade.unlisted_ceiling(lists(c01=0.8, c02=0.1), lists(c21=0.3), MARGIN, MARGIN)
    expected = np.full((3, 3), np.inf)
    expected[0, 0] = 0.1 * MARGIN[0]  # nobody's partner, bounded as any cell of that row
    expected[0, 1] = 0.3 * MARGIN[1]  # listed by 0, but not by 1
    expected[1, 1] = 0.3 * MARGIN[1]
    np.testing.assert_allclose(ceiling, expected)


def test_a_list_of_one_large_partner_is_cut_where_others_are():
    exporters = lists(c01=0.77, c10=0.04, c12=0.5, c20=0.06, c21=0.9)
    ceiling = trade.unlisted_ceiling(exporters, lists(), MARGIN, MARGIN)
    assert ceiling[0, 2] == pytest.approx(0.06 * MARGIN[0])  # the median of 0.77, 0.04 and 0.06
    assert ceiling[1, 1] == pytest.approx(0.04 * MARGIN[1])
    assert ceiling[0, 1] == np.inf


# ------------------------------------------------------------------ completing the matrix


def sampled_world(seed, n):
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(2, 1, n))
    place = rng.uniform(0, 5000, (n, 2))
    distance = np.hypot(*(place[:, None] - place[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(distance, 200.0)
    kernel = np.outer(size, size) / distance
    np.fill_diagonal(kernel, 0)
    known = np.where(rng.random((n, n)) < 0.3, kernel * rng.lognormal(0, 1, (n, n)), np.nan)
    np.fill_diagonal(known, np.nan)
    return kernel, known, distance


@given(st.integers(0, 2**32 - 1), st.integers(4, 20))
def test_seeding_keeps_what_is_known(seed, n):
    kernel, known, _ = sampled_world(seed, n)
    total = np.nan_to_num(known) + kernel
    ceiling = np.full((n, n), np.quantile(kernel, 0.8))
    for bound in (None, ceiling):
        seeded = trade.seed_matrix(
            kernel, known, total.sum(axis=1), total.sum(axis=0), ceiling=bound
        )
        there = ~np.isnan(known)
        np.testing.assert_array_equal(seeded[there], known[there])
        assert np.all(seeded >= 0)
        assert not np.diagonal(seeded).any()
        if bound is not None:
            assert np.all(seeded[~there] <= bound[~there])


@given(st.integers(0, 2**32 - 1))
def test_seeding_without_anything_published_is_gravity(seed):
    kernel, _, distance = sampled_world(seed, 8)
    nothing = np.full_like(kernel, np.nan)
    rows, columns = kernel.sum(axis=1), kernel.sum(axis=0)
    seeded = trade.seed_matrix(kernel, nothing, rows, columns)
    np.testing.assert_allclose(seeded, kernel, rtol=1e-12)
    informed = trade.informed_kernel(kernel, nothing, distance, distance_elasticity=-1.1)
    np.testing.assert_array_equal(informed, kernel)


def test_neighbours_of_a_published_partner_are_informed_most():
    kernel, _, distance = sampled_world(5, 8)
    known = np.full_like(kernel, np.nan)
    known[0, 1] = 4 * kernel[0, 1]
    informed = trade.informed_kernel(kernel, known, distance, distance_elasticity=-1.1)
    with np.errstate(invalid="ignore"):
        told = informed / kernel
    others = list(range(2, 8))
    # The exporter's flows to other importers, and others' flows to this importer: the nearer
    # to the one that is known, the more; flows of neither are as gravity has them.
    for row in (told[0, others], told[others, 1]):
        assert np.all((row > 1) & (row < 4))
    by_distance = np.array(others)[np.argsort(distance[1, others])]
    assert np.all(np.diff(told[0, by_distance]) < 0)
    for i, j in itertools.permutations(others, 2):
        assert told[i, j] == 1
    assert told[1, 0] == pytest.approx(2.0)  # the reverse flow: as much weight as gravity


@given(st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_completing_does_not_depend_on_the_order_of_countries(seed, random):
    kernel, known, distance = sampled_world(seed, 9)
    order = list(range(9))
    random.shuffle(order)
    cross = np.ix_(order, order)
    here = trade.informed_kernel(kernel, known, distance, distance_elasticity=-1.1)
    there = trade.informed_kernel(
        kernel[cross], known[cross], distance[cross], distance_elasticity=-1.1
    )
    np.testing.assert_allclose(there, here[cross], rtol=1e-10)


def base_of(world):
    """Return the base-year matrix as the data and the tables' values make it."""
    parameters = default_parameters()
    south = world.membership("south_unctad_2014").astype(float)
    economy = trade.close_economy(
        world.base["gdp_current_busd"],
        world.base["goods_exports_busd"],
        world.base["goods_imports_busd"],
        **{name: parameters[name] for name in RULES},
    )
    geography = trade.Geography(
        distance=world.distance,
        contiguity=world.contiguity,
        common_language=world.common_language,
        colonial_tie=world.colonial_tie,
        agreement=world.agreement_in_force(2013),
        both_south=np.outer(south, south),
    )
    names = ("distance", "contiguity", "common_language", "colonial_tie", "agreement", "south")
    kernel = trade.gravity_kernel(
        geography,
        economy.exports,
        economy.imports,
        **{name: parameters[f"gravity_{name}"] for name in names},
    )
    kernel = balance(kernel, economy.exports, economy.imports, tolerance=1e-9)
    published = trade.published_flows(
        kernel,
        economy.exports,
        economy.imports,
        world.published_export_share,
        world.published_import_share,
        mirror_tolerance=parameters["mirror_tolerance"],
    )
    start = trade.seed_matrix(
        trade.informed_kernel(
            kernel,
            published,
            world.distance,
            distance_elasticity=parameters["gravity_distance"],
        ),
        published,
        economy.exports,
        economy.imports,
        ceiling=trade.unlisted_ceiling(
            world.published_export_share,
            world.published_import_share,
            economy.exports,
            economy.imports,
        ),
    )
    return balance(start, economy.exports, economy.imports), published, economy


def test_the_base_year_of_the_data():
    world = load_world()
    flows, published, economy = base_of(world)
    known = ~np.isnan(published)
    np.testing.assert_allclose(flows.sum(axis=1), economy.exports, rtol=1e-10)
    np.testing.assert_allclose(flows.sum(axis=0), economy.imports, rtol=1e-10)
    assert not np.diagonal(flows).any()
    # Balancing leaves what is published nearly where it was.
    assert np.median(np.abs(np.log(flows[known] / published[known]))) < 0.03
    korea, japan = world.position("KOR"), world.position("JPN")
    assert flows[korea, japan] == pytest.approx(published[korea, japan], rel=0.1)
    ceiling = trade.unlisted_ceiling(
        world.published_export_share,
        world.published_import_share,
        economy.exports,
        economy.imports,
    )
    assert np.maximum(flows - ceiling, 0)[~known].sum() < 0.001 * flows.sum()


# ------------------------------------------------------------------ gravity and freeness


def test_the_kernel_is_log_linear_with_an_empty_diagonal():
    n = 4
    rng = np.random.default_rng(2)
    pairs = {name: rng.integers(0, 2, (n, n)).astype(float) for name in "abcde"}
    geography = trade.Geography(rng.uniform(100, 9000, (n, n)), *pairs.values())
    origin, destination = rng.uniform(1, 9, n), rng.uniform(1, 9, n)
    beta = {
        "distance": -1.1,
        "contiguity": 0.5,
        "common_language": 0.3,
        "colonial_tie": 0.8,
        "agreement": 0.2,
        "south": 0.1,
    }
    kernel = trade.gravity_kernel(geography, origin, destination, **beta)
    assert not np.diagonal(kernel).any()
    i, j = 1, 3
    log = -1.1 * np.log(geography.distance[i, j])
    log += 0.5 * pairs["a"][i, j] + 0.3 * pairs["b"][i, j] + 0.8 * pairs["c"][i, j]
    log += 0.2 * pairs["d"][i, j] + 0.1 * pairs["e"][i, j]
    assert kernel[i, j] == pytest.approx(np.exp(log) * origin[i] * destination[j])


RESPONSE = trade.FreenessResponse(agreement=0.28, infrastructure=0.3, tie=0.2, trade_elasticity=5.0)


def test_freeness_takes_cost_with_the_power_of_the_elasticity():
    n = 3
    agreement, tie, cut = np.zeros((3, n, n))
    agreement[0, 1] = 0.5
    tie[2, 1] = 0.4
    cost = np.ones((n, n))
    cost[1, 2] = 1.1
    cost[0, 0] = 2.0
    cut[1, 0] = 0.2
    tied = np.ones((n, n))
    tied[1, 0] = 1.5
    pairs = trade.PairChanges(Cells.of(agreement), tie, Cells.of(cost, 1.0), Cells.of(cut), tied)
    sides = trade.SideChanges(
        infrastructure=np.array([0.1, 0.0, -0.2]), cost=np.array([1.0, 1.0, 0.9])
    )
    freeness = trade.trade_freeness(pairs, sides, RESPONSE).whole
    np.testing.assert_array_equal(np.diagonal(freeness), 1)
    assert freeness[0, 1] == pytest.approx(np.exp(0.14 + 0.03))
    assert freeness[1, 2] == pytest.approx(np.exp(-0.06) * (1.1 * 0.9) ** -5)
    assert freeness[2, 0] == pytest.approx(np.exp(0.3 * (0.1 - 0.2)) * 0.9**-5)
    assert freeness[1, 0] == pytest.approx(1.5 * np.exp(0.03) * 0.8**-5)
    assert freeness[2, 1] == pytest.approx(np.exp(0.2 * 0.4 - 0.06) * 0.9**-5)
    np.testing.assert_array_equal(tie[[0, 1]], 0.0)  # inputs are left alone
    assert tie[2, 1] == 0.4


def test_nothing_changed_means_a_freeness_of_one():
    nothing, one = np.zeros((4, 4)), np.ones((4, 4))
    found = trade.trade_freeness(
        trade.PairChanges(
            Cells.of(nothing), nothing, Cells.of(one, 1.0), Cells.of(nothing), tied=one
        ),
        trade.SideChanges(infrastructure=np.zeros(4), cost=np.ones(4)),
        RESPONSE,
    )
    np.testing.assert_array_equal(found.whole, 1.0)
    assert found.without_policy is found.whole


def test_deficits_fade_and_new_finance_is_spent():
    base = np.array([0.1, -0.2])
    ratio = trade.trade_deficit_ratio(
        base, 10, np.array([0.05, 0.0]), np.array([0.02, 0.01]), persistence=0.9
    )
    np.testing.assert_allclose(ratio, [0.08 * 0.9**10 + 0.05, -0.21 * 0.9**10])


@pytest.mark.parametrize(("base", "financing"), [(0.13, 0.16), (0.2, 0.2), (0.05, 0.3)])
def test_a_deficit_that_money_from_abroad_pays_for_stays_while_it_comes(
    base: float, financing: float
) -> None:
    """Nepal, El Salvador, Tajikistan: what is left to fade is the part that nothing pays for."""
    ratio, kept = (
        trade.trade_deficit_ratio(
            np.array([base]), years, np.array([financing]), np.array([financing]), persistence=0.9
        )[0]
        for years in (60, 0)
    )
    assert kept == pytest.approx(base)
    assert ratio == pytest.approx(financing, abs=0.001)


def test_solving_leaves_its_inputs_alone():
    economy = random_economy(9, 6, 4.0)
    markets, hats = economy.markets(), economy.hats
    given_arrays = (markets.shares, markets.output, hats.volume, hats.freeness, hats.deficit_ratio)
    before = [array.copy() for array in given_arrays]
    inverse = economy.base_inverse()
    kept = inverse.copy()
    trade.solve_equilibrium(markets, hats, trade.Start(inverse=inverse))
    for array, copy in zip(given_arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(inverse, kept)
