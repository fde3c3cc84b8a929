"""`sscsim search`: what is read, printed, written and refused."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH
from sscsim.cli.searching import read_budget, read_move
from sscsim.errors import InputError
from sscsim.policy import load_scenario
from sscsim.search import packages
from sscsim.search.core import Aims, Archive
from sscsim.search.moves import move_of, package_of
from sscsim.search.packages import Found, Package, read_goal


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli, ["search", *map(str, args)])


def made_up(*, gain: float = 2.0, promised: float = 2.0, none: bool = False) -> Found:
    """Return a find of two levers: one package, and nothing."""
    base = load_scenario("baseline")
    moves = tuple(move_of(name, (1.0, 3.0), steps=1) for name in ("partner_budget", "funds"))
    levels = (1, 0)
    one = Package(
        levels=levels,
        scenario=package_of(base, moves, levels),
        gain=np.full((4, 1), gain),
        cost=np.array([0.5, 0.5, 0.5, 1.5]),
        promised=np.array([promised]),
        regret=np.array([0.25]),
        satisfices=0.75,
        within=0.5,
    )
    tried = np.array([[0, 0], [1, 0]])
    archive = Archive(
        tuple(m.axis for m in moves),
        tried,
        np.array([[[0.0]] * 4, [[gain]] * 4]),
        np.array([[0.0] * 4, [0.5] * 4]),
        Aims(robust=True, budget=1.0),
    )
    return Found(
        goals=(read_goal("goal_index LDC 2030"),),
        moves=moves,
        base=base,
        archive=archive,
        packages=() if none else (one,),
        best={} if none else {"most": 0, "least regret": 0} if gain > 0 else {"least regret": 0},
        left_out={"frontier": "Nobody knows"},
        partly={},
        least=np.zeros(1),
        draws=4,
        source="priors",
    )


@pytest.fixture
def asked(monkeypatch):
    """Ask for packages that are made up; what the search was asked for is kept."""
    kept: dict = {}

    def ask(*more: object, **how) -> Result:
        def search(task, **options):
            kept.update(vars(task), **options)
            return made_up(**how)

        monkeypatch.setattr(packages, "search", search)
        return invoke("--goal", "goal_index LDC 2030", "--quiet", *more)

    ask.kept = kept
    return ask


def test_packages_are_printed_with_what_is_in_them(asked) -> None:
    result = asked("--budget", "1 bn", "--robust")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    text = " ".join(lines)
    assert lines[0].endswith("packages for 1,000 million USD, unbeaten in nine futures of ten")
    assert any(line.startswith("1 +2.00 2.00 … 2.00 0.250 75 % 500") for line in lines)
    assert "In nine futures of ten: most: package 1, least regret: package 1." in lines
    assert "partner_budget 3" in lines
    assert not any(line.startswith("funds") for line in lines)
    assert "frontier: has no price and was left out." in text
    assert "luck from merit" not in text
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert asked.kept["budget"] == 1.0
    assert asked.kept["robust"] is True
    assert asked.kept["of"] == "full-agenda"


def test_gains_that_others_do_not_confirm_are_said(asked) -> None:
    assert "luck from merit" in " ".join(asked(promised=5.0).stdout.split())


def test_where_nothing_gains_it_is_said(asked) -> None:
    assert "no package gains anything" in " ".join(asked(gain=-1.0).stdout.split())
    assert "No package within the budget" in asked(none=True).stdout


def test_all_packages_tried_are_in_the_csv(asked) -> None:
    lines = list(csv.DictReader(io.StringIO(asked("--csv").stdout)))
    assert [line["partner_budget"] for line in lines] == ["1.0", "3.0"]
    assert lines[1]["median goal_index, LDC, 2030"] == "2.0"
    assert {line["unbeaten"] for line in lines} == {"True"}


def test_packages_and_a_picture_are_written(asked, tmp_path) -> None:
    result = asked("--save", tmp_path / "found", "--figure", tmp_path / "front.svg")
    assert result.exit_code == 0, result.output
    [path] = (tmp_path / "found").glob("*.yaml")
    assert load_scenario(path).levers["partner_budget"][0].value == 3.0
    assert (tmp_path / "front.svg").is_file()


def test_levers_are_read_with_places_and_bounds(asked) -> None:
    asked("--of", "none", "--lever", "cooperation group=LDC 1:1.5", "--steps", 1)
    [move] = asked.kept["moves"]
    assert asked.kept["of"] is None
    assert move.axis.values == (1.0, 1.5)
    assert move.settings[0].where.group == "LDC"
    assert read_move("training 0:11", 2).axis.values == (0.0, 5.5, 11.0)


@pytest.mark.parametrize(
    ("text", "billions"), [("5 bn", 5.0), ("800 million", 0.8), ("1.5e3 m", 1.5), ("2bn USD", 2.0)]
)
def test_a_budget_is_read_with_its_unit(text, billions) -> None:
    assert read_budget(text) == pytest.approx(billions)


@pytest.mark.parametrize("text", ["5", "much", "-1 bn", "0 bn", "5 EUR"])
def test_a_budget_without_a_unit_is_refused(text) -> None:
    with pytest.raises(InputError, match="an amount with its unit"):
        read_budget(text)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lever", "platfrom 0:1"], "did you mean 'platform'"),
        (["--lever", "platform 0-1"], "a lever reads"),
        (["--lever", "platform gruop=LDC"], "group"),
        (["--goal", "goal_idx LDC 2030"], "goal_ind"),
        (["--figure", "front.gif"], "ends in its format"),
    ],
)
def test_what_is_wrong_is_said_at_once(options, said) -> None:
    result = invoke("--goal", "goal_index LDC 2030", "--quiet", *options)
    assert result.exit_code == 2
    assert said in result.stderr
