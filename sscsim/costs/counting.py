"""What two runs of a fair pair did, counted: quantities from their indicators, levers from their paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sscsim.costs.table import CostTable, Own, Quantity
from sscsim.policy import lever_table
from sscsim.policy.paths import LeverPaths
from sscsim.types import Array
from sscsim.world.institutions import Bank, load_institutions
from sscsim.world.tables import World

__all__ = [
    "Subscriptions",
    "capital_factors",
    "differing_levers",
    "names_needed",
    "paid_in_shares",
    "quantities_moved",
    "quantity_difference",
    "taken_by_lever",
    "unpriced",
]

Series = Mapping[tuple[str, str], Mapping[int, float]]
"""(Indicator, group) → year → value."""


def differing_levers(
    reference: LeverPaths, other: LeverPaths, years: Iterable[int]
) -> tuple[str, ...]:
    """Return the levers whose values differ between two scenarios in some year."""
    years = tuple(years)
    return tuple(
        name
        for name in lever_table()
        if (name in reference.moved() or name in other.moved())
        and any(
            not np.array_equal(_value(reference, name, y), _value(other, name, y)) for y in years
        )
    )


def _value(paths: LeverPaths, name: str, year: int) -> Array:
    """Return a lever's values, ``()`` where all are the default: then they are equal in whatever shape."""
    found, usual = paths.value(name, year), lever_table()[name].default
    return np.array(usual) if found is None or (found == usual).all() else found


def quantities_moved(table: CostTable, levers: Iterable[str]) -> tuple[str, ...]:
    """Return the quantities that some of the levers move, each once."""
    return tuple(dict.fromkeys(name for lever in levers for name in table.levers[lever].counts))


def names_needed(
    table: CostTable, quantities: Iterable[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the indicators and the groups that quantities are read from."""
    chosen = [table.quantities[name] for name in quantities]
    groups = {one.group for one in chosen if one.group is not None}
    if any(one.each == "bank" for one in chosen):
        groups |= set(paid_in_shares())
    return frozenset(one.indicator for one in chosen), frozenset(groups)


def paid_in_shares() -> dict[str, float]:
    """Return the part of its subscribed capital that each bank's file says is paid in."""
    return {
        bank.code: bank.capital.paid_in.value / bank.capital.subscribed.value
        for bank in load_institutions().of(Bank)
    }


@dataclass(frozen=True)
class Subscriptions:
    """What a dollar more of a bank's subscribed capital takes.

    Attributes
    ----------
    paid_in
        Bank → part of its subscribed capital that is paid in, as its file says.
    factor
        Bank → its capital by the lever in the last year, over that in the reference.
    increase
        Part of what governors vote that is paid in, the parameter ``capital_increase_paid_in``.
    """

    paid_in: Mapping[str, float]
    factor: Mapping[str, float]
    increase: float

    def difference(self, bank: str, reference: float, other: float) -> float:
        """Return how much more is paid in, given what is subscribed in both runs.

        The lever moves paid-in and callable capital alike; what is left of the difference governors have voted.
        """
        by_lever = reference * (self.factor[bank] - 1.0)
        return by_lever * self.paid_in[bank] + (other - reference - by_lever) * self.increase


def capital_factors(reference: LeverPaths, other: LeverPaths, year: int) -> dict[str, float]:
    """Return each bank's capital by the lever in a year, over that in the reference."""
    ones = np.ones(len(other.banks))
    a, b = (paths.value("bank_capital", year) for paths in (reference, other))
    under, over = (ones if v is None else v for v in (a, b))
    ratio = np.divide(over, under, out=ones.copy(), where=under > 0.0)
    return dict(zip(other.banks, ratio.tolist(), strict=True))


def quantity_difference(
    one: Quantity,
    reference: Series,
    other: Series,
    last: int,
    members: Mapping[str, int],
    subscriptions: Subscriptions,
) -> float:
    """Return how much more of a quantity there is than in the reference.

    Parameters
    ----------
    one
        The quantity.
    reference, other
        Both runs' indicators.
    last
        Year up to which years are added up, or that is read.
    members
        Countries of a group by its name.
    subscriptions
        What capital of banks takes, for a quantity of each bank.

    Returns
    -------
    float
        In what the quantity counts; zero where an indicator is not given in a year.
    """
    if one.each == "bank":
        return sum(
            subscriptions.difference(
                bank,
                reference.get((one.indicator, bank), {}).get(last, 0.0),
                other.get((one.indicator, bank), {}).get(last, 0.0),
            )
            for bank in subscriptions.paid_in
        )
    key = (one.indicator, one.group or "")
    a, b = reference.get(key, {}), other.get(key, {})
    years = [y for y in b if (y <= last if one.how == "sum" else y == last)]
    more = sum(b[year] - a.get(year, 0.0) for year in years)
    return more * (members[key[1]] if one.members else 1)


def taken_by_lever(
    lever: str,
    own: Own,
    reference: LeverPaths,
    other: LeverPaths,
    years: Sequence[int],
    world: World,
) -> float:
    """Return how many units a lever takes by itself, less those that it takes in the reference.

    Its value is added up over countries, over the years or at its highest, in portions of what one price buys.
    """
    return _taken(lever, own, other, years, world) - _taken(lever, own, reference, years, world)


def _taken(lever: str, own: Own, paths: LeverPaths, years: Sequence[int], world: World) -> float:
    values = [v for v in (paths.value(lever, year) for year in years) if v is not None]
    if not values:
        return 0.0  # a lever that is moved has a value in every year
    beyond = np.array(values) - lever_table()[lever].default
    by_country = beyond.sum(axis=0) if own.basis == "yearly" else beyond.max(axis=0)
    if own.weight is not None:
        by_country = by_country * np.maximum(0.0, np.nan_to_num(world.base[own.weight]))
    return float(by_country.sum()) / own.per


def unpriced(levers: Iterable[str], table: CostTable) -> dict[str, str]:
    """Return levers of which nothing, or not all, has a price, and why."""
    entries = {name: table.levers[name].none for name in levers}
    return {name: why for name, why in entries.items() if why is not None}
