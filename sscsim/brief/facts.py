"""What a brief is made of: a saved comparison or run, read into what its sentences ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sscsim.errors import InputError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.policy import Scenario
    from sscsim.results import Run
    from sscsim.results.comparison import Comparison

__all__ = ["ComparisonFacts", "Effect", "RunFacts", "less_is_better", "read_facts"]

GOAL_YEAR = 2030


def less_is_better(indicator: str) -> bool:
    """Return whether an indicator is the better the smaller it is."""
    from sscsim.experiments import questions

    return questions.less_is_better(indicator)


@dataclass(frozen=True)
class Effect:
    """A line of a table of effects.

    Attributes
    ----------
    table
        The table's name.
    of
        For whom: a group, or the ISO code of a country.
    indicator, year, unit
        What, when, in which unit.
    values
        Its numbers by the names of their columns: reference, median, low, high, positive and so on.
    """

    table: str
    of: str
    indicator: str
    year: int
    unit: str
    values: Mapping[str, float] = field(repr=False)

    def __getitem__(self, column: str) -> float:
        """Return a number of the line; NaN where the table has no such column."""
        return float(self.values.get(column, math.nan))

    def source(self, column: str) -> str:
        """Return where a number stands."""
        return f"{self.table}: {self.indicator}, {self.of}, {self.year}, {column}"

    @property
    def none(self) -> bool:
        """Whether no pair has an effect, which is more than that none is seen."""
        return "positive" in self.values and math.isnan(self["positive"])

    @property
    def seen(self) -> bool:
        """Whether the interval leaves zero out."""
        return self["low"] > 0.0 or self["high"] < 0.0

    @property
    def better(self) -> bool:
        """Whether the median effect is for the better."""
        return (self["median"] < 0.0) == less_is_better(self.indicator)


@dataclass(frozen=True)
class ComparisonFacts:
    """What a comparison says of one of its scenarios.

    Attributes
    ----------
    place
        Name of the folder.
    comparison
        As it was saved.
    scenario
        The scenario that the brief is about.
    year
        The year that it is about.
    """

    place: str
    comparison: Comparison
    scenario: str
    year: int

    @property
    def manifest(self) -> dict[str, Any]:
        """What was compared."""
        return self.comparison.manifest

    @property
    def reference(self) -> str:
        """Name of the reference."""
        return str(self.manifest["reference"])

    @property
    def draws(self) -> int:
        """Number of pairs."""
        return int(self.manifest["draws"])

    @property
    def source(self) -> str:
        """Where parameters came from."""
        return str(self.manifest["source"])

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """Effects on groups in the year, those that were asked for first."""
        found: dict[tuple[str, str], Effect] = {}
        for name in ("effects", "groups"):
            for effect in self._lines(name, "group"):
                found.setdefault((effect.indicator, effect.of), effect)
        return tuple(found.values())

    @cached_property
    def asked(self) -> tuple[Effect, ...]:
        """Effects on groups in the year that were asked for."""
        return tuple(self._lines("effects", "group"))

    @cached_property
    def asked_countries(self) -> tuple[str, ...]:
        """ISO codes of the countries that the comparison was asked for, in its order."""
        from sscsim.world.loading import load_world

        known = set(load_world().iso3)
        return tuple(dict.fromkeys(e.of for e in self.asked if e.of in known))

    def effect(self, indicator: str, group: str) -> Effect | None:
        """Return one effect, None where it was not compared."""
        for one in self.effects:
            if (one.indicator, one.of) == (indicator, group):
                return one
        return None

    @cached_property
    def countries(self) -> tuple[Effect, ...]:
        """Effects on countries in the year; none where the comparison kept none."""
        return tuple(self._lines("countries", "iso3"))

    def of_country(self, iso3: str) -> list[Effect]:
        """Return the effects on one country: those asked for, then those that are kept of every country."""
        found = {one.indicator: one for one in (*self.asked, *self.countries) if one.of == iso3}
        return list(found.values())

    @cached_property
    def losers(self) -> list[dict[str, Any]]:
        """Lines of the table of who is worse off, in the year."""
        table = self._table("losers")
        if table is None:
            return []
        some = table[(table["scenario"] == self.scenario) & (table["year"] == self.year)]
        return [{str(k): v for k, v in line.items()} for line in some.to_dict("records")]

    @cached_property
    def costs(self) -> list[dict[str, Any]]:
        """Lines of the table of costs; none where the comparison was not asked for them."""
        table = self._table("costs")
        if table is None:
            return []
        some = table[table["scenario"] == self.scenario]
        return [{str(k): v for k, v in line.items()} for line in some.to_dict("records")]

    @cached_property
    def channels(self) -> list[dict[str, Any]]:
        """Lines of what moved the Goals in the year; none where the comparison was not asked for them."""
        table = self._table("channels")
        if table is None:
            return []
        some = table[(table["scenario"] == self.scenario) & (table["year"] == self.year)]
        return [{str(k): v for k, v in line.items()} for line in some.to_dict("records")]

    @cached_property
    def chains(self) -> list[dict[str, Any]]:
        """Links by which Goals of countries moved; none where the comparison was not asked for them."""
        table = self._table("chains")
        if table is None:
            return []
        some = table[(table["scenario"] == self.scenario) & (table["year"] == self.year)]
        return [{str(k): v for k, v in line.items()} for line in some.to_dict("records")]

    def _lines(self, name: str, whom: str) -> list[Effect]:
        table = self._table(name)
        if table is None:
            return []
        some = table[(table["scenario"] == self.scenario) & (table["year"] == self.year)]
        numeric = [c for c in some.columns if some[c].dtype.kind in "iufb"]
        return [
            Effect(
                name,
                str(line[whom]),
                str(line["indicator"]),
                self.year,
                str(line["unit"]),
                {column: float(line[column]) for column in numeric},
            )
            for line in some.to_dict("records")
        ]

    def _table(self, name: str) -> pd.DataFrame | None:
        return self.comparison.table(name) if name in self.comparison.tables else None

    def title(self, name: str, language: str) -> tuple[str, bool]:
        """Return what a scenario is called, and whether that is in the language."""
        return _title(name, language, self.manifest.get("titles", {}).get(name))

    @cached_property
    def settings(self) -> Scenario | None:
        """The scenario as its file has it; None where the file is not to be found."""
        return _scenario(self.scenario)

    @property
    def moved_groups(self) -> tuple[str, ...]:
        """Groups of the levers that the scenario moves, in its order; none where its file is not to be found."""
        from sscsim.policy import lever_table

        known = lever_table()
        moved = self.settings.levers if self.settings else ()
        return tuple(dict.fromkeys(known[name].group for name in moved if name in known))


@dataclass(frozen=True)
class RunFacts:
    """What a run says.

    Attributes
    ----------
    place
        Name of the folder.
    run
        As it was saved.
    """

    place: str
    run: Run

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return self.run.scenario

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run."""
        return self.run.manifest

    @cached_property
    def years(self) -> tuple[int, int]:
        """The first year that is told of, and the one that the brief is about."""
        years = self.run.years
        last = GOAL_YEAR if GOAL_YEAR in years else years[-1]
        first = next((y for y in (2018, years[0]) if y in years and y < last), years[0])
        return first, last

    @cached_property
    def _levels(self) -> dict[tuple[str, str, int], tuple[float, str]]:
        table = self.run.indicators
        some = table[table["year"].isin(self.years)]
        return {
            (str(i), str(g), int(y)): (float(v), str(u))
            for i, g, y, v, u in zip(
                some["indicator"],
                some["group"],
                some["year"],
                some["value"],
                some["unit"],
                strict=True,
            )
        }

    def level(self, indicator: str, group: str, year: int) -> float:
        """Return a number; NaN where the run has none."""
        return self._levels.get((indicator, group, year), (math.nan, ""))[0]

    def unit(self, indicator: str, group: str) -> str:
        """Return its unit."""
        return self._levels.get((indicator, group, self.years[1]), (0.0, ""))[1]

    def title(self, name: str, language: str) -> tuple[str, bool]:
        """Return what a scenario is called, and whether that is in the language."""
        return _title(name, language, None)

    @cached_property
    def settings(self) -> Scenario | None:
        """The scenario as its file has it; None where the file is not to be found."""
        return _scenario(self.scenario)


def _scenario(name: str) -> Scenario | None:
    from sscsim.policy import load_scenario

    try:
        return load_scenario(name)
    except InputError:
        return None


def _title(name: str, language: str, kept: str | None) -> tuple[str, bool]:
    found = _scenario(name)
    titles = {"en": kept or name, **({} if found is None else found.title)}
    return titles.get(language, titles["en"]), language in titles


def read_facts(
    folder: Path, scenario: str | None = None, year: int | None = None
) -> ComparisonFacts | RunFacts:
    """Read a saved comparison or run.

    Parameters
    ----------
    folder
        Where it is.
    scenario
        Of a comparison of several, the one that the brief is about.
    year
        Of a comparison of several years, the one that the brief is about; 2030 unless told otherwise.

    Raises
    ------
    InputError
        For a folder that holds neither, a scenario or a year that was not compared.
    """
    from sscsim.results.comparison import COMPARISON, Comparison
    from sscsim.results.run import Run
    from sscsim.results.writing import is_saved_run

    if not is_saved_run(folder, COMPARISON):
        if scenario is not None or year is not None:
            raise InputError(
                "a brief of one run has no choice of scenario or year",
                file=folder,
                found=scenario or year,
            )
        return RunFacts(folder.resolve().name, Run.load(folder))
    held = Comparison.load(folder)
    names = [str(name) for name in held.manifest["scenarios"]]
    if scenario is None and len(names) > 1:
        raise InputError(
            "the comparison is of several scenarios: say which with --scenario",
            file=folder,
            key="--scenario",
            allowed=names,
        )
    chosen = names[0] if scenario is None else scenario
    if chosen not in names:
        raise unknown("scenario that was compared", chosen, names, key="--scenario")
    table = held.table("effects")
    return ComparisonFacts(folder.resolve().name, held, chosen, _year(table["year"].tolist(), year))


def _year(there: Sequence[int], year: int | None) -> int:
    years = sorted({int(y) for y in there})
    if year is None:
        return GOAL_YEAR if GOAL_YEAR in years else years[-1]
    if year not in years:
        raise InputError(
            "nothing was compared in this year",
            key="--year",
            found=year,
            allowed=list(map(str, years)),
        )
    return year
