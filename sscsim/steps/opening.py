"""How the base year opens: submodels are prepared, and fill the state that it begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sscsim.steps.submodel import Given, Submodel, Submodels
from sscsim.world.state import DOMAINS, SECTORS, State, Variable

__all__ = ["filled", "prepared"]


def prepared(kinds: Iterable[type[Submodel]], given: Given) -> Submodels:
    """Return the submodels, each prepared once those are that it rests on."""
    submodels = Submodels()
    for kind in kinds:
        submodels.add(kind(given, submodels))
    return submodels


def filled(
    variables: Sequence[Variable], submodels: Submodels, order: Iterable[Submodel], given: Given
) -> State:
    """Return the state as data and parameters give it, before anything opens.

    Parameters
    ----------
    variables
        What the state holds.
    submodels
        All of them: each may add an axis.
    order
        The order in which they fill their part.
    given
        What they were prepared from.
    """
    count = len(given.world.iso3)
    sizes = {"goal": 17, "sector": len(SECTORS), "domain": len(DOMAINS), "lag": 3, "world": 1}
    sizes |= dict.fromkeys(("country", "origin", "destination"), count)
    for one in submodels:
        sizes |= one.sizes()
    state = State.neutral(given.year, variables, sizes)
    for one in order:
        one.fill(state, given)
    return state.copy()
