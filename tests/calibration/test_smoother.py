"""The second road, held against posteriors that are known, and against the first."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from _toys import Broken, Toy, check, definition, toy_checks, toy_parameters, toy_posterior
from scipy.stats import truncnorm

from sscsim.calibration.evidence import Evidence
from sscsim.calibration.observing import CheckOf, Journal, Observer
from sscsim.calibration.outputs import AGREEMENT, DIAGNOSTICS, SECOND, write_second_road
from sscsim.calibration.posterior import DISCREPANCY, Posterior, Round
from sscsim.calibration.smoother import (
    IDENTIFIED,
    Smoothed,
    SmootherPlan,
    _bounded,
    agreement,
    scores_of,
    smooth,
)
from sscsim.errors import InputError
from sscsim.experiments.design import Design
from sscsim.parameters import Parameters
from sscsim.results.formats.parquet import Parquet

pytest.importorskip("iterative_ensemble_smoother")

NAMES = tuple(f"p{k}" for k in range(60))
MOVED = 4
LUCK = np.array([0.5, 0.8, 0.3])
HALF = np.array([0.9, 0.3, 1.2])
WEIGHTS = np.zeros((3, len(NAMES)))
WEIGHTS[:, :MOVED] = [[2.0, 1.0, 0.0, 0.0], [0.0, 1.0, -1.0, 0.3], [0.5, 0.0, 0.0, 1.5]]
REPORT = np.array([3.0, -1.0, 2.0])


def normal_parameters(names: tuple[str, ...] = NAMES) -> Parameters:
    prior = {"distribution": "normal", "mean": 0.0, "sd": 1.0}
    table = {name: definition(name, prior, (-8.0, 8.0)) for name in names}
    return Parameters(table, dict.fromkeys(table, 0.0))


@dataclass(frozen=True)
class Linear:
    """Three sums of four of sixty parameters, each with the luck of its seed."""

    luck: float = 1.0
    shift: float = 0.0

    @property
    def identity(self) -> str:
        return f"linear {self.luck} {self.shift}"

    def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
        x = np.array([point[name] for name in NAMES])
        noise = np.random.default_rng([seed, 3]).normal(size=3)
        return tuple((WEIGHTS @ x + self.luck * LUCK * noise + self.shift).tolist())


def figures() -> tuple[CheckOf, ...]:
    return tuple(
        check(f"figure {k}", float(REPORT[k]), {"kind": "interval", "plus_minus": float(HALF[k])})
        for k in range(3)
    )


def exact(luck: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the posterior in closed form."""
    errors = np.diag((luck * LUCK) ** 2 + HALF**2 * (1.0 / 9.0 + DISCREPANCY**2))
    gain = WEIGHTS.T @ np.linalg.inv(WEIGHTS @ WEIGHTS.T + errors)
    return gain @ REPORT, np.eye(len(NAMES)) - gain @ WEIGHTS


def run(
    simulator: object = None, *, seed: int = 1, members: int = 400, steps: int = 4, workers: int = 1
) -> Smoothed:
    with Observer(simulator or Linear(), Journal(), workers) as observer:  # type: ignore[arg-type]
        return smooth(
            observer,
            figures(),
            normal_parameters(),
            NAMES,
            plan=SmootherPlan(members, steps, members // 4),
            seed=seed,
        )


@pytest.fixture(scope="module")
def smoothed() -> Smoothed:
    return run()


def as_posterior(draws: np.ndarray, names: tuple[str, ...] = NAMES) -> Posterior:
    return Posterior(
        names=names,
        values=draws,
        fitted=names[:MOVED],
        checks=figures(),
        predicted=np.zeros((len(draws), 3)),
        weights=np.full(len(draws), 1.0 / len(draws)),
        waves=(1.0,),
        rounds=(Round(0.1, float(len(draws))),),
        screening=None,
        inadmissible=0,
        parameters=normal_parameters(names),
        seeds=1,
        evidence=Evidence(np.arange(0), draws[:0], np.zeros(0), np.zeros(0), {}),
        unseen=(),
    )


def exact_posterior(luck: float = 1.0) -> Posterior:
    mean, covariance = exact(luck)
    draws = np.random.default_rng(5).multivariate_normal(mean, covariance, 4000)
    return as_posterior(draws)


def test_a_linear_posterior_is_met_within_half_a_standard_deviation(smoothed: Smoothed) -> None:
    mean, covariance = exact()
    sd = np.sqrt(np.diag(covariance))
    assert np.abs((smoothed.mean - mean) / sd)[:MOVED].max() < 0.5
    assert smoothed.scores.std(axis=0)[:MOVED] == pytest.approx(sd[:MOVED], rel=0.15)
    # Parameters that no figure is correlated with keep their prior.
    assert np.abs(smoothed.mean[MOVED:]).mean() < 0.15
    assert smoothed.contraction[MOVED:].mean() == pytest.approx(0.0, abs=0.06)
    assert max(smoothed.linked) < 0.3
    assert smoothed.lost == 0


def test_luck_is_not_counted_as_one_record_a_step() -> None:
    """With luck of ten times what is read, steps of the textbook would narrow as four records do."""
    mean, covariance = exact(5.0)
    sd = np.sqrt(np.diag(covariance))
    found = run(Linear(luck=5.0))
    assert found.scores.std(axis=0)[:MOVED] == pytest.approx(sd[:MOVED], rel=0.15)
    assert np.abs((found.mean - mean) / sd)[:MOVED].max() < 0.5


def test_one_bound_moves_mean_and_spread_as_it_should() -> None:
    """A standard normal that a run with luck of 0.5 shows above 1: moments of the exact posterior."""

    @dataclass(frozen=True)
    class One:
        identity = "one"

        def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
            return (point["p0"] + 0.5 * np.random.default_rng([seed, 3]).normal(),)

    from scipy.special import ndtr

    grid = np.linspace(-6.0, 6.0, 4001)
    weights = np.exp(-0.5 * grid**2) * ndtr((grid - 1.0) / 0.5)
    weights /= weights.sum()
    mean = weights @ grid
    sd = np.sqrt(weights @ (grid - mean) ** 2)
    bound = check("bound", 1.0, {"kind": "one_sided", "at_least": 1.0, "scale": 0.3})
    for steps in (1, 4):
        with Observer(One(), Journal()) as observer:
            found = smooth(
                observer,
                (bound,),
                normal_parameters(("p0",)),
                ("p0",),
                plan=SmootherPlan(1500, steps, 400),
            )
        assert found.mean[0] == pytest.approx(mean, abs=0.15 * sd), steps
        assert found.scores.std() == pytest.approx(sd, rel=0.1), steps


def test_a_bound_without_luck_cuts_a_normal() -> None:
    mean, variance = _bounded(0.3, 4.0, 0.0, (1.0, np.inf))
    cut = truncnorm((1.0 - 0.3) / 2.0, np.inf, loc=0.3, scale=2.0)
    assert (mean, variance) == pytest.approx((cut.mean(), cut.var()), rel=1e-6)
    mean, variance = _bounded(0.3, 4.0, 0.0, (-np.inf, -5.0))
    cut = truncnorm(-np.inf, (-5.0 - 0.3) / 2.0, loc=0.3, scale=2.0)
    assert (mean, variance) == pytest.approx((cut.mean(), cut.var()), rel=1e-6)
    # Far beyond the bound nothing is left to say.
    assert _bounded(50.0, 1.0, 0.1, (0.0, np.inf)) == pytest.approx((50.0, 1.0))


def test_figures_that_bend_and_a_bound_are_met_within_a_fraction_of_a_standard_deviation() -> None:
    """The toy of the first road: a sum and a product on the logarithm, uniform priors, luck that depends on them."""
    names, values, weights = toy_posterior()
    scores = scores_of(values, names, toy_parameters())
    mean = weights @ scores
    sd = np.sqrt(weights @ (scores - mean) ** 2)
    with Observer(Toy(), Journal()) as observer:
        found = smooth(observer, toy_checks(), toy_parameters(), names, seed=3)
    assert np.abs((found.mean - mean) / sd).max() < 0.4
    level, slope = names.index("level"), names.index("slope")
    assert found.contraction[level] == pytest.approx(1.0 - sd[level] ** 2, abs=0.05)
    assert found.contraction[slope] == pytest.approx(1.0 - sd[slope] ** 2, abs=0.25)


def test_roads_agree_on_what_the_figures_identify(smoothed: Smoothed) -> None:
    rows = agreement(exact_posterior(), smoothed)
    identified = [row for row in rows if row.identified]
    assert {row.name for row in identified} <= set(NAMES[:MOVED])
    assert len(identified) >= 3
    assert all(abs(row.distance) < 0.5 for row in identified)
    assert all(row.contraction >= IDENTIFIED for row in identified)
    assert rows[0].contraction == max(row.contraction for row in rows)


def test_agreement_is_written_beside_the_posterior(smoothed: Smoothed, tmp_path: Path) -> None:
    (tmp_path / DIAGNOSTICS).write_text('{"seed": 1}')
    rows = write_second_road(exact_posterior(), smoothed, tmp_path)
    told = json.loads((tmp_path / DIAGNOSTICS).read_text())
    assert told["seed"] == 1
    assert told["second_road"]["farthest"] == max(abs(r.distance) for r in rows if r.identified)
    columns = Parquet().columns((tmp_path / SECOND).read_bytes())
    assert tuple(columns.held) == NAMES
    assert np.array_equal(columns.numbers("p3"), smoothed.values[:, 3])
    lines = list(csv.DictReader((tmp_path / AGREEMENT).read_text().splitlines()))
    assert [line["name"] for line in lines] == [row.name for row in rows]
    assert lines[0]["identified"] == "True"


def test_a_wrong_likelihood_is_found_out() -> None:
    """The first road took a figure to be lower by two than what the simulator shows."""
    rows = agreement(exact_posterior(), run(Linear(shift=-2.0)))
    assert max(abs(row.distance) for row in rows if row.identified) > 1.0


def test_the_same_journal_and_any_number_of_workers_give_the_same_bytes() -> None:
    journal = Journal()
    plan = SmootherPlan(30, 2, 6)
    found = []
    for workers in (1, 1, 2):
        known = journal if workers == 1 else Journal()
        with Observer(Linear(), known, workers) as observer:
            found.append(smooth(observer, figures(), normal_parameters(), NAMES, plan=plan))
            runs = observer.simulated
        assert runs == (0 if len(found) == 2 else plan.runs)
    for other in found[1:]:
        assert np.array_equal(found[0].scores, other.scores)
    other = run(members=30, steps=2, seed=2)
    assert not np.array_equal(found[0].scores, other.scores)


def test_members_that_admit_no_world_are_left_out_and_counted() -> None:
    @dataclass(frozen=True)
    class Corner(Linear):
        def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
            return super().__call__(point, seed) if point["p9"] < 1.0 else (np.nan,) * 3

    found = run(Corner(), members=200)
    assert 15 <= found.lost <= 55
    assert len(found.scores) == 200 - found.lost
    with Observer(Broken(), Journal()) as observer, pytest.raises(InputError, match="too few"):
        smooth(observer, figures()[:2], normal_parameters(), NAMES, plan=SmootherPlan(30, 2, 4))
    with Observer(Linear(), Journal()) as observer, pytest.raises(InputError, match="no figure"):
        smooth(observer, (), normal_parameters(), NAMES)


def test_scores_give_back_what_quantiles_were_drawn() -> None:
    parameters = toy_parameters()
    names = ("level", "slope", "luck")
    design = Design.independent(names, 300, 4)
    from scipy.special import ndtri

    scores = scores_of(design.values(parameters), names, parameters)
    assert scores == pytest.approx(ndtri(design.quantiles), abs=1e-3)
