"""Development banks: what members propose, how much a bank may approve, how loans are paid out and back (¶82–85).

All functions are pure. Money is in billions of current US dollars; a bank's year is: capital comes in, borrowers pay,
members bring proposals, the bank scores and approves them within its envelope and limits, what was approved is paid
out, bonds keep the bank liquid, and governors look ahead.

One ramp and one ``κ`` serve all banks: a bank of age ``t`` approves at most ``ramp(t) · κ · headroom`` a year, headroom
being its statutory limit less what is outstanding. What differs between banks is their data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = [
    "DECISIONS",
    "DRAWS",
    "SLOTS",
    "BankingParameters",
    "Borrowing",
    "Collection",
    "Outlook",
    "Proposals",
    "Weights",
    "approve",
    "borrow",
    "collect",
    "decide",
    "demand",
    "disbursed_share",
    "distress_hazard",
    "draw_proposals",
    "envelope",
    "headroom_years",
    "infrastructure_growth_by_sector",
    "paid_in_share",
    "ramp_between",
    "score",
    "within",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

SLOTS = 24
"""Most proposals that one member can prepare for one bank in a year: draws have this shape whatever the parameters."""

DRAWS = ("arrival", "size", "sector", "renewable", "window", "cofinance", "noise", "cancel", "fail")
"""What luck a proposal carries: one uniform number each."""

DECISIONS = ("none", "capital increase", "higher limit", "accession")
"""What governors can decide in a year; the state holds the place."""

MEAN_SERVICE = 0.15
MEAN_DEBT = 0.5
"""Debt service over exports and debt over income at which the hazard of distress is the parameter itself."""


@dataclass(frozen=True)
class BankingParameters:
    """The numbers of the submodel; ``banking.yaml`` gives meaning and source of each."""

    bank_envelope_share: float
    bank_ramp_midpoint: float
    bank_ramp_width: float
    bank_appraisal_time: float
    proposal_intensity: float
    proposal_need_elasticity: float
    proposal_readiness_elasticity: float
    project_size_elasticity: float
    project_size_spread: float
    cancellation_probability: float
    cancellation_delay: float
    disbursement_years: float
    disbursement_start: float
    disbursement_end: float
    bank_funding_rate: float
    bank_treasury_margin: float
    bank_funding_years: float
    bank_expenses: float
    preferred_creditor_share: float
    private_default_rate: float
    private_recovery: float
    write_off_delay: float
    write_off_share: float
    mobilisation_ratio: float
    governors_horizon: float
    governors_hazard: float
    governors_increase_weight: float
    governors_limit_weight: float
    governors_accession_weight: float
    capital_increase: float
    capital_increase_paid_in: float
    capital_increase_years: float
    limit_step: float
    infrastructure_additionality: float
    distress_hazard: float
    distress_service_elasticity: float
    distress_debt_elasticity: float
    distress_exit: float
    restructuring_haircut: float
    distress_readiness: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``banking.yaml``)."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})


# ------------------------------------------------------------------------------------------------------------ envelope


def ramp_between(start: Array | float, end: Array | float, midpoint: float, width: float) -> Array:
    """Return the integral over age of the logistic ramp ``1 / (1 + exp(−(t − midpoint) / width))``, years.

    Over a year it is the mean pace of that year, between 0 and 1; ages before `start` do not count.
    """
    grown = np.logaddexp(0.0, (np.asarray(end) - midpoint) / width)
    before = np.logaddexp(0.0, (np.asarray(start) - midpoint) / width)
    paced: Array = width * np.maximum(grown - before, 0.0)
    return paced


def envelope(
    headroom: Array,
    age: Array,
    parameters: BankingParameters,
    *,
    speed: Array | float = 1.0,
) -> Array:
    """Return what each bank may approve in a year, ``(bank,)``: ``ramp(age) · κ · headroom``.

    Parameters
    ----------
    headroom
        Statutory limit less loans outstanding; below zero it counts as zero.
    age
        Years since the opening at the end of the year.
    speed
        How fast banks age, 1 by default.
    """
    # A bank approves from the end of its first appraisals on, in what is left of that year.
    start = np.maximum(age - 1.0, parameters.bank_appraisal_time)
    pace = ramp_between(
        start * speed,
        np.maximum(age, start) * speed,
        parameters.bank_ramp_midpoint,
        parameters.bank_ramp_width,
    )
    allowed: Array = pace / speed * parameters.bank_envelope_share * np.maximum(headroom, 0.0)
    return allowed


# ----------------------------------------------------------------------------------------------------------- proposals


@dataclass(frozen=True)
class Proposals:
    """Proposals brought to one bank in a year, ``(proposal,)`` each, by receiver and slot."""

    receiver: Indices
    amount: Array
    sector: Indices
    renewable: Mask
    window: Indices
    cofinanced: Mask
    noise: Array
    """Standard normal: what the bank sees and the model does not."""
    cancel: Array
    fail: Array
    """Uniform luck: whether it will be cancelled, when a private borrower fails."""
    need: Array
    mandate: Array
    ldc: Mask
    lldc: Mask
    sids: Mask
    exposure: Array
    """What the receiver owes and is promised, over the country limit."""

    def __len__(self) -> int:
        return len(self.amount)


@dataclass(frozen=True)
class Weights:
    """What a bank's score is made of."""

    need: float
    mandate: float
    renewable: float
    ldc: float
    lldc: float
    sids: float
    exposure: float
    noise: float


def demand(
    gdp_current: Array,
    income: Array,
    readiness: Array,
    distress: Array,
    parameters: BankingParameters,
) -> Array:
    """Return the value of proposals that each country brings to one bank in a year, ``(country,)``.

    ``δ · GDP · income^(−γ_n) · readiness^γ_r``, less where a country is in debt distress.

    Parameters
    ----------
    gdp_current
        bn current USD.
    income
        GDP a head over the world's mean of the base year.
    readiness
        Quality of public administration over the world's mean.
    distress
        One in distress, zero otherwise.
    """
    wanted: Array = (
        parameters.proposal_intensity
        * gdp_current
        * income**-parameters.proposal_need_elasticity
        * readiness**parameters.proposal_readiness_elasticity
        * (1.0 - parameters.distress_readiness * distress)
    )
    return wanted


def draw_proposals(
    luck: Array,
    borrowers: Indices,
    active: Mask,
    wanted: Array,
    gdp: Array,
    mean_size: float,
    *,
    sectors: Array,
    renewable: float,
    windows: Array,
    cofinanced: float,
    need: Array,
    mandate: Array,
    ldc: Mask,
    lldc: Mask,
    sids: Mask,
    exposure: Array,
    parameters: BankingParameters,
) -> Proposals:
    """Return the proposals of a year from luck of fixed shape.

    A slot of a member holds a proposal where its uniform number is below the member's expected count over the number of
    slots. More demand fills more slots and leaves the others as they are, so that a lever never changes another
    proposal's luck.

    Parameters
    ----------
    luck
        Uniform, ``(draw, borrower, slot)``, draws as in `DRAWS`.
    borrowers
        ``(borrower,)``, rows of all countries that may ever borrow.
    active
        ``(borrower,)``, those that may this year.
    wanted
        ``(borrower,)``, value of proposals, bn USD.
    gdp
        ``(borrower,)``; a project's size rises with the borrower's.
    mean_size
        Mean size of a project, bn USD.
    sectors, windows
        Parts of proposals by sector and window, ``(sector,)`` and ``(window,)``.
    need, mandate, ldc, lldc, sids, exposure
        ``(borrower,)``.
    """
    wanted = np.where(active, np.maximum(wanted, 0.0), 0.0)
    total = wanted.sum()
    if total <= 0.0:
        size = np.full(len(wanted), mean_size)
    else:
        relative = gdp**parameters.project_size_elasticity
        size = relative * (mean_size * (wanted / relative).sum() / total)
    expected = wanted / size
    row, slot = np.nonzero(luck[0] < np.minimum(expected / SLOTS, 1.0)[:, None])
    drawn = dict(zip(DRAWS, luck[:, row, slot], strict=True))
    spread = parameters.project_size_spread
    amount = size[row] * np.exp(spread * ndtri(_inside(drawn["size"])) - 0.5 * spread**2)
    sector = _place(drawn["sector"], sectors)
    return Proposals(
        receiver=borrowers[row],
        amount=amount,
        sector=sector,
        renewable=(sector == 0) & (drawn["renewable"] < renewable),
        window=_place(drawn["window"], windows),
        cofinanced=drawn["cofinance"] < cofinanced,
        noise=ndtri(_inside(drawn["noise"])),
        cancel=drawn["cancel"],
        fail=drawn["fail"],
        need=need[row],
        mandate=mandate[row],
        ldc=ldc[row],
        lldc=lldc[row],
        sids=sids[row],
        exposure=exposure[row],
    )


def score(proposals: Proposals, weights: Weights) -> Array:
    """Return the standing of each proposal, ``(proposal,)``; the highest is taken first."""
    standing: Array = (
        weights.need * proposals.need
        + weights.mandate * proposals.mandate
        + weights.renewable * proposals.renewable
        + weights.ldc * proposals.ldc
        + weights.lldc * proposals.lldc
        + weights.sids * proposals.sids
        - weights.exposure * proposals.exposure
        + weights.noise * proposals.noise
    )
    return standing


def approve(standing: Array, amount: Array, receiver: Indices, limit: float, room: Array) -> Mask:
    """Return which proposals are approved, best first: those that fit within the envelope and the receiver's room.

    Parameters
    ----------
    standing, amount, receiver
        ``(proposal,)``.
    limit
        Envelope, bn USD.
    room
        ``(country,)``, what each may still be promised under the country limit.
    """
    taken = np.zeros(len(amount), dtype=np.bool_)
    if len(amount) == 0 or limit <= 0.0:
        return taken
    order = np.argsort(-standing, kind="stable")
    sizes, places = amount[order], receiver[order]
    # The best are taken together as far as all of them fit; only the rest is looked at one by one.
    total = np.cumsum(sizes)
    count = int(np.searchsorted(total, limit, side="right"))
    promised = np.bincount(places[:count], weights=sizes[:count], minlength=len(room)).astype(
        np.float64
    )
    if np.any(promised > room):
        count, promised = 0, np.zeros_like(promised)
    taken[order[:count]] = True
    left = limit - float(total[count - 1]) if count else limit
    free = room - promised
    rest = count + np.flatnonzero((sizes[count:] <= left) & (sizes[count:] <= free[places[count:]]))
    for place in rest.tolist():
        size, country = float(sizes[place]), places[place]
        if size <= left and size <= free[country]:
            taken[order[place]] = True
            left -= size
            free[country] -= size
    return taken


# --------------------------------------------------------------------------------------------------- paying out and in


def disbursed_share(age: Array, parameters: BankingParameters) -> Array:
    """Return the part of a project that is paid out by the end of a year, by years since approval.

    Projects are approved at the middle of a year on average; ``1 − (1 − x^a)^b``, ``x`` being age over the time to the
    last payment (Kumaraswamy 1980).
    """
    x = np.clip((age + 0.5) / parameters.disbursement_years, 0.0, 1.0)
    share: Array = 1.0 - (1.0 - x**parameters.disbursement_start) ** parameters.disbursement_end
    return share


@dataclass(frozen=True)
class Collection:
    """What a year brings of each loan, ``(project,)``, bn USD."""

    principal: Array
    interest: Array
    arrears: Array
    arrears_since: NDArray[np.int64]
    written_off: Array


def collect(
    year: int,
    outstanding: Array,
    arrears: Array,
    arrears_since: NDArray[np.integer],
    margin: Array,
    first: NDArray[np.integer],
    grace: NDArray[np.integer],
    maturity: NDArray[np.integer],
    failed: Mask,
    distressed: Mask,
    parameters: BankingParameters,
) -> Collection:
    """Return interest, principal and losses of a year.

    Principal is repaid in equal parts of what is outstanding over the years that are left, after the grace period. A
    State in distress pays a development bank most of what falls due (preferred-creditor treatment), and the rest is
    overdue; unpaid interest is not booked. A private borrower that fails pays what is recovered and no more.

    Parameters
    ----------
    outstanding, arrears, margin
        At the start of the year, ``(project,)``.
    arrears_since, first
        Year from which principal is overdue, and of the first disbursement; negative for none.
    failed
        Private borrowers that failed by this year.
    distressed
        Sovereign loans of countries in debt distress.
    """
    started = first >= 0
    age = np.where(started, year - first, -1)
    performing = outstanding - arrears
    scheduled = np.where(started & (age >= grace), performing / np.maximum(maturity - age, 1), 0.0)
    due = scheduled + arrears
    pays = np.where(distressed, parameters.preferred_creditor_share, 1.0)
    principal = np.where(failed, parameters.private_recovery * outstanding, due * pays)
    rate = np.maximum(parameters.bank_funding_rate + margin, 0.0)
    interest = np.where(failed, 0.0, rate * outstanding * pays)
    overdue = np.where(failed, 0.0, due - due * pays)
    since = np.where(overdue > 0.0, np.where(arrears_since < 0, year, arrears_since), -1)
    late = (overdue > 0.0) & (year - since >= parameters.write_off_delay)
    written = np.where(
        failed, outstanding - principal, np.where(late, parameters.write_off_share * overdue, 0.0)
    )
    return Collection(
        principal=principal,
        interest=interest,
        arrears=np.where(failed, 0.0, overdue - written),
        arrears_since=since.astype(np.int64),
        written_off=written,
    )


@dataclass(frozen=True)
class Borrowing:
    """How a bank meets its year, ``(bank,)``, bn USD."""

    disbursed: Array
    bonds_sold: Array
    bonds_repaid: Array
    bond_interest: Array
    interest_capitalised: Array
    expenses: Array
    called: Array
    """Callable capital that members must pay."""
    capital_returned: Array


def borrow(
    *,
    cash: Array,
    wanted: Array,
    room: Array,
    bonds_due: Array,
    interest_due: Array,
    expenses: Array,
    payables: Array,
    target: Array,
    borrowings: Array,
    borrowing_limit: Array,
    callable_capital: Array,
) -> Borrowing:
    """Return what is paid out and borrowed, within the statutory limit, the limit on borrowings and the liquidity rule.

    Obligations come first. Where cash and new bonds do not meet them, callable capital is called; where that is used
    up, repayment of bonds waits, then expenses, then interest, which is owed on top: a bank in default. Former members
    are paid from what is left, then borrowers from what stands above the liquidity target.

    Parameters
    ----------
    cash
        Liquid assets after what came in this year.
    wanted
        Disbursements that are due.
    room
        Room under the statutory limit.
    bonds_due, interest_due, expenses, payables
        Obligations of the year.
    target
        Liquid assets that the liquidity rule asks for at the end of the year.
    borrowings, borrowing_limit
        At the start of the year, and the most there may be.
    callable_capital
        What members can still be called for.
    """
    obligations = bonds_due + interest_due + expenses
    can_borrow = np.maximum(borrowing_limit - (borrowings - bonds_due), 0.0)
    short = np.maximum(obligations - cash - can_borrow, 0.0)
    called = np.minimum(short, callable_capital)
    defaults = short > called
    cash = cash + called

    # In default nothing is rolled over: what cash and net borrowing allow goes to interest, expenses, bonds in turn.
    more = np.maximum(borrowing_limit - borrowings, 0.0)
    bond_interest = np.where(defaults, np.minimum(interest_due, cash + more), interest_due)
    spent = np.where(defaults, np.minimum(expenses, cash + more - bond_interest), expenses)
    left = np.maximum(cash - bond_interest - spent, 0.0)
    bonds_repaid = np.where(defaults, np.minimum(bonds_due, left), bonds_due)
    emergency = np.maximum(bond_interest + spent - cash, 0.0)

    after = cash - bonds_repaid - bond_interest - spent
    above = np.where(defaults, 0.0, after + can_borrow - target)
    returned = np.minimum(payables, np.maximum(above, 0.0))
    able = np.maximum(above - returned, 0.0)
    disbursed = np.maximum(np.minimum(wanted, np.minimum(room, able)), 0.0)
    sold = np.where(
        defaults,
        emergency,
        np.minimum(np.maximum(target + disbursed + returned - after, 0.0), can_borrow),
    )
    return Borrowing(
        disbursed=disbursed,
        bonds_sold=sold,
        bonds_repaid=bonds_repaid,
        bond_interest=bond_interest,
        interest_capitalised=np.maximum(interest_due - bond_interest, 0.0),
        expenses=spent,
        called=called,
        capital_returned=returned,
    )


def within(wanted: Array, bank: NDArray[np.integer], allowed: Array) -> Array:
    """Return payments of projects cut in proportion to what each bank can pay in all, ``(project,)``."""
    total = np.bincount(bank, weights=wanted, minlength=len(allowed)).astype(float)
    share = np.divide(allowed, total, out=np.ones_like(total), where=total > 0.0)
    paid: Array = wanted * np.minimum(share, 1.0)[bank]
    return paid


# ------------------------------------------------------------------------------------------------------------- capital


def paid_in_share(cumulative: Array, since: Array, year: int) -> Array:
    """Return the part of its paid-in capital that each member has paid by the end of a year, ``(country,)``.

    A member that joins later pays by the same instalments from then on.

    Parameters
    ----------
    cumulative
        Parts paid by the end of the first, second … year.
    since
        Year of each member's first instalment.
    """
    place = np.clip(year - since, -1, len(cumulative) - 1).astype(np.intp)
    share: Array = np.where(place < 0, 0.0, cumulative[np.maximum(place, 0)])
    return share


def headroom_years(headroom: Array, net_lending: Array, most: float) -> Array:
    """Return how long headroom lasts at a pace of lending, ``(bank,)``, years.

    Parameters
    ----------
    headroom
        Limit less loans, bn USD.
    net_lending
        Lending of a year less repayments, bn USD; where repayments are larger the limit is never reached.
    most
        Years beyond which nobody looks.
    """
    left = np.maximum(headroom, 0.0)
    lasting = np.divide(left, net_lending, out=np.full_like(left, most), where=net_lending > 0.0)
    years: Array = np.minimum(lasting, most)
    return years


@dataclass(frozen=True)
class Outlook:
    """What governors see, for one bank."""

    headroom_years: float
    """Years until a limit is reached as things go; infinite if it is not."""
    can_increase: bool
    """No earlier increase is still being subscribed."""
    can_raise_limit: bool
    can_admit: bool


def decide(outlook: Outlook, luck: Array, hazard: float, parameters: BankingParameters) -> int:
    """Return what the governors decide, the place in `DECISIONS`.

    Parameters
    ----------
    luck
        Two uniform numbers: whether, and what.
    hazard
        Probability of a decision in a year in which headroom is short.
    """
    if outlook.headroom_years >= parameters.governors_horizon or luck[0] >= hazard:
        return 0
    odds = np.array(
        [
            parameters.governors_increase_weight * outlook.can_increase,
            parameters.governors_limit_weight * outlook.can_raise_limit,
            parameters.governors_accession_weight * outlook.can_admit,
        ]
    )
    if odds.sum() <= 0.0:
        return 0
    return 1 + int(_place(luck[1:2], odds / odds.sum())[0])


# ---------------------------------------------------------------------------------------------------------------- debt


def distress_hazard(
    service: Array, exports: Array, debt: Array, income: Array, parameters: BankingParameters
) -> Array:
    """Return the yearly probability that a country falls into debt distress, ``(country,)``.

    ``h · (service / exports / 0.15)^β_s · (debt / income / 0.5)^β_d``, at most one.
    """
    service_ratio = service / np.maximum(exports, 1e-9) / MEAN_SERVICE
    debt_ratio = debt / np.maximum(income, 1e-9) / MEAN_DEBT
    hazard: Array = np.minimum(
        parameters.distress_hazard
        * service_ratio**parameters.distress_service_elasticity
        * debt_ratio**parameters.distress_debt_elasticity,
        1.0,
    )
    return hazard


def infrastructure_growth_by_sector(per_head: Array, capital: Array, added: Array) -> Array:
    """Return growth of infrastructure a head by sector, ``(country, sector)``, log points.

    Sectors start alike and grow alike but for what development finance added last year, which went to some of them.

    Parameters
    ----------
    per_head
        Growth of all infrastructure a head, ``(country,)``.
    capital
        Infrastructure capital at the end of last year, `added` included, ``(country,)``.
    added
        What development finance added, ``(country, sector)``.
    """
    sectors = added.shape[1]
    more = (sectors * added - added.sum(axis=1, keepdims=True)) / capital[:, None]
    growth: Array = per_head[:, None] + np.log1p(more)
    return growth


def _place(uniform: Array, shares: Array) -> Indices:
    """Return the places that uniform numbers fall on when shares are laid end to end."""
    ends = np.cumsum(shares)
    return np.minimum(
        np.searchsorted(ends / ends[-1], uniform, side="right"), len(shares) - 1
    ).astype(np.intp)


def _inside(uniform: Array) -> Array:
    """Keep a uniform number off the ends, where the normal quantile is infinite."""
    return np.clip(uniform, 1e-12, 1.0 - 1e-12)
