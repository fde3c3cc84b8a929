"""Indicators that are more than a line: functions by the name that ``indicators.yaml`` gives them.

Each takes the year and the groups that the indicator is given for, as rows of the memberships, and
returns a number for each of them; those of the Goals return one for each of the 17.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sscsim.means import ratio
from sscsim.outcomes import networks
from sscsim.outcomes.indicators.year import WORST_OFF, Year
from sscsim.types import Array, Index, Mask

__all__ = ["BY_GOAL", "FUNCTIONS"]


Function = Callable[[Year, Index], Array]

LARGEST_EXPORTERS = 5

FUNCTIONS: dict[str, Function] = {}
"""By name: one number a group, ``(rows,)``."""

BY_GOAL: dict[str, Function] = {}
"""By name, with ``each`` for the number of the Goal: one number a group and Goal, ``(rows, 17)``."""


def indicator(function: Function) -> Function:
    """Let an indicator of the function's name be computed by it."""
    FUNCTIONS[function.__name__] = function
    return function


def by_goal(function: Function) -> Function:
    """Let an indicator of each Goal be computed by a function."""
    BY_GOAL[function.__name__] = function
    return function


# ------------------------------------------------------------------------------------------- trade


@indicator
def trade_within_without_hubs(year: Year, rows: Index) -> Array:
    """Leave out what hubs buy, then take off what hubs sell."""
    hubs = np.flatnonzero(year.frame.hubs)
    kept = year.frame.chosen(rows, ~year.frame.hubs)
    by_hubs = kept @ year.state.trade[hubs].T
    bought = (year.sent("trade")[rows] * kept).sum(axis=1)
    sold_by_hubs = (year.frame.chosen(rows)[:, hubs] * by_hubs).sum(axis=1)
    # What is left of a sum after a part of it was taken away may miss zero by rounding.
    within = np.maximum(bought - sold_by_hubs, 0.0)
    within[year.frame.is_empty[rows]] = np.nan
    return np.asarray(within)


@indicator
def trade_within_asia_end_share(year: Year, rows: Index) -> Array:
    """One less the share that has no end in Asia."""
    return 1.0 - _share_among(year, rows, ~year.frame.asia)


@indicator
def trade_within_asia_both_share(year: Year, rows: Index) -> Array:
    """Trade among members in Asia over trade among all."""
    return _share_among(year, rows, year.frame.asia)


def _share_among(year: Year, rows: Index, mask: Mask) -> Array:
    """Return trade within groups between economies of `mask`, over trade within groups."""
    ends = year.frame.chosen(rows, mask)
    among = ((ends @ year.state.trade) * ends).sum(axis=1)
    within = (year.sent("trade")[rows] * year.frame.chosen(rows)).sum(axis=1)
    return ratio(among, within)


@indicator
def export_destination_hhi(year: Year, rows: Index) -> Array:
    """Σ of squared shares of destinations, by Σ x² / (Σ x)²."""
    sold = year.sent("trade")[rows]
    return ratio(np.einsum("gj,gj->g", sold, sold), sold.sum(axis=1) ** 2)


@indicator
def top5_exporter_share(year: Year, rows: Index) -> Array:
    """Not defined for five exporters or fewer, whose share is one by arithmetic."""
    members = year.frame.chosen(rows)
    sold = members * year.state.trade.sum(axis=1)
    if sold.shape[1] <= LARGEST_EXPORTERS:
        return np.full(len(rows), np.nan)
    largest = np.partition(sold, -LARGEST_EXPORTERS, axis=1)[:, -LARGEST_EXPORTERS:]
    result = ratio(largest.sum(axis=1), sold.sum(axis=1))
    result[members.sum(axis=1) <= LARGEST_EXPORTERS] = np.nan
    return result


@indicator
def network_density(year: Year, rows: Index) -> Array:
    """See `networks.density`."""
    return networks.density(year.networks(rows), year.frame.link_threshold)


@indicator
def network_reciprocity(year: Year, rows: Index) -> Array:
    """See `networks.reciprocity`."""
    return networks.reciprocity(year.networks(rows))


@indicator
def network_concentration(year: Year, rows: Index) -> Array:
    """See `networks.strength_concentration`."""
    return networks.strength_concentration(year.networks(rows))


@indicator
def network_participation(year: Year, rows: Index) -> Array:
    """See `networks.participation`."""
    return networks.participation(year.networks(rows))


@indicator
def network_assortativity(year: Year, rows: Index) -> Array:
    """See `networks.assortativity`."""
    return networks.assortativity(year.networks(rows))


@indicator
def network_common_part(year: Year, rows: Index) -> Array:
    """See `networks.common_part`; not defined without a first year."""
    if year.base is None:
        return np.full(len(rows), np.nan)
    return networks.common_part(year.networks(rows), year.base.trade)


# ------------------------------------------------------------------------------------------- Goals


@indicator
def goal_index(year: Year, rows: Index) -> Array:
    """Let countries count alike; the index of one is its mean over the Goals that apply."""
    return np.asarray(year.goals.means[rows, -1])


@indicator
def goal_index_people(year: Year, rows: Index) -> Array:
    """Let people count alike."""
    return np.asarray(year.goals.people_means[rows, -1])


@indicator
def goal_index_worst_tenth(year: Year, rows: Index) -> Array:
    """Rank members by their index; those without one are left out, and do not count."""
    index, has_one = year.goals.scores[:, -1], year.goals.applies[:, -1]
    order = np.argsort(index, kind="stable")  # NaN goes last
    ranked = year.frame.chosen(rows).take(order, axis=1) * has_one[order]
    rank = np.cumsum(ranked, axis=1)
    taken = np.ceil(rank[:, -1] / WORST_OFF)
    lowest = ranked * (rank <= taken[:, None])
    return ratio(lowest @ year.goals.filled[order, -1], taken)


@indicator
def goals_on_track(year: Year, rows: Index) -> Array:
    """Sum over Goals."""
    return np.asarray(year.goals.on_track[rows].sum(axis=1))


@indicator
def goals_on_track_share(year: Year, rows: Index) -> Array:
    """Take country-Goals on track over those that apply."""
    goals = year.goals
    return ratio(goals.on_track[rows].sum(axis=1), goals.counts[rows, :-1].sum(axis=1))


@indicator
def goals_lost(year: Year, rows: Index) -> Array:
    """Sum over Goals."""
    return np.asarray(year.goals.losers[rows, :-1].sum(axis=1))


@indicator
def goal_losers(year: Year, rows: Index) -> Array:
    """Count a member once, however many Goals it lost."""
    return np.asarray(year.goals.losers[rows, -1])


@by_goal
def goal_each(year: Year, rows: Index) -> Array:
    """Let countries count alike."""
    return year.goals.means[rows, :-1]


@by_goal
def goal_each_people(year: Year, rows: Index) -> Array:
    """Let people count alike."""
    return year.goals.people_means[rows, :-1]


@by_goal
def goal_each_worst_tenth(year: Year, rows: Index) -> Array:
    """Rank members Goal by Goal."""
    members = year.frame.chosen(rows)
    few = math.ceil(members.sum(axis=1).max(initial=0.0) / WORST_OFF)
    scores = np.where(members[:, None, :] > 0, year.state.goals.T, np.nan)
    scores.sort(axis=2)  # NaN goes last
    taken = np.ceil(year.goals.counts[rows, :-1] / WORST_OFF)
    lowest = np.where(np.arange(few) < taken[:, :, None], scores[:, :, :few], 0.0)
    return ratio(lowest.sum(axis=2), taken)


@by_goal
def goal_each_on_track(year: Year, rows: Index) -> Array:
    """Count members at the threshold; NaN, a Goal that does not apply, is never on track."""
    return year.goals.on_track[rows]


@by_goal
def goal_each_lost(year: Year, rows: Index) -> Array:
    """Count members below the first year; NaN, a Goal that does not apply, is never lost."""
    return year.goals.losers[rows, :-1]
