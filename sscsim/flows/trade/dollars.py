"""What an economy's output is worth in dollars of the day: the record's price, then back towards the model's own.

Hat algebra gives the price of an economy's output relative to the world's, ŵ. Dollars of the record hold more: exchange
rates and the prices of what is exported, which no goods market of the model explains. The gap between the two is a real
exchange rate. To the end of the record it is data; then it closes at a constant rate, with a half-life of three to five
years (Rogoff 1996). It is a price and nothing else: what a lever does to volumes it does to dollars too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.errors import InadmissibleInput
from sscsim.types import Array

__all__ = ["Dollars", "recorded_price", "value_output"]


@dataclass(frozen=True)
class Dollars:
    """How output in dollars of the day departs from what it is at the model's own prices."""

    gap: Array
    """Logarithm of the price of own output over the model's ŵ, ``(country,)``."""
    level: float
    """World output in dollars over what it is at the model's prices, which exchange rates do not move."""


def recorded_price(dollars: Array, growth: Array, price: Array) -> Array:
    """Return the price of each economy's output relative to the world's, as recorded.

    Parameters
    ----------
    dollars
        GDP at current prices, bn current USD, ``(year, country)``, the base year first.
    growth
        Real growth of the years after the base year, fractions, ``(year - 1, country)``.
    price
        Price of the world's output, ``(year,)``, in any unit.

    Returns
    -------
    numpy.ndarray
        ``(year, country)``, ratio; one in the base year.

    Raises
    ------
    InadmissibleInput
        When a figure is missing or not positive, or the years are not the same.
    """
    if dollars.shape != (len(growth) + 1, growth.shape[1]) or len(price) != len(dollars):
        raise InadmissibleInput(
            "the records of output in dollars and of growth are of different years",
            key="gdp_busd",
            found=f"{len(dollars)} years",
            allowed=f"the base year and the {len(growth)} years of the growth record",
        )
    if not (dollars > 0.0).all():
        raise InadmissibleInput(
            "an economy's recorded output in dollars is not positive",
            key="gdp_busd",
            found=float(dollars.min()),
            allowed="above 0",
        )
    volume = np.concatenate([np.ones((1, growth.shape[1])), np.cumprod(1.0 + growth, axis=0)])
    ratio: Array = (dollars / dollars[0]) / volume / (price / price[0])[:, None]
    return ratio


def value_output(
    own: Array, wage: Array, dollars: Dollars, recorded: Array | None
) -> tuple[Array, Dollars]:
    """Return output in dollars of the day, and the gap and level that give it.

    Parameters
    ----------
    own
        Output at the model's own prices and the world's price level, bn current USD, ``(country,)``.
    wage
        ŵ, the model's price of own output relative to the world's, ``(country,)``.
    dollars
        Gap and level that hold after the record.
    recorded
        The record's price in place of ŵ (`recorded_price`), while there is one.

    Returns
    -------
    output
        bn current USD, ``(country,)``.
    dollars
        Within the record what the record implies; after it what was given.

    Notes
    -----
    After the record the world's output in dollars keeps its distance from volumes at the world's price level: exchange
    rates that close move economies against each other and not the world.
    """
    if recorded is not None:
        gap: Array = np.log(recorded / wage)
        output: Array = own * np.exp(gap)
        return output, Dollars(gap, float(output.sum() / own.sum()))
    output = own * np.exp(dollars.gap)
    output *= dollars.level * own.sum() / output.sum()
    return output, dollars
