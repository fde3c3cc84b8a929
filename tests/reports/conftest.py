"""A small run made by hand: what figures read, in numbers that are easy to move."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sscsim.reports.countries import country_lists
from sscsim.reports.style import REGION_COLOURS
from sscsim.results import Run
from sscsim.results.tables import CountryTable, IndicatorTable, MatrixTable

GROUPS = {
    "World": 40.0,
    "South": 15.0,
    "North": 22.0,
    "LDC": 1.0,
    "LLDC": 1.5,
    "SIDS": 0.5,
    "WIR developing": 16.0,
    "WIR developed": 20.0,
    **dict.fromkeys(REGION_COLOURS, 8.0),
}
GROWTH = {"South": 0.045, "World": 0.03, "North": 0.02}


def build_run(
    *,
    years: Sequence[int] = tuple(range(2013, 2035)),
    trade_growth: float = 0.04,
    south_growth: float = 0.045,
    goal_gain: float = 0.4,
    keep_matrices: Sequence[int] = (2013, 2030, 2034),
    countries: bool = True,
    seed: int = 1,
    scale: float = 1.0,
) -> Run:
    rng = np.random.default_rng(seed)
    first = years[0]
    labels: list[tuple[str, str, str]] = []
    columns: list[np.ndarray] = []
    since = np.array(years, dtype=float) - first

    def put(group: str, indicator: str, unit: str, values: np.ndarray) -> None:
        labels.append((group, indicator, unit))
        columns.append(np.broadcast_to(values, since.shape).astype(float))

    swell = scale * (1.0 + trade_growth) ** since
    between = np.outer([1.0, 2.0, 12.0, 3.0, 0.4], [1.0, 2.0, 12.0, 3.0, 0.4]) * 14.0
    for i, origin in enumerate(sorted(REGION_COLOURS)):
        for j, destination in enumerate(sorted(REGION_COLOURS)):
            name = f"South: {origin} → South: {destination}"
            put(name, "trade_between", "bn USD", between[i, j] * swell)
    put("South", "trade_within", "bn USD", between.sum() * swell)
    put("South", "trade_within_without_hubs", "bn USD", 0.7 * between.sum() * swell)
    for group, size in GROUPS.items():
        rate = south_growth if group == "South" else GROWTH.get(group, 0.03)
        put(group, "gdp", "bn 2015 USD", 1000.0 * size * (1.0 + rate) ** since)
        fdi = 40.0 * size * scale * 1.02**since
        put(group, "fdi_inflow", "bn USD", fdi)
        put(group, "oda_received", "bn USD", size * scale * 1.01**since)
        put(group, "remittances_received", "bn USD", 20.0 * size * scale * 1.03**since)
        put(group, "other_finance_received", "bn USD", 30.0 * size * scale * 1.02**since)
        put(group, "fdi_share_external_finance", "fraction", np.full(since.shape, 0.41))
        put(group, "poverty_headcount", "fraction", 0.4 / size**0.3 * 0.97**since)
        put(group, "poverty_people", "million", 20.0 * size * 0.98**since)
        for goal in range(1, 18):
            put(group, f"goal_{goal}", "0 to 100", 50.0 + goal + goal_gain * since * goal / 9.0)
    indicators = IndicatorTable.from_years(labels, years, list(np.array(columns).T))

    iso3 = tuple(sorted(str(i) for i in country_lists().table.index))
    n = len(iso3)
    base = rng.lognormal(3.0, 1.5, n)
    rates = rng.normal(0.03, 0.02, (len(years), n))
    gdp = base * np.cumprod(1.0 + rates, axis=0)
    table = CountryTable(iso3, tuple(years), {"gdp": gdp.reshape(-1)}) if countries else None
    trade, fdi = {}, {}
    for year in keep_matrices:
        if year in years:
            flows = np.outer(base, base) * rng.lognormal(0.0, 1.0, (n, n)) * 2e-3
            np.fill_diagonal(flows, 0.0)
            trade[year], fdi[year] = flows, flows * 0.05
    matrices = {
        "trade": MatrixTable("trade", iso3, trade),
        "fdi": MatrixTable("fdi", iso3, fdi),
    }
    manifest = {
        "scenario_name": "baseline",
        "seed": seed,
        "keep": "standard",
        "version": "0.1.0",
        "start": years[0],
        "end": years[-1],
    }
    return Run(manifest, indicators, table, matrices if trade else None)


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Run]:
    return build_run


@pytest.fixture(scope="session")
def run() -> Run:
    return build_run()
