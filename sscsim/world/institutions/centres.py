"""Centres of excellence: who hosts one, since when, and what it teaches (¶68, 69)."""

from __future__ import annotations

from pydantic import Field

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

__all__ = ["KIND", "Centre"]


class Centre(Sourced, Institution):
    """A centre of excellence: a host country, the domains it teaches, and its size (¶68, 69)."""

    host: Country = Field(description="the country it works in")
    since: YearOfWork = Field(description="first year of work")
    domains: Distinct[Domain] = Field(min_length=1, description="what it teaches, in equal parts")
    size: Relative = Field(1.0, description="relative to an average centre")


KIND = Kind("centres", "centre of excellence", Centre)
