"""Facts from outside the report, and how often the model comes to them.

The facts stand in `calibration/validation.yaml`. They were written down before a run was set beside them, no fit sees
them, and none is a target. The model says of each a median and a 90 % interval over draws of its parameters and of
luck, and beside it stand two that know less: the model to beat (`sscsim.outcomes.naive`), run with the same draws, and
the last figure known before, "as it was".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sscsim.calibrated import DRAWS_FILE
from sscsim.calibration.observables import OBSERVABLES
from sscsim.calibration.observing import Observer, Point
from sscsim.calibration.targets import Check, Target, compare, load_targets
from sscsim.errors import InputError
from sscsim.names import FIRST_YEAR
from sscsim.resources import calibration_folder
from sscsim.settings import RunSettings
from sscsim.types import Array
from sscsim.yamlfile import Block, YamlFile, read_yaml

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LAST_FACT",
    "Before",
    "Fact",
    "Facts",
    "Judged",
    "Source",
    "Verdicts",
    "judge_facts",
    "load_facts",
    "validate",
]

LAST_FACT = 2019
"""Last year that a fact may be of: no run goes further."""

OUTER = (0.05, 0.5, 0.95)
"""Quantiles: both ends of the 90 % interval, and the median."""

AS_NEAR = 0.01
"""Part of a fact's width below which two guesses are as near as each other."""

Nearer = Literal["nearer", "as near", "farther", "not told"]


class Source(Block):
    """Where a fact is printed."""

    publisher: str = Field(min_length=1)
    title: str = Field(min_length=1)
    address: str = Field(min_length=1)
    edition: int = Field(ge=FIRST_YEAR)
    licence: str = Field(min_length=1)
    read: Literal["primary", "secondary", "copy"]

    @property
    def citation(self) -> str:
        """Publisher, title and year in one line."""
        return f"{self.publisher}, {self.title} ({self.edition})"


class Before(Block):
    """The last figure known before a fact: what "as it was" says."""

    value: float
    when: str = Field(min_length=1)


class Fact(Check):
    """A number that a source prints, and what of a run is compared with it."""

    id: str
    topic: str
    title: str
    unit: str
    source: str
    printed: str = Field(
        min_length=1, description="what the source prints, and how the value comes from it"
    )
    unseen: str = Field(min_length=1, description="why the fact is out of the model's sample")
    width: str = Field(min_length=1, description="where the tolerance comes from")
    partly_seen: str = Field(
        "", description="what of it a prior or a file of the model was taken from"
    )
    before: Before

    @model_validator(mode="after")
    def _is_of_these_years(self) -> Self:
        first, last = self.years if self.years is not None else (self.year, self.year)
        if first is None or last is None or not FIRST_YEAR <= first <= last <= LAST_FACT:
            raise ValueError(
                f"a fact is of years from {FIRST_YEAR} to {LAST_FACT}, found {self.when}"
            )
        return self

    @property
    def scale(self) -> float:
        """What counts as one width, in the fact's unit."""
        low, high = self.within.limits(self.value)
        return (high - low) / 2 if math.isfinite(high - low) and high > low else 1.0


@dataclass(frozen=True)
class Facts:
    """A file of facts: what it holds, by topic as they stand there, and their sources by code."""

    sources: dict[str, Source]
    facts: tuple[Fact, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """The facts as rows that a run can be compared with, in their order."""
        return tuple(
            Target(
                id=fact.id,
                paragraph=[],
                title=fact.title,
                stated=fact.printed,
                unit=fact.unit,
                role="check",
                tolerance=fact.width,
                checks=[fact],
                beside=[],
                readings={},
            )
            for fact in self.facts
        )


def load_facts(path: Path | None = None, *, targets: Sequence[Target] | None = None) -> Facts:
    """Read facts and their sources.

    Parameters
    ----------
    path
        A file of facts; by default the one that ships.
    targets
        Rows of the fit, none of which a fact may repeat; by default those that ship.

    Raises
    ------
    InputError
        With file, line, key and the nearest valid name, for anything the schema does not allow, an unknown observable
        or source, another unit, and a fact that is a target of the fit or stands there twice.
    """
    document = read_yaml(path or calibration_folder() / "validation.yaml")
    unknown = sorted(set(document.data) - {"sources", "facts"})
    if unknown:
        raise document.unknown("key of this name", unknown[0], ["sources", "facts"], unknown[0])
    sources = {
        name: document.validate(Source, raw, "sources", name)
        for name, raw in document.mapping("sources").items()
    }
    taken = {
        (check.observable, check.of, check.when): f"the target {target.id}"
        for target in (load_targets() if targets is None else targets)
        for check in target.checks
    }
    facts = []
    for name, raw in document.mapping("facts").items():
        fact = _fact(document, name, raw, sources)
        number = (fact.observable, fact.of, fact.when)
        if number in taken:
            raise document.error(
                f"this number is {taken[number]} already, so it validates nothing", "facts", name,
                found=f"{fact.observable} of {fact.of or 'World'}, {fact.when}",
                allowed="a number that no fit has seen",
            )  # fmt: skip
        taken[number] = f"the fact {name}"
        facts.append(fact)
    if not facts:
        raise document.error("a file of facts needs at least one", "facts")
    return Facts(sources, tuple(facts))


def _fact(document: YamlFile, name: str, raw: object, sources: dict[str, Source]) -> Fact:
    if not isinstance(raw, dict):
        raise document.error(
            "a fact must be a mapping", "facts", name, found=raw, allowed="key: value"
        )
    if "id" in raw:
        raise document.error("the id of a fact is its key", "facts", name, "id")
    fact = document.validate(Fact, {"id": name, **raw}, "facts", name)
    if fact.source not in sources:
        raise document.unknown("source of this name", fact.source, sources, "facts", name, "source")
    if fact.observable not in OBSERVABLES:
        raise document.unknown(
            "observable of this name", fact.observable, OBSERVABLES, "facts", name, "observable"
        )
    if math.isnan(OBSERVABLES[fact.observable].factor(fact.unit)):
        raise document.error(
            "the observable has another unit", "facts", name, "unit", found=fact.unit,
            allowed=OBSERVABLES[fact.observable].unit,
        )  # fmt: skip
    return fact


# ------------------------------------------------------------------------------------------ verdicts


@dataclass(frozen=True)
class Judged:
    """A fact beside what the model says of it, in the fact's unit; NaN where no draw shows it."""

    fact: Fact
    low: float
    median: float
    high: float
    naive: float
    """Median of the model to beat."""

    @property
    def inside(self) -> bool:
        """Whether the fact lies in the 90 % interval."""
        return self.low <= self.fact.value <= self.high

    @property
    def within(self) -> bool:
        """Whether the median lies within the fact's width."""
        return self.fact.within.distance(self.median, self.fact.value) == 0.0

    @property
    def hit(self) -> bool:
        """Whether either is so."""
        return self.inside or self.within

    @property
    def distance(self) -> float:
        """How far the median lies from the fact, in widths; NaN where there is none."""
        return abs(self.median - self.fact.value) / self.fact.scale

    @property
    def than_naive(self) -> Nearer:
        """Whether the median is nearer to the fact than that of the model to beat."""
        return self._than(self.naive)

    @property
    def than_before(self) -> Nearer:
        """Whether the median is nearer to the fact than the last figure known before."""
        return self._than(self.fact.before.value)

    def _than(self, other: float) -> Nearer:
        theirs = abs(other - self.fact.value) / self.fact.scale
        if math.isnan(self.distance) or math.isnan(theirs):
            return "not told"
        if abs(self.distance - theirs) <= AS_NEAR:
            return "as near"
        return "nearer" if self.distance < theirs else "farther"


@dataclass(frozen=True)
class Verdicts:
    """All facts judged, and over how many draws of what."""

    judged: tuple[Judged, ...]
    draws: int
    source: str

    @property
    def hits(self) -> int:
        """Facts that are hit."""
        return sum(item.hit for item in self.judged)

    @property
    def unseen(self) -> Verdicts:
        """The same of facts that no prior and no file of the model has heard of."""
        return replace(self, judged=tuple(j for j in self.judged if not j.fact.partly_seen))

    def count(self, other: Literal["naive", "before"]) -> dict[Nearer, int]:
        """Return on how many facts the model is nearer, as near and farther than another guess."""
        words = [j.than_naive if other == "naive" else j.than_before for j in self.judged]
        kinds: tuple[Nearer, ...] = ("nearer", "as near", "farther", "not told")
        return {word: words.count(word) for word in kinds}

    @property
    def summary(self) -> str:
        """Hits and comparisons in one line."""
        total = len(self.judged)
        inside = sum(item.inside for item in self.judged)
        within = sum(item.within for item in self.judged)
        naive, before = self.count("naive"), self.count("before")
        return (
            f"{self.hits} of {total} facts hit ({self.hits / total:.0%}): {inside} inside the 90 % interval, "
            f"{within} with the median within the fact's width; {self.unseen.hits} of the {len(self.unseen.judged)} "
            f"that no prior has heard of. Nearer than the model to beat on {naive['nearer']}, "
            f'farther on {naive["farther"]}, as near on {naive["as near"]}; nearer than "as it was" on '
            f"{before['nearer']}, farther on {before['farther']}, as near on {before['as near']}."
        )

    def table(self) -> pd.DataFrame:
        """Return a line a fact: id, topic, title, of, when, unit, value, low, median, high, naive, before, verdicts."""
        import pandas as pd

        return pd.DataFrame(self.records())

    def records(self) -> list[dict[str, Any]]:
        """Return the same as plain data, JSON's null for what no draw shows."""
        return [
            {
                "id": j.fact.id,
                "topic": j.fact.topic,
                "title": j.fact.title,
                "of": j.fact.of or "World",
                "when": j.fact.when,
                "unit": j.fact.unit,
                "value": j.fact.value,
                "width": j.fact.scale,
                "low": _plain(j.low),
                "median": _plain(j.median),
                "high": _plain(j.high),
                "inside": j.inside,
                "within": j.within,
                "hit": j.hit,
                "distance": _plain(j.distance),
                "naive": _plain(j.naive),
                "than_naive": j.than_naive,
                "before": j.fact.before.value,
                "than_before": j.than_before,
                "partly_seen": bool(j.fact.partly_seen),
                "source": j.fact.source,
            }
            for j in self.judged
        ]


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def judge_facts(facts: Iterable[Fact], model: Array, naive: Array, *, source: str = "") -> Verdicts:
    """Judge facts by what draws show of each.

    Parameters
    ----------
    facts
        The facts.
    model, naive
        What each draw shows of each, ``(draw, fact)``, in the facts' units, NaN where it does not.
    source
        Where the draws come from, in words.
    """
    judged = []
    for i, fact in enumerate(facts):
        low, median, high = _quantiles(model[:, i])
        judged.append(Judged(fact, low, median, high, _quantiles(naive[:, i])[1]))
    return Verdicts(tuple(judged), len(model), source)


def _quantiles(values: Array) -> tuple[float, float, float]:
    seen = values[np.isfinite(values)]
    if not len(seen):
        return (math.nan, math.nan, math.nan)
    low, median, high = np.quantile(seen, OUTER)
    return float(low), float(median), float(high)


# ------------------------------------------------------------------------------------------- running


POSTERIOR = "posterior"
"""Name of the draws that ship, where ensembles know it as a source."""


@dataclass(frozen=True)
class _Members:
    """What an observer asks: the member of a number, whatever is drawn for it."""

    targets: tuple[Target, ...]
    settings: tuple[RunSettings, ...]

    @property
    def identity(self) -> str:
        """Nothing is kept beyond one call, so that no other simulator is mistaken for this one."""
        return "members"

    def __call__(self, point: Point, seed: int) -> tuple[float, ...]:
        from sscsim.model import simulate

        try:
            run = simulate(self.settings[int(point["member"])])
        except InputError:
            # A corner of the priors that admits no world.
            return (math.nan,) * len(self.targets)
        return tuple(item.observed for item in compare(run, self.targets, beside=False))


def validate(
    facts: Facts,
    draws: int | None = None,
    source: str | Path | None = None,
    *,
    first_seed: int = 1,
    shocks: bool = True,
    workers: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> Verdicts:
    """Run the model and the model to beat over draws, no further than the facts need, and judge.

    Parameters
    ----------
    facts
        What is judged.
    draws
        How many draws of parameters and luck; without it all rows of a file.
    source
        Where parameters come from, as in `sscsim.experiments.members.members`; by default the posterior that ships.
    first_seed
        Seed of the first draw.
    shocks
        Whether shocks and swings are drawn: facts are of a world that has them (decision 0285).
    workers
        Processes.
    progress
        Called with the stage, the runs done and all runs.
    """
    from sscsim.experiments.members import members

    origin = str(POSTERIOR if source is None else source)
    last = max((fact.years or (0, fact.year or FIRST_YEAR))[1] for fact in facts.facts)
    asked = RunSettings(end=last, shocks=shocks)
    full = [
        member.settings
        for member in members(["baseline"], draws, 1, origin, first_seed=first_seed, settings=asked)
    ]
    runs = (*full, *(replace(settings, naive=True) for settings in full))
    simulator = _Members(facts.targets, runs)
    with Observer(simulator, workers=workers, progress=progress) as observer:
        seen = observer.observe(
            [{"member": float(i)} for i in range(len(runs))],
            [[settings.seed] for settings in runs],
            "facts",
        )[:, 0]
    said = f"{_named(origin)}, shocks and swings {'drawn' if shocks else 'left out'}"
    return judge_facts(facts.facts, seen[: len(full)], seen[len(full) :], source=said)


def _named(source: str) -> str:
    """Return a source of draws in words."""
    shipped = (POSTERIOR, str(calibration_folder() / DRAWS_FILE))
    return "the posterior that ships" if source in shipped else source
