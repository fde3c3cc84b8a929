"""A lever that somebody wants moved: from when, within what, and for whom it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sscsim.errors import InputError
from sscsim.policy import lever_table, unknown_lever
from sscsim.policy.scenario import Where

__all__ = ["FIRST", "checked_lever"]

FIRST = 2019
"""Year from which a lever is moved unless told otherwise: the first after the report's."""

_COUNTRIES = frozenset({"group", "countries", "agreement"})

PLACES = {
    "world": frozenset[str](),
    "bank": frozenset({"bank"}),
    "country": _COUNTRIES,
    "pair": _COUNTRIES | {"origin", "destination"},
}
"""What places a lever of each scope takes."""


def checked_lever(
    lever: str,
    where: Where | Mapping[str, Any] | None = None,
    bounds: tuple[float, float] | None = None,
) -> tuple[Where | None, tuple[float, float]]:
    """Return for whom a lever is moved, and between which values: its own without `bounds`.

    Raises
    ------
    InputError
        For a lever that there is not, a place that it does not take, values outside its bounds.
    """
    table = lever_table()
    if lever not in table:
        raise unknown_lever(lever)
    one = table[lever]
    place = where if where is None or isinstance(where, Where) else Where.model_validate(where)
    said = set() if place is None else set(place.model_dump(exclude_none=True))
    allowed = PLACES[one.scope]
    if said - allowed:
        raise InputError(
            "this lever takes no such place",
            key=lever,
            found=", ".join(sorted(said - allowed)),
            allowed=", ".join(sorted(allowed)) or "none: it moves the world as a whole",
        )
    low, high = bounds or one.bounds
    if not one.bounds[0] <= low < high <= one.bounds[1]:
        raise InputError(
            "a lever is moved between two values within its bounds",
            key=lever,
            found=f"{low:g} and {high:g}",
            allowed=f"{one.bounds[0]:g} to {one.bounds[1]:g} ({one.unit})",
        )
    return place, (low, high)
