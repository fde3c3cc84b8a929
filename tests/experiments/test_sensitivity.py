"""Indices of functions whose indices are known, and inputs that do nothing."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.sensitivity import morris, pawn, runs_of, sobol
from sscsim.types import Array

NAMES = ("x1", "x2", "x3", "idle")
A, B = 7.0, 0.1


def ishigami(u: Array) -> Array:
    """Return the function of Ishigami & Homma (1990); the fourth input does nothing."""
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def known() -> tuple[list[float], list[float]]:
    """Return its first-order and total indices in closed form."""
    alone = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2
    second = A**2 / 8.0
    together = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = alone + second + together
    return (
        [alone / whole, second / whole, 0.0, 0.0],
        [(alone + together) / whole, second / whole, together / whole, 0.0],
    )


def test_sobol_finds_the_known_indices_within_what_it_says() -> None:
    [found] = sobol(ishigami, NAMES, 1024)
    for name, true in zip(("first", "total"), known(), strict=True):
        assert found.values[name] == pytest.approx(true, abs=0.02)
        # A 90 % interval; twice its half width holds all but one in a thousand.
        assert (np.abs(found.values[name] - true) <= 2 * found.values[f"{name}_error"] + 1e-9).all()
    assert [NAMES[i] for i in found.order] == ["x1", "x2", "x3", "idle"]
    assert found.matters.tolist() == [True, True, True, False]
    assert found.runs == runs_of("sobol", 4, 1024) == 1024 * 6


def test_morris_finds_slopes_and_tells_what_bends() -> None:
    def function(u: Array) -> Array:
        return 3.0 * u[:, 0] - 2.0 * u[:, 1] + 4.0 * u[:, 0] * u[:, 2]

    [found] = morris(function, NAMES, 40)
    effect, signed = found.values["effect"], found.values["signed"]
    # From the 5th to the 95th percentile.
    assert signed[1] == pytest.approx(-2.0 * 0.9)
    assert effect[1] == pytest.approx(2.0 * 0.9)
    assert found.values["spread"][1] == pytest.approx(0.0, abs=1e-9)
    assert found.values["spread"][0] > 0.5
    assert effect[3] == 0.0
    assert found.table["input"].tolist()[0] == "x1"
    assert not found.matters[3]
    assert found.runs == runs_of("morris", 4, 40) == 40 * 5


def test_pawn_takes_any_draws_and_tells_what_is_idle() -> None:
    rng = np.random.default_rng(3)
    u = rng.random((1500, 4))
    found = pawn(u, ishigami(u), NAMES)
    assert [NAMES[i] for i in found.order][:2] == ["x2", "x1"]
    assert found.matters.tolist() == [True, True, True, False]
    # Of two inputs that are tied the idle one tells as much as the other: draws say no more than that.
    tied = u.copy()
    tied[:, 3] = tied[:, 0]
    assert pawn(tied, ishigami(tied), NAMES).matters[3]


def test_several_answers_are_asked_for_once() -> None:
    asked = []

    def function(u: Array) -> Array:
        asked.append(len(u))
        return np.array([u[:, 0], u[:, 1]])

    first, second = sobol(function, ("a", "b"), 64)
    assert asked == [64 * 4]
    assert first.table["input"][0] == "a"
    assert second.table["input"][0] == "b"
    assert first.values["total"] == pytest.approx([1.0, 0.0], abs=0.05)


@pytest.mark.parametrize("method", [sobol, morris])
def test_blocks_without_an_answer_are_left_out_whole(method) -> None:
    def function(u: Array) -> Array:
        answer = 2.0 * u[:, 0] + u[:, 1]
        answer[0] = np.nan
        return answer

    [found] = method(function, ("a", "b"), 64)
    assert found.left_out == 1
    assert found.runs == 63 * (4 if method is sobol else 3)
    assert found.table["input"][0] == "a"


def test_what_never_varies_has_nothing_to_share() -> None:
    [found] = sobol(lambda u: np.ones(len(u)), ("a", "b"), 16)
    assert not found.values["total"].any()
    assert not found.matters.any()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sobol(ishigami, NAMES, 48), "powers of two"),
        (lambda: sobol(ishigami, NAMES, 2), "points of the design"),
        (lambda: morris(ishigami, NAMES, 3), "trajectories"),
        (lambda: sobol(lambda u: u[:, 0], ("a",), 16), "at least two"),
        (lambda: sobol(lambda u: np.full(len(u), np.nan), NAMES, 16), "too few blocks"),
        (lambda: pawn(np.zeros((20, 2)), np.zeros(20), ("a", "b")), "too few draws"),
    ],
)
def test_what_cannot_be_told_is_refused(call, said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()
