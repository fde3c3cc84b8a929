"""Regional bodies and the United Nations: who belongs to each, and what it does for cooperation."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sscsim.world.institutions.loading import Kind
from sscsim.world.institutions.schema import (
    Count,
    Domain,
    Group,
    Hazard,
    Institution,
    Money,
    Number,
    Share,
    Sourced,
    SourcedShare,
    Text,
    Weight,
    YearOfWork,
    YearSimulated,
)
from sscsim.yamlfile import Complaint

__all__ = ["KIND", "Body", "Decision", "Programme", "Reporting", "Training"]


class Reporting(Sourced):
    """A regional report: when it began, how members come to report, and how far it has a method in common."""

    since: YearOfWork
    members_at_opening: Share = Field(0.0, description="part of members that report in 2013")
    rate: Hazard = Field(description="rate a year at which further members begin to report")
    method_at_opening: Share = Field(0.0, description="how far members share a method")
    method: Share = Field(0.0, description="part of the way to a common method a year")


class Programme(Sourced):
    """Regional initiatives of a body: how many it begins a year, and for what."""

    initiatives: Number = Field(description="begun a year")
    money: Money = Field(0.0, description="bn USD that the body brings to one")
    domains: dict[Domain, Weight] = Field({}, description="in which proportion; without it alike")

    @model_validator(mode="after")
    def _for_something(self) -> Self:
        if self.domains and not any(self.domains.values()):
            raise Complaint(
                "these weights leave no domain at all", "domains", allowed="one that is above 0"
            )
        return self


class Decision(Sourced):
    """A dated decision, and the years in which it changes the pace of United Nations support."""

    decided: YearOfWork
    first: YearSimulated
    last: YearSimulated
    text: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.decided <= self.first <= self.last:
            raise Complaint(
                f"decided {self.decided}, at work from {self.first} to {self.last}",
                "last" if self.first > self.last else "first",
                allowed="decided, first and last in this order",
            )
        return self


class Training(Sourced):
    """A training of managers of cooperation: its years, and how many countries took part in all of them."""

    first: YearOfWork
    last: YearOfWork
    countries: Count

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise Complaint(
                f"the training runs from {self.first} to {self.last}",
                "last",
                found=self.last,
                allowed=f"{self.first} or later",
            )
        return self

    def by(self, year: int) -> int:
        """Return how many countries had taken part by the end of a year, evenly over the years."""
        passed = min(max(year - self.first + 1, 0), self.last - self.first + 1)
        return round(self.countries * passed / (self.last - self.first + 1))


class Body(Institution):
    """A regional body, or the United Nations: who belongs to it and what it does for cooperation."""

    kind: Literal["regional", "united_nations"] = "regional"
    group: Group = Field(description="list of members")
    since: YearOfWork = 2000
    coordination: SourcedShare | None = Field(
        None, description="part of actors in a member that it brings under coordination"
    )
    reporting: Reporting | None = None
    programme: Programme | None = None
    support: list[Decision] = Field([], description="of the United Nations")
    training: Training | None = None

    @model_validator(mode="after")
    def _who_decides(self) -> Self:
        if self.support and self.kind != "united_nations":
            raise Complaint(
                "only the United Nations have dated decisions on their support",
                "support",
                allowed="none where kind is not united_nations",
            )
        return self


KIND = Kind("bodies", "body", Body)
