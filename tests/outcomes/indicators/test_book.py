"""Indicators: sums add up, shares are shares, order does not matter, what is undefined is NaN."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sscsim.errors import InputError
from sscsim.outcomes.indicators import (
    IndicatorBook,
    group_members,
    indicator_table,
)
from sscsim.steps.plan import variables
from sscsim.world.state import State

ISO3 = ("ARE", "BRA", "CHN", "DEU", "ETH", "IND", "SGP", "USA")
REGIONS = {
    "Arab States": ("ARE",),
    "Latin America and the Caribbean": ("BRA",),
    "Asia-Pacific": ("CHN", "IND", "SGP"),
    "Africa": ("ETH",),
    "Europe and others": ("DEU", "USA"),
}
SOUTH = ("ARE", "BRA", "CHN", "ETH", "IND", "SGP")
TOLERANCE = 1.0


def mask(*members, iso3=ISO3):
    return np.array([code in members for code in iso3])


def groups():
    regions = {name: mask(*members) for name, members in REGIONS.items()}
    return {
        "World": mask(*ISO3),
        "South": mask(*SOUTH),
        "North": mask("DEU", "USA"),
        "Transition": mask(),
        **regions,
        **{f"South: {name}": mask(*(set(m) & set(SOUTH))) for name, m in REGIONS.items()},
        "LDC": mask("ETH"),
        "Mine": mask("BRA", "IND"),
    }


BANKS = ("ONE", "TWO", "THREE")


def make_book(order=None, **changes):
    order = np.arange(len(ISO3)) if order is None else np.asarray(order)
    arguments = {
        "hubs": mask("ARE", "SGP")[order],
        "asia": mask("ARE", "CHN", "IND", "SGP")[order],
        "regions": {name: mask(*members)[order] for name, members in REGIONS.items()},
        "on_track_thresholds": np.full(17, 80.0),
        "loser_tolerance": TOLERANCE,
        "link_threshold": 0.05,
        "table": replace(indicator_table(), places={"bank": BANKS}),
        **changes,
    }
    return IndicatorBook(
        [ISO3[i] for i in order],
        {n: m[order] for n, m in groups().items()},
        variables(),
        **arguments,
    )


def make_state(seed=0, year=2013, n=8):
    rng = np.random.default_rng(seed)
    sizes = {"country": n, "origin": n, "destination": n, "goal": 17}
    state = State(
        year,
        variables(),
        {
            v.name: rng.lognormal(0.0, 1.0, [sizes.get(axis, 3) for axis in v.axes])
            for v in variables()
        },
    )
    for flows in (state.trade, state.fdi):
        np.fill_diagonal(flows, 0.0)
        flows[rng.random(flows.shape) < 0.2] = 0.0
    state.poverty_headcount = rng.random(n)
    for v in variables():
        if v.unit in ("0 or 1", "0 to 1", "fraction"):
            setattr(state, v.name, rng.random(getattr(state, v.name).shape))
    state.goals = rng.uniform(0.0, 100.0, (n, 17))
    state.goals[rng.random(n) < 0.3, 13] = np.nan
    return state


def permuted(state, order):
    result = state.copy()
    for variable in variables():
        array = getattr(result, variable.name)
        for place, axis in enumerate(variable.axes):
            if axis in ("country", "origin", "destination"):
                array = np.take(array, order, axis=place)
        setattr(result, variable.name, array)
    return result


class Measured(dict):
    """Numbers of a year by indicator and group."""

    def __init__(self, book, values):
        super().__init__(
            {(r.indicator, r.group): v for r, v in zip(book.rows, values, strict=True)}
        )


def measure(seed=0, **changes):
    book = make_book(**changes)
    state, base = make_state(seed), make_state(seed + 1)
    return state, base, Measured(book, book.measure(state, base))


seeds = st.integers(0, 2**32 - 2)


# -------------------------------------------------------------------------------------- the rows


def test_rows_are_unique_and_have_text():
    rows = make_book().rows
    assert len({(r.group, r.indicator) for r in rows}) == len(rows)
    assert all(r.group and r.indicator and r.unit for r in rows)


def test_a_group_that_the_table_does_not_know_gets_what_all_groups_get():
    rows = make_book().rows
    mine = {r.indicator for r in rows if r.group == "Mine"}
    assert {"gdp", "trade_within", "goal_index"} <= mine
    assert mine < {r.indicator for r in rows if r.group == "World"}


def test_banks_have_a_number_each_and_all_have_their_sum():
    state, _, measured = measure()
    for name, variable in (
        ("bank_approvals", "bank_approvals"),
        ("bank_outstanding", "bank_loans"),
    ):
        each = [measured[name, bank] for bank in BANKS]
        assert each == getattr(state, variable).tolist()
        assert measured[name, "World"] == pytest.approx(sum(each), rel=1e-15)
        assert (name, "South") not in measured


def test_book_of_the_world_that_ships():
    from sscsim.world.loading import load_world

    world = load_world()
    members = group_members(world)
    assert members["LDC"].sum() == 47
    assert members["G77"].sum() == 134
    assert members["BRICS"].sum() == 5
    assert members["Ibero-America"].sum() == 19
    assert not (members["South"] & members["North"]).any()
    regions = [members[name] for name in REGIONS]
    assert (np.sum(regions, axis=0) == 1).all()
    parts = [members[f"South: {name}"] for name in REGIONS]
    assert (np.sum(parts, axis=0) == members["South"]).all()

    class Numbers(dict):
        def by_goal(self, name):
            assert name == "goal_on_track_threshold"
            return np.full(17, 80.0)

    numbers = Numbers(goal_loser_tolerance=1.0, trade_link_threshold=0.01)
    book = IndicatorBook.from_world(world, numbers, variables(), places={"bank": BANKS})
    state = make_state(n=len(world.iso3))
    found = Measured(book, book.measure(state, state))
    assert found["trade_within", "World"] == pytest.approx(state.trade.sum())
    assert {r.group for r in book.rows if "→" not in r.group} <= {*members, *BANKS}


# --------------------------------------------------------------------------------- what they say


def test_sums_and_ratios():
    state, _, found = measure()
    south = mask(*SOUTH)
    assert found["gdp", "South"] == pytest.approx(state.gdp[south].sum())
    assert found["gdp_per_head", "South"] == pytest.approx(
        state.gdp[south].sum() / state.population[south].sum()
    )
    poor = state.poverty_headcount * state.population
    assert found["poverty_headcount", "World"] == pytest.approx(poor.sum() / state.population.sum())
    assert found["fdi_share_external_finance", "South"] == pytest.approx(
        state.fdi[:, south].sum()
        / (
            state.fdi[:, south].sum()
            + state.oda_received[south].sum()
            + state.remittances_received[south].sum()
            + state.other_finance_received[south].sum()
        )
    )


def test_growth_is_the_groups_own():
    book = make_book()
    first, second = make_state(0), make_state(1, year=2014)
    before = book.measure(first, first)
    found = Measured(book, book.measure(second, first, before))
    south = mask(*SOUTH)
    expected = second.gdp[south].sum() / first.gdp[south].sum() - 1
    assert found["gdp_growth", "South"] == pytest.approx(expected)
    assert np.isnan(Measured(book, before)["gdp_growth", "South"])


def test_hubs_are_left_out_at_both_ends():
    state, _, found = measure()
    kept = [ISO3.index(code) for code in ("BRA", "CHN", "ETH", "IND")]
    assert found["trade_within_without_hubs", "South"] == pytest.approx(
        state.trade[np.ix_(kept, kept)].sum()
    )


def test_without_hubs_nothing_is_left_out():
    _, _, found = measure(hubs=mask())
    for name in ("World", "South", "Asia-Pacific"):
        assert found["trade_within_without_hubs", name] == found["trade_within", name]


def test_a_group_of_hubs_trades_nothing_without_them():
    _, _, found = measure(hubs=mask(*ISO3))
    assert found["trade_within_without_hubs", "World"] == 0.0


def test_asian_ends():
    state, _, found = measure()
    asia, south = mask("ARE", "CHN", "IND", "SGP"), mask(*SOUTH)
    trade = state.trade * np.outer(south, south)
    either = trade[asia[:, None] | asia[None, :]].sum() / trade.sum()
    both = trade[np.ix_(asia, asia)].sum() / trade.sum()
    assert found["trade_within_asia_end_share", "South"] == pytest.approx(either)
    assert found["trade_within_asia_both_share", "South"] == pytest.approx(both)


def test_goals_of_a_group():
    state, base, found = measure()
    south = mask(*SOUTH)
    goals = state.goals[south]
    assert found["goal_14", "South"] == pytest.approx(np.nanmean(goals[:, 13]))
    assert found["goal_index", "South"] == pytest.approx(np.nanmean(goals, axis=1).mean())
    weights = state.population[south]
    assert found["goal_3_people", "South"] == pytest.approx(weights @ goals[:, 2] / weights.sum())
    # Six countries: the lowest tenth is one.
    assert found["goal_3_worst_tenth", "South"] == pytest.approx(goals[:, 2].min())
    assert found["goal_index_worst_tenth", "South"] == pytest.approx(
        np.nanmean(goals, axis=1).min()
    )
    assert found["goals_on_track", "South"] == np.sum(goals >= 80.0)
    fell = base.goals[south] - goals > TOLERANCE
    assert found["goals_lost", "South"] == fell.sum()
    assert found["goal_losers", "South"] == fell.any(axis=1).sum()
    assert found["goal_3_lost", "South"] == fell[:, 2].sum()


def test_worst_tenth_is_rounded_up():
    n = 25
    world = {"World": np.ones(n, bool)}
    book = IndicatorBook(
        [f"A{i:02}" for i in range(n)],
        world,
        variables(),
        hubs=np.zeros(n, bool),
        asia=np.zeros(n, bool),
        regions=world,
        on_track_thresholds=np.full(17, 80.0),
        loser_tolerance=TOLERANCE,
        link_threshold=0.01,
        table=replace(indicator_table(), places={"bank": BANKS}),
    )
    state = make_state(n=n)
    state.goals[:, 13] = np.nan
    state.goals[:22, 13] = np.arange(22.0)
    found = Measured(book, book.measure(state))
    assert found["goal_1_worst_tenth", "World"] == pytest.approx(
        np.sort(state.goals[:, 0])[:3].mean()
    )
    assert found["goal_14_worst_tenth", "World"] == 1.0  # three of 22: 0, 1, 2
    index = np.sort(np.nanmean(state.goals, axis=1))
    assert found["goal_index_worst_tenth", "World"] == pytest.approx(index[:3].mean())


def test_nobody_loses_against_the_same_year():
    book = make_book()
    state = make_state()
    found = Measured(book, book.measure(state, state))
    assert found["goals_lost", "World"] == 0
    assert found["network_common_part", "World"] == pytest.approx(1.0)


def test_a_fall_within_the_tolerance_is_no_loss():
    book = make_book()
    base = make_state()
    state = base.copy()
    state.goals = base.goals - 0.99 * TOLERANCE
    assert Measured(book, book.measure(state, base))["goals_lost", "World"] == 0
    state.goals = base.goals - 1.01 * TOLERANCE
    applicable = np.count_nonzero(~np.isnan(base.goals))
    assert Measured(book, book.measure(state, base))["goals_lost", "World"] == applicable


def test_an_empty_group_has_nothing_rather_than_zero():
    _, _, found = measure()
    assert all(np.isnan(v) for (_, group), v in found.items() if "Transition" in group)


def test_no_trade_at_all_is_undefined_where_it_divides():
    book = make_book()
    state = make_state()
    state.trade[:] = 0.0
    values = book.measure(state, state)
    found = Measured(book, values)
    assert not np.isinf(values).any()
    assert found["trade_within", "South"] == 0.0
    for name in ("network_reciprocity", "network_participation", "network_assortativity"):
        assert np.isnan(found[name, "South"])
    assert np.isnan(found["trade_within_asia_end_share", "South"])
    assert np.isnan(found["export_destination_hhi", "South"])


def test_a_wrong_mask_is_refused():
    with pytest.raises(InputError, match="truth value"):
        make_book(regions={"all": np.ones(len(ISO3))})
    with pytest.raises(InputError, match="one region"):
        make_book(regions={"some": mask("BRA")})


# ------------------------------------------------------------------------------------ invariants


@given(seeds)
@settings(max_examples=25)
def test_parts_add_up(seed):
    state, _, found = measure(seed)
    for name, flows in (("trade", state.trade), ("fdi", state.fdi)):
        blocs = sum(
            found[f"{name}_between", f"{a} → {b}"]
            for a in ("South", "North")
            for b in ("South", "North")
        )
        assert blocs == pytest.approx(flows.sum())  # no transition economy here
        assert found[f"{name}_within", "South"] == pytest.approx(
            found[f"{name}_between", "South → South"]
        )
    regions = sum(found["trade_between", f"{a} → {b}"] for a in REGIONS for b in REGIONS)
    assert regions == pytest.approx(state.trade.sum())
    southern = [n for n, m in REGIONS.items() if set(m) & set(SOUTH)]
    south = sum(
        found["trade_between", f"South: {a} → South: {b}"] for a in southern for b in southern
    )
    assert south == pytest.approx(found["trade_within", "South"])


@given(seeds)
@settings(max_examples=25)
def test_parts_are_no_more_than_wholes(seed):
    _, _, found = measure(seed)
    slack = 1 + 1e-12
    for (name, group), value in found.items():
        if np.isnan(value):
            continue
        if name == "trade_within":
            assert value <= min(found["exports", group], found["imports", group]) * slack
            assert 0 <= found["trade_within_without_hubs", group] <= value * slack
        elif name == "fdi_within":
            assert value <= min(found["fdi_inflow", group], found["fdi_outflow", group]) * slack
        elif "share" in name or name in ("poverty_headcount", "network_common_part"):
            assert -1e-12 <= value <= slack, (name, group)
        elif name.endswith("worst_tenth"):
            mean = found[name.removesuffix("_worst_tenth"), group]
            assert value <= mean * slack
    ends = "trade_within_asia_end_share", "trade_within_asia_both_share"
    assert found[ends[1], "South"] <= found[ends[0], "South"] * slack


@given(seeds, st.permutations(range(len(ISO3))))
@settings(max_examples=25)
def test_the_order_of_countries_changes_nothing(seed, order):
    state, base = make_state(seed), make_state(seed + 1)
    book, other = make_book(), make_book(order)
    np.testing.assert_allclose(
        other.measure(permuted(state, order), permuted(base, order)),
        book.measure(state, base),
        rtol=1e-9,
        atol=1e-12,
    )
    assert book.rows == other.rows


def test_a_book_is_pickled_and_measures_the_same_bits():
    book = make_book()
    state, base = make_state(0), make_state(1)
    again = pickle.loads(pickle.dumps(book))
    assert again.measure(state, base).tobytes() == book.measure(state, base).tobytes()


# -------------------------------------------------------------------------------------------- laws


@given(seeds)
@settings(max_examples=25)
def test_every_indicator_keeps_its_law_in_any_state(seed):
    book = make_book()
    first, second = make_state(seed), make_state(seed + 1, year=2014)
    indicators = indicator_table().indicators
    before = None
    for state in (first, second):
        before = book.measure(state, first, before)
        assert not np.isinf(before).any()
        broken = {
            row: value
            for row, value in zip(book.rows, before, strict=True)
            if not indicators[row.indicator].law.holds(value)
        }
        assert not broken


@pytest.mark.parametrize(("scenario", "seed"), [("baseline", 1), ("no-cooperation", 2)])
def test_every_indicator_keeps_its_law_in_a_run(scenario, seed):
    from sscsim.model import simulate

    run = simulate(scenario, seed=seed, end=2015, keep="indicators")
    indicators = indicator_table().indicators
    table = run.indicators
    broken = [
        (name, group, year, value)
        for name, group, year, value in zip(
            table["indicator"], table["group"], table["year"], table["value"], strict=True
        )
        if not indicators[name].law.holds(value)
    ]
    assert not broken
    assert set(table["indicator"]) == set(indicators)
