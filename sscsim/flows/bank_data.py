"""Banks' files laid over the countries of a world: who owns and who borrows, on which terms, from which books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.flows.banking import BankingParameters, disbursed_share
from sscsim.world.institutions import SECTORS_OF_LENDING, Bank

__all__ = [
    "NEVER",
    "BankRules",
    "BankingBase",
    "disbursement_profile",
    "lay_banks",
    "opening_loans",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

NEVER = 9999
OLDEST = 60
"""Years since approval up to which the disbursement profile is tabulated."""

VINTAGE_STEP = 3
"""An opening portfolio stands in loans of every third year."""


@dataclass(frozen=True)
class BankRules:
    """One bank, in the order of a world's countries."""

    bank: Bank
    first_year: int
    """First year simulated: the opening, or the year after the opening balance."""
    share: Array
    """Part of the capital subscribed at the opening, candidates included, ``(country,)``."""
    since: NDArray[np.int64]
    """Year of joining, `NEVER` for candidates and for others, ``(country,)``."""
    until: NDArray[np.int64]
    candidate: Mask
    founder: Mask
    borrowers: Indices
    """Rows of countries that may ever borrow."""
    mandate: Array
    """Logarithm of the readiness to lend there, ``(borrower,)``."""
    paid_in: Array
    """Part of paid-in capital that a member has paid by the end of its first, second … year."""
    sectors: Array
    window_share: Array
    window_sovereign: Mask
    window_maturity: Array
    window_grace: Array
    window_margin: Array
    opening_share: Array
    """Parts of the opening portfolio that the file names, ``(country,)``."""
    headquarters: int
    """Row of the country that lives on the bank's expenses; -1 where it is not in the world."""

    @property
    def paid_in_ratio(self) -> float:
        """Paid-in over subscribed capital."""
        return self.bank.capital.paid_in.value / self.bank.capital.subscribed.value


@dataclass(frozen=True)
class BankingBase:
    """All banks, and what the base year says of debt."""

    parameters: BankingParameters
    rules: tuple[BankRules, ...]
    profile: Array
    """Part disbursed by the end of a year, by bank and years since approval, ``(bank, year)``."""
    sector_shares: Array
    """Parts of each bank's proposals by sector, ``(bank, sector)``."""
    readiness: Array
    """Quality of public administration over the world's mean, ``(country,)``."""
    mean_income: float
    """World GDP a head in the base year, thousand constant 2015 USD."""
    ldc: Mask
    lldc: Mask
    sids: Mask
    financier: Mask
    indebted: Mask
    """Countries whose external debt can become a burden: all but the financiers."""
    other_debt_ratio: Array
    """External debt to others than the banks over GDP, base year, ``(country,)``."""
    service_rate: Array
    """Debt service over external debt, base year, ``(country,)``."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Banks' codes in the order of the arrays."""
        return tuple(rules.bank.code for rules in self.rules)


def lay_banks(
    banks: Sequence[Bank],
    iso3: Sequence[str],
    groups: Mapping[str, Mask],
    base_year: int,
) -> tuple[BankRules, ...]:
    """Return each bank's rules for a world; countries that a world does not have own and borrow nothing.

    A bank without an owner or a borrower in the world is left out.
    """
    result = []
    for bank in banks:
        rules = _lay(bank, iso3, groups, base_year)
        if rules.share[rules.founder].sum() > 0.0 and rules.borrowers.size:
            result.append(rules)
    return tuple(result)


def _lay(bank: Bank, iso3: Sequence[str], groups: Mapping[str, Mask], base_year: int) -> BankRules:
    n = len(iso3)
    row = {code: i for i, code in enumerate(iso3)}
    opening = bank.opening_balance
    anchor = bank.opened_year if opening is None else max(opening.year, base_year)
    first_year = bank.opened_year if opening is None else anchor + 1
    share, candidate, founder = np.zeros(n), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    since, until = np.full(n, NEVER), np.full(n, NEVER)
    borrows = np.zeros(n, np.bool_)
    for code, member in (bank.candidates.of if bank.candidates else {}).items():
        if code in row:
            share[row[code]], candidate[row[code]] = member.share, True
            borrows[row[code]] = member.borrows
    for code, member in bank.members.of.items():
        if code in row:
            i = row[code]
            share[i], candidate[i], borrows[i] = member.share, False, member.borrows
            founder[i] = member.since is None or member.since <= anchor
            since[i] = max(member.since or 0, anchor)
            until[i] = member.until or NEVER
    held = share[founder].sum()
    if held > 0.0:
        # What owners outside the table hold (private banks, unrounded shares) is spread over those in it.
        share = share / held
    weight = np.full(n, bank.regions.elsewhere)
    for group, value in bank.regions.weights.items():
        weight = np.where(groups[group], np.maximum(value, weight), weight)
    borrowers = np.flatnonzero(borrows & (weight > 0.0))
    payments = bank.capital.payments.by_year
    if opening is None:
        last = max(payments)
        paid = np.array([payments.get(y, 0.0) for y in range(anchor, max(last, anchor) + 1)])
        paid[0] += sum(part for year, part in payments.items() if year < anchor)
    else:
        last = max(max(payments), anchor)
        paid = np.array([0.0] + [payments.get(y, 0.0) for y in range(anchor + 1, last + 1)])
        total = bank.capital.paid_in.value
        paid[0] = min(opening.paid_in / total, 1.0) if total > 0.0 else 1.0
        # What members of a grown bank still owe is what the opening balance does not hold.
        later = paid[1:].sum()
        if later > 1.0 - paid[0] and later > 0.0:
            paid[1:] *= (1.0 - paid[0]) / later
    opening_share = np.zeros(n)
    for code, part in (opening.loans_by_country if opening else {}).items():
        if code in row:  # the part of a country that this world lacks falls to the others
            opening_share[row[code]] = part
    windows = list(bank.windows.values())
    return BankRules(
        bank=bank,
        first_year=max(first_year, base_year + 1),
        share=share,
        since=since,
        until=until,
        candidate=candidate,
        founder=founder,
        borrowers=borrowers.astype(np.intp),
        mandate=np.log(weight[borrowers]),
        paid_in=np.cumsum(paid),
        sectors=np.array([bank.sectors.shares.get(s, 0.0) for s in SECTORS_OF_LENDING]),
        window_share=np.array([w.share for w in windows]),
        window_sovereign=np.array([w.sovereign for w in windows], np.bool_),
        window_maturity=np.array([float(w.maturity) for w in windows]),
        window_grace=np.array([float(w.grace) for w in windows]),
        window_margin=np.array([w.margin for w in windows]),
        opening_share=opening_share,
        headquarters=row.get(bank.headquarters, -1),
    )


def disbursement_profile(rules: Sequence[BankRules], parameters: BankingParameters) -> Array:
    """Return the part paid out by the end of a year, by bank and years since approval, ``(bank, year)``."""
    common = disbursed_share(np.arange(OLDEST, dtype=np.float64), parameters)
    profile = np.tile(common, (len(rules), 1))
    for place, one in enumerate(rules):
        schedule = one.bank.disbursement
        if schedule is not None:
            parts = np.zeros(OLDEST)
            for year, part in schedule.by_year.items():
                parts[min(max(year, 0), OLDEST - 1)] += part
            total = np.cumsum(parts)
            profile[place] = total / total[-1]
    return profile


def opening_loans(
    place: int, rules: BankRules, gdp_current: Array, year: int
) -> dict[str, NDArray[Any] | int | float | bool]:
    """Return the portfolio that a bank brings into the model, as columns of projects; empty for a new bank.

    The parts that the file does not name are spread over borrowing members by the square root of GDP. Loans stand in
    vintages of every third year as in a portfolio that has been lent evenly, those of the largest window; what is
    approved and not yet paid out is a project of the opening year.
    """
    opening = rules.bank.opening_balance
    if opening is None:
        return {}
    weight = np.zeros(len(gdp_current))
    members = rules.borrowers[(rules.since <= year)[rules.borrowers]]
    members = members if members.size else rules.borrowers
    weight[members] = np.sqrt(gdp_current[members])
    rest = max(1.0 - sum(opening.loans_by_country.values()), 0.0)
    weight *= rest / weight.sum()
    weight = weight + rules.opening_share
    weight /= weight.sum()
    window = int(np.argmax(rules.window_share))
    maturity, grace = int(rules.window_maturity[window]), int(rules.window_grace[window])
    ages = np.arange(0, maturity, VINTAGE_STEP)
    left = np.where(ages < grace, 1.0, (maturity - ages) / (maturity - grace))
    countries = np.flatnonzero(weight)
    amount = opening.loans * np.outer(weight[countries], left / left.sum()).reshape(-1)
    waiting = opening.undisbursed * weight[countries]
    approved = np.concatenate([np.tile(year - ages, len(countries)), np.full(len(countries), year)])
    disbursed = np.concatenate([amount, np.zeros(len(countries))])
    columns: dict[str, NDArray[Any] | int | float | bool] = {
        "receiver": np.concatenate([np.repeat(countries, len(ages)), countries]),
        "year_approved": approved,
        "first_disbursement": np.where(disbursed > 0.0, approved, -1),
        "completed": np.where(disbursed > 0.0, year, -1),
        "amount": np.concatenate([amount, waiting]),
        "disbursed": disbursed,
        "status": np.where(disbursed > 0.0, 2, 0),
    }
    there = np.concatenate([amount, waiting]) > 0.0
    kept = {name: np.asarray(values)[there] for name, values in columns.items() if np.ndim(values)}
    return kept | {
        "lender": place,
        "window": window,
        "sovereign": bool(rules.window_sovereign[window]),
        "grace": grace,
        "maturity": maturity,
        "margin": float(rules.window_margin[window]),
    }
