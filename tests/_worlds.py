"""Worlds for tests: small random ones with every field, and tables whose rows stand in another order."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sscsim.parameters import Parameters, default_parameters
from sscsim.world.events import load_events
from sscsim.world.loading import load_world
from sscsim.world.tables import DATA, Treaty, World

NEVER = 9999
LEADER = "USA"  # the productivity frontier must be in every world


def random_world(seed: int, count: int | None = None) -> World:
    """Return a world of 6 to 15 economies that differ from each other by orders of magnitude.

    Names, groups' names and treaties' codes are real ones, so that indicators, events and scenarios find what they
    look for; every number is random. Whoever is in a world, two extremes always are: an economy without any exports'
    partner list, and a landlocked one whose Goal 14 does not apply.
    """
    rng = np.random.default_rng(seed)
    real = load_world()
    n = int(rng.integers(6, 16)) if count is None else count
    needed = {LEADER, *_in_events()}
    others = sorted(set(real.iso3) - needed)
    chosen = rng.choice(others, n - len(needed), replace=False).tolist()
    iso3 = tuple(sorted([*needed, *chosen]))
    leader = iso3.index(LEADER)

    gdp = np.exp(rng.normal(4.0, 1.3, n))
    gdp[leader] = 3.0 * gdp.max()
    gdp_current = gdp * rng.uniform(0.7, 1.4, n)
    population = gdp_current / np.exp(rng.uniform(-1.0, 4.0, n))
    exports = _capped(gdp_current * rng.uniform(0.05, 0.7, n))
    inflow = _capped(gdp_current * rng.uniform(0.0, 0.08, n))
    outflow = _capped(gdp_current * rng.uniform(0.0, 0.06, n))
    inflow[0] = -0.1 * inflow[0]  # more was taken out than brought in
    outflow[1] = 0.0
    base = {
        "capital_output_ratio": rng.uniform(1.2, 6.0, n),
        "administration_quality": rng.uniform(10.0, 90.0, n),
        "debt_service_share_exports": rng.uniform(0.0, 0.4, n),
        "depreciation": rng.uniform(0.02, 0.08, n),
        "employment_m": population * rng.uniform(0.2, 0.6, n),
        "external_debt_busd": gdp_current * rng.uniform(0.0, 1.5, n),
        "fdi_inflow_busd": inflow,
        "fdi_inward_stock_busd": gdp_current * rng.uniform(0.01, 1.0, n),
        "fdi_outflow_busd": outflow,
        "fdi_outward_stock_busd": gdp_current * rng.uniform(0.0, 1.0, n),
        "gdp_constant_2015_busd": gdp,
        "gdp_current_busd": gdp_current,
        "gdp_ppp_busd": gdp_current * rng.uniform(1.0, 3.0, n),
        "gini": rng.uniform(0.25, 0.6, n),
        "gni_current_busd": gdp_current * rng.uniform(0.85, 1.1, n),
        "goods_exports_busd": exports,
        "goods_imports_busd": _capped(exports * rng.uniform(0.6, 1.6, n)),
        "hdi": rng.uniform(0.35, 0.95, n),
        "human_capital_index": rng.uniform(1.2, 3.7, n),
        "investment_share": rng.uniform(0.08, 0.4, n),
        "oda_received_busd": gdp_current * rng.uniform(-0.001, 0.1, n) * (rng.random(n) < 0.6),
        "population_m": population,
        "poverty_headcount": rng.uniform(0.0, 0.8, n) * (rng.random(n) < 0.8),
        "remittances_received_busd": gdp_current * rng.uniform(0.0, 0.15, n),
    }
    base["human_capital_index"][leader] = 3.7
    if set(base) != set(real.base):
        raise AssertionError(f"columns that differ: {set(base) ^ set(real.base)}")

    landlocked = (rng.random(n) < 0.25).astype(int)
    landlocked[0], landlocked[leader] = 1, 0
    goals = rng.uniform(0.0, 100.0, (n, 17))
    goals[rng.random((n, 17)) < 0.03] = 0.0
    goals[rng.random((n, 17)) < 0.03] = 100.0
    goals[landlocked == 1, 13] = np.nan

    people = np.cumprod(
        np.hstack([np.ones((n, 1)), rng.uniform(0.99, 1.035, (n, len(real.population_years) - 1))]),
        axis=1,
    )
    distance = np.exp(rng.uniform(5.5, 9.7, (n, n)))
    distance = np.sqrt(distance * distance.T)
    flows = rng.normal(1.0, 0.3, (2, n, len(real.fdi_years)))
    spans = _random_groups(rng, real, n, leader)
    world = World(
        iso3=iso3,
        attributes=_random_countries(rng, real, iso3, landlocked),
        base={name: _frozen(values) for name, values in base.items()},
        growth_record=_frozen(np.clip(rng.normal(3.0, 4.0, (n, len(real.growth_years))), -40, 40)),
        growth_years=real.growth_years,
        growth_is_forecast=real.growth_is_forecast,
        population=_frozen(population[:, None] * people),
        population_years=real.population_years,
        fdi_inflows=_frozen(inflow[:, None] * flows[0]),
        fdi_outflows=_frozen(outflow[:, None] * flows[1]),
        fdi_years=real.fdi_years,
        gdp_in_dollars={
            year: _frozen(gdp_current * level)
            for year, level in zip(
                real.gdp_in_dollars,
                np.cumprod(
                    [np.ones(n), *rng.uniform(0.8, 1.3, (len(real.gdp_in_dollars) - 1, n))], axis=0
                ),
                strict=True,
            )
        },
        deflator=dict(real.deflator),
        distance=_frozen(distance),
        contiguity=_frozen(_symmetric(rng, n, 0.2)),
        common_language=_frozen(_symmetric(rng, n, 0.3)),
        colonial_tie=_frozen(_symmetric(rng, n, 0.1)),
        published_export_share=_frozen(_published(rng, n)),
        published_import_share=_frozen(_published(rng, n).T.copy()),
        goals_2016=_frozen(goals),
        trade_matrix=None,
        data_hash=f"random world {seed}",
        folder=DATA,
        _spans=spans,
        _treaties=_random_treaties(rng, real, n),
    )
    # What the world would read from its folder when it is first asked.
    world.__dict__["goal_deviation"], world.__dict__["goal_trend"] = _random_trends(rng, n)
    return world


def drawn_parameters(seed: int, spread: str = "uniform") -> Parameters:
    """Return a draw of every parameter that has a prior.

    Parameters
    ----------
    spread
        ``uniform``: quantiles from all of (0, 1), as an ensemble draws them; ``corners``: every parameter far out in
        one of its prior's two tails.
    """
    table = default_parameters()
    drawn = [d.name for d in table.definitions() if d.drawn]
    uniforms = np.random.default_rng(seed).random(len(drawn))
    if spread == "corners":
        uniforms = np.where(uniforms < 0.5, 0.001, 0.999)
    return table.draw(dict(zip(drawn, uniforms.tolist(), strict=True)))


def permute_tables(folder: Path, seed: int = 1, source: Path = DATA) -> Path:
    """Copy a folder of tables with the rows of every CSV and parquet file in another order."""
    shutil.copytree(source, folder)
    moved = 0
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
            order = np.random.default_rng([seed, len(rows)]).permutation(len(rows))
            path.write_text(head + "".join(rows[i] for i in order), encoding="utf-8")
        elif path.suffix == ".parquet":
            table = pd.read_parquet(path)
            table.sample(frac=1.0, random_state=seed).to_parquet(path, index=False)
        else:
            continue
        moved += 1
    if moved < 10:
        raise AssertionError(f"only {moved} tables were found in {source}")
    return folder


def _in_events() -> set[str]:
    return {
        code
        for event in load_events()
        for where in (event.investors, event.hosts)
        if where is not None
        for code in where.iso3 or ()
    }


def _capped(flows: NDArray[np.float64], most: float = 0.3) -> NDArray[np.float64]:
    """No economy deals with more than its part of the world: nobody trades with itself."""
    for _ in range(20):
        flows = np.minimum(flows, most * flows.sum())
    return flows


def _frozen(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.ascontiguousarray(values, dtype=np.float64)
    values.flags.writeable = False
    return values


def _symmetric(rng: np.random.Generator, n: int, share: float) -> NDArray[np.float64]:
    upper = np.triu(rng.random((n, n)) < share, 1)
    return (upper | upper.T).astype(np.float64)


def _published(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    shares = np.full((n, n), np.nan)
    for row in range(1, n):  # the first publishes nothing
        partners = rng.choice(np.delete(np.arange(n), row), min(3, n - 1), replace=False)
        shares[row, partners] = rng.dirichlet(np.ones(4))[:3]
    return shares


def _random_groups(
    rng: np.random.Generator, real: World, n: int, leader: int
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    kind = rng.choice(3, n, p=[0.3, 0.6, 0.1])
    kind[leader], kind[(leader + 1) % n] = 0, 1
    members = {name: rng.random(n) < 0.3 for name in real.groups()}
    for edition in ("unctad_2014", "wir_2018"):
        south = "south" if edition == "unctad_2014" else "developing"
        for position, name in enumerate(("developed", south, "transition")):
            members[f"{name}_{edition}"] = kind == position
    return {
        name: (np.where(mask, 0, NEVER), np.where(mask, NEVER, 0)) for name, mask in members.items()
    }


def _random_countries(
    rng: np.random.Generator, real: World, iso3: tuple[str, ...], landlocked: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    rows = [real.position(code) for code in iso3]
    table = {name: values[rows].copy() for name, values in real.attributes.items()}
    for column in ("continent", "subregion", "report_region", "income_group"):
        drawn = rng.choice(sorted(set(real.attributes[column])), len(iso3))
        table[column] = drawn.astype(object)
    table["income_group"][iso3.index(LEADER)] = "HIC"
    table["landlocked"] = landlocked
    return table


def _random_treaties(rng: np.random.Generator, real: World, n: int) -> tuple[Treaty, ...]:
    treaties = []
    leaving = rng.spawn(1)[0]
    for code in real.agreements()[:4]:
        rows = np.flatnonzero(rng.random(n) < 0.5)
        joined = np.where(rng.random(rows.size) < 0.3, 2020, 0)
        treaties.append(
            Treaty(
                code=code,
                kind=str(rng.choice(["FTA", "CU", "PTA"])),
                in_force=int(rng.integers(2005, 2030)),
                rows=rows,
                hub=np.ones(rows.size, dtype=bool),
                since=joined.astype(np.int64),
                until=np.where(
                    leaving.random(rows.size) < 0.3, leaving.integers(2014, 2034, rows.size), NEVER
                ),
                all_with_all=True,
            )
        )
    return tuple(treaties)


def _random_trends(
    rng: np.random.Generator, n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    deviation, trend = rng.normal(0.0, 0.4, (n, 17)), rng.normal(0.3, 0.5, (n, 17))
    deviation[0] = trend[0] = np.nan  # the first was never scored
    return _frozen(deviation), _frozen(trend)
