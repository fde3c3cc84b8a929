"""Countries: what each is, and what it decides in a year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sscsim.agents.base import FromState, SscAgent
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.world.state import State

__all__ = ["Country"]


class Country(SscAgent):
    """A country: a UN member or a trading economy.

    Decisions are class methods, one array expression for all countries at once; a subclass that overrides one changes
    the decision of every country, and may tell countries apart by their rows.
    """

    population = FromState()
    labour = FromState()
    human_capital = FromState()
    gini = FromState()
    poverty_headcount = FromState()
    private_capital = FromState()
    infrastructure_capital = FromState()
    productivity = FromState()
    gdp = FromState()
    gdp_current = FromState()
    gni = FromState()
    real_income = FromState()
    investment_share = FromState()
    wage = FromState()
    price_index = FromState()
    exports = FromState()
    imports = FromState()
    home_sales = FromState()
    deficit_ratio = FromState()
    fdi_inflow = FromState()
    fdi_outflow = FromState()
    fdi_inward_stock = FromState()
    fdi_outward_stock = FromState()
    oda_received = FromState()
    remittances_received = FromState()
    other_finance_received = FromState()
    host_attraction = FromState()
    goals = FromState()
    cooperation_capacity = FromState()
    provider = FromState()
    agency = FromState()
    coordination = FromState()
    un_support = FromState()
    reporting = FromState()
    transaction_cost = FromState()

    def __init__(self, model: Any, index: int, iso3: str) -> None:
        super().__init__(model, index)
        self.iso3 = iso3

    def __repr__(self) -> str:
        return f"Country({self.iso3})"

    @classmethod
    def invest(cls, state: State) -> Array:
        """Decide gross fixed capital formation, ``(country,)``, bn 2015 USD: a share of real income."""
        return state.investment_share * state.real_income

    @classmethod
    def invest_abroad(cls, state: State) -> Array:
        """Decide how much of what its income and the cycle would have it invest abroad it does invest, ``(country,)``.

        One is all of it; the scenario's lever is followed to the letter.
        """
        return state.outward_fdi_factor.copy()

    @classmethod
    def begin_to_provide(cls, state: State, rate: Array) -> Array:
        """Decide the rate a year at which those who do not provide cooperation begin to, ``(country,)``.

        The rate that capacity, income, peers and support make for is followed.
        """
        return rate

    @classmethod
    def found_agency(cls, state: State, rate: Array) -> Array:
        """Decide the rate a year at which those without an agency for cooperation found one, ``(country,)``."""
        return rate

    @classmethod
    def begin_to_report(cls, state: State, rate: Array) -> Array:
        """Decide the rate a year at which those who do not report on their cooperation begin to, ``(country,)``."""
        return rate

    @classmethod
    def ask(cls, state: State, expected: Array) -> Array:
        """Decide the expected number of requests for help this year, ``(country, domain)``.

        What need and capacity make for is asked for.
        """
        return expected

    @classmethod
    def offer(cls, state: State, limit: Array) -> Array:
        """Decide how many projects each is ready to provide at once, ``(country,)``: as many as its people can run."""
        return limit
