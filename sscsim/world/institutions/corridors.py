"""Corridors: dated undertakings that make trade between their ends cheaper as they are built (¶81)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.world.institutions.loading import Kind
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

__all__ = ["KIND", "Corridor", "corridor_ends"]

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


def corridor_ends(corridor: Corridor, iso3: Sequence[str]) -> NDArray[np.intp]:
    """Return the rows of the economies along a corridor.

    Ends that are not in the data are left out, so that small worlds have short corridors.
    """
    place = {code: i for i, code in enumerate(iso3)}
    return np.array([place[code] for code in corridor.ends if code in place], dtype=np.intp)
