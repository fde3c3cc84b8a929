"""Coverage: a posterior that is as it should be passes, one that is too narrow does not."""

from __future__ import annotations

import numpy as np
import pytest
from _toys import INPUTS, Toy, check, toy_checks, toy_parameters

from sscsim.calibration.coverage import (
    EMULATED,
    MODEL,
    CoveragePlan,
    Pictured,
    Recovery,
    cover,
    coverage_rows,
    draw_truths,
    emulated_records,
    pooled,
    recover,
    told_of,
)
from sscsim.calibration.emulator import Emulator, Scale
from sscsim.calibration.observing import Journal, Observer
from sscsim.calibration.posterior import DISCREPANCY, PosteriorPlan, Reading, posterior_fit

SLOPES = np.array([[1.0, 0.5, 0.0], [0.0, 1.0, -1.0], [1.0, 0.0, 1.0]])
LUCK = np.array([0.3, 0.5, 0.4])
HALF = 0.6


def linear(luck: float = 1.0) -> Pictured:
    """Return two figures with a middle and one bound, as linear functions of three scores."""
    readings = [
        Reading(check("a", 0.5, {"kind": "interval", "plus_minus": HALF}), Scale(False)),
        Reading(check("b", -0.2, {"kind": "interval", "plus_minus": HALF}), Scale(False)),
        Reading(
            check("c", 0.1, {"kind": "one_sided", "at_least": 0.1, "scale": 1.0}), Scale(False)
        ),
    ]

    def expected(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = scores @ SLOPES.T
        return mean, np.broadcast_to((luck * LUCK) ** 2, mean.shape)

    return Pictured(expected, tuple(readings))


@pytest.fixture(scope="module")
def truths() -> np.ndarray:
    start = np.random.default_rng(3).standard_normal((400, 3))
    return draw_truths(linear(), start, 300, 1)


def found_by(believed: Pictured, truths: np.ndarray) -> Recovery:
    records = emulated_records(linear(), truths, 1)
    return recover(believed, truths, truths, records, draws=19, seed=1)


def test_truths_are_draws_given_the_report(truths: np.ndarray) -> None:
    """Held against importance weights of draws of the prior."""
    prior = np.random.default_rng(4).standard_normal((200_000, 3))
    log = linear().log_likelihood(prior, linear().report[None, None, :])
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    mean = weights @ prior
    sd = np.sqrt(weights @ (prior - mean) ** 2)
    assert truths.mean(axis=0) == pytest.approx(mean, abs=0.2)
    assert truths.std(axis=0) == pytest.approx(sd, rel=0.15)


def test_a_posterior_that_is_as_it_should_be_passes(truths: np.ndarray) -> None:
    found = found_by(linear(), truths)
    judged = pooled(found)
    assert judged is not None
    assert judged.nominal == pytest.approx(0.9)
    assert judged.coverage == pytest.approx(0.9, abs=0.04)
    assert judged.p > 0.05
    assert judged.ranks_p > 0.05
    # The record taught something: truths lie nearer to the means than to each other's.
    assert ((found.mean - truths) ** 2).mean() < 0.95 * truths.var(axis=0).mean()


@pytest.mark.parametrize(("luck", "wrong"), [(0.2, "narrow"), (4.0, "wide")])
def test_luck_of_another_size_is_found_out(luck: float, wrong: str, truths: np.ndarray) -> None:
    """Readings are exact here, so that luck is all there is of error."""
    exact = [
        Reading(check(n, v, {"kind": "interval", "plus_minus": 1e-6}), Scale(False))
        for n, v in (("a", 0.5), ("b", -0.2), ("c", 0.1))
    ]
    real, taken = (
        Pictured(linear().expected, tuple(exact)),
        Pictured(linear(luck).expected, tuple(exact)),
    )
    known = draw_truths(real, truths, 120, 2)
    records = emulated_records(real, known, 2)
    judged = pooled(recover(taken, known, known, records, draws=19, seed=2))
    assert judged is not None
    assert min(judged.p, judged.ranks_p) < 0.001
    assert judged.p < 0.1
    assert (judged.coverage < 0.9) == (wrong == "narrow")


def test_intervals_of_half_the_width_are_rejected_by_both_tests() -> None:
    rng = np.random.default_rng(6)
    truths = rng.standard_normal((200, 4))
    draws = 0.5 * rng.standard_normal((200, 19, 4))
    ranks = (draws < truths[:, None]).sum(axis=1)
    judged = pooled(Recovery(truths, truths, truths, ranks, 19))
    assert judged is not None
    assert judged.coverage == pytest.approx(0.57, abs=0.08)
    assert judged.p < 1e-6
    assert judged.ranks_p < 1e-6


def test_parameters_that_are_one_are_one_test() -> None:
    """Ten copies of a parameter say no more than one: the test must not count them as ten."""
    rng = np.random.default_rng(7)
    passed = single = 0
    for _ in range(200):
        ranks = np.repeat(rng.integers(0, 20, size=(50, 1)), 10, axis=1)
        judged = pooled(Recovery(ranks * 1.0, ranks * 1.0, ranks * 1.0, ranks, 19))
        assert judged is not None
        passed += judged.p > 0.05
        single += judged.ranks_p > 0.05
    assert passed >= 180
    assert single >= 185


def test_too_few_truths_or_no_parameter_are_not_judged() -> None:
    ranks = np.zeros((5, 2), dtype=int)
    assert pooled(Recovery(ranks, ranks, ranks, ranks, 19)) is None
    ranks = np.zeros((50, 2), dtype=int)
    found = Recovery(ranks, ranks, ranks, ranks, 19)
    assert pooled(found, np.array([False, False])) is None


def test_what_is_prepared_is_the_mean() -> None:
    rng = np.random.default_rng(8)
    inputs = rng.standard_normal((40, 3))
    outputs = inputs[:, 0] + np.sin(inputs[:, 1]) + 5.0
    points = rng.standard_normal((7, 3))
    for active in (None, (0, 1)):
        emulator = Emulator(inputs, outputs, np.full(40, 1e-4), active)
        assert emulator.prepared()(points) == pytest.approx(emulator.mean(points), abs=1e-9)
    constant = Emulator(inputs, np.full(40, 2.0), np.zeros(40))
    assert constant.prepared()(points) == pytest.approx(np.full(7, 2.0))


@pytest.mark.slow
def test_an_emulated_posterior_is_covered_by_emulators_and_by_the_model() -> None:
    plan = PosteriorPlan(points=(60,), draws=40, kept=200, rounds=1)
    with Observer(Toy(), Journal()) as observer:
        posterior = posterior_fit(
            observer,
            toy_checks(),
            toy_parameters(),
            names=["level", "slope"],
            inputs=INPUTS,
            plan=plan,
        )
        found = cover(
            posterior, observer, plan=CoveragePlan(truths=60, draws=19, runs=20, run_draws=19)
        )
    told = told_of(found)
    assert "level" in told["identified"]
    for kind, truths in ((EMULATED, 60), (MODEL, 20)):
        assert told[kind]["truths"] == truths
        assert told[kind]["p"] > 0.01
        assert told[kind]["coverage"] > 0.7
    rows = list(coverage_rows(found))
    assert len(rows) == 2 * 80
    level = [row for row in rows if row["parameter"] == "level"]
    away = [(row["score"] - row["mean"]) / row["sd"] for row in level]
    assert np.std(away) == pytest.approx(1.0, abs=0.4)


def test_a_bound_that_is_missed_pushes_the_other_way() -> None:
    scores = np.array([[1.0, 0.0, 1.0], [-1.0, 0.0, -1.0]])
    met = linear().log_likelihood(scores, np.array([0.0, 0.0, 1.0])[None, None, :])
    missed = linear().log_likelihood(scores, np.array([0.0, 0.0, 0.0])[None, None, :])
    assert met[0] > met[1]
    assert missed[0] < missed[1]
    errors = LUCK[0] ** 2 + HALF**2 * (1.0 / 9.0 + DISCREPANCY**2)
    gap = linear().log_likelihood(scores[:1], np.array([[[1.0, -1.0, 1.0]]]))
    other = linear().log_likelihood(scores[:1], np.array([[[1.5, -1.0, 1.0]]]))
    assert gap[0] - other[0] == pytest.approx(0.5 * 0.5**2 / errors)
