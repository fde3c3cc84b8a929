"""Providers of cooperation whose size is on record: how many projects each provides at once (¶19, 91)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from sscsim.types import Array
from sscsim.world.institutions.laying import positions
from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import Country, Institution, Range, Sourced

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = ["KIND", "Provider", "lay_providers"]

Projects = Annotated[float, Range("a number of projects", 1, 5000)]


class Provider(Sourced, Institution):
    """A country that is known to provide, and what it provides at once about the base year."""

    country: Country = Field(description="who provides")
    projects: Projects = Field(
        description="projects under way at once that it provides, of a hundred weeks of a person or 0.1 million dollars"
    )


KIND = Kind("providers", "provider", Provider)


def lay_providers(providers: Sequence[Provider], world: World) -> Array:
    """Return the projects that known providers provide at once, ``(country,)``; 0 where nothing is known."""
    result = np.zeros(len(world.iso3))
    for place, provider in zip(
        positions([p.country for p in providers], world), providers, strict=True
    ):
        if place >= 0:
            result[place] = provider.projects
    return result
