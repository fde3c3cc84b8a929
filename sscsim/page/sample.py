"""A payload with made-up numbers, for whoever writes the page: the same form, the same sliders, nothing to believe.

``python -m sscsim.page.sample OUT.json`` writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.page.emulator import Emulated, Emulator, polynomial
from sscsim.page.outputs import GOALS, REGIONS, Output, outputs
from sscsim.page.payload import payload
from sscsim.page.sliders import sliders
from sscsim.types import Array

__all__ = ["sample_emulator", "sample_payload"]

COMPONENTS = 3
USUAL = {
    "points": 60.0,
    "income": 8.0,
    "percent": 0.2,
    "projects": 40.0,
    "million": 400.0,
    "share": 0.4,
    "ratio": 1.0,
    "practices": 30.0,
}
"""A baseline's size by its unit; everything else stands at 300."""


def sample_emulator(seed: int = 1) -> Emulator:
    """Return an emulator with made-up coefficients for every output; every fifth item is not sure enough."""
    from sscsim.world import load_world

    random = np.random.default_rng(seed)
    names, iso3 = sliders().names, load_world().iso3
    terms = polynomial(len(names))
    found = {
        name: _made_up(one, _axes(one, iso3), len(names), len(terms), random)
        for name, one in outputs().table.items()
    }
    return Emulator(
        names=names,
        terms=terms,
        outputs=found,
        flag=np.eye(len(terms)) / len(terms),
        limit=0.1,
        about={"runs": 0, "draws": 0, "trained": "2026-01-01", "basis": "0" * 16},
    )


def _axes(output: Output, iso3: tuple[str, ...]) -> tuple[tuple[str | int, ...], ...]:
    groups = tuple(outputs().groups)
    if output.kind == "country":
        return (tuple(iso3),)
    if output.kind == "goals":
        return (groups, GOALS)
    if output.kind == "matrix":
        return (REGIONS, REGIONS)
    if output.kind == "bank":
        return (tuple(outputs().banks),)
    return (tuple(output.groups or groups),)


def _made_up(
    output: Output,
    axes: tuple[tuple[str | int, ...], ...],
    sliders_: int,
    terms: int,
    random: np.random.Generator,
) -> Emulated:
    items = int(np.prod([len(axis) for axis in axes]))
    years, acting = LAST_YEAR + 1 - FIRST_YEAR, LAST_YEAR + 1 - sliders().first
    size = USUAL.get(output.unit, 300.0) * random.lognormal(0.0, 0.3, items)
    middle: Array = size[:, None] * np.linspace(1.0, 1.2, years)
    effect = 0.05 if output.change == "log" else 0.05 * float(size.mean())
    rising = np.linspace(0.0, 1.0, acting)
    shape = random.normal(size=(COMPONENTS, items, 1)) * rising
    weight = np.where(np.arange(terms) < sliders_, 1.0, 0.1)[:, None]
    error = np.where(np.arange(items) % 5 == 4, 0.2, 0.04)
    return Emulated(
        axes=axes,
        baseline=np.array([0.97 * middle, middle, 1.03 * middle]),
        coefficients=effect * weight * random.normal(size=(terms, COMPONENTS)),
        loadings=shape,
        spread=(0.3 * effect) ** 2 * random.random((COMPONENTS, sliders_)),
        error=error,
    )


def sample_payload(seed: int = 1) -> dict[str, Any]:
    """Return the payload of `sample_emulator`."""
    return payload(sample_emulator(seed), synthetic=True)


def main(path: str) -> None:
    """Write the payload into a file of JSON."""
    Path(path).write_text(json.dumps(sample_payload(), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
