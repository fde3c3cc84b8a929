"""A run: its tables as data frames, its manifest, its place on disk."""

from __future__ import annotations

import importlib.metadata
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import InputError, nearest, unknown
from sscsim.results.frames import frame
from sscsim.results.schema import TABLES, content_hash, declared
from sscsim.results.tables import IndicatorTable, MatrixTable, Named, RowTable, Table

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sscsim import Plots

__all__ = ["PACKAGES", "Run", "platform_report"]

PACKAGES = ("mesa", "numpy", "pandas", "pyarrow", "scipy")
"""Packages whose versions a manifest names: those that numbers pass through."""


class Run:
    """What is known of a run.

    Made by `Recorder.run` or `Run.load`. Data frames are made when they are first asked for. Two
    runs are equal when their tables are: duration, host and time of day do not count.

    Parameters
    ----------
    manifest
        What was run; plain data.
    tables
        By the names of `sscsim.results.schema.TABLES`; there are always indicators.
    """

    def __init__(self, manifest: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
        self._details = dict(manifest)
        self._tables = {one.name: tables[one.name] for one in TABLES if one.name in tables}
        if len(self._tables) < len(tables):
            for name in tables:
                declared(name)  # says which is not
        indicators = tables["indicators"]
        if not isinstance(indicators, IndicatorTable):
            raise TypeError("a run's indicators are a table of indicators")
        self._indicators = indicators

    # ------------------------------------------------------------------------------------ tables

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self._details["scenario_name"])

    @property
    def seed(self) -> int:
        """The master seed."""
        return int(self._details["seed"])

    @property
    def keep(self) -> str:
        """How much was kept."""
        return str(self._details["keep"])

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the run."""
        return tuple(int(y) for y in np.unique(self._indicators.year))

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a data frame, matrices as lines of year, origin, destination and value.

        Parameters
        ----------
        name
            One of `sscsim.results.schema.TABLES`.

        Raises
        ------
        InputError
            If there is no such table, or the run kept none.
        """
        return frame(self._named_table(name).laid_out(self.named))

    def _named_table(self, name: str) -> Table:
        names = [one.name for one in TABLES]
        if name not in names:
            raise InputError(
                "a run has no table of this name",
                key="table",
                found=name,
                allowed=names,
                suggestion=nearest(name, names),
            )
        return self._kept(name)

    def _kept(self, name: str) -> Table:
        if name not in self._tables:
            one = declared(name)
            made = ", with the step that makes them" if one.kind is RowTable else ""
            raise InputError(
                f"this run kept no table of {name}",
                key="keep",
                found=self.keep,
                allowed=one.kept_by() + made,
            )
        return self._tables[name]

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """The long table: scenario, seed, year, group, indicator, value, unit."""
        return self.table("indicators")

    @cached_property
    def countries(self) -> pd.DataFrame:
        """One line a year and country: iso3, year, one column a variable.

        Raises
        ------
        InputError
            If the run kept its indicators only.
        """
        return self.table("countries")

    @cached_property
    def projects(self) -> pd.DataFrame:
        """Cooperation projects, one line each, those begun before the base year included.

        Provider and receiver are ISO codes (a regional project has ``parties`` and no receiver); ``partner`` is the
        third party, ``facilitator`` its country, ``triangular`` the definitions by which the project is triangular,
        ``body`` the regional body. Start and end are the first and the last calendar year; cost is in millions of
        current US dollars.

        Raises
        ------
        InputError
            If the run kept none.
        """
        return self.table("projects")

    @cached_property
    def banks(self) -> pd.DataFrame:
        """Development banks, one line a bank and year: flows, balance sheet at the end of the year, limits; bn USD.

        Raises
        ------
        InputError
            If the run kept none.
        """
        return self.table("banks")

    @cached_property
    def loans(self) -> pd.DataFrame:
        """Loans and credit lines, one line each, what was lent before the base year included; bn USD.

        Raises
        ------
        InputError
            If the run kept none.
        """
        return self.table("loans")

    @cached_property
    def lenders(self) -> pd.DataFrame:
        """Lenders of credit lines and funds, one line a lender and year; bn USD.

        Raises
        ------
        InputError
            If the run kept none.
        """
        return self.table("lenders")

    def network(self, year: int, domain: str | None = None) -> pd.DataFrame:
        """Return who learns from whom in a year: provider, receiver, projects under way and their cost.

        An edge list, ``networkx.from_pandas_edgelist(run.network(2030), "provider", "receiver", "projects",
        create_using=networkx.DiGraph)``. Each member of a regional project but its leader is a receiver, and bears an
        equal part of the cost.

        Raises
        ------
        InputError
            For a domain that does not exist, a year outside the run, or a run that kept no projects.
        """
        import pandas as pd

        table = self._kept("projects")
        if not isinstance(table, RowTable):
            raise TypeError("projects are a table of rows")
        if year not in self.years:
            raise InputError(
                "the run does not have this year",
                key="year",
                found=year,
                allowed=f"{self.years[0]} to {self.years[-1]}" if self.years else "no year",
            )
        under_way = (table.columns["start"] <= year) & (table.columns["end"] >= year)
        if domain is not None:
            names = table.texts["domain"]
            if domain not in names:
                raise unknown("domain of this name", domain, names, key="domain")
            under_way &= table.columns["domain"] == names.index(domain)
        count: dict[tuple[str, str], int] = {}
        cost: dict[tuple[str, str], float] = {}
        providers, receivers = table.text("provider"), table.text("receiver")
        parties = table.text("parties")
        for row in np.flatnonzero(under_way).tolist():
            provider = str(providers[row])
            single = receivers[row]
            learning = (
                [single] if single else [p for p in str(parties[row]).split() if p != provider]
            )
            for receiver in learning:
                pair = (provider, str(receiver))
                count[pair] = count.get(pair, 0) + 1
                part = float(table.columns["cost"][row]) / len(learning)
                cost[pair] = cost.get(pair, 0.0) + part
        pairs = sorted(count)
        return pd.DataFrame(
            {
                "provider": pd.Series([p for p, _ in pairs], dtype="str"),
                "receiver": pd.Series([r for _, r in pairs], dtype="str"),
                "projects": np.array([count[pair] for pair in pairs], dtype=np.int64),
                "cost": np.array([cost[pair] for pair in pairs], dtype=np.float64),
            }
        )

    def trade(self, year: int) -> pd.DataFrame:
        """Return goods trade of a year, exporter × importer, bn USD."""
        return self._matrix("trade", year)

    def fdi(self, year: int) -> pd.DataFrame:
        """Return foreign direct investment of a year, investor × host, bn USD."""
        return self._matrix("fdi", year)

    def matrix_years(self, name: str = "trade") -> tuple[int, ...]:
        """Return the years whose matrices were kept."""
        found = self._tables.get(name)
        return found.years if isinstance(found, MatrixTable) else ()

    def value(self, indicator: str, group: str = "World", year: int | None = None) -> float:
        """Return one number, of the last year unless another is named; NaN where it is not defined.

        Raises
        ------
        InputError
            For an indicator, a group or a year that the run does not have.
        """
        series = self._lines(indicator, group)
        years = self.years
        if year is None and years:
            year = years[-1]
        if year not in years:
            raise InputError(
                "the run does not have this year",
                key="year",
                found=year,
                allowed=f"{years[0]} to {years[-1]}" if years else "none: the run is empty",
            )
        return series.get(int(year), math.nan)

    def series(self, indicator: str, group: str = "World") -> pd.Series[float]:
        """Return one indicator of one group by year, NaN where it is not defined.

        Raises
        ------
        InputError
            For an indicator or a group that the run does not have.
        """
        import pandas as pd

        found = self._lines(indicator, group)
        return pd.Series(
            [found.get(year, math.nan) for year in self.years],
            index=pd.Index(self.years, name="year"),
            name=indicator,
            dtype="float64",
        )

    def _lines(self, indicator: str, group: str) -> dict[int, float]:
        lookup = self._indicators.lookup
        if (group, indicator) in lookup:
            return lookup[group, indicator]
        groups = sorted({g for g, i in lookup if i == indicator})
        if not groups:
            names = sorted({i for _, i in lookup})
            raise InputError(
                "the run has no indicator of this name",
                key="indicator",
                found=indicator,
                allowed=names,
                suggestion=nearest(indicator, names),
            )
        raise InputError(
            f"the run does not have {indicator!r} for this group",
            key="group",
            found=group,
            allowed=groups,
            suggestion=nearest(group, groups),
        )

    def _matrix(self, name: str, year: int) -> pd.DataFrame:
        import pandas as pd

        kept = self._tables.get(name)
        if not isinstance(kept, MatrixTable) or year not in kept.matrices:
            years = self.matrix_years(name)
            raise InputError(
                f"this run kept no matrix of {name} for this year",
                key="year",
                found=year,
                allowed=", ".join(map(str, years))
                or f"none, since it kept {self.keep}: choose standard, or full for every year",
            )
        iso3 = list(kept.iso3)
        matrix = pd.DataFrame(kept.matrices[year].copy(), index=iso3, columns=iso3)
        return matrix.rename_axis(index="origin", columns="destination")

    # ---------------------------------------------------------------------------------- identity

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that were kept, by name, as plain arrays."""
        return dict(self._tables)

    @property
    def named(self) -> Named:
        """Scenario and seed, as tables have them."""
        return Named(self.scenario, self.seed)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of all tables: equal hashes mean equal results."""
        return content_hash(self._tables, self.named)

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run, with what, where, and what came out."""
        return {
            **self._details,
            "content_hash": self.content_hash,
            "tables": {
                name: {"rows": len(table), "content_hash": table.content_hash}
                for name, table in self.tables.items()
            },
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self.content_hash == other.content_hash

    def __hash__(self) -> int:
        return hash(self.content_hash)

    def __repr__(self) -> str:
        years = f"{self._details['start']}-{self._details['end']}"
        return f"<Run {self.scenario!r}, seed {self.seed}, {years}, {self.content_hash[:12]}>"

    def __getstate__(self) -> dict[str, Any]:
        # Data frames are made again where they are wanted.
        return {k: v for k, v in self.__dict__.items() if k.startswith("_") or k == "content_hash"}

    # ---------------------------------------------------------------------------------- the disk

    def save(self, folder: str | Path, *, compact: bool = False) -> Path:
        """Write the run into a folder, whole or not at all, and return the folder.

        Parameters
        ----------
        folder
            Made if it does not exist; its parent must. A saved run that is there already is
            replaced.
        compact
            Write the indicators as parquet and not as CSV: an eighth of the size, for the members
            of an ensemble.

        Raises
        ------
        InputError
            If the run recorded nothing.
        OutputError
            If it cannot be written there; nothing is left behind.
        """
        from sscsim.results.writing import save_run

        if not len(self._indicators):
            raise InputError(
                "the run recorded nothing, so there is nothing to save",
                key="measurement",
                found="step switched off",
                allowed="a run with the step `measurement`",
            )

        return save_run(self._details, self._tables, Path(folder).expanduser(), compact=compact)

    def files(self, *, compact: bool = True) -> dict[str, bytes]:
        """Return the files that `save` would write, by name: how a run travels to where it is to be kept."""
        from sscsim.results.writing import files_of

        return files_of(self._details, self._tables, compact=compact)

    def export(
        self, folder: str | Path, form: str = "csv", *, tables: Sequence[str] | None = None
    ) -> Path:
        """Write tables for other programs into a folder of their own, whole or not at all.

        What is written cannot always be read back: to keep a run, `save` it.

        Parameters
        ----------
        folder
            Made if it does not exist; its parent must. What was written in this way before is replaced.
        form
            A format of `sscsim.results.formats`: ``csv``, ``iamc``, ``netcdf``, ``parquet``, ``xlsx``, or one that was
            added.
        tables
            Names of the tables to write; without them all that the format has room for.

        Raises
        ------
        InputError
            If there is no such format or table, or a package that it takes is not installed.
        OutputError
            If it cannot be written there; nothing is left behind.
        """
        from sscsim import what_names_mean
        from sscsim.results.writing import chosen, export_run

        place, wanted = Path(folder).expanduser(), chosen(self._tables, tables)
        return export_run(
            self._details,
            wanted,
            place,
            form,
            what_names_mean().and_of(self._details.get("plugins")),
        )

    def to_xarray(self, table: str = "indicators") -> xr.Dataset:
        """Return a table as labelled arrays, with titles and units; see `sscsim.results.arrays.dataset`.

        Parameters
        ----------
        table
            One of `sscsim.results.schema.TABLES`.

        Raises
        ------
        InputError
            If there is no such table, the run kept none, or xarray is not installed.
        """
        from sscsim import what_names_mean
        from sscsim.results.arrays import dataset

        return dataset(
            table,
            self._named_table(table),
            self.named,
            what_names_mean().and_of(self._details.get("plugins")),
        )

    # ------------------------------------------------------------------------------ what is shown

    @property
    def plot(self) -> Plots:
        """Figures of the run, ``run.plot.growth()``: each name of `sscsim plot` is a method."""
        from sscsim import Plots

        return Plots(self)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: what was run, and the main numbers of the South."""
        from sscsim.results.html import run_in_html

        return run_in_html(self)

    @classmethod
    def load(cls, folder: str | Path) -> Run:
        """Read a saved run.

        Raises
        ------
        InputError
            If the folder holds no run, or one that is damaged: says what is wrong.
        """
        from sscsim.results.reading import read_run

        return cls(*read_run(Path(folder).expanduser()))


@lru_cache(maxsize=1)
def _platform() -> tuple[tuple[str, str], ...]:
    # Reading what is installed takes longer than a simulated year, and does not change meanwhile.
    versions: dict[str, str] = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return tuple(
        {
            "system": platform.platform(),
            "machine": platform.machine(),
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "byte_order": sys.byteorder,
            **versions,
        }.items()
    )


def platform_report() -> dict[str, str]:
    """Return what bits depend on: system, Python and the packages numbers pass through."""
    return dict(_platform())
