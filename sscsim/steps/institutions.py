"""Step 2: agreements enter into force and phase in; bodies and agencies join here later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "WRITES", "run"]

READS = ("year", "agreement")
WRITES = ("agreement",)


def run(model: SouthSouthModel) -> None:
    """Move every pair's agreement towards what is in force, a year's part of the phase-in at a time."""
    state = model.state
    if state.year == model.base.year:
        return
    step = 1.0 / model.parameters["agreement_phase_in"]
    gap = model.base.agreements[state.year] - state.agreement
    # An agreement that ends, ends at once; only tariff cuts take their time.
    state.agreement = state.agreement + np.where(gap < 0, gap, np.minimum(gap, step))
