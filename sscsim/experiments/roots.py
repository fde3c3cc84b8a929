"""Where an outcome of many draws meets a target: bracketing on medians, and an interval over draws.

All is pure: `solve` asks for the outcomes of a value, ``(draw,)``, the same draws each time. Because draws are the same
at every value (common random numbers), the median moves with the value alone and can be bracketed as a function without
noise can.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import toms748

from sscsim.types import Array

__all__ = ["CLOSE", "Solution", "Tried", "solve"]

CLOSE = 0.01
"""The target is met where the median is within this share of it. Single projects are lumps: the median of 20 draws of a
bank's approvals moves in steps of about one per cent."""

FINE = 1e-3
"""Values are told apart down to this share of what they may be between."""

MOST_STEPS = 10
"""Steps of bracketing: it halves at least, so that a thousandth is reached in ten."""

BESIDE = 0.05
"""How far beside the value draws are looked at that do not meet the target by it, a share of the width."""

TAIL = 0.05
"""Share of draws on either side of an interval."""


@dataclass(frozen=True)
class Tried:
    """A value, and what came out in each draw, ``(draw,)``."""

    value: float
    outcomes: Array

    @property
    def median(self) -> float:
        """Median over draws."""
        return float(np.median(self.outcomes))


@dataclass(frozen=True)
class Solution:
    """The value that meets a target, or comes nearest.

    Attributes
    ----------
    reached
        Whether the median crosses the target between the bounds.
    value, median
        The value whose median is nearest to the target, and that median.
    low, high
        Interval that holds the values at which 90 % of single draws meet the target; infinite where an end lies beyond
        the bounds.
    beyond
        Share of draws in which no value tried between the bounds meets it.
    crossings
        How often the median crosses it between the values tried: more than once where it does not move one way.
    tried
        All values tried, by size.
    close
        Whether the median at the value is within `CLOSE` of the target.
    """

    reached: bool
    value: float
    median: float
    low: float
    high: float
    beyond: float
    crossings: int
    tried: tuple[Tried, ...]
    close: bool

    @property
    def jumps(self) -> bool:
        """Whether the median leaps over the target: counts and thresholds may."""
        return self.reached and not self.close


def solve(
    outcomes: Callable[[float], Array],
    target: float,
    bounds: tuple[float, float],
    start: float,
) -> Solution:
    """Find the value at which the median outcome meets a target.

    The start and both bounds are tried first. Where the median crosses the target in several places, the one nearest to
    the start is taken. Where it does not, values between are tried before it is given up, since an outcome need not
    move one way.

    Parameters
    ----------
    outcomes
        Returns the outcomes of a value, ``(draw,)``; asked once for each value.
    target
        What the median is to be.
    bounds
        Between which the value may be.
    start
        Where to begin, between the bounds.

    Raises
    ------
    ValueError
        For a start outside the bounds.
    """
    low, high = bounds
    if not low <= start <= high or not low < high:
        raise ValueError(f"{start} does not lie between {low} and {high}")
    search = _Search(outcomes, target, bounds, start)
    for value in (start, low, high):
        search.gap(value)
    bracket = search.bracket(start)
    if bracket is None:
        search.look_between()
        bracket = search.bracket(start)
    if bracket is not None and bracket[0] < bracket[1]:
        toms748(
            search.gap,
            *bracket,
            xtol=FINE * (high - low),
            maxiter=MOST_STEPS,
            k=1,
            disp=False,
            full_output=True,
        )
    return search.solution(bracket is not None)


class _Search:
    """What was tried, and how far it is from the target."""

    def __init__(
        self,
        outcomes: Callable[[float], Array],
        target: float,
        bounds: tuple[float, float],
        start: float,
    ) -> None:
        self._outcomes, self._target, self._start = outcomes, target, start
        self._low, self._high = bounds
        self._width = self._high - self._low
        self._tried: dict[float, Tried] = {}

    def gap(self, value: float) -> float:
        """Return the median less the target, zero where they are close."""
        value = float(f"{value:.6g}")
        if value not in self._tried:
            self._tried[value] = Tried(value, np.asarray(self._outcomes(value), np.float64))
        gap = self._tried[value].median - self._target
        return 0.0 if abs(gap) <= CLOSE * abs(self._target) else gap

    @property
    def _values(self) -> list[float]:
        return sorted(self._tried)

    def _brackets(self) -> list[tuple[float, float]]:
        values = self._values
        met = [(v, v) for v in values if self.gap(v) == 0.0]
        pairs = pairwise(values)
        return met + [(a, b) for a, b in pairs if self.gap(a) * self.gap(b) < 0.0]

    def bracket(self, start: float) -> tuple[float, float] | None:
        """Return the two values tried between which the target is crossed, those nearest to the start."""

        def away(pair: tuple[float, float]) -> float:
            return 0.0 if pair[0] <= start <= pair[1] else min(abs(end - start) for end in pair)

        return min(self._brackets(), key=away, default=None)

    def look_between(self) -> None:
        """Try the middle between neighbours, and then beside the one that came nearest."""
        values = self._values
        for a, b in pairwise(values):
            self.gap((a + b) / 2.0)
        if self._brackets():
            return
        values = self._values
        nearest = values.index(self.nearest().value)
        for i in (nearest - 1, nearest):
            if 0 <= i < len(values) - 1:
                self.gap((values[i] + values[i + 1]) / 2.0)

    def nearest(self) -> Tried:
        """Return the value whose median is nearest to the target; of those as near, the one nearest to the start."""

        def away(one: Tried) -> float:
            return abs(one.median - self._target)

        best = min(map(away, self._tried.values()))
        as_near = [
            one for one in self._tried.values() if away(one) <= best + FINE * abs(self._target)
        ]
        return min(as_near, key=lambda one: abs(one.value - self._start))

    def _best(self, reached: bool) -> Tried:
        """Return the end of the crossing that is nearer to the target, or what is nearest where there is none."""
        ends = self.bracket(self._start) if reached else None
        if ends is None:
            return self.nearest()
        return min(
            (self._tried[end] for end in ends), key=lambda one: abs(one.median - self._target)
        )

    def crossings(self) -> int:
        """Return how often the median crosses the target; values that meet it do not part a crossing."""
        signs = [math.copysign(1.0, gap) for v in self._values if (gap := self.gap(v)) != 0.0]
        return sum(a != b for a, b in pairwise(signs))

    def solution(self, reached: bool) -> Solution:
        """Return what was found; where draws meet the target far from where the median does, values there are tried."""
        best = self._best(reached)
        roots = self._by_draw(best.value)
        if reached and np.isinf(roots).any():
            for beside in (-BESIDE, BESIDE):
                self.gap(min(max(best.value + beside * self._width, self._low), self._high))
            roots = self._by_draw(best.value)
        for _ in range(2 if reached else 0):
            new = [x for x in _ends(roots) if math.isfinite(x) and self._is_new(x)]
            for x in new:
                self.gap(x)
            if not new:
                break
            roots = self._by_draw(best.value)
        low, high = _ends(roots)
        return Solution(
            reached,
            best.value,
            best.median,
            low,
            high,
            float(np.isinf(roots).mean()),
            max(self.crossings(), int(reached)),
            tuple(self._tried[value] for value in self._values),
            self.gap(best.value) == 0.0,
        )

    def _is_new(self, value: float) -> bool:
        return all(abs(value - one) > 10.0 * FINE * self._width for one in self._tried)

    def _by_draw(self, near: float) -> Array:
        """Return the value at which each draw meets the target, by straight lines between values tried.

        The crossing nearest to where the median meets it counts. A draw that does not cross it has infinity on the side
        to which the value would have to go, by the way in which the median moves from one bound to the other.
        """
        values = np.array(self._values)
        gaps = np.array([self._tried[v].outcomes for v in self._values]).T - self._target
        rises = self._tried[values[-1]].median >= self._tried[values[0]].median
        roots = np.empty(len(gaps))
        for draw, gap in enumerate(gaps):
            left, right = gap[:-1], gap[1:]
            crossed = np.flatnonzero(left * right <= 0.0)
            if not crossed.size:
                roots[draw] = math.inf if (gap[0] < 0.0) == rises else -math.inf
                continue
            step = right[crossed] - left[crossed]
            part = np.divide(-left[crossed], step, out=np.zeros(len(crossed)), where=step != 0.0)
            at = values[crossed] + part * (values[crossed + 1] - values[crossed])
            roots[draw] = at[np.argmin(np.abs(at - near))]
        return roots


def _ends(roots: Array) -> tuple[float, float]:
    """Return both ends of the interval that holds 90 % of the draws; some may be infinite."""
    low, high = np.quantile(roots, [TAIL, 1.0 - TAIL], method="inverted_cdf")
    return float(low), float(high)
