"""Load a world: the tables that ship, or a user's own, with the user's figures and matrix laid over them.

The order of rows in the files means nothing: every row finds its place by its ISO code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import unknown
from sscsim.types import Array, Index, Ints, Mask
from sscsim.world.base_trade import BASE_TRADE
from sscsim.world.overlay import (
    apply_overlay,
    apply_trade_matrix,
    overlay_hash,
    trade_matrix_hash,
)
from sscsim.world.reading import Table, read_parquet, read_table
from sscsim.world.tables import DATA, GOALS, NEVER, Treaty, World

__all__ = ["TABLES", "country_names", "laid_over_hash", "list_names", "load_world"]

Kind = TypeVar("Kind", bound=np.generic)

TABLES = (
    "agreement_members.csv",
    "agreements.csv",
    "base_year.csv",
    "base_year_sources.csv",
    "columns.yaml",
    "commodity_prices.csv",
    "commodity_shares.csv",
    "countries.csv",
    "deflator.csv",
    "fdi_flows.csv",
    "gdp_dollars.csv",
    "goal_trends.csv",
    "goals_2016.csv",
    "growth.csv",
    "imputed.csv",
    "indicators_2013.csv",
    "indicators_2013_years.csv",
    "memberships.csv",
    "pairs.parquet",
    "partners.csv",
    "population.csv",
    "trade_shares_2013.parquet",
)
"""The tables whose bytes make up the data hash."""

TEXTS = ("name", "fips", "continent", "subregion", "report_region", "income_group")
WHOLE = ("m49", "landlocked")
NUMBERS = ("latitude", "longitude", "area_km2")
"""Columns of the list of countries by what they hold."""


def load_world(
    overlay: Path | None = None,
    trade_matrix: Path | None = None,
    *,
    folder: Path | None = None,
    drop_unknown: bool = False,
    base_trade: str = "itpde",
) -> World:
    """Load the world. Those last asked for are kept, by what the user's files hold.

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
    base_trade
        What the trade matrix of the base year rests on, one of `BASE_TRADE`, where the user brings none.

    Raises
    ------
    InputError
        If a file is missing or broken, naming file, line and column.
    """
    # A user's file may change between two calls of a session; those that ship do not.
    if folder is not None:
        return _lay_over(_on(_read_world(folder), base_trade), overlay, trade_matrix, drop_unknown)
    if overlay is None and trade_matrix is None and base_trade == BASE_TRADE[0]:
        return _shipped_world()
    key = (overlay, trade_matrix, drop_unknown, base_trade)
    world = _kept.get(key)
    if world is None or world.data_hash != laid_over_hash(overlay, trade_matrix, base_trade):
        world = _lay_over(_on(_shipped_world(), base_trade), overlay, trade_matrix, drop_unknown)
        _kept.clear()
        _kept[key] = world
    return world


_kept: dict[tuple[Path | None, Path | None, bool, str], World] = {}
"""The world with a user's files that was asked for last: each run of an ensemble asks for it again."""


def _lay_over(
    world: World, overlay: Path | None, trade_matrix: Path | None, drop_unknown: bool
) -> World:
    if overlay is not None:
        world = apply_overlay(world, Path(overlay), drop_unknown=drop_unknown)
    if trade_matrix is not None:
        world = apply_trade_matrix(world, Path(trade_matrix), drop_unknown=drop_unknown)
    return world


def laid_over_hash(
    overlay: Path | None = None, trade_matrix: Path | None = None, base_trade: str = "itpde"
) -> str:
    """Return the hash of the data that the world of these files has, `World.data_hash`.

    Raises
    ------
    InputError
        For a file that cannot be read or is too large, and a base of the trade matrix that there is not.
    """
    found = _based_hash(_shipped_hash(), base_trade)
    if overlay is not None:
        found = overlay_hash(found, Path(overlay))
    if trade_matrix is not None:
        found = trade_matrix_hash(found, Path(trade_matrix))
    return found


def _on(world: World, base_trade: str) -> World:
    """Return a world as it is read with another base of its trade matrix."""
    digest = _based_hash(world.data_hash, base_trade)
    for choice in BASE_TRADE:
        if base_trade == choice != world.base_trade:
            return replace(world, base_trade=choice, data_hash=digest)
    return world


def _based_hash(plain: str, base_trade: str) -> str:
    """Return the hash of the data with a base of the trade matrix, of that with the first one."""
    if base_trade not in BASE_TRADE:
        raise unknown(
            "base of the trade matrix with this name", base_trade, BASE_TRADE, key="base_trade"
        )
    if base_trade == BASE_TRADE[0]:
        return plain
    return hashlib.sha256(f"{plain} base trade {base_trade}".encode()).hexdigest()


@lru_cache(maxsize=1)
def country_names() -> Mapping[str, str]:
    """Return the names of the economies that ship by ISO code, without reading anything else of the world."""
    table = read_table(DATA / "countries.csv")
    names = zip(table.texts("iso3"), table.texts("name"), strict=True)
    return MappingProxyType(dict(sorted(names)))


@lru_cache(maxsize=1)
def list_names() -> tuple[str, ...]:
    """Return the names of the lists of countries that ship, without reading anything else of the world."""
    return tuple(sorted(set(read_table(DATA / "memberships.csv").texts("group"))))


@lru_cache(maxsize=1)
def _shipped_world() -> World:
    return _read_world(DATA)


@lru_cache(maxsize=1)
def _shipped_hash() -> str:
    return _hash_tables(DATA)


def _read_world(folder: Path) -> World:
    countries = read_table(folder / "countries.csv")
    codes = tuple(sorted(countries.texts("iso3")))
    place = _Places(codes)
    listed = place.order(countries)
    attributes = {
        **{name: _freeze(np.array(countries.texts(name), dtype=object)[listed]) for name in TEXTS},
        **{name: _freeze(countries.years(name)[listed]) for name in WHOLE},
        **{name: _freeze(countries.numbers(name)[listed]) for name in NUMBERS},
    }
    base = read_table(folder / "base_year.csv")
    base_rows = place.order(base)
    growth_table = read_table(folder / "growth.csv")
    growth, growth_years = place.panel(growth_table, "growth_pct")
    kinds = zip(growth_table.years("year").tolist(), growth_table.texts("kind"), strict=True)
    forecast = {year for year, kind in kinds if kind == "forecast"}
    population, population_years = place.panel(
        read_table(folder / "population.csv"), "population_m"
    )
    flows = read_table(folder / "fdi_flows.csv")
    inflows, fdi_years = place.panel(flows, "inflow")
    outflows, _ = place.panel(flows, "outflow")
    dollars, dollar_years = place.panel(read_table(folder / "gdp_dollars.csv"), "gdp_busd")
    deflator = read_table(folder / "deflator.csv")
    goals = read_table(folder / "goals_2016.csv")
    goal_rows = place.order(goals)
    partners = read_table(folder / "partners.csv")
    pairs = _Pairs(folder / "pairs.parquet", place, ("origin", "destination"))
    shares, prices = _commodities(folder, place)
    trade_shares, all_sectors = _trade_shares(folder / "trade_shares_2013.parquet", place)
    return World(
        iso3=codes,
        attributes=attributes,
        base={
            name: _freeze(base.numbers(name)[base_rows])
            for name in sorted(base.names)
            if name != "iso3"
        },
        growth_record=growth,
        growth_years=growth_years,
        growth_is_forecast=np.array([year in forecast for year in growth_years.tolist()]),
        population=population,
        population_years=population_years,
        fdi_inflows=inflows,
        fdi_outflows=outflows,
        fdi_years=fdi_years,
        deflator=dict(
            sorted(
                zip(
                    deflator.years("year").tolist(), deflator.numbers("index").tolist(), strict=True
                )
            )
        ),
        distance=pairs.matrix("distance_km"),
        contiguity=pairs.matrix("contiguity"),
        common_language=pairs.matrix("common_language"),
        colonial_tie=pairs.matrix("colonial_tie"),
        published_export_share=place.shares(partners, "export"),
        published_import_share=place.shares(partners, "import"),
        goals_2016=_freeze(np.column_stack([goals.numbers(goal)[goal_rows] for goal in GOALS])),
        trade_matrix=None,
        trade_shares=trade_shares,
        trade_shares_of_all_sectors=all_sectors,
        gdp_in_dollars={
            year: _freeze(dollars[:, at].copy()) for at, year in enumerate(dollar_years.tolist())
        },
        commodity_shares=shares,
        commodity_prices=prices,
        data_hash=_hash_tables(folder),
        folder=folder,
        _spans=_spans(read_table(folder / "memberships.csv"), place),
        _treaties=_treaties(
            read_table(folder / "agreements.csv"),
            read_table(folder / "agreement_members.csv"),
            place,
        ),
    )


COMMODITIES = {
    "energy": ("fuel",),
    "metals_minerals": ("metals",),
    "agriculture": ("food", "raw_materials"),
}
"""Price index of each class of commodities, and the columns of exports that it prices."""


def _commodities(folder: Path, place: _Places) -> tuple[Array, Mapping[int, Array]]:
    """Return shares of classes of commodities in exports, and their price indices by year."""
    table = read_table(folder / "commodity_shares.csv")
    rows = place.order(table)
    shares = np.column_stack(
        [
            np.sum([table.numbers(column)[rows] for column in columns], axis=0)
            for columns in COMMODITIES.values()
        ]
    )
    table = read_table(folder / "commodity_prices.csv")
    found: dict[int, dict[str, float]] = {}
    for year, name, value in zip(
        table.years("year").tolist(),
        table.texts("class"),
        table.numbers("value").tolist(),
        strict=True,
    ):
        found.setdefault(year, {})[name] = value
    prices = {
        year: _freeze(np.array([index[name] for name in COMMODITIES]))
        for year, index in sorted(found.items())
    }
    return _freeze(shares), prices


class _Places:
    """Finds the row of an economy, and lays long tables out as arrays."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.codes = codes
        self.row = {code: row for row, code in enumerate(codes)}

    def rows(self, table: Table, column: str = "iso3") -> Index:
        """Rows of a column of ISO codes."""
        found = [self.row.get(code, -1) for code in table.texts(column)]
        if -1 in found:
            at = found.index(-1)
            raise table.file.unknown(
                "economy of this ISO code",
                table.texts(column)[at],
                self.codes,
                table.lines[at],
                column,
                allowed="an ISO 3166-1 alpha-3 code of countries.csv",
            )
        return np.array(found, dtype=np.intp)

    def order(self, table: Table) -> Index:
        """Lines of a table that has one row an economy, in the order of the codes."""
        rows = self.rows(table)
        if len(rows) != len(self.codes) or len(np.unique(rows)) != len(rows):
            raise table.file.error("every economy must have exactly one row", key="iso3")
        return np.argsort(rows)

    def panel(self, table: Table, value: str) -> tuple[Array, Ints]:
        """Economies by years, and the years."""
        years, columns = np.unique(table.years("year"), return_inverse=True)
        result = np.full((len(self.codes), len(years)), np.nan)
        result[self.rows(table), columns] = table.numbers(value)
        return _freeze(result), years

    def shares(self, table: Table, flow: str) -> Array:
        """Shares of partners, exporter by importer; NaN where none is published."""
        result = np.full((len(self.codes), len(self.codes)), np.nan)
        exporter, importer = self.rows(table), self.rows(table, "partner")
        if flow == "import":
            exporter, importer = importer, exporter
        those = np.array([cell == flow for cell in table.texts("flow")])
        result[exporter[those], importer[those]] = table.numbers("share")[those]
        return _freeze(result)


class _Pairs:
    """A table of pairs, a row an origin and a destination, whatever the two columns are called."""

    def __init__(
        self, path: Path, place: _Places, ends: tuple[str, str], texts: tuple[str, ...] = ()
    ) -> None:
        self._table = read_parquet(path, texts=[*ends, *texts])
        self._size = len(place.codes)
        self.at = tuple(self._rows(path, place, end) for end in ends)

    def _rows(self, path: Path, place: _Places, end: str) -> Index:
        found = []
        for chunk in self._table.column(end).chunks:
            codes = chunk.dictionary.to_pylist()
            for code in codes:
                if code not in place.row:
                    raise unknown("economy of this ISO code", code, place.codes, file=path, key=end)
            row = np.array([place.row[code] for code in codes], dtype=np.intp)
            found.append(row[np.from_dlpack(chunk.indices)])
        return np.concatenate(found)

    def matrix(self, name: str) -> Array:
        """Origin by destination; NaN where the table has no row."""
        result = np.full((self._size, self._size), np.nan)
        # Through DLPack: pyarrow's own way to NumPy imports pandas, which takes longer than all the reading.
        chunks = self._table.column(name).chunks
        result[self.at] = np.concatenate([np.from_dlpack(chunk) for chunk in chunks])
        return _freeze(result)

    def where(self, name: str, text: str) -> Mask:
        """Return the pairs that have this text in a column."""
        result = np.zeros((self._size, self._size), dtype=bool)
        result[self.at] = [cell == text for cell in self._table.column(name).to_pylist()]
        return _freeze(result)


def _trade_shares(path: Path, place: _Places) -> tuple[Array, Mask]:
    """Trade shares of every pair of economies that the source knows, and which are of all sectors."""
    pairs = _Pairs(path, place, ("exporter", "importer"), texts=("basis",))
    shares = np.nan_to_num(pairs.matrix("share"))
    np.fill_diagonal(shares, 0.0)
    strangers = np.setdiff1d(np.arange(len(shares)), np.union1d(*pairs.at))
    shares[strangers, :] = shares[:, strangers] = np.nan
    return _freeze(shares), pairs.where("basis", "all")


def _spans(table: Table, place: _Places) -> dict[str, tuple[Ints, Ints]]:
    """First and last year of membership of every economy in every group."""
    since, until = table.years("since", 0), table.years("until", NEVER)
    rows = place.rows(table)
    spans: dict[str, tuple[Ints, Ints]] = {}
    for group, lines in _lines_of(table, "group").items():
        first = np.full(len(place.codes), NEVER, dtype=np.int64)
        last = np.zeros(len(place.codes), dtype=np.int64)
        first[rows[lines]], last[rows[lines]] = since[lines], until[lines]
        spans[group] = (first, last)
    return spans


def _treaties(heads: Table, members: Table, place: _Places) -> tuple[Treaty, ...]:
    rows = place.rows(members)
    since, until = members.years("since", 0), members.years("until", NEVER)
    side = np.array(members.texts("side"), dtype=object)
    parties = _lines_of(members, "agreement")
    treaties = []
    columns = (heads.lines, heads.texts("agreement"), heads.texts("kind"), heads.years("in_force"))
    for line, code, kind, in_force in zip(*columns, strict=True):
        if code not in parties:
            raise heads.file.error(
                "this agreement has no party",
                line,
                "agreement",
                found=code,
                allowed="one that agreement_members.csv names",
            )
        lines = parties[code]
        treaties.append(
            Treaty(
                code=code,
                kind=kind,
                in_force=int(in_force),
                rows=rows[lines],
                hub=np.asarray(side[lines] != "partner", dtype=bool),
                since=since[lines],
                until=until[lines],
                all_with_all=bool((side[lines] == "member").all()),
            )
        )
    return tuple(treaties)


def _lines_of(table: Table, column: str) -> dict[str, Index]:
    """Return the rows of a table by what stands in a column, in the order of the names."""
    found: dict[str, list[int]] = {}
    for row, name in enumerate(table.texts(column)):
        found.setdefault(name, []).append(row)
    return {name: np.array(found[name], dtype=np.intp) for name in sorted(found)}


def _hash_tables(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in TABLES:
        path = folder / name
        if path.is_file():
            digest.update(name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _freeze(values: NDArray[Kind]) -> NDArray[Kind]:
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values
