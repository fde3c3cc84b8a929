"""Which value of a lever brings an outcome about: ``bank_approvals AIIB 2026 = 15`` by ``bank_proposals``.

Every value is a scenario of its own, run in the same draws (`sscsim.experiments.members`): pairs are fair, and the
median over draws is a function of the value alone that `sscsim.experiments.roots` brackets. Where no value within the
lever's bounds does it, the nearest is told, what the model recorded of the bank concerned, and which other levers would
move the outcome from there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from sscsim.errors import InputError
from sscsim.experiments.ensemble import DrawOptions, HowRun, run_ensemble
from sscsim.experiments.levers import FIRST, checked_lever
from sscsim.experiments.members import Member, members
from sscsim.experiments.pairs import Question, questions
from sscsim.experiments.roots import Solution, solve
from sscsim.experiments.store import RunStore
from sscsim.names import FIRST_YEAR
from sscsim.policy import Scenario, lever_table, load_scenario
from sscsim.policy.paths import LeverPaths
from sscsim.policy.scenario import Setting, Where
from sscsim.settings import check_whole
from sscsim.types import Array

__all__ = [
    "DRAWS",
    "FIRST",
    "Answer",
    "Limit",
    "Other",
    "Wanted",
    "read_wanted",
    "seek",
]

DRAWS = 20
"""Draws unless told otherwise: a search runs each of them at some ten values."""

FEW = 5
"""Draws in which it is looked what binds: enough to tell what moves an outcome from what does not."""

MOVED = 0.01
"""Another lever moves the outcome where its median comes nearer by this share of the target."""

BANK_LIMITS = {
    "proposals": "what members propose",
    "envelope": "what the bank may approve in the year",
    "approvals": "what it approves",
    "headroom": "statutory limit less what is lent and signed",
    "statutory_limit": "statutory limit on loans",
    "loans": "loans outstanding",
}
"""Columns of the table of banks that say what holds a bank's lending back."""

NEARLY = 0.95
"""A limit binds where so much of it is used."""


@dataclass(frozen=True)
class Wanted:
    """An outcome that is wanted.

    Attributes
    ----------
    question
        Indicator, group, year and unit.
    value
        What it is to be, in the unit; times what it is without the lever, where `of_reference`.
    of_reference
        Which of the two.
    """

    question: Question
    value: float
    of_reference: bool = False


@dataclass(frozen=True)
class Limit:
    """What the model recorded at the nearest value: a number of the bank concerned, median over a few draws, bn USD."""

    name: str
    meaning: str
    value: float
    binds: bool


@dataclass(frozen=True)
class Other:
    """Another lever on top of the nearest value, and the median outcome that it brings in a few draws."""

    lever: str
    value: float
    before: float
    after: float


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes
    ----------
    wanted
        What was asked for.
    lever, unit, bounds, where, first, last
        Which lever was moved, within what, for whom, and when.
    scenario
        Name of the scenario that it was moved in.
    reference
        Median of the outcome without it.
    target
        What the median was to be, in the outcome's unit.
    solution
        The value and what was tried. Outcomes and medians in it are over those of the reference, draw by draw, where
        the outcome was asked for so.
    limits, others
        Where it was not reached: what the model recorded, and other levers that move the outcome towards the target,
        those that move it most first.
    draws, source
        How many draws, and where parameters came from.
    found
        The scenario with the value found, or the nearest.
    """

    wanted: Wanted
    lever: str
    unit: str
    bounds: tuple[float, float]
    where: Where | None
    first: int
    last: int | None
    scenario: str
    reference: float
    target: float
    solution: Solution
    limits: tuple[Limit, ...]
    others: tuple[Other, ...]
    draws: int
    source: str
    found: Scenario

    @property
    def reached(self) -> bool:
        """Whether a value within the bounds brings the outcome about."""
        return self.solution.reached

    def as_yaml(self, name: str) -> str:
        """Return the text of a scenario file that sets the lever to the value found.

        Where that is the value that it has by itself, the scenario is the one that was asked about, under another name.
        """
        import yaml

        said: dict[str, Any] = {
            "name": name,
            "title": {"en": self.found.title["en"]},
            "extends": self.scenario,
            "source": f"Sought: {self.asked}.",
        }
        if settings := self.found.levers.get(self.lever):
            setting = settings[-1].model_dump(by_alias=True, exclude_none=True)
            said["levers"] = {self.lever: setting}
        return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)

    @property
    def asked(self) -> str:
        """The outcome in words."""
        one = self.wanted.question
        return f"{one.indicator}, {one.group}, {one.year} = {self.target:.6g} {one.unit}"


# ----------------------------------------------------------------------------------------- what is asked


def read_wanted(text: str, plugins: Sequence[str] = ()) -> Wanted:
    """Return the outcome that a text asks for.

    Parameters
    ----------
    text
        ``INDICATOR GROUP YEAR = VALUE``. The value is a number in the indicator's unit; ``30 %`` of a fraction; ``3x``
        for three times, or ``+10 %`` for a tenth more than it is without the lever.
    plugins
        Names of plug-ins that runs take, whose indicators may be asked for.

    Raises
    ------
    InputError
        For a text of another form, a name that does not exist, a year outside the model's.
    """
    found = re.fullmatch(r"\s*(\S+)\s+(\S.*?)\s+(\d{4})\s*=\s*(.+?)\s*", text)
    if found is None:
        raise InputError(
            "an outcome reads INDICATOR GROUP YEAR = VALUE",
            key="outcome",
            found=text,
            allowed='for example "bank_approvals AIIB 2026 = 15"',
        )
    indicator, group, year, value = found.groups()
    [question] = questions([indicator], [group], [int(year)], plugins=plugins)
    number = r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    for form, factor in ((rf"{number}x", 1.0), (rf"x{number}", 1.0)):
        if times := re.fullmatch(form, value):
            return Wanted(question, factor * float(times[1]), of_reference=True)
    if more := re.fullmatch(rf"([+-]){number}\s*%", value):
        sign = 1.0 if more[1] == "+" else -1.0
        return Wanted(question, 1.0 + sign * float(more[2]) / 100.0, of_reference=True)
    share = re.fullmatch(rf"{number}\s*%", value)
    if share and question.unit == "fraction":
        return Wanted(question, float(share[1]) / 100.0)
    plain = re.fullmatch(rf"-?{number}", value)
    if plain is None:
        raise InputError(
            "this is no value of an outcome",
            key="outcome",
            found=value,
            allowed=f"a number in {question.unit}, 3x or +10 % of what it is"
            + (", or 30 %" if question.unit == "fraction" else ""),
        )
    return Wanted(question, float(value))


# ----------------------------------------------------------------------------------------------- the search


def seek(
    outcome: Wanted | str,
    lever: str,
    *,
    where: Where | Mapping[str, Any] | None = None,
    scenario: Scenario | str | Path = "baseline",
    first: int = FIRST,
    last: int | None = None,
    bounds: tuple[float, float] | None = None,
    **how: Unpack[DrawOptions],
) -> Answer:
    """Find the value of a lever whose median outcome is the one that is wanted.

    Parameters
    ----------
    outcome
        What is wanted; a text as `read_wanted` takes it.
    lever
        Name of the lever.
    where
        To whom it applies, as in a scenario file; without it to all.
    scenario
        The scenario in which it is moved.
    first, last
        Years in which it is moved; without `last` to the end.
    bounds
        Between which it is sought; without them between the lever's own.
    **how
        Fields of `sscsim.experiments.ensemble.DrawOptions`: ``draws`` (20 without it), ``source`` and so on. Runs end
        with the outcome's year.

    Raises
    ------
    InputError
        For a name that does not exist, a place that the lever does not take, a year outside the run, a member that
        fails.

    Examples
    --------
    >>> from sscsim.experiments import seek
    >>> answer = seek(
    ...     "bank_approvals AIIB 2026 = 15", "bank_proposals", where={"bank": "AIIB"}
    ... )  # doctest: +SKIP
    """
    own = HowRun.of(how, DRAWS).settings.plugins
    wanted = read_wanted(outcome, own) if isinstance(outcome, str) else outcome
    place, (low, high) = checked_lever(lever, where, bounds)
    runs = _Runs(wanted.question, how)
    check_whole("first", first, FIRST_YEAR, wanted.question.year)
    base = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    moves = _Moves(lever, place, first, last, base)
    usual = lever_table()[lever].default
    # A place that there is not is said before anything runs.
    LeverPaths(moves.to(high if high != usual else low), runs.asked.world())
    reference = runs.outcomes(base)
    scale = reference if wanted.of_reference else np.ones(len(reference))
    if not (scale > 0.0).all():
        raise InputError(
            "a multiple of an outcome that is zero or less cannot be sought",
            key="outcome",
            found=", ".join(map(str, wanted.question[:3])),
        )
    solution = solve(
        lambda value: runs.outcomes(moves.to(value)) / scale,
        wanted.value,
        (low, high),
        min(max(usual, low), high),
    )
    final = moves.to(solution.value)
    limits: tuple[Limit, ...] = ()
    others: tuple[Other, ...] = ()
    if not solution.reached:
        few = min(FEW, len(reference))
        limits = _limits(wanted.question, runs.members(final, few, "standard"))
        others = _others(
            lever,
            wanted.value,
            lambda of, value: runs.outcomes(moves.to(value, of, final), few) / scale[:few],
            runs.outcomes(final, few) / scale[:few],
        )
    median = float(np.median(reference))
    return Answer(
        wanted=wanted,
        lever=lever,
        unit=lever_table()[lever].unit,
        bounds=(low, high),
        where=place,
        first=first,
        last=last,
        scenario=base.name,
        reference=median,
        target=wanted.value * (median if wanted.of_reference else 1.0),
        solution=solution,
        limits=limits,
        others=others,
        draws=len(reference),
        source=runs.source,
        found=final,
    )


class _Runs:
    """Runs of scenarios in the same draws, as far as the outcome's year."""

    def __init__(self, question: Question, how: DrawOptions) -> None:
        self._how = HowRun.of(how, DRAWS)
        self.question = question
        self.asked = self._how.settings
        check_whole("year", question.year, FIRST_YEAR, self.asked.end)
        self._store = self._how.opened()
        self.source = self._how.source

    def members(
        self, scenario: Scenario, draws: int | None, keep: str = "indicators"
    ) -> list[Member]:
        """Return the members of a scenario, a draw each."""
        held = replace(self.asked, keep=keep, end=self.question.year)
        return members([scenario], draws, 1, self.source, settings=held, **self._how.drawing)

    def outcomes(self, scenario: Scenario, draws: int | None = None) -> Array:
        """Return the outcome in each draw, ``(draw,)``; members that the store has are not run again."""
        wants = self.members(scenario, self._how.draws if draws is None else draws)
        run_ensemble(wants, self._store, **self._how.running)
        return np.array([_number(self._store, member, self.question) for member in wants])


@dataclass(frozen=True)
class _Moves:
    """Where and when levers are moved."""

    lever: str
    where: Where | None
    first: int
    last: int | None
    base: Scenario

    def to(self, value: float, lever: str = "", on: Scenario | None = None) -> Scenario:
        """Return the scenario with a lever at a value; a lever of the world as a whole takes no place."""
        lever, on = lever or self.lever, on or self.base
        one = lever_table()[lever]
        if value == one.default and lever not in on.levers:
            return on  # the default leaves a scenario as it is
        place = None if one.scope == "world" else self.where
        said = {"value": value, "from": self.first, "to": self.last, "where": place}
        return _with(on, lever, Setting.model_validate(said))


def _with(scenario: Scenario, lever: str, setting: Setting) -> Scenario:
    """Return a scenario that also moves a lever, under a name of its own."""
    levers = {**scenario.levers, lever: (*scenario.levers.get(lever, ()), setting)}
    made = replace(scenario, levers=levers)
    mark = hashlib.sha256(json.dumps([scenario.name, made.content_hash]).encode()).hexdigest()[:10]
    title = f"{lever.replace('_', ' ')} at {setting.value:g}"
    return replace(
        made,
        name=f"seek-{mark}",
        title={"en": title if scenario.name == "baseline" else f"{title}, {scenario.name}"},
        lineage=(*scenario.lineage, f"seek-{mark}"),
    )


def _number(store: RunStore, member: Member, question: Question) -> float:
    indicator, group, year, _ = question
    lines = store.columns(member.key, [indicator], [group], [year])
    if lines is None:
        failure = store.failure(member.key)
        raise InputError(
            "a member failed" if failure is None else f"a member failed: {failure.error}",
            key=member.scenario.title["en"],
            found=f"draw {member.draw}, seed {member.seed}",
            allowed="values at which every draw can be simulated: --between LOW HIGH narrows them",
        )
    if len(lines) != 1:
        raise InputError(
            "the indicator is not defined for this group and year in every run",
            key=indicator,
            found=f"{group}, {year}",
        )
    return float(lines.numbers("value")[0])


# ------------------------------------------------------------------------------------------------ what binds


def _limits(question: Question, each: Sequence[Member]) -> tuple[Limit, ...]:
    """Return what the model recorded of the bank that the outcome is of; nothing for any other outcome."""
    if not question.indicator.startswith("bank_") or question.group == "World":
        return ()
    from sscsim.model import simulate

    found: dict[str, list[float]] = {name: [] for name in BANK_LIMITS}
    for member in each:
        table = simulate(member.settings).banks
        row = table[(table["bank"] == question.group) & (table["year"] == question.year)]
        for name, values in found.items():
            values.extend(row[name].astype(float))
    medians = {name: float(np.median(values)) for name, values in found.items() if values}
    approved = medians.get("approvals", 0.0)
    return tuple(
        Limit(
            name,
            BANK_LIMITS[name],
            value,
            name in ("proposals", "envelope") and approved >= NEARLY * value > 0.0,
        )
        for name, value in medians.items()
    )


def _others(
    lever: str,
    target: float,
    run: Callable[[str, float], Array],
    there: Array,
) -> tuple[Other, ...]:
    """Return levers of the same group, moved half way to each bound, that move the outcome towards the target."""
    table = lever_table()
    before = float(np.median(there))
    towards = float(np.sign(target - before))
    found = []
    for name, one in table.items():
        same_place = one.scope in (table[lever].scope, "world")
        if name == lever or one.group != table[lever].group or not same_place:
            continue
        after = [
            (value, float(np.median(run(name, value))))
            for value in ((one.default + bound) / 2.0 for bound in one.bounds)
            if value != one.default
        ]
        value, best = max(after, key=lambda pair: towards * pair[1])
        if towards * (best - before) >= MOVED * abs(target):
            found.append(Other(name, value, before, best))
    return tuple(sorted(found, key=lambda one: -towards * one.after))
