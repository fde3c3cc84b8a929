"""Step 9: what countries report of their cooperation, as against what happened."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sscsim.outcomes import measurement
from sscsim.steps.institutions import Institutions
from sscsim.steps.submodel import Given, Submodel, Submodels, Year
from sscsim.types import Array
from sscsim.world.state import variable

__all__ = ["Measurement"]


PREFIX = "reported_"


class Measurement(Submodel):
    """What countries report, with which error, and what evidence it leaves."""

    name = "measurement"
    title = "countries report on their cooperation"
    needs = (Institutions,)
    variables = (
        variable(
            "common_method",
            "country",
            "0 to 1",
            "How far its reports follow a method that others share",
        ),
        variable(
            "reporting_error",
            "country",
            "log",
            "Standard deviation of the error of what it reports",
        ),
        variable(
            "evidence",
            "country",
            "0 to 1",
            "Part of its recent cooperation on record in a form others can use",
        ),
        variable(
            "reported_provider",
            "country",
            "0 or 1",
            "Whether it is on record as a provider of cooperation",
        ),
        variable("reported_agency", "country", "0 or 1", "Whether its agency is on record"),
        variable(
            "reported_un_support",
            "country",
            "0 or 1",
            "Whether support by the United Nations is on record",
        ),
        variable(
            "reported_projects_provided",
            "country",
            "projects",
            "Projects under way that the country reports to provide",
        ),
        variable(
            "reported_projects_received",
            "country",
            "projects",
            "Projects under way that the country reports to learn in",
        ),
        variable(
            "reported_technology_exchange",
            "country",
            "0 or 1",
            "Whether it reports an exchange in science, technology and innovation",
        ),
    )
    policy = (
        variable(
            "method_policy",
            "country",
            "0 to 1",
            "Part of the way to a common method that policy goes in a year",
        ),
    )
    reported = tuple(one for one in variables if one.name.startswith(PREFIX))
    """What exists twice: each stands beside a variable of the same name without the prefix."""
    reads = (
        "reporting",
        "common_method",
        "reporting_error",
        "evidence",
        *(one.name.removeprefix("reported_") for one in reported),
    )

    def __init__(self, given: Given, others: Submodels) -> None:
        self.institutions = others.of(Institutions)
        self.parameters = measurement.MeasurementParameters.from_parameters(given.parameters)
        self.reports: dict[int, Array] = {}
        """Part of each country's cooperation that it puts on record, by year."""

    def open(self, now: Year) -> None:
        """Set what the base year opened with: evidence as if all had long reported as they do now."""
        state, rules = now.state, self.parameters
        state.reporting_error = measurement.reporting_error(state.common_method, rules)
        usable = rules.evidence_own_method + (1.0 - rules.evidence_own_method) * state.common_method
        state.evidence = state.reporting * usable
        self._report(now)

    def run(self, now: Year) -> None:
        """Let methods and evidence move, and countries report."""
        state, rules = now.state, self.parameters
        if now.since > 0:
            bodies = self.institutions.of_year(now).method
            state.common_method = measurement.method_step(
                state.common_method, state.reporting, bodies, state.method_policy, rules
            )
            state.reporting_error = measurement.reporting_error(state.common_method, rules)
            state.evidence = measurement.evidence_step(
                state.evidence, state.reporting, state.common_method, rules
            )
        self._report(now)

    def _report(self, now: Year) -> None:
        """Fill every reported variable from the one it reports."""
        state, rules = now.state, self.parameters
        cover = measurement.coverage(state.common_method, rules)
        self.reports[state.year] = state.reporting * cover
        normals = now.luck.normal("reports", state.year, len(now.world.iso3))
        for one in self.reported:
            values: Array = getattr(state, one.name.removeprefix(PREFIX))
            seen = (
                measurement.report_flags(values, state.reporting)
                if one.unit == "0 or 1"
                else measurement.report_values(
                    values, state.reporting, cover, state.reporting_error, normals
                )
            )
            setattr(state, one.name, seen)


def reported_projects(
    reports: Mapping[int, Array],
    project: NDArray[np.intp],
    party: NDArray[np.intp],
    start: NDArray[np.intp],
    end: NDArray[np.intp],
    luck: Array,
) -> NDArray[np.bool_]:
    """Return which projects have been reported by now by one of their parties, ``(project,)``.

    Parameters
    ----------
    reports
        By year, what part of their cooperation countries report, ``(country,)``.
    project, party
        Who takes part in what, a line each.
    start, end
        Calendar years; those before the first report are seen as in its year.
    luck
        The projects' own uniforms.
    """
    years = sorted(reports)
    seen = np.array([reports[year] for year in years])
    first, last = (np.clip(year, years[0], years[-1]) - years[0] for year in (start, end))
    return measurement.project_is_reported(
        project, party, first, last, seen, measurement.folded_uniforms(luck)
    )
