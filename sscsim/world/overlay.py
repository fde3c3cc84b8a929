"""A user's own figures and a user's own trade matrix, read strictly.

Two kinds of CSV (UTF-8, comma, a header line):

- figures: ``iso3,column,value`` and, for columns with years, ``year``;
- bilateral goods trade: ``exporter,importer,value``, billions of current US dollars; in Parquet too.

Whatever is wrong is one `InputError` with file, line, column, what was found and what is allowed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sscsim.csvfile import CsvFile, read_csv
from sscsim.errors import InputError
from sscsim.files import read_bytes
from sscsim.names import FIRST_YEAR
from sscsim.types import Array
from sscsim.unpacking import Unreadable, unpacked
from sscsim.world.columns import Target, overlay_columns
from sscsim.world.tables import GOALS, World

__all__ = [
    "LARGEST_FILE_BYTES",
    "apply_overlay",
    "apply_trade_matrix",
    "overlay_hash",
    "trade_matrix_hash",
]

Row = TypeVar("Row", bound=BaseModel)

LARGEST_FILE_BYTES = 50_000_000
"""A larger file is not a table of some 200 economies."""
LEAST_TRADE = 1e-3
"""Goods exports and imports over GDP below which an economy counts as one without trade: a remnant of some threshold.
The least of the record are 0.013 (exports of Timor-Leste)."""
MOST_CUT = 0.1
"""Share of the trade that may be cut so."""
LEAST_WORLD = 0.3
"""Share of the world's recorded exports from which on a matrix means to be one of the world's trade."""
LARGEST_JOIN = 0.05
"""By how much, relative to the record, a series may jump where it begins to be the user's: revisions by a census are
smaller, and of a slip of units or of concept the rest of the series should know."""
MOST_PAIRS = 100_000
MOST_UNPACKED = 200_000_000
LONGEST_NAME = 500
"""Rows that a matrix may have, some 250 places have 62,000 pairs; bytes, and letters of a name, of one in Parquet."""
MOST_UNKNOWN = 1000
"""Different codes and names that are no economy, from which on a file is of something else than economies."""
MOST_LISTED = 20
"""Codes and names that are no economy, of which a message says what each is; the others are counted."""

OVERLAY, TRADE_MATRIX = "overlay", "trade matrix"
"""What a file is, in the hash of the data."""


def _plain_text(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_plain_text), Field(min_length=1)]
Number = Annotated[float, BeforeValidator(_plain_text), Field(allow_inf_nan=False)]


class FigureRow(BaseModel):
    """One row of a user's figures."""

    model_config = ConfigDict(extra="forbid")

    iso3: Text
    column: Text
    value: Number
    year: Annotated[int | None, BeforeValidator(lambda v: v if v and str(v).strip() else None)] = (
        None
    )


class TradeRow(BaseModel):
    """One row of a user's trade matrix."""

    model_config = ConfigDict(extra="forbid")

    exporter: Text
    importer: Text
    value: Annotated[Number, Field(ge=0.0, le=10_000.0)]


def apply_overlay(world: World, path: Path, *, drop_unknown: bool = False) -> World:
    """Return the world with the user's figures in place of its own.

    ``population_m`` without a year replaces the base year and moves the later years in proportion. With years it
    replaces these, and the series is chained at the join: later years move by the same factor as the last given, years
    between two given by a factor between theirs. Years before the first given stay, and must join it.

    Raises
    ------
    InputError
        If the file cannot be read, or a row names an unknown economy, column or year, repeats an
        earlier one, holds a value out of bounds, or a series jumps where it begins to be the user's.
    """
    table = read_csv(path, LARGEST_FILE_BYTES)
    table.check_header(("iso3", "column", "value"), ("year",))
    targets = overlay_columns()
    base = {name: values.copy() for name, values in world.base.items()}
    growth, population = world.growth_record.copy(), world.population.copy()
    goals = world.goals_2016.copy()
    seen: dict[tuple[str, str, int | None], int] = {}
    people: dict[int, dict[int, tuple[float, int]]] = {}

    economies = _Economies(world, table, drop=drop_unknown)
    for line, row in _rows(table, FigureRow):
        at = economies.row(row.iso3, "iso3", line)
        if at is None:
            continue
        target = targets.get(row.column)
        if target is None:
            raise table.unknown(
                "column of this name that can be overlaid",
                row.column,
                list(targets),
                line,
                "column",
            )
        _check_bounds(row.value, target, row.column, table, line)
        where = _year_column(world, target, row, table, line)
        # Under whatever name an economy is given: a figure has one line.
        key = (world.iso3[at], row.column, row.year or _own_year(target))
        if key in seen:
            raise table.error(
                f"this figure was given before, in line {seen[key]}",
                line,
                row.column,
                found=row.iso3,
                allowed="one row for each economy, column and year",
            )
        seen[key] = line
        if target.table == "base_year":
            base[row.column][at] = row.value
        elif target.table == "growth":
            growth[at, where] = row.value
        elif target.table == "goals_2016":
            goals[at, GOALS.index(row.column)] = row.value
        else:
            people.setdefault(at, {})[where or 0] = (row.value, line)

    dropped = economies.check()
    for at, given in people.items():
        population[at] = _chained(world, at, given, table)
        base["population_m"][at] = population[at, 0]
    for values in (*base.values(), growth, population, goals):
        values.flags.writeable = False
    return replace(
        world,
        base=base,
        growth_record=growth,
        population=population,
        goals_2016=goals,
        overlaid=world.overlaid | frozenset(seen),
        dropped=(*world.dropped, *dropped),
        data_hash=_rehash(world.data_hash, OVERLAY, table.raw),
    )


def apply_trade_matrix(world: World, path: Path, *, drop_unknown: bool = False) -> World:
    """Return the world with a real bilateral matrix of goods trade.

    A pair that the file leaves out trades nothing.

    Raises
    ------
    InputError
        If the file cannot be read, or a row names an unknown economy, an economy as its own
        partner, a pair given before, or a negative or absurd value; or if there are more rows than
        pairs of places, or all values are zero.
    """
    raw = read_bytes(path, LARGEST_FILE_BYTES)
    table = _matrix_table(path, raw)
    table.check_header(("exporter", "importer", "value"))
    matrix = np.zeros((world.size, world.size))
    seen: dict[tuple[int, int], int] = {}
    economies, total = _Economies(world, table, drop=drop_unknown), 0.0
    for count, (line, row) in enumerate(_rows(table, TradeRow)):
        if count == MOST_PAIRS:
            raise table.error(
                "there are more rows than pairs of places in the world",
                line,
                allowed=f"{MOST_PAIRS:,} rows at most",
            )
        origin = economies.row(row.exporter, "exporter", line)
        destination = economies.row(row.importer, "importer", line)
        total += row.value
        if origin is None or destination is None:
            economies.value += row.value
            continue
        pair = (origin, destination)
        if pair[0] == pair[1]:
            raise table.error(
                "an economy does not trade with itself here",
                line,
                "importer",
                found=row.importer,
                allowed="an importer other than the exporter",
            )
        if pair in seen:
            raise table.error(
                f"this pair was given before, in line {seen[pair]}",
                line,
                "exporter, importer",
                found=f"{row.exporter}, {row.importer}",
                allowed="one row for each pair",
            )
        seen[pair] = line
        matrix[pair] = row.value
    dropped = economies.check(total)
    if not matrix.any():
        raise table.error(
            "the trade matrix is zero everywhere",
            key="value",
            allowed="billions of US dollars, some of them above zero",
        )
    matrix, cut = _solvable(matrix, world, table)
    matrix.flags.writeable = False
    return replace(
        world,
        trade_matrix=matrix,
        data_hash=_rehash(world.data_hash, TRADE_MATRIX, raw),
        dropped=(*world.dropped, *dropped, *cut),
    )


def _solvable(matrix: Array, world: World, table: CsvFile) -> tuple[Array, tuple[str, ...]]:
    """Return a matrix of economies that sell and buy, and in words whose trade was cut.

    An economy that only buys, or only sells, or both next to nothing, cannot pay for its trade or spend what it earns:
    no prices clear its market. It is one without trade, as an economy is that the file leaves out.

    Raises
    ------
    InputError
        Where that would cut a good part of the trade: then the file lacks reports, and whose is said.
    """
    kept, gdp = matrix.copy(), world.base["gdp_current_busd"]
    cut = np.zeros(world.size, dtype=np.bool_)
    while True:
        sides = np.stack([kept.sum(axis=1), kept.sum(axis=0)])
        odd = ~cut & ((sides > 0.0).any(axis=0)) & (sides.min(axis=0) < LEAST_TRADE * gdp)
        if not odd.any():
            break
        cut |= odd
        kept[odd] = 0.0
        kept[:, odd] = 0.0
    if not cut.any():
        return matrix, ()
    sold, bought = matrix.sum(axis=1)[cut], matrix.sum(axis=0)[cut]
    codes = [code for code, out in zip(world.iso3, cut, strict=True) if out]
    listed = "; ".join(
        f"{code} sells {s:.3g} and buys {b:.3g}"
        for code, s, b in zip(codes, sold, bought, strict=True)
    )
    part = 1.0 - kept.sum() / matrix.sum()
    if part > MOST_CUT:
        if matrix.sum() < LEAST_WORLD * world.base["goods_exports_busd"].sum():
            return (
                matrix,
                (),
            )  # no matrix of the world's trade, which the model says where one is asked for
        raise table.error(
            f"{len(codes)} economies sell or buy next to nothing, and without them {part:.0%} of the trade is lost",
            key="value",
            found=", ".join(codes),
            allowed="both sides of each economy's trade; reports of some countries alone are not the world's",
        )
    return kept, (
        f"{table.path.name}: {len(codes)} economies trade nothing, since one side of their trade is below "
        f"{LEAST_TRADE:.1%} of GDP ({part:.2g} of the trade): {listed} (bn USD)",
    )


def _matrix_table(path: Path, raw: bytes) -> CsvFile:
    """Open a matrix: CSV, or Parquet as `sscsim data import` writes it, by what the file holds."""
    if not raw.startswith(b"PAR1"):
        return CsvFile(path, raw)
    try:
        table = unpacked(raw, MOST_UNPACKED, ("exporter", "importer", "value"))
    except Unreadable as failure:
        raise InputError(
            "this Parquet file cannot be read", file=path, found=str(failure)
        ) from None
    if len(table) > MOST_PAIRS:
        raise InputError(
            "this matrix has too many rows",
            file=path,
            found=f"{len(table):,} rows",
            allowed=f"at most {MOST_PAIRS:,}",
        )
    # A long name is held once, however many rows have it: written into each it would fill the memory.
    for column in table.columns:
        for chunk in column.chunks:
            names = chunk.dictionary.to_pylist() if hasattr(chunk, "dictionary") else []
            longest = max((name for name in names if name), key=len, default="")
            if len(longest) > LONGEST_NAME:
                raise InputError(
                    "this is no name of an economy",
                    file=path,
                    found=longest,
                    allowed=f"at most {LONGEST_NAME} letters",
                )
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(table.column_names)
    lines.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return CsvFile(path, text.getvalue().encode() or b" ")


def overlay_hash(before: str, path: Path) -> str:
    """Return the hash of the data that a world of that hash has with these figures laid over it."""
    return _rehash(before, OVERLAY, read_bytes(path, LARGEST_FILE_BYTES))


def trade_matrix_hash(before: str, path: Path) -> str:
    """Return the hash of the data that a world of that hash has with this matrix."""
    return _rehash(before, TRADE_MATRIX, read_bytes(path, LARGEST_FILE_BYTES))


def _rehash(before: str, what: str, raw: bytes) -> str:
    return hashlib.sha256(f"{before} {what} ".encode() + raw).hexdigest()


def _rows(table: CsvFile, model: type[Row]) -> Iterator[tuple[int, Row]]:
    """Yield the line and the validated row of every row that is not blank."""
    for line, cells in table.rows():
        yield line, _validate(dict(zip(table.header, cells, strict=True)), model, table, line)


def _validate(cells: dict[str, str], model: type[Row], table: CsvFile, line: int) -> Row:
    try:
        return model.model_validate(cells)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
    name = str(first["loc"][0])
    text = cells.get(name, "")
    reasons = {
        "float_parsing": ("this is not a number", "a number such as 12.5"),
        "int_parsing": ("this is not a year", "a whole number such as 2015"),
        "int_type": ("this is not a year", "a whole number such as 2015"),
        "finite_number": ("this is not a finite number", "a number such as 12.5"),
        "string_too_short": ("this cell is empty", "a code or a name"),
        "greater_than_equal": ("the value is negative", "0 or more"),
        "less_than_equal": ("the value is too large", "at most 10,000 billion US dollars"),
    }
    message, allowed = reasons.get(first["type"], (str(first["msg"]), ""))
    raise table.error(message, line, name, found=text, allowed=allowed or None) from None


class _Economies:
    """Finds the economies that a file names, and remembers those that are none before it complains, up to a thousand.

    Parameters
    ----------
    drop
        Whether what is of no economy is left out, and no error.
    """

    def __init__(self, world: World, table: CsvFile, *, drop: bool) -> None:
        self._world, self._table, self._drop = world, table, drop
        self._rows: dict[str, int] = {}
        self.unknown: dict[str, tuple[str, int]] = {}
        """Codes and names that are no economy, with the first line of each and its column."""
        self.value = 0.0
        """Sum of the values of the lines left out."""

    def row(self, code: str, key: str, line: int) -> int | None:
        """Return the row of an economy, None for what is none."""
        if code in self.unknown:
            return None
        if code not in self._rows:
            found = self._world.gazetteer.find(code, near=False)
            if found.iso3 is None:
                self.unknown[code] = key, line
                if len(self.unknown) > MOST_UNKNOWN:
                    raise self._table.error(
                        f"more than {MOST_UNKNOWN:,} codes or names in this file are no economies of the model",
                        line,
                        key,
                        found=code,
                        allowed="ISO 3166-1 alpha-3 codes such as BRA, or names such as Brazil",
                    )
                return None
            self._rows[code] = self._world.position(found.iso3)
        return self._rows[code]

    def check(self, total: float | None = None) -> tuple[str, ...]:
        """Raise once for all that are no economy, or say in words what was left out.

        Parameters
        ----------
        total
            Sum of all values of the file, of which the part left out is said.

        Raises
        ------
        InputError
            With the first of them, what each is, and the line in which it stands first; the others are counted.
        """
        if not self.unknown:
            return ()
        gazetteer = self._world.gazetteer
        said = gazetteer.unknown(islice(self.unknown, MOST_LISTED))
        listed = "; ".join(
            f"{code} (line {self.unknown[code][1]}: {why})" for code, why in said.items()
        )
        if len(self.unknown) > len(said):
            listed += f"; and {len(self.unknown) - len(said):,} more"
        if self._drop:
            part = "" if not total else f", {self.value / total:.1%} of its values"
            return (f"{self._table.path.name}: left out{part}: {listed}",)
        code, (key, line) = next(iter(self.unknown.items()))
        if len(self.unknown) == 1:
            error = gazetteer.error(code)
            raise self._table.error(
                error.message,
                line,
                key,
                found=code,
                allowed=error.allowed,
                suggestion=error.suggestion,
            )
        raise self._table.error(
            f"{len(self.unknown):,} codes or names in this file are no economies of the model: {listed}",
            line,
            key,
            found=code,
            allowed="ISO 3166-1 alpha-3 codes such as BRA, or names such as Brazil; "
            "--drop-unknown leaves the others out",
        )


def _own_year(target: Target) -> int | None:
    """Return the year of a figure that is given without one: two lines for it are one too many."""
    return FIRST_YEAR if target.table == "population" else None


def _check_bounds(value: float, target: Target, name: str, table: CsvFile, line: int) -> None:
    low, high = target.column.bounds or (-math.inf, math.inf)
    if not low <= value <= high:
        raise table.error(
            "the value is out of bounds",
            line,
            name,
            found=value,
            allowed=f"{low:g} to {high:g} ({target.column.unit})",
        )


def _year_column(
    world: World, target: Target, row: FigureRow, table: CsvFile, line: int
) -> int | None:
    """Return the column of the year in the array the figure goes to; None where it has none."""
    if target.years == "none":
        if row.year is not None:
            raise table.error(
                "this column has no years",
                line,
                "year",
                found=row.year,
                allowed="an empty cell",
            )
        return None
    years = world.growth_years if target.table == "growth" else world.population_years
    if row.year is None:
        if target.years == "optional":
            return None
        raise table.error(
            "this column needs a year",
            line,
            "year",
            found="",
            allowed=f"{years[0]} to {years[-1]}",
        )
    found = np.flatnonzero(years == row.year)
    if not found.size:
        raise table.error(
            "no figure of this column has this year",
            line,
            "year",
            found=row.year,
            allowed=f"{years[0]} to {years[-1]}",
        )
    return int(found[0])


def _chained(
    world: World, at: int, given: Mapping[int, tuple[float, int]], table: CsvFile
) -> Array:
    """Return the population of an economy with the years given, chained where these end.

    Parameters
    ----------
    given
        Value and line by place of the year.
    """
    recorded = world.population[at]
    places = np.array(sorted(given))
    factors = np.array([given[place][0] for place in places]) / recorded[places]
    # Years after the last given one keep its factor; those before the first keep their own figure.
    chained: Array = recorded * np.exp(np.interp(np.arange(len(recorded)), places, np.log(factors)))
    first = int(places[0])
    chained[:first] = recorded[:first]
    jump = factors[0] - 1.0
    if first and abs(jump) > LARGEST_JOIN:
        years = world.population_years
        raise table.error(
            f"population jumps by {jump:+.1%} from {years[first - 1]} to {years[first]} beside what the record has",
            given[first][1],
            "population_m",
            found=given[first][0],
            allowed=f"at most {LARGEST_JOIN:.0%}; give the years from {years[0]} too, and the series is yours",
        )
    return chained
