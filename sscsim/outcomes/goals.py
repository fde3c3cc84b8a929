"""Goals: how the 17 scores of every country move in a year.

A driver's effect on a Goal is given in points at the Goal's reference score S_ref, and scales with
the room left on its side (the drift with a power of it):

    r = d (100 − S) / (100 − S_ref)  if d > 0,   r = d S / S_ref  if d < 0.

What the drivers move directly spills over to other Goals through a signed matrix W of spectral
radius below one half, ``m = (I − W)⁻¹ r``; what was seen in the moves of scores, spillovers
included (drift, own trends, disturbances), passes I − W first. And the sum of what lifts a Goal, P, and of what lowers
it, N, moves its score by

    S' = S e^(−N / S) + (100 − S) (1 − e^(−P / (100 − S))),

which is S + P − N for small moves and lies in [0, 100] for any finite P and N, because the first
term is at most S and the second at most 100 − S. A score of exactly 0 can rise and a score of
exactly 100 can fall. Each driver's contribution is its part of P or N scaled to the move, so that
contributions add up to the move exactly.

Goals 1 and 10 are functions of the poverty headcount and of the Gini coefficient by the goalposts
of the edition, anchored to the score that it prints (`poverty_score`, `equality_score`). They move
with these and with shocks alone: no drift, no disturbance and no spillover enters them. What they
move spills over to the others.

All functions are pure. Axes: country, then Goal (1 to 17 in positions 0 to 16). Scores are points
on the scale 0 to 100, moves points a year. NaN marks a Goal that does not apply to a country (Goal
14 of a landlocked one): it stays NaN, sends nothing and receives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sscsim.errors import InadmissibleInput
from sscsim.outcomes.interlinkages import (
    GOAL_COUNT,
    Channels,
    check_interlinkages,
    default_channels,
    default_interlinkages,
)
from sscsim.parameters.table import Parameters
from sscsim.types import Array

__all__ = [
    "BY_GOALPOSTS",
    "DRIVERS",
    "Drivers",
    "GoalParameters",
    "equality_score",
    "gini_of_score",
    "goal_moves",
    "headcount_of_score",
    "next_noise",
    "next_scores",
    "noise_size",
    "on_track",
    "persistent_trend",
    "poverty_score",
    "roll_back",
    "trend_deviation",
    "trend_moves",
    "usual_cooperation",
]


FULL: Final = 100.0
"""The top of the scale of scores."""

DAMPED: Final = (0.7, 1.05)
"""Where full steps do not arrive: factors on the step of a country that does not come nearer, and of one that does."""

ROLL_BACK_ACCEPTED: Final = 1e-3
"""Points by which a rolled-back score may miss after the last iteration: a hundredth of a published digit."""

SLOPE_RESOLUTION: Final = 1e-9
SLOPE_RANGE: Final = (0.1, 3.0)
"""Rolling back trusts a slope seen over a move above the resolution, within the range."""

SCORE_RESOLUTION: Final = 0.1
"""Scores are published to one decimal; room below it cannot be told from none."""

POVERTY_GOAL, INEQUALITY_GOAL = 0, 9
BY_GOALPOSTS: Final = [POVERTY_GOAL, INEQUALITY_GOAL]
"""Goals that are functions of what the model counts; nothing spills over to them."""

ENERGY_GOAL, CLIMATE_GOAL = 6, 12
EMISSION_GOALS = (11, 12)
"""Goals 12 and 13: what income growth does to them runs through consumption and emissions."""

DRIVERS: Final = (
    "drift",
    "persistence",
    "income",
    "poverty",
    "inequality",
    "infrastructure",
    "renewables",
    "capability",
    "cooperation",
    "emissions",
    "shocks",
    "noise",
)
"""Names of the contributions, in the order in which they are reported."""

OBSERVED_WHOLE: Final = ("persistence", "noise")
"""Contributions whose size was seen in the moves of scores, spillovers included: they work as they were seen and send
nothing on, as spillovers are taken off the drift (`GoalParameters.from_parameters`)."""

_TINY: Final = 1e-150  # keeps quotients finite where there is no room or no move


@dataclass(frozen=True)
class GoalParameters:
    """Numbers of the Goal submodel, ready for `goal_moves`.

    Attributes
    ----------
    reference_score
        ``(17,)``, score at which the effects below hold as they stand.
    drift
        ``(17,)``, points a year that are left for the drift once spillovers and the other drivers
        at their values of 2000-2013 are taken out of the observed moves.
    income_response
        ``(17,)``, points for one log point of income a head. Zero for Goals 12 and 13.
    emission_response
        ``(17,)``, points for one log point of income (or emissions) a head; negative. Zero but for
        Goals 12 and 13.
    worst_headcount
        Poverty headcount at which Goal 1 scores 0, a fraction; it scores 100 where nobody is poor.
    worst_gini, best_gini
        Gini coefficients at which Goal 10 scores 0 and 100.
    infrastructure_response
        ``(sector,)``, points of the sector's Goal for one log point of infrastructure a head.
    sector_goal
        ``(sector,)``, that Goal's position.
    renewable_response
        ``(17,)``, points for a thousand dollars of renewable power a head; zero but for Goals 7 and 13.
    capability_response
        ``(domain, 17)``, points for a capability that rises by one.
    cooperation_response
        ``(17,)``, points for cooperation of intensity one.
    noise_scale
        ``(17,)``, points of a one-standard-deviation disturbance at mid-scale.
    noise_persistence, noise_regional_share
        Autocorrelation of the disturbance, and the share of its variance that a region has in
        common.
    noise_size_elasticity
        Elasticity of a country's disturbances to its population, with a minus sign.
    trend_reliability
        ``(17,)``, share of a country's own past deviation from the common drift that is believed to
        be lasting.
    trend_size, trend_size_from
        By how much the log odds of that share rise with the logarithm of population.
    trend_retention
        Share of that deviation that is left a year later.
    drift_room
        Exponent of the room left with which the drift goes: one where it closes a part of the room, none where it is
        the same at every score.
    spillover_strength
        Factor on the interlinkage matrix; its spectral radius where the matrix has radius one.
    thresholds
        ``(17,)``, score from which a country counts as on track.
    """

    reference_score: Array
    drift: Array
    income_response: Array
    emission_response: Array
    worst_headcount: float
    worst_gini: float
    best_gini: float
    infrastructure_response: Array
    sector_goal: NDArray[np.intp]
    renewable_response: Array
    capability_response: Array
    cooperation_response: Array
    noise_scale: Array
    noise_persistence: float
    noise_regional_share: float
    noise_size_elasticity: float
    trend_reliability: Array
    trend_size: float
    trend_size_from: float
    trend_retention: float
    drift_room: float
    spillover_strength: float
    thresholds: Array

    @classmethod
    def from_parameters(
        cls,
        parameters: Parameters,
        interlinkages: Array | None = None,
        channels: Channels | None = None,
    ) -> GoalParameters:
        """Split the observed moves of Goals between spillovers, drivers and a drift.

        The table gives ``goal_drift`` as observed in 2000-2013, everything included. Here it is
        multiplied by I − W, and what income and infrastructure contributed at
        their values of that time is taken off: drivers are residual of spillovers, and a draw of
        any response or of the spillover strength leaves the observed mean move of a Goal as it was,
        instead of adding to it.

        Parameters
        ----------
        parameters
            Parameters of a run.
        interlinkages
            ``(17, 17)`` of spectral radius one, row the Goal moved; the one that ships if left out.
        channels
            Reach of sectors and domains; the one that ships if left out.

        Raises
        ------
        InadmissibleInput
            When the scaled spectral radius is one half or more.
        """
        matrix = default_interlinkages().matrix if interlinkages is None else interlinkages
        channels = default_channels() if channels is None else channels
        strength = parameters["goal_spillover_strength"]
        check_interlinkages(matrix, strength)

        reference = parameters.by_goal("goal_reference_score")
        response = parameters.by_goal("goal_income_response")
        emission_goals = np.isin(np.arange(GOAL_COUNT), EMISSION_GOALS)

        observed = parameters.by_goal("goal_drift")
        direct = observed - strength * _without_goalposts(matrix) @ observed
        usual = response * parameters["goal_reference_income_growth"]
        drift = direct - usual
        # A driver takes no more than the whole of a rise: where it would explain more than was
        # seen, the difference is not turned into a drift that lowers the Goal of every country,
        # those without the driver included.
        explained = ~emission_goals & (usual > 0) & (drift < 0)
        drift[explained] = np.minimum(direct[explained], 0.0)

        # Goals by goalposts move with what the model counts, and with nothing beside it.
        free = np.ones(GOAL_COUNT)
        free[BY_GOALPOSTS] = 0.0
        drift *= free

        infrastructure = np.zeros(GOAL_COUNT)
        served = channels.sector_goal
        share = parameters["goal_infrastructure_share"]
        infrastructure[served] = share * np.maximum(drift[served], 0.0)
        renewables = np.zeros(GOAL_COUNT)
        renewables[ENERGY_GOAL] = parameters["goal_renewable_energy_response"]
        renewables[CLIMATE_GOAL] = parameters["goal_renewable_climate_response"]
        room = FULL - reference
        return cls(
            reference_score=reference,
            drift=drift - infrastructure,
            income_response=np.where(emission_goals, 0.0, response) * free,
            emission_response=np.where(emission_goals, response, 0.0),
            worst_headcount=parameters["goal_worst_headcount"],
            worst_gini=parameters["goal_worst_gini"],
            best_gini=parameters["goal_best_gini"],
            infrastructure_response=infrastructure[served]
            / parameters["goal_reference_infrastructure_growth"],
            sector_goal=served,
            renewable_response=renewables,
            capability_response=parameters["goal_capability_response"]
            * channels.domain_weights
            * room
            * free,
            cooperation_response=parameters["goal_cooperation_response"] * room * free,
            noise_scale=parameters.by_goal("goal_noise_scale") * free,
            noise_persistence=parameters["goal_noise_persistence"],
            noise_regional_share=parameters["goal_noise_regional_share"],
            noise_size_elasticity=parameters["goal_noise_size_elasticity"],
            trend_reliability=parameters.by_goal("goal_trend_reliability") * free,
            trend_size=parameters["goal_trend_size"],
            trend_size_from=parameters["goal_trend_size_from"],
            trend_retention=parameters["goal_trend_retention"],
            drift_room=parameters["goal_drift_room"],
            spillover_strength=strength,
            thresholds=parameters.by_goal("goal_on_track_threshold"),
        )


def goal_moves(
    scores: Array, drivers: Drivers, parameters: GoalParameters, interlinkages: Array
) -> tuple[Array, dict[str, Array]]:
    """Move every score by one year.

    Parameters
    ----------
    scores
        ``(country, 17)``, points in [0, 100], NaN where a Goal does not apply.
    drivers
        What moves them.
    parameters
        Numbers of the submodel.
    interlinkages
        ``(17, 17)``, row the Goal moved, column the Goal that moves it, of spectral radius one.

    Returns
    -------
    scores
        ``(country, 17)`` a year later, in [0, 100].
    contributions
        For each of `DRIVERS` an array ``(country, 17)`` in points; they add up to the move.
    """
    room = _Room.of(scores)
    moves = _driver_moves(room, drivers, parameters)
    lifts, drops = _with_spillovers(moves, _spread(parameters, interlinkages))
    lift, drop = lifts.sum(axis=0), -drops.sum(axis=0)
    kept, gained = _reached(room, moves, lift, drop)
    lifts *= gained / np.maximum(lift, _TINY)
    drops *= (room.score - kept) / np.maximum(drop, _TINY)
    lifts += drops

    absent = np.where(room.missing, np.nan, 0.0)
    lifts += absent
    contributions = dict.fromkeys(DRIVERS, absent)
    contributions.update(zip(moves, lifts, strict=True))
    return kept + gained + absent, contributions


def next_scores(
    scores: Array, drivers: Drivers, parameters: GoalParameters, interlinkages: Array
) -> Array:
    """Return the scores of `goal_moves` without what each driver gave to them."""
    return _next_scores(scores, drivers, parameters, _spread(parameters, interlinkages))


def _next_scores(
    scores: Array, drivers: Drivers, parameters: GoalParameters, spread: Array
) -> Array:
    room = _Room.of(scores)
    moves = _driver_moves(room, drivers, parameters)
    lifts, drops = _with_spillovers(moves, spread)
    kept, gained = _reached(room, moves, lifts.sum(axis=0), -drops.sum(axis=0))
    kept += gained
    kept[room.missing] = np.nan
    return kept


@dataclass(frozen=True)
class _Room:
    """Scores and what is left above them, ``(country, 17)``, points.

    A Goal that does not apply has no room on either side: whatever presses on it or spills over to it moves nothing.
    """

    missing: NDArray[np.bool_]
    score: Array
    up: Array

    @classmethod
    def of(cls, scores: Array) -> _Room:
        missing = np.isnan(scores)
        return cls(missing, np.where(missing, 0.0, scores), np.where(missing, 0.0, FULL - scores))


def _spread(parameters: GoalParameters, interlinkages: Array) -> Array:
    """Return what a point moved directly moves in all, ``(17, 17)``, spillovers of spillovers included."""
    return _inverse(parameters.spillover_strength, np.asarray(interlinkages, float).tobytes())


@lru_cache(maxsize=64)
def _inverse(strength: float, interlinkages: bytes) -> Array:
    """Return what `_spread` says, worked out once: neither number changes in a run."""
    matrix = _without_goalposts(np.frombuffer(interlinkages).reshape(GOAL_COUNT, GOAL_COUNT))
    spread = np.asarray(np.linalg.inv(np.eye(GOAL_COUNT) - strength * matrix))
    spread.flags.writeable = False
    return spread


def _without_goalposts(matrix: Array) -> Array:
    """Return the interlinkages without those that lead to Goals by goalposts."""
    result = np.array(matrix, dtype=np.float64)
    result[BY_GOALPOSTS] = 0.0
    return result


def _follow_goalposts(room: _Room, moves: Mapping[str, Array], kept: Array, gained: Array) -> None:
    """Let Goals by goalposts go all the way that they are moved: their room is in the goalposts. In place.

    Shocks alone take no more than there is.
    """
    for goal, name in ((POVERTY_GOAL, "poverty"), (INEQUALITY_GOAL, "inequality")):
        score = room.score[:, goal]
        move = moves[name][:, goal] if name in moves else np.zeros_like(score)
        hit = np.maximum(-moves["shocks"][:, goal], 0.0) if "shocks" in moves else 0.0
        fallen = np.maximum(score + np.minimum(move, 0.0), 0.0)
        kept[:, goal] = fallen * np.exp(-hit / np.maximum(fallen, _TINY))
        gained[:, goal] = np.minimum(np.maximum(move, 0.0), room.up[:, goal])


def _with_spillovers(moves: Mapping[str, Array], spread: Array) -> tuple[Array, Array]:
    """Return what lifts and what lowers Goals, spillovers included, ``(driver, country, 17)`` each.

    What was seen with its spillovers in it would pass I − W and then (I − W)⁻¹, which is to say neither.
    """
    direct = np.stack(list(moves.values()))
    drops = (direct.reshape(-1, GOAL_COUNT) @ spread.T).reshape(direct.shape)
    for place, name in enumerate(moves):
        if name in OBSERVED_WHOLE:
            drops[place] = direct[place]
    lifts: Array = np.maximum(drops, 0.0, out=direct)
    drops -= lifts
    return lifts, drops


def _reached(
    room: _Room, moves: Mapping[str, Array], lift: Array, drop: Array
) -> tuple[Array, Array]:
    """Return what is kept of scores and what is gained: nothing moves further than its room."""
    kept = room.score * np.exp(-drop / np.maximum(room.score, _TINY))
    gained = -room.up * np.expm1(-lift / np.maximum(room.up, _TINY))
    _follow_goalposts(room, moves, kept, gained)
    return kept, gained


@dataclass(frozen=True)
class Drivers:
    """What moves the Goals in a year; a driver left out (None) contributes nothing.

    Attributes
    ----------
    income_growth
        ``(country,)``, log change of real GDP a head.
    emission_growth
        ``(country,)``, log change that presses on Goals 12 and 13; `income_growth` if left out.
    poverty_move, inequality_move
        ``(country,)``, points by which Goal 1 and Goal 10 move with headcount and Gini
        (`poverty_score`, `equality_score`).
    infrastructure_growth
        ``(country, sector)``, log change of infrastructure a head.
    renewable_change
        ``(country,)``, change of the stock of renewable power a head, thousand dollars.
    capability_change
        ``(country, domain)``, change of capabilities that lie in [0, 1].
    cooperation
        ``(country, 17)``, intensity of cooperation in the year, 0 to 1.
    shock
        ``(country, 17)``, points that shocks take from the Goals; positive is a loss.
    trend
        ``(country, 17)``, a country's own trend beside the common drift, points at the reference
        score (`persistent_trend`).
    noise
        ``(country, 17)``, disturbance in standard deviations of an average country
        (`next_noise`).
    usual
        ``(17,)``, points a year at the reference score that a driver which is given now gave in the
        years that the drift was seen in: taken off the drift, so that it does not count twice.
    """

    income_growth: Array | None = None
    emission_growth: Array | None = None
    poverty_move: Array | None = None
    inequality_move: Array | None = None
    infrastructure_growth: Array | None = None
    renewable_change: Array | None = None
    capability_change: Array | None = None
    cooperation: Array | None = None
    shock: Array | None = None
    trend: Array | None = None
    noise: Array | None = None
    usual: Array | None = None


def _driver_moves(room: _Room, drivers: Drivers, parameters: GoalParameters) -> dict[str, Array]:
    """Return what each driver moves directly, ``(country, 17)`` each."""
    score, up = room.score, room.up
    # Room on either side, relative to that at the reference score.
    room_up = up / (FULL - parameters.reference_score)
    room_down = score / parameters.reference_score

    emission_growth = drivers.emission_growth
    drift = parameters.drift
    if drivers.usual is not None:
        # As with income: a driver takes no more than the whole of a rise.
        drift = drift - np.minimum(drivers.usual, np.maximum(drift, 0.0))
    moves: dict[str, Array] = {
        "drift": drift * np.where(drift > 0, room_up, room_down) ** parameters.drift_room
    }
    if drivers.trend is not None:
        moves["persistence"] = _scaled(drivers.trend, room_up, room_down)
    if drivers.income_growth is not None:
        moves["income"] = _scaled(
            drivers.income_growth[:, None] * parameters.income_response, room_up, room_down
        )
        if emission_growth is None:
            emission_growth = drivers.income_growth
    for goal, name, move in (
        (POVERTY_GOAL, "poverty", drivers.poverty_move),
        (INEQUALITY_GOAL, "inequality", drivers.inequality_move),
    ):
        if move is not None:
            moves[name] = np.zeros_like(score)
            moves[name][:, goal] = np.where(room.missing[:, goal], 0.0, move)
    if drivers.infrastructure_growth is not None:
        goals = parameters.sector_goal
        built = np.zeros_like(score)
        built[:, goals] = _scaled(
            drivers.infrastructure_growth * parameters.infrastructure_response,
            room_up[:, goals],
            room_down[:, goals],
        )
        moves["infrastructure"] = built
    if drivers.renewable_change is not None:
        moves["renewables"] = _scaled(
            drivers.renewable_change[:, None] * parameters.renewable_response, room_up, room_down
        )
    if drivers.capability_change is not None:
        moves["capability"] = _scaled(
            drivers.capability_change @ parameters.capability_response, room_up, room_down
        )
    if drivers.cooperation is not None:
        moves["cooperation"] = _scaled(
            parameters.cooperation_response * drivers.cooperation, room_up, room_down
        )
    if emission_growth is not None:
        # These scores are linear in emissions, waste and the like a head, 100 at none: growth
        # changes the gap to 100 in proportion, in both directions.
        emitted = np.zeros_like(score)
        for goal in EMISSION_GOALS:
            response = float(parameters.emission_response[goal])
            emitted[:, goal] = response * emission_growth * room_up[:, goal]
        moves["emissions"] = emitted
    if drivers.shock is not None:
        moves["shocks"] = np.where(room.missing, 0.0, -drivers.shock)
    if drivers.noise is not None:
        # Scaled by the geometric mean of both rooms, so that a disturbance of mean zero moves no
        # Goal on average; twice, so that the factor is one at mid-scale.
        moves["noise"] = drivers.noise * parameters.noise_scale * np.sqrt(up * score) * (2 / FULL)
    return moves


def poverty_score(headcount: Array, parameters: GoalParameters) -> Array:
    """Return the score of Goal 1, points: 100 where nobody is poor, 0 from the worst headcount on.

    Parameters
    ----------
    headcount
        ``(country,)``, share of people below the line of the edition, 1.90 dollars a day (2011 PPP).
    """
    return np.asarray(FULL * (1.0 - np.minimum(headcount / parameters.worst_headcount, 1.0)))


def headcount_of_score(score: Array, headcount: Array, parameters: GoalParameters) -> Array:
    """Return the headcount that a score of Goal 1 stands for, ``(country,)``, a fraction.

    A score printed as 100 stands for less than half of its last digit; one of 0 for the worst headcount, or for what
    was counted where that is more; a country without a score keeps what was counted.
    """
    least = 0.5 * SCORE_RESOLUTION / FULL
    found = parameters.worst_headcount * (1.0 - score / FULL)
    found = np.maximum(found, parameters.worst_headcount * least)
    found = np.where(score <= 0.0, np.maximum(found, headcount), found)
    return np.where(np.isnan(score), headcount, found)


def equality_score(gini: Array, parameters: GoalParameters) -> Array:
    """Return the score of Goal 10, points, by the edition's goalposts for the Gini coefficient."""
    span = parameters.worst_gini - parameters.best_gini
    return np.asarray(FULL * np.clip((parameters.worst_gini - gini) / span, 0.0, 1.0))


def gini_of_score(score: Array, gini: Array, parameters: GoalParameters) -> Array:
    """Return the Gini coefficient that a score of Goal 10 stands for, ``(country,)``, a fraction.

    The edition adjusts it for top incomes, so that it is not the one of surveys. At an end of the goalposts it is the
    end, or the survey's where that lies beyond; a country without a score keeps the survey's.
    """
    span = parameters.worst_gini - parameters.best_gini
    found = parameters.worst_gini - span * score / FULL
    found = np.where(score <= 0.0, np.maximum(found, gini), found)
    found = np.where(score >= FULL, np.minimum(found, gini), found)
    return np.where(np.isnan(score), gini, found)


def usual_cooperation(
    capability_change: Array, cooperation: Array, parameters: GoalParameters
) -> Array:
    """Return what a year's cooperation gives each Goal on average over countries, ``(17,)``, points at the reference.

    The moves that the drift was seen in hold the cooperation of their years, as they hold the growth of income. No
    record of cooperation in 2000 to 2013 tells how much: the first year of the model stands in for them.

    Parameters
    ----------
    capability_change, cooperation
        As in `goal_moves`.
    """
    learned = (capability_change @ parameters.capability_response).mean(axis=0)
    return np.asarray(learned + parameters.cooperation_response * np.nanmean(cooperation, axis=0))


def next_noise(
    noise: Array,
    own: Array,
    regional: Array,
    region: NDArray[np.intp],
    parameters: GoalParameters,
    size: Array | None = None,
) -> Array:
    """Return next year's disturbance: autoregressive, with a part that a region has in common.

    Parameters
    ----------
    noise
        ``(country, 17)``, this year's disturbance.
    own, regional
        ``(country, 17)`` and ``(region, 17)``, independent standard normal draws.
    region
        ``(country,)``, each country's position among the regions.
    parameters
        Numbers of the submodel.
    size
        ``(country,)``, each country's standard deviation (`noise_size`); one if left out.
    """
    rho, share = parameters.noise_persistence, parameters.noise_regional_share
    draw = np.sqrt(1 - share) * own + np.sqrt(share) * regional[region]
    if size is not None:
        draw *= size[:, None]
    return np.asarray(rho * noise + np.sqrt(1 - rho**2) * draw)


def noise_size(population: Array, parameters: GoalParameters) -> Array:
    """Return each country's standard deviation of disturbances, one on (quadratic) average.

    A large country's score averages over more places, and moves less.

    Parameters
    ----------
    population
        ``(country,)``, positive, in any unit.
    parameters
        Numbers of the submodel.
    """
    size = population**-parameters.noise_size_elasticity
    return np.asarray(size / np.sqrt((size**2).mean()))


def trend_deviation(panel: Array, drift_room: float) -> Array:
    """Return by how much each country's scores moved more than the common drift would have them.

    The deviation of a country's mean yearly move from what the Goal's mean move would give it with
    its room. Moves only are taken from the panel, so that its edition need not be that of the
    scores a trend is applied to.

    Parameters
    ----------
    panel
        ``(country, year, 17)``, scores in consecutive years; NaN where unknown.
    drift_room
        Exponent of the room (`GoalParameters.drift_room`).

    Returns
    -------
    deviation
        ``(country, 17)``, points a year; NaN where a country has no scores.
    """
    moves = (panel[:, -1] - panel[:, 0]) / (panel.shape[1] - 1)
    level = panel.mean(axis=1)
    known = np.isfinite(moves)
    count = np.maximum(known.sum(axis=0), 1)
    common = np.where(known, moves, 0.0).sum(axis=0) / count
    room = np.maximum(np.where(common > 0, FULL - level, level), SCORE_RESOLUTION) ** drift_room
    mean_room = np.where(known, room, 0.0).sum(axis=0) / count
    return np.asarray(moves - common * room / np.where(mean_room > 0.0, mean_room, 1.0))


def persistent_trend(deviation: Array, population: Array, parameters: GoalParameters) -> Array:
    """Return each country's own lasting trend beside the common drift.

    Its deviation, shrunk by the reliability of such deviations (an empirical Bayes estimate), which
    is higher in a country of very many people: its score averages over more places.
    Countries and Goals that have none get zero.

    Parameters
    ----------
    deviation
        ``(country, 17)``, points a year (`trend_deviation`); NaN where unknown.
    population
        ``(country,)``, positive, million.
    parameters
        Numbers of the submodel.

    Returns
    -------
    trend
        ``(country, 17)``, points a year at the reference score.
    """
    larger = np.maximum(np.log(population / parameters.trend_size_from), 0.0)
    odds = np.exp(parameters.trend_size * larger)[:, None]
    share = parameters.trend_reliability
    reliable = share * odds / (1.0 - share + share * odds)
    return np.asarray(reliable * np.nan_to_num(deviation))


def trend_moves(panel: Array) -> Array:
    """Return the yearly trend of every score: the naive model's Goals.

    Parameters
    ----------
    panel
        ``(country, year, 17)``, scores in two or more consecutive years.

    Returns
    -------
    trend
        ``(country, 17)``, points a year, the least-squares slope on the year; NaN where a score is
        missing.
    """
    if panel.ndim != 3 or panel.shape[1] < 2:
        raise InadmissibleInput(
            "a trend needs scores by country, year and Goal in two or more years",
            key="panel",
            found=panel.shape,
        )
    time = np.arange(panel.shape[1], dtype=np.float64)
    time -= time.mean()
    return np.asarray(np.einsum("t,itg->ig", time, panel) / (time**2).sum())


def roll_back(
    scores: Array,
    drivers: Sequence[Mapping[str, Array]],
    *,
    parameters: GoalParameters,
    interlinkages: Array,
    tolerance: float = 1e-10,
    most_iterations: int = 500,
    names: Sequence[str] | None = None,
) -> Array:
    """Return the scores from which running `goal_moves` forward ends in the given ones.

    A year moves a score by little of its room, so the map is close to the identity; stepping back
    by what the forward run misses, over each score's own slope as the last step showed it, converges
    in a few rounds. A score that would need an earlier one outside [0, 100], as 0 does while the
    Goal rises, gets the bound; all others are met to `tolerance`.

    Parameters
    ----------
    scores
        ``(country, 17)`` at the end of the last year.
    drivers
        One mapping a year, the earliest first: keyword arguments of `goal_moves`.
    parameters, interlinkages
        As in `goal_moves`.
    tolerance
        Points by which the forward run may miss.
    most_iterations
        Steps before giving up.
    names
        ISO codes for messages.

    Raises
    ------
    InadmissibleInput
        When the drivers move a Goal so violently that no earlier score can be found.
    """
    start = scores.copy()
    known = ~np.isnan(scores)
    slope = np.ones_like(scores)
    moved: Array | None = None
    reached = scores
    length, missed = np.ones(len(scores)), np.full(len(scores), np.inf)
    spread = _spread(parameters, interlinkages)
    for rounds in range(2 * most_iterations):
        end = start
        for year in drivers:
            end = _next_scores(end, Drivers(**year), parameters, spread)
        if moved is not None:
            # Where a score hardly moved its slope stays as it was; a slope out of reason is cut.
            told = known & (np.abs(moved) > SLOPE_RESOLUTION)
            seen = (end - reached) / np.where(told, moved, 1.0)
            slope = np.where(told, np.clip(seen, *SLOPE_RANGE), slope)
        step = np.clip(start + (scores - end) / slope, 0.0, FULL) - start
        miss = np.where(known, np.abs(step), 0.0).max(axis=1)
        if miss.max(initial=0.0) <= tolerance:
            return start
        if rounds >= most_iterations:
            # Full steps crawl to nearly all there is; Goals that move each other can make them run in a circle.
            if rounds == most_iterations and missed.max() <= ROLL_BACK_ACCEPTED:
                return start
            shorter, longer = DAMPED
            length = np.where(miss > 0.9 * missed, shorter * length, np.minimum(longer * length, 1))
            step *= np.maximum(length, 1 / 64)[:, None]
        missed = miss
        start, reached, moved = start + step, end, step
    if missed.max() <= ROLL_BACK_ACCEPTED:
        return start  # a crawl at the edge of a bound, far below what a score can tell
    country = int(np.argmax(missed))
    goal = int(np.nanargmax(np.abs(step[country])))
    parts: dict[str, Array] = {}
    end = start
    for year in drivers:
        end, parts = goal_moves(end, Drivers(**year), parameters, interlinkages)
    most = max(parts, key=lambda name: abs(float(parts[name][country, goal])))
    raise InadmissibleInput(
        "the scores of 2016 cannot be reached from any earlier ones: a driver moves a Goal too violently",
        key=f"Goal {goal + 1} of {f'economy {country}' if names is None else names[country]}",
        found=f"a miss of {missed[country]:.3g} points, most of it moved by: {most}",
        allowed=f"weaker {', '.join(_PARAMETERS_OF.get(most, ()))}"
        f"{' or ' if most in _PARAMETERS_OF else ''}goal_spillover_strength",
    )


_PARAMETERS_OF: Final = {
    "drift": ("goal_drift",),
    "persistence": ("goal_trend_reliability",),
    "income": ("goal_income_response",),
    "emissions": ("goal_income_response",),
    "poverty": ("goal_worst_headcount",),
    "inequality": ("goal_worst_gini", "goal_best_gini"),
    "infrastructure": ("goal_infrastructure_share", "goal_drift"),
}
"""What sets how much a driver moves, as far as it moves the Goals of the record."""


def on_track(scores: Array, thresholds: ArrayLike) -> NDArray[np.bool_]:
    """Return which scores reach their Goal's threshold; False where a Goal does not apply.

    Parameters
    ----------
    scores
        ``(country, 17)``, points.
    thresholds
        ``(17,)``, points (``goal_on_track_threshold``).
    """
    return np.asarray(scores >= np.asarray(thresholds))


def _scaled(effect: Array, room_up: Array, room_down: Array) -> Array:
    """Return the move that an effect has with the room that is left on its side."""
    return effect * np.where(effect > 0, room_up, room_down)
