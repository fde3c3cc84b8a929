"""Poverty: shares stay shares, growth lowers them, the base year is met."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats

from sscsim.outcomes import poverty as p
from sscsim.parameters.table import default_parameters

DEFAULT = p.PovertyParameters.from_parameters(default_parameters())
shares = st.floats(0.0, 1.0)
ginis = st.floats(0.15, 0.75)
one = np.atleast_1d


@given(shares, ginis)
def test_the_base_year_is_met(headcount, gini):
    line = p.initial_line(one(headcount), one(gini), DEFAULT)
    found = p.poverty_headcount(line, one(gini), np.ones(1), DEFAULT)
    least = DEFAULT.least_headcount
    assert found[0] == pytest.approx(min(max(headcount, least), 1 - least), rel=1e-9)
    assert line.floored[0] == (headcount < least or headcount > 1 - least)


@given(shares, ginis, ginis, st.floats(0.05, 20))
def test_a_headcount_is_a_share(headcount, gini, later, ratio):
    line = p.initial_line(one(headcount), one(gini), DEFAULT)
    found = p.poverty_headcount(line, one(later), one(ratio), DEFAULT)
    assert 0.0 <= found[0] <= 1.0


@given(st.floats(0.01, 0.99), ginis, st.floats(0.2, 5), st.floats(1.001, 3))
def test_poverty_falls_with_growth(headcount, gini, ratio, factor):
    line = p.initial_line(one(headcount), one(gini), DEFAULT)
    before = p.poverty_headcount(line, one(gini), one(ratio), DEFAULT)
    after = p.poverty_headcount(line, one(gini), one(ratio * factor), DEFAULT)
    assume(1e-12 < before[0] < 1 - 1e-12)
    assert after[0] < before[0]


def test_growth_that_surveys_do_not_see_lowers_no_poverty():
    blind = replace(DEFAULT, consumption_pass_through=0.3)
    line = p.initial_line(one(0.4), one(0.4), DEFAULT)
    seen, unseen = (p.poverty_headcount(line, one(0.4), one(1.5), q)[0] for q in (DEFAULT, blind))
    assert seen < unseen < 0.4


def test_zero_can_move():
    line = p.initial_line(np.array([0.0]), np.array([0.3]), DEFAULT)
    assert line.floored[0]
    crisis = p.poverty_headcount(line, np.array([0.3]), np.array([0.5]), DEFAULT)
    assert crisis[0] > 2 * DEFAULT.least_headcount


@pytest.mark.parametrize("gini", [0.25, 0.4, 0.6])
def test_the_deviation_gives_back_the_gini(gini):
    sigma = p.log_income_deviation(np.array([gini]))[0]
    # Gini = 1 − 2 ∫ L, Lorenz curve of the log-normal L(u) = Φ(Φ⁻¹(u) − σ).
    area, _ = integrate.quad(lambda u: stats.norm.cdf(stats.norm.ppf(u) - sigma), 0, 1)
    assert 1 - 2 * area == pytest.approx(gini, abs=1e-6)


def test_inequality_makes_poverty_where_the_mean_is_above_the_line():
    line = p.initial_line(one(0.2), one(0.35), DEFAULT)
    more = p.poverty_headcount(line, one(0.45), np.ones(1), DEFAULT)
    assert more[0] > 0.2


@given(
    ginis,
    ginis,
    st.floats(-0.3, 0.3),
    st.floats(-0.08, 0.08),
    st.floats(0, 0.15),
    st.floats(-0.01, 0.01),
)
def test_a_gini_stays_a_gini(gini, base, growth, incidence, reversion, policy):
    q = replace(DEFAULT, growth_incidence=incidence, gini_reversion=reversion)
    found = one(gini)
    for _ in range(20):
        found = p.gini_step(found, one(base), one(growth), q, policy)
    assert np.isfinite(found).all()
    assert 0 < found[0] < 1


def test_the_gini_returns_slowly_and_rests_at_home():
    base = np.array([0.4])
    np.testing.assert_allclose(p.gini_step(base, base, np.array([0.05]), DEFAULT), base)
    later = p.gini_step(np.array([0.45]), base, np.zeros(1), DEFAULT)
    assert 0.44 < later[0] < 0.45


def test_growth_for_the_rich_raises_the_gini():
    tilted = replace(DEFAULT, growth_incidence=0.05)
    base = np.array([0.4])
    after = p.gini_step(base, base, np.array([0.04]), tilted)
    assert after[0] - 0.4 == pytest.approx(0.05 * 0.04, rel=0.01)


@given(st.permutations(range(5)))
def test_the_order_of_countries_changes_nothing(order):
    rng = np.random.default_rng(0)
    headcount, gini, ratio = rng.uniform(0, 1, 5), rng.uniform(0.2, 0.6, 5), rng.uniform(0.5, 2, 5)

    def found(o):
        line = p.initial_line(headcount[o], gini[o], DEFAULT)
        return p.poverty_headcount(line, gini[o], ratio[o], DEFAULT)

    np.testing.assert_array_equal(found(order), found(list(range(5)))[order])
