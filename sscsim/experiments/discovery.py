"""In which futures something holds: boxes of inputs by PRIM.

The patient rule induction method (Friedman & Fisher 1999, Statistics and Computing 9) as scenario discovery uses it
(Bryant & Lempert 2010, Technological Forecasting and Social Change 77), by the EMA Workbench (Kwakkel 2017,
Environmental Modelling & Software 96). A box is a range for each of a few inputs; its *coverage* is the share of all
cases that lie within, its *density* the share of what lies within that are cases.

With hundreds of inputs and a few hundred draws a search finds boxes where there are none. So it looks at two thirds of
the draws, a range stays only where a box without it would be so dense by chance less often than once in twenty over all
inputs, and coverage and density are told of the last third, which the search has not seen. An input is searched where
its values differ between cases and others: one that matters together with another alone is not found.

All functions are pure: arrays in, boxes out.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from sscsim.errors import InputError
from sscsim.results.extras import not_installed
from sscsim.types import Array, Index, Mask

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEAST_CASES", "Box", "Discovery", "Limit", "discover"]

LEAST_CASES = 20
"""Draws of each kind below which there is nothing to search."""

HELD_OUT = 3
"""Every third draw is kept from the search."""

OFFERED = 10
"""Inputs that the search is offered at most, and at least `SUBSETS`, the most telling first."""

TELLING = 0.01
"""How often values of an input would differ so much between cases and others by chance, for it to be offered."""

SUBSETS = 3
"""Of the most telling inputs so many are also searched one by one and in pairs: among many others a search goes astray
(Kwakkel 2019, Futures & Foresight Science 1)."""

PEEL = 0.05
"""Share of the draws that a step of the search takes away (Friedman & Fisher 1999, §14: 0.05 to 0.1)."""

LEAST_MASS = 0.05
"""Share of the draws that a box holds at least."""

BY_CHANCE = 0.05
"""How often a range may be more than chance by chance, over all inputs."""

MOST_BOXES = 3


@dataclass(frozen=True)
class Limit:
    """The range of one input within a box.

    Attributes
    ----------
    name
        Of the input.
    low, high
        Its range; an end that is no limit is that of the draws.
    at_low, at_high
        Where these stand among the draws, as shares of them: 0 and 1 are no limit.
    quasi_p
        How often draws without this range would be as dense by chance: the larger of its ends'.
    """

    name: str
    low: float
    high: float
    at_low: float
    at_high: float
    quasi_p: float


@dataclass(frozen=True)
class Box:
    """Ranges of inputs in which cases are dense.

    Attributes
    ----------
    limits
        The most telling first.
    coverage, density, mass
        Share of the cases within, of what is within that are cases, of all draws within: on draws that the search has
        not seen.
    seen_coverage, seen_density
        The same on those that it has.
    held_out
        How many unseen draws lie within.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    seen_coverage: float
    seen_density: float
    held_out: int

    def within(self, values: Array, names: Sequence[str]) -> Mask:
        """Return which draws lie within, ``(draw,)``, of values ``(draw, input)``."""
        inside = np.ones(len(values), dtype=bool)
        for limit in self.limits:
            x = values[:, list(names).index(limit.name)]
            inside &= (x >= limit.low) & (x <= limit.high)
        return inside


@dataclass(frozen=True)
class Discovery:
    """In which draws something holds.

    Attributes
    ----------
    draws, cases
        How many draws, and in how many of them it holds.
    offered
        Inputs that the search looked at.
    boxes
        In the order in which they were found, each in what the ones before left; none where no range is more than
        chance.
    """

    draws: int
    cases: int
    offered: tuple[str, ...]
    boxes: tuple[Box, ...]

    @property
    def base(self) -> float:
        """Share of all draws in which it holds."""
        return self.cases / self.draws

    @property
    def table(self) -> pd.DataFrame:
        """One line a range: box, name, low, high, at_low, at_high, quasi_p, and what the box covers."""
        import pandas as pd

        measures = ("coverage", "density", "mass", "seen_coverage", "seen_density", "held_out")
        return pd.DataFrame(
            [
                {"box": i, **vars(limit), **{name: getattr(box, name) for name in measures}}
                for i, box in enumerate(self.boxes, start=1)
                for limit in box.limits
            ],
            columns=["box", *Limit.__dataclass_fields__, *measures],
        )


def discover(values: Array, names: Sequence[str], cases: Mask) -> Discovery:
    """Return boxes of inputs in which cases are dense.

    Parameters
    ----------
    values
        ``(draw, input)``.
    names
        Of the inputs.
    cases
        ``(draw,)``, whether it holds.

    Raises
    ------
    InputError
        Where the EMA Workbench is not installed, or for fewer than `LEAST_CASES` draws of either kind.
    """
    values, cases = np.asarray(values, dtype=np.float64), np.asarray(cases, dtype=bool)
    if values.shape != (len(cases), len(names)):
        raise InputError(
            "a value for each draw and input is needed",
            found=f"{values.shape} for {len(cases)} draws and {len(names)} inputs",
        )
    fewer = min(int(cases.sum()), int((~cases).sum()))
    if fewer < LEAST_CASES:
        raise InputError(
            "too few draws are of one kind to tell where they lie",
            key="draws",
            found=f"{int(cases.sum())} of {len(cases)} are cases",
            allowed=f"{LEAST_CASES} of each kind or more",
        )
    prim = _prim()
    unseen = np.arange(len(cases)) % HELD_OUT == HELD_OUT - 1
    offered = _offered(values[~unseen], cases[~unseen])
    picked, kept = values[:, offered], tuple(names[i] for i in offered)
    boxes: list[Box] = []
    left = np.ones(len(cases), dtype=bool)
    while len(boxes) < MOST_BOXES and offered.size:
        learn = ~unseen & left
        if min(int(cases[learn].sum()), int((~cases[learn]).sum())) < LEAST_CASES // 2:
            break
        limits = _search(prim, picked[learn], kept, cases[learn], len(names))
        if not limits:
            break
        placed = tuple(_placed(limit, picked[:, kept.index(limit.name)]) for limit in limits)
        box = _judged(placed, picked, kept, cases, unseen)
        inside = box.within(picked, kept)
        if any(inside[one.within(picked, kept)].all() for one in boxes):
            break  # an earlier one again, drawn wider
        boxes.append(box)
        left &= ~inside
    return Discovery(len(cases), int(cases.sum()), kept, tuple(boxes))


def _prim() -> Any:
    """Return PRIM; what the workbench says of other packages that it does without is nobody's concern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from ema_workbench.analysis.prim import Prim
        except ImportError:
            raise not_installed("ema-workbench", "futures") from None
    return Prim


def _offered(values: Array, cases: Mask) -> Index:
    """Return the inputs whose distributions differ most between cases and others, the most telling first."""
    from scipy.stats import ks_2samp

    varies = np.flatnonzero(np.ptp(values, axis=0) > 0.0)
    chance = np.array(
        [ks_2samp(values[cases, i], values[~cases, i], method="asymp").pvalue for i in varies]
    )
    order = np.argsort(chance, kind="stable")
    many = int(np.clip((chance < TELLING).sum(), SUBSETS, OFFERED))
    return varies[order[:many]]


def _search(
    prim: Any, values: Array, names: Sequence[str], cases: Mask, offered: int
) -> list[Limit]:
    """Return the ranges of the best box, the one that parts cases from others best.

    Ranges that chance explains are taken away first. How well a box parts them is the share of the cases within less
    that of the others (Youden 1950, Cancer 3): zero for chance, however many cases there are, one for the box that
    holds all of them and nothing else.
    """
    best: tuple[float, list[Limit]] = (0.0, [])
    several = range(min(SUBSETS, len(names)))
    sets = [list(one) for size in (1, 2) for one in combinations(several, size)]
    for places in [*sets, list(range(len(names)))]:
        within = values[:, places]
        for low, high in _trajectory(prim, within, cases):
            held, quasi = _told((within >= low) & (within <= high), cases, offered)
            inside = np.asarray(held.all(axis=1), dtype=bool)
            merit = float(inside[cases].mean() - inside[~cases].mean())
            if merit > best[0] and quasi:
                limits = [
                    Limit(names[places[i]], float(low[i]), float(high[i]), 0.0, 1.0, quasi[i])
                    for i in quasi
                ]
                best = merit, sorted(limits, key=lambda one: (one.quasi_p, one.name))
    return best[1]


def _trajectory(prim: Any, values: Array, cases: Mask) -> Iterator[tuple[Array, Array]]:
    """Yield lower and upper ends, ``(input,)``, of the boxes that a search passes through; infinite where none."""
    import pandas as pd

    columns = [str(i) for i in range(values.shape[1])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks of pandas what newer ones call old
        search = prim(
            pd.DataFrame(values, columns=columns),
            cases,
            threshold=0.0,
            peel_alpha=PEEL,
            mass_min=LEAST_MASS,
        )
        found = search.find_box()
    ends = search.box_init[columns].to_numpy(float)
    for lims in found.box_lims:
        low, high = lims[columns].to_numpy(float)
        # The least and the greatest of the draws that were searched are no limit to others.
        yield np.where(low > ends[0], low, -np.inf), np.where(high < ends[1], high, np.inf)


def _told(held: Mask, cases: Mask, offered: int) -> tuple[Mask, dict[int, float]]:
    """Take away ranges that chance explains, the likeliest first; return what is held, and the quasi-p of the others.

    The search peels what looks best at every step, and a step that was chance stays in all later boxes.
    """
    held = held.copy()
    while True:
        quasi = {i: _quasi_p(held, cases, i) for i in np.flatnonzero(~held.all(axis=0)).tolist()}
        likeliest = max(quasi, key=quasi.__getitem__, default=None)
        if likeliest is None or quasi[likeliest] * offered < BY_CHANCE:
            return held, quasi
        held[:, likeliest] = True


def _quasi_p(held: Mask, cases: Mask, one: int) -> float:
    """Return how often as many cases would lie within by chance, were they as dense as without one range.

    The one-sided binomial test of Bryant & Lempert (2010): of the draws within all other ranges, ``(draw, input)``,
    those within this one as well.
    """
    from scipy.stats import binom

    others = np.asarray(np.delete(held, one, axis=1).all(axis=1), dtype=bool)
    inside = others & held[:, one]
    return float(binom.sf(cases[inside].sum() - 1, inside.sum(), cases[others].mean()))


def _placed(limit: Limit, x: Array) -> Limit:
    """Return a range with where its ends stand among all draws; one that is no limit is the draws' own."""
    low, high = max(limit.low, float(x.min())), min(limit.high, float(x.max()))
    at = float((x < low).mean()), float((x <= high).mean())
    return Limit(limit.name, low, high, *at, limit.quasi_p)


def _judged(
    limits: tuple[Limit, ...], values: Array, names: Sequence[str], cases: Mask, unseen: Mask
) -> Box:
    inside = Box(limits, 0.0, 0.0, 0.0, 0.0, 0.0, 0).within(values, names)

    def share(of: Mask, among: Mask) -> float:
        return float((of & among).sum() / among.sum()) if among.any() else float("nan")

    return Box(
        limits,
        coverage=share(inside, cases & unseen),
        density=share(cases, inside & unseen),
        mass=share(inside, unseen),
        seen_coverage=share(inside, cases & ~unseen),
        seen_density=share(cases, inside & ~unseen),
        held_out=int((inside & unseen).sum()),
    )
