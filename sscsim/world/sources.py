"""The world's figures for people: what each is, where it comes from, whether it was imputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sscsim.world.columns import Column, load_columns
from sscsim.world.loading import load_world
from sscsim.world.tables import GOALS, World

__all__ = ["describe_country", "memberships_of", "sources_table"]

POPULATION_SHOWN = (2013, 2020, 2030, 2034)
"""Years of the population that a description shows; the table has every year."""

ATTRIBUTES = ("name", "m49", "continent", "subregion", "report_region", "income_group")


def describe_country(world: World, iso3: str) -> pd.DataFrame:
    """Return every figure of an economy with its unit, year and source.

    Parameters
    ----------
    world
        The world, with the user's overlay if there is one.
    iso3
        ISO code of the economy.

    Returns
    -------
    DataFrame
        One row a figure: ``table``, ``column``, ``description``, ``value``, ``unit``, ``year``,
        ``publisher``, ``edition``, ``licence``, ``imputed`` (bool) and ``method``. A figure that
        the user overlaid has the publisher "user".

    Raises
    ------
    InputError
        If no economy has this code.
    """
    at = world.position(iso3)
    marks = world.imputed[world.imputed["iso3"] == iso3]
    methods = {
        (str(table), str(column)): str(method)
        for table, column, method in zip(
            marks["table"], marks["column"], marks["method"], strict=True
        )
    }
    rows = []
    for table, name, key, value, year in _figures(world, at):
        column = load_columns().find(f"{table}.csv", name)
        if column is None:
            continue
        # Population is described by its path's mark, growth by the mark of its year.
        method = methods.get((table, key), "")
        overlaid = _overlaid(world, iso3, name, year)
        source = _source(column)
        rows.append(
            {
                "table": table,
                "column": name,
                "description": column.description,
                "value": value,
                "unit": column.unit,
                "year": year or column.year,
                "publisher": "user" if overlaid else source["publisher"],
                "edition": "overlay" if overlaid else source["edition"],
                "licence": "" if overlaid else source["licence"],
                "imputed": bool(method) and not overlaid,
                "method": "" if overlaid else method,
            }
        )
    return pd.DataFrame(rows)


def memberships_of(world: World, iso3: str, year: int = 2018) -> list[str]:
    """Return the groups an economy belongs to in a year."""
    at = world.position(iso3)
    return [group for group in world.groups() if world.membership(group, year)[at]]


def sources_table() -> pd.DataFrame:
    """Return one row for every column of every table.

    Returns
    -------
    DataFrame
        ``table``, ``column``, ``description``, ``unit``, ``year``, ``publisher``, ``edition``,
        ``licence``, ``imputation`` and ``imputed_cells``.
    """
    marks = load_world().imputed.copy()
    marks["column"] = marks["column"].str.split(".").str[0]
    counts = Counter(zip(marks["table"], marks["column"], strict=True))
    rows = []
    for table, columns in load_columns().tables.items():
        for name, column in columns.items():
            stem = table.split(".")[0]
            parts = GOALS if name == "goal_*" else (name,)
            cells = sum(counts[stem, part] for part in parts)
            rows.append(
                {
                    "table": table,
                    "column": name,
                    "description": column.description,
                    "unit": column.unit,
                    "year": column.year,
                    **_source(column),
                    "imputation": column.imputation,
                    "imputed_cells": cells,
                }
            )
    return pd.DataFrame(rows)


def _figures(world: World, at: int) -> Iterator[tuple[str, str, str, object, str]]:
    """Yield table, column, the name its mark goes by, value and year of every figure."""
    for name in ATTRIBUTES:
        yield "countries", name, name, world.attributes[name][at], ""
    for name in ("latitude", "longitude", "area_km2"):
        yield "countries", name, name, float(world.attributes[name][at]), ""
    # The order of columns.yaml is the order a reader expects: output, people, trade, finance.
    for name in load_columns().tables["base_year.csv"]:
        if name in world.base:
            yield "base_year", name, name, float(world.base[name][at]), ""
    for place, year in enumerate(world.growth_years.tolist()):
        key = f"growth_pct.{year}"
        yield "growth", "growth_pct", key, float(world.growth_record[at, place]), str(year)
    for year in POPULATION_SHOWN:
        people = float(world.population_in(year)[at])
        yield "population", "population_m", "population_m", people, str(year)
    for place, goal in enumerate(GOALS):
        yield "goals_2016", goal, goal, float(world.goals_2016[at, place]), ""
    for name, values in world.indicators.items():
        if np.isfinite(values[at]):
            year = world.indicator_years[name][at]
            yield "indicators_2013", name, name, float(values[at]), year


def _overlaid(world: World, iso3: str, name: str, year: str) -> bool:
    return any(
        code == iso3 and column == name and (when is None or str(when) == year or not year)
        for code, column, when in world.overlaid
    )


def _source(column: Column) -> dict[str, str]:
    sources = [load_columns().sources[code] for code in column.source]
    return {
        "publisher": "; ".join(dict.fromkeys(s.publisher for s in sources)),
        "edition": "; ".join(dict.fromkeys(s.edition for s in sources)),
        "licence": "; ".join(dict.fromkeys(s.licence for s in sources)),
    }
