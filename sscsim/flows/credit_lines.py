"""Credit lines between countries, and the loans of national and Arab funds (¶81, 106).

A lender is data (``institutions/lenders``): how much it approves a year as a share of its funders' income, whom it
favours, on what terms. Each year it spreads its volume over borrowers by need, size, trade ties and focus; the volume
becomes single lines of uneven size, most of them to countries that have had one. A line disburses slowly, part of it
never; then come grace, equal instalments and interest, arrears of those in distress, recovery and write-off.

Approved = disbursed + undisbursed + cancelled, and disbursed = repaid + outstanding + arrears + written off, for each
pair and year. Money has two ends: what a borrower receives its lender's funders pay, and the reverse.

All functions are pure. Axes are ``(lender, country)`` or ``(lender, cohort, country)``, a cohort being the lines of one
year; money stands in billions of current US dollars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sscsim.means import part
from sscsim.types import Array, Ints, Mask
from sscsim.world.institutions.lenders import Lenders

__all__ = [
    "MOST_LINES",
    "Approvals",
    "Cohorts",
    "CorridorPairs",
    "CreditBook",
    "CreditFlows",
    "CreditParameters",
    "Luck",
    "Schedule",
    "approve",
    "audit",
    "borrower_weights",
    "corridor_cut",
    "corridor_progress",
    "enter",
    "inverse_poisson",
    "open_book",
    "schedule",
    "serve",
    "tied_freeness",
    "tied_purchases",
    "tied_rise",
]


MOST_LINES = 6
"""Lines that one lender approves to one country in a year, at most; draws have this many places."""

MORE_COHORTS = 48
"""Years of approvals that there is room for once a book goes on: those of the lenders' files and of a run."""


@dataclass(frozen=True)
class CreditParameters:
    """The numbers of the submodel; ``credit.yaml`` gives meaning and source of each."""

    volume: float
    volume_noise: float
    size_elasticity: float
    need_elasticity: float
    tie_elasticity: float
    focus_strength: float
    affinity: float
    newcomer: float
    line_size_elasticity: float
    line_dispersion: float
    exposure_limit: float
    disbursement_peak: float
    cancelled: float
    arrears: float
    recovery: float
    write_off: float
    opening: float
    tied_additionality: float
    corridor_cut: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``credit.yaml``)."""
        return cls(**{name: parameters[f"credit_{name}"] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Schedule:
    """What each age of a line brings, ages from the oldest to 0 (the year of approval), so that a slice fits cohorts.

    A lender has few terms, and what becomes of an approval depends on them and on its age: a year is one product of
    what the ages bring under each and of what was approved.

    Attributes
    ----------
    brings
        Parts of an approval, ``(lender, part, age)``: cancelled, disbursed, and under each of the lender's terms what
        falls due and what is outstanding at the end.
    falls, left
        Where falling due and outstanding under a pair's terms stand in such parts by country laid end to end,
        ``(lender, country)``.
    """

    brings: Array
    falls: NDArray[np.intp]
    left: NDArray[np.intp]

    @property
    def cancelled(self) -> Array:
        """Part of approvals cancelled, ``(lender, age)``."""
        return self.brings[:, 0]

    @property
    def drawn(self) -> Array:
        """Part of approvals disbursed, ``(lender, age)``."""
        return self.brings[:, 1]

    def outstanding(self, cohorts: int) -> Array:
        """Return the part of approvals that is outstanding at the end, ``(lender, cohort, country)``."""
        lender = np.arange(len(self.left))[:, None]
        part = self.left // self.left.shape[1] % self.brings.shape[1]
        found: Array = self.brings[lender, part, -cohorts:].transpose(0, 2, 1)
        return found


@dataclass(eq=False)
class Cohorts:
    """Amounts by year of approval: a year more needs no copy of those before, whose books stay as they are.

    Attributes
    ----------
    amounts
        ``(lender, cohort, country)``, with room for some cohorts more.
    used
        Cohorts that stand in it.
    """

    amounts: Array
    used: int

    def and_one(self, count: int, amount: Array) -> Cohorts:
        """Return the first cohorts and one more; elsewhere where there is no room, or another has taken it."""
        held = self
        if self.used != count or count == self.amounts.shape[1]:
            lenders, _, countries = self.amounts.shape
            held = Cohorts(np.zeros((lenders, max(2 * count, MORE_COHORTS), countries)), count)
            held.amounts[:, :count] = self.amounts[:, :count]
        held.amounts[:, count] = amount
        held.used = count + 1
        return held


@dataclass(frozen=True)
class CreditBook:
    """Where every line stands at the end of a year.

    Cohorts are the years ``first_cohort``, ``first_cohort + 1``, …; the rest is kept by pair, ``(lender, country)``.
    """

    first_cohort: int
    cohorts: Cohorts
    """Approved, in this book and in those that go on from it."""
    count: int
    """Cohorts of this one."""
    entered: Array
    """Approved in all."""
    principal: Array
    """Disbursed, not due and not repaid."""
    disbursed: Array
    """So far, as the following."""
    cancelled: Array
    arrears: Array
    """Principal due and not paid."""
    repaid: Array
    written_off: Array

    @property
    def approved(self) -> Array:
        """Approved, ``(lender, cohort, country)``."""
        return self.cohorts.amounts[:, : self.count]

    # Asked for when a year is over and when the next one begins.
    @cached_property
    def debt(self) -> Array:
        """Principal owed, ``(lender, country)``: outstanding and arrears."""
        return self.principal + self.arrears

    @cached_property
    def partner(self) -> Mask:
        """Whether a pair has had a line, ``(lender, country)``."""
        return self.entered > 0.0

    @cached_property
    def undisbursed(self) -> Array:
        """Approved, neither disbursed nor cancelled, ``(lender, country)``."""
        return self.entered - self.disbursed - self.cancelled


@dataclass(frozen=True)
class CreditFlows:
    """A year's payments, ``(lender, country)`` by borrower, bn current USD."""

    disbursed: Array
    repaid: Array
    """Principal, recovered arrears included."""
    interest: Array
    cancelled: Array
    missed: Array
    """Principal that fell due and was not paid."""
    written_off: Array

    @property
    def service(self) -> Array:
        """Principal and interest paid, ``(lender, country)``."""
        return self.repaid + self.interest

    @property
    def net(self) -> Array:
        """What borrowers receive less what they pay, ``(lender, country)``."""
        return self.disbursed - self.service

    def both_ends(self, funders: Array) -> Array:
        """Return receipts less payments of every country, borrower or funder, ``(country,)``; the sum is zero."""
        ends: Array = self.net.sum(axis=0) - self.net.sum(axis=1) @ funders
        return ends

    def interest_ends(self, funders: Array) -> Array:
        """Return interest received less paid of every country, ``(country,)``; the sum is zero."""
        ends: Array = self.interest.sum(axis=1) @ funders - self.interest.sum(axis=0)
        return ends


@dataclass(frozen=True)
class Luck:
    """A year's luck of lenders.

    Attributes
    ----------
    volume
        Standard normal, ``(lender,)``.
    lines
        Uniform, ``(lender, country)``.
    sizes
        Standard normal, ``(lender, country, place)``.
    """

    volume: Array
    lines: Array
    sizes: Array


@dataclass(frozen=True)
class Approvals:
    """A year's lines.

    Attributes
    ----------
    amount
        ``(lender, country)``, bn USD.
    lender, country, place
        Where each line stands in the arrays of draws, ``(line,)``.
    size
        ``(line,)``, bn USD.
    """

    amount: Array
    lender: Ints
    country: Ints
    place: Ints
    size: Array


def borrower_weights(
    lenders: Lenders,
    gdp: Array,
    population: Array,
    ties: Array,
    affinity: Array,
    partner: Mask,
    distress: Array,
    parameters: CreditParameters,
    *,
    focus: Array | float = 0.0,
) -> Array:
    """Return the part of a lender's volume that it plans for each borrower, ``(lender, country)``.

    ``ln w = ε_size ln GDP − ε_need ln(GDP a head) + ε_tie ln(1 + tie) + s · focus + σ z``, halved step by step with
    distress, and times ``ν`` for those that have had no line yet.

    Parameters
    ----------
    gdp, population
        ``(country,)``, bn current USD and million.
    ties
        Share of the lender's funders in a country's imports, relative to their share in all imports,
        ``(lender, country)``.
    affinity
        What the model does not see of a pair and lasts, standard normal ``(lender, country)``.
    partner
        Whether the pair had a line before, ``(lender, country)``.
    distress
        From 0 to 1, ``(country,)``: a country in full distress gets none.
    focus
        Added to the logarithm of the lender's focus, by policy.
    """
    by_country = parameters.size_elasticity * np.log(gdp) - parameters.need_elasticity * np.log(
        gdp / population
    )
    log_weight = np.log1p(ties)
    log_weight *= parameters.tie_elasticity
    log_weight += by_country
    log_weight += parameters.focus_strength * lenders.focus
    log_weight += focus
    log_weight += parameters.affinity * affinity
    log_weight -= log_weight.max(axis=1, keepdims=True)
    weight = np.where(lenders.eligible, np.exp(log_weight), 0.0) * (1.0 - distress)
    weight *= np.where(partner, 1.0, parameters.newcomer)
    total = weight.sum(axis=1, keepdims=True)
    return part(weight, total)


def inverse_poisson(uniform: Array, mean: Array, most: int) -> tuple[NDArray[np.intp], Ints]:
    """Return where the quantile of a Poisson count, capped at `most`, is not nought, and these counts.

    One uniform gives one count whatever the mean, so a policy that moves the mean leaves the luck as it is.

    Parameters
    ----------
    uniform, mean
        Of one shape.

    Returns
    -------
    some, count
        ``(some,)``: places in the arrays laid end to end.
    """
    none = np.exp(-mean)
    # Most counts are nought: the rest of the distribution is summed where they are not.
    some = (uniform >= none).reshape(-1).nonzero()[0]
    luck, mean, term = uniform.reshape(-1)[some], mean.reshape(-1)[some], none.reshape(-1)[some]
    cumulative, count = term.copy(), np.ones(some.size, dtype=np.int64)
    for k in range(1, most):
        term *= mean / k
        cumulative += term
        count += luck >= cumulative
    return some, count


def approve(
    lenders: Lenders,
    book: CreditBook,
    weights: Array,
    gdp: Array,
    luck: Luck,
    parameters: CreditParameters,
    *,
    year: int,
    volume_factor: Array | float = 1.0,
) -> Approvals:
    """Return the lines that lenders approve this year.

    A lender's volume is a share of its funders' GDP, times the cycle of the record and the noise of a year. Counts of
    lines are Poisson about volume, weight and the size usual for a borrower; sizes are log-normal. The lines share the
    volume in proportion, cut where a borrower's debt to the lender would pass the limit.

    Parameters
    ----------
    weights
        From `borrower_weights`.
    gdp
        ``(country,)``, bn current USD.
    volume_factor
        By policy, ``(lender,)``.
    """
    cycle = lenders.cycle.get(year, lenders.after)
    spread, dispersion = parameters.volume_noise, parameters.line_dispersion
    noise = np.exp(spread * luck.volume - spread**2 / 2)
    budget = parameters.volume * lenders.volume * (lenders.funders @ gdp)
    budget = budget * cycle * volume_factor * noise
    usual = _usual_size(lenders, gdp, parameters)
    cell, lines = inverse_poisson(luck.lines, budget[:, None] * weights / usual, MOST_LINES)
    pair = np.repeat(np.arange(len(cell)), lines)
    at = cell.take(pair)
    lender, country = np.divmod(at, len(gdp))
    place = np.arange(len(at)) - (np.cumsum(lines) - lines).take(pair)
    drawn = luck.sizes[lender, country, place]
    size = usual.reshape(-1).take(at) * np.exp(dispersion * drawn - dispersion**2 / 2)
    total = np.bincount(lender, weights=size, minlength=len(budget)).astype(np.float64)
    size *= part(budget, total)[lender]
    wanted = np.bincount(pair, weights=size, minlength=len(cell)).astype(np.float64)
    limit = parameters.exposure_limit * gdp.take(cell % len(gdp))
    room = np.maximum(limit - book.debt.take(cell) - book.undisbursed.take(cell), 0.0)
    granted = np.minimum(wanted, room)
    size *= part(granted, wanted).take(pair)
    amount = np.zeros(weights.shape)
    amount.put(cell, granted)
    real = size > 0.0
    if real.all():
        return Approvals(amount, lender, country, place, size)
    return Approvals(amount, lender[real], country[real], place[real], size[real])


def schedule(lenders: Lenders, parameters: CreditParameters, ages: int) -> Schedule:
    """Return when lines are drawn and repaid, for ages up to `ages` less one.

    Disbursement is a smooth hump (a beta density of mass five) from approval to the lender's last year of disbursement,
    its peak at a fraction of it; what is cancelled is never drawn. After the grace period what is outstanding falls due
    in equal instalments, the last in the year of maturity.
    """
    age = np.arange(ages)[::-1]
    rise, fall = 3.0 * parameters.disbursement_peak, 3.0 * (1.0 - parameters.disbursement_peak)
    at = np.minimum((age + 0.5) / (lenders.years[:, None] + 1.0), 1.0)
    density = at**rise * (1.0 - at) ** fall
    drawn = 1.0 - np.minimum(parameters.cancelled * lenders.cancelled, 1.0)
    profile = density / density.sum(axis=1, keepdims=True) * drawn[:, None]
    cancelled = np.where(age == lenders.years[:, None], 1.0 - drawn[:, None], 0.0)
    grace, maturity, term = _terms(lenders)
    left = np.maximum(maturity[:, :, None] - age + 1, 1)
    due = np.where(age > grace[:, :, None], 1.0 / left, 0.0)
    falls, outstanding = np.zeros(due.shape), np.zeros(due.shape)
    standing = np.zeros(grace.shape)
    for place in range(ages)[::-1]:
        falls[:, :, place] = standing * due[:, :, place]
        standing = standing - falls[:, :, place] + profile[:, place, None]
        outstanding[:, :, place] = standing
    brings = np.concatenate([cancelled[:, None], profile[:, None], falls, outstanding], axis=1)
    parts, terms, (count, countries) = brings.shape[1], grace.shape[1], term.shape
    first = np.arange(count)[:, None] * parts + 2 + term
    column = np.arange(countries)
    return Schedule(brings, first * countries + column, (first + terms) * countries + column)


def _terms(lenders: Lenders) -> tuple[Ints, Ints, Ints]:
    """Return the grace and maturity of each lender's different terms, and which of them a pair has.

    Returns
    -------
    grace, maturity, term
        ``(lender, term)`` twice, the first terms again where a lender has fewer, and ``(lender, country)``.
    """
    pairs = np.stack([lenders.grace, lenders.maturity], axis=2)
    found = [np.unique(own, axis=0, return_inverse=True) for own in pairs]
    most = max((len(terms) for terms, _ in found), default=1)
    several = np.array([np.resize(terms, (most, 2)) for terms, _ in found], dtype=np.int64)
    several = several.reshape(len(found), most, 2)
    which = np.array([place.reshape(-1) for _, place in found], dtype=np.int64)
    return several[:, :, 0], several[:, :, 1], which.reshape(lenders.grace.shape)


def open_book(
    lenders: Lenders,
    approved: Array,
    first_cohort: int,
    times: Schedule,
    parameters: CreditParameters,
) -> tuple[CreditBook, CreditFlows]:
    """Return the book at the end of the last year of approvals and the payments of that year, all served in time.

    Parameters
    ----------
    approved
        ``(lender, cohort, country)`` for the years from `first_cohort` on, bn USD.
    times
        From `schedule`.
    """
    count, cohorts, countries = approved.shape
    none = np.zeros((count, countries))
    book = CreditBook(
        first_cohort=first_cohort,
        # No room in what many runs begin from: each goes on in its own.
        cohorts=Cohorts(approved * parameters.opening, cohorts),
        count=0,
        entered=none,
        principal=none,
        disbursed=none,
        cancelled=none,
        arrears=none,
        repaid=none,
        written_off=none,
    )
    well = np.zeros(countries)
    for cohort in range(cohorts):
        entered = book.entered + book.cohorts.amounts[:, cohort]
        book = replace(book, count=cohort + 1, entered=entered)
        book, flows = serve(book, lenders, times, well, parameters)
    return book, flows


def enter(book: CreditBook, amount: Array) -> CreditBook:
    """Return the book with the next year's approvals, ``(lender, country)``, in it."""
    return CreditBook(
        first_cohort=book.first_cohort,
        cohorts=book.cohorts.and_one(book.count, amount),
        count=book.count + 1,
        entered=book.entered + amount,
        principal=book.principal,
        disbursed=book.disbursed,
        cancelled=book.cancelled,
        arrears=book.arrears,
        repaid=book.repaid,
        written_off=book.written_off,
    )


def serve(
    book: CreditBook,
    lenders: Lenders,
    times: Schedule,
    distress: Array,
    parameters: CreditParameters,
) -> tuple[CreditBook, CreditFlows]:
    """Disburse, collect, and return the book at the end of the year of its last cohort with the year's payments.

    Repayment comes before disbursement. Of what falls due a country in distress misses a part, which becomes arrears;
    interest on it is lost. Arrears are recovered by a part a year as distress allows, and another part is written off.
    What has not been drawn when the years of disbursement are over is cancelled.

    Parameters
    ----------
    times
        From `schedule`, for at least as many ages as the book has cohorts.
    distress
        From 0 to 1, ``(country,)``.
    """
    brings = times.brings[:, :, -book.count :] @ book.approved
    cancelled, disbursed = brings[:, 0], brings[:, 1]
    falls_due, principal = brings.take(times.falls), brings.take(times.left)
    missing = parameters.arrears * distress
    missed = falls_due * missing
    paying = 1.0 - missing
    recovered = book.arrears * parameters.recovery * paying
    given_up = (book.arrears - recovered) * parameters.write_off
    interest = lenders.rate * book.debt * paying
    flows = CreditFlows(
        disbursed=disbursed,
        repaid=falls_due - missed + recovered,
        interest=interest,
        cancelled=cancelled,
        missed=missed,
        written_off=given_up,
    )
    served = CreditBook(
        first_cohort=book.first_cohort,
        cohorts=book.cohorts,
        count=book.count,
        entered=book.entered,
        principal=principal,
        disbursed=book.disbursed + disbursed,
        cancelled=book.cancelled + cancelled,
        arrears=book.arrears + missed - recovered - given_up,
        repaid=book.repaid + flows.repaid,
        written_off=book.written_off + given_up,
    )
    return served, flows


def tied_purchases(lenders: Lenders, flows: CreditFlows, additionality: float) -> Array:
    """Return what tied lines buy beyond what would have been bought, ``(seller, importer)``, bn USD.

    Sellers are those of the lenders: few economies lend.
    """
    sellers, parts = lenders.sellers
    tied = lenders.tied * additionality
    bought: Array = parts.T @ (tied[:, None] * flows.disbursed)
    bought[np.arange(len(sellers)), sellers] = 0.0
    return bought


def tied_rise(tied: Array, trade: Array) -> Array:
    """Return by what tied purchases multiply what would have been bought, ``(seller, importer)``: 1 + tied / trade.

    Parameters
    ----------
    tied
        Additional tied purchases of a year, ``(seller, importer)``, bn USD.
    trade
        Goods trade of the sellers.
    """
    return 1.0 + part(tied, trade)


def tied_freeness(now: Array, before: Array, most: float) -> Array:
    """Return how much freer imports from a lender are for what its tied lines buy, ``(seller, importer)``.

    Tied purchases come on top of what would have been bought: what they multiply it by over the same of the base year,
    where the base matrix already holds them; between ``1 / most`` and ``most``.

    Parameters
    ----------
    now, before
        From `tied_rise`, of this year and of the base year.
    """
    return np.minimum(np.maximum(now / before, 1.0 / most), most)


def corridor_progress(built: Array, planned: Array, effort: Array) -> Array:
    """Return how far each corridor is built after a year, ``(corridor,)``, from 0 to 1.

    Parameters
    ----------
    built
        How far it was.
    planned
        What the dated record adds in the year.
    effort
        Approvals of those who finance it, relative to plan.
    """
    return np.minimum(np.maximum(built + planned * effort, 0.0), 1.0)


@dataclass(frozen=True)
class CorridorPairs:
    """Pairs of economies along corridors; few economies lie along any.

    Attributes
    ----------
    where
        Positions of all of them in a matrix of pairs laid end to end, ``(pair,)``.
    of
        Places in these of each corridor's own.
    """

    where: NDArray[np.intp]
    of: tuple[NDArray[np.intp], ...]

    @classmethod
    def along(cls, ends: Sequence[NDArray[np.intp]], countries: int) -> Self:
        """Return the pairs along corridors from the rows of the economies along each."""
        pairs = [
            (rows[:, None] * countries + rows)[~np.eye(len(rows), dtype=np.bool_)] for rows in ends
        ]
        where = np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *pairs]))
        return cls(where, tuple(np.searchsorted(where, own) for own in pairs))


def corridor_cut(pairs: CorridorPairs, cut: Array, countries: int) -> Array:
    """Return the part of trade cost that corridors take off each pair, ``(exporter, importer)``.

    Where corridors share a pair each takes its part of what the others left.

    Parameters
    ----------
    pairs
        Those along each corridor.
    cut
        What each takes off as far as it is built, ``(corridor,)``.
    """
    left = np.ones(len(pairs.where))
    for own, part_off in zip(pairs.of, cut.tolist(), strict=True):
        if part_off > 0.0:
            left[own] *= 1.0 - part_off
    taken = np.zeros((countries, countries))
    taken.put(pairs.where, 1.0 - left)
    return taken


def audit(book: CreditBook, tolerance: float = 1e-9) -> list[str]:
    """Return what is wrong with a book; an empty list if it holds."""
    found = []
    scale = max(1.0, float(book.approved.sum()))
    gap = book.disbursed - book.repaid - book.principal - book.arrears - book.written_off
    if np.abs(gap).max(initial=0.0) > tolerance * scale:
        found.append(f"principal is not conserved: {np.abs(gap).max():.3g} bn USD")
    for name in (
        "approved",
        "disbursed",
        "principal",
        "cancelled",
        "arrears",
        "repaid",
        "written_off",
    ):
        stock = getattr(book, name)
        if stock.min(initial=0.0) < -tolerance * scale:
            found.append(f"{name} is negative: {stock.min():.3g} bn USD")
    if book.undisbursed.min(initial=0.0) < -tolerance * scale:
        found.append(f"more is drawn than approved: {-book.undisbursed.min():.3g} bn USD")
    return found


def _usual_size(lenders: Lenders, gdp: Array, parameters: CreditParameters) -> Array:
    """Return the size usual for a borrower, ``(lender, country)``, bn USD.

    It rises with GDP over the mean (in logarithms) of those a lender may lend to.
    """
    borrowers, count = lenders.borrowers
    mean = (borrowers @ np.log(gdp)) / count
    elasticity = parameters.line_size_elasticity
    usual: Array = (lenders.line_size * np.exp(-elasticity * mean))[:, None] * gdp**elasticity
    return usual
