"""What holds for every test: one thread for linear algebra, no screen, examples that repeat."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

# Before NumPy is imported, and for every process that a test starts.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["MPLBACKEND"] = "Agg"
# The plain code is the reference; tests of the compiled loops ask for them.
os.environ["SSCSIM_COMPILED"] = "0"

import matplotlib
import pytest
from _plugins import EXAMPLE, undone
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

matplotlib.use("Agg")  # a plugin may have imported it before the variable was set

# `ci` tries the same examples in every run, so that a red run is red again; `dev` looks for new
# ones and remembers what failed. Neither has a deadline: a slow machine is no wrong answer.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "dev", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread, whoever imported NumPy first."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(autouse=True, scope="session")
def tables_by_default() -> Iterator[None]:
    """Let runs that ask for nothing take the tables' values: a posterior that is made anew moves no test.

    `central_by_default` undoes it where the default itself is looked at.
    """
    from sscsim import choices

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choices, "USUAL", "tables")
        yield


@pytest.fixture(autouse=True, scope="module")
def plugins_of_a_file_are_undone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take back what plug-ins that fixtures of a file have loaded leave in the process."""
    with undone([tmp_path_factory.getbasetemp(), EXAMPLE.parent]):
        yield


@pytest.fixture(autouse=True)
def plugins_are_undone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take back what plug-ins that a test has loaded leave in the process: the order of tests cannot matter."""
    with undone([tmp_path_factory.getbasetemp(), EXAMPLE.parent]):
        yield


@pytest.fixture
def central_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs that ask for nothing take the posterior's central draw, as they do for users."""
    from sscsim import choices

    monkeypatch.setattr(choices, "USUAL", choices.CENTRAL)


# A shell's background job starts with SIGINT ignored and hands that on; tests of Ctrl-C need children that hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
