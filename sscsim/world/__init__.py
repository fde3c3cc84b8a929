"""What is: the economies, their geography, groups and base-year figures.

For a newcomer: start with `load_world`, which reads the tables in ``data/`` into one read-only
`World` whose arrays are all sorted by ISO code. The other modules of this room are

- `tables`: the world itself, `loading` reads it, `reading` a single file;
- `columns`: what each column is (``data/columns.yaml``), for validation and documentation;
- `overlay`: a user's own figures and a user's own trade matrix, read strictly;
- `validation`: what must be true of a world before a run may rest on it;
- `sources`: the same figures for people: where each comes from and what was imputed;
- `state`: the arrays that change in a run;
- `events`: dated events of the record.

The tables are written by the generator in ``tools/world_data`` and documented in ``docs/data.md``.
Nothing here knows about steps, agents or policies.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscsim.world.loading import load_world
    from sscsim.world.tables import GOALS, World
    from sscsim.world.validation import Finding, check

__all__ = ["GOALS", "Finding", "World", "check", "load_world"]

_HOME = {
    "GOALS": "tables",
    "World": "tables",
    "load_world": "loading",
    "Finding": "validation",
    "check": "validation",
}


def __getattr__(name: str) -> Any:
    # Looked up when used (PEP 562): the state and the help texts must not wait for pandas.
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
