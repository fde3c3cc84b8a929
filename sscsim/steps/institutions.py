"""Step 2: agreements enter into force; who provides, founds agencies, is supported, trains, coordinates, reports."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import institutions as flows
from sscsim.flows.institutions import InstitutionParameters
from sscsim.means import over_mean
from sscsim.names import FIRST_YEAR
from sscsim.steps.agreements import agreements_by_year
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array, Mask
from sscsim.world.institutions import Body, Centre, Fund, InstitutionFiles, Partner, Provider
from sscsim.world.institutions.bodies import (
    coordination_by_bodies,
    reports_at_opening,
    reports_by_bodies,
    support_decided,
    training_years,
)
from sscsim.world.institutions.centres import lay_centres
from sscsim.world.institutions.funds import Funds, lay_funds
from sscsim.world.institutions.laying import kept_by_world
from sscsim.world.state import State, variable
from sscsim.world.tables import World

__all__ = ["Institutions", "InstitutionsBase", "OfYear", "of_year"]


@dataclass(frozen=True)
class OfYear:
    """What files say of a year, laid over countries.

    Attributes
    ----------
    coordination
        ``(country,)``, part of actors that bodies bring under coordination.
    reporting, method
        ``(country,)``, rate at which bodies bring members to report, and part of the way to a common method.
    support_decided
        Whether a decision of the United Nations on its support is at work.
    partners
        Triangular partners at work.
    centres
        ``(country, domain)``, centres of excellence by what they teach.
    grants
        ``(fund,)``, bn USD that trust funds grant.
    """

    coordination: Array
    reporting: Array
    method: Array
    support_decided: bool
    partners: int
    centres: Array
    grants: Array


@kept_by_world
def _years(files: InstitutionFiles, world: World) -> dict[int, OfYear]:
    """Return the years that were laid; none yet."""
    return {}


def of_year(files: InstitutionFiles, world: World, year: int) -> OfYear:
    """Return what files say of a year; its arrays cannot be written into."""
    south, _ = _groups(world)
    bodies = files.of(Body)
    reporting, method = reports_by_bodies(bodies, world, year, south)
    coordination = coordination_by_bodies(bodies, world, year, south)
    centres = lay_centres(files.of(Centre), world, year)
    grants = np.array([fund.grants.at(year) for fund in files.of(Fund)])
    for array in (coordination, reporting, method, centres, grants):
        array.flags.writeable = False
    return OfYear(
        coordination,
        reporting,
        method,
        support_decided(bodies, year),
        sum(partner.since <= year for partner in files.of(Partner)),
        centres,
        grants,
    )


@dataclass(frozen=True)
class InstitutionsBase:
    """What the institutions of a run rest on; arrays of shape ``(country,)`` unless said otherwise."""

    parameters: InstitutionParameters
    files: InstitutionFiles
    south: Mask
    """Who cooperates as a country of the South: UN programme countries, UNCTAD's South of 2014 and BRICS."""
    programme: Mask
    """UN programme countries, of whom the report's shares speak."""
    region: NDArray[np.intp]
    own_capacity: Array
    opening_capability: Array
    """Mean over domains in the base year."""
    leading_domain: NDArray[np.intp]
    """Position of the domain in which each is furthest ahead of the South in the base year."""
    opening_capacity: Array
    opening_ceiling: Array
    """The chance that each would ever provide, at its opening capacity."""
    average_capacity: float
    """Of the South in the base year, which relative capacity is measured from."""
    average_log_income: float
    average_peers: float
    provider_reluctance: Array
    un_reluctance: Array
    funds: Funds
    training_year: NDArray[np.int64]
    """Year of the recorded training, 0 where there was none."""
    actors: float
    """Uncoordinated actors that a country of the South dealt with in the base year, on average."""
    cost: float
    """Average cost of arranging a project in the base year, before it is set to one."""

    def ceiling(self, capacity: Array) -> Array:
        """Return the chance that each country would ever provide, at a capacity."""
        return flows.capacity_ceiling(
            self.opening_ceiling,
            self.parameters.provider_capacity_slope,
            capacity,
            self.opening_capacity,
        )


class Institutions(Submodel):
    """Institutions of cooperation and the United Nations' support for them, agreements, trust funds."""

    name = "institutions"
    title = "agreements enter into force, countries provide, coordinate and report"
    variables = (
        variable(
            "agreement",
            "origin destination",
            "0 to 1",
            "Free trade agreement or customs union, as far as phased in",
        ),
        variable(
            "cooperation_capacity",
            "country",
            "0 to 1",
            "Capacity to manage cooperation: people, procedures, an agency",
        ),
        variable("provider", "country", "0 or 1", "Whether it provides cooperation"),
        variable(
            "agency",
            "country",
            "0 or 1",
            "Whether it has an agency or unit for South-South cooperation",
        ),
        variable(
            "coordination",
            "country",
            "0 to 1",
            "Part of the actors it deals with that work under coordination",
        ),
        variable(
            "trained",
            "country",
            "0 or 1",
            "Whether its managers ever took part in the training on cooperation",
        ),
        variable(
            "training",
            "country",
            "0 to 1",
            "What of that training is still in office after staff turnover",
        ),
        variable(
            "un_support",
            "country",
            "0 or 1",
            "Whether the United Nations supports its South-South cooperation",
        ),
        variable(
            "other_actors",
            "country",
            "0 to 1",
            "Presence of subnational, civil and private actors in cooperation",
        ),
        variable(
            "supply_factor",
            "country",
            "ratio",
            "Supply of cooperation by all actors over that of the State alone",
            neutral=1.0,
        ),
        variable(
            "supply_cost",
            "country",
            "ratio",
            "Cost of a project, other actors included, over that of the State's own",
            neutral=1.0,
        ),
        variable(
            "fragmentation",
            "country",
            "ratio",
            "Uncoordinated actors dealt with, relative to the base year's average",
            neutral=1.0,
        ),
        variable(
            "transaction_cost",
            "country",
            "ratio",
            "Cost of arranging a project relative to the base year's average",
            neutral=1.0,
        ),
        variable("fund_grant", "country", "bn USD", "Granted by trust funds in the year"),
        variable(
            "fund_requests",
            "country domain",
            "projects",
            "Projects a year that these grants pay for, by what funds are for",
        ),
        variable(
            "centres",
            "country domain",
            "centres",
            "Centres of excellence at work, by what they teach",
        ),
        variable("reporting", "country", "0 or 1", "Whether it reports on its cooperation"),
    )
    policy = (
        variable(
            "centre_policy",
            "country",
            "centres",
            "Centres of excellence that policy has added in the country",
        ),
        variable(
            "agency_policy",
            "country",
            "1/year",
            "Rate at which policy founds agencies where there is none",
        ),
        variable(
            "training_places",
            "world",
            "countries",
            "Countries whose managers policy trains in the year, beyond the record",
        ),
        variable(
            "coordination_policy",
            "country",
            "0 to 1",
            "Part of uncoordinated actors that policy brings under coordination",
        ),
        variable(
            "reporting_policy",
            "country",
            "1/year",
            "Rate at which policy brings countries to report",
        ),
        variable(
            "fund_factor", "world", "ratio", "Money of trust funds relative to plan", neutral=1.0
        ),
        variable(
            "un_support_factor",
            "country",
            "ratio",
            "Spread of United Nations support relative to plan",
            neutral=1.0,
        ),
        variable(
            "actor_policy",
            "country",
            "0 to 1",
            "Presence of other actors in cooperation added by policy",
        ),
    )
    reads = (
        "supply_factor",
        "fragmentation",
        "agreement",
        "gdp",
        "population",
        "capability",
        "cooperation_capacity",
        "provider",
        "agency",
        "coordination",
        "trained",
        "training",
        "un_support",
        "other_actors",
        "reporting",
        "experience",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.parameters = InstitutionParameters.from_parameters(given.parameters)
        self.files = given.files
        self.years = _years(given.files, given.world)
        self.agreements = agreements_by_year(given.world)
        self.agreement_step = 1.0 / given.parameters["agreement_phase_in"]
        self.method_opening = given.parameters["method_opening"]
        self.base: InstitutionsBase

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes, agreements in force among it."""
        return (*super().fixed(), self.years, self.agreements)

    def of_year(self, now: Year) -> OfYear:
        """Return what files say of the year; kept as long as the world."""
        if now.year not in self.years:
            self.years[now.year] = of_year(self.files, now.world, now.year)
        return self.years[now.year]

    def fill(self, state: State, given: Given) -> None:
        """Set the agreements in force in the base year."""
        state.agreement = self.agreements[given.year]

    def open(self, now: Year) -> None:
        """Fill the opening state of institutions and reporting, and prepare what the years rest on.

        Which countries provided, were supported or had an agency in 2013 is nowhere printed: shares are parameters, and
        who makes them up is drawn with the odds that capacity gives, once a seed. Southern partners that have a file
        are known to provide and to have an agency. Members of a regional report report.
        """
        who = _who(now, self.files, self.parameters)
        self._open_practices(now, who)
        self.base = self._base(now, who)
        self._open_relations(now)
        self._open_reports(now)
        self._grant(now)
        now.state.centres = self.centres(now, np.zeros(len(who.south)))

    def _open_practices(self, now: Year, who: _Who) -> None:
        """Set who provides, is supported, has an agency and was trained, and the capacity that this makes."""
        state, rules = now.state, self.parameters
        provides = who.odds(rules.provider_opening, rules.provider_capacity_slope)
        state.provider = _flags(who.south & (who.provider_reluctance < provides))
        state.un_support = _flags(who.programme & (who.un_reluctance < rules.un_support_opening))
        has_agency = who.odds(rules.agency_opening, rules.agency_capacity_slope)
        drawn = now.luck.uniform("agency", FIRST_YEAR, len(who.south))
        state.agency = _flags(who.south & (drawn < has_agency))
        years = who.training_year
        past = (years > 0) & (years <= FIRST_YEAR)
        left = (1.0 - rules.training_turnover) ** (FIRST_YEAR - years)
        state.trained = _flags(past)
        state.training = np.where(past, left, 0.0)
        state.cooperation_capacity = flows.adjust_capacity(
            None, who.own_capacity, state.agency, state.training, state.un_support, rules
        )

    def _base(self, now: Year, who: _Who) -> InstitutionsBase:
        """Return what the years rest on; actors and costs are counted by their number until averages are known."""
        world, state, rules = now.world, now.state, self.parameters
        capacity, south = state.cooperation_capacity, who.south
        region = np.unique(world.attributes["report_region"], return_inverse=True)[1]
        peers = flows.peer_share(state.provider, region, south)
        income = np.log(state.gdp / state.population)
        return InstitutionsBase(
            parameters=rules,
            files=self.files,
            south=south,
            programme=who.programme,
            region=region,
            own_capacity=who.own_capacity,
            opening_capability=state.capability.mean(axis=1),
            leading_domain=(state.capability - state.capability[south].mean(axis=0)).argmax(axis=1),
            opening_capacity=capacity,
            opening_ceiling=flows.centred_logit(
                rules.provider_ceiling, rules.provider_capacity_slope, capacity, who.programme
            ),
            average_capacity=float(capacity[south].mean()),
            average_log_income=float(income[south].mean()),
            average_peers=float(peers[south].mean()),
            provider_reluctance=who.provider_reluctance,
            un_reluctance=who.un_reluctance,
            funds=lay_funds(self.files.of(Fund), world, south),
            training_year=who.training_year,
            actors=1.0,
            cost=1.0,
        )

    def _open_relations(self, now: Year) -> None:
        """Set who else cooperates, what is coordinated, and the actors and costs of which the average is one."""
        state, base, rules = now.state, self.base, self.parameters
        state.other_actors = rules.other_actors_opening * state.cooperation_capacity * base.south
        state.supply_factor, state.supply_cost = flows.supply_of_all_actors(
            state.other_actors, rules
        )
        state.coordination = self._coordination_target(now, np.zeros(len(base.south)))
        actors = self._actors(now)
        average = float(actors[base.south].mean())
        state.fragmentation = over_mean(actors, average)
        cost = flows.transaction_cost(state.fragmentation, state.agency, rules)
        average_cost = float(cost[base.south].mean())
        state.transaction_cost = over_mean(cost, average_cost)
        self.base = replace(base, actors=average, cost=average_cost)

    def _open_reports(self, now: Year) -> None:
        """Set who reports as the base year opens, and by which method."""
        state, south = now.state, self.base.south
        opened, method = reports_at_opening(self.files.of(Body), now.world, FIRST_YEAR, south)
        opened = np.where(opened > 0.0, opened, self.parameters.reporting_opening * south)
        state.reporting = _flags(now.luck.uniform("reporting", FIRST_YEAR, len(south)) < opened)
        state.common_method = np.maximum(method, self.method_opening)

    def run(self, now: Year) -> None:
        """Move agreements towards what is in force, and institutions by a year of their hazards."""
        if now.since == 0:
            return
        self._agreements(now)
        state = now.state
        training, trained = self._train(now)
        un_support = self._support(now)
        agency = self._found_agencies(now)
        capacity = self._build_capacity(now, agency, training, un_support)
        provider = self._begin_to_provide(now, capacity, training, un_support)
        reporting = self._begin_to_report(now, agency, provider)
        # Whoever decided above saw how the year opened.
        state.training, state.trained = training, trained
        state.un_support = un_support
        state.agency = agency
        state.cooperation_capacity = capacity
        state.provider = provider
        state.reporting = reporting
        self._relate(now)
        self._grant(now)
        state.centres = self.centres(now, state.centre_policy)

    def _train(self, now: Year) -> tuple[Array, Array]:
        """Return what training is left in office, and who was ever trained."""
        state, base = now.state, self.base
        return flows.training_turn(
            state.training,
            state.trained,
            base.training_year == now.year,
            float(state.training_places[0]),
            state.cooperation_capacity,
            base.programme,
            float(now.luck.uniform("training", now.year, 1)[0]),
            base.parameters,
        )

    def _support(self, now: Year) -> Array:
        """Return whom the United Nations supports."""
        state, base, rules = now.state, self.base, self.parameters
        count = len(base.south)
        return flows.turn(
            state.un_support,
            flows.support_rate(
                float(state.un_support[base.programme].mean()),
                self.of_year(now).support_decided,
                state.un_support_factor,
                rules,
            ),
            np.full(count, rules.un_support_exit),
            now.luck.uniform("un support", now.year, count),
            may=base.programme & (base.un_reluctance < rules.un_support_ceiling),
        )

    def _found_agencies(self, now: Year) -> Array:
        """Return who has an agency."""
        state, base, rules = now.state, self.base, self.parameters
        count = len(base.south)
        relative = state.cooperation_capacity - base.average_capacity
        rate = flows.agency_rate(relative, state.provider, state.agency_policy, rules)
        return flows.turn(
            state.agency,
            now.agents.country.found_agency(state, rate),
            np.full(count, rules.agency_exit),
            now.luck.uniform("agency", now.year, count),
            may=base.south,
        )

    def _build_capacity(
        self, now: Year, agency: Array, training: Array, un_support: Array
    ) -> Array:
        """Return the capacity to manage cooperation: what is learned, and what institutions add."""
        state, base = now.state, self.base
        learned = state.capability.mean(axis=1) - base.opening_capability
        return flows.adjust_capacity(
            state.cooperation_capacity,
            flows.learned_capacity(base.own_capacity, learned, base.parameters),
            agency,
            training,
            un_support,
            base.parameters,
        )

    def _begin_to_provide(
        self, now: Year, capacity: Array, training: Array, un_support: Array
    ) -> Array:
        """Return who provides cooperation."""
        state, base, rules = now.state, self.base, self.parameters
        relative = capacity - base.average_capacity
        average_experience = float(np.log1p(now.opening.experience[base.south]).mean())
        rate = flows.provider_rate(
            relative,
            np.log(state.gdp / state.population) - base.average_log_income,
            flows.peer_share(state.provider, base.region, base.south) - base.average_peers,
            un_support,
            training,
            np.log1p(state.experience) - average_experience,
            rules,
        )
        return flows.turn(
            state.provider,
            now.agents.country.begin_to_provide(state, rate),
            flows.exit_rate(rules.provider_exit, relative, rules.provider_capacity_slope),
            now.luck.uniform("provider", now.year, len(base.south)),
            may=base.south & (base.provider_reluctance < base.ceiling(capacity)),
        )

    def _begin_to_report(self, now: Year, agency: Array, provider: Array) -> Array:
        """Return who reports on its cooperation."""
        state, base, rules = now.state, self.base, self.parameters
        bodies = self.of_year(now).reporting
        rate = flows.reporting_rate(agency, provider, bodies, state.reporting_policy, rules)
        return flows.turn(
            state.reporting,
            now.agents.country.begin_to_report(state, rate),
            # Who writes one report with others does not drop out by itself.
            np.where(bodies > 0.0, 0.0, rules.reporting_exit),
            now.luck.uniform("reporting", now.year, len(base.south)),
            may=base.south,
        )

    def _relate(self, now: Year) -> None:
        """Move who else cooperates, what is coordinated, and what arranging a project costs."""
        state, base, rules = now.state, self.base, self.parameters
        state.other_actors = flows.other_actors_step(
            state.other_actors, state.actor_policy * base.south, rules.other_actors_growth
        )
        state.supply_factor, state.supply_cost = flows.supply_of_all_actors(
            state.other_actors, rules
        )
        gap = self._coordination_target(now, state.coordination_policy) - state.coordination
        state.coordination = state.coordination + rules.coordination_speed * gap
        state.fragmentation = over_mean(self._actors(now), base.actors)
        cost = flows.transaction_cost(state.fragmentation, state.agency, rules)
        state.transaction_cost = over_mean(cost, base.cost)

    def _coordination_target(self, now: Year, policy: Array) -> Array:
        """Return the part of actors that come to work under coordination, as things stand."""
        state, base = now.state, self.base
        return flows.coordination_target(
            state.cooperation_capacity,
            state.agency,
            state.un_support,
            self.of_year(now).coordination,
            policy,
            base.parameters,
        )

    def _actors(self, now: Year) -> Array:
        """Return the uncoordinated actors that each country deals with."""
        state, base = now.state, self.base
        return flows.fragmentation(
            state.provider,
            state.supply_factor,
            base.region,
            state.coordination,
            self.of_year(now).partners,
            base.parameters,
        )

    def _grant(self, now: Year) -> None:
        """Share out what trust funds grant this year, in money and in the projects it pays for."""
        base = self.base
        state, funds = now.state, base.funds
        grants = flows.allocate_grants(
            self.of_year(now).grants * state.fund_factor,
            funds.weights,
            state.gdp / state.population,
            state.population,
            base.parameters.fund_poverty_weight,
        )
        state.fund_grant = grants.sum(axis=0)
        # Projects of each fund's own size, over the domains it is for.
        state.fund_requests = (grants / funds.sizes[:, None]).T @ funds.purposes

    def centres(self, now: Year, added: Array) -> Array:
        """Return centres of excellence by what they teach, ``(country, domain)``: those with a file, those of policy.

        Parameters
        ----------
        added
            ``(country,)``, centres of policy; they teach what the host is furthest ahead of the South in.
        """
        base = self.base
        result = self.of_year(now).centres.copy()
        result[np.arange(len(result)), base.leading_domain] += added
        return result * base.south[:, None]

    def _agreements(self, now: Year) -> None:
        """Move every pair's agreement towards what is in force, a year's part of the phase-in at a time."""
        state = now.state
        target = self.agreements[state.year]
        # In most years few pairs are on their way.
        apart = target != state.agreement
        if not np.count_nonzero(apart):
            return
        moving = np.flatnonzero(apart)
        before = state.agreement.take(moving)
        gap = target.take(moving) - before
        # An agreement that ends, ends at once; only tariff cuts take their time.
        agreement = state.agreement.copy()
        agreement.put(moving, before + np.where(gap < 0, gap, np.minimum(gap, self.agreement_step)))
        state.agreement = agreement


@dataclass(frozen=True)
class _Who:
    """Who cooperates, and what each brings along before any institution, ``(country,)``."""

    south: Mask
    programme: Mask
    known: Mask
    """Southern partners and providers that have a file: they provide and have an agency."""
    own_capacity: Array
    provider_reluctance: Array
    un_reluctance: Array
    training_year: NDArray[np.int64]

    def odds(self, level: float, slope: float) -> Array:
        """Return odds for those not known, so that the share over programme countries is the level."""
        given = np.count_nonzero(self.known & self.programme)
        rest = np.count_nonzero(self.programme) - given
        among = self.programme & ~self.known
        left = (level * (given + rest) - given) / rest if rest else 1.0
        relative = self.own_capacity - self.own_capacity[self.south].mean()
        return np.where(self.known, 1.0, flows.centred_logit(left, slope, relative, among))


def _who(now: Year, files: InstitutionFiles, parameters: InstitutionParameters) -> _Who:
    world, count = now.world, len(now.world.iso3)
    south, programme = _groups(world)
    southern = {partner.country for partner in files.of(Partner) if partner.kind == "southern"}
    southern |= {provider.country for provider in files.of(Provider)}
    known = np.array([code in southern for code in world.iso3])
    reluctance = now.luck.uniform("provider reluctance", FIRST_YEAR, count)
    return _Who(
        south=south,
        programme=programme,
        known=known,
        own_capacity=flows.own_capacity(
            world.base["gdp_constant_2015_busd"],
            world.base["administration_quality"],
            world.base["hdi"],
            south,
            parameters,
        ),
        provider_reluctance=np.where(known, 0.0, reluctance),
        un_reluctance=now.luck.uniform("un support reluctance", FIRST_YEAR, count),
        training_year=training_years(files.of(Body), world, programme & ~known),
    )


def _groups(world: World) -> tuple[Mask, Mask]:
    """Return the countries of the South that cooperate, and UN programme countries."""
    programme = world.membership("un_programme")
    # Cooperation is among States: economies of UNCTAD's list that are none trade, and neither ask nor teach.
    states = programme | world.membership("un_member") | world.membership("G77")
    south = (programme | world.membership("south_unctad_2014") | world.membership("BRICS")) & states
    if not programme.any():  # a world of a few countries may have none
        programme = south = np.ones(len(world.iso3), dtype=np.bool_)
    return south, programme


def _flags(which: Mask) -> Array:
    return which.astype(np.float64)
