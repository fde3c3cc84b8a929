"""What each column of the tables is: description, unit, year, source, bounds, imputation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sscsim.yamlfile import Block, Listed, read_yaml

__all__ = ["Column", "Columns", "Source", "load_columns", "overlay_columns"]

Words = Annotated[str, Field(min_length=2)]

COLUMNS_FILE = Path(__file__).resolve().parent / "data" / "columns.yaml"


class Source(Block):
    """Who published a figure, in which edition, under which licence: what a notice must say.

    Attributes
    ----------
    publisher, title, edition, address
        What was taken, and where it is had.
    retrieved
        When it was carried over, a year.
    licence, licence_url
        The terms in words, and where they stand.
    spdx
        The licence's SPDX identifier; ``LicenseRef-...`` where it has none (public domain, single facts).
    copyright
        The publisher's copyright line.
    changes
        What this project changed.
    conditions
        What whoever passes the data on must keep to.
    through
        By whose copy the figures came, where not from the publisher.
    """

    publisher: Words
    title: Words
    edition: Words
    address: Words
    retrieved: Words
    licence: Words
    licence_url: Words
    spdx: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]+$")]
    copyright: Words
    changes: Words
    conditions: Words
    through: str = ""


class Column(Block):
    """One column of one table."""

    description: str
    unit: str
    source: Listed[tuple[str, ...]]
    year: str = ""
    bounds: Listed[tuple[float, float]] | None = None
    imputation: str = ""
    overlay: bool = False

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("year", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> str:
        return str(value)


class Columns(Block):
    """The whole of ``columns.yaml``."""

    sources: dict[str, Source]
    tables: dict[str, dict[str, Column]]

    def find(self, table: str, name: str) -> Column | None:
        """Return the entry of a column; ``goal_*`` and ``*`` stand for many names."""
        entries = self.tables.get(table, {})
        if name in entries:
            return entries[name]
        if name.startswith("goal_") and "goal_*" in entries:
            return entries["goal_*"]
        return entries.get("*")


@dataclass(frozen=True)
class Target:
    """Where an overlaid column goes, and what may stand in it."""

    table: Literal["base_year", "growth", "population", "goals_2016"]
    column: Column
    years: Literal["none", "required", "optional"]


@lru_cache(maxsize=1)
def load_columns() -> Columns:
    """Read ``columns.yaml`` once."""
    document = read_yaml(COLUMNS_FILE)
    return document.validate(Columns, document.data)


@lru_cache(maxsize=1)
def overlay_columns() -> dict[str, Target]:
    """Return the columns that a user may overlay, by name."""
    columns = load_columns()
    targets: dict[str, Target] = {}
    for name, column in columns.tables["base_year.csv"].items():
        if column.overlay:
            targets[name] = Target("base_year", column, "none")
    targets["growth_pct"] = Target("growth", columns.tables["growth.csv"]["growth_pct"], "required")
    targets["population_m"] = Target(
        "population", columns.tables["population.csv"]["population_m"], "optional"
    )
    goal = columns.tables["goals_2016.csv"]["goal_*"]
    for number in range(1, 18):
        targets[f"goal_{number}"] = Target("goals_2016", goal, "none")
    return targets
