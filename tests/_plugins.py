"""Packages with plug-ins that are installed for a test, with no pip and no network: a folder on the path."""

from __future__ import annotations

import gc
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sscsim import plugins
from sscsim.outcomes.indicators.definitions import FUNCTIONS

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "sscsim_example"


def install(
    site: Path,
    package: str,
    entries: Mapping[str, str],
    *,
    version: str = "1.0",
    files: Mapping[str, str] | None = None,
) -> Path:
    """Lay a package out as an installer does: what it declares, and its files."""
    folder = site / f"{package.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", encoding="utf-8"
    )
    lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
    (folder / "entry_points.txt").write_text(f"[sscsim.plugins]\n{lines}", encoding="utf-8")
    for name, text in (files or {}).items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return site


def install_example(site: Path) -> tuple[str, str]:
    """Install the example as its own `pyproject.toml` declares it, and return the folders to be put on the path."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = project["entry-points"]["sscsim.plugins"]
    install(site, project["name"], entries, version=project["version"])
    return str(site), str(EXAMPLE)


@contextmanager
def undone(places: Sequence[Path]) -> Iterator[None]:
    """Take back what loading plug-ins leaves in this process, so that no test sees those of another.

    Functions of indicators are registered by name, formats are whatever derives from `Format`, and modules stay
    imported, under names that another test may give to others.

    Parameters
    ----------
    places
        Folders below which plug-ins lie that tests install.
    """
    there, functions = {*sys.modules}, _functions()
    yield
    for name in _functions() - functions:
        del FUNCTIONS[name]
    gone = [name for name in {*sys.modules} - there if _is_below(_file(name), places)]
    for name in gone:
        del sys.modules[name]
    if gone:
        plugins._installed.cache_clear()
        gc.collect()  # classes that nobody holds are no longer among those that derive from theirs


def _functions() -> set[str]:
    return {name for name, one in FUNCTIONS.items() if not one.__module__.startswith("sscsim.")}


def _file(module: str) -> str | None:
    # Looked up past `getattr`, which would load a module that is loaded when it is used.
    return getattr(sys.modules[module], "__dict__", {}).get("__file__")


def _is_below(file: str | None, places: Sequence[Path]) -> bool:
    return file is not None and any(Path(file).is_relative_to(place) for place in places)
