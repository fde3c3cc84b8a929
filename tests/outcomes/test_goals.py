"""Goals: bounds, attribution, spillovers, the way back to 2013, and what the parameters claim."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import goal_backcast
from sscsim.errors import InadmissibleInput, InputError
from sscsim.outcomes.goals import (
    BY_GOALPOSTS,
    DRIVERS,
    Drivers,
    GoalParameters,
    equality_score,
    gini_of_score,
    goal_moves,
    headcount_of_score,
    next_noise,
    noise_size,
    on_track,
    persistent_trend,
    poverty_score,
    roll_back,
    trend_deviation,
    trend_moves,
    usual_cooperation,
)
from sscsim.outcomes.interlinkages import (
    default_channels,
    default_interlinkages,
    load_channels,
    load_interlinkages,
    spectral_radius,
)
from sscsim.parameters.table import default_parameters
from sscsim.resources import package_folder
from sscsim.types import Array
from tools import goal_estimation

MATRIX = default_interlinkages().matrix
PARAMETERS = GoalParameters.from_parameters(default_parameters())
WORLD = package_folder() / "world" / "data"


def world_scores() -> Array:
    table = pd.read_csv(WORLD / "goals_2016.csv", keep_default_na=False, na_values=[""])
    return table.drop(columns="iso3").to_numpy(dtype=np.float64)


def the_panel() -> goal_estimation.Panel:
    """Return the real panel, which does not ship: without the user's file what needs it is left out."""
    file = goal_estimation.panel_file()
    if file is None:
        pytest.skip(f"no panel of Goal scores: {goal_estimation.PANEL_VARIABLE} names none")
    return goal_estimation.load_panel(file)


def write_panel(path: Path, **changes: float) -> Path:
    """Write a made-up panel in the publisher's layout: 12 countries, drifts that differ, an aggregate."""
    rng = np.random.default_rng(5)
    codes = [*("AUT", "BGD", "BOL", "BRA", "CHN", "EGY", "FRA", "GHA", "IND", "KEN", "PER", "ZMB")]
    rows = []
    for code in [*codes, "OECD"]:
        walk = rng.uniform(20, 80, 17) + np.cumsum(rng.normal(0.4, 0.5, (14, 17)), axis=0)
        walk[:, 9] = 0.0 if code == "GHA" else walk[:, 9]  # never surveyed
        walk[:, 13] = 0.0 if code in ("AUT", "BOL", "ZMB") else walk[:, 13]  # no coast
        rows += [
            {
                "country_code": code,
                "country": code.title(),
                "year": 2000 + i,
                **{f"goal_{g + 1}_score": round(float(x), 1) for g, x in enumerate(year)},
            }
            for i, year in enumerate(walk)
        ]
    table = pd.DataFrame(rows)
    for column, value in changes.items():
        table[column] = value
    table.to_csv(path, index=False)
    return path


@lru_cache(maxsize=1)
def estimates() -> pd.DataFrame:
    return goal_estimation.estimate(the_panel()).set_index(["quantity", "goal"])


@lru_cache(maxsize=1)
def the_backcast() -> pd.DataFrame:
    return goal_estimation.backcast(the_panel()).table.set_index("goal")


def draw_scores(generator: np.random.Generator, countries: int) -> Array:
    """Random scores with a good share of bounds and of missing ones."""
    scores = generator.uniform(0, 100, (countries, 17))
    kind = generator.random(scores.shape)
    scores[kind < 0.1] = 0.0
    scores[(kind >= 0.1) & (kind < 0.2)] = 100.0
    scores[generator.random(countries) < 0.2, 13] = np.nan
    return scores


def draw_drivers(
    generator: np.random.Generator, countries: int, scale: float = 1.0
) -> dict[str, Array]:
    shapes: dict[str, tuple[tuple[int, ...], float]] = {
        "income_growth": ((countries,), 0.05),
        "poverty_move": ((countries,), 1.0),
        "inequality_move": ((countries,), 1.0),
        "infrastructure_growth": ((countries, 4), 0.05),
        "renewable_change": ((countries,), 0.02),
        "capability_change": ((countries, 9), 0.02),
        "cooperation": ((countries, 17), 0.3),
        "shock": ((countries, 17), 1.0),
        "trend": ((countries, 17), 0.3),
        "noise": ((countries, 17), 1.0),
    }
    return {
        name: scale * size * generator.standard_normal(shape)
        for name, (shape, size) in shapes.items()
    }


def step(scores: Array, parameters: GoalParameters = PARAMETERS, **drivers: Array) -> Array:
    return goal_moves(scores, Drivers(**drivers), parameters, MATRIX)[0]


seeds = st.integers(0, 2**32 - 1)


# ------------------------------------------------------------------------------ the year's move


@given(seed=seeds, exponent=st.floats(-3, 9), strength=st.floats(0, 0.49))
def test_scores_stay_on_their_scale_whatever_drives_them(
    seed: int, exponent: float, strength: float
) -> None:
    generator = np.random.default_rng(seed)
    scores = draw_scores(generator, 7)
    drivers = draw_drivers(generator, 7, scale=10**exponent)
    moved = step(scores, replace(PARAMETERS, spillover_strength=strength), **drivers)
    known = ~np.isnan(scores)
    assert np.array_equal(np.isnan(moved), ~known)
    assert (moved[known] >= 0).all()
    assert (moved[known] <= 100).all()


@given(seed=seeds, exponent=st.floats(-3, 3))
def test_contributions_add_up_to_the_move(seed: int, exponent: float) -> None:
    generator = np.random.default_rng(seed)
    scores = draw_scores(generator, 5)
    moved, parts = goal_moves(
        scores,
        Drivers(**draw_drivers(generator, 5, scale=10**exponent)),
        PARAMETERS,
        MATRIX,
    )
    assert tuple(parts) == DRIVERS
    np.testing.assert_allclose(sum(parts.values()), moved - scores, rtol=0, atol=1e-10)


@given(seed=seeds)
def test_the_order_of_countries_changes_nothing(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores, drivers = draw_scores(generator, 6), draw_drivers(generator, 6)
    order = generator.permutation(6)
    shuffled = {name: values[order] for name, values in drivers.items()}
    np.testing.assert_allclose(
        step(scores, **drivers)[order], step(scores[order], **shuffled), rtol=0, atol=1e-11
    )


def test_a_small_move_is_the_published_equation() -> None:
    generator = np.random.default_rng(3)
    scores = generator.uniform(20, 80, (4, 17))
    growth = 1e-5 * generator.standard_normal(4)
    still = replace(PARAMETERS, drift=np.zeros(17), emission_response=np.zeros(17))
    direct = growth[:, None] * still.income_response
    side = np.where(
        direct > 0,
        (100 - scores) / (100 - still.reference_score),
        scores / still.reference_score,
    )
    reached = MATRIX.copy()
    reached[BY_GOALPOSTS] = 0.0
    expected = np.linalg.solve(np.eye(17) - still.spillover_strength * reached, (direct * side).T).T
    moved = step(scores, still, income_growth=growth, emission_growth=np.zeros(4)) - scores
    np.testing.assert_allclose(moved, expected, atol=1e-8)


def test_both_bounds_can_be_left_and_neither_passed() -> None:
    top, bottom = np.full((1, 17), 100.0), np.zeros((1, 17))
    calm = replace(PARAMETERS, drift=np.zeros(17))
    free = np.setdiff1d(np.arange(17), BY_GOALPOSTS)
    assert (step(top, calm, trend=np.full((1, 17), -1.0))[:, free] < 100).all()
    assert (step(bottom, calm, trend=np.full((1, 17), 1.0))[:, free] > 0).all()
    assert (step(top, calm, shock=np.full((1, 17), 5.0)) < 100).all()
    poorer = {"poverty_move": np.full(1, -1.0), "inequality_move": np.full(1, -1.0)}
    assert (step(top, calm, **poorer)[:, BY_GOALPOSTS] == 99.0).all()
    alone = replace(calm, spillover_strength=0.0)
    assert (step(top, alone, trend=np.full((1, 17), 1.0)) == 100).all()
    assert (step(bottom, alone, trend=np.full((1, 17), -1.0)) == 0).all()


@given(seed=seeds, low=st.floats(-0.3, 0.3), more=st.floats(1e-4, 0.3))
def test_income_lifts_all_but_what_consumption_and_emissions_lower(
    seed: int, low: float, more: float
) -> None:
    scores = draw_scores(np.random.default_rng(seed), 3)
    alone = replace(PARAMETERS, spillover_strength=0.0)
    poorer = step(scores, alone, income_growth=np.full(3, low))
    richer = step(scores, alone, income_growth=np.full(3, low + more))
    lifted = PARAMETERS.income_response > 0
    assert lifted.sum() >= 12
    assert (np.nan_to_num(richer - poorer)[:, lifted] >= -1e-12).all()
    assert (np.nan_to_num(richer - poorer)[:, [11, 12]] <= 1e-12).all()
    inside = np.full((1, 17), 50.0)
    change = step(inside, alone, income_growth=np.full(1, low + more)) - step(
        inside, alone, income_growth=np.full(1, low)
    )
    assert (change[:, lifted] > 0).all()
    assert (change[:, [11, 12]] < 0).all()


def test_a_goal_that_does_not_apply_sends_nothing() -> None:
    scores = np.full((1, 17), 50.0)
    scores[0, 13] = np.nan
    pushed = np.zeros((1, 17))
    pushed[0, 13] = 0.5
    np.testing.assert_allclose(step(scores, cooperation=pushed), step(scores), rtol=0, atol=1e-12)
    helped = replace(PARAMETERS, cooperation_response=np.full(17, 1.0))
    by_sea = step(np.full((1, 17), 50.0), helped, cooperation=pushed)
    assert by_sea[0, 1] > step(np.full((1, 17), 50.0))[0, 1]  # Goal 14 helps Goal 2 on a coast


def test_goals_1_and_10_are_their_goalposts_and_nothing_spills_over_to_them() -> None:
    generator = np.random.default_rng(3)
    headcount, gini = generator.uniform(0, 0.9, (2, 50)), generator.uniform(0.2, 0.7, (2, 50))
    poor, even = poverty_score(headcount, PARAMETERS), equality_score(gini, PARAMETERS)
    scores = generator.uniform(5, 95, (50, 17))
    scores[:, 0], scores[:, 9] = poor[0], even[0]
    drivers = draw_drivers(generator, 50)
    del drivers["shock"]
    drivers |= {"poverty_move": poor[1] - poor[0], "inequality_move": even[1] - even[0]}
    moved = step(scores, **drivers)
    np.testing.assert_allclose(moved[:, 0], poor[1], atol=1e-12)
    np.testing.assert_allclose(moved[:, 9], even[1], atol=1e-12)
    # What they move spills over to the others.
    still = drivers | {"poverty_move": np.zeros(50), "inequality_move": np.zeros(50)}
    assert np.abs(moved - step(scores, **still))[:, [1, 2, 3]].max() > 0.01


def test_goalposts_are_those_of_the_edition_and_scores_lead_back() -> None:
    counted = np.array([0.0, 0.363, 0.726, 0.9])
    assert poverty_score(counted, PARAMETERS) == pytest.approx([100.0, 50.0, 0.0, 0.0])
    spread = np.array([0.2, 0.275, 0.4525, 0.63, 0.7])
    assert equality_score(spread, PARAMETERS) == pytest.approx([100.0, 100.0, 50.0, 0.0, 0.0])
    score = np.array([10.0, 50.0, 99.9, np.nan])
    found = headcount_of_score(score, np.full(4, 0.2), PARAMETERS)
    assert poverty_score(found, PARAMETERS)[:3] == pytest.approx(score[:3])
    assert found[3] == 0.2  # no score: what was counted
    assert 0.0 < headcount_of_score(np.array([100.0]), np.zeros(1), PARAMETERS)[0] < 0.001
    gini = gini_of_score(np.array([50.0, 0.0, 100.0]), np.array([0.3, 0.7, 0.25]), PARAMETERS)
    assert gini == pytest.approx([0.4525, 0.7, 0.25])


def test_a_shock_lowers_goals_by_goalposts_and_never_below_nothing() -> None:
    scores = np.full((2, 17), 50.0)
    shock = np.zeros((2, 17))
    shock[0, 0], shock[1, 0] = 1.0, 1e6
    moved = step(scores, shock=shock)
    assert 48.5 < moved[0, 0] < 49.5
    assert 0.0 <= moved[1, 0] < 1e-6


def test_what_was_seen_in_scores_is_met_again_with_spillovers() -> None:
    """Trends and disturbances were seen in scores, spillovers included: they move scores by as much."""
    scores = np.tile(PARAMETERS.reference_score, (1, 1))
    still = replace(PARAMETERS, drift=np.zeros(17))
    trend = np.random.default_rng(1).uniform(-0.02, 0.02, (1, 17))
    trend[:, [0, 9]] = 0.0
    moved = step(scores, still, trend=trend) - scores
    np.testing.assert_allclose(moved, trend, atol=2e-4)
    noise = np.random.default_rng(2).normal(size=(1, 17))
    middle = np.full((1, 17), 50.0)
    small = replace(still, noise_scale=0.01 * PARAMETERS.noise_scale)
    moved = step(middle, small, noise=noise) - middle
    np.testing.assert_allclose(moved, noise * small.noise_scale, atol=2e-4)


def test_cooperation_of_the_years_that_the_drift_was_seen_in_does_not_count_twice() -> None:
    generator = np.random.default_rng(6)
    intensity = np.tile(generator.uniform(0, 0.5, (1, 17)), (30, 1))
    learned = np.full((30, 9), 0.001)
    usual = usual_cooperation(learned, intensity, PARAMETERS)
    scores = np.tile(PARAMETERS.reference_score, (30, 1))
    with_it = step(scores, cooperation=intensity, capability_change=learned, usual=usual)
    rising = PARAMETERS.drift > usual  # a driver takes no more than the whole of a rise
    assert rising.sum() >= 8
    np.testing.assert_allclose((with_it - step(scores))[:, rising].mean(axis=0), 0.0, atol=0.02)
    more = step(scores, cooperation=2 * intensity, capability_change=learned, usual=usual)
    assert ((more - with_it)[:, rising] > 0).all()


def test_sectors_and_domains_reach_their_goals() -> None:
    scores = np.full((1, 17), 50.0)
    alone = replace(PARAMETERS, spillover_strength=0.0)
    for sector, goal in {"energy": 7, "transport": 9, "water": 6, "urban": 11}.items():
        growth = np.zeros((1, 4))
        growth[0, default_channels().sectors.index(sector)] = 0.1
        change = step(scores, alone, infrastructure_growth=growth) - step(scores, alone)
        assert np.flatnonzero(np.abs(change[0]) > 1e-9).tolist() == [goal - 1]
    from sscsim.world.state import DOMAINS, SECTORS

    assert default_channels().sectors == SECTORS
    assert default_channels().domains == DOMAINS


def test_renewable_power_reaches_goals_7_and_13_and_wears_out() -> None:
    alone = replace(PARAMETERS, spillover_strength=0.0, drift=np.zeros(17))
    scores = PARAMETERS.reference_score[None, :]
    built = step(scores, alone, renewable_change=np.array([0.01])) - scores
    assert np.flatnonzero(np.abs(built[0]) > 1e-12).tolist() == [6, 12]
    table = default_parameters()
    expected = [table["goal_renewable_energy_response"], table["goal_renewable_climate_response"]]
    np.testing.assert_allclose(built[0, [6, 12]], 0.01 * np.array(expected), rtol=0.01)
    assert (step(scores, alone, renewable_change=np.array([-0.01])) < scores)[0, [6, 12]].all()


def test_disturbances_do_not_drag_the_mean() -> None:
    generator = np.random.default_rng(11)
    scores = np.full((20_000, 17), 80.0)
    still = replace(PARAMETERS, drift=np.zeros(17))
    moves = step(scores, still, noise=generator.standard_normal(scores.shape)) - scores
    assert np.abs(moves.mean(axis=0)).max() < 0.1


def test_disturbances_keep_unit_variance_and_share_a_region() -> None:
    generator = np.random.default_rng(5)
    region = np.repeat(np.arange(40), 50)
    lively = replace(PARAMETERS, noise_persistence=0.5, noise_regional_share=0.4)
    noise = np.zeros((2000, 17))
    for _ in range(30):
        own, regional = (generator.standard_normal((n, 17)) for n in (2000, 40))
        noise = next_noise(noise, own, regional, region, lively)
    assert noise.std() == pytest.approx(1, abs=0.05)
    between = noise.reshape(40, 50, 17).mean(axis=1).var()
    assert between == pytest.approx(0.4 + 0.6 / 50, abs=0.08)


def test_large_countries_are_disturbed_less_and_the_average_country_by_one() -> None:
    size = noise_size(np.array([0.1, 1.0, 10.0, 1000.0]), PARAMETERS)
    assert (np.diff(size) < 0).all()
    assert (size**2).mean() == pytest.approx(1)
    generator = np.random.default_rng(2)
    own, regional = generator.standard_normal((4, 17)), generator.standard_normal((1, 17))
    region = np.zeros(4, dtype=np.intp)
    plain = next_noise(np.zeros((4, 17)), own, regional, region, PARAMETERS)
    sized = next_noise(np.zeros((4, 17)), own, regional, region, PARAMETERS, size)
    np.testing.assert_allclose(sized, plain * size[:, None])


def test_disturbances_are_told_from_reading_errors_and_own_trends() -> None:
    generator = np.random.default_rng(8)
    countries, years = 400, 14
    steps = 1.2 * generator.standard_normal((countries, years, 17))
    path = 50 + steps.cumsum(axis=1)
    path += 0.4 * generator.standard_normal((countries, 1, 17)) * np.arange(years)[:, None]
    path += 1.0 * generator.standard_normal((countries, years, 17))
    left = goal_estimation.disturbances(
        path, generator.integers(0, 5, countries).astype(np.intp), np.full(countries, 3.0)
    )
    assert left.scale.mean() == pytest.approx(1.2, abs=0.15)
    assert left.regional_share < 0.02


def test_a_step_of_the_world_is_fast() -> None:
    generator = np.random.default_rng(0)
    scores = draw_scores(generator, 197)
    drivers = draw_drivers(generator, 197)
    took = []
    for _ in range(30):
        begin = time.perf_counter()
        step(scores, **drivers)
        took.append(time.perf_counter() - begin)
    assert min(took) < 0.002  # 0.4 ms on an idle machine; the benchmark states the figure


# ------------------------------------------------------------------------ the way back, and ahead


@given(seed=seeds)
def test_rolling_back_and_running_forward_meet(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.uniform(15, 85, (5, 17))
    scores[0, 13] = np.nan
    years = [draw_drivers(generator, 5) for _ in range(3)]
    for year in years:
        year["shock"] = np.zeros((5, 17))
        del year["noise"]
    start = roll_back(scores, years, parameters=PARAMETERS, interlinkages=MATRIX)
    end = start
    for year in years:
        end = step(end, **year)
    inside = (start > 0) & (start < 100)  # what would need an earlier score outside gets the bound
    assert inside.sum() >= 0.95 * np.isfinite(scores).sum()
    np.testing.assert_allclose(end[inside], scores[inside], rtol=0, atol=1e-9)


def test_rolling_back_the_world_misses_only_at_the_bounds() -> None:
    scores = world_scores()
    years = [{"income_growth": np.full(len(scores), 0.02)}] * 3
    start = roll_back(scores, years, parameters=PARAMETERS, interlinkages=MATRIX)
    end = start
    for year in years:
        end = step(end, **year)
    known = ~np.isnan(scores)
    inside = known & (start > 0) & (start < 100)
    assert inside.sum() > 0.98 * known.sum()
    assert np.abs(end - scores)[inside].max() < 1e-9
    assert (start[known] >= 0).all()
    assert (start[known] <= 100).all()


def test_goals_that_moved_go_on_moving_and_none_runs_away() -> None:
    base = pd.read_csv(WORLD / "base_year.csv", keep_default_na=False, na_values=[""])
    headcount = base["poverty_headcount"].to_numpy(dtype=np.float64)
    path = [world_scores()]
    growth = np.full(len(headcount), 0.02)
    for _ in range(18):
        before, headcount = headcount, 0.97 * headcount
        path.append(
            step(
                path[-1],
                income_growth=growth,
                poverty_move=poverty_score(headcount, PARAMETERS)
                - poverty_score(before, PARAMETERS),
                infrastructure_growth=np.repeat(growth[:, None], 4, axis=1),
            )
        )
    mean = np.nanmean(np.array(path), axis=1)
    assert np.abs(np.diff(mean, axis=0)).max() < 1.5
    past = estimates().loc["mean_move", "value"].to_numpy()
    future = (mean[-1] - mean[0]) / 18
    moved = np.abs(past) >= 0.1
    moved[BY_GOALPOSTS] = False  # they go where headcount and Gini go
    assert moved.sum() >= 11
    ratio = future[moved] / past[moved]
    assert (ratio > 0.4).all()
    assert (ratio < 2.5).all()


@given(strength=st.floats(0, 0.3), growth=st.floats(0.01, 0.04), share=st.floats(0, 0.6))
def test_drivers_are_residual_of_the_observed_moves(
    strength: float, growth: float, share: float
) -> None:
    table = default_parameters().replace(
        {
            "goal_spillover_strength": strength,
            "goal_reference_income_growth": growth,
            "goal_infrastructure_share": share,
        }
    )
    fitted = GoalParameters.from_parameters(table)
    scores = fitted.reference_score[None, :]
    observed = table.by_goal("goal_drift")
    moved = step(
        scores,
        fitted,
        income_growth=np.array([growth]),
        poverty_move=observed[:1],
        inequality_move=observed[9:10],
        infrastructure_growth=np.full((1, 4), table["goal_reference_infrastructure_growth"]),
    )
    # Goals whose usual drivers explain more than was seen keep the surplus, and pass some of it on.
    np.testing.assert_allclose((moved - scores)[0], observed, rtol=0.03, atol=0.15)
    assert np.abs((moved - scores)[0] - observed).mean() < 0.05


def test_on_track_counts_nothing_where_a_goal_does_not_apply() -> None:
    scores = np.array([[50.0, 80.0, np.nan]])
    assert on_track(scores, [50.0, 90.0, 10.0]).tolist() == [[True, False, False]]


def test_a_trend_is_the_slope() -> None:
    time_ = np.arange(6.0)
    slopes = np.linspace(-2, 2, 34).reshape(2, 17)
    panel = 50 + slopes[:, None, :] * time_[None, :, None]
    np.testing.assert_allclose(trend_moves(panel), slopes, atol=1e-12)
    panel[0, 3, 13] = np.nan
    assert np.isnan(trend_moves(panel)[0, 13])
    with pytest.raises(InadmissibleInput):
        trend_moves(panel[:, :1])


def test_own_trends_are_shrunk_and_unknown_ones_are_none() -> None:
    panel = np.full((3, 5, 17), 50.0)
    panel[0] += np.arange(5.0)[:, None]
    panel[2] = np.nan
    half = replace(PARAMETERS, trend_reliability=np.full(17, 0.5))
    deviation = trend_deviation(panel, 1.0)
    assert np.isnan(deviation[2]).all()
    people = np.full(3, 5.0)
    trend = persistent_trend(deviation, people, half)
    assert (trend[2] == 0).all()
    assert (trend[0] > 0.2).all()
    assert (trend[0] < 0.3).all()  # half of a deviation of about half a point
    none = replace(half, trend_reliability=np.zeros(17))
    assert (persistent_trend(deviation, people, none) == 0).all()
    # What a very large country did is believed more, and nobody less for it.
    first = half.trend_size_from
    larger = persistent_trend(deviation, np.array([10 * first, first, 0.01]), half)
    odds = 10**half.trend_size
    np.testing.assert_allclose(larger[0], 2 * odds / (1 + odds) * trend[0])
    np.testing.assert_allclose(larger[1:], trend[1:])


def test_the_drift_goes_with_a_power_of_the_room() -> None:
    even, whole = (
        replace(PARAMETERS, spillover_strength=0.0, drift=np.full(17, 0.5), drift_room=power)
        for power in (0.0, 1.0)
    )
    scores = np.stack([np.full(17, 20.0), PARAMETERS.reference_score])
    same, more = step(scores, even) - scores, step(scores, whole) - scores
    free = np.setdiff1d(np.arange(17), BY_GOALPOSTS)
    assert same[0, free] == pytest.approx(same[1, free], abs=0.01)
    assert more[0, free] == pytest.approx(
        0.5 * 80 / (100 - PARAMETERS.reference_score[free]), rel=0.02
    )


# -------------------------------------------------------------------------------- interlinkages


def test_the_matrix_has_a_reason_for_every_entry() -> None:
    linked = default_interlinkages()
    assert spectral_radius(linked.matrix) == pytest.approx(1)
    assert len(linked.entries) == np.count_nonzero(linked.matrix)
    assert len({entry.reason for entry in linked.entries}) == len(linked.entries)
    assert (np.diag(linked.matrix) == 0).all()
    assert linked.matrix[1, 0] > 0  # less poverty, less hunger: row the Goal moved
    assert linked.matrix[12, 7] < 0  # growth costs climate


def test_spillovers_stay_below_one_half_for_every_admissible_strength() -> None:
    definition = default_parameters().definition("goal_spillover_strength")
    low, high = definition.bounds
    assert low == 0
    assert high * spectral_radius(MATRIX) < 0.5
    with pytest.raises(InadmissibleInput, match="too strong"):
        GoalParameters.from_parameters(default_parameters(), interlinkages=4 * MATRIX)


PAIR = "{from: 1, to: 2, score: 2, source: ICSU 2017, reason: A reason of some length}"
BACK = "{from: 2, to: 1, score: 1, source: ICSU 2017, reason: Another of some length}"


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (PAIR.replace("from: 1", "from: 18"), "less than or equal to 17"),
        (PAIR.replace("score: 2", "score: 4"), "less than or equal to 3"),
        (PAIR.replace("score: 2", "score: 0"), "left out"),
        (PAIR.replace("score: 2", "score: 1.5"), "integer"),
        (PAIR.replace("to: 2", "to: 1"), "itself"),
        (PAIR.replace("reason: A reason of some length", "reason: none"), "at least 15"),
        (PAIR.replace("ICSU 2017", "hearsay"), "ICSU 2017"),
        (PAIR.replace("score", "weight"), "'score' is missing|not known"),
        (BACK, "stands twice"),
    ],
)
def test_a_wrong_pair_is_refused_with_its_place(tmp_path: Path, entry: str, complaint: str) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text(
        f"scale: {{lowest: -3, highest: 3}}\ninterlinkages:\n  - {BACK}\n  - {entry}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=complaint) as caught:
        load_interlinkages(path)
    assert caught.value.file == str(path)
    assert caught.value.line == 4


def test_pairs_without_a_way_back_cannot_be_scaled(tmp_path: Path) -> None:
    path = tmp_path / "pairs.yaml"
    path.write_text(f"scale: {{lowest: -3, highest: 3}}\ninterlinkages:\n  - {PAIR}\n", "utf-8")
    with pytest.raises(InputError, match="leads back"):
        load_interlinkages(path)


def test_weights_of_a_domain_add_up(tmp_path: Path) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text(
        "infrastructure:\n  energy: {goal: 7, reason: Grids and plants}\n"
        "capability:\n  health: {weights: {3: 0.5}, reason: Health services}\n",
        "utf-8",
    )
    with pytest.raises(InputError, match="add up to one") as caught:
        load_channels(path)
    assert caught.value.line == 4


# ------------------------------------------------------------------- estimates and parameter table


@pytest.mark.parametrize("name", ["goal_drift", "goal_income_response"])
def test_the_table_carries_the_estimates(name: str) -> None:
    for goal in range(1, 18):
        definition = default_parameters().definition(f"{name}.{goal}")
        value, sd = estimates().loc[(name, goal), ["value", "sd"]]
        assert definition.default == pytest.approx(value, abs=max(0.1 * sd, 0.006)), goal


def test_the_table_carries_the_estimates_without_error() -> None:
    table = default_parameters()
    reliability = table.by_goal("goal_trend_reliability")
    np.testing.assert_allclose(
        reliability, estimates().loc["goal_trend_reliability", "value"], atol=0.02
    )
    expected = estimates().loc["goal_noise_scale", "value"].to_numpy().copy()
    expected[[0, 9]] /= 4  # poverty and inequality, which the model moves itself
    np.testing.assert_allclose(table.by_goal("goal_noise_scale"), expected, atol=0.05)
    for name in ("persistence", "regional_share", "size_elasticity"):
        full = f"goal_noise_{name}"
        assert table[full] == pytest.approx(estimates().loc[(full, 0), "value"], abs=0.02), name


def test_the_reference_score_is_the_mean_of_the_edition_in_use() -> None:
    table = default_parameters().by_goal("goal_reference_score")
    np.testing.assert_allclose(table, np.nanmean(world_scores(), axis=0), atol=0.5)


def test_goals_twelve_and_thirteen_fall_with_income() -> None:
    response = default_parameters().by_goal("goal_income_response")
    assert (response[[11, 12]] < 0).all()
    assert (PARAMETERS.emission_response[[11, 12]] < 0).all()


def test_the_backcast_beats_mean_drift_and_no_change() -> None:
    errors = the_backcast().loc["all"]
    assert errors["model"] < errors["mean_drift"]
    assert errors["model"] < errors["no_change"]
    assert errors["model"] < errors["own_trend"]
    by_goal = the_backcast().drop(index="all")
    # In the Goals that are said to have skill the model beats no change by a wide margin.
    skilled = by_goal.loc[["3", "5", "6", "9"]]
    assert (skilled["model"] < 0.8 * skilled["no_change"]).all()


def test_the_backcast_sees_nothing_after_its_break(tmp_path: Path) -> None:
    panel = goal_estimation.load_panel(write_panel(tmp_path / "panel.csv"))
    altered = panel.scores.copy()
    altered[:, 8:] = 50.0
    blind = goal_estimation.backcast(replace(panel, scores=altered))
    seen = goal_estimation.backcast(panel)
    np.testing.assert_allclose(blind.predicted, seen.predicted, rtol=0, atol=1e-9)


def test_pooling_shrinks_what_is_uncertain() -> None:
    estimate = np.linspace(-1, 1, 17)
    error = np.full(17, 0.3)
    error[0] = np.inf
    pooled = goal_estimation.partial_pooling(estimate, error)
    assert pooled.mean[0] == pytest.approx(pooled.centre)
    assert pooled.sd[0] == pytest.approx(pooled.spread)
    assert pooled.centre < pooled.mean[16] < 1
    same = goal_estimation.partial_pooling(np.full(17, 0.4), np.full(17, 0.1))
    np.testing.assert_allclose(same.mean, 0.4)
    assert same.spread == 0


def test_pooling_shares_of_the_room_leaves_the_fastest_goal_its_pace() -> None:
    """A Goal with much room closes the same share of it as others, which is far more points."""
    generator = np.random.default_rng(4)
    start = np.full(17, 80.0)
    start[8] = 20.0
    pace = 0.01 * (100 - start) * (1 + 0.3 * generator.standard_normal((40, 1)))
    path = start + pace[:, None, :] * np.arange(14)[None, :, None]
    path += generator.standard_normal(path.shape)
    path[:, :, 8] += 3 * generator.standard_normal((1, 14))  # good and bad years of all countries
    shares, points = (goal_estimation.drift(path, by_room=by_room) for by_room in (True, False))
    assert shares.mean[8] > points.mean[8] + 0.02
    np.testing.assert_allclose(shares.estimate, points.estimate)


BACKCAST = Path(__file__).parents[2] / "docs" / "goal_backcast.csv"


def test_the_printed_backcast_wins_alike_and_by_people_and_in_no_region_is_worse() -> None:
    table = pd.read_csv(BACKCAST)
    assert set(table["break"]) == set(goal_backcast.BREAKS)
    assert goal_backcast.verdict(table)
    assert not goal_backcast.verdict(table.assign(model=table["own_trend"]))
    worse = table.copy()
    worse.loc[worse["countries"] == "Africa", "model"] += 0.01
    assert not goal_backcast.verdict(worse)


def test_the_printed_backcast_is_the_benchmarks() -> None:
    printed = pd.read_csv(BACKCAST)
    found = goal_backcast.at_breaks(the_panel()).round(3)
    pd.testing.assert_frame_equal(printed, found, check_dtype=False, atol=0.0011, rtol=0)


def test_series_that_never_leave_zero_are_missing(tmp_path: Path) -> None:
    panel = goal_estimation.load_panel(write_panel(tmp_path / "panel.csv"))
    assert not (panel.scores == 0).all(axis=1).any()
    assert np.isnan(panel.scores[panel.iso3.index("AUT"), 0, 13])  # no coast
    assert np.isnan(panel.scores[panel.iso3.index("GHA"), :, 9]).all()
    assert panel.scores.shape == (12, 14, 17)  # the aggregate is no country


def test_the_shipped_trends_are_made_from_the_panel() -> None:
    table = goal_estimation.trend_table(the_panel())
    shipped = pd.read_csv(WORLD / "goal_trends.csv")
    pd.testing.assert_frame_equal(shipped, table.reset_index(drop=True), check_dtype=False)


def test_the_estimation_writes_its_report_and_trends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = write_panel(tmp_path / "panel.csv")
    out, trends = tmp_path / "folder" / "report.csv", tmp_path / "folder" / "trends.csv"
    words = ["--panel", str(panel), "--out", str(out), "--trends", str(trends)]
    assert goal_estimation.main(words) == 0
    assert set(pd.read_csv(out).columns) == {"quantity", "goal", "value", "sd"}
    assert "mean_drift" in capsys.readouterr().out
    table = pd.read_csv(trends)
    assert list(table.columns) == ["iso3", "goal", "deviation", "trend"]
    assert len(table) == 12 * 17 - 3 - 1
    scores = goal_estimation.load_panel(panel).scores
    slope = np.polyfit(np.arange(14), scores[1, :, 0], 1)[0]
    assert table["trend"].iloc[table.index[table["iso3"] == "BGD"][0]] == pytest.approx(
        slope, abs=6e-4
    )


@pytest.mark.parametrize("mistake", ["none given", "no such file", "no table", "columns", "years"])
def test_without_the_panel_it_says_where_to_have_it(
    mistake: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(goal_estimation.PANEL_VARIABLE, raising=False)
    file = tmp_path / "panel.csv"
    words = [] if mistake == "none given" else ["--panel", str(file)]
    if mistake == "no table":
        file.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    elif mistake == "columns":
        file.write_text("country_code,year\nBRA,2000\n")
    elif mistake == "years":
        write_panel(file, year=2005)
    assert goal_estimation.main(words) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    if mistake in ("none given", "no such file", "columns"):
        assert "Sustainable Development Report 2023" in told


def test_every_prior_can_be_drawn_and_holds_its_value() -> None:
    table = default_parameters()
    drawn = [d for d in table.definitions() if d.submodel == "goals" and d.drawn]
    assert len(drawn) > 70
    for definition in drawn:
        low, high = definition.bounds
        tails = [definition.quantile(u) for u in (0.0005, 0.5, 0.9995)]
        assert np.isfinite(tails).all(), definition.name
        assert low <= tails[0] < tails[1] < tails[2] <= high, definition.name
        assert tails[0] - 0.01 <= definition.default <= tails[2], definition.name
