"""Bands of time series: what runs of the same scenario with other parameters and other luck show.

A run is one course of luck. Its band is the predictive one: from the fifth to the ninety-fifth percentile of the draws
of an ensemble, year by year, read off the indicators of its members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sscsim.errors import InputError
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.experiments.ensemble import EnsembleResult, Tally
    from sscsim.results import Run

__all__ = ["Bands", "bands_of", "interval"]

LEAST = 10
"""Members from which on a fifth and a ninety-fifth percentile are drawn."""

INTERVAL = (0.05, 0.95)


def interval(values: Array) -> tuple[Array, Array]:
    """Return the fifth and the ninety-fifth percentile over draws, ``(year,)`` each, of ``(draw, year)``."""
    low, high = np.nanquantile(values, INTERVAL, axis=0)
    return low, high


@dataclass(frozen=True)
class Bands:
    """Indicators of the members of an ensemble, by year.

    Attributes
    ----------
    years
        Years of the members.
    draws
        How many members there are.
    words
        What differs between them, for the foot of a figure.
    table
        By indicator and group, ``(draw, year)``; NaN where it is not defined.
    """

    years: tuple[int, ...]
    draws: int
    words: str
    table: Mapping[tuple[str, str], Array]

    def values(self, indicator: str, group: str) -> Array:
        """Return an indicator of a group, ``(draw, year)``.

        Raises
        ------
        InputError
            Where members have none.
        """
        if (indicator, group) not in self.table:
            raise InputError(
                "the members of the ensemble have no such indicator", found=f"{indicator}, {group}"
            )
        return self.table[indicator, group]

    def total(self, pairs: Sequence[tuple[str, str]]) -> Array:
        """Return the sum of several, ``(draw, year)``."""
        found: Array = np.sum([self.values(*pair) for pair in pairs], axis=0)
        return found

    @classmethod
    def of(cls, result: EnsembleResult, words: str) -> Bands:
        """Read the members of an ensemble.

        Raises
        ------
        InputError
            For fewer members than percentiles take, or members of several scenarios or other years.
        """
        lines = [
            found
            for member in result.members
            if (found := result.store.columns(member.key, None, None, None)) is not None
        ]
        if len(lines) < LEAST:
            raise InputError(
                "too few members of the ensemble have a result for a band",
                file=result.store.folder,
                found=len(lines),
                allowed=f"{LEAST} or more",
            )
        if len({member.scenario.name for member in result.members}) > 1:
            raise InputError("a band is of one scenario, and the ensemble has several")
        years = tuple(sorted({*lines[0].numbers("year").tolist()}))
        table: dict[tuple[str, str], Array] = {}
        for draw, one in enumerate(lines):
            indicators, groups = one.texts("indicator"), one.texts("group")
            key = indicators.codes.astype(np.int64) * len(groups.names) + groups.codes
            each, row = np.unique(key, return_inverse=True)
            grid = np.full((len(each), len(years)), np.nan)
            grid[row, np.searchsorted(years, one.numbers("year"))] = one.numbers("value")
            for number, values in zip(each.tolist(), grid, strict=True):
                i, g = divmod(number, len(groups.names))
                name = indicators.names[i], groups.names[g]
                if name not in table:
                    table[name] = np.full((len(lines), len(years)), np.nan)
                table[name][draw] = values
        return cls(years, len(lines), words, table)


def bands_of(
    run: Run,
    draws: int = 50,
    *,
    source: str = "posterior",
    store: str | Path | None = None,
    executor: str = "serial",
    workers: int | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Bands:
    """Return the bands of a run: its scenario and all that it was asked for, with other parameters and other luck.

    Members are taken from the store; those that it lacks are run.

    Parameters
    ----------
    run
        A run of the model.
    draws
        How many members.
    source
        Where their parameters come from, as `sscsim.experiments.members` takes it.
    store
        Folder of the store.
    executor, workers
        As `sscsim.experiments.run_ensemble` takes them.
    progress
        Called after each member.

    Raises
    ------
    InputError
        For a run whose settings members cannot have, such as own institutions, or that does not say what it was.
    """
    from dataclasses import replace

    from sscsim.choices import in_words
    from sscsim.experiments.ensemble import run_ensemble
    from sscsim.experiments.members import members
    from sscsim.experiments.store import RunStore
    from sscsim.provenance import settings_of

    asked = settings_of(run.manifest)
    classes = (run.manifest.get("inputs") or {}).get("classes")
    if classes or "world" in (run.manifest.get("inputs") or {}):
        raise InputError("a run of own classes or of a world made in Python has no draws beside it")
    settings = replace(asked, parameters=None, seed=1)
    kept = RunStore(store)
    # Ensembles keep indicators alone, comparisons countries as well: what there is more of serves.
    wanted = max(
        (
            members([asked.resolved()], draws, source=source, settings=replace(settings, keep=keep))
            for keep in ("indicators", "outcomes")
        ),
        key=lambda some: sum(kept.has(one.key) for one in some),
    )
    result = run_ensemble(wanted, kept, executor, workers=workers, progress=progress)
    first, last = wanted[0].seed, wanted[-1].seed
    return Bands.of(
        result, f"{draws} draws, {in_words(source)}, luck of the seeds {first} to {last}"
    )
