"""Observables: what a run shows for a figure of the report, each a function of a run, under a name.

A target names an observable, the group or economy it is taken of, and the year. Most are indicators
of the run as they stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.results.tables import CountryTable, RowTable

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


# ------------------------------------------------------------------------------------ cooperation projects


def _members(name: str) -> frozenset[str]:
    from sscsim.outcomes.indicators import group_members
    from sscsim.world.tables import load_world

    return _members_of(name, load_world(), group_members)


@lru_cache(maxsize=64)
def _members_of(name: str, world: Any, members: Any) -> frozenset[str]:
    return frozenset(np.array(world.iso3)[members(world)[name]].tolist())


@dataclass(frozen=True)
class _Projects:
    """What observables ask of the table of projects; arrays of shape ``(project,)``."""

    columns: Mapping[str, NDArray[Any]]
    texts: Mapping[str, tuple[str, ...]]
    members: frozenset[str]
    """Of the group, empty for everybody."""

    def under_way(self, year: int) -> NDArray[np.bool_]:
        start, end = self.columns["start"], self.columns["end"]
        return np.asarray((start <= year) & (end >= year))

    def begun(self, year: int) -> NDArray[np.bool_]:
        return np.asarray(self.columns["start"] == year)

    def inside(self, column: str) -> NDArray[np.bool_]:
        """Return whether the country of a column belongs to the group."""
        inside = [name in self.members for name in self.texts[column]]
        return np.asarray(np.array([*inside, False])[self.columns[column]])

    def with_party(self) -> NDArray[np.bool_]:
        """Return whether any party does, in whatever role."""
        lists = [bool(self.members & set(text.split())) for text in self.texts["parties"]]
        regional = np.array([*lists, False])[self.columns["parties"]]
        ends = self.inside("provider") | self.inside("receiver") | self.inside("facilitator")
        return np.asarray(ends | regional)

    def modality(self, name: str) -> NDArray[np.bool_]:
        return np.asarray(self.columns["modality"] == self.texts["modality"].index(name))

    @property
    def triangular(self) -> NDArray[np.bool_]:
        """By the Ibero-American definition, which counts Southern facilitators too."""
        return np.asarray(self.columns["partner"] >= 0)

    def with_others(self) -> NDArray[np.bool_]:
        """Return bilateral projects between a member and a developing country outside."""
        developing = _Projects(self.columns, self.texts, _members("UN programme"))
        given, taken = self.inside("provider"), self.inside("receiver")
        outside = np.where(given, developing.inside("receiver"), developing.inside("provider"))
        return np.asarray(self.modality("bilateral") & (given ^ taken) & outside)


def _projects(run: Run, year: int, of: str | None) -> _Projects:
    table = run.tables.get("projects")
    if not isinstance(table, RowTable):
        raise NotInRun("the run did not keep its projects")
    if year > (run.years or (0,))[-1]:
        raise NotInRun(f"the run ends before {year}")
    return _Projects(table.columns, table.texts, frozenset() if of is None else _members(of))


@_observable("initiatives_active", "initiatives")
def initiatives_active(run: Run, year: int, of: str | None) -> float:
    """Projects of all modalities under way in the year with a party in the group."""
    projects = _projects(run, year, of)
    return float((projects.under_way(year) & projects.with_party()).sum())


@_observable("initiatives_active_triangular", "initiatives")
def initiatives_active_triangular(run: Run, year: int, of: str | None) -> float:
    """Of these, with a third party, Southern facilitators included."""
    projects = _projects(run, year, of)
    return float((projects.under_way(year) & projects.with_party() & projects.triangular).sum())


@_observable("initiatives_active_regional", "initiatives")
def initiatives_active_regional(run: Run, year: int, of: str | None) -> float:
    """Of these, regional: three members of one body or more."""
    projects = _projects(run, year, of)
    regional = projects.modality("regional")
    return float((projects.under_way(year) & projects.with_party() & regional).sum())


@_observable("initiatives_active_with_other_regions", "initiatives")
def initiatives_active_with_other_regions(run: Run, year: int, of: str | None) -> float:
    """Bilateral projects under way between a member of the group and a developing country outside."""
    projects = _projects(run, year, of)
    return float((projects.under_way(year) & projects.with_others()).sum())


@_observable("initiatives_begun", "initiatives")
def initiatives_begun(run: Run, year: int, of: str | None) -> float:
    """Projects of all modalities begun in the year with a party in the group."""
    projects = _projects(run, year, of)
    return float((projects.begun(year) & projects.with_party()).sum())


@_observable("initiatives_begun_triangular", "initiatives")
def initiatives_begun_triangular(run: Run, year: int, of: str | None) -> float:
    """Of these, with a third party."""
    projects = _projects(run, year, of)
    return float((projects.begun(year) & projects.with_party() & projects.triangular).sum())


@_observable("initiatives_begun_with_other_regions", "initiatives")
def initiatives_begun_with_other_regions(run: Run, year: int, of: str | None) -> float:
    """Bilateral projects begun between a member of the group and a developing country outside."""
    projects = _projects(run, year, of)
    return float((projects.begun(year) & projects.with_others()).sum())


@_observable("bilateral_share", "fraction")
def bilateral_share(run: Run, year: int, of: str | None) -> float:
    """Share of projects under way that are bilateral."""
    projects = _projects(run, year, of)
    under_way = projects.under_way(year)
    if not under_way.any():
        raise NotInRun(f"no project is under way in {year}")
    return float(projects.modality("bilateral")[under_way].mean())


@_observable("documented_practices", "practices")
def documented_practices(run: Run, year: int, of: str | None) -> float:
    """Practices documented and published since the base year."""
    return _indicator(run, "documented_practices", year, of)


@_observable("provider_share_in_technology_exchange", "fraction")
def provider_share_in_technology_exchange(run: Run, year: int, of: str | None) -> float:
    """Share of the group's providers that are party, in any role, to an exchange in science and technology."""
    return _indicator(run, "provider_technology_exchange_share", year, of)


def _is_economy(name: str) -> bool:
    # ISO 3166-1 alpha-3 and the groups of three letters (LDC, GCC) share a form: the world decides.
    from sscsim.world.tables import load_world

    return name in load_world().iso3
