"""The one place where Mesa's untyped classes are subclassed, and the window from an agent onto the state."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Self
from weakref import WeakKeyDictionary

from sscsim.framework import Agent

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


class _Counters:
    """The next free number for an agent of each model, for as long as the model lives.

    Mesa counts in a dictionary that keeps every model that ever was, and so its arrays, until the process ends: an
    ensemble would grow by each member.
    """

    def __init__(self) -> None:
        self._by_model: WeakKeyDictionary[Any, Iterator[int]] = WeakKeyDictionary()

    def __getitem__(self, model: Any) -> Iterator[int]:
        if model not in self._by_model:
            # A model that was unpickled or copied brings agents whose numbers are taken.
            taken = max((agent.unique_id for agent in model.agents), default=0)
            self._by_model[model] = count(taken + 1)
        return self._by_model[model]


_PLAIN = frozenset({int, str, float, bool, type(None)})


class SscAgent(Agent):
    """An agent with a place in the state arrays.

    Parameters
    ----------
    model
        The model it lives in, which holds ``state``.
    index
        Its row in the arrays of its kind.
    """

    _ids: ClassVar[_Counters] = _Counters()  # what Mesa's constructor takes the agent's number from

    def __init__(self, model: Any, index: int) -> None:
        super().__init__(model)
        self.index = index

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy as any object is copied, but sooner: a model has hundreds, most of what they hold is plain."""
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        held: Any = self.__getstate__()
        if hasattr(twin, "__setstate__"):
            twin.__setstate__(copy.deepcopy(held, memo))
            return twin
        for part in held if isinstance(held, tuple) else (held,):  # of a class with slots, two
            for name, one in (part or {}).items():
                kept = one if type(one) in _PLAIN else copy.deepcopy(one, memo)
                object.__setattr__(twin, name, kept)
        return twin

    @property
    def state(self) -> State:
        """The state of the model, this year's."""
        state: State = self.model.state
        return state
