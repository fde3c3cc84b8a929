"""Partner shares of goods trade as the World Factbook publishes them."""

from __future__ import annotations

import pandas as pd

from .factbook import Factbook
from .names import iso3_by_name

# Who sells what to whom, where this edition is wrong on both sides: what Algeria sells is listed by it
# and by ten buyers (Iran 6 bn, New Zealand 5 bn, half of all that the Congo or Chad buys), and no
# customs of a buyer knows of it (USITC, ITPD-E: next to nothing). Its list of exports and its place in
# others' lists of imports are refused as a whole.
REFUSED_EXPORTERS = frozenset({"DZA"})


def partners(factbook: Factbook, members: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return published shares, and the names that did not join.

    A name that occurs twice in one list keeps its larger share (the Factbook sometimes prints a
    name twice); an economy is never its own partner.
    """
    known = iso3_by_name(members)
    rows, unmatched = [], []
    for iso3 in members:
        for flow in ("export", "import"):
            pairs, year = factbook.partners(iso3, f"{flow.title()}s")
            for name, share in pairs:
                partner = known.get(name)
                if partner is None:
                    unmatched.append((iso3, flow, name, share))
                elif (iso3 if flow == "export" else partner) in REFUSED_EXPORTERS:
                    continue
                elif partner != iso3:
                    rows.append((iso3, flow, partner, share, year))
    table = pd.DataFrame(rows, columns=["iso3", "flow", "partner", "share", "year"])
    table = table.groupby(["iso3", "flow", "partner"], as_index=False).max()
    table["source"] = "World Factbook, mid-2015"
    lost = pd.DataFrame(unmatched, columns=["iso3", "flow", "name", "share"])
    return table.sort_values(["iso3", "flow", "partner"]), lost
