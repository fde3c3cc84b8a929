"""What every name in a run's tables means, gathered from where it is declared, for the exchange with other programs."""

from __future__ import annotations

from functools import lru_cache

import sscsim
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.outcomes.indicators import indicator_table
from sscsim.results.units import BASE
from sscsim.results.words import Meaning, Words
from sscsim.steps.plan import variables
from sscsim.world.loading import load_world

__all__ = ["what_names_mean"]


@lru_cache(maxsize=1)
def what_names_mean() -> Words:
    """Return titles, units and descriptions of indicators, variables, groups and economies, and the level of prices."""
    table, world = indicator_table(), load_world()
    base = world.price_level(BASE)
    return Words(
        model=f"sscsim {sscsim.__version__}",
        indicators={
            name: Meaning(one.title, one.unit, one.description, one.variable, one.stock)
            for name, one in table.indicators.items()
        },
        # Variables do not say whether money is a flow: left without a year, as the tables have them.
        variables={v.name: Meaning(v.description, v.unit, stock=True) for v in variables()},
        groups={name: one.title for name, one in table.groups.items()},
        countries={str(code): str(name) for code, name in world.countries["name"].items()},
        prices={y: world.price_level(y) / base for y in range(FIRST_YEAR, LAST_YEAR + 1)},
    )
