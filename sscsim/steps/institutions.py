"""Step 2: agreements enter into force; who provides, founds agencies, is supported, trains, coordinates, reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import institutions as flows
from sscsim.flows.institutions import InstitutionParameters
from sscsim.names import FIRST_YEAR
from sscsim.steps.agreements import agreements_by_year
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array, Mask
from sscsim.world.institutions import Body, Centre, Fund, InstitutionFiles, Partner
from sscsim.world.institutions.bodies import (
    coordination_by_bodies,
    reports_at_opening,
    reports_by_bodies,
    support_decided,
    training_years,
)
from sscsim.world.institutions.centres import lay_centres
from sscsim.world.institutions.funds import Funds, lay_funds
from sscsim.world.state import State, variable

if TYPE_CHECKING:
    pass

__all__ = ["Institutions", "InstitutionsBase"]


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
        self.agreements = agreements_by_year(given.world)
        self.agreement_step = 1.0 / given.parameters["agreement_phase_in"]
        self.method_opening = given.parameters["method_opening"]
        self.base: InstitutionsBase

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes, agreements in force among it."""
        return (*super().fixed(), self.agreements)

    def fill(self, state: State, given: Given) -> None:
        """Set the agreements in force in the base year."""
        state.agreement = self.agreements[given.year]

    def open(self, now: Year) -> None:
        """Fill the opening state of institutions and reporting, and prepare what the years rest on.

        Which countries provided, were supported or had an agency in 2013 is nowhere printed: shares are parameters, and
        who makes them up is drawn with the odds that capacity gives, once a seed. Southern partners that have a file
        are known to provide and to have an agency. Members of a regional report report.
        """
        world, state = now.world, now.state
        parameters, files = self.parameters, self.files
        count = len(world.iso3)
        programme = world.membership("un_programme")
        # Cooperation is among States: economies of UNCTAD's list that are none trade, and neither ask nor teach.
        states = programme | world.membership("un_member") | world.membership("G77")
        south = (
            programme | world.membership("south_unctad_2014") | world.membership("BRICS")
        ) & states
        if not programme.any():  # a world of a few countries may have none
            programme = south = np.ones(count, dtype=np.bool_)
        region = np.unique(world.countries["report_region"].to_numpy(), return_inverse=True)[1]
        known = np.array(
            [
                code in {p.country for p in files.of(Partner) if p.kind == "southern"}
                for code in world.iso3
            ]
        )
        draw = {
            name: now.luck.uniform(name, FIRST_YEAR, count)
            for name in ("provider reluctance", "un support reluctance", "agency", "reporting")
        }

        own = flows.own_capacity(
            world.base["gdp_constant_2015_busd"],
            world.base["corruption_perceptions"],
            world.base["hdi"],
            south,
            parameters,
        )
        relative = own - own[south].mean()

        def opening(level: float, slope: float) -> Array:
            """Return odds for those not known, so that the share over programme countries is the level."""
            given = np.count_nonzero(known & programme)
            rest = np.count_nonzero(programme) - given
            among = programme & ~known
            left = (level * (given + rest) - given) / rest if rest else 1.0
            return np.where(known, 1.0, flows.centred_logit(left, slope, relative, among))

        reluctance = np.where(known, 0.0, draw["provider reluctance"])
        provides = opening(parameters.provider_opening, parameters.provider_capacity_slope)
        provider = (south & (reluctance < provides)).astype(np.float64)
        un_reluctance = draw["un support reluctance"]
        un_support = (programme & (un_reluctance < parameters.un_support_opening)).astype(
            np.float64
        )
        has_agency = opening(parameters.agency_opening, parameters.agency_capacity_slope)
        agency = (south & (draw["agency"] < has_agency)).astype(np.float64)

        years = training_years(files.of(Body), world, programme & ~known)
        past = (years > 0) & (years <= FIRST_YEAR)
        training = np.where(past, (1.0 - parameters.training_turnover) ** (FIRST_YEAR - years), 0.0)

        capacity = flows.adjust_capacity(None, own, agency, training, un_support, parameters)
        presence = parameters.other_actors_opening * capacity * south
        supply, supply_cost = flows.supply_of_all_actors(presence, parameters)
        income = np.log(state.gdp / state.population)
        peers = flows.peer_share(provider, region, south)
        base = InstitutionsBase(
            parameters=parameters,
            files=files,
            south=south,
            programme=programme,
            region=region,
            own_capacity=own,
            opening_capability=state.capability.mean(axis=1),
            leading_domain=(state.capability - state.capability[south].mean(axis=0)).argmax(axis=1),
            opening_capacity=capacity,
            opening_ceiling=flows.centred_logit(
                parameters.provider_ceiling, parameters.provider_capacity_slope, capacity, programme
            ),
            average_capacity=float(capacity[south].mean()),
            average_log_income=float(income[south].mean()),
            average_peers=float(peers[south].mean()),
            provider_reluctance=reluctance,
            un_reluctance=un_reluctance,
            funds=lay_funds(files.of(Fund), world, south),
            training_year=years,
            actors=1.0,
            cost=1.0,
        )
        coordination = flows.coordination_target(
            capacity,
            agency,
            un_support,
            coordination_by_bodies(files.of(Body), world, FIRST_YEAR, south),
            np.zeros(count),
            parameters,
        )
        partners = sum(partner.since <= FIRST_YEAR for partner in files.of(Partner))
        actors = flows.fragmentation(provider, supply, region, coordination, partners, parameters)
        average = float(actors[south].mean())
        cost = flows.transaction_cost(actors / average, agency, parameters)

        opened, method = reports_at_opening(files.of(Body), world, FIRST_YEAR, south)
        opened = np.where(opened > 0.0, opened, parameters.reporting_opening * south)

        state.cooperation_capacity = capacity
        state.provider = provider
        state.agency = agency
        state.coordination = coordination
        state.trained = past.astype(np.float64)
        state.training = training
        state.un_support = un_support
        state.other_actors = presence
        state.supply_factor, state.supply_cost = supply, supply_cost
        state.fragmentation = actors / average
        state.transaction_cost = cost / float(cost[south].mean())
        state.reporting = (draw["reporting"] < opened).astype(np.float64)
        state.common_method = np.maximum(method, self.method_opening)
        base = replace(base, actors=average, cost=float(cost[south].mean()))
        self.base = base
        self._grant(now)
        state.centres = self.centres(now, np.zeros(count))

    def run(self, now: Year) -> None:
        """Move agreements towards what is in force, and institutions by a year of their hazards."""
        if now.since == 0:
            return
        self._agreements(now)
        state, base, world, year = now.state, self.base, now.world, now.year
        parameters, streams, count = base.parameters, now.luck, len(now.world.iso3)
        deciding = now.agents.country
        average_experience = float(np.log1p(now.opening.experience[base.south]).mean())

        training, trained = flows.training_turn(
            state.training,
            state.trained,
            base.training_year == year,
            float(state.training_places[0]),
            state.cooperation_capacity,
            base.programme,
            float(streams.uniform("training", year, 1)[0]),
            parameters,
        )
        event = support_decided(base.files.of(Body), year)
        un_support = flows.turn(
            state.un_support,
            flows.support_rate(
                float(state.un_support[base.programme].mean()),
                event,
                state.un_support_factor,
                parameters,
            ),
            np.full(count, parameters.un_support_exit),
            streams.uniform("un support", year, count),
            may=base.programme & (base.un_reluctance < parameters.un_support_ceiling),
        )
        relative = state.cooperation_capacity - base.average_capacity
        agency = flows.turn(
            state.agency,
            deciding.found_agency(
                state, flows.agency_rate(relative, state.provider, state.agency_policy, parameters)
            ),
            np.full(count, parameters.agency_exit),
            streams.uniform("agency", year, count),
            may=base.south,
        )
        own = flows.learned_capacity(
            base.own_capacity, state.capability.mean(axis=1) - base.opening_capability, parameters
        )
        capacity = flows.adjust_capacity(
            state.cooperation_capacity, own, agency, training, un_support, parameters
        )
        relative = capacity - base.average_capacity
        peers = flows.peer_share(state.provider, base.region, base.south) - base.average_peers
        provider = flows.turn(
            state.provider,
            deciding.begin_to_provide(
                state,
                flows.provider_rate(
                    relative,
                    np.log(state.gdp / state.population) - base.average_log_income,
                    peers,
                    un_support,
                    training,
                    np.log1p(state.experience) - average_experience,
                    parameters,
                ),
            ),
            flows.exit_rate(parameters.provider_exit, relative, parameters.provider_capacity_slope),
            streams.uniform("provider", year, count),
            may=base.south & (base.provider_reluctance < base.ceiling(capacity)),
        )

        presence = flows.other_actors_step(
            state.other_actors, state.actor_policy * base.south, parameters.other_actors_growth
        )
        supply, supply_cost = flows.supply_of_all_actors(presence, parameters)
        target = flows.coordination_target(
            capacity,
            agency,
            un_support,
            coordination_by_bodies(base.files.of(Body), world, year, base.south),
            state.coordination_policy,
            parameters,
        )
        coordination = state.coordination + parameters.coordination_speed * (
            target - state.coordination
        )
        partners = sum(partner.since <= year for partner in base.files.of(Partner))
        fragments = (
            flows.fragmentation(provider, supply, base.region, coordination, partners, parameters)
            / base.actors
        )
        bodies, _ = reports_by_bodies(base.files.of(Body), world, year, base.south)
        reporting = flows.turn(
            state.reporting,
            deciding.begin_to_report(
                state,
                flows.reporting_rate(agency, provider, bodies, state.reporting_policy, parameters),
            ),
            # Who writes one report with others does not drop out by itself.
            np.where(bodies > 0.0, 0.0, parameters.reporting_exit),
            streams.uniform("reporting", year, count),
            may=base.south,
        )

        state.training, state.trained = training, trained
        state.un_support = un_support
        state.agency = agency
        state.cooperation_capacity = capacity
        state.provider = provider
        state.other_actors = presence
        state.supply_factor, state.supply_cost = supply, supply_cost
        state.coordination = coordination
        state.fragmentation = fragments
        state.transaction_cost = flows.transaction_cost(fragments, agency, parameters) / base.cost
        state.reporting = reporting
        self._grant(now)
        state.centres = self.centres(now, state.centre_policy)

    def _grant(self, now: Year) -> None:
        """Share out what trust funds grant this year, in money and in the projects it pays for."""
        base = self.base
        state, funds = now.state, base.funds
        grants = flows.allocate_grants(
            funds.grants(state.year) * state.fund_factor,
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
        result = lay_centres(base.files.of(Centre), now.world, now.year)
        result[np.arange(len(result)), base.leading_domain] += added
        return result * base.south[:, None]

    def _agreements(self, now: Year) -> None:
        """Move every pair's agreement towards what is in force, a year's part of the phase-in at a time."""
        state = now.state
        gap = self.agreements[state.year] - state.agreement
        # An agreement that ends, ends at once; only tariff cuts take their time.
        state.agreement = state.agreement + np.where(
            gap < 0, gap, np.minimum(gap, self.agreement_step)
        )
