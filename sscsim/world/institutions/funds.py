"""Trust funds for South-South cooperation: what each grants a year, and to whom (¶125)."""

from __future__ import annotations

from pydantic import Field

from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
    Country,
    Distinct,
    Domains,
    Institution,
    Places,
    SourcedSize,
    Yearly,
)

__all__ = ["KIND", "Fund"]


class Fund(Institution):
    """A trust fund for South-South cooperation: what it grants a year and to whom."""

    contributors: Distinct[Country] = Field([], description="who pays in")
    grants: Yearly = Field(description="bn USD granted a year")
    project_money: SourcedSize = Field(description="bn USD of an average grant")
    places: Places = Field(description="who may receive, and with which weight")
    domains: Domains | None = None


KIND = Kind("funds", "trust fund", Fund)
