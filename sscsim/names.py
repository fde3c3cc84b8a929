"""Names that several packages share: the years, what a run keeps, where members run. Imports nothing."""

from __future__ import annotations

__all__ = ["EXECUTORS", "FIRST_YEAR", "KEEP", "LAST_YEAR"]

FIRST_YEAR = 2013
"""The base year, which a run simulates first."""

LAST_YEAR = 2034
"""The last year that a run reaches."""

KEEP = ("indicators", "outcomes", "standard", "full")
"""How much of a run is kept, from least to most."""

EXECUTORS = ("serial", "processes", "dask")
"""Where members of an ensemble run."""
