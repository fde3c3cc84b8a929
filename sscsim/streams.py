"""Random numbers by purpose: one stream for each (seed, process, year).

A process draws an array of fixed shape, indexed by entity, in one call. What one process draws never shifts what
another draws, and no draw depends on a parameter, so two scenarios with one seed are a fair pair: the same country
meets the same luck in both, and the difference between them is the policy.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike, NDArray

from sscsim.names import FIRST_YEAR, LAST_YEAR

__all__ = ["Streams"]

Drawn = TypeVar("Drawn")

MOST_KEPT = 10_000
"""Numbers of one process that are remembered: more take as long to fetch from memory as to draw."""


@dataclass(frozen=True)
class Streams:
    """All the randomness of a run.

    Parameters
    ----------
    seed
        The master seed, a non-negative integer.
    """

    seed: int
    _kept: dict[Hashable, Any] | None = field(default=None, repr=False, compare=False)
    """What was drawn, where several go on from one beginning: nothing that they do changes their luck."""

    def keeping(self) -> Streams:
        """Return the same streams, which remember what is drawn for others that will ask for the same."""
        return self if self._kept is not None else replace(self, _kept={})

    def once(self, what: Hashable, year: int, draw: Callable[[Streams], Drawn]) -> Drawn:
        """Return what is drawn from these streams in a year, from memory where it was drawn before.

        Parameters
        ----------
        what
            Names what is drawn, with all besides the year that it depends on.
        year
            The year.
        draw
            Draws it, as arrays or a data class of them, which are sealed where they are remembered: nobody writes into
            another's luck.
        """
        if self._kept is None:
            return draw(self)
        key = what, year
        if key not in self._kept:
            # What it asks for by itself is not kept once more.
            self._kept[key] = _sealed(draw(Streams(self.seed)))
        found: Drawn = self._kept[key]
        return found

    def generator(self, process: str, year: int) -> np.random.Generator:
        """Return the generator of one process in one year, always the same for the same three keys.

        The process enters by the CRC-32 of its name, so adding a process leaves the others' draws as they were. The
        state is that of ``SeedSequence(seed, spawn_key=(crc, year))``: a run asks for a thousand streams, and NumPy's
        own way takes longer for each than most processes draw.
        """
        if self.seed > _WORD or not 0 <= year <= _WORD:  # more than a word, and rare
            key = _number(process), year
            sequence = np.random.SeedSequence(entropy=self.seed, spawn_key=key)
            return np.random.Generator(np.random.PCG64(sequence))
        words: Any = _Words(_started(self.seed, process, year))  # typed as a plain sequence
        return np.random.Generator(np.random.PCG64(words))

    def normal(self, process: str, year: int, shape: int | Sequence[int]) -> NDArray[np.float64]:
        """Return standard normal draws, entities in the order of their ISO codes."""
        return self._of_one(np.random.Generator.standard_normal, process, year, shape)

    def uniform(self, process: str, year: int, shape: int | Sequence[int]) -> NDArray[np.float64]:
        """Return uniform draws in [0, 1); counts come from these by inverse distribution functions."""
        return self._of_one(np.random.Generator.random, process, year, shape)

    def _of_one(
        self,
        law: Callable[..., NDArray[np.float64]],
        process: str,
        year: int,
        shape: int | Sequence[int],
    ) -> NDArray[np.float64]:
        """Return what one process draws by a law, a generator's method, as an array that is the caller's own."""
        size = tuple(shape) if isinstance(shape, Iterable) else (shape,)
        if self._kept is None or math.prod(size) > MOST_KEPT:
            return law(self.generator(process, year), size)
        return self.once(
            (law.__name__, process, size),
            year,
            lambda streams: law(streams.generator(process, year), size),
        ).copy()


def _sealed(drawn: Drawn) -> Drawn:
    """Return what was drawn, with its arrays closed to writing."""
    if isinstance(drawn, np.ndarray):
        drawn.flags.writeable = False
    elif is_dataclass(drawn):
        for one in fields(drawn):
            _sealed(getattr(drawn, one.name))
    return drawn


# ------------------------------------------------------------------------------- NumPy's seeding, with parts remembered

# Constants and steps of ``SeedSequence`` with a pool of four words (O'Neill 2015, "Developing a seed_seq alternative");
# NumPy promises that they stay.
_WORD = 0xFFFFFFFF
_POOL = 4

Pool = tuple[int, ...]


def _constants(first: int, factor: int, count: int) -> tuple[int, ...]:
    """Return the constants that follow one another as words are hashed."""
    values = [first]
    for _ in range(count):
        values.append(values[-1] * factor & _WORD)
    return tuple(values)


_IN = _constants(0x43B0D7E5, 0x931E8875, 24)
"""Of hashing into the pool: four words of the seed, twelve crosswise, four of the process, four of the year."""

_OUT = _constants(0x8B51F9DD, 0x58F38DED, 8)
"""Of hashing out of it."""


_YEAR = tuple(pairwise(_IN[20:]))
_LEAVING = tuple(pairwise(_OUT))


def _hash(value: int, place: int, constants: tuple[int, ...]) -> int:
    value = (value ^ constants[place]) * constants[place + 1] & _WORD
    return value ^ value >> 16


def _mix(one: int, other: int) -> int:
    value = (0xCA01F9DD * one - 0x4973F715 * other) & _WORD
    return value ^ value >> 16


def _stir(pool: Pool, word: int, place: int) -> Pool:
    """Return the pool with one more word in it."""
    return tuple(_mix(pool[i], _hash(word, place + i, _IN)) for i in range(_POOL))


@lru_cache(maxsize=1024)
def _of_seed(seed: int) -> Pool:
    pool = [_hash(word, i, _IN) for i, word in enumerate((seed, 0, 0, 0))]
    place = _POOL
    for source in range(_POOL):
        for target in range(_POOL):
            if source != target:
                pool[target] = _mix(pool[target], _hash(pool[source], place, _IN))
                place += 1
    return tuple(pool)


@lru_cache(maxsize=4096)
def _of_process(seed: int, process: int) -> Pool:
    return _stir(_of_seed(seed), process, _POOL**2)


def _words(pool: Pool, year: int) -> NDArray[np.uint64]:
    """Return the words that a generator starts from."""
    # What `_stir` and `_hash` say, written out: this is done a thousand times a run.
    mixed = []
    for word, (key, factor) in zip(pool, _YEAR, strict=True):
        value = (year ^ key) * factor & _WORD
        value = (0xCA01F9DD * word - 0x4973F715 * (value ^ value >> 16)) & _WORD
        mixed.append(value ^ value >> 16)
    mixed += mixed
    words = []
    for word, (key, factor) in zip(mixed, _LEAVING, strict=True):
        value = (word ^ key) * factor & _WORD
        words.append(value ^ value >> 16)
    return np.array(words, dtype="<u4").view("<u8")


_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
_ASKED: dict[str, None] = {}
"""Processes that have asked for a stream so far: those that a further seed will be asked for."""


def _number(process: str) -> int:
    """Return the number that a process enters by."""
    return zlib.crc32(process.encode())


def _started(seed: int, process: str, year: int) -> NDArray[np.uint64]:
    """Return the words of a stream, from the table of its seed where it holds the year."""
    if year not in _YEARS:
        return _words(_of_process(seed, _number(process)), year)
    of_seed = _of_all(seed)
    by_year = of_seed.get(process)
    if by_year is None:
        _ASKED[process] = None
        of_seed[process] = by_year = _table(seed, [process])[0]
    words: NDArray[np.uint64] = by_year[year - FIRST_YEAR]
    return words


@lru_cache(maxsize=16)
def _of_all(seed: int) -> dict[str, NDArray[np.uint64]]:
    """Return the words of all processes known so far in all years, ``(year, word)``; further ones are added to them."""
    asked = list(_ASKED)
    return dict(zip(asked, _table(seed, asked), strict=True))


def _table(seed: int, asked: Sequence[str]) -> NDArray[np.uint64]:
    """Return the words of processes in all years, ``(process, year, word)``: what `_words` says, at once."""
    processes = np.array([_number(one) for one in asked], dtype=np.uint32)[:, None]
    years = np.array(_YEARS, dtype=np.uint32)

    def hashed(
        values: NDArray[np.uint32], constants: tuple[int, int], words: NDArray[np.uint32]
    ) -> NDArray[np.uint32]:
        """Hash values, and mix them into words of the pool."""
        key, factor = np.array(constants, dtype=np.uint32)
        value = (values ^ key) * factor
        value ^= value >> np.uint32(16)
        mixed: NDArray[np.uint32] = np.uint32(0xCA01F9DD) * words - np.uint32(0x4973F715) * value
        mixed ^= mixed >> np.uint32(16)
        return mixed

    pools = []
    first = np.array(_of_seed(seed), dtype=np.uint32)
    for i in range(_POOL):
        at = _POOL**2 + i
        pool = hashed(processes, (_IN[at], _IN[at + 1]), first[i : i + 1])
        pools.append(hashed(years, _YEAR[i], pool))
    words = np.empty((len(processes), len(years), 2 * _POOL), dtype="<u4")
    for i, constants in enumerate(_LEAVING):
        key, factor = np.array(constants, dtype=np.uint32)
        value = (pools[i % _POOL] ^ key) * factor
        words[:, :, i] = value ^ value >> np.uint32(16)
    return words.view("<u8")


class _Words(ISeedSequence):
    """Words that stand in for the sequence they were taken from."""

    def __init__(self, words: NDArray[np.uint64]) -> None:
        self._held = words

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint64) -> NDArray[np.uint64]:
        """Return the words; a PCG64 asks for four of 64 bits and no other."""
        if n_words != len(self._held) or dtype is not np.uint64:
            raise ValueError(f"{n_words} words of {np.dtype(dtype)} are not held")
        return self._held
