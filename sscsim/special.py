"""Special functions of SciPy, which is imported when the first of them is called.

The plan of a year and what is printed about it need none of them, and SciPy takes longer to import than they to print.
"""

from __future__ import annotations

from typing import overload

import numpy as np

from sscsim.types import Array

__all__ = ["expit", "gammaincinv", "logit", "ndtr", "ndtri"]


@overload
def expit(x: float) -> float: ...
@overload
def expit(x: Array) -> Array: ...
def expit(x: Array | float) -> Array | float:
    """Return the logistic function: the share whose odds have the logarithm `x`."""
    from scipy import special

    return _alike(x, special.expit(x))


@overload
def logit(x: float) -> float: ...
@overload
def logit(x: Array) -> Array: ...
def logit(x: Array | float) -> Array | float:
    """Return the logarithm of the odds of a share."""
    from scipy import special

    return _alike(x, special.logit(x))


@overload
def ndtr(x: float) -> float: ...
@overload
def ndtr(x: Array) -> Array: ...
def ndtr(x: Array | float) -> Array | float:
    """Return the probability that a standard normal variable lies below `x`."""
    from scipy import special

    return _alike(x, special.ndtr(x))


@overload
def ndtri(x: float) -> float: ...
@overload
def ndtri(x: Array) -> Array: ...
def ndtri(x: Array | float) -> Array | float:
    """Return the value below which a standard normal variable lies with the probability `x`."""
    from scipy import special

    return _alike(x, special.ndtri(x))


def gammaincinv(shape: float, x: Array) -> Array:
    """Return the value below which a gamma variable of this shape lies with the probability `x`."""
    from scipy import special

    return np.asarray(special.gammaincinv(shape, x))


def _alike(given: Array | float, result: Array | float) -> Array | float:
    return result if isinstance(given, np.ndarray) else float(result)
