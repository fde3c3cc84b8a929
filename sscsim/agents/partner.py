"""Triangular partners: the third parties of cooperation (¶115), and facilitators of the South (¶31)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sscsim.agents.base import SscAgent
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.world.state import State

__all__ = ["Partner"]


class Partner(SscAgent):
    """A donor, a multilateral organisation or a Southern country that joins the projects of others.

    Which pair it joins follows from what it can add to each and at what cost (`sscsim.flows.knowledge.join_partners`);
    how many is decided here, one array expression for all partners at once.
    """

    def __init__(self, model: Any, index: int, name: str) -> None:
        super().__init__(model, index)
        self.name = name

    def __repr__(self) -> str:
        return f"Partner({self.name})"

    @classmethod
    def join(cls, state: State, planned: Array) -> Array:
        """Decide how many projects each is ready to join this year, ``(partner,)``.

        As many as its budget pays for, scaled by what the scenario gives to partners.
        """
        return planned * state.partner_budget
