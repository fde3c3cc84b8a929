"""Laying files over a world: names of countries, groups and domains become arrays in the order of its countries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sscsim.types import Array, Mask
from sscsim.world.institutions.loading import InstitutionFiles
from sscsim.world.institutions.schema import Domains, Places
from sscsim.world.keeping import by_world
from sscsim.world.state import DOMAINS

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = [
    "domain_weights",
    "kept_by_world",
    "members",
    "named_shares",
    "place_weights",
    "positions",
    "shares_of_rows",
]


Laid = TypeVar("Laid")

MOST_KEPT = 4
"""Sets of files that are kept laid over a world; an ensemble runs many members of one."""


def kept_by_world(
    lay: Callable[[InstitutionFiles, World], Laid],
) -> Callable[[InstitutionFiles, World], Laid]:
    """Return a function that lays files, and keeps what it laid as long as the world lasts."""
    kept: WeakKeyDictionary[World, dict[InstitutionFiles, Laid]] = by_world()

    @wraps(lay)
    def laid(files: InstitutionFiles, world: World) -> Laid:
        of_world = kept.setdefault(world, {})
        if files not in of_world:
            if len(of_world) == MOST_KEPT:
                of_world.pop(next(iter(of_world)))
            of_world[files] = lay(files, world)
        return of_world[files]

    return laid


def members(names: Iterable[str], world: World, year: int = 2018) -> Mask:
    """Return who is named or belongs to one of the groups named, ``(country,)``."""
    mask = np.zeros(len(world.iso3), dtype=np.bool_)
    for name in names:
        mask |= _member(name, world, year)
    return mask


_masks: WeakKeyDictionary[World, dict[tuple[str, int], Mask]] = by_world()
"""Files name the same few over and over, and an ensemble lays them for every draw."""


def _member(name: str, world: World, year: int) -> Mask:
    """Return who is named, or belongs to the group named, ``(country,)``; it is not written into."""
    known = _masks.setdefault(world, {})
    if (name, year) not in known:
        mask = (
            world.membership(name, year)
            if name in world.groups()
            else np.array([code == name for code in world.iso3])
        )
        mask.flags.writeable = False
        known[name, year] = mask
    return known[name, year]


def place_weights(places: Places, world: World, year: int = 2018) -> Array:
    """Return the weight of every country, ``(country,)``: the largest of its groups, else that of elsewhere."""
    weights = np.full(len(world.iso3), -1.0)
    for name, weight in places.weights.items():
        inside = members([name], world, year)
        weights[inside] = np.maximum(weights[inside], weight)
    return np.where(weights < 0, places.elsewhere, weights)


def domain_weights(domains: Domains | None) -> Array:
    """Return the weight of every domain of capability, ``(domain,)``."""
    if domains is None:
        return np.ones(len(DOMAINS))
    return np.array([domains.weights.get(name, domains.others) for name in DOMAINS])


def positions(codes: Iterable[str | None], world: World) -> NDArray[np.intp]:
    """Return the rows of countries; -1 for none and for one that is not in the world."""
    place: dict[str | None, int] = {code: i for i, code in enumerate(world.iso3)}
    return np.array([place.get(code, -1) for code in codes], dtype=np.intp)


def named_shares(shares: Mapping[str, float], iso3: Sequence[str]) -> Array:
    """Return shares by ISO code as an array, ``(country,)``; who is not in the data is left out."""
    result = np.zeros(len(iso3))
    place = {code: i for i, code in enumerate(iso3)}
    for code, share in shares.items():
        if code in place:
            result[place[code]] = share
    return result


def shares_of_rows(matrix: Array) -> Array:
    """Return each row in parts of its sum; a row of zeros stays one."""
    total = matrix.sum(axis=1, keepdims=True)
    rows: Array = np.divide(matrix, total, out=np.zeros_like(matrix), where=total > 0.0)
    return rows
