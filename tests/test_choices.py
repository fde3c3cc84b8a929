"""Which parameters a run has: by name, by file, completed from the posterior, and said in its manifest."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from _shipped import CENTRAL, DRAWS, shipped

from sscsim import choices, simulate
from sscsim.calibrated import ShippedPosterior, shipped_posterior
from sscsim.choices import chosen, drawn_from, draws_of, in_words, notes
from sscsim.errors import InputError
from sscsim.experiments.members import members
from sscsim.experiments.pairs import _informed
from sscsim.parameters import default_parameters
from sscsim.provenance import changes, marks, settings_of
from sscsim.settings import RunSettings

TABLES = default_parameters()


@pytest.fixture
def posterior(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShippedPosterior]:
    folder = tmp_path / "calibration"
    folder.mkdir()
    with shipped(folder, monkeypatch) as found:
        yield found


def file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


# ------------------------------------------------------------------------------------------ one run


@pytest.mark.usefixtures("central_by_default")
def test_a_run_that_asks_for_nothing_takes_the_central_draw(posterior: ShippedPosterior) -> None:
    for given in (None, "central"):
        found = RunSettings(parameters=given).values()
        assert found.changed == chosen("draw:2").changed
        assert found["trade_elasticity"] == posterior.point(CENTRAL)["trade_elasticity"]
        assert found.origin == {"source": "central", "posterior": posterior.label, "draw": CENTRAL}
    assert RunSettings().marks() == {}
    assert RunSettings(parameters="tables").marks() == {"parameters": "tables"}
    assert RunSettings(set={"trade_elasticity": 4.0}).values()["trade_elasticity"] == 4.0


def test_tables_and_single_draws_go_by_name(posterior: ShippedPosterior) -> None:
    assert chosen("tables").changed == {}
    assert chosen("draw:4")["trade_elasticity"] == posterior.point(4)["trade_elasticity"]
    assert chosen(TABLES.replace({"trade_elasticity": 3.5})).changed == {"trade_elasticity": 3.5}
    for name, said in (
        ("draw:5", "0 to 4"),
        ("draw:-1", "0 to 4"),
        ("draw:x", "0 to 4"),
        ("centrl", "did you mean 'central'"),
        ("nowhere.yaml", "nowhere.yaml"),
    ):
        with pytest.raises(InputError, match=said):
            chosen(name)


@pytest.mark.parametrize(
    "text",
    [
        "trade_elasticity: 4.5\n",
        "scenario: baseline\nseeds: 50\nparameters:\n  trade_elasticity: 4.5\n",
    ],
)
def test_a_yaml_of_some_is_completed_by_the_central_draw_and_says_so(
    text: str, posterior: ShippedPosterior, tmp_path: Path
) -> None:
    found = chosen(file(tmp_path, "best.yaml", text))
    assert found["trade_elasticity"] == 4.5
    others = {n: v for n, v in posterior.point(CENTRAL).items() if n != "trade_elasticity"}
    assert {n: found[n] for n in others} == others
    assert found.origin is not None
    assert found.origin["completed"]["names"] == sorted(others)
    assert "central draw" in found.origin["completed"]["from"]
    (told,) = notes(found)
    assert "all but trade_elasticity" in told
    assert "central draw" in told


def test_a_name_given_for_each_goal_covers_all_of_them(
    posterior: ShippedPosterior, tmp_path: Path
) -> None:
    stem = next(n.partition(".")[0] for n in posterior.names if "." in n)
    low, high = TABLES.definition(f"{stem}.1").bounds
    found = chosen(file(tmp_path, "one.yaml", f"{stem}: {(low + high) / 2}\n"))
    assert set(found.by_goal(stem)) == {(low + high) / 2}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trade_elasticty: 4\n", "trade_elasticity"),
        ("trade_elasticity: four\n", "must be a number"),
        ("trade_elasticity: 99\n", "bounds"),
        ("parameters: {}\n", "names no parameters"),
    ],
)
def test_a_yaml_is_read_strictly(text: str, said: str, tmp_path: Path) -> None:
    path = file(tmp_path, "one.yaml", text)
    with pytest.raises(InputError, match=said) as failure:
        chosen(path)
    assert str(path) in str(failure.value)


def test_of_many_points_a_run_takes_the_most_central(
    posterior: ShippedPosterior, tmp_path: Path
) -> None:
    path = file(tmp_path, "draws.csv", "trade_elasticity\n3.0\n5.0\n5.2\n9.0\n")
    found = chosen(path)
    assert found["trade_elasticity"] in (5.0, 5.2)
    assert found.origin is not None
    assert found.origin["draw"] in (1, 2)


def test_a_fits_folder_is_its_posterior_its_best_point_or_its_points(
    posterior: ShippedPosterior, tmp_path: Path
) -> None:
    folder = tmp_path / "fit"
    folder.mkdir()
    with pytest.raises(InputError, match="holds no fit"):
        chosen(folder)
    head = "trade_elasticity,ss_trade_value,implausibility"
    file(folder, "points.csv", f"{head}\n4.0,5.01,0.2\n4.4,5.2,0.9\n")
    assert [p["trade_elasticity"] for p in draws_of(folder, None, list).points] == [4.0, 4.4]
    file(folder, "best.yaml", "parameters:\n  trade_elasticity: 4.1\n")
    assert chosen(folder)["trade_elasticity"] == 4.1
    assert len(draws_of(folder, None, list).points) == 2
    frame = pd.DataFrame({"trade_elasticity": [3.0, 6.0, 5.9], "gravity_distance": -1.0})
    frame.to_parquet(folder / "posterior.parquet")
    file(folder, "diagnostics.json", '{"fitted": ["trade_elasticity"]}')
    assert chosen(folder)["trade_elasticity"] == 5.9
    assert len(draws_of(folder, None, list).points) == 3


def test_a_typing_error_in_points_is_no_figure(tmp_path: Path) -> None:
    path = file(tmp_path, "points.csv", "trade_elasticty,x,implausibility\n4.0,5.0,0.2\n")
    with pytest.raises(InputError, match="names no parameters"):
        draws_of(path, None, list)


# -------------------------------------------------------------------------------------- many runs


def test_draw_i_is_row_i_and_rows_are_taken_anew_beyond_the_last(
    posterior: ShippedPosterior,
) -> None:
    few, many = (members(["baseline"], n, draw_figures=False) for n in (3, DRAWS + 2))
    assert [m.key for m in few] == [m.key for m in many[:3]]
    for i, one in enumerate(many):
        assert one.parameters == posterior.point(i % DRAWS)
        assert one.seed == 1 + i
    assert len({m.key for m in many}) == DRAWS + 2


def test_keys_go_by_values_not_by_names_of_sources(
    posterior: ShippedPosterior, tmp_path: Path
) -> None:
    frame = pd.DataFrame([posterior.point(i) for i in range(DRAWS)])
    frame.to_parquet(tmp_path / "copy.parquet")
    asked = {"draw_figures": False, "draws": 3}
    shipped_ones = members(["baseline"], source="posterior", **asked)
    assert [m.key for m in members(["baseline"], source=tmp_path / "copy.parquet", **asked)] == [
        m.key for m in shipped_ones
    ]
    central = members(["baseline"], 2, source="central")
    assert [m.key for m in members(["baseline"], 2, source=f"draw:{CENTRAL}")] == [
        m.key for m in central
    ]
    assert central[0].parameters != members(["baseline"], 1, source="tables")[0].parameters
    assert [m.seed for m in central] == [1, 2]


def test_draws_of_a_file_differ_by_what_it_holds(
    posterior: ShippedPosterior, tmp_path: Path
) -> None:
    path = file(tmp_path, "draws.csv", "trade_elasticity\n3.0\n5.0\n")
    found = draws_of(path, None, list)
    for value, point in zip((3.0, 5.0), found.points, strict=True):
        assert point == {**posterior.point(CENTRAL), "trade_elasticity": value}
    assert "the central draw of the posterior" in found.notes[0]
    whole = tmp_path / "whole.parquet"
    pd.DataFrame([posterior.point(0)]).to_parquet(whole)
    assert draws_of(whole, None, list).notes == ()


def test_what_an_interval_holds_is_said_in_words(posterior: ShippedPosterior) -> None:
    assert in_words("posterior") == "parameters drawn from the posterior"
    assert in_words("defaults") == in_words("tables") == "parameters at the tables' values"
    assert in_words("draw:3") == "parameters at draw 3 of the posterior"
    assert in_words("some/where/draws.csv") == "parameters from draws.csv"


def test_only_what_the_fit_was_moved_by_is_informed(posterior: ShippedPosterior) -> None:
    drawn = {n: posterior.values[:3, k] for k, n in enumerate(posterior.names)}
    assert set(_informed(drawn, "posterior")) == {"trade_elasticity"}
    assert _informed(drawn, "priors") == {}


# ------------------------------------------------------------------------------------- provenance


def test_a_run_says_where_its_parameters_come_from_and_is_repeated_from_its_values(
    posterior: ShippedPosterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "USUAL", choices.CENTRAL)
    plain = simulate("baseline", end=2013)
    held = simulate("baseline", end=2013, parameters="draw:1", set={"trade_elasticity": 4.0})
    table = simulate("baseline", end=2013, parameters="tables")
    assert marks(plain.manifest) == []
    assert marks(held.manifest) == ["parameters of draw:1", "trade_elasticity = 4"]
    assert marks(table.manifest) == ["parameters of the tables"]
    assert plain.manifest["parameters_from"]["posterior"] == posterior.label
    assert table.content_hash != plain.content_hash != held.content_hash
    # Another posterior ships by now: a run that is repeated keeps the values that it had.
    other = tmp_path / "other"
    other.mkdir()
    with shipped(other, monkeypatch, central=0):
        for run in (held, plain):
            asked = settings_of(run.manifest)
            assert changes(run.manifest, asked) == []
            again = simulate(asked)
            assert again.content_hash == run.content_hash
            assert marks(again.manifest) == marks(run.manifest)
            assert again.manifest["parameters_from"] == run.manifest["parameters_from"]


def test_a_posterior_of_another_model_is_used_with_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "_told", set())
    with (
        shipped(tmp_path, monkeypatch, basis={}) as found,
        warnings.catch_warnings(record=True) as told,
    ):
        warnings.simplefilter("always")
        assert np.isclose(
            chosen("central")["trade_elasticity"], found.point(CENTRAL)["trade_elasticity"]
        )
        chosen("draw:1")
    assert [str(one.message)[:40] for one in told] == ["The posterior that ships was fitted befo"]


def test_draws_of_a_source_are_told_from_others_of_its_name(monkeypatch) -> None:
    there = shipped_posterior()
    assert there is not None
    assert drawn_from("posterior") == {"source": "posterior", "posterior": there.label}
    assert drawn_from("draw:3")["posterior"] == there.label
    assert drawn_from("tables") == {"source": "tables"}
    before = drawn_from("priors")["priors"]
    monkeypatch.setattr("sscsim.choices.basis_now", lambda: {"priors": {"a": ("1", "2")}})
    assert drawn_from("priors")["priors"] != before


def test_draws_of_a_file_or_a_fit_are_told_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("trade_elasticity\n4.0\n4.5\n")
    one = drawn_from(str(tmp_path / "points.csv"))
    assert len(one["file"]) == 12
    assert drawn_from(str(tmp_path))["file"] == one["file"]
    (tmp_path / "points.csv").write_text("trade_elasticity\n4.0\n4.6\n")
    assert drawn_from(str(tmp_path))["file"] != one["file"]


def test_priors_given_as_a_source_are_told_where_they_go(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "trade_elasticity:\n  prior: {distribution: fixed}\n  source: An estimate\n",
        encoding="utf-8",
    )
    for ask in (chosen, lambda given: draws_of(given, 2, 1)):
        with pytest.raises(InputError, match="sscsim calibrate --priors") as found:
            ask(str(file))
        assert found.value.line == 1
        assert found.value.key == "trade_elasticity"
