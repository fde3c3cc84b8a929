"""Finds figures of refused sources in tables, by the name of a column and by value.

A fingerprint is the hash of the figures of eight economies, relative to the first of them, so that it
neither holds the figures nor depends on their unit, on the name of their column or on the layout.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

ECONOMIES = ("BRA", "CHN", "DEU", "IND", "KEN", "MEX", "USA", "ZAF")
KEYS = ("variable", "year", "goal", "flow", "column", "indicator_code")
CODES = ("iso3", "country_code", "economy", "code")
NAMES = (
    "corruption_perceptions",
    "edition_2023",
    "goal_1_score",
    "life_expectancy",
    "schooling_women_to_men",
    "homicides",
    "electricity_use_kwh",
    "energy_use_kgoe",
    "military_spending",
    "government_health_spending",
    "basic_sanitation",
    "basic_water",
    "broadband",
    "cell_phones",
    "forest_pct",
    "patent_applications",
    "polity",
    "agriculture_pct_employment",
    "adult_literacy",
    "urban_population",
    "child_underweight",
    "co2_kg",
    "lower_bound,optimum",
)
"""Parts of names that the refused columns and tables had."""


def fingerprint(values: np.ndarray) -> str | None:
    """Return the hash of eight figures, None where they tell nothing."""
    values = np.asarray(values, dtype=np.float64)
    if not np.isfinite(values).all() or values[0] == 0.0:
        return None
    relative = values / values[0]
    if len({f"{x:.3g}" for x in relative}) < 6:
        return None
    return hashlib.sha256(" ".join(f"{x:.3g}" for x in relative).encode()).hexdigest()[:20]


def fingerprints(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield where it stands and the fingerprint of every column, for every key of a long table."""
    code = next((name for name in CODES if name in table.columns), None)
    if code is None:
        return
    keys = [name for name in KEYS if name in table.columns]
    numbers = [
        name
        for name in table.columns
        if name != code and name not in keys and pd.api.types.is_numeric_dtype(table[name])
    ]
    table = table[table[code].isin(ECONOMIES)]
    groups = table.groupby(keys, observed=True) if keys else [("", table)]
    for key, part in groups:
        part = part.drop_duplicates(code).set_index(code).reindex(ECONOMIES)
        for name in numbers:
            found = fingerprint(part[name].to_numpy(np.float64))
            if found is not None:
                yield f"{key} {name}", found


def read_table(name: str, raw: bytes) -> pd.DataFrame | None:
    """Return a file as a table, None if it is none."""
    match PurePosixPath(name).suffix:
        case ".csv":
            return pd.read_csv(
                io.BytesIO(raw), keep_default_na=False, na_values=[""], low_memory=False
            )
        case ".parquet":
            return pd.read_parquet(io.BytesIO(raw))
        case _:
            return None


def search(files: Iterator[tuple[str, bytes]], refused: dict[str, list[str]]) -> list[str]:
    """Return what is found of refused sources in files: file, place, source."""
    by_hash = {one: source for source, many in refused.items() for one in many}
    found = []
    for name, raw in files:
        table = read_table(name, raw)
        if table is None:
            continue
        columns = ",".join(str(c) for c in table.columns)
        if "variable" in table.columns:
            columns += "," + ",".join(table["variable"].astype(str).unique())
        found += [f"{name}: a column called {part}" for part in NAMES if part in columns]
        found += [
            f"{name}: {where} has the figures of {by_hash[one]}"
            for where, one in fingerprints(table)
            if one in by_hash
        ]
    return found
