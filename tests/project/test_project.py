"""The project as it is installed: what the wheel holds, what start-up imports, what is declared."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import sscsim
from sscsim.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "sscsim"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after running `code`."""
    code += (
        "\nimport sys; print('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


# ---------------------------------------------------------------------------------------- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("wheel")
    [path] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(path)


def travelling_files(folder: Path) -> set[str]:
    """Return the files below a folder that are the project's own, not leftovers of running it."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not path.name.endswith((".pyc", ".swp", ".tmp", "~"))
        and not path.name.startswith(".")
    }


def test_wheel_holds_the_package_and_its_data(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    wanted = {f"sscsim/{name}" for name in travelling_files(PACKAGE)}
    assert {"sscsim/__init__.py", "sscsim/py.typed", "sscsim/parameters/trade.yaml"} <= wanted
    assert wanted <= names


@pytest.mark.parametrize("folder", ["scenarios", "calibration"])
def test_wheel_carries_the_top_level_data_where_the_package_looks(
    wheel: zipfile.ZipFile, folder: str
) -> None:
    files = travelling_files(ROOT / folder)
    assert files, f"{folder}/ is empty"
    prefix = f"sscsim/shipped/{folder}/"
    shipped = {name.removeprefix(prefix) for name in wheel.namelist() if name.startswith(prefix)}
    assert shipped == files
    name = min(files)
    assert wheel.read(prefix + name) == (ROOT / folder / name).read_bytes()


def test_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"sscsim", f"sscsim-{sscsim.__version__}.dist-info"}


def test_wheel_is_small_enough_to_be_sent(wheel: zipfile.ZipFile) -> None:
    assert (
        sum(one.compress_size for one in wheel.infolist()) < 10e6
    )  # bytes; 4.1 million in November 2026


def test_wheel_names_its_command_and_licence(wheel: zipfile.ZipFile) -> None:
    info = f"sscsim-{sscsim.__version__}.dist-info"
    assert "sscsim = sscsim.__main__:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert f"{info}/licenses/LICENSE" in wheel.namelist()


# ----------------------------------------------------------------------------------------- start-up

HEAVY = {"mesa", "matplotlib", "pandas", "pyarrow", "scipy"}


@pytest.mark.parametrize("module", ["sscsim", "sscsim.results", "sscsim.cli", "sscsim.cli.main"])
def test_import_draws_in_no_mesa(module: str) -> None:
    assert "mesa" not in modules_after(f"import {module}")


def test_the_model_does_draw_in_mesa() -> None:
    # The counter-check: were the probe blind, the test above would pass for nothing.
    assert "mesa" in modules_after("import sscsim.model")


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "plan",
        "plan trade",
        "explain trade_elasticity",
        "explain baseline",
        "explain parameters",
        "scenario list",
        "targets",
    ],
)
def test_what_needs_no_run_starts_without_heavy_libraries(command: str) -> None:
    code = (
        "import sys; from sscsim.cli.main import main\n"
        f"sys.argv = ['sscsim', *{command.split()!r}]\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
    )
    assert not modules_after(code) & HEAVY


def test_front_door_opens_lazily() -> None:
    loaded = modules_after(
        "import sscsim\nassert 'simulate' in dir(sscsim)\nassert callable(sscsim.simulate)"
    )
    assert "sscsim" in loaded
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = sscsim.no_such_name  # type: ignore[attr-defined]


# --------------------------------------------------------------------------------- what is declared


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\s\[<>=!~;]", text, maxsplit=1)[0]) for text in requirements}


def third_party_imports(path: Path) -> set[tuple[str, bool]]:
    """Return the foreign modules a file imports, each with whether at its own import."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()

    def visit(node: ast.AST, at_start: bool) -> None:
        if isinstance(node, ast.Import):
            found.update((alias.name, at_start) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add((node.module, at_start))
        inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        checking = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.iter_child_nodes(node):
            visit(child, at_start and not inside and not checking)

    visit(tree, True)
    return {
        (name, at_start)
        for name, at_start in found
        if name.partition(".")[0] not in {*sys.stdlib_module_names, "sscsim"}
    }


def test_every_foreign_import_is_declared() -> None:
    base = requirement_names(PYPROJECT["project"]["dependencies"])
    extras = PYPROJECT["project"]["optional-dependencies"]
    for_users = base.union(
        *(requirement_names(extras[name]) for name in extras if name not in {"docs", "test", "dev"})
    )
    owners = importlib.metadata.packages_distributions()
    undeclared = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for name, at_start in third_party_imports(path):
            top = name.partition(".")[0]
            found = {normal(owner) for owner in owners.get(top, [top])}
            found.add(normal(name))  # a namespace shared by several, such as ruamel.yaml
            # The base must import without extras, except in the dashboard, which is one.
            allowed = base if at_start and "dashboard" not in path.parts else for_users
            if not found & allowed:
                undeclared.append(f"{path.relative_to(ROOT)}: {name}")
    assert not undeclared


def test_every_requirement_of_users_is_imported() -> None:
    """A package that no line imports is not asked for; an extra holds what a line needs."""
    imported = {name for path in PACKAGE.rglob("*.py") for name, _ in third_party_imports(path)}
    owners = importlib.metadata.packages_distributions()
    used = {normal(owner) for name in imported for owner in owners.get(name.partition(".")[0], [])}
    used |= {normal(name) for name in imported}
    extras = PYPROJECT["project"]["optional-dependencies"]
    for name, wanted in {"": PYPROJECT["project"]["dependencies"], **extras}.items():
        if name not in {"docs", "test", "dev"}:
            assert requirement_names(wanted) - used == set(), name


def test_the_front_page_says_what_each_extra_is_for() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (`sscsim .+) \|.+\|$", text, re.MULTILINE))
    extras = {*PYPROJECT["project"]["optional-dependencies"]} - {"docs", "test", "dev"}
    assert {*rows} == extras
    for used in rows.values():
        (name, *rest) = re.findall(r"sscsim ([a-z]+)", used)
        assert {name, *rest} <= {*COMMANDS}, used


def test_one_version_everywhere() -> None:
    version = sscsim.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in citation
    assert re.findall(r"^## \[(\d[^\]]*)\]", changelog, flags=re.MULTILINE)[0] == version


def test_the_citation_is_one_that_tools_read() -> None:
    """As the Citation File Format 1.2.0 has it: its keys, those that must be there, and what they hold."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    known = {
        "abstract",
        "authors",
        "cff-version",
        "commit",
        "contact",
        "date-released",
        "doi",
        "identifiers",
        "keywords",
        "license",
    }
    known |= {
        "license-url",
        "message",
        "preferred-citation",
        "references",
        "repository",
        "repository-artifact",
    }
    known |= {"repository-code", "title", "type", "url", "version"}
    assert {"authors", "cff-version", "message", "title"} <= {*cited} <= known
    assert (cited["cff-version"], cited["type"], cited["license"]) == ("1.2.0", "software", "MIT")
    assert all({*author} == {"name"} for author in cited["authors"])
    assert cited["keywords"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{cited['version']}] – {cited['date-released']}" in changelog


def test_packages_that_hold_code_say_so() -> None:
    # A folder without __init__.py imports as a namespace, and mypy and the contract pass it by.
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert not [
        str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").exists()
    ]
