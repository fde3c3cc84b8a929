"""Make a trade matrix of the model's economies from a publisher's table, and say what was done on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sscsim.errors import InputError, nearest
from sscsim.files import open_file
from sscsim.world.naming import Found
from sscsim.world.tables import World
from sscsim.world.trade_files.layouts import LAYOUTS, UNITS, Layout
from sscsim.world.trade_files.mirrors import Mirrors, reconcile
from sscsim.world.trade_files.reading import (
    LARGEST_FILE_BYTES,
    PublishedTable,
    has_decimal_comma,
    open_table,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImportedTrade", "check_ending", "import_trade"]

WHOLE = 0.8
"""Share of the world's recorded exports from which on a table is one of the whole world."""
WORLD = (0.5, 1.5)
"""Sum of a table of the whole world over recorded exports; a run accepts no more and no less."""
PART = (0.05, 20.0)
"""The same for a table of some economies, over what they would trade if each bought in proportion to its imports:
neighbours trade more, the far less, but a slip of unit is a factor of a thousand."""
ECONOMY = (0.33, 3.0)
"""An economy's exports or imports over the recorded ones, outside of which it is named."""
ALL_PRODUCTS = frozenset({"total", "all products", "ag0", "0-9", "tot", "all"})
"""What publishers call all products together."""


@dataclass(frozen=True)
class ImportedTrade:
    """A matrix that was read, and what a reader should know of it.

    Attributes
    ----------
    table
        ``exporter``, ``importer``, ``value`` in billions of current US dollars; economies by their ISO code.
    layout, unit, year
        How the file was read: name of the layout, unit of its values, year taken.
    source, sha256
        The file's name and content.
    aggregates, elsewhere
        Groups of economies and places that are no economy of the model: names, and the value of the lines left out in
        billion dollars.
    split
        Federations of yesterday, and the economies among which their trade was shared in proportion to their goods
        trade of the base year.
    unknown
        Codes and names that nobody knows, left out, with their value.
    mirrors
        How reports of the two partners agree, None where a table holds one report a pair.
    odd
        Economies whose totals are far from the recorded ones: code, flow, total of the file, recorded total.
    coverage
        Sum of the matrix over the recorded trade of the economies in it, see `WHOLE`.
    """

    table: pd.DataFrame
    layout: str
    unit: str
    year: int
    source: str
    sha256: str
    aggregates: dict[str, float] = field(default_factory=dict)
    elsewhere: dict[str, float] = field(default_factory=dict)
    split: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: dict[str, float] = field(default_factory=dict)
    mirrors: Mirrors | None = None
    odd: tuple[tuple[str, str, float, float], ...] = ()
    coverage: float = float("nan")

    @property
    def total(self) -> float:
        """World goods trade of the matrix, billion dollars."""
        return float(self.table["value"].sum())

    def save(self, path: Path) -> None:
        """Write the matrix as Parquet or, by the ending of the name, as CSV; what it is goes with it.

        Raises
        ------
        InputError
            For another ending.
        OSError
            Where the file cannot be written.
        """
        check_ending(path)
        if path.suffix == ".csv":
            self.table.to_csv(path, index=False, lineterminator="\n")
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        about = {
            "layout": self.layout,
            "unit": "billion US dollars",
            "year": str(self.year),
            "source": self.source,
            "sha256": self.sha256,
        }
        table = pa.Table.from_pandas(self.table, preserve_index=False)
        pq.write_table(
            table.replace_schema_metadata({f"sscsim_{k}": v for k, v in about.items()}), path
        )


def check_ending(path: Path) -> None:
    """Raise an `InputError` where the ending of a name says no format that a matrix can be saved in."""
    if path.suffix not in (".parquet", ".csv"):
        raise InputError(
            "the ending of this name says no format",
            key="out",
            found=path.name,
            allowed=(".parquet", ".csv"),
        )


def import_trade(
    path: Path,
    world: World,
    *,
    layout: str = "auto",
    year: int = 2013,
    unit: str = "auto",
    drop_unknown: bool = False,
) -> ImportedTrade:
    """Read a publisher's bilateral goods trade.

    Parameters
    ----------
    path
        The file as the publisher gives it, a ZIP archive of it included.
    world
        Whose economies are meant, and whose totals the table is held against.
    layout
        One of `LAYOUTS`, or ``auto`` to know it by its header.
    year
        Year taken.
    unit
        One of `UNITS`, or ``auto``: what the table states, else what its publisher's guide states, else the unit in
        which its sum is nearest to the recorded trade.
    drop_unknown
        Whether what no list knows is left out, and no error.

    Raises
    ------
    InputError
        If no layout fits, the year is missing, codes are not known, a pair stands twice in a table of one report a
        pair, or the sum is far from the recorded trade of the same economies.
    """
    _check_choice("layout", layout, ("auto", *LAYOUTS))
    _check_choice("unit", unit, ("auto", *UNITS))
    opened, how = _open(path, layout, year)
    reports, stated = _reports(opened, how, year, world)
    if reports.empty:
        raise InputError(
            f"the table has no trade of {year}",
            file=path,
            key="year",
            found=year,
            allowed=_years(opened, how) or "a year of the table",
        )
    economies = _Economies(world, how)
    pairs = economies.pairs(reports)
    if economies.unknown and not drop_unknown:
        listed = "; ".join(
            f"{code}: {why}" for code, why in world.gazetteer.unknown(economies.unknown).items()
        )
        raise InputError(
            f"{len(economies.unknown)} codes or names of this table are no economies that any list knows: {listed}",
            file=path,
            found=next(iter(economies.unknown)),
            allowed="codes and names of the publisher; --drop-unknown leaves the others out",
        )
    if pairs.empty:
        raise InputError(
            "no line of this table is trade between two economies of the model", file=path
        )
    mirrors = None
    if how.mirrored:
        pairs, mirrors = reconcile(pairs)
    else:
        pairs = _summed(pairs, path, products=how.products)
    chosen = _unit(unit, stated or how.unit, pairs, world)
    factor = UNITS[chosen]
    pairs = pairs.assign(value=pairs["value"] * factor)
    pairs = pairs[pairs["value"] > 0.0].sort_values(["exporter", "importer"], ignore_index=True)
    coverage, odd, bounds = _against_record(pairs, world)
    if not bounds[0] <= coverage <= bounds[1]:
        raise InputError(
            "the sum of this table is far from the recorded trade of the same economies",
            file=path,
            key="unit",
            found=f"{coverage:.3g} times the recorded trade, read as {chosen}",
            allowed=f"{bounds[0]:g} to {bounds[1]:g} times; --unit says what values are in ({', '.join(UNITS)})",
        )
    return ImportedTrade(
        table=pairs[["exporter", "importer", "value"]],
        layout=how.name,
        unit=chosen,
        year=year,
        source=path.name,
        sha256=_sha256(path),
        aggregates={name: v * factor for name, v in economies.aggregates.items()},
        elsewhere={name: v * factor for name, v in economies.elsewhere.items()},
        split=economies.split,
        unknown={name: v * factor for name, v in economies.unknown.items()},
        mirrors=None if mirrors is None else _in_billions(mirrors, factor),
        odd=odd,
        coverage=coverage,
    )


def _check_choice(key: str, found: str, names: Sequence[str]) -> None:
    if found not in names:
        raise InputError(
            f"there is no {key} of this name",
            key=key,
            found=found,
            allowed=tuple(names),
            suggestion=nearest(found, names),
        )


def _open(path: Path, layout: str, year: int) -> tuple[PublishedTable, Layout]:
    """Find the header, and the layout that it is of."""
    tried = LAYOUTS.values() if layout == "auto" else [LAYOUTS[layout]]
    for kind in tried:
        table = open_table(path, kind.knows, kind.member(year))
        if table is not None:
            return table, kind(table.header)
    titles = "; ".join(f"{one.name} ({one.title})" for one in tried)
    raise InputError(
        "no line among the first forty is the header of a layout that can be read"
        if layout == "auto"
        else f"no line among the first forty is a header of {LAYOUTS[layout].title}",
        file=path,
        key="layout",
        found=layout,
        allowed=titles,
    )


def _reports(
    table: PublishedTable, how: Layout, year: int, world: World
) -> tuple[pd.DataFrame, str | None]:
    """Return reports summed over what is read part by part, and the unit that the table states."""
    import pandas as pd

    keys = ["reporter", "partner", "reporter_name", "partner_name", "flow", "product"]
    found: list[pd.DataFrame] = []
    stated: str | None = None
    lines: pd.DataFrame | None = None
    for part in table.parts(how.columns(year)):
        if lines is None:
            how = type(how)(
                table.header, decimal_comma=any(has_decimal_comma(part[c]) for c in part)
            )
            lines = part
        stated = stated or how.units_of(part)
        how.odd.clear()
        reports = how.reports(part, year)
        _check_readable(reports, how, table, world)
        for name in ("reporter_name", "partner_name", "product"):
            if name not in reports:
                reports = reports.assign(**{name: ""})
        reports = reports[reports["flow"].notna() & reports["value"].notna()]
        if len(reports) and (reports["value"] < 0.0).any():
            first = reports[reports["value"] < 0.0].iloc[0]
            raise InputError(
                "the value is negative",
                file=table.path,
                key="value",
                found=f"{first['reporter']}, {first['partner']}: {first['value']:g}",
                allowed="0 or more",
            )
        if len(reports):
            sums = reports.groupby(keys, sort=False)["value"].agg(["sum", "size"])
            found.append(sums.reset_index().rename(columns={"sum": "value", "size": "lines"}))
    if not found:
        return pd.DataFrame(columns=[*keys, "value", "lines"]), stated
    every = pd.concat(found).groupby(keys, sort=False)[["value", "lines"]].sum().reset_index()
    return _whole_only(every, table.path), stated


def _check_readable(
    reports: pd.DataFrame, how: Layout, table: PublishedTable, world: World
) -> None:
    """Refuse a value that is no number, on a line that is trade between two places; notes are none."""
    for odd in how.odd:
        if not len(odd):
            continue
        lines = reports.loc[reports.index.intersection(odd.index)]
        lines = lines[lines["flow"].notna()]
        for line, who, whom in zip(lines.index, lines["reporter"], lines["partner"], strict=True):
            if "unknown" in (world.gazetteer.find(who).kind, world.gazetteer.find(whom).kind):
                continue
            raise InputError(
                "a value is neither a number nor a mark of a missing one",
                file=table.path,
                line=int(line) + table.above + 2,
                key="value",
                found=f"{who}, {whom}: {odd.loc[[line]].iloc[0]}",
                allowed="a number, or one of .. - n.a. NA and an empty cell",
            )


def _whole_only(reports: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return each flow's report of all products together; where it has none, its coarsest products, to be summed.

    Raises
    ------
    InputError
        Where a flow has only products by name, of which nobody can say that they add up to the whole.
    """
    names = reports["product"].str.casefold()
    if (names == "").all():
        return reports
    flow = [reports[name] for name in ("reporter", "partner", "flow")]
    total = names.isin(ALL_PRODUCTS) | names.str.startswith("total")
    parted = ~total.groupby(flow).transform("any")
    named = reports[parted & ~names.str.isdigit()]
    if len(named):
        first = named.iloc[0]
        raise InputError(
            "a flow has no line of all products, and products by name may overlap",
            file=path,
            key="product",
            found=f"{first['reporter']}, {first['partner']}: {first['product']}",
            allowed="a line of all products for each flow, or products by their codes",
        )
    width = names.str.len()
    coarse = parted & (width == width.groupby(flow).transform("min"))
    return reports[total | coarse]


def _years(table: PublishedTable, how: Layout) -> str:
    columns = [name for name in table.header if name.isdigit() and len(name) == 4]
    if columns:
        return f"{columns[0]} to {columns[-1]}"
    for name in ("Year", "t", "refYear", "Period", "period", "Time Period", "TIME_PERIOD", "year"):
        if name in table.header:
            seen: set[str] = set()
            for part in table.parts([name]):
                seen |= {one for one in part[name] if one.isdigit()}
                break
            return ", ".join(sorted(seen)[:12])
    return ""


class _Economies:
    """Finds economies of the model in what a table calls reporter and partner, and remembers what is none."""

    def __init__(self, world: World, how: Layout) -> None:
        self._world = world
        self._is_group = how.is_group
        self._known: dict[tuple[str, str], Found] = {}
        self.aggregates: dict[str, float] = {}
        self.elsewhere: dict[str, float] = {}
        self.split: dict[str, tuple[str, ...]] = {}
        self.unknown: dict[str, float] = {}

    def pairs(self, reports: pd.DataFrame) -> pd.DataFrame:
        """Return reports by exporter and importer of the model."""
        import pandas as pd

        rows: list[tuple[str, str, str, float, int, bool]] = []
        columns = ("reporter", "partner", "reporter_name", "partner_name", "flow", "value", "lines")
        for reporter, partner, name, other, flow, value, lines in zip(
            *(reports[c] for c in columns), strict=True
        ):
            outward = flow == "exports"
            ends = [
                self._shares(reporter, name, outward, value),
                self._shares(partner, other, not outward, value),
            ]
            if not all(ends):
                continue
            for one, share in ends[0]:
                for two, other_share in ends[1]:
                    if one != two:
                        origin, destination = (one, two) if outward else (two, one)
                        part = share * other_share
                        rows.append((origin, destination, flow, value * part, lines, part < 1.0))
        names = ["exporter", "importer", "flow", "value", "lines", "shared"]
        return pd.DataFrame(rows, columns=names)

    def _shares(self, code: str, name: str, exports: bool, value: float) -> list[tuple[str, float]]:
        """Return the economies that are meant with the share of each; none for what is left out."""
        found = self._find(code, name)
        title = found.title or name or code
        if found.iso3 is not None:
            return [(found.iso3, 1.0)]
        if found.kind == "split" and found.near:
            self.split[title] = found.near
            column = "goods_exports_busd" if exports else "goods_imports_busd"
            weights = np.array(
                [self._world.base[column][self._world.position(one)] for one in found.near]
            )
            weights = (
                weights / weights.sum()
                if weights.sum() > 0.0
                else np.full(len(weights), 1.0 / len(weights))
            )
            return list(zip(found.near, weights.tolist(), strict=True))
        left = {"aggregate": self.aggregates, "unknown": self.unknown}.get(
            found.kind, self.elsewhere
        )
        key = code if found.kind == "unknown" else title
        left[key] = left.get(key, 0.0) + value
        return []

    def _find(self, code: str, name: str) -> Found:
        key = (code, name)
        if key not in self._known:
            gazetteer = self._world.gazetteer
            found = gazetteer.find(code) if code else Found("unknown")
            if self._is_group(code):
                self._known[key] = Found("aggregate", title=name or code)
                return self._known[key]
            if name and (
                found.kind in ("unknown", "ambiguous") or _disagrees(found, gazetteer.find(name))
            ):
                found = gazetteer.find(name)
            self._known[key] = found
        return self._known[key]


def _disagrees(by_code: Found, by_name: Found) -> bool:
    """Return whether a code of the publisher's own is another's elsewhere: then the name says who is meant."""
    if by_name.kind in ("unknown", "ambiguous"):
        return False
    return (by_code.kind, by_code.iso3) != (by_name.kind, by_name.iso3)


def _summed(pairs: pd.DataFrame, path: Path, *, products: bool) -> pd.DataFrame:
    """Return one value for each pair: products are summed, and where there are none a pair has one line."""
    keys = ["exporter", "importer"]
    own = pairs[~pairs["shared"]]
    twice = own[own.duplicated(keys) | (own["lines"] > 1)]
    if len(twice) and not products:
        first = twice.iloc[0]
        raise InputError(
            "this pair stands more than once",
            file=path,
            key="exporter, importer",
            found=f"{first['exporter']}, {first['importer']}",
            allowed="one line for each pair and year",
        )
    return pairs.groupby(keys)["value"].sum().reset_index()


def _unit(asked: str, stated: str, pairs: pd.DataFrame, world: World) -> str:
    """Return the unit of values: what is asked for, stated, or fits the recorded trade."""
    if asked != "auto":
        return asked
    if stated:
        return stated
    fit = {
        name: _against_record(pairs.assign(value=pairs["value"] * to), world)[0]
        for name, to in UNITS.items()
    }
    return min(fit, key=lambda name: abs(np.log(fit[name])) if fit[name] > 0.0 else np.inf)


def _against_record(
    pairs: pd.DataFrame, world: World
) -> tuple[float, tuple[tuple[str, str, float, float], ...], tuple[float, float]]:
    """Hold sums against the recorded ones of 2013, from both sides.

    Returns
    -------
    float
        The table's sum over the recorded trade among its economies.
    tuple
        Economies whose sums are far from the recorded ones, the weightiest first. What an economy trades with others
        that are not in the table is no fault of it: only a table of the whole world can hold too little.
    tuple of float
        Between which ratios the sum is believed.
    """
    inside = sorted(set(pairs["exporter"]) | set(pairs["importer"]))
    exports, imports = world.base["goods_exports_busd"], world.base["goods_imports_busd"]
    here = [world.position(code) for code in inside]
    share = float(exports[here].sum() / exports.sum())
    whole = share >= WHOLE
    expected = float(exports[here].sum()) * (
        1.0 if whole else float(imports[here].sum() / imports.sum())
    )
    odd = []
    for side, column in (("exporter", exports), ("importer", imports)):
        sums = pairs.groupby(side)["value"].sum()
        for code, total in sums.items():
            recorded = float(column[world.position(str(code))])
            if recorded > 0.0 and (
                total > ECONOMY[1] * recorded or (whole and total < ECONOMY[0] * recorded)
            ):
                odd.append((str(code), f"{side[:-2]}s", float(total), recorded))
    odd.sort(key=lambda one: -abs(np.log(one[2] / one[3])) * one[3] ** 0.5)
    coverage = float(pairs["value"].sum()) / expected if expected > 0.0 else float("nan")
    return coverage, tuple(odd), WORLD if whole else PART


def _in_billions(mirrors: Mirrors, factor: float) -> Mirrors:
    from dataclasses import replace

    return replace(mirrors, far=tuple((o, d, s * factor, t * factor) for o, d, s, t in mirrors.far))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open_file(path, LARGEST_FILE_BYTES) as file:
        for block in iter(partial(file.read, 1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
