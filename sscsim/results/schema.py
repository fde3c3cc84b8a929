"""A run's tables, declared once: recorder, reader, writer, run and store all go by this list.

To give a run another table, declare it here; a submodel hands it over under the same name (`Submodel.tables`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sscsim.errors import unknown
from sscsim.names import KEEP
from sscsim.results.tables import (
    CountryTable,
    IndicatorTable,
    MatrixTable,
    Named,
    RowTable,
    Table,
)

__all__ = [
    "GOAL_YEAR",
    "KEEP",
    "MANIFEST",
    "OUTCOMES",
    "REPORT_YEAR",
    "TABLES",
    "Declared",
    "Share",
    "check_keep",
    "content_hash",
    "declared",
    "kept",
    "landmarks",
    "outcome_years",
]

OUTCOMES = (
    "population",
    "gdp",
    "gdp_current",
    "gni",
    "real_income",
    "poverty_headcount",
    "goals",
    "exports",
    "imports",
    "terms_of_trade",
    "public_means",
    "fdi_inflow",
    "fdi_outflow",
    "fdi_inward_stock",
    "oda_received",
    "oda_paid",
    "remittances_received",
    "other_finance_received",
    "credit_approved",
    "credit_disbursed",
    "credit_lent",
    "credit_debt",
    "bank_disbursements_received",
    "provider",
    "agency",
    "un_support",
    "reporting",
    "trained",
    "technology_exchange",
    "reported_provider",
    "reported_agency",
    "reported_un_support",
    "reported_technology_exchange",
    "reported_projects_provided",
    "reported_projects_received",
    "cooperation_capacity",
    "coordination",
    "fragmentation",
    "transaction_cost",
    "evidence",
    "capability",
    "fund_grant",
    "cooperation_cost",
    "projects_provided",
    "projects_provided_bilateral",
    "projects_provided_triangular",
    "projects_provided_regional",
    "projects_provided_reverse_linkage",
    "projects_received",
    "projects_received_bilateral",
    "projects_received_triangular",
    "projects_received_regional",
    "projects_received_reverse_linkage",
)
"""Variables of a country by which it gains or loses: of which indicators of any group of countries are made."""

GOAL_YEAR = 2030
"""The year in which the Goals are read."""

REPORT_YEAR = 2018
"""The year that the report looks at, before anything that a scenario changes."""

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Share:
    """How much of a table is kept.

    Attributes
    ----------
    every_year
        Whether every year, or the `landmarks` only.
    variables
        Names of the variables; None means all.
    also
        Years that are kept beside the landmarks.
    """

    every_year: bool = True
    variables: tuple[str, ...] | None = None
    also: tuple[int, ...] = ()


EVERYTHING = Share()
LANDMARKS = Share(every_year=False)


@dataclass(frozen=True)
class Declared:
    """A table that a run may have.

    Attributes
    ----------
    name
        What it is called; also the stem of its file.
    title
        What it holds, in a few words.
    kind
        Its class.
    columns
        Columns that it always has, and what each holds: ``int``, ``float`` or ``str``.
    keep
        How much of it each amount of `KEEP` holds; an amount that is not named has none.
    asked
        Setting that a run must be asked for to have it; empty for a table of every run.
    form, compact
        Formats in which it is saved, usually and in a store (`sscsim.results.formats`).
    """

    name: str
    title: str
    kind: type[Table]
    columns: Mapping[str, type]
    keep: Mapping[str, Share] = field(
        default_factory=lambda: {"standard": EVERYTHING, "full": EVERYTHING}
    )
    asked: str = ""
    form: str = "parquet"
    compact: str = "parquet"

    def kept_by(self) -> str:
        """Return the amounts that hold it, in words."""
        return " or ".join(self.keep) + (f", with {self.asked}" if self.asked else "")


_MATRIX = {"year": int, "origin": str, "destination": str, "value": float}
_MATRICES = {"standard": LANDMARKS, "full": EVERYTHING}

TABLES: tuple[Declared, ...] = (
    Declared(
        "indicators",
        "indicators of groups by year",
        IndicatorTable,
        {
            "scenario": str,
            "seed": int,
            "year": int,
            "group": str,
            "indicator": str,
            "value": float,
            "unit": str,
        },
        dict.fromkeys(KEEP, EVERYTHING),
        form="csv",
    ),
    Declared(
        "countries",
        "countries by year, a column a variable",
        CountryTable,
        {"iso3": str, "year": int},
        {
            "outcomes": Share(every_year=False, variables=OUTCOMES, also=(REPORT_YEAR,)),
            "standard": EVERYTHING,
            "full": EVERYTHING,
        },
    ),
    Declared("trade", "goods trade, exporter to importer, bn USD", MatrixTable, _MATRIX, _MATRICES),
    Declared("fdi", "direct investment, investor to host, bn USD", MatrixTable, _MATRIX, _MATRICES),
    Declared(
        "projects",
        "cooperation projects, a line each",
        RowTable,
        {
            "provider": str,
            "receiver": str,
            "parties": str,
            "domain": str,
            "start": int,
            "end": int,
            "cost": float,
        },
    ),
    Declared("banks", "development banks by year", RowTable, {"bank": str, "year": int}),
    Declared("loans", "loans and credit lines, a line each", RowTable, {"lender": str}),
    Declared("lenders", "lenders of credit lines by year", RowTable, {"lender": str, "year": int}),
    Declared(
        "shocks",
        "shocks that were drawn, a line each",
        RowTable,
        {"year": int, "shock": str, "country": str, "bank": str, "size": float},
        asked="shocks",
    ),
)
"""Every table, in the order in which a run lists them."""

_BY_NAME = {one.name: one for one in TABLES}


def declared(name: str) -> Declared:
    """Return the declaration of a table.

    Raises
    ------
    LookupError
        If a run has no table of this name: it is to be declared in `TABLES`.
    """
    if name not in _BY_NAME:
        raise LookupError(f"no table {name!r} is declared in {__name__}")
    return _BY_NAME[name]


def kept(keep: str) -> dict[str, Share]:
    """Return the tables that an amount holds, and how much of each."""
    check_keep(keep)
    return {one.name: one.keep[keep] for one in TABLES if keep in one.keep}


def check_keep(keep: object) -> None:
    """Raise if an amount is none of `KEEP`.

    Raises
    ------
    InputError
        With the amounts there are.
    """
    if keep not in KEEP:
        raise unknown("amount to keep", keep, KEEP, file="--keep")


def landmarks(first: int, last: int) -> frozenset[int]:
    """Return the years that are kept where not every year is: the first, that of the Goals, the last."""
    return frozenset(year for year in (first, GOAL_YEAR, last) if first <= year <= last)


def outcome_years(first: int, last: int) -> frozenset[int]:
    """Return the years in which a member of a comparison holds its countries."""
    return landmarks(first, last) | {y for y in (REPORT_YEAR,) if first <= y <= last}


def content_hash(tables: Mapping[str, Table], run: Named) -> str:
    """Return the SHA-256 of a run's tables: equal hashes mean equal results."""
    content = {name: table.content_hash for name, table in sorted(tables.items())}
    content["run"] = json.dumps([run.scenario, run.seed])
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
