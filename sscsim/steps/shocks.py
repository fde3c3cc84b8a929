"""Shocks that are drawn: what strikes whom in which year, beside what the scenario asks for (¶42, 84).

A shock acts through the levers that scenarios have for it: what is drawn and what a file dates are one mechanism. The
calendar of a run rests on its seed and the parameters alone: scenarios of one seed meet the same shocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sscsim.flows import shocks
from sscsim.flows.swings import SwingParameters
from sscsim.names import LAST_YEAR
from sscsim.policy import lever_table
from sscsim.results.tables import RowTable
from sscsim.steps.submodel import Given, Levers, Submodel, Submodels, Year
from sscsim.streams import Streams
from sscsim.types import Array, Ints
from sscsim.world.keeping import kept_with_world
from sscsim.world.tables import World

__all__ = ["Shocks", "regions", "swings_of"]

RECORDED_TO = 2018
"""Last year of the record of growth, which holds the shocks of its years."""


@dataclass(frozen=True)
class Both:
    """What a scenario asks for and what shocks do, laid together by each lever's own rule.

    Two that add up stay within the lever's bounds: an island loses no more than all that can be lost in a year.
    """

    asked: Levers
    struck: Mapping[str, Array]

    def value(self, name: str, year: int) -> Array | None:
        """Return the values of a lever in a year; None where neither moves it."""
        asked = self.asked.value(name, year)
        struck = self.struck.get(name)
        if struck is None:
            return asked
        lever = lever_table()[name]
        before = lever.default if asked is None else asked
        together = before + struck if lever.combine == "add" else before * struck
        return np.clip(together, *lever.bounds)


class Shocks(Submodel):
    """Disasters, pandemics, sudden stops, waves of debt, downgrades of banks, closed corridors; a part of policy."""

    name = "shocks"
    title = "what is drawn strikes through the levers of policy"

    def __init__(self, given: Given, others: Submodels) -> None:
        self.drawn = given.shocks
        self.base = _places(given.world)
        self.parameters = shocks.ShockParameters.from_parameters(given.parameters)
        self.elasticity = given.parameters["trade_elasticity"]
        self.calendar: tuple[shocks.Strike, ...] = ()
        """What strikes from the last year of the record on, year by year; empty where nothing is drawn."""
        self.capital_ratio: Array = np.ones(0)
        """Capital over output of the base year, ``(country,)``."""
        self.remembered: list[int] = []
        self.banks: tuple[str, ...] = ()

    def fixed(self) -> tuple[object, ...]:
        """Return what no year changes: the calendar too."""
        return (*super().fixed(), self.calendar, self.capital_ratio)

    def open(self, now: Year) -> None:
        """Draw the calendar."""
        if not self.drawn:
            return
        state = now.state
        self.capital_ratio = (state.private_capital + state.infrastructure_capital) / state.gdp
        sizes = len(state.gdp), len(state.bank_loans)
        luck = [_luck(now.luck, year, *sizes) for year in range(RECORDED_TO, LAST_YEAR + 1)]
        self.calendar = shocks.calendar(luck, self.base, self.parameters, self.elasticity)

    def beside(self, now: Year) -> Levers:
        """Return the levers of the year, what strikes laid on what the scenario asks for."""
        place = now.year - RECORDED_TO
        if not 0 <= place < len(self.calendar):
            return now.levers
        return Both(now.levers, self._levers(self.calendar[place]))

    def _levers(self, strike: shocks.Strike) -> dict[str, Array]:
        """Return what strikes in the year by lever; a lever that nothing moves is left out."""
        count = len(strike.damage)
        cost = np.full((count, count), strike.trade_cost)
        for closure in strike.closures:
            cost[closure.country, closure.partners] += closure.cost
            cost[closure.partners, closure.country] += closure.cost
        moved = {
            "capital_loss": shocks.share_of_capital(strike.damage, self.capital_ratio),
            "goal_loss": strike.goal_points,
            "productivity_growth": strike.growth,
            "trade_cost": cost,
            "cooperation": np.full(count, 1.0 - strike.travel),
            "suspension": np.full(count, strike.travel),
            "sudden_stop": strike.stop,
            "debt_distress": strike.distress,
            "bank_funding_cost": strike.funding,
            "bank_lending": 1.0 - strike.restraint,
        }
        table = lever_table()
        return {
            name: values for name, values in moved.items() if (values != table[name].default).any()
        }

    def remember(self, now: Year) -> None:
        """Keep which years are recorded, and what banks are called."""
        self.remembered.append(now.year)
        self.banks = tuple(bank.code for bank in now.agents.banks)

    def tables(self, now: Year) -> dict[str, RowTable]:
        """Return the table of shocks; none where nothing is drawn."""
        if not self.calendar:
            return {}
        rows = [
            (year, hit)
            for year in self.remembered
            if year > RECORDED_TO
            for hit in self.calendar[year - RECORDED_TO].hits
        ]
        columns: dict[str, NDArray[np.int64] | Array] = {
            "year": np.array([year for year, _ in rows], dtype=np.int64),
            "shock": np.array([shocks.KINDS.index(hit.kind) for _, hit in rows], dtype=np.int64),
            "country": np.array([hit.country for _, hit in rows], dtype=np.int64),
            "bank": np.array([hit.bank for _, hit in rows], dtype=np.int64),
            "size": np.array([hit.size for _, hit in rows], dtype=np.float64),
        }
        texts = {"shock": shocks.KINDS, "country": now.world.iso3, "bank": self.banks}
        return {"shocks": RowTable("shocks", columns, texts)}


def _luck(streams: Streams, year: int, countries: int, banks: int) -> shocks.Luck:
    """Return the uniforms of a year; each process has its own stream, of a shape that nothing moves."""
    return shocks.Luck(
        disaster=streams.uniform("shock disaster", year, (2, countries)),
        pandemic=streams.uniform("shock pandemic", year, 2),
        pandemic_country=streams.uniform("shock pandemic country", year, countries),
        stop=streams.uniform("shock stop", year, (3, countries)),
        waves=streams.uniform("shock waves", year, 2),
        downgrade=streams.uniform("shock downgrade", year, banks),
        closure=streams.uniform("shock closure", year, countries),
        partners=streams.uniform("shock closure partners", year, (countries, countries)),
    )


def swings_of(given: Given) -> SwingParameters | None:
    """Return the numbers of cycles and swings; None where nothing is drawn."""
    found = SwingParameters.from_parameters(given.parameters)
    return found if given.shocks else None


@kept_with_world
def regions(world: World) -> Ints:
    """Return the number of each economy's subregion, ``(country,)``."""
    _, region = np.unique(world.attributes["subregion"].astype(str), return_inverse=True)
    return region


@kept_with_world
def _places(world: World) -> shocks.Places:
    """Return whom shocks tell apart."""
    return shocks.Places(
        small=world.membership("SIDS"),
        developed=world.membership("developed_unctad_2014"),
        region=regions(world).astype(float),
    )
