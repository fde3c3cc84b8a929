"""Where the files that travel with the package are, in a checkout and in a wheel alike."""

from __future__ import annotations

from pathlib import Path

__all__ = ["calibration_folder", "package_folder", "scenario_folder"]


def package_folder() -> Path:
    """Return the folder of the installed package."""
    return Path(__file__).resolve().parent


def scenario_folder() -> Path:
    """Return the folder of the scenarios that ship."""
    return _shipped("scenarios")


def calibration_folder() -> Path:
    """Return the folder of targets and posteriors that ship."""
    return _shipped("calibration")


def _shipped(name: str) -> Path:
    # The wheel carries the folder inside the package under `shipped/`; a checkout has it at its top level.
    inside = package_folder() / "shipped" / name
    return inside if inside.is_dir() else package_folder().parent / name
