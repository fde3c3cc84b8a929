"""Places, the long table of observations, and the one way tables are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from sscsim.yamlfile import read_yaml

HERE = Path(__file__).resolve().parent
OBSERVATIONS = HERE / "observations"
LISTS = HERE / "lists"
DATA = HERE.parents[1] / "sscsim" / "world" / "data"

# Six significant digits: finer than any publisher's rounding, and the same text on every platform.
FLOAT_FORMAT = "%.6g"


def read_list(name: str) -> dict[str, Any]:
    """Read a hand-compiled list (``lists/NAME.yaml``)."""
    return read_yaml(LISTS / f"{name}.yaml").data


def economies() -> pd.DataFrame:
    """Return the economies of the model, indexed and sorted by ISO code: name and M49 subregion."""
    table = pd.read_csv(LISTS / "economies.csv", keep_default_na=False)
    return table.set_index("iso3").sort_index()


class Observations:
    """The long table of carried-over figures (iso3, variable, year, value, source)."""

    def __init__(self) -> None:
        files = sorted(OBSERVATIONS.glob("*.csv"))
        self.table = pd.concat(
            [pd.read_csv(f, keep_default_na=False, na_values=[""]) for f in files],
            ignore_index=True,
        )
        self.index = economies().index

    def get(self, variable: str, year: int | None = None) -> pd.Series:
        """One variable in one year (or in the only year each economy has), by ISO code."""
        rows = self.table[self.table["variable"] == variable]
        if rows.empty:
            raise KeyError(variable)
        if year is not None:
            rows = rows[rows["year"] == year]
        return rows.set_index("iso3")["value"].reindex(self.index).astype(float)

    def year(self, variable: str) -> pd.Series:
        """Return the year of the one figure that each economy has of a variable."""
        rows = self.table[self.table["variable"] == variable]
        return rows.set_index("iso3")["year"].reindex(self.index)

    def panel(self, variable: str) -> pd.DataFrame:
        """One variable as a table of economies by years."""
        rows = self.table[self.table["variable"] == variable]
        return rows.pivot(index="iso3", columns="year", values="value").reindex(self.index)


class Marks:
    """Collects every cell that was imputed, and how; and whose the others are."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str]] = []
        self.origins: dict[tuple[str, str], str] = {}

    def add(self, table: str, iso3: str, column: str, method: str) -> None:
        """Mark one cell."""
        self.rows.append((table, iso3, column, method))

    def fill(
        self, table: str, column: str, values: pd.Series, fallback: pd.Series, method: str
    ) -> pd.Series:
        """Fill the gaps of ``values`` from ``fallback`` and mark each filled cell."""
        filled = values.copy()
        for iso3 in values.index[values.isna() & fallback.notna()]:
            filled[iso3] = fallback[iso3]
            self.add(table, str(iso3), column, method)
        return filled

    def printed(
        self, table: str, column: str, values: pd.Series, other: pd.Series, source: str
    ) -> pd.Series:
        """Fill the gaps of ``values`` from another publisher's print, and note whose each cell is.

        What is filled here is a figure of that economy and year, or arithmetic on such figures, and
        is no imputation.
        """
        filled = values.copy()
        for iso3 in values.index[values.isna() & other.notna()]:
            filled[iso3] = other[iso3]
            self.origins[column, str(iso3)] = source
        return filled

    def sources(self, table: pd.DataFrame) -> pd.DataFrame:
        """Whose every cell of a table is: a code of the sources, empty where it was imputed."""
        codes = {
            column: [self.origins.get((str(column), str(iso3)), "") for iso3 in table.index]
            for column in table.columns
        }
        return pd.DataFrame(codes, index=table.index)

    def table(self) -> pd.DataFrame:
        """All marks, sorted."""
        frame = pd.DataFrame(self.rows, columns=["table", "iso3", "column", "method"])
        return frame.drop_duplicates().sort_values(["table", "column", "iso3", "method"])


def write_csv(frame: pd.DataFrame, name: str, folder: Path = DATA) -> None:
    """Write a table with fixed number format and line ends: each run gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / name, index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def write_parquet(frame: pd.DataFrame, name: str, folder: Path = DATA) -> None:
    """Write a table as parquet without an index."""
    frame.reset_index(drop=True).to_parquet(folder / name, index=False, compression="zstd")
