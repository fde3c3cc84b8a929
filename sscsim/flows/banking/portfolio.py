"""Loans under way: what is paid out by when, what borrowers pay, what is given up, and where each loan stands."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.flows.banking.parameters import BankingParameters
from sscsim.types import Array, Index, Mask
from sscsim.world.loans import NONE, STATUSES, LoanTable, outstanding, undisbursed

__all__ = [
    "Collection",
    "Portfolio",
    "collect",
    "disbursed_share",
    "due_to_borrowers",
    "give_up",
    "share_paid",
]

Years = NDArray[np.integer]

_APPROVED, _DISBURSING, _REPAYING, _ARREARS, _CLOSED, _CANCELLED, _WRITTEN_OFF = range(
    len(STATUSES)
)


@dataclass
class Portfolio:
    """Some rows of the table of loans, side by side: columns of the table by their names, ``(loan,)`` each.

    A year works on them and writes them back once.
    """

    row: Index
    lender: Index
    receiver: Index
    sector: Index
    sovereign: Mask
    year_approved: Years
    first_disbursement: Years
    completed: Years
    grace: Years
    maturity: Years
    margin: Array
    amount: Array
    cancelled: Array
    disbursed: Array
    repaid: Array
    written_off: Array
    arrears: Array
    arrears_since: Years
    cancels: Years
    defaults: Years

    @classmethod
    def of(cls, table: LoanTable, row: Index) -> Self:
        """Return rows of a table."""
        columns = {f.name: getattr(table, f.name)[row] for f in fields(cls) if f.name != "row"}
        for name in ("lender", "receiver", "sector"):
            columns[name] = columns[name].astype(np.intp)
        return cls(row=row, **columns)

    def __len__(self) -> int:
        return len(self.row)

    @property
    def outstanding(self) -> Array:
        """Principal owed, ``(loan,)``, bn USD."""
        return outstanding(self.disbursed, self.repaid, self.written_off)

    @property
    def undisbursed(self) -> Array:
        """Approved, not cancelled, not yet paid out, ``(loan,)``, bn USD."""
        return undisbursed(self.amount, self.cancelled, self.disbursed)

    def book(self, got: Collection) -> None:
        """Enter what borrowers paid and what was written off."""
        self.repaid += got.principal
        self.written_off += got.written_off
        self.arrears = got.arrears
        self.arrears_since = got.arrears_since

    def pay_out(self, paid: Array, year: int) -> None:
        """Enter what was paid out, ``(loan,)``."""
        self.disbursed += paid
        self.first_disbursement[(paid > 0.0) & (self.first_disbursement == NONE)] = year

    def close(self, table: LoanTable, year: int) -> Array:
        """Write a year back, each loan in one of the statuses; return what is yet to be paid out, ``(loan,)``."""
        left = self.undisbursed
        waiting = left > 0.0
        status = (self.disbursed > 0.0).astype(np.int8)
        idle = ~waiting & (status == _APPROVED)
        status[~waiting] = _REPAYING
        status[self.arrears > 0.0] = _ARREARS
        over = ~waiting & ~(self.outstanding > 0.0)
        status[over] = _CLOSED
        status[over & (self.written_off > 0.0)] = _WRITTEN_OFF
        status[idle] = _CANCELLED
        self.completed[~waiting & (self.completed == NONE)] = year
        table.status[self.row] = status
        for name in _WRITTEN_BACK:
            getattr(table, name)[self.row] = getattr(self, name)
        return left


_WRITTEN_BACK = (
    "first_disbursement",
    "completed",
    "cancelled",
    "disbursed",
    "repaid",
    "written_off",
    "arrears",
    "arrears_since",
)


def disbursed_share(age: Array, parameters: BankingParameters) -> Array:
    """Return the part of a project that is paid out by the end of a year, by years since approval.

    Projects are approved at the middle of a year on average; ``1 − (1 − x^a)^b``, ``x`` being age over the time to the
    last payment (Kumaraswamy 1980).
    """
    x = np.clip((age + 0.5) / parameters.disbursement_years, 0.0, 1.0)
    share: Array = 1.0 - (1.0 - x**parameters.disbursement_start) ** parameters.disbursement_end
    return share


def give_up(loans: Portfolio, member: Array, year: int) -> Array:
    """Give up what luck gave up, what failed, and what was promised to those who left; return it, ``(loan,)``.

    Parameters
    ----------
    member
        Whether a country is a member, ``(bank, country)``.
    """
    over = loans.cancels == year
    over |= (loans.defaults == year) & ~loans.sovereign
    over |= (member[loans.lender, loans.receiver] == 0.0) & (loans.year_approved < year)
    given_up = np.where(over, loans.undisbursed, 0.0)
    loans.cancelled += given_up
    return given_up


@dataclass(frozen=True)
class Collection:
    """What a year brings of each loan, ``(loan,)``, bn USD."""

    principal: Array
    interest: Array
    arrears: Array
    arrears_since: NDArray[np.int64]
    written_off: Array


def collect(
    loans: Portfolio, distress: Array, year: int, parameters: BankingParameters
) -> Collection:
    """Return interest, principal and losses of a year.

    Principal is repaid in equal parts of what is outstanding over the years that are left, after the grace period. A
    State in distress pays a development bank most of what falls due (preferred-creditor treatment), and the rest is
    overdue; unpaid interest is not booked. A private borrower that fails pays what is recovered and no more.

    Parameters
    ----------
    loans
        As the year began.
    distress
        Above zero where a country is in debt distress, ``(country,)``.
    """
    owed = loans.outstanding
    distressed = loans.sovereign & (distress > 0.0)[loans.receiver]
    failed = (loans.defaults >= 0) & (loans.defaults <= year) & ~loans.sovereign & (owed > 0.0)
    age = np.where(loans.first_disbursement >= 0, year - loans.first_disbursement, NONE)
    repays = age >= loans.grace
    left = np.maximum(loans.maturity - age, 1)
    due = np.where(repays, (owed - loans.arrears) / left, 0.0)
    due += loans.arrears
    pays = np.where(distressed, parameters.preferred_creditor_share, 1.0)
    principal = due * pays
    interest = np.maximum(parameters.bank_funding_rate + loans.margin, 0.0)
    interest *= owed
    interest *= pays
    overdue = due - principal
    # A private failure is the end of a loan, whatever was due.
    principal[failed] = parameters.private_recovery * owed[failed]
    interest[failed] = 0.0
    overdue[failed] = 0.0
    behind = overdue > 0.0
    since = np.where(behind, np.where(loans.arrears_since < 0, year, loans.arrears_since), NONE)
    late = behind & (year - since >= parameters.write_off_delay)
    written = np.where(late, parameters.write_off_share * overdue, 0.0)
    overdue -= written
    written[failed] = owed[failed] - principal[failed]
    return Collection(principal, interest, overdue, since.astype(np.int64), written)


def due_to_borrowers(loans: Portfolio, profile: Array, year: int) -> tuple[Array, Array]:
    """Return what is due to be paid out this year and, if it is, in the next, ``(loan,)``.

    Parameters
    ----------
    profile
        Part disbursed by the end of a year, by bank and years since approval, ``(bank, year)``.
    """
    age = year - loans.year_approved.astype(np.intp)
    size = loans.amount - loans.cancelled
    last = profile.shape[1] - 1
    planned = profile[loans.lender, np.clip(age, 0, last)] * size
    following = profile[loans.lender, np.clip(age + 1, 0, last)] * size
    # What is not yet paid out is nothing where all is.
    now = np.minimum(np.maximum(planned - loans.disbursed, 0.0), loans.undisbursed)
    done = np.maximum(planned, loans.disbursed)
    return now, np.maximum(following - done, 0.0)


def share_paid(wanted: Array, allowed: Array) -> Array:
    """Return the part of what is due that each bank can pay, ``(bank,)``; all where nothing is due.

    Parameters
    ----------
    wanted, allowed
        What is due and what can be paid, ``(bank,)``, bn USD.
    """
    share = np.divide(allowed, wanted, out=np.ones_like(wanted), where=wanted > 0.0)
    return np.minimum(share, 1.0)
