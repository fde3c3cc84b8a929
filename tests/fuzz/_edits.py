"""Edits of data that was read: a leaf, a key or a list is changed, and all else stays sound.

Mutations of text seldom get past the reader of YAML; an edit does, and meets the checks of what the file means.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from random import Random
from typing import Any

import yaml

__all__ = ["edited", "from_yaml", "to_json", "to_yaml"]

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 0.5, -0.5, 1e-12, 1e-300, 1e12, 1e300, -1e300, float("inf"), float("-inf"), float("nan"), 2012,
    2013, 2034, 2035, 10**9, 10**30, -(10**30), 0.1 + 0.2, True, False,
)  # fmt: skip
WORDS: tuple[Any, ...] = (
    "", " ", "x", "BRA", "ZZZ", "south_unctad_2014", "LDC", "baseline", "../../etc/passwd", "~/x", "a" * 3000, "é",
    "名",
    "\x1b[31mred", "two\nlines", "\u202eturned", "\u0085", "1e3", "2013", "null", "NaN",
)  # fmt: skip
TYPES: tuple[Any, ...] = (
    None,
    [],
    {},
    [1, 2],
    {"a": 1},
    [[]],
    [{}],
    "text",
    7,
    1.5,
    True,
    {"by_year": {2013: 1.0}},
)


def _places(data: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to every value below a value."""
    found = [at] if at else []
    if isinstance(data, dict):
        for key in data:
            found += _places(data[key], (*at, key))
    elif isinstance(data, list):
        for i, item in enumerate(data):
            found += _places(item, (*at, i))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at(data: Any, way: Sequence[Any]) -> Any:
    for step in way:
        data = data[step]
    return data


def _renamed(rng: Random, key: Any) -> Any:
    if isinstance(key, int):
        return rng.choice([key + 1, -key, 10**9, 10**18, str(key), float(key)])
    text = str(key)
    cut = rng.randrange(len(text) + 1)
    return rng.choice([text[:cut] + "x" + text[cut:], text[:cut], text.upper(), *WORDS[:8]])


def _change(rng: Random, holder: Any, key: Any) -> str:
    value = holder[key]
    numeric = _is_number(value)
    ways = ["number", "word", "type", "gone", "twice", "beside"]
    way = rng.choice(ways + ["number"] * 5 * numeric + ["word"] * 2 * isinstance(value, str))
    if way == "number":
        far = [value * f for f in (-1, 0, 1e-9, 10, 1e6, 1e15)] if numeric else []
        near = [type(value)(value * f) for f in (0.5, 0.9, 1.1, 2)] if numeric else []
        holder[key] = rng.choice([*NUMBERS, *far] if not near or rng.random() < 0.5 else near)
    elif way == "word":
        holder[key] = rng.choice(WORDS)
    elif way == "type":
        holder[key] = copy.deepcopy(rng.choice(TYPES))
    elif way == "gone":
        del holder[key]
    elif isinstance(holder, list):
        holder += [copy.deepcopy(value)] * rng.choice([1, 3, 200])
    elif way == "twice":
        holder[_renamed(rng, key)] = copy.deepcopy(value)
    else:
        holder[_renamed(rng, key)] = holder.pop(key)
    return way


def edited(rng: Random, data: Any, most: int = 2) -> tuple[str, Any]:
    """Return what was done, and a copy of the data with it done."""
    data = copy.deepcopy(data)
    names = []
    for _ in range(rng.randint(1, most)):
        places = _places(data)
        if not places:
            break
        numbers = [place for place in places if _is_number(_at(data, place))]
        *way, key = rng.choice(numbers if numbers and rng.random() < 0.6 else places)
        holder = _at(data, way)
        names.append(f"{_change(rng, holder, key)} at {'.'.join(map(str, (*way, key)))[:60]!r}")
    return " and ".join(names), data


def from_yaml(text: str) -> Any:
    """Return a YAML text as plain data."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def to_yaml(data: Any) -> str:
    """Return data as YAML."""
    return yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=120)


def to_json(data: Any) -> str:
    """Return data as JSON."""
    return json.dumps(data, default=str)
