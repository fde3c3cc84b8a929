"""Levers that a package may move, and the scenario that a package is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sscsim.errors import InputError
from sscsim.experiments.levers import FIRST, checked_lever
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import Setting, Where
from sscsim.search.core import Axis

__all__ = ["STEPS", "Move", "move_of", "moves_of", "package_of", "package_text"]

STEPS = 4
"""Steps between nothing and all of a lever unless told otherwise: quarters, told apart and read easily."""


@dataclass(frozen=True)
class Move:
    """A lever at several levels.

    Attributes
    ----------
    lever
        Its name.
    axis
        Levels: shares of `settings` where these are of a scenario, or values.
    settings
        At a share of one; or the one setting whose value the level is.
    of_scenario
        Which of the two.
    """

    lever: str
    axis: Axis
    settings: tuple[Setting, ...]
    of_scenario: bool

    def at(self, place: int) -> tuple[Setting, ...]:
        """Return the settings at a level; none where nothing is done."""
        if place == self.axis.nothing:
            return ()
        value = self.axis.values[place]
        if not self.of_scenario:
            return tuple(one.model_copy(update={"value": value}) for one in self.settings)
        default = lever_table()[self.lever].default
        return tuple(_scaled(one, default, value) for one in self.settings)

    def words(self, place: int) -> str:
        """Return a level in a few letters: per cent of what the scenario does, or the value."""
        value = self.axis.values[place]
        if place == self.axis.nothing:
            return "–"
        return f"{100 * value:.0f} %" if self.of_scenario else f"{value:g}"


def _scaled(setting: Setting, default: float, share: float) -> Setting:
    def part(value: float) -> float:
        return round(default + share * (value - default), 12)

    changed: dict[str, Any] = {}
    if setting.value is not None:
        changed["value"] = part(setting.value)
    if setting.ramp is not None:
        changed["ramp"] = (part(setting.ramp[0]), part(setting.ramp[1]))
    if setting.table is not None:
        changed["table"] = {year: part(value) for year, value in setting.table.items()}
    return setting.model_copy(update=changed)


def moves_of(scenario: Scenario, base: Scenario, steps: int = STEPS) -> tuple[Move, ...]:
    """Return a scenario's levers, each from nothing to what the scenario does.

    Levers that the base sets to the same are no choice and are left out.
    """
    shares = tuple(np.linspace(0.0, 1.0, _steps(steps) + 1).tolist())
    return tuple(
        Move(name, Axis(name, shares), settings, of_scenario=True)
        for name, settings in scenario.levers.items()
        if base.levers.get(name) != settings
    )


def move_of(
    lever: str,
    bounds: tuple[float, float] | None = None,
    *,
    where: Where | Mapping[str, Any] | None = None,
    first: int = FIRST,
    steps: int = STEPS,
) -> Move:
    """Return a lever from one value to another, and its default among them.

    Parameters
    ----------
    lever
        Its name.
    bounds
        Lowest and highest value; without them the lever's own.
    where
        To whom it applies; without it to all.
    first
        First year.
    steps
        Steps between the two.

    Raises
    ------
    InputError
        For a lever that there is not, a place that it does not take, values outside its bounds.
    """
    place, (low, high) = checked_lever(lever, where, bounds)
    one = lever_table()[lever]
    if not FIRST_YEAR <= first <= LAST_YEAR:
        raise InputError("this year is not simulated", key="first", found=first)
    levels = {round(v, 12) for v in np.linspace(low, high, _steps(steps) + 1).tolist()}
    values = tuple(sorted(levels | {one.default}))
    setting = Setting.model_validate({"value": one.default, "from": first, "where": place})
    name = lever if place is None else f"{lever} ({_named(place)})"
    return Move(lever, Axis(name, values, values.index(one.default)), (setting,), of_scenario=False)


def _named(where: Where | None) -> str:
    held = {} if where is None else where.model_dump(exclude_none=True)
    return ", ".join(" ".join(v) if isinstance(v, list) else str(v) for v in held.values())


def _steps(steps: int) -> int:
    if isinstance(steps, bool) or not 1 <= steps <= 100:
        raise InputError("a lever has so many steps", key="steps", found=steps, allowed="1 to 100")
    return steps


def package_of(
    base: Scenario, moves: Sequence[Move], levels: Sequence[int], name: str = ""
) -> Scenario:
    """Return the scenario that a package is: the base, and its levers on top; the base itself where nothing is done."""
    levers = dict(base.levers)
    for move, place in zip(moves, levels, strict=True):
        if settings := move.at(place):
            levers[move.lever] = (*levers.get(move.lever, ()), *settings)
    if levers == base.levers:
        return base
    made = replace(base, levers=levers)
    mark = hashlib.sha256(json.dumps([base.name, made.content_hash]).encode()).hexdigest()[:10]
    called = name or f"package-{mark}"
    moved = [f"{m.axis.name} {m.words(p)}" for m, p in zip(moves, levels, strict=True) if m.at(p)]
    return replace(
        made,
        name=called,
        title={"en": "; ".join(moved)},
        lineage=(*base.lineage, called),
        expects=(),
    )


def package_text(
    base: Scenario, moves: Sequence[Move], levels: Sequence[int], name: str, found: str
) -> str:
    """Return the text of a scenario file: what a package does on top of the base, and how it was found."""
    import yaml

    made = package_of(base, moves, levels, name)
    levers: dict[str, Any] = {}
    for lever, settings in made.levers.items():
        if base.levers.get(lever) != settings:
            said = [
                one.model_dump(by_alias=True, exclude_none=True, mode="json") for one in settings
            ]
            levers[lever] = said[0] if len(said) == 1 else said
    return yaml.safe_dump(
        {"name": name, "title": {"en": made.title["en"]}, "extends": base.name}
        | {"source": found, "levers": levers},
        allow_unicode=True,
        sort_keys=False,
        width=110,
    )
