"""What may be a user's file is opened in one place, which looks at its type and at its size, packed and unpacked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "sscsim"

READS = {"read_text", "read_bytes", "fromfile", "loadtxt", "genfromtxt", "memmap"}
"""What reads a file whole, whoever has it as a method."""

CALLS = {"json.load", "json.loads", "np.load", "zipfile.ZipFile", "gzip.open", "pickle.load"}
CALLS |= {"pq.read_table", "pq.ParquetFile", "parquet.ParquetFile", "parquet.read_table"}
CALLS |= {"pd.read_csv", "pd.read_parquet", "pd.read_json", "pd.read_excel"}
"""What takes apart what a file holds."""

THE_PLACE = {"files.py", "unpacking.py"}

ELSEWHERE = {
    "basis.py:_bytes_now": "the package's own",
    "basis.py:meaning": "the package's own",
    "brief/language.py:_catalogue": "the package's own",
    "cli/running.py:_before": "what the system says of this process",
    "experiments/executors.py:_work_afar": "a word that the caller has just written",
    "page/html.py:page_html": "the package's own",
    "page/shapes.py:features": "the package's own",
    "page/sliders.py:Sliders.as_yaml": "a copy of plain data",
    "plugins.py:Installed.sha256": "an installed package's own",
    "provenance.py:model_hash": "the package's own",
    "reports/maps.py:world_shapes": "the package's own",
    "results/writing.py:_manifest": "a copy of plain data",
    "staging.py:machine": "what the system says of itself",
    "world/loading.py:_hash_tables": "tables that ship, or stand in their place",
    "world/reading.py:read_parquet": "tables that ship, or stand in their place",
    "world/trade_files/reading.py:PublishedTable.parts": "part by part, from what the one place has opened",
}
"""Function → why it needs no such look."""


def openings(text: str) -> Iterator[tuple[str, str]]:
    """Yield each function that opens a file to read it or takes one apart by itself, and what it calls."""

    def visit(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            inside = name
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside = f"{name}.{child.name}" if name else child.name
            if isinstance(child, ast.Call):
                called = ast.unparse(child.func)
                whose, _, what = called.rpartition(".")
                if (
                    called in CALLS
                    or (what in READS and whose not in ("", "files"))
                    or (what == "open" and _reads(child, whose))
                ):
                    yield name, called
            yield from visit(child, inside)

    yield from visit(ast.parse(text), "")


def _reads(call: ast.Call, whose: str) -> bool:
    """Whether a call to open something is one of a file, to read it."""
    given = [*call.args[0 if whose else 1 :], *(k.value for k in call.keywords if k.arg == "mode")]
    modes = [a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if any(set(mode) <= set("wax+bt") for mode in modes):
        return False
    text = any(k.arg in ("encoding", "errors", "newline") for k in call.keywords)
    return not whose or text or any(set(mode) <= set("r+bt") for mode in modes)


def found(package: Path) -> set[str]:
    return {
        f"{place}:{name}"
        for path in sorted(package.rglob("*.py"))
        if (place := path.relative_to(package).as_posix()) not in THE_PLACE
        for name, _ in openings(path.read_text(encoding="utf-8"))
    }


def test_no_other_file_is_opened_elsewhere() -> None:
    assert found(PACKAGE) == set(ELSEWHERE)


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("json.loads(path.read_text())", {"json.loads", "path.read_text"}),
        ("np.load(place)", {"np.load"}),
        ("open(place)", {"open"}),
        ("open(place, 'rb')", {"open"}),
        ("path.open('rb')", {"path.open"}),
        ("path.open(encoding='utf-8')", {"path.open"}),
        ("path.open('r+b')", {"path.open"}),
        ("self.folder.joinpath(name).read_bytes()", {"self.folder.joinpath(name).read_bytes"}),
        ("path.open('wb')", set()),
        ("path.open('x', encoding='utf-8')", set()),
        ("read_bytes(path, 10)", set()),
        ("files.read_text(path, 10)", set()),
        ("step.open(now)", set()),
        ("webbrowser.open(place)", set()),
    ],
)
def test_what_opens_a_file_is_seen(line: str, seen: set[str]) -> None:
    text = f"class A:\n    def f(self):\n        return {line}\n"
    assert {*openings(text)} == {("A.f", call) for call in seen}


# --------------------------------------------------------------------------------------------------------- what is kept

CONTENT = {"text", "of_bytes", "data", "raw"}
"""How a parameter is called that holds what a file holds."""

NO_FILES = {
    "experiments/executors.py:_open_store": "a store reads what it is asked for anew each time"
}


def kept_by_place(text: str) -> set[str]:
    """Return the functions whose answers are kept by the name of a file or folder and not by what it holds."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        marks = {
            ast.unparse(mark.func if isinstance(mark, ast.Call) else mark).rpartition(".")[2]
            for mark in node.decorator_list
        }
        given = {
            one.arg: ast.unparse(one.annotation) if one.annotation else ""
            for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        }
        places = {
            n for n, kind in given.items() if "Path" in kind or n in ("folder", "file", "place")
        }
        if marks & {"cache", "lru_cache"} and places and not CONTENT & {*given}:
            found.add(node.name)
    return found


def test_nothing_is_kept_by_the_name_of_a_file_alone() -> None:
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}:{name}"
        for path in PACKAGE.rglob("*.py")
        for name in kept_by_place(path.read_text(encoding="utf-8"))
    }
    assert found == set(NO_FILES)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("@cache\ndef f(path: Path): ...", {"f"}),
        ("@lru_cache(maxsize=4)\ndef f(kind: str, place: Path | None = None): ...", {"f"}),
        ("@functools.lru_cache\ndef f(*, folder: str): ...", {"f"}),
        ("@lru_cache(maxsize=4)\ndef f(path: Path, text: str): ...", set()),
        ("@cached_property\ndef f(self): ...", set()),
        ("def f(path: Path): ...", set()),
        ("@cache\ndef f(name: str): ...", set()),
    ],
)
def test_what_is_kept_by_a_name_is_seen(text: str, seen: set[str]) -> None:
    assert kept_by_place(text) == seen
