"""Loans under way: what is paid out by when, what borrowers pay, what is given up, and where each loan stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from types import ModuleType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.compiled import compiled_loops
from sscsim.flows.banking.parameters import BankingParameters
from sscsim.means import part
from sscsim.types import Array, Index, Mask
from sscsim.world.loans import NONE, OPEN, STATUSES, LoanTable, outstanding, undisbursed

__all__ = [
    "Collection",
    "PaidOut",
    "Portfolio",
    "Served",
    "collect",
    "disbursed_share",
    "due_to_borrowers",
    "give_up",
    "pay_out",
    "serve",
    "share_paid",
    "total",
]

Years = NDArray[np.integer]

_LOOPS = "sscsim.flows.banking.loops"
_SAVED = 0.0001
"""Seconds of a year that compiled loops save of `serve`, and of `pay_out` (see `sscsim.compiled`)."""

_APPROVED, _DISBURSING, _REPAYING, _ARREARS, _CLOSED, _CANCELLED, _WRITTEN_OFF = range(
    len(STATUSES)
)


@dataclass
class Portfolio:
    """Rows of the table of loans that follow one another: columns of the table by their names, ``(loan,)`` each.

    Columns are views: a year works on them, and has written into the table. Loans that are over stay among them, owe
    nothing, and are left as they are.
    """

    lender: Index
    receiver: Index
    sector: Index
    window: Index
    cell: Index
    revolving: Mask
    renewable: Mask
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
    status: NDArray[np.int8]

    @classmethod
    def of(cls, table: LoanTable, first: int = 0) -> Self:
        """Return a table's rows from one on."""
        return cls(**table.held(cls.__dataclass_fields__, first))

    def __len__(self) -> int:
        return len(self.lender)

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
        under_way = self.status < OPEN
        np.copyto(self.arrears, got.arrears, where=under_way)
        np.copyto(self.arrears_since, got.arrears_since, where=under_way)

    def pay_out(self, paid: Array, year: int) -> None:
        """Enter what was paid out, ``(loan,)``."""
        self.disbursed += paid
        self.first_disbursement[(paid > 0.0) & (self.first_disbursement == NONE)] = year

    def close(self, year: int) -> Array:
        """End a year, each loan in one of the statuses; return what is yet to be paid out, ``(loan,)``."""
        left = self.undisbursed
        waiting = left > 0.0
        facts = (
            self.disbursed > 0.0,
            waiting,
            self.outstanding > 0.0,
            self.arrears > 0.0,
            self.written_off > 0.0,
        )
        np.putmask(self.completed, ~waiting & (self.completed == NONE), year)
        self.status[:] = _STATUS.take(_numbered(facts))
        return left


def _status(begun: bool, waiting: bool, owed: bool, behind: bool, lost: bool) -> int:
    """Return where a loan stands by what was paid out, is yet to be, is owed, is overdue, and was written off."""
    if not (waiting or owed):
        return _CANCELLED if not begun else _WRITTEN_OFF if lost else _CLOSED
    if behind:
        return _ARREARS
    if not begun:
        return _APPROVED
    return _DISBURSING if waiting else _REPAYING


_STATUS = np.array([_status(*facts) for facts in product((False, True), repeat=5)], dtype=np.int8)
"""Every status of `_status`, in the order of `_numbered`."""


def _numbered(facts: Sequence[Mask]) -> NDArray[np.uint8]:
    """Return the binary number that each loan's facts are the digits of, ``(loan,)``, the first one its highest."""
    number = np.zeros(facts[0].shape, dtype=np.uint8)
    for fact in facts:
        number += number
        number += fact.view(np.uint8)
    return number


def disbursed_share(age: Array, parameters: BankingParameters) -> Array:
    """Return the part of a project that is paid out by the end of a year, by years since approval.

    Projects are approved at the middle of a year on average; ``1 − (1 − x^a)^b``, ``x`` being age over the time to the
    last payment (Kumaraswamy 1980).
    """
    x = np.clip((age + 0.5) / parameters.disbursement_years, 0.0, 1.0)
    share: Array = 1.0 - (1.0 - x**parameters.disbursement_start) ** parameters.disbursement_end
    return share


def give_up(loans: Portfolio, member: Array, year: int) -> Array:
    """Give up what luck gave up, what failed, and what was promised to those who left; return it, ``(bank,)``.

    Parameters
    ----------
    member
        Whether a country is a member, ``(bank, country)``.
    """
    over = loans.defaults == year
    over &= ~loans.sovereign
    over |= loans.cancels == year
    outside = (member == 0.0).reshape(-1).take(loans.cell)
    outside &= loans.year_approved < year
    over |= outside
    rows = over.nonzero()[0]
    left = undisbursed(loans.amount[rows], loans.cancelled[rows], loans.disbursed[rows])
    loans.cancelled[rows] += left
    return total(loans.lender[rows], left, len(member))


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
        As the year began. Those that are over bring nothing, whatever rounding has left of them.
    distress
        Above zero where a country is in debt distress, ``(country,)``.
    """
    owed, before = loans.outstanding, loans.arrears * (loans.status < OPEN)
    distressed = (loans.sovereign & (distress > 0.0).take(loans.receiver)).nonzero()[0]
    failing = (loans.defaults >= 0) & (loans.defaults <= year)
    failing &= ~loans.sovereign
    failed = (failing & (owed > 0.0)).nonzero()[0]
    # Nothing is owed on what has not begun, of whatever age.
    age = year - loans.first_disbursement
    left = np.maximum(loans.maturity - age, 1)
    principal = owed - before
    principal /= left
    principal *= age >= loans.grace
    principal += before
    interest = parameters.bank_funding_rate + loans.margin
    np.maximum(interest, 0.0, out=interest)
    interest *= owed
    # Few are in distress, and they alone can fall behind with anything.
    due, overdue = principal[distressed], np.zeros(len(loans))
    paid = due * parameters.preferred_creditor_share
    principal[distressed] = paid
    interest[distressed] *= parameters.preferred_creditor_share
    overdue[distressed] = due - paid
    # A private failure is the end of a loan, whatever was due.
    principal[failed] = parameters.private_recovery * owed[failed]
    interest[failed] = 0.0
    since, written = np.full(len(loans), NONE, dtype=np.int64), np.zeros(len(loans))
    behind = distressed[overdue[distressed] > 0.0]
    so_far = loans.arrears_since[behind]
    since[behind] = np.where(so_far < 0, year, so_far)
    late = behind[year - since[behind] >= parameters.write_off_delay]
    written[late] = parameters.write_off_share * overdue[late]
    overdue[late] -= written[late]
    written[failed] = owed[failed] - principal[failed]
    return Collection(principal, interest, overdue, since, written)


def due_to_borrowers(
    loans: Portfolio, undisbursed: Array, profile: Array, year: int
) -> tuple[Array, Array]:
    """Return what is due to be paid out this year and, if it is, in the next, ``(loan,)``.

    Parameters
    ----------
    loans, undisbursed
        Approved by this year, and what of them is not yet paid out.
    profile
        Part disbursed by the end of a year, by years since approval, ``(bank, window, year)``.
    """
    windows, years = profile.shape[1:]
    place = loans.lender * windows
    place += loans.window
    place *= years
    age = year - loans.year_approved
    # Beyond its last year a profile stays where it is.
    flat, last = profile.reshape(-1), years - 1
    size = loans.amount - loans.cancelled
    planned = flat.take(place + np.minimum(age, last))
    planned *= size
    age += 1
    place += np.minimum(age, last, out=age)
    following = flat.take(place)
    following *= size
    np.maximum(planned, loans.disbursed, out=planned)
    following -= planned
    planned -= loans.disbursed
    # What is not yet paid out is nothing where all is.
    now = np.minimum(planned, undisbursed)
    return now, np.maximum(following, 0.0, out=following)


@dataclass(frozen=True)
class Served:
    """What a year of loans comes to before anything is paid out, ``(bank, country)`` unless said otherwise, bn USD."""

    principal: Array
    interest: Array
    written: Array
    """Written off."""
    waiting: Array
    """Approved and not yet paid out."""
    cancelled: Array
    """Given up, ``(bank,)``."""
    arrears: Array
    """Overdue, ``(bank,)``."""
    revolved: Array
    """Principal paid back within revolving windows, ``(bank,)``."""
    following: Array
    """Due to borrowers next year, ``(bank,)``."""
    due: Array
    """Due to borrowers this year, ``(loan,)``."""

    @cached_property
    def by_bank(self) -> tuple[Array, Array, Array]:
        """Principal, interest and what is written off, ``(bank,)``."""
        principal, interest, written = self.principal, self.interest, self.written
        return principal.sum(axis=1), interest.sum(axis=1), written.sum(axis=1)


def serve(
    loans: Portfolio,
    member: Array,
    distress: Array,
    profile: Array,
    year: int,
    parameters: BankingParameters,
) -> Served:
    """Give up what is given up, collect what borrowers pay, enter both, and say what is due to be paid out.

    Parameters
    ----------
    loans, member, distress, profile
        As of `give_up`, `collect` and `due_to_borrowers`.
    """
    loops = compiled_loops(_LOOPS, _SAVED)
    if loops is not None:
        return _served_by(loops, loans, member, distress, profile, year, parameters)
    cancelled = give_up(loans, member, year)
    got = collect(loans, distress, year, parameters)
    loans.book(got)
    undisbursed = loans.undisbursed
    due, following = due_to_borrowers(loans, undisbursed, profile, year)

    def by_pair(values: Array) -> Array:
        return total(loans.cell, values, member.size).reshape(member.shape)

    def by_bank(values: Array) -> Array:
        return total(loans.lender, values, len(member))

    return Served(
        principal=by_pair(got.principal),
        interest=by_pair(got.interest),
        written=by_pair(got.written_off),
        waiting=by_pair(undisbursed),
        cancelled=cancelled,
        arrears=by_bank(got.arrears),
        revolved=by_bank(got.principal * loans.revolving),
        following=by_bank(following),
        due=due,
    )


def _served_by(
    loops: ModuleType,
    loans: Portfolio,
    member: Array,
    distress: Array,
    profile: Array,
    year: int,
    p: BankingParameters,
) -> Served:
    """Return what the compiled loop makes of a year, see `loops.served`."""
    flows, sums, due = loops.served(
        (
            loans.lender,
            loans.cell,
            loans.receiver,
            loans.grace,
            loans.maturity,
            loans.margin,
            loans.sovereign,
            loans.revolving,
        ),
        (
            loans.year_approved,
            loans.first_disbursement,
            loans.cancels,
            loans.defaults,
            loans.status,
        ),
        (loans.window, profile.reshape(-1), *profile.shape[1:]),
        (
            loans.amount,
            loans.cancelled,
            loans.disbursed,
            loans.repaid,
            loans.written_off,
            loans.arrears,
            loans.arrears_since,
        ),
        (
            p.preferred_creditor_share,
            p.bank_funding_rate,
            p.private_recovery,
            p.write_off_delay,
            p.write_off_share,
        ),
        (member == 0.0).reshape(-1),
        distress > 0.0,
        (year, OPEN, NONE, len(member)),
    )
    principal, interest, written, waiting = flows.reshape(4, *member.shape)
    cancelled, arrears, revolved, following = sums
    return Served(
        principal=principal,
        interest=interest,
        written=written,
        waiting=waiting,
        cancelled=cancelled,
        arrears=arrears,
        revolved=revolved,
        following=following,
        due=due,
    )


@dataclass(frozen=True)
class PaidOut:
    """What a year pays out, bn USD."""

    disbursed: Array
    """``(bank, country)``."""
    by_sector: Array
    """But for revolving windows, the unknown sector first, ``(sector, bank, country)``."""
    renewable: Array
    """For renewable energy, ``(country,)``."""
    waiting: Array
    """Yet to be paid out, ``(bank,)``."""


def pay_out(
    loans: Portfolio, due: Array, share: Array, shape: tuple[int, int], sectors: int, year: int
) -> PaidOut:
    """Pay out a part of what is due, and end the year.

    Parameters
    ----------
    loans, due
        With those that were approved this year; what is due on each, ``(loan,)``.
    share
        Part of it that is paid, ``(bank,)``.
    shape, sectors
        How many banks and countries there are, and sectors of lending.
    """
    (banks, countries), cells = shape, shape[0] * shape[1]
    loops = compiled_loops(_LOOPS, _SAVED)
    if loops is not None:
        paid, built, renewable, waiting = loops.paid_out(
            (
                loans.lender,
                loans.cell,
                loans.receiver,
                loans.sector,
                loans.revolving,
                loans.renewable,
            ),
            (loans.first_disbursement, loans.completed, loans.status),
            (
                loans.amount,
                loans.cancelled,
                loans.disbursed,
                loans.repaid,
                loans.written_off,
                loans.arrears,
            ),
            (due, share),
            _STATUS,
            (year, NONE, banks, countries, 1 + sectors),
        )
        return PaidOut(paid.reshape(shape), built.reshape(1 + sectors, *shape), renewable, waiting)
    paid = due * share.take(loans.lender)
    place = loans.sector + 1
    place *= cells
    place += loans.cell
    # Revolving lines finance trade and working capital, and build nothing.
    builds = ~loans.revolving
    built = total(place, paid * builds, (1 + sectors) * cells)
    green = (loans.renewable & builds).nonzero()[0]
    renewable = total(loans.receiver[green], paid[green], countries)
    loans.pay_out(paid, year)
    return PaidOut(
        total(loans.cell, paid, cells).reshape(shape),
        built.reshape(1 + sectors, *shape),
        renewable,
        total(loans.lender, loans.close(year), banks),
    )


def total(place: NDArray[np.integer], values: Array, count: int) -> Array:
    """Return sums by place, ``(count,)``."""
    return np.asarray(np.bincount(place, weights=values, minlength=count), dtype=np.float64)


def share_paid(wanted: Array, allowed: Array) -> Array:
    """Return the part of what is due that each bank can pay, ``(bank,)``; all where nothing is due.

    Parameters
    ----------
    wanted, allowed
        What is due and what can be paid, ``(bank,)``, bn USD.
    """
    share = np.where(wanted > 0.0, part(allowed, wanted), 1.0)
    return np.minimum(share, 1.0)
