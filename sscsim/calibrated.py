"""The posterior that ships: draws of all parameters that go with the report's figures, and what made them.

`calibration/posterior.parquet` holds a row a draw and the central draw behind them, a column a parameter,
`calibration/posterior.json` where they come from. Runs take the central draw, ensembles and comparisons the draws in
their order (`sscsim.choices`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.basis import KINDS, differing
from sscsim.errors import InputError
from sscsim.files import json_of, read_bytes
from sscsim.parameters import Parameters, default_parameters
from sscsim.resources import calibration_folder
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Coded
from sscsim.types import Array

__all__ = [
    "DIAGNOSTICS_FILE",
    "DRAWS_FILE",
    "MANIFEST_FILE",
    "REFRESH",
    "ShippedPosterior",
    "medoid",
    "scores",
    "shipped_posterior",
]

DRAWS_FILE = "posterior.parquet"
MANIFEST_FILE = "posterior.json"
DIAGNOSTICS_FILE = "posterior_diagnostics.json"
"""What the fit says of itself: of its rounds, of the second road and of coverage where they were asked for."""

REFRESH = "sscsim calibrate --method posterior --workers 2 --out results/posterior --record"
"""What makes the posterior anew, where its manifest does not say."""

LARGEST_BYTES = 100_000_000
OF_ITS_OWN = "central_of_its_own"
"""Key of the manifest: whether the central draw is a line behind the draws and none of them."""

MANIFEST_KEYS = ("command", "seed", "hashes", "basis", "diagnostics", "central")
EDGE = 1e-9
"""Probability beyond which a normal score says no more: a draw at a bound is not infinitely far."""

MOST_FILES = 4
"""Files that are named one by one where many differ."""


@dataclass(frozen=True)
class ShippedPosterior:
    """Equally weighted draws of all parameters, and where they come from.

    Attributes
    ----------
    names
        Parameters.
    values
        ``(draw, name)``; a draw of number *i* is row *i* in every ensemble.
    middle
        ``(name,)``, the central draw where it is none of the rows: the last line of the file.
    manifest
        ``command``, ``seed``, ``versions``, ``hashes`` of model, data, priors and targets with their ``basis`` (file by
        file), ``duration_seconds``, ``cpu_seconds``, ``runs``, ``diagnostics`` and ``central``, the central draw's row.
    sha256
        Of the file of draws.
    """

    names: tuple[str, ...]
    values: Array
    manifest: Mapping[str, Any]
    sha256: str
    middle: Array | None = None

    @classmethod
    def load(cls, folder: Path) -> ShippedPosterior:
        """Read the two files of a folder.

        Raises
        ------
        InputError
            Where one is missing, cannot be read, or does not go with the other.
        """
        path, beside = folder / DRAWS_FILE, folder / MANIFEST_FILE
        data = read_bytes(path, LARGEST_BYTES)
        try:
            columns = Parquet().columns(data)
            manifest = json_of(read_bytes(beside, LARGEST_BYTES))
        except ValueError as failure:
            raise InputError(f"the posterior cannot be read: {failure}", file=folder) from None
        missing = [key for key in MANIFEST_KEYS if key not in manifest]
        if missing:
            raise InputError(
                "the manifest of the posterior is incomplete", file=beside, key=missing[0]
            )
        if any(isinstance(held, Coded) for held in columns.held.values()):
            raise InputError("a column of the posterior holds no numbers", file=path)
        names = tuple(columns.held)
        values = np.column_stack([columns.numbers(name).astype(float) for name in names])
        if not len(values) or not 0 <= manifest["central"] < len(values):
            raise InputError(
                "the central draw is none of the posterior's rows",
                file=beside,
                key="central",
                found=manifest["central"],
                allowed=f"0 to {len(values) - 1}",
            )
        sha256 = hashlib.sha256(data).hexdigest()
        if not manifest.get(OF_ITS_OWN):
            return cls(names, values, manifest, sha256)
        return cls(names, values[:-1], manifest, sha256, values[-1])

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.values)

    @property
    def central(self) -> int:
        """Line of the central draw in the file of draws, from 0: behind the last where it is one of its own."""
        return int(self.manifest["central"])

    @property
    def fitted(self) -> tuple[str, ...]:
        """Parameters that the report's figures were found to inform; all others have their prior."""
        return tuple(self.manifest["diagnostics"].get("fitted", ()))

    @cached_property
    def later(self) -> tuple[str, ...]:
        """Parameters with a prior that came after the fit, which saw nothing of them: they keep their prior."""
        tables, held = default_parameters(), set(self.names)
        return tuple(n for n in tables if n not in held and tables.definition(n).drawn)

    @property
    def label(self) -> str:
        """A short name: the beginning of the hash of its draws."""
        return self.sha256[:12]

    def point(self, draw: int) -> dict[str, float]:
        """Return the values of one draw by name.

        Parameters that the tables no longer have are left out, and a value that their bounds no longer allow is the
        nearest they do: the posterior is another model's then, which is said (`stale`).

        Raises
        ------
        InputError
            For a number of a draw that there is not.
        """
        if self.middle is not None and draw == self.central:
            return self._point(self.middle)
        if not 0 <= draw < self.draws:
            raise InputError(
                "the posterior has no draw of this number",
                key="draw",
                found=draw,
                allowed=f"0 to {self.draws - 1}",
            )
        return self._point(self.values[draw])

    def _point(self, row: Array) -> dict[str, float]:
        where, names, bounds = self._usable
        held = np.clip(row[where], bounds[:, 0], bounds[:, 1])
        return dict(zip(names, held.tolist(), strict=True))

    def parameters(self, draw: int) -> Parameters:
        """Return all parameters at one draw; those that it does not hold at the tables' values."""
        return default_parameters().replace(self.point(draw), source=DRAWS_FILE)

    @cached_property
    def central_point(self) -> Parameters:
        """All parameters at the central draw."""
        return self.parameters(self.central)

    @cached_property
    def _usable(self) -> tuple[list[int], tuple[str, ...], Array]:
        """Where the parameters that the tables still have stand in a row, what they are called, and their bounds."""
        tables = default_parameters()
        known = [k for k, name in enumerate(self.names) if name in tables]
        names = tuple(self.names[k] for k in known)
        bounds = np.array([tables.definition(name).bounds for name in names]).reshape(-1, 2)
        return known, names, bounds

    @cached_property
    def stale(self) -> dict[str, list[str]]:
        """By kind (model, data, priors, targets) the files that are others than when it was fitted."""
        return differing(self.manifest["basis"])

    def warning(self) -> str | None:
        """Return what there is to say where the posterior was fitted with something else than is here, else None."""
        if not self.stale:
            return None
        kinds = ", ".join(KINDS[kind] for kind in self.stale)
        files = [name for names in self.stale.values() for name in names]
        more = f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
        command = self.manifest.get("command") or REFRESH
        return (
            f"The posterior that ships was fitted before a change of {kinds} "
            f"({', '.join(files[:MOST_FILES])}{more}). It is used as it is; `{command}` makes it anew."
        )


@lru_cache(maxsize=1)
def shipped_posterior() -> ShippedPosterior:
    """Return the posterior that ships, read once.

    Raises
    ------
    InputError
        Where one of its files is missing or cannot be read: a whole installation has both.
    """
    return ShippedPosterior.load(calibration_folder())


def medoid(values: Array, names: Sequence[str], parameters: Parameters) -> int:
    """Return the row that is least far from all others, in normal scores of the priors; the first of several.

    Parameters
    ----------
    values
        ``(draw, name)``.
    names
        Parameters that count. One without a prior counts by its value, in units of its spread.
    parameters
        The tables with the priors.
    """
    if not len(names):
        return 0
    from scipy.spatial.distance import cdist

    places = scores(values, names, parameters)
    # Rounded, so that draws that are the same are as far from all others to the bit.
    return int(np.argmin(np.round(cdist(places, places).sum(axis=1), 9)))


def scores(values: Array, names: Sequence[str], parameters: Parameters) -> Array:
    """Return values as normal scores of the truncated priors, ``(draw, name)``: 0 at a median, 1 a deviation above."""
    from scipy.special import ndtr, ndtri

    found = np.empty_like(values, dtype=np.float64)
    for column, name in enumerate(names):
        held = np.asarray(values[:, column], dtype=np.float64)
        one = parameters.definition(name)
        prior, (low, high) = one.entry.prior, one.bounds
        number = {
            key: float(value[one.goal or 1] if isinstance(value, dict) else value)
            for key, value in prior.model_dump(exclude={"distribution"}).items()
            if value is not None
        }
        if prior.distribution == "fixed":
            spread = float(held.std())
            found[:, column] = (held - held.mean()) / spread if spread > 0 else 0.0
            continue
        if prior.distribution == "uniform":
            a, b = max(low, number["low"]), min(high, number["high"])
            share = (held - a) / (b - a)
        else:
            ends = np.concatenate([held, [low, high]])
            if prior.distribution == "normal":
                at = (ends - number["mean"]) / number["sd"]
            else:
                with np.errstate(divide="ignore"):
                    at = np.log(np.maximum(ends, 0.0) / number["median"]) / number["sigma"]
            below = np.asarray(ndtr(at))
            share = (below[:-2] - below[-2]) / (below[-1] - below[-2])
        found[:, column] = ndtri(np.clip(share, EDGE, 1.0 - EDGE))
    return found
