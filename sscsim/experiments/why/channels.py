"""What moved the Goals: contributions of each driver, of a run and of a comparison.

In a year every score moves by what its drivers contribute, and contributions add up to the move exactly
(`sscsim.outcomes.goals`). Summed over the years they take a score from where the base year opened with it to where it
is, so that a score, and the effect of a scenario on it, is the sum of its channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np

from sscsim.errors import InputError
from sscsim.experiments.ensemble import DrawOptions
from sscsim.experiments.members import Member
from sscsim.experiments.why.arms import walk
from sscsim.experiments.why.asked import (
    Asked,
    Number,
    each_draw,
    goal_of,
    spread,
)
from sscsim.model import SouthSouthModel
from sscsim.outcomes.goals import DRIVERS
from sscsim.policy import Scenario
from sscsim.steps.goals import Goals
from sscsim.types import Array

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PARTS", "TITLES", "Channels", "GoalMoves", "goal_channels"]

START = "start"

PARTS = (START, *DRIVERS)
"""What a score is the sum of: where it stood as the base year opened, and what each driver has moved since."""

TITLES: Mapping[str, str] = {
    START: "where 2013 opened",
    "drift": "drift common to all",
    "persistence": "own trend",
    "income": "income",
    "poverty": "poverty",
    "inequality": "inequality",
    "infrastructure": "infrastructure",
    "renewables": "renewable power",
    "capability": "capability",
    "cooperation": "projects under way",
    "emissions": "emissions",
    "shocks": "shocks",
    "noise": "disturbances",
}
"""What each part is called."""

PEOPLE = "_people"

NOTHING = 1e-12
"""Points below which a part is rounding: scores have fifteen digits."""


class GoalMoves:
    """What each driver has moved the Goals of a run by since its base year.

    Attributes
    ----------
    sums
        ``(part, country, goal)``, points, in the order of `PARTS`; NaN where a Goal does not apply.
    """

    def __init__(self, model: SouthSouthModel) -> None:
        opening = model.opening.goals
        self.sums: Array = np.concatenate([opening[None], np.zeros((len(DRIVERS), *opening.shape))])

    def add(self, model: SouthSouthModel) -> None:
        """Add the year that a model has just simulated."""
        moved = model.submodels.of(Goals).contributions
        self.sums = self.sums.copy()
        self.sums[1:] += np.array([moved[name] for name in DRIVERS])

    def of(self, number: Number, people: Array) -> Array:
        """Return the parts of an index or a Goal of a place, ``(part,)``, points.

        Parameters
        ----------
        number
            What is taken apart.
        people
            ``(country,)``, population.
        """
        assert number.members is not None
        goal = goal_of(number.indicator.removesuffix(PEOPLE))
        scores = self.sums.mean(axis=2, where=~np.isnan(self.sums))
        if goal is not None:
            scores = self.sums[:, :, goal]
        applies = number.members & ~np.isnan(scores[0])
        weights = (people if number.indicator.endswith(PEOPLE) else np.ones_like(people))[applies]
        parts: Array = scores[:, applies] @ weights / weights.sum()
        return parts


@dataclass(frozen=True, eq=False)
class Channels:
    """Scores, and effects on them, by what moved them.

    Attributes
    ----------
    reference, scenario
        Names; the scenario is empty where a run is looked at by itself.
    numbers
        Scores that are taken apart.
    parts
        ``(number, arm, part, draw)``, points since the base year, the reference first, parts in the order of `PARTS`;
        over parts they add up to the score.
    source
        Where parameters came from.
    """

    reference: str
    scenario: str
    numbers: tuple[Number, ...]
    parts: Array
    source: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.parts.shape[3])

    @property
    def effects(self) -> Array:
        """Effects by part, ``(number, part, draw)``; of a run by itself what moved it."""
        if not self.scenario:
            return self.parts[:, 0]
        return np.asarray(self.parts[:, 1] - self.parts[:, 0])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One line a number and part that moves it, and one for all together.

        Columns: indicator, group, year, unit, driver (one of `PARTS`, or ``together``), reference (mean in the
        reference), mean, low, high (of the effect over draws), share (of the mean effect).
        """
        import pandas as pd

        lines = []
        for number, parts, effect in zip(self.numbers, self.parts, self.effects, strict=True):
            whole = effect.sum(axis=0)
            for name, level, one in (
                *zip(PARTS, parts[0], effect, strict=True),
                ("together", parts[0].sum(axis=0), whole),
            ):
                if name != "together" and np.abs(one).max() < NOTHING:
                    continue
                found = spread(one)
                lines.append(
                    {
                        "indicator": number.indicator,
                        "group": number.group,
                        "year": number.year,
                        "unit": "points",
                        "driver": name,
                        "reference": float(level.mean()),
                        **found,
                        "share": found["mean"] / whole.mean() if whole.mean() else np.nan,
                    }
                )
        return pd.DataFrame(lines)


def goal_channels(
    reference: Scenario | str | Path,
    scenario: Scenario | str | Path | None = None,
    *,
    indicators: Sequence[str] = ("goal_index",),
    groups: Sequence[str] = (),
    years: Sequence[int] = (),
    **how: Unpack[DrawOptions],
) -> Channels:
    """Take effects on Goals apart by the drivers that moved them; without a scenario the scores of a run.

    Parameters
    ----------
    reference, scenario
        Scenarios, names, paths of files.
    indicators
        ``goal_index``, ``goal_1`` to ``goal_17``, and of groups the same by people (``goal_index_people`` …).
    groups
        Any group or list of countries, bodies, countries.
    years
        Without them 2030, or the last.
    **how
        Fields of `DrawOptions`: ``draws`` (20 without it), ``source``, ``executor`` and so on.

    Raises
    ------
    InputError
        For a name that does not exist, an indicator that is none of the Goals', a year outside the run, scenarios that
        do the same.

    Examples
    --------
    >>> from sscsim.experiments.why import goal_channels
    >>> goal_channels("baseline", "full-agenda", groups=["LDC", "Kenya"]).table  # doctest: +SKIP
    """
    for name in indicators:
        plain = name.removesuffix(PEOPLE)
        if plain != "goal_index" and goal_of(plain) is None:
            raise InputError(
                "only Goals are moved by drivers that add up",
                key="indicator",
                found=name,
                allowed="goal_index, goal_1 to goal_17, the same with _people",
            )
    asked = Asked(reference, scenario, years, how)
    wanted = asked.numbers(indicators, groups, asked.every_year)
    drawn = asked.members(asked.both)
    found = each_draw(asked, partial(_parts_of, wanted), drawn)
    return Channels(
        reference=asked.reference.name,
        scenario="" if scenario is None else asked.scenario.name,
        numbers=wanted,
        parts=np.stack(found, axis=-1),
        source=asked.source,
    )


def _parts_of(wanted: Sequence[Number], pair: Sequence[Member]) -> Array:
    """Return the parts of each number in both arms of a draw, ``(number, arm, part)``."""
    found = np.zeros((len(wanted), len(pair), len(PARTS)))
    moves: list[GoalMoves] = []
    for first, second, _ in walk(pair[0], pair[-1]):
        arms = (first, second)[: len(pair)]
        if not moves:
            moves = [GoalMoves(arm) for arm in arms]
        for i, (arm, one) in enumerate(zip(arms, moves, strict=True)):
            one.add(arm)
            for place, number in enumerate(wanted):
                if number.year == arm.year:
                    found[place, i] = one.of(number, arm.state.population)
    return found
