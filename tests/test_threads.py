"""Linear algebra keeps to one thread for as long as anyone asks for it."""

from __future__ import annotations

from threadpoolctl import threadpool_info, threadpool_limits

from sscsim.special import blas
from sscsim.threads import one_thread

blas()  # a library that is loaded later is not limited


def threads() -> set[int]:
    """Return how many threads linear algebra may use."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_it_is_held_until_the_outermost_leaves() -> None:
    with threadpool_limits(limits=2):
        with one_thread():
            with one_thread():
                assert threads() == {1}
            assert threads() == {1}
        assert threads() == {2}


def test_it_is_lifted_when_what_is_done_fails() -> None:
    with threadpool_limits(limits=2):
        try:
            with one_thread():
                raise ValueError
        except ValueError:
            pass
        assert threads() == {2}
