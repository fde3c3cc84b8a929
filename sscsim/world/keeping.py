"""Keep what is worked out from a world for as long as the world lasts, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from sscsim.world.tables import World

__all__ = ["kept_with_world"]

Result = TypeVar("Result")


def kept_with_world(function: Callable[[World], Result]) -> Callable[[World], Result]:
    """Return a function that works a world out once.

    A cache of some length would hold arrays of worlds that nobody has any more. The result may share arrays with the
    world, and must not hold the world itself.
    """
    kept: WeakKeyDictionary[World, Result] = WeakKeyDictionary()

    @wraps(function)
    def once(world: World) -> Result:
        try:
            return kept[world]
        except KeyError:
            return kept.setdefault(world, function(world))

    return once
