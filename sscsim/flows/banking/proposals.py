"""What members propose, how a bank ranks it, and what it approves within its envelope and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np

from sscsim.flows.banking.parameters import BankingParameters
from sscsim.means import part
from sscsim.special import ndtri
from sscsim.types import Array, Index, Mask

__all__ = [
    "DRAWS",
    "SLOTS",
    "Mandates",
    "Proposals",
    "Slate",
    "Standing",
    "Weights",
    "approve",
    "approve_side_by_side",
    "demand",
    "draw_proposals",
    "place_on",
    "score",
]


SLOTS = 24
"""Most proposals that one member can prepare for one bank in a year: draws have this shape whatever the parameters."""

DRAWS = ("arrival", "size", "sector", "renewable", "window", "cofinance", "noise", "cancel", "fail")
"""What luck a proposal carries: one uniform number each."""


@dataclass(frozen=True)
class Slate:
    """Who may ever bring proposals to which bank: a row for each pair, banks one after the other.

    Attributes
    ----------
    bank, country
        ``(row,)``.
    mandate
        Logarithm of the bank's readiness to lend there, ``(row,)``.
    """

    bank: Index
    country: Index
    mandate: Array

    def __len__(self) -> int:
        return len(self.bank)

    @cached_property
    def starts(self) -> list[int]:
        """Where the rows of each bank begin, and at last where they end."""
        banks = np.arange(int(self.bank.max(initial=-1)) + 2)
        starts: list[int] = np.searchsorted(self.bank, banks).tolist()
        return starts

    def rows(self, bank: int) -> slice:
        """Return the rows of one bank."""
        starts = self.starts
        return slice(*starts[bank : bank + 2]) if bank + 1 < len(starts) else slice(len(self), None)


@dataclass(frozen=True)
class Mandates:
    """What each bank's members propose for, as its file says.

    Attributes
    ----------
    sectors, windows
        Ends of the parts of sectors and of windows laid end to end, the last one and all that a bank has no part for
        infinite, ``(bank, sector)`` and ``(bank, window)``.
    renewable
        Part of energy proposals that is renewable, ``(bank,)``.
    """

    sectors: Array
    windows: Array
    renewable: Array

    @classmethod
    def of(
        cls, sectors: Sequence[Array], windows: Sequence[Array], renewable: Sequence[float]
    ) -> Self:
        """Return the mandates of banks from the parts of each."""
        return cls(_ends(sectors), _ends(windows), np.array(renewable, dtype=np.float64))


@dataclass(frozen=True)
class Standing:
    """How members stand in a year, when they bring proposals.

    Attributes
    ----------
    wanted
        Value of proposals, bn USD, zero for those that may bring none this year, ``(row,)``.
    gdp
        A project's size rises with the borrower's, ``(country,)``.
    need
        ``(country,)``.
    ldc, lldc, sids
        ``(country,)``.
    exposure
        What a country owes and is promised over its limit, ``(row,)``.
    mean_size
        Mean size of a bank's projects, bn USD, ``(bank,)``.
    cofinanced
        Part of its projects that others finance as well, ``(bank,)``.
    """

    wanted: Array
    gdp: Array
    need: Array
    ldc: Mask
    lldc: Mask
    sids: Mask
    exposure: Array
    mean_size: Array
    cofinanced: Array


@dataclass(frozen=True)
class Proposals:
    """Proposals of a year, ``(proposal,)`` each, by bank, borrower and slot."""

    bank: Index
    receiver: Index
    amount: Array
    sector: Index
    renewable: Mask
    window: Index
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

    def rows(self, bank: int) -> slice:
        """Return the rows of one bank's proposals."""
        return _rows_of(self.bank, bank)

    def take(self, rows: slice | Index) -> Proposals:
        """Return some of the proposals."""
        return Proposals(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


@dataclass(frozen=True)
class Weights:
    """What a bank's score is made of; numbers, or an array of one for each bank or proposal."""

    need: float | Array
    mandate: float | Array
    renewable: float | Array
    ldc: float | Array
    lldc: float | Array
    sids: float | Array
    exposure: float | Array
    noise: float | Array

    @cached_property
    def held(self) -> Array:
        """All of them where they are ``(bank,)``, ``(weight, bank)``."""
        return np.array([getattr(self, name) for name in self.__dataclass_fields__])

    def of(self, bank: Index) -> Weights:
        """Return the weights of each proposal's bank, where these are ``(bank,)``."""
        return Weights(*self.held.take(bank, axis=1))


def demand(
    gdp_current: Array,
    income: Array,
    readiness: Array,
    distress: Array,
    parameters: BankingParameters,
) -> Array:
    """Return the value of proposals that each country brings to one bank in a year, ``(country,)``.

    ``δ · GDP · (GDP / mean GDP)^(−γ_z) · income^(−γ_n) · readiness^γ_r``, less in debt distress: large economies
    borrow elsewhere.

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
        * (gdp_current / gdp_current.mean()) ** -parameters.proposal_size_elasticity
        * income**-parameters.proposal_need_elasticity
        * readiness**parameters.proposal_readiness_elasticity
        * (1.0 - parameters.distress_readiness * distress)
    )
    return wanted


def draw_proposals(
    luck: Array,
    slate: Slate,
    mandates: Mandates,
    standing: Standing,
    parameters: BankingParameters,
) -> Proposals:
    """Return the proposals of a year from luck of fixed shape.

    A slot of a member holds a proposal where its uniform number is below the member's expected count over the number of
    slots. More demand fills more slots and leaves the others as they are, so that a lever never changes another
    proposal's luck.

    Parameters
    ----------
    luck
        Uniform, ``(draw, row, slot)``, draws as in `DRAWS`.
    """
    size = _project_sizes(slate, standing, parameters)
    chance = np.minimum(standing.wanted / size / SLOTS, 1.0)
    found = (luck[0] < chance[:, None]).reshape(-1).nonzero()[0]
    row = found // luck.shape[2]
    drawn = luck.reshape(len(DRAWS), -1).take(found, axis=1)
    by_name = dict(zip(DRAWS, drawn, strict=True))
    normal = ndtri(_inside(drawn[[DRAWS.index("size"), DRAWS.index("noise")]]))
    bank, country = slate.bank.take(row), slate.country.take(row)
    spread = parameters.project_size_spread
    sector = _place(by_name["sector"], mandates.sectors, bank)
    return Proposals(
        bank=bank,
        receiver=country,
        amount=size.take(row) * np.exp(spread * normal[0] - 0.5 * spread**2),
        sector=sector,
        renewable=(sector == 0) & (by_name["renewable"] < mandates.renewable.take(bank)),
        window=_place(by_name["window"], mandates.windows, bank),
        cofinanced=by_name["cofinance"] < standing.cofinanced.take(bank),
        noise=normal[1],
        cancel=by_name["cancel"],
        fail=by_name["fail"],
        need=standing.need.take(country),
        mandate=slate.mandate.take(row),
        ldc=standing.ldc.take(country),
        lldc=standing.lldc.take(country),
        sids=standing.sids.take(country),
        exposure=standing.exposure.take(row),
    )


def _project_sizes(slate: Slate, standing: Standing, parameters: BankingParameters) -> Array:
    """Return the expected size of each member's projects, ``(row,)``: proposals of a bank have its mean size."""
    banks, bank, wanted = len(standing.mean_size), slate.bank, standing.wanted
    relative = (standing.gdp**parameters.project_size_elasticity)[slate.country]
    total = np.bincount(bank, weights=wanted, minlength=banks).astype(np.float64)
    count = np.bincount(bank, weights=wanted / relative, minlength=banks)
    scale = part(standing.mean_size * count, total)
    return np.where(total[bank] > 0.0, relative * scale[bank], standing.mean_size[bank])


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


def approve(standing: Array, amount: Array, receiver: Index, limit: float, room: Array) -> Mask:
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
    promised = np.bincount(places[:count], weights=sizes[:count], minlength=len(room))
    if np.any(promised > room):
        count, promised = 0, np.zeros_like(room)
    taken[order[:count]] = True
    left = limit - float(total[count - 1]) if count else limit
    free = room - promised
    rest = count + ((sizes[count:] <= left) & (sizes[count:] <= free[places[count:]])).nonzero()[0]
    if rest.size:
        further = _one_by_one(sizes[rest], places[rest], left, free)
        taken[order[rest[further]]] = True
    return taken


def approve_side_by_side(
    standing: Array, bank: Index, amount: Array, receiver: Index, limit: Array, room: Array
) -> Mask:
    """Return which proposals several banks approve, each as `approve` says.

    Parameters
    ----------
    standing, bank, amount, receiver
        ``(proposal,)``.
    limit
        Envelopes, ``(bank,)``, bn USD.
    room
        ``(bank, country)``.
    """
    taken = np.zeros(len(amount), dtype=np.bool_)
    if not len(amount):
        return taken
    banks, countries = room.shape
    order = np.lexsort((-standing, bank))
    sizes, lender = amount[order], bank[order]
    places = lender * countries + receiver[order]
    # As in `approve`; a bank's sums begin where the sums of those before it end.
    total = np.cumsum(sizes)
    count = np.bincount(lender, minlength=banks)
    ends = np.cumsum(count)
    first = ends - count
    before = np.where(first > 0, total[first - 1], 0.0)
    fits = total - before[lender] <= limit[lender]
    promised = np.bincount(places[fits], sizes[fits], room.size).reshape(room.shape)
    beyond = (promised > room).any(axis=1)
    if beyond.any():
        fits &= ~np.asarray(beyond)[lender]
        promised[beyond] = 0.0
    taken[order[fits]] = True
    left = limit - promised.sum(axis=1)
    free = room - promised
    further = (sizes <= left[lender]) & (sizes <= free.reshape(-1)[places])
    lends: Mask = limit > 0.0
    rest = (further & ~fits & lends[lender]).nonzero()[0]
    parts = np.searchsorted(rest, ends).tolist()
    for i, (start, stop) in enumerate(pairwise([0, *parts])):
        rows = rest[start:stop]
        if rows.size:
            chosen = _one_by_one(sizes[rows], places[rows] - i * countries, left[i], free[i])
            taken[order[rows[chosen]]] = True
    return taken


def _one_by_one(sizes: Array, places: Index, left: float, free: Array) -> list[int]:
    """Return which of these, in their order, fit into what the ones before leave."""
    smallest_yet_to_come = np.minimum.accumulate(sizes[::-1])[::-1].tolist()
    # Plain numbers: a loop over an array's elements takes several times as long.
    rooms = free.tolist()
    taken = []
    for i, (size, country) in enumerate(zip(sizes.tolist(), places.tolist(), strict=True)):
        if smallest_yet_to_come[i] > left:
            break
        if size <= left and size <= rooms[country]:
            taken.append(i)
            left -= size
            rooms[country] -= size
    return taken


def place_on(uniform: Array, shares: Array) -> Index:
    """Return the places that uniform numbers fall on when shares are laid end to end."""
    ends = np.cumsum(shares)
    return np.minimum(
        np.searchsorted(ends / ends[-1], uniform, side="right"), len(shares) - 1
    ).astype(np.intp)


def _place(uniform: Array, ends: Array, bank: Index) -> Index:
    """Return the place that each uniform number falls on among the ends of its bank, ``(bank, place)``."""
    places: Index = (uniform >= ends.T.take(bank, axis=1)).sum(axis=0)
    return places


def _ends(parts: Sequence[Array]) -> Array:
    """Return ends of parts laid end to end, ``(bank, part)``; nothing falls beyond the last."""
    ends = np.full((len(parts), max((len(p) for p in parts), default=0)), np.inf)
    for i, shares in enumerate(parts):
        total = np.cumsum(shares)
        ends[i, : len(shares) - 1] = total[:-1] / total[-1]
    return ends


def _rows_of(banks: Index, bank: int) -> slice:
    start, stop = np.searchsorted(banks, (bank, bank + 1))
    return slice(int(start), int(stop))


def _inside(uniform: Array) -> Array:
    """Keep a uniform number off the ends, where the normal quantile is infinite."""
    return np.minimum(np.maximum(uniform, 1e-12), 1.0 - 1e-12)
