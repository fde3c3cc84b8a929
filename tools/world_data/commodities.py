"""Commodities: what part of each economy's goods exports they are, and what they cost."""

from __future__ import annotations

import pandas as pd

from .common import LISTS, Marks, Observations
from .imputation import group_median

BASE_YEAR = 2013

SHARES = {
    "fuel": "fuel_exports_pct",
    "metals": "metal_exports_pct",
    "food": "food_exports_pct",
    "raw_materials": "raw_material_exports_pct",
}
"""Column of the table -> variable of the observations."""

MANUFACTURES = "manufactures_exports_pct"

INDICES = ("energy", "metals_minerals", "agriculture")
"""The publisher's indices that the model follows, of the twenty or so that there are."""

# Exporters of oil and gas that report no trade by goods, and one large exporter of manufactures. Judgement from the
# World Factbook's lists of export commodities (mid-2015), which name the goods without their shares: rounded.
FUEL_BY_HAND = {"GNQ": 0.92, "SSD": 0.98, "TCD": 0.90, "TKM": 0.90, "TWN": 0.06}


def shares(observations: Observations, countries: pd.DataFrame, marks: Marks) -> pd.DataFrame:
    """Return the shares of four classes in goods exports, economies by classes, no gaps.

    The figure of 2013; where there is none, that of the nearest year of 2010-2018, the earlier of two as near.
    """
    found = {column: _nearest(observations, name) for column, name in SHARES.items()}
    table = pd.DataFrame({column: value / 100.0 for column, (value, _) in found.items()})
    for column, (_, year) in found.items():
        for iso3 in year.index[year.notna() & (year != BASE_YEAR)]:
            marks.add(
                "commodity_shares",
                str(iso3),
                column,
                f"share of {int(year[iso3])}, the nearest year that is published",
            )
    by_hand = pd.Series(FUEL_BY_HAND).reindex(table.index)
    table["fuel"] = marks.fill(
        "commodity_shares",
        "fuel",
        table["fuel"],
        by_hand,
        "judgement from the World Factbook's list of export commodities, entered by hand",
    )
    manufactures = (_nearest(observations, MANUFACTURES)[0] / 100.0).fillna(0.0)
    for column in SHARES:
        # What the others leave room for: a median may not make the whole of exports more than itself.
        others = table.drop(columns=column).fillna(0.0).sum(axis=1) + manufactures
        middle = group_median(table[column], countries["subregion"])
        table[column] = marks.fill(
            "commodity_shares",
            column,
            table[column],
            middle.clip(upper=(1.0 - others).clip(lower=0.0)),
            "median of the subregion, at most what the other classes and manufactures leave",
        )
    # Classes of different years can add up to more than the whole.
    return table.div(table.sum(axis=1).clip(lower=1.0), axis=0)


def prices() -> pd.DataFrame:
    """Return price indices in dollars of the day by year and class, 2010 = 100."""
    table = pd.read_csv(LISTS / "commodity_prices.csv")
    return table.loc[table["index"].isin(INDICES)].rename(columns={"index": "class"})


def _nearest(observations: Observations, variable: str) -> tuple[pd.Series, pd.Series]:
    """Return each economy's figure of the year nearest to the base year, and that year."""
    panel = observations.panel(variable).astype(float)
    order = sorted(panel.columns, key=lambda year: (abs(year - BASE_YEAR), year))
    value, when = panel[order[0]].copy(), pd.Series(pd.NA, index=panel.index, dtype="Float64")
    when = when.mask(value.notna(), float(order[0]))
    for year in order[1:]:
        new = value.isna() & panel[year].notna()
        value = value.where(~new, panel[year])
        when = when.mask(new, float(year))
    return value, when
