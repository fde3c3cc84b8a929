"""What is chosen: levers, the scenario files that move them, and when.

A lever is an entry of `levers.yaml` (unit, bounds, default, paragraph, what it moves). A scenario is a YAML file that
says only what differs from another; it may set levers for years, groups, countries or pairs, and change parameters.
"""

from sscsim.policy.levers import Lever, lever_table, unknown_lever
from sscsim.policy.scenario import Scenario, find_scenario, list_scenarios, load_scenario

__all__ = [
    "Lever",
    "Scenario",
    "find_scenario",
    "lever_table",
    "list_scenarios",
    "load_scenario",
    "unknown_lever",
]
