"""Why: what an effect comes from, in four ways that each add up, or say what they leave.

`goal_channels` takes effects on Goals apart by the drivers that moved them, `lever_shares` by groups of levers
(Shapley), `mechanism_worths` by mechanisms of the model that are switched off, and `effect_chains` says for a country,
link by link, how an effect came about. Nothing here is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sscsim.experiments.why.chain import ENGLISH, Chain, Link, effect_chains, sentence
    from sscsim.experiments.why.channels import Channels, goal_channels
    from sscsim.experiments.why.levers import LeverShares, lever_shares
    from sscsim.experiments.why.worth import Worths, mechanism_worths

__all__ = [
    "ENGLISH",
    "Chain",
    "Channels",
    "LeverShares",
    "Link",
    "Worths",
    "effect_chains",
    "goal_channels",
    "lever_shares",
    "mechanism_worths",
    "sentence",
]

_WHERE = {
    "Chain": "chain",
    "Channels": "channels",
    "LeverShares": "levers",
    "Link": "chain",
    "Worths": "worth",
    "effect_chains": "chain",
    "ENGLISH": "chain",
    "sentence": "chain",
    "goal_channels": "channels",
    "lever_shares": "levers",
    "mechanism_worths": "worth",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
