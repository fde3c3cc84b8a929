"""What must be true of a world before a run may rest on it.

`check` looks and reports; it never mends. An *error* makes the world unusable, a *warning* is a
figure that a careful user looks at (a slip of a source, an economy far from its mirror), a *note*
is context.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sscsim.errors import InputError
from sscsim.names import FIRST_YEAR
from sscsim.types import Array
from sscsim.world.columns import load_columns
from sscsim.world.contradictions import contradictions
from sscsim.world.tables import GOALS, World

__all__ = ["GROUP_COUNTS", "Finding", "check", "mirror_table"]

Level = Literal["error", "warning", "note"]

GROUP_COUNTS = {
    "AMU": 5,
    "ALADI": 13,
    "ASEAN": 10,
    "AU": 54,
    "BBIN": 4,
    "BIMSTEC": 7,
    "BRICS": 5,
    "CAN": 4,
    "CARICOM": 14,
    "CELAC": 33,
    "EAEU": 5,
    "ECOWAS": 15,
    "EU": 28,
    "G77": 134,
    "GCC": 6,
    "IBERO_AMERICA": 19,
    "IBSA": 3,
    "LAS": 22,
    "LDC": 47,
    "LLDC": 32,
    "MERCOSUR": 4,
    "PACIFIC_ALLIANCE": 4,
    "SAARC": 8,
    "SADC": 16,
    "SICA": 8,
    "SIDS": 38,
    "un_member": 193,
}
"""Members in 2018, where the number is known from outside (A/73/383 names G77 and CELAC)."""

PARTITIONS = (
    ("south_unctad_2014", "transition_unctad_2014", "developed_unctad_2014"),
    ("developing_wir_2018", "transition_wir_2018", "developed_wir_2018"),
)
"""Lists that together hold every economy exactly once."""

WORLD_TOTALS = {
    "gdp_current_busd": (76_000.0, 78_500.0),
    "gdp_constant_2015_busd": (69_000.0, 72_000.0),
    "population_m": (7_100.0, 7_400.0),
    "goods_exports_busd": (17_500.0, 19_500.0),
    "goods_imports_busd": (17_500.0, 19_500.0),
    "fdi_inflow_busd": (1_200.0, 1_800.0),
    "fdi_outflow_busd": (1_200.0, 1_800.0),
    "remittances_received_busd": (450.0, 750.0),
    "oda_received_busd": (90.0, 170.0),
}
"""Where the world's sum of a column must lie, billions of dollars or millions of people."""

TRADE_GAP = 0.05
"""World goods exports and imports may differ by this share (freight, timing, gaps of record)."""

FDI_GAP = 0.15
"""First vintages of FDI in and out differ by more than trade does."""

MIRROR_FACTOR = 4.0
"""Two sides' figures for one flow that differ by more than this factor are reported."""

ABSENT_FACTOR = 2.0
"""A flow this much larger than the smallest that the other side prints should be on its list."""

SHARES_SUM = 1.02
"""Published partner shares of one economy may add up to this."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    Parameters
    ----------
    level
        ``error``, ``warning`` or ``note``.
    check
        The check that found it.
    subject
        The column, group, economy or pair concerned.
    message
        What is the matter, with the figures.
    """

    level: Level
    check: str
    subject: str
    message: str


def check(world: World) -> list[Finding]:
    """Return everything that the checks find, the worst first."""
    findings = [
        *_keys(world),
        *_ranges(world),
        *_goals(world),
        *_pairs(world),
        *_totals(world),
        *_groups(world),
        *_shares(world),
        *_mirror(world),
        *_trade_matrix(world),
        *_contradictions(world),
    ]
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(findings, key=lambda f: order[f.level])


def mirror_table(world: World) -> pd.DataFrame:
    """Compare the two sides of every published flow.

    Returns
    -------
    DataFrame
        One row a published cell: ``exporter``, ``importer``, the flow in billions of dollars
        ``by_exporter`` and ``by_importer`` (NaN where that side does not print it), ``log_ratio``
        of the two, and ``expected_on_list``: true where one side alone prints the flow although it
        is at least twice the smallest flow that the other side prints, so that one of them errs.
    """
    exports = world.base["goods_exports_busd"]
    imports = world.base["goods_imports_busd"]
    by_exporter = world.published_export_share * exports[:, None]
    by_importer = world.published_import_share * imports[None, :]
    rows, columns = np.nonzero(np.isfinite(by_exporter) | np.isfinite(by_importer))
    table = pd.DataFrame(
        {
            "exporter": [world.iso3[i] for i in rows],
            "importer": [world.iso3[j] for j in columns],
            "by_exporter": by_exporter[rows, columns],
            "by_importer": by_importer[rows, columns],
        }
    )
    # A side whose total is zero prints shares of nothing.
    some = table[["by_exporter", "by_importer"]].where(lambda flow: flow > 0.0)
    table["log_ratio"] = np.log(some["by_exporter"] / some["by_importer"])
    # The smallest flow that a side prints: what is larger should be on its list too.
    least_export = _smallest(by_exporter, axis=1)[rows]
    least_import = _smallest(by_importer, axis=0)[columns]
    alone = table["by_importer"].isna() & (table["by_exporter"] > ABSENT_FACTOR * least_import)
    alone |= table["by_exporter"].isna() & (table["by_importer"] > ABSENT_FACTOR * least_export)
    table["expected_on_list"] = alone
    return table


def _smallest(values: Array, axis: int) -> Array:
    filled = np.where(np.isfinite(values), values, np.inf)
    return np.asarray(filled.min(axis=axis), dtype=np.float64)


def _keys(world: World) -> Iterator[Finding]:
    if list(world.iso3) != sorted(set(world.iso3)):
        yield Finding("error", "keys", "iso3", "the ISO codes are not sorted or not unique")
    seen: set[int] = set()
    for code, number in zip(world.iso3, world.attributes["m49"].tolist(), strict=True):
        if number in seen:
            yield Finding("error", "keys", code, f"M49 code {number} is given twice")
        seen.add(number)


def _ranges(world: World) -> Iterator[Finding]:
    columns = load_columns()
    for name, values in world.base.items():
        column = columns.find("base_year.csv", name)
        if column is None:
            yield Finding("error", "columns", name, "the column is not described in columns.yaml")
            continue
        yield from _outside(world, name, values, column.bounds)
    for name, panel, years in (
        ("growth_pct", world.growth_record, world.growth_years),
        ("population_m", world.population, world.population_years),
        ("inflow", world.fdi_inflows, world.fdi_years),
        ("outflow", world.fdi_outflows, world.fdi_years),
        (
            "gdp_busd",
            np.array(list(world.gdp_in_dollars.values())).reshape(-1, world.size).T,
            np.array(list(world.gdp_in_dollars)),
        ),
    ):
        table = {
            "growth_pct": "growth.csv",
            "population_m": "population.csv",
            "gdp_busd": "gdp_dollars.csv",
        }
        column = columns.find(table.get(name, "fdi_flows.csv"), name)
        for place, year in enumerate(years.tolist()):
            yield from _outside(
                world, f"{name} {year}", panel[:, place], column.bounds if column else None
            )


def _outside(
    world: World, name: str, values: Array, bounds: tuple[float, float] | None
) -> Iterator[Finding]:
    for at in np.flatnonzero(~np.isfinite(values)):
        yield Finding("error", "gaps", f"{world.iso3[at]} {name}", "there is no figure")
    if bounds is not None:
        for at in np.flatnonzero((values < bounds[0]) | (values > bounds[1])):
            yield Finding(
                "error",
                "ranges",
                f"{world.iso3[at]} {name}",
                f"{values[at]:.6g} is outside {bounds[0]:g} to {bounds[1]:g}",
            )


def _goals(world: World) -> Iterator[Finding]:
    landlocked = world.attributes["landlocked"] == 1
    for place, goal in enumerate(GOALS):
        values = world.goals_2016[:, place]
        absent = ~np.isfinite(values)
        expected = landlocked if goal == "goal_14" else np.zeros_like(landlocked)
        for at in np.flatnonzero(absent & ~expected):
            yield Finding("error", "gaps", f"{world.iso3[at]} {goal}", "there is no score")
        for at in np.flatnonzero(~absent & expected):
            yield Finding(
                "warning", "gaps", f"{world.iso3[at]} {goal}", "a landlocked economy has a score"
            )
        for at in np.flatnonzero((values < 0.0) | (values > 100.0)):
            yield Finding(
                "error", "ranges", f"{world.iso3[at]} {goal}", f"{values[at]:.6g} is not a score"
            )


def _pairs(world: World) -> Iterator[Finding]:
    for name in ("distance", "contiguity", "common_language", "colonial_tie"):
        values: Array = getattr(world, name)
        if not np.isfinite(values).all():
            yield Finding("error", "gaps", name, "not every pair has a figure")
        elif not np.allclose(values, values.T, rtol=1e-6):
            yield Finding("error", "pairs", name, "the two directions of a pair differ")
    if (world.distance <= 0.0).any():
        yield Finding("error", "ranges", "distance", "a distance is not above zero")


def _totals(world: World) -> Iterator[Finding]:
    for name, (low, high) in WORLD_TOTALS.items():
        total = float(world.base[name].sum())
        level: Level = "note" if low <= total <= high else "warning"
        words = "lies in" if level == "note" else "lies outside"
        yield Finding(
            level, "totals", name, f"the world's sum {total:,.0f} {words} {low:,.0f} to {high:,.0f}"
        )
    for one, other, gap in (
        ("goods_exports_busd", "goods_imports_busd", TRADE_GAP),
        ("fdi_inflow_busd", "fdi_outflow_busd", FDI_GAP),
    ):
        total, against = float(world.base[one].sum()), float(world.base[other].sum())
        if against == 0.0:
            yield Finding("warning", "totals", f"{one} / {other}", f"the world's {other} are zero")
            continue
        ratio = total / against
        level = "note" if abs(ratio - 1.0) <= gap else "warning"
        yield Finding(level, "totals", f"{one} / {other}", f"the world's ratio is {ratio:.3f}")


def _groups(world: World) -> Iterator[Finding]:
    for group, number in GROUP_COUNTS.items():
        try:
            found = int(world.membership(group).sum())
        except InputError:
            yield Finding("error", "groups", group, "the group is missing")
            continue
        if found != number:
            yield Finding("error", "groups", group, f"{found} members in 2018 instead of {number}")
    for lists in PARTITIONS:
        times = np.sum([world.membership(group) for group in lists], axis=0)
        for at in np.flatnonzero(times != 1):
            yield Finding(
                "error", "groups", world.iso3[at], f"is {times[at]} times in {', '.join(lists)}"
            )


def _shares(world: World) -> Iterator[Finding]:
    for flow, shares, axis in (
        ("exports", world.published_export_share, 1),
        ("imports", world.published_import_share, 0),
    ):
        sums = np.nansum(shares, axis=axis)
        for at in np.flatnonzero(sums > SHARES_SUM):
            yield Finding(
                "error", "shares", f"{world.iso3[at]} {flow}", f"shares add up to {sums[at]:.3f}"
            )
        if (shares[np.isfinite(shares)] < 0.0).any():
            yield Finding("error", "shares", flow, "a share is below zero")


def _mirror(world: World) -> Iterator[Finding]:
    table = mirror_table(world)
    both = table[table["log_ratio"].notna()]
    far = both[both["log_ratio"].abs() > np.log(MIRROR_FACTOR)]
    for row in far.sort_values("log_ratio", key=lambda s: s.abs(), ascending=False).itertuples():
        yield Finding(
            "warning",
            "mirror",
            f"{row.exporter} to {row.importer}",
            f"{row.by_exporter:.3g} bn by the exporter, {row.by_importer:.3g} bn by the importer "
            f"(log ratio {row.log_ratio:+.2f})",
        )
    alone = table[table["expected_on_list"]]
    for exporter, importer, by_exporter, by_importer in zip(
        alone["exporter"],
        alone["importer"],
        alone["by_exporter"].to_numpy(np.float64).tolist(),
        alone["by_importer"].to_numpy(np.float64).tolist(),
        strict=True,
    ):
        exporter_prints = bool(np.isfinite(by_exporter))
        prints, silent = ("exporter", "importer") if exporter_prints else ("importer", "exporter")
        value = by_exporter if exporter_prints else by_importer
        yield Finding(
            "warning",
            "mirror",
            f"{exporter} to {importer}",
            f"{value:.3g} bn by the {prints}, but the {silent} prints smaller partners without it",
        )
    spread = float(both["log_ratio"].std())
    yield Finding(
        "note",
        "mirror",
        f"{len(both)} flows that both sides print",
        f"mean log ratio {both['log_ratio'].mean():+.2f}, standard deviation {spread:.2f}",
    )


def _contradictions(world: World) -> Iterator[Finding]:
    for one in contradictions(world):
        yield Finding("warning", "contradictions", f"{one.iso3} {one.column}", one.message)


def _trade_matrix(world: World) -> Iterator[Finding]:
    matrix = world.trade_matrix
    if matrix is None:
        return
    for name, sums in (
        ("goods_exports_busd", matrix.sum(axis=1)),
        ("goods_imports_busd", matrix.sum(axis=0)),
    ):
        with np.errstate(divide="ignore"):
            ratio = np.abs(np.log(sums / np.maximum(world.base[name], 1e-9)))
        for at in np.flatnonzero(ratio > np.log(MIRROR_FACTOR)):
            yield Finding(
                "warning",
                "trade matrix",
                f"{world.iso3[at]} {name}",
                f"the matrix sums to {sums[at]:.4g} bn, the table of {FIRST_YEAR} has "
                f"{world.base[name][at]:.4g} bn",
            )
