"""In which ways a lever moves its state variable, and whether the tables of both agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sscsim.errors import nearest
from sscsim.policy.levers import Lever
from sscsim.types import Array
from sscsim.world.state import Variable

__all__ = ["MOVES", "Move", "UnwiredLever", "check_levers"]


GOALS = 17


class UnwiredLever(ValueError):
    """A lever of the table moves nothing: a mistake of ours, found when the table is loaded."""


@dataclass(frozen=True)
class Move:
    """One way in which a lever moves its variable.

    Attributes
    ----------
    axes
        Axes of the variable, by the scope of the lever.
    apply
        From the lever's values and what the variable is so far, the variable's new values.
    """

    axes: Mapping[str, tuple[str, ...]]
    apply: Callable[[Array, Array], Array]


def _both_ends(value: Array, before: Array) -> Array:
    # Each end takes its own part off the value; two ends together never reach free carriage.
    ends = 1.0 - value
    return before * ends[:, None] * ends[None, :]


MOVES: dict[str, Move] = {
    "plain": Move(
        {
            "country": ("country",),
            "pair": ("origin", "destination"),
            "world": ("world",),
            "bank": ("bank",),
        },
        lambda value, before: value,
    ),
    "added_to_one": Move(
        {"country": ("country",), "pair": ("origin", "destination")},
        lambda value, before: before * (1.0 + value),
    ),
    "less_at_both_ends": Move({"country": ("origin", "destination")}, _both_ends),
    "log_of_rest": Move({"country": ("country",)}, lambda value, before: np.log1p(-value)),
    "every_goal": Move(
        {"country": ("country", "goal")},
        lambda value, before: np.repeat(value[:, None], GOALS, axis=1),
    ),
}
"""By the name that `how` gives in the table of levers."""


def check_levers(levers: Mapping[str, Lever], policy: Sequence[Variable]) -> None:
    """Find levers that move nothing, variables that no lever moves, and axes and neutral values that do not fit.

    Parameters
    ----------
    policy
        The variables that submodels want policy to set.

    Raises
    ------
    UnwiredLever
        For the first one found.
    """
    known = {one.name: one for one in policy}
    for name, lever in levers.items():
        if lever.moves not in known:
            near = nearest(lever.moves, known)
            raise UnwiredLever(
                f"lever {name} moves {lever.moves}, which no submodel lets policy set"
                + (f"; did you mean {near}?" if near else "")
            )
        moved, move = known[lever.moves], MOVES[lever.how]
        if move.axes.get(lever.scope) != moved.axes:
            raise UnwiredLever(
                f"lever {name} of scope {lever.scope} moves {lever.moves} ({' × '.join(moved.axes)}) "
                f"as {lever.how}: axes do not fit"
            )
        default = np.full(2, lever.default)
        moved_by_default = move.apply(default, np.full([2] * len(moved.axes), moved.neutral))
        if not np.allclose(moved_by_default, moved.neutral, rtol=0.0, atol=0.0):
            raise UnwiredLever(
                f"lever {name} at its default {lever.default} does not leave {lever.moves} neutral "
                f"({moved.neutral})"
            )
    idle = known.keys() - {lever.moves for lever in levers.values()}
    if idle:
        raise UnwiredLever(f"no lever moves {', '.join(sorted(idle))}")
