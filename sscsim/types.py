"""Types of arrays: what an axis-aligned number, mark or row is stored as. Imports NumPy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Index", "Ints", "Mask"]

Array = NDArray[np.float64]
"""Numbers; docstrings name axes and unit."""

Mask = NDArray[np.bool_]
"""Whether something holds, entry by entry."""

Index = NDArray[np.intp]
"""Rows or columns of another array."""

Ints = NDArray[np.int64]
"""Counts and years."""
