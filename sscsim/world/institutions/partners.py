"""Triangular partners: who the third party is, what money it brings, where and for what (¶115-118)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sscsim.names import FIRST_YEAR
from sscsim.types import Array, Index, Mask
from sscsim.world.institutions.laying import domain_weights, place_weights, positions
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
from sscsim.world.state import DOMAINS
from sscsim.yamlfile import Complaint

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = ["KIND", "Partner", "Partners", "PlannedMoney", "lay_money", "lay_partners"]


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


# ----------------------------------------------------------------------------------------------- laid over a world


@dataclass(frozen=True)
class Partners:
    """Third parties of cooperation, by partner.

    Attributes
    ----------
    names
        What each is called.
    focus
        ``(partner, country)`` in [0, 1], how far it works with a receiver; zero: not at all.
    skill
        ``(partner, domain)`` in [0, 1].
    money
        ``(partner,)``, millions of current US dollars each brings to a project.
    southern
        ``(partner,)``, whether it is a facilitator of the South: counted as a third party by the Ibero-American
        definition, not by that of ¶115.
    reverse
        ``(partner,)``, whether what it joins is a reverse linkage (IsDB).
    country
        ``(partner,)``, position of the country it is, -1 for none.
    """

    names: tuple[str, ...]
    focus: Array
    skill: Array
    money: Array
    southern: Mask
    reverse: Mask
    country: Index


def lay_partners(partners: Sequence[Partner], world: World) -> Partners:
    """Return third parties as arrays: whom each works with, what for, and what it brings."""
    count = len(partners)
    focus = np.array([place_weights(p.places, world) for p in partners])
    skill = np.array([domain_weights(p.domains) for p in partners])
    return Partners(
        names=tuple(p.code for p in partners),
        focus=np.minimum(focus.reshape(count, len(world.iso3)), 1.0),
        skill=np.minimum(skill.reshape(count, len(DOMAINS)), 1.0),
        money=np.array([1e3 * p.project_money.value for p in partners]),
        southern=np.array([not p.counts_in_report for p in partners], dtype=bool),
        reverse=np.array([p.kind == "development_bank" for p in partners], dtype=bool),
        country=positions([p.country for p in partners], world),
    )


@dataclass(frozen=True)
class PlannedMoney:
    """What partners plan to spend in a year.

    Attributes
    ----------
    own
        ``(partner,)``, projects that budgets of their own pay for.
    partner, bank, each
        ``(line,)``, who spends the money of a bank of the world, which one, and the bn USD that it brings to a project.
    """

    own: Array
    partner: Index
    bank: Index
    each: Array

    def projects(self, set_aside: Array) -> Array:
        """Return the projects that each partner's planned money pays for, ``(partner,)``.

        Parameters
        ----------
        set_aside
            ``(bank,)``, bn USD that banks set aside for reverse linkage, the money of partners that name their bank.
        """
        paid_for = self.own.copy()
        paid_for[self.partner] = set_aside.take(self.bank) / self.each
        return paid_for


def lay_money(partners: Sequence[Partner], year: int, banks: Sequence[str]) -> PlannedMoney:
    """Return what partners plan to spend in a year; one that is to come, or whose bank is not in the world, has none.

    Parameters
    ----------
    banks
        Codes of the banks of the world.
    """
    place = {code: i for i, code in enumerate(banks)}
    own = np.zeros(len(partners))
    lines = []
    for i, partner in enumerate(partners):
        if partner.since > year:
            continue
        if partner.budget is not None:
            own[i] = partner.budget.at(max(year, FIRST_YEAR)) / partner.project_money.value
        elif partner.bank in place:
            lines.append((i, place[partner.bank], partner.project_money.value))
    who, which, each = zip(*lines, strict=True) if lines else ((), (), ())
    return PlannedMoney(
        own,
        np.array(who, dtype=np.intp),
        np.array(which, dtype=np.intp),
        np.array(each, dtype=float),
    )
