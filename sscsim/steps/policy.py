"""Step 1: what the scenario sets this year, levers and shocks alike.

The table of levers says which variable each moves and how; the submodel that reads the variable declares it. Nothing is
named here, so a new lever is a line of the table and the equation that reads it.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from sscsim.policy import lever_table
from sscsim.policy.moves import MOVES
from sscsim.results.tables import RowTable
from sscsim.steps.shocks import Shocks
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array
from sscsim.world.state import Variable

__all__ = ["Policy"]


PAIR = ("origin", "destination")


class Policy(Submodel):
    """The levers of the scenario, laid on the variables that they move."""

    name = "policy"
    title = "levers and shocks of the scenario"
    parts = (Shocks,)

    def __init__(self, given: Given, others: Submodels) -> None:
        self.shocks = Shocks(given, others)
        self.levers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        """By variable, the levers that move it and how, in the order of the table."""
        for name, lever in lever_table().items():
            self.levers[lever.moves].append((name, lever.how))
        self.neutral: list[tuple[Variable, Array]] = []
        """Each variable that a lever moves, and its values where none does, which cannot be written into."""

    def held(self) -> tuple[Submodel, ...]:
        """Return the shocks that are drawn."""
        return (self.shocks,)

    def open(self, now: Year) -> None:
        """Keep what the variables are where nothing is asked for."""
        self.neutral = [
            (one, getattr(now.state, one.name).copy())
            for one in now.state.variables
            if one.name in self.levers
        ]
        for _, values in self.neutral:
            values.flags.writeable = False
        self.shocks.open(now)

    def remember(self, now: Year) -> None:
        """Keep the year of shocks for their table."""
        self.shocks.remember(now)

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the table of shocks."""
        return self.shocks.tables(now)

    @classmethod
    def all_writes(cls) -> tuple[str, ...]:
        """Return the variables that levers move, which other submodels declare."""
        return tuple(dict.fromkeys(lever.moves for lever in lever_table().values()))

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes: which lever moves what, and the neutral values."""
        return (self.levers, self.neutral)

    def run(self, now: Year) -> None:
        """Set this year's policy variables from the scenario's levers."""
        state = now.state
        levers = self.shocks.beside(now)
        for one, neutral in self.neutral:
            values = neutral
            for lever, how in self.levers[one.name]:
                moved = levers.value(lever, state.year)
                if moved is not None:
                    values = MOVES[how].apply(moved, values)
            moves = values is not neutral
            values = (
                values.copy()
            )  # a lever's own array, or the neutral one: agents may write into the year's
            if moves and one.axes == PAIR:
                np.fill_diagonal(values, one.neutral)  # no policy between a country and itself
            setattr(state, one.name, values)
