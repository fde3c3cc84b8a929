"""Step 9: the year is recorded. What countries report of it, as against what happened, joins here later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sscsim.world.state import variables

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

READS = ("year", *(variable.name for variable in variables()))
WRITES: tuple[str, ...] = ()


def run(model: SouthSouthModel) -> None:
    """Measure the indicators and keep what the run is asked to keep."""
    state = model.state
    model.measured = model.book.measure(state, model.opening, model.measured)
    if state.year >= model.start:
        model.recorder.record(state, model.measured)
