"""Names, places and groups of the economies that figures show."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress
from typing import Any, cast

import pandas as pd

from sscsim.world.loading import load_world

__all__ = ["CountryLists", "country_lists"]


@dataclass(frozen=True)
class CountryLists:
    """Names, codes, positions and groups of the model's economies.

    Attributes
    ----------
    table
        One row an economy, indexed by ISO code: name, m49, report_region, latitude, longitude.
    groups
        Members of each group.
    """

    table: pd.DataFrame
    groups: Mapping[str, frozenset[str]]

    def members(self, group: str) -> frozenset[str]:
        """Return the ISO codes of a group's members; ``World`` is everybody."""
        if group == "World":
            return frozenset(str(i) for i in self.table.index)
        return self.groups[group]

    def m49(self, iso3: str) -> int:
        """Return the numeric code of the United Nations."""
        return int(cast(Any, self.table.at[iso3, "m49"]))

    def area(self, iso3: str) -> float:
        """Return the area in square kilometres."""
        return float(cast(Any, self.table.at[iso3, "area_km2"]))

    def position(self, iso3: str) -> tuple[float, float]:
        """Return where people live: degrees east and north of the middle of its cities."""
        row = cast(Any, self.table.loc[iso3])
        return float(row["longitude"]), float(row["latitude"])

    def name(self, iso3: str) -> str:
        """Return a name short enough for a label."""
        name = str(self.table["name"].get(iso3, iso3))
        return _SHORT_NAMES.get(iso3, name)


# The names that are too long for a label, shortened as the United Nations Terminology Database
# does.
_SHORT_NAMES = {
    "ARE": "UAE",
    "BOL": "Bolivia",
    "COD": "DR Congo",
    "HKG": "Hong Kong SAR",
    "IRN": "Iran",
    "KOR": "Rep. of Korea",
    "LAO": "Lao PDR",
    "MAC": "Macao SAR",
    "PRK": "DPR Korea",
    "PSE": "State of Palestine",
    "RUS": "Russian Fed.",
    "SAU": "Saudi Arabia",
    "SYR": "Syria",
    "TUR": "Turkey",
    "TWN": "Taiwan Prov. of China",
    "TZA": "Tanzania",
    "USA": "United States",
    "VEN": "Venezuela",
    "VNM": "Viet Nam",
}


@functools.cache
def country_lists() -> CountryLists:
    """Return the lists of the world that ships, once a process."""
    world = load_world()
    groups = {
        group: frozenset(compress(world.iso3, world.membership(group))) for group in world.groups()
    }
    return CountryLists(world.countries, groups)
