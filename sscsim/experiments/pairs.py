"""Scenarios against a reference in fair pairs: what changes, how surely, who is worse off.

The first scenario is the reference. Every draw fixes parameters and seed for all scenarios; streams are indexed by
process, year and entity, so no lever moves another entity's luck, and members of one draw differ by policy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from sscsim.calibrated import shipped_posterior
from sscsim.choices import in_words
from sscsim.errors import InputError, unknown
from sscsim.experiments.design import Design
from sscsim.experiments.effects import NOISE, PairedEffect, interval, paired_effect
from sscsim.experiments.ensemble import EnsembleResult, Tally, run_ensemble
from sscsim.experiments.identification import LEAST_DRAWS, Identification, contraction, identify
from sscsim.experiments.members import DESIGN_SEED, Member, members
from sscsim.experiments.store import RunStore
from sscsim.names import FIRST_YEAR
from sscsim.parameters import default_parameters
from sscsim.results.schema import GOAL_YEAR, landmarks
from sscsim.results.tables import Columns
from sscsim.settings import RunOptions, RunSettings, check_whole
from sscsim.types import Array, Mask

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.policy import Scenario
    from sscsim.results.comparison import Comparison

__all__ = [
    "DEFAULT_QUESTIONS",
    "MEASURES",
    "NOTICED_INCOME",
    "NOTICED_POINTS",
    "Effects",
    "Losses",
    "Question",
    "compare",
    "less_is_better",
    "questions",
]


DEFAULT_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("trade_within", "South"),
    ("fdi_inflow", "WIR developing"),
    ("gdp", "South"),
    ("gdp_growth", "South"),
    ("poverty_headcount", "South"),
    ("poverty_headcount", "LDC"),
    ("goal_index", "South"),
    ("goal_index", "LDC"),
    ("goals_on_track", "World"),
)
"""Indicator and group that are compared where none is named."""

NOTICED_INCOME = 1e-3
"""A country is worse off in income from this share of it on: growth is printed to a tenth of a per cent."""

NOTICED_POINTS = 0.1
"""… and in a Goal from this many points of a hundred on: the SDG Index is printed to a tenth of a point."""

MEASURES: Mapping[str, str] = {
    "real_income": "countries",
    "gdp": "countries",
    "goal_index": "countries",
    "goals": "country-Goals",
}
"""In what a country can be worse off, and what is counted."""

LOSER_GROUPS = ("World", "South", "LDC")

MOST_DRAWS_WORSE = 0.9
"""A country loses for sure where it is worse off in this share of the draws."""


class Question(NamedTuple):
    """One number to compare."""

    indicator: str
    group: str
    year: int
    unit: str


def less_is_better(indicator: str) -> bool:
    """Return whether an indicator is the better the smaller it is: poverty and losses."""
    return (
        indicator.startswith("poverty_")
        or indicator == "goal_losers"
        or indicator.endswith("_lost")
    )


def questions(
    indicators: Sequence[str] = (), groups: Sequence[str] = (), years: Sequence[int] = (GOAL_YEAR,)
) -> list[Question]:
    """Return the numbers to compare.

    Parameters
    ----------
    indicators
        Names; without them those of `DEFAULT_QUESTIONS`.
    groups
        Names; without them an indicator's own in `DEFAULT_QUESTIONS`, else World, else the first group it is given for.
        A group that an indicator is not given for is left out as long as it is given for another.
    years
        Years to read them in.

    Raises
    ------
    InputError
        For a name that does not exist, an indicator that is not given for any of the groups.
    """
    from sscsim.outcomes.indicators import indicator_table, rows_of

    given: dict[str, dict[str, str]] = {}
    table = indicator_table()
    for row in rows_of(table, table.groups)[0]:
        given.setdefault(row.indicator, {})[row.group] = row.unit
    every_group = list(dict.fromkeys(g for places in given.values() for g in places))
    for group in groups:
        _known("group", group, every_group, "sscsim explain groups")
    pairs: list[tuple[str, str]] = []
    for name in indicators or dict.fromkeys(i for i, _ in DEFAULT_QUESTIONS):
        _known("indicator", name, list(given), "sscsim explain indicators")
        usual = [g for i, g in DEFAULT_QUESTIONS if i == name]
        first = "World" if "World" in given[name] else next(iter(given[name]))
        places = [g for g in groups if g in given[name]] if groups else usual or [first]
        if not places and indicators:
            raise InputError(
                f"the indicator {name!r} is not given for this group",
                key="group",
                found=", ".join(groups),
                allowed=list(given[name]),
            )
        pairs += [(name, place) for place in places]
    if not pairs:
        raise InputError(
            "none of the usual indicators is given for this group; name an indicator",
            key="group",
            found=", ".join(groups),
        )
    return [Question(i, g, year, given[i][g]) for i, g in dict.fromkeys(pairs) for year in years]


def _known(kind: str, name: str, names: Sequence[str], listed: str) -> None:
    if name not in names:
        allowed = f"one of {len(names)} names that `{listed}` lists"
        raise unknown(f"{kind} of this name", name, names, allowed=allowed, key=kind)


@dataclass(frozen=True)
class Losses:
    """Who is worse off than in the reference in a year, draw by draw.

    Attributes
    ----------
    year
        The year.
    iso3
        ISO codes.
    groups
        Group → members, ``(country,)``.
    change
        Measure → ``(scenario, draw, country)``: for ``real_income`` and ``gdp`` the change as a share of the
        reference's, for ``goal_index`` in points; without the reference.
    goals
        ``(country,)``, number of Goals that apply.
    goals_worse, goals_better
        ``(scenario, draw, country)``, number of Goals that stand noticeably below or above the reference's.
    """

    year: int
    iso3: tuple[str, ...]
    groups: Mapping[str, Mask]
    change: Mapping[str, Array]
    goals: NDArray[np.int64]
    goals_worse: NDArray[np.int64]
    goals_better: NDArray[np.int64]

    def worse(self, measure: str) -> NDArray[np.int64]:
        """Return what is worse, ``(scenario, draw, country)``: 1 for a country, or its number of Goals."""
        if measure == "goals":
            return self.goals_worse
        return (self.change[measure] < -_noticed(measure)).astype(np.int64)

    def better(self, measure: str) -> NDArray[np.int64]:
        """Return what is better, as `worse`."""
        if measure == "goals":
            return self.goals_better
        return (self.change[measure] > _noticed(measure)).astype(np.int64)


def _noticed(measure: str) -> float:
    return NOTICED_POINTS if measure == "goal_index" else NOTICED_INCOME


@dataclass(frozen=True, eq=False)
class Effects:
    """Effects of scenarios against a reference in fair pairs.

    Attributes
    ----------
    reference
        Name of the reference.
    scenarios
        Names of the others.
    titles
        Title of each scenario by name.
    questions
        The numbers that were compared.
    values
        ``(question, scenario, draw)``, the reference first.
    losses
        Who is worse off, for each year whose outcomes were kept.
    tally
        How many members were in the store, were run, failed.
    source
        Where parameters came from.
    seeds
        Smallest and largest seed.
    left_out
        Pairs left out because one of their members failed.
    precision, absolute
        What `more_draws` is worked out for: half width of the median's 90 % confidence interval, a share of the median
        effect, or a number in the indicator's unit.
    drawn
        By name, ``(draw,)``: parameters, and figures of institutions, that differ from draw to draw.
    """

    reference: str
    scenarios: tuple[str, ...]
    titles: Mapping[str, str]
    questions: tuple[Question, ...]
    values: Array
    losses: tuple[Losses, ...]
    tally: Tally
    source: str
    seeds: tuple[int, int]
    left_out: int
    precision: float
    absolute: bool
    drawn: Mapping[str, Array]

    @property
    def draws(self) -> int:
        """Number of pairs."""
        return int(self.values.shape[2])

    @property
    def seeds_only(self) -> bool:
        """Whether nothing but luck differs between draws: intervals say nothing of what is not known of parameters."""
        return not self.drawn

    @property
    def spread_from(self) -> str:
        """What the intervals hold, in words."""
        first, last = self.seeds
        luck = f"luck of the seeds {first} to {last}"
        return f"{'seeds only, ' if self.seeds_only else ''}{in_words(self.source)}, {luck}"

    def effect(self, scenario: str, indicator: str, group: str, year: int) -> PairedEffect:
        """Return one effect.

        Raises
        ------
        InputError
            For a scenario or a number that was not compared.
        """
        _known("scenario", scenario, self.scenarios, "sscsim scenario list")
        for place, question in enumerate(self.questions):
            if question[:3] == (indicator, group, year):
                return self._effects[place, self.scenarios.index(scenario)]
        raise InputError(
            "this number was not compared",
            found=f"{indicator}, {group}, {year}",
            allowed=[f"{q.indicator}, {q.group}, {q.year}" for q in self.questions],
        )

    def identify(self, scenario: str, indicator: str, group: str, year: int) -> Identification:
        """Return what one effect's variance comes from, see `sscsim.experiments.identification`.

        Parameters stand in the group of their submodel, figures of institutions in one of their own. Those that are
        narrower over these draws than over their priors are informed by the report.

        Raises
        ------
        InputError
            For what was not compared, too few draws, or draws in which no parameter differs.
        """
        self.effect(scenario, indicator, group, year)  # says what was not compared
        place = next(i for i, q in enumerate(self.questions) if q[:3] == (indicator, group, year))
        if not self.drawn:
            raise InputError(
                "no parameter differs between these draws: all that varies is luck",
                key="source",
                found=self.source,
                allowed="posterior, priors, or a file of draws",
            )
        if self.draws < LEAST_DRAWS:
            raise InputError(
                "too few draws to tell what an effect's variance comes from",
                key="draws",
                found=self.draws,
                allowed=f"{LEAST_DRAWS} or more",
            )
        names = list(self.drawn)
        reference, other = (
            self.values[place, 0],
            self.values[place, self.scenarios.index(scenario) + 1],
        )
        return identify(
            other - reference,
            np.column_stack([self.drawn[name] for name in names]),
            names,
            {name: _group_of(name) for name in names},
            informed=_informed(self.drawn, self.source),
        )

    def kept(self) -> Comparison:
        """Return the tables of the comparison: to be saved, read back and handed on to other programs."""
        from sscsim.experiments.keeping import comparison_of

        about = {
            "reference": self.reference,
            "scenarios": list(self.scenarios),
            "titles": dict(self.titles),
            "draws": self.draws,
            "source": self.source,
            "seed": self.seeds[0],
            "last_seed": self.seeds[1],
            "left_out": self.left_out,
        }
        tables = {"effects": self.table, "ranking": self.ranking(), "losers": self.losers()}
        names = (self.reference, *self.scenarios)
        return comparison_of(about, tables, self.questions, names, self.values)

    def _repr_html_(self) -> str:
        return self.kept()._repr_html_()

    @cached_property
    def _effects(self) -> dict[tuple[int, int], PairedEffect]:
        return {
            (place, i): paired_effect(values[0], values[i + 1])
            for place, values in enumerate(self.values)
            for i in range(len(self.scenarios))
        }

    @cached_property
    def table(self) -> pd.DataFrame:
        """One line an effect: scenario, indicator, group, year, unit, the fields of `PairedEffect`, more_draws."""
        import pandas as pd

        lines = []
        for i, scenario in enumerate(self.scenarios):
            for place, question in enumerate(self.questions):
                found = self._effects[place, i]
                lines.append(
                    {
                        "scenario": scenario,
                        "against": self.reference,
                        **question._asdict(),
                        **vars(found),
                        "more_draws": found.more_draws(self.precision, absolute=self.absolute),
                    }
                )
        return pd.DataFrame(lines)

    def ranking(self) -> pd.DataFrame:
        """Return scenarios from best to worst by median effect, for each number; the reference stands at no effect.

        Returns
        -------
        DataFrame
            Columns indicator, group, year, unit, better (``more`` or ``less``), rank, scenario, median, best (share of
            draws in which the scenario is the best; ties are shared).
        """
        import pandas as pd

        lines = []
        names = (self.reference, *self.scenarios)
        for place, question in enumerate(self.questions):
            medians = [0.0, *(self._effects[place, i].median for i in range(len(self.scenarios)))]
            less = less_is_better(question.indicator)
            sign = -1.0 if less else 1.0
            merit = sign * self.values[place]
            top = merit.max(axis=0)
            leading = merit >= top - NOISE * np.abs(top)
            best = (leading / leading.sum(axis=0)).mean(axis=1)
            order = sorted(range(len(names)), key=lambda i: -sign * medians[i])
            for rank, i in enumerate(order, start=1):
                lines.append(
                    {
                        **question._asdict(),
                        "better": "less" if less else "more",
                        "rank": rank,
                        "scenario": names[i],
                        "median": medians[i],
                        "best": float(best[i]),
                    }
                )
        return pd.DataFrame(lines)

    def losers(self) -> pd.DataFrame:
        """Return how many are worse off than in the reference, in what, and who they are.

        Returns
        -------
        DataFrame
            Columns scenario, against, year, measure, group, counted (``countries`` or ``country-Goals``), of (how many
            there are), worse (median over draws), worse_low, worse_high (90 % interval), better (median), surely
            (countries that are worse off in nine draws of ten), names (the codes of those, largest median loss first).
        """
        import pandas as pd

        return pd.DataFrame(
            [
                self._lost(losses, i, measure, group)
                for i in range(len(self.scenarios))
                for losses in self.losses
                for measure in MEASURES
                for group in losses.groups
            ]
        )

    def _lost(self, losses: Losses, i: int, measure: str, group: str) -> dict[str, Any]:
        members_ = losses.groups[group]
        worse = losses.worse(measure)[i][:, members_]
        count = worse.sum(axis=1)
        low, median, high = interval(count)
        often = (worse > 0).mean(axis=0) >= MOST_DRAWS_WORSE
        by_size = (
            -np.median(worse, axis=0)
            if measure == "goals"
            else np.median(losses.change[measure][i][:, members_], axis=0)
        )
        codes = np.array(losses.iso3)[members_]
        names = [str(codes[k]) for k in np.argsort(by_size, kind="stable") if often[k]]
        return {
            "scenario": self.scenarios[i],
            "against": self.reference,
            "year": losses.year,
            "measure": measure,
            "group": group,
            "counted": MEASURES[measure],
            "of": int(losses.goals[members_].sum() if measure == "goals" else members_.sum()),
            "worse": median,
            "worse_low": low,
            "worse_high": high,
            "better": float(np.median(losses.better(measure)[i][:, members_].sum(axis=1))),
            "surely": int(often.sum()),
            "names": " ".join(names),
        }


def compare(
    scenarios: Sequence[Scenario | str | Path],
    draws: int | None = 50,
    *,
    source: str | Path = "posterior",
    seeds: int | Sequence[int] = 1,
    first_seed: int = 1,
    indicators: Sequence[str] = (),
    groups: Sequence[str] = (),
    years: Sequence[int] = (GOAL_YEAR,),
    precision: float = 0.05,
    absolute: bool = False,
    store: RunStore | str | Path | None = None,
    executor: str = "serial",
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[Tally], None] | None = None,
    settings: RunSettings | None = None,
    draw_figures: bool | None = None,
    **options: Unpack[RunOptions],
) -> Effects:
    """Compare scenarios with the first of them in fair pairs.

    Parameters
    ----------
    scenarios
        The reference and one or more others: scenarios, names, paths of files.
    draws, source, seeds, first_seed, settings, draw_figures, **options
        As in `sscsim.experiments.members`.
    indicators, groups, years
        As in `questions`.
    precision, absolute
        The precision that the number of further draws is worked out for, as in `Effects`.
    store
        Where members are kept; what is there already is not run again.
    executor, workers, scheduler, progress
        As in `sscsim.experiments.run_ensemble`.

    Raises
    ------
    InputError
        For a name that does not exist, a year outside the run, a number out of its range, or where no pair is whole.

    Examples
    --------
    >>> from sscsim.experiments import compare
    >>> effects = compare(["baseline", "trade-integration"], draws=50)  # doctest: +SKIP
    >>> effects.effect(
    ...     "trade-integration", "trade_within", "South", 2030
    ... ).relative  # doctest: +SKIP
    """
    base = replace(RunSettings.of(settings or RunSettings(), **options), keep="outcomes")
    for year in years:
        check_whole("year", year, FIRST_YEAR, base.end)
    if not 0.0 < precision < float("inf"):
        raise InputError("a precision is a positive number", key="precision", found=precision)
    asked = questions(indicators, groups, tuple(dict.fromkeys(years)))
    each = members(
        scenarios,
        draws,
        seeds,
        source,
        first_seed=first_seed,
        settings=base,
        draw_figures=draw_figures,
    )
    names = tuple(dict.fromkeys(m.scenario.name for m in each))
    if len(names) < 2:
        raise InputError(
            "a comparison needs a reference and at least one other scenario",
            key="scenario",
            found=", ".join(names),
        )
    pairs = [each[i : i + len(names)] for i in range(0, len(each), len(names))]
    if len(pairs) < 2:
        raise InputError(
            "an interval needs at least two draws",
            key="draws",
            found=len(pairs),
            allowed="2 or more",
        )
    opened = store if isinstance(store, RunStore) else RunStore(store)
    result = run_ensemble(
        each, opened, executor, workers=workers, scheduler=scheduler, progress=progress
    )
    whole = [pair for pair in pairs if all(opened.has(m.key) for m in pair)]
    if len(whole) < 2:
        raise _nothing_whole(result)
    values, losses = _read(opened, whole, asked)
    return Effects(
        reference=names[0],
        scenarios=names[1:],
        titles={m.scenario.name: m.scenario.title.get("en", "") for m in pairs[0]},
        questions=tuple(asked),
        values=values,
        losses=losses,
        tally=result.tally,
        source=str(source),
        seeds=(min(m.seed for m in each), max(m.seed for m in each)),
        left_out=len(pairs) - len(whole),
        precision=precision,
        absolute=absolute,
        drawn=_drawn([pair[0] for pair in whole]),
    )


OF_INSTITUTIONS = "figures of institutions"
"""Group of what institutions' files state and no source confirms."""

PRIOR_DRAWS = 2000
"""Draws of the priors that a parameter's narrowing is judged against."""


def _drawn(each: Sequence[Member]) -> dict[str, Array]:
    """Return what differs between members, parameters by their values and figures of institutions, ``(member,)``."""
    usual = default_parameters()
    found: dict[str, Array] = {}
    for kind in ("parameters", "figures"):
        given = [getattr(member, kind) for member in each]
        for name in sorted({name for one in given for name in one}):
            held = [one.get(name, usual[name] if kind == "parameters" else np.nan) for one in given]
            values = np.array(held, dtype=np.float64)
            if np.isfinite(values).all() and values.min() < values.max():
                found[name] = values
    return found


def _group_of(name: str) -> str:
    usual = default_parameters()
    return usual.definition(name).submodel if name in usual else OF_INSTITUTIONS


def _informed(drawn: Mapping[str, Array], source: str) -> dict[str, float]:
    """Return how much narrower than its prior each parameter is over the posterior or a file; over the priors none is.

    Of the posterior that ships all draws are looked at, not only those that were run, and what its fit found to move no
    figure is not informed, whatever chance makes of its width.
    """
    shipped = shipped_posterior() if source == "posterior" else None
    if source == "priors" or (source == "posterior" and shipped is None):
        return {}
    usual = default_parameters()
    names = [n for n in drawn if n in usual and usual.definition(n).drawn]
    if shipped is not None:
        names = [n for n in names if n in shipped.fitted]
    if not names:
        return {}
    prior = Design.independent(names, PRIOR_DRAWS, DESIGN_SEED).values(usual)
    after = (
        np.column_stack([drawn[n] for n in names])
        if shipped is None
        else shipped.values[:, [shipped.names.index(n) for n in names]]
    )
    return dict(zip(names, contraction(after, prior).tolist(), strict=True))


def _nothing_whole(result: EnsembleResult) -> InputError:
    failures = result.failures()
    first = (
        f": {failures[0].scenario}, seed {failures[0].seed}: {failures[0].error}"
        if failures
        else ""
    )
    return InputError(f"fewer than two pairs are whole, {result.failed} members failed{first}")


def _read(
    store: RunStore, pairs: Sequence[Sequence[Member]], asked: Sequence[Question]
) -> tuple[Array, tuple[Losses, ...]]:
    """Read the numbers asked for, ``(question, scenario, draw)``, and who is worse off; a member at a time."""
    indicators, groups = {q.indicator for q in asked}, {q.group for q in asked}
    wanted = {q.year for q in asked}
    values = np.full((len(asked), len(pairs[0]), len(pairs)), np.nan)
    years = sorted(wanted & landmarks(pairs[0][0].settings.start, pairs[0][0].settings.end))
    gathered: dict[int, list[list[_Outcome]]] = {year: [] for year in years}
    for draw, pair in enumerate(pairs):
        for i, member in enumerate(pair):
            lines = store.columns(member.key, indicators, groups, wanted)
            if lines is None:
                raise InputError("a member was removed while it was read", found=member.key)
            keys = zip(
                lines.texts("indicator").texts().tolist(),
                lines.texts("group").texts().tolist(),
                lines.numbers("year").tolist(),
                strict=True,
            )
            found = dict(zip(keys, lines.numbers("value").tolist(), strict=True))
            values[:, i, draw] = [found.get(q[:3], np.nan) for q in asked]
        if years:
            tables = [_outcomes(store.outcomes(m.key), years) for m in pair]
            for year in years:
                gathered[year].append(
                    [_against(tables[0][year], table[year]) for table in tables[1:]]
                )
    nowhere = [q for q, v in zip(asked, values, strict=True) if np.isnan(v).any()]
    if nowhere:
        q = nowhere[0]
        raise InputError(
            "the indicator is not defined for this group and year in every run",
            key=q.indicator,
            found=f"{q.group}, {q.year}",
        )
    return values, tuple(_losses(year, found) for year, found in gathered.items() if found)


@dataclass(frozen=True)
class _Table:
    iso3: tuple[str, ...]
    gdp: Array
    real_income: Array
    goals: Array
    """``(country, goal)``, NaN where a Goal does not apply."""


@dataclass(frozen=True)
class _Outcome:
    iso3: tuple[str, ...]
    change: dict[str, Array]
    goals: NDArray[np.int64]
    worse: NDArray[np.int64]
    better: NDArray[np.int64]


def _outcomes(table: Columns, years: Sequence[int]) -> dict[int, _Table]:
    """Return a member's countries in some years."""
    result = {}
    for one in years:
        rows = table.take(table.among("year", [one]))
        result[one] = _Table(
            tuple(rows.texts("iso3").texts().tolist()),
            rows.numbers("gdp"),
            rows.numbers("real_income"),
            np.column_stack([rows.numbers(f"goal_{g}") for g in range(1, 18)]),
        )
    return result


def _against(reference: _Table, other: _Table) -> _Outcome:
    points = other.goals - reference.goals
    return _Outcome(
        other.iso3,
        {
            "real_income": other.real_income / reference.real_income - 1.0,
            "gdp": other.gdp / reference.gdp - 1.0,
            "goal_index": np.nanmean(points, axis=1),
        },
        np.isfinite(reference.goals).sum(axis=1),
        # A Goal that does not apply is NaN, and NaN is neither below nor above.
        (points < -NOTICED_POINTS).sum(axis=1),
        (points > NOTICED_POINTS).sum(axis=1),
    )


def _change(measure: str, outcome: _Outcome) -> Array:
    return outcome.change[measure]


def _losses(year: int, found: Sequence[Sequence[_Outcome]]) -> Losses:
    from sscsim.outcomes.indicators import group_members
    from sscsim.world.loading import load_world

    def stacked(pick: Callable[[_Outcome], Any]) -> Any:
        return np.array([[pick(outcome) for outcome in draw] for draw in found]).swapaxes(0, 1)

    groups = group_members(load_world())
    first = found[0][0]
    return Losses(
        year,
        first.iso3,
        {name: groups[name] for name in LOSER_GROUPS},
        {name: stacked(partial(_change, name)) for name in first.change},
        first.goals,
        stacked(lambda outcome: outcome.worse),
        stacked(lambda outcome: outcome.better),
    )
