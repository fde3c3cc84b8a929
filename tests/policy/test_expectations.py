"""What was expected of a scenario: read strictly, judged by signs, and the drafts of files that hold it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.effects import paired_effect
from sscsim.experiments.expectations import Judged, contained
from sscsim.policy import list_scenarios, load_scenario
from sscsim.policy.drafts import scenario_draft
from sscsim.policy.paths import LeverPaths
from sscsim.policy.scenario import Expectation, find_scenario, own_scenarios
from sscsim.world.loading import load_world

TEXT = """name: mine
extends: baseline
expects:
  - {indicator: goal_index, group: LDC, year: 2030, moves: up, because: "It was so before."}
levers:
  aid_volume: 1.5
"""


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_expectation_is_read_and_changes_nothing_that_is_run(tmp_path: Path) -> None:
    with_it = load_scenario(written(tmp_path, TEXT))
    assert with_it.expects[0].because == "It was so before."
    without = replace(with_it, expects=())
    assert with_it.content_hash == without.content_hash
    assert with_it == without


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("goal_index,", "goal_indx,", "goal_index"),
        ("LDC", "LDCs", "LDC"),
        ("moves: up", "moves: upp", "moves"),
        ("2030", "2040", "2034"),
    ],
)
def test_an_expectation_of_what_does_not_exist_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, near: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(written(tmp_path, TEXT.replace(old, new)))
    assert "mine.yaml:4" in str(caught.value).replace(", line ", ":")
    assert near in str(caught.value)


@pytest.mark.parametrize("name", [n for n in list_scenarios() if n != "baseline"])
def test_every_scenario_that_ships_says_what_is_expected_of_it_in_both_titles(name: str) -> None:
    one = load_scenario(name)
    assert one.expects, "write down what you expect before you run it"
    assert {"en", "zh"} <= set(one.title)
    assert one.source
    assert one.description


@pytest.mark.parametrize(
    ("moves", "effects", "verdict"),
    [
        ("up", [1.0] * 10, "agrees"),
        ("down", [1.0] * 10, "disagrees"),
        ("down", [-1.0] * 9 + [1.0], "agrees"),
        ("up", [1.0, -1.0] * 5, "undecided"),
        ("up", [0.0] * 10, "undecided"),
    ],
)
def test_the_verdict_goes_by_the_sign_in_nine_draws_of_ten(
    moves: str, effects: list[float], verdict: str
) -> None:
    reference = np.linspace(10.0, 20.0, len(effects))
    found = Judged(
        "mine",
        Expectation(indicator="goal_index", group="LDC", year=2030, moves=moves, because="so"),  # type: ignore[arg-type]
        paired_effect(reference, reference + np.array(effects)),
    )
    assert found.verdict == verdict


def test_a_scenario_contains_another_if_it_does_all_of_it_to_the_same_amount() -> None:
    names = [
        "full-agenda",
        "institutions-first",
        "leave-no-one-behind",
        "reverse-linkage",
        "pandemic",
    ]
    found = contained([load_scenario(name) for name in names], load_world())
    # leave-no-one-behind opens the platform to landlocked States that are in no list of the South; the agenda does not.
    assert set(found["full-agenda"]) == {"institutions-first", "reverse-linkage"}
    assert found["institutions-first"] == ()
    assert found["pandemic"] == ()


def test_a_draft_is_a_scenario_that_does_nothing_yet(tmp_path: Path) -> None:
    path = written(tmp_path, scenario_draft("mine", "full-agenda", ["trade_cost", "bank_capital"]))
    drafted, parent = load_scenario(path), load_scenario("full-agenda")
    world = load_world()
    paths = LeverPaths(drafted, world)
    assert (paths.value("trade_cost", 2030) == 0.0).all()  # type: ignore[union-attr]
    assert (paths.value("bank_capital", 2030) == 1.0).all()  # type: ignore[union-attr]
    assert set(drafted.levers) == {*parent.levers, "trade_cost", "bank_capital"}
    assert load_scenario(written(tmp_path, scenario_draft("bare", "baseline"), "bare")).levers == {}


@pytest.mark.parametrize("name", ["Mine", "a/b", "mine.yaml", ""])
def test_a_draft_needs_a_name_that_a_file_can_have(name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name"):
        scenario_draft(name, "baseline")


def test_a_draft_names_the_lever_that_was_meant() -> None:
    with pytest.raises(InputError) as caught:
        scenario_draft("mine", "baseline", ["trade_costs"])
    assert "trade_cost" in str(caught.value)


def test_own_scenarios_are_found_by_name_from_the_folder_one_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, TEXT)
    (tmp_path / "scenarios").mkdir()
    written(tmp_path / "scenarios", TEXT.replace("mine", "other"), "other")
    written(tmp_path, "services: {}\n", "docker-compose")
    assert load_scenario("mine").levers
    assert load_scenario("other").name == "other"
    with pytest.raises(InputError, match="docker-compose"):
        find_scenario("docker-compose")
    written(tmp_path, TEXT.replace("mine", "pandemic"), "pandemic")
    with pytest.raises(InputError, match="that ships has the name"):
        load_scenario("pandemic")
    assert load_scenario("./pandemic.yaml").levers == load_scenario("mine").levers


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices as files")
@pytest.mark.parametrize("place", [".", "scenarios"])
def test_what_lies_about_and_is_no_scenario_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    written(folder, TEXT)
    os.mkfifo(folder / "pipe.yaml")
    (folder / "device.yaml").symlink_to("/dev/zero")
    (folder / "nowhere.yaml").symlink_to(folder / "none")
    (folder / "folder.yaml").mkdir()
    (folder / "bytes.yaml").write_bytes(b"\xff\xfe name: bytes")
    with (folder / "vast.yaml").open("wb") as file:
        file.write(b"name: vast\n")
        file.truncate(10**12)
    started = time.monotonic()
    assert list(own_scenarios()) == ["mine"]
    assert time.monotonic() - started < 1.0
