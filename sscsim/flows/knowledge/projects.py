"""Cooperation projects as rows of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sscsim.compiled import compiled_loops
from sscsim.flows.knowledge.lines import LOOPS, places_in
from sscsim.flows.knowledge.parameters import LONGEST_PROJECT
from sscsim.types import Array, Index, Mask

__all__ = [
    "MODALITIES",
    "Projects",
    "Taught",
    "UnderWay",
]

Array32 = NDArray[np.float32]

MODALITIES = ("bilateral", "triangular", "regional", "reverse linkage")

BILATERAL, TRIANGULAR, REGIONAL, REVERSE_LINKAGE = range(4)

RUNNING, FAILED, SUCCEEDED = -1, 0, 1
"""Outcomes of a project; it has exactly one."""


_SAVED_BY_TAKERS = 4e-5
_SAVED_BY_TALLY = 8e-5
"""Seconds that compiled loops save (see `sscsim.compiled`)."""


_WHOLE = (
    "provider",
    "receiver",
    "partner",
    "body",
    "domain",
    "modality",
    "start",
    "end",
    "helper",
    "suspended",
    "rested",
)


@dataclass(frozen=True)
class Taught:
    """Projects as far as is read of those that teach: a year's successes are picked out of several years' projects.

    Attributes
    ----------
    provider, receiver
        Positions of countries; the receiver of a regional project is -1, its members stand in `packed`.
    domain
        Position among `DOMAINS`.
    start, end
        First and last calendar year; every year of suspension moves the last one on.
    suspended
        Years in which it was suspended.
    writing
        The uniform held against writing up.
    packed
        ``(project, bytes)``, who takes part in a regional project, a bit a country; empty for the others.
    countries
        How many countries there are.
    """

    provider: Index
    receiver: Index
    domain: Index
    start: Index
    end: Index
    suspended: Index
    writing: Array
    packed: NDArray[np.uint8]
    countries: int

    def __len__(self) -> int:
        return len(self.provider)

    @classmethod
    def empty(cls, countries: int) -> Self:
        """Return no projects at all."""
        whole, real = np.zeros(0, dtype=np.intp), np.zeros(0)
        columns: dict[str, Any] = {
            name: whole if name in _WHOLE else real for name in _columns(cls)
        }
        columns["packed"] = np.zeros((0, -(-countries // 8)), dtype=np.uint8)
        return cls(**columns, countries=countries)

    @classmethod
    def chosen(cls, parts: Sequence[tuple[Taught, Index]]) -> Self:
        """Return some rows of each of some projects, one after the other, with the columns that this kind has."""
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(one, name).take(rows, axis=0) for one, rows in parts])
            for name in _columns(cls)
        }
        return cls(**columns, countries=parts[0][0].countries)

    def takers(self) -> tuple[Index, Index]:
        """Return project and country of everybody who learns, a line each."""
        return self._takers

    @cached_property
    def _takers(self) -> tuple[Index, Index]:
        if not len(self):
            return self.receiver, self.receiver
        loops = compiled_loops(LOOPS, _SAVED_BY_TAKERS)
        if loops is not None:
            found: tuple[Index, Index] = loops.takers(self.rows(), self.packed.shape[1])
            return found
        pairs = (self.receiver >= 0).nonzero()[0]
        regional = (self.receiver < 0).nonzero()[0]
        row, country = self.members
        project = regional.take(row)
        taking = (country != self.provider.take(project)).nonzero()[0]
        return (
            np.concatenate([pairs, project.take(taking)]),
            np.concatenate([self.receiver.take(pairs), country.take(taking)]),
        )

    def rows(self) -> tuple[Index, Index, NDArray[np.uint8]]:
        """Return provider, receiver and who takes part as the compiled loops take them."""
        return self.provider, self.receiver, self.packed.reshape(-1)

    @cached_property
    def members(self) -> tuple[Index, Index]:
        """Number, among the regional ones of these, and country of everybody who takes part in them, a line each."""
        return places_in(self.regional_members())

    def regional_members(self) -> Mask:
        """Return who takes part in the regional projects among these, ``(regional project, country)``."""
        packed = self.packed.take((self.receiver < 0).nonzero()[0], axis=0)
        return np.unpackbits(packed, axis=1, count=self.countries).view(np.bool_)


def _columns(kind: type[Taught]) -> list[str]:
    """Return the names of a kind's columns."""
    return [name for name in kind.__dataclass_fields__ if name != "countries"]


@dataclass(frozen=True)
class Projects(Taught):
    """Projects as rows of arrays, beyond what `Taught` says of them.

    Attributes
    ----------
    partner, body
        Positions, -1 for none.
    modality
        Position among `MODALITIES`.
    cost, third_cost, fund_money
        Millions of current US dollars: of the project whole, what partner or body pays of it, and a trust fund.
    quality, chance, luck
        Fit of the match, probability of success, and the uniform held against success.
    helper
        Position of the country that is the third party, -1 for none.
    offered
        Factor of cooperation of the provider when it began, over plan.
    rested
        The last year in which it was suspended, -1 for none.
    """

    partner: Index
    body: Index
    modality: Index
    cost: Array
    third_cost: Array
    fund_money: Array
    quality: Array
    chance: Array
    luck: Array
    helper: Index
    offered: Array
    rested: Index

    def take(self, rows: Index | Mask) -> Self:
        """Return some rows."""
        rows = rows.nonzero()[0] if rows.dtype == np.bool_ else rows
        columns: dict[str, Any] = {
            name: getattr(self, name).take(rows, axis=0) for name in _columns(type(self))
        }
        return type(self)(**columns, countries=self.countries)

    def join(self, *others: Self) -> Self:
        """Return these and the others, one after the other."""
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), *(getattr(o, name) for o in others)])
            for name in _columns(type(self))
        }
        return type(self)(**columns, countries=self.countries)

    def parties(self) -> tuple[Index, Index]:
        """Return project and country of everybody who takes part in whatever role, a line each."""
        lines = np.arange(len(self))
        project, country = self.takers()
        helped = self.helper >= 0
        return (
            np.concatenate([lines, lines[helped], project]),
            np.concatenate([self.provider, self.helper[helped], country]),
        )

    @cached_property
    def last(self) -> int:
        """Last year in which one of them is under way; 0 for none at all."""
        return int(self.end.max(initial=0))

    @cached_property
    def good(self) -> Mask:
        """``(project,)``, which reach their aim when they close."""
        return self.luck < self.chance

    def resting(self, rows: Index, year: int) -> Self:
        """Return the same with some suspended in a year: they go on a year later, and last a year longer."""
        end, suspended, rested = self.end.copy(), self.suspended.copy(), self.rested.copy()
        end[rows] += 1
        suspended[rows] += 1
        rested[rows] = year
        return replace(self, end=end, suspended=suspended, rested=rested)

    def with_party(self, member: Mask) -> Mask:
        """Return which projects have a country of a group among their parties, ``(project,)``."""
        project, country = self.parties()
        return np.bincount(project[member[country]], minlength=len(self)) > 0


@dataclass(frozen=True)
class UnderWay:
    """Projects under way in a year, counted by what they are to countries and by the years that are left to them.

    Counts come and go with a year's beginnings and endings, so that no year looks at the projects of years before.
    Those that are suspended keep their years, and count among none of the year's.

    Attributes
    ----------
    providing
        ``(years left, country, modality)``, those that it provides.
    receiving
        The same, those that it learns in.
    lasting
        ``(years left, country, domain)``, those that it learns in and that will reach their aim.
    joining
        The same, those to which it is party in whatever role.
    still
        The four summed over years left, of those that are suspended in the year; None where none is.
    """

    providing: Index
    receiving: Index
    lasting: Index
    joining: Index
    still: tuple[Index, Index, Index, Index] | None = None

    @classmethod
    def none(cls, countries: int, domains: int) -> Self:
        """Return no projects at all."""
        flat = (LONGEST_PROJECT, countries, len(MODALITIES))
        deep = (LONGEST_PROJECT, countries, domains)
        one, two, three, four = (
            np.zeros(shape, dtype=np.intp) for shape in (flat, flat, deep, deep)
        )
        return cls(one, two, three, four)

    def after(self, begun: Projects, year: int) -> Self:
        """Return those of the next year, in which some more begin."""
        nothing = self.none(*self.lasting.shape[1:])
        counts = self._counts(begun, begun.end - year) if len(begun) else nothing._parts
        for count, before in zip(counts, self._parts, strict=True):
            count[:-1] += before[1:]
        providing, receiving, lasting, joining = counts
        return type(self)(providing, receiving, lasting, joining)

    def suspending(self, resting: Projects, year: int) -> Self:
        """Return the same where some projects are suspended in the year, and keep the years left to them.

        Parameters
        ----------
        resting
            Those, with the last years that they have now.
        year
            The year.
        """
        left = resting.end - year
        providing, receiving, running, joining = (
            now - gone + kept
            for now, gone, kept in zip(
                self._parts,
                self._counts(resting, left - 1),
                self._counts(resting, left),
                strict=True,
            )
        )
        provided, received, reaching, parties = (
            count.sum(axis=0) for count in self._counts(resting, left)
        )
        return type(self)(
            providing, receiving, running, joining, (provided, received, reaching, parties)
        )

    @property
    def _parts(self) -> tuple[Index, Index, Index, Index]:
        return self.providing, self.receiving, self.lasting, self.joining

    def _counts(self, projects: Projects, left: Index) -> tuple[Index, Index, Index, Index]:
        """Return the four counts of some projects with years left to them."""
        countries, domains = self.lasting.shape[1:]
        kinds = len(MODALITIES)
        project, taker = projects.takers()
        loops = compiled_loops(LOOPS, _SAVED_BY_TALLY)
        if loops is not None:
            p = projects
            columns = left, p.provider, p.helper, p.modality, p.domain, p.good
            sizes = (len(self.lasting), countries, kinds, domains)
            tallied = loops.tallied(columns, (project, taker), *sizes)
            like = (self.providing, self.receiving, self.lasting, self.joining)
            one, two, three, four = (c.reshape(x.shape) for c, x in zip(tallied, like, strict=True))
            return one, two, three, four
        place = left * countries
        lasting = projects.good.take(project).nonzero()[0]
        with_party, party = projects.parties()

        def counted(like: Index, at: Index) -> Index:
            return np.bincount(at, minlength=like.size).reshape(like.shape)

        learning = place.take(project) + taker
        return (
            counted(self.providing, (place + projects.provider) * kinds + projects.modality),
            counted(self.receiving, learning * kinds + projects.modality.take(project)),
            counted(
                self.lasting,
                (learning * domains + projects.domain.take(project)).take(lasting),
            ),
            counted(
                self.joining,
                (place.take(with_party) + party) * domains + projects.domain.take(with_party),
            ),
        )

    def _running(self, part: int) -> Index:
        """Return one of the four summed over years left, without those that are suspended."""
        count = self._parts[part].sum(axis=0)
        return np.asarray(count if self.still is None else count - self.still[part])

    @property
    def provided(self) -> Index:
        """``(country, modality)``, projects that each provides and that run."""
        return self._running(0)

    @property
    def going_on(self) -> Index:
        """``(country,)``, those that it provides and that go on next year, suspended ones among them."""
        return np.asarray(self.providing[1:].sum(axis=(0, 2)))

    @property
    def received(self) -> Index:
        """``(country, modality)``, projects that each learns in."""
        return self._running(1)

    @property
    def reaching(self) -> Index:
        """``(country, domain)``, those of them that will reach their aim."""
        return self._running(2)

    @property
    def parties(self) -> Index:
        """``(country, domain)``, projects to which each is party."""
        return self._running(3)
