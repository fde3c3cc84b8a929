"""Trust funds for South-South cooperation: what each grants a year, and to whom (¶125)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from sscsim.types import Array, Mask
from sscsim.world.institutions.laying import domain_weights, place_weights
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
from sscsim.world.state import DOMAINS

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = ["KIND", "Fund", "Funds", "lay_funds"]


class Fund(Institution):
    """A trust fund for South-South cooperation: what it grants a year and to whom."""

    contributors: Distinct[Country] = Field([], description="who pays in")
    grants: Yearly = Field(description="bn USD granted a year")
    project_money: SourcedSize = Field(description="bn USD of an average grant")
    places: Places = Field(description="who may receive, and with which weight")
    domains: Domains | None = None


KIND = Kind("funds", "trust fund", Fund)


@dataclass(frozen=True)
class Funds:
    """All trust funds of a world, in the order of their codes."""

    files: tuple[Fund, ...]
    weights: Array
    """Weight of each country with each fund, ``(fund, country)``."""
    sizes: Array
    """Of an average grant, bn USD, ``(fund,)``."""
    purposes: Array
    """Parts of grants by domain, ``(fund, domain)``."""


def lay_funds(funds: Sequence[Fund], world: World, among: Mask) -> Funds:
    """Return the funds of a world.

    Parameters
    ----------
    among
        Who may receive at all, ``(country,)``.
    """
    count = len(funds)
    weights = np.array([place_weights(fund.places, world) * among for fund in funds])
    purposes = np.array([domain_weights(fund.domains) for fund in funds])
    purposes = purposes.reshape(count, len(DOMAINS))
    return Funds(
        files=tuple(funds),
        weights=weights.reshape(count, len(world.iso3)),
        sizes=np.array([fund.project_money.value for fund in funds]),
        purposes=purposes / purposes.sum(axis=1, keepdims=True),
    )
