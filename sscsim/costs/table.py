"""The table of costs: what is counted, at which price, and what every lever costs or why nobody can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sscsim.policy import lever_table
from sscsim.resources import package_folder
from sscsim.yamlfile import Block, Listed, YamlFile, read_yaml

__all__ = [
    "BENCHMARKS",
    "UNWRITTEN",
    "Benchmark",
    "CostTable",
    "LeverCost",
    "Own",
    "Price",
    "Quantity",
    "cost_table",
    "read_costs",
]

BENCHMARKS = ("goal_point", "person_year")
"""What is held against a price from outside the model."""

MOST_APART = 1000.0
"""A range whose ends lie further apart says nothing."""

UNWRITTEN = "What it costs is not written down in the table of costs yet"
"""Of a lever without an entry."""

Words = Annotated[str, Field(min_length=10)]
Unit = Literal["million USD", "USD a USD"]


class Price(Block):
    """A price from the lowest to the highest that is held possible."""

    price: Listed[tuple[float, float]]
    source: Words
    from_memory: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        low, high = self.price
        if not 0.0 <= low <= high or high <= 0.0:
            raise ValueError("a price goes from the lower end to the higher, neither below zero")
        if low > 0.0 and high > MOST_APART * low:
            raise ValueError("a range whose ends lie a thousandfold apart says nothing")
        return self


class _Counted(Price):
    unit: Unit
    counted: Annotated[str, Field(min_length=4, description="what is counted, in the plural")]
    payer: Annotated[str, Field(min_length=4)]

    @property
    def billions(self) -> float:
        """Billions of dollars that a unit at a price of one is."""
        return 1.0 if self.unit == "USD a USD" else 1e-3


class Quantity(_Counted):
    """What costs money whichever lever moves it: an indicator of both runs.

    ``group`` or ``each: bank``; of a share ``members`` makes countries; ``how`` adds years up or takes the last.
    """

    title: Words
    indicator: str
    group: str | None = None
    each: Literal["bank"] | None = None
    how: Literal["sum", "rise"]
    members: bool = False

    @model_validator(mode="after")
    def _is_of_somebody(self) -> Self:
        if (self.group is None) == (self.each is None):
            raise ValueError("a quantity is of a group, or of each bank")
        return self


class Own(_Counted):
    """What a lever takes by itself: its value, over countries, yearly or once, in portions of ``per``."""

    what: Words
    basis: Literal["yearly", "once"]
    per: Annotated[float, Field(gt=0.0)] = 1.0
    weight: Annotated[
        Literal["fdi_inflow_busd"] | None, Field(description="column of the base year")
    ] = None


class LeverCost(Block):
    """What a lever costs: quantities that it moves, what it takes by itself, or why no price can be had."""

    counts: list[str] = Field([])
    own: list[Own] = Field([])
    none: Words | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.counts and not self.own and self.none is None:
            raise ValueError("a lever counts something, costs something itself, or says why not")
        return self

    @property
    def priced(self) -> bool:
        """Whether anything of it has a price."""
        return bool(self.counts or self.own)


class Benchmark(Price):
    """What a thing costs elsewhere."""

    title: Words
    unit: Literal["bn USD", "thousand USD"]


@dataclass(frozen=True)
class CostTable:
    """The table of costs."""

    quantities: Mapping[str, Quantity]
    levers: Mapping[str, LeverCost]
    benchmarks: Mapping[str, Benchmark]


@lru_cache(maxsize=1)
def cost_table() -> CostTable:
    """Return the table that ships."""
    return read_costs(package_folder() / "costs" / "costs.yaml")


def read_costs(path: Path) -> CostTable:
    """Read a table of costs.

    Raises
    ------
    InputError
        With file, line and key: a key that is not known, a lever, a quantity or an indicator that does not exist, a
        quantity that no lever counts.
    """
    file = read_yaml(path)
    for key in file.data:
        if key not in ("quantities", "levers", "benchmarks"):
            raise file.unknown(
                "part of the table of this name", key, ["quantities", "levers", "benchmarks"], key
            )
    quantities = {
        name: file.validate(Quantity, raw, "quantities", name)
        for name, raw in file.mapping("quantities").items()
    }
    levers = {
        name: file.validate(LeverCost, raw, "levers", name)
        for name, raw in file.mapping("levers").items()
    }
    benchmarks = {
        name: file.validate(Benchmark, raw, "benchmarks", name)
        for name, raw in file.mapping("benchmarks").items()
    }
    _check_levers(file, levers, quantities)
    _check_indicators(file, quantities)
    for name in benchmarks:
        if name not in BENCHMARKS:
            raise file.unknown("benchmark of this name", name, BENCHMARKS, "benchmarks", name)
    for name in BENCHMARKS:
        if name not in benchmarks:
            raise file.error("this benchmark is missing", "benchmarks", allowed=name)
    # Who adds a lever need not know what it costs; a test holds those that ship to an entry of their own.
    every = {
        name: levers.get(name, LeverCost(counts=[], own=[], none=UNWRITTEN))
        for name in lever_table()
    }
    return CostTable(quantities, every, benchmarks)


def _check_levers(
    file: YamlFile, levers: Mapping[str, LeverCost], quantities: Mapping[str, Quantity]
) -> None:
    there = lever_table()
    for name, one in levers.items():
        if name not in there:
            raise file.unknown("lever of this name", name, there, "levers", name)
        for quantity in one.counts:
            if quantity not in quantities:
                raise file.unknown(
                    "quantity of this name", quantity, quantities, "levers", name, "counts"
                )
        if one.own and there[name].scope not in ("country", "world"):
            raise file.error(
                "what a lever takes by itself is added up over countries",
                "levers",
                name,
                found=f"a lever on a {there[name].scope}",
            )
    counted = {quantity for one in levers.values() for quantity in one.counts}
    for name in quantities:
        if name not in counted:
            raise file.error(
                "no lever counts this quantity", "quantities", name, allowed=sorted(counted)
            )


def _check_indicators(file: YamlFile, quantities: Mapping[str, Quantity]) -> None:
    from sscsim.outcomes.indicators import indicator_table, rows_of

    table = indicator_table()
    given: dict[str, list[str]] = {}
    for row in rows_of(table, table.groups)[0]:
        given.setdefault(row.indicator, []).append(row.group)
    for name, one in quantities.items():
        if one.indicator not in given:
            raise file.unknown(
                "indicator of this name", one.indicator, given, "quantities", name, "indicator"
            )
        if one.group is not None and one.group not in given[one.indicator]:
            raise file.unknown(
                f"group of this name that {one.indicator} is given for",
                one.group,
                given[one.indicator],
                "quantities",
                name,
                "group",
            )
