"""The posterior, held against one that is known: luck, a bound on one side, and parameters that do nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from _toys import INPUTS, Broken, Toy, check, definition, toy_checks, toy_parameters, toy_posterior

from sscsim.calibration.observing import Journal, Observer
from sscsim.calibration.outputs import write_posterior
from sscsim.calibration.posterior import Posterior, PosteriorPlan, posterior_fit
from sscsim.calibration.saved import read_posterior
from sscsim.errors import InputError
from sscsim.files import write_text
from sscsim.parameters import Parameters
from sscsim.results.formats.parquet import Parquet

pytestmark = pytest.mark.long

PLAN = PosteriorPlan(points=(60, 30), draws=80, kept=400, rounds=1)


def fit(names=("level", "slope", "curve"), *, journal: Journal | None = None) -> Posterior:
    with Observer(Toy(), journal or Journal()) as observer:
        return posterior_fit(
            observer, toy_checks(), toy_parameters(), names=names, inputs=INPUTS, plan=PLAN
        )


@pytest.fixture(scope="module")
def kept() -> Journal:
    """Return the journal of the fit, which fills with it."""
    return Journal()


@pytest.fixture(scope="module")
def fitted(kept: Journal) -> Posterior:
    return fit(journal=kept)


def test_means_and_spreads_are_those_of_the_exact_posterior(fitted: Posterior) -> None:
    names, values, weights = toy_posterior()
    assert fitted.values.shape == (400, len(names))
    assert fitted.names == names
    mean = weights @ values
    sd = np.sqrt(weights @ (values - mean) ** 2)
    prior = values.std(axis=0)
    seen = fitted.values.mean(axis=0)
    # Of a hundred draws a mean is known to a tenth of the spread or so.
    assert np.abs(seen - mean) == pytest.approx(0.0, abs=0.35 * prior.max())
    assert (np.abs(seen - mean) < 0.35 * np.maximum(sd, 0.2 * prior)).all()
    assert fitted.values.std(axis=0) == pytest.approx(sd, rel=0.35)
    # Slope is pushed up by the bound on the product; what does nothing keeps its prior.
    slope, idle = names.index("slope"), names.index("idle")
    assert seen[slope] > 0.6
    assert fitted.values[:, idle].std() == pytest.approx(prior[idle], rel=0.2)


def test_level_and_slope_go_against_each_other(fitted: Posterior) -> None:
    level, slope = (fitted.values[:, fitted.names.index(n)] for n in ("level", "slope"))
    assert np.corrcoef(level, slope)[0, 1] < -0.5


def test_what_the_posterior_shows_meets_the_figures(fitted: Posterior) -> None:
    low, middle, high = fitted.quantiles([0.05, 0.5, 0.95])
    assert low[0] < 6.0 < high[0]
    assert middle[0] == pytest.approx(6.0, abs=0.1)
    assert 0.05 < fitted.pit[0] < 0.95
    assert middle[1] > 3.0
    assert fitted.trusted
    assert fitted.rounds[-1].effective > 40
    assert fitted.weights.sum() == pytest.approx(1.0)


def test_draws_are_written_as_ensembles_read_them_with_what_they_are_worth(
    fitted: Posterior, tmp_path: Path
) -> None:
    path = write_posterior(fitted, tmp_path, {"seed": 1})
    columns = Parquet().columns(path.read_bytes())
    assert tuple(columns.held) == fitted.names
    assert np.array_equal(columns.numbers("level"), fitted.values[:, fitted.names.index("level")])
    figures = list(csv.DictReader((tmp_path / "figures.csv").read_text().splitlines()))
    assert [line["id"] for line in figures] == ["sum", "product"]
    assert float(figures[0]["within_tolerance"]) > 0.5
    rows = {
        line["parameter"]: line
        for line in csv.DictReader((tmp_path / "parameters.csv").read_text().splitlines())
    }
    assert float(rows["level"]["contraction"]) > 0.5 > float(rows["idle"]["contraction"])
    told = json.loads((tmp_path / "diagnostics.json").read_text())
    assert told["fitted"] == ["level", "slope", "curve"]
    assert told["k_hat"][-1] == fitted.rounds[-1].khat
    # What is kept to weigh the draws anew gives the weights that they have.
    write_text(tmp_path / "settings.json", '{"method": "posterior"}')
    saved = read_posterior(tmp_path)
    as_they_are = saved.evidence.with_tolerance(1.0)
    assert as_they_are.khat == fitted.rounds[-1].khat
    assert np.array_equal(as_they_are.weights, saved.evidence.weights)
    assert np.array_equal(saved.shown.reshape(-1, 2), fitted.predicted)
    # Emulators that have not seen the runs of the draws know all the same what they show.
    inside = np.abs(saved.unseen[-1].scores) < 1.645
    assert (inside.mean(axis=(0, 1)) > 0.75).all()


@pytest.mark.slow
def test_a_screening_chooses_what_is_emulated() -> None:
    with Observer(Toy(), Journal()) as observer:
        found = posterior_fit(
            observer, toy_checks(), toy_parameters(), inputs=INPUTS, plan=PLAN, seed=2
        )
    assert {"level", "slope"} <= set(found.fitted)
    assert "idle" not in found.fitted
    assert found.screening is not None


def test_the_same_fit_from_its_journal_runs_nothing_and_is_the_same(
    fitted: Posterior, kept: Journal
) -> None:
    runs = len(kept.known)
    again = fit(journal=kept)
    assert runs
    assert len(kept.known) == runs
    assert np.array_equal(again.values, fitted.values)


@dataclass(frozen=True)
class Sum(Toy):
    """Shows the sum alone."""

    def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
        return super().__call__(point, seed)[:1]


@dataclass(frozen=True)
class Loud(Toy):
    """The luck of a seed is as large as the figure's tolerance many times over."""

    def __call__(self, point: Mapping[str, float], seed: int) -> tuple[float, ...]:
        values = {**toy_parameters(), **point}
        noise = np.random.default_rng([seed, 7]).normal()
        return (values["level"] + 2.0 * noise,)


def test_a_record_that_luck_may_have_made_says_little() -> None:
    """One realisation with a standard deviation of 2: N(5, 1) and 6 give N(5.2, 0.8), not 6."""
    with Observer(Loud(), Journal()) as observer:
        found = posterior_fit(
            observer,
            (check("level", 6.0, {"kind": "interval", "plus_minus": 0.2}),),
            toy_parameters(),
            names=["level"],
            inputs=INPUTS,
            plan=PosteriorPlan(points=(150,), draws=100, kept=400, rounds=1),
        )
    level = found.values[:, found.names.index("level")]
    assert level.mean() == pytest.approx(5.2, abs=0.3)
    assert level.std() == pytest.approx(0.8**0.5, abs=0.2)


def test_a_prior_that_contradicts_the_figure_is_not_hidden() -> None:
    definitions = {
        "level": definition(
            "level", {"distribution": "uniform", "low": 0.0, "high": 1.0}, (0.0, 1.0)
        )
    }
    parameters = Parameters(definitions, {"level": 0.5})
    with Observer(Sum(), Journal()) as observer:
        found = posterior_fit(
            observer,
            toy_checks()[:1],
            parameters,
            names=["level"],
            inputs={"level": ["level"]},
            plan=PosteriorPlan(points=(30,), draws=30, kept=60, rounds=1),
        )
    assert found.pit[0] > 0.99  # no run shows as much as the report


def test_what_cannot_be_fitted_is_refused() -> None:
    with Observer(Toy(), Journal()) as observer, pytest.raises(InputError, match="no figure"):
        posterior_fit(observer, (), toy_parameters(), names=["level"], inputs=INPUTS)
    with Observer(Broken(), Journal()) as observer, pytest.raises(InputError, match="too few"):
        posterior_fit(
            observer, toy_checks(), toy_parameters(), names=["level"], inputs=INPUTS, plan=PLAN
        )


def test_a_small_fit_is_small() -> None:
    assert PosteriorPlan.small(3).runs < 300
    journal = Journal()
    with Observer(Sum(), journal) as observer:
        found = posterior_fit(
            observer,
            toy_checks()[:1],
            toy_parameters(),
            names=["level", "slope", "curve"],
            inputs=INPUTS,
        )
    assert len(journal.known) < 300
    assert found.quantiles([0.5])[0, 0] == pytest.approx(6.0, abs=0.15)
