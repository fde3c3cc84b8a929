"""What the documentation shows can be typed: commands exist with their options, names that are imported are there."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from pathlib import Path

import click
import pytest
from _plugins import install_example

from sscsim.cli.main import cli
from tools import docs_snippets
from tools.docs_snippets import (
    DOCS,
    FILES,
    LEFT_OUT,
    LEFT_OUT_CODE,
    ROOT,
    Block,
    blocks,
    commands,
    kind,
    pages,
    run_page,
    small,
)

EVERY = [block for page in pages() for block in blocks(page)]
COMMANDS = [(block, words) for block in EVERY for words in commands(block)]
PYTHON = [block for block in EVERY if block.language == "python"]
TUTORIALS = [page for page in pages() if page.parent.name == "tutorials" or page.stem == "tutorial"]
OTHERS = [
    page
    for page in pages()
    if page not in TUTORIALS
    and page.stem != "questions"  # asked and answered by `make questions`
    and any(commands(block) or block.language == "python" for block in blocks(page))
]


def wrong(words: list[str]) -> str:
    """Return what the command line has against these words, before anything is run or looked up."""
    command, context = cli, click.Context(cli, info_name="sscsim")
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            # A group may be called with a name, as `bank AIIB` is.
            return "" if command is not cli else f"no command {rest[0]!r}"
        context = click.Context(found, parent=context, info_name=rest.pop(0))
        command = found
    try:
        given, left, _ = command.make_parser(context).parse_args(rest)
    except click.UsageError as failure:
        return failure.format_message()
    for option in command.params:
        values = given.get(option.name)
        for value in values if isinstance(values, list) else [values]:
            allowed = getattr(option.type, "choices", None)
            if allowed and isinstance(value, str) and value not in allowed and value.islower():
                return f"{option.name} is no {value!r}"
    return f"too much: {left}" if left else ""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_commands_that_are_shown_exist_with_their_options(page: Path) -> None:
    said = {b.place: found for b, words in COMMANDS if b.page == page and (found := wrong(words))}
    assert not said


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["rum"], "no command"),
        (["run", "--sed", "3"], "--sed"),
        (["run", "--keep", "everything"], "everything"),
        (["compare", "--draws"], "argument"),
        (["scenario", "show", "baseline"], ""),
    ],
)
def test_a_command_that_is_not_there_is_noticed(words: list[str], found: str) -> None:
    assert found in wrong(words) if found else not wrong(words)


def test_commands_are_found() -> None:
    assert len(COMMANDS) > 60
    block = Block(
        pages()[0], 1, "sh", "sscsim run   # the baseline\nls\nsscsim show 'a b' \\\n  --csv\n"
    )
    assert commands(block) == [["run"], ["show", "a b", "--csv"]]
    assert small(["compare", "a", "b", "--draws", "50"])[-1] == "2"


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.place)
def test_code_that_is_shown_compiles_and_finds_what_it_imports(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("sscsim"):
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                if not hasattr(module, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_what_a_tutorial_runs_on_is_shown_before_it(page: Path) -> None:
    """A file that a command reads is written by a block of the page, or by a command, before."""
    there: set[str] = set()
    for block in blocks(page):
        there.add(FILES.get(kind(block), ""))
        for words in commands(block):
            read = {word for word in words if word in FILES.values()}
            if "--save" in words or words[:2] == ["scenario", "new"]:
                there |= {"mine.yaml"}
            assert read <= there, block.place


def test_the_chinese_tutorial_shows_what_the_analysts_shows() -> None:
    english, chinese = (
        [words for block in blocks(DOCS / name) for words in commands(block)]
        for name in ("tutorials/analyst.md", "zh/tutorial.md")
    )
    brief = [*english[-1], "--lang", "zh"]
    assert chinese == [*english[:-1], brief]


def test_what_is_left_out_is_shown_and_run_by_a_test_that_there_is() -> None:
    assert len(LEFT_OUT) + len(LEFT_OUT_CODE) <= 21, "what is shown is run"
    for first in LEFT_OUT:
        assert any(f"{shlex.join(words)} ".startswith(f"{first} ") for _, words in COMMANDS), first
    for part in LEFT_OUT_CODE:
        assert any(part in block.text for block in PYTHON), part
    for why in (*LEFT_OUT.values(), *LEFT_OUT_CODE.values()):
        places = re.findall(r"tests/[\w/.]+", why)
        assert places or "make " in why
        assert all((ROOT / place).exists() for place in places), why


def test_a_page_that_shows_what_fails_is_found(tmp_path: Path) -> None:
    text = "```sh\nsscsim plan\nsscsim explain no_such_name\n```\n```python\n1 / 0\n```\n"
    made = tmp_path / "made.md"
    made.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(docs_snippets.Block, "place", "here")
        failed = run_page(made, tmp_path)
    assert len(failed) == 2
    assert "no_such_name" in failed[0]
    assert "ZeroDivisionError" in failed[1]


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_tutorials_run_as_they_stand(page: Path, tmp_path: Path) -> None:
    assert not run_page(page, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", OTHERS, ids=lambda page: page.stem)
def test_other_pages_run_as_they_stand(page: Path, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    assert not run_page(page, tmp_path, install_example(tmp_path / "site"))
