"""Development banks: who owns each, what it may lend, on which terms and for what.

A bank that a user adds is a file in a folder of the same layout (``banks/NAME.yaml``) and no code.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.names import FIRST_YEAR
from sscsim.types import Array, Index, Mask
from sscsim.world.institutions.laying import named_shares, place_weights, positions
from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
    SECTORS_OF_LENDING,
    SHARES_ADD_UP,
    Age,
    Country,
    Date,
    Flag,
    Holding,
    Institution,
    Margin,
    Money,
    Multiple,
    Part,
    Places,
    Reserves,
    Score,
    SectorMandate,
    Share,
    Source,
    Sourced,
    SourcedMoney,
    SourcedShare,
    SourcedSize,
    Strict,
    Terms,
    Weight,
    Word,
    Year,
    YearOfWork,
    check_sum,
)
from sscsim.yamlfile import Complaint

__all__ = [
    "KIND",
    "NEVER",
    "Bank",
    "BankRules",
    "Capital",
    "Limits",
    "Member",
    "OpeningBalance",
    "Window",
    "lay_banks",
]

if TYPE_CHECKING:
    from sscsim.world.tables import World


NEVER = 9999


class Payments(Sourced):
    """Parts of the paid-in capital by year."""

    by_year: dict[Year, Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_of_a_whole(self) -> Self:
        check_sum("the shares by year", self.by_year.values(), "by_year", whole=False)
        return self


class Disbursement(Sourced):
    """Parts of what is approved by years after the approval."""

    by_year: dict[Age, Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check_sum("the shares by year", self.by_year.values(), "by_year", whole=True)
        return self


class PaidOut(Sourced):
    """What a record says was paid out by the end of a year; the bank's schedule is held to it."""

    until: YearOfWork
    approved: dict[Year, Money] = Field(min_length=1, description="bn USD by year of approval")
    disbursed: Money = Field(description="bn USD of these paid out by the end of that year")


class Capital(Strict):
    """What members have subscribed, and what of it they pay in."""

    authorised: SourcedMoney = Field(description="bn USD that members may subscribe")
    subscribed: SourcedSize = Field(
        description="bn USD subscribed by those who are members at the opening"
    )
    paid_in: SourcedMoney = Field(
        description="bn USD of the subscribed capital that is paid in; the rest is callable"
    )
    payments: Payments = Field(
        description="parts of the paid-in capital by year, from the opening on"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        authorised, subscribed = self.authorised.value, self.subscribed.value
        if subscribed > authorised * (1 + SHARES_ADD_UP):
            raise Complaint(
                "subscribed capital is above authorised capital",
                "subscribed",
                "value",
                found=subscribed,
                allowed=f"at most {authorised:g}",
            )
        if self.paid_in.value > subscribed:
            raise Complaint(
                "paid-in capital is a part of subscribed capital",
                "paid_in",
                "value",
                found=self.paid_in.value,
                allowed=f"at most {subscribed:g}",
            )
        return self


class Member(Strict):
    """A shareholder: its part of the capital subscribed at the opening, and when it came and went."""

    share: Holding = Field(description="part of `capital.subscribed`")
    since: Year | None = Field(None, description="first year; without it from the opening on")
    until: Year | None = Field(None, description="first year in which it is no longer a member")
    borrows: Flag = True

    @model_validator(mode="after")
    def _comes_before_it_goes(self) -> Self:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise Complaint(
                f"member since {self.since} and until {self.until}",
                "until",
                found=self.until,
                allowed=f"a year after {self.since}",
            )
        return self

    def present(self, year: int) -> bool:
        """Whether it is a member in a year."""
        return (self.since or 0) <= year < (self.until or 9999)


class Members(Sourced):
    """Who owns the bank, by ISO code."""

    of: dict[Country, Member] = Field(min_length=1)


class Candidates(Sourced):
    """Who might be admitted by a decision of the governors: share each would subscribe, by ISO code."""

    of: dict[Country, Member] = Field(min_length=1)


class Limit(Sourced):
    """A ratio that must hold."""

    value: Multiple


class StatutoryLimit(Limit):
    """Largest outstanding loans over a base, and what the governors may raise it to."""

    base: Literal["capital", "equity"] = Field(
        "capital",
        description="capital: subscribed capital and reserves; equity: paid-in capital and reserves",
    )
    raised: Multiple | None = Field(None, description="what the governors may vote the limit up to")

    @model_validator(mode="after")
    def _raised_is_higher(self) -> Self:
        if self.raised is not None and self.raised <= self.value:
            raise Complaint(
                "the raised limit must lie above the limit",
                "raised",
                found=self.raised,
                allowed=f"above {self.value:g}",
            )
        return self


class Limits(Strict):
    """The limits of the bank; the first three are required."""

    statutory: StatutoryLimit = Field(description="outstanding loans over capital or equity")
    country: Limit = Field(
        description="loans and undisbursed commitments of one borrower over the statutory limit"
    )
    liquidity: Limit = Field(description="liquid assets over the next year's net payments")
    borrowing: Limit | None = Field(None, description="borrowings over equity")


class Window(Terms):
    """A way to lend, and its terms, from the first disbursement on."""

    share: Part = Field(description="part of proposals by number")
    sovereign: Flag = True
    revolving: Flag = Field(
        False,
        description="lines that are paid out when they are approved and, once repaid, lent again",
    )
    margin: Margin = Field(description="interest over the bank's own cost of borrowing")


class Scoring(Sourced):
    """What a proposal's standing is made of; weights on standardised pieces."""

    need: Score = 1.0
    mandate: Score = 1.0
    renewable: Score = 0.0
    ldc: Score = 0.0
    lldc: Score = 0.0
    sids: Score = 0.0
    exposure: Weight = Field(
        1.0, description="against countries that owe much of the limit already"
    )
    noise: Weight = Field(1.0, description="standard deviation of what the model does not see")


class OpeningBalance(Sourced):
    """The balance sheet that a bank older than the base year brings into it, bn USD, at the end of `year`."""

    FOLLOWS = ("borrowings",)

    year: YearOfWork
    liquid_assets: Money
    loans: Money
    undisbursed: Money = Field(0.0, description="approved and not yet disbursed, off the books")
    borrowings: Money
    paid_in: Money
    reserves: Reserves
    revolving: Share = Field(0.0, description="part of the loans that stands in revolving windows")
    loans_by_country: dict[Country, Share] = Field(
        {}, description="parts of the loans; what is left is spread over borrowing members"
    )

    @classmethod
    def following(cls, data: Mapping[str, Any]) -> dict[str, float]:
        """Return borrowings, as what is owned less equity; where equity is more than that the rest is liquid."""
        gap = data["liquid_assets"] + data["loans"] - data["paid_in"] - data["reserves"]
        return {
            "borrowings": max(gap, 0.0),
            "liquid_assets": data["liquid_assets"] + max(-gap, 0.0),
        }

    @model_validator(mode="after")
    def _balances(self) -> Self:
        gap = self.liquid_assets + self.loans - self.borrowings - self.paid_in - self.reserves
        if abs(gap) > 1e-6 * max(1.0, self.loans):
            raise Complaint(
                f"the opening balance does not balance: assets less liabilities and equity are {gap:.4g}",
                allowed="liquid_assets + loans = borrowings + paid_in + reserves",
            )
        check_sum(
            "the shares of loans by country",
            self.loans_by_country.values(),
            "loans_by_country",
            whole=False,
        )
        return self


class Bank(Institution):
    """A development bank as its file gives it."""

    headquarters: Country
    opened: Date = Field(description="date on which operations began, YYYY-MM-DD")
    opened_source: Source
    capital: Capital
    members: Members
    candidates: Candidates | None = None
    limits: Limits
    windows: dict[Word, Window] = Field(min_length=1)
    sectors: SectorMandate
    regions: Places = Field(description="readiness to consider proposals")
    scoring: Scoring
    project_size: SourcedSize = Field(description="mean size of an approved project, bn USD")
    cofinanced: SourcedShare = Field(description="part of projects that others finance as well")
    cancelled: SourcedShare | None = Field(
        None, description="part of approvals cancelled; without it the parameter of all banks"
    )
    disbursement: Disbursement | None = Field(
        None,
        description="parts by year after approval, 0 first; without it the profile of all banks",
    )
    paid_out: PaidOut | None = Field(
        None, description="what a record says was paid out; nothing follows from it but a check"
    )
    opening_balance: OpeningBalance | None = None
    reverse_linkage: SourcedMoney | None = Field(
        None,
        description="bn USD a year for knowledge that members give each other through the bank",
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        shares = [window.share for window in self.windows.values()]
        check_sum("the shares of windows", shares, "windows", whole=True, slack=0.02)
        if self.opening_balance is None:
            if self.opened_year < FIRST_YEAR:
                raise Complaint(
                    "a bank older than the base year needs an opening_balance",
                    "opened",
                    found=self.opened,
                    allowed=f"{FIRST_YEAR} or later without one",
                )
        elif self.opening_balance.year < self.opened_year:
            raise Complaint(
                "the opening balance is of a year before the bank opened",
                "opening_balance",
                "year",
                found=self.opening_balance.year,
                allowed=f"{self.opened_year} or later",
            )
        elif self.opening_balance.revolving and not any(
            window.revolving for window in self.windows.values()
        ):
            raise Complaint(
                "loans stand in revolving windows, and the bank has none",
                "opening_balance",
                "revolving",
                found=self.opening_balance.revolving,
                allowed="0, or a window with `revolving: true`",
            )
        self._check_members()
        return self

    def _check_members(self) -> None:
        """Check that nobody holds more than there is to hold, in the opening year and in any later one."""
        members = self.members.of
        first = max(self.opened_year, FIRST_YEAR)
        held = [m.share for m in members.values() if m.present(first)]
        check_sum("the shares of members at the opening", held, "members", "of", whole=False)
        if not any(held):
            raise Complaint(
                "nobody holds a share at the opening",
                "members",
                "of",
                allowed="a member from the opening on with a share above 0",
            )
        check_sum(
            "the shares of all members, over what is authorised,",
            [m.share for m in members.values()],
            "members",
            "of",
            whole=False,
            of=self.capital.authorised.value / self.capital.subscribed.value,
        )
        if not any(m.borrows for m in members.values()):
            raise Complaint(
                "no member borrows", "members", "of", allowed="a member without `borrows: false`"
            )

    @property
    def opened_date(self) -> datetime.date:
        """When operations began."""
        return datetime.date.fromisoformat(self.opened)

    @property
    def opened_year(self) -> int:
        """The year in which operations began."""
        return self.opened_date.year

    @property
    def opened_at(self) -> float:
        """When operations began, in years and their fraction."""
        return self.opened_year + (self.opened_date.timetuple().tm_yday - 1) / 365.25

    @property
    def callable(self) -> float:
        """Capital that members would pay only if called, bn USD."""
        return self.capital.subscribed.value - self.capital.paid_in.value


KIND = Kind("banks", "development bank", Bank)


# ----------------------------------------------------------------------------------------------- laid over a world


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
    borrowers: Index
    """Rows of countries that may ever borrow."""
    mandate: Array
    """Logarithm of the readiness to lend there, ``(borrower,)``."""
    paid_in: Array
    """Part of paid-in capital that a member has paid by the end of its first, second … year."""
    sectors: Array
    window_share: Array
    window_sovereign: Mask
    window_revolving: Mask
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


def lay_banks(
    banks: Sequence[Bank], world: World, base_year: int = FIRST_YEAR
) -> tuple[BankRules, ...]:
    """Return each bank's rules for a world; countries that a world does not have own and borrow nothing.

    A bank without an owner or a borrower in the world is left out.
    """
    result = []
    for bank in banks:
        rules = _lay(bank, world, base_year)
        if rules.share[rules.founder].sum() > 0.0 and rules.borrowers.size:
            result.append(rules)
    return tuple(result)


def _lay(bank: Bank, world: World, base_year: int) -> BankRules:
    opening = bank.opening_balance
    anchor = bank.opened_year if opening is None else max(opening.year, base_year)
    first_year = bank.opened_year if opening is None else anchor + 1
    owners = _owners(bank, world.iso3, anchor)
    weight = place_weights(bank.regions, world)
    borrowers = np.flatnonzero(owners.borrows & (weight > 0.0))
    # The part of a country that this world lacks falls to the others.
    named = opening.loans_by_country if opening else {}
    windows = list(bank.windows.values())
    return BankRules(
        bank=bank,
        first_year=max(first_year, base_year + 1),
        share=owners.share,
        since=owners.since,
        until=owners.until,
        candidate=owners.candidate,
        founder=owners.founder,
        borrowers=borrowers.astype(np.intp),
        mandate=np.log(weight[borrowers]),
        paid_in=np.cumsum(_paid_in(bank, anchor)),
        sectors=np.array([bank.sectors.shares.get(s, 0.0) for s in SECTORS_OF_LENDING]),
        window_share=np.array([w.share for w in windows]),
        window_sovereign=np.array([w.sovereign for w in windows], np.bool_),
        window_revolving=np.array([w.revolving for w in windows], np.bool_),
        window_maturity=np.array([float(w.maturity) for w in windows]),
        window_grace=np.array([float(w.grace) for w in windows]),
        window_margin=np.array([w.margin for w in windows]),
        opening_share=named_shares(named, world.iso3),
        headquarters=int(positions([bank.headquarters], world)[0]),
    )


@dataclass
class _Owners:
    """Who owns and who borrows, ``(country,)``."""

    share: Array
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    candidate: Mask
    founder: Mask
    borrows: Mask


def _owners(bank: Bank, iso3: Sequence[str], anchor: int) -> _Owners:
    n = len(iso3)
    row = {code: i for i, code in enumerate(iso3)}
    share, since, until = np.zeros(n), np.full(n, NEVER), np.full(n, NEVER)
    candidate, founder, borrows = (np.zeros(n, np.bool_) for _ in range(3))
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
    return _Owners(share, since, until, candidate, founder, borrows)


def _paid_in(bank: Bank, anchor: int) -> Array:
    """Return the parts of paid-in capital that fall due in the first, second … year."""
    opening, payments = bank.opening_balance, bank.capital.payments.by_year
    last = max(*payments, anchor)
    if opening is None:
        paid = np.array([payments.get(y, 0.0) for y in range(anchor, last + 1)])
        paid[0] += sum(part for year, part in payments.items() if year < anchor)
        return paid
    paid = np.array([0.0] + [payments.get(y, 0.0) for y in range(anchor + 1, last + 1)])
    total = bank.capital.paid_in.value
    paid[0] = min(opening.paid_in / total, 1.0) if total > 0.0 else 1.0
    # What members of a grown bank still owe is what the opening balance does not hold.
    later = paid[1:].sum()
    if later > 1.0 - paid[0] and later > 0.0:
        paid[1:] *= (1.0 - paid[0]) / later
    return paid
