"""Knowledge as pure functions: who is seen, chosen, taught; what no draw and no parameter may break."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sscsim.compiled import SWITCH, compiled_loops
from sscsim.flows import knowledge as flows
from sscsim.flows.knowledge import KnowledgeParameters, Projects, matching
from sscsim.flows.knowledge.beginning import _chance
from sscsim.flows.knowledge.lines import assign, by_value
from sscsim.flows.knowledge.matching import ranked, unranked
from sscsim.flows.knowledge.projects import _WHOLE
from sscsim.parameters import default_parameters
from sscsim.world.institutions.bodies import Bodies
from sscsim.world.institutions.partners import Partners
from sscsim.world.state import DOMAINS

RULES = KnowledgeParameters.from_parameters(default_parameters())
D = len(DOMAINS)


def draws(rng: np.random.Generator, receivers: int, countries: int, bodies: int):
    names = [f"B{i}" for i in range(bodies)]
    return flows.draw_year(lambda _, shape: rng.random(shape), receivers, D, countries, names)


def lives(seed: int, receivers: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return flows.draw_lives(lambda _, shape: rng.random(shape), receivers, D)


def some_partners(rng: np.random.Generator, count: int, countries: int) -> Partners:
    return Partners(
        names=tuple(f"P{i}" for i in range(count)),
        focus=rng.random((count, countries)),
        skill=rng.random((count, D)),
        money=np.full(count, 0.3),
        southern=np.arange(count) % 2 == 0,
        reverse=np.arange(count) == 1,
        country=np.where(np.arange(count) % 2 == 0, np.arange(count) % countries, -1),
    )


def seeing(alike: np.ndarray) -> flows.Sight:
    """Return a sight in which everybody is known to everybody, some better."""
    some = np.linspace(0.0, 0.5, len(alike))
    contacts = flows.Contacts(alike * 0.5, np.full(alike.shape, 0.7))
    known = np.outer(some, np.linspace(0.1, 1.0, D))
    return flows.Sight(contacts, 0.3, some, some[::-1].copy(), 1.0 + some, known)


def matched(seed: int, countries: int = 12, rules: KnowledgeParameters = RULES, partners: int = 3):
    """Return a random little world's matches, with all that went in."""
    rng = np.random.default_rng(seed)
    capability = rng.random((countries, D))
    alike = rng.random((countries, countries))
    alike = (alike + alike.T) / 2
    offer = np.flatnonzero(rng.random(countries) < 0.7)
    room = rng.integers(0, 6, len(offer))
    counts = rng.integers(0, flows.LARGEST_COUNT + 1, (countries, D)) * (
        rng.random((countries, D)) < 0.5
    )
    third = some_partners(rng, partners, countries)
    luck = draws(rng, countries, countries, 1)
    partner_room = rng.integers(0, 5, partners).astype(float)
    result = flows.match(
        flows.Requests(np.arange(countries), counts),
        flows.Offers(offer, room, np.zeros(len(offer))),
        capability,
        flows.Likeness(alike, alike * 0.5, alike),
        seeing(alike),
        np.full(countries, 1.0),
        flows.ThirdParties(third, partner_room, np.zeros(partners), 1.0),
        luck,
        rules,
    )
    return result, capability, offer, room, counts, partner_room, third, luck, alike


@pytest.mark.parametrize("partners", [0, 3])
def test_compiled_loops_match_as_the_plain_code_does(
    monkeypatch: pytest.MonkeyPatch, partners: int
) -> None:
    pytest.importorskip("numba")
    several = 0
    for seed in range(40):
        found = []
        for switch in "01":
            monkeypatch.setenv(SWITCH, switch)
            found.append(matched(seed, countries=3 + seed, partners=partners)[0])
        plain, fast = found
        several += len(plain)
        for one in fields(plain):
            assert_array_equal(getattr(fast, one.name), getattr(plain, one.name), strict=True)
    assert several > 1000


def regional(seed: int, countries: int) -> flows.Projects:
    """Return the regional projects of a random little world, in which some cooperate less than planned."""
    rng = np.random.default_rng(seed)
    member = rng.random((3, countries)) < 0.5
    rate = rng.random((3, D)) * 6
    bodies = Bodies(("A", "B", "C"), member, rate, np.full(3, 0.2), np.full(3, 2000))
    factor, ones = rng.choice([0.0, 0.5, 1.0, 1.5], countries), np.ones(countries)
    limit = rng.integers(0, 3, countries).astype(float)
    return flows.regional_projects(
        flows.Willing(rng.random((countries, D)) < 0.6, factor, rng.random(countries)),
        flows.Leaders(flows.log_size(limit, 1.0), rng.integers(0, 4, countries)),
        # Few values, so that some are the same.
        rng.integers(0, 4, (countries, D)) / 4,
        rng.random((countries, countries)),
        bodies,
        2015,
        draws(rng, countries, countries, 3),
        flows.Conditions(ones, 0 * ones, 0 * ones, ones, 1.0, ones),
        RULES,
    )


def test_compiled_loops_begin_regional_projects_as_the_plain_code_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("numba")
    several = 0
    for seed in range(40):
        found = []
        for switch in "01":
            monkeypatch.setenv(SWITCH, switch)
            found.append(regional(seed, countries=3 + seed))
        plain, fast = found
        several += len(plain)
        for one in fields(plain):
            assert_array_equal(getattr(fast, one.name), getattr(plain, one.name), strict=True)
    assert several > 200


def test_a_compiled_loop_assigns_as_the_plain_code_does(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv(SWITCH, "1")
    loops = compiled_loops("sscsim.flows.knowledge.loops")
    assert loops is not None
    rng = np.random.default_rng(1)
    for _ in range(200):
        project = np.sort(rng.integers(0, 9, rng.integers(0, 40)))
        taker = rng.integers(0, 4, len(project))
        value = rng.integers(-2, 4, len(project)) / 2  # many of one value
        room = rng.integers(0, 5, 4)
        plain = np.sort(assign(project, taker, value, room))
        assert loops.assigned(project, taker, value, room).tolist() == plain.tolist()


def test_compiled_loops_count_projects_as_the_plain_code_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("numba")
    for seed in range(12):
        projects, capability = projects_of(seed)
        n = len(capability)
        projects = projects.join(regional(seed, countries=n))
        tie = np.random.default_rng(seed).random((n, n))
        tie = tie + tie.T
        found = []
        for switch in "01":
            monkeypatch.setenv(SWITCH, switch)
            # Who takes part is remembered by the projects themselves.
            fresh = projects.take(np.arange(len(projects)))
            load = flows.UnderWay.none(n, D).after(fresh, int(fresh.start.max()))
            counts = (load.providing, load.receiving, load.lasting, load.joining)
            found.append((*fresh.takers(), *counts, flows.tie_step(tie, fresh, RULES)))
        for plain, fast in zip(*found, strict=True):
            assert_array_equal(fast, plain, strict=True)
        assert found[0][1].size > n


def test_a_compiled_loop_counts_requests_as_the_plain_code_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("numba")
    rng = np.random.default_rng(1)
    uniform, mean = rng.random((150, D)), rng.gamma(0.5, 3.0, (150, D)) * (rng.random(D) < 0.8)
    found = []
    for switch in "01":
        monkeypatch.setenv(SWITCH, switch)
        found.append(flows.poisson(uniform, mean, flows.LARGEST_COUNT))
    assert_array_equal(found[1], found[0], strict=True)
    assert found[0].max() == flows.LARGEST_COUNT


# --- requests


def test_absorption_is_none_behind_most_at_a_moderate_lead_and_fades() -> None:
    gaps = np.array([-0.5, 0.0, 0.05, RULES.absorption_gap, 0.5, 0.9])
    absorbed = flows.absorption(gaps, RULES)
    assert absorbed[:2].tolist() == [0.0, 0.0]
    assert absorbed.argmax() == 3
    assert absorbed[3] == pytest.approx(1.0)
    assert absorbed[3] > absorbed[4] > absorbed[5]


def test_needs_are_what_the_goals_lack_and_skip_a_goal_that_does_not_apply() -> None:
    weights = np.zeros((1, 17))
    weights[0, [12, 13]] = 0.5
    goals = np.full((2, 17), 40.0)
    goals[0, 13] = 80.0
    goals[1, 13] = np.nan
    assert flows.needs(goals, weights).ravel() == pytest.approx([0.4, 0.6])


@given(st.floats(0.0, 8.0), st.floats(0.0, 4.0), st.integers(0, 2**32 - 1))
def test_more_expected_requests_never_mean_fewer(mean: float, more: float, seed: int) -> None:
    uniform = np.random.default_rng(seed).random(50)
    few = flows.poisson(uniform, np.full(50, mean), 10)
    many = flows.poisson(uniform, np.full(50, mean + more), 10)
    assert (many >= few).all()
    assert few.min() >= 0
    assert many.max() <= 10


def test_counts_over_countries_are_over_dispersed() -> None:
    rng = np.random.default_rng(1)
    first = flows.priority(rng.random(200_000), 0.8)
    assert first.mean() == pytest.approx(1.0, abs=0.02)
    counts = flows.poisson(rng.random(200_000), 1.5 * first, 1000)
    assert counts.mean() == pytest.approx(1.5, rel=0.02)
    assert counts.var() == pytest.approx(1.5 + 1.5**2 / 0.8, rel=0.05)


def test_no_requests_where_policy_switches_asking_off() -> None:
    need = np.full((3, D), 0.5)
    expected = flows.request_mean(
        need,
        np.full(3, 0.5),
        np.array([0.0, 1.0, 2.0]),
        0 * need,
        np.ones(3),
        need + 0.5,
        RULES,
    )
    assert expected[0].sum() == 0.0
    assert expected[2] == pytest.approx(2 * expected[1])


@given(st.integers(0, 2**32 - 1))
def test_funds_pay_for_whole_projects_where_need_is_and_never_for_more_than_is_there(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    n = 6
    account, size = rng.random(n) * 5.0, rng.random(n)
    account[0], size[1] = 0.0, 0.0
    weight = rng.random((n, D)) * (rng.random((n, D)) < 0.5)
    weight[2] = 0.0
    number = flows.funded_requests(account, size, weight, rng.random(n))
    assert (number >= 0).all()
    assert not number[weight == 0.0].any()
    assert not number[:3].any()
    for i in range(3, n):
        whole = np.floor(account[i] / size[i] + 1e-9) if weight[i].any() else 0.0
        assert number[i].sum() == whole
        # Laid out evenly: no domain is a whole project off its share.
        if whole:
            assert (abs(number[i] - whole * weight[i] / weight[i].sum()) < 1.0 + 1e-9).all()


def test_an_average_grant_is_the_money_over_the_projects_it_pays_for() -> None:
    projects = np.zeros((2, D))
    projects[0, :2] = 2.0
    assert flows.grant_size(np.array([1.0, 0.0]), projects).tolist() == [0.25, 0.0]


# --- luck by entity


def test_the_luck_of_a_pair_does_not_depend_on_who_else_is_there() -> None:
    cells = np.array([1 * D, 3 * D + 2]) * 20
    whole = pair_bits(7, cells, np.arange(20))
    part = pair_bits(7, cells[1:], np.array([4, 11]))
    assert whole[[24, 31]].tolist() == part.tolist()
    assert len(np.unique(whole)) == len(whole)


def pair_bits(key: int, first: np.ndarray, provider: np.ndarray) -> np.ndarray:
    """Return the luck of every cell with every provider."""
    luck = flows.PairLuck.of(key, first, provider)
    count = np.full(len(first), len(provider))
    every = np.tile(np.arange(len(provider)), len(first))
    return luck.bits(slice(0, len(first)), count, every)


def test_luck_is_uniform_and_gumbel_and_the_two_are_not_related() -> None:
    cells = np.arange(400) * D + np.arange(400) % D
    bits = pair_bits(3, cells * 400, np.arange(400))
    uniform = flows.uniform_of(flows.draw_of(bits))
    gumbel = flows.gumbel_of(bits)
    assert uniform.min() > 0
    assert uniform.max() <= 1
    histogram = np.histogram(uniform, 20, (0, 1))[0]
    assert np.abs(histogram / uniform.size - 0.05).max() < 0.002
    assert gumbel.mean() == pytest.approx(np.euler_gamma, abs=0.02)
    assert gumbel.std() == pytest.approx(np.pi / np.sqrt(6), abs=0.02)
    assert abs(np.corrcoef(uniform.ravel(), gumbel.ravel())[0, 1]) < 0.01
    assert np.isfinite(gumbel).all()


# --- matching


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_nobody_gives_more_than_he_has_and_nobody_teaches_who_is_not_ahead(seed: int) -> None:
    result, capability, offer, room, counts, partner_room, third, _, _ = matched(seed)
    provider, receiver, domain = result.provider, result.receiver, result.domain
    given_by = np.bincount(provider, minlength=len(capability))
    assert (given_by[offer] <= room).all()
    assert given_by.sum() == given_by[offer].sum()
    assert (capability[provider, domain] > capability[receiver, domain]).all()
    joined = np.bincount(result.partner[result.partner >= 0], minlength=len(partner_room))
    assert (joined <= partner_room).all()
    helped = result.partner >= 0
    helper = third.country[result.partner[helped]]
    assert (helper != provider[helped]).all()
    assert (helper != receiver[helped]).all()
    asked = np.zeros_like(counts)
    np.add.at(asked, (receiver, domain), 1)
    assert (asked <= counts).all()
    ones = set(zip(receiver.tolist(), domain.tolist(), result.slot.tolist(), strict=True))
    assert len(ones) == len(receiver), "a request is met once"
    assert ((result.quality >= 0) & (result.quality <= 1)).all()


def test_nothing_comes_of_no_requests_and_of_no_providers() -> None:
    rng = np.random.default_rng(0)
    partners = some_partners(rng, 2, 4)
    for counts, offers in (
        (np.zeros((4, D), dtype=int), np.arange(4)),
        (np.ones((4, D), dtype=int), np.zeros(0, dtype=int)),
    ):
        nothing = flows.match(
            flows.Requests(np.arange(4), counts),
            flows.Offers(offers, np.ones(len(offers), dtype=int), np.zeros(len(offers))),
            rng.random((4, D)),
            flows.Likeness(np.ones((4, 4)), np.zeros((4, 4)), np.ones((4, 4))),
            seeing(np.ones((4, 4))),
            np.ones(4),
            flows.ThirdParties(partners, np.ones(2), np.zeros(2), 1.0),
            draws(rng, 4, 4, 1),
            RULES,
        )
        assert len(nothing) == 0


def test_similar_contexts_are_chosen_more() -> None:
    chosen, offered = [], []
    for seed in range(30):
        result, _, offer, _, _, _, _, _, alike = matched(seed, countries=25)
        chosen.append(alike[result.receiver, result.provider].mean())
        offered.append(alike[:, offer].mean())
    difference = np.array(chosen) - np.array(offered)
    assert difference.mean() > 3 * difference.std() / np.sqrt(len(difference))


def test_a_third_party_helps_weak_pairs_most() -> None:
    quality = np.linspace(0.0, 1.0, 11)
    partners = Partners(
        ("A",),
        np.ones((1, 3)),
        np.ones((1, D)),
        np.ones(1),
        np.zeros(1, bool),
        np.zeros(1, bool),
        np.array([-1]),
    )
    rules = replace(RULES, third_party_cost_base=0.5)
    pairs = flows.Candidates(
        np.zeros(11, int), np.ones(11, int), np.zeros(11, int), quality, np.zeros(11)
    )

    class NoLuck(flows.ThirdLuck):
        def above(self, receiver, domain, partner, least):
            lines = np.arange(len(receiver))
            return lines, np.zeros(len(lines), int), np.zeros(len(lines), np.float32)

    def join(cost: float):
        third = flows.ThirdParties(partners, np.array([99]), np.zeros(1), cost)
        return flows.join_partners(pairs, NoLuck.of(1, ["A"], D), third, rules)

    third, gain = join(1.0)
    assert (third == 0).all()
    assert (np.diff(gain) < 0).all()
    dear, _ = join(9.0)
    assert (dear == -1).all()


def test_a_third_party_carries_pairs_that_would_not_have_met_the_cost() -> None:
    with_third = sum(len(matched(s)[0]) for s in range(10))
    poor = replace(RULES, third_party_cost_base=99.0)
    assert sum(len(matched(s, rules=poor)[0]) for s in range(10)) <= with_third


# --- projects


def projects_of(seed: int) -> tuple[Projects, np.ndarray]:
    result, capability, _, _, _, _, third, _, _ = matched(seed)
    ones = np.ones(len(capability))
    return (
        flows.carry_on(
            result,
            np.zeros(len(result)),
            2015,
            lives(seed, len(capability)),
            third,
            flows.Conditions(ones, 0.3 * ones, 0.1 * ones, ones, 1.0, ones),
            RULES,
        ),
        capability,
    )


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_dates_in_order_and_chances_within_the_prior(seed: int) -> None:
    projects, _ = projects_of(seed)
    assert (projects.start == 2015).all()
    assert (projects.end >= projects.start).all()
    assert (projects.end - projects.start < flows.LONGEST_PROJECT).all()
    assert (projects.chance >= RULES.success_low).all()
    assert (projects.chance <= RULES.success_high).all()
    assert (projects.cost > projects.third_cost).all()
    third = projects.partner >= 0
    assert np.isin(projects.modality[third], (flows.TRIANGULAR, flows.REVERSE_LINKAGE)).all()
    assert (projects.modality[~third] == flows.BILATERAL).all()


def test_fragmentation_without_coordination_lowers_success_and_coordination_makes_up_for_it() -> (
    None
):
    result, capability, _, _, _, _, third, _, _ = matched(3)
    ones = np.ones(len(capability))

    def chance(fragmentation: float, coordination: float) -> float:
        projects = flows.carry_on(
            result,
            np.zeros(len(result)),
            2015,
            lives(3, len(capability)),
            third,
            flows.Conditions(fragmentation * ones, coordination * ones, 0 * ones, ones, 1.0, ones),
            RULES,
        )
        return float(projects.chance.mean())

    assert chance(3.0, 0.0) < chance(1.0, 0.0) < chance(0.0, 0.0)
    assert chance(3.0, 1.0) == pytest.approx(chance(0.0, 0.0))


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_a_regional_project_has_three_members_of_one_body(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 14
    member = rng.random((3, n)) < 0.5
    bodies = Bodies(
        ("A", "B", "C"), member, rng.random((3, D)) * 3, np.full(3, 0.2), np.full(3, 2000)
    )
    capability, ones = rng.random((n, D)), np.ones(n)
    requesting = rng.random((n, D)) < 0.6
    projects = flows.regional_projects(
        flows.Willing(requesting, ones, 0.7 * ones),
        flows.Leaders(0 * ones, np.full(n, 9)),
        capability,
        np.full((n, n), 0.5),
        bodies,
        2016,
        draws(rng, n, n, 3),
        flows.Conditions(ones, 0 * ones, 0 * ones, ones, 1.0, ones),
        RULES,
    )
    parts = projects.regional_members()
    assert len(parts) == len(projects)
    for row, part in enumerate(parts):
        assert part.sum() >= flows.SMALLEST_REGIONAL
        assert not (part & ~member[projects.body[row]]).any()
        assert part[projects.provider[row]]
        domain = projects.domain[row]
        others = part & (np.arange(n) != projects.provider[row])
        lead = capability[projects.provider[row], domain]
        assert lead >= capability[others, domain].mean() - 1e-12
        asked = requesting[:, domain] | (np.arange(n) == projects.provider[row])
        assert not (part & ~asked).any()


# --- what projects leave


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_nobody_passes_his_teachers(seed: int, rate: float) -> None:
    projects, capability = projects_of(seed)
    rules = replace(RULES, learning_rate=rate)
    learned = flows.learn(projects, capability, np.ones(D), rules)
    assert (learned >= 0).all()
    best = np.zeros_like(capability)
    np.maximum.at(
        best, (projects.receiver, projects.domain), capability[projects.provider, projects.domain]
    )
    assert (capability + learned <= np.maximum(best, capability) + 1e-12).all()


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_projects_that_cost_more_than_they_teach_leave_nobody_below_nothing(
    seed: int, rate: float
) -> None:
    projects, capability = projects_of(seed)
    lost = flows.learn(projects, capability, np.ones(D), replace(RULES, learning_rate=-rate))
    assert (lost <= 0).all()
    assert (capability + lost >= 0).all()


def one_project(gap: float) -> tuple[Projects, np.ndarray]:
    capability = np.full((2, D), 0.05)
    capability[1] = 0.05 + gap
    empty = Projects.empty(2)
    whole = {name: np.zeros(1, dtype=np.intp) for name in _WHOLE}
    real = {n: np.zeros(1) for n in ("cost", "third_cost", "quality", "chance", "luck", "writing")}
    columns = whole | real | {"packed": np.zeros((1, 1), np.uint8)}
    project = replace(empty, **columns)  # type: ignore[arg-type]
    return replace(project, provider=np.array([1]), helper=np.array([-1])), capability


def test_a_gap_that_is_too_large_is_not_absorbed() -> None:
    learned = [
        flows.learn(*one_project(gap), np.ones(D), RULES)[0, 0] / gap
        for gap in (RULES.absorption_gap, 0.6, 0.9)
    ]
    assert learned[0] > 2 * learned[1] > 3 * learned[2]


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_ties_are_symmetric_fade_and_grow_with_success(seed: int) -> None:
    projects, capability = projects_of(seed)
    n = len(capability)
    tie = np.random.default_rng(seed).random((n, n))
    tie = (tie + tie.T) / 2
    np.fill_diagonal(tie, 0.0)
    after = flows.tie_step(tie, projects, RULES)
    assert (after == after.T).all()
    assert (np.diagonal(after) == 0).all()
    assert ((after >= 0) & (after <= 1)).all()
    alone = flows.tie_step(tie, Projects.empty(n), RULES)
    assert (alone <= tie).all()
    assert (after >= alone - 1e-15).all()


def test_every_project_closes_once_and_has_one_outcome() -> None:
    projects, _ = projects_of(11)
    closed = np.zeros(len(projects), dtype=int)
    for year in range(2015, 2015 + flows.LONGEST_PROJECT):
        closing, success = flows.close_projects(projects, year)
        closed += closing
        assert not (success & ~closing).any()
    assert (closed == 1).all()


def test_intensity_lies_between_none_and_one_and_practices_only_grow() -> None:
    projects, capability = projects_of(5)
    weights = np.eye(D, 17)
    load = flows.UnderWay.none(len(capability), D).after(projects, 2015)
    intensity = flows.cooperation_intensity(load.reaching, weights, RULES)
    assert ((intensity >= 0) & (intensity < 1)).all()
    assert intensity.any()
    before = np.arange(float(D))
    assert (flows.practices_step(before, projects, 1.0, RULES) >= before).all()
    assert (flows.practices_step(before, projects, 0.0, RULES) == before).all()


def test_parties_are_all_and_takers_all_but_who_gives() -> None:
    projects, _ = projects_of(8)
    for row in range(len(projects)):
        one = projects.take(np.array([row]))
        parties = set(one.parties()[1].tolist())
        takers = set(one.takers()[1].tolist())
        expected = {int(one.provider[0]), int(one.receiver[0])} | ({int(one.helper[0])} - {-1})
        assert parties == expected
        assert takers == {int(one.receiver[0])}


def test_similarity_is_symmetric_and_one_with_oneself() -> None:
    rng = np.random.default_rng(2)
    same = rng.random((6, 6)) < 0.4
    same = same | same.T | np.eye(6, dtype=bool)
    alike = flows.similarity(
        rng.normal(8, 1, 6),
        rng.uniform(-60, 60, 6),
        same.astype(float),
        same.astype(float),
        rng.integers(0, 3, 6),
        RULES,
    )
    assert alike == pytest.approx(alike.T)
    assert np.diagonal(alike) == pytest.approx(1.0)
    assert ((alike >= 0) & (alike <= 1)).all()


@given(position=st.floats(0.0, 1.0), other=st.floats(0.0, 1.0), speed=st.floats(0.0, 0.1))
def test_the_frontier_leaves_the_order_of_countries_and_itself_where_they_were(
    position: float, other: float, speed: float
) -> None:
    rules = replace(RULES, technology_frontier_speed=speed)
    a, b = flows.fall_behind(np.array([position, other]), rules)
    assert 0.0 <= a <= position
    assert (position <= other) <= (a <= b + 1e-12)
    assert flows.fall_behind(np.array([0.0, 1.0]), rules).tolist() == [0.0, 1.0]


def test_all_that_is_learned_comes_into_use_and_the_cost_of_adjusting_is_given_back() -> None:
    rules = replace(RULES, technology_adjustment_speed=0.3, technology_adjustment_cost=0.7)
    waiting, used, taken, first = np.zeros(1), 0.0, 0.0, None
    for year in range(80):
        use, waiting, cost = flows.adjust(np.array([0.02 if year == 0 else 0.0]), waiting, rules)
        used, taken = used + use[0], taken + cost[0]
        first = cost[0] if first is None else first
    assert used == pytest.approx(0.02)
    assert first == pytest.approx(0.7 * 0.7 * 0.02)
    assert taken == pytest.approx(0.0, abs=1e-12)


def test_experience_leaves_with_people_and_grows_with_successes() -> None:
    nothing = flows.Projects.empty(4)
    left = flows.experience_step(np.array([10.0, 0.0, 1.0, 0.0]), nothing, 0.15)
    assert left == pytest.approx([8.5, 0.0, 0.85, 0.0])


def test_who_runs_more_is_asked_and_leads_more() -> None:
    limit = np.array([0.0, 10.0, 30.0])
    size = flows.log_size(limit, 20.0)
    assert np.isneginf(size[0])
    assert size[1:] == pytest.approx(np.log([0.5, 1.5]))
    assert np.isneginf(flows.log_size(np.zeros(3), 20.0)).all()


def test_nobody_leads_a_regional_project_who_does_not_provide() -> None:
    n, rng = 30, np.random.default_rng(3)
    capability = rng.random((n, D))
    bodies = Bodies(
        ("A",), np.ones((1, n), bool), np.full((1, D), 4.0), np.ones(1), np.array([2000])
    )
    ones = np.ones(n)

    def begun(size, room=99):
        return flows.regional_projects(
            flows.Willing(np.ones((n, D), bool), ones, 0.7 * ones),
            flows.Leaders(size, np.full(n, room)),
            capability,
            np.full((n, n), 0.5),
            bodies,
            2016,
            draws(np.random.default_rng(4), n, n, 1),
            flows.Conditions(ones, 0 * ones, 0 * ones, ones, 1.0, ones),
            RULES,
        )

    half = flows.log_size(np.where(np.arange(n) < 15, 20.0, 0.0), 20.0)
    assert len(begun(half)) > 0
    assert begun(half).provider.max() < 15
    assert len(begun(flows.log_size(np.zeros(n), 20.0))) == 0
    larger = flows.log_size(np.where(np.arange(n) < 15, 400.0, 20.0), 20.0)
    assert (begun(larger).provider < 15).mean() > (begun(0 * ones).provider < 15).mean() + 0.2
    few = begun(0 * ones, room=1)
    assert 0 < len(few) <= len(begun(0 * ones))
    assert np.bincount(few.provider).max() == 1


def test_one_more_partner_or_body_leaves_the_luck_of_the_others_alone() -> None:
    who, what = np.array([0, 3, 3]), np.array([2, 0, 1])

    def luck(names: list[str]) -> np.ndarray:
        of = flows.ThirdLuck.of(77, names, D)
        return np.array([of.at(who, what, np.full(3, i)) for i in range(len(names))])

    two, three = luck(["A", "C"]), luck(["A", "B", "C"])
    assert (three[[0, 2]] == two).all()
    assert len(np.unique(three)) == three.size
    places = flows.CodeLuck.of(77, ["A", "B"], 4, 5)
    every = flows.code_luck(77, ["A", "B"], 20).reshape(2, 4, 5)
    found = places.at(np.array([1, 0]), np.array([3, 2]), np.array([1, 2]))
    assert (found == every[[1, 0], [3, 2], [1, 2]]).all()
    assert (places.at(np.array([1, 0]), 2, np.array([4, 0])) == every[[1, 0], 2, [4, 0]]).all()
    assert (flows.code_luck(77, ["A", "B"], 5)[1] == flows.code_luck(77, ["B"], 5)[0]).all()
    many = flows.code_luck(77, [f"B{i}" for i in range(50)], 400)
    assert many.min() >= 0.0
    assert many.max() < 1.0
    assert many.mean() == pytest.approx(0.5, abs=0.01)


def test_a_match_that_one_partner_cannot_pay_for_is_free_for_another() -> None:
    match, partner = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 0])
    value = np.array([3.0, 1.0, 2.0, 0.5, 1.0])
    taken = assign(match, partner, value, np.array([1, 5]))
    assert dict(zip(match[taken].tolist(), partner[taken].tolist(), strict=True)) == {0: 0, 1: 1}
    assert not len(assign(match, partner, value, np.zeros(2, int)))


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_who_takes_what_is_found_as_by_hand(seed: int) -> None:
    rng = np.random.default_rng(seed)
    worth = rng.integers(0, 4, (12, 4)) * (
        rng.random((12, 4)) < 0.6
    )  # ties, and some that nobody wants
    room = rng.integers(0, 4, 4)
    match, partner = np.nonzero(worth)
    taken = assign(match, partner, worth[match, partner].astype(float), room)
    left, waiting, expected = room.copy(), list(range(12)), {}
    while waiting:
        wishes: dict[int, list[int]] = {}
        for project in waiting:
            may = [t for t in range(4) if worth[project, t] > 0 and left[t] > 0]
            if may:
                wishes.setdefault(max(may, key=lambda t: worth[project, t]), []).append(project)
        waiting = []
        for t, projects in wishes.items():
            projects.sort(key=lambda project: -worth[project, t])
            expected |= dict.fromkeys(projects[: left[t]], t)
            waiting += projects[left[t] :]
            left[t] = max(left[t] - len(projects), 0)
        waiting.sort()
    assert dict(zip(match[taken].tolist(), partner[taken].tolist(), strict=True)) == expected


@pytest.mark.parametrize("seed", range(3))
def test_noise_that_can_matter_is_found_wherever_it_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    luck = flows.ThirdLuck.of(seed, [f"P{i}" for i in range(7)], D)
    receiver, domain = rng.integers(0, 200, 90), rng.integers(0, D, 90)
    partner, least = np.array([5, 0, 3]), np.array([1.5, -9.0, 40.0])
    request, place, noise = luck.above(receiver, domain, partner, least)
    every = np.array([luck.at(receiver, domain, np.full(90, p)) for p in partner]).T
    assert (every[request, place] == noise).all()
    found = np.zeros(every.shape, bool)
    found[request, place] = True
    assert found[every > least].all()
    assert not found[every < least - 0.01].any()
    nobody = np.zeros(0, int)
    assert not any(map(len, luck.above(receiver, domain, nobody, np.zeros(0))))


def test_a_longer_project_teaches_more_and_one_of_usual_length_at_the_rate() -> None:
    projects, capability = projects_of(5)
    short = replace(projects, end=projects.start + 1)
    long = replace(projects, end=projects.start + 3)
    pace = np.ones(D)
    some = flows.learn(short, capability, pace, RULES)
    more = flows.learn(long, capability, pace, RULES)
    assert some.sum() > 0.0
    assert (more[some > 0] > some[some > 0]).all()


def test_what_is_on_record_makes_providers_seen_and_projects_succeed() -> None:
    n = 3
    none, full = np.zeros(n), np.ones(n)

    def known(evidence, practices):
        return flows.visibility_hazard(
            flows.Contacts(np.zeros((n, n)), np.zeros((n, n))),
            flows.Support(none, none, none),
            flows.Record(evidence, practices, full, none, np.zeros((n, D))),
            RULES,
        ).known

    practices = np.full(D, 60.0)
    assert (known(full, practices) > known(0.5 * full, practices)).all()
    assert not known(none, practices).any()
    assert (known(full, practices) > known(full, 0 * practices)).all()
    quality = np.array([0.5])
    chances = [
        _chance(quality, np.ones(1), np.zeros(1), np.array([e]), RULES)[0] for e in (0.0, 1.0)
    ]
    assert chances[1] > chances[0]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 1.0, 1.5, -2.0, 7.25]), st.integers(0, 4)), max_size=40
    )
)
def test_the_order_by_value_is_that_of_a_sort_by_both_keys(lines: list[tuple[float, int]]) -> None:
    value = np.array([v for v, _ in lines], dtype=float)
    group = np.array([g for _, g in lines], dtype=np.intp)
    assert by_value(value, group).tolist() == np.lexsort((-value, group)).tolist()


@pytest.mark.parametrize(
    ("mean", "least"), [([0.0, 0.5], 0.01), ([0.0, 0.0], 0.01), ([1e-9, 0.2], 0.01)]
)
def test_a_domain_without_need_is_not_blown_up(mean: list[float], least: float) -> None:
    scale = flows.need_scale(np.array(mean))
    floored = np.maximum(mean, least)
    assert_allclose(scale * floored, floored.mean())


@pytest.mark.parametrize(
    "goals", [[np.nan, np.nan, 40.0], [np.nan, 100.0, 40.0], [100.0, 100.0, 40.0]]
)
def test_where_no_goal_applies_nothing_is_needed(goals: list[float]) -> None:
    weights = np.array([[1.0, 0.5, 0.0], [0.0, 0.0, 2.0]])
    assert_allclose(flows.needs(np.array([goals]), weights), [[0.0, 0.6]], atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_a_list_come_first_and_equal_ones_by_number(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value = rng.normal(size=300).astype(np.float32)
    value[rng.integers(0, 300, 90)] = rng.choice([0.0, -0.0, 1.0, -1.0, 3e38, -3e38, 1e-40], 90)
    group = rng.integers(0, 7, 300)
    offer = rng.permutation(300)
    key = ranked(value, group, offer)
    order = np.argsort(key)
    assert order.tolist() == np.lexsort((offer, -value, group)).tolist()
    back, named = unranked(key)
    assert (back == value).all()
    assert (named == offer).all()


@pytest.mark.parametrize("block", [1, 50, 100_000])
def test_matches_do_not_depend_on_how_many_pairs_are_looked_at_together(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [matched(seed)[0] for seed in range(3)]
    monkeypatch.setattr(matching, "_BLOCK", block)
    for seed, one in enumerate(whole):
        other = matched(seed)[0]
        for name in ("receiver", "provider", "partner", "domain", "slot", "row", "quality"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_budgets_are_squeezed_by_a_fall_of_output_in_dollars_alone() -> None:
    means, usual = np.array([80.0, 100.0, 120.0]), np.full(3, 100.0)
    squeeze, after = flows.budget_squeeze(means, usual, replace(RULES, budget_elasticity=1.0))
    assert squeeze == pytest.approx([0.8, 1.0, 1.0])
    assert (np.sign(after - usual) == [-1, 0, 1]).all()
    assert (np.abs(after - usual) < np.abs(means - usual) + 1e-12).all()
    none, _ = flows.budget_squeeze(means, usual, replace(RULES, budget_elasticity=0.0))
    assert (none == 1.0).all()


def test_all_but_actions_touch_a_second_year() -> None:
    uniform = (np.arange(10_000) + 0.5) / 10_000
    years = flows.project_years(uniform, 0.75, 0.5)
    assert [float((years >= n).mean()) for n in (1, 2, 3, 4)] == pytest.approx(
        [1.0, 0.75, 0.375, 0.1875], abs=1e-3
    )
