"""The world as a run takes it: arrays sorted by ISO code.

Axes are ``(country,)`` or ``(origin, destination)`` unless a field says otherwise. `sscsim.world.loading` reads it from
the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InputError, unknown
from sscsim.types import Array, Index, Ints, Mask
from sscsim.world.base_trade import BaseTrade
from sscsim.world.naming import Gazetteer

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DATA", "GOALS", "NEVER", "Treaty", "World"]

GOALS = tuple(f"goal_{goal}" for goal in range(1, 18))
DATA = Path(__file__).resolve().parent / "data"

INFLATION_BEYOND_TABLE = 0.02
"""Yearly rise of the deflator after its last year: the assumption its last rows are built on."""

NEVER = 9999
"""Year in which what has no end would end."""


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """What is: the economies, their geography, groups and base-year figures.

    Every array is read-only; a run copies what it changes.
    """

    iso3: tuple[str, ...]
    """ISO codes in the order of every array."""
    attributes: Mapping[str, NDArray[Any]]
    """Columns of ``countries.csv`` by name, shape (country,): names, codes and regions as texts, M49 code, position and
    area as numbers."""
    base: dict[str, Array]
    """Columns of ``base_year.csv`` by name, shape (country,)."""
    growth_record: Array
    """Growth of real GDP in percent, shape (country, year)."""
    growth_years: Ints
    """Years of `growth_record`."""
    growth_is_forecast: Mask
    """Which of `growth_years` are the forecast, shape (year,)."""
    population: Array
    """Population in millions, shape (country, year)."""
    population_years: Ints
    """Years of `population`."""
    fdi_inflows: Array
    """Foreign direct investment received, billions of current dollars, shape (country, year)."""
    fdi_outflows: Array
    """Foreign direct investment made abroad, billions of current dollars, shape (country, year)."""
    fdi_years: Ints
    """Years of the two FDI arrays."""
    deflator: dict[int, float]
    """Price index of a US dollar by year, 2015 = 1."""
    distance: Array
    """Population-weighted distance in kilometres, shape (origin, destination)."""
    contiguity: Array
    """1 where two economies share a land border."""
    common_language: Array
    """1 where two economies share an official language."""
    colonial_tie: Array
    """1 where one of two economies ever ruled the other."""
    published_export_share: Array
    """Share of a destination in the exporter's goods exports, shape (exporter, importer); NaN where
    unpublished."""
    published_import_share: Array
    """Share of an exporter in the importer's goods imports, shape (exporter, importer); NaN where
    unpublished."""
    goals_2016: Array
    """Scores of the 17 Goals, shape (country, goal); NaN for Goal 14 of landlocked economies."""
    trade_matrix: Array | None
    """The user's own bilateral matrix, billions of dollars, shape (exporter, importer)."""
    data_hash: str
    """SHA-256 of the tables and of the user's files."""
    folder: Path
    """Where the tables were read."""
    trade_shares: Array | None = None
    """Share of each importer in the exporter's goods of 2013 (USITC), shape (exporter, importer); zero where
    the source has no such trade, NaN where it lacks one of the two economies; None where there are none."""
    trade_shares_of_all_sectors: Mask | None = None
    """Which of `trade_shares` are of all sectors, services included, for want of goods alone."""
    gdp_in_dollars: Mapping[int, Array] = field(default_factory=dict)
    """Gross domestic product in the years of the record, bn current USD, shape (country,) by year; empty where no such
    record is at hand."""
    commodity_shares: Array | None = None
    """Share of energy, metals and farm goods in goods exports of the base year, shape (country, commodity); None where
    nothing is known of them."""
    commodity_prices: Mapping[int, Array] = field(default_factory=dict)
    """Price indices of the three in dollars of the day by year, shape (commodity,), in any unit."""
    base_trade: BaseTrade = "itpde"
    """What the matrix of the base year rests on where the user brings none."""
    overlaid: frozenset[tuple[str, str, int | None]] = frozenset()
    """Cells that the user replaced: (ISO code, column, year or None)."""
    dropped: tuple[str, ...] = ()
    """What of the user's files was left out because it is of no economy, in words."""
    _spans: dict[str, tuple[Ints, Ints]] = field(default_factory=dict, repr=False)
    _treaties: tuple[Treaty, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return f"<World of {self.size} economies, data {self.data_hash[:12]}>"

    @property
    def size(self) -> int:
        """Number of economies."""
        return len(self.iso3)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Finds economies by whatever codes and names they have."""
        return Gazetteer(
            dict(zip(self.iso3, self.attributes["name"].tolist(), strict=True)),
            dict(zip(self.iso3, self.attributes["m49"].tolist(), strict=True)),
        )

    def position(self, iso3: str) -> int:
        """Return the row of an economy.

        Raises
        ------
        InputError
            If no economy has this code.
        """
        try:
            return self._rows[iso3]
        except KeyError:
            raise self.gazetteer.error(iso3) from None

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.iso3)}

    def groups(self) -> tuple[str, ...]:
        """Return the names of all groups."""
        return tuple(sorted(self._spans))

    def membership(self, group: str, year: int = 2018) -> Mask:
        """Return who belongs to a group in a year, shape (country,).

        Raises
        ------
        InputError
            If there is no such group.
        """
        try:
            since, until = self._spans[group]
        except KeyError:
            raise unknown("group of this name", group, self.groups(), key="group") from None
        return (since <= year) & (year <= until)

    def agreement_in_force(self, year: int, kinds: tuple[str, ...] = ("FTA", "CU")) -> Array:
        """Return 1 where an agreement of one of `kinds` binds two economies in a year.

        Parameters
        ----------
        year
            Calendar year; an agreement counts in every year from its entry into force.
        kinds
            ``"FTA"``, ``"CU"``, and ``"PTA"`` for partial preferences.

        Returns
        -------
        NDArray
            Shape (origin, destination), symmetric, zero on the diagonal.
        """
        bound = np.zeros((self.size, self.size), dtype=bool)
        for treaty in self._treaties:
            if treaty.kind in kinds and treaty.in_force <= year:
                present = (treaty.since <= year) & (year <= treaty.until)
                hub, partner = treaty.rows[present & treaty.hub], treaty.rows[present & ~treaty.hub]
                if treaty.all_with_all:
                    bound[np.ix_(hub, hub)] = True
                else:
                    bound[np.ix_(hub, partner)] = True
                    bound[np.ix_(partner, hub)] = True
        np.fill_diagonal(bound, False)
        return bound.astype(np.float64)

    def agreements(self) -> tuple[str, ...]:
        """Return the codes of all agreements."""
        return tuple(sorted(treaty.code for treaty in self._treaties))

    def agreement_members(self, agreement: str, year: int | None = None) -> Mask:
        """Return the parties of an agreement, shape (country,).

        Parameters
        ----------
        agreement
            Its code, as `agreements` lists them.
        year
            Parties in this year (none before the entry into force); without it, every party that
            has joined or will join and has not left.

        Raises
        ------
        InputError
            If there is no such agreement.
        """
        parties = np.zeros(self.size, dtype=bool)
        for treaty in self._treaties:
            if treaty.code == agreement:
                if year is None:
                    present = treaty.until == NEVER
                else:
                    since = np.maximum(treaty.since, treaty.in_force)
                    present = (since <= year) & (year <= treaty.until)
                parties[treaty.rows[present]] = True
                return parties
        raise unknown("agreement of this code", agreement, self.agreements(), key="agreement")

    def price_level(self, year: int) -> float:
        """Return the price of a US dollar's worth of GDP, 2015 = 1.

        Beyond the table's years the assumption it ends with (2 % a year) goes on.
        """
        if year in self.deflator:
            return self.deflator[year]
        last = max(self.deflator)
        if year < last:
            raise InputError(
                "the deflator does not reach back to this year",
                key="year",
                found=year,
                allowed=f"{min(self.deflator)} and later",
            )
        return float(self.deflator[last] * (1.0 + INFLATION_BEYOND_TABLE) ** (year - last))

    def population_in(self, year: int) -> Array:
        """Return the population of a year in millions, shape (country,)."""
        found = np.flatnonzero(self.population_years == year)
        if not found.size:
            raise InputError(
                "no population is known for this year",
                key="year",
                found=year,
                allowed=f"{self.population_years[0]} to {self.population_years[-1]}",
            )
        return self.population[:, int(found[0])]

    @cached_property
    def countries(self) -> pd.DataFrame:
        """Names, codes, regions, income group, position; indexed by ISO code."""
        import pandas as pd

        return pd.DataFrame(dict(self.attributes), index=pd.Index(self.iso3, name="iso3"))

    @cached_property
    def goal_deviation(self) -> Array:
        """Own move of every score beside the common drift, points a year in 2000 to 2013.

        Shape (country, goal); NaN where a country was not scored.
        """
        return self._goal_trends("deviation")

    @cached_property
    def goal_trend(self) -> Array:
        """Least-squares slope of every score, points a year in 2000 to 2013.

        Shape (country, goal); NaN where a country was not scored.
        """
        return self._goal_trends("trend")

    def _goal_trends(self, column: str) -> Array:
        from sscsim.world.reading import read_table

        table = read_table(self.folder / "goal_trends.csv")
        cells = zip(table.texts("iso3"), table.years("goal"), table.numbers(column), strict=True)
        result = np.full((self.size, len(GOALS)), np.nan)
        for code, goal, value in cells:
            if code in self._rows and 1 <= goal <= len(GOALS):
                result[self._rows[code], goal - 1] = value
        result.flags.writeable = False
        return result

    @cached_property
    def indicators(self) -> Mapping[str, Array]:
        """Social, infrastructure, knowledge and debt indicators nearest to 2013, ``(country,)``, NaN where unknown."""
        from sscsim.world.reading import read_table

        table = read_table(self.folder / "indicators_2013.csv")
        rows = {code: row for row, code in enumerate(table.texts("iso3"))}
        at = np.array([rows.get(code, -1) for code in self.iso3])
        return {
            name: np.where(at >= 0, table.numbers(name)[at], np.nan)
            for name in table.names
            if name != "iso3"
        }

    @cached_property
    def indicator_years(self) -> Mapping[str, tuple[str, ...]]:
        """Years of `indicators` as they are written, for each economy; empty where there is no figure."""
        return self._texts("indicators_2013_years.csv")

    def _texts(self, name: str) -> Mapping[str, tuple[str, ...]]:
        from sscsim.world.reading import read_table

        table = read_table(self.folder / name)
        rows = {code: row for row, code in enumerate(table.texts("iso3"))}
        return {
            column: tuple(
                table.texts(column)[rows[code]] if code in rows else "" for code in self.iso3
            )
            for column in table.names
            if column != "iso3"
        }

    @cached_property
    def base_sources(self) -> Mapping[str, tuple[str, ...]]:
        """Whose each figure of the base year is: codes of sources by column, for each economy; empty where imputed."""
        return self._texts("base_year_sources.csv")

    @cached_property
    def imputed(self) -> pd.DataFrame:
        """Every imputed cell: table, iso3, column, method."""
        import pandas as pd

        return pd.DataFrame(self._imputed)

    @cached_property
    def _imputed(self) -> Mapping[str, tuple[str, ...]]:
        from sscsim.world.reading import read_table

        table = read_table(self.folder / "imputed.csv")
        return {name: table.texts(name) for name in table.names}

    @cached_property
    def _imputed_codes(self) -> Mapping[tuple[str, str], frozenset[str]]:
        codes: dict[tuple[str, str], set[str]] = {}
        cells = (self._imputed[name] for name in ("table", "column", "iso3"))
        for table, column, iso3 in zip(*cells, strict=True):
            codes.setdefault((table, column), set()).add(iso3)
        return {key: frozenset(found) for key, found in codes.items()}

    def is_imputed(self, table: str, column: str) -> Mask:
        """Return which cells of a column were imputed and not replaced by the user."""
        codes = set(self._imputed_codes.get((table, column), ()))
        codes -= {code for code, name, _ in self.overlaid if name == column}
        return np.array([code in codes for code in self.iso3])


@dataclass(frozen=True, eq=False)
class Treaty:
    """One agreement: its parties as rows, their years, and who is bound to whom."""

    code: str
    kind: str
    in_force: int
    rows: Index
    hub: Mask
    since: Ints
    until: Ints
    all_with_all: bool
