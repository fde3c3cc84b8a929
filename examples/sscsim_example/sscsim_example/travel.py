"""A step: travellers follow the income of those who travel."""

from __future__ import annotations

import numpy as np

from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.world.state import variable


class Travel(Submodel):
    """Departures grow with income; travellers go where others of the same origin trade."""

    name = "travel"
    title = "people travel to where their country trades"
    after = "growth"
    """It follows the step that sets the year's income."""
    variables = (
        variable("departures", "country", "million", "Travellers who leave in the year"),
        variable("arrivals", "country", "million", "Travellers who arrive in the year"),
    )
    reads = ("gdp", "trade", "population")

    def __init__(self, given: Given, others: Submodels) -> None:
        self.elasticity = given.parameters["travel_elasticity"]
        self.part = given.parameters["travel_part"]

    def open(self, now: Year) -> None:
        """Let the base year's travellers go before anything is simulated."""
        self.run(now)

    def run(self, now: Year) -> None:
        """Simulate a year's travellers."""
        state, opening = now.state, now.opening
        richer = (state.gdp / state.population) / (opening.gdp / opening.population)
        state.departures = self.part * state.population * richer**self.elasticity
        sent = state.trade.sum(axis=1, keepdims=True)
        # Who trades with nobody travels nowhere; nobody is lost elsewhere.
        to = np.divide(state.trade, sent, out=np.zeros_like(state.trade), where=sent > 0.0)
        state.arrivals = state.departures @ to
