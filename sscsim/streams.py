"""Random numbers by purpose: one stream for each (seed, process, year).

A process draws an array of fixed shape, indexed by entity, in one call. What one process draws never shifts what
another draws, and no draw depends on a parameter, so two scenarios with one seed are a fair pair: the same country
meets the same luck in both, and the difference between them is the policy.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Streams"]


@dataclass(frozen=True)
class Streams:
    """All the randomness of a run.

    Parameters
    ----------
    seed
        The master seed, a non-negative integer.
    """

    seed: int

    def generator(self, process: str, year: int) -> np.random.Generator:
        """Return the generator of one process in one year, always the same for the same three keys.

        The process enters by the CRC-32 of its name, so adding a process leaves the others' draws as they were.
        """
        sequence = np.random.SeedSequence(
            entropy=self.seed, spawn_key=(zlib.crc32(process.encode()), year)
        )
        return np.random.Generator(np.random.PCG64(sequence))

    def normal(self, process: str, year: int, shape: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Return standard normal draws, entities in the order of their ISO codes."""
        return self.generator(process, year).standard_normal(shape)

    def uniform(self, process: str, year: int, shape: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Return uniform draws in [0, 1); counts come from these by inverse distribution functions."""
        return self.generator(process, year).random(shape)
