"""What projects leave behind: capabilities, ties, experience, practices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sscsim.compiled import compiled_loops
from sscsim.flows.knowledge.lines import LOOPS, places, spans
from sscsim.flows.knowledge.luck import identity_luck
from sscsim.flows.knowledge.parameters import KnowledgeParameters
from sscsim.flows.knowledge.projects import Projects, Taught
from sscsim.flows.knowledge.sight import absorption
from sscsim.types import Array, Index, Mask

__all__ = [
    "adjust",
    "close_projects",
    "cooperation_intensity",
    "experience_step",
    "fall_behind",
    "goal_shares",
    "learn",
    "practices_step",
    "project_luck",
    "stopped",
    "tie_step",
]

Array32 = NDArray[np.float32]


def close_projects(projects: Projects, year: int) -> tuple[Mask, Mask]:
    """Return which projects close with this year, and which of these reach their aim."""
    closing = projects.end == year
    return closing, closing & projects.good


def project_luck(projects: Projects, key: int) -> Array:
    """Return a year's luck of projects, ``(project,)`` in [0, 1), the same whatever others there are."""
    return identity_luck(key, projects.writing)


def stopped(projects: Projects, share: Array) -> Array:
    """Return the probability that projects are suspended in a year, ``(project,)``.

    The larger of the provider's part and that of those who learn, in their mean where they are several: travel that one
    end stops is stopped for both.

    Parameters
    ----------
    projects
        Of any kind.
    share
        ``(country,)`` in [0, 1], part of a country's projects.
    """
    project, taker = projects.takers()
    people = np.bincount(project, minlength=len(projects))
    learners = np.bincount(project, share.take(taker), len(projects)) / np.maximum(people, 1)
    return np.maximum(share.take(projects.provider), learners)


def learn(
    projects: Taught, capability: Array, pace: Array, parameters: KnowledgeParameters
) -> Array:
    """Return what successful projects add to capabilities, ``(country, domain)``.

    A success closes the part ``1 - exp(-rate · years / usual · absorption)`` of the gap to the provider; several in one
    domain add up in the exponent and share the mean of their gaps, so that nobody passes the best of its teachers. A
    rate below zero takes the same part of the gap times what the receiver has.

    Parameters
    ----------
    projects
        Those that close and succeed.
    capability
        ``(country, domain)``.
    pace
        ``(domain,)``, learning relative to plan, by policy.
    """
    shape = capability.shape
    change = np.zeros(shape)
    if not len(projects):
        return change
    project, taker = projects.takers()
    domain = projects.domain.take(project)
    cell = taker * shape[1] + domain
    flat = capability.reshape(-1)
    gap = flat.take(projects.provider.take(project) * shape[1] + domain) - flat.take(cell)
    lasted = projects.end - projects.start + 1 - projects.suspended
    years = lasted.take(project) / parameters.usual_project_years
    weight = years * pace.take(domain) * absorption(gap, parameters)
    size = capability.size
    total = np.bincount(cell, weight, size)
    gaps = np.bincount(cell, weight * np.maximum(gap, 0.0), size)
    mean = gaps / np.where(total > 0, total, 1.0)
    rate = parameters.learning_rate
    change = -np.expm1(-abs(rate) * total) * mean
    if rate < 0.0:
        # Of what is there, so that nobody is left with less than nothing.
        change *= -flat
    return np.asarray(change.reshape(shape))


def fall_behind(position: Array, parameters: KnowledgeParameters) -> Array:
    """Return positions relative to a technology frontier that has moved on for a year, in [0, 1].

    ``x - m x (1 - x)``: who stands at the frontier moves it, who is behind keeps pace by itself only as far as it is
    able, which is the position itself (¶38). The order of countries stays.

    Parameters
    ----------
    position
        In [0, 1], 1 at the frontier.
    """
    return np.asarray(position - parameters.technology_frontier_speed * position * (1.0 - position))


def adjust(
    learned: Array, waiting: Array, parameters: KnowledgeParameters
) -> tuple[Array, Array, Array]:
    """Return what of learned technology comes into use in a year, what waits, and what adjusting takes meanwhile.

    A part ``s`` of what waits comes into use each year. Fitting it in takes people and old equipment away from their
    work: ``cost`` times what waits, felt as a level, so that it is given back as the technology comes into use and in
    the long run nothing is lost (the productivity J-curve of Brynjolfsson, Rock & Syverson 2021).

    Parameters
    ----------
    learned, waiting
        ``(country,)``, capability learned in the year, and learned before and not yet in use.
    """
    before = waiting + learned
    used = parameters.technology_adjustment_speed * before
    left = before - used
    return used, left, parameters.technology_adjustment_cost * (left - waiting)


def experience_step(experience: Array, projects: Taught, turnover: float) -> Array:
    """Return countries' experience as receivers a year on: it leaves with those who made it, and successes add to it.

    Parameters
    ----------
    experience
        ``(country,)``, in projects.
    projects
        Successes of the year.
    turnover
        Part of people in office that leaves in a year.
    """
    _, taker = projects.takers()
    return np.asarray(
        (1.0 - turnover) * experience + np.bincount(taker, minlength=len(experience)).astype(float)
    )


def tie_step(tie: Array, projects: Taught, parameters: KnowledgeParameters) -> Array:
    """Return ties a year on, ``(country, country)`` in [0, 1], symmetric: they fade, and every success renews them.

    Parameters
    ----------
    tie
        Symmetric, zero diagonal.
    projects
        Successes of the year; all parties of a project are tied.
    """
    count = len(tie)
    kept = (1.0 - parameters.tie_decay) * tie
    if not len(projects):
        return kept
    met, joint = _met(projects, count)
    strangers = 1.0 - kept.take(met)
    fading = (1.0 - parameters.tie_strength) ** np.arange(joint.max(initial=0) + 1)
    renewed = 1.0 - strangers * fading.take(joint)
    kept.put(met, renewed)
    row = met // count
    kept.put((met - row * count) * count + row, renewed)
    return kept


_SAVED = 1e-4
"""Seconds that compiled loops save of `tie_step` (see `sscsim.compiled`)."""


def _met(projects: Taught, countries: int) -> tuple[Index, Index]:
    """Return pairs of countries that are parties of a project, and of how many, ``(pair,)``.

    A pair is the smaller position times the number of countries and the larger one.
    """
    loops = compiled_loops(LOOPS, _SAVED)
    if loops is not None:
        found: tuple[Index, Index] = loops.met(projects.rows(), projects.packed.shape[1], countries)
        return found
    pairs = ((projects.receiver >= 0) & (projects.receiver != projects.provider)).nonzero()[0]
    one, other = projects.provider.take(pairs), projects.receiver.take(pairs)
    # All pairs of members of a project: each member beside those that come after it.
    project, member = projects.members
    later = np.bincount(project).take(project) - 1 - places(project)
    mate = member.take(spans(np.arange(1, len(member) + 1), later))
    cells = np.concatenate(
        [
            np.minimum(one, other) * countries + np.maximum(one, other),
            np.repeat(member * countries, later) + mate,
        ]
    )
    shared = np.bincount(cells, minlength=countries * countries)
    # Of truths `nonzero` finds the few in a quarter of the time that it takes of numbers.
    met = (shared != 0).nonzero()[0]
    return met, shared.take(met)


def practices_step(
    practices: Array, projects: Taught, publication: float, parameters: KnowledgeParameters
) -> Array:
    """Return documented practices a year on, ``(domain,)``: a part of successes is written up and published."""
    written = projects.writing < parameters.practice_rate * publication
    return np.asarray(
        practices + np.bincount(projects.domain[written], minlength=len(practices)).astype(float)
    )


def goal_shares(domain_weights: Array) -> Array:
    """Return what part of its cooperation each domain hands to the Goals that it serves, ``(domain, 17)``.

    A Goal that several domains serve with more than one together takes their weighted mean.

    Parameters
    ----------
    domain_weights
        ``(domain, 17)``.
    """
    return np.asarray(domain_weights / np.maximum(domain_weights.sum(axis=0), 1.0))


def cooperation_intensity(running: Index, shares: Array, parameters: KnowledgeParameters) -> Array:
    """Return the intensity of cooperation received by Goal, ``(country, 17)`` in [0, 1).

    ``1 - exp(-projects / scale)`` in each domain, handed to the Goals the domain serves.

    Parameters
    ----------
    running
        ``(country, domain)``, projects under way that a country learns in and that will reach their aim: what fails
        does nothing for the Goals on its way either.
    shares
        ``(domain, 17)``, see `goal_shares`.
    """
    return np.asarray(-np.expm1(-running / parameters.intensity_scale) @ shares)
