"""sscsim simulates South-South cooperation: who trades with, lends to, invests in and learns from whom.

>>> from sscsim import simulate
>>> run = simulate("baseline", seed=1)
>>> run.indicators  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscsim.meanings import what_names_mean
    from sscsim.model import SouthSouthModel, simulate
    from sscsim.reports.plots import Plots
    from sscsim.results.run import Run
    from sscsim.world.loading import load_world

__version__ = "0.2.0"
__all__ = [
    "Plots",
    "Run",
    "SouthSouthModel",
    "__version__",
    "load_world",
    "simulate",
    "what_names_mean",
]

_WHERE = {
    "Plots": "sscsim.reports.plots",
    "Run": "sscsim.results.run",
    "SouthSouthModel": "sscsim.model",
    "load_world": "sscsim.world.loading",
    "what_names_mean": "sscsim.meanings",
    "simulate": "sscsim.model",
}


def __getattr__(name: str) -> Any:
    # Attributes load what they need on first use, so that `sscsim --help` starts at once (PEP 562).
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'sscsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
