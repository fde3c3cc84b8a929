"""Watching a model go through the plan of its year: what each step changed, variable by variable.

A step never writes into an array: it puts another in its place. So it is enough to look which arrays of the state are
others after a step than before. Variables between countries are kept as sums by origin; nothing else is reduced.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import unknown
from sscsim.steps.plan import variables
from sscsim.types import Array
from sscsim.world.state import Variable

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel
    from sscsim.steps.submodel import Submodel, Year
    from sscsim.world.state import State

__all__ = ["TURN", "Change", "History", "changes", "watch"]

TURN = "turn"
"""What happens between two years, before the first step: stocks take what the last year left."""

Moves = Mapping[str, tuple[Array, Array]]
"""Variable → its values before and after."""

SUMMED = ("bn USD", "bn 2015 USD", "million", "projects", "thousand")
"""Units whose numbers are added up; others are averaged."""

PAIRS = ("origin", "destination")


@dataclass(frozen=True)
class Change:
    """What a step made of a variable.

    Attributes
    ----------
    variable
        The variable.
    before, after
        Total over its places, or mean where its unit is none that adds up.
    moved, places
        How many of its places changed, and how many there are.
    size
        Sum of the absolute changes over the sum of the absolute values before; infinite where these were nothing.
    furthest
        Name of the country, bank or other place that changed most, and by how much; None for one without.
    """

    variable: Variable
    before: float
    after: float
    moved: int
    places: int
    size: float
    furthest: tuple[str, float] | None


@dataclass(eq=False, repr=False)
class History:
    """What was seen of a model.

    Attributes
    ----------
    ends
        Year → variable → values at the end of it.
    moves
        Year → step, `TURN` for the turn of the year → what it changed, in order.
    labels
        Names along axes.
    """

    labels: Mapping[str, Sequence[str]]
    ends: dict[int, dict[str, Array]] = field(default_factory=dict)
    moves: dict[int, dict[str, Moves]] = field(default_factory=dict)
    _last: dict[str, Array] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> History:
        """Return a history that goes on by itself; both hold the same arrays of the past, which nobody changes."""
        twin = copy.copy(self)
        memo[id(self)] = twin
        twin.ends = dict(self.ends)
        twin.moves = dict(self.moves)
        return twin

    def begin(self, state: State) -> None:
        """Take the state as the one that changes are seen against."""
        self._last = dict(vars(state))

    def see(self, step: str, state: State) -> None:
        """Keep what is another now than when the state was last seen."""
        now = dict(vars(state))
        found = {
            name: (_kept(name, before), _kept(name, now[name]))
            for name, before in self._last.items()
            if now[name] is not before and isinstance(before, np.ndarray)
        }
        self.moves.setdefault(int(state.year), {})[step] = found
        self._last = now

    def close(self, state: State) -> None:
        """Keep the end of a year."""
        held = vars(state)
        self.ends[int(state.year)] = {
            name: _kept(name, array)
            for name, array in held.items()
            if isinstance(array, np.ndarray)
        }

    def values(self, name: str, year: int) -> Array:
        """Return a variable at the end of a year.

        Raises
        ------
        InputError
            For a variable that there is not, or a year that was not seen.
        """
        if year not in self.ends:
            raise unknown("year that was seen", str(year), [str(y) for y in self.ends], key="year")
        if name not in self.ends[year]:
            raise unknown("variable of this name", name, self.ends[year], key="variable")
        return self.ends[year][name]


def _kept(name: str, array: Array) -> Array:
    """Return what is kept of a variable: of one between countries, its sums by origin."""
    if name in _of_pairs():
        total: Array = array.sum(axis=1)
        return total
    return array


@lru_cache(maxsize=1)
def _declared() -> dict[str, Variable]:
    return {one.name: one for one in variables()}


@lru_cache(maxsize=1)
def _of_pairs() -> frozenset[str]:
    return frozenset(name for name, one in _declared().items() if one.axes == PAIRS)


class _Watched:
    """A step in the place of another: it runs it and looks what became of the state."""

    def __init__(self, step: Submodel, history: History, *, first: bool, last: bool) -> None:
        self.step, self.history = step, history
        self.name = step.name
        self._first, self._last = first, last

    def run(self, now: Year) -> None:
        if self._first:
            self.history.see(TURN, now.state)
        self.step.run(now)
        self.history.see(self.name, now.state)
        if self._last:
            self.history.close(now.state)

    def remember(self, now: Year) -> None:
        self.step.remember(now)

    def tables(self, now: Year) -> Any:
        return self.step.tables(now)


def watch(model: SouthSouthModel) -> History:
    """Watch a model from here on, and return what is seen of it; a model that is watched already stays so.

    A copy of the model (`SouthSouthModel.fork`) is watched too, with a history of its own: call `watch` on it.

    Parameters
    ----------
    model
        Any model; nothing of what it computes changes.
    """
    seen: History | None = vars(model).get("history")
    if seen is not None:
        return seen
    history = History(
        {
            "country": model.world.iso3,
            "origin": model.world.iso3,
            "bank": [bank.code for bank in model.deciding.banks],
            "world": ["World"],
        }
    )
    history.begin(model.state)
    steps: list[Any] = list(model.plan)
    ends = len(steps) - 1
    watched: list[Any] = [
        _Watched(step, history, first=i == 0, last=i == ends) for i, step in enumerate(steps)
    ]
    model.plan = tuple(watched)
    model.__dict__["history"] = history
    return history


def changes(history: History, year: int, step: str) -> list[Change]:
    """Return what a step changed in a year, the largest change first; nothing for a step that did not run.

    Parameters
    ----------
    history
        What was seen.
    year, step
        Of which year, and of which step; `TURN` for the turn of the year.
    """
    found = []
    for name, (before, after) in history.moves.get(year, {}).get(step, {}).items():
        one = _change(_declared()[name], before, after, history.labels)
        if one is not None:
            found.append(one)
    return sorted(found, key=lambda one: (-min(one.size, 1e9), one.variable.name))


def _change(
    variable: Variable, before: Array, after: Array, labels: Mapping[str, Sequence[str]]
) -> Change | None:
    was, now = np.nan_to_num(before), np.nan_to_num(after)
    if was.shape != now.shape:
        return None
    apart = now - was
    moved = int(np.count_nonzero(apart))
    if not moved:
        return None
    summed = variable.unit.startswith(SUMMED)
    whole = np.nansum if summed else np.nanmean
    total, size = float(np.abs(was).sum()), float(np.abs(apart).sum())
    names = labels.get(variable.axes[0])
    by_place = apart.reshape(len(apart), -1)
    place = int(np.abs(by_place).sum(axis=1).argmax())
    return Change(
        variable,
        float(whole(before)) if np.isfinite(before).any() else 0.0,
        float(whole(after)) if np.isfinite(after).any() else 0.0,
        moved,
        apart.size,
        size / total if total > 0 else float("inf"),
        None
        if names is None or len(names) < 2
        else (names[place], float(by_place[place].sum() if summed else by_place[place].mean())),
    )
