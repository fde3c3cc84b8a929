"""Lever paths: a scenario's settings laid over the countries of a world, year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from sscsim.errors import nearest
from sscsim.outcomes.indicators import group_members, indicator_table
from sscsim.policy.levers import Lever, lever_table
from sscsim.policy.scenario import Scenario, Setting, Where
from sscsim.types import Array, Mask
from sscsim.world.institutions import Bank, load_institutions

if TYPE_CHECKING:
    from sscsim.world.tables import World

__all__ = ["LeverPaths"]


class Places(Protocol):
    """What lever paths need to know of a world: its countries, groups and agreements."""

    @property
    def iso3(self) -> tuple[str, ...]: ...

    def groups(self) -> tuple[str, ...]: ...

    def membership(self, group: str, year: int = ...) -> Mask: ...

    def agreements(self) -> tuple[str, ...]: ...

    def agreement_members(self, agreement: str) -> Mask: ...


@dataclass(frozen=True)
class _Laid:
    lever: Lever
    settings: tuple[tuple[Setting, Mask | None], ...]


class LeverPaths:
    """The value of every lever a scenario moves, for each country or pair in each year.

    Raises
    ------
    InputError
        With file, line and key, when a setting names a country, group or agreement the world does not have.
    """

    def __init__(
        self, scenario: Scenario, places: Places, banks: Sequence[str] | None = None
    ) -> None:
        self._count = len(places.iso3)
        shipped = _shipped_banks()
        self.banks = shipped if banks is None else tuple(banks)
        """Codes of the banks, in the order of their values."""
        # A shipped bank that has no member in this world may be named, and nothing comes of it.
        known = tuple(dict.fromkeys((*self.banks, *shipped)))
        self._laid: Mapping[str, _Laid] = {
            name: _Laid(
                lever_table()[name],
                tuple(
                    (s, self._where(scenario, name, s.where, places, f"{name}.{i}", known))
                    for i, s in enumerate(settings)
                ),
            )
            for name, settings in scenario.levers.items()
        }

    def moved(self) -> tuple[str, ...]:
        """Return the names of the levers the scenario moves."""
        return tuple(self._laid)

    def value(self, name: str, year: int) -> Array | None:
        """Return a lever's values in a year; None where untouched.

        Returns
        -------
        array or None
            ``(country,)``, ``(origin, destination)``, ``(bank,)`` or, for a lever on the world, ``(world,)``.
        """
        if name not in self._laid:
            return None
        laid = self._laid[name]
        shapes = {
            "country": (self._count,),
            "pair": (self._count, self._count),
            "world": (1,),
            "bank": (len(self.banks),),
        }
        values = np.full(shapes[laid.lever.scope], laid.lever.default)
        for setting, mask in laid.settings:
            number = setting.at(year)
            if number is not None:
                values[... if mask is None else mask] = number
        return values

    def _where(
        self,
        scenario: Scenario,
        name: str,
        where: Where | None,
        places: Places,
        setting: str,
        known: tuple[str, ...],
    ) -> Mask | None:
        if where is None or where.bank is None:
            return _mask(scenario, name, where, places, setting)
        if where.bank not in known:
            raise scenario.error(
                "there is no bank of this code",
                f"{setting}.bank",
                found=where.bank,
                allowed=known,
                suggestion=nearest(where.bank, known),
            )
        return np.array([code == where.bank for code in self.banks])


def _mask(
    scenario: Scenario, name: str, where: Where | None, places: Places, setting: str
) -> Mask | None:
    if where is None:
        return None
    if lever_table()[name].scope == "world":
        raise scenario.error(
            "this lever moves the world as a whole: it takes no place",
            name,
            found=where.model_dump(exclude_none=True),
            allowed="no where",
        )

    def known(what: str, kind: str, found: str, names: Sequence[str]) -> None:
        if found not in names:
            raise scenario.error(
                f"there is no {kind} of this name",
                f"{setting}.{what}",
                found=found,
                allowed=f"one of {len(names)} names that `sscsim explain groups` lists",
                suggestion=nearest(found, names),
            )

    def country(what: str, iso3: str) -> Mask:
        known(what, "country", iso3, places.iso3)
        return np.array([c == iso3 for c in places.iso3])

    def members(what: str, group: str) -> Mask:
        titled = indicator_table().groups
        lists = places.groups()
        # CAN is the Andean Community among groups, as everywhere, and Canada at the end of a pair.
        if group in places.iso3 and (what != "group" or group not in lists):
            return country(what, group)
        if group in titled and group not in lists:
            # Groups that a run measures indicators for are lists by other names, regions, and parts of both.
            return group_members(cast("World", places))[group]
        known(what, "group", group, tuple(dict.fromkeys((*titled, *lists))))
        return places.membership(group)

    chosen = np.ones(len(places.iso3), dtype=bool)
    if where.group is not None:
        chosen &= members("group", where.group)
    if where.countries is not None:
        chosen &= np.any([country("countries", c) for c in where.countries], axis=0)
    if where.agreement is not None:
        known("agreement", "agreement", where.agreement, places.agreements())
        chosen &= places.agreement_members(where.agreement)
    if lever_table()[name].scope == "country":
        return chosen
    pairs = chosen[:, None] & chosen[None, :]
    if where.origin is not None:
        pairs &= members("origin", where.origin)[:, None]
    if where.destination is not None:
        pairs &= members("destination", where.destination)[None, :]
    return pairs


@lru_cache(maxsize=1)
def _shipped_banks() -> tuple[str, ...]:
    return tuple(bank.code for bank in load_institutions().of(Bank))
