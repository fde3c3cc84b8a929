"""How much a bank may approve, and how it meets its year by cash, bonds and called capital."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.flows.banking.parameters import BankingParameters
from sscsim.types import Array

__all__ = ["Borrowing", "Means", "Obligations", "borrow", "envelope", "ramp_between"]


def ramp_between(start: Array | float, end: Array | float, midpoint: float, width: float) -> Array:
    """Return the integral over age of the logistic ramp ``1 / (1 + exp(−(t − midpoint) / width))``, years.

    Over a year it is the mean pace of that year, between 0 and 1; ages before `start` do not count.
    """
    grown = np.logaddexp(0.0, (np.asarray(end) - midpoint) / width)
    before = np.logaddexp(0.0, (np.asarray(start) - midpoint) / width)
    paced: Array = width * np.maximum(grown - before, 0.0)
    return paced


def envelope(
    headroom: Array,
    age: Array,
    parameters: BankingParameters,
    *,
    speed: Array | float = 1.0,
    revolved: Array | float = 0.0,
) -> Array:
    """Return what each bank may approve in a year, ``(bank,)``: ``ramp(age) · κ · headroom``, and what is lent again.

    Parameters
    ----------
    headroom
        Limit less loans outstanding and less what is signed and not yet paid out; below zero it counts as zero.
    age
        Years since the opening at the end of the year.
    speed
        How fast banks age, 1 by default.
    revolved
        Principal repaid within revolving windows, which is there to be lent again.
    """
    # A bank approves from the end of its first appraisals on, in what is left of that year.
    start = np.maximum(age - 1.0, parameters.bank_appraisal_time)
    pace = ramp_between(
        start * speed,
        np.maximum(age, start) * speed,
        parameters.bank_ramp_midpoint,
        parameters.bank_ramp_width,
    )
    new = pace / speed * parameters.bank_envelope_share * np.maximum(headroom, 0.0)
    allowed: Array = new + revolved
    return allowed


@dataclass(frozen=True)
class Borrowing:
    """How a bank meets its year, ``(bank,)``, bn USD."""

    disbursed: Array
    bonds_sold: Array
    bonds_repaid: Array
    bond_interest: Array
    interest_capitalised: Array
    expenses: Array
    called: Array
    """Callable capital that members must pay."""
    capital_returned: Array


@dataclass(frozen=True)
class Obligations:
    """What a bank owes in a year, ``(bank,)``, bn USD."""

    bonds: Array
    interest: Array
    expenses: Array
    payables: Array
    """To former members."""

    @property
    def first(self) -> Array:
        """What comes before former members and borrowers."""
        return self.bonds + self.interest + self.expenses


@dataclass(frozen=True)
class Means:
    """What a bank can meet its year with, ``(bank,)``, bn USD."""

    cash: Array
    """Liquid assets after what came in this year."""
    target: Array
    """Liquid assets that the liquidity rule asks for at the end of the year."""
    borrowings: Array
    """At the start of the year."""
    borrowing_limit: Array
    """The most there may be."""
    callable_capital: Array
    """What members can still be called for."""


def borrow(wanted: Array, room: Array, owed: Obligations, means: Means) -> Borrowing:
    """Return what is paid out and borrowed, within the statutory limit, the limit on borrowings and the liquidity rule.

    Obligations come first. Where cash and new bonds do not meet them, callable capital is called; where that is used
    up, repayment of bonds waits, then expenses, then interest, which is owed on top: a bank in default. Former members
    are paid from what is left, then borrowers from what stands above the liquidity target.

    Parameters
    ----------
    wanted
        Disbursements that are due, ``(bank,)``.
    room
        Room under the statutory limit, ``(bank,)``.
    """
    can_borrow = np.maximum(means.borrowing_limit - (means.borrowings - owed.bonds), 0.0)
    short = np.maximum(owed.first - means.cash - can_borrow, 0.0)
    called = np.minimum(short, means.callable_capital)
    defaults = short > called
    cash = means.cash + called

    # In default nothing is rolled over: what cash and net borrowing allow goes to interest, expenses, bonds in turn.
    more = np.maximum(means.borrowing_limit - means.borrowings, 0.0)
    bond_interest = np.where(defaults, np.minimum(owed.interest, cash + more), owed.interest)
    spent = np.where(
        defaults, np.minimum(owed.expenses, cash + more - bond_interest), owed.expenses
    )
    left = np.maximum(cash - bond_interest - spent, 0.0)
    bonds_repaid = np.where(defaults, np.minimum(owed.bonds, left), owed.bonds)
    emergency = np.maximum(bond_interest + spent - cash, 0.0)

    after = cash - bonds_repaid - bond_interest - spent
    above = np.where(defaults, 0.0, after + can_borrow - means.target)
    returned = np.minimum(owed.payables, np.maximum(above, 0.0))
    able = np.maximum(above - returned, 0.0)
    disbursed = np.maximum(np.minimum(wanted, np.minimum(room, able)), 0.0)
    sold = np.where(
        defaults,
        emergency,
        np.minimum(np.maximum(means.target + disbursed + returned - after, 0.0), can_borrow),
    )
    return Borrowing(
        disbursed=disbursed,
        bonds_sold=sold,
        bonds_repaid=bonds_repaid,
        bond_interest=bond_interest,
        interest_capitalised=np.maximum(owed.interest - bond_interest, 0.0),
        expenses=spent,
        called=called,
        capital_returned=returned,
    )
