"""Scenario files: read strictly, inherit, and say where they are wrong; lever paths over years and places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.groups import known_groups
from sscsim.model import simulate
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.policy import Scenario, find_scenario, lever_table, list_scenarios, load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.policy.scenario import Setting, Where
from sscsim.steps.plan import policy_variables
from sscsim.world.loading import load_world

HEAD = "title: Test\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(f"name: {name}\n{HEAD}{text}", encoding="utf-8")
    return path


def refused(path: Path | str) -> InputError:
    with pytest.raises(InputError) as caught:
        load_scenario(path)
    assert caught.value.exit_code == 2
    return caught.value


def paths(**levers) -> LeverPaths:
    settings = {n: s if isinstance(s, tuple) else (s,) for n, s in levers.items()}
    return LeverPaths(Scenario("test", {"en": "Test"}, levers=settings), load_world())


def at(iso3: str) -> int:
    return load_world().position(iso3)


# --------------------------------------------------------------------------------------------- values over the years


def test_a_value_holds_from_its_first_to_its_last_year() -> None:
    setting = Setting(value=0.1, **{"from": 2019, "to": 2021})
    assert [setting.at(y) for y in (2018, 2019, 2021, 2022)] == [None, 0.1, 0.1, None]
    assert Setting(value=0.1).at(FIRST_YEAR) == Setting(value=0.1).at(LAST_YEAR) == 0.1
    assert Setting(value=0.1, **{"from": 2019}).at(LAST_YEAR) == 0.1
    assert Setting(value=0.1, to=2019).at(2020) is None


def test_a_step_is_two_values_one_after_the_other() -> None:
    laid = paths(
        aid_volume=(Setting(value=2.0, **{"from": 2015}), Setting(value=3.0, **{"from": 2020}))
    )
    assert [laid.value("aid_volume", y)[0] for y in (2014, 2015, 2019, 2020, 2034)] == [
        1,
        2,
        2,
        3,
        3,
    ]


def test_a_ramp_is_straight_and_stays_at_its_end() -> None:
    ramp = Setting(ramp=(0.0, -0.1), **{"from": 2019, "to": 2024})
    assert ramp.at(2018) is None
    assert [ramp.at(y) for y in (2019, 2020, 2024, 2025, 2034)] == pytest.approx(
        [0.0, -0.02, -0.1, -0.1, -0.1]
    )
    assert Setting(ramp=(0.0, 1.0), **{"from": 2019, "to": 2019}).at(2019) == 1.0


def test_an_entry_of_a_table_holds_until_the_next() -> None:
    table = Setting(table={2020: -0.2, 2015: 0.1})
    assert [table.at(y) for y in (2014, 2015, 2019, 2020, 2034)] == [None, 0.1, 0.1, -0.2, -0.2]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "one of value, ramp, table"),
        ({"value": 1.0, "table": {2020: 1.0}}, "one of value, ramp, table"),
        ({"ramp": (0.0, 1.0)}, "both from and to"),
        ({"ramp": (0.0, 1.0), "from": 2020}, "both from and to"),
        ({"table": {2020: 1.0}, "from": 2020}, "no from, no to"),
        ({"table": {}}, "at least one year"),
        ({"value": 1.0, "from": 2012}, "2012 lies outside"),
        ({"value": 1.0, "to": 2035}, "2035 lies outside"),
        ({"table": {1999: 1.0}}, "1999 lies outside"),
        ({"value": 1.0, "from": 2021, "to": 2020}, "lies after"),
        ({"value": 1.0, "form": 2021}, "form"),
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(keys, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Setting(**keys)


# ------------------------------------------------------------------------------------------------------------- places


def test_without_a_place_a_lever_moves_everyone() -> None:
    laid = paths(aid_volume=Setting(value=2.0))
    assert (laid.value("aid_volume", 2020) == 2.0).all()
    assert laid.value("trade_cost", 2020) is None
    assert laid.moved() == ("aid_volume",)


def test_groups_countries_and_agreements_choose_and_all_must_hold() -> None:
    world = load_world()
    least = world.membership("LDC")
    values = paths(goal_loss=Setting(value=1.0, where=Where(group="LDC"))).value("goal_loss", 2020)
    assert np.array_equal(values == 1.0, least)
    assert (values[~least] == lever_table()["goal_loss"].default).all()

    two = Where(countries=["BRA", "NPL"])
    values = paths(goal_loss=Setting(value=1.0, where=two)).value("goal_loss", 2020)
    assert [world.iso3[i] for i in np.flatnonzero(values)] == ["BRA", "NPL"]
    both = Where(countries=["BRA", "NPL"], group="LDC")
    values = paths(goal_loss=Setting(value=1.0, where=both)).value("goal_loss", 2020)
    assert [world.iso3[i] for i in np.flatnonzero(values)] == ["NPL"]

    code = world.agreements()[0]
    values = paths(goal_loss=Setting(value=1.0, where=Where(agreement=code))).value(
        "goal_loss", 2020
    )
    assert np.array_equal(values == 1.0, world.agreement_members(code))
    one = paths(goal_loss=Setting(value=1.0, where=Where(group="BRA"))).value("goal_loss", 2020)
    assert np.flatnonzero(one).tolist() == [at("BRA")]  # a country may stand where a group may


def test_origin_and_destination_tell_the_ends_of_a_pair_apart() -> None:
    world = load_world()
    least = world.membership("LDC")
    one_way = Where(origin="LDC", destination="USA")
    values = paths(trade_cost=Setting(value=-0.1, where=one_way)).value("trade_cost", 2020)
    assert (values[least, at("USA")] == -0.1).all()
    assert np.count_nonzero(values) == least.sum()
    assert (values[at("USA")] == 0.0).all()

    within = paths(trade_cost=Setting(value=-0.1, where=Where(group="LDC"))).value(
        "trade_cost", 2020
    )
    assert np.array_equal(within == -0.1, np.outer(least, least))
    out = Where(group="LDC", origin="NPL")
    values = paths(trade_cost=Setting(value=-0.1, where=out)).value("trade_cost", 2020)
    assert np.flatnonzero(values.any(axis=1)).tolist() == [at("NPL")]


def test_a_later_setting_wins_where_two_overlap() -> None:
    laid = paths(
        aid_volume=(Setting(value=2.0), Setting(value=0.5, where=Where(countries=["DEU"])))
    )
    values = laid.value("aid_volume", 2020)
    assert values[at("DEU")] == 0.5
    assert values[at("FRA")] == 2.0


# -------------------------------------------------------------------------------------------------------- inheritance


def test_a_child_says_only_what_differs(tmp_path) -> None:
    write(
        tmp_path,
        "root",
        "levers: {aid_volume: 2.0, goal_loss: 1.0}\nparameters: {capital_share: 0.35}\n",
    )
    write(tmp_path, "middle", "extends: root\nlevers: {aid_volume: 3.0}\nparagraphs: [21]\n")
    leaf = load_scenario(
        write(
            tmp_path, "leaf", "extends: middle\nlevers: {sudden_stop: {from: 2020, value: 0.5}}\n"
        )
    )
    assert leaf.lineage == ("root", "middle", "leaf")
    assert {n: s[0].value for n, s in leaf.levers.items()} == {
        "aid_volume": 3.0,
        "goal_loss": 1.0,
        "sudden_stop": 0.5,
    }
    assert leaf.parameters == {"capital_share": 0.35}
    assert leaf.paragraphs == (21,)
    assert leaf.title == {"en": "Test"}


def test_a_child_may_extend_one_that_ships(tmp_path) -> None:
    child = load_scenario(write(tmp_path, "child", "extends: global-slowdown\n"))
    assert child.lineage == ("baseline", "global-slowdown", "child")
    assert child.content_hash == load_scenario("global-slowdown").content_hash
    assert child.levers.keys() == load_scenario("global-slowdown").levers.keys()


def test_the_hash_is_of_what_a_scenario_does_not_of_its_words(tmp_path) -> None:
    one = load_scenario(write(tmp_path, "one", "levers: {aid_volume: 2.0}\n"))
    other = load_scenario(
        write(tmp_path, "other", "description: Words.\nlevers: {aid_volume: 2.0}\n")
    )
    third = load_scenario(write(tmp_path, "third", "levers: {aid_volume: 2.5}\n"))
    assert one.content_hash == other.content_hash != third.content_hash


def test_a_circle_of_parents_is_printed(tmp_path) -> None:
    write(tmp_path, "a", "extends: b\n")
    write(tmp_path, "b", "extends: c\n")
    write(tmp_path, "c", "extends: a\n")
    error = refused(tmp_path / "a.yaml")
    assert "circle" in error.message
    assert error.found == "a → b → c → a"
    write(tmp_path, "self", "extends: self\n")
    assert refused(tmp_path / "self.yaml").found == "self → self"


def test_an_unknown_parent_is_refused_with_file_line_and_suggestion(tmp_path) -> None:
    error = refused(write(tmp_path, "child", "extends: baselin\n"))
    assert (error.line, error.key, error.suggestion) == (3, "extends", "baseline")
    assert str(error).startswith(f"{tmp_path / 'child.yaml'}:3: ")


# --------------------------------------------------------------------------------------------------------- bad files


@pytest.mark.parametrize(
    ("text", "line", "key", "suggestion"),
    [
        ("lever: {}\n", 3, "lever", "levers"),
        ("levers:\n  aid_volum: 2.0\n", 4, "levers.aid_volum", "aid_volume"),
        ("levers:\n  aid_volume: 4.5\n", 4, "levers.aid_volume", None),
        ("levers:\n  aid_volume: -0.1\n", 4, "levers.aid_volume", None),
        (
            "levers:\n  trade_cost: {from: 2019, to: 2025, ramp: [0, -0.6]}\n",
            4,
            "levers.trade_cost",
            None,
        ),
        ("levers:\n  trade_cost: {table: {2020: 0.1, 2021: 9.0}}\n", 4, "levers.trade_cost", None),
        ("levers:\n  aid_volume:\n    value: 2.0\n    form: 2020\n", 6, None, "from"),
        ("levers:\n  aid_volume:\n    value: 2.0\n    from: 2040\n", None, None, None),
        ("levers:\n  aid_volume:\n    value: two\n", None, None, None),
        (
            "levers:\n  aid_volume:\n    value: 2.0\n    where:\n      groop: LDC\n",
            7,
            None,
            "group",
        ),
        ("levers:\n  aid_volume: {value: 2.0, where: {origin: LDC}}\n", 4, None, None),
        ("levers: 3\n", 3, "levers", None),
        ("parameters: {capital_share: high}\n", 3, "parameters.capital_share", None),
        ("paragraphs: all\n", 3, "paragraphs", None),
    ],
    ids=lambda v: str(v).replace("\n", " ")[:50],
)
def test_a_bad_file_is_refused_where_it_is_bad(tmp_path, text, line, key, suggestion) -> None:
    path = write(tmp_path, "bad", text)
    error = refused(path)
    assert error.file == str(path)
    assert error.line is not None
    if line is not None:
        assert error.line == line, str(error)
    if key is not None:
        assert error.key == key
    if suggestion is not None:
        assert error.suggestion == suggestion, str(error)


def test_an_empty_title_and_a_name_that_is_not_the_files_are_refused(tmp_path) -> None:
    path = tmp_path / "untitled.yaml"
    path.write_text("name: untitled\ntitle: {zh: x}\n", encoding="utf-8")
    assert "title" in refused(path).message
    path = tmp_path / "renamed.yaml"
    path.write_text("name: other\ntitle: T\n", encoding="utf-8")
    error = refused(path)
    assert (error.key, error.found, error.allowed) == ("name", "other", "renamed")


@pytest.mark.parametrize(
    ("where", "suggestion"),
    [
        ("{group: LDCs}", "LDC"),
        ("{countries: [BRA, BRX]}", None),
        ("{agreement: AGADIRR}", "AGADIR"),
    ],
)
def test_a_place_that_is_not_in_the_world_is_refused_with_its_line(
    tmp_path, where, suggestion
) -> None:
    path = write(tmp_path, "nowhere", f"levers:\n  goal_loss: {{value: 1.0, where: {where}}}\n")
    with pytest.raises(InputError) as caught:
        LeverPaths(load_scenario(path), load_world())
    error = caught.value
    assert (error.file, error.line, error.key) == (str(path), 4, "goal_loss")
    if suggestion:
        assert error.suggestion == suggestion


@pytest.mark.parametrize("end", ["origin", "destination"])
def test_an_end_of_a_pair_that_is_not_in_the_world_is_refused(tmp_path, end: str) -> None:
    path = write(
        tmp_path, "nowhere", f"levers: {{trade_cost: {{value: 0.1, where: {{{end}: Souht}}}}}}\n"
    )
    with pytest.raises(InputError):
        LeverPaths(load_scenario(path), load_world())


@pytest.mark.parametrize("group", list(known_groups(load_world())))
def test_every_group_that_there_is_can_be_named(group: str) -> None:
    """Names that `sscsim explain groups` lists: those with a title, and lists."""
    world = load_world()
    setting = Setting(value=1.1, where=Where(group=group))
    scenario = Scenario("there", {"en": "There"}, levers={"cooperation": (setting,)})
    values = LeverPaths(scenario, world).value("cooperation", 2019)
    assert values is not None
    np.testing.assert_array_equal(values == 1.1, known_groups(world)[group])


def test_a_group_by_another_name_is_an_end_of_a_pair() -> None:
    world = load_world()
    place = Where(origin="South: Africa", destination="Latin America and the Caribbean")
    scenario = Scenario(
        "pair", {"en": "Pair"}, levers={"trade_cost": (Setting(value=0.1, where=place),)}
    )
    values = LeverPaths(scenario, world).value("trade_cost", 2019)
    assert values is not None
    groups = known_groups(world)
    ends = paths(trade_cost=Setting(value=0.1, where=Where(origin="CAN"))).value("trade_cost", 2019)
    assert ends is not None
    assert (ends[at("CAN")] == 0.1).all()
    assert (ends == 0.1).sum() == len(world.iso3)
    there = np.outer(groups["South: Africa"], groups["Latin America and the Caribbean"])
    np.testing.assert_array_equal(values == 0.1, there)


def test_an_unknown_parameter_of_a_scenario_is_refused(tmp_path) -> None:
    path = write(tmp_path, "unknown", "parameters: {capital_shares: 0.3}\n")
    with pytest.raises(InputError) as caught:
        simulate(path, end=2014)
    assert caught.value.suggestion == "capital_share"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("afcfta", "african-continental-area"),
        ("AfCFTA", "african-continental-area"),
        ("covid", "pandemic"),
        ("customs", None),
        ("xx", None),
    ],
)
def test_a_scenario_is_found_by_what_it_is_about(words: str, name: str | None) -> None:
    """Whoever knows a policy by its usual name is told which scenario it is."""
    with pytest.raises(InputError) as found:
        find_scenario(words)
    if name is not None:
        assert found.value.suggestion == name
    assert found.value.suggestion is None or find_scenario(found.value.suggestion).is_file()


def test_a_scenario_of_ones_own_is_found_by_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "name: own\ntitle: {en: A levy on kerosene}\nextends: baseline\n"
    Path("own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'own'"):
        find_scenario("kerosene")


def test_an_unknown_scenario_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as caught:
        find_scenario("base-line")
    assert caught.value.suggestion == "baseline"
    assert "no such file" in refused("./nothing.yaml").message


# -------------------------------------------------------------------------------------------------- those that ship


@pytest.mark.parametrize("name", list_scenarios())
def test_scenarios_that_ship_load_and_find_their_places(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.lineage[0] == "baseline"
    assert {"en", "zh"} <= scenario.title.keys()
    assert scenario.description
    LeverPaths(scenario, load_world())


def test_the_baseline_moves_no_lever() -> None:
    baseline = load_scenario("baseline")
    assert baseline.levers == {}
    assert baseline.parameters == {}


def test_every_lever_names_the_variable_it_moves_and_a_policy_step_writes_it() -> None:
    known = {v.name for v in policy_variables()}
    assert len(lever_table()) >= 10
    for name, lever in lever_table().items():
        assert lever.moves in known, name
        assert lever.paragraph, name
        assert lever.source.strip(), name


# -------------------------------------------------------------------------------------------- titles


def test_a_scenario_without_a_title_is_called_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "south-trade-2.yaml"
    path.write_text("name: south-trade-2\n")
    assert load_scenario(path).title == {"en": "South trade 2"}
    path.write_text("name: south-trade-2\ntitle:\n")
    assert load_scenario(path).title == {"en": "South trade 2"}


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("title: {en: A, b}\n", "title.b", "must stand in quotes"),
        ("title: {en: Trade, aid and debt, zh: x}\n", "title.aid and debt", "must stand in quotes"),
        (
            "levers: {aid_volume: {value: 1, where: {group: Bolivia, the State}}}\n",
            "levers.aid_volume.where.the State",
            "must stand in quotes",
        ),
        (
            "levers:\n  aid_volume: {value: 1, really}\n",
            "levers.aid_volume.really",
            "must stand in quotes",
        ),
        ("title: {english: A}\n", "title.english", "this is no language"),
        ("title: {EN: A}\n", "title.EN", "this is no language"),
        ("really\n: x\n", None, ""),
        ("extends: Base Line\n", "extends", "cannot be the name of a scenario"),
        ("extends: ../baseline\n", "extends", "cannot be the name of a scenario"),
    ],
)
def test_a_comma_is_explained_and_no_expression_is_shown(
    text: str, key: str | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: mine\n{text}")
    failure = refused(path)
    assert words in failure.message
    assert "[a-z" not in str(failure)
    if key is not None:
        assert failure.key == key


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_what_has_the_name_of_a_scenario_and_is_no_file_is_passed_over(
    tmp_path: Path, kind: str
) -> None:
    """A folder or a broken link beside scenarios is nothing that a mistyped name could mean."""
    place = tmp_path / "lost.yaml"
    place.mkdir() if kind == "folder" else place.symlink_to(tmp_path / "nowhere.yaml")
    with pytest.raises(InputError, match="there is no scenario of this name"):
        find_scenario("no-such-thing", tmp_path)


def test_a_lever_that_there_is_not_is_told_in_the_same_words_everywhere() -> None:
    from sscsim.cli.costing import print_prices
    from sscsim.experiments.futures import _check_levers
    from sscsim.experiments.levers import checked_lever
    from sscsim.policy.drafts import scenario_draft

    said = set()
    for ask in (
        lambda: checked_lever("trade_csot"),
        lambda: _check_levers({"trade_csot": (0.0, 1.0)}),
        lambda: scenario_draft("mine", "baseline", ["trade_csot"]),
        lambda: print_prices(("trade_csot",)),
    ):
        with pytest.raises(InputError) as caught:
            ask()
        said.add(str(caught.value))
    assert len(said) == 1
    assert "did you mean 'trade_cost'" in said.pop()
