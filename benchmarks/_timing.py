"""Timing for every benchmark: process CPU time, one BLAS thread, the median of seven.

Import this module before NumPy: the number of threads is read when NumPy is loaded.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import scipy
from scipy import linalg

REPEATS = 7
SHORTEST = 0.02  # seconds a measurement lasts at least, by calling more than once


@dataclass(frozen=True)
class Timing:
    """CPU seconds of one call."""

    what: str
    low: float
    median: float
    high: float
    calls: int

    def __str__(self) -> str:
        low, median, high = (f"{1e3 * value:9.3f}" for value in (self.low, self.median, self.high))
        return f"{self.what:<46}{low}{median}{high} ms"


def measure(what: str, call: Callable[[], object], repeats: int = REPEATS) -> Timing:
    """Return the CPU time of `call`, after one call that warms up."""
    start = time.process_time()
    call()
    once = max(time.process_time() - start, 1e-7)
    calls = max(1, int(SHORTEST / once))
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(calls):
            call()
        seconds.append((time.process_time() - start) / calls)
    return Timing(what, min(seconds), statistics.median(seconds), max(seconds), calls)


def reference(size: int, repeats: int = REPEATS) -> Timing:
    """Time what NumPy and LAPACK need for one product and one LU factorisation of this size."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(size, size)) + size * np.eye(size)

    def call() -> None:
        linalg.lu_factor(matrix @ matrix, overwrite_a=True, check_finite=False)

    return measure(f"reference: product and LU, {size} x {size}", call, repeats)


def header() -> str:
    """Return the machine and the columns."""
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
        f"{platform.machine()}; process CPU time, one BLAS thread, {REPEATS} repeats\n"
        f"{'':<46}{'least':>9}{'median':>9}{'most':>9}"
    )


def save_json(path: Path, timings: list[Timing], **other: object) -> None:
    """Write timings and what goes with them where they can be compared."""
    document = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "machine": platform.machine(),
        "argv": sys.argv[1:],
        "timings": [asdict(timing) for timing in timings],
        **other,
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
