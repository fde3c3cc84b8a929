"""Lenders as data: one YAML file a lender of credit lines or a national or Arab fund, read strictly.

As with banks (`sscsim.world.institutions`), each figure stands with its source, ``confirmed: false`` marks what no
primary source at hand confirms, and a lender that a user adds is a file ``lenders/NAME.yaml`` and no code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sscsim.errors import nearest
from sscsim.world.institutions import Figure, SectorMandate, institution_files
from sscsim.yamlfile import YamlFile, read_yaml

__all__ = [
    "TROPICS",
    "Alliance",
    "Lender",
    "OpeningLines",
    "Terms",
    "Volume",
    "load_lenders",
    "read_lender",
    "spread_opening",
]

Array = NDArray[np.float64]

SHARES_ADD_UP = 1e-6
"""How far published shares, rounded as they are, may pass one."""

TROPICS = "tropics"
"""Name that stands for countries between the tropics, to whom the Solar Alliance was open at first."""

TROPIC = 23.44
"""Latitude of the tropics, degrees."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Strict):
    source: str = Field(min_length=5, description="where the figure is printed")
    confirmed: bool = Field(True, description="false: from memory or a convention, widely drawn")


class Shares(_Sourced):
    """Parts of a whole by ISO code."""

    of: dict[str, float] = Field(min_length=1)

    @model_validator(mode="after")
    def _are_a_whole(self) -> Self:
        total = sum(self.of.values())
        if min(self.of.values()) < 0:
            raise ValueError("a share is not negative")
        if total > 1 + SHARES_ADD_UP:
            raise ValueError(f"the shares add up to {total:.4g}, which is above 100 %")
        if total < 1 - 0.02:
            raise ValueError(f"the shares add up to {total:.4g}, not to 100 %")
        return self


class Volume(_Sourced):
    """What is approved a year: a share of the funders' GDP, or an amount in the base year that grows with it."""

    share: float | None = Field(None, gt=0, lt=0.2, description="approvals over the funders' GDP")
    approvals: float | None = Field(None, gt=0, description="bn USD in the base year")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.share is None) == (self.approvals is None):
            raise ValueError("give either share or approvals")
        return self


class Cycle(_Sourced):
    """Approvals of the record relative to the volume; it earns no credit as fit."""

    factors: dict[int, float] = Field(min_length=1)
    after: float = Field(1.0, ge=0, description="from the year after the last on")

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if min(self.factors.values()) < 0:
            raise ValueError("a factor is not negative")
        return self


class Receivers(_Sourced):
    """Who may borrow: members of any of the groups, without those left out."""

    groups: list[str] = Field(min_length=1)
    but_not: list[str] = Field([], description="countries or groups left out")


class Focus(_Sourced):
    """Weights by group or ISO code; those that apply are multiplied, elsewhere is 1."""

    weights: dict[str, float] = {}

    @model_validator(mode="after")
    def _positive(self) -> Self:
        for name, weight in self.weights.items():
            if weight <= 0:
                raise ValueError(
                    f"the weight of {name} must be positive; who gets nothing stands in receivers.but_not"
                )
        return self


class Terms(_Sourced):
    """What borrowers of a group pay; the first that applies."""

    to: str | None = Field(None, description="group or ISO code; without it everyone")
    rate: float = Field(ge=0, le=0.2, description="interest a year")
    maturity: int = Field(gt=0, le=50, description="years from approval to the last repayment")
    grace: int = Field(ge=0, description="years from approval without repayment")

    @model_validator(mode="after")
    def _repays(self) -> Self:
        if self.grace >= self.maturity:
            raise ValueError(
                f"these terms never repay: a grace of {self.grace} years in a maturity of {self.maturity}"
            )
        return self


class Disbursement(_Sourced):
    """How long it takes to draw what is approved."""

    years: int = Field(gt=0, le=30, description="from approval to the last disbursement")


class Alliance(_Sourced):
    """A common undertaking that turns lending to its members towards one sector."""

    name: str
    since: int
    members: list[str] = Field(
        min_length=1,
        description=f"groups, ISO codes, or {TROPICS!r}: countries between the tropics",
    )
    sector: str
    factor: float = Field(ge=1, description="weight of the sector relative to before")
    renewable: float = Field(ge=0, le=1, description="renewable part of energy lines to members")


class OpeningLines(_Sourced):
    """Lines approved before the base year."""

    since: int
    until: int
    approved: float = Field(ge=0, description="bn USD over these years")
    growth: float = Field(0.0, description="yearly growth of approvals over these years")
    of: dict[str, float] = Field(
        {}, description="parts by ISO code; what is left is spread by the lender's weights"
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.since > self.until:
            raise ValueError(f"since {self.since} lies after until {self.until}")
        if self.growth <= -1:
            raise ValueError("approvals cannot shrink by all and more")
        total = sum(self.of.values())
        if min(self.of.values(), default=0.0) < 0 or total > 1 + SHARES_ADD_UP:
            raise ValueError(f"the shares of opening lines add up to {total:.4g}, above 100 %")
        return self

    def by_year(self) -> dict[int, float]:
        """Return approvals by year, bn USD."""
        years = range(self.since, self.until + 1)
        weights = [(1.0 + self.growth) ** i for i in range(len(years))]
        return {y: self.approved * w / sum(weights) for y, w in zip(years, weights, strict=True)}


class Lender(_Strict):
    """A lender of credit lines, or a national or Arab fund, as its file gives it."""

    code: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{1,15}$")
    name: str = Field(min_length=3)
    kind: Literal["credit_line", "fund"]
    headquarters: str
    funders: Shares
    volume: Volume
    cycle: Cycle | None = None
    receivers: Receivers
    focus: Focus
    line_size: Figure = Field(description="mean size of a line, bn USD")
    terms: list[Terms] = Field(min_length=1)
    tied: Figure = Field(description="part of a line that buys from the funders' country")
    sectors: SectorMandate
    alliance: Alliance | None = None
    cancelled: Figure = Field(description="part of approvals never drawn")
    disbursement: Disbursement
    opening: OpeningLines | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.terms[-1].to is not None:
            raise ValueError("the last terms must hold for everyone: without 'to'")
        for name in ("tied", "cancelled"):
            if not 0 <= getattr(self, name).value <= 1:
                raise ValueError(f"{name} is a fraction")
        if self.line_size.value <= 0:
            raise ValueError("the size of a line must be positive")
        shortest = min(t.maturity for t in self.terms)
        if self.disbursement.years >= shortest:
            raise ValueError(
                f"a line that draws for {self.disbursement.years} years must not mature after {shortest}"
            )
        if self.opening is not None and self.opening.until > 2012:
            raise ValueError("opening lines are approved before the base year, 2013")
        return self


def load_lenders(
    iso3: Sequence[str], groups: Sequence[str], folder: Path | None = None
) -> tuple[Lender, ...]:
    """Return every lender that ships, and those of a user's folder; a user's file replaces the lender of its code.

    Parameters
    ----------
    iso3, groups
        Names that funders, receivers and focus may have.
    folder
        The user's institutions: a folder ``lenders`` of YAML files in it.

    Raises
    ------
    InputError
        With file, line and key, for anything the schema does not allow and for unknown countries and groups.
    """
    paths = institution_files("lenders")
    if folder is not None and (folder / "lenders").is_dir():
        paths = institution_files("lenders", folder)
    return _load(tuple(paths), tuple(iso3), tuple(groups))


@lru_cache(maxsize=8)
def _load(
    paths: tuple[Path, ...], iso3: tuple[str, ...], groups: tuple[str, ...]
) -> tuple[Lender, ...]:
    found: dict[str, Lender] = {}
    for path in paths:
        lender = read_lender(path, iso3, groups)
        found[lender.code] = lender
    return tuple(found[code] for code in sorted(found))


def read_lender(path: Path, iso3: Sequence[str], groups: Sequence[str]) -> Lender:
    """Read one lender; see `load_lenders`."""
    document = read_yaml(path)
    lender = document.validate(Lender, document.data)
    for keys, name in _names(lender):
        known = (*iso3, TROPICS) if keys[0] == "alliance" else iso3
        grouped = keys[0] in ("receivers", "focus", "terms", "alliance")
        if name in known or (grouped and name in groups):
            continue
        raise document.error(
            "there is no country or group of this name"
            if grouped
            else "there is no country of this code",
            *keys,
            found=name,
            allowed="ISO 3166 alpha-3 codes of the data"
            + (" and names of groups" if grouped else ""),
            suggestion=nearest(name, (*iso3, *groups) if grouped else iso3),
        )
    _check_sector(document, lender)
    return lender


def _check_sector(document: YamlFile, lender: Lender) -> None:
    if lender.alliance is not None and lender.alliance.sector not in lender.sectors.shares:
        raise document.error(
            "the alliance's sector is none of the lender's",
            "alliance",
            "sector",
            found=lender.alliance.sector,
            allowed=sorted(lender.sectors.shares),
            suggestion=nearest(lender.alliance.sector, lender.sectors.shares),
        )


def _names(lender: Lender) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield ("headquarters",), lender.headquarters
    for name in lender.funders.of:
        yield ("funders", "of", name), name
    for i, name in enumerate(lender.receivers.groups):
        yield ("receivers", "groups", i), name
    for i, name in enumerate(lender.receivers.but_not):
        yield ("receivers", "but_not", i), name
    for name in lender.focus.weights:
        yield ("focus", "weights", name), name
    for i, terms in enumerate(lender.terms):
        if terms.to is not None:
            yield ("terms", i, "to"), terms.to
    for i, name in enumerate(lender.alliance.members if lender.alliance else ()):
        yield ("alliance", "members", i), name
    for name in lender.opening.of if lender.opening else ():
        yield ("opening", "of", name), name


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


def named_shares(shares: Mapping[str, float], iso3: Sequence[str]) -> Array:
    """Return shares by ISO code as an array, ``(country,)``; who is not in the data is left out."""
    result = np.zeros(len(iso3))
    place = {code: i for i, code in enumerate(iso3)}
    for code, share in shares.items():
        if code in place:
            result[place[code]] = share
    return result
