"""What single runs of the posterior show of the report: so that one seed's luck is not read as a miss.

Every number of the report that is simulated is observed in runs of posterior draws, each with luck of its own: the
fitted ones and those that are only compared. Kept of it are an interval, how probable the report's tolerance is in a
single run, and where the report's figure stands among the runs (decision 0177).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import numpy as np

from sscsim.calibration.observing import CheckOf, Journal, ModelSimulator, Observer, checks_of
from sscsim.calibration.targets import (
    Comparison,
    Expected,
    OneSided,
    Shown,
    Target,
    judge,
    show_beside,
)
from sscsim.counts import whole_one
from sscsim.csvfile import read_csv
from sscsim.errors import InputError
from sscsim.resources import calibration_folder
from sscsim.settings import RunSettings
from sscsim.types import Array

__all__ = [
    "FIGURES",
    "Predictive",
    "Tally",
    "expected_of",
    "load_predictive",
    "predictive_of",
    "read_predictive",
    "tally",
]

FIGURES = "posterior_figures.csv"
"""File in the folder of calibrations."""

MOST_BYTES = 2_000_000
"""Largest file of figures that is read: a hundred times what ships."""

IDENTITY = ("observable", "of", "when", "unit", "value", "low", "high")
NUMBERS = ("run_5", "run_50", "run_95", "within_tolerance", "pit")
COLUMNS = ("id", "role", *IDENTITY, *NUMBERS, "runs")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Figure:
    """A number of the report and what runs show of it.

    Attributes
    ----------
    role
        Of the row: fit, check or input.
    identity
        What is observed, when, and within which limits, as text: what is expected holds for this and no other figure.
    expected
        What single runs show.
    runs
        How many showed it.
    """

    role: str
    identity: tuple[str, ...]
    expected: Expected
    runs: int

    @classmethod
    def of(cls, item: CheckOf, expected: Expected, runs: int) -> Self:
        """Return what is expected of a figure as it now stands."""
        return cls(item.target.role, _identity(item), expected, runs)


@dataclass(frozen=True)
class Predictive:
    """What single runs of a posterior show of the report's figures.

    Attributes
    ----------
    figures
        By `Comparison.id`.
    beside
        Medians of what is only shown beside a row, by the target's id; empty where it was read from a file.
    runs
        How many were made; 0 where it was read from a file, which says it figure by figure.
    refused
        Of these, how many draws admit no world, and are left out.
    end
        Last year simulated.
    """

    figures: Mapping[str, Figure]
    beside: Mapping[str, tuple[Shown, ...]] = field(default_factory=dict)
    runs: int = 0
    refused: int = 0
    end: int = 0

    def of(self, item: CheckOf) -> Expected | None:
        """Return what is expected of a figure; None where it is not known of this one, as it now stands."""
        figure = self.figures.get(item.id)
        return figure.expected if figure and figure.identity == _identity(item) else None

    def attach(self, comparisons: Iterable[Comparison]) -> tuple[Comparison, ...]:
        """Set what is expected beside what was observed."""
        return tuple(
            replace(item, expected=self.of(CheckOf(item.target, item.check)))
            if item.check is not None and item.target.simulated
            else item
            for item in comparisons
        )

    def judge(self, targets: Sequence[Target]) -> tuple[Comparison, ...]:
        """Set medians over the runs beside the report."""
        medians = {name: figure.expected.median for name, figure in self.figures.items()}
        return self.attach(judge(targets, medians, self.beside))

    def text(self) -> str:
        """Return the figures as CSV, numbers with six digits; empty are no bound and no PIT."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, figure in self.figures.items():
            one = figure.expected
            numbers = (one.low, one.median, one.high, one.inside, one.pit)
            writer.writerow(
                (name, figure.role, *figure.identity, *map(_plain, numbers), figure.runs)
            )
        return out.getvalue()


@dataclass(frozen=True)
class Tally:
    """How many fitted figures a run meets.

    Attributes
    ----------
    met, fitted
        Figures within tolerance, of those that the run shows.
    lacking
        Fitted figures that the run does not show.
    expected
        How many of the `fitted` single runs of the posterior meet in the mean; NaN where that is not known of each.
    """

    met: int
    fitted: int
    lacking: int
    expected: float


def tally(comparisons: Iterable[Comparison]) -> Tally:
    """Count the fitted figures that are met, and how many were expected."""
    rows = [i for i in comparisons if i.check and i.target.simulated and i.target.role == "fit"]
    seen = [item for item in rows if item.judged]
    return Tally(
        met=sum(item.verdict == "met" for item in seen),
        fitted=len(seen),
        lacking=len(rows) - len(seen),
        expected=math.fsum(i.expected.inside if i.expected else math.nan for i in seen),
    )


def predictive_of(
    source: str | Path,
    targets: Sequence[Target],
    *,
    draws: int | None = None,
    seeds: int = 1,
    settings: RunSettings | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Predictive:
    """Run draws no further than the rows need, and return what single runs show of all that is simulated.

    Parameters
    ----------
    source
        Of the parameters, as `sscsim.experiments.members` takes it: its name, or a file with a row a draw.
    targets
        Rows of the report.
    draws
        How many; without it all of a file.
    seeds
        Of each draw; draw *d* runs with the seed 1 + *d*.
    settings
        What every run is asked for besides; without them the plain baseline.
    workers
        Processes. They change nothing of the result.
    progress
        Called with the stage, the runs done and the runs in all.

    Raises
    ------
    InputError
        For a source that is none, or draws of which none admits a world.
    """
    from sscsim.experiments.members import members

    asked = settings or RunSettings()
    simulator = ModelSimulator.of(targets, asked, beside=True)
    # Figures of institutions stay as their files state them: a simulator knows parameters and seeds alone.
    shared = replace(asked, keep="indicators", end=simulator.end)
    chosen = members([asked.scenario], draws, seeds, source, settings=shared, draw_figures=False)
    with Observer(simulator, Journal(), workers, progress) as observer:
        seen = observer.observe(
            [m.parameters for m in chosen], [[m.seed] for m in chosen], "draws"
        )[:, 0]
    items = checks_of(targets)
    admitted = seen[~np.isnan(seen).all(axis=1)] if seen.shape[1] else seen
    if items and not len(admitted):
        raise InputError("no draw shows any of the figures", key="source", found=str(source))
    shown = iter([_median(column) for column in admitted[:, len(items) :].T])
    figures = {}
    for item, column in zip(items, admitted[:, : len(items)].T, strict=True):
        runs = int(np.count_nonzero(np.isfinite(column)))
        if runs:
            figures[item.id] = Figure.of(item, expected_of(item, column), runs)
    return Predictive(
        figures,
        {t.id: show_beside(t, [next(shown) for _ in t.beside]) for t in targets if t.simulated},
        runs=len(seen),
        refused=len(seen) - len(admitted),
        end=simulator.end,
    )


def expected_of(item: CheckOf, observed: Array) -> Expected:
    """Return what equally probable runs say of a figure.

    Parameters
    ----------
    item
        The figure.
    observed
        ``(run,)``, in the figure's unit; NaN where a run does not show it, which is not within the tolerance.
    """
    seen = observed[np.isfinite(observed)]
    low, median, high = np.quantile(seen, [0.05, 0.5, 0.95]).tolist()
    wanted, rule = item.check.value, item.check.within
    met = sum(rule.distance(value, wanted) == 0.0 for value in seen.tolist())
    # A bound is what the report says of a figure, not the figure: it has no place among the runs.
    bound = isinstance(rule, OneSided)
    pit = math.nan if bound else float(np.mean((seen < wanted) + 0.5 * (seen == wanted)))
    return Expected(low, median, high, met / len(observed), pit)


def load_predictive() -> Predictive | None:
    """Return what ships with the posterior; None where none ships."""
    path = calibration_folder() / FIGURES
    return read_predictive(path) if path.is_file() else None


def read_predictive(path: Path) -> Predictive:
    """Read what `Predictive.text` writes.

    Raises
    ------
    InputError
        With file, line and column, for what is no such table.
    """
    file = read_csv(path, MOST_BYTES)
    file.check_header(COLUMNS)
    figures: dict[str, Figure] = {}
    for line, cells in file.rows():
        row = dict(zip(file.header, cells, strict=True))
        if row["id"] in figures:
            raise file.error("this figure stands twice", line, "id", found=row["id"])
        pit = file.number(row["pit"], line, "pit") if row["pit"] else math.nan
        low, median, high, inside = (file.number(row[k], line, k) for k in NUMBERS[:4])
        if not 0.0 <= inside <= 1.0 or not low <= median <= high:
            raise file.error(
                "quantiles must be in order, and a probability between 0 and 1",
                line,
                "within_tolerance",
                found=row["within_tolerance"],
            )
        figures[row["id"]] = Figure(
            row["role"],
            tuple(row[k] for k in IDENTITY),
            Expected(low, median, high, inside, pit),
            whole_one(file.number(row["runs"], line, "runs"), "runs"),
        )
    return Predictive(figures)


def _identity(item: CheckOf) -> tuple[str, ...]:
    check = item.check
    limits = (_plain(v) for v in (check.value, *item.limits))
    return (check.observable, check.of or "", check.when, item.unit, *limits)


def _plain(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def _median(column: Array) -> float:
    seen = column[np.isfinite(column)]
    return float(np.median(seen)) if len(seen) else math.nan
