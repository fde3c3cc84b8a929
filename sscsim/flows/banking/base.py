"""What banks' rules and the parameters of all banks give together: how fast they pay out, the books they bring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sscsim.flows.banking.capital import Shares
from sscsim.flows.banking.parameters import BankingParameters
from sscsim.flows.banking.portfolio import disbursed_share
from sscsim.flows.banking.proposals import Mandates, Slate, Weights
from sscsim.means import shares
from sscsim.types import Array, Index, Mask
from sscsim.world.institutions import INFRASTRUCTURE, SECTORS_OF_LENDING
from sscsim.world.institutions.banks import BankRules

__all__ = [
    "BankFiles",
    "BankingBase",
    "Windows",
    "disbursement_profile",
    "opening_loans",
    "opening_pace",
]


OLDEST = 60
"""Years since approval up to which the disbursement profile is tabulated."""

VINTAGE_STEP = 3
"""An opening portfolio stands in loans of every third year."""


@dataclass(frozen=True)
class Windows:
    """Terms under which each bank lends, ``(bank, window)``; banks with fewer windows never look at the rest."""

    sovereign: Mask
    revolving: Mask
    """Lines that are paid out when they are approved and, once repaid, lent again."""
    maturity: Array
    grace: Array
    margin: Array

    def flat(self, bank: Index, window: Index) -> Index:
        """Return where the terms of windows stand in the flattened arrays."""
        places: Index = bank * self.margin.shape[1] + window
        return places


@dataclass(frozen=True)
class BankFiles:
    """What the files say of all banks, as arrays in their order, ``(bank,)`` unless said otherwise."""

    opened_at: Array
    """When operations began, in years and their fraction."""
    first_year: NDArray[np.int64]
    """First year simulated."""
    on_equity: Mask
    """Whether the statutory limit is one over equity, not over capital subscribed and reserves."""
    statutory: Array
    """Statutory limit over its base at the opening."""
    raised: Array
    """What the governors may raise it to."""
    borrowing: Array
    """Limit of borrowings over equity; not a number where the bank has none of its own."""
    country: Array
    """Limit of one borrower over the statutory limit."""
    liquidity: Array
    """Liquid assets over the next year's net payments."""
    project_size: Array
    """Mean size of a project, bn USD."""
    cofinanced: Array
    cancelled: Array
    """Part of approvals that is given up; not a number where the file leaves it to the parameter."""
    reverse_linkage: Array
    """Budget for knowledge that members give each other, bn USD a year."""
    headquarters: Index
    """Row of the country that earns the bank's expenses; -1 where it is not in the world."""
    shares: Shares
    slate: Slate
    mandates: Mandates
    sectors: Array
    """Parts of proposals by sector, ``(bank, sector)``."""
    renewable: Array
    """Renewable part of energy proposals, ``(bank,)``."""
    windows: Windows
    scoring: Weights

    @classmethod
    def of(cls, rules: Sequence[BankRules]) -> Self:
        """Stack the rules of single banks."""
        banks = [one.bank for one in rules]

        def number(values: Iterable[float | None]) -> Array:
            return np.array([np.nan if v is None else v for v in values], dtype=np.float64)

        def stack(name: str) -> NDArray[Any]:
            return np.array([getattr(one, name) for one in rules])

        scoring = [bank.scoring for bank in banks]
        return cls(
            opened_at=number(bank.opened_at for bank in banks),
            first_year=np.array([one.first_year for one in rules], dtype=np.int64),
            on_equity=np.array([b.limits.statutory.base == "equity" for b in banks], np.bool_),
            statutory=number(bank.limits.statutory.value for bank in banks),
            raised=number(
                limit.value if limit.raised is None else limit.raised
                for limit in (bank.limits.statutory for bank in banks)
            ),
            borrowing=number(
                b.limits.borrowing.value if b.limits.borrowing else None for b in banks
            ),
            country=number(bank.limits.country.value for bank in banks),
            liquidity=number(bank.limits.liquidity.value for bank in banks),
            project_size=number(bank.project_size.value for bank in banks),
            cofinanced=number(bank.cofinanced.value for bank in banks),
            cancelled=number(bank.cancelled.value if bank.cancelled else None for bank in banks),
            reverse_linkage=number(
                bank.reverse_linkage.value if bank.reverse_linkage else 0.0 for bank in banks
            ),
            headquarters=np.array([one.headquarters for one in rules], dtype=np.intp),
            shares=Shares(
                subscribed=number(bank.capital.subscribed.value for bank in banks),
                share=stack("share"),
                since=stack("since"),
                until=stack("until"),
                candidate=stack("candidate"),
                paid_in_ratio=number(one.paid_in_ratio for one in rules),
                instalments=_padded([one.paid_in for one in rules]),
            ),
            slate=Slate(
                bank=np.repeat(np.arange(len(rules)), [len(one.borrowers) for one in rules]),
                country=np.concatenate([np.zeros(0, np.intp), *(one.borrowers for one in rules)]),
                mandate=np.concatenate([np.zeros(0), *(one.mandate for one in rules)]),
            ),
            mandates=Mandates.of(
                [one.sectors for one in rules],
                [one.window_share for one in rules],
                [bank.sectors.renewable for bank in banks],
            ),
            sectors=stack("sectors"),
            renewable=number(bank.sectors.renewable for bank in banks),
            windows=Windows(
                sovereign=_padded([one.window_sovereign for one in rules]).astype(np.bool_),
                revolving=_padded([one.window_revolving for one in rules]).astype(np.bool_),
                maturity=_padded([one.window_maturity for one in rules]),
                grace=_padded([one.window_grace for one in rules]),
                margin=_padded([one.window_margin for one in rules]),
            ),
            scoring=Weights(
                **{f.name: number(getattr(one, f.name) for one in scoring) for f in fields(Weights)}
            ),
        )


@dataclass(frozen=True)
class BankingBase:
    """All banks, and what the base year says of debt."""

    parameters: BankingParameters
    rules: tuple[BankRules, ...]
    banks: BankFiles
    profile: Array
    """Part disbursed by the end of a year, by window and years since approval, ``(bank, window, year)``."""
    pace: Array
    """What banks older than the base year pay out a year at the pace of their opening books, ``(bank, country)``."""
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

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Banks' codes in the order of the arrays."""
        return tuple(rules.bank.code for rules in self.rules)

    @cached_property
    def added_up(self) -> tuple[Index, Index]:
        """Rows of the groups whose loans banks' table adds up: least developed countries, small island States."""
        return np.flatnonzero(self.ldc), np.flatnonzero(self.sids)

    @cached_property
    def builds(self) -> tuple[Array, Array]:
        """Parts of proposals by sector of infrastructure, ``(bank, sector)``, and for renewable energy, ``(bank,)``."""
        sectors = self.banks.sectors
        return (
            sectors[:, :INFRASTRUCTURE],
            sectors[:, SECTORS_OF_LENDING.index("energy")] * self.banks.renewable,
        )


def disbursement_profile(rules: Sequence[BankRules], parameters: BankingParameters) -> Array:
    """Return the part paid out by the end of a year, by years since approval, ``(bank, window, year)``.

    Revolving windows pay out at once, the others by the schedule of the bank or of all banks.
    """
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
    revolving = _padded([one.window_revolving for one in rules]).astype(np.bool_)
    by_window: Array = np.where(revolving[:, :, None], 1.0, profile[:, None, :])
    return by_window


def opening_pace(rules: Sequence[BankRules], gdp_current: Array, profile: Array) -> Array:
    """Return what each bank paid out a year before it enters, by its opening book, ``(bank, country)``, bn USD.

    A bank that approves the same every year has, at any time, so many years' approvals signed and not yet paid out as
    its schedule takes on average; it pays out a year what it approves. A new bank paid nothing.

    Revolving lines are left out: they finance trade and working capital, and build nothing.

    Parameters
    ----------
    profile
        Part disbursed by the end of a year, by years since approval, ``(bank, window, year)``.
    """
    pace = np.zeros((len(rules), len(gdp_current)))
    for place, one in enumerate(rules):
        opening = one.bank.opening_balance
        if opening is not None:
            spread = opening_spread(one, gdp_current, one.first_year - 1)
            window = _largest(one.window_share, ~one.window_revolving)
            pace[place] = _yearly(opening.undisbursed, profile[place, window]) * spread
    return pace


def opening_spread(rules: BankRules, gdp_current: Array, year: int) -> Array:
    """Return the parts of the opening portfolio by borrower, ``(country,)``; they add up to one.

    Those that the file does not name are spread over borrowing members by the square root of GDP.
    """
    weight = np.zeros(len(gdp_current))
    members = rules.borrowers[(rules.since <= year)[rules.borrowers]]
    members = members if members.size else rules.borrowers
    weight[members] = np.sqrt(gdp_current[members])
    opening = rules.bank.opening_balance
    rest = max(1.0 - sum(opening.loans_by_country.values()), 0.0) if opening else 1.0
    return shares(rest * shares(weight) + rules.opening_share)


def _largest(share: Array, among: Mask) -> int:
    """Return the place of the largest among some windows, or of all where it is none of them."""
    return int(np.argmax(np.where(among, share, share - 1.0 - share.sum())))


def _yearly(undisbursed: float, profile: Array) -> float:
    """Return approvals a year that leave so much signed and not yet paid out, bn USD."""
    waiting = float((1.0 - profile).sum())
    return undisbursed / waiting if waiting > 0.0 else 0.0


def opening_loans(
    place: int, rules: BankRules, gdp_current: Array, year: int, profile: Array
) -> dict[str, NDArray[Any] | int | float | bool]:
    """Return the portfolio that a bank brings into the model, as columns of projects; empty for a new bank.

    What is signed and not yet paid out stands in vintages that were approved evenly and are as far paid out as the
    schedule says, so that payments go on as they were. The other loans stand in vintages of every third year as in a
    portfolio that has been lent evenly; terms are those of the largest window. What stands in revolving windows was
    lent in the year before.

    Parameters
    ----------
    profile
        Part disbursed by the end of a year, by years since approval, ``(window, year)``.
    """
    opening = rules.bank.opening_balance
    if opening is None:
        return {}
    weight = opening_spread(rules, gdp_current, year)
    countries = np.flatnonzero(weight)
    window = _largest(rules.window_share, ~rules.window_revolving)
    revolving = _largest(rules.window_share, rules.window_revolving)
    maturity, grace = int(rules.window_maturity[window]), int(rules.window_grace[window])
    profile, lines = profile[window], opening.revolving * opening.loans
    # Under way: as many years' approvals as are not paid out in full.
    under_way = np.flatnonzero(profile < 1.0)
    yearly = _yearly(opening.undisbursed, profile)
    paid = yearly * profile[under_way]
    # A book that is too small to hold what was paid on them has some that have not begun.
    begun = min((opening.loans - lines) / paid.sum(), 1.0) if paid.sum() > 0.0 else 1.0
    late = opening.undisbursed * (1.0 - begun)
    ages = np.arange(0, maturity, VINTAGE_STEP)
    left = np.where(ages < grace, 1.0, (maturity - ages) / (maturity - grace))
    grown = max(opening.loans - lines - begun * paid.sum(), 0.0) * left / left.sum()
    age = np.concatenate([under_way, [0], ages, [0]])
    amount = np.concatenate([np.full(len(under_way), begun * yearly), [late], grown, [lines]])
    disbursed = np.concatenate([begun * paid, [0.0], grown, [lines]])
    windows = np.append(np.full(len(age) - 1, window), revolving)
    there = amount > 0.0
    age, amount, disbursed = age[there], amount[there], disbursed[there]
    approved = np.tile(year - age, len(countries))
    terms = np.tile(windows[there], len(countries))
    amount, disbursed = (
        np.outer(weight[countries], values).reshape(-1) for values in (amount, disbursed)
    )
    receiver = np.repeat(countries, len(age))
    complete = np.tile((disbursed >= amount)[: len(age)], len(countries))
    return {
        "receiver": receiver,
        "year_approved": approved,
        "first_disbursement": np.where(disbursed > 0.0, approved, -1),
        "completed": np.where(complete, year, -1),
        "amount": amount,
        "disbursed": disbursed,
        "status": np.where(complete, 2, np.where(disbursed > 0.0, 1, 0)),
        "lender": place,
        "window": terms,
        "cell": place * len(gdp_current) + receiver,
        "revolving": rules.window_revolving[terms],
        "sovereign": rules.window_sovereign[terms],
        "grace": rules.window_grace[terms].astype(np.int64),
        "maturity": rules.window_maturity[terms].astype(np.int64),
        "margin": rules.window_margin[terms],
    }


def _padded(rows: Sequence[NDArray[Any]]) -> Array:
    """Return rows of unlike length as one array, each going on as it ends, ``(row, place)``."""
    longest = max((len(row) for row in rows), default=0)
    places = np.arange(longest)
    padded = [np.asarray(row)[np.minimum(places, len(row) - 1)] for row in rows]
    return np.array(padded, dtype=np.float64).reshape(len(rows), longest)
