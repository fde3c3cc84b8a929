"""Step 6: needs meet offers of cooperation, projects run and close, receivers learn (¶19-32, 65-77, 83, 91)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np

from sscsim.counts import whole
from sscsim.flows import knowledge as flows
from sscsim.flows.knowledge import (
    Conditions,
    Contacts,
    Draws,
    KnowledgeParameters,
    Leaders,
    Likeness,
    Matches,
    Offers,
    Projects,
    Record,
    Requests,
    Support,
    Taught,
    ThirdParties,
    UnderWay,
    Willing,
)
from sscsim.means import mean_over
from sscsim.names import FIRST_YEAR
from sscsim.outcomes.interlinkages import default_channels
from sscsim.parameters import Parameters
from sscsim.results.tables import RowTable
from sscsim.steps.finance import Finance
from sscsim.steps.goals import Goals
from sscsim.steps.institutions import Institutions
from sscsim.steps.measurement import Measurement, reported_projects
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array, Index, Mask
from sscsim.world.capabilities import opening_capabilities
from sscsim.world.institutions import Body, InstitutionFiles, Partner, Provider
from sscsim.world.institutions.bodies import Bodies, bodies_in_common, lay_programmes
from sscsim.world.institutions.partners import Partners, PlannedMoney, lay_money, lay_partners
from sscsim.world.institutions.providers import lay_providers
from sscsim.world.state import DOMAINS, State, variable

__all__ = [
    "Cooperation",
    "Knowledge",
    "KnowledgeBase",
]


OPENING = 2006
"""Year from which projects are begun, under what holds in the base year, so that it opens with projects under way.

The first of the ten years that one reading of ¶91 speaks of."""

TECHNOLOGY = DOMAINS.index("science_technology_innovation")

_Rows = TypeVar("_Rows", bound=Taught)


@dataclass(frozen=True)
class KnowledgeBase:
    """What the years rest on; pairs are ``(receiver, provider)``.

    Attributes
    ----------
    parameters, files
        The table and the files of partners, bodies and funds.
    receivers
        Positions of the countries that may ask: the South.
    weights
        ``(domain, 17)``, Goals a domain serves.
    goal_shares
        ``(domain, 17)``, what part of its cooperation a domain hands to each of them.
    need_scale
        ``(domain,)``, makes the mean need of the South in the base year the same in every domain: scores of different
        Goals rest on different indicators and do not compare in level.
    priority
        ``(country, domain)``, lasting priorities, drawn once a seed.
    similarity, nearness, same_region
        ``(country, country)`` in [0, 1].
    bodies
        For each body its first year, how much it coordinates its members, in [0, 1], and who they are.
    partners
        Third parties.
    partner_shares
        ``(partner, country)``, what part of a partner's projects is with each country that it works with.
    regional
        Bodies with a programme.
    size
        Mean GDP of the South in the base year.
    known
        ``(country,)``, projects of a provider on record over what a country like it provides as a rule; one where
        nothing is on record.
    banks
        Codes of the banks, in the order of the axis ``bank``.
    of_bank
        ``(partner,)``, whether it spends the money of a bank.
    """

    parameters: KnowledgeParameters
    files: InstitutionFiles
    receivers: Index
    weights: Array
    goal_shares: Array
    need_scale: Array
    priority: Array
    similarity: Array
    nearness: Array
    bodies: tuple[tuple[int, float, Mask], ...]
    same_region: Array
    partners: Partners
    partner_shares: Array
    regional: Bodies
    size: float
    known: Array
    banks: tuple[str, ...]
    of_bank: Mask
    budget_response: float
    """Elasticity of what a country can provide to its government's means."""

    def partner_capacity(self, year: int, set_aside: Array) -> Array:
        """Return the projects that each partner's planned money pays for in a year, ``(partner,)``.

        Parameters
        ----------
        set_aside
            ``(bank,)``, bn USD that banks set aside for reverse linkage, the money of partners that name their bank.
        """
        return _planned_money(self.files, year, self.banks).projects(set_aside)


@lru_cache(maxsize=64)
def _planned_money(files: InstitutionFiles, year: int, banks: tuple[str, ...]) -> PlannedMoney:
    """Return what partners plan to spend in a year, laid out once for runs of the same files."""
    return lay_money(files.of(Partner), year, banks)


@dataclass
class Cooperation:
    """All cooperation projects of a run: those under way, and those that have closed."""

    base: KnowledgeBase
    load: UnderWay
    """What those under way make of countries, as the last year left it."""
    purse: Array
    """Projects that each partner has money left for from last year, less than one, ``(partner,)``."""
    account: Array
    """Millions of US dollars granted by trust funds and not yet used, ``(country,)``."""
    average_experience: float = 0.0
    """Mean over the South of the log of one and experience, as the base year opens."""
    usual_means: Array = field(default_factory=lambda: np.zeros(0))
    """``(country,)``, output in dollars of constant value that budgets have grown used to."""
    squeeze: Array = field(default_factory=lambda: np.zeros(0))
    """``(country,)`` in [0, 1], what is left this year of what plan would begin."""
    mean_limit: float = 0.0
    """Projects that a provider can run, mean of those who provide as the first year opens."""
    common: dict[tuple[bool, ...], tuple[Array, Array]] = field(default_factory=dict)
    """What `bodies` has found, by which of them are at work."""
    begun: list[Projects] = field(default_factory=list)
    """Projects by the year in which they begin; who suspends some puts others in their place."""
    year: int = OPENING - 1
    """Last year that was simulated."""

    def closing(self, year: int) -> Projects:
        """Return the projects that close with a year, in the order in which they began."""
        parts = [(one, (one.end == year).nonzero()[0]) for one in self._open(year)]
        return self._chosen(parts, Projects)

    def succeeding(self, year: int) -> Taught:
        """Return those of them that reach their aim, as far as is read of what they teach."""
        parts = [(one, flows.close_projects(one, year)[1].nonzero()[0]) for one in self._open(year)]
        return self._chosen(parts, Taught)

    def _chosen(self, parts: list[tuple[Projects, Index]], kind: type[_Rows]) -> _Rows:
        """Return rows of projects one after the other, none of none, with the columns of a kind."""
        some = [(one, rows) for one, rows in parts if len(rows)]
        return kind.chosen(some) if some else kind.empty(len(self.account))

    def _open(self, year: int) -> list[Projects]:
        """Return what began in the years up to one of which a project is still under way in it."""
        return [one for one in self.begun[: year - OPENING + 1] if one.last >= year]

    def running(self, year: int) -> tuple[Index, Array]:
        """Return who provides each project that goes on in a year, and what it offered when that began."""
        going = [(one, (one.end >= year).nonzero()[0]) for one in self._open(year)]
        nobody, nothing = np.zeros(0, dtype=np.intp), np.zeros(0)
        return (
            np.concatenate([nobody, *(one.provider.take(rows) for one, rows in going)]),
            np.concatenate([nothing, *(one.offered.take(rows) for one, rows in going)]),
        )

    def suspend(self, share: Array, key: int, year: int) -> None:
        """Let projects that were begun before a year rest in it, by the share of each country's.

        Parameters
        ----------
        share
            ``(country,)`` in [0, 1].
        key
            The year's, of the hash that gives each project its luck.
        year
            The year, whose own projects stand last among those begun.
        """
        resting = []
        for place, one in enumerate(self.begun[:-1]):
            if one.last < year:
                continue
            rows = (
                (one.end >= year) & (flows.project_luck(one, key) < flows.stopped(one, share))
            ).nonzero()[0]
            if len(rows):
                self.begun[place] = one.resting(rows, year)
                resting.append((self.begun[place], rows))
        if resting:
            self.load = self.load.suspending(Projects.chosen(resting), year)

    @property
    def active(self) -> Projects:
        """Projects that go on after the last year, in the order in which they began."""
        parts = [(one, (one.end > self.year).nonzero()[0]) for one in self._open(self.year)]
        return self._chosen(parts, Projects)

    def bodies(self, year: int) -> tuple[Array, Array]:
        """Return what the bodies at work are to each pair, ``(country, country)``.

        How much the strongest coordinates it, in [0, 1], and with its region what makes the two known to each other.
        """
        at_work = tuple(since <= year for since, *_ in self.base.bodies)
        if at_work not in self.common:
            strongest = np.zeros_like(self.base.similarity)
            for (_, part, member), on in zip(self.base.bodies, at_work, strict=True):
                if on:
                    np.maximum(strongest, part * np.outer(member, member), out=strongest)
            known = flows.standing_contacts(strongest, self.base.same_region, self.base.parameters)
            self.common[at_work] = strongest, known
        return self.common[at_work]

    def all(self) -> tuple[Projects, Index]:
        """Return every project and its outcome, see `all_projects`."""
        return all_projects(self.begun, self.year)


def all_projects(begun: Sequence[Projects], year: int) -> tuple[Projects, Index]:
    """Return every project that has begun by a year, and its outcome: running, failed or succeeded.

    They stand in the order of their first years, of one year those that go on before those that have closed, and these
    by the year of it.

    Parameters
    ----------
    begun
        At least one, by the year in which they begin.
    year
        Last year that was simulated.
    """
    projects = begun[0].join(*begun[1:])
    running = projects.end > year
    closed = np.where(running, 0, projects.end)
    order = np.lexsort((closed, projects.start))
    good = np.where(projects.luck < projects.chance, flows.SUCCEEDED, flows.FAILED)
    outcome = np.where(running, flows.RUNNING, good).astype(np.intp)
    return projects.take(order), outcome[order]


STATES = ("running", "suspended", "failed", "succeeded")
"""A project has one of them in the last year of a run."""

OUTCOMES = ("failed", "succeeded")

REPORTED = ("no", "yes")
"""Whether a party has had the project in a report."""

DEFINITIONS = ("Ibero-American", "both")
"""By which definition a project is triangular: a Southern facilitator counts by the Ibero-American one alone (¶115)."""


MILLIONS_IN_A_BILLION = 1000.0


def _of_modality(side: str, modality: str) -> str:
    """Return the name of the variable that counts the projects of a modality: ``projects_provided_triangular``."""
    return f"projects_{side}_{modality.replace(' ', '_')}"


_BY_MODALITY = {
    side: tuple(_of_modality(side, modality) for modality in flows.MODALITIES)
    for side in ("provided", "received")
}


class Knowledge(Submodel):
    """Cooperation projects: who asks whom, who joins, what is learned."""

    name = "knowledge"
    title = "needs meet offers of cooperation, projects teach"
    needs = (Goals, Finance, Institutions, Measurement)
    variables = (
        variable(
            "capability",
            "country domain",
            "0 to 1",
            "Capability: general factor and deviation of the domain",
        ),
        variable(
            "capability_growth",
            "country domain",
            "0 to 1",
            "What cooperation taught that came into use last year",
        ),
        variable(
            "capability_use",
            "country domain",
            "0 to 1",
            "What cooperation taught that comes into use in the year",
        ),
        variable(
            "productive_learning",
            "country",
            "0 to 1",
            "General capability that comes into use in the year, less what adjusting to it takes for a time",
        ),
        variable(
            "technology_adjusting", "country", "0 to 1", "Technology learned that is not yet in use"
        ),
        variable(
            "closing_capability", "country domain", "0 to 1", "Capability handed to next year"
        ),
        variable(
            "cooperation_tie",
            "origin destination",
            "0 to 1",
            "Tie of past joint projects, symmetric",
        ),
        variable(
            "cooperation_intensity",
            "country goal",
            "0 to 1",
            "Intensity of cooperation received, by the Goals it serves",
        ),
        variable("practices", "domain", "practices", "Documented practices of cooperation"),
        variable(
            "projects_provided",
            "country",
            "projects",
            "Cooperation projects under way that the country provides",
        ),
        variable(
            "projects_received",
            "country",
            "projects",
            "Cooperation projects under way that the country learns in",
        ),
        *(
            variable(
                _of_modality(side, modality),
                "country",
                "projects",
                f"Of the projects under way that it {does}, those that are {modality}",
            )
            for side, does in (("provided", "provides"), ("received", "learns in"))
            for modality in flows.MODALITIES
        ),
        variable(
            "cooperation_cost",
            "country",
            "bn USD",
            "Cost, whole and whoever pays, of the projects that begin in the year and that it provides",
        ),
        variable(
            "experience",
            "country",
            "projects",
            "Successful projects it learned in, as far as those who took part are still in office",
        ),
        variable(
            "technology_exchange",
            "country",
            "0 or 1",
            "Whether it is party to a project in science, technology and innovation in the year",
        ),
    )
    policy = (
        variable(
            "platform_reach",
            "country",
            "0 to 1",
            "Reach of the platform of offers and needs, added by policy",
        ),
        variable(
            "catalogue",
            "country",
            "0 to 1",
            "Part of its capacities in a catalogue that others search, by policy",
        ),
        variable(
            "technology_bank",
            "country",
            "0 to 1",
            "Service of a technology bank to the country, by policy",
        ),
        variable(
            "practice_publication",
            "world",
            "ratio",
            "Part of successes written up as practices, relative to plan",
            neutral=1.0,
        ),
        variable(
            "partner_budget",
            "world",
            "ratio",
            "Money of triangular partners relative to plan",
            neutral=1.0,
        ),
        variable(
            "third_party_cost",
            "world",
            "ratio",
            "Cost of a third party to a project relative to plan",
            neutral=1.0,
        ),
        variable(
            "frontier_effort",
            "world",
            "ratio",
            "Spread of frontier technology by cooperation relative to plan",
            neutral=1.0,
        ),
        variable(
            "cooperation_factor",
            "country",
            "ratio",
            "Requests for and offers of cooperation relative to plan",
            neutral=1.0,
        ),
        variable(
            "suspension",
            "country",
            "0 to 1",
            "Part of the projects under way that is suspended in the year: no work, no money, no success",
        ),
    )
    turns = ("capability", "capability_growth")
    reads = (
        "gdp",
        "gdp_current",
        "goals",
        "capability",
        "cooperation_tie",
        "cooperation_capacity",
        "provider",
        "un_support",
        "coordination",
        "supply_factor",
        "public_means",
        "supply_cost",
        "fragmentation",
        "transaction_cost",
        "fund_grant",
        "fund_requests",
        "evidence",
        "practices",
        "centres",
        "bank_reverse_linkage",
        "technology_adjusting",
        "experience",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.given = given
        self.goals = others.of(Goals)
        self.institutions = others.of(Institutions)
        self.measurement = others.of(Measurement)
        self.banking = others.of(Finance).banking
        self.base: KnowledgeBase
        self.cooperation: Cooperation

    def fill(self, state: State, given: Given) -> None:
        """Set the capabilities of the base year."""
        state.capability = opening_capabilities(given.world).values
        state.closing_capability = state.capability

    def open(self, now: Year) -> None:
        """Prepare what the years rest on, and let the years before the base year fill it with projects and ties.

        They run under what holds in the base year and leave projects and ties behind; what was learned in them is in
        the capabilities that the base year's data show.
        """
        self.base = _base(
            now, self.given.parameters, self.institutions, now.state.goals, self.banking.base.codes
        )
        self.cooperation = Cooperation(
            self.base,
            UnderWay.none(len(now.world.iso3), len(DOMAINS)),
            purse=np.zeros(len(self.base.partners.names)),
            account=np.zeros(len(now.world.iso3)),
        )
        if self.name not in now.plan:
            return
        state = now.state
        turnover = self.institutions.parameters.training_turnover
        for year in range(OPENING, FIRST_YEAR):
            succeeded = self._year(now, year)
            state.cooperation_tie = flows.tie_step(
                state.cooperation_tie, succeeded, self.base.parameters
            )
            state.experience = flows.experience_step(state.experience, succeeded, turnover)

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes: what bodies are to pairs, and projects that have begun."""
        return (*super().fixed(), *self.cooperation.common.values(), *self.cooperation.begun)

    def turn(self, now: Year) -> None:
        """Let what was learned last year come into use."""
        now.state.capability_growth = now.last.capability_use.copy()
        now.state.capability = now.last.closing_capability.copy()

    def run(self, now: Year) -> None:
        """Match requests with providers, run projects, and let those that succeed teach."""
        state, rules = now.state, self.base.parameters
        succeeded = self._year(now, now.year)
        self._learn(now, succeeded)
        state.experience = flows.experience_step(
            state.experience, succeeded, self.institutions.parameters.training_turnover
        )
        state.cooperation_tie = flows.tie_step(state.cooperation_tie, succeeded, rules)
        state.practices = flows.practices_step(
            state.practices, succeeded, now.agents.united_nations.publish(state), rules
        )
        self._count(now)

    def _learn(self, now: Year, succeeded: Taught) -> None:
        """Let receivers learn from what succeeded; technology takes time to come into use."""
        state, rules = now.state, self.base.parameters
        pace = np.ones(len(DOMAINS))
        pace[TECHNOLOGY] = state.frontier_effort[0]
        # What waits to come into use is known already and not learned a second time.
        known = state.capability.copy()
        known[:, TECHNOLOGY] = np.minimum(known[:, TECHNOLOGY] + state.technology_adjusting, 1.0)
        use = flows.learn(succeeded, known, pace, rules)
        # What is learned has to be fitted in; what is lost, by a rate below zero, is lost at once.
        learned = use[:, TECHNOLOGY].copy()
        fitted, waiting, taken = flows.adjust(
            np.maximum(learned, 0.0), state.technology_adjusting, rules
        )
        use[:, TECHNOLOGY] = fitted + np.minimum(learned, 0.0)
        position = state.capability.copy()
        position[:, TECHNOLOGY] = flows.fall_behind(position[:, TECHNOLOGY], rules)
        state.closing_capability = np.minimum(position + use, 1.0)
        state.capability_use = use
        state.productive_learning = np.add.reduce(use, axis=1) / len(DOMAINS) - taken / len(DOMAINS)
        state.technology_adjusting = waiting

    def _count(self, now: Year) -> None:
        """Count the year's projects by who provides, who learns, and what they are for."""
        state, load = now.state, self.cooperation.load
        state.cooperation_intensity = flows.cooperation_intensity(
            load.reaching, self.base.goal_shares, self.base.parameters
        )
        provided, received = load.provided, load.received
        for side, counted in (("provided", provided), ("received", received)):
            by_modality = counted.T.astype(float, order="C")
            setattr(state, f"projects_{side}", np.add.reduce(by_modality))
            for name, of_one in zip(_BY_MODALITY[side], by_modality, strict=True):
                setattr(state, name, of_one)
        begun = self.cooperation.begun[-1]
        cost = np.bincount(begun.provider, begun.cost, minlength=len(provided))
        state.cooperation_cost = cost / MILLIONS_IN_A_BILLION
        state.technology_exchange = (load.parties[:, TECHNOLOGY] > 0).astype(float)

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return all cooperation projects of the run, in the order of their first years; laid out when asked for."""
        if self.name not in now.plan:
            return {}
        # Years to come put others into these lists.
        begun, reports = list(self.cooperation.begun), dict(self.measurement.reports)
        base, iso3, year = self.base, now.world.iso3, self.cooperation.year
        return {
            "projects": RowTable.later(
                "projects", lambda: _project_table(base, iso3, begun, reports, year)
            )
        }

    def _year(self, now: Year, year: int) -> Taught:
        """Begin and close the projects of a year; return those that close with it and succeed."""
        state, base, cooperation = now.state, self.base, self.cooperation
        draws = _draws(now, base, year)
        means = state.gdp_current / now.prices(max(year, FIRST_YEAR))
        if not len(cooperation.usual_means):
            cooperation.usual_means = means
        cooperation.squeeze, cooperation.usual_means = flows.budget_squeeze(
            means, cooperation.usual_means, base.parameters
        )
        conditions = Conditions(
            state.fragmentation,
            state.coordination,
            state.evidence,
            state.supply_cost,
            now.prices(max(year, FIRST_YEAR)),
            self._factor(state),
        )
        asked = self._asked(now, draws, cooperation.bodies(year)[0])
        size, room = self._capacity(now, year)
        # Bodies plan ahead: their projects take the people they need before countries ask one another.
        asking = np.zeros((len(room), len(DOMAINS)), dtype=bool)
        asking[base.receivers] = asked.at_plan
        regional = flows.regional_projects(
            Willing(asking, self._factor(state), state.cooperation_capacity),
            Leaders(size, room),
            state.capability,
            base.similarity,
            base.regional.at_work(year),
            year,
            draws,
            conditions,
            base.parameters,
        )
        room = room - np.bincount(regional.provider, minlength=len(room))
        matched = self._matched(now, year, asked.requests, size, room, draws)
        grant = self._settle_grants(asked, matched)
        begun = regional
        lives = _lives(now, base, year)
        if len(matched):
            begun = flows.carry_on(
                matched, grant, year, lives, base.partners, conditions, base.parameters
            ).join(regional)
        cooperation.begun.append(begun)
        cooperation.load = cooperation.load.after(begun, year)
        if state.suspension.any():
            cooperation.suspend(state.suspension, _key(now, "suspension", year), year)
        cooperation.year = year
        return cooperation.succeeding(year)

    def _factor(self, state: State) -> Array:
        """Return cooperation over plan, by policy and by what budgets allow, ``(country,)``."""
        return np.asarray(state.cooperation_factor * self.cooperation.squeeze)

    def _asked(self, now: Year, draws: Draws, bodies: Array) -> _Asked:
        """Let countries ask: by their own need and capacity, and where trust funds pay."""
        state, base = now.state, self.base
        need = flows.needs(state.goals, base.weights) * base.need_scale
        service = np.zeros_like(need)
        service[:, TECHNOLOGY] = state.technology_bank
        factor = self._factor(state)
        expected = now.agents.country.ask(
            state,
            flows.request_mean(
                need,
                state.cooperation_capacity,
                factor,
                service,
                np.diagonal(bodies),
                base.priority,
                base.parameters,
            ),
        )
        expected = expected[base.receivers]
        own = flows.poisson(draws.count, expected, flows.LARGEST_COUNT)
        # Bodies scale their programmes by themselves: whom they ask is who would ask at plan.
        plan = np.where(factor > 0.0, 1.0 / np.where(factor > 0.0, factor, 1.0), 0.0)
        at_plan = flows.poisson_any(draws.count, expected * plan[base.receivers, None])
        granted = 1e3 * state.fund_grant
        account = self.cooperation.account + granted
        price = flows.grant_size(granted, state.fund_requests)
        funded = flows.funded_requests(
            np.minimum(factor, 1.0) * account,
            price,
            state.fund_requests * need,
            draws.funded,
        )[base.receivers]
        funded = np.minimum(funded, flows.LARGEST_COUNT - own)
        requests = Requests(base.receivers, own + funded)
        return _Asked(requests, own, at_plan | (funded > 0), granted, account, price)

    def _capacity(self, now: Year, year: int) -> tuple[Array, Index]:
        """Return log size of each as a provider, and the projects it can begin, ``(country,)`` each.

        Size is what it can run, whatever policy lets begin.
        """
        state, base, cooperation = now.state, self.base, self.cooperation
        limit = now.agents.country.offer(
            state,
            flows.provider_limit(
                state.provider,
                state.cooperation_capacity,
                state.gdp / base.size,
                state.supply_factor * state.public_means**base.budget_response,
                state.centres.sum(axis=1),
                base.known,
                base.parameters,
            ).astype(float),
        )
        limit = whole(limit, "projects that a country can provide").astype(float)
        room = flows.provider_room(
            limit,
            cooperation.running(year),
            self._factor(state),
            now.luck.uniform("knowledge offers", year, limit.shape),
        )
        if cooperation.mean_limit == 0.0:
            cooperation.mean_limit = mean_over(limit, limit > 0, empty=1.0)
        return flows.log_size(limit, cooperation.mean_limit), room

    def _partners_ready(self, now: Year, year: int) -> tuple[Array, Array]:
        """Return the projects that partners are ready to join, and those that their planned money pays for."""
        state, base = now.state, self.base
        paid_for = base.partner_capacity(year, state.bank_reverse_linkage)
        planned = now.agents.partner.join(state, paid_for)
        # Who spends a bank's money cannot join more than the bank has set aside, whatever partners are given.
        planned = np.where(base.of_bank, np.minimum(planned, paid_for), planned)
        # A country that cooperates less joins fewer projects of others; to cooperate more brings it no money as a
        # partner.
        helper = base.partners.country
        planned *= np.where(helper >= 0, np.minimum(state.cooperation_factor[helper], 1.0), 1.0)
        # What a year's money leaves short of a project is not lost, nor is any of it spent twice.
        return np.where(planned > 0.0, planned + self.cooperation.purse, 0.0), paid_for

    def _matched(
        self, now: Year, year: int, requests: Requests, size: Array, room: Index, draws: Draws
    ) -> Matches:
        """Let requests find providers and third parties, and partners keep what they have not spent."""
        state, base = now.state, self.base
        planned, paid_for = self._partners_ready(now, year)
        offering = (room > 0).nonzero()[0]
        if not len(offering) or not np.count_nonzero(requests.counts):
            # Whom one would see nobody needs to know.
            self.cooperation.purse = planned % 1.0
            return Matches.none()
        presence = planned @ base.partner_shares
        sight = flows.visibility_hazard(
            Contacts(state.cooperation_tie, self.cooperation.bodies(year)[1]),
            Support(state.un_support, now.agents.united_nations.open_platform(state), presence),
            Record(
                state.evidence,
                state.practices,
                state.cooperation_capacity / self.institutions.base.average_capacity,
                state.catalogue,
                state.centres,
            ),
            base.parameters,
        )
        usual = mean_over(paid_for, paid_for > 0, empty=1.0)
        matched = flows.match(
            requests,
            Offers(offering, room[offering], size[offering]),
            state.capability,
            Likeness(base.similarity, state.cooperation_tie, base.nearness),
            sight,
            base.parameters.arranging_cost * state.transaction_cost,
            ThirdParties(
                base.partners,
                planned,
                flows.log_size(planned, usual),
                float(state.third_party_cost[0]),
            ),
            draws,
            base.parameters,
        )
        joined = matched.partner[matched.partner >= 0]
        spent = np.bincount(joined, minlength=len(planned))
        self.cooperation.purse = np.minimum(planned - spent, planned % 1.0)
        return matched

    def _settle_grants(self, asked: _Asked, matched: Matches) -> Array:
        """Return what trust funds pay of each match; what is left over goes to the next year, or back."""
        # Requests that funds pay for stand behind a country's own.
        own = asked.own.take(matched.row * asked.own.shape[1] + matched.domain)
        grant = np.where(matched.slot >= own, asked.price.take(matched.receiver), 0.0)
        account = asked.account - np.bincount(matched.receiver, grant, len(asked.account))
        # What is left goes over to the next year as far as a year's grants or a project, and the rest back to the
        # funds.
        self.cooperation.account = np.minimum(account, np.maximum(asked.granted, asked.price))
        return grant


def _project_table(
    base: KnowledgeBase,
    iso3: tuple[str, ...],
    begun: Sequence[Projects],
    reports: Mapping[int, Array],
    year: int,
) -> RowTable:
    """Lay out the table of projects that have begun by a year."""
    projects, outcome = all_projects(begun, year)
    third = projects.partner >= 0
    parties = np.full(len(projects), -1)
    regional = (projects.receiver < 0).nonzero()[0]
    lists: dict[str, int] = {}
    line, country = np.nonzero(projects.regional_members())
    ends = np.searchsorted(line, np.arange(len(regional)), side="right").tolist()
    codes = [iso3[i] for i in country.tolist()]
    for row, (first, last) in zip(regional, pairwise([0, *ends]), strict=True):
        parties[row] = lists.setdefault(" ".join(codes[first:last]), len(lists))
    definition = np.full(len(projects), -1)
    definition[third] = np.where(base.partners.southern[projects.partner[third]], 0, 1)
    positions = {
        "provider": projects.provider,
        "receiver": projects.receiver,
        "partner": projects.partner,
        "facilitator": projects.helper,
        "triangular": definition,
        "body": projects.body,
        "parties": parties,
        "domain": projects.domain,
        "modality": projects.modality,
        "start": projects.start,
        "end": projects.end,
        "suspended_years": projects.suspended,
        "state": np.where(outcome != flows.RUNNING, outcome + 2, projects.rested == year),
        "outcome": outcome,
        "reported": reported_projects(
            reports, *projects.parties(), projects.start, projects.end, projects.luck
        ),
    }
    return RowTable(
        "projects",
        {name: values.astype(np.int64) for name, values in positions.items()}
        | {
            "cost": projects.cost,
            "third_party_cost": projects.third_cost,
            "fund_money": projects.fund_money,
            "success_probability": projects.chance,
        },
        {
            "provider": iso3,
            "receiver": iso3,
            "partner": base.partners.names,
            "facilitator": iso3,
            "triangular": DEFINITIONS,
            "body": base.regional.names,
            "parties": tuple(lists),
            "domain": DOMAINS,
            "modality": flows.MODALITIES,
            "state": STATES,
            "outcome": OUTCOMES,
            "reported": REPORTED,
        },
    )


@dataclass(frozen=True)
class _Asked:
    """A year's requests, and the money of trust funds behind some of them, ``(country,)`` where not said otherwise."""

    requests: Requests
    own: Index
    """``(receiver, domain)``, requests that no fund pays for."""
    at_plan: Mask
    """``(receiver, domain)``, whether there would be any at plan."""
    granted: Array
    """Millions of US dollars of the year."""
    account: Array
    """The same and what was left of the years before."""
    price: Array
    """Of an average grant."""


def _key(now: Year, name: str, year: int) -> int:
    """Return the key of a year's hash."""
    return int(now.luck.uniform(f"knowledge {name}", year, (1,))[0] * 2**53)


def _draws(now: Year, base: KnowledgeBase, year: int) -> Draws:
    receivers, countries, bodies = len(base.receivers), len(now.world.iso3), base.regional.names
    return now.luck.once(
        ("knowledge", receivers, countries, bodies),
        year,
        lambda luck: flows.draw_year(
            lambda name, shape: luck.uniform(f"knowledge {name}", year, shape),
            receivers,
            len(DOMAINS),
            countries,
            bodies,
        ),
    )


def _lives(now: Year, base: KnowledgeBase, year: int) -> Array:
    """Return the year's luck of what requests become, drawn whether or not one is met: luck depends on nothing."""
    return flows.draw_lives(
        lambda name, shape: now.luck.uniform(f"knowledge {name}", year, shape),
        len(base.receivers),
        len(DOMAINS),
    )


def _base(
    now: Year,
    parameters: Parameters,
    institutions: Institutions,
    scores: Array,
    codes: tuple[str, ...],
) -> KnowledgeBase:
    world = now.world
    rules = KnowledgeParameters.from_parameters(parameters)
    files = institutions.files
    south = institutions.base.south
    regions = world.attributes["report_region"]
    income = np.log(world.base["gdp_constant_2015_busd"] / world.base["population_m"])
    kind = world.membership("LLDC").astype(np.intp) + 2 * world.membership("SIDS").astype(np.intp)
    same_region = (regions[:, None] == regions[None, :]).astype(float)
    weights = default_channels().domain_weights
    size = float(world.base["gdp_constant_2015_busd"][south].mean())
    partners = lay_partners(files.of(Partner), world)
    provided = lay_providers(files.of(Provider), world)
    usual = flows.usual_offer(now.state.cooperation_capacity, now.state.gdp / size, rules)
    known = np.divide(provided, usual, out=np.ones(len(usual)), where=(provided > 0) & (usual > 0))
    return KnowledgeBase(
        parameters=rules,
        files=files,
        receivers=south.nonzero()[0],
        weights=weights,
        goal_shares=flows.goal_shares(weights),
        need_scale=flows.need_scale(flows.needs(scores, weights)[south].mean(axis=0)),
        priority=flows.priority(
            now.luck.uniform("knowledge priority", FIRST_YEAR, (len(world.iso3), len(DOMAINS))),
            rules.request_dispersion,
        ),
        similarity=flows.similarity(
            income,
            world.attributes["latitude"],
            world.common_language.astype(float),
            same_region,
            kind,
            rules,
        ),
        nearness=np.exp(-world.distance / rules.nearness_scale),
        bodies=bodies_in_common(files.of(Body), world, rules.body_reference),
        same_region=same_region,
        partners=partners,
        partner_shares=partners.focus / np.maximum(partners.focus.sum(axis=1), 1.0)[:, None],
        regional=lay_programmes(files.of(Body), world, south),
        size=size,
        known=known,
        banks=codes,
        of_bank=np.array([partner.bank is not None for partner in files.of(Partner)], dtype=bool),
        budget_response=parameters["budget_response"],
    )
