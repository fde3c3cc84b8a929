"""An indicator that no line can say: it has a function of its name."""

from __future__ import annotations

import numpy as np

from sscsim.outcomes.indicators.year import Year
from sscsim.types import Array, Index


def median_travellers(year: Year, rows: Index) -> Array:
    """Return the arrivals of the member in the middle, million, a number a group, ``(rows,)``."""
    arrivals = year.state.arrivals
    members = [arrivals[year.members[row] > 0] for row in rows]
    return np.array([np.median(one) if len(one) else np.nan for one in members])
