"""What banks' rules and the parameters of all banks give together: how fast they pay out, the books they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sscsim.flows.banking import BankingParameters, disbursed_share
from sscsim.world.institutions.banks import BankRules

__all__ = [
    "BankingBase",
    "disbursement_profile",
    "opening_loans",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

OLDEST = 60
"""Years since approval up to which the disbursement profile is tabulated."""

VINTAGE_STEP = 3
"""An opening portfolio stands in loans of every third year."""


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
