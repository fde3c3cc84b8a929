"""The table of levers: what a scenario can move, within which bounds, and what it moves."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Self

from pydantic import Field, model_validator

from sscsim.errors import InputError, unknown
from sscsim.resources import package_folder
from sscsim.yamlfile import Block, Listed, read_yaml

__all__ = ["Lever", "lever_table", "unknown_lever"]


class Lever(Block):
    """One lever as the table gives it."""

    group: str
    description: str = Field(min_length=10)
    unit: str
    scope: Literal["country", "pair", "world", "bank"]
    bounds: Listed[tuple[float, float]]
    default: float
    combine: Literal["add", "multiply"]
    moves: str
    how: Literal["plain", "added_to_one", "less_at_both_ends", "log_of_rest", "every_goal"] = (
        "plain"
    )
    paragraph: list[int]
    source: str

    @model_validator(mode="after")
    def _default_is_neutral(self) -> Self:
        low, high = self.bounds
        if not low <= self.default <= high:
            raise ValueError("the default lies outside the bounds")
        if self.default != (0.0 if self.combine == "add" else 1.0):
            raise ValueError("a default must leave the baseline as it is: 0 to add, 1 to multiply")
        return self


@lru_cache(maxsize=1)
def lever_table() -> dict[str, Lever]:
    """Return every lever by name, in the order of the table."""
    document = read_yaml(package_folder() / "policy" / "levers.yaml")
    return {
        name: document.validate(Lever, raw, "levers", name)
        for name, raw in document.mapping("levers").items()
    }


def unknown_lever(name: str) -> InputError:
    """Return the error for a lever that there is not, where no file names it."""
    table = lever_table()
    return unknown(
        "lever of this name",
        name,
        table,
        allowed=f"one of {len(table)} names that `sscsim scenario levers` lists",
        told={other: one.description for other, one in table.items()},
        key="lever",
    )
