"""Keep what is worked out from a world for as long as the world lasts, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sscsim.parameters import Parameters, WatchedParameters
from sscsim.world.tables import World

__all__ = ["by_world", "forget", "kept_with_parameters", "kept_with_world"]

Result = TypeVar("Result")
Others = ParamSpec("Others")

MOST_KEPT = 4
"""Draws of parameters for which a world's base is kept: members of one draw follow one another."""


_all_kept: list[WeakKeyDictionary[World, Any]] = []


def forget() -> None:
    """Drop all that is kept, as in a process that begins: for those who measure what a run by itself costs."""
    for kept in _all_kept:
        kept.clear()


def by_world() -> WeakKeyDictionary[World, Any]:
    """Return an empty dictionary by world, which `forget` empties again."""
    kept: WeakKeyDictionary[World, Any] = WeakKeyDictionary()
    _all_kept.append(kept)
    return kept


def kept_with_world(function: Callable[[World], Result]) -> Callable[[World], Result]:
    """Return a function that works a world out once.

    A cache of some length would hold arrays of worlds that nobody has any more. The result may share arrays with the
    world, and must not hold the world itself.
    """
    kept: WeakKeyDictionary[World, Result] = by_world()

    @wraps(function)
    def once(world: World) -> Result:
        try:
            return kept[world]
        except KeyError:
            return kept.setdefault(world, function(world))

    return once


def kept_with_parameters(
    function: Callable[Concatenate[World, Parameters, Others], Result],
) -> Callable[Concatenate[World, Parameters, Others], Result]:
    """Return a function that is worked out once for a world and the values of those parameters that it reads.

    Runs that differ by seed, by policy or by other parameters share the result, which nobody may write into. Further
    arguments are the same where they are the very same objects; like the result, they must not hold the world.
    """
    kept: WeakKeyDictionary[World, list[tuple[dict[str, float], tuple[object, ...], Result]]]
    kept = by_world()

    @wraps(function)
    def once(
        world: World, parameters: Parameters, /, *others: Others.args, **named: Others.kwargs
    ) -> Result:
        of_world = kept.setdefault(world, [])
        given = (*others, *named.values())
        for read, with_these, result in of_world:
            if all(one is other for one, other in zip(given, with_these, strict=True)) and all(
                parameters[name] == value for name, value in read.items()
            ):
                return result
        watched = WatchedParameters(parameters)
        result = function(world, watched, *others, **named)
        of_world.insert(0, (watched.read, given, result))
        del of_world[MOST_KEPT:]
        return result

    return once
