"""`sscsim seek`: the value of a lever that brings an outcome about."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.ensembles import draws_of, how_run, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.places import check_file
from sscsim.cli.printing import heading, number, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError
from sscsim.files import write_text

if TYPE_CHECKING:
    from sscsim.experiments.roots import Tried
    from sscsim.experiments.seeking import Answer
    from sscsim.settings import RunSettings

__all__ = ["seek"]

LISTS = ("countries",)


@click.command(
    epilog=examples(
        'sscsim seek "bank_approvals AIIB 2026 = 15" --lever bank_proposals --where bank=AIIB',
        'sscsim seek "projects_received_triangular World 2030 = 3x" --lever partner_budget',
        'sscsim seek "trade_within_world_share South 2030 = 30 %" --lever trade_cost --between -0.2 0',
        'sscsim seek "goal_index LDC 2030 = +1 %" --lever cooperation --where group=LDC --save mine.yaml',
    )
)
@click.argument("outcome", metavar="OUTCOME")
@click.option("--lever", required=True, metavar="NAME", help="The lever to move.")
@click.option(
    "--where",
    "places",
    multiple=True,
    metavar="KEY=VALUE",
    help="To whom it applies, as in a scenario: bank=AIIB, group=LDC, countries=KEN,UGA, origin=…",
)
@click.option(
    "--scenario",
    default="baseline",
    show_default=True,
    metavar="SCENARIO",
    help="The scenario in which it is moved.",
)
@click.option("--from", "first", type=int, metavar="YEAR", help="First year.  [default: 2019]")
@click.option("--to", "last", type=int, metavar="YEAR", help="Last year.  [default: the end]")
@click.option(
    "--between",
    type=float,
    nargs=2,
    metavar="LOW HIGH",
    help="Seek between these values.  [default: the lever's bounds]",
)
@member_options(least_draws=2)
@options.csv_table("Print the values tried as CSV.")
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the value found as a scenario, a file that ends in .yaml.",
)
@options.quiet("Show no progress.")
@options.gathered
def seek(
    settings: RunSettings,
    outcome: str,
    lever: str,
    places: tuple[str, ...],
    first: int | None,
    last: int | None,
    between: tuple[float, float] | None,
    draws: int | None,
    as_csv: bool,
    save: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Find the value of a lever that brings OUTCOME about: "INDICATOR GROUP YEAR = VALUE".

    VALUE is a number in the indicator's unit, 30 % of a fraction, 3x for three times or +10 % for a
    tenth more than without the lever. The median over draws is sought; the interval holds the values
    that single draws take. Where no value does it, the nearest is told, and what binds.
    """
    from sscsim.experiments import seeking
    from sscsim.experiments.levers import FIRST

    if save is not None:
        if save.suffix not in (".yaml", ".yml"):
            raise InputError("a scenario is a file that ends in .yaml", file="--save", found=save)
        check_file(save)
    wanted = seeking.read_wanted(outcome, settings.plugins)
    if not quiet:
        say_notes(settings.world())
    how = how_run(settings, given)
    with watched(quiet, how["store"]) as note:
        answer = seeking.seek(
            wanted,
            lever,
            where=read_where(places),
            scenario=settings.scenario,
            first=FIRST if first is None else first,
            last=last,
            bounds=between,
            draws=draws_of(draws, how["source"], seeking.DRAWS),
            progress=note,
            **how,
        )
    if save is not None:
        _save(answer, save)
    if as_csv:
        echo_csv("".join(f"{','.join(map(str, line))}\n" for line in _lines(answer)))
        return
    print_answer(answer)


def read_where(places: tuple[str, ...]) -> dict[str, Any] | None:
    """Return places of the command line as a scenario has them.

    Raises
    ------
    InputError
        For a text without ``=``, or a key that there is not.
    """
    from sscsim.errors import unknown
    from sscsim.policy.scenario import Where

    found: dict[str, Any] = {}
    for text in places:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise InputError(
                "a place reads KEY=VALUE", file="--where", found=text, allowed="such as bank=AIIB"
            )
        if key not in Where.model_fields:
            raise unknown("place of this name", key, list(Where.model_fields), file="--where")
        found[key] = [v.strip() for v in value.split(",")] if key in LISTS else value
    return found or None


def _save(answer: Answer, path: Path) -> None:
    write_text(path, answer.as_yaml(path.stem))
    echo(f"Scenario: {path}", err=True)


def print_answer(answer: Answer) -> None:
    """Print the value found, or how near the outcome comes and what binds; then what was tried."""
    from sscsim.choices import in_words

    unit, one = answer.wanted.question.unit, answer.solution
    scale = answer.reference if answer.wanted.of_reference else 1.0
    shown = "%" if unit_of(unit) == "%" else unit
    heading(f"{_what(answer)} = {number(answer.target, unit)} {shown}, by {_lever(answer)}")
    there = f"{number(one.median * scale, unit)} {shown}"
    without = f"{number(answer.reference, unit)} {shown} in {answer.scenario}"
    if answer.reached:
        say(
            f"{answer.lever} at {one.value:.4g} ({answer.unit}) gives {there} as the median of {answer.draws} draws; "
            f"{without}. Nine in ten single draws take {_end(one.low)} to {_end(one.high)}."
        )
        if one.jumps:
            say(
                "The outcome leaps over the target there: it is a count, or a threshold lies between."
            )
        if one.crossings > 1:
            say(
                f"It crosses the target {one.crossings} times between the values tried: the value nearest to the "
                "lever's default is given."
            )
        if one.beyond > 0.0:
            say(f"In {100 * one.beyond:.0f} % of the draws no value tried reaches it.")
    else:
        low, high = answer.bounds
        part = (
            f", {100 * one.median / answer.wanted.value:.0f} % of it" if answer.wanted.value else ""
        )
        say(
            f"Not reached: with {answer.lever} between {low:g} and {high:g} ({answer.unit}) the median comes to "
            f"{there} at the nearest{part}, at {one.value:.4g}; {without}."
        )
        print_binding(answer)
    echo()
    print_table(
        [f"{answer.lever}>", "median>", "90 % of draws>"],
        [
            (f"{one.value:.4g}", number(one.median * scale, unit), _range(one, scale, unit))
            for one in one.tried
        ],
    )
    say(
        f"{answer.draws} draws at each value: {in_words(answer.source)}, the same in all. Outcomes in {shown}"
        f"{', as multiples of each draw times the median' if answer.wanted.of_reference else ''}."
    )


def print_binding(answer: Answer) -> None:
    """Print what the model recorded at the nearest value, and which other levers move the outcome from there."""
    scale = answer.reference if answer.wanted.of_reference else 1.0
    unit = answer.wanted.question.unit
    if answer.limits:
        echo()
        print_table(
            ["recorded there", "bn USD>", "|"],
            [
                (one.meaning, number(one.value, "bn USD"), "binds" if one.binds else "")
                for one in answer.limits
            ],
        )
    echo()
    if not answer.others:
        say(
            "No other lever of its group moves the outcome towards it by a hundredth of the target."
        )
        return
    say("Other levers of its group on top of it, half way to a bound, one at a time, move it on:")
    print_table(
        ["lever|", "value>", "outcome>", "before>"],
        [
            (o.lever, f"{o.value:g}", number(o.after * scale, unit), number(o.before * scale, unit))
            for o in answer.others
        ],
    )


def _what(answer: Answer) -> str:
    one = answer.wanted.question
    return f"{one.indicator}, {one.group}, {one.year}"


def _lever(answer: Answer) -> str:
    said = {} if answer.where is None else answer.where.model_dump(exclude_none=True)
    of = ", ".join(" ".join(v) if isinstance(v, list) else v for v in said.values())
    end = "" if answer.last is None else f" to {answer.last}"
    return f"{answer.lever}{f' of {of}' if of else ''} from {answer.first}{end}"


def _end(value: float) -> str:
    if math.isinf(value):
        return "beyond the upper bound" if value > 0 else "beyond the lower bound"
    return f"{value:.4g}"


def _range(one: Tried, scale: float, unit: str) -> str:
    import numpy as np

    low, high = np.quantile(one.outcomes * scale, [0.05, 0.95])
    return f"{number(float(low), unit)} … {number(float(high), unit)}"


def _lines(answer: Answer) -> list[tuple[object, ...]]:
    """Return the values tried with each draw's outcome, a line each, names first."""
    lines: list[tuple[object, ...]] = [(answer.lever, "draw", "outcome")]
    for one in answer.solution.tried:
        lines += [(one.value, draw, value) for draw, value in enumerate(one.outcomes.tolist())]
    return lines
