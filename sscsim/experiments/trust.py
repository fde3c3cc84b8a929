"""Which unconfirmed figures of institutions move the headline results most, and so are worth looking up first.

Every figure that no source confirms is drawn within its width, all else kept: parameters at the tables' values, the
same luck in every run. For each headline result the figure that goes with it most takes its part of the variance away,
then the next one of what is left, until no figure does more than the best of so many would by chance. A figure's share
is the mean over headline results of the parts it took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sscsim.errors import outside
from sscsim.experiments.design import Design
from sscsim.experiments.executors import available_cores, process_pool
from sscsim.experiments.members import DESIGN_SEED
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.special import ndtri
from sscsim.types import Array
from sscsim.world.institutions import Figure, draw_figures, figures_of, load_institutions

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.results.run import Run

__all__ = ["HEADLINES", "LEAST_DRAWS", "Ranked", "Trust", "headlines", "rank", "taken", "trust"]

LEAST_DRAWS = 10
MOST_DRAWS = 10_000

BY_CHANCE = 0.01
"""How often the strongest of all figures may pass for one that moves a result, where none does."""

BANKS = ("AIIB", "NDB", "ISDB", "CAF")

HEADLINES: Mapping[str, str] = {
    "Goal index of the South": "in the last year",
    "South-South trade": "in the last year",
    **{f"approvals of {bank}": "all years" for bank in BANKS},
    "credit lines": "all lenders' approvals, all years",
    "initiatives": "projects of the South under way in the last year",
}
"""The results that figures are ranked by, and of when each is."""


@dataclass(frozen=True)
class Ranked:
    """A figure in its place.

    Attributes
    ----------
    rank
        From 1.
    figure
        Which.
    width
        That it was drawn with.
    share
        Part of the variance of headline results that it takes, on average over them.
    moves
        The headline result that it moves most.
    part
        Part of that result's variance.
    correlation
        Of the figure with that result, by ranks.
    """

    rank: int
    figure: Figure
    width: float
    share: float
    moves: str
    part: float
    correlation: float


@dataclass(frozen=True)
class Trust:
    """Figures in the order of what they move.

    Attributes
    ----------
    ranked
        All that were drawn.
    explained
        Part of the variance of each headline result that figures take together.
    spread
        Standard deviation of each headline result over its mean, from these figures alone.
    draws
        How many runs it rests on.
    """

    ranked: tuple[Ranked, ...]
    explained: Mapping[str, float]
    spread: Mapping[str, float]
    draws: int

    @property
    def table(self) -> pd.DataFrame:
        """One line a figure: rank, path, value, width, share, moves, part, correlation, confirmed, source."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "rank": one.rank,
                    "path": one.figure.path,
                    "value": one.figure.value,
                    "width": one.width,
                    "share": one.share,
                    "moves": one.moves,
                    "part": one.part,
                    "correlation": one.correlation,
                    "confirmed": one.figure.confirmed,
                    "source": one.figure.source,
                }
                for one in self.ranked
            ]
        )


def headlines(run: Run) -> tuple[float, ...]:
    """Return the headline results of a run that keeps its tables, in the order of `HEADLINES`."""
    table, banks, lenders = run.indicators, run.table("banks"), run.table("lenders")
    last = table[(table["year"] == table["year"].max()) & (table["group"] == "South")]
    of = last.set_index("indicator")["value"]
    approved = banks.groupby("bank")["approvals"].sum()
    return (
        float(of["goal_index"]),
        float(of["trade_within"]),
        *(float(approved[bank]) for bank in BANKS),
        float(lenders["approvals"].sum()),
        float(of["projects_provided"]),
    )


def trust(
    draws: int = 200,
    *,
    seed: int = 1,
    end: int = 2030,
    everything: bool = False,
    workers: int | None = None,
    began: Callable[[int, float], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Trust:
    """Rank the figures of institutions that ship by how much they move the headline results.

    Parameters
    ----------
    draws
        Runs: 200 find a figure that makes a tenth of a result's variance.
    seed
        Of the luck, the same in all runs.
    end
        Last year simulated.
    everything
        Whether confirmed figures are drawn and ranked too, with the width of their kind, as if none were.
    workers
        Processes; by default as many as there are processors.
    began
        Called after the first run with the number of runs and the seconds that it took.
    progress
        Called after each run with how many are done and how many there are.

    Raises
    ------
    InputError
        For a number out of its range.
    """
    for key, value, low, high in (
        ("draws", draws, LEAST_DRAWS, MOST_DRAWS),
        ("end", end, FIRST_YEAR, LAST_YEAR),
    ):
        if isinstance(value, bool) or not low <= value <= high:
            raise outside(key, value, low, high, whole=True, key=key)
    files = load_institutions()
    figures = [f for f in figures_of(files) if f.width or (everything and f.usual)]
    design = Design.independent([f.path for f in figures], draws, DESIGN_SEED)
    points = [
        draw_figures(files, dict(zip(design.names, row, strict=True)))
        for row in design.quantiles.tolist()
    ]
    results = []
    for found in _results([(point, seed, end) for point in points], workers, began):
        results.append(found)
        if progress is not None:
            progress(len(results), draws)
    return rank(figures, design.quantiles, np.array(results))


Task = tuple[Mapping[str, float], int, int]


def _results(
    tasks: Sequence[Task], workers: int | None, began: Callable[[int, float], None] | None
) -> Iterator[tuple[float, ...]]:
    started = time.perf_counter()
    yield _result(tasks[0])
    if began is not None:
        began(len(tasks), time.perf_counter() - started)
    if workers == 1:
        yield from map(_result, tasks[1:])
        return
    with process_pool(min(workers or available_cores(), max(1, len(tasks) - 1))) as pool:
        yield from pool.map(_result, tasks[1:], chunksize=2)


def _result(task: Task) -> tuple[float, ...]:
    from sscsim.model import simulate

    figures, seed, end = task
    return headlines(simulate("baseline", seed=seed, end=end, figures=figures))


# ---------------------------------------------------------------------------------------------------------- ranking


def rank(figures: Sequence[Figure], quantiles: Array, results: Array) -> Trust:
    """Return figures in the order of the variance they take.

    Parameters
    ----------
    figures
        That were drawn.
    quantiles
        ``(draw, figure)``, where each was drawn.
    results
        ``(draw, headline)``.
    """
    scores = _normal_scores(quantiles)
    outcomes = _normal_scores(results)
    alone = scores.T @ outcomes / len(scores)
    parts = np.array([taken(scores, outcome) for outcome in outcomes.T]).T
    share = parts.mean(axis=1)
    # Figures that took nothing follow by how much they go with results, which may be luck.
    order = np.lexsort((-(alone**2).mean(axis=1), -share))
    names = list(HEADLINES)
    ranked = []
    for place, i in enumerate(order.tolist(), start=1):
        most = int(np.argmax(parts[i])) if share[i] > 0 else int(np.argmax(np.abs(alone[i])))
        ranked.append(
            Ranked(
                rank=place,
                figure=figures[i],
                width=figures[i].width or figures[i].usual,
                share=float(share[i]),
                moves=names[most],
                part=float(parts[i, most]),
                correlation=float(alone[i, most]),
            )
        )
    mean = np.abs(results.mean(axis=0))
    spread = results.std(axis=0, ddof=1) / np.where(mean > 0.0, mean, 1.0)
    return Trust(
        ranked=tuple(ranked),
        explained=dict(zip(names, parts.sum(axis=0).tolist(), strict=True)),
        spread=dict(zip(names, spread.tolist(), strict=True)),
        draws=len(results),
    )


def taken(scores: Array, outcome: Array) -> Array:
    """Return the part of an outcome's variance that each figure takes, the strongest first.

    A figure takes what its correlation with what is left explains, less what as many draws of nothing would, until the
    strongest of all lies within chance.

    Parameters
    ----------
    scores
        ``(draw, figure)``, each column of mean 0 and variance 1.
    outcome
        ``(draw,)``, the same.
    """
    from scipy.stats import t as student

    draws, count = scores.shape
    result = np.zeros(count)
    left, basis = outcome - outcome.mean(), scores - scores.mean(axis=0)
    total = float(left @ left)
    if total == 0.0:
        return result
    for step in range(min(count, draws // 4)):
        norms = np.sqrt((basis**2).sum(axis=0))
        norms[norms < 1e-9 * np.sqrt(draws)] = np.inf
        now = float(left @ left)
        if now <= 1e-12 * total:
            break
        r = left @ basis / norms / np.sqrt(now)
        best = int(np.argmax(np.abs(r)))
        freedom = draws - 2 - step
        least = student.isf(BY_CHANCE / 2 / count, freedom)
        if r[best] ** 2 < least**2 / (freedom + least**2):
            break
        result[best] = max(0.0, (r[best] ** 2 - 1.0 / freedom) * now / total)
        axis = basis[:, best] / norms[best]
        left = left - axis * (axis @ left)
        basis = basis - np.outer(axis, axis @ basis)
    return result


def _normal_scores(values: Array) -> Array:
    """Return each column by the normal quantiles of its ranks, of mean 0 and variance 1; one without spread is 0."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=0)
    scores = ndtri((ranks - 0.5) / len(values))
    spread = scores.std(axis=0)
    return np.asarray((scores - scores.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0))
