"""The lowest versions that `pyproject.toml` promises, as a file of constraints for pip: ``tools/lowest.txt``.

``python -m tools.lowest`` writes the file anew; a test holds both to each other, and the continuous integration
installs the wheel with it and uses it. Developers' tools are left out: tests run with the newest.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "tools" / "lowest.txt"
DEVELOPERS = frozenset({"docs", "test", "dev"})
"""Extras that are no user's."""

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(\[[^\]]*\])?\s*>=\s*(?P<version>[0-9][0-9.]*)"
)


def lowest(pyproject: str) -> dict[str, str]:
    """Return the lowest version that each requirement of users allows, by name.

    Parameters
    ----------
    pyproject
        Text of the project's file.

    Raises
    ------
    ValueError
        When a requirement has no lower bound, or two that differ.
    """
    project = tomllib.loads(pyproject)["project"]
    wanted = list(project["dependencies"])
    for extra, more in project.get("optional-dependencies", {}).items():
        wanted += [] if extra in DEVELOPERS else more
    found: dict[str, str] = {}
    for text in wanted:
        match = _REQUIREMENT.match(text)
        if match is None:
            raise ValueError(f"no lower bound that could be tested: {text!r}")
        name, version = match["name"].lower(), match["version"]
        if found.setdefault(name, version) != version:
            raise ValueError(f"two lower bounds of {name}: {found[name]} and {version}")
    return dict(sorted(found.items()))


def constraints(pyproject: str) -> str:
    """Return the file of constraints."""
    head = "# The lowest versions that pyproject.toml promises: python -m tools.lowest\n"
    return head + "".join(f"{name}=={version}\n" for name, version in lowest(pyproject).items())


def main() -> int:
    """Write the file."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    FILE.write_text(constraints(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
