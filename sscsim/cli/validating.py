"""`sscsim validate`."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.ensembles import SECONDS_BETWEEN_LINES
from sscsim.cli.main import Choice, examples
from sscsim.cli.printing import heading, number, print_table, say, unit_of
from sscsim.cli.terminal import echo, echo_csv, echo_text

if TYPE_CHECKING:
    from sscsim.calibration.validation import Facts, Judged, Verdicts

__all__ = ["validate"]

DRAWS = 100
"""Draws unless told otherwise: enough for the ends of a 90 per cent interval to be worth reading."""

COUNTED = {"countries", "initiatives", "projects"}


@click.command(
    epilog=examples(
        "sscsim validate",
        "sscsim validate --source priors --draws 200 --workers 2",
        "sscsim validate --source posterior.parquet --draws 100 --format csv",
        "sscsim validate --facts my_facts.yaml",
    )
)
@click.option(
    "--source",
    metavar="SOURCE",
    help="Where parameters come from, as in `sscsim ensemble`.  [default: the posterior that ships]",
)
@click.option(
    "--draws",
    type=click.IntRange(min=2),
    metavar="N",
    help="Draws of parameters and luck, each run twice.  [default: 100; of a file all]",
)
@options.seed("Seed of draw 0.")
@options.workers
@click.option(
    "--shocks/--no-shocks",
    default=True,
    show_default=True,
    help="Draw shocks, business cycles and swings of trade and finance along: facts are of a world that has them.",
)
@click.option(
    "--facts",
    "facts_file",
    type=click.Path(path_type=Path),
    metavar="YAML",
    help="Facts of your own instead of those that ship.",
)
@click.option(
    "--format",
    "form",
    type=Choice(("table", "csv", "json")),
    default="table",
    show_default=True,
    help="How verdicts are printed.",
)
@options.quiet()
def validate(
    source: str | None,
    draws: int | None,
    seed: int,
    workers: int | None,
    shocks: bool,
    facts_file: Path | None,
    form: str,
    quiet: bool,
) -> None:
    """Hold the model against facts from outside the report that no fit has seen.

    The facts, of 2014 to 2019, stand with their sources in calibration/validation.yaml. A fact is hit
    where it lies in the 90 % interval of the draws, or their median lies within the width that the
    source itself leaves open. Beside it stand the model to beat, run with the same draws (gravity
    trade, Goals by their trend, everything else the same), and the last figure known before.
    """
    from sscsim.calibration.validation import load_facts
    from sscsim.calibration.validation import validate as judge
    from sscsim.experiments.executors import available_cores

    facts = load_facts(facts_file)
    with _progress(quiet) as note:
        verdicts = judge(
            facts,
            DRAWS if draws is None and not _is_file(source) else draws,
            source,
            first_seed=seed,
            shocks=shocks,
            workers=workers or available_cores(),
            progress=note,
        )
    if form == "csv":
        echo_csv(verdicts.table().to_csv(index=False, lineterminator="\n"))
    elif form == "json":
        text = json.dumps(as_data(facts, verdicts), indent=1, ensure_ascii=False, allow_nan=False)
        echo_text(text + "\n")
    else:
        print_verdicts(verdicts)


def _is_file(source: str | None) -> bool:
    return source is not None and Path(source).suffix in (".csv", ".parquet")


def as_data(facts: Facts, verdicts: Verdicts) -> dict[str, object]:
    """Return verdicts and the sources of their facts as plain data."""
    return {
        "source": verdicts.source,
        "draws": verdicts.draws,
        "summary": verdicts.summary,
        "hits": verdicts.hits,
        "facts": verdicts.records(),
        "sources": {code: source.model_dump() for code, source in facts.sources.items()},
    }


def print_verdicts(verdicts: Verdicts) -> None:
    """Print facts beside what the model says of them, topic by topic, and one line of all."""
    for topic in dict.fromkeys(j.fact.topic for j in verdicts.judged):
        heading(topic[:1].upper() + topic[1:])
        print_table(
            [
                "fact|",
                "year|",
                "unit",
                "fact>",
                "model>",
                "90 %>",
                "hit",
                "off>",
                "naive>",
                "before>",
            ],
            [_row(j) for j in verdicts.judged if j.fact.topic == topic],
        )
        echo()
    say(verdicts.summary)
    say(
        f"model: median and 90 % interval of {verdicts.draws} draws of {verdicts.source}. hit: the fact lies in the "
        "interval, the median within the fact's width, or both. off: how many widths the median is off. naive: the "
        "model to beat. before: the last figure known before. *: a prior or a file was taken from part of it."
    )


def _row(judged: Judged) -> tuple[str, ...]:
    fact = judged.fact
    ends = (number(judged.low, fact.unit), number(judged.high, fact.unit))
    return (
        fact.title + (" *" if fact.partly_seen else ""),
        fact.when,
        "number" if fact.unit in COUNTED else unit_of(fact.unit),
        number(fact.value, fact.unit),
        number(judged.median, fact.unit),
        "–" if math.isnan(judged.median) else "–".join(ends),
        result(judged),
        f"{judged.distance:.1f}",
        number(judged.naive, fact.unit),
        number(fact.before.value, fact.unit),
    )


def result(judged: Judged) -> str:
    """Return a verdict in a word."""
    if math.isnan(judged.median):
        return "not shown"
    if judged.inside and judged.within:
        return "both"
    return "interval" if judged.inside else "width" if judged.within else "–"


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield what is told of runs done: now and then a line on standard error."""
    said = time.monotonic()

    def note(stage: str, done: int, total: int) -> None:
        nonlocal said
        if not quiet and time.monotonic() - said >= SECONDS_BETWEEN_LINES and done < total:
            said = time.monotonic()
            echo(f"{done} of {total} runs", err=True)
            sys.stderr.flush()

    yield note
