"""The state of the world in a run: one array a variable, one row a country, in the order of ISO codes.

A variable is declared once, beside the submodel that writes it, with its axes, unit, meaning and neutral value; the
state is made from those declarations. Steps name the variables they read and write; agents' attributes are windows onto
these arrays, so an agent and the array are one number. *Stocks* are what a country has at the start of a year, *flows*
are what happens in it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.types import Array

__all__ = ["DOMAINS", "SECTORS", "State", "Variable", "unique", "variable"]


SECTORS = ("energy", "transport", "water", "urban")
"""Sectors of infrastructure, the last axis of ``infrastructure_growth``."""

DOMAINS = (
    "institutions",
    "health",
    "gender_equality",
    "climate",
    "food_security",
    "science_technology_innovation",
    "infrastructure",
    "trade_finance_investment",
    "regional_integration",
)
"""Domains of capability (A/73/383, ¶23)."""


@dataclass(frozen=True)
class Variable:
    """What a state variable is.

    Attributes
    ----------
    name
        The attribute of the state.
    axes
        Names of its axes, such as ``("origin", "destination")``.
    unit, description
        What its numbers mean.
    neutral
        Its value where nothing happens: no change, no shock, no policy. Every variable opens with it, and those that
        policy sets have it in the baseline.
    """

    name: str
    axes: tuple[str, ...]
    unit: str
    description: str
    neutral: float = 0.0


def variable(
    name: str, axes: str, unit: str, description: str, *, neutral: float = 0.0
) -> Variable:
    """Declare a state variable; its axes are one text with a space between names."""
    return Variable(name, tuple(axes.split()), unit, description, neutral)


def unique(declared: Iterable[Variable]) -> tuple[Variable, ...]:
    """Return declarations in order, after a look whether a name is declared twice.

    Raises
    ------
    ValueError
        When two submodels declare a variable of the same name.
    """
    found: dict[str, Variable] = {}
    for one in declared:
        if one.name in found:
            raise ValueError(f"the state variable {one.name} is declared twice")
        found[one.name] = one
    return tuple(found.values())


class State:
    """Everything that changes in a run, and the year it stands for.

    Reading and assigning attributes is all there is to it: ``state.gdp`` is the array itself.

    Parameters
    ----------
    year
        Calendar year.
    declared
        The variables, in the order in which they are listed.
    arrays
        One array for each variable.
    """

    year: int
    variables: tuple[Variable, ...]

    def __init__(
        self, year: int, declared: Sequence[Variable], arrays: Mapping[str, Array]
    ) -> None:
        self.year = year
        self.variables = tuple(declared)
        vars(self).update({one.name: arrays[one.name] for one in self.variables})

    if TYPE_CHECKING:  # attributes come from the declarations

        def __getattr__(self, name: str) -> Array: ...

        def __setattr__(self, name: str, value: Array | int | tuple[Variable, ...]) -> None: ...

    @classmethod
    def neutral(cls, year: int, declared: Sequence[Variable], sizes: Mapping[str, int]) -> State:
        """Return a state in which every variable has its neutral value.

        Parameters
        ----------
        year, declared
            As for the class.
        sizes
            Length of each axis by its name.
        """
        return cls(
            year,
            declared,
            {one.name: np.full([sizes[a] for a in one.axes], one.neutral) for one in declared},
        )

    def copy(self) -> State:
        """Return a copy that shares no array."""
        return State(self.year, self.variables, {name: copy.copy(array) for name, array in self})

    def __deepcopy__(self, memo: dict[int, Any]) -> State:
        """Return a copy as `copy` does: declarations are shared, arrays are not."""
        memo[id(self)] = twin = self.copy()
        return twin

    def view(self) -> State:
        """Return a state of the same arrays, which keeps them when this one is given others."""
        twin = object.__new__(State)
        vars(twin).update(vars(self))
        return twin

    def __iter__(self) -> Iterator[tuple[str, Array]]:
        """Iterate over the names and arrays."""
        for one in self.variables:
            yield one.name, getattr(self, one.name)
