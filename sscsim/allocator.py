"""Memory that a process of many runs keeps from one year to the next, instead of giving it back and asking anew."""

from __future__ import annotations

import ctypes
import os
from functools import lru_cache

__all__ = ["keep_freed_memory"]

KEPT = 32 * 2**20
"""Bytes at the end of the heap that stay with the process once they are free: a hundred matrices of pairs."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Options of the GNU C library's ``mallopt`` (malloc.h)."""


@lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Let the C library keep what a year of a model frees for the next; return whether it does from now on.

    Where several models of a flight are held, each year's matrices come to lie at the end of the heap, which the
    library returns to the system when they are freed and asks for again a moment later: each page is then filled with
    zeros first, which takes a forty-fifth of a year. Nothing is done where the library is another, or where whoever
    started the process has told it how to keep memory.
    """
    told = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
    if any(name in os.environ for name in told) or "malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return False
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - others have options of other numbers
        # Once one of the two is set, the library no longer moves the other by itself: matrices would be mapped singly.
        options = ((_MMAP_THRESHOLD, KEPT), (_TRIM_THRESHOLD, KEPT))
        return all(library.mallopt(option, value) for option, value in options)
    except (AttributeError, OSError, TypeError):  # of a system without it
        return False
