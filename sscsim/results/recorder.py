"""The memory of a run while it runs: copies of what is to be kept, year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import sscsim
from sscsim.errors import InputError, nearest
from sscsim.results.run import Run, platform_report
from sscsim.results.tables import CountryTable, IndicatorTable, MatrixTable, RowTable

__all__ = ["GOAL_YEAR", "KEEP", "Recorder"]

Array = NDArray[np.float64]

KEEP = ("indicators", "outcomes", "standard", "full")
"""How much is kept.

``indicators``: the long table only; ``outcomes``: also what every country has of `OUTCOMES` in the
first year, in 2030 and in the last, small enough for every member of an ensemble; ``standard``: also
all of countries by year, and matrices of the same three years; ``full``: also the matrices of every
year.
"""

OUTCOMES = ("gdp", "real_income", "goals")
"""Variables of a country by which it gains or loses."""

GOAL_YEAR = 2030
"""The year in which the Goals are read."""

MATRICES = ("trade", "fdi")


class _Variable(Protocol):
    """What is needed of a variable's declaration."""

    @property
    def name(self) -> str: ...

    @property
    def axes(self) -> tuple[str, ...]: ...


class Recorder:
    """Keeps what a run is to remember; picklable at any time.

    Parameters
    ----------
    iso3
        ISO codes in the order of the state's arrays.
    rows
        Group, indicator and unit of each measurement.
    variables
        Declarations of the state's variables: those by country, and by country and one more axis,
        become columns of the table of countries. The Goals' columns are ``goal_1`` to ``goal_17``;
        others are named by variable and label.
    scenario, seed
        What the run is called in its tables.
    keep
        One of `KEEP`.
    labels
        Names along a second axis, by axis; without them 1, 2, 3 …

    Raises
    ------
    InputError
        If `keep` is none of `KEEP`.
    """

    def __init__(
        self,
        *,
        iso3: Sequence[str],
        rows: Sequence[tuple[str, str, str]],
        variables: Sequence[_Variable],
        scenario: str,
        seed: int,
        keep: str = "standard",
        labels: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        if keep not in KEEP:
            raise InputError(
                "there is no such amount to keep",
                file="--keep",
                found=keep,
                allowed=KEEP,
                suggestion=nearest(str(keep), KEEP),
            )
        self.iso3 = tuple(iso3)
        self.rows = tuple(rows)
        self.scenario = scenario
        self.seed = seed
        self.keep = keep
        self.years: list[int] = []
        self._labels = {axis: tuple(names) for axis, names in (labels or {}).items()}
        self._columns = [
            (v.name, v.axes[1] if len(v.axes) > 1 else None)
            for v in variables
            if v.axes[:1] == ("country",)
            and len(v.axes) <= 2
            and (keep != "outcomes" or v.name in OUTCOMES)
        ]
        self._indicators: list[Array] = []
        self._countries: dict[int, list[Array]] = {}
        self._matrices: dict[str, dict[int, Array]] = {name: {} for name in MATRICES}

    @property
    def previous(self) -> Array | None:
        """The measurements of the last year recorded, None before the first."""
        return self._indicators[-1] if self._indicators else None

    def record(self, state: Any, indicators: Array) -> None:
        """Copy what is kept of a year.

        Parameters
        ----------
        state
            Has ``year`` and the variables as attributes.
        indicators
            ``(rows,)``, NaN where not defined.

        Raises
        ------
        ValueError
            For a year that does not follow the last one recorded, or measurements of another
            length.
        """
        year = int(state.year)
        if self.years and year != self.years[-1] + 1:
            raise ValueError(f"year {year} does not follow {self.years[-1]}")
        if len(indicators) != len(self.rows):
            raise ValueError(f"{len(indicators)} measurements for {len(self.rows)} rows")
        self.years.append(year)
        self._indicators.append(np.array(indicators, dtype=np.float64))
        if self.keep == "indicators":
            return
        # Which year is the last is not known until it is over: each makes room for the next.
        passing = [year - 1] if year - 1 not in (self.years[0], GOAL_YEAR) else []
        self._countries[year] = [np.array(getattr(state, name)) for name, _ in self._columns]
        if self.keep == "outcomes":
            for before in passing:
                self._countries.pop(before, None)
            return
        for name, kept in self._matrices.items():
            if self.keep == "standard":
                for before in passing:
                    kept.pop(before, None)
            kept[year] = np.array(getattr(state, name))

    @property
    def keeps_rows(self) -> bool:
        """Whether tables of projects and the like are kept."""
        return self.keep in ("standard", "full")

    def run(
        self,
        manifest: Mapping[str, Any] | None = None,
        rows: Mapping[str, RowTable] | None = None,
    ) -> Run:
        """Return what was recorded as a run; recording may go on.

        Parameters
        ----------
        manifest
            What else the run's manifest says: plain data that JSON can hold.
        rows
            Tables of projects and the like, by name.
        """
        countries = None
        matrices: dict[str, MatrixTable] = {}
        if self.keep != "indicators":
            countries = CountryTable(self.iso3, tuple(self._countries), self._country_columns())
        if self.keep in ("standard", "full"):
            matrices = {
                name: MatrixTable(name, self.iso3, dict(kept))
                for name, kept in self._matrices.items()
            }
        return Run(
            {
                "version": sscsim.__version__,
                "platform": platform_report(),
                **(manifest or {}),
                "scenario_name": self.scenario,
                "seed": self.seed,
                "start": self.years[0] if self.years else None,
                "end": self.years[-1] if self.years else None,
                "keep": self.keep,
            },
            IndicatorTable.from_years(self.rows, self.years, self._indicators),
            countries,
            matrices,
            rows if self.keeps_rows else None,
        )

    def _country_columns(self) -> dict[str, Array]:
        columns: dict[str, Array] = {}
        if not self._countries:
            return columns
        for place, (name, axis) in enumerate(self._columns):
            values = np.array([kept[place] for kept in self._countries.values()], dtype=np.float64)
            if axis is None:
                columns[name] = values.reshape(-1)
                continue
            labels = self._labels.get(axis, tuple(str(i + 1) for i in range(values.shape[-1])))
            stem = "goal" if name == "goals" else name
            for label, column in zip(labels, np.moveaxis(values, -1, 0), strict=True):
                columns[f"{stem}_{label}"] = column.reshape(-1)
        return columns
