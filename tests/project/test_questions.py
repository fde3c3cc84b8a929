"""The page of questions says what its commands printed; each command can be asked, and answered."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from sscsim.cli.main import cli
from sscsim.model import simulate
from tools.questions import PAGE, QUESTIONS, SEARCH, asked, page, read, search_page, working_in

LESS = ("--of", "technology-bank", "--evaluations", "3", "--population", "4")
"""Of a search, enough to see that it answers."""

COMMANDS = [c for question in QUESTIONS for c in (*question.commands, *question.reason)]


def test_the_page_is_made_of_what_was_asked() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read()), "run `make questions`"
    told = SEARCH.read_text(encoding="utf-8")
    assert told == search_page(told, read()), "run `make questions`"


def test_what_the_page_tells_of_changes_has_no_exponent() -> None:
    for path in (PAGE, SEARCH):
        told = re.findall(r"[0-9.]+e[-−+]?[0-9]+", path.read_text(encoding="utf-8"))
        assert not told, f"{path.name}: {told}"


def test_what_was_asked_are_the_questions_of_today() -> None:
    held = {name: [one["command"] for one in parts] for name, parts in read()["answers"].items()}
    today = {one.name: [*one.commands, *one.reason] for one in QUESTIONS}
    assert held
    assert held == {name: today.get(name) for name in held}, "run `make questions`"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_that_there_is(command: str) -> None:
    program, name, *words = shlex.split(command)
    assert program == "sscsim"
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    found.make_context(name, [*words])  # an option that there is not is refused


def test_every_question_takes_one_command_or_two() -> None:
    assert len(QUESTIONS) == 5
    assert all(1 <= len(one.commands) <= 2 for one in QUESTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in QUESTIONS])
def test_a_question_is_answered_in_numbers_with_intervals(name: str, tmp_path) -> None:
    [question] = [one for one in QUESTIONS if one.name == name]
    with working_in(tmp_path):
        how = ("--draws", "2", "--executor", "serial")
        found = question.answer(asked(question, *how, sought=(*how, *LESS)))
        for path in sorted(Path("packages").glob("*.yaml"))[:1]:
            assert simulate(path, end=2020).value("goal_index", "LDC", 2020) > 0.0
    assert re.search(r"\d.*\[.*\d", found), found
