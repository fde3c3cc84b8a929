"""Observables: what a run shows for a figure of the report, each a function of a run, under a name.

A target names an observable, the group or economy it is taken of, and the year. Most are indicators
of the run as they stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.names import FIRST_YEAR
from sscsim.results.tables import CountryTable, RowTable

if TYPE_CHECKING:
    from sscsim.results.run import Run

__all__ = ["OBSERVABLES", "NotInRun", "Observable"]

Function = Callable[["Run", int, str | None], float]
Over = Callable[["Run", tuple[int, int], str | None], float]


class NotInRun(LookupError):
    """The run does not hold what an observable needs: another year, or tables it did not keep."""


@dataclass(frozen=True)
class Observable:
    """A number that a run shows: unit, meaning, and the function of run, year and of whom."""

    name: str
    unit: str
    description: str
    function: Function
    over: Over | None = None
    """The same over the years from first to last; without it the mean of the years."""

    def observe(self, run: Run, when: int | tuple[int, int], of: str | None) -> float:
        """Return the number of a year, or of the years from first to last.

        Raises
        ------
        NotInRun
            When the run does not hold what it needs.
        """
        if isinstance(when, int):
            return self.function(run, when, of)
        if self.over is not None:
            return self.over(run, when, of)
        years = range(when[0], when[1] + 1)
        return math.fsum(self.function(run, year, of) for year in years) / len(years)

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

FIRST_PROJECTS = 5
"""Projects of the NDB that the report looks at (paragraph 82)."""

WHOLLY = 1.0 - 1e-6
"""Part of its capital from which an institution is its owners' alone: published shares are rounded."""

OBSERVABLES: dict[str, Observable] = {}
"""Every observable by name."""


def _observable(name: str, unit: str, over: Over | None = None) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        description = (function.__doc__ or "").strip().partition("\n")[0]
        OBSERVABLES[name] = Observable(name, unit, description, function, over)
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


def _sum(run: Run, name: str, year: int, of: str | None) -> float:
    """Return an indicator of a group, or the column of the same name of one economy by its ISO code."""
    if of is None or not _is_economy(of):
        return _indicator(run, name, year, of)
    # The arrays and not the data frame: a fit asks many thousand runs for one cell each.
    table = run.tables.get("countries")
    if not isinstance(table, CountryTable) or year not in table.years or of not in table.iso3:
        raise NotInRun(f"the run did not keep {name} of {of} in {year}")
    line = table.years.index(year) * len(table.iso3) + table.iso3.index(of)
    return float(table.columns[name][line])


@_observable("fdi_inflow", "bn USD")
def fdi_inflow(run: Run, year: int, of: str | None) -> float:
    """Inflow of foreign direct investment of a group, or of one economy by its ISO code."""
    return _sum(run, "fdi_inflow", year, of)


@_observable("fdi_outflow", "bn USD")
def fdi_outflow(run: Run, year: int, of: str | None) -> float:
    """Outflow of foreign direct investment of a group, or of one economy by its ISO code."""
    return _sum(run, "fdi_outflow", year, of)


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
    from sscsim.world.loading import load_world

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
    from sscsim.world.loading import load_world

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
    from sscsim.world.loading import load_world

    return name in load_world().iso3


# ------------------------------------------------------------------------- credit lines and banks (¶81–83)


def _rows(run: Run, name: str) -> RowTable:
    # The arrays and not the data frame, as above.
    table = run.tables.get(name)
    if not isinstance(table, RowTable) or not len(table):
        raise NotInRun(f"the run kept no table of {name}")
    return table


def _is(table: RowTable, column: str, names: Container[str | None]) -> NDArray[np.bool_]:
    """Return the rows whose text is one of the names."""
    codes = [i for i, name in enumerate(table.texts[column]) if name in names]
    return np.isin(table.columns[column], codes)


def _needs_year(run: Run, year: int) -> None:
    if year not in run.years:
        raise NotInRun(f"the run has no {year}")


def _lines(run: Run, of: str | None) -> tuple[RowTable, NDArray[np.bool_]]:
    """Return the loans, and which of them are credit lines of a country: its lenders' codes begin with its own."""
    table = _rows(run, "loans")
    lenders = {name for name in table.texts["lender"] if name.partition("_")[0] == of}
    if not lenders:
        raise NotInRun(f"the run has no lender of {of}")
    return table, _is(table, "lender", lenders) & _is(table, "kind", {"credit_line"})


def _group(group: str, year: int) -> set[str]:
    from sscsim.world.loading import load_world

    world = load_world()
    return set(np.array(world.iso3)[world.membership(group, year)].tolist())


def _approved(
    run: Run, year: int, of: str | None, to: Container[str | None] | None = None
) -> float:
    _needs_year(run, year)
    table, mine = _lines(run, of)
    mine &= table.columns["year_approved"] <= year
    if to is not None:
        mine &= _is(table, "receiver", to)
    return float(table.columns["amount"][mine].sum())


@_observable("credit_lines_approved", "bn USD")
def credit_lines_approved(run: Run, year: int, of: str | None) -> float:
    """Credit lines that a country approved up to a year, those before the base year included."""
    return _approved(run, year, of)


@_observable("credit_lines_approved_to_africa", "bn USD")
def credit_lines_approved_to_africa(run: Run, year: int, of: str | None) -> float:
    """Credit lines that a country approved up to a year to African partners."""
    return _approved(run, year, of, _group("africa", year))


@_observable("credit_line_partners_in_africa", "countries")
def credit_line_partners_in_africa(run: Run, year: int, of: str | None) -> float:
    """African countries to which a country approved credit lines up to a year."""
    _needs_year(run, year)
    table, mine = _lines(run, of)
    mine &= table.columns["year_approved"] <= year
    mine &= _is(table, "receiver", _group("africa", year)) & (table.columns["amount"] > 0.0)
    return float(len(np.unique(table.columns["receiver"][mine])))


@_observable("credit_line_focus_over_gdp_share", "fraction")
def credit_line_focus_over_gdp_share(run: Run, year: int, of: str | None) -> float:
    """LDCs and small island States in a country's lines since the base year, less their share of the South's GDP."""
    _needs_year(run, year)
    table, mine = _lines(run, of)
    mine &= (table.columns["year_approved"] <= year) & (table.columns["year_approved"] >= 2013)
    total = float(table.columns["amount"][mine].sum())
    if total <= 0.0:
        raise NotInRun(f"{of} approved no credit line from 2013 to {year}")
    poorest = _group("LDC", year) | _group("SIDS", year)
    to_them = float(table.columns["amount"][mine & _is(table, "receiver", poorest)].sum())
    countries = run.tables.get("countries")
    if not isinstance(countries, CountryTable) or year not in countries.years:
        raise NotInRun(f"the run did not keep countries in {year}")
    start = countries.years.index(year) * len(countries.iso3)
    gdp = countries.columns["gdp_current"][start : start + len(countries.iso3)]
    south = np.isin(countries.iso3, sorted(_group("south_unctad_2014", year)))
    theirs = south & np.isin(countries.iso3, sorted(poorest))
    return to_them / total - float(gdp[theirs].sum() / gdp[south].sum())


@_observable("bank_approvals", "bn USD")
def bank_approvals(run: Run, year: int, of: str | None) -> float:
    """Projects that a bank approved in a year."""
    table = _rows(run, "banks")
    here = _is(table, "bank", {of}) & (table.columns["year"] == year)
    if not here.any():
        raise NotInRun(f"the run has no bank {of} in {year}")
    return float(table.columns["approvals"][here].sum())


def _share_of_approvals(
    run: Run, when: tuple[int, int], of: str | None, column: str, names: Container[str | None]
) -> float:
    """Return the part of what a bank approved in some years that has one of the names."""
    for year in when:
        _needs_year(run, year)
    table = _rows(run, "loans")
    approved = table.columns["year_approved"]
    mine = _is(table, "lender", {of}) & (approved >= when[0]) & (approved <= when[1])
    amount = table.columns["amount"]
    total = float(amount[mine].sum())
    if total <= 0.0:
        raise NotInRun(f"{of} approved nothing in {when[0]} to {when[1]}")
    return float(amount[mine & _is(table, column, names)].sum()) / total


def _infrastructure(run: Run, when: tuple[int, int], of: str | None) -> float:
    from sscsim.world.institutions import INFRASTRUCTURE, SECTORS_OF_LENDING

    return _share_of_approvals(run, when, of, "sector", set(SECTORS_OF_LENDING[:INFRASTRUCTURE]))


def _asia(run: Run, when: tuple[int, int], of: str | None) -> float:
    return _share_of_approvals(run, when, of, "receiver", _group("asia", when[1]))


@_observable("bank_infrastructure_share", "fraction", over=_infrastructure)
def bank_infrastructure_share(run: Run, year: int, of: str | None) -> float:
    """Energy, transport, water and urban development in what a bank approved."""
    return _infrastructure(run, (year, year), of)


@_observable("bank_asia_share", "fraction", over=_asia)
def bank_asia_share(run: Run, year: int, of: str | None) -> float:
    """Asia in what a bank approved."""
    return _asia(run, (year, year), of)


@_observable("bank_first_projects_renewable", "projects")
def bank_first_projects_renewable(run: Run, year: int, of: str | None) -> float:
    """Renewable energy among the first five projects that a bank approved, whenever it did."""
    _needs_year(run, year)
    table = _rows(run, "loans")
    mine = _is(table, "lender", {of}) & (table.columns["year_approved"] >= 2013)
    first = np.flatnonzero(mine)[:FIRST_PROJECTS]
    if len(first) < FIRST_PROJECTS:
        raise NotInRun(f"{of} approved fewer than {FIRST_PROJECTS} projects")
    return float(table.columns["renewable"][first].sum())


# ------------------------------------------------------ what members of a group give to one another (¶107)


@lru_cache(maxsize=1)
def _owners() -> Mapping[str, Mapping[str, float]]:
    """Return who owns each bank and lender that ships: parts of its capital by ISO code."""
    from sscsim.world.institutions import Bank, Lender, load_institutions

    files = load_institutions()
    owners: dict[str, dict[str, float]] = {
        bank.code: {iso3: member.share for iso3, member in bank.members.of.items()}
        for bank in files.of(Bank)
    }
    owners |= {f.code: dict(f.funders.of) for f in files.of(Lender)}
    return owners


def _owned(code: str, members: frozenset[str]) -> float:
    """Return the part of an institution's capital that members of a group hold."""
    shares = _owners().get(code)
    if shares is None:
        # An institution of the user's own: its file is not at hand, its code may say whose it is.
        country = code.partition("_")[0]
        if not _is_economy(country):
            raise NotInRun(f"who owns {code} is not known")
        return float(country in members)
    total = math.fsum(shares.values())
    return math.fsum(share for iso3, share in shares.items() if iso3 in members) / total


def _projects_given(run: Run, year: int, of: str) -> tuple[float, float]:
    """Return what members' projects begun in a year cost them, and what of it is for members, bn USD.

    A regional project is for all who take part and do not provide, in equal parts.
    """
    _needs_year(run, year)
    projects = _projects(run, year, of)
    mine = np.flatnonzero(projects.begun(year) & projects.inside("provider"))
    cost = (projects.columns["cost"] - projects.columns["third_party_cost"])[mine] / 1e3
    part = projects.inside("receiver").astype(np.float64)[mine]
    provider, parties = projects.columns["provider"][mine], projects.columns["parties"][mine]
    for i in np.flatnonzero(parties >= 0):
        takers = set(projects.texts["parties"][parties[i]].split())
        takers.discard(projects.texts["provider"][provider[i]])
        part[i] = len(takers & projects.members) / len(takers)
    return float(cost.sum()), float(cost @ part)


def _given(run: Run, year: int, of: str, *, by_capital: bool) -> tuple[float, float]:
    """Return what members of a group commit in a year, and what of it is for members, bn USD.

    Loans that institutions approve and projects that members begin. Institutions count whole where members alone own
    them and not at all elsewhere, or, by capital, each in the part that members hold.
    """
    total, inside = _projects_given(run, year, of)
    members = _members(of)
    loans = _rows(run, "loans")
    part = np.array([_owned(code, members) for code in loans.texts["lender"]])
    if not by_capital:
        part = (part >= WHOLLY).astype(np.float64)
    here = np.flatnonzero(loans.columns["year_approved"] == year)
    amount = loans.columns["amount"][here] * part[loans.columns["lender"][here]]
    return (
        total + float(amount.sum()),
        inside + float(amount[_is(loans, "receiver", members)[here]].sum()),
    )


def _share(given: tuple[float, float], year: int, of: str | None) -> float:
    total, inside = given
    if total <= 0.0:
        raise NotInRun(f"{of or 'World'} gave nothing in {year}")
    return inside / total


@_observable("intra_group_cooperation_share", "fraction")
def intra_group_cooperation_share(run: Run, year: int, of: str | None) -> float:
    """Part for members in the loans and projects that members, and institutions of members alone, commit in a year."""
    return _share(_given(run, year, of or "World", by_capital=False), year, of)


@_observable("intra_group_cooperation_share_by_capital", "fraction")
def intra_group_cooperation_share_by_capital(run: Run, year: int, of: str | None) -> float:
    """Part for members in the same, every institution counted in the part of its capital that members hold."""
    return _share(_given(run, year, of or "World", by_capital=True), year, of)


@_observable("intra_group_project_share", "fraction")
def intra_group_project_share(run: Run, year: int, of: str | None) -> float:
    """Part for members in what members spend on knowledge projects begun in a year."""
    return _share(_projects_given(run, year, of or "World"), year, of)


@_observable("cooperation_committed", "bn USD")
def cooperation_committed(run: Run, year: int, of: str | None) -> float:
    """Loans and projects that members of a group, and institutions of members alone, commit in a year."""
    return _given(run, year, of or "World", by_capital=False)[0]


# ------------------------------------------------------------------------------------ reverse linkage (¶83)
# Money is summed exactly, so that a longer run, whose table has more rows, gives the same figure to the last digit.


def _reverse_linkage(run: Run, year: int) -> tuple[_Projects, NDArray[np.bool_]]:
    """Return the projects, and which are reverse linkages begun from the base year to a year."""
    _needs_year(run, year)
    projects = _projects(run, year, None)
    start = projects.columns["start"]
    begun = (start >= run.years[0]) & (start <= year)
    return projects, np.asarray(projects.modality("reverse linkage") & begun)


@_observable("reverse_linkage_under_way", "projects")
def reverse_linkage_under_way(run: Run, year: int, of: str | None) -> float:
    """Reverse-linkage projects of development banks under way in the year."""
    _needs_year(run, year)
    projects = _projects(run, year, None)
    return float((projects.modality("reverse linkage") & projects.under_way(year)).sum())


@_observable("reverse_linkage_begun", "projects")
def reverse_linkage_begun(run: Run, year: int, of: str | None) -> float:
    """Reverse-linkage projects begun from the first year of the run to the year."""
    return float(_reverse_linkage(run, year)[1].sum())


@_observable("reverse_linkage_bank_money", "million USD")
def reverse_linkage_bank_money(run: Run, year: int, of: str | None) -> float:
    """Money of development banks in the reverse-linkage projects begun up to the year."""
    projects, mine = _reverse_linkage(run, year)
    return math.fsum(projects.columns["third_party_cost"][mine].tolist())


@_observable("reverse_linkage_cost", "million USD")
def reverse_linkage_cost(run: Run, year: int, of: str | None) -> float:
    """Cost of the reverse-linkage projects begun up to the year, all parties together."""
    projects, mine = _reverse_linkage(run, year)
    return math.fsum(projects.columns["cost"][mine].tolist())


@_observable("reverse_linkage_set_aside", "million USD")
def reverse_linkage_set_aside(run: Run, year: int, of: str | None) -> float:
    """Money that development banks set aside for reverse linkage from the first year of the run to the year."""
    _needs_year(run, year)
    table = _rows(run, "banks")
    return 1e3 * math.fsum(table.columns["reverse_linkage"][table.columns["year"] <= year].tolist())


# ------------------------------------------------------- what facts from outside the report are compared with


def _total(run: Run, name: str, year: int, of: str | None) -> float:
    """Return the sum of a column of countries over any group, not only those that have the indicator."""
    if of is None or of == "World" or _is_economy(of):
        return _sum(run, name, year, of)
    table = run.tables.get("countries")
    if not isinstance(table, CountryTable) or year not in table.years:
        raise NotInRun(f"the run did not keep {name} of {of} in {year}")
    start = table.years.index(year) * len(table.iso3)
    values = table.columns[name][start : start + len(table.iso3)]
    return float(values[np.isin(table.iso3, sorted(_members(of)))].sum())


def _ratio(value: float, before: float, what: str) -> float:
    if before == 0.0:
        raise NotInRun(f"{what} was nothing in {FIRST_YEAR}")
    return value / before


def _since_base(run: Run, name: str, year: int, of: str | None) -> float:
    """Return an indicator of a year over its value in the base year."""
    what = f"{name} of {of or 'World'}"
    return _ratio(_sum(run, name, year, of), _sum(run, name, FIRST_YEAR, of), what)


def _total_since_base(run: Run, name: str, year: int, of: str | None) -> float:
    """Return the same of a sum over countries."""
    what = f"{name} of {of or 'World'}"
    return _ratio(_total(run, name, year, of), _total(run, name, FIRST_YEAR, of), what)


@_observable("exports_since_base", "ratio")
def exports_since_base(run: Run, year: int, of: str | None) -> float:
    """Goods exports over those of the base year, in current dollars."""
    return _since_base(run, "exports", year, of)


@_observable("imports_since_base", "ratio")
def imports_since_base(run: Run, year: int, of: str | None) -> float:
    """Goods imports over those of the base year, in current dollars."""
    return _since_base(run, "imports", year, of)


@_observable("remittances_since_base", "ratio")
def remittances_since_base(run: Run, year: int, of: str | None) -> float:
    """Remittances received over those of the base year, in current dollars."""
    return _total_since_base(run, "remittances_received", year, of)


@_observable("oda_since_base", "ratio")
def oda_since_base(run: Run, year: int, of: str | None) -> float:
    """Official development assistance received over that of the base year, in current dollars."""
    return _total_since_base(run, "oda_received", year, of)


@_observable("poverty_since_base", "ratio")
def poverty_since_base(run: Run, year: int, of: str | None) -> float:
    """Share of people in poverty over that of the base year."""
    return _since_base(run, "poverty_headcount", year, of)


@_observable("export_share", "fraction")
def export_share(run: Run, year: int, of: str | None) -> float:
    """Share of a group, or of one economy by its ISO code, in the world's goods exports."""
    return _sum(run, "exports", year, of) / _indicator(run, "exports", year, None)


@_observable("intra_export_share", "fraction")
def intra_export_share(run: Run, year: int, of: str | None) -> float:
    """Share of a group's goods exports that goes to its own members."""
    return _indicator(run, "trade_within", year, of) / _indicator(run, "exports", year, of)


@_observable("gdp_growth", "fraction")
def gdp_growth(run: Run, year: int, of: str | None) -> float:
    """Growth of the group's GDP at constant prices and exchange rates."""
    return _indicator(run, "gdp_growth", year, of)


def _mean_rise(run: Run, when: tuple[int, int], of: str | None) -> float:
    first, last = when
    if first == last:
        return goal_index_rise(run, last, of)
    rise = _indicator(run, "goal_index", last, of) - _indicator(run, "goal_index", first, of)
    return rise / (last - first)


@_observable("goal_index_rise", "points/year", over=_mean_rise)
def goal_index_rise(run: Run, year: int, of: str | None) -> float:
    """Rise of the index of the Goals over the year before; from a first to a last year the mean a year."""
    return _mean_rise(run, (year - 1, year), of)


def _of_bank(run: Run, column: str, year: int, of: str | None) -> float:
    """Return what a bank did up to a year since the first year of the run."""
    _needs_year(run, year)
    table = _rows(run, "banks")
    mine = _is(table, "bank", {of}) & (table.columns["year"] <= year)
    if not mine.any():
        raise NotInRun(f"the run has no bank {of} by {year}")
    return math.fsum(table.columns[column][mine].tolist())


@_observable("bank_approved", "bn USD")
def bank_approved(run: Run, year: int, of: str | None) -> float:
    """Projects that a bank approved up to a year, since the first year of the run."""
    return _of_bank(run, "approvals", year, of)


@_observable("bank_disbursed", "bn USD")
def bank_disbursed(run: Run, year: int, of: str | None) -> float:
    """Money that a bank disbursed up to a year, since the first year of the run."""
    return _of_bank(run, "disbursements", year, of)


@_observable("bank_projects", "projects")
def bank_projects(run: Run, year: int, of: str | None) -> float:
    """Projects, counted, that a bank approved up to a year, since the first year of the run."""
    _needs_year(run, year)
    table = _rows(run, "loans")
    approved = table.columns["year_approved"]
    mine = _is(table, "lender", {of}) & (approved >= run.years[0]) & (approved <= year)
    return float(mine.sum())


@_observable("credit_line_partners", "countries")
def credit_line_partners(run: Run, year: int, of: str | None) -> float:
    """Countries to which a country approved credit lines up to a year."""
    _needs_year(run, year)
    table, mine = _lines(run, of)
    mine &= (table.columns["year_approved"] <= year) & (table.columns["amount"] > 0.0)
    return float(len(np.unique(table.columns["receiver"][mine])))
