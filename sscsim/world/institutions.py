"""Banks as data: one YAML file an institution, read strictly, each figure with its source.

A bank that a user adds is a file in a folder of the same layout (``banks/NAME.yaml``) and no code. Money stands in
billions of current US dollars, shares are fractions. ``confirmed: false`` marks a figure that no primary source at
hand confirms: runs take it as it stands, ensembles draw around it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sscsim.errors import InputError, nearest
from sscsim.resources import package_folder
from sscsim.yamlfile import YamlFile, read_yaml

__all__ = [
    "INFRASTRUCTURE",
    "SECTORS_OF_LENDING",
    "Bank",
    "Capital",
    "Figure",
    "Limits",
    "Member",
    "OpeningBalance",
    "Window",
    "institution_files",
    "load_banks",
    "read_bank",
    "shipped_banks",
]

SECTORS_OF_LENDING = (
    "energy",
    "transport",
    "water",
    "urban",
    "agriculture",
    "industry",
    "finance",
    "social",
    "environment",
)
"""What projects are for; the first four are the sectors of infrastructure, in the order of ``state.SECTORS``."""

INFRASTRUCTURE = 4
"""How many sectors, from the first on, are infrastructure."""

SHARES_ADD_UP = 1e-6
"""How far published shares, rounded as they are, may pass one."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Strict):
    source: str = Field(min_length=5, description="where the figure is printed")
    confirmed: bool = Field(True, description="false: from memory or a convention, widely drawn")


class Figure(_Sourced):
    """A number with its source."""

    value: float


class Schedule(_Sourced):
    """Parts of a whole by year."""

    by_year: dict[int, float] = Field(min_length=1)

    @model_validator(mode="after")
    def _parts_of_a_whole(self) -> Self:
        if min(self.by_year.values()) < 0:
            raise ValueError("a part of a whole is not negative")
        total = sum(self.by_year.values())
        if total > 1 + SHARES_ADD_UP:
            raise ValueError(f"the shares by year add up to {total:.4g}, which is above 100 %")
        return self


class Capital(_Strict):
    """What members have subscribed, and what of it they pay in."""

    authorised: Figure = Field(description="bn USD that members may subscribe")
    subscribed: Figure = Field(
        description="bn USD subscribed by those who are members at the opening"
    )
    paid_in: Figure = Field(
        description="bn USD of the subscribed capital that is paid in; the rest is callable"
    )
    payments: Schedule = Field(
        description="parts of the paid-in capital by year, from the opening on"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.subscribed.value <= 0:
            raise ValueError("subscribed capital must be positive")
        if self.subscribed.value > self.authorised.value * (1 + SHARES_ADD_UP):
            raise ValueError("subscribed capital is above authorised capital")
        if not 0 <= self.paid_in.value <= self.subscribed.value:
            raise ValueError("paid-in capital is a part of subscribed capital")
        return self


class Member(_Strict):
    """A shareholder: its part of the capital subscribed at the opening, and when it came and went."""

    share: float = Field(ge=0, description="part of `capital.subscribed`")
    since: int | None = Field(None, description="first year; without it from the opening on")
    until: int | None = Field(None, description="first year in which it is no longer a member")
    borrows: bool = True

    @model_validator(mode="after")
    def _comes_before_it_goes(self) -> Self:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError(f"member since {self.since} and until {self.until}")
        return self

    def present(self, year: int) -> bool:
        """Whether it is a member in a year."""
        return (self.since or 0) <= year < (self.until or 9999)


class Members(_Sourced):
    """Who owns the bank, by ISO code."""

    of: dict[str, Member] = Field(min_length=1)


class Candidates(_Sourced):
    """Who might be admitted by a decision of the governors: share each would subscribe, by ISO code."""

    of: dict[str, Member]


class Limit(_Sourced):
    """A ratio that must hold."""

    value: float = Field(gt=0)


class StatutoryLimit(Limit):
    """Largest outstanding loans over a base, and what the governors may raise it to."""

    base: Literal["capital", "equity"] = Field(
        "capital",
        description="capital: subscribed capital and reserves; equity: paid-in capital and reserves",
    )
    raised: float | None = Field(None, description="what the governors may vote the limit up to")

    @model_validator(mode="after")
    def _raised_is_higher(self) -> Self:
        if self.raised is not None and self.raised <= self.value:
            raise ValueError("the raised limit must lie above the limit")
        return self


class Limits(_Strict):
    """The limits of the bank; the first three are required."""

    statutory: StatutoryLimit = Field(description="outstanding loans over capital or equity")
    country: Limit = Field(
        description="loans and undisbursed commitments of one borrower over the statutory limit"
    )
    liquidity: Limit = Field(description="liquid assets over the next year's net payments")
    borrowing: Limit | None = Field(None, description="borrowings over equity")


class Window(_Sourced):
    """A way to lend, and its terms."""

    share: float = Field(gt=0, le=1, description="part of proposals by number")
    sovereign: bool = True
    maturity: int = Field(
        gt=0, le=50, description="years from first disbursement to last repayment"
    )
    grace: int = Field(ge=0, description="years from first disbursement to first repayment")
    margin: float = Field(
        ge=-0.1, le=0.2, description="interest over the bank's own cost of borrowing"
    )

    @model_validator(mode="after")
    def _repays(self) -> Self:
        if self.grace >= self.maturity:
            raise ValueError(
                f"these terms never repay: a grace of {self.grace} years in a maturity of {self.maturity}"
            )
        return self


class SectorMandate(_Sourced):
    """What the bank lends for: parts of proposals by sector."""

    shares: dict[Literal[SECTORS_OF_LENDING], float] = Field(min_length=1)  # type: ignore[valid-type]
    renewable: float = Field(ge=0, le=1, description="part of energy proposals that is renewable")

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        total = sum(self.shares.values())
        if min(self.shares.values()) < 0 or total > 1 + SHARES_ADD_UP:
            raise ValueError(f"the shares of sectors add up to {total:.4g}, which is above 100 %")
        if total < 1 - 0.02:
            raise ValueError(f"the shares of sectors add up to {total:.4g}, not to 100 %")
        return self


class RegionMandate(_Sourced):
    """Where the bank lends: readiness to consider proposals by group, the largest that applies; elsewhere otherwise."""

    weights: dict[str, float] = {}
    elsewhere: float = Field(1.0, ge=0)


class Scoring(_Sourced):
    """What a proposal's standing is made of; weights on standardised pieces."""

    need: float = 1.0
    mandate: float = 1.0
    renewable: float = 0.0
    ldc: float = 0.0
    lldc: float = 0.0
    sids: float = 0.0
    exposure: float = Field(
        1.0, ge=0, description="against countries that owe much of the limit already"
    )
    noise: float = Field(1.0, ge=0, description="standard deviation of what the model does not see")


class OpeningBalance(_Sourced):
    """The balance sheet that a bank older than the base year brings into it, bn USD, at the end of `year`."""

    year: int
    liquid_assets: float = Field(ge=0)
    loans: float = Field(ge=0)
    undisbursed: float = Field(
        0.0, ge=0, description="approved and not yet disbursed, off the books"
    )
    borrowings: float = Field(ge=0)
    paid_in: float = Field(ge=0)
    reserves: float
    loans_by_country: dict[str, float] = Field(
        {}, description="parts of the loans; what is left is spread over borrowing members"
    )

    @model_validator(mode="after")
    def _balances(self) -> Self:
        gap = self.liquid_assets + self.loans - self.borrowings - self.paid_in - self.reserves
        if abs(gap) > 1e-6 * max(1.0, self.loans):
            raise ValueError(
                f"the opening balance does not balance: assets less liabilities and equity are {gap:.4g}"
            )
        total = sum(self.loans_by_country.values())
        if total > 1 + SHARES_ADD_UP:
            raise ValueError(f"the shares of loans by country add up to {total:.4g}, above 100 %")
        return self


class Bank(_Strict):
    """A development bank as its file gives it."""

    code: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{1,15}$")
    name: str = Field(min_length=3)
    headquarters: str
    opened: str = Field(description="date on which operations began, YYYY-MM-DD")
    opened_source: str = Field(min_length=5)
    capital: Capital
    members: Members
    candidates: Candidates | None = None
    limits: Limits
    windows: dict[str, Window] = Field(min_length=1)
    sectors: SectorMandate
    regions: RegionMandate
    scoring: Scoring
    project_size: Figure = Field(description="mean size of an approved project, bn USD")
    cofinanced: Figure = Field(description="part of projects that others finance as well")
    cancelled: Figure | None = Field(
        None, description="part of approvals cancelled; without it the parameter of all banks"
    )
    disbursement: Schedule | None = Field(
        None,
        description="parts by year after approval, 0 first; without it the profile of all banks",
    )
    opening_balance: OpeningBalance | None = None
    reverse_linkage: Figure | None = Field(
        None,
        description="bn USD a year for knowledge that members give each other through the bank",
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        try:
            datetime.date.fromisoformat(self.opened)
        except ValueError:
            raise ValueError(f"opened must be a date, YYYY-MM-DD, found {self.opened!r}") from None
        total = sum(w.share for w in self.windows.values())
        if abs(total - 1) > 0.02:
            raise ValueError(f"the shares of windows add up to {total:.4g}, not to 100 %")
        if self.opened_year < 2013 and self.opening_balance is None:
            raise ValueError("a bank older than the base year needs an opening_balance")
        return self

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


@dataclass(frozen=True)
class _Known:
    iso3: tuple[str, ...]
    groups: tuple[str, ...]


def institution_files(kind: str, folder: Path | None = None) -> list[Path]:
    """Return the files of a kind (``banks``, ``lenders``) that ship, and those of a user's folder after them."""
    places = [package_folder() / "institutions" / kind]
    if folder is not None:
        if not folder.is_dir():
            raise InputError("there is no such folder of institutions", file=folder)
        inside = folder / kind
        places.append(inside if inside.is_dir() else folder)
    return [path for place in places if place.is_dir() for path in sorted(place.glob("*.yaml"))]


def load_banks(
    iso3: Sequence[str], groups: Sequence[str], folder: Path | None = None
) -> tuple[Bank, ...]:
    """Return every bank that ships, and those of a user's folder; a user's file replaces the bank of its code.

    Parameters
    ----------
    iso3, groups
        Names that members and regions may have.
    folder
        The user's institutions: YAML files, or a folder ``banks`` of them.

    Raises
    ------
    InputError
        With file, line and key: an unknown member, a missing limit, shares above 100 %, terms that never repay, and
        whatever else the schema does not allow.
    """
    files = tuple((path, path.stat().st_mtime_ns) for path in institution_files("banks", folder))
    return _load_banks(files, _Known(tuple(iso3), tuple(groups)))


@lru_cache(maxsize=8)
def _load_banks(files: tuple[tuple[Path, int], ...], known: _Known) -> tuple[Bank, ...]:
    # The time of the last change is part of the key: a file that was edited is read again.
    found: dict[str, Bank] = {}
    for path, _ in files:
        bank = read_bank(path, known.iso3, known.groups)
        found[bank.code] = bank
    return tuple(found[code] for code in sorted(found))


@lru_cache(maxsize=1)
def shipped_banks() -> tuple[Bank, ...]:
    """Return the banks that ship; their members are countries of the shipped data, whatever world they are used in."""
    from sscsim.world.tables import load_world

    world = load_world()
    return load_banks(world.iso3, world.groups())


def read_bank(path: Path, iso3: Sequence[str], groups: Sequence[str]) -> Bank:
    """Read one bank; see `load_banks`."""
    document = read_yaml(path)
    bank = document.validate(Bank, document.data)
    for keys, code in _countries(bank):
        if code not in iso3:
            raise document.error(
                "there is no country of this code",
                *keys,
                found=code,
                allowed="ISO 3166 alpha-3 codes of the data",
                suggestion=nearest(code, iso3),
            )
    for group in bank.regions.weights:
        if group not in groups:
            raise document.error(
                "there is no group of this name",
                "regions",
                "weights",
                group,
                found=group,
                allowed=list(groups),
                suggestion=nearest(group, groups),
            )
    _check_shares(document, bank)
    return bank


def _countries(bank: Bank) -> Iterator[tuple[tuple[str, ...], str]]:
    yield ("headquarters",), bank.headquarters
    for code in bank.members.of:
        yield ("members", "of", code), code
    for code in bank.candidates.of if bank.candidates else ():
        yield ("candidates", "of", code), code
    for code in bank.opening_balance.loans_by_country if bank.opening_balance else ():
        yield ("opening_balance", "loans_by_country", code), code


def _check_shares(document: YamlFile, bank: Bank) -> None:
    """Check that nobody holds more than there is to hold, in the opening year and in any later one."""
    members = bank.members.of
    first = max(bank.opened_year, 2013)
    total = math.fsum(m.share for m in members.values() if m.present(first))
    details: dict[str, Any] = {"found": f"{total:.4g}", "allowed": "at most 1"}
    if total > 1 + SHARES_ADD_UP:
        raise document.error(
            "the shares of members at the opening are above 100 %", "members", "of", **details
        )
    if total == 0:
        raise document.error("nobody holds a share at the opening", "members", "of", **details)
    room = bank.capital.authorised.value / bank.capital.subscribed.value
    total = math.fsum(m.share for m in members.values())
    if total > room * (1 + SHARES_ADD_UP):
        raise document.error(
            "the members together hold more than the authorised capital, which is above 100 %",
            "members",
            "of",
            found=f"{total:.4g} of subscribed capital",
            allowed=f"at most {room:.4g}",
        )
    if not any(m.borrows for m in members.values()):
        raise document.error("no member borrows", "members", "of")
