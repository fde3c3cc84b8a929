"""Regional bodies and the United Nations: who belongs to each, and what it does for cooperation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sscsim.counts import whole
from sscsim.types import Array, Index, Mask
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
from sscsim.world.state import DOMAINS
from sscsim.yamlfile import Complaint

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = [
    "KIND",
    "Bodies",
    "Body",
    "Decision",
    "Programme",
    "Reporting",
    "Training",
    "bodies_in_common",
    "coordination_by_bodies",
    "lay_programmes",
    "reports_at_opening",
    "reports_by_bodies",
    "support_decided",
    "training_record",
    "training_years",
]


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


# ----------------------------------------------------------------------------------------------- laid over a world


@dataclass(frozen=True)
class Bodies:
    """Regional bodies.

    Attributes
    ----------
    names
        What each is called.
    member
        ``(body, country)``.
    initiatives
        ``(body, domain)``, regional projects each plans to begin in a year.
    money
        ``(body,)``, millions of current US dollars each brings to one.
    since
        ``(body,)``, first year.
    """

    names: tuple[str, ...]
    member: Mask
    initiatives: Array
    money: Array
    since: Index

    def at_work(self, year: int) -> Bodies:
        """Return the bodies with nothing planned by those that have not begun."""
        return replace(self, initiatives=self.initiatives * (self.since <= year)[:, None])


def lay_programmes(bodies: Sequence[Body], world: World, among: Mask) -> Bodies:
    """Return the bodies that have a programme: their members among those who cooperate, and what they begin a year."""
    planning = [(b, b.programme) for b in bodies if b.programme is not None]
    plans = np.zeros((len(planning), len(DOMAINS)))
    for row, (_, programme) in enumerate(planning):
        weight = np.array([programme.domains.get(name, 0.0) for name in DOMAINS])
        weight = weight if weight.any() else np.ones(len(DOMAINS))
        plans[row] = programme.initiatives * weight / weight.sum()
    member = np.array([world.membership(b.group) & among for b, _ in planning])
    return Bodies(
        names=tuple(b.code for b, _ in planning),
        member=member.reshape(len(planning), len(world.iso3)),
        initiatives=plans,
        money=np.array([1e3 * programme.money for _, programme in planning]),
        since=np.array([b.since for b, _ in planning], dtype=np.intp),
    )


def bodies_in_common(
    bodies: Sequence[Body], world: World, reference: float
) -> tuple[tuple[int, float, Mask], ...]:
    """Return for each body its first year, how much it coordinates over the reference, one at most, and its members."""
    found = []
    for body in bodies:
        if body.kind == "regional" and body.coordination is not None:
            part = min(body.coordination.value / reference, 1.0)
            found.append((body.since, part, world.membership(body.group)))
    return tuple(found)


def coordination_by_bodies(bodies: Sequence[Body], world: World, year: int, among: Mask) -> Array:
    """Return the part of actors that bodies bring under coordination, the strongest of a member's, ``(country,)``."""
    result = np.zeros(len(world.iso3))
    for body in bodies:
        if body.coordination is not None and body.since <= year:
            inside = world.membership(body.group, year) & among
            result = np.where(inside, np.maximum(result, body.coordination.value), result)
    return result


def reports_by_bodies(
    bodies: Sequence[Body], world: World, year: int, among: Mask
) -> tuple[Array, Array]:
    """Return the rates at which members come to report, and the parts of the way to a common method, ``(country,)``."""
    rate, left = np.zeros(len(world.iso3)), np.ones(len(world.iso3))
    for body in bodies:
        if body.reporting is not None and body.reporting.since <= year:
            inside = world.membership(body.group, year) & among
            rate = rate + body.reporting.rate * inside
            left = left * (1.0 - body.reporting.method * inside)
    return rate, 1.0 - left


def reports_at_opening(
    bodies: Sequence[Body], world: World, year: int, among: Mask
) -> tuple[Array, Array]:
    """Return the part of members that reports at the opening, and how far they share a method, ``(country,)``."""
    reports, method = np.zeros((2, len(world.iso3)))
    for body in bodies:
        if body.reporting is not None and body.reporting.since <= year:
            inside = world.membership(body.group, year) & among
            reports = np.maximum(reports, body.reporting.members_at_opening * inside)
            method = np.maximum(method, body.reporting.method_at_opening * inside)
    return reports, method


def support_decided(bodies: Sequence[Body], year: int) -> bool:
    """Return whether a decision of the United Nations is at work in a year."""
    return any(d.first <= year <= d.last for body in bodies for d in body.support)


def training_years(bodies: Sequence[Body], world: World, among: Mask) -> NDArray[np.int64]:
    """Return the year of each country's recorded training, 0 where there was none, ``(country,)``."""
    years = np.zeros(len(world.iso3), dtype=np.int64)
    for body in bodies:
        if body.training is not None:
            years = np.maximum(years, training_record(world, body.training, among))
    return years


def training_record(world: World, training: Training, among: Mask) -> NDArray[np.int64]:
    """Return the year in which each country took part in a recorded training, 0 where it did not, ``(country,)``.

    Who took part is not printed. Places go to countries below high income, to each of the report's regions in
    proportion to them (largest remainder), and within a region evenly along income a head, so that middle-income and
    least developed countries are both there (A/73/383, ¶52). Each year's participants are spread in the same way.

    Parameters
    ----------
    among
        Who may have taken part: programme countries but those that others learn from.
    """
    income = world.base["gdp_constant_2015_busd"] / world.base["population_m"]
    may = among & (world.attributes["income_group"] != "HIC")
    regions = world.attributes["report_region"]
    names = sorted(set(regions[may]))
    counts = np.array([np.count_nonzero(may & (regions == name)) for name in names])
    wanted = min(training.countries, int(counts.sum()))
    exact = counts * wanted / counts.sum()
    places = whole(exact, "countries trained in a region")
    for extra in np.argsort(places - exact, kind="stable")[: wanted - places.sum()]:
        places[extra] += 1
    chosen: list[tuple[float, int]] = []
    for name, number in zip(names, places, strict=True):
        members = np.flatnonzero(may & (regions == name))
        ordered = members[np.argsort(income[members], kind="stable")]
        steps = (np.arange(number) + 0.5) / max(number, 1)
        chosen += [(s, int(ordered[int(s * len(ordered))])) for s in steps]
    result = np.zeros(len(world.iso3), dtype=np.int64)
    # By position within a region, so that every year has some of each region.
    year = training.first
    for place, (_, country) in enumerate(sorted(chosen, key=lambda c: (_spread(c[0]), c[1]))):
        while place >= training.by(year):
            year += 1
        result[country] = year
    return result


def _spread(position: float) -> float:
    """Return a number by which any first part of some positions in [0, 1) is spread over all of them.

    The position with its binary digits reversed (van der Corput).
    """
    return float(int(f"{int(position * 2**DIGITS):0{DIGITS}b}"[::-1], 2))


DIGITS = 16
