"""Mesa's model and agents, without the rest of Mesa: it would take as long to import as a run takes to simulate.

``import mesa`` gives all of Mesa, before and after, with the same classes.
"""

from __future__ import annotations

from types import MethodType

from sscsim.waiting import near_callers, put_in_place

# Newer versions of Mesa's model use single modules of the second.
put_in_place("mesa", "mesa.experimental")

with near_callers():
    from mesa.agent import Agent, AgentSet
    from mesa.model import Model

__all__ = ["Agent", "AgentSet", "Model", "let_go"]


def let_go(model: Model) -> None:
    """Part a model from its agents and from what Mesa keeps in it that knows it."""
    model.remove_all_agents()
    # Its wrapped `step`, and from 3.5 on a clock and a scenario.
    for name, one in list(vars(model).items()):
        if isinstance(one, MethodType) or getattr(one, "model", None) is model:
            stop = getattr(one, "stop", None)
            if stop is not None:  # a schedule and its next event hold each other
                stop()
            delattr(model, name)
