"""What is noticeable: one rule for who is named, and for how finely a change is told."""

from __future__ import annotations

import math

import pytest

from sscsim.experiments.noticeable import (
    MOST_DECIMALS,
    decimals_told,
    is_named,
    is_nought,
    most_decimals,
)


def test_half_of_the_draws_name_nobody() -> None:
    assert not is_named(0.5)
    assert is_named(0.51)


@pytest.mark.parametrize(
    ("ends", "level", "usual", "decimals"),
    [
        ((-14.0, -16.0, -11.0), 800.0, 0, 0),
        ((1e-6, -0.5, 0.75), 800.0, 2, 2),  # of either sign: nought is told by its interval
        ((0.9, 0.03, 1.48), 800.0, 1, 2),  # its sign is known
        ((2e-7, 1e-7, 3e-7), 800.0, 6, MOST_DECIMALS),  # nothing is left of it
        ((0.00002, 0.00001, 0.00003), 0.01, 6, 6),  # … unless that is two in a thousand
    ],
)
def test_decimals_are_as_many_as_tell_something(ends, level, usual, decimals) -> None:
    assert decimals_told(ends, level, usual) == decimals


def test_beside_nothing_or_an_unknown_level_no_size_is_noticeable() -> None:
    for level in (0.0, math.nan):
        assert most_decimals(1e-7, level) == MOST_DECIMALS
    assert is_nought(4.9e-5)
    assert not is_nought(5.1e-5)
