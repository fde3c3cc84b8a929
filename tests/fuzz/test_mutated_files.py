"""Whatever a file of a user holds: it is read, or refused in one message; quickly; and nothing is run or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz._trials import KINDS, Report, trials

FEW, MANY = 152, 2000


def sound(report: Report, count: int) -> None:
    assert not report.wrong, "\n".join(report.wrong)
    assert report.refused + report.read == count
    # A generator that only ever makes rubbish, or never does, tests nothing.
    assert report.refused > count / 3
    assert report.read > count / 20


def test_a_few_mutated_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sound(trials(range(FEW), tmp_path), FEW)
    assert FEW % len(KINDS) == 0


@pytest.mark.slow
def test_two_thousand_mutated_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report = trials(range(MANY), tmp_path)
    sound(report, MANY)
    assert len(report.by_mutation) == 23
