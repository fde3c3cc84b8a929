"""Whole numbers from real ones, checked: what is not a number of things never becomes one by a cast."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sscsim.errors import InadmissibleInput

__all__ = ["LARGEST", "whole", "whole_one"]

LARGEST = 10**9
"""More of anything than the model counts; far below what a whole number of 64 bits holds."""


def whole(values: ArrayLike, what: str, largest: float = LARGEST) -> NDArray[np.intp]:
    """Return real numbers as whole ones, the fraction cut off.

    Parameters
    ----------
    values
        Of any shape, from 0 to `largest`.
    what
        Name of the things that are counted, for the message.
    largest
        The largest number that makes sense.

    Raises
    ------
    InadmissibleInput
        Where one is not a number, infinite, negative or larger.
    """
    given = np.asarray(values)
    # A comparison with what is not a number fails, so that one pass over each end finds it, too.
    if given.size and not (given.min() >= 0.0 and given.max() <= largest):
        wrong = given[~((given >= 0.0) & (given <= largest))]
        raise InadmissibleInput(
            f"the number of {what} cannot be counted with these data and parameters",
            found=float(wrong[0]),
            allowed=f"0 to {largest:,.0f}",
        )
    return given.astype(np.intp)


def whole_one(value: float, what: str, largest: float = LARGEST) -> int:
    """Return one real number as a whole one, as `whole` does."""
    return int(whole(value, what, largest))
