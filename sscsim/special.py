"""Special functions of SciPy, BLAS and LAPACK, which are imported when the first of them is called.

The plan of a year and what is printed about it need none of them, and SciPy takes longer to import than they to print.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any, overload

import numpy as np

from sscsim.types import Array
from sscsim.waiting import put_in_place

__all__ = ["blas", "expit", "gammaincinv", "lapack", "logit", "ndtr", "ndtri"]


@overload
def expit(x: float) -> float: ...
@overload
def expit(x: Array) -> Array: ...
def expit(x: Array | float) -> Array | float:
    """Return the logistic function: the share whose odds have the logarithm `x`."""
    return _alike(x, _special().expit(x))


@overload
def logit(x: float) -> float: ...
@overload
def logit(x: Array) -> Array: ...
def logit(x: Array | float) -> Array | float:
    """Return the logarithm of the odds of a share."""
    return _alike(x, _special().logit(x))


@overload
def ndtr(x: float) -> float: ...
@overload
def ndtr(x: Array) -> Array: ...
def ndtr(x: Array | float) -> Array | float:
    """Return the probability that a standard normal variable lies below `x`."""
    return _alike(x, _special().ndtr(x))


@overload
def ndtri(x: float) -> float: ...
@overload
def ndtri(x: Array) -> Array: ...
def ndtri(x: Array | float) -> Array | float:
    """Return the value below which a standard normal variable lies with the probability `x`."""
    return _alike(x, _special().ndtri(x))


def gammaincinv(shape: float, x: Array) -> Array:
    """Return the value below which a gamma variable of this shape lies with the probability `x`."""
    return np.asarray(_special().gammaincinv(shape, x))


@lru_cache(maxsize=1)
def blas() -> Any:
    """Return the module of BLAS's routines, `scipy.linalg.blas`."""
    return _without_front("scipy.linalg", "_fblas", ".blas")


@lru_cache(maxsize=1)
def lapack() -> Any:
    """Return the module of LAPACK's routines, `scipy.linalg.lapack`."""
    return _without_front("scipy.linalg", "_flapack", ".lapack")


@lru_cache(maxsize=1)
def _special() -> Any:
    return _without_front("scipy.special", "_ufuncs", "")


def _without_front(package: str, module: str, front: str) -> Any:
    """Return the module that holds the functions: SciPy's own, where it is still called so, without what wraps it."""
    put_in_place(package)
    try:
        return importlib.import_module(f"{package}.{module}")
    except ImportError:
        return importlib.import_module(f"{package}{front}")


def _alike(given: Array | float, result: Array | float) -> Array | float:
    return result if isinstance(given, np.ndarray) else float(result)
