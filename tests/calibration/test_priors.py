"""Priors of one's own take the place of the tables', are read strictly, and reach a fit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import prior_predictive
from sscsim.calibration.priors import load_priors
from sscsim.errors import InputError
from sscsim.parameters import default_parameters

OWN = """
trade_elasticity:
  prior: {distribution: normal, mean: 4.0, sd: 0.2}
  source: An estimate for manufactures of one's own
goal_drift.3:
  prior: {distribution: fixed}
  source: Held at the table's value
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "priors.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_changes_the_priors_it_names_and_no_other(tmp_path: Path) -> None:
    found, usual = load_priors(written(tmp_path, OWN)), default_parameters()
    assert found.definition("trade_elasticity").quantile(0.5) == pytest.approx(4.0, abs=0.01)
    assert not found.definition("goal_drift.3").drawn
    assert found.definition("goal_drift.4") == usual.definition("goal_drift.4")
    assert dict(found) == dict(usual)
    assert default_parameters().definition("goal_drift.3").drawn


def test_bounds_of_ones_own_truncate(tmp_path: Path) -> None:
    text = OWN.replace("own\n", "own\n  bounds: [3.9, 4.1]\n", 1)
    one = load_priors(written(tmp_path, text)).definition("trade_elasticity")
    assert 3.9 <= one.quantile(0.0001) < one.quantile(0.9999) <= 4.1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trade_elastcity: {}\n", "trade_elasticity"),
        ("trade_elasticity: {source: mine and good}\n", "'prior' is missing"),
        ("trade_elasticity:\n  prior: {distribution: normal, mean: 4.0, sd: 1}\n", "'source'"),
        (OWN.replace("sd: 0.2", "sigma: 0.2"), "takes mean, sd"),
        (OWN.replace("prior: {distribution: fixed}", "piror: 1"), "prior"),
        (OWN.replace("own\n", "own\n  bounds: [-3, 400]\n", 1), "beyond those of the tables"),
        (OWN.replace("mean: 4.0", "mean: {1: 4.0}"), "each Goal"),
        ("{}\n", "names no parameters"),
    ],
)
def test_what_is_no_prior_is_refused_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        load_priors(written(tmp_path, text))
    assert "priors.yaml" in str(refused.value)


# --------------------------------------------------------------------------------- what draws of all priors reach

PAGE = Path(prior_predictive.__file__).parents[1] / "docs" / "calibration.md"


def number(cell: str) -> float:
    return float(re.sub(r"^at (least|most) |,", "", cell.strip()).replace("−", "-"))


def test_the_printed_intervals_hold_every_fitted_figure() -> None:
    table = PAGE.read_text("utf-8").partition("<!-- table priors-reach")[2].partition("<!-- end")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ¶")]
    fitted = [row for row in rows if row[2] == "fit"]
    assert len(fitted) == 23
    for figure, _, _, report, low, middle, high in fitted:
        assert number(low) <= number(middle) <= number(high), figure
        assert number(report) <= number(high), figure
        if not report.startswith("at least"):
            assert number(low) <= number(report), figure


@pytest.mark.slow
def test_draws_of_all_priors_hold_every_fitted_figure() -> None:
    found = prior_predictive.predict(100)
    assert found.refused == found.partly == 0
    outside = [f.item.id for f in found.figures if not f.inside and f.item.target.role == "fit"]
    assert not outside
