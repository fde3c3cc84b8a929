"""Capital of banks: members come and go, subscribe by their shares, and pay in by instalments."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sscsim.counts import whole
from sscsim.types import Array, Mask

__all__ = ["Capital", "Membership", "Shares", "members_of_year", "paid_in_share", "subscribe"]


NOTHING = 1e-12
"""Billions of dollars below which a payment is rounding."""


@dataclass(frozen=True)
class Shares:
    """Who may hold how much of which bank, as the files say; ``(bank, country)`` unless said otherwise.

    Attributes
    ----------
    subscribed
        Capital subscribed at the opening, bn USD, ``(bank,)``.
    share
        Part of it, candidates included.
    since, until
        Years of joining and of leaving, far away for candidates and for others.
    candidate
        Who joins only if governors let candidates in.
    paid_in_ratio
        Paid-in over subscribed capital, ``(bank,)``.
    instalments
        Part of paid-in capital that a member has paid by the end of its first, second … year, ``(bank, year)``.
    """

    subscribed: Array
    share: Array
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    candidate: Mask
    paid_in_ratio: Array
    instalments: Array

    @cached_property
    def open_to(self) -> Mask:
        """Whether a bank has candidates, ``(bank,)``."""
        return np.asarray(self.candidate.any(axis=1))


@dataclass(frozen=True)
class Membership:
    """Who is a member, 0 or 1, and since when, zero for those that never joined; ``(bank, country)``."""

    member: Array
    joined: Array


@dataclass(frozen=True)
class Capital:
    """Capital of a year, ``(bank, country)`` unless said otherwise, bn USD."""

    subscription: Array
    paid: Array
    withdrawn: Array
    paid_in_when_due: Array
    """``(bank,)``: paid-in capital once all instalments of what is subscribed are paid."""


def members_of_year(
    shares: Shares, last: Membership, working: Mask, admission: Array, admits: Array, year: int
) -> Membership:
    """Return the members of a year: those whose time has come join, those whose time is over leave.

    Parameters
    ----------
    working
        Banks that have opened, ``(bank,)``.
    admission
        By policy: whether a bank takes new members, above zero, ``(bank,)``.
    admits
        Whether governors have let candidates in, above zero, ``(bank,)``.
    """
    comes = shares.since <= year
    if admits.any():
        comes |= shares.candidate & (admits > 0.0)[:, None]
    comes &= last.joined == 0.0
    comes &= last.member == 0.0
    comes &= (working & (admission > 0.0))[:, None]
    goes = shares.until <= year
    goes &= working[:, None]
    if not np.count_nonzero(comes | goes):
        return last
    return Membership(
        member=np.where(goes, 0.0, np.where(comes, 1.0, last.member)),
        joined=np.where(comes, float(year), last.joined),
    )


def paid_in_share(instalments: Array, joined: Array, year: int) -> Array:
    """Return the part of its paid-in capital that each member has paid by the end of a year, ``(bank, country)``.

    A member that joins later pays by the same instalments from then on.

    Parameters
    ----------
    instalments
        Parts paid by the end of the first, second … year, ``(bank, year)``.
    joined
        Year of each member's first instalment, ``(bank, country)``.
    """
    banks, most = instalments.shape
    paid = whole(np.minimum(np.maximum(year + 1 - joined, 0.0), most), "instalments")
    # The place of the last one paid; where none is, that of some other, which does not count.
    place = paid + (np.arange(banks) * most - 1)[:, None]
    share: Array = np.where(paid > 0, instalments.reshape(-1).take(place), 0.0)
    return share


def subscribe(
    shares: Shares,
    members: Membership,
    working: Mask,
    held: Array,
    called: Array,
    paid_in: Array,
    multiple: Array,
    increase_paid_in: float,
    year: int,
) -> Capital:
    """Return what members subscribe and what of it they pay or take back this year.

    Parameters
    ----------
    held
        Capital of the opening relative to the file, by policy, ``(bank,)``.
    called
        Callable capital that members had to pay so far, ``(bank, country)``.
    paid_in
        What they have paid in so far, ``(bank, country)``.
    multiple
        Capital subscribed over that of the opening, by the governors' increases, ``(bank,)``.
    increase_paid_in
        Part of an increase that is paid in.
    """
    base = (shares.subscribed * held * working)[:, None] * shares.share * members.member
    ratio = shares.paid_in_ratio[:, None]
    extra = (increase_paid_in * (multiple - 1.0))[:, None]
    subscription = base * multiple[:, None]
    share = paid_in_share(shares.instalments, members.joined, year)
    due = np.minimum(base * (ratio * share + extra), subscription) + called * (members.member > 0.0)
    change = np.where(working[:, None], due - paid_in, 0.0)
    np.putmask(change, np.abs(change) < NOTHING, 0.0)
    return Capital(
        subscription=subscription,
        paid=np.maximum(change, 0.0),
        withdrawn=np.maximum(-change, 0.0),
        paid_in_when_due=(base * (ratio * shares.instalments[:, -1:] + extra)).sum(axis=1),
    )
