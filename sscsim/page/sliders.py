"""The sliders of the page: what each moves, between which ends, and the scenario that a setting of them is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sscsim.errors import InputError, outside, unknown
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.policy import Scenario, lever_table
from sscsim.policy.scenario import LAST_PARAGRAPH, Setting, Where
from sscsim.resources import package_folder
from sscsim.types import Array
from sscsim.yamlfile import Block, YamlFile, read_yaml

__all__ = ["Moved", "Role", "Slider", "Sliders", "read_setting", "sliders"]

SCENARIO = "page-setting"
"""What the scenario of a setting is called unless told otherwise."""


SOURCE = "Sliders of the page, see sscsim/page/sliders.yaml"


class Words(Block):
    """A text in the page's languages."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Moved(Block):
    """A lever that a slider moves: to ``plus + times × setting``."""

    lever: str
    times: float = 1.0
    plus: float = 0.0
    ramp_to: int | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR)
    where: Where | None = None

    def value(self, setting: float) -> float:
        """Return the lever's value at a setting of the slider, rounded where steps of it leave dust."""
        return round(self.plus + self.times * setting, 10)

    def setting(self, setting: float, first: int) -> Setting:
        """Return what a scenario says of the lever."""
        value = self.value(setting)
        said: dict[str, Any] = {"from": first, "where": self.where}
        if self.ramp_to is None:
            return Setting(value=value, **said)
        return Setting(ramp=(lever_table()[self.lever].default, value), to=self.ramp_to, **said)


class Slider(Block):
    """A slider as the file gives it."""

    title: Words
    help: Words
    paragraphs: list[int] = Field(min_length=1)
    unit: Words
    min: float
    max: float
    step: float = Field(gt=0)
    default: float
    scale: Literal["linear", "log"] = "linear"
    levers: list[Moved] = Field(min_length=1)
    roles: list[str]
    source: str = Field(min_length=10)

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> Self:
        if not self.min <= self.default <= self.max or self.min == self.max:
            raise ValueError("the default must lie between min and max, which differ")
        if self.scale == "log" and self.min <= 0.0:
            raise ValueError("on a logarithmic scale min must be positive")
        if not all(1 <= paragraph <= LAST_PARAGRAPH for paragraph in self.paragraphs):
            raise ValueError(f"the report's paragraphs are 1 to {LAST_PARAGRAPH}")
        return self

    def scaled(self, setting: float) -> float:
        """Return the setting as the emulator takes it: 0 at the default, at most 1 from it."""
        turn = math.log if self.scale == "log" else float
        low, middle, high = turn(self.min), turn(self.default), turn(self.max)
        return (turn(setting) - middle) / max(high - middle, middle - low)

    def at(self, place: float) -> float:
        """Return the setting at a place between the ends, from 0 to 1, evenly on the slider's scale."""
        if self.scale == "log":
            return float(self.min * (self.max / self.min) ** place)
        return self.min + place * (self.max - self.min)


class Role(Block):
    """A role of the game: by what it is judged."""

    title: Words
    output: str
    item: str


@dataclass(frozen=True)
class Sliders:
    """All sliders.

    Attributes
    ----------
    first
        Year from which they act.
    table
        Sliders by name, in their order.
    roles
        Roles of the game by name.
    """

    first: int
    table: Mapping[str, Slider]
    roles: Mapping[str, Role]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(self.table)

    def scaled(self, settings: Sequence[Mapping[str, float]]) -> Array:
        """Return settings as the emulator takes them, ``(setting, slider)``; what is not named is at its default."""
        for setting in settings:
            self.check(setting)
        return np.array(
            [
                [one.scaled(setting.get(name, one.default)) for name, one in self.table.items()]
                for setting in settings
            ],
            dtype=np.float64,
        ).reshape(len(settings), len(self.table))

    def check(self, setting: Mapping[str, float]) -> None:
        """Raise for a slider that there is not, or a setting beyond its ends.

        Raises
        ------
        InputError
            With what there is.
        """
        for name, value in setting.items():
            if name not in self.table:
                raise unknown("slider of this name", name, self.names, key="setting")
            one = self.table[name]
            if not one.min <= value <= one.max:  # false for NaN, too
                raise outside(f"the setting of {name}", value, one.min, one.max, key="setting")

    def scenario(self, setting: Mapping[str, float], name: str = SCENARIO) -> Scenario:
        """Return the scenario of a setting: the baseline with the levers that its sliders move.

        Raises
        ------
        InputError
            As `check`.
        """
        self.check(setting)
        levers: dict[str, tuple[Setting, ...]] = {}
        for slider, one in self.table.items():
            value = setting.get(slider, one.default)
            for moved in one.levers if value != one.default else ():
                levers[moved.lever] = (
                    *levers.get(moved.lever, ()),
                    moved.setting(value, self.first),
                )
        return Scenario(
            name=name,
            title={"en": f"A setting of the page: {_said(setting)}"},
            levers=levers,
            lineage=("baseline", name),
            source=SOURCE,
        )

    def as_yaml(self, setting: Mapping[str, float], name: str = SCENARIO) -> str:
        """Return the text of the scenario's file, which must bear its name."""
        import yaml

        scenario = self.scenario(setting, name)
        held = {
            "name": name,
            "title": scenario.title,
            "extends": "baseline",
            "source": scenario.source,
            "levers": {
                lever: [one.model_dump(by_alias=True, exclude_none=True) for one in several]
                for lever, several in scenario.levers.items()
            },
        }
        # Tuples are written as lists: a scenario knows no other kind.
        plain = json.loads(json.dumps(held))
        return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)


@lru_cache(maxsize=1)
def sliders() -> Sliders:
    """Return the sliders that ship.

    Raises
    ------
    InputError
        With file, line and key, for what is wrong in their file.
    """
    document = read_yaml(package_folder() / "page" / "sliders.yaml")
    table = {
        name: document.validate(Slider, raw, "sliders", name)
        for name, raw in document.mapping("sliders").items()
    }
    roles = {
        name: document.validate(Role, raw, "roles", name)
        for name, raw in document.mapping("roles").items()
    }
    first = document.data.get("from")
    if not isinstance(first, int) or not FIRST_YEAR < first <= LAST_YEAR:
        raise document.error(
            "the sliders act from a year of the run",
            "from",
            found=first,
            allowed=f"{FIRST_YEAR + 1} to {LAST_YEAR}",
        )
    for name, one in table.items():
        _check_levers(document, name, one)
        for role in one.roles:
            if role not in roles:
                raise document.unknown("role of this name", role, roles, "sliders", name, "roles")
    return Sliders(first, table, roles)


def _check_levers(document: YamlFile, name: str, slider: Slider) -> None:
    known = lever_table()
    for place, moved in enumerate(slider.levers):
        keys = ("sliders", name, "levers", place)
        if moved.lever not in known:
            raise document.unknown("lever of this name", moved.lever, known, *keys, "lever")
        lever = known[moved.lever]
        for setting in (slider.min, slider.max):
            if not lever.bounds[0] <= moved.value(setting) <= lever.bounds[1]:
                raise document.error(
                    "the slider moves the lever beyond its bounds",
                    *keys,
                    found=moved.value(setting),
                    allowed=f"{lever.bounds[0]:g} to {lever.bounds[1]:g}",
                )
        if moved.value(slider.default) != lever.default:
            raise document.error(
                "at its default a slider must leave the lever alone",
                *keys,
                found=moved.value(slider.default),
                allowed=f"{lever.default:g}",
            )


def _said(setting: Mapping[str, float]) -> str:
    return ", ".join(f"{k} {v:g}" for k, v in setting.items()) or "all at their defaults"


def read_setting(text: str) -> dict[str, float]:
    """Return the setting that a text gives: ``cooperation=1.5 aid=2``, parted by blanks or commas.

    Raises
    ------
    InputError
        For what is no ``name=number``, a slider that there is not or is named twice, a setting beyond its ends.
    """
    found: dict[str, float] = {}
    for part in text.replace(",", " ").split():
        name, equals, value = part.partition("=")
        try:
            number = float(value)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise InputError(
                "a setting reads NAME=NUMBER, parted by blanks",
                key="setting",
                found=part,
                allowed="such as cooperation=1.5 aid=2",
            )
        if name in found:
            raise InputError("this slider is set twice", key="setting", found=name)
        found[name] = number
    everything = sliders()
    everything.check(found)
    return {name: found[name] for name in everything.names if name in found}
