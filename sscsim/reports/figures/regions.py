"""Projects by region of provider and of receiver, which figures of cooperation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sscsim.errors import InputError
from sscsim.reports.countries import country_lists
from sscsim.reports.style import (
    REGION_COLOURS,
)

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["DATA", "SHORT", "region_matrix"]


DATA = "base-year capabilities from World Bank WDI and others, see docs/knowledge.md"
SHORT = {"Latin America and the Caribbean": "Latin America\nand the Caribbean"}


def region_matrix(run: Run, year: int, domain: str | None = None) -> pd.DataFrame:
    """Return projects under way by region of provider (rows) and of receiver (columns).

    Raises
    ------
    InputError
        When the run kept no projects, or none are under way in the year.
    """
    edges = run.network(year, domain)
    if edges.empty:
        raise InputError("no cooperation project is under way", key="year", found=year)
    region = country_lists().table["report_region"]
    table = edges.assign(
        provider=edges["provider"].map(region), receiver=edges["receiver"].map(region)
    )
    matrix = table.pivot_table(
        "projects", "provider", "receiver", aggfunc="sum", fill_value=0, observed=True
    )
    names = [name for name in REGION_COLOURS if name in {*matrix.index, *matrix.columns}]
    return matrix.reindex(index=names, columns=names, fill_value=0)
