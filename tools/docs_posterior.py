"""Tables of the documentation on the posterior that ships: what runs at its draws show, and what it narrows.

They say what `calibration/posterior_figures.csv` and `calibration/posterior.parquet` hold, and need no run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from sscsim.calibrated import DIAGNOSTICS_FILE, shipped_posterior
from sscsim.calibration.observing import CheckOf, checks_of
from sscsim.calibration.predictive import load_predictive
from sscsim.calibration.targets import load_targets
from sscsim.cli.printing import number as digits
from sscsim.cli.printing import unit_of
from sscsim.experiments.design import Design
from sscsim.experiments.identification import contraction
from sscsim.parameters import default_parameters
from sscsim.resources import calibration_folder

PRIOR_DRAWS = 4000
LEAST = 0.1
"""Contraction from which a parameter stands in the table."""

KNOWLEDGE = (
    "lac_initiatives",
    "lac_triangular",
    "lac_regional",
    "lac_with_other_regions",
    "sti_exchange_share",
    "practices",
    "bilateral_dominates",
)

Rows = list[list[str]]


def figures() -> tuple[Sequence[str], Rows]:
    """Return every simulated figure of the report beside what single runs at the posterior's draws show."""
    return HEAD, [_line(item) for item in _checks()]


def knowledge() -> tuple[Sequence[str], Rows]:
    """Return the figures on knowledge exchange alone."""
    return HEAD, [_line(item) for item in _checks() if item.target.id in KNOWLEDGE]


def credit() -> tuple[Sequence[str], Rows]:
    """Return the figures on India's credit lines alone."""
    return HEAD, [_line(item) for item in _checks() if item.target.paragraphs.lstrip("¶") == "81"]


HEAD = (
    "figure",
    "year",
    "role",
    "report, accepted",
    "median (5–95 % of runs)",
    "runs within",
    "PIT",
)


def _checks() -> list[CheckOf]:
    return list(checks_of([t for t in load_targets() if t.simulated]))


def _line(item: CheckOf) -> list[str]:
    shown = load_predictive()
    assert shown is not None, "what runs at the posterior's draws show ships with it"
    found = shown.of(item)
    assert found is not None, f"nothing is kept of {item.id}"
    unit = item.unit

    def said(value: float) -> str:
        return digits(value, unit)

    low, high = item.limits
    if np.isfinite(low) and np.isfinite(high):
        accepted = f"{said(item.check.value)}, {said(low)} to {said(high)}"
    else:
        accepted = f"at least {said(low)}" if np.isfinite(low) else f"at most {said(high)}"
    title = item.check.title or item.target.title
    return [
        f"¶{item.target.paragraphs.lstrip('¶')} {title} ({unit_of(unit)})",
        str(item.check.when),
        item.target.role,
        accepted,
        f"{said(found.median)} ({said(found.low)} to {said(found.high)})",
        f"{found.inside:.0%}",
        "" if np.isnan(found.pit) else f"{found.pit:.2f}",
    ]


def parameters() -> tuple[Sequence[str], Rows]:
    """Return the parameters that the figures narrow by a tenth or more, the narrowest first."""
    shipped, tables = shipped_posterior(), default_parameters()
    names = list(shipped.fitted)
    after = shipped.values[:, [shipped.names.index(name) for name in names]]
    before = Design.independent(names, PRIOR_DRAWS, 1).values(tables)
    narrower = contraction(after, before)
    central = shipped.point(shipped.central)
    rows = []
    for k in np.argsort(-narrower, kind="stable"):
        if narrower[k] < LEAST:
            continue
        ends = [np.quantile(v[:, k], [0.05, 0.95]) for v in (before, after)]
        spans = [" to ".join(f"{end:.3g}" for end in pair) for pair in ends]
        rows.append([f"`{names[k]}`", *spans, f"{narrower[k]:.0%}", f"{central[names[k]]:.3g}"])
    return ("parameter", "prior, 5–95 %", "posterior, 5–95 %", "narrower by", "central"), rows


def _diagnostics() -> dict[str, Any]:
    """Return what the fit said of itself."""
    path = calibration_folder() / DIAGNOSTICS_FILE
    return dict(json.loads(path.read_text(encoding="utf-8")))


def roads() -> tuple[Sequence[str], Rows]:
    """Return how far the means of two roads are apart, of what the figures identify; the farthest first."""
    apart = _diagnostics()["second_road"]["distances_in_posterior_sd"]
    ordered = sorted(apart.items(), key=lambda item: -abs(item[1]))
    return ("parameter", "apart, posterior sd"), [
        [f"`{name}`", f"{distance:+.2f}".replace("-", "−")] for name, distance in ordered
    ]


def coverage() -> tuple[Sequence[str], Rows]:
    """Return how often made-up truths were found again."""
    told = _diagnostics()["coverage"]
    names = {"emulated": "of the emulators", "model": "of the model"}
    rows = [
        [
            names[kind],
            str(told[kind]["truths"]),
            f"{told[kind]['coverage']:.1%}",
            f"{told[kind]['p']:.2g}",
            f"{told[kind]['ranks_p']:.2g}",
        ]
        for kind in names
    ]
    return ("records", "truths", "in the 90 % interval", "p", "p of ranks"), rows
