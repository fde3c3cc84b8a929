"""Lenders of credit lines, and national and Arab funds: who pays, who may borrow, on which terms, and for what.

A lender that a user adds is a file ``lenders/NAME.yaml`` and no code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.world.institutions.laying import named_shares
from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
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
    "OpeningLines",
    "TermsTo",
    "Volume",
    "spread_opening",
]

Array = NDArray[np.float64]

TROPIC = 23.44
"""Latitude of the tropics, degrees."""

OldYear = Annotated[int, Range("a year before the base year", 1963, 2012, whole=True)]
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


class Cycle(Sourced):
    """Approvals of the record relative to the volume; it earns no credit as fit."""

    factors: dict[YearSimulated, Weight] = Field(min_length=1)
    after: Weight = Field(1.0, description="from the year after the last on")


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


class Drawing(Sourced):
    """How long it takes to draw what is approved."""

    years: Duration = Field(description="from approval to the last disbursement")


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
