"""Runs for the page's emulator: fair pairs, kept one by one, gone on with where they were stopped."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import SscsimError
from sscsim.experiments.beginnings import by_beginning
from sscsim.page import training
from sscsim.page.design import Design, design, settings
from sscsim.page.fit import fit
from sscsim.page.outputs import Reading, outputs
from sscsim.page.training import about, layout, planned, read_runs, run_all, stale


@pytest.fixture(scope="module")
def plan():
    return planned(design(2), "priors")


def test_a_setting_and_the_baseline_of_its_draw_differ_by_policy_alone(plan) -> None:
    for number, member in enumerate(plan.seen):
        first = plan.baseline[number // 37]
        assert (member.seed, member.draw) == (first.seed, first.draw)
        assert dict(member.parameters) == dict(first.parameters)
        assert dict(member.figures) == dict(first.figures)
        assert member.scenario.levers
    assert not plan.baseline[0].scenario.levers
    assert dict(plan.baseline[0].parameters) != dict(plan.baseline[1].parameters)


def test_every_run_is_made_once_and_draws_begin_together(plan) -> None:
    every = plan.every
    assert len(every) == plan.design.runs == len({member.key for member in every})
    assert len(by_beginning(every)) == plan.design.draws
    more = {member.key for member in planned(design(3), "priors").every}
    assert {member.key for member in every} < more
    unseen = {member.key for several in plan.unseen for member in several}
    assert not unseen & {member.key for member in plan.seen}


def test_what_an_emulator_rests_on_is_told(plan, monkeypatch) -> None:
    told = about(plan)
    assert len(told["basis"]) == 16
    assert stale({**told, "posterior": _shipped_label()}) == []
    monkeypatch.setattr(training, "meaning_of_sliders", lambda: "other sliders")
    files = {**told["files"], "model": {**told["files"]["model"], "gone.py": ["a", "b"]}}
    said = stale({**told, "files": files, "posterior": "another"})
    assert said[0] == "the sliders or the outputs"
    assert "gone.py" in said[1]
    assert "posterior" in said[2]


def _shipped_label() -> str | None:
    from sscsim.calibrated import shipped_posterior

    shipped = shipped_posterior()
    return None if shipped is None else shipped.label


def test_a_run_that_fails_is_said(plan, tmp_path, monkeypatch) -> None:
    def fail(members):
        raise RuntimeError("no such luck")
        yield

    monkeypatch.setattr(training, "run_together", fail)
    with pytest.raises(SscsimError, match="no such luck"):
        run_all(plan, tmp_path, 1)


@pytest.mark.slow
def test_training_goes_on_where_it_was_stopped_and_reads_what_the_model_says(tmp_path) -> None:
    few = Design([settings(2, 1), settings(2, 3)], settings(2, 2))
    runs = planned(few, "priors", end=2021)
    first = run_all(runs, tmp_path, 1)
    assert (first.run, first.stored) == (few.runs, 0) == (10, 0)
    assert (again := run_all(runs, tmp_path, 1)).run == 0
    assert again.stored == 10
    gone = tmp_path / layout() / f"{runs.seen[1].key}.npz"
    before = gone.read_bytes()
    gone.unlink()
    with pytest.raises(SscsimError, match="missing"):
        fit(runs, tmp_path)
    assert run_all(runs, tmp_path, 2).run == 1
    assert gone.read_bytes() == before  # by itself as among others
    axes, read = read_runs([runs.seen[1]], tmp_path)
    _compare(axes, read[0], runs.seen[1])
    found = fit(runs, tmp_path, about(runs))
    assert found.outputs["goal_index"].loadings.shape[1:] == (197, 3)


def _compare(axes, read, member) -> None:
    from sscsim.model import SouthSouthModel

    model = SouthSouthModel(member.settings)
    run = model.run()
    model.close()
    attributes = model.world.attributes["report_region"].tolist()
    reading = Reading(run.tables, dict(zip(model.world.iso3, attributes, strict=True)))
    for name, one in outputs().table.items():
        assert axes[name] == tuple(map(tuple, reading.axes(one)))
        np.testing.assert_array_equal(read[name], reading.values(one).astype(np.float32))
