"""Many runs: designs over the priors, members and their identity, the store, the executors.

A `Member` is one run that is to be made; `sscsim.experiments.members.members` makes them from draws, seeds and
scenarios. Its key is a hash of everything its results depend on, so that a `RunStore` never holds a result twice and
never runs one again. `run_ensemble` takes members to the store with an executor: one process, several, or Dask.
`compare` sets scenarios against a reference in fair pairs, `seek` finds the value of a lever that an outcome takes.
Nothing here is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscsim.experiments.design import Design, drawn_parameters
    from sscsim.experiments.ensemble import EnsembleResult, Tally, run_ensemble
    from sscsim.experiments.members import Member, model_identity
    from sscsim.experiments.pairs import Effects, compare
    from sscsim.experiments.seeking import Answer, seek
    from sscsim.experiments.store import Failure, RunStore

__all__ = [
    "Answer",
    "Design",
    "Effects",
    "EnsembleResult",
    "Failure",
    "Member",
    "RunStore",
    "Tally",
    "compare",
    "drawn_parameters",
    "model_identity",
    "run_ensemble",
    "seek",
]

_WHERE = {
    "Answer": "seeking",
    "Design": "design",
    "Effects": "pairs",
    "EnsembleResult": "ensemble",
    "Failure": "store",
    "Member": "members",
    "RunStore": "store",
    "Tally": "ensemble",
    "compare": "pairs",
    "drawn_parameters": "design",
    "model_identity": "members",
    "run_ensemble": "ensemble",
    "seek": "seeking",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
