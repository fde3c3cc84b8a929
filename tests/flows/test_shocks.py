"""What strikes: inverse distribution functions, and the calendar that comes of uniforms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.flows import shocks
from sscsim.flows.shocks import Luck, Places, ShockParameters
from sscsim.parameters import default_parameters

PARAMETERS = ShockParameters.from_parameters(default_parameters())
PLACES = Places(
    small=np.array([True, False, False, False]),
    developed=np.array([False, False, False, True]),
    region=np.array([0.0, 1.0, 1.0, 1.0]),
)
QUIET = Luck(
    disaster=np.full((2, 4), 0.99),
    pandemic=np.full(2, 0.99),
    pandemic_country=np.full(4, 0.5),
    stop=np.full((3, 4), 0.99),
    waves=np.full(2, 0.99),
    downgrade=np.full(2, 0.99),
    closure=np.full(4, 0.999),
    partners=np.full((4, 4), 0.1),
)


def drawn(*luck: Luck, parameters: ShockParameters = PARAMETERS) -> tuple[shocks.Strike, ...]:
    return shocks.calendar((QUIET, *luck), PLACES, parameters, 5.0)


def with_first(values: np.ndarray, place: object) -> np.ndarray:
    changed = values.copy()
    changed[place] = 0.0
    return changed


def some_luck(seed: int) -> Luck:
    rng = np.random.default_rng(seed)
    return Luck(*(rng.random(values.shape) for values in vars(QUIET).values()))


@pytest.mark.parametrize("rate", [0.05, 0.5, 2.0])
def test_a_year_is_struck_as_often_as_a_poisson_process_has_events(rate: float) -> None:
    evenly = (np.arange(100_000) + 0.5) / 100_000
    assert shocks.strikes(evenly, rate).mean() == pytest.approx(1.0 - np.exp(-rate), abs=2e-5)


def test_damage_is_the_quantile_of_a_lognormal_that_ends() -> None:
    evenly = (np.arange(200_000) + 0.5) / 200_000
    loss = shocks.damage(evenly, 0.08, 1.0, 2.5)
    assert (np.diff(loss) > 0.0).all()
    assert loss.max() < 2.5
    # The source's moments for small States: 9 % above 0.3, and with its rate nearly 2 % of output a year.
    assert (loss > 0.3).mean() == pytest.approx(0.09, abs=0.01)
    assert 0.015 < PARAMETERS.disaster_rate_small * loss.mean() < 0.022
    other = shocks.damage(evenly, 0.024, 1.0, 2.5)
    assert (other > 0.3).mean() < 0.01
    assert PARAMETERS.disaster_rate_developing * other.mean() == pytest.approx(0.004, rel=0.1)


def test_capital_is_never_all_lost() -> None:
    share = shocks.share_of_capital(np.array([0.0, 0.01, 5.0]), np.array([3.0, 3.0, 1.0]))
    assert share[0] == 0.0
    assert share[1] == pytest.approx(0.01 / 3.0, rel=1e-2)
    assert share[2] < 1.0


@pytest.mark.parametrize("lost", [0.0, 0.3, 0.9])
def test_the_cost_of_a_closure_takes_what_it_is_said_to_take(lost: float) -> None:
    cost = shocks.cost_of_closure(lost, 5.0)
    assert 1.0 - (1.0 + cost) ** -5.0 == pytest.approx(lost)


def test_a_quiet_year_moves_nothing() -> None:
    for strike in drawn(QUIET, QUIET):
        assert not strike.hits
        assert not strike.closures
        assert strike.travel == strike.trade_cost == 0.0
        for name in ("damage", "growth", "goal_points", "stop", "distress", "funding", "restraint"):
            assert not getattr(strike, name).any(), name


def test_a_pandemic_takes_output_of_its_year_and_part_of_it_comes_back() -> None:
    even = replace(PARAMETERS, pandemic_country_spread=0.0)
    begins = replace(QUIET, pandemic=np.array([0.0, 0.5]))
    before, first, second, third = drawn(begins, QUIET, QUIET, parameters=even)
    loss = 0.25 * np.tanh(PARAMETERS.pandemic_output_loss / 0.25)
    assert before.growth == pytest.approx(np.full(4, -loss))
    back = 0.5 * PARAMETERS.pandemic_rebound * loss
    assert first.growth == pytest.approx(np.full(4, back))
    assert second.growth == pytest.approx(np.full(4, back))
    assert not third.growth.any()
    assert first.travel == pytest.approx(PARAMETERS.pandemic_travel)
    assert 0.0 < second.travel < first.travel
    assert second.trade_cost == pytest.approx(
        PARAMETERS.pandemic_persistence * PARAMETERS.pandemic_trade_cost
    )
    assert (first.goal_points > 0.0).all()
    assert not second.goal_points.any()
    assert [hit.kind for hit in first.hits] == ["pandemic"]


def test_a_disaster_strikes_one_economy_once() -> None:
    luck = replace(QUIET, disaster=with_first(QUIET.disaster, (0, 0)))
    _, struck, after = drawn(luck, QUIET)
    assert struck.damage[0] > 0.3
    assert not struck.damage[1:].any()
    assert not after.damage.any()
    assert [(hit.kind, hit.country) for hit in struck.hits] == [("disaster", 0)]


def test_waves_and_stops_spare_the_developed() -> None:
    luck = replace(QUIET, waves=np.zeros(2), stop=np.full((3, 4), 0.1))
    _, struck, after = drawn(luck, QUIET)
    assert (struck.stop[:3] > 0.0).all()
    assert struck.stop[3] == struck.distress[3] == 0.0
    assert struck.distress[:3] == pytest.approx(PARAMETERS.debt_wave_hazard)
    assert after.distress[0] == pytest.approx(
        PARAMETERS.debt_wave_hazard * PARAMETERS.debt_wave_persistence
    )
    assert not after.stop.any()


def test_a_downgrade_strains_one_bank_and_wears_off() -> None:
    luck = replace(QUIET, downgrade=np.array([0.0, 0.99]))
    _, struck, after = drawn(luck, QUIET)
    assert struck.funding.tolist() == [PARAMETERS.downgrade_spread, 0.0]
    assert struck.restraint[0] == pytest.approx(PARAMETERS.downgrade_restraint)
    assert 0.0 < after.restraint[0] < struck.restraint[0]
    assert after.restraint[1] == 0.0


def test_a_corridor_closes_within_a_region_and_opens_again() -> None:
    luck = replace(QUIET, closure=with_first(QUIET.closure, 1))
    found = drawn(luck, *[QUIET] * 25)
    (closure,) = found[1].closures
    assert closure.country == 1
    assert closure.partners.tolist() == [False, False, True, True]
    assert found[2].closures[0].cost < closure.cost
    assert not found[-1].closures


@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(1.0, 10.0))
def test_a_higher_rate_adds_events_and_moves_none(seed: int, factor: float) -> None:
    luck = [some_luck(seed + i) for i in range(3)]
    more = replace(
        PARAMETERS,
        disaster_rate_small=factor * PARAMETERS.disaster_rate_small,
        disaster_rate_developing=factor * PARAMETERS.disaster_rate_developing,
    )
    for few, many in zip(drawn(*luck), drawn(*luck, parameters=more), strict=True):
        struck = few.damage > 0.0
        assert np.array_equal(few.damage[struck], many.damage[struck])
        assert (many.damage > 0.0).sum() >= struck.sum()
        for name in ("growth", "stop", "distress", "funding"):
            assert np.array_equal(getattr(few, name), getattr(many, name)), name


@given(seed=st.integers(0, 2**32 - 1), corner=st.integers(0, 2**32 - 1))
def test_what_strikes_is_finite_and_in_bounds_at_every_corner(seed: int, corner: int) -> None:
    table = default_parameters()
    sides = np.random.default_rng(corner).integers(0, 2, 40)
    names = list(ShockParameters.__dataclass_fields__)
    values = {n: table.definition(n).bounds[side] for n, side in zip(names, sides, strict=False)}
    for strike in drawn(
        *[some_luck(seed + i) for i in range(4)], parameters=ShockParameters(**values)
    ):
        for name in ("damage", "goal_points", "stop", "distress", "funding", "restraint"):
            found = getattr(strike, name)
            assert np.isfinite(found).all()
            assert found.min() >= 0.0
        assert np.isfinite(strike.growth).all()
        assert strike.stop.max() <= 0.95
        assert strike.distress.max() <= 1.0
        assert strike.restraint.max() <= 1.0
        assert 0.0 <= strike.travel <= 1.0
