"""Extras: without a package of one, what needs it says which to install. Some are tried in tests of their own parts."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from sscsim.calibration.emulator import require
from sscsim.calibration.smoother import SMOOTHER
from sscsim.errors import InputError
from sscsim.experiments import discovery
from sscsim.experiments.executors import dask
from sscsim.experiments.store import RunStore
from sscsim.results.arrays import dataset
from sscsim.results.formats import of_name
from sscsim.search import Axis, Outcome, search_levels

NOTHING = cast("Any", None)
"""What none of them looks at before it has its package."""


def searched() -> None:
    def evaluate(levels: Any) -> Outcome:
        return Outcome(np.zeros((len(levels), 1, 1)), np.zeros((len(levels), 1)))

    search_levels([Axis("a", (0, 1))], evaluate)


NEEDS: dict[str, tuple[str, str, Callable[[], Any]]] = {
    "xlsx": ("exchange", "xlsxwriter", lambda: of_name("xlsx").files(NOTHING, NOTHING)),
    "netcdf": ("exchange", "xarray", lambda: dataset("countries", NOTHING, NOTHING)),
    "dask": ("parallel", "dask", lambda: [*dask([], RunStore(Path("store")))]),
    "discover": ("futures", "ema_workbench.analysis.prim", discovery._prim),
    "search": ("search", "pymoo.algorithms.moo.nsga2", searched),
    "fit": ("calibration", "sklearn", lambda: require("sklearn", "calibration")),
    "second road": ("second-road", SMOOTHER, lambda: require(SMOOTHER, "second-road")),
}


@pytest.mark.parametrize("what", NEEDS)
def test_what_lacks_a_package_names_the_extra(
    what: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # a store makes its folder
    extra, module, ask = NEEDS[what]
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match="not installed") as failure:
        ask()
    assert f"sscsim[{extra}]" in str(failure.value)


def test_every_extra_is_asked_for_somewhere() -> None:
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    extras = {*tomllib.loads(text)["project"]["optional-dependencies"]}
    # tests/brief/test_writers.py, tests/cli/test_dashboard.py, tests/test_compiled.py
    elsewhere = {"brief", "dashboard", "fast"}
    assert {extra for extra, _, _ in NEEDS.values()} == extras - {"docs", "test", "dev"} - elsewhere
