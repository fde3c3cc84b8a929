"""The lowest versions that are promised are those that continuous integration installs."""

from __future__ import annotations

import re
import tomllib

import pytest

from tools.lowest import FILE, ROOT, constraints, lowest


def project(*dependencies: str, **extras: list[str]) -> str:
    lines = ["[project]", f"dependencies = {list(dependencies)}"]
    lines += ["[project.optional-dependencies]"]
    lines += [f"{name} = {wanted}" for name, wanted in extras.items()]
    return "\n".join(lines)


def test_the_file_follows_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == constraints(text), "python -m tools.lowest"
    assert len(lowest(text)) > 10


def test_continuous_integration_uses_it() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "tools/lowest.txt" in script


def test_no_lowest_version_is_promised_and_never_installed() -> None:
    """What the wheel alone does not bring is asked for by name."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (line,) = re.findall(r"--constraint tools/lowest\.txt (.*)", script.replace("\\\n", ""))
    installed = {word.strip("'").partition("[")[0].lower() for word in line.split()}
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    base = lowest(project(*tomllib.loads(text)["project"]["dependencies"]))
    assert {*lowest(text)} - {*base} - {"distributed"} <= installed
    assert "'mesa[viz]'" in line
    assert "'dask[distributed]'" in line


def test_bounds_of_users_are_read_and_those_of_developers_are_not() -> None:
    text = project(
        "click>=8.2", "mesa[network] >=3.3,<4", calibration=["SALib>=1.5"], test=["pytest>=8.3"]
    )
    assert lowest(text) == {"click": "8.2", "mesa": "3.3", "salib": "1.5"}


@pytest.mark.parametrize(
    ("dependencies", "said"),
    [
        (["click"], "click"),
        (["click<9"], "click<9"),
        (["numpy>=2.0", "NumPy>=2.1"], "2.0 and 2.1"),
    ],
)
def test_a_bound_that_cannot_be_tested_is_an_error(dependencies: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        lowest(project(*dependencies))
