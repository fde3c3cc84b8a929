"""Institutions as pure functions: hazards, ceilings, capacity, training, coordination, fragmentation, funds.

Directions are what the equations assume: these tests check the implementation and are no evidence for the effect.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sscsim.flows import institutions as flows
from sscsim.flows.institutions import InstitutionParameters
from sscsim.parameters import default_parameters

P = InstitutionParameters.from_parameters(default_parameters())
N = 12
ALL = np.ones(N, dtype=bool)
unit = hnp.arrays(np.float64, N, elements=st.floats(0.0, 1.0))
flag = hnp.arrays(np.float64, N, elements=st.sampled_from([0.0, 1.0]))
rate = hnp.arrays(np.float64, N, elements=st.floats(0.0, 5.0))
region = np.arange(N) % 3


# ------------------------------------------------------------------------------------------------- building blocks


@given(st.floats(0.02, 0.98), st.floats(-6.0, 6.0), unit)
def test_odds_have_the_wanted_mean_and_rise_with_the_score(level, slope, score) -> None:
    odds = flows.centred_logit(level, slope, score, ALL)
    assert odds.mean() == pytest.approx(level, abs=1e-9)
    order = np.argsort(score)
    assert (np.diff(odds[order]) * np.sign(slope) >= -1e-12).all()


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_odds_of_nobody_and_of_everybody(level: float) -> None:
    assert (flows.centred_logit(level, 2.0, np.linspace(-1, 1, N), ALL) == level).all()


def test_what_does_not_vary_is_standardised_to_nothing() -> None:
    assert (flows.standardise(np.full(N, 3.0), ALL) == 0.0).all()


@given(flag, rate, rate, unit, hnp.arrays(np.bool_, N))
def test_a_turn_is_zero_or_one_and_takes_up_only_who_may(has, up, out, uniforms, may) -> None:
    uniforms = np.minimum(uniforms, 1.0 - 1e-12)
    after = flows.turn(has, up, out, uniforms, may=may)
    assert set(np.unique(after)) <= {0.0, 1.0}
    assert not (after[~may] > has[~may]).any()
    assert np.array_equal(flows.turn(has, 0 * up, 0 * out, uniforms, may=may), has)


@given(rate, unit)
def test_a_higher_rate_loses_nobody_who_took_it_up(up, uniforms) -> None:
    """One uniform decides: policy that raises a rate shifts no other draw and turns no taker away."""
    none, out = np.zeros(N), np.zeros(N)
    fewer = flows.turn(none, up, out, uniforms, may=ALL)
    more = flows.turn(none, up + 0.5, out, uniforms, may=ALL)
    assert (more >= fewer).all()


def test_the_share_that_takes_up_is_that_of_the_rate() -> None:
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    zero = np.zeros(10_000)
    after = flows.turn(zero, zero + 0.3, zero, uniforms, may=zero == 0)
    assert after.mean() == pytest.approx(1.0 - np.exp(-0.3), abs=1e-4)


# -------------------------------------------------------------------------------------------------------- capacity


@given(unit, unit, unit)
def test_own_capacity_lies_between_the_ends_and_rises_with_each_part(a, b, c) -> None:
    gdp, integrity, people = np.exp(4 * a), 100 * b, c
    own = flows.own_capacity(gdp, integrity, people, ALL, P)
    assert ((own >= 0) & (own <= 1)).all()
    assert own.shape == (N,)


def test_bigger_cleaner_and_better_schooled_is_more_capable() -> None:
    up = np.linspace(0.0, 1.0, N)
    own = flows.own_capacity(np.exp(up), up, up, ALL, P)
    assert (np.diff(own) > 0).all()


@given(unit, flag, unit, flag)
def test_capacity_stays_within_bounds_and_institutions_never_lower_it(own, agency, train, un):
    target = flows.adjust_capacity(None, own, agency, train, un, P)
    assert ((target >= own - 1e-12) & (target <= 1.0)).all()
    step = flows.adjust_capacity(own, own, agency, train, un, P)
    assert ((step >= own - 1e-12) & (step <= target + 1e-12)).all()


@given(unit, unit)
def test_who_has_learned_is_more_capable_and_who_has_not_is_as_before(own, learned) -> None:
    after = flows.learned_capacity(own, learned, P)
    assert ((after >= own - 1e-12) & (after <= 1.0)).all()
    assert flows.learned_capacity(own, 0.0 * learned, P) == pytest.approx(own)


def test_each_institution_raises_capacity() -> None:
    own, none, one = np.full(N, 0.4), np.zeros(N), np.ones(N)
    bare = flows.adjust_capacity(None, own, none, none, none, P)
    for parts in ((one, none, none), (none, one, none), (none, none, one)):
        assert (flows.adjust_capacity(None, own, *parts, P) > bare).all()


# ------------------------------------------------------------------------------------------------------- providers


def test_the_ceiling_has_its_mean_at_the_opening_and_rises_with_capacity() -> None:
    opening = np.linspace(0.1, 0.9, N)
    ceiling = flows.centred_logit(0.9, 2.0, opening, ALL)
    at_opening = flows.capacity_ceiling(ceiling, 2.0, opening, opening)
    assert at_opening.mean() == pytest.approx(0.9)
    better = flows.capacity_ceiling(ceiling, 2.0, opening + 0.1, opening)
    assert (better > at_opening).all()
    assert (better < 1.0).all()


def test_exit_keeps_the_share_below_the_ceiling_for_good() -> None:
    """A diffusion that passes 63 and 74 % would reach 99 % by 2030; with exit and a ceiling it settles below."""
    count = 20_000
    rng = np.random.default_rng(1)
    reluctance = rng.random(count)
    has = (reluctance < 0.54).astype(float)
    for _ in range(60):
        has = flows.turn(
            has,
            np.full(count, 0.3),
            np.full(count, 0.03),
            rng.random(count),
            may=reluctance < 0.9,
        )
    assert has.mean() == pytest.approx(0.9 * 0.26 / (0.26 + 0.03), abs=0.02)
    assert has.mean() < 0.85


@given(flag)
def test_peers_are_the_others_of_the_region(has) -> None:
    peers = flows.peer_share(has, region, ALL)
    for i in range(N):
        others = [j for j in range(N) if region[j] == region[i] and j != i]
        assert peers[i] == pytest.approx(has[others].mean())


def test_who_is_alone_in_a_region_has_no_peers() -> None:
    assert (flows.peer_share(np.ones(3), np.arange(3), np.ones(3, dtype=bool)) == 0.0).all()


@pytest.mark.parametrize("place", range(6))
def test_every_drive_raises_the_rate_of_beginning_to_provide(place: int) -> None:
    none = [np.zeros(N) for _ in range(6)]
    more = [np.full(N, 0.3) if i == place else z for i, z in enumerate(none)]
    assert (flows.provider_rate(*more, P) > flows.provider_rate(*none, P)).all()
    assert flows.provider_rate(*none, P) == pytest.approx(P.provider_take_up)


def test_the_weak_give_up_sooner() -> None:
    rates = flows.exit_rate(0.03, np.array([-0.3, 0.0, 0.3]), 2.0)
    assert rates[0] > rates[1] > rates[2]
    assert rates[1] == pytest.approx(0.03)


# ------------------------------------------------------------------------------- support, agencies, reports, training


def test_support_spreads_with_its_share_and_faster_in_years_of_the_event() -> None:
    one = np.ones(N)
    slow, fast = flows.support_rate(0.5, False, one, P), flows.support_rate(0.5, True, one, P)
    assert fast / slow == pytest.approx(P.un_support_event)
    assert (flows.support_rate(0.0, True, one, P) == 0.0).all()
    assert (flows.support_rate(0.5, False, 0 * one, P) == 0.0).all()


def test_logistic_spread_in_the_mean() -> None:
    share, path = 0.1, []
    for _ in range(40):
        rate = float(flows.support_rate(share, False, np.ones(1), P)[0])
        share += (0.93 - share) * -np.expm1(-rate)
        path.append(share)
    steps = np.diff(path)
    assert 3 < int(np.argmax(steps)) < 30, "fastest in the middle"
    assert path[-1] < 0.93


def test_agencies_and_reports_come_sooner_to_those_with_reason() -> None:
    none, one = np.zeros(N), np.ones(N)
    assert (flows.agency_rate(none, one, none, P) > flows.agency_rate(none, none, none, P)).all()
    assert flows.agency_rate(none, none, one, P) == pytest.approx(P.agency_rate + 1.0)
    assert (flows.reporting_rate(one, none, none, none, P) == 0.0).all(), "only providers"
    assert (flows.reporting_rate(one, one, none, none, P) > P.reporting_rate).all()
    assert flows.reporting_rate(none, none, one, none, P) == pytest.approx(1.0)


@given(unit, flag, unit, st.floats(0.0, 20.0), st.floats(0.0, 0.999))
def test_training_places_are_used_once_and_by_the_weakest(left, trained, capacity, places, u):
    may = region != 2
    none = np.zeros(N, dtype=bool)
    after, ever = flows.training_turn(left, trained, none, places, capacity, may, u, P)
    fresh = after == 1.0
    number = min(int(np.floor(places + u)), int(may.sum()))
    assert np.count_nonzero(fresh & may) >= number
    assert (ever >= trained).all()
    assert ((after >= 0) & (after <= 1)).all()
    assert (after[~may] <= left[~may]).all()
    # Nobody in need is passed over for one who has more left.
    chosen = fresh & (left * (1 - P.training_turnover) < 1.0)
    if chosen.any() and (may & ~fresh).any():
        assert left[chosen].max() <= left[may & ~fresh].min() + 1e-12


def test_a_recorded_training_takes_nobodys_place() -> None:
    recorded = np.arange(N) < 3
    zero = np.zeros(N)
    after, _ = flows.training_turn(zero, zero, recorded, 2.0, np.linspace(0, 1, N), ALL, 0.0, P)
    assert after[:3].tolist() == [1.0, 1.0, 1.0]
    assert after.sum() == 5.0


# --------------------------------------------------------------------- coordination, fragmentation, actors, cost


@given(unit, flag, flag, unit, unit)
def test_coordination_is_a_part_and_policy_can_complete_it(capacity, agency, un, body, policy):
    target = flows.coordination_target(capacity, agency, un, body, policy, P)
    assert ((target >= 0) & (target <= 1)).all()
    whole = flows.coordination_target(capacity, agency, un, body, np.ones(N), P)
    assert (whole == 1.0).all()


def test_fragmentation_grows_with_actors_and_falls_with_coordination() -> None:
    some, all_, k = np.array([1.0] * 6 + [0.0] * 6), np.ones(N), np.full(N, 0.3)
    one = np.ones(N)
    few = flows.fragmentation(some, one, region, k, 10, P)
    assert (flows.fragmentation(all_, one, region, k, 10, P) > few).all()
    assert (flows.fragmentation(some, 1.5 * one, region, k, 10, P) >= few).all()
    assert (flows.fragmentation(some, one, region, k, 11, P) > few).all()
    assert (flows.fragmentation(some, one, region, k + 0.2, 10, P) < few).all()
    assert (flows.fragmentation(all_, one, region, one, 10, P) == 0.0).all()


def test_an_agency_lowers_the_cost_and_fragments_raise_it() -> None:
    zero, one = np.zeros(N), np.ones(N)
    assert (flows.transaction_cost(one, one, P) < flows.transaction_cost(one, zero, P)).all()
    assert (flows.transaction_cost(2 * one, zero, P) > flows.transaction_cost(one, zero, P)).all()


@given(unit, unit)
def test_other_actors_stay_within_bounds_and_spread(presence, policy) -> None:
    after = flows.other_actors_step(presence, policy, 0.1)
    assert ((after >= presence - 1e-12) & (after <= 1.0 + 1e-12)).all()


def test_other_actors_add_supply_at_their_own_cost() -> None:
    dear = replace(P, other_actors_cost=1.5)
    supply, cost = flows.supply_of_all_actors(np.array([0.0, 0.5, 1.0]), dear)
    assert supply[0] == cost[0] == 1.0
    assert (np.diff(supply) > 0).all()
    assert (np.diff(cost) > 0).all()
    assert (cost < 1.5).all(), "an average of the State's own and theirs"


# ----------------------------------------------------------------------------------------------------------- funds


@given(
    hnp.arrays(np.float64, 3, elements=st.floats(0.0, 1.0)),
    hnp.arrays(np.float64, (3, N), elements=st.sampled_from([0.0, 0.4, 1.0])),
    hnp.arrays(np.float64, N, elements=st.floats(0.1, 50.0)),
)
def test_the_money_of_funds_is_spent_once_and_only_on_the_eligible(money, eligible, income):
    grants = flows.allocate_grants(money, eligible, income, np.ones(N), 0.8)
    assert (grants >= 0).all()
    assert (grants[eligible == 0] == 0).all()
    someone = eligible.any(axis=1)
    assert grants.sum(axis=1) == pytest.approx(np.where(someone, money, 0.0))


def test_the_poorest_get_most_and_more_so_with_the_weight() -> None:
    income = np.geomspace(0.5, 20.0, N)
    parts = [
        flows.allocate_grants(np.ones(1), np.ones((1, N)), income, np.ones(N), weight)[0]
        for weight in (0.0, 0.5, 1.5)
    ]
    assert parts[0] == pytest.approx(1.0 / N)
    assert (np.diff(parts[1]) < 0).all()
    assert parts[2][0] > parts[1][0] > parts[0][0]


def test_the_order_of_countries_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    order = rng.permutation(N)
    has, supply, k = (rng.random(N) < 0.5).astype(float), 1 + rng.random(N), rng.random(N)
    straight = flows.fragmentation(has, supply, region, k, 5, P)
    turned = flows.fragmentation(has[order], supply[order], region[order], k[order], 5, P)
    assert turned == pytest.approx(straight[order])
    assert flows.peer_share(has[order], region[order], ALL) == pytest.approx(
        flows.peer_share(has, region, ALL)[order]
    )
