"""What a step of the year is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sscsim.errors import InputError, nearest

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["Step", "without"]


@dataclass(frozen=True)
class Step:
    """One step of the year.

    Attributes
    ----------
    name, title
        The name it is switched off by, and what it does in a few words.
    run
        Called once a year with the model; None where the mechanism is not yet simulated.
    reads, writes
        State variables it may read and may assign.
    note
        What a reader should know of its present extent.
    """

    name: str
    title: str
    run: Callable[[SouthSouthModel], None] | None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    note: str = ""

    @property
    def simulated(self) -> bool:
        """Whether the step does anything yet."""
        return self.run is not None


def without(plan: Sequence[Step], off: Sequence[str]) -> tuple[Step, ...]:
    """Return the plan without the named steps.

    Raises
    ------
    InputError
        When a name is not in the plan.
    """
    names = [step.name for step in plan]
    for name in off:
        if name not in names:
            raise InputError(
                "there is no step of this name to switch off",
                file="--off",
                found=name,
                allowed=names,
                suggestion=nearest(name, names),
            )
    return tuple(step for step in plan if step.name not in off)
