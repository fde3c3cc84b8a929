"""Trade agreements in force in each year, which several submodels begin from."""

from __future__ import annotations

from sscsim.flows.pairs import Cells
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.steps.submodel import Year
from sscsim.types import Array
from sscsim.world.keeping import kept_with_world
from sscsim.world.tables import World

__all__ = ["AgreementChanges", "agreements_by_year"]


@kept_with_world
def agreements_by_year(world: World) -> dict[int, Array]:
    """Return free trade agreements and customs unions in force by year, ``(origin, destination)``, 0 or 1.

    Parameters do not touch them, and an ensemble builds many base years of one world.
    """
    return {year: world.agreement_in_force(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)}


class AgreementChanges:
    """The pairs whose agreement is not what it was in the base year, looked for when agreements have moved."""

    def __init__(self) -> None:
        self._found: tuple[Array, Cells] | None = None

    def at(self, now: Year) -> Cells:
        """Return the change since the base year, of those that have one."""
        agreement = now.state.agreement
        # Nobody writes into an array of the state: the same one holds the same numbers.
        if self._found is None or self._found[0] is not agreement:
            self._found = agreement, Cells.of(agreement - now.opening.agreement)
        return self._found[1]
