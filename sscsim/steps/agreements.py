"""Trade agreements in force in each year, which several submodels begin from."""

from __future__ import annotations

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.types import Array
from sscsim.world.keeping import kept_with_world
from sscsim.world.tables import World

__all__ = ["agreements_by_year"]


@kept_with_world
def agreements_by_year(world: World) -> dict[int, Array]:
    """Return free trade agreements and customs unions in force by year, ``(origin, destination)``, 0 or 1.

    Parameters do not touch them, and an ensemble builds many base years of one world.
    """
    return {year: world.agreement_in_force(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)}
