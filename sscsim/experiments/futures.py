"""Which parameters an outcome or an effect hangs on, and in which futures it is above a value.

The methods (`sensitivity`, `discovery`) take any function; here it is the model. An *input* is a parameter, or a group
of them. One parameter takes the quantiles of its prior, or of the draws of a posterior. Several that move together, and
those given for each Goal, take whole rows of the draws, so that what hangs together within them does in every run.
Luck, the seed, is an input of its own.

Designs move inputs independently of one another: over a posterior they lose what ties parameters of different inputs,
and `Space.tied` says how strong the strongest tie is. PAWN and PRIM need no design and take the draws as they are.

Every point is a member of an ensemble, with and without the scenario where an effect is looked at: what the store has
is not run again, and what was interrupted goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from sscsim.calibrated import shipped_posterior
from sscsim.choices import chosen, draws_of, holds_draws
from sscsim.errors import InputError, outside, unknown
from sscsim.experiments import sensitivity as methods
from sscsim.experiments.design import Design, drawn_parameters
from sscsim.experiments.discovery import LEAST_CASES, Discovery, discover
from sscsim.experiments.ensemble import Tally, run_ensemble
from sscsim.experiments.gathering import gather
from sscsim.experiments.levers import FIRST
from sscsim.experiments.members import DESIGN_SEED, Member, members
from sscsim.experiments.questions import Question, questions
from sscsim.experiments.sensitivity import Indices
from sscsim.experiments.store import RunStore
from sscsim.names import FIRST_YEAR
from sscsim.parameters import default_parameters
from sscsim.policy import Scenario, lever_table, load_scenario, unknown_lever
from sscsim.policy.scenario import Setting
from sscsim.provenance import marks_of
from sscsim.results.schema import GOAL_YEAR, outcome_years
from sscsim.settings import RunSettings, check_whole
from sscsim.types import Array, Index, Mask

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DRAWS",
    "LUCK",
    "SIZES",
    "Found",
    "How",
    "Input",
    "Sensitivity",
    "Space",
    "discover_futures",
    "sensitivity",
    "space_of",
]

LUCK = "luck"
"""Name of the input that is the seed."""

SIZES = {"morris": 10, "sobol": 64, "pawn": 200}
"""Trajectories, points of a design, and draws unless told otherwise."""

DRAWS = 200
"""Draws in which futures are sought unless told otherwise."""

ROWS = 4096
"""Draws of the priors that groups take their rows from."""

SEEDS = 1000
"""Seeds that luck takes."""

WHICH = ("all", "informed")


# ------------------------------------------------------------------------------------------------------ inputs


@dataclass(frozen=True)
class Input:
    """What is moved as one.

    Attributes
    ----------
    name
        Of the parameter or the group.
    members
        Parameters that it moves; none for luck.
    rows
        ``(draw, member)``, values of the members; without it the quantiles of their priors.
    whole
        Whether members take a row of the draws together, or each the same quantile.
    """

    name: str
    members: tuple[str, ...]
    rows: Array | None = None
    whole: bool = False

    def values(self, u: Array) -> Array:
        """Return the values of the members, ``(point, member)``, at quantiles ``(point,)``."""
        if not self.members:
            return np.zeros((len(u), 0))
        if self.rows is None:
            inside = np.clip(u, np.finfo(float).tiny, 1.0 - np.finfo(float).epsneg)
            each = np.repeat(inside[:, None], len(self.members), axis=1)
            return Design(self.members, each).values(default_parameters())
        if self.whole:
            place = np.minimum((u * len(self.rows)).astype(np.intp), len(self.rows) - 1)
            return np.asarray(self.rows[place], dtype=np.float64)
        return np.column_stack([np.quantile(column, u) for column in self.rows.T])


@dataclass(frozen=True)
class Space:
    """Inputs, what they are taken from, and what all other parameters are held at.

    Attributes
    ----------
    inputs
        The inputs; the last is luck.
    source
        Where parameters come from.
    base
        Values of the parameters that no input moves, where they are not the tables'.
    tied
        The largest rank correlation of two parameters of different inputs over the draws, and their names; None where
        priors are independent.
    """

    inputs: tuple[Input, ...]
    source: str
    base: Mapping[str, float] = field(default_factory=dict)
    tied: tuple[float, str, str] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the inputs."""
        return tuple(one.name for one in self.inputs)

    def points(self, u: Array) -> list[dict[str, float]]:
        """Return the parameters at points ``(point, input)`` of the unit cube, those that are held included."""
        names = [name for one in self.inputs for name in one.members]
        columns = [one.values(u[:, i]) for i, one in enumerate(self.inputs)]
        held = np.hstack(columns)
        return [{**self.base, **dict(zip(names, row, strict=True))} for row in held.tolist()]

    def seeds(self, u: Array, first: int) -> list[int]:
        """Return the seed of each point ``(point, input)``: luck is the last input."""
        return [first + min(int(v * SEEDS), SEEDS - 1) for v in u[:, -1]]


def space_of(
    source: str | Path = "posterior",
    over: Sequence[str] = ("all",),
    *,
    by_group: bool = False,
    together: bool = False,
    fixed: Sequence[str] = (),
) -> Space:
    """Return the inputs that are looked at.

    Parameters
    ----------
    source
        Where parameters come from, as in `sscsim.experiments.members`: the posterior, the priors or a file of draws.
    over
        ``all``; ``informed``, those that the report's figures inform; or names of parameters and of submodels.
    by_group
        Whether parameters of a submodel are one input.
    together
        Whether parameters given for each Goal take the same quantile, not a row of the draws: for trajectories.
    fixed
        Parameters that are held, by the user or by a scenario.

    Raises
    ------
    InputError
        For a name that there is not, a source in which nothing differs, or fewer than two inputs with luck.
    """
    tables = default_parameters()
    names, rows, base = _drawn(source)
    wanted = _wanted(over, _free(names, fixed), source)
    grouped: dict[str, list[str]] = {}
    for name in wanted:
        stem = name.partition(".")[0]
        group = tables.definition(name).submodel if by_group else stem
        grouped.setdefault(group, []).append(name)
    inputs = []
    for group, each in grouped.items():
        whole = len(each) > 1 and not together
        if rows is not None:
            held: Array | None = rows[:, [names.index(n) for n in each]]
        else:
            held = Design.independent(each, ROWS, DESIGN_SEED).values(tables) if whole else None
        inputs.append(Input(group, tuple(each), held, whole))
    tied = None if rows is None else _tied(inputs)
    return Space((*inputs, Input(LUCK, ())), str(source), base, tied)


def _drawn(source: str | Path) -> tuple[list[str], Array | None, dict[str, float]]:
    """Return the parameters that a source draws, their draws but for the priors, and what others are held at."""
    tables = default_parameters()
    name = str(source)
    shipped = shipped_posterior() if name == "posterior" else None
    if name == "priors" or (name == "posterior" and shipped is None):
        return list(drawn_parameters(tables)), None, {}
    count = shipped.draws if shipped is not None else None
    found = draws_of(source, count, lambda n: [{}] * n)
    if found.fixed or (shipped is None and not holds_draws(source)) or len(found.points) < 2:
        raise InputError(
            "nothing differs between the draws of this source",
            key="source",
            found=name,
            allowed="posterior, priors, or a file of draws",
        )
    told = [n for n in found.points[0] if n in tables]
    values = np.array([[point[n] for n in told] for point in found.points], dtype=np.float64)
    differs = np.ptp(values, axis=0) > 0.0
    base = chosen("central" if shipped is not None else source, "source").changed
    names = [n for n, one in zip(told, differs, strict=True) if one]
    return names, values[:, differs], {n: v for n, v in base.items() if n in tables}


def _free(names: Sequence[str], fixed: Sequence[str]) -> list[str]:
    """Return the parameters that are not held, one by one or for all Goals."""
    held = {*fixed}
    return [n for n in names if n not in held and n.partition(".")[0] not in held]


def _wanted(over: Sequence[str], free: Sequence[str], source: str | Path) -> list[str]:
    """Return the parameters that are looked at, in the order of the tables."""
    tables = default_parameters()
    if not free:
        raise InputError("all parameters are held: none is left to look at", key="over")
    found: set[str] = set()
    groups = {tables.definition(n).submodel for n in free}
    stems = {n.partition(".")[0] for n in free}
    for name in over:
        if name == "all":
            found.update(free)
        elif name == "informed":
            found.update(_informed(free, source))
        elif name in groups:
            found.update(n for n in free if tables.definition(n).submodel == name)
        elif name in stems or name in free:
            found.update(n for n in free if name in (n, n.partition(".")[0]))
        else:
            known = sorted({*WHICH, *groups, *stems})
            allowed = f"all, informed, one of {', '.join(sorted(groups))}, or a parameter that has a prior"
            raise unknown(
                "parameter or group that is drawn", name, known, allowed=allowed, key="over"
            )
    return [n for n in free if n in found]


def _informed(free: Sequence[str], source: str | Path) -> list[str]:
    shipped = shipped_posterior()
    return [n for n in free if n in shipped.fitted]


def _tied(inputs: Sequence[Input]) -> tuple[float, str, str] | None:
    """Return the largest rank correlation between parameters of different inputs, and whose it is."""
    from scipy.stats import rankdata

    held = [(one.name, name) for one in inputs for name in one.members]
    rows = [one.rows for one in inputs if one.rows is not None]
    if len(inputs) < 2 or not rows:
        return None
    ranks = rankdata(np.hstack(rows), axis=0)
    size = np.abs(np.corrcoef(ranks, rowvar=False))
    owner = np.array([one for one, _ in held])
    size[owner[:, None] == owner[None, :]] = -1.0
    first, second = np.unravel_index(int(np.argmax(size)), size.shape)
    return float(size[first, second]), held[int(first)][1], held[int(second)][1]


# ----------------------------------------------------------------------------------------------------- answers


class How(TypedDict, total=False):
    """What is asked, and how members are made and run: as in `sscsim.experiments.compare`."""

    indicators: Sequence[str]
    groups: Sequence[str]
    years: Sequence[int]
    first_seed: int
    draw_figures: bool | None
    settings: RunSettings | None
    store: RunStore | str | Path | None
    executor: str
    workers: int | None
    scheduler: str | None
    progress: Callable[[Tally], None] | None


class _Asked:
    """What is asked of which scenarios, and where members are kept."""

    def __init__(self, scenarios: Sequence[Scenario | str | Path], how: How) -> None:
        if not 1 <= len(scenarios) <= 2:
            raise InputError(
                "one scenario is looked at for its outcomes, or two for what the second changes",
                key="scenario",
                found=f"{len(scenarios)} scenarios",
            )
        said: dict[str, Any] = dict(how)
        self.scenarios = [s if isinstance(s, Scenario) else load_scenario(s) for s in scenarios]
        if len({s.name for s in self.scenarios}) < len(self.scenarios):
            raise InputError(
                "a scenario does nothing against itself",
                key="scenario",
                found=self.scenarios[0].name,
            )
        settings = said.pop("settings", None) or RunSettings()
        years = tuple(said.pop("years", ())) or (min(GOAL_YEAR, settings.end),)
        for year in years:
            check_whole("year", year, FIRST_YEAR, settings.end)
        indicators, groups = said.pop("indicators", ()), said.pop("groups", ())
        self.world = settings.world()
        kept = outcome_years(settings.start, settings.end)
        self.questions = tuple(
            questions(
                indicators, groups, years, world=self.world, kept=kept, plugins=settings.plugins
            )
        )
        # The same amount as a comparison keeps, so that the two share their members.
        self.settings = replace(settings, keep="outcomes", parameters=None)
        self.own = tuple(marks_of(self.settings))
        self.first_seed = said.pop("first_seed", 1)
        self.draw_figures = said.pop("draw_figures", None)
        store = said.pop("store", None)
        self.store = store if isinstance(store, RunStore) else RunStore(store)
        self.running = said

    @property
    def fixed(self) -> list[str]:
        """Parameters that are held: by the user or by a scenario."""
        return [*self.settings.set, *(n for s in self.scenarios for n in s.parameters)]

    def at(self, space: Space, u: Array) -> Array:
        """Return answers at points ``(point, input)``, ``(question, point)``."""
        base = replace(self.settings, parameters="tables")
        data = base.data_hash()
        points, seeds = space.points(u), space.seeds(u, self.first_seed)
        each = [
            Member(
                replace(base, scenario=scenario, seed=seed, set={**values, **self.settings.set}),
                place,
                data,
            )
            for place, (values, seed) in enumerate(zip(points, seeds, strict=True))
            for scenario in self.scenarios
        ]
        return self.of(each)

    def of(self, each: Sequence[Member]) -> Array:
        """Return answers, ``(question, point)``, of members, scenario by scenario within a point; NaN: one failed."""
        result = run_ensemble(each, self.store, **{"executor": "serial", **self.running})
        many = len(self.scenarios)
        points = [each[i : i + many] for i in range(0, len(each), many)]
        whole = [i for i, point in enumerate(points) if all(self.store.has(m.key) for m in point)]
        if not whole:
            raise InputError(
                f"no member has an answer: {result.failures()[0].error}",
                key=self.questions[0].indicator,
            )
        read = gather(self.store, [points[i] for i in whole], self.questions, self.world).values
        answers = np.full((len(self.questions), len(points)), np.nan)
        answers[:, whole] = read[:, -1] - read[:, 0] if many == 2 else read[:, 0]
        return answers

    def draws(
        self,
        source: str | Path,
        draws: int | None,
        over: Sequence[str],
        levers: Mapping[str, tuple[float, float]] | None = None,
    ) -> tuple[list[str], Array, Array]:
        """Return what is drawn, its values ``(draw, name)``, and answers ``(question, draw)``.

        Levers come after parameters; they are moved in the last scenario, evenly between two values.
        """
        each = members(
            self.scenarios,
            draws,
            1,
            source,
            first_seed=self.first_seed,
            settings=self.settings,
            draw_figures=self.draw_figures,
        )
        drawn, _, _ = _drawn(source)
        wanted = _wanted(over, _free(drawn, self.fixed), source)
        tables = default_parameters()
        firsts = each[:: len(self.scenarios)]
        values = np.array([[m.parameters.get(n, tables[n]) for n in wanted] for m in firsts])
        if not levers:
            return wanted, values, self.of(each)
        ends = np.array(list(levers.values()))
        u = Design.independent(list(levers), len(firsts), DESIGN_SEED).quantiles
        moved = ends[:, 0] + u * (ends[:, 1] - ends[:, 0])
        many = len(self.scenarios)
        for draw, row in enumerate(moved.tolist()):
            place = many * draw + many - 1
            each[place] = _moved(each[place], dict(zip(levers, row, strict=True)))
        return [*wanted, *levers], np.hstack([values, moved]), self.of(each)


def _moved(member: Member, values: Mapping[str, float]) -> Member:
    """Return a member whose scenario also holds levers at values, from the first year after the report's on."""
    scenario = member.scenario
    levers = dict(scenario.levers)
    for name, value in values.items():
        levers[name] = (
            *levers.get(name, ()),
            Setting.model_validate({"value": value, "from": FIRST}),
        )
    moved = replace(scenario, levers=levers)
    return Member(replace(member.settings, scenario=moved), member.draw, member.data)


def _check_levers(levers: Mapping[str, tuple[float, float]]) -> None:
    table = lever_table()
    for name, (low, high) in levers.items():
        if name not in table:
            raise unknown_lever(name)
        least, most = table[name].bounds
        if not least <= low < high <= most:
            raise InputError(
                "a lever is moved between two values within its bounds",
                key=name,
                found=f"{low:g} and {high:g}",
                allowed=f"{least:g} to {most:g} ({table[name].unit})",
            )


# ------------------------------------------------------------------------------------------------- sensitivity


@dataclass(frozen=True)
class Sensitivity:
    """What outcomes or effects hang on.

    Attributes
    ----------
    method
        ``morris``, ``sobol`` or ``pawn``.
    scenarios
        The scenario, or the reference and the scenario.
    questions
        What was asked.
    indices
        For each question.
    answers
        ``(question, point)``, what was found at the points of the design or the draws; NaN where a member failed.
    source
        Where parameters came from.
    tied
        As in `Space`; None for ``pawn``, which takes the draws as they are.
    own
        In words, what all members were asked for beside.
    """

    method: str
    scenarios: tuple[str, ...]
    questions: tuple[Question, ...]
    indices: tuple[Indices, ...]
    answers: Array
    source: str
    tied: tuple[float, str, str] | None
    own: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One line an input and question: indicator, group, year, unit, and what `Indices.table` has."""
        import pandas as pd

        return pd.concat(
            [
                one.table.assign(**question._asdict())[[*Question._fields, *one.table.columns]]
                for question, one in zip(self.questions, self.indices, strict=True)
            ],
            ignore_index=True,
        )


def sensitivity(
    scenarios: Sequence[Scenario | str | Path],
    method: str = "sobol",
    *,
    size: int | None = None,
    source: str | Path = "posterior",
    over: Sequence[str] = ("all",),
    by_group: bool | None = None,
    **how: Unpack[How],
) -> Sensitivity:
    """Say which parameters outcomes of a scenario, or effects of one against a reference, hang on.

    Parameters
    ----------
    scenarios
        One, or the reference and another.
    method
        ``morris``, ``sobol`` or ``pawn``.
    size
        Trajectories, points of the design (a power of two), draws; without it `SIZES`.
    source, over
        As in `space_of`.
    by_group
        Whether submodels are the inputs; without it they are with ``sobol``. Only that can.
    **how
        Fields of `How`: ``indicators``, ``groups``, ``years``, ``store``, ``executor`` and so on.

    Raises
    ------
    InputError
        For what does not exist, a size that is too small, or where members fail throughout.

    Examples
    --------
    >>> from sscsim.experiments.futures import sensitivity
    >>> found = sensitivity(
    ...     ["baseline", "full-agenda"], indicators=["goal_index"]
    ... )  # doctest: +SKIP
    """
    if method not in methods.METHODS:
        raise unknown("method of this name", method, methods.METHODS, key="method")
    if by_group and method != "sobol":
        raise InputError(
            f"{method} takes parameters one by one; groups need rows of draws, which sobol takes",
            key="by",
            found="group",
            allowed="parameter",
        )
    asked = _Asked(scenarios, how)
    size = (
        SIZES[method] if size is None and not (method == "pawn" and holds_draws(source)) else size
    )
    names = tuple(s.name for s in asked.scenarios)
    if method == "pawn":
        drawn, values, answers = asked.draws(source, size, over)
        found = [methods.pawn(values, one, drawn) for one in answers]
        return Sensitivity(
            method, names, asked.questions, tuple(found), answers, str(source), None, asked.own
        )
    space = space_of(
        source,
        over,
        by_group=by_group is None or by_group if method == "sobol" else False,
        together=method == "morris",
        fixed=asked.fixed,
    )
    kept: list[Array] = []

    def function(u: Array) -> Array:
        kept.append(asked.at(space, u))
        return kept[-1]

    run = methods.morris if method == "morris" else methods.sobol
    found = run(function, space.names, size or SIZES[method])
    return Sensitivity(
        method, names, asked.questions, tuple(found), kept[-1], str(source), space.tied, asked.own
    )


# -------------------------------------------------------------------------------------------------- discovery


@dataclass(frozen=True)
class Found:
    """In which futures an outcome or an effect is above, or below, a value.

    Attributes
    ----------
    scenarios
        The scenario, or the reference and the scenario.
    question
        What was asked.
    threshold, below
        The value, and whether answers below it are looked for.
    names, values
        Parameters, and levers, as they were drawn, ``(draw, name)``.
    answers
        ``(draw,)``, outcomes or effects; draws whose members failed are left out.
    left_out
        How many these are.
    boxes
        What was found; None where nearly all draws, or nearly none, are beyond the value.
    source
        Where parameters came from.
    own
        In words, what all members were asked for beside.
    """

    scenarios: tuple[str, ...]
    question: Question
    threshold: float
    below: bool
    names: tuple[str, ...]
    values: Array
    answers: Array
    left_out: int
    boxes: Discovery | None
    source: str
    own: tuple[str, ...] = ()

    @property
    def cases(self) -> Mask:
        """In which draws the answer is beyond the value, ``(draw,)``."""
        return self.answers < self.threshold if self.below else self.answers > self.threshold


def discover_futures(
    scenarios: Sequence[Scenario | str | Path],
    threshold: float = 0.0,
    *,
    below: bool = False,
    draws: int | None = None,
    source: str | Path = "posterior",
    over: Sequence[str] = ("all",),
    levers: Mapping[str, tuple[float, float]] | None = None,
    **how: Unpack[How],
) -> Found:
    """Say in which boxes of parameters an outcome or an effect is above a value.

    Parameters
    ----------
    scenarios
        One, or the reference and another.
    threshold, below
        The value, in the indicator's unit, and whether answers below it are looked for.
    draws, source, over
        How many draws (`DRAWS` without it, of a file all), from where, and among which parameters, as in `space_of`.
    levers
        Levers that are drawn too, evenly between two values, and moved in the last scenario from 2019 on, for all.
    **how
        Fields of `How`, of one number: ``indicators``, ``groups`` and ``years`` with one entry each.

    Raises
    ------
    InputError
        For what does not exist, for more than one number, or where members fail throughout.
    """
    asked = _Asked(scenarios, how)
    if len(asked.questions) != 1:
        raise InputError(
            "futures are those of one number: one indicator, one group, one year",
            key="indicator",
            found=f"{len(asked.questions)} numbers",
        )
    if draws is not None and draws < DRAWS // 2:
        raise outside("draws", draws, DRAWS // 2, 1_000_000, whole=True, key="draws")
    count = draws if draws is not None or holds_draws(source) else DRAWS
    _check_levers(levers or {})
    drawn, values, answers = asked.draws(source, count, over, levers)
    there: Index = np.flatnonzero(np.isfinite(answers[0]))
    found = Found(
        scenarios=tuple(s.name for s in asked.scenarios),
        question=asked.questions[0],
        threshold=threshold,
        below=below,
        names=tuple(drawn),
        values=values[there],
        answers=answers[0][there],
        left_out=len(answers[0]) - len(there),
        boxes=None,
        source=str(source),
        own=asked.own,
    )
    cases = found.cases
    if min(int(cases.sum()), int((~cases).sum())) < LEAST_CASES:
        return found
    return replace(found, boxes=discover(found.values, found.names, cases))
