"""Figures with a time axis: growth, population, FDI flows, the deflator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import Marks, Observations
from .factbook import Factbook
from .imputation import group_median

LAST_YEAR_OF_RECORD = 2018
GROWTH_YEARS = range(2013, 2025)
GDP_YEARS = range(2013, LAST_YEAR_OF_RECORD + 1)
POPULATION_YEARS = range(2013, 2036)
FDI_YEARS = range(2010, 2016)

# GDP of the world in trillions of current US dollars, and its real growth in per cent at constant
# 2015 dollars: World Bank, World Development Indicators (NY.GDP.MKTP.CD, NY.GDP.MKTP.KD.ZG), rounded
# to a tenth. Their quotient is the price of the world's output in dollars of the day.
WORLD_GDP = {
    2010: 66.6,
    2011: 73.9,
    2012: 75.6,
    2013: 77.7,
    2014: 79.8,
    2015: 75.3,
    2016: 76.5,
    2017: 81.5,
    2018: 86.6,
}
WORLD_GROWTH = {
    2011: 3.3,
    2012: 2.7,
    2013: 2.8,
    2014: 3.1,
    2015: 3.1,
    2016: 2.8,
    2017: 3.4,
    2018: 3.3,
}

# US GDP implicit price deflator (2012 = 100), Bureau of Economic Analysis, NIPA table 1.1.9.
US_DEFLATOR = {
    2010: 96.1,
    2011: 98.1,
    2012: 100.0,
    2013: 101.8,
    2014: 103.7,
    2015: 104.7,
    2016: 105.7,
    2017: 107.7,
    2018: 110.3,
}
DEFLATOR_GROWTH = 0.02
DEFLATOR_LAST_YEAR = 2040

# Economies outside the forecast's tables whose record others publish; entered by hand, rounded.
# CUB: national statistics office. MAC: Statistics and Census Service. PRK: Bank of Korea.
# PSE: Palestinian Central Bureau of Statistics and IMF. SYR: World Bank, toll of the war.
GROWTH_BY_HAND = {
    "CUB": {2013: 2.7, 2014: 1.0, 2015: 4.4, 2016: 0.5, 2017: 1.8, 2018: 2.2},
    "MAC": {2014: -1.2, 2015: -21.6, 2016: -0.7, 2017: 10.0, 2018: 6.5},
    "PRK": {2013: 1.1, 2014: 1.0, 2015: -1.1, 2016: 3.9, 2017: -3.5, 2018: -4.1},
    "PSE": {2013: 2.2, 2014: -0.2, 2015: 3.4, 2016: 4.7, 2017: 3.1, 2018: 0.9},
    "SYR": {2013: -26.0, 2014: -15.0, 2015: -6.0, 2016: -4.0, 2017: -1.0, 2018: 1.0},
}


def deflator() -> pd.DataFrame:
    """Price of the world's output in dollars of the day, 2015 = 1: the record, then 2 % a year."""
    volume = {2010: 1.0}
    for year, growth in WORLD_GROWTH.items():
        volume[year] = volume[year - 1] * (1.0 + growth / 100.0)
    index = {
        year: (value / WORLD_GDP[2015]) / (volume[year] / volume[2015])
        for year, value in WORLD_GDP.items()
    }
    for year in range(LAST_YEAR_OF_RECORD + 1, DEFLATOR_LAST_YEAR + 1):
        index[year] = index[year - 1] * (1.0 + DEFLATOR_GROWTH)
    kind = ["record" if y <= LAST_YEAR_OF_RECORD else "assumption" for y in index]
    return pd.DataFrame({"year": list(index), "index": list(index.values()), "kind": kind})


def growth(
    observations: Observations, factbook: Factbook, countries: pd.DataFrame, marks: Marks
) -> pd.DataFrame:
    """Real growth in percent, economies by years 2013-2024, no gaps."""
    table = observations.panel("growth_pct")[list(GROWTH_YEARS)].astype(float)
    gaps = table.index[table.isna().all(axis=1)]
    for year in GROWTH_YEARS:
        middle = group_median(table[year], countries["subregion"])
        for iso3 in gaps:
            by_hand = GROWTH_BY_HAND.get(iso3, {})
            published = factbook.percent(iso3, "Economy", "GDP - real growth rate")
            if year in by_hand:
                table.loc[iso3, year] = by_hand[year]
                method = "estimate of a statistical office or institution, rounded, entered by hand"
            elif year in published:
                table.loc[iso3, year] = published[year]
                method = "World Factbook (mid-2015)"
            else:
                table.loc[iso3, year] = middle[iso3]
                method = "median growth of the subregion in that year"
            marks.add("growth", iso3, f"growth_pct.{year}", method)
    return table


def gdp_in_dollars(
    observations: Observations, growth: pd.DataFrame, base: pd.Series, marks: Marks
) -> pd.DataFrame:
    """Return GDP in billions of current US dollars, economies by years of the record, no gaps.

    Where the publisher has none, the year before moves by the economy's real growth and the price of the
    world's output: what an economy sells keeps its price relative to the world's.
    """
    table = observations.panel("gdp_current_wdi_busd")[list(GDP_YEARS)].astype(float)
    price = deflator().set_index("year")["index"]
    for iso3 in table.index[table[2013].isna()]:
        table.loc[iso3, 2013] = base[iso3]
        marks.add("gdp_dollars", str(iso3), "gdp_busd.2013", "the figure of the base year's table")
    for year in GDP_YEARS[1:]:
        moved = table[year - 1] * (1.0 + growth[year] / 100.0) * (price[year] / price[year - 1])
        for iso3 in table.index[table[year].isna()]:
            table.loc[iso3, year] = moved[iso3]
            marks.add(
                "gdp_dollars",
                str(iso3),
                f"gdp_busd.{year}",
                "the year before, by real growth and the price of the world's output",
            )
    return table


def population(
    observations: Observations, factbook: Factbook, base: pd.Series, marks: Marks
) -> pd.DataFrame:
    """Return population in millions, economies by years 2013-2035.

    The base-year level is kept and moved by the growth rates of the UN's projection (2019
    revision, five-year figures, geometric in between; 2013-2015 takes the rate of 2015-2020), so
    that the two vintages' different levels make no jump.
    """
    five = [2015, 2020, 2025, 2030, 2035]
    projected = observations.panel("population_wpp2019_m").reindex(columns=five).astype(float)
    rates = np.log(projected).diff(axis=1)[five[1:]] / 5.0
    table = pd.DataFrame({2013: base})
    gaps = projected.index[projected.isna().any(axis=1)]
    for iso3 in gaps:
        published = factbook.percent(iso3, "People and Society", "Population growth rate")
        rate = next(iter(published.values()), 0.0) / 100.0
        rates.loc[iso3] = np.log1p(rate)
    for year in range(2014, POPULATION_YEARS[-1] + 1):
        end = min(y for y in five[1:] if y >= year)
        table[year] = table[year - 1] * np.exp(rates[end])
        method = "level of 2013, growth of the UN's projection (2019 revision)"
        if year not in five:
            method += ", geometric between its five-year figures"
        for iso3 in projected.index.difference(gaps):
            marks.add("population", iso3, f"population_m.{year}", method)
        for iso3 in gaps:
            marks.add(
                "population",
                iso3,
                f"population_m.{year}",
                "level of 2013, World Factbook's growth rate of 2015 (no UN projection)",
            )
    return table


def fdi_flows(observations: Observations, marks: Marks, supplement: pd.DataFrame) -> pd.DataFrame:
    """FDI inflows and outflows 2010-2015 in billions of US dollars, long form, no gaps."""
    rows = []
    for way in ("inflow", "outflow"):
        table = observations.panel(f"fdi_{way}_busd")[list(FDI_YEARS)].astype(float)
        for iso3 in table.index[table.isna().any(axis=1)]:
            for year in table.columns[table.loc[iso3].isna()]:
                table.loc[iso3, year] = supplement.loc[iso3, way]
                marks.add(
                    "fdi_flows", iso3, f"{way}.{year}", str(supplement.loc[iso3, f"{way} method"])
                )
        rows.append(table.stack().rename(way))
    long = pd.concat(rows, axis=1)
    long.index.names = ["iso3", "year"]
    return long.sort_index().reset_index()


def long_form(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Economies by years to rows of (iso3, year, value)."""
    long = table.stack().rename(value)
    long.index.names = ["iso3", "year"]
    return long.sort_index().reset_index()
