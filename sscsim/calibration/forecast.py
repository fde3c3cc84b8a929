"""A frozen forecast, and how it is scored once the years have come.

`calibration/forecast_2018.csv` holds what the calibrated model says of 2019 to 2024, made with data to 2018: a line a
statement, its median and its 90 % interval over draws of the posterior, luck included. Beside it stands what would be
said if nothing were known but the past, a random walk: the level of 2018 stays, and the interval widens with the
moves of 2013 to 2018. `forecast_2018.json` says what made it, and the hash of its lines, so that a line that is changed
afterwards is no part of it.

The score of an interval is its width, and twenty times what an outcome lies outside it (Gneiting & Raftery 2007,
Journal of the American Statistical Association 102, equation 43, for 90 %): small is good, and both a wide interval
and a missed outcome cost.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from sscsim.csvfile import read_csv
from sscsim.errors import InputError, unknown
from sscsim.files import json_of, read_bytes
from sscsim.resources import calibration_folder
from sscsim.types import Array

__all__ = [
    "FORECAST",
    "LAST_KNOWN",
    "MANIFEST",
    "STATEMENTS",
    "Outcome",
    "Scored",
    "Scores",
    "Statement",
    "content_hash",
    "forecast_of",
    "forecast_text",
    "interval_score",
    "read_forecast",
    "read_outcomes",
    "score",
]

FORECAST, MANIFEST = "forecast_2018.csv", "forecast_2018.json"
LAST_KNOWN = 2018
YEARS = tuple(range(2019, 2025))
"""What is forecast: the years after the last of which the model holds a record."""

STATEMENTS: dict[str, tuple[str, ...]] = {
    "gdp_growth": ("World", "South", "North", "LDC", "Africa", "BRICS"),
    "gdp_current": ("World", "South", "LDC"),
    "exports": ("World", "South", "LDC", "Africa"),
    "trade_within": ("South", "Africa"),
    "trade_within_world_share": ("South",),
    "fdi_inflow": ("World", "WIR developing", "Africa", "LDC"),
    "remittances_received": ("World", "South", "LDC"),
    "oda_received": ("South", "LDC"),
    "poverty_headcount": ("World", "South", "LDC"),
    "goal_index": ("World", "South", "LDC"),
    "goal_3": ("South", "LDC"),
    "goal_4": ("South", "LDC"),
    "goal_7": ("South", "LDC"),
}
"""Indicator → groups of which the forecast says something: what others publish figures of."""

INTERVAL = 0.90
NORMAL = 1.6448536269514722
"""Half the width of a 90 % interval of a normal distribution, in standard deviations."""

LARGEST_BYTES = 20_000_000


@dataclass(frozen=True)
class Statement:
    """What the forecast says of one number, and what a random walk says of it.

    Attributes
    ----------
    indicator, group, year, unit
        The number.
    median, low, high
        Of draws of parameters and luck; `low` and `high` are the ends of the 90 % interval.
    last
        The model's median of 2018, at which a random walk stays.
    walk_low, walk_high
        Ends of the random walk's 90 % interval.
    """

    indicator: str
    group: str
    year: int
    unit: str
    median: float
    low: float
    high: float
    last: float
    walk_low: float
    walk_high: float

    @property
    def key(self) -> tuple[str, str, int]:
        """Indicator, group and year."""
        return self.indicator, self.group, self.year


@dataclass(frozen=True)
class Outcome:
    """What came: a number in the unit of its statement."""

    indicator: str
    group: str
    year: int
    value: float

    @property
    def key(self) -> tuple[str, str, int]:
        """Indicator, group and year."""
        return self.indicator, self.group, self.year


# ------------------------------------------------------------------------------------------- making it


def forecast_of(
    paths: Array, years: Sequence[int], indicator: str, group: str, unit: str
) -> list[Statement]:
    """Return the statements on one indicator of one group.

    Parameters
    ----------
    paths
        ``(run, year)``, in the indicator's unit.
    years
        Of the columns, the years of the record among them.
    indicator, group, unit
        What it is.
    """
    low, middle, high = np.quantile(paths, [(1 - INTERVAL) / 2, 0.5, (1 + INTERVAL) / 2], axis=0)
    at = {year: column for column, year in enumerate(years)}
    record = middle[: at[LAST_KNOWN] + 1]
    last = float(record[-1])
    step = float(np.sqrt(np.mean(np.diff(record) ** 2)))
    return [
        Statement(
            indicator,
            group,
            year,
            unit,
            float(middle[at[year]]),
            float(low[at[year]]),
            float(high[at[year]]),
            last,
            last - NORMAL * step * math.sqrt(year - LAST_KNOWN),
            last + NORMAL * step * math.sqrt(year - LAST_KNOWN),
        )
        for year in YEARS
    ]


COLUMNS = tuple(field.name for field in fields(Statement))
NUMBERS = ("median", "low", "high", "last", "walk_low", "walk_high")


def forecast_text(statements: Iterable[Statement]) -> str:
    """Return the table as CSV, numbers with six significant digits."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in statements:
        held = [getattr(one, name) for name in COLUMNS]
        writer.writerow([f"{v:.6g}" if isinstance(v, float) else v for v in held])
    return out.getvalue()


def content_hash(text: str | bytes) -> str:
    """Return the SHA-256 of a table, by which a frozen forecast is known."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


# ------------------------------------------------------------------------------------------ reading it


def read_forecast(path: Path | None = None) -> tuple[list[Statement], dict[str, Any]]:
    """Return the statements of a forecast and what made them; by default of the one that ships.

    Raises
    ------
    InputError
        For a file that is missing or broken, and for one that is no longer what it was when it was frozen.
    """
    place = calibration_folder() / FORECAST if path is None else path
    beside = place.with_suffix(".json")
    try:
        told = json_of(read_bytes(beside, LARGEST_BYTES))
        frozen = told["sha256"]
    except (ValueError, TypeError, KeyError):
        raise InputError("this is no manifest of a forecast", file=beside) from None
    file = read_csv(place, LARGEST_BYTES)
    if content_hash(file.raw) != frozen:
        raise InputError(
            "the forecast is no longer what it was when it was frozen",
            file=place,
            found=content_hash(file.raw)[:16],
            allowed=f"a table of the hash {frozen[:16]}",
        )
    file.check_header(COLUMNS)
    where = {name: file.header.index(name) for name in COLUMNS}
    statements = []
    for line, cells in file.rows():
        held: dict[str, Any] = {name: cells[where[name]] for name in COLUMNS}
        for name in NUMBERS:
            held[name] = file.number(held[name], line, name)
        held["year"] = int(file.number(held["year"], line, "year"))
        statements.append(Statement(**held))
    return statements, told


def read_outcomes(path: Path, statements: Sequence[Statement]) -> list[Outcome]:
    """Read outcomes: a CSV with the columns ``indicator``, ``group``, ``year`` and ``value``.

    Values are in the unit of the statement; columns ``unit`` (then checked) and ``source`` may be more.

    Raises
    ------
    InputError
        With file, line and column: what the forecast says nothing of, a number given twice, what is no number.
    """
    file = read_csv(path, LARGEST_BYTES)
    file.check_header(("indicator", "group", "year", "value"), ("source", "unit"))
    where = {name: k for k, name in enumerate(file.header)}
    said = {one.key: one for one in statements}
    found: dict[tuple[str, str, int], Outcome] = {}
    for line, cells in file.rows():
        one = _outcome(file, line, [cell.strip() for cell in cells], where)
        _check_known(file.path, line, one, said)
        unit = cells[where["unit"]].strip() if "unit" in where else ""
        if unit and unit != said[one.key].unit:
            raise file.error(
                "the value is in another unit than the forecast",
                line,
                "unit",
                found=unit,
                allowed=said[one.key].unit,
            )
        if one.key in found:
            raise file.error("this outcome is given twice", line, "indicator", found=one.indicator)
        found[one.key] = one
    return list(found.values())


def _outcome(file: Any, line: int, cells: Sequence[str], where: dict[str, int]) -> Outcome:
    value = file.number(cells[where["value"]], line, "value")
    year = file.number(cells[where["year"]], line, "year")
    if not math.isfinite(value):
        raise file.error("an outcome is a finite number", line, "value", found=value)
    return Outcome(cells[where["indicator"]], cells[where["group"]], int(year), value)


def _check_known(
    path: Path, line: int, one: Outcome, said: dict[tuple[str, str, int], Statement]
) -> None:
    """Refuse what the forecast says nothing of, by the first part of it that is not known."""
    if one.key in said:
        return
    names = list(dict.fromkeys(key[0] for key in said))
    groups = list(dict.fromkeys(key[1] for key in said if key[0] == one.indicator))
    where: dict[str, Any] = {"file": path, "line": line}
    if one.indicator not in names:
        raise unknown("indicator of the forecast", one.indicator, names, key="indicator", **where)
    if one.group not in groups:
        raise unknown(
            f"group of {one.indicator} in the forecast", one.group, groups, key="group", **where
        )
    raise InputError(
        "the forecast says nothing of this year",
        key="year",
        found=one.year,
        allowed=f"{YEARS[0]} to {YEARS[-1]}",
        **where,
    )


# --------------------------------------------------------------------------------------------- scoring


def interval_score(low: float, high: float, value: float, share: float = INTERVAL) -> float:
    """Return the score of a central interval that holds so large a share, in the unit of the number; 0 is best."""
    alpha = 1.0 - share
    return (high - low) + 2.0 / alpha * (max(0.0, low - value) + max(0.0, value - high))


@dataclass(frozen=True)
class Scored:
    """A statement beside what came.

    Attributes
    ----------
    statement, outcome
        What was said, and what came.
    inside, walk_inside
        Whether the interval, and that of the random walk, holds the outcome.
    score, walk_score
        Of the two intervals, in the unit of the number.
    """

    statement: Statement
    outcome: Outcome
    inside: bool
    walk_inside: bool
    score: float
    walk_score: float


@dataclass(frozen=True)
class Scores:
    """All of them.

    Attributes
    ----------
    items
        In the order of the forecast.
    coverage, walk_coverage
        Share of outcomes inside the 90 % intervals.
    ratio
        Geometric mean of the scores over those of the random walk: below 1 the forecast was better. NaN where none can
        be told.
    nearer
        Share of outcomes to which the median is nearer than the last known level.
    """

    items: tuple[Scored, ...]
    coverage: float
    walk_coverage: float
    ratio: float
    nearer: float


def score(statements: Sequence[Statement], outcomes: Sequence[Outcome]) -> Scores:
    """Score a forecast by what came; statements without an outcome are left out.

    Raises
    ------
    InputError
        Where there is no outcome at all.
    """
    came = {one.key: one for one in outcomes}
    items = tuple(_scored(one, came[one.key]) for one in statements if one.key in came)
    if not items:
        raise InputError("there is nothing to score", key="outcomes", found="no outcome")
    logs = [
        math.log(item.score / item.walk_score)
        for item in items
        if item.score > 0.0 and item.walk_score > 0.0
    ]
    nearer = [
        abs(i.statement.median - i.outcome.value) < abs(i.statement.last - i.outcome.value)
        for i in items
    ]
    return Scores(
        items,
        float(np.mean([item.inside for item in items])),
        float(np.mean([item.walk_inside for item in items])),
        math.exp(float(np.mean(logs))) if logs else math.nan,
        float(np.mean(nearer)),
    )


def _scored(one: Statement, came: Outcome) -> Scored:
    value = came.value
    return Scored(
        one,
        came,
        one.low <= value <= one.high,
        one.walk_low <= value <= one.walk_high,
        interval_score(one.low, one.high, value),
        interval_score(one.walk_low, one.walk_high, value),
    )
