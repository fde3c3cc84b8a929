"""A year of loans as loops that Numba compiles: the same sums and comparisons as `portfolio` makes of whole columns.

Nothing is added up in another order than there, no product and sum become one instruction (no ``fastmath``), and so the
results are the same to the bit.

Only `sscsim.compiled` imports this file, where Numba is there and worth its start. Whole numbers and places are 64 bits
wide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sscsim.compiled import compiled

__all__ = ["paid_out", "served"]

_I, _R, _B, _S = "int64[]", "float64[]", "boolean[]", "int8[]"
"""Columns and arrays that are read."""

_WHOLE, _REAL, _SMALL = "int64[:]", "float64[:]", "int8[:]"
"""Columns that are written into."""

_TERMS = (_I, _I, _I, _I, _I, _R, _B, _B)
"""Of loans: lender, cell, receiver, grace, maturity, margin; sovereign, revolving."""

_TIMES = (_I, _I, _I, _I, _S)
"""Of loans: years approved, begun, given up, failed; status."""

_PLAN = (_I, _R, "int64", "int64")
"""By when what is paid out: window of each loan, profile laid end to end, its windows, its years."""

_MONEY = (_R, _REAL, _R, _REAL, _REAL, _REAL, _WHOLE)
"""Of loans: amount, cancelled, disbursed, repaid, written off, overdue; since when."""

_RATES = ("float64", "float64", "float64", "float64", "float64")
"""Parameters: what those in distress pay, cost of borrowing, recovery, delay and part of writing off."""


@compiled(_TERMS, _TIMES, _PLAN, _MONEY, _RATES, _B, _B, ("int64", "int64", "int64", "int64"))
def served(
    terms: Any,
    times: Any,
    plan: Any,
    money: Any,
    rates: Any,
    outside: Any,
    distressed: Any,
    given: Any,
) -> Any:
    """Give up, collect and enter what borrowers pay, see `portfolio.serve`.

    Parameters
    ----------
    terms, times, plan, money, rates
        See `_TERMS`, `_TIMES`, `_PLAN`, `_MONEY` and `_RATES`.
    outside, distressed
        Who is no member, ``(bank · country,)``, and who is in distress, ``(country,)``.
    given
        The year, the first status of a loan that is over, what stands for no year, how many banks there are.

    Returns
    -------
    flows
        Principal, interest, what is written off, what is not yet paid out, ``(flow, bank · country)``.
    sums
        Given up, overdue, repaid in revolving windows, due next year, ``(sum, bank)``.
    due
        To be paid out this year, ``(loan,)``.
    """
    lender, cell, receiver, grace, maturity, margin, sovereign, revolving = terms
    approved, begun, cancels, defaults, status = times
    window, profile, windows, years = plan
    amount, cancelled, disbursed, repaid, written_off, arrears, since = money
    preferred, borrowing, recovery, delay, loss = rates
    year, over, none, banks = given
    flows, sums = np.zeros((4, len(outside))), np.zeros((4, banks))
    due = np.empty(len(lender))
    for i in range(len(lender)):
        bank, place = lender[i], cell[i]
        waiting = amount[i] - cancelled[i] - disbursed[i]
        if waiting < 1e-12:
            waiting = 0.0
        if (
            (defaults[i] == year and not sovereign[i])
            or cancels[i] == year
            or (outside[place] and approved[i] < year)
        ):
            sums[0, bank] += waiting
            cancelled[i] += waiting
            waiting = amount[i] - cancelled[i] - disbursed[i]
            if waiting < 1e-12:
                waiting = 0.0
        owed = disbursed[i] - repaid[i] - written_off[i]
        if abs(owed) < 1e-12:
            owed = 0.0
        before = arrears[i] if status[i] < over else 0.0
        age = year - begun[i]
        principal = (owed - before) / max(maturity[i] - age, 1)
        if age < grace[i]:
            principal = 0.0
        principal += before
        interest = max(borrowing + margin[i], 0.0) * owed
        overdue, lost, behind = 0.0, 0.0, none
        if sovereign[i]:
            if distressed[receiver[i]]:
                paid = principal * preferred
                interest *= preferred
                overdue = principal - paid
                principal = paid
                if overdue > 0.0:
                    behind = year if since[i] < 0 else since[i]
                    if year - behind >= delay:
                        lost = loss * overdue
                        overdue -= lost
        elif 0 <= defaults[i] <= year and owed > 0.0:
            principal, interest = recovery * owed, 0.0
            lost = owed - principal
        repaid[i] += principal
        written_off[i] += lost
        if status[i] < over:
            arrears[i], since[i] = overdue, behind
        flows[0, place] += principal
        flows[1, place] += interest
        flows[2, place] += lost
        flows[3, place] += waiting
        sums[1, bank] += overdue
        if revolving[i]:
            sums[2, bank] += principal
        size = amount[i] - cancelled[i]
        first, age = (bank * windows + window[i]) * years, year - approved[i]
        planned = max(profile[first + min(age, years - 1)] * size, disbursed[i])
        following = profile[first + min(age + 1, years - 1)] * size - planned
        sums[3, bank] += max(following, 0.0)
        due[i] = min(planned - disbursed[i], waiting)
    return flows, sums, due


@compiled(
    (_I, _I, _I, _I, _B, _B),
    (_WHOLE, _WHOLE, _SMALL),
    (_R, _R, _REAL, _R, _R, _R),
    (_R, _R),
    _S,
    ("int64", "int64", "int64", "int64", "int64"),
)
def paid_out(places: Any, ends: Any, money: Any, asked: Any, statuses: Any, given: Any) -> Any:
    """Pay out and end the year, see `portfolio.pay_out`.

    Parameters
    ----------
    places
        Of loans: lender, cell, receiver, sector; revolving, renewable.
    ends
        Of loans: years begun and completed, status.
    money
        Of loans: amount, cancelled, disbursed, repaid, written off, overdue.
    asked
        What is due, ``(loan,)``, and the part of it that is paid, ``(bank,)``.
    statuses
        See `portfolio._STATUS`.
    given
        The year, what stands for no year, how many banks, countries and sectors there are.

    Returns
    -------
    paid
        ``(bank · country,)``.
    built
        For each sector, the unknown one first, but not in revolving windows, ``(sector, bank · country)``.
    renewable
        ``(country,)``.
    waiting
        Yet to be paid out, ``(bank,)``.
    """
    lender, cell, receiver, sector, revolving, green = places
    begun, completed, status = ends
    amount, cancelled, disbursed, repaid, written_off, arrears = money
    due, share = asked
    year, none, banks, countries, sectors = given
    paid, built = np.zeros(banks * countries), np.zeros((sectors, banks * countries))
    renewable, waiting = np.zeros(countries), np.zeros(banks)
    for i in range(len(lender)):
        bank, place = lender[i], cell[i]
        now = due[i] * share[bank]
        paid[place] += now
        if not revolving[i]:
            built[sector[i] + 1, place] += now
            if green[i]:
                renewable[receiver[i]] += now
        disbursed[i] += now
        if now > 0.0 and begun[i] == none:
            begun[i] = year
        left = amount[i] - cancelled[i] - disbursed[i]
        if left < 1e-12:
            left = 0.0
        waiting[bank] += left
        owed = disbursed[i] - repaid[i] - written_off[i]
        number = 16 if disbursed[i] > 0.0 else 0
        if left > 0.0:
            number += 8
        elif completed[i] == none:
            completed[i] = year
        if owed >= 1e-12:
            number += 4
        if arrears[i] > 0.0:
            number += 2
        if written_off[i] > 0.0:
            number += 1
        status[i] = statuses[number]
    return paid, built, renewable, waiting
