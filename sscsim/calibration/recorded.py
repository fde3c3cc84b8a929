"""The recorded set of parameters: what a fit found, and whether it still meets the report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sscsim.calibration.observing import Journal, ModelSimulator, Observer, checks_of
from sscsim.calibration.targets import Comparison, Shown, Target, judge, show_beside
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.settings import RunSettings
from sscsim.yamlfile import Block, read_yaml

__all__ = ["RECORDED", "Recorded", "compare_recorded", "load_recorded", "recorded_text"]

RECORDED = "recorded.yaml"
"""File in the folder of calibrations."""


class Recorded(Block):
    """What `recorded.yaml` holds."""

    scenario: str = "baseline"
    seeds: int = Field(1, ge=1, le=1000, description="medians are over seeds 1 to this")
    end: int = Field(LAST_YEAR, ge=FIRST_YEAR, le=LAST_YEAR, description="last year simulated")
    parameters: dict[str, float]


def load_recorded(path: Path) -> Recorded:
    """Read a recorded set.

    Raises
    ------
    InputError
        With file, line and key, for anything the schema does not allow, an unknown parameter or a
        value out of its bounds.
    """
    from sscsim.parameters import default_parameters

    document = read_yaml(path)
    recorded = document.validate(Recorded, document.data)
    default_parameters().replace(recorded.parameters, source=str(path))
    return recorded


def recorded_text(recorded: Recorded, comments: Sequence[str]) -> str:
    """Return a recorded set as the text of its file, with its origin as comments above."""
    lines = [f"# {line}".rstrip() for line in comments]
    lines += [
        f"scenario: {recorded.scenario}",
        f"seeds: {recorded.seeds}",
        f"end: {recorded.end}",
        "parameters:",
    ]
    lines += [f"  {name}: {_plain(value)}" for name, value in sorted(recorded.parameters.items())]
    return "\n".join(lines) + "\n"


def _plain(value: float) -> str:
    text = repr(value)
    return text if "." in text or "e" in text else f"{text}.0"


def compare_recorded(
    recorded: Recorded,
    targets: Sequence[Target],
    *,
    workers: int = 1,
    progress: Any = None,
) -> tuple[Comparison, ...]:
    """Simulate a recorded set and compare medians over its seeds with the report.

    Returns
    -------
    tuple of Comparison
        One for each check, one for a row without; in the order of the targets. What is shown
        beside a row is a median too.
    """
    asked = RunSettings(recorded.scenario, end=recorded.end)
    simulator = ModelSimulator.of(targets, asked, beside=True)
    with Observer(simulator, Journal(), workers, progress) as observer:
        seen = observer.observe(
            [recorded.parameters], [range(1, recorded.seeds + 1)], "recorded set"
        )[0]
    count = len(checks_of(targets))
    return judge(
        targets, medians_by_id(targets, seen[:, :count]), _medians_beside(targets, seen[:, count:])
    )


def medians_by_id(targets: Sequence[Target], seen: NDArray[np.float64]) -> Mapping[str, float]:
    """Return the median over seeds of each check, NaN where a run does not show it."""
    ids = [item.id for item in checks_of(targets)]
    return {name: _median(values) for name, values in zip(ids, seen.T, strict=True)}


def _medians_beside(
    targets: Sequence[Target], seen: NDArray[np.float64]
) -> Mapping[str, tuple[Shown, ...]]:
    """Return by the target's id what is shown beside it, as medians over seeds."""
    medians = iter([_median(values) for values in seen.T])
    return {t.id: show_beside(t, [next(medians) for _ in t.beside]) for t in targets if t.simulated}


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if np.isfinite(values).all() else math.nan
