"""`sscsim score`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli.main import Choice, examples
from sscsim.cli.printing import number, print_table, say, unit_of
from sscsim.cli.terminal import echo, echo_csv

if TYPE_CHECKING:
    from sscsim.calibration.forecast import Scores

__all__ = ["score"]

WIDTH = 80
SCORES = ("inside", "score", "walk_inside", "walk_score")

FAR = 10
"""Widths of the interval off the median beyond which an outcome is more likely in another unit than true."""


@click.command(
    epilog=examples(
        "sscsim score outcomes.csv",
        "sscsim score outcomes.csv --format csv",
        "sscsim score outcomes.csv --forecast mine.csv",
        "sscsim score --statements",
    )
)
@click.argument("outcomes", type=click.Path(path_type=Path), required=False)
@click.option(
    "--forecast",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Another forecast than the one that ships; its manifest stands beside it.",
)
@click.option(
    "--statements", is_flag=True, help="Print what the forecast says, as CSV, and score nothing."
)
@click.option(
    "--format",
    "form",
    type=Choice(("table", "csv")),
    default="table",
    show_default=True,
    help="How scores are printed.",
)
def score(outcomes: Path | None, forecast: Path | None, statements: bool, form: str) -> None:
    """Score the frozen forecast of 2019 to 2024 by OUTCOMES, what came.

    OUTCOMES is a CSV with the columns indicator, group, year and value, in the units of the
    forecast (--statements prints them); a column source may be one more. Printed are each statement
    beside its outcome, how many of the 90 % intervals hold theirs, and the interval score (width,
    and twenty times what lies outside) over that of a random walk that knows the past alone: below
    1 the forecast was better.
    """
    from sscsim.calibration.forecast import forecast_text, read_forecast, read_outcomes
    from sscsim.calibration.forecast import score as scored

    said, told = read_forecast(forecast)
    if statements:
        echo_csv(forecast_text(said))
        return
    if outcomes is None:
        raise click.UsageError("Missing argument 'OUTCOMES': a CSV of what came.")
    found = scored(said, read_outcomes(outcomes, said))
    if form == "csv":
        echo_csv(_csv(found))
        return
    _print(found)
    _say_units(found)
    echo()
    say(
        f"{found.coverage:.0%} of {len(found.items)} outcomes lie in their 90 % interval, "
        f"{found.walk_coverage:.0%} in that of a random walk. Interval score over the random walk's: "
        f"{found.ratio:.2f} (geometric mean; below 1 is better). The median is nearer than the level "
        f"of {told.get('data_to', 2018)} to {found.nearer:.0%}.",
    )
    say(
        f"The forecast was frozen on {told.get('made', 'an unknown day')}, hash {str(told['sha256'])[:12]}.",
    )


def _print(found: Scores) -> None:
    print_table(
        ["what|", "year", "unit", "said>", "90 %>", "came>", "in", "score>", "walk>"],
        [
            (
                f"{item.statement.indicator}, {item.statement.group}",
                str(item.statement.year),
                unit_of(item.statement.unit),
                number(item.statement.median, item.statement.unit),
                f"{number(item.statement.low, item.statement.unit)}–"
                f"{number(item.statement.high, item.statement.unit)}",
                number(item.outcome.value, item.statement.unit),
                "yes" if item.inside else "no",
                number(item.score, item.statement.unit),
                number(item.walk_score, item.statement.unit),
            )
            for item in found.items
        ],
        most=WIDTH,
    )


def _say_units(found: Scores) -> None:
    """Ask of outcomes that lie absurdly far off whether they are in the forecast's unit."""
    for item in found.items:
        one, value = item.statement, item.outcome.value
        if abs(value - one.median) > FAR * (one.high - one.low):
            what = f"{one.indicator} of {one.group} in {one.year}"
            asked = f"is {value:g} in the forecast's unit, {one.unit}"
            right = f" (3 % is 0.03, and the forecast says {one.median:.3g})"
            right = right if one.unit == "fraction" else ""
            echo(f"Note: {what}: {asked}{right}?", err=True)


def _csv(found: Scores) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [*("indicator", "group", "year", "unit", "median", "low", "high"), "outcome", *SCORES]
    )
    for item in found.items:
        one = item.statement
        writer.writerow(
            [
                *(one.indicator, one.group, one.year, one.unit, one.median, one.low, one.high),
                *(item.outcome.value, int(item.inside), f"{item.score:.6g}"),
                *(int(item.walk_inside), f"{item.walk_score:.6g}"),
            ]
        )
    return out.getvalue()
