"""What policy costs: a price range for every lever that one can be had for, and what a scenario costs in fair pairs.

`costs.yaml` declares prices (`sscsim.costs.table`). `cost` sets scenarios against a reference in the same draws, counts
what both did and prices the difference; `sscsim.costs.counting` and `sscsim.costs.ratios` are the arithmetic beneath.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscsim.costs.comparing import Costs, Gain, Priced, cost
    from sscsim.costs.ratios import Ratio, price_ratio
    from sscsim.costs.table import CostTable, cost_table

__all__ = ["CostTable", "Costs", "Gain", "Priced", "Ratio", "cost", "cost_table", "price_ratio"]

_WHERE = {
    "CostTable": "table",
    "Costs": "comparing",
    "Gain": "comparing",
    "Priced": "comparing",
    "Ratio": "ratios",
    "cost": "comparing",
    "cost_table": "table",
    "price_ratio": "ratios",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
