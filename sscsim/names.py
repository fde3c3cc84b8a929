"""Names that several packages share: the years, what a run keeps, where members run. Imports nothing."""

from __future__ import annotations

__all__ = ["EXECUTORS", "FIRST_YEAR", "KEEP", "LAST_YEAR", "THREAD_VARIABLES"]

FIRST_YEAR = 2013
"""The base year, which a run simulates first."""

LAST_YEAR = 2034
"""The last year that a run reaches."""

KEEP = ("indicators", "outcomes", "standard", "full")
"""How much of a run is kept, from least to most; `sscsim.results.schema` says what.

``indicators``: the long table only; ``outcomes``: also what every country gains or loses by, in the first year, in 2030
and in the last, small enough for every member of an ensemble; ``standard``: also all of countries by year, matrices of
the same three years, and what is born and ends in a run, such as projects; ``full``: also the matrices of every year.
"""

EXECUTORS = ("serial", "processes", "dask")
"""Where members of an ensemble run."""

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""What tells linear algebra to keep to one thread: runs are what is done side by side."""
