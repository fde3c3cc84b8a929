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


# ------------------------------------------------------------------------------------------------------------- links

PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CHANGELOG", "CONTRIBUTING", "results/README")),
    *sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts),
]
CODE = re.compile(r"^(?P<fence>```+|:::+).*?^(?P=fence)$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?P<file>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")


def plain(page: Path) -> str:
    """Return a page without what stands in it as code."""
    return CODE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and the site make them."""
    heads = re.findall(r"^#{1,4} (.+)$", page.read_text("utf-8"), re.MULTILINE)
    words = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", head) for head in heads)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in words}


def broken(page: Path) -> list[str]:
    """Return the links of a page that lead to no file of the checkout, or to no heading of a page."""
    found = []
    for link in LINK.finditer(plain(page)):
        if re.match(r"[a-z]+:", link["file"]):
            continue
        to = page.parent / link["file"] if link["file"] else page
        ends = link["anchor"] is None or to.suffix != ".md" or link["anchor"] in anchors(to)
        if not to.exists() or not ends:
            found.append(link[0][1:])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    assert not broken(page)


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One head\n[a](page.md#one-head) [b](#one-head) [c](https://x.y/z#q) `[d](none.md)`\n"
        "[e](page.md#another) [f](none.md) [g](page.md)\n```sh\n[h](none.md)\n```\n",
        encoding="utf-8",
    )
    assert broken(page) == ["(page.md#another)", "(none.md)"]


@pytest.mark.parametrize("name", ["how-to", "parts"])
def test_a_page_that_leads_on_says_where_to_readers_of_plain_markdown(name: str) -> None:
    page = DOCS / f"{name}.md"
    linked = {link["file"].removesuffix(".md") for link in LINK.finditer(plain(page))}
    assert {*entries(page)} <= linked


def test_no_page_has_the_name_of_one_that_the_builder_writes_itself() -> None:
    assert not {path.stem for path in DOCS.glob("*.md")} & {
        "search",
        "genindex",
        "modindex",
        "py-modindex",
    }
