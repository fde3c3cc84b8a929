"""The house in order: no two files that need each other, no function that nobody reads to its end."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections import Counter
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import grimp
import networkx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "sscsim"

MOST_LINES = 80
MOST_PARAMETERS = 10

MODEL_LINES = 265
"""The way of a year is to be seen at a glance: lines of code of `model.py`."""


# -------------------------------------------------------------------------------------------------------------- circles


def circles(package: str) -> set[frozenset[str]]:
    """Return the files of a package that need each other, also if only for the names of types."""
    graph = grimp.build_graph(package, exclude_type_checking_imports=False, cache_dir=None)
    imports = networkx.DiGraph()
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            # The front door looks names up when they are asked for, and its version needs none of them.
            if package not in (module, other):
                imports.add_edge(module, other)
    found = networkx.strongly_connected_components(imports)
    return {frozenset(files) for files in found if len(files) > 1}


def test_no_two_files_need_each_other() -> None:
    assert circles("sscsim") == set()


@pytest.mark.parametrize(
    "imports",
    [
        {"a": "from round_{n} import b", "b": "from round_{n} import a"},
        {
            "a": "import round_{n}.b",
            "b": "def f():\n    from round_{n}.c import x",
            "c": "import round_{n}.a",
        },
        {
            "a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from round_{n}.b import B",
            "b": "from round_{n}.a import A",
        },
    ],
)
def test_a_circle_is_found(imports: dict[str, str], tmp_path: Path, monkeypatch) -> None:
    name = f"round_{len(imports)}{len(imports['a'])}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    for file, text in imports.items():
        text = text.replace("round_{n}", name)
        (tmp_path / name / f"{file}.py").write_text(text + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert circles(name) == {frozenset(f"{name}.{file}" for file in imports)}


# ------------------------------------------------------------------------------------------------------------ functions

Function = ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(text: str) -> set[int]:
    """Return the numbers of lines of code: those that hold more than a comment or a part of a docstring."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in {*silent, tokenize.ENDMARKER}:
            code |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            code -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return code


def functions(text: str) -> dict[str, tuple[int, int]]:
    """Return for each function its lines of code and its parameters, without the one that stands for itself."""
    code = code_lines(text)
    found: dict[str, tuple[int, int]] = {}

    def visit(node: ast.AST, name: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function | ast.ClassDef):
                inside = f"{name}.{child.name}" if name else child.name
                if isinstance(child, Function):
                    lines = code & set(range(child.lineno, (child.end_lineno or 0) + 1))
                    given = child.args
                    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
                    found[inside] = len(lines), len([n for n in names if n not in ("self", "cls")])
                visit(child, inside)
            else:
                visit(child, name)

    visit(ast.parse(text), "")
    return found


@cache
def all_functions() -> dict[str, tuple[int, int]]:
    """Return those of the package outside the command line, whose parameters are options."""
    return {
        f"{path.relative_to(PACKAGE).as_posix()}:{name}": size
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "cli"
        for name, size in functions(path.read_text(encoding="utf-8")).items()
    }


def test_no_function_is_too_long_to_be_read() -> None:
    found = {name: lines for name, (lines, _) in all_functions().items() if lines > MOST_LINES}
    assert not found


def test_what_travels_together_is_one_value() -> None:
    found = {name: count for name, (_, count) in all_functions().items() if count > MOST_PARAMETERS}
    assert not found


def test_the_way_of_a_year_is_seen_at_a_glance() -> None:
    assert len(code_lines((PACKAGE / "model.py").read_text(encoding="utf-8"))) <= MODEL_LINES


# ------------------------------------------------------------------------------------------------ said once, looked at


def test_types_of_arrays_stand_in_one_place() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(
            r"^\w+ = NDArray\[np\.(float64|bool_|intp|int64)\]$",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    assert found == {"types.py"}


def test_no_folder_of_ours_is_left_out_of_what_is_checked() -> None:
    """A name without a slash leaves out every folder of it: for a time ``results`` left out ``sscsim/results``."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    left_out = [*tools["ruff"].get("exclude", ()), *tools["ruff"].get("extend-exclude", ())]
    left_out += tools["mypy"].get("exclude", [])
    for top in ("sscsim", "tests", "tools", "benchmarks"):
        places = [path.relative_to(ROOT) for path in (ROOT / top).rglob("*.py")]
        assert len(places) > 3
        for pattern in left_out:
            assert "/" in pattern, pattern
            assert not any(fnmatch(place.as_posix(), pattern) for place in places)
    assert tools["mypy"]["files"] == ["sscsim"]


# ----------------------------------------------------------------------------------------------------------- dead code


def declared(text: str) -> set[str]:
    """Return the functions and constants of a file that nothing calls for them, such as a decorator."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, Function | ast.ClassDef) and not node.decorator_list:
            # A subclass may be found by being there.
            found |= {node.name} if isinstance(node, Function) or not node.bases else set()
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AnnAssign) else []
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in found if not name.startswith("__")}


def words(text: str) -> Counter[str]:
    """Return how often words stand in a text, but for the list of what a file offers."""
    return Counter(re.findall(r"\w+", re.sub(r"__all__ = \[.*?\]", "", text, flags=re.DOTALL)))


def test_nothing_is_declared_that_nobody_names() -> None:
    held: Counter[str] = Counter()
    for top in ("sscsim", "tests", "tools", "benchmarks", "docs", "examples"):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in (".py", ".md", ".ipynb", ".yaml") and "_build" not in path.parts:
                held += words(path.read_text(encoding="utf-8"))
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    assert {name for text in texts for name in declared(text) if held[name] < 2} == set()


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("def f():\n    pass\n", {"f"}),
        ("def f():\n    pass\nX = f()\n", {"X"}),
        ("__all__ = ['f', 'X']\nX: int = 1\ndef f():\n    return X\n", {"f"}),
        ("class A:\n    pass\nclass B(A):\n    pass\n", set()),
        ("class A:\n    pass\n", {"A"}),
        ("@command\ndef f():\n    pass\n", set()),
    ],
)
def test_dead_code_is_seen(text: str, dead: set[str]) -> None:
    assert {name for name in declared(text) if words(text)[name] < 2} == dead


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        (
            "def f(a, b):\n    '''One.\n\n    Two.\n    '''\n    # three\n\n    return a + b\n",
            {"f": (2, 2)},
        ),
        (
            "class A:\n    def g(self, *, x=1):\n        return [\n            x,\n        ]\n",
            {"A.g": (4, 1)},
        ),
        (
            "def f():\n    def g(a):\n        pass\n    return '''x\ny'''\n",
            {"f": (5, 0), "f.g": (2, 1)},
        ),
    ],
)
def test_lines_and_parameters_are_counted(text: str, sizes: dict[str, tuple[int, int]]) -> None:
    assert functions(text) == sizes
