"""`sscsim identify`: what an effect's uncertainty comes from, and what would narrow it most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.ensembles import draws_of, executor_of, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.printing import heading, number, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import outside

if TYPE_CHECKING:
    from sscsim.experiments.identification import Identification, Part
    from sscsim.experiments.pairs import Effects, Question
    from sscsim.settings import RunSettings

__all__ = ["identify"]

DRAWS = 200
"""Draws unless told otherwise: they find a parameter that carries a tenth of a variance."""

SHOWN = 10
"""Single parameters that are printed."""


@click.command(
    epilog=examples(
        "sscsim identify baseline full-agenda --indicator goal_index --group LDC --year 2030",
        "sscsim identify baseline trade-integration --indicator trade_within --draws 400 --csv",
        "sscsim identify baseline full-agenda --indicator goal_index --source posterior.csv",
    )
)
@click.argument("first", metavar="REFERENCE")
@click.argument("second", metavar="SCENARIO")
@click.option("--indicator", required=True, metavar="NAME", help="Of what the effect is.")
@click.option(
    "--group",
    metavar="NAME",
    help="For whom.  [default: the first that the indicator is given for]",
)
@click.option("--year", type=int, metavar="YEAR", help="When.  [default: 2030]")
@member_options(least_draws=50)
@click.option("--csv", "as_csv", is_flag=True, help="Print all groups and parameters as CSV.")
@options.quiet("Show no progress.")
@options.gathered
def identify(
    settings: RunSettings,
    first: str,
    second: str,
    draws: int | None,
    source: str,
    draw_figures: bool | None,
    indicator: str,
    group: str | None,
    year: int | None,
    executor: str | None,
    workers: int | None,
    scheduler: str | None,
    place: Path | None,
    as_csv: bool,
    quiet: bool,
) -> None:
    """Say what the spread of an effect of SCENARIO against REFERENCE comes from.

    For each group of parameters and for single ones: the share of the effect's variance that it
    carries, how much of that the report informs, and how much narrower the effect would be if
    somebody measured it. The runs are those of `sscsim compare` and are kept in the store.
    """
    from sscsim.experiments.identification import LEAST_DRAWS
    from sscsim.experiments.pairs import compare
    from sscsim.results.schema import GOAL_YEAR

    wanted = draws_of(draws, source, DRAWS)
    if wanted is not None and wanted < LEAST_DRAWS:
        raise outside("draws", wanted, LEAST_DRAWS, 1_000_000, whole=True, key="draws")
    if not quiet:
        say_notes(settings.world())
    with watched(quiet, place) as note:
        effects = compare(
            [first, second],
            wanted,
            source=source,
            first_seed=settings.seed,
            indicators=[indicator],
            groups=[group] if group is not None else [],
            years=[min(GOAL_YEAR, settings.end) if year is None else year],
            settings=settings,
            draw_figures=draw_figures,
            store=place,
            executor=executor_of(executor, scheduler),
            workers=workers,
            scheduler=scheduler,
            progress=note,
        )
    question = effects.questions[0]
    found = effects.identify(effects.scenarios[0], *question[:3])
    if as_csv:
        echo_csv(found.table.to_csv(index=False, lineterminator="\n"))
        return
    _print(effects, question, found)


def _print(effects: Effects, question: Question, found: Identification) -> None:
    scenario = effects.scenarios[0]
    effect = effects.effect(scenario, *question[:3])
    unit = question.unit
    heading(
        f"{scenario} against {effects.reference}: {question.indicator}, {question.group}, "
        f"{question.year} ({unit_of(unit)})"
    )
    if effect.none:
        say("No effect: the same in every pair.")
        return
    say(
        f"Median effect {number(effect.median, unit)}; 90 % of {found.draws} draws from "
        f"{number(effect.low, unit)} to {number(effect.high, unit)}, {100 * found.positive:.0f} % "
        "above zero."
    )
    echo()
    if not found.parameters:
        say(
            "No parameter carries more of its variance than chance would: it is luck, or too small."
        )
        return
    columns = ["", "share>", "90 % interval>", "of it informed>", "interval if known>"]
    print_table(["group of parameters", *columns[1:]], [_row(part) for part in found.groups])
    echo()
    print_table(["parameter", *columns[1:]], [_row(part) for part in found.parameters[:SHOWN]])
    if len(found.parameters) > SHOWN:
        echo(f"… and {len(found.parameters) - SHOWN} more: see --csv.")
    echo()
    say(
        f"Parameters one by one carry {100 * found.explained:.0f} % of the variance: "
        f"{100 * found.informed:.0f} % those that the report's figures inform, "
        f"{100 * found.uninformed:.0f} % those that they do not. The rest is luck, parameters acting "
        "together, and what so many draws cannot tell."
    )
    best = found.parameters[0]
    say(
        f"If someone measured one thing: {best.name}, known exactly, would leave the effect "
        f"{100 * best.narrowed:.0f} % of the spread it has (`sscsim explain {best.name}`)."
    )


def _row(part: Part) -> tuple[str, ...]:
    return (
        part.name,
        f"{100 * part.share:.0f} %",
        f"{100 * part.low:.0f} … {100 * part.high:.0f} %",
        f"{100 * part.informed:.0f} %",
        f"×{part.narrowed:.2f}",
    )
