"""How the model is fitted: the report's figures as targets, and what a run shows for each of them.

A target is an entry of `calibration/targets.yaml`; an observable is a function of a run that a
target names. Adding a figure needs an entry there and, if nothing like it is observed yet, a
function in `sscsim.calibration.observables`.
"""

from sscsim.calibration.targets import (
    Check,
    Comparison,
    Target,
    compare,
    load_targets,
    observe,
)

__all__ = ["Check", "Comparison", "Target", "compare", "load_targets", "observe"]
