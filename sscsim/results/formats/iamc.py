"""The format of the Integrated Assessment Modeling Consortium, wide and long, as `pyam` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from sscsim.results.formats import Format
from sscsim.results.formats.csv import Csv
from sscsim.results.tables import Coded, Columns, IndicatorTable, Named, RowTable, Table
from sscsim.results.units import at_current_prices, unit_of
from sscsim.results.words import ARROW, Meaning, Words
from sscsim.types import Array, Ints

__all__ = ["Iamc"]


_ENDS = ("scenario", "group", "indicator", "unit")


class Iamc(Format):
    """A line a scenario, region and variable: a column a year in ``iamc.csv``, a line a year in ``iamc_long.csv``.

    Indicators alone have a variable: `Meaning.variable`, or ``Other|`` and the title. Regions are groups; a flow from
    one group to another has the region ``A>B``. Money is in dollars of 2015. Draws of a comparison are a column
    ``draw`` more, which `pyam` keeps as one of its own.
    """

    name: ClassVar[str] = "iamc"
    suffix: ClassVar[str] = ".csv"

    def holds(self, table: Table) -> bool:
        """Return whether the table is one of indicators: of a run, or of the draws of a comparison."""
        return isinstance(table, IndicatorTable) or (
            isinstance(table, RowTable) and {*_ENDS, "year", "value"} <= {*table.columns}
        )

    def files(self, tables: Mapping[str, Table], run: Named) -> dict[str, bytes]:
        """Return both files; see `Format.files`."""
        files = {}
        for table in tables.values():
            if self.holds(table):
                long = lines(table.laid_out(run), self.words)
                files["iamc.csv"] = Csv().write(_wide(long))
                files["iamc_long.csv"] = Csv().write(long)
        return files


def lines(columns: Columns, words: Words) -> Columns:
    """Return indicators as lines of model, scenario, region, variable, unit, year and value, with draws if any."""
    count = len(columns)
    indicator, unit = columns.texts("indicator"), columns.texts("unit")
    meanings = _meanings(indicator, unit, words)
    regions = [">".join(group.split(ARROW)) for group in columns.texts("group").names]
    draws = {"draw": columns.numbers("draw")} if "draw" in columns.held else {}
    return Columns(
        {
            "model": Coded(np.zeros(count, np.int64), (words.model,)),
            "scenario": columns.texts("scenario"),
            "region": Coded.of(columns.texts("group").codes, regions),
            "variable": Coded.of(
                indicator.codes,
                [_variable(name, meanings.get(name)) for name in indicator.names],
            ),
            "unit": Coded.of(
                indicator.codes,
                [unit_of(meanings[name]) if name in meanings else "" for name in indicator.names],
            ),
            **draws,
            "year": columns.numbers("year"),
            "value": _in_dollars_of_2015(columns, meanings, words),
        }
    )


def _meanings(indicator: Coded, unit: Coded, words: Words) -> dict[str, Meaning]:
    """Return what each indicator is; of one that nobody declares the unit is known, and the name."""
    found: dict[str, Meaning] = {}
    codes, first = np.unique(indicator.codes, return_index=True)
    for code, row in zip(codes.tolist(), first.tolist(), strict=True):
        name = indicator.names[code]
        plain = Meaning(name, unit.names[int(unit.codes[row])])
        found[name] = words.indicators.get(name, plain)
    return found


def _variable(name: str, meaning: Meaning | None) -> str:
    if meaning is None:
        return name
    return meaning.variable or f"Other|{meaning.title}"


def _in_dollars_of_2015(columns: Columns, meanings: Mapping[str, Meaning], words: Words) -> Array:
    indicator, year = columns.texts("indicator"), columns.numbers("year")
    current = np.array(
        [n in meanings and at_current_prices(meanings[n].unit) for n in indicator.names], np.bool_
    )
    years, place = np.unique(year, return_inverse=True)
    prices = np.array([words.prices.get(int(one), 1.0) for one in years], np.float64)
    values: Array = np.where(
        current[indicator.codes], columns.numbers("value") / prices[place], columns.numbers("value")
    )
    return values


def _wide(long: Columns) -> Columns:
    """Return a column a year, empty where a number is not defined."""
    years, year = np.unique(long.numbers("year"), return_inverse=True)
    ends = [name for name in long.held if name not in ("year", "value")]
    keys = np.column_stack([_codes(long, name) for name in ends])
    _, first, row = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # by first appearance
    rank = np.empty(len(order), np.intp)
    rank[order] = np.arange(len(order))
    values = np.full((len(first), len(years)), np.nan)
    values[rank[row.reshape(-1)], year] = long.numbers("value")
    held = long.take(np.sort(first)).held
    return Columns(
        {name: held[name] for name in ends}
        | {str(one): _cells(values[:, i]) for i, one in enumerate(years.tolist())}
    )


def _cells(values: Array) -> Coded:
    """Return numbers as texts in the shortest form that reads back to the same bits; NaN is an empty cell."""
    codes = np.where(np.isnan(values), -1, np.arange(len(values)))
    return Coded(codes, tuple(map(repr, values.tolist())))


def _codes(columns: Columns, name: str) -> Ints:
    held = columns.held[name]
    codes: Ints = (held.codes if isinstance(held, Coded) else held).astype(np.int64)
    return codes
