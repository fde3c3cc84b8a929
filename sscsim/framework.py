"""Mesa's model and agents, without the rest of Mesa: it would take as long to import as a run takes to simulate.

``import mesa`` gives all of Mesa, before and after, with the same classes.
"""

from __future__ import annotations

from sscsim.waiting import put_in_place

# Newer versions of Mesa's model use single modules of the second.
put_in_place("mesa", "mesa.experimental")

from mesa.agent import Agent, AgentSet  # noqa: E402
from mesa.model import Model  # noqa: E402

__all__ = ["Agent", "AgentSet", "Model"]
