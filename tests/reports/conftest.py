"""A small run made by hand: what figures read, in numbers that are easy to move."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sscsim.reports.countries import country_lists
from sscsim.reports.style import REGION_COLOURS
from sscsim.results import Run
from sscsim.results.tables import CountryTable, IndicatorTable, MatrixTable, RowTable, Table

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
COOPERATION = {
    "provider_share": (0.6, 0.2),
    "agency_share": (0.4, 0.1),
    "un_support_share": (0.5, 0.3),
    "technology_exchange_share": (0.8, 0.4),
}
"""What happens and what is on record of it, in the first year."""

GROWTH = {"South": 0.045, "World": 0.03, "North": 0.02}


def build_run(
    *,
    years: Sequence[int] = tuple(range(2013, 2035)),
    trade_growth: float = 0.04,
    south_growth: float = 0.045,
    goal_gain: float = 0.4,
    keep_matrices: Sequence[int] = (2013, 2030, 2034),
    countries: bool = True,
    projects: bool = True,
    cooperation: float = 1.0,
    on_record: float = 0.5,
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
        put(group, "goal_index", "0 to 100", 55.0 + goal_gain * since)
        for goal in range(1, 18):
            put(group, f"goal_{goal}", "0 to 100", 50.0 + goal + goal_gain * since * goal / 9.0)
    put("World", "bank_disbursements", "bn USD", 20.0 + since)
    put("South", "projects_received", "projects", cooperation * 1500.0 * 1.01**since)
    put("South", "reporting_share", "fraction", 0.2 + 0.01 * since)
    for group in ("South", *REGION_COLOURS):
        if projects and group != "Europe and others":
            happens = cooperation * 100.0 * GROUPS[group] * 1.01**since
            put(group, "projects_provided", "projects", happens)
            put(group, "reported_projects_provided", "projects", on_record * happens)
    for indicator, (happens_first, seen_first) in COOPERATION.items():
        put("South", indicator, "fraction", happens_first + 0.005 * since)
        put("South", f"reported_{indicator}", "fraction", seen_first + 0.01 * since)
    indicators = IndicatorTable.from_years(labels, years, list(np.array(columns).T))

    iso3 = tuple(sorted(str(i) for i in country_lists().table.index))
    n = len(iso3)
    base = rng.lognormal(3.0, 1.5, n)
    rates = rng.normal(0.03, 0.02, (len(years), n))
    gdp = base * np.cumprod(1.0 + rates, axis=0)
    held = {
        "gdp": gdp,
        "real_income": scale * gdp,
        "population": np.broadcast_to(base, gdp.shape),
        "poverty_headcount": 0.5 / (1.0 + gdp / base),
        "human_capital": 1.0 + np.log1p(gdp / base),
        **{f"goal_{goal}": 50.0 + goal + goal_gain * gdp / base for goal in range(1, 18)},
        "goal_noise_1": gdp,  # a run keeps more whose names begin like those of the Goals
    }
    flat = {name: values.reshape(-1) for name, values in held.items()}
    table = CountryTable(iso3, tuple(years), flat) if countries else None
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
    rows = (
        {"projects": build_projects(iso3, years, rng, int(600 * cooperation))} if projects else {}
    )
    tables: dict[str, Table] = {"indicators": indicators, **rows}
    if table is not None:
        tables["countries"] = table
    return Run(manifest, tables | (matrices if trade else {}))


def build_projects(
    iso3: Sequence[str], years: Sequence[int], rng: np.random.Generator, count: int
) -> RowTable:
    """Make projects of three domains between the countries of the South, some of them regional."""
    region = country_lists().table["report_region"].to_dict()
    members = country_lists().members("south_unctad_2014")
    south = [i for i in iso3 if i in members]
    # The first few provide much, many nothing.
    providers = rng.choice(south[: len(south) // 2], count, p=_shares(len(south) // 2)).tolist()
    receivers = rng.choice(south, count)
    same = {p: [c for c in south if region[c] == region[p] and c != p] for p in set(providers)}
    near = rng.random(count) < 0.7
    receivers = [
        same[p][luck % len(same[p])] if close or r == p else str(r)
        for p, r, luck, close in zip(
            providers, receivers, rng.integers(0, 997, count), near, strict=True
        )
    ]
    regional = np.arange(count) % 10 == 0
    parties = [" ".join([str(p), r]) for p, r in zip(providers, receivers, strict=True)]
    texts = {
        "provider": tuple(south),
        "receiver": tuple(south),
        "parties": tuple(dict.fromkeys(parties)),
        "domain": ("health", "agriculture", "frontier_technology"),
    }
    place = {code: k for k, code in enumerate(south)}
    pair = {text: k for k, text in enumerate(texts["parties"])}
    start = rng.integers(years[0] - 2, years[-1] + 1, count)
    columns = {
        "provider": np.array([place[p] for p in providers]),
        "receiver": np.where(regional, -1, [place[r] for r in receivers]),
        "parties": np.where(regional, [pair[p] for p in parties], -1),
        "domain": np.arange(count) % 3,
        "start": start,
        "end": start + rng.integers(1, 5, count),
        "cost": rng.lognormal(-1.0, 0.5, count),
    }
    return RowTable("projects", columns, texts)


def _shares(count: int) -> np.ndarray:
    weights = 1.0 / (1.0 + np.arange(count))
    return weights / weights.sum()


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Run]:
    return build_run


@pytest.fixture(scope="session")
def run() -> Run:
    return build_run()
