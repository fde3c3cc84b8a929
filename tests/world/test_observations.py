"""The generator's material: every observation has a known source and stands once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sscsim.world import load_world
from sscsim.world.columns import load_columns

FOLDER = Path(__file__).parents[2] / "tools" / "world_data" / "observations"


def test_observations_are_sourced_and_unique() -> None:
    tables = [
        pd.read_csv(path, keep_default_na=False, na_values=[""])
        for path in sorted(FOLDER.glob("*.csv"))
    ]
    table = pd.concat(tables, ignore_index=True)
    assert set(table["source"]) <= set(load_columns().sources)
    assert set(table["iso3"]) <= set(load_world().iso3)
    assert table["value"].notna().all()
    assert not table.duplicated(["iso3", "variable", "year"]).any()


def test_a_published_figure_reaches_the_table_unchanged() -> None:
    world = load_world()
    table = pd.read_csv(FOLDER / "economies.csv", keep_default_na=False)
    hdi = table[table["variable"] == "hdi"].set_index("iso3")["value"].astype(float)
    for code, value in hdi.items():
        assert world.base["hdi"][world.position(str(code))] == value


@pytest.mark.parametrize(
    ("column", "tolerance", "least", "economies"),
    [
        ("goods_exports_busd", 0.05, 0.9, 180),
        ("goods_imports_busd", 0.05, 0.9, 180),
        ("remittances_received_busd", 0.02, 1.0, 165),
        ("oda_received_busd", 0.02, 1.0, 135),
    ],
)
def test_the_base_year_is_what_the_world_bank_prints(
    column: str, tolerance: float, least: float, economies: int
) -> None:
    world = load_world()
    table = pd.read_csv(FOLDER / "world_bank_series.csv", keep_default_na=False)
    rows = table[(table["variable"] == column) & (table["year"] == 2013) & (table["value"] != 0.0)]
    printed = rows.set_index("iso3")["value"].astype(float)
    assert len(printed) >= economies
    ours = pd.Series(world.base[column], index=list(world.iso3))[printed.index]
    assert ((ours / printed - 1.0).abs() <= tolerance).mean() >= least


@pytest.mark.parametrize(
    ("column", "economies"), [("fdi_inward_stock_busd", 188), ("fdi_outward_stock_busd", 160)]
)
def test_stocks_of_direct_investment_are_what_unctad_prints(column: str, economies: int) -> None:
    world = load_world()
    table = pd.read_csv(FOLDER / "fdi_stocks.csv", keep_default_na=False)
    printed = table[table["variable"] == column].set_index("iso3")["value"].astype(float)
    # The Netherlands are counted there with companies that investment only passes through.
    printed = printed.drop("NLD")
    assert len(printed) >= economies
    ours = pd.Series(world.base[column], index=list(world.iso3))
    assert (ours[printed.index] == printed).all()
    assert not world.is_imputed("base_year", column)[[*map(world.position, printed.index)]].any()
    assert ours["NLD"] < 0.5 * float(table.set_index(["variable", "iso3"])["value"][column, "NLD"])


@pytest.mark.parametrize(("year", "printed"), [(2016, 0.57), (2017, 0.58)])
def test_the_g20_hold_the_part_of_inward_stock_that_the_report_prints(
    year: int, printed: float
) -> None:
    # Stocks move slowly: three years before, the part is the same within what the target allows.
    world = load_world()
    stock = world.base["fdi_inward_stock_busd"]
    assert stock[world.membership("G20")].sum() / stock.sum() == pytest.approx(printed, abs=0.04)


def test_national_income_is_debt_over_its_share() -> None:
    world = load_world()
    table = pd.read_csv(FOLDER / "indicators.csv", keep_default_na=False)
    wide = table[table["year"] == 2013].pivot(index="iso3", columns="variable", values="value")
    income = wide["external_debt_usd"] / wide["external_debt_pct_gni"] / 1e7
    ours = pd.Series(world.base["gni_current_busd"], index=list(world.iso3))
    printed = ours[~world.is_imputed("base_year", "gni_current_busd")]
    assert len(printed) > 100
    assert ((income[printed.index] / printed - 1.0).abs() < 0.02).all()
    assert ours["TLS"] > 2.5 * world.base["gdp_current_busd"][world.position("TLS")]


def test_world_trade_is_the_publishers() -> None:
    world = load_world()
    for column in ("goods_exports_busd", "goods_imports_busd"):
        assert world.base[column].sum() == pytest.approx(18_950.0, rel=0.01)  # UNCTADstat
