"""Load the base-year tables into arrays sorted by ISO code.

Axes are ``(country,)`` or ``(origin, destination)`` unless a field says otherwise. The order of
rows in the files means nothing: every row finds its place by its ISO code.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sscsim.errors import InputError, nearest
from sscsim.types import Array, Ints, Mask
from sscsim.world.naming import Gazetteer

__all__ = ["DATA", "GOALS", "TABLES", "World", "load_world"]


GOALS = tuple(f"goal_{goal}" for goal in range(1, 18))
DATA = Path(__file__).resolve().parent / "data"

TABLES = (
    "agreement_members.csv",
    "agreements.csv",
    "base_year.csv",
    "columns.yaml",
    "countries.csv",
    "deflator.csv",
    "fdi_flows.csv",
    "goal_panel_2000_2013.parquet",
    "goals_2016.csv",
    "growth.csv",
    "imputed.csv",
    "indicators_2013.csv",
    "indicators_2013_years.csv",
    "memberships.csv",
    "pairs.parquet",
    "partners.csv",
    "population.csv",
)
"""The tables whose bytes make up the data hash."""

INFLATION_BEYOND_TABLE = 0.02
"""Yearly rise of the deflator after its last year: the assumption its last rows are built on."""

_NEVER = 9999


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """What is: the economies, their geography, groups and base-year figures.

    Every array is read-only; a run copies what it changes.
    """

    iso3: tuple[str, ...]
    """ISO codes in the order of every array."""
    countries: pd.DataFrame
    """Names, codes, regions, income group, position; indexed by ISO code."""
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
    overlaid: frozenset[tuple[str, str, int | None]] = frozenset()
    """Cells that the user replaced: (ISO code, column, year or None)."""
    dropped: tuple[str, ...] = ()
    """What of the user's files was left out because it is of no economy, in words."""
    _spans: dict[str, tuple[Ints, Ints]] = field(default_factory=dict, repr=False)
    _treaties: tuple[_Treaty, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        return f"<World of {self.size} economies, data {self.data_hash[:12]}>"

    @property
    def size(self) -> int:
        """Number of economies."""
        return len(self.iso3)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Finds economies by whatever codes and names they have."""
        table = self.countries
        return Gazetteer(
            {str(code): str(name) for code, name in table["name"].items()},
            {str(code): int(number) for code, number in table["m49"].items()},
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
            raise InputError(
                "no group has this name",
                key="group",
                found=group,
                allowed=self.groups(),
                suggestion=nearest(group, self.groups()),
            ) from None
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
                    present = treaty.until == _NEVER
                else:
                    since = np.maximum(treaty.since, treaty.in_force)
                    present = (since <= year) & (year <= treaty.until)
                parties[treaty.rows[present]] = True
                return parties
        raise InputError(
            "no agreement has this code",
            key="agreement",
            found=agreement,
            allowed=self.agreements(),
            suggestion=nearest(agreement, self.agreements()),
        )

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
    def goal_panel(self) -> pd.DataFrame:
        """Yearly scores 2000-2013 of the 2023 edition: for moves, never for levels."""
        return pd.read_parquet(self.folder / "goal_panel_2000_2013.parquet")

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Social, infrastructure, knowledge and debt indicators nearest to 2013, by ISO code."""
        table = _read_csv(self.folder / "indicators_2013.csv").set_index("iso3")
        return table.reindex(list(self.iso3))

    @cached_property
    def imputed(self) -> pd.DataFrame:
        """Every imputed cell: table, iso3, column, method."""
        return _read_csv(self.folder / "imputed.csv")

    def is_imputed(self, table: str, column: str) -> Mask:
        """Return which cells of a column were imputed and not replaced by the user."""
        rows = self.imputed
        codes = set(rows.loc[(rows["table"] == table) & (rows["column"] == column), "iso3"])
        codes -= {code for code, name, _ in self.overlaid if name == column}
        return np.array([code in codes for code in self.iso3])


@dataclass(frozen=True, eq=False)
class _Treaty:
    """One agreement: its parties as rows, their years, and who is bound to whom."""

    code: str
    kind: str
    in_force: int
    rows: NDArray[np.intp]
    hub: Mask
    since: Ints
    until: Ints
    all_with_all: bool


def load_world(
    overlay: Path | None = None,
    trade_matrix: Path | None = None,
    *,
    folder: Path | None = None,
    drop_unknown: bool = False,
) -> World:
    """Load the world, once for each set of arguments.

    Parameters
    ----------
    overlay
        A user's own figures (CSV: iso3, column, value and, where a column has years, year).
    trade_matrix
        A user's bilateral goods trade (CSV: exporter, importer, value in billion US dollars).
    folder
        Tables to read instead of those that ship.
    drop_unknown
        Whether lines of a user's file that are of no economy of the model are left out (`World.dropped` says which),
        and no error.

    Raises
    ------
    InputError
        If a file is missing or broken, naming file, line and column.
    """
    # A user's file may change between two calls of a session; those that ship do not.
    if overlay is None and trade_matrix is None and folder is None:
        return _default_world()
    world = _read_world(folder or DATA)
    if overlay is not None or trade_matrix is not None:
        from sscsim.world.overlay import apply_overlay, apply_trade_matrix

        if overlay is not None:
            world = apply_overlay(world, Path(overlay), drop_unknown=drop_unknown)
        if trade_matrix is not None:
            world = apply_trade_matrix(world, Path(trade_matrix), drop_unknown=drop_unknown)
    return world


@lru_cache(maxsize=1)
def _default_world() -> World:
    return _read_world(DATA)


def _read_world(folder: Path) -> World:
    countries = _read_csv(folder / "countries.csv").set_index("iso3").sort_index()
    codes = tuple(str(code) for code in countries.index)
    place = _Places(codes)

    base_table = place.sort(_read_csv(folder / "base_year.csv"), "base_year.csv")
    growth_table = _read_csv(folder / "growth.csv")
    growth, growth_years = place.panel(growth_table, "growth_pct", "growth.csv")
    forecast_years = set(growth_table.loc[growth_table["kind"] == "forecast", "year"])
    population_table = _read_csv(folder / "population.csv")
    population, population_years = place.panel(population_table, "population_m", "population.csv")
    flows = _read_csv(folder / "fdi_flows.csv")
    inflows, fdi_years = place.panel(flows, "inflow", "fdi_flows.csv")
    outflows, _ = place.panel(flows, "outflow", "fdi_flows.csv")
    deflator = _read_csv(folder / "deflator.csv").sort_values("year")

    pairs = _read_parquet(folder / "pairs.parquet")
    partners = _read_csv(folder / "partners.csv")
    exports = partners[partners["flow"] == "export"]
    imports = partners[partners["flow"] == "import"]
    goals = place.sort(_read_csv(folder / "goals_2016.csv"), "goals_2016.csv")

    return World(
        iso3=codes,
        countries=countries,
        base={
            str(c): _freeze(base_table[c].to_numpy(np.float64)) for c in sorted(base_table.columns)
        },
        growth_record=growth,
        growth_years=growth_years,
        growth_is_forecast=np.array([year in forecast_years for year in growth_years.tolist()]),
        population=population,
        population_years=population_years,
        fdi_inflows=inflows,
        fdi_outflows=outflows,
        fdi_years=fdi_years,
        deflator={
            int(y): float(v) for y, v in zip(deflator["year"], deflator["index"], strict=True)
        },
        distance=place.pairs(pairs, "origin", "destination", "distance_km", "pairs.parquet"),
        contiguity=place.pairs(pairs, "origin", "destination", "contiguity", "pairs.parquet"),
        common_language=place.pairs(
            pairs, "origin", "destination", "common_language", "pairs.parquet"
        ),
        colonial_tie=place.pairs(pairs, "origin", "destination", "colonial_tie", "pairs.parquet"),
        published_export_share=place.pairs(exports, "iso3", "partner", "share", "partners.csv"),
        published_import_share=place.pairs(imports, "partner", "iso3", "share", "partners.csv"),
        goals_2016=_freeze(goals[list(GOALS)].to_numpy(np.float64)),
        trade_matrix=None,
        data_hash=_hash_tables(folder),
        folder=folder,
        _spans=_spans(_read_csv(folder / "memberships.csv"), place),
        _treaties=_treaties(
            _read_csv(folder / "agreements.csv"),
            _read_csv(folder / "agreement_members.csv"),
            place,
        ),
    )


class _Places:
    """Finds the row of an economy, and lays long tables out as arrays."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.codes = codes
        self.index = pd.Index(codes)

    def rows(self, column: pd.Series, file: str) -> NDArray[np.intp]:
        """Rows of a column of ISO codes."""
        found = self.index.get_indexer(pd.Index(column))
        if (found < 0).any():
            stranger = str(column.iloc[int(np.argmax(found < 0))])
            raise InputError(
                "no economy has this ISO code",
                file=file,
                key=str(column.name),
                found=stranger,
                suggestion=nearest(stranger, self.codes),
            )
        return found

    def sort(self, table: pd.DataFrame, file: str) -> pd.DataFrame:
        """One row an economy, in the order of the codes."""
        rows = self.rows(table["iso3"], file)
        if len(rows) != len(self.codes) or len(np.unique(rows)) != len(rows):
            raise InputError("every economy must have exactly one row", file=file, key="iso3")
        return table.set_index("iso3").iloc[np.argsort(rows)]

    def panel(self, table: pd.DataFrame, value: str, file: str) -> tuple[Array, Ints]:
        """Economies by years, and the years."""
        years, columns = np.unique(table["year"].to_numpy(np.int64), return_inverse=True)
        result = np.full((len(self.codes), len(years)), np.nan)
        result[self.rows(table["iso3"], file), columns] = table[value].to_numpy(np.float64)
        return _freeze(result), years

    def pairs(self, table: pd.DataFrame, row: str, column: str, value: str, file: str) -> Array:
        """Economies by economies; NaN where the table has no row."""
        result = np.full((len(self.codes), len(self.codes)), np.nan)
        result[self.rows(table[row], file), self.rows(table[column], file)] = table[value]
        return _freeze(result)


def _spans(table: pd.DataFrame, place: _Places) -> dict[str, tuple[Ints, Ints]]:
    """First and last year of membership of every economy in every group."""
    since = table["since"].fillna(0).to_numpy(np.int64)
    until = table["until"].fillna(_NEVER).to_numpy(np.int64)
    rows = place.rows(table["iso3"], "memberships.csv")
    spans: dict[str, tuple[Ints, Ints]] = {}
    for group, places in table.groupby("group").indices.items():
        first = np.full(len(place.codes), _NEVER, dtype=np.int64)
        last = np.zeros(len(place.codes), dtype=np.int64)
        first[rows[places]], last[rows[places]] = since[places], until[places]
        spans[str(group)] = (first, last)
    return spans


def _treaties(heads: pd.DataFrame, members: pd.DataFrame, place: _Places) -> tuple[_Treaty, ...]:
    rows = place.rows(members["iso3"], "agreement_members.csv")
    since = members["since"].fillna(0).to_numpy(np.int64)
    until = members["until"].fillna(_NEVER).to_numpy(np.int64)
    side = members["side"].to_numpy(dtype=object)
    indices = members.groupby("agreement").indices
    treaties = []
    for code, kind, in_force in zip(
        heads["agreement"], heads["kind"], heads["in_force"], strict=True
    ):
        places = indices[code]
        treaties.append(
            _Treaty(
                code=str(code),
                kind=str(kind),
                in_force=int(in_force),
                rows=rows[places],
                hub=np.asarray(side[places] != "partner", dtype=bool),
                since=since[places],
                until=until[places],
                all_with_all=bool((side[places] == "member").all()),
            )
        )
    return tuple(treaties)


def _hash_tables(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in TABLES:
        path = folder / name
        if path.is_file():
            digest.update(name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _freeze(values: Array) -> Array:
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values


def _read_csv(path: Path) -> pd.DataFrame:
    # "NA" is Namibia's code in some columns and never a missing value here.
    try:
        return pd.read_csv(path, keep_default_na=False, na_values=[""], engine="c")
    except FileNotFoundError:
        raise InputError("a table of the world is missing", file=path) from None


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise InputError("a table of the world is missing", file=path) from None
