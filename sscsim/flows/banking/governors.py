"""What a bank's governors see, and what they decide on capital, limit and members."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows.banking.parameters import BankingParameters
from sscsim.flows.banking.proposals import place_on
from sscsim.means import part
from sscsim.types import Array

__all__ = ["DECISIONS", "Outlook", "decide", "headroom_years"]


DECISIONS = ("none", "capital increase", "higher limit", "accession")
"""What governors can decide in a year; the state holds the place."""


def headroom_years(headroom: Array, net_lending: Array, most: float) -> Array:
    """Return how long headroom lasts at a pace of lending, ``(bank,)``, years.

    Parameters
    ----------
    headroom
        Limit less loans and what is signed and not yet paid out, bn USD.
    net_lending
        Lending of a year less repayments, bn USD; where repayments are larger the limit is never reached.
    most
        Years beyond which nobody looks.
    """
    lasting = part(np.maximum(headroom, 0.0), net_lending)
    return np.where(net_lending > 0.0, np.minimum(lasting, most), most)


@dataclass(frozen=True)
class Outlook:
    """What governors see, for one bank."""

    headroom_years: float
    """Years until a limit is reached as things go; infinite if it is not."""
    can_increase: bool
    """No earlier increase is still being subscribed."""
    can_raise_limit: bool
    can_admit: bool


def decide(outlook: Outlook, luck: Array, hazard: float, parameters: BankingParameters) -> int:
    """Return what the governors decide, the place in `DECISIONS`.

    Parameters
    ----------
    luck
        Two uniform numbers: whether, and what.
    hazard
        Probability of a decision in a year in which headroom is short.
    """
    if outlook.headroom_years >= parameters.governors_horizon or luck[0] >= hazard:
        return 0
    odds = np.array(
        [
            parameters.governors_increase_weight * outlook.can_increase,
            parameters.governors_limit_weight * outlook.can_raise_limit,
            parameters.governors_accession_weight * outlook.can_admit,
        ]
    )
    if odds.sum() <= 0.0:
        return 0
    return 1 + int(place_on(luck[1:2], odds / odds.sum())[0])
