"""A year's luck, keyed by what it is for: no lever shifts another's draw, and none is made that nobody asks for.

What goes by entity is a hash of the year's key and the entity's number (SplitMix64; Steele, Lea & Flood 2014, OOPSLA),
so that the luck of a few is had at the price of a few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sscsim.flows.knowledge.parameters import LARGEST_COUNT, REGIONAL_SLOTS
from sscsim.types import Array, Index

__all__ = [
    "CodeLuck",
    "Draws",
    "PairLuck",
    "ThirdLuck",
    "code_luck",
    "draw_lives",
    "draw_of",
    "draw_year",
    "gumbel_in_place",
    "gumbel_of",
    "identity_luck",
    "noise_of",
    "uniform_of",
]

Array32 = NDArray[np.float32]
Whole = NDArray[np.uint64]


@dataclass(frozen=True)
class CodeLuck:
    """Uniforms in [0, 1) that go by a code and a place: one more code leaves those of the others alone.

    Attributes
    ----------
    key
        The year's.
    starts
        ``(code,)``, where the sequence of each code begins.
    shape
        Lengths of the axes of a place.
    """

    key: int
    starts: Whole
    shape: tuple[int, ...]

    @classmethod
    def of(cls, key: int, codes: Sequence[str], *shape: int) -> CodeLuck:
        """Return the luck of some codes, with places of a shape."""
        return cls(key, _code_starts(tuple(codes)), shape)

    @property
    def start(self) -> int:
        """Where the sequence begins."""
        return _start(self.key)

    def at(self, code: Index, *place: Index | int) -> Array:
        """Return uniforms of some codes at some places, ``(line,)``, or as they are broadcast together."""
        number: Any = 0
        for size, at in zip(self.shape, place, strict=True):
            number = number * size + at
        return _uniform(_mixed(self.key, self.starts.take(code) + number.view(np.uint64)))


@dataclass(frozen=True)
class Draws:
    """A year's luck, in shapes that entities alone decide; receivers are the rows of a fixed list.

    Attributes
    ----------
    count
        ``(receiver, domain)``, uniforms for the number of requests.
    pairs
        Key of the hash that gives each (receiver, domain, provider) its luck, see `PairLuck`.
    third
        The same for (receiver, domain, partner), see `ThirdLuck`.
    regional
        ``(body, domain)``, uniforms for the number of regional projects.
    regional_life
        By body and place ``(4, domain, slot)``, as of `draw_lives`.
    joining, leading
        By body and place ``(domain, country)``, uniforms for taking part and for leading.
    funded
        ``(country,)``, uniforms for what grants of trust funds are for.
    """

    count: Array
    pairs: int
    third: int
    regional: Array
    regional_life: CodeLuck
    joining: CodeLuck
    leading: CodeLuck
    funded: Array


def draw_year(
    uniform: Callable[[str, tuple[int, ...]], Array],
    receivers: int,
    domains: int,
    countries: int,
    bodies: Sequence[str],
) -> Draws:
    """Return a year's luck.

    Parameters
    ----------
    uniform
        Returns uniforms of a shape from the stream of a name.
    bodies
        Codes of regional bodies, which their luck goes by.
    """

    def key(name: str) -> int:
        return int(uniform(name, (1,))[0] * 2**53)

    return Draws(
        count=uniform("requests", (receivers, domains)),
        pairs=key("pairs"),
        third=key("third party"),
        regional=code_luck(key("regional"), bodies, domains),
        regional_life=CodeLuck.of(key("regional projects"), bodies, 4, domains, REGIONAL_SLOTS),
        joining=CodeLuck.of(key("joining"), bodies, domains, countries),
        leading=CodeLuck.of(key("leading"), bodies, domains, countries),
        funded=uniform("funded", (countries,)),
    )


def draw_lives(
    uniform: Callable[[str, tuple[int, ...]], Array], receivers: int, domains: int
) -> Array:
    """Return a year's luck of what requests become, ``(4, receiver, domain, slot)``.

    Uniforms for duration, cost, success and writing up: by far the most that a year draws, and for nobody where no
    request is met.

    Parameters
    ----------
    uniform
        As for `draw_year`.
    """
    return uniform("projects", (4, receivers, domains, LARGEST_COUNT))


def code_luck(key: int, names: Sequence[str], size: int) -> Array:
    """Return uniforms in [0, 1) that go by code, ``(name, size)``: one more name leaves those of the others alone."""
    start = _code_starts(tuple(names))
    return _uniform(_mixed(key, start[:, None] + np.arange(size, dtype=np.uint64)[None, :]))


@dataclass(frozen=True)
class ThirdLuck:
    """Gumbel noise of third parties by receiver, domain and the partner's code.

    Attributes
    ----------
    key
        The year's.
    codes
        ``(partner,)``, a number for each code.
    domains
        How many domains there are.
    """

    key: int
    codes: Whole
    domains: int

    @classmethod
    def of(cls, key: int, names: Sequence[str], domains: int) -> ThirdLuck:
        """Return the luck of partners with these codes."""
        return cls(key, _codes(tuple(names)), domains)

    def at(self, receiver: Index, domain: Index, partner: Index) -> Array32:
        """Return the noise of some partners for some requests, ``(line,)``."""
        return noise_of(self._bits(receiver, domain, partner))

    def above(
        self, receiver: Index, domain: Index, partner: Index, least: Array
    ) -> tuple[Index, Index, Array32]:
        """Return where noise is above what is the least that can matter, and perhaps where it is a little below.

        Parameters
        ----------
        receiver, domain
            ``(request,)``.
        partner, least
            ``(candidate,)``.

        Returns
        -------
        request, place, noise
            ``(line,)``, request after request; place among the candidates.
        """
        mixed = self._bits(receiver[:, None], domain[:, None], partner[None, :])
        line = np.flatnonzero(mixed >= self.least_bits(least))
        request = line // max(len(partner), 1)
        return request, line - request * len(partner), noise_of(mixed.reshape(-1).take(line))

    @staticmethod
    def least_bits(least: Array) -> Whole:
        """Return the bits from which on noise may be above what is the least that can matter."""
        # Noise rises with its bits, so that most need no logarithm; the margin is above what single precision blurs.
        share = np.exp(-np.exp(np.minimum(1e-3 - least, 700.0)))
        return np.floor(share * (1.0 - 1e-6) * 2.0**24).astype(np.uint64)

    @property
    def start(self) -> int:
        """Where the sequence begins."""
        return _start(self.key)

    def _bits(self, receiver: Index, domain: Index, partner: Index) -> Whole:
        cell = (receiver * self.domains + domain).view(np.uint64) << np.uint64(32)
        mixed = _mixed(self.key, cell + self.codes.take(partner))
        mixed >>= np.uint64(40)
        return mixed


def identity_luck(key: int, identity: Array) -> Array:
    """Return uniforms in [0, 1) that go by real numbers of which no two things have the same."""
    return _uniform(_mixed(key, identity.view(np.uint64)))


@dataclass(frozen=True)
class PairLuck:
    """Luck of cells of receiver and domain with providers, half of 48 bits for being seen and half for Gumbel noise.

    It is the element of a sequence whose number is that of the triple of receiver, domain and provider: the same luck
    for the same three whoever else asks or offers, at the price of those alone who do.

    Attributes
    ----------
    starts
        ``(cell,)``, where in the sequence the providers of a cell begin.
    steps
        ``(offer,)``, how far on in it each is.
    """

    starts: Whole
    steps: Whole

    @classmethod
    def of(cls, key: int, first: Index, provider: Index) -> PairLuck:
        """Return the luck of a year.

        Parameters
        ----------
        key
            The year's.
        first
            ``(cell,)``, number of the first triple of each: receivers one after the other, the domains of each, the
            providers of each of these.
        provider
            ``(offer,)``, numbers of the providers.
        """
        return cls(_started(key, first.view(np.uint64)), provider.view(np.uint64) * _STEP)

    def bits(self, cells: slice, count: Index, offer: Index) -> Whole:
        """Return the bits of each of some cells with as many offers as are counted, ``(line,)``."""
        number = np.repeat(self.starts[cells], count)
        number += self.steps.take(offer)
        return _stirred(number)


def draw_of(bits: Whole) -> Array32:
    """Return what luck of pairs draws for being seen: whole numbers from 0 to below 2²⁴ (`uniform_of`)."""
    return _single(bits >> np.uint64(40))


def uniform_of(draw: Array32) -> Array32:
    """Return the uniforms that `draw_of` stands for, above 0."""
    return np.asarray((draw + np.float32(0.5)) * np.float32(2.0**-24))


def gumbel_of(bits: Whole) -> Array32:
    """Return Gumbel noise from bits of pairs that being seen has left."""
    return noise_of((bits >> np.uint64(8)) & np.uint64(0xFFFFFF))


_STEP = np.uint64(0x9E3779B97F4A7C15)


def _mixed(key: int, number: Whole) -> Whole:
    """Return elements of the SplitMix64 sequence by their number."""
    return _stirred(_started(key, number))


def _started(key: int, number: Whole) -> Whole:
    """Return where elements of the sequence begin; further on by a number is further on by its steps."""
    # The increment of one, and the key, in one addition: arithmetic of arrays is modulo 2⁶⁴.
    result = number * _STEP
    result += np.uint64(_start(key))
    return result


def _start(key: int) -> int:
    return (key + int(_STEP)) % 2**64


def _stirred(number: Whole) -> Whole:
    """Return elements of the sequence from where they begin, in place."""
    spare = np.empty_like(number)
    number ^= np.right_shift(number, np.uint64(30), out=spare)
    number *= np.uint64(0xBF58476D1CE4E5B9)
    number ^= np.right_shift(number, np.uint64(27), out=spare)
    number *= np.uint64(0x94D049BB133111EB)
    number ^= np.right_shift(number, np.uint64(31), out=spare)
    return number


@lru_cache(maxsize=64)
def _codes(names: tuple[str, ...]) -> Whole:
    """Return a number that stands for each code, whatever other codes there are; kept, so it is not written into."""
    numbers = np.array([crc32(name.encode()) for name in names], dtype=np.uint64)
    numbers.flags.writeable = False
    return numbers


@lru_cache(maxsize=64)
def _code_starts(names: tuple[str, ...]) -> Whole:
    """Return where the sequence of each code begins; kept, so it is not written into."""
    starts = _codes(names) << np.uint64(32)
    starts.flags.writeable = False
    return starts


def _uniform(mixed: Whole) -> Array:
    return np.asarray((mixed >> np.uint64(11)).view(np.int64).astype(np.float64) * 2.0**-53)


def _single(bits: Whole) -> Array32:
    """Return whole numbers below 2⁵³ in single precision; as signed ones they convert ten times faster."""
    return bits.view(np.int64).astype(np.float32)


def noise_of(bits: Whole) -> Array32:
    """Return Gumbel noise of 24 random bits each, what single precision holds."""
    return gumbel_in_place(_single(bits))


def gumbel_in_place(result: Array32) -> Array32:
    """Make Gumbel noise of whole numbers from 0 to below 2²⁴, and return it."""
    # A half is added so that neither end is met.
    result += np.float32(0.5)
    result *= np.float32(2.0**-24)
    np.minimum(result, np.float32(1.0 - 2.0**-24), out=result)
    np.log(result, out=result)
    np.negative(result, out=result)
    np.log(result, out=result)
    np.negative(result, out=result)
    return result
