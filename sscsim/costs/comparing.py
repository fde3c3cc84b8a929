"""What scenarios cost against a reference, and what a unit of their effects costs: fair pairs, priced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from sscsim.costs.counting import (
    Subscriptions,
    capital_factors,
    differing_levers,
    names_needed,
    paid_in_shares,
    quantities_moved,
    quantity_difference,
    taken_by_lever,
    unpriced,
)
from sscsim.costs.ratios import Ratio, price_ratio, priced
from sscsim.costs.table import BENCHMARKS, CostTable, Own, Quantity, cost_table
from sscsim.errors import InputError
from sscsim.experiments.design import Design
from sscsim.experiments.ensemble import HowRun, MemberOptions, Tally, run_ensemble
from sscsim.experiments.members import DESIGN_SEED, Member, members
from sscsim.names import FIRST_YEAR
from sscsim.policy.paths import LeverPaths
from sscsim.results.schema import GOAL_YEAR
from sscsim.settings import check_whole
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.policy import Scenario
    from sscsim.world.tables import World

__all__ = [
    "GROUPS",
    "PRICES",
    "Costs",
    "Gain",
    "Priced",
    "Pricing",
    "Runs",
    "cost",
    "increase_paid_in",
]

GROUPS = ("LDC", "South")
"""Whose Goals and poverty are held against the cost where no group is named."""

PRICES = 200
"""Draws of the prices, each with every draw of the model."""

Series = dict[tuple[str, str], dict[int, float]]


@dataclass(frozen=True, eq=False)
class Priced:
    """One thing that costs money.

    Attributes
    ----------
    name, title
        Its name in the table, and what it is.
    counted, payer, source, from_memory
        What is counted, who pays, where the price comes from and whether that was looked up.
    price, unit
        Lowest and highest, in what.
    amount
        ``(draw,)``, how much more of it there is than in the reference.
    cost
        ``(draw, price)``, bn USD.
    """

    name: str
    title: str
    counted: str
    payer: str
    source: str
    from_memory: bool
    price: tuple[float, float]
    unit: str
    amount: Array
    cost: Array


@dataclass(frozen=True, eq=False)
class Gain:
    """An effect, and what a unit of it costs.

    Attributes
    ----------
    name
        ``goal_point`` (points of single countries in the last year) or ``person_year`` (years of persons out of
        poverty, up to it).
    group
        Of whom.
    effect
        ``(draw,)``, in points, or in millions of person-years.
    ratio
        What one costs, bn USD a point, or thousand USD a person-year.
    outside
        Lowest and highest price elsewhere, in the same unit.
    """

    name: str
    group: str
    effect: Array
    ratio: Ratio
    outside: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Costs:
    """What one scenario costs against a reference.

    Attributes
    ----------
    reference, scenario, title
        Which.
    levers
        Those that differ between the two.
    items
        What costs money.
    unpriced
        Levers of which nothing, or not all, has a price, and why.
    total
        ``(draw, price)``, bn USD in dollars of the day; of what has a price.
    gains
        What is gained, and what a unit costs.
    last
        Year up to which all is added up.
    draws, source
        How many draws, where parameters came from.
    tally
        How many members were in the store, were run, failed.
    """

    reference: str
    scenario: str
    title: str
    levers: tuple[str, ...]
    items: tuple[Priced, ...]
    unpriced: Mapping[str, str]
    total: Array
    gains: tuple[Gain, ...]
    last: int
    draws: int
    source: str
    tally: Tally

    @property
    def known(self) -> bool:
        """Whether anything of it has a price."""
        return bool(self.items)


class Pricing:
    """Prices of a table, drawn once: all scenarios are priced with the same draws of them.

    Parameters
    ----------
    world
        Whose countries the levers move.
    table
        Prices; those that ship.
    count
        Draws of the prices.
    """

    def __init__(self, world: World, table: CostTable | None = None, count: int = PRICES) -> None:
        from sscsim.outcomes.indicators import group_members

        self.table = table or cost_table()
        self.world = world
        self.count = count
        self.members = {name: int(m.sum()) for name, m in group_members(world).items()}
        names = [
            *self.table.quantities,
            *(
                f"{lever}.{i}"
                for lever, one in self.table.levers.items()
                for i in range(len(one.own))
            ),
            *self.table.benchmarks,
        ]
        design = Design.independent([f"cost.{name}" for name in names], count, DESIGN_SEED)
        self._quantiles = dict(zip(names, design.quantiles.T, strict=True))

    def price(self, name: str, low: float, high: float) -> Array:
        """Return draws of a price, ``(price,)``."""
        return priced(self._quantiles[name], low, high)

    def items(
        self,
        reference: LeverPaths,
        other: LeverPaths,
        pairs: Sequence[tuple[Series, Series]],
        increases: Sequence[float],
        last: int,
    ) -> tuple[Priced, ...]:
        """Return what costs money of a scenario.

        Parameters
        ----------
        reference, other
            Levers of the two.
        pairs
            Indicators of both, a draw each: those that `wanted` says.
        increases
            ``(draw,)``, the parameter ``capital_increase_paid_in``.
        last
            Year up to which all is added up.
        """
        years = range(FIRST_YEAR, last + 1)
        levers = differing_levers(reference, other, years)
        factors = capital_factors(reference, other, last)
        capital = [Subscriptions(paid_in_shares(), factors, part) for part in increases]
        found = []
        for name in quantities_moved(self.table, levers):
            one = self.table.quantities[name]
            amount = np.array(
                [
                    quantity_difference(one, *pair, last, self.members, draw)
                    for pair, draw in zip(pairs, capital, strict=True)
                ]
            )
            found.append(self._priced(name, one.title, one, amount))
        for lever in levers:
            for i, own in enumerate(self.table.levers[lever].own):
                taken = taken_by_lever(lever, own, reference, other, years, self.world)
                amount = np.full(len(pairs), taken)
                found.append(self._priced(f"{lever}.{i}", own.what, own, amount))
        return tuple(found)

    def _priced(self, name: str, title: str, one: Quantity | Own, amount: Array) -> Priced:
        drawn = self.price(name, *one.price) * one.billions
        return Priced(
            name=name,
            title=title,
            counted=one.counted,
            payer=one.payer,
            source=one.source,
            from_memory=one.from_memory,
            price=one.price,
            unit=one.unit,
            amount=amount,
            cost=amount[:, None] * drawn,
        )

    def wanted(
        self, levers: Iterable[str], groups: Iterable[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return indicators and groups that are read where these levers move, for gains of these groups."""
        indicators, places = names_needed(self.table, quantities_moved(self.table, levers))
        return indicators | {"goal_index", "poverty_people"}, places | {*groups}

    def gain(
        self,
        name: str,
        group: str,
        pairs: Sequence[tuple[Series, Series]],
        total: Array,
        last: int,
    ) -> Gain:
        """Return an effect that is held against the cost, and what a unit of it costs."""
        benchmark = self.table.benchmarks[name]
        if name == "goal_point":
            effect = self.members[group] * np.array([_points(*p, group, last) for p in pairs])
        else:
            effect = np.array([_person_years(*p, group, last) for p in pairs])
        # Persons are in millions and dollars in billions: a person-year has its price in thousands.
        outside = self.price(name, *benchmark.price)
        return Gain(name, group, effect, price_ratio(total, effect, outside), benchmark.price)

    def total(self, items: Sequence[Priced], draws: int) -> Array:
        """Return what all cost together, ``(draw, price)``, bn USD."""
        return sum((one.cost for one in items), np.zeros((draws, self.count)))


def _points(reference: Series, other: Series, group: str, last: int) -> float:
    key = ("goal_index", group)
    return other[key][last] - reference[key][last]


def _person_years(reference: Series, other: Series, group: str, last: int) -> float:
    """Return millions of years that persons are out of poverty for."""
    a, b = reference["poverty_people", group], other["poverty_people", group]
    return sum(a[year] - b[year] for year in b if year <= last)


def cost(
    reference: Scenario | str | Path,
    scenarios: Sequence[Scenario | str | Path],
    draws: int | None = 50,
    *,
    year: int = GOAL_YEAR,
    groups: Sequence[str] = GROUPS,
    **how: Unpack[MemberOptions],
) -> list[Costs]:
    """Say what scenarios cost against a reference, and what a unit of their effects costs.

    Both are run in the same draws, as `sscsim.experiments.compare` runs them: members that are in the store are not
    run again. What both did is counted and the difference priced, each price drawn from its range.

    Parameters
    ----------
    reference, scenarios
        Scenarios, names, paths of files.
    draws
        How many.
    year
        Year up to which costs are added up, and in which Goals are read.
    groups
        Whose Goals and poverty.
    **how
        Fields of `sscsim.experiments.ensemble.MemberOptions`: ``source``, ``store``, ``executor`` and so on.

    Raises
    ------
    InputError
        For a name that does not exist, a year outside the run, fewer than two draws, a member that fails.

    Examples
    --------
    >>> from sscsim.costs import cost
    >>> [found] = cost("baseline", ["triangular-scale-up"], draws=20)  # doctest: +SKIP
    >>> found.gains[0].ratio.median, found.gains[0].outside  # doctest: +SKIP
    """
    from sscsim.experiments.pairs import questions

    runs = Runs(how)
    check_whole("year", year, FIRST_YEAR, runs.settings.end)
    questions(["goal_index", "poverty_people"], groups, [year])  # says what group there is not
    rows = runs.members([reference, *scenarios], draws)
    chosen = [member.scenario for member in rows[0]]
    if len(chosen) < 2 or len(rows) < 2:
        raise InputError(
            "a cost needs a reference, another scenario, and at least two draws",
            key="scenario" if len(chosen) < 2 else "draws",
            found=", ".join(one.name for one in chosen) if len(chosen) < 2 else len(rows),
        )
    world = runs.settings.world()
    pricing = Pricing(world)
    paths = [LeverPaths(one, world) for one in chosen]
    increases = [increase_paid_in(row[0]) for row in rows]
    tally = runs.run(rows)
    found = []
    for i, scenario in enumerate(chosen[1:], start=1):
        levers = differing_levers(paths[0], paths[i], range(FIRST_YEAR, year + 1))
        wanted = pricing.wanted(levers, groups)
        pairs = [
            (runs.series(row[0], *wanted, year), runs.series(row[i], *wanted, year)) for row in rows
        ]
        items = pricing.items(paths[0], paths[i], pairs, increases, year)
        total = pricing.total(items, len(rows))
        found.append(
            Costs(
                reference=chosen[0].name,
                scenario=scenario.name,
                title=scenario.title["en"],
                levers=levers,
                items=items,
                unpriced=unpriced(levers, pricing.table),
                total=total,
                gains=tuple(
                    pricing.gain(name, group, pairs, total, year)
                    for name in BENCHMARKS
                    for group in groups
                ),
                last=year,
                draws=len(rows),
                source=runs.source,
                tally=tally,
            )
        )
    return found


def increase_paid_in(member: Member) -> float:
    """Return the part of a capital increase that is paid in, as a member draws it."""
    return float(member.settings.values()["capital_increase_paid_in"])


class Runs:
    """Runs of scenarios in the same draws, as they are asked for by `MemberOptions`."""

    def __init__(self, how: MemberOptions, **held: Any) -> None:
        self._how = HowRun.of(how)
        # With its outcomes kept a member is the very one that a comparison runs.
        self.settings = replace(self._how.settings, **{"keep": "outcomes", **held})
        self.store = self._how.opened()

    @property
    def source(self) -> str:
        """Where parameters come from."""
        return self._how.source

    def members(
        self, scenarios: Sequence[Scenario | str | Path], draws: int | None
    ) -> list[list[Member]]:
        """Return the members of scenarios, a list a draw."""
        each = members(
            scenarios, draws, 1, self.source, settings=self.settings, **self._how.drawing
        )
        several = len({member.scenario.name for member in each})
        return [each[i : i + several] for i in range(0, len(each), several)]

    def run(self, rows: Iterable[Sequence[Member]]) -> Tally:
        """Run what the store does not have; stop where a member fails."""
        each = [member for row in rows for member in row]
        tally = run_ensemble(each, self.store, **self._how.running).tally
        for member in each:
            if not self.store.has(member.key):
                failure = self.store.failure(member.key)
                raise InputError(
                    "a member failed" if failure is None else f"a member failed: {failure.error}",
                    key=member.scenario.name,
                    found=f"draw {member.draw}, seed {member.seed}",
                )
        return tally

    def series(
        self, member: Member, indicators: Collection[str], groups: Collection[str], last: int
    ) -> Series:
        """Return indicators of a member up to a year."""
        lines = self.store.columns(member.key, indicators, groups, range(FIRST_YEAR, last + 1))
        if lines is None:
            raise InputError("a member was removed while it was read", found=member.key)
        found: Series = {}
        for indicator, group, year, value in zip(
            lines.texts("indicator").texts().tolist(),
            lines.texts("group").texts().tolist(),
            lines.numbers("year").tolist(),
            lines.numbers("value").tolist(),
            strict=True,
        ):
            found.setdefault((indicator, group), {})[int(year)] = value
        return found
