"""The posterior that ships, and how a fit becomes it: `sscsim calibrate --method posterior --record`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.basis import basis_now, hashes
from sscsim.calibrated import (
    DRAWS_FILE,
    MANIFEST_FILE,
    OF_ITS_OWN,
    ShippedPosterior,
    scores,
    shipped_posterior,
)
from sscsim.calibration.posterior import Posterior
from sscsim.experiments.design import Design
from sscsim.files import write_text, write_whole
from sscsim.parameters import Parameters
from sscsim.results.formats.parquet import Parquet
from sscsim.results.run import platform_report
from sscsim.results.tables import Columns
from sscsim.types import Array

__all__ = [
    "DRAWS_FILE",
    "MANIFEST_FILE",
    "ShippedPosterior",
    "central_row",
    "manifest_of",
    "record_posterior",
    "shipped_posterior",
]


BEST = 0.1
"""Part of the draws in whose middle the central draw lies: those whose own runs meet most figures."""


def central_row(posterior: Posterior) -> Array:
    """Return the values of all parameters at which a single run is to be made, ``(name,)``.

    The middle, in normal scores of the priors, of the tenth of the draws whose own runs meet most fitted figures.
    What moves no figure stands at the median of its prior. Why it is no draw: decision 0241.
    """
    low, high = np.array([item.limits for item in posterior.checks]).T
    found = posterior.evidence.values
    shown = posterior.predicted.reshape(len(found), -1, len(posterior.checks))
    met = ((shown >= low) & (shown <= high)).sum(axis=2).mean(axis=1)
    return middle_of(
        found[met >= np.quantile(met, 1.0 - BEST)],
        posterior.names,
        posterior.fitted,
        posterior.parameters,
    )


def middle_of(
    values: Array, names: Sequence[str], fitted: Sequence[str], parameters: Parameters
) -> Array:
    """Return the middle of draws ``(draw, name)`` in the fitted parameters, the priors' medians in all others."""
    from scipy.special import ndtr

    where = [names.index(name) for name in fitted]
    quantiles = np.full((1, len(names)), 0.5)
    quantiles[0, where] = ndtr(scores(values[:, where], fitted, parameters).mean(axis=0))
    return np.asarray(Design(tuple(names), quantiles).values(parameters)[0])


def manifest_of(posterior: Posterior, command: str, **told: Any) -> dict[str, Any]:
    """Return what goes beside the draws.

    Parameters
    ----------
    posterior
        The fit.
    command
        What made it, as it is typed.
    **told
        ``seed``, ``duration_seconds``, ``cpu_seconds`` and ``runs``.
    """
    basis = basis_now()
    last = posterior.rounds[-1]
    return {
        "command": command,
        **told,
        "versions": platform_report(),
        "hashes": hashes(basis),
        "central": len(posterior.values),
        OF_ITS_OWN: True,
        "diagnostics": {
            "k_hat": last.khat if math.isfinite(last.khat) else None,
            "worth_of_draws": last.effective,
            "draws": len(posterior.values),
            "trusted": posterior.trusted,
            "fitted": list(posterior.fitted),
        },
        "basis": basis,
    }


def record_posterior(posterior: Posterior, folder: Path, manifest: dict[str, Any]) -> Path:
    """Write the draws and their manifest as those that ship, and return the place of the draws.

    Raises
    ------
    OutputError
        Where they cannot be written.
    """
    path = folder / DRAWS_FILE
    rows = np.vstack([posterior.values, central_row(posterior)])
    held = dict(zip(posterior.names, np.ascontiguousarray(rows.T), strict=True))
    write_whole(path, Parquet().write(Columns(held)))
    write_text(folder / MANIFEST_FILE, manifest_text(manifest))
    shipped_posterior.cache_clear()
    return path


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return a manifest as the text of its file, a line a file of what the fit rests on."""
    head = {key: value for key, value in manifest.items() if key != "basis"}
    kinds = []
    for kind, files in manifest["basis"].items():
        lines = ",\n".join(f"   {json.dumps(n)}: {json.dumps(of)}" for n, of in files.items())
        kinds.append(f"  {json.dumps(kind)}: {{\n{lines}\n  }}")
    text = json.dumps(head, indent=1)[:-2]
    return f'{text},\n "basis": {{\n' + ",\n".join(kinds) + "\n }\n}\n"
