"""Figures of institutions' files: which a source confirms, how far the others may be off, and files with figures drawn.

A figure is a number under a source, named by where it stands: ``institutions.banks.ndb.capital.subscribed``. One that
no source at hand prints has a width: what its block states, else the usual one of its kind (`WIDTHS`). A draw moves
each by itself, then puts right what must hold together: parts of a whole keep their sum, a balance sheet balances, and
a file whose rules a draw would break goes back towards what it states until it keeps them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from sscsim.errors import InputError, unknown
from sscsim.special import ndtri
from sscsim.world.institutions.loading import InstitutionFiles, Kind, kinds
from sscsim.world.institutions.schema import Institution, Range, Sourced, Strict, numbers_in

__all__ = [
    "CONVENTIONS",
    "WIDTHS",
    "Figure",
    "draw_figures",
    "figures_hash",
    "figures_of",
    "with_figures",
]

Keys = tuple[str | int, ...]

WIDTHS: Mapping[str, float] = {
    "a share": 0.4,
    "a part": 0.4,
    "a share of the capital at the opening": 0.4,
    "money, bn USD,": 0.4,
    "a size, bn USD,": 0.4,
    "reserves, bn USD,": 0.4,
    "approvals over GDP": 0.4,
    "a number a year": 0.4,
    "a count of countries": 0.2,
    "a number of projects": 0.5,
    "interest a year": 0.2,
    "a margin": 0.3,
    "growth a year": 0.3,
    "a number of years": 0.2,
    "a number of years after the first": 0.3,
    "a ratio": 0.2,
    "a weight": 0.5,
    "a factor": 0.35,
    "a weight of a score": 0.5,
    "a rate a year": 0.5,
    "a size relative to the average": 0.5,
    "a cut": 0.5,
}
"""Width of an unconfirmed figure whose block states none, by the kind of number; calendar years have none.

Amounts and shares, the first eight: the root mean square of the logarithms by which 150 figures that had been entered
from memory were off what was found in print later is 0.4 to 0.6, half of them within 0.2 (docs/data.md). Terms of loans
and limits vary less between sources than that. Weights, rates and sizes without a unit are conventions: 0.5 takes nine
draws in ten within a factor of 2.3.
"""

CONVENTIONS = (
    "a weight",
    "a factor",
    "a weight of a score",
    "a cut",
    "a size relative to the average",
)
"""Kinds of numbers that no publisher prints: where no source confirms one, it is this model's convention."""

PARTS = ("a share", "a part", "a share of the capital at the opening")
"""Kinds of numbers that are parts of a whole where they stand in a table."""

ROUNDING = 1e-12
"""A figure that is off what is stated by no more has not moved."""

MOST_STEPS_BACK = 30
"""Halvings of a draw that breaks a rule of its file; after these it is the file."""


@dataclass(frozen=True)
class Figure:
    """A number of a file, and what is known about it.

    Attributes
    ----------
    path
        Its name, by kind of institution, code and keys.
    value
        As the file states it.
    confirmed
        Whether the source prints it.
    width
        Standard deviation of its logarithm, or of the logarithm of its odds where it is a part of a whole; 0 where it
        is not drawn: confirmed without a width of its own, a calendar year, zero, all of a whole, or what follows
        from others.
    usual
        The width of its kind, had nothing been found and stated.
    source
        Where it is from, in the words of the file.
    place
        Code of its institution, and its keys in the file.
    range
        Its kind and bounds.
    """

    path: str
    value: float
    confirmed: bool
    width: float
    usual: float
    source: str
    place: tuple[str, Keys]
    range: Range

    @property
    def convention(self) -> bool:
        """Whether it is a convention of this model, which no source could confirm."""
        return not self.confirmed and self.range.what in CONVENTIONS

    def moved(self, score: float, width: float) -> float:
        """Return the figure a number of standard deviations from what is stated, within its bounds."""
        value, low, high = float(self.value), self.range.low, self.range.high
        if self.range.what in PARTS and 0.0 < value < 1.0:
            odds = value / (1.0 - value) * math.exp(width * score)
            found = odds / (1.0 + odds)
        else:
            found = value * math.exp(width * score)
        found = min(max(found, low), high)
        if self.range.whole:
            return max(int(low), round(found))
        return found or value  # a part above nothing stays above it


@lru_cache(maxsize=8)
def figures_of(files: InstitutionFiles) -> tuple[Figure, ...]:
    """Return every figure of these files, in the order of kinds, codes and keys."""
    return tuple(figure for kind, item in _items(files) for figure in _figures_of(kind, item))


def _items(files: InstitutionFiles) -> Iterator[tuple[Kind[Any], Institution]]:
    for kind in kinds():
        for item in files.of(kind.model):
            yield kind, item


def _figures_of(kind: Kind[Any], item: Institution) -> Iterator[Figure]:
    for keys, value, bounds in numbers_in(item):
        depth, block = _owner(item, keys)
        inside = keys[depth:]
        if block is None or inside[0] == "width":
            continue
        confirmed = block.is_confirmed(*inside)
        usual = 0.0 if _fixed(value, bounds, block, inside) else WIDTHS.get(bounds.what, 0.0)
        stated = block.stated_width(*inside)
        width = (0.0 if confirmed else usual) if stated is None or not usual else stated
        named = keys[:-1] if keys[-1] == "value" else keys
        yield Figure(
            path=".".join(str(k) for k in ("institutions", kind.folder, item.code.lower(), *named)),
            value=value,
            confirmed=confirmed,
            width=width,
            usual=usual,
            source=block.source,
            place=(item.code, keys),
            range=bounds,
        )


def _owner(item: Institution, keys: Keys) -> tuple[int, Sourced | None]:
    """Return the innermost block with a source that a number stands in, and how many keys lead to it."""
    at: Any = item
    found: tuple[int, Sourced | None] = (0, item if isinstance(item, Sourced) else None)
    for depth, key in enumerate(keys, start=1):
        at = getattr(at, str(key)) if isinstance(at, Strict) else at[key]
        if isinstance(at, Sourced):
            found = depth, at
    return found


def _fixed(value: float, bounds: Range, block: Sourced, inside: Keys) -> bool:
    """Whether a number does not move: none is none, all is all, and what follows from others follows them."""
    whole = bounds.what in PARTS and value == 1.0
    return value == 0 or whole or inside[-1] in type(block).FOLLOWS


# ------------------------------------------------------------------------------------------------------------- draws


def draw_figures(files: InstitutionFiles, quantiles: Mapping[str, float]) -> dict[str, float]:
    """Return the values of a draw by path, those that differ from what the files state.

    Parameters
    ----------
    files
        What is stated.
    quantiles
        In (0, 1) by path, of figures that are drawn; 0.5 is what is stated.
    """
    drawn: dict[str, list[tuple[Figure, float]]] = defaultdict(list)
    for figure in figures_of(files):
        if figure.path in quantiles:
            width = figure.width or figure.usual
            drawn[figure.place[0]].append((figure, width * ndtri(quantiles[figure.path])))
    values: dict[str, float] = {}
    for _, item in _items(files):
        if item.code in drawn:
            values |= _drawn_values(item, drawn[item.code])
    return values


def _drawn_values(item: Institution, moves: list[tuple[Figure, float]]) -> dict[str, float]:
    part = 1.0
    for _ in range(MOST_STEPS_BACK):
        data = item.model_dump()
        for figure, move in moves:
            _put(data, figure.place[1], figure.moved(part * move, 1.0))
        _keep_sums(item, data, [figure for figure, _ in moves])
        followers = _follow(item, data, [figure for figure, _ in moves])
        try:
            type(item).model_validate(data)
        except ValidationError:
            part /= 2
            continue
        found = {figure.path: _get(data, figure.place[1]) for figure, _ in moves}
        stated = {figure.path: figure.value for figure, _ in moves}
        return followers | {
            path: value
            for path, value in found.items()
            if not math.isclose(value, stated[path], rel_tol=ROUNDING)
        }
    return {}


def _keep_sums(item: Institution, data: dict[str, Any], moved: list[Figure]) -> None:
    """Scale the parts of a table that moved so that they add up to what they added up to."""
    tables: dict[Keys, list[Figure]] = defaultdict(list)
    for figure in moved:
        keys = figure.place[1]
        table = keys[:-2] if keys[-1] == "share" else keys[:-1]
        if figure.range.what in PARTS and isinstance(_at(item, table), Mapping):
            tables[table].append(figure)
    for figures in tables.values():
        stated = math.fsum(figure.value for figure in figures)
        now = math.fsum(_get(data, figure.place[1]) for figure in figures)
        for figure in figures:
            keys = figure.place[1]
            _put(data, keys, _get(data, keys) * stated / now)


def _follow(item: Institution, data: dict[str, Any], moved: list[Figure]) -> dict[str, float]:
    """Work out what follows from figures that moved, and return it by path."""
    found: dict[str, float] = {}
    for figure in moved:
        keys = figure.place[1]
        depth, block = _owner(item, keys)
        if block is None or not type(block).FOLLOWS:
            continue
        inside = _get(data, keys[:depth])
        for name, value in block.following(inside).items():
            if math.isclose(value, inside[name], rel_tol=ROUNDING):
                continue
            inside[name] = value
            stem = ".".join(figure.path.split(".")[: 3 + depth])
            found[f"{stem}.{name}"] = value
    return found


def with_figures(files: InstitutionFiles, values: Mapping[str, float]) -> InstitutionFiles:
    """Return the files with other values of some figures, by path.

    Raises
    ------
    InputError
        For a path that no figure has, or a value that a file's rules do not allow.
    """
    if not values:
        return files
    places = {figure.path: figure.place for figure in figures_of(files)}
    by_code: dict[str, dict[Keys, float]] = defaultdict(dict)
    for path, value in values.items():
        if path not in places:
            raise unknown("figure of this name", path, places, key="figures")
        code, keys = places[path]
        by_code[code][keys] = value
    found: dict[type[Institution], tuple[Institution, ...]] = {}
    for kind in kinds():
        found[kind.model] = tuple(
            _replaced(item, by_code[item.code]) if item.code in by_code else item
            for item in files.of(kind.model)
        )
    together = f"{files.content_hash}\n{figures_hash(values)}"
    return InstitutionFiles(found, hashlib.sha256(together.encode()).hexdigest())


def _replaced(item: Institution, values: Mapping[Keys, float]) -> Institution:
    data = item.model_dump()
    for keys, value in values.items():
        _put(data, keys, value)
    try:
        return type(item).model_validate(data)
    except ValidationError as failure:
        wrong = failure.errors()[0]
        raise InputError(
            f"figures of {item.code} do not go together: {wrong['msg']}",
            key="figures." + ".".join(str(k) for k in wrong["loc"]),
        ) from None


def figures_hash(values: Mapping[str, float]) -> str:
    """Return a hash of figures that were put in the place of what files state; empty for none."""
    if not values:
        return ""
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()


def _at(item: Institution, keys: Keys) -> Any:
    at: Any = item
    for key in keys:
        at = getattr(at, str(key)) if isinstance(at, Strict) else at[key]
    return at


def _get(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


def _put(data: Any, keys: Keys, value: float) -> None:
    _get(data, keys[:-1])[keys[-1]] = value
