"""What is listed shows plug-ins with where they come from; one that does not work keeps nobody from the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from _plugins import install, install_example
from click.testing import CliRunner

from sscsim.cli.main import cli
from sscsim.errors import InputError


def said(*words: str) -> str:
    found = CliRunner().invoke(cli, words, env={"COLUMNS": "100"}, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in install_example(tmp_path / "site"):
        monkeypatch.syspath_prepend(folder)


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = install(tmp_path / "broken", "toy-broken", {"broken": "not_there_at_all:plugin"})
    monkeypatch.syspath_prepend(str(place))


def test_where_none_is_installed_that_is_said() -> None:
    assert "docs/extending.md" in said("plugins")
    assert "Not in it" not in said("plan")


def test_they_are_listed_with_their_package_and_what_each_adds(example: None) -> None:
    assert "sscsim-example 0.1.0" in said("plugins")
    told = said("plugins", "travel")
    for name in ("travel_elasticity", "arrivals_per_head", "jsonlines", "behind growth"):
        assert name in told


def test_the_plan_has_them_where_they_are_named(example: None) -> None:
    assert "Not in it: travel, of the plug-in travel (sscsim-example 0.1.0)" in " ".join(
        said("plan").split()
    )
    assert "9. measurement" in said("plan")
    assert "8. travel" in said("plan", "--plugin", "travel")
    assert "10. measurement" in said("plan", "--plugin", "travel")
    told = said("plan", "travel", "--plugin", "travel")
    assert "step 8 of 10" in told
    assert "sscsim-example 0.1.0" in told
    assert "Travellers who leave in the year" in told


@pytest.mark.parametrize("kind", ["steps", "indicators", "variables", "parameters"])
def test_lists_name_the_plugin(example: None, kind: str) -> None:
    assert "[plug-in travel" in " ".join(said("explain", kind).split())


@pytest.mark.parametrize("name", ["travel", "arrivals_per_head", "departures", "travel_part"])
def test_a_name_of_theirs_is_explained(example: None, name: str) -> None:
    told = said("explain", name)
    assert "plug-in" in told
    assert "travel" in told


def test_a_run_takes_it_and_what_is_shown_has_its_words(example: None, tmp_path: Path) -> None:
    place = str(tmp_path / "run")
    told = said(
        "run", "--plugin", "travel", "--set", "travel_part=0.2", "--parameters", "tables",
        "--end", "2013", "--out", place,
    )  # fmt: skip
    assert "plug-in travel (sscsim-example 0.1.0)" in " ".join(told.split())
    assert "Travellers a head" in said("show", place, "--indicator", "arrivals_per_head")
    lines = [line.split() for line in said("show", place, "--country", "BRA").splitlines()]
    assert ["arrivals", "million"] in [line[:2] for line in lines]
    said("export", place, "--to", "jsonlines", "--table", "indicators", "--out", f"{place}-lines")
    assert (tmp_path / "run-lines" / "indicators.jsonl").is_file()


def test_its_indicators_may_be_sought_searched_for_and_taken_apart(example: None) -> None:
    from sscsim.experiments.seeking import read_wanted
    from sscsim.experiments.why.asked import Asked
    from sscsim.search.packages import read_goal

    assert read_wanted("arrivals World 2030 = 2x", ["travel"]).question.unit == "million"
    assert read_goal("arrivals LDC 2030", ["travel"]).group == "LDC"
    asked = Asked("baseline", "full-agenda", [2030], {"plugins": ["travel"]})
    [number] = asked.numbers(["arrivals_per_head"], ["LDC"], [2030])
    assert number.measured
    for read, text in ((read_wanted, "arrivals World 2030 = 2x"), (read_goal, "arrivals LDC 2030")):
        with pytest.raises(InputError, match="indicator of this name"):
            read(text)


@pytest.mark.slow
def test_commands_that_ask_take_its_indicators(example: None, tmp_path: Path) -> None:
    how = (
        "--plugin", "travel", "--draws", "2", "--executor", "serial", "--quiet", "--store", str(tmp_path / "store"),
    )  # fmt: skip
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "name: mine\ntitle: {en: Mine}\nextends: baseline\nlevers:\n"
        "  productivity_growth: {from: 2014, value: 0.02}\n  trade_cost: {from: 2014, value: -0.02}\n",
        encoding="utf-8",
    )
    seek = (
        "seek",
        "arrivals World 2015 = 1.1x",
        "--lever",
        "productivity_growth",
        "--from",
        "2014",
    )
    assert "million as the median of 2 draws" in said(*seek, *how)
    whom = ("--indicator", "arrivals", "--group", "World", "--year", "2015", "--end", "2015")
    told = said("why", "baseline", str(mine), "--levers", *whom, *how)
    assert "shocks" in told
    assert "100.0 %" in told
    whom = ("--indicator", "arrivals", "--group", "World", "--year", "2014", "--end", "2014")
    told = said("why", "baseline", str(mine), "--levers", *whom, *how)
    assert "No effect: the same in every pair." in told  # growth of a year moves the next
    lever = ("--lever", "productivity_growth 0:0.02", "--steps", "2", "--population", "4")
    goal = ("--goal", "arrivals LDC 2015", "--of", "none", "--free", "--evaluations", "4")
    assert "arrivals, LDC, 2015 (million)" in said("search", *goal, *lever, *how)


def test_one_that_does_not_work_is_said_once_and_keeps_nobody_from_the_rest(
    example: None, broken: None
) -> None:
    listed = said("plugins")
    assert "Does not work" in listed
    assert "sscsim-example 0.1.0" in listed
    told = said("explain", "steps")
    assert told.count("cannot be loaded") == 1
    assert "[plug-in travel" in told
    said("plan")
    found = CliRunner().invoke(cli, ["plan", "--plugin", "broken"])
    assert found.exit_code == 2


def test_a_name_that_is_none_has_the_nearest(example: None) -> None:
    found = CliRunner().invoke(cli, ["run", "--plugin", "travle"])
    assert "did you mean 'travel'" in found.output
