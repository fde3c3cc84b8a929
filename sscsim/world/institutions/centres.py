"""Centres of excellence: who hosts one, since when, and what it teaches (¶68, 69)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sscsim.world.institutions.laying import positions
from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
    Country,
    Distinct,
    Domain,
    Institution,
    Relative,
    Sourced,
    YearOfWork,
)
from sscsim.world.state import DOMAINS

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = ["KIND", "Centre", "lay_centres"]


class Centre(Sourced, Institution):
    """A centre of excellence: a host country, the domains it teaches, and its size (¶68, 69)."""

    host: Country = Field(description="the country it works in")
    since: YearOfWork = Field(description="first year of work")
    domains: Distinct[Domain] = Field(min_length=1, description="what it teaches, in equal parts")
    size: Relative = Field(1.0, description="relative to an average centre")


KIND = Kind("centres", "centre of excellence", Centre)


def lay_centres(centres: Sequence[Centre], world: World, year: int) -> NDArray[np.float64]:
    """Return the centres at work in a year by what they teach, ``(country, domain)``, in average centres."""
    result = np.zeros((len(world.iso3), len(DOMAINS)))
    for host, centre in zip(positions([c.host for c in centres], world), centres, strict=True):
        if host >= 0 and centre.since <= year:
            for name in centre.domains:
                result[host, DOMAINS.index(name)] += centre.size / len(centre.domains)
    return result
