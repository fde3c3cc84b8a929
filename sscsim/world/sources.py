"""The world's figures for people: what each is, where it comes from, whether it was imputed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd

from sscsim.world.columns import load_columns
from sscsim.world.loading import load_world
from sscsim.world.tables import GOALS, World

__all__ = ["describe_country", "licence_expression", "memberships_of", "notices", "sources_table"]

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
    owners = {name: codes[at] for name, codes in world.base_sources.items()}
    rows = []
    for table, name, key, value, year in _figures(world, at):
        column = load_columns().find(f"{table}.csv", name)
        if column is None:
            continue
        # Growth and population are described by the mark of their year.
        method = methods.get((table, key), "")
        overlaid = _overlaid(world, iso3, name, year)
        codes = owners.get(name, "") if table == "base_year" else ""
        source = _source(tuple(codes.split("+")) if codes else column.source)
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
        ``licence``, ``spdx``, ``imputation`` and ``imputed_cells``.
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
                    **_source(column.source),
                    "imputation": column.imputation,
                    "imputed_cells": cells,
                }
            )
    return pd.DataFrame(rows)


NOTICES_HEAD = """# Data: sources, licences and what to pass on

The code of sscsim is under the MIT licence (the file LICENSE). The tables in this folder are other people's figures,
under the terms below. Whoever passes the tables on passes this file on with them. Nothing here is legal advice.

What ships was compiled, converted and partly filled in by this project; `imputed.csv` lists every cell that no
publisher printed, `base_year_sources.csv` says whose each figure of the base year is, and `columns.yaml` names the
source of every column. No publisher endorses this project or what is made of its figures.
"""
"""What stands before the notices."""


def notices() -> str:
    """Return the notice of every source, in Markdown: what its licence asks to be said."""
    columns = load_columns()
    parts = [NOTICES_HEAD]
    for code, source in columns.sources.items():
        where = [
            f"`{table}`: {', '.join(names)}"
            for table, entries in columns.tables.items()
            if (names := [f"`{name}`" for name, column in entries.items() if code in column.source])
        ]
        lines = [
            f"## {source.publisher}: {source.title}\n",
            f"- Code: `{code}`",
            f"- Edition: {source.edition}; carried over in {source.retrieved}",
            f"- Address: {source.address}",
            f"- Licence: {source.licence} (SPDX: {source.spdx})",
            f"- Terms: {source.licence_url}",
            f"- Copyright: {source.copyright}",
            *([f"- Copy used: {source.through}"] if source.through else []),
            f"- Changes: {source.changes}",
            f"- To pass on: {source.conditions}",
            f"- Columns: {'; '.join(where)}",
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def licence_expression() -> str:
    """Return the SPDX expression of code and data: MIT for the code, then the data's in order."""
    data = {source.spdx for source in load_columns().sources.values()}
    return " AND ".join(["MIT", *sorted(data - {"MIT"})])


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
    for year, dollars in world.gdp_in_dollars.items():
        key = f"gdp_busd.{year}"
        yield "gdp_dollars", "gdp_busd", key, float(dollars[at]), str(year)
    for year in POPULATION_SHOWN:
        people = float(world.population_in(year)[at])
        yield "population", "population_m", f"population_m.{year}", people, str(year)
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


def _source(codes: tuple[str, ...]) -> dict[str, str]:
    sources = [load_columns().sources[code] for code in codes]
    return {
        "publisher": "; ".join(dict.fromkeys(s.publisher for s in sources)),
        "edition": "; ".join(dict.fromkeys(f"{s.title}, {s.edition}" for s in sources)),
        "licence": "; ".join(dict.fromkeys(s.licence for s in sources)),
        "spdx": " AND ".join(dict.fromkeys(s.spdx for s in sources)),
    }
