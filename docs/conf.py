"""The site: ``make docs`` builds ``docs/_build/html``; a warning is an error.

Pages are Markdown. What code holds is not written down twice: commands come from click, functions from docstrings, and
tables of the model from ``python -m tools.docs_tables``, whose test says which are stale.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click
from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))
# Kernels of notebooks are processes of their own: they find the same checkout, and draw into the page.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(DOCS.parent), os.environ.get("PYTHONPATH")])
)
os.environ.pop("MPLBACKEND", None)

# The checkout, wherever it was built from. Models of pydantic must be made before autodoc imports under another light.
import sscsim.experiments.store  # noqa: E402, F401
from sscsim import __version__  # noqa: E402

project = "sscsim"
author = "The sscsim authors"
copyright = "The sscsim authors; text and code under the MIT licence"
version = release = __version__

extensions = [
    "myst_nb",  # with myst_parser inside
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
exclude_patterns = ["_build"]
smartquotes = False  # an option keeps its two hyphens
suppress_warnings = [
    "ref.python",  # two classes of one short name, such as `Member`, each in its own package
]

# ------------------------------------------------------------------------------------------------------------ Markdown

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_dmath_allow_space = False  # "$5 and $7" are prices
myst_dmath_allow_digits = False
myst_heading_anchors = 4

# --------------------------------------------------------------------------------------------------------- notebooks

nb_execution_mode = "force"  # a change of the model shows at once; some 25 seconds a lesson
nb_execution_raise_on_error = True  # a finding that does not hold is an error of the build
nb_execution_timeout = 300
nb_merge_streams = True
nb_mime_priority_overrides = [("html", "text/html", 0), ("html", "image/png", 1)]

# --------------------------------------------------------------------------------------------------------- the theme

html_theme = "furo"
html_title = f"sscsim {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False

# ------------------------------------------------------------------------------------------------------------ Python

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True  # a class that is a default is told by its name
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
default_role = "code"
"""Docstrings put names between single backticks."""

# ------------------------------------------------------------------------- mathematics, typeset without any script


def _mathml(self, node: nodes.Node, display: str) -> None:
    markup = convert(node.astext(), display=display)
    self.body.append(f'<div class="math">{markup}</div>' if display == "block" else markup)
    raise nodes.SkipNode


def inline_mathematics(self, node: nodes.math) -> None:
    """Write mathematics within a line as MathML, which browsers typeset themselves."""
    _mathml(self, node, "inline")


def displayed_mathematics(self, node: nodes.math_block) -> None:
    """Write an equation of its own."""
    _mathml(self, node, "block")


# ------------------------------------------------------------------------------------------------- pages not yet placed

PLACED = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)
REST = "<!-- pages that no list names -->"


def unplaced(app: Sphinx) -> list[str]:
    """Return the pages at the top of the folder that no list of contents names."""
    named = set()
    for path in DOCS.rglob("*.md"):
        for listed in PLACED.findall(path.read_text(encoding="utf-8")):
            for line in listed.splitlines():
                entry = re.sub(r"^.*<(.*)>$", r"\1", line.strip())
                if entry and not entry.startswith(":"):
                    named.add((path.parent / entry).resolve())
    pages = sorted(path.with_suffix("") for path in DOCS.glob("*.md"))
    return [page.name for page in pages if page not in named and page.name != "index"]


README = re.compile(r"\]\((?:\.\./)+README\.md(?:#[^)]*)?\)")


def lead_to_the_front(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let links to the README, which is no page of the site, lead to its front page."""
    source[0] = README.sub("](/index.md)", source[0])


def place_the_rest(app: Sphinx, docname: str, source: list[str]) -> None:
    """List them, so that a new page is found and breaks nothing."""
    if REST in source[0]:
        rest = "\n".join(unplaced(app))
        listed = f"```{{toctree}}\n:maxdepth: 1\n\n{rest}\n```" if rest else ""
        source[0] = source[0].replace(REST, listed)


# ------------------------------------------------------------------------------------------------- what code says


def as_written(app: Sphinx, ctx: click.Context, lines: list[str]) -> None:
    """Show examples in a command's help as the terminal does, and take stars for stars."""
    shown: list[str] = []
    for line in lines:
        kept = line.startswith("|")
        if kept and not (shown and shown[-1].startswith("   ")):
            shown += ["", ".. code-block:: console", ""]
        elif not kept and shown and shown[-1].startswith("   "):
            shown.append("")
        shown.append("   " + line[2:] if kept else line.replace("*", "\\*"))
    lines[:] = shown


def short_types(
    app: Sphinx,
    what: str,
    name: str,
    held: object,
    options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Write types of a signature by their last name, also where a part of it cannot be parsed and keeps its marks."""
    given = (signature, returns)
    first, last = (text and re.sub(r"~(?:\w+\.)*(?=\w)", "", text) for text in given)
    return first, last


def setup(app: Sphinx) -> dict[str, bool]:
    """Add all that to Sphinx."""
    app.add_html_math_renderer("mathml", (inline_mathematics, None), (displayed_mathematics, None))
    app.connect("autodoc-process-signature", short_types)
    app.connect("source-read", place_the_rest)
    app.connect("source-read", lead_to_the_front)
    app.connect("sphinx-click-process-description", as_written)
    app.connect("sphinx-click-process-epilog", as_written)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
