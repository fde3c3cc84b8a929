"""The site: every page has its place, and what builds it is declared. `make docs` says whether it builds clean."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LISTS = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)


def entries(page: Path) -> list[str]:
    """Return what a page's lists of contents name, without their options."""
    lines = [
        line.strip()
        for listed in LISTS.findall(page.read_text("utf-8"))
        for line in listed.splitlines()
    ]
    return [line for line in lines if line and not line.startswith(":")]


LISTED = [(page, entry) for page in sorted(DOCS.rglob("*.md")) for entry in entries(page)]


@pytest.mark.parametrize(
    ("page", "entry"), LISTED, ids=[f"{page.stem}-{entry}" for page, entry in LISTED]
)
def test_what_a_list_names_is_there(page: Path, entry: str) -> None:
    assert [*page.parent.glob(f"{entry}.md"), *page.parent.glob(f"{entry}.ipynb")]


def test_no_page_stands_in_two_lists() -> None:
    named = [path.resolve() for page, entry in LISTED for path in page.parent.glob(f"{entry}.md")]
    assert len(named) == len(set(named))


def test_pages_below_the_top_are_listed() -> None:
    """Those at the top that no list names are put among the how-to guides when the site is built."""
    named = {path.resolve() for page, entry in LISTED for path in page.parent.glob(f"{entry}.md")}
    named |= {
        path.resolve() for page, entry in LISTED for path in page.parent.glob(f"{entry}.ipynb")
    }
    every = [*DOCS.rglob("*.md"), *DOCS.rglob("*.ipynb")]
    below = {path for path in every if path.parent != DOCS and "_build" not in path.parts}
    assert not below - named


def test_what_builds_the_site_is_declared() -> None:
    tree = ast.parse((DOCS / "conf.py").read_text("utf-8"))
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    tops = {str(module).partition(".")[0] for module in modules} | {"myst_nb", "sphinx_click"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["docs"]
    declared = {re.split(r"[\[<>=]", line)[0].lower().replace("_", "-") for line in wanted}
    # docutils comes with Sphinx, whose pages it makes.
    foreign = tops - {*sys.stdlib_module_names, "sscsim", "docutils"}
    owners = importlib.metadata.packages_distributions()
    for module in foreign:
        # What is not installed here, since only the site needs it, is called as it is imported.
        names = owners.get(module, [module])
        assert {name.lower().replace("_", "-") for name in names} & declared, module
