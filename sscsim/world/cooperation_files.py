"""Triangular partners, bodies, trust funds and centres of excellence as data: one YAML file each, read strictly.

As with banks (`sscsim.world.institutions`), one that a user adds is a file ``NAME.yaml`` in ``partners``, ``bodies``,
``funds`` or ``centres`` and no code, and a user's file replaces the one of its code that ships. Each figure has its
source. Money stands in billions of current US dollars a year, shares are fractions; ``confirmed: false`` marks what no
primary source at hand confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sscsim.errors import nearest
from sscsim.world.institutions import Figure, institution_files
from sscsim.world.state import DOMAINS
from sscsim.world.tables import load_world
from sscsim.yamlfile import YamlFile, read_yaml

__all__ = [
    "Body",
    "Centre",
    "CooperationFiles",
    "Fund",
    "Partner",
    "Training",
    "domain_weights",
    "load_cooperation_files",
    "place_weights",
    "read_body",
    "read_centre",
    "read_fund",
    "read_partner",
]

Array = NDArray[np.float64]

Domain = Literal[DOMAINS]  # type: ignore[valid-type]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sourced(_Strict):
    source: str = Field(min_length=5, description="where the figure is printed")
    confirmed: bool = Field(True, description="false: from memory or a convention, widely drawn")


class Places(_Sourced):
    """Readiness by group or country, the largest that applies; elsewhere otherwise."""

    weights: dict[str, float] = {}
    elsewhere: float = Field(1.0, ge=0)

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if any(weight < 0 for weight in self.weights.values()):
            raise ValueError("a weight is not negative")
        if self.elsewhere == 0 and not any(self.weights.values()):
            raise ValueError("these weights leave no place at all")
        return self


class Domains(_Sourced):
    """Readiness by domain; 1 for those not named where ``others`` does not say otherwise."""

    weights: dict[Domain, float] = {}
    others: float = Field(1.0, ge=0)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if any(weight < 0 for weight in self.weights.values()):
            raise ValueError("a weight is not negative")
        if self.others == 0 and not any(self.weights.values()):
            raise ValueError("these weights leave no domain at all")
        return self


class Yearly(_Sourced):
    """An amount by year: each year named holds until the next one, 0 before the first."""

    by_year: dict[int, float] = Field(min_length=1)

    @model_validator(mode="after")
    def _not_negative(self) -> Self:
        if min(self.by_year.values()) < 0:
            raise ValueError("an amount is not negative")
        return self

    def at(self, year: int) -> float:
        """Return the amount of a year."""
        named = [y for y in self.by_year if y <= year]
        return self.by_year[max(named)] if named else 0.0


class Partner(_Strict):
    """The third party of triangular cooperation: who it is, what money it brings, where and for what."""

    code: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{1,15}$")
    name: str = Field(min_length=3)
    kind: Literal["donor", "multilateral", "un_entity", "development_bank", "southern"]
    country: str | None = Field(None, description="ISO code of a State; none for an organisation")
    since: int = Field(2000, ge=1945, le=2034, description="first year as a partner")
    budget: Yearly | None = Field(None, description="bn USD a year for triangular cooperation")
    bank: str | None = Field(
        None, description="code of the bank whose money for reverse linkage it spends"
    )
    project_money: Figure = Field(description="bn USD that it brings to an average project")
    places: Places = Field(description="receivers it joins for")
    domains: Domains

    @model_validator(mode="after")
    def _a_state_is_a_state(self) -> Self:
        if (self.kind in ("donor", "southern")) and self.country is None and self.code != "EU":
            raise ValueError(f"a partner of the kind {self.kind} names its country")
        if self.project_money.value <= 0:
            raise ValueError("what a partner brings to a project must be positive")
        if (self.budget is None) == (self.bank is None):
            raise ValueError("a partner has a budget of its own or names its bank, one of the two")
        if self.bank is not None and self.kind != "development_bank":
            raise ValueError("only a partner of the kind development_bank names a bank")
        return self

    @property
    def counts_in_report(self) -> bool:
        """Whether a project it joins is triangular in the sense of paragraph 115: not with a Southern facilitator."""
        return self.kind != "southern"


class Reporting(_Sourced):
    """A regional report: when it began, how members come to report, and how far it has a method in common."""

    since: int = Field(ge=1970, le=2034)
    members_at_opening: float = Field(
        0.0, ge=0, le=1, description="part of members that report in the base year"
    )
    rate: float = Field(description="rate a year at which further members begin to report", ge=0)
    method_at_opening: float = Field(0.0, ge=0, le=1, description="how far members share a method")
    method: float = Field(0.0, ge=0, le=1, description="part of the way to a common method a year")


class Programme(_Sourced):
    """Regional initiatives of a body: how many it begins a year, and for what."""

    initiatives: float = Field(ge=0, description="begun a year")
    money: float = Field(0.0, ge=0, description="bn USD that the body brings to one")
    domains: dict[Domain, float] = {}


class Decision(_Sourced):
    """A dated decision, and the years in which it changes the pace of United Nations support."""

    decided: int
    first: int = Field(ge=2013, le=2034)
    last: int = Field(ge=2013, le=2034)
    text: str = Field(min_length=10)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.decided <= self.first <= self.last:
            raise ValueError(f"decided {self.decided}, at work from {self.first} to {self.last}")
        return self


class Training(_Sourced):
    """A training of managers of cooperation: its years, and how many countries took part in all of them."""

    first: int = Field(ge=1990, le=2034)
    last: int = Field(ge=1990, le=2034)
    countries: int = Field(gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"the training runs from {self.first} to {self.last}")
        return self

    def by(self, year: int) -> int:
        """Return how many countries had taken part by the end of a year, evenly over the years."""
        passed = min(max(year - self.first + 1, 0), self.last - self.first + 1)
        return round(self.countries * passed / (self.last - self.first + 1))


class Body(_Strict):
    """A regional body, or the United Nations: who belongs to it and what it does for cooperation."""

    code: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{1,15}$")
    name: str = Field(min_length=3)
    kind: Literal["regional", "united_nations"] = "regional"
    group: str = Field(description="list of members")
    since: int = Field(2000, ge=1900, le=2034)
    coordination: Figure | None = Field(
        None, description="part of actors in a member that it brings under coordination"
    )
    reporting: Reporting | None = None
    programme: Programme | None = None
    support: list[Decision] = []
    training: Training | None = None

    @model_validator(mode="after")
    def _in_bounds(self) -> Self:
        if self.coordination is not None and not 0 <= self.coordination.value <= 1:
            raise ValueError("coordination is a part of the actors, from 0 to 1")
        if self.support and self.kind != "united_nations":
            raise ValueError("only the United Nations have dated decisions on their support")
        return self


class Fund(_Strict):
    """A trust fund for South-South cooperation: what it grants a year and to whom."""

    code: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{1,15}$")
    name: str = Field(min_length=3)
    contributors: list[str] = []
    grants: Yearly = Field(description="bn USD granted a year")
    project_money: Figure = Field(description="bn USD of an average grant")
    places: Places = Field(description="who may receive, and with which weight")
    domains: Domains | None = None

    @model_validator(mode="after")
    def _grants_something(self) -> Self:
        if self.project_money.value <= 0:
            raise ValueError("an average grant must be positive")
        return self


class Centre(_Sourced):
    """A centre of excellence: a host country, the domains it teaches, and its size (¶68, 69)."""

    code: str = Field(pattern=r"^[A-Z][A-Za-z0-9_-]{1,15}$")
    name: str = Field(min_length=3)
    host: str = Field(description="ISO code of the country it works in")
    since: int = Field(ge=1945, le=2034, description="first year of work")
    domains: list[Domain] = Field(min_length=1, description="what it teaches, in equal parts")
    size: float = Field(1.0, gt=0, description="relative to an average centre")


@dataclass(frozen=True)
class CooperationFiles:
    """What the files hold, each kind in the order of its codes."""

    partners: tuple[Partner, ...]
    bodies: tuple[Body, ...]
    funds: tuple[Fund, ...]
    centres: tuple[Centre, ...] = ()


class _World(Protocol):
    @property
    def iso3(self) -> tuple[str, ...]: ...

    def groups(self) -> tuple[str, ...]: ...

    def membership(self, group: str, year: int = ...) -> NDArray[np.bool_]: ...


def load_cooperation_files(world: _World, folder: Path | None = None) -> CooperationFiles:
    """Return every partner, body, fund and centre that ships, and those of a user's folder.

    Parameters
    ----------
    world
        Names that members and places may have.
    folder
        The user's institutions, with folders ``partners``, ``bodies``, ``funds`` and ``centres`` of YAML files.

    Raises
    ------
    InputError
        With file, line and key: an unknown country, group or domain, a negative amount, weights that leave nobody, and
        whatever else the schema does not allow.
    """
    files = tuple(
        tuple((path, path.stat().st_mtime_ns) for path in _files(kind, folder))
        for kind in ("partners", "bodies", "funds", "centres")
    )
    # A world may hold some of the countries only; files speak of all that there are.
    codes = tuple(sorted({*world.iso3, *load_world().iso3}))
    return _load(files, codes, tuple(world.groups()))


def _files(kind: str, folder: Path | None) -> list[Path]:
    # A user's folder may hold other kinds only; files at its top are banks, as `institution_files` has it.
    only_others = folder is not None and folder.is_dir() and not (folder / kind).is_dir()
    return institution_files(kind, None if only_others else folder)


@lru_cache(maxsize=8)
def _load(
    files: tuple[tuple[tuple[Path, int], ...], ...], iso3: tuple[str, ...], groups: tuple[str, ...]
) -> CooperationFiles:
    # The time of the last change is part of the key: a file that was edited is read again.
    partners, bodies, funds, centres = files
    return CooperationFiles(
        partners=_by_code(read_partner(path, iso3, groups) for path, _ in partners),
        bodies=_by_code(read_body(path, iso3, groups) for path, _ in bodies),
        funds=_by_code(read_fund(path, iso3, groups) for path, _ in funds),
        centres=_by_code(read_centre(path, iso3) for path, _ in centres),
    )


Kind = TypeVar("Kind", Partner, Body, Fund, Centre)


def _by_code(found: Any) -> tuple[Any, ...]:
    last = {item.code: item for item in found}
    return tuple(last[code] for code in sorted(last))


def _read(path: Path, kind: type[Kind]) -> tuple[YamlFile, Kind]:
    document = read_yaml(path)
    return document, document.validate(kind, document.data)


def read_partner(path: Path, iso3: Sequence[str], groups: Sequence[str]) -> Partner:
    """Read one partner; see `load_cooperation_files`."""
    document, partner = _read(path, Partner)
    if partner.country is not None:
        _known(document, partner.country, iso3, "country", "country")
    _check_places(document, partner.places, iso3, groups)
    return partner


def read_body(path: Path, iso3: Sequence[str], groups: Sequence[str]) -> Body:
    """Read one body; see `load_cooperation_files`."""
    document, body = _read(path, Body)
    _known(document, body.group, groups, "group", "group")
    return body


def read_fund(path: Path, iso3: Sequence[str], groups: Sequence[str]) -> Fund:
    """Read one fund; see `load_cooperation_files`."""
    document, fund = _read(path, Fund)
    for i, country in enumerate(fund.contributors):
        _known(document, country, iso3, "country", "contributors", i)
    _check_places(document, fund.places, iso3, groups)
    return fund


def read_centre(path: Path, iso3: Sequence[str]) -> Centre:
    """Read one centre of excellence; see `load_cooperation_files`."""
    document, centre = _read(path, Centre)
    _known(document, centre.host, iso3, "country", "host")
    return centre


def _check_places(
    document: YamlFile, places: Places, iso3: Sequence[str], groups: Sequence[str]
) -> None:
    for name in places.weights:
        if name not in iso3:
            _known(document, name, groups, "group or country", "places", "weights", name)


def _known(
    document: YamlFile, name: str, names: Sequence[str], what: str, *keys: str | int
) -> None:
    if name not in names:
        raise document.error(
            f"there is no {what} of this name",
            *keys,
            found=name,
            allowed=list(names),
            suggestion=nearest(name, names),
        )


def place_weights(places: Places, world: _World, year: int = 2018) -> Array:
    """Return the weight of every country, ``(country,)``: the largest of its groups, else that of elsewhere."""
    weights = np.full(len(world.iso3), -1.0)
    for name, weight in places.weights.items():
        inside = (
            world.membership(name, year)
            if name in world.groups()
            else np.array([code == name for code in world.iso3])
        )
        weights[inside] = np.maximum(weights[inside], weight)
    return np.where(weights < 0, places.elsewhere, weights)


def domain_weights(domains: Domains | None) -> Array:
    """Return the weight of every domain of capability, ``(domain,)``."""
    if domains is None:
        return np.ones(len(DOMAINS))
    return np.array([domains.weights.get(name, domains.others) for name in DOMAINS])
