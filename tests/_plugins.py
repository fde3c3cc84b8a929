"""Packages with plug-ins that are installed for a test, with no pip and no network: a folder on the path."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

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
