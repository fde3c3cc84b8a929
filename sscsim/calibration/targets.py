"""Targets: the report's figures with their tolerances, and how far a run lies from them.

Tolerances stand in `calibration/targets.yaml` and nowhere else. The distance of a run to a figure
is zero inside the tolerance and grows in a straight line outside it, in units of the tolerance
itself, so that figures of different units can be added.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, Self

from pydantic import Field, model_validator

from sscsim.calibration.observables import OBSERVABLES, NotInRun
from sscsim.errors import InputError, nearest
from sscsim.resources import calibration_folder
from sscsim.yamlfile import Block, Listed, YamlFile, read_text, read_yaml

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.results.run import Run

__all__ = [
    "NOT_YET",
    "Band",
    "Beside",
    "Check",
    "Comparison",
    "Exact",
    "Expected",
    "Interval",
    "OneSided",
    "Reading",
    "Shown",
    "Target",
    "compare",
    "judge",
    "load_targets",
    "observe",
    "observe_beside",
    "retarget",
    "show_beside",
    "table",
]

NOT_YET: Literal["not yet simulated"] = "not yet simulated"

Role = Literal["fit", "check", "input", "context", "mechanism"]
Verdict = Literal[
    "met", "near", "missed", "not yet simulated", "not in this run", "shown", "not judged"
]

EARLIEST = 2000
LATEST = 2050
"""Years a target may name: wide enough for the record before the base year, narrow enough to catch
a slip."""


# --------------------------------------------------------------------------------------- tolerances


class Tolerance(Protocol):
    """A rule that says which observations meet a figure, and how far the others are."""

    def limits(self, value: float) -> tuple[float, float]:
        """Return the lowest and highest observation that meets the figure."""

    def distance(self, observed: float, value: float) -> float:
        """Return how far an observation lies outside, in units of the tolerance; zero inside."""


class Interval(Block):
    """The figure, give or take ``plus_minus`` in its unit or ``relative`` as a fraction of it."""

    kind: Literal["interval"]
    plus_minus: float | None = Field(None, gt=0)
    relative: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _has_one_width(self) -> Self:
        if (self.plus_minus is None) == (self.relative is None):
            raise ValueError("an interval takes one of plus_minus, relative")
        return self

    def half_width(self, value: float) -> float:
        """Return the tolerance in the figure's unit."""
        if self.plus_minus is not None:
            return self.plus_minus
        assert self.relative is not None
        return self.relative * abs(value)

    def limits(self, value: float) -> tuple[float, float]:
        """Return the ends of the interval."""
        return value - self.half_width(value), value + self.half_width(value)

    def distance(self, observed: float, value: float) -> float:
        """Return the distance to the nearer end over the half width."""
        return _outside(observed, *self.limits(value), scale=self.half_width(value))


class Band(Block):
    """A range that the report itself gives."""

    kind: Literal["band"]
    low: float
    high: float

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"a band needs low below high, found {self.low:g} and {self.high:g}")
        return self

    def limits(self, value: float) -> tuple[float, float]:
        """Return the ends of the band."""
        return self.low, self.high

    def distance(self, observed: float, value: float) -> float:
        """Return the distance to the nearer end over half the band's width."""
        return _outside(observed, self.low, self.high, scale=(self.high - self.low) / 2)


class OneSided(Block):
    """A figure that is a bound: ``at_least`` it, or strictly ``above`` it.

    ``at_most`` may cap the other side. A bound has no width of its own, so ``scale`` says what
    counts as one unit of distance.
    """

    kind: Literal["one_sided"]
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    scale: float = Field(gt=0)

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.at_least is not None and self.above is not None:
            raise ValueError("a one-sided rule takes at_least or above, not both")
        lower = self.at_least if self.above is None else self.above
        if lower is None and self.at_most is None:
            raise ValueError("a one-sided rule takes one of at_least, above, at_most")
        if lower is not None and self.at_most is not None and lower >= self.at_most:
            raise ValueError("the lower bound must lie below at_most")
        return self

    def limits(self, value: float) -> tuple[float, float]:
        """Return the bounds, infinite where there is none."""
        lower = self.at_least if self.above is None else self.above
        return (
            -math.inf if lower is None else lower,
            math.inf if self.at_most is None else self.at_most,
        )

    def distance(self, observed: float, value: float) -> float:
        """Return shortfall or excess over the scale; a strict bound itself is not inside."""
        distance = _outside(observed, *self.limits(value), scale=self.scale)
        if self.above is not None and observed <= self.above:
            return max(distance, sys.float_info.epsilon)
        return distance


class Exact(Block):
    """The figure and nothing else: a count that enters as data."""

    kind: Literal["exact"]

    def limits(self, value: float) -> tuple[float, float]:
        """Return the figure twice."""
        return value, value

    def distance(self, observed: float, value: float) -> float:
        """Return the difference in the figure's unit."""
        return _outside(observed, value, value, scale=1.0)


ROUNDING = 1e-9
"""Distance, in tolerances, that is no distance: 0.84 + 0.06 lies below 0.9 by the last digit of a float."""


def _outside(observed: float, low: float, high: float, *, scale: float) -> float:
    if not math.isfinite(observed):
        return math.inf
    distance = max(low - observed, observed - high, 0.0) / scale
    return distance if distance > ROUNDING else 0.0


# ------------------------------------------------------------------------------------------ targets


class Beside(Block):
    """An observation shown beside a figure and not judged."""

    title: str
    observable: str
    of: str | None = Field(None, description="group or economy")
    year: int = Field(ge=EARLIEST, le=LATEST)
    unit: str | None = None


class Check(Block):
    """One number of a target and the observation that it is compared with."""

    part: str = ""
    title: str | None = None
    observable: str
    of: str | None = Field(None, description="group, economy or bank")
    year: int | None = Field(None, ge=EARLIEST, le=LATEST)
    years: Listed[tuple[int, int]] | None = Field(
        None, description="first and last year of a mean or a sum"
    )
    unit: str | None = None
    value: float
    within: Annotated[Interval | Band | OneSided | Exact, Field(discriminator="kind")]
    misses_because: str | None = Field(
        None, description="why the posterior's median may lie up to one tolerance outside"
    )

    @model_validator(mode="after")
    def _has_a_time(self) -> Self:
        if (self.year is None) == (self.years is None):
            raise ValueError("a check takes one of year, years")
        if self.years is not None and not EARLIEST <= self.years[0] <= self.years[1] <= LATEST:
            raise ValueError(
                f"years must be in order and within {EARLIEST} to {LATEST}, "
                f"found {self.years[0]} and {self.years[1]}"
            )
        low, high = self.within.limits(self.value)
        if not low <= self.value <= high:
            raise ValueError(f"the value {self.value:g} lies outside its own tolerance")
        return self

    @property
    def when(self) -> str:
        """The year, or the years from – to."""
        return str(self.year) if self.years is None else f"{self.years[0]}–{self.years[1]}"


class Reading(Block):
    """One way to read a figure: the report's own, its source's, or what both agree on."""

    text: str
    source: str
    values: dict[int, float]
    checks: list[Check] = Field([])


class Target(Block):
    """One row of the report's figures."""

    id: str
    paragraph: int | list[int]
    title: str
    stated: str
    unit: str
    role: Role
    tolerance: str
    status: Literal["not yet simulated"] | None = None
    checks: list[Check] = Field([])
    beside: list[Beside] = Field([])
    readings: dict[str, Reading] = Field({})
    fitted: str | None = None
    why: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        judged = self.role not in ("context", "mechanism")
        if judged and not self.checks:
            raise ValueError(f"a target with the role {self.role!r} needs at least one check")
        if not judged and self.checks:
            raise ValueError(f"a target with the role {self.role!r} is not judged: no checks")
        parts = [check.part for check in self.checks]
        if len(parts) != len(set(parts)) or (len(parts) > 1 and "" in parts):
            raise ValueError("where there are several checks each needs a part name of its own")
        if self.readings and self.fitted not in self.readings:
            raise ValueError(f"fitted must name one of the readings: {', '.join(self.readings)}")
        if self.readings and not self.why:
            raise ValueError("two readings need a reason for the one that is fitted (why)")
        return self

    @property
    def paragraph_numbers(self) -> tuple[int, ...]:
        """The paragraph or paragraphs as numbers."""
        one = self.paragraph
        return (one,) if isinstance(one, int) else tuple(one)

    @property
    def paragraphs(self) -> str:
        """The paragraph or paragraphs, as in ``¶76, 77``."""
        numbers = [self.paragraph] if isinstance(self.paragraph, int) else self.paragraph
        return "¶" + ", ".join(str(n) for n in numbers)

    @property
    def simulated(self) -> bool:
        """Whether a run of this version shows the figure."""
        return bool(self.checks or self.beside) and self.status is None


def load_targets(path: Path | None = None, *, reading: str | None = None) -> tuple[Target, ...]:
    """Return every row of the report's figures, in the order of the file.

    Parameters
    ----------
    path
        A targets file; by default the one that ships.
    reading
        Where a row has a reading of this name, use its checks instead of the fitted ones:
        ``"decade"`` reads ¶91 as the report words it.

    Raises
    ------
    InputError
        With file, line, key and the nearest valid name, for anything the schema does not allow, an
        observable that does not exist in a row that claims to be simulated, and a reading that no
        row has.
    """
    place = path or calibration_folder() / "targets.yaml"
    targets = _load(place, read_text(place))
    if reading is None:
        return targets
    names = sorted({name for target in targets for name in target.readings})
    if reading not in names:
        raise InputError(
            "no target has a reading of this name",
            found=reading,
            allowed=names,
            suggestion=nearest(reading, names),
        )
    return tuple(_read_as(target, reading) for target in targets)


def _read_as(target: Target, reading: str) -> Target:
    if reading not in target.readings:
        return target
    checks = target.readings[reading].checks or target.checks
    return target.model_copy(update={"checks": checks, "fitted": reading})


@lru_cache(maxsize=8)
def _load(path: Path, text: str) -> tuple[Target, ...]:
    # Kept by what the file holds: one that was edited is read again.
    document = read_yaml(path, text)
    unknown = set(document.data) - {"document", "targets"}
    if unknown:
        name = min(unknown)
        raise document.error(
            "this key is not known here",
            name,
            allowed=["document", "targets"],
            suggestion=nearest(name, ["document", "targets"]),
        )
    document.string("document")
    return tuple(_target(document, name, raw) for name, raw in document.mapping("targets").items())


def _target(document: YamlFile, name: str, raw: object) -> Target:
    if not isinstance(raw, dict):
        raise document.error(
            "a target must be a mapping", "targets", name, found=raw, allowed="key: value"
        )
    if "id" in raw:
        raise document.error("the id of a target is its key", "targets", name, "id")
    target = document.validate(Target, {"id": name, **raw}, "targets", name)
    places: list[tuple[str, Sequence[Check | Beside]]] = [
        ("checks", target.checks),
        ("beside", target.beside),
    ]
    for where, entries in places:
        for index, entry in enumerate(entries):
            known = entry.observable in OBSERVABLES
            if target.simulated and not known:
                raise document.unknown(
                    "observable of this name",
                    entry.observable,
                    OBSERVABLES,
                    "targets",
                    name,
                    where,
                    index,
                    "observable",
                )
            unit = entry.unit or target.unit
            if target.simulated and math.isnan(OBSERVABLES[entry.observable].factor(unit)):
                raise document.error(
                    "the observable has another unit",
                    "targets",
                    name,
                    where,
                    index,
                    "observable",
                    found=unit,
                    allowed=OBSERVABLES[entry.observable].unit,
                )
    if target.status == NOT_YET and target.checks:
        ready = [check.observable in OBSERVABLES for check in target.checks]
        if all(ready):
            raise document.error(
                "every observable of this row exists: it is simulated now",
                "targets",
                name,
                "status",
                found=target.status,
                allowed="no status",
            )
    return target


# --------------------------------------------------------------------------------------- comparison


@dataclass(frozen=True)
class Shown:
    """An observation beside a figure."""

    title: str
    when: str
    unit: str
    observed: float


@dataclass(frozen=True)
class Expected:
    """What a single run of the posterior shows of one number of the report.

    Attributes
    ----------
    low, median, high
        Quantiles 5, 50 and 95 % over runs, in the figure's unit.
    inside
        Probability that a run shows the figure within its tolerance.
    pit
        Share of runs that show less than the report, a half of those that show the same; NaN where the report gives a
        bound and no figure.
    """

    low: float
    median: float
    high: float
    inside: float
    pit: float


@dataclass(frozen=True)
class Comparison:
    """One number of the report beside what a run shows.

    ``distance`` is zero inside the tolerance, in units of it outside, NaN where nothing is
    observed. ``verdict`` is ``met`` inside, ``near`` up to one more tolerance outside, ``missed``
    beyond; ``shown`` where the report gives no number and a run has something to show for it.
    ``expected`` is what single runs of the posterior show, where that is known.
    """

    target: Target
    check: Check | None
    observed: float
    distance: float
    verdict: Verdict
    beside: tuple[Shown, ...] = ()
    reason: str = ""
    expected: Expected | None = None

    @property
    def id(self) -> str:
        """The target's id, with the part where it has several."""
        part = self.check.part if self.check else ""
        return f"{self.target.id} [{part}]" if part else self.target.id

    @property
    def title(self) -> str:
        """What the number is."""
        return (self.check.title if self.check else None) or self.target.title

    @property
    def unit(self) -> str:
        """Unit of value and observation."""
        return (self.check.unit if self.check else None) or self.target.unit

    @property
    def judged(self) -> bool:
        """Whether the run shows the number at all."""
        return self.verdict in ("met", "near", "missed")


def compare(
    run: Run, targets: Iterable[Target] | None = None, *, beside: bool = True
) -> tuple[Comparison, ...]:
    """Set every number of the report beside what a run shows.

    Parameters
    ----------
    run
        A run, of any scenario.
    targets
        Rows to compare, by default all.
    beside
        Whether to observe what is only shown beside a row as well.

    Returns
    -------
    tuple of Comparison
        One for each check, in the order of the file; one for a row without checks.
    """
    result: list[Comparison] = []
    for target in load_targets() if targets is None else targets:
        shown = _beside(run, target) if beside and target.simulated else ()
        if not target.checks:
            result.append(_unjudged(target, shown))
        for i, check in enumerate(target.checks):
            result.append(_compare(run, target, check, shown if i == 0 else ()))
    return tuple(result)


def observe(run: Run, targets: Iterable[Target] | None = None) -> pd.DataFrame:
    """Return the table of target rows beside observed values.

    Columns: id, part, paragraph, title, role, when, unit, value, low, high, observed, distance,
    verdict, run_5, run_50, run_95, within_tolerance, pit. Values and limits are in ``unit``;
    ``distance`` in units of the tolerance. Rows that are only shown have the verdict "beside". The
    last five, of `Expected`, are NaN: `sscsim.calibration.predictive` fills them.
    """
    return table(compare(run, targets))


def table(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """Return comparisons as the table that `observe` gives of a run."""
    import pandas as pd

    rows: list[dict[str, object]] = []
    for item in comparisons:
        target, check = item.target, item.check
        value = check.value if check else math.nan
        low, high = check.within.limits(value) if check else (math.nan, math.nan)
        common: dict[str, object] = {
            "id": target.id,
            "part": check.part if check else "",
            "paragraph": target.paragraphs.removeprefix("¶"),
            "title": item.title,
            "role": target.role,
            "when": check.when if check else "",
            "unit": item.unit,
        }
        rows.append(
            {
                **common,
                "value": value,
                "low": low,
                "high": high,
                "observed": item.observed,
                "distance": item.distance,
                "verdict": item.verdict,
                **_expected_columns(item.expected),
            }
        )
        rows.extend(
            {
                **common,
                "part": "beside",
                "title": shown.title,
                "when": shown.when,
                "unit": shown.unit,
                "observed": shown.observed,
                "verdict": "beside",
            }
            for shown in item.beside
        )
    return pd.DataFrame(rows)


def _expected_columns(expected: Expected | None) -> dict[str, float]:
    one = expected or Expected(*(math.nan,) * 5)
    return {
        "run_5": one.low,
        "run_50": one.median,
        "run_95": one.high,
        "within_tolerance": one.inside,
        "pit": one.pit,
    }


def _compare(run: Run, target: Target, check: Check, shown: tuple[Shown, ...]) -> Comparison:
    nothing = math.nan
    when = check.year if check.year is not None else check.years
    if not target.simulated or check.observable not in OBSERVABLES or when is None:
        return Comparison(target, check, nothing, nothing, NOT_YET, shown)
    observable = OBSERVABLES[check.observable]
    try:
        observed = observable.observe(run, when, check.of)
    except NotInRun as failure:
        return Comparison(
            target, check, nothing, nothing, "not in this run", shown, reason=str(failure)
        )
    observed = observable.convert(observed, check.unit or target.unit)
    distance = check.within.distance(observed, check.value)
    return Comparison(target, check, observed, distance, _verdict(distance), shown)


def _unjudged(target: Target, shown: tuple[Shown, ...]) -> Comparison:
    """Return the one entry of a row without checks."""
    verdict: Verdict = "shown" if target.simulated else "not judged"
    if target.status == NOT_YET:
        verdict = NOT_YET
    return Comparison(target, None, math.nan, math.nan, verdict, shown)


def judge(
    targets: Iterable[Target],
    observed: Mapping[str, float],
    beside: Mapping[str, tuple[Shown, ...]] | None = None,
) -> tuple[Comparison, ...]:
    """Set numbers of any origin, such as medians over seeds, beside the report.

    Parameters
    ----------
    targets
        Rows to compare.
    observed
        Numbers in the figures' units by `Comparison.id`; NaN or missing is not in the run.
    beside
        What is only shown, by the target's id.
    """
    result: list[Comparison] = []
    for target in targets:
        shown = (beside or {}).get(target.id, ())
        if not target.checks:
            result.append(_unjudged(target, shown))
        for i, check in enumerate(target.checks):
            own = shown if i == 0 else ()
            blank = Comparison(target, check, math.nan, math.nan, NOT_YET, own)
            if not target.simulated:
                result.append(blank)
                continue
            value = observed.get(blank.id, math.nan)
            if math.isnan(value):
                result.append(replace(blank, verdict="not in this run", reason="not observed"))
                continue
            distance = check.within.distance(value, check.value)
            result.append(
                replace(blank, observed=value, distance=distance, verdict=_verdict(distance))
            )
    return tuple(result)


def retarget(targets: Sequence[Target], values: Mapping[str, float]) -> tuple[Target, ...]:
    """Return targets with other values, each to be fitted.

    Parameters
    ----------
    targets
        Rows of the report.
    values
        New figures by the id of a row, or of a check of a row with several: ``id [part]``. The
        tolerance keeps its rule: a relative one grows with the figure, a bound becomes the figure.

    Raises
    ------
    InputError
        For an unknown id, a row that is not simulated, a band (which has no one figure), or a value
        that is no finite number.
    """
    result = list(targets)
    known = {
        Comparison(target, check, 0.0, 0.0, "met").id: (i, j)
        for i, target in enumerate(targets)
        if target.simulated
        for j, check in enumerate(target.checks)
    }
    for name, value in values.items():
        if name not in known:
            raise InputError(
                "no figure that is simulated has this name",
                file="--target",
                found=name,
                allowed=list(known),
                suggestion=nearest(name, known),
            )
        i, j = known[name]
        check = result[i].checks[j]
        rule = check.within
        if not math.isfinite(value) or (isinstance(rule, Interval) and rule.relative and not value):
            raise InputError(
                "a figure must be a finite number", file="--target", key=name, found=value
            )
        if isinstance(rule, Band):
            raise InputError(
                "this figure is a band: give a file of targets instead", file="--target", key=name
            )
        if isinstance(rule, OneSided):
            bound = next(
                k for k in ("at_least", "above", "at_most") if getattr(rule, k) is not None
            )
            rule = OneSided.model_validate({**rule.model_dump(), bound: value})
        changed = Check.model_validate(
            {**check.model_dump(), "value": value, "within": rule.model_dump()}
        )
        checks = [changed if k == j else c for k, c in enumerate(result[i].checks)]
        result[i] = result[i].model_copy(update={"checks": checks, "role": "fit"})
    return tuple(result)


def _verdict(distance: float) -> Verdict:
    if distance == 0:
        return "met"
    return "near" if distance <= 1 else "missed"


def observe_beside(run: Run, target: Target) -> tuple[float, ...]:
    """Return what is shown beside a row in the units it is shown in, NaN where a run has no such thing."""
    result = []
    for entry in target.beside:
        observable = OBSERVABLES[entry.observable]
        try:
            observed = observable.function(run, entry.year, entry.of)
        except NotInRun:
            observed = math.nan
        result.append(observable.convert(observed, entry.unit or target.unit))
    return tuple(result)


def show_beside(target: Target, observed: Iterable[float]) -> tuple[Shown, ...]:
    """Return numbers that `observe_beside` gives, or their medians, as they are shown; NaN is left out."""
    return tuple(
        Shown(entry.title, str(entry.year), entry.unit or target.unit, value)
        for entry, value in zip(target.beside, observed, strict=True)
        if not math.isnan(value)
    )


def _beside(run: Run, target: Target) -> tuple[Shown, ...]:
    return show_beside(target, observe_beside(run, target))
