"""Means and shares that know what they are of nothing: an empty group, weights that add up to zero."""

from __future__ import annotations

import numpy as np

from sscsim.types import Array, Mask

__all__ = ["mean_over", "means_over", "over_mean", "part", "ratio", "shares"]


def mean_over(values: Array, among: Mask, empty: float) -> float:
    """Return the mean of values over some of them, and `empty` over none.

    Parameters
    ----------
    values, among
        ``(entity,)``, and who counts.
    """
    chosen = values[among]
    return float(chosen.mean()) if len(chosen) else empty


def means_over(values: Array, among: Mask) -> Array:
    """Return for each group the mean of values over its members, ``(group,)``; zero for a group of none.

    Parameters
    ----------
    values
        ``(entity,)``.
    among
        ``(group, entity)``, members.
    """
    return np.asarray(among @ values / np.maximum(among.sum(axis=1), 1))


def over_mean(values: Array, mean: float | None = None) -> Array:
    """Return values over their mean, or over a mean that is given; over a mean of zero, the values as they are.

    Parameters
    ----------
    values
        ``(entity,)``, not negative.
    """
    unit = float(values.mean()) if mean is None and len(values) else mean
    return np.asarray(values / unit if unit else values)


def shares(weights: Array, axis: int | None = None) -> Array:
    """Return weights over their sum; zeros where they add up to zero, as nobody has a share in nothing.

    Parameters
    ----------
    weights
        Not negative, of any shape.
    axis
        Along which shares add up to one; all of it if left out.
    """
    return part(weights, weights.sum(axis=axis, keepdims=axis is not None))


def part(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, zero where it is of nothing."""
    return _quotient(numerator, denominator, 0.0)


def ratio(numerator: Array, denominator: Array) -> Array:
    """Return the quotient, NaN where nothing is divided by nothing."""
    return _quotient(numerator, denominator, np.nan)


def _quotient(numerator: Array, denominator: Array, empty: float) -> Array:
    """Return the quotient, and `empty` where the denominator is not above zero."""
    there = denominator > 0
    # Mostly it is everywhere, and to count is less work than to lay out what stands elsewhere.
    if np.count_nonzero(there) == there.size:
        return np.asarray(numerator / denominator, dtype=np.float64)
    alike = numerator.shape == denominator.shape
    shape = numerator.shape if alike else np.broadcast_shapes(numerator.shape, denominator.shape)
    result = np.full(shape, empty)
    np.divide(numerator, denominator, out=result, where=there)
    return result
