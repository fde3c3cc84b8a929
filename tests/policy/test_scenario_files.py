"""The scenario files that ship are whole, and a user's file is told where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.parameters import default_parameters
from sscsim.policy import list_scenarios, load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.world.loading import load_world


@pytest.mark.parametrize("name", list_scenarios())
def test_what_ships_is_whole(name: str) -> None:
    scenario = load_scenario(name)
    assert set(scenario.title) == {"en", "zh"}
    assert len(scenario.description) > 60
    LeverPaths(scenario, load_world())
    if name != "baseline":
        assert scenario.lineage[0] == "baseline"
        assert scenario.levers
        assert scenario.paragraphs
        assert len(scenario.source) > 40, "a scenario says where its sizes come from"


def test_the_gallery_of_trade_and_investment() -> None:
    wanted = {
        "baseline",
        "trade-integration",
        "global-slowdown",
        "african-continental-area",
        "private-partnership",
    }
    assert wanted <= set(list_scenarios())


def test_the_african_area_adds_up_to_what_was_expected() -> None:
    # The agreement's own effect, which the baseline holds, and the cost cut: the World Bank expects +81 %.
    parameters, cut = (
        default_parameters(),
        -load_scenario("african-continental-area").levers["trade_cost"][0].values[-1],
    )
    direct = parameters["gravity_agreement"] - parameters["trade_elasticity"] * _log(1.0 - cut)
    assert abs(direct - _log(1.81)) < 0.03


def _log(value: float) -> float:
    from math import log

    return log(value)


HEAD = "name: mine\ntitle: Mine\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("title: {zh: x}\n", 2, None, "English title"),
        ("title: {en: ' '}\n", 2, None, "no title may be empty"),
        ("title: {english: x}\n", 2, "title", None),
        ("title: x\nextends: ../baseline\n", 3, "extends", None),
        ("title: x\nextends: /etc/passwd\n", 3, "extends", None),
        ("title: x\nparagraphs: [135]\n", 3, "paragraphs", None),
        ("title: x\nparagraphs: [0]\n", 3, "paragraphs", None),
        ("title: x\nlevers: {aid_volume: []}\n", 3, "levers.aid_volume", "at least one setting"),
        (
            "title: x\nlevers: {aid_volume: {value: 1, where: {}}}\n",
            3,
            "levers.aid_volume",
            "at least one of",
        ),
        (
            "title: x\nlevers: {aid_volume: {value: 1, where: {countries: []}}}\n",
            3,
            "levers.aid_volume",
            None,
        ),
        (
            "title: x\nparameters:\n  trade_elasticty: 4\n",
            4,
            "parameters.trade_elasticty",
            "trade_elasticity",
        ),
        (
            "title: x\nparameters:\n  trade_elasticity: -4\n",
            4,
            "parameters.trade_elasticity",
            "bounds",
        ),
    ],
    ids=repr,
)
def test_slips_are_told_with_file_line_and_key(tmp_path: Path, text, line, key, words) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: mine\n{text}")
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    error = caught.value
    assert error.file == str(path)
    assert key is None or (error.key or "").startswith(key)
    assert key is None or error.line == line
    assert words is None or words in str(error)


def test_a_place_in_a_list_of_settings_is_told_by_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"{HEAD}levers:\n  aid_volume:\n    - value: 1\n    - value: 2\n      where:\n        group: LDCs\n"
    )
    with pytest.raises(InputError) as caught:
        LeverPaths(load_scenario(path), load_world())
    assert (caught.value.line, caught.value.suggestion) == (8, "LDC")


def test_a_source_says_nothing_to_the_model(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{HEAD}source: Somewhere.\n")
    assert load_scenario(path).content_hash == load_scenario("baseline").content_hash
