"""The posterior that ships: written by a fit, read by runs, and known for stale when the model has moved on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from _posteriors import made_up
from _shipped import cheap_basis
from _toys import toy_parameters

from sscsim import basis, calibrated
from sscsim.calibrated import DIAGNOSTICS_FILE, ShippedPosterior, medoid, scores, shipped_posterior
from sscsim.calibration.posterior import Posterior
from sscsim.calibration.shipped import manifest_of, record_posterior
from sscsim.errors import InputError
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.parameters import default_parameters
from sscsim.resources import calibration_folder


@pytest.fixture(scope="module")
def fitted() -> Posterior:
    return made_up()


def test_the_posterior_that_ships_is_of_this_model() -> None:
    found = shipped_posterior()
    assert found.draws >= 400
    # What came after the fit keeps its prior.
    assert {*found.names, *found.later} == set(drawn_parameters(default_parameters()))
    assert not {*found.names} & {*found.later}
    assert found.warning() is None, f"{found.warning()} A release needs it."


def test_what_the_fit_says_of_itself_is_of_this_posterior() -> None:
    said = json.loads((calibration_folder() / DIAGNOSTICS_FILE).read_text(encoding="utf-8"))
    held = shipped_posterior().manifest["diagnostics"]
    assert said["k_hat"][-1] == pytest.approx(held["k_hat"])
    assert said["draws"] == held["draws"]
    assert said["coverage"]["emulated"]["truths"] >= 200
    assert said["coverage"]["model"]["truths"] >= 20
    assert min(said["coverage"][kind]["p"] for kind in ("emulated", "model")) > 0.01
    assert set(said["second_road"]["distances_in_posterior_sd"]) <= set(held["fitted"])


def test_what_no_figure_informs_keeps_its_prior() -> None:
    """A fit moves what it fits. All else it draws as the priors say, by as much as so many draws can tell."""
    from scipy.special import ndtr

    found, parameters = shipped_posterior(), default_parameters()
    rest = [
        name
        for name in found.names
        if name not in found.fitted and parameters.definition(name).drawn
    ]
    assert len(rest) > 200
    columns = [found.names.index(name) for name in rest]
    quantiles = ndtr(scores(found.values[:, columns], rest, parameters))
    worth = found.manifest["diagnostics"]["worth_of_draws"]
    # The mean of a uniform has the deviation 1 / sqrt(12 n): of three hundred the furthest lies some three away.
    off = np.abs(quantiles.mean(axis=0) - 0.5) * np.sqrt(12.0 * worth)
    assert off.max() < 4.5, rest[int(off.argmax())]
    spread = quantiles.std(axis=0) * np.sqrt(12.0)
    assert spread.min() > 0.85
    assert spread.max() < 1.15


@pytest.mark.usefixtures("quick")
def test_a_recorded_fit_is_read_as_it_was_made(fitted: Posterior, tmp_path: Path) -> None:
    manifest = manifest_of(fitted, "sscsim calibrate", seed=1, runs=7)
    path = record_posterior(fitted, tmp_path, manifest)
    found = ShippedPosterior.load(path.parent)
    assert found.names == fitted.names
    assert np.array_equal(found.values, fitted.values)
    assert found.draws == 200
    assert found.fitted == ("level", "slope", "curve")
    assert found.manifest == json.loads(json.dumps(manifest))
    assert set(found.manifest["hashes"]) == {"model", "data", "priors", "targets"}
    assert {"command", "seed", "versions", "runs", "diagnostics"} <= set(found.manifest)
    assert found.stale == {}
    assert found.warning() is None


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody read all of the model where what it means is not looked at."""
    monkeypatch.setattr("sscsim.calibration.shipped.basis_now", cheap_basis)


def test_a_posterior_of_another_model_says_what_differs_and_what_makes_it_anew(
    fitted: Posterior, tmp_path: Path
) -> None:
    manifest = manifest_of(fitted, "sscsim calibrate --seed 5", seed=5)  # the one reading of all
    manifest["basis"]["model"]["steps/trade.py"] = ("0", "0")
    manifest["basis"]["priors"]["parameters/gone.yaml"] = ("1", "1")
    # Other bytes that mean the same are no other model.
    manifest["basis"]["model"]["model.py"] = ("0", manifest["basis"]["model"]["model.py"][1])
    record_posterior(fitted, tmp_path, manifest)
    found = ShippedPosterior.load(tmp_path)
    assert found.stale == {"model": ["steps/trade.py"], "priors": ["parameters/gone.yaml"]}
    told = found.warning()
    assert told is not None
    for word in ("the model", "the parameter tables", "steps/trade.py", "calibrate --seed 5"):
        assert word in told
    assert "data" not in told


@pytest.mark.usefixtures("quick")
def test_half_a_posterior_is_refused(fitted: Posterior, tmp_path: Path) -> None:
    manifest = manifest_of(fitted, "x", seed=1)
    record_posterior(fitted, tmp_path, {**manifest, "central": 201})
    with pytest.raises(InputError, match="central draw"):
        ShippedPosterior.load(tmp_path)
    (tmp_path / "posterior.json").write_text("{}")
    with pytest.raises(InputError, match="incomplete"):
        ShippedPosterior.load(tmp_path)
    (tmp_path / "posterior.json").unlink()
    with pytest.raises(InputError):
        ShippedPosterior.load(tmp_path)


def test_comments_and_messages_do_not_make_another_model(tmp_path: Path) -> None:
    path = tmp_path / "one.py"

    def hash_of(text: str) -> str:
        path.write_text(text)
        return basis.meaning("model", path)

    plain = hash_of("def f(x):\n    if x < 0:\n        raise ValueError('no')\n    return 2 * x\n")
    assert plain == hash_of(
        '# why\ndef f(x):\n    if x < 0:\n        raise KeyError("never", x)\n    return 2*x\n'
    )
    assert plain != hash_of(
        "def f(x):\n    if x < 0:\n        raise ValueError('no')\n    return 3 * x\n"
    )
    assert plain != hash_of(
        "def f(x):\n    if x < 1:\n        raise ValueError('no')\n    return 2 * x\n"
    )
    documented, bare = (
        hash_of('def f():\n    "Say."\n    return 1\n'),
        hash_of("def f():\n    return 1\n"),
    )
    assert documented == bare


def test_a_prior_counts_and_its_source_does_not(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    text = "parameters:\n  a: {value: 1.0, prior: {sd: 2}, bounds: [0, 3], source: one}\n"

    def hash_of(changed: str) -> str:
        path.write_text(changed)
        return basis.meaning("priors", path)

    assert hash_of(text) == hash_of(text.replace("one", "another"))
    assert hash_of(text) != hash_of(text.replace("sd: 2", "sd: 3"))


def test_scores_are_those_that_the_priors_were_drawn_from() -> None:
    from scipy.special import ndtri

    parameters = default_parameters()
    names = drawn_parameters(parameters)
    design = Design.independent(names, 40, 3)
    found = scores(design.values(parameters), names, parameters)
    inside = np.abs(ndtri(design.quantiles)) < 3
    assert found[inside] == pytest.approx(ndtri(design.quantiles)[inside], abs=1e-5)


def test_the_central_draw_is_the_medoid_and_the_first_of_equals() -> None:
    parameters = toy_parameters()
    # Prior of level: N(5, 1); of slope: uniform from 0 to 1.
    values = np.array([[9.0, 0.5], [5.0, 0.5], [5.1, 0.9], [5.0, 0.5], [4.9, 0.1]])
    assert medoid(values, ("level", "slope"), parameters) == 1
    # By level alone the last but one is as central; a wide parameter counts no more than a narrow one.
    assert medoid(values[:, :1], ("level",), parameters) == 1
    assert medoid(values, (), parameters) == 0


@pytest.mark.usefixtures("quick")
def test_of_a_posterior_of_other_tables_what_can_be_used_is_used(
    fitted: Posterior, tmp_path: Path
) -> None:
    record_posterior(fitted, tmp_path, manifest_of(fitted, "x", seed=1))
    toy = ShippedPosterior.load(tmp_path)
    low, high = default_parameters().definition("trade_elasticity").bounds
    held = ShippedPosterior(
        ("gone", "trade_elasticity"), np.array([[1.0, high + 5.0], [2.0, low]]), toy.manifest, "0"
    )
    assert held.point(0) == {"trade_elasticity": high}
    assert held.point(1) == {"trade_elasticity": low}
    with pytest.raises(InputError, match="0 to 1"):
        held.point(2)


def test_an_installation_without_it_says_which_file_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrated, "calibration_folder", lambda: tmp_path)
    shipped_posterior.cache_clear()
    try:
        with pytest.raises(InputError, match=r"posterior\.parquet"):
            shipped_posterior()
    finally:
        shipped_posterior.cache_clear()
