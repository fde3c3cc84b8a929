"""Laying files over a world: names of countries, groups and domains become arrays in the order of its countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sscsim.world.institutions.loading import Nameable
from sscsim.world.institutions.schema import Domains, Places
from sscsim.world.state import DOMAINS

__all__ = ["Lands", "domain_weights", "named_shares", "place_weights"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Lands(Nameable, Protocol):
    """What files are laid over: the countries of a world and who of them belongs to a group."""

    def membership(self, group: str, year: int = ...) -> Mask:
        """Return who belongs to a group in a year, ``(country,)``."""
        ...


def place_weights(places: Places, world: Lands, year: int = 2018) -> Array:
    """Return the weight of every country, ``(country,)``: the largest of its groups, else that of elsewhere."""
    weights = np.full(len(world.iso3), -1.0)
    for name, weight in places.weights.items():
        inside = (
            world.membership(name, year)
            if name in world.groups()
            else np.array([code == name for code in world.iso3])
        )
        weights[inside] = np.maximum(weights[inside], weight)
    return np.where(weights < 0, places.elsewhere, weights)


def domain_weights(domains: Domains | None) -> Array:
    """Return the weight of every domain of capability, ``(domain,)``."""
    if domains is None:
        return np.ones(len(DOMAINS))
    return np.array([domains.weights.get(name, domains.others) for name in DOMAINS])


def named_shares(shares: Mapping[str, float], iso3: Sequence[str]) -> Array:
    """Return shares by ISO code as an array, ``(country,)``; who is not in the data is left out."""
    result = np.zeros(len(iso3))
    place = {code: i for i, code in enumerate(iso3)}
    for code, share in shares.items():
        if code in place:
            result[place[code]] = share
    return result
