"""Corridors: dated undertakings that make trade between their ends cheaper as they are built.

The file ``data/corridors.yaml`` explains its own keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sscsim.resources import package_folder
from sscsim.yamlfile import read_yaml

__all__ = ["Corridor", "corridor_ends", "load_corridors"]

PARTS_ADD_UP = 1e-9
"""How far parts written in decimals may pass one."""


Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Corridor(BaseModel):
    """One corridor, as its file gives it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=10)
    ends: tuple[Code, ...] = Field(min_length=2)
    lender: tuple[str, ...] = Field(min_length=1)
    opens: dict[int, float] = Field(min_length=1)
    cut: float = Field(1.0, gt=0)
    source: str = Field(min_length=10)
    confirmed: bool = True

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if len(set(self.ends)) < len(self.ends):
            raise ValueError("an economy stands twice among the ends")
        if min(self.opens.values()) < 0:
            raise ValueError("what is built is not negative")
        total = sum(self.opens.values())
        if total > 1 + PARTS_ADD_UP:
            raise ValueError(f"the parts add up to {total:.4g}, more than the whole corridor")
        return self


def load_corridors(path: Path | None = None) -> tuple[Corridor, ...]:
    """Return the corridors that ship, or those of another file of the same form.

    Raises
    ------
    InputError
        With file, line and key, for anything the schema does not allow or an id given twice.
    """
    return _load(path or package_folder() / "world" / "data" / "corridors.yaml")


@lru_cache(maxsize=8)
def _load(path: Path) -> tuple[Corridor, ...]:
    document = read_yaml(path)
    unknown = [key for key in document.data if key != "corridors"]
    if unknown:
        raise document.error(
            "this key is not known here", unknown[0], allowed=["corridors"], suggestion="corridors"
        )
    raw = document.data.get("corridors")
    if not isinstance(raw, list):
        raise document.error("this key must be a list", "corridors", found=raw, allowed="- id: ...")
    corridors = tuple(document.validate(Corridor, r, "corridors", i) for i, r in enumerate(raw))
    for i, corridor in enumerate(corridors):
        if corridor.id in {c.id for c in corridors[:i]}:
            raise document.error("this id stands twice", "corridors", i, "id", found=corridor.id)
    return corridors


def corridor_ends(corridor: Corridor, iso3: Sequence[str]) -> NDArray[np.intp]:
    """Return the rows of the economies along a corridor.

    Ends that are not in the data are left out, so that small worlds have short corridors.
    """
    place = {code: i for i, code in enumerate(iso3)}
    return np.array([place[code] for code in corridor.ends if code in place], dtype=np.intp)
