"""Step 9: what countries report of their cooperation, as against what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sscsim.outcomes import measurement
from sscsim.world.state import variables

if TYPE_CHECKING:
    from sscsim.model import SouthSouthModel

__all__ = ["READS", "REPORTED", "WRITES", "open_measurement", "reported_projects", "run"]

REPORTED = tuple(v for v in variables() if v.name.startswith("reported_"))
"""What exists twice: each stands beside a variable of the same name without the prefix."""

READS = (
    "year",
    "reporting",
    "common_method",
    "method_policy",
    "reporting_error",
    "evidence",
    *(v.name.removeprefix("reported_") for v in REPORTED),
)
WRITES = ("common_method", "reporting_error", "evidence", *(v.name for v in REPORTED))


def open_measurement(model: SouthSouthModel) -> None:
    """Fill what the base year opened with: evidence as if all had long reported as they do now."""
    state = model.state
    rules = measurement.MeasurementParameters.from_parameters(model.parameters)
    state.reporting_error = measurement.reporting_error(state.common_method, rules)
    usable = rules.evidence_own_method + (1.0 - rules.evidence_own_method) * state.common_method
    state.evidence = state.reporting * usable
    _report(model, rules)


def run(model: SouthSouthModel) -> None:
    """Let methods and evidence move, and countries report."""
    state = model.state
    rules = measurement.MeasurementParameters.from_parameters(model.parameters)
    if state.year > model.base.year:
        _, bodies = model.institutions.body_reporting(model.world, state.year)
        state.common_method = measurement.method_step(
            state.common_method, state.reporting, bodies, state.method_policy, rules
        )
        state.reporting_error = measurement.reporting_error(state.common_method, rules)
        state.evidence = measurement.evidence_step(
            state.evidence, state.reporting, state.common_method, rules
        )
    _report(model, rules)


def reported_projects(
    model: SouthSouthModel,
    project: NDArray[np.intp],
    party: NDArray[np.intp],
    start: NDArray[np.intp],
    end: NDArray[np.intp],
    luck: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Return which projects have been reported by now by one of their parties, ``(project,)``.

    Parameters
    ----------
    project, party
        Who takes part in what, a line each.
    start, end
        Calendar years; those before the first report are seen as in its year.
    luck
        The projects' own uniforms.
    """
    years = sorted(model.reports)
    seen = np.array([model.reports[year] for year in years])
    first, last = (np.clip(year, years[0], years[-1]) - years[0] for year in (start, end))
    return measurement.project_is_reported(
        project, party, first, last, seen, measurement.folded_uniforms(luck)
    )


def _report(model: SouthSouthModel, rules: measurement.MeasurementParameters) -> None:
    """Fill every reported variable from the one it reports."""
    state = model.state
    cover = measurement.coverage(state.common_method, rules)
    model.reports[state.year] = state.reporting * cover
    normals = model.streams.normal("reports", state.year, len(model.world.iso3))
    for variable in REPORTED:
        values: NDArray[np.float64] = getattr(state, variable.name.removeprefix("reported_"))
        seen = (
            measurement.report_flags(values, state.reporting)
            if variable.unit == "0 or 1"
            else measurement.report_values(
                values, state.reporting, cover, state.reporting_error, normals
            )
        )
        setattr(state, variable.name, seen)
