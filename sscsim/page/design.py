"""The design that the emulator is trained on: settings that fill the sliders' space, each with a draw of parameters.

Two settings in five move all sliders at once, two in five move one to four, and one in five has sliders at their ends
or untouched, as people do: each kind is a scrambled Sobol sequence. A setting runs with one draw, draws taking turns,
so that as many settings as possible are seen; those that the emulator is judged by run with every draw, and are of
other sequences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from sscsim.page.sliders import sliders
from sscsim.settings import check_whole
from sscsim.types import Ints

__all__ = ["DRAWS", "Design", "design", "settings"]

DRAWS = 16
"""Draws of parameters and luck of the whole design: a mean over them, and how it spreads."""

SEEN = 37
"""Settings of each draw to train on."""

UNSEEN = 12
"""Settings that the emulator is judged by."""

MOST_MOVED = 4
"""Sliders that a setting of the second kind moves at most."""

EVERY, FEW, ENDS = range(3)
TURNS = (EVERY, FEW, EVERY, FEW, ENDS)
"""Kinds of settings, in turn."""

DIGITS = 1e4
"""Digits of a point from here on say which sliders are moved: they have nothing to do with where."""

SEED = 1
SEED_OF_UNSEEN = 2

Settings = list[dict[str, float]]


@dataclass(frozen=True)
class Design:
    """What is run.

    Attributes
    ----------
    seen
        ``[draw][number]``: settings to train on, each with one draw; every draw also runs the baseline.
    unseen
        Settings to judge by; each runs with every draw.
    """

    seen: list[Settings]
    unseen: Settings

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.seen)

    @property
    def each(self) -> Settings:
        """Settings to train on, draw by draw."""
        return [setting for several in self.seen for setting in several]

    @property
    def draw(self) -> Ints:
        """The draw of each of them."""
        return np.repeat(np.arange(self.draws), [len(several) for several in self.seen])

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.draws * (1 + len(self.unseen)) + len(self.each)


def design(draws: int = DRAWS) -> Design:
    """Return the design, or its first draws.

    Raises
    ------
    InputError
        For fewer than two draws, or more than the design has.
    """
    check_whole("draws", draws, 2, DRAWS)
    seen = settings(DRAWS * SEEN, SEED)
    return Design([seen[draw::DRAWS] for draw in range(draws)], settings(UNSEEN, SEED_OF_UNSEEN))


def settings(count: int, seed: int) -> Settings:
    """Return so many settings, of all kinds in turn."""
    makers = {EVERY: _named, FEW: _few, ENDS: _at_ends}
    kinds = [TURNS[i % len(TURNS)] for i in range(count)]
    # One column more than sliders says how many are moved.
    axes = len(sliders().table) + 1
    points = {kind: iter(_points(axes, kinds.count(kind), (seed, kind))) for kind in makers}
    return [makers[kind](next(points[kind])) for kind in kinds]


def _points(axes: int, count: int, seed: tuple[int, ...]) -> list[list[float]]:
    """Return so many points of a sequence, shuffled: every second or sixteenth of them in order lies in one corner."""
    random = np.random.default_rng(seed)
    power = max(1, (count - 1).bit_length())  # a Sobol sequence is balanced at powers of two
    points: list[list[float]] = qmc.Sobol(d=axes, rng=random).random_base2(power)[:count].tolist()
    return [points[i] for i in random.permutation(count)]


def _named(point: list[float]) -> dict[str, float]:
    """Return all sliders somewhere between their ends."""
    table = sliders().table
    return {name: one.at(place) for (name, one), place in zip(table.items(), point, strict=False)}


def _few(point: list[float]) -> dict[str, float]:
    """Return one to four sliders somewhere between their ends: those that the point's digits put first."""
    every, moved = _named(point), 1 + int(point[-1] * MOST_MOVED)
    digits = np.array(point[:-1]) * DIGITS % 1.0
    chosen = set(np.argsort(digits, kind="stable")[:moved].tolist())
    return {name: value for i, (name, value) in enumerate(every.items()) if i in chosen}


def _at_ends(point: list[float]) -> dict[str, float]:
    """Return sliders at one of their ends, or untouched, a third each."""
    table = sliders().table
    ends = [
        (one.min, None, one.max)[int(3 * place)]
        for place, one in zip(point, table.values(), strict=False)
    ]
    return {
        name: end
        for (name, one), end in zip(table.items(), ends, strict=True)
        if end is not None and end != one.default
    }
