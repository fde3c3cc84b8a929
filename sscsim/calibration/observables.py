"""Observables: what a run shows for a figure of the report, each a function of a run, under a name.

A target names an observable, the group or economy it is taken of, and the year. Most are indicators
of the run as they stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sscsim.errors import InputError
from sscsim.results.tables import CountryTable

if TYPE_CHECKING:
    from sscsim.results.run import Run

__all__ = ["OBSERVABLES", "NotInRun", "Observable"]

Function = Callable[["Run", int, str | None], float]


class NotInRun(LookupError):
    """The run does not hold what an observable needs: another year, or tables it did not keep."""


@dataclass(frozen=True)
class Observable:
    """A number that a run shows: unit, meaning, and the function of run, year and of whom."""

    name: str
    unit: str
    description: str
    function: Function

    def convert(self, value: float, unit: str) -> float:
        """Return a value of this observable in another unit of the same kind."""
        return value * self.factor(unit)

    def factor(self, unit: str) -> float:
        """Return the factor into another unit, NaN where the two do not match."""
        if unit == self.unit:
            return 1.0
        return _FACTORS.get((self.unit, unit), math.nan)


_FACTORS = {("bn USD", "trn USD"): 1e-3}

SURVEYS_APART = 2
"""Years between the surveys that the report compares (paragraph 44: 2015 and 2017)."""

OBSERVABLES: dict[str, Observable] = {}
"""Every observable by name."""


def _observable(name: str, unit: str) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        description = (function.__doc__ or "").strip().partition("\n")[0]
        OBSERVABLES[name] = Observable(name, unit, description, function)
        return function

    return register


def _indicator(run: Run, name: str, year: int, group: str | None) -> float:
    try:
        value = float(run.value(name, group=group or "World", year=year))
    except (InputError, KeyError) as failure:
        raise NotInRun(f"the run has no {name} of {group or 'World'} in {year}") from failure
    if math.isnan(value):
        raise NotInRun(f"the run has no {name} of {group or 'World'} in {year}")
    return value


@_observable("trade_within", "bn USD")
def trade_within(run: Run, year: int, of: str | None) -> float:
    """Goods trade with both ends in the group."""
    return _indicator(run, "trade_within", year, of)


@_observable("trade_within_without_hubs", "bn USD")
def trade_within_without_hubs(run: Run, year: int, of: str | None) -> float:
    """Goods trade with both ends in the group, re-exporting hubs left out at both ends."""
    return _indicator(run, "trade_within_without_hubs", year, of)


@_observable("trade_within_asia_end_share", "fraction")
def trade_within_asia_end_share(run: Run, year: int, of: str | None) -> float:
    """Share of trade within the group whose exporter or importer is in Asia."""
    return _indicator(run, "trade_within_asia_end_share", year, of)


@_observable("trade_within_asia_both_share", "fraction")
def trade_within_asia_both_share(run: Run, year: int, of: str | None) -> float:
    """Share of trade within the group whose exporter and importer are both in Asia."""
    return _indicator(run, "trade_within_asia_both_share", year, of)


@_observable("fdi_inflow", "bn USD")
def fdi_inflow(run: Run, year: int, of: str | None) -> float:
    """Inflow of foreign direct investment of a group, or of one economy by its ISO code."""
    if of is None or not _is_economy(of):
        return _indicator(run, "fdi_inflow", year, of)
    # The arrays and not the data frame: a fit asks many thousand runs for one cell each.
    table = run.tables.get("countries")
    if not isinstance(table, CountryTable) or year not in table.years or of not in table.iso3:
        raise NotInRun(f"the run did not keep the inflow of {of} in {year}")
    line = table.years.index(year) * len(table.iso3) + table.iso3.index(of)
    return float(table.columns["fdi_inflow"][line])


@_observable("fdi_share_external_finance", "fraction")
def fdi_share_external_finance(run: Run, year: int, of: str | None) -> float:
    """FDI over all external finance: FDI, portfolio, other loans, ODA, remittances."""
    return _indicator(run, "fdi_share_external_finance", year, of)


@_observable("fdi_inward_stock_share", "fraction")
def fdi_inward_stock_share(run: Run, year: int, of: str | None) -> float:
    """Share of the group in the world's inward stock of FDI at the end of the year."""
    return _indicator(run, "fdi_inward_stock_share", year, of)


@_observable("gdp_share", "fraction")
def gdp_share(run: Run, year: int, of: str | None) -> float:
    """Share of the group in world GDP at current prices."""
    return _indicator(run, "gdp_share", year, of)


@_observable("membership_count", "countries")
def membership_count(run: Run, year: int, of: str | None) -> float:
    """Members of a list of the world's data in a year: an input, the same in every run."""
    from sscsim.world.tables import load_world

    return float(load_world().membership(of or "", year).sum())


@_observable("provider_share", "fraction")
def provider_share(run: Run, year: int, of: str | None) -> float:
    """Share of the group's members that provide cooperation."""
    return _indicator(run, "provider_share", year, of)


@_observable("provider_share_rise", "fraction")
def provider_share_rise(run: Run, year: int, of: str | None) -> float:
    """Rise of that share over two years, the distance of the report's surveys."""
    return provider_share(run, year, of) - provider_share(run, year - SURVEYS_APART, of)


@_observable("un_support_share", "fraction")
def un_support_share(run: Run, year: int, of: str | None) -> float:
    """Share of the group's members whose cooperation the United Nations support."""
    return _indicator(run, "un_support_share", year, of)


@_observable("un_support_share_rise", "fraction")
def un_support_share_rise(run: Run, year: int, of: str | None) -> float:
    """Rise of that share over two years, the distance of the report's surveys."""
    return un_support_share(run, year, of) - un_support_share(run, year - SURVEYS_APART, of)


@_observable("trained_countries", "countries")
def trained_countries(run: Run, year: int, of: str | None) -> float:
    """Members of the group that ever took part in the training of managers: an input."""
    return _indicator(run, "trained_countries", year, of)


def _is_economy(name: str) -> bool:
    # ISO 3166-1 alpha-3 and the groups of three letters (LDC, GCC) share a form: the world decides.
    from sscsim.world.tables import load_world

    return name in load_world().iso3
