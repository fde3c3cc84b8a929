"""Triangular partners: who the third party is, what money it brings, where and for what (¶115-118)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
    BankCode,
    Country,
    Domains,
    Institution,
    Places,
    SourcedSize,
    Yearly,
    YearOfWork,
)
from sscsim.yamlfile import Complaint

__all__ = ["KIND", "Partner"]


class Partner(Institution):
    """The third party of triangular cooperation: who it is, what money it brings, where and for what."""

    kind: Literal["donor", "multilateral", "un_entity", "development_bank", "southern"]
    country: Country | None = Field(None, description="a State; none for an organisation")
    since: YearOfWork = Field(2000, description="first year as a partner")
    budget: Yearly | None = Field(None, description="bn USD a year for triangular cooperation")
    bank: BankCode | None = Field(
        None, description="the bank whose money for reverse linkage it spends"
    )
    project_money: SourcedSize = Field(description="bn USD that it brings to an average project")
    places: Places = Field(description="receivers it joins for")
    domains: Domains

    @model_validator(mode="after")
    def _a_state_is_a_state(self) -> Self:
        if (self.kind in ("donor", "southern")) and self.country is None and self.code != "EU":
            raise Complaint(
                f"a partner of the kind {self.kind} names its country",
                "country",
                allowed="an ISO 3166 alpha-3 code",
            )
        if (self.budget is None) == (self.bank is None):
            raise Complaint(
                "a partner has a budget of its own or names its bank, one of the two",
                "budget" if self.bank is None else "bank",
                allowed="either budget or bank",
            )
        if self.bank is not None and self.kind != "development_bank":
            raise Complaint(
                "only a partner of the kind development_bank names a bank",
                "bank",
                found=self.bank,
                allowed="none where kind is not development_bank",
            )
        return self

    @property
    def counts_in_report(self) -> bool:
        """Whether a project it joins is triangular in the sense of paragraph 115: not with a Southern facilitator."""
        return self.kind != "southern"


KIND = Kind("partners", "partner", Partner)
