"""What is read of the members of a comparison: the numbers asked for, countries one by one, who is worse off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.experiments.groups import Derived, derivable, find_group, known_groups, variables_of
from sscsim.experiments.members import Member
from sscsim.experiments.noticeable import NOTICED_POINTS, noticed
from sscsim.experiments.questions import Question, given_for, group_title
from sscsim.experiments.store import RunStore
from sscsim.results.schema import REPORT_YEAR, landmarks, outcome_years
from sscsim.types import Array, Mask

if TYPE_CHECKING:
    from sscsim.parameters import Parameters
    from sscsim.world.tables import World

__all__ = [
    "BY_COUNTRY",
    "Context",
    "Countries",
    "Gathered",
    "Losses",
    "gather",
    "gather_numbers",
    "is_group",
]

BY_COUNTRY = ("real_income", "gdp", "goal_index", "poverty_people")
"""Indicators that are kept of every country, beside those asked for."""

LOSER_GROUPS = ("World", "South", "LDC")

SOUTH, POOREST = "South", "LDC"

Key = tuple[str, str, int]
"""Indicator, group and year."""

Context = Mapping[Key, Array]
"""What stands beside the numbers asked for in the reference, ``(draw,)`` each."""


@dataclass(frozen=True)
class Losses:
    """Who is worse off than in the reference in a year, draw by draw.

    Attributes
    ----------
    year
        The year.
    iso3
        ISO codes.
    groups
        Group → members, ``(country,)``.
    change
        Measure → ``(scenario, draw, country)``: for ``real_income`` and ``gdp`` the change as a share of the
        reference's, for ``goal_index`` in points; without the reference.
    goals
        ``(country,)``, number of Goals that apply.
    goals_worse, goals_better
        ``(scenario, draw, country)``, number of Goals that stand noticeably below or above the reference's.
    """

    year: int
    iso3: tuple[str, ...]
    groups: Mapping[str, Mask]
    change: Mapping[str, Array]
    goals: NDArray[np.int64]
    goals_worse: NDArray[np.int64]
    goals_better: NDArray[np.int64]

    def worse(self, measure: str) -> NDArray[np.int64]:
        """Return what is worse, ``(scenario, draw, country)``: 1 for a country, or its number of Goals."""
        if measure == "goals":
            return self.goals_worse
        return (self.change[measure] < -noticed(measure)).astype(np.int64)

    def better(self, measure: str) -> NDArray[np.int64]:
        """Return what is better, as `worse`."""
        if measure == "goals":
            return self.goals_better
        return (self.change[measure] > noticed(measure)).astype(np.int64)


@dataclass(frozen=True)
class Countries:
    """Indicators of every country in a year, draw by draw.

    Attributes
    ----------
    year
        The year.
    iso3, names
        ISO codes, and what countries are called.
    groups
        Group or list → members, ``(country,)``.
    indicators, units
        Names, and the unit of each.
    values
        ``(indicator, scenario, draw, country)``, the reference first; NaN where an indicator does not apply.
    """

    year: int
    iso3: tuple[str, ...]
    names: tuple[str, ...]
    groups: Mapping[str, Mask]
    indicators: tuple[str, ...]
    units: tuple[str, ...]
    values: Array


@dataclass(frozen=True)
class Gathered:
    """What was read.

    Attributes
    ----------
    values
        ``(question, scenario, draw)``, the reference first.
    losses, countries
        For each year asked for in which countries are kept.
    context
        Numbers of the reference that effects are held against.
    titles
        What groups, lists and countries that were asked for are called, by their name.
    also
        ``(question, scenario, draw)`` of what was read beside; NaN where a run does not define it.
    """

    values: Array
    losses: tuple[Losses, ...]
    countries: tuple[Countries, ...]
    context: Context
    titles: Mapping[str, str]
    also: Array


def beside(asked: Sequence[Question], first: int) -> set[Key]:
    """Return what effects are held against: where the reference stood, how many people, how far the poorest are."""
    found: set[Key] = set()
    for indicator, group, year, _ in asked:
        found.add((indicator, group, since(year, first)))
        found.add(("population", group, year))
        found |= {(indicator, SOUTH, year), (indicator, POOREST, year)}
    return found


def since(year: int, first: int) -> int:
    """Return the year that progress is counted from: the report's, or the first of a run that begins later."""
    return REPORT_YEAR if first <= REPORT_YEAR < year else first


def gather(
    store: RunStore,
    pairs: Sequence[Sequence[Member]],
    asked: Sequence[Question],
    world: World,
    also: Sequence[Question] = (),
) -> Gathered:
    """Read what a comparison is about, a member at a time.

    Parameters
    ----------
    store
        Where members are.
    pairs
        Members of each draw, the reference first.
    asked
        The numbers wanted.
    world
        That the members began from.
    also
        Numbers of usual groups that are read beside, and may be undefined.

    Raises
    ------
    InputError
        When a member is gone, or a number that is asked for is not defined in every run.
    """
    first, last = pairs[0][0].settings.start, pairs[0][0].settings.end
    whom = {q.group: find_group(q.group, world) for q in asked if is_group(q.group)}
    every = [*asked, *also]
    context = beside(every, first)
    groups = known_groups(world)
    years = sorted({q.year for q in asked} & landmarks(first, last))
    reader = _Reader.of(
        store,
        {q[:3] for q in every} | context,
        groups | {w.name: w.members for w in whom.values()},
        world.iso3,
        (first, last),
        years,
        [q.indicator for q in asked],
    )
    by_country = reader.countries
    values = np.full((len(every), len(pairs[0]), len(pairs)), np.nan)
    shape = len(by_country.indicators), len(pairs[0]), len(pairs), len(world.iso3)
    countries = {year: np.full(shape, np.nan) for year in years}
    stands: dict[Key, Array] = {key: np.full(len(pairs), np.nan) for key in context}
    gathered: dict[int, list[list[_Outcome]]] = {year: [] for year in years}
    for draw, pair in enumerate(pairs):
        outcomes: list[dict[int, _Table]] = []
        for i, member in enumerate(pair):
            numbers, lands = reader.read(member)
            values[:, i, draw] = [numbers.get(q[:3], np.nan) for q in every]
            for year, (one, table) in lands.items():
                countries[year][:, i, draw] = one
                gathered[year] += [[]] if i == 0 else []
                if i:
                    gathered[year][-1].append(_against(outcomes[0][year], table))
            outcomes += [{y: table for y, (_, table) in lands.items()}] if not outcomes else []
            if i == 0:
                for key, held in stands.items():
                    held[draw] = numbers.get(key, np.nan)
    _refuse_undefined(asked, values[: len(asked)])
    names = tuple(map(str, world.attributes["name"].tolist()))
    units = tuple(derivable()[i].unit for i in by_country.indicators)
    return Gathered(
        values[: len(asked)],
        tuple(_losses(year, world.iso3, groups, found) for year, found in gathered.items()),
        tuple(
            Countries(year, tuple(world.iso3), names, groups, by_country.indicators, units, held)
            for year, held in countries.items()
        ),
        {key: held for key, held in stands.items() if np.isfinite(held).all()},
        {w.name: w.title if w.kind == "country" else group_title(w.name) for w in whom.values()},
        values[len(asked) :],
    )


def gather_numbers(
    store: RunStore, pairs: Sequence[Sequence[Member]], asked: Sequence[Question], world: World
) -> Array:
    """Read the numbers alone, ``(question, scenario, draw)``, as `gather` does.

    Raises
    ------
    InputError
        When a member is gone, or a number is not defined in every run.
    """
    first, last = pairs[0][0].settings.start, pairs[0][0].settings.end
    whom = {q.group: find_group(q.group, world).members for q in asked if is_group(q.group)}
    reader = _Reader.of(store, {q[:3] for q in asked}, whom, world.iso3, (first, last), ())
    values = np.full((len(asked), len(pairs[0]), len(pairs)), np.nan)
    for draw, pair in enumerate(pairs):
        for i, member in enumerate(pair):
            found, _ = reader.read(member)
            values[:, i, draw] = [found.get(q[:3], np.nan) for q in asked]
    _refuse_undefined(asked, values)
    return values


def is_group(name: str) -> bool:
    """Whether a name that numbers are given for is one of countries, and neither a pair nor a bank."""
    from sscsim.outcomes.indicators import indicator_table, place_names

    if name in indicator_table().groups:
        return True
    return " → " not in name and not any(name in names for names in place_names().values())


def _refuse_undefined(asked: Sequence[Question], values: Array) -> None:
    nowhere = [q for q, v in zip(asked, values, strict=True) if np.isnan(v).any()]
    if nowhere:
        q = nowhere[0]
        raise InputError(
            "the indicator is not defined for this group and year in every run",
            key=q.indicator,
            found=f"{q.group}, {q.year}",
        )


# ------------------------------------------------------------------------------------------- a member


@dataclass(frozen=True)
class _Table:
    gdp: Array
    real_income: Array
    goals: Array
    """``(country, goal)``, NaN where a Goal does not apply."""


@dataclass(frozen=True)
class _Outcome:
    change: dict[str, Array]
    goals: NDArray[np.int64]
    worse: NDArray[np.int64]
    better: NDArray[np.int64]


@dataclass
class _Reader:
    """Reads one member after the other.

    Attributes
    ----------
    store
        Where they are.
    native, derived
        What is looked up among their indicators, and what is read off their countries.
    groups, countries
        How indicators of groups, and of single countries, are read off countries.
    years
        For which single countries are wanted.
    first
        First year of the runs, for what is compared with it.
    """

    store: RunStore
    native: set[Key]
    derived: set[Key]
    groups: Derived
    countries: Derived
    years: Sequence[int]
    first: int

    @classmethod
    def of(
        cls,
        store: RunStore,
        wanted: set[Key],
        members_of: Mapping[str, Mask],
        iso3: Sequence[str],
        span: tuple[int, int],
        years: Sequence[int],
        named: Iterable[str] = (),
    ) -> _Reader:
        """Part what is wanted into what runs measure and what is read off countries.

        Parameters
        ----------
        store
            Where members are.
        wanted
            Indicator, group and year of each number.
        members_of
            Members of every group that may be among them, ``(country,)``.
        iso3
            Codes of all countries.
        span
            First and last year of the runs.
        years
            For which single countries are wanted.
        named
            Indicators that are wanted of single countries, beside those of `BY_COUNTRY`.
        """
        given, can = given_for(), derivable()
        # An indicator of a plug-in's is known to the run alone, and measured there.
        native = {key for key in wanted if key[0] not in given or key[1] in given[key[0]]}
        kept = outcome_years(*span)
        derived = {
            key
            for key in wanted - native
            if key[0] in can and key[1] in members_of and key[2] in kept
        }
        some = {group: members_of[group] for _, group, _ in sorted(derived)}
        everyone = dict(zip(iso3, np.eye(len(iso3), dtype=np.bool_), strict=True))
        single = dict.fromkeys([*BY_COUNTRY, *sorted(i for i in {*named} if i in can)])
        single.pop("population", None)
        return cls(
            store,
            native,
            derived,
            Derived(iso3, some, [indicator for indicator, _, _ in sorted(derived)]),
            Derived(iso3, everyone, single),
            years,
            span[0],
        )

    def read(self, member: Member) -> tuple[dict[Key, float], dict[int, tuple[Array, _Table]]]:
        """Return numbers by indicator, group and year, and by year those of countries, ``(indicator, country)``."""
        numbers = self._indicators(member.key)
        years = {*self.years, *(year for _, _, year in self.derived)}
        if not years:
            return numbers, {}
        table = self.store.outcomes(member.key)
        parameters = _parameters(member)
        base = variables_of(table, self.first)
        lands: dict[int, tuple[Array, _Table]] = {}
        for year in sorted(years):
            held = base if year == self.first else variables_of(table, year)
            measured = self.groups.measure(held, base, parameters)
            for i, row in zip(self.groups.indicators, measured, strict=True):
                for g, value in zip(self.groups.groups, row.tolist(), strict=True):
                    if (i, g, year) in self.derived:
                        numbers[i, g, year] = value
            if year in self.years:
                single = self.countries.measure(held, base, parameters)
                lands[year] = single, _Table(held["gdp"], held["real_income"], held["goals"])
        return numbers, lands

    def _indicators(self, key: str) -> dict[Key, float]:
        lines = self.store.columns(
            key,
            {indicator for indicator, _, _ in self.native},
            {group for _, group, _ in self.native},
            {year for _, _, year in self.native},
        )
        if lines is None:
            raise InputError("a member was removed while it was read", found=key)
        keys = zip(
            lines.texts("indicator").texts().tolist(),
            lines.texts("group").texts().tolist(),
            lines.numbers("year").tolist(),
            strict=True,
        )
        found = zip(keys, lines.numbers("value").tolist(), strict=True)
        return {name: value for name, value in found if name in self.native}


def _parameters(member: Member) -> Parameters:
    own = member.scenario.parameters
    values = member.settings.values()
    return values.replace(own, source=member.scenario.name) if own else values


def _against(reference: _Table, other: _Table) -> _Outcome:
    points = other.goals - reference.goals
    return _Outcome(
        {
            "real_income": other.real_income / reference.real_income - 1.0,
            "gdp": other.gdp / reference.gdp - 1.0,
            "goal_index": np.nanmean(points, axis=1),
        },
        np.isfinite(reference.goals).sum(axis=1),
        # A Goal that does not apply is NaN, and NaN is neither below nor above.
        (points < -NOTICED_POINTS).sum(axis=1),
        (points > NOTICED_POINTS).sum(axis=1),
    )


def _change(measure: str, outcome: _Outcome) -> Array:
    return outcome.change[measure]


def _losses(
    year: int,
    iso3: Iterable[str],
    groups: Mapping[str, Mask],
    found: Sequence[Sequence[_Outcome]],
) -> Losses:
    def stacked(pick: Callable[[_Outcome], Any]) -> Any:
        return np.array([[pick(outcome) for outcome in draw] for draw in found]).swapaxes(0, 1)

    first = found[0][0]
    return Losses(
        year,
        tuple(iso3),
        {name: groups[name] for name in LOSER_GROUPS},
        {name: stacked(partial(_change, name)) for name in first.change},
        first.goals,
        stacked(lambda outcome: outcome.worse),
        stacked(lambda outcome: outcome.better),
    )
