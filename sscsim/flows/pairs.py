"""Matrices over pairs of economies, ``(origin, destination)``: what spares passes over all of their cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sscsim.types import Array, Ints

__all__ = ["Cells", "any_but", "column_sums", "row_sums", "scaled"]


@dataclass(frozen=True)
class Cells:
    """The few pairs whose number is not what all others' is."""

    where: Ints
    """Positions in the matrix row by row, ascending."""
    value: Array

    @classmethod
    def of(cls, matrix: Array, neutral: float = 0.0) -> Cells:
        """Return the cells that are not neutral."""
        where = np.flatnonzero(matrix != neutral)
        return cls(where, matrix.take(where))

    def __len__(self) -> int:
        return len(self.where)

    def multiply(self, matrix: Array, factor: Array) -> None:
        """Multiply these cells of a matrix in place, the rows of which lie one after another."""
        matrix.put(self.where, matrix.take(self.where) * factor)


def scaled(matrix: Array, rows: Array, columns: Array) -> Array:
    """Return a matrix with its rows and its columns multiplied, in a fifth of the time that broadcasting takes."""
    from scipy.linalg import blas

    result = np.zeros(matrix.shape)
    blas.dger(1.0, columns, rows, a=result.T, overwrite_a=True)
    result *= matrix
    return result


def row_sums(matrix: Array) -> Array:
    """Return sums over destinations, ``(origin,)``, in a fifth of the time that `numpy.sum` takes."""
    sums: Array = matrix @ np.ones(matrix.shape[1])
    return sums


def column_sums(matrix: Array) -> Array:
    """Return sums over origins, ``(destination,)``, likewise."""
    sums: Array = np.ones(len(matrix)) @ matrix
    return sums


def any_but(matrix: Array, neutral: float = 0.0) -> bool:
    """Return whether any pair is not neutral."""
    return bool((matrix != neutral).any())
