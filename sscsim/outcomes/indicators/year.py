"""A year in arrays: what definitions share, computed once and only where one asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sscsim.means import ratio
from sscsim.outcomes.networks import Networks
from sscsim.types import Array, Index, Mask

if TYPE_CHECKING:
    from sscsim.world.state import State

__all__ = ["Frame", "Year"]


WORST_OFF = 10
"""The worst-off are one country in so many, rounded up."""


@dataclass(frozen=True)
class Frame:
    """What holds for a whole run.

    Attributes
    ----------
    members
        1 where a country is a member, ``(group, country)``.
    modules
        The same for a partition of all economies, ``(module, country)``.
    hubs, asia
        Economies whose exports are mostly re-exports, and those in Asia, ``(country,)``.
    on_track_thresholds
        Score from which a Goal is on track, ``(17,)``.
    loser_tolerance
        Points that a Goal may stand below the first year before it counts as lost.
    link_threshold
        Share of its exports from which a flow of a country counts as a link (fraction).
    """

    members: Array
    modules: Array
    hubs: Mask
    asia: Mask
    on_track_thresholds: Array
    loser_tolerance: float
    link_threshold: float

    @cached_property
    def is_empty(self) -> Mask:
        """Groups without members, ``(group,)``."""
        return np.asarray(self.members.sum(axis=1) == 0)

    @cached_property
    def _chosen(self) -> dict[tuple[bytes, bytes], Array]:
        return {}

    def chosen(self, rows: Index, of: Mask | None = None) -> Array:
        """Return the memberships of some groups, kept once they are made, ``(rows, country)``.

        Parameters
        ----------
        rows
            The groups.
        of
            Economies to which they are limited, ``(country,)``.
        """
        key = rows.tobytes(), b"" if of is None else of.tobytes()
        if key not in self._chosen:
            members = self.members[rows]
            self._chosen[key] = members if of is None else members * of
        return self._chosen[key]

    @cached_property
    def and_world(self) -> Array:
        """Memberships with a last row for the world, whatever groups there are."""
        return np.vstack([self.members, np.ones(self.members.shape[1])])


GOALS = 17


class GoalSums:
    """What countries have of the Goals, and its sums over members.

    Where there are 18 columns the last stands for the index, a country's mean over the Goals that apply
    to it.

    Parameters
    ----------
    countries
        How many there are.

    Attributes
    ----------
    scores, filled
        Scores, NaN where they do not apply, and with zero there, ``(country, 18)``.
    applies
        1 where a score applies, ``(country, 18)``.
    reached
        1 at or above a Goal's threshold, ``(country, 17)``.
    lost
        1 where a Goal fell below the first year by more than tolerated, and in a last column where any
        did, ``(country, 18)``.
    counts
        Members to which a score applies, ``(group, 18)``.
    means, people_means
        Mean score over members, and over members' people, ``(group, 18)``.
    on_track
        Members at or above a Goal's threshold, ``(group, 17)``.
    losers
        Members that lost on a Goal, and in a last column on any, ``(group, 18)``.
    """

    def __init__(self, countries: int) -> None:
        # Each Goal lies in one piece, all columns side by side, so that one product sums them.
        whole = GOALS + 1
        self.scores = np.empty((whole, countries)).T
        self._rows = np.empty((5 * whole + GOALS, countries))
        parts = [self._rows[i * whole : (i + 1) * whole].T for i in range(5)]
        self.filled, self.applies, self.lost, self._by_people, self._people = parts
        self.reached = self._rows[5 * whole :].T

    def add_up(self, members: Array, population: Array, is_empty: Mask) -> None:
        """Sum what countries have over the members of groups."""
        whole = GOALS + 1
        people = population[:, None]
        np.multiply(people, self.filled, out=self._by_people)
        np.multiply(people, self.applies, out=self._people)
        sums = members @ self._rows.T
        sums[is_empty] = np.nan
        scores, self.counts, self.losers, by_people, count = (
            sums[:, i * whole : (i + 1) * whole] for i in range(5)
        )
        self.on_track = sums[:, 5 * whole :]
        self.means = ratio(scores, self.counts)
        self.people_means = ratio(by_people, count)


class Year:
    """A year as definitions see it.

    Parameters
    ----------
    frame
        Groups and thresholds.
    state, base
        The year, and the first year of the run where there is one to compare with.
    """

    def __init__(self, frame: Frame, state: State, base: State | None) -> None:
        self.frame = frame
        self.members = frame.members
        self.state = state
        self.base = base
        self._sent: dict[str, Array] = {}
        self._networks: dict[bytes, Networks] = {}

    def sent(self, flows: str) -> Array:
        """Return what groups send to each country, ``(group, destination)``.

        Parameters
        ----------
        flows
            A state variable between countries, such as trade.
        """
        return self.sent_and_received(flows)[:-1]

    def sent_and_received(self, flows: str) -> Array:
        """Return what groups, and the world in a last row, send to each country."""
        if flows not in self._sent:
            self._sent[flows] = self.frame.and_world @ getattr(self.state, flows)
        return self._sent[flows]

    @cached_property
    def goals(self) -> GoalSums:
        """What is summed over members for the Goals, in one product."""
        sums = GoalSums(len(self.state.goals))
        goals = sums.scores[:, :-1]
        goals[:] = self.state.goals
        missing = np.isnan(goals)
        np.logical_not(missing, out=sums.applies[:, :-1])
        sums.filled[:, :-1] = goals
        sums.filled[:, :-1][missing] = 0.0
        count = sums.applies[:, :-1].sum(axis=1)
        sums.scores[:, -1] = ratio(sums.filled[:, :-1].sum(axis=1), count)
        sums.applies[:, -1] = count > 0
        sums.filled[:, -1] = np.where(count > 0, sums.scores[:, -1], 0.0)
        # NaN, a Goal that does not apply, is never on track.
        sums.reached[:] = goals >= self.frame.on_track_thresholds
        if self.base is None:
            sums.lost[:] = np.nan
        else:
            # NaN, a Goal that does not apply, is never lost.
            fall = self.base.goals - goals
            np.greater(fall, self.frame.loser_tolerance, out=sums.lost[:, :-1])
            sums.lost[:, :-1].max(axis=1, out=sums.lost[:, -1])
        sums.add_up(self.members, self.state.population, self.frame.is_empty)
        return sums

    # Trade inside groups as networks.

    def networks(self, rows: Index) -> Networks:
        """Return trade inside some groups, parted into the report's regions."""
        key = rows.tobytes()
        if key not in self._networks:
            self._networks[key] = Networks(
                self.state.trade, self.frame.modules, self.frame.chosen(rows)
            )
        return self._networks[key]
