"""What the names in a run's tables mean, for formats that say it beside the numbers.

Tables hold names alone. Titles, units and variables of other programs are declared where the numbers are made, in
layers above this one; `sscsim.meanings` gathers them, and hands them down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["ARROW", "NO_WORDS", "Meaning", "Words"]

ARROW = " → "
"""Stands between two groups where flows go from one to the other."""


@dataclass(frozen=True)
class Meaning:
    """What a number is.

    Attributes
    ----------
    title
        A few words.
    unit
        As the tables write it, such as ``bn USD``.
    description
        A sentence or two.
    variable
        Its name in the exchange format of integrated assessment, such as ``Trade|Exports``.
    stock
        Whether it is an amount at the end of the year; money that is none flows in the year.
    """

    title: str
    unit: str = ""
    description: str = ""
    variable: str = ""
    stock: bool = False


@dataclass(frozen=True)
class Words:
    """What names mean.

    Attributes
    ----------
    model
        What the model calls itself, with its version.
    indicators, variables
        By name.
    groups, countries
        Titles by name and by ISO code.
    prices
        Level of prices by year, 1 in 2015: current dollars over it are dollars of 2015.
    """

    model: str = "sscsim"
    indicators: Mapping[str, Meaning] = field(default_factory=dict)
    variables: Mapping[str, Meaning] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[int, float] = field(default_factory=dict)

    def and_of(self, plugins: Mapping[str, Mapping[str, Any]] | None) -> Words:
        """Return these and what a run's manifest says of names that plug-ins brought.

        Parameters
        ----------
        plugins
            The manifest's `plugins`: by plug-in the titles, units and descriptions of indicators and variables.
        """
        indicators, variables = dict(self.indicators), dict(self.variables)
        for one in (plugins or {}).values():
            for name, said in one["indicators"].items():
                indicators[name] = Meaning(said["title"], said["unit"], said["description"])
            for name, said in one["variables"].items():
                variables[name] = Meaning(said["description"], said["unit"], stock=True)
        return replace(self, indicators=indicators, variables=variables)

    def column(self, name: str) -> Meaning | None:
        """Return what a column of the table of countries is; one of several by sector is of the whole's meaning."""
        if name in self.variables:
            return self.variables[name]
        goal = re.fullmatch(r"goal_(\d+)", name)
        stem = (
            "goals"
            if goal
            else max((v for v in self.variables if name.startswith(f"{v}_")), key=len, default="")
        )
        if stem not in self.variables:
            return None
        whole = self.variables[stem]
        place = f"Goal {goal[1]}" if goal else name.removeprefix(f"{stem}_").replace("_", " ")
        return Meaning(f"{whole.title}: {place}", whole.unit, whole.description, stock=whole.stock)


NO_WORDS = Words()
"""Nothing but the names themselves."""
