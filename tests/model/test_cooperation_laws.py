"""What holds of cooperation under any numbers within their bounds, any seed, any policy: whole runs, year by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

import numpy as np
import pytest
from _worlds import random_world
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sscsim.agents import Country
from sscsim.flows import knowledge as flows
from sscsim.flows.knowledge import Projects
from sscsim.model import SouthSouthModel
from sscsim.outcomes import measurement
from sscsim.parameters import Parameters, default_parameters
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting, Where
from sscsim.steps.knowledge import OPENING
from sscsim.steps.measurement import Measurement, reported_projects
from sscsim.world.institutions import Fund, Partner
from sscsim.world.tables import World

SUBMODELS = ("knowledge", "institutions", "measurement")
LEVERS = [
    name
    for name, lever in lever_table().items()
    if lever.group
    in ("cooperation", "knowledge", "triangular", "institutions", "measurement", "united_nations")
]
SELDOM = ("trade", "investment", "finance")
"""Steps that cooperation does not look at."""

END = 2017

AS_FOUND = (Phase.explicit, Phase.generate)
SEEDS = st.integers(0, 2**32 - 1)


def within_bounds(seed: int, corners: bool) -> Parameters:
    """Return all numbers of cooperation drawn from their whole bounds, or from close to the bounds' two ends."""
    table, rng = default_parameters(), np.random.default_rng(seed)
    chosen = {}
    for one in table.definitions():
        if one.submodel in SUBMODELS:
            low, high = one.bounds
            part = rng.random()
            if corners:
                part = 0.0 if part < 0.5 else 1.0
            chosen[one.name] = low + part * (high - low)
    return table.replace(chosen)


@st.composite
def policies(draw: st.DrawFn) -> Scenario:
    """Up to six levers of cooperation, anywhere within their bounds, for all or for some, from any year on."""
    names = draw(st.lists(st.sampled_from(LEVERS), max_size=6, unique=True))
    levers = {}
    for name in names:
        low, high = lever_table()[name].bounds
        places = [None, Where(group="LDC")] if lever_table()[name].scope == "country" else [None]
        levers[name] = (
            Setting(
                value=draw(st.one_of(st.sampled_from([low, high]), st.floats(low, high))),
                where=draw(st.sampled_from(places)),
                **{"from": draw(st.integers(2014, END))},
            ),
        )
    return Scenario("drawn", {"en": "Drawn"}, levers=levers)


PARAMETERS = st.builds(within_bounds, SEEDS, st.booleans())


# ---------------------------------------------------------------------------------------------------- the laws


@dataclass
class Watch:
    """Holds a run to the laws, year by year."""

    model: SouthSouthModel
    limits: list[np.ndarray]
    """Projects that each country can provide at once, as countries were asked year by year."""
    known: set[tuple[float, ...]] = field(default_factory=set)
    """Projects that were there at the end of last year."""
    ended: set[tuple[float, ...]] = field(default_factory=set)
    most: np.ndarray = field(default_factory=lambda: np.ones(1))
    """The most that each country has offered over plan by now, at least one."""
    given: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """What each partner had by now, and what it has spent, millions."""
    spent: np.ndarray = field(default_factory=lambda: np.zeros(0))
    granted: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """What trust funds granted each country by now, and what its projects took of it, millions."""
    taken: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        self.known = set(rows(self.model.submodels["knowledge"].cooperation.active))
        self.given = np.zeros(
            len(self.model.submodels["knowledge"].cooperation.base.partners.names)
        )
        self.spent = self.given.copy()
        # The years before the first leave less than a year's grants.
        self.granted = self.model.submodels["knowledge"].cooperation.account.copy()
        self.taken = np.zeros_like(self.granted)

    def year(self) -> None:
        """Look at a year that was just simulated."""
        self.everything_is_within_its_range()
        self.ties_have_no_direction()
        self.a_project_is_begun_once_and_closed_once()
        begun = self.begun()
        self.nobody_gives_more_than_capacity(begun)
        self.partners_spend_their_money_once(begun)
        self.bodies_begin_what_they_plan(begun)
        self.funds_grant_and_spend_their_money_once(begun)
        self.only_reporters_report()

    def begun(self) -> Projects:
        cooperation = self.model.submodels["knowledge"].cooperation
        return cooperation.begun[-1]

    def everything_is_within_its_range(self) -> None:
        state = self.model.state
        for name in (
            "capability",
            "closing_capability",
            "cooperation_intensity",
            "cooperation_tie",
            "coordination",
            "evidence",
            "common_method",
        ):
            values = getattr(state, name)
            assert np.isfinite(values).all(), name
            assert values.min() >= 0.0, name
            assert values.max() <= 1.0, name
        for name in ("provider", "agency", "un_support", "reporting", "technology_exchange"):
            assert np.isin(getattr(state, name), (0.0, 1.0)).all(), name

    def ties_have_no_direction(self) -> None:
        tie = self.model.state.cooperation_tie
        assert np.array_equal(tie, tie.T)
        assert not np.diagonal(tie).any()

    def a_project_is_begun_once_and_closed_once(self) -> None:
        year, cooperation = self.model.year, self.model.submodels["knowledge"].cooperation
        closed, good = cooperation.closing(year), cooperation.succeeding(year)
        active = set(rows(cooperation.active))
        ended = set(rows(closed))
        for projects in (cooperation.active, closed):
            assert len(set(rows(projects))) == len(projects)
            assert (projects.start <= np.minimum(projects.end, year)).all()
            lasts = projects.end - projects.start - projects.suspended
            assert (lasts < flows.LONGEST_PROJECT).all()
            assert (lasts >= 0).all()
            assert (projects.provider != projects.receiver).all()
            assert ((projects.chance >= 0.0) & (projects.chance <= 1.0)).all()
        assert (cooperation.active.end > year).all()
        assert (closed.end == year).all()
        reached = closed.take(closed.luck < closed.chance)
        for one in fields(good):
            assert np.array_equal(getattr(good, one.name), getattr(reached, one.name)), one.name
        self.what_is_under_way_is_counted(cooperation.active.join(closed))
        # Either under way or closed; what was under way is now one of the two, and what has closed stays so.
        assert not active & ended
        assert not (active | ended) & self.ended
        assert self.known <= active | ended
        fresh = (active | ended) - self.known
        assert len(fresh) == len(self.begun())
        self.known, self.ended = active, self.ended | ended

    def what_is_under_way_is_counted(self, projects: Projects) -> None:
        load, state = self.model.submodels["knowledge"].cooperation.load, self.model.state
        shape = state.capability.shape
        goes_on = projects.provider[projects.end > self.model.year]
        assert np.array_equal(load.going_on, np.bincount(goes_on, minlength=shape[0]))
        # What is suspended keeps its place and does nothing.
        rests = projects.rested == self.model.year
        assert (projects.end > self.model.year)[rests].all()
        if not state.suspension.any():
            assert not rests.any()
        projects = projects.take(~rests)
        project, taker = projects.takers()
        assert np.array_equal(state.projects_received, np.bincount(taker, minlength=shape[0]))
        for side, who in (("provided", projects.provider), ("received", taker)):
            kinds = projects.modality if side == "provided" else projects.modality[project]
            for kind, modality in enumerate(flows.MODALITIES):
                counted = getattr(state, f"projects_{side}_{modality.replace(' ', '_')}")
                found = np.bincount(who[kinds == kind], minlength=shape[0])
                assert np.array_equal(counted, found)
        for counted, one, (project, country) in (
            (load.reaching, projects.luck < projects.chance, projects.takers()),
            (load.parties, projects.luck >= 0.0, projects.parties()),
        ):
            cell = (country * shape[1] + projects.domain[project])[one[project]]
            count = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
            assert np.array_equal(counted, count)

    def nobody_gives_more_than_capacity(self, begun: Projects) -> None:
        model, state = self.model, self.model.state
        count, limit = len(model.world.iso3), self.limits[-1]
        cooperation = model.submodels["knowledge"].cooperation
        under_way = cooperation.active.join(cooperation.closing(model.year))
        gives = np.bincount(under_way.provider, minlength=count)
        begins = np.bincount(begun.provider, minlength=count)
        # Capacity may fall: then what was promised goes on, and nothing is begun. Where more is offered than plan has
        # people for, policy brings them.
        self.most = np.maximum(self.most, state.cooperation_factor)
        more = self.most > 1.0
        assert (gives <= np.where(more, self.most * limit + 1.0, limit))[begins > 0].all()
        assert not begins[state.provider == 0].any()
        assert not begins[state.cooperation_factor == 0].any()

    def partners_spend_their_money_once(self, begun: Projects) -> None:
        model, state = self.model, self.model.state
        base = model.submodels["knowledge"].cooperation.base
        for i, partner in enumerate(base.files.of(Partner)):
            if partner.since > state.year:
                continue
            if partner.budget is None:
                # A bank's partner spends what the bank sets aside, whatever others are given.
                self.given[i] += 1e3 * state.bank_reverse_linkage[base.banks.index(partner.bank)]
            else:
                self.given[i] += 1e3 * partner.budget.at(state.year) * state.partner_budget[0]
        joined = begun.partner >= 0
        count = len(self.given)
        self.spent += np.bincount(begun.partner[joined], begun.third_cost[joined], count)
        # What the years before the first left over is less than a project of each.
        assert (self.spent <= self.given + base.partners.money + 1e-9).all()
        assert not begun.third_cost[~joined & (begun.body < 0)].any()
        assert (begun.third_cost <= begun.cost).all()
        # Nobody is the third party of its own project.
        helped = begun.helper >= 0
        for end in (begun.provider, begun.receiver):
            assert (begun.helper != end)[helped].all()

    def bodies_begin_what_they_plan(self, begun: Projects) -> None:
        base, state = self.model.submodels["knowledge"].cooperation.base, self.model.state
        regional = begun.take(begun.body >= 0)
        plan = base.parameters.regional_rate * base.regional.initiatives
        most = np.ceil(plan * max(1.0, float(state.cooperation_factor.max())) + 1e-9)
        number = np.zeros(most.shape)
        np.add.at(number, (regional.body, regional.domain), 1)
        assert (number <= most).all()
        assert (regional.third_cost == base.regional.money[regional.body]).all()
        members = regional.regional_members()
        assert (members.sum(axis=1) >= flows.SMALLEST_REGIONAL).all()
        assert not (members & ~base.regional.member[regional.body]).any()

    def funds_grant_and_spend_their_money_once(self, begun: Projects) -> None:
        state, base = self.model.state, self.model.submodels["institutions"].base
        money = sum(fund.grants.at(state.year) for fund in base.files.of(Fund))
        assert (state.fund_grant >= 0.0).all()
        assert state.fund_grant.sum() <= money * float(state.fund_factor[0]) * (1 + 1e-12)
        assert not state.fund_grant[~base.south].any()
        # What projects take from funds is never more than countries were granted so far.
        self.granted += 1e3 * state.fund_grant
        receives = begun.receiver >= 0
        np.add.at(self.taken, begun.receiver[receives], begun.fund_money[receives])
        assert not begun.fund_money[~receives].any()
        assert (self.taken <= self.granted + 1e-6).all()

    def only_reporters_report(self) -> None:
        model, state = self.model, self.model.state
        rules = measurement.MeasurementParameters.from_parameters(model.parameters)
        cover = measurement.coverage(state.common_method, rules)
        error = state.reporting_error
        ends = sorted((rules.report_error, rules.report_error_common_method))
        assert ((error >= ends[0] - 1e-12) & (error <= ends[1] + 1e-12)).all()
        luck = model.streams.normal("reports", state.year, len(model.world.iso3))
        for variable in Measurement.reported:
            true = getattr(state, variable.name.removeprefix("reported_"))
            seen = getattr(state, variable.name)
            assert not seen[state.reporting == 0].any(), variable.name
            assert not seen[true == 0].any(), variable.name
            if variable.unit == "0 or 1":
                assert np.array_equal(seen, true * state.reporting), variable.name
                continue
            # A country is wrong by one draw of the stated error, and alike in all it reports.
            both = seen > 0.0
            off = np.log(seen[both] / (cover * true)[both])
            stated = (error * luck - error**2 / 2.0)[both]
            assert np.allclose(off, stated, atol=1e-9), variable.name


def rows(projects: Projects) -> Iterator[tuple[float, ...]]:
    """Return what a project is known by: who, what, when, and its own luck."""
    return zip(
        projects.provider.tolist(),
        projects.receiver.tolist(),
        projects.body.tolist(),
        projects.domain.tolist(),
        projects.start.tolist(),
        (projects.end - projects.suspended).tolist(),
        projects.luck.tolist(),
        strict=True,
    )


def hold(
    scenario: Scenario,
    seed: int,
    parameters: Parameters,
    world: World | None = None,
    *,
    end: int = END,
    shocks: bool = False,
) -> SouthSouthModel:
    """Run to the end under the laws, and hold the books of all years to them; what strikes acts through every step."""
    limits: list[np.ndarray] = []

    class Noted(Country):
        @classmethod
        def offer(cls, state, limit):
            limits.append(limit.copy())
            return super().offer(state, limit)

    model = SouthSouthModel(
        scenario,
        seed=seed,
        end=end,
        parameters=parameters,
        world=world,
        off=() if shocks else SELDOM,
        keep="indicators",
        shocks=shocks,
        country_class=Noted,
    )
    watch = Watch(model, limits)
    while model.running:
        model.step()
        watch.year()
    projects, outcome = model.submodels["knowledge"].cooperation.all()
    cooperation = model.submodels["knowledge"].cooperation
    assert len(projects) == len(cooperation.active) + sum(
        len(cooperation.closing(year)) for year in range(OPENING, end + 1)
    )
    assert np.array_equal(outcome == flows.RUNNING, projects.end > end)
    assert (np.diff(projects.start) >= 0).all()
    what_is_on_record_was_reported_by_somebody(model, projects)
    return model


def what_is_on_record_was_reported_by_somebody(model: SouthSouthModel, projects: Projects) -> None:
    if not len(projects):
        return
    project, party = projects.parties()
    reports = model.submodels.of(Measurement).reports
    seen = reported_projects(reports, project, party, projects.start, projects.end, projects.luck)
    able = np.zeros(len(projects), dtype=bool)
    for year, part in reports.items():
        inside = (projects.start <= year) & (projects.end >= year)
        # Projects of the years before the first report are seen as in its year.
        inside |= (projects.end < 2013) & (year == 2013)
        able[project[inside[project] & (part[party] > 0.0)]] = True
    assert not (seen & ~able).any()


@settings(max_examples=10, phases=AS_FOUND)
@given(policies(), SEEDS, PARAMETERS)
def test_the_laws_hold_under_any_numbers_and_any_policy(scenario, seed, parameters) -> None:
    hold(scenario, seed, parameters)


@settings(max_examples=25, phases=AS_FOUND)
@given(SEEDS, policies(), SEEDS, PARAMETERS)
def test_the_laws_hold_in_worlds_of_any_size(world, scenario, seed, parameters) -> None:
    hold(scenario, seed, parameters, random_world(world))


OFTEN = {
    d.name: d.bounds[1]
    for d in default_parameters().definitions()
    if d.submodel == "shocks" and "_rate" in d.name
}
"""Rates at which every kind of shock strikes within a few years."""


@settings(max_examples=3, phases=AS_FOUND)
@given(policies(), SEEDS, PARAMETERS)
def test_the_laws_hold_under_shocks(scenario, seed, parameters) -> None:
    hold(scenario, seed, parameters.replace(OFTEN), end=2022, shocks=True)


@pytest.mark.slow
@settings(max_examples=40, phases=AS_FOUND)
@given(policies(), SEEDS, PARAMETERS, st.sampled_from([{}, OFTEN]))
def test_the_laws_hold_under_shocks_to_the_last_year(scenario, seed, parameters, often) -> None:
    hold(scenario, seed, parameters.replace(often), end=2034, shocks=True)


def test_shocks_reach_projects_whose_laws_are_looked_at() -> None:
    plain = Scenario("plain", {"en": "Plain"})
    model = hold(plain, 6, default_parameters().replace(OFTEN), end=2022, shocks=True)
    projects, _ = model.submodels["knowledge"].cooperation.all()
    assert projects.suspended.sum() > 100
    assert model.state.suspension.max() > 0.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_the_laws_hold_in_a_hundred_draws(seed: int) -> None:
    rng = np.random.default_rng(seed)
    levers = {}
    for name in rng.choice(LEVERS, 4, replace=False):
        low, high = lever_table()[name].bounds
        levers[str(name)] = (Setting(value=low + rng.random() * (high - low), **{"from": 2014}),)
    scenario = Scenario("drawn", {"en": "Drawn"}, levers=levers)
    hold(scenario, seed, within_bounds(seed, corners=seed % 3 == 0))


def test_the_laws_are_looked_at_with_projects_of_every_kind() -> None:
    """A law about nothing holds always."""
    model = hold(Scenario("plain", {"en": "Plain"}), 1, default_parameters())
    projects, outcome = model.submodels["knowledge"].cooperation.all()
    assert set(projects.modality) == set(range(len(flows.MODALITIES)))
    assert set(outcome) == {flows.RUNNING, flows.FAILED, flows.SUCCEEDED}
    assert model.state.fund_grant.sum() > 0.0
    assert 0.0 < model.state.reporting.mean() < 1.0
    assert model.state.reported_projects_provided.sum() > 0.0


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_providers_are_below_their_ceiling_in_whole_runs_before_2030(seed: int) -> None:
    """With what countries learn, which raises capacity and so both the ceiling and the rate."""
    model = SouthSouthModel(seed=seed, end=2029, keep="indicators")
    base = model.submodels["institutions"].base
    while model.running:
        model.step()
        state = model.state
        able = base.provider_reluctance < base.ceiling(state.cooperation_capacity)
        share, ceiling = (part[base.programme].mean() for part in (state.provider, able))
        assert share < ceiling - 0.01, model.year
        assert share < 0.95
