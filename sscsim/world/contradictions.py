"""Figures of a user that contradict their neighbours: a slip of units, a series that jumps, a Goal that cannot be.

Only economies whose figures were replaced are looked at: what ships has been through the checks of its own making.
Bounds are wide – what no economy of the record comes near – so that what is found is a slip, and a slip of a thousand
always is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sscsim.names import FIRST_YEAR
from sscsim.types import Array
from sscsim.world.tables import World

__all__ = ["Contradiction", "contradictions", "notes"]


@dataclass(frozen=True)
class Contradiction:
    """Two figures of one economy that cannot both be right.

    Attributes
    ----------
    iso3, column
        Whose, and the figure that the user gave.
    message
        What contradicts what, with the numbers.
    """

    iso3: str
    column: str
    message: str


@dataclass(frozen=True)
class _Ratio:
    """A quotient of two columns and where it lies, whatever the economy."""

    over: str
    under: str
    low: float
    high: float
    what: str


RATIOS = (
    _Ratio(
        "gdp_current_busd",
        "gdp_constant_2015_busd",
        0.2,
        5.0,
        "GDP at current over constant prices",
    ),
    _Ratio(
        "gdp_ppp_busd",
        "gdp_current_busd",
        0.4,
        8.0,
        "GDP at purchasing-power parities over current prices",
    ),
    _Ratio("gni_current_busd", "gdp_current_busd", 0.3, 3.0, "national income over GDP"),
    _Ratio("goods_exports_busd", "gdp_current_busd", 0.0, 3.0, "goods exports over GDP"),
    _Ratio("goods_imports_busd", "gdp_current_busd", 0.0, 5.0, "goods imports over GDP"),
    _Ratio(
        "fdi_inflow_busd", "gdp_current_busd", -3.0, 3.0, "inflow of direct investment over GDP"
    ),
    _Ratio(
        "fdi_outflow_busd", "gdp_current_busd", -3.0, 3.0, "outflow of direct investment over GDP"
    ),
    _Ratio(
        "fdi_inward_stock_busd",
        "gdp_current_busd",
        0.0,
        60.0,
        "inward stock of direct investment over GDP",
    ),
    _Ratio(
        "fdi_outward_stock_busd",
        "gdp_current_busd",
        0.0,
        60.0,
        "outward stock of direct investment over GDP",
    ),
    _Ratio("oda_received_busd", "gdp_current_busd", -0.2, 1.5, "aid over GDP"),
    _Ratio("remittances_received_busd", "gdp_current_busd", 0.0, 1.0, "remittances over GDP"),
    _Ratio("external_debt_busd", "gdp_current_busd", 0.0, 15.0, "external debt over GDP"),
    _Ratio("employment_m", "population_m", 0.1, 0.9, "persons employed over population"),
    _Ratio(
        "gdp_constant_2015_busd", "population_m", 0.1, 250.0, "GDP a head in thousands of dollars"
    ),
)

LARGEST_JUMP = 0.2
"""Change of population in a year that no economy of the record had without a war."""

LARGEST_GROWTH = 60.0
"""Per cent a year."""


def contradictions(world: World) -> list[Contradiction]:
    """Return what in a user's figures contradicts its neighbours, by economy in the order of ISO codes."""
    given: dict[str, set[str]] = {}
    for iso3, column, _ in world.overlaid:
        given.setdefault(iso3, set()).add(column)
    found = [
        one
        for iso3 in sorted(given)
        for one in (
            *_ratios(world, iso3, given[iso3]),
            *_jumps(world, iso3, given[iso3]),
            *_goals(world, iso3, given[iso3]),
        )
    ]
    if world.trade_matrix is not None:
        found += _matrix(world)
    return found


def _ratios(world: World, iso3: str, given: set[str]) -> Iterator[Contradiction]:
    row = world.position(iso3)
    for one in RATIOS:
        if one.over not in world.base or one.under not in world.base:
            continue
        if not {one.over, one.under} & given:
            continue
        over, under = float(world.base[one.over][row]), float(world.base[one.under][row])
        ratio = over / under if under else np.inf * np.sign(over)
        if not one.low <= ratio <= one.high and (over or under):
            mine = one.over if one.over in given else one.under
            yield Contradiction(
                iso3,
                mine,
                f"{one.what} would be {ratio:.3g} ({one.over} {over:,.4g}, {one.under} {under:,.4g}), "
                f"which lies between {one.low:g} and {one.high:g} everywhere: is the unit right?",
            )


def _jumps(world: World, iso3: str, given: set[str]) -> Iterator[Contradiction]:
    row = world.position(iso3)
    if "population_m" in given:
        people = world.population[row]
        change = np.diff(people) / people[:-1]
        for at in np.flatnonzero(np.abs(change) > LARGEST_JUMP):
            yield Contradiction(
                iso3,
                "population_m",
                f"population jumps by {change[at]:+.1%} from {world.population_years[at]} to "
                f"{world.population_years[at + 1]}: a series that is replaced in part must join the rest",
            )
    growth = world.growth_record[row]
    if any("growth" in column for column in given):
        for at in np.flatnonzero(np.abs(growth) > LARGEST_GROWTH):
            yield Contradiction(
                iso3,
                "growth",
                f"growth of {growth[at]:+.0f} per cent in {world.growth_years[at]}: is it a fraction, or a level?",
            )


def _goals(world: World, iso3: str, given: set[str]) -> Iterator[Contradiction]:
    row = world.position(iso3)
    landlocked = bool(world.attributes["landlocked"][row])
    if "goal_14" in given and landlocked and np.isfinite(world.goals_2016[row, 13]):
        yield Contradiction(iso3, "goal_14", "Goal 14, life below water, of a landlocked economy")


def _matrix(world: World) -> list[Contradiction]:
    """Return economies whose trade in the user's matrix is out of proportion to their GDP."""
    matrix: Array = np.asarray(world.trade_matrix)
    gdp = world.base["gdp_current_busd"]
    found = []
    for what, sums in (("exports", matrix.sum(axis=1)), ("imports", matrix.sum(axis=0))):
        for row in np.flatnonzero(sums > 3.0 * gdp):
            found.append(
                Contradiction(
                    world.iso3[row],
                    f"trade matrix, {what}",
                    f"{what} of {sums[row]:,.4g} bn USD are {sums[row] / gdp[row]:.1f} times the GDP of {FIRST_YEAR}",
                )
            )
    return found


def notes(world: World) -> list[str]:
    """Return what a reader should know of the user's own figures: what was left out, what contradicts what."""
    if not world.overlaid and world.trade_matrix is None:
        return []
    found = [f"{one.iso3}, {one.column}: {one.message}" for one in contradictions(world)]
    return [*world.dropped, *found]
