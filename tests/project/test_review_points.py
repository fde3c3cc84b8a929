"""The diagnostics of the review: every point is there, says what closes it, and prints numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import review_points
from benchmarks.review_points import POINTS, Asked, main, point

NAMES = [*(f"A{i}" for i in range(1, 7)), *(f"B{i}" for i in range(1, 20)), "C", "D"]


def test_every_point_is_there_and_says_what_closes_it() -> None:
    assert list(POINTS) == NAMES
    for one in POINTS.values():
        assert len(one.what) > 15
        assert one.closed


ROOT = Path(review_points.__file__).parents[1]


@pytest.mark.parametrize("name", [n for n in NAMES if n != "C"])
def test_what_closes_a_point_is_there(name: str) -> None:
    """A test by its name, which a reader can run, and decisions and pages that stand in this version."""
    closed = POINTS[name].closed
    tests = re.findall(r"(tests/\S+?\.py)::(\w+)", closed)
    assert tests, f"{name} names no test"
    for file, test in tests:
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), test
    for number in re.findall(r"\b0\d{3}\b", closed):
        assert list((ROOT / "docs" / "decisions").glob(f"{number}-*.md")), number
    for file in re.findall(r"\b(?:docs|benchmarks)/\S+?\.(?:md|py)\b", closed):
        assert (ROOT / file).is_file(), file


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("B17", "C")])
def test_every_point_can_be_measured(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A point that a later version took the measure of would print so, and close nothing."""
    assert main(["--points", name, "--seeds", "1"]) == 0
    said = capsys.readouterr().out
    assert "cannot be measured" not in said
    assert said.count("  →  ") >= 2
    assert "nan" not in said


def test_a_point_prints_what_was_before_and_what_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--points", "A1", "B5"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"over 0\.7, 50 draws: 1,164  →  0\n", said)
    assert re.search(r"one parameter more: all  →  0\n", said)
    largest = re.search(r"largest abs\(r\), 50 draws: –  →  (\S+) \(99.9 % bound (\S+)\)", said)
    assert largest
    assert float(largest[1]) < float(largest[2])
    assert "mode of the prior of ζ: above 0  →  0" in said
    assert said.count("closed by:") == 2


def test_what_cannot_be_measured_is_said_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(review_points, "POINTS", {})

    @point("Z", "something that is gone", "nothing")
    def gone(asked: Asked):
        yield "first", "1", "2"
        raise KeyError("taken away")

    review_points.show(review_points.POINTS["Z"], Asked())
    said = capsys.readouterr().out
    assert "first: 1  →  2" in said
    assert "cannot be measured here: KeyError" in said
