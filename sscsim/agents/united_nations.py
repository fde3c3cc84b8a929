"""The United Nations system as one agent: its coordinating office, country teams and publications (¶53-56, 76, 113)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscsim.agents.base import SscAgent
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.world.state import State

__all__ = ["UnitedNations"]


class UnitedNations(SscAgent):
    """The system's part in knowledge: what it publishes of others' successes, and for whom it opens the platform.

    Where it supports a country at all is a hazard of the step of institutions.
    """

    def __repr__(self) -> str:
        return "UnitedNations()"

    @property
    def practices(self) -> float:
        """How many practices stand in its catalogue."""
        return float(self.state.practices.sum())

    @classmethod
    def publish(cls, state: State) -> float:
        """Decide what part of the practices that are ready it publishes this year, relative to plan."""
        return float(state.practice_publication[0])

    @classmethod
    def open_platform(cls, state: State) -> Array:
        """Decide how far each country is served by the platform of offers and needs, ``(country,)`` in [0, 1]."""
        return state.platform_reach
