"""Foreign direct investment: conservation, signs, symmetry, levers, the base year."""

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscsim.errors import InadmissibleInput
from sscsim.flows import investment as inv
from sscsim.flows.pairs import Cells
from sscsim.parameters import default_parameters

DEFAULTS = inv.InvestmentParameters.from_parameters(default_parameters())


def draw_parameters(unit):
    """Parameters anywhere inside their bounds, `unit` in [0, 1) saying where."""
    table = default_parameters()
    names = [f.name for f in dataclasses.fields(inv.InvestmentParameters)]
    values = {}
    for name, u in zip(names, unit, strict=True):
        definition = table.definition(name)
        low, high = definition.bounds
        values[name] = low + u * (high - low) if definition.drawn else table[name]
    return inv.InvestmentParameters(**values)


parameter_sets = st.lists(
    st.floats(0, 1),
    min_size=len(dataclasses.fields(DEFAULTS)),
    max_size=len(dataclasses.fields(DEFAULTS)),
).map(draw_parameters)


class World:
    """A random world and the arguments of one year."""

    def __init__(self, seed, n=9, parameters=DEFAULTS):
        rng = np.random.default_rng(seed)
        self.parameters = parameters
        inflow = rng.lognormal(2, 1.5, n)
        outflow = rng.lognormal(1, 1.5, n)
        inflow[rng.random(n) < 0.2] = 0.0
        outflow[rng.random(n) < 0.2] = 0.0
        # No economy beyond what the others can match: the data must allow an empty diagonal.
        inflow[:4], outflow[:4] = 30.0, 30.0
        cap = 0.2 * inflow.sum()
        self.inflow, self.outflow = inv.base_totals(
            np.minimum(inflow, cap), np.minimum(outflow, cap)
        )
        distance = rng.uniform(200, 18000, (n, n))
        flags = [rng.integers(0, 2, (n, n)).astype(float) for _ in range(4)]
        self.south = rng.random(n) < 0.6
        self.kernel = inv.fdi_kernel((distance + distance.T) / 2, *flags, self.south, parameters)
        self.base = inv.base_fdi_matrix(self.inflow, self.outflow, self.kernel, 1e-12)
        self.n = n
        self.group = rng.integers(0, 2, n)
        self.income = rng.lognormal(9, 1.3, n)
        self.taken = None
        self.year = {
            "gdp_ratio": rng.lognormal(0, 0.4, n),
            "income_ratio": rng.lognormal(0, 0.3, n),
            "momentum": rng.normal(0, 0.05, n),
            "years_since_base": float(rng.integers(1, 22)),
            "last": inv.Cycles(rng.normal(0, 0.2, 1), rng.normal(0, 0.1, 2), rng.normal(0, 0.5, n)),
            "draws": inv.Cycles(rng.normal(size=1), rng.normal(size=2), rng.normal(size=n)),
            "infrastructure_ratio": rng.lognormal(0, 0.3, n),
            "capability_change": rng.normal(0, 0.1, n),
            "entry_cost_change": rng.uniform(-0.1, 0.1, n),
            "guarantee_cover": rng.uniform(0, 0.3, n),
            "pair": inv.pair_freeness(
                Cells.of(rng.integers(-1, 2, (n, n)).astype(float)),
                rng.uniform(-1, 1, (n, n)),
                parameters,
            ),
            "investor_factor": rng.uniform(0.5, 1.5, n),
            "factor": rng.uniform(0.2, 1.5, n),
        }

    @property
    def fdi_base(self):
        return inv.FdiBase(
            self.base, self.south, self.group, self.income, self.parameters, self.taken
        )

    @property
    def cycles(self):
        return inv.next_cycles(self.fdi_base, self.year["last"], self.year["draws"])

    def economies(self, **changes):
        return part(inv.Economies, self.year | changes)

    def flows(self, **changes):
        year = self.year | changes
        return inv.fdi_flows(
            self.fdi_base,
            part(inv.Economies, year),
            inv.next_cycles(self.fdi_base, year["last"], year["draws"]),
            part(inv.Hosts, year),
            **{
                name: year[name]
                for name in ("pair", "investor_factor", "flow_factor")
                if name in year
            },
        )


def part(kind, year):
    """Return the value that holds these of the year's arguments."""
    return kind(**{f.name: year[f.name] for f in dataclasses.fields(kind)})


def at_base(world, **changes):
    """Return a year in which nothing has changed but what is said."""
    n = world.n
    calm = inv.Economies(np.ones(n), np.ones(n), np.zeros(n), 0.0)
    return {
        "base": world.fdi_base,
        "economies": dataclasses.replace(calm, **changes),
        "cycles": inv.Cycles(np.zeros(1), np.zeros(2), np.zeros(n)),
    }


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), parameters=parameter_sets)
def test_every_flow_has_two_ends_and_none_is_negative(seed, parameters):
    world = World(seed, parameters=parameters)
    result = world.flows()
    assert np.isfinite(result.flows).all()
    assert (result.flows >= 0).all()
    assert not np.diag(result.flows).any()
    assert result.inflow.sum() == pytest.approx(result.outflow.sum(), rel=1e-12)
    # What investors mean to invest arrives whole: spreading creates and loses nothing.
    intended = inv.outward_fdi(world.fdi_base, world.economies(), world.cycles)
    np.testing.assert_allclose(
        result.outflow, intended * world.year["investor_factor"], rtol=1e-9, atol=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), parameters=parameter_sets)
def test_base_matrix_meets_its_totals(seed, parameters):
    world = World(seed, parameters=parameters)
    np.testing.assert_allclose(world.base.sum(axis=0), world.inflow, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(world.base.sum(axis=1), world.outflow, rtol=1e-9, atol=1e-9)
    assert not np.diag(world.base).any()
    assert (world.base >= 0).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_base_year_is_reproduced_when_nothing_changed(seed):
    world = World(seed)
    result = inv.fdi_flows(**at_base(world))
    np.testing.assert_allclose(result.flows, world.base, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), data=st.data())
def test_order_of_countries_changes_nothing(seed, data):
    world = World(seed)
    order = np.array(data.draw(st.permutations(range(world.n))))
    both = np.ix_(order, order)
    permuted = World(seed)
    for name, value in world.year.items():
        if name == "pair":
            permuted.year[name] = value[both]
        elif isinstance(value, inv.Cycles):
            permuted.year[name] = dataclasses.replace(value, host=value.host[order])
        elif isinstance(value, np.ndarray):
            permuted.year[name] = value[order]
    permuted.south, permuted.group = world.south[order], world.group[order]
    permuted.income = world.income[order]
    permuted.base = inv.base_fdi_matrix(
        world.inflow[order], world.outflow[order], world.kernel[both], 1e-12
    )
    result = permuted.flows()
    np.testing.assert_allclose(result.flows, world.flows().flows[both], rtol=1e-8, atol=1e-10)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), host=st.integers(0, 3), rise=st.floats(1.05, 5.0))
def test_a_more_attractive_host_gains_what_others_lose(seed, host, rise):
    world = World(seed)
    before = world.flows()
    factor = world.year["factor"].copy()
    factor[host] *= rise
    after = world.flows(factor=factor)
    others = np.arange(world.n) != host
    assert after.inflow[host] > before.inflow[host]
    assert (after.inflow[others] <= before.inflow[others] * (1 + 1e-12)).all()
    assert after.inflow[others].sum() < before.inflow[others].sum()
    np.testing.assert_allclose(after.outflow, before.outflow, rtol=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), factor=st.just(0.0) | st.floats(0.01, 3.0))
def test_a_world_shock_scales_every_flow(seed, factor):
    world = World(seed)
    np.testing.assert_allclose(
        world.flows(investor_factor=factor * world.year["investor_factor"]).flows,
        factor * world.flows().flows,
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    ("lever", "change", "direction"),
    [
        ("entry_cost_change", 0.05, -1),
        ("guarantee_cover", 0.2, 1),
        ("infrastructure_ratio", 0.2, 1),
        ("capability_change", 0.2, 1),
        ("momentum", 0.03, 1),
        ("gdp_ratio", 0.3, 1),
    ],
)
def test_each_lever_on_a_host_moves_its_inflow_the_right_way(lever, change, direction):
    world = World(11)
    moved = world.year[lever].copy()
    moved[1] += change
    # The host's own GDP moves what it invests abroad too, never what it receives from itself.
    difference = world.flows(**{lever: moved}).inflow - world.flows().inflow
    assert np.sign(difference[1]) == direction


def test_an_agreement_raises_the_flow_of_its_pair_and_diverts_the_rest():
    world = World(5)
    change = np.zeros((world.n, world.n))
    change[0, 1] = 1.0
    pair = inv.pair_freeness(Cells.of(change), np.zeros_like(change), DEFAULTS)
    after = inv.fdi_flows(**at_base(world), pair=pair).flows
    assert after[0, 1] > world.base[0, 1]
    # exp(β) less what the investor's other hosts give up
    assert after[0, 1] < world.base[0, 1] * np.exp(DEFAULTS.fdi_agreement)
    np.testing.assert_allclose(after[1:], world.base[1:])
    assert after.sum() == pytest.approx(world.base.sum())


def test_an_event_on_pairs_touches_no_other_pair():
    world = World(5)
    factor = np.ones((world.n, world.n))
    factor[0, 1] = 1.44
    before, after = world.flows().flows, world.flows(flow_factor=factor).flows
    assert after[0, 1] == pytest.approx(1.44 * before[0, 1])
    factor[0, 1] = 1.0
    after[0, 1] = before[0, 1]
    np.testing.assert_array_equal(after, before)


def test_income_raises_only_southern_outward_shares():
    world = World(3)
    richer = at_base(world, income_ratio=np.full(world.n, 1.5))
    ratio = inv.fdi_flows(**richer).outflow / np.where(world.outflow > 0, world.outflow, np.nan)
    invests = world.outflow > 0
    eta, level = DEFAULTS.fdi_income_elasticity, world.income / DEFAULTS.fdi_income_saturation
    expected = 1.5**eta * (1 + level**eta) / (1 + (1.5 * level) ** eta)
    south = invests & world.south
    np.testing.assert_allclose(ratio[south], expected[south], rtol=1e-9)
    np.testing.assert_allclose(ratio[invests & ~world.south], 1.0, rtol=1e-9)


def test_an_outward_share_levels_off_as_income_rises_without_end():
    world = World(3)
    p = dataclasses.replace(DEFAULTS, fdi_income_elasticity=1.5)
    base = dataclasses.replace(world.fdi_base, parameters=p)

    def shares(times):
        economies = at_base(world, income_ratio=np.full(world.n, times))["economies"]
        flows = inv.outward_fdi(base, economies, at_base(world)["cycles"])
        return flows[world.south & (base.outflow > 0)]

    level = base.income[world.south & (base.outflow > 0)] / p.fdi_income_saturation
    most = shares(1.0) * (1 + level**-1.5)  # a share of its own beyond which no income lifts it
    assert (shares(3.0) > shares(1.0)).all()
    assert (shares(1e5) < most * (1 + 1e-12)).all()
    np.testing.assert_allclose(shares(1e9), most, rtol=1e-6)


def test_the_drift_fades_and_ends_at_what_its_years_sum_to():
    world = World(3)

    def drift(years, kept):
        p = dataclasses.replace(DEFAULTS, fdi_drift_persistence=kept, fdi_share_drift=-0.02)
        base = dataclasses.replace(world.fdi_base, parameters=p)
        calm = at_base(world)
        economies = dataclasses.replace(calm["economies"], years_since_base=years)
        invests = base.outflow > 0
        ratio = inv.outward_fdi(base, economies, calm["cycles"])[invests] / base.outflow[invests]
        return float(np.log(ratio).mean())

    assert drift(1, 0.9) == pytest.approx(-0.02)
    assert drift(3, 0.9) == pytest.approx(-0.02 * (1 + 0.9 + 0.81))
    assert drift(500, 0.9) == pytest.approx(-0.2)
    assert drift(21, 1.0) == pytest.approx(-0.42)


def test_what_is_taken_out_has_two_ends_and_no_stock_becomes_negative():
    world = World(5)
    record = world.inflow.copy()
    record[7] = -4.0
    stocks = inv.FdiStocks(np.full(world.n, 10.0), np.full(world.n, 10.0))
    world.taken = inv.disinvestment(record, stocks, world.kernel)
    assert list(world.taken.hosts) == [7]
    assert world.taken.ends.sum(axis=0) == pytest.approx(1.0)
    assert world.taken.ends[7] == 0.0  # nobody takes anything home to where it is
    base = dataclasses.replace(world.fdi_base, parameters=DEFAULTS)
    np.testing.assert_allclose(
        base.net.sum(axis=0), base.flows.sum(axis=0) - 4.0 * (np.arange(world.n) == 7)
    )
    stock, left = 10.0, []
    for year in range(1, 40):
        left.append(float(inv.withdrawals(base, np.full(world.n, stock), year)[0]))
        stock -= left[-1]
    assert left[0] == pytest.approx(DEFAULTS.fdi_disinvestment_persistence * 0.4 * 10.0)
    assert left == sorted(left, reverse=True)
    assert stock > 0.0
    plain = world.flows()
    taken = inv.fdi_flows(
        base,
        world.economies(),
        world.cycles,
        part(inv.Hosts, world.year),
        pair=world.year["pair"],
        investor_factor=world.year["investor_factor"],
        withdrawn=np.array([3.0]),
    )
    assert taken.inflow.sum() == pytest.approx(taken.outflow.sum(), rel=1e-12)
    assert taken.inflow[7] == pytest.approx(plain.inflow[7] - 3.0)
    np.testing.assert_allclose(np.delete(taken.inflow, 7), np.delete(plain.inflow, 7))


def test_more_than_a_host_holds_cannot_leave_and_a_host_without_stock_loses_nothing():
    kernel = np.ones((3, 3)) - np.eye(3)
    stocks = inv.FdiStocks(np.array([1.0, 0.0, 5.0]), np.array([2.0, 2.0, 2.0]))
    taken = inv.disinvestment(np.array([-3.0, -1.0, 4.0]), stocks, kernel)
    assert (list(taken.hosts), list(taken.rate), list(taken.base)) == ([0], [1.0], [1.0])
    assert inv.disinvestment(np.array([3.0, 1.0, 4.0]), stocks, kernel) is None


@given(
    seed=st.integers(0, 2**32 - 1),
    attrition=st.floats(-0.05, 0.15),
    persistence=st.floats(0.0, 0.95),
    nearness=st.floats(0.0, 9.0),
)
def test_nobody_takes_home_more_than_it_holds(seed, attrition, persistence, nearness):
    """A small neighbour would, if the kernel alone said whose the stock of a host is: Grenada's of Trinidad."""
    rng = np.random.default_rng(seed)
    n = 6
    outward = np.exp(rng.normal(0.0, 3.0, n))
    inward = np.exp(rng.normal(0.0, 3.0, n))
    stocks = inv.initial_fdi_stocks(inward, outward)
    kernel = np.exp(nearness * rng.normal(size=(n, n)))
    np.fill_diagonal(kernel, 0.0)
    lost = np.where(np.arange(n) < 2, -stocks.inward * rng.uniform(0.0, 2.0, n), 1.0)
    taken = inv.disinvestment(lost, stocks, kernel)
    if taken is None:
        # Others cannot hold what either of the two has received.
        held = [stocks.outward.sum() - stocks.outward[host] for host in (0, 1)]
        assert all(stocks.inward[h] > 0.99 * held[h] for h in (0, 1))
        return
    assert taken.ends.sum(axis=0) == pytest.approx(1.0)
    rules = dataclasses.replace(
        DEFAULTS, fdi_stock_attrition=attrition, fdi_disinvestment_persistence=persistence
    )
    base = dataclasses.replace(World(5).fdi_base, parameters=rules, withdrawn=taken)
    now = stocks
    for year in range(1, 25):
        amount = inv.withdrawals(base, now.inward, year)
        inflow = np.zeros(n)
        inflow[taken.hosts] -= amount
        now = inv.update_fdi_stocks(now, inflow, -(taken.ends * amount).sum(axis=1), rules)
        assert now.inward.min() >= -1e-12 * stocks.inward.max()
        assert now.outward.min() >= -1e-12 * stocks.outward.max()
        assert now.inward.sum() == pytest.approx(now.outward.sum(), rel=1e-9, abs=1e-9)


def test_where_nobody_would_the_kernel_says_whose_it_is():
    world = World(5)
    stocks = inv.FdiStocks(np.full(world.n, 10.0), np.full(world.n, 10.0))
    record = world.inflow.copy()
    record[7] = -4.0
    weights = world.kernel[:, 7] * stocks.outward
    taken = inv.disinvestment(record, stocks, world.kernel)
    np.testing.assert_array_equal(taken.ends[:, 0], weights / weights.sum())


def test_cycles_are_carried_and_fade():
    state = inv.autoregress(np.array([1.0]), 0.5, 0.2, np.array([0.0]))
    assert state == pytest.approx(0.5)
    draws = np.random.default_rng(1).standard_normal((20_000, 1))
    path = [np.zeros(1)]
    for draw in draws:
        path.append(inv.autoregress(path[-1], 0.5, 0.2, draw))
    assert np.mean(path) == pytest.approx(0.0, abs=0.02)
    assert np.std(path) == pytest.approx(0.2 / np.sqrt(0.75), rel=0.05)


def test_momentum_is_recent_growth_less_base_growth():
    growth = np.array([[0.03, 0.02], [0.01, 0.02], [-0.03, np.nan], [-0.04, 0.02]])
    np.testing.assert_allclose(inv.growth_momentum(growth), [-0.02 - 0.03, 0.0])
    np.testing.assert_allclose(inv.growth_momentum(growth[:1]), [0.0, 0.0])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), parameters=parameter_sets)
def test_stocks_balance_in_the_world(seed, parameters):
    world = World(seed, parameters=parameters)
    stocks = inv.initial_fdi_stocks(world.inflow * 12, world.outflow * 9)
    for _ in range(5):
        result = world.flows()
        stocks = inv.update_fdi_stocks(stocks, result.inflow, result.outflow, parameters)
        total = stocks.inward.sum()
        assert stocks.outward.sum() == pytest.approx(total, rel=1e-12)
        assert (stocks.inward >= 0).all()
        assert (stocks.outward >= 0).all()


def test_a_large_host_is_steadier():
    small, reference, large, none = inv.host_deviation(np.array([0.1, 10.0, 100.0, 0.0]), DEFAULTS)
    assert small > reference > large
    assert reference == none == DEFAULTS.fdi_host_sd


def test_floors_missing_and_negative_flows_and_scales_investors():
    inflow, outflow = inv.base_totals(np.array([4.0, -1.0, np.nan]), np.array([-2.0, 1.0, 1.0]))
    np.testing.assert_allclose(inflow, [4.0, 0.0, 0.0])
    np.testing.assert_allclose(outflow, [0.0, 2.0, 2.0])


def test_inadmissible_totals_are_refused_with_a_reason():
    kernel = np.ones((3, 3)) - np.eye(3)
    with pytest.raises(InadmissibleInput, match="nobody invests"):
        inv.base_totals(np.ones(3), np.zeros(3))
    with pytest.raises(InadmissibleInput, match="differ"):
        inv.base_fdi_matrix(np.ones(3), np.full(3, 2.0), kernel, 1e-12)
    with pytest.raises(InadmissibleInput, match="more than all others"):
        inv.base_fdi_matrix(np.array([8.0, 1.0, 1.0]), np.array([6.0, 2.0, 2.0]), kernel, 1e-12)


def test_a_world_without_investment_stays_without():
    kernel = np.ones((3, 3)) - np.eye(3)
    assert not inv.base_fdi_matrix(np.zeros(3), np.zeros(3), kernel, 1e-12).any()


def test_a_year_of_all_economies_costs_about_a_millisecond():
    world = World(2, n=197)
    world.year["pair"] = None
    world.flows()
    spent = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(10):
            world.flows()
        spent.append((time.process_time() - start) / 10)
    # A guard against falling back to loops, an order of magnitude above what is measured.
    assert sorted(spent)[3] < 5e-3


# --- on the data that ship ---


@pytest.fixture(scope="module")
def standalone():
    from benchmarks.prior_predictive_fdi import Standalone
    from sscsim.world.loading import load_world

    return Standalone(load_world())


def test_real_base_matrix_meets_the_record_and_leaves_nobody_investing_at_home(standalone):
    base = standalone.base(DEFAULTS)
    np.testing.assert_allclose(base.flows.sum(axis=0), standalone.inflow, atol=1e-8)
    np.testing.assert_allclose(base.flows.sum(axis=1), standalone.outflow, atol=1e-8)
    assert not np.diag(base.flows).any()


@pytest.mark.parametrize("group", ["africa", "LDC", "developing_wir_2018"])
def test_sums_of_groups_are_the_records_with_hosts_that_lose_investment(standalone, group):
    members = standalone.groups[group]
    record = standalone.world.base["fdi_inflow_busd"][members].sum()
    base = standalone.base(DEFAULTS)
    assert base.net.sum(axis=0)[members].sum() == pytest.approx(record, rel=1e-9)
    assert base.flows.sum(axis=0)[members].sum() > 1.005 * record  # the floor alone lifts them
    assert base.net.sum(axis=1).min() > -0.1  # nobody takes home much more than it sends


def test_fitted_figures_lie_in_the_prior_predictive_interval(standalone):
    from benchmarks.prior_predictive_fdi import prior_predictive

    table = prior_predictive(standalone, draws=60, seed=1)
    assert [name for name, row in table.items() if row["fitted"] and not row["inside"]] == []


def test_surge_is_seen_among_developed_hosts_and_the_divestment_in_indonesia(standalone):
    still = dataclasses.replace(DEFAULTS, fdi_world_sd=0.0, fdi_group_sd=0.0, fdi_host_sd=0.0)
    seen = standalone.run(still, seed=1)
    assert seen[2015]["fdi_in_developed"] > 1.2 * seen[2014]["fdi_in_developed"]
    assert seen[2017]["fdi_in_developed"] < 0.85 * seen[2016]["fdi_in_developed"]
    assert seen[2016]["fdi_in_idn"] < 0.4 * seen[2015]["fdi_in_idn"]
    assert seen[2017]["fdi_in_idn"] > 3 * seen[2016]["fdi_in_idn"]
