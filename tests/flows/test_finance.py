"""External flows: two ends, no one pays less than nothing, levers and growth move them."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import InadmissibleInput
from sscsim.flows import finance as f
from sscsim.parameters.table import default_parameters

DEFAULT = f.FinanceParameters.from_parameters(default_parameters())
seeds = st.integers(0, 10_000)
within_bounds = st.builds(
    f.FinanceParameters,
    **{
        one.name: st.floats(*default_parameters().definition(one.name).bounds)
        for one in fields(f.FinanceParameters)
    },
)


def base(seed: int = 0, n: int = 8) -> f.FinanceBase:
    rng = np.random.default_rng(seed)
    rich = np.arange(n) < 3
    return f.FinanceBase(
        oda_received=np.where(rich, 0.0, rng.uniform(0, 5, n)),
        remittances_received=rng.uniform(0, 5, n),
        other_received=rng.normal(0, 5, n),
        gdp=(gdp := rng.uniform(10, 1000, n)),
        gdp_current=1.1 * gdp,
        population=rng.uniform(1, 100, n),
        donor=rich,
        host=rich,
        financier=rich,
    )


def external_flows(b, gdp, people, price, parameters, **factors):
    """Return the flows of a year in which output keeps its price relative to the world's."""
    return f.external_flows(
        b, gdp, price * gdp * b.gdp_current / b.gdp, people, price, parameters, **factors
    )


def later(b: f.FinanceBase, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed + 1)
    return b.gdp * rng.uniform(0.5, 3, b.gdp.size), b.population * rng.uniform(0.8, 2, b.gdp.size)


def test_the_base_year_is_as_the_data_have_it():
    b = base()
    flows = external_flows(b, b.gdp, b.population, 1.0, DEFAULT)
    np.testing.assert_allclose(flows.oda_received, b.oda_received)
    np.testing.assert_allclose(flows.remittances_received, b.remittances_received)
    np.testing.assert_allclose(flows.other_received, b.other_received)


@given(seeds, within_bounds, st.floats(0, 3), st.floats(0, 3), st.floats(0, 3))
def test_every_flow_has_two_ends(seed, parameters, aid, remitted, other):
    b = base(seed)
    gdp, people = later(b, seed)
    flows = external_flows(
        b,
        gdp,
        people,
        1.2,
        parameters,
        oda_factor=aid,
        remittance_factor=remitted,
        other_factor=other,
    )
    scale = np.abs(flows.received).sum() + 1e-300
    for received, paid in (
        (flows.oda_received, flows.oda_paid),
        (flows.remittances_received, flows.remittances_paid),
        (flows.other_received, flows.other_paid),
    ):
        assert np.isfinite(received).all()
        assert np.isfinite(paid).all()
        assert abs(received.sum() - paid.sum()) <= 1e-12 * scale
        assert (paid[~b.donor] == 0).all()
    assert (flows.oda_received >= 0).all()
    assert (flows.oda_paid >= 0).all()
    assert (flows.remittances_received >= 0).all()
    assert abs(flows.net.sum()) <= 1e-11 * scale


def test_one_donor_that_doubles_its_aid():
    b = base()
    gdp, people = later(b)
    plan = external_flows(b, gdp, people, 1.0, DEFAULT)
    factor = np.ones(8)
    factor[1] = 2.0
    doubled = external_flows(b, gdp, people, 1.0, DEFAULT, oda_factor=factor)
    np.testing.assert_allclose(doubled.oda_paid, plan.oda_paid * factor)
    rise = (plan.oda_paid.sum() + plan.oda_paid[1]) / plan.oda_paid.sum()
    np.testing.assert_allclose(doubled.oda_received, plan.oda_received * rise)


def test_a_currency_that_falls_pays_less_and_needs_no_more():
    b = base()
    dollars = b.gdp_current.copy()
    dollars[0] *= 0.5  # a donor's
    flows = f.external_flows(b, b.gdp, dollars, b.population, 1.0, DEFAULT)
    plan = external_flows(b, b.gdp, b.population, 1.0, DEFAULT)
    assert flows.oda_paid[0] < 0.6 * plan.oda_paid[0]
    assert flows.oda_received.sum() < plan.oda_received.sum()
    assert flows.remittances_received.sum() < plan.remittances_received.sum()
    dollars = b.gdp_current.copy()
    dollars[5] *= 0.5  # a recipient's
    flows = f.external_flows(b, b.gdp, dollars, b.population, 1.0, DEFAULT)
    np.testing.assert_allclose(flows.oda_received, plan.oda_received)
    assert abs(flows.other_received[5]) < abs(plan.other_received[5])


def test_whom_growth_lifts_leaves_room_for_the_others():
    b = base()
    gdp = b.gdp.copy()
    gdp[5] *= 2
    flows = external_flows(b, gdp, b.population, 1.0, DEFAULT)
    change = flows.oda_received - b.oda_received
    assert change[5] < 0
    assert (np.delete(change, 5)[3:] > 0).all()
    assert flows.oda_received.sum() == pytest.approx(b.oda_received.sum())


def test_aid_and_remittances_follow_those_who_pay():
    b = base()
    gdp = np.where(b.donor, 1.1, 1.0) * b.gdp
    flows = external_flows(b, gdp, b.population, 1.0, DEFAULT)
    assert flows.oda_received.sum() == pytest.approx(1.1 * b.oda_received.sum())
    assert flows.remittances_received.sum() == pytest.approx(1.1 * b.remittances_received.sum())


@given(seeds)
def test_prices_scale_everything(seed):
    b = base(seed)
    gdp, people = later(b, seed)
    one, two = (external_flows(b, gdp, people, price, DEFAULT) for price in (1.0, 2.0))
    np.testing.assert_allclose(two.net, 2 * one.net, atol=1e-9)


@given(seeds, st.permutations(range(8)))
def test_the_order_of_countries_changes_nothing(seed, order):
    b = base(seed)
    gdp, people = later(b, seed)
    straight = external_flows(b, gdp, people, 1.1, DEFAULT)
    turned_base = replace(b, **{one.name: getattr(b, one.name)[order] for one in fields(b)})
    turned = external_flows(turned_base, gdp[order], people[order], 1.1, DEFAULT)
    for name in vars(straight):
        np.testing.assert_allclose(
            getattr(turned, name), getattr(straight, name)[order], rtol=1e-12
        )


def test_a_flow_that_nobody_pays_is_refused():
    with pytest.raises(InadmissibleInput, match="no economy pays"):
        replace(base(), donor=np.zeros(8, dtype=bool))


def test_a_world_without_flows_has_none():
    b = base()
    empty = replace(
        b,
        oda_received=np.zeros(8),
        remittances_received=np.zeros(8),
        other_received=np.zeros(8),
        donor=np.zeros(8, dtype=bool),
    )
    flows = external_flows(empty, b.gdp, b.population, 1.0, DEFAULT)
    np.testing.assert_array_equal(flows.net, 0.0)


def test_fdi_share():
    b = base()
    flows = external_flows(b, b.gdp, b.population, 1.0, DEFAULT)
    south = ~b.donor
    fdi = np.full(8, 2.0)
    expected = 10.0 / (10.0 + flows.received[south].sum())
    assert f.fdi_share_of_external_finance(fdi, flows, south) == pytest.approx(expected)
