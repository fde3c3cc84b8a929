"""The plan of a year: nine steps in one screen, and the order in which they are prepared."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from sscsim.errors import unknown
from sscsim.policy import lever_table
from sscsim.policy.moves import check_levers
from sscsim.steps.finance import Finance
from sscsim.steps.goals import Goals, TrendGoals
from sscsim.steps.growth import Growth
from sscsim.steps.institutions import Institutions
from sscsim.steps.investment import Investment
from sscsim.steps.knowledge import Knowledge
from sscsim.steps.measurement import Measurement
from sscsim.steps.policy import Policy
from sscsim.steps.submodel import Submodel
from sscsim.steps.trade import GravityTrade, Trade
from sscsim.world.state import Variable, unique

__all__ = ["NAIVE", "OPENING", "PLAN", "policy_variables", "variables", "without"]

PLAN: tuple[type[Submodel], ...] = (
    Policy,  #         levers and shocks of the scenario
    Institutions,  #   agreements enter into force, countries provide, coordinate, report
    Trade,  #          goods trade clears every market
    Investment,  #     foreign direct investment finds its hosts
    Finance,  #        aid and other finance arrive, banks lend and collect
    Knowledge,  #      needs meet offers of cooperation, projects teach
    Growth,  #         income is invested, technology diffuses
    Goals,  #          the 17 Goals move
    Measurement,  #    countries report on their cooperation
)
"""The year, in order."""

OPENING: tuple[type[Submodel], ...] = (
    Policy,
    Institutions,  # who provides, coordinates, reports
    Investment,
    Growth,  #       with the direct investment of the base year
    Goals,  #        rolled back along the record of growth
    Trade,  #        values what growth produces
    Finance,  #      lenders' ties are those of trade
    Measurement,  #  of what institutions report
    Knowledge,  #    projects of the years before, under all that holds
)
"""The order in which submodels are prepared, filled and opened, and turn a year: none rests on a later one."""

NAIVE: dict[str, type[Submodel]] = {"trade": GravityTrade, "goals": TrendGoals}
"""What stands in for these in the model to beat."""

Named = TypeVar("Named", Submodel, type[Submodel])


@lru_cache(maxsize=1)
def variables() -> tuple[Variable, ...]:
    """Return the declaration of every state variable, submodel by submodel.

    Raises
    ------
    ValueError
        When one is declared twice, or a lever of the table moves none of them.
    """
    found = unique(one for submodel in OPENING for one in submodel.declared())
    check_levers(lever_table(), policy_variables())
    return found


def policy_variables() -> tuple[Variable, ...]:
    """Return the variables that policy sets."""
    kinds = [kind for submodel in OPENING for kind in (submodel, *submodel.parts)]
    return tuple(one for kind in kinds for one in kind.policy)


def without(plan: Sequence[Named], off: Sequence[str]) -> tuple[Named, ...]:
    """Return the plan without the named steps.

    Raises
    ------
    InputError
        When a name is not in the plan.
    """
    names = [step.name for step in plan]
    for name in off:
        if name not in names:
            raise unknown("step of this name to switch off", name, names, file="--off")
    return tuple(step for step in plan if step.name not in off)
