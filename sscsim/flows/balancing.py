"""Balancing: the matrix nearest to a start whose rows and columns have given sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sscsim.errors import InadmissibleInput
from sscsim.types import Array

__all__ = ["balance"]


def balance(
    matrix: Array,
    row_sums: Array,
    column_sums: Array,
    *,
    tolerance: float = 1e-12,
    iterations: int = 10_000,
    names: Sequence[str] | None = None,
) -> Array:
    """Scale rows and columns until both margins are met (RAS, iterative proportional fitting).

    The result keeps the start's cross-ratios (Deming & Stephan 1940; Bacharach 1970).

    Parameters
    ----------
    matrix
        Non-negative start, ``(origin, destination)``; zeros stay zero.
    row_sums, column_sums
        Non-negative margins with equal totals, ``(country,)``.
    tolerance
        Largest error of a row as a share of the row, columns being met exactly.
    iterations
        Rounds after which margins that do not converge are refused.
    names
        ISO codes for messages.

    Raises
    ------
    InadmissibleInput
        Naming the economy, when the totals differ, when a positive margin has no cell to stand in,
        when an economy that cannot deal with itself takes and gives more than all others can match,
        or when balancing does not converge.
    """

    def name(index: int) -> str:
        return f"economy {index}" if names is None else names[index]

    total = float(row_sums.sum())
    if not np.isclose(total, column_sums.sum(), rtol=1e-9, atol=0.0):
        raise InadmissibleInput(
            "the margins to balance to have different totals",
            found=f"{total:.6g} and {float(column_sums.sum()):.6g}",
            allowed="equal totals",
        )
    if total == 0.0:
        return np.zeros_like(matrix)
    for margin, sums, what in (
        (row_sums, matrix.sum(axis=1), "row"),
        (column_sums, matrix.sum(axis=0), "column"),
    ):
        empty = np.flatnonzero((margin > 0) & (sums <= 0))
        if empty.size:
            raise InadmissibleInput(
                "an economy has flows and no partner to have them with",
                key=f"{what} of {name(int(empty[0]))}",
                found=float(margin[empty[0]]),
                allowed="zero, or a partner",
            )
    if not np.diagonal(matrix).any():
        # What i gives and takes is matched by the others alone: X_i + M_i cannot exceed the total.
        both = row_sums + column_sums
        worst = int(np.argmax(both))
        if both[worst] >= total * (1 - 1e-12) and np.count_nonzero(both) > 2:
            raise InadmissibleInput(
                "an economy gives and takes more than all others together can match",
                key=f"flows of {name(worst)}",
                found=float(both[worst]),
                allowed=f"below {total:g} in both directions together",
            )
    columns = np.ones_like(column_sums, dtype=float)
    error = np.asarray(row_sums, dtype=float)
    # Margins that no matrix with these zeros has drive factors apart until they overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        spread = matrix @ columns
        for _ in range(iterations):
            rows = _ratio(row_sums, spread)
            columns = _ratio(column_sums, rows @ matrix)
            spread = matrix @ columns
            reached = rows * spread
            if not np.all(np.isfinite(reached)):
                break
            error = np.abs(reached - row_sums)
            if np.all(error <= tolerance * row_sums):
                balanced: Array = rows[:, None] * matrix
                balanced *= columns
                return balanced
    worst = int(np.argmax(error))
    raise InadmissibleInput(
        "the matrix cannot be balanced to these margins",
        key=f"flows of {name(worst)}",
        found=float(row_sums[worst]),
        allowed="margins that a matrix with these zeros can meet",
    )


def _ratio(wanted: Array, present: Array) -> Array:
    """Return wanted over present, zero where nothing is present."""
    return np.divide(wanted, present, out=np.zeros_like(wanted), where=present > 0)
