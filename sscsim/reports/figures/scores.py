"""The 17 Goals by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sscsim.reports.figures.parts import (
    GROUP_COLOURS,
    GROUP_NAMES,
    NORTH,
    SOUTH,
)
from sscsim.reports.style import (
    GOAL_NAMES,
    INK,
    sheet,
    styled,
    tidy,
)
from sscsim.reports.words import (
    signed,
    source_line,
)
from sscsim.types import Array

if TYPE_CHECKING:
    from sscsim.results import Run

__all__ = ["goal_means", "goals"]


def goal_means(run: Run, groups: Sequence[str], year: int) -> pd.DataFrame:
    """Mean score of the countries of each group, Goals down, groups across."""
    return pd.DataFrame(
        {
            group: [float(run.series(f"goal_{g}", group)[year]) for g in range(1, 18)]
            for group in groups
        },
        index=range(1, 18),
    )


def _count(number: int) -> str:
    return str(number) if number else "none"


def _on_track() -> Array:
    """Score from which a country counts as on track, by Goal, shape (17,)."""
    from sscsim.parameters import default_parameters

    return np.asarray(default_parameters().by_goal("goal_on_track_threshold"), dtype=np.float64)


@styled
def goals(run: Run) -> Figure:
    """Draw the 17 Goals by group: their start, their state in 2030, the on-track line.

    Raises
    ------
    InputError
        When the run lacks the indicators.
    """
    groups = ("World", SOUTH, "LDC", NORTH)
    all_years = run.years
    first = all_years[0]
    end = 2030 if 2030 in all_years else all_years[-1]
    before, after = goal_means(run, groups, first), goal_means(run, groups, end)
    track = _on_track()
    met = (after.to_numpy() >= track[:, None]).sum(axis=0)
    gain = after["World"] - before["World"]
    best, worst = int(np.argmax(gain)), int(np.argmin(gain))
    title = (
        f"{'By' if end > first else 'In'} {end} the world's mean score is on track in "
        f"{_count(met[0])} of 17 Goals, that of the least developed countries in {_count(met[2])}"
    )
    if end > first:
        falls = gain.iloc[worst] < 0
        title += (
            f"; Goal {best + 1} gains most ({signed(gain.iloc[best])} points), "
            f"Goal {worst + 1} {'loses most' if falls else 'gains least'} "
            f"({signed(gain.iloc[worst])})"
        )
    page = sheet(
        title,
        f"Goal scores, 0 to 100, mean of the group's countries: hollow {first}, full {end}; "
        "tick: on-track line",
        source_line(run, "Sustainable Development Goals Index 2018 (Sachs et al.)"),
        4.5,
    )
    rows = np.arange(17)
    lowest = min(float(before.min().min()), float(after.min().min()))
    low = max(0.0, 10.0 * np.floor((lowest - 3.0) / 10.0))
    lead, width = 1.78 / (page.right - page.left), (1 - 1.78 / (page.right - page.left)) / 4
    for k, group in enumerate(groups):
        ax = page.axes(
            left=0.08,
            right=0.1,
            bottom=0.25,
            top=0.22,
            span=(lead + k * width, lead + (k + 1) * width),
        )
        tidy(ax, grid="x")
        ax.spines["left"].set_visible(False)
        colour = GROUP_COLOURS[group]
        a, b = before[group].to_numpy(), after[group].to_numpy()
        ax.vlines(track, rows - 0.38, rows + 0.38, color=INK, linewidth=1.2, zorder=2)
        ax.hlines(rows, a, b, color=colour, linewidth=1.8, zorder=3)
        # The start on top: a Goal that does not move is a ring in a dot.
        ax.scatter(b, rows, s=24, color=colour, linewidth=0, zorder=4, clip_on=False)
        ax.scatter(
            a,
            rows,
            s=11,
            facecolor="white",
            edgecolor=colour,
            linewidth=1.0,
            zorder=5,
            clip_on=False,
        )
        ax.set_ylim(16.6, -0.6)
        ax.set_xlim(low, 102)
        ax.set_xticks([low, *(v for v in (50.0, 100.0) if v - low >= 20.0)])
        # The outer two hang inwards: neighbours' ends do not meet.
        for label, side in zip(ax.get_xticklabels()[::2], ("left", "right"), strict=False):
            label.set_horizontalalignment(side)  # type: ignore[arg-type]
        ax.set_title(_panel_name(group), color=colour, pad=5)
        names = [f"{name}  {g}" for g, name in enumerate(GOAL_NAMES, 1)] if k == 0 else []
        ax.set_yticks(rows, names if k == 0 else [""] * 17, fontsize=8)
    return page.figure


def _panel_name(group: str) -> str:
    return {"LDC": "LDCs"}.get(group, GROUP_NAMES[group])
