"""One-off: carry compiled public figures over into the project's own long table of observations.

``python -m tools.world_data.carry_over --facts DIR`` reads compiled tables in DIR and writes ``observations``.
It was run once; the observations are committed, so that a rebuild of the
tables needs only the packages named in README.md. What each source code means is under
``sources`` in ``sscsim/world/data/columns.yaml``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from .common import LISTS, OBSERVATIONS, write_csv

# compiled column -> (variable, year, source code)
ECONOMY_COLUMNS: dict[str, tuple[str, int, str]] = {
    "hdi_2013": ("hdi", 2013, "undp_hdr"),
    "lpi_2016": ("logistics_index", 2016, "wb_lpi_2016"),
    "capital_output_ratio_2013": ("capital_output_ratio", 2013, "pwt_10_01"),
    "human_capital_index_2013": ("human_capital_index", 2013, "pwt_10_01"),
    "investment_share_2013": ("investment_share", 2013, "pwt_10_01"),
    "depreciation_2013": ("depreciation", 2013, "pwt_10_01"),
    "employment_2013_m": ("employment_m", 2013, "pwt_10_01"),
    "population_2013_m": ("population_m", 2013, "wb_wdi"),
    **{f"gdp_{y}_current_busd": ("gdp_current_busd", y, "wb_wdi") for y in (2013, 2014, 2015)},
    **{
        f"population_{y}_m_wpp2019": ("population_wpp2019_m", y, "un_wpp_2019")
        for y in (2015, 2020, 2025, 2030, 2035)
    },
    **{
        f"fdi_{way}_{y}_busd": (f"fdi_{way}_busd", y, "unctad_wir_2022")
        for way in ("inflow", "outflow")
        for y in range(2010, 2016)
    },
    **{
        f"real_growth_{y}_pct_weo_apr2019": ("growth_pct", y, "imf_weo_2019_04")
        for y in range(2013, 2025)
    },
}

# compiled indicator -> (tidy name, source code). The World Bank's own series only, by way of a
# compiler: what others own, a compiler cannot license (docs/data.md).
INDICATORS: dict[str, tuple[str, str]] = {
    "inequality_index_gini": ("gini_index", "wb_pip"),
    "extreme_poverty_percent_people_below_300_a_day": ("poverty_300_pct", "wb_pip"),
    "births_attended_by_skilled_health_staff_percent_of_total": ("skilled_births_pct", "wb_wdi"),
    "contraceptive_use_percent_of_women_ages_15_49": ("contraceptive_use_pct", "wb_wdi"),
    "agriculture_percent_of_gdp": ("agriculture_pct_gdp", "wb_wdi"),
    "high_technology_exports_percent_of_manufactured_exports": ("high_tech_exports_pct", "wb_wdi"),
    "investments_percent_of_gdp": ("investment_pct_gdp", "wb_wdi"),
    "inflation_annual_percent": ("inflation_pct", "wb_wdi"),
    "exports_percent_of_gdp": ("exports_pct_gdp", "wb_wdi"),
    "debt_servicing_costs_percent_of_exports_and_net_income_from_abroad": (
        "debt_service_pct_exports",
        "wb_ids",
    ),
    "external_debt_total_us_not_inflation_adjusted": ("external_debt_usd", "wb_ids"),
    "debt_to_foreigners_by_public_and_private_percent_of_gni": (
        "external_debt_pct_gni",
        "wb_ids",
    ),
    "merchandise_trade_percent_of_gdp": ("goods_trade_pct_gdp", "wb_wdi"),
}

# World Bank series code -> (variable, unit divisor, years carried, source code).
SERIES: dict[str, tuple[str, float, tuple[int, ...], str]] = {
    "TX.VAL.MRCH.CD.WT": ("goods_exports_busd", 1e9, (2013, 2015), "wb_wdi"),
    "TM.VAL.MRCH.CD.WT": ("goods_imports_busd", 1e9, (2013, 2015), "wb_wdi"),
    "BX.GSR.MRCH.CD": ("goods_exports_bop_busd", 1e9, (2013,), "wb_wdi"),
    "BM.GSR.MRCH.CD": ("goods_imports_bop_busd", 1e9, (2013,), "wb_wdi"),
    "BX.TRF.PWKR.CD.DT": ("remittances_received_busd", 1e9, (2012, 2013, 2014), "wb_wdi"),
    "DT.ODA.ALLD.CD": ("oda_received_busd", 1e9, (2013,), "wb_wdi"),
    "NY.GDP.MKTP.CD": ("gdp_current_wdi_busd", 1e9, tuple(range(2013, 2019)), "wb_wdi"),
    "DT.DOD.DECT.CD": ("external_debt_2014_busd", 1e9, (2014,), "wb_ids"),
    "DT.TDS.DECT.EX.ZS": ("debt_service_2014_pct_exports", 1.0, (2014,), "wb_ids"),
    "CC.EST": ("control_of_corruption", 1.0, (2013,), "wb_wgi"),
    "GE.EST": ("government_effectiveness", 1.0, (2013,), "wb_wgi"),
}

# The same for indicators, of which the year nearest to 2013 counts.
SERIES_NEAREST: dict[str, tuple[str, str]] = {
    "EG.ELC.ACCS.ZS": ("electricity_access_pct", "wb_wdi"),
    "GB.XPD.RSDV.GD.ZS": ("research_pct_gdp", "wb_wdi"),
    "IP.JRN.ARTC.SC": ("journal_articles", "wb_wdi"),
    "IT.NET.USER.ZS": ("internet_users_pct", "wb_wdi"),
    "SG.GEN.PARL.ZS": ("women_in_parliament_pct", "wb_wdi"),
    "SH.DYN.MORT": ("under_five_mortality_per_1000", "wb_wdi"),
    "SH.STA.MMRT": ("maternal_mortality_per_100k", "wb_wdi"),
    "SL.TLF.CACT.FE.ZS": ("female_participation_pct", "wb_wdi"),
}
NEAREST_TO = 2013

# Shares of classes of goods in goods exports: all years, of which the builder takes the nearest.
SHARES: dict[str, str] = {
    "TX.VAL.AGRI.ZS.UN": "raw_material_exports_pct",
    "TX.VAL.FOOD.ZS.UN": "food_exports_pct",
    "TX.VAL.FUEL.ZS.UN": "fuel_exports_pct",
    "TX.VAL.MANF.ZS.UN": "manufactures_exports_pct",
    "TX.VAL.MMTL.ZS.UN": "metal_exports_pct",
}

SHARE_DIGITS = 3
"""Significant digits of a trade partner's share: finer than any two publishers agree."""

Row = tuple[str, str, int, float, str]

NAMES = {
    "BOL": "Bolivia (Plurinational State of)",
    "CIV": "Côte d'Ivoire",
    "COD": "Democratic Republic of the Congo",
    "COG": "Congo",
    "CPV": "Cabo Verde",
    "CZE": "Czechia",
    "FSM": "Micronesia (Federated States of)",
    "GBR": "United Kingdom",
    "HKG": "Hong Kong SAR",
    "IRN": "Iran (Islamic Republic of)",
    "KOR": "Republic of Korea",
    "LAO": "Lao People's Democratic Republic",
    "MAC": "Macao SAR",
    "MDA": "Republic of Moldova",
    "MKD": "North Macedonia",
    "PRK": "Democratic People's Republic of Korea",
    "PSE": "State of Palestine",
    "RUS": "Russian Federation",
    "STP": "Sao Tome and Principe",
    "SWZ": "Eswatini",
    "SYR": "Syrian Arab Republic",
    "TLS": "Timor-Leste",
    "TUR": "Türkiye",
    "TWN": "Taiwan Province of China",
    "TZA": "United Republic of Tanzania",
    "USA": "United States of America",
    "VEN": "Venezuela (Bolivarian Republic of)",
    "VNM": "Viet Nam",
}


def read(path: Path) -> pd.DataFrame:
    """Read a compiled table; the text "NA" is never a missing value (it is Namibia's ISO code)."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])


def save(rows: list[Row], name: str) -> None:
    """Write observations sorted by variable, economy and year."""
    table = pd.DataFrame(rows, columns=["iso3", "variable", "year", "value", "source"])
    table = table.dropna(subset=["value"]).sort_values(["variable", "iso3", "year"])
    write_csv(table, name, OBSERVATIONS)


def dated(series: pd.DataFrame) -> list[Row]:
    """Return figures of the years that are carried."""
    rows: list[Row] = []
    for code, (variable, unit, years, source) in SERIES.items():
        part = series[(series["indicator_code"] == code) & series["year"].isin(years)]
        rows += [
            (str(iso3), variable, int(year), float(value) / unit, source)
            for iso3, year, value in zip(part["iso3"], part["year"], part["value"], strict=True)
        ]
    return rows


PRICES = {"value_2010_100_nominal_usd": "value"}


def export_shares(series: pd.DataFrame) -> list[Row]:
    """Return the shares of classes of goods in exports, of all years."""
    part = series[series["indicator_code"].isin(list(SHARES))]
    return [
        (str(iso3), SHARES[code], int(year), float(value), "wb_wdi")
        for iso3, code, year, value in zip(
            part["iso3"], part["indicator_code"], part["year"], part["value"], strict=True
        )
    ]


def nearest(series: pd.DataFrame) -> list[Row]:
    """Return each economy's figure of the year nearest to 2013, the earlier of two as near."""
    rows: list[Row] = []
    for code, (variable, source) in SERIES_NEAREST.items():
        part = series[series["indicator_code"] == code].dropna(subset=["value"]).copy()
        part["distance"] = (part["year"] - NEAREST_TO).abs()
        part = part.sort_values(["iso3", "distance", "year"]).groupby("iso3").head(1)
        rows += [
            (str(iso3), variable, int(year), float(value), source)
            for iso3, year, value in zip(part["iso3"], part["year"], part["value"], strict=True)
        ]
    return rows


def goods_elsewhere(economies: pd.DataFrame, facts: Path) -> list[Row]:
    """Return goods trade of the economies for which the World Bank's series of totals is silent."""
    series = read(facts / "wdi_2010_2018.csv")
    known = set(series.loc[series["indicator_code"] == "TX.VAL.MRCH.CD.WT", "iso3"])
    table = read(facts / "pwt_goods_trade_2010_2018.csv")
    table = table[(table["year"] == NEAREST_TO) & ~table["iso3"].isin(known)]
    rows: list[Row] = []
    for way in ("exports", "imports"):
        rows += [
            (str(iso3), f"goods_{way}_pwt_busd", NEAREST_TO, float(value) / 1e3, "pwt_10_01")
            for iso3, value in zip(table["iso3"], table[f"goods_{way}_musd"], strict=True)
        ]
        rows += [
            (str(iso3), f"goods_{way}_unctad_busd", 2015, float(value), "unctad_trade")
            for iso3, value in economies[f"goods_{way}_2015_busd"].items()
            if iso3 not in known
        ]
    return rows


def trade_shares(facts: Path) -> pd.DataFrame:
    """Return the share of each importer in each exporter's goods, and what it rests on.

    ``goods`` are shares of the publisher's goods sectors; ``all`` marks pairs of economies for which
    only the sum over all sectors, services included, is at hand. A pair that is absent is unknown
    where one of its economies is absent, and else nothing.
    """
    goods = read(facts / "itpde_2013_goods.csv")
    everything = read(facts / "itpde_2013_all_sectors.csv")
    inside = set(goods["exporter"]) & set(goods["importer"])
    both = everything["exporter"].isin(inside) & everything["importer"].isin(inside)
    total = everything.groupby("exporter")["value_musd"].sum()
    outside = everything[~both].copy()
    outside["share"] = outside["value_musd"] / outside["exporter"].map(total)
    outside["basis"] = "all"
    left = 1.0 - outside.groupby("exporter")["share"].sum()
    goods = goods[goods["exporter"].isin(inside) & goods["importer"].isin(inside)].copy()
    sums = goods.groupby("exporter")["value_musd"].sum()
    goods["share"] = goods["value_musd"] / goods["exporter"].map(sums)
    goods["share"] *= goods["exporter"].map(left).fillna(1.0)
    goods["basis"] = "goods"
    table = pd.concat([goods, outside], ignore_index=True)
    table["share"] = [float(f"{x:.{SHARE_DIGITS}g}") for x in table["share"]]
    table = table[(table["share"] > 0.0) & (table["exporter"] != table["importer"])]
    table = table[["exporter", "importer", "share", "basis"]].sort_values(["exporter", "importer"])
    for column in ("exporter", "importer", "basis"):
        table[column] = table[column].astype("category")
    table["share"] = table["share"].astype("float32")
    return table.reset_index(drop=True)


def main() -> None:
    """Carry everything over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=Path, required=True, help="folder of compiled tables")
    facts: Path = parser.parse_args().facts

    economies = read(facts / "countries.csv").set_index("iso3")
    rows: list[Row] = [
        (str(iso3), variable, year, float(value), source)
        for column, (variable, year, source) in ECONOMY_COLUMNS.items()
        for iso3, value in economies[column].items()
    ]
    save(rows, "economies.csv")

    listing = economies[["name", "m49_subregion", "income_group_2016"]].rename(
        columns={"m49_subregion": "subregion", "income_group_2016": "income_group"}
    )
    listing.loc["MAC"] = ["Macao SAR", "Eastern Asia", "HIC"]
    listing["name"] = [NAMES.get(str(i), n) for i, n in listing["name"].items()]
    write_csv(listing.sort_index().reset_index(), "economies.csv", LISTS)

    indicators = read(facts / "indicators_2013.csv").set_index("iso3")
    rows = []
    for column, (variable, source) in INDICATORS.items():
        years = indicators[f"{column}__year"]
        rows += [
            (str(iso3), variable, int(years[iso3]), float(value), source)
            for iso3, value in indicators[column].dropna().items()
        ]
    save(rows, "indicators.csv")
    series = read(facts / "wdi_2010_2018.csv")
    series = series[series["iso3"].isin(listing.index)]
    save([*dated(series), *nearest(series)], "world_bank_series.csv")
    save(export_shares(series), "commodity_shares.csv")
    write_csv(
        read(facts / "commodity_prices.csv").rename(columns=PRICES), "commodity_prices.csv", LISTS
    )
    save(goods_elsewhere(economies, facts), "goods_trade_elsewhere.csv")
    trade_shares(facts).to_parquet(
        OBSERVATIONS / "trade_shares_2013.parquet", index=False, compression="zstd"
    )

    scores = read(facts / "sdg_scores_2018_edition.csv").set_index("iso3")
    rows = [
        (str(iso3), f"goal_{goal}_edition_2018", 2016, float(value), "sdg_index_2018")
        for goal in range(1, 18)
        for iso3, value in scores[f"sdg{goal}_2018"].items()
    ]
    save(rows, "goals_2018_edition.csv")


if __name__ == "__main__":
    main()
