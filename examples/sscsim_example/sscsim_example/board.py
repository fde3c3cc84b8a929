"""A kind of agent: the tourist board of a country, which decides how many travellers are let in."""

from __future__ import annotations

from typing import Any

from sscsim.agents.base import SscAgent


class TouristBoard(SscAgent):
    """It lets in who comes, up to so many for each of its people."""

    def __init__(self, model: Any, index: int, room: float) -> None:
        super().__init__(model, index)
        self.room = room

    def admit(self, coming: float) -> float:
        """Decide how many of those who come are let in, million.

        Parameters
        ----------
        coming
            Travellers who come, million.
        """
        return min(coming, self.room * float(self.state.population[self.index]))
