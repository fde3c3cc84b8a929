"""A step: travellers follow the income of those who travel, and boards let them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.world.state import variable
from sscsim_example.board import TouristBoard


class Travel(Submodel):
    """Departures grow with income; travellers go where their country trades."""

    name = "travel"
    title = "people travel to where their country trades"
    after = "growth"
    """It follows the step that sets the year's income."""
    variables = (
        variable("departures", "country", "million", "Travellers who leave in the year"),
        variable("arrivals", "country", "million", "Travellers who are let in in the year"),
    )
    reads = ("gdp", "trade", "population")

    def __init__(self, given: Given, others: Submodels) -> None:
        self.elasticity = given.parameters["travel_elasticity"]
        self.part = given.parameters["travel_part"]
        self.room = given.parameters["travel_room"]
        self.boards: Sequence[TouristBoard] = ()

    def agents(self, model: Any) -> Mapping[str, Sequence[Any]]:
        """Return a board for each country; the model holds them as ``model.tourist_boards``."""
        count = len(model.world.iso3)
        self.boards = [TouristBoard(model, i, self.room) for i in range(count)]
        return {"tourist_boards": self.boards}

    def open(self, now: Year) -> None:
        """Let the base year's travellers go before there is anybody to decide."""
        now.state.departures, now.state.arrivals = self.flows(now)

    def run(self, now: Year) -> None:
        """Simulate a year's travellers."""
        now.state.departures, coming = self.flows(now)
        let_in = [board.admit(float(coming[board.index])) for board in self.boards]
        now.state.arrivals = np.array(let_in)

    def flows(self, now: Year) -> tuple[Any, Any]:
        """Return who leaves and who comes, million, each ``(country,)``."""
        state, opening = now.state, now.opening
        richer = (state.gdp / state.population) / (opening.gdp / opening.population)
        departures = self.part * state.population * richer**self.elasticity
        sent = state.trade.sum(axis=1, keepdims=True)
        # Who trades with nobody travels nowhere.
        to = np.divide(state.trade, sent, out=np.zeros_like(state.trade), where=sent > 0.0)
        return departures, departures @ to
