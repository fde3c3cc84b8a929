"""Which package of levers: a search over several aims and many futures, for any function and for the model.

`sscsim.search.core` searches levels of any function from packages to outcomes over futures; `sscsim.search.measures`
says what is robust, what is regretted and what satisfices. `search` asks the model, with costs, in fair pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscsim.search.core import Aims, Archive, Axis, Outcome, search_levels
    from sscsim.search.packages import Found, Package, Task, search

__all__ = [
    "Aims",
    "Archive",
    "Axis",
    "Found",
    "Outcome",
    "Package",
    "Task",
    "search",
    "search_levels",
]

_WHERE = {
    "Aims": "core",
    "Archive": "core",
    "Axis": "core",
    "Found": "packages",
    "Outcome": "core",
    "Package": "packages",
    "Task": "packages",
    "search": "packages",
    "search_levels": "core",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
