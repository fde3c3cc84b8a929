"""The posterior that ships, and how a fit becomes it: `sscsim calibrate --method posterior --record`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from sscsim.basis import basis_now, hashes
from sscsim.calibrated import (
    DRAWS_FILE,
    MANIFEST_FILE,
    ShippedPosterior,
    medoid,
    shipped_posterior,
)
from sscsim.calibration.outputs import draws_bytes, write_text, write_whole
from sscsim.calibration.posterior import Posterior
from sscsim.results.run import platform_report

__all__ = [
    "DRAWS_FILE",
    "MANIFEST_FILE",
    "ShippedPosterior",
    "manifest_of",
    "record_posterior",
    "shipped_posterior",
]


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
    where = [posterior.names.index(name) for name in posterior.fitted]
    last = posterior.rounds[-1]
    return {
        "command": command,
        **told,
        "versions": platform_report(),
        "hashes": hashes(basis),
        "central": medoid(posterior.values[:, where], posterior.fitted, posterior.parameters),
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
    write_whole(path, draws_bytes(posterior))
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
