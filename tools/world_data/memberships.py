"""Groups of economies and regional trade agreements, in long form."""

from __future__ import annotations

from typing import Any

import countrygroups
import pandas as pd

from .common import read_list

CONTINENT_BY_SUBREGION = {
    "Africa": "Eastern Africa;Middle Africa;Northern Africa;Southern Africa;Western Africa",
    "Americas": "Caribbean;Central America;Northern America;South America",
    "Asia": "Central Asia;Eastern Asia;South-eastern Asia;Southern Asia;Western Asia",
    "Europe": "Eastern Europe;Northern Europe;Southern Europe;Western Europe",
    "Oceania": "Australia and New Zealand;Melanesia;Micronesia;Polynesia",
}
CONTINENT = {s: c for c, many in CONTINENT_BY_SUBREGION.items() for s in many.split(";")}

# "Europe and others" of the report's regions: M49 Europe, the other members of the UN's Western
# European and Others Group, and the economies of the UN's Europe and CIS programme region.
EUROPE_AND_OTHERS = {
    *("AUS", "CAN", "ISR", "NZL", "USA"),
    *("CYP", "TUR", "ARM", "AZE", "GEO", "KAZ", "KGZ", "TJK", "TKM", "UZB"),
}


def report_region(iso3: str, continent: str, arab: set[str]) -> str:
    """Return the report's region of an economy; each economy has exactly one."""
    if iso3 in arab:
        return "Arab States"
    if continent == "Europe" or iso3 in EUROPE_AND_OTHERS:
        return "Europe and others"
    return {
        "Africa": "Africa",
        "Americas": "Latin America and the Caribbean",
        "Asia": "Asia-Pacific",
        "Oceania": "Asia-Pacific",
    }[continent]


def memberships(economies: pd.DataFrame) -> pd.DataFrame:
    """All memberships: group, iso3, since, until, source (years are text, empty where open)."""
    known = set(economies.index)
    continent = economies["subregion"].map(CONTINENT)
    lists: dict[str, set[str]] = {}
    rows = []
    for group, entry in read_list("groups").items():
        members = members_of(entry, lists, continent)
        # A list named by a package also holds territories and unions that are no economies here.
        members = members & known
        lists[group] = members
        since: dict[str, int] = entry.get("since", {})
        until: dict[str, int] = entry.get("until", {})
        strangers = (set(since) | set(until)) - known
        if strangers:
            raise ValueError(f"{group}: unknown economies {sorted(strangers)}")
        for iso3 in sorted(members | set(until)):
            first = since.get(iso3, entry.get("since_all", ""))
            rows.append((group, iso3, str(first), str(until.get(iso3, "")), entry["source"]))
    table = pd.DataFrame(rows, columns=["group", "iso3", "since", "until", "source"])
    return table.sort_values(["group", "iso3"])


def members_of(
    entry: dict[str, Any], earlier: dict[str, set[str]], continent: pd.Series
) -> set[str]:
    """Members of one entry of ``lists/groups.yaml`` before dating."""
    everyone = set(continent.index)
    if "members" in entry:
        members = set(entry["members"].split())
        if members - everyone:
            raise ValueError(f"unknown economies {sorted(members - everyone)}")
    elif "from" in entry:
        members = set(getattr(countrygroups, entry["from"].split(".")[1]))
    else:
        match entry["rule"].split():
            case ["rest_of", *others]:
                members = everyone.difference(*(earlier[o] for o in others))
            case ["continent", name]:
                members = set(continent.index[continent == name])
            case ["un_programme"]:
                developed = earlier["developed_unctad_2014"]
                members = everyone - developed - {"HKG", "MAC", "PSE", "TWN"}
            case ["un_member"]:
                members = everyone
            case rule:
                raise ValueError(f"unknown rule {rule}")
    return (members | set(entry.get("add", "").split())) - set(entry.get("drop", "").split())


def agreements(economies: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agreements and their members.

    ``side`` says who is bound to whom: ``member`` to every other member; ``hub`` to each
    ``partner`` and the reverse, but partners not to each other.
    """
    lists = read_list("agreements")
    blocs = lists["blocs"]
    known = set(economies.index)
    source = "WTO, Regional Trade Agreements Information System"
    heads, rows = [], []
    for code, entry in lists["agreements"].items():
        heads.append((code, entry["title"], entry["kind"], entry["in_force"], source))
        if "members" in entry:
            sides = {"member": entry["members"]}
        else:
            hub, partner = entry["pairs"].split("|")
            sides = {"hub": hub, "partner": partner}
        for side, text in sides.items():
            for iso3 in expand(text, blocs):
                if iso3 not in known:
                    raise ValueError(f"{code}: unknown economy {iso3}")
                since = entry.get("since", {}).get(iso3, "")
                until = entry.get("until", {}).get(iso3, "")
                rows.append((code, iso3, side, str(since), str(until)))
    head = pd.DataFrame(heads, columns=["agreement", "title", "kind", "in_force", "source"])
    body = pd.DataFrame(rows, columns=["agreement", "iso3", "side", "since", "until"])
    return head.sort_values("agreement"), body.sort_values(["agreement", "iso3", "side"])


def expand(text: str, blocs: dict[str, str]) -> list[str]:
    """Economies of a list in which ``@NAME`` stands for a bloc."""
    found: list[str] = []
    for word in text.split():
        found += blocs[word[1:]].split() if word.startswith("@") else [word]
    return found
