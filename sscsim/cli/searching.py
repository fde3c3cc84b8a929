"""`sscsim search`: which package of levers gains most for its cost, over many futures."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.ensembles import how_run, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.printing import heading, number, print_table, say, say_notes, signed, unit_of
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from sscsim.search.core import Progress
    from sscsim.search.moves import Move
    from sscsim.search.packages import Found, Package
    from sscsim.settings import RunSettings

__all__ = ["print_found", "read_budget", "read_move", "search"]

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
BILLIONS = {"bn": 1.0, "billion": 1.0, "million": 1e-3, "m": 1e-3}
"""What amounts of money are given in."""

MILLIONS = 1000.0

LEAST = 1e-3
"""Part of the largest gain below which a gain is written as nothing."""


@click.command(
    epilog=examples(
        'sscsim search --goal "goal_index LDC 2030" --budget "5 bn" --robust',
        'sscsim search --goal "goal_index LDC 2030" --goal "poverty_people South 2030" --draws 20',
        'sscsim search --goal "goal_index LDC 2030" --lever "partner_budget 1:3"',
        'sscsim search --goal "goal_index LDC 2030" --budget "5 bn" --save packages --figure front.png',
    )
)
@click.option(
    "--goal",
    "goals",
    multiple=True,
    required=True,
    metavar='"INDICATOR GROUP YEAR"',
    help="What is to be gained; may be given several times.",
)
@click.option(
    "--budget", metavar="AMOUNT", help='The most it may cost, such as "5 bn" or "800 million".'
)
@click.option(
    "--robust",
    is_flag=True,
    help="Gain, and keep to the budget, in nine futures of ten; without it in half of them.",
)
@click.option(
    "--least",
    type=float,
    multiple=True,
    metavar="X",
    help="The gain that satisfices, one a goal in its unit.  [default: any gain]",
)
@click.option(
    "--of",
    "of",
    default="full-agenda",
    show_default=True,
    metavar="SCENARIO|none",
    help="Choose among the levers of a scenario, from nothing to what it does.",
)
@click.option(
    "--lever",
    "levers",
    multiple=True,
    metavar='"NAME [KEY=VALUE…] [LOW:HIGH]"',
    help="Choose a lever from 2019 on too, for whom and within what; may be given several times.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, 100),
    default=4,
    show_default=True,
    metavar="N",
    help="Steps between nothing and all of a lever.",
)
@click.option("--free", is_flag=True, help="Choose among levers without a price too, at no cost.")
@click.option(
    "--on",
    "base",
    default="baseline",
    show_default=True,
    metavar="SCENARIO",
    help="The scenario that packages are added to.",
)
@click.option(
    "--evaluations",
    type=click.IntRange(min=1),
    default=400,
    show_default=True,
    metavar="N",
    help="Packages that are tried, each in every future.",
)
@click.option(
    "--population",
    type=click.IntRange(min=4),
    metavar="N",
    help="Packages of a generation.  [default: twice the levers]",
)
@click.option(
    "--search-seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Seed of the search itself.",
)
@member_options(least_draws=2)
@options.csv_table("Print all packages that were tried as CSV.")
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw gains over costs: a file that ends in .png, .svg or .pdf.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Also write the packages as scenarios.",
)
@options.quiet("Show no progress.")
@options.gathered
def search(
    settings: RunSettings,
    goals: tuple[str, ...],
    budget: str | None,
    of: str,
    levers: tuple[str, ...],
    draws: int | None,
    as_csv: bool,
    figure: Path | None,
    save: Path | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Search for packages of levers that gain more of a GOAL for less money, in many futures.

    Each package is run in the same draws of parameters, luck and prices, and priced as `sscsim
    cost` does. The packages that no other beats are run again in as many draws that the search has
    not seen: what is printed is of those. The same command goes on where it was stopped, and with
    more evaluations from where it ended.
    """
    if figure is not None:
        from sscsim.reports.effects import figure_file

        figure_file(figure)
    from sscsim.search import packages

    how = how_run(settings, given)
    task = packages.Task(
        [packages.read_goal(text, settings.plugins) for text in goals],
        of=None if of == "none" else of,
        moves=[read_move(text, given["steps"]) for text in levers],
        budget=None if budget is None else read_budget(budget),
        draws=packages.DRAWS if draws is None else draws,
        seed=given.pop("search_seed"),
        **given,
    )
    if not quiet:
        say_notes(settings.world())
    with watched(True, how["store"]):
        found = packages.search(task, generation=None if quiet else _told, **how)
    if save is not None:
        for path in found.save(save):
            echo(f"Scenario: {path}", err=True)
    if figure is not None:
        from sscsim.reports.packages import save_front

        echo(f"Figure: {save_front(found, figure)}", err=True)
    if as_csv:
        echo_csv(_as_csv(found))
        return
    print_found(found)


def read_budget(text: str) -> float:
    """Return an amount of money in billions of dollars.

    Raises
    ------
    InputError
        For another form than a number and ``bn`` or ``million``.
    """
    found = re.fullmatch(rf"\s*({NUMBER})\s*([a-z]+)(?:\s+USD)?\s*", text)
    if found is None or found[2] not in BILLIONS or float(found[1]) <= 0.0:
        raise InputError(
            "a budget is an amount with its unit",
            file="--budget",
            found=text,
            allowed='such as "5 bn" or "800 million" (US dollars)',
        )
    return float(found[1]) * BILLIONS[found[2]]


def read_move(text: str, steps: int) -> Move:
    """Return a lever as the command line gives it: ``NAME [KEY=VALUE…] [LOW:HIGH]``.

    Raises
    ------
    InputError
        For words of another form, and as `sscsim.search.moves.move_of`.
    """
    from sscsim.cli.seeking import read_where
    from sscsim.search.moves import move_of

    name, *words = text.split() or [""]
    bounds: tuple[float, float] | None = None
    places = []
    for word in words:
        if "=" in word:
            places.append(word)
        elif range_ := re.fullmatch(rf"({NUMBER}):({NUMBER})", word):
            bounds = (float(range_[1]), float(range_[2]))
        else:
            raise InputError(
                "a lever reads NAME [KEY=VALUE…] [LOW:HIGH]",
                file="--lever",
                found=word,
                allowed='such as "cooperation group=LDC 1:1.5"',
            )
    return move_of(name, bounds, where=read_where(tuple(places)), steps=steps)


def _told(one: Progress) -> None:
    echo(f"{one.tried} of {one.total} packages tried, {one.front} of them unbeaten", err=True)


def print_found(found: Found) -> None:
    """Print the packages that nothing beats, what is in them, and what was left out."""
    aims = found.archive.aims
    often = "nine futures of ten" if aims.robust else "half of the futures"
    most = "" if aims.budget is None else f" for {number(MILLIONS * aims.budget)} million USD"
    for k, goal in enumerate(found.goals):
        shown = "%" if unit_of(goal.unit) == "%" else goal.unit
        heading(
            f"{goal.indicator}, {goal.group}, {goal.year} ({shown}): packages{most}, unbeaten in {often}"
        )
        if not found.packages:
            continue
        print_table(
            ["package|", "gain>", "90 % interval>", "regret>", "enough>", "million USD>", "90 % >"]
            + ([] if aims.budget is None else ["within>"]),
            [_row(i, one, found, k, _least(found, k)) for i, one in enumerate(found.packages)],
        )
    if not found.packages:
        say("No package within the budget gains more than doing nothing.")
    if found.packages:
        held = [f"{name}: package {i + 1}" for name, i in found.best.items()]
        if "most" not in found.best:
            held.insert(0, "no package gains anything")
        say(f"In {often}: {', '.join(held)}.")
    if found.packages:
        echo()
        print_table(
            ["lever|", *(f"{i}>" for i in range(1, len(found.packages) + 1))],
            [
                (move.axis.name, *(move.words(one.levels[a]) for one in found.packages))
                for a, move in enumerate(found.moves)
                if any(one.levels[a] != move.axis.nothing for one in found.packages)
            ],
        )
    echo()
    _print_foot(found)


def _print_foot(found: Found) -> None:
    from sscsim.choices import in_words

    fallen = [
        i + 1
        for i, one in enumerate(found.packages)
        if _aim(one.gain, found)[0] < one.promised[0] / 2.0
    ]
    lines = [
        f"{len(found.archive)} packages were tried in {found.draws} futures ({in_words(found.source)}); gains and "
        f"costs are of {found.draws} others, medians with intervals.",
        "regret: how much more the best of these packages gains, at most in nine futures of ten",
        "enough: share of futures with as much of every goal as satisfices; within: … that keep to the budget",
        "levers: % of what the scenario does, or the value",
    ]
    if fallen:
        lines.append(
            "Less than half of what the search saw was gained in other futures by package "
            f"{', '.join(map(str, fallen))}: more draws tell luck from merit."
        )
    for why, levers in (
        ("has no price and was left out", found.left_out),
        ("is priced in part only", found.partly),
    ):
        if levers:
            lines.append(f"{', '.join(levers)}: {why}.")
    for line in lines:
        say(line)


def _aim(gain: np.ndarray[Any, Any], found: Found) -> list[float]:
    from sscsim.search.measures import aimed_gain

    aimed: list[float] = aimed_gain(gain[None], robust=found.archive.aims.robust)[0].tolist()
    return aimed


def _least(found: Found, k: int) -> float:
    """Return what is nothing beside what other packages gain."""
    return LEAST * max(float(abs(one.gain[:, k]).max()) for one in found.packages)


def _row(i: int, one: Package, found: Found, k: int, least: float) -> tuple[str, ...]:
    import numpy as np

    unit = found.goals[k].unit
    ends = np.quantile(one.gain[:, k], [0.05, 0.5, 0.95])
    low, median, high = np.where(abs(ends) < least, 0.0, ends).tolist()
    cheap, usual, dear = (np.quantile(one.cost, [0.05, 0.5, 0.95]) * MILLIONS).tolist()
    within = () if found.archive.aims.budget is None else (f"{100 * one.within:.0f} %",)
    return (
        str(i + 1),
        signed(median, unit),
        " … ".join(signed(end, unit).removeprefix("+") for end in (low, high)),
        signed(float(one.regret[k]), unit).removeprefix("+"),
        f"{100 * one.satisfices:.0f} %",
        _minus(number(usual)),
        f"{_minus(number(cheap))} … {_minus(number(dear))}",
        *within,
    )


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _as_csv(found: Found) -> str:
    """Return all packages that were tried: levels, aims, medians, whether on the front."""
    import numpy as np

    archive = found.archive
    gain, cost = archive.aimed
    front, allowed = set(archive.front.tolist()), archive.affordable
    names = [f"{g.indicator}, {g.group}, {g.year}" for g in found.goals]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            *(move.axis.name for move in found.moves),
            *(f"aimed {name}" for name in names),
            *(f"median {name}" for name in names),
            *("aimed cost bn USD", "median cost bn USD", "affordable", "unbeaten"),
        ]
    )
    for i, levels in enumerate(archive.levels.tolist()):
        writer.writerow(
            [
                *(move.axis.values[p] for move, p in zip(found.moves, levels, strict=True)),
                *gain[i].tolist(),
                *np.median(archive.gain[i], axis=0).tolist(),
                *(cost[i], float(np.median(archive.cost[i])), bool(allowed[i]), i in front),
            ]
        )
    return text.getvalue()
