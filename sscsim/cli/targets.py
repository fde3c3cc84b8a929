"""`sscsim targets`."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.main import examples
from sscsim.cli.printing import heading, number, print_table, say, unit_of
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError

if TYPE_CHECKING:
    from sscsim.calibration import Comparison, Target

__all__ = ["print_comparisons", "targets"]


@click.command(
    epilog=examples(
        "sscsim targets",
        "sscsim targets --run baseline-seed1",
        "sscsim targets --check",
        "sscsim targets --check --paragraph 79 --paragraph 80",
    )
)
@options.run_name("run_name")
@click.option(
    "--check",
    is_flag=True,
    help="Leave with exit code 1 unless every simulated fit row is met.",
)
@options.paragraphs
@click.option(
    "--reading",
    metavar="NAME",
    help="Use another reading where a row has it, for example decade (¶91).",
)
@options.csv_table()
def targets(
    run_name: str | None,
    check: bool,
    paragraphs: tuple[int, ...],
    reading: str | None,
    as_csv: bool,
) -> None:
    """Print the figures of the report, and with --run what a run shows beside each.

    The last column is the distance in units of the row's own tolerance: met is 0, near at most 1,
    missed beyond. With --check and no --run the recorded set of parameters is simulated with its
    seeds, and the medians are judged.
    """
    from sscsim.calibration import compare, load_targets
    from sscsim.calibration.targets import table
    from sscsim.cli.places import open_run

    rows = load_targets(reading=reading)
    if paragraphs:
        rows = tuple(row for row in rows if set(row.paragraph_numbers) & set(paragraphs))
        if not rows:
            raise InputError(
                "the report has no figure in these paragraphs",
                file="--paragraph",
                found=", ".join(map(str, paragraphs)),
                allowed=[
                    str(n)
                    for n in sorted({n for row in load_targets() for n in row.paragraph_numbers})
                ],
            )
    if run_name is not None:
        results = compare(open_run(run_name), rows)
    elif check:
        results = _recorded(rows, as_csv)
    elif as_csv:
        raise InputError("a table of observations needs a run", file="--csv", allowed="--run RUN")
    else:
        _print_targets(rows)
        return
    if as_csv:
        echo_csv(table(results).to_csv(index=False, lineterminator="\n"))
    else:
        print_comparisons(results)
    if check:
        failed = [
            item
            for item in results
            if item.target.role == "fit" and item.target.simulated and item.verdict != "met"
        ]
        fit = [item for item in results if item.target.role == "fit" and item.target.simulated]
        echo(
            "",
            f"{len(fit) - len(failed)} of {len(fit)} simulated fit rows met"
            + (f"; not met: {', '.join(item.id for item in failed)}" if failed else ""),
            err=as_csv,
        )
        if failed or not fit:
            sys.stdout.flush()
            raise click.exceptions.Exit(1)


def print_comparisons(results: Sequence[Comparison], *, brief: bool = False) -> None:
    """Print the report's figures beside a run's; `brief` leaves out what is not yet simulated."""
    rows: list[tuple[str, ...]] = []
    for item in results:
        if brief and not item.judged:
            continue
        if item.check is not None:
            unit = item.unit
            low, high = item.check.within.limits(item.check.value)
            numbers: tuple[str, ...] = (
                _short_years(item.check.when),
                _short_unit(unit),
                number(item.check.value, unit),
                _range(low, high, unit),
                number(item.observed, unit),
            )
        elif item.beside:
            numbers = ("", "", "–", "–", "")
        else:
            continue
        rows.append(
            (_paragraphs(item.target), _label(item), *numbers, item.target.role, _verdict(item))
        )
        rows.extend(
            (
                "",
                f"  {s.title}",
                _short_years(s.when),
                _short_unit(s.unit),
                "",
                "",
                number(s.observed, s.unit),
                "",
                "",
            )
            for s in item.beside
        )
    print_table(
        ["¶|", "figure", "year|", "unit", "report>", "accepted>", "run>", "role", "result"], rows
    )
    notes = []
    if any(item.verdict in ("near", "missed") for item in results):
        notes.append(
            "near, missed: followed by how far outside the accepted range, in tolerances of the figure."
        )
    later = sum(item.verdict == "not yet simulated" for item in results)
    context = sum(item.verdict == "not judged" for item in results)
    if later and not brief:
        notes.append("not yet: the mechanism behind the figure is not yet simulated.")
    elif brief:
        counts = [
            f"{n} {what}" for n, what in ((later, "not yet simulated"), (context, "context")) if n
        ]
        if counts:
            notes.append(f"More figures: {', '.join(counts)}; `sscsim targets` lists all.")
    if notes:
        echo()
    for note in notes:
        say(note)


def _print_targets(rows: Sequence[Target]) -> None:
    heading("Figures of the report, A/73/383")
    print_table(
        ["¶|", "id|", "as stated", "role", "tolerance", "simulated"],
        [
            (
                _paragraphs(target),
                target.id,
                target.stated,
                target.role,
                target.tolerance,
                "yes" if target.simulated else "–" if target.role == "context" else "not yet",
            )
            for target in rows
        ],
    )
    echo("", "sscsim explain ID tells all about a row; --run RUN sets a run beside them.")


def _paragraphs(target: Target) -> str:
    return target.paragraphs.removeprefix("¶")


def _short_years(when: str) -> str:
    """Return years as people write them: 2018–33."""
    return re.sub(r"^(\d\d)(\d\d)–\1(\d\d)$", r"\1\2–\3", when)


def _short_unit(unit: str) -> str:
    """Return a unit of the table; what is counted stands in the title."""
    return "number" if unit in COUNTED else unit_of(unit)


COUNTED = {"countries", "initiatives", "practices", "projects"}


def _label(item: Comparison) -> str:
    part = item.check.part if item.check else ""
    own = item.check.title if item.check else None
    told = not part or own or (item.check is not None and part == item.check.when)
    return item.title if told else f"{item.title} [{part}]"


def _range(low: float, high: float, unit: str) -> str:
    if low == high:
        return "exact"
    if high == float("inf"):
        return f"≥ {number(low, unit)}"
    if low == float("-inf"):
        return f"≤ {number(high, unit)}"
    return f"{number(low, unit)}–{number(high, unit)}"


def _verdict(item: Comparison) -> str:
    if item.verdict in ("near", "missed"):
        return f"{item.verdict} {item.distance:.2f}"
    return "not yet" if item.verdict == "not yet simulated" else item.verdict


def _recorded(rows: Sequence[Target], as_csv: bool) -> tuple[Comparison, ...]:
    """Simulate the recorded set of parameters and compare medians over its seeds.

    Raises
    ------
    InputError
        Where none is recorded.
    """
    from sscsim.calibration.recorded import RECORDED, compare_recorded, load_recorded
    from sscsim.resources import calibration_folder

    path = calibration_folder() / RECORDED
    if not path.is_file():
        raise InputError(
            "no set of parameters is recorded that could be checked",
            file=path,
            allowed="--run RUN to check a saved run, or sscsim calibrate --record",
        )
    recorded = load_recorded(path)
    echo(
        f"The recorded set: {recorded.scenario}, {len(recorded.parameters)} parameters, "
        f"medians over {recorded.seeds} seeds to {recorded.end}.",
        "",
        err=as_csv,
    )
    return compare_recorded(recorded, rows)
