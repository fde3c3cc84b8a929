"""The emulator of paired effects: what a setting of the sliders changes, and how surely, in a thousandth of a second.

An effect is the difference to the baseline of the same draw (of logarithms where it is relative). Over settings it is a
polynomial in the scaled sliders without a constant, so that at the default nothing changes, exactly;
over items and years it is a sum of a few components. Its variance over draws is a sum of squares of the sliders, as it
is where every draw has slopes of its own: nought at the default, and larger the further one goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.errors import InputError
from sscsim.files import json_of, write_whole
from sscsim.page.sliders import sliders
from sscsim.resources import package_folder
from sscsim.types import Array, Mask
from sscsim.unpacking import read_arrays

__all__ = [
    "BAND",
    "THRESHOLD",
    "Answer",
    "Emulated",
    "Emulator",
    "features",
    "load",
    "polynomial",
    "retold",
    "shipped_path",
]

THRESHOLD = 0.10
"""Largest error on unseen settings, as a share of the range of an effect, with which it is shown."""

BAND = 1.645
"""Standard deviations from the middle to the ends of a band of 90 per cent, for normal draws."""

VERSION = 1

LARGEST_BYTES = 50_000_000
MOST_UNPACKED = 500_000_000
"""Bytes that the file may have, and that its arrays may have together."""

Terms = tuple[tuple[int, ...], ...]


def polynomial(count: int) -> Terms:
    """Return the terms that effects are sums of, each the places of the sliders whose product it is.

    Sliders by themselves come first, then their squares and products, then their cubes: what saturates needs them.
    """
    return (
        *((i,) for i in range(count)),
        *((i, j) for i in range(count) for j in range(i, count)),
        *((i, i, i) for i in range(count)),
    )


def features(scaled: Array, terms: Terms) -> Array:
    """Return the terms' values, ``(setting, term)``, at scaled settings, ``(setting, slider)``."""
    return np.column_stack([scaled[:, list(term)].prod(axis=1) for term in terms])


@dataclass(frozen=True)
class Emulated:
    """One output's emulator.

    Attributes
    ----------
    axes
        What it is given for: labels of each axis; items are their combinations in row-major order.
    baseline
        ``(3, item, year)``: 5 %, median and 95 % over draws, all years of a run.
    coefficients
        ``(term, component)``.
    loadings
        ``(component, item, year)``, years from the one in which sliders begin to act.
    spread
        ``(component, slider)``, not negative: variance over draws for a slider at one.
    error
        ``(item,)``: error on unseen settings as a share of the range of the item's effect; NaN where it has none.
    """

    axes: tuple[tuple[str | int, ...], ...]
    baseline: Array
    coefficients: Array
    loadings: Array
    spread: Array
    error: Array

    def as_saved(self) -> Emulated:
        """Return it with the digits that a file keeps."""
        whole, scale = packed(self.loadings)
        return replace(
            self,
            baseline=_short(self.baseline),
            coefficients=_short(self.coefficients),
            loadings=whole.astype(np.float64) * scale,
            spread=_short(self.spread),
            error=_short(self.error),
        )

    @property
    def shown(self) -> Mask:
        """Which items are sure enough to be shown, ``(item,)``."""
        return np.asarray(np.nan_to_num(self.error, nan=np.inf) <= THRESHOLD)

    @property
    def error_all(self) -> float:
        """Median error of the items that have one."""
        known = self.error[np.isfinite(self.error)]
        return float(np.median(known)) if known.size else float("nan")


@dataclass(frozen=True)
class Answer:
    """What a setting changes in one output, ``(item, year)``: the effect in the mean over draws, and its deviation."""

    effect: Array
    deviation: Array


@dataclass(frozen=True)
class Emulator:
    """All outputs' emulators.

    Attributes
    ----------
    names
        Sliders, in order.
    terms
        See `polynomial`.
    outputs
        By name.
    flag, limit
        ``(term, term)`` and a number: a setting with terms f is outside what was trained where f · flag · f > limit.
    about
        What it was trained on: plain data.
    """

    names: tuple[str, ...]
    terms: Terms
    outputs: Mapping[str, Emulated]
    flag: Array
    limit: float
    about: Mapping[str, Any] = field(default_factory=dict)

    def scaled(self, setting: Mapping[str, float]) -> Array:
        """Return a setting as the emulator takes it, ``(slider,)``."""
        return np.asarray(sliders().scaled([setting])[0])

    def predict(self, output: str, setting: Mapping[str, float]) -> Answer:
        """Return what a setting changes in an output."""
        return self.at(output, self.scaled(setting))

    def at(self, output: str, scaled: Array) -> Answer:
        """Return what a scaled setting changes in an output."""
        one = self.outputs[output]
        scores = features(scaled[None], self.terms)[0] @ one.coefficients
        variances = one.spread @ scaled**2
        effect = np.tensordot(scores, one.loadings, 1)
        deviation = np.sqrt(np.tensordot(variances, one.loadings**2, 1))
        return Answer(effect, deviation)

    def own_error(self, output: str, scaled: Array) -> Array:
        """Return how far an output's emulator errs by itself at settings such as these, ``(item, year)``.

        Parameters
        ----------
        scaled
            Scaled settings that it is judged by, ``(setting, slider)``: each item's error is a share of the range of
            its effect over these, and is taken year by year of the range that it has there.
        """
        one = self.outputs[output]
        scores = features(scaled, self.terms) @ one.coefficients
        effect = np.tensordot(scores, one.loadings, 1)
        # The baseline, where nothing is moved and nothing changes, is in the range.
        width = np.maximum(effect.max(axis=0), 0.0) - np.minimum(effect.min(axis=0), 0.0)
        return np.asarray(np.nan_to_num(one.error)[:, None] * width)

    def leverage(self, scaled: Array) -> float:
        """Return how far a scaled setting lies from those that it was trained on."""
        f = features(scaled[None], self.terms)[0]
        return float(f @ self.flag @ f)

    def outside(self, setting: Mapping[str, float]) -> bool:
        """Return whether a setting is outside what it was trained on."""
        return self.leverage(self.scaled(setting)) > self.limit

    # ------------------------------------------------------------------------------------ the disk

    def as_saved(self) -> Emulator:
        """Return the emulator with the digits that a file keeps, so that whoever reads it gets the same answers."""
        return replace(
            self,
            outputs={name: one.as_saved() for name, one in self.outputs.items()},
            flag=_short(self.flag),
        )

    def save(self, path: Path) -> None:
        """Write it into one compressed file, numbers in two bytes where four say no more.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        arrays: dict[str, Any] = {"flag": self.flag.astype(np.float32)}
        told: dict[str, Any] = {}
        for name, one in self.outputs.items():
            told[name] = {"axes": [list(axis) for axis in one.axes]}
            arrays[f"{name}.baseline"] = one.baseline.astype(np.float32)
            arrays[f"{name}.coefficients"] = one.coefficients.astype(np.float32)
            arrays[f"{name}.spread"] = one.spread.astype(np.float32)
            arrays[f"{name}.error"] = one.error.astype(np.float32)
            arrays[f"{name}.loadings"], told[name]["scale"] = packed(one.loadings)
        text = {
            "format": "sscsim page emulator",
            "version": VERSION,
            "sliders": list(self.names),
            "terms": [list(term) for term in self.terms],
            "limit": self.limit,
            "outputs": told,
            "about": dict(self.about),
        }
        arrays["about"] = np.frombuffer(json.dumps(text).encode(), dtype=np.uint8)
        _write(path, arrays)


def _write(path: Path, arrays: Mapping[str, Any]) -> None:
    file = BytesIO()
    np.savez_compressed(file, **arrays)
    write_whole(path, file.getvalue())


def retold(path: Path, **about: Any) -> None:
    """Change what a saved emulator tells of itself, and none of its numbers.

    Raises
    ------
    InputError
        As `load`.
    OutputError
        If it cannot be written.
    """
    load(path)
    arrays = read_arrays(path, LARGEST_BYTES, MOST_UNPACKED)
    text = json_of(arrays["about"].tobytes())
    text["about"] |= about
    _write(path, arrays | {"about": np.frombuffer(json.dumps(text).encode(), dtype=np.uint8)})


def _short(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)


def packed(values: Array) -> tuple[Any, float]:
    """Return numbers as whole ones of two bytes, and what they are to be multiplied by."""
    most = float(np.abs(values).max()) if values.size else 0.0
    scale = most / 32767 if most > 0.0 else 1.0
    return np.rint(values / scale).astype("<i2"), scale


def shipped_path() -> Path:
    """Return where the emulator that ships is."""
    return package_folder() / "page" / "emulator.npz"


def load(path: Path | None = None) -> Emulator:
    """Return a saved emulator, by default the one that ships.

    Raises
    ------
    InputError
        If there is none, it is no emulator, or of other sliders than there are.
    """
    place = shipped_path() if path is None else path
    if not place.is_file():
        raise InputError(
            "the page has no emulator yet", file=place, allowed="sscsim page --train makes one"
        )
    held = read_arrays(place, LARGEST_BYTES, MOST_UNPACKED)
    try:
        text = json_of(held["about"].tobytes())
        version, names = text["version"], tuple(map(str, text["sliders"]))
    except (ValueError, KeyError, TypeError):
        raise InputError("this file is no emulator of the page", file=place) from None
    if version != VERSION or names != sliders().names:
        raise InputError(
            "the emulator was trained with other sliders than there are",
            file=place,
            found=", ".join(names),
            allowed=", ".join(sliders().names),
        )
    try:
        return _unpacked(text, held)
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        raise InputError(
            "this file is no longer what the training wrote", file=place, found=str(failure)
        ) from None


def _unpacked(text: Mapping[str, Any], held: Mapping[str, Any]) -> Emulator:
    found = {
        name: Emulated(
            axes=tuple(tuple(axis) for axis in told["axes"]),
            baseline=held[f"{name}.baseline"].astype(np.float64),
            coefficients=held[f"{name}.coefficients"].astype(np.float64),
            loadings=held[f"{name}.loadings"].astype(np.float64) * float(told["scale"]),
            spread=held[f"{name}.spread"].astype(np.float64),
            error=held[f"{name}.error"].astype(np.float64),
        )
        for name, told in text["outputs"].items()
    }
    terms: Sequence[Sequence[int]] = text["terms"]
    return Emulator(
        names=tuple(text["sliders"]),
        terms=tuple(tuple(term) for term in terms),
        outputs=found,
        flag=held["flag"].astype(np.float64),
        limit=float(text["limit"]),
        about=text["about"],
    )
