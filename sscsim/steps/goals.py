"""Step 8: the 17 Goals move."""

from __future__ import annotations

from collections.abc import Sequence
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
    line: poverty.PovertyLine
    """Where the line of the edition's headcount stands, so that the score of Goal 1 is met in the observed year."""
    gini_gap: Array
    """What the edition's Gini coefficient lies above that of surveys, ``(country,)``."""
    poverty: poverty.PovertyParameters
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
        variable(
            "extreme_poverty",
            "country",
            "fraction",
            "Share of people below 1.90 dollars a day (2011 PPP), as Goal 1 counts them",
        ),
        variable(
            "adjusted_gini",
            "country",
            "fraction",
            "Gini coefficient adjusted for top incomes, as Goal 10 reads it",
        ),
        variable(
            "renewable_per_head",
            "country",
            "thousand 2015 USD a head",
            "Renewable power that banks and lines added, as Goals 7 and 13 read it",
        ),
        variable(
            "usual_cooperation",
            "goal",
            "points",
            "What cooperation gave a Goal in the first year, on average, which its drift holds",
        ),
    )
    policy: ClassVar[tuple[Variable, ...]] = (
        variable("goal_shock", "country goal", "points", "What a shock takes from the Goals"),
    )
    reads: ClassVar[tuple[str, ...]] = (
        "goals",
        "goal_noise",
        "extreme_poverty",
        "adjusted_gini",
        "income_growth",
        "real_income",
        "population",
        "gini",
        "renewable_capital",
        "renewable_per_head",
        "usual_cooperation",
        "infrastructure_growth",
        "capability_growth",
        "cooperation_intensity",
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        growth_model = others.of(Growth)
        self.base = _base(
            given.world, given.parameters, growth_model.base, growth_model.infrastructure
        )
        self._moved: tuple[Array, goals.Drivers] | None = None
        """Scores before the last year, and what drove them in it."""

    @property
    def contributions(self) -> dict[str, Array]:
        """What each driver moved in the last year, ``(country, goal)``, points; worked out when asked for."""
        base = self.base
        if self._moved is None:
            return dict.fromkeys(DRIVERS, np.zeros_like(base.scores))
        before, drivers = self._moved
        return goals.goal_moves(before, drivers, base.parameters, base.interlinkages)[1]

    def fill(self, state: State, given: Given) -> None:
        """Set the scores of the base year, rolled back from those observed."""
        base = self.base
        state.goals = base.scores
        gini = given.world.base["gini"]
        state.extreme_poverty = poverty.poverty_headcount(
            base.line, gini, np.ones_like(gini), base.poverty
        )
        state.adjusted_gini = gini + base.gini_gap

    def run(self, now: Year) -> None:
        """Move every score by what drives it this year; the base year is where the roll-back put it."""
        state, base = now.state, self.base
        since = now.since
        if since == 0:
            return
        opening = now.opening
        ratio = (state.real_income / state.population) / (opening.real_income / opening.population)
        headcount = poverty.poverty_headcount(base.line, state.gini, ratio, base.poverty)
        gini = state.gini + base.gini_gap
        renewable = state.renewable_capital / state.population  # bn over millions: thousands a head
        # To the observed year disturbances, and what cooperation did, are in the scores the roll-back starts from.
        disturbed = state.year > base.observed_year
        if since == 1:
            state.usual_cooperation = goals.usual_cooperation(
                state.capability_growth, state.cooperation_intensity, base.parameters
            )
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
        drivers = goals.Drivers(
            income_growth=state.income_growth,
            poverty_move=goals.poverty_score(headcount, base.parameters)
            - goals.poverty_score(state.extreme_poverty, base.parameters),
            inequality_move=goals.equality_score(gini, base.parameters)
            - goals.equality_score(state.adjusted_gini, base.parameters),
            infrastructure_growth=state.infrastructure_growth,
            capability_change=state.capability_growth if disturbed else None,
            cooperation=state.cooperation_intensity if disturbed else None,
            renewable_change=renewable - state.renewable_per_head if disturbed else None,
            shock=state.goal_shock if state.goal_shock.any() else None,
            trend=base.trend * base.parameters.trend_retention**since,
            noise=state.goal_noise if disturbed else None,
            usual=state.usual_cooperation if disturbed else None,
        )
        self._moved = state.goals, drivers
        state.goals = goals.next_scores(state.goals, drivers, base.parameters, base.interlinkages)
        state.extreme_poverty, state.adjusted_gini = headcount, gini
        state.renewable_per_head = renewable


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
    trend = goals.persistent_trend(world.goal_deviation, base.population[0], rules)
    recorded = _recorded_drivers(world, base, infrastructure)
    line, gini_gap = _anchors(world, base, recorded, rules)
    drivers = []
    gini = world.base["gini"]
    before = poverty.poverty_headcount(line, gini, np.ones_like(gini), base.poverty), gini
    for since, year in enumerate(recorded, start=1):
        headcount = poverty.poverty_headcount(line, year.gini, year.income_ratio, base.poverty)
        scored = goals.poverty_score(headcount, rules) - goals.poverty_score(before[0], rules)
        evened = goals.equality_score(year.gini + gini_gap, rules) - goals.equality_score(
            before[1] + gini_gap, rules
        )
        drivers.append(
            {
                "income_growth": year.income_growth,
                "infrastructure_growth": year.infrastructure_growth,
                "poverty_move": scored,
                "inequality_move": evened,
                "trend": trend * rules.trend_retention**since,
            }
        )
        before = headcount, year.gini
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
        line=line,
        gini_gap=gini_gap,
        poverty=base.poverty,
        region=np.unique(regions, return_inverse=True)[1].astype(np.intp),
        noise_size=goals.noise_size(base.population[0], rules),
        observed_year=SCORES_OBSERVED,
    )


@dataclass(frozen=True)
class _RecordedYear:
    """What drove the Goals in a year of the record, ``(country,)`` but for infrastructure, ``(country, sector)``."""

    income_growth: Array
    infrastructure_growth: Array
    gini: Array
    income_ratio: Array
    """Income a head over the base year's."""


def _anchors(
    world: World, base: GrowthBase, recorded: Sequence[_RecordedYear], rules: goals.GoalParameters
) -> tuple[poverty.PovertyLine, Array]:
    """Return line and Gini gap by which Goals 1 and 10 are those of the edition in the observed year."""
    last = recorded[-1]
    scores = world.goals_2016
    counted = poverty.poverty_headcount(base.line, last.gini, last.income_ratio, base.poverty)
    wanted = goals.headcount_of_score(scores[:, goals.POVERTY_GOAL], counted, rules)
    at_once = poverty.initial_line(wanted, last.gini, base.poverty)
    # The line stands relative to the mean income of the base year.
    risen = base.poverty.consumption_pass_through * np.log(last.income_ratio)
    line = poverty.PovertyLine(at_once.log_line + risen, at_once.floored)
    gini = goals.gini_of_score(scores[:, goals.INEQUALITY_GOAL], last.gini, rules)
    return line, gini - last.gini


def _recorded_drivers(world: World, base: GrowthBase, infrastructure: Array) -> list[_RecordedYear]:
    """Return what drove the Goals from the base year to the observed scores, along the record of growth."""
    people = base.population
    gini = world.base["gini"]
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
        per_head = np.log(infrastructure / before) - more_people
        result.append(
            _RecordedYear(
                income_growth,
                np.repeat(per_head[:, None], len(SECTORS), axis=1),
                new_gini,
                ratio,
            )
        )
        gini = new_gini
    return result
