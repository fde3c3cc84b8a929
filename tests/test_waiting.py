"""Packages whose body waits are the packages that they always were, only later."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg
from scipy import special as whole

from sscsim import special
from sscsim.waiting import near_callers, put_in_place

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[1]


def said(code: str) -> str:
    """Return what a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


HEAVY = "print(sorted({'pandas', 'networkx', 'scipy.sparse', 'scipy.spatial', 'matplotlib'} & set(sys.modules)))"


def test_the_model_is_imported_without_what_it_does_not_use() -> None:
    assert said(f"import sys, sscsim.model; {HEAVY}") == "[]"


def test_nor_does_a_run_that_is_saved_and_judged(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from sscsim.cli.main import cli\n"
        f"try: cli.main(['run', '--end', '2014', '--out', {str(tmp_path / 'run')!r}])\n"
        "except SystemExit as end: assert not end.code\n"
    )
    assert said(code + HEAVY).splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "lines",
    [
        "import sscsim.model; import mesa",
        "import mesa; import sscsim.model",
        "import sscsim.model; from mesa import *; import mesa",
        "import sscsim.model; import mesa.space, mesa.experimental.continuous_space; import mesa",
        "import mesa.agent; import sscsim.model; import mesa",
    ],
)
def test_all_of_mesa_is_there_for_who_asks(lines: str) -> None:
    code = f"""
{lines}
import sys, types
from sscsim.framework import Agent, Model
assert mesa.Model is Model and mesa.Agent is Agent
assert issubclass(sscsim.model.SouthSouthModel, mesa.Model)
assert mesa.DataCollector.__module__ == "mesa.datacollection"
assert mesa.experimental.continuous_space.ContinuousSpace
assert mesa.__version__ and type(mesa) is types.ModuleType
try:
    mesa.nothing
except AttributeError as failure:
    print(failure)
"""
    assert said(code) == "module 'mesa' has no attribute 'nothing'"


def test_functions_are_those_of_scipy() -> None:
    x = np.linspace(0.001, 0.999, 50)
    assert (special.ndtri(x) == whole.ndtri(x)).all()
    assert (special.ndtr(x) == whole.ndtr(x)).all()
    assert (special.logit(x) == whole.logit(x)).all()
    assert (special.expit(x) == whole.expit(x)).all()
    assert (special.gammaincinv(2.5, x) == whole.gammaincinv(2.5, x)).all()


def test_and_of_its_front_where_they_stand_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special._ufuncs", None)
    special._special.cache_clear()
    try:
        assert special._special() is whole
        assert special.ndtr(0.0) == 0.5
    finally:
        special._special.cache_clear()


def test_a_body_that_fails_fails_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a_broken_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("from . import part\nraise ImportError('no body')\n")
    (folder / "part.py").write_text("value = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    put_in_place("a_package_that_is_not_there", "a_broken_package")
    try:
        assert (
            "a_broken_package" not in sys.modules
        )  # what follows one that is missing is left alone
        put_in_place("a_broken_package")
        import a_broken_package.part as part  # type: ignore[import-not-found]

        assert part.value == 7
        package = sys.modules["a_broken_package"]
        for _ in range(2):
            with pytest.raises(ImportError, match="no body"):
                _ = package.anything
    finally:
        for name in ("a_broken_package", "a_broken_package.part"):
            sys.modules.pop(name, None)


def test_logs_are_named_as_ever_where_callers_are_not_looked_through() -> None:
    names = "import mesa.mesa_logging as logs; print(sorted(logs._module_loggers))"
    after = said(f"import sscsim.framework, inspect; {names}; print(inspect.stack()[0].function)")
    assert after.splitlines() == [said(f"import mesa.model; {names}"), "<module>"]


def test_no_more_than_the_next_caller_is_looked_for() -> None:
    plain = inspect.getouterframes
    with near_callers():
        near = inspect.stack()
        assert [one.function for one in near] == [
            "test_no_more_than_the_next_caller_is_looked_for",
            inspect.currentframe().f_back.f_code.co_name,
        ]
    assert inspect.getouterframes is plain


def test_linear_algebra_is_that_of_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert special.blas().dger is linalg.blas.dger
    assert special.lapack().dgetrf is linalg.lapack.dgetrf
    monkeypatch.setitem(sys.modules, "scipy.linalg._fblas", None)
    special.blas.cache_clear()
    try:
        assert special.blas() is linalg.blas
    finally:
        special.blas.cache_clear()


def test_a_run_asks_for_no_more_of_linear_algebra(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from sscsim.model import simulate\n"
        "simulate('baseline', parameters='tables', end=2014)\n"
        "print({'numpy.f2py', 'scipy.linalg._decomp'} & set(sys.modules))"
    )
    assert said(code) == "set()"
