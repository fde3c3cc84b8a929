"""A change that moves no number is entered in what was fitted and trained, and no other is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from _shipped import cheap_basis

from sscsim import basis, calibrated
from sscsim.calibrated import DRAWS_FILE, MANIFEST_FILE, shipped_posterior
from sscsim.calibration.shipped import manifest_text
from sscsim.page import emulator
from sscsim.page.training import RESTS_ON, stale
from tools import renew_posterior as tool

CHANGED = "steps/trade.py"


@pytest.fixture
def places(tmp_path, monkeypatch) -> Iterator[SimpleNamespace]:
    """Copies of posterior and emulator, both of a model with another step of trade."""
    folder = calibrated.calibration_folder()
    for name in (DRAWS_FILE, MANIFEST_FILE):
        shutil.copy(folder / name, tmp_path)
    shutil.copy(emulator.shipped_path(), tmp_path)
    found = SimpleNamespace(
        manifest=tmp_path / MANIFEST_FILE, page=tmp_path / emulator.shipped_path().name
    )
    monkeypatch.setattr(calibrated, "calibration_folder", lambda: tmp_path)
    monkeypatch.setattr(tool, "calibration_folder", lambda: tmp_path)
    monkeypatch.setattr(emulator, "shipped_path", lambda: found.page)
    monkeypatch.setattr(tool, "basis_now", cheap_basis)
    monkeypatch.setattr(basis, "basis_now", cheap_basis)
    monkeypatch.setattr("sys.argv", ["renew_posterior"])
    held_shown(monkeypatch)
    fitted = cheap_basis()
    fitted["model"][CHANGED] = ("0", "of then")
    told = json.loads(found.manifest.read_text()) | {
        "basis": fitted,
        "hashes": basis.hashes(fitted),
    }
    found.manifest.write_text(manifest_text(told))
    train(found.page, fitted)
    shipped_posterior.cache_clear()
    yield found
    shipped_posterior.cache_clear()


def held_shown(monkeypatch: pytest.MonkeyPatch, times: float = 1.0) -> None:
    """Let runs show what they showed after the fit, or almost."""
    held = [(key, times * value) for key, value in tool.held().items()]
    monkeypatch.setattr(tool, "shown", lambda: iter(held))


def train(path: Path, on: basis.Basis) -> None:
    emulator.retold(path, files={k: {p: list(of) for p, of in on[k].items()} for k in RESTS_ON})


def test_both_are_entered_where_runs_show_what_they_showed(places, capsys) -> None:
    before = emulator.load()
    assert shipped_posterior().stale == {"model": [CHANGED]}
    assert "steps/trade.py" in stale(before.about)[0]
    assert tool.main() == 0
    assert CHANGED in capsys.readouterr().out
    shipped_posterior.cache_clear()
    assert shipped_posterior().stale == {}
    entry = shipped_posterior().manifest[tool.RENEWED][-1]
    assert entry["files"] == [CHANGED]
    assert entry["furthest"] == 0.0
    after = emulator.load()
    assert stale(after.about) == []
    assert after.about[tool.RENEWED][-1]["basis"] == before.about["basis"] != after.about["basis"]
    for name, one in before.outputs.items():
        np.testing.assert_array_equal(one.loadings, after.outputs[name].loadings)
        np.testing.assert_array_equal(one.error, after.outputs[name].error)
    assert after.about["validation"] == before.about["validation"]
    assert tool.main() == 0
    assert "are of this model" in capsys.readouterr().out


def test_neither_is_entered_where_a_number_moved(places, monkeypatch, capsys) -> None:
    held_shown(monkeypatch, 1.0 + 1e-8)
    before = [places.manifest.read_bytes(), places.page.read_bytes()]
    assert tool.main() == 1
    assert "A fit is needed" in capsys.readouterr().out
    assert [places.manifest.read_bytes(), places.page.read_bytes()] == before


def test_an_emulator_of_a_model_before_is_entered_too(places) -> None:
    assert tool.main() == 0
    shipped_posterior.cache_clear()
    fitted = cheap_basis()
    fitted["model"][CHANGED] = ("0", "of then")
    train(places.page, fitted)
    assert tool.main() == 0
    assert stale(emulator.load().about) == []


def test_an_emulator_of_a_model_that_nobody_tried_is_to_be_trained(places, capsys) -> None:
    other = cheap_basis()
    other["model"][CHANGED] = ("0", "of another time")
    train(places.page, other)
    assert tool.main() == 1
    assert "trained anew" in capsys.readouterr().out
    assert stale(emulator.load().about)
    shipped_posterior.cache_clear()
    assert shipped_posterior().stale == {}  # the posterior needs no emulator


def test_an_emulator_of_other_sliders_is_to_be_trained(places, capsys) -> None:
    emulator.retold(places.page, sliders="others")
    assert tool.main() == 1
    assert "other sliders" in capsys.readouterr().out


def test_runs_are_held_with_every_slider_either_way() -> None:
    scenarios = {name: scenario for name, scenario, _ in tool.points()}
    levers = [scenarios[f"page:{end}"].levers for end in ("min", "max")]
    moved = {m.lever for one in tool.sliders().table.values() for m in one.levers}
    assert moved == {*levers[0], *levers[1]}
    assert {key[0] for key in tool.held()} == set(scenarios)
