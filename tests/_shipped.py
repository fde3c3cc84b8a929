"""A posterior made up of draws from the priors, in the place of the one that ships."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sscsim import basis, calibrated
from sscsim.calibrated import DRAWS_FILE, MANIFEST_FILE, ShippedPosterior, shipped_posterior
from sscsim.calibration.shipped import manifest_text
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.parameters import default_parameters
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Columns

DRAWS, CENTRAL = 5, 2
INFORMED = "trade_elasticity"


def cheap_basis() -> dict[str, dict[str, tuple[str, str]]]:
    """Return what a fit rests on, the meaning of files left out: where bytes are the same nobody asks for it."""
    return {
        kind: {place: (of_bytes, "") for place, (_, of_bytes) in files.items()}
        for kind, files in basis._bytes_now().items()
    }


def write(folder: Path, **changes: Any) -> None:
    """Write a posterior of five draws from the priors."""
    names = drawn_parameters(default_parameters())
    values = Design.independent(names, DRAWS, 77).values(default_parameters())
    told = {
        "command": "sscsim calibrate --method posterior",
        "seed": 1,
        "hashes": {},
        "central": CENTRAL,
        "diagnostics": {"fitted": [INFORMED], "k_hat": 0.3},
        "basis": cheap_basis(),
        **changes,
    }
    held = dict(zip(names, np.ascontiguousarray(values.T), strict=True))
    (folder / DRAWS_FILE).write_bytes(Parquet().write(Columns(held)))
    (folder / MANIFEST_FILE).write_text(manifest_text(told))


@contextmanager
def shipped(
    folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any
) -> Iterator[ShippedPosterior]:
    """Let a posterior of five draws be the one that ships."""
    write(folder, **changes)
    monkeypatch.setattr(calibrated, "calibration_folder", lambda: folder)
    shipped_posterior.cache_clear()
    try:
        yield shipped_posterior()
    finally:
        shipped_posterior.cache_clear()
