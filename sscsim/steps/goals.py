"""Step 8: the 17 Goals move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscsim.outcomes import goals

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

READS = (
    "year",
    "goals",
    "goal_noise",
    "goal_shock",
    "income_growth",
    "poverty_change",
    "gini_change",
    "infrastructure_growth",
    "capability_growth",
    "cooperation_intensity",
)
WRITES = ("goals", "goal_noise")


def run(model: SouthSouthModel) -> None:
    """Move every score by what drives it this year; the base year is where the roll-back put it."""
    state, base = model.state, model.base.goals
    since = state.year - model.base.year
    if since == 0:
        return
    # To the observed year disturbances, and what cooperation did, are in the scores the roll-back starts from.
    disturbed = state.year > base.observed_year
    if disturbed:
        regions = int(base.region.max()) + 1
        state.goal_noise = goals.next_noise(
            state.goal_noise,
            model.streams.normal("goals", state.year, state.goals.shape),
            model.streams.normal("goals_region", state.year, (regions, 17)),
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
    model.goal_contributions = contributions
