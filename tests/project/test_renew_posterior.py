"""The posterior that ships is of this model, or of one that gives the same numbers, which is written down."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sscsim.calibrated import shipped_posterior
from tools import renew_posterior
from tools.renew_posterior import HELD, TOLERANCE, furthest, held, points, shown

KEY = ("central", "gdp", "World", 2034)
OTHER = ("central", "gni", "LDC", 2034)


def test_what_is_written_down_is_of_the_posterior_that_ships() -> None:
    assert shipped_posterior().sha256 in HELD.read_text(encoding="utf-8").splitlines()[0]
    assert {key[0] for key in held()} == {name for name, _, _ in points()}


@pytest.mark.slow
def test_runs_at_its_draws_show_what_they_did() -> None:
    assert furthest(held(), dict(shown()))[0] <= TOLERANCE


@pytest.mark.parametrize(
    ("now", "most", "which"),
    [
        ({KEY: 2.0, OTHER: math.nan}, 0.0, None),
        ({KEY: 2.0, OTHER: math.nan, ("new", "x", "LDC", 2034): 1.0}, 0.0, None),
        ({KEY: 2.2, OTHER: math.nan}, 0.1, KEY),
        ({KEY: 2.0}, math.inf, OTHER),
        ({KEY: math.nan, OTHER: math.nan}, math.inf, KEY),
    ],
)
def test_the_furthest_number_is_found(
    now: dict[tuple[str, str, str, int], float],
    most: float,
    which: tuple[str, str, str, int] | None,
) -> None:
    found = furthest({KEY: 2.0, OTHER: math.nan}, now)
    assert found[0] == pytest.approx(most)
    assert found[1] == which


def test_numbers_that_moved_ask_for_a_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = shipped_posterior()
    place = tmp_path / "runs.csv"
    place.write_text(
        f"# {shipped.sha256}\ndraw,indicator,group,year,value\ncentral,gdp,World,2034,2\n"
    )
    monkeypatch.setattr(renew_posterior, "HELD", place)
    monkeypatch.setattr(renew_posterior, "shown", lambda: [(KEY, 2.1)])
    monkeypatch.setitem(shipped.__dict__, "stale", {"model": ["flows/x.py"]})
    monkeypatch.setattr("sys.argv", ["renew_posterior"])
    assert renew_posterior.main() == 1
    assert "moved by 0.05 of its size (flows/x.py)" in capsys.readouterr().out
    monkeypatch.setitem(shipped.__dict__, "stale", {"priors": ["trade.yaml"]})
    assert renew_posterior.main() == 1
    assert "priors are others" in capsys.readouterr().out
