"""One thread for linear algebra while a model runs: arrays of this size gain nothing by more."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

from sscsim.special import blas

__all__ = ["one_thread"]


def one_thread() -> AbstractContextManager[object]:
    """Return what holds the linear algebra of this process to one thread for as long as it is entered."""
    limit: AbstractContextManager[object] = _thread_pools().limit(limits=1)
    return limit


@lru_cache(maxsize=1)
def _thread_pools() -> ThreadpoolController:
    """Return the handle on the linear algebra's threads, looked up once: a look-up reads every library loaded.

    SciPy's is loaded first, which is imported when it is first asked for: what is not there would not be held.
    """
    blas()
    return ThreadpoolController()
