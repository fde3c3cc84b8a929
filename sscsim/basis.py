"""What a fit's numbers rest on, file by file: the model's source, its data, its priors, and the fitted figures.

A posterior is of the model that it was fitted with. Every file has two hashes: of its bytes, and of what it means.
Comments, docstrings, messages of errors, descriptions and sources of parameters change the first alone, and only files
whose bytes are others are looked into: a start of the program is not to read all of the model.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from sscsim.resources import calibration_folder, package_folder, scenario_folder

__all__ = ["KINDS", "Basis", "basis_now", "differing", "hashes"]

Basis = Mapping[str, Mapping[str, tuple[str, str]]]
"""Kind → place of a file → hash of its bytes, hash of its meaning."""

KINDS = {
    "model": "the model",
    "data": "its data",
    "priors": "the parameter tables",
    "targets": "the figures that are fitted",
}
"""What a fit rests on, and how it is called."""

_PACKAGES = ("agents", "flows", "outcomes", "policy", "steps", "world")
_MODULES = ("compiled", "counts", "framework", "means", "model", "names", "special", "streams")
_NOTICES = "DATA-LICENSES.md"
_TEXTS = frozenset(
    {
        "expects",
        "misses_because",
        "title",
        "titles",
        "description",
        "note",
        "notes",
        "source",
        "sources",
        "stated",
        "tolerance",
        "why",
    }
)
"""Keys whose values are for readers."""

_OF_A_PRIOR = ("value", "bounds", "prior", "by")
_OF_A_TARGET = ("paragraph", "role", "unit", "checks", "readings", "fitted", "status")
_LENGTH = 16


def _files() -> Iterator[tuple[str, str, Path]]:
    """Yield kind, place and path of every file that numbers rest on."""
    package = package_folder()
    for name in (*_PACKAGES, *(f"{m}.py" for m in _MODULES)):
        top = package / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            place = path.relative_to(package)
            source = path.suffix in (".py", ".yaml") and path.is_file()
            if source and not {"data", "__pycache__"} & set(place.parts):
                yield "model", place.as_posix(), path
    for top in (package / "world" / "data", package / "institutions"):
        for path in sorted(top.rglob("*")):
            if path.is_file() and path.name != _NOTICES and not path.name.startswith("."):
                yield "data", path.relative_to(package).as_posix(), path
    yield "data", "scenarios/baseline.yaml", scenario_folder() / "baseline.yaml"
    for path in sorted((package / "parameters").glob("*.yaml")):
        yield "priors", f"parameters/{path.name}", path
    yield "targets", "calibration/targets.yaml", calibration_folder() / "targets.yaml"
    # How a figure is read from a run is part of what was fitted.
    yield "targets", "calibration/observables.py", package / "calibration" / "observables.py"


@lru_cache(maxsize=1)
def _bytes_now() -> dict[str, dict[str, tuple[Path, str]]]:
    found: dict[str, dict[str, tuple[Path, str]]] = {kind: {} for kind in KINDS}
    for kind, place, path in _files():
        if path.is_file():
            found[kind][place] = (path, _hash(path.read_bytes()))
    return found


def basis_now() -> dict[str, dict[str, tuple[str, str]]]:
    """Return what a fit that is made here and now rests on."""
    return {
        kind: {
            place: (of_bytes, _meaning(kind, path, of_bytes))
            for place, (path, of_bytes) in files.items()
        }
        for kind, files in _bytes_now().items()
    }


def hashes(basis: Basis) -> dict[str, str]:
    """Return one hash of the meaning of each kind's files."""
    return {
        kind: _hash(json.dumps({place: of[1] for place, of in sorted(files.items())}).encode())
        for kind, files in basis.items()
    }


def differing(then: Basis) -> dict[str, list[str]]:
    """Return by kind the places of files that mean something else here and now, came or went; {} where none does."""
    found: dict[str, list[str]] = {}
    for kind, files in _bytes_now().items():
        before = then.get(kind, {})
        others = [place for place in before if place not in files]
        for place, (path, of_bytes) in files.items():
            old = before.get(place)
            if old is None or (old[0] != of_bytes and old[1] != _meaning(kind, path, of_bytes)):
                others.append(place)
        if others:
            found[kind] = sorted(others)
    return found


@cache
def _meaning(kind: str, path: Path, of_bytes: str) -> str:
    return meaning(kind, path)


def meaning(kind: str, path: Path) -> str:
    """Return the hash of what a file means, see the head of this module."""
    data = path.read_bytes()
    reader: Callable[[str, bytes], str] | None = {".py": _of_source, ".yaml": _of_yaml}.get(
        path.suffix
    )
    return _hash(data if reader is None else reader(kind, data).encode())


def _of_source(kind: str, data: bytes) -> str:
    # `unparse` rather than `dump`: the fields of nodes differ from one version of Python to the next.
    return ast.unparse(_Bare().visit(ast.parse(data)))


class _Bare(ast.NodeTransformer):
    """Takes away what no number can come from: texts that stand alone, and what is said where a run ends."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if alone else self.generic_visit(node)

    def visit(self, node: ast.AST) -> Any:
        """Visit a node, and leave no body empty."""
        found = super().visit(node)
        if getattr(found, "body", None) == []:
            found.body = [ast.Pass()]
        return found

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.copy_location(ast.Raise(), node)


def _of_yaml(kind: str, data: bytes) -> str:
    held = yaml.load(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    if kind == "priors":
        held = {n: _picked(entry, _OF_A_PRIOR) for n, entry in held["parameters"].items()}
    elif kind == "targets":
        held = {
            n: _without_texts(_picked(row, _OF_A_TARGET))
            for n, row in held["targets"].items()
            if row.get("role") == "fit"
        }
    else:
        held = _without_texts(held)
    return json.dumps(held, sort_keys=True, default=str)


def _picked(entry: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: entry[key] for key in keys if key in entry}


def _without_texts(held: Any) -> Any:
    if isinstance(held, dict):
        return {str(k): _without_texts(v) for k, v in held.items() if k not in _TEXTS}
    return [_without_texts(one) for one in held] if isinstance(held, list) else held


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_LENGTH]
