"""The design that the emulator is trained on: settings that fill the sliders' space, each with a draw of parameters.

One setting in two moves all sliders at once and one in two moves one to four, as people do: both kinds are points of a
scrambled Sobol sequence. A setting runs with one draw, draws taking turns, so that as many settings as possible are
seen; those that the emulator is judged by run with every draw, and are of another sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from sscsim.errors import InputError
from sscsim.page.sliders import sliders

__all__ = ["RUNS", "Design", "design"]

RUNS = 800
"""Runs of the model, unless told otherwise."""

DRAWS = 16
"""Draws of parameters and luck, unless there are few runs: a mean over them, and how it spreads."""

UNSEEN = 12
"""Settings that the emulator is judged by."""

MOST_MOVED = 4
"""Sliders that a setting of the second kind moves at most."""

LEAST_RUNS = 24

SEED = 1
SEED_OF_UNSEEN = 2

Settings = list[dict[str, float]]


@dataclass(frozen=True)
class Design:
    """What is run.

    Attributes
    ----------
    draws
        Number of draws; each also runs the baseline.
    seen
        Settings to train on; setting *i* runs with draw *i* modulo `draws`.
    unseen
        Settings to judge by; each runs with every draw.
    """

    draws: int
    seen: Settings
    unseen: Settings

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.draws * (1 + len(self.unseen)) + len(self.seen)


def design(runs: int = RUNS) -> Design:
    """Return a design of so many runs; of fewer than usual all its parts are smaller.

    Raises
    ------
    InputError
        For too few runs.
    """
    if runs < LEAST_RUNS:
        raise InputError(
            "too few runs for a design", key="runs", found=runs, allowed=f"{LEAST_RUNS} or more"
        )
    part = min(1.0, (runs / RUNS) ** 0.5)
    draws, unseen = max(2, round(DRAWS * part)), max(2, round(UNSEEN * part))
    seen = runs - draws * (1 + unseen)
    return Design(draws, settings(seen, SEED), settings(unseen, SEED_OF_UNSEEN))


def settings(count: int, seed: int) -> Settings:
    """Return so many settings, of both kinds in turn; fewer are the first of more.

    Each kind is a sequence of its own: every other point of one Sobol sequence lies in the same half of an axis.
    """
    table = sliders().table
    every = _points(len(table), -(-count // 2), (seed, 0))
    # One column more says how many sliders are moved.
    few = _points(len(table) + 1, count // 2, (seed, 1))
    found: Settings = [{} for _ in range(count)]
    found[::2] = [_named(point) for point in every]
    found[1::2] = [
        _few(_named(point[:-1]), point[-1], (seed, 2, row)) for row, point in enumerate(few)
    ]
    return found


def _points(axes: int, count: int, seed: tuple[int, ...]) -> list[list[float]]:
    power = max(1, (count - 1).bit_length())  # a Sobol sequence is balanced at powers of two
    sampler = qmc.Sobol(d=axes, rng=np.random.default_rng(seed))
    points: list[list[float]] = sampler.random_base2(power)[:count].tolist()
    return points


def _named(places: list[float]) -> dict[str, float]:
    table = sliders().table
    return {name: one.at(place) for (name, one), place in zip(table.items(), places, strict=True)}


def _few(every: Mapping[str, float], share: float, seed: tuple[int, ...]) -> dict[str, float]:
    moved = 1 + int(share * MOST_MOVED)
    order = np.random.default_rng(seed).permutation(len(every))[:moved]
    return {name: value for i, (name, value) in enumerate(every.items()) if i in order}
