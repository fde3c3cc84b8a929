"""Lenders of credit lines, and national and Arab funds: who pays, who may borrow, on which terms, and for what.

A lender that a user adds is a file ``lenders/NAME.yaml`` and no code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.types import Array, Mask
from sscsim.world.institutions.laying import members, named_shares, shares_of_rows
from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
    INFRASTRUCTURE,
    SECTORS_OF_LENDING,
    SHARES_ADD_UP,
    TROPICS,
    Area,
    Country,
    Distinct,
    Duration,
    Factor,
    Growth,
    Institution,
    Interest,
    Money,
    Place,
    Range,
    Sector,
    SectorMandate,
    Share,
    Size,
    Sourced,
    SourcedShare,
    SourcedSize,
    Strict,
    Terms,
    Text,
    Weight,
    YearOfWork,
    YearSimulated,
    check_sum,
)
from sscsim.yamlfile import Complaint

__all__ = [
    "KIND",
    "TROPIC",
    "TROPICS",
    "Alliance",
    "Lender",
    "Lenders",
    "OpeningLines",
    "Purposes",
    "TermsTo",
    "Volume",
    "lay_lenders",
    "lay_purposes",
    "present_lenders",
    "spread_opening",
]

if TYPE_CHECKING:
    from sscsim.world.tables import World


TROPIC = 23.44
"""Latitude of the tropics, degrees."""

OldYear = Annotated[
    int, Range("a year before the base year", FIRST_YEAR - 50, FIRST_YEAR - 1, whole=True)
]
"""Lines mature in fifty years at most, so that none of an earlier year is owed."""

VolumeShare = Annotated[float, Range("approvals over GDP", 1e-6, 0.2)]


class Funders(Sourced):
    """Parts of a whole by ISO code."""

    of: dict[Country, Share] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_a_whole(self) -> Self:
        check_sum("the shares", self.of.values(), "of", whole=True)
        return self


class Volume(Sourced):
    """What is approved a year: a share of the funders' GDP, or an amount in the base year that grows with it."""

    share: VolumeShare | None = Field(None, description="approvals over the funders' GDP")
    approvals: Size | None = Field(None, description="bn USD in the base year")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.share is None) == (self.approvals is None):
            raise Complaint("give either share or approvals", allowed="one of the two")
        return self

    def over(self, income: float) -> float:
        """Return approvals over an income, bn USD, of the funders."""
        return self.share if self.share is not None else (self.approvals or 0.0) / income


class Cycle(Sourced):
    """Approvals of the record relative to the volume; it earns no credit as fit."""

    factors: dict[YearSimulated, Weight] = Field(min_length=1)
    after: Weight = Field(1.0, description="from the year after the last on")

    def at(self, year: int) -> float:
        """Return the factor of a year; 1 where the record has a gap."""
        if year > max(self.factors):
            return self.after
        return self.factors.get(year, 1.0)


class Receivers(Sourced):
    """Who may borrow: members of any of the groups, without those left out."""

    groups: Distinct[Place] = Field(min_length=1)
    but_not: Distinct[Place] = Field([], description="countries or groups left out")


class Focus(Sourced):
    """Factors by group or country; those that apply are multiplied, elsewhere is 1."""

    weights: dict[Place, Factor] = Field({}, description="by group or country")


class TermsTo(Terms):
    """What borrowers of a group pay, from the approval on; the first that applies."""

    to: Place | None = Field(None, description="group or country; without it everyone")
    rate: Interest = Field(description="interest a year")


class Drawn(Strict):
    """What the source of a schedule says was drawn by the end of a year; the schedule is held to it."""

    until: YearOfWork
    approved: Money = Field(description="bn USD approved by then")
    disbursed: Money = Field(description="bn USD of it paid out by then")


class Drawing(Sourced):
    """How long it takes to draw what is approved."""

    years: Duration = Field(description="from approval to the last disbursement")
    record: Drawn | None = Field(
        None, description="what was drawn by some year; nothing follows from it but a check"
    )


class Alliance(Sourced):
    """A common undertaking that turns lending to its members towards one sector."""

    name: Text
    since: YearOfWork
    members: Distinct[Area] = Field(
        min_length=1,
        description=f"groups, ISO codes, or {TROPICS!r}: countries between the tropics",
    )
    sector: Sector
    factor: Factor = Field(description="weight of the sector relative to before")
    renewable: Share = Field(description="renewable part of energy lines to members")

    @model_validator(mode="after")
    def _more_than_before(self) -> Self:
        if self.factor < 1:
            raise Complaint(
                "the factor turns to the sector", "factor", found=self.factor, allowed="at least 1"
            )
        return self


class OpeningLines(Sourced):
    """Lines approved before the base year."""

    since: OldYear
    until: OldYear
    approved: Money = Field(description="bn USD over these years")
    growth: Growth = Field(0.0, description="yearly growth of approvals over these years")
    of: dict[Country, Share] = Field(
        {}, description="parts by ISO code; what is left is spread by the lender's weights"
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.since > self.until:
            raise Complaint(
                f"since {self.since} lies after until {self.until}",
                "since",
                found=self.since,
                allowed=f"{self.until} or before",
            )
        check_sum("the shares of opening lines", self.of.values(), "of", whole=False)
        return self

    def by_year(self) -> dict[int, float]:
        """Return approvals by year, bn USD."""
        years = range(self.since, self.until + 1)
        weights = [(1.0 + self.growth) ** i for i in range(len(years))]
        return {y: self.approved * w / sum(weights) for y, w in zip(years, weights, strict=True)}


class Lender(Institution):
    """A lender of credit lines, or a national or Arab fund, as its file gives it."""

    kind: Literal["credit_line", "fund"]
    headquarters: Country
    funders: Funders
    volume: Volume
    cycle: Cycle | None = None
    receivers: Receivers
    focus: Focus
    line_size: SourcedSize = Field(description="mean size of a line, bn USD")
    terms: list[TermsTo] = Field(min_length=1)
    tied: SourcedShare = Field(description="part of a line that buys from the funders' country")
    sectors: SectorMandate
    alliance: Alliance | None = None
    cancelled: SourcedShare = Field(description="part of approvals never drawn")
    disbursement: Drawing
    opening: OpeningLines | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        last = len(self.terms) - 1
        if self.terms[last].to is not None:
            raise Complaint(
                "the last terms must hold for everyone",
                "terms",
                last,
                "to",
                found=self.terms[last].to,
                allowed="terms without 'to'",
            )
        shortest = min(t.maturity for t in self.terms)
        if self.disbursement.years >= shortest:
            raise Complaint(
                f"a line that draws for {self.disbursement.years} years must not mature after {shortest}",
                "disbursement",
                "years",
                found=self.disbursement.years,
                allowed=f"below {shortest}",
            )
        if self.alliance is not None and self.alliance.sector not in self.sectors.shares:
            raise Complaint(
                "the alliance's sector is none of the lender's",
                "alliance",
                "sector",
                found=self.alliance.sector,
                allowed=", ".join(sorted(self.sectors.shares)),
            )
        return self


KIND = Kind("lenders", "lender", Lender)


# ----------------------------------------------------------------------------------------------- laid over a world


@dataclass(frozen=True)
class Lenders:
    """What the files say of every lender, as arrays in the order of their codes."""

    codes: tuple[str, ...]
    funders: Array
    """Who pays what is lent and is repaid, ``(lender, country)``; rows add up to one."""
    volume: Array
    """Approvals a year over the funders' GDP in current dollars, ``(lender,)``."""
    cycle: Mapping[int, Array]
    """Approvals relative to that share by year of the record, ``(lender,)``; 1 where nothing is recorded."""
    after: Array
    """The same after the record, ``(lender,)``."""
    eligible: Mask
    """Who may borrow, ``(lender, country)``."""
    focus: Array
    """Logarithm of the weight that the lender's focus gives a borrower, ``(lender, country)``."""
    line_size: Array
    """Mean size of a line to a borrower of average GDP, bn USD, ``(lender,)``."""
    rate: Array
    """Interest a year, ``(lender, country)``."""
    maturity: NDArray[np.int64]
    """Years from approval to the last repayment, ``(lender, country)``."""
    grace: NDArray[np.int64]
    """Years from approval without repayment, ``(lender, country)``."""
    tied: Array
    """Part of a line that buys from the lender's country, ``(lender,)``."""
    years: NDArray[np.int64]
    """Years from approval to the last disbursement, ``(lender,)``."""
    cancelled: Array
    """Part of approvals that is never drawn, ``(lender,)``."""

    @cached_property
    def borrowers(self) -> tuple[Array, Array]:
        """Who may borrow as numbers, ``(lender, country)``, and how many of each lender's, at least one."""
        return self.eligible.astype(np.float64), np.maximum(self.eligible.sum(axis=1), 1)

    @cached_property
    def home(self) -> tuple[NDArray[np.intp], Array]:
        """Rows of the economies that fund any lender, and their parts in each, ``(lender, funder)``."""
        rows = np.flatnonzero(self.funders.any(axis=0))
        return rows, self.funders[:, rows]

    @cached_property
    def sellers(self) -> tuple[NDArray[np.intp], Array]:
        """Rows of the economies that fund tied lines, and their parts in each lender, ``(lender, seller)``."""
        rows = np.flatnonzero((self.funders * self.tied[:, None]).any(axis=0))
        return rows, self.funders[:, rows]


@dataclass(frozen=True)
class Purposes:
    """What lines are for, by lender."""

    sectors: Array
    """Cumulated parts of sectors, ``(lender, sector)``, for those outside an alliance."""
    allied_sectors: Array
    """The same for members of the lender's alliance."""
    allied: Mask
    """Who belongs to the alliance, ``(lender, country)``."""
    allied_since: NDArray[np.int64]
    renewable: Array
    """Renewable part of energy lines, outside and inside an alliance, ``(2, lender)``."""

    @cached_property
    def ends(self) -> Array:
        """Cumulated parts of sectors outside alliances and then inside, ``(sector, 2 · lender)``."""
        return np.concatenate([self.sectors, self.allied_sectors]).T

    @property
    def infrastructure(self) -> Array:
        """Part of disbursements that builds each sector of infrastructure, ``(lender, sector of infrastructure)``."""
        parts: Array = np.diff(self.sectors, axis=1, prepend=0.0)
        return parts[:, :INFRASTRUCTURE]


def present_lenders(lenders: Sequence[Lender], world: World) -> tuple[Lender, ...]:
    """Return the lenders of whose funders at least one is in the world."""
    return tuple(f for f in lenders if any(code in world.iso3 for code in f.funders.of))


def lay_lenders(files: Sequence[Lender], world: World) -> Lenders:
    """Return who funds, who may borrow and on which terms, for lenders that are in the world."""
    count, n = len(files), len(world.iso3)
    funders = shares_of_rows(
        np.array([named_shares(f.funders.of, world.iso3) for f in files]).reshape(count, n)
    )
    focus, rate = np.zeros((2, count, n))
    maturity, grace = np.ones((count, n), int), np.zeros((count, n), int)
    for i, lender in enumerate(files):
        for name, weight in lender.focus.weights.items():
            focus[i] += np.log(weight) * members([name], world)
        for terms in reversed(lender.terms):
            to = np.ones(n, dtype=np.bool_) if terms.to is None else members([terms.to], world)
            rate[i, to], maturity[i, to], grace[i, to] = terms.rate, terms.maturity, terms.grace
    gdp = world.base["gdp_current_busd"]
    recorded = [year for f in files if f.cycle for year in f.cycle.factors]
    return Lenders(
        codes=tuple(f.code for f in files),
        funders=funders,
        volume=np.array([f.volume.over(float(funders[i] @ gdp)) for i, f in enumerate(files)]),
        cycle={
            year: np.array([f.cycle.at(year) if f.cycle else 1.0 for f in files])
            for year in range(FIRST_YEAR, max(recorded, default=FIRST_YEAR) + 1)
        },
        after=np.array([f.cycle.after if f.cycle else 1.0 for f in files]),
        eligible=np.array(
            [
                members(f.receivers.groups, world) & ~members(f.receivers.but_not, world)
                for f in files
            ]
        ).reshape(count, n),
        focus=focus,
        line_size=np.array([f.line_size.value for f in files]),
        rate=rate,
        maturity=maturity,
        grace=grace,
        tied=np.array([f.tied.value for f in files]),
        years=np.array([f.disbursement.years for f in files], dtype=np.int64),
        cancelled=np.array([f.cancelled.value for f in files]),
    )


def lay_purposes(files: Sequence[Lender], world: World) -> Purposes:
    """Return what lines are for, within and outside of alliances."""
    count, n = len(files), len(world.iso3)
    sectors, allied_sectors = np.zeros((2, count, len(SECTORS_OF_LENDING)))
    allied, renewable = np.zeros((count, n), dtype=np.bool_), np.zeros((2, count))
    since = np.full(count, LAST_YEAR + 1)
    tropics = np.abs(world.attributes["latitude"]) <= TROPIC
    for i, lender in enumerate(files):
        shares = np.array([lender.sectors.shares.get(s, 0.0) for s in SECTORS_OF_LENDING])
        sectors[i] = allied_sectors[i] = np.cumsum(shares / shares.sum())
        renewable[:, i] = lender.sectors.renewable
        if lender.alliance is not None:
            tilted = shares.copy()
            tilted[SECTORS_OF_LENDING.index(lender.alliance.sector)] *= lender.alliance.factor
            allied_sectors[i] = np.cumsum(tilted / tilted.sum())
            named = [name for name in lender.alliance.members if name != TROPICS]
            allied[i] = members(named, world)
            if len(named) < len(lender.alliance.members):
                allied[i] |= tropics
            since[i] = lender.alliance.since
            renewable[1, i] = lender.alliance.renewable
    return Purposes(sectors, allied_sectors, allied, since, renewable)


def spread_opening(
    lender: Lender, iso3: Sequence[str], weights: Array, first_cohort: int, until: int
) -> Array:
    """Return approvals before the base year, ``(cohort, country)``, bn USD.

    Parameters
    ----------
    weights
        Where what the file does not name goes, ``(country,)``; adds up to one or to zero.
    first_cohort, until
        First and last year of the cohorts.
    """
    result = np.zeros((until - first_cohort + 1, len(iso3)))
    if lender.opening is None:
        return result
    named = named_shares(lender.opening.of, iso3)
    rest = 1.0 - sum(lender.opening.of.values())
    # Shares written in decimals leave a rest that is nobody's.
    share = named + (rest if rest > SHARES_ADD_UP else 0.0) * weights
    for year, amount in lender.opening.by_year().items():
        result[year - first_cohort] = amount * share
    return result
