"""Which inputs of a function its answers hang on: Morris's effects, Sobol's indices, PAWN.

Three methods of SALib (Iwanaga, Usher & Herman 2022, Socio-Environmental Systems Modelling 4), for functions of inputs
in the unit cube, so that a test can set one whose indices are known in the place of the model.

``morris``
    Elementary effects (Morris 1991, Technometrics 33; Campolongo et al. 2007, Environmental Modelling & Software 22): a
    run for each input and trajectory. Ranks very many.
``sobol``
    Shares of the variance (Saltelli et al. 2010, Computer Physics Communications 181): of an input alone, and with all
    that it acts together with.
``pawn``
    Distances between distributions (Pianosi & Wagener 2018, Environmental Modelling & Software 108), from any draws:
    inputs may depend on one another, and no design is needed.

All functions are pure but for the function that they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sscsim.errors import InputError, outside
from sscsim.results.extras import not_installed
from sscsim.types import Array, Mask

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEADING", "METHODS", "Function", "Indices", "morris", "pawn", "runs_of", "sobol"]

Function = Callable[[Array], Array]
"""From points ``(point, input)`` in the unit cube to answers ``(answer, point)``; NaN where there is none."""

METHODS = ("morris", "sobol", "pawn")

LEADING = {"morris": "effect", "sobol": "total", "pawn": "distance"}
"""What inputs are ordered by."""

LEVELS = 4
RANGE = (0.05, 0.95)
"""Quantiles that a trajectory stays within: a prior without an end has no extreme."""

SLIDES = 10
"""Intervals of an input within which the answer's distribution is looked at."""

LEAST_A_SLIDE = 5
"""Draws in an interval below which its distribution is none."""

COVERED = 0.9
RESAMPLED = 200
"""Resamplings that an interval rests on."""

ROUNDING = 1e-9
"""Of the largest effect: below it there is nothing but rounding."""

LEAST_BLOCKS = 4
"""Trajectories, or points of a Sobol design, below which nothing is worth printing."""


@dataclass(frozen=True)
class Indices:
    """What the inputs are to one answer.

    Attributes
    ----------
    method
        One of `METHODS`.
    names
        Of the inputs.
    values
        Measure → ``(input,)``. ``morris``: ``effect`` (mean size over the range of the input, in the answer's unit),
        ``effect_error``, ``signed`` (mean with its sign), ``spread`` (standard deviation). ``sobol``: ``first`` and
        ``total`` (shares of the variance) with ``first_error`` and ``total_error``. ``pawn``: ``distance`` (median
        Kolmogorov-Smirnov distance over the intervals of the input) and ``largest``. Errors are half widths of 90 %
        intervals.
    runs
        Answers it rests on.
    left_out
        Blocks of the design without an answer at one of their points.
    chance
        With ``pawn``: the distance that the strongest of as many inputs reaches which do nothing; else 0.
    """

    method: str
    names: tuple[str, ...]
    values: dict[str, Array]
    runs: int
    left_out: int = 0
    chance: float = 0.0

    @property
    def order(self) -> list[int]:
        """Places of the inputs, the strongest first; of equals the first named."""
        order = np.argsort(-self.values[LEADING[self.method]], kind="stable")
        return [int(i) for i in order]

    @property
    def matters(self) -> Mask:
        """Whether each input is told from one that does nothing, ``(input,)``."""
        leading = self.values[LEADING[self.method]]
        if self.method == "pawn":
            return leading > self.chance
        # An input that moves nothing has effects of exactly zero, and no width.
        return leading > np.maximum(self.values[f"{LEADING[self.method]}_error"], 1e-12)

    @property
    def table(self) -> pd.DataFrame:
        """One line an input, the strongest first: input, the measures, matters."""
        import pandas as pd

        whole = pd.DataFrame({"input": self.names, **self.values, "matters": self.matters})
        return whole.iloc[self.order].reset_index(drop=True)


def runs_of(method: str, inputs: int, size: int) -> int:
    """Return how often a function is asked, for so many trajectories, points of a design, or draws."""
    return {"morris": size * (inputs + 1), "sobol": size * (inputs + 2), "pawn": size}[method]


def morris(
    function: Function, names: Sequence[str], trajectories: int = 10, seed: int = 1
) -> list[Indices]:
    """Return elementary effects of inputs on each answer.

    Parameters
    ----------
    function
        What is looked at.
    names
        Of the inputs.
    trajectories
        How many; each asks the function once more than there are inputs.
    seed
        Of the trajectories and the resamplings.

    Raises
    ------
    InputError
        Where SALib is not installed, for fewer than `LEAST_BLOCKS` trajectories, or where so few have an answer.
    """
    _salib()
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as sampling

    _check("trajectories", trajectories, names)
    problem = _problem(names, RANGE)
    points = np.asarray(sampling.sample(problem, trajectories, num_levels=LEVELS, seed=seed))
    block = len(names) + 1
    found = []
    for answer, whole in _answers(function, points, block):
        kept = np.repeat(whole, block)
        result = analysis.analyze(
            problem,
            points[kept],
            answer[kept],
            num_resamples=RESAMPLED,
            conf_level=COVERED,
            num_levels=LEVELS,
            seed=seed,
        )
        values = {
            "effect": np.array(result["mu_star"], dtype=np.float64),
            "effect_error": np.array(result["mu_star_conf"], dtype=np.float64),
            "signed": np.array(result["mu"], dtype=np.float64),
            "spread": np.array(result["sigma"], dtype=np.float64),
        }
        size = float(values["effect"].max())
        values = {n: np.where(np.abs(v) > ROUNDING * size, v, 0.0) for n, v in values.items()}
        found.append(_indices("morris", names, values, kept, whole))
    return found


def sobol(function: Function, names: Sequence[str], size: int = 64, seed: int = 1) -> list[Indices]:
    """Return the shares of each answer's variance that inputs carry, alone and with all they act together with.

    Parameters
    ----------
    function
        What is looked at; its inputs are independent of one another.
    names
        Of the inputs.
    size
        Points of the design, a power of two; each asks the function twice and once more for each input.
    seed
        Of the design's scrambling and the resamplings.

    Raises
    ------
    InputError
        Where SALib is not installed, for a size that is no power of two, or where too few points have an answer.
    """
    _salib()
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    _check("points of the design", size, names)
    if size & (size - 1):
        raise InputError(
            "a Sobol design is balanced at powers of two",
            key="size",
            found=size,
            allowed="16, 32, 64, 128 …",
        )
    problem = _problem(names, (0.0, 1.0))
    points = np.asarray(sampling.sample(problem, size, calc_second_order=False, seed=seed))
    block = len(names) + 2
    found = []
    for answer, whole in _answers(function, points, block):
        kept = np.repeat(whole, block)
        if np.ptp(answer[kept]) > 0.0:
            result = analysis.analyze(
                problem,
                answer[kept],
                calc_second_order=False,
                num_resamples=RESAMPLED,
                conf_level=COVERED,
                seed=seed,
            )
            values = {
                "first": np.array(result["S1"], dtype=np.float64),
                "first_error": np.array(result["S1_conf"], dtype=np.float64),
                "total": np.array(result["ST"], dtype=np.float64),
                "total_error": np.array(result["ST_conf"], dtype=np.float64),
            }
        else:  # what does not vary has no variance to share
            measures = ("first", "first_error", "total", "total_error")
            values = {name: np.zeros(len(names)) for name in measures}
        found.append(_indices("sobol", names, values, kept, whole))
    return found


def pawn(values: Array, answer: Array, names: Sequence[str], seed: int = 1) -> Indices:
    """Return how far an answer's distribution moves as each input is held within an interval.

    Parameters
    ----------
    values
        ``(draw, input)``, in any unit; draws without an answer are left out.
    answer
        ``(draw,)``.
    names
        Of the inputs.
    seed
        Of the inputs that do nothing.

    Raises
    ------
    InputError
        Where SALib is not installed, or for fewer draws than 50.
    """
    _salib()
    from SALib.analyze import pawn as analysis

    there = np.isfinite(answer)
    values, answer = np.asarray(values)[there], np.asarray(answer, dtype=np.float64)[there]
    least = SLIDES * LEAST_A_SLIDE
    if len(answer) < least:
        raise InputError(
            "too few draws to tell a distribution from another",
            key="draws",
            found=len(answer),
            allowed=f"{least} or more",
        )
    idle = np.random.default_rng(seed).random((len(answer), len(names)))
    both = np.hstack([values, idle])
    problem = _problem([*names, *(f"idle {i}" for i in range(len(names)))], (0.0, 1.0))
    result = analysis.analyze(problem, both, answer, S=SLIDES)
    median, largest = (np.array(result[key], dtype=np.float64) for key in ("median", "maximum"))
    count = len(names)
    return Indices(
        "pawn",
        tuple(names),
        {"distance": median[:count], "largest": largest[:count]},
        runs=len(answer),
        left_out=int((~there).sum()),
        chance=float(median[count:].max()),
    )


# --------------------------------------------------------------------------------------------------------------


def _salib() -> None:
    try:
        import SALib  # noqa: F401 - whether it is there
    except ImportError:
        raise not_installed("SALib", "futures") from None


def _problem(names: Sequence[str], bounds: tuple[float, float]) -> dict[str, object]:
    return {"num_vars": len(names), "names": list(names), "bounds": [list(bounds)] * len(names)}


def _check(what: str, size: int, names: Sequence[str]) -> None:
    if size < LEAST_BLOCKS:
        raise outside(what, size, LEAST_BLOCKS, 2**20, whole=True, key="size")
    if len(names) < 2:
        raise InputError("inputs are held against one another: at least two", found=len(names))


def _answers(function: Function, points: Array, block: int) -> list[tuple[Array, Mask]]:
    """Return each answer, ``(point,)``, and which blocks of the design have one at all of their points."""
    found = []
    for answer in np.atleast_2d(function(points)):
        whole = np.isfinite(answer).reshape(-1, block).all(axis=1)
        if whole.sum() < LEAST_BLOCKS:
            raise InputError(
                "too few blocks of the design have an answer at all of their points",
                found=int(whole.sum()),
                allowed=f"{LEAST_BLOCKS} of {len(whole)} or more",
            )
        found.append((np.asarray(answer, dtype=np.float64), whole))
    return found


def _indices(
    method: str, names: Sequence[str], values: dict[str, Array], kept: Mask, whole: Mask
) -> Indices:
    return Indices(method, tuple(names), values, int(kept.sum()), int((~whole).sum()))
