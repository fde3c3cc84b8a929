"""Step 8: the 17 Goals move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sscsim.names import FIRST_YEAR
from sscsim.outcomes import goals, growth, naive, poverty
from sscsim.outcomes.goals import DRIVERS
from sscsim.outcomes.interlinkages import default_interlinkages
from sscsim.parameters import Parameters
from sscsim.steps.growth import Growth, GrowthBase
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array
from sscsim.world.keeping import kept_with_parameters
from sscsim.world.state import SECTORS, State, Variable, variable
from sscsim.world.tables import World

__all__ = ["Goals", "GoalsBase", "TrendGoals"]


SCORES_OBSERVED = 2016
"""The 2018 edition of the SDG Index shows the state of 2016 (Sachs et al. 2018)."""


@dataclass(frozen=True)
class GoalsBase:
    """Response, interlinkages and the rolled-back state of the Goals."""

    parameters: goals.GoalParameters
    interlinkages: Array
    scores: Array
    """Rolled back from the state of 2016, ``(country, goal)``."""
    trend: Array
    """Each country's own lasting trend in the base year, ``(country, goal)``, points a year."""
    past_trend: Array
    """Mean yearly move of 2000 to 2013, the naive model's Goals, ``(country, goal)``; NaN where there is no record."""
    region: NDArray[np.intp]
    noise_size: Array
    """Standard deviation of each country's disturbances relative to the average, ``(country,)``."""
    observed_year: int
    """Year whose scores are observed; disturbances start after it."""


class Goals(Submodel):
    """The 17 Goals of every country, moved by income, poverty, infrastructure, capability and cooperation."""

    name = "goals"
    title = "the 17 Goals move"
    needs = (Growth,)
    variables = (
        variable(
            "goals", "country goal", "0 to 100", "Score of each Goal, NaN where it does not apply"
        ),
        variable("goal_noise", "country goal", "sd", "Disturbance of the Goals, autoregressive"),
    )
    policy: ClassVar[tuple[Variable, ...]] = (
        variable("goal_shock", "country goal", "points", "What a shock takes from the Goals"),
    )
    reads: ClassVar[tuple[str, ...]] = (
        "goals",
        "goal_noise",
        "income_growth",
        "poverty_change",
        "gini_change",
        "infrastructure_growth",
        "capability_growth",
        "cooperation_intensity",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        growth_model = others.of(Growth)
        self.base = _base(
            given.world, given.parameters, growth_model.base, growth_model.infrastructure
        )
        self.contributions: dict[str, Array] = dict.fromkeys(
            DRIVERS, np.zeros_like(self.base.scores)
        )
        """What each driver moved in the last year, ``(country, goal)``, points."""

    def fill(self, state: State, given: Given) -> None:
        """Set the scores of the base year, rolled back from those observed."""
        state.goals = self.base.scores

    def run(self, now: Year) -> None:
        """Move every score by what drives it this year; the base year is where the roll-back put it."""
        state, base = now.state, self.base
        since = now.since
        if since == 0:
            return
        # To the observed year disturbances, and what cooperation did, are in the scores the roll-back starts from.
        disturbed = state.year > base.observed_year
        if disturbed:
            regions = int(base.region.max()) + 1
            state.goal_noise = goals.next_noise(
                state.goal_noise,
                now.luck.normal("goals", state.year, state.goals.shape),
                now.luck.normal("goals_region", state.year, (regions, 17)),
                base.region,
                base.parameters,
                size=base.noise_size,
            )
        scores, contributions = goals.goal_moves(
            state.goals,
            parameters=base.parameters,
            interlinkages=base.interlinkages,
            income_growth=state.income_growth,
            poverty_change=state.poverty_change,
            inequality_change=state.gini_change,
            infrastructure_growth=state.infrastructure_growth,
            capability_change=state.capability_growth if disturbed else None,
            cooperation=state.cooperation_intensity if disturbed else None,
            shock=state.goal_shock if state.goal_shock.any() else None,
            trend=base.trend * base.parameters.trend_retention**since,
            noise=state.goal_noise if disturbed else None,
        )
        state.goals = scores
        self.contributions = contributions


class TrendGoals(Goals):
    """The Goals of the model to beat: every one goes on as it went in 2000 to 2013."""

    policy = ()
    reads = ("goals",)
    turns = ("goal_noise",)

    def run(self, now: Year) -> None:
        """Move every score by its own trend."""
        if now.since > 0:
            now.state.goals = naive.trend_scores(now.state.goals, self.base.past_trend)


@kept_with_parameters
def _base(
    world: World, parameters: Parameters, base: GrowthBase, infrastructure: Array
) -> GoalsBase:
    rules = goals.GoalParameters.from_parameters(parameters)
    interlinkages = default_interlinkages().matrix
    regions = world.attributes["report_region"]
    trend = goals.persistent_trend(world.goal_deviation, rules)
    drivers = [
        {**year, "trend": trend * rules.trend_retention**since}
        for since, year in enumerate(_recorded_drivers(world, base, infrastructure), start=1)
    ]
    return GoalsBase(
        parameters=rules,
        interlinkages=interlinkages,
        scores=goals.roll_back(
            world.goals_2016,
            drivers,
            parameters=rules,
            interlinkages=interlinkages,
            names=world.iso3,
        ),
        trend=trend,
        past_trend=world.goal_trend,
        region=np.unique(regions, return_inverse=True)[1].astype(np.intp),
        noise_size=goals.noise_size(base.population[0], rules),
        observed_year=SCORES_OBSERVED,
    )


def _recorded_drivers(
    world: World, base: GrowthBase, infrastructure: Array
) -> list[dict[str, Array]]:
    """Return what drove the Goals from the base year to the observed scores, along the record of growth."""
    people = base.population
    gini = world.base["gini"]
    headcount = poverty.poverty_headcount(base.line, gini, np.ones_like(gini), base.poverty)
    result = []
    private = infrastructure.copy()  # stands in for private capital, which the Goals do not see
    for since in range(1, SCORES_OBSERVED - FIRST_YEAR + 1):
        gdp_before, gdp = base.record.gdp[since - 1], base.record.gdp[since]
        capital = growth.accumulate(
            private,
            infrastructure,
            gdp_before,
            gdp_before,
            base.rules.fdi_share * gdp_before,
            base.rules,
            base.parameters,
        )
        before, infrastructure = infrastructure, capital.infrastructure
        more_people = np.log(people[since] / people[since - 1])
        income_growth = np.log(gdp / gdp_before) - more_people
        new_gini = poverty.gini_step(gini, world.base["gini"], income_growth, base.poverty)
        ratio = (gdp / people[since]) / (base.record.gdp[0] / people[0])
        new_headcount = poverty.poverty_headcount(base.line, new_gini, ratio, base.poverty)
        per_head = np.log(infrastructure / before) - more_people
        result.append(
            {
                "income_growth": income_growth,
                "poverty_change": new_headcount - headcount,
                "inequality_change": new_gini - gini,
                "infrastructure_growth": np.repeat(per_head[:, None], len(SECTORS), axis=1),
            }
        )
        gini, headcount = new_gini, new_headcount
    return result
