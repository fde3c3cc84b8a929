"""A run that is over leaves nothing behind: no cycle waits for a collection, however many runs there are."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sscsim import model as models
from sscsim import simulate
from sscsim.experiments import RunStore, run_ensemble
from sscsim.experiments.members import members
from sscsim.model import SouthSouthModel
from sscsim.parameters import default_parameters
from sscsim.world.loading import load_world


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[weakref.ref[Any]]]:
    """Whatever models are made, forks included, with nothing to collect cycles."""
    found: list[weakref.ref[Any]] = []
    init, fork = SouthSouthModel.__init__, SouthSouthModel.fork

    def remembered(self: SouthSouthModel, *args: Any, **options: Any) -> None:
        found.append(weakref.ref(self))
        init(self, *args, **options)

    def forked(self: SouthSouthModel, scenario: Any) -> SouthSouthModel:
        twin = fork(self, scenario)
        found.append(weakref.ref(twin))
        return twin

    monkeypatch.setattr(models.SouthSouthModel, "__init__", remembered)
    monkeypatch.setattr(models.SouthSouthModel, "fork", forked)
    gc.collect()
    gc.disable()
    try:
        yield found
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "options", [{}, {"naive": True}, {"off": ("knowledge",)}, {"keep": "indicators"}]
)
def test_a_simulation_is_gone_when_it_is_over(
    made: list[weakref.ref[Any]], options: dict[str, Any]
) -> None:
    run = simulate("baseline", end=2013, **options)
    assert [one() for one in made] == [None]
    assert run.value("gdp") > 0


def test_so_is_one_that_failed(
    made: list[weakref.ref[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: SouthSouthModel) -> None:
        raise ArithmeticError("on purpose")

    monkeypatch.setattr(SouthSouthModel, "_turn_of_the_year", fails)
    with pytest.raises(ArithmeticError):
        simulate("baseline", end=2014)
    assert [one() for one in made] == [None]


@pytest.mark.parametrize("scenarios", [["baseline"], ["baseline", "no-cooperation", "full-agenda"]])
def test_so_are_members_shared_or_not(
    made: list[weakref.ref[Any]], tmp_path: Path, scenarios: list[str]
) -> None:
    result = run_ensemble(members(scenarios, draws=2, end=2015), RunStore(tmp_path / "store"))
    assert result.failed == 0
    assert len(made) >= 2
    assert [one() for one in made if one() is not None] == []


def test_a_closed_models_state_can_still_be_seen() -> None:
    model = SouthSouthModel(
        parameters=default_parameters(), world=load_world(), end=2013, keep="indicators"
    )
    brazil = model.country("BRA")
    model.run()
    before = float(brazil.gdp)
    model.close()
    model.close()  # as often as one likes
    assert brazil.gdp == before == model.state.gdp[model.world.position("BRA")]
