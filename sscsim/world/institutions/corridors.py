"""Corridors: dated undertakings that make trade between their ends cheaper as they are built (¶81)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.world.institutions.laying import shares_of_rows
from sscsim.world.institutions.loading import Kind, Nameable
from sscsim.world.institutions.schema import (
    Country,
    Distinct,
    Institution,
    LenderCode,
    Range,
    Share,
    Sourced,
    YearSimulated,
    check_sum,
)

__all__ = ["KIND", "Corridor", "Corridors", "corridor_ends", "lay_corridors"]

Cut = Annotated[float, Range("a cut", 0, 5, above=True)]
"""Relative to the parameter; more would take off a trade cost whole."""


class Corridor(Sourced, Institution):
    """One corridor: the economies along it, whose credit builds it, and how far it is built by when."""

    ends: Distinct[Country] = Field(min_length=2)
    lender: Distinct[LenderCode] = Field(min_length=1)
    opens: dict[YearSimulated, Share] = Field(
        min_length=1, description="part of the whole that is added in a year"
    )
    cut: Cut = Field(1.0, description="trade cost it takes off when built, over the parameter")

    @model_validator(mode="after")
    def _at_most_the_whole(self) -> Self:
        check_sum("the parts by year", self.opens.values(), "opens", whole=False)
        return self


KIND = Kind("corridors", "corridor", Corridor)


# ----------------------------------------------------------------------------------------------- laid over a world


@dataclass(frozen=True)
class Corridors:
    """All corridors of a world, in the order of their codes."""

    files: tuple[Corridor, ...]
    ends: tuple[NDArray[np.intp], ...]
    """Rows of the economies along each."""
    size: NDArray[np.float64]
    """Cut of each in parts of the parameter, ``(corridor,)``."""
    lenders: NDArray[np.float64]
    """By whose credit each is built, ``(corridor, lender)``; rows add up to one."""

    def planned(self, year: int) -> NDArray[np.float64]:
        """Return the part of each that is to be added in a year, ``(corridor,)``."""
        return np.array([corridor.opens.get(year, 0.0) for corridor in self.files])


def lay_corridors(files: Sequence[Corridor], world: Nameable, lenders: Sequence[str]) -> Corridors:
    """Return the corridors of a world.

    Parameters
    ----------
    lenders
        Codes of the lenders that are in the world, in their order.
    """
    by_lender = np.array([[float(code in one.lender) for code in lenders] for one in files])
    return Corridors(
        files=tuple(files),
        ends=tuple(corridor_ends(one, world.iso3) for one in files),
        size=np.array([one.cut for one in files]),
        lenders=shares_of_rows(by_lender.reshape(len(files), len(lenders))),
    )


def corridor_ends(corridor: Corridor, iso3: Sequence[str]) -> NDArray[np.intp]:
    """Return the rows of the economies along a corridor.

    Ends that are not in the data are left out, so that small worlds have short corridors.
    """
    place = {code: i for i, code in enumerate(iso3)}
    return np.array([place[code] for code in corridor.ends if code in place], dtype=np.intp)
