"""The emulator fitted to runs: least squares with a ridge, components of what the fit explains, spread, errors.

Least squares find the mean over draws, since draws take turns over the settings. The ridge is chosen by predictions of
runs that are left out, one for sliders by themselves and one for their squares and products. What the emulator is worth
is told by settings that it has not seen: the mean over all draws that the model gives there, and what is predicted.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from sscsim.page.emulator import BAND, Emulated, Emulator, Terms, features, polynomial
from sscsim.page.outputs import Output, outputs
from sscsim.page.sliders import sliders
from sscsim.page.training import FOLDER, Read, Runs, read_runs
from sscsim.types import Array, Ints, Mask

__all__ = ["Judged", "fit", "judge"]

RIDGES = ((1e-5, 1e-3, 1e-1), (1e-4, 1e-3, 1e-2, 1e-1, 1.0), (1e-4, 1e-3, 1e-2, 1e-1, 1e1))
"""Penalties that are tried, as shares of a term's own variance over the design: of sliders by themselves, of their
squares and products, of what a draw's slopes have of their own."""

LEAST_RIDGE = 1e-5

DIRECTIONS = 20
"""Directions of what is seen by which penalties are chosen."""

EXPLAINED = 0.9995
"""Part of what the fit explains that components hold, an output's items weighing alike."""

MOST_COMPONENTS = 12

LEAST_WEIGHT = 0.05
"""Items whose effect is smaller than this part of the median item's weigh less: noise is not to take up components."""

FAR = 0.99
"""A setting is outside where it lies further from the design than so many of its settings lie from the others."""

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Judged:
    """What an output's emulator is worth on settings that it has not seen.

    Attributes
    ----------
    error
        ``(item,)``: in the worst year the root of the mean squared error of the mean over draws, over the range of the
        item's effect over settings and years; NaN for what is not given.
    inside
        ``(item,)``: share of runs and years in which the effect lies within the band of 90 per cent.
    """

    error: Array
    inside: Array

    @property
    def coverage(self) -> float:
        """Share of what is within its band, all items together."""
        return float(np.nanmean(self.inside)) if np.isfinite(self.inside).any() else float("nan")


def fit(runs: Runs, folder: Path = FOLDER, about: Mapping[str, Any] | None = None) -> Emulator:
    """Return the emulator of a design whose runs are all there.

    Parameters
    ----------
    runs, folder
        The design's members, and where what was read of them is.
    about
        What else the emulator tells of itself.

    Raises
    ------
    SscsimError
        If a run is missing.
    """
    names = sliders().names
    terms = polynomial(len(names))
    scaled = sliders().scaled(runs.design.each)
    draw = runs.design.draw
    axes, base = read_runs(runs.baseline, folder)
    _, seen = read_runs(runs.seen, folder)
    unseen = [read_runs(several, folder)[1] for several in runs.unseen]
    found, coverage = {}, {}
    for name, output in outputs().table.items():
        levels = np.array([read[name] for read in base])
        changed = np.array([read[name] for read in seen])
        one = _fit_one(output, axes[name], levels, changed, draw, scaled, terms)
        judged = judge(one, output, name, base, unseen, runs.design.unseen, terms)
        found[name] = Emulated(
            one.axes, one.baseline, one.coefficients, one.loadings, one.spread, judged.error
        )
        coverage[name] = judged.coverage
    flag, limit = _flag(features(scaled, terms))
    shown = [coverage[name] for name, one in found.items() if one.shown.any()]
    told = {
        "trained": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "runs": runs.design.runs,
        "draws": runs.design.draws,
        "validation": {
            "settings": len(runs.design.unseen),
            "draws": runs.design.draws,
            "coverage": float(np.mean(shown)) if shown else None,
        },
        "coverage": coverage,
        **(about or {}),
    }
    return Emulator(names, terms, found, flag, limit, told)


def _fit_one(
    output: Output,
    axes: tuple[tuple[str | int, ...], ...],
    levels: Array,
    changed: Array,
    draw: Ints,
    scaled: Array,
    terms: Terms,
) -> Emulated:
    """Return an output's emulator, without errors.

    Parameters
    ----------
    levels
        ``(draw, item, year)``: the baseline.
    changed
        ``(run, item, year)``.
    draw
        ``(run,)``.
    scaled
        ``(run, slider)``.
    """
    years = _acting(levels.shape[2])
    given = _given(output, np.concatenate([levels, changed]))
    effects = _effects(output, changed, levels[draw], given)
    effects = effects[:, :, -years:]
    shape = effects.shape[1:]
    flat = effects.reshape(len(effects), -1)
    f = features(scaled, terms)
    solved = _solve(f, flat, scaled, draw)
    weight = np.repeat(_weights((f @ solved.slopes).reshape(-1, *shape)), shape[1])
    vectors = _components((f @ solved.slopes) / weight)
    loadings = vectors * weight
    coefficients = (solved.slopes / weight) @ vectors.T
    rest, spread = _spread(solved.residuals / weight, vectors, scaled)
    # What the components do not hold of the spread is one more, which no setting moves in the mean.
    loadings = np.vstack([loadings, rest * weight])
    coefficients = np.column_stack([coefficients, np.zeros(len(terms))])
    loadings[:, ~flat.any(axis=0)] = 0.0  # nothing stays nothing, without dust
    spread = spread * _stretch(solved.residuals, loadings, spread, scaled)
    return Emulated(
        axes=axes,
        baseline=_quantiles(levels),
        coefficients=coefficients,
        loadings=loadings.reshape(-1, *shape),
        spread=spread,
        error=np.full(shape[0], np.nan),
    )


def _acting(years: int) -> int:
    """Return in how many of a run's years sliders act."""
    from sscsim.names import FIRST_YEAR

    return years - (sliders().first - FIRST_YEAR)


def _given(output: Output, levels: Array) -> Mask:
    """Return items that are given in every run and year, and positive where effects are relative, ``(item,)``."""
    fine = np.isfinite(levels)
    if output.change == "log" and output.least == 0.0:
        fine &= np.nan_to_num(levels) > 0.0
    return np.asarray(fine.all(axis=(0, 2)))


def _effects(output: Output, changed: Array, level: Array, given: Mask) -> Array:
    """Return differences to the baseline of the same draw, ``(run, item, year)``; nought for what is not given."""
    found = np.zeros(changed.shape)
    after, before = changed[:, given], level[:, given]
    if output.change == "log":
        found[:, given] = np.log(np.maximum(after, output.least) / np.maximum(before, output.least))
    else:
        found[:, given] = after - before
    return found


def _quantiles(levels: Array) -> Array:
    """Return low, middle and high baseline over draws, ``(3, item, year)``; NaN where one is."""
    return np.asarray(np.quantile(levels, QUANTILES, axis=0))


# ------------------------------------------------------------------------------------------ the mean


@dataclass(frozen=True)
class _Solved:
    slopes: Array
    residuals: Array
    """Of each run, as large as if it had not been fitted."""


def _solve(f: Array, y: Array, scaled: Array, draw: Ints) -> _Solved:
    """Return the ridge that predicts runs best that are left out.

    Every draw has slopes of its own beside those of all, with a penalty of their own: what a draw does more than others
    is not noise to be averaged out, and the mean over draws takes their mean along.

    Parameters
    ----------
    f
        ``(run, term)``; sliders by themselves come first.
    y
        ``(run, cell)``.
    scaled
        ``(run, slider)``.
    draw
        ``(run,)``.
    """
    terms, count, draws = f.shape[1], scaled.shape[1], int(draw.max()) + 1
    own = np.zeros((len(f), draws, count))
    own[np.arange(len(f)), draw] = scaled
    g = np.column_stack([f, own.reshape(len(f), -1)])
    size = np.sqrt((g**2).mean(axis=0))
    size[size == 0.0] = 1.0  # a draw that never moves a slider says nothing of it
    g /= size
    gram = g.T @ g
    kind = np.repeat([0, 1, 2], [count, terms - count, draws * count])
    # A few directions hold what there is to explain; each cell weighs as much as any.
    cells = np.sqrt((y**2).mean(axis=0))
    standard = y / np.where(cells > 0.0, cells, 1.0)
    found = np.linalg.svd(standard, full_matrices=False)
    short = found.U[:, :DIRECTIONS] * found.S[:DIRECTIONS]

    def missed(ridges: tuple[float, float, float]) -> float:
        smoother = _smoother(g, gram, np.array(ridges)[kind])
        left = 1.0 - np.minimum((smoother.T * g).sum(axis=1), 1.0 - 1e-9)
        return float(np.square((short - g @ (smoother @ short)) / left[:, None]).sum())

    best = min(product(*RIDGES), key=missed)
    smoother = _smoother(g, gram, np.array(best)[kind]) / size[:, None]
    mean = smoother[:terms]
    mean[:count] += smoother[terms:].reshape(draws, count, -1).mean(axis=0)
    slopes = mean @ y
    left = 1.0 - np.minimum((mean.T * f).sum(axis=1), 0.99)
    return _Solved(slopes, (y - f @ slopes) / np.sqrt(left)[:, None])


def _smoother(g: Array, gram: Array, ridge: Array) -> Array:
    """Return what makes slopes of runs, ``(term, run)``."""
    return np.asarray(np.linalg.solve(gram + np.diag(len(g) * ridge), g.T), dtype=np.float64)


def _weights(fitted: Array) -> Array:
    """Return the size of each item's effect, ``(item,)``, not less than a part of the median item's."""
    size = np.sqrt((fitted**2).mean(axis=(0, 2)))
    moved = size[size > 0.0]
    least = LEAST_WEIGHT * float(np.median(moved)) if moved.size else 1.0
    return np.asarray(np.maximum(size, least))


def _components(fitted: Array) -> Array:
    """Return the directions that hold what is fitted, ``(component, cell)``, at right angles and of length one."""
    found = np.linalg.svd(fitted, full_matrices=False)
    share = np.cumsum(found.S**2) / max(float((found.S**2).sum()), np.finfo(float).tiny)
    count = min(MOST_COMPONENTS, int(np.searchsorted(share, EXPLAINED)) + 1)
    return np.asarray(found.Vh[:count])


# ---------------------------------------------------------------------------------------- the spread


def _spread(residuals: Array, vectors: Array, scaled: Array) -> tuple[Array, Array]:
    """Return what residuals hold beside the components, ``(cell,)``, and variances, ``(component + 1, slider)``."""
    squares = scaled**2
    scores = residuals @ vectors.T
    left = residuals - scores @ vectors
    rest = np.sqrt((left**2).mean(axis=0))
    there = rest > 0.0
    relative = (left[:, there] / rest[there]) ** 2
    last = relative.mean(axis=1) if there.any() else np.zeros(len(left))
    rows = [nnls(squares, target)[0] for target in (*(scores**2).T, last)]
    return rest, np.array(rows)


def _stretch(residuals: Array, loadings: Array, spread: Array, scaled: Array) -> float:
    """Return what variances are to be multiplied by for nine residuals in ten to be within the band."""
    deviation = np.sqrt((scaled**2 @ spread.T) @ loadings**2)
    moved = deviation > 0.0
    if not moved.any():
        return 1.0
    return float(np.quantile(np.abs(residuals[moved]) / deviation[moved], 0.9) / BAND) ** 2


# ---------------------------------------------------------------------------------------- the errors


def judge(
    one: Emulated,
    output: Output,
    name: str,
    base: Sequence[Read],
    unseen: Sequence[Sequence[Read]],
    settings: Sequence[Mapping[str, float]],
    terms: Terms,
) -> Judged:
    """Return what an output's emulator is worth on settings that it has not seen.

    Parameters
    ----------
    base
        The baseline of each draw.
    unseen
        ``[setting][draw]``, of the same draws.
    settings
        What was set.
    """
    levels = np.array([read[name] for read in base])
    changed = np.array([[read[name] for read in several] for several in unseen])
    years = _acting(levels.shape[2])
    given = _given(output, np.concatenate([levels[None], changed]).reshape(-1, *levels.shape[1:]))
    true = np.array([_effects(output, several, levels, given) for several in changed])
    true = true[..., -years:]
    scaled = sliders().scaled(settings)
    scores = features(scaled, terms) @ one.coefficients
    predicted = np.tensordot(scores, one.loadings, 1)
    deviation = np.sqrt(np.tensordot(scaled**2 @ one.spread.T, one.loadings**2, 1))
    mean = true.mean(axis=1)
    missed = np.sqrt(((predicted - mean) ** 2).mean(axis=0)).max(axis=-1)
    width = mean.max(axis=(0, 2)) - mean.min(axis=(0, 2))
    # What nothing moves is predicted without error where nothing is predicted.
    nothing = (width == 0.0) & (missed < np.finfo(np.float32).eps)
    error = np.where(nothing, 0.0, missed / np.where(width > 0.0, width, np.nan))
    within = np.abs(true - predicted[:, None]) <= BAND * deviation[:, None] + np.finfo(float).eps
    moves = np.broadcast_to((deviation > 0.0)[:, None], within.shape)
    counted = moves.sum(axis=(0, 1, 3))
    inside = np.where(moves, within, False).sum(axis=(0, 1, 3)) / np.where(counted, counted, np.nan)
    return Judged(np.where(given, error, np.nan), np.where(given, inside, np.nan))


def _flag(f: Array) -> tuple[Array, float]:
    """Return the matrix whose form tells how far a setting lies from the design, and how far is too far."""
    size = (f**2).mean(axis=0)
    matrix = np.asarray(np.linalg.inv(f.T @ f + np.diag(len(f) * LEAST_RIDGE * size)))
    own = np.minimum(((f @ matrix) * f).sum(axis=1), 1.0 - 1e-9)
    # A setting of the design lies this far from the others.
    return matrix, float(np.quantile(own / (1.0 - own), FAR))
