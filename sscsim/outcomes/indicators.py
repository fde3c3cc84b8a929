"""Indicators: what a run tells of groups of countries, every year.

``indicators.yaml`` says which indicators there are, for which groups, what they are called and in
which unit; this module says how each is computed, in a pure function of the same name. All groups
are computed at once: with M the matrix of memberships, ``(group, country)`` of ones and zeros, sums
over members are ``M x``, exports of groups by destination ``M T``. What is not defined (a group
without members, a share of nothing) is NaN and is left out of the tables; nothing is infinite.

Membership is held as it stood in 2018, the report's year, so that a group's growth is growth and
not accession.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sscsim.errors import InputError
from sscsim.outcomes import networks
from sscsim.resources import package_folder
from sscsim.types import Array, Mask

if TYPE_CHECKING:
    from sscsim.parameters import Parameters
    from sscsim.world.state import State
    from sscsim.world.tables import World

__all__ = [
    "MEMBERSHIP_YEAR",
    "Group",
    "Indicator",
    "IndicatorBook",
    "IndicatorTable",
    "Row",
    "group_members",
    "indicator_table",
]


MEMBERSHIP_YEAR = 2018
"""The year whose lists of members hold for a whole run."""
GOALS = range(1, 18)
ARROW = " → "
WORST_OFF = 10
"""The worst-off are one country in so many, rounded up."""
LARGEST_EXPORTERS = 5


class Row(NamedTuple):
    """One line of a year's measurement."""

    group: str
    indicator: str
    unit: str


@dataclass(frozen=True)
class Group:
    """A group of countries as the table gives it."""

    name: str
    title: str
    column: str
    """``all``, ``list`` or a column of the table of countries."""
    value: str
    within: str | None = None
    only_between: bool = False
    """Whether it serves as an end of flows only, and has no indicators of its own."""


@dataclass(frozen=True)
class Indicator:
    """An indicator as the table gives it, one Goal at a time where it is given for each."""

    name: str
    title: str
    unit: str
    description: str
    how: str
    groups: tuple[str, ...]
    """Names of groups, or ``("all",)``."""
    between: tuple[tuple[str, ...], ...] = ()
    """Sets of groups whose ordered pairs are given."""
    goal: int | None = None


@dataclass(frozen=True)
class IndicatorTable:
    """Groups and indicators of ``indicators.yaml`` by name, in its order."""

    groups: Mapping[str, Group]
    indicators: Mapping[str, Indicator]


@lru_cache(maxsize=1)
def indicator_table() -> IndicatorTable:
    """Return the table of groups and indicators, read once.

    Raises
    ------
    InputError
        With file, line and key, where the table is not as its head says.
    """
    from sscsim.yamlfile import read_yaml  # heavy, and only needed where a run or a page is made

    file = read_yaml(package_folder() / "outcomes" / "indicators.yaml")
    groups: dict[str, Group] = {}
    for name, raw in file.mapping("groups").items():
        rest = {k: v for k, v in raw.items() if k not in ("title", "within", "only_between")}
        if len(rest) != 1 or "title" not in raw:
            raise file.error("a group has a title and one rule", "groups", name, found=raw)
        ((column, value),) = rest.items()
        within = raw.get("within")
        if within is not None and within not in groups:
            raise file.error("this group is not defined above", "groups", name, "within")
        only_between = raw.get("only_between", False)
        groups[name] = Group(name, raw["title"], column, str(value), within, only_between)

    sets: dict[str, tuple[str, ...]] = {"all": ("all",)}
    for name, members in file.mapping("sets").items():
        unknown = [m for m in members if m not in groups]
        if unknown:
            raise file.error("there is no such group", "sets", name, found=unknown[0])
        sets[name] = tuple(members)

    indicators: dict[str, Indicator] = {}
    for name, raw in file.mapping("indicators").items():
        how = raw.get("how", "")
        given = {"title", "unit", "description", "how", "between" if how == "pairs" else "groups"}
        if set(raw) != given:
            raise file.error(
                "an indicator has other keys", "indicators", name, found=sorted(raw), allowed=given
            )
        for key in [raw["groups"]] if "groups" in raw else raw["between"]:
            if key not in sets:
                raise file.error(
                    "there is no such set", "indicators", name, found=key, allowed=sets
                )
        entry = Indicator(
            name=name,
            title=raw["title"],
            unit=raw["unit"],
            description=raw["description"],
            how=how,
            groups=sets[raw["groups"]] if "groups" in raw else (),
            between=tuple(sets[key] for key in raw.get("between", ())),
        )
        for single in _each_goal(entry) if how == "each goal" else [entry]:
            indicators[single.name] = single
    return IndicatorTable(groups, indicators)


def _each_goal(entry: Indicator) -> list[Indicator]:
    return [
        Indicator(
            name=entry.name.format(goal=goal),
            title=entry.title.format(goal=goal),
            unit=entry.unit,
            description=entry.description,
            how=entry.name.format(goal="each"),
            groups=entry.groups,
            goal=goal,
        )
        for goal in GOALS
    ]


def group_members(world: World, year: int = MEMBERSHIP_YEAR) -> dict[str, Mask]:
    """Return the members of every group of the table, each of shape ``(country,)``."""
    members: dict[str, Mask] = {}
    for group in indicator_table().groups.values():
        if group.column == "all":
            mask = np.ones(len(world.iso3), dtype=np.bool_)
        elif group.column == "list":
            mask = np.array(world.membership(group.value, year), dtype=np.bool_)
        else:
            mask = np.array(world.countries[group.column] == group.value, dtype=np.bool_)
        members[group.name] = mask if group.within is None else mask & members[group.within]
    return members


# --------------------------------------------------------------------------------- a year in arrays


class _Year:
    """What the definitions share within a year: memberships, the state and common sums.

    Parameters
    ----------
    book
        Groups and thresholds.
    state, base
        The year, and the first year of the run where there is one to compare with.
    gdp_before
        GDP of every group a year ago, ``(group,)``, None in the first year.
    """

    def __init__(
        self, book: IndicatorBook, state: State, base: State | None, gdp_before: Array | None
    ) -> None:
        self.book = book
        self.state = state
        self.base = base
        self.gdp_before = gdp_before
        self.members = book.members
        columns = [getattr(state, name) for name in book.summed]
        columns.append(state.poverty_headcount * state.population)
        columns.append(state.trade.sum(axis=0))
        columns.append(state.fdi.sum(axis=0))
        sums = self.members @ np.column_stack(columns)
        sums[book.is_empty] = np.nan  # a group without members has nothing, not zero
        names = (*book.summed, "poor", "imports", "fdi_inflow")
        self._sums: dict[str, Array] = dict(zip(names, sums.T, strict=True))

    def total(self, name: str) -> Array:
        """Sum of a state variable over members, ``(group,)``."""
        return self._sums[name]

    @cached_property
    def exports_to(self) -> Array:
        """Exports of groups by destination, ``(group, destination)``."""
        return self.members @ self.state.trade

    @cached_property
    def investment_in(self) -> Array:
        """Direct investment of groups by host, ``(group, destination)``."""
        return self.members @ self.state.fdi

    def undefined_if_empty(self, values: Array) -> Array:
        """Return `values` with NaN for groups without members."""
        values[self.book.is_empty] = np.nan
        return values

    # Goals: a last column stands for the index, a country's mean over the Goals that apply to it.

    @cached_property
    def scores(self) -> Array:
        """Scores of the 17 Goals and their mean, ``(country, 18)``, NaN where not applicable."""
        goals = self.state.goals
        apply = ~np.isnan(goals)
        total = np.where(apply, goals, 0.0).sum(axis=1)
        return np.column_stack([goals, _ratio(total, np.count_nonzero(apply, axis=1) * 1.0)])

    @cached_property
    def applies(self) -> Array:
        """1 where a score applies, ``(country, 18)``."""
        return (~np.isnan(self.scores)).astype(np.float64)

    @cached_property
    def filled(self) -> Array:
        """Scores with zero where they do not apply, ``(country, 18)``."""
        return np.where(self.applies > 0, self.scores, 0.0)

    @cached_property
    def means(self) -> Array:
        """Mean score over members, ``(group, 18)``."""
        return _ratio(self.members @ self.filled, self.counts)

    @cached_property
    def counts(self) -> Array:
        """Members to which a score applies, ``(group, 18)``."""
        return self.members @ self.applies

    @cached_property
    def people_means(self) -> Array:
        """Mean score over members' people, ``(group, 18)``."""
        weights = self.members * self.state.population
        return _ratio(weights @ self.filled, weights @ self.applies)

    @cached_property
    def on_track(self) -> Array:
        """Members at or above a Goal's threshold, ``(group, 17)``."""
        reached = self.state.goals >= self.book.on_track_thresholds  # NaN compares false
        return self.undefined_if_empty(self.members @ reached.astype(np.float64))

    @cached_property
    def lost(self) -> Array:
        """1 where a Goal fell below the first year by more than tolerated, ``(country, goal)``."""
        if self.base is None:
            return np.full(self.state.goals.shape, np.nan)
        fall = self.base.goals - self.state.goals
        return (fall > self.book.loser_tolerance).astype(np.float64)

    @cached_property
    def lost_by_group(self) -> Array:
        """Members that lost on a Goal, ``(group, 17)``."""
        return self.undefined_if_empty(self.members @ self.lost)

    @cached_property
    def index_of_worst_off(self) -> Array:
        """Mean index over the lowest tenth of members (rounded up) that have one, ``(group,)``."""
        result = np.full(len(self.members), np.nan)
        rows = self.book.index_of_worst_off_rows
        index, has_one = self.scores[:, -1], self.applies[:, -1]
        order = np.argsort(index, kind="stable")  # NaN goes last
        ranked = self.members[rows][:, order] * has_one[order]
        rank = np.cumsum(ranked, axis=1)
        taken = np.ceil(rank[:, -1] / WORST_OFF)
        lowest = ranked * (rank <= taken[:, None])
        result[rows] = _ratio(lowest @ self.filled[order, -1], taken)
        return result

    @cached_property
    def worst_off(self) -> Array:
        """The same for each Goal and the groups it is given for, ``(group, 17)``."""
        result = np.full((len(self.members), len(GOALS)), np.nan)
        goals = np.ascontiguousarray(self.state.goals.T)
        for row in self.book.worst_off_rows:
            scores = np.sort(goals.take(self.book.positions[row], axis=1))  # NaN goes last
            taken = np.ceil(self.counts[row, :-1] / WORST_OFF)
            few = scores[:, : math.ceil(scores.shape[1] / WORST_OFF)]
            lowest = np.where(np.arange(few.shape[1]) < taken[:, None], few, 0.0)
            result[row] = _ratio(lowest.sum(axis=1), taken)
        return result

    @cached_property
    def trade_networks(self) -> dict[int, tuple[networks.Network, Array | None]]:
        """By group: trade inside it, parted into regions, and the same trade in the first year."""
        found: dict[int, tuple[networks.Network, Array | None]] = {}
        for row, cells in self.book.network_cells.items():
            modules = self.book.network_modules[row]
            network = networks.Network(_inside(self.state.trade, cells), modules)
            found[row] = network, None if self.base is None else _inside(self.base.trade, cells)
        return found

    def network(self, measure: Callable[[networks.Network, Array | None], float]) -> Array:
        """Return a measure of trade inside the groups that have one, ``(group,)``."""
        result = np.full(len(self.members), np.nan)
        for row, (network, base) in self.trade_networks.items():
            result[row] = measure(network, base)
        return result


def _inside(flows: Array, cells: NDArray[np.intp] | None) -> Array:
    """Return the flows between some economies, given where their pairs stand; None takes all."""
    return flows if cells is None else flows.take(cells)


def _ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, NaN where nothing is divided by nothing."""
    result = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result


# -------------------------------------------------------------------------------------- definitions
#
# Each returns one number a group, shape (group,).

_DEFINITIONS: dict[str, Callable[[_Year], Array]] = {}
_BY_GOAL: dict[str, Callable[[_Year], Array]] = {}


def _define(function: Callable[[_Year], Array]) -> Callable[[_Year], Array]:
    _DEFINITIONS[function.__name__] = function
    return function


def _define_by_goal(function: Callable[[_Year], Array]) -> Callable[[_Year], Array]:
    _BY_GOAL[function.__name__] = function
    return function


# income and poverty


@_define
def gdp_growth(year: _Year) -> Array:
    """GDP of the group over the year before, less one."""
    if year.gdp_before is None:
        return np.full(len(year.members), np.nan)
    return _ratio(year.total("gdp"), year.gdp_before) - 1.0


@_define
def gdp_per_head(year: _Year) -> Array:
    """GDP over people: billions over millions are thousands."""
    return _ratio(year.total("gdp"), year.total("population"))


@_define
def gdp_share(year: _Year) -> Array:
    """GDP at current prices over the world's."""
    return _ratio(year.total("gdp_current"), year.state.gdp_current.sum())


@_define
def poverty_people(year: _Year) -> Array:
    """People in poverty."""
    return year.total("poor")


@_define
def poverty_headcount(year: _Year) -> Array:
    """People in poverty over all people."""
    return _ratio(year.total("poor"), year.total("population"))


# trade


@_define
def exports(year: _Year) -> Array:
    """All that members sell abroad."""
    return year.undefined_if_empty(year.exports_to.sum(axis=1))


@_define
def imports(year: _Year) -> Array:
    """All that members buy abroad."""
    return year.total("imports")


@_define
def trade_within(year: _Year) -> Array:
    """Trade with both ends in the group."""
    return year.undefined_if_empty((year.exports_to * year.members).sum(axis=1))


@_define
def trade_within_without_hubs(year: _Year) -> Array:
    """Trade with both ends in the group, neither a hub."""
    hubs = np.flatnonzero(year.book.hubs)
    others = year.exports_to - year.members[:, hubs] @ year.state.trade[hubs]
    kept = year.members * ~year.book.hubs
    # What is left of a sum after a part of it was taken away may miss zero by rounding.
    return year.undefined_if_empty(np.maximum((others * kept).sum(axis=1), 0.0))


@_define
def trade_within_asia_end_share(year: _Year) -> Array:
    """One less the share of trade within the group that has no end in Asia."""
    return 1.0 - _share_among(year, ~year.book.asia)


@_define
def trade_within_asia_both_share(year: _Year) -> Array:
    """Share of trade within the group that has both ends in Asia."""
    return _share_among(year, year.book.asia)


def _share_among(year: _Year, mask: Mask) -> Array:
    """Return trade within the group between economies of `mask`, over trade within the group."""
    result = np.full(len(year.members), np.nan)
    for row in year.book.asia_rows:
        ends = year.members[row] * mask
        among = ends @ year.state.trade @ ends
        within = float(year.exports_to[row] @ year.members[row])
        result[row] = among / within if within > 0 else np.nan
    return result


@_define
def export_destination_hhi(year: _Year) -> Array:
    """Sum of squared shares of destinations in the group's exports."""
    sold = year.exports_to
    return _ratio(np.einsum("gj,gj->g", sold, sold), sold.sum(axis=1) ** 2)


@_define
def top5_exporter_share(year: _Year) -> Array:
    """Share of the five largest in the group's exports; not defined for five or fewer."""
    result = np.full(len(year.members), np.nan)
    sold = year.members[year.book.top_rows] * year.state.trade.sum(axis=1)
    if sold.shape[1] > LARGEST_EXPORTERS:
        largest = np.partition(sold, -LARGEST_EXPORTERS, axis=1)[:, -LARGEST_EXPORTERS:]
        result[year.book.top_rows] = _ratio(largest.sum(axis=1), sold.sum(axis=1))
    result[year.members.sum(axis=1) <= LARGEST_EXPORTERS] = np.nan
    return result


@_define
def network_density(year: _Year) -> Array:
    """Share of pairs linked by at least the threshold."""
    threshold = year.book.link_threshold
    return year.network(lambda network, base: networks.density(network, threshold))


@_define
def network_reciprocity(year: _Year) -> Array:
    """Share of trade that is matched."""
    return year.network(lambda network, base: networks.reciprocity(network))


@_define
def network_concentration(year: _Year) -> Array:
    """Herfindahl-Hirschman index of exports plus imports."""
    return year.network(lambda network, base: networks.strength_concentration(network))


@_define
def network_participation(year: _Year) -> Array:
    """Spread of economies' trade over regions."""
    return year.network(lambda network, base: networks.participation(network))


@_define
def network_assortativity(year: _Year) -> Array:
    """How regional trade is."""
    return year.network(lambda network, base: networks.assortativity(network))


@_define
def network_common_part(year: _Year) -> Array:
    """Part of trade's structure in common with the first year."""
    return year.network(
        lambda network, base: math.nan if base is None else networks.common_part(network, base)
    )


# finance


@_define
def fdi_inflow(year: _Year) -> Array:
    """Direct investment received."""
    return year.total("fdi_inflow")


@_define
def fdi_outflow(year: _Year) -> Array:
    """Direct investment made."""
    return year.undefined_if_empty(year.investment_in.sum(axis=1))


@_define
def fdi_within(year: _Year) -> Array:
    """Direct investment with both ends in the group."""
    return year.undefined_if_empty((year.investment_in * year.members).sum(axis=1))


@_define
def fdi_inward_stock_share(year: _Year) -> Array:
    """Inward stock over the world's."""
    return _ratio(year.total("fdi_inward_stock"), year.state.fdi_inward_stock.sum())


@_define
def external_finance(year: _Year) -> Array:
    """FDI, official development assistance, remittances, portfolio investment and other loans."""
    return (
        year.total("fdi_inflow")
        + year.total("oda_received")
        + year.total("remittances_received")
        + year.total("other_finance_received")
    )


@_define
def fdi_share_external_finance(year: _Year) -> Array:
    """FDI over external finance."""
    return _ratio(year.total("fdi_inflow"), external_finance(year))


# Goals


@_define
def provider_technology_exchange_share(year: _Year) -> Array:
    """Share of providers that are party to a project in science, technology and innovation."""
    provider = year.state.provider
    return _ratio(
        year.members @ (provider * year.state.technology_exchange), year.members @ provider
    )


@_define
def documented_practices(year: _Year) -> Array:
    """Practices published since the base year; they belong to all."""
    return np.full(len(year.members), year.state.practices.sum())


@_define
def capability(year: _Year) -> Array:
    """Mean capability over domains and members."""
    return _ratio(year.members @ year.state.capability.mean(axis=1), year.members.sum(axis=1))


@_define
def goal_index(year: _Year) -> Array:
    """Mean over members of their means over Goals."""
    return _last(year.means)


@_define
def goal_index_people(year: _Year) -> Array:
    """Mean over members' people of their means over Goals."""
    return _last(year.people_means)


@_define
def goal_index_worst_tenth(year: _Year) -> Array:
    """Mean over the lowest tenth of members of their means over Goals."""
    return year.index_of_worst_off


def _last(scores: Array) -> Array:
    """Return the column of the index."""
    index: Array = scores[:, -1]
    return index


@_define
def goals_on_track(year: _Year) -> Array:
    """Country-Goals at or above their threshold."""
    return np.asarray(year.on_track.sum(axis=1))


@_define
def goals_on_track_share(year: _Year) -> Array:
    """Country-Goals at or above their threshold over all that apply."""
    return _ratio(year.on_track.sum(axis=1), year.counts[:, :-1].sum(axis=1))


@_define
def goals_lost(year: _Year) -> Array:
    """Country-Goals below the first year."""
    return np.asarray(year.lost_by_group.sum(axis=1))


@_define
def goal_losers(year: _Year) -> Array:
    """Members with a Goal below the first year."""
    return year.undefined_if_empty(year.members @ year.lost.max(axis=1))


# For each Goal: shape (group, 17 or more), the Goal's column is taken.


@_define_by_goal
def goal_each(year: _Year) -> Array:
    """Mean over members."""
    return year.means


@_define_by_goal
def goal_each_people(year: _Year) -> Array:
    """Mean over members' people."""
    return year.people_means


@_define_by_goal
def goal_each_worst_tenth(year: _Year) -> Array:
    """Mean over the lowest tenth of members."""
    return year.worst_off


@_define_by_goal
def goal_each_on_track(year: _Year) -> Array:
    """Members at or above the threshold."""
    return year.on_track


@_define_by_goal
def goal_each_lost(year: _Year) -> Array:
    """Members below the first year."""
    return year.lost_by_group


# ----------------------------------------------------------------------------------------- the book


class IndicatorBook:
    """Which numbers are measured every year and for which groups, the same all through a run.

    Parameters
    ----------
    iso3
        ISO codes in the order of the state's arrays.
    groups
        Members of each group, ``(country,)``. Those named in ``indicators.yaml`` get the indicators
        it gives them; any other gets what all groups get.
    hubs
        Economies whose exports are mostly re-exports, ``(country,)``.
    asia
        Economies in Asia, ``(country,)``.
    regions
        A partition of all economies, the modules of the network measures, each ``(country,)``.
    on_track_thresholds
        Score from which a Goal is on track, ``(17,)``.
    loser_tolerance
        Points that a Goal may stand below the first year before it counts as lost.
    link_threshold
        Share of its exports from which a flow of a country counts as a link (fraction).

    Attributes
    ----------
    rows
        Group, indicator and unit of every number that `measure` returns, in its order.
    """

    def __init__(
        self,
        iso3: Sequence[str],
        groups: Mapping[str, Mask],
        *,
        hubs: Mask,
        asia: Mask,
        regions: Mapping[str, Mask],
        on_track_thresholds: ArrayLike,
        loser_tolerance: float,
        link_threshold: float,
    ) -> None:
        table = indicator_table()
        self.iso3 = tuple(iso3)
        self.group_names = tuple(groups)
        self.members = self._matrix(groups)
        self.modules = self._matrix(regions)
        if not np.all(self.modules.sum(axis=0) == 1.0):
            raise InputError("every economy belongs to one region", found=tuple(regions))
        self.hubs = np.asarray(hubs, dtype=np.bool_)
        self.asia = np.asarray(asia, dtype=np.bool_)
        self.on_track_thresholds = np.asarray(on_track_thresholds, dtype=np.float64)
        self.loser_tolerance = loser_tolerance
        self.link_threshold = link_threshold
        sizes = self.members.sum(axis=1)
        self.is_empty: Mask = sizes == 0
        self.sizes: Array = np.where(self.is_empty, np.nan, sizes)
        self.positions = [np.flatnonzero(row) for row in self.members]
        self.summed = tuple(
            dict.fromkeys(
                entry.how.removeprefix("sum of ").removeprefix("mean of ")
                for entry in table.indicators.values()
                if entry.how.startswith(("sum of ", "mean of "))
            )
        )

        named = table.groups
        everyone = [n for n in self.group_names if n not in named or not named[n].only_between]
        place = {name: i for i, name in enumerate(self.group_names)}
        rows: list[Row] = []
        # What to compute, for which rows of `members`, and which rows it fills. A definition by
        # Goal fills those of all Goals at once, Goal by Goal.
        self._plan: list[tuple[str, NDArray[np.intp], slice]] = []
        self._pairs: list[tuple[str, NDArray[np.intp], slice]] = []
        for entry in table.indicators.values():
            for names in entry.between:
                chosen = [name for name in names if name in place]
                start = len(rows)
                rows += [
                    Row(f"{a}{ARROW}{b}", entry.name, entry.unit) for a in chosen for b in chosen
                ]
                indices = np.array([place[name] for name in chosen], dtype=np.intp)
                self._pairs.append((entry.name, indices, slice(start, len(rows))))
            if not entry.between:
                names = tuple(everyone) if entry.groups == ("all",) else entry.groups
                chosen = [name for name in names if name in place]
                start = len(rows)
                rows += [Row(name, entry.name, entry.unit) for name in chosen]
                indices = np.array([place[name] for name in chosen], dtype=np.intp)
                name = entry.name if entry.how == "function" else entry.how
                if entry.goal is None or entry.goal == GOALS[0]:
                    self._plan.append((name, indices, slice(start, len(rows))))
                else:
                    first = self._plan[-1][2].start
                    self._plan[-1] = (name, indices, slice(first, len(rows)))
        self.rows: tuple[Row, ...] = tuple(rows)

        def wanted(name: str) -> list[int]:
            return [int(i) for plan in self._plan if plan[0] == name for i in plan[1]]

        self.network_cells = {i: self._cells(i) for i in wanted("network_density")}
        self.network_modules = {
            i: np.ascontiguousarray(self.modules[:, self.positions[i]]) for i in self.network_cells
        }
        self.asia_rows = wanted("trade_within_asia_end_share")
        self.top_rows = wanted("top5_exporter_share")
        self.worst_off_rows = wanted("goal_each_worst_tenth")
        self.index_of_worst_off_rows = wanted("goal_index_worst_tenth")
        self._gdp_rows = np.zeros(len(self.members), dtype=np.intp)
        for name, indices, where in self._plan:
            if name == "sum of gdp":
                self._gdp_rows[indices] = np.arange(where.start, where.stop)

    @classmethod
    def from_world(
        cls, world: World, parameters: Parameters, *, groups: Mapping[str, Mask] | None = None
    ) -> Self:
        """Build the book of the table's groups, and of an analyst's own if `groups` are given."""
        setting = (
            tuple(parameters.by_goal("goal_on_track_threshold").tolist()),
            parameters["goal_loser_tolerance"],
            parameters["trade_link_threshold"],
        )
        if groups or cls is not IndicatorBook:
            return cls._of_world(world, *setting, groups or {})
        return cast(Self, _default_book(world, *setting))

    @classmethod
    def _of_world(
        cls,
        world: World,
        thresholds: tuple[float, ...],
        loser_tolerance: float,
        link_threshold: float,
        groups: Mapping[str, Mask],
    ) -> Self:
        members = group_members(world)
        regions = {
            str(name): np.array(world.countries["report_region"] == name, dtype=np.bool_)
            for name in sorted(set(world.countries["report_region"]))
        }
        return cls(
            world.iso3,
            {**members, **groups},
            hubs=world.membership("hubs", MEMBERSHIP_YEAR),
            asia=world.membership("asia", MEMBERSHIP_YEAR),
            regions=regions,
            on_track_thresholds=thresholds,
            loser_tolerance=loser_tolerance,
            link_threshold=link_threshold,
        )

    def measure(
        self, state: State, base: State | None = None, previous: Array | None = None
    ) -> Array:
        """Return every number of a year.

        Parameters
        ----------
        state
            The year.
        base
            The first year, for what is compared with it; without it those numbers are NaN.
        previous
            What `measure` returned a year ago, for growth; without it growth is NaN.

        Returns
        -------
        Array
            ``(rows,)`` in the order of `rows`; NaN where a number is not defined.
        """
        year = _Year(self, state, base, None if previous is None else previous[self._gdp_rows])
        result = np.empty(len(self.rows))
        for name, indices, where in self._plan:
            if name.startswith("sum of "):
                result[where] = year.total(name.removeprefix("sum of "))[indices]
            elif name.startswith("mean of "):
                total = year.total(name.removeprefix("mean of "))[indices]
                result[where] = total / self.sizes[indices]
            elif name in _BY_GOAL:
                result[where] = _BY_GOAL[name](year)[indices, : len(GOALS)].T.ravel()
            else:
                result[where] = _DEFINITIONS[name](year)[indices]
        for name, indices, where in self._pairs:
            sent = year.exports_to if name == "trade_between" else year.investment_in
            flows = sent[indices] @ self.members[indices].T
            undefined = self.is_empty[indices]
            flows[undefined[:, None] | undefined[None, :]] = np.nan
            result[where] = flows.ravel()
        return result

    def _cells(self, row: int) -> NDArray[np.intp] | None:
        """Return where the pairs inside a group stand in a flat matrix, None for all of them."""
        inside = self.positions[row]
        size = len(self.iso3)
        return None if len(inside) == size else inside[:, None] * size + inside[None, :]

    def _matrix(self, groups: Mapping[str, Mask]) -> Array:
        matrix = np.zeros((len(groups), len(self.iso3)))
        for row, (name, mask) in zip(matrix, groups.items(), strict=True):
            members = np.asarray(mask)
            if members.shape != row.shape or members.dtype != np.bool_:
                raise InputError(
                    "a group names its members by one truth value an economy",
                    key=name,
                    found=f"shape {members.shape}, {members.dtype}",
                    allowed=f"shape {row.shape}, bool",
                )
            row[:] = members
        return matrix


@lru_cache(maxsize=4)
def _default_book(
    world: World, thresholds: tuple[float, ...], loser_tolerance: float, link_threshold: float
) -> IndicatorBook:
    # A book never changes, and the members of an ensemble measure alike.
    return IndicatorBook._of_world(world, thresholds, loser_tolerance, link_threshold, {})
