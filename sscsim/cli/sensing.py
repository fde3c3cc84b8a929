"""`sscsim sensitivity` and `sscsim discover`: what an outcome or an effect hangs on, and in which futures it is so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.ensembles import how_run, member_options, watched
from sscsim.cli.main import Choice, examples
from sscsim.cli.printing import heading, number, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import echo, echo_csv

if TYPE_CHECKING:
    from sscsim.experiments.discovery import Box
    from sscsim.experiments.futures import Found, Sensitivity
    from sscsim.experiments.questions import Question
    from sscsim.experiments.sensitivity import Indices
    from sscsim.settings import RunSettings
    from sscsim.types import Array

__all__ = ["discover", "sensitivity"]

METHODS = ("sobol", "morris", "pawn")

LEAST_SHARE = 0.005
"""Of a variance, below which an input is named and not counted."""

SHOWN = 12
"""Inputs that are printed."""


def asked_options(one: bool) -> options.Option:
    """Return what adds the options that say of which number; of one, or of several."""
    several = "" if one else "; may be given several times"
    return options.together(
        click.option(
            "--indicator",
            "indicators",
            multiple=True,
            required=True,
            metavar="NAME",
            help=f"Of what the outcome or effect is{several}.",
        ),
        click.option(
            "--group",
            "groups",
            multiple=True,
            metavar="NAME",
            help=f"For whom{several}.  [default: the first that the indicator is given for]",
        ),
        click.option(
            "--year",
            "years",
            type=int,
            multiple=True,
            metavar="YEAR",
            help=f"When{several}.  [default: 2030]",
        ),
        click.option(
            "--over",
            "over",
            multiple=True,
            default=("all",),
            show_default="all",
            metavar="all|informed|NAME",
            help="Parameters looked at: all, those that the report informs, or names of parameters and of submodels "
            "(`sscsim plan`); may be given several times.",
        ),
    )


figure_option = click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw it: a file that ends in .png, .svg or .pdf.",
)


@click.command(
    epilog=examples(
        "sscsim sensitivity baseline full-agenda --indicator goal_index --group LDC",
        "sscsim sensitivity baseline --method morris --source priors --indicator trade_within",
        "sscsim sensitivity baseline trade-integration --method pawn --indicator gdp --over trade",
    )
)
@click.argument("scenarios", metavar="[REFERENCE] SCENARIO", nargs=-1, required=True)
@click.option(
    "--method",
    type=Choice(METHODS),
    default="sobol",
    show_default=True,
    help="sobol: shares of the variance; morris: ranks very many parameters; pawn: from any draws.",
)
@click.option(
    "--by",
    type=Choice(("group", "parameter")),
    help="Whether the inputs of sobol are submodels or single parameters.  [default: group]",
)
@asked_options(one=False)
@member_options(
    least_draws=4,
    draws="Points of the design of sobol, a power of two; trajectories of morris; draws of pawn.  "
    "[default: 64, 10, 200]",
)
@options.csv_table("Print all inputs as CSV.")
@figure_option
@options.quiet("Show no progress.")
@options.gathered
def sensitivity(
    settings: RunSettings,
    scenarios: tuple[str, ...],
    method: str,
    by: str | None,
    over: tuple[str, ...],
    draws: int | None,
    as_csv: bool,
    figure: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Say which parameters an outcome of SCENARIO, or its effect against REFERENCE, hangs on.

    Every point of a design is a run, with and without the scenario where there are two: with sobol
    so many times the inputs and two more, with morris so many times the inputs and one more. The
    seed is an input of its own, luck. Members are kept in the store: after Ctrl-C the same command
    goes on where it stopped.
    """
    if figure is not None:
        from sscsim.reports.effects import figure_file

        figure_file(figure)  # what cannot be written is said before the runs
    from sscsim.experiments.futures import sensitivity

    if not quiet:
        say_notes(settings.world())
    how = _how(settings, given)
    with watched(quiet, how["store"]) as note:
        found = sensitivity(
            scenarios,
            method,
            size=draws,
            over=over,
            by_group=None if by is None else by == "group",
            **how,
            progress=note,
        )
    if figure is not None:
        from sscsim.reports.futures import save_sensitivity

        echo(f"Figure: {save_sensitivity(found, figure)}", err=True)
    if as_csv:
        echo_csv(found.table.to_csv(index=False, lineterminator="\n"))
        return
    print_sensitivity(found)


def _how(settings: RunSettings, given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("indicators", "groups", "years")} | how_run(
        settings, given
    )


def print_sensitivity(found: Sensitivity) -> None:
    """Print the inputs of every number, the strongest first, and what the figures are."""
    from sscsim.choices import in_words

    for question, one, answers in zip(found.questions, found.indices, found.answers, strict=True):
        heading(_title(found.scenarios, question))
        say(f"{_spread(answers, question, len(found.scenarios) == 2)}")
        echo()
        _print_inputs(one, question)
        echo()
    for sentence in _reading(found):
        say(sentence)
    say(f"{in_words(found.source).capitalize()}; each point has its seed.")


def _print_inputs(one: Indices, question: Question) -> None:
    columns, cells = {
        "sobol": (["alone>", "with what it acts with>"], _sobol_cells),
        "morris": (["effect>", "with its sign>", "spread>"], _morris_cells),
        "pawn": (["distance>", "largest>"], _pawn_cells),
    }[one.method]
    told = [i for i in one.order if one.matters[i]]
    if one.method == "sobol":
        small = [i for i in told if one.values["total"][i] < LEAST_SHARE]
        told = [i for i in told if i not in small]
    else:
        small = []
    rows = [(one.names[i], *cells(one, i, question.unit)) for i in told[:SHOWN]]
    if rows:
        print_table(["input|", *columns], rows)
    more = len(told) - SHOWN
    if more > 0:
        echo(f"… and {more} more: see --csv.")
    if small:
        say(f"Less than half a per cent each: {', '.join(one.names[i] for i in small)}.")
    idle = len(one.names) - len(told) - len(small)
    if idle:
        names = [one.names[i] for i in one.order if not one.matters[i]]
        which = f": {', '.join(names)}" if idle <= SHOWN else ""
        say(f"Not told from one that does nothing, {idle} of {len(one.names)}{which}.")
    if one.left_out:
        say(f"{one.left_out} parts of the design are left out because a member failed.")


def _sobol_cells(one: Indices, i: int, unit: str) -> tuple[str, ...]:
    return tuple(
        # Less than nothing is what a sample makes of nothing; the sign of a zero is no news.
        f"{round(100 * one.values[name][i]):d} ± {100 * one.values[f'{name}_error'][i]:.0f} %".replace(
            "-", "−"
        )
        for name in ("first", "total")
    )


def _morris_cells(one: Indices, i: int, unit: str) -> tuple[str, ...]:
    values = one.values
    return (
        f"{number(values['effect'][i], unit)} ± {number(values['effect_error'][i], unit)}",
        number(values["signed"][i], unit),
        number(values["spread"][i], unit),
    )


def _pawn_cells(one: Indices, i: int, unit: str) -> tuple[str, ...]:
    return (f"{one.values['distance'][i]:.2f}", f"{one.values['largest'][i]:.2f}")


def _reading(found: Sensitivity) -> list[str]:
    """Return what the figures are, in sentences."""
    said = {
        "sobol": "Shares of the variance with half the width of 90 % intervals: of an input alone, and with "
        "all that it acts together with. A group takes whole rows of the draws; luck is the seed.",
        "morris": "Mean size of the effect from the 5th to the 95th percentile of a parameter, with half the "
        "width of its 90 % interval; the same with its sign; and how it varies with all others. Luck is the seed.",
        "pawn": "How far the distribution moves as an input is held within a tenth of its draws "
        "(Kolmogorov-Smirnov, 0 to 1): the median over tenths, and the largest. Figures of institutions and luck "
        "vary along.",
    }
    sentences = [said[found.method]]
    if found.tied is not None:
        size, first, second = found.tied
        sentences.append(
            "The design moves inputs independently of one another; in the draws the strongest tie between two of "
            f"them is a rank correlation of {size:.2f} ({first}, {second}). --method pawn takes the draws as they are."
        )
    return sentences


def _title(scenarios: tuple[str, ...], question: Question) -> str:
    who = f"{scenarios[1]} against {scenarios[0]}" if len(scenarios) == 2 else scenarios[0]
    return (
        f"{who}: {question.indicator}, {question.group}, {question.year} ({_shown(question.unit)})"
    )


def _spread(answers: Array, question: Question, of_effect: bool) -> str:
    import numpy as np

    there = answers[np.isfinite(answers)]
    low, middle, high = np.quantile(there, [0.05, 0.5, 0.95])
    unit = question.unit
    return (
        f"{'Effects' if of_effect else 'Outcomes'} at {len(there):,} points: median {number(float(middle), unit)}, "
        f"90 % from {number(float(low), unit)} to {number(float(high), unit)}."
    )


# -------------------------------------------------------------------------------------------------- discover


@click.command(
    epilog=examples(
        "sscsim discover baseline full-agenda --indicator goal_index --group LDC --above 0.3",
        "sscsim discover baseline trade-integration --indicator gdp --below 0 --source priors",
        "sscsim discover baseline --indicator poverty_headcount --group LDC --below 0.25",
    )
)
@click.argument("scenarios", metavar="[REFERENCE] SCENARIO", nargs=-1, required=True)
@asked_options(one=True)
@click.option(
    "--above", type=float, metavar="X", help="Futures in which it is above X.  [default: 0]"
)
@click.option("--below", type=float, metavar="X", help="Futures in which it is below X instead.")
@click.option(
    "--lever",
    "levers",
    type=(str, float, float),
    multiple=True,
    metavar="NAME LOW HIGH",
    help="Draw a lever of SCENARIO too, between two values, moved from 2019 on for all; may be given several times.",
)
@member_options(
    least_draws=100, draws="Draws of parameters and luck.  [default: 200; of a file all]"
)
@options.csv_table("Print the ranges of all boxes as CSV.")
@figure_option
@options.quiet("Show no progress.")
@options.gathered
def discover(
    settings: RunSettings,
    scenarios: tuple[str, ...],
    over: tuple[str, ...],
    above: float | None,
    below: float | None,
    levers: tuple[tuple[str, float, float], ...],
    draws: int | None,
    as_csv: bool,
    figure: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Say in which futures an outcome of SCENARIO, or its effect against REFERENCE, is above X.

    PRIM seeks boxes, a range for each of a few parameters, in which nearly all draws are so.
    X is in the indicator's unit, a fraction where that is a fraction. The runs are those of `sscsim
    compare` and are kept in the store.
    """
    from sscsim.errors import InputError

    if above is not None and below is not None:
        raise InputError("futures are above a value or below one", file="--below", found=below)
    if figure is not None:
        from sscsim.reports.effects import figure_file

        figure_file(figure)
    from sscsim.experiments.futures import discover_futures

    if not quiet:
        say_notes(settings.world())
    how = _how(settings, given)
    with watched(quiet, how["store"]) as note:
        found = discover_futures(
            scenarios,
            below if below is not None else above or 0.0,
            below=below is not None,
            draws=draws,
            over=over,
            levers={name: (low, high) for name, low, high in levers},
            **how,
            progress=note,
        )
    if figure is not None and found.boxes is not None and found.boxes.boxes:
        from sscsim.reports.futures import save_discovery

        echo(f"Figure: {save_discovery(found, figure)}", err=True)
    if as_csv:
        from sscsim.experiments.discovery import Discovery

        boxes = found.boxes or Discovery(len(found.answers), int(found.cases.sum()), (), ())
        echo_csv(boxes.table.to_csv(index=False, lineterminator="\n"))
        return
    print_discovery(found)


def print_discovery(found: Found) -> None:
    """Print in how many draws it is so, and in which boxes of parameters."""
    from sscsim.choices import in_words

    question = found.question
    unit = question.unit
    count, cases = len(found.answers), int(found.cases.sum())
    what = f"{'below' if found.below else 'above'} {number(found.threshold, unit)} {_shown(unit)}"
    heading(_title(found.scenarios, question))
    say(_spread(found.answers[None], question, len(found.scenarios) == 2))
    say(f"{what[0].upper()}{what[1:]} in {cases} of {count} draws, {100 * cases / count:.0f} %.")
    if found.left_out:
        say(f"{found.left_out} draws are left out because a member failed.")
    if found.boxes is None:
        kind = "nearly all" if cases > count / 2 else "hardly any"
        say(
            f"That is {kind} of them: there is no future to be told from the others. Give another value."
        )
    elif not found.boxes.boxes:
        say(
            f"No range of a parameter tells these draws from the others beyond chance: of {len(found.names)} "
            f"parameters the {len(found.boxes.offered)} most telling were searched. It is luck, many "
            "parameters together, or too few draws."
        )
    else:
        for place, box in enumerate(found.boxes.boxes, start=1):
            echo()
            _print_box(box, place, what)
        echo()
        say(
            "Density: share of the draws within a box that are so; coverage: share of all that are so within it. "
            "Both are told of a third of the draws that the search has not seen. Quasi-p: how often so dense a box "
            "comes by chance without this range; a range stays where that is below 0.05 over all "
            f"{len(found.names)} parameters. Boxes may overlap."
        )
    say(f"{count} draws: {in_words(found.source)}.")


def _print_box(box: Box, place: int, what: str) -> None:
    heading(f"Box {place}: {what}")
    print_table(
        ["parameter|", "from>", "to>", "of its draws>", "quasi-p>"],
        [
            (
                limit.name,
                "–" if limit.at_low == 0.0 else f"{limit.low:.4g}",
                "–" if limit.at_high == 1.0 else f"{limit.high:.4g}",
                f"{100 * limit.at_low:.0f} … {100 * limit.at_high:.0f} %",
                f"{limit.quasi_p:.1g}",
            )
            for limit in box.limits
        ],
    )
    say(
        f"Density {100 * box.density:.0f} %, coverage {100 * box.coverage:.0f} %, {100 * box.mass:.0f} % of all draws "
        f"({100 * box.seen_density:.0f} and {100 * box.seen_coverage:.0f} % on the draws searched; {box.held_out} "
        "unseen draws within)."
    )
    say(f"{box.limits[0].name}: {_described(box.limits[0].name)}")


def _described(name: str) -> str:
    from sscsim.parameters import default_parameters
    from sscsim.policy import lever_table

    levers = lever_table()
    if name in levers:
        return " ".join(levers[name].description.split())
    return " ".join(default_parameters().definition(name).entry.description.split())


def _shown(unit: str) -> str:
    return {"%": "%", "0 to 100": "points"}.get(unit_of(unit), unit)
