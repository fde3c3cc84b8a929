"""`sscsim targets`."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.main import examples
from sscsim.cli.places import check_file
from sscsim.cli.printing import WIDTH, heading, number, print_table, say, unit_of
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError

if TYPE_CHECKING:
    from sscsim.calibration import Comparison, Target
    from sscsim.results.run import Run

__all__ = ["beside_posterior", "print_comparisons", "say_tally", "targets"]


DRAWS = 100
"""Draws of the posterior whose medians are judged."""


@click.command(
    epilog=examples(
        "sscsim targets",
        "sscsim targets --run baseline-seed1",
        "sscsim targets --check",
        "sscsim targets --check --draws 400 --workers 2",
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
@options.targets_file
@click.option(
    "--reading",
    metavar="NAME",
    help="Use another reading where a row has it, for example decade (¶91).",
)
@click.option(
    "--source",
    metavar="NAME|FILE",
    help="With --check: where parameters come from, as for `sscsim ensemble`.  [default: the posterior"
    " that ships]",
)
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"With --check: runs, each of a draw and a seed of its own.  [default: {DRAWS}; of a file all]",
)
@options.workers
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="CSV",
    help="With --check: write what single runs of the draws show of every figure.",
)
@options.csv_table()
def targets(
    run_name: str | None,
    check: bool,
    paragraphs: tuple[int, ...],
    targets_file: Path | None,
    reading: str | None,
    source: str | None,
    draws: int | None,
    workers: int | None,
    out: Path | None,
    as_csv: bool,
) -> None:
    """Print the figures of the report, and with --run what a run shows beside each.

    Beside a run's figures stand what single runs of the posterior show and how many of them lie
    within the tolerance: luck alone is no miss. Met is a figure within the tolerance, near one at
    most as far again outside, missed one beyond. With --check and no --run draws of the posterior
    are run, each with a seed of its own, and their medians are judged.
    """
    from sscsim.calibration import load_targets
    from sscsim.calibration.targets import table

    if run_name is not None or not check:
        given = {"--source": source, "--draws": draws, "--workers": workers, "--out": out}
        for option, value in given.items():
            if value is not None:
                raise click.UsageError(f"{option} goes with --check, and without --run.")
    rows = load_targets(targets_file, reading=reading)
    if paragraphs:
        rows = _of_paragraphs(rows, paragraphs)
    if run_name is not None:
        results, notes = _of_run(run_name, rows)
    elif check:
        results, notes = _medians(rows, source, draws, workers, out, as_csv), []
    elif as_csv:
        raise InputError("a table of observations needs a run", file="--csv", allowed="--run RUN")
    else:
        _print_targets(rows)
        return
    if as_csv:
        echo_csv(table(results).to_csv(index=False, lineterminator="\n"))
    else:
        print_comparisons(results, notes=notes, of="run" if run_name else "median")
    if check:
        _judge(results, medians=run_name is None, err=as_csv)


def _of_paragraphs(rows: Sequence[Target], paragraphs: tuple[int, ...]) -> tuple[Target, ...]:
    """Return the rows of some paragraphs."""
    chosen = tuple(row for row in rows if set(row.paragraph_numbers) & set(paragraphs))
    if not chosen:
        raise InputError(
            "the report has no figure in these paragraphs",
            file="--paragraph",
            found=", ".join(map(str, paragraphs)),
            allowed=[str(n) for n in sorted({n for row in rows for n in row.paragraph_numbers})],
        )
    return chosen


def beside_posterior(
    run: Run, rows: Sequence[Target] | None = None
) -> tuple[tuple[Comparison, ...], list[str]]:
    """Return a run beside the report and beside what is expected, and what is to be said of that."""
    from sscsim.calibration import compare
    from sscsim.calibration.predictive import load_predictive
    from sscsim.provenance import marks

    results = compare(run, rows)
    predictive = load_predictive()
    if predictive is None:
        return results, []
    other = run.scenario != "baseline" or bool(marks(run.manifest))
    note = "What is expected is of the plain baseline: this run is another."
    return predictive.attach(results), [note] if other else []


def _of_run(name: str, rows: Sequence[Target]) -> tuple[tuple[Comparison, ...], list[str]]:
    from sscsim.cli.places import open_run

    return beside_posterior(open_run(name), rows)


def _judge(results: Sequence[Comparison], *, medians: bool, err: bool) -> None:
    """Say which fitted rows are not met, and leave with exit code 1 where one misses by more than is allowed."""
    fit = [item for item in results if item.target.role == "fit" and item.target.simulated]
    failed = [item for item in fit if item.verdict != "met"]
    excused = [
        item
        for item in failed
        if medians and item.verdict == "near" and item.check and item.check.misses_because
    ]
    echo(
        "",
        f"{len(fit) - len(failed)} of {len(fit)} simulated fit rows met"
        + (f"; not met: {', '.join(item.id for item in failed)}" if failed else ""),
        err=err,
    )
    for item in excused:
        assert item.check is not None
        echo(f"{item.id} may lie up to a tolerance outside: {item.check.misses_because}", err=err)
    if len(failed) > len(excused) or not fit:
        sys.stdout.flush()
        raise click.exceptions.Exit(1)


def say_tally(results: Sequence[Comparison], more: str = "") -> None:
    """Say in one line how many fitted figures a run meets, and how many were expected."""
    from sscsim.calibration.predictive import tally

    count = tally(results)
    if not count.fitted:
        return
    say(
        f"{count.met} of {count.fitted} fitted figures within tolerance in this run"
        + (f", {count.expected:.1f} expected" if count.expected >= 0.0 else "")
        + (f"; {count.lacking} not in this run" if count.lacking else "")
        + f".{more}"
    )


def print_comparisons(
    results: Sequence[Comparison],
    *,
    brief: bool = False,
    of: str = "run",
    notes: Sequence[str] = (),
) -> None:
    """Print the report's figures beside a run's, and beside what the posterior expects of a run.

    Parameters
    ----------
    results
        Numbers of the report with what was observed.
    brief
        Leaves out what is not observed; in 80 columns, and without the accepted range where the share of runs within
        it stands there.
    of
        What was observed: a ``run``, or a ``median`` over runs.
    notes
        Sentences that follow the table.
    """
    expected = any(item.expected for item in results)
    accepted = not brief or not expected
    titles = ["¶", "figure", "year|", "report>"]
    titles += [*(["accepted>"] if accepted else []), f"{of}>"]
    titles += [*(["90 % of runs>", "within>"] if expected else []), "result"]
    parts = (
        ("Fitted", [i for i in results if i.target.role == "fit"]),
        ("Compared, never fitted", [i for i in results if i.target.role != "fit"]),
    )
    first = True
    for title, items in parts:
        rows = [
            row
            for item in items
            if item.judged or not brief
            for row in _lines(item, accepted=accepted, expected=expected, brief=brief)
        ]
        if not rows:
            continue
        if not first:
            echo()
        heading(title)
        print_table(titles, rows, most=NARROW if brief else WIDTH)
        if title == "Fitted" and of == "run":
            echo()
            say_tally(results)
        first = False
    said = _notes(results, brief=brief, expected=expected) + list(notes)
    if said:
        echo()
    for note in said:
        say(note)


NARROW = 80
"""Columns of the table that every run prints."""


def _lines(item: Comparison, *, accepted: bool, expected: bool, brief: bool) -> list[list[str]]:
    """Return the line of a figure and of what is shown beside it; none where there is nothing to show."""

    def line(
        name: str, when: str, report: str, limits: str, seen: str, chances: list[str], last: str
    ) -> list[str]:
        return [
            *(_paragraphs(item.target) if last else "", name, _short_years(when), report),
            *([limits] if accepted else []),
            seen,
            *(chances if expected else []),
            last,
        ]

    none = ["", ""]
    result = item.verdict if brief else _verdict(item)
    if item.check is not None:
        unit, one = item.unit, item.expected
        low, high = item.check.within.limits(item.check.value)
        chances = none
        if one is not None:
            chances = [_range(one.low, one.high, unit, same=""), f"{100 * one.inside:.0f} %"]
        lines = [
            line(
                f"{_label(item)}, {_short_unit(unit)}",
                item.check.when,
                # Without the accepted range a bound must tell itself from a figure.
                number(item.check.value, unit)
                if accepted or math.isfinite(high - low)
                else _range(low, high, unit),
                _range(low, high, unit),
                number(item.observed, unit),
                chances,
                result,
            )
        ]
    elif item.beside:
        lines = [line(_label(item), "", "–", "–", "", none, result)]
    else:
        return []
    return lines + [
        line(
            f"  {s.title}" + (f", {_short_unit(s.unit)}" if s.unit != item.unit else ""),
            s.when,
            "",
            "",
            number(s.observed, s.unit),
            none,
            "",
        )
        for s in item.beside
    ]


def _notes(results: Sequence[Comparison], *, brief: bool, expected: bool) -> list[str]:
    """Return what has to be said of the table."""
    notes = []
    if expected:
        notes.append(
            "90 % of runs, within: what single runs of the posterior show, and how many of them lie within the "
            "report's tolerance."
        )
    if not brief and any(item.verdict in ("near", "missed") for item in results):
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
    return notes


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


def _range(low: float, high: float, unit: str, same: str = "exact") -> str:
    if low == high:
        return same or number(low, unit)
    if high == float("inf"):
        return f"≥ {number(low, unit)}"
    if low == float("-inf"):
        return f"≤ {number(high, unit)}"
    return f"{number(low, unit)}–{number(high, unit)}"


def _verdict(item: Comparison) -> str:
    if item.verdict in ("near", "missed"):
        return f"{item.verdict} {item.distance:.2f}"
    return "not yet" if item.verdict == "not yet simulated" else item.verdict


def _medians(
    rows: Sequence[Target],
    source: str | None,
    draws: int | None,
    workers: int | None,
    out: Path | None,
    as_csv: bool,
) -> tuple[Comparison, ...]:
    """Run draws and compare medians over them with the report."""
    from sscsim.calibration.predictive import predictive_of
    from sscsim.choices import holds_draws, source_notes, stale_note, uses_posterior
    from sscsim.cli.calibrating import stage_progress
    from sscsim.experiments.executors import available_cores
    from sscsim.files import write_text

    name = source or "posterior"
    if out is not None:
        check_file(out)  # before hundreds of runs
    for note in (stale_note() if uses_posterior(name) else None, *source_notes(name)):
        if note is not None:
            echo(f"Note: {note}", err=True)
    with stage_progress(quiet=False) as (report, _):
        found = predictive_of(
            name,
            rows,
            draws=draws or (None if holds_draws(name) else DRAWS),
            workers=workers or available_cores(),
            progress=report,
        )
    left_out = f", {found.refused} that admit no world left out" if found.refused else ""
    echo(
        f"Medians over {found.runs} draws{left_out}, each with a seed of its own, to {found.end}: {name}.",
        "",
        err=as_csv,
    )
    if out is not None:
        write_text(out, found.text())
    return found.judge(rows)
