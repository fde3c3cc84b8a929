"""The one place where Mesa's untyped classes are subclassed, and the window from an agent onto the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from sscsim.world.state import State

__all__ = ["FromState", "SscAgent"]


class FromState:
    """An attribute of an agent that is its own row of a state array: reading and writing go to the array.

    The attribute's name is the state variable's. Scalars come back as floats; a row of a longer variable (the Goals of
    a country) as a view of the array.
    """

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name

    def __get__(self, agent: SscAgent | None, owner: type[Any] | None = None) -> Any:
        if agent is None:
            return self
        value = getattr(agent.state, self.name)[agent.index]
        return float(value) if value.ndim == 0 else value

    def __set__(self, agent: SscAgent, value: Any) -> None:
        getattr(agent.state, self.name)[agent.index] = value


class SscAgent(mesa.Agent):
    """An agent with a place in the state arrays.

    Parameters
    ----------
    model
        The model it lives in, which holds ``state``.
    index
        Its row in the arrays of its kind.
    """

    def __init__(self, model: Any, index: int) -> None:
        super().__init__(model)
        self.index = index

    @property
    def state(self) -> State:
        """The state of the model, this year's."""
        state: State = self.model.state
        return state
