"""What the page is written from: sliders, countries, baseline and emulator as plain data, ready for a browser.

Arrays are texts of base64, little-endian and row by row: four-byte numbers, or two-byte whole numbers times a scale.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim import __version__
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.page.design import design
from sscsim.page.emulator import THRESHOLD, Emulated, Emulator, load, packed
from sscsim.page.outputs import REGIONS, Output, outputs
from sscsim.page.sliders import Slider, Words, sliders
from sscsim.policy import lever_table
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.world import World

__all__ = ["COMMAND", "CONTRACT", "checks", "country_names", "payload"]

CONTRACT = 1
"""Version of the payload's form."""

COMMAND = (
    'sscsim page --setting "{setting}" --save page-setting.yaml && '
    "sscsim compare baseline page-setting.yaml"
)
"""What runs the real model at a setting."""

CHINESE = {"TWN": "中国台湾省", "HKG": "中国香港", "MAC": "中国澳门", "PSE": "巴勒斯坦国"}
"""Names as the United Nations write them, like the English ones; all others are those of the Common Locale Data
Repository."""

CHECKS = 10
"""Settings whose predictions are told along, so that another program can be held to them."""

CHECK_SEED = 20190319
"""Seed of those settings: the date of the report's conference, which says nothing about them."""


def payload(emulator: Emulator | None = None, *, synthetic: bool = False) -> dict[str, Any]:
    """Return what the page is written from, plain data.

    Parameters
    ----------
    emulator
        By default the one that ships.
    synthetic
        Whether its numbers are made up.

    Raises
    ------
    InputError
        If none ships.
    """
    from sscsim.world import load_world

    found = load() if emulator is None else emulator.as_saved()
    judged = np.asarray(sliders().scaled(design().unseen))
    world = load_world()
    return {
        "contract": CONTRACT,
        "meta": _meta(found, world, synthetic),
        "sliders": [_slider(name, one) for name, one in sliders().table.items()],
        "regions": [{"id": name, "title": _both(outputs().groups[name])} for name in REGIONS],
        "groups": _groups(world),
        "countries": _countries(world),
        "goals": [{"id": goal, "title": _both(said)} for goal, said in outputs().goals.items()],
        "banks": [
            {"id": name, "name": _both(said)}
            for name, said in outputs().banks.items()
            if name != "World"
        ],
        "outputs": [
            _output(name, outputs().table[name], one, found.own_error(name, judged))
            for name, one in found.outputs.items()
        ],
        "emulator": {
            "terms": [list(term) for term in found.terms],
            "flag": {"matrix": _four(found.flag), "limit": found.limit},
            # How far from the default the settings are, in the square mean, of which `own` is the error.
            "usual": float(np.sqrt((judged**2).sum(axis=1).mean())),
        },
        "roles": _roles(found),
        "checks": checks(found),
    }


def _both(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _meta(emulator: Emulator, world: World, synthetic: bool) -> dict[str, Any]:
    from sscsim.page.training import stale

    about = emulator.about
    recorded = world.growth_years[~world.growth_is_forecast]
    return {
        "version": __version__,
        "basis": about.get("basis", ""),
        "trained": about.get("trained", ""),
        "synthetic": synthetic,
        "source": about.get("source", {"en": "made-up numbers", "zh": "虚构数据"}),
        "runs": about.get("runs", 0),
        "draws": about.get("draws", 0),
        "first_year": FIRST_YEAR,
        "fork_year": sliders().first,
        "last_year": LAST_YEAR,
        "record_ends": int(recorded.max()),
        "stale": [] if synthetic else stale(about),
        "threshold": THRESHOLD,
        "validation": about.get("validation", {"settings": 0, "draws": 0, "coverage": None}),
        "command": COMMAND,
    }


def _slider(name: str, one: Slider) -> dict[str, Any]:
    table = lever_table()
    return {
        "id": name,
        "title": _both(one.title),
        "help": _both(one.help),
        "paragraphs": one.paragraphs,
        "unit": _both(one.unit),
        "min": one.min,
        "max": one.max,
        "step": one.step,
        "default": one.default,
        "scale": one.scale,
        "levers": [
            {
                "lever": moved.lever,
                "description": table[moved.lever].description,
                "at_min": moved.value(one.min),
                "at_max": moved.value(one.max),
                "where": None if moved.where is None else moved.where.model_dump(exclude_none=True),
                "from": sliders().first,
                "ramp_to": moved.ramp_to,
            }
            for moved in one.levers
        ],
        "roles": one.roles,
        "source": one.source,
    }


# --------------------------------------------------------------------------------------- countries


def _groups(world: World) -> list[dict[str, Any]]:
    from sscsim.outcomes.indicators import group_members

    members, found = group_members(world), []
    for name, said in outputs().groups.items():
        codes = [code for code, one in zip(world.iso3, members[name], strict=True) if one]
        found.append({"id": name, "title": _both(said), "members": codes})
    return found


def country_names(world: World, language: str) -> dict[str, str]:
    """Return names of the economies of a world by ISO code, ``en`` or ``zh``."""
    from babel.core import Locale, get_global

    names = dict(zip(world.iso3, world.attributes["name"].tolist(), strict=True))
    if language == "en":
        return names
    territories: Mapping[str, list[str]] = get_global("territory_aliases")
    chinese: Mapping[str, str] = Locale("zh").territories
    return {
        code: CHINESE.get(code) or chinese.get(territories.get(code, [""])[0], name)
        for code, name in names.items()
    }


def _countries(world: World) -> list[dict[str, Any]]:
    from babel.core import get_global

    territories: Mapping[str, list[str]] = get_global("territory_aliases")
    english, chinese = country_names(world, "en"), country_names(world, "zh")
    groups = {one["id"]: set(one["members"]) for one in _groups(world)}
    found = []
    for code in world.iso3:
        inside = [group for group, members in groups.items() if code in members]
        two = territories.get(code, [""])[0]
        found.append(
            {
                "iso3": code,
                "iso2": two,
                "name": {"en": english[code], "zh": chinese[code]},
                "region": next(one for one in REGIONS if one in inside),
                "groups": [one for one in inside if one not in REGIONS],
                "south": "South" in inside,
            }
        )
    return found


# ----------------------------------------------------------------------------------------- outputs


def _output(name: str, output: Output, one: Emulated, own: Array) -> dict[str, Any]:
    known = np.isfinite(one.error)
    tens = outputs().in_zh.get(output.unit, 1.0)
    return {
        "id": name,
        "title": _both(output.title),
        "unit": _both(outputs().units[output.unit]),
        "effect_unit": _both(outputs().effect_unit(output)),
        "kind": output.kind,
        "axes": [list(axis) for axis in one.axes],
        "change": output.change,
        "better": output.better,
        # How often the unit goes into a number, and the digits after its point: Chinese counts in 亿 where English
        # counts in billions.
        "written": {
            "en": {"times": output.times, "decimals": output.decimals},
            "zh": {
                "times": outputs().times(output, "zh"),
                "decimals": max(0, output.decimals - round(math.log10(tens))),
            },
        },
        "years": list(range(LAST_YEAR + 1 - one.loadings.shape[2], LAST_YEAR + 1)),
        "baseline": {
            "years": list(range(FIRST_YEAR, LAST_YEAR + 1)),
            "low": _four(one.baseline[0]),
            "mid": _four(one.baseline[1]),
            "high": _four(one.baseline[2]),
        },
        "components": len(one.loadings),
        "coefficients": _four(one.coefficients),
        "loadings": _two(one.loadings.reshape(len(one.loadings), -1)),
        "spread": _four(one.spread),
        "own": _two(own),
        "error": [float(e) if k else None for e, k in zip(one.error, known, strict=True)],
        "error_all": one.error_all if known.any() else None,
        "shown": one.shown.tolist(),
        "shown_all": bool(one.shown.any()),
    }


def _four(values: Array) -> dict[str, Any]:
    return _encoded("f4", values.astype("<f4"), 1.0)


def _two(values: Array) -> dict[str, Any]:
    return _encoded("i2", *packed(values))


def _encoded(dtype: str, values: Any, scale: float) -> dict[str, Any]:
    data = base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()
    return {"dtype": dtype, "shape": list(values.shape), "scale": scale, "data": data}


def _roles(emulator: Emulator) -> list[dict[str, Any]]:
    """Return roles with the place of the item by which they are judged; without its output a role has none."""
    found = []
    for name, role in sliders().roles.items():
        one = emulator.outputs.get(role.output)
        judged = None if one is None or role.item not in one.axes[0] else role
        found.append(
            {
                "id": name,
                "title": _both(role.title),
                "sliders": [s for s, held in sliders().table.items() if name in held.roles],
                "output": judged and judged.output,
                "item": None if judged is None or one is None else one.axes[0].index(judged.item),
                "better": outputs().table[role.output].better,
            }
        )
    return found


def checks(emulator: Emulator) -> list[dict[str, Any]]:
    """Return settings and what is predicted for them at a few places: the default, corners, and some between."""
    random = np.random.default_rng(CHECK_SEED)
    table = sliders().table
    settings: list[Mapping[str, float]] = [{}, {name: one.max for name, one in table.items()}]
    for number in range(CHECKS - len(settings)):
        moved = random.permutation(len(table))[: 1 + 2 * number]
        settings.append(
            {
                name: round(one.at(float(random.random())), 3)
                for i, (name, one) in enumerate(table.items())
                if i in moved
            }
        )
    return [
        {
            "setting": dict(setting),
            "outside": emulator.outside(setting),
            "effects": _effects(emulator, setting, random),
        }
        for setting in settings
    ]


def _effects(
    emulator: Emulator, setting: Mapping[str, float], random: np.random.Generator
) -> list[dict[str, Any]]:
    found = []
    for name in emulator.outputs:
        answer = emulator.predict(name, setting)
        items, years = answer.effect.shape
        item, year = int(random.integers(items)), int(random.integers(years))
        found.append(
            {
                "output": name,
                "item": item,
                "year": LAST_YEAR + 1 - years + year,
                "effect": float(answer.effect[item, year]),
                "sd": float(answer.deviation[item, year]),
            }
        )
    return found
