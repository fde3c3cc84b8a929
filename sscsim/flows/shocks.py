"""What strikes: disasters, pandemics, sudden stops, waves of debt distress, downgrades of banks, closed corridors.

Each is a Poisson process by year. A year's uniforms have a fixed shape, indexed by entity; whether something strikes,
and how hard, are their inverse distribution functions. So a parameter that moves a rate adds events to those that were
there or takes some away, and shifts no other; and scenarios of one seed meet the same shocks.

What is drawn is said in the units of levers (`sscsim/policy/levers.yaml`), through which it acts. Output of a year is
decided at its turn, so what a pandemic takes from a year's output is taken from the growth that leads into it.

All functions are pure. Axes are ``(country,)`` and ``(bank,)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from sscsim.special import ndtr, ndtri
from sscsim.types import Array, Mask

__all__ = [
    "KINDS",
    "Closure",
    "Hit",
    "Luck",
    "Places",
    "ShockParameters",
    "Strike",
    "calendar",
    "cost_of_closure",
    "damage",
    "share_of_capital",
    "strikes",
]

KINDS = ("disaster", "pandemic", "sudden stop", "debt wave", "bank downgrade", "closed corridor")
"""What may strike, as tables call it."""


@dataclass(frozen=True)
class ShockParameters:
    """The numbers of the submodel; ``shocks.yaml`` gives meaning and source of each."""

    disaster_rate_small: float
    disaster_rate_developing: float
    disaster_rate_developed: float
    disaster_loss_small: float
    disaster_loss_other: float
    disaster_loss_spread: float
    disaster_loss_most: float
    disaster_goal_points: float
    pandemic_rate: float
    pandemic_output_loss: float
    pandemic_severity_spread: float
    pandemic_country_spread: float
    pandemic_rebound: float
    pandemic_travel: float
    pandemic_persistence: float
    pandemic_trade_cost: float
    pandemic_goal_points: float
    stop_rate: float
    stop_wave_rate: float
    stop_wave_reach: float
    stop_depth: float
    debt_wave_rate: float
    debt_wave_hazard: float
    debt_wave_persistence: float
    downgrade_rate: float
    downgrade_spread: float
    downgrade_restraint: float
    downgrade_persistence: float
    closure_rate: float
    closure_reach: float
    closure_trade_lost: float
    closure_persistence: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``shocks.yaml``)."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Places:
    """Whom shocks tell apart, ``(country,)``.

    Attributes
    ----------
    small
        Small island developing States.
    developed
        Economies of the developed group.
    region
        A number for the region of each.
    """

    small: Mask
    developed: Mask
    region: Array


@dataclass(frozen=True)
class Luck:
    """The uniforms of a year, in [0, 1).

    Attributes
    ----------
    disaster
        Whether and how hard, ``(2, country)``.
    pandemic
        Whether and how hard, ``(2,)``.
    pandemic_country
        How hard each economy is hit, ``(country,)``.
    stop
        Whether by itself, whether by a wave, how deep, ``(3, country)``.
    waves
        Whether a wave of stops, a wave of debt, ``(2,)``.
    downgrade
        ``(bank,)``.
    closure
        Whether an economy is closed off, ``(country,)``.
    partners
        Whether an economy of its region takes part, ``(country, country)``, the row being that of who is closed off.
    """

    disaster: Array
    pandemic: Array
    pandemic_country: Array
    stop: Array
    waves: Array
    downgrade: Array
    closure: Array
    partners: Array


@dataclass(frozen=True)
class Closure:
    """A corridor that closes: goods between `country` and `partners`, both ways; `cost` is that of the year."""

    country: int
    partners: Mask
    cost: float


@dataclass(frozen=True)
class Hit:
    """An event, as the table of shocks tells it; `country` or `bank` is -1 where it is not of one."""

    kind: str
    size: float
    country: int = -1
    bank: int = -1


@dataclass(frozen=True)
class Strike:
    """What shocks do in a year, in the units of levers.

    Attributes
    ----------
    damage
        Of disasters over yearly output, ``(country,)``.
    growth
        Added to productivity in the year, which moves the output of the next, log points, ``(country,)``.
    goal_points
        Points that every Goal loses, ``(country,)``.
    travel
        Part of cooperation that stands still: projects under way rest, and new ones do not begin.
    trade_cost
        Added to all goods.
    stop
        Part of hosts' attraction that is lost, ``(country,)``.
    distress
        Yearly hazard of debt distress that is added, ``(country,)``.
    funding
        Cost of banks' funding that is added, ``(bank,)``.
    restraint
        Part of approvals that banks give up, ``(bank,)``.
    closures
        Corridors that are closed.
    hits
        Events of the year, those that only last not among them.
    """

    damage: Array
    growth: Array
    goal_points: Array
    travel: float
    trade_cost: float
    stop: Array
    distress: Array
    funding: Array
    restraint: Array
    closures: tuple[Closure, ...]
    hits: tuple[Hit, ...]


# --- inverse distribution functions -------------------------------------------------------------------------------


def strikes(uniforms: Array, rate: Array | float) -> Mask:
    """Return where a Poisson process of this yearly rate has at least one event.

    Parameters
    ----------
    uniforms
        In [0, 1), any shape.
    rate
        Events a year.
    """
    struck: Mask = uniforms < -np.expm1(-np.asarray(rate))
    return struck


def damage(uniforms: Array, median: Array | float, spread: float, most: float) -> Array:
    """Return damage over yearly output: a lognormal loss that is never more than `most`.

    The tail beyond `most` is taken off and its weight spread over the rest, so nothing heaps up at the limit.
    """
    centre = np.log(np.asarray(median))
    below = ndtr((np.log(most) - centre) / spread)
    # Zero has no quantile.
    at = np.maximum(uniforms * below, np.finfo(float).tiny)
    return np.asarray(np.exp(centre + spread * ndtri(at)))


def share_of_capital(loss: Array, capital_ratio: Array) -> Array:
    """Return the share of capital that damage destroys: ``1 − exp(−loss / (K/Y))``, below one for any damage.

    Parameters
    ----------
    loss
        Damage over yearly output, ``(country,)``.
    capital_ratio
        Capital over yearly output, ``(country,)``.
    """
    share: Array = -np.expm1(-loss / capital_ratio)
    return share


def cost_of_closure(lost: float, elasticity: float) -> float:
    """Return the ad-valorem cost that takes this part of a pair's trade at given prices, ``(1 − lost)^(−1/θ) − 1``."""
    return float((1.0 - lost) ** (-1.0 / elasticity) - 1.0)


def _lognormal(uniforms: Array, spread: float) -> Array:
    """Return factors of median one."""
    return np.asarray(np.exp(spread * ndtri(np.maximum(uniforms, np.finfo(float).tiny))))


# --- the calendar -------------------------------------------------------------------------------------------------


def calendar(
    luck: Sequence[Luck], places: Places, parameters: ShockParameters, elasticity: float
) -> tuple[Strike, ...]:
    """Return what strikes in each year.

    Parameters
    ----------
    luck
        Of the years, one after the other; the first of them is the one before shocks begin, in which nothing strikes
        and what a pandemic takes from the next year's output falls.
    places
        Whom shocks tell apart.
    elasticity
        Of trade.
    """
    p = parameters
    years = len(luck)
    severity = np.array([_severity(one, p) for one in luck])
    severity[0] = 0.0
    output = np.array(
        [_output_losses(one, how, p) for one, how in zip(luck, severity, strict=True)]
    )
    # A year's output moves at its turn: by the growth of the year before.
    growth = np.zeros_like(output)
    growth[:-1] -= output[1:]
    growth[1:] += 0.5 * p.pandemic_rebound * output[:-1]
    growth[:] += 0.5 * p.pandemic_rebound * output
    found: list[Strike] = []
    closed = 0.0
    distress = 0.0
    strain = np.zeros_like(luck[0].downgrade)
    closures: tuple[Closure, ...] = ()
    for year in range(years):
        one, begun = luck[year], year > 0
        loss = _disasters(one, places, p) if begun else np.zeros_like(one.closure)
        stop = _stops(one, places, p) if begun else np.zeros_like(loss)
        wave = begun and bool(strikes(one.waves[1], p.debt_wave_rate))
        down = strikes(one.downgrade, p.downgrade_rate) & begun
        new = _closures(one, places, p, elasticity) if begun else ()
        closed = max(p.pandemic_persistence * closed, float(severity[year]))
        distress = max(p.debt_wave_persistence * distress, float(wave))
        strain = np.minimum(p.downgrade_persistence * strain + down, 2.0)
        closures = (*_fading(closures, p), *new)
        found.append(
            Strike(
                damage=loss,
                growth=growth[year],
                goal_points=p.disaster_goal_points * loss
                + p.pandemic_goal_points * severity[year] * _relative(one, p),
                travel=-float(np.expm1(closed * np.log1p(-p.pandemic_travel))),
                trade_cost=p.pandemic_trade_cost * closed,
                stop=stop,
                distress=np.where(places.developed, 0.0, p.debt_wave_hazard * distress),
                funding=p.downgrade_spread * strain,
                restraint=1.0 - (1.0 - p.downgrade_restraint) ** strain,
                closures=closures,
                hits=_hits(loss, float(severity[year]), stop, wave, down, new),
            )
        )
    return tuple(found)


LARGEST_LOSS = 0.25
"""Output that an economy can lose to a pandemic in a year, log points: losses near it grow ever more slowly."""


def _severity(one: Luck, p: ShockParameters) -> float:
    """Return how hard a pandemic is, one in the median; zero without."""
    if not strikes(one.pandemic[0], p.pandemic_rate):
        return 0.0
    return float(_lognormal(one.pandemic[1], p.pandemic_severity_spread))


def _relative(one: Luck, p: ShockParameters) -> Array:
    """Return how hard economies are hit relative to the world, ``(country,)``, one in the mean."""
    spread = p.pandemic_country_spread
    return np.asarray(_lognormal(one.pandemic_country, spread) * np.exp(-0.5 * spread**2))


def _output_losses(one: Luck, severity: float, p: ShockParameters) -> Array:
    """Return what a pandemic takes from each economy's output, log points, ``(country,)``."""
    if severity == 0.0:
        return np.zeros_like(one.pandemic_country)
    loss = p.pandemic_output_loss * severity * _relative(one, p)
    return np.asarray(LARGEST_LOSS * np.tanh(loss / LARGEST_LOSS))


def _disasters(one: Luck, places: Places, p: ShockParameters) -> Array:
    """Return the year's damage over output, ``(country,)``; several disasters of a year count as one."""
    rate = np.where(
        places.small,
        p.disaster_rate_small,
        np.where(places.developed, p.disaster_rate_developed, p.disaster_rate_developing),
    )
    median = np.where(places.small, p.disaster_loss_small, p.disaster_loss_other)
    loss = damage(one.disaster[1], median, p.disaster_loss_spread, p.disaster_loss_most)
    return np.where(strikes(one.disaster[0], rate), loss, 0.0)


def _stops(one: Luck, places: Places, p: ShockParameters) -> Array:
    """Return the part of attraction that hosts lose, ``(country,)``: of their own, or with a wave."""
    wave = strikes(one.waves[0], p.stop_wave_rate) & (one.stop[1] < p.stop_wave_reach)
    struck = (strikes(one.stop[0], p.stop_rate) | wave) & ~places.developed
    # Uniform between half of the median and, as far above it, what leaves something.
    reach = np.minimum(0.5 * p.stop_depth, 0.95 - p.stop_depth)
    return np.where(struck, p.stop_depth + (2.0 * one.stop[2] - 1.0) * reach, 0.0)


def _closures(
    one: Luck, places: Places, p: ShockParameters, elasticity: float
) -> tuple[Closure, ...]:
    """Return the corridors that close this year."""
    cost = cost_of_closure(p.closure_trade_lost, elasticity)
    found = []
    for i in np.flatnonzero(strikes(one.closure, p.closure_rate)).tolist():
        partners = (places.region == places.region[i]) & (one.partners[i] < p.closure_reach)
        partners[i] = False
        if partners.any():
            found.append(Closure(i, partners, cost))
    return tuple(found)


LEAST_COST = 1e-3
"""Of a closure, over the value of goods: below it the corridor counts as open."""


def _fading(closures: Sequence[Closure], p: ShockParameters) -> tuple[Closure, ...]:
    later = (Closure(c.country, c.partners, p.closure_persistence * c.cost) for c in closures)
    return tuple(c for c in later if c.cost > LEAST_COST)


def _hits(
    loss: Array, severity: float, stop: Array, wave: bool, down: Mask, new: Sequence[Closure]
) -> tuple[Hit, ...]:
    """Return the events of a year: size is damage over output, severity, part lost, number of partners."""
    found = [Hit("disaster", float(loss[i]), country=i) for i in np.flatnonzero(loss).tolist()]
    if severity:
        found.append(Hit("pandemic", severity))
    found += [Hit("sudden stop", float(stop[i]), country=i) for i in np.flatnonzero(stop).tolist()]
    if wave:
        found.append(Hit("debt wave", 1.0))
    found += [Hit("bank downgrade", 1.0, bank=i) for i in np.flatnonzero(down).tolist()]
    found += [Hit("closed corridor", float(c.partners.sum()), country=c.country) for c in new]
    return tuple(found)
