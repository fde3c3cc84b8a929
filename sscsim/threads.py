"""One thread for linear algebra while a model runs: arrays of this size gain nothing by more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

from sscsim.special import blas

__all__ = ["one_thread"]


class _Held(threading.local):
    """Whether this thread holds its linear algebra already; what libraries make of a limit is a thread's own affair."""

    already = False


_held = _Held()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread for as long as this is entered; within itself it is free.

    A run holds it for all of its years, since to look at the libraries for each takes a hundredth of one.
    """
    if _held.already:
        yield
        return
    with _thread_pools().limit(limits=1):
        _held.already = True
        try:
            yield
        finally:
            _held.already = False


@lru_cache(maxsize=1)
def _thread_pools() -> ThreadpoolController:
    """Return the handle on the linear algebra's threads, looked up once: a look-up reads every library loaded.

    SciPy's is loaded first, which is imported when it is first asked for: what is not there would not be held.
    """
    blas()
    return ThreadpoolController()
