"""Scenarios against a reference in fair pairs: what changes, how surely, who is worse off.

The first scenario is the reference. Every draw fixes parameters and seed for all scenarios; streams are indexed by
process, year and entity, so no lever moves another entity's luck, and members of one draw differ by policy alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, cast

import numpy as np

from sscsim.calibrated import shipped_posterior
from sscsim.choices import drawn_from, in_words
from sscsim.errors import InputError
from sscsim.experiments.design import Design
from sscsim.experiments.effects import NOISE, PairedEffect, interval, paired_effect
from sscsim.experiments.ensemble import EnsembleResult, Tally, run_ensemble
from sscsim.experiments.gains import MOST_DRAWS, by_country, by_name
from sscsim.experiments.gathering import Context, Countries, Losses, gather
from sscsim.experiments.identification import LEAST_DRAWS, Identification, contraction, identify
from sscsim.experiments.members import DESIGN_SEED, Member, members
from sscsim.experiments.noticeable import NOTICED_INCOME, NOTICED_POINTS
from sscsim.experiments.questions import (
    DEFAULT_QUESTIONS,
    USUAL,
    USUAL_GROUPS,
    Question,
    group_title,
    indicator_title,
    known,
    less_is_better,
    questions,
    usual_questions,
)
from sscsim.experiments.store import RunStore
from sscsim.experiments.yardsticks import yardstick
from sscsim.names import FIRST_YEAR
from sscsim.parameters import default_parameters
from sscsim.plugins import load
from sscsim.provenance import marks_of
from sscsim.results.schema import GOAL_YEAR, outcome_years
from sscsim.settings import RunOptions, RunSettings, check_whole
from sscsim.types import Array

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


MEASURES: Mapping[str, str] = {
    "real_income": "countries",
    "gdp": "countries",
    "goal_index": "countries",
    "goals": "country-Goals",
}
"""In what a country can be worse off, and what is counted."""


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
    countries
        Indicators of every country, for each year whose outcomes were kept.
    context
        Numbers of the reference that effects are held against, by indicator, group and year.
    groups
        What groups, lists and countries that were asked for are called, by the name in `questions`.
    start
        First year of the runs.
    own
        In words, what all members were asked for beside: parameters set, files in place of others, shocks, steps off.
    usual, usual_values
        Numbers of the usual groups that were read beside, ``(question, scenario, draw)``.
    plugins
        Plug-ins that the runs were made with: package, version and hash by name.
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
    countries: tuple[Countries, ...] = ()
    context: Context = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    start: int = FIRST_YEAR
    own: tuple[str, ...] = ()
    usual: tuple[Question, ...] = ()
    usual_values: Array = field(default_factory=lambda: np.empty((0, 0, 0)))
    plugins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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
        own = "".join(f", {one}" for one in self.own)
        return f"{'seeds only, ' if self.seeds_only else ''}{in_words(self.source)}, {luck}{own}"

    def effect(self, scenario: str, indicator: str, group: str, year: int) -> PairedEffect:
        """Return one effect.

        Raises
        ------
        InputError
            For a scenario or a number that was not compared.
        """
        known("scenario", scenario, self.scenarios, "sscsim scenario list")
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

    def kept(self, more: Mapping[str, pd.DataFrame] | None = None) -> Comparison:
        """Return the tables of the comparison: to be saved, read back and handed on to other programs.

        Parameters
        ----------
        more
            Further tables that `sscsim.results.comparison.TABLES` names, which are made above this layer: costs.
        """
        from sscsim.experiments.keeping import comparison_of

        about = {
            "reference": self.reference,
            "scenarios": list(self.scenarios),
            "titles": dict(self.titles),
            "draws": self.draws,
            "source": self.source,
            "parameters_from": drawn_from(self.source),
            "seed": self.seeds[0],
            "last_seed": self.seeds[1],
            "left_out": self.left_out,
            **({"plugins": dict(self.plugins)} if self.plugins else {}),
            "changed": list(self.own),
        }
        tables = {
            "effects": self.table.assign(**_numbers(self.yardsticks())),
            "groups": self.of_groups(),
            "countries": self.by_country(),
            "ranking": self.ranking(),
            "losers": self.losers(),
            "gainers": self.by_side(),
            **(more or {}),
        }
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

    def of_groups(self) -> pd.DataFrame:
        """Return effects on the usual groups, asked for or not: the regions of the report, LDCs, LLDCs and SIDS.

        Returns
        -------
        DataFrame
            Columns as those of `table` without more_draws, and those of `yardsticks` without words.
        """
        import pandas as pd

        every = dict(zip(self.questions, self.values, strict=True))
        every |= {
            question: values
            for question, values in zip(self.usual, self.usual_values, strict=True)
            if np.isfinite(values).all()
        }
        lines = []
        for i, scenario in enumerate(self.scenarios):
            for question, values in every.items():
                if question.indicator not in USUAL or question.group not in USUAL_GROUPS:
                    continue
                beside = yardstick(question, values[0], values[i + 1], self.context, self.start)
                beside.pop("words")
                lines.append(
                    {
                        "scenario": scenario,
                        "against": self.reference,
                        **question._asdict(),
                        **vars(paired_effect(values[0], values[i + 1])),
                        **beside,
                    }
                )
        return pd.DataFrame(lines)

    def title(self, question: Question) -> str:
        """Return in words what a number is and for whom, such as ``Index of the Goals, Kenya``."""
        whom = self.groups.get(question.group) or group_title(question.group)
        return f"{indicator_title(question.indicator)}, {whom}"

    def yardsticks(self) -> pd.DataFrame:
        """Return what each effect is large or small beside, a line an effect in the order of `table`.

        Returns
        -------
        DataFrame
            Columns scenario, against, indicator, group, year, unit, title, median (effect), since (year), progress
            (median change in the reference from then, in the unit), of_progress, of_progress_low, of_progress_high (the
            effect over the size of that change, draw by draw), people (million more, or fewer, of whom the number
            speaks), a_head (dollars for each, a year), gap (South less least developed countries in the reference),
            of_gap, words (all of them in a few words). NaN for what cannot be told.
        """
        import pandas as pd

        lines = []
        for i, scenario in enumerate(self.scenarios):
            for place, question in enumerate(self.questions):
                reference, other = self.values[place, 0], self.values[place, i + 1]
                lines.append(
                    {
                        "scenario": scenario,
                        "against": self.reference,
                        **question._asdict(),
                        "title": self.title(question),
                        **yardstick(question, reference, other, self.context, self.start),
                    }
                )
        return pd.DataFrame(lines)

    def by_country(
        self, indicator: str | None = None, *, scenario: str | None = None, year: int | None = None
    ) -> pd.DataFrame:
        """Return the effects on every country, a line a scenario, indicator, year and country.

        Real income, GDP, the index of the Goals, people in poverty, and what was asked for where single countries have
        it, in those years of the questions in which countries are kept (2030, and the first and last of the runs).

        Parameters
        ----------
        indicator, scenario, year
            Only this one; without it all that there are.

        Returns
        -------
        DataFrame
            As `sscsim.experiments.gains.by_country` says: scenario, against, indicator, year, unit, iso3, country,
            reference, median, low, high, relative, relative_low, relative_high, positive, seen, gains, loses.

        Raises
        ------
        InputError
            For an indicator that is not kept of countries, a scenario that was not compared, another year.
        """
        return by_country(
            self.countries,
            self.scenarios,
            self.reference,
            indicator=indicator,
            scenario=scenario,
            year=year,
        )

    def gainers(
        self,
        indicator: str = "real_income",
        *,
        scenario: str | None = None,
        year: int | None = None,
        group: str = "World",
        most: int | None = 5,
        noticeable: bool = True,
    ) -> pd.DataFrame:
        """Return the countries that gain most, by name and with intervals, the largest median effect first.

        Money and people count as a share of the country's own, Goals and shares in points.

        Parameters
        ----------
        indicator
            By what.
        scenario, year
            Only this one; without it all that there are.
        group
            Among whom: a group or list of countries.
        most
            How many of each scenario and year; None for all.
        noticeable
            Whether only those count for whom it is noticeable in more than half of the draws (0.1 points of a Goal,
            else 0.1 % of their own); else those whose interval leaves zero out.

        Returns
        -------
        DataFrame
            Columns scenario, against, indicator, year, unit, rank, iso3, country, median, low, high, relative,
            relative_low, relative_high, chance (share of the draws in which the country noticeably gains), surely
            (nine in ten).

        Raises
        ------
        InputError
            As `by_country`, and for a group that there is not.
        """
        table = self.by_country(indicator, scenario=scenario, year=year)
        return by_name(table, self.countries, "gains", group, most, noticeable=noticeable)

    def worse_off(
        self,
        indicator: str = "real_income",
        *,
        scenario: str | None = None,
        year: int | None = None,
        group: str = "World",
        most: int | None = 5,
        noticeable: bool = True,
    ) -> pd.DataFrame:
        """Return the countries that lose most, by name and with intervals, as `gainers` returns those that gain."""
        table = self.by_country(indicator, scenario=scenario, year=year)
        return by_name(table, self.countries, "loses", group, most, noticeable=noticeable)

    def by_side(self) -> pd.DataFrame:
        """Return all who gain and all who lose, by all that is kept of countries: as `gainers`, and the side."""
        import pandas as pd

        kept = self.countries[0].indicators if self.countries else ()
        sides = [
            found.assign(side=side)
            for indicator in kept
            for side, found in (
                ("gains", self.gainers(indicator, most=None)),
                ("loses", self.worse_off(indicator, most=None)),
            )
        ]
        return pd.concat(sides, ignore_index=True) if sides else pd.DataFrame()

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
        often = (worse > 0).mean(axis=0) >= MOST_DRAWS
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


class DrawOptions(TypedDict, total=False):
    """How members are drawn, as `sscsim.experiments.members` takes it."""

    source: str | Path
    seeds: int | Sequence[int]
    first_seed: int
    draw_figures: bool | None


class ExecutorOptions(TypedDict, total=False):
    """How members are run, as `sscsim.experiments.run_ensemble` takes it."""

    executor: str
    workers: int | None
    scheduler: str | None
    progress: Callable[[Tally], None] | None


class PairOptions(DrawOptions, ExecutorOptions, RunOptions, total=False):
    """What pairs may be asked for by name besides what is compared."""


def _parted(options: PairOptions) -> tuple[DrawOptions, ExecutorOptions, RunOptions]:
    """Return options by whom they are for."""
    of_draws, of_executors = DrawOptions.__annotations__, ExecutorOptions.__annotations__
    drawing = {name: value for name, value in options.items() if name in of_draws}
    running = {name: value for name, value in options.items() if name in of_executors}
    rest = {name: value for name, value in options.items() if name not in (*drawing, *running)}
    return cast("DrawOptions", drawing), cast("ExecutorOptions", running), cast("RunOptions", rest)


def compare(
    scenarios: Sequence[Scenario | str | Path],
    draws: int | None = 50,
    *,
    indicators: Sequence[str] = (),
    groups: Sequence[str] = (),
    years: Sequence[int] = (GOAL_YEAR,),
    precision: float = 0.05,
    absolute: bool = False,
    store: RunStore | str | Path | None = None,
    settings: RunSettings | None = None,
    **options: Unpack[PairOptions],
) -> Effects:
    """Compare scenarios with the first of them in fair pairs.

    Parameters
    ----------
    scenarios
        The reference and one or more others: scenarios, names, paths of files.
    draws, settings
        As in `sscsim.experiments.members`.
    indicators, groups, years
        As in `sscsim.experiments.questions.questions`: a group is any group or list of countries, a body or a country.
    precision, absolute
        The precision that the number of further draws is worked out for, as in `Effects`.
    store
        Where members are kept; what is there already is not run again.
    **options
        By name: ``source`` (``posterior`` unless told otherwise), ``seeds``, ``first_seed``, ``draw_figures`` and the
        fields of `settings` as in `sscsim.experiments.members`; ``executor``, ``workers``, ``scheduler`` and
        ``progress`` as in `sscsim.experiments.run_ensemble`.

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
    drawing, running, rest = _parted(options)
    base = replace(RunSettings.of(settings or RunSettings(), **rest), keep="outcomes")
    for year in years:
        check_whole("year", year, FIRST_YEAR, base.end)
    if not 0.0 < precision < float("inf"):
        raise InputError("a precision is a positive number", key="precision", found=precision)
    world = base.world()
    asked = questions(
        indicators,
        groups,
        tuple(dict.fromkeys(years)),
        world=world,
        kept=outcome_years(base.start, base.end),
        plugins=base.plugins,
    )
    each = members(scenarios, draws, settings=base, **drawing)
    names = tuple(dict.fromkeys(m.scenario.name for m in each))
    pairs = _paired(each, names)
    opened = store if isinstance(store, RunStore) else RunStore(store)
    result = run_ensemble(each, opened, **running)
    whole = [pair for pair in pairs if all(opened.has(m.key) for m in pair)]
    if len(whole) < 2:
        raise _nothing_whole(result)
    usual = usual_questions(asked)
    read = gather(opened, whole, asked, world, usual)
    return Effects(
        reference=names[0],
        scenarios=names[1:],
        titles={m.scenario.name: m.scenario.title.get("en", "") for m in pairs[0]},
        questions=tuple(asked),
        values=read.values,
        losses=read.losses,
        tally=result.tally,
        source=str(drawing.get("source", "posterior")),
        seeds=(min(m.seed for m in each), max(m.seed for m in each)),
        left_out=len(pairs) - len(whole),
        precision=precision,
        absolute=absolute,
        drawn=_drawn([pair[0] for pair in whole]),
        countries=read.countries,
        context=read.context,
        groups=read.titles,
        start=base.start,
        own=tuple(marks_of(base)),
        usual=tuple(usual),
        usual_values=read.also,
        plugins={one.name: one.said() for one in load(base.plugins)},
    )


def _paired(each: Sequence[Member], names: Sequence[str]) -> list[Sequence[Member]]:
    """Return the members of each draw, the reference first."""
    if len(names) < 2:
        raise InputError(
            "a comparison needs a reference and at least one other scenario",
            key="scenario",
            found=", ".join(names),
        )
    pairs: list[Sequence[Member]] = [
        each[i : i + len(names)] for i in range(0, len(each), len(names))
    ]
    if len(pairs) < 2:
        raise InputError(
            "an interval needs at least two draws",
            key="draws",
            found=len(pairs),
            allowed="2 or more",
        )
    return pairs


YARDSTICKS = (
    "since",
    "progress",
    "of_progress",
    "of_progress_low",
    "of_progress_high",
    "people",
    "a_head",
    "gap",
    "of_gap",
)
"""Numbers among the yardsticks."""


def _numbers(yardsticks: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of yardsticks by column: they stand in the lines of the effects."""
    return {name: yardsticks[name].to_numpy() for name in YARDSTICKS}


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
    if source == "priors":
        return {}
    shipped = shipped_posterior() if source == "posterior" else None
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
