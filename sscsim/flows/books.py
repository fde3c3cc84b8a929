"""Double entry: balance sheets of banks, payments with two ends, and the audit that holds them to it (¶82–83).

A payment is an array ``(bank, country)``: who stands at the bank's other end is always an economy. Accounts move by
payments and by two entries that no cash follows, write-offs and interest that a bank cannot pay. Money is in billions
of current US dollars.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sscsim.means import shares
from sscsim.types import Array

__all__ = [
    "Payments",
    "Sheet",
    "audit_books",
    "audit_limits",
    "audit_projects",
    "close_books",
    "net_interest",
]


TOLERANCE = 1e-9
"""Of the size of a balance sheet: what sums of floating-point numbers may differ by."""


@dataclass(frozen=True)
class Sheet:
    """Balance sheets, ``(bank,)``, bn USD. Callable capital and commitments stand off the books."""

    liquid_assets: Array
    loans: Array
    borrowings: Array
    payables: Array
    """Owed to former members for their shares."""
    paid_in: Array
    reserves: Array

    @property
    def assets(self) -> Array:
        """Liquid assets and loans."""
        return self.liquid_assets + self.loans

    @property
    def liabilities(self) -> Array:
        """Borrowings and what is owed to former members."""
        return self.borrowings + self.payables

    @property
    def equity(self) -> Array:
        """Paid-in capital and reserves."""
        return self.paid_in + self.reserves

    @property
    def gap(self) -> Array:
        """Assets less liabilities and equity: zero."""
        return self.assets - self.liabilities - self.equity

    @property
    def scale(self) -> Array:
        """What rounding is measured by: the sum of all accounts, at least a million dollars."""
        total = np.zeros_like(self.loans)
        for account in fields(self):
            total = total + np.abs(getattr(self, account.name))
        return np.maximum(total, 1e-3)


@dataclass(frozen=True)
class Payments:
    """A year's payments between banks and economies, ``(bank, country)``, bn USD, none negative."""

    capital_paid: Array
    principal_repaid: Array
    interest_received: Array
    bonds_sold: Array
    treasury_income: Array
    disbursed: Array
    bonds_repaid: Array
    bond_interest: Array
    expenses: Array
    capital_returned: Array
    written_off: Array
    """No cash: principal given up, by borrower."""
    capital_withdrawn: Array
    """No cash: paid-in capital that becomes owed to a former member."""
    interest_capitalised: Array
    """No cash: interest that a bank cannot pay and owes on top, ``(bank,)``."""

    @cached_property
    def received(self) -> Array:
        """What banks receive, ``(bank, country)``."""
        return (
            self.capital_paid
            + self.principal_repaid
            + self.interest_received
            + self.bonds_sold
            + self.treasury_income
        )

    @cached_property
    def paid(self) -> Array:
        """What banks pay, ``(bank, country)``."""
        return (
            self.disbursed
            + self.bonds_repaid
            + self.bond_interest
            + self.expenses
            + self.capital_returned
        )

    @property
    def net_to_countries(self) -> Array:
        """What each economy receives from all banks less what it pays them, ``(country,)``."""
        net: Array = (self.paid - self.received).sum(axis=0)
        return net

    @property
    def net_income(self) -> Array:
        """Income statement's last line, ``(bank,)``."""
        income: Array = (
            self.interest_received.sum(axis=1)
            + self.treasury_income.sum(axis=1)
            - self.bond_interest.sum(axis=1)
            - self.interest_capitalised
            - self.expenses.sum(axis=1)
            - self.written_off.sum(axis=1)
        )
        return income


def net_interest(
    received: Array, bond_interest: Array, treasury: Array, paid_in: Array, wealth: Array
) -> Array:
    """Return interest that passes through banks by whom it reaches, received less paid, ``(country,)``.

    Borrowers pay it; holders of bonds and debtors of banks' liquid assets are where wealth is; what a bank is left with
    is its owners', as reinvested earnings are in national accounts. The world's sum is zero.

    Parameters
    ----------
    received
        Paid by borrowers, ``(bank, country)``, bn USD.
    bond_interest, treasury
        Paid on bonds and earned on liquid assets, ``(bank,)``, bn USD.
    paid_in
        Capital that each member has paid in, ``(bank, country)``; a bank without any is the bondholders'.
    wealth
        Part of each country in the world's wealth, ``(country,)``; the sum is one, or zero where nobody has any.
    """
    left = received.sum(axis=1) + treasury - bond_interest
    owned = paid_in.sum(axis=1) > 0.0
    outside = bond_interest.sum() - treasury.sum() + left[~owned].sum()
    reached: Array = left @ shares(paid_in, axis=1) + outside * wealth - received.sum(axis=0)
    return reached


def close_books(sheet: Sheet, payments: Payments) -> Sheet:
    """Return the balance sheets at the end of a year: every payment and entry posted twice."""
    return Sheet(
        liquid_assets=sheet.liquid_assets
        + payments.received.sum(axis=1)
        - payments.paid.sum(axis=1),
        loans=sheet.loans
        + payments.disbursed.sum(axis=1)
        - payments.principal_repaid.sum(axis=1)
        - payments.written_off.sum(axis=1),
        borrowings=sheet.borrowings
        + payments.bonds_sold.sum(axis=1)
        - payments.bonds_repaid.sum(axis=1)
        + payments.interest_capitalised,
        payables=sheet.payables
        + payments.capital_withdrawn.sum(axis=1)
        - payments.capital_returned.sum(axis=1),
        paid_in=sheet.paid_in
        + payments.capital_paid.sum(axis=1)
        - payments.capital_withdrawn.sum(axis=1),
        reserves=sheet.reserves + payments.net_income,
    )


def audit_books(before: Sheet, after: Sheet, payments: Payments) -> list[str]:
    """Return what is wrong with a year's books, nothing if they are right.

    Assets equal liabilities and equity; no account but the reserves is negative; every payment runs one way, and what
    banks gain in cash economies lose.
    """
    found: list[str] = []
    scale = np.maximum(before.scale, after.scale)
    for bank in np.flatnonzero(np.abs(after.gap) > TOLERANCE * scale):
        found.append(f"bank {bank}: assets less liabilities and equity are {after.gap[bank]:.3g}")
    for name in ("liquid_assets", "loans", "borrowings", "payables", "paid_in"):
        values = getattr(after, name)
        for bank in np.flatnonzero(values < -TOLERANCE * scale):
            found.append(f"bank {bank}: {name} is negative, {values[bank]:.3g}")
    for account in fields(payments):
        values = getattr(payments, account.name)
        if not np.isfinite(values).all():
            found.append(f"{account.name} is not finite")
        elif values.size and values.min() < -TOLERANCE * scale.max():
            found.append(f"{account.name} runs backwards, {values.min():.3g}")
    cash = (after.liquid_assets - before.liquid_assets).sum()
    ends = payments.net_to_countries.sum() + cash
    if abs(ends) > TOLERANCE * max(scale.sum(), 1.0):
        found.append(f"payments have one end: {ends:.3g} appears or is lost")
    return found


def audit_projects(
    amount: Array,
    cancelled: Array,
    disbursed: Array,
    repaid: Array,
    written_off: Array,
    arrears: Array,
    bank: NDArray[np.integer],
    loans: Array,
) -> list[str]:
    """Return what is wrong with the loans one by one, and where their sum differs from the books.

    Principal is disbursed, repaid, outstanding, cancelled or written off, and nothing else.

    Parameters
    ----------
    amount, cancelled, disbursed, repaid, written_off, arrears
        ``(project,)``, bn USD.
    bank
        ``(project,)``, the bank of each.
    loans
        ``(bank,)``, loans in the books.
    """
    found: list[str] = []
    outstanding = disbursed - repaid - written_off
    room = TOLERANCE * np.maximum(amount, 1.0)
    for name, wrong in (
        ("more is paid out and cancelled than was approved", disbursed + cancelled > amount + room),
        ("more is repaid and written off than was paid out", outstanding < -room),
        ("more is overdue than is outstanding", arrears > outstanding + room),
        (
            "something runs backwards",
            np.minimum.reduce([cancelled, disbursed, repaid, written_off, arrears]) < -room,
        ),
    ):
        if wrong.any():
            found.append(f"project {np.flatnonzero(wrong)[0]}: {name}")
    total = np.bincount(bank, weights=outstanding, minlength=len(loans))
    for place in np.flatnonzero(np.abs(total - loans) > TOLERANCE * np.maximum(loans, 1.0)):
        found.append(
            f"bank {place}: loans in the books {loans[place]:.12g}, project by project {total[place]:.12g}"
        )
    return found


def audit_limits(
    outstanding: Array,
    disbursed: Array,
    statutory: Array,
    borrowings: Array,
    bonds_sold: Array,
    borrowing_limit: Array,
    liquid_assets: Array,
    liquidity: Array,
) -> list[str]:
    """Return which limits do not hold, ``(bank,)`` each, bn USD.

    A limit can be passed without an act of the bank, when capital is lost or withdrawn. Then it holds in what the bank
    may do: it pays nothing out above the statutory limit or below its liquidity, and sells no bonds above the limit on
    borrowings.
    """
    found: list[str] = []
    slack = TOLERANCE * np.maximum(np.abs(statutory) + outstanding, 1.0)
    for bank in np.flatnonzero((outstanding > statutory + slack) & (disbursed > slack)):
        found.append(
            f"bank {bank}: pays out {disbursed[bank]:.3g} with {outstanding[bank]:.6g} outstanding over its statutory "
            f"limit of {statutory[bank]:.6g}"
        )
    for bank in np.flatnonzero((borrowings > borrowing_limit + slack) & (bonds_sold > slack)):
        found.append(f"bank {bank}: sells bonds above its limit on borrowings")
    for bank in np.flatnonzero((liquid_assets < liquidity - slack) & (disbursed > slack)):
        found.append(f"bank {bank}: pays out {disbursed[bank]:.3g} below its liquidity rule")
    return found
