"""`sscsim compare`: scenarios against a reference in fair pairs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.ensembles import draws_of, executor_of, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.places import check_output
from sscsim.cli.printing import heading, number, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import echo, echo_csv

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Any

    from sscsim.experiments.pairs import Effects, Question
    from sscsim.settings import RunSettings

__all__ = ["compare"]

MOST_SOURCES = 3
"""Parameters that are named as sources of a variance."""

MOST_NAMES = 8
"""Countries that are named where more lose."""

IN_WORDS = {
    "real_income": "real income",
    "gdp": "GDP",
    "goal_index": "Goal index",
    "goals": "single Goals",
}


@click.command(
    epilog=examples(
        "sscsim compare baseline trade-integration",
        "sscsim compare baseline trade-integration --source results/fit",
        "sscsim compare baseline trade-integration private-partnership --draws 200",
        "sscsim compare baseline african-continental-area --indicator trade_within --group Africa",
        "sscsim compare baseline no-cooperation full-agenda --figure effects.png",
        "sscsim compare baseline global-slowdown --year 2025 --year 2030 --csv > effects.csv",
    )
)
@click.argument("scenarios", metavar="REFERENCE SCENARIO...", nargs=-1, required=True)
@click.option(
    "--indicator",
    "indicators",
    multiple=True,
    metavar="NAME",
    help="What to compare; may be given several times.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="For whom; may be given several times.",
)
@click.option(
    "--year",
    "years",
    type=int,
    multiple=True,
    metavar="YEAR",
    help="When; may be given several times.  [default: 2030]",
)
@click.option(
    "--precision",
    type=click.FloatRange(min=0.0, min_open=True),
    default=0.05,
    show_default=True,
    metavar="P",
    help="How exactly the median effect is wanted, as a share of it.",
)
@click.option("--absolute", is_flag=True, help="--precision is a number in the indicator's unit.")
@member_options(least_draws=2)
@click.option(
    "--csv",
    "as_csv",
    type=click.Choice(["effects", "ranking", "losers"]),
    is_flag=False,
    flag_value="effects",
    help="Print a table as CSV: effects (also without a word), ranking or losers.",
)
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw the effects: a file that ends in .png, .svg or .pdf.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also save the comparison, for `sscsim export`.",
)
@options.quiet("Show no progress.")
@options.gathered
def compare(
    settings: RunSettings,
    scenarios: tuple[str, ...],
    draws: int | None,
    source: str,
    draw_figures: bool | None,
    indicators: tuple[str, ...],
    groups: tuple[str, ...],
    years: tuple[int, ...],
    precision: float,
    absolute: bool,
    executor: str | None,
    workers: int | None,
    scheduler: str | None,
    place: Path | None,
    as_csv: str | None,
    figure: Path | None,
    out: Path | None,
    quiet: bool,
) -> None:
    """Say what SCENARIOs change against REFERENCE, how surely, and who is worse off.

    Each draw fixes parameters and seed for all scenarios, so that two members of a draw differ by
    policy alone: a fair pair. Members are kept in the store and never run twice. Without
    --indicator and --group: trade, investment, income, poverty and the Goals of the South and of
    the least developed countries. Names are listed by `sscsim explain indicators` and `sscsim
    explain groups`.
    """
    if figure is not None:
        from sscsim.reports.effects import figure_file

        figure_file(figure)  # what cannot be written is said before the runs
    if out is not None:
        check_output(out)
    from sscsim.experiments.pairs import compare
    from sscsim.results.schema import GOAL_YEAR

    if not quiet:
        say_notes(settings.world())
    with watched(quiet, place) as note:
        effects = compare(
            scenarios,
            draws_of(draws, source),
            source=source,
            first_seed=settings.seed,
            indicators=indicators,
            groups=groups,
            years=years or (min(GOAL_YEAR, settings.end),),
            settings=settings,
            draw_figures=draw_figures,
            precision=precision,
            absolute=absolute,
            store=place,
            executor=executor_of(executor, scheduler),
            workers=workers,
            scheduler=scheduler,
            progress=note,
        )
    if figure is not None:
        from sscsim.reports.effects import save_comparison

        echo(f"Figure: {save_comparison(effects, figure)}", err=True)
    if out is not None:
        echo(f"Comparison: {effects.kept().save(out)}", err=True)
    if as_csv is not None:
        table = {"effects": effects.table, "ranking": effects.ranking(), "losers": effects.losers()}
        echo_csv(table[as_csv].to_csv(index=False, lineterminator="\n"))
        return
    for name in effects.scenarios:
        print_effects(effects, name)
    print_ranking(effects)
    print_losers(effects)
    print_foot(effects)


def print_effects(effects: Effects, scenario: str) -> None:
    """Print the effects of one scenario, a line a number."""
    heading(f"{scenario} against {effects.reference}{_when(effects)}: {effects.titles[scenario]}")
    rows, unseen = [], []
    for question in effects.questions:
        effect = effects.effect(scenario, question.indicator, question.group, question.year)
        unit = question.unit
        if not effect.seen:
            unseen.append(_what(question, effects))
        rows.append(
            (
                _what(question, effects),
                "% (pp)" if unit_of(unit) == "%" else unit,
                number(effect.reference, unit),
                _signed(effect.median, unit),
                f"{_minus(number(effect.low, unit))} … {_minus(number(effect.high, unit))}",
                f"{100 * effect.positive:.0f} %",
                "–" if math.isnan(effect.relative) else f"{_signed(effect.relative, 'fraction')} %",
                _times(effect.narrowed),
                _more(effect.more_draws(effects.precision, absolute=effects.absolute)),
            )
        )
    what = ["level>", "effect>", "90 % interval>", "above 0>", "share>", "pairing>", "draws>"]
    print_table(["", "unit", *what], rows)
    if unseen:
        say(f"No effect seen, the interval holds zero: {'; '.join(unseen)}.")
    print_sources(effects, scenario)
    echo()


def print_sources(effects: Effects, scenario: str) -> None:
    """Print which part of the variance of effects on Goals comes from parameters that no figure of the report informs.

    Effects on Goals rest on what nothing has measured more than others do. Too few draws tell nothing of it.
    """
    from sscsim.experiments.identification import LEAST_DRAWS

    if not effects.drawn or effects.draws < LEAST_DRAWS:
        return
    for question in effects.questions:
        if not question.indicator.startswith("goal"):
            continue
        found = effects.identify(scenario, *question[:3])
        most = [p for p in found.parameters if p.informed < p.share][:MOST_SOURCES]
        names = ", ".join(f"{p.name} {100 * p.share:.0f} %" for p in most)
        say(
            f"Variance of {_what(question, effects)} from parameters that the report does not inform: "
            f"{100 * found.uninformed:.0f} %{f' ({names})' if names else ''}."
        )


def print_ranking(effects: Effects) -> None:
    """Print who does best, number by number."""
    if len(effects.scenarios) < 2:
        return
    table = effects.ranking()
    heading(f"Ranking by median effect{_when(effects)}; % of draws in which a scenario is the best")
    rows = []
    for question in effects.questions:
        lines = table[(table[["indicator", "group", "year"]] == list(question[:3])).all(axis=1)]
        order = ", ".join(
            f"{name} {100 * best:.0f}"
            for name, best in zip(lines["scenario"], lines["best"], strict=True)
        )
        rows.append((_what(question, effects), str(lines["better"].iloc[0]), order))
    print_table(["", "better is|", "from best to worst"], rows)
    echo()


def print_losers(effects: Effects) -> None:
    """Print how many are worse off than in the reference, and who they are."""
    from sscsim.experiments.pairs import NOTICED_INCOME, NOTICED_POINTS

    lines: list[dict[Hashable, Any]] = effects.losers().to_dict("records")
    if not lines:
        echo("Who is worse off is known for 2030 and the last year only: give it as --year.")
        echo()
        return
    for scenario, year in dict.fromkeys((str(x["scenario"]), int(x["year"])) for x in lines):
        heading(f"{scenario}: worse off than in {effects.reference} in {year}")
        print_table(
            ["in|", "of whom|", "worse>", "90 % interval>", "better>", "for sure"],
            [
                _loser_row(x)
                for x in lines
                if (x["scenario"], x["year"]) == (scenario, year)
                # The world is always told of, other groups where somebody in them may lose.
                and (x["group"] == "World" or x["worse_high"] > 0)
            ],
        )
        echo()
    say(
        f"Worse or better: by {100 * NOTICED_INCOME:g} % of income or more, by {NOTICED_POINTS:g} points "
        "of a Goal or more; medians over draws. For sure: countries that lose in nine draws of ten."
    )
    echo()


def _loser_row(line: dict[Hashable, Any]) -> tuple[str, ...]:
    names = str(line["names"]).split()
    more = f" … {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return (
        IN_WORDS[line["measure"]],
        f"{line['group']}, {line['of']:,} {line['counted']}",
        f"{line['worse']:.0f}",
        f"{line['worse_low']:.0f} … {line['worse_high']:.0f}",
        f"{line['better']:.0f}",
        (" ".join(names[:MOST_NAMES]) + more) or "–",
    )


def print_foot(effects: Effects) -> None:
    """Say what the columns are and what the intervals hold and do not hold."""
    wanted = (
        f"{effects.precision:g} in the unit given"
        if effects.absolute
        else f"{100 * effects.precision:g} % of it"
    )
    lines = [
        f"Intervals hold 90 % of {effects.draws} pairs: {effects.spread_from}.",
        "What is not known of parameters is not in them: --source posterior draws it too."
        if effects.seeds_only
        else "What neither varies, such as the form of the model and its data, is not in them.",
        f"level: median in {effects.reference} · share: effect over it, draw by draw · (pp): effect in points",
        "pairing: factor by which pairs narrowed the variance of the effect against runs drawn apart",
        f"draws: how many more it takes to know the median effect to {wanted} with 90 % confidence",
    ]
    if effects.left_out:
        lines.append(
            f"{effects.left_out} pairs are left out because a member failed: see `sscsim store ls --failed`."
        )
    for line in lines:
        say(line)
    tally = effects.tally
    echo(f"{tally.total} members: {tally.stored} were in the store, {tally.run} run now.")


def _when(effects: Effects) -> str:
    years = {q.year for q in effects.questions}
    return f", {min(years)}" if len(years) == 1 else ""


def _what(question: Question, effects: Effects) -> str:
    year = "" if _when(effects) else f", {question.year}"
    return f"{question.indicator}, {question.group}{year}"


def _signed(value: float, unit: str) -> str:
    text = _minus(number(value, unit))
    return f"+{text}" if value > 0 else text


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _times(factor: float) -> str:
    if math.isnan(factor):
        return "–"
    if factor >= 1e6:  # beyond it only rounding is left to compare with
        return ">×10⁶"
    return f"×{factor:,.0f}" if factor >= 10 else f"×{factor:.1f}"


def _more(draws: float) -> str:
    if math.isnan(draws):
        return "–"
    return "enough" if draws == 0 else f"+{draws:,.0f}"
