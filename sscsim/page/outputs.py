"""What the page shows, and how it is read from a run: one array of items by year for each output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
from pydantic import Field

from sscsim.page.sliders import Words
from sscsim.resources import package_folder
from sscsim.results.tables import CountryTable, IndicatorTable, RowTable
from sscsim.types import Array
from sscsim.yamlfile import Block, read_yaml

__all__ = ["KINDS", "REGIONS", "Output", "Outputs", "Reading", "outputs"]

KINDS = ("country", "series", "goals", "matrix", "bank")

REGIONS = (
    "Africa",
    "Arab States",
    "Asia-Pacific",
    "Latin America and the Caribbean",
    "Europe and others",
)
"""Regions of the report."""

GOALS = tuple(range(1, 18))


class Output(Block):
    """An output as the file gives it."""

    kind: Literal["country", "series", "goals", "matrix", "bank"]
    reads: str
    per: str | None = None
    groups: list[str] | None = None
    unit: str
    times: float = 1.0
    change: Literal["add", "log"]
    least: float = Field(0.0, ge=0)
    better: Literal["more", "less"] | None
    decimals: int = Field(ge=0, le=4)
    title: Words


@dataclass(frozen=True)
class Outputs:
    """All outputs, and the names of what they are given for."""

    table: Mapping[str, Output]
    groups: Mapping[str, Words]
    goals: Mapping[int, Words]
    banks: Mapping[str, Words]
    units: Mapping[str, Words]
    in_zh: Mapping[str, float]

    def times(self, output: Output, language: str) -> float:
        """Return what numbers are multiplied by to be written in the unit of a language, ``en`` or ``zh``."""
        return output.times * (self.in_zh.get(output.unit, 1.0) if language == "zh" else 1.0)

    def effect_unit(self, output: Output) -> Words:
        """Return the unit of effects as they are shown."""
        if output.change == "log":
            return self.units["percent"]
        return self.units["percentage_points" if output.unit == "percent" else output.unit]


@lru_cache(maxsize=1)
def outputs() -> Outputs:
    """Return the outputs that ship.

    Raises
    ------
    InputError
        With file, line and key, for what is wrong in their file.
    """
    document = read_yaml(package_folder() / "page" / "outputs.yaml")

    def words(key: str) -> dict[Any, Words]:
        held = document.mapping(key)
        return {name: document.validate(Words, raw, key, name) for name, raw in held.items()}

    units = words("units")
    table = {
        name: document.validate(Output, raw, "outputs", name)
        for name, raw in document.mapping("outputs").items()
    }
    for name, one in table.items():
        if one.unit not in units:
            raise document.unknown("unit of this name", one.unit, units, "outputs", name, "unit")
    goals = {int(number): said for number, said in words("goals").items()}
    in_zh = {name: float(number) for name, number in document.mapping("in_zh").items()}
    for name in in_zh:
        if name not in units:
            raise document.unknown("unit of this name", name, units, "in_zh", name)
    return Outputs(table, words("groups"), goals, words("banks"), units, in_zh)


class Reading:
    """Reads the outputs of one run.

    Parameters
    ----------
    tables
        The run's tables: indicators, countries of every year, projects.
    regions
        The report's region of each country, by ISO code.
    """

    def __init__(self, tables: Mapping[str, Any], regions: Mapping[str, str]) -> None:
        indicators, countries, projects = (
            tables[name] for name in ("indicators", "countries", "projects")
        )
        if not (
            isinstance(indicators, IndicatorTable)
            and isinstance(countries, CountryTable)
            and isinstance(projects, RowTable)
        ):
            raise TypeError("the page reads indicators, countries and projects")
        self._indicators, self._countries, self._projects = indicators, countries, projects
        self._regions = regions
        self.iso3 = countries.iso3
        self.years = countries.years

    def axes(self, output: Output) -> tuple[tuple[str | int, ...], ...]:
        """Return what an output is given for, axis by axis."""
        if output.kind == "country":
            return (self.iso3,)
        if output.kind == "goals":
            return (self._groups("goal_1", outputs().groups), GOALS)
        if output.kind == "matrix":
            return (REGIONS, REGIONS)
        if output.kind == "bank":
            return (self._groups(output.reads, outputs().banks),)
        return (self._groups(output.reads, output.groups or outputs().groups),)

    def values(self, output: Output) -> Array:
        """Return an output, ``(item, year)``, items over its axes in row-major order; NaN for what is not given."""
        if output.kind == "country":
            return self._of_countries(output)
        if output.kind == "matrix" and output.reads == "projects":
            return self._between_regions()
        axes = self.axes(output)
        if output.kind == "goals":
            names = [(f"goal_{goal}", str(group)) for group in axes[0] for goal in axes[1]]
        elif output.kind == "matrix":
            names = [
                (output.reads, f"South: {one} → South: {other}")
                for one in axes[0]
                for other in axes[1]
            ]
        else:
            names = [(output.reads, str(group)) for group in axes[0]]
        return np.array([self._series(indicator, group) for indicator, group in names])

    def _groups(self, indicator: str, wanted: Any) -> tuple[str, ...]:
        return tuple(name for name in wanted if (indicator, name) in self._lines)

    @cached_property
    def _lines(self) -> dict[tuple[str, str], Array]:
        labels, found = self._indicators.labels, self._indicators
        table = np.full((len(labels), len(self.years)), np.nan)
        table[found.code, found.year - self.years[0]] = found.value
        return {(name, group): row for (group, name, _), row in zip(labels, table, strict=True)}

    def _series(self, indicator: str, group: str) -> Array:
        # Landlocked countries have no Goal 14, and their group no line of it.
        return self._lines.get((indicator, group), np.full(len(self.years), np.nan))

    def _column(self, name: str) -> Array:
        values = self._countries.columns[name].reshape(len(self.years), len(self.iso3))
        return values.T

    def _of_countries(self, output: Output) -> Array:
        if output.reads == "goals":
            goals = np.array([self._column(f"goal_{goal}") for goal in GOALS])
            applies = np.isfinite(goals)
            total = np.where(applies, goals, 0.0).sum(axis=0)
            return np.asarray(total / applies.sum(axis=0))
        total = sum(self._column(name.strip()) for name in output.reads.split("+"))
        if output.per is not None:
            total = total / self._column(output.per)
        return np.asarray(total)

    def _between_regions(self) -> Array:
        """Return projects under way by the regions of provider and learner, as `Run.network` counts them."""
        table = self._projects
        counts = self._learners
        start, end = (table.columns[name].astype(np.int64) for name in ("start", "end"))
        found = np.zeros((len(self.years), len(REGIONS), len(REGIONS)))
        provider = self._places("provider")
        for i, year in enumerate(self.years):
            on = (start <= year) & (end >= year) & (provider >= 0)
            np.add.at(found[i], provider[on], counts[on])
        return found.reshape(len(self.years), -1).T

    def _places(self, column: str) -> Any:
        """Return the place of the region of whom a column of projects names, -1 for nobody, ``(project,)``."""
        names = self._projects.texts[column]
        places = np.array([*(REGIONS.index(self._regions[str(name)]) for name in names), -1])
        return places[self._projects.columns[column].astype(np.int64)]

    @cached_property
    def _learners(self) -> Array:
        """How many countries of each region learn in a project, ``(project, region)``: its parties but the provider."""
        table = self._projects
        found = np.zeros((len(table), len(REGIONS)))
        receiver = self._places("receiver")
        rows = np.arange(len(table))
        found[rows[receiver >= 0], receiver[receiver >= 0]] = 1.0
        together = np.zeros((len(table.texts["parties"]) + 1, len(REGIONS)))
        for i, parties in enumerate(table.texts["parties"]):
            for one in parties.split():
                together[i, REGIONS.index(self._regions[one])] += 1.0
        several = rows[receiver < 0]
        found[several] = together[table.columns["parties"].astype(np.int64)[several]]
        provider = self._places("provider")
        # A leader may be no party of its own project.
        named = table.texts["provider"]
        member = [set(parties.split()) for parties in (*table.texts["parties"], "")]
        for row in several.tolist():
            leader = int(table.columns["provider"][row])
            if leader >= 0 and named[leader] in member[int(table.columns["parties"][row])]:
                found[row, provider[row]] -= 1.0
        return found
