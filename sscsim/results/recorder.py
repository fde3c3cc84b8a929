"""The memory of a run while it runs: copies of what is to be kept, year by year."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

import sscsim
from sscsim.results.run import Run, platform_report
from sscsim.results.schema import declared, kept, landmarks
from sscsim.results.tables import CountryTable, IndicatorTable, MatrixTable, RowTable, Table
from sscsim.types import Array

__all__ = ["Recorder"]


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
        shares = kept(keep)
        self.iso3 = tuple(iso3)
        self.rows = tuple(rows)
        self.scenario = scenario
        self.seed = seed
        self.keep = keep
        self.years: list[int] = []
        self._labels = {axis: tuple(names) for axis, names in (labels or {}).items()}
        self._countries = shares.get("countries")
        only = None if self._countries is None else self._countries.variables
        columns = [
            (v.name, v.axes[1] if len(v.axes) > 1 else None)
            for v in variables
            if v.axes[:1] == ("country",) and len(v.axes) <= 2 and (only is None or v.name in only)
        ]
        self._order = [name for name, _ in columns]
        self._plain = [name for name, axis in columns if axis is None]
        self._several = [(name, axis) for name, axis in columns if axis is not None]
        self._matrices = {
            name: share for name, share in shares.items() if declared(name).kind is MatrixTable
        }
        self._rows = {name for name in shares if declared(name).kind is RowTable}
        self._indicators: list[Array] = []
        self._by_country: dict[int, tuple[Array, list[Array]]] = {}
        """Plain variables, ``(variable, country)``, and those by country and one more axis."""
        self._by_pair: dict[str, dict[int, Array]] = {name: {} for name in self._matrices}

    def __deepcopy__(self, memo: dict[int, Any]) -> Recorder:
        """Return a recorder that goes on by itself; both hold the same arrays of the past, which nobody changes."""
        twin = copy.copy(self)
        memo[id(self)] = twin
        twin.years = list(self.years)
        twin._indicators = list(self._indicators)
        twin._by_country = dict(self._by_country)
        twin._by_pair = {name: dict(years) for name, years in self._by_pair.items()}
        return twin

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
        # Which year is the last is not known until it is over: each makes room for the next.
        passing = {year - 1} - landmarks(self.years[0], year)
        if self._countries is not None:
            if not self._countries.every_year:
                _forget(self._by_country, passing - {*self._countries.also})
            self._by_country[year] = (
                np.array([getattr(state, name) for name in self._plain], dtype=np.float64),
                [np.array(getattr(state, name), np.float64) for name, _ in self._several],
            )
        for name, share in self._matrices.items():
            if not share.every_year:
                _forget(self._by_pair[name], passing)
            self._by_pair[name][year] = np.array(getattr(state, name))

    def measured(self) -> Array:
        """Return what was measured so far, ``(year, row)``, NaN where not defined."""
        return np.array(self._indicators, dtype=np.float64).reshape(-1, len(self.rows))

    @property
    def keeps_rows(self) -> bool:
        """Whether tables of projects and the like are kept."""
        return bool(self._rows)

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
        tables: dict[str, Table] = {
            "indicators": IndicatorTable.from_years(self.rows, self.years, self._indicators)
        }
        if self._countries is not None:
            years = tuple(self._by_country)
            held = list(self._by_country.values())
            columns = _Later(lambda: self._country_columns(held))
            tables["countries"] = CountryTable(self.iso3, years, columns)
        for name, by_year in self._by_pair.items():
            tables[name] = MatrixTable(name, self.iso3, dict(by_year))
        for name, table in (rows or {}).items():
            if declared(name).kind is RowTable and name in self._rows:
                tables[name] = table
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
            tables,
        )

    def _country_columns(self, years: Sequence[tuple[Array, list[Array]]]) -> dict[str, Array]:
        if not years:
            return {}
        # Variable by variable, and years one after the other.
        shape = len(self._plain), len(years) * len(self.iso3)
        plain = np.stack([one for one, _ in years], axis=1).reshape(shape)
        found = {name: {name: column} for name, column in zip(self._plain, plain, strict=True)}
        for place, (name, axis) in enumerate(self._several):
            values = np.concatenate([several[place] for _, several in years]).T.copy()
            labels = self._labels.get(axis, tuple(str(i + 1) for i in range(len(values))))
            stem = "goal" if name == "goals" else name
            found[name] = {
                f"{stem}_{label}": column for label, column in zip(labels, values, strict=True)
            }
        return {key: column for name in self._order for key, column in found[name].items()}


class _Later(Mapping[str, Array]):
    """Columns that are laid out when one is first asked for: most runs are asked for other things."""

    def __init__(self, lay_out: Callable[[], dict[str, Array]]) -> None:
        self._lay_out: Callable[[], dict[str, Array]] | None = lay_out

    @cached_property
    def _held(self) -> dict[str, Array]:
        assert self._lay_out is not None
        made, self._lay_out = self._lay_out(), None  # what they were made of may go
        return made

    def __getitem__(self, name: str) -> Array:
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __reduce__(self) -> tuple[object, ...]:
        """Return how another process makes the same: laid out."""
        return dict, (self._held,)


def _forget(by_year: dict[int, Any], years: set[int]) -> None:
    for year in years:
        by_year.pop(year, None)
