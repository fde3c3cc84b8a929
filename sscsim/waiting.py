"""Packages of others that are put in place with their body still to be run.

``import mesa`` loads Mesa's grids, its collector and its batch runner, and with them pandas, networkx and half of
SciPy; ``import scipy.special`` wraps each of its functions for other libraries of arrays, and loads NumPy's tests for
it. We need a model and its agents, and five functions. A package whose body waits lets its modules be imported one by
one, and runs its body as soon as anybody asks it for something that is not there yet: it gives all that it always gave,
later.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, ModuleType
from typing import Any

__all__ = ["near_callers", "put_in_place"]

_OF_BODIES = ("__all__", "__version__", "__title__", "__license__", "__copyright__")
_one_at_a_time = threading.RLock()


class _Waiting(ModuleType):
    """A package whose body has not been run."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in _OF_BODIES:
            raise AttributeError(name)  # what tools ask of any module; no reason to run it
        with _one_at_a_time:
            spec = vars(self)["__spec__"]
            if type(self) is _Waiting and not vars(self).get("_begun"):
                self._begun = True
                try:
                    spec.loader.exec_module(self)
                finally:
                    del self._begun
                self.__class__ = ModuleType  # type: ignore[assignment]
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"module {spec.name!r} has no attribute {name!r}") from None


def put_in_place(*names: str) -> None:
    """Put packages in place unless they are imported already; one that is missing is left to whoever imports it."""
    for name in names:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None or spec.submodule_search_locations is None:
            return
        package = importlib.util.module_from_spec(spec)
        package.__class__ = _Waiting
        sys.modules[name] = package
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, package)


@contextmanager
def near_callers() -> Iterator[None]:
    """Let `inspect` look no further than the next caller, which is all that packages want that name their logs by it.

    Mesa asks three times who imports it. The answer comes with the source of every caller up to the command line, and
    each is looked for among all modules: a tenth of what ``sscsim run`` costs.
    """
    plain = inspect.getouterframes

    def near(frame: FrameType, context: int = 1) -> list[inspect.FrameInfo]:
        found = []
        for one in (frame, frame.f_back):
            if one is not None:
                code = one.f_code
                lines = code.co_filename, one.f_lineno, code.co_name, None, None
                found.append(inspect.FrameInfo(one, *lines))
        return found

    with _one_at_a_time:
        inspect.getouterframes = near
        try:
            yield
        finally:
            inspect.getouterframes = plain
