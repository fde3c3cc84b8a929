"""Streams: a draw depends on seed, process and year, and on nothing else."""

from __future__ import annotations

import pickle
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.streams import Streams

SEEDS = st.integers(0, 2**32 - 1)
NAMES = st.text(min_size=1, max_size=20)
YEARS = st.integers(2013, 2034)


@given(SEEDS, NAMES, YEARS)
def test_the_same_three_keys_give_the_same_numbers(seed: int, process: str, year: int) -> None:
    one, other = Streams(seed), Streams(seed)
    other.normal("something else", year, 1000)  # what another process draws shifts nothing
    other.uniform(process, year + 1, 7)
    assert np.array_equal(one.normal(process, year, 5), other.normal(process, year, 5))
    assert np.array_equal(one.normal(process, year, 5), one.normal(process, year, 5))
    assert np.array_equal(
        pickle.loads(pickle.dumps(one)).normal(process, year, 5), one.normal(process, year, 5)
    )


@given(SEEDS, YEARS)
def test_another_key_gives_other_numbers(seed: int, year: int) -> None:
    base = Streams(seed).normal("goals", year, 8)
    assert not np.array_equal(base, Streams(seed + 1).normal("goals", year, 8))
    assert not np.array_equal(base, Streams(seed).normal("goals", year + 1, 8))
    assert not np.array_equal(base, Streams(seed).normal("productivity", year, 8))


@given(SEEDS, st.integers(1, 50), st.integers(1, 20))
def test_shapes(seed: int, rows: int, columns: int) -> None:
    streams = Streams(seed)
    assert streams.normal("x", 2020, rows).shape == (rows,)
    values = streams.uniform("x", 2020, (rows, columns))
    assert values.shape == (rows, columns)
    assert values.min() >= 0.0
    assert values.max() < 1.0


def test_streams_are_independent_of_each_other() -> None:
    """Years and processes of one seed do not repeat or follow one another."""
    streams = Streams(1)
    draws = np.array(
        [
            streams.normal(process, year, 2000)
            for process in ("productivity", "fdi_host_shock")
            for year in range(2013, 2035)
        ]
    )
    correlation = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(correlation).max() < 5.0 / np.sqrt(2000)
    assert abs(draws.mean()) < 5.0 / np.sqrt(draws.size)
    assert abs(draws.std() - 1.0) < 5.0 / np.sqrt(2 * draws.size)


def test_the_numbers_themselves_are_recorded() -> None:
    """A change of these is a change of every result that was ever reported with a seed."""
    assert Streams(1).normal("productivity", 2020, 3).tolist() == RECORDED


RECORDED = [-0.21493535663874802, 0.2720885697298269, 0.749492629429414]


@given(st.integers(0, 2**33), NAMES, st.integers(0, 2**33))
def test_a_stream_is_that_of_numpys_seed_sequence(seed: int, process: str, year: int) -> None:
    keys = (zlib.crc32(process.encode()), year)
    theirs = np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=keys))
    assert Streams(seed).generator(process, year).bit_generator.state == theirs.state


def test_a_stream_costs_less_than_numpys_own_seeding() -> None:
    def spent(make: Callable[[int], object]) -> float:
        best = float("inf")
        for _ in range(5):
            start = time.process_time()
            for year in range(200):
                make(year)
            best = min(best, time.process_time() - start)
        return best

    streams = Streams(1)
    ours = spent(lambda year: streams.generator("goals", year))
    theirs = spent(
        lambda year: np.random.PCG64(np.random.SeedSequence(entropy=1, spawn_key=(5, year)))
    )
    assert ours < theirs


@given(SEEDS, NAMES, YEARS)
def test_known_processes_and_new_ones_start_as_numpy_says(
    seed: int, process: str, year: int
) -> None:
    """A table of words serves the processes that a seed or another was asked for; other years do without."""
    Streams(seed ^ 1).generator(process, year)
    for name in (process, process + "?", process + "!"):
        for when in (year, 2012, 2035):
            key = (zlib.crc32(name.encode()), when)
            sequence = np.random.SeedSequence(seed, spawn_key=key)
            plain = np.random.Generator(np.random.PCG64(sequence)).random(3)
            assert np.array_equal(Streams(seed).uniform(name, when, 3), plain)


@dataclass(frozen=True)
class Luck:
    """A year's luck as a submodel draws it."""

    several: np.ndarray
    alone: float


def test_what_goes_on_from_one_beginning_draws_once() -> None:
    """Streams that keep give the numbers of those that do not, and draw each of them a single time."""
    asked: list[int] = []

    def draw(streams: Streams) -> Luck:
        asked.append(streams.seed)
        return Luck(streams.normal("productivity", 2020, 3), 1.0)

    plain, keeping = Streams(1), Streams(1).keeping()
    assert keeping == plain
    assert keeping.keeping() is keeping
    drawn = [streams.once("luck", 2020, draw) for streams in (plain, plain, keeping, keeping)]
    assert asked == [1, 1, 1]
    assert drawn[2] is drawn[3]
    assert all(one.several.tolist() == RECORDED for one in drawn)
    # Another year, or another thing, is another draw.
    assert keeping.once("luck", 2021, draw) is not keeping.once("other luck", 2020, draw)
    assert len(asked) == 5


@pytest.mark.parametrize("law", ["uniform", "normal"])
def test_what_one_process_draws_is_kept_and_is_still_each_callers_own(law: str) -> None:
    """Two that go on from one beginning get the same numbers, and what one does to its own reaches nobody else."""
    plain, keeping = Streams(1), Streams(1).keeping()
    drawn = getattr(keeping, law)("x", 2020, (2, 3))
    for shape in ([2, 3], np.array([2, 3]), (np.int64(2), 3)):
        assert np.array_equal(getattr(keeping, law)("x", 2020, shape), drawn)
    drawn[:] = 5.0
    again = getattr(keeping, law)("x", 2020, (2, 3))
    assert np.array_equal(again, getattr(plain, law)("x", 2020, (2, 3)))
    for other in (("y", 2020, (2, 3)), ("x", 2021, (2, 3)), ("x", 2020, (3, 2)), ("x", 2020, 6)):
        assert np.array_equal(getattr(keeping, law)(*other), getattr(plain, law)(*other))


def test_what_takes_as_long_to_fetch_as_to_draw_is_not_kept() -> None:
    plain, keeping = Streams(1), Streams(1).keeping()
    for _ in range(2):
        assert np.array_equal(keeping.uniform("x", 2020, 10_001), plain.uniform("x", 2020, 10_001))
    assert not keeping._kept
    keeping.uniform("x", 2020, 10_000)
    assert keeping._kept


def test_kept_luck_cannot_be_written_into() -> None:
    """One of several that share their luck cannot change the others'."""
    kept = (
        Streams(1)
        .keeping()
        .once("luck", 2020, lambda streams: Luck(streams.normal("x", 2020, 3), 0.0))
    )
    with pytest.raises(ValueError, match="read-only"):
        kept.several[0] = 1.0
